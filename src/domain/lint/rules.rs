//! The rules, in the order of a report.

use super::rule::Level::{Error, Note, Warning};
use super::rule::Profile::{Iso27004, Sp80055};
use super::rule::{Looked, Profile, Rule};
use super::targets;
use crate::domain::frequency::Frequency;
use crate::domain::item::Field;
use crate::domain::metric::Direction;
use crate::domain::spec::{self, MeasureType};

/// All rules.
pub const RULES: &[Rule] = &[
    Rule {
        id: "goal",
        what: "a goal that the measure serves",
        why: "a figure without a goal leads to no decision",
        sources: &[(Sp80055, "documentation of measures: goal"), (Iso27004, "8.2: information need")],
        level: Warning,
        fix: "write it into a column `Goal`, or --spec goal=TEXT",
        look: |looked| missing(looked, Field::Goal, "goal"),
    },
    Rule {
        id: "measure-type",
        what: "a type: implementation, effectiveness, efficiency or impact",
        why: "a catalog of one type shows that work is done, or that it helps, but not both",
        sources: &[(Sp80055, "types of measures"), (Iso27004, "7: types of measures")],
        level: Warning,
        fix: "write it into a column `Measure Type`, or --spec type=TYPE",
        look: measure_type,
    },
    Rule {
        id: "formula",
        what: "a formula that gives the value",
        why: "two people who measure it get different values",
        sources: &[(Sp80055, "documentation of measures: formula"), (Iso27004, "annex B: formula or scoring")],
        level: Warning,
        fix: "write it into a column `Formula`, or --spec formula=TEXT",
        look: |looked| missing(looked, Field::Formula, "formula"),
    },
    Rule {
        id: "frequency",
        what: "a frequency that names a time",
        why: "nobody knows whether a value is late",
        sources: &[(Sp80055, "documentation of measures: frequency"), (Iso27004, "6.4: when to measure")],
        level: Warning,
        fix: "write it into a column `Frequency`, or --frequency monthly",
        look: frequency,
    },
    Rule {
        id: "owner",
        what: "a person who is responsible",
        why: "nobody measures it, and nobody acts on it",
        sources: &[(Sp80055, "documentation of measures: responsible parties"), (Iso27004, "6.5: who measures")],
        level: Warning,
        fix: "write it into a column `Owner`, or --spec owner=NAME",
        look: |looked| missing(looked, Field::Owner, "owner"),
    },
    Rule {
        id: "data-source",
        what: "the source of the data",
        why: "the value cannot be measured again, nor checked",
        sources: &[(Sp80055, "documentation of measures: data source"), (Iso27004, "annex B: data source")],
        level: Warning,
        fix: "write it into a column `Data Source`, or --spec source=TEXT",
        look: |looked| missing(looked, Field::DataSource, "data source"),
    },
    Rule {
        id: "target",
        what: "a target, or both bounds of a range",
        why: "the value cannot be scored",
        sources: &[(Sp80055, "documentation of measures: target"), (Iso27004, "annex B: target")],
        level: Warning,
        fix: "write it into a column `Target`, or --target VALUE",
        look: |looked| targets::missing(&looked.measure.item),
    },
    Rule {
        id: "unit",
        what: "a unit, unless the value is yes or no",
        why: "14 can be hours, days or percent",
        sources: &[(Sp80055, "measures are quantifiable"), (Iso27004, "annex B: formula or scoring")],
        level: Warning,
        fix: "write it into a column `Unit`, or --unit UNIT",
        look: |looked| {
            let item = &looked.measure.item;
            (item.unit.is_none() && item.direction != Some(Direction::Binary)).then(|| "it has no unit".to_owned())
        },
    },
    Rule {
        id: "evidence",
        what: "evidence that shows that a value is right",
        why: "an auditor has to trust the value",
        sources: &[
            (Sp80055, "documentation of measures: implementation evidence"),
            (Iso27004, "annex B: implementation evidence"),
        ],
        level: Note,
        fix: "write it into a column `Evidence`, or --spec evidence=TEXT",
        look: |looked| missing(looked, Field::Evidence, "evidence"),
    },
    Rule {
        id: "review-date",
        what: "the day of the next review of the definition",
        why: "a measure may stay after its purpose has gone",
        sources: &[(Sp80055, "measures are reviewed"), (Iso27004, "8.8: review of measures")],
        level: Note,
        fix: "write it into a column `Review Date`, or --spec review_date=YYYY-MM-DD",
        look: |looked| match looked.measure.said(Field::ReviewDate) {
            None => Some("it has no review date".to_owned()),
            Some(text) => spec::day(text).err().map(|why| format!("its review date `{text}` {why}")),
        },
    },
    Rule {
        id: "review-overdue",
        what: "a review that is not overdue",
        why: "the measure may no longer serve its goal",
        sources: &[(Sp80055, "measures are reviewed"), (Iso27004, "8.8: review of measures")],
        level: Note,
        fix: "review the measure, and set the next day with --spec review_date=YYYY-MM-DD",
        look: |looked| {
            let day = spec::day(looked.measure.said(Field::ReviewDate)?).ok()?;
            (day < looked.today).then(|| format!("its review was due on {day}"))
        },
    },
    Rule {
        id: "target-never-met",
        what: "a target that can be met",
        why: "the metric can never reach the full score",
        sources: &[],
        level: Error,
        fix: "correct the target, the direction or the unit with `cmf metric set`",
        look: |looked| targets::never_met(&looked.measure.item),
    },
    Rule {
        id: "target-always-met",
        what: "a target that can be missed",
        why: "the metric always has the full score",
        sources: &[],
        level: Error,
        fix: "correct the target, the direction or the unit with `cmf metric set`",
        look: |looked| targets::always_met(&looked.measure.item),
    },
    Rule {
        id: "duplicate",
        what: "a name that no other measure has",
        why: "the same thing counts twice in the score",
        sources: &[],
        level: Error,
        fix: "remove one of them, or say in the names how they differ",
        look: |looked| looked.same.map(|other| format!("{} has the same name", other.label())),
    },
    Rule {
        id: "near-duplicate",
        what: "a measure that is not nearly the same as another",
        why: "the same thing may count twice in the score",
        sources: &[],
        level: Warning,
        fix: "remove one of them, or say in the names how they differ",
        look: |looked| looked.near.map(|other| format!("`{}` ({}) is nearly the same", other.item.name, other.label())),
    },
];

fn missing(looked: &Looked<'_>, field: Field, name: &str) -> Option<String> {
    looked.measure.said(field).is_none().then(|| format!("it has no {name}"))
}

fn measure_type(looked: &Looked<'_>) -> Option<String> {
    let Some(text) = looked.measure.said(Field::MeasureType) else { return Some("it has no type".to_owned()) };
    match MeasureType::read(text) {
        None => Some(format!("its type `{text}` is not implementation, effectiveness, efficiency or impact")),
        Some(MeasureType::Performance) if looked.profile == Some(Profile::Sp80055) => {
            Some("its type is performance, which NIST SP 800-55 calls implementation or efficiency".to_owned())
        }
        Some(_) => None,
    }
}

fn frequency(looked: &Looked<'_>) -> Option<String> {
    match looked.measure.said(Field::Frequency) {
        None => Some("it has no frequency".to_owned()),
        Some(text) => Frequency::read(text).is_none().then(|| format!("its frequency `{text}` names no time")),
    }
}
