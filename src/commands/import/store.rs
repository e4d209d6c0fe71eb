//! From built items to the database: straight into a new catalog, or staged beside an existing one and compared with it.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::renumber::{self, Renumber, Renumbered};
use super::{Codes, Unread, blocking, choose_framework};
use crate::confirm::Confirmed;
use crate::context::Context;
use crate::db::copy::Rows;
use crate::db::items::Change;
use crate::db::readings::Batch;
use crate::db::{self, Connection};
use crate::domain::code::CodeIndex;
use crate::domain::item::natural_key;
use crate::domain::naming::folded;
use crate::domain::reading::Identity;
use crate::domain::succession::certainty;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Exit, Place, Result};
use crate::import::build::{self, Built, Finding, Outcome, Refusal, Taker};
use crate::import::problem::{Problem, Problems};
use crate::import::row::Follower;
use crate::import::source::Source;
use crate::import::table::{Table, Watch};
use crate::output::Progress;
use crate::session::Write;
use crate::tell::Gauge as _;

/// How much is sent to the server at a time, in bytes.
const CHUNK: usize = 1 << 17;

/// How many differing fields are shown.
const CHANGES: i64 = 10_000;

/// What to do with rows that the catalog has, and with those it has not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Mode {
    /// A new catalog
    #[default]
    Create,
    /// Only metrics that the catalog has
    Update,
    /// Both
    Upsert,
}

/// Where the items go.
#[derive(Debug, Clone)]
pub(super) struct Target {
    pub catalog_id: Uuid,
    pub name: String,
    /// Whether it is there already, with or without items.
    pub is_known: bool,
    pub is_active: bool,
}

/// How they go there.
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
    /// The file, for what is wrong with it.
    pub place: Place,
}

/// What storing did.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub imported: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub mappings: u64,
    pub readings: u64,
    /// The items that the sheet does not have and that go.
    pub pruned: Vec<Uuid>,
    pub changes: Vec<Change>,
    /// Where it is not said what becomes of them, nothing was stored.
    pub renumbered: Vec<Renumbered>,
}

impl Stored {
    /// Whether the database differs from before.
    pub fn is_change(&self) -> bool {
        self.imported + self.updated + self.mappings + self.readings > 0 || !self.pruned.is_empty()
    }
}

/// What came out of the second pass.
pub(super) struct Passed {
    pub finding: Finding,
    pub problems: Vec<Problem>,
    /// Whether items were held back because of the problems.
    pub broken: bool,
    /// How many of the mappings are to successors of withdrawn codes.
    pub successors: u64,
    mappings: u64,
    mapping_file: File,
}

/// What a row of the sheet is matched with: an item of the catalog, or the metric of an item that was removed from it.
#[derive(Debug, Clone)]
struct Known {
    id: Uuid,
    is_item: bool,
    /// Another metric of a removed item with the same key: which of them the row is, nobody can tell.
    rival: Option<Uuid>,
}

/// What a catalog has.
struct Catalog {
    /// By its natural key.
    known: HashMap<String, Known>,
    /// The numbers of its items by their folded names, where rows are refused that are none of them.
    names: HashMap<String, Option<String>>,
}

enum Message {
    Rows(Rows),
    /// A row with a problem came, and no more will be sent.
    Broken,
}

/// Where the sheet's rows are.
pub(super) struct Sheet<'s, 'f> {
    pub source: &'s Arc<Source>,
    /// The table they are in; a guess where they are still to be read.
    pub table: Table,
    pub unread: Option<Unread<'f>>,
}

/// What became of a file.
pub(super) struct Done<'f> {
    /// Its table, all of it.
    pub table: Table,
    /// The framework of its codes.
    pub codes: Option<&'f Codes>,
    pub passed: Passed,
    pub stored: Stored,
}

/// Builds the items beside the runtime and sends them as they come. With problems and without `plan.partial` nothing is stored,
/// and the transaction is only good for a rollback.
///
/// # Errors
/// When the file cannot be read to its end, the database refuses or a temporary file cannot be used.
pub(super) async fn store<'f>(
    context: &Context,
    tx: &mut Write<'_>,
    sheet: Sheet<'_, 'f>,
    codes: Option<&'f Codes>,
    plan: &Plan,
    confirmed: Option<&Confirmed>,
) -> Result<Done<'f>> {
    let merge = plan.target.is_known;
    let (mut known, mut names) = (HashMap::new(), HashMap::new());
    if merge {
        db::items::existing(tx, plan.target.catalog_id, |item| {
            let key = natural_key(item.metric_number.as_deref(), &item.name);
            let found = Known { id: item.id, is_item: item.is_item, rival: None };
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
    let known = Arc::new(Catalog { known, names });
    let (table, codes, mut passed) = Box::pin(pass(context, tx, sheet, codes, plan, &known)).await?;
    if passed.broken {
        return Ok(Done { table, codes, passed, stored: Stored::default() });
    }
    let good = passed.finding.counts.items;
    if !merge {
        copy_mappings(tx, &mut passed, false).await?;
        let stored = Stored { imported: good, mappings: passed.mappings, ..Stored::default() };
        return Ok(Done { table, codes, passed, stored });
    }
    let mapped: Vec<String> = table.columns.mapped.iter().map(|mapped| mapped.field.as_str().to_owned()).collect();
    copy_mappings(tx, &mut passed, true).await?;
    let renumbered = renumber::find(tx, plan.target.catalog_id).await?;
    match plan.renumber {
        None if !renumbered.is_empty() => {
            return Ok(Done { table, codes, passed, stored: Stored { renumbered, ..Stored::default() } });
        }
        Some(Renumber::Keep) => renumber::keep(tx, &renumbered).await.map_err(|error| error.at(plan.place.clone()))?,
        None | Some(Renumber::New) => {}
    }
    let metrics = db::locks::metrics_of(tx, plan.target.catalog_id).await?;
    let refusing: HashSet<Uuid> = metrics.into_iter().filter(|metric| metric.1).map(|metric| metric.0).collect();
    let readings = record(tx, plan, &refusing).await?;
    db::items::compare_staged(tx, &mapped, plan.at).await?;
    let changes = db::items::changes(tx, CHANGES).await?;
    let mut stored = Stored { readings, changes, renumbered, ..Stored::default() };
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
    Ok(Done { table, codes, passed, stored })
}

/// Takes the second pass over the rows. Where they are still to be read, it follows the first pass by what the first rows let
/// expect, and starts anew in the rare case that the whole sheet tells otherwise.
async fn pass<'f>(
    context: &Context,
    tx: &mut Write<'_>,
    sheet: Sheet<'_, 'f>,
    codes: Option<&'f Codes>,
    plan: &Plan,
    known: &Arc<Catalog>,
) -> Result<(Table, Option<&'f Codes>, Passed)> {
    let Sheet { source, table: guess, unread } = sheet;
    let Some(Unread { mut draft, options, frameworks }) = unread else {
        let progress = Arc::new(context.output.progress(Some(guess.spool.rows()), "rows"));
        let (table, passed) = send(tx, over(guess), codes, plan, known, progress).await?;
        return Ok((table, codes, passed));
    };
    tx.mark().await?;
    let progress = Arc::new(context.output.progress(None, "rows"));
    let guess = Arc::new(guess);
    let second = behind(draft.follow()?, Arc::clone(&guess));
    let indexes: Vec<Arc<CodeIndex>> = frameworks.iter().map(|codes| Arc::clone(&codes.index)).collect();
    let (source, watch) = (Arc::clone(source), Ahead(Arc::clone(&progress)));
    let first = blocking(move || {
        let indexes: Vec<&CodeIndex> = indexes.iter().map(Arc::as_ref).collect();
        draft.read(&source, &options, &indexes, &watch)
    });
    let first = async {
        let mut table = first.await?;
        progress.total(table.spool.rows());
        let whole = choose_framework(&mut table, frameworks)?;
        let is_right = table.is_as_guessed(&guess) && whole.map(Codes::id) == codes.map(Codes::id);
        if !is_right {
            table.spool.abandon();
        }
        Ok::<_, Error>((table, whole, is_right))
    };
    let second = send(tx, second, codes, plan, known, Arc::clone(&progress));
    let (first, second) = tokio::join!(first, second);
    let (table, whole, is_right) = first?;
    if is_right {
        let ((), passed) = second?;
        return Ok((table, codes, passed));
    }
    // Whatever became of rows that were read wrongly, even if the server refused them, is of no meaning.
    drop(second);
    tx.roll_back_to_mark().await?;
    progress.set(0);
    let (table, passed) = send(tx, over(table), whole, plan, known, progress).await?;
    Ok((table, whole, passed))
}

/// The first pass tells the second how many rows there will be.
struct Ahead(Arc<Progress>);

impl Watch for Ahead {
    fn rows(&self, _: u64, all: Option<u64>) {
        if let Some(all) = all {
            self.0.total(all);
        }
    }
}

/// The second pass over a table whose rows are all there.
fn over(mut table: Table) -> impl FnOnce(Option<&CodeIndex>, &mut Sender) -> Result<(Table, Finding)> {
    move |index, sender| {
        let finding = build::build(&mut table, index, sender)?;
        Ok((table, finding))
    }
}

/// The second pass behind the first one.
fn behind(mut rows: Follower, guess: Arc<Table>) -> impl FnOnce(Option<&CodeIndex>, &mut Sender) -> Result<((), Finding)> {
    move |index, sender| {
        let finding = build::build_behind(&mut rows, &guess, index, sender)?;
        if rows.is_abandoned() {
            sender.stop()?;
        }
        Ok(((), finding))
    }
}

/// Turns outcomes into rows for the server.
struct Sender {
    catalog: Arc<Catalog>,
    mode: Mode,
    partial: bool,
    accept_successors: bool,
    catalog_id: Uuid,
    framework_id: Uuid,
    item_ids: Identity,
    mapping_ids: Identity,
    ready: Rows,
    mapping: Rows,
    mapping_file: BufWriter<File>,
    mappings: u64,
    successors: u64,
    rows: u64,
    broken: bool,
    problems: Problems,
    progress: Arc<Progress>,
    channel: mpsc::Sender<Message>,
}

/// The id at a position. To ask the system for random bytes for each takes longer than to write a row.
fn fresh(ids: Identity, position: u64) -> Uuid {
    u32::try_from(position).map_or_else(|_| Uuid::now_v7(), |position| ids.id(position))
}

impl Sender {
    fn matching(&self, built: &Built) -> Option<&Known> {
        if self.catalog.known.is_empty() {
            return None;
        }
        self.catalog.known.get(&natural_key(built.item.metric_number.as_deref(), &built.item.name))
    }

    fn send(&self, message: Message) -> Result<()> {
        self.channel.blocking_send(message).map_err(|_| Error::failed("the connection to the database was lost"))
    }

    /// No more rows will come, and those that came are of no use.
    fn stop(&mut self) -> Result<()> {
        if self.broken {
            return Ok(());
        }
        self.broken = true;
        self.send(Message::Broken)
    }

    fn flush(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.ready, Rows::with_capacity(CHUNK + (CHUNK >> 2)));
        if full.is_empty() { Ok(()) } else { self.send(Message::Rows(full)) }
    }

    fn item(&mut self, built: &Built) -> Result<()> {
        let id = self.matching(built).map_or_else(|| fresh(self.item_ids, self.rows), |known| known.id);
        db::items::row(&mut self.ready, id, self.catalog_id, &built.item, &built.original);
        let unconfirmed = Some(certainty(built.successors.len()));
        self.successors += u64::try_from(built.successors.len()).unwrap_or_default();
        let confirmed = built.positions.iter().map(|position| (position, None));
        for (position, unconfirmed) in confirmed.chain(built.successors.iter().map(|position| (position, unconfirmed))) {
            self.mappings += 1;
            self.mapping.clear();
            db::items::mapping_row(
                &mut self.mapping,
                fresh(self.mapping_ids, self.mappings),
                id,
                self.framework_id,
                position,
                unconfirmed,
            );
            self.mapping_file.write_all(self.mapping.as_bytes()).map_err(|error| temporary(&error))?;
        }
        if self.ready.len() >= CHUNK { self.flush() } else { Ok(()) }
    }
}

impl Taker for Sender {
    fn accepts(&mut self, built: &Built) -> Result<(), Refusal> {
        let known = self.matching(built);
        if let Some(Known { id, rival: Some(rival), .. }) = known {
            return Err(Refusal {
                code: "ambiguous_metric",
                reason: format!(
                    "metrics {id} and {rival} of this catalog have this number or name, and no item: it can be either"
                ),
                remedy: format!("give one of them another number: cmf metric set {rival} --number NUMBER --all"),
            });
        }
        if self.mode == Mode::Update && !known.is_some_and(|known| known.is_item) {
            let (namesake, remedy) = match self.catalog.names.get(&folded(&built.item.name)) {
                None => (String::new(), "add it with --mode upsert, or remove the row"),
                Some(number) => (
                    format!(", but one of this name with {}", renumber::called(number.as_deref())),
                    "if it is the same metric, take it with --mode upsert --renumber keep; else remove the row",
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
                if !self.partial {
                    self.stop()?;
                }
                self.problems.add(found)
            }
        }
    }
}

/// Builds items on another thread and sends them as they come.
async fn send<T: Send + 'static>(
    tx: &mut Connection,
    pass: impl FnOnce(Option<&CodeIndex>, &mut Sender) -> Result<(T, Finding)> + Send + 'static,
    codes: Option<&Codes>,
    plan: &Plan,
    known: &Arc<Catalog>,
    progress: Arc<Progress>,
) -> Result<(T, Passed)> {
    progress.message("importing");
    let catalog = Arc::clone(known);
    let index = codes.map(|codes| Arc::clone(&codes.index));
    let framework_id = codes.map_or(Uuid::nil(), |codes| codes.known.row.id);
    let Plan { mode, partial, accept_successors, .. } = *plan;
    let place = plan.place.clone();
    let catalog_id = plan.target.catalog_id;
    let merge = plan.target.is_known;
    let (sender, mut receiver) = mpsc::channel::<Message>(4);
    let builder = tokio::task::spawn_blocking(move || -> Result<(T, Passed)> {
        let mut sender = Sender {
            catalog,
            mode,
            partial,
            accept_successors,
            catalog_id,
            framework_id,
            item_ids: Identity::new(Uuid::now_v7()),
            mapping_ids: Identity::new(Uuid::now_v7()),
            ready: Rows::with_capacity(CHUNK + (CHUNK >> 2)),
            mapping: Rows::default(),
            mapping_file: BufWriter::new(tempfile::tempfile().map_err(|error| temporary(&error))?),
            mappings: 0,
            successors: 0,
            rows: 0,
            broken: false,
            problems: Problems::new(place),
            progress,
            channel: sender,
        };
        let (what, finding) = pass(index.as_deref(), &mut sender)?;
        if !sender.broken {
            sender.flush()?;
        }
        let mapping_file = sender.mapping_file.into_inner().map_err(|error| temporary(error.error()))?;
        let passed = Passed {
            finding,
            problems: sender.problems.into_vec(),
            broken: sender.broken,
            mappings: sender.mappings,
            successors: sender.successors,
            mapping_file,
        };
        Ok((what, passed))
    });
    let mut copy = if merge { db::items::copy_staged(tx).await? } else { db::items::copy(tx).await? };
    let mut broken = false;
    while let Some(message) = receiver.recv().await {
        match message {
            Message::Rows(mut rows) => copy.send(&mut rows).await?,
            Message::Broken => {
                broken = true;
                break;
            }
        }
    }
    if broken {
        // The server answers an aborted copy with an error of its own; only a lost connection is news.
        copy.abort().await.or_else(|error| if error.exit() == Exit::Unreachable { Err(error) } else { Ok(()) })?;
        while receiver.recv().await.is_some() {}
    } else {
        copy.finish().await?;
    }
    builder.await.map_err(|error| Error::failed(format!("the import broke off: {error}")))?
}

async fn copy_mappings(tx: &mut Connection, passed: &mut Passed, staged: bool) -> Result<()> {
    if passed.mappings == 0 {
        return Ok(());
    }
    let file = &mut passed.mapping_file;
    file.seek(SeekFrom::Start(0)).map_err(|error| temporary(&error))?;
    let mut copy = if staged { db::items::copy_staged_mappings(tx).await? } else { db::items::copy_mappings(tx).await? };
    let mut chunk = vec![0; CHUNK];
    loop {
        let read = file.read(&mut chunk).map_err(|error| temporary(&error))?;
        if read == 0 {
            break;
        }
        copy.send_bytes(&chunk[..read], 0).await?;
    }
    copy.send_bytes(&[], passed.mappings).await?;
    copy.finish().await?;
    Ok(())
}

/// Records the sheet's values as readings of the metrics that the items already are, whose rows are locked. Some of them refuse
/// readings.
async fn record(tx: &mut Connection, plan: &Plan, refusing: &HashSet<Uuid>) -> Result<u64> {
    let mut count = 0;
    for part in db::items::news(tx, plan.at).await?.chunks(5_000) {
        let ids: Vec<Uuid> = part.iter().map(|news| news.id).collect();
        let locked: Vec<Uuid> = ids.iter().filter(|id| refusing.contains(id)).copied().collect();
        let rows = |wanted: &dyn Fn(Uuid) -> bool| {
            let mut rows: Vec<i64> = part.iter().filter(|news| wanted(news.id)).map(|news| news.row).collect();
            rows.sort_unstable();
            rows.iter().take(10).map(i64::to_string).collect::<Vec<_>>().join(", ")
        };
        if !locked.is_empty() {
            return Err(Error::failed(format!(
                "{} locked and {} no readings",
                verbed(locked.len(), "is", "are"),
                agreeing(locked.len(), "takes", "take")
            ))
            .detail(format!("rows {}", rows(&|id| locked.contains(&id))))
            .hint("unlock them, or leave the values out with --map current_value="));
        }
        let mut batch = Batch::default();
        for news in part {
            batch.ids.push(Uuid::now_v7());
            batch.metric_ids.push(news.id);
            batch.values.push(news.value);
            batch.recorded_at.push(plan.at);
            batch.notes.push(Some("from a sheet imported again".to_owned()));
            batch.recorded_by.push(Some(plan.owner_id));
        }
        let met = db::readings::add(tx, &batch).await?;
        let values: HashMap<Uuid, (Uuid, Decimal)> =
            batch.ids.iter().copied().zip(part.iter().map(|news| (news.id, news.value))).collect();
        let mut conflicts = Vec::new();
        for one in &met {
            match (one.known_value, values.get(&one.id)) {
                (None, _) => count += 1,
                (Some(known), Some((metric, value))) if known != (*value).into() => conflicts.push(*metric),
                _ => {}
            }
        }
        if !conflicts.is_empty() {
            return Err(Error::data(format!("{} another value at that instant", verbed(conflicts.len(), "has", "have")))
                .detail(format!("rows {}", rows(&|id| conflicts.contains(&id))))
                .hint("give another instant with --at, or mend the readings with `cmf record`"));
        }
        db::metrics::refresh_current_values(tx, &ids).await?;
    }
    Ok(count)
}

pub(super) fn temporary(error: &std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot use a temporary file: {error}"))
}

/// A number of metrics and what they do.
fn verbed(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", counted(number, "metric"), agreeing(number, one, many))
}
