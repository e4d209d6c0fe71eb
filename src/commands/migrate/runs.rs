//! What is applied, what applies it, and how that is told.

use std::time::Duration;

use crate::context::Context;
use crate::db::PUBLIC;
use crate::db::migrations::{self, Applied, Migration};
use crate::domain::text::counted;
use crate::error::{Exit, Result};
use crate::lookup::tenants;
use crate::migrate::{Migrator, Ran};
use crate::output::{Columns, Output, columns};
use crate::session::Session;

/// What is applied in the schema of this run. Where nothing was migrated there, the tenants are named that there are; a tenant
/// that `must_exist` is refused then.
pub(super) async fn applied(context: &Context, session: &mut Session, must_exist: bool) -> Result<Vec<Applied>> {
    let schema = session.schema().to_owned();
    let (applied, missing) =
        session.look(async |tx| Ok((migrations::applied(tx).await?, tenants::missing(tx, &schema).await?))).await?;
    match missing {
        Some(missing) if must_exist && schema != PUBLIC => Err(missing.into()),
        Some(missing) => {
            context.output.notice(&format!("{}: {}", missing.message, missing.hint));
            Ok(applied)
        }
        None => Ok(applied),
    }
}

/// The migrations that repeat and have run in the schema of this run.
pub(super) async fn repeated(session: &mut Session) -> Result<Vec<Applied>> {
    let repeated = session.look(migrations::repeated).await?;
    Ok(repeated)
}

/// What runs migrations on the database of this run.
pub(super) fn migrator<'a>(context: &'a Context, session: &'a mut Session) -> Result<Migrator<'a>> {
    let mut migrator = Migrator::new(session, &context.output);
    migrator.address = context.place()?.address();
    Ok(migrator)
}

pub(super) const RECORDED: Columns<Migration> = columns! { |migration| version, name };
pub(super) const RAN: Columns<Ran> = columns! { |ran| version, name, milliseconds = milliseconds(ran.elapsed) };

/// A time in whole milliseconds.
pub(super) fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

pub(super) fn report(output: &Output, done: &str, all: &[Ran]) -> Result<Exit> {
    for ran in all {
        output.say(&format!("{done} {} in {} ms", ran.name, milliseconds(ran.elapsed)));
    }
    output.outcome(&format!("{done} {}", counted(all.len(), "migration")), RAN.table_of(all))?;
    Ok(Exit::Success)
}
