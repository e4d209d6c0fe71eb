//! The schema of a tenant: rolled back where it could not be filled, and dropped.

use crate::confirm::Confirmed;
use crate::db::{schemas, views};
use crate::error::Result;
use crate::session::Session;

/// Takes back the session's schema, which this command has made.
pub async fn take_back(session: &mut Session) -> Result<()> {
    let name = session.schema().to_owned();
    let mut tx = session.plain().await?;
    schemas::undo_create(&mut tx, &name).await?;
    tx.commit().await
}

/// Drops a tenant's schema with everything in it, and that of its views.
pub async fn drop(session: &mut Session, name: &str, confirmed: &Confirmed) -> Result<()> {
    let views = views::schema_of(name);
    let mut tx = session.plain().await?;
    schemas::drop(&mut tx, &[name, &views], confirmed).await?;
    tx.commit().await
}
