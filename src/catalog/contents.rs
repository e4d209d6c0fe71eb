//! What a catalog holds, whether it is in the database or in a file: for comparing and exporting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::aside::Aside;
use crate::catalog::import::build::{self, Built, Outcome, Refusal, Taker};
use crate::db::catalogs::Catalog;
use crate::db::{self, Connection};
use crate::domain::code::{CodeIndex, Position};
use crate::domain::item::{Field, Item, natural_key};
use crate::domain::listed::Listed;
use crate::domain::number::{Number, finite};
use crate::domain::reading::Counted;
use crate::domain::text::counted;
use crate::error::{Error, Place, Result, shell_word};
use crate::lookup;
use crate::table::decision;
use crate::table::map_file::MapFile;
use crate::table::source::{Most, Source};
use crate::table::{self, Options, Prepared, outline, problem};

/// One item with the places it is mapped to.
#[derive(Debug, Clone, Default)]
pub struct Entry {
    /// The item's id, of a catalog in the database.
    pub id: Option<Uuid>,
    /// Its row in the sheet that it came from.
    pub row: Option<u64>,
    pub item: Item,
    pub positions: Vec<Position>,
    /// Columns of the sheet that are no field, with their cells.
    pub extra: Vec<(String, String)>,
    /// Fields in which another program left `NaN`.
    pub nan: Vec<Field>,
}

/// What an item has in a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Content {
    Nothing,
    Text(String),
    Number(Number),
}

impl From<Option<String>> for Content {
    fn from(text: Option<String>) -> Self {
        text.map_or(Content::Nothing, Content::Text)
    }
}

impl From<Option<Decimal>> for Content {
    fn from(number: Option<Decimal>) -> Self {
        number.map_or(Content::Nothing, |number| Content::Number(number.normalize().into()))
    }
}

/// Items to look up one by one, and to go through in the order of the sheet.
#[derive(Debug, Default)]
pub struct Contents {
    items: Aside<Vec<Content>>,
    /// Where each is, by its key, and whether it was looked up.
    positions: HashMap<String, (usize, bool)>,
    /// What the user should know of how a file was read.
    pub warnings: Vec<String>,
}

impl Contents {
    fn add(&mut self, entry: &Entry) -> Result<()> {
        self.positions.insert(entry.key(), (self.items.len(), false));
        self.items.push(entry.compared())
    }

    /// What is [compared](Entry::compared) of the item that has this key. Exit 73 when the temporary file cannot be read.
    pub fn find(&mut self, key: &str) -> Result<Option<Vec<Content>>> {
        let Some((position, is_found)) = self.positions.get_mut(key) else { return Ok(None) };
        *is_found = true;
        self.items.get(*position).map(Some)
    }

    /// Marks the item that has this key as looked up; says whether there is one.
    pub fn mark(&mut self, key: &str) -> bool {
        self.positions.get_mut(key).map(|(_, is_found)| *is_found = true).is_some()
    }

    /// The keys and names of the items that were not looked up, in the order of the sheet.
    pub fn strangers(&mut self) -> Result<Vec<(String, String)>> {
        let mut left: Vec<(usize, &String)> =
            self.positions.iter().filter(|(_, (_, is_found))| !is_found).map(|(key, (position, _))| (*position, key)).collect();
        left.sort_unstable();
        let mut strangers = Vec::with_capacity(left.len());
        for (position, key) in left {
            let fields = self.items.get(position)?;
            let name = COMPARED.into_iter().zip(fields).find_map(|(field, cell)| match cell {
                Content::Text(name) if field == Field::Name => Some(name),
                _ => None,
            });
            strangers.push((key.clone(), name.unwrap_or_default()));
        }
        Ok(strangers)
    }

    /// Hands the same of the items that were not looked up to `take`.
    pub fn others(mut self, mut take: impl FnMut(Vec<Content>) -> Result<()>) -> Result<()> {
        let left = self.positions.into_values().filter(|(_, is_found)| !is_found);
        let mut positions: Vec<usize> = left.map(|(position, _)| position).collect();
        positions.sort_unstable();
        positions.into_iter().try_for_each(|position| take(self.items.get(position)?))
    }
}

/// Fields that an item is exported with, in the order of columns.
pub const FIELDS: [Field; 20] = [
    Field::MetricNumber,
    Field::Name,
    Field::Description,
    Field::Direction,
    Field::TargetValue,
    Field::TargetLower,
    Field::TargetUpper,
    Field::Unit,
    Field::CurrentValue,
    Field::Priority,
    Field::Owner,
    Field::Frequency,
    Field::Formula,
    Field::Goal,
    Field::MeasureType,
    Field::DataSource,
    Field::Evidence,
    Field::ReviewDate,
    Field::Numerator,
    Field::Denominator,
];

/// Fields by which two items are compared. The codes are the last.
pub const COMPARED: [Field; 21] = {
    let mut fields = [Field::Subcategory; 21];
    fields.split_at_mut(FIELDS.len()).0.copy_from_slice(&FIELDS);
    fields
};

impl Entry {
    /// What makes it the same item in another catalog.
    pub fn key(&self) -> String {
        natural_key(self.item.metric_number.as_deref(), &self.item.name)
    }

    /// A field of the item; the codes are under `subcategory`.
    pub fn field(&self, field: Field) -> Content {
        let item = &self.item;
        if self.nan.contains(&field) {
            return Content::Number(Number::NaN);
        }
        match field {
            Field::MetricNumber => item.metric_number.clone().into(),
            Field::Name => Some(item.name.clone()).into(),
            Field::Description => item.description.clone().into(),
            Field::CurrentValue => item.current_value.into(),
            Field::TargetValue => item.target_value.into(),
            Field::TargetLower => item.target_lower.into(),
            Field::TargetUpper => item.target_upper.into(),
            Field::Unit => item.unit.clone().into(),
            Field::Direction => item.direction.map(|direction| direction.as_str().to_owned()).into(),
            Field::Priority => item.priority.map(|priority| priority.as_str().to_owned()).into(),
            Field::Numerator => item.counts.map(|counts| Decimal::from(counts.part)).into(),
            Field::Denominator => item.counts.map(|counts| Decimal::from(counts.whole)).into(),
            field if Field::SPEC.contains(&field) => item.spec.get(&field).cloned().into(),
            _ => self.codes().into(),
        }
    }

    /// What it is compared by: the [`COMPARED`] fields.
    pub fn compared(&self) -> Vec<Content> {
        COMPARED.into_iter().map(|field| self.field(field)).collect()
    }

    /// The codes of its places in alphabetical order, for comparing.
    pub fn codes(&self) -> Option<String> {
        let codes: BTreeSet<&str> = self.positions.iter().map(Position::code).collect();
        (!codes.is_empty()).then(|| codes.into_iter().collect::<Vec<_>>().join("; "))
    }
}

/// A catalog of the database, to be read item by item. What it holds of the mappings is small however many there are.
#[derive(Debug)]
pub struct Stored {
    catalog_id: Uuid,
    /// As in [`Contents`].
    pub framework_id: Option<Uuid>,
    /// Confirmed mappings to other frameworks, which are not among the places.
    elsewhere: usize,
    /// The columns of the sheet that are no field.
    pub extra: Vec<String>,
    places: Vec<(Uuid, Position)>,
    of_item: HashMap<Uuid, Vec<u32>>,
}

impl Stored {
    /// Looks at a catalog. The places are those of the framework given, else of the one most mappings are to.
    pub async fn look(tx: &mut Connection, catalog: &Catalog, framework_id: Option<Uuid>) -> Result<Self> {
        let mut sizes: BTreeMap<Uuid, usize> = BTreeMap::new();
        let (mut places, mut of_item) = (Vec::new(), HashMap::<Uuid, Vec<u32>>::new());
        let mut known: HashMap<(Uuid, Position), u32> = HashMap::new();
        db::catalog_contents::each_mapping(tx, catalog.id, |mapping| {
            *sizes.entry(mapping.framework_id).or_default() += 1;
            let position = Position {
                function: mapping.function_code,
                category: mapping.category_code,
                subcategory: mapping.subcategory_code,
            };
            let place = *known.entry((mapping.framework_id, position)).or_insert_with_key(|place| {
                places.push(place.clone());
                u32::try_from(places.len() - 1).unwrap_or(u32::MAX)
            });
            let of_item = of_item.entry(mapping.catalog_item_id).or_default();
            if !of_item.contains(&place) {
                of_item.push(place);
            }
        })
        .await?;
        let framework_id = framework_id.or_else(|| sizes.iter().max_by_key(|(_, size)| **size).map(|(id, _)| *id));
        let elsewhere = sizes.iter().filter(|(id, _)| Some(**id) != framework_id).map(|(_, size)| size).sum();
        let extra = unmapped_columns(catalog.import_metadata.as_ref());
        Ok(Stored { catalog_id: catalog.id, framework_id, elsewhere, extra, places, of_item })
    }

    /// What to say of mappings to other frameworks, which are left out: `done` with them, and what the option would do.
    pub fn note_of_others(&self, done: &str, would: &str) -> Option<String> {
        let count = counted(self.elsewhere, "mapping");
        (self.elsewhere > 0).then(|| format!("{count} to another framework, {done}; --framework names the one to {would}"))
    }

    /// Hands the items, in the order of the sheet, to `take` as they arrive.
    pub async fn each(&self, tx: &mut Connection, mut take: impl FnMut(Entry) -> Result<()>) -> Result<()> {
        db::catalog_contents::each_item(tx, self.catalog_id, |row| take(self.entry(row)?)).await
    }

    fn entry(&self, row: db::catalog_contents::Row) -> Result<Entry> {
        let parsed = |name: &str| row.original_data.get("parsed").and_then(|parsed| parsed.get(name));
        let text = |name: &str| parsed(name).and_then(Value::as_str).map(str::to_owned);
        let bound = |name: &str| match parsed(name) {
            Some(Value::String(text)) => bound(&row.name, name, Some(text)),
            Some(Value::Number(number)) => bound(&row.name, name, Some(&number.to_string())),
            _ => Ok(None),
        };
        let (target_lower, target_upper) = (bound("target_lower")?, bound("target_upper")?);
        let unknown = |error| Error::failed(format!("metric_catalog_items of `{}`: {error}", row.name));
        let direction = row.direction.as_deref().map(str::parse).transpose().map_err(unknown)?;
        let priority = row.priority.as_deref().map(str::parse).transpose().map_err(unknown)?;
        let cells = row.original_data.get("row").and_then(Value::as_object);
        let extra: Vec<(String, String)> = self
            .extra
            .iter()
            .map(|header| {
                let cell = cells.and_then(|cells| cells.get(header)).and_then(Value::as_str).unwrap_or_default();
                (header.clone(), cell.to_owned())
            })
            .collect();
        let places = self.of_item.get(&row.id).map(Vec::as_slice).unwrap_or_default();
        let positions = places.iter().filter_map(|place| self.places.get(usize::try_from(*place).ok()?));
        let positions = positions.filter(|(framework_id, _)| Some(*framework_id) == self.framework_id);
        // A later reading has counts of its own, which are with it.
        let counts = text(Field::Numerator.as_str()).zip(text(Field::Denominator.as_str()));
        let counts = counts.and_then(|(part, whole)| Counted::of(&part, &whole).ok());
        let source = |name: &str| row.original_data.get("source").and_then(|source| source.get(name));
        let (id, line) = (row.id, source("row").and_then(Value::as_u64));
        let item = Item {
            metric_number: text("metric_number"),
            target_lower,
            target_upper,
            spec: Field::SPEC.into_iter().filter_map(|field| Some((field, text(field.as_str())?))).collect(),
            counts: counts.filter(|counts| Some(counts.percentage().decimal()) == finite(row.current_value)),
            description: row.description,
            current_value: finite(row.current_value),
            target_value: finite(row.target_value),
            unit: row.unit,
            direction,
            priority,
            name: row.name,
            ..Item::default()
        };
        let numbers = [(Field::CurrentValue, row.current_value), (Field::TargetValue, row.target_value)];
        let nan = numbers.into_iter().filter(|(_, number)| *number == Some(Number::NaN)).map(|(field, _)| field).collect();
        let positions = positions.map(|(_, position)| position.clone()).collect();
        Ok(Entry { id: Some(id), row: line, item, positions, extra, nan })
    }
}

/// A bound from the text in which an item keeps it. What is not a number is not left out: without it the item is another one.
/// Fails when it is not a number.
pub fn bound(item: &str, field: &str, text: Option<&str>) -> Result<Option<Decimal>> {
    text.map(str::parse).transpose().map_err(|_| {
        let text = text.unwrap_or_default();
        Error::failed(format!("the {field} of the item `{item}` is `{text}` in the database, which is not a number"))
            .hint("`cmf import FILE --mode upsert` imports its row again, `cmf metric set` sets it")
    })
}

/// Reads a catalog from the database. Fails when the database refuses, or exit 73 for want of room for the temporary file.
pub async fn of_catalog(tx: &mut Connection, catalog: &Catalog, framework_id: Option<Uuid>) -> Result<Contents> {
    let stored = Stored::look(tx, catalog, framework_id).await?;
    let note = stored.note_of_others("not compared", "compare").map(|note| format!("{}: {note}", catalog.name));
    let mut contents = Contents { warnings: note.into_iter().collect(), ..Contents::default() };
    stored.each(tx, |entry| contents.add(&entry)).await?;
    Ok(contents)
}

/// The columns of the imported sheet that became no field; a copy keeps how the original was imported.
fn unmapped_columns(metadata: Option<&Value>) -> Vec<String> {
    let columns =
        metadata.and_then(|metadata| metadata.get("unmapped_columns").or_else(|| unmapped_of(metadata.get("cloned_import")?)));
    let names = columns.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn unmapped_of(metadata: &Value) -> Option<&Value> {
    metadata.get("unmapped_columns").or_else(|| unmapped_of(metadata.get("cloned_import")?))
}

/// Reads a file as `cmf import` would, and stores nothing. Exit 65 when it cannot be read, or a row has problems: a comparison
/// that left rows out would mislead.
pub async fn of_file(
    tx: &mut Connection,
    file: &str,
    most: Most,
    options: &Options,
    framework_id: Option<Uuid>,
) -> Result<(Contents, MapFile)> {
    let mut indexes: Vec<(Uuid, CodeIndex)> = Vec::new();
    for row in db::frameworks::list(tx).await? {
        if framework_id.is_none_or(|id| id == row.id) {
            let known = lookup::framework::known(tx, row).await?;
            indexes.push((known.row.id, known.codes()));
        }
    }
    let (file, options) = (file.to_owned(), options.clone());
    tokio::task::spawn_blocking(move || read(&file, most, &options, &indexes))
        .await
        .map_err(|error| Error::failed(format!("cannot read the file to its end: {error}")))?
}

/// The most problems that are told.
const TOLD: usize = 10;

/// The items of a file, and what is wrong with its other rows.
struct Collected {
    contents: Contents,
    problems: Listed,
    rejected: u64,
    place: Place,
}

impl Collected {
    fn refused(&mut self) -> Error {
        let file = self.place.file.clone().unwrap_or_default();
        let rows = if self.rejected > problem::MOST as u64 {
            format!("{} or more rows", self.rejected)
        } else {
            counted(self.rejected, "row")
        };
        let message = format!("{rows} of the file cannot be read as metrics");
        let mut error = Error::data(message).at(self.place.clone());
        for problem in std::mem::replace(&mut self.problems, Listed::of_at_most(TOLD)).lines() {
            error = error.detail(problem);
        }
        error.hint(format!("`cmf import {} --dry-run` shows all of them with remedies", shell_word(file)))
    }
}

impl Taker for Collected {
    fn accepts(&mut self, _: &Built) -> Result<(), Refusal> {
        Ok(())
    }

    fn take(&mut self, outcome: Outcome) -> Result<()> {
        match outcome {
            Outcome::Item(built) => {
                let Built { mut item, positions, told, .. } = *built;
                if told.is_some() {
                    item.direction = None;
                }
                self.contents.add(&Entry { item, positions, ..Entry::default() })?;
            }
            Outcome::Rejected(row, found) => {
                self.rejected += 1;
                if self.rejected > problem::MOST as u64 {
                    return Err(self.refused());
                }
                for problem in found {
                    self.problems.add(|| format!("row {row}: {}", problem.reason));
                }
            }
            Outcome::Skipped(_) => {}
        }
        Ok(())
    }
}

fn read(file: &str, most: Most, options: &Options, indexes: &[(Uuid, CodeIndex)]) -> Result<(Contents, MapFile)> {
    let source = Source::open(file, most)?;
    let all: Vec<&CodeIndex> = indexes.iter().map(|(_, index)| index).collect();
    // The hints of an import name options that this command does not have.
    let unclear = |error: Error| {
        error
            .only_hints(|hint| !["--as-catalog", "--mode", "--accept-successors"].iter().any(|other| hint.contains(other)))
            .hint("or compare with a file that has only this table, with the header in row 1, such as a CSV file")
    };
    let mut table = match table::prepare(&source, options, &all, None).map_err(unclear)? {
        Prepared::Table(table) => *table,
        Prepared::Unclear(found) => return Err(unclear(found.error)),
    };
    let known = outline::known_codes(&mut table, &all).map_err(unclear)?;
    let most = known.iter().copied().max().unwrap_or_default();
    let chosen = known.iter().position(|count| *count == most && most > 0).and_then(|position| indexes.get(position));
    let (contents, problems, place) = (Contents::default(), Listed::of_at_most(TOLD), source.place());
    let mut collected = Collected { contents, problems, rejected: 0, place };
    let finding = build::build(&mut table, chosen.map(|(_, index)| index), &mut collected).map_err(unclear)?;
    collected.contents.warnings.extend(decision::told(&table.decisions));
    collected.contents.warnings.extend(decision::told(&finding.decisions));
    collected.contents.warnings.extend(decision::told(finding.counts.decision().as_slice()));
    if collected.rejected > 0 {
        return Err(collected.refused());
    }
    Ok((collected.contents, MapFile::of_table(&table, options)))
}
