//! `cmf db schemas`: the tenants of a database.

use crate::context::Context;
use crate::db;
use crate::db::schemas::SchemaState;
use crate::error::{Exit, Result};
use crate::output::{Columns, Shape, columns};

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
    context.output.results(listing().table_of(rows))?;
    Ok(Exit::Success)
}

fn listing() -> Columns<(String, SchemaState)> {
    columns::<(String, SchemaState)>()
        .column("schema", |(schema, _)| schema.clone())
        .column("migrations", |(_, state)| state.migrations)
        .column("newest_migration", |(_, state)| state.newest.clone())
        .column("bytes", |(_, state)| state.bytes)
}

/// What this command prints.
pub(super) fn shapes() -> Vec<(&'static str, Shape)> {
    vec![("db schemas", Shape::rows(&listing()))]
}
