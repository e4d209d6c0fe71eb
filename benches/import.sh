#!/usr/bin/env bash
# Speed and memory of `cmf import`, against psql and a bare pass over the cells, on a cluster of its own with fsync on.
#
#   cargo build --release && cargo build --release --benches && benches/import.sh [plain|mapped|million|again|undo]
#
# plain    100,000 rows x 16 columns without framework codes, as CSV and as XLSX. CSV against `\copy` of the same items into the
#          same table; XLSX against that and the bare cell reader's pass over the file. Interleaved, ROUNDS (3) times each.
#          Goals: at most 1.5 of either, under 64 MB.
# mapped   The same with codes in three columns and a current value in every row; `\copy` of the items and the mappings.
# million  1,000,000 rows of CSV once. Goal: the memory of 100,000.
# undo     The 100,000 rows with what `cmf undo` needs, against the same without (`--no-undo`, and no row is kept). Goal: at most 1.3.
# again    The 100,000 rows once more with --mode upsert: nothing changes. Against the first import.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/cluster.sh -c max_wal_size=8GB -c shared_buffers=256MB
sheets=$(ls -t target/release/deps/sheets-* 2>/dev/null | grep -v '\.d$' | head -1 || true)
[ -x "$sheets" ] || { echo "build the helper first: cargo build --release --benches" >&2; exit 1; }
rounds=${ROUNDS:-3}
rows=${ROWS:-100000}
"$cmf" seed >/dev/null
"$cmf" user create analyst --email analyst@example.org >/dev/null

clean() {
    psql -c "TRUNCATE metric_catalog_items, metric_catalog_framework_mappings, ai_change_log" -c "CHECKPOINT"
}
items="id, catalog_id, original_data, name, description, current_value, target_value, unit, direction, priority"
mappings="id, catalog_item_id, framework_id, function_code, category_code, subcategory_code, confidence, is_ai_suggested, is_confirmed"
number=0

# Imports a file into a new catalog, and leaves the seconds in $took and the megabytes in $memory.
import() {
    number=$((number + 1))
    local start
    start=$(now)
    /usr/bin/time -f %M -o "$work/memory" "$cmf" import "$1" --again --name "sheet $number" --percent as-is --yes -q "${@:2}" >/dev/null
    took=$(since "$start")
    memory=$(($(tail -1 "$work/memory") / 1024))
}

compare() {
    local kind=$1 csv=0 xlsx=0 copy=0 read=0 one most_csv=0 most_xlsx=0 start
    "$sheets" make "$kind" "$rows" "$work/$kind.csv"
    "$sheets" make "$kind" "$rows" "$work/$kind.xlsx"
    clean
    import "$work/$kind.csv"
    psql -c "\\copy (SELECT $items FROM metric_catalog_items ORDER BY id) TO '$work/items.txt'"
    psql -c "\\copy (SELECT $mappings FROM metric_catalog_framework_mappings ORDER BY id) TO '$work/mappings.txt'"
    for round in $(seq "$rounds"); do
        clean
        import "$work/$kind.csv"
        [ "$(psql -At -c 'SELECT count(*) FROM metric_catalog_items')" = "$rows" ]
        csv=$(sum "$csv" "$took")
        most_csv=$((memory > most_csv ? memory : most_csv))
        echo "$kind, round $round: CSV $took s, $memory MB"
        clean
        start=$(now)
        psql -1 -c "\\copy metric_catalog_items ($items) FROM '$work/items.txt'" \
            -c "\\copy metric_catalog_framework_mappings ($mappings) FROM '$work/mappings.txt'"
        one=$(since "$start")
        copy=$(sum "$copy" "$one")
        echo "$kind, round $round: \\copy $one s"
        clean
        import "$work/$kind.xlsx"
        [ "$(psql -At -c 'SELECT count(*) FROM metric_catalog_items')" = "$rows" ]
        xlsx=$(sum "$xlsx" "$took")
        most_xlsx=$((memory > most_xlsx ? memory : most_xlsx))
        echo "$kind, round $round: XLSX $took s, $memory MB"
        one=$("$sheets" read "$work/$kind.xlsx")
        read=$(sum "$read" "$one")
        echo "$kind, round $round: bare cells $one s"
    done
    echo "$kind: CSV / \\copy: $(ratio "$csv" "$copy") (goal 1.5), $most_csv MB (goal 64);" \
        "XLSX / (cells + \\copy): $(ratio "$xlsx" "$(sum "$copy" "$read")") (goal 1.5), $most_xlsx MB (goal 64)"
}

plain() { compare plain; }
mapped() { compare mapped; }

million() {
    local few
    "$sheets" make plain 100000 "$work/few.csv"
    "$sheets" make plain 1000000 "$work/many.csv"
    clean
    import "$work/few.csv"
    few=$memory
    clean
    import "$work/many.csv" --max-size 1000
    echo "1,000,000 rows: $took s, $memory MB; 100,000 rows: $few MB"
}

undo() {
    local with=0 without=0 most=0
    "$sheets" make plain "$rows" "$work/undo.csv"
    for round in $(seq "$rounds"); do
        psql -c "ALTER DATABASE postgres RESET cmf.undo_rows"
        clean
        import "$work/undo.csv"
        with=$(sum "$with" "$took")
        most=$((memory > most ? memory : most))
        psql -c "ALTER DATABASE postgres SET cmf.undo_rows = '0'"
        clean
        import "$work/undo.csv" --no-undo
        without=$(sum "$without" "$took")
        echo "undo, round $round: with $with s, without $without s so far"
    done
    psql -c "ALTER DATABASE postgres RESET cmf.undo_rows"
    echo "undo: with / without: $(ratio "$with" "$without") (goal 1.3), $most MB"
}

again() {
    local first upsert start
    "$sheets" make mapped "$rows" "$work/again.csv"
    clean
    import "$work/again.csv"
    first=$took
    psql -c "ANALYZE"
    start=$(now)
    /usr/bin/time -f %M -o "$work/memory" "$cmf" import "$work/again.csv" --mode upsert --catalog "sheet $number" --format json >"$work/again.json"
    upsert=$(since "$start")
    grep -q "\"unchanged\": $rows" "$work/again.json"
    [ "$(psql -At -c "SELECT count(*) FROM metric_catalog_items WHERE updated_at <> created_at")" = 0 ]
    echo "again: upsert of $rows unchanged rows $upsert s, $(($(tail -1 "$work/memory") / 1024)) MB; the first import $first s; ratio $(ratio "$upsert" "$first")"
}

for what in ${@:-plain mapped million again undo}; do "$what"; done
