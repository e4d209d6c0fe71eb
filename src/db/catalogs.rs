//! Catalogs: imported spreadsheets, each owned by a user.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::value::Time;
use crate::domain::number::Number;
use crate::error::Result;

#[derive(Debug, Clone)]
pub struct Catalog {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub owner_id: Uuid,
    pub owner: String,
    pub is_active: bool,
    pub source_file: Option<String>,
    pub import_metadata: Option<Value>,
    /// UTC.
    pub created_at: NaiveDateTime,
    /// UTC.
    pub updated_at: NaiveDateTime,
}

/// How much belongs to a catalog.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sizes {
    pub items: i64,
    pub mapped_items: i64,
    pub metrics: i64,
}

/// An item as `cmf catalog show` lists it.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub current_value: Option<Number>,
    pub target_value: Option<Number>,
    pub target_lower: Option<String>,
    pub target_upper: Option<String>,
    pub unit: Option<String>,
    pub direction: Option<String>,
    pub priority: Option<String>,
    /// Confirmed codes, the deepest level of each mapping.
    pub codes: Vec<String>,
}

/// All catalogs by owner and name, or the catalogs of one owner. Crosswalks are not among them.
pub async fn list(conn: &mut PgConnection, owner_id: Option<Uuid>) -> Result<Vec<Catalog>> {
    Ok(sqlx::query_as!(
        Catalog,
        r#"SELECT c.id, c.name, c.description, c.owner_id, u.username AS owner, c.is_active, c.source_file, c.import_metadata,
                  c.created_at AS "created_at!: Time", c.updated_at AS "updated_at!: Time"
           FROM metric_catalogs c JOIN users u ON u.id = c.owner_id
           WHERE ($1::uuid IS NULL OR c.owner_id = $1) AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
           ORDER BY u.username, c.name, c.created_at"#,
        owner_id
    )
    .fetch_all(conn)
    .await?)
}

/// How much belongs to each of these catalogs. It counts rows, so it is asked for only where the sizes are shown.
pub async fn sizes(conn: &mut PgConnection, catalog_ids: &[Uuid]) -> Result<HashMap<Uuid, Sizes>> {
    let rows = sqlx::query!(
        r#"SELECT c.id,
                  (SELECT count(*) FROM metric_catalog_items i WHERE i.catalog_id = c.id) AS "items!",
                  (SELECT count(*) FROM metric_catalog_items i
                   WHERE i.catalog_id = c.id
                     AND EXISTS (SELECT FROM metric_catalog_framework_mappings m
                                 WHERE m.catalog_item_id = i.id AND m.is_confirmed)) AS "mapped_items!",
                  (SELECT count(*) FROM metrics me WHERE me.catalog_id = c.id) AS "metrics!"
           FROM metric_catalogs c WHERE c.id = ANY($1)"#,
        catalog_ids
    )
    .fetch_all(conn)
    .await?;
    let size = |items, mapped_items, metrics| Sizes { items, mapped_items, metrics };
    Ok(rows.into_iter().map(|row| (row.id, size(row.items, row.mapped_items, row.metrics))).collect())
}

/// What waits for somebody in a catalog.
#[derive(Debug, Clone, Copy, Default)]
pub struct Undecided {
    /// Items with suggestions and without a confirmed mapping.
    pub unconfirmed: i64,
    /// Items with a confirmed mapping that are no metrics.
    pub not_activated: i64,
}

/// Counts it. It looks at every item.
pub async fn undecided(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Undecided> {
    Ok(sqlx::query_as!(
        Undecided,
        r#"SELECT count(*) FILTER (WHERE NOT m.is_confirmed) AS "unconfirmed!",
                  count(*) FILTER (WHERE m.is_confirmed AND NOT EXISTS (SELECT FROM metrics me WHERE me.id = m.id)) AS "not_activated!"
           FROM (SELECT i.id, bool_or(m.is_confirmed) AS is_confirmed
                 FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
                 WHERE i.catalog_id = $1 GROUP BY i.id) m"#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// Hands a catalog's items in the order of the sheet to `take` as they arrive. The value of an item that is a metric is that of
/// its newest reading.
pub async fn each_item(conn: &mut PgConnection, catalog_id: Uuid, mut take: impl FnMut(Item) -> Result<()>) -> Result<()> {
    let mut items = sqlx::query_as!(
        Item,
        r#"SELECT i.id, i.original_data #>> '{parsed,metric_number}' AS metric_number, i.name, i.description,
                  CASE WHEN me.id IS NULL THEN i.current_value ELSE me.current_value END AS "current_value: Number",
                  i.target_value AS "target_value: Number", i.original_data #>> '{parsed,target_lower}' AS target_lower,
                  i.original_data #>> '{parsed,target_upper}' AS target_upper, i.unit,
                  i.direction::text AS direction, i.priority::text AS priority,
                  ARRAY(SELECT coalesce(m.subcategory_code, m.category_code, m.function_code)::text
                        FROM metric_catalog_framework_mappings m
                        WHERE m.catalog_item_id = i.id AND m.is_confirmed ORDER BY m.created_at, m.id) AS "codes!"
           FROM metric_catalog_items i LEFT JOIN metrics me ON me.id = i.id WHERE i.catalog_id = $1
           ORDER BY i.created_at, i.id"#,
        catalog_id
    )
    .fetch(conn);
    while let Some(item) = items.try_next().await? {
        take(item)?;
    }
    Ok(())
}
