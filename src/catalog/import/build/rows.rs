//! Which rows among the metrics are none: what the table's own rows look like tells it, and the figures of the rows above.

use std::collections::{HashMap, HashSet};

use rust_decimal::Decimal;

use crate::domain::code::CodeIndex;
use crate::domain::item::{self, Field, normalised};
use crate::domain::number::{self, Mark};
use crate::error::Result;
use crate::table::Table;
use crate::table::layout::{self, Shape};
use crate::table::problem::Skip;
use crate::table::row::{Cell, Kind, Row};

/// How many rows tell what a row looks like.
const LOOKED_AT: u64 = 1_000;

/// From this many kinds on the numbers of metrics have none.
const KINDS: usize = 12;

/// What the rows of a table look like, and what of them adds up.
#[derive(Debug, Default)]
pub(super) struct Rows {
    seen: u64,
    /// Rows with at least two cells that only a metric has.
    typed: u64,
    numbered: u64,
    /// Rows that say more than a name and numbers.
    described: u64,
    kinds: HashSet<String>,
    /// The figures since the last summary, and all of them.
    tallies: HashMap<Field, [Tally; 2]>,
    metrics: u64,
    gap: bool,
    /// Whether the rows belong to another table below.
    other: bool,
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    sum: Decimal,
    count: u64,
}

impl Tally {
    fn add(&mut self, number: Decimal) {
        self.sum = self.sum.checked_add(number).unwrap_or(self.sum);
        self.count += 1;
    }

    /// Whether a figure is the sum or the mean of at least three, as far as it is written.
    fn is(&self, figure: Decimal) -> bool {
        let mean = || self.sum / Decimal::from(self.count);
        self.count >= 3 && (figure == self.sum || figure == mean().round_dp(figure.scale()))
    }
}

/// What a row is that has the shape of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    Metric,
    /// Not a metric, for this reason.
    Not(Skip),
    /// A text: a heading where metrics follow, a footer where none do.
    Text,
}

impl Rows {
    /// Looks at the first rows of a table.
    pub(super) fn of(table: &mut Table) -> Result<Rows> {
        let mut rows = Rows::default();
        let mut reader = table.spool.read()?;
        let mut row = Row::default();
        let mut gap = false;
        while rows.seen < LOOKED_AT && reader.next(&mut row)? {
            gap |= row.is_blank() && rows.seen >= 3;
            if layout::shape(&row, &table.columns) != Shape::Data {
                continue;
            }
            let typed = typed(table, &row);
            let number = cell(table, &row, Field::MetricNumber).text;
            // What comes below a gap and is of another kind says nothing of the rows above.
            if std::mem::take(&mut gap) && rows.are_numbered() && !rows.kinds.contains(&kind(number)) {
                break;
            }
            // A row without what only metrics have, or one that sums up, says nothing of them.
            let is_sum = number::is_nothing(number) && !is_described(table, &row);
            if typed == 0 || is_sum && is_summary(cell(table, &row, Field::Name).text, None) {
                continue;
            }
            rows.seen += 1;
            rows.typed += u64::from(typed >= 2);
            rows.described += u64::from(is_described(table, &row));
            if typed >= 1 && !number::is_nothing(number) {
                rows.numbered += 1;
                if rows.kinds.len() < KINDS {
                    rows.kinds.insert(kind(number));
                }
            }
        }
        Ok(rows)
    }

    fn most(&self, count: u64) -> bool {
        self.seen >= 3 && count * 3 >= self.seen * 2
    }

    /// Whether most metrics have a number.
    pub(super) fn are_numbered(&self) -> bool {
        self.most(self.numbered)
    }

    /// A blank row: another table may follow.
    pub(super) fn blank(&mut self) {
        self.gap = self.metrics > 0;
    }

    /// What a row is that has the shape of a metric.
    pub(super) fn look(&mut self, table: &Table, row: &Row, index: Option<&CodeIndex>) -> Seen {
        let gap = std::mem::take(&mut self.gap);
        let number = cell(table, row, Field::MetricNumber).text;
        let is_numbered = !number::is_nothing(number);
        let is_kind = is_numbered && (self.kinds.len() >= KINDS || self.kinds.contains(&kind(number)));
        let typed = typed(table, row);
        let has_numbers = self.are_numbered();
        let foreign = self.most(self.typed) && if has_numbers { !is_kind } else { typed == 0 };
        if self.other && (foreign || typed == 0) {
            return Seen::Not(Skip::OtherTable);
        }
        self.other = false;
        let is_unread = table.columns.mapped.iter().all(|mapped| row.cell(mapped.column).is_blank())
            && table.columns.numbers().all(|mapped| row.cell(mapped.column).is_blank());
        if is_unread && row.cells().all(|cell| cell.is_blank() || cell.kind != Kind::Text) {
            return Seen::Not(Skip::Blank);
        }
        let texts = row.cells().filter(|cell| !cell.is_blank()).all(|cell| cell.kind == Kind::Text);
        if gap && foreign && typed == 0 && texts && has_numbers && !is_note(number) {
            self.other = true;
            return Seen::Not(Skip::OtherTable);
        }
        if self.metrics == 0 && is_description(table, row) {
            return Seen::Not(Skip::Description);
        }
        if is_example(table, row) {
            return Seen::Not(Skip::Example);
        }
        if !is_numbered && self.sums_up(table, row, index, has_numbers) {
            return Seen::Not(Skip::Total);
        }
        if typed == 0 && foreign && has_numbers && is_numbered {
            return Seen::Text;
        }
        Seen::Metric
    }

    /// Whether a row without a number repeats the rows above: by its word, or by its figures.
    fn sums_up(&mut self, table: &Table, row: &Row, index: Option<&CodeIndex>, has_numbers: bool) -> bool {
        if is_described(table, row) {
            return false;
        }
        let figures = figures(table, row);
        let repeats = |which: usize| {
            let is = |(field, figure): &(Field, Decimal)| self.tallies.get(field).is_some_and(|both| both[which].is(*figure));
            !figures.is_empty() && figures.iter().all(is)
        };
        let by_figures = repeats(0) || repeats(1);
        let name = cell(table, row, Field::Name).text;
        let by_word = is_summary(name, index);
        let stands_out = has_numbers || self.most(self.described);
        if by_word && (by_figures || stands_out) || by_figures && figures.len() >= 2 && stands_out {
            self.tallies.values_mut().for_each(|both| both[0] = Tally::default());
            return true;
        }
        false
    }

    /// Keeps the figures of a metric for the summaries below.
    pub(super) fn metric(&mut self, table: &Table, row: &Row) {
        self.metrics += 1;
        for (field, figure) in figures(table, row) {
            self.tallies.entry(field).or_default().iter_mut().for_each(|tally| tally.add(figure));
        }
    }
}

/// The rows whose metric number a later row has with another name: which of the two it belongs to, nobody can tell.
pub(super) fn rivals(table: &mut Table) -> Result<HashSet<u64>> {
    let mut rivals = HashSet::new();
    let (Some(number), Some(name)) = (table.columns.get(Field::MetricNumber), table.columns.get(Field::Name)) else {
        return Ok(rivals);
    };
    if table.duplicates.is_empty() {
        return Ok(rivals);
    }
    let (number, name) = (number.column, name.column);
    let firsts: HashSet<u64> = table.duplicates.values().copied().collect();
    let mut names: HashMap<u64, String> = HashMap::new();
    let mut reader = table.spool.read()?;
    let mut row = Row::default();
    while reader.next(&mut row)? {
        let folded = || item::normalised(row.cell(name).text);
        if number::is_nothing(row.cell(number).text) {
            continue;
        }
        // A name that is none, or that is too long, says nothing.
        if folded().is_empty() || folded().chars().count() > 200 {
            continue;
        }
        if firsts.contains(&row.number) {
            names.insert(row.number, folded());
        }
        if let Some(first) = table.duplicates.get(&row.number)
            && names.get(first).is_some_and(|name| *name != folded())
        {
            rivals.insert(*first);
        }
    }
    Ok(rivals)
}

fn cell<'r>(table: &Table, row: &'r Row, field: Field) -> Cell<'r> {
    table.columns.get(field).map_or(Cell { kind: Kind::Empty, text: "" }, |mapped| row.cell(mapped.column))
}

/// The numbers of a row.
fn figures(table: &Table, row: &Row) -> Vec<(Field, Decimal)> {
    let mapped = table.columns.mapped.iter().filter(|mapped| mapped.field.is_number());
    let read = |field: Field, cell: Cell<'_>| match cell.kind {
        Kind::Text | Kind::Number | Kind::Percent => {
            let mark = if cell.kind == Kind::Text { table.marks.get(&field).copied() } else { None };
            number::parse(cell.text, mark.unwrap_or(Mark::Point)).ok().map(|value| value.exact)
        }
        _ => None,
    };
    mapped.filter_map(|mapped| Some((mapped.field, read(mapped.field, row.cell(mapped.column))?))).collect()
}

/// How many cells hold what only a metric has: numbers, codes, a direction, a priority.
fn typed(table: &Table, row: &Row) -> usize {
    let is_typed = |field: Field, cell: Cell<'_>| match field {
        _ if cell.is_blank() || number::is_nothing(cell.text) => false,
        _ if field.is_number() => cell.kind != Kind::Text || cell.text.contains(|c: char| c.is_ascii_digit()),
        Field::Unit => true,
        Field::Direction => item::direction(cell.text).is_some(),
        Field::Priority => item::priority(cell.text, 4).is_some(),
        _ => field.is_code() && cell.text.contains(|c: char| c.is_ascii_digit() || c == '.'),
    };
    table
        .columns
        .mapped
        .iter()
        .chain(table.columns.series.iter().map(|one| &one.mapped))
        .filter(|mapped| is_typed(mapped.field, row.cell(mapped.column)))
        .count()
}

/// Whether a row says more of a metric than its name, its numbers and their unit.
fn is_described(table: &Table, row: &Row) -> bool {
    let says = |field: Field| !matches!(field, Field::Name | Field::MetricNumber | Field::Unit) && !field.is_number();
    table.columns.mapped.iter().any(|mapped| says(mapped.field) && !number::is_nothing(row.cell(mapped.column).text))
}

/// The kind of a number: `PR-001` and `GV-12` are of one.
fn kind(number: &str) -> String {
    let mut kind = String::new();
    for c in number.trim().chars() {
        let c = if c.is_ascii_digit() {
            '9'
        } else if c.is_alphabetic() {
            'A'
        } else {
            c
        };
        if !kind.ends_with(c) && kind.len() < 40 {
            kind.push(c);
        }
    }
    kind
}

/// `Source: internal`, `* estimated`: a text about the sheet.
fn is_note(text: &str) -> bool {
    text.contains(':') || text.trim_start().starts_with('*')
}

/// A row above the first metric that says what belongs into the columns.
fn is_description(table: &Table, row: &Row) -> bool {
    let (mut good, mut bad) = (0, 0);
    for mapped in &table.columns.mapped {
        let cell = row.cell(mapped.column);
        if number::is_nothing(cell.text) {
            continue;
        }
        let is_read = match mapped.field {
            _ if cell.kind != Kind::Text => true,
            field if field.is_number() => {
                cell.text.contains(|c: char| c.is_ascii_digit()) || number::parse(cell.text, Mark::Point).is_ok()
            }
            Field::Direction => item::direction(cell.text).is_some(),
            Field::Priority => item::priority(cell.text, 4).is_some(),
            _ => continue,
        };
        if is_read {
            good += 1;
        } else {
            bad += 1;
        }
    }
    let asks = |cell: Cell<'_>| {
        let word = cell.text.trim_start_matches(['#', '*', '(', '[', '<', ' ']).to_lowercase();
        ["required", "optional", "mandatory", "pflichtfeld", "obligatoire", "obligatorio"]
            .iter()
            .any(|start| word.starts_with(start))
    };
    let filled = row.cells().filter(|cell| !cell.is_blank()).count();
    good == 0 && bad >= 2 || row.cells().filter(|cell| asks(*cell)).count() * 2 > filled
}

/// `Beispiel: ...`, `Exemple`, where the name or the number stands.
fn is_example(table: &Table, row: &Row) -> bool {
    const WORDS: [&str; 12] = [
        "beispiel",
        "exemple",
        "ejemplo",
        "esempio",
        "exemplo",
        "voorbeeld",
        "przykład",
        "sample",
        "z. b.",
        "z.b.",
        "p. ex.",
        "p.ej.",
    ];
    [Field::Name, Field::MetricNumber].into_iter().any(|field| {
        let text = cell(table, row, field).text.trim().trim_start_matches(['<', '[', '(']);
        let word: String = text.chars().take(40).flat_map(char::to_lowercase).collect();
        WORDS.iter().any(|start| {
            word.strip_prefix(start)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with([':', ']', ')', '>']) || start.ends_with('.'))
        })
    })
}

/// `PROTECT average`, `Average score (PR)`, `Gesamtergebnis`, `Ø`: words that sum up, and names of the framework beside them.
fn is_summary(name: &str, index: Option<&CodeIndex>) -> bool {
    const WORDS: [&str; 46] = [
        "total",
        "totals",
        "sum",
        "subtotal",
        "average",
        "averages",
        "avg",
        "mean",
        "median",
        "overall",
        "count",
        "min",
        "max",
        "minimum",
        "maximum",
        "result",
        "results",
        "all",
        "ø",
        "∅",
        "σ",
        "score",
        "scores",
        "rating",
        "grand",
        "weighted",
        "gesamt",
        "gesamtergebnis",
        "ergebnis",
        "summe",
        "anzahl",
        "durchschnitt",
        "mittelwert",
        "insgesamt",
        "moyenne",
        "somme",
        "résultat",
        "nombre",
        "promedio",
        "resultado",
        "suma",
        "media",
        "risultato",
        "somma",
        "gemiddelde",
        "resultaat",
    ];
    const BESIDE: [&str; 14] = [
        "of", "the", "for", "section", "function", "category", "metrics", "maturity", "value", "values", "current", "target",
        "govern", "csf",
    ];
    if name.len() > 60 {
        return false;
    }
    let word = normalised(name);
    let mut sums = false;
    let is_known = |word: &str| {
        BESIDE.contains(&word)
            || ["identify", "protect", "detect", "respond", "recover", "map", "measure", "manage"].contains(&word)
            || index.is_some_and(|index| index.find(word).is_some())
    };
    for word in word.split([' ', '(', ')', '[', ']', ':', ',', '/', '.', '&']).filter(|word| !word.is_empty()) {
        if WORDS.contains(&word) {
            sums = true;
        } else if !is_known(word) {
            return false;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_sum_up_are_told_from_names() {
        for name in [
            "Count",
            "Overall score",
            "PROTECT average",
            "Gesamtergebnis",
            "Min",
            "Result",
            "All",
            "Ø",
            "Average score (PROTECT)",
        ] {
            assert!(is_summary(name, None), "{name}");
        }
        for name in [
            "",
            "PROTECT",
            "Phishing score",
            "Mean time to detect",
            "All laptops encrypted",
            "Count of open incidents",
            "Total cost",
        ] {
            assert!(!is_summary(name, None), "{name}");
        }
    }

    #[test]
    fn numbers_are_of_kinds() {
        assert_eq!(kind("PR-001"), kind("GV-12"));
        assert_ne!(kind("PR-001"), kind("Q1"));
        assert_ne!(kind("PR-001"), kind("Source: internal"));
    }

    #[test]
    fn a_figure_repeats_those_above_as_far_as_it_is_written() {
        let mut tally = Tally::default();
        for number in [80, 9, 70] {
            tally.add(Decimal::from(number));
        }
        assert!(tally.is(Decimal::from(159)) && tally.is(Decimal::from(53)) && !tally.is(Decimal::from(80)));
    }
}
