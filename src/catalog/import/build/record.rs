//! What keeps a whole row out: how its record is written, and what other rows say.

use super::Builder;
use crate::domain::item::Field;
use crate::table::dress::is_error;
use crate::table::is_commented;
use crate::table::problem::repeated;

impl Builder<'_, '_> {
    /// Adds the problems of the record; whether its cells can be looked at.
    pub(super) fn is_record(&mut self) -> bool {
        if let Some(fault) = self.row.fault {
            self.problem(None, fault.code(), fault.reason().to_owned(), fault.remedy());
            return false;
        }
        if self.row.has_nul() {
            self.problem(None, "nul_character", "the row has a NUL character, which cmf cannot store".to_owned(), "remove it");
        }
        let first = self.row.cell(0).text;
        if self.table.dialect.is_some() && self.table.has_comments && is_commented(self.row) && !is_error(first) {
            let mark = if first.starts_with('#') { "#" } else { "//" };
            let reason = format!("the record begins with `{mark}`, like a comment");
            self.problem(Some(0), "commented", reason, format!("remove the `{mark}`, or the whole record"));
        }
        let (fewest, most) = self.table.widths;
        if self.row.len() < fewest {
            let reason = format!("the row has {} cells, but the header has {fewest}, unlike the other rows", self.row.len());
            self.problem(None, "too_few_cells", reason, "write the missing cells, or a delimiter for each empty one");
        }
        if let Some(width) = self.table.columns.width.filter(|width| *width < self.row.len())
            && (most < self.row.len() || (width..self.row.len()).any(|column| !self.row.cell(column).is_blank()))
        {
            let reason = format!("the row has {} cells, but the header has {width}", self.row.len());
            let remedy = "put quotes around a value that contains the delimiter, or give the extra columns a header";
            self.problem(None, "too_many_cells", reason, remedy);
            // A rejects file has no columns for them.
            let beyond: Vec<&str> = (width..self.row.len()).map(|column| self.row.cell(column).text).collect();
            if let Some(problem) = self.problems.last_mut() {
                problem.value = repeated(&beyond.join(", "));
            }
        }
        if self.is_doubtful {
            let column = self.mapped(Field::Name).map(|mapped| mapped.column);
            let reason = "the row may be a total of the others: it has numbers and nothing else".to_owned();
            let remedy = match self.mapped(Field::MetricNumber) {
                Some(_) => "give the metric a number, or remove the row",
                None => "give the metric a name that says what it measures, or remove the row",
            };
            self.problem(column, "maybe_total", reason, remedy);
        }
        if self.is_rival {
            let reason = "a row below has the same metric number and a different name".to_owned();
            let remedy = "change one of the numbers; if this column does not number the metrics, ignore it with --map \
                          metric_number=";
            self.problem(self.key_column(), "duplicate", reason, remedy);
        }
        if let Some(first) = self.table.duplicates.get(&self.row.number) {
            let column = self.key_column();
            let what =
                if column == self.mapped(Field::MetricNumber).map(|mapped| mapped.column) { "metric number" } else { "name" };
            let reason = format!("row {first} has the same {what}");
            let way_out = if what == "metric number" {
                "; if this column does not number the metrics, ignore it with --map metric_number="
            } else {
                ""
            };
            self.problem(column, "duplicate", reason, format!("change one {what}, or remove one of them{way_out}"));
        }
        true
    }
}
