//! JSON, JSON lines and YAML as a table: one object a row, keys as headers, nested objects by dotted keys. Read twice, an object at
//! a time, so that memory stays flat: first for the keys, then for the rows.

mod cells;

use std::cell::Cell;
use std::collections::HashMap;
use std::fmt;
use std::io::{BufReader, Read};
use std::rc::Rc;

use serde::Deserialize as _;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use self::cells::flattened;
use super::format::Format;
use super::row::{Flow, Kind, Row, Sink};
use super::source::Source;
use super::unique::{Object, Unique, said_twice, twice};
use crate::domain::text::parsed;
use crate::error::{Cause, Error, Place, Result};

/// Keys under which a document keeps its list of items.
const LISTS: [&str; 9] =
    ["items", "metrics", "metric_definitions", "definitions", "results", "data", "catalog_items", "rejects", "objects"];

/// Keys under which an answer of a web service has its list; under the same key an object can have a value.
const LISTS_OR_VALUES: [&str; 4] = ["value", "result", "records", "rows"];

/// The most bytes that an object may have.
const LARGEST_OBJECT: u64 = 2 << 20;

/// The most keys that all objects together may have.
const KEYS: usize = 2_000;

const EXAMPLE: &str = r#"write a list of objects, one for each metric, such as [{"name": "MFA coverage", "target_value": 95}]"#;

/// Reads the objects as rows; the first row has the headers. Exit 65 when it is not JSON, or not a list of objects.
pub fn read(source: &Source, sink: &mut dyn Sink) -> Result<()> {
    let mut headers: Vec<String> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut objects = 0_u64;
    each(source, &mut |object| {
        objects += 1;
        for (key, _) in flattened(object) {
            if !places.contains_key(&key) {
                if headers.len() >= KEYS {
                    return Err(Error::data(format!("the objects have more than {KEYS} different keys")));
                }
                places.insert(key.clone(), headers.len());
                headers.push(key);
            }
        }
        Ok(Flow::Go)
    })?;
    if objects == 0 {
        let (message, hint) = match source.format {
            Format::Yaml => {
                ("the YAML has no metrics", "write a list of metrics, each with its keys, such as `name:` and `target_value:`")
            }
            _ => ("the JSON has no objects", EXAMPLE),
        };
        return Err(Error::data(message).because(Cause::NoObjects).at(source.place()).hint(hint));
    }
    let mut row = Row::default();
    row.clear(1);
    for header in &headers {
        row.push(Kind::Text, header);
    }
    if sink.row(&row)? == Flow::Stop {
        return Ok(());
    }
    let mut number = 1;
    each(source, &mut |object| {
        number += 1;
        row.clear(number);
        let mut cells: Vec<(Kind, String)> = vec![(Kind::Empty, String::new()); headers.len()];
        for (key, cell) in flattened(object) {
            if let Some(place) = places.get(&key) {
                cells[*place] = cell;
            }
        }
        for (kind, text) in &cells {
            row.push(*kind, text);
        }
        sink.row(&row)
    })
}

type Each<'a> = &'a mut dyn FnMut(Map<String, Value>) -> Result<Flow>;

/// The largest YAML that is read, because it is read whole.
const LARGEST_YAML: u64 = 32 << 20;

fn each_of_yaml(source: &Source, take: Each<'_>) -> Result<()> {
    let wrong = |error: &dyn fmt::Display| {
        Error::data(format!("this YAML is not a list of metrics: {}", parsed(&error.to_string())))
            .at(source.place())
            .hint("write a list of metrics, or a library with `objects: metric_definitions:`")
    };
    if source.size > LARGEST_YAML {
        return Err(Error::data(format!("the YAML has more than {} MB", LARGEST_YAML >> 20))
            .at(source.place())
            .hint("import it as JSON lines"));
    }
    let mut text = String::new();
    source.reader()?.read_to_string(&mut text).map_err(|error| wrong(&error))?;
    let value: Value = serde_saphyr::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        let told = error.to_string();
        // The parser's own words for it name its settings.
        if told.contains("budget breached") {
            return Error::data("the YAML has too many values or too much nesting")
                .at(source.place())
                .hint("import it as JSON lines");
        }
        wrong(&told)
    })?;
    let (mut failed, mut stopped) = (None, false);
    let outcome = Document { take, failed: &mut failed, stopped: &mut stopped }.deserialize(value);
    match (failed, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) if !stopped => Err(wrong(&error)),
        _ => Ok(()),
    }
}

fn each(source: &Source, take: Each<'_>) -> Result<()> {
    if source.format == Format::Yaml {
        return each_of_yaml(source, take);
    }
    let mut reader = BufReader::with_capacity(1 << 16, source.reader()?);
    if source.head.starts_with(&[0xef, 0xbb, 0xbf]) {
        reader.read_exact(&mut [0; 3]).map_err(|error| Error::data(error.to_string()))?;
    }
    let mut failed = None;
    // How far the current object reaches; it is held in memory, where it takes many times its size.
    let used = Rc::new(Cell::new(0));
    let mut stream = serde_json::Deserializer::from_reader(Metered { input: reader, used: Rc::clone(&used) });
    let mut fresh = |object| {
        used.set(0);
        take(object)
    };
    while stream.end().is_err() {
        let mut stopped = false;
        let seed = Document { take: &mut fresh, failed: &mut failed, stopped: &mut stopped };
        let outcome = seed.deserialize(&mut stream);
        if let Some(error) = failed {
            return Err(error);
        }
        if stopped {
            return Ok(());
        }
        if let Err(error) = outcome {
            let place = Place { row: u64::try_from(error.line()).ok(), ..source.place() };
            // A text that nothing ends goes on to the line break behind it, which no text may have.
            let ends_in_text = || error.to_string().starts_with("control character") && source.is_blank_from(error.line());
            if error.is_eof() || ends_in_text() {
                return Err(Error::data("the JSON ends too early: the file is cut off")
                    .at(place)
                    .hint("export or copy it again"));
            }
            if let Some(twice) = said_twice(&error) {
                return Err(Error::data(twice).at(place).hint("remove one of the two"));
            }
            let hint = if error.is_data() {
                EXAMPLE
            } else {
                "write a list of objects, one object per line, or an object with a list of objects"
            };
            // The place says the row.
            let (said, end) = (error.to_string(), if error.is_data() { " at line " } else { "\0" });
            let why = parsed(said.split(end).next().unwrap_or_default());
            let error = Error::data(format!("this JSON is not a list of objects: {why}")).because(Cause::NoObjects);
            return Err(error.at(place).hint(hint));
        }
    }
    Ok(())
}

/// Input that ends with an error when an object is larger than any row.
struct Metered<R> {
    input: R,
    used: Rc<Cell<u64>>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.used.get() > LARGEST_OBJECT {
            return Err(std::io::Error::other(format!("an object has more than {} MB", LARGEST_OBJECT >> 20)));
        }
        let read = self.input.read(buffer)?;
        self.used.set(self.used.get() + read as u64);
        Ok(read)
    }
}

/// One value at the top: an object that is a metric, an object that has a list, or a list.
struct Document<'a, 'b> {
    take: &'a mut dyn FnMut(Map<String, Value>) -> Result<Flow>,
    failed: &'b mut Option<Error>,
    stopped: &'b mut bool,
}

impl Document<'_, '_> {
    fn one<E: serde::de::Error>(&mut self, object: Map<String, Value>) -> Result<(), E> {
        match (self.take)(object) {
            Ok(Flow::Go) => Ok(()),
            Ok(Flow::Stop) => {
                *self.stopped = true;
                Err(E::custom("enough"))
            }
            Err(error) => {
                *self.failed = Some(error);
                Err(E::custom("refused"))
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Document<'_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Document<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<(), A::Error> {
        while let Some(Object(object)) = list.next_element()? {
            self.one(object)?;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut own = Map::new();
        let mut had_list = false;
        while let Some(key) = map.next_key::<String>()? {
            if LISTS.contains(&key.as_str()) {
                // The list is handed on as it is read; anything else under such a key is a value like others.
                had_list = true;
                let inner = Inner { document: &mut self };
                map.next_value_seed(inner)?;
            } else if LISTS_OR_VALUES.contains(&key.as_str()) {
                match map.next_value_seed(ListOrValue { document: &mut self })? {
                    Some(value) => add_once(&mut own, key, value)?,
                    None => had_list = true,
                }
            } else if had_list || own.len() > KEYS {
                map.next_value::<IgnoredAny>()?;
            } else {
                let Unique(value) = map.next_value()?;
                add_once(&mut own, key, value)?;
            }
        }
        if had_list {
            return Ok(());
        }
        if own.is_empty() {
            return Err(A::Error::custom("an empty object"));
        }
        self.one(own)
    }
}

fn add_once<E: serde::de::Error>(object: &mut Map<String, Value>, key: String, value: Value) -> Result<(), E> {
    if object.contains_key(&key) {
        return Err(twice(&key));
    }
    object.insert(key, value);
    Ok(())
}

/// Hands the objects of a list on, and keeps anything else.
struct ListOrValue<'a, 'b, 'c> {
    document: &'a mut Document<'b, 'c>,
}

impl<'de> DeserializeSeed<'de> for ListOrValue<'_, '_, '_> {
    type Value = Option<Value>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Value>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ListOrValue<'_, '_, '_> {
    type Value = Option<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, or a value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Option<Value>, A::Error> {
        let mut values = Vec::new();
        let mut had_object = false;
        while let Some(Unique(value)) = list.next_element()? {
            match value {
                Value::Object(object) => {
                    had_object = true;
                    self.document.one(object)?;
                }
                other if values.len() < KEYS => values.push(other),
                _ => {}
            }
        }
        Ok(if had_object { None } else { Some(Value::Array(values)) })
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<Value>, A::Error> {
        Object::deserialize(MapAccessDeserializer::new(map)).map(|Object(object)| Some(Value::Object(object)))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Option<Value>, E> {
        Ok(Some(value.into()))
    }

    fn visit_unit<E>(self) -> Result<Option<Value>, E> {
        Ok(Some(Value::Null))
    }
}

struct Inner<'a, 'b, 'c> {
    document: &'a mut Document<'b, 'c>,
}

impl<'de> DeserializeSeed<'de> for Inner<'_, '_, '_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Inner<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(Object(object)) = list.next_element()? {
            self.document.one(object)?;
        }
        Ok(())
    }

    /// `{"data": {"items": [...]}}`
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            if LISTS.contains(&key.as_str()) {
                map.next_value_seed(Inner { document: &mut *self.document })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::source::Most;

    #[test]
    fn an_object_with_too_many_keys_is_refused_and_never_cut() {
        let read = |keys: usize| {
            let object: Map<String, Value> = (0..keys).map(|n| (format!("key {n}"), n.into())).collect();
            let mut file = tempfile::tempfile().unwrap();
            serde_json::to_writer(&mut file, &object).unwrap();
            let mut cells = 0;
            let mut sink = |row: &Row| -> Result<Flow> {
                cells += row.len();
                Ok(Flow::Go)
            };
            super::read(&Source::of_file("a.json", file, Most::Any(1 << 20)).unwrap(), &mut sink).map(|()| cells)
        };
        assert_eq!(read(KEYS).unwrap(), 2 * KEYS);
        for keys in [KEYS + 1, KEYS + 2] {
            assert!(read(keys).unwrap_err().message().contains("more than 2000 different keys"), "{keys}");
        }
    }
}
