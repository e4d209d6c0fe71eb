//! Running migrations: one session at a time, each migration whole or not at all.

mod steps;

use std::time::{Duration, Instant};

use serde_json::json;

use super::options::{Patience, Source};
use super::pooler::{self, pooled};
use crate::db::audit::Audit;
use crate::db::migrations::sql::{ClientEnd, Statement, checksum, split};
use crate::db::migrations::{self, Applied, Entry, Migration, Refused, Script};
use crate::db::{self, Address, Connection, PUBLIC};
use crate::domain::span::shown;
use crate::error::{Error, Exit, Place, Result};
use crate::output::{Confirmed, Output};
use crate::session::Session;

/// A migration that was run.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) version: String,
    pub(crate) name: String,
    pub(crate) elapsed: Duration,
}

/// Which way a script goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Up,
    Down,
}

impl Direction {
    fn file(self) -> &'static str {
        match self {
            Direction::Up => "up.sql",
            Direction::Down => "down.sql",
        }
    }

    fn action(self) -> &'static str {
        match self {
            Direction::Up => "up",
            Direction::Down => "down",
        }
    }

    fn script(self, migration: &Migration) -> &str {
        match self {
            Direction::Up => &migration.up,
            Direction::Down => migration.down.as_deref().unwrap_or_default(),
        }
    }

    /// What the history calls a step that has begun, or is done.
    fn step(self, done: bool) -> &'static str {
        match (self, done) {
            (Direction::Up, false) => "up begun",
            (Direction::Up, true) => "up done",
            (Direction::Down, false) => "down begun",
            (Direction::Down, true) => "down done",
        }
    }
}

/// What is pending, given what is applied.
pub(super) fn pending<'a>(migrations: &'a [Migration], applied: &[Applied]) -> Vec<&'a Migration> {
    migrations.iter().filter(|migration| !applied.iter().any(|row| row.version == migration.version)).collect()
}

/// Runs migrations on one database.
pub(super) struct Engine<'a> {
    pub(super) session: &'a mut Session,
    pub(super) output: &'a Output,
    pub(super) patience: Patience,
    /// Where the database is, to ask a second time through the same door whether a pooler stands in it.
    pub(super) address: Option<Address>,
    pub(super) allow_out_of_order: bool,
    /// The server process that has the lock.
    backend: i32,
}

impl<'a> Engine<'a> {
    pub(super) fn new(session: &'a mut Session, output: &'a Output, patience: Patience) -> Self {
        Engine { session, output, patience, address: None, allow_out_of_order: false, backend: 0 }
    }

    /// Applies what is pending, up to a version, and says what was applied. Nothing is locked where nothing is pending.
    pub(super) async fn up(&mut self, source: &Source, to: Option<&str>) -> Result<Vec<Step>> {
        let within = |migration: &&Migration| to.is_none_or(|to| migration.version.as_str() <= to);
        // In a transaction: the session is pinned only once it is known to be the command's own.
        let mut tx = self.session.read().await?;
        let applied = migrations::applied(&mut tx).await?;
        tx.end().await?;
        refuse_others(source, &applied)?;
        if pending(&source.migrations, &applied).into_iter().filter(within).count() == 0 {
            return Ok(Vec::new());
        }
        self.lock().await?;
        let outcome = self.apply_pending(source, to).await;
        self.unlock(outcome).await
    }

    async fn apply_pending(&mut self, source: &Source, to: Option<&str>) -> Result<Vec<Step>> {
        // What was read before the lock may be out of date.
        let applied = migrations::applied(self.session.connection()).await?;
        refuse_others(source, &applied)?;
        let within = |migration: &&Migration| to.is_none_or(|to| migration.version.as_str() <= to);
        let pending: Vec<_> = pending(&source.migrations, &applied).into_iter().filter(within).collect();
        if let (Some(newest), false) = (applied.last(), self.allow_out_of_order) {
            let late: Vec<_> = pending.iter().filter(|migration| migration.version < newest.version).collect();
            if !late.is_empty() {
                let names: Vec<&str> = late.iter().map(|migration| migration.name.as_str()).collect();
                return Err(Error::failed(format!(
                    "out of order: {} is pending although the newer {} is applied",
                    names.join(", "),
                    newest.version
                ))
                .hint("give it a newer version, or add --allow-out-of-order when the order does not matter"));
            }
        }
        for migration in &pending {
            check(migration, Direction::Up)?;
        }
        if pending.is_empty() {
            return Ok(Vec::new());
        }
        self.create_ledger().await?;
        let mut steps: Vec<Step> = Vec::new();
        for (position, migration) in pending.iter().enumerate() {
            // One command, one audit row: with the last migration.
            let versions: Vec<&str> = pending.iter().map(|migration| migration.version.as_str()).collect();
            let audit = (position + 1 == pending.len()).then(|| ("migrate.up", json!({ "applied": versions })));
            match self.run(migration, Direction::Up, audit.as_ref(), false).await {
                Ok(step) => steps.push(step),
                Err(error) => return Err(self.after(error, "migrate.up", "applied", &steps).await),
            }
        }
        Ok(steps)
    }

    /// Makes both tables where they are not there and, for a new tenant, its schema.
    async fn create_ledger(&mut self) -> Result<()> {
        let lock_timeout = milliseconds(self.patience.lock_timeout);
        let schema = self.session.schema().to_owned();
        let mut tx = self.session.plain().await?;
        migrations::limit_transaction(&mut tx, lock_timeout, None, false).await?;
        if schema != PUBLIC {
            db::schemas::create(&mut tx, &schema).await?;
        }
        migrations::create_ledger(&mut tx).await?;
        tx.commit().await
    }

    /// Takes migrations down, newest first; `confirmed` says that somebody agreed to lose what is in their tables.
    pub(super) async fn down(&mut self, source: &Source, targets: &[String], _confirmed: &Confirmed) -> Result<Vec<Step>> {
        self.lock().await?;
        let outcome = self.revert(source, targets).await;
        self.unlock(outcome).await
    }

    async fn revert(&mut self, source: &Source, targets: &[String]) -> Result<Vec<Step>> {
        let applied = migrations::applied(self.session.connection()).await?;
        let newest: Vec<&String> = applied.iter().rev().take(targets.len()).map(|row| &row.version).collect();
        if !newest.iter().copied().eq(targets) {
            return Err(Error::failed("what is applied has changed since it was confirmed").hint("run the command again"));
        }
        let migrations = revertible(source, targets)?;
        self.create_ledger().await?;
        let mut steps: Vec<Step> = Vec::new();
        for (position, migration) in migrations.iter().enumerate() {
            let is_last = position + 1 == migrations.len();
            let nothing_remains = is_last && applied.len() == targets.len();
            let audit = is_last.then(|| ("migrate.down", json!({ "taken_down": targets })));
            match self.run(migration, Direction::Down, audit.as_ref(), nothing_remains).await {
                Ok(step) => steps.push(step),
                Err(error) => return Err(self.after(error, "migrate.down", "taken down", &steps).await),
            }
        }
        Ok(steps)
    }

    /// Takes the newest migration down and up again.
    pub(super) async fn redo(&mut self, source: &Source, version: &str, confirmed: &Confirmed) -> Result<Vec<Step>> {
        self.lock().await?;
        let _ = confirmed;
        let outcome = self.revert_and_apply(source, version).await;
        self.unlock(outcome).await
    }

    async fn revert_and_apply(&mut self, source: &Source, version: &str) -> Result<Vec<Step>> {
        let migration = source.find(version)?;
        check(migration, Direction::Up)?;
        let mut steps = self.revert(source, &[version.to_owned()]).await?;
        self.create_ledger().await?;
        let audit = ("migrate.up", json!({ "applied": [version] }));
        match self.run(migration, Direction::Up, Some(&audit), false).await {
            Ok(step) => steps.push(step),
            Err(error) => return Err(error.detail(format!("{} is taken down", migration.name))),
        }
        Ok(steps)
    }

    /// Waits for the lock by trying again and again.
    pub(super) async fn lock(&mut self) -> Result<()> {
        self.session.agree()?;
        self.backend = migrations::backend(self.session.connection()).await?;
        self.refuse_pooler().await?;
        // From here on the session is the command's own. What a migration does may take any time.
        self.session.wait_for_ever();
        self.session.pin_schema().await?;
        migrations::ready_session(self.session.connection()).await?;
        let deadline = Instant::now() + self.patience.lock_wait;
        let mut pause = Duration::from_millis(10);
        while !migrations::try_lock(self.session.connection()).await? {
            if Instant::now() >= deadline {
                return Err(self.locked_out().await?);
            }
            self.output.debug(1, || "another session migrates this database: waiting for it".to_owned());
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(250));
        }
        Ok(())
    }

    pub(super) async fn unlock<T>(&mut self, outcome: Result<T>) -> Result<T> {
        let unlocked = migrations::unlock(self.session.connection()).await;
        let value = outcome?;
        unlocked.map(|()| value)
    }

    async fn locked_out(&mut self) -> Result<Error> {
        let wait = shown(self.patience.lock_wait);
        let mut error = Error::failed(format!("another session migrates this database and did not end within {wait}"));
        if let Some(holder) = migrations::holder(self.session.connection()).await? {
            let application = holder.application_name.filter(|name| !name.is_empty());
            error = error
                .detail(format!(
                    "the lock is held by pid {}, user {}, application {}, from {}",
                    holder.pid,
                    holder.usename.as_deref().unwrap_or("unknown"),
                    application.as_deref().unwrap_or("unknown"),
                    holder.client_addr.as_deref().unwrap_or("a local socket"),
                ))
                .with("holder", json!({ "pid": holder.pid, "user": holder.usename, "application": application }));
            return Ok(error.hint(format!(
                "wait for it with a longer --lock-wait, or end it with SELECT pg_terminate_backend({})",
                holder.pid
            )));
        }
        Ok(error.hint("run the command again"))
    }

    /// Through a pooler that hands out a server for each transaction, the lock would stay with one server while the
    /// migrations run on another. Where there is no second connection to be had the check inside each migration remains.
    async fn refuse_pooler(&mut self) -> Result<()> {
        let Some(address) = &self.address else { return Ok(()) };
        pooler::refuse(self.session, address, "no lock holds").await
    }

    async fn run(
        &mut self,
        migration: &Migration,
        direction: Direction,
        audit: Option<&(&str, serde_json::Value)>,
        nothing_remains: bool,
    ) -> Result<Step> {
        let started = Instant::now();
        if !migration.run_in_transaction {
            self.run_steps(migration, direction).await?;
        }
        let mut tries = 0;
        loop {
            match self.run_once(migration, direction, audit, nothing_remains, started).await {
                Ok(()) => break,
                Err(refused) => self.pause_or_fail(refused, &mut tries, &migration.name).await?,
            }
        }
        Ok(Step { version: migration.version.clone(), name: migration.name.clone(), elapsed: started.elapsed() })
    }

    /// Sleeps before the next try where a try may help, and fails otherwise.
    async fn pause_or_fail(&mut self, refused: Refused, tries: &mut u32, name: &str) -> Result<()> {
        let in_the_way = matches!(refused.sqlstate.as_deref(), Some("55P03" | "40P01"));
        if !in_the_way {
            return Err(refused.error);
        }
        if *tries >= self.patience.retries {
            return Err(refused
                .error
                .detail(format!(
                    "tried {} times, each waiting at most {} for a lock",
                    *tries + 1,
                    shown(self.patience.lock_timeout)
                ))
                .hint("try again when less is going on, or with a longer --lock-timeout or more --retries"));
        }
        *tries += 1;
        self.output.say(&format!("{name} met a lock: try {} of {}", *tries, self.patience.retries));
        // Growing, so that those who queued behind the try get through before the next one.
        let pause = Duration::from_millis(100 * 2_u64.pow((*tries - 1).min(4))).min(Duration::from_secs(1));
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// The script, unless it ran step by step before, and what is noted about it, in one transaction.
    async fn run_once(
        &mut self,
        migration: &Migration,
        direction: Direction,
        audit: Option<&(&str, serde_json::Value)>,
        nothing_remains: bool,
        started: Instant,
    ) -> Result<(), Refused> {
        let backend = self.backend;
        let schema = self.session.schema().to_owned();
        let lock_timeout = milliseconds(self.patience.lock_timeout);
        let statement_timeout = self.patience.statement_timeout.map(milliseconds);
        let mut tx = self.session.plain().await?;
        let outcome = async {
            // Only the last one waits for the disk, and with it all before it are permanent.
            migrations::limit_transaction(&mut tx, lock_timeout, statement_timeout, audit.is_some()).await?;
            if migrations::backend(&mut tx).await? != backend {
                return Err(Refused::from(pooled("no lock holds")));
            }
            if migration.run_in_transaction {
                let sql = direction.script(migration);
                let script = Script { name: &migration.name, file: direction.file(), line: 1, sql };
                migrations::run_script(&mut tx, &script).await?;
                migrations::reset_session(&mut tx, &schema).await?;
                migrations::reset_names(&mut tx, &schema).await?;
            }
            note(&mut tx, migration, direction, nothing_remains, started).await?;
            Ok(audit.is_some() && migrations::has_audit(&mut tx).await?)
        }
        .await;
        match (outcome, audit) {
            (Ok(true), Some((action, result))) => Ok(tx.finish(Audit::of(action, result.clone())).await?),
            (Ok(_), _) => Ok(tx.commit().await?),
            (Err(refused), _) => {
                // At once, so that no lock is kept while the next try waits. A lost connection has rolled back anyway.
                let _ = tx.rollback().await;
                Err(refused)
            }
        }
    }

    /// An error in the middle says what stands, in words and in the audit trail.
    async fn after(&mut self, error: Error, action: &str, done: &str, steps: &[Step]) -> Error {
        if steps.is_empty() {
            return error;
        }
        let versions: Vec<&str> = steps.iter().map(|step| step.version.as_str()).collect();
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        let field = done.replace(' ', "_");
        let error = error.detail(format!("{done} before it, and it stays: {}", names.join(", ")));
        match self.audit_alone(Audit::of(action, json!({ field: versions }))).await {
            Ok(()) => error,
            Err(second) => error.detail(format!("and no audit row could be written: {}", second.message())),
        }
    }

    async fn audit_alone(&mut self, audit: Audit<'_>) -> Result<()> {
        let mut tx = self.session.plain().await?;
        if migrations::has_audit(&mut tx).await? { tx.finish(audit).await } else { tx.rollback().await }
    }
}

/// Both ledgers.
async fn note(
    tx: &mut Connection,
    migration: &Migration,
    direction: Direction,
    nothing_remains: bool,
    started: Instant,
) -> Result<()> {
    if nothing_remains {
        migrations::drop_ledger(tx).await?;
    } else {
        match direction {
            Direction::Up => migrations::insert_applied(tx, &migration.version).await?,
            Direction::Down => migrations::delete_applied(tx, &migration.version).await?,
        }
        let (sum, os_user) = (checksum(&migration.up), os_user());
        let entry = Entry {
            version: &migration.version,
            name: &migration.name,
            action: direction.action(),
            step: None,
            checksum: &sum,
            milliseconds: i64::try_from(started.elapsed().as_millis()).ok(),
            os_user: os_user.as_deref(),
        };
        migrations::insert_record(tx, &entry).await?;
    }
    Ok(())
}

/// The migrations to take down, newest first. Each has a way back, or nothing is done.
pub(super) fn revertible<'a>(source: &'a Source, versions: &[String]) -> Result<Vec<&'a Migration>> {
    let mut found = Vec::new();
    for version in versions {
        let Some(migration) = source.migrations.iter().find(|migration| &migration.version == version) else {
            return Err(Error::failed(format!("the applied migration {version} is not among those at hand"))
                .hint("use the cmf that applied it, or name its folder with --dir"));
        };
        if migration.down.as_deref().is_none_or(|down| split(down).is_empty()) {
            return Err(Error::failed(format!(
                "migration {} has no down.sql: there is no way back, nothing was done",
                migration.name
            ))
            .hint("restore a backup, or write a new migration that goes forward"));
        }
        check(migration, Direction::Down)?;
        found.push(migration);
    }
    Ok(found)
}

/// A schema has one ledger, for one set of migrations: two sets in it would take each other's for missing or unknown ones, for
/// ever.
fn refuse_others(source: &Source, applied: &[Applied]) -> Result<()> {
    let is_known = |row: &Applied| source.migrations.iter().any(|migration| migration.version == row.version);
    if applied.is_empty() || applied.iter().any(is_known) {
        return Ok(());
    }
    let own = migrations::embedded()?;
    let is_own = |row: &Applied| own.iter().any(|migration| migration.version == row.version);
    let whose = if applied.iter().any(is_own) { "cmf's own migrations" } else { "other migrations" };
    let mine = match &source.folder {
        Some(folder) => format!("none of those in {}", folder.display()),
        None => "none of cmf's own".to_owned(),
    };
    Err(Error::new(Exit::Config, format!("the ledger of this schema is that of {whose}: {mine} is applied here"))
        .detail(format!("applied: {}", applied.iter().map(|row| row.version.as_str()).collect::<Vec<_>>().join(", ")))
        .hint("each set of migrations needs a schema of its own, which has its own ledger: name it with --schema NAME")
        .hint("if they belong together, put the folders of the applied ones beside yours"))
}

/// A transaction belongs to cmf or to the script, not to both; and nobody is there to send rows to a COPY, or to take them.
fn check(migration: &Migration, direction: Direction) -> Result<()> {
    let place = |statement: &Statement<'_>| Place {
        file: Some(format!("{}/{}", migration.name, direction.file())),
        row: u64::try_from(statement.line).ok(),
        ..Place::default()
    };
    let statements = split(direction.script(migration));
    if let Some((statement, end)) = statements.iter().find_map(|statement| Some((statement, statement.copies_with_client()?))) {
        let hint = match end {
            ClientEnd::Stdin => "write the rows as INSERT statements, or load them afterwards with `psql -c '\\copy ...'`",
            ClientEnd::Stdout => "take it out; a migration has no place to show rows: use `psql -c '\\copy ...'`",
        };
        return Err(Error::failed(format!(
            "migration {} has a COPY {end}, which would wait for a client for ever",
            migration.name
        ))
        .at(place(statement))
        .hint(hint));
    }
    match statements.iter().find(|statement| migration.run_in_transaction && statement.controls_transaction()) {
        None => Ok(()),
        Some(statement) => Err(Error::failed(format!(
            "migration {} has a {} of its own, and cmf runs it in a transaction",
            migration.name,
            statement.tokens[0].text.to_uppercase()
        ))
        .at(place(statement))
        .hint("take it out, or write `run_in_transaction = false` into metadata.toml")),
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The login of the person at this machine, where the environment says it.
pub(super) fn os_user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty())
}
