//! XLS workbooks ([MS-XLS]), Excel 5 to 2003, cell by cell: records in one stream of a compound file.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};

use cfb::CompoundFile;
use encoding_rs::Encoding;

use super::super::format::encrypted;
use super::super::limits::Timed;
use super::cells::{Contents, Found, Opened, Properties, SheetInfo, Take, Value, too_many_sheets};
use super::number_format::Format;
use super::package::whole;
use super::texts::Texts;
use super::xlsb::{error, rk};
use super::xml::damaged;
use crate::error::Result;
use crate::table::row::Flow;
use crate::table::source::Source;

type Container = CompoundFile<Timed<File>>;

/// The largest stream of properties that is read.
const PROPERTIES: u64 = 1 << 20;

pub(super) struct Xls {
    container: Container,
    stream: &'static str,
    /// Where the records of each sheet start.
    sheets: Vec<u64>,
    form: Form,
    /// Whether a program has worked the formulas out.
    is_calculated: bool,
}

/// How texts are written.
#[derive(Debug, Clone, Copy)]
struct Form {
    /// Whether it is of Excel 97 or newer.
    is_unicode: bool,
    encoding: &'static Encoding,
}

struct Records<R> {
    input: R,
    /// The record that comes next, if its start was read: its kind and its size.
    ahead: Option<(u16, u16)>,
    data: Vec<u8>,
}

impl<R: Read> Records<R> {
    fn peek(&mut self) -> Result<Option<u16>> {
        if self.ahead.is_none() {
            let mut head = Vec::new();
            self.input.by_ref().take(4).read_to_end(&mut head).map_err(|error| damaged(&error))?;
            self.ahead = match head[..] {
                [a, b, c, d] => Some((u16::from_le_bytes([a, b]), u16::from_le_bytes([c, d]))),
                _ => None,
            };
        }
        Ok(self.ahead.map(|(kind, _)| kind))
    }

    /// The kind of the next record, whose bytes are then in `data`.
    fn next(&mut self) -> Result<Option<u16>> {
        self.peek()?;
        let Some((kind, size)) = self.ahead.take() else { return Ok(None) };
        self.data.clear();
        let read = self.input.by_ref().take(u64::from(size)).read_to_end(&mut self.data).map_err(|error| damaged(&error))?;
        if read < usize::from(size) {
            return Err(damaged(&"a record of it is cut off"));
        }
        Ok(Some(kind))
    }

    fn bytes<const N: usize>(&self, at: usize) -> Result<[u8; N]> {
        let bytes = self.data.get(at..at + N).and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| damaged(&"a record of it is too short"))
    }

    fn u8(&self, at: usize) -> Result<u8> {
        Ok(u8::from_le_bytes(self.bytes(at)?))
    }

    fn u16(&self, at: usize) -> Result<u16> {
        Ok(u16::from_le_bytes(self.bytes(at)?))
    }

    fn u32(&self, at: usize) -> Result<u32> {
        Ok(u32::from_le_bytes(self.bytes(at)?))
    }

    /// The text at a place, whose length has one byte or two.
    fn text(&self, at: usize, wide_length: bool, form: Form) -> Result<String> {
        let (length, mut at) = if wide_length { (self.u16(at)?, at + 2) } else { (u16::from(self.u8(at)?), at + 1) };
        let length = usize::from(length);
        let mut is_wide = false;
        if form.is_unicode {
            is_wide = self.data.get(at).is_some_and(|flags| flags & 1 != 0);
            at += 1;
        }
        let bytes = self.data.get(at..at + length * (1 + usize::from(is_wide)));
        let bytes = bytes.ok_or_else(|| damaged(&"a text of it is cut off"))?;
        Ok(match (form.is_unicode, is_wide) {
            (true, true) => decoded(bytes.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]))),
            (true, false) => bytes.iter().map(|byte| char::from(*byte)).collect(),
            (false, _) => form.encoding.decode_without_bom_handling(bytes).0.into_owned(),
        })
    }

    /// The next byte of a table that continues in the records behind.
    fn flowing(&mut self, at: &mut usize) -> Result<u8> {
        while *at >= self.data.len() {
            self.more(at)?;
        }
        *at += 1;
        Ok(self.data[*at - 1])
    }

    /// Goes to the record in which a table continues.
    fn more(&mut self, at: &mut usize) -> Result<()> {
        if self.peek()? != Some(CONTINUE) {
            return Err(damaged(&"its table of texts is cut off"));
        }
        self.next()?;
        *at = 0;
        Ok(())
    }

    /// The texts of the current table.
    fn texts(&mut self, texts: &mut Texts) -> Result<()> {
        let count = self.u32(4)?;
        let mut at = 8;
        let mut units: Vec<u16> = Vec::new();
        for _ in 0..count {
            // Programs claim more texts than they write.
            if at >= self.data.len() && self.peek()? != Some(CONTINUE) {
                break;
            }
            let mut number = |records: &mut Self, bytes: u32| -> Result<u32> {
                (0..bytes).try_fold(0, |number, byte| Ok(number | u32::from(records.flowing(&mut at)?) << (8 * byte)))
            };
            let length = number(self, 2)?;
            let mut flags = number(self, 1)?;
            let runs = if flags & 8 == 0 { 0 } else { number(self, 2)? * 4 };
            let phonetic = if flags & 4 == 0 { 0 } else { number(self, 4)? };
            units.clear();
            for _ in 0..length {
                // A text that continues says again how wide its characters are.
                while at >= self.data.len() {
                    self.more(&mut at)?;
                    flags = u32::from(self.flowing(&mut at)?);
                }
                let low = u16::from(self.flowing(&mut at)?);
                units.push(if flags & 1 == 0 { low } else { low | u16::from(self.flowing(&mut at)?) << 8 });
            }
            let mut skip = u64::from(runs) + u64::from(phonetic);
            while skip > 0 {
                while at >= self.data.len() {
                    self.more(&mut at)?;
                }
                let here = skip.min((self.data.len() - at) as u64);
                at += usize::try_from(here).unwrap_or(0);
                skip -= here;
            }
            texts.add(&decoded(units.iter().copied()))?;
        }
        texts.end()
    }
}

const CONTINUE: u16 = 0x3c;
const BOF: u16 = 0x809;
const EOF: u16 = 0x0a;

fn decoded(units: impl Iterator<Item = u16>) -> String {
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The encoding of a code page of Windows or a Macintosh.
fn encoding(page: u16) -> &'static Encoding {
    let label = match page {
        932 => "shift_jis".to_owned(),
        936 => "gbk".to_owned(),
        949 => "euc-kr".to_owned(),
        950 => "big5".to_owned(),
        866 => "ibm866".to_owned(),
        10000 | 32768 => "macintosh".to_owned(),
        page => format!("windows-{page}"),
    };
    Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252)
}

impl Xls {
    /// Opens a workbook. Exit 65 when it is damaged or encrypted.
    pub(super) fn open(source: &Source) -> Result<Opened<Self>> {
        let mut container = Container::open(Timed::new(source.reader()?, source.bounds())).map_err(|error| damaged(&error))?;
        // The names of streams are of one case in the file, and of any in the look-up.
        let names = ["/Workbook", "/Book"];
        let stream =
            names.into_iter().find(|name| container.is_stream(name)).ok_or_else(|| damaged(&"there is no workbook in it"))?;
        let properties = properties(&mut container).unwrap_or_default();
        let mut xls = Xls {
            container,
            stream,
            sheets: Vec::new(),
            form: Form { is_unicode: true, encoding: encoding_rs::WINDOWS_1252 },
            is_calculated: false,
        };
        let mut contents = Contents { texts: Texts::new()?, formats: Vec::new(), is_1904: false, is_uncalculated: false };
        let infos = xls.globals(&mut contents)?;
        Ok((xls, infos, properties, contents))
    }

    fn records(&mut self, start: u64) -> Result<Records<BufReader<cfb::Stream<Timed<File>>>>> {
        let mut stream = self.container.open_stream(self.stream).map_err(|error| damaged(&error))?;
        stream.seek(SeekFrom::Start(start)).map_err(|error| damaged(&error))?;
        Ok(Records { input: BufReader::with_capacity(1 << 16, stream), ahead: None, data: Vec::new() })
    }

    /// The records before the sheets.
    fn globals(&mut self, contents: &mut Contents) -> Result<Vec<SheetInfo>> {
        let mut records = self.records(0)?;
        let mut infos = Vec::new();
        let mut own: HashMap<u16, Format> = HashMap::new();
        if records.peek()? != Some(BOF) {
            return Err(damaged(&"it does not begin like a workbook of Excel 5 or newer"));
        }
        while let Some(kind) = records.next()? {
            match kind {
                BOF => self.form.is_unicode = records.u16(0)? >= 0x600,
                EOF => break,
                // FilePass
                0x2f => return Err(encrypted()),
                // CodePage
                0x42 => self.form.encoding = encoding(records.u16(0)?),
                // Date1904
                0x22 => contents.is_1904 = records.u16(0)? != 0,
                // BoundSheet: a sheet, a chart or a macro.
                0x85 if records.u8(5)? == 0 => {
                    self.sheets.push(u64::from(records.u32(0)?));
                    let name = records.text(6, false, self.form)?.replace('\0', "");
                    infos.push(SheetInfo { name, visible: records.u8(4)?.trailing_zeros() >= 2 });
                    too_many_sheets(infos.len())?;
                }
                // SST
                0xfc => records.texts(&mut contents.texts)?,
                // Format
                0x41e => {
                    let code = records.text(2, self.form.is_unicode, self.form)?;
                    own.insert(records.u16(0)?, Format::of(&code));
                }
                // XF
                0xe0 if u16::try_from(contents.formats.len()).is_ok() => {
                    let id = records.u16(2)?;
                    contents.formats.push(own.get(&id).cloned().unwrap_or_else(|| Format::built_in(u32::from(id))));
                }
                // RecalcId, which every Excel since 2000 writes that has worked the formulas out.
                0x1c1 => self.is_calculated = true,
                _ => {}
            }
        }
        Ok(infos)
    }

    /// Hands on what a sheet has. Exit 65 when it is damaged.
    pub(super) fn read(&mut self, sheet: usize, take: &mut dyn Take) -> Result<()> {
        let (form, is_calculated) = (self.form, self.is_calculated);
        let mut records = self.records(self.sheets[sheet])?;
        // A chart within the sheet is a sheet of its own.
        let mut depth = 0_u32;
        // The place of a formula whose result is a text, which the record after it has.
        let mut formula = None;
        while let Some(kind) = records.next()? {
            match kind {
                BOF => depth += 1,
                EOF if depth <= 1 => return Ok(()),
                EOF => depth -= 1,
                _ => {}
            }
            if depth != 1 || matches!(kind, BOF | EOF) {
                continue;
            }
            let text;
            let mut place = None;
            let value = match kind {
                // Row
                0x208 => {
                    if records.u16(12)? & 0x20 != 0 {
                        let row = u32::from(records.u16(0)?);
                        take.hidden_rows(row, row);
                    }
                    continue;
                }
                // ColInfo
                0x7d => {
                    if records.u16(8)? & 1 != 0 {
                        take.hidden_columns(u32::from(records.u16(0)?), u32::from(records.u16(2)?));
                    }
                    continue;
                }
                // MergeCells
                0xe5 => {
                    for at in (0..usize::from(records.u16(0)?)).map(|region| 2 + region * 8) {
                        let corner = |at| -> Result<u32> { Ok(u32::from(records.u16(at)?)) };
                        take.merged((corner(at)?, corner(at + 4)?), (corner(at + 2)?, corner(at + 6)?))?;
                    }
                    continue;
                }
                // LabelSst
                0xfd => Value::Shared(u64::from(records.u32(6)?)),
                // Label, RString
                0x204 | 0xd6 => {
                    text = records.text(6, true, form)?;
                    Value::Text(&text)
                }
                // Number
                0x203 => Value::Number(f64::from_le_bytes(records.bytes(6)?)),
                // RK
                0x27e => Value::Number(rk(records.u32(6)?)),
                // MulRk
                0xbd => {
                    let (row, first) = (records.u16(0)?, records.u16(2)?);
                    for (column, at) in (u32::from(first)..).zip((4..records.data.len().saturating_sub(7)).step_by(6)) {
                        let style = usize::from(records.u16(at)?);
                        let value = Value::Number(rk(records.u32(at + 2)?));
                        let found = Found { row: u32::from(row), column, style, is_formula: false, value };
                        if take.cell(&found)? == Flow::Stop {
                            return Ok(());
                        }
                    }
                    continue;
                }
                // BoolErr
                0x205 if records.u8(7)? == 0 => Value::Bool(records.u8(6)? != 0),
                0x205 => {
                    text = error(records.u8(6)?);
                    Value::Error(&text)
                }
                // Formula
                0x06 => {
                    let result: [u8; 8] = records.bytes(6)?;
                    match (result[0], &result[6..]) {
                        (0, [0xff, 0xff]) => {
                            formula = Some((records.u16(0)?, records.u16(2)?, records.u16(4)?));
                            continue;
                        }
                        (1, [0xff, 0xff]) => Value::Bool(result[2] != 0),
                        (2, [0xff, 0xff]) => {
                            text = error(result[2]);
                            Value::Error(&text)
                        }
                        (_, [0xff, 0xff]) if is_calculated => Value::Text(""),
                        (_, [0xff, 0xff]) => Value::Uncalculated,
                        _ => Value::Number(f64::from_le_bytes(result)),
                    }
                }
                // String
                0x207 => {
                    place = formula.take();
                    text = records.text(0, true, form)?;
                    Value::Text(&text)
                }
                _ => continue,
            };
            let is_formula = matches!(kind, 0x06 | 0x207);
            let (row, column, style) = match place {
                None if kind == 0x207 => continue,
                None => (records.u16(0)?, records.u16(2)?, records.u16(4)?),
                Some(place) => place,
            };
            let found = Found { row: u32::from(row), column: u32::from(column), style: usize::from(style), is_formula, value };
            if take.cell(&found)? == Flow::Stop {
                return Ok(());
            }
        }
        Err(damaged(&"its content ends within a sheet"))
    }
}

/// What the workbook says of itself, by its stream of properties ([MS-OLEPS]).
fn properties(container: &mut Container) -> Option<Properties> {
    let bytes = whole(container.open_stream("/\u{5}SummaryInformation").ok()?, PROPERTIES).ok()?;
    let u32_at = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize);
    let section = u32_at(44)?;
    let property = |wanted: usize| {
        let count = u32_at(section + 4)?.min(100);
        let found = (0..count).find(|number| u32_at(section + 8 + number * 8) == Some(wanted))?;
        Some(section + u32_at(section + 12 + found * 8)?)
    };
    let page = property(1).and_then(|at| Some(u16::from_le_bytes(bytes.get(at + 4..at + 6)?.try_into().ok()?)));
    let encoding = if page == Some(65001) { encoding_rs::UTF_8 } else { encoding(page.unwrap_or(1252)) };
    let text = |wanted: usize| {
        let at = property(wanted)?;
        let text = bytes.get(at + 8..at.checked_add(8)?.checked_add(u32_at(at + 4)?)?)?;
        Some(encoding.decode_without_bom_handling(text).0.trim_end_matches('\0').to_owned())
    };
    Some(Properties { author: text(4), title: text(2) })
}
