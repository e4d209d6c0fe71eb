//! Workbooks with a sheet for each function: the sheet's name is what no column says.

use crate::domain::code::{CodeIndex, Position};

/// The code of the function that a sheet is called after (`PR`, `Protect`, `PROTECT (PR)`, `2 - Protect`). A single sheet
/// called `Map` or `Measure` is no function; beside others that have this name, it is.
pub(super) fn function(sheet: &str, sheets: &[String], indexes: &[&CodeIndex]) -> Option<String> {
    indexes.iter().find_map(|index| {
        let code = of(sheet, index)?;
        let is_word = index.find(&code).is_some_and(|position| position.function.chars().count() > 2);
        let others = sheets.iter().filter(|other| other.as_str() != sheet && of(other, index).is_some()).count();
        (!is_word || others > 0).then_some(code)
    })
}

fn of(sheet: &str, index: &CodeIndex) -> Option<String> {
    let function = |text: &str| -> Option<String> {
        let position: &Position = index.find(text)?;
        position.category.is_none().then(|| position.function.clone())
    };
    if let Some(code) = function(sheet.trim()) {
        return Some(code);
    }
    let mut codes = sheet
        .split(['(', ')', ':', '_', '.', '|', '–'])
        .flat_map(|part| part.split(" - "))
        .map(str::trim)
        .filter(|part| !part.is_empty() && !part.bytes().all(|b| b.is_ascii_digit()))
        .map(function);
    let first = codes.next()??;
    codes.all(|other| other.as_ref() == Some(&first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::framework::{Category, Framework, Function};

    #[test]
    fn a_sheet_is_called_after_a_function_and_a_word_only_beside_others() {
        let index = |functions: &[(&str, &str)]| {
            let functions = functions.iter().map(|&(code, name)| Function {
                code: code.to_owned(),
                name: name.to_owned(),
                description: None,
                categories: vec![Category {
                    code: format!("{code}.AA"),
                    name: "Access".to_owned(),
                    description: None,
                    subcategories: Vec::new(),
                }],
            });
            CodeIndex::new(&Framework {
                name: String::new(),
                version: String::new(),
                description: None,
                functions: functions.collect(),
            })
        };
        let csf = index(&[("PR", "Protect"), ("DE", "Detect")]);
        let rmf = index(&[("MAP", "Map"), ("MEASURE", "Measure")]);
        let of = |index: &CodeIndex, sheets: &[&str]| {
            let sheets: Vec<String> = sheets.iter().map(|&sheet| sheet.to_owned()).collect();
            function(&sheets[0], &sheets, &[index])
        };
        for sheet in ["PR", "Protect", "PROTECT (PR)", "2 - Protect"] {
            assert_eq!(of(&csf, &[sheet]).as_deref(), Some("PR"), "{sheet}");
        }
        assert_eq!(of(&csf, &["PR.AA"]), None);
        assert_eq!(of(&csf, &["Protect (DE)"]), None);
        assert_eq!(of(&rmf, &["Map"]), None);
        assert_eq!(of(&rmf, &["Map", "Notes"]), None);
        assert_eq!(of(&rmf, &["Map", "Measure"]).as_deref(), Some("MAP"));
    }
}
