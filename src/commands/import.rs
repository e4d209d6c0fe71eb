//! `cmf import`: a metric catalog from a spreadsheet.

use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use clap::ValueEnum;
use serde_json::{Map, Value, json};
use tokio::sync::mpsc;
use uuid::Uuid;

use crate::commands;
use crate::commands::framework::Known;
use crate::context::Context;
use crate::db::{self, Transaction};
use crate::domain::code::CodeIndex;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::error::{Error, Exit, Result};
use crate::import::build::{self, Finding, Outcome};
use crate::import::columns::letters;
use crate::import::problem::Problem;
use crate::import::source::{Format, Source};
use crate::import::table::{self, Options, Percent, Table, Watch};
use crate::output::{Progress, Results, Table as Shown};

/// How much is sent to the server at a time, in bytes.
const CHUNK: usize = 1 << 17;

/// How many problems an error lists.
const LISTED: usize = 20;

/// Arguments of `cmf import`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The spreadsheet; `-` reads standard input. What it is, is told by its content
    file: String,
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
    #[arg(long)]
    sheet: Option<String>,
    /// The row that the headers stand in
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..))]
    header_row: Option<u64>,
    /// Read a field from this column, named by header or letters; an empty column leaves the field out
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping)]
    map: Vec<(Field, String)>,
    /// What plain numbers mean where the unit is %
    #[arg(long, value_enum, default_value_t)]
    percent: PercentArg,
    /// The decimal mark of all number columns
    #[arg(long, value_enum)]
    decimal: Option<MarkArg>,
    /// The largest file that is read, in MB
    #[arg(long, value_name = "MB", default_value_t = 200)]
    max_size: u64,
    /// Import although this file was imported before
    #[arg(long)]
    again: bool,
    /// Make the imported catalog the owner's active one
    #[arg(long)]
    activate: bool,
    /// Do everything, show it, and take it back
    #[arg(long)]
    dry_run: bool,
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

/// Progress of the first pass, drawn by the printer.
struct Reading(Progress);

impl Watch for Reading {
    fn rows(&self, rows: u64) {
        self.0.set(rows);
    }
}

/// A framework whose codes can be read.
struct Codes {
    known: Known,
    index: Arc<CodeIndex>,
}

/// Runs `cmf import`.
///
/// # Errors
/// Exit 65 when the file cannot be read as a table, or when a row has problems, and nothing is written then; exit 1 when the
/// same file was imported before; exit 2 for names that are not there.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let file = args.file.clone();
    let limit = args.max_size.saturating_mul(1_000_000);
    let source = blocking(move || Source::open(&file, limit)).await?;
    let mut database = commands::connect(context).await?;

    // A first transaction only looks: reading a long sheet must not hold one open.
    let mut tx = database.begin().await?;
    let owner = commands::user::owner(&mut tx, args.owner.as_deref()).await?;
    let frameworks = frameworks(&mut tx, args.framework.as_deref()).await?;
    tx.rollback().await?;

    let options = options(&args);
    let reading = Reading(context.output.progress(None, "rows"));
    reading.0.message(&format!("reading {}", source.file_name));
    let indexes: Vec<Arc<CodeIndex>> = frameworks.iter().map(|codes| Arc::clone(&codes.index)).collect();
    let (source, mut table) = blocking(move || {
        let indexes: Vec<&CodeIndex> = indexes.iter().map(Arc::as_ref).collect();
        let table = table::prepare(&source, &options, &indexes, &reading)?;
        Ok((source, table))
    })
    .await?;
    for line in &table.evidence {
        context.output.debug(1, || line.clone());
    }
    let codes = choose_framework(&mut table, &frameworks)?;
    let name = catalog_name(&args, &source)?;

    let mut tx = database.begin().await?;
    db::users::lock(&mut tx, owner.id).await?;
    if !args.again
        && let Some(known) = db::items::imported_before(&mut tx, owner.id, &source.sha256, table.sheet.as_deref()).await?
    {
        return Err(Error::failed(format!("this file was imported before, as catalog `{known}`"))
            .at(source.place())
            .hint(format!("see `cmf catalog show \"{known}\"`"))
            .hint("add --again to import it once more under another name"));
    }
    let taken = db::catalogs::list(&mut tx, Some(owner.id)).await?.into_iter().any(|catalog| catalog.name == name);
    if taken {
        return Err(Error::failed(format!("{} has a catalog called `{name}` already", owner.username))
            .hint("give this one another name with --name"));
    }
    let catalog_id = Uuid::now_v7();
    db::items::insert_catalog(&mut tx, catalog_id, &name, None, owner.id, &source.file_name).await?;
    let written = write(context, &mut tx, table, codes, catalog_id).await?;
    let Written { table, finding, problems, mappings } = written;
    let mut warnings = table.warnings.clone();
    warnings.extend(finding.warnings.clone());
    if !problems.is_empty() {
        return Err(refused(&source, &finding, &problems));
    }
    let summary = Summary { source: &source, table: &table, finding: &finding, mappings, warnings: &warnings, codes };
    if finding.counts.items == 0 {
        return Err(Error::data(format!("there is no metric below the header: {}", sum(&finding)))
            .at(source.place())
            .hint("say where the header is with --header-row, or which sheet with --sheet"));
    }
    db::items::set_import_metadata(&mut tx, catalog_id, &summary.metadata()).await?;
    let counts = json!({
        "catalog_id": catalog_id, "catalog": name, "source_file": source.file_name, "sha256": source.sha256,
        "items": finding.counts.items, "mappings": mappings, "skipped": finding.counts.all_skipped(),
    });
    db::audit::insert(&mut tx, "catalog.import", Some(owner.id), &counts).await?;
    let activated = if args.activate { Some(commands::catalog::activate(&mut tx, catalog_id, owner.id).await?) } else { None };
    if args.dry_run {
        tx.rollback().await?;
    } else {
        tx.commit().await?;
    }
    for warning in &warnings {
        context.output.notice(&format!("note: {warning}"));
    }
    context.output.results(summary.results(&name, &owner.username))?;
    if args.dry_run {
        context.output.notice("dry run, nothing changed");
    } else if let Some(activated) = activated {
        let metrics = activated.metrics;
        context.output.say(&format!("catalog {name} is active: {} metrics created", metrics.created));
    } else {
        context.output.say(&format!("imported as catalog {name}; make it count with `cmf catalog activate \"{name}\"`"));
    }
    Ok(Exit::Success)
}

/// Runs work that computes or reads files beside the runtime, so that a signal is still heard.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::failed(format!("the import broke off: {error}")))?
}

fn options(args: &Args) -> Options {
    Options {
        sheet: args.sheet.clone(),
        header_row: args.header_row,
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
    }
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
    let has_codes = table.columns.mapped.iter().any(|mapped| mapped.field.is_code());
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

/// What the second pass left.
struct Written {
    table: Table,
    finding: Finding,
    problems: Vec<Problem>,
    mappings: u64,
}

/// What the builder sends to the connection.
enum Batch {
    /// Lines of items.
    Items(Vec<u8>),
    /// The first row with a problem: no more items will come.
    Broken,
}

/// Builds the items beside the runtime and copies them as they come.
async fn write(
    context: &Context,
    tx: &mut Transaction<'_>,
    mut table: Table,
    codes: Option<&Codes>,
    catalog_id: Uuid,
) -> Result<Written> {
    let progress = context.output.progress(Some(table.spool.rows()), "rows");
    progress.message("importing");
    let index = codes.map(|codes| Arc::clone(&codes.index));
    let framework_id = codes.map_or(Uuid::nil(), |codes| codes.known.row.id);
    let (sender, mut receiver) = mpsc::channel::<Batch>(4);
    let builder = tokio::task::spawn_blocking(move || -> Result<_> {
        let gone = || Error::failed("the connection to the database was lost");
        let mut lines = Vec::with_capacity(CHUNK + (CHUNK >> 2));
        let mut problems: Vec<Problem> = Vec::new();
        let mut mapping_lines = Vec::new();
        let mut mapping_file = std::io::BufWriter::new(tempfile::tempfile().map_err(|error| temporary(&error))?);
        let mut mappings = 0_u64;
        let mut rows = 0_u64;
        let finding = build::build(&mut table, index.as_deref(), &mut |outcome| {
            rows += 1;
            if rows.is_multiple_of(1024) {
                progress.set(rows);
            }
            match outcome {
                Outcome::Item(built) if problems.is_empty() => {
                    let id = Uuid::now_v7();
                    db::items::line(&mut lines, id, catalog_id, &built.item, &built.original);
                    for position in &built.positions {
                        mappings += 1;
                        mapping_lines.clear();
                        db::items::mapping_line(&mut mapping_lines, id, framework_id, position);
                        mapping_file.write_all(&mapping_lines).map_err(|error| temporary(&error))?;
                    }
                    if lines.len() >= CHUNK {
                        let full = std::mem::replace(&mut lines, Vec::with_capacity(CHUNK + (CHUNK >> 2)));
                        sender.blocking_send(Batch::Items(full)).map_err(|_| gone())?;
                    }
                }
                Outcome::Rejected(_, mut found) => {
                    if problems.is_empty() {
                        sender.blocking_send(Batch::Broken).map_err(|_| gone())?;
                    }
                    problems.append(&mut found);
                }
                Outcome::Item(_) | Outcome::Skipped(..) => {}
            }
            Ok(())
        })?;
        if problems.is_empty() && !lines.is_empty() {
            sender.blocking_send(Batch::Items(lines)).map_err(|_| gone())?;
        }
        drop(sender);
        let mapping_file = mapping_file.into_inner().map_err(|error| temporary(error.error()))?;
        Ok((table, finding, problems, mappings, mapping_file))
    });
    let mut broken = false;
    let mut copy = db::items::copy(tx).await?;
    while let Some(batch) = receiver.recv().await {
        match batch {
            Batch::Items(lines) => copy.send(&lines).await?,
            Batch::Broken => {
                broken = true;
                break;
            }
        }
    }
    if broken {
        copy.abort().await.or_else(|error| if error.exit() == Exit::Unreachable { Err(error) } else { Ok(()) })?;
        while receiver.recv().await.is_some() {}
    } else {
        copy.finish().await?;
    }
    let (table, finding, problems, mappings, mut mapping_file) =
        builder.await.map_err(|error| Error::failed(format!("the import broke off: {error}")))??;
    if mappings > 0 && problems.is_empty() {
        mapping_file.seek(SeekFrom::Start(0)).map_err(|error| temporary(&error))?;
        let mut copy = db::items::copy_mappings(tx).await?;
        let mut chunk = vec![0; CHUNK];
        loop {
            let read = mapping_file.read(&mut chunk).map_err(|error| temporary(&error))?;
            if read == 0 {
                break;
            }
            copy.send(&chunk[..read]).await?;
        }
        copy.finish().await?;
    }
    Ok(Written { table, finding, problems, mappings })
}

fn temporary(error: &std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot use a temporary file: {error}"))
}

/// `12 rows read = 9 imported + 1 skipped (1 blank) + 2 rejected`
fn sum(finding: &Finding) -> String {
    let counts = &finding.counts;
    let reasons: Vec<String> = counts.reasons().map(|(reason, count)| format!("{count} {}", reason.as_str())).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!(
        "{} rows read = {} imported + {} skipped{reasons} + {} rejected",
        counts.read,
        counts.items,
        counts.all_skipped(),
        counts.rejected
    )
}

/// The error that lists the problems; nothing was written.
fn refused(source: &Source, finding: &Finding, problems: &[Problem]) -> Error {
    let rejected = finding.counts.rejected;
    let rows = if rejected == 1 { "1 row has".to_owned() } else { format!("{rejected} rows have") };
    let mut error = Error::data(format!("{rows} problems, so nothing was imported")).at(source.place());
    for problem in problems.iter().take(LISTED) {
        error = error.detail(format!("{}: {}; {}", problem.place(), problem.reason, problem.remedy));
    }
    if problems.len() > LISTED {
        error = error.detail(format!("and {} more", problems.len() - LISTED));
    }
    let all: Vec<Value> = problems.iter().map(|problem| problem.to_json(&source.name)).collect();
    error.detail(format!("of {}", sum(finding))).with("rejects", all).hint("mend the cells and run the import again")
}

/// What is shown and kept about an import.
struct Summary<'a> {
    source: &'a Source,
    table: &'a Table,
    finding: &'a Finding,
    mappings: u64,
    warnings: &'a [String],
    codes: Option<&'a Codes>,
}

impl Summary<'_> {
    fn framework(&self) -> Option<String> {
        self.codes.map(|codes| codes.known.row.short_name())
    }

    fn skipped(&self) -> Value {
        let reasons: Map<String, Value> =
            self.finding.counts.reasons().map(|(reason, count)| (reason.as_str().to_owned(), json!(count))).collect();
        Value::Object(reasons)
    }

    fn columns(&self) -> Vec<Value> {
        self.table
            .columns
            .mapped
            .iter()
            .map(|mapped| {
                json!({
                    "field": mapped.field.as_str(), "column": letters(mapped.column), "header": mapped.header,
                    "confidence": mapped.confidence,
                })
            })
            .collect()
    }

    fn unmapped(&self) -> Vec<&str> {
        self.table.columns.unmapped().into_iter().map(|(_, header)| header).collect()
    }

    /// `import_metadata`: enough to tell where every item came from and to import the same way again.
    fn metadata(&self) -> Value {
        let counts = &self.finding.counts;
        let marks: Map<String, Value> =
            self.table.marks.iter().map(|(field, mark)| (field.as_str().to_owned(), json!(mark.as_str()))).collect();
        json!({
            "sha256": self.source.sha256,
            "size": self.source.size,
            "format": self.source.format.as_str(),
            "cmf_version": env!("CARGO_PKG_VERSION"),
            "sheet": self.table.sheet,
            "header_row": self.table.header_row,
            "encoding": self.table.dialect.map(|dialect| dialect.encoding_name()),
            "delimiter": self.table.dialect.map(|dialect| char::from(dialect.delimiter).to_string()),
            "author": self.table.author,
            "framework": self.framework(),
            "columns": self.columns(),
            "unmapped_columns": self.unmapped(),
            "decimal_marks": marks,
            "percent_scaled": self.table.scale,
            "counts": {
                "read": counts.read, "imported": counts.items, "skipped": counts.all_skipped(),
                "rejected": counts.rejected, "mappings": self.mappings,
            },
            "skipped": self.skipped(),
            "warnings": self.warnings,
            "evidence": self.table.evidence,
        })
    }

    fn results(&self, name: &str, owner: &str) -> Results {
        let counts = &self.finding.counts;
        let mut rows = Shown::new(["read", "imported", "skipped", "rejected", "mappings"]).title(format!(
            "{} as catalog {name} of {owner}{}",
            self.source.file_name,
            self.read_as()
        ));
        rows.row([
            counts.read.into(),
            counts.items.into(),
            counts.all_skipped().into(),
            counts.rejected.into(),
            self.mappings.into(),
        ]);
        let mut columns = Shown::new(["column", "header", "field", "confidence"]);
        for mapped in &self.table.columns.mapped {
            columns.row([
                letters(mapped.column).into(),
                mapped.header.as_str().into(),
                mapped.field.as_str().into(),
                format!("{}%", mapped.confidence).into(),
            ]);
        }
        for (column, header) in self.table.columns.unmapped() {
            columns.row([letters(column).into(), header.into(), Option::<&str>::None.into(), Option::<&str>::None.into()]);
        }
        let mut tables = vec![rows];
        if counts.all_skipped() > 0 {
            let mut skipped = Shown::new(["skipped", "rows"]);
            for (reason, count) in counts.reasons() {
                skipped.row([reason.as_str().into(), count.into()]);
            }
            tables.push(skipped);
        }
        tables.push(columns);
        let json = json!({
            "catalog": name,
            "owner": owner,
            "source_file": self.source.file_name,
            "format": self.source.format.as_str(),
            "sheet": self.table.sheet,
            "header_row": self.table.header_row,
            "framework": self.framework(),
            "read": counts.read,
            "imported": counts.items,
            "skipped": counts.all_skipped(),
            "rejected": counts.rejected,
            "mappings": self.mappings,
            "skipped_reasons": self.skipped(),
            "columns": self.columns(),
            "unmapped_columns": self.unmapped(),
            "warnings": self.warnings,
        });
        Results::new(tables, json)
    }

    /// What the file was taken for.
    fn read_as(&self) -> String {
        let table = self.table;
        let mut parts = Vec::new();
        if let Some(dialect) = table.dialect {
            parts.push(format!("{}, {}", dialect.encoding_name(), dialect.delimiter_name()));
        }
        if let Some(sheet) = &table.sheet {
            parts.push(format!("sheet {sheet}"));
        }
        if self.source.format != Format::Json {
            parts.push(format!("header in row {}", table.header_row));
        }
        parts.extend(self.framework());
        format!(" ({})", parts.join(", "))
    }
}
