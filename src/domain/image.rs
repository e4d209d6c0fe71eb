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
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::number::Number;
use super::text::hex;

/// Columns of a row, as the server writes them in JSON: one text, because an image may have 100,000 rows. It is taken apart where it is
/// looked at.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Columns(Box<RawValue>);

/// Columns by their names, each as the server writes it in JSON.
pub type Parts<'c> = BTreeMap<String, &'c RawValue>;

impl Columns {
    /// Reads the text of an object. Fails where it is none.
    pub fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }

    /// Fails where a text that is too long for the memory would come of it.
    pub fn of(parts: &Parts<'_>) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(parts).map(Columns)
    }

    pub fn parts(&self) -> Parts<'_> {
        // That it is an object was looked at when it was read.
        serde_json::from_str(self.0.get()).unwrap_or_default()
    }

    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.parts().remove(name)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('{') { Ok(Columns(raw)) } else { Err(D::Error::custom("a row that is not an object")) }
    }
}

/// One row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Changed {
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
            Columns::read(&format!("{{\"current_value\":{text}}}")).ok()
        };
        if before != after {
            let row = Changed { id: metric_id, before: column(before), after: column(after), was: None, is: None };
            image.tables.insert("metrics".to_owned(), vec![row]);
        }
        image
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.readings.is_empty()
    }

    /// As the trail keeps it, see [`Draft::sealed`].
    pub fn sealed(&self) -> Option<Value> {
        let mut draft = Draft::new();
        for (table, rows) in &self.tables {
            rows.iter().try_for_each(|row| draft.add(table, row))?;
        }
        draft.sealed(&self.readings)
    }

    /// Reads what [`Draft::sealed`] made of it.
    pub fn read(data: &str) -> Option<Self> {
        if data.starts_with('{') {
            return serde_json::from_str(data).ok();
        }
        serde_json::from_slice(&unpacked(&BASE64_STANDARD.decode(data).ok()?)?).ok()
    }
}

/// An image as it is written: rows are packed as they come, so that many of them need little memory.
pub struct Draft {
    /// What is not packed yet.
    text: Vec<u8>,
    pack: Compress,
    packed: Vec<u8>,
    /// By table, how many rows were added, changed and removed.
    counts: BTreeMap<String, [u64; 3]>,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft").field("counts", &self.counts).finish_non_exhaustive()
    }
}

impl Default for Draft {
    fn default() -> Self {
        Draft::new()
    }
}

impl Draft {
    /// That of a command that changed nothing yet.
    pub fn new() -> Self {
        let (pack, text) = (Compress::new(Compression::fast(), true), br#"{"tables":{"#.to_vec());
        Draft { text, pack, packed: Vec::new(), counts: BTreeMap::new() }
    }

    /// Adds a row. All rows of a table come one after the other. None where it cannot be written.
    pub fn add(&mut self, table: &str, row: &Changed) -> Option<()> {
        let is_first = !self.counts.contains_key(table);
        if is_first {
            let name = serde_json::to_string(table).ok()?;
            let before = if self.counts.is_empty() { "" } else { "]," };
            self.text.extend_from_slice(format!("{before}{name}:[").as_bytes());
        } else {
            self.text.push(b',');
        }
        self.counts.entry(table.to_owned()).or_default()[row.how() as usize] += 1;
        self.text.extend_from_slice(&serde_json::to_vec(row).ok()?);
        if self.text.len() < BLOCK { Some(()) } else { self.shrink(FlushCompress::None) }
    }

    /// Whether no row was added.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty()
    }

    /// As the trail keeps it: counts, the data, and the digest of the data. The chain's hash covers the digest and not the data
    /// ([`unsealed`]), so that the data can go later.
    pub fn sealed(mut self, readings: &[Readings]) -> Option<Value> {
        let end = if self.counts.is_empty() { "}" } else { "]}" };
        self.text.extend_from_slice(end.as_bytes());
        if !readings.is_empty() {
            self.text.extend_from_slice(format!(",\"readings\":{}", serde_json::to_string(readings).ok()?).as_bytes());
        }
        self.text.push(b'}');
        let data = if self.packed.is_empty() && self.text.len() < SMALL {
            String::from_utf8(self.text).ok()?
        } else {
            self.shrink(FlushCompress::Finish)?;
            BASE64_STANDARD.encode(&self.packed)
        };
        let rows: u64 = self.counts.values().flatten().sum();
        let count = |[added, changed, removed]: &[u64; 3]| json!({ "added": added, "changed": changed, "removed": removed });
        let tables: BTreeMap<&String, Value> = self.counts.iter().map(|(table, counts)| (table, count(counts))).collect();
        Some(json!({ "rows": rows, "tables": tables, "sha256": digest(&data), "data": data }))
    }

    /// Packs what has come.
    fn shrink(&mut self, flush: FlushCompress) -> Option<()> {
        let begun = self.pack.total_in();
        loop {
            self.packed.reserve(BLOCK);
            let done = usize::try_from(self.pack.total_in() - begun).ok()?;
            let status = self.pack.compress_vec(&self.text[done..], &mut self.packed, flush).ok()?;
            let is_done = usize::try_from(self.pack.total_in() - begun).ok()? == self.text.len();
            // With room left it has written all that it has.
            let has_room = self.packed.len() < self.packed.capacity();
            if status == Status::StreamEnd || flush == FlushCompress::None && is_done && has_room {
                self.text.clear();
                return Some(());
            }
        }
    }
}

/// How much is packed at a time, in bytes.
const BLOCK: usize = 1 << 16;

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
    hex(&Sha256::digest(data))
}

/// Takes the data of an image out of a result.
pub fn unsealed(result: &mut Value) -> Option<Value> {
    result.get_mut("image")?.as_object_mut()?.shift_remove("data")
}

/// The columns of two states of a row that differ; none where none does. Fails where a state is not an object.
pub fn differing(before: &str, after: &str) -> serde_json::Result<Option<(Columns, Columns)>> {
    let (mut before, mut after): (Parts<'_>, Parts<'_>) = (serde_json::from_str(before)?, serde_json::from_str(after)?);
    before.retain(|column, value| after.get(column).is_some_and(|other| other.get() != value.get()));
    after.retain(|column, _| before.contains_key(column));
    Ok(if before.is_empty() { None } else { Some((Columns::of(&before)?, Columns::of(&after)?)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_comes_back_as_it_was_sealed() {
        let (before, after) = differing(
            r#"{"name": "a", "target_value": 95.0000, "original_data": {"a": 1.00}}"#,
            r#"{"name": "a", "target_value": 90.0000, "original_data": {"a": 1.00}}"#,
        )
        .expect("objects")
        .expect("a difference");
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
            let before = row.before.as_ref().expect("columns").parts();
            assert_eq!((before["target_value"].get(), before.len()), ("95.0000", 1));
        }
        assert!(differing(r#"{"a": 1}"#, r#"{"a": 1}"#).expect("objects").is_none());
        assert!(
            Image::read(r#"{"tables":{"metrics":[{"id":"00000000-0000-0000-0000-000000000000","before":[1]}]}}"#).is_none()
        );
    }
}
