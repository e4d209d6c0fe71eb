# Sourced by the other scripts: starts a Postgres of their own on a unix socket, migrated, and removes it at the end.
#
# Arguments: settings for the server, such as `-c fsync=off`. Leaves $cmf (or what CMF names), $bin with Postgres's binaries (or
# what PG_BIN names), $work, a folder that goes too, the connection in PG* and CMF_DATABASE_URL, psql, and some arithmetic.
cmf=${CMF:-$PWD/target/release/cmf}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
bin=${PG_BIN:-$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV | head -1)}
bin=${bin:-$(pg_config --bindir)}

work=$(mktemp -d)
chmod 755 "$work"
mkdir "$work/pg"
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
    # Postgres does not run as root.
    user=$(id -un postgres 2>/dev/null || echo nobody)
    chown "$user" "$work/pg"
    as() { su "$user" -s /bin/sh -c "$(printf '%q ' "$@")"; }
fi
trap 'as "$bin/pg_ctl" -D "$work/pg/data" -m immediate stop >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
(
    cd "$work"
    as "$bin/initdb" -D "$work/pg/data" -U cmf -A trust -E UTF8 --locale=C --no-sync >/dev/null
    as "$bin/pg_ctl" -D "$work/pg/data" -w -l "$work/pg/log" -o "-k $work/pg -h '' -c autovacuum=off $*" start >/dev/null
)
export PGHOST=$work/pg PGUSER=cmf PGDATABASE=postgres
export CMF_DATABASE_URL="postgres://cmf@${PGHOST//\//%2F}/postgres"
psql() { "$bin/psql" -X -q -v ON_ERROR_STOP=1 "$@"; }
for migration in migrations/*/up.sql; do psql -f "$migration"; done

now() { date +%s.%N; }
since() { awk -v a="$(now)" -v b="$1" 'BEGIN { printf "%.3f", a - b }'; }
sum() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a + b }'; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
