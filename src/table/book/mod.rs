//! Workbooks, cell by cell. Nothing of a sheet is held in memory as a whole: one far cell would ask for more than there is.
//!
//! Each format has a reader that finds cells, hidden rows and columns, and merged cells (`cells::Take`); what they mean is the
//! same for all of them.

mod cells;
mod number_format;
mod ods;
mod package;
mod texts;
mod xls;
mod xlsb;
mod xlsx;
mod xml;

use std::collections::HashMap;

use rust_decimal::Decimal;

pub use self::cells::SheetInfo;
use self::cells::{Contents, Filled, Gatherer, Opened, Properties, Survey, Take};
use super::format::Format;
use super::limits::guarded;
use super::merged::{Merged, Region};
use super::named::Named;
use super::row::{Flow, Row, RowFile, Sink};
use super::source::Source;
use super::through::Hidden;
use crate::error::{Error, Place, Result};

enum Book {
    Xlsx(Box<xlsx::Xlsx>),
    Xlsb(Box<xlsb::Xlsb>),
    Xls(Box<xls::Xls>),
    Ods(ods::Ods),
}

fn boxed<B>((book, sheets, properties, contents): Opened<B>, of: fn(Box<B>) -> Book) -> Opened<Book> {
    (of(Box::new(book)), sheets, properties, contents)
}

impl Book {
    fn open(source: &Source) -> Result<Opened<Self>> {
        Ok(match source.format {
            Format::Xlsb => boxed(xlsb::Xlsb::open(source)?, Book::Xlsb),
            Format::Xls => boxed(xls::Xls::open(source)?, Book::Xls),
            Format::Ods => boxed(ods::Ods::open(source)?, |book| Book::Ods(*book)),
            _ => boxed(xlsx::Xlsx::open(source)?, Book::Xlsx),
        })
    }

    fn read(&mut self, sheet: usize, take: &mut dyn Take) -> Result<()> {
        match self {
            Book::Xlsx(book) => book.read(sheet, take),
            Book::Xlsb(book) => book.read(sheet, take),
            Book::Xls(book) => book.read(sheet, take),
            Book::Ods(book) => book.read(sheet, take),
        }
    }
}

/// The part of an XLSX workbook that a sheet is in. Exit 65 when the workbook is damaged.
pub(crate) fn part_of(source: &Source, sheet: &str) -> Result<Option<String>> {
    let (book, infos, ..) = xlsx::Xlsx::open(source)?;
    Ok(infos.iter().position(|info| info.name == sheet).and_then(|at| book.part(at)))
}

pub struct Workbook {
    book: Book,
    contents: Contents,
    /// Its worksheets in order; charts and macros are left out.
    pub sheets: Vec<SheetInfo>,
    /// Who made it, as the file says.
    pub author: Option<String>,
    /// Its title, as the file says.
    pub title: Option<String>,
    /// The sheets that were looked at as a whole.
    surveys: HashMap<usize, Survey>,
    place: Place,
}

impl Workbook {
    /// Opens the workbook. Exit 65 when it is damaged, encrypted, or too large for the limits.
    pub fn open(source: &Source) -> Result<Self> {
        let place = source.place();
        let opened = guarded(&place, || Book::open(source).map_err(|error| error.at(place.clone())));
        let (book, sheets, Properties { author, title }, contents) = opened?;
        if sheets.is_empty() {
            return Err(Error::data("the workbook has no worksheet").at(place).hint("save the table as a sheet of its own"));
        }
        let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        Ok(Workbook { book, contents, sheets, author: filled(author), title: filled(title), surveys: HashMap::new(), place })
    }

    fn at(&self, sheet: &str) -> Place {
        Place { sheet: Some(sheet.to_owned()), ..self.place.clone() }
    }

    fn number(&self, sheet: &str) -> Result<usize> {
        let found = self.sheets.iter().position(|known| known.name == sheet);
        found.ok_or_else(|| Error::data("there is no such sheet").at(self.at(sheet)))
    }

    /// What only the whole of a sheet tells.
    fn survey(&mut self, sheet: &str) -> Result<&Survey> {
        let (number, place) = (self.number(sheet)?, self.at(sheet));
        if !self.surveys.contains_key(&number) {
            let mut survey = Survey::default();
            guarded(&place, || self.book.read(number, &mut survey).map_err(|error| placed(error, &place)))?;
            self.surveys.insert(number, survey.sorted());
        }
        Ok(&self.surveys[&number])
    }

    /// Reads the rows of a sheet that have cells, from the first to the last. Exit 65 when the sheet is damaged.
    pub fn read(&mut self, sheet: &str, sink: &mut dyn Sink) -> Result<()> {
        let (number, place) = (self.number(sheet)?, self.at(sheet));
        let Survey { merged, in_order, .. } = self.survey(sheet)?.clone();
        let mut filled = Filled { merged: Merged::new(merged), sink };
        let (book, contents) = (&mut self.book, &mut self.contents);
        guarded(&place, || {
            let mut gather = |sink: &mut dyn Sink| -> Result<()> {
                let mut rows = Gatherer::new(sink, contents, &place);
                book.read(number, &mut rows)?;
                rows.end().map(|_| ())
            };
            if in_order {
                return gather(&mut filled).map_err(|error| placed(error, &place));
            }
            let mut spool = RowFile::new()?;
            gather(&mut |row: &Row| spool.add(row).map(|()| Flow::Go)).map_err(|error| placed(error, &place))?;
            for row in spool.sorted()? {
                let row = row.map_err(|error| placed(error, &place))?;
                if filled.row(&row)? == Flow::Stop {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The last row of a sheet that has a cell.
    pub fn height(&mut self, sheet: &str) -> Option<u64> {
        self.survey(sheet).ok().map(|survey| survey.height)
    }

    /// What is hidden of a sheet, also by a filter. Exit 65 when the workbook is damaged.
    pub(super) fn hidden(&mut self, sheet: &str) -> Result<Hidden> {
        Ok(self.survey(sheet)?.hidden.clone())
    }

    /// The merged cells of a sheet. Exit 65 when the workbook is damaged.
    pub(super) fn merged(&mut self, sheet: &str) -> Result<Vec<Region>> {
        Ok(self.survey(sheet)?.merged.clone())
    }

    /// The named tables of an XLSX workbook. Exit 65 when the workbook is damaged.
    pub fn tables(&mut self) -> Result<Vec<Named>> {
        let mut tables = Vec::new();
        let Book::Xlsx(book) = &mut self.book else { return Ok(tables) };
        for (number, sheet) in self.sheets.iter().enumerate() {
            tables.extend(book.tables(number, &sheet.name).map_err(|error| placed(error, &self.place))?);
        }
        Ok(tables)
    }
}

fn placed(error: Error, place: &Place) -> Error {
    if error.place().file.is_none() && error.place().row.is_none() { error.at(place.clone()) } else { error }
}

/// What a percent cell's number is in percent.
pub(crate) fn percent(text: &str) -> Option<Decimal> {
    text.parse::<Decimal>().ok()?.checked_mul(Decimal::ONE_HUNDRED)
}
