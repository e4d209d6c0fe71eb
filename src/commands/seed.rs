//! `cmf seed`: bundled frameworks into the database.

use crate::context::Context;
use crate::db::frameworks::Changes;
use crate::error::{Error, Exit, Result};
use crate::import::bundled::{self, Bundled};
use crate::output::{Columns, Shape, Shapes, columns};
use crate::seed::{self, Seeded};

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

const SEEDED: Columns<Seeded> = columns! { |one|
    framework = &one.short_name, codes = one.size, added = one.changes.added, changed = one.changes.changed,
    unchanged = one.size - one.changes.added - one.changes.changed
};

/// What this command prints.
pub(super) fn shapes() -> Shapes {
    vec![("seed", Shape::rows(&SEEDED))]
}

/// Runs `cmf seed`. Exit 2 for a name that is not bundled.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let chosen = choose(&args.frameworks)?;
    context.output.check(&SEEDED.table())?;
    let mut session = context.open().await?;
    let seeded = seed::into(&mut session, &chosen, args.dry_run).await?;
    context.output.results(SEEDED.table_of(&seeded))?;
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
