//! The unit of work: connections, and the transactions of a command. Nobody else connects, begins, commits or rolls back.
//!
//! - [`Session::read`] is a READ ONLY transaction: the server refuses what writes.
//! - [`Session::change`] does a unit of work that ends in exactly one audit row, or in a spoken "nothing changed", and does it
//!   again where another session was in the way of it. A dry run is the same, rolled back. Where the profile wants a
//!   confirmation before anything is written, it is asked for here.
//! - [`Session::write_briefly`] is the same for those that record a reading a minute: fewer ways to the server and back.
//! - [`Session::plain`] is for what keeps a ledger of its own: migrations, and the databases beside ours.
//!
//! Each fails when the server refuses or the connection is lost.

mod again;
mod opening;
mod run;
mod transaction;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use sqlx::postgres::{PgConnection, PgRow};

pub use again::pauses;
pub use opening::{Opening, Whereabouts, running_address, running_endpoint};
pub use run::{Owner, Run, Written, too_many};
pub use transaction::unanswered;

use crate::db::audit::{Audit, Claimed};
use crate::db::connect::{self, Lead, Line};
use crate::db::images::{self, Taken};
use crate::db::{Address, Connection, migrations};
use crate::error::{Cause, Error, Exit, Result};
use transaction::{Transaction, say};

/// Opens every transaction: names resolve in one schema alone, whatever the role's or database's settings say, and the
/// server refuses where row-level security would hide rows, because a figure from a part of the rows is wrong. Behind a
/// pooler the server may have prepared statements of somebody who did not clean up, under names that the driver will use:
/// they go.
fn opening(begin: &str, schema: &str) -> String {
    let schema = migrations::quote(schema);
    format!("{begin}; SET LOCAL search_path TO {schema}, pg_temp; SET LOCAL row_security TO off; DEALLOCATE ALL")
}

/// Fails where the schema exists and the role may not use it: Postgres leaves such a schema out of the search path, so that its
/// tables would seem to be missing, and new ones would land in `pg_temp`.
fn door(schema: &str) -> String {
    format!("SELECT to_regclass('{}.users')", migrations::quote(schema).replace('\'', "''"))
}

/// What looks again under a lock is to see what was committed before it, whatever the role or the database has for a default.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED";

/// The server looks every second whether cmf is still there, where it can: else a statement of a killed cmf that waits for a
/// lock would wait on, its transaction open.
const WATCH: &str = "SELECT set_config('client_connection_check_interval', '1s', true) \
                     WHERE current_setting('server_version_num')::int >= 140000 AND version() LIKE '%linux%'";

/// How long a transaction waits.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// For a lock; zero is forever.
    pub lock: Duration,
    /// For a statement; zero is forever, nothing is what the server has for a limit.
    pub statement: Option<Duration>,
    /// Whether its COMMIT waits for the disk. Where it does not, the next one that does makes both permanent, in order.
    pub durable: bool,
}

impl Limits {
    fn words(self) -> String {
        let statement = self.statement.map(|limit| format!("; SET LOCAL statement_timeout = {}", limit.as_millis()));
        let durable = if self.durable { "" } else { "; SET LOCAL synchronous_commit = off" };
        format!("SET LOCAL lock_timeout = {}{}{durable}", self.lock.as_millis(), statement.unwrap_or_default())
    }
}

/// The one connection of a command.
#[derive(Debug)]
pub struct Session {
    line: Line,
    schema: String,
    /// Whose rights it has.
    role: String,
    run: Run,
}

impl Session {
    /// Connects, within the address's limit of time for each of its hosts. Exit 69 when no server can be reached in time, 77
    /// when it refuses the user or TLS fails, 78 when what the address asks for cannot be had.
    pub(crate) async fn connect(address: &Address, run: &Run) -> Result<Self> {
        let role = address.role().to_owned();
        run.note_role(&role);
        Ok(Session { line: connect::open(address).await?, schema: address.schema.clone(), role, run: run.clone() })
    }

    /// Whose rights it has.
    pub fn role(&self) -> &str {
        &self.role
    }

    /// How its role gets the right to make databases.
    pub fn may_create(&self) -> String {
        format!("a superuser gives this role the right: `ALTER ROLE {} CREATEDB`", migrations::quote(&self.role))
    }

    /// Begins to read.
    pub async fn read(&mut self) -> Result<Read<'_>> {
        Ok(Read(self.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY").await?))
    }

    /// Reads what this work finds, in a transaction of its own.
    pub async fn look<T>(&mut self, work: impl AsyncFnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let mut tx = self.read().await?;
        let found = work(&mut tx).await?;
        tx.end().await?;
        Ok(found)
    }

    /// The same about the whole database, where the role need not be able to use the schema of the run.
    pub async fn survey<T>(&mut self, work: impl AsyncFnOnce(&mut Connection) -> Result<T>) -> Result<T> {
        let words = format!("{}; {WATCH}", opening("BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY", &self.schema));
        let mut tx = Read(Transaction::begin(&mut self.line, self.run.clone(), words).await?);
        let found = work(&mut tx).await?;
        tx.end().await?;
        Ok(found)
    }

    /// Begins to read; all statements see the same state.
    pub async fn read_one_state(&mut self) -> Result<Read<'_>> {
        Ok(Read(self.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?))
    }

    /// Begins to write, or in a dry run only to look what would be written.
    async fn write(&mut self, is_dry: bool) -> Result<Write<'_>> {
        if !is_dry {
            self.run.agree()?;
        }
        Ok(Write { tx: self.begin(BEGIN).await?, is_dry })
    }

    /// Does a unit of work that writes, or in a dry run only looks what would be written, and ends it with its row for the
    /// trail, or unchanged where it has none. Where another session was in the way (a deadlock, a serialization failure), all
    /// of it was rolled back, and it is done again.
    pub async fn change<'a, T>(
        &mut self,
        is_dry: bool,
        mut work: impl AsyncFnMut(&mut Write<'_>) -> Result<(T, Option<Audit<'a>>)>,
    ) -> Result<T> {
        let mut pauses = pauses();
        loop {
            let mut tx = self.write(is_dry).await?;
            let outcome = match work(&mut tx).await {
                Ok((value, audit)) => tx.settle(audit).await.map(|()| value),
                Err(error) => {
                    // What went wrong first counts.
                    let _ = tx.unchanged().await;
                    Err(error)
                }
            };
            match outcome {
                // Nobody is asked while rows are locked.
                Err(_) if let Some(rows) = self.run.to_forgo() => self.run.forgo(rows)?,
                Err(error)
                    if error.is(Cause::Transient)
                        && let Some(pause) = pauses.next() =>
                {
                    tokio::time::sleep(pause).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Begins to write and to wait no longer than `lock` for a lock, and for no statement longer than `statement` (zero is no
    /// limit). It takes as few ways to the server and back as can be. A last statement may go the same way; its rows come back.
    /// Fails when the connection is lost, nobody agrees to it, or the server refuses the statement.
    pub async fn write_briefly(
        &mut self,
        is_dry: bool,
        lock: Duration,
        statement: Duration,
        last: &str,
    ) -> Result<(Write<'_>, Vec<PgRow>)> {
        if !is_dry {
            self.run.agree()?;
        }
        if !statement.is_zero() {
            // Nothing that the server does takes longer than that.
            self.line.wait_for(Some(statement + Duration::from_secs(1)));
        }
        let limits = Limits { lock, statement: Some(statement), durable: true }.words();
        let words = format!("{}; {limits}; {last}", opening(BEGIN, &self.schema));
        let (tx, rows) = Transaction::begin_brief(&mut self.line, self.run.clone(), &words).await?;
        Ok((Write { tx, is_dry }, rows))
    }

    /// Asks before something is written by what does not begin with [`Session::change`].
    pub fn agree(&self) -> Result<()> {
        self.run.agree()
    }

    /// Begins what keeps a ledger of its own and leaves no row in the trail by itself.
    pub async fn plain(&mut self) -> Result<Plain<'_>> {
        Ok(Plain(self.begin(BEGIN).await?))
    }

    /// The same with the session's settings as a script left them.
    pub async fn plain_as_set(&mut self) -> Result<Plain<'_>> {
        let words = format!("BEGIN; {WATCH}");
        Ok(Plain(Transaction::begin(&mut self.line, self.run.clone(), words).await?))
    }

    async fn begin(&mut self, words: &str) -> Result<Transaction<'_>> {
        let words = format!("{}; {}; {WATCH}", opening(words, &self.schema), door(&self.schema));
        // Nothing else in these words takes a right.
        Transaction::begin(&mut self.line, self.run.clone(), words).await.map_err(|error| {
            if !error.is(Cause::NoRight) {
                return error;
            }
            let (role, schema) = (&self.role, &self.schema);
            Error::new(Exit::Auth, format!("the role `{role}` may not use the schema `{schema}`")).because(Cause::NoRight)
        })
    }

    /// The schema in which names resolve.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Has outside transactions, too, names resolve in the schema and row-level security hide nothing, for as long as the
    /// session lasts. Not for sessions that share a server behind a pooler, which would leave it so for others: what only
    /// reads does so in a transaction.
    pub async fn pin_schema(&mut self) -> Result<()> {
        let pin = format!("SET search_path TO {}, pg_temp; SET row_security TO off", migrations::quote(&self.schema));
        sqlx::raw_sql(AssertSqlSafe(pin)).execute(&mut self.line.connection).await?;
        Ok(())
    }

    /// Waits for the server's answers forever from now on, as the building of an index may take.
    pub fn wait_for_ever(&self) {
        self.line.wait_for(None);
    }

    /// Where another program finds the server of this session, and what must be kept for as long as it is to run. Exit 69 when
    /// the server can no longer be reached.
    pub async fn lead(&self, address: &Address) -> Result<(Address, Lead)> {
        connect::lead(address, &self.line).await
    }

    /// The bare connection, for what cannot run in a transaction.
    pub fn connection(&mut self) -> &mut Connection {
        &mut self.line.connection
    }

    /// Notes that something was changed outside of a transaction.
    pub fn note_change(&self) {
        self.run.note_commit();
    }

    /// The number of the row that this run added to the trail last; none where it added none.
    pub fn written(&self) -> Option<i64> {
        self.run.written().last().map(|written| written.seq)
    }

    /// Says goodbye to the server.
    pub async fn close(self) -> Result<()> {
        Ok(self.line.close().await?)
    }
}

/// A transaction that reads. The server refuses what writes.
#[derive(Debug)]
pub struct Read<'a>(Transaction<'a>);

impl Read<'_> {
    pub async fn end(self) -> Result<()> {
        self.0.rollback().await
    }
}

/// A transaction that writes. Dropped, it is rolled back.
#[derive(Debug)]
#[must_use = "what was written is rolled back unless it is finished"]
pub struct Write<'a> {
    tx: Transaction<'a>,
    is_dry: bool,
}

impl Write<'_> {
    /// Ends it: adds the row to the trail and makes all of it permanent. Rolls all of it back in a dry run. Fails when the
    /// server refuses, or the connection is lost before it answers; the error then says that nobody knows.
    pub async fn finish(mut self, audit: Audit<'_>) -> Result<()> {
        let image = match images::taken(&mut self.tx).await? {
            None => None,
            Some(Taken::Not(why)) => Some(why),
            Some(Taken::TooMany(rows)) => {
                if !self.is_dry {
                    self.tx.run().check_forgone(rows)?;
                }
                Some(json!({ "rows": rows, "kept": false, "why": "too many rows" }))
            }
            Some(Taken::Image(image)) => Some(image),
        };
        let is_kept = image.as_ref().is_some_and(|image| image.get("data").is_some());
        let removed = |tables: &Value| tables.as_object().is_some_and(|all| all.values().any(|one| one["removed"] != 0));
        let has_removed = image.as_ref().is_some_and(|image| removed(&image["tables"]));
        let action = audit.action().to_owned();
        let (words, seq) = audit.with(image).words(&mut self.tx).await?;
        self.end(&words, Written { seq, action, is_kept, has_removed }).await
    }

    /// The same where the chain of the trail was claimed already.
    pub async fn finish_claimed(mut self, claimed: Claimed, audit: Audit<'_>) -> Result<()> {
        let (words, seq) = audit.words_after(&mut self.tx, claimed).await?;
        self.end(&words, Written::plain(seq, audit.action())).await
    }

    async fn end(mut self, words: &str, written: Written) -> Result<()> {
        if self.is_dry {
            say(&mut self.tx, words).await?;
            return self.tx.rollback().await;
        }
        let run = self.tx.run().clone();
        self.tx.commit_after(words).await?;
        run.note(written);
        Ok(())
    }

    /// Ends it: nothing was changed. What was done all the same is rolled back.
    pub async fn unchanged(self) -> Result<()> {
        self.tx.rollback().await
    }

    /// [`Write::finish`] where there is something to tell the trail, else [`Write::unchanged`]. Fails as these.
    pub async fn settle(self, audit: Option<Audit<'_>>) -> Result<()> {
        match audit {
            Some(audit) => self.finish(audit).await,
            None => self.unchanged().await,
        }
    }
}

/// A transaction of what keeps a ledger of its own. Dropped, it is rolled back.
#[derive(Debug)]
#[must_use = "what was written is rolled back unless it is committed"]
pub struct Plain<'a>(Transaction<'a>);

impl Plain<'_> {
    /// Limits it from here on.
    pub async fn limit(&mut self, limits: Limits) -> Result<()> {
        say(&mut self.0, &limits.words()).await?;
        Ok(())
    }

    /// Makes all of it permanent. Fails when the server refuses, or the connection is lost before it answers; the error then
    /// says that nobody knows.
    pub async fn commit(self) -> Result<()> {
        let run = self.0.run().clone();
        self.commit_note().await?;
        run.note_commit();
        Ok(())
    }

    /// The same of what is no change: that the ledger has a place, that a step begins.
    pub async fn commit_note(self) -> Result<()> {
        self.0.commit_after("").await?;
        Ok(())
    }

    /// Adds a row to the trail and makes all of it permanent.
    pub async fn finish(mut self, audit: Audit<'_>) -> Result<()> {
        let (words, seq) = audit.words(&mut self.0).await?;
        let run = self.0.run().clone();
        self.0.commit_after(&words).await?;
        run.note(Written::plain(seq, audit.action()));
        Ok(())
    }

    /// Takes all of it back.
    pub async fn rollback(self) -> Result<()> {
        self.0.rollback().await
    }
}

/// The functions of [`crate::db`] take any of them as `&mut tx`.
macro_rules! is_a_connection {
    ($($name:ident . $field:tt),+) => {$(
        impl Deref for $name<'_> {
            type Target = PgConnection;
            fn deref(&self) -> &PgConnection {
                &self.$field
            }
        }

        impl DerefMut for $name<'_> {
            fn deref_mut(&mut self) -> &mut PgConnection {
                &mut self.$field
            }
        }
    )+};
}

is_a_connection!(Read.0, Write.tx, Plain.0);
