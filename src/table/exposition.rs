//! Samples of metrics as monitoring has them: `OpenMetrics`, and the older text format of Prometheus. A table with a row a sample:
//! its metric, its value, its time where there is one, and a column `label:NAME` for each label.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};

use chrono::DateTime;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::decision::Decision;
use super::lines::LONGEST_LINE;
use super::row::{Flow, Kind, Row, Sink};
use super::sample::{Sample, comment, quoted, sample};
use super::source::Source;
use crate::domain::moment;
use crate::domain::text::counted;
use crate::domain::unit;
use crate::error::{Error, Place, Result};

/// The most labels that all samples together may have.
const LABELS: usize = 2_000;

/// Times that a sample may have, in seconds: from 1990 to 2100. In milliseconds these numbers are others.
const SECONDS: std::ops::Range<i64> = 631_152_000..4_102_444_800;

/// What the whole of such a text says.
pub(super) struct Exposition {
    labels: Vec<String>,
    has_times: bool,
    /// Whether it is `OpenMetrics`, in which times are seconds; else they are milliseconds.
    is_open: bool,
    /// By family, its type and its unit.
    families: HashMap<String, (String, String)>,
    created: usize,
}

/// Hands each line on that is not blank, with its number.
fn lines(source: &Source, mut take: impl FnMut(u64, &str) -> Result<Flow>) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, source.reader()?);
    let (mut line, mut number) = (Vec::new(), 0);
    loop {
        line.clear();
        number += 1;
        let wrong = |why: &str| Error::data(why.to_owned()).at(Place { row: Some(number), ..source.place() });
        let limit = LONGEST_LINE as u64 + 1;
        let read =
            std::io::Read::take(&mut reader, limit).read_until(b'\n', &mut line).map_err(|error| wrong(&error.to_string()))?;
        if read == 0 {
            return Ok(());
        }
        if read as u64 == limit {
            return Err(wrong("the line has more than 1 MB"));
        }
        let text = std::str::from_utf8(&line).map_err(|_| wrong("the line is not UTF-8"))?;
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() && take(number, text)? == Flow::Stop {
            return Ok(());
        }
    }
}

impl Exposition {
    /// Looks at all lines for their labels, and for what they say of times.
    /// Exit 65 when a line is neither a comment nor a sample, or the text ends before its end.
    pub(super) fn open(source: &Source) -> Result<(Self, Vec<Decision>)> {
        let mut all = Exposition { labels: Vec::new(), has_times: false, is_open: false, families: HashMap::new(), created: 0 };
        let (mut open_only, mut older_only, mut samples) = (false, false, 0);
        lines(source, |number, line| {
            let place = || Place { row: Some(number), ..source.place() };
            if all.is_open {
                return Err(Error::data("a line follows `# EOF`")
                    .at(place())
                    .hint("`# EOF` must be the last line: remove what follows it, or this `# EOF`"));
            }
            if line.starts_with('#') {
                if let Some((keyword, name, rest)) = comment(line) {
                    let name = quoted(name).map_or_else(|| name.to_owned(), |(name, _)| name.into_owned());
                    match keyword {
                        "EOF" => all.is_open = true,
                        "UNIT" => {
                            open_only = true;
                            rest.clone_into(&mut all.families.entry(name).or_default().1);
                        }
                        "TYPE" => {
                            open_only |= matches!(rest, "unknown" | "info" | "stateset" | "gaugehistogram");
                            older_only |= rest == "untyped";
                            rest.clone_into(&mut all.families.entry(name).or_default().0);
                        }
                        _ => {}
                    }
                }
                return Ok(Flow::Go);
            }
            let sample = sample(line).map_err(|why| Error::data(why).at(place()))?;
            samples += 1;
            all.has_times |= sample.at.is_some();
            for (label, _) in &sample.labels {
                if !all.labels.iter().any(|known| known == label) {
                    all.labels.push(label.clone().into_owned());
                }
            }
            if all.labels.len() > LABELS {
                return Err(Error::data(format!("the samples have more than {LABELS} different labels")).at(place()));
            }
            Ok(Flow::Go)
        })?;
        if open_only && !all.is_open {
            return Err(Error::data("the file is cut off: OpenMetrics ends with a line `# EOF`")
                .at(source.place())
                .hint("fetch it again, or add that line if the file is complete"));
        }
        if older_only && all.is_open && all.has_times {
            return Err(Error::data(
                "the unit of its times is unclear: `untyped` belongs to Prometheus, `# EOF` to OpenMetrics",
            )
            .at(source.place())
            .hint(
                "if the times are seconds, write `unknown` for `untyped`; if they are milliseconds, remove the line `# EOF`",
            ));
        }
        if samples == 0 {
            return Err(Error::data("the file has no values: only comment lines (#)")
                .at(source.place())
                .hint("check that the exporter has written its metrics into it"));
        }
        let (chosen, why) = if all.is_open {
            ("OpenMetrics", "it ends with # EOF; its times are seconds")
        } else {
            ("Prometheus text", "it has samples and no # EOF; its times are milliseconds")
        };
        let mut decisions = vec![Decision::certain("format", chosen, why)];
        lines(source, |_, line| {
            all.created += usize::from(sample(line).is_ok_and(|sample| all.is_creation(&sample.name)));
            Ok(Flow::Go)
        })?;
        if all.created > 0 {
            let why = "they show when a counter began, and measure nothing";
            decisions.push(Decision::told("rows_left_out", counted(all.created, "sample"), why));
        }
        Ok((all, decisions))
    }

    /// Whether a sample tells when its counter began.
    fn is_creation(&self, name: &str) -> bool {
        let family = name.strip_suffix("_created").and_then(|family| self.families.get(family));
        family.is_some_and(|(kind, _)| matches!(kind.as_str(), "counter" | "summary" | "histogram"))
    }

    /// The value of a sample in the words of its family's unit.
    fn value(&self, sample: &Sample<'_>) -> (Kind, String) {
        let of = |name: &str| self.families.get(name).map(|(_, unit)| unit.as_str()).filter(|unit| !unit.is_empty());
        let unit = of(&sample.name).or_else(|| of(sample.name.strip_suffix("_total")?));
        let number = sample.value.parse().or_else(|_| Decimal::from_scientific(sample.value));
        match (number, unit) {
            (Err(_), _) => (Kind::Text, sample.value.to_owned()),
            (Ok(number), Some("ratio")) => (Kind::Percent, number.to_string()),
            (Ok(number), Some("percent")) => (Kind::Percent, (number / Decimal::ONE_HUNDRED).to_string()),
            (Ok(number), Some("seconds")) => (Kind::Date, format!("PT{number}S")),
            (Ok(number), Some(unit)) if unit::is_known(unit) => (Kind::Text, format!("{number} {unit}")),
            (Ok(number), _) => (Kind::Number, number.to_string()),
        }
    }

    /// The time of a sample.
    fn time(&self, text: &str) -> Option<String> {
        let number = text.parse().or_else(|_| Decimal::from_scientific(text)).ok()?;
        let seconds = if self.is_open { number } else { number / Decimal::ONE_THOUSAND };
        let micros = seconds.checked_mul(Decimal::from(1_000_000))?.trunc().to_i64()?;
        let instant = DateTime::from_timestamp_micros(micros).filter(|at| SECONDS.contains(&at.timestamp()))?;
        Some(moment::text(instant.naive_utc()))
    }

    /// Reads the samples as rows; the first row has the headers.
    /// Exit 65 when a time is one of another unit than the format has.
    pub(super) fn read(&self, source: &Source, sink: &mut dyn Sink) -> Result<()> {
        let mut row = Row::default();
        row.clear(0);
        let own = ["metric", "value"].into_iter().chain(self.has_times.then_some("timestamp"));
        own.for_each(|header| row.push(Kind::Text, header));
        for label in &self.labels {
            row.push(Kind::Text, &format!("label:{label}"));
        }
        if sink.row(&row)? == Flow::Stop {
            return Ok(());
        }
        lines(source, |number, line| {
            let Ok(sample) = sample(line) else { return Ok(Flow::Go) };
            if self.is_creation(&sample.name) {
                return Ok(Flow::Go);
            }
            row.clear(number);
            row.push(Kind::Text, &sample.name);
            let (kind, value) = self.value(&sample);
            row.push(kind, &value);
            match sample.at {
                Some(at) => match self.time(at) {
                    Some(time) => row.push(Kind::Date, &time),
                    None => return Err(self.doubtful(at).at(Place { row: Some(number), ..source.place() })),
                },
                None if self.has_times => row.push(Kind::Empty, ""),
                None => {}
            }
            for label in &self.labels {
                match sample.labels.iter().find(|(known, _)| known == label) {
                    Some((_, text)) if !text.is_empty() => row.push(Kind::Text, text),
                    _ => row.push(Kind::Empty, ""),
                }
            }
            sink.row(&row)
        })
    }

    /// A time that is none in the unit of the format.
    fn doubtful(&self, at: &str) -> Error {
        let number = at.parse().or_else(|_| Decimal::from_scientific(at)).ok();
        let is_in = |factor: Decimal| {
            let seconds = number.map(|number: Decimal| number / factor).and_then(|seconds| seconds.trunc().to_i64());
            seconds.is_some_and(|seconds| SECONDS.contains(&seconds))
        };
        let (other, rule, hint) = if self.is_open {
            // Lines that only OpenMetrics has may be in its way: to write seconds always works.
            let seconds =
                number.filter(|_| is_in(Decimal::ONE_THOUSAND)).map(|number| (number / Decimal::ONE_THOUSAND).normalize());
            (
                seconds.map(|_| "milliseconds"),
                "a file that ends with `# EOF` is OpenMetrics, whose times are in seconds",
                seconds.map_or("write the times in seconds".to_owned(), |seconds| format!("divide it by 1000: {seconds}")),
            )
        } else {
            (
                Some("seconds").filter(|_| is_in(Decimal::ONE)),
                "a file without a line `# EOF` has its times in milliseconds",
                "if the times are seconds, end the file with a line `# EOF`".to_owned(),
            )
        };
        let looks = other.map_or("is not a time from 1990 to 2099".to_owned(), |unit| format!("looks like {unit}"));
        Error::data(format!("the time `{at}` {looks}; {rule}")).hint(hint)
    }
}
