//! The row as it was, for `original_data`.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::Builder;
use crate::domain::item::Item;
use crate::domain::moment;
use crate::table::columns::letters;
use crate::table::row::{Cell, Kind};

impl Builder<'_, '_> {
    /// `original_data` as JSON text; `told` is what tells the direction where nobody said it.
    pub(super) fn original(&self, item: &Item, told: Option<&str>) -> String {
        let mut json = String::with_capacity(self.row.size() * 2 + 256);
        json.push_str("{\"row\":{");
        let mut first = true;
        for Key { column, json: key, is_header } in self.keys {
            let cell = self.row.cell(*column);
            if *is_header || !cell.is_blank() {
                push_member(&mut json, &mut first, key, cell);
            }
        }
        // A text file's record can be longer than its header.
        for column in self.keys.len()..self.row.len() {
            let cell = self.row.cell(column);
            if !cell.is_blank() {
                push_member(&mut json, &mut first, &Key::nameless(column).json, cell);
            }
        }
        json.push_str("},\"parsed\":{");
        let mut first = true;
        let bound = |bound: Option<Decimal>| bound.map(|bound| bound.to_string());
        let (lower, upper) = (bound(item.target_lower), bound(item.target_upper));
        // What the sheet said, to be told from what was measured since.
        let current = bound(item.current_value);
        // With a target it would be asked for.
        let is_open = item.direction.is_none() && item.target_value.is_none();
        let newest = item.current_at.map(moment::text);
        let current_at = newest.as_deref().or(self.table.current_at.as_deref()).filter(|_| item.current_value.is_some());
        for (name, value) in [
            ("owner", item.owner.as_deref()),
            ("formula", item.formula.as_deref()),
            ("frequency", item.frequency.as_deref()),
            ("current_at", current_at),
            ("current_value", current.as_deref()),
            ("target_lower", lower.as_deref()),
            ("target_upper", upper.as_deref()),
            ("metric_number", item.metric_number.as_deref()),
            ("direction_told", told),
            ("direction_unknown", is_open.then_some("nothing tells it")),
        ] {
            let Some(value) = value else { continue };
            if !first {
                json.push(',');
            }
            first = false;
            push_json(&mut json, name);
            json.push(':');
            push_json(&mut json, value);
        }
        if !item.readings.is_empty() {
            json.push_str(if first { "\"readings\":{" } else { ",\"readings\":{" });
            let mut first = true;
            for (at, number) in &item.readings {
                if !std::mem::take(&mut first) {
                    json.push(',');
                }
                let _ = write!(json, "\"{}\":\"{number}\"", moment::text(*at));
            }
            json.push('}');
        }
        let _ = write!(json, "}},\"source\":{{\"row\":{},\"sheet\":", self.row.number);
        match &self.table.sheet {
            Some(sheet) => push_json(&mut json, sheet),
            None => json.push_str("null"),
        }
        json.push_str("}}");
        json
    }
}

/// What a column is called in `original_data`.
pub(super) struct Key {
    column: usize,
    /// As JSON.
    json: String,
    /// Whether it is the column's header; else it is made up.
    is_header: bool,
}

impl Key {
    /// That of a column without a header.
    fn nameless(column: usize) -> Self {
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
fn push_member(json: &mut String, first: &mut bool, key: &str, cell: Cell<'_>) {
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

fn push_json(json: &mut String, text: &str) {
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
