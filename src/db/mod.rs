//! All SQL of cmf: one function, one statement, on a connection it is handed. Nothing here begins or ends a transaction:
//! that is the session's. Every function fails when the database refuses the statement or the connection is lost, and says
//! in its own comment only what else can go wrong.

pub mod activation;
mod address;
pub mod audit;
pub mod catalog_contents;
pub mod catalog_upkeep;
pub mod catalogs;
pub mod citus;
pub(crate) mod connect;
pub mod copy;
pub mod crosswalks;
pub mod databases;
pub mod doctor;
mod door;
pub mod dumps;
mod error;
pub mod frameworks;
pub mod grants;
mod hints;
pub mod images;
pub mod items;
pub mod local;
pub mod locks;
mod login;
pub mod mappings;
pub mod metric_entries;
pub mod metrics;
pub mod migrations;
pub mod names;
pub mod newcomers;
pub mod partitions;
#[cfg(unix)]
mod peer;
pub mod readings;
pub mod retention;
pub mod schema;
pub mod schemas;
pub mod scores;
mod stored;
mod tls;
mod tls_trouble;
pub mod undo;
pub mod users;
mod value;
pub mod views;
mod wire;

#[cfg(fuzzing)]
pub use address::parse_connection;
pub(crate) use address::refuse_exposed;
pub use address::{Address, PUBLIC, holds_secret};
pub use connect::Lead;
pub(crate) use error::is_lost;
pub use error::{SECURED, hidden_table, see_all, silent_in};

use sqlx::postgres::PgConnection;

use crate::error::Result;

/// A connection as the functions here take it.
pub type Connection = PgConnection;

/// A text as SQL spells it, whatever `standard_conforming_strings` says.
fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The oldest major version of Postgres that cmf works with.
pub const OLDEST: u32 = 13;

/// The name of the database a connection is on, as the server knows it.
pub async fn current_schema(conn: &mut PgConnection) -> Result<String> {
    let row = sqlx::Executor::fetch_one(conn, sqlx::raw_sql("SELECT current_schema()::text")).await?;
    Ok(sqlx::Row::try_get::<Option<String>, _>(&row, 0)?.unwrap_or_default())
}

pub async fn current_database(conn: &mut PgConnection) -> Result<String> {
    Ok(sqlx::query_scalar!(r#"SELECT current_database() AS "name!""#).fetch_one(conn).await?)
}
