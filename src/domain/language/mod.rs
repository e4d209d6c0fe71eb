//! In which language a sheet is written.

mod words;

use std::collections::HashSet;
use std::sync::LazyLock;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use whatlang::{Detector, Lang};

/// A language that the suggestions have words for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Language {
    /// The language of the official texts.
    English,
    German,
    French,
    Spanish,
    Dutch,
}

/// What texts are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Spoken {
    /// One that there are words for.
    Known(Language),
    /// One of this English name.
    Other(&'static str),
}

/// All languages that there are words for.
pub const ALL: [Language; 5] = [Language::English, Language::German, Language::French, Language::Spanish, Language::Dutch];

/// In fewer letters small words tell more than statistics, which then only tell a language that there are words for.
const ENOUGH: usize = 120;

impl Language {
    /// Its code in ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::German => "de",
            Language::French => "fr",
            Language::Spanish => "es",
            Language::Dutch => "nl",
        }
    }

    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::German => "German",
            Language::French => "French",
            Language::Spanish => "Spanish",
            Language::Dutch => "Dutch",
        }
    }
}

impl Spoken {
    /// Its English name.
    pub fn name(self) -> &'static str {
        match self {
            Spoken::Known(language) => language.name(),
            Spoken::Other(name) => name,
        }
    }
}

/// Lower case, without accents.
pub(super) fn plain(text: &str) -> String {
    let text = text.to_lowercase().replace('\u{2019}', "'");
    if text.is_ascii() {
        return text;
    }
    text.nfd().filter(|c| !is_combining_mark(*c)).collect::<String>().replace('\u{df}', "ss")
}

/// Whether a word says nothing about the matter in a language: it is lower case and without accents.
pub(super) fn is_empty(language: Language, word: &str) -> bool {
    static WORDS: LazyLock<[HashSet<&str>; 5]> = LazyLock::new(|| ALL.map(|one| one.empty().split_whitespace().collect()));
    ALL.iter().zip(WORDS.iter()).any(|(one, words)| *one == language && words.contains(word))
}

/// Whether a word says more about a figure than about the matter: it is lower case and without accents.
pub(super) fn is_faint(language: Language, word: &str) -> bool {
    static WORDS: LazyLock<[HashSet<&str>; 5]> = LazyLock::new(|| ALL.map(|one| one.faint().split_whitespace().collect()));
    ALL.iter().zip(WORDS.iter()).any(|(one, words)| *one == language && words.contains(word))
}

/// The language of a text, where it is clear.
pub fn of(text: &str) -> Option<Spoken> {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let info = Detector::new().detect(text).filter(whatlang::Info::is_reliable);
    let by_letters = match info.map(|info| info.lang()) {
        Some(Lang::Eng) => Some(Spoken::Known(Language::English)),
        Some(Lang::Deu) => Some(Spoken::Known(Language::German)),
        Some(Lang::Fra) => Some(Spoken::Known(Language::French)),
        Some(Lang::Spa) => Some(Spoken::Known(Language::Spanish)),
        Some(Lang::Nld) => Some(Spoken::Known(Language::Dutch)),
        other => other.map(|other| Spoken::Other(other.eng_name())),
    };
    if letters >= ENOUGH && by_letters.is_some() {
        return by_letters;
    }
    let known = by_letters.filter(|spoken| matches!(spoken, Spoken::Known(_)));
    by_small_words(text).map(Spoken::Known).or(known)
}

/// The language with the most small words in a text that is too short for statistics of its letters.
fn by_small_words(text: &str) -> Option<Language> {
    let text = plain(text);
    let count = |language: Language| {
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 1 && is_empty(language, word)).count()
    };
    let mut counts = ALL.map(|language| (count(language), language));
    counts.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    (counts[0].0 >= 2 && counts[0].0 >= 2 * counts[1].0).then_some(counts[0].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_is_recognised_and_a_word_is_not() {
        let texts = [
            ("Share of laptops whose disk is encrypted, and of servers that were patched in time", "English"),
            ("Anteil der Notebooks mit verschlüsselter Festplatte und der rechtzeitig aktualisierten Server", "German"),
            ("Part des ordinateurs portables chiffrés et des serveurs mis à jour dans les délais", "French"),
            ("Porcentaje de portátiles cifrados y de servidores actualizados dentro del plazo previsto", "Spanish"),
            ("Aandeel van de laptops met versleutelde schijf en van de servers die op tijd zijn bijgewerkt", "Dutch"),
            (
                "Percentuale dei portatili cifrati e dei server aggiornati entro i termini previsti dalla politica, e dei \
                 salvataggi che sono stati completati senza errori nel corso del mese",
                "Italian",
            ),
            (
                "Percentagem de portáteis cifrados e de servidores atualizados dentro do prazo que não foi cumprido, e das cópias \
                 de segurança que foram concluídas sem erros durante o mês",
                "Portuguese",
            ),
        ];
        for (text, name) in texts {
            assert_eq!(of(text).map(Spoken::name), Some(name), "{text}");
        }
        assert_eq!(of("Part des postes qui ont la MFA").map(Spoken::name), Some("French"));
        assert_eq!(of("MFA coverage"), None);
        assert_eq!(of(""), None);
    }
}
