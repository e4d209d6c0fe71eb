//! Readings: how people write values and instants, and what the database can hold of them. Nothing is guessed.

use std::fmt;

use chrono::{DateTime, Duration, FixedOffset, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::metric::Direction;

/// How far ahead of the server's clock a reading may be without being asked for: clocks differ, years do not.
pub const FUTURE_LIMIT: Duration = Duration::minutes(5);

/// Why a text is refused, as the end of a sentence that starts with the text.
pub type Reason = String;

/// A value of `DECIMAL(15,4)`: a whole number of ten-thousandths, at most fifteen digits of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Value(i64);

impl Value {
    /// The first number of ten-thousandths that no longer fits.
    const LIMIT: i64 = 1_000_000_000_000_000;

    /// Zero, the value of a binary metric's `no`.
    pub const ZERO: Value = Value(0);
    /// One, the value of a binary metric's `yes`.
    pub const ONE: Value = Value(10_000);

    /// The number of ten-thousandths.
    pub const fn units(self) -> i64 {
        self.0
    }

    /// The value as a decimal with the four places of the database.
    pub fn decimal(self) -> Decimal {
        Decimal::new(self.0, 4)
    }

    /// Reads a plain number: an optional sign, digits, optionally commas between thousands, a point, an exponent.
    /// Rounds to four places, half away from zero, as Postgres does.
    ///
    /// # Errors
    /// When it is not a number, could be read in two ways, or does not fit.
    pub fn parse(text: &str) -> Result<Value, Reason> {
        let text = text.trim();
        let (negative, digits) = match text.chars().next() {
            None => return Err("is empty".into()),
            Some('-' | '\u{2212}') => (true, text.trim_start_matches(['-', '\u{2212}'])),
            Some('+') => (false, &text[1..]),
            Some(_) => (false, text),
        };
        let signs = text.chars().count() - digits.chars().count();
        if signs > 1 {
            return Err("has more than one sign".into());
        }
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) if digits[..at].bytes().all(|b| b.is_ascii_digit() || b == b'.') && at > 0 => {
                let exponent = digits[at + 1..].parse::<i32>().map_err(|_| "is not a number")?;
                (&digits[..at], exponent)
            }
            _ => (digits, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let plain = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || (whole.is_empty() && fraction.is_empty()) {
            check_grouping(mantissa)?;
        }
        let significant = whole.bytes().chain(fraction.bytes()).filter(|&b| b != b',');
        let count = significant.clone().count();
        let point = i64::try_from(significant.clone().count() - fraction.len()).unwrap_or(i64::MAX) + i64::from(exponent);
        // The digits to keep are those before the fifth place.
        let keep = point + 4;
        let mut units: i64 = 0;
        let mut kept = 0;
        for (place, digit) in (0_i64..).zip(significant) {
            let digit = i64::from(digit - b'0');
            if place < keep {
                units = units.checked_mul(10).and_then(|units| units.checked_add(digit)).ok_or_else(too_large)?;
                kept = place + 1;
            } else {
                if place == keep && digit >= 5 {
                    units += 1;
                }
                break;
            }
            if units >= Value::LIMIT {
                return Err(too_large());
            }
        }
        debug_assert!(usize::try_from(kept).is_ok_and(|kept| kept <= count));
        if units != 0 {
            for _ in kept..keep {
                units = units.checked_mul(10).filter(|&units| units < Value::LIMIT).ok_or_else(too_large)?;
            }
        }
        if units >= Value::LIMIT {
            return Err(too_large());
        }
        Ok(Value(if negative { -units } else { units }))
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.decimal().normalize().fmt(f)
    }
}

fn too_large() -> Reason {
    "is too large: a value has at most 11 digits before the point".into()
}

/// Whether commas stand between thousands so that no other reading is possible.
fn check_grouping(mantissa: &str) -> Result<(), Reason> {
    let lower = mantissa.to_ascii_lowercase();
    if lower.contains('_') {
        return Err("has underscores: write the digits alone".into());
    }
    if ["nan", "inf", "infinity"].contains(&lower.as_str()) {
        return Err("is not a finite number".into());
    }
    if !mantissa.bytes().all(|b| b.is_ascii_digit() || b == b',' || b == b'.') || !mantissa.bytes().any(|b| b.is_ascii_digit())
    {
        return Err("is not a number".into());
    }
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    if fraction.is_some_and(|fraction| fraction.contains(',')) {
        return Err("has a comma after a point: write the point alone before the decimals".into());
    }
    if fraction.is_some_and(|fraction| fraction.contains('.')) {
        return Err("has more than one point".into());
    }
    let groups: Vec<&str> = whole.split(',').collect();
    let thousands = groups.len() > 1 && (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    if !thousands {
        return Err("has a comma that is not between thousands: write decimals after a point".into());
    }
    if groups.len() == 2 && fraction.is_none() {
        let (digits, decimal) = (whole.replace(',', ""), whole.replace(',', "."));
        return Err(format!("could mean {digits} or {decimal}: write one of them"));
    }
    if groups[0].starts_with('0') {
        return Err("has a comma after a leading zero: write decimals after a point".into());
    }
    Ok(())
}

/// Whether a metric's unit is percent.
pub fn is_percent(unit: Option<&str>) -> bool {
    unit.is_some_and(|unit| {
        let unit = unit.trim();
        ["%", "percent", "percentage", "pct", "per cent"].iter().any(|name| unit.eq_ignore_ascii_case(name))
    })
}

/// Reads a value as people write it for this metric: a number, with a `%` where the unit is percent, `yes` or `no` where
/// the metric is binary.
///
/// # Errors
/// When it is none of these, could be read in two ways, or does not fit.
pub fn parse_value(text: &str, unit: Option<&str>, direction: Direction) -> Result<Value, Reason> {
    let text = text.trim();
    if let Some(number) = text.strip_suffix('%') {
        if !is_percent(unit) {
            let unit = unit.map_or("the metric has no unit".into(), |unit| format!("the metric's unit is {unit}"));
            return Err(format!("has a percent sign, but {unit}"));
        }
        return Value::parse(number);
    }
    if text.bytes().next().is_some_and(|first| first.is_ascii_alphabetic()) {
        let answer = match text.to_ascii_lowercase().as_str() {
            "yes" | "y" | "true" => Some(Value::ONE),
            "no" | "n" | "false" => Some(Value::ZERO),
            _ => None,
        };
        if let Some(answer) = answer {
            if direction != Direction::Binary {
                return Err("is an answer, but the metric is not binary: write a number".into());
            }
            return Ok(answer);
        }
    }
    Value::parse(text)
}

/// Whether a text could be a value of some metric: what can be checked while the database is out of reach.
///
/// # Errors
/// As [`parse_value`].
pub fn check_value(text: &str) -> Result<(), Reason> {
    parse_value(text, Some("%"), Direction::Binary).map(|_| ())
}

/// What makes a value doubtful: it is stored with a warning, or refused where that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most a percentage can be.
    pub percent: Decimal,
    /// How many times its target a value can be, where more is better or the target is a range.
    pub factor: Decimal,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { percent: Decimal::ONE_HUNDRED, factor: Decimal::TEN }
    }
}

/// Why a value is doubtful for this metric. A negative value, and a large one where less is better, are never so by themselves.
pub fn doubt(
    value: Value,
    unit: Option<&str>,
    direction: Direction,
    target: Option<Decimal>,
    bounds: (Option<Decimal>, Option<Decimal>),
    limits: &Limits,
) -> Option<Reason> {
    let number = value.decimal();
    if is_percent(unit) && number > limits.percent {
        return Some(format!("{value} is more than {} %", limits.percent.normalize()));
    }
    let largest = match direction {
        Direction::LowerIsBetter => None,
        Direction::Binary => {
            let usual = value == Value::ZERO || value == Value::ONE || Some(number) == target;
            return (!usual).then(|| format!("{value} is neither 0 nor 1, and the metric is binary"));
        }
        Direction::HigherIsBetter => target.map(|target| target.abs()),
        Direction::TargetRange => bounds.0.max(bounds.1).map(|_| {
            let size = |bound: Option<Decimal>| bound.unwrap_or_default().abs();
            size(bounds.0).max(size(bounds.1))
        }),
    };
    let largest = largest.filter(|largest| !largest.is_zero())?;
    let far = largest.checked_mul(limits.factor).is_some_and(|limit| number.abs() > limit);
    far.then(|| format!("{value} is more than {} times the target {}", limits.factor.normalize(), largest.normalize()))
}

/// The ids of one command's readings, made before anything is sent: a UUIDv7 whose last 32 bits count the readings. Whether a
/// reading is stored can so be asked later, and storing it again cannot double it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity(u128);

impl Identity {
    /// The identity around a fresh UUIDv7.
    pub fn new(seed: Uuid) -> Self {
        Identity(seed.as_u128() & !u128::from(u32::MAX))
    }

    /// The id of the reading at this position.
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

/// Reads a span of time: a whole number with `s`, `m`, `h`, `d` or `w`.
///
/// # Errors
/// When it is not one.
pub fn parse_span(text: &str) -> Result<Duration, Reason> {
    let reason = || Reason::from("is not a span of time such as 30s, 5m, 12h, 35d or 6w");
    let unit = text.chars().next_back().ok_or_else(reason)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(reason()),
    };
    let count: u32 = text[..text.len() - 1].parse().map_err(|_| reason())?;
    Duration::try_seconds(i64::from(count) * seconds).ok_or_else(reason)
}

/// What a time without an offset means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Zone {
    /// UTC.
    #[default]
    Utc,
    /// The local time of a place, such as `Europe/Berlin`.
    Place(Tz),
    /// A fixed distance from UTC.
    Offset(FixedOffset),
}

impl std::str::FromStr for Zone {
    type Err = Reason;

    fn from_str(name: &str) -> Result<Self, Reason> {
        if matches!(name, "UTC" | "utc" | "Z") {
            return Ok(Zone::Utc);
        }
        if name.starts_with(['+', '-']) {
            let offset = parse_offset(name.as_bytes()).ok_or("is not an offset such as +02:00")?;
            return Ok(Zone::Offset(offset));
        }
        name.parse().map(Zone::Place).map_err(|_| "is not a time zone such as Europe/Berlin, +02:00 or UTC".into())
    }
}

impl Zone {
    /// The instant in UTC at which clocks in this zone show this time.
    ///
    /// # Errors
    /// When the clocks show it twice or never, because they are put back or forward then.
    pub fn to_utc(self, local: NaiveDateTime) -> Result<NaiveDateTime, Reason> {
        fn resolved<T: TimeZone>(found: LocalResult<DateTime<T>>) -> Result<NaiveDateTime, Reason> {
            match found {
                LocalResult::Single(instant) => Ok(instant.naive_utc()),
                LocalResult::Ambiguous(..) => Err("happens twice, when the clocks are put back: add the offset".into()),
                LocalResult::None => Err("never happens, for the clocks are put forward then".into()),
            }
        }
        match self {
            Zone::Utc => Ok(local),
            Zone::Place(place) => resolved(place.from_local_datetime(&local)),
            Zone::Offset(offset) => resolved(offset.from_local_datetime(&local)),
        }
    }
}

fn number(bytes: &[u8]) -> Option<u32> {
    bytes.iter().try_fold(0_u32, |number, byte| byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0')))
}

/// `+HH`, `+HHMM` or `+HH:MM`.
fn parse_offset(text: &[u8]) -> Option<FixedOffset> {
    let (sign, rest) = text.split_first()?;
    let (hours, minutes) = match rest {
        [h1, h2] => (number(&[*h1, *h2])?, 0),
        [h1, h2, m1, m2] | [h1, h2, b':', m1, m2] => (number(&[*h1, *h2])?, number(&[*m1, *m2])?),
        _ => return None,
    };
    if hours > 15 || minutes > 59 {
        return None;
    }
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    match sign {
        b'+' => FixedOffset::east_opt(seconds),
        b'-' => FixedOffset::west_opt(seconds),
        _ => None,
    }
}

/// Reads an instant in ISO 8601: a date, or a date and a time with or without an offset. Without one it is a time in `zone`;
/// a date alone is its first moment there. Microseconds are kept, what is finer is cut off.
///
/// # Errors
/// When it is not such a time, or does not happen exactly once in `zone`.
pub fn parse_instant(text: &str, zone: Zone) -> Result<NaiveDateTime, Reason> {
    const FORM: &str = "is not a time such as 2026-01-31T06:00:00Z";
    let text = text.trim();
    let bytes = text.as_bytes();
    if bytes.is_empty() {
        return Err("is empty".into());
    }
    let (Some(date), rest) = (bytes.get(..10), bytes.get(10..).unwrap_or_default()) else { return Err(FORM.into()) };
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = date else { return Err(FORM.into()) };
    let (Some(year), Some(month), Some(day)) = (number(&[*y1, *y2, *y3, *y4]), number(&[*m1, *m2]), number(&[*d1, *d2])) else {
        return Err(FORM.into());
    };
    let date = i32::try_from(year)
        .ok()
        .and_then(|year| NaiveDate::from_ymd_opt(year, month, day))
        .filter(|_| year > 0)
        .ok_or("is not a day of the calendar")?;
    let rest = match rest {
        [] => return zone.to_utc(date.and_time(NaiveTime::MIN)),
        [b'T' | b't' | b' ', rest @ ..] => rest.trim_ascii_start(),
        _ => return Err(FORM.into()),
    };
    let [h1, h2, b':', m1, m2, rest @ ..] = rest else { return Err(FORM.into()) };
    let (Some(hour), Some(minute)) = (number(&[*h1, *h2]), number(&[*m1, *m2])) else { return Err(FORM.into()) };
    let (second, micros, rest) = match rest {
        [b':', s1, s2, rest @ ..] => {
            let second = number(&[*s1, *s2]).ok_or(FORM)?;
            match rest {
                [b'.' | b',', rest @ ..] => {
                    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                    if digits == 0 || digits > 9 {
                        return Err(FORM.into());
                    }
                    let micros = (0..6)
                        .fold(0, |micros, place| micros * 10 + if place < digits { u32::from(rest[place] - b'0') } else { 0 });
                    (second, micros, &rest[digits..])
                }
                rest => (second, 0, rest),
            }
        }
        rest => (0, 0, rest),
    };
    let time = NaiveTime::from_hms_micro_opt(hour, minute, second, micros).ok_or("is not a time of day")?;
    let local = date.and_time(time);
    match rest.trim_ascii() {
        [] => zone.to_utc(local),
        [b'Z' | b'z'] => Ok(local),
        name if name.eq_ignore_ascii_case(b"utc") => Ok(local),
        offset => {
            let offset = parse_offset(offset).ok_or(FORM)?;
            local.checked_sub_offset(offset).ok_or_else(|| FORM.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(text: &str) -> Result<i64, Reason> {
        Value::parse(text).map(Value::units)
    }

    #[test]
    fn numbers_round_half_away_from_zero_at_four_places() {
        for (text, expected) in [
            ("97.5", 975_000),
            ("0.00005", 1),
            ("-0.00005", -1),
            ("\u{2212}3", -30_000),
            ("0.000049999999999999999999999999999999999999", 0),
            ("+7", 70_000),
            (".5", 5_000),
            ("5.", 50_000),
            ("007", 70_000),
            ("1e3", 10_000_000),
            ("1.5E-4", 2),
            ("4e-5", 0),
            ("1e-400", 0),
            ("0e400", 0),
            ("-0", 0),
            ("1,234.5", 12_345_000),
            ("1,234,567", 12_345_670_000),
            ("99999999999.99994", 999_999_999_999_999),
        ] {
            assert_eq!(units(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_number_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "is empty"),
            ("abc", "not a number"),
            ("e3", "not a number"),
            ("1e", "not a number"),
            (".", "not a number"),
            ("--5", "more than one sign"),
            ("1_000", "underscores"),
            ("NaN", "not a finite number"),
            ("-Infinity", "not a finite number"),
            ("1,234", "could mean 1234 or 1.234"),
            ("97,5", "not between thousands"),
            ("0,123.5", "leading zero"),
            ("1,23,456.7", "not between thousands"),
            ("1.234,5", "comma after a point"),
            ("1.2.3", "more than one point"),
            ("1 234", "not a number"),
            ("0x10", "not a number"),
            ("99999999999.99995", "too large"),
            ("100000000000", "too large"),
            ("1e11", "too large"),
            ("1e999999999", "too large"),
            ("99999999999999999999999999999999999999999999", "too large"),
        ] {
            let refused = units(text).expect_err(text);
            assert!(refused.contains(reason), "{text}: {refused}");
        }
    }

    #[test]
    fn percent_signs_and_answers_need_a_metric_that_takes_them() {
        let higher = Direction::HigherIsBetter;
        assert_eq!(parse_value("97.5 %", Some("Percent"), higher), Ok(Value(975_000)));
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
            let bounds = (Some(bounds.0.into()), Some(bounds.1.into()));
            doubt(value, unit, direction, target.map(Decimal::from), bounds, &Limits::default()).is_some()
        };
        let higher = Direction::HigherIsBetter;
        assert!(doubtful("101", Some("%"), higher, Some(95), (0, 0)));
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

    #[test]
    fn spans_need_a_unit() {
        assert_eq!(parse_span("35d"), Ok(Duration::days(35)));
        for text in ["", "35", "d", "-1d", "1.5h", "3 d", "35y"] {
            assert!(parse_span(text).is_err(), "{text}");
        }
    }

    #[test]
    fn instants_are_utc_unless_said_otherwise() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        for (text, zone, expected) in [
            ("2026-01-31T06:00:00Z", berlin, "2026-01-31T06:00:00"),
            ("2026-01-31", Zone::Utc, "2026-01-31T00:00:00"),
            ("2026-01-31", berlin, "2026-01-30T23:00:00"),
            ("2026-07-01 06:00", berlin, "2026-07-01T04:00:00"),
            ("2026-01-31T06:00:00.123456789+05:30", Zone::Utc, "2026-01-31T00:30:00.123456"),
            ("2026-01-31 06:00:00 -0800", Zone::Utc, "2026-01-31T14:00:00"),
            ("2026-01-31 06:00:00 UTC", berlin, "2026-01-31T06:00:00"),
            ("2026-01-31T06:00:00+01", Zone::Utc, "2026-01-31T05:00:00"),
        ] {
            let instant = parse_instant(text, zone).expect(text);
            assert_eq!(instant.format("%Y-%m-%dT%H:%M:%S%.f").to_string(), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_instant_is_refused() {
        let berlin: Zone = "Europe/Berlin".parse().expect("a zone");
        for (text, zone, reason) in [
            ("31.01.2026", Zone::Utc, "is not a time"),
            ("01/02/2026", Zone::Utc, "is not a time"),
            ("2026-02-30", Zone::Utc, "calendar"),
            ("2026-01-31T25:00", Zone::Utc, "time of day"),
            ("2026-01-31T06:00:60Z", Zone::Utc, "time of day"),
            ("2026-01-31T06:00:00+99:00", Zone::Utc, "is not a time"),
            ("2026-01-31T06", Zone::Utc, "is not a time"),
            ("tomorrow", Zone::Utc, "is not a time"),
            ("2026-10-25T02:30", berlin, "happens twice"),
            ("2026-03-29T02:30", berlin, "never happens"),
            ("", Zone::Utc, "is empty"),
        ] {
            let refused = parse_instant(text, zone).expect_err(text);
            assert!(refused.contains(reason), "{text}: {refused}");
        }
        assert!("Mars/Olympus".parse::<Zone>().is_err());
    }
}
