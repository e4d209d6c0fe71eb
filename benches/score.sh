#!/usr/bin/env bash
# How long `cmf score` takes against one SQL statement that computes the same numbers in NUMERIC on the server, and how much
# memory it needs. Past states are in benches/as_of.sh.
#
#   CMF_DATABASE_URL=postgres://USER@HOST/SCRATCH benches/score.sh [METRICS...]       (default: 100000 1000000)
#
# The database is a scratch one: it is migrated, filled and left behind. Needs psql, GNU time, and `cargo build --release`.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-target/release/cmf}
url=${CMF_DATABASE_URL:?names a scratch database}
sizes=${*:-100000 1000000}
runs=${RUNS:-5}
sql() { psql -qAtX -v ON_ERROR_STOP=1 "$url" "$@"; }

# The least of several interleaved runs in milliseconds: what is left when nothing else was in the way.
declare -A best
took() {
    local name=$1 start ms
    shift
    start=$(date +%s%N)
    "$@" >/dev/null
    ms=$((($(date +%s%N) - start) / 1000000))
    if [ -z "${best[$name]:-}" ] || [ "$ms" -lt "${best[$name]}" ]; then best[$name]=$ms; fi
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
    statement=$(score_sql)
    best=()
    for _ in $(seq "$runs"); do
        took cmf "$cmf" score --catalog "$catalog" --dry-run
        took sql sql -c "$statement"
    done
    kilobytes=$(memory "$cmf" score --catalog "$catalog" --dry-run)
    printf '%10s %10s %10s %7s %10s\n' "$size" "${best[cmf]}" "${best[sql]}" "$(echo "scale=2; ${best[cmf]} / ${best[sql]}" | bc)" "$kilobytes"
done
