//! Workbooks of every format say what their sheet shows: numbers as they are shown, merged and hidden cells, formulas that nobody
//! worked out, and files that are no workbook.

use std::path::Path;

use rust_xlsxwriter::{Format, Formula, Workbook};

use crate::hostile::made::{
    self, biff, biff_label, biff_number, compound, ods_content, record, with, xls_stream, xlsb_cell, xlsb_sheet, zipped,
};
use crate::import::{Scratch, import};
use crate::import_sheets::newest;
use crate::support::{Db, Run, shared};

const FRAMEWORK: [&str; 5] = ["--owner", "analyst", "--framework", "csf-2.0", "--allow-partial"];

fn read(db: &Db, file: &Path, more: &[&str]) -> Run {
    import(db, file, &[&FRAMEWORK[..], more].concat())
}

/// What comes out of a file of the cases beside the project: the items, of long lists the first ones, and what is said.
#[track_caller]
fn case(name: &str, items: &[&str], said: &[&str]) {
    let Some(file) = shared(&format!("cases/{name}"), "formats::each_format_says_what_its_sheet_shows") else { return };
    let db = Db::seeded();
    let run = read(&db, &file, &[]);
    let text = format!("{}{}", run.stdout, run.stderr);
    for part in said {
        assert!(text.contains(part), "{name}: no {part:?} in {text}");
    }
    let found = newest(&db);
    // Without the bounds, which none of them has.
    let short = |item: &String| {
        item.split('|').enumerate().filter(|(at, _)| *at != 4).map(|(_, cell)| cell).collect::<Vec<_>>().join("|")
    };
    let found: Vec<String> = found.iter().map(|item| short(item).trim_end_matches('|').to_owned()).collect();
    let count = if name.starts_with("polluted") { found.len().min(items.len()) } else { found.len() };
    assert_eq!(found[..count], *items, "{name}: {text}");
    // The clean file of the polluted ones has 28 metrics.
    assert!(!name.contains("below") && !name.contains("average") || found.len() == 28, "{name}: {text}");
}

/// A test a file.
macro_rules! cases {
    ($($test:ident $file:literal $items:expr, $said:expr;)*) => {
        $(#[test]
        fn $test() {
            case($file, &$items, &$said);
        })*
    };
}

const TWO: [&str; 2] = ["M-1|Patch rate|91.5|95|%|higher_is_better", "M-2|Time to detect|6.25|4|hours|lower_is_better"];
const ALMA: [&str; 8] = [
    "ALMA-M-08|Vendor assessments current|12|0|%|lower_is_better|Low|GV.SC-04",
    "ALMA-M-01|Asset inventory coverage|91|95|%|higher_is_better|High|ID.AM-01",
    "ALMA-M-02|MFA coverage on privileged accounts|97.5|100|%|higher_is_better|High|PR.AA-01",
    "ALMA-M-03|Critical patch latency|19|14|days|lower_is_better|High|PR.PS-02",
    "ALMA-M-04|Endpoints reporting to monitoring|88|98|%|higher_is_better|Medium|DE.CM-01",
    "ALMA-M-05|Phishing report rate|41|60|%|higher_is_better|Medium|DE.CM-01,GV.OC-01",
    "ALMA-M-06|Incident response time|6|4|hours|lower_is_better|Medium|RS.MA-01",
    "ALMA-M-07|Backup restore test pass rate|100|100|%|higher_is_better|Low|RC.RP-01",
];
const MERGED_TARGETS: [&str; 8] = [
    ALMA[0],
    ALMA[1],
    ALMA[2],
    ALMA[3],
    "ALMA-M-04|Endpoints reporting to monitoring|88|90|%|higher_is_better|Medium|DE.CM-01",
    "ALMA-M-05|Phishing report rate|41|90|%|higher_is_better|Medium|DE.CM-01,GV.OC-01",
    ALMA[6],
    ALMA[7],
];

cases! {
    case_capital_stream_xls "import/capital_stream.xls" TWO, [];
    case_template_rows "import/template_rows.xlsx" ["M-1|Patch rate|91|95||higher_is_better", "M-2|Phish|7|5||higher_is_better"], [];
    case_cells_unordered "import/cells_unordered.xlsx" TWO[..1], [];
    case_rows_unordered "import/rows_unordered.xlsx" TWO, [];
    case_dimension_a0 "import/dim_a0.xlsx" TWO, [];
    case_dimension_absolute "import/dim_abs.xlsx" TWO, [];
    case_dimension_empty "import/dim_empty.xlsx" TWO, [];
    case_dimension_without_place "import/dim_noref.xlsx" TWO, [];
    case_dirty_headers "import/dirty_headers.xlsx" ["M-1|Patch rate|91|95|%|higher_is_better", "M-2|Phish clicks|7|5|%|lower_is_better"], [];
    case_duration_hours "import/duration_hours.xlsx" ["M-1|Mean time to respond|36|24|hours|lower_is_better", "M-2|Mean time to detect|6|4|hours|lower_is_better"], [];
    case_error_outside "import/err_outside.xlsx" ["M-1|Patch rate|91|95||higher_is_better"], [];
    case_error_spill "import/err_spill.xlsx" ["M-2|Metric 2|92|95||higher_is_better", "M-3|Metric 3|93|95||higher_is_better"], ["#SPILL!"];
    case_filter_xlsx "import/filter.xlsx" ALMA, ["hide"];
    case_filter_ods "import/filter.ods" ALMA, ["hide"];
    case_legend_below "import/foot_rag2.xlsx" ALMA, ["Green"];
    case_hidden_rows "import/hidden_rows.xlsx" ["M-1|Visible|91|95|%|higher_is_better", "M-2|Hidden retired metric|10|95|%|higher_is_better", "M-3|Visible too|90|95|%|higher_is_better"], ["hide"];
    case_hidden_column_rival "import/hidecol_dup.xlsx" [], ["--map target_value=H"];
    case_id_display "import/id_display.xlsx" ["1.10|Encrypt in transit|91|95||higher_is_better", "007|Tapes off-site|91|95||higher_is_better", "CTRL-012|MFA coverage|91|95||higher_is_better"], [];
    case_merged_xls "import/merged.xls" ALMA, ["merged_cells"];
    case_merged_ods "import/merged.ods" ALMA, ["merged_cells"];
    case_merged_target_xls "import/merged_target.xls" MERGED_TARGETS, ["merged_cells"];
    case_web_archive "import/mhtml.xls" [], ["web archive", "save it as XLSX"];
    case_number_formats "import/numfmt.xlsx" [
        "3.10|m3.10.00||5||higher_is_better", "3.01|m3.010.00||5||higher_is_better", "007|m7000||5||higher_is_better", "12|m1200||5||higher_is_better", "M-005|m5\"M-\"000||5||higher_is_better", "1.2|m1.20.0||5||higher_is_better", "2024001|m2024001General||5||higher_is_better",
    ], [];
    case_macro_xlsb "import/xlsb_macro.xlsb" [], ["formula_vals"];
    case_hyphens_in_headers "polluted/xlsx_x07_line_breaks_and_hyphenation_in_headers.xlsx" ["GV-001|Mission statements reviewed|62|90|%|higher_is_better|Medium|GV.OC-01"], [];
    case_ids_of_three_digits "polluted/xlsx_x34_metric_numbers_as_numbers_with_the_forma.xlsx" ["001|Mission statements reviewed|62|90|%|higher_is_better|Medium|GV.OC-01"], [];
    case_ids_with_a_prefix "polluted/xlsx_x33_metric_numbers_as_numbers_with_the_forma.xlsx" ["M-001|Mission statements reviewed|62|90|%|higher_is_better|Medium|GV.OC-01"], [];
    case_ids_that_are_dates "polluted/xlsx_x35_three_metric_numbers_turned_into_dates_1.xlsx" [], ["2026-01-01"];
    case_fractions_between_percentages "polluted/xlsx_x43_percents_half_as_plain_0_88_half_as_plai.xlsx" [], ["fraction"];
    case_never_calculated "polluted/xlsx_x65_formulas_with_cached_value_0_never_calcu.xlsx" [], ["no stored result"];
    case_averages_after_functions "polluted/xlsx_x16_govern_gv_average_rows_after_each_funct.xlsx" [], ["RECOVER (RC) average"];
    case_legend_of_priorities_below "polluted/xlsx_x22_legend_of_priorities_two_rows_below.xlsx" [], ["Medium | quarterly"];
    case_people_below "polluted/xlsx_x26_second_table_people_below.xlsx" [], ["Tomas Weber | Risk | 4712"];
    case_empty_text_of_formulas "polluted/24_formula_stored_empty_text.xlsx" [], [];
}

const HEADERS: [&str; 6] = ["ID", "Metric", "Current", "Target", "Unit", "Function"];

/// The formats of numbers; a style is the place of its format, counted from 1.
const CODES: [&str; 7] = ["000", "0.00", "\"CTRL-\"000", "0.0%", "[h]:mm", "#,##0", "0\"%\""];

/// Number and its style, name, value, its and the target's style, target, unit.
const ROWS: [(f64, u8, &str, f64, u8, f64, &str); 4] = [
    (7.0, 1, "Hosts patched", 0.915, 4, 0.95, "%"),
    (1.1, 2, "Time to detect", 0.25, 5, 1.5, "hours"),
    (12.0, 3, "Open findings", 1234.5, 6, 10.0, "count"),
    (4.0, 0, "Restores tested", 97.0, 7, 99.0, "%"),
];

/// A workbook of XLSX with formats of numbers, hidden rows and merged cells.
fn xlsx() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let form =
        |style: u8| Format::new().set_num_format(style.checked_sub(1).map_or("General", |style| CODES[usize::from(style)]));
    for (column, header) in (0..).zip(HEADERS) {
        sheet.write(0, column, header).expect("a cell");
    }
    for (row, (id, id_style, name, current, style, target, unit)) in (1..).zip(ROWS) {
        sheet.write_with_format(row, 0, id, &form(id_style)).expect("a cell");
        sheet.write(row, 1, name).expect("a cell");
        sheet.write_with_format(row, 2, current, &form(style)).expect("a cell");
        sheet.write_with_format(row, 3, target, &form(style)).expect("a cell");
        sheet.write(row, 4, unit).expect("a cell");
    }
    sheet.merge_range(1, 5, 4, 5, "PR", &Format::new()).expect("a region");
    sheet.set_row_hidden(3).expect("a row");
    book.save_to_buffer().expect("a workbook")
}

/// The same as XLS.
fn xls() -> Vec<u8> {
    let form = |number: u16, code: &str| {
        let size = u16::try_from(code.len()).expect("short").to_le_bytes();
        biff(0x41e, &[&number.to_le_bytes()[..], &size, &[0], code.as_bytes()].concat())
    };
    let mut globals: Vec<u8> = (164..).zip(CODES).flat_map(|(number, code)| form(number, code)).collect();
    // Excel says with this record that it worked the formulas out.
    globals.extend(biff(0x1c1, &[0; 8]));
    for number in std::iter::once(0).chain(164..171_u16) {
        globals.extend(biff(0xe0, &[&[0, 0][..], &number.to_le_bytes(), &[0; 16]].concat()));
    }
    let number = |row: u16, column: u16, style: u8, number: f64| {
        let mut bytes = biff_number(row, column, number);
        bytes[8] = style;
        bytes
    };
    let mut rows = Vec::new();
    // The fourth row is hidden.
    rows.extend(biff(0x208, &[3, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0]));
    for (column, header) in (0..).zip(HEADERS) {
        rows.extend(biff_label(0, column, header));
    }
    for (row, (id, id_style, name, current, style, target, unit)) in (1..).zip(ROWS) {
        rows.extend(number(row, 0, id_style, id));
        rows.extend(biff_label(row, 1, name));
        rows.extend(number(row, 2, style, current));
        rows.extend(number(row, 3, style, target));
        rows.extend(biff_label(row, 4, unit));
        if row == 1 {
            rows.extend(biff_label(row, 5, "PR"));
        }
    }
    rows.extend(biff(0xe5, &[1, 0, 1, 0, 4, 0, 5, 0, 5, 0]));
    compound(&xls_stream(&globals, &rows, 1))
}

/// The same as XLSB.
fn xlsb() -> Vec<u8> {
    let mut styles = Vec::new();
    for (number, code) in (164_u16..).zip(CODES) {
        styles.extend(record(0x2c, &[&number.to_le_bytes()[..], &made::wide(code)].concat()));
    }
    styles.extend(record(0x269, &[8, 0, 0, 0]));
    for number in std::iter::once(0).chain(164..171_u16) {
        styles.extend(record(0x2f, &[&[0, 0][..], &number.to_le_bytes(), &[0; 12]].concat()));
    }
    styles.extend(record(0x26a, &[]));
    let cell = |kind: u16, column: u32, style: u8, value: &[u8]| {
        record(kind, &[&column.to_le_bytes()[..], &[style, 0, 0, 0], value].concat())
    };
    let row =
        |number: u32, flags: u16| record(0, &[&number.to_le_bytes()[..], &[0; 6], &flags.to_le_bytes(), &[0; 5]].concat());
    let text = |column: u32, text: &str| xlsb_cell(6, column, &made::wide(text));
    let mut rows = row(0, 0);
    for (column, header) in (0..).zip(HEADERS) {
        rows.extend(text(column, header));
    }
    for (number, (id, id_style, name, current, style, target, unit)) in (1..).zip(ROWS) {
        rows.extend(row(number, if number == 3 { 0x1000 } else { 0 }));
        rows.extend(cell(5, 0, id_style, &id.to_le_bytes()));
        rows.extend(text(1, name));
        rows.extend(cell(5, 2, style, &current.to_le_bytes()));
        rows.extend(cell(5, 3, style, &target.to_le_bytes()));
        rows.extend(text(4, unit));
        if number == 1 {
            rows.extend(text(5, "PR"));
        }
    }
    let corners: Vec<u8> = [1_u32, 4, 5, 5].into_iter().flat_map(u32::to_le_bytes).collect();
    let sheet = [xlsb_sheet(&rows), record(0xb0, &corners)].concat();
    zipped(&with(with(made::xlsb(), "xl/worksheets/sheet1.bin", sheet), "xl/styles.bin", styles))
}

/// The same as ODS.
fn ods() -> Vec<u8> {
    let text =
        |text: &str| format!("<table:table-cell office:value-type=\"string\"><text:p>{text}</text:p></table:table-cell>");
    let value = |kind: &str, attribute: &str, value: &str, shown: &str| {
        format!(
            "<table:table-cell office:value-type=\"{kind}\" office:{attribute}=\"{value}\"><text:p>{shown}</text:p></table:table-cell>"
        )
    };
    let float = |number: &str, shown: &str| value("float", "value", number, shown);
    let percent = |number: &str, shown: &str| value("percentage", "value", number, shown);
    let time = |span: &str, shown: &str| value("time", "time-value", span, shown);
    let merged =
        "<table:table-cell office:value-type=\"string\" table:number-rows-spanned=\"4\"><text:p>PR</text:p></table:table-cell>";
    let covered = "<table:covered-table-cell/>";
    let row = |attributes: &str, cells: &[String]| format!("<table:table-row{attributes}>{}</table:table-row>", cells.concat());
    let header: Vec<String> = HEADERS.iter().map(|header| text(header)).collect();
    let rows = [
        row("", &header),
        row(
            "",
            &[
                float("7", "007"),
                text("Hosts patched"),
                percent("0.915", "91.5%"),
                percent("0.95", "95.0%"),
                text("%"),
                merged.to_owned(),
            ],
        ),
        row(
            "",
            &[
                float("1.1", "1.10"),
                text("Time to detect"),
                time("PT06H00M00S", "6:00"),
                time("PT36H00M00S", "36:00"),
                text("hours"),
                covered.to_owned(),
            ],
        ),
        row(
            " table:visibility=\"filter\"",
            &[
                float("12", "CTRL-012"),
                text("Open findings"),
                float("1234.5", "1,235"),
                float("10", "10"),
                text("count"),
                covered.to_owned(),
            ],
        ),
        row(
            "",
            &[float("4", "4"), text("Restores tested"), float("97", "97%"), float("99", "99%"), text("%"), covered.to_owned()],
        ),
    ];
    zipped(&with(made::ods(), "content.xml", ods_content(&rows.concat())))
}

#[test]
fn each_format_says_what_its_sheet_shows() {
    let scratch = Scratch::new();
    for (ending, bytes) in [("xlsx", xlsx()), ("xls", xls()), ("xlsb", xlsb()), ("ods", ods())] {
        let file = scratch.file(&format!("shown.{ending}"), bytes);
        let db = Db::seeded();
        let run = read(&db, &file, &[]).ok();
        let right = [
            "007|Hosts patched|91.5|95||%|higher_is_better||PR",
            "1.10|Time to detect|6|36||hours|lower_is_better||PR",
            "CTRL-012|Open findings|1234.5|10||count|lower_is_better||PR",
            "4|Restores tested|97|99||%|higher_is_better||PR",
        ];
        assert_eq!(newest(&db), right, "{ending}: {}", run.stderr);
        assert!(run.stdout.contains("1 hidden row read"), "{ending}: {}", run.stdout);
        // Without what is hidden, in a catalog of its own.
        read(&db, &file, &["--name", "seen", "--visible-only", "--again"]).ok();
        assert_eq!(newest(&db), [right[0], right[1], right[3]], "{ending}");
    }
}

#[test]
fn a_duration_is_a_number_only_in_a_unit_of_time() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let span = Format::new().set_num_format("[h]:mm");
    for (row, cells) in (0..).zip([
        ["name", "unit", "function"],
        ["In days", "days", "PR"],
        ["In minutes", "min", "PR"],
        ["In pieces", "count", "PR"],
    ]) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write(row, column, cell).expect("a cell");
        }
    }
    sheet.write(0, 3, "target").expect("a cell");
    for row in 1..4 {
        sheet.write_with_format(row, 3, 1.5, &span).expect("a cell");
    }
    let file = scratch.workbook("spans.xlsx", &mut book);
    let run = read(&db, &file, &[]);
    assert_eq!(
        newest(&db),
        ["|In days||1.5||days|higher_is_better||PR", "|In minutes||2160||min|higher_is_better||PR"],
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("the duration 36:00"), "{}", run.stdout);
}

#[test]
fn what_nothing_calculated_and_what_became_a_date_is_a_problem_of_its_row() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["metric_number", "name", "current", "function"]) {
        sheet.write(0, column, header).expect("a cell");
    }
    for (row, number) in (1..).zip(["K-1", "K-2", "K-3"]) {
        sheet.write(row, 0, number).expect("a cell");
        sheet.write(row, 1, format!("Metric {row}")).expect("a cell");
        sheet.write(row, 3, "PR").expect("a cell");
    }
    // Zero is what the writer stores where nobody says the result, and it asks whoever opens the workbook to calculate.
    sheet.write(1, 2, Formula::new("=1+1")).expect("a cell");
    sheet.write(2, 2, Formula::new("=1+1").set_result("2")).expect("a cell");
    sheet.write(3, 2, 5).expect("a cell");
    sheet.write_with_format(3, 0, 46_023, &Format::new().set_num_format("mmm\\-yy")).expect("a cell");
    let file = scratch.workbook("never.xlsx", &mut book);
    let run = read(&db, &file, &[]);
    assert_eq!(newest(&db), ["K-2|Metric 2|2||||higher_is_better||PR"], "{}", run.stdout);
    assert!(run.stdout.contains("no stored result") && run.stdout.contains("2026-01-01"), "{}", run.stdout);
}

#[test]
fn what_is_named_like_a_workbook_and_is_none_is_told_with_what_to_do() {
    let (db, scratch) = (Db::seeded(), Scratch::new());
    for (name, bytes, said) in [
        ("a.xls", &b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=\"x\"\r\n"[..], "web archive"),
        ("b.xls", b"<html xmlns:o=\"urn:schemas-microsoft-com:office:office\"><body><table><tr><td>name</td></tr></table></body></html>", "HTML page"),
        ("c.xls", b"<style>td{}</style><table><tr><td>name</td></tr></table>", "HTML page"),
        ("d.xls", b"<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook/>", "Excel 2003"),
        ("e.xls", &[0x09, 0x04, 0x06, 0, 0, 4, 0x10, 0, 0, 0], "Excel 4"),
        ("f.xlsx", b"%PDF-1.7", "a PDF document"),
    ] {
        let file = scratch.file(name, bytes);
        let run = read(&db, &file, &[]);
        assert_eq!(run.code, 65, "{name}: {}", run.stdout);
        assert!(run.stderr.contains(said) && run.stderr.contains("hint"), "{name}: {}", run.stderr);
    }
}
