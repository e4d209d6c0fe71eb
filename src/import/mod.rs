//! From the bytes of a spreadsheet to typed items and problems. Knows no database.
