//! How often suggestions hit the code that a person would choose.

use std::collections::BTreeMap;

use cmf::domain::language::Language;
use cmf::domain::suggest::{Neighbour, Suggester, targets, translated};
use cmf::import::{bundled, words};

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

/// Hits at 1, 3 and 5, category hits at 1, in percent, and how many suggestions of 0.8 and more are right, of how many.
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
        for one in suggestions.iter().filter(|one| one.confidence >= rust_decimal::Decimal::new(8, 1)) {
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
    let vocabulary = words::vocabulary("csf-2.0").expect("a vocabulary");
    let index = Suggester::new(Language::English, targets(&wording, None, &BTreeMap::new(), &vocabulary));
    let rows: Vec<_> = OWN.iter().map(|(text, gold)| ((*text).to_owned(), vec![(*gold).to_owned()])).collect();
    let (hits, right, sure) = measured(&index, &rows);
    assert!(hits.iter().zip([96.0; 4]).all(|(hit, least)| *hit >= least), "{hits:?}");
    assert!(100 * right >= 85 * sure, "{right} of {sure}");
}

/// Texts of NIST's that are part of what is searched, each looked up without its own document.
#[test]
fn suggestions_hit_official_mappings_of_documents_they_have_not_seen() {
    let wording = bundled::find("csf-2.0").expect("bundled").framework().expect("a framework");
    let vocabulary = words::vocabulary("csf-2.0").expect("a vocabulary");
    let neighbours = words::neighbours("csf-2.0").expect("neighbours");
    let (mut right, mut sure) = (0, 0);
    for (source, least) in [
        ("CSF 1.1", [68.0, 80.0, 85.0, 76.0]),
        ("SP 800-66r2", [58.0, 80.0, 88.0, 70.0]),
        ("SP 800-53r5", [58.0, 76.0, 83.0, 66.0]),
    ] {
        let (own, others): (Vec<Neighbour>, Vec<Neighbour>) = neighbours.iter().cloned().partition(|one| one.source == source);
        let index = Suggester::new(Language::English, targets(&wording, None, &BTreeMap::new(), &vocabulary));
        let index = index.with_neighbours(&others);
        let rows: Vec<_> = own.into_iter().map(|one| (one.text, one.codes)).collect();
        let (hits, set_right, set_sure) = measured(&index, &rows);
        assert!(hits.iter().zip(least).all(|(hit, least)| *hit >= least), "{source}: {hits:?}");
        right += set_right;
        sure += set_sure;
    }
    assert!(sure >= 60 && 100 * right >= 80 * sure, "{right} of {sure}");
}

#[test]
fn suggestions_hit_in_other_languages() {
    let wording = bundled::find("csf-2.0").expect("bundled").framework().expect("a framework");
    let vocabulary = words::vocabulary("csf-2.0").expect("a vocabulary");
    let targets = targets(&wording, None, &BTreeMap::new(), &vocabulary);
    for (language, texts) in [
        (
            Language::German,
            [
                ("Anteil der Notebooks mit verschlüsselter Festplatte", "PR.DS-01"),
                ("Rechtzeitig eingespielte Sicherheitsupdates", "PR.PS-02"),
                ("Überprüfte Lieferantenverträge mit Sicherheitsklauseln", "GV.SC-05"),
            ],
        ),
        (
            Language::French,
            [
                ("Part des ordinateurs dont le disque est chiffré", "PR.DS-01"),
                ("Correctifs appliqués dans les délais", "PR.PS-02"),
                ("Contrats de fournisseurs qui ont des clauses de sécurité", "GV.SC-05"),
            ],
        ),
        (
            Language::Spanish,
            [
                ("Porcentaje de portátiles con disco cifrado", "PR.DS-01"),
                ("Parches aplicados dentro del plazo", "PR.PS-02"),
                ("Contratos de proveedores con cláusulas de seguridad", "GV.SC-05"),
            ],
        ),
        (
            Language::Dutch,
            [
                ("Aandeel laptops met een versleutelde schijf", "PR.DS-01"),
                ("Op tijd geïnstalleerde beveiligingsupdates", "PR.PS-02"),
                ("Leverancierscontracten met beveiligingseisen", "GV.SC-05"),
            ],
        ),
    ] {
        let translations = words::translations("csf-2.0", language).expect("readable").expect("translated");
        let index = Suggester::new(language, translated(targets.clone(), &translations));
        for (text, code) in texts {
            assert_eq!(index.suggest(text, 1)[0].position.code(), code, "{text}");
        }
    }
}

#[test]
fn a_framework_without_vocabulary_gets_suggestions_too() {
    let framework = bundled::find("ai-rmf-1.0").expect("bundled").framework().expect("a framework");
    let none = BTreeMap::new();
    let index = Suggester::new(Language::English, targets(&framework, None, &none, &none));
    let own = &framework.functions[1].categories[0].subcategories[0];
    let found = index.suggest(&own.description, 3);
    assert_eq!(found[0].position.code(), own.code);
    assert!(!found[0].words.is_empty());
    assert!(index.suggest("", 3).is_empty() && index.suggest("qzxv 17", 3).is_empty());
}
