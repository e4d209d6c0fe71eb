//! Who or what is meant by a name: the finders that engines and commands ask.

pub mod catalog;
pub mod code;
pub mod crosswalk;
pub mod framework;
pub mod item;
pub mod metric;
pub mod names;
pub mod tenants;
pub mod user;
