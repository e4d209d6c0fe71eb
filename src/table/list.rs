//! The fields that a command reads, and their columns in a table.

use std::borrow::Cow;

use super::Options;
use super::columns::{self, headers, letters};
use super::decision::Decision;
use super::row::Row;
use crate::domain::item::normalised;
use crate::error::{Error, Place, Result, shell_word};

/// A field that a table may have a column for.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// Its name on the command line.
    pub name: &'static str,
    /// What its column is called, the usual word first, in the form of [`normalised`].
    pub words: &'static [&'static str],
    /// Whether a table without it is none.
    pub required: bool,
    /// Whether two columns for it are a question.
    pub alone: bool,
}

impl Known {
    /// One that a table may lack, and that has one column.
    pub const fn of(name: &'static str, words: &'static [&'static str]) -> Self {
        Known { name, words, required: false, alone: true }
    }

    /// One without which a table is none.
    pub const fn required(name: &'static str, words: &'static [&'static str]) -> Self {
        Known { required: true, ..Known::of(name, words) }
    }
}

/// The fields that a command reads.
#[derive(Debug, Clone, Copy)]
pub struct List {
    pub fields: &'static [Known],
    /// Fields, each with those that stand for it together where a table has all of them.
    pub instead: &'static [(&'static str, &'static [&'static str])],
    /// What to say of a table that lacks fields: their names, and the headers it has.
    pub lacking: fn(&[&str], &[String]) -> Error,
    /// Whether JSON is read line by line, an object each.
    pub lines: bool,
    /// How lines of JSON start that hold no row.
    pub frame: Option<&'static str>,
    /// Whether line ends in the cells of workbooks are blanks.
    pub one_line: bool,
    /// What a line of JSON may not leave unsaid.
    pub stray: Option<Stray>,
    /// A list of objects as JSON has it, for whoever writes something else.
    pub example: Option<&'static str>,
}

/// A field that a line of JSON lacks while another of its keys could be it.
#[derive(Debug, Clone, Copy)]
pub struct Stray {
    pub field: &'static str,
    /// Whether a key with this text could be it.
    pub could_be: fn(&str, &str) -> bool,
    /// What to say of such a line.
    pub reason: &'static str,
}

impl List {
    /// One without fields yet, and what is said of a table that lacks some.
    pub const fn refusing(lacking: fn(&[&str], &[String]) -> Error) -> Self {
        List { fields: &[], instead: &[], lacking, lines: false, frame: None, one_line: false, stray: None, example: None }
    }

    pub fn names(&self) -> Vec<&'static str> {
        self.fields.iter().map(|field| field.name).collect()
    }

    /// The column of each field, by what the user says or by its header.
    pub(super) fn columns(&self, row: &Row, options: &Options) -> Vec<Option<usize>> {
        let titles = headers(row);
        let folded: Vec<String> = titles.iter().map(|title| normalised(title)).collect();
        let of = |field: &Known| match options.given.iter().find(|(name, _)| name == field.name) {
            Some((_, column)) if column.is_empty() => None,
            Some((_, column)) => columns::named(&titles, column),
            None => field.words.iter().find_map(|word| folded.iter().position(|title| title == word)),
        };
        self.fields.iter().map(of).collect()
    }

    /// Which column each field is read from, and which others have this name. Exit 65 if two columns could be one field,
    /// differ, and one of them would be stored.
    pub(super) fn decisions(
        &self,
        header: &Row,
        columns: &[Option<usize>],
        rows: &[Row],
        options: &Options,
    ) -> Result<Vec<Decision>> {
        let titles = headers(header);
        let shown = |column: usize| format!("{} (column {})", titles[column], letters(column));
        let mut decisions = Vec::new();
        for (field, column) in self.fields.iter().zip(columns) {
            let Some(column) = *column else { continue };
            let option = format!("--map {}=COLUMN", field.name);
            if options.given.iter().any(|(name, _)| name == field.name) {
                decisions.push(Decision::asked(field.name, shown(column)).option(option));
                continue;
            }
            let is_rival = |other: &usize| {
                let filled = |row: &&Row| !row.cell(*other).is_blank() && row.cell(*other).text != row.cell(column).text;
                *other != column
                    && !columns.contains(&Some(*other))
                    && field.words.contains(&normalised(&titles[*other]).as_str())
                    && rows.iter().any(|row| filled(&row))
            };
            let rivals: Vec<usize> = (0..titles.len()).filter(is_rival).collect();
            if field.alone && !rivals.is_empty() {
                let mut error = Error::data(format!("{} columns could be {}", rivals.len() + 1, field.name));
                for column in std::iter::once(&column).chain(&rivals) {
                    error = error.detail(format!("column {}: {}", letters(*column), titles[*column]));
                }
                return Err(error.hint(format!("choose one with --map {}={}", field.name, shell_word(&titles[column]))));
            }
            let decision = if rivals.is_empty() {
                Decision::certain(field.name, shown(column), "its header is known")
            } else {
                Decision::told(field.name, shown(column), "its header fits best")
            };
            decisions.push(decision.over(rivals.into_iter().map(shown)).option(option));
        }
        Ok(decisions)
    }

    /// The names of the required fields that are not there.
    pub(super) fn missing(&self, is_there: impl Fn(usize) -> bool) -> Vec<&'static str> {
        let has = |name: &&str| self.fields.iter().position(|field| field.name == *name).is_some_and(&is_there);
        let stand_in = |name: &str| self.instead.iter().any(|(field, parts)| *field == name && parts.iter().all(has));
        let fields = self.fields.iter().enumerate().filter(|(position, field)| field.required && !is_there(*position));
        fields.map(|(_, field)| field.name).filter(|name| !stand_in(name)).collect()
    }

    /// The names of the required fields that have no column.
    pub(super) fn lacks(&self, columns: &[Option<usize>]) -> Vec<&'static str> {
        self.missing(|position| columns[position].is_some())
    }

    /// Refuses columns of the user that are not there.
    pub(super) fn named(&self, titles: &[String], columns: &[Option<usize>], options: &Options) -> Result<()> {
        for (field, _) in self.fields.iter().zip(columns).filter(|(_, column)| column.is_none()) {
            let given = options.given.iter().find(|(name, wanted)| name == field.name && !wanted.is_empty());
            if let Some((_, wanted)) = given {
                return Err(Error::usage(format!("there is no column `{wanted}` to read {} from", field.name))
                    .hint(format!("the columns are: {}", titles.join(", "))));
            }
        }
        Ok(())
    }

    /// Refuses headers that are there twice, and columns of the user that are not there.
    pub(super) fn checked(&self, header: &Row, columns: Vec<Option<usize>>, options: &Options) -> Result<Vec<Option<usize>>> {
        let titles = headers(header);
        self.named(&titles, &columns, options)?;
        for (field, column) in self.fields.iter().zip(&columns) {
            let given = options.given.iter().find(|(name, _)| name == field.name);
            if let (None, Some(column)) = (given, column) {
                let title = normalised(&titles[*column]);
                if titles.iter().filter(|other| normalised(other) == title).count() > 1 {
                    let title = titles[*column].clone();
                    return Err(Error::data(format!("two columns have the header `{title}`"))
                        .at(Place { column: Some(title), ..Place::default() })
                        .hint(format!("keep one of them, or choose one with --map {}=COLUMN", field.name)));
                }
            }
        }
        Ok(columns)
    }
}

/// What comes next in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Row,
    /// A line that holds none, and why.
    Broken(Cow<'static, str>),
    /// The table is over.
    End,
}
