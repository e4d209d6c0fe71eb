#!/usr/bin/env bash
# Many tenants on one server, each in a schema of its own, on a cluster that this script makes and removes.
#
#   cargo build --release && TENANTS=100 METRICS=1000 benches/tenants.sh
#
# It makes the tenants with `cmf --schema T migrate up`, gives each its metrics and a reading a metric, and measures
# - `cmf migrate up --all-schemas` where nothing is to do, and where the newest migration of each tenant is: on a terminal a
#   bar says how far it is, `-v` names each schema. Goal for 1000 tenants where nothing is to do: under 3 s;
# - `cmf db schemas`. Goal for 1000 tenants: under 3 s. QUICK=1 ends there;
# - `cmf --schema T score` of one of them against the same score in a database that has that tenant alone, and
#   `cmf --schema T record`, RUNS (20) times each, interleaved. Goal: a ratio of about 1.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
tenants=${TENANTS:-100}
metrics=${METRICS:-1000}
runs=${RUNS:-20}
work=$(mktemp -d)
chmod 755 "$work"
export CMF_DATA_DIR=$work/pg
trap '"$cmf" local destroy --yes >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
unset CMF_DATABASE_URL DATABASE_URL
url=$("$cmf" local url 2>/dev/null)
server=${url%/*}
psql() { command psql -X -q -v ON_ERROR_STOP=1 "$@"; }
psql "$url" -c 'CREATE DATABASE many' -c 'CREATE DATABASE one' >/dev/null
now() { date +%s%N; }

# A tenant with metrics of the framework's categories, a reading each.
fill() { # URL SCHEMA
    "$cmf" --database-url "$1" --schema "$2" migrate up -q >/dev/null
    "$cmf" --database-url "$1" --schema "$2" seed csf-2.0 -q >/dev/null
    PGOPTIONS="-c search_path=$2" psql "$1" >/dev/null <<SQL
INSERT INTO users (username, email) VALUES ('owner', 'owner@example.org');
INSERT INTO metric_catalogs (name, owner_id, is_active) SELECT 'Metrics', id, TRUE FROM users;
UPDATE users SET active_catalog_id = (SELECT id FROM metric_catalogs);
INSERT INTO metric_catalog_items (catalog_id, original_data, name, target_value, direction, priority)
SELECT c.id, '{}', 'Metric ' || n, 90, 'higher_is_better', (ARRAY['High', 'Medium', 'Low'])[1 + n % 3]::metric_priority
FROM metric_catalogs c, generate_series(1, $metrics) n;
INSERT INTO metrics (id, metric_number, name, current_value, target_value, direction, csf_function, csf_category, priority, catalog_id)
SELECT i.id, 'M-' || substr(i.name, 8), i.name, 50 + substr(i.name, 8)::int % 50, 90, i.direction, k.fn, k.code, i.priority, i.catalog_id
FROM metric_catalog_items i
JOIN (SELECT row_number() OVER (ORDER BY c.code) - 1 AS at, f.code AS fn, c.code FROM framework_functions f
      JOIN framework_categories c ON c.function_id = f.id) k ON k.at = substr(i.name, 8)::int % 22;
INSERT INTO metric_history (metric_id, value, recorded_at) SELECT id, current_value, '2026-01-01' FROM metrics;
INSERT INTO metric_catalog_framework_mappings (catalog_item_id, framework_id, function_code, category_code, confidence, is_confirmed)
SELECT m.id, f.id, m.csf_function, m.csf_category, 1, TRUE FROM metrics m, frameworks f;
SQL
}

start=$(now)
for n in $(seq "$tenants"); do fill "$server/many" "t$n"; done
fill "$server/one" t1
psql "$server/many" -c ANALYZE
psql "$server/one" -c ANALYZE
echo "made $tenants tenants with $metrics metrics each in $((($(now) - start) / 1000000000)) s"
public=$(psql "$server/many" -Atc "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
echo "relations in public: $public (goal 0)"

up() {
    start=$(now)
    "$cmf" --database-url "$server/many" migrate up --all-schemas "$@"
    echo "migrate up --all-schemas: $((($(now) - start) / 1000000)) ms for $tenants schemas"
}
up --format csv | awk -F, '/^migrate up/ { print >"/dev/stderr"; next } NR > 1 { print $2 }' | sort | uniq -c | sed 's/^ */schemas, migrations applied in each: /' | head -3
for run in 1 2 3; do
    start=$(now)
    "$cmf" --database-url "$server/many" db schemas >/dev/null
    echo "db schemas: $((($(now) - start) / 1000000)) ms for $tenants schemas"
done
[ -z "${QUICK:-}" ] || exit 0
for n in $(seq "$tenants"); do "$cmf" --database-url "$server/many" --schema "t$n" migrate down --yes -q >/dev/null; done
up -v 2>"$work/talk" | tail -1
{ grep -c '^t[0-9]*: applied 1 migration' "$work/talk" || true; } | sed 's/^/lines of progress with -v: /'

took_many=0 took_one=0 record_many=0 record_one=0
middle=t$((tenants / 2 + 1))
one() { "$cmf" --database-url "$server/one" --schema t1 "$@" >/dev/null 2>&1; }
many() { "$cmf" --database-url "$server/many" --schema "$middle" "$@" >/dev/null 2>&1; }
one score; many score
for run in $(seq "$runs"); do
    start=$(now); many score; took_many=$((took_many + $(now) - start))
    start=$(now); one score; took_one=$((took_one + $(now) - start))
    start=$(now); many record "M-7=$run"; record_many=$((record_many + $(now) - start))
    start=$(now); one record "M-7=$run"; record_one=$((record_one + $(now) - start))
done
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
echo "score of one of $tenants tenants: $((took_many / runs / 1000)) us, alone: $((took_one / runs / 1000)) us, ratio $(ratio $took_many $took_one)"
echo "record for one of $tenants tenants: $((record_many / runs / 1000)) us, alone: $((record_one / runs / 1000)) us, ratio $(ratio $record_many $record_one)"
