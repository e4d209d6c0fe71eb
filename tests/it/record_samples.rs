//! `cmf record --file metrics.prom`: what monitoring writes, in OpenMetrics and in the older text format of Prometheus.

use crate::record::piped;
use crate::record_cases::{refused, right, with_three};

const BY_LABEL: [&str; 2] = ["--map", "metric=label:cmf_metric"];

#[test]
fn samples_are_readings_of_the_metric_that_a_label_or_their_name_says() {
    let db = with_three();
    db.execute("UPDATE metrics SET name = 'open_findings' WHERE metric_number = 'M-3'");
    let text = "# HELP mfa Users with MFA.\n# TYPE mfa gauge\nmfa{cmf_metric=\"M-1\",team=\"a\\\"b\"} 97.5 1784000000000\n\
                # TYPE go_goroutines gauge\ngo_goroutines 12\n";
    let run = right(&db, text, &BY_LABEL, &["M-1|97.5|2026-07-14T03:33:20"]);
    for line in [
        "unread: metric: another column is read for this field",
        "unread: label:team: cmf has no field",
        "rows_left_out: 1 row without the label of the metric: row 5 (go_goroutines)",
    ] {
        assert!(run.stderr.contains(line), "no {line:?} in\n{}", run.stderr);
    }
    // OpenMetrics has seconds, and says its unit.
    let text = "# TYPE patch_seconds gauge\n# UNIT patch_seconds seconds\npatch_seconds{cmf_metric=\"M-2\"} 5.4e+03 1784000000.25\n\
                # TYPE mfa_ratio gauge\n# UNIT mfa_ratio ratio\nmfa_ratio{cmf_metric=\"M-1\"} 0.955 1784000000\n\
                # TYPE found counter\nfound_total{cmf_metric=\"M-3\"} 7.0 1784000000 # {trace=\"x\"} 1\n\
                found_created{cmf_metric=\"M-3\"} 1700000000\n# EOF\n";
    let run = right(
        &db,
        text,
        &BY_LABEL,
        &["M-1|95.5|2026-07-14T03:33:20", "M-2|1.5|2026-07-14T03:33:20", "M-3|7|2026-07-14T03:33:20"],
    );
    assert!(run.stderr.contains("rows_left_out: 1 sample: they show when a counter began"), "{}", run.stderr);
    let by_name = "# TYPE open_findings gauge\nopen_findings 3 1784000000000\n{\"M-1\"} 96 1784000000000\n";
    right(&db, by_name, &[], &["M-1|96|2026-07-14T03:33:20", "M-3|3|2026-07-14T03:33:20"]);
    // One series is of one metric, at several times.
    let series = "up{job=\"x\"} 1 1784000000000\nup{job=\"x\"} 0 1784000060000\n";
    right(&db, series, &["M-3"], &["M-3|1|2026-07-14T03:33:20", "M-3|0|2026-07-14T03:34:20"]);
    // Without times they were measured now.
    let now = piped(&db, &["record", "--file", "-"], "# TYPE open_findings gauge\nopen_findings 3\n").ok();
    assert_eq!(now.stderr, "");
    assert_eq!(db.one("SELECT now() AT TIME ZONE 'utc' - recorded_at < interval '1 minute' FROM metric_history"), "t");
}

#[test]
fn samples_whose_time_series_or_unit_is_not_sure_are_refused() {
    let db = with_three();
    let gauge = |line: &str, end: &str| format!("# TYPE m gauge\n{line}\n{end}");
    for (text, words) in [
        // Seconds where milliseconds are due, and the other way round.
        (
            gauge("m{cmf_metric=\"M-1\"} 95 1784000000", ""),
            "the time `1784000000` looks like seconds; a file without a line `# EOF`",
        ),
        (
            gauge("m{cmf_metric=\"M-1\"} 95 1784000000000", "# EOF\n"),
            "the time `1784000000000` looks like milliseconds; a file that ends with `# EOF` is OpenMetrics, whose times are in seconds \
             (-, row 2)\nNothing was changed.\nhint: divide it by 1000: 1784000000",
        ),
        (gauge("m{cmf_metric=\"M-1\"} 95 5", "# EOF\n"), "the time `5` is not a time from 1990 to 2099"),
        (gauge("m{cmf_metric=\"M-1\"} 95 1784000000", "# TYPE x untyped\n# EOF\n"), "the unit of its times is unclear"),
        (gauge("m{cmf_metric=\"M-1\"} 95", "# UNIT m percent\n"), "the file is cut off"),
        (gauge("m{cmf_metric=\"M-1\"} 95", "# EOF\nm 5\n"), "a line follows `# EOF`"),
        (gauge("m{cmf_metric=\"M-1\"} 95 1784000000000\nm{cmf_metric=\"M-1\"} 96", ""), "the time is empty"),
        (gauge("m{cmf_metric=\"M-1\"} NaN", ""), "is not a finite number"),
        // Several series are several things that were measured.
        (
            gauge("m{cmf_metric=\"M-1\",host=\"a\"} 95 1784000000000\nm{cmf_metric=\"M-1\",host=\"b\"} 96 1784000060000", ""),
            "`M-1` has several series: label:host is `a` in row 2 and `b` in row 3",
        ),
        (gauge("m{cmf_metric=\"M-3\"} 95 days", ""), "the line has more than a value and a time"),
        (
            "# TYPE m_days gauge\n# UNIT m_days days\nm_days{cmf_metric=\"M-1\"} 95\n# EOF\n".to_owned(),
            "the value `95 days` is in days, but the metric's unit is %",
        ),
    ] {
        refused(&db, &text, &BY_LABEL, &[words]);
    }
    refused(&db, &gauge("m 5", ""), &[], &["there is no metric `m`"]);
    refused(&db, &gauge("m{a=\"1\"} 5\nm{a=\"2\"} 6", ""), &["M-1"], &["samples of several series: label:a is `1`"]);
    refused(
        &db,
        &gauge("m 5", ""),
        &BY_LABEL,
        &["there is no column `label:cmf_metric` to read metric from", "the columns are: metric, value"],
    );
}
