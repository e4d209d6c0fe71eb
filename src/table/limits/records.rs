//! The records of an XLSB part, to see how large they are before a reader makes room for what they claim.

use std::io::Read;
use std::ops::ControlFlow;

/// The most bytes that a record may have. The largest of a sheet is a cell with text: 32,767 characters.
const LARGEST_RECORD: u64 = 8 << 20;

const NAME: u16 = 0x27;
const SHEET: u16 = 0x9c;
const TABLE_ITEM: u16 = 0x13;

/// What a part's records came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// How many shared texts there are, and their bytes.
    pub(super) texts: u64,
    pub(super) text: u64,
    /// How many sheets are named.
    pub(super) sheets: u64,
    /// Bytes of defined names; each may come to many times that as a formula.
    names: u64,
}

fn refused(reason: &str) -> ControlFlow<String> {
    ControlFlow::Break(reason.to_owned())
}

/// Looks at the records of a part until it ends. What is no record at all is left to the reader, which refuses it.
pub(super) fn scan(part: &mut dyn Read, found: &mut Found) -> ControlFlow<String> {
    let mut bytes = [0; 1];
    let mut next = |part: &mut dyn Read| part.read_exact(&mut bytes).ok().map(|()| bytes[0]);
    loop {
        let Some(low) = next(part) else { return ControlFlow::Continue(()) };
        let mut kind = u16::from(low & 0x7f);
        if low & 0x80 != 0 {
            let Some(high) = next(part) else { return ControlFlow::Continue(()) };
            kind |= u16::from(high & 0x7f) << 7;
        }
        let mut size = 0_u64;
        for shift in [0, 7, 14, 21] {
            let Some(byte) = next(part) else { return ControlFlow::Continue(()) };
            size |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        if size > LARGEST_RECORD {
            return refused("a record of it claims more than 8 MB");
        }
        match kind {
            TABLE_ITEM => {
                found.texts += 1;
                found.text += size;
            }
            SHEET => {
                found.sheets += 1;
                if size > 4096 {
                    return refused("the name of a sheet has more than 4 kB");
                }
            }
            NAME => {
                found.names += size;
                if size > 1 << 15 || found.names > 1 << 20 {
                    return refused("its defined names have more than 1 MB");
                }
                let mut start = [0; 13];
                let known = usize::try_from(size).unwrap_or(0).min(start.len());
                if part.read_exact(&mut start[..known]).is_err() {
                    return ControlFlow::Continue(());
                }
                let characters = u32::from_le_bytes([start[9], start[10], start[11], start[12]]);
                if known == start.len() && characters > 255 {
                    return refused("a defined name has more than 255 characters");
                }
                size -= known as u64;
            }
            _ => {}
        }
        if std::io::copy(&mut part.take(size), &mut std::io::sink()).is_err() {
            return ControlFlow::Continue(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record as a part has it: its kind, its size in seven bits a byte, its bytes.
    fn record(kind: u16, bytes: &[u8]) -> Vec<u8> {
        let seven = |number: usize, more: bool| u8::try_from(number & 0x7f).expect("seven bits") | if more { 0x80 } else { 0 };
        let kind = usize::from(kind);
        let mut record = vec![seven(kind, kind > 0x7f)];
        record.extend((kind > 0x7f).then(|| seven(kind >> 7, false)));
        let mut size = bytes.len();
        while size > 0x7f {
            record.push(seven(size, true));
            size >>= 7;
        }
        record.push(seven(size, false));
        record.extend(bytes);
        record
    }

    fn name(size: usize, characters: u32) -> Vec<u8> {
        let mut bytes = vec![0; size];
        bytes[9..13].copy_from_slice(&characters.to_le_bytes());
        record(NAME, &bytes)
    }

    fn scanned(records: &[Vec<u8>]) -> Result<Found, String> {
        let mut found = Found::default();
        match scan(&mut records.concat().as_slice(), &mut found) {
            ControlFlow::Continue(()) => Ok(found),
            ControlFlow::Break(reason) => Err(reason),
        }
    }

    #[test]
    fn texts_and_sheets_are_counted_whatever_stands_between_them() {
        let texts = [
            record(TABLE_ITEM, &[1; 300]),
            record(0x1ff, &vec![2; 20_000]),
            record(TABLE_ITEM, &[3; 7]),
            record(SHEET, &[4; 9]),
        ];
        let found = scanned(&texts).expect("harmless");
        assert_eq!((found.texts, found.text, found.sheets), (2, 307, 1));
    }

    #[test]
    fn each_bound_is_refused_only_beyond_it() {
        let is_harmless = |records: &[Vec<u8>]| scanned(records).is_ok();
        assert!(is_harmless(&[record(1, &vec![0; 8 << 20])]));
        assert!(!is_harmless(&[record(1, &vec![0; (8 << 20) + 1])]));
        assert!(is_harmless(&[record(SHEET, &[0; 4096])]));
        assert!(!is_harmless(&[record(SHEET, &[0; 4097])]));
        assert!(is_harmless(&[name(13, 255), name(1 << 15, 0)]));
        assert!(!is_harmless(&[name(13, 256)]));
        assert!(!is_harmless(&[name((1 << 15) + 1, 0)]));
        let many = |count: usize| vec![name(1 << 15, 0); count];
        assert!(is_harmless(&many(32)));
        assert!(!is_harmless(&many(33)));
        // After a name the next record is where it should be.
        assert_eq!(scanned(&[name(100, 1), record(SHEET, b"a")]).map(|found| found.sheets), Ok(1));
    }
}
