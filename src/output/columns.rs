//! The columns of a result as one list: from it come the header, a row's cells, what `--columns` completes, and the JSON schema.

use std::borrow::Borrow;

use chrono::NaiveDateTime;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::cell::Cell;
use super::table::{self, Shown, Table};
use crate::domain::number::Number;

/// What the values of a column are, in the words of JSON Schema.
pub trait Kind: Into<Cell> {
    /// The schema of a value.
    fn schema() -> Value;
}

macro_rules! kinds {
    ($($kind:ty: $schema:tt),* $(,)?) => {
        $(impl Kind for $kind {
            fn schema() -> Value {
                json!($schema)
            }
        })*
    };
}

kinds! {
    &'static str: { "type": "string" },
    String: { "type": "string" },
    Decimal: { "type": "number" },
    Number: { "type": "number" },
    i32: { "type": "integer" },
    i64: { "type": "integer" },
    u64: { "type": "integer" },
    usize: { "type": "integer" },
    bool: { "type": "boolean" },
    NaiveDateTime: { "type": "string", "format": "date-time" },
    Uuid: { "type": "string", "format": "uuid" },
    Value: {},
}

impl<T: Kind> Kind for Option<T> {
    fn schema() -> Value {
        let mut schema = T::schema();
        if let Some(kind) = schema.get_mut("type") {
            *kind = json!([kind.take(), "null"]);
        }
        schema
    }
}

/// How a cell is made of a row.
type Make<R> = Box<dyn Fn(&R) -> Cell + Send + Sync>;

/// One column of rows of this type.
struct Column<R> {
    head: table::Column,
    schema: Value,
    cell: Make<R>,
}

/// The columns of a result, in their order.
pub struct Columns<R>(Vec<Column<R>>);

/// A result without columns yet.
pub fn columns<R>() -> Columns<R> {
    Columns(Vec::new())
}

impl<R> Columns<R> {
    /// Adds a column. Its name is the schema's, and the type of its values says what JSON has.
    #[must_use]
    pub fn column<T: Kind>(mut self, name: &str, value: impl Fn(&R) -> T + Send + Sync + 'static) -> Self {
        let head = table::Column { name: name.to_owned(), shown: Shown::Everywhere };
        self.0.push(Column { head, schema: T::schema(), cell: Box::new(move |row| value(row).into()) });
        self
    }

    /// The last column is for people only: bars, abbreviations.
    #[must_use]
    pub fn for_people(self) -> Self {
        self.last(|column| column.head.shown = Shown::TableOnly)
    }

    /// The last column is in JSON and CSV only: ids, long text.
    #[must_use]
    pub fn for_programs(self) -> Self {
        self.last(|column| column.head.shown = Shown::DataOnly)
    }

    /// The last column has one of these words.
    #[must_use]
    pub fn one_of(self, words: &[&str]) -> Self {
        self.last(|column| {
            let null = column.schema["type"].is_array().then_some(Value::Null);
            let words: Vec<Value> = words.iter().map(|word| json!(word)).chain(null).collect();
            column.schema = json!({ "enum": words });
        })
    }

    fn last(mut self, change: impl FnOnce(&mut Column<R>)) -> Self {
        self.0.last_mut().map(change);
        self
    }

    /// A table without rows.
    pub fn table(&self) -> Table {
        Table { columns: self.0.iter().map(|column| column.head.clone()).collect(), ..Table::default() }
    }

    /// The cells of a row.
    pub fn row(&self, row: &R) -> Vec<Cell> {
        self.0.iter().map(|column| (column.cell)(row)).collect()
    }

    /// A table of these rows.
    pub fn table_of(&self, rows: impl IntoIterator<Item = impl Borrow<R>>) -> Table {
        let rows = rows.into_iter().map(|row| self.row(row.borrow())).collect();
        Table { rows, ..self.table() }
    }

    /// A table of one record.
    pub fn one(&self, row: &R) -> Table {
        self.table_of([row]).single()
    }

    /// A row as the members of a JSON document.
    pub fn members(&self, row: &R) -> Map<String, Value> {
        self.in_json().map(|column| (column.head.name.clone(), (column.cell)(row).json())).collect()
    }

    fn in_json(&self) -> impl Iterator<Item = &Column<R>> {
        self.0.iter().filter(|column| column.head.shown != Shown::TableOnly)
    }
}

/// What a command prints: the columns that can be chosen, and the schema of its JSON.
#[derive(Debug, Clone)]
pub struct Shape {
    columns: Vec<String>,
    schema: Value,
}

impl Shape {
    /// One record.
    pub fn one<R>(columns: &Columns<R>) -> Self {
        let properties: Map<String, Value> =
            columns.in_json().map(|column| (column.head.name.clone(), column.schema.clone())).collect();
        let required: Vec<&String> = properties.keys().collect();
        Shape {
            columns: columns.0.iter().map(|column| column.head.name.clone()).collect(),
            schema: json!({ "type": "object", "required": required, "properties": properties, "additionalProperties": false }),
        }
    }

    /// Rows.
    pub fn rows<R>(columns: &Columns<R>) -> Self {
        let Shape { columns, schema } = Shape::one(columns);
        Shape { columns, schema: json!({ "type": "array", "items": schema }) }
    }

    /// Rows as a member of this name in a document; `--columns` chooses from the rows.
    #[must_use]
    pub fn within(self, name: &str, mut document: Shape) -> Self {
        document.schema["properties"][name] = self.schema;
        if let Some(required) = document.schema["required"].as_array_mut() {
            required.push(json!(name));
        }
        Shape { columns: self.columns, schema: document.schema }
    }

    /// Either of two, by the options of the command.
    #[must_use]
    pub fn or(mut self, other: Shape) -> Self {
        self.columns.extend(other.columns.into_iter().filter(|name| !self.columns.contains(name)).collect::<Vec<_>>());
        Shape { schema: json!({ "anyOf": [self.schema, other.schema] }), ..self }
    }

    /// The columns that can be chosen.
    pub fn columns(&self) -> &[String] {
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

    struct Row {
        code: String,
        score: Option<Decimal>,
    }

    fn listing() -> Columns<Row> {
        columns::<Row>()
            .column("code", |row| row.code.clone())
            .one_of(&["PR", "ID"])
            .column("score", |row| row.score)
            .column("bar", |_| "###")
            .for_people()
    }

    #[test]
    fn header_cells_and_schema_come_from_one_list() {
        let listing = listing();
        let table = listing.table_of([Row { code: "PR".to_owned(), score: None }]);
        assert_eq!(table.to_json(), json!([{ "code": "PR", "score": null }]));
        let shape = Shape::rows(&listing);
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
        let document = Shape::rows(&listing).within("rows", Shape::one(&listing));
        assert_eq!(document.schema["required"], json!(["code", "score", "rows"]));
    }
}
