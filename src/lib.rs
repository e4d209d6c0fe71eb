//! `cmf` administers a Postgres database of cybersecurity metrics: it migrates the schema, seeds frameworks, imports
//! catalogs from spreadsheets, records readings, activates catalogs and computes scores.
//!
//! Arrows point down only: `cli` -> `commands` -> (`session`, `db`, `table`, `import`, `report`, `files`, `output`, `local`) -> `domain`.
//! `error` is a leaf that every layer but `domain` may use; `aside` is one for what is too long for memory.

mod aside;
pub mod catalog;
mod choices;
pub mod cli;
mod client;
mod commands;
mod config;
mod confirm;
mod context;
mod db;
mod doctor;
pub mod domain;
mod doubts;
pub mod error;
mod everywhere;
mod files;
mod framework;
mod home;
pub mod import;
pub mod local;
mod lookup;
mod map;
mod metric;
mod migrate;
mod os_user;
mod output;
mod pdf;
mod program;
mod provider;
mod reading;
mod ready;
mod record;
mod report;
mod sample;
mod score;
mod scoring;
mod session;
mod sheet;
pub mod table;
mod tell;
mod template;
mod undo;

pub use cli::run;
#[cfg(fuzzing)]
pub use db::parse_connection;
#[cfg(fuzzing)]
pub use record::{input, readings};
