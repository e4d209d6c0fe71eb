//! Scripts that run outside a transaction: statement by statement, each noted when done.

use super::migrator::Migrator;
use super::way::Way;
use crate::db;
use crate::db::migrations::sql::{Statement, checksum, split};
use crate::db::migrations::{self, ConcurrentIndex, HistoryEntry, Migration, MigrationScript};
use crate::error::{Error, Result};
use crate::local;
use crate::session::Session;

impl Migrator<'_> {
    /// Runs a script that cannot run in one transaction, statement by statement, each noted when done, so that a run that
    /// was interrupted continues where it stopped.
    pub(super) async fn run_steps(&mut self, migration: &Migration, way: Way) -> Result<()> {
        let outcome = self.run_each(migration, way).await;
        // A lost connection has lost what was set, too.
        let schema = self.session.schema().to_owned();
        let reset = migrations::reset_session(self.session.connection(), &schema).await;
        outcome?;
        reset
    }

    async fn run_each(&mut self, migration: &Migration, way: Way) -> Result<()> {
        migrations::limit_session(self.session.connection(), false).await?;
        let script = way.script(migration);
        let statements = split(script);
        let noted = migrations::open_steps(self.session.connection(), &migration.version).await?;
        let groups = groups(&statements);
        for (position, group) in groups.iter().enumerate() {
            let number = i32::try_from(position + 1).unwrap_or(i32::MAX);
            let sum = checksum(group_text(script, group));
            let own = |done: bool| {
                noted.iter().find(move |row: &&HistoryEntry| row.step == Some(number) && row.action == step_action(way, done))
            };
            if let Some(done) = own(true) {
                if done.checksum != sum {
                    return Err(Error::failed(format!(
                        "migration {} was interrupted after its statement {number} and has been edited since",
                        migration.name
                    ))
                    .hint("restore the statements that ran, and run the command again"));
                }
                if !is_setting(group) {
                    continue;
                }
            }
            let step = StatementRun { migration, way, number, sum: &sum, begun: own(false).is_some() };
            self.run_group(&step, script, group).await.map_err(|error| {
                let error = error.detail("it runs outside a transaction, statement by statement");
                let error = match position {
                    0 => error,
                    _ => error.changed(format!("{position} of its {} statements are done and remain.", groups.len())),
                };
                error.hint("fix the cause and run the command again: it continues at this statement")
            })?;
        }
        migrations::limit_session(self.session.connection(), true).await?;
        let invalid = migrations::invalid_indexes(self.session.connection()).await?;
        if !invalid.is_empty() {
            self.tell.notice(&format!("indexes that are INVALID, so no query uses them: {}", invalid.join(", ")));
        }
        Ok(())
    }

    async fn run_group(&mut self, step: &StatementRun<'_>, text: &str, group: &[Statement<'_>]) -> Result<()> {
        let script = |sql, line| MigrationScript { name: &step.migration.name, file: step.way.file(), line, sql };
        let first = &group[0];
        if is_setting(group) {
            migrations::run_script(self.session.connection(), &script(first.text, first.line)).await?;
            return Ok(());
        }
        if let [first, .., last] = group {
            // The script's own transaction: what is noted goes into it, before its end.
            let inner = &text[offset(text, first.text)..offset(text, last.text)];
            let schema = self.session.schema().to_owned();
            let outcome = async {
                migrations::run_script(self.session.connection(), &script(inner, first.line)).await?;
                migrations::reset_names(self.session.connection(), &schema).await?;
                step.note(self.session.connection(), true).await?;
                migrations::run_script(self.session.connection(), &script(last.text, last.line)).await?;
                Ok(())
            }
            .await;
            if outcome.is_err() {
                let _ = migrations::roll_back(self.session.connection()).await;
            }
            return outcome;
        }
        if self.run_noted(step, &script(first.text, first.line)).await? {
            return Ok(());
        }
        self.run_bare(step, &script(first.text, first.line), first).await
    }

    /// A statement and its note in one transaction; false where the statement refuses to run in one.
    async fn run_noted(&mut self, step: &StatementRun<'_>, script: &MigrationScript<'_>) -> Result<bool> {
        let mut tries = 0;
        let schema = self.session.schema().to_owned();
        loop {
            let mut tx = self.session.plain_as_set().await?;
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
    async fn run_bare(
        &mut self,
        step: &StatementRun<'_>,
        script: &MigrationScript<'_>,
        statement: &Statement<'_>,
    ) -> Result<()> {
        let index = ConcurrentIndex::of(statement);
        if let Some(index) = &index {
            if index.name.is_none() {
                return Err(Error::failed(format!("migration {}: a concurrent index without a name", script.name))
                    .hint("name the index, so that cmf can find an interrupted build"));
            }
            match migrations::index_state(self.session.connection(), index).await? {
                Some(false) => {
                    let name = index.name.as_deref().unwrap_or_default();
                    self.tell.say(&format!("index {name} was left INVALID by an interrupted run: building it again"));
                    migrations::drop_index(self.session.connection(), index).await?;
                }
                Some(true) if step.begun => return step.note_alone(self.session, true).await,
                _ => {}
            }
        }
        let mut tries = 0;
        loop {
            if !step.begun && tries == 0 {
                step.note_alone(self.session, false).await?;
            }
            match migrations::run_script(self.session.connection(), script).await {
                Ok(()) => {
                    self.session.note_change();
                    break;
                }
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
                        && migrations::index_state(self.session.connection(), index).await? == Some(false)
                    {
                        migrations::drop_index(self.session.connection(), index).await?;
                    }
                    self.pause_or_fail(refused, &mut tries, script.name).await?;
                }
            }
        }
        step.note_alone(self.session, true).await
    }
}

/// What the history calls a step that has begun, or is done.
fn step_action(way: Way, done: bool) -> String {
    format!("{} {}", way.action(), if done { "done" } else { "begun" })
}

/// A statement, or a transaction of its own, of a script that runs outside one.
struct StatementRun<'a> {
    migration: &'a Migration,
    way: Way,
    number: i32,
    sum: &'a str,
    /// Whether an earlier run has begun it and not noted its end.
    begun: bool,
}

impl StatementRun<'_> {
    async fn note(&self, conn: &mut db::Connection, done: bool) -> Result<()> {
        let (action, step) = (step_action(self.way, done), Some((self.number, self.sum)));
        migrations::insert_record(conn, self.migration, &action, step, None, local::login().as_deref()).await
    }

    /// The note in a transaction of its own, as the role that connected.
    async fn note_alone(&self, session: &mut Session, done: bool) -> Result<()> {
        let schema = session.schema().to_owned();
        let mut tx = session.plain().await?;
        migrations::reset_names(&mut tx, &schema).await?;
        self.note(&mut tx, done).await?;
        if done { tx.commit().await } else { tx.commit_note().await }
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
