//! The vocabulary of cybersecurity metrics and the rules: pure, without I/O, clock, database or command line.

#[macro_use]
pub(crate) mod named;

pub mod chain;
pub mod check;
pub mod code;
pub mod crosswalk;
pub mod dates;
pub mod direction;
pub mod due;
pub mod finding;
pub mod framework;
pub mod frequency;
pub mod image;
pub mod item;
pub mod language;
pub mod lint;
pub mod listed;
pub mod metric;
pub mod moment;
#[cfg(test)]
pub(crate) mod mutated;
pub mod naming;
pub mod near;
pub mod number;
pub mod password;
pub mod past;
pub mod period;
pub mod priority;
pub mod reading;
pub mod renumber;
pub mod score;
pub mod secret;
pub mod signal;
pub mod span;
pub mod spec;
pub mod succession;
pub mod suggest;
pub mod text;
pub mod trail;
pub mod undo;
pub mod unit;
