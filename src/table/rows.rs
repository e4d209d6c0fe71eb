//! Tables whose columns are a short list of fields: one row at a time, so that memory stays the same at any size.

use super::Options;
use super::choose::{Places, places};
use super::columns::headers;
use super::decision::Decision;
use super::form::Dialect;
use super::format::Format;
use super::input::Input;
pub use super::lines::are_objects;
use super::lines::{self, Lines};
pub use super::list::{Known, List, Step, Stray};
use super::map_file::MapFile;
use super::row::{Fault, Flow, Kind, Reader, Row, RowFile};
use super::source::Source;
use super::text::Records;
use super::through::Through;
use crate::error::{Cause, Error, Place, Result};

/// The most memory that the rows of a sheet may take that are looked at to find the header.
const PEEKED: usize = 16 << 20;

/// A table that was found in a source.
pub struct Listed {
    source: Source,
    list: List,
    pub sheet: Option<String>,
    pub header_row: u64,
    /// The headers, one for each column; empty if there is none.
    pub headers: Vec<String>,
    columns: Vec<Option<usize>>,
    origin: Origin,
    /// Columns and keys as the user names them.
    given: Vec<(String, String)>,
    /// Keys of JSON lines that are not read.
    pub spare: Vec<String>,
    pub decisions: Vec<Decision>,
}

enum Origin {
    Text(Dialect, Through),
    Kept(RowFile),
    Lines,
}

/// What is said of a header, in the words for objects, which have none.
fn of_objects(error: Error) -> Error {
    error.reworded(|text| {
        text.replace("the header has: ", "the objects have the keys: ")
            .replace("write a header such as", "write objects with the keys")
            .replace("name the columns with --map", "name the keys with --map, such as --map value=KEY")
    })
}

impl Listed {
    /// Finds the table of these fields in a source. Workbooks and documents are kept in a temporary file; text and JSON lines
    /// are read where they are. Exit 65 when there is no such table, 2 when the options name something that is not there.
    pub fn open(source: Source, options: &Options, list: List) -> Result<Self> {
        if source.format == Format::Json && list.lines && are_objects(&source, &options.given) {
            let fields = list.fields.iter();
            let mut spare = Vec::new();
            if let Some(lines::First { keys, lacking, spare: others }) = lines::first(&source, list, options)? {
                if !lacking.is_empty() {
                    return Err(of_objects((list.lacking)(&lacking, &keys).at(source.place())));
                }
                spare = others;
            }
            return Ok(Listed {
                list,
                sheet: None,
                header_row: 0,
                headers: fields.clone().map(|field| field.name.to_owned()).collect(),
                columns: fields.enumerate().map(|(column, _)| Some(column)).collect(),
                origin: Origin::Lines,
                given: options.given.clone(),
                spare,
                decisions: Vec::new(),
                source,
            });
        }
        let place = source.place();
        let located = |error: Error| {
            let error = match list.example.filter(|_| error.is(Cause::NoObjects)) {
                Some(example) => {
                    let message = error.message().to_owned();
                    error.restated(message, format!("write a list of objects, such as {example}"))
                }
                None => error,
            };
            if error.place().file.is_none() { error.at(place.clone()) } else { error }
        };
        let (mut input, mut decisions) = Input::open(&source, options)?.map_err(|unclear| unclear.error)?;
        let Places { sheets, names, range, header_row } = places(&mut input, &source, options)?;
        let mut found = Vec::new();
        let mut first = None;
        let several = sheets.len() > 1;
        for (sheet, _) in sheets.into_iter().filter(|(_, visible)| *visible || !several) {
            let through = input.through(options, sheet.as_deref(), range)?;
            let rows = input.peek(&source, sheet.as_deref(), header_row, &through, PEEKED).map_err(located)?;
            let hint = header_row.or(options.hints.header_row.filter(|hint| rows.iter().any(|row| row.number == *hint)));
            let mut candidates = rows.iter().filter(|row| !row.is_blank() && hint.is_none_or(|hint| row.number == hint));
            let made = options.columns_are.as_ref().map(|names| {
                let mut header = Row::default();
                for name in names {
                    header.push(Kind::Text, name);
                }
                header
            });
            let named = made.as_ref().filter(|_| rows.iter().any(|row| !row.is_blank()));
            let header = named.or_else(|| candidates.find(|row| list.lacks(&list.columns(row, options)).is_empty()));
            if let Some(row) = header {
                let below: Vec<Row> = rows.iter().filter(|below| below.number > row.number).cloned().collect();
                found.push((sheet, through, row.clone(), list.columns(row, options), below));
            } else if first.is_none() {
                let row = rows.iter().find(|row| !row.is_blank() && hint.is_none_or(|hint| row.number == hint));
                first = row.map(|row| (sheet, row.clone()));
            }
        }
        if found.len() > 1 {
            return Err(Error::usage(format!("the workbook has {} sheets", names.len()))
                .at(place)
                .hint(format!("name one with --sheet: {}", names.join(", "))));
        }
        let Some((sheet, through, header, columns, below)) = found.pop() else {
            let Some((sheet, row)) = first else {
                let what =
                    header_row.map_or("the file is empty".to_owned(), |row| format!("row {row} is empty or does not exist"));
                return Err(Error::data(what).at(place));
            };
            let columns = list.columns(&row, options);
            let titles = headers(&row).into_iter().filter(|header| !header.is_empty()).collect::<Vec<_>>();
            let place = Place { sheet, row: Some(row.number).filter(|row| *row > 0), ..source.place() };
            list.named(&titles, &columns, options).map_err(|error| error.at(place.clone()))?;
            let told = (list.lacking)(&list.lacks(&columns), &titles).at(place);
            return Err(if source.format == Format::Json { of_objects(told) } else { told });
        };
        let at = Place { sheet: sheet.clone(), row: Some(header.number).filter(|row| *row > 0), ..source.place() };
        if let Some(fault) = header.fault {
            return Err(Error::data(fault.reason()).at(at).hint(fault.remedy()));
        }
        let columns = list.checked(&header, columns, options).map_err(|error| error.at(at))?;
        let mut titles = headers(&header);
        titles.resize(header.len(), String::new());
        decisions.extend(list.decisions(&header, &columns, &below, options).map_err(|error| error.at(place.clone()))?);
        if header.number > 1 {
            let number = header.number.to_string();
            let decision = match header_row {
                Some(_) => Decision::asked("header_row", number),
                None => Decision::told("header_row", number, "it is the first row with the required columns"),
            };
            decisions.push(decision.option("--header-row"));
        }
        let origin = match &input {
            Input::Text(dialect) => Origin::Text(*dialect, through),
            Input::Workbook(_) | Input::Json | Input::Samples(_) => {
                let read = columns.iter().flatten().copied().collect();
                let mut watch = input.watch(sheet.as_deref(), header.number, read)?;
                let spool = input.kept(&source, sheet.as_deref(), &through, &mut watch).map_err(located)?;
                decisions.extend(watch.decisions(&titles, options));
                Origin::Kept(spool)
            }
        };
        Ok(Listed {
            source,
            list,
            sheet,
            header_row: header.number,
            headers: titles,
            columns,
            origin,
            given: options.given.clone(),
            spare: Vec::new(),
            decisions,
        })
    }

    /// Whether the file itself has the names of its columns.
    pub fn has_header(&self) -> bool {
        self.header_row > 0
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        let position = self.list.fields.iter().position(|field| field.name == name)?;
        self.columns[position]
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// What stands between the cells of text.
    pub fn delimiter(&self) -> Option<u8> {
        match &self.origin {
            Origin::Text(dialect, _) => Some(dialect.delimiter),
            Origin::Kept(_) | Origin::Lines => None,
        }
    }

    /// Whether it is JSON lines.
    pub fn is_lines(&self) -> bool {
        matches!(self.origin, Origin::Lines)
    }

    /// Whether it is samples of metrics.
    pub fn is_samples(&self) -> bool {
        self.source.format == Format::Samples
    }

    /// The columns that were found, for the next time.
    pub fn map(&self, options: &Options) -> MapFile {
        let columns = self
            .list
            .fields
            .iter()
            .zip(&self.columns)
            .filter_map(|(field, column)| Some((field.name.to_owned(), self.headers.get((*column)?)?.clone())));
        MapFile::of(self.sheet.as_deref(), self.header_row, columns, options)
    }

    /// Looks at all rows, also while others are on their way out of the table. Exit 65 or 73 when they cannot be read, and
    /// those of `look`.
    pub fn look(&self, mut look: impl FnMut(&Rows) -> Result<Flow>) -> Result<()> {
        let all = || {
            let mut rows = self.rows()?;
            loop {
                match rows.step()? {
                    Step::End => return Ok(()),
                    Step::Row if look(&rows)? == Flow::Stop => return Ok(()),
                    Step::Row | Step::Broken(_) => {}
                }
            }
        };
        match &self.origin {
            Origin::Kept(spool) => spool.meanwhile(all),
            Origin::Text(..) | Origin::Lines => self.source.meanwhile(all),
        }
    }

    /// The rows below the header, from the first one. Exit 65 or 73 when they cannot be read.
    pub fn rows(&self) -> Result<Rows> {
        let from = match &self.origin {
            Origin::Text(dialect, through) => {
                From::Text(Box::new(Records::new(&self.source, *dialect)?), through.clone(), through.is_all())
            }
            Origin::Kept(spool) => From::Kept(spool.read()?),
            Origin::Lines => From::Lines(Box::new(Lines::new(&self.source, self.list, &self.given)?)),
        };
        Ok(Rows {
            from,
            header_row: self.header_row,
            one_line: self.list.one_line,
            lines: self.list.lines,
            texts: self
                .list
                .fields
                .iter()
                .zip(&self.columns)
                .filter(|(field, _)| field.name != "value")
                .filter_map(|(_, column)| *column)
                .collect(),
            row: Row::default(),
            shown: Row::default(),
        })
    }
}

/// Rows on their way out of a table.
pub struct Rows {
    from: From,
    header_row: u64,
    one_line: bool,
    /// Whether a broken line is told and read over.
    lines: bool,
    /// The columns that are read as text, and so as the sheet shows them.
    texts: Vec<usize>,
    /// The current row, if it is not the source's own.
    row: Row,
    /// The same as a person sees it.
    shown: Row,
}

enum From {
    Text(Box<Records>, Through, bool),
    Kept(Reader),
    Lines(Box<Lines>),
}

impl Rows {
    /// Goes to the next row that is not blank. Exit 65 or 73 when the table cannot be read on.
    pub fn step(&mut self) -> Result<Step> {
        loop {
            let Rows { from, header_row, one_line, lines, texts, row, shown } = self;
            let mut fault: Option<Fault> = None;
            let (is_there, at) = match from {
                From::Lines(lines) => return lines.next(),
                From::Kept(reader) => {
                    if !reader.next(row)? {
                        return Ok(Step::End);
                    }
                    (!row.is_blank(), row.number)
                }
                From::Text(records, through, is_all) => {
                    if !records.next()? {
                        return Ok(Step::End);
                    }
                    let own = records.row();
                    fault = own.fault;
                    if *is_all {
                        (!own.is_blank(), own.number)
                    } else {
                        match through.pass(own, row) {
                            (false, Flow::Stop) => return Ok(Step::End),
                            (is_there, _) => (is_there && !row.is_blank(), own.number),
                        }
                    }
                }
            };
            if is_there && at > *header_row {
                if let Some(fault) = fault {
                    if *lines {
                        return Ok(Step::Broken(fault.reason().into()));
                    }
                    return Err(Error::data(fault.reason())
                        .at(Place { row: Some(at), ..Place::default() })
                        .hint(fault.remedy()));
                }
                if matches!(from, From::Kept(_)) {
                    shown.clear(at);
                    let text = |shown: String| if *one_line { shown.replace(['\n', '\r'], " ") } else { shown };
                    for (column, cell) in row.cells().enumerate() {
                        match row.look(column).filter(|_| texts.contains(&column)) {
                            Some(look) => shown.push(Kind::Text, look),
                            // A duration is a number of another unit, which whoever takes it knows.
                            None if cell.kind == Kind::Date => shown.push(cell.kind, cell.text),
                            None => shown.push(cell.kind, &text(cell.shown())),
                        }
                    }
                }
                return Ok(Step::Row);
            }
        }
    }

    pub fn row(&self) -> &Row {
        match &self.from {
            From::Text(records, _, true) => records.row(),
            From::Lines(lines) => &lines.row,
            From::Text(..) | From::Kept(_) => &self.row,
        }
    }

    /// A cell of the current row as a person sees it, without blanks around it.
    pub fn text(&self, column: usize) -> &str {
        let row = if matches!(self.from, From::Kept(_)) { &self.shown } else { self.row() };
        row.cell(column).text.trim()
    }

    /// What a cell of the current row holds.
    pub fn kind(&self, column: usize) -> Kind {
        self.row().cell(column).kind
    }

    /// The current line as it stands in the file, of JSON lines.
    pub fn raw(&self) -> Option<String> {
        match &self.from {
            From::Lines(lines) => Some(lines.raw()),
            From::Text(..) | From::Kept(_) => None,
        }
    }

    /// How far the file has been read, in bytes, where that is known.
    pub fn position(&self) -> Option<u64> {
        match &self.from {
            From::Text(records, ..) => Some(records.position()),
            From::Lines(lines) => Some(lines.position),
            From::Kept(_) => None,
        }
    }
}
