//! Names that begin as is typed, for who completes them.

use crate::db::names::Name;
use crate::db::{self, Connection};
use crate::error::Result;

/// More names than this are no choice.
const LIMIT: i64 = 300;

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Metric,
    /// An item of a catalog, active or not.
    Item,
    Catalog,
    Crosswalk,
    Framework,
    User,
    Code,
    Function,
    Category,
    /// A row of the audit trail.
    Change,
}

/// The names of a kind that begin so, each with what it stands for.
pub async fn beginning(tx: &mut Connection, kind: Kind, typed: &str) -> Result<Vec<(String, Option<String>)>> {
    let found = match kind {
        Kind::Item => db::names::items(tx, typed, LIMIT).await?,
        Kind::Function => db::names::functions(tx, typed, LIMIT).await?,
        Kind::Category => db::names::categories(tx, typed, LIMIT).await?,
        Kind::Change => db::names::changes(tx, typed, LIMIT).await?,
        Kind::Metric => db::names::metrics(tx, typed, LIMIT).await?,
        Kind::Catalog => db::names::catalogs(tx, typed, LIMIT).await?,
        Kind::User => db::names::users(tx, typed, LIMIT).await?,
        Kind::Code => db::names::codes(tx, typed, LIMIT).await?,
        Kind::Crosswalk => {
            let all = db::crosswalks::list(tx).await?.into_iter();
            let names = all.map(|row| Name { name: row.name, about: Some(format!("of {}", row.owner)) });
            names.filter(|name| name.name.to_lowercase().starts_with(&typed.to_lowercase())).collect()
        }
        Kind::Framework => {
            let all = db::frameworks::list(tx).await?.into_iter();
            let names = all.map(|row| Name { name: row.short_name(), about: Some(format!("{} {}", row.name, row.version)) });
            names.filter(|name| name.name.starts_with(&typed.to_lowercase())).collect()
        }
    };
    Ok(found.into_iter().map(|Name { name, about }| (name, about)).collect())
}
