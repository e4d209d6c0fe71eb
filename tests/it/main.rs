//! The integration tests: the real binary against a real Postgres, one file a noun.

mod support;

mod catalog;
mod framework;
mod user;
