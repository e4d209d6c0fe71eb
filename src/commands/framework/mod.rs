//! `cmf framework`: look at frameworks, import official ones, check them and what they cover.

mod check;
mod import;

use std::collections::BTreeMap;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::commands;
use crate::context::Context;
use crate::db::catalogs::Catalog;
use crate::db::frameworks::{Node, Row};
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Withdrawal};
use crate::domain::framework::Framework;
use crate::error::{Error, Exit, Result, shell_word};
use crate::import::bundled;
use crate::output::{Cell, Results, Table};

/// Arguments of `cmf framework`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the frameworks in the database
    List,
    /// Show a framework's tree, or the part below one code
    Show(Show),
    /// Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV
    Import(import::Args),
    /// Compare the frameworks in the database with the bundled code lists; exit 4 where they differ
    Verify(check::Verify),
    /// Every subcategory with the number of metrics mapped to it, and the gaps
    Coverage(check::Coverage),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// A framework such as csf-2.0, or a code such as PR, PR.AA or "GOVERN 1"
    code: String,
    /// The framework the code belongs to, where several have it
    #[arg(long)]
    framework: Option<String>,
    /// How many levels to show: 1 functions, 2 categories, 3 subcategories
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i32).range(1..=3))]
    depth: i32,
}

/// Runs `cmf framework`.
///
/// # Errors
/// Exit 2 for a framework or code that is not in the database, 65 for a file that is no framework.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    if let Command::Import(args) = args.command {
        return import::run(context, args).await;
    }
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    let results = match args.command {
        Command::Show(args) => show(&mut tx, &args).await?,
        Command::Verify(args) => return check::verify(context, tx, &args).await,
        Command::Coverage(args) => return check::coverage(context, tx, &args).await,
        Command::List | Command::Import(_) => list(&mut tx).await?,
    };
    tx.end().await?;
    context.output.results(results)?;
    Ok(Exit::Success)
}

async fn list(tx: &mut Connection) -> Result<Results> {
    let mut table = Table::new([
        "framework",
        "id",
        "name",
        "version",
        "functions",
        "categories",
        "subcategories",
        "is_active",
        "description",
    ])
    .only_for_programs(&["id", "description"]);
    for row in db::frameworks::list(tx).await? {
        table.row([
            row.short_name().into(),
            row.id.into(),
            row.name.into(),
            row.version.into(),
            row.functions.into(),
            row.categories.into(),
            row.subcategories.into(),
            row.is_active.into(),
            row.description.into(),
        ]);
    }
    Ok(table.into())
}

async fn show(tx: &mut Connection, args: &Show) -> Result<Results> {
    let frameworks = db::frameworks::list(tx).await?;
    if let Some(framework) = named(&frameworks, &args.code) {
        let nodes = db::frameworks::tree(tx, framework.id).await?;
        return Ok(tree(framework, &nodes, args.depth));
    }
    let searched: Vec<&Row> = match &args.framework {
        Some(name) => vec![named(&frameworks, name).ok_or_else(|| unknown(&frameworks, name))?],
        None => frameworks.iter().collect(),
    };
    let mut found = Vec::new();
    for framework in searched {
        let nodes = below(db::frameworks::tree(tx, framework.id).await?, &args.code);
        if !nodes.is_empty() {
            found.push((framework, nodes));
        }
    }
    match found.as_slice() {
        [(framework, nodes)] => Ok(tree(framework, nodes, args.depth)),
        [] => Err(unknown(&frameworks, &args.code)),
        several => {
            let names: Vec<_> = several.iter().map(|(framework, _)| framework.short_name()).collect();
            Err(Error::usage(format!("several frameworks have the code `{}`: {}", args.code, names.join(", ")))
                .hint(format!("add --framework {}", shell_word(&names[0]))))
        }
    }
}

/// The node of this code and all below it.
fn below(nodes: Vec<Node>, code: &str) -> Vec<Node> {
    let Some(top) = nodes.iter().position(|node| node.code.eq_ignore_ascii_case(code)) else { return Vec::new() };
    let level = nodes[top].level;
    nodes
        .into_iter()
        .skip(top)
        .enumerate()
        .take_while(|(i, node)| *i == 0 || node.level > level)
        .map(|(_, node)| node)
        .collect()
}

fn tree(framework: &Row, nodes: &[Node], depth: i32) -> Results {
    let mut table = Table::new(["code", "level", "name", "description"])
        .title(format!("{} ({} {})", framework.short_name(), framework.name, framework.version))
        .only_for_programs(&["level"]);
    let top = nodes.first().map_or(1, |node| node.level);
    let mut objects = Vec::new();
    for node in nodes.iter().filter(|node| node.level <= depth) {
        let level = ["function", "category", "subcategory"][usize::try_from(node.level - 1).unwrap_or_default()];
        table.row([
            Cell::Tree(usize::try_from(node.level - top).unwrap_or_default(), node.code.clone()),
            level.into(),
            node.name.clone().into(),
            node.description.clone().into(),
        ]);
        objects.push(json!({ "level": level, "code": node.code, "name": node.name, "description": node.description }));
    }
    let json = json!({ "framework": framework.short_name(), "name": framework.name, "version": framework.version, "nodes": Value::Array(objects) });
    Results::new(vec![table], json)
}

fn named<'a>(frameworks: &'a [Row], name: &str) -> Option<&'a Row> {
    frameworks.iter().find(|row| {
        let forms = [row.short_name(), format!("{} {}", row.name, row.version), row.id.to_string()];
        forms.iter().any(|form| form.eq_ignore_ascii_case(name.trim()))
    })
}

fn unknown(frameworks: &[Row], name: &str) -> Error {
    let known: Vec<_> = frameworks.iter().map(Row::short_name).collect();
    let error = Error::usage(format!("no framework in the database is called `{name}` or has such a code"));
    match bundled::find(name) {
        Some(bundled) => error.hint(format!("run `cmf seed {}` first", bundled.short_name)),
        None if known.is_empty() => error.hint("run `cmf seed` first"),
        None => error.hint(format!("in the database are: {}", known.join(", "))),
    }
}

/// The framework that people call `name`: `csf-2.0`, `NIST CSF 2.0`, or its id.
///
/// # Errors
/// Exit 2 with the known ones when there is none.
pub(crate) async fn resolve(tx: &mut Connection, name: &str) -> Result<Row> {
    find(&db::frameworks::list(tx).await?, name)
}

fn find(frameworks: &[Row], name: &str) -> Result<Row> {
    named(frameworks, name).cloned().ok_or_else(|| unknown(frameworks, name))
}

/// The framework taken where none is named and the mappings do not tell.
pub(crate) const USUAL: &str = "csf-2.0";

/// The framework that is named, else the one that the catalog, or all of them, has confirmed mappings to. Where that could be
/// several it is the usual one, and the user hears of the others.
///
/// # Errors
/// Exit 2 when it is not in the database, and where there are several and the usual one is not among them.
pub(crate) async fn chosen(
    context: &Context,
    tx: &mut Connection,
    named: Option<&str>,
    catalog: Option<&Catalog>,
) -> Result<Row> {
    if let Some(name) = named {
        return resolve(tx, name).await;
    }
    let mapped = db::frameworks::mapped_by(tx, catalog.map(|catalog| catalog.id)).await?;
    let frameworks = db::frameworks::list(tx).await?;
    let (mapped, others): (Vec<Row>, Vec<Row>) = frameworks.into_iter().partition(|row| mapped.contains(&row.id));
    if mapped.len() < 2 {
        let all: Vec<Row> = mapped.iter().cloned().chain(others).collect();
        return mapped.into_iter().next().map_or_else(|| find(&all, USUAL), Ok);
    }
    let names: Vec<String> = mapped.iter().map(Row::short_name).collect();
    let whose = match catalog {
        Some(catalog) => format!("`{}` has", catalog.name),
        None => "the catalogs have".to_owned(),
    };
    let what = format!("{whose} confirmed mappings to {}", names.join(" and "));
    let Some(usual) = mapped.into_iter().find(|row| row.short_name() == USUAL) else {
        return Err(Error::usage(format!("{what}: which of them is not said")).hint(options(&names)));
    };
    context.output.notice(&format!("note: {what}; {USUAL} was taken, {}", options(&names)));
    Ok(usual)
}

/// What to type for one of several.
fn options(names: &[String]) -> String {
    let options: Vec<String> = names.iter().map(|name| format!("--framework {name}")).collect();
    format!("name one with {}", options.join(" or "))
}

/// A framework with what mapping needs beside its tree.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    /// Its row.
    pub(crate) row: Row,
    /// Its tree.
    pub(crate) framework: Framework,
    /// Codes it had once, from the newest imported file, else from the bundled list.
    pub(crate) withdrawn: Vec<Withdrawal>,
    /// Implementation examples by code, where an imported file had them.
    pub(crate) examples: BTreeMap<String, Vec<String>>,
}

impl Known {
    /// The index of its codes, live and withdrawn.
    pub(crate) fn codes(&self) -> CodeIndex {
        CodeIndex::new(&self.framework).with_withdrawn(&self.withdrawn)
    }
}

/// Reads a framework with everything that is known of it.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn known(tx: &mut Connection, row: Row) -> Result<Known> {
    let framework = db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?);
    let imported = db::frameworks::newest_import(tx, row.id).await?.unwrap_or_default();
    let part = |name: &str| imported.get(name).cloned().unwrap_or_default();
    let mut withdrawn: Vec<Withdrawal> = serde_json::from_value(part("withdrawn")).unwrap_or_default();
    if withdrawn.is_empty()
        && let Some(bundled) = bundled::find(&row.short_name())
    {
        withdrawn = bundled.withdrawn()?;
    }
    let examples = serde_json::from_value(part("examples")).unwrap_or_default();
    Ok(Known { row, framework, withdrawn, examples })
}
