
//! Documents from domain values.
//! Drawings and pages made of domain values.
pub mod plot;
pub mod sheet;
