//! Partitions of the readings: one for each month, and one for all that is older. And the copy that leads there, or back.

use std::borrow::Cow;

use chrono::NaiveDate;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::literal;
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

/// The triggers, policies, indexes and keys of others that hang on the table of readings.
pub async fn attached(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT 'trigger ' || tgname AS "name!" FROM pg_trigger
           WHERE tgrelid = to_regclass('metric_history') AND NOT tgisinternal AND tgname <> 'cmf_copy_reading'
           UNION ALL SELECT 'policy ' || polname FROM pg_policy WHERE polrelid = to_regclass('metric_history')
           UNION ALL SELECT 'index ' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
                     WHERE i.indrelid = to_regclass('metric_history') AND c.relname NOT IN ('pk_metric_history', 'idx_history_metric_date')
           UNION ALL SELECT 'key ' || conname FROM pg_constraint
                     WHERE confrelid = to_regclass('metric_history') AND contype = 'f'
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

/// The readings as they stand, and a copy that was begun.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub is_divided: bool,
    pub copy: Option<Begun>,
}

/// A copy of the readings that is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// Whether it is divided.
    pub is_divided: bool,
    /// How far it is; none where somebody else made the table.
    pub mark: Option<Mark>,
}

/// How far a copy is: of the tables that are copied those before this one are done, and of this one what stands before a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    pub table: i64,
    /// Its file: another one has its rows in other places.
    pub file: i64,
    pub page: i64,
}

/// What the comment of a copy begins with.
const MARK: &str = "cmf copies the readings here, and is at: ";

impl Mark {
    fn of(comment: &str) -> Option<Self> {
        let mut numbers = comment.strip_prefix(MARK)?.split(' ').map(|number| number.parse().ok());
        Some(Mark { table: numbers.next()??, file: numbers.next()??, page: numbers.next()?? })
    }
}

/// How the readings stand.
pub async fn standing(conn: &mut PgConnection) -> Result<Standing> {
    let row = sqlx::query!(
        r#"SELECT coalesce((SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('metric_history')), FALSE) AS "is_divided!",
                  (SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass('metric_history_new')) AS copy,
                  obj_description(to_regclass('metric_history_new'), 'pg_class') AS comment"#
    )
    .fetch_one(conn)
    .await?;
    let mark = row.comment.as_deref().and_then(Mark::of);
    Ok(Standing { is_divided: row.is_divided, copy: row.copy.map(|is_divided| Begun { is_divided, mark }) })
}

/// A table that holds readings itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub name: String,
    pub oid: i64,
    pub file: i64,
    pub pages: i64,
}

/// The tables that hold the readings, in the order they are copied in.
pub async fn holders(conn: &mut PgConnection) -> Result<Vec<Holder>> {
    Ok(sqlx::query_as!(
        Holder,
        r#"SELECT c.relname::text AS "name!", c.oid::bigint AS "oid!", pg_relation_filenode(c.oid)::bigint AS "file!",
                  pg_relation_size(c.oid) / current_setting('block_size')::bigint AS "pages!"
           FROM pg_class c
           WHERE c.relkind = 'r' AND (c.oid = to_regclass('metric_history')
                 OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('metric_history')))
           ORDER BY c.oid"#
    )
    .fetch_all(conn)
    .await?)
}

/// A foreign key that a table of the copy lacks, or that nobody has looked at all rows for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    pub holder: String,
    pub key: String,
    /// The statement that makes it.
    pub add: String,
    pub is_there: bool,
}

/// The foreign keys that the copy lacks. They are made once it is filled: while it is, each row would lock its metric, for which
/// whoever records waits.
pub async fn missing_keys(conn: &mut PgConnection) -> Result<Vec<Missing>> {
    Ok(sqlx::query_as!(
        Missing,
        r#"SELECT c.relname::text AS "holder!", k.name AS "key!",
                  concat('ALTER TABLE ', quote_ident(c.relname), ' ADD CONSTRAINT ', k.name, ' ', k.definition, ' NOT VALID') AS "add!",
                  o.oid IS NOT NULL AS "is_there!"
           FROM pg_class c
           CROSS JOIN (VALUES ('fk_metric_history_metric', 'FOREIGN KEY (metric_id) REFERENCES metrics (id)'),
                              ('fk_metric_history_recorded_by', 'FOREIGN KEY (recorded_by) REFERENCES users (id)')) AS k (name, definition)
           LEFT JOIN pg_constraint o ON o.conrelid = c.oid AND o.conname = k.name
           WHERE c.relkind = 'r' AND o.convalidated IS NOT TRUE
             AND (c.oid = to_regclass('metric_history_new')
                  OR c.oid IN (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass('metric_history_new')))
           ORDER BY c.oid, 2"#
    )
    .fetch_all(conn)
    .await?)
}

/// The statements that make a key for the rows to come. Writers wait for them, in the order in which they take the tables.
pub fn add(missing: &Missing) -> Vec<String> {
    vec![stand_still("SHARE ROW EXCLUSIVE"), missing.add.clone()]
}

/// The statement that looks at all rows for a key, while others work.
pub fn validate(missing: &Missing) -> String {
    format!("ALTER TABLE {} VALIDATE CONSTRAINT {}", quote(&missing.holder), missing.key)
}

/// The day of the oldest reading.
pub async fn oldest(conn: &mut PgConnection) -> Result<Option<NaiveDate>> {
    Ok(sqlx::query_scalar!("SELECT min(recorded_at)::date FROM metric_history").fetch_one(conn).await?)
}

/// Whether the copy holds what the readings are: as many, and of the same sum.
pub async fn is_complete(conn: &mut PgConnection) -> Result<bool> {
    let both =
        "SELECT a.n = b.n AND a.s IS NOT DISTINCT FROM b.s FROM (SELECT count(*) AS n, sum(value) AS s FROM metric_history) a,
                (SELECT count(*) AS n, sum(value) AS s FROM metric_history_new) b";
    Ok(sqlx::raw_sql(both).fetch_one(conn).await?.try_get(0)?)
}

/// The comment of the table of readings.
pub async fn comment(conn: &mut PgConnection) -> Result<Option<String>> {
    Ok(sqlx::query_scalar!("SELECT obj_description(to_regclass('metric_history'), 'pg_class')").fetch_one(conn).await?)
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

/// What has to stand still while a table of readings is made or goes, in the order that commands take it: keys lead to the others.
fn stand_still(mode: &str) -> String {
    format!("LOCK TABLE users, metrics, metric_history IN {mode} MODE")
}

/// The statements that make an empty copy, and have every change of the readings made in it, too. With the first day of a month it
/// is divided: what is older has one partition.
pub fn begin(first: Option<NaiveDate>, owner: &str) -> Vec<String> {
    let (by, key) = match first {
        Some(_) => (" PARTITION BY RANGE (recorded_at)", "id, recorded_at"),
        None => ("", "id"),
    };
    let role = quote(owner);
    let mut statements = vec![
        format!("CREATE TABLE metric_history_new (LIKE metric_history INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS){by}"),
        format!("ALTER TABLE metric_history_new ADD CONSTRAINT pk_metric_history_new PRIMARY KEY ({key})"),
        "CREATE INDEX idx_history_metric_date_new ON metric_history_new (metric_id, recorded_at)".to_owned(),
        format!("ALTER TABLE metric_history_new OWNER TO {role}"),
        // Who records need have no rights on the copy.
        "CREATE FUNCTION cmf_copy_reading() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
         BEGIN
             IF TG_OP <> 'INSERT' THEN
                 DELETE FROM metric_history_new WHERE id = OLD.id AND recorded_at = OLD.recorded_at;
             END IF;
             IF TG_OP <> 'DELETE' THEN
                 INSERT INTO metric_history_new VALUES (NEW.*);
             END IF;
             RETURN NULL;
         END $$"
            .to_owned(),
        format!("ALTER FUNCTION cmf_copy_reading() OWNER TO {role}"),
        "REVOKE ALL ON FUNCTION cmf_copy_reading() FROM PUBLIC".to_owned(),
        "CREATE TRIGGER cmf_copy_reading AFTER INSERT OR UPDATE OR DELETE ON metric_history FOR EACH ROW EXECUTE FUNCTION cmf_copy_reading()"
            .to_owned(),
        at(Mark::default()),
    ];
    if let Some(first) = first {
        let name = old_name(first);
        statements
            .push(format!("CREATE TABLE {name} PARTITION OF metric_history_new FOR VALUES FROM (MINVALUE) TO ('{first}')"));
        statements.push(owned(&name, owner));
    }
    statements
}

/// The statement that copies what stands in some pages of a table. No one changes these rows meanwhile: a change of one that is
/// not copied yet would find nothing to change in the copy.
pub fn copy(holder: &str, from: i64, to: i64) -> String {
    let holder = quote(holder);
    format!(
        "INSERT INTO metric_history_new
         SELECT * FROM (SELECT * FROM {holder} WHERE ctid >= '({from},0)'::tid AND ctid < '({to},0)'::tid FOR SHARE) AS chunk
         ON CONFLICT DO NOTHING"
    )
}

/// The statement that notes how far the copy is.
pub fn at(Mark { table, file, page }: Mark) -> String {
    format!("COMMENT ON TABLE metric_history_new IS '{MARK}{table} {file} {page}'")
}

/// The statement that lets the copy be planned as what it takes the place of.
pub const ANALYZE: &str = "ANALYZE metric_history_new";

/// The first statements of what puts the copy in the place of the readings, under which nothing changes any more.
pub fn halt() -> Vec<String> {
    vec![stand_still("ACCESS EXCLUSIVE")]
}

/// The statements that put the copy in the place of the readings.
pub fn exchange(is_divided: bool, comment: Option<&str>, grants: &[String]) -> Vec<String> {
    let mut statements = Vec::new();
    if is_divided {
        // All partitions have them, so no row is looked at.
        statements.extend([
            "ALTER TABLE metric_history_new ADD CONSTRAINT fk_metric_history_metric FOREIGN KEY (metric_id) REFERENCES metrics (id)"
                .to_owned(),
            "ALTER TABLE metric_history_new ADD CONSTRAINT fk_metric_history_recorded_by FOREIGN KEY (recorded_by) REFERENCES users (id)"
                .to_owned(),
        ]);
    }
    statements.extend([
        "DROP TABLE metric_history".to_owned(),
        "DROP FUNCTION cmf_copy_reading()".to_owned(),
        "ALTER TABLE metric_history_new RENAME TO metric_history".to_owned(),
        "ALTER TABLE metric_history RENAME CONSTRAINT pk_metric_history_new TO pk_metric_history".to_owned(),
        "ALTER INDEX idx_history_metric_date_new RENAME TO idx_history_metric_date".to_owned(),
        format!("COMMENT ON TABLE metric_history IS {}", comment.map_or_else(|| "NULL".to_owned(), literal)),
    ]);
    statements.extend(grants.iter().cloned());
    statements
}

/// The statements that take away a copy that was begun.
pub fn give_up() -> Vec<String> {
    vec![
        stand_still("ACCESS EXCLUSIVE"),
        "DROP TRIGGER IF EXISTS cmf_copy_reading ON metric_history".to_owned(),
        "DROP FUNCTION IF EXISTS cmf_copy_reading()".to_owned(),
        "DROP TABLE metric_history_new".to_owned(),
    ]
}

/// The name of the partition of all that is older than a day.
pub fn old_name(day: NaiveDate) -> String {
    format!("metric_history_before_{}", day.format("%Y_%m"))
}

/// The name of the partition of a month.
pub fn month_name(first: NaiveDate) -> String {
    first.format("metric_history_%Y_%m").to_string()
}

/// The statement that makes the partition of a month, of the readings or of their copy.
pub fn month(of: &str, first: NaiveDate, next: NaiveDate) -> String {
    let name = month_name(first);
    format!("CREATE TABLE {name} PARTITION OF {of} FOR VALUES FROM ('{first}') TO ('{next}')")
}
