//! The row as it was, for `original_data`.

use rust_decimal::Decimal;

use super::Builder;
use crate::domain::item::Item;
use crate::import::columns::letters;
use crate::import::row::Kind;

impl Builder<'_> {
    /// `original_data` as JSON text.
    pub(super) fn original(&self, item: &Item) -> String {
        let mut json = String::with_capacity(self.row.size() * 2 + 256);
        json.push_str("{\"row\":{");
        let mut first = true;
        for column in 0..self.row.len().max(self.table.columns.headers.len()) {
            let cell = self.row.cell(column);
            let header = self.table.columns.headers.get(column).map_or("", String::as_str);
            if header.is_empty() && cell.is_blank() {
                continue;
            }
            if !first {
                json.push(',');
            }
            first = false;
            let repeated =
                self.table.columns.headers[..column.min(self.table.columns.headers.len())].iter().any(|known| known == header);
            match (header.is_empty(), repeated) {
                (true, _) => push_json(&mut json, &format!("column {}", letters(column))),
                (false, true) => push_json(&mut json, &format!("{header} ({})", letters(column))),
                (false, false) => push_json(&mut json, header),
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
        for (name, value) in [
            ("metric_number", item.metric_number.clone()),
            ("target_lower", bound(item.target_lower)),
            ("target_upper", bound(item.target_upper)),
            ("owner", item.owner.clone()),
            ("frequency", item.frequency.clone()),
            ("formula", item.formula.clone()),
            ("current_at", self.table.current_at.clone().filter(|_| item.current_value.is_some())),
        ] {
            let Some(value) = value else { continue };
            if !first {
                json.push(',');
            }
            first = false;
            push_json(&mut json, name);
            json.push(':');
            push_json(&mut json, &value);
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

fn push_json(json: &mut String, text: &str) {
    json.push('"');
    let mut plain = 0;
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
