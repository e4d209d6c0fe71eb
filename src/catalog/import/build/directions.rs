//! The direction of a row's metric: what its column says, what the user says, and what its words tell.

use super::Builder;
use crate::domain::direction::{Facts, told};
use crate::domain::item::{self, Field, Item};
use crate::domain::metric::Direction;
use crate::table::problem::repeated;

impl Builder<'_, '_> {
    pub(super) fn direction(&mut self) -> Option<Direction> {
        let (column, cell) = self.cell(Field::Direction)?;
        let is_flag =
            self.mapped(Field::Direction).is_some_and(|mapped| item::normalised(&mapped.header).contains("higher is better"));
        let direction = if is_flag { item::direction_of_higher(cell.text) } else { item::direction(cell.text) };
        if direction.is_none() {
            let reason = format!("`{}` is not a direction", repeated(cell.text.trim()));
            self.problem(
                column,
                "unknown_direction",
                reason,
                "write higher_is_better, lower_is_better, target_range or binary; a --map-file can define other words under [values.direction]",
            );
        }
        direction
    }

    /// Gives an item the direction that the user says, or else its words tell; in that case it returns what tells it.
    pub(super) fn tell(&mut self, item: &mut Item) -> Option<String> {
        let rules = &self.table.directions;
        if let Some((rule, direction)) = rules.naming(item.metric_number.as_deref(), &item.name) {
            self.notes.named.insert(rule);
            match item.direction.replace(direction) {
                Some(written) if written != direction => {
                    let column = [Field::Direction, Field::TargetValue].into_iter().find_map(|field| self.mapped(field));
                    let reason = format!("the sheet says {written}, but --direction or the column map says {direction}");
                    let remedy = "correct the cell, or remove the metric from --direction and from [directions] in the map";
                    self.problem(column.map(|mapped| mapped.column), "direction_conflict", reason, remedy);
                }
                _ => {}
            }
            return None;
        }
        if item.direction.is_some() {
            return None;
        }
        let facts = Facts {
            name: &item.name,
            description: item.description.as_deref(),
            unit: item.unit.as_deref(),
            target: item.target_value,
            lower: item.target_lower,
            upper: item.target_upper,
        };
        let told = told(&facts);
        item.direction = told.as_ref().map(|told| told.direction).or_else(|| rules.of_the_rest());
        told.map(|told| told.why)
    }
}
