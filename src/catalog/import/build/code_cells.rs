//! What code cells say: the same few cells say so in row after row, and are looked up once.

use std::collections::HashMap;

use crate::domain::code::{CodeIndex, Reference};
use crate::domain::near::Suggestions;

/// How many texts are remembered.
const MEMORY: usize = 1_000;

/// What code cells say, and what may have been meant where they say nothing.
pub(super) struct Lookup<'a> {
    pub(super) cells: Cells<'a>,
    pub(super) near: Suggestions,
}

/// The same few cells say so in row after row, and are looked up once.
pub(super) struct Cells<'a> {
    pub(super) index: &'a CodeIndex,
    known: HashMap<String, (Vec<Reference>, bool)>,
}

impl<'a> Lookup<'a> {
    pub(super) fn new(index: &'a CodeIndex) -> Self {
        Lookup { cells: Cells { index, known: HashMap::new() }, near: Suggestions::default() }
    }
}

impl Cells<'_> {
    /// The codes in a text, and whether there are some of other frameworks.
    pub(super) fn find(&mut self, text: &str) -> &(Vec<Reference>, bool) {
        if !self.known.contains_key(text) && self.known.len() >= MEMORY {
            self.known.clear();
        }
        // Asked for twice, so that a text that is known is not copied.
        if !self.known.contains_key(text) {
            self.known.insert(text.to_owned(), (self.index.find_all(text), self.index.has_foreign(text)));
        }
        &self.known[text]
    }
}
