//! The numbers of a row, with what stands around them.

use chrono::NaiveDateTime;
use rust_decimal::Decimal;

use super::{Builder, Found, Notes};
use crate::domain::item::{Field, Item};
use crate::domain::metric::Direction;
use crate::domain::number::{self, Mark, NotANumber, Operator};
use crate::domain::unit;
use crate::table::columns::Readings;
use crate::table::problem::repeated;
use crate::table::row::Kind;
use crate::table::{percent_cell, unit_is_percent};

/// A number cell with what stood around the number.
#[derive(Debug, Clone, Default)]
struct Measured {
    column: Option<usize>,
    /// What it was read as; a reading of a series is a current value.
    field: Option<Field>,
    number: Option<Decimal>,
    upper: Option<Decimal>,
    operator: Option<Operator>,
    unit: Option<String>,
    percent: bool,
    yes_no: bool,
    /// Whether it is written as a share: `3/4`.
    share: bool,
    plain: bool,
}

impl Builder<'_, '_> {
    fn measured(&mut self, field: Field) -> Measured {
        let cell = self.cell(field);
        self.measured_in(field, cell)
    }

    fn measured_in(&mut self, field: Field, cell: Found<'_>) -> Measured {
        let Some((column, cell)) = cell else { return Measured::default() };
        let mark = self.table.marks.get(&field).copied().unwrap_or(Mark::Point);
        let mut measured = Measured { column, field: Some(field), ..Measured::default() };
        let parsed = match cell.kind {
            Kind::Date if let Some(number) = self.duration(field, cell.text) => Ok((number, None)),
            Kind::Date => {
                let what = if unit::seconds(cell.text).is_some() { "duration" } else { "date" };
                let reason = format!("the cell holds the {what} {}, not a number", repeated(&cell.shown()));
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
                measured.share = cell.text.contains('/') && !value.yes_no;
                (value.exact, value.upper)
            }),
        };
        let hundred =
            self.table.scale && !measured.percent && !measured.yes_no && unit_is_percent(self.row, &self.table.columns);
        let scaled = |number: Decimal| {
            let number = if hundred { number.checked_mul(Decimal::ONE_HUNDRED) } else { Some(number) };
            number.ok_or(NotANumber::TooLarge)
        };
        measured.plain = !hundred && !measured.percent && !measured.yes_no;
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

    /// A duration in the metric's unit, where that is one of time.
    fn duration(&self, field: Field, text: &str) -> Option<Decimal> {
        let seconds = unit::seconds(text)?;
        let own = self.mapped(Field::Unit).map(|mapped| self.row.cell(mapped.column).text);
        let header = || self.mapped(field).and_then(|mapped| mapped.unit.as_deref());
        let unit = own.filter(|unit| !number::is_nothing(unit)).or_else(header).or_else(|| unit::of_name(self.name()))?;
        unit::of_seconds(seconds, unit)
    }

    pub(super) fn numbers(&mut self, item: &mut Item, direction: Option<Direction>) {
        let current = self.measured(Field::CurrentValue);
        let target = self.measured(Field::TargetValue);
        let lower = self.measured(Field::TargetLower);
        let upper = self.measured(Field::TargetUpper);
        let readings = self.readings();
        let exact = [(Field::CurrentValue, &current), (Field::TargetLower, &lower), (Field::TargetUpper, &upper)];
        let exact = exact.into_iter().chain(readings.iter().map(|(_, reading)| (Field::CurrentValue, reading)));
        for (field, measured) in exact {
            let agrees = match measured.operator {
                None | Some(Operator::Equal) => true,
                Some(Operator::AtLeast) => field == Field::TargetLower,
                Some(Operator::AtMost) => field == Field::TargetUpper,
            };
            if measured.upper.is_some() || !agrees {
                let column = measured.column;
                let shown = column.map(|column| self.row.cell(column).shown()).unwrap_or_default();
                let reason = format!("`{}` is not one exact value", repeated(shown.trim()));
                self.problem(column, "not_exact", reason, "write one number");
            }
        }
        let numbers = readings.iter().filter_map(|(at, reading)| Some((*at, reading.number?)));
        item.readings = numbers.collect();
        item.readings.sort_unstable();
        item.current_value = current.number;
        // Where nothing says what the value is now, it is the newest of the series.
        if let (None, Some((at, number))) = (current.number, item.readings.last()) {
            item.current_value = Some(*number);
            item.current_at = Some(*at);
        }
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
        let all: Vec<Measured> =
            [current, target, lower, upper].into_iter().chain(readings.into_iter().map(|(_, reading)| reading)).collect();
        self.unit(item, &all);
    }

    /// The cells of a series, each with its instant.
    fn readings(&mut self) -> Vec<(NaiveDateTime, Measured)> {
        let table = self.table;
        let read = |one: &Readings| {
            let cell = self.cell_in(Field::CurrentValue, one.mapped.column, None);
            (one.at, self.measured_in(Field::CurrentValue, cell))
        };
        table.columns.series.iter().map(read).collect()
    }

    /// The unit: its column, else the brackets in a header or in the name, else what stands behind the numbers. Two known units that differ
    /// are a contradiction.
    fn unit(&mut self, item: &mut Item, measured: &[Measured]) {
        if item.unit.is_none() && self.mapped(Field::Unit).is_none() {
            item.unit = self.table.columns.numbers().find_map(|mapped| mapped.unit.clone());
        }
        if item.unit.is_none() {
            item.unit = unit::of_name(self.name()).map(str::to_owned);
        }
        self.shares(item.unit.as_deref(), measured);
        for one in measured {
            let written = if one.percent { Some("%".to_owned()) } else { one.unit.clone() };
            let Some(written) = written else { continue };
            match &item.unit {
                None if !unit::is_known(&written) => {
                    let column = one.column;
                    let reason = format!("cmf does not know the unit `{}`", repeated(&written));
                    self.problem(column, "unknown_unit", reason, "write only the number, and the unit in its own column");
                }
                None => item.unit = Some(written),
                Some(unit) => {
                    if !unit::agree(unit, &written) {
                        let column = one.column;
                        let reason = format!("the value is in {written}, the metric's unit is {unit}");
                        self.problem(column, "unit_conflict", reason, "write the value in the metric's unit");
                    }
                }
            }
        }
    }
}

impl Builder<'_, '_> {
    /// Whether a percentage is at most 1 in a column where many are.
    fn is_fractional(&self, field: Option<Field>, number: Decimal) -> bool {
        !number.is_zero() && number.abs() <= Decimal::ONE && field.is_some_and(|field| self.table.fractional.contains(&field))
    }

    /// What is hardly in the metric's unit: yes and no, `3/4` of anything that is counted, and in percent 0.88 beside 90.
    fn shares(&mut self, unit: Option<&str>, measured: &[Measured]) {
        let Some(unit) = unit else { return };
        let is_percent = unit::is_percent(unit);
        let known = self.mapped(Field::Unit).is_some();
        let has_numbers = measured.iter().any(|one| one.number.is_some() && !one.yes_no);
        let is_fraction = |number: Decimal| !number.is_zero() && number.abs() < Decimal::ONE;
        let most = measured.iter().filter_map(|one| one.number.map(|number| number.abs())).max().unwrap_or_default();
        for one in measured {
            let Some(number) = one.number else { continue };
            let column = one.column;
            let named = if is_percent { "percent" } else { unit };
            let (code, reason) = if one.yes_no && known && (is_percent || has_numbers && unit::is_known(unit)) {
                ("yes_no", format!("is yes or no, and the unit is {named}"))
            } else if one.share && one.plain && (is_percent || unit::is_known(unit)) {
                ("share", format!("is a share, and the unit is {named}"))
            } else if one.plain
                && is_percent
                && !self.table.as_is
                && (is_fraction(number) && most >= Decimal::TWO * Decimal::TEN || self.is_fractional(one.field, number))
            {
                ("maybe_fraction", "can be a fraction or a percentage below 1".to_owned())
            } else {
                continue;
            };
            let shown = column.map(|column| self.row.cell(column).shown()).unwrap_or_default();
            let reason = format!("`{}` {reason}", repeated(shown.trim()));
            let remedy = match code {
                "maybe_fraction" => {
                    "write it with a percent sign, as 88% or 0.88%; --percent as-is takes all values as written"
                }
                _ if is_percent => "write the percentage, such as 75%",
                _ => "write only the number, and correct the unit if it differs",
            };
            self.problem(column, code, reason, remedy);
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
