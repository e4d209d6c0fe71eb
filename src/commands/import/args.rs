//! The arguments of `cmf import`, and what they say about a file.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use clap::ValueEnum;

use super::renumber::Renumber;
use super::store::Mode;
use crate::commands::percent::PercentArg;
use crate::domain::item::Field;
use crate::domain::number::Mark;
use crate::domain::reading;
use crate::error::{Error, Place, Result};
use crate::files::{self, Force};
use crate::import::limits::MAX_SIZE;
use crate::import::map_file::MapFile;
use crate::import::source::Source;
use crate::import::table::{Options, Range};
use crate::output::time_text;

/// Arguments of `cmf import`.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("written").args(["rejects", "save_map"]).multiple(true)),
    mut_arg("force", |arg| arg.requires("written"))
)]
pub struct Args {
    /// The spreadsheets; `-` reads standard input. What a file is, is told by its content
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// The catalog's name; without it the file's name
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Who owns the catalog
    #[arg(long, value_name = "USER")]
    pub(super) owner: Option<String>,
    /// The framework of the codes in the sheet; without it the one that knows them
    #[arg(long, value_name = "FRAMEWORK")]
    pub(super) framework: Option<String>,

    /// The sheet of a workbook
    #[arg(long, help_heading = "Where the table is")]
    pub(super) sheet: Option<String>,
    /// The row that the headers stand in
    #[arg(long, value_name = "ROW", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Where the table is")]
    pub(super) header_row: Option<u64>,
    /// The part of the sheet that has the table, such as A4:N20
    #[arg(long, value_parser = range, help_heading = "Where the table is")]
    pub(super) range: Option<Range>,
    /// The named table of an XLSX workbook
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sheet", "header_row", "range"], help_heading = "Where the table is")]
    pub(super) table: Option<String>,
    /// Take what looks like a time series for a catalog
    #[arg(long, help_heading = "Where the table is")]
    pub(super) as_catalog: bool,

    /// Read a field from this column, named by header or letters; an empty column leaves the field out
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = mapping, help_heading = "What the columns are")]
    pub(super) map: Vec<(Field, String)>,
    /// Read the columns from this column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    pub(super) map_file: Option<PathBuf>,
    /// Write the columns that were found as a column map
    #[arg(long, value_name = "FILE", help_heading = "What the columns are")]
    pub(super) save_map: Option<PathBuf>,
    /// What plain numbers mean where the unit is %
    #[arg(long, value_enum, default_value_t, help_heading = "What the columns are")]
    percent: PercentArg,
    /// The decimal mark of all number columns
    #[arg(long, value_enum, help_heading = "What the columns are")]
    decimal: Option<MarkArg>,

    /// What to do with metrics that the catalog has, and with those it has not
    #[arg(long, value_enum, default_value_t, help_heading = "Importing again")]
    pub(super) mode: Mode,
    /// The catalog to import into; without it the one of the owner with the same name
    #[arg(long, conflicts_with = "name", help_heading = "Importing again")]
    pub(super) catalog: Option<String>,
    /// What a row is that has the name of a metric of the catalog, and another number; without it cmf asks
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Importing again")]
    pub(super) renumber: Option<Renumber>,
    /// When the sheet's values were measured, in UTC; without it now
    #[arg(long, value_name = "DATE", value_parser = instant, help_heading = "Importing again")]
    pub(super) at: Option<NaiveDateTime>,
    /// Remove the catalog's metrics that the sheet does not have; their readings stay
    #[arg(long, help_heading = "Importing again")]
    pub(super) prune: bool,
    /// Remove the readings of removed metrics, too
    #[arg(long, requires = "prune", help_heading = "Importing again")]
    pub(super) prune_history: bool,
    /// Import although this file was imported before
    #[arg(long, help_heading = "Importing again")]
    pub(super) again: bool,

    /// Map withdrawn codes to their successors, unconfirmed, instead of keeping their rows out
    #[arg(long, help_heading = "Rows with problems")]
    pub(super) accept_successors: bool,
    /// Write the rows that are kept out to this file (.csv, .json or .xlsx), to mend them and import it
    #[arg(long, value_name = "FILE", help_heading = "Rows with problems")]
    pub(super) rejects: Option<PathBuf>,
    #[command(flatten)]
    pub(super) force: Force,
    /// Import the rows without problems although others have some; exit 3 then
    #[arg(long, help_heading = "Rows with problems")]
    pub(super) allow_partial: bool,
    /// Import nothing when more rows than this have problems
    #[arg(long, value_name = "N", requires = "allow_partial", help_heading = "Rows with problems")]
    pub(super) max_errors: Option<u64>,

    /// The largest file that is read, in MB
    #[arg(long, value_name = "MB", default_value_t = MAX_SIZE)]
    pub(super) max_size: u64,
    /// Make the imported catalog the owner's active one
    #[arg(long)]
    pub(super) activate: bool,
    /// Do everything, show it, and take it back
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    pub(super) yes: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum MarkArg {
    /// 1,234.5
    Point,
    /// 1.234,5
    Comma,
}

fn mapping(text: &str) -> Result<(Field, String), String> {
    let (field, column) = text.split_once('=').ok_or("write it as FIELD=COLUMN")?;
    let field = Field::named(field).ok_or_else(|| {
        let names: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
        format!("`{field}` is not a field; the fields are {}", names.join(", "))
    })?;
    Ok((field, column.trim().to_owned()))
}

fn range(text: &str) -> Result<Range, String> {
    Range::parse(text).ok_or_else(|| "write it as A4:N20, A:N or 4:20".to_owned())
}

fn instant(text: &str) -> Result<NaiveDateTime, String> {
    reading::parse_instant(text, "UTC".parse()?).map_err(|reason| format!("it {reason}"))
}

impl Args {
    /// What they say about reading a file.
    ///
    /// # Errors
    /// When the column map cannot be read.
    pub(super) fn options(&self) -> Result<Options> {
        let mut options = Options {
            sheet: self.sheet.clone(),
            header_row: self.header_row,
            range: self.range,
            table: self.table.clone(),
            as_catalog: self.as_catalog,
            given: self.map.clone(),
            percent: self.percent.into(),
            mark: self.decimal.map(|mark| match mark {
                MarkArg::Point => Mark::Point,
                MarkArg::Comma => Mark::Comma,
            }),
            current_at: self.at.map(time_text),
            ..Options::default()
        };
        if let Some(path) = &self.map_file {
            let text = files::read_text(path).map_err(|error| error.hint("make one with --save-map"))?;
            MapFile::parse(&text)
                .and_then(|map| map.apply(&mut options))
                .map_err(|error| error.at(Place { file: Some(path.display().to_string()), ..Place::default() }))?;
        }
        Ok(options)
    }

    /// What the catalog of this file is called.
    ///
    /// # Errors
    /// When the name cannot be one.
    pub(super) fn catalog_name(&self, source: &Source) -> Result<String> {
        let name = match &self.name {
            Some(name) => name.trim().to_owned(),
            None => Path::new(&source.file_name)
                .file_stem()
                .map_or_else(String::new, |stem| stem.to_string_lossy().trim().to_owned()),
        };
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(
                Error::usage("a catalog's name is not empty and has no control characters").hint("give one with --name")
            );
        }
        if name.chars().count() > 200 {
            return Err(Error::usage("a catalog's name has at most 200 characters").hint("give a shorter one with --name"));
        }
        Ok(name)
    }
}
