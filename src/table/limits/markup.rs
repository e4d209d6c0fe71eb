//! XML as a stream of bytes, to see how large its pieces are before a parser holds one of them in memory. Where a parser could
//! take the bytes in another way than this, the document is refused.

use std::ops::ControlFlow;

use memchr::{memchr, memchr3};

/// The most bytes that a piece of markup or text, or a cell with all that is in it, may have.
pub(super) const LARGEST_PIECE: u64 = 8 << 20;

/// Whether a parser collects elements of this name whole.
fn collected(name: &str) -> Option<&'static str> {
    Some(match name {
        "c" => "c",
        "si" => "si",
        "definedName" => "definedName",
        "font" => "font",
        "fill" => "fill",
        "border" => "border",
        "table-cell" => "table-cell",
        "covered-table-cell" => "covered-table-cell",
        _ => return None,
    })
}

/// What a tag does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Does {
    Start,
    End,
    Empty,
}

/// A tag.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tag<'a> {
    /// Its name without a prefix.
    pub(super) name: &'a str,
    /// All between `<` and `>`.
    pub(super) whole: &'a str,
    pub(super) does: Does,
}

impl Tag<'_> {
    /// The number that an attribute has, the largest where it is written several times; what is no number counts as nothing.
    pub(super) fn number(&self, attribute: &str) -> Option<u64> {
        let found = self.whole.match_indices(attribute).filter_map(|(at, _)| {
            let rest = self.whole[at + attribute.len()..].trim_start().strip_prefix('=')?.trim_start();
            let rest = rest.strip_prefix(['"', '\''])?.trim_start().trim_start_matches('+');
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
        });
        found.max()
    }
}

/// Who looks at the pieces.
pub(super) trait Watch {
    /// A tag; its size is the event's.
    fn tag(&mut self, tag: &Tag<'_>, size: u64) -> ControlFlow<String>;
    /// A collected element that ended: its name, the bytes of text and of everything in it.
    fn collected(&mut self, name: &str, text: u64, size: u64) -> ControlFlow<String>;
}

/// Where the sizes alone count.
pub(super) struct Nobody;

impl Watch for Nobody {
    fn tag(&mut self, _: &Tag<'_>, _: u64) -> ControlFlow<String> {
        ControlFlow::Continue(())
    }

    fn collected(&mut self, _: &str, _: u64, _: u64) -> ControlFlow<String> {
        ControlFlow::Continue(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Text,
    /// After `<`, before it is clear what comes.
    Opened,
    Tag(Option<u8>),
    /// How many dashes were just seen.
    Comment(u8),
    /// How many closing brackets were just seen.
    CData(u8),
    /// Whether a question mark was just seen.
    Instruction(bool),
}

/// Reads a document piece by piece.
pub(super) struct Scan {
    state: State,
    /// Bytes of the piece at hand.
    size: u64,
    /// The tag at hand, or the start of other markup.
    held: Vec<u8>,
    /// The collected element at hand: its name, its text and its size.
    inside: Option<(&'static str, u64, u64)>,
    /// Bytes after the opening of other markup.
    content: u64,
    begun: bool,
}

type Step = ControlFlow<String>;

fn refused<T>(reason: &str) -> ControlFlow<String, T> {
    ControlFlow::Break(reason.to_owned())
}

fn too_large<T>() -> ControlFlow<String, T> {
    ControlFlow::Break(format!("a piece of its XML has more than {} MB", LARGEST_PIECE >> 20))
}

/// Where the `>` is that ends a tag, if it is there; one between quotes does not.
fn end_of_tag(bytes: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

/// The name in a tag, without a prefix. It is looked at for every tag of a workbook, so by its bytes.
fn name(whole: &str) -> &str {
    let bytes = whole.as_bytes();
    let mut start = bytes.iter().take_while(|byte| **byte == b'/').count();
    let mut end = start;
    while let Some(byte) = bytes.get(end).filter(|byte| !byte.is_ascii_whitespace() && **byte != b'/') {
        end += 1;
        if *byte == b':' {
            start = end;
        }
    }
    &whole[start..end]
}

impl Scan {
    pub(super) fn new() -> Self {
        Scan { state: State::Text, size: 0, held: Vec::new(), inside: None, content: 0, begun: false }
    }

    /// Takes the next bytes; breaks with the reason where the document must not be parsed.
    pub(super) fn feed(&mut self, bytes: &[u8], watch: &mut dyn Watch) -> Step {
        if !self.begun && bytes.len() > 1 {
            self.begun = true;
            if matches!(bytes[..2], [0xff, 0xfe] | [0xfe, 0xff] | [b'<', 0] | [0, _]) {
                return refused("it has XML in UTF-16, which no spreadsheet program writes");
            }
        }
        let valid = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        let mut at = 0;
        while at < bytes.len() {
            if self.state == State::Text
                && let Some(text) = valid.get(at..)
            {
                at += self.whole_tags(text, watch)?;
                if at == bytes.len() {
                    break;
                }
            }
            let rest = &bytes[at..];
            let before = self.state;
            let taken = match before {
                State::Text => self.text(rest),
                State::Opened => self.opened(rest[0])?,
                State::Tag(quote) => self.tag(quote, rest, watch)?,
                State::Comment(_) | State::CData(_) | State::Instruction(_) => self.other(rest)?,
            };
            self.size += taken as u64;
            match (before, self.state) {
                // A tag is part of what it ends only as a whole.
                (State::Tag(_), State::Tag(_)) => {}
                (State::Tag(_), _) => self.grow(self.size)?,
                _ => self.grow(taken as u64)?,
            }
            if self.size > LARGEST_PIECE {
                return too_large();
            }
            if (before == State::Text) != (self.state == State::Text) {
                self.size = 0;
            }
            at += taken;
        }
        ControlFlow::Continue(())
    }

    /// The collected element at hand, if there is one, has so many bytes more.
    fn grow(&mut self, taken: u64) -> Step {
        if let Some((name, _, size)) = &mut self.inside {
            *size += taken;
            if *size > LARGEST_PIECE {
                return ControlFlow::Break(format!("a `{name}` in it has more than {} MB", LARGEST_PIECE >> 20));
            }
        }
        ControlFlow::Continue(())
    }

    /// Takes text and tags as long as they are whole and ordinary, as nearly all are, and returns how many bytes they have.
    /// What the rest of [`Scan`] does with them byte by byte and with copies is done here without either.
    fn whole_tags(&mut self, text: &str, watch: &mut dyn Watch) -> ControlFlow<String, usize> {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(length) = memchr(b'<', &bytes[at..]) {
            let start = at + length + 1;
            if bytes.get(start).is_none_or(|first| matches!(first, b'!' | b'?')) {
                break;
            }
            let Some(size) = end_of_tag(&bytes[start..]) else { break };
            if (self.size + length as u64 + 1).max(size as u64 + 1) > LARGEST_PIECE {
                return too_large();
            }
            if let Some((_, text, _)) = &mut self.inside {
                *text += length as u64;
            }
            self.grow(length as u64 + 1)?;
            self.ended(&text[start..start + size], watch)?;
            self.grow(size as u64 + 1)?;
            self.size = 0;
            at = start + size + 1;
        }
        ControlFlow::Continue(at)
    }

    fn text(&mut self, bytes: &[u8]) -> usize {
        let end = memchr(b'<', bytes);
        if let Some((_, text, _)) = &mut self.inside {
            *text += end.unwrap_or(bytes.len()) as u64;
        }
        match end {
            Some(end) => {
                self.state = State::Opened;
                self.held.clear();
                self.content = 0;
                end + 1
            }
            None => bytes.len(),
        }
    }

    fn opened(&mut self, byte: u8) -> ControlFlow<String, usize> {
        self.held.push(byte);
        let is_start_of = |whole: &[u8]| whole.starts_with(&self.held);
        match self.held[0] {
            b'!' if self.held == b"!--" => self.state = State::Comment(0),
            b'!' if self.held == b"![CDATA[" => self.state = State::CData(0),
            b'!' if is_start_of(b"!--") || is_start_of(b"![CDATA[") => {}
            b'!' => return refused("its XML has a document type, which no spreadsheet program writes"),
            b'?' => self.state = State::Instruction(false),
            // The byte may end the tag already, and is looked at again there.
            _ => {
                self.held.pop();
                self.state = State::Tag(None);
                return ControlFlow::Continue(0);
            }
        }
        ControlFlow::Continue(1)
    }

    fn tag(&mut self, quote: Option<u8>, bytes: &[u8], watch: &mut dyn Watch) -> ControlFlow<String, usize> {
        let mut quote = quote;
        let mut seen = 0;
        loop {
            let found = match quote {
                Some(quote) => memchr(quote, &bytes[seen..]),
                None => memchr3(b'>', b'"', b'\'', &bytes[seen..]),
            };
            let Some(at) = found.map(|at| seen + at) else {
                self.held.extend_from_slice(bytes);
                self.state = State::Tag(quote);
                return ControlFlow::Continue(bytes.len());
            };
            quote = match (quote, bytes[at]) {
                (None, b'>') => {
                    self.held.extend_from_slice(&bytes[..at]);
                    let held = std::mem::take(&mut self.held);
                    let Ok(whole) = std::str::from_utf8(&held) else { return refused("its XML is not UTF-8") };
                    self.ended(whole, watch)?;
                    self.held = held;
                    self.state = State::Text;
                    return ControlFlow::Continue(at + 1);
                }
                (None, mark) => Some(mark),
                (Some(_), _) => None,
            };
            seen = at + 1;
        }
    }

    /// A tag came to its end; `whole` is what stands between `<` and `>`.
    fn ended(&mut self, whole: &str, watch: &mut dyn Watch) -> Step {
        let size = whole.len() as u64 + 2;
        let does = match whole.as_bytes() {
            [b'/', ..] => Does::End,
            [.., b'/'] => Does::Empty,
            _ => Does::Start,
        };
        let name = name(whole);
        watch.tag(&Tag { name, whole, does }, size)?;
        match (self.inside, does) {
            (None, Does::Start | Does::Empty) => {
                if let Some(collected) = collected(name) {
                    if does == Does::Empty {
                        watch.collected(collected, 0, size)?;
                    } else {
                        self.inside = Some((collected, 0, 0));
                    }
                }
            }
            (Some((known, text, inside)), Does::End) if known == name => {
                watch.collected(name, text, inside + size)?;
                self.inside = None;
            }
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn other(&mut self, bytes: &[u8]) -> ControlFlow<String, usize> {
        for (at, &byte) in bytes.iter().enumerate() {
            // What one parser takes as an end and another does not is refused.
            let is_short = self.content == 0 || self.content == 1 && self.state == State::Comment(1);
            if byte == b'>' && is_short && !matches!(self.state, State::CData(_)) {
                return refused("its XML is damaged");
            }
            self.content += 1;
            let (next, is_end) = match self.state {
                State::Comment(dashes) => match byte {
                    b'-' => (State::Comment((dashes + 1).min(2)), false),
                    b'>' if dashes == 2 => (State::Text, true),
                    _ => (State::Comment(0), false),
                },
                State::CData(brackets) => match byte {
                    b']' => (State::CData((brackets + 1).min(2)), false),
                    b'>' if brackets == 2 => (State::Text, true),
                    _ => (State::CData(0), false),
                },
                State::Instruction(asked) => {
                    if self.held.len() < 200 {
                        self.held.push(byte);
                    }
                    (if byte == b'>' && asked { State::Text } else { State::Instruction(byte == b'?') }, byte == b'>' && asked)
                }
                other => (other, false),
            };
            let was_instruction = matches!(self.state, State::Instruction(_));
            self.state = next;
            if is_end {
                if was_instruction && is_in_another_encoding(&self.held) {
                    return refused("its XML is neither UTF-8 nor Latin");
                }
                return ControlFlow::Continue(at + 1);
            }
        }
        ControlFlow::Continue(bytes.len())
    }
}

/// Whether a declaration names an encoding in which the marks of XML are not the bytes of ASCII.
fn is_in_another_encoding(instruction: &[u8]) -> bool {
    let text = String::from_utf8_lossy(instruction).to_lowercase();
    let Some((_, rest)) = text.split_once("encoding") else { return false };
    let name = rest.trim_start().trim_start_matches('=').trim_start().trim_start_matches(['"', '\'']);
    !["utf-8", "utf8", "us-ascii", "ascii", "iso-8859-", "windows-125", "latin"].iter().any(|known| name.starts_with(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All that is told of a document.
    #[derive(Debug, Default, PartialEq)]
    struct Told(Vec<(String, u64, u64)>);

    impl Watch for Told {
        fn tag(&mut self, tag: &Tag<'_>, size: u64) -> ControlFlow<String> {
            self.0.push((format!("{} {:?} {}", tag.name, tag.does, tag.whole), size, 0));
            ControlFlow::Continue(())
        }

        fn collected(&mut self, name: &str, text: u64, size: u64) -> ControlFlow<String> {
            self.0.push((name.to_owned(), text, size));
            ControlFlow::Continue(())
        }
    }

    fn told(document: &[u8], portion: usize) -> (Told, ControlFlow<String>) {
        let (mut told, mut scan) = (Told::default(), Scan::new());
        let end = document.chunks(portion).try_for_each(|bytes| scan.feed(bytes, &mut told));
        (told, end)
    }

    #[test]
    fn it_makes_no_difference_in_which_portions_a_document_comes() {
        let piece = proptest::sample::select(vec![
            "<c r=\"A1\" s='2'>",
            "</c>",
            "<a:si x='>'/>",
            "<si>",
            "</si>",
            "<v>",
            "</v>",
            "text",
            "ä",
            "<!-- - > -->",
            "<![CDATA[<c>]]>",
            "<?pi x?>",
            "<",
            ">",
            "\"",
            "'",
            "/",
            ":",
            " ",
            "<b:font\n b=\"'\">",
            "</b:font >",
            "\u{feff}",
            "!",
            "\x7f",
        ]);
        let pieces = proptest::collection::vec(piece, 0..30);
        proptest::proptest!(|(pieces in pieces, spoilt in proptest::option::of(0..60_usize), portion in 2..40_usize)| {
            let mut document = pieces.concat().into_bytes();
            if let Some(byte) = spoilt.and_then(|at| document.get_mut(at)) {
                *byte = 0xe4;
            }
            let whole = told(&document, document.len().max(1));
            // The first portion has at least the two bytes that tell UTF-16.
            proptest::prop_assert_eq!(&told(&document, portion), &whole);
            proptest::prop_assert_eq!(&told(&document, 2), &whole);
        });
    }
}
