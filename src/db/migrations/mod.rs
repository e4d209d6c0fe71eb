//! The migrations: where they come from, and what is kept about them in the database.
//!
//! `diesel_migrations` compiles the folder `migrations/` in and defines its format. Its migrations want a diesel connection
//! to run on; they are handed a `SqlRecorder` instead, and the recorded SQL runs on the one driver of cmf.

mod index;
mod ledger;
mod lock;
mod source;
pub mod sql;
mod trace;

pub use index::*;
pub use ledger::*;
pub use lock::*;
pub use source::*;
pub use trace::*;
