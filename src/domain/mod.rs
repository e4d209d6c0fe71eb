//! The vocabulary of cybersecurity metrics and the rules: pure, without I/O, clock, database or command line.

pub mod code;
pub mod framework;
pub mod metric;
pub mod naming;
pub mod reading;
pub mod score;
