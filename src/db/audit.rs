//! The audit trail: one row of `ai_change_log` for each command that writes.

use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::error::Result;

/// Writes the audit row of a command: what it did (`import`, `record`, ...), for whom, and with which counts.
///
/// # Errors
/// When the database refuses.
pub async fn insert(conn: &mut PgConnection, action: &str, user_id: Option<Uuid>, result: &Value) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ai_change_log (id, action, source, user_id, result) VALUES ($1, $2, 'cmf', $3, $4)",
        Uuid::now_v7(),
        action,
        user_id,
        result,
    )
    .execute(conn)
    .await?;
    Ok(())
}
