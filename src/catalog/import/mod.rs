//! Metric catalogs from spreadsheets: rows become items, and items go into a catalog.

pub mod build;
pub mod rejects;
