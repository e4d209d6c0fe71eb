//! The arguments of `cmf import`, and what they say about a file.

use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;

use crate::catalog::import::{Mode, Renumber, Request};
use crate::choices::choices;
use crate::commands::FileFields;
use crate::domain::direction::Rule;
use crate::domain::item::Field;
use crate::domain::moment::{self, Day};
use crate::domain::reading::{self, OnConflict};
use crate::error::{Error, Result};
use crate::files::FileKind;
use crate::output::Format;
use crate::reading::{Metrics, Reading};
use crate::table::dating::Series;
use crate::table::source::Source;
use crate::table::{Options, Table};

#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("written").args(["rejects", "save_map"]).multiple(true)),
    mut_arg("force", |arg| arg.requires("written")),
    add = FileFields(|| Field::ALL.map(Field::as_str).to_vec())
)]
pub struct Args {
    /// The spreadsheets; `-` reads standard input. cmf recognizes the format by the content
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<String>,
    /// The catalog's name; without it the file's name
    #[arg(long)]
    pub(super) name: Option<String>,
    /// Who owns the catalog
    #[arg(long, value_name = "USER")]
    pub(super) owner: Option<String>,
    /// The framework of the codes in the sheet; without it the one that has most of them
    #[arg(long, value_name = "FRAMEWORK")]
    pub(super) framework: Option<String>,

    #[command(flatten)]
    pub(super) reading: Reading,
    #[command(flatten)]
    pub(super) metrics: Metrics,
    /// Import all sheets of the workbook that hold a table of metrics, into one catalog
    #[arg(long, conflicts_with_all = ["sheet", "table", "range", "rejects"], help_heading = "Where the table is")]
    pub(super) all_sheets: bool,
    /// Import a file as a catalog although it looks like a time series
    #[arg(long, help_heading = "Where the table is")]
    pub(super) as_catalog: bool,
    /// The direction of metrics that the sheet has none for, by number, range, name, or `*` for all the others
    #[arg(long, value_name = "METRICS=DIRECTION", value_parser = Rule::parse, help_heading = "What the columns are")]
    pub(super) direction: Vec<Rule>,

    /// Read columns of quarters, months or other periods as readings, each at the end of its period: `year=2026` if the headers
    /// have no year, with `start=10` if fiscal years begin in October; `yes`; `no` keeps the columns as texts
    #[arg(long, value_name = "WHAT", help_heading = "What the columns are")]
    pub(super) series: Option<Series>,
    /// Store readings of periods that end in the future
    #[arg(long, help_heading = "What the columns are")]
    pub(super) allow_future: bool,

    /// What to do with metrics that the catalog has, and with new ones
    #[arg(long, value_enum, default_value_t, help_heading = "Importing again")]
    pub(super) mode: Mode,
    /// The catalog to import into; without it the one of the owner with the same name
    #[arg(long, conflicts_with = "name", help_heading = "Importing again")]
    pub(super) catalog: Option<String>,
    /// Whether a row with the name of a metric but a different number is that metric or a new one; without it cmf asks
    #[arg(long, value_enum, value_name = "WHAT", help_heading = "Importing again")]
    pub(super) renumber: Option<Renumber>,
    /// When the sheet's values were measured, in UTC; without it now
    #[arg(long, value_name = "DATE", value_parser = instant, help_heading = "Importing again")]
    pub(super) at: Option<NaiveDateTime>,
    /// What to do if a metric has a different value at the same time
    #[arg(long, value_enum, default_value_t, value_name = "WHAT", help_heading = "Importing again")]
    pub(super) on_conflict: OnConflict,
    /// Remove the catalog's metrics that the sheet does not have; their readings stay
    #[arg(long, help_heading = "Importing again")]
    pub(super) prune: bool,
    /// Remove the readings of removed metrics, too
    #[arg(long, requires = "prune", help_heading = "Importing again")]
    pub(super) prune_history: bool,
    /// Import the file again although it was imported before
    #[arg(long, help_heading = "Importing again")]
    pub(super) again: bool,

    /// Map withdrawn codes to their successors, unconfirmed, instead of rejecting their rows
    #[arg(long, help_heading = "Rows with problems")]
    pub(super) accept_successors: bool,
    /// Write the rejected rows to this file (.csv, .json or .xlsx), to fix them and import it
    #[arg(long, value_name = "FILE", help_heading = "Rows with problems")]
    pub(super) rejects: Option<PathBuf>,
    /// Import the rows without problems although others have some; exit 3 then
    #[arg(long, help_heading = "Rows with problems")]
    pub(super) allow_partial: bool,
    /// Import nothing if more rows than this have problems
    #[arg(long, value_name = "N", requires = "allow_partial", help_heading = "Rows with problems")]
    pub(super) max_errors: Option<u64>,

    /// Make the imported catalog the owner's active one
    #[arg(long)]
    pub(super) activate: bool,
    /// Show what would happen and change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Ask nothing
    #[arg(long, short)]
    pub(super) yes: bool,
}

choices! { Mode:
    Mode::Create = "create", "A new catalog";
    Mode::Update = "update", "Only metrics that the catalog has";
    Mode::Upsert = "upsert", "Both";
}
choices! { Renumber:
    Renumber::Keep = "keep", "That metric under its new number, with its id and readings";
    Renumber::New = "new", "A new metric beside that one";
}

fn instant(text: &str) -> Result<NaiveDateTime, String> {
    reading::parse_instant(text, "UTC".parse()?, Day::Start).map_err(|reason| format!("it {reason}"))
}

impl Args {
    /// What they ask of the import. Exit 2 when the rejects are named as what they cannot be.
    pub(super) fn request(&self, format: Format) -> Result<Request> {
        let rejects = self.rejects.clone().map(|path| match FileKind::of(&path, format) {
            Some(kind) => Ok((path, kind, self.reading.force.into())),
            None => Err(Error::usage(format!("{} does not end in .csv, .json or .xlsx", path.display()))
                .hint("use a name that ends in .csv, .json or .xlsx: it decides the format of the rejects")),
        });
        Ok(Request {
            mode: self.mode,
            all_sheets: self.all_sheets,
            catalog: self.catalog.clone(),
            again: self.again,
            at: self.at,
            partial: self.allow_partial,
            max_errors: self.max_errors,
            renumber: self.renumber,
            on_conflict: self.on_conflict,
            prune: self.prune,
            prune_history: self.prune_history,
            activate: self.activate,
            dry_run: self.dry_run,
            rejects: rejects.transpose()?,
        })
    }

    /// What they say about reading a file. Fails when the column map cannot be read.
    pub(super) fn options(&self) -> Result<Options> {
        let mut options = self.reading.options(&Field::ALL.map(Field::as_str))?;
        self.metrics.apply(&mut options);
        options.as_catalog = self.as_catalog;
        options.accept_successors |= self.accept_successors;
        options.map_series &= self.series.is_none();
        options.series = self.series.or(options.series);
        options.allow_future = self.allow_future;
        options.current_at = self.at.map(moment::text);
        for rule in &self.direction {
            options.directions.push(rule.clone());
        }
        Ok(options)
    }

    /// What the catalog of this file is called: as is said, by the workbook's title, or by the file; where the title stands,
    /// if it is that one; and the file's name without its ending. Fails when the name cannot be one.
    pub(super) fn catalog_name(&self, source: &Source, tables: &[Table]) -> Result<(String, Option<String>, String)> {
        let stem = Path::new(&source.file_name).file_stem();
        let stem = stem.map_or_else(String::new, |stem| stem.to_string_lossy().trim().to_owned());
        // The titles of several sheets are theirs alone, unless it is the workbook's.
        let title = tables.first().and_then(|first| first.title.as_ref());
        let title = title.filter(|title| tables.iter().all(|table| table.title.as_ref() == Some(*title)));
        let (name, named_by) = match (&self.name, title) {
            (Some(name), _) => (name.trim().to_owned(), None),
            (None, Some((title, place))) => (title.clone(), Some(place.clone()).filter(|_| *title != stem)),
            (None, None) => (stem.clone(), None),
        };
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(
                Error::usage("a catalog's name cannot be empty or have control characters").hint("give one with --name")
            );
        }
        if name.chars().count() > 200 {
            return Err(Error::usage("a catalog's name has at most 200 characters").hint("give a shorter one with --name"));
        }
        Ok((name, named_by, stem))
    }
}
