//! Catalogs: what a verb does with them, over values.

pub mod activation;
pub mod contents;
pub mod difference;
pub mod export;
pub mod import;
pub mod upkeep;
