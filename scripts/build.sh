#!/bin/sh
# Builds the single executable dist/kts-linux-<arch> (docs/adr/0001): bundle, assets, blob, injected into a stripped Node.
# Usage: scripts/build.sh [x64|arm64]
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
arch=${1:-$(node -p process.arch)}
node_binary=node_modules/node-linux-$arch/bin/node
strip="strip"; [ "$arch" = arm64 ] && [ "$(uname -m)" != aarch64 ] && strip=aarch64-linux-gnu-strip
# The flags are baked in: V8 rejects a code cache that was made under other flags.
flags='"--optimize-for-size","--no-warnings"'
assets=dist/assets
if [ "$arch" != "$(node -p process.arch)" ]; then
  # npm installs only this machine's Node; another architecture's is fetched apart, as are its assets.
  assets=dist/assets-$arch
  node_binary=dist/node-linux-$arch/bin/node
  if [ ! -x "$node_binary" ]; then
    mkdir -p "dist/node-linux-$arch"
    archive=$(cd dist && npm pack --silent "node-linux-$arch@$(node -p process.versions.node)")
    tar -xzf "dist/$archive" -C "dist/node-linux-$arch" --strip-components=1
    rm -f "dist/$archive"
  fi
fi
[ -x "$node_binary" ] || { echo "build: $node_binary is missing: npm ci" >&2; exit 1; }
command -v "$strip" >/dev/null || { echo "build: $strip is missing: apt-get install binutils" >&2; exit 1; }

sh scripts/assets.sh "$arch" "$assets"
tsup --silent
# One character beyond ASCII makes V8 keep the whole source as two-byte text, twice the memory in every thread.
if LC_ALL=C grep -qP '[^\x00-\x7F]' dist/app.cjs dist/agent.cjs dist/journal.cjs; then echo "build: a bundle is not ASCII: escape the characters in regular expressions" >&2; exit 1; fi
# The blob is mapped whole and stays resident: what is large in it is compressed.
rm -rf dist/packed; mkdir -p dist/packed
for file in dist/app.cjs dist/agent.cjs dist/journal.cjs "$assets/better_sqlite3.node" "$assets/cni-client"; do
  gzip -9 -n -c "$file" > "dist/packed/${file##*/}.gz"
done
cache=true; [ "$arch" = "$(node -p process.arch)" ] || cache=false
cat > dist/sea.json <<JSON
{"main":"dist/boot.cjs","output":"dist/kts.blob","disableExperimentalSEAWarning":true,"useCodeCache":$cache,
 "execArgv":[$flags],"execArgvExtension":"env",
 "assets":{"boot.cjs":"dist/boot.cjs","app.cjs.gz":"dist/packed/app.cjs.gz","agent.cjs.gz":"dist/packed/agent.cjs.gz",
 "journal.cjs.gz":"dist/packed/journal.cjs.gz","better_sqlite3.node.gz":"dist/packed/better_sqlite3.node.gz","cni-client.gz":"dist/packed/cni-client.gz",
 "pause.tar":"$assets/pause.tar","demo.tar":"$assets/demo.tar",
 "descriptions.json.gz":"$assets/descriptions.json.gz"}}
JSON
target=dist/kts-linux-$arch
cp "$node_binary" "$target.new"
chmod 755 "$target.new"
"$strip" "$target.new"
node --optimize-for-size --no-warnings --experimental-sea-config dist/sea.json 2>/dev/null >/dev/null
postject "$target.new" NODE_SEA_BLOB dist/kts.blob --sentinel-fuse NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2 >dist/postject.log 2>&1 || { cat dist/postject.log >&2; exit 1; }
mv "$target.new" "$target"
rm -rf dist/kts.blob dist/postject.log dist/packed
echo "built $target ($(du -m "$target" | cut -f1) MB)"
