//! `cmf audit`.

use std::process::Stdio;

use proptest::prelude::*;
use serde_json::Value;

use crate::support::{Db, Run};

#[test]
fn changes_are_listed_newest_first_and_shown_whole() {
    let db = Db::seeded();
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    db.execute("UPDATE ai_change_log SET timestamp = timestamp - interval '40 days' WHERE action = 'seed'");
    let list = db.cmf(["audit", "list", "--format", "json"]).ok().json();
    let actions: Vec<&str> = list.as_array().expect("rows").iter().map(|row| row["action"].as_str().expect("text")).collect();
    assert_eq!(actions, ["user.create", "user.create", "seed"]);
    assert_eq!((&list[0]["username"], &list[0]["result"]["username"]), (&"bob".into(), &"bob".into()));
    let id = list[0]["id"].as_str().expect("an id");
    let shown = db.cmf(["audit", "show", id, "--format", "json"]).ok().json();
    assert_eq!((&shown["action"], &shown["result"]["username"]), (&"user.create".into(), &"bob".into()));
    // The list shows people the number, which is short enough for any terminal.
    let seq = list[0]["seq"].to_string();
    let people = db.cmf(["audit", "list"]).ok().stdout;
    assert!(people.lines().nth(2).is_some_and(|line| line.trim_start().starts_with(&seq)), "{people}");
    assert_eq!(db.cmf(["audit", "show", &seq, "--format", "json"]).ok().json(), shown);
    let roles = "SELECT DISTINCT result #>> '{chain,role}' FROM ai_change_log";
    assert_eq!(db.rows(roles), [db.one("SELECT session_user")]);
    let count = |args: &[&str]| {
        let run = db.cmf(["audit", "list", "--format", "json"].iter().chain(args)).ok();
        run.json().as_array().expect("rows").len()
    };
    assert_eq!(count(&["--since", "35d"]), 2);
    assert_eq!(count(&["--until", "35d"]), 1);
    assert_eq!(count(&["--action", "user"]), 2);
    assert_eq!(count(&["--action", "user.create", "--user", "bob"]), 1);
    let run = db.cmf(["audit", "list", "--limit", "1", "--format", "csv"]).ok();
    assert_eq!(run.stdout.lines().count(), 2);
    assert!(run.stderr.contains("only the newest change is shown; "), "{}", run.stderr);
    let run = db.cmf(["audit", "list", "--limit", "3", "--format", "csv"]).ok();
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (4, ""), "three are all there are");
}

#[test]
fn what_is_unknown_or_not_unique_is_refused() {
    let db = Db::seeded();
    db.cmf(["audit", "list", "--action", "user.creat"]).fails(2, "did you mean `user.create`?");
    db.cmf(["audit", "list", "--user", "eve"]).fails(2, "there is no user `eve`");
    db.cmf(["audit", "list", "--since", "yesterday"]).fails(2, "write 2026-03-31");
    db.cmf(["audit", "show", "seed"]).fails(2, "is not a number, an id");
    db.cmf(["audit", "show", "ffffffff"]).fails(2, "no change has the number or the id");
    let several = db.cmf(["audit", "show", "0"]).fails(2, "type the number of the change, or more characters of its id").stderr;
    let newest =
        db.one("SELECT (result #>> '{chain,seq}') || ' ' || id FROM ai_change_log ORDER BY timestamp DESC, id DESC LIMIT 1");
    assert_eq!(several.lines().nth(1).map(|line| line.trim().starts_with(&newest)), Some(true), "{several}");
    assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), "2");
    for at in 0..11 {
        db.cmf(["user", "create", &format!("u{at}"), "--email", &format!("u{at}@example.org")]).ok();
    }
    let several = db.cmf(["audit", "show", "0"]).fails(2, "  and older ones\n").stderr;
    assert_eq!(several.lines().count(), 13, "{several}");
}

/// JSON of any shape.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-1e9..1e9).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x7f]{0,12}".prop_map(Value::from),
        "[\\PC'\"\\\\]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map("[a-zä\"\\\\\u{1}-]{0,4}", inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn the_server_shows_json_as_the_hash_of_a_link_has_it() {
    let db = Db::empty();
    let config = ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(values in prop::collection::vec(json(), 30))| {
        let texts: Vec<String> = values.iter().map(cmf::domain::trail::canonical).collect();
        let list: Vec<String> = texts.iter().map(|text| format!("('{}')", text.replace('\'', "''"))).collect();
        let shown = db.rows(&format!("SELECT text::jsonb::text FROM (VALUES {}) AS given (text)", list.join(", ")));
        prop_assert_eq!(shown, texts);
    });
}

#[test]
fn a_link_holds_whatever_its_texts_are() {
    let db = Db::seeded();
    for (number, name) in ["o'neil", "back\\slash", "quo\"te", "Zoë Ωmega", "no\u{a0}break", "🦀 ' \\' --"].iter().enumerate()
    {
        let metric = format!("M-{number}");
        db.cmf(["metric", "add", name, "--number", &metric, "--function", "PR", "--direction", "higher_is_better"]).ok();
        db.cmf(["record", &metric, "1.50", "--note", name]).ok();
        // Other programs write rows, with ids of either kind.
        db.execute(
            "INSERT INTO ai_change_log (id, action, source) VALUES (gen_random_uuid(), 'x', 'web'), \
             ((lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000 + 50)::bigint), 12, '0') || '7000a000000000000000')::uuid, 'x', 'web')",
        );
    }
    let links = verify(&db, 0)["chained"].as_i64().expect("a number");
    assert!(links >= 14, "{links}");
}

/// A trail of six changes.
pub fn trail() -> Db {
    let db = Db::seeded();
    for n in 0..4 {
        db.cmf(["user", "create", &format!("u{n}"), "--email", &format!("u{n}@example.org")]).ok();
    }
    verify(&db, 0);
    db
}

#[track_caller]
pub fn verify(db: &Db, code: i32) -> serde_json::Value {
    let run: Run = db.cmf(["audit", "verify", "--format", "json"]);
    assert_eq!(run.code, code, "{}{}", run.stdout, run.stderr);
    run.json()
}

/// What is found, as `seq finding`.
#[track_caller]
pub fn found(db: &Db) -> Vec<String> {
    let rows = verify(db, 4)["findings"].clone();
    let text = |row: &serde_json::Value| {
        format!("{} {}", row["seq"].as_str().unwrap_or("-"), row["finding"].as_str().expect("a finding"))
    };
    rows.as_array().expect("findings").iter().map(text).collect()
}

/// Runs `sql` and takes it back after `look`.
fn tampered(db: &Db, sql: &str, look: impl FnOnce()) {
    db.execute("CREATE TABLE kept AS SELECT * FROM ai_change_log");
    db.execute(sql);
    look();
    db.execute("DELETE FROM ai_change_log; INSERT INTO ai_change_log SELECT * FROM kept; DROP TABLE kept");
    verify(db, 0);
}

#[test]
fn whatever_is_edited_deleted_or_slipped_in_is_found() {
    let db = trail();
    let third = "WHERE result #>> '{chain,seq}' = '3'";
    for change in [
        "id = gen_random_uuid()",
        "timestamp = timestamp + interval '1 microsecond'",
        "action = 'user.deactivate'",
        "source = 'web'",
        "mode = 'x'",
        "user_id = (SELECT id FROM users LIMIT 1)",
        "prompt = ''",
        "result = jsonb_set(result, '{username}', '\"eve\"')",
        "result = jsonb_set(result, '{chain,role}', '\"eve\"')",
        "result = result || '{\"more\": 1}'",
        "result = jsonb_set(result, '{image,data}', '\"{}\"')",
        "result = jsonb_set(result, '{image,sha256}', '\"00\"')",
        "result = jsonb_set(result, '{chain,prev}', '\"00\"')",
        "result = jsonb_set(result, '{chain,hash}', to_jsonb(repeat('0', 64)))",
        "ai_provider = 'x'",
        "ai_model = 'x'",
        "tokens_used = 0",
        "created_at = created_at - interval '1 second'",
    ] {
        tampered(&db, &format!("UPDATE ai_change_log SET {change} {third}"), || {
            assert!(found(&db).contains(&"3 edited".to_owned()), "{change}: {:?}", found(&db));
        });
    }
    // Every row but the newest, one by one and several together.
    for seq in 1..6 {
        tampered(&db, &format!("DELETE FROM ai_change_log WHERE result #>> '{{chain,seq}}' = '{seq}'"), || {
            assert_eq!(found(&db), [format!("{seq} missing")]);
        });
    }
    tampered(&db, "DELETE FROM ai_change_log WHERE result #>> '{chain,seq}' IN ('2', '3', '4')", || {
        let rows = verify(&db, 4)["findings"].clone();
        assert_eq!((&rows[0]["seq"], &rows[0]["until"]), (&"2".into(), &"4".into()));
    });
    // A row that loses its place in the chain is missed, and is itself suspect.
    tampered(&db, &format!("UPDATE ai_change_log SET result = result - 'chain' {third}"), || {
        assert_eq!(found(&db), ["3 missing", "- unchained"]);
    });
    // So does one with a number or a hash that cmf never writes.
    for place in [
        "{\"seq\": 2.5}", "{\"seq\": 3.0}", "{\"seq\": 0}", "{\"seq\": \"3\"}", "{\"seq\": null}", "{\"seq\": 1e400}",
        "{\"hash\": \"00\"}", "{\"hash\": null}",
    ] {
        let change = format!("result = jsonb_set(result, '{{chain}}', result -> 'chain' || '{place}')");
        tampered(&db, &format!("UPDATE ai_change_log SET {change} {third}"), || {
            assert_eq!(found(&db), ["3 missing", "- malformed"], "{place}");
        });
    }
    // A hash that was made anew does not agree with what the next row holds.
    let renew = "UPDATE ai_change_log SET action = 'x', result = jsonb_set(result, '{chain,hash}', to_jsonb(encode(sha256(convert_to(
            jsonb_build_object('id', id, 'timestamp', timestamp, 'action', 'x', 'source', source, 'mode', mode, 'user_id', user_id,
                'prompt', prompt, 'result', result #- '{chain,hash}' #- '{image,data}', 'ai_provider', ai_provider, 'ai_model', ai_model,
                'tokens_used', tokens_used, 'created_at', created_at)::text, 'UTF8')), 'hex')))";
    tampered(&db, &format!("{renew} {third}"), || assert_eq!(found(&db), ["3 replaced"]));
    tampered(
        &db,
        &format!(
            "INSERT INTO ai_change_log SELECT gen_random_uuid(), timestamp, action, source, mode, user_id, prompt, result, ai_provider, ai_model, tokens_used, created_at FROM ai_change_log {third}"
        ),
        || assert!(found(&db).contains(&"3 doubled".to_owned()), "{:?}", found(&db)),
    );
}

#[test]
fn what_the_chain_alone_cannot_find_a_head_that_was_kept_does() {
    let db = trail();
    let head = verify(&db, 0)["head"].as_str().expect("a head").to_owned();
    db.cmf(["user", "create", "later", "--email", "later@example.org"]).ok();
    db.cmf(["audit", "verify", "--head", &head]).ok();
    db.execute("DELETE FROM ai_change_log WHERE (result #>> '{chain,seq}')::int >= 6");
    verify(&db, 0);
    let run = db.cmf(["audit", "verify", "--head", &head, "--format", "json"]);
    assert_eq!((run.code, &run.json()["findings"][0]["finding"]), (4, &"gone".into()));
    db.cmf(["user", "create", "again", "--email", "again@example.org"]).ok();
    let run = db.cmf(["audit", "verify", "--head", &head, "--format", "json"]);
    assert_eq!((run.code, &run.json()["findings"][0]["finding"]), (4, &"rewritten".into()));
    db.cmf(["audit", "verify", "--head", "6:beef"]).fails(2, "is not a head");
    let help = db.cmf(["help", "audit", "verify"]).ok().stdout;
    assert!(help.contains("newest changes"), "{help}");
    let told = db.cmf(["-v", "audit", "verify"]).ok().stderr;
    assert!(told.contains("newest changes") && told.contains("--head"), "{told}");
}

#[test]
fn rows_of_other_programs_and_from_before_the_chain_lie_outside_it_and_break_nothing() {
    let db = Db::migrated();
    db.execute(
        "INSERT INTO ai_change_log (action, source, timestamp, result) VALUES ('seed', 'cmf', '2025-01-01', '{\"a\": 1}')",
    );
    db.cmf(["user", "create", "ada", "--email", "ada@example.org"]).ok();
    db.execute(
        "INSERT INTO ai_change_log (action, source, timestamp, result) VALUES
             ('edit', 'web', '2099-01-01', '{\"a\": 1}'), ('edit', 'web', now(), NULL), ('edit', 'web', now(), '[\"chain\"]'),
             ('edit', 'web', now(), '{\"chain\": {\"links\": 7}}'), ('edit', 'web', now(), '7');
         INSERT INTO ai_change_log (id, action, source) VALUES ('ffffffff-ffff-7fff-bfff-ffffffffffff', 'edit', 'web')",
    );
    db.cmf(["user", "create", "bob", "--email", "bob@example.org"]).ok();
    let checked = verify(&db, 0);
    assert_eq!(checked["chained"], 2);
    let outside: Vec<String> = checked["outside"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| format!("{} {}", row["source"].as_str().expect("a source"), row["rows"]))
        .collect();
    assert_eq!(outside, ["cmf 1", "web 6"]);
    // Which they are, the list says.
    let list = db.cmf(["audit", "list", "--format", "json"]).ok().json();
    assert_eq!(list.as_array().expect("rows").iter().filter(|row| row["seq"].is_null()).count(), 7);
}

#[test]
fn parallel_writers_make_one_line() {
    let db = Db::seeded();
    let children: Vec<_> = (0..24)
        .map(|n| {
            let mut command = db.command();
            // Both kinds: rows that refer to the user of an activation, and others.
            if n % 2 == 0 {
                command.args(["user", "create", &format!("p{n}"), "--email", &format!("p{n}@example.org")]);
            } else {
                command.args([
                    "metric",
                    "add",
                    &format!("M{n}"),
                    "--number",
                    &format!("M-{n}"),
                    "--function",
                    "PR",
                    "--direction",
                    "binary",
                ]);
            }
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("cmf starts")
        })
        .collect();
    for child in children {
        Run::from(child.wait_with_output().expect("cmf ends")).ok();
    }
    let checked = verify(&db, 0);
    assert_eq!((&checked["chained"], &checked["outside"].as_array().expect("rows").len()), (&26.into(), &0));
    assert_eq!(
        db.one("SELECT count(*) FROM (SELECT id, lag(id) OVER (ORDER BY (result #>> '{chain,seq}')::int) AS before FROM ai_change_log) l WHERE id < before"),
        "0",
        "ids rise along the chain"
    );
}

#[test]
fn an_export_has_every_row_and_column_and_a_chain_for_each_schema() {
    let db = trail();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.jsonl").display().to_string();
    db.cmf(["audit", "export", "--out", &file]).ok();
    db.cmf(["audit", "export", "--out", &file]).fails(73, "exists already");
    let text = std::fs::read_to_string(&file).expect("the export");
    assert_eq!(text, db.cmf(["audit", "export"]).ok().stdout);
    let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(rows.len(), 6);
    assert_eq!(rows[2]["result"]["chain"]["prev"], rows[1]["result"]["chain"]["hash"]);
    assert_eq!(rows[0].as_object().expect("a row").len(), 12);
    assert_eq!(db.cmf(["audit", "export", "--since", "1h"]).ok().stdout.lines().count(), 6);
    // A row at the instant is not before it.
    let third = rows[2]["timestamp"].as_str().expect("a time");
    let lines = |option: &str| db.cmf(["audit", "export", option, third]).ok().stdout.lines().count();
    assert_eq!((lines("--since"), lines("--until")), (4, 2));
    db.cmf(["audit", "export", "--out", &file, "--force"]).ok();
    assert_eq!(db.cmf(["audit", "export", "--until", "1h"]).ok().stdout, "");
    // Another schema has a chain of its own.
    let tenant = |args: &[&str]| db.cmf([&["--schema", "acme"], args].concat()).ok();
    tenant(&["migrate", "up"]);
    tenant(&["user", "create", "ada", "--email", "ada@example.org"]);
    assert_eq!(tenant(&["audit", "verify", "--format", "json"]).json()["chained"], 2);
}

#[test]
fn a_row_exactly_at_since_is_in_and_one_exactly_at_until_is_not() {
    let db = Db::seeded();
    for (day, user) in [(1, "a"), (2, "b"), (3, "c")] {
        db.cmf(["user", "create", user, "--email", &format!("{user}@example.org")]).ok();
        db.execute(&format!(
            "UPDATE ai_change_log SET timestamp = '2026-01-0{day} 08:00:00.000001' WHERE result ->> 'username' = '{user}'"
        ));
    }
    for command in ["list", "export"] {
        let users = |args: &[&str]| {
            let format: &[&str] = if command == "list" { &["--action", "user", "--format", "jsonl"] } else { &[] };
            let run = db.cmf([&["audit", command], args, format].concat()).ok();
            let rows = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
            let mut users: Vec<String> = rows.filter_map(|row| row["result"]["username"].as_str().map(str::to_owned)).collect();
            users.sort();
            users.join("")
        };
        let second = "2026-01-02T08:00:00.000001Z";
        assert_eq!(users(&["--until", second]), "a", "{command}");
        assert_eq!(users(&["--since", second, "--until", "2026-01-04"]), "bc", "{command}");
        assert_eq!(users(&["--since", second, "--until", "2026-01-03T08:00:00.000001Z"]), "b", "{command}");
        assert_eq!(users(&["--since", "2026-01-02T08:00:00.000002Z", "--until", "2026-01-04"]), "c", "{command}");
    }
}
