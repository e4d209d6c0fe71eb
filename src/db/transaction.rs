//! The transaction of a command.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _};

use super::connect::Session;
use crate::error::{Error, Result};

/// Whether a COMMIT was sent whose answer has not come.
static COMMITTING: AtomicBool = AtomicBool::new(false);

/// Whether the process has sent a COMMIT that was not answered yet: what it wrote may be stored or not.
pub fn is_committing() -> bool {
    COMMITTING.load(Ordering::Relaxed)
}

/// Adds to an error that a COMMIT may have been done without an answer.
pub fn unanswered(error: Error) -> Error {
    error
        .detail("whether the changes were made before that is not known: the answer to the COMMIT never came")
        .hint("look whether they are there before you run the command again")
}

/// A transaction of a command. The functions of [`crate::db`] take it as `&mut tx`.
///
/// The driver names every statement it prepares. The names go before the transaction ends: behind a pooler in transaction
/// mode the server is somebody else's afterwards, who must not find them, and the next transaction may be on another.
#[derive(Debug)]
pub struct Transaction<'a>(Kind<'a>);

#[derive(Debug)]
enum Kind<'a> {
    /// The driver says BEGIN and COMMIT, and rolls back what is dropped.
    Driven(sqlx::Transaction<'a, sqlx::Postgres>),
    /// What the driver would say one by one is said at once.
    Brief(Brief<'a>),
}

/// Dropped unfinished, it leaves a note in the session, which rolls it back before anything else.
#[derive(Debug)]
struct Brief<'a> {
    session: &'a mut Session,
    is_open: bool,
}

impl Drop for Brief<'_> {
    fn drop(&mut self) {
        self.session.unfinished = self.is_open;
    }
}

impl<'a> Transaction<'a> {
    /// Begins one with these words.
    pub(super) async fn begin(session: &'a mut Session, opening: String) -> Result<Self> {
        roll_back(session).await?;
        // What the driver has prepared is gone with DEALLOCATE.
        session.connection.clear_cached_statements().await?;
        Ok(Transaction(Kind::Driven(session.connection.begin_with(AssertSqlSafe(opening)).await?)))
    }

    /// The same with fewer ways to the server and back. The words may end with a statement; its rows are returned.
    pub(super) async fn begin_brief(session: &'a mut Session, opening: &str) -> Result<(Self, Vec<PgRow>)> {
        roll_back(session).await?;
        session.connection.clear_cached_statements().await?;
        let brief = Brief { session, is_open: true };
        let rows = say(&mut brief.session.connection, opening).await?;
        Ok((Transaction(Kind::Brief(brief)), rows))
    }

    /// Makes all of it permanent.
    ///
    /// # Errors
    /// When the server refuses, or the connection is lost before it answers; the error then says that nobody knows.
    pub async fn commit(self) -> Result<()> {
        self.commit_after("").await?;
        Ok(())
    }

    /// Makes all of it permanent after some last statements, whose rows are returned. They travel with the COMMIT where they
    /// can: what they lock is locked no longer than the server takes for both.
    ///
    /// # Errors
    /// When the server refuses, or the connection is lost before it answers.
    pub(super) async fn commit_after(self, statements: &str) -> Result<Vec<PgRow>> {
        let ended = match self.0 {
            Kind::Driven(mut tx) => {
                let rows = if statements.is_empty() { Vec::new() } else { say(&mut tx, statements).await? };
                tx.clear_cached_statements().await?;
                COMMITTING.store(true, Ordering::Relaxed);
                tx.commit().await.map(|()| rows)
            }
            Kind::Brief(brief) => {
                let separator = if statements.is_empty() { "" } else { "; " };
                // Nothing was prepared where all was said in plain words.
                let names = if brief.session.connection.cached_statements_size() == 0 { "" } else { "DEALLOCATE ALL; " };
                COMMITTING.store(true, Ordering::Relaxed);
                brief.end(&format!("{statements}{separator}{names}COMMIT")).await
            }
        };
        // Dropped before this, as by a signal, the transaction leaves the question open.
        COMMITTING.store(false, Ordering::Relaxed);
        ended.map_err(|error| {
            let lost = super::error::is_lost(&error);
            let error = Error::from(error);
            if lost { unanswered(error) } else { error }
        })
    }

    /// Marks the place that [`Transaction::roll_back_to_mark`] goes back to.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn mark(&mut self) -> Result<()> {
        say(self, "SAVEPOINT mark").await?;
        Ok(())
    }

    /// Takes back what was done since [`Transaction::mark`]; also after the server refused something.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn roll_back_to_mark(&mut self) -> Result<()> {
        say(self, "ROLLBACK TO SAVEPOINT mark").await?;
        Ok(())
    }

    /// Takes all of it back (`--dry-run`).
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn rollback(self) -> Result<()> {
        match self.0 {
            Kind::Driven(mut tx) => {
                tx.clear_cached_statements().await?;
                Ok(tx.rollback().await?)
            }
            Kind::Brief(brief) => {
                brief.end("DEALLOCATE ALL; ROLLBACK").await?;
                Ok(())
            }
        }
    }
}

impl Brief<'_> {
    async fn end(mut self, words: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let rows = say(&mut self.session.connection, words).await?;
        self.is_open = false;
        Ok(rows)
    }
}

/// Ends what an earlier transaction of the session left open.
async fn roll_back(session: &mut Session) -> Result<()> {
    if session.unfinished {
        say(&mut session.connection, "ROLLBACK").await?;
        session.unfinished = false;
    }
    Ok(())
}

/// Says it in one message and returns the rows of all its statements.
async fn say(connection: &mut PgConnection, words: &str) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(words)).fetch_all(connection).await
}

impl Deref for Transaction<'_> {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        match &self.0 {
            Kind::Driven(tx) => tx,
            Kind::Brief(brief) => &brief.session.connection,
        }
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.0 {
            Kind::Driven(tx) => tx,
            Kind::Brief(brief) => &mut brief.session.connection,
        }
    }
}
