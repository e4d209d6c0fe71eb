//! A file of readings that can be read from its start any number of times, whatever it came from.

use std::fs::File;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use super::fields;
pub use super::plan::Asked;
use super::plan::{self, Plan};
use super::readings::{Form, ReadingRows, Shared};
use crate::domain::dates;
use crate::error::{Error, Result};
use crate::files;
use crate::table::Options;
use crate::table::decision::Decision;
use crate::table::format::Format;
use crate::table::map_file::MapFile;
use crate::table::rows::{self, Listed};
use crate::table::source::{self, Most};

#[derive(Clone)]
pub struct Input {
    shared: Arc<Shared>,
}

/// Whoever names columns by their letters may have a file without a header, whose first reading would be taken for one.
fn check_header(table: &Listed, options: &Options) -> Result<()> {
    let Some(header) = table.column("value").and_then(|column| table.headers.get(column)) else { return Ok(()) };
    let is_named = options.given.iter().any(|(_, column)| column == header);
    if table.header_row == 0 || is_named || !fields::is_count(header) {
        return Ok(());
    }
    Err(Error::data(format!(
        "row {} looks like a reading, not like a header: `{header}` is in the column of the value",
        table.header_row
    ))
    .at(table.source().place())
    .hint("if it is a reading, add --no-header --columns-are metric,value,at (the names of the columns in their order)")
    .hint(format!("if it is a header, add --header-row {}", table.header_row)))
}

impl Input {
    /// Opens a file; `-` is standard input. A workbook may have `most` bytes; text is read row by row and may have any size. A
    /// wide sheet has an instant or a metric a column. Exit 65 when it cannot be read, or has no header with a column for the
    /// metric and one for the value; 73 when there is no room for a temporary file.
    pub fn open(path: &Path, asked: Asked<'_>, options: &Options, most: u64) -> Result<Self> {
        let source = source::Source::open(&path.display().to_string(), Most::Workbook(most))?;
        source.refuse_framework()?;
        let is_lines = source.format == Format::Json && rows::are_objects(&source, &options.given);
        if is_lines && asked.wide {
            return Err(Error::usage("JSON lines have one reading each, so --wide is not possible").hint("leave out --wide"));
        }
        if asked.wide && asked.one.is_some() {
            return Err(Error::usage("a wide sheet has a column for each metric, so no metric can be named before it")
                .hint("leave out the metric, or --wide"));
        }
        let mut options = options.clone();
        if source.format == Format::Json && !is_lines {
            // In a document nested values have the keys on their way as headers.
            for (_, column) in options.given.iter_mut().filter(|(_, column)| column.starts_with('/')) {
                *column = column[1..].replace('/', ".").replace("~1", "/").replace("~0", "~");
            }
        }
        let list = match (asked.wide, asked.one) {
            (true, _) => fields::WIDE,
            (false, Some(_)) => fields::ONE,
            (false, None) => fields::LONG,
        };
        let may_be_wide = list.fields.len() == fields::LONG.fields.len() && asked.one.is_none() && !is_lines;
        let again = if may_be_wide { Some(source.again()?) } else { None };
        let opened = Listed::open(source, &options, list).and_then(|table| Ok((Plan::of(&table, asked, &options)?, table)));
        let (plan, table) = match (opened, again) {
            (Err(error), Some(source)) if error.message().starts_with("no column for the ") => {
                Self::wide(&source, asked, &options)?.ok_or(error)?
            }
            (opened, _) => opened?,
        };
        if options.header_row.is_none() {
            check_header(&table, &options)?;
        }
        Ok(Input { shared: Arc::new(Shared { table, plan, decided: OnceLock::new() }) })
    }

    /// The same source as a sheet with several readings a row, where it is one by its headers.
    fn wide(source: &source::Source, asked: Asked<'_>, options: &Options) -> Result<Option<(Plan, Listed)>> {
        if options.given.iter().any(|(name, _)| name == "value") {
            return Ok(None);
        }
        let down = Listed::open(source.again()?, options, fields::DOWN)
            .ok()
            .filter(|table| table.column("metric").is_none() && !table.headers.iter().any(|header| fields::is_value(header)));
        let across = || {
            let table = Listed::open(source.again().ok()?, options, fields::ACROSS).ok()?;
            let own = ["metric", "note", "by", "unit"].map(|field| table.column(field));
            let mut others = (0..table.headers.len())
                .filter(|column| !own.contains(&Some(*column)) && !table.headers[*column].is_empty())
                .map(|column| &table.headers[column])
                .peekable();
            let is_date = |header: &String| {
                dates::is_date(header) || options.date_format.as_ref().is_some_and(|form| form.read(header).is_some())
            };
            let is_wide = table.column("at").is_none() && others.peek().is_some() && others.all(is_date);
            is_wide.then_some(table)
        };
        let Some(table) = down.or_else(across) else { return Ok(None) };
        Ok(Some((Plan::of(&table, asked, options)?, table)))
    }

    /// A file of JSON lines that is open already. Exit 65 when the system has no room for another open file.
    pub fn of(name: &str, file: &File) -> Result<Self> {
        let file = file.try_clone().map_err(|error| files::unreadable(Path::new(name), &error))?;
        let source = source::Source::of_file(name, file, Most::Workbook(0))?;
        let (options, asked) = (Options::default(), Asked { wide: false, one: None, has_zone: false });
        let table = Listed::open(source, &options, fields::LONG)?;
        let plan = Plan::of(&table, asked, &options)?;
        Ok(Input { shared: Arc::new(Shared { table, plan, decided: OnceLock::new() }) })
    }

    /// The file as the user named it.
    pub fn name(&self) -> &str {
        &self.shared.table.source().name
    }

    /// Its size in bytes.
    pub fn size(&self) -> u64 {
        self.shared.table.source().size
    }

    /// What was decided about it, so far as it has been read.
    pub fn decisions(&self) -> Vec<Decision> {
        let Shared { table, plan, decided } = &*self.shared;
        // Which column tells the time is decided by its values, too.
        let is_own = |decision: &&Decision| decision.what == "at" && plan.decisions.iter().any(|own| own.what == "at");
        let of_table = table.decisions.iter().filter(|decision| !is_own(decision));
        of_table.chain(&plan.decisions).cloned().chain(decided.get().into_iter().flat_map(plan::Decided::decisions)).collect()
    }

    /// The columns that were found, for the next time.
    pub fn map(&self, options: &Options) -> MapFile {
        self.shared.table.map(options)
    }

    /// How its refused rows are written.
    pub fn form(&self) -> Form {
        match self.shared.table.delimiter() {
            Some(delimiter) => Form::Delimited(delimiter),
            None if self.shared.table.is_lines() => Form::Lines,
            None => Form::Workbook,
        }
    }

    pub fn headers(&self) -> &[String] {
        &self.shared.table.headers
    }

    /// Reads it from its start. Exit 65 when it cannot be understood.
    pub fn source(&self) -> Result<ReadingRows> {
        ReadingRows::new(&self.shared)
    }
}
