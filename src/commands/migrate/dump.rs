//! `cmf migrate dump`: the schema as SQL.

use super::options::ScratchArgs;
use crate::context::Context;
use crate::db::PUBLIC;
use crate::db::migrations;
use crate::db::schema::Schema;
use crate::error::{Exit, Result};
use crate::migrate::{MigrationSet, drift};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// The schema that all migrations make, instead of the one that is there
    #[arg(long)]
    expected: bool,
    #[command(flatten)]
    scratch: ScratchArgs,
}

pub(super) async fn run(context: &Context, set: impl FnOnce() -> Result<MigrationSet>, args: Args) -> Result<Exit> {
    let schema = if args.expected {
        let set = set()?;
        args.scratch.make(context).await?.made_by(&set.all()).await?
    } else {
        let mut session = context.open().await?;
        super::runs::applied(context, &mut session, false).await?;
        drift::read(&mut session, &tenant(context)).await?
    };
    let Some((home, _)) = context.schema().filter(|(name, _)| *name != PUBLIC) else {
        context.output.text(&schema.to_sql())?;
        return Ok(Exit::Success);
    };
    let others = Schema { schemas: schema.schemas.iter().filter(|name| *name != home).cloned().collect(), ..schema };
    let home = migrations::quote(home);
    context.output.text(&format!("CREATE SCHEMA IF NOT EXISTS {home};\nSET search_path TO {home};\n\n{}", others.to_sql()))?;
    Ok(Exit::Success)
}

/// The schemas to look at: a tenant's own, or all.
pub(super) fn tenant(context: &Context) -> Vec<String> {
    context.schema().map(|(name, _)| name.to_owned()).filter(|name| name != PUBLIC).into_iter().collect()
}
