#!/bin/sh
# Runs kinds of tests and ends in 'N passed, N failed'. Usage: scripts/run-tests.sh static unit contract integration e2e
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
exec node scripts/run-tests.ts "$@"
