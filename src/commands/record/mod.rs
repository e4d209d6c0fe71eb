//! `cmf record`: readings of metrics, one or a file of them, all or nothing.

pub(crate) mod directory;
mod recorder;

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use serde_json::json;
use uuid::Uuid;

use crate::commands;
use crate::commands::record::recorder::{Counts, Judged, OnConflict, Recorder, Refused, Rules, Settled};
use crate::context::Context;
use crate::db::{self, Database};
use crate::domain::reading::Zone;
use crate::error::{Error, Exit, Place, Result};
use crate::import::readings::{Given, Next, Source};
use crate::output::{Cell, Table};

/// How many readings of a file are stored by one statement.
const BATCH: usize = 5_000;

/// How many refused readings an error lists.
const LISTED: usize = 20;

/// Arguments of `cmf record`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// METRIC VALUE, or METRIC=VALUE any number of times; a metric is named by its number, name or id
    #[arg(value_name = "METRIC VALUE | METRIC=VALUE", allow_negative_numbers = true, required_unless_present = "file")]
    readings: Vec<String>,

    /// Record the readings of a file (`-` is standard input) with the columns metric, value, at, note, by
    #[arg(long, value_name = "FILE", conflicts_with_all = ["readings", "at", "note"])]
    file: Option<PathBuf>,

    /// When it was measured, in ISO 8601; without it the server's clock tells the time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// A remark to keep with the reading
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// The user who measured it
    #[arg(long, value_name = "USER")]
    by: Option<String>,

    /// Look for the metrics in this catalog; without it in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,

    /// The zone of times without an offset, such as Europe/Berlin or +02:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = zone)]
    tz: Zone,

    /// What to do where a metric has another value at the same instant
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_conflict: OnConflict,

    /// Record readings of locked metrics too
    #[arg(long)]
    override_lock: bool,

    /// Take readings that are more than 5 minutes in the future
    #[arg(long)]
    allow_future: bool,

    /// Check everything and store nothing
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn zone(name: &str) -> std::result::Result<Zone, String> {
    name.parse::<Zone>().map_err(|reason| format!("it {reason}"))
}

/// Runs `cmf record`.
///
/// # Errors
/// Exit 65 when a reading is refused, 2 when a metric on the command line is unknown or has namesakes; nothing is stored then.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let request = Request {
        by: args.by,
        catalog: args.catalog,
        zone: args.tz,
        on_conflict: args.on_conflict,
        override_lock: args.override_lock,
        allow_future: args.allow_future,
        dry_run: args.dry_run,
    };
    if let Some(path) = args.file {
        let (source, size) = open(&path)?;
        return many(context, &request, source, size).await;
    }
    let pairs = pairs(&args.readings)?;
    let given: Vec<Given<'_>> = pairs
        .iter()
        .zip(1..)
        .map(|((metric, value), line)| Given {
            line,
            metric,
            value,
            at: args.at.as_deref(),
            note: args.note.as_deref(),
            by: None,
        })
        .collect();
    few(context, &request, &given).await
}

/// Records the readings of a reader in CSV with the columns metric, value, at, note and by, and returns how many were stored
/// and how many were there already.
///
/// # Errors
/// Exit 65 when a reading is refused; nothing is stored then.
pub(crate) async fn csv(context: &Context, file: &str, input: Box<dyn Read>, catalog: Option<String>) -> Result<(u64, u64)> {
    let request = Request { catalog, ..Request::default() };
    let mut database = commands::connect(context).await?;
    let mut source = Source::delimited(file, input)?;
    let (counts, _) = store(context, &mut database, &request, &mut source, None).await?;
    Ok((counts.stored, counts.repeated))
}

/// What was asked for, in the user's words.
#[derive(Debug, Default)]
struct Request {
    by: Option<String>,
    catalog: Option<String>,
    zone: Zone,
    on_conflict: OnConflict,
    override_lock: bool,
    allow_future: bool,
    dry_run: bool,
}

impl Request {
    async fn rules(&self, tx: &mut db::Transaction<'_>) -> Result<Rules> {
        let by = match &self.by {
            Some(name) => Some(commands::user::owner(tx, Some(name)).await?.id),
            None => None,
        };
        let catalog_id = match &self.catalog {
            Some(name) => Some(commands::catalog::resolve(tx, name, None).await?.id),
            None => None,
        };
        Ok(Rules {
            zone: self.zone,
            on_conflict: self.on_conflict,
            override_lock: self.override_lock,
            allow_future: self.allow_future,
            by,
            catalog_id,
        })
    }
}

/// `METRIC VALUE`, or `METRIC=VALUE` any number of times.
fn pairs(words: &[String]) -> Result<Vec<(&str, &str)>> {
    let pairs: Option<Vec<(&str, &str)>> = words.iter().map(|word| word.rsplit_once('=')).collect();
    match (pairs, words) {
        (Some(pairs), _) if pairs.iter().all(|(metric, _)| !metric.trim().is_empty()) => Ok(pairs),
        (_, [metric, value]) if !metric.trim().is_empty() => Ok(vec![(metric, value)]),
        _ => Err(Error::usage("the readings are neither METRIC VALUE nor METRIC=VALUE each")
            .hint("write `cmf record PR-001 97.5`, or `cmf record PR-001=97.5 PR-002=3`")),
    }
}

fn open(path: &Path) -> Result<(Source, Option<u64>)> {
    let name = path.display().to_string();
    let place = Place { file: Some(name.clone()), ..Place::default() };
    let unreadable = |error: std::io::Error| Error::data(format!("cannot read the file: {error}")).at(place.clone());
    if path == Path::new("-") {
        return Ok((Source::delimited(&name, Box::new(std::io::stdin()))?, None));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let size = file.metadata().map_err(unreadable)?.len();
    file.rewind().map_err(unreadable)?;
    Ok((Source::delimited(&name, Box::new(file))?, Some(size)))
}

/// Readings given on the command line.
async fn few(context: &Context, request: &Request, given: &[Given<'_>]) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let mut tx = database.begin().await?;
    let rules = request.rules(&mut tx).await?;
    let keys: Vec<&str> = given.iter().map(|given| given.metric).collect();
    let dated = given.iter().any(|given| given.at.is_some());
    let mut recorder = Recorder::few(&mut tx, &rules, &keys, dated).await?;
    let mut judged: Vec<Judged> = Vec::with_capacity(given.len());
    let mut refusals = Refusals::default();
    for given in given {
        match recorder.judge(Uuid::now_v7(), given) {
            Ok(reading) => judged.push(reading),
            Err(refused) => refusals.add(None, refused),
        }
    }
    refusals.none_or_fail(given.len() as u64, None)?;
    let settled = recorder.settle(&mut tx, judged).await?;
    for settled in &settled {
        if let Err(refused) = &settled.outcome {
            refusals.add(None, refused.clone());
        }
    }
    refusals.none_or_fail(given.len() as u64, None)?;
    recorder.finish(&mut tx).await?;
    audit(&mut tx, &recorder, &rules, None).await?;
    let (message, table) = shown(&recorder, &settled, request.dry_run);
    if request.dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

/// What became of the readings of a command line.
fn shown(recorder: &Recorder<'_>, settled: &[Settled], dry_run: bool) -> (String, Table) {
    let mut table = Table::new(["id", "metric_id", "metric_number", "name", "value", "recorded_at", "note", "outcome"]);
    let mut words = Vec::new();
    for Settled { reading, recorded_at, outcome } in settled {
        let Ok(fate) = outcome else { continue };
        let metric = &recorder.directory.metrics[reading.metric];
        table.row([
            reading.id.into(),
            metric.id.into(),
            metric.metric_number.clone().into(),
            metric.name.as_str().into(),
            reading.value.decimal().into(),
            Cell::from(*recorded_at),
            reading.note.clone().into(),
            fate.name().into(),
        ]);
        let would = if dry_run { "would be " } else { "" };
        words.push(format!("{} {}: {would}{}", metric.label(), reading.value, fate.name()));
    }
    let table = if settled.len() == 1 { table.single() } else { table };
    (words.join("\n"), table)
}

/// Readings of a file.
async fn many(context: &Context, request: &Request, mut source: Source, size: Option<u64>) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let (counts, metrics) = store(context, &mut database, request, &mut source, size).await?;
    let Counts { stored, repeated, replaced, skipped, .. } = counts;
    let mut table = Table::new(["file", "stored", "repeated", "replaced", "skipped", "metrics"]).single();
    table.row([source.file().into(), stored.into(), repeated.into(), replaced.into(), skipped.into(), metrics.into()]);
    let mut message =
        format!("{}{stored} readings of {metrics} metrics stored", if request.dry_run { "would have " } else { "" });
    for (count, what) in [(repeated, "repeated"), (replaced, "replaced"), (skipped, "skipped")] {
        if count > 0 {
            message.push_str(&format!(", {count} {what}"));
        }
    }
    context.output.outcome(&message, table)?;
    Ok(Exit::Success)
}

/// Stores a file's readings in one transaction and returns the counts and how many metrics were written to.
async fn store(
    context: &Context,
    database: &mut Database,
    request: &Request,
    source: &mut Source,
    size: Option<u64>,
) -> Result<(Counts, usize)> {
    let mut tx = database.begin().await?;
    let rules = request.rules(&mut tx).await?;
    let mut recorder = Recorder::many(&mut tx, &rules).await?;
    recorder.load_users(&mut tx).await?;
    let progress = context.output.progress(size, "bytes");
    progress.message("recording");
    let mut refusals = Refusals::default();
    let mut batch: Vec<Judged> = Vec::with_capacity(BATCH);
    let mut total = 0;
    loop {
        let over = match source.read()? {
            Next::End => true,
            Next::Refused { column, reason } => {
                total += 1;
                refusals.add_row(Some(source.line()), column, reason, false);
                false
            }
            Next::Reading(given) => {
                total += 1;
                match recorder.judge(Uuid::now_v7(), &given) {
                    Ok(reading) => batch.push(reading),
                    Err(refused) => refusals.add(Some(given.line), refused),
                }
                false
            }
        };
        if batch.len() >= BATCH || (over && !batch.is_empty()) {
            for settled in recorder.settle(&mut tx, std::mem::take(&mut batch)).await? {
                if let Err(refused) = settled.outcome {
                    refusals.add(Some(settled.reading.line), refused);
                }
            }
            progress.set(source.position());
        }
        if over {
            break;
        }
    }
    refusals.none_or_fail(total, Some(source.file()))?;
    recorder.finish(&mut tx).await?;
    audit(&mut tx, &recorder, &rules, Some(source.file())).await?;
    if request.dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    Ok((recorder.counts, recorder.written()))
}

async fn audit(tx: &mut db::Transaction<'_>, recorder: &Recorder<'_>, rules: &Rules, file: Option<&str>) -> Result<()> {
    let Counts { stored, repeated, replaced, skipped, .. } = recorder.counts;
    let result = json!({
        "file": file,
        "metrics": recorder.written(),
        "stored": stored,
        "repeated": repeated,
        "replaced": replaced,
        "skipped": skipped,
    });
    db::audit::insert(tx, "reading.record", rules.by, &result).await
}

/// The readings refused: the first of them in words, and how many there are.
#[derive(Debug, Default)]
struct Refusals {
    listed: Vec<(Option<u64>, Option<String>, String)>,
    count: u64,
    unnamed: u64,
}

impl Refusals {
    fn add(&mut self, line: Option<u64>, refused: Refused) {
        self.add_row(line, Some(refused.column.to_owned()), refused.reason, refused.unnamed);
    }

    fn add_row(&mut self, line: Option<u64>, column: Option<String>, reason: String, unnamed: bool) {
        self.count += 1;
        self.unnamed += u64::from(unnamed);
        if self.listed.len() < LISTED {
            self.listed.push((line, column, reason));
        }
    }

    /// An error when there is one refusal or more.
    fn none_or_fail(&mut self, total: u64, file: Option<&str>) -> Result<()> {
        if self.count == 0 {
            return Ok(());
        }
        self.listed.sort_by_key(|(line, ..)| *line);
        // A name on the command line that nobody has is a mistake in the command, as with every other noun.
        let exit = if file.is_none() && self.unnamed == self.count { Exit::Usage } else { Exit::Data };
        let place = Place { file: file.map(str::to_owned), ..Place::default() };
        if let (1, [(line, column, reason)]) = (self.count, self.listed.as_slice()) {
            let place = if file.is_some() { Place { row: *line, column: column.clone(), ..place } } else { place };
            let error = Error::new(exit, reason.clone()).at(place);
            return Err(if total > 1 { error.hint("nothing is stored: mend it and run the command again") } else { error });
        }
        let mut error = Error::new(exit, format!("{} of {total} readings are refused, and nothing is stored", self.count));
        for (line, column, reason) in &self.listed {
            let place = Place { row: *line, column: column.clone().filter(|_| line.is_some()), ..Place::default() };
            error = error.detail(if line.is_some() { format!("{place}: {reason}") } else { reason.clone() });
        }
        if self.count > self.listed.len() as u64 {
            error = error.detail(format!("and {} more", self.count - self.listed.len() as u64));
        }
        Err(error.at(place).hint("mend them and run the command again"))
    }
}
