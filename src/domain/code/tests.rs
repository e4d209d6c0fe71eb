//! Codes as people write them, and what is found in them.

use super::*;
use crate::domain::framework::framework;

fn csf() -> CodeIndex {
    let withdrawn = [
        Withdrawal { code: "PR.MA-01".to_owned(), successors: vec!["PR.AA-01".to_owned(), "PR.AT".to_owned()] },
        Withdrawal { code: "PR.IP".to_owned(), successors: vec![] },
    ];
    CodeIndex::new(&framework(&[
        ("GV", "Govern", &[("GV.OC", "Organizational Context", &["GV.OC-01", "GV.OC-02"])]),
        ("ID", "Identify", &[("ID.AM", "Asset Management", &["ID.AM-01", "ID.AM-02"])]),
        (
            "PR",
            "Protect",
            &[
                ("PR.AA", "Identity Management, Authentication, and Access Control", &["PR.AA-01", "PR.AA-02"]),
                ("PR.AT", "Awareness and Training", &["PR.AT-01"]),
            ],
        ),
    ]))
    .with_withdrawn(&withdrawn)
}

#[test]
fn no_code_of_several_in_an_item_is_lost() {
    let index = CodeIndex::new(&framework(&[
        (
            "PR",
            "Protect",
            &[("PR.AA", "Access", &["PR.AA-01", "PR.AA-02", "PR.AA-03", "PR.AA-04"]), ("PR.AT", "Training", &["PR.AT-01"])],
        ),
        ("DE", "Detect", &[("DE.CM", "Monitoring", &["DE.CM-01"])]),
    ]));
    for (cell, expected) in [
        // Brackets behind a code.
        ("PR.AA-01 (Protect)", "PR.AA-01 PR"),
        ("PR.AA-01 (DE)", "PR.AA-01 DE"),
        ("PR.AA-01 (DE.CM-01)", "PR.AA-01 DE.CM-01"),
        ("(PR.AA-01)(PR.AA-03)", "PR.AA-01 PR.AA-03"),
        ("PR.AA-01 / PR.AT-01 (PR)", "PR.AA-01 PR.AT-01 PR"),
        ("PR.AA-01, PR.AT-01 (PR)", "PR.AA-01 PR.AT-01 PR"),
        ("Training (PR.AT): text", "PR.AT"),
        // Ranges.
        ("PR.AA-01 to PR.AA-04", "PR.AA-01 PR.AA-02 PR.AA-03 PR.AA-04"),
        ("PR.AA-01 through PR.AA-03", "PR.AA-01 PR.AA-02 PR.AA-03"),
        ("PR.AA-01…PR.AA-03", "PR.AA-01 PR.AA-02 PR.AA-03"),
        ("PR.AA-01 thru 03", "PR.AA-01 PR.AA-02 PR.AA-03"),
        ("PR.AA-01 - PR.AA-02", "PR.AA-01 PR.AA-02"),
        ("PR.AA-01 - 02", "PR.AA-01 PR.AA-02"),
        ("PR.AA-01 - PR.AA-03", "PR.AA-01 PR.AA-01 - PR.AA-03? PR.AA-03"),
        ("PR.AA-01 - PR.AT-01", "PR.AA-01 PR.AT-01"),
        ("PR.AA-01 to PR.AT-01", "PR.AA-01 PR.AA-01 to PR.AT-01? PR.AT-01"),
        ("PR.AA-01 - 24 hours a day", "PR.AA-01"),
        ("PR.AA-01 to 95 %", "PR.AA-01"),
        // Other frameworks' codes beside ours.
        ("CIS 6.3 / PR.AA-03", "PR.AA-03"),
        ("ISO 27001 A.8.5 / NIST PR.AA-01", "PR.AA-01"),
        ("AC-2; PR.AA-01", "PR.AA-01"),
        ("CC6.1; PR.AA-01", "PR.AA-01"),
        ("CSC 4, PR.AA-01", "PR.AA-01"),
        ("T1078; PR.AA-01", "PR.AA-01"),
        ("AC-2", "AC-2?"),
        // Functions side by side.
        ("PR/DE", "PR DE"),
        ("PROTECT/DETECT", "PR DE"),
        ("Protect & Detect", "PR DE"),
        ("Protect and Detect", "PR DE"),
    ] {
        assert_eq!(codes(&index, cell).join(" "), expected, "{cell}");
    }
}

fn ai_rmf() -> CodeIndex {
    CodeIndex::new(&framework(&[
        ("GOVERN", "Govern", &[("GOVERN 1", "Policies", &["GOVERN 1.1", "GOVERN 1.2"])]),
        ("MAP", "Map", &[("MAP 1", "Context", &["MAP 1.1"])]),
    ]))
}

/// The codes found, unknown ones with a question mark, withdrawn ones with an exclamation mark.
fn codes(index: &CodeIndex, cell: &str) -> Vec<String> {
    index
        .find_all(cell)
        .into_iter()
        .map(|reference| match reference {
            Reference::Known(position) => position.code().to_owned(),
            Reference::Withdrawn { code, .. } => format!("{code}!"),
            Reference::Unknown { written, .. } => format!("{written}?"),
        })
        .collect()
}

/// What would take minutes where each piece is compared with each.
#[test]
fn a_cell_full_of_what_looks_like_codes_costs_no_more_than_its_length() {
    let many = |piece: fn(usize) -> String| {
        (0..)
            .map(piece)
            .scan(0, |size, piece| {
                *size += piece.len();
                (*size < 1 << 16).then_some(piece)
            })
            .collect::<String>()
    };
    for (cell, most) in [
        (many(|n| format!("PR.XX-{n} ")), 100),
        (many(|n| format!("PR.XX-{n}, word, ")), 100),
        (many(|n| format!("PR.AA-01,word{n},")), 101),
        (many(|_| "PR.".to_owned()) + "x1", 1),
        (many(|_| "a-".to_owned()) + "long", 1),
        (many(|_| "PR.AA-01 / ".to_owned()), 1),
        (many(|_| "x".to_owned()), 1),
        (many(|_| "PR.AA-9".to_owned()), 100),
        (many(|_| "PR (".to_owned()), 100),
        (many(|_| "1".to_owned()), 1),
    ] {
        let found = csf().find_all(&cell).len();
        assert!((1..=most).contains(&found), "{found} in {}", &cell[..20]);
    }
}

#[test]
fn every_spelling_of_a_code_is_that_code() {
    for written in [
        "PR.AA-01", "PR.AA-1", "pr.aa-01", "PR-AA-01", "PR_AA_01", " pr.aa.01 ", "PR.AA\u{2011}01", "PRAA-01",
        "PR.AA-01: text", "(PR.AA-01)",
    ] {
        assert_eq!(codes(&csf(), written), ["PR.AA-01"], "{written}");
    }
    for written in ["GV-1.1", "GOVERN-1.1", "GOVERN 1.1: text, more text", "Govern 1.1", "gv 1.1", "GOVERN\u{a0}1.1", "GV.1.1"]
    {
        assert_eq!(codes(&ai_rmf(), written), ["GOVERN 1.1"], "{written}");
    }
    for written in ["PROTECT (PR)", "PROTECT (PR): the text, of it", "Protect", "pr", "PR: text"] {
        assert_eq!(codes(&csf(), written), ["PR"], "{written}");
    }
    assert_eq!(codes(&ai_rmf(), "MAP-1"), ["MAP 1"]);
    assert_eq!(codes(&csf(), "Organizational Context (GV.OC): text"), ["GV.OC"]);
    assert_eq!(codes(&csf(), "Identity Management, Authentication, and Access Control (PR.AA)"), ["PR.AA"]);
    assert_eq!(codes(&csf(), "identity management, authentication, and access control"), ["PR.AA"]);
}

#[test]
fn several_codes_in_a_cell_are_all_found_once() {
    for cell in [
        "PR.AA-01; GV.OC-2", "PR.AA-01,GV.OC-02", "PR.AA-1 | gv.oc-02", "PR.AA-01\nGV.OC-02\nPR.AA-1", "PR.AA-01 / GV.OC-02",
        "PR.AA-01 GV.OC-02",
    ] {
        assert_eq!(codes(&csf(), cell), ["PR.AA-01", "GV.OC-02"], "{cell}");
    }
    assert_eq!(codes(&ai_rmf(), "GOVERN 1.1, MAP 1.1"), ["GOVERN 1.1", "MAP 1.1"]);
    assert_eq!(codes(&csf(), "PR, GV"), ["PR", "GV"]);
}

#[test]
fn words_are_not_taken_for_functions() {
    assert_eq!(codes(&csf(), "PR.AA-01: every user has an ID of their own"), ["PR.AA-01"]);
    assert_eq!(codes(&csf(), "N/A"), Vec::<String>::new());
    assert_eq!(codes(&csf(), "each employee ID is checked"), ["each employee ID is checked?"]);
}

#[test]
fn a_word_in_a_list_of_codes_is_an_unknown_code() {
    for (cell, expected) in [
        ("PR.AA-01, Foo", &["PR.AA-01", "Foo?"][..]),
        ("PR.AA-01, Awareness, GV", &["PR.AA-01", "GV", "Awareness?"]),
        ("PR.AA-01; MFA policy", &["PR.AA-01", "MFA policy?"]),
        ("PR.AA-01 Identities, services, and hardware", &["PR.AA-01"]),
        ("PR.AA-01: identities, credentials", &["PR.AA-01"]),
        ("PR.AA-01\nIdentities of users, services, and hardware are managed", &["PR.AA-01"]),
        ("PR.AA-01; ISO 27001 A.5.15, CIS 6.3", &["PR.AA-01"]),
        ("ISO 27001:2022 A.5.15", &[]),
        ("PR.AA-01; A.5.17, A.12.6.1", &["PR.AA-01"]),
        ("A.5.17", &[]),
        ("PR.AA-01, N/A", &["PR.AA-01"]),
    ] {
        assert_eq!(codes(&csf(), cell), expected, "{cell}");
    }
    assert!(csf().has_foreign("PR.AA-01; ISO 27001 A.5.15"));
    assert!(!csf().has_foreign("PR.AA-01, Isolation 5"));
}

#[test]
fn a_withdrawn_code_is_named_with_its_successors() {
    let Some(Reference::Withdrawn { code, successors }) = csf().find_all("pr.ma-1").pop() else {
        panic!("not withdrawn");
    };
    assert_eq!(code, "PR.MA-01");
    assert_eq!(successors.iter().map(Position::code).collect::<Vec<_>>(), ["PR.AA-01", "PR.AT"]);
    assert_eq!(codes(&csf(), "PR.IP, PR.AA-01"), ["PR.IP!", "PR.AA-01"]);
}

#[test]
fn an_unknown_code_comes_with_its_neighbours() {
    let unknown = |written: &str| match csf().find_all(written).pop() {
        Some(Reference::Unknown { written }) => csf().near(&written),
        other => panic!("{other:?}"),
    };
    assert_eq!(unknown("PR.AA-09")[0], "PR.AA-02");
    assert_eq!(unknown("PR.AB-01")[0], "PR.AA-01");
    assert_eq!(unknown("Protct")[0], "PR");
    assert_eq!(unknown("Asset Managment")[0], "ID.AM");
    assert_eq!(unknown("zebra"), Vec::<String>::new());
    assert_eq!(codes(&csf(), "PR.AA-01; XX.YY-07"), ["PR.AA-01", "XX.YY-07?"]);
    assert_eq!(codes(&csf(), "PR.AA-011"), ["PR.AA-011?"]);
    assert_eq!(codes(&csf(), "PR.AA-01; zebra"), ["PR.AA-01", "zebra?"]);
}

#[test]
fn what_is_shaped_like_a_code_is_an_unknown_one_wherever_it_stands() {
    for (cell, expected) in [
        ("PR.AA-01 / XX.YY-07", &["PR.AA-01", "XX.YY-07?"][..]),
        ("PR.AA-01 / PR.9", &["PR.AA-01", "PR.9?"]),
        ("PR.AA-01 / PR.XX", &["PR.AA-01", "PR.XX?"]),
        ("PR.AA-01 / PR.Xx", &["PR.AA-01"]),
        ("PR.AA-01 / XX.YY", &["PR.AA-01"]),
        ("PR.AA-01 / version-2", &["PR.AA-01"]),
    ] {
        assert_eq!(codes(&csf(), cell), expected, "{cell}");
    }
}

#[test]
fn the_deepest_place_stands_for_the_path_to_it() {
    let places = csf().positions().filter(|place| place.code().starts_with("PR.A") || place.code() == "PR").cloned().collect();
    let kept: Vec<String> = most_specific(places).iter().map(|place| place.code().to_owned()).collect();
    assert_eq!(kept, ["PR.AA-01", "PR.AA-02", "PR.AT-01"]);
}

#[test]
fn numbers_alone_can_be_codes() {
    let index = CodeIndex::new(&framework(&[("3", "All", &[("3.1", "Access", &["3.1.1", "3.1.12"])])]));
    assert_eq!(codes(&index, "03.01.12"), ["3.1.12"]);
    assert_eq!(codes(&index, "3.1.1: text; 3.1.12"), ["3.1.1", "3.1.12"]);
}

#[test]
fn any_text_is_read_without_a_panic() {
    proptest::proptest!(|(text in "\\PC{0,60}")| {
        csf().find_all(&text);
        ai_rmf().find_all(&text);
    });
}

/// Whatever is found is a place of the framework, told once, and found again where its code is written as the framework
/// writes it.
#[test]
fn changed_cells_name_only_what_the_framework_has() {
    let samples = [
        "PR.AA-01",
        "PR.AA-1; gv.oc-02",
        "PROTECT (PR): the text, of it",
        "GOVERN 1.1, MAP 1.1",
        "PR.MA-01",
        "Asset Managment",
        "PR.AA-01\nIdentities of users, services",
        "ISO 27001 A.5.15, ID.AM-02",
        "PRAA-01",
        "PR.AA-09 / PR.XX-1",
        "N/A",
    ];
    let pieces = [
        "PR", "AA", ".", "-", "_", " ", ",", ";", "/", "|", "\n", "(", ")", "[", ":", "0", "01", "1.1", "\u{2011}", "\u{a0}",
        "ß", "ﬃ", "ı", "GV.OC-01", "GOVERN ", "x", "999999999999999999999",
    ];
    for index in [csf(), ai_rmf()] {
        let mut known = 0;
        crate::domain::mutated::mutated(&samples, &pieces, 4_000, |cell| {
            let found = index.find_all(cell);
            let mut places = Vec::new();
            for reference in &found {
                assert_eq!(found.iter().filter(|other| *other == reference).count(), 1, "{cell:?}");
                match reference {
                    Reference::Known(place) => places.push(place.clone()),
                    Reference::Withdrawn { successors, .. } => {
                        assert!(successors.iter().all(|place| index.find(place.code()) == Some(place)), "{cell:?}");
                    }
                    Reference::Unknown { written } => {
                        let near = index.near(written);
                        assert!(near.len() <= 3 && near.iter().all(|code| index.find(code).is_some()), "{cell:?}");
                    }
                }
            }
            known += places.len();
            let written: Vec<&str> = places.iter().map(Position::code).collect();
            let again: Vec<Reference> = places.iter().cloned().map(Reference::Known).collect();
            assert_eq!(index.find_all(&written.join("; ")), again, "{cell:?}");
            for place in places {
                assert_eq!(index.resolve(place.code()), Reference::Known(place), "{cell:?}");
            }
        });
        assert!(known > 200, "{known} places were found");
    }
}
