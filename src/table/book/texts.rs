//! The shared texts of a workbook, in a temporary file: a million rows have a million names.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};

use super::super::form::LONGEST_CELL;
use super::xml::damaged;
use crate::aside::broken;
use crate::error::{Error, Result};

/// The bytes of a block, and how many blocks stay in memory.
const BLOCK: usize = 1 << 14;
const KEPT: usize = 256;

/// Bytes in a temporary file without a name. Those that were read last stay in memory.
struct Paged {
    file: File,
    size: u64,
    last: Vec<u8>,
    blocks: HashMap<u64, Vec<u8>>,
}

impl Paged {
    fn new() -> Result<Self> {
        Ok(Paged { file: tempfile::tempfile().map_err(broken)?, size: 0, last: Vec::new(), blocks: HashMap::new() })
    }

    fn add(&mut self, bytes: &[u8]) -> Result<()> {
        self.size += bytes.len() as u64;
        self.last.extend_from_slice(bytes);
        if self.last.len() >= BLOCK * 16 {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_all(&self.last).map_err(broken)?;
        self.last.clear();
        Ok(())
    }

    /// Adds the bytes from one place to another one to `bytes`.
    fn read(&mut self, from: u64, to: u64, bytes: &mut Vec<u8>) -> Result<()> {
        let mut at = from;
        while at < to {
            let (number, start) = (at / BLOCK as u64, usize::try_from(at % BLOCK as u64).unwrap_or(0));
            if !self.blocks.contains_key(&number) {
                if self.blocks.len() >= KEPT {
                    self.blocks.clear();
                }
                let mut block = Vec::new();
                self.file.seek(SeekFrom::Start(number * BLOCK as u64)).map_err(broken)?;
                (&self.file).take(BLOCK as u64).read_to_end(&mut block).map_err(broken)?;
                self.blocks.insert(number, block);
            }
            let block = &self.blocks[&number];
            let end = block.len().min(start + usize::try_from(to - at).unwrap_or(usize::MAX));
            if end <= start {
                return Err(damaged(&"its table of texts is cut off"));
            }
            bytes.extend_from_slice(&block[start..end]);
            at += (end - start) as u64;
        }
        Ok(())
    }
}

pub(super) struct Texts {
    bodies: Paged,
    ends: Paged,
    bytes: Vec<u8>,
    text: String,
}

impl Texts {
    /// None. Exit 73 when no temporary file can be made.
    pub(super) fn new() -> Result<Self> {
        Ok(Texts { bodies: Paged::new()?, ends: Paged::new()?, bytes: Vec::new(), text: String::new() })
    }

    /// Adds a text. Exit 65 when it is longer than a cell may be, 73 when the file cannot be written.
    pub(super) fn add(&mut self, text: &str) -> Result<()> {
        if text.len() > LONGEST_CELL {
            return Err(Error::data("a cell has more than 1 MB of text"));
        }
        self.bodies.add(text.as_bytes())?;
        self.ends.add(&self.bodies.size.to_le_bytes())
    }

    /// Says that all are there: only then are they read. Exit 73 when the file cannot be written.
    pub(super) fn end(&mut self) -> Result<()> {
        self.bodies.flush()?;
        self.ends.flush()
    }

    /// The text of this number. Exit 65 when there is none.
    pub(super) fn get(&mut self, number: u64) -> Result<&str> {
        if number.checked_mul(8).is_none_or(|at| at >= self.ends.size) {
            return Err(damaged(&format!("a cell has the shared text {number}, which does not exist")));
        }
        self.bytes.clear();
        self.ends.read(number.saturating_sub(1) * 8, (number + 1) * 8, &mut self.bytes)?;
        let end = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |end, byte| (end << 8) | u64::from(*byte));
        let (from, to) = if number == 0 { (0, end(&self.bytes)) } else { (end(&self.bytes[..8]), end(&self.bytes[8..])) };
        self.bytes.clear();
        self.bodies.read(from, to, &mut self.bytes)?;
        self.text.clear();
        self.text.push_str(std::str::from_utf8(&self.bytes).map_err(|error| damaged(&error))?);
        Ok(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in_in_any_order() {
        let mut texts = Texts::new().unwrap();
        let of = |number: u64| format!("{number}ä").repeat(usize::try_from(number % 50).unwrap());
        (0..20_000).for_each(|number| texts.add(&of(number)).unwrap());
        texts.end().unwrap();
        for number in (0..20_000).rev().chain([0, 19_999, 7, 0]) {
            assert_eq!(texts.get(number).unwrap(), of(number));
        }
        assert!(texts.get(20_000).is_err() && texts.get(u64::MAX).is_err());
    }
}
