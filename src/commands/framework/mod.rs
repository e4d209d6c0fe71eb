//! `cmf framework`: look at frameworks, import official ones, check them and what they cover.

mod check;
mod import;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::context::Context;
use crate::db::frameworks::{Node, Row};
use crate::db::{self, Connection};
use crate::error::{Error, Exit, Result, shell_word};
use crate::lookup::framework::{named, unknown};
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
    Import(Box<import::Args>),
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
        return import::run(context, *args).await;
    }
    let mut session = context.open().await?;
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
