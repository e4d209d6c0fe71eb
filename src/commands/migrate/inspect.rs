//! `cmf migrate plan`, `dump`, `adopt` and `test`: what migrations would do, make, and should have made.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::drift::{line, print, read};
use super::engine::{Engine, pending};
use super::options::{Patience, Source};
use super::scratch::{Scratch, Where};
use super::{address, status};
use crate::commands;
use crate::context::Context;
use crate::db::PUBLIC;
use crate::db::migrations::sql::split;
use crate::db::migrations::{self, Migration, Script};
use crate::db::schema::{self, Difference, Schema};
use crate::domain::text::counted;
use crate::error::{Error, Exit, Result};
use crate::output::{Format, Results, Table};
use crate::session::Session;

/// Arguments of `cmf migrate plan`.
#[derive(Debug, clap::Args)]
pub struct Plan {
    /// Run it in a scratch database and show which locks each migration takes and which tables it writes anew
    #[arg(long)]
    trace: bool,
    #[command(flatten)]
    place: Where,
}

/// Arguments of `cmf migrate dump`.
#[derive(Debug, clap::Args)]
pub struct Dump {
    /// The schema that all migrations make, instead of the one that is there
    #[arg(long)]
    expected: bool,
    #[command(flatten)]
    place: Where,
}

/// Arguments of `cmf migrate adopt`.
#[derive(Debug, clap::Args)]
pub struct Adopt {
    /// Show the difference and record nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    place: Where,
}

/// Arguments of `cmf migrate test`.
#[derive(Debug, clap::Args)]
pub struct Test {
    #[command(flatten)]
    place: Where,
}

/// Runs `cmf migrate plan`.
///
/// # Errors
/// With `--trace` as the migrations themselves.
pub(super) async fn plan(context: &Context, dir: Option<PathBuf>, args: Plan) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let applied = super::applied(context, &mut session, false).await?;
    let pending = pending(&source.migrations, &applied);
    if pending.is_empty() {
        context.output.notice("nothing to do: the schema is current");
    }
    if args.trace {
        let stands: Vec<Migration> =
            source.migrations.iter().filter(|one| applied.iter().any(|row| row.version == one.version)).cloned().collect();
        let mut scratch = Scratch::make(context, &args.place).await?;
        scratch.apply(&stands).await?;
        let mut table = Table::new(["name", "relation", "lock", "blocks", "rewritten"]);
        let mut stands = stands;
        for migration in pending {
            trace(&mut scratch, migration, &mut table).await?;
            stands.push(migration.clone());
            stands.sort_by(|a, b| a.version.cmp(&b.version));
            scratch.apply(&stands).await?;
        }
        context.output.results(table)?;
        return Ok(Exit::Success);
    }
    if context.output.format() == Format::Table {
        for migration in &pending {
            let how =
                if migration.run_in_transaction { "in a transaction" } else { "statement by statement, outside a transaction" };
            context.output.text(&format!("-- {} ({how})\n{}\n\n", migration.name, migration.up.trim_end()))?;
        }
        return Ok(Exit::Success);
    }
    let mut table = Table::new(["version", "name", "run_in_transaction", "sql"]);
    for migration in &pending {
        table.row([
            migration.version.as_str().into(),
            migration.name.as_str().into(),
            migration.run_in_transaction.into(),
            migration.up.as_str().into(),
        ]);
    }
    context.output.results(table)?;
    Ok(Exit::Success)
}

/// Runs a migration, looks at its locks and files, and takes it back.
async fn trace(scratch: &mut Scratch, migration: &Migration, table: &mut Table) -> Result<()> {
    let name = migration.name.as_str();
    if !migration.run_in_transaction {
        for statement in split(&migration.up) {
            let (lock, blocks) = if statement.contains(&["concurrently"]) {
                ("ShareUpdateExclusiveLock", blocks("ShareUpdateExclusiveLock"))
            } else {
                ("not traced: outside a transaction", "")
            };
            table.row([name.into(), statement.text.into(), lock.into(), blocks.into(), None::<bool>.into()]);
        }
        return Ok(());
    }
    let session = scratch.session()?;
    let schema = session.schema().to_owned();
    let mut tx = session.plain().await?;
    let before = migrations::files(&mut tx).await?;
    migrations::run_script(&mut tx, &Script { name, file: "up.sql", line: 1, sql: &migration.up }).await?;
    migrations::reset_names(&mut tx, &schema).await?;
    let after = migrations::files(&mut tx).await?;
    let held = migrations::held(&mut tx).await?;
    tx.rollback().await?;
    let mut strongest: Vec<migrations::Held> = Vec::new();
    for lock in held.into_iter().filter(|lock| before.contains_key(&lock.relation)) {
        match strongest.iter_mut().find(|known| known.relation == lock.relation) {
            Some(known) if strength(&known.mode) < strength(&lock.mode) => known.mode = lock.mode,
            Some(_) => {}
            None => strongest.push(lock),
        }
    }
    let rewritten = |relation: &str| before.get(relation).zip(after.get(relation)).is_some_and(|(old, new)| old != new);
    for lock in &strongest {
        let (relation, mode) = (lock.relation.as_str(), lock.mode.as_str());
        table.row([name.into(), relation.into(), mode.into(), blocks(mode).into(), rewritten(relation).into()]);
    }
    let is_told = |relation: &str| strongest.iter().any(|lock| lock.relation == relation);
    for index in before.keys().filter(|relation| rewritten(relation) && !is_told(relation)) {
        table.row([name.into(), index.as_str().into(), None::<&str>.into(), None::<&str>.into(), true.into()]);
    }
    if strongest.is_empty() {
        table.row([name.into(), None::<&str>.into(), "none on what is there".into(), "nothing".into(), false.into()]);
    }
    Ok(())
}

/// The lock modes of Postgres, weakest first.
const MODES: [&str; 8] = [
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
];

fn strength(mode: &str) -> usize {
    MODES.iter().position(|known| *known == mode).unwrap_or(MODES.len())
}

/// Whom a lock keeps out, after the table of conflicts in Postgres's documentation (13.3.1).
fn blocks(mode: &str) -> &'static str {
    match strength(mode) {
        0..=2 => "other migrations",
        3 => "VACUUM and other migrations",
        4..=6 => "writes",
        _ => "reads and writes",
    }
}

/// Runs `cmf migrate dump`.
///
/// # Errors
/// When the database cannot be reached.
pub(super) async fn dump(context: &Context, dir: Option<PathBuf>, args: Dump) -> Result<Exit> {
    let schema = if args.expected {
        let source = Source::read(dir)?;
        let mut scratch = Scratch::make(context, &args.place).await?;
        scratch.apply(&source.migrations).await?;
        scratch.schema().await?
    } else {
        let mut session = commands::connect(context).await?;
        super::applied(context, &mut session, false).await?;
        read(&mut session, &own(context)).await?
    };
    let Some((home, _)) = context.schema().filter(|(name, _)| *name != PUBLIC) else {
        context.output.text(&schema.to_sql())?;
        return Ok(Exit::Success);
    };
    let others = Schema { schemas: schema.schemas.iter().filter(|name| *name != home).cloned().collect(), ..schema };
    let home = migrations::quote(home);
    context.output.text(&format!("CREATE SCHEMA IF NOT EXISTS {home};\nSET search_path TO {home};\n\n{}", others.to_sql()))?;
    Ok(Exit::Success)
}

/// The schemas to look at: a tenant's own, or all.
fn own(context: &Context) -> Vec<String> {
    context.schema().map(|(name, _)| name.to_owned()).filter(|name| name != PUBLIC).into_iter().collect()
}

/// Runs `cmf migrate adopt`.
///
/// # Errors
/// Exit 1 when the schema is not what the migrations make; nothing is recorded then.
pub(super) async fn adopt(context: &Context, dir: Option<PathBuf>, args: Adopt) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut session = commands::connect(context).await?;
    let mut tx = session.read().await?;
    status::refuse_applied(&migrations::applied(&mut tx).await?)?;
    let found = schema::read(&mut tx, &own(context)).await?;
    let alembic = schema::alembic_version(&mut tx).await?;
    tx.end().await?;
    if found.is_empty() {
        return Err(
            Error::failed("the database is empty: there is nothing to adopt").hint(format!("run `{}`", source.command("up")))
        );
    }
    if found.has_column("frameworks", "code") && found.has_column("metrics", "priority_rank") {
        let version = alembic.map(|version| format!(" (alembic version {version})")).unwrap_or_default();
        return Err(Error::failed(format!(
            "this is the database of the original web application{version}: another schema under the same table names"
        ))
        .detail("it has frameworks.code and metrics.priority_rank, which the schema of cmf has not")
        .hint("cmf does not convert it; export its metrics to a spreadsheet and `cmf import` that into a new database"));
    }

    let mut scratch = Scratch::make(context, &args.place).await?;
    let mut states: Vec<Schema> = Vec::new();
    for count in 1..=source.migrations.len() {
        scratch.apply(&source.migrations[..count]).await?;
        states.push(scratch.schema().await?);
    }
    let Some(latest) = states.last() else { return Err(Error::failed("there are no migrations to adopt")) };
    let names = latest.names(session.schema());
    let found = read(&mut session, &names).await?;
    // A database may be behind: the newest state that it equals counts.
    let Some(count) = states.iter().rposition(|state| state.differences(&found).is_empty()).map(|at| at + 1) else {
        let differences = latest.differences(&found);
        return refuse(context, &differences, args.dry_run);
    };
    let adopted: Vec<&Migration> = source.migrations[..count].iter().collect();
    let mut table = Table::new(["version", "name"]);
    context.output.check_outcome(&table)?;
    for migration in &adopted {
        table.row([migration.version.as_str().into(), migration.name.as_str().into()]);
    }
    if args.dry_run {
        context
            .output
            .outcome(&format!("the schema equals what {} make; nothing was recorded", counted(count, "migration")), table)?;
        return Ok(Exit::Success);
    }
    let mut engine = Engine::new(&mut session, &context.output, Patience::default());
    engine.address = address(context)?;
    engine.lock().await?;
    let outcome = record(engine.session, &adopted, &states[count - 1]).await;
    engine.unlock(outcome).await?;
    context.output.outcome(&format!("recorded {} as applied", counted(count, "migration")), table)?;
    if count < source.migrations.len() {
        context.output.notice(&format!(
            "{} pending: run `{}`",
            counted(source.migrations.len() - count, "migration"),
            source.command("up")
        ));
    }
    Ok(Exit::Success)
}

fn refuse(context: &Context, differences: &[Difference], dry_run: bool) -> Result<Exit> {
    if dry_run {
        print(context, differences)?;
        return Ok(Exit::Difference);
    }
    let mut error = Error::failed(format!(
        "the schema is not what the migrations make: {}, nothing was recorded",
        counted(differences.len(), "difference")
    ));
    let mut list: Vec<Value> = Vec::new();
    for one in differences {
        error = error.detail(line(one));
        list.push(json!({ "change": one.change.word(), "kind": one.kind, "name": one.name(), "expected": one.expected, "found": one.found, "cure": one.remedy.sql(), "by_hand": one.remedy.by_hand() }));
    }
    for statement in schema::in_order(differences) {
        error = error.hint(statement);
    }
    Err(error.with("differences", list).hint("make the schema equal, and run `cmf migrate adopt` again"))
}

/// In one transaction: looks again, now that nobody else migrates, and records.
async fn record(session: &mut Session, adopted: &[&Migration], expected: &Schema) -> Result<()> {
    let home = session.schema().to_owned();
    let mut tx = session.plain().await?;
    status::refuse_applied(&migrations::applied(&mut tx).await?)?;
    let found = schema::read(&mut tx, &expected.names(&home)).await?;
    if !expected.differences(&found).is_empty() {
        return Err(Error::failed("the schema changed meanwhile, nothing was recorded").hint("run the command again"));
    }
    migrations::create_ledger(&mut tx).await?;
    for migration in adopted {
        migrations::insert_applied(&mut tx, &migration.version).await?;
    }
    status::note_all(tx, adopted, "adopt").await
}

/// Runs `cmf migrate test`.
///
/// # Errors
/// When a migration fails; the error names it.
pub(super) async fn test(context: &Context, dir: Option<PathBuf>, args: Test) -> Result<Exit> {
    let source = Source::read(dir)?;
    let mut scratch = Scratch::make(context, &args.place).await?;
    let mut table = Table::new(["name", "result"]);
    let mut details = Vec::new();
    let mut failed = false;
    let mut before = scratch.schema().await?;
    for count in 1..=source.migrations.len() {
        let so_far = &source.migrations[..count];
        let name = source.migrations[count - 1].name.as_str();
        context.output.debug(1, || format!("testing {name}"));
        scratch.apply(so_far).await?;
        let up = scratch.schema().await?;
        if so_far[count - 1].down.as_deref().is_none_or(|down| split(down).is_empty()) {
            table.row([name.into(), "up; no way back".into()]);
            before = up;
            continue;
        }
        scratch.take_down(so_far).await?;
        let down = scratch.schema().await?;
        scratch.apply(so_far).await?;
        let again = scratch.schema().await?;
        let mut problems = Vec::new();
        for (what, expected, found) in [("down leaves", &before, &down), ("up after down makes", &up, &again)] {
            problems
                .extend(expected.differences(found).iter().map(|one| format!("{name}: {what} another schema: {}", line(one))));
        }
        table.row([name.into(), if problems.is_empty() { "up, down, up" } else { "differs" }.into()]);
        failed |= !problems.is_empty();
        details.append(&mut problems);
        before = again;
    }
    let document = json!({ "migrations": table.to_json(), "differences": details });
    context.output.results(Results::new(vec![table], document))?;
    for detail in &details {
        context.output.notice(detail);
    }
    Ok(if failed { Exit::Difference } else { Exit::Success })
}
