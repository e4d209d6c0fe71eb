//! `cmf map`: which subcategory each item of a catalog is about: suggested, reviewed, set by hand, and through a spreadsheet.

mod carry;
mod decide;
mod review;
mod scope;
mod sheet;
mod suggest;

use crate::context::Context;
use crate::db;
use crate::db::mappings::Mapping;
use crate::domain::framework::short_name;
use crate::error::{Error, Exit, Result};
use crate::lookup;
use crate::output::{Columns, Shape, columns};

#[derive(Debug, clap::Args)]
struct List {
    #[command(flatten)]
    of: scope::CatalogArgs,
    /// The framework; all of them if none is named
    #[arg(long)]
    framework: Option<String>,
    /// Only mappings to this code or below it, in any spelling
    #[arg(long)]
    code: Option<String>,
    /// Only confirmed mappings
    #[arg(long, conflicts_with = "suggested")]
    confirmed: bool,
    /// Only mappings that wait for a decision
    #[arg(long)]
    suggested: bool,
}

const LISTING: Columns<Mapping> = columns! { |mapping|
    metric_number, name: cut = &mapping.item, item_id: for_programs, function_code: for_programs, category_code: for_programs,
    subcategory_code: for_programs, code: for_people = mapping.code(), confidence, is_confirmed,
    framework = short_name(&mapping.framework_name, &mapping.framework_version), catalog, is_ai_suggested
};

noun! {
    /// Runs `cmf map`. Exit 2 for an item, code or catalog that is not there, 65 for a sheet with problems, 69 when a model cannot
    /// be reached.
    |context|
    /// Suggest subcategories for every item without a confirmed mapping, offline
    Suggest(args: Box<suggest::Args>), Changes(Importer), Shape::rows(&suggest::SUGGESTION) => suggest::run(context, *args).await;
    /// Carry mappings from one framework over to another, unconfirmed, by the successors of its codes
    Carry(args: carry::Args), Changes(Importer), Shape::rows(&carry::CARRIED) => carry::run(context, args).await;
    /// List mappings, suggested and confirmed
    List(args: List), Reads(Reader), Shape::rows(&LISTING) => list(context, args).await;
    /// Map an item to codes, confirmed, in place of its other mappings to the framework
    Set(args: decide::Set), Changes(Importer), Shape::rows(&decide::DECIDED) => decide::set(context, args).await;
    /// Confirm suggestions
    Confirm(args: decide::Confirm), Changes(Importer), Shape::rows(&decide::CONFIRMED) => decide::confirm(context, args).await;
    /// Reject suggestions, which are not made again
    Reject(args: decide::Reject), Changes(Importer), Shape::rows(&decide::DECIDED) => decide::reject(context, args).await;
    /// Go through the suggestions on the terminal: accept, choose, skip, undo
    Review(args: review::Args), Changes(Importer), Shape::one(&review::REVIEWED) => review::run(context, args).await;
    /// Write items and mappings to a spreadsheet, to be edited and imported again
    Export(args: sheet::Export), Reads(Reader), Shape::rows(&sheet::LINE).or(Shape::one(&sheet::EXPORTED))
        => sheet::export(context, args).await;
    /// Bring an edited export back
    Import(args: Box<sheet::Import>), Changes(Importer), Shape::one(&sheet::IMPORTED) => sheet::import(context, *args).await;
}

async fn list(context: &Context, args: List) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::if_named(&mut tx, args.of.catalog.as_deref(), args.of.owner.as_deref()).await?;
    let catalog_id = catalog.map(|catalog| catalog.id);
    let framework = lookup::framework::if_named(&mut tx, args.framework.as_deref()).await?;
    let framework_id = framework.as_ref().map(|row| row.id);
    let mut wanted = Vec::new();
    if let Some(code) = &args.code {
        let rows = match framework {
            Some(row) => vec![row],
            None => db::frameworks::list(&mut tx).await?,
        };
        for row in rows {
            let known = lookup::framework::known(&mut tx, row).await?;
            if let Some(position) = known.codes().find(code) {
                wanted.push((known.row.id, position.clone()));
            }
        }
        if wanted.is_empty() {
            return Err(Error::usage(format!("no framework in the database has the code `{code}`"))
                .hint("see `cmf framework list` and `cmf framework show FRAMEWORK`"));
        }
    }
    let is_wanted = |mapping: &Mapping| {
        let at = mapping.position();
        wanted.iter().any(|(id, position)| *id == mapping.framework_id && (*position == at || position.contains(&at)))
    };
    let mut rows = context.output.rows(LISTING.table())?;
    db::mappings::each(&mut tx, catalog_id, framework_id, |mapping| {
        let is_left_out = args.confirmed && !mapping.is_confirmed || args.suggested && mapping.is_confirmed;
        if is_left_out || args.code.is_some() && !is_wanted(&mapping) {
            return Ok(());
        }
        rows.row(LISTING.row(&mapping))
    })
    .await?;
    tx.end().await?;
    rows.finish()?;
    Ok(Exit::Success)
}
