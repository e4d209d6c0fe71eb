//! The row as it was, for `original_data`.

use std::fmt::Write as _;

use rust_decimal::Decimal;

use super::Builder;
use super::json::{Key, push_json, push_member};
use crate::domain::item::{Field, Item};
use crate::domain::moment;

impl Builder<'_, '_> {
    /// `original_data` as JSON text; `told` is what tells the direction if nobody set it.
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
        let counts = item.counts.map(|counts| (counts.part.to_string(), counts.whole.to_string()));
        let (part, whole) = counts.as_ref().map(|(part, whole)| (part.as_str(), whole.as_str())).unzip();
        let own = [
            (Field::Numerator.as_str(), part),
            (Field::Denominator.as_str(), whole),
            ("current_at", current_at),
            ("current_value", current.as_deref()),
            ("target_lower", lower.as_deref()),
            ("target_upper", upper.as_deref()),
            ("metric_number", item.metric_number.as_deref()),
            ("direction_told", told),
            ("direction_unknown", is_open.then_some("no words show it")),
        ];
        let said = item.spec.iter().map(|(field, text)| (field.as_str(), Some(text.as_str())));
        for (name, value) in said.chain(own) {
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
