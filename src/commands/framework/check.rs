//! `cmf framework verify` and `cmf framework coverage`.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::db;
use crate::db::frameworks::Coverage as Covered;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::framework::import::paths;
use crate::import::bundled;
use crate::lookup;
use crate::output::{Columns, columns};

#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    /// The framework, such as csf-2.0; all bundled ones in the database if none is named
    framework: Option<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct Coverage {
    /// The framework, such as csf-2.0; without it the one that the catalog, or all catalogs, are mapped to
    #[arg(long)]
    framework: Option<String>,
    /// Count the items of this catalog only
    #[arg(long)]
    catalog: Option<String>,
    /// The catalog's owner, if several have one of this name
    #[arg(long, requires = "catalog")]
    owner: Option<String>,
    /// Show only subcategories that no metric is mapped to
    #[arg(long)]
    gaps: bool,
}

/// What the levels of a framework are called.
pub(super) const LEVELS: [&str; 3] = ["function", "category", "subcategory"];

/// What a level is called, counted from 1.
pub(super) fn level(level: i32) -> &'static str {
    LEVELS[usize::try_from(level - 1).unwrap_or_default()]
}

pub(super) const WRONG: Columns<(&str, &str, &str, String)> = columns! { |(framework, difference, level, code)|
    framework = *framework, difference: one_of(&["missing", "extra"]) = *difference, level: one_of(&LEVELS) = *level, code
};
pub(super) const COVERED: Columns<Covered> = columns! { |row|
    code = row.code(), function_code: for_programs, category_code: for_programs, subcategory_code: for_programs, metric_count,
    broader_count, suggested_count, description: cut
};

pub(super) async fn verify(context: &Context, args: Verify) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let rows = match &args.framework {
        Some(name) => {
            let row = lookup::framework::find(&mut tx, name).await?;
            if bundled::find(&row.short_name()).is_none() {
                let error = Error::usage(format!("there is no bundled code list for {}", row.short_name()));
                return Err(bundled::among(error));
            }
            vec![row]
        }
        None => db::frameworks::list(&mut tx).await?,
    };
    let mut wrong = Vec::new();
    let mut checked = Vec::new();
    for row in rows {
        let Some(bundled) = bundled::find(&row.short_name()) else { continue };
        let here = db::frameworks::assembled(&row, db::frameworks::tree(&mut tx, row.id).await?);
        let official = bundled.framework()?;
        let [here, official] =
            [here, official].map(|one| paths(&one).into_iter().map(|(path, _)| path).collect::<BTreeSet<_>>());
        for (difference, paths) in [("missing", official.difference(&here)), ("extra", here.difference(&official))] {
            wrong.extend(paths.map(|path| (bundled.short_name, difference, level(path.level), path.code.clone())));
        }
        checked.push(format!("{} ({})", bundled.short_name, counted(official.len(), "code")));
    }
    tx.end().await?;
    if checked.is_empty() {
        return Err(Error::failed("no bundled framework is in the database").hint("run `cmf seed` first"));
    }
    context.output.results(WRONG.table_of(&wrong))?;
    if wrong.is_empty() {
        context.output.say(&format!("as bundled: {}", checked.join(", ")));
        Ok(Exit::Success)
    } else {
        context.output.notice("`cmf seed` adds missing codes");
        Ok(Exit::Difference)
    }
}

pub(super) async fn coverage(context: &Context, args: Coverage) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let catalog = lookup::catalog::if_named(&mut tx, args.catalog.as_deref(), args.owner.as_deref()).await?;
    let framework = lookup::framework::chosen(&context.output, &mut tx, args.framework.as_deref(), catalog.as_ref()).await?;
    let rows = db::frameworks::coverage(&mut tx, framework.id, catalog.map(|catalog| catalog.id)).await?;
    tx.end().await?;
    let total = rows.len();
    let covered = rows.iter().filter(|row| row.metric_count > 0).count();
    let what = if rows.iter().all(|row| row.subcategory_code.is_some()) { "subcategories" } else { "codes" };
    let shown = rows.into_iter().filter(|row| !args.gaps || row.metric_count == 0);
    context.output.results(COVERED.table_of(shown))?;
    context.output.say(&format!(
        "{covered} of {total} {what} of {} have a metric, {} have none",
        framework.short_name(),
        total - covered
    ));
    Ok(Exit::Success)
}
