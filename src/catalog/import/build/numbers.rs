//! The numbers of a row, with what stands around them.

use rust_decimal::Decimal;

use super::{Builder, Notes};
use crate::domain::item::{Field, Item};
use crate::domain::metric::Direction;
use crate::domain::number::{self, Mark, NotANumber, Operator};
use crate::domain::unit;
use crate::table::problem::repeated;
use crate::table::row::Kind;
use crate::table::{percent_cell, unit_is_percent};

/// A number cell with what stood around the number.
#[derive(Debug, Clone, Default)]
struct Measured {
    number: Option<Decimal>,
    upper: Option<Decimal>,
    operator: Option<Operator>,
    unit: Option<String>,
    percent: bool,
    yes_no: bool,
}

impl Builder<'_, '_> {
    fn measured(&mut self, field: Field) -> Measured {
        let Some((column, cell)) = self.cell(field) else { return Measured::default() };
        let mark = self.table.marks.get(&field).copied().unwrap_or(Mark::Point);
        let mut measured = Measured::default();
        let parsed = match cell.kind {
            Kind::Date => {
                let reason = format!("the cell holds the date {}, not a number", repeated(cell.text));
                self.problem(column, "date_not_number", reason, "write the number, and format the cell as a number");
                return measured;
            }
            Kind::Percent => {
                measured.percent = true;
                percent_cell(cell.text).ok_or(NotANumber::TooLarge).map(|number| (number, None))
            }
            Kind::Number => number::parse(cell.text, Mark::Point).map(|value| (value.exact, None)),
            _ => number::parse(cell.text, mark).map(|value| {
                measured.percent = value.percent;
                measured.operator = value.operator;
                measured.unit = value.unit;
                measured.yes_no = value.yes_no;
                (value.exact, value.upper)
            }),
        };
        let hundred =
            self.table.scale && !measured.percent && !measured.yes_no && unit_is_percent(self.row, &self.table.columns);
        let scaled = |number: Decimal| {
            let number = if hundred { number.checked_mul(Decimal::ONE_HUNDRED) } else { Some(number) };
            number.ok_or(NotANumber::TooLarge)
        };
        let result = parsed.and_then(|(number, upper)| {
            let exact = scaled(number)?;
            let kept = number::stored(exact)?;
            // What a double adds behind the tenth decimal nobody wrote.
            Ok((kept, kept != exact.round_dp(10), upper.map(|upper| scaled(upper).and_then(number::stored)).transpose()?))
        });
        match result {
            Ok((number, is_rounded, upper)) => {
                if is_rounded {
                    Notes::add(&mut self.notes.rounded, self.row.number);
                }
                measured.number = Some(number);
                measured.upper = upper;
            }
            Err(why) => {
                let shown: String = cell.shown().trim().chars().take(80).collect();
                self.problem(column, why.code(), format!("`{shown}` {why}"), remedy(why));
            }
        }
        measured
    }

    pub(super) fn numbers(&mut self, item: &mut Item, direction: Option<Direction>) {
        let current = self.measured(Field::CurrentValue);
        let target = self.measured(Field::TargetValue);
        let lower = self.measured(Field::TargetLower);
        let upper = self.measured(Field::TargetUpper);
        for (field, measured) in [(Field::CurrentValue, &current), (Field::TargetLower, &lower), (Field::TargetUpper, &upper)] {
            let agrees = match measured.operator {
                None | Some(Operator::Equal) => true,
                Some(Operator::AtLeast) => field == Field::TargetLower,
                Some(Operator::AtMost) => field == Field::TargetUpper,
            };
            if measured.upper.is_some() || !agrees {
                let column = self.mapped(field).map(|mapped| mapped.column);
                let shown = column.map(|column| self.row.cell(column).shown()).unwrap_or_default();
                let reason = format!("`{}` is not one exact value", repeated(shown.trim()));
                self.problem(column, "not_exact", reason, "write the one number that it is");
            }
        }
        item.current_value = current.number;
        item.target_lower = lower.number;
        item.target_upper = upper.number;
        if target.upper.is_some() {
            if item.target_lower.is_none() {
                item.target_lower = target.number;
            }
            if item.target_upper.is_none() {
                item.target_upper = target.upper;
            }
        } else {
            item.target_value = target.number;
        }
        if let (Some(low), Some(high)) = (item.target_lower, item.target_upper)
            && low > high
        {
            let column = self.mapped(Field::TargetLower).map(|mapped| mapped.column);
            self.problem(
                column,
                "bounds_swapped",
                format!("the lower bound {low} is above the upper bound {high}"),
                "swap the bounds",
            );
        }
        let implied = if target.upper.is_some() {
            Some(Direction::TargetRange)
        } else if let Some(implied) = target.operator.and_then(Operator::direction) {
            Some(implied)
        } else if target.yes_no {
            Some(Direction::Binary)
        } else if target.number.is_none() && item.target_lower.is_some() && item.target_upper.is_some() {
            Some(Direction::TargetRange)
        } else {
            None
        };
        if let (Some(stated), Some(implied)) = (direction, implied)
            && stated != implied
            && !target.yes_no
            && !(stated == Direction::TargetRange && target.operator.is_none())
        {
            Notes::add(&mut self.notes.overruled, self.row.number);
        }
        item.direction = direction.or(implied);
        self.unit(item, [&current, &target, &lower, &upper]);
    }

    /// The unit: its column, else the brackets in a header or in the name, else what stands behind the numbers. Two known units that differ
    /// are a contradiction.
    fn unit(&mut self, item: &mut Item, measured: [&Measured; 4]) {
        const FIELDS: [Field; 4] = [Field::CurrentValue, Field::TargetValue, Field::TargetLower, Field::TargetUpper];
        if item.unit.is_none() && self.mapped(Field::Unit).is_none() {
            item.unit = FIELDS.into_iter().filter_map(|field| self.mapped(field)).find_map(|mapped| mapped.unit.clone());
        }
        if item.unit.is_none() {
            item.unit = unit::of_name(self.name()).map(str::to_owned);
        }
        for (field, one) in FIELDS.into_iter().zip(measured) {
            let written = if one.percent { Some("%".to_owned()) } else { one.unit.clone() };
            let Some(written) = written else { continue };
            match &item.unit {
                None => item.unit = Some(written),
                Some(unit) => {
                    let differ = match (unit::family(unit), unit::family(&written)) {
                        (Some(a), Some(b)) => a != b,
                        _ => false,
                    };
                    if differ {
                        let column = self.mapped(field).map(|mapped| mapped.column);
                        let reason = format!("the value is in {written}, the metric's unit is {unit}");
                        self.problem(column, "unit_conflict", reason, "write the value in the metric's unit");
                    }
                }
            }
        }
    }
}

fn remedy(why: NotANumber) -> &'static str {
    match why {
        NotANumber::Text => "write one number, such as 95, >= 95% or 14 days, or leave the cell empty",
        NotANumber::Date => "write the number; format the cell as text or number so that it does not become a date",
        NotANumber::NotFinite => "write a number, or leave the cell empty",
        NotANumber::TooLarge => "write it in a larger unit",
        NotANumber::Grouping => "write the number without separators for thousands",
        NotANumber::Bounds => "write the lower bound first",
    }
}
