//! `OpenDocument` spreadsheets, cell by cell. Their content is one document in which a row or a cell says how often it repeats;
//! a few bytes can stand for a sheet that no memory holds, so nothing is repeated before somebody asks for it.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};
use std::ops::ControlFlow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::form::LONGEST_CELL;
use super::format::encrypted;
use super::gather::Gatherer;
use super::limits::{Bounds, Timed, pieces};
use super::row::{Flow, Kind, Sink};
use super::source::Source;
use super::through::Hidden;
use crate::error::{Error, Exit, Place, Result};

/// The rows and columns of the largest sheet.
const ROWS: u64 = 1 << 20;
const COLUMNS: u64 = 1 << 14;

/// The most that the rows of a sheet may come to by repeating, in bytes.
const REPEATED: u64 = 32 << 20;

/// A table of the document.
#[derive(Debug)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) visible: bool,
    /// Where its content starts in the unpacked document.
    start: u64,
}

/// An opened spreadsheet.
pub(super) struct Ods {
    pub(super) sheets: Vec<Sheet>,
    pub(super) author: Option<String>,
    pub(super) title: Option<String>,
    content: File,
    bounds: Bounds,
}

type Xml = Reader<BufReader<Timed<File>>>;

fn damaged(reason: &dyn std::fmt::Display) -> Error {
    Error::data(format!("the workbook cannot be read: {reason}"))
        .hint("it may be cut off or damaged: copy it again, or open it in a spreadsheet program and save it anew")
}

fn no_room(error: std::io::Error) -> Error {
    Error::new(Exit::Output, format!("cannot unpack the workbook into a temporary file: {error}"))
        .hint("make room, or set TMPDIR to a directory that has it")
}

impl Ods {
    /// Opens a spreadsheet whose archive is within the limits.
    ///
    /// # Errors
    /// Exit 65 when it is damaged or encrypted, 73 when there is no room to unpack it.
    pub(super) fn open(source: &Source) -> Result<Self> {
        let mut archive = zip::ZipArchive::new(BufReader::new(source.reader()?)).map_err(|error| damaged(&error))?;
        if let Ok(part) = archive.by_name("META-INF/manifest.xml") {
            let mut manifest = Vec::new();
            // A manifest that cannot be read tells of no encryption; the content then cannot be read either.
            let _ = part.take(1 << 20).read_to_end(&mut manifest);
            if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
                return Err(encrypted());
            }
        }
        let (author, title) = archive.by_name("meta.xml").map(said).unwrap_or_default();
        let content = unpacked(archive.by_name("content.xml").map_err(|error| damaged(&error))?)?;
        let mut ods = Ods { sheets: Vec::new(), author, title, content, bounds: source.bounds() };
        ods.find_sheets()?;
        Ok(ods)
    }

    fn from(&self, start: u64) -> Result<Xml> {
        let mut file = self.content.try_clone().map_err(no_room)?;
        file.seek(SeekFrom::Start(start)).map_err(no_room)?;
        let mut xml = Reader::from_reader(BufReader::with_capacity(1 << 16, Timed::new(file, self.bounds)));
        let config = xml.config_mut();
        config.expand_empty_elements = true;
        config.check_end_names = false;
        // A sheet is read from its middle on.
        config.allow_unmatched_ends = true;
        Ok(xml)
    }

    fn find_sheets(&mut self) -> Result<()> {
        let mut xml = self.from(0)?;
        let mut buffer = Vec::new();
        let mut style = String::new();
        let mut hidden: Vec<String> = Vec::new();
        let mut depth = 0;
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => style = attribute(&tag, "style:name")?.unwrap_or_default(),
                    "style:table-properties" if attribute(&tag, "table:display")?.as_deref() == Some("false") => {
                        hidden.push(style.clone());
                    }
                    "table:table" => {
                        depth += 1;
                        if depth == 1 {
                            let name = attribute(&tag, "table:name")?.unwrap_or_default();
                            let visible = attribute(&tag, "table:style-name")?.is_none_or(|style| !hidden.contains(&style));
                            self.sheets.push(Sheet { name, visible, start: xml.buffer_position() });
                            if self.sheets.len() > 2000 {
                                return Err(damaged(&"it has more than 2000 sheets"));
                            }
                        }
                    }
                    _ => {}
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => depth -= 1,
                Event::Eof if depth == 0 => return Ok(()),
                Event::Eof => return Err(damaged(&"its content ends within a sheet")),
                _ => {}
            }
            if depth < 0 {
                return Err(damaged(&"a sheet ends that never began"));
            }
        }
    }

    /// What is hidden of a sheet.
    ///
    /// # Errors
    /// Exit 65 when the sheet is damaged.
    pub(super) fn hidden(&self, sheet: &str) -> Result<Hidden> {
        let mut hidden = Hidden::default();
        let Some(sheet) = self.sheets.iter().find(|known| known.name == sheet) else { return Ok(hidden) };
        let mut xml = self.from(sheet.start)?;
        let mut buffer = Vec::new();
        let (mut row, mut column) = (0_u64, 0_u64);
        loop {
            buffer.clear();
            let tag = match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
                Event::Start(tag) => tag,
                Event::End(tag) if tag.name().as_ref() == "table:table" => return Ok(hidden),
                Event::Eof => return Err(damaged(&"its content ends within a sheet")),
                _ => continue,
            };
            let is_visible = attribute(&tag, "table:visibility")?.is_none_or(|how| how == "visible");
            let (ranges, next, times) = match tag.name().as_ref() {
                "table:table-row" => (&mut hidden.rows, &mut row, count(&tag, "table:number-rows-repeated")?),
                "table:table-column" => (&mut hidden.columns, &mut column, count(&tag, "table:number-columns-repeated")?),
                "table:shapes" | "table:table" | "office:forms" => {
                    let name = tag.name().as_ref().to_owned();
                    skip(&mut xml, &name)?;
                    continue;
                }
                _ => continue,
            };
            let first = *next;
            *next = next.saturating_add(times);
            if !is_visible && times > 0 {
                ranges.push((first, *next - 1));
            }
        }
    }

    /// Reads the rows of a sheet that have cells.
    ///
    /// # Errors
    /// Exit 65 when the sheet is damaged or larger than any sheet.
    pub(super) fn read(&self, sheet: &str, place: &Place, sink: &mut dyn Sink) -> Result<()> {
        let Some(sheet) = self.sheets.iter().find(|known| known.name == sheet) else {
            return Err(Error::data("there is no such sheet").at(place.clone()));
        };
        let mut xml = self.from(sheet.start)?;
        let mut rows = Gatherer::new(sink, place);
        let mut buffer = Vec::new();
        let mut cells: Vec<Repeated> = Vec::new();
        let mut row = 0_u64;
        let mut repeated = 0_u64;
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error).at(place.clone()))? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-row" => {
                        let times = count(&tag, "table:number-rows-repeated")?;
                        read_row(&mut xml, &mut cells)
                            .map_err(|error| error.at(Place { row: Some(row + 1), ..place.clone() }))?;
                        if cells.is_empty() || times == 0 {
                            row = row.saturating_add(times);
                            continue;
                        }
                        let size: u64 = cells.iter().map(|cell| cell.times * (cell.text.len() as u64 + 5)).sum();
                        repeated = repeated.saturating_add(size.saturating_mul(times - 1));
                        if repeated > REPEATED {
                            return Err(Error::data(format!("rows that repeat come to more than {} MB", REPEATED >> 20))
                                .at(Place { row: Some(row + 1), ..place.clone() })
                                .hint("save the sheet as CSV"));
                        }
                        for _ in 0..times {
                            if row >= ROWS {
                                return Err(damaged(&format!("a sheet has more than {ROWS} rows")).at(place.clone()));
                            }
                            if emit(&mut rows, row, &cells)? == Flow::Stop {
                                return Ok(());
                            }
                            row += 1;
                        }
                    }
                    // Pictures and the like, and tables inside of cells.
                    "table:shapes" | "table:table" | "office:forms" => skip(&mut xml, tag.name().as_ref())?,
                    _ => {}
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => break,
                Event::Eof => return Err(damaged(&"its content ends within a sheet").at(place.clone())),
                _ => {}
            }
        }
        rows.end()
    }
}

/// A cell, and in how many columns from here it stands.
#[derive(Debug)]
struct Repeated {
    column: u64,
    times: u64,
    kind: Kind,
    text: String,
}

fn emit(rows: &mut Gatherer<'_>, row: u64, cells: &[Repeated]) -> Result<Flow> {
    let row = u32::try_from(row).unwrap_or(u32::MAX);
    for cell in cells {
        for column in cell.column..cell.column + cell.times {
            if rows.cell(row, u32::try_from(column).unwrap_or(u32::MAX), cell.kind, &cell.text)? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
    }
    Ok(Flow::Go)
}

/// The cells of a row that are not empty.
fn read_row(xml: &mut Xml, cells: &mut Vec<Repeated>) -> Result<()> {
    cells.clear();
    let mut buffer = Vec::new();
    let mut column = 0_u64;
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                if name != "table:table-cell" && name != "table:covered-table-cell" {
                    skip(xml, &name)?;
                    continue;
                }
                let times = count(&tag, "table:number-columns-repeated")?;
                let (kind, text) = read_cell(xml, &tag, &name)?;
                if kind != Kind::Empty {
                    if column.saturating_add(times) > COLUMNS {
                        return Err(Error::data(format!("a row has more than {COLUMNS} cells")));
                    }
                    cells.push(Repeated { column, times, kind, text });
                }
                column = column.saturating_add(times);
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(()),
            Event::Eof => return Err(damaged(&"its content ends within a row")),
            _ => {}
        }
    }
}

fn read_cell(xml: &mut Xml, tag: &BytesStart<'_>, name: &str) -> Result<(Kind, String)> {
    let (mut kind, mut value, mut is_error) = (String::new(), None, false);
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(&error))?;
        let text = unescaped(&attribute.value);
        match attribute.key.as_ref() {
            "office:value-type" => kind = text,
            "office:value" | "office:date-value" | "office:time-value" | "office:boolean-value" | "office:string-value" => {
                value = Some(text);
            }
            "calcext:value-type" => is_error = text == "error",
            _ => {}
        }
    }
    let shown = read_text(xml, name)?;
    Ok(match (kind.as_str(), value) {
        _ if is_error => (Kind::Error, shown),
        ("float" | "currency", Some(value)) => (Kind::Number, number(value)),
        ("percentage", Some(value)) => (Kind::Percent, number(value)),
        ("date" | "time", Some(value)) => (Kind::Date, value),
        ("boolean", Some(value)) => (Kind::Bool, value.to_lowercase()),
        ("string", Some(value)) if !value.is_empty() => (Kind::Text, value),
        ("", _) => (Kind::Empty, String::new()),
        _ if shown.is_empty() => (Kind::Empty, shown),
        _ => (Kind::Text, shown),
    })
}

/// A number as the shortest decimal that stands for it: files have `0.95` and `9.5E-1` alike.
fn number(value: String) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.contains(['e', 'E']) && number.is_finite() => number.to_string(),
        _ => value,
    }
}

/// The text of a cell up to its end: paragraphs are lines.
fn read_text(xml: &mut Xml, name: &str) -> Result<String> {
    let mut text = String::new();
    let mut buffer = Vec::new();
    let (mut paragraphs, mut within) = (0, 0_u32);
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
            Event::Start(tag) => match tag.name().as_ref() {
                "text:p" => {
                    within += 1;
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                }
                "text:s" => {
                    let spaces = count(&tag, "text:c")?.min(LONGEST_CELL as u64 + 1);
                    text.extend(std::iter::repeat_n(' ', usize::try_from(spaces).unwrap_or(0)));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                other if other == name => return Err(damaged(&"a cell stands in a cell")),
                "office:annotation" | "table:table" | "draw:frame" | "table:detective" => {
                    skip(xml, tag.name().as_ref())?;
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == name => return Ok(text),
            Event::End(tag) if tag.name().as_ref() == "text:p" => within = within.saturating_sub(1),
            Event::Text(piece) if within > 0 => text.push_str(&piece),
            Event::CData(piece) if within > 0 => text.push_str(&piece),
            Event::GeneralRef(reference) if within > 0 => text.push_str(&unescaped(&format!("&{};", &*reference))),
            Event::Eof => return Err(damaged(&"its content ends within a cell")),
            _ => {}
        }
        if text.len() > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text"));
        }
    }
}

/// Passes over an element whose start was read.
fn skip(xml: &mut Xml, name: &str) -> Result<()> {
    let mut buffer = Vec::new();
    let mut depth = 1_u64;
    while depth > 0 {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
            Event::Start(tag) if tag.name().as_ref() == name => depth += 1,
            Event::End(tag) if tag.name().as_ref() == name => depth -= 1,
            Event::Eof => return Err(damaged(&format!("its content ends within {name}"))),
            _ => {}
        }
    }
    Ok(())
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>> {
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(&error))?;
        if attribute.key.as_ref() == name {
            return Ok(Some(unescaped(&attribute.value)));
        }
    }
    Ok(None)
}

/// How often something repeats.
fn count(tag: &BytesStart<'_>, name: &str) -> Result<u64> {
    match attribute(tag, name)? {
        None => Ok(1),
        Some(text) => text.trim().parse().map_err(|_| damaged(&format!("{name} is `{text}`, which is no number"))),
    }
}

/// Only the five entities of XML and characters by number are known.
fn unescaped(text: &str) -> String {
    quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), std::borrow::Cow::into_owned)
}

/// Unpacks the document into a temporary file without a name, and looks at the size of its pieces on the way.
fn unpacked(mut part: impl Read) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(no_room)?;
    let mut pieces = pieces();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = part.read(&mut buffer).map_err(|error| damaged(&error))?;
        if read == 0 {
            return Ok(file);
        }
        if let ControlFlow::Break(reason) = pieces(&buffer[..read]) {
            return Err(damaged(&reason));
        }
        file.write_all(&buffer[..read]).map_err(no_room)?;
    }
}

/// Who made it, and its title.
fn said(part: impl Read) -> (Option<String>, Option<String>) {
    let mut text = String::new();
    if part.take(1 << 20).read_to_string(&mut text).is_err() {
        return (None, None);
    }
    let value = |tag: &str| Some(unescaped(text.split_once(tag)?.1.split_once("</")?.0));
    (value("<meta:initial-creator>").or_else(|| value("<dc:creator>")), value("<dc:title>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ods(content: &str) -> Ods {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        Ods { sheets: Vec::new(), author: None, title: None, content: file, bounds: Bounds::new(1) }
    }

    #[test]
    fn two_thousand_sheets_are_read_and_no_more() {
        for (count, is_read) in [(2000, true), (2001, false)] {
            let mut ods = ods(&"<table:table table:name=\"a\"/>".repeat(count));
            assert_eq!(ods.find_sheets().is_ok(), is_read, "{count}");
        }
    }

    #[test]
    fn a_cell_has_the_text_of_its_paragraphs_and_not_what_indents_them() {
        let ods = ods("<table:table-cell>\n  <![CDATA[beside]]>&amp;\n  <text:p>a<![CDATA[ <b>]]> &amp; c</text:p>\n  \
                       <text:p>d</text:p>\n</table:table-cell>");
        let mut xml = ods.from(0).unwrap();
        assert!(matches!(xml.read_event_into(&mut Vec::new()), Ok(Event::Start(_))));
        assert_eq!(read_text(&mut xml, "table:table-cell").unwrap(), "a <b> & c\nd");
    }
}
