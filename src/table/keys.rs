//! Rows with the same natural key.

use std::collections::HashMap;
use std::collections::hash_map::{Entry, RandomState};
use std::hash::BuildHasher as _;

use super::problem::MOST;
use crate::error::{Error, Result};

/// Finds rows with the same key. Of a key its hash is kept.
#[derive(Default)]
pub(super) struct Keys {
    hasher: RandomState,
    first: HashMap<u64, u64>,
    duplicates: HashMap<u64, u64>,
}

impl Keys {
    /// Adds the key of a row.
    ///
    /// # Errors
    /// Exit 65 when more rows repeat a key than problems are kept.
    pub(super) fn add(&mut self, key: &str, row: u64) -> Result<()> {
        match self.first.entry(self.hasher.hash_one(key)) {
            Entry::Vacant(free) => {
                free.insert(row);
            }
            Entry::Occupied(known) => {
                self.duplicates.insert(row, *known.get());
                if self.duplicates.len() > MOST {
                    return Err(too_many(row, *known.get()));
                }
            }
        }
        Ok(())
    }

    /// The rows whose key an earlier row has, each with that row.
    pub(super) fn duplicates(self) -> HashMap<u64, u64> {
        self.duplicates
    }
}

fn too_many(row: u64, first: u64) -> Error {
    Error::data(format!(
        "more than {MOST} rows have the metric number or name of an earlier one, such as row {row} that of row {first}"
    ))
    .hint("check which columns these are, and mend it with --map metric_number=COLUMN or --map name=COLUMN")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_repeated_keys_than_anybody_mends_are_not_held() {
        let repeated = |count: u64| {
            let mut keys = Keys::default();
            for row in 0..=count {
                keys.add("m-1", row + 2)?;
            }
            Ok::<_, Error>(keys.duplicates())
        };
        let few = repeated(3).unwrap();
        assert_eq!(few.into_iter().collect::<std::collections::BTreeMap<_, _>>(), [(3, 2), (4, 2), (5, 2)].into());
        assert!(repeated(MOST as u64).is_ok());
        assert!(repeated(MOST as u64 + 1).unwrap_err().message().contains("row 50003 that of row 2"));
    }
}
