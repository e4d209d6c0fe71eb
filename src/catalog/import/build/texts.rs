//! The texts of a row, within what the database keeps.

use super::{Builder, Notes};
use crate::domain::item::{self, Field};
use crate::domain::metric::Priority;
use crate::domain::priority;
use crate::table::problem::repeated;
use crate::table::row::Kind;

impl Builder<'_, '_> {
    /// The text of a field on one line, within what the database keeps.
    pub(super) fn text(&mut self, field: Field) -> Option<String> {
        let (column, cell) = self.cell(field)?;
        let shown = cell.shown();
        if cell.kind == Kind::Date && matches!(field, Field::Name | Field::MetricNumber) {
            let reason = format!(
                "the cell holds the date {}: a spreadsheet program may have changed text into a date",
                repeated(&shown)
            );
            self.problem(column, "date_not_text", reason, "format the cell as text, and type it again");
            return None;
        }
        let text = match field {
            // An apostrophe that somebody typed to keep a number a text.
            Field::MetricNumber => shown.trim().trim_start_matches('\'').split_whitespace().collect::<Vec<_>>().join(" "),
            Field::Name | Field::Unit => shown.split_whitespace().collect::<Vec<_>>().join(" "),
            _ => shown.trim_matches(|c: char| c.is_whitespace() || c == '\u{a0}' || c == '\u{feff}').to_owned(),
        };
        if let Some(limit) = field.limit() {
            let length = text.chars().count();
            if length > limit && field == Field::Name && self.table.long_names {
                return Some(self.cut(&text, limit));
            }
            if length > limit {
                let reason =
                    format!("the {} has {length} characters, but the limit is {limit}", field.as_str().replace('_', " "));
                let or = match field {
                    Field::Name => {
                        ", or use another column as the name with --map name=COLUMN --map description=COLUMN; --long-names \
                         description uses the beginning as the name"
                    }
                    Field::MetricNumber => ", or ignore the column with --map metric_number=",
                    _ => "",
                };
                self.problem(column, "too_long", reason, format!("shorten it to {limit} characters{or}"));
                return None;
            }
        }
        Some(text)
    }

    /// The beginning of a name, told from others that begin so by a count.
    fn cut(&mut self, text: &str, limit: usize) -> String {
        let start: String = text.chars().take(limit - 8).collect();
        let start = start.rsplit_once(' ').map_or(start.as_str(), |(words, _)| words).to_owned();
        let count = self.cut.entry(item::normalised(&start)).or_insert(0);
        *count += 1;
        Notes::add(&mut self.notes.cut, self.row.number);
        if *count == 1 { format!("{start}…") } else { format!("{start}… ({count})") }
    }

    pub(super) fn priority(&mut self) -> Option<Priority> {
        let (column, cell) = self.cell(Field::Priority)?;
        let priority = priority::priority(cell.text);
        if priority.is_none() {
            let reason = format!("`{}` is not a priority", repeated(cell.text.trim()));
            self.problem(
                column,
                "unknown_priority",
                reason,
                "write High, Medium or Low, or a rank from 1 to 3; a --map-file can define other words under [values.priority]",
            );
        }
        priority
    }
}
