//! Digits with sign, groups, decimals, exponent, currency and multiplier.

use rust_decimal::Decimal;

use super::super::unit::is_percent;
use super::{Mark, NotANumber, Value};

/// A number with its currency, multiplier and percent sign; returns what follows.
pub(super) fn measure(text: &str, mark: Mark) -> Result<(Value, &str), NotANumber> {
    let (currency, text) = currency(text);
    let (number, rest) = digits(text, mark)?;
    let mut value = Value::plain(number);
    value.unit = currency.map(str::to_owned);
    let spaced = rest.trim_start();
    if let Some(tail) = spaced.strip_prefix('%') {
        value.percent = true;
        return Ok((value, tail));
    }
    let word_end = spaced.find(|c: char| !c.is_alphabetic()).unwrap_or(spaced.len());
    let (word, tail) = spaced.split_at(word_end);
    let factor = match word {
        "k" | "K" => 1_000,
        "M" | "mn" | "Mio" | "million" | "millions" => 1_000_000,
        "bn" | "Mrd" | "billion" | "billions" => 1_000_000_000,
        "B" if currency.is_some() => 1_000_000_000,
        word if is_percent(word) => {
            value.percent = true;
            return Ok((value, tail));
        }
        _ => return Ok((value, rest)),
    };
    value.number = value.number.checked_mul(Decimal::from(factor)).ok_or(NotANumber::TooLarge)?;
    Ok((value, tail))
}

fn currency(text: &str) -> (Option<&str>, &str) {
    for sign in ["$", "€", "£", "¥", "US$", "USD", "EUR", "GBP", "CHF"] {
        if let Some(rest) = text.strip_prefix(sign) {
            return (Some(sign), rest.trim_start());
        }
    }
    (None, text)
}

/// Digits with sign, groups, decimals and exponent; returns what follows.
fn digits(text: &str, mark: Mark) -> Result<(Decimal, &str), NotANumber> {
    let (decimal_mark, group_mark) = match mark {
        Mark::Point => ('.', ','),
        Mark::Comma => (',', '.'),
    };
    let (negative, body) = match text.strip_prefix(['-', '+']) {
        Some(body) => (text.starts_with('-'), body),
        None => (false, text),
    };
    let bytes = body.as_bytes();
    let mut plain = String::with_capacity(body.len().min(40));
    let mut position = 0;
    // The digits before the decimals: either without groups, or in groups of three after the first.
    let mut group = 0;
    let mut grouped: Option<char> = None;
    while let Some(c) = body[position..].chars().next() {
        if c.is_ascii_digit() {
            plain.push(c);
            group += 1;
            position += 1;
        } else if (c == group_mark || c == ' ' || c == '\'')
            && group > 0
            && bytes.get(position + 1).is_some_and(u8::is_ascii_digit)
            && grouped.is_none_or(|mark| mark == c)
        {
            let follows = bytes[position + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if follows != 3 || group > 3 {
                // A blank may simply end the number; a comma or point may not.
                return if c == ' ' && grouped.is_none() { Err(NotANumber::Text) } else { Err(NotANumber::Grouping) };
            }
            grouped = Some(c);
            group = 0;
            position += 1;
        } else {
            break;
        }
    }
    if body[position..].starts_with(decimal_mark) {
        let decimals = bytes[position + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if decimals > 0 || !plain.is_empty() && body.len() == position + 1 {
            plain.push('.');
            plain.push_str(&body[position + 1..position + 1 + decimals]);
            position += 1 + decimals;
        }
    }
    if !plain.bytes().any(|b| b.is_ascii_digit()) {
        return Err(NotANumber::Text);
    }
    let rest = &body[position..];
    if rest.starts_with(['.', ',', '\'', '_']) {
        return Err(if rest.starts_with('_') { NotANumber::Text } else { NotANumber::Grouping });
    }
    let (exponent, rest) = exponent(rest);
    let number = decimal(&plain, exponent)?;
    Ok((if negative { -number } else { number }, rest))
}

/// `E+05`, as spreadsheets export large numbers.
fn exponent(rest: &str) -> (i32, &str) {
    let Some(tail) = rest.strip_prefix(['e', 'E']) else { return (0, rest) };
    let (sign, tail) = match tail.strip_prefix(['+', '-']) {
        Some(stripped) => (if tail.starts_with('-') { -1 } else { 1 }, stripped),
        None => (1, tail),
    };
    let length = tail.bytes().take_while(u8::is_ascii_digit).count();
    match tail[..length].parse::<i32>() {
        Ok(exponent) if length <= 3 => (sign * exponent, &tail[length..]),
        _ => (0, rest),
    }
}

fn decimal(plain: &str, exponent: i32) -> Result<Decimal, NotANumber> {
    let (whole, decimals) = plain.split_once('.').unwrap_or((plain, ""));
    let whole = whole.trim_start_matches('0');
    let figures = format!("{whole}{decimals}");
    if figures.bytes().all(|b| b == b'0') {
        return Ok(Decimal::ZERO);
    }
    let point = i64::try_from(whole.len()).unwrap_or(i64::MAX).saturating_add(exponent.into());
    if point > 15 {
        return Err(NotANumber::TooLarge);
    }
    let (whole, decimals) = match usize::try_from(point) {
        Ok(point) if point >= figures.len() => (format!("{figures}{}", "0".repeat(point - figures.len())), String::new()),
        Ok(point) => (figures[..point].to_owned(), figures[point..].to_owned()),
        Err(_) => (String::new(), "0".repeat(usize::try_from(-point).unwrap_or(0).min(12)) + &figures),
    };
    // Twelve decimals decide how four of them are rounded, also after a fraction is scaled to percent.
    let decimals = &decimals[..decimals.len().min(12)];
    let number: Decimal = format!("0{whole}.{decimals}0").parse().map_err(|_| NotANumber::TooLarge)?;
    Ok(number.normalize())
}
