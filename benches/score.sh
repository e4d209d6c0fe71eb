#!/usr/bin/env bash
# How long `cmf score` takes against one SQL statement that computes the same numbers in NUMERIC on the server, and how much
# memory it needs; how long a past state takes against the best single statement for it.
#
#   CMF_DATABASE_URL=postgres://USER@HOST/SCRATCH benches/score.sh [METRICS...]       (default: 100000 1000000)
#   HISTORY="10000000 50000000" ... benches/score.sh                                    (adds rows of history for the past state)
#
# The database is a scratch one: it is migrated, filled and left behind. Needs psql, GNU time, and `cargo build --release`.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-target/release/cmf}
url=${CMF_DATABASE_URL:?names a scratch database}
sizes=${*:-100000 1000000}
runs=${RUNS:-5}
sql() { psql -qAtX -v ON_ERROR_STOP=1 "$url" "$@"; }

# The least of several runs in milliseconds: what is left when nothing else was in the way.
least() {
    local best=999999999 start took
    for _ in $(seq "$runs"); do
        start=$(date +%s%N)
        "$@" >/dev/null
        took=$((($(date +%s%N) - start) / 1000000))
        [ "$took" -lt "$best" ] && best=$took
    done
    echo "$best"
}

memory() { command time -f %M "$@" 2>&1 >/dev/null | tail -1; }

"$cmf" migrate up -q >/dev/null
"$cmf" seed csf-2.0 -q >/dev/null
"$cmf" user create bench --email bench@example.org -q >/dev/null 2>&1 || true

score_sql() {
    cat <<SQL
WITH scored AS (
    SELECT p.function_code AS f, p.category_code AS c, CASE m.priority WHEN 'High' THEN 1.0 WHEN 'Medium' THEN 0.6 ELSE 0.3 END AS w,
           CASE m.direction
             WHEN 'higher_is_better' THEN CASE WHEN m.current_value >= m.target_value THEN 100 WHEN m.target_value <= 0 THEN 0
                  ELSE least(100, greatest(0, 100 * m.current_value / m.target_value)) END
             WHEN 'lower_is_better' THEN CASE WHEN m.current_value <= m.target_value THEN 100 WHEN m.target_value <= 0 THEN 0
                  ELSE least(100, greatest(0, 100 * m.target_value / nullif(m.current_value, 0))) END
             WHEN 'target_range' THEN CASE WHEN m.current_value BETWEEN m.target_lower AND m.target_upper THEN 100
                  WHEN m.target_lower = m.target_upper THEN 0
                  ELSE greatest(0, 100 - 100 * greatest(m.target_lower - m.current_value, m.current_value - m.target_upper)
                                         / (m.target_upper - m.target_lower)) END
             ELSE CASE WHEN m.current_value = coalesce(m.target_value, 1) THEN 100 ELSE 0 END END AS s
    FROM metrics m JOIN (SELECT DISTINCT catalog_item_id, function_code, category_code FROM metric_catalog_framework_mappings
                         WHERE framework_id = '$framework' AND is_confirmed) p ON p.catalog_item_id = m.id
    WHERE m.catalog_id = '$catalog' AND m.current_value IS NOT NULL),
categories AS (SELECT f, c, sum(w * s) / sum(w) AS s FROM scored WHERE s IS NOT NULL GROUP BY f, c),
functions AS (SELECT f, avg(s) AS s FROM categories GROUP BY f)
SELECT round(avg(s), 2) FROM functions
SQL
}

framework=$(sql -c "SELECT id FROM frameworks WHERE name = 'NIST CSF' AND version = '2.0'")
printf '%10s %10s %10s %7s %10s\n' metrics cmf_ms sql_ms ratio cmf_kB
for size in $sizes; do
    catalog=$(sql -c "INSERT INTO metric_catalogs (name, owner_id) SELECT 'bench $size', id FROM users WHERE username = 'bench' RETURNING id")
    # Ids in the order of making, as cmf makes them.
    sql <<SQL
SET session_replication_role = replica;
CREATE TEMP TABLE made AS
SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' || substr(md5(n::text), 1, 3)
        || '8' || lpad(to_hex(n::bigint), 15, '0'))::uuid AS id, n::bigint AS n,
       (ARRAY['higher_is_better', 'lower_is_better', 'target_range', 'binary'])[1 + n % 4]::metric_direction AS direction,
       (ARRAY['High', 'Medium', 'Low'])[1 + n % 3]::metric_priority AS priority
FROM generate_series(1, $size) AS n;
INSERT INTO metric_catalog_items (id, catalog_id, original_data, name) SELECT id, '$catalog', '{}', 'Metric ' || n FROM made;
INSERT INTO metrics (id, metric_number, name, current_value, target_value, target_lower, target_upper, direction, csf_function, priority, catalog_id)
SELECT id, 'B-' || n, 'Metric ' || n, CASE WHEN n % 100 > 0 THEN (n * 7919 % 1000000) / 10000.0 END, 1 + (n * 104729 % 990000) / 10000.0,
       20, 60 + n % 30, direction, 'PR', priority, '$catalog' FROM made;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, confidence, is_confirmed)
SELECT made.id, '$framework', k.function_code, k.category_code, 1, TRUE
FROM made JOIN (SELECT row_number() OVER (ORDER BY c.code) - 1 AS i, f.code AS function_code, c.code AS category_code
                FROM framework_functions f JOIN framework_categories c ON c.function_id = f.id WHERE f.framework_id = '$framework') k
     ON k.i = made.n % 22 ORDER BY made.n;
ANALYZE;
SQL
    sql -c "VACUUM metrics" -c "VACUUM metric_catalog_framework_mappings"
    expected=$(sql -c "$(score_sql)")
    got=$("$cmf" score --catalog "$catalog" --dry-run --format csv | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "score") at = i } END { print $at }')
    [ "$expected" = "$got" ] || { echo "cmf says $got, SQL says $expected" >&2; exit 1; }
    ours=$(least "$cmf" score --catalog "$catalog" --dry-run)
    theirs=$(least sql -c "$(score_sql)")
    kilobytes=$(memory "$cmf" score --catalog "$catalog" --dry-run)
    printf '%10s %10s %10s %7s %10s\n' "$size" "$ours" "$theirs" "$(echo "scale=2; $ours / $theirs" | bc)" "$kilobytes"
done

[ -n "${HISTORY:-}" ] || exit 0
printf '\n%10s %10s %10s %7s %14s\n' history cmf_ms sql_ms ratio twelve_ends_ms
catalog=$(sql -c "INSERT INTO metric_catalogs (name, owner_id) SELECT 'bench history', id FROM users WHERE username = 'bench' RETURNING id")
sql <<SQL
SET session_replication_role = replica;
CREATE TABLE IF NOT EXISTS bench_metrics (id uuid, n int);
TRUNCATE bench_metrics;
INSERT INTO bench_metrics SELECT gen_random_uuid(), n FROM generate_series(1, 1000) AS n;
INSERT INTO metric_catalog_items (id, catalog_id, original_data, name) SELECT id, '$catalog', '{}', 'History ' || n FROM bench_metrics;
INSERT INTO metrics (id, name, target_value, direction, csf_function, priority, catalog_id)
SELECT id, 'History ' || n, 90, 'higher_is_better', 'PR', 'High', '$catalog' FROM bench_metrics;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, is_confirmed)
SELECT id, '$framework', 'PR', 'PR.AA', TRUE FROM bench_metrics;
SQL
past="WITH v AS (SELECT h.value, m.target_value FROM metrics m
    JOIN metric_catalog_framework_mappings p ON p.catalog_item_id = m.id AND p.framework_id = '$framework' AND p.is_confirmed
    JOIN LATERAL (SELECT value FROM metric_history h WHERE h.metric_id = m.id AND h.recorded_at <= '2024-06-30' ORDER BY recorded_at DESC LIMIT 1) h ON TRUE
    WHERE m.catalog_id = '$catalog')
  SELECT round(avg(CASE WHEN value >= target_value THEN 100 ELSE 100 * value / target_value END), 2) FROM v"
have=0
for rows in $HISTORY; do
    each=$((rows / 1000))
    sql <<SQL
SET session_replication_role = replica;
INSERT INTO metric_history (metric_id, value, recorded_at)
SELECT b.id, (r * 37 % 1000) / 10.0, timestamp '2020-01-01' + r * interval '1 hour'
FROM generate_series($((have + 1)), $each) AS r, bench_metrics b;
ANALYZE metric_history;
SQL
    sql -c "VACUUM metric_history"
    have=$each
    ours=$(least "$cmf" score --catalog "$catalog" --as-of 2024-06-30T00:00:00Z)
    theirs=$(least sql -c "$past")
    ends=$(least "$cmf" score backfill --catalog "$catalog" --from 2023-07-31 --to 2024-06-30 --every month --dry-run)
    printf '%10s %10s %10s %7s %14s\n' "$rows" "$ours" "$theirs" "$(echo "scale=2; $ours / $theirs" | bc)" "$ends"
done
