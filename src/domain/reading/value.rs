//! What the database can hold of a value, and how numbers are written.

use std::fmt;

use rust_decimal::Decimal;

use super::Reason;

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

    /// The value times 100, of a fraction that is a percentage. Fails when it does not fit.
    pub fn hundredfold(self) -> Result<Value, Reason> {
        self.0.checked_mul(100).filter(|units| units.abs() < Value::LIMIT).map(Value).ok_or_else(too_large)
    }

    /// Reads a plain number: an optional sign, digits, optionally commas between thousands, a point, an exponent.
    /// Rounds to four places, half away from zero, as Postgres does. Fails when it is not a number, could be read in two ways,
    /// or does not fit.
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
        return Err("has underscores: write only the digits".into());
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
        return Err("has a comma after a point: write only a point, before the decimals".into());
    }
    if fraction.is_some_and(|fraction| fraction.contains('.')) {
        return Err("has more than one point".into());
    }
    let groups: Vec<&str> = whole.split(',').collect();
    let thousands = groups.len() > 1 && (1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3);
    if !thousands {
        return Err("has a comma that does not separate thousands: write decimals after a point".into());
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
            ("97,5", "does not separate thousands"),
            ("0,123.5", "leading zero"),
            ("1,23,456.7", "does not separate thousands"),
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

    /// Whatever is taken is what `Decimal` makes of the same digits, fits the database and is taken again as it is shown.
    #[test]
    fn changed_texts_are_values_only_where_every_reader_agrees() {
        let samples = [
            "97.5", "0.00005", "-3", "+7", ".5", "5.", "1e3", "1.5E-4", "1,234.5", "1,234,567", "99999999999.99994", "1_000",
            "NaN", "1,234", "0,123.5", "100000000000", "97,5",
        ];
        let pieces = [
            "0", "9", "5", ",", ".", "-", "−", "+", "e", "E", "e-", "e9", "_", " ", "000", "00005", "99999999999999999999",
            "x", "٣",
        ];
        let mut taken = 0;
        crate::domain::mutated::mutated(&samples, &pieces, 20_000, |text| {
            let Ok(value) = Value::parse(text) else { return };
            taken += 1;
            assert!(value.units().abs() < Value::LIMIT, "{text:?}");
            assert_eq!(Value::parse(&value.to_string()), Ok(value), "{text:?}");
            assert_eq!(Value::parse(&value.decimal().to_string()), Ok(value), "{text:?}");
            let plain = text.trim().replace('\u{2212}', "-").replace(',', "");
            if plain.len() < 28 && !plain.contains(['e', 'E']) {
                let exact: Decimal = plain.trim_end_matches('.').parse().unwrap();
                let rounded = exact.round_dp_with_strategy(4, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
                assert_eq!(value.decimal(), rounded, "{text:?}");
            }
        });
        assert!(taken > 2_000, "{taken} were taken");
    }
}
