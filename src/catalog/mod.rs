//! Catalogs: what a verb does with them, over values.

pub(crate) mod activation;
pub(crate) mod contents;
pub(crate) mod difference;
pub(crate) mod export;
pub mod import;
pub(crate) mod lint;
pub(crate) mod upkeep;
