//! Documents from domain values.

pub mod sheet;
