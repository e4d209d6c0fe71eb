//! What `cmf migrate` does: runs migrations and takes them down, and compares what stands with what they make.

pub mod adopt;
mod checks;
pub mod distributed;
pub mod down;
pub mod drift;
pub mod grants;
pub mod health;
pub mod lint;
mod migrator;
pub mod names;
pub mod new;
pub mod partition;
pub mod plan;
pub mod pooler;
pub mod scratch;
mod set;
pub mod squash;
pub mod status;
mod steps;
pub mod tenant;
mod together;
pub mod trial;
pub mod views;
mod way;

pub use checks::revertible;
pub use migrator::{Migrator, Ran, Timeouts};
pub use scratch::Scratch;
pub use set::MigrationSet;

use crate::db::Address;
use crate::error::Result;
use crate::session::Session;
use crate::tell::Tell;

/// Brings a database up to the newest migration of this binary and says what was applied; nothing when it is current. With the
/// address it is looked whether a pooler stands before the server; the private Postgres has none. Exit 1 when a migration
/// fails; those before it stay applied, and the error says so. Also where a pooler stands at the address, through which no lock
/// holds.
pub async fn bring_up(session: &mut Session, tell: &dyn Tell, address: Option<Address>) -> Result<Vec<Ran>> {
    let mut migrator = Migrator::new(session, tell);
    migrator.address = address;
    migrator.allow_out_of_order = true;
    migrator.up(&MigrationSet::read(None)?, None).await
}
