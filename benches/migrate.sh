#!/usr/bin/env bash
# The speed goals of `cmf migrate` and `cmf db`, on a throwaway Postgres with the settings of production (fsync on).
# Prints the median of ROUNDS runs of each. Usage: cargo build --release && benches/migrate.sh
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
rounds=${ROUNDS:-21}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }

# The real psql: Debian's wrapper takes longer than psql itself.
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV | head -1)
bin=${PG_BIN:-${bin:-$(pg_config --bindir)}}
work=$(mktemp -d)
export CMF_DATA_DIR=$work/data CMF_PG_BIN=$bin
unset CMF_DATABASE_URL DATABASE_URL
trap '"$cmf" local destroy --yes >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
chmod 755 "$work"
url=$("$cmf" local url 2>/dev/null)
export CMF_DATABASE_URL=$url
admin() { "$bin/psql" -q -X -d "${url%/*}/postgres" -c "$1" >/dev/null; }
on() { printf '%s/%s' "${url%/*}" "$1"; }

# The median wall time of a command in milliseconds; $1 runs before each and is not counted.
median() {
    local before=$1 times=() start
    shift
    for _ in $(seq "$rounds"); do
        eval "$before"
        start=$(date +%s%N)
        "$@" >/dev/null 2>&1
        times+=($(( ($(date +%s%N) - start) / 1000 )))
    done
    printf '%s\n' "${times[@]}" | sort -n | sed -n "$(( (rounds + 1) / 2 ))p" | awk '{ printf "%.1f", $1 / 1000 }'
}
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

status=$(median : "$cmf" migrate status)
select=$(median : "$bin/psql" -X -d "$url" -c 'select 1')
echo "status of a current database   $status ms, psql -c 'select 1' $select ms ($(ratio "$status" "$select") times; goal 1)"

cat migrations/*/up.sql > "$work/all.sql"
fresh='admin "DROP DATABASE IF EXISTS bench WITH (FORCE)"; admin "CREATE DATABASE bench TEMPLATE template0"'
plain=$(median "$fresh" "$bin/psql" -q -X -1 -v ON_ERROR_STOP=1 -d "$(on bench)" -f "$work/all.sql")
up=$(CMF_DATABASE_URL=$(on bench) median "$fresh" "$cmf" migrate up)
echo "up on an empty database        $up ms, psql -1 -f $plain ms ($(ratio "$up" "$plain") times; goal 1.3)"

"$cmf" db template bench_template
clone=$(median 'admin "DROP DATABASE IF EXISTS bench_copy"' "$cmf" db clone bench_template bench_copy)
echo "db clone of a seeded template  $clone ms (goal 100)"
admin 'DROP DATABASE bench_copy'

# A signal in the middle of a statement: how long until its backend has gone.
mkdir -p "$work/slow/1_sleep"
echo 'CREATE TABLE slow (id integer); SELECT pg_sleep(60);' > "$work/slow/1_sleep/up.sql"
eval "$fresh"
CMF_DATABASE_URL=$(on bench) "$cmf" migrate up --dir "$work/slow" >/dev/null 2>&1 &
running=$!
sleep 0.5
start=$(date +%s%N)
kill -TERM "$running"
code=0; wait "$running" || code=$?
while [ "$("$bin/psql" -X -At -d "${url%/*}/postgres" -c "select count(*) from pg_stat_activity where datname = 'bench'")" != 0 ]; do sleep 0.01; done
echo "SIGTERM in a migration         exit $code, backend gone after $(( ($(date +%s%N) - start) / 1000000 )) ms (goal 2000)"

# A reader that keeps a lock for 10 s, a migration that wants the table, and plain SELECTs beside them.
mkdir -p "$work/busy/1_add"
echo 'ALTER TABLE busy ADD COLUMN b integer' > "$work/busy/1_add/up.sql"
"$bin/psql" -q -X -d "$(on bench)" -c 'CREATE TABLE busy (id integer)'
"$bin/psql" -q -X -d "$(on bench)" -c 'BEGIN; SELECT count(*) FROM busy; SELECT pg_sleep(10)' >/dev/null &
sleep 0.3
start=$(date +%s%N)
CMF_DATABASE_URL=$(on bench) "$cmf" migrate up --dir "$work/busy" --lock-timeout 300ms --retries 20 &
running=$!
worst=0
while kill -0 "$running" 2>/dev/null; do
    one=$(date +%s%N)
    "$bin/psql" -q -X -At -d "$(on bench)" -c 'SELECT count(*) FROM busy' >/dev/null
    one=$(( ($(date +%s%N) - one) / 1000000 ))
    if (( one > worst )); then worst=$one; fi
done
code=0; wait "$running" || code=$?
echo "up beside a reader of 10 s     exit $code after $(( ($(date +%s%N) - start) / 1000000 )) ms, the slowest SELECT beside it $worst ms (goal 1000)"
wait
