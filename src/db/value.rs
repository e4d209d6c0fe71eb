//! Numbers and instants as foreign writers may have left them: `NaN`, `infinity`, years beyond the calendar. The driver panics
//! on some of these and refuses others; here each becomes a value that is shown as what it is ([`Number::NaN`], [`INFINITY`]).
//! To be used as `AS "column: Number"`; [`Time`] and [`Json`] as `AS "column!: Time"`, also for columns that may be null.

use chrono::{DateTime, NaiveDateTime};
use rust_decimal::Decimal;
use serde_json::Value;
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgTypeInfo, PgValueFormat, PgValueRef};
use sqlx::{Decode, Postgres, Type, ValueRef};

use crate::domain::metric::{Direction, Priority};
use crate::domain::moment::{INFINITY, MINUS_INFINITY};
use crate::domain::number::Number;

impl Type<Postgres> for Number {
    fn type_info() -> PgTypeInfo {
        <Decimal as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Number {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        let is_finite = match value.format() {
            // Count of digits, weight, sign; the sign of what is no number has both high bits set.
            PgValueFormat::Binary => value.as_bytes()?.get(4).is_none_or(|sign| sign & 0xc0 != 0xc0),
            PgValueFormat::Text => value.as_str()?.bytes().any(|byte| byte.is_ascii_digit()),
        };
        if is_finite { Decimal::decode(value).map(Number::Finite) } else { Ok(Number::NaN) }
    }
}

/// Enumerations, stored by their names.
macro_rules! named {
    ($($name:ty),+) => {$(
        impl Type<Postgres> for $name {
            fn type_info() -> PgTypeInfo {
                <str as Type<Postgres>>::type_info()
            }

            fn compatible(other: &PgTypeInfo) -> bool {
                <str as Type<Postgres>>::compatible(other)
            }
        }

        impl<'r> Decode<'r, Postgres> for $name {
            fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
                Ok(<&str as Decode<Postgres>>::decode(value)?.parse::<$name>()?)
            }
        }
    )+};
}

named!(Direction, Priority);

/// A `TIMESTAMP`, or null.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time(Option<NaiveDateTime>);

/// Postgres counts microseconds from the year 2000.
const EPOCH: i64 = 946_684_800_000_000;

impl Type<Postgres> for Time {
    fn type_info() -> PgTypeInfo {
        <NaiveDateTime as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Time {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.is_null() {
            return Ok(Time(None));
        }
        if value.format() == PgValueFormat::Text {
            let text = value.as_str()?;
            return Ok(Time(Some(match text {
                "infinity" => INFINITY,
                "-infinity" => MINUS_INFINITY,
                _ => NaiveDateTime::decode(value)?,
            })));
        }
        let micros = i64::decode(value)?;
        let beyond = if micros > 0 { INFINITY } else { MINUS_INFINITY };
        let time = micros.checked_add(EPOCH).and_then(DateTime::from_timestamp_micros);
        Ok(Time(Some(time.map_or(beyond, |time| time.naive_utc()))))
    }
}

impl From<Time> for Option<NaiveDateTime> {
    fn from(time: Time) -> Self {
        time.0
    }
}

/// For columns that are never null.
impl From<Time> for NaiveDateTime {
    fn from(time: Time) -> Self {
        time.0.unwrap_or(MINUS_INFINITY)
    }
}

/// A `JSONB`, or null. What the driver cannot read, such as a number beyond all bounds or a thousand brackets in each other,
/// is shown as its text.
#[derive(Debug, Clone)]
pub(super) struct Json(Option<Value>);

impl Type<Postgres> for Json {
    fn type_info() -> PgTypeInfo {
        <Value as Type<Postgres>>::type_info()
    }
}

impl<'r> Decode<'r, Postgres> for Json {
    fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
        if value.is_null() {
            return Ok(Json(None));
        }
        let text = match value.format() {
            // The first byte is the version of the format.
            PgValueFormat::Binary => std::str::from_utf8(value.as_bytes()?.get(1..).unwrap_or_default())?,
            PgValueFormat::Text => value.as_str()?,
        };
        Ok(Json(Some(serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())))))
    }
}

impl From<Json> for Option<Value> {
    fn from(json: Json) -> Self {
        json.0
    }
}
