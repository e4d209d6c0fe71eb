//! The integration tests: the real binary against a real Postgres, one file a noun.
#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking and says why it skips")]

mod package;
mod support;

mod architecture;
mod audit;
mod catalog;
mod catalog_files;
mod catalog_upkeep;
mod choices;
mod completion;
mod config;
mod connect;
mod db_dump;
mod db_whole;
mod demo;
mod doctor;
mod every;
mod examples;
mod faults;
mod foreign;
mod framework;
mod framework_import;
mod generated;
mod history;
mod hostile;
mod import;
mod import_again;
mod import_ahead;
mod import_faults;
mod import_generated;
mod import_shapes;
mod import_sheets;
mod local;
mod map;
mod map_carry;
mod map_model;
mod map_review;
mod metric;
mod migrate;
mod options;
mod output;
mod pooler;
mod record;
mod record_faults;
mod record_large;
#[cfg(unix)]
mod record_spool;
mod report;
mod schemas;
mod score;
mod score_changes;
mod selection;
mod signals;
mod tenants;
mod user;
