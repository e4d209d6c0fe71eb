//! The form of a text in columns, and what it may hold at most.

use encoding_rs::Encoding;

/// The longest cell, in bytes. A spreadsheet's own limit is 32,767 characters.
pub(super) const LONGEST_CELL: usize = 1 << 20;

/// The widest row, as in a spreadsheet.
pub(super) const WIDEST_ROW: usize = 16_384;

/// The longest row, in bytes.
pub(super) const LONGEST_ROW: usize = 8 << 20;

/// How a text is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    pub encoding: &'static Encoding,
    /// Whether a byte order mark says so.
    pub bom: bool,
    /// What stands between cells.
    pub delimiter: u8,
    /// What stands around cells that hold a delimiter, if anything does.
    pub quote: Option<u8>,
    /// Whether a first line `sep=;` names the delimiter.
    pub sep_line: bool,
    /// Whether a quote inside quotes is written `\"`.
    pub escape: bool,
    /// What stands at the end of every record and is none of its text.
    pub trailer: Option<u8>,
    /// How many cells most records have; 0 if that is not known.
    pub width: usize,
    /// Whether it is UTF-8 but for some bytes.
    pub mixed: bool,
}

impl Dialect {
    /// UTF-8 with these marks, as far as nothing else is known.
    pub(super) const fn plain(delimiter: u8, quote: Option<u8>) -> Self {
        Dialect {
            encoding: encoding_rs::UTF_8,
            bom: false,
            delimiter,
            quote,
            sep_line: false,
            escape: false,
            trailer: None,
            width: 0,
            mixed: false,
        }
    }

    pub const fn delimiter_name(&self) -> &'static str {
        match self.delimiter {
            b',' => "comma",
            b';' => "semicolon",
            b'\t' => "tab",
            b'|' => "bar",
            b'^' => "caret",
            b'~' => "tilde",
            b':' => "colon",
            _ => "another mark",
        }
    }

    pub fn encoding_name(&self) -> String {
        format!("{}{}", self.encoding.name().to_lowercase(), if self.bom { " with byte order mark" } else { "" })
    }
}
