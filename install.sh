#!/bin/sh
# Installs kts on this machine: packages, executable, service; with --demo also a web application to look at.
#
#   sudo ./install.sh [--demo] [server|agent] [flags of kts ...]
#
# From a clone it builds the executable; where a built one lies beside this script (kts-linux-x64, dist/kts-linux-x64) or
# INSTALL_KTS_BIN names one, it takes that. Running it again is safe. KTS_URL set means agent, as do the words `agent …`.
#
# Variables: INSTALL_KTS_BIN, INSTALL_KTS_BIN_DIR (/usr/local/bin), INSTALL_KTS_SYSTEMD_DIR (/etc/systemd/system),
# INSTALL_KTS_SKIP_PACKAGES, INSTALL_KTS_SKIP_ENABLE, INSTALL_KTS_SKIP_START (each =true), INSTALL_KTS_TIMEOUT (seconds, 180),
# INSTALL_KTS_INIT (systemd, openrc, none; default: what runs here);
# KTS_* and *_PROXY variables, and tokens given by flag, are kept for the service in a file only root can read.
set -eu
set -o noglob

here=$(cd "$(dirname "$0")" && pwd)
bin_dir=${INSTALL_KTS_BIN_DIR:-/usr/local/bin}
systemd_dir=${INSTALL_KTS_SYSTEMD_DIR:-/etc/systemd/system}
timeout=${INSTALL_KTS_TIMEOUT:-180}
config_dir=/etc/kts
log_file=/var/log/kts.log
demo=false
step_number=0

step() { step_number=$((step_number + 1)); printf '[%s] %s\n' "$step_number" "$*"; }
note() { printf '    %s\n' "$*"; }
fail() {
  printf 'install.sh: %s\n' "$1" >&2
  [ $# -lt 2 ] || printf '  what to do: %s\n' "$2" >&2
  exit 1
}

# --- what is wanted -------------------------------------------------------------------------------------------------

command=
while [ $# -gt 0 ]; do
  case $1 in
    --demo) demo=true; shift ;;
    -h | --help) sed -n '2,14s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) break ;;
  esac
done
case ${1:-} in
  server | agent) command=$1; shift ;;
  '' | -*) if [ -n "${KTS_URL:-}" ]; then command=agent; else command=server; fi ;;
  *) fail "there is no command $1" "./install.sh [--demo] [server|agent] [flags]" ;;
esac
# --demo may also stand among the flags. A secret among them would be in the unit and in the list of processes, for everyone to read:
# it goes into the file that only root can read.
count=$#
while [ "$count" -gt 0 ]; do
  case $1 in
    --demo) demo=true ;;
    --token=* | -t=*) export KTS_TOKEN="${1#*=}" ;;
    --agent-token=*) export KTS_AGENT_TOKEN="${1#*=}" ;;
    --token | -t | --agent-token)
      [ "$count" -gt 1 ] || fail "$1 needs a value"
      if [ "$1" = --agent-token ]; then export KTS_AGENT_TOKEN="$2"; else export KTS_TOKEN="$2"; fi
      shift
      count=$((count - 1))
      ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
  count=$((count - 1))
done
if [ "$command" = agent ]; then unit=kts-agent; else unit=kts; fi
[ "$demo" = false ] || [ "$command" = server ] || fail "--demo needs a server" "run it on the server"

# --- checks ----------------------------------------------------------------------------------------------------------

check_system() {
  [ "$(id -u)" = 0 ] || fail "must run as root" "sudo $0 ..."
  [ "$(uname -s)" = Linux ] || fail "this is $(uname -s): kts runs on Linux"
  case $(uname -m) in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) fail "no executable for $(uname -m)" "kts runs on x86-64 and arm64" ;;
  esac
  free_mb=$(df -Pm /var/lib | awk 'NR == 2 { print $4 }')
  [ "$free_mb" -ge 500 ] || fail "only $free_mb MB free under /var/lib" "make room: kts and its images need 500 MB"
  if ! grep -qw memory /proc/cgroups 2>/dev/null && ! grep -qw memory /sys/fs/cgroup/cgroup.controllers 2>/dev/null; then
    note "the memory cgroup is off, so memory limits will not hold: add cgroup_enable=memory to the kernel's command line"
  fi
  if [ -n "${INSTALL_KTS_INIT:-}" ]; then init=$INSTALL_KTS_INIT
  elif [ -x /sbin/openrc-run ]; then init=openrc
  elif [ -d /run/systemd/system ]; then init=systemd
  else init=none; fi
}

# --- packages and executable -------------------------------------------------------------------------------------------

install_packages() {
  [ "${INSTALL_KTS_SKIP_PACKAGES:-}" != true ] || return 0
  kind=run
  [ -n "$binary" ] || kind=build
  if [ -f "$here/scripts/install-packages.sh" ]; then
    sh "$here/scripts/install-packages.sh" "$kind" || fail "packages could not be installed" "apt-get update, then run this again"
  else
    for program in containerd nft ip conntrack; do
      command -v $program >/dev/null || fail "$program is missing" "apt-get update && apt-get install --no-install-recommends containerd crun nftables iproute2 conntrack"
    done
  fi
}

find_binary() {
  for candidate in "${INSTALL_KTS_BIN:-}" "$here/kts-linux-$arch" "$here/kts"; do
    if [ -n "$candidate" ] && [ -f "$candidate" ]; then binary=$candidate; return; fi
  done
  [ -z "${INSTALL_KTS_BIN:-}" ] || fail "INSTALL_KTS_BIN=$INSTALL_KTS_BIN is not a file"
  [ -f "$here/package.json" ] || fail "no executable kts-linux-$arch beside this script" "copy it here, or run install.sh from a clone"
}

build_binary() {
  command -v npm >/dev/null || fail "npm is missing" "install Node.js >= 20 with npm, or copy a built kts-linux-$arch beside this script"
  built=$here/dist/kts-linux-$arch
  if [ -f "$built" ] && [ -z "$(find "$here/src" "$here/scripts" "$here/package-lock.json" -newer "$built" -type f | head -n 1)" ]; then
    note "dist/kts-linux-$arch is up to date"
  else
    [ -d "$here/node_modules/node-linux-$arch" ] || (cd "$here" && npm ci --no-fund --no-audit --loglevel=error --fetch-retries=1 --fetch-timeout=60000) ||
      fail "npm ci failed" "look at its message above; npm needs its registry"
    (cd "$here" && npm run --silent build) || fail "the build failed" "look at its message above"
  fi
  binary=$built
}

install_binary() {
  mkdir -p "$bin_dir"
  if cmp -s "$binary" "$bin_dir/kts"; then note "$bin_dir/kts is this build already"; return; fi
  cp "$binary" "$bin_dir/.kts.new" && chmod 755 "$bin_dir/.kts.new" && mv "$bin_dir/.kts.new" "$bin_dir/kts"
  changed=true
}

# --- service -------------------------------------------------------------------------------------------------------------

quoted_arguments() { for word in "$@"; do printf " '%s'" "$(printf %s "$word" | sed "s/'/'\\\\\\\\''/g")"; done; }

# Writes standard input to a file with a mode; notes whether the file changed.
write_file() {
  umask 077
  cat >"$1.new"
  if cmp -s "$1.new" "$1"; then rm -f "$1.new"; else mv "$1.new" "$1"; changed=true; fi
  chmod "$2" "$1"
  umask 022
}

# The variables that are kept for the service, in double quotes, which systemd and the shell read alike.
kept_environment() {
  env | grep -E '^(KTS_[A-Z_]+|(NO|HTTP|HTTPS|no|http|https)_(PROXY|proxy))=' | grep -v '^KTS_DEBUG_' | sort |
    sed 's/["\\$`]/\\&/g; s/=\(.*\)/="\1"/'
}

# No pipe into write_file: what it notes would be lost with the pipe's shell.
write_environment() {
  mkdir -p "$config_dir"
  write_file "$config_dir/$unit.env" 600 <<ENV
$(kept_environment)
ENV
}

write_systemd_unit() {
  write_file "$systemd_dir/$unit.service" 644 <<UNIT
[Unit]
Description=kts: Kubernetes in one file ($command)
Wants=network-online.target
After=network-online.target

[Service]
Type=notify
NotifyAccess=all
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-$config_dir/$unit.env
ExecStartPre=-/sbin/modprobe -a overlay br_netfilter nf_conntrack
ExecStart=$bin_dir/kts $command$(quoted_arguments "$@")
# Pods outlive a restart of kts.
KillMode=process
Delegate=yes
LimitNOFILE=1048576
LimitNPROC=infinity
LimitCORE=infinity
TasksMax=infinity
TimeoutStartSec=0
TimeoutStopSec=20
Restart=always
RestartSec=3

[Install]
WantedBy=multi-user.target
UNIT
}

write_openrc_script() {
  write_file "/etc/init.d/$unit" 755 <<UNIT
#!/sbin/openrc-run
name="$unit"
description="kts: Kubernetes in one file ($command)"
supervisor=supervise-daemon
command="$bin_dir/kts"
command_args="$command$(quoted_arguments "$@") >>$log_file 2>&1"
respawn_delay=3
respawn_max=0
pidfile="/run/$unit.pid"

depend() {
  after network-online
  want cgroups
}

start_pre() {
  set -o allexport
  [ ! -f $config_dir/$unit.env ] || . $config_dir/$unit.env
  set +o allexport
  modprobe -a overlay br_netfilter nf_conntrack 2>/dev/null || true
}
UNIT
}

# Without an init system: a loop that starts kts again when it ends, with a pid file and a log.
write_supervisor() {
  write_file "$config_dir/$unit-supervise.sh" 700 <<UNIT
#!/bin/sh
# Keeps $unit running; ends it on TERM. Started by install.sh, or from rc.local.
set -o allexport
[ ! -f $config_dir/$unit.env ] || . $config_dir/$unit.env
set +o allexport
mkdir -p /run/kts
[ ! -f /run/kts/$unit-supervise.pid ] || ! kill -0 "\$(cat /run/kts/$unit-supervise.pid)" 2>/dev/null || exit 0
echo \$\$ >/run/kts/$unit-supervise.pid
child=
restarts=0
echo 0 >/run/kts/$unit-supervise.restarts
trap 'trap - TERM; [ -z "\$child" ] || { kill "\$child"; wait "\$child"; }; rm -f /run/kts/$unit-supervise.pid; exit 0' TERM INT
while :; do
  $bin_dir/kts $command$(quoted_arguments "$@") >>$log_file 2>&1 &
  child=\$!
  wait "\$child"
  restarts=\$((restarts + 1))
  echo \$restarts >/run/kts/$unit-supervise.restarts
  sleep 3 &
  wait \$!
done
UNIT
}

write_service() {
  case $init in
    systemd) write_systemd_unit "$@" ;;
    openrc) write_openrc_script "$@" ;;
    none) write_supervisor "$@" ;;
  esac
  write_file "$bin_dir/$unit-uninstall.sh" 755 <<SCRIPT
#!/bin/sh
# Removes kts from this machine, with the directories it was installed with.
exec $bin_dir/kts uninstall$(directory_flags "$@") "\$@"
SCRIPT
}

# The flags among the arguments that say where things are, for the uninstaller.
directory_flags() {
  while [ $# -gt 0 ]; do
    case $1 in
      --data-dir=* | --run-dir=* | --kubelet-dir=* | --pod-logs-dir=* | --container-logs-dir=*) quoted_arguments "$1" ;;
      --data-dir | -d | --run-dir | --kubelet-dir | --pod-logs-dir | --container-logs-dir) quoted_arguments "$1" "${2:-}"; shift ;;
    esac
    shift
  done
}

is_running() {
  case $init in
    systemd) case $(systemctl show -p ActiveState --value "$unit") in active | activating | reloading) true ;; *) false ;; esac ;;
    openrc) rc-service --quiet "$unit" status >/dev/null 2>&1 ;;
    none) [ -f "/run/kts/$unit-supervise.pid" ] && kill -0 "$(cat "/run/kts/$unit-supervise.pid")" 2>/dev/null ;;
  esac
}

# How often the service has ended by itself and was started again; 0 where nobody counts.
restarts() {
  case $init in
    systemd) systemctl show -p NRestarts --value "$unit" ;;
    none) cat "/run/kts/$unit-supervise.restarts" 2>/dev/null || echo 0 ;;
    *) echo 0 ;;
  esac
}

start_service() {
  if [ "$changed" = false ] && is_running; then note "nothing changed and $unit runs: left alone"; return; fi
  case $init in
    systemd)
      systemctl daemon-reload
      [ "${INSTALL_KTS_SKIP_ENABLE:-}" = true ] || systemctl enable --quiet "$unit"
      systemctl restart --no-block "$unit"
      ;;
    openrc)
      [ "${INSTALL_KTS_SKIP_ENABLE:-}" = true ] || rc-update --quiet add "$unit" default
      rc-service --quiet "$unit" restart
      ;;
    none)
      if is_running; then
        pid=$(cat "/run/kts/$unit-supervise.pid")
        kill "$pid"
        while kill -0 "$pid" 2>/dev/null; do sleep 0.2; done
      fi
      setsid "$config_dir/$unit-supervise.sh" </dev/null >>$log_file 2>&1 &
      note "no init system: supervised in the background, log in $log_file; start $config_dir/$unit-supervise.sh at boot"
      ;;
  esac
}

# --- waiting ---------------------------------------------------------------------------------------------------------------

show_log() {
  case $init in
    systemd) journalctl -u "$unit" -n 20 --no-pager -o cat >&2 || true ;;
    *) tail -n 20 $log_file >&2 || true ;;
  esac
}

# kts writes this file when its node is Ready and its DNS answers, and removes it when it stops.
# It waits by itself for what may still come; when it ends, again and again, no waiting helps.
wait_ready() {
  waited=0
  restarts_before=$(restarts)
  until [ -f "${KTS_RUN_DIR:-/run/kts}/$unit.ready" ]; do
    if [ "$waited" -ge "$timeout" ]; then
      show_log
      fail "$unit was not ready within $timeout s" "read the lines above, the last of its log"
    fi
    if [ "$waited" -ge 5 ] && { ! is_running || [ "$(restarts)" -ge $((restarts_before + 3)) ]; }; then
      show_log
      fail "$unit does not stay up" "read the lines above, the last of its log"
    fi
    sleep 1
    waited=$((waited + 1))
  done
  note "ready after $waited s"
}

# --- run -----------------------------------------------------------------------------------------------------------------

changed=false
binary=
check_system
find_binary
step "packages (containerd, crun, nftables, iproute2, conntrack)"
install_packages
if [ -z "$binary" ]; then
  step "building the executable"
  build_binary
fi
step "executable: $bin_dir/kts"
install_binary
step "service: $unit ($init)"
write_environment
write_service "$@"
if [ "${INSTALL_KTS_SKIP_START:-}" = true ]; then note "not started, as asked"; exit 0; fi
[ "$changed" = false ] || rm -f "${KTS_RUN_DIR:-/run/kts}/$unit.ready"
start_service
step "waiting until the node is Ready and DNS answers"
wait_ready

if [ "$demo" = true ]; then
  step "demo: two replicas of a web page behind a Service"
  url=$("$bin_dir/kts" demo) || fail "the demo did not come up" "kts demo says why; run it again"
  note "it answers: $url"
fi

if [ "$command" = server ]; then
  cat <<TEXT

kts runs. Next:
  export KUBECONFIG=/etc/kts/kts.yaml
  kubectl get nodes -o wide
  kubectl get pods -A
$([ "$demo" = false ] || printf '  curl %s\n  kubectl scale deployment demo --replicas 3\n' "$url")
Another machine joins with:
  kts agent --join https://$(hostname -I 2>/dev/null | awk '{ print $1 }'):6443 --token "\$(cat /var/lib/kts/server/node-token)"
Remove everything: $unit-uninstall.sh
TEXT
else
  printf '\nThis node has joined. Remove everything: %s-uninstall.sh\n' "$unit"
fi
