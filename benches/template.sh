#!/usr/bin/env bash
# Databases for tests: a template with the starter catalog and a year of readings, and copies of it, on a private Postgres that this
# script makes and removes.
#
#   cargo build --release && RUNS=5 benches/template.sh
#
# Goals: the template in less than 3 s, a copy in less than 0.3 s, 8 copies at once in less than 1.5 s.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
work=$(mktemp -d)
chmod 755 "$work"
export CMF_DATA_DIR=$work/pg
trap '"$cmf" local destroy --yes >/dev/null 2>&1 || true; rm -rf "$work"' EXIT
unset CMF_DATABASE_URL DATABASE_URL
CMF_DATABASE_URL=$("$cmf" local url 2>/dev/null)
export CMF_DATABASE_URL
seconds() { # WHAT COMMAND...
    local what=$1 begun
    shift
    begun=$(date +%s.%N)
    "$@"
    awk -v a="$(date +%s.%N)" -v b="$begun" -v what="$what" 'BEGIN { printf "%-22s %.3f s\n", what, a - b }'
}
make() { "$cmf" db template "t$1" --sample -q >/dev/null 2>&1; }
copy() { "$cmf" db clone "$1" "$2" >/dev/null; }
eight() { for n in 1 2 3 4 5 6 7 8; do copy "$1" "$2_$n" & done; wait; }
for run in $(seq "${RUNS:-5}"); do
    seconds "template with readings" make "$run"
    seconds "a copy" copy "t$run" "c$run"
    seconds "8 copies at once" eight "t$run" "e$run"
done
