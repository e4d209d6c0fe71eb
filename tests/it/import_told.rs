//! What an import says beside its figures, and what it keeps about the file.

use rust_xlsxwriter::{DocProperties, Workbook};

use crate::import::{Scratch, import, import_text};
use crate::support::Db;

#[test]
fn what_is_not_stored_as_it_was_written_is_said_with_its_rows() {
    let db = Db::seeded();
    let sheet = "name,direction,target,current value,subcategory\nA,lower_is_better,>= 5,1.23456,PR.AA-01\n\
                 B,higher_is_better,5,2.00005,ISO 27001 A.5.1\nC,higher_is_better,3,0.1,ID.AM-01\n";
    let run = import_text(&db, sheet, &[]).ok();
    for note in [
        "it overrides the operator in the target (row 2)",
        "numbers were rounded (row 2 and 1 more)",
        "codes of other frameworks (ISO, CIS, ...) are kept only in the raw row (row 3)",
    ] {
        assert!(run.stdout.contains(note), "no {note:?} in:\n{}", run.stdout);
    }
    assert_eq!(
        db.rows("SELECT direction, current_value FROM metric_catalog_items ORDER BY name"),
        ["lower_is_better|1.2346", "higher_is_better|2.0001", "higher_is_better|0.1000"]
    );
    let plain = import_text(&db, "name,direction,target\nA,lower_is_better,5.1234\n", &["--name", "Plain"]).ok();
    assert!(!plain.stdout.contains("decision"), "{}", plain.stdout);
}

#[test]
fn near_codes_are_looked_for_for_the_first_wrong_codes_only_and_the_others_are_told_so() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    // A hundred and one wrong codes, the first of them twice.
    let rows: String = (100..200).map(|n| format!("M{n},5,PR.AA-0{n}\n")).collect();
    let file = scratch.file("wrong.csv", format!("name,target,subcategory\nFirst,5,PR.AA-011\n{rows}Again,5,PR.AA-011\n"));
    let rejects = scratch.0.path().join("rest.json");
    import(&db, &file, &["--rejects", rejects.to_str().expect("a path")]).fails(65, "102 rows have problems");
    let text = std::fs::read_to_string(&rejects).expect("rejects");
    let told = text.matches("only the first 50 wrong codes are compared").count();
    assert_eq!((told, text.matches("did you mean PR.AA-0").count()), (51, 51), "{text}");
}

#[test]
fn of_many_problems_the_first_are_named_and_the_others_counted() {
    let db = Db::seeded();
    let rows: String = (1..=60).map(|n| format!("{n},Metric {n},soon\n")).collect();
    let run = import_text(&db, format!("id,name,target\n{rows}"), &[]).fails(65, "60 rows have problems");
    let named = run.stderr.lines().filter(|line| line.starts_with("  line ")).count();
    assert!(named == 20 && run.stderr.contains("and 40 more"), "{named}: {}", run.stderr);
    let all = import_text(&db, format!("id,name,target\n{rows}"), &["--format", "json"]);
    let error: serde_json::Value = serde_json::from_str(&all.stderr).expect("JSON");
    assert_eq!(error["error"]["rejects"].as_array().map(Vec::len), Some(60));
}

#[test]
fn a_direction_column_wins_over_an_operator_with_a_warning() {
    let db = Db::seeded();
    let sheet = "name,target,direction\nA,>= 95,lower is better\nB,>= 95,higher is better\n";
    let run = import_text(&db, sheet, &[]).ok();
    assert!(run.stdout.contains("it overrides the operator in the target (row 2)"), "{}", run.stdout);
    assert_eq!(
        db.rows("SELECT name, direction FROM metric_catalog_items ORDER BY name"),
        ["A|lower_is_better", "B|higher_is_better"]
    );
}

#[test]
fn what_is_known_of_a_file_is_kept_with_its_catalog() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let text = "Name;Target;Colour\nÜbung;95;red\n".encode_utf16().flat_map(u16::to_le_bytes);
    let text: Vec<u8> = [0xff, 0xfe].into_iter().chain(text).collect();
    import(&db, &scratch.file("text.csv", &text), &["--name", "text"]).ok();
    let mut workbook = Workbook::new();
    workbook.set_properties(&DocProperties::new().set_author("Ada"));
    let sheet = workbook.add_worksheet().set_name("Data").expect("a name");
    sheet.write(1, 0, "name").and_then(|s| s.write(1, 1, "target")).expect("a header");
    sheet.write(2, 0, "A").and_then(|s| s.write(2, 1, 5)).expect("a row");
    import(&db, &scratch.workbook("book.xlsx", &mut workbook), &["--name", "book"]).ok();
    let of = |catalog: &str| -> serde_json::Value {
        let kept = db.one(&format!("SELECT import_metadata FROM metric_catalogs WHERE name = '{catalog}'"));
        serde_json::from_str(&kept).expect("JSON")
    };
    let (from_text, from_book) = (of("text"), of("book"));
    assert_eq!(from_text["size"], text.len());
    assert_eq!(
        (&from_text["encoding"], &from_text["delimiter"]),
        (&"utf-16le with byte order mark".into(), &";".into()),
        "{from_text}"
    );
    assert_eq!((&from_book["sheet"], &from_book["header_row"]), (&"Data".into(), &2.into()), "{from_book}");
    assert_eq!(from_book["author"], "Ada", "{from_book}");
    for kept in [&from_text, &from_book] {
        assert!(kept["columns"].is_array() && kept["decisions"].is_array(), "{kept}");
    }
}

#[test]
fn the_outcome_says_what_a_file_was_taken_for() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let text = scratch.file("text.csv", "Metrics of 2026;;\n;;\nid;name;target\nM-1;A;5\n");
    let run = import(&db, &text, &["--name", "text"]).ok();
    assert!(run.stdout.contains("text.csv as catalog text of analyst (utf-8, semicolon, header in row 3)"), "{}", run.stdout);
    let objects = scratch.file("objects.json", "[{\"id\": \"M-1\", \"name\": \"A\", \"target\": 5}]");
    let run = import(&db, &objects, &["--name", "objects"]).ok();
    assert!(run.stdout.contains("objects.json as catalog objects of analyst"), "{}", run.stdout);
    assert!(!run.stdout.contains("header in row"), "{}", run.stdout);
}

#[test]
fn without_an_owner_it_is_the_only_user_else_the_one_named_like_the_login() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("m.csv", "name,target\nA,1\n");
    let as_login = |login: &str, name: &str| {
        let mut command = db.command();
        command
            .env("USER", login)
            .env_remove("SUDO_USER")
            .args(["import", "--direction=*=higher", "--again", "--name", name])
            .arg(&file);
        crate::support::run(&mut command)
    };
    as_login("grace", "First").ok();
    db.cmf(["user", "create", "grace", "--email", "grace@example.org"]).ok();
    as_login("grace", "Second").ok();
    as_login("carl", "Third").fails(2, "name one with --owner: analyst, grace");
    assert_eq!(
        db.rows("SELECT c.name, u.username FROM metric_catalogs c JOIN users u ON u.id = c.owner_id ORDER BY 1"),
        ["First|analyst", "Second|grace"]
    );
}
