//! What the words and ranks of a priority column stand for, where there are more of them than priorities.

use std::collections::BTreeMap;

use super::decision::Decision;
use super::{About, Asked, Unclear};
use crate::domain::item::normalised;
use crate::domain::metric::Priority;
use crate::domain::priority::{Level, readings};
use crate::error::{Error, Place, Result};

pub(super) struct Levels<'a> {
    texts: &'a BTreeMap<String, Level>,
    /// The first and the last word, and the first and the last rank.
    words: Option<(usize, usize)>,
    ranks: Option<(usize, usize)>,
    /// Whether rank 1 may be the least as well.
    is_turned: bool,
}

/// What texts stand for, with the decision that is worth a word.
type Read = (BTreeMap<String, String>, Option<Decision>);

/// Headers over ranks of which the greatest may be the most urgent.
const TURNED: [&str; 6] = ["importance", "impact", "criticality", "weight", "wichtigkeit", "gewicht"];

impl<'a> Levels<'a> {
    pub(super) fn new(texts: &'a BTreeMap<String, Level>, header: &str) -> Self {
        let span = |place: fn(Level) -> Option<usize>| {
            let places = || texts.values().copied().filter_map(place);
            places().min().zip(places().max())
        };
        let header = normalised(header);
        Levels {
            texts,
            words: span(|level| if let Level::Word(place) = level { Some(place) } else { None }),
            ranks: span(|level| if let Level::Rank(place) = level { Some(place) } else { None }),
            is_turned: TURNED.iter().any(|word| header.contains(word)),
        }
    }

    /// The levels that need to be told apart: the first of them, and how many there are; those of words, or of ranks.
    fn long(&self) -> Option<(Level, usize)> {
        let has = |place: usize| self.texts.values().any(|level| *level == Level::Word(place));
        if let Some((first, last)) = self.words.filter(|_| has(0) && has(1) || has(3) && has(4)) {
            return Some((Level::Word(first), last - first + 1));
        }
        let (first, last) = self.ranks?;
        let first = first.min(1);
        let last = if self.is_turned { last.max(3) } else { last };
        (first == 0 || last > 3 || self.is_turned).then_some((Level::Rank(first), last - first + 1))
    }

    /// What the texts stand for, by what was given for each level, or the question.
    pub(super) fn read(&self, given: Option<&[Priority]>, place: Place) -> Result<Asked<Read>> {
        let option = "--priorities";
        let scale = self.long().or_else(|| Some((Level::Rank(1), self.ranks?.1)).filter(|_| given.is_some()));
        let Some((first, levels)) = scale else {
            if given.is_some() {
                return Err(Error::usage(format!("{option} is for ranks, and for words with more than three levels"))
                    .at(place)
                    .hint(format!("leave out {option}")));
            }
            let told = self.ranks.map(|_| {
                Decision::certain("priorities", "1 is High, 2 Medium, 3 Low", "the column has no other rank").option(option)
            });
            return Ok(Ok((BTreeMap::new(), told)));
        };
        let at = |level: Level| match (level, first) {
            (Level::Word(place), Level::Word(first)) | (Level::Rank(place), Level::Rank(first)) => place.checked_sub(first),
            _ => None,
        };
        let shown = |priorities: &[Priority]| {
            let mut read: Vec<(usize, String)> = self
                .texts
                .iter()
                .filter_map(|(text, level)| Some((at(*level)?, text)))
                .filter_map(|(at, text)| Some((at, format!("{text} is {}", priorities.get(at)?.as_str()))))
                .collect();
            read.sort();
            read.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
        };
        match given {
            Some(given) if given.len() >= levels => {
                let meaning =
                    |(text, level): (&String, &Level)| Some((text.clone(), given.get(at(*level)?)?.as_str().to_owned()));
                let read = self.texts.iter().filter_map(meaning).collect();
                Ok(Ok((read, Some(Decision::asked("priorities", shown(given)).option(option)))))
            }
            Some(given) => {
                Err(Error::usage(format!("{option} names {} priorities, but the scale has {levels} levels", given.len()))
                    .at(place)
                    .hint(format!("name one for each, such as {option} {}", joined(&readings(levels)[0]))))
            }
            None => {
                let choices: Vec<_> =
                    readings(levels).iter().map(|one| (joined(one), String::new(), vec![shown(one)])).collect();
                let mut error = Error::data(if levels > 3 || !self.is_turned {
                    "the priorities have more levels than High, Medium and Low".to_owned()
                } else {
                    "the priorities are ranks, and 1 may be the highest or the lowest".to_owned()
                })
                .at(place);
                for (_, _, read) in &choices {
                    error = error.detail(read.join(", "));
                }
                let error = error
                    .hint(format!(
                        "each line above is one way to read them; choose one, or another, such as {option} {}",
                        choices[0].0
                    ))
                    .hint("or ignore the column with --map priority=");
                Ok(Err(Box::new(Unclear { about: About::Priorities, choices, error })))
            }
        }
    }
}

fn joined(priorities: &[Priority]) -> String {
    priorities.iter().map(|priority| priority.as_str()).collect::<Vec<_>>().join(",")
}
