//! A framework by name, and what mapping needs to know of it.

use std::collections::BTreeMap;

use crate::db::catalogs::Catalog;
use crate::db::frameworks::Row;
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Withdrawal};
use crate::domain::framework::{Framework, short_name};
use crate::domain::near;
use crate::error::{Error, Result};
use crate::import::bundled;
use crate::tell::Tell;

/// The framework taken if none is named and the mappings do not tell.
pub const USUAL: &str = "csf-2.0";

/// The one of these that people call `name`: `csf-2.0`, `NIST CSF 2.0`, its id, or its name without a version where only one
/// has that name.
pub fn named<'a>(frameworks: &'a [Row], name: &str) -> Option<&'a Row> {
    let name = name.trim();
    let whole = frameworks.iter().find(|row| {
        let forms = [row.short_name(), format!("{} {}", row.name, row.version), row.id.to_string()];
        forms.iter().any(|form| form.eq_ignore_ascii_case(name))
    });
    let mut editions = frameworks.iter().filter(|row| {
        let forms = [short_name(&row.name, "").trim_end_matches('-').to_owned(), row.name.clone()];
        forms.iter().any(|form| form.eq_ignore_ascii_case(name))
    });
    whole.or_else(|| editions.next().filter(|_| editions.next().is_none()))
}

/// The error of a name that none of these has.
pub fn unknown(frameworks: &[Row], name: &str) -> Error {
    let known: Vec<_> = frameworks.iter().map(Row::short_name).collect();
    let error = Error::usage(format!("no framework in the database has the name or the code `{name}`"));
    match bundled::find(name) {
        Some(bundled) => error.hint(format!("run `cmf seed {}` first", bundled.short_name)),
        None if known.is_empty() => error.hint("run `cmf seed` first"),
        None => error.hint(
            near::did_you_mean(name, known.iter().map(String::as_str))
                .unwrap_or_else(|| format!("the database has: {}", known.join(", "))),
        ),
    }
}

/// The framework that people call `name`, as [`named`]. Exit 2 with the known ones when there is none.
pub async fn find(tx: &mut Connection, name: &str) -> Result<Row> {
    among(&db::frameworks::list(tx).await?, name)
}

fn among(frameworks: &[Row], name: &str) -> Result<Row> {
    named(frameworks, name).cloned().ok_or_else(|| unknown(frameworks, name))
}

/// [`find`] where a name is given.
pub async fn if_named(tx: &mut Connection, name: Option<&str>) -> Result<Option<Row>> {
    match name {
        Some(name) => find(tx, name).await.map(Some),
        None => Ok(None),
    }
}

/// The framework that is named, else the one that the catalog, or all of them, has confirmed mappings to. Where that could be
/// several it is the usual one, and the user hears of the others. Exit 2 when it is not in the database, and where there are
/// several and the usual one is not among them.
pub async fn chosen(tell: &dyn Tell, tx: &mut Connection, name: Option<&str>, catalog: Option<&Catalog>) -> Result<Row> {
    if let Some(name) = name {
        return find(tx, name).await;
    }
    let mapped = db::frameworks::mapped_by(tx, catalog.map(|catalog| catalog.id)).await?;
    let frameworks = db::frameworks::list(tx).await?;
    let (mapped, others): (Vec<Row>, Vec<Row>) = frameworks.into_iter().partition(|row| mapped.contains(&row.id));
    if mapped.len() < 2 {
        let all: Vec<Row> = mapped.iter().cloned().chain(others).collect();
        return mapped.into_iter().next().map_or_else(|| among(&all, USUAL), Ok);
    }
    let names: Vec<String> = mapped.iter().map(Row::short_name).collect();
    let whose = match catalog {
        Some(catalog) => format!("`{}` has", catalog.name),
        None => "the catalogs have".to_owned(),
    };
    let what = format!("{whose} confirmed mappings to {}", names.join(" and "));
    let options: Vec<String> = names.iter().map(|name| format!("--framework {name}")).collect();
    let options = format!("choose one with {}", options.join(" or "));
    let Some(usual) = mapped.into_iter().find(|row| row.short_name() == USUAL) else {
        return Err(Error::usage(format!("{what}: choose one")).hint(options));
    };
    tell.notice(&format!("note: {what}; cmf uses {USUAL} ({options})"));
    Ok(usual)
}

/// A framework with what mapping needs beside its tree.
#[derive(Debug, Clone)]
pub struct Known {
    pub row: Row,
    pub framework: Framework,
    /// Codes it had once, from the newest imported file, else from the bundled list.
    pub withdrawn: Vec<Withdrawal>,
    /// Implementation examples by code, where an imported file had them.
    pub examples: BTreeMap<String, Vec<String>>,
    /// Texts in other languages, by the language's code and the item's, where an imported file had them.
    pub translations: BTreeMap<String, BTreeMap<String, String>>,
}

impl Known {
    /// The index of its codes, live and withdrawn.
    pub fn codes(&self) -> CodeIndex {
        CodeIndex::new(&self.framework).with_withdrawn(&self.withdrawn)
    }
}

/// Reads a framework with everything that is known of it.
pub async fn known(tx: &mut Connection, row: Row) -> Result<Known> {
    let framework = db::frameworks::assembled(&row, db::frameworks::tree(tx, row.id).await?);
    let imported = db::frameworks::newest_import(tx, row.id).await?.unwrap_or_default();
    let part = |name: &str| imported.get(name).cloned().unwrap_or_default();
    let mut withdrawn: Vec<Withdrawal> = serde_json::from_value(part("withdrawn")).unwrap_or_default();
    if withdrawn.is_empty()
        && let Some(bundled) = bundled::find(&row.short_name())
    {
        withdrawn = bundled.withdrawn()?;
    }
    let examples = serde_json::from_value(part("examples")).unwrap_or_default();
    let translations = serde_json::from_value(part("translations")).unwrap_or_default();
    Ok(Known { row, framework, withdrawn, examples, translations })
}
