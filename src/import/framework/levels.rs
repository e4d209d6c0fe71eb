//! From a tree of any depth to functions, categories and subcategories.

use std::collections::{BTreeMap, HashMap};

use super::document::Node;
use crate::domain::framework::{Category, Function, Subcategory};
use crate::domain::text::clipped;
use crate::error::{Error, Result};

fn depth(nodes: &[Node]) -> usize {
    nodes.iter().map(|node| 1 + depth(&node.children)).max().unwrap_or(0)
}

/// Makes three levels of whatever depth there is; see the rules of the module above.
pub(super) fn fit(
    nodes: Vec<Node>,
    name: &str,
    examples: &mut BTreeMap<String, Vec<String>>,
    notices: &mut Vec<String>,
) -> Vec<Function> {
    let levels = depth(&nodes);
    let mut functions = Vec::new();
    match levels {
        1 => {
            notices.push("the source has one level: its items became subcategories of one category, ALL".to_owned());
            let mut category = category_named("ALL", name);
            flatten(nodes, &mut category.subcategories, examples);
            functions.push(Function {
                code: "ALL".to_owned(),
                name: clipped(if name.is_empty() { "All" } else { name }, 100),
                description: None,
                categories: vec![category],
            });
        }
        2 => {
            notices.push("the source has two levels: the first became both function and category".to_owned());
            for node in nodes {
                let (code, title) = (node.code.clone(), title_of(&node, 200));
                let mut category = Category { code, name: title, description: described(&node), subcategories: Vec::new() };
                let mut function = function_of(&node);
                flatten(node.children, &mut category.subcategories, examples);
                function.categories.push(category);
                functions.push(function);
            }
        }
        _ => {
            if levels > 3 {
                notices.push(format!(
                    "the source has {levels} levels: those below the third became subcategories beside their parents"
                ));
            }
            for node in nodes {
                let mut function = function_of(&node);
                for child in node.children {
                    let mut category = Category {
                        code: child.code.clone(),
                        name: title_of(&child, 200),
                        description: described(&child),
                        subcategories: Vec::new(),
                    };
                    if !child.examples.is_empty() {
                        examples.insert(child.code.clone(), child.examples);
                    }
                    flatten(child.children, &mut category.subcategories, examples);
                    function.categories.push(category);
                }
                functions.push(function);
            }
        }
    }
    let cut = functions.iter().any(|function| function.name.ends_with('…'))
        || functions.iter().flat_map(|function| &function.categories).any(|category| category.name.ends_with('…'));
    if cut {
        notices.push("names that are too long were shortened; the descriptions have the full names".to_owned());
    }
    functions
}

fn category_named(code: &str, name: &str) -> Category {
    let name = if name.is_empty() { "All" } else { name };
    Category { code: code.to_owned(), name: clipped(name, 200), description: None, subcategories: Vec::new() }
}

fn function_of(node: &Node) -> Function {
    Function { code: node.code.clone(), name: title_of(node, 100), description: described(node), categories: Vec::new() }
}

fn flatten(nodes: Vec<Node>, into: &mut Vec<Subcategory>, examples: &mut BTreeMap<String, Vec<String>>) {
    for node in nodes {
        let description = match (node.title.as_str(), node.text.as_str()) {
            ("", text) => text.to_owned(),
            (title, "") => title.to_owned(),
            (title, text) if text.starts_with(title) || title == node.code => text.to_owned(),
            (title, text) => format!("{title}: {text}"),
        };
        if !node.examples.is_empty() {
            examples.insert(node.code.clone(), node.examples);
        }
        into.push(Subcategory { code: node.code, description });
        flatten(node.children, into, examples);
    }
}

fn title_of(node: &Node, most: usize) -> String {
    let title = if node.title.is_empty() { &node.code } else { &node.title };
    // `GOVERN` shouted in full is `Govern`, as the printed framework has it; abbreviations have no vowel pattern to lose.
    let shouted = title.len() > 3 && title.chars().all(char::is_uppercase);
    let title = if shouted && *title != node.code {
        let mut letters = title.chars();
        letters.next().map_or_else(String::new, |first| first.to_string() + &letters.as_str().to_lowercase())
    } else {
        title.clone()
    };
    clipped(&title, most)
}

fn described(node: &Node) -> Option<String> {
    if node.title.chars().count() > 100 {
        return Some(format!("{} {}", node.title, node.text).trim().to_owned());
    }
    (!node.text.is_empty()).then(|| node.text.clone())
}

/// Codes are unique within their level and fit their columns.
pub(super) fn check_codes(functions: &[Function]) -> Result<()> {
    let mut seen = HashMap::new();
    let mut check = |level: &'static str, most: usize, code: &str, above: &str| {
        if code.is_empty() {
            return Err(Error::data(format!("the file has a {level} without a code")));
        }
        if code.chars().count() > most {
            return Err(Error::data(format!("the {level} code `{code}` is longer than {most} characters")));
        }
        if let Some(other) = seen.insert((level, code.to_owned()), above.to_owned()) {
            let error = Error::data(format!("the {level} `{code}` is in the file twice"));
            let error = match (above, other.as_str()) {
                ("", _) | (_, "") => error,
                (above, other) if above == other => error.detail(format!("both are below `{above}`")),
                (above, other) => error.detail(format!("one is below `{other}`, the other below `{above}`")),
            };
            return Err(error.hint("give one of them another code, or delete it"));
        }
        Ok(())
    };
    for function in functions {
        check("function", 10, &function.code, "")?;
        for category in &function.categories {
            check("category", 20, &category.code, &function.code)?;
            for subcategory in &category.subcategories {
                check("subcategory", 30, &subcategory.code, &category.code)?;
            }
        }
    }
    Ok(())
}
