//! Mappings of CISO Assistant, <https://github.com/intuitem/ciso-assistant-community>: YAML with requirements by their URNs, whose last
//! part is the code. A library often has the same set a second time the other way round.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use rust_decimal::Decimal;

use super::file::{CrosswalkFile, Format, Written, confidence};
use crate::domain::text::parsed;
use crate::error::{Error, Result};

#[derive(Deserialize)]
struct Library {
    objects: Objects,
}

#[derive(Deserialize)]
struct Objects {
    requirement_mapping_set: Option<Set>,
    #[serde(default)]
    requirement_mapping_sets: Vec<Set>,
}

#[derive(Deserialize)]
struct Set {
    #[serde(default)]
    source_framework_urn: String,
    #[serde(default)]
    target_framework_urn: String,
    #[serde(default)]
    requirement_mappings: Vec<Mapping>,
}

#[derive(Deserialize)]
struct Mapping {
    source_requirement_urn: String,
    target_requirement_urn: String,
    relationship: Option<String>,
    strength_of_relationship: Option<Value>,
    rationale: Option<String>,
    annotation: Option<String>,
}

/// What a URN ends with: a code, or the name of a framework.
fn last(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or_default().trim()
}

/// How strong a relationship is, from 0 to 10.
fn strength(value: Option<&Value>) -> std::result::Result<Option<Decimal>, String> {
    let text = match value {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => return Ok(None),
    };
    confidence(&text, Decimal::TEN)
}

pub(super) fn read(text: &str) -> Result<CrosswalkFile> {
    let library: Library = serde_saphyr::from_str(text.trim_start_matches('\u{feff}')).map_err(|error| {
        Error::data(format!("the file is not a CISO Assistant library with a mapping: {}", parsed(&error.to_string())))
    })?;
    let Objects { requirement_mapping_set, requirement_mapping_sets } = library.objects;
    let mut sets = requirement_mapping_set.into_iter().chain(requirement_mapping_sets);
    let Some(first) = sets.next() else {
        return Err(Error::data("the library has no mapping between frameworks")
            .hint("a framework is imported with `cmf framework import FILE`"));
    };
    let mut notices = Vec::new();
    for other in sets {
        let is_reverse = other.source_framework_urn == first.target_framework_urn
            && other.target_framework_urn == first.source_framework_urn;
        if !is_reverse {
            return Err(Error::data(format!(
                "the library has mappings between several pairs of frameworks: {} to {} is another one",
                last(&other.source_framework_urn),
                last(&other.target_framework_urn)
            ))
            .hint("keep one mapping set in the file for each import"));
        }
        notices.push("the file has the mapping in both directions; the first one was read, and leads both ways".to_owned());
    }
    let row = |(at, mapping): (usize, Mapping)| {
        let (confidence, problem) = match strength(mapping.strength_of_relationship.as_ref()) {
            Ok(confidence) => (confidence, None),
            Err(problem) => (None, Some(problem)),
        };
        let cells: Map<String, Value> = [
            ("source_requirement_urn", json!(mapping.source_requirement_urn)),
            ("target_requirement_urn", json!(mapping.target_requirement_urn)),
            ("relationship", json!(mapping.relationship)),
            ("strength_of_relationship", json!(mapping.strength_of_relationship)),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
        let note = mapping.annotation.filter(|text| !text.trim().is_empty()).or(mapping.rationale);
        Written {
            row: at as u64 + 1,
            source: last(&mapping.source_requirement_urn).to_owned(),
            target: last(&mapping.target_requirement_urn).to_owned(),
            relation: mapping.relationship,
            confidence,
            note: note.filter(|text| !text.trim().is_empty()),
            cells,
            problem,
            ..Written::default()
        }
    };
    Ok(CrosswalkFile {
        format: Format::CisoAssistant,
        source: last(&first.source_framework_urn).to_owned(),
        target: last(&first.target_framework_urn).to_owned(),
        rows: first.requirement_mappings.into_iter().enumerate().map(row).collect(),
        notices,
    })
}
