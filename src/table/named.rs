//! The named tables of an XLSX workbook.

use std::io::Read as _;

use quick_xml::events::Event;

use super::range::Range;
use super::source::Source;
use crate::error::{Error, Result};

/// A named table in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// The sheet it is in.
    pub sheet: String,
    /// Its header and its rows, without a row of totals.
    pub range: Range,
}

/// The largest description of a table that is read.
const LARGEST_PART: u64 = 1 << 20;

/// Where the tables of an XLSX workbook are, by name. The reader tells a table's place only together with all of its sheet.
pub(super) fn table_ranges(source: &Source) -> Result<Vec<(String, Range)>> {
    let damaged = |error: &dyn std::fmt::Display| {
        Error::data(format!("the workbook's tables cannot be read: {error}"))
            .at(source.place())
            .hint("name the sheet with --sheet")
    };
    let mut archive = zip::ZipArchive::new(source.reader()?).map_err(|error| damaged(&error))?;
    let mut ranges = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|error| damaged(&error))?;
        let is_table = part.name().is_ok_and(|name| name.starts_with("xl/tables/") && name.ends_with(".xml"));
        if !is_table {
            continue;
        }
        let mut text = String::new();
        std::io::Read::take(part, LARGEST_PART).read_to_string(&mut text).map_err(|error| damaged(&error))?;
        ranges.extend(table_range(&text));
    }
    Ok(ranges)
}

/// The name and place that the root element of a table's part tells.
fn table_range(xml: &str) -> Option<(String, Range)> {
    let mut reader = quick_xml::Reader::from_str(xml);
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) | Event::Empty(element) => {
                let attribute = |name: &str| {
                    let found = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
                    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
                };
                let mut range = Range::parse(&attribute("ref")?)?;
                if attribute("totalsRowCount").is_some_and(|count| count != "0") {
                    range.rows.1 = range.rows.1.saturating_sub(1).max(range.rows.0);
                }
                return Some((attribute("displayName").or_else(|| attribute("name"))?, range));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}
