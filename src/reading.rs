//! How a file is read: the same options for every command that reads one.

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use encoding_rs::Encoding;

use crate::choices::choices;
use crate::domain::metric::Priority;
use crate::domain::number::Mark;
use crate::error::{Error, Place, Result, shell_word};
use crate::files::{self, Force};
use crate::output::{Columns, Output, columns, words};
use crate::table::date::DateFormat;
use crate::table::decision::{self, Decision, Sure};
use crate::table::format::Format;
use crate::table::limits::MAX_DOCUMENT;
use crate::table::map_file::{self, MapFile};
use crate::table::rows::{List, Listed};
use crate::table::source::{Most, Source};
use crate::table::{Options, Percent, Range};

words!(Sure: name);

/// What was decided about a file, for programs.
pub(crate) const DECISION: Columns<Decision> = columns! { |decision| what, chosen, rivals, why, option, sure = decision.sure };

/// Says what was decided about a file.
pub(crate) fn tell(output: &Output, decisions: &[Decision]) {
    decision::told(decisions).for_each(|line| output.notice(&format!("note: {line}")));
}

/// How a file is read.
#[derive(Debug, clap::Args)]
pub(crate) struct Reading {
    /// The sheet of a workbook
    #[arg(long, help_heading = "Where the table is")]
    sheet: Option<String>,
    /// The row with the headers
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Where the table is")]
    header_row: Option<u64>,
    /// The part of the sheet that has the table, such as A4:N20
    #[arg(long, value_parser = range, help_heading = "Where the table is")]
    range: Option<Range>,
    /// The named table of an XLSX workbook
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sheet", "header_row", "range"], help_heading = "Where the table is")]
    table: Option<String>,
    /// Leave out hidden rows and columns of a workbook
    #[arg(long, help_heading = "Where the table is")]
    visible_only: bool,

    /// Read a field from this column, named by header or letters; an empty column ignores the field
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping, help_heading = "What the columns are")]
    map: Vec<(String, String)>,
    /// Read the columns from this column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    map_file: Option<PathBuf>,
    /// Write the columns that were found, and every other answer, as a column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    pub(crate) save_map: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) force: Force,
    /// What plain numbers mean if the unit is %
    #[arg(long, value_enum, default_value_t, help_heading = "What the columns are")]
    percent: Percent,
    /// The decimal mark of all number columns
    #[arg(long, value_enum, help_heading = "What the columns are")]
    decimal: Option<Mark>,
    /// How dates are written in text, such as DD.MM.YYYY or MM/DD/YYYY HH:MI
    #[arg(long, value_name = "FORMAT", help_heading = "What the columns are")]
    date_format: Option<DateFormat>,

    /// The encoding of text, such as utf-8 or windows-1252; without it cmf finds it
    #[arg(long, value_parser = encoding, help_heading = "How the bytes are read")]
    encoding: Option<&'static Encoding>,
    /// The character between the cells of text, or `tab`; without it cmf finds it
    #[arg(long, value_name = "MARK", value_parser = delimiter, help_heading = "How the bytes are read")]
    delimiter: Option<u8>,
    /// The character around cells of text that contain the delimiter, or `none`; without it a double quote
    #[arg(long, value_name = "MARK", value_parser = quote, help_heading = "How the bytes are read")]
    quote: Option<Quote>,
    /// The largest file that is read, in MB; 200 without it, and 64 for a document that is read as a whole
    #[arg(long, value_name = "MB", help_heading = "How the bytes are read")]
    max_size: Option<u64>,
}

/// How the metrics of a sheet are read.
#[derive(Debug, clap::Args)]
pub(crate) struct Metrics {
    /// What the levels of the priority column mean, from the first one, such as High,High,Medium,Low
    #[arg(long, value_name = "PRIORITY", value_delimiter = ',', help_heading = "What the columns are")]
    priorities: Option<Vec<Priority>>,
    /// Use the beginning of a name that is too long, and keep the whole as the description
    #[arg(long, value_enum, value_name = "FIELD", help_heading = "What the columns are")]
    long_names: Option<LongNames>,
    /// Rows to read as metrics in any case, such as 7,12-15
    #[arg(long, value_name = "ROWS", value_delimiter = ',', value_parser = rows, help_heading = "Where the table is")]
    keep_rows: Vec<(u64, u64)>,
}

/// Where the whole of a name goes that is too long.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum LongNames {
    /// Into the description
    Description,
}

impl Metrics {
    /// Adds what they say to options.
    pub(crate) fn apply(&self, options: &mut Options) {
        options.priorities.clone_from(&self.priorities);
        options.long_names |= self.long_names.is_some();
        options.keep.clone_from(&self.keep_rows);
    }

    /// The first option that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--priorities", self.priorities.is_some()),
            ("--long-names", self.long_names.is_some()),
            ("--keep-rows", !self.keep_rows.is_empty()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }
}

fn rows(text: &str) -> Result<(u64, u64), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let numbers = first.trim().parse().ok().zip(last.trim().parse().ok()).filter(|(first, last)| *first > 0 && first <= last);
    numbers.ok_or_else(|| "write row numbers and ranges, such as 7,12-15".to_owned())
}

choices! { Percent:
    Percent::Auto = "auto", "Times 100 when every one of a table is at most 1; of readings, as written";
    Percent::Scale = "scale", "Times 100";
    Percent::AsIs = "as-is", "As written";
}
choices! { Mark: Mark::Point = "point", "1,234.5"; Mark::Comma = "comma", "1.234,5" }

/// What stands around cells.
#[derive(Debug, Clone, Copy)]
struct Quote(Option<u8>);

fn mapping(text: &str) -> Result<(String, String), String> {
    let (field, column) = text.split_once('=').ok_or("write it as FIELD=COLUMN")?;
    Ok((field.to_owned(), column.trim().to_owned()))
}

fn range(text: &str) -> Result<Range, String> {
    Range::parse(text).map_err(str::to_owned)
}

fn encoding(text: &str) -> Result<&'static Encoding, String> {
    Encoding::for_label(text.as_bytes()).ok_or_else(|| "it is not the name of an encoding, such as utf-8".to_owned())
}

fn mark(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [mark] if mark.is_ascii_punctuation() || matches!(mark, b' ' | b'\t') => Ok(*mark),
        _ => Err("write one character that is not a letter or a digit".to_owned()),
    }
}

fn delimiter(text: &str) -> Result<u8, String> {
    if matches!(text, "tab" | "\\t") { Ok(b'\t') } else { mark(text) }
}

fn quote(text: &str) -> Result<Quote, String> {
    if text == "none" { Ok(Quote(None)) } else { mark(text).map(|mark| Quote(Some(mark))) }
}

/// An error whose hints tell to give this file to another command.
fn naming(error: Error, file: &Path) -> Error {
    error.reworded(|text| text.replace("import FILE`", &format!("import {}`", shell_word(file.display()))))
}

impl Reading {
    /// The most bytes that a file may have; `usual` megabytes where nothing is said.
    pub(crate) fn most(&self, usual: u64) -> u64 {
        self.max_size.unwrap_or(usual).saturating_mul(1_000_000)
    }

    /// The first option that is given, but for the size.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let given = [
            ("--sheet", self.sheet.is_some()),
            ("--header-row", self.header_row.is_some()),
            ("--range", self.range.is_some()),
            ("--table", self.table.is_some()),
            ("--visible-only", self.visible_only),
            ("--map", !self.map.is_empty()),
            ("--map-file", self.map_file.is_some()),
            ("--save-map", self.save_map.is_some()),
            ("--percent", self.percent != Percent::Auto),
            ("--decimal", self.decimal.is_some()),
            ("--date-format", self.date_format.is_some()),
            ("--encoding", self.encoding.is_some()),
            ("--delimiter", self.delimiter.is_some()),
            ("--quote", self.quote.is_some()),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(option, _)| option)
    }

    /// Refuses every option where no table is read. Exit 2 with the first that is given.
    pub(crate) fn refused(&self, what: &str) -> Result<()> {
        let size = self.max_size.filter(|_| what.is_empty()).map(|_| "--max-size");
        match self.given().or(size) {
            Some(option) if what.is_empty() => Err(Error::usage(format!("{option} needs a file")).hint("add --file FILE")),
            Some(option) => {
                Err(Error::usage(format!("{option} is for tables, but this is {what}")).hint(format!("leave out {option}")))
            }
            None => Ok(()),
        }
    }

    /// Refuses what is for numbers where a table has none. Exit 2 with the option.
    pub(crate) fn without_numbers(&self, what: &str) -> Result<()> {
        match (self.decimal, self.percent) {
            (Some(_), _) => Err(Error::usage(format!("--decimal is for numbers, but {what} has none"))),
            (None, Percent::Auto) => Ok(()),
            (None, _) => Err(Error::usage(format!("--percent is for numbers, but {what} has none"))),
        }
    }

    /// What they say about a table with these fields. Exit 2 for a field that is not known, and when the column map cannot be
    /// read.
    pub(crate) fn options(&self, fields: &[&str]) -> Result<Options> {
        let (unread, given): (Vec<_>, Vec<_>) = self.map.iter().partition(|(field, _)| field.is_empty());
        let given = given.into_iter().map(|(field, column)| Ok((map_file::named(field, fields)?, column.clone())));
        let mut options = Options {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            range: self.range,
            table: self.table.clone(),
            visible_only: self.visible_only,
            encoding: self.encoding,
            delimiter: self.delimiter,
            quote: self.quote.map(|quote| quote.0),
            date_format: self.date_format.clone(),
            unread: unread.into_iter().map(|(_, column)| column.clone()).collect(),
            given: given.collect::<Result<_>>()?,
            percent: self.percent,
            mark: self.decimal,
            ..Options::default()
        };
        if let Some(path) = &self.map_file {
            let text = files::read_text(path).map_err(|error| error.hint("or let cmf write a column map: --save-map FILE"))?;
            MapFile::parse(&text)
                .and_then(|map| map.apply(&mut options, fields))
                .map_err(|error| error.at(Place::of(path.display())))
                .map_err(
                    |error| if error.hints().is_empty() { error.hint("correct this line of the column map") } else { error },
                )?;
        }
        Ok(options)
    }

    /// A file of codes as a document, by what reads documents of a kind from a file of this name.
    pub(crate) fn document<D>(&self, file: &Path, read: fn(&[u8], &str) -> Result<Option<D>>) -> Result<Option<D>> {
        let bytes = files::read(file, self.max_size.unwrap_or(MAX_DOCUMENT))?;
        read(&bytes, &file.display().to_string()).map_err(|error| naming(error, file))
    }

    /// The table in a file, which has these fields in this format. Its column map is saved where that is asked for.
    pub(crate) fn table(&self, file: &Path, list: impl FnOnce(Format) -> List) -> Result<Listed> {
        let source = Source::open(&file.display().to_string(), Most::Any(self.most(MAX_DOCUMENT)))?;
        let list = list(source.format);
        let options = self.options(&list.names())?;
        let table = Listed::open(source, &options, list).map_err(|error| naming(error, file))?;
        self.save(|| table.map(&options))?;
        Ok(table)
    }

    /// Writes the columns that were found, where that is asked for.
    pub(crate) fn save(&self, map: impl FnOnce() -> MapFile) -> Result<()> {
        match &self.save_map {
            Some(path) => files::write(path, map().to_toml()?.as_bytes(), self.force.into()),
            None => Ok(()),
        }
    }
}
