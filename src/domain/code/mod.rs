//! Framework codes as people write them: `PR.AA-1`, `pr.aa-01`, `PR-AA-01`, `GV-1.1`, `GOVERN 1.1: text`, `PROTECT (PR)`,
//! and several in one cell. What is written is compared by its parts, letters without case and numbers without leading
//! zeros, so that the official spelling comes out whatever went in.

mod runs;
mod search;

use std::collections::{BTreeSet, HashMap};

pub(super) use self::runs::key_of;
use self::runs::{fold, join, parts_of};
pub use self::search::is_range_of_codes;
use crate::domain::framework::Framework;

/// A place in a framework: a function, and perhaps a category in it, and perhaps a subcategory in that. Official spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// The function's code, such as `PR`.
    pub function: String,
    /// The category's code, such as `PR.AA`.
    pub category: Option<String>,
    /// The subcategory's code, such as `PR.AA-01`.
    pub subcategory: Option<String>,
}

impl Position {
    /// The code of the deepest level.
    pub fn code(&self) -> &str {
        self.subcategory.as_deref().or(self.category.as_deref()).unwrap_or(&self.function)
    }

    /// Whether `other` lies below this place.
    pub fn contains(&self, other: &Position) -> bool {
        match (&self.category, &self.subcategory) {
            (_, Some(_)) => false,
            (Some(category), None) => other.category.as_ref() == Some(category) && other.subcategory.is_some(),
            (None, None) => other.function == self.function && other.category.is_some(),
        }
    }
}

/// What a piece of a cell refers to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A place of the framework.
    Known(Position),
    /// A code that the framework had once; its successors are one to five places, at any level, or none.
    Withdrawn {
        /// The code in its official spelling.
        code: String,
        /// Where its content went.
        successors: Vec<Position>,
    },
    /// Neither. What may have been meant is looked for with [`CodeIndex::near`] where somebody wants to know.
    Unknown {
        /// As it was written, trimmed.
        written: String,
    },
}

/// A code that is no longer part of a framework, and the codes that took its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Withdrawal {
    /// The withdrawn code.
    pub code: String,
    /// One to five codes, at any level; empty where the source names none.
    pub successors: Vec<String>,
}

/// The short forms of function names that are in use although the framework's own codes are the names.
const SHORT_FORMS: [(&str, &str); 4] = [("GOVERN", "GV"), ("MAP", "MP"), ("MEASURE", "MS"), ("MANAGE", "MG")];

/// What cells hold when they hold nothing.
const NOTHING: [&str; 10] = ["", "-", "--", "N/A", "NA", "NONE", "NULL", "TBD", "UKN", "NOT APPLICABLE"];

/// The most bytes of a text that is compared with codes and names to find the nearest: the longest name there is, and as much
/// again.
const LONGEST_WRITTEN: usize = 512;

#[derive(Debug, Clone)]
enum Entry {
    Live(Position),
    Withdrawn(Withdrawal),
}

/// The codes of one framework, to look up what people wrote.
#[derive(Debug, Clone, Default)]
pub struct CodeIndex {
    entries: Vec<Entry>,
    /// The parts of each entry's code.
    parts: Vec<Vec<String>>,
    /// From the parts of a code to its entry.
    by_key: HashMap<String, usize>,
    /// From the folded name of a function or category to its entry; `None` where two share a name.
    by_name: HashMap<String, Option<usize>>,
    /// Folded codes of the functions and their other names, to tell what looks like a code.
    functions: BTreeSet<String>,
}

impl CodeIndex {
    /// The index of a framework.
    pub fn new(framework: &Framework) -> Self {
        let mut index = CodeIndex::default();
        for function in &framework.functions {
            let at = Position { function: function.code.clone(), category: None, subcategory: None };
            let folded = fold(&function.code);
            let mut aliases: Vec<String> = Vec::new();
            let name = fold(&function.name);
            if name != folded && !name.is_empty() {
                aliases.push(name);
            }
            if let Some((_, short)) = SHORT_FORMS.iter().find(|(long, _)| *long == folded) {
                aliases.push((*short).to_owned());
            }
            index.add(at, &function.name, &folded, &aliases);
            for category in &function.categories {
                let at = Position { function: function.code.clone(), category: Some(category.code.clone()), subcategory: None };
                index.add(at, &category.name, &folded, &aliases);
                for subcategory in &category.subcategories {
                    let at = Position {
                        function: function.code.clone(),
                        category: Some(category.code.clone()),
                        subcategory: Some(subcategory.code.clone()),
                    };
                    index.add(at, "", &folded, &aliases);
                }
            }
            index.functions.insert(folded);
            index.functions.extend(aliases);
        }
        index
    }

    /// The same index that also knows these withdrawn codes. A code that is live stays live.
    #[must_use]
    pub fn with_withdrawn<'a>(mut self, withdrawn: impl IntoIterator<Item = &'a Withdrawal>) -> Self {
        for withdrawal in withdrawn {
            let parts = parts_of(&withdrawal.code);
            let key = join(&parts);
            if !self.by_key.contains_key(&key) {
                self.by_key.insert(key, self.entries.len());
                self.parts.push(parts);
                self.entries.push(Entry::Withdrawn(withdrawal.clone()));
            }
        }
        self
    }

    fn add(&mut self, position: Position, name: &str, function: &str, aliases: &[String]) {
        let number = self.entries.len();
        let parts = parts_of(position.code());
        self.by_key.entry(join(&parts)).or_insert(number);
        if parts.first().is_some_and(|first| first == function) {
            for alias in aliases {
                let mut renamed = parts.clone();
                renamed[0].clone_from(alias);
                self.by_key.entry(join(&renamed)).or_insert(number);
            }
        }
        let name = fold(name);
        if !name.is_empty() {
            self.by_name.entry(name).and_modify(|entry| *entry = None).or_insert(Some(number));
        }
        self.parts.push(parts);
        self.entries.push(Entry::Live(position));
    }

    /// The place that exactly this code or name stands for, however it is written.
    pub fn find(&self, written: &str) -> Option<&Position> {
        let found = self.by_key.get(&key_of(written)).copied().or_else(|| self.by_name.get(&fold(written)).copied().flatten());
        match &self.entries[found?] {
            Entry::Live(position) => Some(position),
            Entry::Withdrawn(_) => None,
        }
    }

    /// What exactly this code or name refers to.
    pub fn resolve(&self, written: &str) -> Reference {
        let found = self.by_key.get(&key_of(written)).copied().or_else(|| self.by_name.get(&fold(written)).copied().flatten());
        match found {
            Some(number) => self.reference(number),
            None => Reference::Unknown { written: written.trim().to_owned() },
        }
    }

    fn reference(&self, number: usize) -> Reference {
        match &self.entries[number] {
            Entry::Live(position) => Reference::Known(position.clone()),
            Entry::Withdrawn(withdrawal) => Reference::Withdrawn {
                code: withdrawal.code.clone(),
                successors: withdrawal.successors.iter().filter_map(|code| self.find(code).cloned()).collect(),
            },
        }
    }

    /// The codes nearest to what was written, best first, at most three. What is longer than any code or name has none.
    pub fn near(&self, written: &str) -> Vec<String> {
        let written = written.trim();
        if written.len() > LONGEST_WRITTEN {
            return Vec::new();
        }
        let wanted = parts_of(written);
        let key = join(&wanted);
        let name = fold(written);
        let (key_length, name_length) = (key.chars().count(), name.chars().count());
        let number = |parts: &[String]| parts.last().and_then(|part| part.parse::<i64>().ok());
        let mut ranked: Vec<(usize, i64, usize, &str)> = Vec::new();
        for (order, (entry, parts)) in self.entries.iter().zip(&self.parts).enumerate() {
            let Entry::Live(position) = entry else { continue };
            let same_start = parts.iter().zip(&wanted).take_while(|(a, b)| a == b).count();
            let same_start = same_start >= 2 && parts.len() <= wanted.len();
            let own = join(parts);
            let most = 2.min(key_length / 2);
            // Each character more is a step more; to count the others is dear.
            if !same_start && own.chars().count().abs_diff(key_length) > most {
                continue;
            }
            let distance = strsim::osa_distance(&own, &key);
            if !same_start && distance > most {
                continue;
            }
            let gap = match (number(parts), number(&wanted)) {
                (Some(a), Some(b)) => (a - b).abs(),
                (None, None) => 0,
                _ => i64::from(i32::MAX),
            };
            ranked.push((distance, gap, order, position.code()));
        }
        for (known, &entry) in &self.by_name {
            if let Some(order) = entry
                && let Entry::Live(position) = &self.entries[order]
                && name.len() > 3
                && known.chars().count().abs_diff(name_length) * 4 <= known.chars().count().max(name_length)
                && strsim::normalized_damerau_levenshtein(known, &name) >= 0.75
            {
                ranked.push((1, 0, order, position.code()));
            }
        }
        ranked.sort_unstable();
        let mut near: Vec<String> = Vec::new();
        for (_, _, _, code) in ranked {
            if near.len() < 3 && !near.iter().any(|known| known == code) {
                near.push(code.to_owned());
            }
        }
        near
    }

    /// All live places in document order.
    pub fn positions(&self) -> impl Iterator<Item = &Position> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Live(position) => Some(position),
            Entry::Withdrawn(_) => None,
        })
    }
}

/// Leaves out the places that another one of the list lies below: `PR`, `PR.AA`, `PR.AA-01` is one reference, not three.
pub fn most_specific(positions: Vec<Position>) -> Vec<Position> {
    let kept: Vec<bool> = positions.iter().map(|position| !positions.iter().any(|other| position.contains(other))).collect();
    positions.into_iter().zip(kept).filter_map(|(position, kept)| kept.then_some(position)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::framework::{Category, Function, Subcategory};

    type CategoryCodes<'a> = (&'a str, &'a str, &'a [&'a str]);

    fn framework(codes: &[(&str, &str, &[CategoryCodes])]) -> Framework {
        let functions = codes
            .iter()
            .map(|(code, name, categories)| Function {
                code: (*code).to_owned(),
                name: (*name).to_owned(),
                description: None,
                categories: categories
                    .iter()
                    .map(|(code, name, subcategories)| Category {
                        code: (*code).to_owned(),
                        name: (*name).to_owned(),
                        description: None,
                        subcategories: subcategories
                            .iter()
                            .map(|code| Subcategory { code: (*code).to_owned(), description: String::new() })
                            .collect(),
                    })
                    .collect(),
            })
            .collect();
        Framework { name: "F".to_owned(), version: "1".to_owned(), description: None, functions }
    }

    fn csf() -> CodeIndex {
        let withdrawn = [
            Withdrawal { code: "PR.MA-01".to_owned(), successors: vec!["PR.AA-01".to_owned(), "PR.AT".to_owned()] },
            Withdrawal { code: "PR.IP".to_owned(), successors: vec![] },
        ];
        CodeIndex::new(&framework(&[
            ("GV", "Govern", &[("GV.OC", "Organizational Context", &["GV.OC-01", "GV.OC-02"])]),
            ("ID", "Identify", &[("ID.AM", "Asset Management", &["ID.AM-01", "ID.AM-02"])]),
            (
                "PR",
                "Protect",
                &[
                    ("PR.AA", "Identity Management, Authentication, and Access Control", &["PR.AA-01", "PR.AA-02"]),
                    ("PR.AT", "Awareness and Training", &["PR.AT-01"]),
                ],
            ),
        ]))
        .with_withdrawn(&withdrawn)
    }

    #[test]
    fn no_code_of_several_in_an_item_is_lost() {
        let index = CodeIndex::new(&framework(&[
            (
                "PR",
                "Protect",
                &[("PR.AA", "Access", &["PR.AA-01", "PR.AA-02", "PR.AA-03", "PR.AA-04"]), ("PR.AT", "Training", &["PR.AT-01"])],
            ),
            ("DE", "Detect", &[("DE.CM", "Monitoring", &["DE.CM-01"])]),
        ]));
        for (cell, expected) in [
            // Brackets behind a code.
            ("PR.AA-01 (Protect)", "PR.AA-01 PR"),
            ("PR.AA-01 (DE)", "PR.AA-01 DE"),
            ("PR.AA-01 (DE.CM-01)", "PR.AA-01 DE.CM-01"),
            ("(PR.AA-01)(PR.AA-03)", "PR.AA-01 PR.AA-03"),
            ("PR.AA-01 / PR.AT-01 (PR)", "PR.AA-01 PR.AT-01 PR"),
            ("PR.AA-01, PR.AT-01 (PR)", "PR.AA-01 PR.AT-01 PR"),
            ("Training (PR.AT): text", "PR.AT"),
            // Ranges.
            ("PR.AA-01 to PR.AA-04", "PR.AA-01 PR.AA-02 PR.AA-03 PR.AA-04"),
            ("PR.AA-01 through PR.AA-03", "PR.AA-01 PR.AA-02 PR.AA-03"),
            ("PR.AA-01…PR.AA-03", "PR.AA-01 PR.AA-02 PR.AA-03"),
            ("PR.AA-01 thru 03", "PR.AA-01 PR.AA-02 PR.AA-03"),
            ("PR.AA-01 - PR.AA-02", "PR.AA-01 PR.AA-02"),
            ("PR.AA-01 - 02", "PR.AA-01 PR.AA-02"),
            ("PR.AA-01 - PR.AA-03", "PR.AA-01 PR.AA-01 - PR.AA-03? PR.AA-03"),
            ("PR.AA-01 - PR.AT-01", "PR.AA-01 PR.AT-01"),
            ("PR.AA-01 to PR.AT-01", "PR.AA-01 PR.AA-01 to PR.AT-01? PR.AT-01"),
            ("PR.AA-01 - 24 hours a day", "PR.AA-01"),
            ("PR.AA-01 to 95 %", "PR.AA-01"),
            // Other frameworks' codes beside ours.
            ("CIS 6.3 / PR.AA-03", "PR.AA-03"),
            ("ISO 27001 A.8.5 / NIST PR.AA-01", "PR.AA-01"),
            ("AC-2; PR.AA-01", "PR.AA-01"),
            ("CC6.1; PR.AA-01", "PR.AA-01"),
            ("CSC 4, PR.AA-01", "PR.AA-01"),
            ("T1078; PR.AA-01", "PR.AA-01"),
            ("AC-2", "AC-2?"),
            // Functions side by side.
            ("PR/DE", "PR DE"),
            ("PROTECT/DETECT", "PR DE"),
            ("Protect & Detect", "PR DE"),
            ("Protect and Detect", "PR DE"),
        ] {
            assert_eq!(codes(&index, cell).join(" "), expected, "{cell}");
        }
    }

    fn ai_rmf() -> CodeIndex {
        CodeIndex::new(&framework(&[
            ("GOVERN", "Govern", &[("GOVERN 1", "Policies", &["GOVERN 1.1", "GOVERN 1.2"])]),
            ("MAP", "Map", &[("MAP 1", "Context", &["MAP 1.1"])]),
        ]))
    }

    /// The codes found, unknown ones with a question mark, withdrawn ones with an exclamation mark.
    fn codes(index: &CodeIndex, cell: &str) -> Vec<String> {
        index
            .find_all(cell)
            .into_iter()
            .map(|reference| match reference {
                Reference::Known(position) => position.code().to_owned(),
                Reference::Withdrawn { code, .. } => format!("{code}!"),
                Reference::Unknown { written, .. } => format!("{written}?"),
            })
            .collect()
    }

    /// What would take minutes where each piece is compared with each.
    #[test]
    fn a_cell_full_of_what_looks_like_codes_costs_no_more_than_its_length() {
        let many = |piece: fn(usize) -> String| {
            (0..)
                .map(piece)
                .scan(0, |size, piece| {
                    *size += piece.len();
                    (*size < 1 << 16).then_some(piece)
                })
                .collect::<String>()
        };
        for (cell, most) in [
            (many(|n| format!("PR.XX-{n} ")), 100),
            (many(|n| format!("PR.XX-{n}, word, ")), 100),
            (many(|n| format!("PR.AA-01,word{n},")), 101),
            (many(|_| "PR.".to_owned()) + "x1", 1),
            (many(|_| "a-".to_owned()) + "long", 1),
            (many(|_| "PR.AA-01 / ".to_owned()), 1),
            (many(|_| "x".to_owned()), 1),
            (many(|_| "PR.AA-9".to_owned()), 100),
            (many(|_| "PR (".to_owned()), 100),
            (many(|_| "1".to_owned()), 1),
        ] {
            let found = csf().find_all(&cell).len();
            assert!((1..=most).contains(&found), "{found} in {}", &cell[..20]);
        }
    }

    #[test]
    fn every_spelling_of_a_code_is_that_code() {
        for written in [
            "PR.AA-01",
            "PR.AA-1",
            "pr.aa-01",
            "PR-AA-01",
            "PR_AA_01",
            " pr.aa.01 ",
            "PR.AA\u{2011}01",
            "PRAA-01",
            "PR.AA-01: text",
            "(PR.AA-01)",
        ] {
            assert_eq!(codes(&csf(), written), ["PR.AA-01"], "{written}");
        }
        for written in
            ["GV-1.1", "GOVERN-1.1", "GOVERN 1.1: text, more text", "Govern 1.1", "gv 1.1", "GOVERN\u{a0}1.1", "GV.1.1"]
        {
            assert_eq!(codes(&ai_rmf(), written), ["GOVERN 1.1"], "{written}");
        }
        for written in ["PROTECT (PR)", "PROTECT (PR): the text, of it", "Protect", "pr", "PR: text"] {
            assert_eq!(codes(&csf(), written), ["PR"], "{written}");
        }
        assert_eq!(codes(&ai_rmf(), "MAP-1"), ["MAP 1"]);
        assert_eq!(codes(&csf(), "Organizational Context (GV.OC): text"), ["GV.OC"]);
        assert_eq!(codes(&csf(), "Identity Management, Authentication, and Access Control (PR.AA)"), ["PR.AA"]);
        assert_eq!(codes(&csf(), "identity management, authentication, and access control"), ["PR.AA"]);
    }

    #[test]
    fn several_codes_in_a_cell_are_all_found_once() {
        for cell in [
            "PR.AA-01; GV.OC-2",
            "PR.AA-01,GV.OC-02",
            "PR.AA-1 | gv.oc-02",
            "PR.AA-01\nGV.OC-02\nPR.AA-1",
            "PR.AA-01 / GV.OC-02",
            "PR.AA-01 GV.OC-02",
        ] {
            assert_eq!(codes(&csf(), cell), ["PR.AA-01", "GV.OC-02"], "{cell}");
        }
        assert_eq!(codes(&ai_rmf(), "GOVERN 1.1, MAP 1.1"), ["GOVERN 1.1", "MAP 1.1"]);
        assert_eq!(codes(&csf(), "PR, GV"), ["PR", "GV"]);
    }

    #[test]
    fn words_are_not_taken_for_functions() {
        assert_eq!(codes(&csf(), "PR.AA-01: every user has an ID of their own"), ["PR.AA-01"]);
        assert_eq!(codes(&csf(), "N/A"), Vec::<String>::new());
        assert_eq!(codes(&csf(), "each employee ID is checked"), ["each employee ID is checked?"]);
    }

    #[test]
    fn a_word_in_a_list_of_codes_is_an_unknown_code() {
        for (cell, expected) in [
            ("PR.AA-01, Foo", &["PR.AA-01", "Foo?"][..]),
            ("PR.AA-01, Awareness, GV", &["PR.AA-01", "GV", "Awareness?"]),
            ("PR.AA-01; MFA policy", &["PR.AA-01", "MFA policy?"]),
            ("PR.AA-01 Identities, services, and hardware", &["PR.AA-01"]),
            ("PR.AA-01: identities, credentials", &["PR.AA-01"]),
            ("PR.AA-01\nIdentities of users, services, and hardware are managed", &["PR.AA-01"]),
            ("PR.AA-01; ISO 27001 A.5.15, CIS 6.3", &["PR.AA-01"]),
            ("ISO 27001:2022 A.5.15", &[]),
            ("PR.AA-01; A.5.17, A.12.6.1", &["PR.AA-01"]),
            ("A.5.17", &[]),
            ("PR.AA-01, N/A", &["PR.AA-01"]),
        ] {
            assert_eq!(codes(&csf(), cell), expected, "{cell}");
        }
        assert!(csf().has_foreign("PR.AA-01; ISO 27001 A.5.15"));
        assert!(!csf().has_foreign("PR.AA-01, Isolation 5"));
    }

    #[test]
    fn a_withdrawn_code_is_named_with_its_successors() {
        let Some(Reference::Withdrawn { code, successors }) = csf().find_all("pr.ma-1").pop() else {
            panic!("not withdrawn");
        };
        assert_eq!(code, "PR.MA-01");
        assert_eq!(successors.iter().map(Position::code).collect::<Vec<_>>(), ["PR.AA-01", "PR.AT"]);
        assert_eq!(codes(&csf(), "PR.IP, PR.AA-01"), ["PR.IP!", "PR.AA-01"]);
    }

    #[test]
    fn an_unknown_code_comes_with_its_neighbours() {
        let unknown = |written: &str| match csf().find_all(written).pop() {
            Some(Reference::Unknown { written }) => csf().near(&written),
            other => panic!("{other:?}"),
        };
        assert_eq!(unknown("PR.AA-09")[0], "PR.AA-02");
        assert_eq!(unknown("PR.AB-01")[0], "PR.AA-01");
        assert_eq!(unknown("Protct")[0], "PR");
        assert_eq!(unknown("Asset Managment")[0], "ID.AM");
        assert_eq!(unknown("zebra"), Vec::<String>::new());
        assert_eq!(codes(&csf(), "PR.AA-01; XX.YY-07"), ["PR.AA-01", "XX.YY-07?"]);
        assert_eq!(codes(&csf(), "PR.AA-011"), ["PR.AA-011?"]);
        assert_eq!(codes(&csf(), "PR.AA-01; zebra"), ["PR.AA-01", "zebra?"]);
    }

    #[test]
    fn what_is_shaped_like_a_code_is_an_unknown_one_wherever_it_stands() {
        for (cell, expected) in [
            ("PR.AA-01 / XX.YY-07", &["PR.AA-01", "XX.YY-07?"][..]),
            ("PR.AA-01 / PR.9", &["PR.AA-01", "PR.9?"]),
            ("PR.AA-01 / PR.XX", &["PR.AA-01", "PR.XX?"]),
            ("PR.AA-01 / PR.Xx", &["PR.AA-01"]),
            ("PR.AA-01 / XX.YY", &["PR.AA-01"]),
            ("PR.AA-01 / version-2", &["PR.AA-01"]),
        ] {
            assert_eq!(codes(&csf(), cell), expected, "{cell}");
        }
    }

    #[test]
    fn the_deepest_place_stands_for_the_path_to_it() {
        let places =
            csf().positions().filter(|place| place.code().starts_with("PR.A") || place.code() == "PR").cloned().collect();
        let kept: Vec<String> = most_specific(places).iter().map(|place| place.code().to_owned()).collect();
        assert_eq!(kept, ["PR.AA-01", "PR.AA-02", "PR.AT-01"]);
    }

    #[test]
    fn numbers_alone_can_be_codes() {
        let index = CodeIndex::new(&framework(&[("3", "All", &[("3.1", "Access", &["3.1.1", "3.1.12"])])]));
        assert_eq!(codes(&index, "03.01.12"), ["3.1.12"]);
        assert_eq!(codes(&index, "3.1.1: text; 3.1.12"), ["3.1.1", "3.1.12"]);
    }

    #[test]
    fn any_text_is_read_without_a_panic() {
        proptest::proptest!(|(text in "\\PC{0,60}")| {
            csf().find_all(&text);
            ai_rmf().find_all(&text);
        });
    }

    /// Whatever is found is a place of the framework, told once, and found again where its code is written as the framework
    /// writes it.
    #[test]
    fn changed_cells_name_only_what_the_framework_has() {
        let samples = [
            "PR.AA-01",
            "PR.AA-1; gv.oc-02",
            "PROTECT (PR): the text, of it",
            "GOVERN 1.1, MAP 1.1",
            "PR.MA-01",
            "Asset Managment",
            "PR.AA-01\nIdentities of users, services",
            "ISO 27001 A.5.15, ID.AM-02",
            "PRAA-01",
            "PR.AA-09 / PR.XX-1",
            "N/A",
        ];
        let pieces = [
            "PR",
            "AA",
            ".",
            "-",
            "_",
            " ",
            ",",
            ";",
            "/",
            "|",
            "\n",
            "(",
            ")",
            "[",
            ":",
            "0",
            "01",
            "1.1",
            "\u{2011}",
            "\u{a0}",
            "ß",
            "ﬃ",
            "ı",
            "GV.OC-01",
            "GOVERN ",
            "x",
            "999999999999999999999",
        ];
        for index in [csf(), ai_rmf()] {
            let mut known = 0;
            crate::domain::mutated::mutated(&samples, &pieces, 4_000, |cell| {
                let found = index.find_all(cell);
                let mut places = Vec::new();
                for reference in &found {
                    assert_eq!(found.iter().filter(|other| *other == reference).count(), 1, "{cell:?}");
                    match reference {
                        Reference::Known(place) => places.push(place.clone()),
                        Reference::Withdrawn { successors, .. } => {
                            assert!(successors.iter().all(|place| index.find(place.code()) == Some(place)), "{cell:?}");
                        }
                        Reference::Unknown { written } => {
                            let near = index.near(written);
                            assert!(near.len() <= 3 && near.iter().all(|code| index.find(code).is_some()), "{cell:?}");
                        }
                    }
                }
                known += places.len();
                let written: Vec<&str> = places.iter().map(Position::code).collect();
                let again: Vec<Reference> = places.iter().cloned().map(Reference::Known).collect();
                assert_eq!(index.find_all(&written.join("; ")), again, "{cell:?}");
                for place in places {
                    assert_eq!(index.resolve(place.code()), Reference::Known(place), "{cell:?}");
                }
            });
            assert!(known > 200, "{known} places were found");
        }
    }
}
