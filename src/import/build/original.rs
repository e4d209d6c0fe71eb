//! The row as it was, for `original_data`.

use rust_decimal::Decimal;

use super::Builder;
use crate::domain::item::Item;
use crate::import::columns::letters;
use crate::import::row::Kind;

impl Builder<'_, '_> {
    /// `original_data` as JSON text.
    pub(super) fn original(&self, item: &Item) -> String {
        let mut json = String::with_capacity(self.row.size() * 2 + 256);
        json.push_str("{\"row\":{");
        let mut first = true;
        for column in 0..self.row.len().max(self.keys.len()) {
            let cell = self.row.cell(column);
            let key = self.keys.get(column).map_or("", String::as_str);
            if key.is_empty() && cell.is_blank() {
                continue;
            }
            if !first {
                json.push(',');
            }
            first = false;
            if key.is_empty() {
                push_json(&mut json, &format!("column {}", letters(column)));
            } else {
                json.push_str(key);
            }
            json.push(':');
            match cell.kind {
                Kind::Text | Kind::Number | Kind::Empty => push_json(&mut json, cell.text),
                _ => push_json(&mut json, &cell.shown()),
            }
        }
        json.push_str("},\"parsed\":{");
        let mut first = true;
        let bound = |bound: Option<Decimal>| bound.map(|bound| bound.to_string());
        let (lower, upper) = (bound(item.target_lower), bound(item.target_upper));
        for (name, value) in [
            ("metric_number", item.metric_number.as_deref()),
            ("target_lower", lower.as_deref()),
            ("target_upper", upper.as_deref()),
            ("owner", item.owner.as_deref()),
            ("frequency", item.frequency.as_deref()),
            ("formula", item.formula.as_deref()),
            ("current_at", self.table.current_at.as_deref().filter(|_| item.current_value.is_some())),
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
        json.push_str("},\"source\":{\"sheet\":");
        match &self.table.sheet {
            Some(sheet) => push_json(&mut json, sheet),
            None => json.push_str("null"),
        }
        json.push_str(&format!(",\"row\":{}}}}}", self.row.number));
        json
    }
}

/// What each column is called in `original_data`, as JSON: its header, with its letters where another one has the same. Empty
/// where it has none.
pub(super) fn keys(headers: &[String]) -> Vec<String> {
    let mut keys = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        let mut key = String::new();
        if headers[..column].contains(header) {
            push_json(&mut key, &format!("{header} ({})", letters(column)));
        } else {
            push_json(&mut key, header);
        }
        keys.push(if header.is_empty() { String::new() } else { key });
    }
    keys
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
