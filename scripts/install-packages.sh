#!/bin/sh
# Installs the Debian packages kts needs, if they are missing. Usage: scripts/install-packages.sh run|build|test|kubectl
#   run: what a node needs; build: and what builds the executable; test: and what the tests use; kubectl: only that
set -eu
run="containerd crun runc nftables iproute2 conntrack util-linux mount kmod procps"
build="gcc libc6-dev binutils"
test="busybox-static docker-registry openssl curl g++ python3-kubernetes"
case ${1:-run} in
  run) packages=$run ;;
  build) packages="$run $build" ;;
  test) packages="$run $build $test" ;;
  kubectl) packages=kubernetes-client ;;
  *) echo "install-packages: $1? (run, build, test, kubectl)" >&2; exit 1 ;;
esac
missing=
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null || { echo "install-packages: this is no Debian; install these by hand:$missing" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# A service of the package's own containerd is not started: kts runs its own.
mkdir -p /usr/sbin
guard=
if [ ! -e /usr/sbin/policy-rc.d ]; then guard=/usr/sbin/policy-rc.d; printf '#!/bin/sh\nexit 101\n' > "$guard"; chmod 755 "$guard"; fi
trap '[ -z "$guard" ] || rm -f "$guard"' EXIT
# shellcheck disable=SC2086 # a list of names
apt-get install -y -qq --no-install-recommends $missing >/dev/null
