//! `cmf framework`: look at frameworks, import official ones, check them and what they cover.

mod check;
mod crosswalk;
mod import;

use self::check::{LEVELS, level};
use crate::context::Context;
use crate::db::frameworks::{Node, Row};
use crate::db::{self, Connection};
use crate::domain::near;
use crate::error::{Error, Exit, Result, shell_word};
use crate::import::bundled;
use crate::lookup::framework::{named, unknown};
use crate::output::{Columns, Results, Shape, columns};

#[derive(Debug, clap::Args)]
struct Show {
    /// A framework such as csf-2.0, or a code such as PR, PR.AA or "GOVERN 1"
    code: String,
    /// The framework of the code, if several have it
    #[arg(long)]
    framework: Option<String>,
    /// How many levels to show: 1 functions, 2 categories, 3 subcategories
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(i32).range(1..=3))]
    depth: i32,
}

const LISTING: Columns<Row> = columns! { |row|
    framework = row.short_name(), id: for_programs, name, version, functions, categories, subcategories, is_active,
    description: for_programs
};
/// A framework before its tree.
const HEAD: Columns<Row> = columns! { |row| framework = row.short_name(), name, version };
/// A node in a tree that begins at a level.
const NODE: Columns<(i32, Node)> = columns! { |(top, node)|
    code = (usize::try_from(node.level - top).unwrap_or_default(), node.code.clone()),
    level: for_programs one_of(&LEVELS) = level(node.level), name = &node.name, description = &node.description
};
/// The same in JSON.
const MEMBER: Columns<Node> = columns! { |node| level: one_of(&LEVELS) = level(node.level), code, name, description };
const NODES: &str = "nodes";

noun! {
    /// Runs `cmf framework`. Exit 2 for a framework or code that is not in the database, 65 for a file that is no framework.
    |context|
    /// List the frameworks in the database
    List, Reads(Reader), Shape::rows(&LISTING) => list(context).await;
    /// Show a framework's tree, or the part below one code
    Show(args: Show), Reads(Reader), Shape::rows(&MEMBER).within(NODES, Shape::one(&HEAD)) => show(context, args).await;
    /// Import a framework from an official file: OSCAL, NIST CPRT, the NIST Reference Tool, CISO Assistant, CSV
    Import(args: Box<import::Args>), Changes(Migrator), import::shape() => import::run(context, *args).await;
    /// Compare the frameworks in the database with the bundled code lists; exit 4 if they differ
    Verify(args: check::Verify), Reads(Reader), Shape::rows(&check::WRONG) => check::verify(context, args).await;
    /// Every subcategory with the number of metrics mapped to it, and the gaps
    Coverage(args: check::Coverage), Reads(Reader), Shape::rows(&check::COVERED) => check::coverage(context, args).await;
    /// Crosswalks: which codes of one framework are about the same as which codes of another one
    Crosswalk(args: crosswalk::Args), Changes(Importer) => crosswalk::run(context, args).await;
}

async fn list(context: &Context) -> Result<Exit> {
    let frameworks = context.open().await?.look(db::frameworks::list).await?;
    context.output.results(LISTING.table_of(frameworks)).map(|()| Exit::Success)
}

async fn show(context: &Context, args: Show) -> Result<Exit> {
    let shown = context.open().await?.look(async |tx| found(tx, &args).await).await?;
    context.output.results(shown).map(|()| Exit::Success)
}

async fn found(tx: &mut Connection, args: &Show) -> Result<Results> {
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
    for framework in searched.iter().copied() {
        let nodes = below(db::frameworks::tree(tx, framework.id).await?, &args.code);
        if !nodes.is_empty() {
            found.push((framework, nodes));
        }
    }
    match found.as_slice() {
        [(framework, nodes)] => Ok(tree(framework, nodes, args.depth)),
        [] => {
            let mut codes = Vec::new();
            for framework in &searched {
                codes.extend(db::frameworks::tree(tx, framework.id).await?.into_iter().map(|node| node.code));
            }
            let names = frameworks.iter().map(Row::short_name).collect::<Vec<_>>();
            let near = near::did_you_mean(&args.code, codes.iter().chain(&names).map(String::as_str));
            let is_framework = bundled::find(&args.code).is_some();
            if is_framework || frameworks.is_empty() {
                return Err(unknown(&frameworks, &args.code));
            }
            Err(Error::usage(format!("no framework and no code is called `{}`", args.code)).hint(near.unwrap_or_else(|| {
                format!("the database has: {}; `cmf framework show FRAMEWORK` lists the codes of one", names.join(", "))
            })))
        }
        several => {
            let names: Vec<_> = several.iter().map(|(framework, _)| framework.short_name()).collect();
            Err(Error::usage(format!("several frameworks have the code `{}`: {}", args.code, names.join(", ")))
                .hint(format!("add --framework {}", shell_word(&names[0]))))
        }
    }
}

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
    let top = nodes.first().map_or(1, |node| node.level);
    let nodes = || nodes.iter().filter(|node| node.level <= depth);
    let table = NODE.table_of(nodes().map(|node| (top, node.clone()))).title(format!(
        "{} ({} {})",
        framework.short_name(),
        framework.name,
        framework.version
    ));
    Results::new(vec![table], HEAD.document(framework, NODES, &MEMBER.table_of(nodes())))
}
