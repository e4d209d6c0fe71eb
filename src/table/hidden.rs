//! Which rows and columns of an XLSX sheet are hidden. The reader of cells does not tell.

use std::io::{BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::source::Source;
use super::through::Hidden;
use crate::error::{Error, Result};

fn damaged(source: &Source, error: &dyn std::fmt::Display) -> Error {
    Error::data(format!("the workbook's hidden rows cannot be read: {error}"))
        .at(source.place())
        .hint("leave --visible-only out, or save the visible part as a sheet of its own")
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

/// Hands the start of each element to `take`, until it has enough.
fn each(xml: impl BufRead, source: &Source, mut take: impl FnMut(&BytesStart<'_>) -> bool) -> Result<()> {
    let mut reader = Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).map_err(|error| damaged(source, &error))? {
            Event::Start(tag) | Event::Empty(tag) if !take(&tag) => return Ok(()),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// The largest part that tells of sheets and relations.
const LARGEST_PART: u64 = 4 << 20;

/// Finds what is hidden of a sheet.
///
/// # Errors
/// Exit 65 when the workbook is damaged.
pub(super) fn find(source: &Source, sheet: &str) -> Result<Hidden> {
    let mut archive = zip::ZipArchive::new(source.reader()?).map_err(|error| damaged(source, &error))?;
    let mut id = None;
    let part = archive.by_name("xl/workbook.xml").map_err(|error| damaged(source, &error))?;
    each(BufReader::new(part.take(LARGEST_PART)), source, |tag| {
        if tag.local_name().as_ref() == "sheet" && attribute(tag, "name").as_deref() == Some(sheet) {
            id = attribute(tag, "id");
        }
        id.is_none()
    })?;
    let mut target = None;
    let part = archive.by_name("xl/_rels/workbook.xml.rels").map_err(|error| damaged(source, &error))?;
    each(BufReader::new(part.take(LARGEST_PART)), source, |tag| {
        if id.is_some() && attribute(tag, "Id") == id {
            target = attribute(tag, "Target");
        }
        target.is_none()
    })?;
    let target = target.ok_or_else(|| damaged(source, &format!("no part is named for the sheet `{sheet}`")))?;
    let path = target.strip_prefix('/').map_or_else(|| format!("xl/{target}"), str::to_owned);
    let part = archive.by_name(&path).map_err(|error| damaged(source, &error))?;
    let mut hidden = Hidden::default();
    let mut row = 0_u64;
    let number = |tag: &BytesStart<'_>, name: &str| attribute(tag, name)?.parse::<u64>().ok()?.checked_sub(1);
    let is_hidden = |tag: &BytesStart<'_>| attribute(tag, "hidden").is_some_and(|value| value == "1" || value == "true");
    each(BufReader::new(part), source, |tag| {
        match tag.local_name().as_ref() {
            "col" if is_hidden(tag) => {
                hidden.columns.extend(number(tag, "min").zip(number(tag, "max")));
            }
            "row" => {
                row = number(tag, "r").unwrap_or(row);
                if is_hidden(tag) {
                    hidden.rows.push((row, row));
                }
                row += 1;
            }
            _ => {}
        }
        true
    })?;
    hidden.columns.sort_unstable();
    hidden.rows.sort_unstable();
    Ok(hidden)
}
