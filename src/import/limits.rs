//! What an archive may ask for. A workbook is a zip archive, and a small one can claim to unpack to more than there is memory.

use std::io::Read as _;

use super::source::{Format, Source};
use crate::error::{Error, Result};

/// The most that all parts of a workbook may unpack to, in bytes.
const UNPACKED: u64 = 2 << 30;

/// The most that the table of shared texts may unpack to, in bytes: it is held in memory.
const SHARED: u64 = 96 << 20;

/// Refuses a workbook whose archive claims more than the limits, before anything of it is unpacked. The reader of archives
/// in turn refuses parts that unpack to more than they claim.
///
/// # Errors
/// Exit 65 with the limit.
pub(super) fn check(source: &Source) -> Result<()> {
    if source.format == Format::Xls {
        return Ok(());
    }
    let damaged = |error: zip::result::ZipError| {
        Error::data(format!("the workbook's archive is damaged: {error}"))
            .at(source.place())
            .hint("copy it again, or open it in a spreadsheet program and save it anew")
    };
    let mut archive = zip::ZipArchive::new(source.reader()?).map_err(damaged)?;
    let mut total = 0_u64;
    for index in 0..archive.len() {
        let part = archive.by_index_raw(index).map_err(damaged)?;
        total = total.saturating_add(part.size());
        if total > UNPACKED {
            return Err(Error::data("the workbook unpacks to more than 2 GB")
                .at(source.place())
                .hint("save the one sheet you need as a workbook of its own, or as CSV"));
        }
    }
    let shared: Vec<String> = archive
        .file_names()
        .flatten()
        .map(String::from)
        .filter(|name| name.to_lowercase().ends_with("sharedstrings.xml"))
        .collect();
    for name in shared {
        let part = archive.by_name(&name).map_err(damaged)?;
        let size = part.size();
        if size > SHARED {
            return Err(Error::data("the workbook's table of texts unpacks to more than 96 MB")
                .at(source.place())
                .hint("save the one sheet you need as CSV"));
        }
        let mut head = Vec::new();
        part.take(4096)
            .read_to_end(&mut head)
            .map_err(|error| Error::data(format!("the workbook's archive is damaged: {error}")).at(source.place()))?;
        // Every text takes at least `<si/>`, so a table cannot have more texts than that many bytes.
        if claimed(&head).is_some_and(|count| count > size / 5) {
            return Err(Error::data("the workbook claims more texts than it can have, so it is damaged or made to do harm")
                .at(source.place()));
        }
    }
    Ok(())
}

fn claimed(head: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(head);
    let rest = text.split_once("uniqueCount")?.1.trim_start().strip_prefix('=')?.trim_start();
    let rest = rest.strip_prefix(['"', '\''])?.trim_start_matches('+');
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(digits.parse().unwrap_or(u64::MAX))
}
