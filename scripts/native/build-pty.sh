#!/bin/sh
# Builds node-pty's addon (one C++ file; the package has no build for Linux), which only the end-to-end tests use. Does nothing when it is there.
set -eu
cd "$(dirname "$0")/../.."
PATH="$PWD/node_modules/.bin:$PATH"
out=node_modules/node-pty/build/Release/pty.node
[ ! -f "$out" ] || exit 0
command -v "${CXX:-g++}" >/dev/null || { echo "build-pty: ${CXX:-g++} is missing: apt-get install g++" >&2; exit 1; }
headers=node_modules/node-linux-$(node -p process.arch)/include/node
api=$(node -p "path.dirname(require.resolve('node-addon-api/package.json', { paths: [require.resolve('node-pty/package.json')] }))")
mkdir -p "${out%/*}"
"${CXX:-g++}" -std=gnu++17 -O2 -fPIC -shared -s -DNODE_GYP_MODULE_NAME=pty -DBUILDING_NODE_EXTENSION -DNAPI_CPP_EXCEPTIONS \
  -I "$headers" -I "$api" node_modules/node-pty/src/unix/pty.cc -o "$out.new" -lutil
mv "$out.new" "$out"
