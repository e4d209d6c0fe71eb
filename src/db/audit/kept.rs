//! What the trail keeps of the rows that changes changed, to take them back; and how it is removed.

use chrono::NaiveDateTime;
use serde_json::Value;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::beyond;
use crate::confirm::Confirmed;
use crate::db::stored;
use crate::db::value::{Json, Time};
use crate::domain::chain::End;
use crate::domain::undo::Change;
use crate::error::Result;

/// What the trail keeps of the rows that a change changed.
#[derive(Debug, Clone)]
pub enum Rows {
    /// It changed none, or was made by a version that kept none.
    None,
    /// An image, as [`Image::read`](crate::domain::image::Image::read) reads it.
    Kept(String),
    /// They were removed later.
    Gone,
    /// They were not kept, and why.
    Not(String),
    /// They are not what the trail says of them.
    Edited,
}

/// A change of the trail with what it keeps of rows.
#[derive(Debug, Clone)]
pub struct Kept {
    pub id: Uuid,
    pub seq: i64,
    pub action: String,
    /// UTC.
    pub at: NaiveDateTime,
    /// Who was logged in to the database, by the word of the writer.
    pub role: Option<String>,
    /// The changes that it undid.
    pub undone: Vec<i64>,
    pub rows: Rows,
}

impl Change for Kept {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn undone(&self) -> &[i64] {
        &self.undone
    }
}

/// The numbers that an undo says to have undone.
pub fn undone(result: &Value) -> Vec<i64> {
    let list = result.get("undone").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(|one| one.get("seq")?.as_i64()).collect()
}

/// The changes above an id, from the newest on, until there are enough of them.
pub async fn newest_first(conn: &mut PgConnection, above: Option<Uuid>, enough: impl Fn(&[Kept]) -> bool) -> Result<Vec<Kept>> {
    let mut kept: Vec<Kept> = Vec::new();
    let mut below = beyond(chrono::Utc::now().timestamp_millis());
    let mut limit = 1_i64;
    loop {
        let rows = sqlx::query!(
            r#"SELECT id, action, timestamp AS "timestamp!: Time", result -> 'chain' AS "chain!: Json",
                      CASE action WHEN 'undo' THEN jsonb_build_object('undone', result -> 'undone') END AS "undone!: Json",
                      (result -> 'image') - 'data' AS "image!: Json", result #>> '{image,data}' AS data,
                      encode(sha256(convert_to(result #>> '{image,data}', 'UTF8')), 'hex')
                          IS DISTINCT FROM result #>> '{image,sha256}' AS "is_edited!"
               FROM ai_change_log
               WHERE source = 'cmf' AND id < $1 AND ($2::uuid IS NULL OR id > $2) AND jsonb_typeof(result) = 'object'
               ORDER BY id DESC LIMIT $3"#,
            below,
            above,
            limit
        )
        .fetch_all(&mut *conn)
        .await?;
        let is_last = rows.len() < usize::try_from(limit).unwrap_or(usize::MAX);
        for row in rows {
            below = row.id;
            let chain: Option<Value> = row.chain.into();
            let Some(seq) = chain.as_ref().filter(|chain| End::read(chain).is_some()).and_then(|chain| chain["seq"].as_i64())
            else {
                continue;
            };
            let image: Option<Value> = row.image.into();
            let rows = match (image, row.data) {
                (None, _) => Rows::None,
                (Some(_), Some(_)) if row.is_edited => Rows::Edited,
                (Some(_), Some(data)) => Rows::Kept(data),
                (Some(image), None) => match image["why"].as_str() {
                    Some(why) => Rows::Not(why.to_owned()),
                    None => Rows::Gone,
                },
            };
            kept.push(Kept {
                id: row.id,
                seq,
                action: row.action,
                at: Option::from(row.timestamp).unwrap_or_default(),
                role: chain.and_then(|chain| chain["role"].as_str().map(str::to_owned)),
                undone: Option::<Value>::from(row.undone).as_ref().map(undone).unwrap_or_default(),
                rows,
            });
        }
        if is_last || enough(&kept) {
            return Ok(kept);
        }
        limit = (limit * 8).min(512);
    }
}

/// An undo, and what it undid.
#[derive(Debug)]
pub struct Undo {
    seq: i64,
    undone: Vec<i64>,
}

impl Change for Undo {
    fn seq(&self) -> i64 {
        self.seq
    }

    fn undone(&self) -> &[i64] {
        &self.undone
    }
}

/// All undos, from the newest on.
pub async fn undos(conn: &mut PgConnection) -> Result<Vec<Undo>> {
    let rows = sqlx::query!(
        r#"SELECT result AS "result!: Json" FROM ai_change_log WHERE action = 'undo' AND source = 'cmf' ORDER BY id DESC"#
    )
    .fetch_all(conn)
    .await?;
    let undo = |result: Value| -> Option<Undo> {
        End::read(&result["chain"])?;
        Some(Undo { seq: result["chain"]["seq"].as_i64()?, undone: undone(&result) })
    };
    Ok(rows.into_iter().filter_map(|row| Option::<Value>::from(row.result).and_then(undo)).collect())
}

/// Images that can be removed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Prunable {
    pub changes: i64,
    /// What they take in the table, in bytes.
    pub bytes: i64,
}

/// What [`prune`] would throw away.
pub async fn prunable(conn: &mut PgConnection, before: NaiveDateTime) -> Result<Prunable> {
    Ok(sqlx::query_as!(
        Prunable,
        r#"SELECT count(*) AS "changes!", coalesce(sum(pg_column_size(result #>> '{image,data}')), 0)::bigint AS "bytes!"
           FROM ai_change_log
           WHERE source = 'cmf' AND timestamp < $1 AND jsonb_typeof(result #> '{image,data}') = 'string'"#,
        before
    )
    .fetch_one(conn)
    .await?)
}

/// removes the rows that changes before an instant kept. Their counts and digests stay, which the chain's hashes cover.
pub async fn prune(conn: &mut PgConnection, before: NaiveDateTime, _: &Confirmed) -> Result<u64> {
    let done = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT id FROM ai_change_log
               WHERE source = 'cmf' AND timestamp < $1 AND jsonb_typeof(result #> '{image,data}') = 'string'),
           written AS (
               UPDATE ai_change_log SET result = result #- '{image,data}' WHERE id IN (SELECT id FROM meant) RETURNING id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        before
    )
    .fetch_one(conn)
    .await?;
    stored::all("ai_change_log", done.meant, done.written)
}
