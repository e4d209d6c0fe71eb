//! `cmf seed`: bundled frameworks into the database.

use std::path::Path;

use chrono::Utc;

use crate::context::Context;
use crate::db::frameworks::Changes;
use crate::error::{Exit, Result};
use crate::files::{self, Existing};
use crate::framework::seed::{self, Seeded};
use crate::import::bundled::{self, Bundled};
use crate::output::{Columns, Shape, columns};
use crate::session::Session;
use crate::{aside, db, lookup, sample};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which frameworks: csf-2.0, ai-rmf-1.0, csf-1.1; the first two if none is named
    #[arg(value_name = "FRAMEWORK")]
    frameworks: Vec<String>,
    /// Show what would change and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Also add the starter catalog and a year of readings that ends today
    #[arg(long, conflicts_with = "dry_run")]
    sample: bool,
    /// Who owns the starter catalog; without it the only user, or a new user `sample` if there is none
    #[arg(long, value_name = "USER", requires = "sample")]
    owner: Option<String>,
}

/// The user that owns the sample in a database without users.
const NOBODY: &str = "sample";

const SEEDED: Columns<Seeded> = columns! { |one|
    framework = &one.short_name, codes = one.size, added = one.changes.added, changed = one.changes.changed,
    unchanged = one.size - one.changes.added - one.changes.changed
};

pub fn shape() -> Shape {
    Shape::rows(&SEEDED)
}

/// Runs `cmf seed`. Exit 2 for a name that is not bundled.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let chosen = choose(&args.frameworks)?;
    context.output.check(&SEEDED.table())?;
    let mut session = context.open().await?;
    let seeded = seed::into(&mut session, &chosen, args.dry_run).await?;
    context.output.results(SEEDED.table_of(&seeded))?;
    if seeded.iter().all(|one| one.changes == Changes::default()) {
        context.output.say("nothing changed: everything exists already");
    } else if args.dry_run {
        context.output.say("dry run: nothing changed");
    }
    if args.sample {
        bring_sample(context, session, args.owner.as_deref()).await
    } else {
        session.close().await.map(|()| Exit::Success)
    }
}

/// Brings the sample in by the commands that a user would type.
async fn bring_sample(context: &Context, mut session: Session, owner: Option<&str>) -> Result<Exit> {
    let mut tx = session.read().await?;
    let is_empty = db::users::list(&mut tx).await?.is_empty();
    let mut steps = Vec::new();
    let owner = if is_empty {
        let name = owner.unwrap_or(NOBODY).to_owned();
        steps.push(["user", "create", &name, "--email", &format!("{name}@localhost")].map(str::to_owned).to_vec());
        name
    } else {
        let owner = lookup::user::open(&mut tx, owner).await?;
        if sample::standing(&mut tx, &owner, "cmf seed --sample").await?.is_some() {
            context.output.notice(&format!(
                "nothing changed: the catalog `{}` of {} exists already",
                sample::CATALOG,
                owner.username
            ));
            return tx.end().await.map(|()| Exit::Success);
        }
        owner.username
    };
    tx.end().await?;
    session.close().await?;
    let folder = tempfile::tempdir().map_err(aside::broken)?;
    let (name, sheet) = sample::SHEET;
    let [sheet_path, readings_path] =
        [name, sample::READINGS].map(|name| folder.path().join(Path::new(name).file_name().unwrap_or_default()));
    files::write(&sheet_path, sheet, Existing::Keep)?;
    files::write(&readings_path, sample::readings(Utc::now())?.as_bytes(), Existing::Keep)?;
    steps.extend(sample::steps(Some(&sheet_path.display().to_string()), &readings_path.display().to_string(), &owner));
    let steps_of = context.muted();
    for words in &steps {
        steps_of.perform(words).await?;
    }
    context.output.say(&format!("added the catalog `{}` of {owner} and a year of readings", sample::CATALOG));
    Ok(Exit::Success)
}

fn choose(names: &[String]) -> Result<Vec<Bundled>> {
    if names.is_empty() {
        return Ok(seed::defaults());
    }
    names.iter().map(|name| bundled::named(name)).collect()
}
