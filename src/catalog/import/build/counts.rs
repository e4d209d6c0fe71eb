//! What a percentage was counted from, in columns of its own: two counts, or the two halves of its formula.

use super::Builder;
use crate::domain::item::{Field, Item};
use crate::domain::reading::Counted;
use crate::domain::unit;
use crate::table::problem::repeated;
use crate::table::row::Kind;

impl Builder<'_, '_> {
    /// Takes the value from its numerator and denominator. One that stands beside them has to be their percentage.
    pub(super) fn counts(&mut self, item: &mut Item) {
        if self.mapped(Field::Numerator).or(self.mapped(Field::Denominator)).is_none() {
            return;
        }
        let (part, whole) = (self.cell(Field::Numerator), self.cell(Field::Denominator));
        let ((column, part), (_, whole)) = match (part, whole) {
            (None, None) => return,
            (Some(part), Some(whole)) => (part, whole),
            (Some((column, _)), None) => return self.uncounted(column, "there is a numerator but no denominator".to_owned()),
            (None, Some((column, _))) => return self.uncounted(column, "there is a denominator but no numerator".to_owned()),
        };
        let is_words = |text: &str| text.contains(char::is_alphabetic);
        if is_words(&part.shown()) && is_words(&whole.shown()) {
            let formula = format!("{} / {}", part.shown().trim(), whole.shown().trim());
            item.spec.entry(Field::Formula).or_insert(formula);
            return;
        }
        let is_grouped = |kind: Kind, text: &str| kind == Kind::Text && text.contains(['.', ',', '\'', ' ']);
        if is_grouped(part.kind, part.text.trim()) || is_grouped(whole.kind, whole.text.trim()) {
            return self.uncounted(column, "a count has a separator, which could be a decimal mark".to_owned());
        }
        let counted = match Counted::of(part.text, whole.text) {
            Ok(counted) => counted,
            Err(reason) => return self.uncounted(column, format!("the metric {reason}")),
        };
        if let Some(unit) = item.unit.as_deref().filter(|unit| !unit::is_percent(unit)) {
            let reason = format!("{counted} is a percentage, the metric's unit is {}", repeated(unit));
            let remedy = "ignore the counts with --map numerator= --map denominator=, or correct the unit";
            return self.problem(column, "unit_conflict", reason, remedy);
        }
        // The newest of a series stands in for a value of now, and is of another day.
        let beside = item.current_value.filter(|_| item.current_at.is_none());
        if let Some(value) = beside.filter(|value| !counted.is_percentage(&value.normalize().to_string())) {
            let reason = format!("the value {} is not {counted}, which is {} %", value.normalize(), counted.percentage());
            return self.uncounted(column, reason);
        }
        item.current_value = Some(counted.percentage().decimal());
        item.current_at = None;
        item.unit.get_or_insert_with(|| "%".to_owned());
        item.counts = Some(counted);
    }

    fn uncounted(&mut self, column: Option<usize>, reason: String) {
        let remedy = "write two counts, such as 47 and 50, or leave both cells empty";
        self.problem(column, "not_counts", reason, remedy);
    }
}
