//! The signs of a Rust source: names, texts, comments.

/// What a part of a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    Blank,
    Comment,
    /// With its quotes.
    Text,
    /// A character or a lifetime.
    Letter,
    /// A name, a number, `::` or a single sign.
    Word,
}

/// The parts of a source, which together are the source.
pub(crate) fn signs(text: &str) -> Vec<(Sign, &str)> {
    let mut signs = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = |is: fn(char) -> bool| rest.find(|c| !is(c)).unwrap_or(rest.len());
        let name = length(|c| c.is_alphanumeric() || c == '_');
        let after = &rest[name..];
        let hashes = after.len() - after.trim_start_matches('#').len();
        let (sign, taken) = if first.is_whitespace() {
            (Sign::Blank, length(char::is_whitespace))
        } else if rest.starts_with("//") {
            (Sign::Comment, rest.find('\n').unwrap_or(rest.len()))
        } else if rest.starts_with("/*") {
            (Sign::Comment, rest.find("*/").map_or(rest.len(), |end| end + 2))
        } else if matches!(&rest[..name], "r" | "br") && after[hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let begin = name + hashes + 1;
            (Sign::Text, rest[begin..].find(&end).map_or(rest.len(), |at| begin + at + end.len()))
        } else if first == '"' {
            (Sign::Text, quoted(rest))
        } else if first == '\'' {
            let mut inside = rest.chars().skip(1);
            let (one, two) = (inside.next(), inside.next());
            let length = if one == Some('\\') || two == Some('\'') {
                quoted(rest)
            } else {
                1 + rest[1..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(0)
            };
            (Sign::Letter, length)
        } else if name > 0 {
            (Sign::Word, name)
        } else if rest.starts_with("::") {
            (Sign::Word, 2)
        } else {
            (Sign::Word, first.len_utf8())
        };
        signs.push((sign, &rest[..taken]));
        rest = &rest[taken..];
    }
    signs
}

/// How long the text or the character is that begins here, with its quotes.
fn quoted(rest: &str) -> usize {
    let mut signs = rest.char_indices();
    let quote = signs.next().map(|(_, quote)| quote);
    while let Some((at, sign)) = signs.next() {
        if sign == '\\' {
            signs.next();
        } else if Some(sign) == quote {
            return at + 1;
        }
    }
    rest.len()
}
