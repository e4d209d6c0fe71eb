//! What a database role needs for its work with cmf: the rights, as SQL, and what a role has of them.

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row};

use super::migrations::quote;
use crate::error::Result;

/// The work a database role is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Owns the tables: migrations, frameworks, users, and all that the others do.
    Migrator,
    /// Imports, maps and activates catalogs, keeps metrics, records, scores.
    Importer,
    Recorder,
    /// A recorder who may undo what it recorded.
    Corrector,
    /// Looks at everything but password hashes.
    Reader,
}

/// A right on a table: to all of it, or to some of its columns.
#[derive(Debug, Clone, Copy)]
struct Right {
    table: &'static str,
    privilege: &'static str,
    /// None for the whole table.
    columns: Option<&'static [&'static str]>,
}

/// The tables of the schema, in alphabetical order.
const TABLES: [&str; 13] = [
    "ai_change_log", "framework_categories", "framework_functions", "framework_scores", "framework_subcategories",
    "frameworks", "function_scores", "metric_catalog_framework_mappings", "metric_catalog_items", "metric_catalogs",
    "metric_history", "metrics", "users",
];

const LEDGERS: [&str; 2] = ["__diesel_schema_migrations", "cmf_migrations"];

const TYPES: [&str; 2] = ["metric_direction", "metric_priority"];

/// All of a user but the password's hash and the preferences, which are the web application's.
const OF_USERS: &[&str] = &["id", "username", "email", "active_catalog_id", "is_active", "created_at", "last_login"];

/// The tables that an importer writes to.
const IMPORTED: [&str; 7] = [
    "framework_scores", "function_scores", "metric_catalog_framework_mappings", "metric_catalog_items", "metric_catalogs",
    "metric_history", "metrics",
];

/// All that can be granted on a table.
const PRIVILEGES: [&str; 7] = ["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"];

const fn whole(table: &'static str, privilege: &'static str) -> Right {
    Right { table, privilege, columns: None }
}

const fn of(table: &'static str, privilege: &'static str, columns: &'static [&'static str]) -> Right {
    Right { table, privilege, columns: Some(columns) }
}

impl Work {
    fn rights(self) -> Vec<Right> {
        // The newest row is read to chain the next one to it.
        let audit = [whole("ai_change_log", "INSERT"), of("ai_change_log", "SELECT", &["id", "result"])];
        let see = || {
            let all = TABLES.into_iter().filter(|table| *table != "users");
            all.chain(LEDGERS).map(|table| whole(table, "SELECT")).chain([of("users", "SELECT", OF_USERS)])
        };
        match self {
            Work::Migrator => Vec::new(),
            Work::Reader => see().collect(),
            Work::Corrector => {
                // The rows of its own changes are found in the trail, and its readings come back as they were.
                let own = [
                    whole("metric_history", "DELETE"),
                    of("metric_history", "INSERT", WHOLE_READING),
                    of("ai_change_log", "SELECT", &["id", "timestamp", "action", "source", "user_id", "result"]),
                ];
                let is_wider =
                    |right: &Right| own.iter().any(|own| (own.table, own.privilege) == (right.table, right.privilege));
                Work::Recorder.rights().into_iter().filter(|right| !is_wider(right)).chain(own).collect()
            }
            Work::Recorder => [
                whole("metrics", "SELECT"),
                // The lock on a metric's row needs this too.
                of("metrics", "UPDATE", &["current_value", "updated_at"]),
                whole("metric_history", "SELECT"),
                of("metric_history", "INSERT", &["id", "metric_id", "value", "recorded_at", "note", "recorded_by"]),
                of("metric_catalogs", "SELECT", CATALOG_NAMES),
                of("users", "SELECT", OF_USERS),
            ]
            .into_iter()
            .chain(audit)
            .collect(),
            Work::Importer => see()
                .chain([whole("ai_change_log", "INSERT"), of("users", "UPDATE", &["active_catalog_id"])])
                .chain(IMPORTED.into_iter().flat_map(|table| ["INSERT", "UPDATE", "DELETE"].map(|what| whole(table, what))))
                .collect(),
        }
    }
}

/// All of a reading.
const WHOLE_READING: &[&str] = &["id", "metric_id", "value", "recorded_at", "note", "recorded_by", "created_at"];

/// What tells catalogs apart.
const CATALOG_NAMES: &[&str] = &["id", "name", "owner_id", "is_active"];

/// How things stand where rights are to be granted.
#[derive(Debug, Clone)]
pub struct Ground {
    pub database: String,
    pub has_role: bool,
    pub is_superuser: bool,
    pub tables: Vec<String>,
    pub types: Vec<String>,
    /// The tables among them that the role owns.
    pub owned: Vec<String>,
    pub has_schema: bool,
    /// Whether everybody may make tables in the schema.
    pub is_open: bool,
}

/// Looks where rights are to be granted.
pub async fn ground(conn: &mut PgConnection, schema: &str, role: &str) -> Result<Ground> {
    let tables: Vec<String> = TABLES.into_iter().chain(LEDGERS).map(str::to_owned).collect();
    let types = TYPES.map(str::to_owned);
    Ok(sqlx::query_as!(
        Ground,
        r#"SELECT current_database()::text AS "database!",
                  EXISTS (SELECT FROM pg_roles WHERE rolname = $2) AS "has_role!",
                  EXISTS (SELECT FROM pg_roles WHERE rolname = $2 AND rolsuper) AS "is_superuser!",
                  ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relname = ANY($3) ORDER BY 1) AS "tables!",
                  ARRAY(SELECT t.typname::text FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
                        WHERE n.nspname = $1 AND t.typtype = 'e' AND t.typname = ANY($4) ORDER BY 1) AS "types!",
                  ARRAY(SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                        JOIN pg_roles r ON r.oid = c.relowner
                        WHERE n.nspname = $1 AND r.rolname = $2 AND c.relname = ANY($3) ORDER BY 1) AS "owned!",
                  EXISTS (SELECT FROM pg_namespace WHERE nspname = $1) AS "has_schema!",
                  EXISTS (SELECT FROM pg_namespace n, aclexplode(n.nspacl) a
                          WHERE n.nspname = $1 AND a.grantee = 0 AND a.privilege_type = 'CREATE') AS "is_open!""#,
        schema,
        role,
        &tables,
        &types
    )
    .fetch_one(conn)
    .await?)
}

/// The roles that own tables of cmf in a schema, whoever has the most of them first.
pub async fn owners(conn: &mut PgConnection, schema: &str) -> Result<Vec<String>> {
    let tables: Vec<String> = TABLES.into_iter().chain(LEDGERS).map(str::to_owned).collect();
    Ok(sqlx::query_scalar!(
        r#"SELECT pg_get_userbyid(c.relowner)::text AS "owner!"
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
           WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relname = ANY($2)
           GROUP BY 1 ORDER BY count(*) DESC, 1"#,
        schema,
        &tables
    )
    .fetch_all(conn)
    .await?)
}

impl Ground {
    /// The statements that give the role the rights for its work, and take what it had beyond them.
    pub fn statements(&self, work: Work, schema: &str, role: &str) -> Vec<String> {
        let (space, grantee, database) = (quote(schema), quote(role), quote(&self.database));
        let place = |name: &str| format!("{space}.{}", quote(name));
        let mut statements = Vec::new();
        if work == Work::Migrator && !self.has_schema {
            statements.push(format!("CREATE SCHEMA {space}"));
        }
        if self.is_open {
            statements.push(format!("REVOKE CREATE ON SCHEMA {space} FROM PUBLIC"));
        }
        if work != Work::Migrator {
            // The schema may hold tables of others, too.
            let tables: Vec<String> = self.tables.iter().map(|table| place(table)).collect();
            statements.push(format!("REVOKE ALL ON {} FROM {grantee}", tables.join(", ")));
            statements.push(format!("REVOKE ALL ON SCHEMA {space} FROM {grantee}"));
        }
        statements.push(format!("GRANT CONNECT ON DATABASE {database} TO {grantee}"));
        // An import gathers its rows in temporary tables first.
        if matches!(work, Work::Migrator | Work::Importer) {
            statements.push(format!("GRANT TEMPORARY ON DATABASE {database} TO {grantee}"));
        }
        let uses = if work == Work::Migrator { "USAGE, CREATE" } else { "USAGE" };
        statements.push(format!("GRANT {uses} ON SCHEMA {space} TO {grantee}"));
        if work == Work::Migrator {
            // Nothing less lets a role alter tables.
            let tables = self.tables.iter().filter(|table| !self.owned.contains(table));
            statements.extend(tables.map(|table| format!("ALTER TABLE {} OWNER TO {grantee}", place(table))));
            statements.extend(self.types.iter().map(|name| format!("ALTER TYPE {} OWNER TO {grantee}", place(name))));
            return statements;
        }
        for name in &self.types {
            statements.push(format!("GRANT USAGE ON TYPE {} TO {grantee}", place(name)));
        }
        for right in work.rights().into_iter().filter(|right| self.tables.iter().any(|table| table == right.table)) {
            let columns = right.columns.map(|columns| {
                let columns: Vec<String> = columns.iter().map(|column| quote(column)).collect();
                format!(" ({})", columns.join(", "))
            });
            let columns = columns.unwrap_or_default();
            statements.push(format!("GRANT {}{columns} ON {} TO {grantee}", right.privilege, place(right.table)));
        }
        statements
    }
}

/// Runs one of the statements. Fails when whoever is logged in may not.
pub async fn apply(conn: &mut PgConnection, statement: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(conn).await?;
    Ok(())
}

/// What a role lacks for its work, and what it may do beyond it, as `UPDATE (name) on metrics`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    pub lacks: Vec<String>,
    pub exceeds: Vec<String>,
}

/// Compares what a role may do, by its own grants, by PUBLIC's and by those of roles it belongs to, with what its work needs.
pub async fn compare(conn: &mut PgConnection, work: Work, schema: &str, role: &str) -> Result<Comparison> {
    let tables: Vec<String> = TABLES.into_iter().chain(LEDGERS).map(str::to_owned).collect();
    let rows = sqlx::query!(
        r#"SELECT c.relname::text AS "table!", p.name AS "privilege!",
                  has_table_privilege($2::name, c.oid, p.name) AS "whole!",
                  ARRAY(SELECT a.attname::text FROM pg_attribute a
                        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                          AND CASE WHEN p.name IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
                                   THEN has_column_privilege($2::name, c.oid, a.attnum, p.name) ELSE FALSE END
                        ORDER BY a.attnum) AS "columns!"
           FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace, unnest($4::text[]) AS p (name)
           WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND c.relname = ANY($3)
           ORDER BY 1, 2"#,
        schema,
        role,
        &tables,
        &PRIVILEGES.map(str::to_owned)
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut comparison = Comparison::default();
    let uses = "SELECT has_schema_privilege($2::name, n.oid, 'USAGE') FROM pg_namespace n WHERE n.nspname = $1";
    let uses = sqlx::query(uses).persistent(false).bind(schema).bind(role).fetch_optional(&mut *conn).await?;
    if uses.is_some_and(|row| row.try_get(0).is_ok_and(|uses: bool| !uses)) {
        comparison.lacks.push(format!("USAGE on the schema {schema}"));
    }
    let rights = work.rights();
    for row in rows {
        let named = |columns: &[&str]| {
            let columns = if columns.is_empty() { String::new() } else { format!(" ({})", columns.join(", ")) };
            format!("{}{columns} on {}", row.privilege, row.table)
        };
        let needed = rights.iter().find(|right| right.table == row.table && right.privilege == row.privilege);
        let allowed = match needed.map(|right| right.columns) {
            _ if work == Work::Migrator => {
                if !row.whole {
                    comparison.lacks.push(named(&[]));
                }
                continue;
            }
            Some(None) => {
                if !row.whole {
                    comparison.lacks.push(named(&[]));
                }
                continue;
            }
            Some(Some(columns)) => columns,
            None if row.whole => {
                comparison.exceeds.push(named(&[]));
                continue;
            }
            None => &[],
        };
        let has = |column: &&str| row.columns.iter().any(|other| other == column);
        let lacking: Vec<&str> = allowed.iter().copied().filter(|column| !has(column)).collect();
        if !lacking.is_empty() {
            comparison.lacks.push(named(&lacking));
        }
        let beyond: Vec<&str> = row.columns.iter().map(String::as_str).filter(|column| !allowed.contains(column)).collect();
        if !beyond.is_empty() {
            comparison.exceeds.push(named(&beyond));
        }
    }
    Ok(comparison)
}
