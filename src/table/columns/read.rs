//! What was decided about the columns.

use super::{Columns, letters};
use crate::domain::item::Field;
use crate::table::decision::Decision;

impl Columns {
    /// A column with its letters, and whether it is hidden.
    pub fn shown(&self, column: usize) -> String {
        let header = self.headers.get(column).map_or("", String::as_str);
        let hidden = if self.hidden.contains(&column) { ", hidden" } else { "" };
        format!("{header} (column {}{hidden})", letters(column))
    }

    /// Which column each field is read from, and which columns are read as none although they look like one.
    pub fn decisions(&self) -> Vec<Decision> {
        let mapped = self.mapped.iter().map(|mapped| {
            let field = mapped.field.as_str();
            let chosen = self.shown(mapped.column);
            let decision = if mapped.given {
                Decision::asked(field, chosen)
            } else if mapped.rivals.is_empty() && !self.hidden.contains(&mapped.column) {
                Decision::certain(field, chosen, format!("{}% sure by its header and values", mapped.confidence))
            } else {
                Decision::told(field, chosen, "its header fits best")
            };
            decision.over(mapped.rivals.iter().map(|rival| self.shown(*rival))).option(format!("--map {field}=COLUMN"))
        });
        let refused = self.refused.iter().map(|(column, field, why)| {
            let field = field.as_str();
            let option = format!("--map {field}={}", letters(*column));
            Decision::told(field, "not read", why).over([self.shown(*column)]).option(option)
        });
        let has_column = self.get(Field::Unit).is_some();
        let of_header = self.mapped.iter().filter(|mapped| mapped.field.is_number() && !has_column);
        let unit = of_header.filter_map(|mapped| {
            let why = format!("the header `{}` has it", mapped.header);
            Some(Decision::certain("unit", mapped.unit.clone()?, why).option("--map unit=COLUMN"))
        });
        mapped.chain(refused).chain(unit.take(1)).collect()
    }
}
