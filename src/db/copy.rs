//! Rows in bulk: `COPY ... FROM STDIN` in Postgres's binary form, which costs the server less than text does.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use sqlx::postgres::{PgConnection, PgCopyIn};
use uuid::Uuid;

use super::stored;
use crate::error::Result;

/// Rows for a [`Copy`](struct@Copy).
///
/// Each begins with [`Rows::row`]; one call of another method is one column, in the order of the statement.
#[derive(Debug, Default)]
pub struct Rows {
    bytes: Vec<u8>,
    count: u64,
}

impl Rows {
    /// Forgets the rows and keeps their room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.count = 0;
    }

    /// The rows as [`Copy::send_bytes`] takes them, for those that wait in a file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    pub fn row(&mut self, columns: i16) {
        self.bytes.extend_from_slice(&columns.to_be_bytes());
        self.count += 1;
    }

    fn value(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(&i32::try_from(bytes.len()).unwrap_or(i32::MAX).to_be_bytes());
        self.bytes.extend_from_slice(bytes);
    }

    pub fn null(&mut self) {
        self.bytes.extend_from_slice(&(-1_i32).to_be_bytes());
    }

    /// `uuid`.
    pub fn id(&mut self, id: Uuid) {
        self.value(id.as_bytes());
    }

    /// `boolean`.
    pub fn boolean(&mut self, is: bool) {
        self.value(&[u8::from(is)]);
    }

    /// `text` and `varchar`.
    pub fn text(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.value(text.as_bytes()),
            None => self.null(),
        }
    }

    /// `jsonb`, from JSON.
    pub fn json(&mut self, json: &str) {
        const VERSION: u8 = 1;
        self.bytes.extend_from_slice(&i32::try_from(json.len() + 1).unwrap_or(i32::MAX).to_be_bytes());
        self.bytes.push(VERSION);
        self.bytes.extend_from_slice(json.as_bytes());
    }

    /// `timestamp`, UTC.
    pub fn time(&mut self, time: NaiveDateTime) {
        self.value(&postgres_micros(time).to_be_bytes());
    }

    /// `numeric` with four decimals. What has more of them, or does not fit, is not for this.
    pub fn decimal(&mut self, number: Option<Decimal>) {
        let Some(mut number) = number else { return self.null() };
        number.rescale(4);
        match i64::try_from(number.mantissa()) {
            Ok(units) => self.units(units),
            Err(_) => self.text(Some(&number.to_string())),
        }
    }

    /// `numeric` with four decimals, in ten-thousandths: its digits to the base 10000, of which the last is the fraction.
    pub fn units(&mut self, value: i64) {
        let rows = &mut self.bytes;
        let mut digits = [0_u16; 5];
        let mut rest = value.unsigned_abs();
        let mut count = 0_u16;
        while rest > 0 {
            digits[usize::from(count)] = u16::try_from(rest % 10_000).unwrap_or_default();
            rest /= 10_000;
            count += 1;
        }
        rows.extend_from_slice(&(8 + 2 * i32::from(count)).to_be_bytes());
        rows.extend_from_slice(&count.to_be_bytes());
        // The weight of the first digit; the lowest one has -1.
        let weight = if count == 0 { 0 } else { i16::try_from(count).unwrap_or_default() - 2 };
        rows.extend_from_slice(&weight.to_be_bytes());
        rows.extend_from_slice(&(if value < 0 { 0x4000_u16 } else { 0 }).to_be_bytes());
        rows.extend_from_slice(&4_u16.to_be_bytes());
        for digit in digits[..usize::from(count)].iter().rev() {
            rows.extend_from_slice(&digit.to_be_bytes());
        }
    }
}

/// Microseconds since 2000-01-01, as Postgres counts them.
fn postgres_micros(time: NaiveDateTime) -> i64 {
    time.and_utc().timestamp_micros() - 946_684_800_000_000
}

/// Rows on their way into a table. Dropped unfinished, it fails the transaction.
pub struct Copy<'c> {
    stream: PgCopyIn<&'c mut PgConnection>,
    table: &'static str,
    /// How many rows were sent.
    sent: u64,
}

impl<'c> Copy<'c> {
    /// What the binary form starts with: a signature, flags, the length of an extension.
    const START: &'static [u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
    const END: &'static [u8] = &[0xff, 0xff];

    /// Begins to copy into a table and its columns: `metrics (id, name)`.
    pub async fn begin(conn: &'c mut PgConnection, into: &'static str) -> Result<Self> {
        let mut copy = conn.copy_in_raw(&format!("COPY {into} FROM STDIN (FORMAT binary)")).await?;
        copy.send(Self::START).await?;
        let table = into.split_once(' ').map_or(into, |(table, _)| table);
        Ok(Copy { stream: copy, table, sent: 0 })
    }

    /// Sends rows and leaves the buffer empty.
    pub async fn send(&mut self, rows: &mut Rows) -> Result<()> {
        self.send_bytes(rows.as_bytes(), rows.count).await?;
        rows.clear();
        Ok(())
    }

    /// Sends the bytes of rows, which may be cut anywhere, and counts this many.
    pub async fn send_bytes(&mut self, bytes: &[u8], rows: u64) -> Result<()> {
        self.stream.send(bytes).await?;
        self.sent += rows;
        Ok(())
    }

    /// Ends it and returns how many rows were stored. Fails when the server refuses a row, or does not keep all of them.
    pub async fn finish(mut self) -> Result<u64> {
        self.stream.send(Self::END).await?;
        stored::all(self.table, self.sent, self.stream.finish().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_the_sum_of_its_digits() {
        proptest::proptest!(|(units in -999_999_999_999_999_i64..=999_999_999_999_999, few in -30_000_i64..30_000)| {
            for units in [units, few] {
                let mut rows = Rows::default();
                rows.decimal(Some(Decimal::new(units, 4)));
                let parts: Vec<i64> =
                    rows.as_bytes()[4..].chunks_exact(2).map(|pair| i64::from(u16::from_be_bytes([pair[0], pair[1]]))).collect();
                let (count, weight, sign, digits) = (parts[0], parts[1], parts[2], &parts[4..]);
                let magnitude = digits.iter().fold(0, |sum, digit| sum * 10_000 + digit);
                proptest::prop_assert_eq!(rows.as_bytes().len(), 4 + 8 + 2 * digits.len());
                proptest::prop_assert_eq!(count, i64::try_from(digits.len()).unwrap());
                proptest::prop_assert_eq!(if sign == 0x4000 { -magnitude } else { magnitude }, units);
                // One digit is the fraction, so the first one's weight says where the point is.
                proptest::prop_assert!(units == 0 || (weight - (count - 2)) % 65_536 == 0);
            }
        });
    }
}
