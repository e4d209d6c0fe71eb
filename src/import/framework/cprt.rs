//! NIST's Cybersecurity and Privacy Reference Tool: flat elements joined by `projection` relationships, or the Reference
//! Tool's tree of the same. An item is withdrawn when a `withdraw_reason` (`WR-` and its code) hangs below it. Elements
//! without text that repeat a code are pointers to it and count for nothing.

use std::collections::HashMap;

use serde_json::Value;

use super::document::{DEEPEST, Document, Node, codes_in, folded};
use crate::error::{Error, Result};

/// The element types that make up a tree; all others are examples, reasons or remarks.
const LEVELS: [&str; 9] = [
    "function", "category", "subcategory", "family", "control", "control_enhancement", "requirement", "security_requirement",
    "enhanced_security_requirement",
];

fn text_of(value: &Value, name: &str) -> String {
    folded(value[name].as_str().unwrap_or_default())
}

fn is_level(kind: &str) -> bool {
    LEVELS.contains(&kind)
}

/// Reads the flat shape, `response.elements` as an object.
pub(super) fn read_flat(elements: &Value) -> Result<Document> {
    let mut known: HashMap<String, Element> = HashMap::new();
    let mut in_order: Vec<String> = Vec::new();
    for value in elements["elements"].as_array().into_iter().flatten() {
        let element = Element {
            kind: text_of(value, "element_type"),
            title: text_of(value, "title"),
            text: text_of(value, "text"),
            has_text: value.get("text").is_some(),
            children: Vec::new(),
        };
        let code = text_of(value, "element_identifier");
        match known.get_mut(&code) {
            None => {
                in_order.push(code.clone());
                known.insert(code, element);
            }
            // A stub that came before the element itself.
            Some(stub) if !stub.has_text && element.has_text => *stub = element,
            Some(_) => {}
        }
    }
    let mut is_child: HashMap<String, bool> = HashMap::new();
    for value in elements["relationships"].as_array().into_iter().flatten() {
        if value["relationship_identifier"].as_str().is_some_and(|kind| !kind.eq_ignore_ascii_case("projection")) {
            continue;
        }
        let (from, to) = (text_of(value, "source_element_identifier"), text_of(value, "dest_element_identifier"));
        let from_level = known.get(&from).is_some_and(|element| is_level(&element.kind));
        if let Some(parent) = known.get_mut(&from)
            && !parent.children.contains(&to)
        {
            parent.children.push(to.clone());
        }
        if from_level {
            is_child.insert(to, true);
        }
    }
    let roots: Vec<&String> = in_order
        .iter()
        .filter(|code| known.get(*code).is_some_and(|element| is_level(&element.kind)) && !is_child.contains_key(*code))
        .collect();
    let mut nodes = Vec::new();
    for code in roots {
        nodes.push(flat_node(&known, code, 0)?);
    }
    let document = &elements["documents"][0];
    Ok(Document { name: text_of(document, "name"), version: text_of(document, "version"), description: None, nodes })
}

struct Element {
    kind: String,
    title: String,
    text: String,
    has_text: bool,
    children: Vec<String>,
}

fn flat_node(known: &HashMap<String, Element>, code: &str, depth: usize) -> Result<Node> {
    if depth > DEEPEST {
        return Err(Error::data(format!("the relationships of {code} form a circle or are nested deeper than {DEEPEST}")));
    }
    let Some(element) = known.get(code) else { return Ok(Node::default()) };
    let mut node = Node { code: code.to_owned(), title: element.title.clone(), text: element.text.clone(), ..Node::default() };
    for child in &element.children {
        let Some(below) = known.get(child) else { continue };
        match below.kind.as_str() {
            kind if is_level(kind) => node.children.push(flat_node(known, child, depth + 1)?),
            "withdraw_reason" => node.withdrawn = Some(successors(&below.text, below.children.iter().cloned())),
            "implementation_example" | "example" => node.examples.push(below.text.clone()),
            _ => {}
        }
    }
    Ok(node)
}

/// The reason's sentence names all successors in order; its pointers fill in if there is no sentence.
fn successors(reason: &str, pointers: impl Iterator<Item = String>) -> Vec<String> {
    let mut codes = codes_in(reason);
    for pointer in pointers {
        if !codes.contains(&pointer) {
            codes.push(pointer);
        }
    }
    codes
}

/// Reads the Reference Tool's tree, `response.elements` as an array.
pub(super) fn read_tree(elements: &Value) -> Result<Document> {
    let mut nodes = Vec::new();
    for value in elements.as_array().into_iter().flatten() {
        // The service wraps the functions in an element of the document's.
        if is_level(&kind_of(value)) {
            nodes.push(tree_node(value, 0)?);
        } else {
            for below in value["elements"].as_array().into_iter().flatten().filter(|below| is_level(&kind_of(below))) {
                nodes.push(tree_node(below, 0)?);
            }
        }
    }
    Ok(Document { nodes, ..Document::default() })
}

fn kind_of(value: &Value) -> String {
    let camel = text_of(value, "elementTypeIdentifier");
    if camel.is_empty() { text_of(value, "element_type") } else { camel }
}

fn code_of(value: &Value) -> String {
    let camel = text_of(value, "elementIdentifier");
    if camel.is_empty() { text_of(value, "element_identifier") } else { camel }
}

fn tree_node(value: &Value, depth: usize) -> Result<Node> {
    if depth > DEEPEST {
        return Err(Error::data(format!("the file is nested deeper than {DEEPEST} elements")));
    }
    let mut node =
        Node { code: code_of(value), title: text_of(value, "title"), text: text_of(value, "text"), ..Node::default() };
    for below in value["elements"].as_array().into_iter().flatten() {
        if below.get("relationIdentifier").is_some() {
            continue;
        }
        match kind_of(below).as_str() {
            kind if is_level(kind) => node.children.push(tree_node(below, depth + 1)?),
            "withdraw_reason" => {
                let pointers = below["elements"].as_array().into_iter().flatten().map(code_of);
                node.withdrawn = Some(successors(&text_of(below, "text"), pointers));
            }
            "implementation_example" | "example" => node.examples.push(text_of(below, "text")),
            _ => {}
        }
    }
    Ok(node)
}
