//! The readings of a command that are refused or doubtful: said to the user, and written to a file where that is asked for.

use std::path::Path;

use rust_decimal::Decimal;

use crate::domain::text::unmarked;
use crate::error::{Error, Exit, Place, Result, readable};
use crate::files::{Existing, NewFile};
use crate::import::readings::Source;
use crate::record::input::Input;
use crate::record::verdict::{Judged, Refused};
use crate::report::sheet::{Value, XlsxSheet};
use crate::tell::Tell;

/// How many refused or doubtful readings are named.
const LISTED: usize = 20;

/// The refusals: the first of them in words, and how many there are.
#[derive(Default)]
pub struct Refusals {
    listed: Vec<(Option<u64>, Refused)>,
    pub count: u64,
    unnamed: u64,
    doubts: Vec<String>,
    doubtful: u64,
    rejects: Option<Rejects>,
}

/// The file that refused lines are written to; it gets its name when it is complete.
struct Rejects {
    file: NewFile,
    /// Whether it becomes a workbook, and that workbook from its header on.
    is_workbook: bool,
    sheet: Option<XlsxSheet>,
}

impl Rejects {
    fn write(&mut self, text: &str) -> Result<()> {
        if !self.is_workbook {
            return self.file.write(format!("{text}\n").as_bytes());
        }
        let mut cells = csv::StringRecord::new();
        let mut line = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        line.read_record(&mut cells).map_err(|error| Error::failed(format!("a refused row cannot be written: {error}")))?;
        if let Some(sheet) = &mut self.sheet {
            return sheet.row(&cells.iter().map(|text| cell(&unmarked(text))).collect::<Vec<_>>());
        }
        self.sheet = Some(XlsxSheet::new("Rejects", &cells.iter().map(unmarked).collect::<Vec<_>>())?);
        Ok(())
    }

    /// Gives the file its name.
    fn keep(mut self) -> Result<()> {
        if let Some(sheet) = self.sheet {
            sheet.finish(&mut self.file)?;
        }
        self.file.keep().map(drop)
    }
}

/// A cell of a workbook for a text that was one: what is written as a number of few digits becomes one again.
fn cell(text: &str) -> Value {
    let plain = |text: &str| {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let whole = digits.split('.').next().unwrap_or_default();
        let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && digits.len() <= 15;
        let is_usual = whole == "0" || !(whole.is_empty() || whole.starts_with('0'));
        if is_plain && is_usual { text.parse::<Decimal>().ok() } else { None }
    };
    match text.strip_suffix('%') {
        _ if text.is_empty() => Value::Empty,
        Some(percent) => plain(percent).map_or_else(|| Value::Text(text.to_owned()), Value::Percent),
        None => plain(text).map_or_else(|| Value::Text(text.to_owned()), Value::Number),
    }
}

/// Whether the refused lines of an input become a workbook: those of a workbook do, unless the file is named as text.
fn becomes_workbook(path: &Path, is_workbook: bool) -> Result<bool> {
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match ending.as_str() {
        "xlsx" if !is_workbook => Err(Error::usage("the rejects have the form of the input, which is no workbook")
            .at(Place { file: Some(path.display().to_string()), ..Place::default() })
            .hint("name them --rejects FILE.csv, or .jsonl for JSON lines")),
        "csv" | "txt" => Ok(false),
        _ => Ok(is_workbook),
    }
}

impl Refusals {
    /// Those of a file. Its refused lines are written to `rejects` where one is named: a workbook where the file is one.
    ///
    /// # Errors
    /// Exit 73 when the file cannot be written, 2 when its name is that of another form than the input's.
    pub fn of_file(input: &Input, rejects: Option<&Path>) -> Result<Self> {
        let Some(path) = rejects else { return Ok(Refusals::default()) };
        let is_workbook = becomes_workbook(path, input.is_workbook())?;
        let mut rejects = Rejects { file: NewFile::create(path, Existing::Replace)?, is_workbook, sheet: None };
        if let Some(header) = input.source()?.rejects_header() {
            rejects.write(&header)?;
        }
        Ok(Refusals { rejects: Some(rejects), ..Refusals::default() })
    }

    /// Whether refused lines are written out.
    pub fn wants_lines(&self) -> bool {
        self.rejects.is_some()
    }

    /// Adds a reading that is refused.
    pub fn add(&mut self, line: Option<u64>, refused: Refused) {
        self.count += 1;
        self.unnamed += u64::from(refused.unnamed);
        if self.listed.len() < LISTED {
            self.listed.push((line, Refused { reason: readable(refused.reason), ..refused }));
        }
    }

    /// Adds the line that the file is at, or one before it that was kept, and writes it out.
    ///
    /// # Errors
    /// Exit 73 when the file of refused lines cannot be written.
    pub fn refuse(&mut self, source: &Source, kept: Option<&Judged>, refused: Refused) -> Result<()> {
        if let Some(rejects) = &mut self.rejects {
            rejects.write(&source.reject(kept.and_then(|reading| reading.raw.as_deref()), &refused.reason))?;
        }
        self.add(Some(kept.map_or_else(|| source.line(), |reading| reading.line)), refused);
        Ok(())
    }

    /// Adds a reading that is stored although its value is doubtful.
    pub fn doubt(&mut self, line: Option<u64>, doubt: &str) {
        self.doubtful += 1;
        if self.doubts.len() < LISTED {
            self.doubts.push(line.map_or_else(|| doubt.to_owned(), |line| format!("row {line}: {doubt}")));
        }
    }

    /// Names the doubtful readings.
    pub fn warn(&self, tell: &dyn Tell) {
        for doubt in &self.doubts {
            tell.notice(&format!("warning: {doubt} (--strict refuses it)"));
        }
        if self.doubtful > self.doubts.len() as u64 {
            tell.notice(&format!("warning: {} more doubtful readings", self.doubtful - self.doubts.len() as u64));
        }
    }

    /// Ends the file of refused lines.
    ///
    /// # Errors
    /// Exit 73 when it cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.rejects.take().map_or(Ok(()), Rejects::keep)
    }

    /// What is refused, in words.
    fn lines(&self) -> Vec<String> {
        let mut listed: Vec<_> = self.listed.iter().collect();
        listed.sort_by_key(|(line, _)| *line);
        let mut lines: Vec<String> = listed
            .into_iter()
            .map(|(line, refused)| match line {
                Some(_) => format!("{}: {}", refused.place(*line), refused.reason),
                None => refused.reason.clone(),
            })
            .collect();
        if self.count > self.listed.len() as u64 {
            lines.push(format!("and {} more", self.count - self.listed.len() as u64));
        }
        lines
    }

    /// Names the doubtful and the refused readings of a command that stored the others.
    pub fn tell_all(&self, tell: &dyn Tell) {
        self.warn(tell);
        self.tell(tell);
    }

    /// Names the refused readings of a command that stored the others.
    pub fn tell(&self, tell: &dyn Tell) {
        for line in self.lines() {
            tell.notice(&format!("refused: {line}"));
        }
    }

    /// The error when a reading is refused and nothing may be stored.
    pub fn error(&self, total: u64, file: Option<&str>) -> Error {
        // A name on the command line that nobody has is a mistake in the command, as with every other noun.
        let exit = if file.is_none() && self.unnamed == self.count { Exit::Usage } else { Exit::Data };
        let place = Place { file: file.map(str::to_owned), ..Place::default() };
        if let (1, [(line, refused)]) = (self.count, self.listed.as_slice()) {
            let place = if file.is_some() { Place { file: place.file, ..refused.place(*line) } } else { place };
            let error = Error::new(exit, refused.reason.clone()).at(place);
            return match file {
                _ if total > 1 => error.hint("nothing is stored: mend it and run the command again"),
                None if self.unnamed == 1 => error.hint("see `cmf metric list`"),
                _ => error,
            };
        }
        let message = format!("{} of {total} readings are refused, and nothing is stored", self.count);
        let mut error = Error::new(exit, message).at(place);
        for line in self.lines() {
            error = error.detail(line);
        }
        error.hint("mend them and run the command again, or add --allow-partial to store the others")
    }
}
