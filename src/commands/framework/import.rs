//! `cmf framework import`: a framework from an official file, over what is there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::frameworks::Row;
use crate::db::{self, Connection};
use crate::domain::framework::Framework;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::files;
use crate::import::bundled::{self, Bundled};
use crate::import::framework::{self, FrameworkFile};
use crate::lookup;
use crate::output::{Columns, Confirmed, Results, Shape, columns};
use crate::reading::Reading;
use crate::seed;
use crate::table;
use crate::table::decision::told;
use crate::table::limits::MAX_DOCUMENT;
use crate::table::rows::Listed;
use crate::table::source::Most;

/// A source is a bundled framework when it has this part of its subcategories in the same spelling.
const RECOGNISED: f64 = 0.9;

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")))]
pub(super) struct Args {
    /// The file; cmf recognizes its format by the content
    file: PathBuf,
    /// The framework's name, instead of the one in the file
    #[arg(long)]
    name: Option<String>,
    /// The framework's version, instead of the one in the file
    #[arg(long = "framework-version", value_name = "VERSION")]
    version: Option<String>,
    /// Keep codes that are in the database and not in the file
    #[arg(long)]
    keep: bool,
    /// Remove codes that are not in the file without asking; codes that mappings use are never removed
    #[arg(long, conflicts_with = "keep")]
    yes: bool,
    #[command(flatten)]
    reading: Reading,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Imports a framework. Exit 65 for a file that is no framework, 2 if its name is not known, 1 if it lacks codes that
/// mappings use.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    let source = read(&args)?;
    for notice in &source.notices {
        context.output.notice(notice);
    }
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let difference = compare(&mut tx, &source.framework).await?;
    tx.end().await?;
    if !args.keep && !difference.used.is_empty() {
        if args.dry_run {
            report(context, &args, results(&args, &source, &difference, false), false)?;
        }
        return Err(in_use(&difference, &source));
    }
    let confirmed = if args.keep || args.dry_run || difference.gone.is_empty() {
        None
    } else {
        let question = format!(
            "{} of {} are not in the file and would be removed ({}).",
            counted(difference.gone.len(), "code"),
            source.framework.short_name(),
            few(difference.gone.iter().map(|path| path.code.as_str()))
        );
        Some(context.output.confirm(&question, args.yes)?)
    };

    let asked = difference;
    let (results, unchanged) = session
        .change(args.dry_run, async |tx| {
            db::locks::frameworks(tx).await?;
            let difference = compare(tx, &source.framework).await?;
            // That another session stored the same meanwhile is no trouble. Only what was agreed to is removed.
            if !args.keep && (!difference.gone.is_subset(&asked.gone) || !difference.used.is_empty()) {
                return Err(Error::failed("another session changed the framework meanwhile").hint("run the command again"));
            }
            let removed = match (&difference.row, &confirmed) {
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
                "file": args.file.display().to_string(), "added": stored.added, "changed": stored.changed, "removed": removed,
            });
            if let (Some(result), Value::Object(beside)) = (result.as_object_mut(), beside) {
                result.extend(beside);
            }
            let results = results(&args, &source, &difference, unchanged);
            context.output.check(&results)?;
            Ok(((results, unchanged), (!unchanged).then(|| Audit::of("framework.import", result))))
        })
        .await?;
    report(context, &args, results, unchanged)
}

/// Reads the file and settles which framework it is.
fn read(args: &Args) -> Result<FrameworkFile> {
    let file = args.file.display().to_string();
    let most = args.reading.most(MAX_DOCUMENT);
    let document = framework::read(&files::read(&args.file, most / 1_000_000)?, &file)?;
    let mut source = if let Some(source) = document {
        args.reading.refused(&format!("an {}", source.format.name()))?;
        source
    } else {
        args.reading.without_numbers("a framework")?;
        let bytes = table::source::Source::open(&file, Most::Any(most))?;
        let list = framework::list(bytes.format);
        let options = args.reading.options(&list.names())?;
        let table = Listed::open(bytes, &options, list)?;
        args.reading.save(|| table.map(&options))?;
        let mut source = framework::of_table(&table)?;
        source.notices.extend(told(&table.decisions));
        source
    };
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
    if let Some(name) = &args.name {
        own.name.clone_from(name);
    }
    if let Some(version) = &args.version {
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

/// A code with the codes above it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Path {
    level: i32,
    parent: String,
    code: String,
}

#[derive(Debug, PartialEq, Eq)]
struct Difference {
    row: Option<Id>,
    added: BTreeSet<Path>,
    changed: BTreeSet<Path>,
    gone: BTreeSet<Path>,
    /// Gone codes that mappings use, with the number of mappings.
    used: Vec<(String, i64)>,
}

#[derive(Debug, Clone)]
struct Id(Row);

impl PartialEq for Id {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Eq for Id {}

/// Every code with its texts.
fn paths(framework: &Framework) -> Vec<(Path, (String, Option<String>))> {
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

async fn compare(tx: &mut Connection, framework: &Framework) -> Result<Difference> {
    let rows = db::frameworks::list(tx).await?;
    let row = rows.into_iter().find(|row| row.name == framework.name && row.version == framework.version);
    let new = paths(framework);
    let Some(row) = row else {
        let added = new.into_iter().map(|(path, _)| path).collect();
        let (changed, gone) = (BTreeSet::new(), BTreeSet::new());
        return Ok(Difference { row: None, added, changed, gone, used: Vec::new() });
    };
    let old = paths(&db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?));
    let mut difference =
        Difference { row: None, added: BTreeSet::new(), changed: BTreeSet::new(), gone: BTreeSet::new(), used: Vec::new() };
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
    difference.row = Some(Id(row));
    Ok(difference)
}

fn in_use(difference: &Difference, source: &FrameworkFile) -> Error {
    let mut error = Error::failed(format!(
        "{} that mappings use {} not in the file",
        counted(difference.used.len(), "code"),
        if difference.used.len() == 1 { "is" } else { "are" }
    ));
    for (code, count) in difference.used.iter().take(20) {
        let successors = source.withdrawn.iter().find(|one| one.code == *code).map(|one| one.successors.join(", "));
        let successors = successors.filter(|codes| !codes.is_empty()).map(|codes| format!(", withdrawn, now in {codes}"));
        let count = counted(usize::try_from(*count).unwrap_or_default(), "mapping");
        error = error.detail(format!("{code}: {count}{}", successors.unwrap_or_default()));
    }
    error
        .hint("keep them with --keep, or first map those items to other codes: `cmf map list --code CODE`")
        .hint("rows of crosswalks use codes too: `cmf framework crosswalk show CROSSWALK --code CODE`")
}

/// Removes what is gone, deepest level first.
async fn remove(tx: &mut Connection, row: &Id, gone: &BTreeSet<Path>, _confirmed: &Confirmed) -> Result<u64> {
    let of_level = |level: i32| -> Vec<(String, String)> {
        gone.iter().filter(|path| path.level == level).map(|path| (path.parent.clone(), path.code.clone())).collect()
    };
    let mut removed = db::frameworks::delete_subcategories(tx, row.0.id, &of_level(3)).await?;
    removed += db::frameworks::delete_categories(tx, row.0.id, &of_level(2)).await?;
    let functions: Vec<String> = of_level(1).into_iter().map(|(_, code)| code).collect();
    removed += db::frameworks::delete_functions(tx, row.0.id, &functions).await?;
    Ok(removed)
}

/// An import: what is asked for, what is in the file, and how that differs from what is there.
type Import<'a> = (&'a Args, &'a FrameworkFile, &'a Difference);

fn summary<'a>() -> Columns<Import<'a>> {
    columns! { |(args, source, difference)|
        framework = source.framework.short_name(), format = source.format.name(),
        functions = count(&source.framework, 1), categories = count(&source.framework, 2),
        subcategories = count(&source.framework, 3), withdrawn = source.withdrawn.len(), added = difference.added.len(),
        changed = difference.changed.len(), gone = if args.keep { 0 } else { difference.gone.len() },
        kept = if args.keep { difference.gone.len() } else { 0 }
    }
}
const CODES: Columns<Difference> = columns! { |difference|
    added = codes(&difference.added), changed = codes(&difference.changed), gone = codes(&difference.gone)
};
const CHANGE: Columns<(&str, String)> = columns! { |(difference, code)| difference = *difference, code };

fn codes(paths: &BTreeSet<Path>) -> Vec<String> {
    paths.iter().map(|path| path.code.clone()).collect()
}

fn count(framework: &Framework, level: i32) -> usize {
    paths(framework).iter().filter(|(path, _)| path.level == level).count()
}

pub(super) fn shape() -> Shape {
    let whole = Shape::one(&summary()).with("dry_run", Shape::of::<bool>()).with("codes", Shape::one(&CODES));
    whole.choosing(CHANGE.names())
}

/// What the import does, as a result.
fn results(args: &Args, source: &FrameworkFile, difference: &Difference, unchanged: bool) -> Results {
    let import = (args, source, difference);
    let mut json = summary().members(&import);
    json.insert("dry_run".to_owned(), json!(args.dry_run));
    json.insert("codes".to_owned(), CODES.members(difference).into());
    let mut tables = vec![summary().one(&import)];
    if args.dry_run && !unchanged {
        let all = [("added", &difference.added), ("changed", &difference.changed), ("gone", &difference.gone)];
        let changes = all.into_iter().flat_map(|(name, paths)| codes(paths).into_iter().map(move |code| (name, code)));
        tables.push(CHANGE.table_of(changes).title("what would change"));
    }
    Results::new(tables, json.into())
}

fn report(context: &Context, args: &Args, results: Results, unchanged: bool) -> Result<Exit> {
    context.output.results(results)?;
    if unchanged {
        context.output.say("nothing changed: everything exists already");
    } else if args.dry_run {
        context.output.say("dry run: nothing changed");
    }
    Ok(Exit::Success)
}

/// The first five of a list.
fn few<'a>(codes: impl Iterator<Item = &'a str>) -> String {
    let codes: Vec<&str> = codes.collect();
    let shown = codes.iter().take(5).copied().collect::<Vec<_>>().join(", ");
    if codes.len() > 5 { format!("{shown} and {} more", codes.len() - 5) } else { shown }
}
