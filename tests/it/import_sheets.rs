//! Sheets as security teams have them, each with what must come out of it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use rust_xlsxwriter::{Format, Table, TableColumn, Workbook, Worksheet};

use crate::import::{NOTHING, Scratch, import, state};
use crate::support::{Db, here};

/// The newest catalog's items: number, name, current, target, bounds, unit, direction, priority and codes.
pub(crate) fn newest(db: &Db) -> Vec<String> {
    db.rows(
        "SELECT concat_ws('|', coalesce(i.original_data #>> '{parsed,metric_number}', ''), i.name, coalesce(trim_scale(i.current_value)::text, ''),
                coalesce(trim_scale(i.target_value)::text, ''),
                coalesce((i.original_data #>> '{parsed,target_lower}') || '..' || (i.original_data #>> '{parsed,target_upper}'), ''),
                coalesce(i.unit, ''), coalesce(i.direction::text, ''), coalesce(i.priority::text, ''),
                coalesce((SELECT string_agg(coalesce(m.subcategory_code, m.category_code, m.function_code), ',' ORDER BY m.id)
                          FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id), ''))
         FROM metric_catalog_items i
         WHERE i.catalog_id = (SELECT id FROM metric_catalogs ORDER BY created_at DESC, id DESC LIMIT 1) ORDER BY i.id",
    )
}

/// A sheet of text cells; `%0.95` is a number shown as a percentage, a number is one, empty is nothing.
fn fill(sheet: &mut Worksheet, rows: &[&[&str]]) {
    let percent = Format::new().set_num_format("0.0%");
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            let written = match (cell.strip_prefix('%').map(str::parse::<f64>), cell.parse::<f64>()) {
                _ if cell.is_empty() => continue,
                (Some(Ok(number)), _) => sheet.write_with_format(row, column, number, &percent),
                (_, Ok(number)) => sheet.write(row, column, number),
                _ => sheet.write(row, column, *cell),
            };
            written.expect("a cell");
        }
    }
}

pub fn book(sheets: &[(&str, &[&[&str]])]) -> Workbook {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        fill(workbook.add_worksheet().set_name(*name).expect("a name"), rows);
    }
    workbook
}

#[test]
fn sheets_of_many_kinds_come_out_right() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "an ISO-like register: title, revision, notes",
            "ISMS KPI register,,,,,,\nRevision 3.2,,,,,,\n,,,,,,\n\
             No.,KPI,Unit,Target,Current,KPI Owner,NIST CSF 2.0 Ref\n1,Patched hosts,%,95%,91%,SecOps,ID.RA-01; PR.PS-02\n\
             2,MTTD,hours,< 4,6,SOC,DE.CM-01\n,,,,,,\nNote: figures of Q3,,,,,,\nConfidential,,,,,,\n",
            &["1|Patched hosts|91|95||%|higher_is_better||ID.RA-01,PR.PS-02", "2|MTTD|6|4||hours|lower_is_better||DE.CM-01"],
        ),
        (
            "a tracker of CIS safeguards",
            "CIS Control,CIS Safeguard,Title,Asset Type,Security Function,IG,Implementation Target,Implemented %\n\
             1,1.1,Asset inventory,Devices,Identify,1,100%,85%\n1,1.2,Unauthorized assets,Devices,Respond,1,100%,60%\n",
            &["1.1|Asset inventory|85|100||%|higher_is_better||ID", "1.2|Unauthorized assets|60|100||%|higher_is_better||RS"],
        ),
        (
            "a risk register with its indicators",
            "Risk ID,Risk Title,Likelihood,Impact,Residual Score,KRI,KRI Current,KRI Threshold\n\
             R-1,Ransomware,4,5,10,Backups restored,97%,>= 99%\nR-2,Phishing,5,3,9,Click rate,7%,<= 5%\n",
            &["R-1|Backups restored|97|99||%|higher_is_better||", "R-2|Click rate|7|5||%|lower_is_better||"],
        ),
        (
            "an export of a vendor, all quoted, decimal commas",
            "\"Metric ID\";\"Metric Name\";\"Measure Value\";\"Goal Value\";\"Goal Type\"\n\
             \"SM-1\";\"Hosts with EDR\";\"98,5\";\"99\";\"Higher\"\n\"SM-2\";\"Open criticals\";\"12\";\"5\";\"Lower\"\n",
            &["SM-1|Hosts with EDR|98.5|99|||higher_is_better||", "SM-2|Open criticals|12|5|||lower_is_better||"],
        ),
        (
            "one quarter's scorecard",
            "Metric,Unit,FY26 Target,Q3 Actual,Trend\nMFA,%,100,90,up\nMTTR,hours,<= 24,30,down\n",
            &["|MFA|90|100||%|higher_is_better||", "|MTTR|30|24||hours|lower_is_better||"],
        ),
        (
            "German",
            "Nr.;Kennzahl;Einheit;Zielwert;Istwert;Richtung;Priorität;CSF\n1;Patches;%;≥ 95,0 %;93,5 %;höher ist besser;hoch;PR.PS-02\n\
             2;Reaktion;Stunden;≤ 4;6,5;niedriger ist besser;mittel;RS.MA-01\nSumme;;;;;;;\n",
            &[
                "1|Patches|93.5|95||%|higher_is_better|High|PR.PS-02",
                "2|Reaktion|6.5|4||Stunden|lower_is_better|Medium|RS.MA-01",
            ],
        ),
        (
            "French",
            "N°;Indicateur;Unité;Cible;Valeur actuelle;Responsable;Priorité\n1;Correctifs;%;95 %;93,5 %;DSI;haute\n2;Délai;;<= 4 heures;6,5 heures;SOC;moyenne\n",
            &["1|Correctifs|93.5|95||%|higher_is_better|High|", "2|Délai|6.5|4||heures|lower_is_better|Medium|"],
        ),
        (
            "Spanish",
            "Indicador;Meta;Valor actual;Unidad;Prioridad\nParches;95;93,5;%;alta\n",
            &["|Parches|93.5|95||%|higher_is_better|High|"],
        ),
        (
            "an outline down to subcategories",
            "Function,Category,Subcategory,Metric,Target\nGOVERN (GV),,,,\n,Organizational Context (GV.OC),,,\n,,GV.OC-01: the mission,Mission reviewed,1\n\
             ,,,Mission known,95%\n,Risk Management Strategy (GV.RM),,,\n,,GV.RM-01,Risk appetite,1\nPROTECT (PR),,,,\n,PR.AA,,MFA,100%\n",
            &[
                "|Mission reviewed||1|||higher_is_better||GV.OC-01",
                "|Mission known||95||%|higher_is_better||GV.OC",
                "|Risk appetite||1|||higher_is_better||GV.RM-01",
                "|MFA||100||%|higher_is_better||PR.AA",
            ],
        ),
        (
            "a column for several frameworks",
            "Control,Metric,Goal,Framework Mapping\nCIS 5.2,Unique passwords,100%,\"NIST CSF: PR.AA-01; CIS 5.2; ISO 27001 A.5.17\"\n\
             CIS 6.3,MFA,100%,\"PR.AA-03, ISO 27001:2022 A.8.5\"\n",
            &["|Unique passwords||100||%|higher_is_better||PR.AA-01", "|MFA||100||%|higher_is_better||PR.AA-03"],
        ),
        (
            "the AI RMF",
            "KRI,Threshold,AI RMF Subcategory\nModel inventory,100%,GOVERN 1.6\nDrift alerts,<= 2,MEASURE 2.4\n",
            &["|Model inventory||100||%|higher_is_better||GOVERN 1.6", "|Drift alerts||2|||lower_is_better||MEASURE 2.4"],
        ),
        (
            "a table drawn with bars",
            "| Metric | Target | Unit |\n|--------|-------:|------|\n| MFA | 95 | % |\n| MTTR | 4 | h |\n",
            &["|MFA||95||%|higher_is_better||", "|MTTR||4||h|lower_is_better||"],
        ),
        (
            "headings, examples, subtotals and headers once more",
            "Security scorecard,,,\n,,,\nMetric,Target,Actual,Unit\nExample: MFA rate,100,99,%\nIdentity,,,\nMFA,100,99,%\nSubtotal,190,179,\n\
             Metric,Target,Actual,Unit\nNetwork,,,\nRules reviewed,100,75,%\nAverage,96.7,84.7,%\nSource: SIEM,,,\n",
            &["|MFA|99|100||%|higher_is_better||", "|Rules reviewed|75|100||%|higher_is_better||"],
        ),
        ("titles like keys of YAML", "Report: KPIs\nDate: 2026-11-01\n\nName,Target\nA,5\n", &["|A||5|||higher_is_better||"]),
        (
            "a legend beside the table",
            "Metric,Target,,Legend,Meaning\nA,5,,G,good\n,,,R,bad\n",
            &["|A||5|||higher_is_better||"],
        ),
        (
            "a decimal mark for each column",
            "Metric;Target;Current\nA;1.250,5;1.100\nB;95,5;90.5\n",
            &["|A|1.1|1250.5|||higher_is_better||", "|B|90.5|95.5|||higher_is_better||"],
        ),
        (
            "units in headers and in names",
            "Metric,MTTD Target (hours),MTTD Actual (hours)\nPhishing,4,5\n",
            &["|Phishing|5|4||hours|higher_is_better||"],
        ),
        (
            "service levels as ranges",
            "metric_id,title,category,type,slo,weight\ncreds,Aged credentials,Identity,control,98.00% - 99.00%,0.8\n",
            &["creds|Aged credentials|||98..99|%|target_range||"],
        ),
        (
            "numbers under KPI, names under Title",
            "KPI,Title,Target\nKPI-01,Phish rate,5\nKPI-02,MFA,95\n",
            &["KPI-01|Phish rate||5|||higher_is_better||", "KPI-02|MFA||95|||higher_is_better||"],
        ),
        (
            "yes and no",
            "Name,Target,Current,Direction\nIRP tested,Yes,No,binary\nBCP approved,Yes,Yes,Pass/Fail\n",
            &["|IRP tested|0|1|||binary||", "|BCP approved|1|1|||binary||"],
        ),
        (
            "numbers as people write them",
            "Metric,Target,Current\nA,≥95%,97%\nB,≤ 4 hrs,3 hrs\nC,0,0\nD,99.9%+,99.95%\nE,40–60%,55%\nF,<5%,N/A\nG,TBD,-\nH,$1.2M,$900k\nI,> 1 000,\"1,100\"\n",
            &[
                "|A|97|95||%|higher_is_better||",
                "|B|3|4||hrs|lower_is_better||",
                "|C|0|0|||lower_is_better||",
                "|D|99.95|99.9||%|higher_is_better||",
                "|E|55||40..60|%|target_range||",
                "|F||5||%|lower_is_better||",
                "|G|||||higher_is_better||",
                "|H|900000|1200000||$|higher_is_better||",
                "|I|1100|1000|||higher_is_better||",
            ],
        ),
        (
            "priorities with their rank, bounds with operators",
            "Metric,Min Target,Max Target,Priority\nA,>= 40,<= 60,1 - High\nB,1,2,P3 (Low)\n",
            &["|A|||40..60||target_range|High|", "|B|||1..2||target_range|Low|"],
        ),
        (
            "a library of another program, as YAML",
            "# metrics\nurn: urn:example:library:m\nref_id: m\nobjects:\n  metric_definitions:\n    - urn: urn:example:m1\n      ref_id: M-1\n      name: MFA\n\
             \x20     category: quantitative\n      unit: percentage\n      higher_is_better: true\n      default_target: 95\n",
            &["M-1|MFA||95||percentage|higher_is_better||"],
        ),
        (
            "its instances, as JSON",
            "{\"count\":1,\"results\":[{\"id\":\"a\",\"metric_definition\":{\"id\":\"b\",\"str\":\"M-1 - MFA\"},\"ref_id\":\"I-1\",\"name\":\"MFA of admins\",\
              \"owner\":[{\"id\":\"u\",\"str\":\"ada\"}],\"target_value\":95.0,\"current_value\":\"87.0 %\",\"unit\":{\"id\":\"q\",\"str\":\"percentage\"}}]}",
            &["I-1|MFA of admins|87|95||percentage|higher_is_better||"],
        ),
        (
            "what the web application has",
            "{\"framework_code\":\"csf_2_0\",\"metrics\":[{\"metric_number\":\"GV-1\",\"name\":\"Briefings\",\"function_code\":\"gv\",\"category_code\":\"GV.OC\",\
              \"subcategory_code\":\"GV.OC-01\",\"direction\":\"higher_is_better\",\"target_value\":4,\"target_units\":\"a year\",\"current_value\":2,\"priority_rank\":1}]}",
            &["GV-1|Briefings|2|4||a year|higher_is_better|High|GV.OC-01"],
        ),
    ];
    let mut wrong = String::new();
    for (number, (what, text, expected)) in cases.iter().enumerate() {
        let file = scratch.file(&format!("case-{number}.txt"), text);
        let run = import(&db, &file, &[]);
        let items = if run.code == 0 { newest(&db) } else { vec![run.stderr.clone()] };
        if items != *expected {
            let _ = writeln!(wrong, "{what}:\n{}\nexpected\n{}\n", items.join("\n"), expected.join("\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    let sheet = "KPI,Goal,Now,Current\n% of hosts patched,0.95,x,0.5\nCoverage (%),1,y,0.98765\n";
    let file = scratch.file("fractions.csv", sheet);
    import(&db, &file, &[]).fails(65, "--percent scale");
    import(&db, &file, &["--percent", "scale"]).ok();
    assert_eq!(
        newest(&db),
        ["|% of hosts patched|50|95||%|higher_is_better||", "|Coverage (%)|98.765|100||%|higher_is_better||"]
    );
}

#[test]
fn workbooks_of_many_kinds_come_out_right() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let mut number = 0;
    let mut check = |what: &str, workbook: &mut Workbook, more: &[&str], expected: &[&str]| {
        number += 1;
        let run = import(&db, &scratch.workbook(&format!("book-{number}.xlsx"), workbook), more).ok();
        assert_eq!(newest(&db), expected, "{what}");
        run
    };

    // Cover, hidden lists, a merged title, percentages as cells.
    let mut workbook = book(&[
        ("Cover", &[&["ISMS metrics"], &["Owner", "CISO"]]),
        (
            "KPIs",
            &[&[], &[], &["KPI", "Unit", "Target", "Current"], &["MFA", "%", "%0.95", "%0.905"], &["MTTD", "h", "< 4", "6"]],
        ),
        ("Lists", &[&["name", "target", "unit", "current"], &["x", "1", "y", "2"]]),
    ]);
    workbook.worksheet_from_name("Lists").expect("a sheet").set_hidden(true);
    workbook
        .worksheet_from_name("KPIs")
        .expect("a sheet")
        .merge_range(0, 0, 0, 3, "All metrics", &Format::new())
        .expect("a range");
    let run =
        check("a cover", &mut workbook, &["-v"], &["|MFA|90.5|95||%|higher_is_better||", "|MTTD|6|4||h|lower_is_better||"]);
    assert!(run.stdout.contains("not the hidden Lists"), "{}", run.stdout);

    // Groups over headers that are there twice.
    let mut workbook = book(&[(
        "S",
        &[
            &["Metric", "Unit", "H1 2026", "", "H2 2026", ""],
            &["", "", "Target", "Actual", "Target", "Actual"],
            &["A", "%", "95", "90", "96", "93"],
        ],
    )]);
    let file = scratch.workbook("groups.xlsx", &mut workbook);
    import(&db, &file, &[]).fails(65, "column E: H2 2026 Target");
    let more = ["--map", "current_value=H2 2026 Actual", "--map", "target_value=H2 2026 Target"];
    check("groups", &mut workbook, &more, &["|A|93|96||%|higher_is_better||"]);

    // A sheet for each function.
    let rows: &[&[&str]] = &[&["ID", "Metric", "Target"], &["M-1", "A", "5"]];
    let functions = [("Govern", rows), ("PROTECT (PR)", rows), ("3 - Detect", rows), ("Notes", &[&["nothing"]])];
    let mut workbook = book(&functions);
    let file = scratch.workbook("functions.xlsx", &mut workbook);
    import(&db, &file, &[]).fails(65, "--sheet \"PROTECT (PR)\" --mode upsert");
    for (sheet, code) in [("Govern", "GV"), ("PROTECT (PR)", "PR"), ("3 - detect", "DE")] {
        let run =
            check(sheet, &mut workbook, &["--sheet", sheet, "--again"], &[&format!("M-1|A||5|||higher_is_better||{code}")]);
        assert!(run.stdout.contains("no column has codes, so cmf uses the sheet's name"), "{}", run.stdout);
    }
    // A single sheet that is called like a function of the AI RMF is none.
    check("a word", &mut book(&[("Map", rows)]), &[], &["M-1|A||5|||higher_is_better||"]);

    // A named table among others.
    let mut workbook = book(&[(
        "Data",
        &[
            &["name", "target", "", "x"],
            &["not this", "1"],
            &[],
            &["", "Name", "Goal"],
            &["", "A", "5"],
            &["", "B", "6"],
            &["", "All", "11"],
        ],
    )]);
    let columns = [TableColumn::new().set_header("Name").set_total_label("All"), TableColumn::new().set_header("Goal")];
    let table = Table::new().set_name("Kpis").set_columns(&columns).set_total_row(true);
    workbook.worksheet_from_name("Data").expect("a sheet").add_table(3, 1, 6, 2, &table).expect("a table");
    check("a table", &mut workbook, &["--table", "kpis"], &["|A||5|||higher_is_better||", "|B||6|||higher_is_better||"]);
    let file = scratch.workbook("tables.xlsx", &mut workbook);
    import(&db, &file, &["--table", "nope"]).fails(2, "it has: Kpis (sheet Data)");
    import(&db, &file, &["--table", "Kpis", "--sheet", "Data"]).fails(2, "cannot be used with");
}

#[test]
fn what_cannot_be_told_is_a_question_and_series_name_their_command() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    for (text, messages) in [
        (
            "Metric,Unit,Target,Q1,Q2,Q3,Q4\nA,%,100,90,92,95,\n",
            &["4 columns are readings, `Q1` to `Q4`", "--series year=20", "--map current_value=Q3", "--series no"][..],
        ),
        ("Metric,Target 2025,Target 2026,Unit\nA,5,6,h\n", &["2 columns could be target_value"]),
        (
            "Control ID,Control Description,Owner,Target,Actual\nAC-1,Accounts are reviewed,IT,100,90\n",
            &["name it with --map \"name=Control Description\""],
        ),
        (
            "Metric;Target;Current\nA;1.250;1.100\nB;2.000;1.900\n",
            &["is 1.1 with a decimal point and 1100 with a decimal comma", "--decimal comma"],
        ),
        ("KPI,2026-01-31,2026-02-28,2026-03-31\nA,1,2,3\n", &["3 headers are dates", "`cmf record --wide --file "]),
        (
            "KPI,Owner,Jan 2026,Feb 2026,Mar 2026\nA,x,1,2,3\n",
            &["write headers such as `Jan 2026` as days (2026-01-31)", "remove the columns without readings (Owner)"],
        ),
        (
            "date,MFA coverage,MTTR\n2026-01-01,90,3\n2026-02-01,91,4\n",
            &["column date has dates, and each metric has a column", "`cmf record --wide --file "],
        ),
        ("Month,MFA coverage,MTTR\nJan 2026,90,3\nFeb 2026,91,4\n", &["first rename the column Month to `at`"]),
        (
            "date,metric,target\n2026-01-01,A,5\n2026-02-01,A,6\n",
            &[
                "metrics repeat for the dates in column date",
                "`cmf record --file ",
                " --map metric=metric --map at=date --map value=COLUMN`",
            ],
        ),
        (
            "Metric,Target,NIST CSF 1.1\nA,5,PR.AC-1\nB,6,ID.AM-1\n",
            &["its content is now in PR.AA-01", "--framework csf-1.1, after `cmf seed csf-1.1`"],
        ),
        ("Metric,Target,CSF\nA,5,\"PR.AA-01, Foo\"\n", &["`Foo` is not a code of csf-2.0"]),
    ] {
        let run = import(&db, &scratch.file("sheet.csv", text), &[]);
        assert_eq!(run.code, 65, "{text}\n{}", run.stderr);
        for message in messages {
            assert!(run.stderr.contains(message), "no {message:?} in\n{}", run.stderr);
        }
    }
    assert_eq!(state(&db), NOTHING);
}

#[test]
fn the_command_for_a_series_takes_it() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    import(&db, &scratch.file("m.csv", "id,name,target,csf\nM-1,A,5,PR.AA-01\n"), &["--activate"]).ok();
    let file = scratch.file("a series.csv", "metric,2026-01-31,2026-02-28,2026-03-31\nM-1,1,2,3\n");
    let run = import(&db, &file, &[]).fails(65, "this is a time series");
    let command = run.stderr.split('`').nth(1).expect("a command");
    assert_eq!(command, format!("cmf record --wide --file \"{}\"", file.display()));
    db.cmf(["record", "--wide", "--file", file.to_str().expect("a path")]).ok();
    assert_eq!(db.one("SELECT count(*) FROM metric_history"), "3");
}

#[test]
fn mended_rows_join_the_others_by_the_command_that_is_named() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("kpis.csv", "id,name,target\n1,A,5\n2,B,soon\n");
    let rejects = scratch.0.path().join("rest.csv");
    let path = rejects.to_str().expect("a path");
    let run = import(&db, &file, &["--rejects", path]).fails(65, "import the others with --allow-partial");
    assert!(run.stderr.contains("--mode upsert --catalog kpis --direction"), "{}", run.stderr);
    let run = import(&db, &file, &["--rejects", path, "--force", "--allow-partial"]);
    assert_eq!(run.code, 3);
    assert!(run.stderr.contains("1 rejected row is in"), "{}", run.stderr);
    let text = std::fs::read_to_string(&rejects).expect("the rejects");
    std::fs::write(&rejects, text.replacen("soon", "7", 1)).expect("written");
    import(&db, &rejects, &["--mode", "upsert", "--catalog", "kpis"]).ok();
    assert_eq!(newest(&db), ["1|A||5|||higher_is_better||", "2|B||7|||higher_is_better||"]);
}

/// Runs `cmf import` on a terminal of its own and types the answers.
pub fn on_a_terminal(db: &Db, args: &str, answers: &str) -> Option<String> {
    let script = here(Path::new("/usr/bin/script"))?;
    let inner = db.command();
    let line: Vec<String> = std::iter::once(inner.get_program())
        .chain(inner.get_args())
        .map(|word| format!("'{}'", word.to_str().expect("text")))
        .collect();
    let mut outer = Command::new(script);
    outer
        .args(["-qec", &format!("{} import --direction \"*=higher\" {args}", line.join(" ")), "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
    let mut child = outer.spawn().expect("it runs");
    child.stdin.as_mut().expect("a pipe").write_all(answers.as_bytes()).expect("typed");
    let output = child.wait_with_output().expect("it ends");
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[test]
fn on_a_terminal_the_user_is_asked() {
    let db = Db::seeded();
    let scratch = Scratch::new();
    let file = scratch.file("quarters.csv", "Metric,Unit,Target,Q1,Q2\nA,%,100,90,92\n");
    let path = file.to_str().expect("a path");
    let Some(shown) = on_a_terminal(&db, &format!("{path} --no-pager"), "Q9\nq2\n") else { return };
    for text in ["E  Q2  (92)", "`Q9` is not one of these", "saves these answers"] {
        assert!(shown.contains(text), "no {text:?} in\n{shown}");
    }
    assert_eq!(newest(&db), ["|A|92|100||%|higher_is_better||"]);
    // Never with --yes.
    let other = scratch.file("other.csv", "Metric,Unit,Target,Q1,Q2\nA,%,100,90,93\n");
    let shown = on_a_terminal(&db, &format!("{} --yes", other.display()), "").expect("a terminal");
    assert!(shown.contains("2 columns are readings"), "{shown}");
    assert!(!shown.contains("Which year"), "{shown}");
}
