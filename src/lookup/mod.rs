//! Who or what is meant by a name: the finders that engines and commands ask.

pub mod catalog;
pub mod user;
