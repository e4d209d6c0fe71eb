//! Targets that no value can meet, or that every value meets.

use rust_decimal::Decimal;

use crate::domain::item::Item;
use crate::domain::metric::Direction;
use crate::domain::unit;

/// The least and the most that a value can be in its unit. A value beyond that shows that the unit has no such end.
fn ends(item: &Item) -> (Option<Decimal>, Option<Decimal>) {
    let Some(unit) = item.unit.as_deref() else { return (None, None) };
    let floor = unit::is_never_negative(unit).then_some(Decimal::ZERO);
    let ceiling = unit::is_percent(unit).then_some(Decimal::ONE_HUNDRED);
    let value = item.current_value;
    (
        floor.filter(|floor| value.is_none_or(|value| value >= *floor)),
        ceiling.filter(|most| value.is_none_or(|value| value <= *most)),
    )
}

fn with_unit(number: Decimal, item: &Item) -> String {
    let unit = item.unit.as_deref().map(|unit| if unit::is_percent(unit) { " %".to_owned() } else { format!(" {unit}") });
    format!("{}{}", number.normalize(), unit.unwrap_or_default())
}

/// What a target lacks.
pub(super) fn missing(item: &Item) -> Option<String> {
    match item.direction {
        Some(Direction::TargetRange) => match (item.target_lower, item.target_upper) {
            (Some(_), Some(_)) => None,
            (None, None) => Some("it has no bounds, but its direction is a range".to_owned()),
            (None, _) => Some("it has no lower bound, but its direction is a range".to_owned()),
            (_, None) => Some("it has no upper bound, but its direction is a range".to_owned()),
        },
        // Without a target it means 1.
        Some(Direction::Binary) => None,
        _ => item.target_value.is_none().then(|| "it has no target".to_owned()),
    }
}

/// Why no value can meet the target.
pub(super) fn never_met(item: &Item) -> Option<String> {
    let (floor, ceiling) = ends(item);
    let above = |number: Decimal| ceiling.is_some_and(|most| number > most);
    let below = |number: Decimal| floor.is_some_and(|least| number < least);
    let what = |name: &str, number: Decimal, end: &str| Some(format!("its {name} {} is {end}", with_unit(number, item)));
    match item.direction? {
        Direction::HigherIsBetter | Direction::Binary if item.target_value.is_some_and(above) => {
            what("target", item.target_value?, "above the highest possible value")
        }
        Direction::LowerIsBetter | Direction::Binary if item.target_value.is_some_and(below) => {
            what("target", item.target_value?, "below the lowest possible value")
        }
        Direction::TargetRange => match (item.target_lower, item.target_upper) {
            (Some(lower), Some(upper)) if lower > upper => {
                Some(format!("its lower bound {lower} is above its upper bound {upper}"))
            }
            (Some(lower), _) if above(lower) => what("lower bound", lower, "above the highest possible value"),
            (_, Some(upper)) if below(upper) => what("upper bound", upper, "below the lowest possible value"),
            _ => None,
        },
        _ => None,
    }
}

/// Why every value meets the target.
pub(super) fn always_met(item: &Item) -> Option<String> {
    let (floor, ceiling) = ends(item);
    let is_floor = |number: Decimal| floor.is_some_and(|least| number <= least);
    let is_ceiling = |number: Decimal| ceiling.is_some_and(|most| number >= most);
    match item.direction? {
        Direction::HigherIsBetter => item
            .target_value
            .filter(|target| is_floor(*target))
            .map(|target| format!("higher is better, and every value is at least its target {}", with_unit(target, item))),
        Direction::LowerIsBetter => item
            .target_value
            .filter(|target| is_ceiling(*target))
            .map(|target| format!("lower is better, and no value is above its target {}", with_unit(target, item))),
        Direction::TargetRange => {
            let (lower, upper) = (item.target_lower?, item.target_upper?);
            (is_floor(lower) && is_ceiling(upper))
                .then(|| format!("every value is from {} to {}", lower.normalize(), with_unit(upper, item)))
        }
        Direction::Binary => None,
    }
}
