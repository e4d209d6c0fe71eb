//! The words that tell which values of a metric are good, from `words.txt`.

/// What a word says of the values of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sense {
    /// Something that is done, kept or in place: the more the better.
    Better,
    /// Something that is not as it has to be: the less the better, whatever it is said of.
    Worse,
    /// Something that nobody wants, as long as nothing better is said of it: `findings`, but not `findings closed`.
    Trouble,
    /// Takes back what follows: `without`.
    Not,
    /// A time that something takes: the shorter the better, where time is what is counted.
    Delay,
    /// Says that nothing can be told.
    Unsure,
    /// Nothing, although a part of it has a sense alone: `open source`.
    Quiet,
    /// Nothing, and a `Not` reaches over it: articles, `critical`.
    Filler,
}

/// The words of all languages with what they say.
pub(super) fn words() -> impl Iterator<Item = (Sense, &'static str)> {
    let parts = include_str!("words.txt").split("\n[").filter_map(|part| part.split_once("]\n"));
    let sense = |name| match name {
        "better" => Some(Sense::Better),
        "worse" => Some(Sense::Worse),
        "trouble" => Some(Sense::Trouble),
        "not" => Some(Sense::Not),
        "delay" => Some(Sense::Delay),
        "unsure" => Some(Sense::Unsure),
        "quiet" => Some(Sense::Quiet),
        "filler" => Some(Sense::Filler),
        _ => None,
    };
    let parts = parts.filter_map(move |(name, words)| Some((sense(name)?, words)));
    let entries = parts.flat_map(|(sense, words)| words.split([',', '\n']).map(move |word| (sense, word.trim())));
    entries.filter(|(_, word)| !word.is_empty())
}
