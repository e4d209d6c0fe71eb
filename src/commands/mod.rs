//! One file a noun: a command's arguments beside the function that does it. Commands own the transaction; SQL is in `db`.

#[macro_use]
mod verb;

pub mod audit;
pub mod catalog;
pub mod check;
pub mod completions;
pub mod config;
pub mod db;
pub mod demo;
pub mod doctor;
pub mod due;
pub mod framework;
pub mod history;
pub mod import;
pub mod init;
pub mod local;
pub mod man;
pub mod map;
pub mod metric;
pub mod migrate;
pub mod openmetrics;
pub mod record;
pub mod report;
pub mod score;
pub mod seed;
pub mod status;
pub mod tenant;
pub mod undo;
pub mod user;

pub(crate) use self::verb::{Effect, FileFields, Formats, Prints, Role, UNDO_OWN, WithLess};
