//! How often a metric is measured, and when its newest reading is too old.

use std::collections::HashMap;
use std::str::FromStr;

use chrono::{Duration, NaiveDateTime};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::item::normalised;
use super::span;

/// The time between two readings of a metric. Months and what is made of them have the length of the longest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frequency(Duration);

/// Words that stand alone, in English, German, French and Spanish, with their days. A word that also means a shorter time means the
/// longer one.
const WORDS: &[(&str, i64)] = &[
    ("continuous, continuously, realtime, real time, kontinuierlich, laufend, en continu, continu, continua, continuo", 1),
    ("daily, täglich, taeglich, quotidien, quotidienne, diario, diaria, each working day, every working day", 1),
    ("weekly, wöchentlich, woechentlich, hebdomadaire, semanal", 7),
    ("biweekly, bi weekly, fortnightly, every other week, zweiwöchentlich, 14 täglich", 14),
    ("semimonthly, semi monthly, halbmonatlich, bimensuel, quincenal", 16),
    ("monthly, monatlich, mensuel, mensuelle, mensual", 31),
    ("bimonthly, bi monthly, every other month, zweimonatlich, bimestriel, bimestral", 62),
    ("quarterly, vierteljährlich, vierteljaehrlich, quartalsweise, trimestriel, trimestrielle, trimestral", 92),
    ("semiannual, semiannually, semi annual, semi annually, biannual, biannually, bi annual, bi annually, half yearly", 184),
    ("halfyearly, halbjährlich, halbjaehrlich, semestriel, semestrielle, semestral, twice a year, twice yearly", 184),
    ("annual, annually, yearly, jährlich, jaehrlich, annuel, annuelle, anual", 366),
    ("biennial, biennially, every other year", 732),
];

/// Units of time with their days; the hour is looked at by itself.
const UNITS: [(&str, i64); 5] = [
    ("day days tag tage tagen jour jours día días dia dias", 1),
    ("week weeks woche wochen semaine semaines semana semanas", 7),
    ("month months monat monate monaten mois mes meses", 31),
    ("quarter quarters quartal quartale quartalen trimestre trimestres", 92),
    ("year years jahr jahre jahren an ans année année annee annees año años", 366),
];

impl Frequency {
    /// Words for every hour.
    pub const HOURLY: [&str; 2] = ["hourly", "stündlich"];

    /// Words for an hour.
    pub const HOURS: [&str; 8] = ["hour", "hours", "stunde", "stunden", "heure", "heures", "hora", "horas"];

    /// Words before a number or a unit that say nothing more.
    pub const EVERY: [&str; 23] = [
        "every", "each", "per", "once", "a", "the", "all", "alle", "jede", "jeden", "jedes", "pro", "einmal", "im", "je",
        "tous", "toutes", "les", "par", "chaque", "cada", "por", "una",
    ];

    /// Words that stand alone, with their days.
    pub fn words() -> impl Iterator<Item = (&'static str, i64)> {
        WORDS.iter().flat_map(|(words, days)| words.split(", ").map(|word| (word, *days)))
    }

    /// Units of time with their days.
    pub fn units() -> impl Iterator<Item = (&'static str, i64)> {
        UNITS.iter().flat_map(|(words, days)| words.split(' ').map(|word| (word, *days)))
    }

    /// What counts if nobody says anything.
    pub const QUARTERLY: Frequency = Frequency(Duration::days(92));

    /// Reads what a sheet says: `Monthly`, `every 2 weeks`, `once a quarter`, `30d`. Nothing where it names no time, such as
    /// `per release`.
    pub fn read(text: &str) -> Option<Frequency> {
        let text = normalised(text);
        let text = text.trim_end_matches('.');
        let days = |days: i64| Some(Frequency(Duration::days(days)));
        let has = |words: &str| words.split(", ").any(|word| word == text);
        if text.is_empty() {
            return None;
        }
        if Self::HOURLY.contains(&text) {
            return Some(Frequency(Duration::hours(1)));
        }
        if let Some((_, found)) = WORDS.iter().find(|(words, _)| has(words)) {
            return days(*found);
        }
        if let Ok(span) = span::validity(text) {
            return Some(Frequency(span));
        }
        let mut words = text.split(' ').skip_while(|word| Self::EVERY.contains(word));
        let (count, unit) = match (words.next(), words.next(), words.next()) {
            (Some(unit), None, None) => (1, unit),
            (Some(count), Some(unit), None) => (count.parse().ok().filter(|count| (1..=1000).contains(count))?, unit),
            _ => return None,
        };
        if Self::HOURS.contains(&unit) {
            return Some(Frequency(Duration::hours(count)));
        }
        // A unit alone is none: `month` in a column of months is a period.
        let is_bare = count == 1 && text == unit;
        let (_, length) = UNITS.iter().find(|(words, _)| !is_bare && words.split(' ').any(|word| word == unit))?;
        days(count * length)
    }

    /// One of so many seconds; nothing for none.
    pub fn of_seconds(seconds: i64) -> Option<Frequency> {
        Duration::try_seconds(seconds).filter(|period| *period > Duration::zero()).map(Frequency)
    }

    /// The time between two readings.
    pub const fn period(self) -> Duration {
        self.0
    }
}

impl FromStr for Frequency {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Frequency::read(text).ok_or_else(|| {
            "it is not a frequency: write daily, weekly, monthly, quarterly, semiannual, annual, `every 2 weeks`, or 30d"
                .to_owned()
        })
    }
}

/// By what `--stale` judges: `frequency`, or an age for all metrics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// Each metric's own frequency.
    Frequency,
    Age(Duration),
}

impl Limit {
    /// What it is called where no age is given.
    pub const OWN: &'static str = "frequency";

    /// The age for all metrics.
    pub const fn age(self) -> Option<Duration> {
        match self {
            Limit::Frequency => None,
            Limit::Age(age) => Some(age),
        }
    }
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == Limit::OWN { Ok(Limit::Frequency) } else { span::age(text).map(Limit::Age) }
    }
}

/// When a reading is too old: after so many times the time between two readings of its metric, or after one age for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Freshness {
    /// The age for all metrics, if one is given.
    pub age: Option<Duration>,
    /// The frequency of a metric of which nobody set one.
    pub usual: Frequency,
    /// How many times the time between two readings may go by.
    pub factor: Decimal,
}

impl Default for Freshness {
    fn default() -> Self {
        Freshness { age: None, usual: Frequency::QUARTERLY, factor: Decimal::new(15, 1) }
    }
}

impl Freshness {
    /// Reads the factor. The error is a sentence, when it is not a number from 1 to 10.
    pub fn factor(text: &str) -> Result<Decimal, String> {
        let factor = text.parse().ok().filter(|factor| (Decimal::ONE..=Decimal::TEN).contains(factor));
        factor.ok_or_else(|| "it is not a number from 1 to 10, such as 1.5".to_owned())
    }

    /// The frequency of a metric whose sheet says this of it, and whether it is assumed.
    pub fn frequency(&self, said: Option<&str>) -> (Frequency, bool) {
        said.and_then(Frequency::read).map_or((self.usual, true), |frequency| (frequency, false))
    }

    /// The age that a reading of a metric may have.
    pub fn limit(&self, said: Option<&str>) -> Duration {
        self.age.unwrap_or_else(|| {
            let period = Decimal::from(self.frequency(said).0.period().num_milliseconds());
            Duration::milliseconds((period * self.factor).to_i64().unwrap_or(i64::MAX / 1_000_000))
        })
    }

    /// When a metric is to be measured again, UTC.
    pub fn due(&self, newest: NaiveDateTime, said: Option<&str>) -> NaiveDateTime {
        let period = self.age.unwrap_or_else(|| self.frequency(said).0.period());
        newest.checked_add_signed(period).unwrap_or(NaiveDateTime::MAX)
    }

    /// Whether a metric has no reading that is young enough at an instant; all are UTC. One without any reading has none.
    pub fn is_stale(&self, newest: Option<NaiveDateTime>, said: Option<&str>, at: NaiveDateTime) -> bool {
        newest.is_none_or(|newest| at.signed_duration_since(newest) > self.limit(said))
    }
}

/// Judges many metrics at an instant; what a frequency says is worked out once.
#[derive(Debug)]
pub struct Judge {
    freshness: Freshness,
    at: NaiveDateTime,
    limits: HashMap<String, Duration>,
    /// The limit if nobody says a frequency.
    unsaid: Duration,
    /// When the first of those that were fresh will be stale, UTC.
    pub until: Option<NaiveDateTime>,
}

impl Judge {
    /// One for an instant, UTC.
    pub fn new(freshness: Freshness, at: NaiveDateTime) -> Self {
        Judge { freshness, at, limits: HashMap::new(), unsaid: freshness.limit(None), until: None }
    }

    /// As [`Freshness::is_stale`].
    pub fn is_stale(&mut self, newest: Option<NaiveDateTime>, said: Option<&str>) -> bool {
        let Some(newest) = newest else { return true };
        let limit = match said {
            None => self.unsaid,
            Some(said) => match self.limits.get(said) {
                Some(limit) => *limit,
                None => *self.limits.entry(said.to_owned()).or_insert(self.freshness.limit(Some(said))),
            },
        };
        let is_stale = self.at.signed_duration_since(newest) > limit;
        if !is_stale && let Some(end) = newest.checked_add_signed(limit) {
            self.until = Some(self.until.map_or(end, |until| until.min(end)));
        }
        is_stale
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequencies_are_read_as_people_write_them() {
        for (text, days) in [
            ("Monthly", 31),
            ("WEEKLY", 7),
            ("semi-annually", 184),
            ("Real time", 1),
            ("every 2 weeks", 14),
            ("once a quarter", 92),
            ("per month", 31),
            ("30d", 30),
            ("30 days", 30),
            ("vierteljährlich", 92),
            ("alle 6 Monate", 186),
            ("tous les mois", 31),
            ("cada año", 366),
            ("Bi-monthly", 62),
            ("yearly.", 366),
        ] {
            assert_eq!(Frequency::read(text).map(|found| found.period().num_days()), Some(days), "{text}");
        }
        assert_eq!(Frequency::read("every 4 hours").map(Frequency::period), Some(Duration::hours(4)));
        for text in
            ["", "per release", "ad hoc", "on demand", "month", "time", "every 0 days", "0d", "2026-01", "quarterly or so", "a"]
        {
            assert_eq!(Frequency::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_reading_is_stale_after_one_and_a_half_of_its_frequency() {
        let at = chrono::DateTime::UNIX_EPOCH.naive_utc();
        let stale = |rule: &Freshness, said, hours| rule.is_stale(Some(at - Duration::hours(hours)), said, at);
        let rule = Freshness::default();
        for (said, hours) in [(Some("daily"), 36), (Some("monthly"), 31 * 36), (None, 92 * 36), (Some("now and then"), 92 * 36)]
        {
            assert!(!stale(&rule, said, hours) && stale(&rule, said, hours + 1), "{said:?}");
        }
        assert!(rule.is_stale(None, Some("annual"), at));
        let rule = Freshness { usual: "weekly".parse().unwrap(), factor: Freshness::factor("2").unwrap(), ..rule };
        assert!(!stale(&rule, None, 14 * 24) && stale(&rule, None, 14 * 24 + 1));
        assert!(!stale(&rule, Some("daily"), 48) && stale(&rule, Some("daily"), 49));
        let rule = Freshness { age: Some(Duration::hours(5)), ..rule };
        assert!(!stale(&rule, Some("annual"), 5) && stale(&rule, Some("annual"), 6));
        assert!(Freshness::factor("0.9").is_err() && Freshness::factor("x").is_err());
    }
}
