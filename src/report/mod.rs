//! Documents from domain values.

pub mod scores;
pub mod sheet;
