//! The words for the places of bundled frameworks: the field's vocabulary, texts of other documents whose codes are known, and
//! the same in other languages. `fixtures/mapping/README.md` says where they are from.

use std::collections::BTreeMap;

use super::bundled::{self, DAMAGED};
use crate::domain::language::Language;
use crate::domain::suggest::{Neighbour, Translation};
use crate::error::{Error, Result};

const CSF_2_0: &str = include_str!("../../fixtures/mapping/csf-2.0-terms.csv");
const CSF_2_0_NEIGHBOURS: &str = include_str!("../../fixtures/mapping/csf-2.0-neighbours.csv");
const AI_RMF_1_0: &str = include_str!("../../fixtures/mapping/ai-rmf-1.0-terms.csv");
const CSF_2_0_TRANSLATIONS: [(Language, &str); 4] = [
    (Language::German, include_str!("../../fixtures/mapping/csf-2.0-de.csv")),
    (Language::French, include_str!("../../fixtures/mapping/csf-2.0-fr.csv")),
    (Language::Spanish, include_str!("../../fixtures/mapping/csf-2.0-es.csv")),
    (Language::Dutch, include_str!("../../fixtures/mapping/csf-2.0-nl.csv")),
];

/// The cells of a bundled file, row by row.
fn rows(csv: &str) -> Result<Vec<csv::StringRecord>> {
    let rows: std::result::Result<_, csv::Error> = csv::Reader::from_reader(csv.as_bytes()).records().collect();
    rows.map_err(|error| Error::data(format!("the bundled words are damaged: {error}")).hint(DAMAGED))
}

fn apart(cell: &str, separator: &str) -> Vec<String> {
    cell.split(separator).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn short_name(name: &str) -> &'static str {
    bundled::find(name).map_or("", |bundled| bundled.short_name)
}

/// The field's words for each subcategory of the bundled framework of this short name; empty where there are none.
pub fn vocabulary(framework: &str) -> Result<BTreeMap<String, Vec<String>>> {
    let csv = match short_name(framework) {
        "csf-2.0" => CSF_2_0,
        "ai-rmf-1.0" => AI_RMF_1_0,
        _ => return Ok(BTreeMap::new()),
    };
    Ok(rows(csv)?.iter().map(|row| (row[0].to_owned(), apart(&row[1], "; "))).collect())
}

/// Texts of other documents with their codes in the bundled framework of this short name; none where there are none.
pub fn neighbours(framework: &str) -> Result<Vec<Neighbour>> {
    if short_name(framework) != "csf-2.0" {
        return Ok(Vec::new());
    }
    let neighbour =
        |row: &csv::StringRecord| Neighbour { source: row[0].to_owned(), text: row[2].to_owned(), codes: apart(&row[3], " ") };
    Ok(rows(CSF_2_0_NEIGHBOURS)?.iter().map(neighbour).collect())
}

/// The bundled framework of this short name in another language, by code; nothing if it is not translated.
pub fn translations(framework: &str, language: Language) -> Result<Option<BTreeMap<String, Translation>>> {
    let csv = CSF_2_0_TRANSLATIONS.iter().find(|(one, _)| *one == language && short_name(framework) == "csf-2.0");
    let Some((_, csv)) = csv else { return Ok(None) };
    let translation = |row: &csv::StringRecord| {
        (row[0].to_owned(), Translation { text: row[1].to_owned(), vocabulary: apart(&row[2], "; ") })
    };
    Ok(Some(rows(csv)?.iter().map(translation).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::CodeIndex;

    #[test]
    fn the_vocabulary_has_a_line_for_each_subcategory() {
        for name in ["csf-2.0", "ai-rmf-1.0"] {
            let framework = bundled::find(name).unwrap().framework().unwrap();
            let categories = framework.functions.iter().flat_map(|function| &function.categories);
            let mut codes: Vec<_> =
                categories.flat_map(|category| &category.subcategories).map(|one| one.code.clone()).collect();
            codes.sort();
            let vocabulary = vocabulary(name).unwrap();
            assert_eq!(vocabulary.keys().cloned().collect::<Vec<_>>(), codes);
            assert!(vocabulary.values().all(|terms| !terms.is_empty() && terms.iter().all(|term| !term.trim().is_empty())));
        }
        assert!(vocabulary("csf-1.1").unwrap().is_empty());
    }

    #[test]
    fn every_place_has_a_text_in_each_language_and_every_subcategory_has_words() {
        let framework = bundled::find("csf-2.0").unwrap().framework().unwrap();
        for (language, _) in CSF_2_0_TRANSLATIONS {
            let translations = translations("CSF-2.0", language).unwrap().unwrap();
            let of = |code: &str| &translations[code];
            let mut count = 0;
            for function in &framework.functions {
                assert!(!of(&function.code).text.is_empty());
                for category in &function.categories {
                    assert!(!of(&category.code).text.is_empty());
                    for subcategory in &category.subcategories {
                        let translated = of(&subcategory.code);
                        assert!(!translated.text.is_empty() && translated.vocabulary.len() >= 3, "{}", subcategory.code);
                        count += 1;
                    }
                    count += 1;
                }
                count += 1;
            }
            assert_eq!(count, translations.len(), "{}", language.name());
        }
        assert_eq!(translations("ai-rmf-1.0", Language::German).unwrap(), None);
        assert_eq!(translations("csf-2.0", Language::English).unwrap(), None);
    }

    #[test]
    fn every_code_of_a_neighbour_is_a_code_of_the_framework() {
        let index = CodeIndex::new(&bundled::find("csf-2.0").unwrap().framework().unwrap());
        let neighbours = neighbours("csf-2.0").unwrap();
        let of = |source: &str| neighbours.iter().filter(|one| one.source == source).count();
        assert_eq!([of("CSF 1.1"), of("SP 800-66r2"), of("SP 800-53r5"), neighbours.len()], [107, 150, 210, 467]);
        for one in &neighbours {
            assert!(!one.codes.is_empty() && !one.text.trim().is_empty());
            assert!(one.codes.iter().all(|code| index.find(code).is_some_and(|known| known.code() == code)), "{one:?}");
        }
    }
}
