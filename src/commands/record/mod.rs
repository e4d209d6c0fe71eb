//! `cmf record`: readings of metrics, one or a file of them, all or nothing.

pub(crate) mod directory;
mod drain;
mod job;
mod lanes;
mod recorder;
mod refusals;
mod rules;
pub(crate) mod spool;
mod stream;
mod undo;
mod verdict;
mod window;

use std::path::PathBuf;
use std::time::Duration;

use clap::Subcommand;
use rust_decimal::Decimal;

use crate::commands::record::drain::Drained;
use crate::commands::record::job::{Job, Outcome, Readings, Spoken};
use crate::commands::record::rules::{OnConflict, Rules};
use crate::commands::record::spool::Spool;
use crate::commands::record::verdict::{Counts, Settled};
use crate::context::Context;
use crate::db;
use crate::domain::reading::{Limits, Value, Zone};
use crate::domain::span::timeout;
use crate::error::{Error, Exit, Result};
use crate::files::{self, Existing};
use crate::lookup;
use crate::output::{self, Cell, Selection, Table};
use crate::reading::Reading;
use crate::record::input::Input;
use crate::record::readings;
use crate::table::Percent;
use crate::table::limits::MAX_SIZE;

/// Arguments of `cmf record`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// METRIC VALUE, or METRIC=VALUE any number of times; a metric is named by its number, name or id
    #[arg(value_name = "METRIC VALUE | METRIC=VALUE", required_unless_present_any = ["file", "drain"])]
    readings: Vec<String>,

    /// Record the readings of a file (`-` is standard input): CSV, TSV, XLSX or JSON lines with metric, value, at, note, by
    #[arg(long, value_name = "FILE", conflicts_with_all = ["readings", "at", "note"])]
    file: Option<PathBuf>,

    /// The file has a column an instant, or, with a column of instants, a column a metric
    #[arg(long, requires = "file")]
    wide: bool,

    #[command(flatten)]
    reading: Reading,

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
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true, value_parser = zone)]
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

    /// Store what can be stored although other readings are refused, and exit with 3 then
    #[arg(long)]
    allow_partial: bool,

    /// Write the refused lines to this file, in the input's form with a column for the reason
    #[arg(long, value_name = "FILE", requires = "file")]
    rejects: Option<PathBuf>,

    /// Refuse doubtful values instead of warning of them
    #[arg(long)]
    strict: bool,

    /// A percentage above this is doubtful
    #[arg(long, value_name = "N", default_value = "100", value_parser = limit, env = "CMF_MAX_PERCENT")]
    max_percent: Decimal,

    /// A value of more than so many times its target is doubtful, unless less is better
    #[arg(long, value_name = "N", default_value = "10", value_parser = limit, env = "CMF_MAX_FACTOR")]
    max_factor: Decimal,

    /// Keep the readings in this folder when the database is out of reach, and store what is kept there first
    #[arg(long, value_name = "DIR", env = "CMF_SPOOL")]
    spool: Option<PathBuf>,

    /// How many megabytes the spool may take
    #[arg(long, value_name = "MB", default_value_t = 256, env = "CMF_SPOOL_LIMIT")]
    spool_limit: u32,

    /// Store what is kept in the spool and nothing else
    #[arg(long, requires = "spool", conflicts_with_all = ["readings", "file"])]
    drain: bool,

    /// How long the server may work on one statement; 0s is no limit
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = timeout)]
    statement_timeout: Duration,

    /// Check everything and store nothing
    #[arg(long)]
    dry_run: bool,
}

impl Args {
    /// Whether all that takes time is waiting for the server: no file is read, and no spool.
    pub(crate) fn never_blocks(&self) -> bool {
        self.command.is_none() && self.file.is_none() && self.spool.is_none()
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take one reading back
    Undo(undo::Args),
}

pub(crate) fn zone(name: &str) -> std::result::Result<Zone, String> {
    name.parse::<Zone>().map_err(|reason| format!("it {reason}"))
}

fn limit(text: &str) -> std::result::Result<Decimal, String> {
    let limit = Value::parse(text).map_err(|reason| format!("it {reason}"))?;
    if limit > Value::ZERO { Ok(limit.decimal()) } else { Err("it is not above zero".into()) }
}

/// What was asked for, in the user's words.
#[derive(Debug)]
pub struct Request {
    by: Option<String>,
    catalog: Option<String>,
    zone: Zone,
    on_conflict: OnConflict,
    override_lock: bool,
    allow_future: bool,
    allow_partial: bool,
    strict: bool,
    limits: Limits,
    dry_run: bool,
    statement_timeout: Duration,
    rejects: Option<PathBuf>,
    /// Whether plain numbers are times 100 where the unit is %.
    scale: bool,
    existing: Existing,
}

impl Request {
    /// Whether neither a user nor a catalog is named, which would have to be looked up first.
    fn names_nobody(&self) -> bool {
        self.by.is_none() && self.catalog.is_none()
    }

    async fn rules(&self, tx: &mut db::Connection) -> Result<Rules> {
        let by = match &self.by {
            Some(name) => Some(lookup::user::open(tx, Some(name)).await?.id),
            None => None,
        };
        let catalog_id = lookup::catalog::if_named(tx, self.catalog.as_deref(), None).await?.map(|catalog| catalog.id);
        Ok(Rules {
            limits: self.limits,
            strict: self.strict,
            scale: self.scale,
            zone: self.zone,
            on_conflict: self.on_conflict,
            override_lock: self.override_lock,
            allow_future: self.allow_future,
            by,
            catalog_id,
        })
    }
}

/// Runs `cmf record`.
///
/// # Errors
/// Exit 65 when a reading is refused, 2 when a metric on the command line is unknown or has namesakes; nothing is stored then.
/// Exit 69 when the database is out of reach and there is no spool, 73 when the spool cannot keep the readings.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if let Some(Command::Undo(args)) = args.command {
        return undo::run(context, args).await;
    }
    if args.file.is_none() {
        args.reading.refused("")?;
    }
    let mut request = Request {
        by: args.by,
        catalog: args.catalog,
        zone: args.tz,
        on_conflict: args.on_conflict,
        override_lock: args.override_lock,
        allow_future: args.allow_future,
        allow_partial: args.allow_partial,
        strict: args.strict,
        limits: Limits { percent: args.max_percent, factor: args.max_factor },
        dry_run: args.dry_run,
        statement_timeout: args.statement_timeout,
        rejects: args.rejects,
        scale: false,
        existing: args.reading.force.into(),
    };
    context.output.check_outcome(&if args.drain {
        drained_table()
    } else if args.file.is_some() {
        many_table()
    } else {
        few_table()
    })?;
    let spool = args.spool.map(|folder| Spool::new(folder, u64::from(args.spool_limit) * 1024 * 1024));
    if args.drain {
        return match &spool {
            Some(spool) => drain::only(context, spool, &request).await,
            None => Err(Error::usage("there is no spool to drain").hint("name it with --spool DIR")),
        };
    }
    let readings = match args.file {
        Some(path) => {
            let list = if args.wide { readings::WIDE } else { readings::LONG };
            let options = args.reading.options(&list.names())?;
            request.scale = options.percent == Percent::Scale;
            let input = Input::open(&path, args.wide, &options, args.reading.most(MAX_SIZE))?;
            args.reading.save(|| input.map(&options))?;
            if let Some(note) = input.note() {
                context.output.notice(&format!("note: {note}"));
            }
            Readings::Many(input)
        }
        None => Readings::Few(
            pairs(&args.readings)?
                .into_iter()
                .map(|(metric, value)| Spoken {
                    metric: metric.to_owned(),
                    value: value.to_owned(),
                    at: args.at.clone(),
                    note: args.note.clone(),
                    by: None,
                })
                .collect(),
        ),
    };
    let mut job = Job::new(&request, readings);
    let mut session = None;
    let stored = match &spool {
        None => job.store(context, &mut session).await.map(|outcome| (outcome, Drained::default())),
        Some(spool) => {
            // A spool that cannot be read is in nobody's way; it is told below.
            let waiting = if request.dry_run { Vec::new() } else { spool.waiting().unwrap_or_default() };
            match drain::drain(context, &mut session, spool, &request, waiting).await {
                Ok(drained) => job.store(context, &mut session).await.map(|outcome| (outcome, drained)),
                Err(error) => Err(error),
            }
        }
    };
    match (stored, &spool) {
        (Ok((outcome, drained)), spool) => {
            // The time to hear of it is before the spool is needed.
            if let Some(spool) = spool.as_ref().filter(|_| !request.dry_run)
                && let Err(error) = spool.ready()
            {
                context.output.warning(&error);
            }
            finish(context, &job, outcome, drained)
        }
        (Err(error), Some(spool)) if !request.dry_run && !is_refusal(&error) => keep(context, spool, &job, error),
        (Err(error), None) if error.exit() == Exit::Unreachable => {
            Err(error.hint("--spool DIR keeps readings while the database is out of reach"))
        }
        (Err(error), _) => Err(error),
    }
}

/// Whether the readings themselves are at fault, or the command was told to end; anything else may be mended while they wait.
fn is_refusal(error: &Error) -> bool {
    !matches!(error.exit(), Exit::Unreachable | Exit::Failed | Exit::Auth | Exit::Config)
}

/// Keeps readings that cannot be stored now. Where somebody must do something first, the exit code still says so.
fn keep(context: &Context, spool: &Spool, job: &Job<'_>, error: Error) -> Result<Exit> {
    let kept = spool.keep(job).map_err(|kept| kept.detail(format!("the database: {error}")))?;
    kept.refusals.tell(&context.output);
    if let Some(shown) = kept.wrong_clock {
        let shown = output::time_text(shown);
        let message = format!("the clock of this computer shows {shown}, so the time of the readings is not known");
        let error =
            Error::data(message).detail("they are kept, and will be set aside instead of stored, because the time is missing");
        context.output.warning(&error.hint("set the clock, and give the time with --at where it is known"));
    }
    let path = kept.path.display().to_string();
    let what = format!("{} {} kept in {path}", kept.readings, plural(kept.readings, "reading is", "readings are"));
    if error.exit() != Exit::Unreachable && !error.is_transient() {
        return Err(error.detail(what).hint("then the next `cmf record`, or `cmf record --drain`, stores what is kept"));
    }
    context.output.notice(&format!("{error}: {what}"));
    let mut table = Table::new(["spooled", "file"]).single();
    table.row([kept.readings.into(), path.into()]);
    // The columns asked for are those of stored readings: they are no reason to fail once the readings are kept.
    let output = context.output.clone().selecting(Selection::default());
    output.outcome("`cmf record --drain` stores what is kept", table)?;
    Ok(Exit::Spooled)
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

fn plural<'a>(count: u64, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}

/// Tells what became of the readings.
fn finish(context: &Context, job: &Job<'_>, outcome: Outcome, drained: Drained) -> Result<Exit> {
    let output = &context.output;
    outcome.refusals.warn(output);
    outcome.refusals.tell(output);
    let dry_run = job.request.dry_run;
    let (message, table) = match &job.readings {
        Readings::Few(_) => few(&outcome, dry_run),
        Readings::Many(input) => many(&outcome, input.name(), dry_run),
    };
    match &job.request.rejects {
        Some(path) => files::outcome(&context.output, path, &message, table)?,
        None => output.outcome(&message, table)?,
    }
    if drained.aside > 0 {
        return Err(Error::data(format!(
            "{} {} set aside; the readings of this command are stored",
            drained.aside,
            plural(drained.aside, "spool file was", "spool files were")
        )));
    }
    if outcome.refusals.count > 0 {
        return Ok(Exit::Partial);
    }
    Ok(if drained.waiting > 0 { Exit::Spooled } else { Exit::Success })
}

fn few_table() -> Table {
    Table::new(["id", "metric_id", "metric_number", "name", "value", "recorded_at", "note", "outcome"])
}

fn many_table() -> Table {
    Table::new(["file", "stored", "repeated", "replaced", "skipped", "refused", "metrics"]).single()
}

fn drained_table() -> Table {
    Table::new(["files", "readings", "set_aside"]).single()
}

/// The readings of a command line.
fn few(outcome: &Outcome, dry_run: bool) -> (String, Table) {
    let mut table = few_table();
    let mut words = Vec::new();
    for (Settled { reading, recorded_at, outcome }, metric) in &outcome.settled {
        let Ok(fate) = outcome else { continue };
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
    let table = if outcome.settled.len() == 1 { table.single() } else { table };
    (words.join(", "), table)
}

/// The readings of a file.
fn many(outcome: &Outcome, file: &str, dry_run: bool) -> (String, Table) {
    let Counts { stored, repeated, replaced, skipped, refused } = outcome.counts;
    let metrics = outcome.metrics;
    let mut table = many_table();
    table.row([file.into(), stored.into(), repeated.into(), replaced.into(), skipped.into(), refused.into(), metrics.into()]);
    let (readings, of) = (plural(stored, "reading", "readings"), if metrics == 1 { "metric" } else { "metrics" });
    let mut message = format!("{stored} {readings} of {metrics} {of} {}stored", if dry_run { "would be " } else { "" });
    for (count, what) in [(repeated, "repeated"), (replaced, "replaced"), (skipped, "skipped"), (refused, "refused")] {
        if count > 0 {
            message.push_str(&format!(", {count} {what}"));
        }
    }
    (message, table)
}
