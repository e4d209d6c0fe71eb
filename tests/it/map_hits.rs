//! How often suggestions hit the code that a person would choose.

use std::collections::BTreeMap;

use cmf::domain::suggest::{Suggester, targets};
use cmf::import::{bundled, framework};
use serde_json::Value;

use crate::support::shared;

/// Texts as policies and questionnaires have them, each with the code of CSF 2.0 that it is about.
const OWN: [(&str, &str); 30] = [
    ("We keep a list of all laptops, servers and network devices.", "ID.AM-01"),
    ("A register of installed software and of cloud services is kept current.", "ID.AM-02"),
    ("Diagrams show how data flows between our systems and to other companies.", "ID.AM-03"),
    ("Weaknesses of systems are found by regular scans and written down.", "ID.RA-01"),
    ("We get threat reports from sharing groups and other sources.", "ID.RA-02"),
    ("Identities and credentials of people who leave are withdrawn the same day.", "PR.AA-01"),
    ("Users log in with a second factor.", "PR.AA-03"),
    ("Everybody has only the access rights that the job needs; they are reviewed each quarter.", "PR.AA-05"),
    ("The doors of the server room open with a badge only.", "PR.AA-06"),
    ("All staff take part in security awareness training each year.", "PR.AT-01"),
    ("Administrators and developers are trained for their special roles.", "PR.AT-02"),
    ("Disks and databases are encrypted at rest.", "PR.DS-01"),
    ("Connections over the internet are encrypted in transit.", "PR.DS-02"),
    ("Backups are made every night, and restored as a test.", "PR.DS-11"),
    ("Software is patched in time, and replaced when its maker no longer supports it.", "PR.PS-02"),
    ("Systems are set up from a hardened baseline configuration.", "PR.PS-01"),
    ("All systems write logs, which are kept for monitoring.", "PR.PS-04"),
    ("Firewalls separate the networks, so that nobody gets in without permission.", "PR.IR-01"),
    ("The network is watched for intrusions.", "DE.CM-01"),
    ("What staff do with our technology is watched for misuse.", "DE.CM-03"),
    ("Events of several sources are correlated.", "DE.AE-03"),
    ("Customers and regulators are notified of an incident in time.", "RS.CO-02"),
    ("Incidents are contained by cutting infected machines off.", "RS.MI-01"),
    ("The recovery plan is carried out once the incident response calls for it.", "RC.RP-01"),
    ("Suppliers are checked with due diligence before a contract is signed.", "GV.SC-06"),
    ("Security requirements are a part of contracts with suppliers.", "GV.SC-05"),
    ("The board has decided what its risk appetite is.", "GV.RM-02"),
    ("Management has approved and published a security policy.", "GV.PO-01"),
    ("The policy is reviewed each year and updated.", "GV.PO-02"),
    ("The laws and regulations on data protection that bind us are known.", "GV.OC-03"),
];

/// Hits at 1, 3 and 5, category hits at 1, in percent, and how many suggestions of 0.9 and more are right, of how many.
fn measured(index: &Suggester, rows: &[(String, Vec<String>)]) -> ([f64; 4], usize, usize) {
    let (mut hits, mut sure, mut right) = ([0.0_f64; 4], 0, 0);
    for (text, gold) in rows {
        let suggestions = index.suggest(text, 5);
        let is_gold = |code: &str| gold.iter().any(|gold| gold == code);
        let codes: Vec<&str> = suggestions.iter().map(|one| one.position.code()).collect();
        assert!(suggestions.is_sorted_by(|a, b| a.confidence >= b.confidence), "{suggestions:?}");
        for (hit, top) in hits.iter_mut().zip([1, 3, 5]) {
            *hit += f64::from(u8::from(codes.iter().take(top).any(|code| is_gold(code))));
        }
        let category = |code: &str| code.split('-').next().map(str::to_owned);
        hits[3] +=
            f64::from(u8::from(codes.first().is_some_and(|code| gold.iter().any(|gold| category(gold) == category(code)))));
        for one in suggestions.iter().filter(|one| one.confidence >= rust_decimal::Decimal::new(9, 1)) {
            sure += 1;
            right += usize::from(is_gold(one.position.code()));
        }
    }
    let count = f64::from(u32::try_from(rows.len()).expect("few rows"));
    (hits.map(|hit| 100.0 * hit / count), right, sure)
}

#[test]
fn suggestions_hit_what_a_person_would_choose() {
    let wording = bundled::find("csf-2.0").expect("bundled").framework().expect("a framework");
    let vocabulary = bundled::vocabulary("csf-2.0").expect("a vocabulary");
    let index = Suggester::new(targets(&wording, None, &BTreeMap::new(), &vocabulary));
    let rows: Vec<_> = OWN.iter().map(|(text, gold)| ((*text).to_owned(), vec![(*gold).to_owned()])).collect();
    let (hits, right, sure) = measured(&index, &rows);
    assert!(hits.iter().zip([96.0; 4]).all(|(hit, least)| *hit >= least), "{hits:?}");
    assert!(100 * right >= 85 * sure, "{right} of {sure}");
}

#[test]
fn suggestions_hit_official_mappings_and_what_is_sure_is_right() {
    let file = |name: &str| shared(name, "map_hits::suggestions_hit_what_a_person_would_choose");
    let Some(official) = file("frameworks/cprt_CSF_2_0_0.rocklambros-48f1e906.json") else { return };
    let source = framework::read(&std::fs::read(official).expect("the file"), "cprt").expect("a document");
    let source = source.expect("a framework");
    let wording = bundled::find("csf-2.0").expect("bundled").framework().expect("a framework");
    let vocabulary = bundled::vocabulary("csf-2.0").expect("a vocabulary");
    let index = Suggester::new(targets(&source.framework, Some(&wording), &source.examples, &vocabulary));
    let (mut right, mut sure) = (0, 0);
    for (set, least) in [("csf11_to_csf20", [75.0, 86.0, 88.0, 80.0]), ("sp80066_to_csf20", [59.0, 80.0, 86.0, 71.0])] {
        let Some(rows) = file(&format!("mappings/{set}.jsonl")) else { return };
        let text = std::fs::read_to_string(rows).expect("rows");
        let row = |line: &str| -> (String, Vec<String>) {
            let row: Value = serde_json::from_str(line).expect("a row");
            let gold = row["gold"].as_array().expect("gold").iter().filter_map(Value::as_str).map(str::to_owned);
            (row["text"].as_str().expect("text").to_owned(), gold.collect())
        };
        let (hits, set_right, set_sure) = measured(&index, &text.lines().map(row).collect::<Vec<_>>());
        assert!(hits.iter().zip(least).all(|(hit, least)| *hit >= least), "{set}: {hits:?}");
        right += set_right;
        sure += set_sure;
    }
    assert!(sure >= 20 && 100 * right >= 85 * sure, "{right} of {sure}");
}

#[test]
fn a_framework_without_vocabulary_gets_suggestions_too() {
    let framework = bundled::find("ai-rmf-1.0").expect("bundled").framework().expect("a framework");
    let none = BTreeMap::new();
    let index = Suggester::new(targets(&framework, None, &none, &none));
    let own = &framework.functions[1].categories[0].subcategories[0];
    let found = index.suggest(&own.description, 3);
    assert_eq!(found[0].position.code(), own.code);
    assert!(!found[0].words.is_empty());
    assert!(index.suggest("", 3).is_empty() && index.suggest("qzxv 17", 3).is_empty());
}
