//! What a zip archive may ask for: its directory, the sizes it claims, and the pieces of the parts that a reader holds in memory.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::ops::ControlFlow;

use zip::ZipArchive;
use zip::result::ZipError;

use super::Bounds;
use super::markup::{Does, Scan, Tag, Watch};
use super::records::{self, Found};
use crate::error::{Error, Result};
use crate::table::format::Format;

/// The most parts an archive may have; each costs memory before anything of it is read.
const PARTS: u64 = 20_000;

/// The most sheets a workbook may have.
pub(super) const SHEETS: u64 = 2_000;

/// How many times its packed size a workbook may unpack to, beside what any workbook may. Sheets pack 10 to 40 times.
const RATIO: u64 = 150;
const ANY: u64 = 64 << 20;

/// What a text of the shared table costs beside its bytes.
const TEXT: u64 = 64;

/// What a cell style costs beside its parts.
const STYLE: u64 = 512;

/// Parts that a reader takes whole, and the most that they may have.
const WHOLE: u64 = 16 << 20;

/// Refuses an archive with more parts than a workbook has, before its directory is read into memory.
///
/// # Errors
/// Exit 65 when it has.
pub(crate) fn directory(mut input: impl Read + Seek) -> Result<()> {
    input.seek(SeekFrom::Start(0)).map_err(|error| Error::data(error.to_string()))?;
    let mark = memchr::memmem::Finder::new(b"PK\x01\x02");
    let mut buffer = vec![0; 1 << 16];
    let (mut kept, mut parts) = (0, 0_u64);
    loop {
        let read = input.read(&mut buffer[kept..]).map_err(|error| Error::data(format!("the file cannot be read: {error}")))?;
        if read == 0 {
            return Ok(());
        }
        let end = kept + read;
        parts += mark.find_iter(&buffer[..end]).count() as u64;
        if parts > PARTS {
            return Err(Error::data(format!("the workbook's archive has more than {PARTS} parts"))
                .hint("save the one sheet you need as a workbook of its own, or as CSV"));
        }
        kept = end.min(3);
        buffer.copy_within(end - kept..end, 0);
    }
}

/// Refuses a workbook whose archive claims, or whose parts hold, more than the bounds.
///
/// Returns whether a large sheet has merged cells.
///
/// # Errors
/// Exit 65 with the bound.
pub(crate) fn check(input: impl Read + Seek, format: Format, packed: u64, bounds: Bounds) -> Result<bool> {
    let mut archive = ZipArchive::new(input).map_err(damaged)?;
    let mut total = 0_u64;
    let mut names = Vec::new();
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(damaged)?;
        total = total.saturating_add(part.size());
        names.push((part.name().map_err(damaged)?.replace('\\', "/").to_lowercase(), part.size()));
    }
    if total > bounds.unpacked() {
        return Err(bounds
            .exceeded(format!("the workbook unpacks to more than {} MB", bounds.unpacked() / 1_000_000))
            .hint("save the one sheet you need as a workbook of its own, or as CSV"));
    }
    if total > ANY && total / RATIO > packed.max(1) {
        return Err(Error::data(format!(
            "the workbook claims to unpack to {} MB, more than {RATIO} times its size: it is damaged or made to do harm",
            total / 1_000_000
        )));
    }
    let binary = if format == Format::Xlsb { targets(&mut archive)? } else { Vec::new() };
    let mut weight = Weight::default();
    let mut largest = 0;
    for (index, (name, size)) in names.iter().enumerate() {
        largest = largest.max(*size);
        // What others keep in a workbook is none of it.
        let is_markup = [".xml", ".rels"].iter().any(|end| name.ends_with(end)) && !name.starts_with("customxml/");
        if format == Format::Ods || is_markup && name.starts_with("xl/worksheets/") && *size <= WHOLE {
            continue;
        }
        if is_small(name) && *size > WHOLE {
            return Err(Error::data(format!("the workbook's {name} has more than {} MB", WHOLE >> 20)));
        }
        let mut part = archive.by_index(index).map_err(damaged)?;
        if is_markup {
            weight.is_styles = name.ends_with("styles.xml");
            scan(&mut part, &mut weight, bounds)?;
        } else if binary.iter().any(|known| known == name) {
            let mut found = Found::default();
            if let ControlFlow::Break(reason) = records::scan(&mut BufReader::with_capacity(1 << 16, part), &mut found) {
                return Err(harmful(&reason));
            }
            weight.texts += found.texts;
            weight.text += found.text;
            weight.sheets += found.sheets;
        } else if *size > WHOLE {
            // A sheet may have any name.
            let mut start = [0; 64];
            let read = part.read(&mut start).unwrap_or(0);
            if start[..read].trim_ascii_start().starts_with(b"<") || start.starts_with(&[0xef, 0xbb, 0xbf]) {
                scan(&mut start[..read].chain(part), &mut weight, bounds)?;
            }
        }
    }
    if weight.sheets > SHEETS {
        return Err(Error::data(format!("the workbook has more than {SHEETS} sheets")).hint("leave out what is no catalog"));
    }
    if weight.sheets.saturating_mul(largest) > bounds.unpacked().saturating_mul(4) {
        return Err(bounds.exceeded("the sheets of the workbook are too many for their size".to_owned()));
    }
    if weight.merged > MERGED {
        return Err(harmful(&format!("it has more than {MERGED} merged cells")));
    }
    weight.check(bounds)?;
    Ok(weight.merged > 0)
}

/// The most merged cells that large sheets may have.
const MERGED: u64 = 200_000;

/// Whether a part is one that a reader holds in memory as a whole, or as many small things.
fn is_small(name: &str) -> bool {
    name.starts_with("docprops/")
        || [".rels", "styles.xml", "workbook.xml", "styles.bin", "workbook.bin", "theme1.xml", "meta.xml", "manifest.xml"]
            .iter()
            .any(|end| name.ends_with(end))
}

/// The parts of an XLSB workbook that are made of records.
fn targets<R: Read + Seek>(archive: &mut ZipArchive<R>) -> Result<Vec<String>> {
    let mut names: Vec<String> =
        ["xl/workbook.bin", "xl/sharedstrings.bin", "xl/styles.bin"].into_iter().map(str::to_owned).collect();
    let Some(index) = archive
        .file_names()
        .position(|name| name.is_ok_and(|name| name.replace('\\', "/").eq_ignore_ascii_case("xl/_rels/workbook.bin.rels")))
    else {
        return Ok(names);
    };
    let part = archive.by_index(index).map_err(damaged)?;
    let mut text = String::new();
    if part.take(WHOLE).read_to_string(&mut text).is_ok() {
        let targets = text.split("Target").skip(1).filter_map(|rest| {
            let rest = rest.trim_start().strip_prefix('=')?.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            Some(format!("xl/{}", rest[1..].split(quote).next()?).to_lowercase())
        });
        names.extend(targets);
    }
    Ok(names)
}

/// What the parts would cost in memory.
#[derive(Debug, Default)]
struct Weight {
    /// Shared texts: how many, how many are claimed, their bytes.
    texts: u64,
    claimed: u64,
    text: u64,
    sheets: u64,
    /// Merged cells of large sheets.
    merged: u64,
    is_styles: bool,
    styles: u64,
    /// The largest format, font, fill and border; every style may have its own copy.
    largest: [u64; 4],
}

impl Weight {
    fn check(&self, bounds: Bounds) -> Result<()> {
        let memory = self.memory();
        if memory <= bounds.memory() {
            return Ok(());
        }
        Err(bounds
            .exceeded(format!(
                "the workbook's table of texts and its styles claim {} MB of memory, more than {} MB",
                memory >> 20,
                bounds.memory() >> 20
            ))
            .hint("save the one sheet you need as CSV"))
    }

    fn memory(&self) -> u64 {
        let style = STYLE + self.largest.iter().sum::<u64>();
        let texts = self.texts.saturating_mul(TEXT).saturating_add(self.claimed.saturating_mul(24)).saturating_add(self.text);
        // A few styles of any size are no harm.
        texts.saturating_add(self.styles.saturating_mul(style).saturating_sub(1 << 20))
    }
}

impl Watch for Weight {
    fn tag(&mut self, tag: &Tag<'_>, size: u64) -> ControlFlow<String> {
        if tag.does == Does::End {
            return ControlFlow::Continue(());
        }
        match tag.name {
            "sst" => self.claimed = self.claimed.max(tag.number("uniqueCount").unwrap_or(0)),
            "sheet" => self.sheets += 1,
            "mergeCell" => self.merged += 1,
            "xf" if self.is_styles => self.styles += 1,
            "numFmt" if self.is_styles => self.largest[0] = self.largest[0].max(size),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn collected(&mut self, name: &str, text: u64, size: u64) -> ControlFlow<String> {
        match name {
            "si" => {
                self.texts += 1;
                self.text += text;
            }
            "font" if self.is_styles => self.largest[1] = self.largest[1].max(size),
            "fill" if self.is_styles => self.largest[2] = self.largest[2].max(size),
            "border" if self.is_styles => self.largest[3] = self.largest[3].max(size),
            _ => {}
        }
        ControlFlow::Continue(())
    }
}

fn scan(part: &mut dyn Read, weight: &mut Weight, bounds: Bounds) -> Result<()> {
    let mut scan = Scan::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        let read = part.read(&mut buffer).map_err(|error| damaged(ZipError::Io(error)))?;
        if read == 0 {
            return Ok(());
        }
        if let ControlFlow::Break(reason) = scan.feed(&buffer[..read], weight) {
            return Err(harmful(&reason));
        }
        weight.check(bounds)?;
    }
}

fn harmful(reason: &str) -> Error {
    Error::data(format!("the workbook is damaged or made to do harm: {reason}"))
        .hint("open it in a spreadsheet program and save it anew, or save the sheet as CSV")
}

fn damaged(error: ZipError) -> Error {
    Error::data(format!("the workbook's archive is damaged: {error}"))
        .hint("copy it again, or open it in a spreadsheet program and save it anew")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_directory_are_counted_to_the_last_one() {
        let of = |before: usize, parts: u64| {
            let mut bytes = vec![b'x'; before];
            (0..parts).for_each(|_| bytes.extend(b"PK\x01\x02"));
            directory(std::io::Cursor::new(bytes))
        };
        // Where one buffer ends and the next begins, a mark is cut in each possible way.
        for before in 0..4 {
            assert!(of(before, PARTS).is_ok(), "{before}");
            assert!(of(before, PARTS + 1).is_err_and(|error| error.message().contains("parts")), "{before}");
        }
    }
}
