//! The order in which commands take locks. It keeps two commands from waiting for each other, and a command from writing what
//! it worked out from rows that changed meanwhile.
//!
//! 1. [`owner`]: the row of the user whose catalogs change. Which catalog is active, and what catalogs are called, changes
//!    under this lock only.
//! 2. [`catalogs`]: the rows of catalogs, in the order of their ids. Items, mappings and what defines a catalog's metrics change
//!    under this lock only, so the rows of items and mappings need no locks of their own.
//! 3. [`metrics`]: the rows of metrics, in the order of their ids. Readings and values change under this lock only.
//! 4. [`library`] and [`frameworks`]: what has no row that could be locked before it exists.
//! 5. The chain of audit rows, which the session takes before COMMIT.
//!
//! Each of them notes what may change under it ([`super::images`]), so that the trail keeps it as it was before.
//!
//! A command may leave out a step and never goes back to one. What it decides by, it reads after it has the lock, in another
//! statement: a statement that had to wait still sees the rows as they were when it began.

use sqlx::postgres::PgConnection;
use uuid::Uuid;

use super::images::{Scope, watch};
use crate::error::Result;

/// Locks a user's row until the transaction ends. Rows that refer to the user, such as audit rows, can still be written
/// meanwhile: else their writers and this one could wait for each other.
pub async fn owner(conn: &mut PgConnection, id: Uuid) -> Result<()> {
    sqlx::query!("SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE", id).fetch_one(&mut *conn).await?;
    watch(conn, Scope::Owner(id)).await
}

/// A catalog's row that is locked.
#[derive(Debug, Clone)]
pub struct Catalog {
    pub id: Uuid,
    pub name: String,
    pub is_active: bool,
}

/// Locks catalogs until the transaction ends. Returns those that still exist. Rows that refer to them, such as scores, can
/// still be written meanwhile.
pub async fn catalogs(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<Catalog>> {
    let locked = sqlx::query_as!(
        Catalog,
        "SELECT id, name, is_active FROM metric_catalogs WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE",
        ids
    )
    .fetch_all(&mut *conn)
    .await?;
    watch(conn, Scope::Catalogs(ids)).await?;
    Ok(locked)
}

/// Locks the catalogs of items, as [`catalogs`] does.
pub async fn catalogs_of_items(conn: &mut PgConnection, items: &[Uuid]) -> Result<()> {
    // An item never moves to another catalog.
    let ids = sqlx::query_scalar!("SELECT DISTINCT catalog_id FROM metric_catalog_items WHERE id = ANY($1)", items)
        .fetch_all(&mut *conn)
        .await?;
    catalogs(conn, &ids).await?;
    Ok(())
}

/// Locks a catalog, and with it the owner's active ones, as [`catalogs`] does. The owner is locked.
pub async fn catalog_and_active(conn: &mut PgConnection, catalog_id: Uuid, owner_id: Uuid) -> Result<Vec<Catalog>> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM metric_catalogs WHERE id = $1 OR owner_id = $2 AND is_active",
        catalog_id,
        owner_id
    )
    .fetch_all(&mut *conn)
    .await?;
    catalogs(conn, &ids).await
}

/// Locks the metrics of a catalog, as [`metrics`] does.
pub async fn metrics_of(conn: &mut PgConnection, catalog_id: Uuid) -> Result<Vec<(Uuid, bool)>> {
    let rows =
        sqlx::query!("SELECT id, is_locked FROM metrics WHERE catalog_id = $1 ORDER BY id FOR NO KEY UPDATE", catalog_id)
            .fetch_all(&mut *conn)
            .await?;
    watch(conn, Scope::Catalogs(&[catalog_id])).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.is_locked)).collect())
}

/// Locks metrics in the order of their ids, and says which of them refuse readings.
pub async fn metrics(conn: &mut PgConnection, ids: &[Uuid]) -> Result<Vec<(Uuid, bool)>> {
    let locked = super::metrics::lock(conn, ids).await?;
    watch(conn, Scope::Metrics(ids)).await?;
    Ok(locked)
}

/// Locks metrics that are to be deleted: nobody can store a reading of them meanwhile either. Returns how many still exist.
pub async fn metrics_to_delete(conn: &mut PgConnection, ids: &[Uuid]) -> Result<usize> {
    let locked =
        sqlx::query!("SELECT id FROM metrics WHERE id = ANY($1) ORDER BY id FOR UPDATE", ids).fetch_all(&mut *conn).await?;
    watch(conn, Scope::Metrics(ids)).await?;
    Ok(locked.len())
}

/// Keeps others from adding to the default library until the transaction ends, so that a number or name is taken once.
pub async fn library(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('cmf default library'))").fetch_one(&mut *conn).await?;
    watch(conn, Scope::Library).await
}

/// Keeps others from storing frameworks until the transaction ends, so that of several who store the same one, the first does
/// and the others find it.
pub async fn frameworks(conn: &mut PgConnection) -> Result<()> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('cmf frameworks'))").fetch_one(&mut *conn).await?;
    watch(conn, Scope::Frameworks).await
}
