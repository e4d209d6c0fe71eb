//! `cmf migrate log`: what cmf ran on a database.

use crate::context::Context;
use crate::db::migrations::{self, HistoryEntry};
use crate::error::{Exit, Result};
use crate::output::{Columns, columns};

pub(super) const RECORD: Columns<HistoryEntry> = columns! { |record|
    run_on, action, version: for_programs, name, step, run_by, os_user, milliseconds, cmf_version, checksum: for_programs
};

pub(super) async fn run(context: &Context) -> Result<Exit> {
    let mut session = context.open().await?;
    super::runs::applied(context, &mut session, true).await?;
    let records = session.look(migrations::history).await?;
    context.output.results(RECORD.table_of(records)).map(|()| Exit::Success)
}
