//! The readings of a large file that go to the server at a time, in the order that costs it least.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::commands::record::directory::Directory;
use crate::commands::record::verdict::Judged;
use crate::db::copy::Rows;
use crate::db::readings;
use crate::domain::reading::{Identity, Value};

/// How many readings are put in order at a time.
const ORDERED: usize = 20_000;

/// How many of them are sent at a time: some 64 KB.
const SENT: usize = 700;

/// How many readings are compared with what is stored by one statement.
pub const COMPARED: usize = 5_000;

/// How many bytes of notes are held.
const NOTES: usize = 1024 * 1024;

/// A reading that is stored without a comparison.
#[derive(Debug)]
pub struct Unmet {
    /// The position in the directory, where metrics are in the order of their ids.
    metric: usize,
    at: NaiveDateTime,
    value: Value,
    note: Option<Box<str>>,
    by: Option<Uuid>,
}

/// Readings that follow each other in a file.
#[derive(Debug, Default)]
pub struct Window {
    /// Those that are stored as they are.
    pub unmet: Vec<Unmet>,
    /// The places that these have among the command's readings, ascending.
    positions: Vec<u32>,
    /// Those that must be compared with what is stored, once the others are.
    pub compared: Vec<Judged>,
    notes: usize,
}

/// Readings that are sent at a time.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    unmet: &'a [Unmet],
    positions: &'a [u32],
}

impl Part<'_> {
    /// Adds their rows.
    pub fn write(self, identity: Identity, directory: &Directory, rows: &mut Rows) {
        for (Unmet { metric, at, value, note, by }, position) in self.unmet.iter().zip(self.positions) {
            let metric_id = directory.metrics[*metric].id;
            readings::row(rows, identity.id(*position), metric_id, value.units(), *at, note.as_deref(), *by);
        }
    }
}

impl Window {
    /// Whether it takes no more.
    pub fn is_full(&self) -> bool {
        self.unmet.len() >= ORDERED || self.compared.len() >= COMPARED || self.notes >= NOTES
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.unmet.is_empty() && self.compared.is_empty()
    }

    /// Adds a reading that needs no comparison and has this place among the command's readings.
    pub fn add(&mut self, reading: Judged, at: NaiveDateTime, position: u32) {
        self.notes += reading.note.as_ref().map_or(0, String::len);
        self.positions.push(position);
        self.unmet.push(Unmet {
            metric: reading.metric,
            at,
            value: reading.value,
            note: reading.note.map(String::into_boxed_str),
            by: reading.by,
        });
    }

    /// Puts the readings in the order of the index by metric and instant, so that neighbours there are stored one after the
    /// other: the server has their page, their metric and its lock at hand. The places stay as they are, because ids, which
    /// are made of them, cost the primary key least when they ascend.
    pub fn order(&mut self) {
        self.unmet.sort_unstable_by_key(|reading| (reading.metric, reading.at));
    }

    /// The readings as they are sent.
    pub fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let positions = self.positions.chunks(SENT);
        self.unmet.chunks(SENT).zip(positions).map(|(unmet, positions)| Part { unmet, positions })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_sent_by_metric_and_instant_under_ascending_ids() {
        let mut window = Window::default();
        assert!(window.is_empty() && window.parts().next().is_none());
        let instant = |second: usize| chrono::DateTime::from_timestamp(i64::try_from(second).unwrap(), 0).unwrap().naive_utc();
        let identity = Identity::new(Uuid::now_v7());
        // Every third place belongs to a reading that is compared, and is not dealt out.
        let positions: Vec<u32> = (0_u32..).filter(|position| position % 3 != 0).take(2 * SENT + 10).collect();
        for (n, position) in positions.iter().enumerate() {
            let (metric, at) = (n % 2, instant(positions.len() - n));
            let id = identity.id(*position);
            let value = Value::parse(&n.to_string()).expect("a number");
            let judged = Judged { line: 1, metric, id, value, at: Some(at), note: None, by: None, doubt: None, raw: None };
            window.add(judged, at, *position);
        }
        assert!(!window.is_empty() && !window.is_full());
        window.order();
        let keys: Vec<_> = window.unmet.iter().map(|reading| (reading.metric, reading.at)).collect();
        assert!(keys.is_sorted() && keys[0].0 == 0 && keys[keys.len() - 1].0 == 1);
        assert_eq!(window.parts().map(|part| part.unmet.len()).collect::<Vec<_>>(), [SENT, SENT, 10]);
        let dealt: Vec<u32> = window.parts().flat_map(|part| part.positions.to_vec()).collect();
        assert_eq!(dealt, positions);
    }

    #[test]
    fn long_notes_fill_a_window_early() {
        let mut window = Window::default();
        let at = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let note = Some("n".repeat(NOTES / 4));
        for position in 0..4 {
            assert!(!window.is_full(), "{position}");
            let id = Uuid::from_u128(position.into());
            let (note, value) = (note.clone(), Value::ONE);
            window.add(
                Judged { line: 1, metric: 0, id, value, at: Some(at), note, by: None, doubt: None, raw: None },
                at,
                position,
            );
        }
        assert!(window.is_full());
    }
}
