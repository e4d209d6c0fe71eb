//! Results of a command that runs in one schema after the other: each says of which schema it is, and JSON is one document.

use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;

use super::cell::Cell;
use super::table::{Column, Results, Shown, Table};

/// The column that tells the schemas apart.
const SCHEMA: &str = "schema";

/// What the runs in the schemas share.
#[derive(Debug, Default)]
struct Shared {
    documents: Vec<Value>,
    has_begun: bool,
}

/// The schema that results are of.
#[derive(Debug, Clone, Default)]
pub(super) struct Tenant {
    schema: String,
    state: Arc<Mutex<Shared>>,
}

impl Tenant {
    /// The same for another schema.
    pub(super) fn named(&self, schema: &str) -> Self {
        Tenant { schema: schema.to_owned(), state: Arc::clone(&self.state) }
    }

    /// The documents that were kept.
    pub(super) fn documents(&self) -> Value {
        Value::Array(std::mem::take(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).documents))
    }

    /// A table with the name of the schema in front.
    pub(super) fn labelled(&self, mut table: Table) -> Table {
        table.columns.insert(0, Column { name: SCHEMA.to_owned(), shown: Shown::Everywhere, is_cut: false });
        for row in &mut table.rows {
            row.insert(0, Cell::from(self.schema.as_str()));
        }
        table
    }

    /// Results with the name of the schema in front.
    pub(super) fn all_labelled(&self, results: Results) -> Results {
        let json = results.json.map(|mut document| {
            if let Value::Object(members) = &mut document {
                members.insert(SCHEMA.to_owned(), self.schema.as_str().into());
            }
            document
        });
        Results { tables: results.tables.into_iter().map(|table| self.labelled(table)).collect(), json, text: results.text }
    }

    /// Keeps a document until the end.
    pub(super) fn keep(&self, document: Value) {
        let mut shared = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match document {
            Value::Array(rows) => shared.documents.extend(rows),
            one => shared.documents.push(one),
        }
    }

    /// Whether these are the first results, which are headed.
    pub(super) fn is_first(&self) -> bool {
        !std::mem::replace(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner).has_begun, true)
    }
}
