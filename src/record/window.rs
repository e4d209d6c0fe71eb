//! The readings of a large file that go to the server at a time, in the order that costs it least.

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::db::copy::Rows;
use crate::db::readings;
use crate::domain::reading::{Identity, Value};
use crate::record::directory::Directory;
use crate::record::verdict::Judged;

/// How many readings are put in order at a time.
const ORDERED: usize = 20_000;

/// How many of them are sent at a time: some 64 KB.
const SENT: usize = 700;

/// From how many readings on they are compared with what is stored.
const COMPARED: usize = 5_000;

/// From how many bytes of notes and refused lines on a window is full, and readings are compared.
const TEXTS: usize = 1024 * 1024;

/// Whether so many readings wait for their comparison that it is time for it.
pub fn are_many(compared: &[Judged]) -> bool {
    compared.len() >= COMPARED || compared.iter().map(texts).sum::<usize>() >= TEXTS
}

/// How many bytes of text a reading holds.
fn texts(reading: &Judged) -> usize {
    let lengths = [reading.note.as_ref().map(String::len), reading.raw.as_ref().map(|raw| raw.size())];
    lengths.into_iter().flatten().sum()
}

/// A reading that is stored without a comparison.
#[derive(Debug)]
pub struct Unmet {
    /// The position in the directory, where metrics are in the order of their ids.
    metric: u32,
    at: NaiveDateTime,
    value: Value,
    note: Option<Box<str>>,
    by: Option<Uuid>,
}

/// Readings that follow each other in a file: what is read while those before are stored.
#[derive(Debug, Default)]
pub struct Window {
    /// Those that are stored as they are.
    pub unmet: Vec<Unmet>,
    /// The places that these have among the command's readings, ascending.
    positions: Vec<u32>,
    /// Those that must be compared with what is stored, once the others are.
    pub compared: Vec<Judged>,
    texts: usize,
}

/// Readings that are sent at a time.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    unmet: &'a [Unmet],
    positions: &'a [u32],
}

impl Part<'_> {
    pub fn write(self, identity: Identity, directory: &Directory, rows: &mut Rows) {
        for (Unmet { metric, at, value, note, by }, position) in self.unmet.iter().zip(self.positions) {
            let metric_id = directory.metrics[*metric as usize].id;
            readings::row(rows, identity.id(*position), metric_id, value.units(), *at, note.as_deref(), *by);
        }
    }
}

impl Window {
    /// Whether it takes no more.
    pub fn is_full(&self) -> bool {
        self.unmet.len() >= ORDERED || self.compared.len() >= COMPARED || self.texts >= TEXTS
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.unmet.is_empty() && self.compared.is_empty()
    }

    /// Adds a reading that must be compared with what is stored.
    pub fn compare(&mut self, reading: Judged) {
        self.texts += texts(&reading);
        self.compared.push(reading);
    }

    /// Adds a reading that needs no comparison. It gives its place among the command's readings to the window, and is stored
    /// under the id of whichever place its order gets, not under its own.
    pub fn add(&mut self, reading: Judged, at: NaiveDateTime, position: u32) {
        self.texts += texts(&reading);
        if self.unmet.is_empty() {
            self.positions.reserve_exact(ORDERED);
            self.unmet.reserve_exact(ORDERED);
        }
        self.positions.push(position);
        self.unmet.push(Unmet {
            metric: u32::try_from(reading.metric).unwrap_or(u32::MAX),
            at,
            value: reading.value,
            note: reading.note.map(String::into_boxed_str),
            by: reading.by,
        });
    }

    /// Puts the readings in the order of the index by metric and instant, so that neighbours there are stored one after the
    /// other: the server has their page, their metric and its lock already. The places stay as they are, because ids, which
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
        let identity = Identity::new(Uuid::now_v7());
        // Every third place belongs to a reading that is compared, and is not dealt out.
        let positions: Vec<u32> = (0_u32..).filter(|position| position % 3 != 0).take(2 * SENT + 10).collect();
        for (n, position) in (0_i64..).zip(&positions) {
            let metric = usize::from(n % 2 == 1);
            let at = (chrono::DateTime::UNIX_EPOCH - chrono::TimeDelta::seconds(n)).naive_utc();
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
        let at = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let reading = |position: u32| Judged {
            line: 1,
            metric: 0,
            id: Uuid::from_u128(position.into()),
            value: Value::ONE,
            at: Some(at),
            note: Some("n".repeat(TEXTS / 8)),
            by: None,
            doubt: None,
            raw: Some(Box::new(crate::record::readings::Kept::Line("r".repeat(TEXTS / 8)))),
        };
        let (mut unmet, mut compared) = (Window::default(), Window::default());
        for position in 0..4 {
            assert!(!unmet.is_full() && !compared.is_full() && !are_many(&compared.compared), "{position}");
            unmet.add(reading(position), at, position);
            compared.compare(reading(position));
        }
        assert!(unmet.is_full() && compared.is_full() && are_many(&compared.compared));
    }
}
