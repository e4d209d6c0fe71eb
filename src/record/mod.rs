//! Readings of metrics: what recording them does, over values.

pub mod input;
pub mod readings;
