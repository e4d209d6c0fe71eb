//! `OpenDocument` spreadsheets, cell by cell. Their content is one document in which a row or a cell says how often it repeats;
//! a few bytes can stand for a sheet that no memory holds, so nothing is repeated before somebody asks for it.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use quick_xml::events::{BytesStart, Event};

use super::super::form::LONGEST_CELL;
use super::super::format::encrypted;
use super::super::limits::{self, Bounds, Timed};
use super::super::row::Flow;
use super::super::source::Source;
use super::cells::{Contents, Found, Opened, Properties, SheetInfo, Take, Value, too_many_sheets};
use super::texts::Texts;
use super::xlsx;
use super::xml::{Xml, attribute, damaged, push_text, unescaped};
use crate::aside::broken;
use crate::error::{Error, Result};

/// The columns of the largest sheet.
const COLUMNS: u64 = 1 << 14;

/// The most that the rows of a sheet may come to by repeating, in bytes.
const REPEATED: u64 = 32 << 20;

pub(super) struct Ods {
    /// Where the content of each sheet starts in the unpacked document.
    sheets: Vec<u64>,
    content: File,
    bounds: Bounds,
}

impl Ods {
    /// Opens a spreadsheet. Exit 65 when it is damaged, encrypted or claims more than the bounds, 73 when there is no room to
    /// unpack it.
    pub(super) fn open(source: &Source) -> Result<Opened<Self>> {
        let mut archive = zip::ZipArchive::new(BufReader::new(source.reader()?)).map_err(|error| damaged(&error))?;
        limits::check(&mut archive, source.size, source.bounds())?;
        if let Ok(part) = archive.by_name("META-INF/manifest.xml") {
            let mut manifest = Vec::new();
            // A manifest that cannot be read tells of no encryption; the content then cannot be read either.
            let _ = part.take(1 << 20).read_to_end(&mut manifest);
            if memchr::memmem::find(&manifest, b"encryption-data").is_some() {
                return Err(encrypted());
            }
        }
        let properties = archive.by_name("meta.xml").map(properties).unwrap_or_default();
        let content = unpacked(archive.by_name("content.xml").map_err(|error| damaged(&error))?)?;
        let mut ods = Ods { sheets: Vec::new(), content, bounds: source.bounds() };
        let infos = ods.find_sheets()?;
        let contents = Contents { texts: Texts::new()?, formats: Vec::new(), is_1904: false, is_uncalculated: false };
        Ok((ods, infos, properties, contents))
    }

    fn from(&self, start: u64) -> Result<Xml<Timed<File>>> {
        let mut file = self.content.try_clone().map_err(broken)?;
        file.seek(SeekFrom::Start(start)).map_err(broken)?;
        Xml::new(Timed::new(file, self.bounds))
    }

    fn find_sheets(&mut self) -> Result<Vec<SheetInfo>> {
        let mut xml = self.from(0)?;
        let mut style = String::new();
        let mut hidden: HashSet<String> = HashSet::new();
        let mut infos = Vec::new();
        let mut depth = 0;
        loop {
            let mut is_sheet = false;
            match xml.next()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "style:style" => style = attribute(&tag, "name").unwrap_or_default(),
                    "style:table-properties" if attribute(&tag, "display").as_deref() == Some("false") => {
                        hidden.insert(style.clone());
                    }
                    "table:table" => {
                        depth += 1;
                        is_sheet = depth == 1;
                        if is_sheet {
                            let name = attribute(&tag, "name").unwrap_or_default();
                            let visible = attribute(&tag, "style-name").is_none_or(|style| !hidden.contains(&style));
                            infos.push(SheetInfo { name, visible });
                            too_many_sheets(infos.len())?;
                        }
                    }
                    _ => {}
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => depth -= 1,
                Event::Eof if depth == 0 => return Ok(infos),
                Event::Eof => return Err(damaged(&"its content ends within a sheet")),
                _ => {}
            }
            if is_sheet {
                self.sheets.push(xml.position());
            }
            if depth < 0 {
                return Err(damaged(&"a sheet ends that did not begin"));
            }
        }
    }

    /// Hands on what a sheet has. Exit 65 when the sheet is damaged or larger than any sheet.
    pub(super) fn read(&self, sheet: usize, take: &mut dyn Take) -> Result<()> {
        let mut xml = self.from(self.sheets[sheet])?;
        let mut cells: Vec<Repeated> = Vec::new();
        let (mut row, mut column, mut repeated) = (0_u64, 0_u64, 0_u64);
        let short = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.name().as_ref() {
                    "table:table-column" => {
                        let first = column;
                        column = column.saturating_add(count(&tag, "number-columns-repeated")?);
                        if is_hidden(&tag) && column > first {
                            take.hidden_columns(short(first), short(column - 1));
                        }
                    }
                    "table:table-row" => {
                        let times = count(&tag, "number-rows-repeated")?;
                        if is_hidden(&tag) && times > 0 {
                            take.hidden_rows(short(row), short(row.saturating_add(times - 1)));
                        }
                        read_row(&mut xml, &mut cells)?;
                        if cells.is_empty() || times == 0 {
                            row = row.saturating_add(times);
                            continue;
                        }
                        let size: u64 = cells.iter().map(|cell| cell.times * (cell.text.len() as u64 + 5)).sum();
                        repeated = repeated.saturating_add(size.saturating_mul(times - 1));
                        if repeated > REPEATED {
                            return Err(Error::data(format!("repeated rows have more than {} MB", REPEATED >> 20))
                                .hint("save the sheet as CSV"));
                        }
                        for _ in 0..times {
                            if row >= u64::from(xlsx::ROWS) {
                                return Err(damaged(&format!("a sheet has more than {} rows", xlsx::ROWS)));
                            }
                            if emit(take, short(row), &cells)? == Flow::Stop {
                                return Ok(());
                            }
                            row += 1;
                        }
                    }
                    // Pictures and the like, and tables inside of cells.
                    name @ ("table:shapes" | "table:table" | "office:forms") => {
                        let name = name.to_owned();
                        xml.skip(&name)?;
                    }
                    _ => {}
                },
                Event::End(tag) if tag.name().as_ref() == "table:table" => return Ok(()),
                Event::Eof => return Err(damaged(&"its content ends within a sheet")),
                _ => {}
            }
        }
    }
}

fn is_hidden(tag: &BytesStart<'_>) -> bool {
    attribute(tag, "visibility").is_some_and(|how| how != "visible")
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    Nothing,
    Number,
    Percent,
    Text,
    Bool,
    Date,
    Error,
    Uncalculated,
}

/// A cell, and in how many columns from here it stands.
#[derive(Debug)]
struct Repeated {
    column: u64,
    times: u64,
    /// Over how many rows it is merged.
    span: u64,
    holds: Holds,
    is_formula: bool,
    text: String,
    shown: String,
}

fn emit(take: &mut dyn Take, row: u32, cells: &[Repeated]) -> Result<Flow> {
    for cell in cells {
        let value = match cell.holds {
            Holds::Nothing => continue,
            Holds::Number => Value::Written(&cell.text, &cell.shown),
            Holds::Percent => Value::Percent(&cell.text),
            Holds::Text => Value::Text(&cell.text),
            Holds::Bool => Value::Bool(cell.text == "true"),
            Holds::Date => Value::Date(&cell.text),
            Holds::Error => Value::Error(&cell.text),
            Holds::Uncalculated => Value::Uncalculated,
        };
        for column in cell.column..cell.column + cell.times {
            let column = u32::try_from(column).unwrap_or(u32::MAX);
            if cell.span > 1 {
                let last = row.saturating_add(u32::try_from(cell.span - 1).unwrap_or(u32::MAX));
                take.merged((row, column), (last, column))?;
            }
            if take.cell(&Found { row, column, style: 0, is_formula: cell.is_formula, value })? == Flow::Stop {
                return Ok(Flow::Stop);
            }
        }
    }
    Ok(Flow::Go)
}

/// The cells of a row that are not empty.
fn read_row(xml: &mut Xml<Timed<File>>, cells: &mut Vec<Repeated>) -> Result<()> {
    cells.clear();
    let mut column = 0_u64;
    loop {
        match xml.next()? {
            Event::Start(tag) => {
                let name = tag.name().as_ref().to_owned();
                if name != "table:table-cell" && name != "table:covered-table-cell" {
                    xml.skip(&name)?;
                    continue;
                }
                let mut cell = looked(&tag)?;
                let is_covered = name == "table:covered-table-cell";
                cell.column = column;
                column = column.saturating_add(cell.times);
                read_cell(xml, &name, &mut cell)?;
                // What stands below merged cells nobody sees.
                if cell.holds != Holds::Nothing && !is_covered {
                    if column > COLUMNS {
                        return Err(Error::data(format!("a row has more than {COLUMNS} cells")));
                    }
                    cells.push(cell);
                }
            }
            Event::End(tag) if tag.name().as_ref() == "table:table-row" => return Ok(()),
            Event::Eof => return Err(damaged(&"its content ends within a row")),
            _ => {}
        }
    }
}

/// What the tag of a cell says.
fn looked(tag: &BytesStart<'_>) -> Result<Repeated> {
    let (mut kind, mut value, mut is_error, mut is_formula) = (String::new(), None, false, false);
    for attribute in tag.attributes().with_checks(false) {
        let attribute = attribute.map_err(|error| damaged(&error))?;
        match attribute.key.as_ref() {
            "office:value-type" => kind = unescaped(&attribute.value),
            "office:value" | "office:date-value" | "office:time-value" | "office:boolean-value" | "office:string-value" => {
                value = Some(unescaped(&attribute.value));
            }
            "calcext:value-type" => is_error = &*attribute.value == "error",
            "table:formula" => is_formula = true,
            _ => {}
        }
    }
    let (holds, text) = match (kind.as_str(), value) {
        _ if is_error => (Holds::Error, String::new()),
        ("float" | "currency", Some(value)) => (Holds::Number, number(value)),
        ("percentage", Some(value)) => (Holds::Percent, number(value)),
        ("date", Some(value)) => (Holds::Date, value),
        ("time", Some(value)) => (Holds::Date, seconds(&value).map_or(value, |seconds| format!("PT{seconds}S"))),
        ("boolean", Some(value)) => (Holds::Bool, value.to_lowercase()),
        ("string", Some(value)) if !value.is_empty() => (Holds::Text, value),
        ("", _) if is_formula => (Holds::Uncalculated, String::new()),
        ("", _) => (Holds::Nothing, String::new()),
        _ => (Holds::Text, String::new()),
    };
    let (times, span) = (count(tag, "number-columns-repeated")?, count(tag, "number-rows-spanned")?);
    Ok(Repeated { column: 0, times, span, holds, is_formula, text, shown: String::new() })
}

/// The seconds of `PT36H00M00S`.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    for (unit, times) in [('H', 3_600.0), ('M', 60.0), ('S', 1.0)] {
        if let Some((number, after)) = rest.split_once(unit) {
            seconds += number.parse::<f64>().ok()? * times;
            rest = after;
        }
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a longer duration is not a value")]
    (rest.is_empty() && (0.0..1e15).contains(&seconds)).then_some(seconds.round() as u64)
}

/// A number as the shortest decimal that stands for it: files have `0.95` and `9.5E-1` alike.
fn number(value: String) -> String {
    match value.parse::<f64>() {
        Ok(number) if value.contains(['e', 'E']) && number.is_finite() => number.to_string(),
        _ => value,
    }
}

/// Reads a cell up to its end: what it shows, paragraphs being lines.
fn read_cell(xml: &mut Xml<Timed<File>>, name: &str, cell: &mut Repeated) -> Result<()> {
    let mut text = String::new();
    let (mut paragraphs, mut within) = (0, 0_u32);
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.name().as_ref() {
                "text:p" => {
                    within += 1;
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                }
                "text:s" => {
                    let spaces = count(&tag, "c")?.min(LONGEST_CELL as u64 + 1);
                    text.extend(std::iter::repeat_n(' ', usize::try_from(spaces).unwrap_or(0)));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                other if other == name => return Err(damaged(&"a cell is inside another cell")),
                other @ ("office:annotation" | "table:table" | "draw:frame" | "table:detective") => {
                    let other = other.to_owned();
                    xml.skip(&other)?;
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == name => break,
            Event::End(tag) if tag.name().as_ref() == "text:p" => within = within.saturating_sub(1),
            Event::Eof => return Err(damaged(&"its content ends within a cell")),
            event if within > 0 => push_text(&event, &mut text),
            _ => {}
        }
        if text.len() > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text"));
        }
    }
    match cell.holds {
        Holds::Error => cell.text = text,
        Holds::Text if cell.text.is_empty() => {
            cell.text = text;
            if cell.text.is_empty() {
                cell.holds = Holds::Nothing;
            }
        }
        _ => cell.shown = text,
    }
    Ok(())
}

/// How often something repeats.
fn count(tag: &BytesStart<'_>, name: &str) -> Result<u64> {
    match attribute(tag, name) {
        None => Ok(1),
        Some(text) => text.trim().parse().map_err(|_| damaged(&format!("{name} is `{text}`, which is not a number"))),
    }
}

/// Unpacks the document into a temporary file without a name.
fn unpacked(mut part: impl Read) -> Result<File> {
    let mut file = tempfile::tempfile().map_err(broken)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = part.read(&mut buffer).map_err(|error| damaged(&error))?;
        if read == 0 {
            return Ok(file);
        }
        file.write_all(&buffer[..read]).map_err(broken)?;
    }
}

/// What the workbook says of itself.
fn properties(part: impl Read) -> Properties {
    let mut text = String::new();
    if part.take(1 << 20).read_to_string(&mut text).is_err() {
        return Properties::default();
    }
    let value = |tag: &str| Some(unescaped(text.split_once(tag)?.1.split_once("</")?.0));
    Properties { author: value("<meta:initial-creator>").or_else(|| value("<dc:creator>")), title: value("<dc:title>") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ods(content: &str) -> Ods {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(content.as_bytes()).unwrap();
        Ods { sheets: Vec::new(), content: file, bounds: Bounds::new(1) }
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
        let ods = ods("<table:table-row><table:table-cell office:value-type=\"string\">\n  <![CDATA[beside]]>&amp;\n  \
                       <text:p>a<![CDATA[ <b>]]> &amp; c</text:p>\n  <text:p>d</text:p>\n</table:table-cell></table:table-row>");
        let mut xml = ods.from(0).unwrap();
        assert!(matches!(xml.next(), Ok(Event::Start(_))));
        let mut cells = Vec::new();
        read_row(&mut xml, &mut cells).unwrap();
        assert_eq!(cells[0].text, "a <b> & c\nd");
    }

    #[test]
    fn spans_are_seconds() {
        assert_eq!(seconds("PT36H00M00S"), Some(129_600));
        assert_eq!(seconds("PT1H30M0.5S"), Some(5_401));
        assert_eq!(seconds("P1D"), None);
    }
}
