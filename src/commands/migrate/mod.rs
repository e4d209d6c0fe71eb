//! `cmf migrate`: brings the schema up, takes it down, shows where it stands.

use std::time::{Duration, Instant};

use clap::Subcommand;
use serde_json::json;

use crate::commands;
use crate::context::Context;
use crate::db::migrations::{self, Migration};
use crate::db::{self, Database};
use crate::error::{Error, Exit, Result};
use crate::output::Table;

/// How long to wait for another session that migrates, unless `--lock-wait` says otherwise.
const LOCK_WAIT: Duration = Duration::from_mins(1);

/// Arguments of `cmf migrate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply all pending migrations
    Up,
    /// Take the newest migration down, or all of them
    Down(Down),
    /// Show which migrations are applied
    Status,
}

#[derive(Debug, clap::Args)]
struct Down {
    /// Take all migrations down; the schema is empty then
    #[arg(long)]
    all: bool,
    /// Do not ask
    #[arg(long, conflicts_with = "all")]
    yes: bool,
    /// The database's name, as the confirmation of --all
    #[arg(long, value_name = "DBNAME", requires = "all")]
    confirm: Option<String>,
}

/// Runs `cmf migrate`.
///
/// # Errors
/// Exit 1 when a migration fails, 2 without a confirmation, 69 when the server cannot be reached.
pub async fn run(context: &Context, args: Args) -> Result<Exit> {
    match args.command {
        Command::Up => up(context).await,
        Command::Down(args) => down(context, args).await,
        Command::Status => status(context).await,
    }
}

/// A migration that was run.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) elapsed: Duration,
}

/// Brings a database up to the newest migration of this binary and says what was applied; nothing when it is current.
///
/// # Errors
/// Exit 1 when a migration fails; those before it stay applied, and the error says so.
pub(crate) async fn bring_up(database: &mut Database) -> Result<Vec<Step>> {
    let migrations = migrations::embedded()?;
    migrations::ready_session(database.connection()).await?;
    if pending(database, &migrations).await?.is_empty() {
        return Ok(Vec::new());
    }
    lock(database, LOCK_WAIT).await?;
    let outcome = apply_pending(database, &migrations).await;
    let unlocked = migrations::unlock(database.connection()).await;
    let steps = outcome?;
    unlocked?;
    Ok(steps)
}

/// Waits for the lock by trying again and again.
async fn lock(database: &mut Database, wait: Duration) -> Result<()> {
    let deadline = Instant::now() + wait;
    let mut pause = Duration::from_millis(10);
    while !migrations::try_lock(database.connection()).await? {
        if Instant::now() >= deadline {
            let holder = migrations::holder(database.connection()).await?;
            let who = holder.map_or_else(String::new, |holder| {
                format!(
                    ": pid {}, user {}, application {}, from {}",
                    holder.pid,
                    holder.usename.as_deref().unwrap_or("?"),
                    holder.application_name.as_deref().filter(|name| !name.is_empty()).unwrap_or("?"),
                    holder.client_addr.as_deref().unwrap_or("a local socket"),
                )
            });
            return Err(Error::failed(format!(
                "another session migrates this database and did not end within {} s{who}",
                wait.as_secs()
            ))
            .hint("wait for it, or end it, and run the command again"));
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(300));
    }
    Ok(())
}

/// The migrations that are not applied, oldest first.
async fn pending<'a>(database: &mut Database, migrations: &'a [Migration]) -> Result<Vec<&'a Migration>> {
    let applied = migrations::applied(database.connection()).await?;
    Ok(migrations.iter().filter(|migration| !applied.iter().any(|row| row.version == migration.version)).collect())
}

/// Applies what is pending, now that nobody else can: what was read before the lock may be out of date.
async fn apply_pending(database: &mut Database, migrations: &[Migration]) -> Result<Vec<Step>> {
    let pending = pending(database, migrations).await?;
    if pending.is_empty() {
        return Ok(Vec::new());
    }
    migrations::create_ledger(database.connection()).await?;
    let mut steps: Vec<Step> = Vec::new();
    for (position, migration) in pending.iter().enumerate() {
        let is_last = position + 1 == pending.len();
        match apply(database, migration, &steps, is_last).await {
            Ok(step) => steps.push(step),
            Err(error) => return Err(after(error, &steps)),
        }
    }
    Ok(steps)
}

/// Applies one migration. The run's audit row goes with the last one.
async fn apply(database: &mut Database, migration: &Migration, before: &[Step], is_last: bool) -> Result<Step> {
    let started = Instant::now();
    let step = |elapsed| Step { version: migration.version.clone(), name: migration.name.clone(), elapsed };
    if !migration.run_in_transaction {
        migrations::run_script(database.connection(), &migration.name, "up.sql", &migration.up).await?;
    }
    let mut tx = database.begin().await?;
    if migration.run_in_transaction {
        migrations::run_script(&mut tx, &migration.name, "up.sql", &migration.up).await?;
    }
    migrations::insert_applied(&mut tx, &migration.version).await?;
    if is_last && migrations::has_audit(&mut tx).await? {
        let versions: Vec<&str> = before.iter().map(|step| step.version.as_str()).chain([migration.version.as_str()]).collect();
        db::audit::insert(&mut tx, "migrate.up", None, &json!({ "applied": versions })).await?;
    }
    tx.commit().await?;
    Ok(step(started.elapsed()))
}

/// An error in the middle says what stands.
fn after(error: Error, steps: &[Step]) -> Error {
    if steps.is_empty() {
        return error;
    }
    let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
    error.detail(format!("done before it, and it stays: {}", names.join(", ")))
}

async fn up(context: &Context) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let steps = bring_up(&mut database).await?;
    if steps.is_empty() {
        context.output.notice("nothing to do: the schema is current");
    }
    report(context, "applied", &steps)
}

fn report(context: &Context, done: &str, steps: &[Step]) -> Result<Exit> {
    let mut table = Table::new(["version", "name", "milliseconds"]);
    for step in steps {
        context.output.say(&format!("{done} {} in {} ms", step.name, step.elapsed.as_millis()));
        table.row([
            step.version.as_str().into(),
            step.name.as_str().into(),
            u64::try_from(step.elapsed.as_millis()).unwrap_or(u64::MAX).into(),
        ]);
    }
    context.output.outcome(&format!("{done} {}", counted(steps.len())), table)?;
    Ok(Exit::Success)
}

fn counted(count: usize) -> String {
    if count == 1 { "1 migration".to_owned() } else { format!("{count} migrations") }
}

async fn down(context: &Context, args: Down) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let migrations = migrations::embedded()?;
    let known = targets(&mut database, &migrations, args.all).await?;
    if known.is_empty() {
        context.output.notice("nothing to do: no migration is applied");
        return report(context, "took down", &[]);
    }
    let name = db::current_database(database.connection()).await?;
    if args.all {
        let question = format!("This takes down {} and drops everything in database `{name}`.", counted(known.len()));
        context.output.confirm_by_name(&question, &name, args.confirm.as_deref())?;
    } else {
        let question = format!("This takes down {} of database `{name}` with all that is in its tables.", known[0].name);
        context.output.confirm(&question, args.yes)?;
    }
    migrations::ready_session(database.connection()).await?;
    lock(&mut database, LOCK_WAIT).await?;
    let steps = take_down(&mut database, &migrations, args.all).await;
    migrations::unlock(database.connection()).await?;
    report(context, "took down", &steps?)
}

/// What is to be taken down, newest first. Each has a way back, or nothing is done.
async fn targets<'a>(database: &mut Database, migrations: &'a [Migration], all: bool) -> Result<Vec<&'a Migration>> {
    let mut targets = Vec::new();
    let applied = migrations::applied(database.connection()).await?;
    for row in applied.iter().rev().take(if all { usize::MAX } else { 1 }) {
        let Some(migration) = migrations.iter().find(|migration| migration.version == row.version) else {
            return Err(Error::failed(format!("the applied migration {} is not among those of this cmf", row.version))
                .hint("use the cmf that applied it"));
        };
        if migration.down.is_none() {
            return Err(Error::failed(format!("migration {} has no down.sql: there is no way back", migration.name)));
        }
        targets.push(migration);
    }
    Ok(targets)
}

async fn take_down(database: &mut Database, migrations: &[Migration], all: bool) -> Result<Vec<Step>> {
    let mut steps: Vec<Step> = Vec::new();
    let targets = targets(database, migrations, all).await?;
    for (position, migration) in targets.iter().enumerate() {
        let started = Instant::now();
        match revert(database, migration, all && position + 1 == targets.len()).await {
            Ok(()) => steps.push(Step {
                version: migration.version.clone(),
                name: migration.name.clone(),
                elapsed: started.elapsed(),
            }),
            Err(error) => return Err(after(error, &steps)),
        }
    }
    Ok(steps)
}

/// Takes one migration down. The audit row is written where the trail outlives it; `--all` takes the trail with it.
async fn revert(database: &mut Database, migration: &Migration, nothing_remains: bool) -> Result<()> {
    let script = migration.down.as_deref().unwrap_or_default();
    if !migration.run_in_transaction {
        migrations::run_script(database.connection(), &migration.name, "down.sql", script).await?;
    }
    let mut tx = database.begin().await?;
    if migration.run_in_transaction {
        migrations::run_script(&mut tx, &migration.name, "down.sql", script).await?;
    }
    migrations::delete_applied(&mut tx, &migration.version).await?;
    if nothing_remains {
        migrations::drop_ledger(&mut tx).await?;
    }
    if migrations::has_audit(&mut tx).await? {
        db::audit::insert(&mut tx, "migrate.down", None, &json!({ "version": migration.version })).await?;
    }
    tx.commit().await
}

async fn status(context: &Context) -> Result<Exit> {
    let mut database = commands::connect(context).await?;
    let migrations = migrations::embedded()?;
    let applied = migrations::applied(database.connection()).await?;
    let mut table = Table::new(["version", "name", "status", "run_on"]);
    for migration in &migrations {
        let row = applied.iter().find(|row| row.version == migration.version);
        table.row([
            migration.version.as_str().into(),
            migration.name.as_str().into(),
            if row.is_some() { "applied" } else { "pending" }.into(),
            row.map(|row| row.run_on).into(),
        ]);
    }
    for row in applied.iter().filter(|row| !migrations.iter().any(|migration| migration.version == row.version)) {
        table.row([row.version.as_str().into(), None::<&str>.into(), "unknown".into(), row.run_on.into()]);
    }
    context.output.results(table)?;
    Ok(Exit::Success)
}
