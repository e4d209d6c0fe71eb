//! The newest overall scores that are stored.

use chrono::NaiveDateTime;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::super::value::Time;
use crate::domain::number::Number;
use crate::error::Result;

/// A stored overall score.
#[derive(Debug, Clone)]
pub struct FrameworkScore {
    pub overall_score: Number,
    /// As whoever stored it wrote it.
    pub overall_rating: String,
    pub function_scores: Value,
    /// UTC.
    pub calculated_at: NaiveDateTime,
}

/// The newest stored overall score of a catalog, or of the default library for none.
pub async fn newest(conn: &mut PgConnection, framework_id: Uuid, catalog_id: Option<Uuid>) -> Result<Option<FrameworkScore>> {
    Ok(sqlx::query_as!(
        FrameworkScore,
        r#"SELECT overall_score AS "overall_score!: Number", overall_rating, function_scores,
                  calculated_at AS "calculated_at!: Time"
           FROM framework_scores WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2
           ORDER BY calculated_at DESC, id DESC LIMIT 1"#,
        framework_id,
        catalog_id
    )
    .fetch_optional(conn)
    .await?)
}

/// The stored overall scores since an instant, the newest first, without those that a backfill filled in.
pub async fn since(
    conn: &mut PgConnection,
    framework_id: Uuid,
    catalog_id: Option<Uuid>,
    from: NaiveDateTime,
) -> Result<Vec<FrameworkScore>> {
    Ok(sqlx::query_as!(
        FrameworkScore,
        r#"SELECT overall_score AS "overall_score!: Number", overall_rating, function_scores,
                  calculated_at AS "calculated_at!: Time"
           FROM framework_scores
           WHERE framework_id = $1 AND catalog_id IS NOT DISTINCT FROM $2 AND calculated_at >= $3 AND NOT function_scores ? 'as_of'
           ORDER BY calculated_at DESC, id DESC"#,
        framework_id,
        catalog_id,
        from
    )
    .fetch_all(conn)
    .await?)
}
