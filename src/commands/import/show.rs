//! What an import says and keeps about itself.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::Codes;
use super::args::Args;
use super::renumber::Renumbered;
use super::store::{Mode, Stored};
use crate::error::{Error, shell_word};
use crate::catalog::import::build::Finding;
use crate::table::columns::letters;
use crate::table::problem::Problem;
use crate::table::format::Format;
use crate::table::source::Source;
use crate::table::Table;
use crate::output::Table as Shown;

/// How many problems an error lists.
const LISTED: usize = 20;

/// `12 rows read = 9 imported + 1 skipped (1 blank) + 2 rejected`
pub(super) fn sum(finding: &Finding, stored: Option<&Stored>) -> String {
    let counts = &finding.counts;
    let reasons: Vec<String> = counts.reasons().map(|(reason, count)| format!("{count} {}", reason.as_str())).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    let good = match stored {
        Some(stored) => {
            format!("{} imported + {} updated + {} unchanged", stored.imported, stored.updated, stored.unchanged)
        }
        None => format!("{} without problems", counts.items),
    };
    format!("{} rows read = {good} + {} skipped{reasons} + {} rejected", counts.read, counts.all_skipped(), counts.rejected)
}

/// The error that lists the problems; nothing was written.
pub(super) fn refused(source: &Source, finding: &Finding, problems: &[Problem], args: &Args, catalog: &str) -> Error {
    let rejected = finding.counts.rejected;
    let rows = if rejected == 1 { "1 row has".to_owned() } else { format!("{rejected} rows have") };
    let mut error = Error::data(format!("{rows} problems, so nothing was imported")).at(source.place());
    for problem in problems.iter().take(LISTED) {
        error = error.detail(format!("{}: {}; {}", problem.place(), problem.reason, problem.remedy));
    }
    if problems.len() > LISTED {
        error = error.detail(format!("and {} more", problems.len() - LISTED));
    }
    let has_withdrawn = problems.iter().any(|problem| problem.code == "withdrawn_code");
    let all: Vec<Value> = problems.iter().map(|problem| problem.to_json(&source.name)).collect();
    let error = error.detail(sum(finding, None)).with("rejects", all);
    let error = match &args.rejects {
        Some(file) => error.hint(mend(file, catalog)),
        None => error
            .hint("correct the cells and run the import again")
            .hint("--rejects FILE.xlsx marks them in a copy of the sheet"),
    };
    let error = match args.max_errors {
        Some(most) if rejected > most => error.hint(format!("--max-errors allows {most}")),
        _ if args.allow_partial || args.prune => error,
        _ => error.hint("--allow-partial imports the other rows"),
    };
    if has_withdrawn {
        error.hint("codes of CSF 1.1 are read with --framework csf-1.1, after `cmf seed csf-1.1`")
    } else {
        error
    }
}

/// What to do with a rejects file after nothing was imported: a workbook is the whole sheet, the others are the rejected rows.
fn mend(file: &Path, catalog: &str) -> String {
    let name = file.display();
    if file.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx")) {
        return format!("mend the rows in {name}, where their cells are coloured, and import that file");
    }
    format!("mend the rows in {name}; import the others with --allow-partial, and then {}", onto(file, catalog, None))
}

/// The command that brings mended rows into the catalog of the others.
pub(super) fn onto(file: &Path, catalog: &str, percent: Option<&str>) -> String {
    let percent = percent.map(|percent| format!(" --percent {percent}")).unwrap_or_default();
    format!("`cmf import {} --mode upsert --catalog {}{percent}`", shell_word(file.display()), shell_word(catalog))
}

/// What is shown and kept about an import.
pub(super) struct Summary<'a> {
    pub source: &'a Source,
    pub sha256: &'a str,
    pub table: &'a Table,
    pub finding: &'a Finding,
    pub stored: &'a Stored,
    pub warnings: &'a [String],
    pub problems: &'a [Problem],
    pub codes: Option<&'a Codes>,
    pub catalog: &'a str,
    pub owner: &'a str,
    /// Whether the catalog was there already.
    pub is_merge: bool,
}

const CREATED: [&str; 5] = ["read", "imported", "skipped", "rejected", "mappings"];
const MERGED: [&str; 9] = ["read", "imported", "updated", "unchanged", "skipped", "rejected", "mappings", "readings", "pruned"];
const SKIPPED: [&str; 2] = ["skipped", "rows"];
const REJECTED: [&str; 4] = ["rejected", "value", "reason", "remedy"];
const CHANGED: [&str; 4] = ["metric", "field", "old", "new"];
const READ: [&str; 4] = ["column", "header", "field", "confidence"];

/// The tables that a result can have, to tell a column of none of them before anything is read.
pub(super) fn shapes(mode: Mode) -> Vec<Shown> {
    let rows = if mode == Mode::Create { Shown::new(CREATED) } else { Shown::new(MERGED) };
    vec![rows, Shown::new(SKIPPED), Shown::new(REJECTED), Shown::new(CHANGED), Shown::new(READ)]
}

impl Summary<'_> {
    fn framework(&self) -> Option<String> {
        self.codes.map(|codes| codes.known.row.short_name())
    }

    fn skipped(&self) -> Value {
        let reasons: Map<String, Value> =
            self.finding.counts.reasons().map(|(reason, count)| (reason.as_str().to_owned(), json!(count))).collect();
        Value::Object(reasons)
    }

    fn columns(&self) -> Vec<Value> {
        let columns = self.table.columns.mapped.iter().map(|mapped| {
            json!({
                "field": mapped.field.as_str(), "column": letters(mapped.column), "header": mapped.header,
                "confidence": mapped.confidence,
            })
        });
        columns.collect()
    }

    fn unmapped(&self) -> Vec<&str> {
        self.table.columns.unmapped().into_iter().map(|(_, header)| header).collect()
    }

    /// The counts; what was read is the sum of the five after it.
    fn counts(&self) -> Map<String, Value> {
        let (counts, stored) = (&self.finding.counts, self.stored);
        let all = [
            ("read", counts.read),
            ("imported", stored.imported),
            ("updated", stored.updated),
            ("unchanged", stored.unchanged),
            ("skipped", counts.all_skipped()),
            ("rejected", counts.rejected),
            ("mappings", stored.mappings),
            ("readings", stored.readings),
            ("pruned", stored.pruned.len() as u64),
        ];
        all.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect()
    }

    /// `import_metadata`: enough to tell where every item came from and to import the same way again.
    pub(super) fn metadata(&self) -> Value {
        let marks: Map<String, Value> =
            self.table.marks.iter().map(|(field, mark)| (field.as_str().to_owned(), json!(mark.as_str()))).collect();
        json!({
            "sha256": self.sha256,
            "size": self.source.size,
            "format": self.source.format.as_str(),
            "cmf_version": env!("CARGO_PKG_VERSION"),
            "sheet": self.table.sheet,
            "header_row": self.table.header_row,
            "encoding": self.table.dialect.map(|dialect| dialect.encoding_name()),
            "delimiter": self.table.dialect.map(|dialect| char::from(dialect.delimiter).to_string()),
            "author": self.table.author,
            "framework": self.framework(),
            "columns": self.columns(),
            "unmapped_columns": self.unmapped(),
            "decimal_marks": marks,
            "percent_scaled": self.table.scale,
            "counts": self.counts(),
            "skipped": self.skipped(),
            "warnings": self.warnings,
            "evidence": self.table.evidence,
        })
    }

    /// The results for programs.
    pub(super) fn json(&self) -> Value {
        let mut json = json!({
            "catalog": self.catalog,
            "owner": self.owner,
            "source_file": self.source.file_name,
            "format": self.source.format.as_str(),
            "sheet": self.table.sheet,
            "header_row": self.table.header_row,
            "framework": self.framework(),
        });
        if let Value::Object(fields) = &mut json {
            fields.extend(self.counts());
            fields.insert("skipped_reasons".to_owned(), self.skipped());
            fields.insert("columns".to_owned(), json!(self.columns()));
            fields.insert("unmapped_columns".to_owned(), json!(self.unmapped()));
            fields.insert("evidence".to_owned(), json!(self.table.evidence));
            fields.insert("warnings".to_owned(), json!(self.warnings));
            let rejects: Vec<Value> = self.problems.iter().map(|problem| problem.to_json(&self.source.name)).collect();
            fields.insert("rejects".to_owned(), Value::Array(rejects));
            if self.is_merge {
                let changes = self.stored.changes.iter().map(
                    |change| json!({ "metric": change.metric, "field": change.field, "old": change.old, "new": change.new }),
                );
                fields.insert("changes".to_owned(), changes.collect());
                fields.insert("renumbered".to_owned(), self.stored.renumbered.iter().map(Renumbered::json).collect());
            }
        }
        json
    }

    /// The results for people.
    pub(super) fn tables(&self) -> Vec<Shown> {
        let (counts, stored) = (&self.finding.counts, self.stored);
        let title = format!("{} as catalog {} of {}{}", self.source.file_name, self.catalog, self.owner, self.read_as());
        let mut tables = Vec::new();
        if self.is_merge {
            let mut rows = Shown::new(MERGED).title(title);
            rows.row([
                counts.read.into(),
                stored.imported.into(),
                stored.updated.into(),
                stored.unchanged.into(),
                counts.all_skipped().into(),
                counts.rejected.into(),
                stored.mappings.into(),
                stored.readings.into(),
                stored.pruned.len().into(),
            ]);
            tables.push(rows);
        } else {
            let mut rows = Shown::new(CREATED).title(title);
            rows.row([
                counts.read.into(),
                stored.imported.into(),
                counts.all_skipped().into(),
                counts.rejected.into(),
                stored.mappings.into(),
            ]);
            tables.push(rows);
        }
        if counts.all_skipped() > 0 {
            let mut skipped = Shown::new(SKIPPED);
            for (reason, count) in counts.reasons() {
                skipped.row([reason.as_str().into(), count.into()]);
            }
            tables.push(skipped);
        }
        if !self.problems.is_empty() {
            let mut rejects = Shown::new(REJECTED);
            for problem in self.problems.iter().take(LISTED * 5) {
                let value: String = problem.value.chars().take(40).collect();
                rejects.row([
                    problem.place().into(),
                    value.into(),
                    problem.reason.as_str().into(),
                    problem.remedy.as_str().into(),
                ]);
            }
            tables.push(rejects);
        }
        if !stored.changes.is_empty() {
            let mut changes = Shown::new(CHANGED);
            for change in &stored.changes {
                let [old, new] =
                    [&change.old, &change.new].map(|text| text.as_ref().map(|text| text.chars().take(60).collect::<String>()));
                changes.row([change.metric.as_str().into(), change.field.as_str().into(), old.into(), new.into()]);
            }
            tables.push(changes);
        }
        let mut columns = Shown::new(READ);
        for mapped in &self.table.columns.mapped {
            columns.row([
                letters(mapped.column).into(),
                mapped.header.as_str().into(),
                mapped.field.as_str().into(),
                format!("{}%", mapped.confidence).into(),
            ]);
        }
        for (column, header) in self.table.columns.unmapped() {
            columns.row([letters(column).into(), header.into(), Option::<&str>::None.into(), Option::<&str>::None.into()]);
        }
        tables.push(columns);
        tables
    }

    /// What the file was taken for.
    fn read_as(&self) -> String {
        let table = self.table;
        let mut parts = Vec::new();
        if let Some(dialect) = table.dialect {
            parts.push(format!("{}, {}", dialect.encoding_name(), dialect.delimiter_name()));
        }
        if let Some(sheet) = &table.sheet {
            parts.push(format!("sheet {sheet}"));
        }
        if !matches!(self.source.format, Format::Json | Format::Yaml) {
            parts.push(format!("header in row {}", table.header_row));
        }
        parts.extend(self.framework());
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    }
}
