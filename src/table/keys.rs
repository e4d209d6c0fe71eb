//! Rows with the same natural key.

use std::collections::HashMap;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use crate::error::{Error, Result};
use crate::table::problem::MOST;

/// Finds rows with the same key without holding the keys in memory: they wait as hashes in a file, and are compared in
/// portions.
pub(super) struct Keys {
    writer: BufWriter<File>,
    count: u64,
    hasher: RandomState,
    /// The first keys with their rows, to end early where most repeat each other; and how many did.
    early: HashMap<u64, u64>,
    repeats: usize,
}

/// How many keys are compared at a time.
const PORTION: u64 = 200_000;

impl Keys {
    pub(super) fn new() -> Result<Self> {
        let file = tempfile::tempfile().map_err(|error| broken(&error))?;
        Ok(Keys { writer: BufWriter::new(file), count: 0, hasher: RandomState::new(), early: HashMap::new(), repeats: 0 })
    }

    /// Adds the key of a row.
    ///
    /// # Errors
    /// As [`Keys::duplicates`], where the first rows show it.
    pub(super) fn add(&mut self, key: &str, row: u64) -> Result<()> {
        self.count += 1;
        let hash = self.hasher.hash_one(key);
        if self.count <= PORTION {
            let first = *self.early.entry(hash).or_insert(row);
            self.repeats += usize::from(first != row);
            if self.repeats > MOST {
                return Err(too_many(row, first));
            }
        } else {
            self.early = HashMap::new();
        }
        self.writer
            .write_all(&hash.to_le_bytes())
            .and_then(|()| self.writer.write_all(&row.to_le_bytes()))
            .map_err(|error| broken(&error))
    }

    /// The rows whose key an earlier row has, each with that row.
    ///
    /// # Errors
    /// Exit 65 when there are more of them than problems are kept.
    pub(super) fn duplicates(mut self) -> Result<HashMap<u64, u64>> {
        self.writer.flush().map_err(|error| broken(&error))?;
        let mut duplicates = HashMap::new();
        let portions = self.count.div_ceil(PORTION);
        for portion in 0..portions {
            let file = self.writer.get_mut();
            file.seek(SeekFrom::Start(0)).map_err(|error| broken(&error))?;
            let mut reader = BufReader::with_capacity(1 << 16, file);
            let mut first: HashMap<u64, u64> = HashMap::new();
            let mut pair = [0; 16];
            for _ in 0..self.count {
                reader.read_exact(&mut pair).map_err(|error| broken(&error))?;
                let (hash, row) = pair.split_at(8);
                let number = |bytes: &[u8]| bytes.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
                let (hash, row) = (number(hash), number(row));
                if hash % portions != portion {
                    continue;
                }
                match first.entry(hash) {
                    std::collections::hash_map::Entry::Occupied(known) => {
                        duplicates.insert(row, *known.get());
                        if duplicates.len() > MOST {
                            return Err(too_many(row, *known.get()));
                        }
                    }
                    std::collections::hash_map::Entry::Vacant(free) => {
                        free.insert(row);
                    }
                }
            }
        }
        Ok(duplicates)
    }
}

fn too_many(row: u64, first: u64) -> Error {
    Error::data(format!(
        "more than {MOST} rows have the metric number or name of an earlier one, such as row {row} that of row {first}"
    ))
    .hint("check which columns these are, and mend it with --map metric_number=COLUMN or --map name=COLUMN")
}

fn broken(error: &std::io::Error) -> Error {
    Error::new(crate::error::Exit::Output, format!("cannot use a temporary file: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_repeated_keys_than_anybody_mends_are_not_held() {
        let repeated = |count: u64| {
            let mut keys = Keys::new().unwrap();
            for row in 0..=count {
                keys.add("m-1", row + 2)?;
            }
            keys.duplicates()
        };
        let few = repeated(3).unwrap();
        assert_eq!(few.into_iter().collect::<std::collections::BTreeMap<_, _>>(), [(3, 2), (4, 2), (5, 2)].into());
        assert!(repeated(MOST as u64).is_ok());
        assert!(repeated(MOST as u64 + 1).unwrap_err().message().contains("row 50003 that of row 2"));
        // Also where the first rows do not show it.
        let mut keys = Keys::new().unwrap();
        for row in 1..=PORTION + MOST as u64 + 1 {
            let key = if row <= PORTION { row } else { row - PORTION };
            keys.add(&key.to_string(), row).unwrap();
        }
        assert!(keys.duplicates().unwrap_err().message().contains("more than 50000 rows"));
    }
}
