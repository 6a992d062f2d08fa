#!/bin/sh
# The gate of every change: format, lint, types, generated code, project rules, unit, contract and integration tests. The last as root.
set -eu
cd "$(dirname "$0")/.."
sh scripts/assets.sh
exec sh scripts/run-tests.sh static unit contract integration
