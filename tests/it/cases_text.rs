//! The small text files beside the project that once were misread: each is read right, its bad records are named, or it is refused.

use crate::import::import;
use crate::support::{Db, shared};

/// A file with what it becomes: the metrics as `number|name|current|target|unit|codes`, or only their numbers, and what is said.
struct Case {
    file: &'static str,
    code: i32,
    stored: &'static [&'static str],
    said: &'static [&'static str],
}

const fn case(file: &'static str, code: i32, stored: &'static [&'static str], said: &'static [&'static str]) -> Case {
    Case { file, code, stored, said }
}

const IMPORT: [Case; 11] = [
    case("gvsc03", 0, &["M-1|Supply chain integrated||95||GV.SC-03", "M-2|Other||95||PR.PS-01"], &[]),
    case(
        "frag",
        0,
        &["M-1|A||95||GV.PO-01", "M-2|B||95||ID.AM-01", "M-3|C||95||PR.AA-01", "M-4|D||95||DE.CM-01", "M-5|E||95||GV.OV-01"],
        &[],
    ),
    case(
        "plural_s",
        0,
        &[
            "M-10|Firewall rule review(s) [m]|6|4||",
            "M-1|Open incident(s)|7|5||",
            "M-2|Number of policy exception(s)|3|0||",
            "M-3|Restore test(s) done|4|4||",
            "M-4|Mean time to detect (h)|6|4|h|",
            "M-5|Assets scanned (min)|6|4||",
            "M-6|Vulnerabilities (C)|6|4||",
            "M-7|Devices with antivirus (A/V)|6|4||",
            "M-8|Alerts (per day)|6|4||",
            "M-9|Unresolved finding(s) in %|6|4|%|",
        ],
        &[],
    ),
    case(
        "id_display",
        0,
        &["007|Tapes off-site|91|95||", "1.10|Encrypt in transit|91|95||", "CTRL-012|MFA coverage|91|95||"],
        &[],
    ),
    case("numfmt", 3, &["007", "1.2", "12", "2024001", "3.01", "3.10"], &["line 6", "there is a quote inside a cell"]),
    case(
        "opengrc_desc_row",
        0,
        &["ISO-5.18|Privileged accounts reviewed||||", "ISO-8.7|Endpoints with EDR||||"],
        &["# REQUIRED | Optional", "description"],
    ),
    case("duck14304", 0, &["M-1|Surname\\, first name kept||95||", "M-2|foo (\"foo\")||90||"], &[]),
    case("eq_id", 0, &["001|Patch rate|91|95||", "002|Phish clicks|7|5||"], &[]),
    case(
        "accounting",
        3,
        &["M-1|Budget variance|-5.2|0|USD|", "M-2|Net losses|-987.65|0|USD|", "M-3|Drift|-3.75|-2.5||"],
        &["line 5 (Current)"],
    ),
    case("shift2", 3, &["M1|A|90|95||"], &["line 3", "the row has 6 cells, but the header has 7"]),
    case("gs1", 0, &["M-1|Patch rate|91|95||", "M-2|Phish|7|5||"], &[]),
];

const ALL: [&str; 3] = ["M-1", "M-2", "M-3"];

const POLLUTED: [Case; 28] = [
    case("01_unescaped_quote_swallows_records", 3, &["M-2", "M-3"], &["line 2", "a quote opens here and is not closed"]),
    case("02_unescaped_quote_shifts_cells", 3, &["M-1", "M-3"], &["line 3", "text follows a closing quote"]),
    case("03_delimiter_missing_before_quoted_cell", 3, &["M-1", "M-3"], &["line 3", "there is a quote inside a cell"]),
    case("04_record_with_other_delimiter", 3, &["M-2", "M-3"], &["line 2", "the delimiter of the other records"]),
    case("05_column_without_header", 65, &[], &["column D has values and no header", "--map FIELD=D"]),
    case("06_cut_off_last_record", 3, &["M-1", "M-2"], &["line 4", "the file ends within this record"]),
    case("07_record_short_of_cells", 3, &["M-1", "M-3"], &["line 3", "the row has 5 cells, but the header has 10"]),
    case("08_footer_with_comma", 0, &ALL, &["Source: portal", "footer"]),
    case("09_legend_below", 0, &ALL, &["must be seen by the board", "other_table"]),
    case("10_other_table_below", 0, &ALL, &["person | team | phone", "other_table"]),
    case("11_summary_rows", 0, &ALL, &["Min | 9 | 7", "Average score (PR)", "total"]),
    case(
        "12_number_with_any_word",
        65,
        &[],
        &["line 2 (current)", "line 3 (current)", "bananas", "line 4 (current)", "line 5 (current)"],
    ),
    case("13_unit_contradiction", 65, &[], &["the value is in USD, the metric's unit is EUR", "the metric's unit is count"]),
    case("14_fraction_under_percent", 3, &["M-1"], &["`3/4` is a share", "`TRUE` is yes or no", "can be a fraction"]),
    case("15_code_misspelt", 65, &[], &["`PR.DS-O1` is not a code", "`not PR.AT-01` is not a code"]),
    case("16_missing_record_end_after_header", 65, &[], &["put a line break after the last header"]),
    case("17_header_with_open_quote", 65, &[], &["a quote opens here and is not closed"]),
    case("18_bom_inside", 0, &["M-1", "M-2"], &[]),
    case("19_records_end_with_semicolon", 0, &ALL, &[]),
    case("20_one_1252_byte_in_utf8", 3, &["M-1"], &["the first of them 0xEB in line 3", "a byte that is not UTF-8"]),
    case("21_decimal_message", 3, &["M-1"], &["`11..25` has digit groups"]),
    case("22_decimal_comma", 65, &[], &["--decimal point or --decimal comma"]),
    case("23_quote_decimal", 3, &["M-2", "M-3"], &["line 2", "a quote opens here and is not closed"]),
    case("25_space_before_quote", 0, &["M-1", "M-2"], &[]),
    case("26_space_before_quote_semicolon", 0, &["M-1", "M-2"], &[]),
    case("27_single_quotes", 0, &["M-1", "M-2"], &[]),
    case("28_comma_space_quoted_comma", 0, &["M-1", "M-2"], &[]),
    case("file_encoding_mixed_row", 3, &[], &["the first of them 0xEB in line 2"]),
];

fn check(folder: &str, cases: &[Case]) {
    let db = Db::seeded();
    for Case { file, code, stored, said } in cases {
        let path = format!("cases/{folder}/{file}.csv");
        let Some(path) = shared(&path, "import_polluted::two_hundred_polluted_files_are_never_misread_in_silence") else {
            return;
        };
        let run = import(&db, &path, &["--name", file, "--framework", "csf-2.0", "--allow-partial", "--again"]);
        let all = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(run.code, *code, "{file}: {all}");
        for text in *said {
            assert!(all.contains(text), "{file} does not say {text}: {all}");
        }
        let rows = db.rows(&format!(
            "SELECT concat_ws('|', i.original_data #>> '{{parsed,metric_number}}', i.name, coalesce(trim_scale(i.current_value)::text, ''),
                        coalesce(trim_scale(i.target_value)::text, ''), coalesce(i.unit, ''),
                        (SELECT coalesce(string_agg(coalesce(m.subcategory_code, m.category_code, m.function_code), ',' ORDER BY 1), '')
                         FROM metric_catalog_framework_mappings m WHERE m.catalog_item_id = i.id))
             FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id AND c.name = '{file}' ORDER BY 1"
        ));
        let is_short = stored.iter().any(|one| !one.contains('|'));
        let rows: Vec<&str> =
            rows.iter().map(|row| if is_short { row.split('|').next().unwrap_or_default() } else { row }).collect();
        // Of the large one, the count says enough.
        if *file == "file_encoding_mixed_row" {
            assert_eq!(rows.len(), 82, "{file}");
        } else {
            assert_eq!(rows, *stored, "{file}: {all}");
        }
    }
}

#[test]
fn files_that_were_misread_are_read_right() {
    check("import", &IMPORT);
}

#[test]
fn polluted_files_are_read_right_or_named() {
    check("polluted", &POLLUTED);
}
