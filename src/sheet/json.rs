//! Arrays of JSON.

use std::io::{self, Write};

use serde_json::Value;

/// An array of JSON that is written value by value, each on lines of its own.
pub(crate) struct JsonRows<W: Write> {
    out: W,
    has_begun: bool,
}

impl<W: Write> JsonRows<W> {
    pub(crate) fn new(out: W) -> Self {
        JsonRows { out, has_begun: false }
    }

    pub(crate) fn row(&mut self, value: &Value) -> io::Result<()> {
        // A line break in JSON is never within a text.
        let text = format!("{value:#}").replace('\n', "\n  ");
        write!(self.out, "{}{text}", if self.has_begun { ",\n  " } else { "[\n  " })?;
        self.has_begun = true;
        Ok(())
    }

    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.out.write_all(if self.has_begun { b"\n]\n" } else { b"[]\n" })?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_json_are_an_array_as_a_person_would_indent_it() {
        for count in 0..3 {
            let values: Vec<Value> = (0..count).map(|number| serde_json::json!({ "n": number, "of": ["a\nb"] })).collect();
            let mut text = Vec::new();
            let mut rows = JsonRows::new(&mut text);
            values.iter().try_for_each(|value| rows.row(value)).unwrap();
            rows.finish().unwrap();
            assert_eq!(String::from_utf8(text).unwrap(), format!("{:#}\n", Value::Array(values)));
        }
    }
}
