//! Priorities as sheets write them: words and ranks, on scales of three levels and of more.

use super::item::normalised;
use super::metric::Priority;

/// Where a text stands on a scale of priorities; the first is the most urgent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A word: 0 is above high, as critical is, and 4 is below low.
    Word(usize),
    /// A rank from 0 to 5.
    Rank(usize),
}

impl Level {
    /// What it is on a scale of three levels.
    pub const fn priority(self) -> Option<Priority> {
        match self {
            Level::Word(0 | 1) | Level::Rank(1) => Some(Priority::High),
            Level::Word(2) | Level::Rank(2) => Some(Priority::Medium),
            Level::Word(_) | Level::Rank(3) => Some(Priority::Low),
            Level::Rank(_) => None,
        }
    }
}

/// The priority that a text means where it is of a scale of three levels.
pub fn priority(text: &str) -> Option<Priority> {
    level(text)?.priority()
}

/// Where a text stands. Of a rank with its word (`1 - High`, `High (3)`) the word counts.
pub fn level(text: &str) -> Option<Level> {
    let folded = normalised(text);
    if let Some(known) = word(&folded).map(Level::Word).or_else(|| rank(&folded)) {
        return Some(known);
    }
    let mut parts = folded.split([' ', '(', ')', ':', '/', '–', '.']).filter(|part| !part.is_empty());
    let (first, second) = (parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    match (word(first), word(second)) {
        (Some(a), Some(b)) => (Level::Word(a).priority() == Level::Word(b).priority()).then_some(Level::Word(a)),
        (Some(known), None) if rank(second).is_some() => Some(Level::Word(known)),
        // `5 - Critical`: whatever the scale, the word counts.
        (None, Some(known)) if first.parse::<u8>().is_ok() || rank(first).is_some() => Some(Level::Word(known)),
        (None, None) if matches!(first, "priority" | "prio" | "tier" | "level" | "sev" | "severity") => rank(second),
        _ => None,
    }
}

fn rank(text: &str) -> Option<Level> {
    let rank = text.strip_prefix('p').unwrap_or(text).trim_start();
    let whole =
        rank.split_once('.').filter(|(_, zeros)| zeros.bytes().all(|digit| digit == b'0')).map_or(rank, |parts| parts.0);
    whole.parse::<usize>().ok().filter(|rank| *rank <= 5).map(Level::Rank)
}

fn word(text: &str) -> Option<usize> {
    Some(match text {
        "critical" | "crit" | "very high" | "highest" | "urgent" | "severe" | "sehr hoch" | "kritisch" | "critique"
        | "crítica" | "critica" | "crítico" | "critico" | "très élevée" | "muy alta" | "muito alta" => 0,
        "high" | "h" | "essential" | "must" | "must have" | "major" | "hoch" | "haute" | "élevée" | "élevé" | "alta"
        | "alto" | "hoog" | "wysoki" => 1,
        "medium" | "m" | "med" | "moderate" | "normal" | "important" | "should" | "should have" | "mittel" | "moyenne"
        | "moyen" | "media" | "medio" | "média" | "gemiddeld" | "średni" => 2,
        "low" | "l" | "minor" | "basic" | "could" | "could have" | "nice to have" | "niedrig" | "gering" | "faible"
        | "basse" | "baja" | "bajo" | "bassa" | "basso" | "baixa" | "laag" | "niski" => 3,
        "very low" | "lowest" | "info" | "informational" | "information" | "sehr niedrig" => 4,
        _ => return None,
    })
}

/// What the levels of a scale with more than three of them may stand for, from the first one; the usual answer first.
pub fn readings(levels: usize) -> Vec<Vec<Priority>> {
    use Priority::{High as H, Low as L, Medium as M};
    match levels {
        2 => vec![vec![H, H], vec![H, M]],
        3 => vec![vec![H, M, L], vec![L, M, H], vec![H, H, M]],
        4 => vec![vec![H, H, M, L], vec![H, M, M, L], vec![H, M, L, L], vec![L, M, H, H]],
        5 => vec![vec![H, H, M, L, L], vec![H, M, M, M, L], vec![L, L, M, H, H]],
        _ => vec![vec![H, H, M, M, L, L]],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_ranks_have_a_place_on_a_scale() {
        for (text, expected) in [
            ("P1", Some(Level::Rank(1))),
            ("4.0", Some(Level::Rank(4))),
            ("3.00", Some(Level::Rank(3))),
            ("1 - High", Some(Level::Word(1))),
            ("High (3)", Some(Level::Word(1))),
            ("P2 – Medium", Some(Level::Word(2))),
            ("Tier 1", Some(Level::Rank(1))),
            ("hoch", Some(Level::Word(1))),
            ("5 - Low", Some(Level::Word(3))),
            ("Critical", Some(Level::Word(0))),
            ("High / Low", None),
            ("not high", None),
            ("whenever", None),
            ("1.5", None),
            ("6", None),
        ] {
            assert_eq!(level(text), expected, "{text}");
        }
        assert_eq!((priority("Critical"), priority("3"), priority("4")), (Some(Priority::High), Some(Priority::Low), None));
    }

    #[test]
    fn every_reading_names_a_priority_for_each_level() {
        for levels in 2..=6 {
            assert!(readings(levels).iter().all(|one| one.len() == levels), "{levels}");
        }
    }
}
