//! CISO Assistant libraries, <https://github.com/intuitem/ciso-assistant-community>: YAML with a flat list of requirement
//! nodes, each naming its parent's URN and its depth.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use super::document::{Document, Node, folded};
use crate::domain::text::parsed;
use crate::error::{Error, Result};

#[derive(Deserialize)]
struct Library {
    objects: Objects,
}

#[derive(Deserialize)]
struct Objects {
    framework: Framework,
}

#[derive(Deserialize)]
struct Framework {
    ref_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    requirement_nodes: Vec<Requirement>,
}

#[derive(Deserialize)]
struct Requirement {
    urn: String,
    parent_urn: Option<String>,
    ref_id: Option<String>,
    name: Option<String>,
    description: Option<String>,
    annotation: Option<String>,
    #[serde(default)]
    translations: BTreeMap<String, Translation>,
}

/// A requirement in another language.
#[derive(Deserialize)]
struct Translation {
    name: Option<String>,
    description: Option<String>,
}

pub(super) fn read(text: &str) -> Result<Document> {
    let library: Library = serde_saphyr::from_str(text).map_err(|error| {
        Error::data(format!("the file is not a CISO Assistant library with a framework: {}", parsed(&error.to_string())))
    })?;
    let Framework { ref_id, name, description, requirement_nodes } = library.objects.framework;
    let mut children: HashMap<Option<String>, Vec<usize>> = HashMap::new();
    let known: HashMap<String, usize> =
        requirement_nodes.iter().enumerate().map(|(number, node)| (node.urn.to_lowercase(), number)).collect();
    for (number, node) in requirement_nodes.iter().enumerate() {
        let parent = node.parent_urn.as_ref().map(|urn| urn.to_lowercase());
        if let Some(urn) = &parent
            && !known.contains_key(urn)
        {
            return Err(Error::data(format!("`{}` names a parent that is not in the file: {urn}", node.urn)));
        }
        children.entry(parent).or_default().push(number);
    }
    let nodes = below(None, &requirement_nodes, &children, 0)?;
    let name = folded(name.or(ref_id).as_deref().unwrap_or_default());
    let (name, version) = split_version(&name);
    Ok(Document { name, version, description: description.map(|text| folded(&text)), nodes })
}

fn below(
    parent: Option<String>,
    requirements: &[Requirement],
    children: &HashMap<Option<String>, Vec<usize>>,
    depth: usize,
) -> Result<Vec<Node>> {
    if depth > super::document::DEEPEST {
        return Err(Error::data(format!("the requirement nodes are nested deeper than {}", super::document::DEEPEST)));
    }
    let mut nodes = Vec::new();
    for &number in children.get(&parent).into_iter().flatten() {
        let requirement = &requirements[number];
        let text = |field: &Option<String>| folded(field.as_deref().unwrap_or_default());
        let code = match text(&requirement.ref_id) {
            code if code.is_empty() => requirement.urn.rsplit(':').next().unwrap_or_default().to_uppercase(),
            code => code,
        };
        let examples = requirement.annotation.iter().flat_map(|annotation| annotation.lines());
        let examples = examples.filter_map(|line| {
            let (label, example) = line.split_once(": ")?;
            (label.starts_with("Ex") && label.len() <= 5).then(|| folded(example))
        });
        nodes.push(Node {
            code,
            title: text(&requirement.name),
            text: text(&requirement.description),
            examples: examples.collect(),
            translations: requirement.translations.iter().filter_map(translated).collect(),
            children: below(Some(requirement.urn.to_lowercase()), requirements, children, depth + 1)?,
            ..Node::default()
        });
    }
    Ok(nodes)
}

/// The code of a language and what a requirement says in it.
fn translated((language, one): (&String, &Translation)) -> Option<(String, String)> {
    let parts = [&one.name, &one.description].into_iter().flatten().map(|text| folded(text)).filter(|text| !text.is_empty());
    let text = parts.collect::<Vec<_>>().join(". ");
    (!text.is_empty()).then(|| (language.to_lowercase(), text))
}

/// `NIST CSF v2.0` is version 2.0 of NIST CSF.
fn split_version(name: &str) -> (String, String) {
    match name.rsplit_once(' ') {
        Some((start, end)) => {
            let version = end.trim_start_matches(['v', 'V']);
            if version.starts_with(|c: char| c.is_ascii_digit()) {
                let start = start.trim_end_matches(" version").trim_end_matches(" -");
                return (start.to_owned(), version.to_owned());
            }
            (name.to_owned(), String::new())
        }
        None => (name.to_owned(), String::new()),
    }
}
