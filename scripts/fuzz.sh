#!/bin/sh
# `npm run fuzz -- --requests 200000 --seed 7`: sends mutated requests to an API server and says what it found.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
exec node --no-warnings test/fuzz/fuzz.ts "$@"
