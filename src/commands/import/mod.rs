//! `cmf import`: metric catalogs from spreadsheets.

mod args;
mod ask;
mod show;

use std::cell::Cell;
use std::sync::Arc;

use serde_json::Value;

pub use self::args::Args;
pub(crate) use self::show::shape;
use crate::catalog::import::{self, Codes, Finished, Imported, Mode, Pruning, Ready, Request};
use crate::context::Context;
use crate::db;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Exit, Result, shell_word};
use crate::files;
use crate::lookup;
use crate::output::{Format, Results};
use crate::reading;
use crate::table::limits::MAX_SIZE;
use crate::table::map_file::MapFile;
use crate::table::source::{Most, Source};
use crate::table::{self, Options, Table};

/// Runs `cmf import`. Exit 65 when a file cannot be read as a table, or when a row has problems: nothing is written then. Exit
/// 1 when the same file was imported before; exit 2 for names that are not there.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let mode = args.mode;
    let several = args.files.len() > 1;
    if several
        && (args.name.is_some()
            || args.catalog.is_some()
            || args.rejects.is_some()
            || args.reading.save_map.is_some()
            || args.activate)
    {
        return Err(Error::usage("--name, --catalog, --rejects, --save-map and --activate work with one file only")
            .hint("import the files one by one"));
    }
    if (args.prune || args.at.is_some() && args.catalog.is_some()) && mode == Mode::Create {
        return Err(Error::usage(format!(
            "{} needs --mode update or --mode upsert",
            if args.prune { "--prune" } else { "--at with --catalog" }
        ))
        .hint("add --mode upsert"));
    }
    if args.renumber.is_some() && mode != Mode::Upsert {
        return Err(Error::usage("--renumber needs --mode upsert").hint("add --mode upsert"));
    }
    context.output.check(&show::tables_of(mode))?;
    let mut request = args.request(context.output.format())?;
    for (option, path) in [("--rejects", &args.rejects), ("--save-map", &args.reading.save_map)] {
        let Some(path) = path else { continue };
        args.files.iter().try_for_each(|file| files::apart(path, file.as_ref(), option))?;
        files::check(path, args.reading.force.into())?;
    }
    let mut sources = Vec::new();
    for file in args.files.clone() {
        let most = Most::Any(args.reading.most(MAX_SIZE));
        let source = import::blocking(move || Source::open(&file, most)).await?;
        if !args.as_catalog {
            source.refuse_framework()?;
        }
        sources.push(Arc::new(source));
    }
    let mut base = args.options()?;
    let mut session = context.open().await?;

    // A first transaction only looks: neither reading a long sheet nor asking a person may hold one open.
    let mut tx = session.read().await?;
    let owner = lookup::user::open(&mut tx, args.owner.as_deref()).await?;
    let frameworks = import::frameworks(&mut tx, args.framework.as_deref()).await?;
    base.now = Some(db::scores::now(&mut tx).await?);
    tx.end().await?;

    let mut ready = Vec::new();
    // It is written when all is answered: before the end of the transaction, or of an import that fails.
    let mut map = None;
    let is_saved = Cell::new(false);
    let save = |map: &Option<MapFile>| match map {
        Some(map) if !is_saved.replace(true) => args.reading.save(|| map.clone()),
        _ => Ok(()),
    };
    for source in sources {
        let mut options = base.clone();
        let (mut tables, told) = if args.all_sheets {
            all_sheets(context, &args, &source, &options, &frameworks).await?
        } else {
            (vec![ask::understood(context, &args, &source, &mut options, &frameworks).await?], Vec::new())
        };
        map = Some(MapFile::of_table(&tables[0], &options));
        let codes = import::choose_framework(&mut tables, &frameworks, args.framework.is_some())?;
        for decision in tables.iter().flat_map(|table| &table.decisions).filter(|decision| !decision.is_told()) {
            context.output.debug(1, || decision.line());
        }
        let accept_successors = options.accept_successors;
        let (name, named_by, stem) = args.catalog_name(&source, &tables)?;
        let hashed = Arc::clone(&source);
        let sha256 = import::blocking(move || hashed.sha256()).await?;
        ready.push(Ready { source, sha256, tables, codes, name, named_by, stem, left_out: told, accept_successors });
    }

    let may_prune = args.prune && (args.dry_run || args.yes);
    let mut pruning = if may_prune {
        Some(Pruning { confirmed: context.output.confirm("Remove metrics?", true)?, told: None })
    } else {
        None
    };
    let tables = |done: &[Imported]| done.iter().flat_map(show::tables).collect::<Vec<_>>();
    loop {
        let check = |done: &[Imported]| context.output.check(&tables(done)).and_then(|()| save(&map));
        // Questions are asked outside of any transaction.
        let outcome = import::import(&mut session, &request, &owner, ready, pruning.as_ref(), &context.output, &check).await;
        if outcome.is_err() {
            save(&map)?;
        }
        match outcome? {
            Finished::Done(done) => {
                let tables = tables(&done);
                return finish(context, &args, &request, &done, tables);
            }
            Finished::Undirected(again, unknown, count) => {
                ready = again;
                let place = ready[unknown[0].0].source.place();
                let rules = ask::directions(context, &args, &unknown, count).map_err(|error| error.at(place));
                if rules.is_err() {
                    save(&map)?;
                }
                for (file, rule) in rules? {
                    ready[file].tables.iter_mut().for_each(|table| table.directions.push(rule.clone()));
                }
                map = map.map(|map| MapFile { directions: MapFile::directions_of(&ready[0].table().directions), ..map });
            }
            Finished::Renumbered(again, renumbered) => {
                request.renumber = Some(ask::renumber(context, &args, &renumbered)?);
                ready = again;
            }
            Finished::Gone(again, gone) => {
                let (verb, them) = (agreeing(gone.len(), "is", "are"), agreeing(gone.len(), "it", "them"));
                let metrics = counted(gone.len(), "metric");
                let question = format!("{metrics} {verb} no longer in the sheet. Remove {them} from the catalog?");
                let confirmed = context.output.confirm(&question, false)?;
                pruning = Some(Pruning { confirmed, told: Some(gone) });
                ready = again;
            }
        }
    }
}

/// The tables of all sheets that hold one, and what is told of the others.
async fn all_sheets(
    context: &Context,
    args: &Args,
    source: &Arc<Source>,
    base: &Options,
    frameworks: &[Arc<Codes>],
) -> Result<(Vec<Table>, Vec<String>)> {
    let (file, options) = (Arc::clone(source), base.clone());
    let (sheets, told) = import::blocking(move || table::tables(&file, &options)).await?;
    let mut tables = Vec::new();
    let mut base = base.clone();
    for sheet in sheets {
        let mut options = Options { sheet: Some(sheet), ..base.clone() };
        tables.push(ask::understood(context, args, source, &mut options, frameworks).await?);
        // What was answered about periods holds for all sheets.
        (base.series, base.allow_future) = (options.series, options.allow_future);
    }
    Ok((tables, told))
}

/// Tells what each file came to.
fn finish(
    context: &Context,
    args: &Args,
    request: &Request,
    done: &[Imported],
    tables: Vec<crate::output::Table>,
) -> Result<Exit> {
    let mut all_rejected = 0;
    for outcome in done {
        // Of several tables these formats print the first.
        if matches!(context.output.format(), Format::Csv | Format::Jsonl) {
            reading::tell(&context.output, &outcome.decisions);
        }
        if let Some(activated) = &outcome.activated {
            context.output.say(&activated.message(&outcome.catalog));
            for note in activated.notes() {
                context.output.notice(&note);
            }
        } else if !args.dry_run && outcome.stored.is_change() && request.mode == Mode::Create {
            context.output.say(&format!("activate it with `cmf catalog activate {}`", shell_word(&outcome.catalog)));
        }
        let rejected = outcome.finding.counts.rejected;
        all_rejected += rejected;
        if let Some(path) = args.rejects.as_ref().filter(|_| rejected > 0) {
            context.output.notice(&format!(
                "{} {} in {}: fix {}, then {}",
                counted(rejected, "rejected row"),
                agreeing(rejected, "is", "are"),
                path.display(),
                agreeing(rejected, "it", "them"),
                import::onto(path, &outcome.catalog, outcome.percent(), outcome.ready.table())
            ));
        }
    }
    // It names each rejected row, and is made where it is wanted.
    let json = if context.output.format() == Format::Json { show::json(done) } else { Value::Null };
    // What goes to stdout is one thing: the file that was asked for there, else the result.
    if ![&args.rejects, &args.reading.save_map].into_iter().flatten().any(|path| files::is_stdout(path)) {
        context.output.results(Results::new(tables, json))?;
    }
    if args.dry_run {
        context.output.notice("dry run: nothing changed");
    }
    Ok(if all_rejected > 0 { Exit::Partial } else { Exit::Success })
}
