//! The workbook that the NIST Reference Tool writes: under the header Function, Category, Subcategory each row has one of
//! `NAME (CODE): text`, `Name (CODE): text`, `CODE: text`; withdrawn ones have `[Withdrawn: Incorporated into ...]` as text.
//! A workbook of CISO Assistant has a depth and a code a row instead.

use super::depths;
use super::document::{Document, Node, codes_in, folded, told_forms};
use crate::error::{Error, Result};
use crate::table::problem::repeated;
use crate::table::rows::{Known, List, Listed, Step};

pub(super) const LIST: List = List {
    fields: &[
        Known::of("function", &["function"]),
        Known::of("category", &["category"]),
        Known::required("subcategory", &["subcategory"]),
        Known::of("examples", &["implementation examples"]),
        Known::of("name", &["name"]),
        Known::of("text", &["text", "description"]),
        depths::LEVEL,
        depths::CODE,
    ],
    instead: &[("subcategory", &["level", "code"])],
    ..List::refusing(|_, _| no_table())
};

fn no_table() -> Error {
    told_forms(Error::data(
        "the workbook has no sheet with the columns Function, Category and Subcategory, nor with depth and ref_id",
    ))
}

/// Whether the cells of a table are those of the Reference Tool: its first one names a function with its code.
pub(super) fn is_export(table: &Listed) -> Result<bool> {
    let Some(function) = table.column("function").filter(|_| table.column("category").is_some()) else { return Ok(false) };
    let mut rows = table.rows()?;
    while rows.step()? == Step::Row {
        let cell = rows.text(function);
        if !cell.is_empty() {
            return Ok(named(cell).is_some_and(|node| !node.code.is_empty() && !node.title.is_empty()));
        }
    }
    Ok(false)
}

pub(super) fn read(table: &Listed) -> Result<Document> {
    if table.column("subcategory").is_none() {
        return depths::read(table);
    }
    if table.column("function").is_none() || table.column("category").is_none() {
        return Err(no_table());
    }
    let sheet = table.sheet.as_deref().unwrap_or_default();
    let mut nodes: Vec<Node> = Vec::new();
    // Where the rows below belong: the function and the category that were named last.
    let (mut at_function, mut at_category) = (None, None);
    let mut rows = table.rows()?;
    while rows.step()? == Step::Row {
        let number = rows.row().number;
        super::document::not_too_many(usize::try_from(number).unwrap_or(usize::MAX))?;
        let cell = |name: &str| table.column(name).map(|at| rows.text(at)).filter(|cell| !cell.is_empty());
        let astray = |what: &str| Error::data(format!("row {number} of `{sheet}`: {what}"));
        if let Some(text) = cell("function") {
            at_function = Some(place(&mut nodes, text).map_err(|error| astray(&error))?);
            at_category = None;
        }
        let parent = at_function.and_then(|at: usize| nodes.get_mut(at));
        if let Some(text) = cell("category") {
            let siblings = &mut parent.ok_or_else(|| astray("a category without a function above it"))?.children;
            at_category = Some(place(siblings, text).map_err(|error| astray(&error))?);
        }
        if let Some(text) = cell("subcategory") {
            let function = at_function.and_then(|at: usize| nodes.get_mut(at));
            let parent = function.and_then(|node| node.children.get_mut(at_category?));
            let parent = parent.ok_or_else(|| astray("a subcategory without a category above it"))?;
            let (code, text) = text.split_once(':').unwrap_or((text, ""));
            let mut node = Node { code: code.trim().to_owned(), ..Node::default() };
            describe(&mut node, text);
            if let Some(listed) = cell("examples") {
                node.examples = listed.lines().map(without_number).filter(|example| !example.is_empty()).collect();
            }
            parent.children.push(node);
        }
    }
    // The sheet is called `CSF 2.0`.
    let (name, version) = sheet.rsplit_once(' ').unwrap_or((sheet, ""));
    Ok(Document { name: name.to_owned(), version: version.to_owned(), description: None, nodes })
}

/// Where among its siblings the function or category is that a cell names; added where it is new.
fn place(siblings: &mut Vec<Node>, cell: &str) -> std::result::Result<usize, String> {
    let node = named(cell).ok_or_else(|| format!("`{}` is not written as NAME (CODE): text", repeated(cell)))?;
    Ok(siblings.iter().position(|known| known.code == node.code).unwrap_or_else(|| {
        siblings.push(node);
        siblings.len() - 1
    }))
}

/// `NAME (CODE): text`.
fn named(cell: &str) -> Option<Node> {
    let (name, rest) = cell.split_once('(')?;
    let (code, text) = rest.split_once(')')?;
    let mut node = Node { code: code.trim().to_owned(), title: folded(name), ..Node::default() };
    describe(&mut node, text.trim_start_matches(':'));
    Some(node)
}

fn describe(node: &mut Node, text: &str) {
    let text = folded(text);
    match text.strip_prefix("[Withdrawn:").or_else(|| text.strip_prefix("[Withdrawn")) {
        Some(reason) => node.withdrawn = Some(codes_in(reason)),
        None => node.text = text,
    }
}

/// `Ex1: text` without its number.
fn without_number(line: &str) -> String {
    let text = match line.split_once(':') {
        Some((number, text)) if number.len() <= 5 && number.starts_with("Ex") => text,
        _ => line,
    };
    folded(text)
}
