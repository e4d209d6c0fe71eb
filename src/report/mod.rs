//! Documents and drawings from domain values.

pub mod calendar;
pub mod junit;
pub mod lines;
pub mod openmetrics;
pub mod plot;
pub mod sarif;
pub mod scores;
pub(crate) mod template;
