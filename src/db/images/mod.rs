//! Before and after of the rows that a transaction changes, for the trail.
//!
//! A cursor keeps seeing the rows as they were when it was declared, and a row that was changed since bears the number of the
//! transaction that did it. So whoever takes a lock to change something ([`super::locks`]) or adds to a table declares cursors
//! on what may change ([`watch`]), which costs nothing by itself; and before the transaction ends, [`taken()`] reads the rows that
//! it did change: as they were, from the cursors, and as they are, from the tables. No statement has to say what it changes.

mod taken;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::TryStreamExt;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

pub use self::taken::{Taken, sums, taken};
use super::literal;
use crate::domain::past::Today;
use crate::error::{Error, Result};

/// The tables whose rows are kept, in an order in which rows can be added: no row comes before one that it refers to.
pub const TABLES: [&str; 12] = [
    "frameworks", "framework_functions", "framework_categories", "framework_subcategories", "users", "metric_catalogs",
    "metric_catalog_items", "metric_catalog_framework_mappings", "metrics", HISTORY, "function_scores", "framework_scores",
];

const HISTORY: &str = "metric_history";
const METRICS: &str = "metrics";

/// Those whose rows belong to a catalog, or to the default library.
const OF_CATALOGS: [&str; 4] = ["metric_catalog_items", "metric_catalog_framework_mappings", METRICS, HISTORY];

/// In the place of a catalog's id: the default library.
pub const LIBRARY: &str = "library";

/// In the place of a catalog's id: it is not known which.
const ANYTHING: &str = "?";

/// Of more rows no image is kept, unless the database says another number.
pub const MOST: i64 = 500_000;

/// What of a user can be kept: not the password's hash and the preferences, which are the web application's.
const OF_USERS: &str = "id, username, email, active_catalog_id, is_active, created_at, last_login";

/// What may change from here on.
#[derive(Debug, Clone, Copy)]
pub enum Scope<'a> {
    /// A user and the user's catalogs, but nothing in them.
    Owner(Uuid),
    Users,
    /// Catalogs with their items, mappings and metrics.
    Catalogs(&'a [Uuid]),
    Metrics(&'a [Uuid]),
    /// The metrics of the default library.
    Library,
    Frameworks,
    Scores(Option<Uuid>),
    /// Readings that exist already.
    ReadingsOf(&'a [Uuid]),
    ReadingsOfCatalog(Uuid),
    Reading(Uuid),
    /// Rows of a table, and those that are added under these ids.
    Rows(&'static str, &'a [Uuid]),
    /// Readings that exist already, by their ids.
    ReadingsBetween(Uuid, Uuid),
}

/// Of more rows than this the whole table is looked at: what the transaction did not change is left out anyway.
const FEW: usize = 1_000;

pub(super) fn any(ids: &[Uuid]) -> String {
    let mut words = String::with_capacity(24 + 37 * ids.len());
    words.push_str("ANY('{");
    for (place, id) in ids.iter().enumerate() {
        // Writing to a text does not fail.
        let _ = write!(words, "{}{id}", if place > 0 { "," } else { "" });
    }
    words.push_str("}'::uuid[])");
    words
}

impl Scope<'_> {
    /// The tables, and which of their rows.
    fn conditions(self) -> Vec<(&'static str, String)> {
        match self {
            Scope::Owner(id) => vec![("users", format!("x.id = '{id}'")), ("metric_catalogs", format!("x.owner_id = '{id}'"))],
            Scope::Users => vec![("users", "TRUE".to_owned())],
            Scope::Catalogs(ids) => {
                let any = any(ids);
                vec![
                    ("metric_catalogs", format!("x.id = {any}")),
                    ("metric_catalog_items", format!("x.catalog_id = {any}")),
                    (
                        "metric_catalog_framework_mappings",
                        format!("x.catalog_item_id IN (SELECT i.id FROM metric_catalog_items i WHERE i.catalog_id = {any})"),
                    ),
                    ("metrics", format!("x.catalog_id = {any}")),
                ]
            }
            Scope::Metrics(ids) => vec![("metrics", format!("x.id = {}", any(ids)))],
            Scope::Library => vec![("metrics", "x.catalog_id IS NULL".to_owned())],
            Scope::Frameworks => TABLES[..4].iter().map(|table| (*table, "TRUE".to_owned())).collect(),
            Scope::Scores(catalog) => {
                let of = catalog.map_or("x.catalog_id IS NULL".to_owned(), |id| format!("x.catalog_id = '{id}'"));
                vec![("function_scores", of.clone()), ("framework_scores", of)]
            }
            Scope::ReadingsOf(ids) => vec![(HISTORY, format!("x.metric_id = {}", any(ids)))],
            Scope::ReadingsOfCatalog(id) => {
                vec![(HISTORY, format!("x.metric_id IN (SELECT m.id FROM metrics m WHERE m.catalog_id = '{id}')"))]
            }
            Scope::Reading(id) => vec![(HISTORY, format!("x.id = '{id}'"))],
            Scope::Rows(table, ids) if table != HISTORY && ids.len() > FEW => vec![(table, "TRUE".to_owned())],
            Scope::Rows(table, ids) => vec![(table, format!("x.id = {}", any(ids)))],
            Scope::ReadingsBetween(first, last) => vec![(HISTORY, format!("x.id BETWEEN '{first}' AND '{last}'"))],
        }
    }

    /// The catalogs whose metrics, items, mappings and readings may change, as an expression with a line for each: its id,
    /// [`LIBRARY`], or [`ANYTHING`].
    fn catalogs(self) -> Option<String> {
        let of_metrics = |condition: &str| {
            format!(
                "(SELECT string_agg(DISTINCT concat(coalesce(m.catalog_id::text, '{LIBRARY}'), chr(10)), '') \
                 FROM metrics m WHERE {condition})"
            )
        };
        match self {
            Scope::Owner(_) | Scope::Users | Scope::Frameworks | Scope::Scores(_) => None,
            Scope::Catalogs(ids) => Some(literal(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())),
            Scope::ReadingsOfCatalog(id) => Some(literal(&format!("{id}\n"))),
            Scope::Library => Some(literal(&format!("{LIBRARY}\n"))),
            Scope::Metrics(ids) | Scope::ReadingsOf(ids) => Some(of_metrics(&format!("m.id = {}", any(ids)))),
            Scope::Reading(id) => {
                Some(of_metrics(&format!("m.id = (SELECT h.metric_id FROM {HISTORY} h WHERE h.id = '{id}')")))
            }
            Scope::Rows(table, _) if !OF_CATALOGS.contains(&table) => None,
            Scope::Rows(..) | Scope::ReadingsBetween(..) => Some(literal(&format!("{ANYTHING}\n"))),
        }
    }

    /// Whether rows may be added that only this says.
    fn may_add(self) -> bool {
        !matches!(
            self,
            Scope::Metrics(_)
                | Scope::ReadingsOf(_)
                | Scope::ReadingsOfCatalog(_)
                | Scope::Reading(_)
                | Scope::ReadingsBetween(..)
        )
    }
}

/// What is read of a table's rows. Whoever may only see some columns of users may not see the numbers of transactions either.
fn source(table: &str) -> String {
    if table == "users" { format!("(SELECT {OF_USERS} FROM users)") } else { table.to_owned() }
}

/// How the digest of a row is computed, by table.
#[derive(Debug)]
struct Digests(HashMap<String, String>);

impl Digests {
    /// Asks the server for the columns of these tables. A digest is made of what a row says, whatever time does to it: not of when
    /// it was written, nor of the value that follows the readings. An empty column adds nothing, so that a column more changes
    /// no digest. The functions are those that partitions by hash rest on, which no version of the server may change.
    async fn of(conn: &mut PgConnection, tables: &[&str]) -> Result<Self> {
        let tables: Vec<String> = tables.iter().map(|table| (*table).to_owned()).collect();
        let of_users: Vec<String> = OF_USERS.split(", ").map(str::to_owned).collect();
        let rows = sqlx::query!(
            r#"SELECT c.relname::text AS "table!", string_agg(format('coalesce(hashtextextended((%s) COLLATE "C", %s), 0)',
                      CASE WHEN y.oid = 'jsonb'::regtype THEN format('jsonb_hash_extended(x.%I, 0)::text', a.attname)
                           WHEN y.typtype = 'e' OR y.typcategory IN ('S', 'N', 'B') OR y.oid = 'uuid'::regtype
                           THEN format('x.%I::text', a.attname)
                           ELSE format('to_jsonb(x.%I)::text', a.attname) END,
                      hashtextextended(a.attname::text COLLATE "C", 0)), ' # ') AS "words!"
               FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type y ON y.oid = a.atttypid
               WHERE c.oid = ANY (ARRAY(SELECT to_regclass(name) FROM unnest($1::text[]) AS t (name)))
                 AND a.attnum > 0 AND NOT a.attisdropped
                 AND a.attname <> ALL (CASE c.relname WHEN 'metrics' THEN '{current_value,created_at,updated_at}'
                                                      WHEN 'users' THEN '{last_login,created_at}'
                                                      ELSE '{created_at,updated_at}' END::text[])
                 AND (c.relname <> 'users' OR a.attname = ANY ($2::text[]))
               GROUP BY c.relname"#,
            &tables,
            &of_users
        )
        .fetch_all(conn)
        .await?;
        Ok(Digests(rows.into_iter().map(|row| (row.table, format!("to_hex({})", row.words))).collect()))
    }

    /// The expression for a row `x` of a table.
    fn words(&self, table: &str) -> &str {
        self.0.get(table).map_or("''", String::as_str)
    }
}

/// What a cursor's name ends with that has the rows whose keys others hold. Where somebody who adds a reading has not committed yet, a
/// metric that is changed bears a number that stands for both transactions. It does not tell which they are, so all rows with another
/// number are looked at, where the others are fewer than the server says were changed.
const MORE: &str = " more";

/// Not those rows that bear the number of a transaction beside this one: that changed them after they were locked.
const NOT_OF_OTHERS: &str = " AND x.xmax::text::bigint NOT BETWEEN \
     pg_snapshot_xmin(pg_current_snapshot())::text::bigint % 4294967296 \
     AND pg_snapshot_xmax(pg_current_snapshot())::text::bigint % 4294967296 + 100000";

/// Notes what may change from here on; the rows are locked, or nobody else can change them. What is noted twice counts once.
pub async fn watch(conn: &mut PgConnection, scope: Scope<'_>) -> Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // The server's counts go on from one transaction to the next until it reports them, which it never does in one.
    let mut words = format!(
        "SELECT set_config('cmf.base', coalesce(nullif(current_setting('cmf.base', true), ''), {}::text), true); ",
        counts()
    );
    let mut places = String::new();
    let conditions = scope.conditions();
    let digests = Digests::of(conn, &conditions.iter().map(|(table, _)| *table).collect::<Vec<_>>()).await?;
    for (table, condition) in conditions {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let (source, digest) = (source(table), digests.words(table));
        // Of a row that the transaction itself changed before, an earlier cursor has the state that counts.
        let mine = "(SELECT pg_current_xact_id()::xid)";
        let cursors: &[(&str, &str)] = if table == "users" {
            &[("", "")]
        } else {
            &[
                ("", &format!(" AND x.xmin <> {mine} AND x.xmax = {mine}")),
                (MORE, &format!(" AND x.xmin <> {mine} AND x.xmax <> {mine} AND x.xmax <> '0'::xid{NOT_OF_OTHERS}")),
            ]
        };
        for (which, changed) in cursors {
            words.push_str(&format!(
                "DECLARE \"cmf {table} {count:06}{which}\" NO SCROLL CURSOR FOR SELECT x.id::text AS id, \
                 to_jsonb(x)::text AS whole, {digest} AS digest FROM {source} x WHERE ({condition}){changed}; "
            ));
        }
        if scope.may_add() {
            places.push_str(&format!("{table} {condition}\n"));
        }
    }
    if !places.is_empty() {
        words.push_str(&format!("{}; ", noting("cmf.watched", &literal(&places))));
    }
    if let Some(catalogs) = scope.catalogs() {
        words.push_str(&noting("cmf.catalogs", &catalogs));
    }
    sqlx::raw_sql(AssertSqlSafe(words)).execute(conn).await?;
    Ok(())
}

/// Notes that readings were added, by the ids that only this command uses.
pub async fn added(conn: &mut PgConnection, (first, last): (Uuid, Uuid)) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(noting("cmf.readings", &literal(&format!("{first} {last}\n"))))).execute(conn).await?;
    Ok(())
}

/// What was done to each table, by the server's own count, as JSON.
fn counts() -> String {
    let counts = TABLES.map(|table| {
        let of = |what: &str| format!("pg_stat_get_xact_tuples_{what}(to_regclass('{table}'))");
        format!("jsonb_build_array({}, {}, {})", of("inserted"), of("updated"), of("deleted"))
    });
    format!("jsonb_build_array({})", counts.join(", "))
}

/// Adds to a note of the transaction what an expression says.
fn noting(name: &str, lines: &str) -> String {
    format!("SELECT set_config('{name}', concat(current_setting('{name}', true), {lines}), true)")
}

/// The digests of rows as they are, by their ids.
pub async fn digests_of(conn: &mut PgConnection, table: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    let mut digests = HashMap::new();
    if ids.is_empty() {
        return Ok(digests);
    }
    let (how, source, any) = (Digests::of(conn, &[table]).await?, source(table), any(ids));
    let digest = how.words(table);
    let words = format!("SELECT x.id::text AS id, NULL::text AS whole, {digest} AS digest FROM {source} x WHERE x.id = {any}");
    each(conn, &words, |id, (_, digest)| {
        digests.insert(id, digest);
        Ok(())
    })
    .await?;
    Ok(digests)
}

/// Rows as they are whose column is one of these ids.
pub async fn today_of(conn: &mut PgConnection, table: &str, column: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, Today>> {
    let mut rows = HashMap::new();
    if ids.is_empty() {
        return Ok(rows);
    }
    let words = format!(
        "SELECT x.id::text AS id, to_jsonb(x)::text AS whole, {} AS digest FROM {} x WHERE x.{column} = {}",
        Digests::of(conn, &[table]).await?.words(table),
        source(table),
        any(ids)
    );
    each(conn, &words, |id, (whole, digest)| {
        let columns = whole.and_then(|whole| serde_json::from_str(&whole).ok()).unwrap_or_default();
        rows.insert(id, Today { columns, digest });
        Ok(())
    })
    .await?;
    Ok(rows)
}

/// A state of a row: all of it where that was asked for, and its digest.
type State = (Option<String>, String);

/// Hands the rows of a statement to `take` as they arrive.
async fn each(conn: &mut PgConnection, words: &str, mut take: impl FnMut(Uuid, State) -> Result<()>) -> Result<()> {
    let mut rows = sqlx::raw_sql(AssertSqlSafe(words)).fetch(conn);
    while let Some(row) = rows.try_next().await? {
        let id: String = row.try_get("id")?;
        let id = id.parse().map_err(|_| Error::failed(format!("`{id}` is not an id")))?;
        take(id, (row.try_get("whole")?, row.try_get("digest")?))?;
    }
    Ok(())
}
