//! The frameworks that are part of the binary. Codes, names and order are the official ones; the descriptions are cmf's own.

use crate::domain::code::Withdrawal;
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
    /// Withdrawn codes and their successors, where the framework has any.
    withdrawn: Option<&'static str>,
    /// Whether `cmf seed` without a name takes it.
    pub by_default: bool,
}

/// What to do about a binary whose own files cannot be read.
pub(super) const DAMAGED: &str = "the program itself is damaged: install cmf again";

/// All bundled frameworks.
pub const ALL: [Bundled; 3] = [
    Bundled {
        short_name: "csf-2.0",
        name: "NIST CSF",
        version: "2.0",
        description: "NIST Cybersecurity Framework 2.0 (NIST CSWP 29, 2024)",
        csv: include_str!("../../fixtures/frameworks/csf-2.0.csv"),
        withdrawn: Some(include_str!("../../fixtures/frameworks/csf-2.0-withdrawn.csv")),
        by_default: true,
    },
    Bundled {
        short_name: "ai-rmf-1.0",
        name: "NIST AI RMF",
        version: "1.0",
        description: "NIST Artificial Intelligence Risk Management Framework 1.0 (NIST AI 100-1, 2023)",
        csv: include_str!("../../fixtures/frameworks/ai-rmf-1.0.csv"),
        withdrawn: None,
        by_default: true,
    },
    Bundled {
        short_name: "csf-1.1",
        name: "NIST CSF",
        version: "1.1",
        description: "NIST Cybersecurity Framework 1.1 (2018), superseded by 2.0",
        csv: include_str!("../../fixtures/frameworks/csf-1.1.csv"),
        withdrawn: None,
        by_default: false,
    },
];

/// The bundled framework of this short name, in any case.
pub fn find(short_name: &str) -> Option<Bundled> {
    ALL.into_iter().find(|bundled| bundled.short_name.eq_ignore_ascii_case(short_name))
}

/// The bundled framework of this short name. Exit 2 when there is none, with those that there are.
pub fn named(short_name: &str) -> Result<Bundled> {
    find(short_name).ok_or_else(|| among(Error::usage(format!("there is no bundled framework `{short_name}`"))))
}

/// An error of a name with those that there are.
pub fn among(error: Error) -> Error {
    error.hint(format!("the bundled frameworks are: {}", ALL.map(|bundled| bundled.short_name).join(", ")))
}

impl Bundled {
    /// The framework's tree.
    pub fn framework(&self) -> Result<Framework> {
        parse(self.csv, self.name, self.version, self.description)
    }

    /// The codes that this framework had once, with their successors.
    pub fn withdrawn(&self) -> Result<Vec<Withdrawal>> {
        self.withdrawn.map_or_else(|| Ok(Vec::new()), successors)
    }
}

/// Where each code of CSF 1.1 went in CSF 2.0; codes that live on name themselves in the new spelling.
pub fn csf_1_1_to_2_0() -> Result<Vec<Withdrawal>> {
    successors(include_str!("../../fixtures/frameworks/csf-1.1-to-2.0.csv"))
}

/// Reads `code,successors,...` with successors apart by blanks.
fn successors(csv: &str) -> Result<Vec<Withdrawal>> {
    let mut all = Vec::new();
    for record in csv::Reader::from_reader(csv.as_bytes()).records() {
        let record =
            record.map_err(|error| Error::data(format!("a bundled list of successors is damaged: {error}")).hint(DAMAGED))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        all.push(Withdrawal { code: cell(0).to_owned(), successors: cell(1).split_whitespace().map(str::to_owned).collect() });
    }
    Ok(all)
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
    let damaged =
        |what: String| Error::data(format!("the bundled framework {name} {version} is damaged: {what}")).hint(DAMAGED);
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
    fn every_successor_is_a_code_of_the_framework_and_no_withdrawn_code_is() {
        use crate::domain::code::{CodeIndex, Reference};
        let csf = find("csf-2.0").unwrap();
        let index = CodeIndex::new(&csf.framework().unwrap());
        let withdrawn = csf.withdrawn().unwrap();
        assert_eq!(withdrawn.len(), 91);
        for Withdrawal { code, successors } in withdrawn.iter().chain(&csf_1_1_to_2_0().unwrap()) {
            assert!(
                successors.iter().all(|successor| index.find(successor).is_some_and(|known| known.code() == successor)),
                "{code}"
            );
        }
        for one in &withdrawn {
            assert!(matches!(index.resolve(&one.code), Reference::Unknown { .. }), "{}", one.code);
        }
    }

    #[test]
    fn csf_1_1_is_whole_and_each_of_its_codes_has_its_place_in_2_0() {
        let framework = find("CSF-1.1").unwrap().framework().unwrap();
        let categories: Vec<_> = framework.functions.iter().flat_map(|function| &function.categories).collect();
        let subcategories: Vec<_> = categories.iter().flat_map(|category| &category.subcategories).collect();
        assert_eq!((framework.functions.len(), categories.len(), subcategories.len()), (5, 23, 108));
        let table = csf_1_1_to_2_0().unwrap();
        for code in categories.iter().map(|category| &category.code).chain(subcategories.iter().map(|one| &one.code)) {
            assert!(table.iter().any(|row| row.code == *code), "{code}");
        }
    }

    #[test]
    fn a_row_away_from_its_parent_is_found() {
        let error = parse("function,category,subcategory,name,text\nPR,PR.AA,,x,y\n", "X", "1", "").unwrap_err();
        assert!(error.message().contains("PR.AA does not follow its function"));
    }
}
