//! A schema as SQL that makes it, always in the same order.

use std::fmt::Write;

use super::{Schema, Table};
use crate::db::literal;

impl Schema {
    /// The statements that make this schema in an empty database. The same schema gives the same text.
    pub fn to_sql(&self) -> String {
        let mut sql = String::new();
        for name in &self.schemas {
            let _ = writeln!(sql, "CREATE SCHEMA {name};");
        }
        for name in &self.extensions {
            let _ = writeln!(sql, "CREATE EXTENSION {name};");
        }
        for one in &self.enums {
            let labels: Vec<String> = one.labels.iter().map(|label| literal(label)).collect();
            let _ = writeln!(sql, "CREATE TYPE {} AS ENUM ({});", one.name, labels.join(", "));
        }
        for other in self.types.iter().chain(&self.sequences) {
            let _ = writeln!(sql, "{};", other.definition);
        }
        for table in &self.tables {
            sql.push('\n');
            sql.push_str(&create(table));
        }
        // After all tables, because tables refer to each other in circles.
        let foreign: Vec<String> = self
            .tables
            .iter()
            .flat_map(|table| table.constraints.iter().filter(|constraint| constraint.kind == "f").map(move |c| (table, c)))
            .map(|(table, key)| format!("ALTER TABLE {} ADD CONSTRAINT {} {};", table.name, key.name, key.definition))
            .collect();
        if !foreign.is_empty() {
            let _ = writeln!(sql, "\n{}", foreign.join("\n"));
        }
        for other in self.functions.iter().chain(&self.views) {
            let _ = writeln!(sql, "\n{};", other.definition.trim_end());
        }
        for table in &self.tables {
            for trigger in &table.triggers {
                let _ = writeln!(sql, "\n{};", trigger.definition);
                let state = match trigger.enabled.as_str() {
                    "D" => "DISABLE",
                    "R" => "ENABLE REPLICA",
                    "A" => "ENABLE ALWAYS",
                    _ => continue,
                };
                let _ = writeln!(sql, "ALTER TABLE {} {state} TRIGGER {};", table.name, trigger.name);
            }
        }
        sql.trim_start().to_owned()
    }
}

fn create(table: &Table) -> String {
    let columns = table.columns.iter().map(|column| format!("    {} {}", column.name, column.definition));
    let own = table.constraints.iter().filter(|constraint| constraint.kind != "f");
    let constraints = own.map(|constraint| format!("    CONSTRAINT {} {}", constraint.name, constraint.definition));
    let lines: Vec<String> = columns.chain(constraints).collect();
    let mut sql = format!("CREATE TABLE {} (\n{}\n);\n", table.name, lines.join(",\n"));
    for index in &table.indexes {
        let _ = writeln!(sql, "{};", index.definition);
    }
    if let Some(comment) = &table.comment {
        let _ = writeln!(sql, "COMMENT ON TABLE {} IS {};", table.name, literal(comment));
    }
    for column in &table.columns {
        if let Some(comment) = &column.comment {
            let _ = writeln!(sql, "COMMENT ON COLUMN {}.{} IS {};", table.name, column.name, literal(comment));
        }
    }
    sql
}
