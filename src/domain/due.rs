//! When a metric is to be measured.

use chrono::{Duration, NaiveDateTime};

use super::frequency::Freshness;

named! {
    /// How a metric stands to its next measurement.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum State {
        /// It was never measured.
        Never = "never measured",
        /// Its newest reading is too old to be taken for one of today.
        Stale = "stale",
        /// The time between two readings is over.
        Due = "due",
        /// It is not over yet.
        Soon = "soon",
    }
    ALL
    /// The word for it.
    as_str
}

/// When a metric is to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// The instant, UTC: one frequency after the newest reading; for one without any, when the metric was made.
    pub at: NaiveDateTime,
    /// How it stands now.
    pub state: State,
}

impl Due {
    /// That of a metric with its newest reading, the words of its sheet for how often it is measured, and when it was made; all are UTC.
    pub fn of(
        freshness: &Freshness,
        newest: Option<NaiveDateTime>,
        said: Option<&str>,
        made: NaiveDateTime,
        now: NaiveDateTime,
    ) -> Due {
        let Some(newest) = newest else { return Due { at: made, state: State::Never } };
        let at = freshness.due(newest, said);
        let state = if freshness.is_stale(Some(newest), said, now) {
            State::Stale
        } else if at <= now {
            State::Due
        } else {
            State::Soon
        };
        Due { at, state }
    }

    /// Whether it is due by then.
    pub fn is_within(&self, now: NaiveDateTime, within: Duration) -> bool {
        self.state != State::Soon || now.checked_add_signed(within).is_none_or(|end| self.at <= end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_is_due_after_its_frequency_and_stale_after_one_and_a_half() {
        let now = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let due = |days: i64| Due::of(&Freshness::default(), Some(now - Duration::days(days)), Some("weekly"), now, now);
        assert_eq!(
            (due(6).state, due(7).state, due(10).state, due(11).state),
            (State::Soon, State::Due, State::Due, State::Stale)
        );
        assert_eq!(due(5).at, now + Duration::days(2));
        assert!(due(5).is_within(now, Duration::days(2)) && !due(5).is_within(now, Duration::days(1)));
        assert!(due(11).is_within(now, Duration::zero()));
        let never = Due::of(&Freshness::default(), None, None, now - Duration::days(1), now);
        assert_eq!((never.state, never.at), (State::Never, now - Duration::days(1)));
    }
}
