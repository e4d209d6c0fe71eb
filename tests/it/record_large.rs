//! `cmf record --file` with more readings than wait for each other at a time.

use std::fmt::Write as _;

use crate::at_once;
use crate::import::Scratch;
use crate::record::with_metrics;
use crate::signals::{end, start};
use crate::support::{Db, Run};

#[test]
fn another_value_for_an_instant_is_met_wherever_in_the_file_it_stands() {
    const READINGS: usize = 25_000;
    let at = |n: usize| format!("2026-01-{:02}T{:02}:{:02}:00Z", 1 + n / 1_440, n / 60 % 24, n % 60);
    let mut text = String::from("metric,value,at\n");
    for n in 0..READINGS {
        writeln!(text, "PR-002,1,{}", at(n)).expect("a text");
        if n == 10 {
            writeln!(text, "PR-002,2,{}", at(5)).expect("a text");
        }
    }
    // The other one stands in the same window as the first, this one in a later one.
    writeln!(text, "PR-002,3,{}", at(7)).expect("a text");
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", text);
    let file = file.to_str().expect("a path");
    for (policy, code, count, values) in [
        ("refuse", 3, "refused", format!("1.0000 {READINGS}")),
        ("skip", 0, "skipped", format!("1.0000 {READINGS}")),
        ("replace", 0, "replaced", format!("1.0000 {}|2.0000 1|3.0000 1", READINGS - 2)),
    ] {
        let db = with_metrics();
        let args = ["record", "--file", file, "--on-conflict", policy, "--allow-partial", "--format", "json"];
        let run = db.cmf(args);
        assert_eq!(run.code, code, "{policy}: {}", run.stderr);
        let summary = run.json();
        assert_eq!((&summary["stored"], &summary[count]), (&READINGS.into(), &2.into()), "{policy}: {summary}");
        let stored = db.rows("SELECT value || ' ' || count(*) FROM metric_history GROUP BY value ORDER BY value");
        assert_eq!(stored.join("|"), values, "{policy}");
    }
}

#[test]
fn a_metric_that_is_locked_while_a_file_is_stored_takes_none_of_it() {
    let db = with_metrics();
    // One reading of each metric needs no comparison and one does, which locks the metric's row.
    let text = "metric,value,at\nPR-001,5,2026-01-01\nPR-001,5,2026-01-01\nPR-002,6,2026-01-01\nPR-002,6,2026-01-01\n";
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", text);
    // This does not hold back a foreign key's check, only the lock on the row.
    let holder = db.hold("SELECT id FROM metrics WHERE metric_number = 'PR-001' FOR NO KEY UPDATE");
    let child = start(db.command(), &db, &["record", "--file", file.to_str().expect("a path"), "--allow-partial"]);
    db.execute("UPDATE metrics SET is_locked = TRUE WHERE metric_number = 'PR-002'");
    drop(holder);
    end(child).fails(3, "PR-002 is locked");
    let stored = "SELECT m.metric_number, h.value FROM metric_history h JOIN metrics m ON m.id = h.metric_id";
    assert_eq!(db.rows(stored), ["PR-001|5.0000"]);
}

#[test]
fn readings_in_any_order_are_stored_once_with_their_values() {
    const METRICS: usize = 30;
    const EACH: usize = 1_500;
    let db = Db::migrated();
    db.execute(&format!(
        "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         SELECT 'M-' || n, 'Metric ' || n, 'higher_is_better', 'PR', 'High' FROM generate_series(0, {}) n",
        METRICS - 1
    ));
    // Each place once, far from its neighbours: 7,919 and the number of readings have no common divisor.
    let all = METRICS * EACH;
    let mut text = String::from("metric,value,at,note\n");
    let line = |place: usize| {
        let (metric, minute) = (place % METRICS, place / METRICS);
        let at = format!("2026-01-{:02}T{:02}:{:02}:00Z", 1 + minute / 1_440, minute / 60 % 24, minute % 60);
        format!("M-{metric},{metric}.{minute:04},{at},{}\n", if place % 1_000 == 7 { "seven" } else { "" })
    };
    (0..all).for_each(|n| text.push_str(&line(n * 7_919 % all)));
    // Some of them once more, at the end and far behind their first time.
    (0..all).step_by(900).for_each(|n| text.push_str(&line(n * 7_919 % all)));
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", text);
    let summary = db.cmf(["record", "--file", file.to_str().expect("a path"), "--format", "json"]).ok().json();
    assert_eq!((&summary["stored"], &summary["repeated"]), (&all.into(), &(all / 900).into()), "{summary}");
    assert_eq!(
        db.one(
            "SELECT concat_ws(' ', count(*), count(DISTINCT h.id), count(DISTINCT (h.metric_id, h.recorded_at)), count(h.note),
                    count(*) FILTER (WHERE h.value = substr(m.metric_number, 3)::numeric
                                     + extract(epoch FROM h.recorded_at - timestamp '2026-01-01') / 60 / 10000))
             FROM metric_history h JOIN metrics m ON m.id = h.metric_id"
        ),
        format!("{all} {all} {all} {} {all}", all / 1_000)
    );
    assert_eq!(
        db.one(
            "SELECT count(*) FROM metrics m WHERE m.current_value = (
                 SELECT h.value FROM metric_history h WHERE h.metric_id = m.id ORDER BY h.recorded_at DESC LIMIT 1)"
        ),
        METRICS.to_string()
    );
}

#[test]
fn a_file_meets_what_another_session_recorded_after_it_had_looked() {
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", "metric,at,value\nM-1,2026-02-01,60\nM-1,2026-02-02,62\n");
    for (value, code, said, stored) in [
        ("61", 65, "already has the value 61 at 2026-02-01T00:00:00Z", &["61.0000"][..]),
        ("60", 0, "", &["60.0000", "62.0000"]),
    ] {
        let db = at_once::filled();
        let held = at_once::first_write(&db);
        let args = ["record", "--file", file.to_str().expect("a path")].map(str::to_owned);
        let mut recording = at_once::start(&db, &args);
        at_once::settle(&db, &mut recording, 1);
        db.cmf(["record", "M-1", value, "--at", "2026-02-01"]).ok();
        drop(held);
        Run::from(recording.wait_with_output().expect("cmf ends")).fails(code, said);
        let readings = "SELECT value FROM metric_history WHERE recorded_at >= '2026-02-01' ORDER BY recorded_at, id";
        assert_eq!(db.rows(readings), stored, "{value}");
    }
}

#[test]
fn a_large_file_is_recorded_in_little_memory() {
    let db = with_metrics();
    let mut text = String::from("metric,value,at,note\n");
    // 60 MB; what is looked at together is some thousand readings.
    let note = "x".repeat(600);
    for n in 0..100_000 {
        writeln!(
            text,
            "PR-002,{n},2020-01-{:02}T{:02}:{:02}:{:02}Z,{note}",
            1 + n / 86_400,
            n / 3600 % 24,
            n / 60 % 60,
            n % 60
        )
        .expect("a text");
    }
    let scratch = Scratch::new();
    let file = scratch.file("readings.csv", text);
    // Of the addresses, a debug build with its threads takes 205 MB for itself.
    let mut command = db.in_shell("ulimit -v 240000; exec \"$0\" \"$@\"");
    command.args(["record", "--dry-run", "--file", file.to_str().expect("a path"), "--format", "json"]);
    let summary = crate::support::run(&mut command).ok().json();
    assert_eq!(summary["stored"], 100_000, "{summary}");
}
