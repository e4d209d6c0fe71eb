//! The framework that is bundled, in the formats in which its publisher gives it out, in other words.

use cmf::import::bundled;
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};

/// A code with what is said of it, what replaced it where it is withdrawn, and the codes below it.
struct Node {
    code: String,
    name: String,
    text: String,
    successors: Option<Vec<String>>,
    below: Vec<Node>,
}

impl Node {
    /// Why it is withdrawn, as the publisher writes it.
    fn reason(&self) -> Option<String> {
        self.successors.as_ref().map(|codes| match codes.as_slice() {
            [] => "Incorporated into other Categories".to_owned(),
            codes => format!("Incorporated into {}", codes.join(", ")),
        })
    }
}

/// The functions of CSF 2.0 with all that was ever in them.
fn tree() -> Vec<Node> {
    let framework = bundled::find("csf-2.0").expect("bundled");
    let withdrawn = framework.withdrawn().expect("a list");
    let node = |code: &str, name: &str, text: Option<&str>, below: Vec<Node>| Node {
        code: code.to_owned(),
        name: name.to_owned(),
        text: format!("In other words: {}", text.unwrap_or("this")),
        successors: withdrawn.iter().find(|one| one.code == code).map(|one| one.successors.clone()),
        below,
    };
    let gone_below = |category: &str| -> Vec<Node> {
        let below = withdrawn.iter().filter(|one| one.code.starts_with(&format!("{category}-")));
        below.map(|one| node(&one.code, "", None, Vec::new())).collect()
    };
    let mut functions = Vec::new();
    for function in framework.framework().expect("a framework").functions {
        let mut categories = Vec::new();
        for category in &function.categories {
            let live = category.subcategories.iter().map(|one| node(&one.code, "", Some(&one.description), Vec::new()));
            let mut below: Vec<Node> = live.chain(gone_below(&category.code)).collect();
            below.sort_by(|a, b| a.code.cmp(&b.code));
            categories.push(node(&category.code, &category.name, category.description.as_deref(), below));
        }
        let gone =
            withdrawn.iter().filter(|one| one.code.starts_with(&format!("{}.", function.code)) && !one.code.contains('-'));
        categories.extend(gone.map(|one| node(&one.code, "An older category", None, gone_below(&one.code))));
        functions.push(node(&function.code, &function.name.to_uppercase(), function.description.as_deref(), categories));
    }
    functions
}

/// OSCAL, which does not tell what is withdrawn.
pub(crate) fn oscal() -> String {
    fn element(node: &Node, depth: usize) -> String {
        let (kind, title) = match depth {
            0 => ("group", node.name.clone()),
            1 => ("control", node.name.clone()),
            _ => ("control", node.code.clone()),
        };
        let part = if depth == 0 { "overview" } else { "statement" };
        let below: String = node.below.iter().map(|one| element(one, depth + 1)).collect();
        format!(
            "<{kind} id=\"{}\"><title>{title}</title><part name=\"{part}\"><p>{}</p></part>{below}</{kind}>\n",
            node.code,
            node.text.replace('&', "&amp;")
        )
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<catalog xmlns=\"http://csrc.nist.gov/ns/oscal/1.0\"><metadata>\
         <title>NIST Cybersecurity Framework 2.0</title><version>1.0.0</version>\
         <prop name=\"framework-identifier\" ns=\"https://csrc.nist.gov/ns/cprt\" value=\"CSF\"/>\
         <prop name=\"framework-version-identifier\" ns=\"https://csrc.nist.gov/ns/cprt\" value=\"CSF_2_0_0\"/></metadata>\n{}</catalog>",
        tree().iter().map(|node| element(node, 0)).collect::<String>()
    )
}

/// The reference tool's elements and their relationships, with reasons of withdrawals and one example a code.
pub(crate) fn cprt() -> String {
    fn add(node: &Node, depth: usize, elements: &mut Vec<Value>, relationships: &mut Vec<Value>) {
        let mut element = |code: &str, kind: &str, title: &str, text: &str| {
            elements.push(json!({ "doc_identifier": "CSF_2_0_0", "element_identifier": code, "element_type": kind, "title": title, "text": text }));
        };
        let mut relate = |from: &str, to: &str| {
            let ends = ("source_element_identifier", "dest_element_identifier");
            relationships.push(json!({ "relationship_identifier": "projection", ends.0: from, ends.1: to }));
        };
        element(&node.code, ["function", "category", "subcategory"][depth], &node.name, &node.text);
        if let Some(reason) = node.reason() {
            element(&format!("WR-{}", node.code), "withdraw_reason", "", &reason);
            relate(&node.code, &format!("WR-{}", node.code));
        } else if depth == 2 {
            let example = format!("{}.001", node.code);
            element(&example, "implementation_example", "Ex1", "Such as this");
            relate(&node.code, &example);
        }
        for below in &node.below {
            relate(&node.code, &below.code);
        }
        for below in &node.below {
            add(below, depth + 1, elements, relationships);
        }
    }
    let (mut elements, mut relationships) = (Vec::new(), Vec::new());
    for node in tree() {
        add(&node, 0, &mut elements, &mut relationships);
    }
    let documents = json!([{ "doc_identifier": "CSF_2_0_0", "name": "Cybersecurity Framework", "version": "2.0" }]);
    json!({ "response": { "elements": { "documents": documents, "elements": elements, "relationships": relationships } } })
        .to_string()
}

/// The workbook of the reference tool.
pub(crate) fn workbook() -> Vec<u8> {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Introduction").expect("a sheet").write(0, 1, "Reference tool").expect("a cell");
    let sheet = workbook.add_worksheet().set_name("CSF 2.0").expect("a sheet");
    sheet.write(0, 0, "All codes").expect("a title");
    sheet.write_row(1, 0, ["Function", "Category", "Subcategory", "Implementation Examples"]).expect("a header");
    let mut row = 2;
    let mut write = |column: u16, text: String, example: &str| {
        sheet.write(row, column, text).expect("a cell");
        sheet.write(row, 3, example).expect("a cell");
        row += 1;
    };
    let said = |node: &Node| node.reason().map_or_else(|| node.text.clone(), |reason| format!("[Withdrawn: {reason}]"));
    for function in tree() {
        write(0, format!("{} ({}): {}", function.name, function.code, said(&function)), "");
        for category in &function.below {
            write(1, format!("{} ({}): {}", category.name, category.code, said(category)), "");
            for one in &category.below {
                write(2, format!("{}: {}", one.code, said(one)), "Ex1: Such as this");
            }
        }
    }
    workbook.save_to_buffer().expect("a workbook")
}
