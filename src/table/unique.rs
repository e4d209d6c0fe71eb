//! JSON whose objects have each key once. A reader that takes one of two values under a key drops the other without a word.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Reads a document.
/// Fails when it is not JSON, or an object has a key twice.
pub fn read(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).map(|Unique(value)| value)
}

/// A value in which no object has a key twice.
pub(super) struct Unique(pub Value);

/// An object in which no object has a key twice.
pub(super) struct Object(pub Map<String, Value>);

/// What is wrong with an object that has a key twice.
pub(super) fn twice<E: Error>(key: &str) -> E {
    E::custom(format_args!("{TWICE}{key}` twice"))
}

/// How such an error begins.
const TWICE: &str = "the object has the key `";

/// What is wrong with a text in which an object has a key twice, without the place.
pub(super) fn said_twice(error: &serde_json::Error) -> Option<String> {
    let told = error.to_string();
    let end = told.rfind("` twice")? + "` twice".len();
    told.starts_with(TWICE).then(|| told[..end].to_owned())
}

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any).map(Unique)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Any).map(|value| Object(if let Value::Object(map) = value { map } else { Map::new() }))
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut own = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            let Unique(value) = map.next_value()?;
            if own.contains_key(&key) {
                return Err(twice(&key));
            }
            own.insert(key, value);
        }
        Ok(Value::Object(own))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Unique(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_twice_is_refused_at_any_depth() {
        let text = r#"{"a": [1, -1, 1.5, "x\n", null, true, {"b": {}}], "c": {"a": 1}}"#;
        let read: Unique = serde_json::from_str(text).unwrap();
        assert_eq!(read.0, serde_json::from_str::<Value>(text).unwrap());
        for text in [r#"{"a": 1, "a": 1}"#, r#"[{"x": [{"a": 1, "b": 2, "a": null}]}]"#] {
            let error = serde_json::from_str::<Unique>(text).map(|read| read.0).unwrap_err().to_string();
            assert!(error.contains("the key `a` twice"), "{error}");
        }
        assert!(serde_json::from_str::<Object>("[1]").is_err());
    }
}
