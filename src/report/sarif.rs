//! Findings in the Static Analysis Results Interchange Format 2.1.0 (OASIS), which code hosts and editors show.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::domain::lint::{Finding, Measure, Rule};

/// What was looked at.
#[derive(Debug)]
pub struct Subject<'a> {
    pub catalog: &'a str,
    /// The file it was imported from.
    pub file: Option<&'a str>,
    pub measures: &'a [Measure],
}

/// A run of the linter as one document.
pub fn text(subject: &Subject<'_>, rules: &[&Rule], findings: &[Finding]) -> String {
    let described = |rule: &&Rule| {
        json!({
            "id": rule.id,
            "shortDescription": { "text": format!("A measure has {}.", rule.what) },
            "fullDescription": { "text": format!("A measure has {}: otherwise {}.", rule.what, rule.why) },
            "help": { "text": format!("To correct it: {}. Source: {}.", rule.fix, rule.source()) },
            "defaultConfiguration": { "level": rule.level.as_str() },
        })
    };
    let found = |finding: &Finding| {
        let Some(measure) = subject.measures.get(finding.measure) else { return Value::Null };
        json!({
            "ruleId": finding.rule.id,
            "ruleIndex": rules.iter().position(|rule| rule.id == finding.rule.id),
            "level": finding.rule.level.as_str(),
            "message": { "text": format!("{}: {}.", measure.label(), finding.message) },
            "locations": [location(subject, measure)],
            "partialFingerprints": { "cmfItemAndRule/v1": format!("{}:{}", measure.id, finding.rule.id) },
        })
    };
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cmf",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.iter().map(described).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": format!("cmf catalog lint/{}/", subject.catalog) },
            "results": findings.iter().map(found).collect::<Vec<_>>(),
        }],
    });
    format!("{document:#}\n")
}

/// Where a measure stands: in the catalog, and in the file that the catalog was imported from, which code hosts ask for.
fn location(subject: &Subject<'_>, measure: &Measure) -> Value {
    let mut location = json!({ "logicalLocations": [{
        "name": measure.item.name,
        "fullyQualifiedName": format!("{}/{}", subject.catalog, measure.label()),
        "kind": "object",
    }] });
    if let Some(file) = subject.file {
        location["physicalLocation"] = json!({ "artifactLocation": { "uri": uri(file) } });
        if let Some(row) = measure.row.filter(|row| *row > 0) {
            location["physicalLocation"]["region"] = json!({ "startLine": row });
        }
    }
    location
}

/// A path as a relative reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
