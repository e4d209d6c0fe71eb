//! What becomes of a reading.

use std::borrow::Cow;

use chrono::NaiveDateTime;
use uuid::Uuid;

use crate::domain::named::named;
use crate::domain::reading::Value;
use crate::error::{Place, readable};
use crate::record::readings::{Kept, Left};

named! {
    /// What became of a reading that was not refused.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Fate {
        Stored = "stored",
        /// It existed already with the same value.
        Repeated = "repeated",
        /// It took the place of another value.
        Replaced = "replaced",
        /// Another value was there and stays.
        Skipped = "skipped",
    }
    ALL
    name
}

/// How many readings met which fate.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    pub stored: u64,
    pub repeated: u64,
    pub replaced: u64,
    pub skipped: u64,
    pub refused: u64,
}

impl Counts {
    pub fn add(&mut self, fate: Fate) {
        *match fate {
            Fate::Stored => &mut self.stored,
            Fate::Repeated => &mut self.repeated,
            Fate::Replaced => &mut self.replaced,
            Fate::Skipped => &mut self.skipped,
        } += 1;
    }
}

/// Why a reading is refused, and in which column that shows, if it is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    pub column: Option<Cow<'static, str>>,
    /// A sentence without its full stop.
    pub reason: String,
    /// Whether it is the metric's name that nobody knows or several have.
    pub unnamed: bool,
    pub several: bool,
    /// What to do about it, where that is not to fix it.
    pub remedy: Option<Box<str>>,
    /// Whether the row is no reading, and is left out instead.
    pub left: Option<Left>,
}

impl Refused {
    pub fn new(column: &'static str, reason: String) -> Self {
        Refused {
            column: Some(column.into()),
            reason: readable(reason),
            unnamed: false,
            several: false,
            remedy: None,
            left: None,
        }
    }

    /// Where it is in its file.
    pub fn place(&self, line: Option<u64>) -> Place {
        Place { row: line, column: self.column.as_deref().map(str::to_owned), ..Place::default() }
    }

    /// A line of a file that holds no reading.
    pub fn of_line(column: Option<String>, reason: String) -> Self {
        let is_time = column.as_deref() == Some("at") && reason.starts_with("the time `");
        let remedy = is_time.then(|| {
            "write it as YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ, or say how all times are written, such as --date-format DD/MM/YYYY".into()
        });
        Refused { column: column.map(Cow::Owned), reason, unnamed: false, several: false, remedy, left: None }
    }
}

/// A reading that stands by itself; what else the metric has at its instant is not known yet.
#[derive(Debug, Clone)]
pub struct Judged {
    /// The line in the file, or the position on the command line.
    pub line: u64,
    pub metric: usize,
    pub id: Uuid,
    pub value: Value,
    pub at: Option<NaiveDateTime>,
    pub note: Option<String>,
    pub by: Option<Uuid>,
    /// Why its value is doubtful, if it is.
    pub doubt: Option<String>,
    /// The row as it is in the file, kept where refused rows are written out.
    pub raw: Option<Box<Kept>>,
}

/// A reading with what became of it.
#[derive(Debug, Clone)]
pub struct Settled {
    pub reading: Judged,
    /// UTC.
    pub recorded_at: Option<NaiveDateTime>,
    pub outcome: std::result::Result<Fate, Refused>,
}
