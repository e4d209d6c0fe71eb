//! Staged rows and what a catalog has, where neither found the other by its key.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// What a catalog has of an item already.
#[derive(Debug, Clone)]
pub struct Existing {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
    /// Whether it is an item; else it is a metric whose item was removed, and which kept its readings.
    pub is_item: bool,
    /// Whether somebody said its direction; not when words told it, and not when it has none.
    pub is_said: bool,
    /// Whether it has a direction, or came to a target without one in an earlier import.
    pub is_settled: bool,
}

/// Hands each item of a catalog on as it comes, with what a re-import matches it by; after them the metrics whose items were
/// removed, which come back under their ids.
pub async fn existing(conn: &mut PgConnection, catalog_id: Uuid, mut take: impl FnMut(Existing)) -> Result<()> {
    let mut items = sqlx::query_as!(
        Existing,
        r#"SELECT id AS "id!", metric_number, name AS "name!", is_item AS "is_item!", is_said AS "is_said!",
                  is_settled AS "is_settled!"
           FROM (SELECT i.id, i.original_data #>> '{parsed,metric_number}' AS metric_number, i.name, TRUE AS is_item, i.created_at,
                        i.direction IS NOT NULL AND i.original_data #> '{parsed,direction_told}' IS NULL AS is_said,
                        i.direction IS NOT NULL OR i.target_value IS NOT NULL AS is_settled
                 FROM metric_catalog_items i WHERE i.catalog_id = $1
                 UNION ALL
                 SELECT me.id, me.metric_number, me.name, FALSE, me.created_at, TRUE, TRUE
                 FROM metrics me
                 WHERE me.catalog_id = $1 AND NOT EXISTS (SELECT FROM metric_catalog_items i WHERE i.id = me.id)) AS known
           ORDER BY is_item DESC, created_at, id"#,
        catalog_id
    )
    .fetch(conn);
    while let Some(item) = items.try_next().await? {
        take(item);
    }
    Ok(())
}

/// The ids of the staged rows: those of what they matched, or new ones.
pub async fn staged(conn: &mut PgConnection) -> Result<HashSet<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT id FROM import_items").fetch(conn).try_collect().await?)
}

/// A staged row that matches nothing.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub id: Uuid,
    pub row: i64,
    pub metric_number: Option<String>,
    pub name: String,
}

/// Hands each staged row that would become a new metric on as it comes, in the order of the sheet.
pub async fn newcomers(conn: &mut PgConnection, mut take: impl FnMut(Newcomer)) -> Result<()> {
    let mut rows = sqlx::query_as!(
        Newcomer,
        r#"SELECT s.id, (s.original_data #>> '{source,row}')::bigint AS "row!",
                s.original_data #>> '{parsed,metric_number}' AS metric_number, s.name
         FROM (SELECT * FROM import_items OFFSET 0) s
         WHERE NOT EXISTS (SELECT FROM metric_catalog_items i WHERE i.id = s.id)
           AND NOT EXISTS (SELECT FROM metrics me WHERE me.id = s.id)
         ORDER BY 2"#
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row);
    }
    Ok(())
}

/// Gives staged rows the ids of what the catalog has, so that they are that.
pub async fn take_over(conn: &mut PgConnection, rows: &[Uuid], known: &[Uuid]) -> Result<()> {
    sqlx::query!(
        "WITH pair AS (SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pair (staged, known)),
         items AS (UPDATE import_items s SET id = pair.known FROM pair WHERE s.id = pair.staged)
         UPDATE import_mappings s SET catalog_item_id = pair.known FROM pair WHERE s.catalog_item_id = pair.staged",
        rows,
        known
    )
    .execute(conn)
    .await?;
    Ok(())
}
