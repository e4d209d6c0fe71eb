//! OSCAL catalogs, <https://pages.nist.gov/OSCAL/concepts/layer/control/catalog/>: groups and controls, nested.

use serde_json::Value;

use super::document::{DEEPEST, Document, INCOMPLETE, Node, folded, told_forms};
use super::xml::{self, Element};
use crate::error::{Error, Result};

/// What the two notations have in common.
#[derive(Default)]
struct Item {
    id: String,
    title: String,
    props: Vec<Prop>,
    links: Vec<(String, String)>,
    statement: Vec<String>,
    examples: Vec<String>,
    children: Vec<Item>,
}

struct Prop {
    name: String,
    value: String,
    plain: bool,
}

/// The longest label that is a code, as the schema has them.
const LONGEST_LABEL: usize = 20;

impl Item {
    fn prop(&self, name: &str) -> Option<&str> {
        let of_name = || self.props.iter().filter(|prop| prop.name == name);
        of_name().find(|prop| prop.plain).or_else(|| of_name().next()).map(|prop| prop.value.as_str())
    }

    /// The id is for machines; the label is the official spelling where it is the same code.
    fn code(&self) -> String {
        let parts = |text: &str| {
            let separate: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
            separate.to_uppercase().split_whitespace().map(|part| part.trim_start_matches('0').to_owned()).collect::<Vec<_>>()
        };
        // `CIS 6.3` is the label of `cisc-6.3`: the same numbers under another name.
        let numbers = |text: &str| {
            let all = parts(text).into_iter().filter(|part| part.starts_with(|c: char| c.is_ascii_digit()));
            all.collect::<Vec<_>>()
        };
        let is_code = |label: &str| {
            let own = numbers(label);
            let is_short = label.trim().len() <= LONGEST_LABEL && label.split_whitespace().count() <= 2;
            parts(&self.id).ends_with(&parts(label)) || is_short && !own.is_empty() && numbers(&self.id) == own
        };
        match self.prop("label") {
            Some(label) if !label.trim().is_empty() && is_code(label) => label.trim().to_owned(),
            _ if self.id.chars().any(char::is_uppercase) => self.id.clone(),
            _ => self.id.to_uppercase(),
        }
    }

    fn node(self) -> Node {
        let code = self.code();
        let sort = self.prop("sort-id").map(str::to_owned);
        let withdrawn = self.prop("status").is_some_and(|status| status.eq_ignore_ascii_case("withdrawn")).then(|| {
            self.links
                .iter()
                .filter(|(rel, _)| {
                    matches!(
                        rel.to_ascii_lowercase().replace('_', "-").as_str(),
                        "incorporated-into" | "moved-to" | "addressed-by"
                    )
                })
                .map(|(_, href)| control_of(href).to_owned())
                .collect()
        });
        let title = if self.title == code { String::new() } else { self.title };
        Node {
            code,
            title,
            text: folded(&self.statement.join(" ")),
            sort,
            withdrawn,
            examples: self.examples,
            children: self.children.into_iter().map(Item::node).collect(),
            ..Node::default()
        }
    }
}

/// Reads the XML notation.
pub(super) fn read_xml(text: &str) -> Result<Document> {
    let catalog = xml::parse(text)?;
    let metadata = catalog.child("metadata").filter(|_| catalog.name == "catalog");
    let metadata = metadata.ok_or_else(|| match OTHERS.iter().find(|(name, _)| *name == catalog.name) {
        Some((name, what)) => other(name, what),
        None => told_forms(Error::data(format!("the file is XML, but <{}> is not an OSCAL catalog", catalog.name))),
    })?;
    let text_of = |name: &str| metadata.child(name).map(Element::text).unwrap_or_default();
    Ok(document(text_of("title"), text_of("version"), xml_items(&catalog)))
}

/// The control that a link leads to. Its part, as in `#ac-2_smt.k`, is no code.
pub(in crate::import) fn control_of(href: &str) -> &str {
    let id = href.trim_start_matches('#');
    id.split_once('_').map_or(id, |(control, _)| control)
}

fn document(title: String, version: String, items: Vec<Item>) -> Document {
    Document { name: title, version, description: None, nodes: items.into_iter().map(Item::node).collect() }
}

fn xml_items(parent: &Element) -> Vec<Item> {
    let items = parent.children().filter(|child| matches!(child.name.as_str(), "group" | "control"));
    items
        .map(|element| {
            let mut item = Item {
                id: element.attribute("id").unwrap_or_default().to_owned(),
                title: element.child("title").map(Element::text).unwrap_or_default(),
                children: xml_items(element),
                ..Item::default()
            };
            for prop in element.named("prop") {
                item.props.push(Prop {
                    name: prop.attribute("name").unwrap_or_default().to_owned(),
                    value: prop.attribute("value").unwrap_or_default().to_owned(),
                    plain: prop.attribute("class").is_none(),
                });
            }
            for link in element.named("link") {
                let of = |name| link.attribute(name).unwrap_or_default().to_owned();
                item.links.push((of("rel"), of("href")));
            }
            for part in element.named("part") {
                match part.attribute("name") {
                    Some("statement" | "overview") => item.statement.push(part.text()),
                    Some("example") => item.examples.push(part.text()),
                    _ => {}
                }
            }
            item
        })
        .collect()
}

/// Whether the content is YAML with the key of a document of OSCAL at its top.
pub(super) fn is_yaml(bytes: &[u8]) -> bool {
    opens_with(bytes, |key| key == "catalog" || OTHERS.iter().any(|(name, _)| *name == key))
}

/// Whether the content is YAML whose first key is one of these.
pub(in crate::import) fn opens_with(bytes: &[u8], is_known: impl Fn(&str) -> bool) -> bool {
    let text = String::from_utf8_lossy(bytes.get(..bytes.len().min(4_096)).unwrap_or_default());
    let text = text.trim_start_matches('\u{feff}');
    let mut lines = text.lines().filter(|line| !line.trim().is_empty() && !line.starts_with(['#', '%']) && *line != "---");
    lines.next().is_some_and(|line| is_known(line.trim_end().strip_suffix(':').unwrap_or_default()))
}

/// Reads the YAML notation, which has the same members as the JSON one.
pub(super) fn read_yaml(text: &str) -> Result<Document> {
    let json: Value = serde_saphyr::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::data(format!("the file is not complete YAML: {error}")).hint(INCOMPLETE))?;
    refuse_other(&json)?;
    read_json(&json)
}

/// Documents of OSCAL that have no codes of their own, and what they do.
const OTHERS: [(&str, &str); 7] = [
    ("profile", "a profile, which chooses controls of catalogs"),
    ("mapping-collection", "a collection of mappings"),
    ("component-definition", "a component definition"),
    ("system-security-plan", "a system security plan"),
    ("assessment-plan", "an assessment plan"),
    ("assessment-results", "assessment results"),
    ("plan-of-action-and-milestones", "a plan of action and milestones"),
];

/// What an element of OSCAL is called.
pub(in crate::import) fn called(name: &str) -> String {
    OTHERS.iter().find(|(known, _)| *known == name).map_or_else(|| format!("<{name}>"), |(_, what)| (*what).to_owned())
}

fn other(name: &str, what: &str) -> Error {
    let error = Error::data(format!("the file is OSCAL, but {what}, not a catalog"));
    error.hint(if name == "mapping-collection" {
        "import it with `cmf framework crosswalk import FILE`"
    } else {
        "import the catalog; a resolved profile is one"
    })
}

/// Refuses a document of OSCAL that is no catalog. Exit 65, with what it is.
pub(in crate::import) fn refuse_other(json: &Value) -> Result<()> {
    match OTHERS.iter().find(|(name, _)| json.get(name).is_some_and(Value::is_object)) {
        None => Ok(()),
        Some((name, what)) => Err(other(name, what)),
    }
}

/// Reads the JSON notation.
pub(super) fn read_json(json: &Value) -> Result<Document> {
    let catalog = &json["catalog"];
    // In YAML a version without quotes is a number.
    let text_of = |name: &str| match &catalog["metadata"][name] {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    };
    Ok(document(text_of("title"), text_of("version"), json_items(catalog, 0)?))
}

fn each<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn json_items(parent: &Value, depth: usize) -> Result<Vec<Item>> {
    if depth > DEEPEST {
        return Err(Error::data(format!("the file is nested deeper than {DEEPEST} controls")));
    }
    let mut items = Vec::new();
    for value in each(parent, "groups").chain(each(parent, "controls")) {
        let text_of = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let mut item = Item {
            id: text_of(value, "id"),
            title: folded(&text_of(value, "title")),
            children: json_items(value, depth + 1)?,
            ..Item::default()
        };
        for prop in each(value, "props") {
            item.props.push(Prop {
                name: text_of(prop, "name"),
                value: text_of(prop, "value"),
                plain: prop.get("class").is_none(),
            });
        }
        for link in each(value, "links") {
            item.links.push((text_of(link, "rel"), text_of(link, "href")));
        }
        for part in each(value, "parts") {
            let mut prose = Vec::new();
            prose_of(part, &mut prose, 0);
            match part["name"].as_str() {
                Some("statement" | "overview") => item.statement.extend(prose),
                Some("example") => item.examples.push(folded(&prose.join(" "))),
                _ => {}
            }
        }
        items.push(item);
    }
    Ok(items)
}

fn prose_of(part: &Value, into: &mut Vec<String>, depth: usize) {
    if let Some(prose) = part["prose"].as_str() {
        into.push(without_insertions(prose));
    }
    if depth < DEEPEST {
        for nested in each(part, "parts") {
            prose_of(nested, into, depth + 1);
        }
    }
}

/// `{{ insert: param, ac-01_odp.01 }}` stands for a value each organization chooses.
fn without_insertions(prose: &str) -> String {
    let mut text = String::with_capacity(prose.len());
    let mut rest = prose;
    while let Some((before, after)) = rest.split_once("{{") {
        text.push_str(before);
        text.push_str("[organization-defined]");
        rest = after.split_once("}}").map_or("", |(_, after)| after);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(nodes: &[Node]) -> Vec<String> {
        let own = |node: &Node| [vec![format!("{}|{}|{}", node.code, node.title, node.text)], shown(&node.children)].concat();
        nodes.iter().flat_map(own).collect()
    }

    #[test]
    fn a_label_is_the_code_where_it_has_the_numbers_of_the_id() {
        let item = |id: &str, label: &str| {
            let prop = Prop { name: "label".to_owned(), value: label.to_owned(), plain: true };
            Item { id: id.to_owned(), props: vec![prop], ..Item::default() }.code()
        };
        assert_eq!(item("cisc-6.3", "CIS 6.3"), "CIS 6.3");
        assert_eq!(item("control-1.1", "1.1"), "1.1");
        assert_eq!(item("ac-2.1", "AC-2(1)"), "AC-2(1)");
        assert_eq!(item("pr.aa-01", "PR.AA-01"), "PR.AA-01");
        assert_eq!(item("pr.aa-01", "PR.AA-02"), "PR.AA-01");
        assert_eq!(item("ac-1", "Access Control Policy 1"), "AC-1");
        assert_eq!(item("pr", "Protect"), "PR");
    }

    #[test]
    fn both_notations_have_codes_titles_and_texts() {
        let control =
            serde_json::json!({"id": "PR.AA-01", "parts": [{"name": "statement", "prose": "Identities are managed"}]});
        let category = serde_json::json!({"id": "PR.AA", "title": "Identity \n management", "controls": [control]});
        let groups = serde_json::json!([{"id": "PR", "title": "Protect", "controls": [category]}]);
        let json = read_json(&serde_json::json!({"catalog": {"metadata": {"title": "T", "version": "1"}, "groups": groups}}));
        let xml = read_xml(
            "<catalog><metadata><title>T</title><version>1</version></metadata><group id='PR'><title>Protect</title>\
             <control id='PR.AA'><title>Identity \n management</title><control id='PR.AA-01'>\
             <part name='statement'><p>Identities are managed</p></part></control></control></group></catalog>",
        );
        for document in [json, xml] {
            let document = document.unwrap();
            assert_eq!((document.name.as_str(), document.version.as_str()), ("T", "1"));
            assert_eq!(
                shown(&document.nodes),
                ["PR|Protect|", "PR.AA|Identity management|", "PR.AA-01||Identities are managed"]
            );
        }
    }
}
