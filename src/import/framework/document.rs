//! A parsed file before the rules are applied, and what every format reads in one way.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// The most items that a framework may have. NIST's 800-53 has 1,200.
const MOST_ITEMS: usize = 10_000;

/// The deepest nesting that is followed; the official catalogs need 4.
pub(super) const DEEPEST: usize = 32;

#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    pub(super) code: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) sort: Option<String>,
    /// Successors, where the item is withdrawn.
    pub(super) withdrawn: Option<Vec<String>>,
    pub(super) examples: Vec<String>,
    /// What it says in other languages, by their codes.
    pub(super) translations: BTreeMap<String, String>,
    pub(super) children: Vec<Node>,
}

/// A parsed file before the rules are applied.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: Option<String>,
    pub(super) nodes: Vec<Node>,
}

/// What to do about a document that ends too early, or is broken: nobody corrects it by hand.
pub(in crate::import) const INCOMPLETE: &str = "the file may be cut off: get it again";

pub(super) fn unknown_shape() -> Error {
    told_forms(Error::data("the file is not a framework in a form that cmf reads"))
}

/// Names the forms that are read, for who gave another file.
pub(super) fn told_forms(error: Error) -> Error {
    error
        .hint(
            "cmf reads OSCAL catalogs (JSON, XML, YAML), NIST CPRT JSON, the NIST Reference Tool's XLSX and CSV, and CISO Assistant \
             YAML and XLSX",
        )
        .hint("a CSV has the columns function, category, subcategory, name, text, or level, code, name, description")
}

/// A document's text, which is UTF-8.
pub(in crate::import) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>> {
    let (text, _, damaged) = encoding_rs::UTF_8.decode(bytes);
    if damaged { Err(Error::data("the file is not UTF-8 text").hint("save it as UTF-8, or get it again")) } else { Ok(text) }
}

/// Refuses what has more items than any framework.
pub(super) fn not_too_many(items: usize) -> Result<()> {
    if items > MOST_ITEMS {
        return Err(Error::data(format!("the file has more than the {MOST_ITEMS} items that a framework can have")));
    }
    Ok(())
}

/// Codes named in a sentence such as `Incorporated into GV.RR-02, GV.SC-02`; words that are no codes are dropped later.
pub(super) fn codes_in(sentence: &str) -> Vec<String> {
    let after = sentence.split_once("into ").or_else(|| sentence.split_once("to ")).map_or(sentence, |(_, after)| after);
    after
        .split([',', ';'])
        .flat_map(|part| part.split(" and "))
        .map(|part| part.trim().trim_end_matches(['.', ']']).to_owned())
        .filter(|part| !part.is_empty() && !part.contains(' '))
        .collect()
}

/// Blanks and line breaks as one blank.
pub(super) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
