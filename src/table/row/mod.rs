//! A row of a sheet in one buffer, and the compact file that rows wait in between the two passes.

mod spool;

pub use self::spool::{Reader, RowFile};
use crate::domain::text::unmarked;
use crate::domain::unit;
use crate::error::Result;

/// What a cell holds besides its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// Nothing.
    Empty,
    /// Text, also in text files everything else.
    Text,
    /// A number; its text has a decimal point and all its digits.
    Number,
    /// A number shown as a percentage; its text is the number behind it (`0.95` for 95%).
    Percent,
    /// `true` or `false`.
    Bool,
    /// A date, a time or a duration, in ISO 8601.
    Date,
    /// An error such as `#DIV/0!`.
    Error,
    /// A formula without a stored result; its text is empty in workbooks, and the formula in text files.
    Uncached,
}

impl Kind {
    fn from_byte(byte: u8) -> Kind {
        match byte {
            1 => Kind::Text,
            2 => Kind::Number,
            3 => Kind::Percent,
            4 => Kind::Bool,
            5 => Kind::Date,
            6 => Kind::Error,
            7 => Kind::Uncached,
            _ => Kind::Empty,
        }
    }
}

/// What is wrong with how a record is written, so that its cells are not to be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Fault {
    /// A quote within a cell that does not start with one.
    Inside = 1,
    /// Text after a closing quote.
    After,
    /// A quote that never closes, or only in a record below.
    Open,
    /// Single quotes around cells, in a file where double quotes stand there.
    Single,
    /// Another delimiter than the other records.
    Delimiter,
    /// The end of the file within the record.
    Cut,
    /// Bytes that are not text in the file's encoding.
    Bytes,
}

impl Fault {
    pub(super) const ALL: [Fault; 7] =
        [Fault::Inside, Fault::After, Fault::Open, Fault::Single, Fault::Delimiter, Fault::Cut, Fault::Bytes];

    /// A short name of the kind, for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Fault::Inside | Fault::After | Fault::Open | Fault::Single => "quotes",
            Fault::Delimiter => "delimiter",
            Fault::Cut => "cut_off",
            Fault::Bytes => "encoding",
        }
    }

    /// What is wrong, as a sentence.
    pub const fn reason(self) -> &'static str {
        match self {
            Fault::Inside => "there is a quote inside a cell that does not start with one",
            Fault::After => "text follows a closing quote",
            Fault::Open => "a quote opens here and is not closed",
            Fault::Single => "this record has single quotes around its cells, the others do not",
            Fault::Delimiter => "this record does not use the delimiter of the other records",
            Fault::Cut => "the file ends within this record",
            Fault::Bytes => "the record has a byte that is not UTF-8, unlike the rest of the file",
        }
    }

    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Fault::Inside | Fault::After => {
                "put quotes around the whole cell and double those inside; --quote none reads quotes as text"
            }
            Fault::Open => "close the quote at the end of its cell; --quote none reads quotes as text",
            Fault::Single => "write double quotes; --quote names the character around all cells",
            Fault::Delimiter => "write the record like the others; --delimiter names the character between all cells",
            Fault::Cut => "copy the file again, or complete the line",
            Fault::Bytes => "fix the letter and save the file as UTF-8; --encoding names the encoding of the whole file",
        }
    }
}

/// One cell of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell<'a> {
    pub kind: Kind,
    /// Its text; of a number all its digits.
    pub text: &'a str,
}

impl Cell<'_> {
    /// Whether there is nothing to see in it.
    pub fn is_blank(&self) -> bool {
        match self.kind {
            Kind::Empty => true,
            Kind::Text => self.text.chars().all(|c| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}'),
            _ => false,
        }
    }

    /// The cell as a person sees it.
    pub fn shown(&self) -> String {
        match self.kind {
            Kind::Percent => {
                let hundred = rust_decimal::Decimal::ONE_HUNDRED;
                let number = self.text.parse::<rust_decimal::Decimal>().ok().and_then(|number| number.checked_mul(hundred));
                number.map_or_else(|| self.text.to_owned(), |number| format!("{}%", number.normalize()))
            }
            Kind::Date => unit::seconds(self.text).map_or_else(|| self.text.to_owned(), unit::clock),
            Kind::Uncached if self.text.is_empty() => "(formula without a result)".to_owned(),
            _ => self.text.to_owned(),
        }
    }
}

/// Whether a text is a formula: `=1+1`, `=A2&B2`, `=SUM(A1:A3)`, but not `= 95%` and `="007"`.
fn is_formula(text: &str) -> bool {
    let Some(rest) = text.trim_start().strip_prefix('=').map(str::trim_start) else { return false };
    let begins = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "(+-@\"'$".contains(c));
    let word = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"$.'!_".contains(c)).unwrap_or(rest.len());
    let is_reference =
        rest[..word].contains(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '$');
    let computes =
        rest.get(1..).is_some_and(|rest| rest.contains(['+', '*', '/', '&', '^', '('])) || rest[word..].starts_with('-');
    begins && (is_reference || computes)
}

/// A row: its number in the source, and its cells in one buffer.
#[derive(Debug, Default)]
pub struct Row {
    /// The row counted from 1 as a spreadsheet counts; in text files the line that the record starts on.
    pub number: u64,
    /// What is wrong with how it is written.
    pub fault: Option<Fault>,
    /// Whether all that it holds are results of formulas: nobody typed anything into it.
    pub computed: bool,
    text: String,
    cells: Vec<(Kind, u32)>,
}

impl Clone for Row {
    fn clone(&self) -> Self {
        Row { text: self.text.clone(), cells: self.cells.clone(), ..*self }
    }

    /// Without making room again, for rows follow each other by the million.
    fn clone_from(&mut self, other: &Self) {
        (self.number, self.fault, self.computed) = (other.number, other.fault, other.computed);
        self.text.clone_from(&other.text);
        self.cells.clone_from(&other.cells);
    }
}

impl Row {
    /// Empties the row for the next one.
    pub fn clear(&mut self, number: u64) {
        (self.number, self.fault, self.computed) = (number, None, false);
        self.text.clear();
        self.cells.clear();
    }

    /// Adds a cell at the end.
    pub fn push(&mut self, kind: Kind, text: &str) {
        self.text.push_str(text);
        self.cells.push((kind, u32::try_from(self.text.len()).unwrap_or(u32::MAX)));
    }

    /// Adds text to the cell that [`Row::finish`] will end.
    pub fn extend(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Ends a cell of text at what was added since the last one.
    pub fn finish(&mut self) {
        let start = self.cells.last().map_or(0, |cell| cell.1);
        let from = usize::try_from(start).unwrap_or(usize::MAX);
        // Where files were put together, or a program marks what it pastes.
        if self.text[from..].starts_with('\u{feff}') {
            self.text.replace_range(from..from + '\u{feff}'.len_utf8(), "");
        }
        let is_formula = self.text.get(from..).is_some_and(is_formula);
        // The apostrophes that keep a spreadsheet from running a text, as exports and spreadsheet programs write them.
        if let Some(cell) = self.text.get(from..).filter(|cell| cell.contains('\'')) {
            let plain = unmarked(cell);
            self.text.truncate(from);
            self.text.push_str(&plain);
        }
        let end = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        let kind = match start == end {
            true => Kind::Empty,
            false if is_formula => Kind::Uncached,
            false => Kind::Text,
        };
        self.cells.push((kind, end));
    }

    /// The text of the unfinished cell.
    pub fn pending(&self) -> &str {
        &self.text[self.cells.last().map_or(0, |cell| cell.1 as usize)..]
    }

    /// Takes the end of the unfinished cell off, from this byte of it on.
    pub fn cut(&mut self, from: usize) {
        let start = self.cells.last().map_or(0, |cell| cell.1 as usize);
        self.text.truncate(start + from);
    }

    /// Adds empty cells until there are `width`.
    pub fn pad(&mut self, width: usize) {
        let end = self.cells.last().map_or(0, |cell| cell.1);
        if self.cells.len() < width {
            self.cells.resize(width, (Kind::Empty, end));
        }
    }

    pub fn len(&self) -> usize {
        self.cells.len()
    }

    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// What stands between a number and how the sheet shows it (`12`, `CTRL-012`), in the text of a cell.
    pub(super) const SHOWN: char = '\u{1f}';

    /// The cell in this column, counted from 0; empty beyond the end.
    pub fn cell(&self, column: usize) -> Cell<'_> {
        let (kind, text) = self.raw(column);
        let text = if kind == Kind::Number { text.split(Self::SHOWN).next().unwrap_or_default() } else { text };
        Cell { kind, text }
    }

    /// The cell in this column as it was pushed, for another row.
    pub(super) fn raw(&self, column: usize) -> (Kind, &str) {
        let Some(&(kind, end)) = self.cells.get(column) else { return (Kind::Empty, "") };
        let start = if column == 0 { 0 } else { self.cells[column - 1].1 };
        (kind, &self.text[start as usize..end as usize])
    }

    pub(super) fn raw_cells(&self) -> impl Iterator<Item = (Kind, &str)> {
        (0..self.cells.len()).map(|column| self.raw(column))
    }

    /// A number as the sheet shows it, where that is more than its digits.
    pub fn look(&self, column: usize) -> Option<&str> {
        let (kind, text) = self.raw(column);
        if kind == Kind::Number { text.split_once(Self::SHOWN).map(|(_, shown)| shown) } else { None }
    }

    pub fn cells(&self) -> impl Iterator<Item = Cell<'_>> {
        (0..self.cells.len()).map(|column| self.cell(column))
    }

    /// Whether no cell shows anything.
    pub fn is_blank(&self) -> bool {
        self.cells().all(|cell| cell.is_blank())
    }

    /// Whether any cell has this character.
    pub fn contains(&self, wanted: char) -> bool {
        self.text.contains(wanted)
    }

    /// Whether any cell has a NUL character, which Postgres cannot store.
    pub fn has_nul(&self) -> bool {
        self.text.as_bytes().contains(&0)
    }

    /// What it takes in memory, in bytes.
    pub fn memory(&self) -> usize {
        self.text.len() + size_of::<(Kind, u32)>() * self.cells.len() + size_of::<Row>()
    }

    /// How much text there is, in bytes.
    pub fn size(&self) -> usize {
        self.text.len()
    }
}

/// Whether a source should continue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// More rows, please.
    Go,
    /// That is enough.
    Stop,
}

/// Who takes rows as a parser finds them.
pub trait Sink {
    fn row(&mut self, row: &Row) -> Result<Flow>;
}

impl<F: FnMut(&Row) -> Result<Flow>> Sink for F {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        self(row)
    }
}
