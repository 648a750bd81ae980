#!/bin/sh
# Makes a store with one key that has every kind of limit, and none of them near.
#
#     store.sh FOLDER CONFIGURATION KEY      the configuration names FOLDER/pollux.db
set -eu
rm -f "$1"/pollux.db*
pollux keys create bench --config "$2" --rpm 1000000000 --tpm 1000000000 --concurrent 100000 \
    --budget-day 1000000 --budget-month 1000000 --budget-day-tokens 1000000000000 \
    --budget-month-tokens 1000000000000 >/dev/null 2>"$1/create.log" || { cat "$1/create.log" >&2; exit 1; }
# The harness has a key of its own; the store keeps digests only.
python3 - "$1/pollux.db" "$3" <<'END'
import hashlib, sqlite3, sys
with sqlite3.connect(sys.argv[1]) as store:
    store.execute("UPDATE client_key SET digest = ?", [hashlib.sha256(sys.argv[2].encode()).digest()])
END
