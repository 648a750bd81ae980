#!/bin/sh
# Starts a gateway whose only key is in its store.
#
#     start.sh FOLDER KEY      the folder holds pollux.yaml
set -eu
sh "$(dirname "$0")/store.sh" "$1" "$1/pollux.yaml" "$2"
exec pollux serve --config "$1/pollux.yaml"
