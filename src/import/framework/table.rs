//! Plain CSV: function, category, subcategory, name, text. A row is of the deepest level it names.

use super::{Document, Node, codes_in, folded};
use crate::error::{Error, Result};
use crate::import::cells;

/// Reads the table, or nothing where the header is not one of a framework.
pub(super) fn read(text: &str) -> Result<Option<Document>> {
    let mut reader = cells::reader(text)?;
    let mut headers = csv::StringRecord::new();
    reader.read_record(&mut headers).map_err(|error| broken(&error))?;
    let column = |name: &str| headers.iter().position(|header| header.trim().eq_ignore_ascii_case(name));
    let (Some(function), Some(subcategory)) = (column("function"), column("subcategory")) else { return Ok(None) };
    let category = column("category");
    let (name, text) = (column("name"), column("text").or_else(|| column("description")));
    let mut nodes: Vec<Node> = Vec::new();
    for (number, record) in reader.records().enumerate() {
        super::not_too_many(number)?;
        let record = record.map_err(|error| broken(&error))?;
        let cell = |at: Option<usize>| folded(at.and_then(|at| record.get(at)).unwrap_or_default());
        let path: Vec<String> = [cell(Some(function)), cell(category), cell(Some(subcategory))]
            .into_iter()
            .filter(|code| !code.is_empty())
            .collect();
        let Some((code, parents)) = path.split_last() else {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let line = record.position().map(csv::Position::line).unwrap_or_default();
            return Err(Error::data(format!("line {line} names no code: its function, category and subcategory are empty"))
                .hint("write the code that the line is about, or delete the line"));
        };
        let mut siblings = &mut nodes;
        for parent in parents {
            let at = siblings.iter().position(|node| node.code == *parent).unwrap_or(siblings.len());
            if at == siblings.len() {
                siblings.push(Node { code: parent.clone(), ..Node::default() });
            }
            siblings = &mut siblings[at].children;
        }
        let described = cell(text);
        let withdrawn = described.strip_prefix("[Withdrawn").map(|reason| codes_in(reason.trim_start_matches(':')));
        let node = Node {
            code: code.clone(),
            title: cell(name),
            text: if withdrawn.is_some() { String::new() } else { described },
            withdrawn,
            ..Node::default()
        };
        match siblings.iter_mut().find(|known| known.code == node.code) {
            // The row of a parent may come after rows below it.
            Some(known) if known.title.is_empty() && known.text.is_empty() => {
                let children = std::mem::take(&mut known.children);
                *known = Node { children, ..node };
            }
            Some(_) => return Err(Error::data(format!("the code `{code}` is in the file twice"))),
            None => siblings.push(node),
        }
    }
    Ok(Some(Document { nodes, ..Document::default() }))
}

fn broken(error: &csv::Error) -> Error {
    Error::data(format!("the CSV cannot be read: {error}"))
}
