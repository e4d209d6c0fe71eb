//! Making a catalog its owner's active one, and inactive again.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::db::activation::{Gaps, Metrics};
use crate::db::{self, Connection};
use crate::error::{Error, Result};

/// What an activation did.
#[derive(Debug, Clone)]
pub struct Activated {
    /// Metrics made and changed.
    pub metrics: Metrics,
    /// Current values of the sheet that became first readings.
    pub first_readings: u64,
    /// The owner's catalogs that were active before.
    pub deactivated: Vec<String>,
    /// What the items lack.
    pub gaps: Gaps,
    /// For the audit row of the command.
    pub audit: Value,
}

/// Activates a catalog: items with a confirmed function
/// become metrics under their own ids; the owner's other catalog becomes inactive. The audit row is the caller's.
///
/// # Errors
/// When the database refuses.
pub async fn activate(tx: &mut Connection, catalog_id: Uuid, owner_id: Uuid) -> Result<Activated> {
    db::locks::owner(tx, owner_id).await?;
    let catalogs = db::locks::catalog_and_active(tx, catalog_id, owner_id).await?;
    let others: Vec<_> = catalogs.iter().filter(|catalog| catalog.id != catalog_id).collect();
    let Some(catalog) = catalogs.iter().find(|catalog| catalog.id == catalog_id) else {
        return Err(
            Error::failed("the catalog does not exist any more: another session deleted it").hint("see `cmf catalog list`")
        );
    };
    db::locks::metrics_of(tx, catalog_id).await?;
    let gaps = db::activation::gaps(tx, catalog_id).await?;
    let metrics = db::activation::upsert_metrics(tx, catalog_id).await?;
    let first_readings = db::activation::insert_first_readings(tx, catalog_id, owner_id).await?;
    db::activation::set_active(tx, &others.iter().map(|other| other.id).collect::<Vec<_>>(), false).await?;
    if !catalog.is_active {
        db::activation::set_active(tx, &[catalog_id], true).await?;
    }
    db::activation::set_users_catalog(tx, owner_id, Some(catalog_id)).await?;
    let deactivated: Vec<String> = others.into_iter().map(|other| other.name.clone()).collect();
    let result = json!({
        "catalog_id": catalog_id, "metrics_created": metrics.created, "metrics_updated": metrics.updated,
        "first_readings": first_readings, "deactivated": deactivated,
    });
    Ok(Activated { metrics, first_readings, deactivated, gaps, audit: result })
}
