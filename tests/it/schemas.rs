//! What `--format json` prints is what `docs/schemas` says, so that scripts can rely on it.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::catalog::catalog;
use crate::examples;
use crate::local::Place;
use crate::support::{Db, cmf, project, run};

/// The part of JSON Schema that the committed schemas use.
fn check(schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    check_in(schema, schema, value, at, wrong);
}

/// The same for a part of a whole, in which `$ref` finds its definitions.
fn check_in(whole: &Value, schema: &Value, value: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let part = whole.pointer(name.trim_start_matches('#')).unwrap_or_else(|| panic!("no definition {name}"));
        return check_in(whole, part, value, at, wrong);
    }
    if let Some(alternatives) = schema.get("anyOf").and_then(Value::as_array) {
        let tried = alternatives.iter().map(|alternative| {
            let mut wrong = Vec::new();
            check_in(whole, alternative, value, at, &mut wrong);
            wrong
        });
        // The alternative that is nearest tells most.
        wrong.extend(tried.min_by_key(Vec::len).unwrap_or_default());
        return;
    }
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
                Some(schema) => check_in(whole, schema, value, &format!("{at}.{name}"), wrong),
                None if schema["additionalProperties"] == false => wrong.push(format!("{at}: {name} is not in the schema")),
                None => check_in(whole, &schema["additionalProperties"], value, &format!("{at}.{name}"), wrong),
            }
        }
    }
    for (position, value) in value.as_array().into_iter().flatten().enumerate() {
        check_in(whole, &schema["items"], value, &format!("{at}[{position}]"), wrong);
    }
}

fn schema(name: &str) -> Value {
    let text = std::fs::read_to_string(project(&format!("docs/schemas/{name}.json"))).expect("a schema");
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

/// The commands of a noun as their schemas are called: `user.list`, `framework.crosswalk.list`, or `seed` alone.
fn commands(noun: &str) -> BTreeSet<String> {
    let help = run(cmf().args(noun.split('.')).arg("-h").env("COLUMNS", "100")).ok().stdout;
    let verbs = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let verbs = verbs.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    let verbs = verbs.filter(|verb| *verb != "help").map(|verb| format!("{noun}.{verb}"));
    let mut names: BTreeSet<String> =
        verbs.flat_map(|verb| if verb == "framework.crosswalk" { commands(&verb) } else { [verb].into() }).collect();
    // A noun with verbs may be a command itself, as `cmf score` is.
    if names.is_empty() || matches!(noun, "score" | "record") {
        names.insert(noun.to_owned());
    }
    names
}

/// Checks what commands print, and that none of them is forgotten.
#[derive(Default)]
struct Checked(BTreeSet<String>);

impl Checked {
    /// Runs commands, written as they are typed but for `~` as a blank in a name, and checks each document against the schema of the command's name.
    #[track_caller]
    fn all(&mut self, command: impl Fn() -> Command, lines: &str) {
        for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let words: Vec<&str> = line.split(' ').collect();
            let known = commands(words[0]);
            let longest =
                (2..=3).rev().filter_map(|count| Some(words.get(..count)?.join("."))).find(|name| known.contains(name));
            let name = longest.unwrap_or_else(|| words[0].to_owned());
            let args = line.split(' ').map(|word| word.replace('~', " "));
            let run = run(command().args(args).args(["--format", "json"]));
            assert!(!run.stdout.is_empty(), "cmf {line} prints nothing: {}", run.stderr);
            conforms(&name, &run.stdout);
            self.0.insert(name);
        }
    }

    /// Fails where a command of these nouns was not run; those in `but` print no JSON.
    #[track_caller]
    fn covers(&self, nouns: &[&str], but: &[&str]) {
        for name in nouns.iter().flat_map(|noun| commands(noun)) {
            assert!(self.0.contains(&name) || but.contains(&name.as_str()), "cmf {} is not checked", name.replace('.', " "));
        }
    }
}

/// The nouns whose documents a test below checks; the others print text for programs of their own.
const NOUNS: [&str; 24] = [
    "init", "migrate", "seed", "framework", "user", "import", "map", "catalog", "metric", "record", "history", "score",
    "check", "due", "status", "report", "audit", "doctor", "db", "tenant", "local", "config", "demo", "undo",
];

#[test]
fn no_noun_is_left_out() {
    for noun in cmf::cli::command().get_subcommands() {
        let noun = noun.get_name();
        assert!(NOUNS.contains(&noun) || ["man", "completions", "openmetrics"].contains(&noun), "nothing checks cmf {noun}");
    }
}

#[test]
fn documents_of_catalogs_and_metrics_are_what_their_schemas_say() {
    let db = Db::empty();
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password.txt");
    std::fs::write(&password, "correct horse battery staple\n").expect("a file");
    let mut checked = Checked::default();
    let command = || {
        let mut command = db.command();
        let password = std::fs::File::open(&password).expect("the password");
        command.current_dir(folder.path()).stdin(password);
        command
    };
    checked
        .all(command, "migrate up\nseed csf-2.0\nuser create analyst --email analyst@example.org\nuser set-password analyst");
    catalog(&db, "analyst", "Ours");
    checked.all(
        command,
        "user deactivate analyst
        user activate analyst
        user list
        catalog list
        catalog show Ours
        catalog activate Ours
        user list
        catalog list
        metric list
        metric show PR-001
        metric show ID-001
        metric set PR-001 --target 90 --clear unit
        metric set PR-001 --target 90
        metric lock PR-001 PR-002
        metric unlock PR-001 PR-002
        metric add Own --function PR --direction binary
        history PR-001
        history --stale 900d
        history prune --older 30y --yes
        metric list
        metric rm Own --yes
        metric template --xlsx t.xlsx
        doctor
        doctor --all-schemas
        catalog deactivate Ours
        catalog lint Ours
        catalog lint --rules
        catalog rename Ours Theirs
        catalog chown Theirs analyst
        catalog clone Theirs Copy
        catalog diff Theirs Copy
        catalog export Theirs --out c.csv
        catalog delete Copy --yes
        undo --dry-run
        undo --yes
        audit list
        audit verify
        audit prune-images --older 90d --yes
        config show",
    );
    let id = db.one("SELECT id FROM ai_change_log LIMIT 1");
    checked.all(command, &format!("audit show {id}"));
    for line in db.cmf(["audit", "export"]).ok().stdout.lines() {
        conforms("audit.export", line);
        checked.0.insert("audit.export".to_owned());
    }
    checked.covers(&["user", "catalog", "metric", "history", "seed", "doctor", "audit", "config", "undo"], &[]);
}

#[test]
fn documents_of_the_main_job_are_what_their_schemas_say() {
    let db = examples::database();
    let folder = examples::folder(&db);
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write(
        "newer.csv",
        "Metric ID,Metric Name,Function,Category,Direction,Target,Unit,Current Value,Priority\n\
         D-01,Leaver accounts closed in an hour,PR,PR.AA,Higher is better,98,%,96,High\nD-09,New,ID,ID.AM,Higher is better,5,,,\n",
    );
    write("wrong.csv", "Metric ID,Metric Name,Function,Target\nW-01,One,PR,soon\nW-02,Two,PR,2\n");
    write("week.csv", "metric,value,at\nPR-001,x,2026-01-01\nPR-002,5,2026-01-02\n");
    let command = || {
        let mut command = db.command();
        command.current_dir(folder.path()).env("HOME", folder.path());
        command
    };
    let mut checked = Checked::default();
    checked.all(
        command,
        "framework list
        framework show PR.AT
        framework import controls.csv --name H --framework-version 1
        framework import controls.csv --name H --framework-version 1 --dry-run
        framework verify
        framework coverage
        framework crosswalk import pairs.csv --source csf-2.0 --target ai-rmf-1.0
        framework crosswalk list
        framework crosswalk show csf-2.0~to~ai-rmf-1.0
        framework crosswalk verify
        score --framework ai-rmf-1.0 --via csf-2.0
        score explain --framework ai-rmf-1.0 --via csf-2.0
        score explain GV-001 --framework ai-rmf-1.0 --via csf-2.0
        report --framework ai-rmf-1.0 --via csf-2.0
        map carry --via csf-2.0 --to ai-rmf-1.0 --dry-run
        framework crosswalk delete csf-2.0~to~ai-rmf-1.0 --yes
        map suggest --dry-run
        map list
        map list --suggested
        map set X-01 PR.DS-11 --dry-run
        map export --pending
        map export --xlsx m.xlsx
        map import mappings.csv
        map reject X-01 --dry-run
        map confirm X-01 --dry-run
        map confirm --above 0.99
        seed csf-1.1
        map set X-01 ID.AM-1 --framework csf-1.1
        map carry
        import newer.csv --catalog Draft~2027 --mode upsert --prune --yes --dry-run
        import newer.csv --catalog Draft~2027 --mode upsert
        import wrong.csv --allow-partial --direction *=higher
        import newer.csv metrics.csv --again --dry-run
        record PR-001=97.5 PR-002=92
        record PR-001 97 --at 2026-11-20T06:00:00Z
        record PR-001=97 --at 2026-11-20T06:00:00Z
        record --file week.csv --allow-partial
        record PR-001=96 --at 2026-11-21 --spool sp --database-url postgres://x@127.0.0.1:1/x
        record --drain --spool sp
        score
        score --categories --rollup metric --dry-run
        score --as-of 2026-06-30
        score --default --framework csf-2.0
        score show --categories
        score explain
        score explain PR
        score explain PR-003
        score explain RC-013
        score what-if PR-002=50 RC-011=12
        score next
        score backfill --from 2026-05-31 --every month --dry-run
        score trend
        score trend --function PR
        score diff --from 2026-10-01
        due
        score --by owner
        status
        score compare Starter~CSF~2.0 Draft~2027 --default
        score check --min 50 --function PR=20
        check
        check --rule stale
        check --all-schemas
        status --all-schemas
        score --all-schemas --dry-run
        report
        report --catalog Draft~2027
        config show --profile prod",
    );
    let id = db.one("SELECT id FROM metric_history ORDER BY id LIMIT 1");
    checked.all(command, &format!("record undo {id}"));
    // A review needs a terminal to ask on.
    let review = "cmf map review --catalog 'Draft 2027' --format json > review.json";
    examples::on_a_terminal(&db, review, "q", folder.path());
    conforms("map.review", &std::fs::read_to_string(folder.path().join("review.json")).expect("a document"));
    checked.0.insert("map.review".to_owned());
    checked.covers(&["framework", "map", "import", "record", "score", "check", "due", "status", "report"], &[]);
}

#[test]
fn the_document_of_a_first_profile_is_what_its_schema_says() {
    let db = Db::seeded();
    let folder = tempfile::tempdir().expect("a folder");
    let mut command = db.command();
    command.env_remove("CMF_CONFIG").env("XDG_CONFIG_HOME", folder.path()).args(["init", "--database-url", &db.url]);
    command.args(["--framework", "csf-2.0", "--owner", "analyst", "--no-sheet", "--no-spool", "--format", "json"]);
    conforms("init", &run(&mut command).ok().stdout);
}

#[test]
fn documents_of_databases_are_what_their_schemas_say() {
    let db = Db::empty();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir_all(folder.path().join("own/2026-01-01-000000_drop_users")).expect("a folder");
    std::fs::write(folder.path().join("own/2026-01-01-000000_drop_users/up.sql"), "DROP TABLE users;").expect("a file");
    for name in ["both/1_a", "both/2_b"] {
        std::fs::create_dir_all(folder.path().join(name)).expect("a folder");
        std::fs::write(folder.path().join(name).join("up.sql"), "SELECT 1;").expect("a file");
    }
    let command = || {
        let mut command = db.command();
        command.current_dir(folder.path());
        command
    };
    let mut checked = Checked::default();
    checked.all(
        command,
        "migrate plan
        migrate plan --trace
        migrate status
        migrate up
        migrate up --all-schemas
        migrate status
        migrate drift
        migrate test
        migrate log
        migrate verify
        migrate lint --dir own
        migrate lint --rules
        migrate new add_owner --dir new
        migrate squash --dir both --yes
        migrate redo --yes
        migrate down --yes
        migrate up
        migrate repair --yes
        tenant create acme
        tenant drop acme --confirm acme
        db partition metric_history --by month
        db partition metric_history --undo --yes
        db schemas
        db views
        db views --drop
        db grants --role reader cmf_reader
        db wait
        db dump x.dump",
    );
    db.execute("ALTER TABLE users ALTER email TYPE text");
    checked.all(command, "migrate drift");
    db.execute("ALTER TABLE users ALTER email TYPE character varying(255)");
    db.execute("DROP TABLE __diesel_schema_migrations, cmf_migrations");
    checked.all(command, "migrate adopt");
    let name = &db.name;
    checked.all(
        command,
        &format!(
            "db restore x.dump --replace --confirm {name}
            db reset --confirm {name}
            db drop --confirm {name}
            db create"
        ),
    );
    let template = format!("{}t", db.name);
    let copy = format!("{}c", db.name);
    for words in
        [["template", &template].as_slice(), &["clone", &template, &copy, "--ttl", "1h"], &["prune", &copy, "--dry-run"]]
    {
        if words[0] == "prune" {
            Db::empty().execute(&format!("COMMENT ON DATABASE {copy} IS 'cmf copy of it; expires 2020-01-01T00:00:00Z'"));
        }
        let run = db.cmf(["db"].iter().chain(words).chain(&["--format", "json"]));
        let name = format!("db.{}", words[0]);
        conforms(&name, &run.stdout);
        checked.0.insert(name);
    }
    let other = Db::empty();
    other.execute(&format!("ALTER DATABASE {template} IS_TEMPLATE false"));
    for name in [&template, &copy] {
        other.execute(&format!("DROP DATABASE {name}"));
    }
    checked.covers(&["migrate", "db", "tenant"], &["migrate.dump"]);
}

#[test]
fn documents_of_the_private_postgres_are_what_their_schemas_say() {
    let place = Place::new();
    let mut checked = Checked::default();
    checked.all(
        || place.command(),
        "local status
        local start
        local url
        local status
        local upgrade
        local stop
        local stop
        local destroy --yes
        local destroy --yes",
    );
    checked.covers(&["local"], &[]);
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
    let schema = serde_json::json!({
        "anyOf": [{ "type": "string" }, { "$ref": "#/$defs/counts" }],
        "$defs": { "counts": { "type": "object", "additionalProperties": { "type": "integer" } } },
    });
    let wrong = |value: Value| {
        let mut wrong = Vec::new();
        check(&schema, &value, "$", &mut wrong);
        wrong.len()
    };
    assert_eq!(wrong(serde_json::json!("x")) + wrong(serde_json::json!({ "a": 1 })), 0);
    assert_eq!(wrong(serde_json::json!({ "a": 1.5 })), 1);
    assert_eq!(wrong(serde_json::json!(3)), 1);
}
