//! Random sequences of all commands that write: each is taken back one by one, and half of them are done again.

use std::path::Path;

use crate::support::{Db, Session};

/// A generator with a fixed start, so that a failure comes again.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("a number") % n
    }
}

/// What writes; `{dir}` is the folder, `{n}` a number, `{reading}` a reading. Some are refused in some states.
const COMMANDS: &[&str] = &[
    "import {dir}/catalog.csv --name New --again --owner analyst",
    "import {dir}/catalog.csv --name New --again --owner bob --activate",
    "import {dir}/changed.csv --catalog Ours --mode upsert",
    "import {dir}/changed.csv --catalog Theirs --mode upsert --activate",
    "import {dir}/fewer.csv --catalog Ours --mode upsert --prune --yes",
    "import {dir}/fewer.csv --catalog Theirs --mode upsert --prune --prune-history --yes",
    "import {dir}/catalog.csv --catalog Ours --mode update --at 2026-05-0{d}",
    "catalog activate Theirs",
    "catalog activate Ours",
    "catalog deactivate Ours",
    "catalog rename Ours Renamed",
    "catalog rename Theirs Ours2",
    "catalog clone Ours Copy",
    "catalog clone Theirs Copy",
    "catalog delete Theirs --yes",
    "catalog delete Ours --yes --force",
    "map suggest --catalog Theirs",
    "map set J-{m} PR.AA-0{d} --catalog Theirs",
    "map set J-{m} ID.AM-0{d} --catalog Ours --add",
    "map confirm J-{m} --catalog Theirs",
    "map confirm --above 0.1 --catalog Theirs",
    "map reject J-{m} --catalog Theirs",
    "map reject J-{m} --catalog Ours",
    "map review --catalog Theirs",
    "map import {dir}/mapped.csv --catalog Theirs",
    "map carry --catalog Theirs",
    "metric set J-{m} --target 8{d}",
    "metric set J-{m} --name Name{d} --catalog Ours",
    "metric set J-{m} --priority Low --frequency monthly",
    "metric add Own{d} --number X-{d} --function PR --direction binary",
    "metric rm J-{m} --yes",
    "metric rm J-{m} J-4 L-1 --yes --override-lock",
    "metric lock J-{m} L-1",
    "metric unlock J-{m}",
    "record J-{m}={d}",
    "record J-1=9{d} J-2={d} --by analyst --note x",
    "record J-{m} 9{d} --at 2026-02-0{d}",
    "record J-{m} 8{d} --at 2026-01-01 --on-conflict replace",
    "record --file {dir}/readings.csv",
    "record --file {dir}/readings.csv --on-conflict replace",
    "record L-1={d} --override-lock",
    "record undo {reading}",
    "score --owner analyst",
    "score --default",
    "score --catalog Theirs",
    "score backfill --owner analyst --from 2026-01-01 --to 2026-03-01 --every month",
    "framework import {dir}/framework.csv --name House --framework-version {d}",
    "framework crosswalk import {dir}/pairs{m}.csv --source csf-2.0 --target csf-1.1 --owner bob --name Bridge",
    "framework crosswalk delete Bridge --yes",
    "seed csf-1.1",
    "user create user{d} --email user{d}@example.org",
    "user deactivate analyst",
    "user deactivate bob",
    "user activate closed",
    "doctor --fix",
];

/// Where all sequences begin: two catalogs, one of them active, a metric of the library, readings, scores, and a value that is
/// not that of the newest reading.
fn prepared() -> Db {
    Db::like("undo", |db| {
        for migration in crate::support::sorted_migrations() {
            db.execute(&std::fs::read_to_string(migration.join("up.sql")).expect("up.sql"));
        }
        let folder = files();
        for line in [
            "seed csf-2.0",
            "user create analyst --email analyst@example.org",
            "user create bob --email bob@example.org",
            "user create closed --email closed@example.org",
            "user deactivate closed",
            "import {dir}/catalog.csv --name Ours --owner analyst --activate",
            "import {dir}/catalog.csv --name Theirs --owner analyst --again",
            "metric add Library --number L-1 --function GV --direction binary --target 1",
            "record J-1 90 --at 2026-01-01 --note first",
            "record J-1=91 J-2=6 L-1=1 --by analyst",
            "score --owner analyst",
        ] {
            run(db, folder.path(), line).expect(line);
        }
        // As others leave things.
        db.execute("UPDATE metrics SET current_value = 1 WHERE metric_number = 'J-3'; UPDATE metrics SET current_value = 2 WHERE metric_number = 'J-2'");
    })
}

fn files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    let header = "metric_number,name,subcategory,current_value,target_value,direction,priority\n";
    let rows = [
        "J-1,Administrators with MFA,PR.AA-03,90,95,higher_is_better,High\n",
        "J-2,Days to patch,ID.RA-01,7,5,lower_is_better,Medium\n",
        "J-3,Backups restored in a test,PR.DS-11,80,90,higher_is_better,Low\n",
        "J-4,Staff trained in security awareness,,70,90,higher_is_better,Low\n",
    ];
    write("catalog.csv", &format!("{header}{}", rows.concat()));
    let more = "J-5,\"Größe, \"\"quoted\"\" \\ line\",PR.AA-01,0.5,1,higher_is_better,High\n";
    write("changed.csv", &format!("{header}{}{more}", rows.concat().replace("7,5,", "7,4,").replace("MFA", "MFA and keys")));
    write("fewer.csv", &format!("{header}{}{}", rows[0], rows[2]));
    write("readings.csv", "metric,value,at\nJ-1,90,2026-01-01\nJ-1,92,2026-02-01\nJ-2,6,2026-02-01\n");
    write("pairs1.csv", "source,target,relation,confidence\nPR.AA-01,PR.AC-1,equal,0.9\nPR.AA-03,PR.AC-7,subset,\n");
    write("pairs2.csv", "source,target,relation,confidence\nPR.AA-01,PR.AC-1,subset,\nPR.DS-01,PR.DS-1,equal,\n");
    write("pairs3.csv", "source,target,relation,confidence\nPR.DS-01,PR.DS-1,equal,\n");
    write("framework.csv", "function,category,subcategory,name,text\nA,,,Alpha,\nA,A.B,,Beta,\nA,A.B,A.B-01,,Gamma is done.\n");
    folder
}

/// Runs a command line; what it said where it did not end well.
fn run(db: &Db, folder: &Path, line: &str) -> Result<(), String> {
    if line.starts_with("map review") {
        // Accepts what is best for the first, and the second of the next; asks nothing where all is decided.
        crate::signals::on_a_terminal(db, line, "", b"a\n2\nq\nq\n");
        return Ok(());
    }
    let words = line.split(' ').map(|word| word.replace("{dir}", folder.to_str().expect("a path")));
    let run = crate::support::run(db.command().args(words));
    if [0, 4].contains(&run.code) { Ok(()) } else { Err(format!("{line}: exit {}: {}", run.code, run.stderr)) }
}

/// All rows that commands change, but for when they were changed.
fn dump(session: &mut Session) -> Vec<String> {
    let tables = cmf_tables().map(|table| format!("SELECT '{table} ' || (to_jsonb(x) - 'updated_at')::text FROM {table} x"));
    session.rows(&format!("{} ORDER BY 1", tables.join(" UNION ALL ")))
}

const fn cmf_tables() -> [&'static str; 12] {
    [
        "frameworks", "framework_functions", "framework_categories", "framework_subcategories", "users", "metric_catalogs",
        "metric_catalog_items", "metric_catalog_framework_mappings", "metrics", "metric_history", "function_scores",
        "framework_scores",
    ]
}

fn head(session: &mut Session) -> i64 {
    let head = "SELECT coalesce(max((result #>> '{chain,seq}')::bigint), 0) FROM ai_change_log";
    session.one(head).parse().expect("a number")
}

/// What differs between two dumps, in short.
#[track_caller]
fn assert_same(found: &[String], expected: &[String], what: &str, lines: &[String]) {
    let only = |one: &[String], other: &[String]| {
        one.iter().filter(|row| !other.contains(row)).take(4).cloned().collect::<Vec<_>>().join("\n  ")
    };
    assert!(
        found == expected,
        "{what} of\n{}\nonly found:\n  {}\nonly expected:\n  {}",
        lines.join("\n"),
        only(found, expected),
        only(expected, found)
    );
}

/// Runs this many sequences from a start of its own.
fn sequences(count: usize, start: u64, most: usize) {
    let (db, folder) = (prepared(), files());
    let mut session = db.session();
    let items = session.rows(
        "SELECT i.id || ',PR.AT-01,yes' FROM metric_catalog_items i JOIN metric_catalogs c ON c.id = i.catalog_id
         WHERE c.name = 'Theirs' AND i.name ~ '^(Days|Backups)'",
    );
    let mapped = format!("item_id,code,is_confirmed\n{}\n", items.join("\n"));
    std::fs::write(folder.path().join("mapped.csv"), mapped).expect("a file");
    let mut random = Random(start);
    let undo = |seq: i64, lines: &[String]| {
        let run = crate::support::run(db.command().args(["undo", &seq.to_string(), "--yes"]));
        assert_eq!(run.code, 0, "undo {seq} of\n{}\n{}", lines.join("\n"), run.stderr);
    };
    let mut done = 0;
    for number in 0..count {
        let mut states = vec![dump(&mut session)];
        let (mut seqs, mut lines) = (Vec::new(), Vec::new());
        for _ in 0..=random.below(most) {
            let line = COMMANDS[random.below(COMMANDS.len())];
            let (m, d) = (1 + random.below(4), 1 + random.below(9));
            let line = line.replace("{m}", &m.to_string()).replace("{d}", &d.to_string());
            let any = "SELECT id FROM metric_history ORDER BY md5(id::text) LIMIT 1";
            let line = if line.contains("{reading}") { line.replace("{reading}", &session.one(any)) } else { line };
            let before = head(&mut session);
            let outcome = run(&db, folder.path(), &line);
            let after = head(&mut session);
            if let Err(refused) = &outcome {
                assert!(!refused.contains("exit 101") && before == after, "{refused}");
            }
            // Readings that existed already change no row.
            let has_rows =
                format!("SELECT count(*) FROM ai_change_log WHERE result #>> '{{chain,seq}}' = '{after}' AND result ? 'image'");
            if after > before && session.one(&has_rows) == "1" {
                seqs.push(after);
                lines.push(line);
                states.push(dump(&mut session));
            }
        }
        done += seqs.len();
        let mut undos = Vec::new();
        for (at, seq) in seqs.iter().enumerate().rev() {
            undo(*seq, &lines);
            undos.push(head(&mut session));
            assert_same(&dump(&mut session), &states[at], &format!("undo of {}", lines[at]), &lines);
        }
        if number % 2 == 0 && !seqs.is_empty() {
            let first = head(&mut session) + 1;
            for (at, seq) in undos.iter().rev().enumerate() {
                undo(*seq, &lines);
                assert_same(&dump(&mut session), &states[at + 1], &format!("redo of {}", lines[at]), &lines);
            }
            let run = crate::support::run(db.command().args(["undo", "--to", &first.to_string(), "--yes"]));
            assert_eq!(run.code, 0, "undo --to {first} of\n{}\n{}", lines.join("\n"), run.stderr);
            assert_same(&dump(&mut session), &states[0], "undo --to", &lines);
        }
    }
    assert!(done > count / 2, "{done} commands of {count} sequences wrote");
    db.cmf(["audit", "verify"]).ok();
}

#[test]
fn what_random_commands_did_is_taken_back_and_done_again_1() {
    sequences(125, 1, 2);
}

#[test]
fn what_random_commands_did_is_taken_back_and_done_again_2() {
    sequences(125, 2, 2);
}

#[test]
fn what_random_commands_did_is_taken_back_and_done_again_3() {
    sequences(125, 3, 2);
}

#[test]
fn what_random_commands_did_is_taken_back_and_done_again_4() {
    sequences(125, 4, 2);
}

/// In runs as long as those of the ordinary tests, each on a database of its own: the trail of one database only grows, and whoever
/// looks at it takes longer.
#[test]
#[ignore = "takes half an hour"]
fn what_ten_thousand_sequences_did_is_taken_back_and_done_again() {
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || (0..20).for_each(|run| sequences(125, 100 + 20 * thread + run, 2)));
        }
    });
}
