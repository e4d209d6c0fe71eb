//! What an import says and keeps about itself.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::build::RowSummary;
use super::request::Request;
use super::store::Stored;
use super::understand::Codes;
use crate::catalog::activation::Activated;
use crate::db::audit::Audit;
use crate::domain::moment;
use crate::domain::text::counted;
use crate::error::{Error, shell_word};
use crate::table::Table;
use crate::table::columns::{Mapped, letters};
use crate::table::decision::Decision;
use crate::table::problem::{Problem, Skip};
use crate::table::source::Source;

/// How many problems an error lists.
pub const LISTED: usize = 20;

/// `12 rows read = 9 imported + 1 skipped (1 blank) + 2 rejected`
pub(super) fn sum(finding: &RowSummary, stored: Option<&Stored>) -> String {
    let counts = &finding.counts;
    let reasons: Vec<String> = counts.reasons().map(|(reason, count)| format!("{count} {}", reason.as_str())).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let good = match stored {
        Some(stored) => {
            format!("{} imported + {} updated + {} unchanged", stored.imported, stored.updated, stored.unchanged)
        }
        None => format!("{} without problems", counts.items),
    };
    format!(
        "{} read = {good} + {} skipped{reasons} + {} rejected",
        counted(counts.read, "row"),
        counts.all_skipped(),
        counts.rejected
    )
}

/// The error that lists the problems; nothing was written.
pub(super) fn refused(
    source: &Source,
    finding: &RowSummary,
    problems: &[Problem],
    request: &Request,
    catalog: &str,
    table: &Table,
) -> Error {
    let rejected = finding.counts.rejected;
    let rows = if rejected == 1 { "1 row has".to_owned() } else { format!("{rejected} rows have") };
    let mut error = Error::data(format!("{rows} problems")).at(source.place());
    for problem in problems.iter().take(LISTED) {
        let sheet =
            problem.sheet.as_ref().filter(|_| request.all_sheets).map(|sheet| format!("sheet {sheet}, ")).unwrap_or_default();
        error = error.detail(format!("{sheet}{}: {}; {}", problem.place(), problem.reason, problem.remedy));
    }
    if problems.len() > LISTED {
        error = error.detail(format!("and {} more", problems.len() - LISTED));
    }
    let has_withdrawn = problems.iter().any(|problem| problem.code == "withdrawn_code");
    let all: Vec<Value> = problems.iter().map(|problem| problem.to_json(&source.name)).collect();
    let error = error.detail(sum(finding, None)).with("rejects", all);
    let error = match &request.rejects {
        Some((file, ..)) => error.hint(fix(file, catalog, table)),
        None if request.all_sheets => error.hint("correct the cells, and run the command again"),
        None => error
            .hint("correct the cells, and run the command again")
            .hint("--rejects FILE.xlsx marks them in a copy of the sheet"),
    };
    let error = match request.max_errors {
        Some(most) if rejected > most => error.hint(format!("--max-errors allows {most}")),
        _ if request.partial || request.prune || finding.counts.items == 0 => error,
        _ => error.hint("--allow-partial imports the other rows"),
    };
    if has_withdrawn {
        error.hint("codes of CSF 1.1 are read with --framework csf-1.1, after `cmf seed csf-1.1`")
    } else {
        error
    }
}

/// What to do with a rejects file after nothing was imported: a workbook is the whole sheet, the others are the rejected rows.
fn fix(file: &Path, catalog: &str, table: &Table) -> String {
    let name = file.display();
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        return format!("fix the rows in {name}, where their cells are coloured, and import that file");
    }
    format!("fix the rows in {name}; import the others with --allow-partial, and then {}", onto(file, catalog, None, table))
}

/// The command that brings fixed rows into the catalog of the others.
pub fn onto(file: &Path, catalog: &str, percent: Option<&str>, table: &Table) -> String {
    let series = table.series.map(|series| format!(" --series {series}")).unwrap_or_default();
    // The rows have their percent signs there, but in a copy of the workbook: what is corrected is a percentage, too.
    let is_copy = file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let percent = percent.map(|percent| if is_copy { percent } else { "as-is" });
    let percent = percent.map(|percent| format!(" --percent {percent}")).unwrap_or_default();
    let rest = table.directions.of_the_rest();
    let rest = rest.map(|direction| format!(" --direction {}", shell_word(format_args!("*={direction}")))).unwrap_or_default();
    let scaled = if table.scale && !is_copy { " (its numbers are percentages already)" } else { "" };
    format!(
        "`cmf import {} --mode upsert --catalog {}{percent}{series}{rest}`{scaled}",
        shell_word(file.display()),
        shell_word(catalog)
    )
}

/// A file that is understood.
pub struct Ready {
    pub source: Arc<Source>,
    /// The SHA-256 of its bytes.
    pub sha256: String,
    /// Its tables, one a sheet, at least one.
    pub tables: Vec<Table>,
    /// The framework of its codes.
    pub codes: Option<Arc<Codes>>,
    /// What its catalog is called.
    pub name: String,
    /// Where a name that nobody typed stands, unless it is the file's.
    pub named_by: Option<String>,
    /// The file's name without its ending.
    pub stem: String,
    /// What is told of sheets that were not read.
    pub left_out: Vec<String>,
    /// Whether withdrawn codes stand for their successors.
    pub accept_successors: bool,
}

impl Ready {
    /// Its table; of several sheets, the first one's.
    pub fn table(&self) -> &Table {
        &self.tables[0]
    }

    /// Whether several sheets were read.
    pub fn has_several(&self) -> bool {
        self.tables.len() > 1
    }

    /// Its only sheet, in workbooks.
    pub fn sheet(&self) -> Option<&str> {
        self.table().sheet.as_deref().filter(|_| !self.has_several())
    }
}

/// A column that is read.
#[derive(Debug, Serialize)]
pub struct ReadColumn {
    pub field: String,
    /// Its letters, as a spreadsheet has them.
    pub column: String,
    /// What stands above it.
    pub header: String,
    /// In percent.
    pub confidence: u8,
    /// Of a column of readings, when they were measured, and how many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How many readings a column of a series has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<u64>,
}

/// The columns that are read, each with the field it was taken for.
pub fn columns(table: &Table) -> impl Iterator<Item = ReadColumn> {
    let read = |mapped: &Mapped, field: &str| ReadColumn {
        field: field.to_owned(),
        column: letters(mapped.column),
        header: mapped.header.clone(),
        confidence: mapped.confidence,
        at: None,
        values: None,
    };
    let columns = table.columns.mapped.iter().map(move |mapped| read(mapped, mapped.field.as_str()));
    let series = table.columns.series.iter().map(move |one| ReadColumn {
        at: Some(moment::text(one.at)),
        values: Some(one.values),
        ..read(&one.mapped, "reading")
    });
    columns.chain(series)
}

/// The headers of columns that are read as no field.
pub fn unmapped(table: &Table) -> Vec<&str> {
    table.columns.unmapped().into_iter().map(|(_, header)| header).collect()
}

/// What one file came to.
pub struct Imported {
    /// The file.
    pub ready: Ready,
    /// What was found in the rows.
    pub finding: RowSummary,
    /// What is wrong with the rejected ones.
    pub problems: Vec<Problem>,
    pub stored: Stored,
    pub decisions: Vec<Decision>,
    pub catalog: String,
    /// Its owner's.
    pub owner: String,
    /// Whether the catalog existed already.
    pub is_merge: bool,
    pub activated: Option<Activated>,
    /// What the trail keeps of it; nothing when nothing changed.
    pub(super) audit: Option<Audit<'static>>,
    /// The number of the change, which `cmf undo` undoes.
    pub undo: Option<i64>,
}

impl Imported {
    /// What plain percentages are in this sheet, which its rejects alone do not tell.
    pub fn percent(&self) -> Option<&'static str> {
        let table = self.ready.table();
        table.has_plain_percents.then_some(if table.scale { "scale" } else { "as-is" })
    }

    /// The framework of its codes.
    pub fn framework(&self) -> Option<String> {
        self.ready.codes.as_ref().map(|codes| codes.known.row.short_name())
    }

    /// How many rows were left out, by reason.
    pub fn skipped(&self) -> Value {
        let reasons: Map<String, Value> =
            self.finding.counts.reasons().map(|(reason, count)| (reason.as_str().to_owned(), json!(count))).collect();
        Value::Object(reasons)
    }

    /// The sheets of a workbook from which several were read.
    fn sheets(&self) -> Vec<Value> {
        let tables = self.ready.tables.iter().filter(|_| self.ready.has_several());
        let sheet = |table: &Table| {
            json!({
                "sheet": table.sheet, "header_row": table.header_row, "columns": columns(table).collect::<Vec<_>>(),
                "unmapped_columns": unmapped(table),
            })
        };
        tables.map(sheet).collect()
    }

    /// The headings between the rows, which say what the items below them are about.
    fn headings(&self) -> Vec<Value> {
        let header = |sheet: Option<&str>| {
            let mut tables = self.ready.tables.iter();
            tables.find(|table| sheet.is_none() || table.sheet.as_deref() == sheet).map(|table| table.header_row)
        };
        let below =
            self.finding.left_out.iter().filter(|one| {
                one.reason == Skip::Heading && header(one.sheet.as_deref()).is_some_and(|header| one.row > header)
            });
        below.map(|one| json!({ "sheet": one.sheet, "row": one.row, "text": one.text })).collect()
    }

    /// The counts; what was read is the sum of the five after it.
    fn counts(&self) -> Map<String, Value> {
        let (counts, stored) = (&self.finding.counts, &self.stored);
        let all = [
            ("read", counts.read),
            ("imported", stored.imported),
            ("updated", stored.updated),
            ("unchanged", stored.unchanged),
            ("skipped", counts.all_skipped()),
            ("rejected", counts.rejected),
            ("mappings", stored.mappings),
            ("readings", stored.readings.added),
            ("repeats", stored.readings.repeats),
            ("pruned", stored.pruned.len() as u64),
        ];
        all.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect()
    }

    /// `import_metadata`: enough to tell where every item came from and to import the same way again.
    pub(super) fn metadata(&self) -> Value {
        json!({
            "sha256": self.ready.sha256,
            "size": self.ready.source.size,
            "format": self.ready.source.format.as_str(),
            "cmf_version": env!("CARGO_PKG_VERSION"),
            "sheet": self.ready.sheet(),
            "header_row": self.ready.table().header_row,
            "encoding": self.ready.table().dialect.map(|dialect| dialect.encoding_name()),
            "delimiter": self.ready.table().dialect.map(|dialect| char::from(dialect.delimiter).to_string()),
            "author": self.ready.table().author,
            "framework": self.framework(),
            "columns": columns(self.ready.table()).collect::<Vec<_>>(),
            "unmapped_columns": unmapped(self.ready.table()),
            "counts": self.counts(),
            "skipped": self.skipped(),
            "headings": self.headings(),
            "decisions": self.decisions,
            "sheets": self.sheets(),
            "directions_told": self.stored.directions.counted(),
        })
    }
}
