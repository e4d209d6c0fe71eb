//! What scores are computed from, and the scores that were.

mod newest;
mod past;
mod placed;

pub use newest::{FrameworkScore, newest, since};
pub use past::{Made, Valued, definitions_of, kept, made, mapped, mapped_since, method_at, places_of, said_of, values_at};
pub use placed::{Code, Placed, each_of_catalog, each_of_library};

use chrono::NaiveDateTime;
use futures_util::TryStreamExt;
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use super::metrics::metric;
use super::stored;
use super::value::Time;
use crate::domain::metric::{Direction, Metric, Priority};
use crate::domain::number::{Number, finite};
use crate::domain::score::{Age, Certainty, FunctionOutline, GroupOutline, Measure, Rating};
use crate::error::Result;

/// The server's clock, UTC: when the transaction began.
pub async fn now(conn: &mut PgConnection) -> Result<NaiveDateTime> {
    Ok(sqlx::query_scalar!(r#"SELECT now() AT TIME ZONE 'utc' AS "now!""#).fetch_one(conn).await?)
}

/// The functions and categories of a framework, in document order.
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

#[derive(Debug, Clone)]
pub struct Called {
    pub id: Uuid,
    pub metric_number: Option<String>,
    pub name: String,
}

/// The names of metrics, by number and name.
pub async fn names(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Called>> {
    Ok(sqlx::query_as!(
        Called,
        "SELECT id, metric_number, name FROM metrics WHERE id = ANY($1) ORDER BY metric_number, name, id",
        ids
    )
    .fetch_all(conn)
    .await?)
}

/// A metric whose direction nobody set.
#[derive(Debug, Clone)]
pub struct Assumed {
    pub metric_number: Option<String>,
    pub name: String,
    pub direction: Direction,
    /// What told it; none where an earlier import took a direction without a word.
    pub told_by: Option<String>,
}

/// Metrics whose direction nobody set, by number and name.
pub async fn assumed(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Assumed>> {
    Ok(sqlx::query_as!(
        Assumed,
        r#"SELECT m.metric_number, m.name, m.direction::text AS "direction!: Direction",
                  i.original_data #>> '{parsed,direction_told}' AS told_by
           FROM metrics m JOIN metric_catalog_items i ON i.id = m.id
           WHERE m.id = ANY($1) ORDER BY m.metric_number, m.name, m.id"#,
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
    pub rating: Rating,
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
pub async fn insert_function_scores(
    conn: &mut PgConnection,
    key: Key,
    valid_until: Option<NaiveDateTime>,
    scores: &[NewFunctionScore],
) -> Result<()> {
    watch(conn, Scope::Scores(key.catalog_id)).await?;
    let ids: Vec<Uuid> = scores.iter().map(|_| Uuid::now_v7()).collect();
    let codes: Vec<String> = scores.iter().map(|score| score.function_code.clone()).collect();
    let values: Vec<Decimal> = scores.iter().map(|score| score.score).collect();
    let ratings: Vec<String> = scores.iter().map(|score| score.rating.to_string()).collect();
    let counts: Vec<i32> = scores.iter().map(|score| score.metric_count).collect();
    let inserted = sqlx::query!(
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
    stored::all("function_scores", scores.len(), inserted.rows_affected())?;
    Ok(())
}

/// Stores the overall score of one calculation with its breakdown.
pub async fn insert_framework_score(
    conn: &mut PgConnection,
    key: Key,
    overall_score: Decimal,
    overall_rating: Rating,
    function_scores: &Value,
) -> Result<()> {
    let inserted = sqlx::query!(
        "INSERT INTO framework_scores (id, framework_id, catalog_id, overall_score, overall_rating, function_scores, calculated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        key.framework_id,
        key.catalog_id,
        overall_score,
        overall_rating.as_str(),
        function_scores,
        key.calculated_at
    )
    .execute(conn)
    .await?;
    stored::all("framework_scores", 1, inserted.rows_affected())?;
    Ok(())
}

/// A metric with all that explains its score.
#[derive(Debug)]
pub struct Detail {
    pub metric: Metric,
    /// The newest reading at or before the instant asked for, UTC.
    pub recorded_at: Option<NaiveDateTime>,
    /// How often it is measured, as the sheet says.
    pub frequency: Option<String>,
    /// Who is responsible for it, as the sheet says.
    pub owner: Option<String>,
    /// What told its direction, if nobody set it.
    pub told_by: Option<String>,
    /// Its functions and, in the same order, the category in each or none, and the subcategory in that or none.
    pub functions: Vec<String>,
    pub categories: Vec<Option<String>>,
    pub subcategories: Vec<Option<String>>,
}

/// Hands the metrics of a catalog, or of the default library for none, that count in the framework to `take`, by number and
/// name; with their values now or at an instant.
///
/// The value at an instant is the newest reading at or before it. A metric that has no reading at all keeps its current value
/// from the instant it was made.
pub async fn details(
    conn: &mut PgConnection,
    catalog_id: Option<Uuid>,
    framework_id: Uuid,
    at: Option<NaiveDateTime>,
    mut take: impl FnMut(Detail),
) -> Result<()> {
    let mut rows = sqlx::query!(
        r#"SELECT m.id, m.metric_number, m.name, m.unit, m.is_locked, k.name AS "catalog?", m.target_value AS "target_value: Number",
                  m.target_lower AS "target_lower: Number", m.target_upper AS "target_upper: Number",
                  m.direction::text AS "direction!: Direction", m.priority::text AS "priority!: Priority",
                  coalesce((SELECT i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL
                            FROM metric_catalog_items i WHERE i.id = m.id), FALSE) AS "is_assumed!",
                  p.functions AS "functions!: Vec<String>", p.categories AS "categories!: Vec<Option<String>>",
                  p.subcategories AS "subcategories!: Vec<Option<String>>", h.recorded_at AS "recorded_at!: Time",
                  CASE WHEN $3::timestamp IS NULL THEN m.current_value
                       WHEN h.value IS NOT NULL THEN h.value
                       WHEN m.created_at <= $3 AND NOT EXISTS (SELECT FROM metric_history e WHERE e.metric_id = m.id)
                       THEN m.current_value END AS "current_value: Number",
                  (SELECT i.original_data #>> '{parsed,frequency}' FROM metric_catalog_items i WHERE i.id = m.id) AS frequency,
                  (SELECT i.original_data #>> '{parsed,owner}' FROM metric_catalog_items i WHERE i.id = m.id) AS owner,
                  (SELECT i.original_data #>> '{parsed,direction_told}' FROM metric_catalog_items i WHERE i.id = m.id) AS told_by
           FROM metrics m LEFT JOIN metric_catalogs k ON k.id = m.catalog_id
           CROSS JOIN LATERAL (
               SELECT array_agg(c.function_code::text) AS functions, array_agg(c.category_code::text) AS categories,
                      array_agg(c.subcategory_code::text) AS subcategories
               FROM metric_catalog_framework_mappings c
               WHERE $1::uuid IS NOT NULL AND c.catalog_item_id = m.id AND c.framework_id = $2 AND c.is_confirmed
               UNION ALL
               SELECT ARRAY[m.csf_function::text], ARRAY[m.csf_category::text], ARRAY[NULL::text]
               WHERE $1::uuid IS NULL AND m.csf_function IN (SELECT code FROM framework_functions WHERE framework_id = $2)) p
           LEFT JOIN LATERAL (
               SELECT r.value, r.recorded_at FROM metric_history r
               WHERE r.metric_id = m.id AND r.recorded_at <= coalesce($3::timestamp, 'infinity')
               ORDER BY r.recorded_at DESC LIMIT 1) h ON TRUE
           WHERE (m.catalog_id = $1 OR ($1::uuid IS NULL AND m.catalog_id IS NULL)) AND p.functions IS NOT NULL
           ORDER BY m.metric_number, m.name, m.id"#,
        catalog_id,
        framework_id,
        at
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(Detail {
            metric: metric!(row),
            recorded_at: row.recorded_at.into(),
            frequency: row.frequency,
            owner: row.owner,
            told_by: row.told_by,
            functions: row.functions,
            categories: row.categories,
            subcategories: row.subcategories,
        });
    }
    Ok(())
}

/// A metric with its values at several instants.
#[derive(Debug)]
pub struct Timed {
    pub id: Uuid,
    /// Its current value is not set.
    pub measure: Measure,
    pub functions: Vec<String>,
    pub categories: Vec<Option<String>>,
    /// One for each instant, in their order.
    pub values: Vec<Option<Decimal>>,
    /// When these were read, UTC; none for a value that no reading has.
    pub recorded_at: Vec<Option<NaiveDateTime>>,
    /// How often it is measured, as the sheet says.
    pub frequency: Option<String>,
}

/// Hands every metric of a catalog, or of the default library for none, that counts in the framework to `take`, with its values
/// at each of the instants; one round trip for all of them. The rules for values are those of [`details`].
pub async fn each_at(
    conn: &mut PgConnection,
    catalog_id: Option<Uuid>,
    framework_id: Uuid,
    instants: &[NaiveDateTime],
    mut take: impl FnMut(Timed),
) -> Result<()> {
    let mut rows = sqlx::query!(
        r#"SELECT m.id, m.target_value AS "target_value: Number", m.target_lower AS "target_lower: Number",
                  m.target_upper AS "target_upper: Number", m.direction::text AS "direction!: Direction",
                  m.priority::text AS "priority!: Priority",
                  i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL
                      AS is_assumed, p.functions AS "functions!: Vec<String>",
                  p.categories AS "categories!: Vec<Option<String>>",
                  coalesce(t.values, '{}') AS "values!: Vec<Option<Decimal>>",
                  coalesce(t.recorded_at, '{}') AS "recorded_at!: Vec<Option<NaiveDateTime>>",
                  i.original_data #>> '{parsed,frequency}' AS frequency
           FROM metrics m
           LEFT JOIN metric_catalog_items i ON i.id = m.id AND i.catalog_id = $1
           CROSS JOIN LATERAL (
               SELECT array_agg(c.function_code::text) AS functions, array_agg(c.category_code::text) AS categories
               FROM metric_catalog_framework_mappings c
               WHERE $1::uuid IS NOT NULL AND c.catalog_item_id = m.id AND c.framework_id = $2 AND c.is_confirmed
               UNION ALL
               SELECT ARRAY[m.csf_function::text], ARRAY[m.csf_category::text]
               WHERE $1::uuid IS NULL AND m.csf_function IN (SELECT code FROM framework_functions WHERE framework_id = $2)) p
           CROSS JOIN LATERAL (
               SELECT array_agg(s.value) AS values, array_agg(s.recorded_at) AS recorded_at
               FROM (SELECT nullif(coalesce(h.value, CASE WHEN m.created_at <= t.at
                                   AND NOT EXISTS (SELECT FROM metric_history e WHERE e.metric_id = m.id) THEN m.current_value END),
                                   'NaN') AS value,
                            CASE WHEN isfinite(h.recorded_at) THEN h.recorded_at END AS recorded_at
                     FROM unnest($3::timestamp[]) WITH ORDINALITY AS t (at, n)
                     LEFT JOIN LATERAL (
                         SELECT r.value, r.recorded_at FROM metric_history r WHERE r.metric_id = m.id AND r.recorded_at <= t.at
                         ORDER BY r.recorded_at DESC LIMIT 1) h ON TRUE
                     ORDER BY t.n) s) t
           WHERE (m.catalog_id = $1 OR ($1::uuid IS NULL AND m.catalog_id IS NULL)) AND p.functions IS NOT NULL"#,
        catalog_id,
        framework_id,
        instants
    )
    .fetch(conn);
    while let Some(row) = rows.try_next().await? {
        take(Timed {
            id: row.id,
            measure: Measure {
                direction: row.direction,
                priority: row.priority,
                current: None,
                target: finite(row.target_value),
                lower: finite(row.target_lower),
                upper: finite(row.target_upper),
                is_assumed: row.is_assumed.unwrap_or(false),
                age: Age::Fresh,
            },
            functions: row.functions,
            categories: row.categories,
            values: row.values,
            recorded_at: row.recorded_at,
            frequency: row.frequency,
        });
    }
    Ok(())
}

/// Which of these instants have a stored overall score.
pub async fn stored_instants(
    conn: &mut PgConnection,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    instants: &[NaiveDateTime],
) -> Result<Vec<NaiveDateTime>> {
    Ok(sqlx::query_scalar!(
        "SELECT calculated_at FROM framework_scores
         WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2 AND calculated_at = ANY($3)",
        framework_id,
        catalog_id,
        instants
    )
    .fetch_all(conn)
    .await?)
}

/// Takes out the scores that a backfill stored at these instants, never those of a live calculation. Returns how many
/// instants had one.
pub async fn delete_backfilled(
    conn: &mut PgConnection,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    instants: &[NaiveDateTime],
) -> Result<u64> {
    watch(conn, Scope::Scores(catalog_id)).await?;
    let deleted = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT id, calculated_at FROM framework_scores
               WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2 AND calculated_at = ANY($3)
                 AND function_scores ? 'as_of'),
           parts AS MATERIALIZED (
               SELECT id FROM function_scores
               WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2
                 AND calculated_at IN (SELECT calculated_at FROM meant)),
           gone AS (DELETE FROM framework_scores WHERE id IN (SELECT id FROM meant) RETURNING id),
           parts_gone AS (DELETE FROM function_scores WHERE id IN (SELECT id FROM parts) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM gone) AS "gone!",
                  (SELECT count(*) FROM parts) AS "parts!", (SELECT count(*) FROM parts_gone) AS "parts_gone!",
                  (SELECT count(DISTINCT calculated_at) FROM meant) AS "instants!""#,
        framework_id,
        catalog_id,
        instants
    )
    .fetch_one(conn)
    .await?;
    stored::all("framework_scores", deleted.meant, deleted.gone)?;
    stored::all("function_scores", deleted.parts, deleted.parts_gone)?;
    Ok(u64::try_from(deleted.instants).unwrap_or_default())
}

/// A stored score at its instant.
#[derive(Debug, Clone)]
pub struct Point {
    /// UTC.
    pub calculated_at: NaiveDateTime,
    pub score: Decimal,
    /// As whoever stored it wrote it.
    pub rating: String,
    /// How much of it was fresh, and where it would lie otherwise; none where nobody looked.
    pub certainty: Option<Certainty>,
}

/// The stored overall scores, or those of one function, in the order of time. What has no place on a line is not among them:
/// scores that are no number, and instants that no calendar has.
pub async fn history(
    conn: &mut PgConnection,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    function_code: Option<&str>,
    from: Option<NaiveDateTime>,
    to: Option<NaiveDateTime>,
) -> Result<Vec<Point>> {
    let rows = sqlx::query!(
        r#"SELECT calculated_at AS "calculated_at!", score AS "score!", rating AS "rating!",
                  CASE WHEN jsonb_typeof(certain -> 'fresh_share') = 'number' THEN (certain -> 'fresh_share')::numeric END AS share,
                  CASE WHEN jsonb_typeof(certain -> 'score_low') = 'number' THEN (certain -> 'score_low')::numeric END AS low,
                  CASE WHEN jsonb_typeof(certain -> 'score_high') = 'number' THEN (certain -> 'score_high')::numeric END AS high
           FROM (SELECT calculated_at, overall_score AS score, overall_rating AS rating, function_scores -> 'certain' AS certain
                 FROM framework_scores
                 WHERE $3::text IS NULL AND framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2
                 UNION ALL
                 SELECT p.calculated_at, p.score, p.rating,
                        (SELECT jsonb_path_query_first(w.function_scores, '$.functions[*] ? (@.function_code == $code)',
                                                       jsonb_build_object('code', $3::text), TRUE)
                         FROM framework_scores w
                         WHERE w.framework_id = $1 AND w.catalog_id IS NOT DISTINCT FROM $2 AND w.calculated_at = p.calculated_at
                         LIMIT 1)
                 FROM function_scores p
                 WHERE p.function_code = $3 AND p.framework_id = $1 AND p.catalog_id IS NOT DISTINCT FROM $2) AS stored
           WHERE score <> 'NaN' AND isfinite(calculated_at) AND calculated_at BETWEEN coalesce($4, '-infinity'::timestamp) AND coalesce($5, 'infinity'::timestamp)
           ORDER BY calculated_at"#,
        framework_id,
        catalog_id,
        function_code,
        from,
        to
    )
    .fetch_all(conn)
    .await?;
    let points = rows.into_iter().map(|row| Point {
        calculated_at: row.calculated_at,
        score: row.score,
        rating: row.rating,
        certainty: row.share.zip(row.low).zip(row.high).map(|((share, low), high)| Certainty { share, low, high }),
    });
    Ok(points.collect())
}

/// A number that differs when anything that a score is computed from differs: metrics, values and when they were read, frequencies,
/// targets, priorities, confirmed mappings, the framework's functions and categories.
pub async fn fingerprint(conn: &mut PgConnection, catalog_id: Option<Uuid>, framework_id: Uuid) -> Result<String> {
    Ok(sqlx::query_scalar!(
        r#"SELECT concat_ws('.', count(*), sum(hashtextextended(part, 0)::numeric)) AS "fingerprint!"
           FROM (SELECT ROW(m.id, m.current_value, m.target_value, m.target_lower, m.target_upper, m.direction, m.priority,
                            p.function_code, p.category_code,
                            (SELECT max(h.recorded_at) FROM metric_history h WHERE h.metric_id = m.id),
                            (SELECT i.original_data #>> '{parsed,frequency}' FROM metric_catalog_items i WHERE i.id = m.id),
                            coalesce((SELECT i.direction IS NULL AND i.original_data ? 'source' OR i.original_data #> '{parsed,direction_told}' IS NOT NULL
                                      FROM metric_catalog_items i WHERE i.id = m.id), FALSE))::text AS part
                 FROM metrics m
                 JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = $2 AND p.is_confirmed
                 WHERE m.catalog_id = $1
                 UNION ALL
                 SELECT ROW(m.id, m.current_value, m.target_value, m.target_lower, m.target_upper, m.direction, m.priority,
                            m.csf_function, m.csf_category,
                            (SELECT max(h.recorded_at) FROM metric_history h WHERE h.metric_id = m.id))::text
                 FROM metrics m WHERE $1::uuid IS NULL AND m.catalog_id IS NULL
                 UNION ALL
                 SELECT ROW(f.code, c.code)::text
                 FROM framework_functions f LEFT JOIN framework_categories c ON c.function_id = f.id
                 WHERE f.framework_id = $2) AS parts"#,
        catalog_id,
        framework_id
    )
    .fetch_one(conn)
    .await?)
}
