//! What is to be done before a pooler in transaction mode, whose sessions share servers: find out, and refuse.

use std::time::Duration;

use crate::db::{Address, Database, migrations};
use crate::error::{Error, Result};

/// Whether a pooler that hands out a server for each transaction stands before the server: a second connection in a
/// transaction takes the server away from an idle first one.
///
/// # Errors
/// When a connection is lost.
async fn is_pooled(database: &mut Database, address: &Address) -> Result<bool> {
    let own = migrations::backend(database.connection()).await?;
    let Ok(mut other) = Database::connect(address).await else { return Ok(false) };
    let mut tx = other.begin().await?;
    let theirs = migrations::backend(&mut tx).await?;
    let again = tokio::time::timeout(Duration::from_secs(2), migrations::backend(database.connection())).await;
    let is_pooled = theirs == own || !matches!(again, Ok(Ok(pid)) if pid == own);
    if !is_pooled {
        tx.rollback().await?;
        other.close().await?;
    }
    Ok(is_pooled)
}

/// Refuses what a pooler in transaction mode makes impossible, where one stands before the server.
///
/// # Errors
/// Exit 1 there, with what follows from it.
pub(crate) async fn refuse(database: &mut Database, address: &Address, so: &str) -> Result<()> {
    if is_pooled(database, address).await? { Err(pooled(so)) } else { Ok(()) }
}

/// The error for what a pooler in transaction mode makes impossible: its sessions share servers, so ...
pub(crate) fn pooled(so: &str) -> Error {
    Error::failed(format!(
        "a connection pooler in transaction mode stands before the server: its sessions share servers, so {so}"
    ))
    .hint("name the server itself with --database-url, or a pool in session mode")
}
