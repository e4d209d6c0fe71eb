//! The definitions of a past instant, rebuilt backwards from those of today by what commands changed since.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::image::{Changed, Columns, How, Parts};
use super::number::finite;
use super::score::Measure;

/// What a command did to a row, and when, UTC.
#[derive(Debug, Clone)]
pub struct Point {
    /// When the command ended.
    pub at: NaiveDateTime,
    /// What became of the row.
    pub change: Changed,
}

/// A row as it is today.
#[derive(Debug, Clone)]
pub struct Today {
    pub columns: Columns,
    pub digest: String,
}

/// When a row was changed by another program: after the first instant, and before the second, or before now.
pub type Unknown = (NaiveDateTime, Option<NaiveDateTime>);

/// Where the digests of a row say that another program changed it. The points are in the order of time.
pub fn unknown(points: &[Point], today: Option<&str>) -> Vec<Unknown> {
    let mut found = Vec::new();
    for (at, point) in points.iter().enumerate() {
        let next = points.get(at + 1);
        let after = match next {
            Some(next) => next.change.was.as_deref(),
            None => today,
        };
        // A change that says nothing of it leaves the question open.
        let is_open = point.change.how() == How::Changed && point.change.is.is_none()
            || next.is_some_and(|next| next.change.how() == How::Changed && next.change.was.is_none());
        if !is_open && point.change.is.as_deref() != after {
            found.push((point.at, next.map(|next| next.at)));
        }
    }
    found
}

/// What is known of a row, into which columns are put that were others.
pub trait State: Clone {
    /// Of a row of which nothing is known yet.
    fn nothing() -> Self;

    /// The same with these columns; none where one has a value that cmf does not know.
    fn with(self, columns: &Columns) -> Option<Self>;
}

/// The states of a row: the one after each of its points, and the one before the first.
#[derive(Debug, Clone)]
pub struct Timeline<T> {
    ats: Vec<NaiveDateTime>,
    states: Vec<Option<T>>,
}

impl<T: State> Timeline<T> {
    /// Goes back from today over the points, which are in the order of time.
    pub fn new(points: &[Point], today: Option<T>) -> Self {
        let mut states = vec![today.clone()];
        let mut state = today;
        for Point { change, .. } in points.iter().rev() {
            let before = change.before.as_ref();
            state = match change.how() {
                How::Added => None,
                How::Removed => before.and_then(|columns| T::nothing().with(columns)),
                How::Changed => state.and_then(|state| before.map_or(Some(state.clone()), |columns| state.with(columns))),
            };
            states.push(state.clone());
        }
        states.reverse();
        Timeline { ats: points.iter().map(|point| point.at).collect(), states }
    }

    /// One that was always so.
    pub fn always(state: T) -> Self {
        Timeline { ats: Vec::new(), states: vec![Some(state)] }
    }

    /// Whether it was ever another one, or not there.
    pub fn is_always(&self, state: &T) -> bool
    where
        T: PartialEq,
    {
        self.states.iter().all(|one| one.as_ref() == Some(state))
    }

    /// The state at an instant.
    pub fn at(&self, instant: NaiveDateTime) -> Option<&T> {
        self.states.get(self.ats.partition_point(|at| *at <= instant))?.as_ref()
    }
}

/// A value of a row as the server writes it in JSON.
pub fn column<T: for<'a> Deserialize<'a>>(columns: &Columns, name: &str) -> Option<T> {
    part(&columns.parts(), name)
}

/// The same of columns that were taken apart.
pub fn part<T: for<'a> Deserialize<'a>>(parts: &Parts<'_>, name: &str) -> Option<T> {
    serde_json::from_str(parts.get(name)?.get()).ok()
}

/// A number of a row, with all its decimals.
fn number(parts: &Parts<'_>, name: &str) -> Option<Decimal> {
    parts.get(name)?.get().parse().ok()
}

/// Puts the value of a column where it belongs, if it is there; none for one that cannot be read.
fn put<T: for<'a> Deserialize<'a>>(parts: &Parts<'_>, name: &str, into: &mut T) -> Option<()> {
    if parts.contains_key(name) {
        *into = part(parts, name)?;
    }
    Some(())
}

/// What a metric's score depends on beside its readings and places.
#[derive(Debug, Clone)]
pub struct Definition {
    /// What people know it by.
    pub metric_number: Option<String>,
    /// What it is called.
    pub name: String,
    /// What it is counted in.
    pub unit: Option<String>,
    /// Without a value.
    pub measure: Measure,
    /// Whether it refused changes.
    pub is_locked: bool,
    /// Its catalog; none for the default library.
    pub catalog_id: Option<Uuid>,
    /// Where it counts without a catalog.
    pub csf_function: String,
    /// The category there.
    pub csf_category: Option<String>,
    /// The value that it had.
    pub current_value: Option<Decimal>,
    /// When it was made, UTC.
    pub created_at: Option<NaiveDateTime>,
}

impl State for Definition {
    fn nothing() -> Self {
        Definition {
            metric_number: None,
            name: String::new(),
            unit: None,
            measure: Measure::nothing(),
            is_locked: false,
            catalog_id: None,
            csf_function: String::new(),
            csf_category: None,
            current_value: None,
            created_at: None,
        }
    }

    fn with(mut self, columns: &Columns) -> Option<Self> {
        let parts = &columns.parts();
        put(parts, "metric_number", &mut self.metric_number)?;
        put(parts, "name", &mut self.name)?;
        put(parts, "unit", &mut self.unit)?;
        put(parts, "is_locked", &mut self.is_locked)?;
        put(parts, "catalog_id", &mut self.catalog_id)?;
        put(parts, "csf_function", &mut self.csf_function)?;
        put(parts, "csf_category", &mut self.csf_category)?;
        let (mut direction, mut priority) = (self.measure.direction.to_string(), self.measure.priority.to_string());
        put(parts, "direction", &mut direction)?;
        put(parts, "priority", &mut priority)?;
        (self.measure.direction, self.measure.priority) = (direction.parse().ok()?, priority.parse().ok()?);
        let numbers = [
            ("target_value", &mut self.measure.target),
            ("target_lower", &mut self.measure.lower),
            ("target_upper", &mut self.measure.upper),
            ("current_value", &mut self.current_value),
        ];
        for (name, into) in numbers {
            if parts.contains_key(name) {
                *into = number(parts, name).and_then(|number| finite(Some(number.into())));
            }
        }
        if parts.contains_key("created_at") {
            self.created_at = part(parts, "created_at");
        }
        Some(self)
    }
}

/// Where an item counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapped {
    /// The item, which is also the metric.
    pub item_id: Uuid,
    /// The framework of the codes.
    pub framework_id: Uuid,
    /// The function's code.
    pub function: String,
    /// The category's code.
    pub category: Option<String>,
    /// The subcategory's code.
    pub subcategory: Option<String>,
    /// Whether it counts.
    pub is_confirmed: bool,
}

impl State for Mapped {
    fn nothing() -> Self {
        let (item_id, framework_id) = (Uuid::nil(), Uuid::nil());
        Mapped { item_id, framework_id, function: String::new(), category: None, subcategory: None, is_confirmed: false }
    }

    fn with(mut self, columns: &Columns) -> Option<Self> {
        let parts = &columns.parts();
        put(parts, "catalog_item_id", &mut self.item_id)?;
        put(parts, "framework_id", &mut self.framework_id)?;
        put(parts, "function_code", &mut self.function)?;
        put(parts, "category_code", &mut self.category)?;
        put(parts, "subcategory_code", &mut self.subcategory)?;
        put(parts, "is_confirmed", &mut self.is_confirmed)?;
        Some(self)
    }
}

/// What an item said of how its metric is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// How often.
    pub frequency: Option<String>,
}

impl Said {
    /// The column of `metric_catalog_items` that it is in.
    const COLUMN: &str = "original_data";

    /// Whether a change of an item is one of this. That it came is none.
    pub fn is_other(change: &Changed) -> bool {
        let of = |columns: &Option<Columns>| columns.as_ref()?.get(Self::COLUMN).map(Said::read);
        of(&change.before).is_some_and(|before| before.is_none() || of(&change.after) != Some(before))
    }

    fn read(text: &RawValue) -> Option<Self> {
        /// What is looked at of a row of a sheet.
        #[derive(Deserialize)]
        struct Data {
            #[serde(default)]
            parsed: serde_json::Value,
        }
        // Most items say nothing of it.
        if !text.get().contains("frequency") {
            return Some(Said::nothing());
        }
        // What the server gives as a text for a value that is none.
        let frequency = match serde_json::from_str::<Data>(text.get()).ok()?.parsed.get("frequency") {
            None | Some(serde_json::Value::Null) => None,
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(other) => Some(other.to_string()),
        };
        Some(Said { frequency })
    }
}

impl State for Said {
    fn nothing() -> Self {
        Said { frequency: None }
    }

    fn with(self, columns: &Columns) -> Option<Self> {
        columns.get(Self::COLUMN).map_or(Some(self), Said::read)
    }
}

/// A metric's readings that went with it, by their instants.
pub type Readings = BTreeMap<NaiveDateTime, Decimal>;

/// Reads a row of `metric_history`: its metric, its instant and its value.
pub fn reading(columns: &Columns) -> Option<(Uuid, NaiveDateTime, Decimal)> {
    let parts = &columns.parts();
    Some((part(parts, "metric_id")?, part(parts, "recorded_at")?, number(parts, "value")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(text: &str) -> Columns {
        serde_json::from_str(text).expect("columns")
    }

    fn at(text: &str) -> NaiveDateTime {
        text.parse().expect("an instant")
    }

    fn point(when: &str, before: Option<&str>, after: Option<&str>, was: Option<&str>, is: Option<&str>) -> Point {
        let change = Changed {
            id: Uuid::nil(),
            before: before.map(columns),
            after: after.map(columns),
            was: was.map(str::to_owned),
            is: is.map(str::to_owned),
        };
        Point { at: at(when), change }
    }

    /// The column `x` alone.
    #[derive(Clone)]
    struct X(i64);

    impl State for X {
        fn nothing() -> Self {
            X(0)
        }

        fn with(mut self, columns: &Columns) -> Option<Self> {
            put(&columns.parts(), "x", &mut self.0)?;
            Some(self)
        }
    }

    #[test]
    fn an_item_says_how_often_its_metric_is_measured() {
        let said = |text: &str| Said::nothing().with(&columns(text)).map(|said| said.frequency);
        assert_eq!(said(r#"{"original_data": {"parsed": {"frequency": "monthly"}}}"#), Some(Some("monthly".to_owned())));
        assert_eq!(said(r#"{"original_data": {"parsed": {"frequency": 30}}}"#), Some(Some("30".to_owned())));
        assert_eq!((said(r#"{"original_data": {"row": {}}}"#), said(r#"{"name": "x"}"#)), (Some(None), Some(None)));
    }

    #[test]
    fn a_row_is_at_each_instant_what_it_was_then() {
        let points = [
            point("2026-01-01T00:00:00", None, None, None, Some("a")),
            point("2026-02-01T00:00:00", Some(r#"{"x": 1}"#), Some(r#"{"x": 2}"#), Some("a"), Some("b")),
            point("2026-03-01T00:00:00", Some(r#"{"x": 2, "y": 0}"#), None, Some("c"), None),
        ];
        let timeline = Timeline::new(&points, None);
        let x = |when: &str| timeline.at(at(when)).map(|X(x)| *x);
        assert_eq!((x("2025-12-31T00:00:00"), x("2026-01-15T00:00:00")), (None, Some(1)));
        assert_eq!((x("2026-02-15T00:00:00"), x("2026-03-01T00:00:00")), (Some(2), None));
        // Between the second and the third command somebody else was there.
        assert_eq!(unknown(&points, None), [(at("2026-02-01T00:00:00"), Some(at("2026-03-01T00:00:00")))]);
        assert_eq!(unknown(&points[..2], Some("b")), []);
        assert_eq!(unknown(&points[..2], Some("z")), [(at("2026-02-01T00:00:00"), None)]);
        assert_eq!(unknown(&points[..2], None).len(), 1, "it is gone, and nobody says why");
    }
}
