//! All SQL of cmf: one function, one statement, on a connection it is handed. Nothing here begins or commits for itself;
//! the commands own the transaction.

pub mod activation;
pub mod audit;
pub mod catalog_upkeep;
pub mod catalogs;
pub mod doctor;
pub mod dumps;
mod error;
pub mod frameworks;
pub mod library;
pub mod local;
pub mod metrics;
pub mod migrations;
pub mod names;
pub mod readings;
pub mod scores;
pub mod users;

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection as _};

use crate::error::{Error, Exit, Result};

/// A connection as the functions here take it.
pub type Connection = PgConnection;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens every transaction: names resolve in `public` alone, whatever the role's or database's settings say.
const BEGIN: &str = "BEGIN; SET LOCAL search_path TO public, pg_temp";

/// Where a database is and who asks. Displayed without its password.
#[derive(Clone)]
pub struct Address {
    options: PgConnectOptions,
}

impl Address {
    /// Reads a `postgres://` or `postgresql://` URL.
    ///
    /// # Errors
    /// Exit 78 when it is not such a URL. The message never repeats the URL, which may hold a password.
    pub fn parse(url: &str) -> Result<Self> {
        let scheme = url.split_once("://").map(|(scheme, _)| scheme);
        if !matches!(scheme, Some("postgres" | "postgresql")) {
            return Err(Error::new(Exit::Config, "the database URL does not start with postgres://")
                .hint("write it as postgres://USER@HOST:PORT/DATABASE"));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| {
            Error::new(Exit::Config, format!("the database URL cannot be read: {error}"))
                .hint("write it as postgres://USER@HOST:PORT/DATABASE; escape special characters of a password as %XX")
        })?;
        Ok(Self::new(options))
    }

    /// A server listening on a unix socket in this directory.
    pub fn socket(directory: &Path, port: u16, user: &str, database: &str) -> Self {
        Self::new(
            PgConnectOptions::new_without_pgpass().socket(directory).port(port).username(user).password("").database(database),
        )
    }

    /// A server on a TCP port of this machine.
    pub fn loopback(port: u16, user: &str, password: &str, database: &str) -> Self {
        Self::new(
            PgConnectOptions::new_without_pgpass()
                .host("127.0.0.1")
                .port(port)
                .username(user)
                .password(password)
                .database(database),
        )
    }

    fn new(options: PgConnectOptions) -> Self {
        let options = options.application_name("cmf").disable_statement_logging();
        Address { options }
    }

    /// The same server, another database on it.
    #[must_use]
    pub fn database(&self, name: &str) -> Self {
        Address { options: self.options.clone().database(name) }
    }

    /// The same as environment variables, for Postgres's own client programs. With the password.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let options = &self.options;
        let url = options.to_url_lossy();
        let host = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => options.get_host().to_owned(),
        };
        let mut variables = vec![
            ("PGHOST", host),
            ("PGPORT", options.get_port().to_string()),
            ("PGUSER", options.get_username().to_owned()),
            ("PGDATABASE", self.database_name().to_owned()),
            ("PGAPPNAME", "cmf".to_owned()),
            ("PGCONNECT_TIMEOUT", CONNECT_TIMEOUT.as_secs().to_string()),
        ];
        if let Some(password) = url.password().filter(|password| !password.is_empty()) {
            variables.push(("PGPASSWORD", percent_decoded(password)));
        }
        for (name, value) in url.query_pairs() {
            match &*name {
                "sslmode" => variables.push(("PGSSLMODE", value.into_owned())),
                "sslrootcert" => variables.push(("PGSSLROOTCERT", value.into_owned())),
                "sslcert" => variables.push(("PGSSLCERT", value.into_owned())),
                "sslkey" => variables.push(("PGSSLKEY", value.into_owned())),
                _ => {}
            }
        }
        variables
    }

    /// The database's name: as given, else the user's, as Postgres does it.
    pub fn database_name(&self) -> &str {
        self.options.get_database().unwrap_or_else(|| self.options.get_username())
    }
}

/// Undoes `%XX`.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = after.get(..2).and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match code {
            Some(byte) if first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let options = &self.options;
        let host = match options.get_socket() {
            Some(directory) => directory.display().to_string(),
            None => options.get_host().to_owned(),
        };
        write!(f, "{}@{}:{}/{}", options.get_username(), host, options.get_port(), self.database_name())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

/// The one connection of a command.
#[derive(Debug)]
pub struct Database {
    connection: PgConnection,
}

impl Database {
    /// Connects, within 10 seconds.
    ///
    /// # Errors
    /// Exit 69 when the server cannot be reached in time, 77 when it refuses the user or TLS fails.
    pub async fn connect(address: &Address) -> Result<Self> {
        match tokio::time::timeout(CONNECT_TIMEOUT, address.options.connect()).await {
            Ok(Ok(connection)) => Ok(Database { connection }),
            Ok(Err(error)) => Err(error::connecting(&error, address)),
            Err(_) => {
                Err(Error::new(Exit::Unreachable, format!("{address} did not answer within {} s", CONNECT_TIMEOUT.as_secs())))
            }
        }
    }

    /// Begins a transaction. Dropped without [`Transaction::commit`], it is rolled back.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn begin(&mut self) -> Result<Transaction<'_>> {
        Ok(Transaction(self.connection.begin_with(BEGIN).await?))
    }

    /// The bare connection, for what cannot run in a transaction.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Says goodbye to the server.
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
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
#[derive(Debug)]
pub struct Transaction<'a>(sqlx::Transaction<'a, sqlx::Postgres>);

impl Transaction<'_> {
    /// Makes all of it permanent.
    ///
    /// # Errors
    /// When the server refuses, or the connection is lost before it answers.
    pub async fn commit(self) -> Result<()> {
        Ok(self.0.commit().await?)
    }

    /// Takes all of it back (`--dry-run`).
    ///
    /// # Errors
    /// When the connection is lost.
    pub async fn rollback(self) -> Result<()> {
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
