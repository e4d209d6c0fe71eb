//! An item of a catalog by its number, name or id.

use crate::db::mappings::Item;
use crate::domain::naming::Names;
use crate::domain::near;
use crate::error::{Error, Result};

/// The one of these items that people call `text`. Exit 2 when there is none (with near ones), or several.
pub fn find<'a>(items: &'a [Item], text: &str) -> Result<&'a Item> {
    let names: Names = items.iter().map(|item| (item.id, item.metric_number.as_deref(), item.name.as_str())).collect();
    match names.find(text) {
        [one] => Ok(&items[*one]),
        [] => {
            let meant = near::question(&names.near(text)).unwrap_or_else(|| "see `cmf catalog show CATALOG`".to_owned());
            Err(Error::usage(format!("no item has the number, name or id `{text}`")).hint(meant))
        }
        several => {
            let mut error = Error::usage(format!("{} items are called `{text}`", several.len()));
            for item in several.iter().take(10).map(|&at| &items[at]) {
                error = error.detail(format!("{} in catalog {}: {}", item.id, item.catalog, item.name));
            }
            Err(error.hint("name the catalog with --catalog, or use the item's id"))
        }
    }
}
