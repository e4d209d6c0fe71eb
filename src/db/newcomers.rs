//! Staged rows and what a catalog has, where neither found the other by its key.

use std::collections::HashSet;

use futures_util::TryStreamExt as _;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// The ids of the staged rows: those of what they matched, or new ones.
pub async fn staged(conn: &mut PgConnection) -> Result<HashSet<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT id FROM import_items").fetch(conn).try_collect().await?)
}

/// A staged row that matches nothing.
#[derive(Debug, Clone)]
pub struct Newcomer {
    pub id: Uuid,
    /// The row of the sheet.
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
         FROM import_items s
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
