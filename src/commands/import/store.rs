//! From built items to the database: straight into a new catalog, or staged beside an existing one and compared with it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::Arc;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::Codes;
use crate::commands;
use crate::confirm::Confirmed;
use crate::context::Context;
use crate::db::items::Change;
use crate::db::readings::Batch;
use crate::db::{self, Transaction};
use crate::domain::item::natural_key;
use crate::domain::succession::certainty;
use crate::error::{Error, Exit, Result};
use crate::import::build::{self, Built, Finding, Outcome, Refusal, Taker};
use crate::import::problem::Problem;
use crate::import::table::Table;
use crate::output::Progress;

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
    pub prune: bool,
    pub prune_history: bool,
}

/// What storing did.
#[derive(Debug, Default)]
pub(super) struct Stored {
    pub imported: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub mappings: u64,
    pub readings: u64,
    pub pruned: u64,
    pub changes: Vec<Change>,
}

impl Stored {
    /// Whether the database differs from before.
    pub fn is_change(&self) -> bool {
        self.imported + self.updated + self.mappings + self.readings + self.pruned > 0
    }
}

/// What came out of the second pass.
pub(super) struct Passed {
    pub table: Table,
    pub finding: Finding,
    pub problems: Vec<Problem>,
    /// Whether items were held back because of the problems.
    pub broken: bool,
    /// How many of the mappings are to successors of withdrawn codes.
    pub successors: u64,
    mappings: u64,
    mapping_file: File,
    readings: Vec<(Uuid, Decimal, u64)>,
}

/// What an item of the catalog is matched with.
#[derive(Debug, Clone)]
struct Known {
    id: Uuid,
    is_metric: bool,
    value: Option<Decimal>,
}

enum Message {
    Lines(Vec<u8>),
    /// A row with a problem came, and no more lines will.
    Broken,
}

/// Builds the items beside the runtime and sends them as they come. Returns what was stored; with problems and without
/// `plan.partial` nothing is, and the transaction is only good for a rollback.
///
/// # Errors
/// When the database refuses or a temporary file cannot be used.
pub(super) async fn store(
    context: &Context,
    tx: &mut Transaction<'_>,
    table: Table,
    codes: Option<&Codes>,
    plan: &Plan,
    confirmed: Option<&Confirmed>,
) -> Result<(Passed, Stored)> {
    let merge = plan.target.is_known;
    let mut known: HashMap<String, Known> = HashMap::new();
    if merge {
        for item in db::items::existing(tx, plan.target.catalog_id).await? {
            let key = natural_key(item.metric_number.as_deref(), &item.name);
            known.insert(key, Known { id: item.id, is_metric: item.is_metric, value: item.metric_value });
        }
        db::items::stage(tx).await?;
    }
    let mut passed = send(context, tx, table, codes, plan, known).await?;
    if passed.broken {
        return Ok((passed, Stored::default()));
    }
    let good = passed.finding.counts.items;
    if !merge {
        copy_mappings(tx, &mut passed, false).await?;
        let stored = Stored { imported: good, mappings: passed.mappings, ..Stored::default() };
        return Ok((passed, stored));
    }
    let mapped: Vec<String> = passed.table.columns.mapped.iter().map(|mapped| mapped.field.as_str().to_owned()).collect();
    copy_mappings(tx, &mut passed, true).await?;
    db::items::compare_staged(tx, &mapped).await?;
    let mut stored = Stored { changes: db::items::changes(tx, CHANGES).await?, ..Stored::default() };
    if plan.prune {
        let gone = db::items::gone(tx, plan.target.catalog_id).await?;
        stored.pruned = gone.len() as u64;
        if let Some(confirmed) = confirmed {
            db::items::delete_mappings(tx, &gone, confirmed).await?;
            db::items::delete(tx, &gone, confirmed).await?;
            if plan.prune_history {
                db::items::delete_history(tx, &gone, confirmed).await?;
            }
            db::items::delete_metrics_without_history(tx, &gone, confirmed).await?;
        }
    }
    stored.updated = db::items::update_from_staged(tx).await?;
    stored.imported = db::items::insert_staged(tx).await?;
    stored.unchanged = good - stored.updated - stored.imported;
    stored.mappings = db::items::confirm_staged_mappings(tx).await? + db::items::insert_staged_mappings(tx).await?;
    stored.readings = record(tx, &passed, plan).await?;
    Ok((passed, stored))
}

/// Turns outcomes into lines for the server.
struct Sender {
    known: HashMap<String, Known>,
    mode: Mode,
    partial: bool,
    accept_successors: bool,
    /// Whether the values' instant is given: then they are readings also where they are equal to the newest one.
    is_timed: bool,
    catalog_id: Uuid,
    framework_id: Uuid,
    lines: Vec<u8>,
    mapping: Vec<u8>,
    mapping_file: BufWriter<File>,
    mappings: u64,
    successors: u64,
    rows: u64,
    broken: bool,
    problems: Vec<Problem>,
    readings: Vec<(Uuid, Decimal, u64)>,
    progress: Progress,
    channel: mpsc::Sender<Message>,
}

impl Sender {
    fn matching(&self, built: &Built) -> Option<&Known> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&natural_key(built.item.metric_number.as_deref(), &built.item.name))
    }

    fn send(&self, message: Message) -> Result<()> {
        self.channel.blocking_send(message).map_err(|_| Error::failed("the connection to the database was lost"))
    }

    fn flush(&mut self) -> Result<()> {
        let full = std::mem::replace(&mut self.lines, Vec::with_capacity(CHUNK + (CHUNK >> 2)));
        if full.is_empty() { Ok(()) } else { self.send(Message::Lines(full)) }
    }

    fn item(&mut self, built: &Built) -> Result<()> {
        let known = self.matching(built).cloned();
        let id = known.as_ref().map_or_else(Uuid::now_v7, |known| known.id);
        db::items::line(&mut self.lines, id, self.catalog_id, &built.item, &built.original);
        let unconfirmed = Some(certainty(built.successors.len()));
        self.successors += u64::try_from(built.successors.len()).unwrap_or_default();
        let confirmed = built.positions.iter().map(|position| (position, None));
        for (position, unconfirmed) in confirmed.chain(built.successors.iter().map(|position| (position, unconfirmed))) {
            self.mappings += 1;
            self.mapping.clear();
            db::items::mapping_line(&mut self.mapping, id, self.framework_id, position, unconfirmed);
            self.mapping_file.write_all(&self.mapping).map_err(|error| temporary(&error))?;
        }
        if let (Some(known), Some(value)) = (known.filter(|known| known.is_metric), built.item.current_value)
            && (self.is_timed || known.value != Some(value))
        {
            self.readings.push((known.id, value, built.row));
        }
        if self.lines.len() >= CHUNK { self.flush() } else { Ok(()) }
    }
}

impl Taker for Sender {
    fn accepts(&mut self, built: &Built) -> Result<(), Refusal> {
        if self.mode == Mode::Update && self.matching(built).is_none() {
            return Err(Refusal {
                code: "not_in_catalog",
                reason: "the catalog has no such metric".to_owned(),
                remedy: "add it with --mode upsert, or remove the row".to_owned(),
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
                if !self.partial && !self.broken {
                    self.broken = true;
                    self.send(Message::Broken)?;
                }
                self.problems.extend(found);
                Ok(())
            }
        }
    }
}

async fn send(
    context: &Context,
    tx: &mut Transaction<'_>,
    mut table: Table,
    codes: Option<&Codes>,
    plan: &Plan,
    known: HashMap<String, Known>,
) -> Result<Passed> {
    let progress = context.output.progress(Some(table.spool.rows()), "rows");
    progress.message("importing");
    let index = codes.map(|codes| Arc::clone(&codes.index));
    let framework_id = codes.map_or(Uuid::nil(), |codes| codes.known.row.id);
    let Plan { mode, partial, accept_successors, at, .. } = *plan;
    let catalog_id = plan.target.catalog_id;
    let merge = plan.target.is_known;
    let (sender, mut receiver) = mpsc::channel::<Message>(4);
    let builder = tokio::task::spawn_blocking(move || -> Result<Passed> {
        let mut sender = Sender {
            known,
            mode,
            partial,
            accept_successors,
            is_timed: at.is_some(),
            catalog_id,
            framework_id,
            lines: Vec::with_capacity(CHUNK + (CHUNK >> 2)),
            mapping: Vec::new(),
            mapping_file: BufWriter::new(tempfile::tempfile().map_err(|error| temporary(&error))?),
            mappings: 0,
            successors: 0,
            rows: 0,
            broken: false,
            problems: Vec::new(),
            readings: Vec::new(),
            progress,
            channel: sender,
        };
        let finding = build::build(&mut table, index.as_deref(), &mut sender)?;
        if !sender.broken {
            sender.flush()?;
        }
        let mapping_file = sender.mapping_file.into_inner().map_err(|error| temporary(error.error()))?;
        Ok(Passed {
            table,
            finding,
            problems: sender.problems,
            broken: sender.broken,
            mappings: sender.mappings,
            successors: sender.successors,
            mapping_file,
            readings: sender.readings,
        })
    });
    let mut copy = if merge { db::items::copy_staged(tx).await? } else { db::items::copy(tx).await? };
    let mut broken = false;
    while let Some(message) = receiver.recv().await {
        match message {
            Message::Lines(lines) => copy.send(&lines).await?,
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

async fn copy_mappings(tx: &mut Transaction<'_>, passed: &mut Passed, staged: bool) -> Result<()> {
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
        copy.send(&chunk[..read]).await?;
    }
    copy.finish().await?;
    Ok(())
}

/// Records the sheet's values as readings of the metrics that the items already are.
async fn record(tx: &mut Transaction<'_>, passed: &Passed, plan: &Plan) -> Result<u64> {
    let mut count = 0;
    for part in passed.readings.chunks(5_000) {
        let mut ids: Vec<Uuid> = part.iter().map(|reading| reading.0).collect();
        ids.sort_unstable();
        let locked: Vec<Uuid> = db::metrics::lock(tx, &ids).await?.into_iter().filter(|one| one.1).map(|one| one.0).collect();
        let rows = |wanted: &dyn Fn(Uuid) -> bool| {
            let rows: Vec<String> = part.iter().filter(|one| wanted(one.0)).take(10).map(|one| one.2.to_string()).collect();
            rows.join(", ")
        };
        if !locked.is_empty() {
            return Err(Error::failed(format!(
                "{} locked and {} no readings",
                verbed(locked.len(), "is", "are"),
                commands::agreeing(locked.len(), "takes", "take")
            ))
            .detail(format!("rows {}", rows(&|id| locked.contains(&id))))
            .hint("unlock them, or leave the values out with --map current_value="));
        }
        let mut batch = Batch::default();
        for (id, value, _) in part {
            batch.ids.push(Uuid::now_v7());
            batch.metric_ids.push(*id);
            batch.values.push(*value);
            batch.recorded_at.push(plan.at);
            batch.notes.push(Some("from a sheet imported again".to_owned()));
            batch.recorded_by.push(Some(plan.owner_id));
        }
        let met = db::readings::add(tx, &batch).await?;
        let values: HashMap<Uuid, (Uuid, Decimal)> =
            batch.ids.iter().copied().zip(part.iter().map(|one| (one.0, one.1))).collect();
        let mut conflicts = Vec::new();
        for one in &met {
            match (one.known_value, values.get(&one.id)) {
                (None, _) => count += 1,
                (Some(known), Some((metric, value))) if known != *value => conflicts.push(*metric),
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
    format!("{} {}", commands::counted(number, "metric"), commands::agreeing(number, one, many))
}
