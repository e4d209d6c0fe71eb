//! How a file of readings is laid out: which column tells the metric, the value and the time, decided by headers and values, and what
//! of it is not read.

use std::collections::BTreeSet;

use super::{fields, series};
use crate::domain::dates::{self, DateEvidence, Order, Said};
use crate::domain::item::normalised;
use crate::domain::number::{self, Mark, MarkEvidence};
use crate::error::{Error, Place, Result, shell_word};
use crate::table::Options;
use crate::table::columns::letters;
use crate::table::date::DateFormat;
use crate::table::decision::Decision;
use crate::table::row::{Flow, Kind};
use crate::table::rows::Listed;

/// How many rows are looked at to find the column of the times.
const SAMPLE: u64 = 200;

/// How long `2026-01-31` is.
const DAY: usize = 10;

/// Where the readings of a row are.
#[derive(Debug)]
pub(super) enum Layout {
    /// One reading a row; without a column for the metric all are of the one that was named.
    Long {
        metric: Option<usize>,
        value: usize,
    },
    Instants {
        metric: usize,
        columns: Vec<usize>,
    },
    /// An instant a row and a metric a column.
    Metrics {
        columns: Vec<usize>,
    },
}

impl Layout {
    /// The columns of values of a wide sheet.
    pub(super) fn columns(&self) -> &[usize] {
        match self {
            Layout::Long { .. } => &[],
            Layout::Instants { columns, .. } | Layout::Metrics { columns } => columns,
        }
    }

    /// The columns that hold values.
    fn values(&self) -> Vec<usize> {
        match self {
            Layout::Long { value, .. } => vec![*value],
            Layout::Instants { columns, .. } | Layout::Metrics { columns } => columns.clone(),
        }
    }
}

#[derive(Debug)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    /// The metric of all readings, where the user names it.
    pub(super) one: Option<String>,
    pub(super) at: Option<usize>,
    pub(super) note: Option<usize>,
    pub(super) by: Option<usize>,
    pub(super) unit: Option<usize>,
    /// The column that names metrics where one metric was named before the file.
    pub(super) also: Option<usize>,
    /// The numerator and the denominator of a value.
    pub(super) counted: Option<(usize, usize)>,
    /// By column, the header as an instant, of a sheet with one a column.
    pub(super) instants: Vec<String>,
    /// How the user says that dates are written, and the decimal mark.
    pub(super) form: Option<DateFormat>,
    pub(super) mark: Option<Mark>,
    /// Whether times without an offset are UTC because the header says so, and not those of the zone of the run.
    pub(super) pinned: bool,
    /// What was decided about it, beside what the table itself knows.
    pub(super) decisions: Vec<Decision>,
}

/// What all rows of a file say together.
#[derive(Debug)]
pub(super) struct Decided {
    pub(super) order: std::result::Result<Option<Order>, String>,
    pub(super) mark: std::result::Result<Mark, String>,
}

impl Decided {
    /// What of it was decided.
    pub(super) fn decisions(&self) -> impl Iterator<Item = Decision> {
        let order = self.order.iter().copied().flatten().map(|order| ("dates", order.name(), "--date-format"));
        let mark = self.mark.iter().map(|mark| ("decimal", mark.as_str(), "--decimal"));
        order.chain(mark).map(|(what, chosen, option)| Decision::certain(what, chosen, "all values allow it").option(option))
    }
}

/// What the user says of a file.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Whether it has several readings a row.
    pub wide: bool,
    /// The metric of all its readings.
    pub one: Option<&'a str>,
    /// Whether the run names a zone for times without an offset.
    pub has_zone: bool,
}

/// A column that could tell the time.
struct Candidate {
    column: usize,
    said: Option<Said>,
    evidence: DateEvidence,
    /// A value that is no date, and whether it is a time of day.
    other: Option<String>,
}

/// The rank of a header that names another time than that of a measurement.
const ANOTHER: u8 = 3;

impl Candidate {
    fn holds_dates(&self) -> bool {
        self.evidence.dates > 0 && self.evidence.dates >= self.evidence.others
    }

    fn is_empty(&self) -> bool {
        self.evidence.dates + self.evidence.others == 0
    }

    /// How well its header names the time of a measurement; the least is best.
    fn rank(&self, header: &str) -> u8 {
        const LATER: [&str; 10] =
            ["created", "updated", "modified", "valid", "reported", "report", "reporting", "since", "stand", "collected"];
        const PERIODS: [&str; 16] = [
            "month", "week", "quarter", "year", "period", "kw", "cw", "monat", "quartal", "jahr", "woche", "mois", "semaine",
            "mes", "semana", "año",
        ];
        let header = crate::domain::item::normalised(header);
        let has = |words: &[&str]| header.split(' ').any(|word| words.contains(&word));
        if dates::is_of_another_time(&header) {
            ANOTHER
        } else if has(&LATER) {
            2
        } else {
            u8::from(has(&PERIODS))
        }
    }
}

impl Plan {
    /// Finds out how a table is laid out. Exit 65 if it cannot be told which column is the time, 2 if what is asked for
    /// does not fit.
    pub(super) fn of(table: &Listed, asked: Asked<'_>, options: &Options) -> Result<Plan> {
        let header = &table.headers;
        let (metric, mut at, note, by) = (table.column("metric"), table.column("at"), table.column("note"), table.column("by"));
        let unit = table.column("unit");
        let also = metric.filter(|_| asked.one.is_some() && !table.is_samples());
        let counted = table.column("numerator").zip(table.column("denominator"));
        let value = table.column("value").or(counted.map(|(part, _)| part));
        let metric = metric.filter(|_| asked.one.is_none());
        let is_long = value.is_some() && !asked.wide && (metric.is_some() || asked.one.is_some());
        let mut plan = Plan {
            layout: Layout::Metrics { columns: Vec::new() },
            one: asked.one.map(str::to_owned),
            at: None,
            note,
            by,
            unit,
            also,
            counted,
            instants: Vec::new(),
            form: options.date_format.clone(),
            // Samples have no other mark.
            mark: if table.is_samples() { Some(Mark::Point) } else { options.mark },
            pinned: false,
            decisions: Vec::new(),
        };
        let is_given = options.given.iter().any(|(name, _)| name == "at");
        let taken = |column: usize, at: Option<usize>| [at, note, by, unit, metric].contains(&Some(column));
        let of_values = |at: Option<usize>| -> Vec<usize> {
            (0..header.len()).filter(|column| !header[*column].is_empty() && !taken(*column, at)).collect()
        };
        if !is_long && at.is_none() {
            let metric = metric.ok_or_else(|| (fields::WIDE.lacking)(&["metric"], header))?;
            let columns = of_values(None);
            plan.instants = plan.across(table, &columns)?;
            plan.layout = Layout::Instants { metric, columns };
        } else if table.is_lines() {
            plan.at = at;
        } else if is_given || options.columns_are.is_some() {
            plan.at = at;
            plan.pinned = at.is_some_and(|column| dates::header(&header[column]) == Some(Said::Utc)) && asked.has_zone;
        } else {
            let own: Vec<usize> = if is_long { value.into_iter().chain(plan.counts()).collect() } else { Vec::new() };
            let free: Vec<usize> = (0..header.len())
                .filter(|column| ![note, by, unit, also, metric].contains(&Some(*column)) && !own.contains(column))
                .collect();
            at = plan.time(table, &free, is_long, asked)?;
            plan.at = at;
            let header = at.map_or("the server's clock", |column| header[column].as_str());
            let why = if at.is_some() { "its header and its values are times" } else { "no column looks like a time" };
            plan.decisions.push(Decision::certain("at", header, why).option("--map at=COLUMN"));
        }
        match (is_long, value) {
            (true, Some(value)) => plan.layout = Layout::Long { metric, value },
            _ if at.is_some() => plan.layout = Layout::Metrics { columns: of_values(at) },
            _ => {}
        }
        if !is_long && plan.layout.columns().is_empty() {
            return Err(Error::data("the sheet is not wide: it has no columns for values").hint("leave out --wide"));
        }
        plan.tell(table, asked)?;
        if let (true, Layout::Long { metric, value }) = (table.is_samples(), &plan.layout) {
            series::check(table, *metric, &[Some(*value), plan.at])?;
        }
        Ok(plan)
    }

    pub(super) fn at_header<'t>(&self, table: &'t Listed) -> &'t str {
        self.at.and_then(|column| table.headers.get(column)).map(String::as_str).unwrap_or_default()
    }

    /// The columns of numerator and denominator.
    fn counts(&self) -> impl Iterator<Item = usize> {
        self.counted.into_iter().flat_map(|(part, whole)| [part, whole])
    }

    /// The headers of a sheet with an instant a column, as instants.
    fn across(&self, table: &Listed, columns: &[usize]) -> Result<Vec<String>> {
        let mut evidence = DateEvidence::default();
        for column in columns {
            evidence.add(&table.headers[*column]);
        }
        let mut instants = table.headers.clone();
        for column in columns {
            let header = &table.headers[*column];
            let form = self.form.as_ref().and_then(|form| form.read(header));
            let order =
                if form.is_some() || dates::is_iso(header) || !dates::is_date(header) { Ok(None) } else { evidence.decide() };
            let order = order.map_err(|why| unclear(table, "", &why))?;
            if let Some(read) = form.or_else(|| dates::iso(header, order, "").ok().map(std::borrow::Cow::into_owned)) {
                // A day over values is a period like others, and stands for its end.
                instants[*column] = if read.len() == DAY { format!("{read}T23:59:59.999999") } else { read };
            }
        }
        Ok(instants)
    }

    /// Which of these columns tells the time.
    fn time(&mut self, table: &Listed, free: &[usize], is_long: bool, asked: Asked<'_>) -> Result<Option<usize>> {
        let mut candidates: Vec<Candidate> = free
            .iter()
            .map(|column| Candidate {
                column: *column,
                said: dates::header(&table.headers[*column]),
                evidence: DateEvidence::default(),
                other: None,
            })
            .collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        let known = |column: usize| table.column("at") == Some(column);
        let mut count = 0;
        let form = self.form.clone();
        table.look(|rows| {
            count += 1;
            for one in &mut candidates {
                let text = rows.text(one.column);
                if number::is_nothing(text) {
                    continue;
                }
                let is_date = form.as_ref().is_some_and(|form| form.read(text).is_some());
                // Numbers are dates only where the header says so.
                let is_count = one.said.is_none() && !known(one.column) && fields::is_count(text);
                if is_date {
                    one.evidence.dates += 1;
                } else if is_count {
                    one.evidence.others += 1;
                } else {
                    one.evidence.add(text);
                }
                if one.other.is_none() && !is_date && (is_count || !dates::is_date(text)) {
                    one.other = Some(text.to_owned());
                }
            }
            // Where no column tells the time, all rows have to say so.
            let is_told = count >= SAMPLE && candidates.iter().any(|one| one.said.is_some() || known(one.column));
            Ok(if is_told { Flow::Stop } else { Flow::Go })
        })?;
        let header = |one: &Candidate| table.headers[one.column].as_str();
        let named = |one: &Candidate| one.said.is_some() || known(one.column);
        let mut found: Vec<&Candidate> = candidates.iter().filter(|one| named(one) && one.holds_dates()).collect();
        let best = found.iter().map(|one| one.rank(header(one))).min();
        found.retain(|one| Some(one.rank(header(one))) == best);
        let ask = |what: String, columns: &[&Candidate]| {
            let first = columns.first().map_or("COLUMN", |one| header(one));
            let option = shell_word(format_args!("at={first}"));
            Error::data(what)
                .at(Place {
                    row: Some(table.header_row).filter(|row| *row > 0),
                    sheet: table.sheet.clone(),
                    ..table.source().place()
                })
                .hint(format!("name the column of the time with --map {option}, or none with --map at="))
        };
        let list =
            |columns: &[&Candidate]| columns.iter().map(|one| format!("`{}`", header(one))).collect::<Vec<_>>().join(", ");
        match found.as_slice() {
            [only] if only.rank(header(only)) == ANOTHER => {
                Err(ask(format!("the column `{}` holds dates, but perhaps not those of the readings", header(only)), &[only]))
            }
            [only] => {
                let parts: Vec<&Candidate> = candidates
                    .iter()
                    .filter(|one| one.column != only.column && named(one) && one.other.as_deref().is_some_and(is_time_of_day))
                    .collect();
                if !parts.is_empty() {
                    return Err(ask(format!("the time of day is in another column than the date: {}", list(&parts)), &[only]));
                }
                let zone = candidates.iter().find(|one| dates::is_of_zones(header(one)) && !one.is_empty());
                if let Some(zone) = zone.filter(|_| !asked.has_zone) {
                    return Err(Error::data(format!("the zone of the times is in another column: `{}`", header(zone)))
                        .at(Place { row: Some(table.header_row), ..table.source().place() })
                        .hint("write it after each time, or give one zone for all with --tz, such as --tz Europe/Berlin"));
                }
                // `year | month`: a part of the time is not the time.
                let others: Vec<&Candidate> = candidates
                    .iter()
                    .filter(|one| one.column != only.column && named(one) && one.rank(header(one)) == 1 && !one.is_empty())
                    .collect();
                if only.rank(header(only)) == 1 && !others.is_empty() {
                    let all: Vec<&Candidate> = std::iter::once(*only).chain(others).collect();
                    return Err(ask(format!("several columns hold parts of the time: {}", list(&all)), &all));
                }
                // `created_at`, beside a column of dates that nothing is known of.
                let dated = |one: &&Candidate| !named(one) && one.evidence.dates > 0;
                if only.rank(header(only)) > 0 && candidates.iter().any(|one| dated(&one)) {
                    let all: Vec<&Candidate> = std::iter::once(*only).chain(candidates.iter().filter(dated)).collect();
                    return Err(ask(format!("several columns could be the time: {}", list(&all)), &all));
                }
                match only.said {
                    Some(Said::Other) if !asked.has_zone => {
                        return Err(Error::data(format!("the header `{}` names a zone", header(only)))
                            .at(Place { row: Some(table.header_row).filter(|row| *row > 0), ..table.source().place() })
                            .hint("give it with --tz, such as --tz Europe/Berlin or --tz +00:00"));
                    }
                    Some(Said::Utc) => self.pinned = asked.has_zone,
                    _ => {}
                }
                Ok(Some(only.column))
            }
            [] => {
                let dated: Vec<&Candidate> = candidates.iter().filter(|one| one.evidence.dates > 0).collect();
                if !dated.is_empty() {
                    let what =
                        if dated.len() == 1 { "a column holds dates and could be" } else { "columns hold dates and could be" };
                    return Err(ask(format!("{what} the time: {}", list(&dated)), &dated));
                }
                let titled: Vec<&Candidate> = candidates.iter().filter(|one| named(one)).collect();
                // A column that has this name tells the time of each row, and says why it does not where it is empty.
                if let Some(one) = titled.iter().find(|one| known(one.column)) {
                    return Ok(Some(one.column));
                }
                if let Some(one) = titled.iter().find(|one| !one.is_empty()) {
                    let other = one.other.as_deref().unwrap_or_default();
                    let why = dates::iso(other, None, "").err().unwrap_or_else(|| "is not a date".into());
                    return Err(ask(format!("the column `{}` could be the time, but `{other}` {why}", header(one)), &[one]));
                }
                if !is_long {
                    return Err(Error::data("no column of the sheet has the time").hint("name it with --map at=COLUMN"));
                }
                Ok(None)
            }
            several => Err(ask(format!("several columns could be the time: {}", list(several)), several)),
        }
    }

    /// What is to be told of what is read how, and what is not.
    fn tell(&mut self, table: &Listed, asked: Asked<'_>) -> Result<()> {
        let used: Vec<usize> = self.layout.values().into_iter().chain(self.counts()).collect();
        let metric = match &self.layout {
            Layout::Long { metric, .. } => *metric,
            Layout::Instants { metric, .. } => Some(*metric),
            Layout::Metrics { .. } => None,
        };
        let is_used = |column: usize| {
            used.contains(&column) || [metric, self.at, self.note, self.by, self.unit, self.also].contains(&Some(column))
        };
        let unused: Vec<String> = if table.is_lines() {
            table.spare.clone()
        } else {
            let free = (0..table.headers.len()).filter(|column| !is_used(*column) && !table.headers[*column].is_empty());
            free.map(|column| table.headers[column].clone()).collect()
        };
        let unread = |names: &[String], why: &str| Decision::told("unread", names.join(", "), why).option("--map FIELD=COLUMN");
        let is_field = |name: &String| fields::LONG.names().contains(&normalised(name).as_str());
        let (fields, others): (Vec<String>, Vec<String>) = unused.into_iter().partition(is_field);
        for (names, why) in [(fields, "another column is read for this field"), (others, "cmf has no field of this name")] {
            if !names.is_empty() {
                self.decisions.push(unread(&names, why));
            }
        }
        let (mut nameless, mut count) = (BTreeSet::new(), 0);
        table.look(|rows| {
            count += 1;
            let is_nameless = |column: &usize| table.headers.get(*column).is_none_or(String::is_empty) && !is_used(*column);
            nameless.extend((0..rows.row().len()).filter(is_nameless).filter(|column| !number::is_nothing(rows.text(*column))));
            Ok(if count >= SAMPLE { Flow::Stop } else { Flow::Go })
        })?;
        if !nameless.is_empty() {
            let letters: Vec<String> = nameless.into_iter().map(letters).collect();
            self.decisions.push(unread(&letters, "they have values but no header"));
        }
        let layout = |what: &str, why: String| Decision::told("layout", what, why).option("--map value=COLUMN");
        let decision = match &self.layout {
            Layout::Long { .. } => return Ok(()),
            _ if asked.wide => Decision::asked("layout", "wide"),
            Layout::Metrics { columns } => {
                layout("the header of each column is the name of a metric", shown(columns, &table.headers))
            }
            Layout::Instants { columns, .. } => layout("the header of each column is a time", shown(columns, &table.headers)),
        };
        self.decisions.push(decision);
        Ok(())
    }

    /// Looks at all rows for what they say together.
    pub(super) fn decide(&self, table: &Listed) -> Result<Decided> {
        let (mut times, mut marks) = (DateEvidence::default(), MarkEvidence::default());
        let values = self.layout.values();
        table.look(|rows| {
            if let Some(column) = self.at {
                let text = rows.text(column);
                if !text.is_empty() && self.form.as_ref().is_none_or(|form| form.read(text).is_none()) {
                    times.add(text);
                }
            }
            for column in values.iter().filter(|column| rows.kind(**column) == Kind::Text) {
                let text = rows.text(*column);
                if text.contains(['.', ',']) {
                    marks.add(text);
                }
            }
            Ok(Flow::Go)
        })?;
        Ok(Decided { order: times.decide(), mark: marks.decide() })
    }
}

/// The first of these columns.
fn shown(columns: &[usize], headers: &[String]) -> String {
    let mut names: Vec<&str> = columns.iter().take(5).map(|column| headers[*column].as_str()).collect();
    if columns.len() > names.len() {
        names.push("...");
    }
    names.join(", ")
}

/// `06:30`, `8:00 PM`.
fn is_time_of_day(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.find(':').is_some_and(|at| at <= 2)
}

/// Dates that can be read in two ways.
pub(super) fn unclear(table: &Listed, header: &str, why: &str) -> Error {
    let column = Some(header.to_owned()).filter(|header| !header.is_empty());
    Error::data(format!("the dates can be read in two ways: {why}"))
        .at(Place { column, ..table.source().place() })
        .hint("name the order, such as --date-format DD/MM/YYYY or --date-format MM/DD/YYYY")
}
