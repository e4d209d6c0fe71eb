//! Mappings: which place of a framework a catalog's item is about, suggested or confirmed.

use std::collections::HashSet;

use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::scores::now;
use super::stored;
use crate::domain::code::Position;
use crate::error::Result;

const TABLE: &str = "metric_catalog_framework_mappings";

/// An item of a catalog, as far as mapping needs it.
#[derive(Debug, Clone)]
pub struct Item {
    pub id: Uuid,
    pub catalog: String,
    pub metric_number: Option<String>,
    pub name: String,
    pub description: Option<String>,
    /// The heading that it stands below in its sheet.
    pub heading: Option<String>,
    /// Whether it has a confirmed mapping to the framework that was asked about.
    pub is_mapped: bool,
}

/// A mapping with its item and framework.
#[derive(Debug, Clone)]
pub struct Mapping {
    pub id: Uuid,
    pub item_id: Uuid,
    pub catalog: String,
    pub metric_number: Option<String>,
    pub item: String,
    pub framework_id: Uuid,
    pub framework_name: String,
    pub framework_version: String,
    pub function_code: String,
    pub category_code: Option<String>,
    pub subcategory_code: Option<String>,
    pub confidence: Option<Decimal>,
    pub is_ai_suggested: bool,
    pub is_confirmed: bool,
}

impl Mapping {
    /// The code of the deepest level.
    pub fn code(&self) -> &str {
        self.subcategory_code.as_deref().or(self.category_code.as_deref()).unwrap_or(&self.function_code)
    }

    pub fn position(&self) -> Position {
        Position {
            function: self.function_code.clone(),
            category: self.category_code.clone(),
            subcategory: self.subcategory_code.clone(),
        }
    }
}

/// An item with one of its mappings to a framework, or with none where it has none.
#[derive(Debug, Clone)]
pub struct Line {
    pub item_id: Uuid,
    pub catalog: String,
    pub metric_number: Option<String>,
    pub name: String,
    pub description: Option<String>,
    /// The code of the mapping's deepest level.
    pub code: Option<String>,
    pub confidence: Option<Decimal>,
    pub is_ai_suggested: Option<bool>,
    pub is_confirmed: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    pub item_id: Uuid,
    pub position: Position,
    pub confidence: Option<Decimal>,
    pub is_ai_suggested: bool,
    pub is_confirmed: bool,
}

/// The items of one catalog or of all, in the order they were imported.
pub async fn items(conn: &mut PgConnection, catalog_id: Option<Uuid>, framework_id: Uuid) -> Result<Vec<Item>> {
    Ok(sqlx::query_as!(
        Item,
        r#"SELECT i.id, c.name AS catalog, i.original_data #>> '{parsed,metric_number}' AS metric_number,
                  i.name, i.description,
                  (SELECT h ->> 'text'
                   FROM jsonb_array_elements(CASE jsonb_typeof(c.import_metadata -> 'headings')
                                             WHEN 'array' THEN c.import_metadata -> 'headings' END) h
                   WHERE (h ->> 'sheet' IS NULL OR h ->> 'sheet' = i.original_data #>> '{source,sheet}')
                     AND (h -> 'row')::bigint < (i.original_data #> '{source,row}')::bigint
                   ORDER BY (h -> 'row')::bigint DESC LIMIT 1) AS heading,
                  EXISTS (SELECT FROM metric_catalog_framework_mappings m
                          WHERE m.catalog_item_id = i.id AND m.framework_id = $2 AND m.is_confirmed) AS "is_mapped!"
           FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
           WHERE ($1::uuid IS NULL OR i.catalog_id = $1) AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
           ORDER BY c.name, c.id, i.id"#,
        catalog_id,
        framework_id
    )
    .fetch_all(conn)
    .await?)
}

/// The mappings of one catalog or of all, to one framework or to any. Of an item the confirmed ones come first, in the order in
/// which they count, then the suggestions, the best first.
pub async fn list(conn: &mut PgConnection, catalog_id: Option<Uuid>, framework_id: Option<Uuid>) -> Result<Vec<Mapping>> {
    let mut mappings = Vec::new();
    let take = |mapping| {
        mappings.push(mapping);
        Ok(())
    };
    each(conn, catalog_id, framework_id, take).await?;
    Ok(mappings)
}

/// Hands them to `take` as they arrive.
pub async fn each(
    conn: &mut PgConnection,
    catalog_id: Option<Uuid>,
    framework_id: Option<Uuid>,
    mut take: impl FnMut(Mapping) -> Result<()>,
) -> Result<()> {
    let mut mappings = sqlx::query_as!(
        Mapping,
        r#"SELECT m.id, i.id AS item_id, c.name AS catalog, i.original_data #>> '{parsed,metric_number}' AS metric_number,
                  i.name AS item, f.id AS framework_id, f.name AS framework_name, f.version AS framework_version,
                  m.function_code, m.category_code, m.subcategory_code, m.confidence, m.is_ai_suggested, m.is_confirmed
           FROM metric_catalog_framework_mappings m
           JOIN metric_catalog_items i ON i.id = m.catalog_item_id
           JOIN metric_catalogs c ON c.id = i.catalog_id
           JOIN frameworks f ON f.id = m.framework_id
           WHERE ($1::uuid IS NULL OR i.catalog_id = $1) AND ($2::uuid IS NULL OR m.framework_id = $2)
             AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
           ORDER BY c.name, c.id, i.id, f.name, f.version, m.is_confirmed DESC, CASE WHEN m.is_confirmed THEN m.created_at END,
                    CASE WHEN NOT m.is_confirmed THEN m.confidence END DESC NULLS LAST, m.id"#,
        catalog_id,
        framework_id
    )
    .fetch(conn);
    while let Some(mapping) = mappings.try_next().await? {
        take(mapping)?;
    }
    Ok(())
}

/// Hands the items of one catalog or of all with their mappings to a framework to `take` as they arrive, both in the order of
/// [`items`] and [`list`]; or only those without a confirmed one.
pub async fn each_line(
    conn: &mut PgConnection,
    catalog_id: Option<Uuid>,
    framework_id: Uuid,
    only_pending: bool,
    mut take: impl FnMut(Line) -> Result<()>,
) -> Result<()> {
    let mut lines = sqlx::query_as!(
        Line,
        r#"SELECT i.id AS item_id, c.name AS catalog, i.original_data #>> '{parsed,metric_number}' AS metric_number, i.name, i.description,
                  coalesce(m.subcategory_code, m.category_code, m.function_code) AS code, m.confidence AS "confidence?",
                  m.is_ai_suggested AS "is_ai_suggested?", m.is_confirmed AS "is_confirmed?"
           FROM metric_catalog_items i
           JOIN metric_catalogs c ON c.id = i.catalog_id
           LEFT JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id AND m.framework_id = $2
           WHERE ($1::uuid IS NULL OR i.catalog_id = $1) AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
             AND NOT ($3 AND EXISTS (SELECT FROM metric_catalog_framework_mappings o
                                     WHERE o.catalog_item_id = i.id AND o.framework_id = $2 AND o.is_confirmed))
           ORDER BY c.name, c.id, i.id, m.is_confirmed DESC, CASE WHEN m.is_confirmed THEN m.created_at END,
                    CASE WHEN NOT m.is_confirmed THEN m.confidence END DESC NULLS LAST, m.id"#,
        catalog_id,
        framework_id,
        only_pending
    )
    .fetch(conn);
    while let Some(line) = lines.try_next().await? {
        take(line)?;
    }
    Ok(())
}

/// Stores mappings, whatever their number, in one statement.
pub async fn insert(conn: &mut PgConnection, framework_id: Uuid, new: &[New]) -> Result<u64> {
    let ids: Vec<Uuid> = new.iter().map(|_| Uuid::now_v7()).collect();
    let items: Vec<Uuid> = new.iter().map(|one| one.item_id).collect();
    let functions: Vec<String> = new.iter().map(|one| one.position.function.clone()).collect();
    let categories: Vec<Option<String>> = new.iter().map(|one| one.position.category.clone()).collect();
    let subcategories: Vec<Option<String>> = new.iter().map(|one| one.position.subcategory.clone()).collect();
    let confidences: Vec<Option<Decimal>> = new.iter().map(|one| one.confidence).collect();
    let suggested: Vec<bool> = new.iter().map(|one| one.is_ai_suggested).collect();
    let confirmed: Vec<bool> = new.iter().map(|one| one.is_confirmed).collect();
    let now = now(conn).await?;
    let inserted = sqlx::query!(
        r#"INSERT INTO metric_catalog_framework_mappings
               (id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_ai_suggested,
                is_confirmed, created_at)
           SELECT t.id, t.item, $1, t.function, t.category, t.subcategory, t.confidence, t.suggested, t.confirmed, $10
           FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::numeric[], $8::bool[], $9::bool[])
                AS t (id, item, function, category, subcategory, confidence, suggested, confirmed)"#,
        framework_id,
        &ids,
        &items,
        &functions,
        &categories as &[Option<String>],
        &subcategories as &[Option<String>],
        &confidences as &[Option<Decimal>],
        &suggested,
        &confirmed,
        now
    )
    .execute(conn)
    .await?;
    stored::all(TABLE, new.len(), inserted.rows_affected())
}

/// Forgets the undecided suggestions of these items, so that new ones take their place.
pub async fn delete_suggestions(conn: &mut PgConnection, framework_id: Uuid, items: &[Uuid]) -> Result<u64> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM metric_catalog_framework_mappings
         WHERE framework_id = $1 AND catalog_item_id = ANY($2) AND is_ai_suggested AND NOT is_confirmed",
        framework_id,
        items
    )
    .fetch_all(&mut *conn)
    .await?;
    delete(conn, &ids).await
}

/// Confirms or rolls back the confirmation of these mappings. Returns how many changed.
pub async fn set_confirmed(conn: &mut PgConnection, ids: &[Uuid], confirmed: bool) -> Result<u64> {
    let changed = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT id FROM metric_catalog_framework_mappings WHERE id = ANY($1) AND is_confirmed <> $2),
           written AS (
               UPDATE metric_catalog_framework_mappings SET is_confirmed = $2 WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        ids,
        confirmed
    )
    .fetch_one(conn)
    .await?;
    stored::all(TABLE, changed.meant, changed.written)
}

/// Gives mappings that have none a confidence.
pub async fn set_confidence(conn: &mut PgConnection, rated: &[(Uuid, Decimal)]) -> Result<()> {
    let (ids, confidences): (Vec<Uuid>, Vec<Decimal>) = rated.iter().copied().unzip();
    sqlx::query!(
        "UPDATE metric_catalog_framework_mappings m SET confidence = t.confidence
         FROM unnest($1::uuid[], $2::numeric[]) AS t (id, confidence) WHERE m.id = t.id AND m.confidence IS NULL",
        &ids,
        &confidences
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Removes these mappings, whose catalogs are locked.
pub async fn delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<u64> {
    let deleted = sqlx::query!("DELETE FROM metric_catalog_framework_mappings WHERE id = ANY($1)", ids).execute(conn).await?;
    stored::all(TABLE, ids.len(), deleted.rows_affected())
}

/// Which code was rejected for which item, as the change log remembers it.
pub async fn rejected(conn: &mut PgConnection, framework_id: Uuid) -> Result<HashSet<(Uuid, String)>> {
    let rows = sqlx::query!(
        r#"SELECT DISTINCT one ->> 'item_id' AS "item_id!", one ->> 'code' AS "code!"
           FROM ai_change_log, jsonb_array_elements(CASE jsonb_typeof(result -> 'rejected') WHEN 'array' THEN result -> 'rejected' END) AS one
           WHERE action IN ('map.reject', 'map.review') AND result ->> 'framework_id' = $1 AND one ->> 'code' IS NOT NULL
                 AND one ->> 'item_id' IS NOT NULL"#,
        framework_id.to_string()
    )
    .fetch_all(conn)
    .await?;
    // The rows of the log can be anybody's.
    Ok(rows.into_iter().filter_map(|row| Some((row.item_id.parse().ok()?, row.code))).collect())
}
