//! From the bytes of a file to typed values and problems. Knows no database.

pub mod build;
pub mod bundled;
pub mod cells;
pub mod columns;
pub mod framework;
pub mod layout;
mod limits;
pub mod problem;
pub mod readings;
pub mod row;
pub mod source;
pub mod table;
pub mod text;
pub mod workbook;
