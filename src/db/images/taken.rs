//! What a transaction changed: rows before and after.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Value, json};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::{ANYTHING, Digests, HISTORY, METRICS, MORE, MOST, State, TABLES, any, counts, each, source};
use crate::domain::image::{Changed, Columns, Draft, Readings, differing};
use crate::error::{Error, Result};

/// Of more catalogs an image does not say which they are.
const CATALOGS: usize = 50;

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
         'readings', current_setting('cmf.readings', true), 'catalogs', current_setting('cmf.catalogs', true), \
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
    let digests = if rows > 0 { Digests::of(conn, &TABLES).await? } else { Digests(HashMap::new()) };
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
        let (cursors, places, digests) = (&cursors, &places, &digests);
        let watched = Watched { table, counts, cursors, places, digests, is_own: of_history(table) && !readings.is_empty() };
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
    let mut image = draft.sealed(&readings).ok_or_else(|| Error::failed("cannot write down what was changed"))?;
    let catalogs: BTreeSet<String> = texts("catalogs").into_iter().collect();
    if !catalogs.contains(ANYTHING) && catalogs.len() <= CATALOGS {
        image["catalogs"] = json!(catalogs);
    }
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

/// How many rows are compared at a time.
const BATCH: usize = 500;

/// What became of rows that were there.
#[derive(Debug, Default)]
struct Compared {
    changed: i64,
    removed: i64,
    /// Those that the transaction wrote or locked.
    seen: Vec<Uuid>,
}

/// Where the rows of one table that changed are found.
struct Watched<'a> {
    table: &'static str,
    counts: Counts,
    cursors: &'a [&'a str],
    places: &'a [&'a str],
    digests: &'a Digests,
    /// Whether rows that the transaction added itself may have been changed afterwards, and are told by their ids alone.
    is_own: bool,
}

impl Watched<'_> {
    /// Adds them to a draft; false where some were changed that nobody watched.
    async fn drafted(&self, conn: &mut PgConnection, draft: &mut Draft) -> Result<bool> {
        let Watched { table, counts, is_own, .. } = *self;
        let (mut seen, mut changed, mut removed) = (HashSet::new(), 0, 0);
        // Which users are new, only those that were there tell.
        if counts.updated + counts.deleted > 0 || table == "users" {
            let (more, usual): (Vec<&str>, Vec<&str>) = self.cursors.iter().partition(|name| name.ends_with(MORE));
            for name in usual.into_iter().chain(more) {
                // A row is changed at least once.
                if name.ends_with(MORE) && changed + removed >= counts.updated + counts.deleted {
                    break;
                }
                loop {
                    let (mut before, mut count) = (Vec::new(), 0);
                    each(conn, &format!("FETCH {BATCH} FROM \"{name}\""), |id, state| {
                        count += 1;
                        // What an earlier cursor saw counts.
                        if !seen.contains(&id) {
                            before.push((id, state));
                        }
                        Ok(())
                    })
                    .await?;
                    let found = self.compared(conn, before, !name.ends_with(MORE), draft).await?;
                    changed += found.changed;
                    removed += found.removed;
                    seen.extend(found.seen);
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
                let value = value.and_then(|columns| {
                    let mut parts = columns.parts();
                    parts.retain(|column, _| column == "current_value");
                    if parts.is_empty() { None } else { Columns::of(&parts).ok() }
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

    /// Adds to a draft what became of rows that were there; `may_be_gone`: which the transaction may have removed.
    async fn compared(
        &self,
        conn: &mut PgConnection,
        before: Vec<(Uuid, State)>,
        may_be_gone: bool,
        draft: &mut Draft,
    ) -> Result<Compared> {
        let mut found = Compared::default();
        if before.is_empty() {
            return Ok(found);
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
        if may_be_gone && !left.is_empty() {
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
        for (id, (whole, was)) in before {
            let whole = whole.unwrap_or_default();
            if let Some((now, is)) = after.remove(&id) {
                found.changed += 1;
                let differing = differing(&whole, &now.unwrap_or_default()).map_err(|error| self.unread(&error))?;
                if let Some((before, after)) = differing {
                    let (before, after) = (Some(before), Some(after));
                    self.draft(draft, &Changed { id, before, after, was: Some(was), is: Some(is) })?;
                }
            } else if may_be_gone && !there.contains(&id) {
                found.removed += 1;
                let before = Some(self.columns(&whole)?);
                self.draft(draft, &Changed { id, before, after: None, was: Some(was), is: None })?;
            } else if !may_be_gone {
                continue;
            }
            found.seen.push(id);
        }
        Ok(found)
    }

    /// The statement for rows as they are that the transaction wrote.
    fn now(&self, condition: &str) -> String {
        let whole = match self.table {
            _ if self.counts.updated > 0 || self.table == "users" => "to_jsonb(x)::text",
            METRICS => "jsonb_build_object('current_value', x.current_value)::text",
            _ => "NULL::text",
        };
        let mine = if self.table == "users" { "" } else { " AND x.xmin = (SELECT pg_current_xact_id()::xid)" };
        let (digest, source) = (self.digests.words(self.table), source(self.table));
        format!("SELECT x.id::text AS id, {whole} AS whole, {digest} AS digest FROM {source} x WHERE ({condition}){mine}")
    }

    fn columns(&self, whole: &str) -> Result<Columns> {
        Columns::read(whole).map_err(|error| self.unread(&error))
    }

    fn unread(&self, error: &serde_json::Error) -> Error {
        Error::failed(format!("cannot read a row of {}: {error}", self.table))
    }

    fn draft(&self, draft: &mut Draft, row: &Changed) -> Result<()> {
        draft.add(self.table, row).ok_or_else(|| Error::failed(format!("cannot write down a row of {}", self.table)))
    }
}
