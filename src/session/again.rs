//! How often and when a unit of work is done again that another session was in the way of.

use std::time::Duration;

use uuid::Uuid;

/// The pauses before the further attempts, as many as there may be. They grow, and they differ from process to process, so that
/// those in each other's way part.
pub fn pauses() -> impl Iterator<Item = Duration> {
    (1..=5).map(|attempt| {
        let most = 20_u64 << attempt;
        // The random part of a fresh id will do.
        let random = u64::try_from(Uuid::new_v4().as_u128() & 0xffff).unwrap_or_default();
        Duration::from_millis(most / 2 + random * most / 2 / 0xffff)
    })
}
