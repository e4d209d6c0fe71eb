//! Migrating all tenants of a database in one run.

use std::cell::Cell;
use std::time::Instant;

use futures_util::StreamExt as _;

use super::runs::{migrator, milliseconds};
use crate::context::Context;
use crate::db::{Connection, schemas};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::everywhere::of_schema;
use crate::migrate::{MigrationSet, Timeouts};
use crate::output::{Columns, columns};
use crate::tell::Gauge as _;

/// How a run goes through the tenants.
pub(super) struct Everywhere {
    /// How many at once.
    pub jobs: usize,
    /// Whether it continues where one fails.
    pub keep_going: bool,
    /// How long it waits for another command that migrates the database.
    pub timeouts: Timeouts,
}

/// A tenant, how many migrations were applied to it, how long that took, and why it failed.
pub(super) type Tenant = (String, usize, u64, Option<String>);
pub(super) const TENANT: Columns<Tenant> =
    columns! { |(schema, applied, milliseconds, error)| schema, applied, milliseconds, error };

/// Does `work`, which says how many migrations it applied, in every schema if one is pending. One statement tells which these
/// are. Exit 1 when one failed, which is named.
pub(super) async fn run(
    context: &Context,
    set: &MigrationSet,
    to: Option<&str>,
    how: &Everywhere,
    work: impl AsyncFn(&Context) -> Result<usize>,
) -> Result<Exit> {
    context.output.check(&TENANT.table())?;
    let mut session = context.open().await?;
    let look = async |tx: &mut Connection| {
        let all = schemas::migrated(tx).await?;
        let (names, closed) = schemas::readable(tx, all).await?;
        Ok((schemas::ledgers(tx, &names).await?, closed))
    };
    // What may not be read is tried all the same: it fails there, and is named.
    let (ledgers, closed) = session.survey(look).await?;
    let (current, pending): (Vec<_>, Vec<_>) = ledgers.into_iter().partition(|ledger| set.is_current(&ledger.versions, to));
    let mut rows: Vec<Tenant> = current.into_iter().map(|ledger| (ledger.schema, 0, 0, None)).collect();
    let mut failed: Vec<(String, Error)> = Vec::new();
    let pending: Vec<String> = pending.into_iter().map(|ledger| ledger.schema).chain(closed).collect();
    if !pending.is_empty() {
        let mut leader = migrator(context, &mut session)?;
        leader.timeouts = how.timeouts.clone();
        for (schema, applied, milliseconds, error) in leader.lead(async || each(context, &pending, how, work).await).await? {
            rows.push((schema.clone(), applied, milliseconds, error.as_ref().map(|error| error.message().to_owned())));
            failed.extend(error.map(|error| (schema, error)));
        }
    }
    session.close().await?;
    rows.sort();
    if !how.keep_going
        && let Some((schema, error)) = failed.pop()
    {
        let done: Vec<&str> = rows.iter().filter(|row| row.1 > 0).map(|row| row.0.as_str()).collect();
        let error = of_schema(error, &schema);
        return Err(if done.is_empty() { error } else { error.changed(format!("Migrated: the schemas {}.", done.join(", "))) });
    }
    let has_done = rows.iter().any(|row| row.1 > 0);
    context.output.results(TENANT.table_of(rows))?;
    if failed.is_empty() {
        return Ok(Exit::Success);
    }
    for (schema, error) in &failed {
        context.output.warning(&Error::failed(format!("schema `{schema}`: {}", error.message())));
    }
    let named: Vec<&str> = failed.iter().map(|(schema, _)| schema.as_str()).collect();
    let error = Error::failed(format!("{} failed: {}", counted(failed.len(), "schema"), named.join(", ")));
    let error = if has_done { error.changed("The other schemas are migrated.") } else { error };
    Err(error.hint(format!("run it in one schema with `cmf --schema NAME {}`", &set.command("up")["cmf ".len()..])))
}

type Outcome = (String, usize, u64, Option<Error>);

/// Does the work in each of these schemas, some at once. After a failure no other is begun, unless the run continues.
async fn each(
    context: &Context,
    schemas: &[String],
    how: &Everywhere,
    work: impl AsyncFn(&Context) -> Result<usize>,
) -> Result<Vec<Outcome>> {
    let progress = context.output.progress(u64::try_from(schemas.len()).ok(), "schemas");
    let stopped = Cell::new(false);
    let one = async |schema: &String| {
        if stopped.get() {
            return None;
        }
        progress.message(schema);
        let started = Instant::now();
        let outcome = work(&context.in_schema(schema)).await;
        let milliseconds = milliseconds(started.elapsed());
        progress.advance(1);
        Some(match outcome {
            Ok(applied) => {
                let told = counted(applied, "migration");
                context.output.debug(1, || format!("{schema}: applied {told} in {milliseconds} ms"));
                (schema.clone(), applied, milliseconds, None)
            }
            Err(error) => {
                stopped.set(!how.keep_going);
                (schema.clone(), 0, milliseconds, Some(error))
            }
        })
    };
    let all = futures_util::stream::iter(schemas.iter().map(one)).buffer_unordered(how.jobs);
    Ok(all.filter_map(async |outcome| outcome).collect().await)
}
