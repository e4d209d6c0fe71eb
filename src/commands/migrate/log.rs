//! `cmf migrate log`: what cmf ran on a database.

use crate::context::Context;
use crate::db::migrations;
use crate::error::{Exit, Result};
use crate::output::Table;

pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    super::runs::applied(context, &mut session, true).await?;
    let mut tx = session.read().await?;
    let records = migrations::history(&mut tx).await?;
    tx.end().await?;
    let mut table = Table::new([
        "run_on",
        "action",
        "version",
        "name",
        "step",
        "run_by",
        "os_user",
        "milliseconds",
        "cmf_version",
        "checksum",
    ])
    .only_for_programs(&["version", "checksum"]);
    for record in records {
        table.row([
            record.run_on.into(),
            record.action.into(),
            record.version.into(),
            record.name.into(),
            record.step.into(),
            record.run_by.into(),
            record.os_user.into(),
            record.milliseconds.into(),
            record.cmf_version.into(),
            record.checksum.into(),
        ]);
    }
    context.output.results(table).map(|()| Exit::Success)
}
