//! `cmf db schemas`: the tenants of a database.

use crate::context::Context;
use crate::db;
use crate::error::{Exit, Result};
use crate::output::Table;

/// Lists the schemas that have the tables of cmf.
///
/// # Errors
/// When the database cannot be reached.
pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let mut table = Table::new(["schema", "migrations", "newest_migration", "bytes"]);
    for schema in db::schemas::migrated(&mut tx).await? {
        let state = db::schemas::state(&mut tx, &schema).await?;
        table.row([schema.into(), state.migrations.into(), state.newest.into(), state.bytes.into()]);
    }
    tx.end().await?;
    context.output.results(table)?;
    Ok(Exit::Success)
}
