//! Before and after of the rows that a transaction changes, for the trail.
//!
//! A cursor keeps seeing the rows as they were when it was declared, and a row that was changed since bears the number of the
//! transaction that did it. So whoever takes a lock to change something ([`super::locks`]) or adds to a table declares cursors
//! on what may change ([`watch`]), which costs nothing by itself; and before the transaction ends, [`taken`] reads the rows that
//! it did change: as they were, from the cursors, and as they are, from the tables. No statement has to say what it changes.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::TryStreamExt;
use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::literal;
use crate::domain::image::{Changed, Columns, Draft, Readings, differing};
use crate::domain::past::Today;
use crate::error::{Error, Result};

/// The tables whose rows are kept, in an order in which rows can be added: no row comes before one that it refers to.
pub const TABLES: [&str; 12] = [
    "frameworks", "framework_functions", "framework_categories", "framework_subcategories", "users", "metric_catalogs",
    "metric_catalog_items", "metric_catalog_framework_mappings", "metrics", HISTORY, "function_scores", "framework_scores",
];

const HISTORY: &str = "metric_history";
const METRICS: &str = "metrics";

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
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    format!("ANY('{{{}}}'::uuid[])", ids.join(","))
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

/// A digest of what a row says, whatever time does to it: when it was written, and the value that follows the readings.
fn digest(table: &str) -> String {
    let but = match table {
        "metrics" => "'{current_value,created_at,updated_at}'",
        "users" => "'{last_login,created_at}'",
        _ => "'{created_at,updated_at}'",
    };
    format!("left(md5((to_jsonb(x) - {but}::text[])::text), 16)")
}

/// Notes what may change from here on; the rows are locked, or nobody else can change them. What is noted twice counts once.
pub async fn watch(conn: &mut PgConnection, scope: Scope<'_>) -> Result<()> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    // The server's counts continue from one transaction to the next until it reports them, which it never does in one.
    let mut words = format!(
        "SELECT set_config('cmf.base', coalesce(nullif(current_setting('cmf.base', true), ''), {}::text), true); ",
        counts()
    );
    let mut places = String::new();
    for (table, condition) in scope.conditions() {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let (source, digest) = (source(table), digest(table));
        // Of a row that the transaction itself changed before, an earlier cursor has the state that counts.
        let mine = if table == "users" {
            ""
        } else {
            " AND x.xmax = (SELECT pg_current_xact_id()::xid) AND x.xmin <> (SELECT pg_current_xact_id()::xid)"
        };
        words.push_str(&format!(
            "DECLARE \"cmf {table} {count:06}\" NO SCROLL CURSOR FOR SELECT x.id::text AS id, to_jsonb(x)::text AS whole, \
             {digest} AS digest FROM {source} x WHERE ({condition}){mine}; "
        ));
        if scope.may_add() {
            places.push_str(&format!("{table} {condition}\n"));
        }
    }
    if !places.is_empty() {
        words.push_str(&noting("cmf.watched", &places));
    }
    sqlx::raw_sql(AssertSqlSafe(words)).execute(conn).await?;
    Ok(())
}

/// Notes that readings were added, by the ids that only this command uses.
pub async fn added(conn: &mut PgConnection, (first, last): (Uuid, Uuid)) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(noting("cmf.readings", &format!("{first} {last}\n")))).execute(conn).await?;
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

fn noting(name: &str, line: &str) -> String {
    format!("SELECT set_config('{name}', concat(current_setting('{name}', true), {}), true)", literal(line))
}

/// What the transaction did to a table.
#[derive(Debug, Clone, Copy)]
struct Counts {
    inserted: i64,
    updated: i64,
    deleted: i64,
}

/// What a transaction changed.
#[derive(Debug)]
pub enum Taken {
    /// As the trail keeps it.
    Image(Value),
    /// It is not kept, and why: rows that nobody watched.
    Not(Value),
    /// It is not kept: these are more rows than [`MOST`], or than the database's setting `cmf.undo_rows`.
    TooMany(i64),
}

/// The rows that the transaction changed until now; none where it changed nothing. A
/// transient error when another program changed one of them between the lock and the change.
pub async fn taken(conn: &mut PgConnection) -> Result<Option<Taken>> {
    let words = format!(
        "SELECT jsonb_build_object('base', nullif(current_setting('cmf.base', true), '')::jsonb, 'counts', {}, \
         'watched', current_setting('cmf.watched', true), 'most', current_setting('cmf.undo_rows', true), \
         'readings', current_setting('cmf.readings', true), \
         'cursors', ARRAY(SELECT name FROM pg_cursors WHERE name LIKE 'cmf %' ORDER BY name))::text AS noted",
        counts()
    );
    let noted: String = sqlx::raw_sql(AssertSqlSafe(words)).fetch_one(&mut *conn).await?.try_get("noted")?;
    let noted: Value = serde_json::from_str(&noted).unwrap_or_default();
    let texts = |name: &str| noted[name].as_str().unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>();
    let (watched, readings) = (texts("watched"), texts("readings"));
    if noted["base"].is_null() {
        return Ok(None);
    }
    let counts: Vec<Counts> = (0..TABLES.len())
        .map(|table| {
            let of = |when: &str, what: usize| noted[when][table][what].as_i64().unwrap_or_default();
            let count = |what: usize| of("counts", what) - of("base", what);
            Counts { inserted: count(0), updated: count(1), deleted: count(2) }
        })
        .collect();
    let of_history = |table: &str| table == HISTORY;
    // New readings are told by a range of ids, but for those that are put back.
    let is_by_ids = |table: &str| !of_history(table) || watched.iter().any(|line| line.starts_with(HISTORY));
    let rows: i64 = TABLES
        .iter()
        .zip(&counts)
        .map(|(table, one)| one.updated + one.deleted + if is_by_ids(table) { one.inserted } else { 0 })
        .sum();
    let most = noted["most"].as_str().and_then(|most| most.trim().parse().ok()).unwrap_or(MOST);
    if rows > most {
        return Ok(Some(Taken::TooMany(rows)));
    }
    let mut readings: Vec<Readings> = readings.iter().filter_map(|line| range(line)).collect();
    let mut draft = Draft::new();
    for (table, counts) in TABLES.into_iter().zip(counts) {
        let added = if is_by_ids(table) { counts.inserted } else { 0 };
        if counts.inserted > 0 && readings.is_empty() && !is_by_ids(table) {
            return Ok(Some(unwatched(table)));
        }
        if added + counts.updated + counts.deleted == 0 {
            continue;
        }
        let cursors: Vec<&str> = noted["cursors"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let cursors: Vec<&str> = cursors.into_iter().filter(|name| name.split(' ').nth(1) == Some(table)).collect();
        let places: Vec<&str> = watched
            .iter()
            .filter_map(|line| line.split_once(' '))
            .filter(|(of, _)| *of == table)
            .map(|(_, place)| place)
            .collect();
        if cursors.is_empty() {
            return Ok(Some(unwatched(table)));
        }
        let watched =
            Watched { table, counts, cursors: &cursors, places: &places, is_own: of_history(table) && !readings.is_empty() };
        if !watched.drafted(conn, &mut draft).await? {
            return Ok(Some(unwatched(table)));
        }
    }
    for readings in &mut readings {
        readings.sums = Some(sums(conn, readings).await?);
    }
    if draft.is_empty() && readings.is_empty() {
        return Ok(None);
    }
    let image = draft.sealed(&readings).ok_or_else(|| Error::failed("cannot write down what was changed"))?;
    Ok(Some(Taken::Image(image)))
}

/// What [`Readings::sums`] is of readings as they are.
pub async fn sums(conn: &mut PgConnection, readings: &Readings) -> Result<String> {
    let Readings { first, last, .. } = readings;
    let words = format!(
        "SELECT concat(count(*), ' ', coalesce(sum((value * 10000)::bigint), 0), ' ', \
         coalesce(sum((extract(epoch FROM recorded_at) * 1000000)::bigint), 0)) AS sums \
         FROM {HISTORY} WHERE id BETWEEN '{first}' AND '{last}'"
    );
    Ok(sqlx::raw_sql(AssertSqlSafe(words)).fetch_one(conn).await?.try_get("sums")?)
}

fn unwatched(table: &str) -> Taken {
    debug_assert!(false, "rows of {table} were changed without a record");
    Taken::Not(json!({ "kept": false, "why": format!("changes of {table} were not recorded") }))
}

fn range(line: &str) -> Option<Readings> {
    let (first, last) = line.split_once(' ')?;
    Some(Readings { first: first.parse().ok()?, last: last.parse().ok()?, sums: None })
}

/// A state of a row: all of it where that was asked for, and its digest.
type State = (Option<String>, String);

/// How many rows are compared at a time.
const BATCH: usize = 500;

/// Where the rows of one table that changed are found.
struct Watched<'a> {
    table: &'static str,
    counts: Counts,
    cursors: &'a [&'a str],
    places: &'a [&'a str],
    /// Whether rows that the transaction added itself may have been changed afterwards, and are told by their ids alone.
    is_own: bool,
}

impl Watched<'_> {
    /// Adds them to a draft; false where some were changed that nobody watched.
    async fn drafted(&self, conn: &mut PgConnection, draft: &mut Draft) -> Result<bool> {
        let Watched { table, counts, is_own, .. } = *self;
        let (mut seen, mut removed) = (HashSet::new(), 0);
        // Which users are new, only those that were there tell.
        if counts.updated + counts.deleted > 0 || table == "users" {
            for name in self.cursors {
                loop {
                    let (mut before, mut count) = (Vec::new(), 0);
                    each(conn, &format!("FETCH {BATCH} FROM \"{name}\""), |id, state| {
                        count += 1;
                        // What an earlier cursor saw counts.
                        if seen.insert(id) {
                            before.push((id, state));
                        }
                        Ok(())
                    })
                    .await?;
                    removed += self.compared(conn, before, draft).await?;
                    if count < BATCH {
                        break;
                    }
                }
            }
        }
        let mut added = 0_i64;
        if counts.inserted + counts.updated > 0 && !self.places.is_empty() {
            let places: Vec<String> = self.places.iter().map(|place| format!("({place})")).collect();
            let words = format!("{} ORDER BY x.id", self.now(&places.join(" OR ")));
            each(conn, &words, |id, (whole, is)| {
                if seen.contains(&id) {
                    return Ok(());
                }
                added += 1;
                // The digest of a metric says nothing of its value.
                let value = whole.filter(|_| table == METRICS).map(|whole| self.columns(&whole)).transpose()?;
                let value = value.and_then(|mut columns| {
                    columns.retain(|column, _| column == "current_value");
                    (!columns.is_empty()).then_some(columns)
                });
                self.draft(draft, &Changed { id, before: None, after: value, was: None, is: Some(is) })
            })
            .await?;
        }
        let came_and_went = counts.deleted - removed;
        if table != "users" && (added > counts.inserted || came_and_went > counts.inserted) {
            // The cursor saw a state of some row before that which was changed.
            return Err(Error::failed(format!("another program changed rows of {table} meanwhile"))
                .hint("run the command again")
                .transient());
        }
        let is_seen = is_own || !seen.is_empty() || added > 0;
        let is_missing = table != "users" && table != HISTORY && added + came_and_went < counts.inserted;
        Ok(!(is_missing || !is_seen && counts.updated > 0))
    }

    /// Adds to a draft what became of rows that were there; returns how many are gone.
    async fn compared(&self, conn: &mut PgConnection, before: Vec<(Uuid, State)>, draft: &mut Draft) -> Result<i64> {
        if before.is_empty() {
            return Ok(0);
        }
        let ids: Vec<Uuid> = before.iter().map(|(id, _)| *id).collect();
        let mut after: HashMap<Uuid, State> = HashMap::new();
        if self.counts.inserted + self.counts.updated > 0 {
            each(conn, &self.now(&format!("x.id = {}", any(&ids))), |id, state| {
                after.insert(id, state);
                Ok(())
            })
            .await?;
        }
        let left: Vec<Uuid> = ids.into_iter().filter(|id| !after.contains_key(id)).collect();
        let mut there = HashSet::new();
        if !left.is_empty() {
            // What is there still was only locked.
            let table = self.table;
            let words =
                format!("SELECT id::text AS id, NULL::text AS whole, '' AS digest FROM {table} WHERE id = {}", any(&left));
            each(conn, &words, |id, _| {
                there.insert(id);
                Ok(())
            })
            .await?;
        }
        let mut removed = 0;
        for (id, (whole, was)) in before {
            let whole = whole.unwrap_or_default();
            if let Some((now, is)) = after.remove(&id) {
                let (before, after) = differing(self.columns(&whole)?, self.columns(&now.unwrap_or_default())?);
                if !before.is_empty() {
                    let (before, after) = (Some(before), Some(after));
                    self.draft(draft, &Changed { id, before, after, was: Some(was), is: Some(is) })?;
                }
            } else if !there.contains(&id) {
                removed += 1;
                let before = Some(self.columns(&whole)?);
                self.draft(draft, &Changed { id, before, after: None, was: Some(was), is: None })?;
            }
        }
        Ok(removed)
    }

    /// The statement for rows as they are that the transaction wrote.
    fn now(&self, condition: &str) -> String {
        let whole = match self.table {
            _ if self.counts.updated > 0 || self.table == "users" => "to_jsonb(x)::text",
            METRICS => "jsonb_build_object('current_value', x.current_value)::text",
            _ => "NULL::text",
        };
        let mine = if self.table == "users" { "" } else { " AND x.xmin = (SELECT pg_current_xact_id()::xid)" };
        let (digest, source) = (digest(self.table), source(self.table));
        format!("SELECT x.id::text AS id, {whole} AS whole, {digest} AS digest FROM {source} x WHERE ({condition}){mine}")
    }

    fn columns(&self, whole: &str) -> Result<Columns> {
        serde_json::from_str(whole).map_err(|error| Error::failed(format!("cannot read a row of {}: {error}", self.table)))
    }

    fn draft(&self, draft: &mut Draft, row: &Changed) -> Result<()> {
        draft.add(self.table, row).ok_or_else(|| Error::failed(format!("cannot write down a row of {}", self.table)))
    }
}

/// The digests of a catalog's metrics or mappings, or of the default library's metrics, as they are.
pub async fn digests(conn: &mut PgConnection, table: &str, catalog_id: Option<Uuid>) -> Result<HashMap<Uuid, String>> {
    let scope = match catalog_id {
        Some(id) => Scope::Catalogs(&[id]).conditions(),
        None => Scope::Library.conditions(),
    };
    let conditions: Vec<String> = scope.into_iter().filter(|(of, _)| *of == table).map(|(_, condition)| condition).collect();
    digests_where(conn, table, &conditions.join(" OR ")).await
}

/// The digests of rows as they are, by their ids.
pub async fn digests_of(conn: &mut PgConnection, table: &str, ids: &[Uuid]) -> Result<HashMap<Uuid, String>> {
    digests_where(conn, table, &format!("x.id = {}", any(ids))).await
}

async fn digests_where(conn: &mut PgConnection, table: &str, condition: &str) -> Result<HashMap<Uuid, String>> {
    let (digest, source) = (digest(table), source(table));
    let words = format!("SELECT x.id::text AS id, NULL::text AS whole, {digest} AS digest FROM {source} x WHERE {condition}");
    let mut digests = HashMap::new();
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
        digest(table),
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
