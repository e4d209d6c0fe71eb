//! A column map in a file: what was decided once about a kind of sheet, for the next time. One map serves text and workbooks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Options, Percent, Table};
use crate::domain::item::{Field, normalised};
use crate::domain::number::Mark;
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
}

/// What is said by the names of a catalog's fields, by the fields.
///
/// # Errors
/// Exit 2 for a field that is not known.
pub(super) fn typed<T, C: FromIterator<(Field, T)>>(named: impl IntoIterator<Item = (String, T)>) -> Result<C> {
    let field = |name: &str| Field::named(name).ok_or_else(|| unknown(name, &Field::ALL.map(Field::as_str)));
    named.into_iter().map(|(name, what)| Ok((field(&name)?, what))).collect()
}

fn unknown(name: &str, known: &[&str]) -> Error {
    Error::usage(format!("`{name}` is not a field")).hint(format!("the fields are {}", known.join(", ")))
}

/// The field of this name among those that are known.
///
/// # Errors
/// Exit 2 when there is none.
pub fn named(name: &str, known: &[&str]) -> Result<String> {
    let wanted = normalised(name);
    let found = known.iter().find(|known| normalised(known) == wanted).map(|known| (*known).to_owned());
    found.ok_or_else(|| unknown(name, known))
}

impl MapFile {
    /// Reads a map from TOML.
    ///
    /// # Errors
    /// Exit 2 when it is not one, with the line.
    pub fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).map_err(|error| Error::usage(format!("this is not a column map: {}", error.to_string().trim())))
    }

    /// The map as TOML.
    ///
    /// # Errors
    /// When it cannot be written as TOML, which no map of a table is.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string(self).map_err(|error| Error::failed(format!("the column map cannot be written: {error}")))
    }

    /// Adds the map to options; what the options say already wins.
    ///
    /// # Errors
    /// Exit 2 for a field or word that is not known.
    pub fn apply(&self, options: &mut Options, known: &[&str]) -> Result<()> {
        options.map_sheet.clone_from(&self.sheet);
        options.header_hint = self.header_row;
        for (name, column) in &self.columns {
            let field = named(name, known)?;
            if !options.given.iter().any(|(known, _)| *known == field) {
                options.given.push((field, column.clone()));
            }
        }
        for (name, values) in &self.values {
            let values = values.iter().map(|(value, meaning)| (normalised(value), meaning.clone())).collect();
            options.values.insert(named(name, known)?, values);
        }
        for (name, value) in &self.defaults {
            options.defaults.insert(named(name, known)?, value.clone());
        }
        if options.percent == Percent::Auto {
            options.percent = match self.percent.as_deref() {
                None | Some("auto") => Percent::Auto,
                Some("scale") => Percent::Scale,
                Some("as-is") => Percent::AsIs,
                Some(other) => return Err(Error::usage(format!("`{other}` is not auto, scale or as-is"))),
            };
        }
        if let (None, Some(series)) = (options.series, &self.series) {
            options.map_series = true;
            options.series = Some(series.parse().map_err(|error: String| Error::usage(error))?);
        }
        if options.mark.is_none() {
            options.mark = match self.decimal.as_deref() {
                None => None,
                Some("point") => Some(Mark::Point),
                Some("comma") => Some(Mark::Comma),
                Some(other) => return Err(Error::usage(format!("`{other}` is not point or comma"))),
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
        MapFile {
            sheet: sheet.map(str::to_owned),
            header_row: Some(header_row),
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
        }
    }

    /// The map of a catalog's table.
    pub fn of_table(table: &Table, options: &Options) -> Self {
        let columns = table.columns.mapped.iter().map(|mapped| (mapped.field.as_str().to_owned(), table.columns.named(mapped)));
        MapFile::of(table.sheet.as_deref(), table.header_row, columns, options)
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
