//! All SQL of cmf: one function, one statement, on a connection it is handed. Nothing here begins or commits for itself;
//! the commands own the transaction.

pub mod activation;
mod address;
pub mod audit;
pub mod catalog_contents;
pub mod catalog_upkeep;
pub mod catalogs;
mod connect;
pub mod databases;
pub mod doctor;
pub mod dumps;
mod error;
pub mod frameworks;
pub mod items;
pub mod library;
pub mod local;
pub mod mappings;
pub mod metrics;
pub mod migrations;
pub mod names;
pub mod readings;
pub mod schema;
pub mod schemas;
pub mod scores;
pub mod users;
mod wire;

pub use address::Address;
#[cfg(fuzzing)]
pub use address::parse_connection;

use std::ops::{Deref, DerefMut};
use std::time::Duration;

use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _};

use crate::error::Result;
use connect::Session;

/// A connection as the functions here take it.
pub type Connection = PgConnection;

/// Opens every transaction: names resolve in one schema alone, whatever the role's or database's settings say. Behind a
/// pooler the server may have prepared statements of somebody who did not clean up, under names that the driver will use:
/// they go. And the server looks every second whether cmf is still there, where it can: else a statement of a killed cmf
/// that waits for a lock would wait on, its transaction open.
fn opening(schema: &str) -> String {
    format!(
        "BEGIN; SET LOCAL search_path TO {}, pg_temp; DEALLOCATE ALL; \
         SELECT set_config('client_connection_check_interval', '1s', true) \
         WHERE current_setting('server_version_num')::int >= 140000 AND version() LIKE '%linux%'",
        migrations::quote(schema)
    )
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
        self.begin_by(opening(&self.schema)).await
    }

    async fn begin_by(&mut self, sql: String) -> Result<Transaction<'_>> {
        // What the driver has prepared is gone with DEALLOCATE.
        self.session.connection.clear_cached_statements().await?;
        Ok(Transaction(self.session.connection.begin_with(AssertSqlSafe(sql)).await?))
    }

    /// The schema in which names resolve.
    pub fn schema(&self) -> &str {
        &self.schema
    }

    /// Has names resolve in the schema outside transactions too, for as long as the session lasts. Not for sessions that
    /// share a server behind a pooler, which would leave it so for others.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn pin_schema(&mut self) -> Result<()> {
        let pin = format!("SET search_path TO {}, pg_temp", migrations::quote(&self.schema));
        sqlx::raw_sql(AssertSqlSafe(pin)).execute(&mut self.session.connection).await?;
        Ok(())
    }

    /// Has names resolve in a tenant's schema outside transactions too; nothing to do for `public`.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn pin_tenant(&mut self) -> Result<()> {
        if self.schema == address::PUBLIC { Ok(()) } else { self.pin_schema().await }
    }

    /// Begins a transaction that waits no longer than `lock` for a lock, and lets no statement run longer than `statement`
    /// (zero is no limit).
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin_within(&mut self, lock: Duration, statement: Duration) -> Result<Transaction<'_>> {
        if let Some(link) = self.session.link.as_ref().filter(|_| !statement.is_zero()) {
            // Nothing that the server does takes longer than that.
            link.wait_for(Some(statement + Duration::from_secs(1)));
        }
        let (lock, statement) = (lock.as_millis(), statement.as_millis());
        let opening = opening(&self.schema);
        self.begin_by(format!("{opening}; SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement}")).await
    }

    /// Waits for the server's answers for ever from now on, as the building of an index may take.
    pub fn wait_for_ever(&self) {
        if let Some(link) = &self.session.link {
            link.wait_for(None);
        }
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

/// The name of the database a connection is on, as the server knows it.
///
/// # Errors
/// When the connection is lost.
pub async fn current_database(conn: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!(r#"SELECT current_database() AS "name!""#).fetch_one(conn).await?)
}

/// A transaction of a command. The functions of this module take it as `&mut tx`.
///
/// The driver names every statement it prepares. The names go before the transaction ends: behind a pooler in transaction
/// mode the server is somebody else's afterwards, who must not find them, and the next transaction may be on another.
#[derive(Debug)]
pub struct Transaction<'a>(sqlx::Transaction<'a, sqlx::Postgres>);

impl Transaction<'_> {
    /// Makes all of it permanent.
    ///
    /// # Errors
    /// When the server refuses, or the connection is lost before it answers; the error then says that nobody knows.
    pub async fn commit(mut self) -> Result<()> {
        self.0.clear_cached_statements().await?;
        self.0.commit().await.map_err(|error| {
            let lost = matches!(error, sqlx::Error::Io(_) | sqlx::Error::Protocol(_));
            let error = crate::error::Error::from(error);
            if lost {
                error
                    .detail("whether the changes were made before that is not known: the answer to the COMMIT never came")
                    .hint("look whether they are there before you run the command again")
            } else {
                error
            }
        })
    }

    /// Takes all of it back (`--dry-run`).
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn rollback(mut self) -> Result<()> {
        self.0.clear_cached_statements().await?;
        Ok(self.0.rollback().await?)
    }
}

impl Deref for Transaction<'_> {
    type Target = PgConnection;
    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for Transaction<'_> {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}
