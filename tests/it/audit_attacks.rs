//! Attacks on the audit trail, by a role that may only add rows and by the owner of the table.

use proptest::prelude::*;

use crate::audit::{found, trail, verify};
use crate::support::Db;

/// A trail in a database that cmf migrated itself, so that `doctor` looks at the data.
fn migrated_trail() -> Db {
    let db = Db::empty();
    db.cmf(["migrate", "up"]).ok();
    db.cmf(["seed", "csf-2.0"]).ok();
    db
}

/// A role of the database's own that may add rows to the trail and see what a recorder sees of it.
struct Recorder<'a> {
    db: &'a Db,
    name: String,
}

impl<'a> Recorder<'a> {
    fn new(db: &'a Db) -> Self {
        let name = format!("{}_recorder", db.name);
        db.execute(&format!("CREATE ROLE {name}"));
        db.cmf(["db", "grants", "--role", "recorder", &name, "--apply"]).ok();
        Recorder { db, name }
    }

    fn execute(&self, sql: &str) {
        self.db.execute(&format!("SET ROLE {}; {sql}", self.name));
    }
}

impl Drop for Recorder<'_> {
    fn drop(&mut self) {
        self.db.execute(&format!("DROP OWNED BY {}; DROP ROLE {}", self.name, self.name));
    }
}

/// Makes a function `made(row)` that gives the hash that a row should have: how it is made is no secret.
fn give_hash(db: &Db) {
    db.execute(
        "CREATE FUNCTION made(l ai_change_log) RETURNS text LANGUAGE sql AS $$
             SELECT encode(sha256(convert_to(jsonb_build_object(
                 'id', l.id, 'timestamp', l.timestamp, 'action', l.action, 'source', l.source, 'mode', l.mode,
                 'user_id', l.user_id, 'prompt', l.prompt, 'result', l.result #- '{chain,hash}' #- '{image,data}', 'ai_provider', l.ai_provider,
                 'ai_model', l.ai_model, 'tokens_used', l.tokens_used, 'created_at', l.created_at)::text, 'UTF8')), 'hex') $$;
         CREATE FUNCTION slip(id uuid, at timestamp, place jsonb) RETURNS void LANGUAGE sql AS $$
             INSERT INTO ai_change_log (id, timestamp, action, source, result, created_at)
             SELECT r.id, r.timestamp, r.action, r.source,
                    jsonb_build_object('chain', place || jsonb_build_object('hash', made(r))), r.created_at
             FROM (SELECT jsonb_populate_record(NULL::ai_change_log, jsonb_build_object(
                 'id', id, 'timestamp', at, 'action', 'user.create', 'source', 'cmf', 'created_at', at,
                 'result', jsonb_build_object('chain', place))) AS r) AS one, LATERAL (SELECT (one.r).*) AS r $$",
    );
}

/// An id above those of the next years, where the newest link is looked for.
const AHEAD: &str = "01ffffff-ffff-7fff-bfff-ffffffffffff";

#[test]
fn no_row_that_somebody_added_stops_a_command_or_passes_for_a_link() {
    let db = migrated_trail();
    db.cmf(["metric", "add", "M", "--number", "M-1", "--function", "PR", "--direction", "binary"]).ok();
    let recorder = Recorder::new(&db);
    let hash = "0123456789abcdef".repeat(4);
    for (number, chain) in [
        "{\"seq\": 1e400}".to_owned(),
        format!("{{\"seq\": 1e400, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": 7.5, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": 18446744073709551615, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": 9223372036854775807, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": -3, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": 0, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": \"9\", \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": null, \"hash\": \"{hash}\"}}"),
        format!("{{\"seq\": [8], \"hash\": \"{hash}\"}}"),
        format!("{{\"hash\": \"{hash}\"}}"),
        "{\"seq\": 8}".to_owned(),
        "{\"seq\": 8, \"hash\": 7}".to_owned(),
        "{\"seq\": 8, \"hash\": null}".to_owned(),
        "{\"seq\": 8, \"hash\": \"\"}".to_owned(),
        format!("{{\"seq\": 8, \"hash\": \"{}\"}}", hash.to_uppercase()),
        format!("{{\"seq\": 8, \"hash\": \"{hash}\\n\"}}"),
        format!("{{\"seq\": 8, \"hash\": {}{}}}", "[".repeat(2000), "]".repeat(2000)),
    ]
    .iter()
    .enumerate()
    {
        // Whoever it says it is from.
        let source = ["cmf", "web"][number % 2];
        recorder.execute(&format!(
            "INSERT INTO ai_change_log (id, action, source, result) VALUES ('{AHEAD}', 'x', '{source}', '{{\"chain\": {chain}}}')"
        ));
        let name = format!("w{number}");
        db.cmf(["user", "create", &name, "--email", &format!("{name}@example.org")]).ok();
        db.cmf(["record", "M-1", "1", "--at", &format!("2026-01-{:02}", number + 1)]).ok();
        assert_eq!(found(&db), ["- malformed"], "{chain}");
        assert_eq!(verify(&db, 4)["findings"][0]["id"], AHEAD);
        let doctor = db.cmf(["doctor"]).stdout;
        assert!(doctor.contains(AHEAD) && doctor.contains("malformed"), "{doctor}");
        let list = db.cmf(["audit", "list", "--format", "json"]).ok().json();
        let row = list.as_array().expect("rows").iter().find(|row| row["id"] == AHEAD).expect("the row").clone();
        assert!(row["seq"].is_null(), "{row}");
        db.cmf(["audit", "show", AHEAD]).ok();
        db.execute(&format!("DELETE FROM ai_change_log WHERE id = '{AHEAD}'"));
        verify(&db, 0);
    }
    assert!(db.cmf(["doctor"]).stdout.contains("numbers and links agree"));
}

#[test]
fn a_false_link_with_a_right_hash_is_named_and_the_commands_go_on() {
    let hash = "0123456789abcdef".repeat(4);
    for seq in ["9000000000000", "999999999999998", "999999999999999", "99"] {
        let db = migrated_trail();
        give_hash(&db);
        let recorder = Recorder::new(&db);
        db.execute(&format!("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {}", recorder.name));
        recorder.execute(&format!("SELECT slip('{AHEAD}', '2026-11-01', '{{\"seq\": {seq}, \"prev\": \"{hash}\"}}')"));
        let kept: u32 = db.one("SELECT count(*) - 1 FROM ai_change_log").parse().expect("a count");
        for n in 0..4 {
            db.cmf(["user", "create", &format!("later{n}"), "--email", &format!("later{n}@example.org")]).ok();
        }
        let rows = verify(&db, 4)["findings"].clone();
        let first = kept + 1;
        let before = (seq.parse::<u64>().expect("a number") - 1).to_string();
        assert_eq!((&rows[0]["seq"], &rows[0]["until"]), (&first.to_string().into(), &before.as_str().into()), "{rows}");
        assert_eq!(rows[0]["finding"], "missing", "{rows}");
        let doctor = db.cmf(["doctor", "--format", "json"]);
        assert_eq!(doctor.code, 4, "{}", doctor.stdout);
        assert!(doctor.stdout.contains("(missing)"), "{}", doctor.stdout);
        assert_eq!(db.one("SELECT count(*) FROM ai_change_log"), (kept + 5).to_string());
        // What is changed among the rows after it still shows.
        if seq == "99" {
            db.execute("UPDATE ai_change_log SET action = 'x' WHERE result #>> '{chain,seq}' = '101'");
            assert!(found(&db).contains(&"101 edited".to_owned()));
        }
    }
}

#[test]
fn a_false_link_beyond_the_ids_of_the_chain_is_named_too() {
    let db = trail();
    give_hash(&db);
    db.execute("SELECT slip('ffffffff-ffff-7fff-bfff-ffffffffffff', '2026-11-01', '{\"seq\": 9}')");
    db.cmf(["user", "create", "later", "--email", "later@example.org"]).ok();
    assert_eq!(found(&db), ["8 missing"]);
    assert_eq!(
        db.one(
            "SELECT max((result #>> '{chain,seq}')::int) FROM ai_change_log WHERE id < 'f0000000-0000-0000-0000-000000000000'"
        ),
        "7"
    );
}

#[test]
fn a_filler_between_two_numbers_hides_neither_an_edit_nor_a_deletion() {
    let db = trail();
    give_hash(&db);
    let prev = |seq: i32| {
        db.one(&format!("SELECT result #>> '{{chain,hash}}' FROM ai_change_log WHERE result #>> '{{chain,seq}}' = '{seq}'"))
    };
    let (second, third) = (prev(2), prev(3));
    db.execute(&format!("SELECT slip(gen_random_uuid(), '2026-11-01', '{{\"seq\": 2.5, \"prev\": \"{second}\"}}')"));
    assert_eq!(found(&db), ["- malformed"]);
    // The third is deleted, or edited and its hash computed again, behind a filler that holds what the next one wants.
    db.execute(&format!("SELECT slip(gen_random_uuid(), '2026-11-01', '{{\"seq\": 3.5, \"prev\": \"{third}\"}}')"));
    db.execute(
        "UPDATE ai_change_log SET action = 'x' WHERE result #>> '{chain,seq}' = '3';
         UPDATE ai_change_log l SET result = jsonb_set(result, '{chain,hash}', to_jsonb(made(l))) WHERE result #>> '{chain,seq}' = '3'",
    );
    assert_eq!(found(&db), ["3 replaced", "- malformed", "- malformed"]);
    db.execute("DELETE FROM ai_change_log WHERE result #>> '{chain,seq}' = '3'");
    assert_eq!(found(&db), ["3 missing", "- malformed", "- malformed"]);
}

/// One thing that is done to the trail.
#[derive(Debug, Clone)]
enum Attack {
    /// A row is deleted.
    Delete(i32),
    /// A column of a row is changed.
    Edit(i32, &'static str),
    /// A row gets another number.
    Renumber(i32, String),
    /// A row gets another hash of the row before it.
    Relink(i32, String),
    /// The hash of a row is made anew.
    Rehash(i32),
    /// A row with a right hash is added.
    Slip(String, String),
}

impl Attack {
    fn sql(&self) -> String {
        let of = |n: &i32| format!("FROM (SELECT id FROM kept WHERE result #>> '{{chain,seq}}' = '{n}') k WHERE k.id = l.id");
        match self {
            Attack::Delete(n) => {
                format!(
                    "DELETE FROM ai_change_log l USING (SELECT id FROM kept WHERE result #>> '{{chain,seq}}' = '{n}') k WHERE k.id = l.id"
                )
            }
            Attack::Edit(n, change) => format!("UPDATE ai_change_log l SET {change} {}", of(n)),
            Attack::Renumber(n, seq) => {
                format!("UPDATE ai_change_log l SET result = jsonb_set(result, '{{chain,seq}}', '{seq}') {}", of(n))
            }
            Attack::Relink(n, prev) => {
                format!("UPDATE ai_change_log l SET result = jsonb_set(result, '{{chain,prev}}', {prev}) {}", of(n))
            }
            Attack::Rehash(n) => {
                format!("UPDATE ai_change_log l SET result = jsonb_set(result, '{{chain,hash}}', to_jsonb(made(l))) {}", of(n))
            }
            Attack::Slip(seq, prev) => {
                format!(
                    "SELECT slip(gen_random_uuid(), '2026-11-01', jsonb_build_object('seq', '{seq}'::jsonb, 'prev', {prev}))"
                )
            }
        }
    }
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..9_i32).prop_map(|seq| seq.to_string()),
        (1..9_i32).prop_map(|seq| format!("{seq}.5")),
        (1..9_i32).prop_map(|seq| format!("{seq}.0")),
        Just("\"3\"".to_owned()),
        Just("null".to_owned()),
        Just("0".to_owned()),
        Just("-1".to_owned()),
        Just("999999999999999".to_owned()),
        Just("1e30".to_owned()),
    ]
}

/// The hash of a row as it is now, or as it was, or none, or any.
fn prev() -> impl Strategy<Value = String> {
    prop_oneof![
        (1..7_i32).prop_map(|n| format!(
            "coalesce((SELECT max(result #> '{{chain,hash}}' #>> '{{}}')::text FROM kept WHERE result #>> '{{chain,seq}}' = '{n}')::text, '')"
        )),
        (1..7_i32).prop_map(|n| format!(
            "coalesce((SELECT max(result #>> '{{chain,hash}}') FROM ai_change_log WHERE result #>> '{{chain,seq}}' = '{n}'), '')"
        )),
        Just("''::text".to_owned()),
        Just("repeat('0', 64)".to_owned()),
    ]
    .prop_map(|text| format!("to_jsonb(nullif({text}, ''))"))
    .prop_map(|json| format!("coalesce({json}, 'null')"))
}

/// What only the owner can do, to the rows up to `last`.
fn owners(last: i32) -> impl Strategy<Value = Attack> {
    let columns = prop::sample::select(vec![
        "action = action || 'x'", "source = 'web'", "timestamp = '2020-01-01'", "id = gen_random_uuid()",
        "result = result || '{\"more\": 1}'", "result = result - 'chain'", "result = NULL", "user_id = NULL, tokens_used = 7",
    ]);
    prop_oneof![
        (1..=last).prop_map(Attack::Delete),
        (1..=last, columns).prop_map(|(n, column)| Attack::Edit(n, column)),
        (1..=last, number()).prop_map(|(n, seq)| Attack::Renumber(n, seq)),
        (1..=last, prev()).prop_map(|(n, prev)| Attack::Relink(n, prev)),
        (1..=last).prop_map(Attack::Rehash),
        (number(), prev()).prop_map(|(seq, prev)| Attack::Slip(seq, prev)),
    ]
}

/// Does the attacks and says whether a check names something, and whether it should: a row of before is gone or changed, or one
/// is new that is not the next link.
fn named_and_should(db: &Db, attacks: &[Attack], head: Option<&str>) -> (bool, bool) {
    let words: Vec<String> = attacks.iter().map(Attack::sql).collect();
    db.execute("DELETE FROM ai_change_log; INSERT INTO ai_change_log SELECT * FROM kept");
    db.execute(&words.join(";\n"));
    let changed = db.one(
        "SELECT count(*) FROM ((SELECT to_jsonb(k)::text FROM kept k EXCEPT SELECT to_jsonb(n)::text FROM ai_change_log n) UNION ALL (
             SELECT '' FROM ai_change_log n WHERE NOT EXISTS (SELECT FROM kept k WHERE to_jsonb(k)::text = to_jsonb(n)::text)
                 AND (n.result #>> '{chain,seq}' IS DISTINCT FROM '7' OR n.result #>> '{chain,hash}' IS DISTINCT FROM made(n)
                      OR n.result #> '{chain,prev}' IS DISTINCT FROM
                         (SELECT result #> '{chain,hash}' FROM kept WHERE result #>> '{chain,seq}' = '6')))) AS changed",
    );
    let mut args = vec!["audit", "verify", "--quiet"];
    if let Some(head) = head {
        args.extend(["--head", head]);
    }
    let run = db.cmf(args);
    assert!([0, 4].contains(&run.code), "{attacks:?}: {}", run.stderr);
    // Two right next links are one too many.
    let next = db.one("SELECT count(*) FROM ai_change_log WHERE result #>> '{chain,seq}' = '7'");
    (run.code == 4, changed != "0" || next.parse::<u32>().expect("a count") > 1)
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

#[test]
fn whatever_a_role_adds_that_may_only_add_is_named_unless_it_is_the_next_link() {
    let db = trail();
    give_hash(&db);
    db.execute("CREATE TABLE kept AS SELECT * FROM ai_change_log");
    proptest!(cases(50), |(slipped in prop::collection::vec((number(), prev()), 1..5))| {
        let attacks: Vec<Attack> = slipped.into_iter().map(|(seq, prev)| Attack::Slip(seq, prev)).collect();
        let (named, should) = named_and_should(&db, &attacks, None);
        prop_assert_eq!(named, should);
    });
}

#[test]
fn whatever_the_owner_does_below_the_newest_row_is_named() {
    let db = trail();
    give_hash(&db);
    db.execute("CREATE TABLE kept AS SELECT * FROM ai_change_log");
    proptest!(cases(80), |(attacks in prop::collection::vec(owners(5), 1..7))| {
        let (named, should) = named_and_should(&db, &attacks, None);
        prop_assert_eq!(named, should);
    });
}

#[test]
fn whatever_the_owner_does_to_any_row_is_named_where_the_head_was_kept() {
    let db = trail();
    give_hash(&db);
    let head = verify(&db, 0)["head"].as_str().expect("a head").to_owned();
    db.execute("CREATE TABLE kept AS SELECT * FROM ai_change_log");
    proptest!(cases(80), |(attacks in prop::collection::vec(owners(6), 1..7))| {
        let (named, should) = named_and_should(&db, &attacks, Some(&head));
        prop_assert_eq!(named, should);
    });
    // Without it, this is the limit: the end is cut off, or made anew with all its hashes.
    let (named, should) = named_and_should(&db, &[Attack::Delete(5), Attack::Delete(6)], None);
    assert!(should && !named);
    let anew = [Attack::Edit(6, "action = 'x'"), Attack::Rehash(6)];
    let (named, should) = named_and_should(&db, &anew, None);
    assert!(should && !named);
}
