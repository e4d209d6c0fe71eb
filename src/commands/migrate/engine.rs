//! Running migrations: one session at a time, each migration whole or not at all.

use std::time::{Duration, Instant};

use serde_json::json;

use super::options::{Patience, Source, shown};
use super::pooler::{is_pooled, pooled};
use crate::db::migrations::sql::{Statement, checksum, split};
use crate::db::migrations::{self, Applied, ConcurrentIndex, Entry, Migration, Record, Refused, Script};
use crate::db::{self, Address, Database, Transaction};
use crate::error::{Error, Result};
use crate::output::{Confirmed, Output};

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
    pub(super) database: &'a mut Database,
    pub(super) output: &'a Output,
    pub(super) patience: Patience,
    /// Where the database is, to ask a second time through the same door whether a pooler stands in it.
    pub(super) address: Option<Address>,
    pub(super) allow_out_of_order: bool,
    /// The server process that has the lock.
    backend: i32,
}

impl<'a> Engine<'a> {
    pub(super) fn new(database: &'a mut Database, output: &'a Output, patience: Patience) -> Self {
        Engine { database, output, patience, address: None, allow_out_of_order: false, backend: 0 }
    }

    /// Applies what is pending, up to a version, and says what was applied. Nothing is locked where nothing is pending.
    pub(super) async fn up(&mut self, source: &Source, to: Option<&str>) -> Result<Vec<Step>> {
        let within = |migration: &&Migration| to.is_none_or(|to| migration.version.as_str() <= to);
        self.database.pin_tenant().await?;
        let applied = migrations::applied(self.database.connection()).await?;
        if pending(&source.migrations, &applied).into_iter().filter(within).count() == 0 {
            return Ok(Vec::new());
        }
        self.lock().await?;
        let outcome = self.apply_pending(source, to).await;
        self.unlock(outcome).await
    }

    async fn apply_pending(&mut self, source: &Source, to: Option<&str>) -> Result<Vec<Step>> {
        // What was read before the lock may be out of date.
        let applied = migrations::applied(self.database.connection()).await?;
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

    async fn create_ledger(&mut self) -> Result<()> {
        let lock_timeout = milliseconds(self.patience.lock_timeout);
        let mut tx = self.database.begin().await?;
        migrations::limit_transaction(&mut tx, lock_timeout, None, false).await?;
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
        let applied = migrations::applied(self.database.connection()).await?;
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
        let mut steps = self.revert(source, &[version.to_owned()]).await?;
        self.create_ledger().await?;
        let migration = source.find(version)?;
        let audit = ("migrate.up", json!({ "applied": [version] }));
        match self.run(migration, Direction::Up, Some(&audit), false).await {
            Ok(step) => steps.push(step),
            Err(error) => return Err(error.detail(format!("{} is taken down", migration.name))),
        }
        Ok(steps)
    }

    /// Waits for the lock by trying again and again.
    pub(super) async fn lock(&mut self) -> Result<()> {
        self.database.pin_schema().await?;
        migrations::ready_session(self.database.connection()).await?;
        self.backend = migrations::backend(self.database.connection()).await?;
        self.refuse_pooler().await?;
        let deadline = Instant::now() + self.patience.lock_wait;
        let mut pause = Duration::from_millis(10);
        while !migrations::try_lock(self.database.connection()).await? {
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
        let unlocked = migrations::unlock(self.database.connection()).await;
        let value = outcome?;
        unlocked.map(|()| value)
    }

    async fn locked_out(&mut self) -> Result<Error> {
        let wait = shown(self.patience.lock_wait);
        let mut error = Error::failed(format!("another session migrates this database and did not end within {wait}"));
        if let Some(holder) = migrations::holder(self.database.connection()).await? {
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
        if is_pooled(self.database, address).await? { Err(pooled("no lock holds")) } else { Ok(()) }
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
        let schema = self.database.schema().to_owned();
        let lock_timeout = milliseconds(self.patience.lock_timeout);
        let statement_timeout = self.patience.statement_timeout.map(milliseconds);
        let mut tx = self.database.begin().await?;
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
                migrations::reset_names(&mut tx, &schema).await?;
            }
            note(&mut tx, migration, direction, audit, nothing_remains, started).await?;
            Ok(())
        }
        .await;
        match outcome {
            Ok(()) => Ok(tx.commit().await?),
            Err(refused) => {
                // At once, so that no lock is kept while the next try waits. A lost connection has rolled back anyway.
                let _ = tx.rollback().await;
                Err(refused)
            }
        }
    }

    /// Runs a script that cannot run in one transaction, statement by statement, each noted when done, so that a run that
    /// was interrupted goes on where it stopped.
    async fn run_steps(&mut self, migration: &Migration, direction: Direction) -> Result<()> {
        migrations::unlimit_session(self.database.connection()).await?;
        let script = direction.script(migration);
        let statements = split(script);
        let noted = migrations::open_steps(self.database.connection(), &migration.version).await?;
        let groups = groups(&statements);
        for (position, group) in groups.iter().enumerate() {
            let number = i32::try_from(position + 1).unwrap_or(i32::MAX);
            let sum = checksum(group_text(script, group));
            let own = |done: bool| {
                noted.iter().find(move |row: &&Record| row.step == Some(number) && row.action == direction.step(done))
            };
            if let Some(done) = own(true) {
                if done.checksum != sum {
                    return Err(Error::failed(format!(
                        "migration {} was interrupted after its statement {number} and has been edited since",
                        migration.name
                    ))
                    .hint("put the statements that ran back as they were, and run the command again"));
                }
                if !is_setting(group) {
                    continue;
                }
            }
            let step = StepOf { migration, direction, number, sum: &sum, begun: own(false).is_some() };
            self.run_group(&step, script, group).await.map_err(|error| {
                error
                    .detail(format!(
                        "it runs outside a transaction: {position} of its {} statements are done and stay",
                        groups.len()
                    ))
                    .hint("set right what was wrong and run the command again: it goes on at this statement")
            })?;
        }
        migrations::relimit_session(self.database.connection()).await?;
        let invalid = migrations::invalid_indexes(self.database.connection()).await?;
        if !invalid.is_empty() {
            self.output.notice(&format!("indexes that are INVALID and used by no query: {}", invalid.join(", ")));
        }
        Ok(())
    }

    async fn run_group(&mut self, step: &StepOf<'_>, text: &str, group: &[Statement<'_>]) -> Result<()> {
        let script = |sql, line| Script { name: &step.migration.name, file: step.direction.file(), line, sql };
        let first = &group[0];
        if is_setting(group) {
            migrations::run_script(self.database.connection(), &script(first.text, first.line)).await?;
            return Ok(());
        }
        if let [first, .., last] = group {
            // The script's own transaction: what is noted goes into it, before its end.
            let inner = &text[offset(text, first.text)..offset(text, last.text)];
            let outcome = async {
                migrations::run_script(self.database.connection(), &script(inner, first.line)).await?;
                step.note(self.database.connection(), true).await?;
                migrations::run_script(self.database.connection(), &script(last.text, last.line)).await?;
                Ok(())
            }
            .await;
            if outcome.is_err() {
                let _ = migrations::roll_back(self.database.connection()).await;
            }
            return outcome;
        }
        if self.run_noted(step, &script(first.text, first.line)).await? {
            return Ok(());
        }
        self.run_bare(step, &script(first.text, first.line), first).await
    }

    /// A statement and its note in one transaction; false where the statement refuses to run in one.
    async fn run_noted(&mut self, step: &StepOf<'_>, script: &Script<'_>) -> Result<bool> {
        let mut tries = 0;
        let schema = self.database.schema().to_owned();
        loop {
            let mut tx = self.database.begin().await?;
            match migrations::run_script(&mut tx, script).await {
                Ok(()) => {
                    migrations::reset_names(&mut tx, &schema).await?;
                    step.note(&mut tx, true).await?;
                    tx.commit().await?;
                    return Ok(true);
                }
                Err(refused) => {
                    tx.rollback().await?;
                    // No transaction here, and no COMMIT inside a procedure.
                    if matches!(refused.sqlstate.as_deref(), Some("25001" | "2D000")) {
                        return Ok(false);
                    }
                    self.pause_or_fail(refused, &mut tries, script.name).await?;
                }
            }
        }
    }

    /// A statement that runs in no transaction: noted before and after, because nothing ties the note to it.
    async fn run_bare(&mut self, step: &StepOf<'_>, script: &Script<'_>, statement: &Statement<'_>) -> Result<()> {
        let index = ConcurrentIndex::of(statement);
        if let Some(index) = &index {
            if index.name.is_none() {
                return Err(Error::failed(format!("migration {}: a concurrent index without a name", script.name))
                    .hint("name the index, so that an interrupted build can be told from a finished one"));
            }
            match migrations::index_state(self.database.connection(), index).await? {
                Some(false) => {
                    let name = index.name.as_deref().unwrap_or_default();
                    self.output.say(&format!("index {name} was left INVALID by an interrupted run: building it again"));
                    migrations::drop_index(self.database.connection(), index).await?;
                }
                Some(true) if step.begun => return step.note(self.database.connection(), true).await,
                _ => {}
            }
        }
        let mut tries = 0;
        loop {
            if !step.begun && tries == 0 {
                step.note(self.database.connection(), false).await?;
            }
            match migrations::run_script(self.database.connection(), script).await {
                Ok(()) => break,
                // Begun before, and already gone: it was done then.
                Err(refused)
                    if step.begun
                        && refused.sqlstate.as_deref() == Some("42704")
                        && migrations::dropped_concurrently(statement) =>
                {
                    break;
                }
                Err(refused) => {
                    if let Some(index) = &index
                        && migrations::index_state(self.database.connection(), index).await? == Some(false)
                    {
                        migrations::drop_index(self.database.connection(), index).await?;
                    }
                    self.pause_or_fail(refused, &mut tries, script.name).await?;
                }
            }
        }
        step.note(self.database.connection(), true).await
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
        match self.audit_alone(action, &json!({ field: versions })).await {
            Ok(()) => error,
            Err(second) => error.detail(format!("and no audit row could be written: {}", second.message())),
        }
    }

    async fn audit_alone(&mut self, action: &str, result: &serde_json::Value) -> Result<()> {
        let mut tx = self.database.begin().await?;
        if migrations::has_audit(&mut tx).await? {
            db::audit::insert(&mut tx, action, None, result).await?;
        }
        tx.commit().await
    }
}

/// A statement, or a transaction of its own, of a script that runs outside one.
struct StepOf<'a> {
    migration: &'a Migration,
    direction: Direction,
    number: i32,
    sum: &'a str,
    /// Whether an earlier run has begun it and not noted its end.
    begun: bool,
}

impl StepOf<'_> {
    async fn note(&self, conn: &mut db::Connection, done: bool) -> Result<()> {
        let os_user = os_user();
        let entry = Entry {
            version: &self.migration.version,
            name: &self.migration.name,
            action: self.direction.step(done),
            step: Some(self.number),
            checksum: self.sum,
            milliseconds: None,
            os_user: os_user.as_deref(),
        };
        migrations::insert_record(conn, &entry).await
    }
}

/// Both ledgers and the audit trail.
async fn note(
    tx: &mut Transaction<'_>,
    migration: &Migration,
    direction: Direction,
    audit: Option<&(&str, serde_json::Value)>,
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
    if let Some((action, result)) = audit
        && migrations::has_audit(tx).await?
    {
        db::audit::insert(tx, action, None, result).await?;
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

/// A transaction belongs to cmf or to the script, not to both.
fn check(migration: &Migration, direction: Direction) -> Result<()> {
    if !migration.run_in_transaction {
        return Ok(());
    }
    let statements = split(direction.script(migration));
    match statements.iter().find(|statement| statement.controls_transaction()) {
        None => Ok(()),
        Some(statement) => Err(Error::failed(format!(
            "migration {} has a {} of its own, and cmf runs it in a transaction",
            migration.name,
            statement.tokens[0].text.to_uppercase()
        ))
        .at(crate::error::Place {
            file: Some(format!("{}/{}", migration.name, direction.file())),
            row: u64::try_from(statement.line).ok(),
            ..Default::default()
        })
        .hint("take it out, or write `run_in_transaction = false` into metadata.toml")),
    }
}

/// The statements of a script in groups that are done or not done as a whole: what stands between BEGIN and COMMIT, and
/// every other statement alone.
fn groups<'a>(statements: &'a [Statement<'a>]) -> Vec<&'a [Statement<'a>]> {
    let mut groups = Vec::new();
    let mut at = 0;
    while at < statements.len() {
        let opens = statements[at].starts_with(&["begin"]) || statements[at].starts_with(&["start", "transaction"]);
        let length = if opens {
            statements[at + 1..].iter().position(Statement::controls_transaction).map_or(statements.len() - at, |end| end + 2)
        } else {
            1
        };
        groups.push(&statements[at..at + length]);
        at += length;
    }
    groups
}

/// Where a piece of a text begins in it.
fn offset(text: &str, piece: &str) -> usize {
    piece.as_ptr() as usize - text.as_ptr() as usize
}

fn group_text<'a>(text: &'a str, group: &[Statement<'a>]) -> &'a str {
    let (Some(first), Some(last)) = (group.first(), group.last()) else { return "" };
    &text[offset(text, first.text)..offset(text, last.text) + last.text.len()]
}

/// A setting of the session: it is gone with the session that was interrupted, and so made again.
fn is_setting(group: &[Statement<'_>]) -> bool {
    matches!(group, [one] if one.starts_with(&["set"]) || one.starts_with(&["reset"]))
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// The login of the person at this machine, where the environment says it.
pub(super) fn os_user() -> Option<String> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok()).filter(|name| !name.is_empty())
}
