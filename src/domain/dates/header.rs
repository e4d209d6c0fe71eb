//! Headers over times, and what they say of them.

use crate::domain::item::normalised;

/// Words of headers over times.
const TIMES: [&str; 58] = [
    "at", "date", "dates", "datetime", "time", "timestamp", "ts", "when", "day", "week", "month", "quarter", "year", "period",
    "measured", "recorded", "observed", "observation", "snapshot", "captured", "collected", "created", "updated", "modified",
    "occurred", "reported", "epoch", "datum", "zeit", "zeitpunkt", "zeitstempel", "stichtag", "tag", "woche", "kalenderwoche",
    "kw", "cw", "monat", "quartal", "jahr", "stand", "gemessen", "erfasst", "messdatum", "berichtsdatum", "berichtsmonat",
    "date d", "jour", "mois", "semaine", "trimestre", "année", "annee", "fecha", "hora", "mes", "semana", "año",
];

/// Words of headers over times that are no instants of a measurement: those to come, and those of something else.
const OTHERS: [&str; 24] = [
    "due", "deadline", "target", "next", "planned", "expected", "until", "expires", "expiry", "expiration", "renewal",
    "review", "birth", "hired", "purchased", "fällig", "fälligkeit", "frist", "ziel", "nächste", "échéance", "prochaine",
    "vencimiento", "próxima",
];

/// Whether a header is over times that tell nothing of when something was measured: `due date`, `next review`.
pub fn is_of_another_time(header: &str) -> bool {
    normalised(header).split(' ').any(|word| OTHERS.contains(&word))
}

/// Whether a header is over the zones of times that stand elsewhere.
pub fn is_of_zones(header: &str) -> bool {
    const ZONES: [&str; 9] =
        ["timezone", "time zone", "tz", "zone", "utc offset", "offset", "tz offset", "zeitzone", "fuseau horaire"];
    ZONES.contains(&normalised(header).as_str())
}

/// What a header says of times that name no zone themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Nothing,
    /// That they are UTC.
    Utc,
    /// That they are of another zone, which it calls by a name that several zones have.
    Other,
}

/// Whether a header could be over times, and what it says of their zone.
pub fn header(text: &str) -> Option<Said> {
    let lower = text.to_lowercase();
    let (name, inside) = match lower.find(['(', '[']) {
        Some(at) => (&lower[..at], lower[at..].trim_matches(['(', ')', '[', ']', ' '])),
        None => (lower.as_str(), ""),
    };
    let name = normalised(name);
    let mut words: Vec<&str> = name.split([' ', '/', '.', ':']).filter(|word| !word.is_empty()).collect();
    let is_utc = |word: &str| matches!(word, "utc" | "gmt" | "z" | "zulu");
    let told = words.last().is_some_and(|word| is_utc(word));
    if told {
        words.pop();
    }
    let is_phrase = matches!(words.as_slice(), ["as", "of"] | ["valid", "from" | "since" | "on"] | ["since"]);
    let is_time = is_phrase
        || words.iter().any(|word| {
            TIMES.contains(word)
                || ["date", "datum", "timestamp", "zeitpunkt"]
                    .iter()
                    .any(|end| word.len() > end.len() && word.ends_with(end) && *word != "update" && *word != "candidate")
        });
    if !is_time {
        return None;
    }
    // `date (YYYY-MM-DD)`, `time (ms)`: a form, and no zone.
    let is_form = |word: &str| {
        matches!(
            word,
            "" | "iso"
                | "iso 8601"
                | "iso8601"
                | "rfc3339"
                | "epoch"
                | "unix"
                | "s"
                | "ms"
                | "sec"
                | "seconds"
                | "milliseconds"
        ) || word.contains("yy")
            || word.contains("dd")
    };
    Some(if told || is_utc(inside) {
        Said::Utc
    } else if is_form(inside) || !name_of_zone(inside) {
        Said::Nothing
    } else {
        Said::Other
    })
}

/// Whether what stands in brackets could be a zone: `CET`, `local`, `+01:00`.
fn name_of_zone(inside: &str) -> bool {
    let is_short = (2..=5).contains(&inside.len()) && inside.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_short || inside.contains("local") || inside.contains("time") || inside.starts_with(['+', '-']) || inside.contains('/')
}

/// Whether a header counts weeks or quarters, under which `2026-07` is no month.
pub(super) fn counts_weeks(header: &str) -> bool {
    const WORDS: [&str; 12] =
        ["week", "weeks", "kw", "cw", "woche", "kalenderwoche", "semaine", "semana", "quarter", "quartal", "trimestre", "qtr"];
    normalised(header).split(' ').any(|word| WORDS.contains(&word))
}
