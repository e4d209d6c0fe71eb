//! What of the chain holds, and what lies outside it.

use chrono::NaiveDateTime;
use sqlx::postgres::PgConnection;
use uuid::Uuid;

use crate::db::value::Time;
use crate::error::Result;

/// The newest link of the chain.
#[derive(Debug, Clone)]
pub struct Head {
    /// The numbers count from 1.
    pub seq: String,
    pub hash: String,
    /// How many rows are links.
    pub rows: i64,
}

/// The newest link, where there is one.
///
/// # Errors
/// When the database refuses.
pub async fn head(conn: &mut PgConnection) -> Result<Option<Head>> {
    Ok(sqlx::query_as!(
        Head,
        r#"SELECT result #>> '{chain,seq}' AS "seq!", coalesce(result #>> '{chain,hash}', '') AS "hash!",
                  count(*) OVER () AS "rows!"
           FROM ai_change_log WHERE jsonb_typeof(result #> '{chain,seq}') = 'number'
           ORDER BY (result #>> '{chain,seq}')::numeric DESC, id DESC LIMIT 1"#
    )
    .fetch_optional(conn)
    .await?)
}

/// Where the chain does not hold.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The link's number.
    pub seq: String,
    /// The link; nothing where it is missing.
    pub id: Option<Uuid>,
    pub timestamp: Option<NaiveDateTime>,
    pub action: Option<String>,
    /// `edited`, `missing`, `doubled`, `replaced` or `unchained`.
    pub kind: String,
    /// The last number of those that are missing from `seq` on.
    pub until: Option<String>,
}

/// Compares every link with its own hash and with the hash that the next one holds of it.
///
/// - `edited`: the row is not what its hash was made of.
/// - `replaced`: row and hash agree, and the next row holds another hash.
/// - `missing`: no row has the numbers from `seq` to `until`.
/// - `doubled`: another row has the same number.
/// - `unchained`: it says that cmf wrote it after the chain had begun, and has no place in it.
///
/// # Errors
/// When the database refuses.
pub async fn findings(conn: &mut PgConnection) -> Result<Vec<Finding>> {
    Ok(sqlx::query_as!(
        Finding,
        r#"WITH link AS MATERIALIZED (
               SELECT id, timestamp, action, (result #>> '{chain,seq}')::numeric AS seq, result #>> '{chain,prev}' AS prev,
                      result #>> '{chain,hash}' AS hash,
                      encode(sha256(convert_to(jsonb_build_object(
                          'id', id, 'timestamp', timestamp, 'action', action, 'source', source, 'mode', mode, 'user_id', user_id,
                          'prompt', prompt, 'result', result #- '{chain,hash}', 'ai_provider', ai_provider, 'ai_model', ai_model,
                          'tokens_used', tokens_used, 'created_at', created_at)::text, 'UTF8')), 'hex') AS made
               FROM ai_change_log WHERE jsonb_typeof(result #> '{chain,seq}') = 'number'
           ), row AS (
               SELECT link.*, lag(seq) OVER line AS before, lead(seq) OVER line AS after, lead(prev) OVER line AS next_prev
               FROM link WINDOW line AS (ORDER BY seq, id)
           ), found AS (
               SELECT seq, id, timestamp, action, 'edited' AS finding, NULL::numeric AS until FROM row
               WHERE hash IS DISTINCT FROM made
               UNION ALL
               SELECT seq, id, timestamp, action, 'doubled', NULL FROM row WHERE seq = before
               UNION ALL
               SELECT seq, id, timestamp, action, 'replaced', NULL FROM row
               WHERE hash = made AND after = seq + 1 AND next_prev IS DISTINCT FROM hash
               UNION ALL
               SELECT coalesce(before, 0) + 1, NULL, NULL, NULL, 'missing', seq - 1 FROM row
               WHERE seq > coalesce(before, 0) + 1
               UNION ALL
               SELECT NULL, l.id, l.timestamp, l.action, 'unchained', NULL FROM ai_change_log l
               WHERE l.source = 'cmf' AND jsonb_typeof(l.result #> '{chain,seq}') IS DISTINCT FROM 'number'
                     AND l.timestamp > (SELECT min(timestamp) FROM link)
           )
           SELECT coalesce(seq::text, '-') AS "seq!", id AS "id?", timestamp AS "timestamp!: Time", action AS "action?",
                  finding AS "kind!", until::text AS "until?"
           FROM found ORDER BY found.seq NULLS LAST, found.id"#
    )
    .fetch_all(conn)
    .await?)
}

/// Rows outside the chain, by who says to have written them.
#[derive(Debug, Clone)]
pub struct Outside {
    pub source: String,
    pub rows: i64,
    pub first: NaiveDateTime,
    pub last: NaiveDateTime,
}

/// The rows that are no links: those of other programs, and those that cmf wrote before there was a chain.
///
/// # Errors
/// When the database refuses.
pub async fn outside(conn: &mut PgConnection) -> Result<Vec<Outside>> {
    Ok(sqlx::query_as!(
        Outside,
        r#"SELECT source, count(*) AS "rows!", min(timestamp) AS "first!: Time",
                  max(timestamp) AS "last!: Time"
           FROM ai_change_log WHERE jsonb_typeof(result #> '{chain,seq}') IS DISTINCT FROM 'number'
           GROUP BY source ORDER BY source"#
    )
    .fetch_all(conn)
    .await?)
}

/// The hash of one link, to compare with a head that was noted earlier.
///
/// # Errors
/// When the database refuses.
pub async fn hash_of(conn: &mut PgConnection, seq: i64) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(result #>> '{chain,hash}', '') AS "hash!" FROM ai_change_log
           WHERE result #> '{chain,seq}' = to_jsonb($1::bigint)"#,
        seq
    )
    .fetch_all(conn)
    .await?)
}
