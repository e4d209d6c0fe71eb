//! What a zip archive may ask for: its directory, and the sizes it claims.

use std::io::{Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::Bounds;
use crate::error::{Error, Result};

/// The most parts an archive may have; each costs memory before anything of it is read.
const PARTS: u64 = 20_000;

/// How many times its packed size a workbook may unpack to, beside what any workbook may. Sheets pack 10 to 40 times.
const RATIO: u64 = 150;
const ANY: u64 = 64 << 20;

/// Refuses an archive with more parts than a workbook has, before its directory is read into memory. Exit 65 when it has.
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
                .hint("save the sheet that you need as a separate workbook, or as CSV"));
        }
        kept = end.min(3);
        buffer.copy_within(end - kept..end, 0);
    }
}

/// Refuses a workbook whose archive claims more than the bounds. Of a part that holds more than the archive claims, no more is
/// unpacked. Exit 65 with the bound.
pub(crate) fn check<R: Read + Seek>(archive: &mut ZipArchive<R>, packed: u64, bounds: Bounds) -> Result<()> {
    let mut total = 0_u64;
    for index in 0..archive.len() {
        total = total.saturating_add(archive.by_index_raw(index).map_err(damaged)?.size());
    }
    if total > bounds.unpacked() {
        return Err(bounds
            .exceeded(format!("the workbook unpacks to more than {} MB", bounds.unpacked() / 1_000_000))
            .hint("save the sheet that you need as a separate workbook, or as CSV"));
    }
    if total > ANY && total / RATIO > packed.max(1) {
        return Err(Error::data(format!(
            "the workbook would unpack to {} MB, more than {RATIO} times its size: it is damaged or malicious",
            total / 1_000_000
        )));
    }
    Ok(())
}

fn damaged(error: ZipError) -> Error {
    Error::data(format!("the workbook's archive is damaged: {error}"))
        .hint("copy it again, or open and save it in a spreadsheet program")
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
