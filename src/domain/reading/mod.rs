//! Readings: how people write values and instants, and what the database can hold of them. Nothing is guessed.

mod counted;
mod instant;
mod reason;
mod recent;
mod value;

use chrono::Duration;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::metric::Direction;
use super::score::Measure;
use super::unit::{self, is_percent};

pub use counted::Counted;
pub use instant::{Zone, parse_instant, zone};
pub use reason::Reason;
pub use recent::{LOOKED_AT, Recent};
pub use value::Value;

/// What to do with a reading whose metric has another value at the same instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    #[default]
    /// The new reading is refused.
    Refuse,
    /// The new value takes the place of the old one.
    Replace,
    /// The old value stays.
    Skip,
}

/// How far ahead of the server's clock a reading may be without being asked for: clocks differ, years do not.
pub const FUTURE_LIMIT: Duration = Duration::minutes(5);

/// Reads a value as people write it for this metric: a number, with a `%` where the unit is percent, `yes` or `no` where
/// the metric is binary. Fails when it is not one of these, could be read in two ways, or does not fit.
pub fn parse_value(text: &str, unit: Option<&str>, direction: Direction) -> Result<Value, Reason> {
    let text = text.trim();
    if let Some(counted) = Counted::parse(text) {
        let counted = counted?;
        return if unit.is_some_and(is_percent) {
            Ok(counted.percentage())
        } else {
            Err("is a fraction, but the metric's unit is not %".into())
        };
    }
    if let Some(number) = text.strip_suffix('%') {
        if !unit.is_some_and(is_percent) {
            let unit = unit.map_or("the metric has no unit".into(), |unit| format!("the metric's unit is {unit}"));
            return Err(format!("has a percent sign, but {unit}"));
        }
        return Value::parse(number);
    }
    if let Some(seconds) = unit::seconds(text) {
        let number = unit.and_then(|unit| unit::of_seconds(seconds, unit));
        let number =
            number.ok_or_else(|| format!("is the duration {}, but the metric's unit is not a time", unit::clock(seconds)))?;
        return Value::parse(&number.round_dp(4).to_string());
    }
    if text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) {
        let answer = match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" => Some(Value::ONE),
            "no" | "n" | "false" => Some(Value::ZERO),
            _ => None,
        };
        if let Some(answer) = answer {
            if direction != Direction::Binary {
                return Err("is yes or no, but the metric is not binary: write a number".into());
            }
            return Ok(answer);
        }
    }
    Value::parse(text).or_else(|reason| with_unit(text, unit).unwrap_or(Err(reason)))
}

/// A number with a unit behind it, which has to be that of the metric.
fn with_unit(text: &str, unit: Option<&str>) -> Option<Result<Value, Reason>> {
    let own = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let number = text[..text.len() - own.len()].trim_end();
    if own.is_empty() || !number.ends_with(|c: char| c.is_ascii_digit()) || !unit::is_known(own) {
        return None;
    }
    let is_same = unit.is_some_and(|unit| {
        unit.eq_ignore_ascii_case(own) || unit::family(unit).is_some_and(|family| Some(family) == unit::family(own))
    });
    if is_same {
        return Some(Value::parse(number));
    }
    let unit = unit.map_or("the metric has no unit".into(), |unit| format!("the metric's unit is {unit}"));
    Some(Err(format!("is in {own}, but {unit}")))
}

/// Whether a text could be a value of some metric: what can be checked while the database is out of reach.
pub fn check_value(text: &str) -> Result<(), Reason> {
    let own = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let unit = if unit::is_known(own) { own } else { "%" };
    parse_value(text, Some(unit), Direction::Binary).map(|_| ())
}

/// What makes a value doubtful: it is stored with a warning, or refused where that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most a percentage can be.
    pub percent: Decimal,
    /// How many times its target a value can be, where more is better or the target is a range.
    pub factor: Decimal,
    /// How many times the usual change of its metric a value can be from the one before it: the `limit` of [`Recent::jump`].
    #[serde(default = "usual_jump")]
    pub jump: Decimal,
}

const fn usual_jump() -> Decimal {
    Decimal::TEN
}

impl Default for Limits {
    fn default() -> Self {
        Limits { percent: Decimal::ONE_HUNDRED, factor: Decimal::TEN, jump: usual_jump() }
    }
}

/// Whether a value of a percentage looks like a fraction: it is within 1 and not nearer to what the metric usually is.
pub fn is_fraction(value: Value, measure: &Measure) -> bool {
    let number = value.decimal().abs();
    let is_near =
        |usual: Decimal| !usual.is_zero() && number.checked_mul(Decimal::TEN).is_some_and(|tenfold| tenfold >= usual.abs());
    // Where more is better, a doubtful value that was stored makes the next one no better.
    let aims_high = measure.direction == Direction::HigherIsBetter && measure.target.is_some();
    let usual = [measure.target, measure.current.filter(|_| !aims_high), measure.lower, measure.upper];
    !number.is_zero() && number < Decimal::ONE && !usual.into_iter().flatten().any(is_near)
}

/// Why a value is doubtful by itself for this metric, whose value before it is the current one of `measure`. A large value where
/// less is better is not. With the option that sets the limit that was met, where one does.
pub fn doubt(
    value: Value,
    unit: Option<&str>,
    measure: &Measure,
    limits: &Limits,
    as_written: bool,
) -> Option<(Reason, Option<&'static str>)> {
    let number = value.decimal();
    let Measure { direction, target, lower, upper, .. } = *measure;
    if unit.is_some_and(is_percent) {
        if number > limits.percent {
            return Some((format!("{value} is more than {} %", limits.percent.normalize()), Some("--max-percent")));
        }
        let may_be_negative = [target, lower].into_iter().flatten().any(|aim| aim < Decimal::ZERO);
        if number < Decimal::ZERO && !may_be_negative {
            return Some((format!("{value} is less than 0 %"), None));
        }
        if !as_written && is_fraction(value, measure) {
            let reason = format!(
                "{value} % looks like a fraction (--percent scale multiplies it by 100, --percent as-is stores it as written)"
            );
            return Some((reason, None));
        }
    }
    let largest = match direction {
        Direction::LowerIsBetter => None,
        Direction::Binary => {
            let usual = value == Value::ZERO || value == Value::ONE || Some(number) == target;
            return (!usual).then(|| (format!("{value} is neither 0 nor 1, but the metric is binary"), None));
        }
        Direction::HigherIsBetter => target.map(|target| target.abs()),
        Direction::TargetRange => lower.max(upper).map(|_| {
            let size = |bound: Option<Decimal>| bound.unwrap_or_default().abs();
            size(lower).max(size(upper))
        }),
    };
    let largest = largest.filter(|largest| !largest.is_zero());
    if let Some(largest) = largest
        && largest.checked_mul(limits.factor).is_some_and(|limit| number.abs() > limit)
    {
        let reason = format!("{value} is more than {} times the target {}", limits.factor.normalize(), largest.normalize());
        return Some((reason, Some("--max-factor")));
    }
    None
}

/// The ids of what one command stores, made before anything is sent: a UUIDv7 whose last 32 bits count. Whether a reading is
/// stored can so be asked later, and storing it again cannot double it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(u128);

impl Identity {
    /// The identity around a fresh UUIDv7.
    pub fn new(seed: Uuid) -> Self {
        Identity(seed.as_u128() & !u128::from(u32::MAX))
    }

    /// The id of what is at this position.
    pub fn id(self, position: u32) -> Uuid {
        Uuid::from_u128(self.0 | u128::from(position))
    }

    /// The first and the last id.
    pub fn range(self) -> (Uuid, Uuid) {
        (self.id(0), self.id(u32::MAX))
    }

    /// A number for locks.
    pub fn key(self) -> i64 {
        let bytes = Uuid::from_u128(self.0 >> 32).into_bytes();
        i64::from_be_bytes([bytes[8], bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]])
    }
}

#[cfg(test)]
mod tests {
    use super::super::metric::Priority;
    use super::*;

    #[test]
    fn percent_signs_and_answers_need_a_metric_that_takes_them() {
        let higher = Direction::HigherIsBetter;
        for unit in ["Percent", "Prozent", "pourcentage", "in %"] {
            assert_eq!(parse_value("97.5 %", Some(unit), higher), Value::parse("97.5"), "{unit}");
        }
        assert!(parse_value("97.5%", Some("days"), higher).expect_err("days").contains("unit is days"));
        assert!(parse_value("97.5%", None, higher).expect_err("none").contains("no unit"));
        assert_eq!(parse_value("Yes", None, Direction::Binary), Ok(Value::ONE));
        assert_eq!(parse_value("no", None, Direction::Binary), Ok(Value::ZERO));
        assert!(parse_value("yes", None, higher).expect_err("yes").contains("not binary"));
        assert!(parse_value("maybe", None, Direction::Binary).expect_err("maybe").contains("not a number"));
    }

    #[test]
    fn doubts_are_about_percentages_targets_and_answers() {
        let doubtful = |value: &str, unit, direction, target: Option<i64>, bounds: (i64, i64)| {
            let value = Value::parse(value).expect("a value");
            let (lower, upper) = (Some(bounds.0.into()), Some(bounds.1.into()));
            let target = target.map(Decimal::from);
            let measure =
                Measure { direction, priority: Priority::High, current: None, target, lower, upper, ..Measure::nothing() };
            doubt(value, unit, &measure, &Limits::default(), false).is_some()
        };
        let higher = Direction::HigherIsBetter;
        assert!(doubtful("101", Some("%"), higher, Some(95), (0, 0)));
        assert!(doubtful("101", Some("Prozent"), higher, Some(95), (0, 0)));
        assert!(!doubtful("100", Some("%"), higher, Some(95), (0, 0)));
        assert!(doubtful("401", None, higher, Some(40), (0, 0)));
        assert!(!doubtful("400", None, higher, Some(40), (0, 0)));
        assert!(!doubtful("400", None, higher, None, (0, 0)));
        assert!(!doubtful("400", None, higher, Some(0), (0, 0)));
        assert!(!doubtful("-39", None, higher, Some(40), (0, 0)));
        assert!(!doubtful("1000000", Some("days"), Direction::LowerIsBetter, Some(14), (0, 0)));
        assert!(doubtful("-501", None, Direction::TargetRange, None, (-50, 10)));
        assert!(!doubtful("-499", None, Direction::TargetRange, None, (-50, 10)));
        assert!(doubtful("2", None, Direction::Binary, Some(1), (0, 0)));
        assert!(!doubtful("0", None, Direction::Binary, Some(1), (0, 0)));
        assert!(!doubtful("1", None, Direction::Binary, Some(0), (0, 0)));
        assert!(!doubtful("1", None, Direction::Binary, None, (0, 0)));
        assert!(!doubtful("2", None, Direction::Binary, Some(2), (0, 0)));
    }

    #[test]
    fn the_ids_of_a_command_are_uuids_in_order_that_nobody_else_has() {
        let identity = Identity::new(Uuid::from_u128(0x0190_1234_5678_7abc_9def_0123_4567_89ab));
        assert_eq!(identity.id(7).get_version_num(), 7);
        assert!(identity.id(0) < identity.id(1) && identity.id(1) < identity.id(u32::MAX));
        assert_eq!(Identity::new(identity.id(9)), identity);
        let other = Identity::new(Uuid::from_u128(0x0190_1234_5678_7abc_9def_0124_4567_89ab));
        assert_ne!(other.key(), identity.key());
    }
}
