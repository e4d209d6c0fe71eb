//! The audit trail: one row of `ai_change_log` for each command that writes. The rows that cmf writes are a chain: each holds
//! the hash of the one before it.

mod chain;
mod kept;

pub use chain::check;
pub use kept::{Kept, Prunable, Rows, newest_first, prunable, prune, undos};

use std::borrow::Cow;

use chrono::NaiveDateTime;
use serde_json::{Map, Value, json};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use crate::db::literal;
use crate::db::value::{Json, Time};
use crate::domain::chain::End;
use crate::domain::{image, trail};
use crate::error::{Error, Result};

/// What a model was asked and what it cost.
#[derive(Debug, Clone)]
pub struct Model<'a> {
    /// Such as `openai-compatible`, or `cmf` for the method in the binary.
    pub provider: &'a str,
    /// The model's name, or the method's with its version.
    pub name: Cow<'a, str>,
    /// What was sent to it first.
    pub prompt: Option<&'a str>,
    /// Tokens over all requests, where they are counted.
    pub tokens: Option<i32>,
}

/// What a command did, as the trail keeps it.
#[derive(Debug, Clone)]
pub struct Audit<'a> {
    action: &'a str,
    user_id: Option<Uuid>,
    model: Option<Model<'a>>,
    result: Value,
}

impl<'a> Audit<'a> {
    /// An action (`catalog.import`, `reading.record`, ...) with its counts, and the rows before and after where it keeps them.
    pub fn of(action: &'a str, result: Value) -> Self {
        Audit { action, user_id: None, model: None, result }
    }

    /// One row for what one command did several times: that of the only one, or `action` with a list of all of them.
    pub fn together(action: &'a str, list: &str, mut all: Vec<Self>) -> Option<Self> {
        match all.len() {
            0 | 1 => all.pop(),
            _ => {
                let results: Vec<Value> = all.into_iter().map(|one| one.result).collect();
                Some(Audit::of(action, json!({ list: results })))
            }
        }
    }

    pub fn action(&self) -> &str {
        self.action
    }

    #[must_use]
    pub fn by(self, user_id: Option<Uuid>) -> Self {
        Audit { user_id, ..self }
    }

    #[must_use]
    pub fn suggested(self, model: Model<'a>) -> Self {
        Audit { model: Some(model), ..self }
    }

    /// With the rows that were changed, before and after.
    #[must_use]
    pub fn with(mut self, image: Option<Value>) -> Self {
        if let (Some(image), Value::Object(members)) = (image, &mut self.result) {
            members.insert("image".to_owned(), image);
        }
        self
    }

    /// The statement that adds it to the chain, which is claimed first: what it locks is locked until the transaction ends, so it
    /// is the last one. With it comes the number that the row has there.
    pub async fn words(&self, conn: &mut PgConnection) -> Result<(String, i64)> {
        let rows = sqlx::raw_sql(AssertSqlSafe(claim())).fetch_all(&mut *conn).await?;
        self.words_after(conn, Claimed::of(rows)).await
    }

    /// The same where the chain was claimed already.
    pub async fn words_after(&self, conn: &mut PgConnection, claimed: Claimed) -> Result<(String, i64)> {
        let place = place(conn, claimed.0).await?;
        Ok((self.sql(&place), place.seq()))
    }
}

/// The answers of the server to [`lock`] and [`newest`], among those to other statements.
#[derive(Debug)]
pub struct Claimed(Vec<PgRow>);

impl Claimed {
    pub(super) fn of(answers: Vec<PgRow>) -> Self {
        Claimed(answers)
    }
}

/// Takes the lock of the chain and looks where it ends. The lock keeps the chain a line: whoever holds it sees the newest row
/// and is the only one who adds. A statement sees what was committed when it began, so the lock is taken by a statement of its
/// own; both are one message.
fn claim() -> String {
    format!("SELECT {}; {}", lock(), newest())
}

/// The columns that take the lock of the chain until the transaction ends, and tell when and for whom that was.
pub(super) fn lock() -> String {
    format!(
        "pg_advisory_xact_lock({LOCK} << 32 | 'ai_change_log'::regclass::oid::bigint), \
         clock_timestamp() AT TIME ZONE 'UTC'::text AS locked, session_user AS role"
    )
}

/// The statement that looks for the newest link.
///
/// It is found by the primary key: ids are UUIDv7 and rise along the chain even when the clock is set back. Random ids of other
/// programs lie above those of the next years, but for few. The hash is made by the client, for a server that has just been
/// connected to looks up every function and operator again, and whoever records a reading with each process feels that.
pub(super) fn newest() -> String {
    let beyond = beyond(chrono::Utc::now().timestamp_millis());
    format!(
        "SELECT id AS link, result -> 'chain'::text AS chain FROM ai_change_log WHERE id < '{beyond}'::uuid ORDER BY id DESC LIMIT 1"
    )
}

/// Where the next link has its place.
struct Locked {
    at: NaiveDateTime,
    role: String,
    head: Option<(Uuid, End)>,
}

impl Locked {
    /// The number of the next link.
    fn seq(&self) -> i64 {
        self.head.as_ref().map_or(1, |(_, end)| end.next())
    }
}

/// Reads the answers to [`claim`]. The newest row can be anybody's: if it is not a link, whatever it holds, the newest link is
/// looked for below it.
async fn place(conn: &mut PgConnection, rows: Vec<PgRow>) -> Result<Locked> {
    let mut locked = None;
    let mut newest = None;
    for row in &rows {
        if let (Ok(at), Ok(role)) = (row.try_get("locked"), row.try_get("role")) {
            locked = Some((at, role));
        } else if let Ok(id) = row.try_get::<Uuid, _>("link") {
            // JSON that cannot be read, such as a number beyond all bounds, is not cmf's.
            newest = Some((id, row.try_get::<Option<Value>, _>("chain").ok().flatten().as_ref().and_then(End::read)));
        }
    }
    let Some((at, role)) = locked else { return Err(Error::failed("the audit trail could not be locked")) };
    let head = match newest {
        None => None,
        Some((id, Some(end))) => Some((id, end)),
        Some((id, None)) => newest_below(conn, id).await?,
    };
    Ok(Locked { at, role, head })
}

/// The newest link below an id. What is a link is as [`End::read`] has it.
async fn newest_below(conn: &mut PgConnection, id: Uuid) -> Result<Option<(Uuid, End)>> {
    let row = sqlx::query!(
        r#"SELECT id, jsonb_build_object('seq', result #> '{chain,seq}', 'hash', result #> '{chain,hash}') AS "chain!"
           FROM ai_change_log
           WHERE id < $1
                 AND jsonb_typeof(result #> '{chain,seq}') = 'number' AND result #>> '{chain,seq}' ~ '^[1-9][0-9]{0,14}$'
                 AND jsonb_typeof(result #> '{chain,hash}') = 'string' AND result #>> '{chain,hash}' ~ '^[0-9a-f]{64}$'
           ORDER BY id DESC LIMIT 1"#,
        id
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.and_then(|row| End::read(&row.chain).map(|end| (row.id, end))))
}

/// What the newest row of an action says of a topic of it. The rows of the action are few, and found by its index.
pub async fn newest_of_topic(conn: &mut PgConnection, action: &str, topic: &str) -> Result<Option<Value>> {
    let found = sqlx::query_scalar!(
        r#"WITH own AS MATERIALIZED (SELECT id, result FROM ai_change_log WHERE action = $1)
           SELECT result AS "result!" FROM own WHERE result ->> 'topic' = $2 ORDER BY id DESC LIMIT 1"#,
        action,
        topic
    )
    .fetch_optional(conn)
    .await?;
    Ok(found)
}

impl Audit<'_> {
    /// The statement that adds it to the chain. Its hash is over what [`check`] reads back.
    fn sql(&self, place: &Locked) -> String {
        let (prev, seq) = (place.head.as_ref().map(|(_, end)| end.hash.as_str()), place.seq());
        let id = trail::id(place.at, place.head.as_ref().map(|head| head.0), Uuid::new_v4());
        let time = trail::shown(place.at);
        let model = self.model.as_ref();
        let mut result = match &self.result {
            Value::Object(members) => members.clone(),
            other => Map::from_iter([("value".to_owned(), other.clone())]),
        };
        result.insert("chain".to_owned(), json!({ "seq": seq, "prev": prev, "role": place.role }));
        let mut entry = json!({
            "id": id,
            "timestamp": time,
            "action": self.action,
            "source": "cmf",
            "mode": model.map(|_| "suggest"),
            "user_id": self.user_id,
            "prompt": model.and_then(|model| model.prompt),
            "result": result,
            "ai_provider": model.map(|model| model.provider),
            "ai_model": model.map(|model| &model.name),
            "tokens_used": model.and_then(|model| model.tokens),
            "created_at": time,
        });
        // The hash covers the digest of an image, so that the image itself can go.
        let data = image::unsealed(&mut entry["result"]);
        entry["result"]["chain"]["hash"] = trail::hash(&entry).into();
        if let Some(data) = data {
            entry["result"]["image"]["data"] = data;
        }
        let columns = COLUMNS.map(|column| match &entry[column] {
            Value::Null => "NULL".to_owned(),
            Value::String(text) => literal(&text.replace('\0', "")),
            other => literal(&trail::canonical(other)),
        });
        // It may be one message with COMMIT, so the server itself must fail where a trigger keeps the row out.
        format!(
            "WITH stored AS (INSERT INTO ai_change_log ({}) VALUES ({}) RETURNING id) SELECT 1 / count(*) FROM stored",
            COLUMNS.join(", "),
            columns.join(", ")
        )
    }
}

const COLUMNS: [&str; 12] = [
    "id", "timestamp", "action", "source", "mode", "user_id", "prompt", "result", "ai_provider", "ai_model", "tokens_used",
    "created_at",
];

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
    /// What the row says of its place in the chain.
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
    /// Only before this time, UTC.
    pub until: Option<NaiveDateTime>,
    /// At most this many, the newest.
    pub limit: i64,
}

/// The newest rows of the trail, newest first.
pub async fn list(conn: &mut PgConnection, filter: &Filter) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"SELECT l.id, l.timestamp AS "timestamp!: Time", l.action, l.source, l.mode, u.username AS "username?", l.prompt, CASE jsonb_typeof(l.result) WHEN 'object' THEN l.result - 'chain' - 'image' ELSE l.result END AS "result!: Json",
                  l.result -> 'chain' AS "chain!: Json", l.ai_provider, l.ai_model, l.tokens_used
           FROM ai_change_log l
           LEFT JOIN users u ON u.id = l.user_id OR l.user_id IS NULL AND u.id::text = l.result ->> 'user_id'
           WHERE ($1::text IS NULL OR l.action = $1 OR split_part(l.action, '.', 1) = $1)
             AND ($2::uuid IS NULL OR l.user_id = $2 OR l.result ->> 'user_id' = $2::uuid::text)
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

/// The rows of the trail that have this number in the chain; else those whose ids begin so, the newest first, at most `limit`.
pub async fn find(conn: &mut PgConnection, seq_or_id: &str, limit: i64) -> Result<Vec<Entry>> {
    Ok(sqlx::query_as!(
        Entry,
        r#"SELECT l.id, l.timestamp AS "timestamp!: Time", l.action, l.source, l.mode, u.username AS "username?", l.prompt, CASE jsonb_typeof(l.result) WHEN 'object' THEN l.result - 'chain' - 'image' ELSE l.result END AS "result!: Json",
                  l.result -> 'chain' AS "chain!: Json", l.ai_provider, l.ai_model, l.tokens_used
           FROM ai_change_log l
           LEFT JOIN users u ON u.id = l.user_id OR l.user_id IS NULL AND u.id::text = l.result ->> 'user_id'
           WHERE l.result #>> '{chain,seq}' = $1
                 OR starts_with(l.id::text, $1)
                    AND NOT EXISTS (SELECT FROM ai_change_log n WHERE n.result #>> '{chain,seq}' = $1)
           ORDER BY l.timestamp DESC, l.id DESC LIMIT $2"#,
        seq_or_id,
        limit
    )
    .fetch_all(conn)
    .await?)
}

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
    pub json: String,
}

/// The next rows after a position, oldest first.
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
