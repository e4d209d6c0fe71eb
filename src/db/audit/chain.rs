//! The check of the chain over all rows of the trail.

use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;

use crate::db::value::Time;
use crate::domain::chain::{Check, Checked, Link, Row};
use crate::error::Result;

/// Checks the chain: numbers, and the hash that each row holds of the one before it. With `rehash` also whether each row is
/// what its own hash was made of, which takes the server a while in a long trail; an image is what its digest was made of, or gone. What is a link is as
/// [`crate::domain::chain::End::read`] has it.
pub async fn check(conn: &mut PgConnection, rehash: bool, noted: Option<(i64, &str)>) -> Result<Checked> {
    let mut rows = sqlx::query!(
        r#"SELECT l.id, l.timestamp AS "timestamp!: Time", l.action, l.source, place.seq AS "seq?",
                  left(l.result #>> '{chain,prev}', 65) AS "prev?", left(l.result #>> '{chain,hash}', 65) AS "hash?",
                  CASE WHEN $1 AND place.seq IS NOT NULL THEN
                      CASE WHEN l.result #> '{image,data}' IS NOT NULL
                                AND encode(sha256(convert_to(l.result #>> '{image,data}', 'UTF8')), 'hex')
                                    IS DISTINCT FROM l.result #>> '{image,sha256}'
                      THEN 'another image' ELSE encode(sha256(convert_to(jsonb_build_object(
                      'id', id, 'timestamp', timestamp, 'action', action, 'source', source, 'mode', mode, 'user_id', user_id,
                      'prompt', prompt, 'result', result #- '{chain,hash}' #- '{image,data}', 'ai_provider', ai_provider, 'ai_model', ai_model,
                      'tokens_used', tokens_used, 'created_at', created_at)::text, 'UTF8')), 'hex') END END AS "made?",
                  CASE jsonb_typeof(l.result -> 'chain') WHEN 'object' THEN l.result -> 'chain' ?| ARRAY['seq', 'prev', 'hash']
                  ELSE false END AS "claims!"
           FROM ai_change_log l, LATERAL (SELECT CASE
               WHEN jsonb_typeof(l.result #> '{chain,seq}') = 'number' AND l.result #>> '{chain,seq}' ~ '^[1-9][0-9]{0,14}$'
                    AND jsonb_typeof(l.result #> '{chain,hash}') = 'string' AND l.result #>> '{chain,hash}' ~ '^[0-9a-f]{64}$'
               THEN (l.result #>> '{chain,seq}')::bigint END AS seq OFFSET 0) AS place
           ORDER BY place.seq NULLS LAST, l.id"#,
        rehash
    )
    .fetch(conn);
    let mut check = Check::new(noted);
    while let Some(row) = rows.try_next().await? {
        let link = row.seq.zip(row.hash).map(|(seq, hash)| Link { seq, prev: row.prev, hash, made: row.made });
        check.add(Row {
            id: row.id,
            timestamp: row.timestamp.into(),
            action: row.action,
            source: row.source,
            link,
            claims: row.claims,
        });
    }
    Ok(check.end())
}
