//! XLSX workbooks (ECMA-376), cell by cell.

use std::collections::HashMap;

use quick_xml::events::Event;

use super::super::form::LONGEST_CELL;
use super::super::named::Named;
use super::super::range::Range;
use super::super::row::Flow;
use super::super::source::Source;
use super::cells::{Contents, Found, Opened, SheetInfo, Take, Value, too_many_sheets};
use super::number_format::Format;
use super::package::{Package, Part, Relation};
use super::texts::Texts;
use super::xml::{Xml, attribute, damaged, number, push_text, says};
use crate::error::{Error, Result};

/// The rows of the largest sheet.
pub(super) const ROWS: u32 = 1 << 20;

/// The most formats of numbers, and the most styles of cells.
const FORMATS: usize = 1 << 16;

pub(super) struct Xlsx {
    package: Package,
    sheets: Vec<String>,
}

impl Xlsx {
    /// Opens a workbook. Exit 65 when it is damaged or claims more than the bounds.
    pub(super) fn open(source: &Source) -> Result<Opened<Self>> {
        let mut package = Package::open(source)?;
        let main = package.main("xl/workbook.xml")?;
        let relations = package.relations(&main)?;
        let mut contents = Contents { texts: Texts::new()?, formats: Vec::new(), is_1904: false, is_uncalculated: false };
        let (mut sheets, mut infos) = (Vec::new(), Vec::new());
        let mut xml = package.xml(&main)?.ok_or_else(|| damaged(&format!("it has no part {main}")))?;
        loop {
            match xml.next()? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "workbookPr" => contents.is_1904 = says(&tag, "date1904"),
                    "calcPr" => contents.is_uncalculated = says(&tag, "fullCalcOnLoad"),
                    "sheet" => {
                        let name = attribute(&tag, "name").unwrap_or_default();
                        let Some(relation) = related(&relations, attribute(&tag, "id").as_deref()) else { continue };
                        let visible = attribute(&tag, "state").is_none_or(|state| state == "visible");
                        sheets.push(relation.target.clone());
                        infos.push(SheetInfo { name, visible });
                        too_many_sheets(infos.len())?;
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
        drop(xml);
        let part = |kind: &str, usual: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map_or_else(|| usual.to_owned(), |relation| relation.target.clone())
        };
        if let Some(xml) = package.xml(&part("sharedStrings", "xl/sharedStrings.xml"))? {
            read_texts(xml, &mut contents.texts)?;
        }
        if let Some(xml) = package.xml(&part("styles", "xl/styles.xml"))? {
            contents.formats = read_formats(xml)?;
        }
        let properties = package.properties();
        Ok((Xlsx { package, sheets }, infos, properties, contents))
    }

    /// The name of the part that a sheet is in.
    pub(super) fn part(&self, sheet: usize) -> Option<String> {
        self.sheets.get(sheet).cloned()
    }

    /// Hands on what a sheet has. Exit 65 when it is damaged.
    pub(super) fn read(&mut self, sheet: usize, take: &mut dyn Take) -> Result<()> {
        let part = self.sheets[sheet].clone();
        let xml = self.package.xml(&part)?.ok_or_else(|| damaged(&format!("it has no part {part}")))?;
        read_sheet(xml, take)
    }

    /// The named tables of a sheet. Exit 65 when they are damaged.
    pub(super) fn tables(&mut self, sheet: usize, name: &str) -> Result<Vec<Named>> {
        let mut tables = Vec::new();
        let relations = self.package.relations(&self.sheets[sheet].clone())?;
        for relation in relations.iter().filter(|relation| relation.kind == "table") {
            let Some(mut xml) = self.package.xml(&relation.target)? else { continue };
            loop {
                match xml.next()? {
                    Event::Start(tag) => {
                        let Some(mut range) = attribute(&tag, "ref").and_then(|text| Range::parse(&text).ok()) else { break };
                        if attribute(&tag, "totalsRowCount").is_some_and(|count| count != "0") {
                            range.rows.1 = range.rows.1.saturating_sub(1).max(range.rows.0);
                        }
                        let own = attribute(&tag, "displayName").or_else(|| attribute(&tag, "name"));
                        tables.extend(own.map(|own| Named { name: own, sheet: name.to_owned(), range }));
                        break;
                    }
                    Event::Eof => break,
                    _ => {}
                }
            }
        }
        Ok(tables)
    }
}

/// The part of a sheet with cells; charts, macros and dialogs are none.
pub(super) fn related<'r>(relations: &'r [Relation], id: Option<&str>) -> Option<&'r Relation> {
    let found = relations.iter().find(|relation| Some(relation.id.as_str()) == id)?;
    (found.kind == "worksheet" || found.kind.is_empty()).then_some(found)
}

fn read_texts(mut xml: Xml<Part<'_>>, texts: &mut Texts) -> Result<()> {
    let mut text = String::new();
    loop {
        match xml.next()? {
            Event::Start(tag) if tag.local_name().as_ref() == "si" => {
                let name = tag.name().as_ref().to_owned();
                text.clear();
                rich_text(&mut xml, &name, &mut text)?;
                texts.add(&text)?;
            }
            Event::Eof => return texts.end(),
            _ => {}
        }
    }
}

/// The text of an element with runs, without how it is pronounced.
fn rich_text(xml: &mut Xml<Part<'_>>, name: &str, text: &mut String) -> Result<()> {
    let mut is_text = false;
    let start = text.len();
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "t" => is_text = true,
                "rPh" => {
                    let name = tag.name().as_ref().to_owned();
                    xml.skip(&name)?;
                }
                _ => {}
            },
            Event::End(tag) if tag.name().as_ref() == name => break,
            Event::End(_) => is_text = false,
            Event::Eof => return Err(damaged(&format!("its content ends within {name}"))),
            event if is_text => push_text(&event, text),
            _ => {}
        }
        if text.len() - start > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text"));
        }
    }
    unescape(text);
    Ok(())
}

/// Takes the `_x000D_` form back in which workbooks keep carriage returns and other controls.
pub(super) fn unescape(text: &mut String) {
    if !text.contains("_x") {
        return;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find("_x") {
        let code = rest
            .get(at + 2..at + 6)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()) && rest[at + 6..].starts_with('_'))
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        match code {
            Some(c) if c.is_control() || c == '_' => {
                plain.push_str(&rest[..at]);
                if c != '\r' {
                    plain.push(c);
                }
                rest = &rest[at + 7..];
            }
            _ => {
                plain.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    plain.push_str(rest);
    *text = plain;
}

/// The formats of the styles of cells.
fn read_formats(mut xml: Xml<Part<'_>>) -> Result<Vec<Format>> {
    let mut own: HashMap<u32, Format> = HashMap::new();
    let mut formats = Vec::new();
    let mut is_of_cells = false;
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "numFmt" => {
                    if let (Some(id), Some(code)) = (number(&tag, "numFmtId"), attribute(&tag, "formatCode")) {
                        own.insert(id, Format::of(&code));
                    }
                }
                "cellXfs" => is_of_cells = true,
                "xf" if is_of_cells => {
                    let id = number(&tag, "numFmtId").unwrap_or(0);
                    formats.push(own.get(&id).cloned().unwrap_or_else(|| Format::built_in(id)));
                }
                _ => {}
            },
            Event::End(tag) if tag.local_name().as_ref() == "cellXfs" => is_of_cells = false,
            Event::Eof => return Ok(formats),
            _ => {}
        }
        if own.len() > FORMATS || formats.len() > FORMATS {
            return Err(damaged(&format!("it has more than {FORMATS} styles")));
        }
    }
}

fn read_sheet(mut xml: Xml<Part<'_>>, take: &mut dyn Take) -> Result<()> {
    let (mut row, mut column) = (0_u32, 0_u32);
    let (mut is_sheet, mut is_whole) = (false, false);
    let mut text = String::new();
    loop {
        match xml.next()? {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "worksheet" => is_sheet = true,
                "col" if says(&tag, "hidden") => {
                    if let (Some(first), Some(last)) = (number(&tag, "min"), number(&tag, "max")) {
                        take.hidden_columns(first.saturating_sub(1), last.saturating_sub(1));
                    }
                }
                "row" => {
                    let (mut own, mut is_hidden) = (None, false);
                    for attribute in tag.attributes().with_checks(false).flatten() {
                        match attribute.key.as_ref() {
                            "r" => own = Some(attribute.value.trim().parse::<u32>().unwrap_or(0)),
                            "hidden" => is_hidden = matches!(&*attribute.value, "1" | "true"),
                            _ => {}
                        }
                    }
                    row = match own {
                        Some(number) => number.checked_sub(1).filter(|row| *row < ROWS).ok_or_else(|| place(number))?,
                        None => row,
                    };
                    column = 0;
                    if is_hidden {
                        take.hidden_rows(row, row);
                    }
                }
                "c" => {
                    let mut kind = ValueType::Number;
                    let mut style = 0;
                    for attribute in tag.attributes().with_checks(false).flatten() {
                        match attribute.key.as_ref() {
                            "r" => (row, column) = position(attribute.value.trim())?,
                            "s" => style = attribute.value.trim().parse().unwrap_or(0),
                            "t" => kind = ValueType::of(&attribute.value),
                            _ => {}
                        }
                    }
                    let name = tag.name().as_ref().to_owned();
                    if read_cell(&mut xml, &name, (row, column, style), kind, &mut text, take)? == Flow::Stop {
                        return Ok(());
                    }
                    column = column.saturating_add(1);
                }
                "mergeCell" => {
                    let corners = attribute(&tag, "ref");
                    let corners = corners.as_deref().and_then(|text| text.split_once(':'));
                    if let Some((Ok(start), Ok(end))) = corners.map(|(start, end)| (position(start), position(end))) {
                        take.merged(start, end)?;
                    }
                }
                _ => {}
            },
            Event::End(tag) => match tag.local_name().as_ref() {
                "row" => row = row.saturating_add(1),
                "worksheet" => is_whole = true,
                _ => {}
            },
            Event::Eof if is_whole || !is_sheet => return Ok(()),
            Event::Eof => return Err(damaged(&"its content ends within a sheet")),
            _ => {}
        }
    }
}

fn place(text: impl std::fmt::Display) -> Error {
    damaged(&format!("a cell has the place `{text}`, which no sheet has"))
}

/// The row and the column of `B7`, counted from 0.
fn position(text: &str) -> Result<(u32, u32)> {
    let text = text.trim_start_matches('$');
    let digits = text.find(|c: char| c.is_ascii_digit() || c == '$').unwrap_or(text.len());
    let (letters, row) = text.split_at(digits);
    let column = if letters.len() > 3 { None } else { super::super::columns::from_letters(letters) };
    let row = row.trim_start_matches('$').parse::<u32>().ok().and_then(|row| row.checked_sub(1)).filter(|row| *row < ROWS);
    row.zip(column.and_then(|column| u32::try_from(column).ok())).ok_or_else(|| place(text))
}

/// What the value of a cell is said to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ValueType {
    Number,
    Shared,
    Text,
    Inline,
    Bool,
    Error,
    Date,
}

impl ValueType {
    fn of(text: &str) -> Self {
        match text {
            "s" => ValueType::Shared,
            "str" => ValueType::Text,
            "inlineStr" | "is" => ValueType::Inline,
            "b" => ValueType::Bool,
            "e" => ValueType::Error,
            "d" => ValueType::Date,
            _ => ValueType::Number,
        }
    }
}

fn read_cell(
    xml: &mut Xml<Part<'_>>,
    name: &str,
    (row, column, style): (u32, u32, usize),
    kind: ValueType,
    text: &mut String,
    take: &mut dyn Take,
) -> Result<Flow> {
    text.clear();
    let (mut is_formula, mut has_value) = (false, false);
    loop {
        match xml.next()? {
            Event::Start(tag) => {
                let inner = tag.name().as_ref().to_owned();
                match tag.local_name().as_ref() {
                    "v" if kind != ValueType::Inline => {
                        xml.text(&inner, text)?;
                        has_value = true;
                    }
                    "is" => {
                        rich_text(xml, &inner, text)?;
                        has_value = true;
                    }
                    "f" => {
                        is_formula = true;
                        xml.skip(&inner)?;
                    }
                    _ => xml.skip(&inner)?,
                }
            }
            Event::End(tag) if tag.name().as_ref() == name => break,
            Event::Eof => return Err(damaged(&"its content ends within a cell")),
            _ => {}
        }
        if text.len() > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text"));
        }
    }
    let trimmed = text.trim();
    let value = match kind {
        // A formula that no program has worked out yet. Of a text, nothing can be its result.
        _ if is_formula && (!has_value || trimmed.is_empty() && kind != ValueType::Text) => Value::Uncalculated,
        _ if !has_value => Value::Nothing,
        ValueType::Shared => {
            Value::Shared(trimmed.parse().map_err(|_| damaged(&format!("the shared text `{trimmed}` has no number")))?)
        }
        ValueType::Text => {
            unescape(text);
            Value::Text(text)
        }
        ValueType::Inline => Value::Text(text),
        _ if trimmed.is_empty() => Value::Nothing,
        ValueType::Bool => match trimmed.to_ascii_lowercase().as_str() {
            "1" | "true" => Value::Bool(true),
            "0" | "false" => Value::Bool(false),
            _ => Value::Text(trimmed),
        },
        ValueType::Error => Value::Error(trimmed),
        ValueType::Date => Value::Date(trimmed),
        ValueType::Number => {
            trimmed.parse::<f64>().ok().filter(|number| number.is_finite()).map_or(Value::Text(trimmed), Value::Number)
        }
    };
    take.cell(&Found { row, column, style, is_formula, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_that_a_sheet_has() {
        assert_eq!(position("A1").unwrap(), (0, 0));
        assert_eq!(position("$XFD$1048576").unwrap(), (1_048_575, 16_383));
        for text in ["A0", "1", "A", "ZZZZ1", "A1048577", "", "A-1"] {
            assert!(position(text).is_err(), "{text}");
        }
    }

    #[test]
    fn escaped_controls_come_back() {
        for (text, right) in [("a_x000D_\nb", "a\nb"), ("a_x0041_b _x00", "a_x0041_b _x00"), ("_x005F_x000D_", "_x000D_")] {
            let mut text = text.to_owned();
            unescape(&mut text);
            assert_eq!(text, right);
        }
    }
}
