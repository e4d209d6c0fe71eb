//! The columns of a result as one list: from it come the header, a row's cells, what `--columns` completes, and the JSON schema.

use std::borrow::Borrow;
use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::cell::Cell;
use super::table::{Column, Shown, Table};
use crate::domain::chain::BreakKind;
use crate::domain::metric::{Direction, Priority};
use crate::domain::number::Number;
use crate::domain::score::Rating;
use crate::domain::signal::Finding;

/// What the values of a column are, in the words of JSON Schema.
pub trait ColumnValue: Into<Cell> {
    fn schema() -> Value;
}

macro_rules! kinds {
    ($($kind:ty: $schema:tt),* $(,)?) => {
        $(impl ColumnValue for $kind {
            fn schema() -> Value {
                json!($schema)
            }
        })*
    };
}

kinds! {
    &str: { "type": "string" },
    String: { "type": "string" },
    (usize, String): { "type": "string" },
    Decimal: { "type": "number" },
    Number: { "type": "number" },
    i32: { "type": "integer" },
    i64: { "type": "integer" },
    u32: { "type": "integer" },
    u64: { "type": "integer" },
    usize: { "type": "integer" },
    bool: { "type": "boolean" },
    NaiveDateTime: { "type": "string", "format": "date-time" },
    Uuid: { "type": "string", "format": "uuid" },
    Value: {},
    Cell: {},
}

/// Kinds whose values are words: each of `ALL` is called something.
macro_rules! words {
    ($($kind:ty: $called:ident),*) => {
        $(impl From<$kind> for $crate::output::Cell {
            fn from(word: $kind) -> Self {
                word.$called().into()
            }
        }
        impl $crate::output::ColumnValue for $kind {
            fn schema() -> serde_json::Value {
                serde_json::json!({ "enum": Self::ALL.map(Self::$called) })
            }
        })*
    };
}
pub(crate) use words;

words!(BreakKind: name, Direction: as_str, Finding: name, Priority: as_str);

impl ColumnValue for Rating {
    fn schema() -> Value {
        json!({ "enum": Self::ALL.map(Self::as_str) })
    }
}

impl<T: ColumnValue> ColumnValue for Option<T> {
    fn schema() -> Value {
        let mut schema = T::schema();
        if let Some(kind) = schema.get_mut("type") {
            *kind = json!([kind.take(), "null"]);
        } else if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
            words.push(Value::Null);
        }
        schema
    }
}

impl<T: ColumnValue + Clone> ColumnValue for &T {
    fn schema() -> Value {
        T::schema()
    }
}

impl<K: Serialize, T: ColumnValue + Serialize> ColumnValue for BTreeMap<K, T> {
    fn schema() -> Value {
        json!({ "type": "object", "additionalProperties": T::schema() })
    }
}

impl<T: ColumnValue> ColumnValue for Vec<T> {
    fn schema() -> Value {
        json!({ "type": "array", "items": T::schema() })
    }
}

/// The values of a row, each behind those before it.
pub trait Values: Sized {
    fn and<T: ColumnValue>(self, value: T) -> (Self, T) {
        (self, value)
    }

    fn schemas() -> Vec<Value>;

    fn cells(self) -> Vec<Cell>;
}

impl Values for () {
    fn schemas() -> Vec<Value> {
        Vec::new()
    }

    fn cells(self) -> Vec<Cell> {
        Vec::new()
    }
}

impl<Before: Values, T: ColumnValue> Values for (Before, T) {
    fn schemas() -> Vec<Value> {
        [Before::schemas(), vec![T::schema()]].concat()
    }

    fn cells(self) -> Vec<Cell> {
        let mut cells = self.0.cells();
        cells.push(self.1.into());
        cells
    }
}

/// The cells of a row; without a row the schemas of its values, which are known by their types alone.
#[derive(Debug, Default)]
pub struct Made {
    cells: Vec<Cell>,
    schemas: Vec<Value>,
}

impl Made {
    /// What a function makes of a row.
    pub fn of<'r, R, T: Values>(row: Option<&'r R>, values: impl FnOnce(&'r R) -> T) -> Self {
        match row {
            Some(row) => Made { cells: values(row).cells(), ..Made::default() },
            None => Made { schemas: T::schemas(), ..Made::default() },
        }
    }
}

/// One column: its name, who sees it, and what its values are where their type does not tell.
#[derive(Debug, Clone, Copy)]
pub struct Head {
    pub(super) name: &'static str,
    pub(super) shown: Shown,
    words: &'static [&'static str],
    shape: Option<fn() -> Shape>,
    is_optional: bool,
    is_cut: bool,
}

impl Head {
    /// A column that everybody sees.
    pub const fn new(name: &'static str) -> Self {
        Head { name, shown: Shown::Everywhere, words: &[], shape: None, is_optional: false, is_cut: false }
    }

    /// It is for people only: bars, abbreviations.
    #[must_use]
    pub const fn for_people(self) -> Self {
        Head { shown: Shown::TableOnly, ..self }
    }

    /// It is in JSON and CSV only: ids, long text.
    #[must_use]
    pub const fn for_programs(self) -> Self {
        Head { shown: Shown::DataOnly, ..self }
    }

    #[must_use]
    pub const fn one_of(self, words: &'static [&'static str]) -> Self {
        Head { words, ..self }
    }

    #[must_use]
    pub const fn of(self, shape: fn() -> Shape) -> Self {
        Head { shape: Some(shape), ..self }
    }

    /// For people its texts are cut where a row would take several lines.
    #[must_use]
    pub const fn cut(self) -> Self {
        Head { is_cut: true, ..self }
    }

    /// A document without such a value does not name it.
    #[must_use]
    pub const fn optional(self) -> Self {
        Head { is_optional: true, ..self }
    }

    fn is_in_json(&self) -> bool {
        self.shown != Shown::TableOnly
    }

    fn column(&self) -> Column {
        Column { name: self.name.to_owned(), shown: self.shown, is_cut: self.is_cut }
    }

    fn schema(&self, kind: Value) -> Value {
        match self.shape {
            Some(shape) => shape().schema,
            None if self.words.is_empty() => kind,
            None => {
                let null = kind["type"].is_array().then_some(Value::Null);
                json!({ "enum": self.words.iter().map(|word| json!(word)).chain(null).collect::<Vec<_>>() })
            }
        }
    }
}

/// The columns of a result, in their order. [`columns!`](crate::output::columns!) makes them.
#[derive(Debug)]
pub struct Columns<R> {
    pub heads: &'static [Head],
    pub made: fn(Option<&R>) -> Made,
}

/// Columns of rows that are called as is said between the bars: `|user|`, or `|(user, changed)|`. Each is a name, then
/// what is to be said of it (`: for_programs`, `: for_people`, `: one_of(&WORDS)`), then its value (`= user.name()`). A value that
/// is left out is the field of this name, or what the bars call so.
macro_rules! columns {
    (|$row:ident| $($column:tt)*) => { $crate::output::columns!(@of $row, [$row], $($column)*) };
    (|$row:pat_param| $($column:tt)*) => { $crate::output::columns!(@of $row, [], $($column)*) };
    (@of $row:pat_param, $own:tt, $($name:ident $(: $($mark:ident $(($($of:expr),*))?)+)? $(= $value:expr)?),* $(,)?) => {
        $crate::output::Columns {
            heads: const { &[$($crate::output::Head::new(stringify!($name))$($(.$mark($($($of),*)?))+)?),*] },
            made: |row| $crate::output::Made::of(row, |$row| {
                use $crate::output::Values as _;
                ()$(.and($crate::output::columns!(@value $own $name $($value)?)))*
            }),
        }
    };
    (@value [$row:ident] $name:ident) => { &$row.$name };
    (@value [] $name:ident) => { $name };
    (@value $own:tt $name:ident $value:expr) => { $value };
}
pub(crate) use columns;

impl<R> Columns<R> {
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<R> {
        self.heads.iter().map(|head| head.name)
    }

    /// A table without rows.
    pub fn table(&self) -> Table {
        Table { columns: self.heads.iter().map(Head::column).collect(), ..Table::default() }
    }

    pub fn row(&self, row: &R) -> Vec<Cell> {
        (self.made)(Some(row)).cells
    }

    pub fn table_of(&self, rows: impl IntoIterator<Item = impl Borrow<R>>) -> Table {
        let rows = rows.into_iter().map(|row| self.row(row.borrow())).collect();
        Table { rows, ..self.table() }
    }

    pub fn one(&self, row: &R) -> Table {
        self.table_of([row]).single()
    }

    /// A row as the members of a JSON document.
    pub fn members(&self, row: &R) -> Map<String, Value> {
        let cells = self.heads.iter().zip(self.row(row));
        let members = cells.filter(|(head, cell)| head.is_in_json() && !(head.is_optional && *cell == Cell::Null));
        members.map(|(head, cell)| (head.name.to_owned(), cell.json())).collect()
    }

    /// A row as a JSON document, with rows as its last member.
    pub fn document(&self, row: &R, name: &str, rows: &Table) -> Value {
        let mut members = self.members(row);
        members.insert(name.to_owned(), rows.to_json());
        Value::Object(members)
    }
}

/// What a command prints: the columns that can be chosen, and the schema of its JSON.
#[derive(Debug, Clone)]
pub struct Shape {
    columns: Vec<&'static str>,
    schema: Value,
}

impl Shape {
    pub fn of<T: ColumnValue>() -> Self {
        Shape { columns: Vec::new(), schema: T::schema() }
    }

    pub fn one<R>(columns: &Columns<R>) -> Self {
        let heads = || columns.heads.iter().filter(|head| head.is_in_json());
        let required: Vec<&str> = heads().filter(|head| !head.is_optional).map(|head| head.name).collect();
        let kinds = columns.heads.iter().zip((columns.made)(None).schemas).filter(|(head, _)| head.is_in_json());
        let properties: Map<String, Value> = kinds.map(|(head, kind)| (head.name.to_owned(), head.schema(kind))).collect();
        Shape {
            columns: columns.names().collect(),
            schema: json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false }),
        }
    }

    pub fn rows<R>(columns: &Columns<R>) -> Self {
        Shape::one(columns).listed()
    }

    #[must_use]
    pub fn listed(self) -> Self {
        Shape { schema: json!({ "type": "array", "items": self.schema }), ..self }
    }

    /// Any number of these, each by a name.
    #[must_use]
    pub fn named(self) -> Self {
        Shape { schema: json!({ "type": "object", "additionalProperties": self.schema }), ..self }
    }

    /// Rows as a member of this name in a document; `--columns` chooses from the rows.
    #[must_use]
    pub fn within(self, name: &str, document: Shape) -> Self {
        self.clone().printing(document.with(name, self))
    }

    /// With a member of this name more, or with another one in its place; `--columns` does not choose from it.
    #[must_use]
    pub fn with(mut self, name: &str, member: Shape) -> Self {
        self.schema["properties"][name] = member.schema;
        if let Some(required) = self.schema["required"].as_array_mut()
            && !required.contains(&json!(name))
        {
            required.push(json!(name));
        }
        self
    }

    /// What stands at this place of the schema.
    pub fn reference(place: &str) -> Self {
        Shape { columns: Vec::new(), schema: json!({ "$ref": place }) }
    }

    /// With the members of another record behind.
    #[must_use]
    pub fn and(self, other: Shape) -> Self {
        let members = other.schema["properties"].as_object().cloned().unwrap_or_default();
        members.into_iter().fold(self, |shape, (name, schema)| shape.with(&name, Shape { columns: Vec::new(), schema }))
    }

    /// Without this member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        if let Some(properties) = self.schema["properties"].as_object_mut() {
            properties.shift_remove(name);
        }
        if let Some(required) = self.schema["required"].as_array_mut() {
            required.retain(|other| other != name);
        }
        self
    }

    /// Or this, by the options of the command.
    #[must_use]
    pub fn or(self, other: Shape) -> Self {
        let mut all = self.alternatives();
        all.push(other.schema);
        Shape { schema: json!({ "anyOf": all }), ..self }.choosing(other.columns)
    }

    /// Or, for several tenants, a list of such documents, or of all their rows, each with the name of its schema.
    #[must_use]
    pub fn or_of_schemas(self) -> Self {
        let mut all = self.alternatives();
        for mut one in all.clone() {
            one = one.get("items").cloned().unwrap_or(one);
            one["properties"]["schema"] = String::schema();
            if let Some(required) = one["required"].as_array_mut() {
                required.push(json!("schema"));
            }
            all.push(json!({ "type": "array", "items": one }));
        }
        Shape { schema: json!({ "anyOf": all }), ..self }.choosing(["schema"])
    }

    /// The shapes that it can have.
    fn alternatives(&self) -> Vec<Value> {
        self.schema.get("anyOf").and_then(Value::as_array).cloned().unwrap_or_else(|| vec![self.schema.clone()])
    }

    /// With JSON of another shape.
    #[must_use]
    pub fn printing(self, other: Shape) -> Self {
        Shape { schema: other.schema, ..self }
    }

    /// With columns more that can be chosen, from another table of the result.
    #[must_use]
    pub fn choosing(mut self, columns: impl IntoIterator<Item = &'static str>) -> Self {
        self.columns.extend(columns);
        let mut seen = std::collections::HashSet::new();
        self.columns.retain(|name| seen.insert(*name));
        self
    }

    pub fn columns(&self) -> &[&'static str] {
        &self.columns
    }

    /// The JSON schema of what this command prints, as text.
    pub fn document(&self, command: &str) -> String {
        let mut document = Map::new();
        document.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        document.insert("title".to_owned(), json!(format!("cmf {command} --format json")));
        document.extend(self.schema.as_object().cloned().unwrap_or_default());
        format!("{:#}\n", Value::Object(document))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Row {
        code: String,
        score: Option<Decimal>,
    }

    const LISTING: Columns<Row> =
        columns! { |row| code: one_of(&["PR", "ID"]), score, bar: for_people = "#".repeat(row.code.len()) };
    const PAIR: Columns<(Row, bool)> = columns! { |(row, changed)| code: for_programs = &row.code, changed };

    #[test]
    fn header_cells_and_schema_come_from_one_list() {
        let row = Row { code: "PR".to_owned(), score: None };
        assert_eq!(LISTING.table_of([&row]).to_json(), json!([{ "code": "PR", "score": null }]));
        assert_eq!(PAIR.one(&(row, true)).to_json(), json!({ "code": "PR", "changed": true }));
        let shape = Shape::rows(&LISTING);
        assert_eq!(shape.columns(), ["code", "score", "bar"]);
        assert_eq!(
            shape.schema["items"],
            json!({
                "type": "object",
                "required": ["code", "score"],
                "properties": { "code": { "enum": ["PR", "ID"] }, "score": { "type": ["number", "null"] } },
                "additionalProperties": false,
            })
        );
        let document = Shape::rows(&LISTING).within("rows", Shape::one(&PAIR));
        assert_eq!(document.schema["required"], json!(["code", "changed", "rows"]));
        assert_eq!(document.columns(), ["code", "score", "bar"]);
    }
}
