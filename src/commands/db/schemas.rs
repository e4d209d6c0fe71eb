//! `cmf db schemas`: the tenants of a database.

use crate::context::Context;
use crate::db::Connection;
use crate::db::schemas::{self, Ledger};
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

/// Lists the schemas that have the tables of cmf.
pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    let look = async |tx: &mut Connection| {
        let all = schemas::migrated(tx).await?;
        let (names, closed) = schemas::readable(tx, all).await?;
        Ok((schemas::ledgers(tx, &names).await?, schemas::sizes(tx, &names).await?, closed))
    };
    let (ledgers, sizes, closed) = session.survey(look).await?;
    for name in closed {
        context
            .output
            .notice(&format!("not listed, because this role cannot read its list of migrations: the schema `{name}`"));
    }
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
