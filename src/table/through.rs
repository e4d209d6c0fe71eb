//! What of a source's rows is let through: the part that was asked for, what is visible, and dates as dates.

use super::Options;
use super::date::DateFormat;
use super::decision::Decision;
use super::range::Range;
use super::row::{Flow, Kind, Row, Sink};
use crate::domain::text::{agreeing, counted};
use crate::error::Result;

/// Rows and columns of a sheet that its user does not see, as ranges from the first to the last, counted from 0 and ascending.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Hidden {
    pub(super) rows: Vec<(u64, u64)>,
    pub(super) columns: Vec<(u64, u64)>,
}

impl Hidden {
    /// Whether a row is hidden, counted from 1.
    pub(super) fn has_row(&self, number: u64) -> bool {
        holds(&self.rows, number.saturating_sub(1))
    }

    /// Whether a column is hidden, counted from 0.
    pub(super) fn has_column(&self, column: usize) -> bool {
        holds(&self.columns, column as u64)
    }
}

/// Rows that a sheet hides and that are read all the same.
#[derive(Debug, Default)]
pub(super) struct Unseen {
    first: Vec<String>,
    count: u64,
}

impl Unseen {
    pub(super) fn add(&mut self, number: u64) {
        if self.count < 10 {
            self.first.push(number.to_string());
        }
        self.count += 1;
    }

    pub(super) fn decision(&self, options: &Options) -> Option<Decision> {
        if options.visible_only || options.hints.visible_only {
            return Some(Decision::asked("hidden_rows", "left out").option("--visible-only"));
        }
        let more = if self.count > 10 { ", ..." } else { "" };
        let rows = agreeing(self.count, "row", "rows");
        let why = format!("the sheet hides them: {rows} {}{more}", self.first.join(", "));
        let chosen = format!("{} read", counted(self.count, "hidden row"));
        (self.count > 0).then(|| Decision::told("hidden_rows", chosen, why).option("--visible-only"))
    }
}

pub(super) fn holds(ranges: &[(u64, u64)], number: u64) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= number);
    after.checked_sub(1).is_some_and(|at| ranges[at].1 >= number)
}

#[derive(Debug, Clone, Default)]
pub(super) struct Through {
    range: Option<Range>,
    hidden: Hidden,
    dates: Option<DateFormat>,
}

impl Through {
    pub(super) fn new(options: &Options, range: Option<Range>, hidden: Hidden) -> Self {
        Through { range, hidden, dates: options.date_format.clone() }
    }

    /// Whether rows are let through as they are.
    pub(super) fn is_all(&self) -> bool {
        self.range.is_none() && self.dates.is_none() && self.hidden == Hidden::default()
    }

    /// Puts what is let through of a row into `kept`: whether there is anything, and whether more can come. Columns that are
    /// not let through are empty, so that letters stay right.
    pub(super) fn pass(&self, row: &Row, kept: &mut Row) -> (bool, Flow) {
        let range = self.range.unwrap_or(Range { rows: (1, u64::MAX), columns: (0, usize::MAX) });
        if row.number > range.rows.1 {
            return (false, Flow::Stop);
        }
        if row.number < range.rows.0 || self.hidden.has_row(row.number) {
            return (false, Flow::Go);
        }
        kept.clear(row.number);
        (kept.fault, kept.computed) = (row.fault, row.computed);
        for (column, (kind, text)) in row.raw_cells().enumerate().take_while(|(column, _)| *column <= range.columns.1) {
            let is_hidden = self.hidden.has_column(column);
            let date = self.dates.as_ref().filter(|_| kind == Kind::Text).and_then(|dates| dates.read(text));
            match date {
                _ if column < range.columns.0 || is_hidden => kept.push(Kind::Empty, ""),
                Some(date) => kept.push(Kind::Date, &date),
                None => kept.push(kind, text),
            }
        }
        (true, Flow::Go)
    }
}

/// Hands on what is let through.
pub(super) struct Window<'s> {
    pub(super) through: &'s Through,
    pub(super) sink: &'s mut dyn Sink,
    pub(super) row: Row,
}

impl Sink for Window<'_> {
    fn row(&mut self, row: &Row) -> Result<Flow> {
        match self.through.pass(row, &mut self.row) {
            (true, _) => self.sink.row(&self.row),
            (false, flow) => Ok(flow),
        }
    }
}
