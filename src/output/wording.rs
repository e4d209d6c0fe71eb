//! How the commands are written that cmf tells to type: with the options that lead to the database of the run.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// Makes of a text the same with other words.
type Word = dyn Fn(&str) -> String + Send + Sync;

/// As they are, unless there is something to add.
#[derive(Clone, Default)]
pub(super) struct Wording(Option<Arc<Word>>);

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wording").field(&self.0.is_some()).finish()
    }
}

impl Wording {
    pub fn new(word: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Wording(Some(Arc::new(word)))
    }

    pub fn of<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.0.as_ref().map_or(Cow::Borrowed(text), |word| Cow::Owned(word(text)))
    }
}
