//! `cmf record --file` with more readings than wait for each other at a time.

use crate::import::Scratch;
use crate::support::Db;

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
