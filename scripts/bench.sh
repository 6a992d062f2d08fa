#!/bin/sh
# `npm run bench`: measures dist/kts-linux-<arch> against the budgets (docs/bench.md). Builds it when it is not there. Must run as root.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
[ -x "dist/kts-linux-$(node -p process.arch)" ] || sh scripts/build.sh
exec node --no-warnings test/bench/bench.ts "$@"
