//! The items of a catalog with all that was read from the sheet, to compare and to export.

use futures_util::TryStreamExt;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::domain::number::Number;
use crate::error::Result;

/// An item with what is kept of its row.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: Uuid,
    pub name: String,
    pub description: Option<String>,
    pub current_value: Option<Number>,
    pub target_value: Option<Number>,
    pub unit: Option<String>,
    pub direction: Option<String>,
    pub priority: Option<String>,
    pub original_data: Value,
}

/// A confirmed mapping of an item.
#[derive(Debug, Clone)]
pub struct Mapped {
    pub catalog_item_id: Uuid,
    pub framework_id: Uuid,
    pub function_code: String,
    pub category_code: Option<String>,
    pub subcategory_code: Option<String>,
}

/// Hands a catalog's items in the order of the sheet to `take` as they arrive. The value of an item that is a metric is that of
/// its newest reading.
pub async fn each_item(conn: &mut PgConnection, catalog_id: Uuid, mut take: impl FnMut(Row) -> Result<()>) -> Result<()> {
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT i.id, i.name, i.description,
                  CASE WHEN me.id IS NULL THEN i.current_value ELSE me.current_value END AS "current_value: Number",
                  i.target_value AS "target_value: Number", i.unit, i.direction::text, i.priority::text, i.original_data
           FROM metric_catalog_items i LEFT JOIN metrics me ON me.id = i.id
           WHERE i.catalog_id = $1 ORDER BY i.created_at, i.id"#,
        catalog_id
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row)?;
    }
    Ok(())
}

/// Hands the confirmed mappings of a catalog's items to `take` as they arrive, in the order in which they count.
pub async fn each_mapping(conn: &mut PgConnection, catalog_id: Uuid, mut take: impl FnMut(Mapped)) -> Result<()> {
    let mut rows = sqlx::query_as!(
        Mapped,
        "SELECT m.catalog_item_id, m.framework_id, m.function_code, m.category_code, m.subcategory_code
         FROM metric_catalog_framework_mappings m JOIN metric_catalog_items i ON i.id = m.catalog_item_id
         WHERE i.catalog_id = $1 AND m.is_confirmed ORDER BY m.created_at, m.id",
        catalog_id
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row);
    }
    Ok(())
}
