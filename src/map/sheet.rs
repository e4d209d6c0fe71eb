//! Decisions in a spreadsheet: each row is a mapping, or an item without one. What comes back says what the mappings of its items
//! to that framework shall be; items that are not in the sheet are left alone.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Scope, Scoped};
use crate::db::audit::Audit;
use crate::db::mappings::{Item, Line, Mapping, New};
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Position};
use crate::domain::framework::Framework;
use crate::domain::listed;
use crate::domain::near::Suggestions;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result, shell_word};
use crate::files::NewFile;
use crate::lookup;
use crate::session::Session;
use crate::sheet::{Book, Choices, Value as Shown};
use crate::table::problem::repeated;
use crate::table::rows::{Known, List, Listed, Step};

/// Hands the items of a scope to `each`, a line a mapping; `pending`: only those without a confirmed one.
pub async fn lines(session: &mut Session, scope: &Scope, pending: bool, each: impl FnMut(Line) -> Result<()>) -> Result<()> {
    let mut tx = session.read().await?;
    let scoped = scope.resolve(&mut tx).await?;
    db::mappings::each_line(&mut tx, scoped.catalog_id, scoped.known.row.id, pending, each).await?;
    tx.end().await
}

/// Writes the same lines as a workbook, with the codes to choose from. `names` are those of the columns of a line. Returns how many
/// items and rows it has.
pub async fn workbook(
    session: &mut Session,
    scope: &Scope,
    pending: bool,
    names: impl Iterator<Item = &'static str>,
    file: &mut NewFile,
) -> Result<(usize, u32)> {
    let mut tx = session.read().await?;
    let scoped = scope.resolve(&mut tx).await?;
    let catalog_id = one_catalog(&mut tx, &scoped).await?;
    let mut book = Book::new("write CSV with --format csv instead of --xlsx, or shorten the text");
    book.sheet("Mappings", &[2, 3])?;
    let mut headers: Vec<&str> = names.collect();
    headers.insert(TEXT, "code_text");
    book.head(&headers)?;
    book.widths([10, 16, 14, 40, 60, 14, 50, 11, 15, 13])?;
    book.hide(0)?;
    book.wrap(4);
    let texts = texts(&scoped.known.framework);
    let (mut items, mut rows, mut last) = (0_usize, 0_u32, None);
    db::mappings::each_line(&mut tx, catalog_id, scoped.known.row.id, pending, |line| {
        items += usize::from(last.replace(line.item_id) != Some(line.item_id));
        rows += 1;
        // The text follows when another code is chosen.
        let place = format!("F{},Codes!$A:$C", rows + 1);
        let formula =
            format!("IFERROR(IF(VLOOKUP({place},2,FALSE)<>\"\",VLOOKUP({place},2,FALSE),VLOOKUP({place},3,FALSE)),\"\")");
        let text = line.code.as_ref().and_then(|code| texts.get(code.as_str())).copied().unwrap_or_default();
        book.row(&[
            line.item_id.to_string().into(),
            line.catalog.into(),
            line.metric_number.into(),
            line.name.into(),
            line.description.into(),
            line.code.into(),
            Shown::Formula(formula, text.to_owned()),
            line.confidence.into(),
            line.is_ai_suggested.map(yes_no).into(),
            line.is_confirmed.map(yes_no).into(),
        ])
    })
    .await?;
    tx.end().await?;
    book.choices(5, rows, &Choices::Column("Codes", 'A', texts.len()))?;
    book.choices(9, rows, &Choices::Words(&["yes", "no"]))?;
    codes_sheet(&mut book, &scoped.known.framework)?;
    book.save(file)?;
    Ok((items, rows))
}

/// The column of what a code says.
const TEXT: usize = 6;

/// What each code says: a function's or category's name, a subcategory's text.
fn texts(framework: &Framework) -> BTreeMap<&str, &str> {
    let mut texts = BTreeMap::new();
    for function in &framework.functions {
        texts.insert(function.code.as_str(), function.name.as_str());
        for category in &function.categories {
            texts.insert(&category.code, &category.name);
            texts.extend(category.subcategories.iter().map(|one| (one.code.as_str(), one.description.as_str())));
        }
    }
    texts
}

/// The one catalog that a workbook is of: the named one, else the only one, else the only active one. Exit 2 if that is none.
async fn one_catalog(tx: &mut Connection, scoped: &Scoped) -> Result<Option<Uuid>> {
    let catalogs = db::catalogs::list(tx, None).await?;
    let mut active = catalogs.iter().filter(|catalog| catalog.is_active);
    match (scoped.catalog_id, catalogs.as_slice(), active.next(), active.next()) {
        (Some(id), ..) => Ok(Some(id)),
        (None, [], ..) => Ok(None),
        (None, [only], ..) => Ok(Some(only.id)),
        (None, _, Some(active), None) => Ok(Some(active.id)),
        _ => {
            let names: Vec<String> =
                catalogs.iter().map(|catalog| format!("--catalog {}", shell_word(&catalog.name))).collect();
            Err(Error::usage("a workbook holds one catalog, but there are several")
                .hint(format!("name one: {}", names.join(" or "))))
        }
    }
}

/// The second sheet: the codes to choose from.
fn codes_sheet(book: &mut Book, framework: &Framework) -> Result<()> {
    book.sheet("Codes", &[0])?;
    book.head(&["code", "name", "description"])?;
    book.widths([14, 40, 100])?;
    let mut add = |code: &str, name: &str, text: &str| book.row(&[code.into(), name.into(), text.into()]);
    for function in &framework.functions {
        add(&function.code, &function.name, function.description.as_deref().unwrap_or_default())?;
        for category in &function.categories {
            add(&category.code, &category.name, category.description.as_deref().unwrap_or_default())?;
            for subcategory in &category.subcategories {
                add(&subcategory.code, "", &subcategory.description)?;
            }
        }
    }
    Ok(())
}

const fn yes_no(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// What the sheet says about one item: a place and whether it is confirmed.
pub type Wanted = BTreeMap<Position, bool>;

/// An edited sheet.
#[derive(Debug)]
pub struct Edited {
    /// By item, in the order of the sheet.
    pub items: Vec<(Uuid, Wanted)>,
    /// What is worth telling.
    pub notices: Vec<String>,
}

/// Makes the mappings of the items of a sheet what it says.
/// Exit 65 with all that is wrong in it: nothing is changed then.
pub async fn apply(
    session: &mut Session,
    scope: &Scope,
    table: &Listed,
    accept_successors: bool,
    dry_run: bool,
) -> Result<(Edited, Changes)> {
    let file = table.source().place().file;
    session
        .change(dry_run, async |tx| {
            let scoped = scope.resolve(tx).await?;
            let framework_id = scoped.known.row.id;
            let items = db::mappings::items(tx, scoped.catalog_id, framework_id).await?;
            let place = Place { sheet: table.sheet.clone(), ..table.source().place() };
            let mut strangers = Strangers::default();
            let sheet = match read(table, &items, &scoped, accept_successors, &mut strangers) {
                Ok(sheet) => sheet,
                Err(error) => {
                    let error = match elsewhere(tx, scope, &scoped, &strangers, file.as_deref()).await? {
                        Some(of_another) => of_another,
                        None => strangers.told(error, &db::mappings::items(tx, None, framework_id).await?),
                    };
                    return Err(error.at(place));
                }
            };
            let ids: Vec<Uuid> = sheet.items.iter().map(|(id, _)| *id).collect();
            db::locks::catalogs_of_items(tx, &ids).await?;
            let before = db::mappings::list(tx, scoped.catalog_id, Some(framework_id)).await?;
            let changes = Changes::between(&before, &sheet.items);
            db::mappings::delete(tx, &changes.removed).await?;
            db::mappings::set_confirmed(tx, &changes.confirmed, true).await?;
            db::mappings::set_confirmed(tx, &changes.withdrawn, false).await?;
            db::mappings::insert(tx, framework_id, &changes.added).await?;
            let mut result = changes.counts();
            if let Some(result) = result.as_object_mut() {
                result.insert("framework_id".to_owned(), json!(framework_id));
                result.insert("file".to_owned(), json!(file));
            }
            let audit = (!changes.is_empty()).then(|| Audit::of("map.import", result));
            Ok(((sheet, changes), audit))
        })
        .await
}

/// What makes the database say what the sheet says.
#[derive(Debug, Default)]
pub struct Changes {
    pub added: Vec<New>,
    pub confirmed: Vec<Uuid>,
    pub withdrawn: Vec<Uuid>,
    pub removed: Vec<Uuid>,
}

impl Changes {
    fn between(before: &[Mapping], wanted: &[(Uuid, Wanted)]) -> Self {
        let mut changes = Changes::default();
        let mut of_item: HashMap<Uuid, Vec<&Mapping>> = HashMap::new();
        for mapping in before {
            of_item.entry(mapping.item_id).or_default().push(mapping);
        }
        for (item_id, wanted) in wanted {
            let mut known = HashSet::new();
            for mapping in of_item.get(item_id).into_iter().flatten() {
                let position = mapping.position();
                match wanted.get(&position) {
                    // The same place twice is once too often.
                    _ if !known.insert(position.clone()) => changes.removed.push(mapping.id),
                    None => changes.removed.push(mapping.id),
                    Some(true) if !mapping.is_confirmed => changes.confirmed.push(mapping.id),
                    Some(false) if mapping.is_confirmed => changes.withdrawn.push(mapping.id),
                    Some(_) => {}
                }
            }
            for (position, &is_confirmed) in wanted.iter().filter(|(position, _)| !known.contains(*position)) {
                changes.added.push(New {
                    item_id: *item_id,
                    position: position.clone(),
                    confidence: None::<Decimal>,
                    is_ai_suggested: false,
                    is_confirmed,
                });
            }
        }
        changes
    }

    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.confirmed.is_empty() && self.withdrawn.is_empty() && self.removed.is_empty()
    }

    fn counts(&self) -> Value {
        json!({
            "added": self.added.len(), "confirmed": self.confirmed.len(), "unconfirmed": self.withdrawn.len(),
            "removed": self.removed.len(),
        })
    }
}

/// What is read of an edited sheet; the other columns are for people.
pub const LIST: List = List {
    fields: &[
        Known::required("item_id", &["item id"]),
        Known::required("code", &["code"]),
        Known::required("is_confirmed", &["is confirmed"]),
    ],
    ..List::refusing(lacking)
};

fn lacking(missing: &[&str], _: &[String]) -> Error {
    let noun = if missing.len() == 1 { "column" } else { "columns" };
    Error::data(format!("the first row lacks the {noun} {}", missing.join(", "))).hint(
        "make the sheet with `cmf map export --xlsx FILE.xlsx` and keep its first row; the column item_id is hidden in it",
    )
}

/// The items of a sheet that the catalog does not have.
#[derive(Default)]
struct Strangers {
    /// Their rows.
    rows: BTreeMap<Uuid, Vec<u64>>,
    /// Whether a row has something else than the id of an item.
    is_edited: bool,
    /// Whether the sheet also has items of the catalog.
    is_mixed: bool,
}

impl Strangers {
    /// The error with the catalogs that have them.
    fn told(&self, error: Error, all: &[Item]) -> Error {
        let mut of: BTreeMap<Option<&str>, Vec<u64>> = BTreeMap::new();
        for (id, rows) in &self.rows {
            let catalog = all.iter().find(|item| item.id == *id).map(|item| item.catalog.as_str());
            of.entry(catalog).or_default().extend(rows);
        }
        let (has_lost, has_others) = (self.is_edited || of.contains_key(&None), of.keys().any(Option::is_some));
        let error = of.into_iter().fold(error, |error, (catalog, mut rows)| {
            rows.sort_unstable();
            let numbers: Vec<String> = rows.iter().take(10).map(u64::to_string).collect();
            let more = if rows.len() > 10 { ", ..." } else { "" };
            let whose = catalog.map_or("the item_id is of no item".to_owned(), |name| format!("items of the catalog `{name}`"));
            error.detail(format!("{} ({}{more}): {whose}", counted(rows.len(), "row"), numbers.join(", ")))
        });
        let error = if has_others {
            error.hint(
                "leave out --catalog to import the rows of all catalogs, or keep only the rows of one catalog in the sheet",
            )
        } else {
            error
        };
        if has_lost {
            error.hint("cmf finds items by the column item_id: if it was edited, export the sheet again")
        } else {
            error
        }
    }
}

/// The error of a sheet whose items that the named catalog lacks are all of one other catalog.
async fn elsewhere(
    tx: &mut Connection,
    scope: &Scope,
    scoped: &Scoped,
    strangers: &Strangers,
    file: Option<&str>,
) -> Result<Option<Error>> {
    let is_none = strangers.rows.is_empty() || strangers.is_mixed;
    let (Some(_), Some(named), false) = (scoped.catalog_id, &scope.catalog, is_none) else { return Ok(None) };
    let all = db::mappings::items(tx, None, scoped.known.row.id).await?;
    let theirs: Vec<&Item> = all.iter().filter(|item| strangers.rows.contains_key(&item.id)).collect();
    let names: BTreeSet<&str> = theirs.iter().map(|item| item.catalog.as_str()).collect();
    let (Some(name), 1, true) = (names.first(), names.len(), theirs.len() == strangers.rows.len()) else { return Ok(None) };
    // Several users may have a catalog of this name.
    let mut catalogs = db::catalogs::list(tx, None).await?;
    catalogs.retain(|catalog| catalog.name == *name && Some(catalog.id) != scoped.catalog_id);
    let [catalog] = catalogs.as_slice() else { return Ok(None) };
    let is_of_another = scope.owner.is_some() || catalog.name == *named;
    let (of, owner) = if is_of_another {
        (format!(" of {}", catalog.owner), format!(" --owner {}", shell_word(&catalog.owner)))
    } else {
        (String::new(), String::new())
    };
    let whose = match theirs.len() {
        1 => "the item of the sheet is".to_owned(),
        count => format!("all {count} items of the sheet are"),
    };
    Ok(Some(Error::data(format!("{whose} of the catalog `{name}`{of}, not of `{named}`")).hint(format!(
        "`cmf map import {} --catalog {}{owner}` imports the sheet",
        shell_word(file.unwrap_or("FILE")),
        shell_word(name)
    ))))
}

fn read(table: &Listed, items: &[Item], scoped: &Scoped, accept_successors: bool, strangers: &mut Strangers) -> Result<Edited> {
    let [item_id, code, is_confirmed] = ["item_id", "code", "is_confirmed"].map(|name| table.column(name).unwrap_or_default());
    let known: HashMap<Uuid, &Item> = items.iter().map(|item| (item.id, item)).collect();
    let (index, near) = (scoped.known.codes(), Suggestions::default());
    let framework = scoped.known.row.short_name();
    let mut sheet = Edited { items: Vec::new(), notices: Vec::new() };
    let (mut problems, mut notices) = (listed::Listed::of_at_most(SHOWN), listed::Listed::of_at_most(SHOWN));
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut rows = table.rows()?;
    while rows.step()? == Step::Row {
        let number = rows.row().number;
        let cell = |at: usize| rows.text(at);
        let id = cell(item_id).parse::<Uuid>().ok();
        let Some(item) = id.and_then(|id| known.get(&id)) else {
            if let Some(id) = id {
                strangers.rows.entry(id).or_default().push(number);
            } else {
                strangers.is_edited = true;
                problems.add(|| {
                    let id = repeated(cell(item_id));
                    format!("row {number}, column item_id: `{id}` is not the id of an item; `cmf map export --xlsx FILE.xlsx` writes a sheet with the ids")
                });
            }
            continue;
        };
        let at = *places.entry(item.id).or_insert_with(|| {
            sheet.items.push((item.id, Wanted::new()));
            sheet.items.len() - 1
        });
        let confirmed = match cell(is_confirmed).to_lowercase().as_str() {
            "yes" | "y" | "true" | "1" | "x" => true,
            "" | "no" | "n" | "false" | "0" => false,
            other => {
                problems.add(|| format!("row {number}, column is_confirmed: `{}` is neither yes nor no", repeated(other)));
                continue;
            }
        };
        match codes(&index, &near, cell(code), accept_successors, &framework) {
            Ok((live, successors)) => {
                for (position, certain) in
                    live.into_iter().map(|one| (one, confirmed)).chain(successors.into_iter().map(|one| (one, false)))
                {
                    if !certain && confirmed {
                        notices.add(|| format!("row {number}: mapped to the successor {}, unconfirmed", position.code()));
                    }
                    let entry = sheet.items[at].1.entry(position).or_insert(certain);
                    *entry |= certain;
                }
            }
            Err(message) => problems.add(|| format!("row {number}, column code: {message}")),
        }
    }
    let strange: usize = strangers.rows.values().map(Vec::len).sum();
    if problems.count() + strange == 0 {
        sheet.notices = notices.lines();
        return Ok(sheet);
    }
    strangers.is_mixed = !sheet.items.is_empty();
    let is_strange = problems.count() == 0;
    let error = Error::data(format!("the sheet has {}", counted(problems.count() + strange, "problem")));
    let error = problems.lines().into_iter().fold(error, Error::detail);
    Err(if is_strange { error } else { error.hint("correct these rows in the sheet, and run the command again") })
}

/// How many problems of a sheet, and how many notices, a person is told.
const SHOWN: usize = 50;

type Codes = (Vec<Position>, Vec<Position>);

fn codes(
    index: &CodeIndex,
    near: &Suggestions,
    cell: &str,
    accept_successors: bool,
    framework: &str,
) -> std::result::Result<Codes, String> {
    match lookup::code::resolve(index, near, cell, accept_successors, framework) {
        Ok(resolved) => Ok((resolved.live, resolved.successors.into_iter().map(|(_, position)| position).collect())),
        Err(error) => Err(error
            .to_text()
            .trim_start_matches("error: ")
            .replace("\nhint: ", "; ")
            .replace("\n  ", "; ")
            .replace('\n', "; ")),
    }
}
