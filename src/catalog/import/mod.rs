//! Metric catalogs from spreadsheets: rows become items, and items go into a catalog.

pub mod build;
mod directions;
mod readings;
pub mod rejects;
mod renumber;
mod request;
mod run;
mod store;
mod summary;
mod understand;

pub use self::directions::{Told, Undirected, undirected};
pub use self::renumber::{LISTED as LINES, Renumber, Renumbered, lines};
pub(crate) use self::request::Request;
pub(crate) use self::run::import;
pub use self::run::{Finished, Pruning};
pub use self::store::Mode;
pub use self::summary::{Imported, LISTED, ReadColumn, Ready, columns, onto, unmapped};
pub use self::understand::{Codes, blocking, choose_framework, frameworks, understand};
