//! A schema as SQL that makes it, always in the same order.

use std::fmt::Write;

use super::{ConstraintDef, EnumDef, Schema, TableDef, TriggerDef};
use crate::db::literal;
use crate::db::migrations::quote;

/// The statement that makes a type of these labels.
pub(super) fn create_enum(one: &EnumDef) -> String {
    let labels: Vec<String> = one.labels.iter().map(|label| literal(label)).collect();
    format!("CREATE TYPE {} AS ENUM ({});", one.name, labels.join(", "))
}

pub(super) fn add(table: &str, constraint: &ConstraintDef) -> String {
    format!("ALTER TABLE {table} ADD CONSTRAINT {} {};", constraint.name, constraint.definition)
}

/// The statement that makes a trigger fire as it should, if that is not the usual way.
pub(super) fn enable(table: &str, trigger: &TriggerDef) -> Option<String> {
    let state = match trigger.enabled.as_str() {
        "D" => "DISABLE",
        "R" => "ENABLE REPLICA",
        "A" => "ENABLE ALWAYS",
        _ => return None,
    };
    Some(format!("ALTER TABLE {table} {state} TRIGGER {};", trigger.name))
}

impl Schema {
    /// The statements that make this schema in an empty database. The same schema gives the same text.
    pub fn to_sql(&self) -> String {
        let mut sql = String::new();
        for name in &self.schemas {
            let _ = writeln!(sql, "CREATE SCHEMA {};", quote(name));
        }
        for name in &self.extensions {
            let _ = writeln!(sql, "CREATE EXTENSION {name};");
        }
        for one in &self.enums {
            let _ = writeln!(sql, "{}", create_enum(one));
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
            .map(|(table, key)| add(&table.name, key))
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
                if let Some(state) = enable(&table.name, trigger) {
                    let _ = writeln!(sql, "{state}");
                }
            }
            if let Some(row_security) = &table.row_security {
                let _ = writeln!(sql, "\nALTER TABLE {} {row_security};", table.name);
            }
            for policy in &table.policies {
                let _ = writeln!(sql, "{};", policy.definition);
            }
        }
        sql.trim_start().to_owned()
    }
}

/// The statements that make a table, without what refers to others.
pub(super) fn create(table: &TableDef) -> String {
    let columns = table.columns.iter().map(|column| format!("    {} {}", column.name, column.definition()));
    let own = table.constraints.iter().filter(|constraint| constraint.kind != "f");
    let constraints = own.map(|constraint| format!("    CONSTRAINT {} {}", constraint.name, constraint.definition));
    let lines: Vec<String> = columns.chain(constraints).collect();
    let divided = table.divided.as_ref().map(|key| format!(" PARTITION BY {key}")).unwrap_or_default();
    let mut sql = format!("CREATE TABLE {} (\n{}\n){divided};\n", table.name, lines.join(",\n"));
    for partition in &table.partitions {
        let _ = writeln!(sql, "{partition};");
    }
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
