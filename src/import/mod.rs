//! From the bytes of a file to typed values and problems. Knows no database.

pub mod bundled;
pub mod cells;
pub mod framework;
pub mod readings;
