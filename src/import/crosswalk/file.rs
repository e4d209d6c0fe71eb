//! What a crosswalk file says, and what every format reads in one way.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::domain::crosswalk::Relation;
use crate::domain::named::named;
use crate::error::{Error, Result};
use crate::table::problem::repeated;

/// The most rows that a crosswalk may have. NIST's from CSF 2.0 to SP 800-53 has 1,300.
const MOST_ROWS: usize = 50_000;

named! {
    /// The formats that a crosswalk is read from.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Format {
        OscalJson = "OSCAL mapping collection (JSON)",
        OscalXml = "OSCAL mapping collection (XML)",
        OscalYaml = "OSCAL mapping collection (YAML)",
        CisoAssistant = "CISO Assistant mapping (YAML)",
        /// A table whose columns are those of CISO Assistant, OLIR, or ours.
        Table = "table",
        /// The Reference Tool's cells, with the codes of many documents.
        ReferenceTool = "NIST Reference Tool",
    }
    /// The name shown to people.
    name
}

/// A row as it is written.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Its number in the file: of a table's row, else counted from 1.
    pub row: u64,
    pub source: String,
    pub target: String,
    /// The word for the relation; none where the file has none.
    pub relation: Option<String>,
    /// What is said of a part of the source, and of a part of the target: then the relation is that of the parts.
    pub is_part: (bool, bool),
    /// From 0 to 1.
    pub confidence: Option<Decimal>,
    pub note: Option<String>,
    /// The cells by their headers, or the members of the document.
    pub cells: Map<String, Value>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What a file says.
#[derive(Debug, Clone)]
pub struct CrosswalkFile {
    pub format: Format,
    /// What the file calls the frameworks, empty where it does not say.
    pub source: String,
    pub target: String,
    pub rows: Vec<Written>,
    pub notices: Vec<String>,
}

impl Written {
    /// The relation of the row's codes: `None` inside where the file says that they have nothing in common, and intersects
    /// where it says nothing. The error names a word that is not known.
    pub fn relation(&self) -> std::result::Result<Option<Relation>, String> {
        let Some(word) = self.relation.as_deref().map(str::trim).filter(|word| !word.is_empty()) else {
            return Ok(Some(Relation::Intersects));
        };
        let relation = Relation::read(word).ok_or_else(|| {
            let known = Relation::ALL.map(Relation::as_str).join(", ");
            format!("the relation `{}` is not one of {known}", repeated(word))
        })?;
        let (of_source, of_target) = self.is_part;
        Ok(relation.map(|relation| {
            let relation = if of_source { relation.of_part() } else { relation };
            if of_target { relation.flipped().of_part().flipped() } else { relation }
        }))
    }
}

/// A number from 0 to 1, or the same as a percentage or of 10: `0.9`, `90%`, `9` of a strength. The error says what is wrong.
pub(super) fn confidence(text: &str, of: Decimal) -> std::result::Result<Option<Decimal>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (digits, of) = match text.strip_suffix('%') {
        Some(digits) => (digits.trim(), Decimal::ONE_HUNDRED),
        None => (text, of),
    };
    let plain = !digits.contains(['_', 'e', 'E']);
    let number = digits.replace(',', ".").parse::<Decimal>().ok().filter(|_| plain);
    let share = number.and_then(|number| number.checked_div(of));
    let wrong = || format!("the confidence `{}` is not a number from 0 to {of}", repeated(text));
    share.filter(|share| (Decimal::ZERO..=Decimal::ONE).contains(share)).map(|share| Some(share.round_dp(4))).ok_or_else(wrong)
}

/// Refuses what has more rows than any crosswalk.
pub(super) fn not_too_many(rows: usize) -> Result<()> {
    if rows > MOST_ROWS {
        return Err(Error::data(format!("the file has more than the {MOST_ROWS} rows that a crosswalk can have")));
    }
    Ok(())
}
