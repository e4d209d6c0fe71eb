//! Workbooks, cell by cell. The range API of the reader is never used on XLSX and XLSB: one far cell would make it ask for
//! more memory than there is.

use std::collections::{HashMap, HashSet};
use std::fs::File;
use std::io::BufReader;

use calamine::{CellErrorType, Data, DataRef, Reader as _, Sheet, SheetType, SheetVisible, Xls, Xlsb, Xlsx};
use rust_decimal::Decimal;

use super::format::{Format, encrypted};
use super::gather::Gatherer;
use super::hidden;
use super::limits::{self, Compound, Timed, guarded};
use super::merged::Region;
use super::named::{self, Named};
use super::ods::{self, Ods};
use super::row::{Flow, Kind, Sink};
use super::source::Source;
use super::through::Hidden;
use crate::error::{Error, Place, Result};

type Input = BufReader<Timed<File>>;

enum Book {
    Xlsx(Box<Xlsx<Input>>),
    Xlsb(Box<Xlsb<Input>>),
    Xls(Box<Xls<Compound>>),
    Ods(Box<Ods>),
}

impl Book {
    fn open(source: &Source, place: &Place) -> Result<Self> {
        let input =
            || -> Result<Input> { Ok(BufReader::with_capacity(1 << 16, Timed::new(source.reader()?, source.bounds()))) };
        let wrong = |error: calamine::Error| damaged(&error, place);
        Ok(match source.format {
            Format::Xlsb => Book::Xlsb(Box::new(Xlsb::new(input()?).map_err(|error| wrong(error.into()))?)),
            Format::Xls => {
                let compound =
                    limits::open(source.reader()?, source.size, source.bounds()).map_err(|error| error.at(place.clone()))?;
                Book::Xls(Box::new(Xls::new(compound).map_err(|error| wrong(error.into()))?))
            }
            Format::Ods => Book::Ods(Box::new(Ods::open(source).map_err(|error| error.at(place.clone()))?)),
            _ => Book::Xlsx(Box::new(Xlsx::new(input()?).map_err(|error| wrong(error.into()))?)),
        })
    }

    /// The worksheets, and who made the workbook. The properties are decoration: a workbook without them is as good.
    fn describe(&mut self) -> (Vec<SheetInfo>, Option<String>, Option<String>) {
        let sheets = |metadata: &[Sheet]| -> Vec<SheetInfo> {
            metadata
                .iter()
                .filter(|sheet| matches!(sheet.typ, SheetType::WorkSheet))
                .map(|sheet| SheetInfo { name: sheet.name.clone(), visible: sheet.visible == SheetVisible::Visible })
                .collect()
        };
        let said = |found: calamine::WorkbookProperties| (found.creator, found.title);
        let (sheets, (author, title)) = match self {
            Book::Xlsx(book) => (sheets(book.sheets_metadata()), book.workbook_properties().map(said).unwrap_or_default()),
            Book::Xlsb(book) => (sheets(book.sheets_metadata()), book.workbook_properties().map(said).unwrap_or_default()),
            Book::Xls(book) => (sheets(book.sheets_metadata()), book.workbook_properties().map(said).unwrap_or_default()),
            Book::Ods(book) => {
                let sheet = |sheet: &ods::Sheet| SheetInfo { name: sheet.name.clone(), visible: sheet.visible };
                (book.sheets.iter().map(sheet).collect(), (book.author.clone(), book.title.clone()))
            }
        };
        let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        (sheets, filled(author), filled(title))
    }
}

/// A sheet of a workbook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetInfo {
    /// Its name.
    pub name: String,
    /// Whether the user sees it.
    pub visible: bool,
}

/// An opened workbook.
pub struct Workbook {
    book: Book,
    /// Its worksheets in order; charts and macros are left out.
    pub sheets: Vec<SheetInfo>,
    /// Who made it, as the file says.
    pub author: Option<String>,
    /// Its title, as the file says.
    pub title: Option<String>,
    /// Whether the last sheet read has cells that are there and empty, which formulas without a result look like.
    pub hollow: bool,
    /// Whether a large sheet has merged cells.
    is_merged: bool,
    /// The merged regions of the sheets that were read.
    merged: HashMap<String, Vec<Region>>,
    place: Place,
}

impl Workbook {
    /// Opens the workbook.
    ///
    /// # Errors
    /// Exit 65 when it is damaged, encrypted, or too large for the limits.
    pub fn open(source: &Source) -> Result<Self> {
        let place = source.place();
        let is_merged = match source.format {
            Format::Xls => false,
            format => limits::check(source.reader()?, format, source.size, source.bounds())
                .map_err(|error| error.at(source.place()))?,
        };
        let mut book = guarded(&place, || Book::open(source, &place))?;
        let (sheets, author, title) = guarded(&place, || Ok(book.describe()))?;
        if sheets.is_empty() {
            return Err(Error::data("the workbook has no worksheet").at(place).hint("save the table as a sheet of its own"));
        }
        Ok(Workbook { book, sheets, author, title, hollow: false, is_merged, merged: HashMap::new(), place })
    }

    fn at(&self, sheet: &str) -> Place {
        Place { sheet: Some(sheet.to_owned()), ..self.place.clone() }
    }

    /// Reads the rows of a sheet that have cells.
    ///
    /// # Errors
    /// Exit 65 when the sheet is damaged.
    pub fn read(&mut self, sheet: &str, sink: &mut dyn Sink) -> Result<()> {
        let place = self.at(sheet);
        let merged = self.merged(sheet)?;
        let (book, hollow) = (&mut self.book, &mut self.hollow);
        guarded(&place, || match book {
            Book::Xlsx(book) => {
                *hollow = false;
                stream_xlsx(book, sheet, merged, &place, hollow, sink)
            }
            Book::Xlsb(book) => stream_xlsb(book, sheet, &place, sink),
            Book::Xls(book) => {
                let range = book.worksheet_range(sheet).map_err(|error| damaged(&calamine::Error::from(error), &place))?;
                walk(&range, &place, sink)
            }
            Book::Ods(book) => book.read(sheet, &place, sink),
        })
    }

    /// The merged regions of a sheet. Looking for them takes a way through all of it, so a large one is not looked at in vain.
    fn merged(&mut self, sheet: &str) -> Result<Vec<Region>> {
        const LARGE: u64 = 20_000;
        if let Some(known) = self.merged.get(sheet) {
            return Ok(known.clone());
        }
        let is_large = self.height(sheet).is_some_and(|rows| rows > LARGE);
        let place = self.at(sheet);
        let mut regions = Vec::new();
        if let Book::Xlsx(book) = &mut self.book
            && (self.is_merged || !is_large)
        {
            let wrong = |error: calamine::XlsxError| damaged(&error.into(), &place);
            let found = guarded(&place, || book.merge_cells_by_sheet_name(sheet).map_err(wrong))?;
            regions = found.iter().filter_map(|region| Region::new(region.start, region.end)).collect();
        }
        self.merged.insert(sheet.to_owned(), regions.clone());
        Ok(regions)
    }

    /// The last row of a sheet as an XLSX workbook claims it: good for a progress bar, not for a promise.
    pub fn height(&mut self, sheet: &str) -> Option<u64> {
        let place = self.at(sheet);
        let Book::Xlsx(book) = &mut self.book else { return None };
        let last = guarded(&place, || Ok(book.worksheet_cells_reader(sheet).ok().map(|reader| reader.dimensions().end.0)));
        last.ok().flatten().map(|last| u64::from(last) + 1)
    }

    /// What is hidden of a sheet.
    ///
    /// # Errors
    /// Exit 65 when the workbook is damaged.
    pub(super) fn hidden(&mut self, source: &Source, sheet: &str) -> Result<Hidden> {
        let place = self.at(sheet);
        match &mut self.book {
            Book::Ods(book) => book.hidden(sheet).map_err(|error| error.at(place)),
            _ => hidden::find(source, sheet),
        }
    }

    /// The named tables of an XLSX workbook.
    ///
    /// # Errors
    /// Exit 65 when the workbook is damaged.
    pub fn tables(&mut self, source: &Source) -> Result<Vec<Named>> {
        let Book::Xlsx(book) = &mut self.book else { return Ok(Vec::new()) };
        book.load_tables().map_err(|error| damaged(&error.into(), &self.place))?;
        let ranges = named::table_ranges(source)?;
        let mut tables = Vec::new();
        for sheet in &self.sheets {
            for name in book.table_names_in_sheet(&sheet.name) {
                if let Some((_, range)) = ranges.iter().find(|(known, _)| known == name) {
                    tables.push(Named { name: name.clone(), sheet: sheet.name.clone(), range: *range });
                }
            }
        }
        Ok(tables)
    }

    /// The cells of a sheet that have a formula and no stored result, as (row, column), both counted from 0. XLSX only: the
    /// other formats do not tell.
    ///
    /// # Errors
    /// Exit 65 when the sheet is damaged.
    pub fn uncached(&mut self, sheet: &str) -> Result<HashSet<(u32, u32)>> {
        let place = self.at(sheet);
        let mut found = HashSet::new();
        let Book::Xlsx(book) = &mut self.book else { return Ok(found) };
        guarded(&place, || {
            let mut reader = book.worksheet_cells_reader(sheet).map_err(|error| damaged(&error.into(), &place))?;
            while let Some(cell) = reader.next_cell_with_formula_metadata().map_err(|error| damaged(&error.into(), &place))? {
                if cell.formula.is_some() && matches!(cell.value, DataRef::Empty) {
                    found.insert(cell.pos);
                }
            }
            Ok(())
        })?;
        Ok(found)
    }
}

fn stream_xlsx(
    book: &mut Xlsx<Input>,
    sheet: &str,
    merged: Vec<Region>,
    place: &Place,
    hollow: &mut bool,
    sink: &mut dyn Sink,
) -> Result<()> {
    let wrong = |error: calamine::XlsxError| damaged(&error.into(), place);
    let mut reader = book.worksheet_cells_reader(sheet).map_err(wrong)?;
    let percent: Vec<bool> = reader
        .styles()
        .iter()
        .map(|style| style.number_format.as_ref().is_some_and(|format| shows_percent(&format.format_code)))
        .collect();
    let mut rows = Gatherer::merging(sink, merged, place);
    let mut scratch = String::new();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(wrong)? {
        let (row, column) = cell.get_position();
        let (kind, text) = look(cell.get_value(), &mut scratch);
        *hollow |= kind == Kind::Empty;
        let kind = if kind == Kind::Number && percent.get(style) == Some(&true) { Kind::Percent } else { kind };
        if rows.cell(row, column, kind, text)? == Flow::Stop {
            return Ok(());
        }
    }
    rows.end()
}

fn stream_xlsb(book: &mut Xlsb<Input>, sheet: &str, place: &Place, sink: &mut dyn Sink) -> Result<()> {
    let wrong = |error: calamine::XlsbError| damaged(&error.into(), place);
    let mut reader = book.worksheet_cells_reader(sheet).map_err(wrong)?;
    let mut rows = Gatherer::new(sink, place);
    let mut scratch = String::new();
    while let Some(cell) = reader.next_cell().map_err(wrong)? {
        let (row, column) = cell.get_position();
        let (kind, text) = look(cell.get_value(), &mut scratch);
        if rows.cell(row, column, kind, text)? == Flow::Stop {
            return Ok(());
        }
    }
    rows.end()
}

fn walk(range: &calamine::Range<Data>, place: &Place, sink: &mut dyn Sink) -> Result<()> {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let mut rows = Gatherer::new(sink, place);
    let mut scratch = String::new();
    for (row, column, value) in range.used_cells() {
        let row = first_row + u32::try_from(row).unwrap_or(u32::MAX);
        let column = first_column + u32::try_from(column).unwrap_or(u32::MAX);
        let value = borrowed(value);
        let (kind, text) = look(&value, &mut scratch);
        if rows.cell(row, column, kind, text)? == Flow::Stop {
            return Ok(());
        }
    }
    rows.end()
}

fn borrowed(value: &Data) -> DataRef<'_> {
    match value {
        Data::Int(number) => DataRef::Int(*number),
        Data::Float(number) => DataRef::Float(*number),
        Data::String(text) => DataRef::SharedString(text),
        Data::Bool(value) => DataRef::Bool(*value),
        Data::DateTime(time) => DataRef::DateTime(*time),
        Data::DateTimeIso(text) => DataRef::DateTimeIso(text.clone()),
        Data::DurationIso(text) => DataRef::DurationIso(text.clone()),
        Data::Error(error) => DataRef::Error(error.clone()),
        Data::Empty => DataRef::Empty,
    }
}

/// What a cell of the reader is to us.
fn look<'a>(value: &'a DataRef<'_>, scratch: &'a mut String) -> (Kind, &'a str) {
    scratch.clear();
    match value {
        DataRef::Empty | DataRef::SharedString("") => (Kind::Empty, ""),
        DataRef::String(text) if text.is_empty() => (Kind::Text, ""),
        DataRef::String(text) => (Kind::Text, unescaped(text, scratch)),
        DataRef::SharedString(text) => (Kind::Text, unescaped(text, scratch)),
        DataRef::Int(number) => {
            scratch.push_str(&number.to_string());
            (Kind::Number, scratch)
        }
        DataRef::Float(number) => {
            push_float(*number, scratch);
            (Kind::Number, scratch)
        }
        DataRef::Bool(value) => (Kind::Bool, if *value { "true" } else { "false" }),
        DataRef::DateTime(time) => {
            if time.is_duration() {
                scratch.push_str("PT");
                push_float((time.as_f64() * 86_400.0).round(), scratch);
                scratch.push('S');
            } else {
                let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
                scratch.push_str(&format!("{year:04}-{month:02}-{day:02}"));
                if (hour, minute, second) != (0, 0, 0) {
                    scratch.push_str(&format!("T{hour:02}:{minute:02}:{second:02}"));
                }
            }
            (Kind::Date, scratch)
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => (Kind::Date, text),
        DataRef::Error(error) => (Kind::Error, error_name(error)),
    }
}

/// The shortest decimal that is this double: what the user typed.
fn push_float(number: f64, scratch: &mut String) {
    use std::fmt::Write as _;
    // Writing to a string cannot fail.
    let _ = if number == 0.0 { write!(scratch, "0") } else { write!(scratch, "{number}") };
}

fn error_name(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}

/// Text without the `_x000D_` form in which workbooks keep carriage returns and other controls.
fn unescaped<'a>(text: &'a str, scratch: &'a mut String) -> &'a str {
    if !text.contains("_x") {
        return text;
    }
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && rest[at + 6..].starts_with('_'))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) if c.is_control() || c == '_' => {
                scratch.push_str(&rest[..at]);
                if c != '\r' {
                    scratch.push(c);
                }
                rest = &rest[at + 7..];
            }
            _ => {
                scratch.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    scratch.push_str(rest);
    scratch
}

/// Whether a number format multiplies by a hundred: a percent sign that is not quoted or escaped, in its first section.
fn shows_percent(code: &str) -> bool {
    let mut chars = code.chars();
    let mut quoted = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' | '_' | '*' if !quoted => {
                chars.next();
            }
            '[' if !quoted => {
                for inside in chars.by_ref() {
                    if inside == ']' {
                        break;
                    }
                }
            }
            ';' if !quoted => return false,
            '%' if !quoted => return true,
            _ => {}
        }
    }
    false
}

/// What a percent cell's number is in percent.
pub(crate) fn percent(text: &str) -> Option<Decimal> {
    text.parse::<Decimal>().ok()?.checked_mul(Decimal::ONE_HUNDRED)
}

fn damaged(error: &calamine::Error, place: &Place) -> Error {
    use calamine::{XlsError, XlsbError, XlsxError};
    let locked = matches!(
        error,
        calamine::Error::Xlsx(XlsxError::Password)
            | calamine::Error::Xls(XlsError::Password)
            | calamine::Error::Xlsb(XlsbError::Password)
    );
    if locked {
        return encrypted().at(place.clone());
    }
    Error::data(format!("the workbook cannot be read: {error}"))
        .at(place.clone())
        .hint("it may be cut off or damaged: copy it again, or open it in a spreadsheet program and save it anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_formats_are_those_that_multiply() {
        for code in ["0%", "0.0%", "0.00 %", "#,##0%", "[Red]0%"] {
            assert!(shows_percent(code), "{code}");
        }
        for code in ["General", "0\"%\"", "0\\%", "0;0%", "0.00"] {
            assert!(!shows_percent(code), "{code}");
        }
    }

    #[test]
    fn escaped_controls_come_back() {
        let mut scratch = String::new();
        assert_eq!(unescaped("a_x000D_\nb", &mut scratch), "a\nb");
        scratch.clear();
        assert_eq!(unescaped("a_x0041_b _x00", &mut scratch), "a_x0041_b _x00");
        scratch.clear();
        assert_eq!(unescaped("_x005F_x000D_", &mut scratch), "_x000D_");
    }
}
