//! All SQL of cmf: one function, one statement, on a connection it is handed. Nothing here begins or commits for itself;
//! the commands own the transaction.

pub mod activation;
mod address;
pub mod audit;
pub mod catalog_contents;
pub mod catalog_upkeep;
pub mod catalogs;
mod connect;
pub mod copy;
pub mod databases;
pub mod doctor;
mod door;
pub mod dumps;
mod error;
pub mod frameworks;
pub mod grants;
pub mod items;
pub mod library;
pub mod local;
pub mod locks;
mod login;
pub mod mappings;
pub mod metrics;
pub mod migrations;
pub mod names;
#[cfg(unix)]
mod peer;
pub mod readings;
pub mod schema;
pub mod schemas;
pub mod scores;
mod stored;
mod tls;
mod tls_trouble;
mod transaction;
pub mod users;
mod value;
mod wire;

#[cfg(fuzzing)]
pub use address::parse_connection;
pub use address::{Address, PUBLIC, holds_secret};
pub use connect::Lead;
pub use error::{ROW_SECURITY, silent};
pub use transaction::{Transaction, is_committing, unanswered};

use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::postgres::PgConnection;

use crate::error::Result;
use connect::Session;

/// A connection as the functions here take it.
pub type Connection = PgConnection;

/// Opens every transaction: names resolve in one schema alone, whatever the role's or database's settings say, and the
/// server refuses where row-level security would hide rows, because a figure from a part of the rows is wrong. Behind a
/// pooler the server may have prepared statements of somebody who did not clean up, under names that the driver will use:
/// they go.
fn opening(begin: &str, schema: &str) -> String {
    let schema = migrations::quote(schema);
    format!("{begin}; SET LOCAL search_path TO {schema}, pg_temp; SET LOCAL row_security TO off; DEALLOCATE ALL")
}

/// The server looks every second whether cmf is still there, where it can: else a statement of a killed cmf that waits for a
/// lock would wait on, its transaction open.
const WATCH: &str = "SELECT set_config('client_connection_check_interval', '1s', true) \
                     WHERE current_setting('server_version_num')::int >= 140000 AND version() LIKE '%linux%'";

fn watched(begin: &str, schema: &str) -> String {
    format!("{}; {WATCH}", opening(begin, schema))
}

/// The one connection of a command.
#[derive(Debug)]
pub struct Database {
    session: Session,
    schema: String,
}

impl Database {
    /// Connects, within the address's limit of time for each of its hosts.
    ///
    /// # Errors
    /// Exit 69 when no server can be reached in time, 77 when it refuses the user or TLS fails, 78 when what the address
    /// asks for cannot be had.
    pub async fn connect(address: &Address) -> Result<Self> {
        Ok(Database { session: connect::open(address).await?, schema: address.schema.clone() })
    }

    /// Begins a transaction. Dropped without [`Transaction::commit`], it is rolled back.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        Transaction::begin(&mut self.session, watched("BEGIN", &self.schema)).await
    }

    /// Begins a transaction in which the session's settings hold as a script left them.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin_as_set(&mut self) -> Result<Transaction<'_>> {
        Transaction::begin(&mut self.session, format!("BEGIN; {WATCH}")).await
    }

    /// Begins a transaction whose statements all see the same state. It only reads.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin_snapshot(&mut self) -> Result<Transaction<'_>> {
        let opening = watched("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", &self.schema);
        Transaction::begin(&mut self.session, opening).await
    }

    /// The schema in which names resolve.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Has outside transactions, too, names resolve in the schema and row-level security hide nothing, for as long as the
    /// session lasts. Not for sessions that share a server behind a pooler, which would leave it so for others: what only
    /// reads does so in a transaction.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn pin_schema(&mut self) -> Result<()> {
        let pin = format!("SET search_path TO {}, pg_temp; SET row_security TO off", migrations::quote(&self.schema));
        sqlx::raw_sql(AssertSqlSafe(pin)).execute(&mut self.session.connection).await?;
        Ok(())
    }

    /// Begins a transaction that waits no longer than `lock` for a lock, and lets no statement run longer than `statement`
    /// (zero is no limit). It takes as few ways to the server and back as can be, for those that record a reading a minute.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin_within(&mut self, lock: Duration, statement: Duration) -> Result<Transaction<'_>> {
        // To compile a statement takes the server longer than to run it for the metrics of a file.
        let opening = format!("{}; SET LOCAL jit = off", self.opening_within(lock, statement));
        Ok(Transaction::begin_brief(&mut self.session, &opening).await?.0)
    }

    /// Begins such a transaction and does [`metrics::find_and_lock`] on the same way.
    ///
    /// # Errors
    /// When the connection is lost, or another session holds a lock for too long.
    pub async fn begin_finding(
        &mut self,
        lock: Duration,
        statement: Duration,
        wanted: &metrics::Wanted<'_>,
    ) -> Result<(Transaction<'_>, Vec<metrics::Metric>)> {
        let opening = format!("{}; {}", self.opening_within(lock, statement), wanted.sql());
        let (tx, rows) = Transaction::begin_brief(&mut self.session, &opening).await?;
        Ok((tx, metrics::found(rows)?))
    }

    fn opening_within(&self, lock: Duration, statement: Duration) -> String {
        if !statement.is_zero() {
            // Nothing that the server does takes longer than that.
            self.session.link.wait_for(Some(statement + Duration::from_secs(1)));
        }
        let (lock, statement) = (lock.as_millis(), statement.as_millis());
        let opening = opening("BEGIN", &self.schema);
        format!("{opening}; SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement}")
    }

    /// Waits for the server's answers for ever from now on, as the building of an index may take.
    pub fn wait_for_ever(&self) {
        self.session.link.wait_for(None);
    }

    /// Where another program finds the server of this session, and what must be kept for as long as it is to run.
    ///
    /// # Errors
    /// Exit 69 when the server can no longer be reached.
    pub async fn lead(&self, address: &Address) -> Result<(Address, Lead)> {
        connect::lead(address, &self.session).await
    }

    /// The bare connection, for what cannot run in a transaction.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.session.connection
    }

    /// Says goodbye to the server.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn close(self) -> Result<()> {
        Ok(self.session.close().await?)
    }
}

/// A text as SQL spells it, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The name of the database a connection is on, as the server knows it.
///
/// # Errors
/// When the connection is lost.
pub async fn current_database(conn: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!(r#"SELECT current_database() AS "name!""#).fetch_one(conn).await?)
}
