//! How a text is written: which encoding, and which delimiter.

use std::io::Read;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::decision::Decision;
use super::form::Dialect;
use super::parser::Parser;
use super::row::{Flow, Row};
use super::source::Source;
use super::text::Decoded;
use super::{About, Asked, Options, Unclear};
use crate::error::{Error, Place, Result};

/// How much of a text is looked at to find its encoding, in bytes.
const LOOKED_AT: u64 = 1 << 20;

/// Finds encoding and delimiter, where the options do not say; or the question which encoding it is. Exit 65 when the text
/// cannot be decoded.
pub(super) fn find(source: &Source, options: &Options) -> Result<Asked<(Dialect, Vec<Decision>)>> {
    if source.head.starts_with(&[0xff, 0xfe, 0, 0]) || source.head.starts_with(&[0, 0, 0xfe, 0xff]) {
        return Err(Error::data("the text is UTF-32, which cmf does not read")
            .at(source.place())
            .hint("save it again as UTF-8"));
    }
    let marked = Encoding::for_bom(&source.head).map(|(encoding, _)| encoding);
    let given = options.encoding.or(marked);
    let mixed = options.encoding.is_none_or(|encoding| encoding == UTF_8)
        && marked.is_none_or(|marked| marked == UTF_8)
        && source.bad_byte.is_some();
    let encoding = match given {
        Some(encoding) => encoding,
        None if mixed => UTF_8,
        None => match guess(source, options)? {
            Ok(encoding) => encoding,
            Err(unclear) => return Ok(Err(unclear)),
        },
    };
    let said = options.quote.or(options.hints.quote);
    let quote = said.unwrap_or(Some(b'"'));
    let mut dialect = Dialect { encoding, bom: marked == Some(encoding), mixed, ..Dialect::plain(b',', quote) };
    let text = beginning(source, dialect)?;
    let first = text.lines().next().unwrap_or_default().trim_end();
    dialect.sep_line = first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("sep=")) && first.len() == 5;
    let delimiters = match options.delimiter.or(options.hints.delimiter) {
        Some(given) => vec![given],
        None if dialect.sep_line => vec![first.as_bytes()[4]],
        None => vec![b',', b';', b'\t', b'|'],
    };
    let mut best = best(&text, &delimiters, dialect);
    if options.delimiter.is_none() && !dialect.sep_line {
        // Marks that stand in many texts; where nearly all records agree by one of them, it parts them.
        let agrees = |(_, weight): &(Dialect, Weight)| {
            weight.width >= 3 && weight.share >= 900 && best.is_none_or(|(_, known)| known.share < weight.share)
        };
        best = self::best(&text, b"^~:", dialect).filter(agrees).or(best);
    }
    if best.is_none_or(|(_, weight)| weight.faults > 0) {
        // Where quotes are a fault, other ways of writing them may not be.
        let begun = |line: &str| {
            line.split(|c: char| delimiters.iter().any(|mark| c == char::from(*mark))).any(|cell| cell.starts_with('\''))
        };
        let singles = text.lines().filter(|line| begun(line)).count() * 2 >= text.lines().count();
        let mut others = Vec::new();
        others.extend(text.contains("\\\"").then_some(Dialect { escape: true, ..dialect }));
        others.extend((said.is_none() && singles).then_some(Dialect { quote: Some(b'\''), ..dialect }));
        for other in others.into_iter().filter_map(|other| self::best(&text, &delimiters, other)) {
            best = best.filter(|(_, known)| known.order() >= other.1.order()).or(Some(other));
        }
    }
    let dialect = match best {
        Some((found, weight)) => Dialect { width: weight.width, trailer: weight.trailer, ..found },
        None => Dialect { delimiter: delimiters[0], ..dialect },
    };
    let mut decisions = vec![encoding_decision(source, options, dialect)];
    let name = dialect.delimiter_name();
    decisions.push(if options.delimiter.is_some() {
        Decision::asked("delimiter", name)
    } else if dialect.sep_line {
        Decision::certain("delimiter", name, "the first line names it")
    } else {
        // Marks that part as many cells in as many records.
        let rivals = delimiters.iter().filter(|mark| **mark != dialect.delimiter).filter(|mark| {
            let other = self::best(&text, &[**mark], Dialect { trailer: None, width: 0, ..dialect });
            other.is_some_and(|(_, other)| best.is_some_and(|(_, own)| other.order() == own.order()))
        });
        let rivals: Vec<String> =
            rivals.map(|mark| Dialect { delimiter: *mark, ..dialect }.delimiter_name().to_owned()).collect();
        let why = "most records have the same number of cells with it";
        if rivals.is_empty() { Decision::certain("delimiter", name, why) } else { Decision::told("delimiter", name, why) }
            .over(rivals)
            .option("--delimiter")
    });
    let is_usual = dialect.quote == Some(b'"') && !dialect.escape;
    if said.is_none() && !is_usual {
        let (chosen, why) = match dialect.quote {
            Some(b'"') => ("\\\"", "records are complete only with this form of a quote inside quotes"),
            _ => ("single", "records are complete only with single quotes around their cells"),
        };
        decisions.push(Decision::told("quote", chosen, why).option("--quote"));
    }
    Ok(Ok((dialect, decisions)))
}

fn encoding_decision(source: &Source, options: &Options, dialect: Dialect) -> Decision {
    let name = dialect.encoding_name();
    let decision = if let Some((byte, line)) = source.bad_byte.filter(|_| dialect.mixed) {
        let why = format!("the text is UTF-8 except for some bytes, the first of them 0x{byte:02X} in line {line}");
        Decision::told("encoding", name, why)
    } else if options.encoding.is_some() {
        Decision::asked("encoding", name)
    } else if dialect.bom || source.is_utf8 {
        Decision::certain("encoding", name, "its bytes say so")
    } else {
        Decision::told("encoding", name, "the text is not UTF-8, but its letters make words in this encoding")
    };
    decision.option("--encoding")
}

fn guess(source: &Source, options: &Options) -> Result<Asked<&'static Encoding>> {
    let head = &source.head;
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let half = head.len() / 2;
    if half > 1 && zeros(1) * 10 > half * 6 && zeros(0) * 10 < half * 3 {
        return Ok(Ok(UTF_16LE));
    }
    if half > 1 && zeros(0) * 10 > half * 6 && zeros(1) * 10 < half * 3 {
        return Ok(Ok(UTF_16BE));
    }
    match options.hints.encoding {
        _ if source.is_utf8 => Ok(Ok(UTF_8)),
        Some(hint) => Ok(Ok(hint)),
        None => legacy(source),
    }
}

/// The encoding of text that is not UTF-8, where its letters make words in it.
fn legacy(source: &Source) -> Result<Asked<&'static Encoding>> {
    let mut bytes = Vec::new();
    let read = source.reader()?.take(LOOKED_AT).read_to_end(&mut bytes);
    read.map_err(|error| Error::data(format!("the file cannot be read: {error}")).at(source.place()))?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let (text, _) = encoding.decode_without_bom_handling(&bytes);
    let mut choices: Vec<_> = MAYBE.into_iter().filter_map(|encoding| choice(encoding, &bytes)).collect();
    if makes_words(&text) {
        let is_letter = |c: &char| !c.is_ascii() && c.is_alphabetic() && !('\u{2b0}'..'\u{300}').contains(c);
        let letters = text.chars().filter(is_letter).count();
        let is_other =
            |other: &'static Encoding| other.decode_without_bom_handling(&bytes).0 != text && choice(other, &bytes).is_some();
        // A few letters say little where they are others in another encoding, but for the usual one.
        let is_usual = encoding == encoding_rs::WINDOWS_1252 && letters > 0;
        if letters >= LETTERS || is_usual || !MAYBE.into_iter().any(is_other) {
            return Ok(Ok(encoding));
        }
        let name = encoding.name().to_lowercase();
        if !choices.iter().any(|choice| choice.0 == name) {
            choices.extend(choice(encoding, &bytes));
        }
    }
    let line = 1 + bytes.iter().take_while(|byte| byte.is_ascii()).filter(|byte| **byte == b'\n').count() as u64;
    let place = Place { row: Some(line), ..source.place() };
    let such = choices.first().map_or("windows-1252", |choice| choice.0.as_str());
    let mut error = Error::data("the text is not UTF-8, and cmf cannot tell its encoding").at(place);
    for (name, _, samples) in &choices {
        error = error.detail(format!("{name}: {}", samples.join(" · ")));
    }
    let hint = format!("name the encoding, such as --encoding {such}, or save the file again as UTF-8");
    Ok(Err(Box::new(Unclear { about: About::Encoding, choices, error: error.hint(hint) })))
}

/// How many letters beyond ASCII say what an encoding is.
const LETTERS: usize = 6;

const MAYBE: [&Encoding; 14] = [
    encoding_rs::WINDOWS_1252,
    encoding_rs::WINDOWS_1250,
    encoding_rs::WINDOWS_1251,
    encoding_rs::MACINTOSH,
    encoding_rs::ISO_8859_2,
    encoding_rs::KOI8_R,
    encoding_rs::IBM866,
    encoding_rs::WINDOWS_1253,
    encoding_rs::WINDOWS_1254,
    encoding_rs::SHIFT_JIS,
    encoding_rs::EUC_JP,
    encoding_rs::GB18030,
    encoding_rs::BIG5,
    encoding_rs::EUC_KR,
];

/// An encoding in which the bytes make words, with some of them.
fn choice(encoding: &'static Encoding, bytes: &[u8]) -> Option<(String, String, Vec<String>)> {
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    if has_errors || !makes_words(&text) {
        return None;
    }
    let words = text.split(|c: char| c.is_whitespace() || ",;|\"\t".contains(c)).filter(|word| !word.is_ascii());
    Some((encoding.name().to_lowercase(), String::new(), words.take(3).map(str::to_owned).collect()))
}

/// Whether letters beyond ASCII stand where letters stand: no capital follows a small letter, no sign is within a word, and no
/// word has Latin letters and others.
fn makes_words(text: &str) -> bool {
    // What no text has: controls, ligatures that a Mac writes for other letters, and characters of nobody.
    let is_control = |c: char| {
        c == char::REPLACEMENT_CHARACTER || matches!(c, '\u{80}'..'\u{a0}' | '\u{fb00}'..='\u{fb06}' | '\u{e000}'..='\u{f8ff}')
    };
    let is_sign = |c: char| {
        let is_western = ('\u{a1}'..'\u{250}').contains(&c)
            || ('\u{2000}'..'\u{2123}').contains(&c)
            || ('\u{2200}'..'\u{2600}').contains(&c);
        let is_accent = ('\u{2b0}'..'\u{300}').contains(&c);
        is_accent || is_western && !c.is_alphanumeric() && !matches!(c, '’' | '‘' | '·' | '–' | '—' | '\u{ad}')
    };
    let is_other = |c: char| ('\u{370}'..'\u{530}').contains(&c);
    let clashes = |(before, after): (char, char)| {
        let is_turn = before.is_lowercase() && !matches!(before, 'ß' | 'µ' | 'ª' | 'º') && after.is_uppercase();
        let is_mixed = before.is_alphabetic() && after.is_alphabetic() && is_other(before) != is_other(after);
        (!before.is_ascii() || !after.is_ascii()) && (is_turn || is_mixed)
    };
    // One sign of Chinese, Japanese or Korean before Latin letters, or a narrow one beside them.
    let is_wide = |c: char| ('\u{1100}'..='\u{11ff}').contains(&c) || c >= '\u{2e80}';
    let is_half = |c: char| ('\u{ff61}'..'\u{ffa0}').contains(&c);
    let is_lone = |three: &[char]| {
        let beside = three[0].is_ascii_alphabetic() || three[2].is_ascii_alphabetic();
        is_wide(three[1]) && (!is_wide(three[0]) && three[2].is_ascii_lowercase() || is_half(three[1]) && beside)
    };
    // A box before a letter, and an angle that nothing closes.
    let is_box = |pair: &[char]| ('\u{2500}'..'\u{2600}').contains(&pair[0]) && pair[1].is_alphabetic();
    let count = |mark: char| text.matches(mark).count();
    let chars: Vec<char> = std::iter::once(' ').chain(text.chars()).collect();
    !chars.iter().any(|c| is_control(*c))
        && !chars.windows(3).any(is_lone)
        && !chars.windows(2).any(is_box)
        && count('‹') == count('›')
        && !chars.windows(2).any(|pair| clashes((pair[0], pair[1])))
        && !chars.windows(3).any(|three| is_sign(three[1]) && three[0].is_alphabetic() && three[2].is_alphabetic())
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

/// How well a way of writing fits a text.
#[derive(Debug, Clone, Copy)]
struct Weight {
    /// How many of a thousand records have the most frequent width and no fault.
    share: u64,
    width: usize,
    faults: usize,
    trailer: Option<u8>,
}

impl Weight {
    /// Two records that agree by accident weigh less than many cells that agree on purpose.
    const fn order(self) -> (u64, usize) {
        (self.share, self.width)
    }
}

/// The delimiter whose records agree most on how many cells they have; among equals the first with more cells.
fn best(text: &str, delimiters: &[u8], dialect: Dialect) -> Option<(Dialect, Weight)> {
    let mut best: Option<(Dialect, Weight)> = None;
    for delimiter in delimiters {
        let dialect = Dialect { delimiter: *delimiter, ..dialect };
        if let Some(weight) = weight(text, dialect)
            && best.is_none_or(|(_, known)| known.order() < weight.order())
        {
            best = Some((dialect, weight));
        }
    }
    best
}

fn weight(text: &str, dialect: Dialect) -> Option<Weight> {
    let mut widths: Vec<usize> = Vec::new();
    let (mut records, mut faults, mut ended, mut open) = (0_usize, 0, 0, 0);
    let mut count = |row: &Row| {
        if !row.is_blank() {
            let last = row.cell(row.len() - 1);
            records += 1;
            ended += usize::from(last.text.ends_with(';'));
            open += usize::from(last.is_blank());
            match row.fault {
                Some(_) => faults += 1,
                None => widths.push(row.len()),
            }
        }
        Ok(if records < 500 { Flow::Go } else { Flow::Stop })
    };
    let mut parser = Parser::new(dialect);
    if parser.feed(text, &mut count).ok()? == Flow::Go {
        parser.end(&mut count).ok()?;
    }
    widths.sort_unstable();
    let mut mode = (0_usize, 0_usize);
    for run in widths.chunk_by(|a, b| a == b) {
        if run[0] > 1 && run.len() >= mode.0 {
            mode = (run.len(), run[0]);
        }
    }
    // A mark at the end of every line parts nothing.
    if mode.1 < 2 || mode.1 == 2 && open * 5 >= records * 4 {
        return None;
    }
    let share = (mode.0 * 1000 / records.max(1)) as u64;
    let trailer = (ended * 10 >= records * 9 && records > 1 && dialect.delimiter != b';').then_some(b';');
    Some(Weight { share, width: mode.1, faults, trailer })
}

#[cfg(test)]
mod tests {
    use encoding_rs::WINDOWS_1252;

    use super::*;
    use crate::table::source::Most;

    fn delimiter(text: &str, quote: Option<u8>) -> u8 {
        best(text, b",;\t|", Dialect::plain(b',', quote)).map_or(b',', |(found, _)| found.delimiter)
    }

    #[test]
    fn utf_16_without_its_mark_is_known_by_its_zeros() {
        let folder = tempfile::tempdir().unwrap();
        let encoding = |bytes: Vec<u8>| {
            let path = folder.path().join("file.csv");
            std::fs::write(&path, bytes).unwrap();
            find(&Source::open(path.to_str().unwrap(), Most::Any(1_000_000)).unwrap(), &Options::default())
                .unwrap()
                .unwrap()
                .0
                .encoding
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
