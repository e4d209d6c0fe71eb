//! What things are called, for shells that complete what is typed.

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// A name, and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub name: String,
    pub about: Option<String>,
}

/// Numbers of metrics (names where they have none) that begin so, in the active catalogs and the default library.
pub async fn metrics(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT coalesce(m.metric_number, m.name) AS "name!",
                  CASE WHEN m.metric_number IS NOT NULL THEN m.name END AS about
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE (m.catalog_id IS NULL OR c.is_active) AND starts_with(lower(coalesce(m.metric_number, m.name)), lower($1))
           ORDER BY 1 LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

pub async fn catalogs(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT c.name, 'of ' || u.username || CASE WHEN c.is_active THEN ', active' ELSE '' END AS about
           FROM metric_catalogs c JOIN users u ON u.id = c.owner_id
           WHERE starts_with(lower(c.name), lower($1)) AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
           ORDER BY c.name LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

pub async fn users(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT username AS name, email AS "about?" FROM users WHERE starts_with(lower(username), lower($1))
           ORDER BY username LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Codes of all frameworks and levels that begin so.
pub async fn codes(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT code AS "name!", min(about) AS about
           FROM (SELECT code, name AS about FROM framework_functions
                 UNION ALL SELECT code, name FROM framework_categories
                 UNION ALL SELECT code, CASE WHEN length(description) > 60 THEN left(description, 59) || '…' ELSE description END FROM framework_subcategories) AS known
           WHERE starts_with(lower(code), lower($1)) GROUP BY code ORDER BY code LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Numbers of items (names where they have none) that begin so, of all catalogs.
pub async fn items(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT DISTINCT ON (called.name) called.name AS "name!", called.about
           FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
           CROSS JOIN LATERAL (SELECT coalesce(i.original_data #>> '{parsed,metric_number}', i.name) AS name,
                                      CASE WHEN i.original_data #>> '{parsed,metric_number}' IS NOT NULL THEN i.name END AS about) AS called
           WHERE starts_with(lower(called.name), lower($1)) AND c.import_metadata ->> 'kind' IS DISTINCT FROM 'crosswalk'
           ORDER BY called.name, called.about LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Codes of functions that begin so: those of the frameworks that something is mapped to, of all where nothing is.
pub async fn functions(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT f.code AS "name!", min(f.name) AS about FROM framework_functions f
           WHERE starts_with(lower(f.code), lower($1))
             AND (f.framework_id IN (SELECT framework_id FROM metric_catalog_framework_mappings WHERE is_confirmed)
                  OR NOT EXISTS (SELECT FROM metric_catalog_framework_mappings WHERE is_confirmed))
           GROUP BY f.code ORDER BY min(f.sort_order), f.code LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Codes of categories, as [`functions`].
pub async fn categories(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT c.code AS "name!", min(c.name) AS about
           FROM framework_categories c JOIN framework_functions f ON f.id = c.function_id
           WHERE starts_with(lower(c.code), lower($1))
             AND (f.framework_id IN (SELECT framework_id FROM metric_catalog_framework_mappings WHERE is_confirmed)
                  OR NOT EXISTS (SELECT FROM metric_catalog_framework_mappings WHERE is_confirmed))
           GROUP BY c.code ORDER BY c.code LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// Numbers of changes that begin so, the newest first.
pub async fn changes(conn: &mut PgConnection, prefix: &str, limit: i64) -> Result<Vec<Name>> {
    Ok(sqlx::query_as!(
        Name,
        r#"SELECT l.result #>> '{chain,seq}' AS "name!", l.action || to_char(l.timestamp, ' YYYY-MM-DD HH24:MI') AS about
           FROM ai_change_log l WHERE starts_with(l.result #>> '{chain,seq}', $1)
           ORDER BY l.timestamp DESC, l.id DESC LIMIT $2"#,
        prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}
