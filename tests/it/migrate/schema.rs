//! The schema that the migrations make, to the column.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Db, project, shared};

/// The columns of a table in order, as `name|type|not null`, and its keys, as the kind and the columns.
type Written = (Vec<String>, Vec<(String, String)>);

/// What a schema is made of.
#[derive(Debug, Default, PartialEq)]
struct Schema {
    tables: BTreeMap<String, Written>,
    /// Table, name and columns.
    indexes: Vec<(String, String, String)>,
    enums: BTreeMap<String, Vec<String>>,
}

fn column(name: &str, kind: &str, is_nullable: bool) -> String {
    format!("{name}|{}|{}", kind.replace(", ", ","), if is_nullable { "nullable" } else { "not null" })
}

fn list(names: &str) -> Vec<String> {
    names.split(", ").map(str::to_owned).collect()
}

/// The schema as this project writes it down.
fn own() -> Schema {
    let text = std::fs::read_to_string(project("tests/it/migrate/schema.txt")).expect("the schema");
    let mut schema = Schema::default();
    let mut table = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (head, tail) = line.split_once(": ").unwrap_or((line, ""));
        let words: Vec<&str> = head.split_whitespace().collect();
        match (line.starts_with(' '), words.as_slice(), tail) {
            (false, ["table", name], "") => (*name).clone_into(&mut table),
            (false, ["index", name, "on", of], columns) => {
                schema.indexes.push(((*of).to_owned(), (*name).to_owned(), columns.to_owned()));
            }
            (false, ["enum", name], labels) => drop(schema.enums.insert((*name).to_owned(), list(labels))),
            (true, [name, kind, null @ ..], "") => {
                schema.tables.entry(table.clone()).or_default().0.push(column(name, kind, null == ["null"]));
            }
            (true, kind, columns) => {
                schema.tables.entry(table.clone()).or_default().1.push((kind.join(" "), columns.to_owned()));
            }
            other => panic!("{other:?}"),
        }
    }
    schema
}

/// The schema of the specification.
fn specified(text: &str) -> Schema {
    let specified: Value = serde_json::from_str(text).expect("JSON");
    let word = |value: &Value| value.as_str().expect("text").to_owned();
    let words = |value: &Value| value.as_array().expect("a list").iter().map(word).collect::<Vec<_>>();
    let mut schema = Schema::default();
    for (table, described) in specified["tables"].as_object().expect("tables") {
        let columns = described["columns"].as_array().expect("columns").iter().map(|one| {
            // It writes only ENUM; each is named after its column.
            let kind = if one[1] == "ENUM" { format!("metric_{}", word(&one[0])) } else { word(&one[1]) };
            column(&word(&one[0]), &kind, one[2] == true)
        });
        let keys = described["indices"].as_array().expect("indices").iter();
        let keys = keys.map(|one| (word(&one[0]).to_lowercase(), words(&one[1]).join(", ")));
        schema.tables.insert(table.clone(), (columns.collect(), keys.collect()));
    }
    for index in specified["named_indices"].as_array().expect("indices") {
        schema.indexes.push((word(&index[0]), word(&index[1]), words(&index[2]).join(", ")));
    }
    for (name, labels) in specified["enums"].as_object().expect("enums") {
        schema.enums.insert(name.clone(), words(labels));
    }
    schema
}

#[test]
fn up_makes_exactly_the_schema_that_is_written_down() {
    let expected = own();
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    assert_eq!(expected.tables.len(), 13);
    assert_eq!(
        db.rows(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
             AND relname NOT IN ('__diesel_schema_migrations', 'cmf_migrations') ORDER BY relname COLLATE \"C\""
        ),
        expected.tables.keys().cloned().collect::<Vec<_>>()
    );
    for (table, (columns, keys)) in &expected.tables {
        let found = db.rows(&format!(
            "SELECT a.attname, CASE WHEN t.typtype = 'e' THEN t.typname ELSE upper(replace(replace(replace(
                        format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'), ' without time zone', ''), 'numeric', 'decimal')) END,
                    CASE WHEN a.attnotnull THEN 'not null' ELSE 'nullable' END
             FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
             WHERE a.attrelid = '{table}'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"
        ));
        assert_eq!(&found, columns, "columns of {table}");
        for (kind, columns) in keys {
            let keys = |kind: &str| {
                db.rows(&format!(
                    "SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM pg_constraint c
                     CROSS JOIN unnest(c.conkey) WITH ORDINALITY k(num, n)
                     JOIN pg_attribute a ON (a.attrelid, a.attnum) = (c.conrelid, k.num)
                     WHERE c.conrelid = '{table}'::regclass AND c.contype = '{kind}' GROUP BY c.oid"
                ))
            };
            let found = match kind.as_str() {
                "primary key" => keys("p"),
                "foreign key" => keys("f"),
                "unique" => keys("u"),
                "index" => db.rows(&format!(
                    "SELECT replace(array_to_string(ARRAY(
                         SELECT pg_get_indexdef(i.indexrelid, n, false) FROM generate_series(1, i.indnkeyatts) n), ', '), '\"', '')
                     FROM pg_index i WHERE i.indrelid = '{table}'::regclass AND NOT i.indisunique AND i.indisvalid AND i.indpred IS NULL"
                )),
                other => panic!("no key is a {other}"),
            };
            assert!(found.contains(columns), "{kind} ({columns}) of {table}: found {found:?}");
        }
    }
    for (table, name, columns) in &expected.indexes {
        let definition = db.one(&format!("SELECT replace(indexdef, '\"', '') FROM pg_indexes WHERE indexname = '{name}'"));
        assert!(definition.contains(&format!("ON public.{table} USING btree ({columns})")), "{name}: {definition}");
    }
    for (name, labels) in &expected.enums {
        let found =
            db.rows(&format!("SELECT enumlabel FROM pg_enum WHERE enumtypid = '{name}'::regtype ORDER BY enumsortorder"));
        assert_eq!(&found, labels, "{name}");
    }
    assert_eq!(db.one("SELECT count(DISTINCT enumtypid) FROM pg_enum"), expected.enums.len().to_string());
}

#[test]
fn the_schema_that_is_written_down_is_that_of_the_specification() {
    let Some(path) = shared("schema.json", "migrate::schema::up_makes_exactly_the_schema_that_is_written_down") else { return };
    assert_eq!(own(), specified(&std::fs::read_to_string(path).expect("the specification")));
}
