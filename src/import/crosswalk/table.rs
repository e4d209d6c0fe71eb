//! Tables: a code of each framework and a relation a row, as cmf, CISO Assistant and OLIR have them; or the cells of the Reference
//! Tool, which name the codes of many documents beside each subcategory.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::file::{CrosswalkFile, Format, Written, confidence, not_too_many};
use crate::domain::item::normalised;
use crate::error::{Error, Place, Result, shell_word};
use crate::table::rows::{Known, List, Listed, Step};

/// The columns that are read.
pub const LIST: List = List {
    fields: &[
        Known::required(
            "source",
            &[
                "source", "source code", "source node id", "focal document element", "focal document element id", "source id",
                "from",
            ],
        ),
        Known::required(
            "target",
            &[
                "target", "target code", "target node id", "reference document element", "reference document element id",
                "target id", "to",
            ],
        ),
        Known::of("relation", &["relation", "relationship"]),
        Known::of("confidence", &["confidence"]),
        Known::of("strength", &["strength of relationship", "strength of relationship (optional)", "strength"]),
        Known {
            name: "note",
            words: &["note", "comments", "comments (optional)", "annotation", "rationale"],
            required: false,
            alone: false,
        },
        Known::of("function", &["function"]),
        Known::of("category", &["category"]),
        Known::of("subcategory", &["subcategory"]),
        Known::of("references", &["informative references"]),
    ],
    instead: &[("source", &["subcategory", "references"]), ("target", &["subcategory", "references"])],
    ..List::refusing(|_, headers| lacking(headers))
};

fn lacking(headers: &[String]) -> Error {
    let error = Error::data("the file has the columns of no crosswalk that cmf reads");
    let error =
        error.hint("a table has the columns source, target, relation, confidence; name others with --map source=COLUMN");
    let is_framework = headers.iter().any(|header| normalised(header) == "subcategory");
    let error = if is_framework { error.hint("a framework is imported with `cmf framework import FILE`") } else { error };
    told_forms(error)
}

/// Names the forms that are read.
pub(super) fn told_forms(error: Error) -> Error {
    error.hint(
        "cmf reads OSCAL mapping collections, CISO Assistant mappings, NIST's OLIR and Reference Tool, and tables with the columns \
         source and target",
    )
}

/// Reads a crosswalk from a table. Of the Reference Tool's cells it takes the codes of one document.
pub fn of_table(table: &Listed, document: Option<&str>) -> Result<CrosswalkFile> {
    let file = if is_references(table) { references(table, document) } else { pairs(table) };
    file.map_err(|error| {
        if error.place().file.is_some() {
            error
        } else {
            error.at(Place { sheet: table.sheet.clone(), ..table.source().place() })
        }
    })
}

fn is_references(table: &Listed) -> bool {
    table.column("references").is_some() && table.column("source").is_none()
}

/// The documents that the cells of the Reference Tool name, with how many codes; none of another table.
pub fn documents(table: &Listed) -> Result<BTreeMap<String, usize>> {
    let mut all = BTreeMap::new();
    let Some(column) = table.column("references").filter(|_| is_references(table)) else { return Ok(all) };
    let mut rows = table.rows()?;
    while rows.step()? == Step::Row {
        for (document, _) in rows.text(column).lines().filter_map(reference) {
            *all.entry(document.to_owned()).or_default() += 1;
        }
    }
    Ok(all)
}

/// `DOCUMENT: CODE`, with the part of the document before the code where it has parts: `ISO/IEC 27001:2022: Annex A Controls: 5.9` is
/// A.5.9 of ISO/IEC 27001:2022.
fn reference(line: &str) -> Option<(&str, String)> {
    let (document, rest) = line.trim().split_once(": ")?;
    let (part, code) = rest.rsplit_once(':').unwrap_or(("", rest));
    let code = code.trim().trim_end_matches([',', ';']);
    let letter = if part.trim_start().starts_with("Annex A") && !code.is_empty() { "A." } else { "" };
    (!code.is_empty()).then(|| (document.trim(), format!("{letter}{code}")))
}

fn cells(table: &Listed, text: impl Fn(usize) -> String) -> Map<String, Value> {
    let named = table.headers.iter().enumerate().filter(|(_, header)| !header.is_empty());
    named.map(|(column, header)| (header.clone(), json!(text(column)))).filter(|(_, value)| *value != "").collect()
}

fn pairs(table: &Listed) -> Result<CrosswalkFile> {
    let mut rows = table.rows()?;
    let mut all = Vec::new();
    while rows.step()? == Step::Row {
        let number = rows.row().number;
        let cell = |name: &str| table.column(name).map(|at| rows.text(at)).unwrap_or_default();
        let told = confidence(cell("confidence"), Decimal::ONE)
            .and_then(|told| if told.is_some() { Ok(told) } else { confidence(cell("strength"), Decimal::TEN) });
        let (confidence, mut problem) = match told {
            Ok(confidence) => (confidence, None),
            Err(problem) => (None, Some(problem)),
        };
        let (source, target) = (code_of(cell("source")), code_of(cell("target")));
        for (name, code) in [("source", &source), ("target", &target)] {
            if code.is_empty() {
                problem.get_or_insert_with(|| format!("the column {name} is empty"));
            }
        }
        all.push(Written {
            row: number,
            source,
            target,
            relation: table.column("relation").map(|_| cell("relation").to_owned()),
            confidence,
            note: Some(cell("note").to_owned()).filter(|note| !note.is_empty()),
            cells: cells(table, |column| rows.text(column).to_owned()),
            problem,
            ..Written::default()
        });
        not_too_many(all.len())?;
    }
    let (source, target) = (String::new(), String::new());
    Ok(CrosswalkFile { format: Format::Table, source, target, rows: all, notices: Vec::new() })
}

/// A code with its name or text beside it: `GOVERN (GV): text`, `GV.OC-01: text`, `ID.AM-1`.
fn code_of(cell: &str) -> String {
    let head = cell.split_once(": ").map_or(cell, |(head, _)| head).trim_end_matches(':').trim();
    let inner = head.rsplit_once('(').and_then(|(name, rest)| {
        let inner = rest.strip_suffix(')')?;
        // `AC-2(3)` is a code of its own.
        name.ends_with(' ').then_some(inner)
    });
    inner.unwrap_or(head).trim().to_owned()
}

fn references(table: &Listed, document: Option<&str>) -> Result<CrosswalkFile> {
    let wanted = document.unwrap_or_default();
    let known = documents(table)?;
    if !known.contains_key(wanted) {
        let mut error = Error::usage(match document {
            Some(document) => format!("the file has no references to `{document}`"),
            None => "the file refers to several documents, and none of them is called like the target".to_owned(),
        });
        for (name, count) in known.iter().take(40) {
            error = error.detail(format!("{name} ({count})"));
        }
        let example = known.keys().next().map_or_else(|| "NAME".to_owned(), shell_word);
        return Err(error.hint(format!("name one with --document, such as --document {example}")));
    }
    let mut rows = table.rows()?;
    let mut all = Vec::new();
    while rows.step()? == Step::Row {
        let number = rows.row().number;
        let cell = |name: &str| table.column(name).map(|at| rows.text(at)).unwrap_or_default();
        let source =
            ["subcategory", "category", "function"].into_iter().map(|name| code_of(cell(name))).find(|code| !code.is_empty());
        let Some(source) = source else { continue };
        for line in cell("references").lines() {
            let Some((_, target)) = reference(line).filter(|(document, _)| *document == wanted) else { continue };
            all.push(Written {
                row: number,
                source: source.clone(),
                target,
                cells: [("Informative References".to_owned(), json!(line.trim()))].into_iter().collect(),
                ..Written::default()
            });
            not_too_many(all.len())?;
        }
    }
    let source = table.sheet.clone().unwrap_or_default();
    Ok(CrosswalkFile { format: Format::ReferenceTool, source, target: wanted.to_owned(), rows: all, notices: Vec::new() })
}
