//! `cmf seed`: bundled frameworks into the database.

use serde_json::{Map, Value, json};

use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::frameworks::Changes;
use crate::db::{self, Connection};
use crate::domain::framework::Framework;
use crate::error::{Error, Exit, Result};
use crate::import::bundled::{self, Bundled};
use crate::output::Table;

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

/// What seeding one framework did.
#[derive(Debug)]
pub struct Seeded {
    /// The name people type.
    pub short_name: String,
    /// How many functions, categories and subcategories it has.
    pub size: usize,
    /// What was not there or different, over all levels.
    pub changes: Changes,
}

/// Runs `cmf seed`.
///
/// # Errors
/// Exit 2 for a name that is not bundled.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    let chosen = choose(&args.frameworks)?;
    let mut table = Table::new(["framework", "codes", "added", "changed", "unchanged"]);
    context.output.check(&table)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.write_unless(args.dry_run).await?;
    let seeded = seed(&mut tx, &chosen).await?;
    tx.settle(audit(&seeded)).await?;
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
        return Ok(bundled::ALL.into_iter().filter(|bundled| bundled.by_default).collect());
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

/// Stores bundled frameworks.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn seed(tx: &mut Connection, chosen: &[Bundled]) -> Result<Vec<Seeded>> {
    // Several may seed at once, as the first commands on a new database do: what is there is looked at under the lock.
    db::locks::frameworks(tx).await?;
    let mut seeded = Vec::new();
    for bundled in chosen {
        let framework = with_imported_texts(tx, bundled.framework()?).await?;
        let changes = store(tx, &framework).await?;
        seeded.push(Seeded { short_name: framework.short_name(), size: size(&framework), changes });
    }
    Ok(seeded)
}

/// What the trail keeps of it; nothing when nothing changed.
pub(crate) fn audit(seeded: &[Seeded]) -> Option<Audit<'static>> {
    let changed: Map<String, Value> = seeded
        .iter()
        .filter(|one| one.changes != Changes::default())
        .map(|one| (one.short_name.clone(), json!({ "added": one.changes.added, "changed": one.changes.changed })))
        .collect();
    (!changed.is_empty()).then(|| Audit::of("seed", Value::Object(changed)))
}

/// Where official texts were imported, they stay: seeding brings back missing codes only.
async fn with_imported_texts(tx: &mut Connection, mut framework: Framework) -> Result<Framework> {
    let rows = db::frameworks::list(tx).await?;
    let Some(row) = rows.into_iter().find(|row| row.name == framework.name && row.version == framework.version) else {
        return Ok(framework);
    };
    if db::frameworks::newest_import(tx, row.id).await?.is_none() {
        return Ok(framework);
    }
    let here = db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?);
    framework.description = here.description;
    for function in &mut framework.functions {
        let Some(known) = here.functions.iter().find(|known| known.code == function.code) else { continue };
        function.name.clone_from(&known.name);
        function.description.clone_from(&known.description);
        for category in &mut function.categories {
            let Some(known) = known.categories.iter().find(|known| known.code == category.code) else { continue };
            category.name.clone_from(&known.name);
            category.description.clone_from(&known.description);
            for subcategory in &mut category.subcategories {
                if let Some(known) = known.subcategories.iter().find(|known| known.code == subcategory.code) {
                    subcategory.description.clone_from(&known.description);
                }
            }
        }
    }
    Ok(framework)
}

/// Stores a framework's tree; rows that are there already keep their ids and change only where they differ. The frameworks are
/// locked by the caller.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn store(tx: &mut Connection, framework: &Framework) -> Result<Changes> {
    let (id, row) = db::frameworks::upsert(tx, framework).await?;
    let mut changes = db::frameworks::upsert_functions(tx, id, framework).await?;
    changes += db::frameworks::upsert_categories(tx, id, framework).await?;
    changes += db::frameworks::upsert_subcategories(tx, id, framework).await?;
    if row == Changes::default() && changes != Changes::default() {
        db::frameworks::touch(tx, id).await?;
    }
    db::frameworks::check(tx, id, framework).await?;
    Ok(changes)
}

fn size(framework: &Framework) -> usize {
    let categories = framework.functions.iter().flat_map(|function| &function.categories);
    let (categories, subcategories) = categories
        .fold((0, 0), |(categories, subcategories), category| (categories + 1, subcategories + category.subcategories.len()));
    framework.functions.len() + categories + subcategories
}
