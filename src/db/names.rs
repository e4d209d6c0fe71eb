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
           WHERE starts_with(lower(c.name), lower($1)) ORDER BY c.name LIMIT $2"#,
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
