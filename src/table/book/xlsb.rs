//! XLSB workbooks ([MS-XLSB]), cell by cell: the parts of XLSX as records.

use std::collections::HashMap;
use std::io::{BufReader, Read};

use super::cells::{Contents, Found, Opened, SheetInfo, Take, Value, too_many_sheets};
use super::number_format::Format;
use super::package::{Package, Part};
use super::texts::Texts;
use super::xlsx::{ROWS, related};
use super::xml::damaged;
use crate::error::Result;
use crate::table::row::Flow;
use crate::table::source::Source;

/// The most bytes that a record may have. The largest of a sheet is a cell with text: 32,767 characters.
const LARGEST_RECORD: usize = 8 << 20;

pub(super) struct Xlsb {
    package: Package,
    sheets: Vec<String>,
}

struct Records<R> {
    input: BufReader<R>,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn new(input: R) -> Self {
        Records { input: BufReader::with_capacity(1 << 16, input), data: Vec::new() }
    }

    fn byte(&mut self) -> Result<Option<u8>> {
        let mut byte = [0];
        let read = self.input.read(&mut byte).map_err(|error| damaged(&error))?;
        Ok((read == 1).then_some(byte[0]))
    }

    /// The kind of the next record, whose bytes are then in `data`.
    fn next(&mut self) -> Result<Option<u16>> {
        let Some(low) = self.byte()? else { return Ok(None) };
        let mut kind = u16::from(low & 0x7f);
        if low & 0x80 != 0 {
            kind |= u16::from(self.byte()?.unwrap_or(0) & 0x7f) << 7;
        }
        let mut size = 0;
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?.ok_or_else(|| damaged(&"a record of it is cut off"))?;
            size |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if size > LARGEST_RECORD {
            return Err(damaged(&format!("a record of it claims more than {} MB", LARGEST_RECORD >> 20)));
        }
        self.data.clear();
        let read = self.input.by_ref().take(size as u64).read_to_end(&mut self.data).map_err(|error| damaged(&error))?;
        if read < size {
            return Err(damaged(&"a record of it is cut off"));
        }
        Ok(Some(kind))
    }

    fn u32(&self, at: usize) -> Result<u32> {
        let bytes = self.data.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_le_bytes).ok_or_else(|| damaged(&"a record of it is too short"))
    }

    fn u16(&self, at: usize) -> Result<u16> {
        let bytes = self.data.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u16::from_le_bytes).ok_or_else(|| damaged(&"a record of it is too short"))
    }

    fn f64(&self, at: usize) -> Result<f64> {
        let bytes = self.data.get(at..at + 8).and_then(|bytes| bytes.try_into().ok());
        bytes.map(f64::from_le_bytes).ok_or_else(|| damaged(&"a record of it is too short"))
    }

    /// A text with its length before it, and where the bytes after it are.
    fn wide(&self, at: usize) -> Result<(String, usize)> {
        let length = self.u32(at)?;
        if length == u32::MAX {
            return Ok((String::new(), at + 4));
        }
        let end = (length as usize).checked_mul(2).and_then(|size| size.checked_add(at + 4));
        let bytes = end.and_then(|end| self.data.get(at + 4..end)).ok_or_else(|| damaged(&"a text of it is cut off"))?;
        let units: Vec<u16> = bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
        Ok((String::from_utf16_lossy(&units), at + 4 + bytes.len()))
    }
}

impl Xlsb {
    /// Opens a workbook. Exit 65 when it is damaged or claims more than the bounds.
    pub(super) fn open(source: &Source) -> Result<Opened<Self>> {
        let mut package = Package::open(source)?;
        let main = package.main("xl/workbook.bin")?;
        let relations = package.relations(&main)?;
        let mut contents = Contents { texts: Texts::new()?, formats: Vec::new(), is_1904: false, is_uncalculated: false };
        let (mut sheets, mut infos) = (Vec::new(), Vec::new());
        let part = package.part(&main)?.ok_or_else(|| damaged(&format!("it has no part {main}")))?;
        let mut records = Records::new(part);
        while let Some(kind) = records.next()? {
            match kind {
                // BrtWbProp
                0x99 => contents.is_1904 = records.u32(0)? & 1 != 0,
                // BrtBundleSh: a sheet. Macros and charts are named here, too.
                0x9c => {
                    let (id, after) = records.wide(8)?;
                    let Some(relation) = related(&relations, Some(&id)) else { continue };
                    sheets.push(relation.target.clone());
                    infos.push(SheetInfo { name: records.wide(after)?.0, visible: records.u32(0)? == 0 });
                    too_many_sheets(infos.len())?;
                }
                // BrtEndBook
                0x84 => break,
                _ => {}
            }
        }
        drop(records);
        let part = |kind: &str, usual: &str| {
            let found = relations.iter().find(|relation| relation.kind == kind);
            found.map_or_else(|| usual.to_owned(), |relation| relation.target.clone())
        };
        if let Some(part) = package.part(&part("sharedStrings", "xl/sharedStrings.bin"))? {
            let mut records = Records::new(part);
            while let Some(kind) = records.next()? {
                // BrtSSTItem
                if kind == 0x13 {
                    contents.texts.add(&records.wide(1)?.0)?;
                }
            }
            contents.texts.end()?;
        }
        if let Some(part) = package.part(&part("styles", "xl/styles.bin"))? {
            contents.formats = read_formats(Records::new(part))?;
        }
        let properties = package.properties();
        Ok((Xlsb { package, sheets }, infos, properties, contents))
    }

    /// Hands on what a sheet has. Exit 65 when it is damaged.
    pub(super) fn read(&mut self, sheet: usize, take: &mut dyn Take) -> Result<()> {
        let name = self.sheets[sheet].clone();
        let part = self.package.part(&name)?.ok_or_else(|| damaged(&format!("it has no part {name}")))?;
        read_sheet(Records::new(part), take)
    }
}

fn read_formats(mut records: Records<Part<'_>>) -> Result<Vec<Format>> {
    let mut own: HashMap<u16, Format> = HashMap::new();
    let mut formats = Vec::new();
    let mut is_of_cells = false;
    while let Some(kind) = records.next()? {
        match kind {
            // BrtFmt
            0x2c => {
                own.insert(records.u16(0)?, Format::of(&records.wide(2)?.0));
            }
            // BrtBeginCellXFs, BrtEndCellXFs
            0x269 => is_of_cells = true,
            0x26a => is_of_cells = false,
            // BrtXF
            0x2f if is_of_cells && u16::try_from(formats.len()).is_ok() => {
                let id = records.u16(2)?;
                formats.push(own.get(&id).cloned().unwrap_or_else(|| Format::built_in(u32::from(id))));
            }
            _ => {}
        }
    }
    Ok(formats)
}

fn read_sheet(mut records: Records<Part<'_>>, take: &mut dyn Take) -> Result<()> {
    let mut row = 0;
    while let Some(kind) = records.next()? {
        let text;
        let value = match kind {
            // BrtRowHdr
            0x00 => {
                row = records.u32(0)?;
                if row >= ROWS {
                    return Err(damaged(&format!("it has the row {row}, more than a sheet has")));
                }
                if records.u16(10).is_ok_and(|flags| flags & 0x1000 != 0) {
                    take.hidden_rows(row, row);
                }
                continue;
            }
            // BrtColInfo
            0x3c => {
                if records.u16(16)? & 1 != 0 {
                    take.hidden_columns(records.u32(0)?, records.u32(4)?);
                }
                continue;
            }
            // BrtMergeCell
            0xb0 => {
                take.merged((records.u32(0)?, records.u32(8)?), (records.u32(4)?, records.u32(12)?))?;
                continue;
            }
            0x02 => Value::Number(rk(records.u32(8)?)),
            0x03 | 0x0b => {
                text = error(*records.data.get(8).unwrap_or(&0));
                Value::Error(&text)
            }
            0x04 | 0x0a => Value::Bool(records.data.get(8).is_some_and(|value| *value != 0)),
            0x05 | 0x09 => Value::Number(records.f64(8)?),
            0x06 | 0x08 => {
                text = records.wide(8)?.0;
                Value::Text(&text)
            }
            // A text with runs: BrtCellRString.
            0x3e => {
                text = records.wide(9)?.0;
                Value::Text(&text)
            }
            0x07 => Value::Shared(u64::from(records.u32(8)?)),
            _ => continue,
        };
        let style = records.u32(4)? as usize & 0x00ff_ffff;
        let found = Found { row, column: records.u32(0)?, style, is_formula: (0x08..=0x0b).contains(&kind), value };
        if take.cell(&found)? == Flow::Stop {
            return Ok(());
        }
    }
    Ok(())
}

/// A number in 30 bits: an integer or the upper half of a double, and whether it is a hundred times too large.
pub(super) fn rk(bits: u32) -> f64 {
    let number = if bits & 2 == 0 { f64::from_bits(u64::from(bits & !3) << 32) } else { f64::from(bits.cast_signed() >> 2) };
    if bits & 1 == 0 { number } else { number / 100.0 }
}

/// What a spreadsheet shows for the number of an error.
pub(super) fn error(code: u8) -> String {
    let known = match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        0x2b => "#GETTING_DATA",
        _ => return format!("#ERROR {code}"),
    };
    known.to_owned()
}
