//! Plain CSV: function, category, subcategory, name, text. A row is of the deepest level it names. The cells of the Reference Tool's
//! workbook as CSV have the same columns, and what `cmf framework show` writes has a level and a code a row.

use std::collections::HashMap;

use super::depths;
use super::document::{Document, Node, codes_in, folded, unknown_shape};
use crate::error::{Error, Result};
use crate::table::rows::{Known, List, Listed, Step};

pub(super) const LIST: List = List {
    fields: &[
        Known::of("function", &["function"]),
        Known::of("category", &["category"]),
        Known::required("subcategory", &["subcategory"]),
        Known::of("name", &["name"]),
        Known::of("text", &["text", "description"]),
        Known::of("examples", &["implementation examples"]),
        depths::LEVEL,
        depths::CODE,
    ],
    instead: &[("subcategory", &["level", "code"])],
    ..List::refusing(|_, _| unknown_shape())
};

pub(super) fn read(table: &Listed) -> Result<Document> {
    if table.column("subcategory").is_none() {
        return depths::read(table);
    }
    if table.column("function").is_none() {
        return Err(unknown_shape());
    }
    let mut nodes: Vec<Node> = Vec::new();
    let mut rows = table.rows()?;
    let (mut count, mut lines) = (0, HashMap::new());
    while rows.step()? == Step::Row {
        count += 1;
        super::document::not_too_many(count)?;
        let cell = |name: &str| folded(table.column(name).map(|at| rows.text(at)).unwrap_or_default());
        let path: Vec<String> =
            ["function", "category", "subcategory"].into_iter().map(cell).filter(|code| !code.is_empty()).collect();
        let Some((code, parents)) = path.split_last() else {
            let line = rows.row().number;
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
        let described = cell("text");
        let withdrawn = described.strip_prefix("[Withdrawn").map(|reason| codes_in(reason.trim_start_matches(':')));
        let node = Node {
            code: code.clone(),
            title: cell("name"),
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
            Some(_) => {
                let mut error = Error::data(format!("the code `{code}` is in the file twice"));
                if let Some(other) = lines.get(&path) {
                    error = error.detail(format!("in rows {other} and {}", rows.row().number));
                }
                return Err(error.hint("give one of them another code, or delete it"));
            }
            None => siblings.push(node),
        }
        lines.insert(path, rows.row().number);
    }
    Ok(Document { nodes, ..Document::default() })
}
