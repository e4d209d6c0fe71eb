//! Text that was written by others: what a terminal, a spreadsheet or a Markdown page would take for an order becomes text.

/// Whether a terminal could take this character for an order instead of text: controls, and the marks that reverse or hide
/// text.
pub fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Text without control and direction characters, on one line. Excel's `_x001B_` form counts as the character it names.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escaped = rest.strip_prefix("_x").and_then(|tail| {
            let code = u32::from_str_radix(tail.get(..4)?, 16).ok()?;
            tail[4..].starts_with('_').then(|| char::from_u32(code)).flatten()
        });
        let (c, length) = match escaped {
            Some(control) if is_unprintable(control) => (control, 7),
            _ => (c, c.len_utf8()),
        };
        rest = &rest[length..];
        if c == '\n' || c == '\t' || c == '\u{2028}' || c == '\u{2029}' {
            shown.push(' ');
        } else if !is_unprintable(c) {
            shown.push(c);
        }
    }
    shown
}

/// The lines of a text as they are, without the characters that a terminal would obey.
pub fn printable_lines(text: &str) -> String {
    text.chars().filter(|&c| c == '\n' || c == '\t' || !is_unprintable(c)).collect()
}

/// What a spreadsheet program begins a formula with; it takes the wide forms for the others.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

/// What ends a cell where the program that opens the file has another delimiter, or does not see the quotes.
const BREAKS: [char; 4] = [';', '\t', '\n', '\r'];

/// Whether a text is one number: as such it stays a number in a spreadsheet, and is no danger.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && digits
            .strip_suffix('%')
            .unwrap_or(digits)
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '\u{a0}'))
}

/// The places in a text where a cell could begin, with the text from there on; the first is the text itself.
fn beginnings(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let inner = text.char_indices().filter(|(_, c)| BREAKS.contains(c)).map(|(at, c)| {
        let after = &text[at + c.len_utf8()..];
        // A quote does not keep the next program from running what follows it.
        let rest = after.trim_start_matches('"');
        (text.len() - rest.len(), rest)
    });
    std::iter::once((0, text)).chain(inner)
}

/// Whether a cell that begins so is a formula, or would be without the apostrophes before it.
fn runs(rest: &str, is_start: bool) -> bool {
    let bare = rest.trim_start_matches('\'');
    bare.starts_with(FORMULA) || is_start && bare.starts_with(['\t', '\r'])
}

/// Text that a spreadsheet opens as text: an apostrophe wherever a formula would start, also where the program takes a
/// semicolon, a tab or a line break in it for the end of a cell. One that exists already gets a second. Numbers stay numbers.
pub fn marked(text: &str) -> String {
    if !text.contains(FORMULA) && !text.contains(['\t', '\r']) || is_number(text) {
        return text.to_owned();
    }
    with_marks(text, |rest, is_start| runs(rest, is_start).then_some((true, 0)))
}

/// What [`marked`] was given.
pub fn unmarked(text: &str) -> String {
    if !text.contains('\'') {
        return text.to_owned();
    }
    with_marks(text, |rest, is_start| (rest.starts_with('\'') && runs(rest, is_start)).then_some((false, 1)))
}

/// The text with an apostrophe added, and some characters left out, at the beginnings that `change` picks.
fn with_marks(text: &str, change: impl Fn(&str, bool) -> Option<(bool, usize)>) -> String {
    let mut changed = String::with_capacity(text.len() + 1);
    let mut done = 0;
    for (at, rest) in beginnings(text) {
        if at < done {
            continue;
        }
        if let Some((adds, skipped)) = change(rest, at == 0) {
            changed.push_str(&text[done..at]);
            changed.extend(adds.then_some('\''));
            done = at + skipped;
        }
    }
    changed.push_str(&text[done..]);
    changed
}

/// Text that is text in a cell of a Markdown table: no link, image, HTML or emphasis, and on one line.
pub fn markdown(text: &str) -> String {
    let plain = printable(text);
    let mut escaped = String::with_capacity(plain.len());
    let mut before = ' ';
    let mut chars = plain.chars().peekable();
    while let Some(c) = chars.next() {
        let after = chars.peek().copied().unwrap_or(' ');
        match c {
            '\\' | '|' | '*' | '`' | '[' | ']' | '~' => escaped.extend(['\\', c]),
            // Within a word it is no mark, and names of columns stay as they are.
            '_' if !(before.is_alphanumeric() && after.is_alphanumeric()) => escaped.push_str("\\_"),
            // The beginning of an address that becomes a link by itself.
            '/' if before == ':' && after == '/' => escaped.push_str("\\/"),
            '.' if escaped.len() >= 3 && escaped.as_bytes()[escaped.len() - 3..].eq_ignore_ascii_case(b"www") => {
                escaped.push_str("\\.");
            }
            // GitHub makes a link of an address in what is left after all escapes; what ends the text is no part of it.
            '@' if (before.is_alphanumeric() || ".+-_".contains(before)) && after.is_alphanumeric() => {
                escaped.push_str("<!-- -->@");
            }
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            c => escaped.push(c),
        }
        before = c;
    }
    escaped
}

/// A number with what is counted: `1 item`, `2 items`, `3 categories`, `4 days`.
pub fn counted<N: std::fmt::Display + PartialEq + From<u8>>(number: N, noun: &str) -> String {
    if number == N::from(1) {
        return format!("1 {noun}");
    }
    match noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u'])) {
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// The word that agrees with a number: `is` or `are`.
pub fn agreeing<'a, N: PartialEq + From<u8>>(number: N, one: &'a str, many: &'a str) -> &'a str {
    if number == N::from(1) { one } else { many }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a parser of JSON, YAML or TOML says against a value, in usual words: its own are those of a programming language.
pub fn parsed(said: &str) -> String {
    const VALUES: [(&str, &str); 9] = [
        ("string ", "the text "),
        ("integer ", "the number "),
        ("floating point ", "the number "),
        ("boolean ", "the value "),
        ("sequence", "a list"),
        ("array", "a list"),
        ("map", "an object"),
        ("unit", "an empty value"),
        ("null", "an empty value"),
    ];
    const WANTED: [(&str, &str); 8] = [
        ("a map", "an object"),
        ("map", "an object"),
        ("a sequence", "a list"),
        ("sequence", "a list"),
        ("a string", "a text"),
        ("a boolean", "true or false"),
        ("struct ", "an object: "),
        ("u", "a whole number: u"),
    ];
    let of = |part: &str, words: &[(&str, &str)]| {
        let found = words.iter().find_map(|(own, plain)| Some(format!("{plain}{}", part.strip_prefix(own)?)));
        found.unwrap_or_else(|| part.to_owned())
    };
    for begin in ["invalid type: ", "invalid value: "] {
        if let Some((before, rest)) = said.split_once(begin)
            && let Some((value, wanted)) = rest.split_once(", expected ")
        {
            return format!("{before}{} is not {}", of(value, &VALUES), of(wanted, &WANTED));
        }
    }
    match said.split_once("missing field `").and_then(|(before, rest)| Some((before, rest.split_once('`')?))) {
        Some((before, (field, rest))) => format!("{before}`{field}` is missing{rest}"),
        None => said.to_owned(),
    }
}

/// A text of at most so many characters, with a mark where more of it was.
pub fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The first of several, and how many more there are: `A, B and 3 more`.
pub fn first_of<'a>(all: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let all: Vec<&str> = all.into_iter().collect();
    let shown = all.iter().take(most).copied().collect::<Vec<_>>().join(", ");
    if all.len() > most { format!("{shown} and {} more", all.len() - most) } else { shown }
}

/// The form in which names are compared: trimmed, without regard to case.
pub fn folded(name: &str) -> String {
    name.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_and_a_list_ends() {
        assert_eq!((clipped("abcdef", 4).as_str(), clipped("äbcd", 4).as_str()), ("abc…", "äbcd"));
        assert_eq!(first_of(["A", "B"], 2), "A, B");
        assert_eq!(first_of(["A", "B", "C"], 1), "A and 2 more");
        assert_eq!(hex(&[0, 10, 255]), "000aff");
    }

    #[test]
    fn controls_and_direction_marks_never_reach_a_terminal() {
        assert_eq!(printable("a\u{1b}[31mb\u{202e}c\nd_x001B_e_x0041_"), "a[31mbc de_x0041_");
        assert_eq!(printable_lines("a\u{9b}1m\n\tb\u{e0041}"), "a1m\n\tb");
    }

    #[test]
    fn formulas_become_text_and_numbers_stay() {
        assert_eq!(marked("=1+1"), "'=1+1");
        assert_eq!(marked("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(marked("\u{ff1d}1+1"), "'\u{ff1d}1+1");
        assert_eq!(marked("\t=1"), "'\t'=1");
        assert_eq!(marked("\rx"), "'\rx");
        assert_eq!(marked("x;=1+1;y"), "x;'=1+1;y");
        assert_eq!(marked("x\n=1;\"=2\""), "x\n'=1;\"'=2\"");
        for same in ["-5", "+5.25", "-12,5%", "plain", "a = b", "a-b; c", "", "x;y", "it's"] {
            assert_eq!(marked(same), same);
        }
        assert_eq!(marked("-5+cmd|' /C calc'!A0"), "'-5+cmd|' /C calc'!A0");
    }

    #[test]
    fn what_was_marked_comes_back_as_it_was() {
        for text in
            ["=1", "'=1", "''=1", "-5", "'-5", "x;=1;'=2", "\t=1", "a\n\"=1\"", "'", "it's; 'so'", "\u{ff20}x", ";;=", "\r\n@"]
        {
            assert_eq!(unmarked(&marked(text)), text, "{text:?} by way of {:?}", marked(text));
        }
    }

    #[test]
    fn nothing_is_alive_in_markdown() {
        assert_eq!(markdown("![x](https://e.org) <b>&amp; *a*"), "!\\[x\\](https:\\//e.org) &lt;b&gt;&amp;amp; \\*a\\*");
        // No escape keeps GitHub from a link to an address: it looks at the text after all escapes.
        assert_eq!(markdown("a@b.co, x.y+z@b-c.de; @all at @ 5"), "a<!-- -->@b.co, x.y+z<!-- -->@b-c.de; @all at @ 5");
        assert_eq!(markdown("mailto:é@b.co a_@b.co"), "mailto:é<!-- -->@b.co a\\_<!-- -->@b.co");
        assert_eq!(markdown("metric_number _x_ WWW.e.org\n|"), "metric_number \\_x\\_ WWW\\.e.org \\|");
    }
}
