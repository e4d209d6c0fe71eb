//! From the bytes of a file to typed values and problems. Knows no database.

pub mod build;
pub mod bundled;
pub mod cells;
pub mod columns;
pub mod framework;
pub mod json;
pub mod layout;
pub mod limits;
pub mod map_file;
mod merged;
mod ods;
pub mod problem;
pub mod readings;
pub mod rejects;
pub mod row;
pub mod series;
pub mod source;
pub mod table;
pub mod text;
pub mod workbook;
