//! `cmf import`: metric catalogs from spreadsheets.

mod args;
mod ask;
mod files;
mod renumber;
mod show;
mod store;
mod understand;

use std::sync::Arc;

use serde_json::{Value, json};
use uuid::Uuid;

pub use self::args::Args;
use self::show::Summary;
use self::store::{Mode, Plan, Target};
use self::understand::{Codes, Understood, Unread, blocking, choose_framework, frameworks, understand};
use crate::catalog;
use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::{self, Connection};
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Exit, Result, shell_word};
use crate::import::map_file::MapFile;
use crate::import::source::Source;
use crate::import::table::Table;
use crate::lookup;
use crate::output::Results;
use crate::session::{Session, Write};

/// A file that is understood.
struct Ready<'f> {
    source: Arc<Source>,
    /// Its table; only a guess where the file is still to be read.
    table: Table,
    unread: Option<Unread<'f>>,
    codes: Option<&'f Codes>,
    name: String,
}

/// Runs `cmf import`.
///
/// # Errors
/// Exit 65 when a file cannot be read as a table, or when a row has problems: nothing is written then. Exit 1 when the same
/// file was imported before; exit 2 for names that are not there.
pub async fn run(context: &Context, mut args: Args) -> Result<Exit> {
    let several = args.files.len() > 1;
    if several
        && (args.name.is_some() || args.catalog.is_some() || args.rejects.is_some() || args.save_map.is_some() || args.activate)
    {
        return Err(Error::usage("--name, --catalog, --rejects, --save-map and --activate are for one file"));
    }
    if (args.prune || args.at.is_some() && args.catalog.is_some()) && args.mode == Mode::Create {
        return Err(Error::usage("this is for a catalog that is there already").hint("add --mode update or --mode upsert"));
    }
    if args.renumber.is_some() && args.mode != Mode::Upsert {
        return Err(Error::usage("--renumber is for metrics that are in the catalog or come into it").hint("add --mode upsert"));
    }
    context.output.check(&show::shapes(args.mode))?;
    if let Some(path) = &args.rejects {
        files::kind(path, context.output.format())?;
    }
    for path in [&args.rejects, &args.save_map].into_iter().flatten() {
        crate::files::check(path, args.force.into())?;
    }
    let mut sources = Vec::new();
    for file in args.files.clone() {
        let limit = args.max_size.saturating_mul(1_000_000);
        sources.push(Arc::new(blocking(move || Source::open(&file, limit)).await?));
    }
    let base = args.options()?;
    let mut session = commands::connect(context).await?;

    // A first transaction only looks: neither reading a long sheet nor asking a person may hold one open.
    let mut tx = session.read().await?;
    let owner = lookup::user::open(&mut tx, args.owner.as_deref()).await?;
    let frameworks = frameworks(&mut tx, args.framework.as_deref()).await?;
    tx.end().await?;

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
            crate::files::write(path, map.as_bytes(), args.force.into())?;
        }
        let codes = choose_framework(&mut table, &frameworks)?;
        let name = args.catalog_name(&source)?;
        let unread = draft.map(|draft| Unread { draft, options, frameworks: &frameworks });
        ready.push(Ready { source, table, unread, codes, name });
    }

    let may_prune = args.prune && (args.dry_run || args.yes);
    let mut pruning = if may_prune {
        Some(Pruning { confirmed: context.output.confirm("Remove metrics?", true)?, told: None })
    } else {
        None
    };
    loop {
        // Questions are asked outside of any transaction.
        match finish(context, &mut session, &args, &owner, ready, pruning.as_ref()).await? {
            Finished::Done(exit) => return Ok(exit),
            Finished::Renumbered(again, renumbered) => {
                args.renumber = Some(renumber::ask(context, &args, &renumbered)?);
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

/// What makes it right to remove metrics from a catalog.
struct Pruning {
    confirmed: crate::confirm::Confirmed,
    /// The items that a person was told of; with --yes nobody was.
    told: Option<Vec<Uuid>>,
}

/// What an import came to: its end, or a question, with the files for another time.
enum Finished<'f> {
    Done(Exit),
    /// Rows that have the name of a metric and another number, each in words and as JSON.
    Renumbered(Vec<Ready<'f>>, Vec<(String, Value)>),
    /// These items are to be removed.
    Gone(Vec<Ready<'f>>, Vec<Uuid>),
}

/// What one file came to.
struct Imported {
    stored: store::Stored,
    results: Value,
    tables: Vec<crate::output::Table>,
    warnings: Vec<String>,
    rejected: u64,
    catalog: String,
    /// What plain percentages are in this sheet, which its rejects alone do not tell.
    percent: Option<&'static str>,
    activated: Option<catalog::activation::Activated>,
    /// What the trail keeps of it; nothing when nothing changed.
    audit: Option<Audit<'static>>,
}

/// Begins the transaction of an import. Several files may go to any of the owner's catalogs, which are locked in their order.
async fn begin<'d>(
    session: &'d mut Session,
    args: &Args,
    owner: &db::users::User,
    several: bool,
    is_dry: bool,
) -> Result<Write<'d>> {
    let mut tx = session.write_unless(is_dry).await?;
    db::locks::owner(&mut tx, owner.id).await?;
    if several && args.mode != Mode::Create {
        let ids: Vec<Uuid> = db::catalogs::list(&mut tx, Some(owner.id)).await?.iter().map(|catalog| catalog.id).collect();
        db::locks::catalogs(&mut tx, &ids).await?;
    }
    Ok(tx)
}

/// Imports all files in one transaction, unless the user is to be asked something.
async fn finish<'f>(
    context: &Context,
    session: &mut Session,
    args: &Args,
    owner: &db::users::User,
    ready: Vec<Ready<'f>>,
    pruning: Option<&Pruning>,
) -> Result<Finished<'f>> {
    let several = ready.len() > 1;
    let mut tx = begin(session, args, owner, several, args.dry_run).await?;
    let (mut again, mut done, mut renumbered) = (Vec::new(), Vec::new(), Vec::new());
    for one in ready {
        let (one, outcome) = import(context, &mut tx, args, owner, one, pruning.map(|pruning| &pruning.confirmed)).await?;
        if args.renumber.is_none() {
            let file = if several { format!("{}, ", one.source.name) } else { String::new() };
            renumbered.extend(outcome.stored.renumbered.iter().map(|one| (format!("{file}{}", one.line()), one.json())));
        }
        again.push(one);
        done.push(outcome);
    }
    if !renumbered.is_empty() {
        tx.unchanged().await?;
        return Ok(Finished::Renumbered(again, renumbered));
    }
    let gone: Vec<Uuid> = done.iter().flat_map(|outcome| outcome.stored.pruned.iter().copied()).collect();
    match pruning {
        None if !gone.is_empty() => {
            tx.unchanged().await?;
            return Ok(Finished::Gone(again, gone));
        }
        Some(Pruning { told: Some(told), .. }) if gone != *told => {
            return Err(Error::failed("what is no longer in the sheet changed while you were asked; nothing was imported")
                .detail(format!("now it is {}", counted(gone.len(), "metric")))
                .hint("run the command again"));
        }
        _ => {}
    }
    let tables: Vec<crate::output::Table> = done.iter_mut().flat_map(|outcome| std::mem::take(&mut outcome.tables)).collect();
    context.output.check(&tables)?;
    let audits = done.iter_mut().filter_map(|outcome| outcome.audit.take()).collect();
    tx.settle(Audit::together("catalog.import", "files", audits).map(|audit| audit.by(Some(owner.id)))).await?;
    let mut values = Vec::new();
    let mut rejected = 0;
    for outcome in done {
        for warning in &outcome.warnings {
            context.output.notice(&format!("note: {warning}"));
        }
        if let Some(activated) = &outcome.activated {
            context.output.say(&activated.message(&outcome.catalog));
            for note in activated.notes() {
                context.output.notice(&note);
            }
        } else if !args.dry_run && outcome.stored.is_change() && args.mode == Mode::Create {
            context.output.say(&format!("make it count with `cmf catalog activate {}`", shell_word(&outcome.catalog)));
        }
        rejected += outcome.rejected;
        if let Some(path) = args.rejects.as_ref().filter(|_| outcome.rejected > 0) {
            context.output.notice(&format!(
                "{} rejected rows are in {}: mend them, then {}",
                outcome.rejected,
                path.display(),
                show::onto(path, &outcome.catalog, outcome.percent)
            ));
        }
        values.push(outcome.results);
    }
    let json = if several { Value::Array(values) } else { values.pop().unwrap_or_default() };
    // What goes to stdout is one thing: the file that was asked for there, else the result.
    if ![&args.rejects, &args.save_map].into_iter().flatten().any(|path| crate::files::is_stdout(path)) {
        context.output.results(Results::new(tables, json))?;
    }
    if args.dry_run {
        context.output.notice("dry run, nothing changed");
    }
    Ok(Finished::Done(if rejected > 0 { Exit::Partial } else { Exit::Success }))
}

/// Imports one file in the caller's transaction.
async fn import<'f>(
    context: &Context,
    tx: &mut Write<'_>,
    args: &Args,
    owner: &db::users::User,
    one: Ready<'f>,
    confirmed: Option<&crate::confirm::Confirmed>,
) -> Result<(Ready<'f>, Imported)> {
    let Ready { source, table, unread, codes, name } = one;
    let target = target(tx, args, owner, &source, &table, &name).await?;
    if target.is_known {
        // An activation, which the import may end with, comes to the owner's other active catalog too.
        db::locks::catalog_and_active(tx, target.catalog_id, owner.id).await?;
    }
    let plan = Plan {
        mode: args.mode,
        target: target.clone(),
        owner_id: owner.id,
        at: args.at,
        partial: args.allow_partial,
        accept_successors: args.accept_successors,
        renumber: args.renumber,
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
        files::rejects(path, context.output.format(), &source.name, &mut table, &passed.problems)?;
    }
    let rejected = passed.finding.counts.rejected;
    if passed.broken || args.max_errors.is_some_and(|most| rejected > most) {
        return Err(show::refused(&source, &passed.finding, &passed.problems, args, &target.name));
    }
    if args.prune && rejected > 0 {
        return Err(show::refused(&source, &passed.finding, &passed.problems, args, &target.name)
            .hint("--prune needs a sheet without problems: a rejected row is not a metric that is gone"));
    }
    if passed.finding.counts.items == 0 {
        if rejected > 0 {
            return Err(show::refused(&source, &passed.finding, &passed.problems, args, &target.name));
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
            counted(passed.successors, "mapping")
        ));
    }
    warnings.extend(renumber::told(&stored.renumbered, args.renumber));
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
    let mut counts = None;
    if stored.is_change() {
        if target.is_known {
            db::items::touch_catalog(tx, target.catalog_id, &metadata, &source.file_name).await?;
        } else {
            db::items::set_import_metadata(tx, target.catalog_id, &metadata).await?;
        }
        counts = Some(json!({
            "catalog_id": target.catalog_id, "catalog": target.name, "source_file": source.file_name, "sha256": source.sha256,
            "imported": stored.imported, "updated": stored.updated, "unchanged": stored.unchanged, "mappings": stored.mappings,
            "readings": stored.readings, "pruned": stored.pruned.len(), "skipped": passed.finding.counts.all_skipped(),
            "rejected": rejected,
        }));
    }
    // Metrics of an active catalog follow their items.
    if args.activate || target.is_active && stored.is_change() {
        activated = Some(catalog::activation::activate(tx, target.catalog_id, owner.id).await?);
    }
    let audit = match (counts, &activated) {
        (Some(mut counts), activated) => {
            if let Some(activated) = activated {
                counts["activated"] = activated.audit.clone();
            }
            Some(Audit::of("catalog.import", counts))
        }
        (None, Some(activated)) => Some(Audit::of("catalog.activate", activated.audit.clone())),
        (None, None) => None,
    };
    let percent = table.has_plain_percents.then_some(if table.scale { "scale" } else { "as-is" });
    let imported = Imported { stored, results, tables, warnings, rejected, catalog: target.name, percent, activated, audit };
    Ok((Ready { source, table, unread: None, codes, name }, imported))
}

/// The catalog that the items go to: a new one, or with `--mode update` and `--mode upsert` the one that is there.
async fn target(
    tx: &mut Connection,
    args: &Args,
    owner: &db::users::User,
    source: &Source,
    table: &Table,
    name: &str,
) -> Result<Target> {
    let found = match &args.catalog {
        Some(text) => Some(lookup::catalog::find(tx, text, Some(&owner.username)).await?),
        None => db::catalogs::list(tx, Some(owner.id)).await?.into_iter().find(|catalog| catalog.name == name),
    };
    if args.mode == Mode::Create {
        if !args.again
            && let Some(known) = db::items::imported_before(tx, owner.id, &source.sha256, table.sheet.as_deref()).await?
        {
            return Err(Error::failed(format!("this file was imported before, as catalog `{known}`"))
                .at(source.place())
                .hint(format!("see `cmf catalog show {}`", shell_word(&known)))
                .hint(format!("bring it up to date with --mode upsert --catalog {}", shell_word(&known)))
                .hint("or add --again and --name to import it once more under another name"));
        }
        if let Some(catalog) = found {
            return Err(Error::failed(format!("{} has a catalog called `{}` already", owner.username, catalog.name))
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
