//! Catalogs: what a verb does with them, over values.

pub mod activation;
pub mod import;
