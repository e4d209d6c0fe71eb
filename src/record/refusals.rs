//! The readings of a command that are refused or doubtful: said to the user, and written to a file where that is asked for.

use std::path::Path;

use rust_decimal::Decimal;

use crate::domain::text::{agreeing, marked};
use crate::error::{Error, Exit, Place, Result, readable};
use crate::files::{self, NewFile};
use crate::record::input::Input;
use crate::record::readings::{Form, Kept, Left, Why};
use crate::record::rules::Request;
use crate::record::verdict::Refused;
use crate::sheet::{Book, Value};
use crate::table::decision::Decision;
use crate::table::row::{Cell, Kind};
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
    several: u64,
    /// Rows that are left out: how many of each kind, and the first of them.
    left: [(u64, Vec<String>); Why::ALL.len()],
    rejects: Option<Rejects>,
}

/// The file that refused rows are written to; it gets its name when it is complete.
struct Rejects {
    file: NewFile,
    form: Form,
    /// The workbook that it becomes, where it does.
    sheet: Option<Book>,
}

impl Rejects {
    fn write(&mut self, row: &Kept, reason: &str) -> Result<()> {
        let text = match (row, self.form) {
            (Kept::Cells(row), Form::Delimited(delimiter)) => {
                let cells = row.cells().map(|cell| cell.shown());
                delimited(cells.chain([reason.to_owned()]), delimiter)
            }
            (Kept::Cells(row), Form::Lines | Form::Workbook) => {
                let cells = row.cells().map(value).chain([Value::Text(reason.to_owned())]);
                return self.sheet.as_mut().map_or(Ok(()), |book| book.row(&cells.collect::<Vec<_>>()));
            }
            (Kept::Line(line), _) => match serde_json::from_str(line) {
                Ok(serde_json::Value::Object(mut fields)) => {
                    fields.insert("reason".to_owned(), reason.into());
                    serde_json::Value::Object(fields).to_string()
                }
                _ => serde_json::json!({ "line": line, "reason": reason }).to_string(),
            },
        };
        self.file.write(format!("{text}\n").as_bytes())
    }

    /// Gives the file its name.
    fn keep(mut self) -> Result<()> {
        if let Some(book) = self.sheet {
            book.save(&mut self.file)?;
        }
        self.file.keep().map(drop)
    }
}

/// A row of delimited text for a file that a person opens: what a spreadsheet would run is marked as text.
fn delimited(cells: impl Iterator<Item = String>, delimiter: u8) -> String {
    let mark = char::from(delimiter);
    let cells = cells.map(|cell| {
        let cell = marked(&cell);
        if cell.contains(['"', '\n', '\r', mark]) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    });
    cells.collect::<Vec<_>>().join(&mark.to_string())
}

fn value(cell: Cell<'_>) -> Value {
    let number = || cell.text.parse::<Decimal>().ok();
    match cell.kind {
        Kind::Empty => Value::Empty,
        Kind::Number => number().map_or_else(|| Value::Text(cell.shown()), Value::Number),
        Kind::Percent => {
            let percent = number().and_then(|number| number.checked_mul(Decimal::ONE_HUNDRED));
            percent.map_or_else(|| Value::Text(cell.shown()), Value::Percent)
        }
        _ => Value::Text(cell.shown()),
    }
}

/// The form that the refused rows of an input get: that of the input, but for a workbook whose rejects are named as text.
fn form_of(path: &Path, input: Form) -> Result<Form> {
    match (files::ending(path).as_str(), input) {
        ("xlsx", Form::Delimited(_) | Form::Lines) => {
            Err(Error::usage("rejects have the format of the input, which is not a workbook")
                .at(Place::of(path.display()))
                .hint("name them --rejects FILE.csv, or .jsonl for JSON lines"))
        }
        ("csv" | "txt", Form::Workbook) => Ok(Form::Delimited(b',')),
        _ => Ok(input),
    }
}

impl Refusals {
    /// Those of a file. Its refused rows are written to the file for rejects if one is named, in the form of the input. Exit
    /// 73 when the file cannot be written, 2 when its name is that of another form than the input's.
    pub fn of_file(input: &Input, request: &Request) -> Result<Self> {
        let Some(path) = &request.rejects else { return Ok(Refusals::default()) };
        let form = form_of(path, input.form())?;
        let mut rejects = Rejects { file: NewFile::create(path, request.existing)?, form, sheet: None };
        let headers = input.headers().iter().cloned().chain(["reason".to_owned()]);
        match form {
            Form::Delimited(delimiter) => rejects.file.write(format!("{}\n", delimited(headers, delimiter)).as_bytes())?,
            Form::Workbook => {
                let mut book = Book::new("name them --rejects FILE.csv, or shorten the text");
                book.sheet("Rejects", &[])?;
                book.head(&headers.collect::<Vec<_>>())?;
                rejects.sheet = Some(book);
            }
            Form::Lines => {}
        }
        Ok(Refusals { rejects: Some(rejects), ..Refusals::default() })
    }

    /// Whether refused rows are written out.
    pub fn wants_rows(&self) -> bool {
        self.rejects.is_some()
    }

    pub fn add(&mut self, line: Option<u64>, refused: Refused) {
        self.count += 1;
        self.unnamed += u64::from(refused.unnamed);
        self.several += u64::from(refused.several);
        if self.listed.len() < LISTED {
            self.listed.push((line, Refused { reason: readable(refused.reason), ..refused }));
        }
    }

    /// Adds the row of a file that is refused, and writes it out where that is asked for. Exit 73 when the file of refused rows
    /// cannot be written.
    pub fn refuse(&mut self, line: u64, row: impl FnOnce() -> Kept, refused: Refused) -> Result<()> {
        if let Some(rejects) = &mut self.rejects {
            rejects.write(&row(), &refused.reason)?;
        }
        self.add(Some(line), refused);
        Ok(())
    }

    /// Adds a reading that is stored although its value is doubtful.
    pub fn doubt(&mut self, line: Option<u64>, doubt: &str) {
        self.doubtful += 1;
        if self.doubts.len() < LISTED {
            self.doubts.push(line.map_or_else(|| doubt.to_owned(), |line| format!("row {line}: {doubt}")));
        }
    }

    /// Adds a row that is left out.
    pub fn leave(&mut self, line: Option<u64>, Left { why, shown }: Left) {
        let Some((count, listed)) = Why::ALL.iter().position(|one| *one == why).and_then(|at| self.left.get_mut(at)) else {
            return;
        };
        *count += 1;
        if listed.len() < LISTED {
            let shown = if shown.is_empty() { String::new() } else { format!(" ({})", readable(shown)) };
            listed.push(line.map_or_else(|| shown.trim().to_owned(), |line| format!("{line}{shown}")));
        }
    }

    /// Whether nothing but names that several metrics have is refused.
    pub fn are_ambiguous(&self) -> bool {
        self.several > 0 && self.several == self.count
    }

    /// Refuses a file that has rows, and no reading in any of them. Exit 65 with what the rows are. Says whether there are rows at all.
    pub fn check_any(&self, total: u32) -> Result<bool> {
        let lines: Vec<String> = self.left_out().collect();
        if total > 0 || lines.is_empty() {
            return Ok(total > 0);
        }
        Err(lines.into_iter().fold(Error::data("the file has no readings"), Error::detail))
    }

    /// Which rows are left out.
    pub fn decisions(&self) -> impl Iterator<Item = Decision> + '_ {
        Why::ALL.iter().zip(&self.left).filter(|(_, (count, _))| *count > 0).map(|(why, (count, listed))| {
            let (rows, more) = (agreeing(*count, "row", "rows"), *count - listed.len() as u64);
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let chosen = format!("{count} {rows} {}", why.as_str());
            Decision::told("rows_left_out", chosen, format!("row {}{more}", listed.join(", ")))
        })
    }

    /// What is left out, in words.
    fn left_out(&self) -> impl Iterator<Item = String> + '_ {
        self.decisions().map(|decision| decision.line())
    }

    /// Names the doubtful readings with what became of them, and what is left out.
    pub fn warn(&self, tell: &dyn Tell, stored: &str) {
        for line in self.left_out() {
            tell.notice(&format!("note: {line}"));
        }
        for doubt in &self.doubts {
            tell.notice(&format!("warning: {doubt} ({stored}; --strict refuses it)"));
        }
        if self.doubtful > self.doubts.len() as u64 {
            tell.notice(&format!("warning: {} more doubtful readings ({stored})", self.doubtful - self.doubts.len() as u64));
        }
    }

    /// Ends the file of refused lines. Exit 73 when it cannot be written.
    pub fn flush(&mut self) -> Result<()> {
        self.rejects.take().map_or(Ok(()), Rejects::keep)
    }

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
    pub fn tell_all(&self, tell: &dyn Tell, stored: &str) {
        self.warn(tell, stored);
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
                None if total == 1 && self.unnamed == 1 => error.hint("`cmf metric list` shows the metrics"),
                _ => error.hint(refused.remedy.as_deref().unwrap_or(match (refused.column.as_deref(), file) {
                    (Some("at"), _) if refused.reason.contains("--allow-future") => "correct the time, or add --allow-future",
                    (Some("at"), _) => "write the time such as 2026-01-31 or 2026-01-31T14:30, and run the command again",
                    (Some("metric"), _) => "`cmf metric list` shows the metrics",
                    (_, Some(_)) => "correct this row of the file, and run the command again",
                    (_, None) => "correct the reading, and run the command again",
                })),
            };
        }
        let message = format!("{} of {total} readings are refused", self.count);
        let mut error = Error::new(exit, message).at(place);
        for line in self.lines().into_iter().chain(self.left_out()) {
            error = error.detail(line);
        }
        let others = if self.count < total { ", or add --allow-partial to store the others" } else { "" };
        error.hint(format!("fix them and run the command again{others}"))
    }
}
