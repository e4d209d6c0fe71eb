#!/usr/bin/env bash
# What cmf makes of about 2,000 polluted files and 150 workbooks (benches/polluted/office.py), each a clean one of 80 metrics with one fault: after "Pollock: A Data Loading Benchmark"
# (PVLDB 16, 2023), and what offices do. Fails when anything is silently wrong. See benches/polluted/judge.py for the classes.
#
#   cargo build --release && benches/polluted.sh [NAME ...]
#
# PYTHON may name one that has duckdb and pandas: they read the files of the levels file and row as well, judged alike.
# NAME is the beginning of a file's name, such as row_more_sep; then each verdict is printed.
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/cluster.sh -c fsync=off -c full_page_writes=off
mkdir "$work/files"
"$cmf" seed >/dev/null
"$cmf" user create analyst --email analyst@example.org >/dev/null
PSQL=$bin/psql PYTHONDONTWRITEBYTECODE=1 "${PYTHON:-python3}" benches/polluted/judge.py "$cmf" "$work/files" "$@"
