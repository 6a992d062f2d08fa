#!/bin/sh
# Builds dist/assets for one architecture: what is put into the executable besides JavaScript.
# Usage: scripts/assets.sh [x64|arm64] [directory]   (default: this machine's, dist/assets)
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
arch=${1:-$(node -p process.arch)}
out=${2:-dist/assets}
case $arch in
  x64) compiler=gcc ;;
  arm64) compiler=aarch64-linux-gnu-gcc; [ "$(uname -m)" = aarch64 ] && compiler=gcc ;;
  *) echo "assets: unknown architecture $arch (x64, arm64)" >&2; exit 1 ;;
esac
command -v "$compiler" >/dev/null || { echo "assets: $compiler is missing: apt-get install gcc libc6-dev" >&2; exit 1; }
mkdir -p "$out"
cp "node_modules/better-sqlite3/prebuilds/linux-$arch.node" "$out/better_sqlite3.node"
CC=$compiler sh scripts/native/build-cni-client.sh "$out/cni-client"
CC=$compiler node scripts/images/build-assets.ts "$out" "$([ "$arch" = x64 ] && echo amd64 || echo arm64)"
node scripts/generate-descriptions.ts "$out/descriptions.json.gz"
