//! The members of `original_data` as JSON.

use crate::table::columns::letters;
use crate::table::row::{Cell, Kind};

/// What a column is called in `original_data`.
pub(super) struct Key {
    pub(super) column: usize,
    pub(super) json: String,
    /// Whether it is the column's header; else it is made up.
    pub(super) is_header: bool,
}

impl Key {
    /// That of a column without a header.
    pub(super) fn nameless(column: usize) -> Self {
        Key { column, json: format!("\"column {}\"", letters(column)), is_header: false }
    }
}

/// What the columns are called: their headers, with the column's letters where an earlier one has the same. They come in the
/// order that `jsonb` keeps its members in, the shorter before the longer, so that the server need not sort those of each row.
pub(super) fn keys(headers: &[String]) -> Vec<Key> {
    let mut keys = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        keys.push(if header.is_empty() {
            Key::nameless(column)
        } else {
            let mut json = String::new();
            if headers[..column].contains(header) {
                push_json(&mut json, &format!("{header} ({})", letters(column)));
            } else {
                push_json(&mut json, header);
            }
            Key { column, json, is_header: true }
        });
    }
    keys.sort_by(|a, b| (a.json.len(), &a.json).cmp(&(b.json.len(), &b.json)));
    keys
}

/// Adds a cell to an object.
pub(super) fn push_member(json: &mut String, first: &mut bool, key: &str, cell: Cell<'_>) {
    if !std::mem::take(first) {
        json.push(',');
    }
    json.push_str(key);
    json.push(':');
    match cell.kind {
        Kind::Text | Kind::Number | Kind::Empty => push_json(json, cell.text),
        _ => push_json(json, &cell.shown()),
    }
}

pub(super) fn push_json(json: &mut String, text: &str) {
    json.push('"');
    let mut plain = 0;
    // Without a way out in the middle this looks at many bytes at once, and most texts need no more.
    let needs_escapes = text.bytes().fold(false, |found, byte| found | matches!(byte, 0..=0x1f | b'"' | b'\\'));
    if !needs_escapes {
        json.push_str(text);
        json.push('"');
        return;
    }
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x00..=0x1f => {
                json.push_str(&text[plain..at]);
                json.push_str(&format!("\\u{byte:04x}"));
                plain = at + 1;
                continue;
            }
            _ => continue,
        };
        json.push_str(&text[plain..at]);
        json.push_str(escape);
        plain = at + 1;
    }
    json.push_str(&text[plain..]);
    json.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_json_writes_them() {
        proptest::proptest!(|(text in "\\PC{0,20}|[\\x00-\\x7f]{0,20}")| {
            let mut json = String::new();
            push_json(&mut json, &text);
            let back: String = serde_json::from_str(&json).unwrap();
            proptest::prop_assert_eq!(back, text);
        });
    }
}
