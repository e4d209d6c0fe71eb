//! What `--format json` prints is what `tests/schemas` says, so that scripts can rely on it.

use serde_json::Value;

use crate::catalog::catalog;
use crate::support::{Db, Run, cmf, project, run};

/// The part of JSON Schema that the committed schemas use.
fn check(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(names) = schema.get("enum").and_then(Value::as_array) {
        if !names.contains(value) {
            wrong.push(format!("{at}: {value} is none of {names:?}"));
        }
        return;
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let fits = |name: &&str| match *name {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        other => panic!("the checker does not know type {other}"),
    };
    if !types.iter().any(fits) {
        wrong.push(format!("{at}: {value} is not {}", types.join(" or ")));
        return;
    }
    if let (Some(format), Some(text)) = (schema.get("format").and_then(Value::as_str), value.as_str()) {
        let fits = match format {
            "uuid" => text.parse::<uuid::Uuid>().is_ok(),
            "date-time" => chrono::DateTime::parse_from_rfc3339(text).is_ok() && text.ends_with('Z'),
            other => panic!("the checker does not know format {other}"),
        };
        if !fits {
            wrong.push(format!("{at}: {text} is no {format}"));
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                wrong.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, value) in object {
            match schema["properties"].get(name) {
                Some(schema) => check(schema, value, &format!("{at}.{name}"), wrong),
                None if schema["additionalProperties"] == false => wrong.push(format!("{at}: {name} is not in the schema")),
                None => {}
            }
        }
    }
    for (position, value) in value.as_array().into_iter().flatten().enumerate() {
        check(&schema["items"], value, &format!("{at}[{position}]"), wrong);
    }
}

fn schema(name: &str) -> Value {
    let text = std::fs::read_to_string(project(&format!("tests/schemas/{name}.json"))).expect("a schema");
    serde_json::from_str(&text).expect("JSON")
}

/// Checks a document against the schema of this name.
#[track_caller]
fn conforms(name: &str, document: &str) {
    let value: Value = serde_json::from_str(document).unwrap_or_else(|error| panic!("{name}: {error} in {document}"));
    let mut wrong = Vec::new();
    check(&schema(name), &value, name, &mut wrong);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Runs a command and checks what it prints; its schema goes by its name.
#[track_caller]
fn shows(db: &Db, args: &[&str]) -> Run {
    let is_verb = |word: &&&str| word.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !word.starts_with('-');
    let words: Vec<&str> = args.iter().take(2).take_while(is_verb).copied().collect();
    let run = db.cmf(args.iter().chain(&["--format", "json"]));
    let name = words.join(".");
    let name = if project(&format!("tests/schemas/{name}.json")).exists() { name } else { words[0].to_owned() };
    conforms(&name, &run.stdout);
    run
}

#[test]
fn documents_are_what_their_schemas_say() {
    let db = Db::empty();
    shows(&db, &["migrate", "up"]);
    shows(&db, &["seed", "csf-2.0"]);
    shows(&db, &["user", "create", "analyst", "--email", "analyst@example.org"]);
    shows(&db, &["user", "deactivate", "analyst"]);
    shows(&db, &["user", "activate", "analyst"]);
    catalog(&db, "analyst", "Ours");
    for args in [
        &["user", "list"][..],
        &["catalog", "list"],
        &["catalog", "show", "Ours"],
        &["catalog", "activate", "Ours"],
        &["user", "list"],
        &["catalog", "list"],
        &["metric", "list"],
        &["metric", "show", "PR-001"],
        &["metric", "show", "ID-001"],
        &["metric", "set", "PR-001", "--target", "90", "--clear", "unit"],
        &["metric", "set", "PR-001", "--target", "90"],
        &["metric", "lock", "PR-001", "PR-002"],
        &["metric", "unlock", "PR-001", "PR-002"],
        &["metric", "add", "Own", "--function", "PR", "--direction", "binary"],
        &["history", "PR-001"],
        &["metric", "list"],
        &["metric", "rm", "Own", "--yes"],
        &["doctor"],
        &["catalog", "deactivate", "Ours"],
        &["catalog", "rename", "Ours", "Theirs"],
        &["catalog", "clone", "Theirs", "Copy"],
        &["catalog", "diff", "Theirs", "Copy"],
        &["catalog", "delete", "Copy", "--yes"],
        &["audit", "list"],
        &["audit", "verify"],
    ] {
        shows(&db, args);
    }
    let id = db.one("SELECT id FROM ai_change_log LIMIT 1");
    shows(&db, &["audit", "show", &id]);
    for line in db.cmf(["audit", "export"]).ok().stdout.lines() {
        conforms("audit.export", line);
    }
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("t.xlsx");
    let copy = folder.path().join("c.csv");
    shows(&db, &["catalog", "export", "Theirs", "--out", copy.to_str().expect("a path")]);
    shows(&db, &["metric", "template", "--xlsx", file.to_str().expect("a path")]);
}

#[test]
fn errors_are_what_their_schema_says() {
    let db = Db::migrated();
    for args in [&["catalog", "show", "x"][..], &["metric", "list", "--stale", "x"], &["user", "create", "x", "--email", "x"]] {
        let run = db.cmf(args.iter().chain(&["--format", "json"]));
        assert_eq!(run.stdout, "");
        conforms("error", &run.stderr);
    }
    let run = run(cmf().args(["user", "list", "--format", "jsonl", "--database-url", "postgres://x@127.0.0.1:1/x"]));
    conforms("error", &run.stderr);
}

#[test]
fn the_checker_finds_what_it_should() {
    let schema = serde_json::json!({
        "type": "array",
        "items": {
            "type": "object",
            "properties": { "id": { "type": "string", "format": "uuid" }, "n": { "type": ["number", "null"] }, "d": { "enum": ["a", null] } },
            "required": ["id"],
            "additionalProperties": false,
        },
    });
    let wrong = |value: Value| {
        let mut wrong = Vec::new();
        check(&schema, &value, "$", &mut wrong);
        wrong.len()
    };
    let id = "0190a0a0-0000-7000-8000-000000000000";
    assert_eq!(wrong(serde_json::json!([{ "id": id, "n": null, "d": null }, { "id": id, "n": 1.5, "d": "a" }])), 0);
    assert_eq!(wrong(serde_json::json!([{ "id": "x" }])), 1);
    assert_eq!(wrong(serde_json::json!([{ "n": "1", "d": "b", "more": 1 }])), 4);
    assert_eq!(wrong(serde_json::json!({})), 1);
}

/// Every command of these nouns has a schema; those of others are added where they are written.
#[test]
fn no_command_is_without_a_schema() {
    for noun in ["user", "audit", "metric"] {
        let help = run(cmf().args([noun, "-h"]).env("COLUMNS", "100")).ok().stdout;
        let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        for verb in commands.filter_map(|line| line.split_whitespace().next()).filter(|verb| *verb != "help") {
            assert!(project(&format!("tests/schemas/{noun}.{verb}.json")).exists(), "no schema for cmf {noun} {verb}");
        }
    }
}
