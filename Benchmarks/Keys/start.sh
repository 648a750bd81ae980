#!/bin/sh
# Starts a gateway whose only key is in its store, with every kind of limit and none of them near.
#
#     start.sh FOLDER KEY      the folder holds pollux.yaml
set -eu
rm -f "$1"/pollux.db*
pollux keys create bench --config "$1/pollux.yaml" --rpm 1000000000 --tpm 1000000000 --concurrent 100000 \
    --budget-day 1000000 --budget-month 1000000 --budget-day-tokens 1000000000000 \
    --budget-month-tokens 1000000000000 >/dev/null
# The harness has a key of its own; the store keeps digests only.
python3 - "$1/pollux.db" "$2" <<'END'
import hashlib, sqlite3, sys
with sqlite3.connect(sys.argv[1]) as store:
    store.execute("UPDATE client_key SET digest = ?", [hashlib.sha256(sys.argv[2].encode()).digest()])
END
exec pollux serve --config "$1/pollux.yaml"
