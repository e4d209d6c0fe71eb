//! The audit trail: one row of `ai_change_log` for each command that writes. The rows that cmf writes are a chain: each holds
//! the hash of the one before it.

mod chain;

pub use chain::{Finding, Head, Outside, findings, hash_of, head, outside};

use chrono::NaiveDateTime;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::value::Time;
use crate::db::{Transaction, literal};
use crate::error::Result;

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

/// Writes the audit row of a command: what it did (`catalog.import`, `reading.record`, ...), for whom, and with which counts.
/// It is the last statement before COMMIT: from here on, others who write wait.
///
/// # Errors
/// When the database refuses.
pub async fn insert(conn: &mut PgConnection, action: &str, user_id: Option<Uuid>, result: &Value) -> Result<()> {
    append(conn, action, user_id, None, result).await
}

/// Writes the audit row of a command and commits, at once where the transaction can: others who write wait no longer than the
/// server takes for both.
///
/// # Errors
/// When the database refuses, or the connection is lost before it answers.
pub async fn insert_and_commit(tx: Transaction<'_>, action: &str, user_id: Option<Uuid>, result: &Value) -> Result<()> {
    tx.commit_after(&link(action, user_id, None, result)).await?;
    Ok(())
}

/// Writes the audit row of a command that had a model or a method suggest something.
///
/// # Errors
/// When the database refuses.
pub async fn insert_suggested(conn: &mut PgConnection, action: &str, model: Model<'_>, result: &Value) -> Result<()> {
    append(conn, action, None, Some(model), result).await
}

async fn append(
    conn: &mut PgConnection,
    action: &str,
    user_id: Option<Uuid>,
    model: Option<Model<'_>>,
    result: &Value,
) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(link(action, user_id, model, result))).execute(conn).await?;
    Ok(())
}

/// The statement that writes an audit row if a condition holds then. One before it has called [`lock`].
pub(super) fn link_if(condition: &str, action: &str, user_id: Option<Uuid>, result: &Value) -> String {
    linked(action, user_id, None, result, condition)
}

/// The call that takes the lock of the chain until the transaction ends.
pub(super) fn lock() -> String {
    format!("pg_advisory_xact_lock({LOCK} << 32 | 'ai_change_log'::regclass::oid::bigint)")
}

/// Adds a link to the chain. The lock keeps the chain a line: whoever holds it sees the newest row and is the only one who adds.
/// A statement sees what was committed when it began, so the lock is taken by a statement of its own; both are one message.
///
/// The newest row is found by the primary key: ids are UUIDv7, made here so that they rise along the chain even when the clock
/// is set back. Random ids of other programs lie above those of the next years, but for few. The planner knows nothing of how
/// many rows are links: `OFFSET 0` keeps it from sorting all of them. Every constant has its type, which spares the server a
/// search among its operators; whoever records a reading with each process feels that.
fn link(action: &str, user_id: Option<Uuid>, model: Option<Model<'_>>, result: &Value) -> String {
    format!("SELECT {}; {}", lock(), linked(action, user_id, model, result, "TRUE"))
}

fn linked(action: &str, user_id: Option<Uuid>, model: Option<Model<'_>>, result: &Value, condition: &str) -> String {
    let text = |text: Option<&str>| text.map_or("NULL".to_owned(), |text| literal(&text.replace('\0', "")));
    let (action, result) = (text(Some(action)), text(Some(&result.to_string())));
    let user_id = text(user_id.map(|id| id.to_string()).as_deref());
    let mode = text(model.map(|_| "suggest"));
    let prompt = text(model.and_then(|model| model.prompt));
    let (provider, name) = (text(model.map(|model| model.provider)), text(model.map(|model| model.name)));
    let tokens = model.and_then(|model| model.tokens).map_or("NULL".to_owned(), |tokens| tokens.to_string());
    let beyond = beyond(chrono::Utc::now().timestamp_millis());
    // The hash is over what `chain::findings` reads back.
    format!(
        r"INSERT INTO ai_change_log (id, timestamp, action, source, mode, user_id, prompt, result, ai_provider, ai_model,
                                   tokens_used, created_at)
        SELECT id, timestamp, action, source, mode, user_id, prompt,
               jsonb_set(result, '{{chain,hash}}'::text[],
                         to_jsonb(encode(sha256(convert_to(to_jsonb(entry)::text, 'UTF8'::name)), 'hex'::text))),
               ai_provider, ai_model, tokens_used, created_at
        FROM (
            SELECT (substr(rising, 1, 12) || '7'::text || substr(rising, 13) || substr(gen_random_uuid()::text, 20))::uuid AS id,
                   now AT TIME ZONE 'UTC'::text AS timestamp, {action}::text AS action, 'cmf'::text AS source,
                   {mode}::text AS mode, {user_id}::uuid AS user_id, {prompt}::text AS prompt,
                   {result}::jsonb || jsonb_build_object('chain', jsonb_build_object(
                       'seq', seq, 'prev', prev, 'role', session_user)) AS result,
                   {provider}::text AS ai_provider, {name}::text AS ai_model, {tokens}::integer AS tokens_used,
                   now AT TIME ZONE 'UTC'::text AS created_at
            FROM (
                SELECT now, coalesce((head.chain ->> 'seq'::text)::numeric, 0::numeric) + 1::numeric AS seq,
                       head.chain -> 'hash'::text AS prev,
                       lpad(to_hex(greatest(
                           floor(extract(epoch FROM now) * 4096000::numeric)::bigint,
                           ('x0'::text || substr(head.id, 1, 12) || substr(head.id, 14, 3))::bit(64)::bigint + 1::bigint)),
                           15, '0'::text) AS rising
                FROM (SELECT clock_timestamp() AS now) AS clock LEFT JOIN (
                    SELECT replace(id::text, '-'::text, ''::text) AS id, result -> 'chain'::text AS chain
                    FROM (SELECT id, result FROM ai_change_log WHERE id < '{beyond}'::uuid ORDER BY id DESC OFFSET 0) AS newest
                    WHERE jsonb_typeof(result #> '{{chain,seq}}'::text[]) = 'number'::text LIMIT 1
                ) AS head ON TRUE
                OFFSET 0
            ) AS place
            OFFSET 0
        ) AS entry
        WHERE {condition}"
    )
}

/// Above all ids of the chain, and above as few random ones as can be: the id of thirty years from now. A clock that stands
/// before this was written is wrong.
fn beyond(now: i64) -> Uuid {
    const WRITTEN: i64 = 1_795_000_000_000;
    const YEARS: i64 = 30 * 31_557_600_000;
    let millis = u128::try_from(now.max(WRITTEN) + YEARS).unwrap_or_default();
    Uuid::from_u128(millis << 80)
}

/// One half of the key of the lock: the letters `cmf!`. The other is the table's, for each schema has a chain of its own.
const LOCK: &str = "1668113953::bigint";

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
    /// Without the place in the chain.
    pub result: Option<Value>,
    pub chain: Option<Value>,
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
        r#"SELECT l.id, l.timestamp AS "timestamp!: Time", l.action, l.source, l.mode, u.username AS "username?", l.prompt, CASE jsonb_typeof(l.result) WHEN 'object' THEN l.result - 'chain' ELSE l.result END AS result,
                  l.result -> 'chain' AS chain, l.ai_provider, l.ai_model, l.tokens_used
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

/// The rows of the trail that have this number in the chain; else those whose ids begin so, at most `limit`.
///
/// # Errors
/// When the database refuses.
pub async fn find(conn: &mut PgConnection, seq_or_id: &str, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"SELECT l.id, l.timestamp AS "timestamp!: Time", l.action, l.source, l.mode, u.username AS "username?", l.prompt, CASE jsonb_typeof(l.result) WHEN 'object' THEN l.result - 'chain' ELSE l.result END AS result,
                  l.result -> 'chain' AS chain, l.ai_provider, l.ai_model, l.tokens_used
           FROM ai_change_log l LEFT JOIN users u ON u.id = l.user_id
           WHERE l.result #>> '{chain,seq}' = $1
                 OR starts_with(l.id::text, $1)
                    AND NOT EXISTS (SELECT FROM ai_change_log n WHERE n.result #>> '{chain,seq}' = $1)
           ORDER BY l.timestamp, l.id LIMIT $2"#,
        seq_or_id,
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

/// Where in the trail a page ended.
#[derive(Debug, Clone, Default)]
pub struct Position {
    /// The timestamp as the server writes it, which may be `infinity`; none at the beginning.
    pub at: Option<String>,
    pub id: Uuid,
}

/// A row with all its columns.
#[derive(Debug, Clone)]
pub struct Whole {
    pub position: Position,
    /// One JSON object.
    pub json: String,
}

/// The next rows after a position, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn page(
    conn: &mut PgConnection,
    since: Option<NaiveDateTime>,
    until: Option<NaiveDateTime>,
    after: &Position,
    limit: i64,
) -> Result<Vec<Whole>> {
    let rows = sqlx::query!(
        r#"SELECT id, timestamp::text AS "at!", row_to_json(l)::text AS "json!" FROM ai_change_log l
           WHERE ($1::timestamp IS NULL OR timestamp >= $1) AND ($2::timestamp IS NULL OR timestamp < $2)
             AND ($3::text IS NULL OR (timestamp, id) > ($3::text::timestamp, $4))
           ORDER BY timestamp, id LIMIT $5"#,
        since,
        until,
        after.at,
        after.id,
        limit
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| Whole { position: Position { at: Some(row.at), id: row.id }, json: row.json }).collect())
}
