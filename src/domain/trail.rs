//! The links of the audit trail: what their hash is made of, and their ids.

use chrono::NaiveDateTime;
use serde_json::Value;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::text::hex;

/// JSON in the spelling in which Postgres shows a `jsonb`: members by the length of their names and then by their bytes, and
/// a blank after each colon and comma. A link's hash is over its row in this spelling, so that the server can make it again.
///
/// NUL characters, which a `jsonb` cannot hold, are left out. Written to a `jsonb`, the text comes back as it is.
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    write(&mut text, value);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Null => text.push_str("null"),
        Value::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
        // A fraction is written as `numeric` is: without an exponent, and zero without a sign.
        Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
            Some(0.0) => text.push('0'),
            Some(number) => text.push_str(&number.to_string()),
            None => text.push_str(&number.to_string()),
        },
        Value::String(string) => write_string(text, string),
        Value::Array(values) => {
            text.push('[');
            for (position, value) in values.iter().enumerate() {
                if position > 0 {
                    text.push_str(", ");
                }
                write(text, value);
            }
            text.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<(String, &Value)> =
                members.iter().map(|(name, value)| (name.replace('\0', ""), value)).collect();
            members.sort_by(|(a, _), (b, _)| (a.len(), a).cmp(&(b.len(), b)));
            text.push('{');
            for (position, (name, value)) in members.iter().enumerate() {
                if position > 0 {
                    text.push_str(", ");
                }
                write_string(text, name);
                text.push_str(": ");
                write(text, value);
            }
            text.push('}');
        }
    }
}

fn write_string(text: &mut String, string: &str) {
    text.push('"');
    for c in string.chars() {
        match c {
            '\0' => {}
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\u{1}'..='\u{1f}' => text.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => text.push(c),
        }
    }
    text.push('"');
}

/// SHA-256 in hexadecimal of JSON in its [`canonical`] spelling.
pub fn hash(value: &Value) -> String {
    hex(&Sha256::digest(canonical(value)))
}

/// A time as `jsonb` shows it: without zeros at the end of its fraction.
pub fn shown(time: NaiveDateTime) -> String {
    let text = time.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The id of the link after `head`: a UUIDv7 (RFC 9562) of this time with a fraction of a millisecond in its second part,
/// and above the head's also where the clock was set back. `random` fills its end.
pub fn id(now: NaiveDateTime, head: Option<Uuid>, random: Uuid) -> Uuid {
    let clock = u64::try_from(now.and_utc().timestamp_micros()).unwrap_or_default();
    let clock = u64::try_from(u128::from(clock) * 4096 / 1000).unwrap_or(u64::MAX);
    let above = head.map_or(0, |head| {
        let (start, _) = head.as_u64_pair();
        ((start >> 16 << 12) | (start & 0xfff)) + 1
    });
    let rising = clock.max(above);
    let start = (rising >> 12 << 16) | 0x7000 | (rising & 0xfff);
    let (_, end) = random.as_u64_pair();
    Uuid::from_u64_pair(start, (end & (u64::MAX >> 2)) | 1 << 63)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_has_no_zeros_at_the_end_of_its_fraction() {
        for (time, expected) in [
            ("2026-11-26T10:20:30.123400", "2026-11-26T10:20:30.1234"),
            ("2026-11-26T10:20:00", "2026-11-26T10:20:00"),
            ("2026-11-26T10:20:30.000001", "2026-11-26T10:20:30.000001"),
        ] {
            assert_eq!(shown(at(time)), expected);
        }
    }

    #[test]
    fn ids_rise_along_the_chain_whatever_the_clock_does() {
        let random = Uuid::from_u128(u128::MAX);
        let mut head = None;
        for time in ["2026-11-26T10:20:30.1", "2026-11-26T10:20:30.1", "2020-01-01T00:00:00", "2026-11-26T10:20:30.100001"] {
            let next = id(at(time), head, random);
            assert!(Some(next) > head, "{next} after {head:?}");
            assert_eq!((next.get_version_num(), next.get_variant()), (7, uuid::Variant::RFC4122));
            head = Some(next);
        }
        let first = id(at("2026-11-26T10:20:30.1"), None, random);
        let (seconds, nanos) = first.get_timestamp().unwrap().to_unix();
        assert_eq!((seconds, nanos), (at("2026-11-26T10:20:30").and_utc().timestamp().unsigned_abs(), 100_000_000));
    }
}
