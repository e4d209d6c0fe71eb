#!/usr/bin/env bash
# Speed and memory of `cmf record`, against psql and a bare libpq program, on a cluster of its own with fsync on.
#
#   cargo build --release && benches/record.sh [bulk|one|crowd|start]
#
# bulk   1,000,000 readings of 10,000 metrics from CSV, week by week and there by metric number: cmf, `\copy` of the same rows
#        already resolved with random ids made by the server, and `\copy` of prepared binary rows with time-ordered ids, both in
#        the order of the file; interleaved, ROUNDS (3) times each. The server has its defaults, but for autovacuum.
#        Goals: at most 0.65 of the first `\copy`, at most 1.15 of the second, under 32 MB.
# one    one reading by a fresh process on a unix socket: cmf against `psql -c INSERT`, RUNS (200) times each, interleaved.
#        Goal: at most 1.0.
# crowd  50 processes at once, each with readings of its own: cmf against a libpq program in C with the same INSERT;
#        interleaved, ROUNDS (3) times each. Goal: at least 0.9 of its readings a second.
# start  the CPU time of `cmf --version`. Goal: under 3 ms.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/cluster.sh -c max_connections=120
rounds=${ROUNDS:-3}
runs=${RUNS:-200}
psql -c "INSERT INTO metrics (metric_number, name, direction, csf_function, priority)
         SELECT 'M-' || n, 'Metric ' || n, 'higher_is_better', 'PR', 'High' FROM generate_series(1, 10000) n" -c "ANALYZE"

bulk() {
    local value="round((n * 7919 + t * 104729) % 1000000 / 10000.0, 4)" at="'2024-01-01'::timestamp + t * interval '7 days'"
    local rows="FROM generate_series(0, 99) t CROSS JOIN (SELECT id, metric_number, substr(metric_number, 3)::int AS n FROM metrics) m ORDER BY t, n"
    local id="('019b7a2f-5c00-7000-8000-' || lpad(to_hex(t * 10000 + n), 12, '0'))::uuid"
    psql -c "\\copy (SELECT metric_number AS metric, $value AS value, to_char($at, 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"') AS at $rows) TO '$work/readings.csv' (FORMAT csv, HEADER)"
    psql -c "\\copy (SELECT id, $value, $at $rows) TO '$work/resolved.csv' (FORMAT csv)"
    psql -c "\\copy (SELECT $id, id, $value, $at, NULL::text, NULL::uuid $rows) TO '$work/prepared.bin' (FORMAT binary)"
    clean() { psql -c "TRUNCATE metric_history" -c "UPDATE metrics SET current_value = NULL" -c "VACUUM FULL metrics" -c "CHECKPOINT"; }
    local total_cmf=0 total_text=0 total_binary=0 start took
    for round in $(seq "$rounds"); do
        clean
        start=$(now)
        /usr/bin/time -f %M -o "$work/memory" "$cmf" record --file "$work/readings.csv"
        took=$(since "$start")
        total_cmf=$(sum "$total_cmf" "$took")
        [ "$(psql -At -c 'SELECT count(*) FROM metric_history')" = 1000000 ]
        echo "round $round: cmf record $took s, $(($(cat "$work/memory") / 1024)) MB"
        clean
        start=$(now)
        psql -c "\\copy metric_history (metric_id, value, recorded_at) FROM '$work/resolved.csv' (FORMAT csv)"
        took=$(since "$start")
        total_text=$(sum "$total_text" "$took")
        echo "round $round: \\copy of resolved text $took s"
        clean
        start=$(now)
        psql -c "\\copy metric_history (id, metric_id, value, recorded_at, note, recorded_by) FROM '$work/prepared.bin' (FORMAT binary)"
        took=$(since "$start")
        total_binary=$(sum "$total_binary" "$took")
        echo "round $round: \\copy of prepared binary $took s"
    done
    echo "cmf / \\copy of resolved text: $(ratio "$total_cmf" "$total_text") (goal 0.65); cmf / \\copy of prepared binary: $(ratio "$total_cmf" "$total_binary") (goal 1.15)"
}

insert="INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, 97.5, clock_timestamp() AT TIME ZONE 'utc' FROM metrics WHERE metric_number = 'M-77'"

one() {
    local start cmf_time=0 psql_time=0
    "$cmf" record M-77 1 && psql -c "$insert"
    for _ in $(seq "$runs"); do
        start=$(date +%s%N); "$cmf" record M-77 97.5; cmf_time=$((cmf_time + $(date +%s%N) - start))
        start=$(date +%s%N); "$bin/psql" -X -q -c "$insert"; psql_time=$((psql_time + $(date +%s%N) - start))
    done
    echo "cmf record: $((cmf_time / runs / 1000)) us, psql -c INSERT: $((psql_time / runs / 1000)) us, ratio $(ratio "$cmf_time" "$psql_time") (goal 1.0)"
}

crowd() {
    local each=20 include library start took round cmf_time=0 libpq_time=0
    include=$("$bin/pg_config" --includedir 2>/dev/null || pg_config --includedir)
    library=$("$bin/pg_config" --libdir 2>/dev/null || pg_config --libdir)
    cc -O2 -o "$work/insert" -I"$include" benches/insert.c -L"$library" -lpq
    # Each process is a recorder on a metric of its own, as 50 cron jobs are. Arguments: the command before the metric.
    at_once() {
        local p
        start=$(date +%s%N)
        for p in $(seq 50); do (for _ in $(seq $each); do "$@" "M-$p" 97.5; done) & done
        wait
        took=$(($(date +%s%N) - start))
    }
    for round in $(seq "$rounds"); do
        at_once "$cmf" record
        cmf_time=$((cmf_time + took))
        at_once "$work/insert"
        libpq_time=$((libpq_time + took))
    done
    each=$((each * rounds))
    echo "50 at once: cmf $((50 * each * 1000000000 / cmf_time)) readings/s, libpq $((50 * each * 1000000000 / libpq_time)) readings/s, ratio $(ratio "$libpq_time" "$cmf_time") (goal 0.9)"
}

start() {
    local count=200
    TIMEFORMAT='%U %S'
    # A redirection behind the parentheses would take the times with it.
    { time (for _ in $(seq $count); do "$cmf" --version >/dev/null 2>&1; done); } 2>"$work/times"
    awk -v n=$count '{ printf "cmf --version: %.2f ms of CPU with the fork of the shell (goal 3)\n", ($1 + $2) * 1000 / n }' "$work/times"
}

for what in ${@:-start one crowd bulk}; do "$what"; done
