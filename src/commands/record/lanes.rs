//! Which readings of a large file need no comparison.

use chrono::NaiveDateTime;

use crate::db::metrics::Extent;

/// What tells readings of a large file that can meet no other reading from those that must be compared one by one.
pub struct Lanes {
    /// By metric: what it had when the file was begun.
    pub extents: Vec<Option<Extent>>,
    seen: Seen,
    /// By metric: whether it has readings that were stored without a comparison.
    pub unmet: Vec<bool>,
}

impl Lanes {
    pub fn new(extents: Vec<Option<Extent>>) -> Self {
        let unmet = vec![false; extents.len()];
        Lanes { extents, seen: Seen::new(), unmet }
    }

    /// Whether a reading can meet no other one: it lies outside of what its metric has, and its instant was not asked about before.
    pub fn is_unmet(&mut self, metric: usize, at: NaiveDateTime) -> bool {
        let Some(Some(extent)) = self.extents.get(metric) else { return false };
        let outside = extent.oldest.is_none_or(|oldest| at < oldest) || extent.newest.is_none_or(|newest| at > newest);
        !self.seen.insert(metric, at) && outside
    }
}

/// The instants of a file so far, in constant memory: a Bloom filter, which may take a new one for an old one but never an
/// old one for a new one.
struct Seen(Vec<u64>);

impl Seen {
    /// 4 MB: one false alarm in five thousand after a million readings.
    const BITS: u64 = 1 << 25;

    fn new() -> Self {
        Seen(vec![0; usize::try_from(Self::BITS / 64).unwrap_or_default()])
    }

    /// Adds an instant of a metric. Whether it may have been there.
    fn insert(&mut self, metric: usize, at: NaiveDateTime) -> bool {
        // The finaliser of splitmix64, which spreads neighbouring numbers.
        let mut hash = (metric as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at.and_utc().timestamp_micros().cast_unsigned();
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^= hash >> 31;
        let step = (hash >> 32) | 1;
        let mut known = true;
        for turn in 0..4_u64 {
            let bit = hash.wrapping_add(turn.wrapping_mul(step)) % Self::BITS;
            let word = &mut self.0[usize::try_from(bit / 64).unwrap_or_default()];
            known &= *word >> (bit % 64) & 1 == 1;
            *word |= 1 << (bit % 64);
        }
        known
    }
}
