#!/usr/bin/env bash
# How long `cmf score --as-of` takes for 1,000 metrics against the best single statement for a past state (LATERAL on the index of
# metric and time), whether it stays the same when the history grows, and how long twelve month-ends in one round trip take. All
# targets were changed since, so cmf has to find those of then, while the statement is told them. And how long 52 weeks of 10,000
# metrics take, filled in by cmf, against one statement for all of them.
#
#   benches/as_of.sh [ROWS...]          (rows of history; default: 10000000 50000000; 0 for the weeks alone)
#
# It starts a Postgres of its own in a new directory below TMPDIR and removes it at the end; 50,000,000 rows take about 10 GB and
# ten minutes. Needs `cargo build --release`, psql and bc. PG_BIN names the directory of Postgres's binaries where it is not the
# newest below /usr/lib/postgresql.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
sizes=${*:-10000000 50000000}
runs=${RUNS:-15}
bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)}

work=$(mktemp -d)
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    chown postgres "$work"
    as() { su postgres -s /bin/sh -c "$(printf '%q ' "$@")"; }
fi
trap '(cd /; as "$bin/pg_ctl" -D "$work/data" -m immediate stop >/dev/null 2>&1 || true); rm -rf "$work"' EXIT
(cd "$work" && as "$bin/initdb" -D "$work/data" -U cmf -A trust -E UTF8 --locale=C --no-sync >/dev/null)
port=$((20000 + $$ % 20000))
# The data is thrown away, so nothing is logged or synced while it is made.
options="-h 127.0.0.1 -p $port -k $work -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal"
options="$options -c max_wal_senders=0 -c max_wal_size=4GB -c shared_buffers=256MB -c autovacuum=off"
(cd "$work" && as "$bin/pg_ctl" -D "$work/data" -w -l "$work/log" -o "$options" start >/dev/null)
export CMF_DATABASE_URL="postgres://cmf@127.0.0.1:$port/postgres"
sql() { psql -qAtX -v ON_ERROR_STOP=1 "$CMF_DATABASE_URL" "$@"; }

"$cmf" migrate up -q >/dev/null
"$cmf" seed csf-2.0 -q >/dev/null
"$cmf" user create bench --email bench@example.org -q >/dev/null 2>&1
framework=$(sql -c "SELECT id FROM frameworks WHERE name = 'NIST CSF' AND version = '2.0'")
catalog=$(sql -c "INSERT INTO metric_catalogs (name, owner_id) SELECT 'bench history', id FROM users WHERE username = 'bench' RETURNING id")
sql <<SQL
SET session_replication_role = replica;
CREATE TABLE bench_metrics AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 1000) AS n;
INSERT INTO metric_catalog_items (id, catalog_id, original_data, name) SELECT id, '$catalog', '{}', 'History ' || n FROM bench_metrics;
INSERT INTO metrics (id, name, target_value, direction, csf_function, priority, catalog_id)
SELECT id, 'History ' || n, 80, 'higher_is_better', 'PR', 'High', '$catalog' FROM bench_metrics;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, is_confirmed)
SELECT id, '$framework', 'PR', 'PR.AA', TRUE FROM bench_metrics;
ANALYZE;
SQL
# From 80 to 90, so the past has 80.
"$cmf" metric set --catalog "$catalog" --where function=PR --target 90 -q >/dev/null

# A past state as one statement.
past() {
    cat <<SQL
WITH v AS (SELECT h.value, 80 AS target_value FROM metrics m
    JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = '$framework' AND p.is_confirmed
    JOIN LATERAL (SELECT value FROM metric_history h WHERE h.metric_id = m.id AND h.recorded_at <= '$1'
                  ORDER BY recorded_at DESC LIMIT 1) h ON TRUE
    WHERE m.catalog_id = '$catalog')
SELECT round(avg(CASE WHEN value >= target_value THEN 100 ELSE 100 * value / target_value END), 2) FROM v
SQL
}

# The least of some interleaved runs of each command in ms, with tenths: what is left when nothing else was in the way.
declare -A best
took() {
    local name=$1 start tenths
    shift
    start=$(date +%s%N)
    "$@" >/dev/null
    tenths=$((($(date +%s%N) - start) / 100000))
    if [ -z "${best[$name]:-}" ] || [ "$tenths" -lt "${best[$name]}" ]; then best[$name]=$tenths; fi
}
ms() { echo "$((best[$1] / 10)).$((best[$1] % 10))"; }

# 52 weeks of 10,000 metrics with a reading a week.
weeks=$(sql -c "INSERT INTO metric_catalogs (name, owner_id) SELECT 'bench weeks', id FROM users WHERE username = 'bench' RETURNING id")
sql <<SQL
SET session_replication_role = replica;
CREATE TABLE bench_weekly AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 10000) AS n;
INSERT INTO metric_catalog_items (id, catalog_id, original_data, name)
SELECT id, '$weeks', '{"parsed": {"frequency": "weekly"}}', 'Weekly ' || n FROM bench_weekly;
INSERT INTO metrics (id, name, target_value, direction, csf_function, priority, catalog_id)
SELECT id, 'Weekly ' || n, 80, 'higher_is_better', 'PR', 'High', '$weeks' FROM bench_weekly;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, is_confirmed)
SELECT id, '$framework', 'PR', 'PR.AA', TRUE FROM bench_weekly;
INSERT INTO metric_history (metric_id, value, recorded_at)
SELECT b.id, ((w * 37 + b.n) % 1000) / 10.0, timestamp '2024-01-01' + w * interval '7 days' + b.n * interval '1 second'
FROM generate_series(0, 59) AS w, bench_weekly b;
VACUUM ANALYZE;
SQL
"$cmf" metric set --catalog "$weeks" --where function=PR --target 90 -q >/dev/null
each_week() {
    cat <<SQL
SELECT t.at, round(avg(CASE WHEN h.value >= 80 THEN 100 ELSE 100 * h.value / 80 END), 2)
FROM generate_series(timestamp '2024-02-01 12:00', timestamp '2024-02-01 12:00' + interval '51 weeks', interval '7 days') AS t (at)
CROSS JOIN metrics m
JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = '$framework' AND p.is_confirmed
JOIN LATERAL (SELECT value FROM metric_history h WHERE h.metric_id = m.id AND h.recorded_at <= t.at
              ORDER BY recorded_at DESC LIMIT 1) h ON TRUE
WHERE m.catalog_id = '$weeks' GROUP BY t.at ORDER BY t.at
SQL
}
statement=$(each_week)
filled() {
    "$cmf" score backfill --catalog "$weeks" --from 2024-02-01T12:00:00Z --to 2025-01-23T12:00:00Z --every week --dry-run "$@"
}
expected=$(sql -c "$statement" | cut -d'|' -f2)
got=$(filled --format csv -q | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "score") at = i; next } { print $at }')
[ "$expected" = "$got" ] || { echo "the weeks differ: cmf says $got, SQL says $expected" >&2; exit 1; }
best=()
for _ in 1 2 3; do
    took cmf filled
    took sql sql -c "$statement"
done
printf '52 weeks of 10000 metrics: cmf %s ms, SQL %s ms\n' "$(ms cmf)" "$(ms sql)"

printf '%10s %8s %8s %6s %15s %13s\n' history cmf_ms sql_ms ratio twelve_ends_ms distinct_on_ms
have=0
for rows in $sizes; do
    [ "$rows" -gt 0 ] || continue
    each=$((rows / 1000))
    # Readings in the order of time, as they come in; indexes are made afterwards, which is faster.
    sql <<SQL
SET session_replication_role = replica;
SET maintenance_work_mem = '1GB';
BEGIN;
ALTER TABLE metric_history DROP CONSTRAINT pk_metric_history;
DROP INDEX idx_history_metric_date;
INSERT INTO metric_history (metric_id, value, recorded_at)
SELECT b.id, ((r * 37 + b.n) % 1000) / 10.0, timestamp '2020-01-01' + r * interval '1 hour'
FROM generate_series($((have + 1)), $each) AS r, bench_metrics b;
ALTER TABLE metric_history ADD CONSTRAINT pk_metric_history PRIMARY KEY (id);
CREATE INDEX idx_history_metric_date ON metric_history (metric_id, recorded_at);
COMMIT;
VACUUM ANALYZE metric_history;
SQL
    have=$each
    at=2020-12-31T12:00:00Z
    statement=$(past "$at")
    expected=$(sql -c "$statement")
    got=$("$cmf" score --catalog "$catalog" --as-of "$at" --format csv -q | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "score") at = i } END { print $at }')
    [ "$expected" = "$got" ] || { echo "cmf says $got, SQL says $expected" >&2; exit 1; }
    best=()
    for _ in $(seq "$runs"); do
        took cmf "$cmf" score --catalog "$catalog" --as-of "$at"
        took sql sql -c "$statement"
        took ends "$cmf" score backfill --catalog "$catalog" --from 2020-02-29 --to 2021-01-31 --every month --dry-run
    done
    distinct=-
    if [ -n "${DISTINCT_ON:-}" ]; then
        took distinct sql -c "SELECT count(*) FROM (SELECT DISTINCT ON (metric_id) value FROM metric_history WHERE recorded_at <= '$at' ORDER BY metric_id, recorded_at DESC) v"
        distinct=$(ms distinct)
    fi
    printf '%10s %8s %8s %6s %15s %13s\n' "$rows" "$(ms cmf)" "$(ms sql)" "$(echo "scale=2; ${best[cmf]} / ${best[sql]}" | bc)" "$(ms ends)" "$distinct"
done
