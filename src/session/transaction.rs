//! A transaction: what all its kinds have in common.

use std::ops::{Deref, DerefMut};

use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection as _};

use super::Run;
use crate::db;
use crate::db::connect::Line;
use crate::error::{Error, Result};

/// Adds to an error that a COMMIT may have been done without an answer.
pub fn unanswered(error: Error) -> Error {
    // Hints to run the command again are not for this.
    error
        .only_hints(|_| false)
        .changed("It is unknown whether the changes were made: the answer to the COMMIT never came.")
        .hint("check whether they were made before you run the command again, such as with `cmf audit list`")
}

/// A transaction. Dropped unfinished, it is rolled back.
///
/// The driver names every statement it prepares. The names go before the transaction ends: behind a pooler in transaction
/// mode the server is somebody else's afterwards, who must not find them, and the next transaction may be on another.
#[derive(Debug)]
pub(super) struct Transaction<'a> {
    kind: Begun<'a>,
    run: Run,
}

#[derive(Debug)]
enum Begun<'a> {
    /// The driver says BEGIN and COMMIT, and rolls back what is dropped.
    Driven(sqlx::Transaction<'a, sqlx::Postgres>),
    /// What the driver would say one by one is said at once.
    Brief(Brief<'a>),
}

/// Dropped unfinished, it leaves a note in the session, which rolls it back before anything else.
#[derive(Debug)]
struct Brief<'a> {
    line: &'a mut Line,
    is_open: bool,
}

impl Drop for Brief<'_> {
    fn drop(&mut self) {
        self.line.unfinished = self.is_open;
    }
}

impl<'a> Transaction<'a> {
    /// Begins one with these words.
    pub async fn begin(line: &'a mut Line, run: Run, opening: String) -> Result<Self> {
        roll_back(line).await?;
        // What the driver has prepared is gone with DEALLOCATE.
        line.connection.clear_cached_statements().await?;
        let Line { connection, unfinished, .. } = line;
        match connection.begin_with(AssertSqlSafe(opening)).await {
            Ok(tx) => Ok(Transaction { kind: Begun::Driven(tx), run }),
            // The server may have begun it before it refused the rest.
            Err(error) => {
                *unfinished = true;
                Err(error.into())
            }
        }
    }

    /// The same with fewer ways to the server and back. The words may end with a statement; its rows are returned.
    pub async fn begin_brief(line: &'a mut Line, run: Run, opening: &str) -> Result<(Self, Vec<PgRow>)> {
        roll_back(line).await?;
        line.connection.clear_cached_statements().await?;
        let brief = Brief { line, is_open: true };
        let rows = say(&mut brief.line.connection, opening).await?;
        Ok((Transaction { kind: Begun::Brief(brief), run }, rows))
    }

    /// Makes all of it permanent after some last statements, whose rows are returned. They travel with the COMMIT where they
    /// can: what they lock is locked no longer than the server takes for both. Fails when the server refuses, or the connection
    /// is lost before it answers.
    pub async fn commit_after(self, statements: &str) -> Result<Vec<PgRow>> {
        let run = self.run;
        let ended = match self.kind {
            Begun::Driven(mut tx) => {
                let rows = if statements.is_empty() { Vec::new() } else { say(&mut tx, statements).await? };
                tx.clear_cached_statements().await?;
                run.set_committing(true);
                tx.commit().await.map(|()| rows)
            }
            Begun::Brief(brief) => {
                let separator = if statements.is_empty() { "" } else { "; " };
                // Nothing was prepared where all was said in plain words.
                let names = if brief.line.connection.cached_statements_size() == 0 { "" } else { "DEALLOCATE ALL; " };
                run.set_committing(true);
                brief.end(&format!("{statements}{separator}{names}COMMIT")).await
            }
        };
        // Dropped before this, as by a signal, the transaction leaves the question open.
        run.set_committing(false);
        ended.map_err(|error| {
            let lost = db::is_lost(&error);
            let error = Error::from(error);
            if lost { unanswered(error) } else { error }
        })
    }

    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Takes all of it back.
    pub async fn rollback(self) -> Result<()> {
        match self.kind {
            Begun::Driven(mut tx) => {
                tx.clear_cached_statements().await?;
                Ok(tx.rollback().await?)
            }
            Begun::Brief(brief) => {
                brief.end("DEALLOCATE ALL; ROLLBACK").await?;
                Ok(())
            }
        }
    }
}

impl Brief<'_> {
    async fn end(mut self, words: &str) -> Result<Vec<PgRow>, sqlx::Error> {
        let rows = say(&mut self.line.connection, words).await?;
        self.is_open = false;
        Ok(rows)
    }
}

/// Ends what an earlier transaction of the session left open.
async fn roll_back(line: &mut Line) -> Result<()> {
    if line.unfinished {
        say(&mut line.connection, "ROLLBACK").await?;
        line.unfinished = false;
    }
    Ok(())
}

/// Says it in one message and returns the rows of all its statements.
pub(super) async fn say(connection: &mut PgConnection, words: &str) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(words)).fetch_all(connection).await
}

impl Deref for Transaction<'_> {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        match &self.kind {
            Begun::Driven(tx) => tx,
            Begun::Brief(brief) => &brief.line.connection,
        }
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        match &mut self.kind {
            Begun::Driven(tx) => tx,
            Begun::Brief(brief) => &mut brief.line.connection,
        }
    }
}
