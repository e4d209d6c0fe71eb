//! `cmf db schemas`: the tenants of a database.

use crate::context::Context;
use crate::db;
use crate::db::schemas::SchemaState;
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

/// Lists the schemas that have the tables of cmf.
pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let mut rows = Vec::new();
    for schema in db::schemas::migrated(&mut tx).await? {
        let state = db::schemas::state(&mut tx, &schema).await?;
        rows.push((schema, state));
    }
    tx.end().await?;
    context.output.results(LISTING.table_of(rows))?;
    Ok(Exit::Success)
}

pub(super) const LISTING: Columns<(String, SchemaState)> = columns! { |(schema, state)|
    schema, migrations = state.migrations, newest_migration = &state.newest, bytes = state.bytes
};
