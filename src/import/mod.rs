//! Framework files: from their bytes to a tree of codes, and crosswalks: to rows of codes. Knows no database.

pub mod bundled;
pub mod crosswalk;
pub mod framework;
pub mod words;
