//! `cmf catalog diff|export`: there and back again.

use std::path::{Path, PathBuf};

use crate::catalog::catalog;
use crate::import::Scratch;
use crate::import_samples::PROFILE;
use crate::support::{Db, project, shared};
use crate::variants;

/// Exports a catalog in every form that imports, imports that, and sees no difference.
fn round_trip(db: &Db, name: &str, folder: &Path) {
    for extension in ["xlsx", "csv", "json"] {
        let file = folder.join(format!("{name}.{extension}"));
        let path = file.to_str().expect("a path");
        let copy = format!("{name} from {extension}");
        db.cmf(["catalog", "export", name, "--out", path]).ok();
        db.cmf(["import", "--direction=*=higher", path, "--name", &copy, "--again"]).ok();
        let diff = db.cmf(["catalog", "diff", name, &copy, "--exit-code", "--format", "csv"]);
        assert_eq!(diff.code, 0, "{name} as {extension}:\n{}", diff.stdout);
        db.cmf(["catalog", "diff", name, path, "--exit-code"]).ok();
        let content = |name: &str| {
            db.rows(&format!(
                "SELECT i.name, i.description, i.current_value, i.target_value, i.unit, i.direction, i.priority,
                        i.original_data #>> '{{parsed,metric_number}}', i.original_data #>> '{{parsed,target_lower}}',
                        i.original_data #>> '{{parsed,target_upper}}',
                        (SELECT array_agg(coalesce(m.subcategory_code, m.category_code, m.function_code) ORDER BY 1)
                         FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id)
                 FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id WHERE c.name = '{name}'
                 ORDER BY i.created_at, i.id"
            ))
        };
        let (before, after) = (content(name), content(&copy));
        assert!(!before.is_empty());
        assert_eq!(before, after, "{name} as {extension}");
    }
}

/// Imports each, with what an analyst is asked for a sheet that does not say it by itself, and exports it again.
fn all_come_back(files: &[(PathBuf, &[&str])]) {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    for (count, (file, more)) in files.iter().enumerate() {
        let name = format!("C{count}");
        db.cmf(
            [&["import", "--direction=*=higher", file.to_str().expect("a path"), "--name", &name, "--again"], *more].concat(),
        )
        .ok();
        round_trip(&db, &name, folder.path());
    }
}

#[test]
fn every_starter_catalog_and_kind_of_list_comes_back_as_it_was() {
    let scratch = Scratch::new();
    let fixtures =
        std::fs::read_dir(project("fixtures/catalogs")).expect("a folder").map(|entry| entry.expect("an entry").path());
    // Their workbooks say the same (`import::starter_catalogs_import_whole_and_their_twins_say_the_same`).
    let fixtures = fixtures.filter(|file| file.extension().is_some_and(|kind| kind == "csv"));
    // So do the lists; one as text and one of each kind of workbook.
    let lists = variants::files(&scratch).into_iter().filter(|file| {
        file.file_name().is_some_and(|name| name == "comma.csv")
            || file.extension().is_some_and(|kind| kind != "csv" && kind != "txt")
    });
    let files: Vec<(PathBuf, &[&str])> = fixtures.chain(lists).map(|file| (file, &[][..])).collect();
    all_come_back(&files);
}

/// The samples beside the project; the official texts are no catalog of metrics.
fn samples(wanted: impl Fn(&str) -> bool) -> Vec<(PathBuf, &'static [&'static str])> {
    let twin = shared("samples", "catalog_files::every_starter_catalog_and_kind_of_list_comes_back_as_it_was");
    let entries = twin.into_iter().flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter_map(|path| {
            let name = path.file_name()?.to_str()?;
            let more: &[&str] = match name {
                "csfp_CSF_Profile.csv" | "csfp_CSF_Profile.xlsx" => &PROFILE,
                "trestle_good_with_blank_rows.xlsx" => &["--map", "name=ControlText"],
                _ => &[],
            };
            (path.is_file() && name != "nist_csf-2-0-export.xlsx" && wanted(name)).then(|| (path.clone(), more))
        })
        .collect()
}

#[test]
fn every_sample_comes_back_as_it_was() {
    // The lists in other encodings say the same as the first (`import_samples::the_eight_metrics_come_out_equal_from_every_variant`).
    let other = ["alma_semicolon_cp1252.csv", "alma_semicolon_utf8bom.csv", "alma_sep_line.csv", "alma_utf16le_tab.txt"];
    all_come_back(&samples(|name| !name.starts_with("csfp_CSF_Profile") && !other.contains(&name)));
}

/// The same for the samples of 362 rows and 48 columns:
/// `cargo nextest run --run-ignored only large_samples_come_back`.
#[test]
#[ignore = "a minute"]
fn large_samples_come_back_as_they_were() {
    all_come_back(&samples(|name| name.starts_with("csfp_CSF_Profile")));
}

#[test]
fn formulas_shares_and_uneven_codes_survive() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("in.csv");
    std::fs::write(
        &file,
        "Metric ID,Name,Description,CSF Codes,Target,Unit,Formula,Notes\n\
         A-1,Failure rate,'=1+1,PR.AA-01; DE,0.5%,%,'+SUM(A1),'=cmd\n\
         A-2,Loss rate,-minus,PR.AA,0.25%,%,,it's\n",
    )
    .expect("the file");
    db.cmf(["import", "--direction=*=higher", file.to_str().expect("a path"), "--name", "Odd"]).ok();
    assert_eq!(
        db.rows("SELECT description, target_value FROM metric_catalog_items ORDER BY name"),
        ["=1+1|0.5000", "-minus|0.2500"]
    );
    round_trip(&db, "Odd", folder.path());
    let csv = folder.path().join("out.csv");
    db.cmf(["catalog", "export", "Odd", "--out", csv.to_str().expect("a path")]).ok();
    let text = std::fs::read_to_string(&csv).expect("the file");
    assert!(text.contains("'=1+1") && text.contains("'+SUM(A1)") && text.contains("'=cmd"), "{text}");
    assert!(!text.contains(",=") && !text.contains(",+"), "{text}");
}

/// All of them are at most 1, so an import could take a plain one for a share of one.
#[test]
fn half_a_percent_comes_back_in_every_spelling_of_percent() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("in.csv");
    let units = ["%", "In %", "PER CENT", "Percent", "Porcentaje", "Prozent", "pct.", "percentuale", "pourcentage", "\u{ff05}"];
    let rows: String = units.map(|unit| format!("Loss {unit},0.5%,0.25%,1%,0.4 %,{unit}\n")).concat();
    // Written with a word, it is a percentage and no share of one either.
    let words = "Word,0.5 per cent,,,,pourcentage\nWord alone,0.5 Pourcentage,,,,\n";
    std::fs::write(&file, format!("Name,Target,Lower Bound,Upper Bound,Current Value,Unit\n{rows}{words}")).expect("the file");
    db.cmf(["import", "--direction=*=higher", file.to_str().expect("a path"), "--name", "Loss"]).ok();
    let kept = "SELECT DISTINCT target_value, current_value, original_data #>> '{parsed,target_upper}'
                FROM metric_catalog_items ORDER BY 2";
    assert_eq!(db.rows(kept), ["0.5000|0.4000|1", "0.5000||"]);
    assert_eq!(db.one("SELECT unit FROM metric_catalog_items WHERE name = 'Word alone'"), "%");
    round_trip(&db, "Loss", folder.path());
}

#[test]
fn a_comparison_says_how_it_read_the_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shares.csv");
    std::fs::write(&file, "Name,Target,Unit\nA,0.5,%\n").expect("the file");
    let path = file.to_str().expect("a path");
    db.cmf(["import", "--direction=*=higher", path, "--name", "Kept", "--percent", "as-is"]).ok();
    db.cmf(["catalog", "diff", "Kept", path]).fails(65, "--percent scale (times 100) or --percent as-is");
    std::fs::write(&file, "Shares\n\nName,Target,Unit\nA,0.5,%\n").expect("the file");
    let run = db.cmf(["catalog", "diff", "Kept", path, "--percent", "as-is"]).ok();
    assert!(run.stderr.contains("note: header_row: 3: "), "{}", run.stderr);
}

#[test]
fn a_comparison_reads_percentages_as_it_is_told() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shares.csv");
    std::fs::write(&file, "Name,Target,Unit\nA,0.5,%\n").expect("the file");
    let path = file.to_str().expect("a path");
    db.cmf(["import", "--direction=*=higher", path, "--name", "Kept", "--percent", "as-is"]).ok();
    for (percent, code, after) in [("as-is", 0, ""), ("scale", 4, "changed,,A,target_value,0.5,50\n")] {
        let args = ["catalog", "diff", "Kept", path, "--percent", percent, "--exit-code", "--format", "csv"];
        let run = db.cmf(args);
        let found = run.stdout.split_once('\n').map_or("", |(_, rows)| rows);
        assert_eq!((run.code, found), (code, after), "{percent}: {}", run.stderr);
    }
}

#[test]
fn differences_are_named_field_by_field() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    db.cmf(["catalog", "clone", "Ours", "Theirs"]).ok();
    let same = db.cmf(["catalog", "diff", "Ours", "Theirs", "--exit-code", "--format", "json"]).ok().json();
    assert_eq!(same["changes"], serde_json::json!([]));
    db.execute(
        "UPDATE metric_catalog_items i SET target_value = 97, unit = '%' FROM metric_catalogs c
         WHERE c.id = i.catalog_id AND c.name = 'Theirs' AND i.name = 'MFA';
         UPDATE metric_catalog_items i SET name = 'Free' FROM metric_catalogs c
         WHERE c.id = i.catalog_id AND c.name = 'Theirs' AND i.name = 'Loose';
         DELETE FROM metric_catalog_framework_mappings m USING metric_catalog_items i, metric_catalogs c
         WHERE m.catalog_item_id = i.id AND c.id = i.catalog_id AND c.name = 'Theirs' AND i.name = 'Inventory'",
    );
    let run = db.cmf(["catalog", "diff", "Ours", "Theirs", "--exit-code", "--format", "json"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    let diff = run.json();
    assert_eq!((&diff["added"], &diff["removed"], &diff["changed"]), (&1.into(), &1.into(), &2.into()));
    let lines = db.cmf(["catalog", "diff", "Ours", "Theirs", "--format", "csv", "--sort", "change,name,field"]).ok().stdout;
    let mut lines: Vec<&str> = lines.lines().skip(1).collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "added,,Free,,,", "changed,ID-001,Inventory,codes,ID,", "changed,PR-001,MFA,target_value,95,97",
            "changed,PR-001,MFA,unit,,%", "removed,,Loose,,,",
        ]
    );
}

#[test]
fn a_metric_under_another_number_is_shown_as_renumbered() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("m.csv");
    let path = file.to_str().expect("a path");
    let sheet = |rows: &str| std::fs::write(&file, format!("metric_number,name,target\n{rows}")).expect("the file");
    sheet(",Thing,1\nM-2,MTTD,2\nM-3,Twin,3\n");
    db.cmf(["import", "--direction=*=higher", path, "--name", "Kept"]).ok();
    sheet("M-9,thing,1\nM-02,MTTD,5\nM-4,Twin,3\nM-5,Twin,3\n");
    let run = db.cmf(["catalog", "diff", "Kept", path, "--format", "csv"]).ok();
    assert_eq!(
        run.stdout.lines().skip(1).collect::<Vec<_>>(),
        [
            "renumbered,,Thing,metric_number,,M-9",
            "changed,,Thing,name,Thing,thing",
            "renumbered,M-2,MTTD,metric_number,M-2,M-02",
            "changed,M-2,MTTD,target_value,2,5",
            "removed,M-3,Twin,,,",
            "added,M-4,Twin,,,",
            "added,M-5,Twin,,,",
        ]
    );
    assert!(run.stderr.contains("see --renumber"), "{}", run.stderr);
    let json = db.cmf(["catalog", "diff", "Kept", path, "--format", "json"]).ok().json();
    assert_eq!(["renumbered", "changed", "added", "removed"].map(|name| json[name].clone()), [2, 2, 2, 1]);
}

#[test]
fn what_cannot_be_compared_or_written_is_refused() {
    let db = Db::seeded();
    catalog(&db, "analyst", "Ours");
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("a path").to_owned();
    db.cmf(["catalog", "export", "Ours", "--out", &path("a.ods")])
        .fails(2, "cmf cannot write .ods (")
        .fails(2, "use a name that ends in .xlsx, .csv or .json");
    db.cmf(["catalog", "export", "Ours", "--out", &path("a.json")]).ok();
    db.cmf(["catalog", "export", "Ours", "--out", &path("a.json")]).fails(73, "exists already");
    let json: serde_json::Value = serde_json::from_slice(&std::fs::read(path("a.json")).expect("the file")).expect("JSON");
    let mfa = json.as_array().expect("items").iter().find(|item| item["name"] == "MFA").expect("MFA");
    assert_eq!((&mfa["target_value"], &mfa["category"]), (&95.into(), &"PR.AA".into()));
    db.cmf(["catalog", "diff", "Ours", &path("none.csv")]).fails(2, "there is no file");
    let nobody = db.cmf(["catalog", "diff", "Ours", "Nobodys"]).fails(2, "Nobodys");
    assert!(!nobody.stderr.contains("file"), "what looks like no path is none: {}", nobody.stderr);
    std::fs::write(path("bad.csv"), "Name,Target\nA,x\n").expect("the file");
    db.cmf(["catalog", "diff", "Ours", &path("bad.csv")]).fails(65, "--dry-run` shows all of them");
    assert_eq!(db.one("SELECT count(*) FROM metric_catalogs"), "1");
}

#[test]
fn the_template_imports_cleanly() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    for framework in ["csf-2.0", "ai-rmf-1.0"] {
        let file = folder.path().join(format!("{framework}.xlsx"));
        let path = file.to_str().expect("a path");
        db.cmf(["metric", "template", "--xlsx", path, "--framework", framework]).ok();
        let run = db.cmf(["import", "--direction=*=higher", path, "--name", framework, "--format", "json"]).ok();
        assert!(!run.stderr.contains("note:"), "{}", run.stderr);
        assert_eq!(
            db.rows(&format!(
                "SELECT i.direction, count(m.id) > 0 FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
                 LEFT JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
                 WHERE c.name = '{framework}' GROUP BY i.id, i.direction ORDER BY i.direction"
            )),
            ["higher_is_better|t", "lower_is_better|t", "target_range|t", "binary|t"]
        );
    }
    // The examples of the usual framework are about the codes that they are mapped to.
    assert_eq!(
        db.rows("SELECT i.name, m.subcategory_code FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id
                 JOIN metric_catalogs c ON c.id = i.catalog_id WHERE c.name = 'csf-2.0' ORDER BY 1"),
        [
            "Accounts with a second factor|PR.AA-03",
            "Days to close critical findings|ID.RA-06",
            "Recovery plan tested this year|ID.IM-02",
            "Storage used for logs|PR.IR-04"
        ]
    );
}

#[test]
fn an_export_says_which_mappings_are_not_in_the_file() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    catalog(&db, "analyst", "Ours");
    let export = |name: &str, more: &[&str]| {
        let file = folder.path().join(name);
        let run = db.cmf(["catalog", "export", "Ours", "--out", file.to_str().expect("a path")].iter().chain(more)).ok();
        (run.stderr, std::fs::read_to_string(&file).expect("a file"))
    };
    assert_eq!(export("all.csv", &[]).0, "");
    db.cmf(["map", "set", "Loose", "GOVERN 1.1", "--framework", "ai-rmf-1.0"]).ok();
    let (said, text) = export("csf.csv", &[]);
    assert!(said.contains("note: 1 mapping to another framework, not in the file"), "{said}");
    assert!(text.contains("PR.AA-03") && !text.contains("GOVERN"), "{text}");
    let (said, text) = export("ai.csv", &["--framework", "ai-rmf-1.0"]);
    assert!(said.contains("note: 4 mappings to another framework, not in the file"), "{said}");
    assert!(text.contains("GOVERN 1.1") && !text.contains("PR.AA"), "{text}");
}

#[test]
fn a_bound_that_is_not_a_number_is_not_left_out() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ours.csv");
    let path = file.to_str().expect("a path");
    catalog(&db, "analyst", "Ours");
    let set = |bound: &str| {
        db.execute(&format!(
            "UPDATE metric_catalog_items SET original_data = jsonb_set(original_data, '{{parsed,target_upper}}', '{bound}')
             WHERE name = 'Utilisation'"
        ));
    };
    set("\"about 60\"");
    let reason = "the target_upper of the item `Utilisation` is `about 60` in the database, which is not a number";
    db.cmf(["catalog", "export", "Ours", "--out", path]).fails(1, reason);
    assert!(!file.exists());
    db.cmf(["catalog", "diff", "Ours", "Ours"]).fails(1, reason);
    db.cmf(["catalog", "show", "Ours"]).fails(1, reason);
    // Another program may write a number where cmf writes text.
    set("61.5");
    db.cmf(["catalog", "export", "Ours", "--out", path]).ok();
    let text = std::fs::read_to_string(&file).expect("a file");
    let line = text.lines().find(|line| line.starts_with("PR-002")).expect("a line");
    assert!(line.contains(",40,61.5,"), "{line}");
}
