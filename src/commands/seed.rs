//! `cmf seed`: bundled frameworks into the database.

use crate::context::Context;
use crate::db::frameworks::Changes;
use crate::error::{Error, Exit, Result};
use crate::import::bundled::{self, Bundled};
use crate::output::Table;
use crate::seed;

/// Arguments of `cmf seed`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which frameworks: csf-2.0, ai-rmf-1.0, csf-1.1; the first two when none is named
    #[arg(value_name = "FRAMEWORK")]
    frameworks: Vec<String>,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// Runs `cmf seed`.
///
/// # Errors
/// Exit 2 for a name that is not bundled.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let chosen = choose(&args.frameworks)?;
    let mut table = Table::new(["framework", "codes", "added", "changed", "unchanged"]);
    context.output.check(&table)?;
    let mut session = context.open().await?;
    let seeded = seed::into(&mut session, &chosen, args.dry_run).await?;
    for one in &seeded {
        let Changes { added, changed } = one.changes;
        table.row([
            one.short_name.as_str().into(),
            one.size.into(),
            added.into(),
            changed.into(),
            (one.size - added - changed).into(),
        ]);
    }
    context.output.results(table)?;
    if seeded.iter().all(|one| one.changes == Changes::default()) {
        context.output.say("everything was there already, nothing changed");
    } else if args.dry_run {
        context.output.say("dry run, nothing changed");
    }
    Ok(Exit::Success)
}

fn choose(names: &[String]) -> Result<Vec<Bundled>> {
    if names.is_empty() {
        return Ok(seed::defaults());
    }
    names
        .iter()
        .map(|name| {
            bundled::find(name).ok_or_else(|| {
                let known: Vec<_> = bundled::ALL.iter().map(|bundled| bundled.short_name).collect();
                Error::usage(format!("no bundled framework is called `{name}`"))
                    .hint(format!("bundled are: {}", known.join(", ")))
            })
        })
        .collect()
}
