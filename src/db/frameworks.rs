//! Frameworks and their three levels.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::scores::now;
use super::stored;
use crate::db::value::Json;
use crate::domain::framework::{Category, Framework, Function, Subcategory, short_name};
use crate::domain::undo::taken_back;
use crate::error::Result;

/// A framework without its tree.
#[derive(Debug, Clone)]
pub struct Row {
    pub id: Uuid,
    pub name: String,
    pub version: String,
    pub description: Option<String>,
    pub is_active: bool,
    pub functions: i64,
    pub categories: i64,
    pub subcategories: i64,
}

impl Row {
    /// The name people type, such as `csf-2.0`.
    pub fn short_name(&self) -> String {
        short_name(&self.name, &self.version)
    }
}

/// One line of a framework's tree.
#[derive(Debug, Clone)]
pub struct Node {
    /// 1 function, 2 category, 3 subcategory.
    pub level: i32,
    pub function_code: String,
    pub code: String,
    pub name: Option<String>,
    pub description: Option<String>,
}

/// A framework's nodes, as [`tree`] gives them, as a tree.
pub fn assembled(row: &Row, nodes: Vec<Node>) -> Framework {
    let mut functions: Vec<Function> = Vec::new();
    for node in nodes {
        let Node { level, code, name, description, .. } = node;
        let name = name.unwrap_or_default();
        match (level, functions.last_mut()) {
            (1, _) | (_, None) => functions.push(Function { code, name, description, categories: Vec::new() }),
            (2, Some(function)) => {
                function.categories.push(Category { code, name, description, subcategories: Vec::new() });
            }
            (_, Some(function)) => {
                if let Some(category) = function.categories.last_mut() {
                    category.subcategories.push(Subcategory { code, description: description.unwrap_or_default() });
                }
            }
        }
    }
    Framework { name: row.name.clone(), version: row.version.clone(), description: row.description.clone(), functions }
}

/// What storing a level did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changes {
    /// Rows that were not there.
    pub added: usize,
    /// Rows whose text or order differed.
    pub changed: usize,
}

impl Changes {
    fn count(inserted: &[bool]) -> Self {
        let added = inserted.iter().filter(|inserted| **inserted).count();
        Changes { added, changed: inserted.len() - added }
    }
}

impl std::ops::AddAssign for Changes {
    fn add_assign(&mut self, other: Self) {
        self.added += other.added;
        self.changed += other.changed;
    }
}

/// All frameworks with the sizes of their levels, by name and version.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Row>> {
    Ok(sqlx::query_as!(
        Row,
        r#"SELECT f.id, f.name, f.version, f.description, f.is_active,
                  count(DISTINCT fn.id) AS "functions!", count(DISTINCT c.id) AS "categories!", count(DISTINCT s.id) AS "subcategories!"
           FROM frameworks f
           LEFT JOIN framework_functions fn ON fn.framework_id = f.id
           LEFT JOIN framework_categories c ON c.function_id = fn.id
           LEFT JOIN framework_subcategories s ON s.category_id = c.id
           GROUP BY f.id ORDER BY f.name, f.version"#
    )
    .fetch_all(conn)
    .await?)
}

/// A framework's whole tree in document order, parents before their children.
pub async fn tree(conn: &mut PgConnection, framework_id: Uuid) -> Result<Vec<Node>> {
    Ok(sqlx::query_as!(
        Node,
        r#"WITH nodes AS (
               SELECT 1 AS level, fn.code AS function_code, fn.code::text AS code, fn.name::text AS name,
                      fn.description, fn.sort_order AS f, -1 AS c, -1 AS s
               FROM framework_functions fn WHERE fn.framework_id = $1
               UNION ALL
               SELECT 2, fn.code, ca.code, ca.name, ca.description, fn.sort_order, ca.sort_order, -1
               FROM framework_functions fn JOIN framework_categories ca ON ca.function_id = fn.id WHERE fn.framework_id = $1
               UNION ALL
               SELECT 3, fn.code, su.code, NULL, su.description, fn.sort_order, ca.sort_order, su.sort_order
               FROM framework_functions fn
               JOIN framework_categories ca ON ca.function_id = fn.id
               JOIN framework_subcategories su ON su.category_id = ca.id
               WHERE fn.framework_id = $1)
           SELECT level AS "level!", function_code AS "function_code!", code AS "code!", name, description
           FROM nodes ORDER BY f, c, s, code"#,
        framework_id
    )
    .fetch_all(conn)
    .await?)
}

/// Creates the framework's row, or brings its description up to date. Returns its id and whether the row is new or changed.
pub async fn upsert(conn: &mut PgConnection, framework: &Framework) -> Result<(Uuid, Changes)> {
    let now = now(conn).await?;
    let row = sqlx::query!(
        r#"WITH written AS (
               INSERT INTO frameworks (id, name, version, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)
               ON CONFLICT ON CONSTRAINT uq_frameworks_name_version DO UPDATE
                   SET description = excluded.description, updated_at = excluded.updated_at
                   WHERE frameworks.description IS DISTINCT FROM excluded.description
               RETURNING id, xmax = 0 AS inserted)
           SELECT id AS "id!", inserted FROM written
           UNION ALL
           SELECT id, NULL FROM frameworks WHERE name = $2 AND version = $3 AND NOT EXISTS (SELECT FROM written)"#,
        Uuid::now_v7(),
        framework.name,
        framework.version,
        framework.description,
        now,
    )
    .fetch_optional(conn)
    .await?
    .ok_or_else(|| stored::missing("frameworks", 1, 1))?;
    let changes = row.inserted.map(|inserted| Changes::count(&[inserted])).unwrap_or_default();
    Ok((row.id, changes))
}

/// Notes that something below the framework's row changed.
pub async fn touch(conn: &mut PgConnection, framework_id: Uuid) -> Result<()> {
    let updated = sqlx::query!("UPDATE frameworks SET updated_at = now() AT TIME ZONE 'utc' WHERE id = $1", framework_id)
        .execute(conn)
        .await?;
    stored::all("frameworks", 1, updated.rows_affected())?;
    Ok(())
}

/// Compares what is stored of a framework with what was to be stored, level by level, once all of it was sent. Fails when the
/// database refuses, or has not kept all of it.
pub async fn check(conn: &mut PgConnection, framework_id: Uuid, framework: &Framework) -> Result<()> {
    let nodes = tree(conn, framework_id).await?;
    let has = |level: i32, code: &str, name: Option<&str>, description: Option<&str>| {
        nodes.iter().any(|node| {
            node.level == level
                && node.code == code
                && node.name.as_deref() == name
                && node.description.as_deref() == description
        })
    };
    let functions = &framework.functions;
    let kept = functions.iter().filter(|one| has(1, &one.code, Some(&one.name), one.description.as_deref())).count();
    stored::all("framework_functions", functions.len(), kept)?;
    let categories: Vec<&Category> = functions.iter().flat_map(|function| &function.categories).collect();
    let kept = categories.iter().filter(|one| has(2, &one.code, Some(&one.name), one.description.as_deref())).count();
    stored::all("framework_categories", categories.len(), kept)?;
    let subcategories: Vec<&Subcategory> = categories.iter().flat_map(|category| &category.subcategories).collect();
    let kept = subcategories.iter().filter(|one| has(3, &one.code, None, Some(&one.description))).count();
    stored::all("framework_subcategories", subcategories.len(), kept)?;
    Ok(())
}

/// Stores the framework's functions; ids of known codes are kept.
pub async fn upsert_functions(conn: &mut PgConnection, framework_id: Uuid, framework: &Framework) -> Result<Changes> {
    let now = now(conn).await?;
    let functions = &framework.functions;
    let inserted = sqlx::query_scalar!(
        r#"INSERT INTO framework_functions (id, framework_id, code, name, description, sort_order, created_at)
           SELECT t.id, $1, t.code, t.name, t.description, t.sort_order, $7
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[]) AS t (id, code, name, description, sort_order)
           ON CONFLICT ON CONSTRAINT uq_framework_functions_code DO UPDATE
               SET name = excluded.name, description = excluded.description, sort_order = excluded.sort_order
               WHERE (framework_functions.name, framework_functions.description, framework_functions.sort_order)
                     IS DISTINCT FROM (excluded.name, excluded.description, excluded.sort_order)
           RETURNING xmax = 0 AS "inserted!""#,
        framework_id,
        &new_ids(functions.len()),
        &functions.iter().map(|function| function.code.clone()).collect::<Vec<_>>(),
        &functions.iter().map(|function| function.name.clone()).collect::<Vec<_>>(),
        &functions.iter().map(|function| function.description.clone()).collect::<Vec<_>>() as &[Option<String>],
        &positions(functions.len()),
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(Changes::count(&inserted))
}

/// Stores the framework's categories below its stored functions; ids of known codes are kept.
pub async fn upsert_categories(conn: &mut PgConnection, framework_id: Uuid, framework: &Framework) -> Result<Changes> {
    let now = now(conn).await?;
    let rows: Vec<_> = framework
        .functions
        .iter()
        .flat_map(|function| function.categories.iter().map(move |category| (function, category)))
        .collect();
    let inserted = sqlx::query_scalar!(
        r#"INSERT INTO framework_categories (id, function_id, code, name, description, sort_order, created_at)
           SELECT t.id, fn.id, t.code, t.name, t.description, t.sort_order, $8
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[])
                AS t (id, function_code, code, name, description, sort_order)
           JOIN framework_functions fn ON fn.framework_id = $1 AND fn.code = t.function_code
           ON CONFLICT ON CONSTRAINT uq_framework_categories_code DO UPDATE
               SET name = excluded.name, description = excluded.description, sort_order = excluded.sort_order
               WHERE (framework_categories.name, framework_categories.description, framework_categories.sort_order)
                     IS DISTINCT FROM (excluded.name, excluded.description, excluded.sort_order)
           RETURNING xmax = 0 AS "inserted!""#,
        framework_id,
        &new_ids(rows.len()),
        &rows.iter().map(|(function, _)| function.code.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, category)| category.code.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, category)| category.name.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, category)| category.description.clone()).collect::<Vec<_>>() as &[Option<String>],
        &positions(rows.len()),
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(Changes::count(&inserted))
}

/// Stores the framework's subcategories below its stored categories; ids of known codes are kept.
pub async fn upsert_subcategories(conn: &mut PgConnection, framework_id: Uuid, framework: &Framework) -> Result<Changes> {
    let now = now(conn).await?;
    let rows: Vec<_> = framework
        .functions
        .iter()
        .flat_map(|function| &function.categories)
        .flat_map(|category| category.subcategories.iter().map(move |subcategory| (category, subcategory)))
        .collect();
    let inserted = sqlx::query_scalar!(
        r#"INSERT INTO framework_subcategories (id, category_id, code, description, sort_order, created_at)
           SELECT t.id, ca.id, t.code, t.description, t.sort_order, $7
           FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[]) AS t (id, category_code, code, description, sort_order)
           JOIN framework_functions fn ON fn.framework_id = $1
           JOIN framework_categories ca ON ca.function_id = fn.id AND ca.code = t.category_code
           ON CONFLICT ON CONSTRAINT uq_framework_subcategories_code DO UPDATE
               SET description = excluded.description, sort_order = excluded.sort_order
               WHERE (framework_subcategories.description, framework_subcategories.sort_order)
                     IS DISTINCT FROM (excluded.description, excluded.sort_order)
           RETURNING xmax = 0 AS "inserted!""#,
        framework_id,
        &new_ids(rows.len()),
        &rows.iter().map(|(category, _)| category.code.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, subcategory)| subcategory.code.clone()).collect::<Vec<_>>(),
        &rows.iter().map(|(_, subcategory)| subcategory.description.clone()).collect::<Vec<_>>(),
        &positions(rows.len()),
        now,
    )
    .fetch_all(conn)
    .await?;
    Ok(Changes::count(&inserted))
}

/// How many mappings use each of these codes, whatever their level; codes that none uses are left out.
pub async fn mapped(conn: &mut PgConnection, framework_id: Uuid, codes: &[String]) -> Result<Vec<(String, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT t.code AS "code!", count(*) AS "count!"
           FROM unnest($2::text[]) AS t (code)
           JOIN metric_catalog_framework_mappings m ON m.framework_id = $1
                AND t.code IN (m.function_code, m.category_code, m.subcategory_code)
           GROUP BY t.code ORDER BY t.code"#,
        framework_id,
        codes
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.count)).collect())
}

/// Removes subcategories by category and code.
pub async fn delete_subcategories(conn: &mut PgConnection, framework_id: Uuid, paths: &[(String, String)]) -> Result<u64> {
    let (categories, codes): (Vec<String>, Vec<String>) = paths.iter().cloned().unzip();
    let deleted = sqlx::query!(
        r#"DELETE FROM framework_subcategories su
           USING framework_categories ca, framework_functions fn, unnest($2::text[], $3::text[]) AS t (category, code)
           WHERE ca.id = su.category_id AND fn.id = ca.function_id AND fn.framework_id = $1
                 AND ca.code = t.category AND su.code = t.code"#,
        framework_id,
        &categories,
        &codes
    )
    .execute(conn)
    .await?;
    stored::all("framework_subcategories", paths.len(), deleted.rows_affected())
}

/// Removes categories by function and code. Fails when the database refuses, as it does while there are subcategories below.
pub async fn delete_categories(conn: &mut PgConnection, framework_id: Uuid, paths: &[(String, String)]) -> Result<u64> {
    let (functions, codes): (Vec<String>, Vec<String>) = paths.iter().cloned().unzip();
    let deleted = sqlx::query!(
        r#"DELETE FROM framework_categories ca
           USING framework_functions fn, unnest($2::text[], $3::text[]) AS t (function, code)
           WHERE fn.id = ca.function_id AND fn.framework_id = $1 AND fn.code = t.function AND ca.code = t.code"#,
        framework_id,
        &functions,
        &codes
    )
    .execute(conn)
    .await?;
    stored::all("framework_categories", paths.len(), deleted.rows_affected())
}

/// Removes functions by code. Fails when the database refuses, as it does while there are categories below.
pub async fn delete_functions(conn: &mut PgConnection, framework_id: Uuid, codes: &[String]) -> Result<u64> {
    let deleted = sqlx::query!(
        "DELETE FROM framework_functions WHERE framework_id = $1 AND code = ANY($2)",
        framework_id,
        codes as &[String]
    )
    .execute(conn)
    .await?;
    stored::all("framework_functions", codes.len(), deleted.rows_affected())
}

/// What the newest import of this framework from a file left beside the tables: withdrawn codes and examples.
pub async fn newest_import(conn: &mut PgConnection, framework_id: Uuid) -> Result<Option<serde_json::Value>> {
    let rows = sqlx::query!(
        r#"SELECT result AS "result!: Json" FROM ai_change_log
           WHERE action = 'framework.import' AND result ->> 'framework_id' = $1
           ORDER BY timestamp DESC, id DESC"#,
        framework_id.to_string()
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut results = rows.into_iter().filter_map(|row| Option::<serde_json::Value>::from(row.result)).peekable();
    if results.peek().is_none() {
        return Ok(None);
    }
    let undos = super::audit::undos(conn).await?;
    let by = taken_back(&undos);
    Ok(results.find(|result| result["chain"]["seq"].as_i64().is_none_or(|seq| !by.contains_key(&seq))))
}

/// A code with none below it and how many items are mapped to it.
#[derive(Debug, Clone)]
pub struct Coverage {
    pub function_code: String,
    pub category_code: Option<String>,
    pub subcategory_code: Option<String>,
    /// The text, of what has none the name.
    pub description: String,
    /// Items with a confirmed mapping to the code.
    pub metric_count: i64,
    /// Items with a confirmed mapping to a code above it only.
    pub broader_count: i64,
    /// Items with a suggestion for it that waits for a decision.
    pub suggested_count: i64,
}

impl Coverage {
    pub fn code(&self) -> &str {
        self.subcategory_code.as_ref().or(self.category_code.as_ref()).unwrap_or(&self.function_code)
    }
}

/// The frameworks that the items of a catalog, or of all of them, have confirmed mappings to.
pub async fn mapped_by(conn: &mut PgConnection, catalog_id: Option<Uuid>) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT f.id FROM frameworks f
         WHERE EXISTS (SELECT FROM metric_catalog_items i
                       JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = i.id AND p.framework_id = f.id
                       JOIN metric_catalogs c ON c.id = i.catalog_id
                       WHERE (i.catalog_id = $1 OR $1::uuid IS NULL) AND p.is_confirmed
                         AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk')",
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

/// Every subcategory, category without any and function without any, with its counts, over one catalog or all of them.
pub async fn coverage(conn: &mut PgConnection, framework_id: Uuid, catalog_id: Option<Uuid>) -> Result<Vec<Coverage>> {
    Ok(sqlx::query_as!(
        Coverage,
        r#"WITH mapping AS (
               SELECT m.* FROM metric_catalog_framework_mappings m
               JOIN metric_catalog_items i ON i.id = m.catalog_item_id
               JOIN metric_catalogs c ON c.id = i.catalog_id
               WHERE m.framework_id = $1 AND ($2::uuid IS NULL OR i.catalog_id = $2)
                 AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'),
           last AS (
               SELECT fn.code AS function_code, ca.code AS category_code, su.code AS subcategory_code,
                      CASE WHEN su.id IS NOT NULL THEN su.description
                           WHEN ca.id IS NOT NULL THEN coalesce(ca.description, ca.name)
                           ELSE coalesce(fn.description, fn.name) END AS description,
                      row_number() OVER (ORDER BY fn.sort_order, ca.sort_order, su.sort_order) AS position
               FROM framework_functions fn
               LEFT JOIN framework_categories ca ON ca.function_id = fn.id
               LEFT JOIN framework_subcategories su ON su.category_id = ca.id
               WHERE fn.framework_id = $1),
           counted AS (
               SELECT last.position, m.catalog_item_id, m.is_confirmed,
                      (m.category_code IS NOT DISTINCT FROM last.category_code
                       AND m.subcategory_code IS NOT DISTINCT FROM last.subcategory_code) AS is_itself
               FROM last JOIN mapping m ON m.function_code = last.function_code
                    AND (m.category_code IS NULL OR m.category_code = last.category_code)
                    AND (m.subcategory_code IS NULL OR m.subcategory_code = last.subcategory_code))
           SELECT last.function_code AS "function_code!", last.category_code AS "category_code?",
                  last.subcategory_code AS "subcategory_code?", last.description AS "description!",
                  count(DISTINCT c.catalog_item_id) FILTER (WHERE c.is_confirmed AND c.is_itself) AS "metric_count!",
                  count(DISTINCT c.catalog_item_id) FILTER (WHERE c.is_confirmed AND NOT c.is_itself) AS "broader_count!",
                  count(DISTINCT c.catalog_item_id) FILTER (WHERE NOT c.is_confirmed AND c.is_itself) AS "suggested_count!"
           FROM last LEFT JOIN counted c ON c.position = last.position
           GROUP BY last.position, last.function_code, last.category_code, last.subcategory_code, last.description
           ORDER BY last.position"#,
        framework_id,
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

fn new_ids(count: usize) -> Vec<Uuid> {
    std::iter::repeat_with(Uuid::now_v7).take(count).collect()
}

/// Display order: 1, 2, 3, ... in document order.
fn positions(count: usize) -> Vec<i32> {
    (1..).take(count).collect()
}
