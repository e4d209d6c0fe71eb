//! Which direction a metric has where no column says so: told by its words, its unit and its target, or not known.

mod words;

use rust_decimal::Decimal;

use super::metric::Direction;
use super::unit;

/// What tells of a metric beside its direction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wording<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its description; empty where there is none.
    pub description: &'a str,
    /// Its unit, where it has one.
    pub unit: Option<&'a str>,
    /// Its target, where it has one.
    pub target: Option<Decimal>,
}

/// A direction that is not stated, and what tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The direction.
    pub direction: Direction,
    /// The words, or the unit and the target.
    pub by: String,
}

/// From this target on a share in percent is rather one of what is good.
const MOST: Decimal = Decimal::from_parts(50, 0, 0, false, 0);
/// Up to this target it is rather one of what is bad.
const FEW: Decimal = Decimal::from_parts(20, 0, 0, false, 0);

/// How a text leans: below zero, lower is better.
struct Lean<'w> {
    sum: i32,
    by: Option<&'w str>,
}

/// The direction that the words of a metric tell; `None` where they do not, or where they tell both.
///
/// Words of the name count most. Of a share in percent the target counts as well: nobody aims at 95 % of what is bad. A target of 0
/// is met by everything that counts up, so it is that of a metric which is better when lower.
pub fn told(wording: Wording<'_>) -> Option<Told> {
    let name = lean(wording.name);
    let share = wording.unit.is_some_and(unit::is_percent) || unit::of_name(wording.name).is_some_and(unit::is_percent);
    let by_target = match wording.target {
        Some(target) if share && target >= MOST => 3,
        Some(target) if share && target <= FEW => -3,
        _ => 0,
    };
    if wording.target.is_some_and(|target| target.is_zero()) {
        let is_good = name.sum > 0 && lean(wording.description).sum >= 0;
        return (!is_good).then(|| Told { direction: Direction::LowerIsBetter, by: "the target 0".to_owned() });
    }
    let is_time = wording.unit.and_then(unit::family).is_some_and(|family| family != "%");
    let mut sum = name.sum + by_target - if is_time { 1 } else { 0 };
    let mut by = name.by;
    if name.sum == 0 {
        let description = lean(wording.description);
        sum += description.sum.clamp(-2, 2);
        by = by.or(description.by);
    }
    // What the words and the target say of a share has to agree, or one has to be far stronger.
    if sum.abs() < 2 || (by.is_none() && by_target == 0) {
        return None;
    }
    let direction = if sum > 0 { Direction::HigherIsBetter } else { Direction::LowerIsBetter };
    let by = by.map_or_else(|| "the target in %".to_owned(), |word| format!("`{word}`"));
    Some(Told { direction, by })
}

/// How far a text leans, and the word that tells most.
fn lean(text: &str) -> Lean<'static> {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let find = |list: &'static [&'static str]| list.iter().filter(|phrase| stands(phrase, &words)).collect::<Vec<_>>();
    if let Some(phrase) = find(words::DURATION).first() {
        return Lean { sum: -4, by: Some(phrase) };
    }
    let (bad, good, settled) = (find(words::LOWER), find(words::HIGHER), find(words::SETTLED));
    let weigh = |found: &[&&'static str]| i32::try_from(found.len().min(2)).unwrap_or(2) * 2;
    let sum = if settled.is_empty() { weigh(&good) - weigh(&bad) } else { weigh(&good).max(2) - weigh(&bad).min(1) };
    let by = if sum > 0 { settled.first().or(good.first()) } else { bad.first() };
    Lean { sum, by: by.map(|phrase| phrase.trim_end_matches('*')) }
}

/// Whether a phrase stands among the words.
fn stands(phrase: &str, words: &[&str]) -> bool {
    let length = phrase.split(' ').count();
    words.windows(length).any(|window| {
        phrase.split(' ').zip(window).all(|(wanted, word)| match wanted.strip_suffix('*') {
            Some(stem) => word.starts_with(stem),
            None => wanted == *word,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A starter catalog with its directions taken out: how many are told rightly, wrongly, and not at all.
    fn tried(text: &str) -> (Vec<String>, Vec<String>, usize) {
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let headers = reader.headers().unwrap().clone();
        let (mut wrong, mut asked, mut right) = (Vec::new(), Vec::new(), 0);
        for row in reader.records() {
            let row = row.unwrap();
            let cell = |header: &str| &row[headers.iter().position(|one| one == header).unwrap()];
            let stated = match cell("Direction") {
                "Higher is better" => Direction::HigherIsBetter,
                "Lower is better" => Direction::LowerIsBetter,
                // A range has bounds, and yes or no is a unit.
                _ => continue,
            };
            let wording = Wording {
                name: cell("Metric Name"),
                description: cell("Description"),
                unit: Some(cell("Unit")),
                target: cell("Target").parse().ok(),
            };
            let shown = format!("{} ({} {})", cell("Metric Name"), cell("Target"), cell("Unit"));
            match told(wording) {
                Some(told) if told.direction == stated => right += 1,
                Some(told) => wrong.push(format!("{shown} by {}", told.by)),
                None => asked.push(shown),
            }
        }
        (wrong, asked, right)
    }

    #[test]
    fn the_starter_catalogs_need_no_column_of_directions() {
        let (mut wrong, mut asked, mut right) = (Vec::new(), Vec::new(), 0);
        for text in [
            include_str!("../../../fixtures/catalogs/starter-csf-2.0.csv"),
            include_str!("../../../fixtures/catalogs/starter-ai-rmf-1.0.csv"),
        ] {
            let (w, a, r) = tried(text);
            wrong.extend(w);
            asked.extend(a);
            right += r;
        }
        assert!(
            wrong.is_empty() && asked.len() * 100 <= right * 3,
            "right {right}\nwrong:\n{}\nasked:\n{}",
            wrong.join("\n"),
            asked.join("\n")
        );
    }

    #[test]
    fn words_tell_in_four_languages_and_no_name_is_told_wrongly() {
        let lower = [
            ("Mean time to detect (hours)", "", "hours", Some("24")),
            ("MTTR", "", "h", Some("8")),
            ("Days to patch critical vulnerabilities", "", "days", Some("15")),
            ("Number of unsupported operating systems", "", "count", Some("5")),
            ("Overdue risk treatments", "", "", Some("3")),
            ("Open audit findings", "", "#", Some("10")),
            ("Failed login attempts per day", "", "count", Some("100")),
            ("Policy exceptions", "", "count", Some("4")),
            ("Systems without EDR agent", "", "%", Some("2")),
            ("Phishing click rate", "", "%", Some("5")),
            ("Number of security incidents", "", "count", Some("3")),
            ("Critical vulnerabilities older than 30 days", "", "count", Some("0")),
            ("Unpatched servers", "", "%", Some("3")),
            ("Percentage of terminated accounts not disabled within 24 hours", "", "%", Some("1")),
            ("False positive rate", "", "%", Some("20")),
            ("Average age of open vulnerabilities", "", "days", Some("20")),
            ("Downtime of critical services", "", "minutes", Some("60")),
            ("Security staff turnover", "", "%", Some("10")),
            ("Überfällige Maßnahmen", "", "Anzahl", Some("5")),
            ("Offene kritische Schwachstellen", "", "Anzahl", Some("2")),
            ("Mittlere Zeit bis zur Erkennung", "", "Stunden", Some("24")),
            ("Anzahl Sicherheitsvorfälle", "", "", Some("4")),
            ("Systeme ohne Virenschutz", "", "%", Some("1")),
            ("Klickrate bei Phishing-Tests", "", "%", Some("5")),
            ("Délai moyen de correction", "", "jours", Some("15")),
            ("Vulnérabilités critiques ouvertes", "", "nombre", Some("3")),
            ("Comptes sans MFA", "", "%", Some("2")),
            ("Actions en retard", "", "nombre", Some("5")),
            ("Tiempo medio de resolución", "", "horas", Some("8")),
            ("Vulnerabilidades abiertas", "", "número", Some("5")),
            ("Acciones vencidas", "", "número", Some("2")),
            ("Tasa de clics en phishing", "", "%", Some("5")),
            ("Anything at all", "", "count", Some("0")),
        ];
        let higher = [
            ("Asset inventory coverage", "", "%", Some("95")),
            ("MFA adoption", "", "%", Some("98")),
            ("Training completion rate", "", "%", Some("95")),
            ("Patches applied within SLA", "", "%", Some("95")),
            ("Vulnerabilities remediated within 30 days", "", "%", Some("90")),
            ("Incidents closed on time", "", "%", Some("90")),
            ("Percentage of laptops with disk encryption", "", "%", Some("100")),
            ("Backup success rate", "", "%", Some("99")),
            ("System availability", "", "%", Some("99.9")),
            ("Audit findings closed by due date", "", "%", Some("85")),
            ("Phishing report rate", "", "%", Some("60")),
            ("Vendors assessed", "", "%", Some("90")),
            ("Mean time between failures", "", "hours", Some("1000")),
            ("Employee awareness score", "", "points", Some("80")),
            ("Security maturity level", "", "", Some("4")),
            ("Abdeckung der Inventarisierung", "", "%", Some("95")),
            ("Anteil geschulter Mitarbeiter", "", "%", Some("95")),
            ("Fristgerecht behobene Schwachstellen", "", "%", Some("90")),
            ("Verfügbarkeit kritischer Systeme", "", "%", Some("99")),
            ("Taux de couverture EDR", "", "%", Some("98")),
            ("Postes chiffrés", "", "%", Some("100")),
            ("Incidents clôturés dans les délais", "", "%", Some("90")),
            ("Cobertura de inventario", "", "%", Some("95")),
            ("Personal formado en seguridad", "", "%", Some("95")),
            ("Incidentes cerrados a tiempo", "", "%", Some("90")),
        ];
        let tell = |(name, description, unit, target): (&str, &str, &str, Option<&str>)| {
            let target = target.map(|target| target.parse().unwrap());
            told(Wording { name, description, unit: Some(unit).filter(|unit| !unit.is_empty()), target })
        };
        let (mut wrong, mut asked) = (Vec::new(), Vec::new());
        for (direction, list) in [(Direction::LowerIsBetter, &lower[..]), (Direction::HigherIsBetter, &higher[..])] {
            for wording in list {
                match tell(*wording) {
                    Some(told) if told.direction != direction => wrong.push(format!("{} by {}", wording.0, told.by)),
                    Some(_) => {}
                    None => asked.push(wording.0),
                }
            }
        }
        assert!(wrong.is_empty() && asked.len() < 2, "wrong {wrong:#?} asked {asked:#?}");
        // What tells nothing, or both, is asked.
        for name in ["Number of servers", "Firewall rules", "K-1", "Tickets", "Budget", "MFA coverage gaps"] {
            assert_eq!(tell((name, "", "count", Some("5"))), None, "{name}");
        }
        // Nobody aims at none of what is good.
        assert_eq!(tell(("MFA coverage", "", "%", Some("0"))), None);
    }
}
