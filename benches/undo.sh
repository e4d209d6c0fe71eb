#!/usr/bin/env bash
# Speed of `cmf undo`, on a cluster of its own with fsync on.
#
#   cargo build --release && benches/undo.sh
#
# An import of 1,000 rows with codes and values, activated, is taken back and done again; the same of 100,000 rows.
# Goals: 1,000 rows are taken back in under 1 s.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/cluster.sh -c max_wal_size=8GB -c shared_buffers=256MB
"$cmf" seed >/dev/null
"$cmf" user create analyst --email analyst@example.org >/dev/null

for rows in ${ROWS:-1000 100000}; do
    {
        echo "metric_number,name,subcategory,current_value,target_value,direction,priority"
        seq "$rows" | awk '{ print "M-" $1 ",Metric " $1 ",PR.AA-03," $1 % 100 ",95,higher_is_better,High" }'
    } >"$work/sheet.csv"
    start=$(now)
    /usr/bin/time -f %M -o "$work/memory" "$cmf" import "$work/sheet.csv" --name "sheet $rows" --activate --yes -q >/dev/null
    echo "$rows rows: import $(since "$start") s, $(($(tail -1 "$work/memory") / 1024)) MB"
    for what in "take back" "do again" "take back"; do
        start=$(now)
        /usr/bin/time -f %M -o "$work/memory" "$cmf" undo --yes -q >/dev/null
        echo "$rows rows: $what $(since "$start") s, $(($(tail -1 "$work/memory") / 1024)) MB"
    done
done
