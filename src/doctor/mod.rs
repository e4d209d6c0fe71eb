//! What is wrong with a database and what is around it, and which command fixes it.

pub mod data;
pub mod server;
