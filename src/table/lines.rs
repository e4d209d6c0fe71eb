//! JSON lines, one object a line, each of which stands alone: one that is broken is told and read over.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};

use serde_json::{Map, Value};

use super::Options;
use super::list::{Known, List, Step};
use super::row::{Kind, Row};
use super::source::Source;
use super::unique::{self, Unique};
use crate::domain::item::normalised;
use crate::error::{Error, Place, Result, shell_word};

/// How many bytes a line may have.
pub const LONGEST_LINE: usize = 1 << 20;

/// How many bytes a document may have of which pointers name the values.
const LARGEST_DOCUMENT: u64 = 64 << 20;

pub(super) struct Lines {
    input: BufReader<File>,
    list: List,
    /// The most bytes of what is read at a time: a line, or a whole document.
    most: u64,
    /// Keys and pointers that the user names.
    given: Vec<(String, String)>,
    place: Place,
    /// The line as it is in the file, with its end.
    raw: Vec<u8>,
    pub(super) row: Row,
    line: u64,
    pub(super) position: u64,
}

impl Lines {
    pub(super) fn new(source: &Source, list: List, given: &[(String, String)]) -> Result<Self> {
        let mut input = BufReader::with_capacity(1 << 16, source.reader()?);
        if source.head.starts_with(&[0xef, 0xbb, 0xbf]) {
            input.read_exact(&mut [0; 3]).map_err(|error| Error::data(error.to_string()))?;
        }
        let (raw, row) = (Vec::new(), Row::default());
        let most = if is_whole(source, given) { LARGEST_DOCUMENT } else { LONGEST_LINE as u64 + 1 };
        Ok(Lines { input, list, most, given: given.to_vec(), place: source.place(), raw, row, line: 0, position: 0 })
    }

    /// The current line as it stands in the file.
    pub(super) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.raw).trim_end_matches(['\n', '\r']).to_owned()
    }

    pub(super) fn next(&mut self) -> Result<Step> {
        loop {
            self.raw.clear();
            self.line += 1;
            let mut input = self.input.by_ref().take(self.most);
            let is_line = self.most <= LONGEST_LINE as u64 + 1;
            let read = if is_line { input.read_until(b'\n', &mut self.raw) } else { input.read_to_end(&mut self.raw) };
            let count = read.map_err(|error| {
                Error::data(format!("the file cannot be read: {error}"))
                    .at(Place { row: Some(self.line), ..self.place.clone() })
            })?;
            self.position += count as u64;
            if count == 0 {
                return Ok(Step::End);
            }
            let is_frame = self.list.frame.is_some_and(|frame| self.raw.starts_with(frame.as_bytes()));
            if !is_frame && !self.raw.trim_ascii().is_empty() {
                break;
            }
        }
        self.row.clear(self.line);
        let object = match serde_json::from_slice(&self.raw) {
            Ok(Unique(object @ Value::Object(_))) => object,
            Err(error) if let Some(twice) = unique::said_twice(&error) => return Ok(Step::Broken(twice.into())),
            _ => return Ok(Step::Broken("the line is not a JSON object".into())),
        };
        for field in self.list.fields {
            match value(field, &object, &self.given) {
                None | Some(Value::Null) => self.row.push(Kind::Empty, ""),
                Some(Value::String(text)) => self.row.push(Kind::Text, text),
                Some(Value::Number(number)) => self.row.push(Kind::Number, &number.to_string()),
                Some(Value::Bool(value)) => self.row.push(Kind::Bool, if *value { "true" } else { "false" }),
                Some(value) => {
                    let given = self.given.iter().find(|(name, _)| name == field.name).map(|(_, key)| key.as_str());
                    return Ok(Step::Broken(no_cell(field.name, given, value).into()));
                }
            }
        }
        if let Some(stray) = &self.list.stray
            && !self.given.iter().any(|(name, _)| name == stray.field)
            && let Some(at) = self.list.fields.iter().position(|field| field.name == stray.field)
            && self.row.cell(at).is_blank()
            && let Value::Object(fields) = &object
        {
            let could_be = |(key, value): (&String, &Value)| match value {
                Value::String(text) => (stray.could_be)(key, text),
                Value::Number(number) => (stray.could_be)(key, &number.to_string()),
                _ => false,
            };
            if fields.iter().filter(|(key, _)| !is_read(key, &self.list, &self.given)).any(could_be) {
                return Ok(Step::Broken(stray.reason.into()));
            }
        }
        Ok(Step::Row)
    }
}

/// The value of a field: under the key or the pointer that the user names, else under the usual word, as with the columns of a sheet.
fn value<'v>(field: &Known, object: &'v Value, given: &[(String, String)]) -> Option<&'v Value> {
    let fields = object.as_object()?;
    match given.iter().find(|(name, _)| name == field.name).map(|(_, key)| key.as_str()) {
        Some("") => None,
        Some(pointer) if pointer.starts_with('/') => object.pointer(pointer),
        Some(key) => fields
            .get(key)
            .or_else(|| fields.iter().find(|(own, _)| normalised(own) == normalised(key)).map(|(_, value)| value)),
        None => {
            let named = |word: &&str| fields.iter().find(|(key, _)| normalised(key) == **word);
            field.words.iter().find_map(named).map(|(_, value)| value)
        }
    }
}

/// What to say of a value that has others in it, and how to name one of them.
fn no_cell(field: &str, given: Option<&str>, value: &Value) -> String {
    let named = given.unwrap_or(field);
    let (what, first) = match value {
        Value::Object(fields) => ("an object", fields.keys().next().map(|key| key.replace('~', "~0").replace('/', "~1"))),
        _ => ("a list", value.get(0).map(|_| "0".to_owned())),
    };
    match first {
        None => format!("{named} is {what} without a value"),
        Some(first) => {
            let inside = format!("/{}/{first}", named.trim_start_matches('/'));
            format!("{named} is {what}: name a value in it, such as --map {field}={}", shell_word(inside))
        }
    }
}

/// Whether some field is read from a key.
fn is_read(key: &str, list: &List, given: &[(String, String)]) -> bool {
    let folded = normalised(key);
    given
        .iter()
        .any(|(_, named)| *named == key || named.strip_prefix('/').is_some_and(|path| path.split('/').next() == Some(key)))
        || list.fields.iter().any(|field| field.words.contains(&folded.as_str()))
}

/// Whether JSON is one object from which pointers name the values.
fn is_whole(source: &Source, given: &[(String, String)]) -> bool {
    let head = source.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&source.head).trim_ascii_start();
    head.starts_with(b"{") && !are_lines(source) && given.iter().any(|(_, key)| key.starts_with('/'))
}

/// Whether JSON is read an object at a time as it stands: line by line, or as one object from which pointers name the values.
pub fn are_objects(source: &Source, given: &[(String, String)]) -> bool {
    are_lines(source) || is_whole(source, given)
}

/// Whether JSON is lines of one object each, and not one document: by its first line.
fn are_lines(source: &Source) -> bool {
    let head = source.head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&source.head).trim_ascii_start();
    if !head.starts_with(b"{") {
        return false;
    }
    let is_whole = source.size <= source.head.len() as u64;
    let Some(end) = head.iter().position(|byte| *byte == b'\n').or(is_whole.then_some(head.len())) else { return true };
    let (first, rest) = (head[..end].trim_ascii(), head[end..].trim_ascii());
    match serde_json::from_slice::<Map<String, Value>>(first) {
        // One line may be a document, too, with a list of objects in it.
        Ok(object) => !(is_whole && rest.is_empty() && object.values().any(|value| value.get(0).is_some_and(Value::is_object))),
        Err(_) => first.ends_with(b"}") && first.len() > 1,
    }
}

/// What the first line that holds a row says of all of them.
pub(super) struct First {
    pub(super) keys: Vec<String>,
    /// The required fields that none of them is.
    pub(super) lacking: Vec<&'static str>,
    /// The keys that are not read.
    pub(super) spare: Vec<String>,
}

/// Looks at the first line that holds a row; none where it is broken.
pub(super) fn first(source: &Source, list: List, options: &Options) -> Result<Option<First>> {
    let mut lines = Lines::new(source, list, &options.given)?;
    lines.next()?;
    let Ok(object @ Value::Object(_)) = serde_json::from_slice::<Value>(&lines.raw) else { return Ok(None) };
    let keys: Vec<String> = object.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect();
    let lacking = list.missing(|position| value(&list.fields[position], &object, &options.given).is_some());
    let spare = keys.iter().filter(|key| !is_read(key, &list, &options.given)).cloned().collect();
    Ok(Some(First { keys, lacking, spare }))
}
