#!/usr/bin/env bash
# What it costs to start: `cmf --version` against `true`, and an answer to a Tab without a database.
#
#   cargo build --release && benches/startup.sh
#
# Goals: `cmf --version` at most twice `true`, in time, interleaved; candidates without a database under 20 ms of CPU.
# `true` is the program, not the shell's own. RUNS (300) rounds.
set -euo pipefail
cd "$(dirname "$0")/.."
cmf=${CMF:-$PWD/target/release/cmf}
[ -x "$cmf" ] || { echo "build it first: cargo build --release" >&2; exit 1; }
runs=${RUNS:-300}
true=$(type -P true)
unset CMF_DATABASE_URL DATABASE_URL CMF_PROFILE
now() { date +%s%N; }

# In blocks of ten, so that the clock's own process weighs little.
block() { for _ in 1 2 3 4 5 6 7 8 9 10; do "$@" >/dev/null; done; }
ours=0 theirs=0
block "$cmf" --version; block "$true"
for _ in $(seq $((runs / 10))); do
    start=$(now); block "$cmf" --version; ours=$((ours + $(now) - start))
    start=$(now); block "$true"; theirs=$((theirs + $(now) - start))
done
awk -v a="$ours" -v b="$theirs" -v n="$runs" 'BEGIN { printf "cmf --version: %.2f ms, true: %.2f ms, ratio %.2f (goal 2)\n", a / n / 1e6, b / n / 1e6, a / b }'

candidates() { # WORD...
    CMF_COMPLETE=bash _CLAP_IFS=$'\n' _CLAP_COMPLETE_INDEX=$# CMF_DATABASE_URL=postgres://nobody@127.0.0.1:1/none "$cmf" -- cmf "$@" >/dev/null
}
TIMEFORMAT='%U %S'
for words in 'metric show PR' 'catalog activate ' 'metric list --' 'me'; do
    IFS=' ' read -ra typed <<<"$words"
    [ "${words: -1}" = ' ' ] && typed+=('')
    used=$({ time for _ in $(seq 50); do candidates "${typed[@]}"; done; } 2>&1)
    awk -v used="$used" -v words="$words" 'BEGIN { split(used, t, " "); printf "candidates of `cmf %s`: %.2f ms of CPU with the fork of the shell (goal 20)\n", words, (t[1] + t[2]) * 1000 / 50 }'
done
