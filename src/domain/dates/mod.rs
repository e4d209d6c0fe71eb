//! Dates as the cells of a column write them. What a cell means is decided by the whole column, never by one cell: `01/02/2026` is
//! the first of February where another one is `13/02/2026`, and nobody's guess if none is. What is a period is read by
//! [`Period`](super::period::Period), and stands for its end.

mod day;
mod header;
#[cfg(test)]
pub(crate) mod tests;

use std::borrow::Cow;

pub use self::day::Order;
use self::day::{Day, FORM, day_and_time, day_of, time_of_day};
use self::header::counts_weeks;
pub use self::header::{Said, header, is_of_another_time, is_of_zones};
use super::moment;
use super::reading::Reason;

/// What the texts of a column say about the order of their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateEvidence {
    /// How many texts are dates, and how many are something else.
    pub dates: u64,
    /// How many are not.
    pub others: u64,
    /// The orders that all dates so far allow, where there were any whose order is not plain.
    orders: Option<u8>,
    /// The first text whose order is not plain, and the one that left no order.
    samples: [Option<String>; 2],
}

impl DateEvidence {
    /// Takes one more text of the column into account.
    pub fn add(&mut self, text: &str) {
        let text = text.trim();
        if is_iso(text) {
            self.dates += 1;
            return;
        }
        let Ok(read) = read(text) else {
            self.others += 1;
            return;
        };
        self.dates += 1;
        let Day::Numbers(numbers) = read.day else { return };
        let orders =
            Order::ALL.iter().filter(|order| numbers.date(**order).is_some()).fold(0, |mask, order| mask | order.bit());
        let before = self.orders.unwrap_or(u8::MAX);
        self.orders = Some(before & orders);
        if self.samples[0].is_none() {
            self.samples[0] = Some(text.to_owned());
        } else if before & orders == 0 && self.samples[1].is_none() {
            self.samples[1] = Some(text.to_owned());
        }
    }

    /// The order of the column's dates, where it has any whose order is not plain. The error is the sentence that says what the
    /// dates could be, when the texts allow several orders or none.
    pub fn decide(&self) -> Result<Option<Order>, String> {
        let Some(orders) = self.orders else { return Ok(None) };
        let sample = self.samples[0].as_deref().unwrap_or_default();
        let left: Vec<Order> = Order::ALL.into_iter().filter(|order| orders & order.bit() != 0).collect();
        match left.as_slice() {
            [] => {
                let other = self.samples[1].as_deref().unwrap_or_default();
                Err(format!("`{sample}` and `{other}` have day and month in different order"))
            }
            [only] => Ok(Some(*only)),
            several => {
                let day = day_and_time(sample).0;
                let Ok(Day::Numbers(numbers)) = day_of(day) else { return Ok(None) };
                let each: Vec<String> = several
                    .iter()
                    .filter_map(|order| Some(format!("{} ({})", numbers.date(*order)?.format("%F"), order.form(day))))
                    .collect();
                Err(format!("`{sample}` can be {}", each.join(" or ")))
            }
        }
    }
}

/// A text that is a date.
struct Read {
    day: Day,
    /// The time of day in ISO 8601, with its offset.
    time: Option<String>,
}

/// `2026-01-31`, perhaps with a time behind: what needs no second look, and is read by the rules of an instant.
pub fn is_iso(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 10
        && bytes[..10]
            .iter()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
        && matches!(bytes.get(10), None | Some(b'T' | b't' | b' '))
        && !matches!(bytes.last(), Some(b'M' | b'm'))
}

/// Whether a text is a date in any form.
pub fn is_date(text: &str) -> bool {
    let text = text.trim();
    is_iso(text) || read(text).is_ok()
}

/// What a date of a column means, in ISO 8601: `order` is that of the whole column, `header` the column's own. The error is why
/// it is not a date, as the end of a sentence.
pub fn iso<'t>(text: &'t str, order: Option<Order>, header: &str) -> Result<Cow<'t, str>, Reason> {
    let text = text.trim();
    if is_iso(text) {
        return Ok(Cow::Borrowed(text));
    }
    let read = read(text)?;
    let date = match read.day {
        Day::Instant(instant) => return Ok(Cow::Owned(moment::text(instant))),
        Day::End(_, true) if counts_weeks(header) => {
            return Err(format!("could be a month or a {}: write 2026-W07, 2026-Q1 or a date", header.trim()));
        }
        Day::End(date, _) => return Ok(Cow::Owned(format!("{}T23:59:59.999999", date.format("%F")))),
        Day::Date(date) => date,
        Day::Numbers(numbers) => {
            let order = order.ok_or("is not a date in one order of day and month")?;
            numbers.date(order).ok_or_else(|| format!("is not a day of the calendar in the form {}", order.form(text)))?
        }
    };
    let day = date.format("%F");
    Ok(Cow::Owned(read.time.map_or_else(|| day.to_string(), |time| format!("{day}T{time}"))))
}

fn read(text: &str) -> Result<Read, Reason> {
    if text.is_empty() || text.len() > 60 {
        return Err(FORM.into());
    }
    let (day, time) = day_and_time(text);
    let time = time.map(time_of_day).transpose()?;
    let read = day_of(day)?;
    if time.is_some() && matches!(read, Day::End(..) | Day::Instant(_)) {
        return Err("is a period with a time of day".into());
    }
    Ok(Read { day: read, time })
}
