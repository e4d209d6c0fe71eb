//! What a row of a catalog sheet says about a metric, and the words it says it with.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::metric::{Direction, Priority};
use super::reading::Counted;

named! {
    /// What a column of a sheet can hold.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    pub enum Field {
        /// The display number, such as `PR-001`.
        MetricNumber = "metric_number",
        /// What the metric is called.
        Name = "name",
        /// What it measures.
        Description = "description",
        /// The value now.
        CurrentValue = "current_value",
        /// The goal.
        TargetValue = "target_value",
        /// The lower bound of a range.
        TargetLower = "target_lower",
        /// The upper bound of a range.
        TargetUpper = "target_upper",
        /// What it is counted in.
        Unit = "unit",
        /// Which values are good.
        Direction = "direction",
        /// Codes or names of functions.
        Function = "function",
        /// Codes or names of categories.
        Category = "category",
        /// Codes of subcategories.
        Subcategory = "subcategory",
        /// How much it weighs.
        Priority = "priority",
        /// Who is responsible.
        Owner = "owner",
        /// How often it is measured.
        Frequency = "frequency",
        /// How it is computed.
        Formula = "formula",
        /// What it is measured for.
        Goal = "goal",
        /// What it tells of: implementation, effectiveness, efficiency, impact.
        MeasureType = "measure_type",
        /// Where its data come from.
        DataSource = "data_source",
        /// What shows that a value is right.
        Evidence = "evidence",
        /// The day on which its definition is looked at again.
        ReviewDate = "review_date",
        /// What is counted, of a percentage.
        Numerator = "numerator",
        /// What it is counted of.
        Denominator = "denominator",
    }
    ALL
    /// The name in options, map files and `import_metadata`.
    as_str
}

impl Field {
    /// What `original_data.parsed` keeps as text, for want of a column.
    pub const SPEC: [Field; 8] = [
        Field::Owner,
        Field::Frequency,
        Field::Formula,
        Field::Goal,
        Field::MeasureType,
        Field::DataSource,
        Field::Evidence,
        Field::ReviewDate,
    ];

    pub fn named(name: &str) -> Option<Field> {
        let name = normalised(name).replace(' ', "_");
        Field::ALL.into_iter().find(|field| field.as_str() == name)
    }

    /// Whether it holds a number.
    pub const fn is_number(self) -> bool {
        matches!(self, Field::CurrentValue | Field::TargetValue | Field::TargetLower | Field::TargetUpper)
    }

    /// Whether it is a part of what a percentage was counted from.
    pub const fn is_count(self) -> bool {
        matches!(self, Field::Numerator | Field::Denominator)
    }

    /// Whether it is kept as the text that it is.
    pub fn is_prose(self) -> bool {
        matches!(self, Field::Name | Field::Description) || Field::SPEC.contains(&self)
    }

    /// Whether it holds framework codes.
    pub const fn is_code(self) -> bool {
        matches!(self, Field::Function | Field::Category | Field::Subcategory)
    }

    /// The most characters the database keeps of it.
    pub const fn limit(self) -> Option<usize> {
        match self {
            Field::MetricNumber => Some(20),
            Field::Name => Some(200),
            Field::Unit => Some(50),
            _ => None,
        }
    }
}

/// What is said of a metric in the fields of [`Field::SPEC`].
pub type Spec = BTreeMap<Field, String>;

/// One metric of a catalog, typed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Item {
    /// The display number.
    pub metric_number: Option<String>,
    pub name: String,
    pub description: Option<String>,
    /// The value now.
    pub current_value: Option<Decimal>,
    /// When it was measured, where the sheet says so, UTC.
    pub current_at: Option<NaiveDateTime>,
    /// The readings of a series, the oldest first.
    pub readings: Vec<(NaiveDateTime, Decimal)>,
    /// The goal.
    pub target_value: Option<Decimal>,
    /// The lower bound of a range.
    pub target_lower: Option<Decimal>,
    /// The upper bound of a range.
    pub target_upper: Option<Decimal>,
    pub unit: Option<String>,
    /// Which values are good.
    pub direction: Option<Direction>,
    pub priority: Option<Priority>,
    /// What is said of it beside that.
    pub spec: Spec,
    /// What the value now was counted from.
    pub counts: Option<Counted>,
}

/// The natural key of an item in its catalog: its metric number, else its name; trimmed and case-folded.
pub fn natural_key(metric_number: Option<&str>, name: &str) -> String {
    match metric_number.map(str::trim).filter(|number| !number.is_empty()) {
        Some(number) => format!("#{}", number.to_lowercase()),
        None => name.trim().to_lowercase(),
    }
}

/// A header or word in the form in which headers are compared: NFKC, lower case, without marks at its end, and with
/// blanks, hyphens and underscores as one blank.
pub fn normalised(text: &str) -> String {
    // Composing is by far the dearest part, and ASCII is composed.
    if text.is_ascii() {
        folded(text.chars().map(|c| c.to_ascii_lowercase()), text.len())
    } else {
        folded(text.nfkc().flat_map(char::to_lowercase), text.len())
    }
}

fn folded(chars: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut folded = String::with_capacity(capacity);
    let mut gap = false;
    for c in chars {
        if matches!(c, '*' | '\u{feff}' | '\u{ad}' | '\u{200c}' | '\u{200d}' | '\u{2060}')
            || c.is_control() && !c.is_whitespace()
        {
            continue;
        }
        if c.is_whitespace() || matches!(c, '-' | '_' | '\u{a0}' | '\u{200b}') {
            gap = true;
            continue;
        }
        if gap && !folded.is_empty() {
            folded.push(' ');
        }
        gap = false;
        folded.push(c);
    }
    let kept = folded.trim_end_matches([':', '?', ' ']).len();
    folded.truncate(kept);
    folded
}

/// The direction that a word of a direction column means.
pub fn direction(text: &str) -> Option<Direction> {
    const ARROWS: [char; 10] = ['↑', '⬆', '▲', '⇧', '↗', '↓', '⬇', '▼', '⇩', '↘'];
    let word = normalised(text);
    let bare = word.trim_matches(|c: char| ARROWS.contains(&c) || matches!(c, ' ' | '(' | ')' | '.' | '\u{fe0f}'));
    if bare.is_empty() {
        return match word.chars().find(|c| ARROWS.contains(c))? {
            '↑' | '⬆' | '▲' | '⇧' | '↗' => Some(Direction::HigherIsBetter),
            _ => Some(Direction::LowerIsBetter),
        };
    }
    Some(match bare {
        "higher is better"
        | "higher"
        | "high"
        | "up"
        | "upward"
        | "upwards"
        | "increase"
        | "increases"
        | "increasing"
        | "maximize"
        | "maximise"
        | "max"
        | "asc"
        | "ascending"
        | "more is better"
        | "more"
        | "higher better"
        | "higher the better"
        | "the higher the better"
        | "greater is better"
        | "bigger is better"
        | "larger is better"
        | "at least"
        | ">="
        | ">"
        | "≥"
        | "höher ist besser"
        | "höher"
        | "hoch"
        | "steigend"
        | "maximieren"
        | "je höher desto besser"
        | "plus haut est mieux"
        | "hausse"
        | "à la hausse"
        | "croissant"
        | "augmenter"
        | "maximiser"
        | "mayor es mejor"
        | "aumentar"
        | "ascendente"
        | "maximizar"
        | "más alto es mejor"
        | "più alto è meglio"
        | "crescente"
        | "maior é melhor"
        | "quanto maior melhor"
        | "hoger is beter"
        | "hoger"
        | "stijgend"
        | "wyżej lepiej" => Direction::HigherIsBetter,
        "lower is better"
        | "lower"
        | "low"
        | "down"
        | "downward"
        | "downwards"
        | "decrease"
        | "decreases"
        | "decreasing"
        | "minimize"
        | "minimise"
        | "min"
        | "desc"
        | "descending"
        | "less is better"
        | "less"
        | "fewer"
        | "fewer is better"
        | "lower better"
        | "lower the better"
        | "the lower the better"
        | "smaller is better"
        | "reduce"
        | "at most"
        | "<="
        | "<"
        | "≤"
        | "niedriger ist besser"
        | "niedriger"
        | "niedrig"
        | "sinkend"
        | "minimieren"
        | "je niedriger desto besser"
        | "plus bas est mieux"
        | "baisse"
        | "à la baisse"
        | "décroissant"
        | "diminuer"
        | "minimiser"
        | "menor es mejor"
        | "disminuir"
        | "descendente"
        | "minimizar"
        | "reducir"
        | "más bajo es mejor"
        | "più basso è meglio"
        | "decrescente"
        | "menor é melhor"
        | "quanto menor melhor"
        | "lager is beter"
        | "lager"
        | "dalend"
        | "niżej lepiej" => Direction::LowerIsBetter,
        "target range" | "range" | "in range" | "within range" | "within a range" | "between" | "target" | "bereich"
        | "zielbereich" | "plage" | "rango" => Direction::TargetRange,
        "binary" | "bool" | "boolean" | "yes/no" | "yes no" | "y/n" | "true/false" | "pass/fail" | "ja/nein" | "oui/non" => {
            Direction::Binary
        }
        _ => return None,
    })
}

/// The direction of a `higher_is_better` column of yes and no.
pub fn direction_of_higher(text: &str) -> Option<Direction> {
    match normalised(text).as_str() {
        "true" | "yes" | "y" | "1" | "ja" | "wahr" | "oui" | "vrai" | "sí" | "si" | "x" | "✓" | "✔" => {
            Some(Direction::HigherIsBetter)
        }
        "false" | "no" | "n" | "0" | "nein" | "falsch" | "non" | "faux" | "✗" | "✘" => Some(Direction::LowerIsBetter),
        _ => direction(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_compare_without_their_dress() {
        for header in [
            "Target Value", "target_value", "TARGET-VALUE*", "\u{feff}Target\u{a0}Value:", "target\r\nvalue ?",
            "Tar\u{ad}get\u{200b}value\u{200b}",
        ] {
            assert_eq!(normalised(header), "target value", "{header:?}");
        }
    }

    #[test]
    fn ascii_takes_a_shorter_way_to_the_same_form() {
        proptest::proptest!(|(text in "[\\x00-\\x7f]{0,30}")| {
            let long = folded(text.nfkc().flat_map(char::to_lowercase), text.len());
            proptest::prop_assert_eq!(normalised(&text), long);
        });
    }

    #[test]
    fn the_natural_key_is_number_else_name() {
        assert_eq!(natural_key(Some(" PR-001 "), "x"), "#pr-001");
        assert_eq!(natural_key(Some(" "), " MFA Coverage "), "mfa coverage");
    }

    #[test]
    fn words_for_direction() {
        assert_eq!(direction("Higher is better"), Some(Direction::HigherIsBetter));
        assert_eq!(direction("target_range"), Some(Direction::TargetRange));
        assert_eq!(direction("sideways"), None);
        assert_eq!(direction_of_higher("FALSE"), Some(Direction::LowerIsBetter));
        for (text, expected) in [
            ("↑", Some(Direction::HigherIsBetter)),
            ("↓ Lower is better", Some(Direction::LowerIsBetter)),
            ("The higher, the better", None),
            ("je niedriger desto besser", Some(Direction::LowerIsBetter)),
        ] {
            assert_eq!(direction(text), expected, "{text}");
        }
    }
}
