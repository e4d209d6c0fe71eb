//! Crosswalks: kept, shown, compared with their frameworks, deleted, and left out of everything that is about catalogs.

use serde_json::json;

use crate::support::{Db, project};

/// A database with a framework of two functions, a catalog with three metrics mapped to CSF 2.0, and its owner.
fn with_metrics() -> Db {
    Db::like("crosswalk", |db| {
        db.cmf(["migrate", "up"]).ok();
        db.cmf(["seed"]).ok();
        db.cmf(["user", "create", "ada", "--email", "ada@example.com"]).ok();
        let framework = file(
            "function,category,subcategory,name,text\n\
             H,,,House,\nH,H.1,,Doors,\nH,H.1,H.1.1,,Doors are locked.\nH,H.1,H.1.2,,Keys are counted.\n\
             H,H.2,,Windows,\nH,H.2,H.2.1,,Windows are closed.\nY,,,Yard,\nY,Y.1,,Fence,\nY,Y.1,Y.1.1,,The fence stands.\n",
        );
        db.cmf(["framework", "import", path(&framework), "--name", "House", "--framework-version", "1"]).ok();
        let metrics = file(
            "Metric ID,Metric Name,Subcategory,Direction,Target,Unit,Current Value,Priority\n\
             M-1,Identities with an owner,PR.AA-01,higher,100,%,80,High\n\
             M-2,Logins with MFA,PR.AA-03,higher,100,%,50,Medium\n\
             M-3,Data at rest encrypted,PR.DS-01,higher,100,%,100,Low\n\
             M-4,Plans exercised,RC.RP-01,higher,100,%,10,High\n",
        );
        db.cmf(["import", path(&metrics), "--name", "Ours", "--activate"]).ok();
    })
}

fn file(content: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().expect("a file");
    std::fs::write(file.path(), content).expect("written");
    file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().expect("a path")
}

const PAIRS: &str = "source,target,relation,confidence,note\n\
                     PR.AA-01,H.1.1,equal,,same thing\n\
                     PR.AA-03,H.1.1,subset of,0.8,\n\
                     PR.AA-03,H.1.2,intersects with,,\n\
                     PR.DS-01,Y.1.1,superset of,50%,\n\
                     PR.PS-01,H.2.1,equal,,\n\
                     RC.CO-03,H.2.1,not related to,,\n";

pub fn with_crosswalk() -> Db {
    let db = with_metrics();
    db.cmf(["framework", "crosswalk", "import", path(&file(PAIRS)), "--source", "csf-2.0", "--target", "house-1"]).ok();
    db
}

#[test]
fn a_crosswalk_is_imported_once_shown_changed_and_taken_back() {
    let db = with_metrics();
    let pairs = file(PAIRS);
    let import = ["framework", "crosswalk", "import", path(&pairs), "--source", "csf-2.0", "--target", "house-1"];
    let dry = db.cmf([&import[..], &["--dry-run", "--format", "json"]].concat()).ok().json();
    assert_eq!((&dry["added"], &dry["not_related"]), (&json!(5), &json!(1)));
    assert_eq!(db.cmf(["framework", "crosswalk", "list", "--format", "json"]).ok().json(), json!([]));

    let done = db.cmf([&import[..], &["--format", "json"]].concat()).ok().json();
    assert_eq!((&done["name"], &done["rows"], &done["added"]), (&json!("csf-2.0 to house-1"), &json!(5), &json!(5)));
    let listed = db.cmf(["framework", "crosswalk", "list", "--format", "json"]).ok().json();
    assert_eq!(listed[0]["name"], "csf-2.0 to house-1");
    assert_eq!(
        (&listed[0]["source"], &listed[0]["target"], &listed[0]["rows"]),
        (&json!("csf-2.0"), &json!("house-1"), &json!(5))
    );
    let shown =
        db.cmf(["framework", "crosswalk", "show", "CSF-2.0 to house-1", "--code", "H.1", "--format", "json"]).ok().json();
    let rows: Vec<String> = shown["crosswalk_rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            format!("{} {} {} {} {}", row["source_code"], row["relation"], row["target_code"], row["weight"], row["row"])
        })
        .collect();
    assert_eq!(
        rows,
        [
            r#""PR.AA-01" "equal" "H.1.1" 1 2"#,
            r#""PR.AA-03" "subset" "H.1.1" 0.6 3"#,
            r#""PR.AA-03" "intersects" "H.1.2" 0.25 4"#
        ]
    );

    // The same file again changes nothing and leaves no row in the trail.
    let again = db.cmf([&import[..], &["-v"]].concat()).ok();
    assert!(again.stderr.contains("as in the file already"), "{}", again.stderr);
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log WHERE action = 'crosswalk.import'"), "1");
    let ids = "SELECT string_agg(i.id::text, ' ' ORDER BY i.name) FROM metric_catalog_items i WHERE i.name LIKE 'PR.AA-01%'";
    let id = db.one(ids);

    // Another file changes, adds and removes; what it says again keeps its row.
    let other = file("source,target,relation,confidence,note\nPR.AA-01,H.1.1,subset,,\nPR.AA-05,H.2.1,equal,0.9,\n");
    let import = ["framework", "crosswalk", "import", path(&other), "--source", "csf-2.0", "--target", "house-1"];
    let kept = db.cmf([&import[..], &["--keep", "--dry-run", "--format", "json"]].concat()).ok().json();
    assert_eq!((&kept["kept"], &kept["removed"], &kept["rows"]), (&json!(4), &json!(0), &json!(6)));
    let done = db.cmf([&import[..], &["--format", "json"]].concat()).ok().json();
    assert_eq!((&done["added"], &done["changed"], &done["removed"]), (&json!(1), &json!(1), &json!(4)));
    assert_eq!(db.one(ids), id);
    db.cmf(["undo", "--yes"]).ok();
    let shown = db.cmf(["framework", "crosswalk", "show", "csf-2.0 to house-1", "--format", "json"]).ok().json();
    assert_eq!(shown["crosswalk_rows"].as_array().map(Vec::len), Some(5));

    db.cmf(["framework", "crosswalk", "delete", "csf-2.0 to house-1"]).fails(2, "with 5 rows");
    db.cmf(["framework", "crosswalk", "delete", "csf-2.0 to house-1", "--dry-run"]).ok();
    db.cmf(["framework", "crosswalk", "delete", "csf-2.0 to house-1", "--yes"]).ok();
    db.cmf(["framework", "crosswalk", "show", "csf-2.0 to house-1"]).fails(2, "no crosswalk is called");
    db.cmf(["undo", "--yes"]).ok();
    db.cmf(["framework", "crosswalk", "show", "csf-2.0 to house-1"]).ok();
}

#[test]
fn what_is_about_catalogs_leaves_crosswalks_out() {
    let db = with_metrics();
    let look = |db: &Db| {
        let seen = |args: &[&str]| db.cmf(args.iter().copied().chain(["--format", "json"])).stdout;
        let queries: [&[&str]; 8] = [
            &["catalog", "list"],
            &["map", "list"],
            &["framework", "coverage", "--framework", "house-1"],
            &["framework", "coverage"],
            &["map", "suggest", "--framework", "house-1", "--dry-run"],
            &["map", "export", "--framework", "house-1"],
            &["status"],
            &["doctor"],
        ];
        queries.map(seen)
    };
    let before = look(&db);
    db.cmf([
        "framework",
        "crosswalk",
        "import",
        path(&file(PAIRS)),
        "--source",
        "csf-2.0",
        "--target",
        "house-1",
        "--name",
        "Bridge",
    ])
    .ok();
    for (before, after) in before.iter().zip(look(&db)) {
        let steady = |text: &str| {
            text.lines().filter(|line| !line.contains("_at") && !line.contains(" MB")).collect::<Vec<_>>().join("\n")
        };
        assert_eq!(steady(before), steady(&after));
    }
    for args in [
        &["catalog", "show", "Bridge"][..],
        &["catalog", "activate", "bridge"],
        &["catalog", "delete", "Bridge", "--yes"],
        &["catalog", "rename", "Bridge", "Other"],
        &["score", "--catalog", "Bridge"],
        &["map", "suggest", "--catalog", "Bridge"],
        &["report", "--catalog", "Bridge", "--format", "md"],
    ] {
        let run = db.cmf(args.iter().copied()).fails(2, "is a crosswalk, not a catalog");
        assert!(run.stderr.contains("cmf framework crosswalk show Bridge"), "{}", run.stderr);
    }
    // A code that a row of a crosswalk leads to is in use.
    let without = file("function,category,subcategory,name,text\nH,,,House,\nH,H.1,,Doors,\nH,H.1,H.1.2,,Keys are counted.\n");
    db.cmf(["framework", "import", path(&without), "--name", "House", "--framework-version", "1", "--yes"])
        .fails(1, "that mappings use");
}

#[test]
fn rows_that_cannot_be_are_named_and_left_out_only_where_that_is_asked_for() {
    let db = with_metrics();
    let wrong = file(
        "source,target,relation,confidence\n\
         PR.AA-01,H.1.1,equal,1\nPR.AA-1,h.1.1,equal,1\nPR.AA-01,H.1.1,subset,1\nPR.ZZ-09,H.1.1,equal,\nPR.AA-03,H.9.9,equal,\n\
         PR.AA-03,H.1.2,cousin of,\nPR.AA-03,H.1.2,equal,high\nPR.AA-03,,equal,\n",
    );
    let import = ["framework", "crosswalk", "import", path(&wrong), "--source", "csf-2.0", "--target", "house-1"];
    let run = db.cmf(import).fails(65, "the file has 6 problems");
    for line in [
        "row 4: PR.AA-01 and H.1.1 are together in row 2 already, as equal",
        "row 5: `PR.ZZ-09` is not a code of csf-2.0",
        "row 6: `H.9.9` is not a code of house-1",
        "row 7: the relation `cousin of` is not one of equal, subset, superset, intersects",
        "row 8: the confidence `high` is not a number from 0 to 1",
        "row 9: the column target is empty",
    ] {
        assert!(run.stderr.contains(line), "{line}: {}", run.stderr);
    }
    let run = db.cmf([&import[..], &["--allow-partial", "--format", "json"]].concat());
    assert_eq!(run.code, 3, "{}", run.stderr);
    let done = run.json();
    assert_eq!((&done["rows"], &done["repeated"], &done["left_out"]), (&json!(1), &json!(1), &json!(6)));
}

#[test]
fn the_frameworks_of_a_crosswalk_are_told_by_the_codes_else_asked_for() {
    let db = with_metrics();
    let pairs = file("source,target\nRC.RP-01,H.1.1\n");
    let run = db.cmf(["framework", "crosswalk", "import", path(&pairs)]).ok();
    assert!(run.stderr.contains("the source is csf-2.0, the only framework that has all of these codes"), "{}", run.stderr);
    assert!(run.stderr.contains("the file says no relation: all of its rows count as intersects"), "{}", run.stderr);
    db.cmf(["seed", "csf-1.1"]).ok();
    db.cmf(["framework", "crosswalk", "import", path(&file("source,target\nRC.RP-1,H.1.1\n"))])
        .fails(2, "several frameworks have all source codes of the file");
    let told = db
        .cmf(["framework", "crosswalk", "import", path(&file("source,target\nX.1,H.1.1\n"))])
        .fails(2, "no framework in the database has all source codes")
        .stderr;
    assert!(told.contains("unknown: `X.1`\n") && !told.contains("--source"), "{told}");
    assert!(told.contains("hint: first import the framework that has them: `cmf framework import FILE`"), "{told}");
    let most = file("source,target\nGV.OC-01,H.1.1\nGV.OC-02,H.1.1\nX.1,H.1.1\n");
    let told = db.cmf(["framework", "crosswalk", "import", path(&most)]).fails(2, "has all source codes").stderr;
    assert!(told.contains(&format!("({})", path(&most))) && told.contains("unknown: `X.1`\n"), "{told}");
    assert!(told.contains("csf-2.0 has all but 1 of them: if it is meant, name it with --source csf-2.0"), "{told}");
    // Frameworks that have many codes in common, exchanged.
    let like =
        file("source,target\nGV.OC-01,ID.BE-1\nPR.AA-01,PR.AC-1\nPR.DS-01,PR.DS-1\nPR.DS-02,PR.DS-2\nRC.RP-01,RC.RP-1\n");
    let exchanged = ["framework", "crosswalk", "import", path(&like), "--source", "csf-1.1", "--target", "csf-2.0"];
    db.cmf(exchanged).fails(2, "name them as --source csf-2.0 --target csf-1.1");
    db.cmf(["framework", "crosswalk", "import", path(&pairs), "--source", "csf-2.0", "--target", "iso-27001"])
        .fails(2, "no framework in the database has the name or the code `iso-27001`");
    let back = ["--source", "house-1", "--target", "csf-2.0"];
    db.cmf([&["framework", "crosswalk", "import", path(&pairs)][..], &back].concat())
        .fails(2, "the file leads the other way round");
    db.cmf(["framework", "crosswalk", "import", path(&pairs), "--source", "csf-2.0", "--target", "csf-2.0"])
        .fails(2, "both ends of the crosswalk are csf-2.0");
    for (content, expected) in
        [("", "empty"), ("source,target\n", "has no row"), ("a,b\n1,2\n", "the columns of no crosswalk"), ("PK", "")]
    {
        let empty = file(content);
        let run = db.cmf(["framework", "crosswalk", "import", path(&empty), "--source", "csf-2.0", "--target", "house-1"]);
        assert_eq!(run.code, 65, "{content}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{content}: {}", run.stderr);
    }
    // A name is of one crosswalk, and of no catalog.
    let named = |name: &'static str| {
        let pairs = path(&pairs);
        db.cmf(["framework", "crosswalk", "import", pairs, "--source", "csf-2.0", "--target", "house-1", "--name", name])
    };
    named("Ours").fails(1, "has a catalog called Ours already");
    named(" x ").fails(2, "a crosswalk's name");
    db.cmf([
        "framework",
        "crosswalk",
        "import",
        path(&pairs),
        "--source",
        "csf-2.0",
        "--target",
        "house-1",
        "--owner",
        "nobody",
        "--name",
        "N",
    ])
    .fails(2, "there is no user `nobody`");
    let other = file("source,target\nRC.RP-1,ID.AM-01\n");
    db.cmf([
        "framework",
        "crosswalk",
        "import",
        path(&other),
        "--source",
        "csf-1.1",
        "--target",
        "csf-2.0",
        "--name",
        "csf-2.0 to house-1",
    ])
    .fails(1, "exists already, and joins other frameworks");
}

#[test]
fn a_code_that_its_framework_lost_is_found_by_verify() {
    let db = with_crosswalk();
    let run = db.cmf(["framework", "crosswalk", "verify", "-v"]).ok();
    assert!(run.stderr.contains("4 of the 4 codes of house-1 have a row"), "{}", run.stderr);
    db.execute("DELETE FROM framework_subcategories WHERE code = 'PR.DS-01'");
    let run = db.cmf(["framework", "crosswalk", "verify", "csf-2.0 to house-1", "--format", "json"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert_eq!(run.json(), json!([{ "crosswalk": "csf-2.0 to house-1", "code": "PR.DS-01", "side": "source", "row": 5 }]));
    db.cmf(["framework", "crosswalk", "verify", "nothing"]).fails(2, "no crosswalk is called `nothing`");
    with_metrics().cmf(["framework", "crosswalk", "verify"]).fails(1, "there is no crosswalk");
}

#[test]
fn every_format_brings_the_same_rows() {
    let db = with_metrics();
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("a path").to_owned()
    };
    let files = [
        write(
            "oscal.json",
            r#"{"mapping-collection": {"mappings": [{"source-resource": {"href": "x"}, "target-resource": {"href": "y"}, "maps": [
                {"relationship": "subset-of", "sources": [{"id-ref": "pr.aa-01"}], "targets": [{"id-ref": "h.1.1"}]}]}]}}"#,
        ),
        write(
            "oscal.xml",
            "<mapping-collection><mapping><source-resource href='x'/><target-resource href='y'/><map><relationship>subset-of</relationship>\
             <source id-ref='pr.aa-01'/><target id-ref='h.1.1'/></map></mapping></mapping-collection>",
        ),
        write(
            "oscal.yaml",
            "mapping-collection:\n  mappings:\n  - source-resource: {href: x}\n    target-resource: {href: y}\n    maps:\n    - relationship: subset-of\n      sources: [{id-ref: pr.aa-01}]\n      targets: [{id-ref: h.1.1}]\n",
        ),
        write(
            "ciso.yaml",
            "objects:\n  requirement_mapping_sets:\n  - source_framework_urn: urn:x:framework:csf-2.0\n    target_framework_urn: urn:x:framework:house-1\n    requirement_mappings:\n    - source_requirement_urn: urn:x:req_node:csf:pr.aa-01\n      target_requirement_urn: urn:x:req_node:house:h.1.1\n      relationship: subset\n",
        ),
        write("ciso.csv", "source_node_id,target_node_id,relationship,rationale\npr.aa-01,h.1.1,subset,\n"),
        write(
            "olir.csv",
            "Focal Document Element,Focal Document Element Description,Relationship,Reference Document Element\nPR.AA-01,x,subset of,H.1.1\n",
        ),
    ];
    let book = |name: &str, sheets: &[(&str, &[&[&str]])]| {
        let path = folder.path().join(name);
        let mut workbook = rust_xlsxwriter::Workbook::new();
        for (title, rows) in sheets {
            let sheet = workbook.add_worksheet().set_name(*title).expect("a name");
            for (row, cells) in (0..).zip(*rows) {
                sheet.write_row(row, 0, cells.iter().copied()).expect("a row");
            }
        }
        workbook.save(&path).expect("a workbook");
        path.to_str().expect("a path").to_owned()
    };
    let meta: &[&[&str]] = &[&["type", "requirement_mapping_set"], &["source_framework_urn", "urn:x:framework:csf-2.0"]];
    let content: &[&[&str]] = &[&["source_node_id", "target_node_id", "relationship"], &["pr.aa-01", "h.1.1", "subset"]];
    let general: &[&[&str]] = &[&["Field Name", "Value"], &["Informative Reference Name", "House"]];
    let header: &[&str] =
        &["Focal Document Element", "Relationship", "Reference Document Element", "Strength of Relationship (Optional)"];
    let books = [
        book("ciso.xlsx", &[("mappings_meta", meta), ("mappings_content", content)]),
        book(
            "olir.xlsx",
            &[("General Information", general), ("Relationships", &[header, &["PR.AA-01", "subset of", "H.1.1", ""]])],
        ),
    ];
    let files = files.into_iter().chain(books);
    let rows =
        "SELECT i.original_data #>> '{parsed,source,subcategory}', i.original_data #>> '{parsed,relation}', m.subcategory_code
                FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
                JOIN metric_catalogs c ON c.id = i.catalog_id WHERE c.name = 'F'";
    for file in files {
        db.cmf(["framework", "crosswalk", "import", &file, "--name", "F"]).ok();
        assert_eq!(db.rows(rows), ["PR.AA-01|subset|H.1.1"], "{file}");
        db.cmf(["framework", "crosswalk", "delete", "F", "--yes"]).ok();
    }
}

#[test]
fn the_reference_tool_names_many_documents_of_which_one_is_read() {
    let db = with_metrics();
    let cells = file(
        "Function,Category,Subcategory,Implementation Examples,Informative References\n\
         PROTECT (PR): text,,,,\"House v1: H\"\n,\"Identity (PR.AA): text\",,,\n,,PR.AA-01: text,,\"House v1: H.1.1\nISO/IEC 27001:2022: Annex A Controls: 5.16\"\n",
    );
    let import = ["framework", "crosswalk", "import", path(&cells), "--target", "house-1"];
    db.cmf([&import[..], &["--document", "Nothing"]].concat()).fails(2, "the file has no references to `Nothing`");
    db.cmf([&import[..], &["--document", "House v1"]].concat()).ok();
    let shown = db.cmf(["framework", "crosswalk", "show", "csf-2.0 to house-1", "--format", "json"]).ok().json();
    let codes: Vec<_> = shown["crosswalk_rows"].as_array().expect("rows").iter().map(|row| &row["source_code"]).collect();
    assert_eq!(codes, ["PR", "PR.AA-01"]);
    // Without a word it is the document that is called like the target.
    db.cmf(import).ok();
    assert!(project("fixtures/crosswalks/README.md").exists());
}
