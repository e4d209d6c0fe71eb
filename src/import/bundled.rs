//! The frameworks that are part of the binary. Codes, names and order are the official ones; the descriptions are cmf's own.

use crate::domain::framework::{Category, Framework, Function, Subcategory};
use crate::error::{Error, Result};

/// A framework in the binary.
#[derive(Debug, Clone, Copy)]
pub struct Bundled {
    /// The name people type, such as `csf-2.0`.
    pub short_name: &'static str,
    name: &'static str,
    version: &'static str,
    description: &'static str,
    csv: &'static str,
}

/// All bundled frameworks.
pub const ALL: [Bundled; 2] = [
    Bundled {
        short_name: "csf-2.0",
        name: "NIST CSF",
        version: "2.0",
        description: "NIST Cybersecurity Framework 2.0 (NIST CSWP 29, 2024)",
        csv: include_str!("../../fixtures/frameworks/csf-2.0.csv"),
    },
    Bundled {
        short_name: "ai-rmf-1.0",
        name: "NIST AI RMF",
        version: "1.0",
        description: "NIST Artificial Intelligence Risk Management Framework 1.0 (NIST AI 100-1, 2023)",
        csv: include_str!("../../fixtures/frameworks/ai-rmf-1.0.csv"),
    },
];

/// The bundled framework of this short name, in any case.
pub fn find(short_name: &str) -> Option<Bundled> {
    ALL.into_iter().find(|bundled| bundled.short_name.eq_ignore_ascii_case(short_name))
}

impl Bundled {
    /// The framework's tree.
    ///
    /// # Errors
    /// When the bundled file is damaged, which a test rules out.
    pub fn framework(&self) -> Result<Framework> {
        parse(self.csv, self.name, self.version, self.description)
    }
}

#[derive(serde::Deserialize)]
struct Row {
    function: String,
    category: String,
    subcategory: String,
    name: String,
    text: String,
}

/// Reads `function,category,subcategory,name,text`: a row is of the deepest level it names, and follows its parent.
fn parse(csv: &str, name: &str, version: &str, description: &str) -> Result<Framework> {
    let damaged = |what: String| Error::data(format!("the bundled framework {name} {version} is damaged: {what}"));
    let mut functions: Vec<Function> = Vec::new();
    for row in csv::Reader::from_reader(csv.as_bytes()).deserialize() {
        let row: Row = row.map_err(|error| damaged(error.to_string()))?;
        if row.category.is_empty() {
            functions.push(Function {
                code: row.function,
                name: row.name,
                description: Some(row.text),
                categories: Vec::new(),
            });
            continue;
        }
        let function = functions
            .last_mut()
            .filter(|function| function.code == row.function)
            .ok_or_else(|| damaged(format!("{} does not follow its function", row.category)))?;
        if row.subcategory.is_empty() {
            function.categories.push(Category {
                code: row.category,
                name: row.name,
                description: Some(row.text),
                subcategories: Vec::new(),
            });
            continue;
        }
        let category = function
            .categories
            .last_mut()
            .filter(|category| category.code == row.category)
            .ok_or_else(|| damaged(format!("{} does not follow its category", row.subcategory)))?;
        category.subcategories.push(Subcategory { code: row.subcategory, description: row.text });
    }
    Ok(Framework { name: name.to_owned(), version: version.to_owned(), description: Some(description.to_owned()), functions })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_framework_is_whole_and_goes_by_its_short_name() {
        for bundled in ALL {
            let framework = bundled.framework().unwrap();
            assert_eq!(framework.short_name(), bundled.short_name);
            assert!(framework.functions.iter().all(|function| !function.categories.is_empty()));
        }
    }

    #[test]
    fn a_row_away_from_its_parent_is_found() {
        let error = parse("function,category,subcategory,name,text\nPR,PR.AA,,x,y\n", "X", "1", "").unwrap_err();
        assert!(error.message().contains("PR.AA does not follow its function"));
    }
}
