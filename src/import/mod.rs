//! Framework files: from their bytes to a tree of codes. Knows no database.

pub mod bundled;
pub mod framework;
pub mod words;
