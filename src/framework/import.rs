//! A framework from an official file, over what is there.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::seed;
use crate::confirm::Confirmed;
use crate::db::audit::Audit;
use crate::db::frameworks::Row;
use crate::db::{self, Connection};
use crate::domain::framework::Framework;
use crate::domain::text::counted;
use crate::error::{Error, Result};
use crate::import::bundled::{self, Bundled};
use crate::import::framework::FrameworkFile;
use crate::lookup;
use crate::session::Session;

/// A source is a bundled framework when it has this part of its subcategories in the same spelling.
const RECOGNISED: f64 = 0.9;

/// Settles which framework a file has, by its codes or by the name and version that are given. Exit 2 where nothing tells.
pub(crate) fn settled(
    mut source: FrameworkFile,
    file: &str,
    (name, version): (Option<&String>, Option<&String>),
) -> Result<FrameworkFile> {
    let recognised = recognise(&source)?;
    if let Some((bundled, framework)) = &recognised {
        let withdrawn = bundled.withdrawn()?;
        if !source.marks_withdrawals && !withdrawn.is_empty() {
            let count = source.withdraw(&withdrawn);
            if count > 0 {
                source.notices.push(format!(
                    "the file marks no withdrawn codes; {count} of its codes are withdrawn in {} and were not imported",
                    bundled.short_name
                ));
            }
        }
        source.framework.name.clone_from(&framework.name);
        source.framework.version.clone_from(&framework.version);
        source.framework.description = source.framework.description.or_else(|| framework.description.clone());
    } else if !source.marks_withdrawals {
        source.notices.push("the file marks no withdrawn codes: all of its codes count as current".to_owned());
    }
    let own = &mut source.framework;
    if let Some(name) = name {
        own.name.clone_from(name);
    }
    if let Some(version) = version {
        own.version.clone_from(version);
    }
    let missing = match (own.name.trim().is_empty(), own.version.trim().is_empty()) {
        (true, true) => "neither name nor version",
        (true, false) => "no name",
        (false, true) => "no version",
        (false, false) => "",
    };
    if !missing.is_empty() {
        return Err(Error::usage(format!("{file} gives {missing} for its framework"))
            .hint("add --name NAME --framework-version VERSION"));
    }
    if own.name.chars().count() > 100 || own.version.chars().count() > 20 {
        return Err(Error::usage("a framework's name can have at most 100 characters, its version at most 20")
            .hint("add --name NAME --framework-version VERSION"));
    }
    Ok(source)
}

/// The bundled framework that the source is an edition of, told by its codes.
fn recognise(source: &FrameworkFile) -> Result<Option<(Bundled, Framework)>> {
    let mut best: Option<(f64, Bundled, Framework)> = None;
    for bundled in bundled::ALL {
        let framework = bundled.framework()?;
        let coverage = source.coverage_of(&framework);
        if coverage >= RECOGNISED && best.as_ref().is_none_or(|(known, ..)| coverage > *known) {
            best = Some((coverage, bundled, framework));
        }
    }
    Ok(best.map(|(_, bundled, framework)| (bundled, framework)))
}

/// A code with the code above it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Path {
    pub level: i32,
    pub parent: String,
    pub code: String,
}

/// How a framework differs from the one of its name that is there.
#[derive(Debug, Default)]
pub(crate) struct Difference {
    pub row: Option<Row>,
    pub added: BTreeSet<Path>,
    pub changed: BTreeSet<Path>,
    pub gone: BTreeSet<Path>,
    /// Gone codes that mappings use, with the number of mappings.
    pub used: Vec<(String, i64)>,
}

/// Every code with its texts.
pub(crate) fn paths(framework: &Framework) -> Vec<(Path, (String, Option<String>))> {
    let mut all = Vec::new();
    for function in &framework.functions {
        let path = Path { level: 1, parent: String::new(), code: function.code.clone() };
        all.push((path, (function.name.clone(), function.description.clone())));
        for category in &function.categories {
            let path = Path { level: 2, parent: function.code.clone(), code: category.code.clone() };
            all.push((path, (category.name.clone(), category.description.clone())));
            for subcategory in &category.subcategories {
                let path = Path { level: 3, parent: category.code.clone(), code: subcategory.code.clone() };
                all.push((path, (String::new(), Some(subcategory.description.clone()))));
            }
        }
    }
    all
}

pub(crate) async fn compare(tx: &mut Connection, framework: &Framework) -> Result<Difference> {
    let rows = db::frameworks::list(tx).await?;
    let row = rows.into_iter().find(|row| row.name == framework.name && row.version == framework.version);
    let new = paths(framework);
    let Some(row) = row else {
        let added = new.into_iter().map(|(path, _)| path).collect();
        return Ok(Difference { added, ..Difference::default() });
    };
    let old = paths(&db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?));
    let mut difference = Difference::default();
    for (path, texts) in &new {
        match old.iter().find(|(known, _)| known == path) {
            None => difference.added.insert(path.clone()),
            Some((_, known)) if known != texts => difference.changed.insert(path.clone()),
            Some(_) => false,
        };
    }
    difference.gone =
        old.into_iter().map(|(path, _)| path).filter(|path| !new.iter().any(|(known, _)| known == path)).collect();
    let moved = |path: &&Path| !difference.added.iter().any(|added| added.level == path.level && added.code == path.code);
    let lost: Vec<String> = difference.gone.iter().filter(moved).map(|path| path.code.clone()).collect();
    difference.used = db::frameworks::mapped(tx, row.id, &lost).await?;
    difference.row = Some(row);
    Ok(difference)
}

/// The error of codes that mappings use and the file does not have.
pub(crate) fn in_use(difference: &Difference, source: &FrameworkFile) -> Error {
    let mut error = Error::failed(format!(
        "{} that mappings use {} not in the file",
        counted(difference.used.len(), "code"),
        if difference.used.len() == 1 { "is" } else { "are" }
    ));
    for (code, count) in difference.used.iter().take(20) {
        let successors = source.withdrawn.iter().find(|one| one.code == *code).map(|one| one.successors.join(", "));
        let successors = successors.filter(|codes| !codes.is_empty()).map(|codes| format!(", withdrawn, now in {codes}"));
        let count = counted(*count, "mapping");
        error = error.detail(format!("{code}: {count}{}", successors.unwrap_or_default()));
    }
    error
        .hint("keep them with --keep, or first map those items to other codes: `cmf map list --code CODE`")
        .hint("rows of crosswalks use codes too: `cmf framework crosswalk show CROSSWALK --code CODE`")
}

/// What is asked of an import: the file's name, whether codes stay that are not in it, and whether nothing is to change.
#[derive(Debug)]
pub(crate) struct Request<'a> {
    pub file: String,
    pub keep: bool,
    pub dry_run: bool,
    /// What was there when it was agreed to.
    pub asked: &'a Difference,
    pub confirmed: Option<Confirmed>,
}

/// Stores a framework, and returns how it differed from what was there and whether nothing changed, which `check` may refuse.
/// Exit 1 where another session changed the framework since it was looked at.
pub(crate) async fn import(
    session: &mut Session,
    source: &FrameworkFile,
    request: &Request<'_>,
    check: impl Fn(&Difference, bool) -> Result<()>,
) -> Result<(Difference, bool)> {
    let Request { file, keep, asked, confirmed, .. } = request;
    session
        .change(request.dry_run, async |tx| {
            db::locks::frameworks(tx).await?;
            let difference = compare(tx, &source.framework).await?;
            // That another session stored the same meanwhile is no trouble. Only what was agreed to is removed.
            if !keep && (!difference.gone.is_subset(&asked.gone) || !difference.used.is_empty()) {
                return Err(Error::failed("another session changed the framework meanwhile").hint("run the command again"));
            }
            let removed = match (&difference.row, confirmed) {
                (Some(row), Some(confirmed)) => remove(tx, row, &difference.gone, confirmed).await?,
                _ => 0,
            };
            let stored = seed::store(tx, &source.framework).await?;
            let row = lookup::framework::find(tx, &source.framework.short_name()).await?;
            let mut beside = json!({ "withdrawn": &source.withdrawn, "examples": &source.examples });
            if !source.translations.is_empty() {
                beside["translations"] = json!(&source.translations);
            }
            let before = db::frameworks::newest_import(tx, row.id).await?;
            let same_beside = before.is_some_and(|before| {
                ["withdrawn", "examples", "translations"].iter().all(|part| before.get(part) == beside.get(part))
            });
            let unchanged = stored == db::frameworks::Changes::default() && removed == 0 && same_beside;
            let mut result = json!({
                "framework_id": row.id, "framework": row.short_name(), "format": source.format.name(),
                "file": file, "added": stored.added, "changed": stored.changed, "removed": removed,
            });
            if let (Some(result), Value::Object(beside)) = (result.as_object_mut(), beside) {
                result.extend(beside);
            }
            check(&difference, unchanged)?;
            Ok(((difference, unchanged), (!unchanged).then(|| Audit::of("framework.import", result))))
        })
        .await
}

/// Removes what is gone, deepest level first.
async fn remove(tx: &mut Connection, row: &Row, gone: &BTreeSet<Path>, _confirmed: &Confirmed) -> Result<u64> {
    let of_level = |level: i32| -> Vec<(String, String)> {
        gone.iter().filter(|path| path.level == level).map(|path| (path.parent.clone(), path.code.clone())).collect()
    };
    let mut removed = db::frameworks::delete_subcategories(tx, row.id, &of_level(3)).await?;
    removed += db::frameworks::delete_categories(tx, row.id, &of_level(2)).await?;
    let functions: Vec<String> = of_level(1).into_iter().map(|(_, code)| code).collect();
    removed += db::frameworks::delete_functions(tx, row.id, &functions).await?;
    Ok(removed)
}
