//! How a text is written: which encoding, and which delimiter.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::Options;
use super::row::{Flow, Row};
use super::source::Source;
use super::text::{Decoded, Dialect, Parser};
use crate::error::Result;

/// Finds encoding and delimiter, where the options do not say.
///
/// # Errors
/// Exit 65 when the text cannot be decoded.
pub(super) fn find(source: &Source, options: &Options) -> Result<Dialect> {
    let marked = Encoding::for_bom(&source.head).map(|(encoding, _)| encoding);
    let encoding = options.encoding.or(marked).unwrap_or_else(|| guess(source));
    let quote = options.quote.unwrap_or(Some(b'"'));
    let mut dialect = Dialect { encoding, bom: marked == Some(encoding), delimiter: b',', quote, sep_line: false };
    let text = beginning(source, dialect)?;
    let first = text.lines().next().unwrap_or_default().trim_end();
    dialect.sep_line = first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) && first.len() == 5;
    dialect.delimiter = match options.delimiter {
        Some(given) => given,
        None if dialect.sep_line => first.as_bytes()[4],
        None => delimiter(&text, quote),
    };
    Ok(dialect)
}

fn guess(source: &Source) -> &'static Encoding {
    let head = &source.head;
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half > 1 && zeros(1) * 10 > half * 6 && zeros(0) * 10 < half * 3 {
        return UTF_16LE;
    }
    if half > 1 && zeros(0) * 10 > half * 6 && zeros(1) * 10 < half * 3 {
        return UTF_16BE;
    }
    if source.is_utf8 { UTF_8 } else { WINDOWS_1252 }
}

/// The first part of the text, cut at the end of a line.
fn beginning(source: &Source, dialect: Dialect) -> Result<String> {
    let mut decoded = Decoded::new(source, dialect)?;
    let mut text = String::new();
    while text.len() < 1 << 16 {
        match decoded.chunk()? {
            Some(chunk) => text.push_str(chunk),
            None => return Ok(text),
        }
    }
    let end = text.rfind('\n').unwrap_or(text.len());
    text.truncate(end);
    Ok(text)
}

/// The delimiter whose records agree most on how many cells they have; among equals the one with more cells.
fn delimiter(text: &str, quote: Option<u8>) -> u8 {
    let mut best = (0_u64, 0_usize, b',');
    for candidate in [b',', b';', b'\t', b'|'] {
        let mut widths: Vec<usize> = Vec::new();
        let mut count = |row: &Row| {
            if !row.is_blank() {
                widths.push(row.len());
            }
            Ok(if widths.len() < 500 { Flow::Go } else { Flow::Stop })
        };
        let mut parser = Parser::new(candidate, quote);
        let parsed = parser.feed(text, &mut count).and_then(|flow| match flow {
            Flow::Go => parser.end(&mut count),
            Flow::Stop => Ok(()),
        });
        let quotes_close = parsed.is_ok();
        let mut sorted = widths.clone();
        sorted.sort_unstable();
        let mut mode = (0_usize, 0_usize);
        for run in sorted.chunk_by(|a, b| a == b) {
            if run[0] > 1 && run.len() >= mode.0 {
                mode = (run.len(), run[0]);
            }
        }
        if mode.1 < 2 {
            continue;
        }
        let share = (mode.0 * 1000 / widths.len().max(1)) as u64;
        // Two records that agree by accident weigh less than many cells that agree on purpose.
        let score = share * (1 + u64::from(quotes_close));
        if (score, mode.1) > (best.0, best.1) {
            best = (score, mode.1, candidate);
        }
    }
    best.2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::source::Most;

    #[test]
    fn utf_16_without_its_mark_is_known_by_its_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let encoding = |bytes: Vec<u8>| {
            let path = folder.path().join("file.csv");
            std::fs::write(&path, bytes).unwrap();
            find(&Source::open(path.to_str().unwrap(), Most::Any(1_000_000)).unwrap(), &Options::default()).unwrap().encoding
        };
        let text = "Name;Target\nMFA;95\n";
        assert_eq!(encoding(text.encode_utf16().flat_map(u16::to_le_bytes).collect()), UTF_16LE);
        assert_eq!(encoding(text.encode_utf16().flat_map(u16::to_be_bytes).collect()), UTF_16BE);
        assert_eq!(encoding(text.into()), UTF_8);
        assert_eq!(encoding(b"Name;Ziel\nM\xfcll;95\n".to_vec()), WINDOWS_1252);
    }

    #[test]
    fn the_delimiter_is_the_one_whose_records_agree() {
        assert_eq!(delimiter("a;b;c\n1,5;2;\"x;y\"\n2,5;3,5;z\n", Some(b'"')), b';');
        assert_eq!(delimiter("Title, with comma\n\na\tb\tc\n1\t2\t3\n4\t5\t6\n", Some(b'"')), b'\t');
        assert_eq!(delimiter("a|b\n1|2\n", Some(b'"')), b'|');
        assert_eq!(delimiter("name\nx\n", Some(b'"')), b',');
        assert_eq!(delimiter("a,b\n\"x;y;z\",\"1;2\"\n\"p;q;r\",\"3;4\"\n", Some(b'"')), b',');
    }
}
