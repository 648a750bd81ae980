#!/bin/sh
# Makes a store with one key that has every kind of limit, and none of them near.
#
#     store.sh PROGRAM FOLDER CONFIGURATION KEY      the configuration names FOLDER/pollux.db
set -eu
program=$1 folder=$2 configuration=$3 key=$4
rm -f "$folder"/pollux.db*
"$program" keys create bench --config "$configuration" --rpm 1000000000 --tpm 1000000000 --concurrent 100000 \
    --budget-day 1000000 --budget-month 1000000 --budget-day-tokens 1000000000000 \
    --budget-month-tokens 1000000000000 >/dev/null 2>"$folder/create.log" || { cat "$folder/create.log" >&2; exit 1; }
# The harness has a key of its own; the store keeps digests only.
python3 - "$folder/pollux.db" "$key" <<'END'
import hashlib, sqlite3, sys
with sqlite3.connect(sys.argv[1]) as store:
    store.execute("UPDATE client_key SET digest = ?", [hashlib.sha256(sys.argv[2].encode()).digest()])
END
