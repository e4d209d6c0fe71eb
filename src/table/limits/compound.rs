//! An XLS workbook: an OLE container with sectors in chains, and in it records. What its records would cost in memory is
//! counted before a reader holds them, and those that this program does not use are taken out of a copy, for the reader would
//! work them out all the same: sizes that a sheet claims, names, formulas.

use std::collections::HashSet;
use std::io::{Cursor, Read};

use super::Bounds;
use crate::error::{Error, Result};

/// The most bytes that an XLS workbook may have; the reader holds it several times.
pub(super) const LARGEST: u64 = 64 << 20;

const END: u32 = 0xffff_fffe;

/// An XLS workbook in memory that a reader can be trusted with.
pub(crate) type Compound = Cursor<Vec<u8>>;

/// Reads an XLS workbook and makes it harmless.
///
/// # Errors
/// Exit 65 when its chains do not end, or when it would take more memory than the bounds.
pub(crate) fn open(mut input: impl Read, size: u64, bounds: Bounds) -> Result<Compound> {
    let largest = LARGEST * bounds.scale();
    if size > largest {
        return Err(bounds
            .exceeded(format!("an XLS workbook is read only up to {} MB", largest >> 20))
            .hint("save it as XLSX, which is read cell by cell"));
    }
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|error| Error::data(format!("the file cannot be read: {error}")))?;
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        tame(&mut bytes, bounds)?;
    }
    Ok(Cursor::new(bytes))
}

fn damaged(what: &str) -> Error {
    Error::data(format!("the workbook is damaged: {what}"))
        .hint("copy it again, or open it in a spreadsheet program and save it anew")
}

fn tame(bytes: &mut [u8], bounds: Bounds) -> Result<()> {
    let stream = Container::new(bytes)?.workbook()?;
    // What is taken out may make other records of what follows, so the walk is repeated until nothing is left to take out.
    for _ in 0..4 {
        let mut walk = Walk { stream: &stream, bytes, bounds, weight: Weight::default(), texts: Vec::new(), changed: false };
        walk.weight.bytes = 3 * walk.bytes.len() as u64;
        let sheets = walk.globals()?;
        for start in sheets {
            walk.sheet(start)?;
        }
        if !walk.changed {
            return Ok(());
        }
    }
    Err(damaged("its records overlap"))
}

/// Goes through the records as the reader will.
struct Walk<'b> {
    stream: &'b Stream,
    bytes: &'b mut [u8],
    bounds: Bounds,
    weight: Weight,
    /// The bytes that each of the shared texts may have.
    texts: Vec<u32>,
    changed: bool,
}

/// A record: its kind, where its data starts, and their size.
type Record = (u16, usize, usize);

impl Walk<'_> {
    fn record(&self, at: usize) -> Option<Record> {
        let kind = self.stream.u16(self.bytes, at)?;
        let size = self.stream.u16(self.bytes, at + 2)?;
        Some((kind, at + 4, usize::from(size)))
    }

    /// The records before the sheets; the places where the sheets start.
    fn globals(&mut self) -> Result<Vec<usize>> {
        let mut at = 0;
        let mut sheets = Vec::new();
        let mut shared: Vec<(usize, usize)> = Vec::new();
        while let Some((kind, start, size)) = self.record(at) {
            match kind {
                0x00fc => shared = vec![(start, size)],
                0x003c if !shared.is_empty() => shared.push((start, size)),
                _ => self.texts(&std::mem::take(&mut shared))?,
            }
            match kind {
                0x0085 => {
                    let place = |at| self.stream.u16(self.bytes, at).map(usize::from);
                    sheets.extend(place(start).zip(place(start + 2)).map(|(low, high)| high << 16 | low));
                    if sheets.len() > 1000 {
                        return Err(damaged("it claims more than 1000 sheets"));
                    }
                }
                // Names, and the sizes of sheets, where somebody put one here.
                0x0018 | 0x0200 => self.hide(at),
                0x000a => break,
                _ => {}
            }
            at = start + size;
        }
        self.texts(&shared)?;
        if at == 0 {
            return Err(damaged("there is no record in it"));
        }
        Ok(sheets)
    }

    /// The records of a sheet.
    fn sheet(&mut self, mut at: usize) -> Result<()> {
        let (mut begun, mut depth) = (false, 0_u32);
        while let Some((kind, start, size)) = self.record(at) {
            let field = |offset: usize| if offset + 2 <= size { self.stream.u16(self.bytes, start + offset) } else { None };
            match (kind, depth) {
                (0x0809, 0) if !begun => begun = true,
                (0x0809, _) => depth += 1,
                (0x000a, 0) => break,
                (0x000a, _) => depth -= 1,
                (_, 1..) => {}
                // A shared text.
                (0x00fd, _) => {
                    let number = field(6).zip(field(8)).map(|(low, high)| usize::from(high) << 16 | usize::from(low));
                    let text = number.and_then(|number| self.texts.get(number)).copied().unwrap_or(0);
                    self.weight.cell(field(0), field(2), text as usize);
                }
                // Number, label, rich text, error or truth, RK.
                (0x0203 | 0x0204 | 0x00d6 | 0x0205 | 0x027e, _) => self.weight.cell(field(0), field(2), size),
                // Several RK.
                (0x00bd, _) => {
                    for column in 0..size / 6 {
                        let column = field(2).and_then(|first| first.checked_add(u16::try_from(column).ok()?));
                        self.weight.cell(field(0), column, 0);
                    }
                }
                // The text of the formula before.
                (0x0207, _) => self.weight.text += 2 * size as u64,
                // A formula: its result counts, its tokens are left out.
                (0x0006, _) => {
                    self.weight.cell(field(0), field(2), 0);
                    self.weight.formulas += 1;
                    if field(20).is_some_and(|tokens| tokens > 0) {
                        self.put(start + 20, [0, 0]);
                    }
                }
                // Sizes that are claimed, merged cells.
                (0x0200 | 0x00e5, _) => self.hide(at),
                _ => {}
            }
            if self.weight.cells.is_multiple_of(1024) {
                self.weigh()?;
            }
            at = start + size;
        }
        self.weight.sheet_ends();
        self.weigh()
    }

    fn weigh(&self) -> Result<()> {
        let (memory, most) = (self.weight.memory(), self.bounds.memory() + (64 << 20));
        if memory <= most {
            return Ok(());
        }
        Err(self
            .bounds
            .exceeded(format!(
                "the cells of the workbook, or the room between them, claim more than {} MB of memory",
                most >> 20
            ))
            .hint("save it as XLSX, which is read cell by cell"))
    }

    /// Makes a record one that no reader knows.
    fn hide(&mut self, at: usize) {
        self.put(at, [0xfe, 0x0f]);
    }

    fn put(&mut self, at: usize, values: [u8; 2]) {
        self.changed = true;
        for (at, value) in (at..).zip(values) {
            if let Some(byte) = self.stream.place(at).and_then(|place| self.bytes.get_mut(place)) {
                *byte = value;
            }
        }
    }

    /// How long the shared texts are, from the pieces of their table. Where the table is damaged the reader refuses it.
    fn texts(&mut self, pieces: &[(usize, usize)]) -> Result<()> {
        if pieces.is_empty() {
            return Ok(());
        }
        self.texts.clear();
        let mut pieces = pieces.iter().map(|(start, size)| (*start, start + size));
        let (mut at, mut end) = pieces.next().unwrap_or_default();
        at += 8;
        loop {
            if at >= end {
                match pieces.next() {
                    Some(next) => (at, end) = next,
                    None => break,
                }
                continue;
            }
            let read = |at: usize| self.stream.u16(self.bytes, at).map_or(0, usize::from);
            let characters = read(at);
            let mut flags = self.stream.byte(self.bytes, at + 2).unwrap_or(0);
            at += 3;
            let mut skip = 0;
            if flags & 8 != 0 {
                skip += 4 * read(at);
                at += 2;
            }
            if flags & 4 != 0 {
                skip += read(at + 2) << 16 | read(at);
                at += 4;
            }
            let mut left = characters;
            loop {
                let width = 1 + usize::from(flags & 1);
                let here = (end.saturating_sub(at) / width).min(left);
                at += here * width;
                left -= here;
                if left == 0 {
                    break;
                }
                // A text that goes on in the next piece says anew how wide its characters are.
                let Some(next) = pieces.next() else { break };
                (at, end) = next;
                flags = self.stream.byte(self.bytes, at).unwrap_or(0);
                at += 1;
            }
            while skip > 0 {
                let here = end.saturating_sub(at).min(skip);
                at += here;
                skip -= here;
                if skip > 0 {
                    let Some(next) = pieces.next() else { break };
                    (at, end) = next;
                }
            }
            self.texts.push(u32::try_from(characters * 3).unwrap_or(u32::MAX));
            self.weight.shared += 64 + characters as u64 * 3;
            if self.texts.len().is_multiple_of(1024) {
                self.weigh()?;
            }
        }
        self.weigh()
    }
}

/// What the records would cost.
#[derive(Debug, Default)]
struct Weight {
    bytes: u64,
    cells: u64,
    formulas: u64,
    text: u64,
    shared: u64,
    /// The corners of the cells of the sheet at hand.
    corners: Option<[u16; 4]>,
    /// Cells between the corners of all sheets, and of the largest.
    area: u64,
    largest: u64,
}

impl Weight {
    fn cell(&mut self, row: Option<u16>, column: Option<u16>, text: usize) {
        let (Some(row), Some(column)) = (row, column) else { return };
        self.cells += 1;
        self.text += text as u64;
        self.corners = Some(match self.corners {
            None => [row, column, row, column],
            Some([top, left, bottom, right]) => [top.min(row), left.min(column), bottom.max(row), right.max(column)],
        });
    }

    fn sheet_ends(&mut self) {
        if let Some([top, left, bottom, right]) = self.corners.take() {
            let area = (u64::from(bottom - top) + 1) * (u64::from(right - left) + 1);
            self.area += area;
            self.largest = self.largest.max(area);
        }
    }

    /// A cell costs 40 bytes before and 24 after it is put into its place, its text again; the formulas have such a place each,
    /// and the sheet that is read is copied.
    fn memory(&self) -> u64 {
        let areas = self.area * if self.formulas > 0 { 48 } else { 24 } + self.largest * 24;
        self.bytes + self.cells * 80 + self.formulas * 64 + self.text * 2 + self.shared + areas
    }
}

/// The places of a stream's bytes in the file.
struct Stream {
    /// Where each of its pieces starts.
    pieces: Vec<usize>,
    piece: usize,
    size: usize,
}

impl Stream {
    fn place(&self, at: usize) -> Option<usize> {
        if at >= self.size {
            return None;
        }
        self.pieces.get(at / self.piece).map(|start| start + at % self.piece)
    }

    fn byte(&self, bytes: &[u8], at: usize) -> Option<u8> {
        bytes.get(self.place(at)?).copied()
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        Some(u16::from_le_bytes([self.byte(bytes, at)?, self.byte(bytes, at + 1)?]))
    }
}

/// The container.
struct Container<'b> {
    bytes: &'b [u8],
    sector: usize,
    table: Vec<u32>,
}

impl<'b> Container<'b> {
    fn new(bytes: &'b [u8]) -> Result<Self> {
        let sector = match u16_at(bytes, 30) {
            Some(9) => 512,
            Some(12) => 4096,
            _ => return Err(damaged("its sectors have no known size")),
        };
        let mut container = Container { bytes, sector, table: Vec::new() };
        let most = bytes.len() / sector + 1;
        let mut ids: Vec<u32> = (0..109).filter_map(|number| u32_at(bytes, 76 + number * 4)).collect();
        let mut next = u32_at(bytes, 68).unwrap_or(END);
        let mut steps = 0;
        while next < 0xffff_fffa {
            steps += 1;
            if steps > most {
                return Err(damaged("its list of sectors goes in circles"));
            }
            let start = container.start(next)?;
            let last = sector / 4 - 1;
            ids.extend((0..last).filter_map(|number| u32_at(bytes, start + number * 4)));
            next = u32_at(bytes, start + last * 4).unwrap_or(END);
        }
        let ids: Vec<u32> = ids.into_iter().filter(|id| *id < 0xffff_fffc).collect();
        if ids.len() > most {
            return Err(damaged("its table of sectors is larger than the file"));
        }
        for id in ids {
            let start = container.start(id)?;
            container.table.extend((0..sector / 4).filter_map(|number| u32_at(bytes, start + number * 4)));
        }
        Ok(container)
    }

    /// Where a sector starts in the file.
    fn start(&self, id: u32) -> Result<usize> {
        let start = (id as usize).checked_add(1).and_then(|number| number.checked_mul(self.sector));
        start.filter(|start| *start < self.bytes.len()).ok_or_else(|| damaged("it points past its end, so it is cut off"))
    }

    /// The sectors of a chain that holds `size` bytes.
    fn chain(&self, first: u32, size: usize) -> Result<Vec<usize>> {
        let mut starts = Vec::new();
        let mut seen = vec![false; self.table.len()];
        let mut id = first;
        while id != END && starts.len() * self.sector < size {
            match seen.get_mut(id as usize) {
                Some(seen) if !*seen => *seen = true,
                Some(_) => return Err(damaged("a chain of its sectors goes in circles")),
                None => return Err(damaged("a chain of its sectors leads nowhere")),
            }
            starts.push(self.start(id)?);
            id = self.table[id as usize];
        }
        Ok(starts)
    }

    /// The stream with the records. Every other chain that a reader follows is looked at as well.
    fn workbook(&self) -> Result<Stream> {
        let directory = self.chain(u32_at(self.bytes, 48).unwrap_or(END), usize::MAX)?;
        let mut entries: Vec<(String, u32, usize)> = Vec::new();
        for start in directory {
            for at in (start..start + self.sector).step_by(128) {
                let Some(entry) = self.bytes.get(at..at + 128) else { break };
                let units: Vec<u16> = entry[..64].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
                let name = String::from_utf16_lossy(&units);
                let name = name.split('\0').next().unwrap_or_default().to_lowercase();
                let size = if self.sector == 512 {
                    u32_at(entry, 120).unwrap_or(0) as usize
                } else {
                    usize::try_from(u64::from_le_bytes([
                        entry[120], entry[121], entry[122], entry[123], entry[124], entry[125], entry[126], entry[127],
                    ]))
                    .unwrap_or(usize::MAX)
                };
                entries.push((name, u32_at(entry, 116).unwrap_or(END), size));
            }
        }
        let Some((_, root, root_size)) = entries.first().cloned() else { return Err(damaged("its directory is empty")) };
        let small = if u32_at(self.bytes, 64).unwrap_or(0) > 0 {
            let table =
                self.chain(u32_at(self.bytes, 60).unwrap_or(END), u32_at(self.bytes, 64).unwrap_or(0) as usize * self.sector)?;
            Some((table, self.chain(root, root_size)?))
        } else {
            None
        };
        let mut found = None;
        let mut known: HashSet<&str> = HashSet::new();
        for (name, first, size) in &entries {
            // The reader takes the first of a name.
            if !["workbook", "book", "\u{5}summaryinformation", "\u{5}documentsummaryinformation"].contains(&name.as_str())
                || !known.insert(name)
            {
                continue;
            }
            if *size > self.bytes.len() {
                return Err(damaged("a stream claims to be larger than the file"));
            }
            let stream = if *size < 4096 {
                self.small(*first, *size, small.as_ref())?
            } else {
                Stream { pieces: self.chain(*first, *size)?, piece: self.sector, size: *size }
            };
            if name == "workbook" || name == "book" && found.is_none() {
                found = Some(stream);
            }
        }
        found.ok_or_else(|| damaged("there is no workbook in it"))
    }

    /// A stream in the small sectors of 64 bytes, which lie in the root's stream.
    fn small(&self, first: u32, size: usize, small: Option<&(Vec<usize>, Vec<usize>)>) -> Result<Stream> {
        let mut pieces = Vec::new();
        let Some((table, root)) = small else {
            return if size == 0 {
                Ok(Stream { pieces, piece: 64, size })
            } else {
                Err(damaged("a chain of its sectors leads nowhere"))
            };
        };
        let mut id = first;
        while id != END && pieces.len() * 64 < size {
            let at = id as usize * 64;
            let Some(start) = root.get(at / self.sector) else { return Err(damaged("a chain of its sectors leads nowhere")) };
            pieces.push(start + at % self.sector);
            if pieces.len() > size / 64 + 1 {
                return Err(damaged("a chain of its sectors goes in circles"));
            }
            let at = id as usize * 4;
            let next = table.get(at / self.sector).and_then(|start| u32_at(self.bytes, start + at % self.sector));
            id = next.ok_or_else(|| damaged("a chain of its sectors leads nowhere"))?;
        }
        Ok(Stream { pieces, piece: 64, size })
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

#[cfg(test)]
mod tests;
