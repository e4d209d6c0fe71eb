//! What scores are computed from, and the scores that were.

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::domain::metric::{Direction, Priority};
use crate::domain::score::{FunctionOutline, GroupOutline, Measure};
use crate::error::{Error, Result};

/// The server's clock, UTC: when the transaction began.
///
/// # Errors
/// When the database refuses.
pub async fn now(conn: &mut PgConnection) -> Result<NaiveDateTime> {
    Ok(sqlx::query_scalar!(r#"SELECT now() AT TIME ZONE 'utc' AS "now!""#).fetch_one(conn).await?)
}

/// The functions and categories of a framework, in document order.
///
/// # Errors
/// When the database refuses.
pub async fn outline(conn: &mut PgConnection, framework_id: Uuid) -> Result<Vec<FunctionOutline>> {
    let rows = sqlx::query!(
        r#"SELECT f.code AS function_code, f.name AS function_name, c.code AS "category_code?", c.name AS "category_name?"
           FROM framework_functions f LEFT JOIN framework_categories c ON c.function_id = f.id
           WHERE f.framework_id = $1
           ORDER BY f.sort_order, f.code, c.sort_order, c.code"#,
        framework_id
    )
    .fetch_all(conn)
    .await?;
    let mut functions: Vec<FunctionOutline> = Vec::new();
    for row in rows {
        if functions.last().is_none_or(|function| function.code != row.function_code) {
            functions.push(FunctionOutline { code: row.function_code, name: row.function_name, categories: Vec::new() });
        }
        if let Some((code, name)) = row.category_code.zip(row.category_name)
            && let Some(function) = functions.last_mut()
        {
            function.categories.push(GroupOutline { code, name });
        }
    }
    Ok(functions)
}

/// The frameworks that a catalog's items have confirmed mappings to.
///
/// # Errors
/// When the database refuses.
pub async fn mapped_frameworks(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(sqlx::query_scalar!(
        "SELECT f.id FROM frameworks f
         WHERE EXISTS (SELECT FROM metric_catalog_items i
                       JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = i.id AND p.framework_id = f.id
                       WHERE i.catalog_id = $1 AND p.is_confirmed)
         ORDER BY f.name, f.version",
        catalog_id
    )
    .fetch_all(conn)
    .await?)
}

/// A metric in one of the places where it counts.
#[derive(Debug)]
pub struct Placed {
    pub metric_id: Uuid,
    pub measure: Measure,
    pub function_code: String,
    pub category_code: Option<String>,
}

#[derive(Debug)]
struct Row {
    id: Uuid,
    current_value: Option<Decimal>,
    target_value: Option<Decimal>,
    target_lower: Option<Decimal>,
    target_upper: Option<Decimal>,
    direction: String,
    priority: String,
    function_code: String,
    category_code: Option<String>,
}

impl TryFrom<Row> for Placed {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Placed {
            metric_id: row.id,
            measure: Measure {
                direction: direction(&row.direction)?,
                priority: priority(&row.priority)?,
                current: row.current_value,
                target: row.target_value,
                lower: row.target_lower,
                upper: row.target_upper,
            },
            function_code: row.function_code,
            category_code: row.category_code,
        })
    }
}

fn direction(name: &str) -> Result<Direction> {
    name.parse().map_err(|error| Error::failed(format!("metrics.direction: {error}")))
}

fn priority(name: &str) -> Result<Priority> {
    name.parse().map_err(|error| Error::failed(format!("metrics.priority: {error}")))
}

/// Hands every metric of a catalog to `take`, once for each confirmed mapping to the framework; the rows of a metric follow one
/// another. The rows are taken as they arrive, so memory does not grow with the catalog.
///
/// # Errors
/// When the database refuses.
pub async fn each_of_catalog(
    conn: &mut PgConnection,
    catalog_id: Uuid,
    framework_id: Uuid,
    mut take: impl FnMut(Placed),
) -> Result<()> {
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT m.id, m.current_value, m.target_value, m.target_lower, m.target_upper, m.direction::text AS "direction!",
                  m.priority::text AS "priority!", p.function_code, p.category_code
           FROM metrics m
           JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = $2 AND p.is_confirmed
           WHERE m.catalog_id = $1
           ORDER BY m.id"#,
        catalog_id,
        framework_id
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row.try_into()?);
    }
    Ok(())
}

/// Hands every metric of the default library whose function is one of the framework's to `take`, as they arrive.
///
/// # Errors
/// When the database refuses.
pub async fn each_of_library(conn: &mut PgConnection, framework_id: Uuid, mut take: impl FnMut(Placed)) -> Result<()> {
    let mut rows = sqlx::query_as!(
        Row,
        r#"SELECT m.id, m.current_value, m.target_value, m.target_lower, m.target_upper, m.direction::text AS "direction!",
                  m.priority::text AS "priority!", m.csf_function AS function_code, m.csf_category AS category_code
           FROM metrics m
           WHERE m.catalog_id IS NULL AND m.csf_function IN (SELECT code FROM framework_functions WHERE framework_id = $1)"#,
        framework_id
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(row.try_into()?);
    }
    Ok(())
}

/// What a metric is called.
#[derive(Debug, Clone)]
pub struct Called {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
}

/// The names of metrics, by number and name.
///
/// # Errors
/// When the database refuses.
pub async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Called>> {
    Ok(sqlx::query_as!(
        Called,
        "SELECT id, metric_number, name FROM metrics WHERE id = ANY($1) ORDER BY metric_number, name, id",
        ids
    )
    .fetch_all(conn)
    .await?)
}

/// A function's score to store.
#[derive(Debug, Clone)]
pub struct NewFunctionScore {
    pub function_code: String,
    /// Two decimals.
    pub score: Decimal,
    pub rating: String,
    /// Metrics in the calculation.
    pub metric_count: i32,
}

/// Whose scores they are and of when.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    pub framework_id: Uuid,
    /// None for the default library.
    pub catalog_id: Option<Uuid>,
    /// UTC.
    pub calculated_at: NaiveDateTime,
}

/// Stores the functions' scores of one calculation.
///
/// # Errors
/// When the database refuses.
pub async fn insert_function_scores(
    conn: &mut PgConnection,
    key: Key,
    valid_until: Option<NaiveDateTime>,
    scores: &[NewFunctionScore],
) -> Result<()> {
    let ids: Vec<Uuid> = scores.iter().map(|_| Uuid::now_v7()).collect();
    let codes: Vec<String> = scores.iter().map(|score| score.function_code.clone()).collect();
    let values: Vec<Decimal> = scores.iter().map(|score| score.score).collect();
    let ratings: Vec<String> = scores.iter().map(|score| score.rating.clone()).collect();
    let counts: Vec<i32> = scores.iter().map(|score| score.metric_count).collect();
    sqlx::query!(
        "INSERT INTO function_scores (id, framework_id, function_code, catalog_id, score, rating, metric_count, calculated_at,
                                      valid_until)
         SELECT s.id, $6, s.function_code, $7, s.score, s.rating, s.metric_count, $8, $9
         FROM unnest($1::uuid[], $2::text[], $3::numeric[], $4::text[], $5::int[])
              AS s (id, function_code, score, rating, metric_count)",
        &ids,
        &codes,
        &values,
        &ratings,
        &counts,
        key.framework_id,
        key.catalog_id,
        key.calculated_at,
        valid_until
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Stores the overall score of one calculation with its breakdown.
///
/// # Errors
/// When the database refuses.
pub async fn insert_framework_score(
    conn: &mut PgConnection,
    key: Key,
    overall_score: Decimal,
    overall_rating: &str,
    function_scores: &Value,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO framework_scores (id, framework_id, catalog_id, overall_score, overall_rating, function_scores, calculated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        key.framework_id,
        key.catalog_id,
        overall_score,
        overall_rating,
        function_scores,
        key.calculated_at
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// A stored overall score.
#[derive(Debug, Clone)]
pub struct FrameworkScore {
    pub overall_score: Decimal,
    pub overall_rating: String,
    /// The breakdown.
    pub function_scores: Value,
    /// UTC.
    pub calculated_at: NaiveDateTime,
}

/// The newest stored overall score of a catalog, or of the default library for none.
///
/// # Errors
/// When the database refuses.
pub async fn newest(conn: &mut PgConnection, framework_id: Uuid, catalog_id: Option<Uuid>) -> Result<Option<FrameworkScore>> {
    Ok(sqlx::query_as!(
        FrameworkScore,
        "SELECT overall_score, overall_rating, function_scores, calculated_at FROM framework_scores
         WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2
         ORDER BY calculated_at DESC, id DESC LIMIT 1",
        framework_id,
        catalog_id
    )
    .fetch_optional(conn)
    .await?)
}
