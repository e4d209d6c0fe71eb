//! `cmf framework import`: a framework from an official file, over what is there.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::json;

use crate::commands::FileFields;
use crate::context::Context;
use crate::domain::framework::Framework;
use crate::domain::text::{counted, first_of};
use crate::error::{Exit, Result};
use crate::framework::import::{self, Difference, Path, Request, paths};
use crate::import::framework::{self, FrameworkFile};
use crate::output::{Columns, Results, Shape, columns};
use crate::reading::Reading;
use crate::table::decision::told;
use crate::table::format::Format;

#[derive(Debug, clap::Args)]
#[command(mut_arg("force", |arg| arg.requires("save_map")), add = FileFields(|| framework::list(Format::Text).names()))]
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
    let difference = session.look(async |tx| import::compare(tx, &source.framework).await).await?;
    if !args.keep && !difference.used.is_empty() {
        if args.dry_run {
            report(context, &args, results(&args, &source, &difference, false), false)?;
        }
        return Err(import::in_use(&difference, &source));
    }
    let confirmed = if args.keep || args.dry_run || difference.gone.is_empty() {
        None
    } else {
        let question = format!(
            "{} of {} are not in the file and would be removed ({}).",
            counted(difference.gone.len(), "code"),
            source.framework.short_name(),
            first_of(difference.gone.iter().map(|path| path.code.as_str()), 5)
        );
        Some(context.output.confirm(&question, args.yes)?)
    };
    let file = args.file.display().to_string();
    let request = Request { file, keep: args.keep, dry_run: args.dry_run, asked: &difference, confirmed };
    let check = |difference: &Difference, unchanged| context.output.check(&results(&args, &source, difference, unchanged));
    let (difference, unchanged) = import::import(&mut session, &source, &request, check).await?;
    report(context, &args, results(&args, &source, &difference, unchanged), unchanged)
}

/// Reads the file and settles which framework it is.
fn read(args: &Args) -> Result<FrameworkFile> {
    let source = if let Some(source) = args.reading.document(&args.file, framework::read)? {
        args.reading.refused(&format!("an {}", source.format.name()))?;
        source
    } else {
        args.reading.without_numbers("a framework")?;
        let table = args.reading.table(&args.file, framework::list)?;
        let mut source = framework::of_table(&table)?;
        source.notices.extend(told(&table.decisions));
        source
    };
    import::settled(source, &args.file.display().to_string(), (args.name.as_ref(), args.version.as_ref()))
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
