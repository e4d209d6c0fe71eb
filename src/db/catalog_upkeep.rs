//! Renaming, copying and deleting catalogs.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use super::scores::now;
use super::stored;
use crate::confirm::Confirmed;
use crate::error::Result;

/// What goes when a catalog is deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Belongings {
    pub items: i64,
    pub mappings: i64,
    pub metrics: i64,
    /// Rows of `metric_history`.
    pub readings: i64,
    /// Rows of `function_scores` and `framework_scores`.
    pub scores: i64,
}

pub async fn belongings(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Belongings> {
    Ok(sqlx::query_as!(
        Belongings,
        r#"SELECT (SELECT count(*) FROM metric_catalog_items i WHERE i.catalog_id = $1) AS "items!",
                  (SELECT count(*) FROM metric_catalog_framework_mappings m
                   JOIN metric_catalog_items i ON i.id = m.catalog_item_id WHERE i.catalog_id = $1) AS "mappings!",
                  (SELECT count(*) FROM metrics me WHERE me.catalog_id = $1) AS "metrics!",
                  (SELECT count(*) FROM metric_history h JOIN metrics me ON me.id = h.metric_id WHERE me.catalog_id = $1) AS "readings!",
                  (SELECT count(*) FROM function_scores s WHERE s.catalog_id = $1)
                  + (SELECT count(*) FROM framework_scores s WHERE s.catalog_id = $1) AS "scores!""#,
        catalog_id
    )
    .fetch_one(conn)
    .await?)
}

/// Locks a catalog that is to be deleted: nothing can be added to it meanwhile either. Returns whether it is active; nothing
/// when it does not exist any more.
pub async fn lock_to_delete(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Option<bool>> {
    let is_active = sqlx::query_scalar!("SELECT is_active FROM metric_catalogs WHERE id = $1 FOR UPDATE", catalog_id)
        .fetch_optional(&mut *conn)
        .await?;
    for scope in [Scope::Catalogs(&[catalog_id]), Scope::Scores(Some(catalog_id)), Scope::ReadingsOfCatalog(catalog_id)] {
        watch(conn, scope).await?;
    }
    Ok(is_active)
}

/// Gives a catalog another name.
pub async fn rename(conn: &mut PgConnection, catalog_id: Uuid, name: &str) -> Result<()> {
    let renamed = sqlx::query!(
        "UPDATE metric_catalogs SET name = $2, updated_at = now() AT TIME ZONE 'utc' WHERE id = $1",
        catalog_id,
        name
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalogs", 1, renamed.rows_affected())?;
    Ok(())
}

/// Makes a catalog another user's.
pub async fn set_owner(conn: &mut PgConnection, catalog_id: Uuid, owner_id: Uuid) -> Result<()> {
    let given = sqlx::query!(
        "UPDATE metric_catalogs SET owner_id = $2, updated_at = now() AT TIME ZONE 'utc' WHERE id = $1",
        catalog_id,
        owner_id
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalogs", 1, given.rows_affected())?;
    Ok(())
}

/// Makes an inactive catalog with the description and source of another. Where it came from, and how that was imported, is
/// kept under `cloned_from` and `cloned_import`, so that the copy does not pass for an import of the same file.
pub async fn insert_copy(conn: &mut PgConnection, catalog_id: Uuid, name: &str, owner_id: Uuid) -> Result<Uuid> {
    let id = Uuid::now_v7();
    watch(conn, Scope::Catalogs(&[id])).await?;
    let now = now(conn).await?;
    let inserted = sqlx::query!(
        "INSERT INTO metric_catalogs (id, name, description, owner_id, source_file, import_metadata, created_at, updated_at)
         SELECT $2, $3, c.description, $4, c.source_file,
                jsonb_build_object('cloned_from', jsonb_build_object('catalog_id', c.id, 'name', c.name),
                                   'cloned_import', c.import_metadata), $5, $5
         FROM metric_catalogs c WHERE c.id = $1",
        catalog_id,
        id,
        name,
        owner_id,
        now
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalogs", 1, inserted.rows_affected())?;
    Ok(id)
}

/// The ids of a catalog's items in the order of the sheet.
pub async fn item_ids(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!("SELECT id FROM metric_catalog_items WHERE catalog_id = $1 ORDER BY created_at, id", catalog_id)
        .fetch_all(conn)
        .await?)
}

/// Copies items into a catalog under new ids, each to the id at the same position. The copy has the item's
/// newest value and its time: an activation of the copy makes its first reading of them. Returns how many.
pub async fn copy_items(conn: &mut PgConnection, from: &[Uuid], to: &[Uuid], catalog_id: Uuid) -> Result<u64> {
    let now = now(conn).await?;
    let inserted = sqlx::query!(
        r#"INSERT INTO metric_catalog_items (id, catalog_id, original_data, name, description, current_value, target_value, unit,
                                             direction, priority, is_enhanced, created_at, updated_at)
           SELECT t.new_id, $3,
                  CASE WHEN known.value IS NULL THEN known.data
                       ELSE jsonb_set(known.data, '{parsed}',
                                      jsonb_build_object('current_at', to_char(i.created_at, known.format))
                                      || coalesce(known.data -> 'parsed', '{}')
                                      || jsonb_strip_nulls(jsonb_build_object('current_at', to_char(newest.at, known.format)))) END,
                  i.name, i.description, known.value, i.target_value, i.unit, i.direction, i.priority, i.is_enhanced, $4, $4
           FROM unnest($1::uuid[], $2::uuid[]) AS t (old_id, new_id) JOIN metric_catalog_items i ON i.id = t.old_id
           LEFT JOIN metrics me ON me.id = i.id
           CROSS JOIN LATERAL (SELECT 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' AS format,
                                      CASE WHEN me.id IS NULL THEN i.current_value ELSE me.current_value END AS value,
                                      CASE WHEN me.id IS NULL THEN i.original_data
                                           ELSE i.original_data #- '{parsed,readings}' END AS data) AS known
           LEFT JOIN LATERAL (SELECT h.recorded_at AS at FROM metric_history h
                              WHERE h.metric_id = i.id ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1) AS newest ON TRUE"#,
        from,
        to,
        catalog_id,
        now
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalog_items", from.len(), inserted.rows_affected())
}

/// The ids of all mappings of these items, in the order in which they count.
pub async fn mapping_ids(conn: &mut PgConnection, item_ids: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT id FROM metric_catalog_framework_mappings WHERE catalog_item_id = ANY($1) ORDER BY created_at, id",
        item_ids
    )
    .fetch_all(conn)
    .await?)
}

/// Copies mappings under new ids to the copies of their items. Returns how many.
pub async fn copy_mappings(
    conn: &mut PgConnection,
    from: &[Uuid],
    to: &[Uuid],
    items_from: &[Uuid],
    items_to: &[Uuid],
) -> Result<u64> {
    let now = now(conn).await?;
    let inserted = sqlx::query!(
        "INSERT INTO metric_catalog_framework_mappings (id, catalog_item_id, framework_id, function_code, category_code,
                                                        subcategory_code, confidence, is_ai_suggested, is_confirmed, created_at)
         SELECT t.new_id, i.new_id, m.framework_id, m.function_code, m.category_code, m.subcategory_code, m.confidence,
                m.is_ai_suggested, m.is_confirmed, $5
         FROM unnest($1::uuid[], $2::uuid[]) AS t (old_id, new_id)
         JOIN metric_catalog_framework_mappings m ON m.id = t.old_id
         JOIN unnest($3::uuid[], $4::uuid[]) AS i (old_id, new_id) ON i.old_id = m.catalog_item_id",
        from,
        to,
        items_from,
        items_to,
        now
    )
    .execute(conn)
    .await?;
    stored::all("metric_catalog_framework_mappings", from.len(), inserted.rows_affected())
}

/// Deletes the rows of a table that a condition names, and counts them.
macro_rules! delete_where {
    ($conn:expr, $table:literal, $condition:literal, $catalog_id:expr) => {{
        let deleted = sqlx::query!(
            "WITH meant AS MATERIALIZED (SELECT id FROM "
                + $table
                + " WHERE "
                + $condition
                + "),
                  written AS (DELETE FROM "
                + $table
                + " WHERE id IN (SELECT id FROM meant) RETURNING id)
             SELECT (SELECT count(*) FROM meant) AS \"meant!\", (SELECT count(*) FROM written) AS \"written!\"",
            $catalog_id
        )
        .fetch_one($conn)
        .await?;
        stored::all($table, deleted.meant, deleted.written)
    }};
}

pub async fn delete_function_scores(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(conn, "function_scores", "catalog_id = $1", catalog_id)
}

pub async fn delete_framework_scores(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(conn, "framework_scores", "catalog_id = $1", catalog_id)
}

/// Deletes the readings of a catalog's metrics.
pub async fn delete_readings(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(conn, "metric_history", "metric_id IN (SELECT me.id FROM metrics me WHERE me.catalog_id = $1)", catalog_id)
}

/// Deletes the metrics of a catalog. Fails while they have readings (`fk_metric_history_metric`).
pub async fn delete_metrics(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(conn, "metrics", "catalog_id = $1", catalog_id)
}

/// Deletes the mappings of a catalog's items.
pub async fn delete_mappings(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(
        conn,
        "metric_catalog_framework_mappings",
        "catalog_item_id IN (SELECT i.id FROM metric_catalog_items i WHERE i.catalog_id = $1)",
        catalog_id
    )
}

/// Deletes a catalog's items. Fails while they have mappings (`fk_mappings_catalog_item`).
pub async fn delete_items(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<u64> {
    delete_where!(conn, "metric_catalog_items", "catalog_id = $1", catalog_id)
}

/// Deletes a catalog's own row. Fails while anything belongs to it.
pub async fn delete(conn: &mut PgConnection, catalog_id: Uuid, _: &Confirmed) -> Result<()> {
    let deleted = sqlx::query!("DELETE FROM metric_catalogs WHERE id = $1", catalog_id).execute(conn).await?;
    stored::all("metric_catalogs", 1, deleted.rows_affected())?;
    Ok(())
}
