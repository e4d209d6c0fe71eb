//! What is to be done before a pooler in transaction mode, whose sessions share servers: find out, and refuse.

use std::time::Duration;

use crate::db::{Address, Connection, migrations};
use crate::error::{Error, Result};
use crate::session::{Run, Session};

/// Whether a pooler that hands out a server for each transaction stands before the server: a second connection in a
/// transaction takes the server away from an idle first one.
async fn is_pooled(session: &mut Session, address: &Address) -> Result<bool> {
    let own = migrations::backend(session.connection()).await?;
    let Ok(mut other) = Session::connect(address, &Run::default()).await else { return Ok(false) };
    let look = async |tx: &mut Connection| {
        let theirs = migrations::backend(tx).await?;
        let again = tokio::time::timeout(Duration::from_secs(2), migrations::backend(session.connection())).await;
        Ok(theirs == own || !matches!(again, Ok(Ok(pid)) if pid == own))
    };
    let is_pooled = other.survey(look).await?;
    if !is_pooled {
        other.close().await?;
    }
    Ok(is_pooled)
}

/// Refuses what a pooler in transaction mode makes impossible, where one stands before the server. Exit 1 there, with what
/// follows from it.
pub(crate) async fn refuse(session: &mut Session, address: &Address, so: &str) -> Result<()> {
    if is_pooled(session, address).await? { Err(pooled(so)) } else { Ok(()) }
}

/// The error for what a pooler in transaction mode makes impossible: its sessions share servers, so ...
pub(crate) fn pooled(so: &str) -> Error {
    Error::failed(format!(
        "there is a connection pooler in transaction mode before the server: its sessions share connections, so {so}"
    ))
    .hint("connect to the server directly with --database-url, or to a pool in session mode")
}
