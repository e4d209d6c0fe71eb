//! A crosswalk from a file, over what is there.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::ends::{End, bare, end, place};
use crate::db::audit::Audit;
use crate::db::crosswalks::{KIND, New, Stored};
use crate::db::frameworks::Row;
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Position, Reference};
use crate::domain::crosswalk::Pair;
use crate::domain::listed::Listed as Lines;
use crate::domain::text::{counted, folded};
use crate::error::{Error, Place, Result, shell_word};
use crate::import::crosswalk::{self, CrosswalkFile, Format, Written};
use crate::lookup;
use crate::session::Session;
use crate::table::rows::Listed;

/// What is asked of an import.
#[derive(Debug)]
pub(crate) struct Request {
    pub file: String,
    /// The frameworks of both ends; without them those that have all of the codes.
    pub source: Option<String>,
    pub target: Option<String>,
    /// What the crosswalk is called; without it after its frameworks.
    pub name: Option<String>,
    /// Who owns a new one.
    pub owner: Option<String>,
    /// The document whose codes are read, where the file refers to several.
    pub document: Option<String>,
    /// Whether rows stay that are not in the file.
    pub keep: bool,
    pub allow_partial: bool,
    pub dry_run: bool,
}

/// How many problems and notices a person is told.
const SHOWN: usize = 30;

/// What an import did.
#[derive(Debug, Default)]
pub(crate) struct Imported {
    pub id: Uuid,
    pub name: String,
    pub source: String,
    pub target: String,
    pub format: &'static str,
    pub rows: usize,
    pub added: usize,
    pub changed: usize,
    pub removed: usize,
    pub unchanged: usize,
    pub kept: usize,
    /// Rows that say that two codes have nothing in common.
    pub not_related: usize,
    /// Rows that say again what another one said.
    pub repeated: usize,
    /// Rows with problems that were left out.
    pub left_out: usize,
    pub problems: Vec<String>,
    pub notices: Vec<String>,
}

impl Imported {
    /// Whether all of it was there already.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.added + self.changed + self.removed == 0
    }
}

/// Where the rows come from: a document that was read as a whole, or a table.
pub(crate) enum Source {
    Document(CrosswalkFile),
    Table(Box<Listed>),
}

/// Imports a crosswalk. Exit 65 for rows with problems, 2 where a framework is not known.
pub(crate) async fn import(session: &mut Session, request: &Request, source: &Source) -> Result<Imported> {
    session
        .change(request.dry_run, async |tx| {
            let imported = store(tx, request, source).await?;
            let result = json!({
                "catalog_id": imported.id, "name": imported.name, "source": imported.source, "target": imported.target,
                "format": imported.format, "file": request.file, "added": imported.added, "changed": imported.changed,
                "removed": imported.removed, "left_out": imported.left_out,
            });
            let audit = (!imported.is_unchanged()).then(|| Audit::of("crosswalk.import", result));
            Ok((imported, audit))
        })
        .await
}

/// The file's rows, once the documents of a Reference Tool's file are known by the target's name.
fn rows_of(request: &Request, source: &Source, frameworks: &[Row]) -> Result<CrosswalkFile> {
    match source {
        Source::Document(file) => Ok(file.clone()),
        Source::Table(table) => {
            let known = crosswalk::documents(table)?;
            let document = request.document.clone().or_else(|| {
                let target = lookup::framework::named(frameworks, request.target.as_deref()?)?;
                known.into_keys().find(|name| bare(name) == bare(&target.short_name()))
            });
            crosswalk::of_table(table, document.as_deref())
        }
    }
}

/// Reads the rows, and makes the database say what they say.
async fn store(tx: &mut Connection, request: &Request, source: &Source) -> Result<Imported> {
    let frameworks = db::frameworks::list(tx).await?;
    let file = rows_of(request, source, &frameworks)?;
    let place = match source {
        Source::Table(table) => Place { sheet: table.sheet.clone(), ..table.source().place() },
        Source::Document(_) => Place::of(&request.file),
    };
    if file.rows.is_empty() {
        return Err(Error::data("the file has no row").at(place).hint("a row has a code of each framework"));
    }
    let codes = |of: fn(&Written) -> &String| -> Vec<&str> {
        let mut codes: Vec<&str> = file.rows.iter().map(|row| of(row).as_str()).filter(|code| !code.is_empty()).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    };
    let (sources, targets) = (codes(|row| &row.source), codes(|row| &row.target));
    let from = end(tx, ("source", request.source.as_deref(), &file.source), &sources, &frameworks, &place).await?;
    let to = end(tx, ("target", request.target.as_deref(), &file.target), &targets, &frameworks, &place).await?;
    let (source_name, target_name) = (from.known.row.short_name(), to.known.row.short_name());
    if from.known.row.id == to.known.row.id {
        return Err(Error::usage(format!("both ends of the crosswalk are {source_name}"))
            .hint("name the other one with --source or --target"));
    }
    let unknown = |index: &CodeIndex, codes: &[&str]| {
        codes.iter().filter(|code| matches!(index.resolve(code), Reference::Unknown { .. })).count()
    };
    let (here, there) = (unknown(&from.index, &sources) + unknown(&to.index, &targets), sources.len() + targets.len());
    let swapped = unknown(&to.index, &sources) + unknown(&from.index, &targets);
    // Frameworks that are like each other share codes.
    if here > 4 * swapped || 2 * here > there && 2 * swapped < here {
        return Err(Error::usage(format!("the file leads the other way round: from {target_name} to {source_name}"))
            .at(place)
            .hint(format!(
                "name them as --source {} --target {}; a crosswalk is used in both directions",
                shell_word(&target_name),
                shell_word(&source_name)
            )));
    }
    let mut imported = Imported {
        source: source_name.clone(),
        target: target_name.clone(),
        format: match (file.format, source) {
            (Format::Table, Source::Table(table)) => table.source().format.as_str(),
            _ => file.format.name(),
        },
        notices: file.notices.clone(),
        ..Imported::default()
    };
    imported.notices.extend([from.told.clone(), to.told.clone()].into_iter().flatten());
    let sheet = if let Source::Table(table) = source { table.sheet.clone() } else { None };
    let new = resolved(&file, &from, &to, sheet, &mut imported);
    if imported.left_out > 0 && (!request.allow_partial || new.is_empty()) {
        let mut error = Error::data(format!("the file has {}", counted(imported.left_out, "problem"))).at(place);
        for line in imported.problems {
            error = error.detail(line);
        }
        let error = if new.is_empty() {
            error.hint("correct these rows")
        } else {
            error.hint("correct these rows, or import the others with --allow-partial")
        };
        return Err(error.hint(
            "if these codes are of another framework, bring it in with `cmf seed` or `cmf framework import FILE`, and name it with --source or --target",
        ));
    }
    if file.rows.iter().all(|row| row.relation.as_deref().is_none_or(|word| word.trim().is_empty())) {
        imported.notices.push("note: the file says no relation: all of its rows count as intersects".to_owned());
    }
    let name = request.name.clone().unwrap_or_else(|| format!("{source_name} to {target_name}"));
    check_name(&name)?;
    imported.name.clone_from(&name);
    write(tx, request, (&from, &to), new, &mut imported).await?;
    Ok(imported)
}

fn check_name(name: &str) -> Result<()> {
    if name.trim().is_empty() || name.trim() != name || name.chars().any(char::is_control) || name.chars().count() > 200 {
        return Err(Error::usage("a crosswalk's name has 1 to 200 characters, no blanks around it and no control characters"));
    }
    Ok(())
}

/// The rows with their places. What is wrong with the others is counted and named.
fn resolved(file: &CrosswalkFile, from: &End, to: &End, sheet: Option<String>, imported: &mut Imported) -> Vec<New> {
    let mut problems = Lines::of_at_most(SHOWN);
    let mut known: BTreeMap<(Position, Position), New> = BTreeMap::new();
    let mut order = Vec::new();
    for row in &file.rows {
        let mut wrong = |what: String| problems.add(|| format!("row {}: {what}", row.row));
        if let Some(problem) = &row.problem {
            wrong(problem.clone());
            continue;
        }
        let relation = match row.relation() {
            Ok(Some(relation)) => relation,
            Ok(None) => {
                imported.not_related += 1;
                continue;
            }
            Err(problem) => {
                wrong(problem);
                continue;
            }
        };
        let ends = place(from, &row.source).and_then(|source| Ok((source, place(to, &row.target)?)));
        let (source, target) = match ends {
            Ok(ends) => ends,
            Err(problem) => {
                wrong(problem);
                continue;
            }
        };
        let pair = Pair { source: source.clone(), target: target.clone(), relation, confidence: row.confidence, row: row.row };
        let new = New { pair, note: row.note.clone(), cells: Value::Object(cells(&row.cells)), sheet: sheet.clone() };
        let key = (source, target);
        match known.get(&key) {
            None => {
                order.push(key.clone());
                known.insert(key, new);
            }
            Some(first) if (first.pair.relation, first.pair.confidence) == (relation, row.confidence) => imported.repeated += 1,
            Some(first) => wrong(format!(
                "{} and {} are together in row {} already, as {}",
                key.0.code(),
                key.1.code(),
                first.pair.row,
                first.pair.relation
            )),
        }
    }
    imported.left_out = problems.count();
    imported.problems = problems.lines();
    order.iter().filter_map(|key| known.remove(key)).collect()
}

/// Cells as they are kept: what the database cannot store is left out of them.
fn cells(cells: &Map<String, Value>) -> Map<String, Value> {
    let clean = |text: &str| text.replace('\0', "");
    let value = |value: &Value| match value {
        Value::String(text) => Value::String(clean(text)),
        other => other.clone(),
    };
    cells.iter().map(|(name, one)| (clean(name), value(one))).collect()
}

async fn write(
    tx: &mut Connection,
    request: &Request,
    (from, to): (&End, &End),
    new: Vec<New>,
    imported: &mut Imported,
) -> Result<()> {
    let (source_id, target_id) = (from.known.row.id, to.known.row.id);
    let name = imported.name.clone();
    let is_called = |row: &&db::crosswalks::Crosswalk| folded(&row.name) == folded(&name);
    let existing = db::crosswalks::list(tx).await?.iter().find(is_called).cloned();
    let owner_id = match &existing {
        Some(existing) => existing.owner_id,
        None => lookup::user::open(tx, request.owner.as_deref()).await?.id,
    };
    db::locks::owner(tx, owner_id).await?;
    // What was there before the lock may be another one now.
    let existing = db::crosswalks::list(tx).await?.iter().find(is_called).cloned();
    let metadata = json!({
        "kind": KIND, "source_framework_id": source_id, "target_framework_id": target_id, "source": imported.source,
        "target": imported.target, "format": imported.format,
    });
    let file: String = request.file.chars().rev().take(500).collect::<Vec<_>>().into_iter().rev().collect();
    let id = match &existing {
        Some(row) if (row.source_id, row.target_id) != (Some(source_id), Some(target_id)) => {
            return Err(Error::failed(format!("the crosswalk {name} exists already, and joins other frameworks"))
                .hint("give this one another name with --name, or delete that one with `cmf framework crosswalk delete`"));
        }
        Some(row) => row.id,
        None => {
            let catalogs = db::catalogs::list(tx, Some(owner_id)).await?;
            if let Some(catalog) = catalogs.iter().find(|catalog| folded(&catalog.name) == folded(&name)) {
                return Err(Error::failed(format!("{} has a catalog called {} already", catalog.owner, catalog.name))
                    .hint("give the crosswalk another name with --name"));
            }
            let id = Uuid::now_v7();
            db::items::insert_catalog(tx, id, &name, None, owner_id, &file).await?;
            db::items::set_import_metadata(tx, id, &metadata).await?;
            id
        }
    };
    imported.id = id;
    db::locks::catalogs(tx, &[id]).await?;
    let (stored, _) = db::crosswalks::rows(tx, id).await?;
    let mut before: HashMap<(Position, Position), Stored> =
        stored.into_iter().map(|row| ((row.pair.source.clone(), row.pair.target.clone()), row)).collect();
    let (mut added, mut changed) = (Vec::new(), Vec::new());
    for one in new {
        match before.remove(&(one.pair.source.clone(), one.pair.target.clone())) {
            None => added.push(one),
            Some(stored) => {
                let same = stored.pair.confidence.map(|one| one.normalize()) == one.pair.confidence.map(|one| one.normalize())
                    && stored.note == one.note
                    && stored.original_data == one.original_data();
                if same {
                    imported.unchanged += 1;
                } else {
                    changed.push((stored, one));
                }
            }
        }
    }
    let gone: Vec<Stored> = before.into_values().collect();
    (imported.added, imported.changed) = (added.len(), changed.len());
    if request.keep {
        imported.kept = gone.len();
    } else {
        imported.removed = gone.len();
        db::crosswalks::delete_rows(tx, &gone).await?;
    }
    db::crosswalks::insert(tx, id, target_id, &added).await?;
    db::crosswalks::update(tx, &changed).await?;
    imported.rows = imported.added + imported.changed + imported.unchanged + imported.kept;
    if existing.is_some() && !imported.is_unchanged() {
        db::items::touch_catalog(tx, id, &metadata, &file).await?;
    }
    Ok(())
}
