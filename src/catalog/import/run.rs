//! An import from tables that are understood to what is stored: all files in one transaction.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};
use uuid::Uuid;

use super::directions::Undirected;
use super::request::Request;
use super::store::{self, Mode, Plan, Stored, Target};
use super::summary::{Imported, Ready, refused, sum};
use super::{rejects, renumber};
use crate::catalog::activation::activate;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::users::User;
use crate::db::{self, Connection};
use crate::domain::direction::Rules;
use crate::domain::near;
use crate::domain::text::{agreeing, counted};
use crate::error::{Error, Result, shell_word};
use crate::files::{Existing, FileKind, is_stdout};
use crate::lookup;
use crate::session::{Session, Write};
use crate::table::Table;
use crate::table::decision::Decision;
use crate::tell::Tell;

/// What makes it right to remove metrics from a catalog.
pub struct Pruning {
    /// That somebody agreed.
    pub confirmed: Confirmed,
    /// The items that a person was told of; with --yes nobody was.
    pub told: Option<Vec<Uuid>>,
}

/// What an import came to: its end, or a question, with the files for another time.
pub enum Finished {
    /// What each file came to.
    Done(Vec<Imported>),
    /// Metrics with a target whose direction nothing tells, with the position of their file, and how many there are.
    Undirected(Vec<Ready>, Vec<(usize, Undirected)>, u64),
    /// Rows that have the name of a metric and another number, each in words and as JSON.
    Renumbered(Vec<Ready>, Vec<(String, Value)>),
    /// These items are to be removed.
    Gone(Vec<Ready>, Vec<Uuid>),
}

/// What the user is to be asked.
enum Question {
    Undirected(Vec<(usize, Undirected)>, u64),
    Renumbered(Vec<(String, Value)>),
    Gone(Vec<Uuid>),
}

/// Imports all files in one transaction, unless the user is to be asked something. Before it ends, `check` may refuse what was
/// done. Exit 65 when a row has problems, 1 when a file was imported before; nothing is stored then.
pub(crate) async fn import(
    session: &mut Session,
    request: &Request,
    owner: &User,
    mut ready: Vec<Ready>,
    pruning: Option<&Pruning>,
    tell: &dyn Tell,
    check: &dyn Fn(&[Imported]) -> Result<()>,
) -> Result<Finished> {
    let mut done: Vec<Imported> = Vec::new();
    let mut rejects = request.rejects.clone();
    let asked = session
        .change(request.dry_run, async |tx| {
            // What another session was in the way of is done again with the rows that were read.
            ready.splice(..0, done.drain(..).map(|outcome| outcome.ready));
            let (asked, audit) = import_all(tx, request, owner, (&mut ready, &mut done), &mut rejects, pruning, tell).await?;
            if asked.is_none() {
                check(&done)?;
            }
            Ok((asked, audit))
        })
        .await?;
    let again = |done: Vec<Imported>| done.into_iter().map(|outcome| outcome.ready).collect();
    Ok(match asked {
        None => {
            let seq = session.written().filter(|_| !request.dry_run);
            done.iter_mut().filter(|one| one.stored.is_change() || one.activated.is_some()).for_each(|one| one.undo = seq);
            Finished::Done(done)
        }
        Some(Question::Undirected(unknown, count)) => Finished::Undirected(again(done), unknown, count),
        Some(Question::Renumbered(renumbered)) => Finished::Renumbered(again(done), renumbered),
        Some(Question::Gone(gone)) => Finished::Gone(again(done), gone),
    })
}

/// The file of rejected rows, and what becomes of one that is there.
type Rejects = Option<(PathBuf, FileKind, Existing)>;

/// Imports the files that are ready, each of which is among those that are done then, and says what the trail keeps of them,
/// unless the user is to be asked something. Several files may go to any of the owner's catalogs, which are locked in their order.
async fn import_all(
    tx: &mut Write<'_>,
    request: &Request,
    owner: &User,
    (ready, done): (&mut Vec<Ready>, &mut Vec<Imported>),
    rejects: &mut Rejects,
    pruning: Option<&Pruning>,
    tell: &dyn Tell,
) -> Result<(Option<Question>, Option<Audit<'static>>)> {
    let several = ready.len() > 1;
    db::locks::owner(tx, owner.id).await?;
    if several && request.mode != Mode::Create {
        let ids: Vec<Uuid> = db::catalogs::list(tx, Some(owner.id)).await?.iter().map(|catalog| catalog.id).collect();
        db::locks::catalogs(tx, &ids).await?;
    }
    let mut renumbered = Vec::new();
    while !ready.is_empty() {
        let outcome = import_one(tx, request, owner, ready, rejects, pruning.map(|pruning| &pruning.confirmed), tell).await?;
        if request.renumber.is_none() {
            let file = if several { format!("{}, ", outcome.ready.source.name) } else { String::new() };
            renumbered.extend(outcome.stored.renumbered.iter().map(|one| (format!("{file}{}", one.line()), one.json())));
        }
        done.push(outcome);
    }
    refuse_unused(done)?;
    let unknown_count = done.iter().map(|outcome| outcome.stored.directions.unknown_count).sum();
    if unknown_count > 0 {
        let of_file = |(at, outcome): (usize, &mut Imported)| {
            std::mem::take(&mut outcome.stored.directions.unknown).into_iter().map(move |one| (at, one)).collect::<Vec<_>>()
        };
        let unknown = done.iter_mut().enumerate().flat_map(of_file).collect();
        return Ok((Some(Question::Undirected(unknown, unknown_count)), None));
    }
    if !renumbered.is_empty() {
        return Ok((Some(Question::Renumbered(renumbered)), None));
    }
    let gone: Vec<Uuid> = done.iter().flat_map(|outcome| outcome.stored.pruned.iter().copied()).collect();
    match pruning {
        None if !gone.is_empty() => return Ok((Some(Question::Gone(gone)), None)),
        Some(Pruning { told: Some(told), .. }) if gone != *told => {
            return Err(Error::failed("the metrics to be removed changed while cmf waited for your answer")
                .detail(format!("now it is {}", counted(gone.len(), "metric")))
                .hint("run the command again"));
        }
        _ => {}
    }
    let audits = done.iter_mut().filter_map(|outcome| outcome.audit.take()).collect();
    Ok((None, Audit::together("catalog.import", "files", audits).map(|audit| audit.by(Some(owner.id)))))
}

/// Refuses rules that name no row of any file.
fn refuse_unused(done: &[Imported]) -> Result<()> {
    let Some(first) = done.first() else { return Ok(()) };
    let rules: &Rules = &first.ready.table().directions;
    let named: BTreeSet<usize> = done.iter().flat_map(|one| one.finding.named.iter().copied()).collect();
    let unused: Vec<String> = rules.unused(&named).map(|metrics| format!("`{metrics}`")).collect();
    if unused.is_empty() {
        return Ok(());
    }
    Err(Error::usage(format!(
        "--direction {} {} no metric of the sheet",
        unused.join(", "),
        agreeing(unused.len(), "names", "name")
    ))
    .at(first.ready.source.place())
    .hint("write the number or the name as in the sheet"))
}

/// Imports the first of the files that are ready in the caller's transaction.
async fn import_one(
    tx: &mut Write<'_>,
    request: &Request,
    owner: &User,
    ready: &mut Vec<Ready>,
    rejects: &mut Rejects,
    confirmed: Option<&Confirmed>,
    tell: &dyn Tell,
) -> Result<Imported> {
    let one = &mut ready[0];
    let target = target(tx, request, owner, one).await?;
    if target.is_known {
        // An activation, which the import may end with, comes to the owner's other active catalog too.
        db::locks::catalog_and_active(tx, target.catalog_id, owner.id).await?;
    }
    let Ready { source, tables, codes, name, named_by, left_out, .. } = one;
    let plan = Plan {
        mode: request.mode,
        target: target.clone(),
        owner_id: owner.id,
        at: request.at,
        partial: request.partial,
        accept_successors: one.accept_successors,
        renumber: request.renumber,
        prune: request.prune,
        prune_history: request.prune_history,
        on_conflict: request.on_conflict,
        place: source.place(),
    };
    if !target.is_known {
        db::items::insert_catalog(tx, target.catalog_id, &target.name, None, owner.id, &source.file_name).await?;
    }
    let (passed, stored) = Box::pin(store::store(tell, tx, tables, codes.as_ref(), &plan, confirmed)).await?;
    let is_asked = stored.directions.unknown_count > 0;
    if let Some(into) = rejects.take_if(|_| !is_asked && !passed.problems.is_empty()) {
        rejects::write(&into, source, &mut tables[0], &passed.problems)?;
        // Done again, it is the command's own file; what went to stdout has gone.
        *rejects = Some(into).filter(|(path, ..)| !is_stdout(path)).map(|(path, form, _)| (path, form, Existing::Replace));
    }
    let rejected = passed.finding.counts.rejected;
    let failed = || refused(source, &passed.finding, &passed.problems, request, &target.name, &tables[0]);
    if passed.broken || request.max_errors.is_some_and(|most| rejected > most) {
        return Err(failed());
    }
    if request.prune && rejected > 0 {
        return Err(
            failed().hint("--prune needs a sheet without problems, because a rejected row would look like a removed metric")
        );
    }
    if passed.finding.counts.items == 0 {
        if rejected > 0 {
            return Err(failed());
        }
        let (header, is_workbook) = (tables[0].header_row, source.format.is_workbook());
        let sheet = if is_workbook { ", or name another sheet with --sheet" } else { "" };
        if passed.finding.counts.read == 0 && tables.len() == 1 {
            let error = Error::data(format!("row {header} is the header, and no row is below it")).at(source.place());
            return Err(error.hint(format!("check that this is the right file and that it is complete{sheet}")));
        }
        let error = Error::data(format!("there is no metric below the header: {}", sum(&passed.finding, None)));
        let skipped = passed.finding.left_out.first().map(|one| {
            let (row, reason) = (one.row, one.reason.as_str().replace('_', " "));
            format!("row {row} was skipped as a {reason}: --keep-rows {row} reads it")
        });
        return Err(skipped
            .into_iter()
            .fold(error.at(source.place()), Error::hint)
            .hint(format!("name the header row with --header-row{sheet}")));
    }
    let mut decisions = decided(tables);
    decisions.extend(left_out.iter().map(|line| Decision::told("sheet", "left out", line).option("--sheet")));
    let named = named_by.iter().filter(|_| target.name == *name);
    decisions.extend(named.map(|place| {
        Decision::told("catalog", name.clone(), format!("the catalog's name comes from {place}")).option("--name")
    }));
    decisions.extend(passed.finding.decisions.clone());
    decisions.extend(passed.finding.counts.decision());
    if passed.successors > 0 {
        let chosen = format!("{} to successors of withdrawn codes", counted(passed.successors, "mapping"));
        decisions.push(Decision::told("withdrawn_codes", chosen, "they are unconfirmed").option("cmf map review"));
    }
    let directed = stored.directions.warning();
    decisions.extend(directed.map(|line| Decision::told("direction", "by words and targets", line).option("--direction")));
    decisions.extend(decided_of_series(&stored));
    decisions.extend(renumber::decisions(&stored.renumbered, request.renumber));
    let mut imported = Imported {
        ready: ready.remove(0),
        finding: passed.finding,
        problems: passed.problems,
        stored,
        decisions,
        catalog: target.name.clone(),
        owner: owner.username.clone(),
        is_merge: target.is_known,
        activated: None,
        audit: None,
        undo: None,
    };
    let is_change = imported.stored.is_change();
    let mut counts = None;
    if is_change {
        let (metadata, Ready { source, sha256, .. }) = (imported.metadata(), &imported.ready);
        if target.is_known {
            db::items::touch_catalog(tx, target.catalog_id, &metadata, &source.file_name).await?;
        } else {
            db::items::set_import_metadata(tx, target.catalog_id, &metadata).await?;
        }
        let stored = &imported.stored;
        counts = Some(json!({
            "catalog_id": target.catalog_id, "catalog": target.name, "source_file": source.file_name, "sha256": sha256,
            "imported": stored.imported, "updated": stored.updated, "unchanged": stored.unchanged, "mappings": stored.mappings,
            "readings": stored.readings.added, "pruned": stored.pruned.len(), "skipped": imported.finding.counts.all_skipped(),
            "rejected": rejected,
        }));
    }
    // Metrics of an active catalog follow their items.
    if !is_asked && (request.activate || target.is_active && is_change) {
        imported.activated = Some(activate(tx, target.catalog_id, owner.id, &Rules::default()).await?);
    }
    imported.audit = match (counts, &imported.activated) {
        (Some(mut counts), activated) => {
            if let Some(activated) = activated {
                counts["activated"] = activated.audit.clone();
            }
            Some(Audit::of("catalog.import", counts))
        }
        (None, Some(activated)) => Some(Audit::of("catalog.activate", activated.audit.clone())),
        (None, None) => None,
    };
    Ok(imported)
}

/// What was decided about the tables, once for all sheets where it is the same.
fn decided(tables: &[Table]) -> Vec<Decision> {
    let mut decided: Vec<(&Decision, Vec<&str>)> = Vec::new();
    for table in tables {
        let sheet = table.sheet.as_deref().unwrap_or_default();
        for decision in &table.decisions {
            match decided.iter_mut().find(|(known, _)| *known == decision) {
                Some((_, sheets)) => sheets.push(sheet),
                None => decided.push((decision, vec![sheet])),
            }
        }
    }
    let of_some = |(decision, sheets): (&Decision, Vec<&str>)| {
        if sheets.len() == tables.len() {
            return decision.clone();
        }
        let why = format!("{} {}: {}", agreeing(sheets.len(), "sheet", "sheets"), sheets.join(", "), decision.why);
        Decision { why, ..decision.clone() }
    };
    decided.into_iter().map(of_some).collect()
}

/// What became of readings that were there.
fn decided_of_series(stored: &Stored) -> impl Iterator<Item = Decision> {
    let told = |count: u64, what: &str, why: &str| {
        (count > 0).then(|| Decision::told("readings", format!("{} {what}", counted(count, "reading")), why))
    };
    let repeats = told(stored.readings.repeats, "not stored", "they existed already");
    let kept = told(stored.readings.kept, "kept", "the sheet has a different value than the database, which keeps its own");
    repeats.into_iter().chain(kept.map(|kept| kept.option("--on-conflict")))
}

/// The catalog that the items go to: a new one, or with `--mode update` and `--mode upsert` the one that is there.
async fn target(tx: &mut Connection, request: &Request, owner: &User, one: &Ready) -> Result<Target> {
    let name = one.name.as_str();
    let found = if let Some(text) = &request.catalog {
        Some(lookup::catalog::find(tx, text, Some(&owner.username)).await?)
    } else {
        let mut known = db::catalogs::list(tx, Some(owner.id)).await?;
        // A catalog may have been called by its file before the workbook had a title.
        let is_file = |wanted: &str| one.named_by.is_some() && request.mode != Mode::Create && wanted == one.stem;
        let found = known.iter().position(|catalog| catalog.name == name);
        found.or_else(|| known.iter().position(|catalog| is_file(&catalog.name))).map(|found| known.swap_remove(found))
    };
    if request.mode == Mode::Create {
        if !request.again
            && let Some(known) = db::items::imported_before(tx, owner.id, &one.sha256, one.sheet()).await?
        {
            return Err(Error::failed(format!("this file was imported before, as catalog `{known}`"))
                .at(one.source.place())
                .hint(format!("see `cmf catalog show {}`", shell_word(&known)))
                .hint(format!("update it with --mode upsert --catalog {}", shell_word(&known)))
                .hint("or add --again and --name to import it once more under another name"));
        }
        if let Some(catalog) = found {
            return Err(Error::failed(format!("{} already has a catalog called `{}`", owner.username, catalog.name))
                .hint("update it with --mode upsert, or give this one another name with --name"));
        }
    }
    match found {
        Some(catalog) => {
            Ok(Target { catalog_id: catalog.id, name: catalog.name, is_known: true, is_active: catalog.is_active })
        }
        None if request.mode == Mode::Update => {
            let known = db::catalogs::list(tx, Some(owner.id)).await?;
            let error = Error::failed(format!("{} has no catalog called `{name}`", owner.username));
            let near = near::near(name, known.iter().map(|catalog| catalog.name.as_str()), 1);
            Err(match near.first() {
                Some(near) => error.hint(format!("did you mean `{near}`? Then add --catalog {}", shell_word(near))),
                None => error.hint("name it with --catalog; `cmf catalog list` shows them"),
            })
        }
        None => Ok(Target { catalog_id: Uuid::now_v7(), name: name.to_owned(), is_known: false, is_active: false }),
    }
}
