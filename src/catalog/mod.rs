//! Catalogs: what a verb does with them, over values.

pub mod import;
