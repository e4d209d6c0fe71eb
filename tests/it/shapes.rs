//! Statements that Citus does not take when a tenant's schema is on one of its workers stay out of the SQL of cmf.

use std::collections::BTreeMap;

use crate::architecture::sources;
use crate::support::{project, sorted_migrations};

/// The tables with a time that Postgres would fill in, and those times.
fn times() -> BTreeMap<String, Vec<&'static str>> {
    let mut times = BTreeMap::new();
    for migration in sorted_migrations() {
        let script = std::fs::read_to_string(migration.join("up.sql")).expect("up.sql");
        for table in script.split("CREATE TABLE ").skip(1) {
            let (name, body) = table.split_once(" (\n").expect("a table");
            let body = body.split("\n);").next().expect("its end");
            let filled =
                |time: &&str| body.lines().any(|line| line.trim_start().starts_with(time) && line.contains("DEFAULT (now()"));
            times.insert(name.to_owned(), ["created_at", "updated_at"].into_iter().filter(filled).collect());
        }
    }
    times
}

/// What is wrong with a text of SQL.
fn wrong(text: &str, times: &BTreeMap<String, Vec<&'static str>>) -> Vec<String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut wrong = Vec::new();
    for update in text.split("DO UPDATE").skip(1) {
        if update.split("RETURNING").next().is_some_and(|update| update.contains("now()")) {
            wrong.push("now() in DO UPDATE: take excluded's".to_owned());
        }
    }
    for answer in text.split("RETURNING").skip(1) {
        if answer.split(';').next().is_some_and(|answer| answer.contains("pg_advisory_xact_lock") || answer.contains("{}")) {
            wrong.push("a lock in RETURNING: make it a statement of its own".to_owned());
        }
    }
    for insert in text.split("INSERT INTO ").skip(1) {
        let Some((table, rest)) = insert.split_once(" (") else { continue };
        let Some((columns, rest)) = rest.split_once(')') else { continue };
        // A recorder has no right to say when a row was made, so there the column is put in where it may be.
        if !rest.trim_start().starts_with("SELECT") || columns.contains('{') {
            continue;
        }
        for time in times.get(table).into_iter().flatten() {
            if !columns.split(", ").any(|column| column == *time) {
                wrong.push(format!("INSERT INTO {table} ... SELECT without {time}: give it as a value"));
            }
        }
    }
    for staged in ["import_items", "import_updates", "import_mappings"] {
        for word in ["FROM ", "JOIN "] {
            for (at, found) in text.match_indices(&format!("{word}{staged}")) {
                let is_alone = !text.contains("metric");
                if !text[at + found.len()..].starts_with(" OFFSET 0)") && !is_alone {
                    wrong.push(format!("{word}{staged} beside tables that stay: (SELECT * FROM {staged} OFFSET 0)"));
                }
            }
        }
    }
    wrong
}

/// The texts in quotes of a source.
fn texts(source: &str) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find('"') {
        let raw = rest[..at].ends_with("r#");
        rest = &rest[at + 1..];
        let end = if raw {
            rest.find("\"#")
        } else {
            rest.match_indices('"').find(|(at, _)| !rest[..*at].ends_with('\\')).map(|(at, _)| at)
        };
        let Some(end) = end else { break };
        texts.push(rest[..end].to_owned());
        rest = &rest[end + 1..];
    }
    texts
}

#[test]
fn no_statement_has_a_shape_that_citus_refuses() {
    let times = times();
    assert_eq!(times["metrics"], ["created_at", "updated_at"]);
    assert_eq!(times["metric_history"], ["created_at"]);
    let (mut found, mut count) = (Vec::new(), 0);
    for path in sources(&project("src/db")) {
        let source = std::fs::read_to_string(&path).expect("a source");
        let source = source.split("#[cfg(test)]").next().expect("its code");
        for text in texts(source).iter().filter(|text| text.contains("INSERT") || text.contains("SELECT")) {
            count += 1;
            found.extend(wrong(text, &times).into_iter().map(|wrong| format!("{}: {wrong}", path.display())));
        }
    }
    assert!(count > 150, "{count}");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_shapes_are_told() {
    let times = times();
    for (text, is_wrong) in [
        (
            "INSERT INTO frameworks (id, created_at, updated_at) VALUES (1, $1, $1) ON CONFLICT DO UPDATE SET updated_at = now()",
            true,
        ),
        (
            "INSERT INTO frameworks (id, created_at, updated_at) VALUES (1, $1, $1) ON CONFLICT DO UPDATE SET updated_at = excluded.updated_at",
            false,
        ),
        ("UPDATE metrics SET updated_at = now() AT TIME ZONE 'utc'", false),
        ("INSERT INTO metrics (id, name) SELECT id, name FROM x", true),
        ("INSERT INTO metrics (id, created_at, updated_at) SELECT id, $1, $1 FROM x", false),
        ("INSERT INTO function_scores (id) SELECT id FROM x", false),
        ("UPDATE metrics SET name = 'x' RETURNING id, {}; SELECT 1", true),
        ("UPDATE metrics SET name = 'x' RETURNING id; SELECT {}", false),
        ("SELECT s.* FROM import_items s JOIN metrics m ON m.id = s.id", true),
        ("SELECT s.* FROM (SELECT * FROM import_items OFFSET 0) s JOIN metrics m ON m.id = s.id", false),
        ("SELECT id FROM import_items", false),
    ] {
        assert_eq!(!wrong(text, &times).is_empty(), is_wrong, "{text}");
    }
}
