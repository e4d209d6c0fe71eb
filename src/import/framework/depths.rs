//! Tables with a level and a code a row, in the order of the tree: what `cmf framework show --format csv` writes, and the content of
//! a CISO Assistant workbook (`depth`, `ref_id`).

use super::document::{DEEPEST, Document, Node, folded};
use crate::error::{Error, Result};
use crate::table::problem::repeated;
use crate::table::rows::{Known, Listed, Step};

pub(super) const LEVEL: Known = Known::of("level", &["level", "depth"]);
pub(super) const CODE: Known = Known::of("code", &["code", "ref id"]);

/// What `framework show` calls the levels.
const NAMES: [&str; 3] = ["function", "category", "subcategory"];

pub(super) fn read(table: &Listed) -> Result<Document> {
    let mut nodes: Vec<Node> = Vec::new();
    // The row above each level, as a way down the tree.
    let mut path: Vec<usize> = Vec::new();
    let mut rows = table.rows()?;
    while rows.step()? == Step::Row {
        let number = rows.row().number;
        super::document::not_too_many(usize::try_from(number).unwrap_or(usize::MAX))?;
        let cell = |name: &str| folded(table.column(name).map(|at| rows.text(at)).unwrap_or_default());
        let (level, code, name, text) = (cell("level"), cell("code"), cell("name"), cell("text"));
        if level.is_empty() && code.is_empty() {
            continue;
        }
        let wrong = |what: String| Error::data(format!("row {number}: {what}"));
        let depth = depth(&level).ok_or_else(|| wrong(format!("the level `{}` is not a number from 1", repeated(&level))))?;
        if depth > path.len() + 1 {
            return Err(wrong(format!("level {depth} follows level {}", path.len())));
        }
        // A heading of CISO Assistant may have a name alone.
        let code = if code.is_empty() { name.clone() } else { code };
        if code.is_empty() {
            return Err(wrong("there is no code".to_owned()).hint("write the code, or remove the row"));
        }
        path.truncate(depth - 1);
        let mut siblings = &mut nodes;
        for at in &path {
            let Some(above) = siblings.get_mut(*at) else { return Err(wrong("there is no row above it".to_owned())) };
            siblings = &mut above.children;
        }
        siblings.push(Node { code, title: name, text, ..Node::default() });
        path.push(siblings.len() - 1);
    }
    Ok(Document { nodes, ..Document::default() })
}

/// The level that a cell names, counted from 1.
fn depth(text: &str) -> Option<usize> {
    let named = NAMES.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|at| at + 1);
    named.or_else(|| text.parse().ok()).filter(|depth| (1..=DEEPEST).contains(depth))
}
