#!/usr/bin/env bash
# Memory and time of the readers of files (`cmf import`, `record --file`, `map import`, `catalog diff`, `framework import`) on large
# files and on files near every limit, on a cluster of its own.
#
#   cargo build --release && benches/hostile.sh [NAME ...]
#
# LIMIT is the most seconds a file may take (600). Files of at most 50 MB, made by hostile.py; NAME is the start of a file's name, such as xlsx or csv-wide. Each line: memory above
# a sheet of one row, seconds, exit code, what was said. Goals: at most 256 MB above; what is refused is refused in 10 s.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/cluster.sh -c fsync=off
mkdir "$work/files"
"$cmf" seed >/dev/null
"$cmf" user create analyst --email analyst@example.org >/dev/null

# Imports a file for the look of it, and leaves the kilobytes, the seconds and the exit code in $memory, $took and $code.
look() {
    local what=(import "$1" --framework csf-2.0)
    case $1 in
    */csv-broad* | */csv-wide* | */xlsx-wide*) what+=(--header-row 1) ;;
    */oscal-* | */framework-*) what=(framework import "$1" --name Large --framework-version 1) ;;
    */readings-wide*) what=(record --file "$1" --wide) ;;
    */readings-*) what=(record --file "$1") ;;
    */mappings-*) what=(map import "$1" --catalog base --framework csf-2.0) ;;
    */compared-*) what=(catalog diff base "$1") ;;
    esac
    [ "${what[0]}" = catalog ] || what+=(--dry-run)
    code=0
    /usr/bin/time -f '%M %e' -o "$work/used" timeout "${LIMIT:-600}" "$cmf" "${what[@]}" >"$work/out" 2>"$work/err" || code=$?
    read -r memory took < <(tail -1 "$work/used")
}

printf 'metric_id,name,target,unit,function\nM-1,a,1,%%,PR\n' >"$work/base.csv"
look "$work/base.csv"
[ "$code" = 0 ] || { cat "$work/err" >&2; exit 1; }
base=$memory
"$cmf" import "$work/base.csv" --framework csf-2.0 --activate >/dev/null
echo "base: $((base / 1024)) MB, $took s"
if [ -z "${FILES:-}" ]; then
    FILES=$work/files
    python3 benches/hostile.py "$FILES" "$@"
fi
failed=0
for file in "$FILES"/*.*; do
    name=$(basename "$file")
    if [ $# -gt 0 ]; then
        wanted=
        for one in "$@"; do [[ $name == "$one"* ]] && wanted=1; done
        [ "$wanted" ] || continue
    fi
    look "$file"
    above=$(((memory - base) / 1024))
    verdict=
    [ "$above" -le 256 ] || verdict=" TOO MUCH"
    [ "$code" = 0 ] || awk -v took="$took" 'BEGIN { exit took > 10 }' || verdict="$verdict TOO LONG"
    [ -z "$verdict" ] || failed=1
    printf '%-28s %3d MB file %5d MB above %7.1f s  exit %d%s  %s\n' "$name" $(($(stat -c %s "$file") / 1000000)) "$above" "$took" \
        "$code" "$verdict" "$(grep -m1 -E '^error|[a-z]' "$work/err" | cut -c1-110 || true)"
done
exit "$failed"
