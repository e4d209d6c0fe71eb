//! The suggestions for items of any language: each is looked up among the places in its own one.

use std::collections::HashMap;

use super::{Scoped, text_of};
use crate::db::mappings::Item;
use crate::domain::code::Position;
use crate::domain::language::{self, Language, Spoken};
use crate::domain::suggest::{self, Neighbour, Suggester, Suggestion, Translation};
use crate::error::Result;
use crate::import::{bundled, words};

/// The places of a framework in the languages of the items.
#[derive(Debug)]
pub(super) struct Speakers {
    /// The language of the framework's own texts; unknown where they are few.
    native: Option<Spoken>,
    own: Suggester,
    others: HashMap<Language, Suggester>,
    /// What each catalog is written in, as far as that is clear.
    catalogs: HashMap<String, Option<Spoken>>,
}

impl Speakers {
    /// Indexes the framework's official text, examples, bundled wording, vocabulary and neighbours, and its translations to the
    /// languages that the items are written in.
    pub(super) fn new(scoped: &Scoped, items: &[Item]) -> Result<Self> {
        let short_name = scoped.framework();
        let framework = &scoped.known.framework;
        let wording = match bundled::find(&short_name) {
            Some(bundled) => Some(bundled.framework()?),
            None => None,
        };
        let vocabulary = words::vocabulary(&short_name)?;
        let targets = suggest::targets(framework, wording.as_ref(), &scoped.known.examples, &vocabulary);
        let texts: Vec<&str> = targets.iter().map(|(_, target)| target.text.as_str()).collect();
        let native = language::of(&texts.join(". "));
        let catalogs = by_catalog(items);
        let mut speakers =
            Speakers { native, own: Suggester::new(Language::English, Vec::new()), others: HashMap::new(), catalogs };
        for item in items.iter().filter(|item| !item.is_mapped) {
            let Some(Spoken::Known(language)) = speakers.spoken(item) else { continue };
            if speakers.others.contains_key(&language)
                || native.unwrap_or(Spoken::Known(Language::English)) == Spoken::Known(language)
            {
                continue;
            }
            let imported = || {
                let texts = scoped.known.translations.get(language.code())?.iter();
                let one = |text: &String| Translation { text: text.clone(), vocabulary: Vec::new() };
                Some(texts.map(|(code, text)| (code.clone(), one(text))).collect())
            };
            if let Some(translations) = words::translations(&short_name, language)?.or_else(imported) {
                let translated = suggest::translated(targets.clone(), &translations);
                speakers.others.insert(language, Suggester::new(language, translated));
            }
        }
        let own = match native {
            Some(Spoken::Known(language)) => language,
            _ => Language::English,
        };
        speakers.own = Suggester::new(own, targets).with_neighbours(&words::neighbours(&short_name)?);
        Ok(speakers)
    }

    /// What an item is written in: its own text says it where that is clear, else its catalog.
    fn spoken(&self, item: &Item) -> Option<Spoken> {
        let catalog = self.catalogs.get(&item.catalog).copied().flatten();
        match language::of(&text_of(item)) {
            Some(own @ Spoken::Known(_)) => Some(own),
            // One text is little to tell a language by that the whole sheet does not have.
            own => catalog.or(own),
        }
    }

    /// The name of the item's language, where there are no words for the framework in it.
    pub(super) fn unspoken(&self, item: &Item) -> Option<&'static str> {
        let spoken = self.spoken(item)?;
        let native = self.native.unwrap_or(Spoken::Known(Language::English));
        let is_covered = spoken == native || matches!(spoken, Spoken::Known(language) if self.others.contains_key(&language));
        (!is_covered).then(|| spoken.name())
    }

    /// The `top` best places for an item; none where its language is not covered.
    pub(super) fn suggest(&self, item: &Item, top: usize) -> Vec<Suggestion> {
        if self.unspoken(item).is_some() {
            return Vec::new();
        }
        let other = match self.spoken(item) {
            Some(Spoken::Known(language)) => self.others.get(&language),
            _ => None,
        };
        other.unwrap_or(&self.own).suggest_below(item.heading.as_deref(), &text_of(item), top)
    }

    /// What another document says that was mapped to the place, and is near to the item.
    pub(super) fn nearest(&self, item: &Item, position: &Position) -> Option<&Neighbour> {
        self.own.nearest(&text_of(item), position)
    }
}

/// The most of a catalog's text that its language is told by, in bytes.
const SAMPLE: usize = 20_000;

fn by_catalog(items: &[Item]) -> HashMap<String, Option<Spoken>> {
    let mut texts: HashMap<&str, String> = HashMap::new();
    for item in items {
        let text = texts.entry(&item.catalog).or_default();
        if text.len() < SAMPLE {
            text.push_str(&text_of(item));
            text.push('\n');
        }
    }
    texts.into_iter().map(|(catalog, text)| (catalog.to_owned(), language::of(&text))).collect()
}
