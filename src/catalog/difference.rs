//! How a catalog differs from another, or from a file.

use std::collections::HashMap;
use std::path::Path;

use uuid::Uuid;

use super::contents::{self, COMPARED, Content, Contents, Entry, Stored};
use crate::aside::Aside;
use crate::db::Connection;
use crate::domain::item::Field;
use crate::domain::renumber::{Namesakes, namesakes};
use crate::error::{Error, Result};
use crate::lookup;
use crate::session::Session;
use crate::table::Options;
use crate::table::map_file::MapFile;
use crate::table::source::Most;

#[derive(Debug)]
pub struct Request<'a> {
    /// The catalog to start from.
    pub from: &'a str,
    /// The catalog, or the file, to compare with it.
    pub to: &'a str,
    /// The user both belong to.
    pub owner: Option<&'a str>,
    /// The framework whose codes are compared; none for the one most mappings are to.
    pub framework: Option<&'a str>,
    pub options: &'a Options,
    /// The most bytes that a file may have.
    pub most: Most,
    /// The first of the options of a file that is given: a catalog has no use for it.
    pub option: Option<&'a str>,
}

/// How two catalogs differ.
#[derive(Debug, Default)]
pub struct Difference {
    /// Kind, number, name, field, before, after.
    pub rows: Aside<[Content; 6]>,
    pub added: usize,
    pub removed: usize,
    pub changed: usize,
    pub renumbered: usize,
    /// The name of the first catalog.
    pub from: String,
    /// What the user should know of how they were read.
    pub notes: Vec<String>,
    /// The columns that were found in a file.
    pub map: Option<MapFile>,
}

impl Difference {
    /// Compares an item of the first catalog with the one of the second, which may have another number.
    fn compare(&mut self, old: &Entry, new: Option<Vec<Content>>, is_renumbered: bool) -> Result<()> {
        let row = |kind: &str, field: Option<&str>, before: Content, after: Content| {
            let item = &old.item;
            let field = field.map(str::to_owned).into();
            [text(kind), item.metric_number.clone().into(), text(&item.name), field, before, after]
        };
        let Some(new) = new else {
            self.removed += 1;
            return self.rows.push(row("removed", None, Content::Nothing, Content::Nothing));
        };
        let mut is_changed = false;
        for ((field, was), is) in COMPARED.into_iter().zip(old.compared()).zip(new) {
            // A file without a direction leaves the catalog's alone, as an import of it would.
            if was == is || field == Field::Direction && is == Content::Nothing && self.map.is_some() {
                continue;
            }
            if is_renumbered && field == Field::MetricNumber {
                self.renumbered += 1;
                self.rows.push(row("renumbered", Some(field.as_str()), was, is))?;
            } else {
                is_changed = true;
                let field = if field == Field::Subcategory { "codes" } else { field.as_str() };
                self.rows.push(row("changed", Some(field), was, is))?;
            }
        }
        self.changed += usize::from(is_changed);
        Ok(())
    }

    /// Adds an item that the second catalog alone has.
    fn add(&mut self, fields: Vec<Content>) -> Result<()> {
        self.added += 1;
        let mut called = COMPARED.into_iter().zip(fields);
        let mut called = |wanted| called.find(|(field, _)| *field == wanted).map_or(Content::Nothing, |(_, cell)| cell);
        let (number, name) = (called(Field::MetricNumber), called(Field::Name));
        self.rows.push([text("added"), number, name, Content::Nothing, Content::Nothing, Content::Nothing])
    }
}

fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

/// Compares two catalogs. Exit 2 for names that are unknown, 65 for a file that cannot be read.
pub async fn between(session: &mut Session, request: &Request<'_>) -> Result<Difference> {
    let mut tx = session.read_one_state().await?;
    let framework_id = lookup::framework::if_named(&mut tx, request.framework).await?.map(|row| row.id);
    let from = lookup::catalog::find(&mut tx, request.from, request.owner).await?;
    let before = Stored::look(&mut tx, &from, framework_id).await?;
    let (mut after, map) = other(&mut tx, request, framework_id.or(before.framework_id)).await?;
    let renumbered = renumbered(&mut tx, &before, &mut after).await?;
    let mut difference = Difference { map, ..Difference::default() };
    before
        .each(&mut tx, |entry| {
            let key = entry.key();
            let partner = renumbered.get(&key);
            difference.compare(&entry, after.find(partner.unwrap_or(&key))?, partner.is_some())
        })
        .await?;
    tx.end().await?;
    difference.notes.extend(before.note_of_others("not compared", "compare").map(|note| format!("{}: {note}", from.name)));
    difference.notes.append(&mut after.warnings);
    difference.from = from.name;
    after.others(|fields| difference.add(fields))?;
    Ok(difference)
}

/// A catalog by its name, unless that is the path of a file and no catalog's name.
async fn other(tx: &mut Connection, request: &Request<'_>, framework_id: Option<Uuid>) -> Result<(Contents, Option<MapFile>)> {
    let text = request.to;
    match lookup::catalog::find(tx, text, request.owner).await {
        Ok(catalog) => {
            if let Some(option) = request.option {
                return Err(
                    Error::usage(format!("{option} is for tables, but this is a catalog")).hint(format!("leave out {option}"))
                );
            }
            Ok((contents::of_catalog(tx, &catalog, framework_id).await?, None))
        }
        Err(_) if Path::new(text).is_file() => {
            let (contents, map) = contents::of_file(tx, text, request.most, request.options, framework_id).await?;
            Ok((contents, Some(map)))
        }
        Err(error) if text.contains(['/', '.', '\\']) => {
            Err(error.detail(format!("and there is no file with this name: {text}")))
        }
        Err(error) => Err(error),
    }
}

/// The items of the first catalog that the second has under another number, with their keys there: where an import would ask
/// whether they are the same.
async fn renumbered(tx: &mut Connection, before: &Stored, after: &mut Contents) -> Result<HashMap<String, String>> {
    let mut gone = Vec::new();
    before
        .each(tx, |entry| {
            let key = entry.key();
            if !after.mark(&key) {
                gone.push((key, entry.item.name));
            }
            Ok(())
        })
        .await?;
    if gone.is_empty() {
        return Ok(HashMap::new());
    }
    let new = after.strangers()?;
    let found = namesakes(new.iter().map(|one| one.1.as_str()), gone.iter().map(|one| one.1.as_str()));
    Ok(found.iter().filter_map(Namesakes::pair).map(|(at, partner)| (gone[partner].0.clone(), new[at].0.clone())).collect())
}
