//! `cmf migrate status`, `log`, `verify` and `repair`: what stands, and whether it is what was applied.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::json;

use super::address;
use super::engine::{Engine, os_user};
use super::options::{Patience, Source};
use crate::commands;
use crate::context::Context;
use crate::db::audit::Audit;
use crate::db::migrations::sql::checksum;
use crate::db::migrations::{self, Applied, Entry, Migration};
use crate::domain::span::timeout;
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::output::{Results, Table};
use crate::session::{Plain, Session};

/// Arguments of `cmf migrate status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Exit 4 when migrations are pending or the database has gone another way
    #[arg(long)]
    exit_code: bool,
    /// Wait this long for a server that is still starting
    #[arg(long, value_name = "TIME", value_parser = timeout)]
    wait: Option<Duration>,
}

/// Arguments of `cmf migrate repair`.
#[derive(Debug, clap::Args)]
pub struct Repair {
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// How one migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Applied,
    Pending,
    /// Pending although a newer one is applied.
    OutOfOrder,
    /// Begun outside a transaction and not ended.
    Interrupted,
    /// Applied as something else than it is now.
    Edited,
    /// Applied, and not among the migrations at hand.
    Unknown,
}

impl State {
    fn word(self) -> &'static str {
        match self {
            State::Applied => "applied",
            State::Pending => "pending",
            State::OutOfOrder => "out of order",
            State::Interrupted => "interrupted",
            State::Edited => "edited",
            State::Unknown => "unknown",
        }
    }
}

/// A migration at hand, applied, or both.
struct Standing<'a> {
    version: &'a str,
    name: Option<&'a str>,
    state: State,
    applied: Option<&'a Applied>,
}

/// Puts the migrations at hand and those applied side by side.
fn compare<'a>(migrations: &'a [Migration], applied: &'a [Applied]) -> Vec<Standing<'a>> {
    let newest = applied.last().map(|row| row.version.as_str());
    let known = migrations.iter().map(|migration| {
        let row = applied.iter().find(|row| row.version == migration.version);
        let state = match row {
            Some(row) => match &row.record {
                Some(record) if record.checksum != checksum(&migration.up) => State::Edited,
                _ => State::Applied,
            },
            None if newest.is_some_and(|newest| newest > migration.version.as_str()) => State::OutOfOrder,
            None => State::Pending,
        };
        Standing { version: &migration.version, name: Some(&migration.name), state, applied: row }
    });
    let unknown = applied.iter().filter(|row| !migrations.iter().any(|migration| migration.version == row.version));
    let unknown = unknown.map(|row| Standing {
        version: &row.version,
        name: row.record.as_ref().map(|record| record.name.as_str()),
        state: State::Unknown,
        applied: Some(row),
    });
    let mut all: Vec<_> = known.chain(unknown).collect();
    all.sort_by(|a, b| a.version.cmp(b.version));
    all
}

/// Connects, trying again for as long as the server does not answer. The time is that for all attempts together.
///
/// # Errors
/// As connecting, once the time is over; at once where waiting cannot help.
pub(crate) async fn connect_within(context: &Context, wait: Option<Duration>) -> Result<Session> {
    const PAUSE: Duration = Duration::from_millis(200);
    let Some(wait) = wait else { return commands::connect(context).await };
    let deadline = Instant::now() + wait;
    let limited = context.until(deadline);
    let mut told: Option<Error> = None;
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        // The private Postgres takes its time to start, too. An attempt that ends by itself says more.
        let attempt = tokio::time::timeout(left + PAUSE, commands::connect(&limited)).await.unwrap_or_else(|_| {
            Err(Error::new(Exit::Unreachable, format!("the server takes no commands after {:.1} s", wait.as_secs_f64())))
        });
        match attempt {
            Err(error) if error.exit() == Exit::Unreachable => {
                // An attempt that was cut short says less than a whole one before it.
                let cut = Instant::now() >= deadline;
                if cut {
                    return Err(told.unwrap_or(error));
                }
                context.output.debug(1, || format!("{}: trying again", error.message()));
                told = Some(error);
                tokio::time::sleep(PAUSE.min(deadline.saturating_duration_since(Instant::now()))).await;
            }
            outcome => return outcome,
        }
    }
}

/// Runs `cmf migrate status`.
///
/// # Errors
/// Exit 69 when the server cannot be reached in time.
pub(super) async fn run(context: &Context, dir: Option<PathBuf>, args: Args) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = connect_within(context, args.wait).await?;
    let applied = super::applied(context, &mut session, false).await?;
    let mut standings = compare(&source.migrations, &applied);
    let mut tx = session.read().await?;
    for standing in standings.iter_mut().filter(|standing| standing.applied.is_none()) {
        if !migrations::open_steps(&mut tx, standing.version).await?.is_empty() {
            standing.state = State::Interrupted;
        }
    }
    tx.end().await?;
    let has = |states: &[State]| standings.iter().any(|standing| states.contains(&standing.state));
    let state = if has(&[State::Edited, State::Unknown, State::OutOfOrder]) {
        "diverged"
    } else if has(&[State::Pending, State::Interrupted]) {
        "pending"
    } else {
        "current"
    };
    let mut table = Table::new(["version", "name", "status", "run_on", "run_by", "milliseconds", "cmf_version"])
        .title(format!("schema: {state}"));
    for standing in &standings {
        let record = standing.applied.and_then(|row| row.record.as_ref());
        table.row([
            standing.version.into(),
            standing.name.into(),
            standing.state.word().into(),
            standing.applied.map(|row| row.run_on).into(),
            record.map(|record| record.run_by.as_str()).into(),
            record.and_then(|record| record.milliseconds).into(),
            record.map(|record| record.cmf_version.as_str()).into(),
        ]);
    }
    let document = json!({ "state": state, "migrations": table.to_json() });
    context.output.results(Results::new(vec![table], document))?;
    Ok(if args.exit_code && state != "current" { Exit::Difference } else { Exit::Success })
}

/// Runs `cmf migrate log`.
///
/// # Errors
/// When the database cannot be reached.
pub(super) async fn log(context: &Context) -> Result<Exit> {
    let mut session = commands::connect(context).await?;
    super::applied(context, &mut session, true).await?;
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
    context.output.results(table)?;
    Ok(Exit::Success)
}

/// Runs `cmf migrate verify`.
///
/// # Errors
/// When the database cannot be reached.
pub(super) async fn verify(context: &Context, dir: Option<PathBuf>) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let applied = super::applied(context, &mut session, true).await?;
    let mut table = Table::new(["version", "name", "problem"]);
    for standing in compare(&source.migrations, &applied) {
        let problem = match standing.state {
            State::Edited => "edited since it was applied",
            State::Unknown => "applied, but not among the migrations at hand",
            _ => continue,
        };
        table.row([standing.version.into(), standing.name.into(), problem.into()]);
    }
    let unrecorded = applied.iter().filter(|row| row.record.is_none()).count();
    if unrecorded > 0 {
        context.output.notice(&format!(
            "{} applied by another tool and not recorded: `{}` records what they are now",
            counted(unrecorded, "migration"),
            source.command("repair")
        ));
    }
    if table.is_empty() {
        context.output.outcome("every applied migration is as it was", table)?;
        return Ok(Exit::Success);
    }
    context.output.results(table)?;
    Ok(Exit::Difference)
}

/// Runs `cmf migrate repair`.
///
/// # Errors
/// Exit 2 without a confirmation.
pub(super) async fn repair(context: &Context, dir: Option<PathBuf>, args: Repair) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let applied = super::applied(context, &mut session, true).await?;
    let to_record = to_record(&source.migrations, &applied);
    let mut table = Table::new(["version", "name"]);
    context.output.check_outcome(&table)?;
    if to_record.is_empty() {
        context.output.notice("nothing to do: every applied migration is recorded as it is");
        context.output.outcome("recorded nothing", table)?;
        return Ok(Exit::Success);
    }
    let names: Vec<&str> = to_record.iter().map(|migration| migration.name.as_str()).collect();
    let question = format!("Record {} as they are now? Nothing is run.", names.join(", "));
    let _confirmed = context.output.confirm(&question, args.yes)?;
    let mut engine = Engine::new(&mut session, &context.output, Patience::default());
    engine.address = address(context)?;
    engine.lock().await?;
    let outcome = record(engine.session, &source.migrations).await;
    for migration in engine.unlock(outcome).await? {
        table.row([migration.version.as_str().into(), migration.name.as_str().into()]);
    }
    context.output.outcome(&format!("recorded {}", names.join(", ")), table)?;
    Ok(Exit::Success)
}

/// The applied migrations whose record is missing or another.
fn to_record<'a>(migrations: &'a [Migration], applied: &[Applied]) -> Vec<&'a Migration> {
    let differs = |migration: &&Migration| {
        let row = applied.iter().find(|row| row.version == migration.version);
        row.is_some_and(|row| row.record.as_ref().is_none_or(|record| record.checksum != checksum(&migration.up)))
    };
    migrations.iter().filter(differs).collect()
}

async fn record<'a>(session: &mut Session, migrations: &'a [Migration]) -> Result<Vec<&'a Migration>> {
    let applied = migrations::applied(session.connection()).await?;
    let mut tx = session.plain().await?;
    migrations::create_ledger(&mut tx).await?;
    let to_record = to_record(migrations, &applied);
    note_all(tx, &to_record, "repair").await?;
    Ok(to_record)
}

/// Notes migrations in the history without running them, and that it was done in the audit trail; and ends the transaction.
pub(super) async fn note_all(mut tx: Plain<'_>, migrations: &[&Migration], action: &str) -> Result<()> {
    let os_user = os_user();
    for migration in migrations {
        let entry = Entry {
            version: &migration.version,
            name: &migration.name,
            action,
            step: None,
            checksum: &checksum(&migration.up),
            milliseconds: None,
            os_user: os_user.as_deref(),
        };
        migrations::insert_record(&mut tx, &entry).await?;
    }
    if migrations::has_audit(&mut tx).await? {
        let versions: Vec<&str> = migrations.iter().map(|migration| migration.version.as_str()).collect();
        return tx.finish(Audit::of(&format!("migrate.{action}"), json!({ "recorded": versions }))).await;
    }
    tx.commit().await
}

/// Refuses what only makes sense on a database where nothing is applied.
pub(super) fn refuse_applied(applied: &[Applied]) -> Result<()> {
    match applied.last() {
        None => Ok(()),
        Some(row) => Err(Error::failed(format!("migrations are applied here already, up to {}", row.version))
            .hint("see `cmf migrate status`")),
    }
}
