#!/bin/sh
# Runs test folders with node's test runner and ends in 'N passed, N failed'. Usage: scripts/run-tests.sh unit e2e ...
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
exec node scripts/run-tests.ts "$@"
