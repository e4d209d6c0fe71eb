//! What `cmf doctor` looks at: the server, and what has to hold in the data although no constraint can say it.

use chrono::NaiveDateTime;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};
use uuid::Uuid;

use super::images::{Scope, watch};
use super::migrations::quote;
use super::{locks, metrics, stored};
use crate::error::Result;

#[derive(Debug, Clone)]
pub struct Server {
    /// Such as 170004.
    pub version_number: i32,
    /// Such as `17.4`.
    pub version: String,
    pub database: String,
    pub encoding: String,
    pub collation: String,
    pub ctype: String,
    pub role: String,
    pub is_superuser: bool,
    pub is_durable: bool,
    /// UTC.
    pub clock: NaiveDateTime,
    /// The size of the database in bytes.
    pub size: i64,
}

/// Asks the server about itself.
pub async fn server(conn: &mut PgConnection) -> Result<Server> {
    Ok(sqlx::query_as!(
        Server,
        r#"SELECT current_setting('server_version_num')::int AS "version_number!", current_setting('server_version') AS "version!",
                  d.datname::text AS "database!", pg_encoding_to_char(d.encoding)::text AS "encoding!",
                  d.datcollate::text AS "collation!", d.datctype::text AS "ctype!", current_user::text AS "role!",
                  (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS "is_superuser!",
                  current_setting('fsync')::bool AS "is_durable!", clock_timestamp() AT TIME ZONE 'utc' AS "clock!",
                  pg_database_size(d.oid) AS "size!"
           FROM pg_database d WHERE d.datname = current_database()"#
    )
    .fetch_one(conn)
    .await?)
}

/// What makes the server refuse to write.
#[derive(Debug, Clone)]
pub struct Refusal {
    pub is_standby: bool,
    /// Where `default_transaction_read_only` is set, in the words of `pg_settings`.
    pub source: String,
    pub role: String,
    pub database: String,
}

impl Refusal {
    /// The cause, as the end of a sentence.
    pub fn why(&self) -> &'static str {
        if self.is_standby { "it is a standby" } else { "default_transaction_read_only is on" }
    }

    /// What to type.
    pub fn remedy(&self) -> String {
        const SETTING: &str = "default_transaction_read_only";
        let (role, database) = (quote(&self.role), quote(&self.database));
        if self.is_standby {
            return "name the primary server with --database-url".to_owned();
        }
        match self.source.as_str() {
            "user" => format!(
                "it is set for the role: a superuser runs ALTER ROLE {role} RESET {SETTING} in psql; then run the command again"
            ),
            "database" => format!(
                "it is set for the database: its owner runs ALTER DATABASE {database} RESET {SETTING} in psql; then run the command again"
            ),
            "database user" => {
                format!(
                    "it is set for the role in this database: a superuser runs ALTER ROLE {role} IN DATABASE {database} RESET {SETTING} in psql"
                )
            }
            "client" => format!("remove {SETTING} from PGOPTIONS, or from `options` in the database URL"),
            _ => format!(
                "it is set for the server: a superuser runs ALTER SYSTEM SET {SETTING} = off; SELECT pg_reload_conf() in psql"
            ),
        }
    }
}

/// What makes the server refuse to write in new transactions, if it does.
pub async fn refusal(conn: &mut PgConnection) -> Result<Option<Refusal>> {
    Ok(sqlx::query_as!(
        Refusal,
        r#"SELECT pg_is_in_recovery() AS "is_standby!", source AS "source!", session_user::text AS "role!",
                  current_database()::text AS "database!"
           FROM pg_settings WHERE name = 'default_transaction_read_only' AND (setting = 'on' OR pg_is_in_recovery())"#
    )
    .fetch_optional(conn)
    .await?)
}

/// A collation whose order changed under the indexes that were built with it.
#[derive(Debug, Clone)]
pub struct Changed {
    /// Its name; none is that of the database.
    pub name: Option<String>,
    /// The version that the indexes were built with.
    pub was: String,
    /// The version that the system has now.
    pub now: String,
}

/// The collations, of the database and of its columns, that the system sorts by another version than the one noted.
pub async fn changed_collations(conn: &mut PgConnection) -> Result<Vec<Changed>> {
    // Postgres notes it for a database from version 15 on.
    let notes_it: bool = sqlx::raw_sql("SELECT to_regproc('pg_database_collation_actual_version') IS NOT NULL")
        .fetch_one(&mut *conn)
        .await?
        .try_get(0)?;
    let of_database = "SELECT NULL::text AS name, datcollversion AS was, pg_database_collation_actual_version(oid) AS now
                       FROM pg_database WHERE datname = current_database() UNION ALL ";
    let of_columns = "SELECT DISTINCT quote_ident(c.collname), c.collversion, pg_collation_actual_version(c.oid)
                      FROM pg_collation c JOIN pg_attribute a ON a.attcollation = c.oid JOIN pg_class r ON r.oid = a.attrelid
                      WHERE c.collprovider <> 'd' AND r.relnamespace = to_regnamespace(quote_ident(current_schema()))";
    let query = format!(
        "SELECT name, was, now FROM ({}{of_columns}) AS all_of_them (name, was, now) WHERE was <> now ORDER BY name NULLS FIRST",
        if notes_it { of_database } else { "" }
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(query)).fetch_all(conn).await?;
    rows.iter().map(|row| Ok(Changed { name: row.try_get(0)?, was: row.try_get(1)?, now: row.try_get(2)? })).collect()
}

/// The names of the tables, columns (as `table.column`), types, indexes and constraints in the schema; those that are not valid have `!` before them.
pub async fn object_names(conn: &mut PgConnection) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        r#"SELECT relname::text AS "name!" FROM pg_class WHERE relnamespace = quote_ident(current_schema())::regnamespace
           UNION ALL
           SELECT '!' || c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
           WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND NOT i.indisvalid
           UNION ALL
           SELECT CASE WHEN convalidated THEN '' ELSE '!' END || conname FROM pg_constraint
           WHERE connamespace = quote_ident(current_schema())::regnamespace
           UNION ALL
           SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
           UNION ALL
           SELECT typname FROM pg_type WHERE typnamespace = quote_ident(current_schema())::regnamespace AND typtype = 'e'"#
    )
    .fetch_all(conn)
    .await?)
}

/// A table with row-level security.
#[derive(Debug, Clone)]
pub struct Guarded {
    pub name: String,
    pub policies: Vec<String>,
    /// Whether it hides rows from the role of this session.
    pub filters: bool,
}

/// The tables of the schema with row-level security.
pub async fn row_security(conn: &mut PgConnection) -> Result<Vec<Guarded>> {
    Ok(sqlx::query_as!(
        Guarded,
        r#"SELECT c.relname::text AS "name!", row_security_active(c.oid) AS "filters!",
                  ARRAY(SELECT p.polname::text FROM pg_policy p WHERE p.polrelid = c.oid ORDER BY 1) AS "policies!"
           FROM pg_class c
           WHERE c.relnamespace = quote_ident(current_schema())::regnamespace AND c.relkind IN ('r', 'p') AND c.relrowsecurity ORDER BY 1"#
    )
    .fetch_all(conn)
    .await?)
}

/// How many rows break a rule, and some of them by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offenders {
    pub count: i64,
    pub examples: Vec<String>,
}

/// Owners with more than one active catalog.
pub async fn owners_with_several_active(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT u.username || ' (' || string_agg(c.name, ', ' ORDER BY c.name) || ')' AS label
                 FROM metric_catalogs c JOIN users u ON u.id = c.owner_id WHERE c.is_active
                 GROUP BY u.id, u.username HAVING count(*) > 1) AS found"#
    )
    .fetch_one(conn)
    .await?)
}

/// Users whose active catalog is not the one that is marked active among theirs. Who has several is found elsewhere.
pub async fn users_with_another_active(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(u.username::text ORDER BY u.username))[1:3], '{}') AS "examples!"
           FROM users u LEFT JOIN metric_catalogs c ON c.owner_id = u.id AND c.is_active
           WHERE u.active_catalog_id IS DISTINCT FROM c.id
             AND NOT EXISTS (SELECT FROM metric_catalogs other WHERE other.owner_id = u.id AND other.is_active AND other.id <> c.id)"#
    )
    .fetch_one(conn)
    .await?)
}

/// Sets every user's active catalog to the one marked active. Returns how many were wrong.
pub async fn mend_active(conn: &mut PgConnection) -> Result<u64> {
    // Which catalog is active changes under the lock of its owner only, so the second look is the one that counts.
    let owners = sqlx::query_scalar!(
        "SELECT u.id FROM users u
         WHERE u.active_catalog_id IS DISTINCT FROM
               (SELECT min(c.id::text)::uuid FROM metric_catalogs c WHERE c.owner_id = u.id AND c.is_active)
         ORDER BY u.id FOR NO KEY UPDATE"
    )
    .fetch_all(&mut *conn)
    .await?;
    watch(conn, Scope::Users).await?;
    let fixed = sqlx::query!(
        r#"WITH meant AS MATERIALIZED (
               SELECT u.id, should.catalog_id
               FROM (SELECT u.id, min(c.id::text)::uuid AS catalog_id
                     FROM users u LEFT JOIN metric_catalogs c ON c.owner_id = u.id AND c.is_active
                     WHERE u.id = ANY($1) GROUP BY u.id HAVING count(c.id) <= 1) AS should
               JOIN users u ON u.id = should.id
               WHERE u.active_catalog_id IS DISTINCT FROM should.catalog_id),
           written AS (
               UPDATE users u SET active_catalog_id = meant.catalog_id FROM meant WHERE meant.id = u.id RETURNING u.id)
           SELECT (SELECT count(*) FROM meant) AS "meant!", (SELECT count(*) FROM written) AS "written!""#,
        &owners
    )
    .fetch_one(conn)
    .await?;
    stored::all("users", fixed.meant, fixed.written)
}

/// Mappings whose codes their framework does not have, of items or of the rows of crosswalks.
pub async fn mappings_to_unknown_codes(conn: &mut PgConnection, of_crosswalks: bool) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT i.name || ' of ' || c.name || ' -> ' || coalesce(m.subcategory_code, m.category_code, m.function_code) AS label
                 FROM metric_catalog_framework_mappings m
                 JOIN metric_catalog_items i ON i.id = m.catalog_item_id
                 JOIN metric_catalogs c ON c.id = i.catalog_id
                 LEFT JOIN framework_functions fn ON fn.framework_id = m.framework_id AND fn.code = m.function_code
                 LEFT JOIN framework_categories ca ON ca.function_id = fn.id AND ca.code = m.category_code
                 LEFT JOIN framework_subcategories su ON su.category_id = ca.id AND su.code = m.subcategory_code
                 WHERE (c.import_metadata ->> 'kind' IS NOT DISTINCT FROM 'crosswalk') = $1
                   AND (fn.id IS NULL OR (m.category_code IS NOT NULL AND ca.id IS NULL)
                        OR (m.subcategory_code IS NOT NULL AND su.id IS NULL))) AS found"#,
        of_crosswalks
    )
    .fetch_one(conn)
    .await?)
}

/// Metrics of the default library whose function no framework has.
pub async fn metrics_of_unknown_functions(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT coalesce(m.metric_number, m.name) || ' -> ' || m.csf_function AS label FROM metrics m
                 WHERE m.catalog_id IS NULL
                   AND NOT EXISTS (SELECT FROM framework_functions fn WHERE fn.code = m.csf_function)) AS found"#
    )
    .fetch_one(conn)
    .await?)
}

/// Metrics of active catalogs and of the default library without a unit.
pub async fn metrics_without_unit(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!",
                  coalesce((array_agg(coalesce(m.metric_number, m.name)::text ORDER BY coalesce(m.metric_number, m.name)))[1:3], '{}')
                  AS "examples!"
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE (m.catalog_id IS NULL OR c.is_active) AND m.unit IS NULL AND m.direction <> 'binary'"#
    )
    .fetch_one(conn)
    .await?)
}

/// Metrics of active catalogs and of the default library without the target or bounds that a score needs.
pub async fn metrics_without_target(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!",
                  coalesce((array_agg(coalesce(m.metric_number, m.name)::text ORDER BY coalesce(m.metric_number, m.name)))[1:3], '{}')
                  AS "examples!"
           FROM metrics m LEFT JOIN metric_catalogs c ON c.id = m.catalog_id
           WHERE (m.catalog_id IS NULL OR c.is_active)
             AND CASE m.direction WHEN 'binary' THEN FALSE
                                  WHEN 'target_range' THEN m.target_lower IS NULL OR m.target_upper IS NULL
                                  ELSE m.target_value IS NULL END"#
    )
    .fetch_one(conn)
    .await?)
}

/// Sets current values to the newest readings where they differ. Returns the metrics' ids.
pub async fn mend_current_values(conn: &mut PgConnection) -> Result<Vec<Uuid>> {
    let found = metrics::stale(&mut *conn, None).await?;
    locks::metrics(&mut *conn, &found).await?;
    // Somebody may have recorded one of them meanwhile.
    let ids = metrics::stale(&mut *conn, Some(&found)).await?;
    metrics::refresh_current_values(conn, &ids).await?;
    Ok(ids)
}

/// Metrics of a catalog that has no item for them.
pub async fn metrics_without_item(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT coalesce(m.metric_number, m.name) || ' of ' || c.name AS label
                 FROM metrics m JOIN metric_catalogs c ON c.id = m.catalog_id
                 WHERE NOT EXISTS (SELECT FROM metric_catalog_items i WHERE i.id = m.id AND i.catalog_id = m.catalog_id)) AS found"#
    )
    .fetch_one(conn)
    .await?)
}

/// Items of active catalogs that are mapped but not metrics.
pub async fn items_without_metric(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT i.name || ' of ' || c.name AS label
                 FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                 WHERE c.is_active AND NOT EXISTS (SELECT FROM metrics m WHERE m.id = i.id)
                   AND EXISTS (SELECT FROM metric_catalog_framework_mappings f WHERE f.catalog_item_id = i.id AND f.is_confirmed)) AS found"#
    )
    .fetch_one(conn)
    .await?)
}

/// Metrics that cannot be told apart by number, or by name where they have none, in their catalog or the default library.
pub async fn namesakes(conn: &mut PgConnection) -> Result<Offenders> {
    Ok(sqlx::query_as!(
        Offenders,
        r#"SELECT count(*) AS "count!", coalesce((array_agg(label ORDER BY label))[1:3], '{}') AS "examples!"
           FROM (SELECT coalesce(min(m.metric_number), min(m.name)) || ' (' || count(*) || ')' AS label
                 FROM metrics m GROUP BY m.catalog_id, m.metric_number IS NULL, lower(trim(coalesce(m.metric_number, m.name)))
                 HAVING count(*) > 1) AS found"#
    )
    .fetch_one(conn)
    .await?)
}

/// What the newest readings of metrics tell.
#[derive(Debug, Clone)]
pub struct Newest {
    /// Metrics whose current value is not that of their newest reading.
    pub stale: Offenders,
    /// Metrics with a current value and no reading that it came from.
    pub without: Offenders,
    /// Readings more than five minutes ahead of the server's clock.
    pub future: Offenders,
    /// The first of those.
    pub first_future: Option<Uuid>,
}

/// Looks once at the newest reading of each metric: by the index, so that it takes no longer where each has many.
pub async fn newest_readings(conn: &mut PgConnection) -> Result<Newest> {
    let found = sqlx::query!(
        r#"WITH clock AS MATERIALIZED (SELECT (now() AT TIME ZONE 'utc') + interval '5 minutes' AS latest),
           odd AS MATERIALIZED (
               SELECT m.id, coalesce(m.metric_number, m.name)::text AS label, newest.id IS NOT NULL AS has_reading,
                      m.current_value IS DISTINCT FROM newest.value AS differs, newest.recorded_at > clock.latest AS is_ahead
               FROM clock, metrics m
               LEFT JOIN LATERAL (SELECT h.id, h.value, h.recorded_at FROM metric_history h WHERE h.metric_id = m.id
                                  ORDER BY h.recorded_at DESC, h.id DESC LIMIT 1) AS newest ON TRUE
               WHERE m.current_value IS DISTINCT FROM newest.value OR newest.recorded_at > clock.latest),
           ahead AS (
               SELECT h.id, odd.label || ' at ' || to_char(h.recorded_at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') || ' (reading ' || h.id || ')' AS label
               FROM clock, odd CROSS JOIN LATERAL (
                   SELECT h.id, h.recorded_at FROM metric_history h WHERE h.metric_id = odd.id AND h.recorded_at > clock.latest OFFSET 0) AS h
               WHERE odd.is_ahead)
           SELECT count(*) FILTER (WHERE differs AND has_reading) AS "stale!",
                  coalesce((array_agg(label ORDER BY label) FILTER (WHERE differs AND has_reading))[1:3], '{}') AS "stale_examples!",
                  count(*) FILTER (WHERE NOT has_reading) AS "without!",
                  coalesce((array_agg(label ORDER BY label) FILTER (WHERE NOT has_reading))[1:3], '{}') AS "without_examples!",
                  (SELECT count(*) FROM ahead) AS "future!",
                  coalesce((SELECT (array_agg(label ORDER BY label))[1:3] FROM ahead), '{}') AS "future_examples!",
                  (SELECT id FROM ahead ORDER BY label LIMIT 1) AS first_future
           FROM odd"#
    )
    .fetch_one(conn)
    .await?;
    Ok(Newest {
        stale: Offenders { count: found.stale, examples: found.stale_examples },
        without: Offenders { count: found.without, examples: found.without_examples },
        future: Offenders { count: found.future, examples: found.future_examples },
        first_future: found.first_future,
    })
}
