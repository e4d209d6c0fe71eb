//! A column map in a file: what was decided once about a kind of sheet, for the next time. One map serves text and workbooks.

use std::collections::BTreeMap;

use encoding_rs::Encoding;
use serde::{Deserialize, Serialize};

use super::options::Hints;
use super::{Options, Percent, Range, Table};
use crate::domain::direction::{Rule, Rules};
use crate::domain::item::{Field, normalised};
use crate::domain::number::Mark;
use crate::domain::text::parsed;
use crate::error::{Error, Result};

/// The file's form. Every part is optional.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapFile {
    /// The sheet; of no meaning for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row where the header was found; where another row has the columns, that one counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<u64>,
    /// `auto`, `scale` or `as-is`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percent: Option<String>,
    /// `point` or `comma`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<String>,
    /// The encoding of text, for a file whose bytes do not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What stands between the cells of text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<String>,
    /// What stands around the cells of text; empty where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// How dates are written, such as `DD.MM.YYYY`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// The part of the sheet that has the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<String>,
    /// Whether hidden rows and columns are left out.
    #[serde(default, skip_serializing_if = "is_not")]
    pub visible_only: bool,
    /// `description` where names that are too long are cut, and kept as descriptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub long_names: Option<String>,
    /// Whether withdrawn codes stand for their successors.
    #[serde(default, skip_serializing_if = "is_not")]
    pub accept_successors: bool,
    /// Columns without a header that are not read, by their letters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<String>,
    /// What columns of periods are, as `--series` says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The header of each field's column; an empty one leaves the field out.
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// For a field, what its values stand for.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// What an empty cell of a field means.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, String>,
    /// The directions of metrics that no column has: by number, `K-1..K-9`, name, or `*` for all that nothing tells.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub directions: BTreeMap<String, String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
const fn is_not(said: &bool) -> bool {
    !*said
}

/// A line of the map that says what cannot be.
fn wrong(key: &str, text: &str, what: &str) -> Error {
    Error::usage(format!("`{key} = \"{text}\"` is not {what}"))
}

/// The field of this name in a table of the map. Exit 2 when there is none.
fn under(table: &str, name: &str, known: &[&str]) -> Result<String> {
    named(name, known).map_err(|error| {
        let hint = error.hints().first().cloned().unwrap_or_default();
        error.restated(format!("`{name}` under [{table}] is not a field"), hint)
    })
}

/// The encoding of this name. Exit 2 when there is none.
fn encoding(label: &str) -> Result<&'static Encoding> {
    Encoding::for_label(label.as_bytes()).ok_or_else(|| wrong("encoding", label, "the name of an encoding"))
}

/// What is said by the names of a catalog's fields, by the fields. Exit 2 for a field that is not known.
pub(super) fn typed<T, C: FromIterator<(Field, T)>>(named: impl IntoIterator<Item = (String, T)>) -> Result<C> {
    let field = |name: &str| Field::named(name).ok_or_else(|| unknown(name, &Field::ALL.map(Field::as_str)));
    named.into_iter().map(|(name, what)| Ok((field(&name)?, what))).collect()
}

fn unknown(name: &str, known: &[&str]) -> Error {
    Error::usage(format!("`{name}` is not a field")).hint(format!("the fields are {}", known.join(", ")))
}

/// The field of this name among those that are known. Exit 2 when there is none.
pub fn named(name: &str, known: &[&str]) -> Result<String> {
    let wanted = normalised(name);
    let found = known.iter().find(|known| normalised(known) == wanted).map(|known| (*known).to_owned());
    found.ok_or_else(|| unknown(name, known))
}

impl MapFile {
    /// Reads a map from TOML. Exit 2 when it is not one, with the line.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| {
            let row = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Error::usage(format!("this is not a column map: row {row}: {}", parsed(error.message())))
                .hint("make one with --save-map FILE, and change that one")
        })
    }

    /// The map as TOML. Fails when it cannot be written as TOML, which no map of a table is.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::failed(format!("the column map cannot be written: {error}")))
    }

    /// Adds the map to options; what the options say already wins. Exit 2 for a field or word that is not known.
    pub fn apply(&self, options: &mut Options, known: &[&str]) -> Result<()> {
        let mark = |text: &Option<String>| text.as_ref().map(|text| text.bytes().next());
        options.hints = Hints {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            encoding: self.encoding.as_ref().map(|label| encoding(label)).transpose()?,
            delimiter: mark(&self.delimiter).flatten(),
            quote: mark(&self.quote),
            visible_only: self.visible_only,
        };
        if options.date_format.is_none() {
            let read =
                |text: &String| text.parse().map_err(|why| wrong("date_format", text, &format!("a form of dates: {why}")));
            options.date_format = self.date_format.as_ref().map(read).transpose()?;
        }
        if options.range.is_none() && options.table.is_none() {
            let read = |text: &String| Range::parse(text).map_err(|why| wrong("range", text, &format!("a range: {why}")));
            options.range = self.range.as_ref().map(read).transpose()?;
        }
        options.accept_successors |= self.accept_successors;
        match self.long_names.as_deref() {
            None => {}
            Some("description") => options.long_names = true,
            Some(other) => return Err(wrong("long_names", other, "description")),
        }
        options.unread.extend(self.unread.iter().cloned());
        for (name, column) in &self.columns {
            let field = under("columns", name, known)?;
            if !options.given.iter().any(|(known, _)| *known == field) {
                options.given.push((field, column.clone()));
            }
        }
        for (name, values) in &self.values {
            let values = values.iter().map(|(value, meaning)| (normalised(value), meaning.clone())).collect();
            options.values.insert(under("values", name, known)?, values);
        }
        for (name, value) in &self.defaults {
            options.defaults.insert(under("defaults", name, known)?, value.clone());
        }
        if !self.directions.is_empty() {
            named(Field::Direction.as_str(), known)?;
            let rule = |(metrics, direction): (&String, &String)| {
                Rule::new(metrics, direction).map_err(|reason| Error::usage(format!("`{metrics}` under [directions] {reason}")))
            };
            options.directions = Rules::of_map(self.directions.iter().map(rule).collect::<Result<_>>()?);
        }
        if options.percent == Percent::Auto {
            options.percent = match self.percent.as_deref() {
                None | Some("auto") => Percent::Auto,
                Some("scale") => Percent::Scale,
                Some("as-is") => Percent::AsIs,
                Some(other) => return Err(wrong("percent", other, "auto, scale or as-is")),
            };
        }
        if let (None, Some(series)) = (options.series, &self.series) {
            options.map_series = true;
            options.series =
                Some(series.parse().map_err(|why: String| Error::usage(format!("`series = \"{series}\"`: {why}")))?);
        }
        if options.mark.is_none() {
            options.mark = match self.decimal.as_deref() {
                None => None,
                Some("point") => Some(Mark::Point),
                Some("comma") => Some(Mark::Comma),
                Some(other) => return Err(wrong("decimal", other, "point or comma")),
            };
        }
        Ok(())
    }

    /// The map of a table as it was understood: its place, and the header of each field's column.
    pub fn of(
        sheet: Option<&str>,
        header_row: u64,
        columns: impl IntoIterator<Item = (String, String)>,
        options: &Options,
    ) -> Self {
        let left_out = options.given.iter().filter(|(_, column)| column.is_empty()).cloned();
        let mark = |mark: u8| char::from(mark).to_string();
        let hints = &options.hints;
        MapFile {
            sheet: sheet.map(str::to_owned),
            header_row: Some(header_row),
            encoding: options.encoding.or(hints.encoding).map(|encoding| encoding.name().to_lowercase()),
            delimiter: options.delimiter.or(hints.delimiter).map(mark),
            quote: options.quote.or(hints.quote).map(|quote| quote.map(mark).unwrap_or_default()),
            date_format: options.date_format.as_ref().map(ToString::to_string),
            range: options.range.map(|range| range.to_string()),
            visible_only: options.visible_only || hints.visible_only,
            long_names: options.long_names.then(|| "description".to_owned()),
            accept_successors: options.accept_successors,
            unread: options.unread.clone(),
            percent: match options.percent {
                Percent::Auto => None,
                Percent::Scale => Some("scale".to_owned()),
                Percent::AsIs => Some("as-is".to_owned()),
            },
            series: options.series.map(|series| series.to_string()),
            decimal: options.mark.map(|mark| mark.as_str().to_owned()),
            columns: columns.into_iter().chain(left_out).collect(),
            values: options.values.clone(),
            defaults: options.defaults.clone(),
            directions: MapFile::directions_of(&options.directions),
        }
    }

    /// The rules as they are written.
    pub fn directions_of(rules: &Rules) -> BTreeMap<String, String> {
        rules.iter().map(|rule| (rule.metrics.clone(), rule.direction.as_str().to_owned())).collect()
    }

    /// The map of a catalog's table.
    pub fn of_table(table: &Table, options: &Options) -> Self {
        let columns = table.columns.mapped.iter().map(|mapped| (mapped.field.as_str().to_owned(), table.columns.named(mapped)));
        let mut map = MapFile::of(table.sheet.as_deref(), table.header_row, columns, options);
        // What a scale of priorities was said to stand for is kept word by word: next time some of them may be missing.
        map.values.extend(table.values.iter().map(|(field, values)| (field.as_str().to_owned(), values.clone())));
        map
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_goes_to_toml_and_back() {
        let map = MapFile {
            sheet: Some("Data".to_owned()),
            header_row: Some(4),
            columns: [("name".to_owned(), "KPI".to_owned())].into(),
            values: [("direction".to_owned(), [("rauf".to_owned(), "higher_is_better".to_owned())].into())].into(),
            directions: [("K-1..K-9".to_owned(), "lower_is_better".to_owned())].into(),
            ..MapFile::default()
        };
        assert_eq!(MapFile::parse(&map.to_toml().unwrap()).unwrap(), map);
        assert!(MapFile::parse("colums = {}").is_err());
        let mut options = Options { given: vec![("name".to_owned(), "Title".to_owned())], ..Options::default() };
        map.apply(&mut options, &["name", "direction"]).unwrap();
        assert_eq!(options.given, [("name".to_owned(), "Title".to_owned())]);
        assert!(map.apply(&mut options, &["name"]).is_err());
    }
}
