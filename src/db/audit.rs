//! The audit trail: one row of `ai_change_log` for each command that writes.

use chrono::NaiveDateTime;
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

/// One row of the trail with the user's name.
#[derive(Debug, Clone)]
pub struct Entry {
    pub id: Uuid,
    /// UTC.
    pub timestamp: NaiveDateTime,
    pub action: String,
    pub source: String,
    pub mode: Option<String>,
    pub username: Option<String>,
    pub prompt: Option<String>,
    pub result: Option<Value>,
    pub ai_provider: Option<String>,
    pub ai_model: Option<String>,
    pub tokens_used: Option<i32>,
}

/// Which rows of the trail to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// An action such as `catalog.activate`, or the noun before the dot.
    pub action: Option<String>,
    pub user_id: Option<Uuid>,
    /// Not before this instant, UTC.
    pub since: Option<NaiveDateTime>,
    /// Before this instant, UTC.
    pub until: Option<NaiveDateTime>,
    /// At most so many, the newest.
    pub limit: i64,
}

/// The newest rows of the trail, newest first.
///
/// # Errors
/// When the database refuses.
pub async fn list(conn: &mut PgConnection, filter: &Filter) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"SELECT l.id, l.timestamp, l.action, l.source, l.mode, u.username AS "username?", l.prompt, l.result, l.ai_provider,
                  l.ai_model, l.tokens_used
           FROM ai_change_log l LEFT JOIN users u ON u.id = l.user_id
           WHERE ($1::text IS NULL OR l.action = $1 OR split_part(l.action, '.', 1) = $1)
             AND ($2::uuid IS NULL OR l.user_id = $2)
             AND ($3::timestamp IS NULL OR l.timestamp >= $3)
             AND ($4::timestamp IS NULL OR l.timestamp < $4)
           ORDER BY l.timestamp DESC, l.id DESC LIMIT $5"#,
        filter.action,
        filter.user_id,
        filter.since,
        filter.until,
        filter.limit
    )
    .fetch_all(conn)
    .await?)
}

/// The rows of the trail whose ids begin so, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn find(conn: &mut PgConnection, id_prefix: &str, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"SELECT l.id, l.timestamp, l.action, l.source, l.mode, u.username AS "username?", l.prompt, l.result, l.ai_provider,
                  l.ai_model, l.tokens_used
           FROM ai_change_log l LEFT JOIN users u ON u.id = l.user_id
           WHERE starts_with(l.id::text, $1) ORDER BY l.timestamp, l.id LIMIT $2"#,
        id_prefix,
        limit
    )
    .fetch_all(conn)
    .await?)
}

/// The actions there are.
///
/// # Errors
/// When the database refuses.
pub async fn actions(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!("SELECT DISTINCT action FROM ai_change_log ORDER BY action").fetch_all(conn).await?)
}

/// What a model was asked and what it cost.
#[derive(Debug, Clone, Copy)]
pub struct Model<'a> {
    /// Such as `openai-compatible`, or `cmf` for the method in the binary.
    pub provider: &'a str,
    /// The model's name, or the method's with its version.
    pub name: &'a str,
    /// What was sent to it first.
    pub prompt: Option<&'a str>,
    /// Tokens over all requests, where they are counted.
    pub tokens: Option<i32>,
}

/// Writes the audit row of a command that had a model or a method suggest something.
///
/// # Errors
/// When the database refuses.
pub async fn insert_suggested(conn: &mut PgConnection, action: &str, model: Model<'_>, result: &Value) -> Result<()> {
    sqlx::query!(
        "INSERT INTO ai_change_log (id, action, source, mode, prompt, result, ai_provider, ai_model, tokens_used)
         VALUES ($1, $2, 'cmf', 'suggest', $3, $4, $5, $6, $7)",
        Uuid::now_v7(),
        action,
        model.prompt,
        result,
        model.provider,
        model.name,
        model.tokens,
    )
    .execute(conn)
    .await?;
    Ok(())
}
