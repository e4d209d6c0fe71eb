//! The columns that files of readings have, and what they are called.

use crate::domain::dates;
use crate::domain::item::normalised;
use crate::error::Error;
use crate::table::rows::{Known, List, Stray};

/// How the lines of a spool file start that are about the file and hold no reading.
pub const SPOOL_FRAME: &str = "{\"cmf_spool\"";

const METRIC: &[&str] = &[
    "metric", "metric number", "metric no", "metric id", "metric code", "number", "kpi", "kpi id", "control metric", "id",
    "metric name", "name", "series", "indicator", "metrik", "kennzahl", "métrique", "indicateur", "métrica", "indicador",
];
const VALUE: &[&str] = &[
    "value", "reading", "current value", "measured value", "measurement", "result", "actual", "current", "wert", "messwert",
    "istwert", "valeur", "valor",
];
const AT: &[&str] = &[
    "at", "recorded at", "timestamp", "datetime", "date time", "date", "time", "when", "measured at", "measurement date",
    "reading date", "as of", "datum", "zeitpunkt", "zeit", "fecha", "ts",
];
const NOTE: &[&str] = &["note", "notes", "comment", "comments", "remark", "remarks"];
const NUMERATOR: &[&str] = &["numerator", "zähler", "numérateur", "numerador"];
const DENOMINATOR: &[&str] = &["denominator", "nenner", "dénominateur", "denominador"];
const BY: &[&str] = &["by", "recorded by", "user", "username", "measured by", "reporter"];

const UNIT: &[&str] = &["unit", "units", "uom", "unit of measure", "unit of measurement", "einheit", "unité", "unidad"];
/// What a column of metrics is called beside a metric that is named before the file: names and ids can be of something else there.
const ALSO: &[&str] = &["metric", "metric number", "metric no", "metric id", "metric code", "metric name", "kpi", "kpi id"];

const fn known(name: &'static str, words: &'static [&'static str], required: bool) -> Known {
    // Several columns may tell which metric it is, and several times are asked about where all of the table is known.
    Known { name, words, required, alone: matches!(name.as_bytes(), b"value") }
}

/// The fields of a file with one reading a row.
pub const LONG: List = List {
    fields: &[
        known("metric", METRIC, true),
        known("value", VALUE, true),
        known("at", AT, false),
        known("note", NOTE, false),
        known("by", BY, false),
        known("unit", UNIT, false),
        known("numerator", NUMERATOR, false),
        known("denominator", DENOMINATOR, false),
    ],
    instead: &[("value", &["numerator", "denominator"])],
    lacking,
    lines: true,
    frame: Some(SPOOL_FRAME),
    one_line: true,
    stray: Some(Stray {
        field: "at",
        could_be: |key, text| dates::header(key).is_some() || dates::is_date(text) && !is_count(text),
        reason: "another key could be the time, too: choose one with --map at=KEY, or ignore the time with --map at=",
    }),
    example: Some(r#"[{"metric": "PR-001", "value": 97.5}]"#),
};

/// The fields of a file whose readings are all of one metric.
pub const ONE: List = List {
    fields: &[
        known("metric", ALSO, false),
        known("value", VALUE, true),
        known("at", AT, false),
        known("note", NOTE, false),
        known("by", BY, false),
        known("unit", UNIT, false),
        known("numerator", NUMERATOR, false),
        known("denominator", DENOMINATOR, false),
    ],
    ..LONG
};

/// The fields of a file with several readings a row.
pub const WIDE: List = List {
    fields: &[
        known("metric", METRIC, false),
        known("at", AT, false),
        known("note", NOTE, false),
        known("by", BY, false),
        known("unit", UNIT, false),
    ],
    frame: None,
    ..LONG
};

/// The fields of a file that turned out to have an instant a row and a metric a column.
pub const DOWN: List = List {
    fields: &[known("metric", METRIC, false), known("at", AT, true), known("note", NOTE, false), known("by", BY, false)],
    ..WIDE
};

/// The fields of a file that turned out to have a metric a row and an instant a column.
pub const ACROSS: List = List {
    fields: &[
        known("metric", METRIC, true),
        known("at", AT, false),
        known("note", NOTE, false),
        known("by", BY, false),
        known("unit", UNIT, false),
    ],
    ..WIDE
};

/// Whether a text is a number that is a date only where a header says so, such as 2026.
pub(super) fn is_count(text: &str) -> bool {
    text.len() < 8 && text.parse::<f64>().is_ok()
}

pub(super) fn is_value(header: &str) -> bool {
    VALUE.contains(&normalised(header).as_str())
}

fn lacking(fields: &[&str], headers: &[String]) -> Error {
    let field = fields.first().copied().unwrap_or_default();
    let mut error = Error::data(format!("no column for the {field}"))
        .detail(format!("the header has: {}", headers.join(", ")))
        .hint("write a header such as metric,value,at,note,by (at, note and by are optional), or name the columns with --map");
    if headers.iter().any(|header| is_count(header)) {
        error = error.hint(
            "if the file has no header, add --no-header --columns-are metric,value,at (the names of the columns in their order)",
        );
    }
    if headers.iter().any(|header| normalised(header).contains("target")) {
        error = error.hint("a sheet with targets is a catalog: use `cmf import FILE`");
    }
    if field == "metric" {
        error = error.hint("if all readings are of one metric, name it before the file: cmf record METRIC --file FILE");
    }
    error
}
