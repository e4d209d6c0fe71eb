//! The workbook that the NIST Reference Tool writes: under the header Function, Category, Subcategory each row has one of
//! `NAME (CODE): text`, `Name (CODE): text`, `CODE: text`; withdrawn ones have `[Withdrawn: Incorporated into ...]` as text.

use super::{Document, Node, codes_in, folded};
use crate::error::{Error, Result};
use crate::import::cells;
use crate::import::problem::repeated;

pub(super) fn read(bytes: &[u8]) -> Result<Document> {
    for (sheet, rows) in cells::workbook(bytes)? {
        let header = rows.iter().position(|row| {
            let cells: Vec<String> = row.iter().map(|cell| cell.trim().to_lowercase()).collect();
            ["function", "category", "subcategory"].iter().all(|name| cells.iter().any(|cell| cell == name))
        });
        if let Some(header) = header {
            return document(&sheet, &rows, header);
        }
    }
    Err(Error::data("the workbook has no sheet with the columns Function, Category and Subcategory"))
}

fn document(sheet: &str, rows: &[Vec<String>], header: usize) -> Result<Document> {
    let column = |name: &str| rows[header].iter().position(|cell| cell.trim().to_lowercase().starts_with(name));
    let (Some(function), Some(category), Some(subcategory)) = (column("function"), column("category"), column("subcategory"))
    else {
        return Err(Error::data("the header has no columns Function, Category and Subcategory"));
    };
    let examples = column("implementation examples");
    let mut nodes: Vec<Node> = Vec::new();
    super::not_too_many(rows.len())?;
    // Where the rows below belong: the function and the category that were named last.
    let (mut at_function, mut at_category) = (None, None);
    for (number, row) in rows.iter().enumerate().skip(header + 1) {
        let cell = |at: usize| row.get(at).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
        let astray = |what: &str| Error::data(format!("row {} of `{sheet}`: {what}", number + 1));
        if let Some(text) = cell(function) {
            at_function = Some(place(&mut nodes, text).map_err(|error| astray(&error))?);
            at_category = None;
        }
        let parent = at_function.and_then(|at: usize| nodes.get_mut(at));
        if let Some(text) = cell(category) {
            let siblings = &mut parent.ok_or_else(|| astray("a category without a function above it"))?.children;
            at_category = Some(place(siblings, text).map_err(|error| astray(&error))?);
        }
        if let Some(text) = cell(subcategory) {
            let function = at_function.and_then(|at: usize| nodes.get_mut(at));
            let parent = function.and_then(|node| node.children.get_mut(at_category?));
            let parent = parent.ok_or_else(|| astray("a subcategory without a category above it"))?;
            let (code, text) = text.split_once(':').unwrap_or((text, ""));
            let mut node = Node { code: code.trim().to_owned(), ..Node::default() };
            describe(&mut node, text);
            if let Some(listed) = examples.and_then(cell) {
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
