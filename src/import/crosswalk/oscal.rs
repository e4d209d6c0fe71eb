//! OSCAL mapping collections, <https://pages.nist.gov/OSCAL/concepts/layer/control/mapping/>: maps from controls of one resource to
//! controls of another one. A map of several controls says something of all of them together, and so of each as a part.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::file::{CrosswalkFile, Format, Written, confidence, not_too_many};
use super::table::told_forms;
use crate::error::{Error, Result};
use crate::import::framework::document::INCOMPLETE;
use crate::import::framework::oscal::{control_of, opens_with, refuse_other};
use crate::import::framework::xml::{self, Element};
use crate::table::limits;

const KEY: &str = "mapping-collection";
const FRAMEWORK: &str = "a framework is imported with `cmf framework import FILE`";

fn catalog() -> Error {
    Error::data("the file is an OSCAL catalog, not a collection of mappings").hint(FRAMEWORK)
}

/// Whether the content is YAML with the key of a mapping collection, or of another document of OSCAL, at its top.
pub(super) fn is_yaml(bytes: &[u8]) -> bool {
    opens_with(bytes, |key| key == KEY || key == "catalog" || key == "profile")
}

pub(super) fn read_yaml(text: &str) -> Result<CrosswalkFile> {
    let json: Value = serde_saphyr::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| Error::data(format!("the file is not complete YAML: {error}")).hint(INCOMPLETE))?;
    of_json(&json, Format::OscalYaml)
}

pub(super) fn read_json(text: &str) -> Result<CrosswalkFile> {
    limits::check_json(text)?;
    let json: Value = serde_json::from_str(text)
        .map_err(|error| Error::data(format!("the file is not complete JSON: {error}")).hint(INCOMPLETE))?;
    of_json(&json, Format::OscalJson)
}

fn each<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// A map, as both notations have it.
struct Entry {
    relation: Option<String>,
    sources: Vec<String>,
    targets: Vec<String>,
    confidence: Option<String>,
    note: Option<String>,
}

fn of_json(json: &Value, format: Format) -> Result<CrosswalkFile> {
    let Some(collection) = json.get(KEY) else {
        if json.get("catalog").is_some() {
            return Err(catalog());
        }
        refuse_other(json)?;
        return Err(Error::data("the file is JSON, but not an OSCAL mapping collection").hint(FRAMEWORK));
    };
    // Snapshots of the model have one mapping in place of a list.
    let mappings: Vec<&Value> = match (&collection["mappings"], &collection["mapping"]) {
        (Value::Array(all), _) | (_, Value::Array(all)) => all.iter().collect(),
        (one @ Value::Object(_), _) | (_, one @ Value::Object(_)) => vec![one],
        _ => Vec::new(),
    };
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let mut entries = Vec::new();
    let mut resources = Vec::new();
    for mapping in mappings {
        let name = |side: &str| {
            let resource = &mapping[side];
            let of = ["title", "href"].iter().find_map(|member| text(&resource[member]));
            of.unwrap_or_default()
        };
        resources.push((name("source-resource"), name("target-resource")));
        for map in each(mapping, "maps").chain(each(mapping, "map")) {
            let ids = |name: &str| each(map, name).filter_map(|item| text(&item["id-ref"])).collect::<Vec<_>>();
            let score = &map["confidence-score"];
            let percentage = text(&score["percentage"]).map(|number| percentage(&number));
            entries.push(Entry {
                relation: text(&map["relationship"]).or_else(|| text(&map["relationship"]["type"])),
                sources: [ids("sources"), ids("source")].concat(),
                targets: [ids("targets"), ids("target")].concat(),
                confidence: percentage.or_else(|| text(score)),
                note: text(&map["remarks"]),
            });
        }
    }
    assembled(format, resources, entries)
}

/// Percentages are written from 0 to 1 or from 0 to 100.
fn percentage(number: &str) -> String {
    let is_share = number.trim().parse::<Decimal>().is_ok_and(|number| number <= Decimal::ONE);
    if is_share { number.to_owned() } else { format!("{number}%") }
}

pub(super) fn read_xml(text: &str) -> Result<CrosswalkFile> {
    let root = xml::parse(text)?;
    if root.name == "catalog" {
        return Err(catalog());
    }
    if root.name != KEY {
        let what = crate::import::framework::oscal::called(&root.name);
        return Err(told_forms(Error::data(format!("the file is XML with {what}, not an OSCAL mapping collection"))));
    }
    let mut entries = Vec::new();
    let mut resources = Vec::new();
    for mapping in root.named("mapping") {
        let name = |side: &str| {
            let resource = mapping.child(side);
            let title = resource.and_then(|resource| resource.child("title")).map(Element::text);
            title.or_else(|| resource?.attribute("href").map(str::to_owned)).unwrap_or_default()
        };
        resources.push((name("source-resource"), name("target-resource")));
        for map in mapping.named("map") {
            let ids = |name| map.named(name).filter_map(|item| item.attribute("id-ref").map(str::to_owned)).collect();
            let score = map.child("confidence-score");
            let share = score.and_then(|score| score.child("percentage")).map(|share| percentage(&share.text()));
            entries.push(Entry {
                relation: map
                    .child("relationship")
                    .map(Element::text)
                    .or_else(|| map.attribute("relationship").map(str::to_owned)),
                sources: ids("source"),
                targets: ids("target"),
                confidence: share.or_else(|| score.map(Element::text)),
                note: map.child("remarks").map(Element::text),
            });
        }
    }
    assembled(Format::OscalXml, resources, entries)
}

fn assembled(format: Format, resources: Vec<(String, String)>, entries: Vec<Entry>) -> Result<CrosswalkFile> {
    let mut names = resources.into_iter();
    let (source, target) = names.next().ok_or_else(|| Error::data("the mapping collection has no mapping"))?;
    if names.any(|other| other != (source.clone(), target.clone())) {
        return Err(Error::data("the mapping collection has mappings between several pairs of frameworks")
            .hint("keep one mapping in the file for each import"));
    }
    let mut rows = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let (confidence, problem) = match entry.confidence.as_deref().map(|text| confidence(text, Decimal::ONE)) {
            Some(Err(problem)) => (None, Some(problem)),
            Some(Ok(confidence)) => (confidence, None),
            None => (None, None),
        };
        let (several_sources, several_targets) = (entry.sources.len() > 1, entry.targets.len() > 1);
        for source in &entry.sources {
            for target in &entry.targets {
                let cells: Map<String, Value> = [
                    ("relationship", json!(entry.relation)),
                    ("sources", json!(entry.sources)),
                    ("targets", json!(entry.targets)),
                    ("confidence-score", json!(entry.confidence)),
                ]
                .into_iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(name, value)| (name.to_owned(), value))
                .collect();
                // A statement is a part of its control.
                let (own, of) = (control_of(source), control_of(target));
                rows.push(Written {
                    row: at as u64 + 1,
                    is_part: (several_sources || own.len() < source.len(), several_targets || of.len() < target.len()),
                    source: own.to_owned(),
                    target: of.to_owned(),
                    relation: entry.relation.clone(),
                    confidence,
                    note: entry.note.clone().filter(|note| !note.is_empty()),
                    cells,
                    problem: problem.clone(),
                });
                not_too_many(rows.len())?;
            }
        }
    }
    Ok(CrosswalkFile { format, source, target, rows, notices: Vec::new() })
}
