#!/usr/bin/env bash
# A tenant that has grown: METRICS (50000) metrics of one catalog and READINGS (20000000) readings, on a cluster that this script makes
# and removes.
#
#   cargo build --release && benches/growth.sh
#
# It measures, the least of RUNS (5), against their goals:
# - `cmf doctor`: under 1 s;
# - `cmf metric list`, `metric show M` and `history M`: milliseconds, and the memory against that with ten metrics: the same; `history M`
#   under 50 ms;
# - `cmf db partition metric_history --by month` and its --undo, with a `cmf record` every second beside it: the longest of these;
# - `cmf catalog activate` of ITEMS (1000000) against one INSERT ... SELECT of the same rows: at most 2 times. ITEMS=0 leaves it out.
# Needs psql, GNU time, and some 15 GB of disk for the usual sizes.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
metrics=${METRICS:-50000}
readings=${READINGS:-20000000}
items=${ITEMS:-1000000}
runs=${RUNS:-5}
work=$(mktemp -d)
chmod 755 "$work"
export CMF_DATA_DIR=$work/pg
trap '"$cmf" local destroy --yes >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
unset CMF_DATABASE_URL DATABASE_URL
url=$("$cmf" local url 2>/dev/null)
server=${url%/*}
now() { date +%s%N; }
sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$server/$1" -c "$2"; }
run() { local database=$1; shift; "$cmf" --database-url "$server/$database" "$@"; }

# The least of several runs in milliseconds.
least() {
    local best= start ms
    for _ in $(seq "$runs"); do
        start=$(now)
        run "$@" >/dev/null 2>&1 || true
        ms=$((($(now) - start) / 1000000))
        if [ -z "$best" ] || [ "$ms" -lt "$best" ]; then best=$ms; fi
    done
    echo "$best"
}
memory() { local database=$1; shift; command time -f %M "$cmf" --database-url "$server/$database" "$@" 2>&1 >/dev/null | tail -1; }

# A database with an active catalog of so many metrics, each with as many readings, of five years.
fill() { # DATABASE METRICS READINGS
    sql postgres "CREATE DATABASE $1"
    run "$1" migrate up -q >/dev/null
    run "$1" seed csf-2.0 -q >/dev/null
    run "$1" user create owner --email owner@example.org -q >/dev/null
    sql "$1" "
SET session_replication_role = replica;
INSERT INTO metric_catalogs (name, owner_id, is_active) SELECT 'Metrics', id, TRUE FROM users;
UPDATE users SET active_catalog_id = (SELECT id FROM metric_catalogs);
INSERT INTO metric_catalog_items (catalog_id, original_data, name, target_value, direction, priority, current_value)
SELECT c.id, jsonb_build_object('parsed', jsonb_build_object('metric_number', 'M-' || n)), 'Metric ' || n, 90, 'higher_is_better', 'High', 50
FROM metric_catalogs c, generate_series(1, $2) n;
INSERT INTO metrics (id, metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority, catalog_id)
SELECT i.id, 'M-' || substr(i.name, 8), i.name, 50, 90, i.direction, 'PR', 'PR.AA', i.priority, i.catalog_id FROM metric_catalog_items i;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, confidence, is_confirmed)
SELECT m.id, f.id, m.csf_function, m.csf_category, 1, TRUE FROM metrics m, frameworks f;
INSERT INTO metric_history (id, metric_id, value, recorded_at)
SELECT gen_random_uuid(), m.id, 50, (now() AT TIME ZONE 'utc') - make_interval(secs => 60 + n * 150000000.0 / ($3 / $2))
FROM generate_series(1, $3 / $2) n, metrics m;" >/dev/null
    sql "$1" 'VACUUM ANALYZE'
}

start=$(now)
fill large "$metrics" "$readings"
fill small 10 1000
echo "made $metrics metrics and $readings readings in $((($(now) - start) / 1000000000)) s"

printf '%-28s %8s %12s %12s\n' command ms kB kB_of_10
for words in doctor 'metric list' 'metric show M-7' 'history M-7'; do
    # shellcheck disable=SC2086
    printf '%-28s %8s %12s %12s\n' "$words" "$(least large $words)" "$(memory large $words)" "$(memory small $words)"
done

# Records beside the copy, each in milliseconds.
beside() {
    while [ -e "$work/copying" ]; do
        start=$(now)
        run large record "M-$((RANDOM % metrics + 1))" 51 -q >/dev/null 2>>"$work/refused" || echo refused >>"$work/refused"
        echo $((($(now) - start) / 1000000)) >>"$work/took"
        sleep 1
    done
}
for how in '--by month' '--undo --yes'; do
    : >"$work/took"; : >"$work/refused"; touch "$work/copying"
    beside &
    start=$(now)
    # shellcheck disable=SC2086
    run large db partition metric_history $how -q >/dev/null
    took=$((($(now) - start) / 1000000))
    rm "$work/copying"
    wait
    echo "db partition $how: $took ms; $(wc -l <"$work/took") records beside it, the longest $(sort -n "$work/took" | tail -1) ms, refused: $(grep -c refused "$work/refused" || true)"
done

[ "$items" = 0 ] && exit
sql postgres 'CREATE DATABASE active'
run active migrate up -q >/dev/null
run active seed csf-2.0 -q >/dev/null
run active user create owner --email owner@example.org -q >/dev/null
sql active "
INSERT INTO metric_catalogs (name, owner_id) SELECT 'Metrics', id FROM users;
INSERT INTO metric_catalog_items (catalog_id, original_data, name, target_value, direction, priority, current_value)
SELECT c.id, jsonb_build_object('parsed', jsonb_build_object('metric_number', 'M-' || n)), 'Metric ' || n, 90, 'higher_is_better', 'High', 50
FROM metric_catalogs c, generate_series(1, $items) n;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, confidence, is_confirmed)
SELECT i.id, f.id, 'PR', 'PR.AA', 1, TRUE FROM metric_catalog_items i, frameworks f;" >/dev/null
sql active 'VACUUM ANALYZE'
plain="
INSERT INTO metrics (id, metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority, catalog_id, created_at, updated_at)
SELECT i.id, i.original_data #>> '{parsed,metric_number}', i.name, i.current_value, i.target_value, i.direction, m.function_code, m.category_code,
       i.priority, i.catalog_id, now(), now() FROM metric_catalog_items i JOIN metric_catalog_framework_mappings m ON m.catalog_item_id = i.id;
INSERT INTO metric_history (id, metric_id, value, recorded_at, note, created_at)
SELECT gen_random_uuid(), id, current_value, now(), 'from the imported sheet', now() FROM metrics"
start=$(now)
sql active "BEGIN; $plain; ROLLBACK"
plain_ms=$((($(now) - start) / 1000000))
sql active 'VACUUM ANALYZE metrics, metric_history'
start=$(now)
run active catalog activate Metrics -q --yes --no-undo >/dev/null || run active catalog activate Metrics -q --no-undo >/dev/null
activate_ms=$((($(now) - start) / 1000000))
echo "catalog activate of $items: $activate_ms ms; the same rows by INSERT ... SELECT: $plain_ms ms; ratio $(awk -v a="$activate_ms" -v b="$plain_ms" 'BEGIN { printf "%.2f", a / b }')"
