//! `cmf import`: metric catalogs from spreadsheets.

mod ask;
mod files;
mod show;
mod store;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::NaiveDateTime;
use clap::ValueEnum;
use serde_json::{Value, json};
use uuid::Uuid;

use self::show::Summary;
use self::store::{Mode, Plan, Target};
use crate::commands;
use crate::commands::framework::Known;
use crate::context::Context;
use crate::db::{self, Database, Transaction};
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::domain::reading;
use crate::error::{Error, Exit, Result};
use crate::import::build;
use crate::import::limits::MAX_SIZE;
use crate::import::map_file::MapFile;
use crate::import::source::Source;
use crate::import::table::{self, Draft, Found, Options, Percent, Range, Table, Watch};
use crate::output::{Progress, Results, time_text};

/// Arguments of `cmf import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The spreadsheets; `-` reads standard input. What a file is, is told by its content
    #[arg(required = true, value_name = "FILE")]
    files: Vec<String>,
    /// The catalog's name; without it the file's name
    #[arg(long)]
    name: Option<String>,
    /// Who owns the catalog
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// The framework of the codes in the sheet; without it the one that knows them
    #[arg(long, value_name = "FRAMEWORK")]
    framework: Option<String>,

    /// The sheet of a workbook
    #[arg(long, help_heading = "Where the table is")]
    sheet: Option<String>,
    /// The row that the headers stand in
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Where the table is")]
    header_row: Option<u64>,
    /// The part of the sheet that has the table, such as A4:N20
    #[arg(long, value_parser = range, help_heading = "Where the table is")]
    range: Option<Range>,
    /// The named table of an XLSX workbook
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sheet", "header_row", "range"], help_heading = "Where the table is")]
    table: Option<String>,
    /// Take what looks like a time series for a catalog
    #[arg(long, help_heading = "Where the table is")]
    as_catalog: bool,

    /// Read a field from this column, named by header or letters; an empty column leaves the field out
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping, help_heading = "What the columns are")]
    map: Vec<(Field, String)>,
    /// Read the columns from this column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    map_file: Option<PathBuf>,
    /// Write the columns that were found as a column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    save_map: Option<PathBuf>,
    /// What plain numbers mean where the unit is %
    #[arg(long, value_enum, default_value_t, help_heading = "What the columns are")]
    percent: PercentArg,
    /// The decimal mark of all number columns
    #[arg(long, value_enum, help_heading = "What the columns are")]
    decimal: Option<MarkArg>,

    /// What to do with metrics that the catalog has, and with those it has not
    #[arg(long, value_enum, default_value_t, help_heading = "Importing again")]
    mode: Mode,
    /// The catalog to import into; without it the one of the owner with the same name
    #[arg(long, conflicts_with = "name", help_heading = "Importing again")]
    catalog: Option<String>,
    /// When the sheet's values were measured, in UTC; without it now
    #[arg(long, value_name = "DATE", value_parser = instant, help_heading = "Importing again")]
    at: Option<NaiveDateTime>,
    /// Remove the catalog's metrics that the sheet does not have; their readings stay
    #[arg(long, help_heading = "Importing again")]
    prune: bool,
    /// Remove the readings of removed metrics, too
    #[arg(long, requires = "prune", help_heading = "Importing again")]
    prune_history: bool,
    /// Import although this file was imported before
    #[arg(long, help_heading = "Importing again")]
    again: bool,

    /// Map withdrawn codes to their successors, unconfirmed, instead of keeping their rows out
    #[arg(long, help_heading = "Rows with problems")]
    accept_successors: bool,
    /// Write the rows that are kept out to this file (.csv, .json or .xlsx), to mend them and import it
    #[arg(long, value_name = "FILE", help_heading = "Rows with problems")]
    rejects: Option<PathBuf>,
    /// Import the rows without problems although others have some; exit 3 then
    #[arg(long, help_heading = "Rows with problems")]
    allow_partial: bool,
    /// Import nothing when more rows than this have problems
    #[arg(long, value_name = "N", requires = "allow_partial", help_heading = "Rows with problems")]
    max_errors: Option<u64>,

    /// The largest file that is read, in MB
    #[arg(long, value_name = "MB", default_value_t = MAX_SIZE)]
    max_size: u64,
    /// Make the imported catalog the owner's active one
    #[arg(long)]
    activate: bool,
    /// Do everything, show it, and take it back
    #[arg(long)]
    dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum PercentArg {
    /// Times 100 when every one of them is at most 1
    #[default]
    Auto,
    /// Times 100
    Scale,
    /// As written
    AsIs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MarkArg {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

fn mapping(text: &str) -> Result<(Field, String), String> {
    let (field, column) = text.split_once('=').ok_or("write it as FIELD=COLUMN")?;
    let field = Field::named(field).ok_or_else(|| {
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
        format!("`{field}` is not a field; the fields are {}", names.join(", "))
    })?;
    Ok((field, column.trim().to_owned()))
}

fn range(text: &str) -> Result<Range, String> {
    Range::parse(text).ok_or_else(|| "write it as A4:N20, A:N or 4:20".to_owned())
}

fn instant(text: &str) -> Result<NaiveDateTime, String> {
    reading::parse_instant(text, "UTC".parse()?).map_err(|reason| format!("it {reason}"))
}

/// Progress of the first pass, drawn by the printer.
struct Reading(Arc<Progress>);

impl Watch for Reading {
    fn rows(&self, rows: u64, all: Option<u64>) {
        if let Some(all) = all {
            self.0.total(all);
        }
        self.0.set(rows);
    }
}

/// A framework whose codes can be read.
struct Codes {
    known: Known,
    index: Arc<CodeIndex>,
}

impl Codes {
    fn id(&self) -> Uuid {
        self.known.row.id
    }
}

/// A file that is understood.
struct Ready<'f> {
    source: Arc<Source>,
    /// Its table; only a guess where the file is still to be read.
    table: Table,
    unread: Option<Unread<'f>>,
    codes: Option<&'f Codes>,
    name: String,
}

/// A file of which only the first rows were looked at.
struct Unread<'f> {
    draft: Box<Draft>,
    options: Options,
    frameworks: &'f [Codes],
}

/// What looking at a file came to.
enum Understood {
    /// All of it is read.
    Read(Table),
    /// Its first rows tell what the others will be, if nothing comes between.
    Guessed(Table, Box<Draft>),
}

/// Runs `cmf import`.
///
/// # Errors
/// Exit 65 when a file cannot be read as a table, or when a row has problems: nothing is written then. Exit 1 when the same
/// file was imported before; exit 2 for names that are not there.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let several = args.files.len() > 1;
    if several
        && (args.name.is_some() || args.catalog.is_some() || args.rejects.is_some() || args.save_map.is_some() || args.activate)
    {
        return Err(Error::usage("--name, --catalog, --rejects, --save-map and --activate are for one file"));
    }
    if (args.prune || args.at.is_some() && args.catalog.is_some()) && args.mode == Mode::Create {
        return Err(Error::usage("this is for a catalog that is there already").hint("add --mode update or --mode upsert"));
    }
    if let Some(path) = &args.rejects {
        files::kind(path)?;
    }
    let mut sources = Vec::new();
    for file in args.files.clone() {
        let limit = args.max_size.saturating_mul(1_000_000);
        sources.push(Arc::new(blocking(move || Source::open(&file, limit)).await?));
    }
    let base = options(&args)?;
    let mut database = commands::connect(context).await?;

    // A first transaction only looks: neither reading a long sheet nor asking a person may hold one open.
    let mut tx = database.begin().await?;
    let owner = commands::user::owner(&mut tx, args.owner.as_deref()).await?;
    let frameworks = frameworks(&mut tx, args.framework.as_deref()).await?;
    tx.rollback().await?;

    let mut ready = Vec::new();
    for source in sources {
        let mut options = base.clone();
        let (mut table, draft) = match understand(context, &args, &source, &mut options, &frameworks).await? {
            Understood::Read(table) => (table, None),
            Understood::Guessed(table, draft) => (table, Some(draft)),
        };
        for line in &table.evidence {
            // A single table in the first row needs no reasons.
            if table.evidence.len() > 1 || table.header_row > 1 {
                context.output.say(line);
            } else {
                context.output.debug(1, || line.clone());
            }
        }
        if let Some(path) = &args.save_map {
            let map = MapFile::of(&table, &options).to_toml()?;
            files::write(path, |file| {
                std::io::Write::write_all(file, map.as_bytes()).map_err(|error| files::unwritable(path, &error))
            })?;
        }
        let codes = choose_framework(&mut table, &frameworks)?;
        let name = catalog_name(&args, &source)?;
        let unread = draft.map(|draft| Unread { draft, options, frameworks: &frameworks });
        ready.push(Ready { source, table, unread, codes, name });
    }

    if args.prune && !args.dry_run && !args.yes {
        // What would go is counted first, and the question is asked outside of any transaction.
        let mut gone = 0;
        let mut again = Vec::new();
        let mut tx = database.begin().await?;
        for one in ready {
            let (one, outcome) = import(context, &mut tx, &args, &owner, one, None).await?;
            gone += outcome.stored.pruned;
            again.push(one);
        }
        tx.rollback().await?;
        ready = again;
        let (verb, them) = (commands::agreeing(gone, "is", "are"), commands::agreeing(gone, "it", "them"));
        let metrics = commands::counted(gone, "metric");
        let question = format!("{metrics} {verb} no longer in the sheet. Remove {them} from the catalog?");
        if gone > 0 {
            let confirmed = context.output.confirm(&question, false)?;
            return finish(context, &mut database, &args, &owner, ready, Some(confirmed)).await;
        }
    }
    let confirmed =
        if args.prune { Some(context.output.confirm("Remove metrics that are no longer in the sheet?", true)?) } else { None };
    finish(context, &mut database, &args, &owner, ready, confirmed).await
}

/// What one file came to.
struct Imported {
    stored: store::Stored,
    results: Value,
    tables: Vec<crate::output::Table>,
    warnings: Vec<String>,
    rejected: u64,
    catalog: String,
    activated: Option<commands::catalog::Activated>,
}

/// Imports all files in one transaction.
async fn finish(
    context: &Context,
    database: &mut Database,
    args: &Args,
    owner: &db::users::User,
    ready: Vec<Ready<'_>>,
    confirmed: Option<crate::confirm::Confirmed>,
) -> Result<Exit> {
    let several = ready.len() > 1;
    let mut tx = database.begin().await?;
    let mut done = Vec::new();
    for one in ready {
        let (one, outcome) = import(context, &mut tx, args, owner, one, confirmed.as_ref()).await?;
        done.push((one, outcome));
    }
    if args.dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    let mut tables = Vec::new();
    let mut values = Vec::new();
    let mut rejected = 0;
    for (one, outcome) in done {
        for warning in &outcome.warnings {
            context.output.notice(&format!("note: {warning}"));
        }
        if let Some(activated) = &outcome.activated {
            context.output.say(&activated.message(&one.name));
            for note in activated.notes() {
                context.output.notice(&note);
            }
        } else if !args.dry_run && outcome.stored.is_change() && args.mode == Mode::Create {
            context.output.say(&format!("make it count with `cmf catalog activate \"{}\"`", one.name));
        }
        rejected += outcome.rejected;
        if let Some(path) = args.rejects.as_ref().filter(|_| outcome.rejected > 0) {
            context.output.notice(&format!(
                "{} rejected rows are in {}: mend them, then {}",
                outcome.rejected,
                path.display(),
                show::onto(path, &outcome.catalog)
            ));
        }
        tables.extend(outcome.tables);
        values.push(outcome.results);
    }
    let json = if several { Value::Array(values) } else { values.pop().unwrap_or_default() };
    context.output.results(Results::new(tables, json))?;
    if args.dry_run {
        context.output.notice("dry run, nothing changed");
    }
    Ok(if rejected > 0 { Exit::Partial } else { Exit::Success })
}

/// Imports one file in the caller's transaction.
async fn import<'f>(
    context: &Context,
    tx: &mut Transaction<'_>,
    args: &Args,
    owner: &db::users::User,
    one: Ready<'f>,
    confirmed: Option<&crate::confirm::Confirmed>,
) -> Result<(Ready<'f>, Imported)> {
    let Ready { source, table, unread, codes, name } = one;
    db::users::lock(tx, owner.id).await?;
    let target = target(tx, args, owner, &source, &table, &name).await?;
    let plan = Plan {
        mode: args.mode,
        target: target.clone(),
        owner_id: owner.id,
        at: args.at,
        partial: args.allow_partial,
        accept_successors: args.accept_successors,
        prune: args.prune,
        prune_history: args.prune_history,
        place: source.place(),
    };
    if !target.is_known {
        db::items::insert_catalog(tx, target.catalog_id, &target.name, None, owner.id, &source.file_name).await?;
    }
    let sheet = store::Sheet { source: &source, table, unread };
    let store::Done { mut table, codes, passed, stored } =
        Box::pin(store::store(context, tx, sheet, codes, &plan, confirmed)).await?;
    if let Some(path) = args.rejects.as_ref().filter(|_| !passed.problems.is_empty()) {
        files::rejects(path, &source.name, &mut table, &passed.problems)?;
    }
    let rejected = passed.finding.counts.rejected;
    if passed.broken || args.max_errors.is_some_and(|most| rejected > most) {
        return Err(show::refused(&source, &passed.finding, &passed.problems, args.rejects.as_deref(), &target.name));
    }
    if args.prune && rejected > 0 {
        return Err(show::refused(&source, &passed.finding, &passed.problems, args.rejects.as_deref(), &target.name)
            .hint("--prune needs a sheet without problems: a rejected row is not a metric that is gone"));
    }
    if passed.finding.counts.items == 0 {
        if rejected > 0 {
            return Err(show::refused(&source, &passed.finding, &passed.problems, args.rejects.as_deref(), &target.name));
        }
        return Err(Error::data(format!("there is no metric below the header: {}", show::sum(&passed.finding, None)))
            .at(source.place())
            .hint("say where the header is with --header-row, or which sheet with --sheet"));
    }
    let mut warnings = table.warnings.clone();
    warnings.extend(passed.finding.warnings.clone());
    if passed.successors > 0 {
        warnings.push(format!(
            "{} to successors of withdrawn codes, unconfirmed; decide with `cmf map review`",
            commands::counted(passed.successors, "mapping")
        ));
    }
    let summary = Summary {
        source: &source,
        table: &table,
        finding: &passed.finding,
        stored: &stored,
        warnings: &warnings,
        problems: &passed.problems,
        codes,
        catalog: &target.name,
        owner: &owner.username,
        is_merge: target.is_known,
    };
    let results = summary.json();
    let tables = summary.tables();
    let metadata = summary.metadata();
    let mut activated = None;
    let mut audit = None;
    if stored.is_change() {
        if target.is_known {
            db::items::touch_catalog(tx, target.catalog_id, &metadata, &source.file_name).await?;
        } else {
            db::items::set_import_metadata(tx, target.catalog_id, &metadata).await?;
        }
        let counts = json!({
            "catalog_id": target.catalog_id, "catalog": target.name, "source_file": source.file_name, "sha256": source.sha256,
            "imported": stored.imported, "updated": stored.updated, "unchanged": stored.unchanged, "mappings": stored.mappings,
            "readings": stored.readings, "pruned": stored.pruned, "skipped": passed.finding.counts.all_skipped(),
            "rejected": rejected,
        });
        audit = Some(counts);
    }
    // Metrics of an active catalog follow their items.
    if args.activate || target.is_active && stored.is_change() {
        activated = Some(commands::catalog::activate(tx, target.catalog_id, owner.id).await?);
    }
    if let Some(mut counts) = audit {
        if let Some(activated) = &activated {
            counts["activated"] = activated.audit.clone();
        }
        db::audit::insert(tx, "catalog.import", Some(owner.id), &counts).await?;
    } else if let Some(activated) = &activated {
        db::audit::insert(tx, "catalog.activate", Some(owner.id), &activated.audit).await?;
    }
    let imported = Imported { stored, results, tables, warnings, rejected, catalog: target.name, activated };
    Ok((Ready { source, table, unread: None, codes, name }, imported))
}

/// The catalog that the items go to: a new one, or with `--mode update` and `--mode upsert` the one that is there.
async fn target(
    tx: &mut Transaction<'_>,
    args: &Args,
    owner: &db::users::User,
    source: &Source,
    table: &Table,
    name: &str,
) -> Result<Target> {
    let found = match &args.catalog {
        Some(text) => Some(commands::catalog::resolve(tx, text, Some(&owner.username)).await?),
        None => db::catalogs::list(tx, Some(owner.id)).await?.into_iter().find(|catalog| catalog.name == name),
    };
    if args.mode == Mode::Create {
        if !args.again
            && let Some(known) = db::items::imported_before(tx, owner.id, &source.sha256, table.sheet.as_deref()).await?
        {
            return Err(Error::failed(format!("this file was imported before, as catalog `{known}`"))
                .at(source.place())
                .hint(format!("see `cmf catalog show \"{known}\"`"))
                .hint(format!("bring it up to date with --mode upsert --catalog \"{known}\""))
                .hint("or add --again and --name to import it once more under another name"));
        }
        if found.is_some() {
            return Err(Error::failed(format!("{} has a catalog called `{name}` already", owner.username))
                .hint("bring it up to date with --mode upsert, or give this one another name with --name"));
        }
    }
    match found {
        Some(catalog) => {
            Ok(Target { catalog_id: catalog.id, name: catalog.name, is_known: true, is_active: catalog.is_active })
        }
        None if args.mode == Mode::Update => Err(Error::failed(format!("{} has no catalog called `{name}`", owner.username))
            .hint("name it with --catalog; `cmf catalog list` shows them")),
        None => Ok(Target { catalog_id: Uuid::now_v7(), name: name.to_owned(), is_known: false, is_active: false }),
    }
}

/// Finds out what a source holds, asking about columns where somebody can be asked. A long one is not read to its end: its rows
/// are read while those before them are on their way to the database.
async fn understand(
    context: &Context,
    args: &Args,
    source: &Arc<Source>,
    options: &mut Options,
    frameworks: &[Codes],
) -> Result<Understood> {
    let mut is_asked = false;
    // A column map is of the whole sheet, and is wanted even where the rows cannot be imported.
    let is_whole = args.save_map.is_some();
    loop {
        let reading = Reading(Arc::new(context.output.progress(None, "rows")));
        reading.0.message(&format!("reading {}", source.file_name));
        let indexes: Vec<Arc<CodeIndex>> = frameworks.iter().map(|codes| Arc::clone(&codes.index)).collect();
        let (source, asked) = (Arc::clone(source), options.clone());
        let prepared = blocking(move || {
            let indexes: Vec<&CodeIndex> = indexes.iter().map(Arc::as_ref).collect();
            let draft = match table::find(&source, &asked, &indexes)? {
                Found::Draft(draft) => draft,
                Found::Unclear(unclear) => return Ok(Err(unclear)),
            };
            let guess = if is_whole { None } else { draft.guess(&asked, &indexes)? };
            Ok(Ok(match guess {
                Some(table) => Understood::Guessed(table, draft),
                None => Understood::Read(draft.read(&source, &asked, &indexes, &reading)?),
            }))
        })
        .await?;
        match prepared {
            Ok(understood) => {
                if is_asked && args.save_map.is_none() {
                    context.output.say("keep these answers for the next time with --save-map FILE.toml");
                }
                return Ok(understood);
            }
            Err(unclear) if args.yes || !context.output.can_ask() => return Err(unclear.error),
            Err(unclear) => {
                ask::ask(context, *unclear, options)?;
                is_asked = true;
            }
        }
    }
}

/// Runs work that computes or reads files beside the runtime, so that a signal is still heard.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::failed(format!("the import broke off: {error}")))?
}

fn options(args: &Args) -> Result<Options> {
    let mut options = Options {
        sheet: args.sheet.clone(),
        header_row: args.header_row,
        range: args.range,
        table: args.table.clone(),
        as_catalog: args.as_catalog,
        given: args.map.clone(),
        percent: match args.percent {
            PercentArg::Auto => Percent::Auto,
            PercentArg::Scale => Percent::Scale,
            PercentArg::AsIs => Percent::AsIs,
        },
        mark: args.decimal.map(|mark| match mark {
            MarkArg::Point => Mark::Point,
            MarkArg::Comma => Mark::Comma,
        }),
        current_at: args.at.map(time_text),
        ..Options::default()
    };
    if let Some(path) = &args.map_file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Error::usage(format!("cannot read {}: {error}", path.display())).hint("make one with --save-map")
        })?;
        MapFile::parse(&text).and_then(|map| map.apply(&mut options)).map_err(|error| {
            error.at(crate::error::Place { file: Some(path.display().to_string()), ..crate::error::Place::default() })
        })?;
    }
    Ok(options)
}

/// The framework asked for, or all that are in the database.
async fn frameworks(tx: &mut Transaction<'_>, asked: Option<&str>) -> Result<Vec<Codes>> {
    let rows = match asked {
        Some(name) => vec![commands::framework::resolve(tx, name).await?],
        None => db::frameworks::list(tx).await?.into_iter().filter(|row| row.is_active).collect(),
    };
    let mut frameworks = Vec::new();
    for row in rows {
        let known = commands::framework::known(tx, row).await?;
        let index = Arc::new(known.codes());
        frameworks.push(Codes { known, index });
    }
    // CSF 2.0 comes first, so that it is taken where no code tells.
    frameworks.sort_by_key(|codes| codes.known.row.short_name() != "csf-2.0");
    Ok(frameworks)
}

fn choose_framework<'f>(table: &mut Table, frameworks: &'f [Codes]) -> Result<Option<&'f Codes>> {
    let has_codes =
        table.columns.mapped.iter().any(|mapped| mapped.field.is_code()) || table.defaults.keys().any(|field| field.is_code());
    if !has_codes {
        return Ok(None);
    }
    if frameworks.is_empty() {
        return Err(Error::failed("the sheet has framework codes, and there is no framework in the database")
            .hint("run `cmf seed` first, or leave the codes out with --map subcategory="));
    }
    let indexes: Vec<&CodeIndex> = frameworks.iter().map(|codes| codes.index.as_ref()).collect();
    let known = build::known_codes(table, &indexes)?;
    let most = known.iter().copied().max().unwrap_or_default();
    let chosen = known.iter().position(|count| *count == most).unwrap_or_default();
    Ok(frameworks.get(chosen))
}

fn catalog_name(args: &Args, source: &Source) -> Result<String> {
    let name = match &args.name {
        Some(name) => name.trim().to_owned(),
        None => {
            Path::new(&source.file_name).file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().trim().to_owned())
        }
    };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(Error::usage("a catalog's name is not empty and has no control characters").hint("give one with --name"));
    }
    if name.chars().count() > 200 {
        return Err(Error::usage("a catalog's name has at most 200 characters").hint("give a shorter one with --name"));
    }
    Ok(name)
}
