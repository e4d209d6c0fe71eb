//! From built items to the database: straight into a new catalog, or staged beside an existing one and compared with it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use chrono::NaiveDateTime;
use uuid::Uuid;

use super::directions::Directions;
use super::readings::{self, How, Recorded};
use super::renumber::{self, Renumber, Renumbered};
use super::understand::{Codes, blocking};
use crate::aside::broken;
use crate::catalog::import::build::{self, Built, Outcome, Refusal, RowSummary, Taker};
use crate::confirm::Confirmed;
use crate::db::copy::{Copy, Rows};
use crate::db::items::Change;
use crate::db::{self, Connection};
use crate::domain::item::{Field, natural_key};
use crate::domain::reading::{Identity, OnConflict};
use crate::domain::succession::certainty;
use crate::domain::text::folded;
use crate::error::{Error, Place, Result};
use crate::session::Write;
use crate::table::Table;
use crate::table::problem::{Problem, Problems};
use crate::tell::{Gauge, Tell};

/// How much is sent to the server at a time, in bytes.
const CHUNK: usize = 1 << 17;

/// How many differing fields are shown.
const CHANGES: i64 = 10_000;

/// What to do with rows that the catalog has, and with those it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// A new catalog.
    #[default]
    Create,
    /// Only metrics that the catalog has.
    Update,
    /// Both.
    Upsert,
}

#[derive(Debug, Clone)]
pub struct Target {
    pub catalog_id: Uuid,
    pub name: String,
    /// Whether it exists already, with or without items.
    pub is_known: bool,
    pub is_active: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub mode: Mode,
    pub target: Target,
    pub owner_id: Uuid,
    /// When the sheet's values were measured, UTC.
    pub at: Option<NaiveDateTime>,
    /// Whether rows without problems are stored although others have some.
    pub partial: bool,
    /// Whether withdrawn codes stand for their successors.
    pub accept_successors: bool,
    /// What rows become that have the name of a metric of the catalog and another number.
    pub renumber: Option<Renumber>,
    pub prune: bool,
    pub prune_history: bool,
    /// What becomes of a reading of a series where the metric has another value at that time.
    pub on_conflict: OnConflict,
    /// The file, for what is wrong with it.
    pub place: Place,
}

#[derive(Debug, Default)]
pub struct Stored {
    pub imported: u64,
    pub updated: u64,
    /// Metrics that are as they were.
    pub unchanged: u64,
    pub mappings: u64,
    pub readings: Recorded,
    /// The items that the sheet does not have and that go.
    pub pruned: Vec<Uuid>,
    pub changes: Vec<Change>,
    /// What came of the directions; if one is unknown, nothing was stored.
    pub directions: Directions,
    /// Where it is not said what becomes of them, nothing was stored.
    pub renumbered: Vec<Renumbered>,
}

impl Stored {
    /// Whether the database differs from before.
    pub fn is_change(&self) -> bool {
        self.imported + self.updated + self.mappings + self.readings.added > 0 || !self.pruned.is_empty()
    }
}

/// What came out of the second pass.
pub(super) struct Passed {
    pub finding: RowSummary,
    pub problems: Vec<Problem>,
    /// Whether items were held back because of the problems.
    pub broken: bool,
    /// How many of the mappings are to successors of withdrawn codes.
    pub successors: u64,
    directions: Directions,
    items: Lines,
    mappings: Lines,
}

/// Rows for the server that wait in a temporary file without a name.
struct Lines {
    file: BufWriter<File>,
    row: Rows,
    count: u64,
}

impl Lines {
    fn new() -> Result<Self> {
        Ok(Lines { file: BufWriter::new(tempfile::tempfile().map_err(broken)?), row: Rows::default(), count: 0 })
    }

    /// Adds a row that is written by `write`.
    fn add(&mut self, write: impl FnOnce(&mut Rows)) -> Result<()> {
        self.row.clear();
        write(&mut self.row);
        self.count += 1;
        self.file.write_all(self.row.as_bytes()).map_err(broken)
    }
}

/// What a row of the sheet is matched with: an item of the catalog, or the metric of an item that was removed from it.
#[derive(Debug, Clone)]
struct Known {
    id: Uuid,
    is_item: bool,
    /// As in [`Existing`](db::newcomers::Existing).
    is_said: bool,
    is_settled: bool,
    /// Another metric of a removed item with the same key: which of them the row is, nobody can tell.
    rival: Option<Uuid>,
}

struct Catalog {
    known: HashMap<String, Known>,
    /// The numbers of its items by their folded names, where rows are refused that are none of them.
    names: HashMap<String, Option<String>>,
}

/// Builds the items and sends them, and says what became of them. With problems and without `plan.partial` nothing is stored,
/// and the transaction is only good for a rollback. The tables are there afterwards, also where the database had the
/// transaction rolled back. Fails when the file cannot be read to its end, the database refuses or a
/// temporary file cannot be used.
pub(super) async fn store(
    tell: &dyn Tell,
    tx: &mut Write<'_>,
    tables: &mut Vec<Table>,
    codes: Option<&Arc<Codes>>,
    plan: &Plan,
    confirmed: Option<&Confirmed>,
) -> Result<(Passed, Stored)> {
    let merge = plan.target.is_known;
    let (mut known, mut names) = (HashMap::new(), HashMap::new());
    if merge {
        db::newcomers::existing(tx, plan.target.catalog_id, |item| {
            let key = natural_key(item.metric_number.as_deref(), &item.name);
            let found =
                Known { id: item.id, is_item: item.is_item, is_said: item.is_said, is_settled: item.is_settled, rival: None };
            if plan.mode == Mode::Update && item.is_item {
                names.insert(folded(&item.name), item.metric_number);
            }
            match known.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(found);
                }
                Entry::Occupied(mut taken) if found.is_item => {
                    taken.insert(found);
                }
                Entry::Occupied(mut taken) if !taken.get().is_item => taken.get_mut().rival = Some(item.id),
                // An item has the key: the row is that one.
                Entry::Occupied(_) => {}
            }
        })
        .await?;
        db::items::stage(tx).await?;
    }
    let progress = tell.gauge(Some(tables.iter().map(|table| table.spool.rows()).sum()), "rows");
    let mut passed = build_all(tables, codes, plan, Catalog { known, names }, progress).await?;
    if passed.broken {
        return Ok((passed, Stored::default()));
    }
    let directions = std::mem::take(&mut passed.directions);
    if directions.unknown_count > 0 {
        return Ok((passed, Stored { directions, ..Stored::default() }));
    }
    let good = passed.finding.counts.items;
    if !merge {
        copy(db::items::copy(tx).await?, &mut passed.items).await?;
        copy_mappings(tx, &mut passed, false).await?;
        let stored = Stored { imported: good, mappings: passed.mappings.count, directions, ..Stored::default() };
        return Ok((passed, stored));
    }
    copy(db::items::copy_staged(tx).await?, &mut passed.items).await?;
    copy_mappings(tx, &mut passed, true).await?;
    let renumbered = renumber::find(tx, plan.target.catalog_id).await?;
    match plan.renumber {
        None if !renumbered.is_empty() => {
            return Ok((passed, Stored { renumbered, ..Stored::default() }));
        }
        Some(Renumber::Keep) => renumber::keep(tx, &renumbered).await.map_err(|error| error.at(plan.place.clone()))?,
        None | Some(Renumber::New) => {}
    }
    let metrics = db::locks::metrics_of(tx, plan.target.catalog_id).await?;
    let refusing: HashSet<Uuid> = metrics.into_iter().filter(|metric| metric.1).map(|metric| metric.0).collect();
    let mut stored = Stored { directions, renumbered, ..Stored::default() };
    let how = How { at: plan.at, by: plan.owner_id, on_conflict: plan.on_conflict };
    let in_file = |error: Error| error.at(Place { row: None, ..plan.place.clone() });
    readings::record(tx, &how, &refusing, &mut stored.readings).await.map_err(in_file)?;
    readings::waiting(tx, &how, &mut stored.readings).await.map_err(in_file)?;
    for table in tables.iter() {
        let mut mapped: Vec<String> = table.columns.mapped.iter().map(|mapped| mapped.field.as_str().to_owned()).collect();
        if !table.columns.series.is_empty() || table.columns.get(Field::Numerator).is_some() {
            mapped.push(Field::CurrentValue.as_str().to_owned());
        }
        let sheet = table.sheet.as_deref().filter(|_| tables.len() > 1);
        db::items::compare_staged(tx, &mapped, plan.at, plan.on_conflict == OnConflict::Skip, sheet).await?;
    }
    stored.changes = db::items::changes(tx, CHANGES).await?;
    if plan.prune {
        let gone = db::items::gone(tx, plan.target.catalog_id).await?;
        if let Some(confirmed) = confirmed {
            db::items::delete(tx, &gone, confirmed).await?;
            if plan.prune_history {
                db::metric_entries::delete_readings(tx, &gone, confirmed).await?;
            }
            let unread = db::items::without_history(tx, &gone).await?;
            db::metric_entries::delete(tx, &unread, confirmed).await?;
        }
        stored.pruned = gone;
    }
    stored.updated = db::items::update_from_staged(tx).await?;
    stored.imported = db::items::insert_staged(tx).await?;
    stored.unchanged = good - stored.updated - stored.imported;
    stored.mappings = db::items::confirm_staged_mappings(tx).await? + db::items::insert_staged_mappings(tx).await?;
    Ok((passed, stored))
}

/// Turns outcomes into rows for the server.
struct Collector {
    catalog: Catalog,
    mode: Mode,
    partial: bool,
    accept_successors: bool,
    catalog_id: Uuid,
    framework_id: Uuid,
    item_ids: Identity,
    mapping_ids: Identity,
    items: Lines,
    mappings: Lines,
    successors: u64,
    directions: Directions,
    rows: u64,
    broken: bool,
    problems: Problems,
    progress: Box<dyn Gauge>,
    /// Of several sheets, the current one.
    sheet: Option<String>,
    /// Where the metrics of several sheets stand, by their natural keys.
    seen: HashMap<String, (String, u64)>,
}

/// The id at a position. To ask the system for random bytes for each takes longer than to write a row.
fn fresh(ids: Identity, position: u64) -> Uuid {
    u32::try_from(position).map_or_else(|_| Uuid::now_v7(), |position| ids.id(position))
}

impl Collector {
    fn matching(&self, built: &Built) -> Option<&Known> {
        if self.catalog.known.is_empty() {
            return None;
        }
        self.catalog.known.get(&natural_key(built.item.metric_number.as_deref(), &built.item.name))
    }

    fn item(&mut self, built: &Built) -> Result<()> {
        let known = self.matching(built);
        let id = known.map_or_else(|| fresh(self.item_ids, self.rows), |known| known.id);
        let (is_said, is_settled) = known.map_or((false, false), |known| (known.is_said, known.is_settled));
        self.directions.take(built, is_said, is_settled);
        self.items.add(|row| db::items::row(row, id, self.catalog_id, &built.item, &built.original))?;
        let unconfirmed = Some(certainty(built.successors.len()));
        self.successors += u64::try_from(built.successors.len()).unwrap_or_default();
        let confirmed = built.positions.iter().map(|position| (position, None));
        for (position, unconfirmed) in confirmed.chain(built.successors.iter().map(|position| (position, unconfirmed))) {
            let mapping_id = fresh(self.mapping_ids, self.mappings.count);
            self.mappings.add(|row| db::items::mapping_row(row, mapping_id, id, self.framework_id, position, unconfirmed))?;
        }
        Ok(())
    }
}

impl Taker for Collector {
    fn accepts(&mut self, built: &Built) -> Result<(), Refusal> {
        if let Some(sheet) = &self.sheet {
            match self.seen.entry(natural_key(built.item.metric_number.as_deref(), &built.item.name)) {
                Entry::Vacant(free) => drop(free.insert((sheet.clone(), built.row))),
                Entry::Occupied(taken) => {
                    let what = if built.item.metric_number.is_some() { "metric number" } else { "name" };
                    let (sheet, row) = taken.get();
                    return Err(Refusal {
                        code: "duplicate",
                        reason: format!("row {row} of sheet {sheet} has the same {what}"),
                        remedy: format!("change one {what}, or remove one of them"),
                    });
                }
            }
        }
        let known = self.matching(built);
        if let Some(Known { id, rival: Some(rival), .. }) = known {
            return Err(Refusal {
                code: "ambiguous_metric",
                reason: format!(
                    "metrics {id} and {rival} of this catalog have this number or name, and no item: it can be either"
                ),
                remedy: format!("change one of the numbers: cmf metric set {rival} --number NUMBER --all"),
            });
        }
        if self.mode == Mode::Update && !known.is_some_and(|known| known.is_item) {
            let (namesake, remedy) = match self.catalog.names.get(&folded(&built.item.name)) {
                None => (String::new(), "add it with --mode upsert, or remove the row"),
                Some(number) => (
                    format!(", but one of this name with {}", renumber::called(number.as_deref())),
                    "if it is the same metric, add --mode upsert --renumber keep; else remove the row",
                ),
            };
            return Err(Refusal {
                code: "not_in_catalog",
                reason: format!("the catalog has no such metric{namesake}"),
                remedy: remedy.to_owned(),
            });
        }
        Ok(())
    }

    fn knows(&self, name: &str) -> bool {
        self.catalog.known.get(&natural_key(None, name)).is_some_and(|known| known.is_item)
    }

    fn wants_successors(&self) -> bool {
        self.accept_successors
    }

    fn take(&mut self, outcome: Outcome) -> Result<()> {
        self.rows += 1;
        if self.rows.is_multiple_of(1024) {
            self.progress.set(self.rows);
        }
        match outcome {
            Outcome::Item(built) if !self.broken => self.item(&built),
            Outcome::Item(_) | Outcome::Skipped(..) => Ok(()),
            Outcome::Rejected(_, found) => {
                self.broken |= !self.partial;
                self.problems.add(found)
            }
        }
    }
}

/// Builds the items beside the runtime.
async fn build_all(
    tables: &mut Vec<Table>,
    codes: Option<&Arc<Codes>>,
    plan: &Plan,
    catalog: Catalog,
    progress: Box<dyn Gauge>,
) -> Result<Passed> {
    progress.message("importing");
    let framework = codes.cloned();
    let mut collector = Collector {
        catalog,
        mode: plan.mode,
        partial: plan.partial,
        accept_successors: plan.accept_successors,
        catalog_id: plan.target.catalog_id,
        framework_id: codes.map_or(Uuid::nil(), |codes| codes.id()),
        item_ids: Identity::new(Uuid::now_v7()),
        mapping_ids: Identity::new(Uuid::now_v7()),
        items: Lines::new()?,
        mappings: Lines::new()?,
        successors: 0,
        directions: Directions::default(),
        rows: 0,
        broken: false,
        problems: Problems::new(plan.place.clone()),
        progress,
        sheet: None,
        seen: HashMap::new(),
    };
    let mut own = std::mem::take(tables);
    let (own, passed) = blocking(move || {
        let mut finding = RowSummary::default();
        let several = own.len() > 1;
        for table in &mut own {
            collector.sheet = table.sheet.clone().filter(|_| several);
            let mut found = build::build(table, framework.as_ref().map(|codes| &codes.index), &mut collector)?;
            found.left_out.iter_mut().for_each(|one| one.sheet.clone_from(&collector.sheet));
            finding.add(found);
        }
        let Collector { items, mappings, successors, directions, broken, problems, .. } = collector;
        Ok((own, Passed { finding, problems: problems.into_vec(), broken, successors, directions, items, mappings }))
    })
    .await?;
    *tables = own;
    Ok(passed)
}

/// Sends rows that wait in a file.
async fn copy(mut copy: Copy<'_>, lines: &mut Lines) -> Result<()> {
    lines.file.flush().map_err(broken)?;
    let file = lines.file.get_mut();
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(broken)?;
        if read == 0 {
            break;
        }
        copy.send_bytes(&chunk[..read], 0).await?;
    }
    copy.send_bytes(&[], lines.count).await?;
    copy.finish().await?;
    Ok(())
}

async fn copy_mappings(tx: &mut Connection, passed: &mut Passed, staged: bool) -> Result<()> {
    if passed.mappings.count == 0 {
        return Ok(());
    }
    let into = if staged { db::items::copy_staged_mappings(tx).await? } else { db::items::copy_mappings(tx).await? };
    copy(into, &mut passed.mappings).await
}
