//! Rows with the same natural key.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::fs::File;
use std::hash::BuildHasher as _;
use std::io::{BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};

use super::problem::MOST;
use crate::aside::broken;
use crate::error::{Error, Result};

/// How many keys are in memory at a time, so that a long sheet needs no more than a short one.
const HELD: usize = 1 << 16;

/// Finds rows with the same key. Of a key its hash is kept; many wait in a temporary file without a name.
#[derive(Default)]
pub(super) struct Keys {
    hasher: RandomState,
    recent: Vec<(u64, u64)>,
    older: Option<BufWriter<File>>,
    count: usize,
}

impl Keys {
    /// Adds the key of a row. Exit 73 when a temporary file cannot be used.
    pub(super) fn add(&mut self, key: &str, row: u64) -> Result<()> {
        self.recent.push((self.hasher.hash_one(key), row));
        self.count += 1;
        if self.recent.len() == HELD {
            let file = match self.older.take() {
                Some(file) => file,
                None => BufWriter::new(tempfile::tempfile().map_err(broken)?),
            };
            let file = self.older.insert(file);
            for (hash, row) in self.recent.drain(..) {
                file.write_all(&hash.to_le_bytes()).and_then(|()| file.write_all(&row.to_le_bytes())).map_err(broken)?;
            }
        }
        Ok(())
    }

    /// The rows whose key an earlier row has, each with that row. A part of all hashes is looked at at a time. Exit 65 when
    /// more rows repeat a key than problems are kept, 73 when a temporary file cannot be used.
    pub(super) fn duplicates(mut self) -> Result<HashMap<u64, u64>> {
        let mut duplicates = HashMap::new();
        let parts = (self.count / HELD + 1) as u64;
        for part in 0..parts {
            let mut first: HashMap<u64, u64> = HashMap::new();
            let mut look = |hash: u64, row: u64| match first.entry(hash) {
                _ if hash % parts != part => Ok(()),
                Entry::Vacant(free) => {
                    free.insert(row);
                    Ok(())
                }
                Entry::Occupied(known) => {
                    duplicates.insert(row, *known.get());
                    if duplicates.len() > MOST { Err(too_many(row, *known.get())) } else { Ok(()) }
                }
            };
            if let Some(older) = &mut self.older {
                older.flush().map_err(broken)?;
                let file = older.get_mut();
                file.seek(SeekFrom::Start(0)).map_err(broken)?;
                let mut reader = BufReader::with_capacity(HELD, file);
                let mut record = [0; 16];
                for _ in 0..self.count - self.recent.len() {
                    reader.read_exact(&mut record).map_err(broken)?;
                    let (hash, row) = record.split_at(8);
                    let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
                    look(number(hash), number(row))?;
                }
            }
            for (hash, row) in &self.recent {
                look(*hash, *row)?;
            }
        }
        Ok(duplicates)
    }
}

fn too_many(row: u64, first: u64) -> Error {
    Error::data(format!(
        "more than {MOST} rows repeat the metric number or name of an earlier row, such as row {row} that of row {first}"
    ))
    .hint("check these columns, and correct them with --map metric_number=COLUMN or --map name=COLUMN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_repeated_keys_than_anybody_mends_are_not_held() {
        let repeated = |count: u64| -> Result<_> {
            let mut keys = Keys::default();
            for row in 0..=count {
                keys.add("m-1", row + 2)?;
            }
            keys.duplicates()
        };
        let few = repeated(3).unwrap();
        assert_eq!(few.into_iter().collect::<std::collections::BTreeMap<_, _>>(), [(3, 2), (4, 2), (5, 2)].into());
        assert!(repeated(MOST as u64).is_ok());
        assert!(repeated(MOST as u64 + 1).unwrap_err().message().contains("row 50003 that of row 2"));
    }

    #[test]
    fn what_no_longer_fits_into_memory_is_found_all_the_same() {
        let mut keys = Keys::default();
        let count = 3 * HELD as u64 + 10;
        for row in 0..count {
            keys.add(&row.to_string(), row).unwrap();
        }
        for (key, row) in [(5, count), (HELD as u64 * 2, count + 1), (count - 1, count + 2)] {
            keys.add(&key.to_string(), row).unwrap();
        }
        let found: std::collections::BTreeMap<_, _> = keys.duplicates().unwrap().into_iter().collect();
        assert_eq!(found, [(count, 5), (count + 1, HELD as u64 * 2), (count + 2, count - 1)].into());
    }
}
