//! `cmf framework crosswalk`: which codes of one framework are about the same as which codes of another one.

mod import;

use crate::context::Context;
use crate::db;
use crate::db::crosswalks::{Crosswalk, Stored};
use crate::db::frameworks::Row;
use crate::domain::code::Position;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::framework::crosswalk::{self, Verified};
use crate::lookup;
use crate::output::{Columns, Results, Shape, columns};

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

noun! {
    /// Runs `cmf framework crosswalk`. Exit 2 for a crosswalk or framework that is not in the database, 65 for a file that is no
    /// crosswalk.
    |context|
    /// Import a crosswalk: OSCAL mapping collections, CISO Assistant mappings, NIST OLIR and Reference Tool, plain tables
    Import(args: Box<import::Args>), Changes(Importer), Shape::one(&import::IMPORTED) => import::run(context, *args).await;
    /// List the crosswalks
    List, Reads(Reader), Shape::rows(&LISTING) => list(context).await;
    /// Show the rows of a crosswalk
    Show(args: Show), Reads(Reader), Shape::rows(&ROW).within(ROWS, Shape::one(&LISTING)) => show(context, args).await;
    /// Compare the codes of crosswalks with their frameworks; exit 4 where one is unknown
    Verify(args: Verify), Reads(Reader), Shape::rows(&WRONG) => verify(context, args).await;
    /// Delete a crosswalk with its rows
    Delete(args: Delete), Changes(Importer), Shape::one(&DELETED) => delete(context, args).await;
}

fn named(crosswalk: Crosswalk, frameworks: &[Row]) -> Named {
    let name = |id| frameworks.iter().find(|row| Some(row.id) == id).map(Row::short_name);
    let (source, target) = (name(crosswalk.source_id), name(crosswalk.target_id));
    (crosswalk, source, target)
}

async fn list(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let (frameworks, all) =
        session.look(async |tx| Ok((db::frameworks::list(tx).await?, db::crosswalks::list(tx).await?))).await?;
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
        let wanted = crosswalk::places(&mut tx, &crosswalk, code).await?;
        let is_it = |position: &Position| wanted.iter().any(|wanted| wanted == position || wanted.contains(position));
        rows.retain(|row| is_it(&row.pair.source) || is_it(&row.pair.target));
    }
    tx.end().await?;
    let named = named(crosswalk, &frameworks);
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "an unknown framework".to_owned());
    let title = format!("{}: what codes of {} are to codes of {}", named.0.name, name(&named.1), name(&named.2));
    let table = ROW.table_of(rows);
    let json = LISTING.document(&named, ROWS, &table);
    context.output.results(Results::new(vec![table.title(title)], json))?;
    if foreign > 0 {
        context.output.notice(&format!("{foreign} more rows were not written by cmf and do not count"));
    }
    Ok(Exit::Success)
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
    let Verified { wrong, gone, told, foreign } = crosswalk::verify(&mut tx, &all).await?;
    tx.end().await?;
    let is_right = wrong.is_empty() && gone.is_empty() && foreign == 0;
    context.output.results(WRONG.table_of(wrong))?;
    for line in &gone {
        context.output.notice(line);
    }
    if foreign > 0 {
        context.output.notice(&format!("{} not written by cmf and do not count", counted(foreign, "row")));
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
    let crosswalk = session.look(async |tx| lookup::crosswalk::find(tx, &args.crosswalk).await).await?;
    let rows = counted(crosswalk.rows, "row");
    let question = format!("This deletes the crosswalk {} with {rows}.", crosswalk.name);
    let confirmed = context.output.confirm(&question, args.yes || args.dry_run)?;
    crosswalk::delete(&mut session, &crosswalk, args.dry_run, &confirmed).await?;
    let message = format!("deleted the crosswalk {} with {rows}", crosswalk.name);
    context.output.ending(args.dry_run, &message, DELETED.one(&(crosswalk, session.written())))?;
    Ok(Exit::Success)
}
