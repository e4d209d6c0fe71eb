//! `cmf db schemas`: the tenants of a database.

use crate::context::Context;
use crate::db::schemas::{self, Ledger};
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

/// Lists the schemas that have the tables of cmf.
pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let mut tx = session.read().await?;
    let names = schemas::migrated(&mut tx).await?;
    let ledgers = schemas::ledgers(&mut tx, &names).await?;
    let sizes = schemas::sizes(&mut tx, &names).await?;
    tx.end().await?;
    let rows = ledgers.into_iter().map(|ledger| {
        let bytes = sizes.get(&ledger.schema).copied().unwrap_or_default();
        (ledger, bytes)
    });
    context.output.results(LISTING.table_of(rows))?;
    Ok(Exit::Success)
}

pub(super) const LISTING: Columns<(Ledger, i64)> = columns! { |(ledger, bytes)|
    schema = &ledger.schema, migrations = ledger.versions.len(), newest_migration = ledger.versions.last(), bytes
};
