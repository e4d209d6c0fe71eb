//! Units: which words name the same one. What a percentage is, is decided here and nowhere else.

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

/// How percent is written, in the form of [`normalised`]. Each has a `p` or the sign.
pub const PERCENT: [&str; 16] = [
    "%",
    "%age",
    "percentage (%)",
    "percent (%)",
    "in %",
    "percent",
    "per cent",
    "pct",
    "percentage",
    "percents",
    "prozent",
    "pourcentage",
    "porcentaje",
    "porcentagem",
    "percentuale",
    "procent",
];

/// Whether a unit is percent, in any spelling.
pub fn is_percent(unit: &str) -> bool {
    // Asked for each cell of a sheet: most units need no folding to be told from all of these.
    if unit.is_ascii() && !unit.contains(['%', 'p', 'P']) {
        return false;
    }
    unit == "%" || family(unit) == Some("%")
}

/// The unit that a metric's name ends or starts with: `MTTR (hours)`, `% of hosts patched`.
pub fn of_name(name: &str) -> Option<&str> {
    let name = name.trim();
    if let Some(rest) = name.strip_prefix('%') {
        return rest.starts_with([' ', '\u{a0}']).then_some("%");
    }
    let (_, inside) = name.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
    let inside = inside.trim().trim_start_matches("in ");
    family(inside).map(|_| inside)
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
