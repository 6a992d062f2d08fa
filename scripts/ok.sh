#!/bin/sh
# The gate of every change: format, lint, types, project rules, generated code, unit, contract and integration tests.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
biome check .
knip
tsc --noEmit
node scripts/generate-types.ts --verify
node scripts/generate-cri.ts --verify
sh scripts/assets.sh
sh scripts/run-tests.sh unit contract integration
