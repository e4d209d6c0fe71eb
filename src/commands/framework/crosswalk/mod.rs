//! `cmf framework crosswalk`: which codes of one framework are about the same as which codes of another one.

mod ends;
mod import;

use clap::Subcommand;
use serde_json::json;

use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::crosswalks::{Crosswalk, Stored};
use crate::db::frameworks::Row;
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Position, Reference, lowest};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::{Columns, Shape, Shapes, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Import a crosswalk: OSCAL mapping collections, CISO Assistant mappings, NIST OLIR and Reference Tool, plain tables
    Import(Box<import::Args>),
    /// List the crosswalks
    List,
    /// Show the rows of a crosswalk
    Show(Show),
    /// Compare the codes of crosswalks with their frameworks; exit 4 where one is unknown
    Verify(Verify),
    /// Delete a crosswalk with its rows
    Delete(Delete),
}

#[derive(Debug, clap::Args)]
struct Show {
    /// The crosswalk's name or id
    crosswalk: String,
    /// Only rows with this code, of either framework
    #[arg(long)]
    code: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Verify {
    /// The crosswalk's name or id; all of them when none is named
    crosswalk: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Delete {
    /// The crosswalk's name or id
    crosswalk: String,
    /// Do not ask
    #[arg(long)]
    yes: bool,
    /// Show what would be deleted and delete nothing
    #[arg(long)]
    dry_run: bool,
}

/// A crosswalk with the names of its frameworks.
type Named = (Crosswalk, Option<String>, Option<String>);

const RELATIONS: [&str; 4] = ["equal", "subset", "superset", "intersects"];
const LISTING: Columns<Named> = columns! { |(crosswalk, source, target)|
    name = &crosswalk.name, source, target, rows = crosswalk.rows, format = &crosswalk.format, owner = &crosswalk.owner,
    source_file: for_programs = &crosswalk.source_file, id: for_programs = crosswalk.id
};
const ROW: Columns<Stored> = columns! { |row|
    source_code = row.pair.source.code(), relation: one_of(&RELATIONS) = row.pair.relation.as_str(),
    target_code = row.pair.target.code(), confidence = row.pair.confidence.map(|confidence| confidence.normalize()),
    weight = (row.pair.relation.weight() * row.pair.confidence.unwrap_or(rust_decimal::Decimal::ONE)).normalize(),
    row = row.pair.row, note
};
const ROWS: &str = "crosswalk_rows";
const WRONG: Columns<(String, String, &str, u64)> = columns! { |(crosswalk, code, side, row)|
    crosswalk, code, side: one_of(&["source", "target"]) = *side, row = *row
};
const DELETED: Columns<(Crosswalk, Option<i64>)> = columns! { |(crosswalk, undo)|
    id = crosswalk.id, name = &crosswalk.name, rows = crosswalk.rows, undo: for_programs = *undo
};

/// The fields of a crosswalk in a table.
pub(super) fn fields() -> Vec<&'static str> {
    crate::import::crosswalk::LIST.names()
}

pub(super) fn shapes() -> Shapes {
    vec![
        ("framework crosswalk import", import::shape()),
        ("framework crosswalk list", Shape::rows(&LISTING)),
        ("framework crosswalk show", Shape::rows(&ROW).within(ROWS, Shape::one(&LISTING))),
        ("framework crosswalk verify", Shape::rows(&WRONG)),
        ("framework crosswalk delete", Shape::one(&DELETED)),
    ]
}

/// Runs `cmf framework crosswalk`. Exit 2 for a crosswalk or framework that is not in the database, 65 for a file that is no
/// crosswalk.
pub(super) async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Import(args) => import::run(context, *args).await,
        Command::List => list(context).await,
        Command::Show(args) => show(context, args).await,
        Command::Verify(args) => verify(context, args).await,
        Command::Delete(args) => delete(context, args).await,
    }
}

fn named(crosswalk: Crosswalk, frameworks: &[Row]) -> Named {
    let name = |id| frameworks.iter().find(|row| Some(row.id) == id).map(Row::short_name);
    let (source, target) = (name(crosswalk.source_id), name(crosswalk.target_id));
    (crosswalk, source, target)
}

async fn list(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let frameworks = db::frameworks::list(&mut tx).await?;
    let all = db::crosswalks::list(&mut tx).await?;
    tx.end().await?;
    context.output.results(LISTING.table_of(all.into_iter().map(|one| named(one, &frameworks))))?;
    Ok(Exit::Success)
}

async fn show(context: &Context, args: Show) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let crosswalk = lookup::crosswalk::find(&mut tx, &args.crosswalk).await?;
    let frameworks = db::frameworks::list(&mut tx).await?;
    let (mut rows, foreign) = db::crosswalks::rows(&mut tx, crosswalk.id).await?;
    if let Some(code) = &args.code {
        let wanted = places(&mut tx, &crosswalk, code).await?;
        if wanted.is_empty() {
            return Err(Error::usage(format!("neither framework of {} has the code `{code}`", crosswalk.name))
                .hint("see `cmf framework show FRAMEWORK`"));
        }
        let is_it = |position: &Position| wanted.iter().any(|wanted| wanted == position || wanted.contains(position));
        rows.retain(|row| is_it(&row.pair.source) || is_it(&row.pair.target));
    }
    tx.end().await?;
    let named = named(crosswalk, &frameworks);
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "an unknown framework".to_owned());
    let title = format!("{}: what codes of {} are to codes of {}", named.0.name, name(&named.1), name(&named.2));
    let table = ROW.table_of(rows);
    let json = LISTING.document(&named, ROWS, &table);
    context.output.results(crate::output::Results::new(vec![table.title(title)], json))?;
    if foreign > 0 {
        context.output.notice(&format!("{foreign} more rows were not written by cmf and do not count"));
    }
    Ok(Exit::Success)
}

/// The places of a code in the two frameworks of a crosswalk.
async fn places(tx: &mut Connection, crosswalk: &Crosswalk, code: &str) -> Result<Vec<Position>> {
    let mut found = Vec::new();
    for (_, index) in ends(tx, crosswalk).await? {
        found.extend(index.find(code).cloned());
    }
    Ok(found)
}

/// The codes of the two frameworks of a crosswalk, as far as they are there.
async fn ends(tx: &mut Connection, crosswalk: &Crosswalk) -> Result<Vec<(&'static str, CodeIndex)>> {
    let frameworks = db::frameworks::list(tx).await?;
    let mut ends = Vec::new();
    for (side, id) in [("source", crosswalk.source_id), ("target", crosswalk.target_id)] {
        if let Some(row) = frameworks.iter().find(|row| Some(row.id) == id) {
            ends.push((side, lookup::framework::known(tx, row.clone()).await?.codes()));
        }
    }
    Ok(ends)
}

async fn verify(context: &Context, args: Verify) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let all = match &args.crosswalk {
        Some(name) => vec![lookup::crosswalk::find(&mut tx, name).await?],
        None => db::crosswalks::list(&mut tx).await?,
    };
    if all.is_empty() {
        return Err(Error::failed("there is no crosswalk").hint("import one with `cmf framework crosswalk import FILE`"));
    }
    let frameworks = db::frameworks::list(&mut tx).await?;
    let mut wrong = Vec::new();
    let (mut told, mut gone, mut strange) = (Vec::new(), Vec::new(), 0);
    for crosswalk in all {
        let (rows, foreign) = db::crosswalks::rows(&mut tx, crosswalk.id).await?;
        strange += foreign;
        for (side, id) in [("source", crosswalk.source_id), ("target", crosswalk.target_id)] {
            let Some(row) = frameworks.iter().find(|row| Some(row.id) == id) else {
                gone.push(format!("the {side} framework of {} is not in the database", crosswalk.name));
                continue;
            };
            let known = lookup::framework::known(&mut tx, row.clone()).await?;
            let index = known.codes();
            let end = |stored: &Stored| if side == "source" { stored.pair.source.clone() } else { stored.pair.target.clone() };
            let mut used = std::collections::BTreeSet::new();
            for stored in &rows {
                let position = end(stored);
                if index.resolve(position.code()) == Reference::Known(position.clone())
                    || index.positions().any(|one| *one == position)
                {
                    used.insert(position.code().to_owned());
                } else {
                    wrong.push((crosswalk.name.clone(), position.code().to_owned(), side, stored.pair.row));
                }
            }
            let codes = lowest(&known.framework);
            let without = codes.iter().filter(|position| !used.contains(position.code())).count();
            told.push(format!(
                "{}: {} of the {} codes of {} have a row, {without} have none",
                crosswalk.name,
                codes.len() - without,
                codes.len(),
                row.short_name()
            ));
        }
    }
    tx.end().await?;
    let is_right = wrong.is_empty() && gone.is_empty() && strange == 0;
    context.output.results(WRONG.table_of(&wrong))?;
    for line in &gone {
        context.output.notice(line);
    }
    if strange > 0 {
        context.output.notice(&format!("{} not written by cmf and do not count", counted(strange, "row")));
    }
    for line in told {
        context.output.say(&line);
    }
    if is_right {
        return Ok(Exit::Success);
    }
    context.output.notice("rows with unknown codes lead nowhere: correct the file and import it again");
    Ok(Exit::Difference)
}

/// Deletes a crosswalk after saying what goes with it.
async fn delete(context: &Context, args: Delete) -> Result<Exit> {
    context.output.check_outcome(&DELETED.table())?;
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let crosswalk = lookup::crosswalk::find(&mut tx, &args.crosswalk).await?;
    tx.end().await?;
    let rows = counted(crosswalk.rows, "row");
    let question = format!("This deletes the crosswalk {} with {rows}.", crosswalk.name);
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    session
        .change(args.dry_run, async |tx| {
            db::locks::owner(tx, crosswalk.owner_id).await?;
            if db::catalog_upkeep::lock_to_delete(tx, crosswalk.id).await?.is_none() {
                return Err(Error::failed(format!("the crosswalk {} is gone: another session deleted it", crosswalk.name)));
            }
            let mappings = db::catalog_upkeep::delete_mappings(tx, crosswalk.id, &confirmed).await?;
            let items = db::catalog_upkeep::delete_items(tx, crosswalk.id, &confirmed).await?;
            db::catalog_upkeep::delete(tx, crosswalk.id, &confirmed).await?;
            let result = json!({
                "catalog_id": crosswalk.id, "name": crosswalk.name, "items": items, "mappings": mappings,
            });
            Ok(((), Some(Audit::of("crosswalk.delete", result).by(Some(crosswalk.owner_id)))))
        })
        .await?;
    let message = format!("deleted the crosswalk {} with {rows}", crosswalk.name);
    context.output.ending(args.dry_run, &message, DELETED.one(&(crosswalk, session.written())))?;
    Ok(Exit::Success)
}
