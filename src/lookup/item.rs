//! An item of a catalog by its number, name or id.

use crate::db::mappings::Item;
use crate::domain::naming::{Called, Names};
use crate::domain::near;
use crate::error::{Error, Result};

impl Called for Item {
    fn id(&self) -> uuid::Uuid {
        self.id
    }

    fn number(&self) -> Option<&str> {
        self.metric_number.as_deref()
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// How to name one of several items or metrics that are called the same; `catalog` is where one is.
pub(super) fn told_apart<T: Called, C: PartialEq>(several: &[&T], catalog: impl Fn(&T) -> C) -> String {
    let has_own_number = |one: &&T| {
        one.number().is_some_and(|number| several.iter().filter(|other| other.number() == Some(number)).count() == 1)
    };
    let by = if several.iter().all(has_own_number) { "number" } else { "id" };
    if several.iter().any(|one| catalog(one) != catalog(several[0])) {
        format!("name the catalog with --catalog, or use the {by} instead of the name")
    } else {
        format!("use the {by} instead of the name")
    }
}

/// The one of these items that people call `text`. Exit 2 when there is none (with near ones), or several.
pub fn find<'a>(items: &'a [Item], text: &str) -> Result<&'a Item> {
    let names = Names::from(items.iter().collect::<Vec<_>>());
    match names.find(text).as_slice() {
        [one] => Ok(&items[*one]),
        [] => {
            let meant = near::question(&names.near(text)).unwrap_or_else(|| "see `cmf catalog show CATALOG`".to_owned());
            Err(Error::usage(format!("no item has the number, name or id `{text}`")).hint(meant))
        }
        several => {
            let mut error = Error::usage(format!("{} items are called `{text}`", several.len()));
            for item in several.iter().take(10).map(|&at| &items[at]) {
                let number = item.metric_number.as_ref().map(|number| format!("{number}, ")).unwrap_or_default();
                error = error.detail(format!("{number}{} in the catalog `{}`: {}", item.id, item.catalog, item.name));
            }
            let chosen: Vec<&Item> = several.iter().map(|&at| &items[at]).collect();
            Err(error.hint(told_apart(&chosen, |item| item.catalog.clone())))
        }
    }
}
