//! Frameworks and crosswalks: brought into the database, and compared with what is there.

pub(crate) mod crosswalk;
pub(crate) mod import;
pub(crate) mod seed;
