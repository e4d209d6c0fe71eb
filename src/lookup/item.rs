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
                error = error.detail(format!("{} in the catalog `{}`: {}", item.id, item.catalog, item.name));
            }
            Err(error.hint("name the catalog with --catalog, or use the item's id"))
        }
    }
}
