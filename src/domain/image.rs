//! What a command changed: each row before and after, as the trail keeps it.
//!
//! A row that was added is told by its id and a digest: it is in its table until a later command changes it, and then that one's
//! image has it. A row that was changed has the columns that differ, one that was removed is whole.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use chrono::NaiveDateTime;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::number::Number;

/// Columns of a row, each as the server writes it in JSON.
pub type Columns = BTreeMap<String, Box<RawValue>>;

/// One row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Changed {
    /// Its id.
    pub id: Uuid,
    /// The columns that differ, or all of a row that was removed; none of one that was added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Columns>,
    /// The columns that differ; of a metric that was added, its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Columns>,
    /// The digest of the row before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// The digest of the row after; none of one that was removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
}

/// How a row changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// It was not there before.
    Added,
    /// Some columns are others now.
    Changed,
    /// It is gone.
    Removed,
}

impl Changed {
    /// How it changed.
    pub fn how(&self) -> How {
        match (&self.before, &self.after) {
            (None, _) => How::Added,
            (Some(_), Some(_)) => How::Changed,
            (Some(_), None) => How::Removed,
        }
    }
}

/// Readings that were added, by the ids that only this command uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readings {
    /// The lowest.
    pub first: Uuid,
    /// The highest.
    pub last: Uuid,
    /// How many they are, the sum of their values in ten-thousandths, and that of their instants in microseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sums: Option<String>,
}

impl Readings {
    /// A single one.
    pub fn only(id: Uuid, value: Decimal, at: NaiveDateTime) -> Self {
        let units = (value * Decimal::from(10_000)).trunc().normalize();
        Readings { first: id, last: id, sums: Some(format!("1 {units} {}", at.and_utc().timestamp_micros())) }
    }

    /// Whether a reading is among them.
    pub fn holds(&self, id: &Uuid) -> bool {
        (&self.first..=&self.last).contains(&id)
    }
}

/// All that a command changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Image {
    /// By table, in the order in which they can be put back.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tables: BTreeMap<String, Vec<Changed>>,
    /// Readings that were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Readings>,
}

/// Below this a text is kept as it is.
const SMALL: usize = 2_000;

impl Image {
    /// That of one reading and of its metric's value.
    pub fn of_reading(reading: Readings, metric_id: Uuid, before: Option<Number>, after: Option<Number>) -> Self {
        let mut image = Image { readings: vec![reading], ..Image::default() };
        let column = |value: Option<Number>| -> Option<Columns> {
            let text = match value {
                None => "null".to_owned(),
                Some(Number::Finite(number)) => number.to_string(),
                Some(Number::NaN) => "\"NaN\"".to_owned(),
            };
            Some(Columns::from([("current_value".to_owned(), RawValue::from_string(text).ok()?)]))
        };
        if before != after {
            let row = Changed { id: metric_id, before: column(before), after: column(after), was: None, is: None };
            image.tables.insert("metrics".to_owned(), vec![row]);
        }
        image
    }

    /// Rows that changed, without readings that were added.
    pub fn rows(&self) -> usize {
        self.tables.values().map(Vec::len).sum()
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.readings.is_empty()
    }

    /// As the trail keeps it: counts, the data, and the digest of the data. The chain's hash covers the digest and not the data
    /// ([`unsealed`]), so that the data can go later.
    pub fn sealed(&self) -> Option<Value> {
        let text = serde_json::to_string(self).ok()?;
        let data = if text.len() < SMALL { text } else { packed(&text)? };
        let count = |rows: &[Changed]| {
            let of = |how: How| rows.iter().filter(|row| row.how() == how).count();
            json!({ "added": of(How::Added), "changed": of(How::Changed), "removed": of(How::Removed) })
        };
        let tables: BTreeMap<&String, Value> = self.tables.iter().map(|(table, rows)| (table, count(rows))).collect();
        Some(json!({ "rows": self.rows(), "tables": tables, "sha256": digest(&data), "data": data }))
    }

    /// Reads what [`Image::sealed`] made of it.
    pub fn read(data: &str) -> Option<Self> {
        if data.starts_with('{') {
            return serde_json::from_str(data).ok();
        }
        serde_json::from_slice(&unpacked(&BASE64_STANDARD.decode(data).ok()?)?).ok()
    }
}

fn packed(text: &str) -> Option<String> {
    let mut state = Compress::new(Compression::fast(), true);
    let mut packed = Vec::with_capacity(text.len() / 4 + SMALL);
    loop {
        let rest = text.as_bytes().get(usize::try_from(state.total_in()).ok()?..)?;
        if state.compress_vec(rest, &mut packed, FlushCompress::Finish).ok()? == Status::StreamEnd {
            return Some(BASE64_STANDARD.encode(packed));
        }
        packed.reserve(packed.capacity());
    }
}

fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut state = Decompress::new(true);
    let mut text = Vec::with_capacity(packed.len() * 4 + SMALL);
    loop {
        let before = (state.total_in(), state.total_out());
        let rest = packed.get(usize::try_from(before.0).ok()?..)?;
        match state.decompress_vec(rest, &mut text, FlushDecompress::None).ok()? {
            Status::StreamEnd => return Some(text),
            // With room left and nothing done, the end is missing.
            _ if before == (state.total_in(), state.total_out()) && text.len() < text.capacity() => return None,
            _ => text.reserve(text.capacity()),
        }
    }
}

/// SHA-256 of an image's data, in hexadecimal.
fn digest(data: &str) -> String {
    Sha256::digest(data).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Takes the data of an image out of a result.
pub fn unsealed(result: &mut Value) -> Option<Value> {
    result.get_mut("image")?.as_object_mut()?.shift_remove("data")
}

/// The columns of two states of a row that differ.
pub fn differing(before: Columns, mut after: Columns) -> (Columns, Columns) {
    let mut old = Columns::new();
    let mut new = Columns::new();
    for (column, value) in before {
        if let Some(other) = after.remove(&column)
            && other.get() != value.get()
        {
            old.insert(column.clone(), value);
            new.insert(column, other);
        }
    }
    (old, new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Columns {
        serde_json::from_str(text).expect("columns")
    }

    #[test]
    fn an_image_comes_back_as_it_was_sealed() {
        let (before, after) = differing(
            columns(r#"{"name": "a", "target_value": 95.0000, "original_data": {"a": 1.00}}"#),
            columns(r#"{"name": "a", "target_value": 90.0000, "original_data": {"a": 1.00}}"#),
        );
        let row = Changed { id: Uuid::nil(), before: Some(before), after: Some(after), was: None, is: Some("x".into()) };
        for count in [1, 100] {
            let image = Image {
                tables: BTreeMap::from([("metrics".to_owned(), vec![row.clone(); count])]),
                readings: vec![Readings { first: Uuid::nil(), last: Uuid::max(), sums: None }],
            };
            let sealed = image.sealed().expect("an image");
            assert_eq!(sealed["tables"]["metrics"]["changed"], count);
            let data = sealed["data"].as_str().expect("data");
            assert_eq!(data.starts_with('{'), count == 1);
            let read = Image::read(data).expect("an image");
            assert_eq!(read.readings, image.readings);
            let row = read.tables["metrics"].last().expect("a row");
            assert_eq!(row.how(), How::Changed);
            // The scale of a number is part of it.
            assert_eq!(row.before.as_ref().expect("columns")["target_value"].get(), "95.0000");
            assert_eq!(row.before.as_ref().expect("columns").len(), 1);
        }
    }
}
