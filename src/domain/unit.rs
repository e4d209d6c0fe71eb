//! Units: which words name the same one. What a percentage is, is decided here and nowhere else.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::item::normalised;

/// Units that name the same thing have the same family; `None` for units that are not known.
pub fn family(unit: &str) -> Option<&'static str> {
    let unit = normalised(unit);
    let unit = unit.trim_end_matches('.');
    Some(match unit {
        _ if PERCENT.contains(&unit) => "%",
        "ms" | "millisecond" | "milliseconds" => "milliseconds",
        "s" | "sec" | "secs" | "second" | "seconds" | "sekunde" | "sekunden" | "secondes" | "segundos" | "secondi" => "seconds",
        "min" | "mins" | "minute" | "minutes" | "minuten" | "minutos" | "minuti" => "minutes",
        "h" | "hr" | "hrs" | "hour" | "hours" | "std" | "stunde" | "stunden" | "heure" | "heures" | "horas" | "ore" | "uur" => {
            "hours"
        }
        "d" | "day" | "days" | "tag" | "tage" | "tagen" | "jour" | "jours" | "días" | "dias" | "giorni" | "dagen" => "days",
        "w" | "wk" | "wks" | "week" | "weeks" | "woche" | "wochen" | "semaines" | "semanas" | "settimane" | "weken" => "weeks",
        "mo" | "month" | "months" | "monat" | "monate" | "mois" | "meses" | "mesi" | "maanden" => "months",
        "y" | "yr" | "yrs" | "year" | "years" | "jahr" | "jahre" | "ans" | "años" | "anni" | "jaar" => "years",
        _ => return None,
    })
}

/// A duration in a unit of time: 36 for 129,600 seconds in hours.
pub fn of_seconds(seconds: Decimal, unit: &str) -> Option<Decimal> {
    let factor = match family(unit)? {
        "seconds" => 1,
        "minutes" => 60,
        "hours" => 3_600,
        "days" => 86_400,
        "weeks" => 604_800,
        _ => return None,
    };
    seconds.checked_div(Decimal::from(factor))
}

/// The seconds of a duration as the cells of workbooks have it: `PT129600S`.
pub fn seconds(text: &str) -> Option<Decimal> {
    text.strip_prefix("PT")?.strip_suffix('S')?.parse().ok()
}

/// A duration as a spreadsheet shows it: `36:00`.
pub fn clock(seconds: Decimal) -> String {
    let whole = seconds.abs().round().to_u64().unwrap_or(u64::MAX);
    let (sign, hours, minutes, rest) =
        (if seconds.is_sign_negative() { "-" } else { "" }, whole / 3_600, whole / 60 % 60, whole % 60);
    let shown = format!("{sign}{hours}:{minutes:02}");
    if rest == 0 { shown } else { format!("{shown}:{rest:02}") }
}

/// Words of names that measure a time.
const TIMES: [&str; 14] = [
    "time", "duration", "age", "delay", "latency", "mttr", "mttd", "mtta", "mttc", "zeit", "dauer", "durée", "temps", "tiempo",
];

/// How percent is written, in the form of [`normalised`]. Each has a `p` or the sign.
pub const PERCENT: [&str; 16] = [
    "%", "%age", "percentage (%)", "percent (%)", "in %", "percent", "per cent", "pct", "percentage", "percents", "prozent",
    "pourcentage", "porcentaje", "porcentagem", "percentuale", "procent",
];

/// Whether a unit is percent, in any spelling.
pub fn is_percent(unit: &str) -> bool {
    // Asked for each cell of a sheet: most units need no folding to be told from all of these.
    if unit.is_ascii() && !unit.contains(['%', 'p', 'P']) {
        return false;
    }
    unit == "%" || family(unit) == Some("%")
}

/// Words for what is counted or paid, which are units that may stand behind a number.
const COUNTED: [&str; 60] = [
    "#", "n", "no", "nr", "count", "counts", "number", "numbers", "item", "items", "piece", "pieces", "point", "points", "pts",
    "score", "level", "levels", "stück", "anzahl", "ticket", "tickets", "incident", "incidents", "event", "events", "alert",
    "alerts", "system", "systems", "host", "hosts", "server", "servers", "user", "users", "account", "accounts", "finding",
    "findings", "vulnerability", "vulnerabilities", "device", "devices", "asset", "assets", "employee", "employees",
    "supplier", "suppliers", "exercise", "exercises", "times", "case", "cases", "fte", "usd", "eur", "gbp", "chf",
];

/// Whether a word behind a number is a unit: of time, percent, money, or what is counted, also per something.
pub fn is_known(unit: &str) -> bool {
    let word = normalised(unit);
    let word = word.trim_end_matches('.');
    let single = |word: &str| family(word).is_some() || money(word).is_some() || COUNTED.contains(&word);
    let is_rate =
        |word: &str| word.starts_with("per ") || word.starts_with('/') || word.contains(" per ") || word.contains('/');
    single(word)
        || is_rate(word)
        || word.split(' ').next_back().is_some_and(single)
        || word.split(' ').next().is_some_and(|first| family(first).is_some())
}

/// Whether a unit is of those that metrics have, beside the ones that stand behind numbers.
pub fn is_usual(unit: &str) -> bool {
    const USUAL: [&str; 20] = [
        "ratio", "index", "rank", "grade", "yes/no", "boolean", "bool", "binary", "scale", "degrees", "degree", "celsius",
        "kb", "mb", "gb", "tb", "kwh", "km", "kg", "factor",
    ];
    let word = normalised(unit);
    is_known(unit) || word.split([' ', '/', '(']).any(|word| USUAL.contains(&word))
}

/// Whether a unit counts or measures what cannot be less than nothing: percent, time, and things.
pub fn is_never_negative(unit: &str) -> bool {
    let word = normalised(unit);
    let word = word.trim_end_matches('.');
    let is_rated = matches!(word, "point" | "points" | "pts" | "score" | "level" | "levels" | "n");
    family(word).is_some() || COUNTED.contains(&word) && money(word).is_none() && !is_rated
}

fn money(word: &str) -> Option<&'static str> {
    Some(match word {
        "$" | "us$" | "usd" | "dollar" | "dollars" => "usd",
        "€" | "eur" | "euro" | "euros" => "eur",
        "£" | "gbp" | "pound" | "pounds" => "gbp",
        "¥" | "jpy" | "yen" => "jpy",
        "chf" | "fr." | "franken" => "chf",
        _ => return None,
    })
}

/// Whether what is written at a number can be the unit of the metric: the same, the same in other words, or what is counted.
pub fn agree(unit: &str, written: &str) -> bool {
    let (unit, written) = (normalised(unit), normalised(written));
    let (unit, written) = (unit.trim_end_matches('.'), written.trim_end_matches('.'));
    let counts = |word: &str| family(word).is_none() && money(word).is_none() && COUNTED.contains(&word);
    let stem = |word: &str| word.trim_end_matches('s').to_owned();
    match (family(unit).or(money(unit)), family(written).or(money(written))) {
        (Some(a), Some(b)) => a == b,
        (None, None) => {
            stem(unit) == stem(written)
                || counts(unit) && counts(written)
                || unit.split([' ', '/']).any(|word| stem(word) == stem(written))
        }
        // `k€`, `EUR per head`, `business days`.
        _ => {
            unit.split([' ', '/']).any(|word| {
                stem(word) == stem(written) || {
                    let same = |a: Option<&str>, b: Option<&str>| a.is_some() && a == b;
                    same(family(word).or(money(word)), family(written).or(money(written)))
                }
            }) || written.split(' ').next_back().is_some_and(|last| family(last).is_some() && family(last) == family(unit))
        }
    }
}

/// The unit that a metric's name ends or starts with: `MTTR (hours)`, `% of hosts patched`.
pub fn of_name(name: &str) -> Option<&str> {
    let name = name.trim();
    if let Some(rest) = name.strip_prefix('%') {
        return rest.starts_with([' ', '\u{a0}']).then_some("%");
    }
    if let Some(rest) = name.strip_suffix(" in %") {
        return (!rest.is_empty()).then_some("%");
    }
    let (before, inside) = name.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let inside = inside.trim().trim_start_matches("in ");
    // `Open incident(s)` has a plural; a letter alone is a unit behind a measure of time only.
    let is_plural = !before.ends_with(char::is_whitespace) && inside.len() == 1 && inside != "%";
    let is_time = || normalised(before).split(' ').any(|word| TIMES.contains(&word));
    let is_unit = !is_plural && (inside.chars().count() > 1 && !matches!(inside, "mo" | "min") || inside == "%" || is_time());
    family(inside).filter(|_| is_unit).map(|_| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_is_known_in_every_spelling() {
        for unit in PERCENT {
            assert!(is_percent(unit) && is_percent(&unit.to_uppercase()) && is_percent(&format!(" {unit}. ")), "{unit}");
        }
        assert!(is_percent("\u{ff05}") && is_percent("Per-cent") && is_percent("In %"));
        for unit in ["", "days", "p", "pp", "percentage points", "points", "per month", "% of hosts", "‰"] {
            assert!(!is_percent(unit), "{unit}");
        }
    }

    #[test]
    fn names_can_hold_their_unit() {
        for (name, unit) in [
            ("MTTR (hours)", Some("hours")),
            ("Patched hosts [%]", Some("%")),
            ("% of hosts patched", Some("%")),
            ("Time to detect (in days)", Some("days")),
            ("Multi-factor authentication (MFA)", None),
            ("Backups", None),
        ] {
            assert_eq!(of_name(name), unit, "{name}");
        }
    }
}
