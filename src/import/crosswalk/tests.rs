//! Tests of the formats of crosswalks.

use rust_decimal::Decimal;

use super::file::confidence;
use super::*;
use crate::domain::crosswalk::Relation;

fn parsed(text: &str) -> CrosswalkFile {
    document(text.as_bytes()).unwrap().expect("a document")
}

fn rows(file: &CrosswalkFile) -> Vec<String> {
    let row = |row: &Written| {
        let relation = row.relation().unwrap().map_or("-", Relation::as_str);
        let confidence = row.confidence.map(|confidence| format!(" {}", confidence.normalize())).unwrap_or_default();
        format!("{} {relation} {}{confidence}", row.source, row.target)
    };
    file.rows.iter().map(row).collect()
}

const JSON: &str = r#"{"mapping-collection": {"metadata": {"title": "T"}, "mappings": [{
    "source-resource": {"type": "catalog", "href": "csf.json"}, "target-resource": {"type": "catalog", "href": "iso.json"},
    "maps": [
        {"relationship": "equal-to", "sources": [{"type": "control", "id-ref": "pr.aa-01"}], "targets": [{"type": "control", "id-ref": "a.5.16"}]},
        {"relationship": "equivalent-to", "sources": [{"id-ref": "pr.aa-03"}, {"id-ref": "pr.aa-04"}], "targets": [{"id-ref": "a.8.5"}], "confidence-score": {"percentage": 80}},
        {"relationship": "subset-of", "sources": [{"id-ref": "pr.ds-01"}], "targets": [{"id-ref": "a.8.24"}, {"id-ref": "a.8.12"}]},
        {"relationship": "superset-of", "sources": [{"id-ref": "pr.ps-02"}], "targets": [{"id-ref": "a.8.8_smt.a"}]},
        {"relationship": "no-relationship", "sources": [{"id-ref": "rc.co-03"}], "targets": [{"id-ref": "a.8.8"}]}
    ]}]}}"#;

#[test]
fn a_map_of_several_controls_says_less_of_each() {
    let file = parsed(JSON);
    assert_eq!((file.source.as_str(), file.target.as_str()), ("csf.json", "iso.json"));
    assert_eq!(
        rows(&file),
        [
            "pr.aa-01 equal a.5.16", "pr.aa-03 subset a.8.5 0.8", "pr.aa-04 subset a.8.5 0.8", "pr.ds-01 intersects a.8.24",
            "pr.ds-01 intersects a.8.12", "pr.ps-02 superset a.8.8", "rc.co-03 - a.8.8",
        ]
    );
}

#[test]
fn the_three_notations_of_oscal_say_the_same() {
    let yaml = "mapping-collection:\n  mappings:\n  - source-resource: {href: csf.json}\n    target-resource: {href: iso.json}\n    maps:\n\
                \x20   - relationship: equal-to\n      sources: [{id-ref: pr.aa-01}]\n      targets: [{id-ref: a.5.16}]\n";
    let xml = "<mapping-collection xmlns='http://csrc.nist.gov/ns/oscal/1.0'><mapping><source-resource href='csf.json'/>\
               <target-resource href='iso.json'/><map uuid='1'><relationship>equal-to</relationship><source type='control' id-ref='pr.aa-01'/>\
               <target type='control' id-ref='a.5.16'/></map></mapping></mapping-collection>";
    for (text, format) in [(yaml, Format::OscalYaml), (xml, Format::OscalXml)] {
        let file = parsed(text);
        assert_eq!((file.format, rows(&file)), (format, vec!["pr.aa-01 equal a.5.16".to_owned()]));
        assert_eq!((file.source.as_str(), file.target.as_str()), ("csf.json", "iso.json"));
    }
}

#[test]
fn a_library_of_ciso_assistant_is_read_once_although_it_has_both_directions() {
    let set = |source: &str, target: &str, from: &str, to: &str, relation: &str| {
        format!(
            "  - source_framework_urn: urn:x:framework:{source}\n    target_framework_urn: urn:x:framework:{target}\n    \
             requirement_mappings:\n    - source_requirement_urn: urn:x:req_node:{source}:{from}\n      \
             target_requirement_urn: urn:x:req_node:{target}:{to}\n      relationship: {relation}\n      strength_of_relationship: 7\n      rationale: semantic\n"
        )
    };
    let there = set("nist-csf-2.0", "iso27001-2022", "pr.aa-01", "a.5.16", "subset");
    let back = set("iso27001-2022", "nist-csf-2.0", "a.5.16", "pr.aa-01", "superset");
    let file = parsed(&format!("objects:\n  requirement_mapping_sets:\n{there}{back}"));
    assert_eq!(rows(&file), ["pr.aa-01 subset a.5.16 0.7"]);
    assert_eq!((file.source.as_str(), file.target.as_str()), ("nist-csf-2.0", "iso27001-2022"));
    assert_eq!((file.notices.len(), file.rows[0].note.as_deref()), (1, Some("semantic")));
    let other = set("nist-csf-2.0", "cis-8.1", "pr.aa-01", "5.1", "subset");
    let error = document(format!("objects:\n  requirement_mapping_sets:\n{there}{other}").as_bytes()).unwrap_err();
    assert!(error.message().contains("several pairs"), "{}", error.message());
    let old = there.replacen("  - ", "    ", 1);
    assert_eq!(rows(&parsed(&format!("objects:\n  requirement_mapping_set:\n{old}"))).len(), 1);
}

#[test]
fn a_document_of_another_kind_is_named() {
    for (text, expected) in [
        (r#"{"catalog": {"metadata": {}}}"#, "an OSCAL catalog"),
        (r#"{"profile": {"metadata": {}}}"#, "a profile"),
        ("<profile><metadata/></profile>", "a profile"),
        ("<catalog/>", "an OSCAL catalog"),
        ("<html/>", "with <html>, not an OSCAL mapping collection"),
        ("objects:\n  framework:\n    requirement_nodes: []\n", "no mapping between frameworks"),
        (r#"{"mapping-collection": {"mappings": []}}"#, "has no mapping"),
    ] {
        let error = document(text.as_bytes()).unwrap_err();
        assert!(error.message().contains(expected), "{text}: {}", error.message());
    }
}

#[test]
fn a_confidence_is_a_share_a_percentage_or_a_strength() {
    let share =
        |text: &str, of: i64| confidence(text, Decimal::from(of)).map(|share| share.map(|share| share.normalize().to_string()));
    assert_eq!(share("0.9", 1), Ok(Some("0.9".to_owned())));
    assert_eq!(share("90 %", 1), Ok(Some("0.9".to_owned())));
    assert_eq!(share("0,25", 1), Ok(Some("0.25".to_owned())));
    assert_eq!(share("7", 10), Ok(Some("0.7".to_owned())));
    assert_eq!(share("", 1), Ok(None));
    for wrong in ["90", "-0.1", "high", "1e-1"] {
        assert!(share(wrong, 1).is_err(), "{wrong}");
    }
}
