//! `cmf record`: readings of metrics, one or a file of them, all or nothing.

mod undo;

use std::path::PathBuf;
use std::time::Duration;

use crate::choices::choices;
use crate::commands::FileFields;
use crate::context::Context;
use crate::domain::metric::Metric;
use crate::domain::reading::{Zone, zone};
use crate::domain::span::timeout;
use crate::domain::text::{agreeing, counted};
use crate::doubts::Doubts;
use crate::error::{Error, Exit, Result};
use crate::files;
use crate::output::{Columns, Selection, Shape, Table, columns, words};
use crate::reading::{self, DECISION, Reading};
use crate::record::evidence::{self, Evidence, Told};
use crate::record::fields;
use crate::record::input::{Asked, Input};
use crate::record::rules::{OnConflict, Request};
use crate::record::source::{Readings, Spoken};
use crate::record::spool::{Spool, Spooled};
use crate::record::verdict::{Counts, Fate, Settled};
use crate::record::{self, Drained, Link, Outcome, Recorded};
use crate::table::decision::Decision;
use crate::table::limits::MAX_SIZE;
use crate::table::{Options, Percent};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true, disable_help_subcommand = true)]
#[command(add = FileFields(|| fields::LONG.names()))]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// METRIC VALUE, or METRIC=VALUE any number of times; only METRIC with a file of its readings; a metric is named by its number,
    /// name or id
    #[arg(value_name = "METRIC VALUE | METRIC=VALUE", required_unless_present_any = ["file", "drain"])]
    readings: Vec<String>,

    #[command(flatten)]
    told: Teller,

    /// Record the readings of a file (`-` is standard input): text in columns, a workbook or JSON with metric, value, at, note, by
    #[arg(long, value_name = "FILE", conflicts_with_all = ["at", "note"])]
    file: Option<PathBuf>,

    /// The file has one column per time, or a column of times and one column per metric
    #[arg(long, requires = "file")]
    wide: bool,

    /// The file has no header; --columns-are names its columns
    #[arg(long, requires = "columns_are", conflicts_with_all = ["wide", "header_row", "table"])]
    no_header: bool,

    /// What the columns of a file without a header are, such as metric,value,at; `-` is a column to skip
    #[arg(long, value_name = "FIELDS", value_delimiter = ',', requires = "no_header")]
    columns_are: Option<Vec<String>>,

    #[command(flatten)]
    reading: Reading,

    /// When it was measured, in ISO 8601; without it the time of the server's clock
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// A remark to store with the reading
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,

    /// The user who measured it
    #[arg(long, value_name = "USER")]
    by: Option<String>,

    /// Look for the metrics in this catalog; without it, in the active catalogs and the default library
    #[arg(long, value_name = "CATALOG")]
    catalog: Option<String>,

    /// The zone of times without an offset, such as Europe/Berlin or +02:00
    #[arg(long, value_name = "ZONE", default_value = "UTC", allow_hyphen_values = true, value_parser = zone)]
    tz: Zone,

    /// What to do if a metric has a different value at the same time
    #[arg(long, value_enum, default_value_t, value_name = "WHAT")]
    on_conflict: OnConflict,

    /// Record readings of locked metrics too
    #[arg(long)]
    override_lock: bool,

    /// Store readings that are more than 5 minutes in the future
    #[arg(long)]
    allow_future: bool,

    /// Store the other readings if some are refused, and exit with 3
    #[arg(long)]
    allow_partial: bool,

    /// Write the refused lines to this file, in the format of the input, with a column for the reason
    #[arg(long, value_name = "FILE", requires = "file")]
    rejects: Option<PathBuf>,

    /// Refuse doubtful values instead of warning about them
    #[arg(long)]
    strict: bool,

    #[command(flatten)]
    doubts: Doubts,

    /// Keep the readings in this folder if the database cannot be reached; a later run stores them first
    #[arg(long, value_name = "DIR", env = "CMF_SPOOL")]
    spool: Option<PathBuf>,

    /// How many megabytes the spool may take
    #[arg(long, value_name = "MB", default_value_t = 256, env = "CMF_SPOOL_LIMIT")]
    spool_limit: u32,

    /// Store only the readings in the spool
    #[arg(long, requires = "spool", conflicts_with_all = ["readings", "file"])]
    drain: bool,

    /// How long the server may work on one statement; 0s is no limit
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = timeout)]
    statement_timeout: Duration,

    /// Check everything and store nothing
    #[arg(long)]
    dry_run: bool,
}

/// A command that tells the reading.
#[derive(Debug, clap::Args)]
struct Teller {
    /// Run this command, without a shell, and record its output; the audit trail keeps the command
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["file", "drain"])]
    told_by: Vec<String>,

    /// Where the value is in the JSON that the command writes, such as /value
    #[arg(long, value_name = "POINTER", requires = "told_by", value_parser = pointer)]
    pointer: Option<String>,

    /// How long the command may take; 0s is no limit
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = timeout, requires = "told_by")]
    timeout: Duration,
}

verbs! { |context, link: &mut Link<'_>|
    /// Remove one reading
    Undo(args: undo::Args), Changes(Importer), Shape::one(&undo::UNDONE) => undo::run(context, link, args).await;
}

fn pointer(text: &str) -> std::result::Result<String, String> {
    if text.starts_with('/') { Ok(text.to_owned()) } else { Err("a JSON pointer begins with `/`, such as /value".into()) }
}

/// What the command after `--` tells of the one metric before it.
async fn tell(context: &Context, readings: &[String], told: &Teller) -> Result<(String, String, Evidence)> {
    let metric = only_metric(readings).ok().flatten().ok_or_else(|| {
        Error::usage("a command gives the reading of one metric only")
            .hint("name the metric before the command: cmf record METRIC -- COMMAND ARGUMENTS")
    })?;
    let Teller { told_by: command, pointer, timeout } = told;
    let Told { value, evidence, said } = evidence::ask(metric, command, *timeout, pointer.as_deref()).await?;
    said.lines().for_each(|line| context.output.notice(&format!("{}: {line}", command[0])));
    Ok((metric.to_owned(), value, evidence))
}

/// The metric of all readings of a file, where it is named before the file.
fn only_metric(words: &[String]) -> Result<Option<&str>> {
    match words {
        [] => Ok(None),
        [metric] if !metric.contains('=') && !metric.trim().is_empty() => Ok(Some(metric)),
        _ => Err(Error::usage("readings and --file cannot be combined")
            .hint("if all readings of the file are of one metric, name only the metric: cmf record METRIC --file FILE")),
    }
}

/// What `--columns-are` says, and what the options are for a file whose columns it names.
fn named_columns(names: &[String], fields: &[&str], options: &mut Options) -> Result<()> {
    if let Some(name) = names.iter().find(|name| name.as_str() != "-" && !fields.contains(&name.as_str())) {
        return Err(Error::usage(format!("--columns-are: `{name}` is not a field"))
            .hint(format!("the fields are: {}; write - for a column to skip", fields.join(", "))));
    }
    options.columns_are = Some(names.iter().map(|name| if name == "-" { String::new() } else { name.clone() }).collect());
    Ok(())
}

choices! { OnConflict:
    OnConflict::Refuse = "refuse", "Refuse it";
    OnConflict::Replace = "replace", "Replace the old value with the new one";
    OnConflict::Skip = "skip", "Keep the old value";
}

/// Runs `cmf record`. Exit 65 when a reading is refused, 2 when a metric on the command line is unknown or has namesakes;
/// nothing is stored then. Exit 69 when the database is out of reach and there is no spool, 73 when the spool cannot keep the
/// readings.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let connect = || Box::pin(context.open()) as _;
    let mut link = Link::new(&context.output, &connect);
    if let Some(command) = args.command {
        return command.run(context, &mut link).await;
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
        limits: args.doubts.limits(),
        evidence: None,
        dry_run: args.dry_run,
        statement_timeout: args.statement_timeout,
        rejects: args.rejects,
        scale: false,
        as_is: false,
        existing: args.reading.force.into(),
    };
    let spool = args.spool.map(|folder| Spool::new(folder, u64::from(args.spool_limit) * 1024 * 1024));
    if args.drain {
        context.output.check_outcome(&DRAINED.table())?;
        let spool = spool.ok_or_else(|| Error::usage("no spool is named").hint("name it with --spool DIR"))?;
        let drained = record::drain(&mut link, &request, &spool).await?;
        return drained.map_or(Ok(Exit::Spooled), |drained| tell_drained(context, drained));
    }
    context.output.check_outcome(&if args.file.is_some() { MANY.table() } else { few_columns().table() })?;
    let readings = if let Some(path) = &args.file {
        request.rejects.iter().try_for_each(|rejects| files::apart(rejects, path, "--rejects"))?;
        let list = if args.wide { fields::WIDE } else { fields::LONG };
        let mut options = args.reading.options(&list.names())?;
        if let Some(names) = &args.columns_are {
            named_columns(names, &list.names(), &mut options)?;
        }
        (request.scale, request.as_is) = (options.percent == Percent::Scale, options.percent == Percent::AsIs);
        let asked = Asked { wide: args.wide, one: only_metric(&args.readings)?, has_zone: args.tz != Zone::Utc };
        let input = Input::open(path, asked, &options, args.reading.most(MAX_SIZE))?;
        args.reading.save(|| input.map(&options))?;
        reading::tell(&context.output, &input.decisions());
        Readings::Many(Box::new(input))
    } else {
        let said =
            |(metric, value)| Spoken { metric, value, at: args.at.clone(), note: args.note.clone(), ..Spoken::default() };
        Readings::Few(if args.told.told_by.is_empty() {
            pairs(&args.readings)?.into_iter().map(|(metric, value)| said((metric.to_owned(), value.to_owned()))).collect()
        } else {
            let (metric, value, evidence) = tell(context, &args.readings, &args.told).await?;
            request.evidence = Some(evidence);
            vec![said((metric, value))]
        })
    };
    let input = if let Readings::Many(input) = &readings { Some(input.clone()) } else { None };
    let recorded =
        record::record(&mut link, &request, readings, spool.as_ref()).await.map_err(|error| match &request.evidence {
            Some(evidence) => evidence.beside(error),
            None => error,
        });
    let (outcome, drained) = match recorded? {
        Recorded::Stored { outcome, drained } => (outcome, drained),
        Recorded::Kept(kept) => return tell_kept(context, &kept),
    };
    let (message, table) = match &input {
        None => few(&outcome, request.dry_run),
        Some(input) => many(&outcome, input, request.dry_run),
    };
    match &request.rejects {
        Some(path) => files::outcome(&context.output, path, &message, table)?,
        None if outcome.refusals.count > 0 => context.output.remarkable(&message, table)?,
        None => context.output.outcome(&message, table)?,
    }
    if drained.aside > 0 {
        let files = agreeing(drained.aside, "spool file was", "spool files were");
        return Err(Error::data(format!("{} {files} set aside", drained.aside))
            .changed("The readings of this command are stored.")
            .hint("the warnings above say why, where each file is now, and what to do with it"));
    }
    if outcome.refusals.count > 0 {
        return Ok(Exit::Partial);
    }
    Ok(if drained.waiting > 0 { Exit::Spooled } else { Exit::Success })
}

fn are_stored(readings: u64) -> &'static str {
    agreeing(readings, "is stored", "are stored")
}

/// What `--drain` came to.
fn tell_drained(context: &Context, drained: Drained) -> Result<Exit> {
    let (readings, files) = (counted(drained.readings, "reading"), counted(drained.files, "spool file"));
    let message = format!("{readings} of {files} stored");
    context.output.outcome(&message, DRAINED.one(&drained))?;
    if drained.aside > 0 {
        let files = agreeing(drained.aside, "spool file was", "spool files were");
        return Err(Error::data(format!("{} {files} set aside", drained.aside))
            .changed(format!("{} of the other files {}.", counted(drained.readings, "reading"), are_stored(drained.readings)))
            .hint("the warnings above say why, where each file is now, and what to do with it"));
    }
    if drained.refused > 0 {
        let entries = agreeing(drained.refused, "entry of the spool was", "entries of the spool were");
        return Err(Error::data(format!("{} {entries} not read", drained.refused))
            .changed(format!("{} {}.", counted(drained.readings, "reading"), are_stored(drained.readings)))
            .hint("the warnings above say which, and why"));
    }
    Ok(if drained.waiting > 0 { Exit::Spooled } else { Exit::Success })
}

fn tell_kept(context: &Context, kept: &Spooled) -> Result<Exit> {
    // The columns asked for are those of stored readings: they are no reason to fail once the readings are kept.
    let output = context.output.clone().selecting(Selection::default());
    output.outcome("`cmf record --drain` stores what is kept", KEPT.one(kept))?;
    Ok(Exit::Spooled)
}

/// `METRIC VALUE`, or `METRIC=VALUE` any number of times.
fn pairs(words: &[String]) -> Result<Vec<(&str, &str)>> {
    let pairs: Option<Vec<(&str, &str)>> = words.iter().map(|word| word.rsplit_once('=')).collect();
    match (pairs, words) {
        (Some(pairs), _) if pairs.iter().all(|(metric, _)| !metric.trim().is_empty()) => Ok(pairs),
        (_, [metric, value]) if !metric.trim().is_empty() && !is_pair(metric) => Ok(vec![(metric, value)]),
        _ => Err(Error::usage("the readings are not METRIC VALUE or METRIC=VALUE")
            .hint("write `cmf record PR-001 97.5`, or `cmf record PR-001=97.5 PR-002=3`")),
    }
}

/// Whether a word is METRIC=NUMBER, and no name of a metric.
fn is_pair(word: &str) -> bool {
    word.rsplit_once('=').is_some_and(|(_, value)| value.starts_with(|first: char| first.is_ascii_digit()))
}

words!(Fate: name);
/// A reading of a command line, and what became of it.
type Few<'a> = (&'a Settled, &'a Metric, Fate);
fn few_columns<'a>() -> Columns<Few<'a>> {
    columns! { |(settled, metric, outcome)|
        id = settled.reading.id, metric_id = metric.id, metric_number = &metric.metric_number, name = &metric.name,
        value = settled.reading.value.decimal(), recorded_at = settled.recorded_at, note = &settled.reading.note, outcome
    }
}
/// What became of the readings of a file, how many metrics they are of, and what was decided about the file.
const MANY: Columns<(String, Counts, usize, Vec<Decision>)> = columns! { |(file, counts, metrics, decisions)|
    file, stored = counts.stored, repeated = counts.repeated, replaced = counts.replaced, skipped = counts.skipped,
    refused = counts.refused, metrics,
    decisions: for_programs of(|| Shape::rows(&DECISION)) = DECISION.table_of(decisions).to_json()
};
const DRAINED: Columns<Drained> = columns! { |drained| files, readings, set_aside = drained.aside };
const KEPT: Columns<Spooled> = columns! { |kept| spooled = kept.readings, file = kept.path.display().to_string() };

pub fn shape() -> Shape {
    let few = || Shape::one(&few_columns());
    few().or(few().listed()).or(Shape::one(&MANY)).or(Shape::one(&DRAINED)).or(Shape::one(&KEPT))
}

/// The readings of a command line.
fn few(outcome: &Outcome, dry_run: bool) -> (String, Table) {
    let settled = outcome.settled.iter();
    let rows: Vec<Few<'_>> =
        settled.filter_map(|(settled, metric)| Some((settled, metric, *settled.outcome.as_ref().ok()?))).collect();
    let would = if dry_run { "would be " } else { "" };
    let word = |(settled, metric, fate): &Few| format!("{} {}: {would}{}", metric.label(), settled.reading.value, fate.name());
    let words: Vec<String> = rows.iter().map(word).collect();
    let table = few_columns().table_of(rows);
    let table = if outcome.settled.len() == 1 { table.single() } else { table };
    (words.join(", "), table)
}

fn many(outcome: &Outcome, input: &Input, dry_run: bool) -> (String, Table) {
    let Counts { stored, repeated, replaced, skipped, refused } = outcome.counts;
    let metrics = outcome.metrics;
    let (readings, of) = (agreeing(stored, "reading", "readings"), if metrics == 1 { "metric" } else { "metrics" });
    let mut message = format!("{stored} {readings} of {metrics} {of} {}stored", if dry_run { "would be " } else { "" });
    for (count, what) in [(repeated, "repeated"), (replaced, "replaced"), (skipped, "skipped"), (refused, "refused")] {
        if count > 0 {
            message.push_str(&format!(", {count} {what}"));
        }
    }
    let decisions = input.decisions().into_iter().chain(outcome.refusals.decisions()).collect();
    (message, MANY.one(&(input.name().to_owned(), outcome.counts, metrics, decisions)))
}
