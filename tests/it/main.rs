//! The integration tests: the real binary against a real Postgres, one file a noun.
#![expect(clippy::expect_used, clippy::panic, clippy::print_stdout, reason = "a test fails by panicking and says why it skips")]

mod support;

mod architecture;
mod audit;
mod catalog;
mod catalog_upkeep;
mod db_dump;
mod framework;
mod framework_import;
mod generated;
mod history;
mod local;
mod metric;
mod migrate;
mod output;
mod record;
mod report;
mod score;
mod selection;
mod user;
