//! The judgment: from what a metric says of itself to its direction, or to nothing. A wrong direction is worse than a question.

use std::collections::HashMap;
use std::sync::LazyLock;

use rust_decimal::Decimal;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::words::{Sense, words};
use crate::domain::item::normalised;
use crate::domain::metric::Direction;
use crate::domain::unit;

/// What is known of a metric.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    /// What it is called.
    pub name: &'a str,
    /// What it measures.
    pub description: Option<&'a str>,
    /// What it is counted in.
    pub unit: Option<&'a str>,
    /// The goal.
    pub target: Option<Decimal>,
    /// The lower bound of a range.
    pub lower: Option<Decimal>,
    /// The upper bound of a range.
    pub upper: Option<Decimal>,
}

/// A direction that nobody set, and what tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    pub direction: Direction,
    /// What tells it, as a few words: "`older than`", "a target of 0".
    pub why: String,
}

impl Told {
    #[expect(clippy::unnecessary_wraps, reason = "each caller returns it as it is")]
    fn by(direction: Direction, why: impl Into<String>) -> Option<Told> {
        Some(Told { direction, why: why.into() })
    }
}

/// The direction that a metric's words, unit and target tell; none where they do not, or contradict each other.
pub fn told(facts: &Facts<'_>) -> Option<Told> {
    if facts.target.is_none() && facts.lower.is_some() && facts.upper.is_some() {
        return Told::by(Direction::TargetRange, "two bounds and no target");
    }
    if facts.unit.is_some_and(is_yes_no) {
        return Told::by(Direction::Binary, "the unit is yes or no");
    }
    let name = folded(facts.name);
    let scale = Scale::of(facts, &name);
    let heard = Heard::of(&name);
    if !heard.is_silent() || scale.hint.is_some() {
        return heard.verdict(&scale);
    }
    // The name says nothing: the first sentence of the description may say what is counted, where it is compared with a target.
    facts.target?;
    let sentence = facts.description.unwrap_or_default().split(['.', ';', '\n']).next().unwrap_or_default();
    let sentence: String = sentence.chars().take(LONGEST).collect();
    Heard::of(&folded(&sentence)).verdict(&scale)
}

/// How much of a description is looked at, in characters.
const LONGEST: usize = 200;

fn is_yes_no(unit: &str) -> bool {
    matches!(
        normalised(unit).as_str(),
        "yes/no"
            | "yes no"
            | "y/n"
            | "true/false"
            | "boolean"
            | "bool"
            | "binary"
            | "pass/fail"
            | "ja/nein"
            | "oui/non"
            | "sí/no"
            | "si/no"
    )
}

/// What the target tells beside the words.
#[derive(Debug)]
struct Scale {
    is_percent: bool,
    is_time: bool,
    target: Option<Decimal>,
    /// Whether the target is one of those that a share of something bad has.
    is_small: bool,
    /// The direction that the target alone leaves possible.
    hint: Option<Direction>,
}

impl Scale {
    fn of(facts: &Facts<'_>, name: &[String]) -> Scale {
        const SHARES: [&str; 14] = [
            "percentage", "percent", "share", "proportion", "rate", "ratio", "anteil", "quote", "prozentsatz", "taux",
            "pourcentage", "porcentaje", "tasa", "proporcion",
        ];
        let named = facts.name.contains('%') || name.iter().any(|word| SHARES.contains(&word.as_str()));
        let is_percent = facts.unit.map_or(named, unit::is_percent);
        let hint = facts.target.and_then(|target| match target {
            _ if target.is_zero() => Some(Direction::LowerIsBetter),
            _ if !is_percent => None,
            // Nobody aims at having most of what is bad, or hardly any of what is good.
            _ if target >= Decimal::from(80) && target <= Decimal::ONE_HUNDRED => Some(Direction::HigherIsBetter),
            _ if target > Decimal::ONE && target <= Decimal::TEN => Some(Direction::LowerIsBetter),
            _ if facts.unit.is_some() && target > Decimal::ZERO && target <= Decimal::ONE => Some(Direction::LowerIsBetter),
            _ => None,
        });
        let is_time =
            !is_percent && facts.unit.or_else(|| unit::of_name(facts.name)).is_some_and(|unit| unit::family(unit).is_some());
        let is_small = facts.target.is_some_and(|target| target <= Decimal::from(25));
        Scale { is_percent, is_time, target: facts.target, is_small, hint }
    }

    fn why(&self) -> String {
        let target = self.target.unwrap_or_default().normalize();
        if self.is_percent { format!("a target of {target} %") } else { format!("a target of {target}") }
    }
}

/// What the words of a text say.
#[derive(Debug, Default)]
struct Heard {
    better: Vec<String>,
    worse: Vec<String>,
    /// What is not there, whatever it is: `without MFA`.
    missed: Vec<String>,
    trouble: Vec<String>,
    delay: Vec<String>,
    unsure: bool,
}

impl Heard {
    fn of(words: &[String]) -> Heard {
        let mut heard = Heard::default();
        let mut not: Option<String> = None;
        let mut at = 0;
        while let Some(word) = words.get(at) {
            let (sense, length) = sense(&words[at..]).map_or((None, 1), |(sense, length)| (Some(sense), length));
            let text = words[at..at + length].join(" ");
            at += length;
            let joined = |not: String| format!("{not} {text}");
            match (sense, not.take()) {
                (Some(Sense::Filler), waiting) => not = waiting,
                (Some(Sense::Not), _) => not = Some(text),
                (Some(Sense::Better), Some(not)) => heard.worse.push(joined(not)),
                (Some(Sense::Worse | Sense::Trouble), Some(not)) => heard.better.push(joined(not)),
                (None | Some(Sense::Quiet), Some(not)) => heard.missed.push(format!("{not} {word}")),
                (Some(Sense::Delay | Sense::Unsure), Some(_)) | (Some(Sense::Unsure), None) => heard.unsure = true,
                (Some(Sense::Better), None) => heard.better.push(text),
                (Some(Sense::Worse), None) => heard.worse.push(text),
                (Some(Sense::Trouble), None) => heard.trouble.push(text),
                (Some(Sense::Delay), None) => heard.delay.push(text),
                (None | Some(Sense::Quiet), None) => {}
            }
        }
        heard
    }

    fn is_silent(&self) -> bool {
        !self.unsure
            && [&self.better, &self.worse, &self.missed, &self.trouble, &self.delay].iter().all(|words| words.is_empty())
    }

    fn verdict(&self, scale: &Scale) -> Option<Told> {
        use Direction::{HigherIsBetter, LowerIsBetter};
        let by = |words: &[&Vec<String>]| {
            let words: Vec<String> = words.iter().flat_map(|words| words.iter()).map(|word| format!("`{word}`")).collect();
            words.join(", ")
        };
        let by_target = || scale.hint.and_then(|hint| Told::by(hint, scale.why()));
        let (up, down) = (!self.better.is_empty(), !self.worse.is_empty() || !self.missed.is_empty());
        let told = if self.unsure {
            None
        } else if !self.delay.is_empty() && !scale.is_percent {
            // `Response time met` counts what met it, unless a time is what is counted.
            Told::by(LowerIsBetter, by(&[&self.delay])).filter(|_| !up || scale.is_time)
        } else if up && down {
            by_target()
        } else if up {
            Told::by(HigherIsBetter, by(&[&self.better]))
        } else if down || !self.trouble.is_empty() {
            // A share of incidents, or of systems without something, can be a good one.
            let is_sure = !self.worse.is_empty() || !scale.is_percent || scale.is_small;
            let words = Told::by(LowerIsBetter, by(&[&self.worse, &self.missed, &self.trouble])).filter(|_| is_sure);
            words.or_else(by_target)
        } else {
            by_target().filter(|told| told.direction == HigherIsBetter || scale.target == Some(Decimal::ZERO))
        };
        told.filter(|told| scale.hint.is_none_or(|hint| hint == told.direction))
    }
}

/// The words of a text, in lower case and without accents.
fn folded(text: &str) -> Vec<String> {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.replace('ß', "ss")).collect()
}

/// A word or several, each of which may have `*` at its ends.
#[derive(Debug)]
struct Entry {
    sense: Sense,
    words: Vec<&'static str>,
}

impl Entry {
    fn fits(&self, words: &[String]) -> bool {
        self.words.len() <= words.len() && self.words.iter().zip(words).all(|(pattern, word)| fits(pattern, word))
    }
}

fn fits(pattern: &str, word: &str) -> bool {
    match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        _ if pattern == "#" => word.bytes().all(|b| b.is_ascii_digit()),
        (None, None) => pattern == word,
        (None, Some(start)) => word.starts_with(start),
        (Some(end), None) => word.ends_with(end),
        (Some(inner), Some(_)) => word.contains(inner.trim_end_matches('*')),
    }
}

/// All entries, by the first two letters of their first word; those that begin with any letters are under the empty text.
static ENTRIES: LazyLock<HashMap<&'static str, Vec<Entry>>> = LazyLock::new(|| {
    let mut entries: HashMap<&'static str, Vec<Entry>> = HashMap::new();
    for (sense, text) in words() {
        let words: Vec<&'static str> = text.split(' ').collect();
        let first = words.first().copied().unwrap_or_default();
        let start = if first.starts_with('*') { "" } else { start(first.trim_end_matches('*')) };
        entries.entry(start).or_default().push(Entry { sense, words });
    }
    entries
});

fn start(word: &str) -> &str {
    word.char_indices().nth(2).map_or(word, |(end, _)| &word[..end])
}

/// What the words at the begin of a text say, and how many of them: the longest entry counts, then the most exact one.
fn sense(words: &[String]) -> Option<(Sense, usize)> {
    let first = words.first()?;
    let near = ENTRIES.get(start(first)).into_iter().flatten();
    let floating = ENTRIES.get("").into_iter().flatten().filter(|_| first.len() >= 7);
    let exact = |entry: &Entry| entry.words.iter().filter(|word| !word.contains('*')).count();
    let found = near.chain(floating).filter(|entry| entry.fits(words));
    let length = |entry: &Entry| entry.words.iter().map(|word| word.len()).sum::<usize>();
    let best = found.max_by_key(|entry| (entry.words.len(), exact(entry), length(entry)))?;
    Some((best.sense, best.words.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{Binary, HigherIsBetter, LowerIsBetter, TargetRange};

    fn of(name: &str, unit: &str, target: Option<i64>) -> Option<Direction> {
        let unit = (!unit.is_empty()).then_some(unit);
        told(&Facts { name, unit, target: target.map(Decimal::from), ..Facts::default() }).map(|told| told.direction)
    }

    #[test]
    fn negation_and_contrast_are_heard() {
        for (name, unit, target, expected) in [
            ("Patched within 30 days", "%", 95, Some(HigherIsBetter)),
            ("Not patched within 30 days", "%", 5, Some(LowerIsBetter)),
            ("% of systems without MFA", "%", 5, Some(LowerIsBetter)),
            ("Failed login rate", "%", 2, Some(LowerIsBetter)),
            ("Time to detect", "hours", 4, Some(LowerIsBetter)),
            ("Mean time between failures", "hours", 500, Some(HigherIsBetter)),
            ("Critical findings closed", "count", 20, Some(HigherIsBetter)),
            ("Critical findings", "count", 20, Some(LowerIsBetter)),
            ("Releases without critical findings", "%", 90, Some(HigherIsBetter)),
            ("No. of incidents", "count", 5, Some(LowerIsBetter)),
            ("Incident response plans tested", "%", 100, Some(HigherIsBetter)),
            ("Incidents with a response time within the agreed one", "%", 90, Some(HigherIsBetter)),
            ("Open source components approved", "%", 90, Some(HigherIsBetter)),
            ("Security culture index", "", 4, None),
            ("Budget variance", "%", 5, None),
        ] {
            assert_eq!(of(name, unit, Some(target)), expected, "{name}");
        }
    }

    #[test]
    fn unit_and_target_tell_and_contradict() {
        assert_eq!(of("MFA coverage", "%", Some(0)), None, "0 is never higher_is_better");
        assert_eq!(of("Widgets", "count", Some(0)), Some(LowerIsBetter));
        assert_eq!(
            of("Incidents with a root cause", "%", Some(95)),
            Some(HigherIsBetter),
            "nobody aims at 95 % of what is bad"
        );
        assert_eq!(of("Overdue reviews", "%", Some(95)), None);
        assert_eq!(of("Incidents shared with peers", "%", Some(75)), None);
        assert_eq!(of("Hosts with an agent", "%", Some(98)), Some(HigherIsBetter));
        assert_eq!(of("Board approves the strategy", "yes/no", Some(1)), Some(Binary));
        let bounds = Facts { name: "Staffing", lower: Some(Decimal::ONE), upper: Some(Decimal::TEN), ..Facts::default() };
        assert_eq!(told(&bounds), Some(Told { direction: TargetRange, why: "two bounds and no target".to_owned() }));
    }

    #[test]
    fn what_tells_it_is_named() {
        let why = |name: &str| told(&Facts { name, ..Facts::default() }).map(|told| told.why);
        assert_eq!(why("Vulnerabilities older than 30 days").as_deref(), Some("`older than`, `vulnerabilities`"));
        assert_eq!(why("Ungeplante Ausfallzeit").as_deref(), Some("`ungeplante`, `ausfallzeit`"));
    }

    #[test]
    fn the_tables_hold_plain_words_each_once() {
        let mut seen = std::collections::HashSet::new();
        for (sense, text) in words() {
            let plain = text.replace(['*', '#'], "").split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(folded(&plain).join(" "), plain, "not in the form that is compared");
            assert!(seen.insert(text), "`{text}` is there twice, once as {sense:?}");
        }
        let senses = words().map(|(sense, _)| format!("{sense:?}")).collect::<std::collections::HashSet<_>>();
        assert_eq!(senses.len(), 8, "each part of the file has a sense");
    }
}
