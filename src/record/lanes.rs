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
/// old one for a new one. The bits of an instant lie in one block, which is one line of the processor's cache (Putze, Sanders
/// and Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007).
struct Seen(Vec<Block>);

#[derive(Clone)]
#[repr(align(64))]
struct Block([u64; 8]);

impl Seen {
    /// 4 MB: after a million readings about one false alarm in ten thousand, after five million one in twenty-five. What is taken
    /// for known is compared, which takes longer.
    const BLOCKS: u64 = 1 << 16;

    /// How many bits an instant has.
    const BITS: u32 = 5;

    fn new() -> Self {
        Seen(vec![Block([0; 8]); usize::try_from(Self::BLOCKS).unwrap_or_default()])
    }

    /// Adds an instant of a metric. Whether it may have been there.
    fn insert(&mut self, metric: usize, at: NaiveDateTime) -> bool {
        // The finaliser of splitmix64, which spreads neighbouring numbers.
        let mut hash = (metric as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ at.and_utc().timestamp_micros().cast_unsigned();
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^= hash >> 31;
        let Block(words) = &mut self.0[usize::try_from(hash % Self::BLOCKS).unwrap_or_default()];
        hash /= Self::BLOCKS;
        let mut known = true;
        for _ in 0..Self::BITS {
            let word = &mut words[usize::try_from(hash / 64 % 8).unwrap_or_default()];
            known &= *word >> (hash % 64) & 1 == 1;
            *word |= 1 << (hash % 64);
            hash /= 512;
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_instants_are_told_from_new_ones() {
        let mut seen = Seen::new();
        let at = |week: u8| chrono::DateTime::from_timestamp(i64::from(week) * 604_800, 0).expect("a time").naive_utc();
        let alarms = (0..100).flat_map(|week| (0..10_000).map(move |metric| (metric, week)));
        let alarms = alarms.filter(|(metric, week)| seen.insert(*metric, at(*week))).count();
        assert!(alarms < 30, "{alarms} false alarms");
        assert!((0..100).all(|week| seen.insert(usize::from(week), at(week))), "known instants");
    }
}
