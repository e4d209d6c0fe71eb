//! Partitions of the readings: one for all that were there before, and one for each month after it.

use std::borrow::Cow;

use chrono::NaiveDate;
use sqlx::AssertSqlSafe;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnection;

use super::migrations::{ScriptError, quote};
use crate::error::Result;

/// A partition and the readings that it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partition {
    pub name: String,
    /// The first day, UTC; none where it takes all that is older.
    pub from: Option<NaiveDate>,
    /// The day after the last, UTC.
    pub to: Option<NaiveDate>,
}

/// Whether readings are divided.
pub async fn is_divided(conn: &mut PgConnection) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce((SELECT c.relkind = 'p' FROM pg_class c WHERE c.oid = to_regclass('metric_history')), FALSE) AS "is!""#
    )
    .fetch_one(conn)
    .await?)
}

/// The partitions, oldest first.
pub async fn list(conn: &mut PgConnection) -> Result<Vec<Partition>> {
    let rows = sqlx::query!(
        r#"SELECT c.relname::text AS "name!", substring(b.bound FROM 'FROM \(''(\d{4}-\d\d-\d\d)') AS "from",
                  substring(b.bound FROM 'TO \(''(\d{4}-\d\d-\d\d)') AS "to"
           FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
           CROSS JOIN LATERAL (SELECT pg_get_expr(c.relpartbound, c.oid) AS bound) AS b
           WHERE i.inhparent = to_regclass('metric_history') ORDER BY 2 NULLS FIRST, 1"#
    )
    .fetch_all(conn)
    .await?;
    let day = |text: Option<String>| text.and_then(|text| text.parse().ok());
    Ok(rows.into_iter().map(|row| Partition { name: row.name, from: day(row.from), to: day(row.to) }).collect())
}

/// The day of the server's clock, and of the newest reading.
pub async fn newest(conn: &mut PgConnection) -> Result<NaiveDate> {
    Ok(sqlx::query_scalar!(
        r#"SELECT greatest((now() AT TIME ZONE 'utc')::date, (SELECT max(recorded_at)::date FROM metric_history)) AS "day!""#
    )
    .fetch_one(conn)
    .await?)
}

/// Views of others that are made of the readings, which a change of the table would leave behind.
pub async fn views(conn: &mut PgConnection, besides: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT DISTINCT concat_ws('.', quote_ident(n.nspname), quote_ident(v.relname)) AS "name!"
           FROM pg_depend d JOIN pg_rewrite r ON d.classid = 'pg_rewrite'::regclass AND r.oid = d.objid
           JOIN pg_class v ON v.oid = r.ev_class JOIN pg_namespace n ON n.oid = v.relnamespace
           WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = to_regclass('metric_history') AND n.nspname <> $1 ORDER BY 1"#,
        besides
    )
    .fetch_all(conn)
    .await?)
}

/// The triggers, policies and keys of others that hang on the table of readings.
pub async fn attached(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT 'trigger ' || tgname AS "name!" FROM pg_trigger WHERE tgrelid = to_regclass('metric_history') AND NOT tgisinternal
           UNION ALL SELECT 'policy ' || polname FROM pg_policy WHERE polrelid = to_regclass('metric_history')
           UNION ALL SELECT 'key ' || conname FROM pg_constraint WHERE confrelid = to_regclass('metric_history') AND contype = 'f'
           ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

/// The statements that give the rights on one table of the schema to another.
pub async fn grants(conn: &mut PgConnection, from: &str, to: &str) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT concat('GRANT ', a.privilege_type, ' ON ', quote_ident($2), ' TO ',
                         CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                         CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' END) AS "grant!"
           FROM pg_class c, aclexplode(c.relacl) AS a WHERE c.oid = to_regclass(quote_ident($1)) AND a.grantee <> c.relowner
           UNION ALL
           SELECT concat('GRANT ', a.privilege_type, ' (', quote_ident(t.attname), ') ON ', quote_ident($2), ' TO ',
                         CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
           FROM pg_attribute t, aclexplode(t.attacl) AS a WHERE t.attrelid = to_regclass(quote_ident($1))
           ORDER BY 1"#,
        from,
        to
    )
    .fetch_all(conn)
    .await?)
}

/// The role that owns the readings.
pub async fn owner(conn: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!(
        r#"SELECT pg_get_userbyid(relowner)::text AS "owner!" FROM pg_class WHERE oid = to_regclass('metric_history')"#
    )
    .fetch_one(conn)
    .await?)
}

/// How much of the way to partitions is done: the key is built and valid, and the readings are known to be older than the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prepared {
    pub has_key: bool,
    /// An interrupted build has left one that is not used.
    pub has_invalid_key: bool,
    pub bound: Option<NaiveDate>,
    pub is_validated: bool,
}

/// What an earlier run has done.
pub async fn prepared(conn: &mut PgConnection) -> Result<Prepared> {
    let row = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('metric_history_key') AND indisvalid) AS "has_key!",
                  EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('metric_history_key') AND NOT indisvalid) AS "has_invalid_key!",
                  (SELECT substring(pg_get_constraintdef(oid) FROM '\d{4}-\d\d-\d\d') FROM pg_constraint
                   WHERE conrelid = to_regclass('metric_history') AND conname = 'ck_metric_history_before') AS bound,
                  coalesce((SELECT convalidated FROM pg_constraint
                            WHERE conrelid = to_regclass('metric_history') AND conname = 'ck_metric_history_before'), FALSE) AS "is_validated!""#
    )
    .fetch_one(conn)
    .await?;
    let bound = row.bound.and_then(|bound| bound.parse().ok());
    Ok(Prepared { has_key: row.has_key, has_invalid_key: row.has_invalid_key, bound, is_validated: row.is_validated })
}

/// Runs a statement that the functions below made. Fails with the code for the decision to try again.
pub async fn run(conn: &mut PgConnection, sql: &str) -> std::result::Result<(), ScriptError> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(conn).await.map_err(|error| {
        let sqlstate = error.as_database_error().and_then(DatabaseError::code).map(Cow::into_owned);
        ScriptError { sqlstate, error: error.into() }
    })?;
    Ok(())
}

/// The statement that gives a partition to the owner of the whole.
pub fn owned(name: &str, owner: &str) -> String {
    format!("ALTER TABLE {} OWNER TO {}", quote(name), quote(owner))
}

/// Builds the key while others work; outside a transaction.
pub const BUILD_KEY: &str = "CREATE UNIQUE INDEX CONCURRENTLY metric_history_key ON metric_history (id, recorded_at)";
pub const DROP_KEY: &str = "DROP INDEX CONCURRENTLY IF EXISTS metric_history_key";
/// Looks at all readings while others work.
pub const VALIDATE: &str = "ALTER TABLE metric_history VALIDATE CONSTRAINT ck_metric_history_before";

/// Refuses readings from a day on, until they have partitions.
pub fn bound(day: NaiveDate) -> String {
    format!(
        "ALTER TABLE metric_history DROP CONSTRAINT IF EXISTS ck_metric_history_before;
         ALTER TABLE metric_history ADD CONSTRAINT ck_metric_history_before CHECK (recorded_at < '{day}') NOT VALID"
    )
}

/// The statements that make the table that was prepared the first partition of a new one.
pub fn divide(day: NaiveDate, owner: &str, grants: &[String]) -> Vec<String> {
    let old = old_name(day);
    let mut statements = vec![
        "LOCK TABLE metric_history IN ACCESS EXCLUSIVE MODE".to_owned(),
        "ALTER TABLE metric_history DROP CONSTRAINT pk_metric_history".to_owned(),
        format!("ALTER TABLE metric_history RENAME TO {old}"),
        format!("ALTER TABLE {old} ADD CONSTRAINT pk_{old} PRIMARY KEY USING INDEX metric_history_key"),
        format!("ALTER INDEX idx_history_metric_date RENAME TO idx_{old}"),
        format!(
            "CREATE TABLE metric_history (LIKE {old} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS)
             PARTITION BY RANGE (recorded_at)"
        ),
        "ALTER TABLE metric_history DROP CONSTRAINT ck_metric_history_before".to_owned(),
        "ALTER TABLE metric_history ADD CONSTRAINT pk_metric_history PRIMARY KEY (id, recorded_at)".to_owned(),
        "ALTER TABLE metric_history ADD CONSTRAINT fk_metric_history_metric FOREIGN KEY (metric_id) REFERENCES metrics (id)".to_owned(),
        "ALTER TABLE metric_history ADD CONSTRAINT fk_metric_history_recorded_by FOREIGN KEY (recorded_by) REFERENCES users (id)"
            .to_owned(),
        "CREATE INDEX idx_history_metric_date ON metric_history (metric_id, recorded_at)".to_owned(),
        format!("ALTER TABLE metric_history OWNER TO {}", quote(owner)),
    ];
    statements.extend(grants.iter().cloned());
    statements.push(format!("ALTER TABLE metric_history ATTACH PARTITION {old} FOR VALUES FROM (MINVALUE) TO ('{day}')"));
    statements.push(format!("ALTER TABLE {old} DROP CONSTRAINT ck_metric_history_before"));
    statements
}

/// The name of the partition of all that is older than a day.
pub fn old_name(day: NaiveDate) -> String {
    format!("metric_history_before_{}", day.format("%Y_%m"))
}

/// The name of the partition of a month.
pub fn month_name(first: NaiveDate) -> String {
    first.format("metric_history_%Y_%m").to_string()
}

/// The statement that makes the partition of a month.
pub fn month(first: NaiveDate, next: NaiveDate) -> String {
    let name = month_name(first);
    format!("CREATE TABLE {name} PARTITION OF metric_history FOR VALUES FROM ('{first}') TO ('{next}')")
}

/// The statements that make the first partition, which takes all that is old, the whole table again.
pub fn unite(old: &Partition, others: &[Partition], owner: &str, grants: &[String]) -> Vec<String> {
    let name = &old.name;
    let mut statements = vec![
        "LOCK TABLE metric_history IN ACCESS EXCLUSIVE MODE".to_owned(),
        format!("ALTER TABLE metric_history DETACH PARTITION {}", quote(name)),
    ];
    for other in others {
        statements.push(format!("INSERT INTO {} SELECT * FROM {}", quote(name), quote(&other.name)));
    }
    statements.push("DROP TABLE metric_history".to_owned());
    statements.push(format!("ALTER TABLE {} RENAME TO metric_history", quote(name)));
    statements.push(format!("ALTER TABLE metric_history DROP CONSTRAINT {}", quote(&format!("pk_{name}"))));
    statements.push("ALTER TABLE metric_history ADD CONSTRAINT pk_metric_history PRIMARY KEY (id)".to_owned());
    statements.push(format!("ALTER INDEX {} RENAME TO idx_history_metric_date", quote(&format!("idx_{name}"))));
    statements.push(format!("ALTER TABLE metric_history OWNER TO {}", quote(owner)));
    statements.extend(grants.iter().cloned());
    statements
}
