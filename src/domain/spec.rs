//! What is said of a metric beside its columns, and what it may be.

use std::fmt;

use chrono::NaiveDate;

use super::dates;
use super::frequency::Frequency;
use super::item::{Field, normalised};

named! {
    /// What a measure tells of: NIST SP 800-55 has the first four, ISO/IEC 27004 performance and effectiveness.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum MeasureType {
        /// How far something is in place.
        Implementation = "implementation",
        /// Whether it does what it is for.
        Effectiveness = "effectiveness",
        /// How soon and at what expense it does so.
        Efficiency = "efficiency",
        /// What it means for the organization.
        Impact = "impact",
        /// How far plans are carried out.
        Performance = "performance",
    }
    ALL
    /// The word for it.
    as_str
}

impl MeasureType {
    /// How sheets write it, in the form of [`normalised`].
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Implementation => &[
                "implementation measure", "implementation measures", "coverage", "umsetzung", "implementierung",
                "mise en œuvre", "mise en oeuvre", "implementación", "implementacion", "implantación", "implementazione",
                "implementação", "implementatie", "wdrożenie",
            ],
            Self::Effectiveness => &[
                "effectiveness measure", "effectiveness measures", "effective", "wirksamkeit", "effektivität", "efficacité",
                "eficacia", "efectividad", "efficacia", "eficácia", "doeltreffendheid", "effectiviteit", "skuteczność",
            ],
            Self::Efficiency => &[
                "efficiency measure", "efficiency measures", "efficient", "effizienz", "wirtschaftlichkeit", "efficience",
                "eficiencia", "efficienza", "eficiência", "doelmatigheid", "efficiëntie", "efektywność", "wydajność",
            ],
            Self::Impact => &[
                "impact measure", "impact measures", "business impact", "auswirkung", "auswirkungen", "wirkung", "impacto",
                "impatto", "effect", "wpływ",
            ],
            Self::Performance => &[
                "performance measure", "performance measures", "leistung", "rendimiento", "desempeño", "prestazioni",
                "desempenho", "prestatie", "prestaties",
            ],
        }
    }

    /// The one that a sheet means.
    pub fn read(text: &str) -> Option<MeasureType> {
        let text = normalised(text);
        Self::ALL.into_iter().find(|one| one.as_str() == text || one.words().contains(&text.as_str()))
    }
}

impl fmt::Display for MeasureType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a day is written.
pub const FORM: &str = "YYYY-MM-DD, such as 2027-01-31";

/// The day that a sheet means, however it is written. The error is why it is none, as the end of a sentence.
pub fn day(text: &str) -> Result<NaiveDate, String> {
    let iso = dates::iso(text, None, "review date")?;
    iso.get(..10).and_then(|day| day.parse().ok()).ok_or_else(|| "is not a day of the calendar".to_owned())
}

/// The field that a key of `--spec` names.
pub fn named(key: &str) -> Option<Field> {
    match normalised(key).as_str() {
        "type" => Some(Field::MeasureType),
        "source" => Some(Field::DataSource),
        _ => Field::named(key).filter(|field| Field::SPEC.contains(field)),
    }
}

/// What is kept of a text that somebody says of a metric. The error is a sentence, when it is not what the field holds.
pub fn checked(field: Field, text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.contains('\0') {
        return Err("it has a NUL character, which cmf cannot store".to_owned());
    }
    match field {
        Field::Frequency => text.parse::<Frequency>().map(|_| text.to_owned()),
        Field::MeasureType => MeasureType::read(text).map(|one| one.to_string()).ok_or_else(|| {
            format!("it is not a type of measure: write {}", MeasureType::ALL.map(MeasureType::as_str).join(", "))
        }),
        Field::ReviewDate => day(text).map(|day| day.to_string()).map_err(|why| format!("it {why}; write it as {FORM}")),
        _ => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_read_in_any_language_and_nothing_else_is_one() {
        for (text, one) in [
            ("Effectiveness", MeasureType::Effectiveness),
            ("Wirksamkeit", MeasureType::Effectiveness),
            ("EFICIENCIA", MeasureType::Efficiency),
            ("Mise en œuvre", MeasureType::Implementation),
            ("business-impact", MeasureType::Impact),
            ("performance", MeasureType::Performance),
        ] {
            assert_eq!(MeasureType::read(text), Some(one), "{text}");
        }
        for text in ["", "KPI", "technical", "%"] {
            assert_eq!(MeasureType::read(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_said_is_checked_and_kept_in_one_form() {
        for (field, text, kept) in [
            (Field::Owner, " ada ", "ada"),
            (Field::MeasureType, "Impact", "impact"),
            (Field::ReviewDate, "31 January 2027", "2027-01-31"),
            (Field::ReviewDate, "2027-01-31", "2027-01-31"),
            (Field::Frequency, "Every 2 weeks", "Every 2 weeks"),
        ] {
            assert_eq!(checked(field, text).as_deref(), Ok(kept), "{text}");
        }
        for (field, text) in [
            (Field::MeasureType, "kpi"),
            (Field::ReviewDate, "soon"),
            (Field::ReviewDate, "2027-02-30"),
            (Field::ReviewDate, "01/02/2027"),
            (Field::Frequency, "now and then"),
            (Field::Goal, "a\0b"),
        ] {
            assert!(checked(field, text).is_err(), "{text}");
        }
        assert_eq!(named("Type"), Some(Field::MeasureType));
        assert_eq!(named("data-source"), Some(Field::DataSource));
        assert_eq!((named("name"), named("numerator")), (None, None));
    }
}
