#!/usr/bin/env bash
# A libvirtd of one's own for one data directory: no system service, no D-Bus, no shared path, so that several can live side by side
# and a machine without systemd will do.
#
#   libvirtd.sh start DATA     starts it (or finds it running) and prints its URI
#   libvirtd.sh stop DATA      ends the daemon; guests keep running
#   libvirtd.sh purge DATA     ends the daemon and every guest of this data directory
#   libvirtd.sh uri DATA       prints the URI
#   libvirtd.sh status DATA    exit code 0 when it is running
#
# FABRIC_NETNS=name           runs it in that network namespace (where the bridges then must be)
#
# libvirt reads qemu.conf and keeps its state at fixed places (/etc/libvirt, /run/libvirt, /var/lib/libvirt ...). The daemon therefore
# runs in a mount namespace where these are DATA/libvirt/*. The guests it starts live in that namespace too and outlast it; a later
# daemon, in a new namespace over the same directories, finds them by their state files. Nothing hangs on a process that could die.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/output.sh
. "$tools/output.sh"
# shellcheck source=tools/processes.sh
. "$tools/processes.sh"

usage() { sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

# A path of a unix socket has 107 bytes at most.
check_place() {
  [ "${#socket}" -le 107 ] || die "the data directory's path is too long for libvirt's socket ($socket)"
}

check_machine() {
  is_root || die "libvirt needs root: guests get taps, bridges and firewall rules. Without root, use --driver simulated."
  local tool
  for tool in libvirtd virsh qemu-system-x86_64 unshare; do
    have "$tool" || die "libvirt is not complete here: $tool is missing (packages libvirt-daemon-system libvirt-clients qemu-system-x86)"
  done
}

write_settings() {
  mkdir -p "$home"/{etc/qemu,run,lib,cache,log}
  # Two daemons on one machine must not think they are one host.
  [ -s "$home/host-uuid" ] || cat /proc/sys/kernel/random/uuid >"$home/host-uuid"
  cat >"$home/etc/libvirtd.conf" <<CONF
listen_tls = 0
listen_tcp = 0
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0700"
host_uuid = "$(cat "$home/host-uuid")"
log_filters = "4:util.cgroup 4:util.dbus 4:util.udev"
log_outputs = "3:file:/var/log/libvirt/libvirtd.log"
max_clients = 200
CONF
  # Console logs go straight to a file (no virtlogd), files keep the owner that Fabric gave them, and nothing touches cgroups,
  # which daemons side by side would share.
  cat >"$home/etc/qemu.conf" <<'CONF'
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
cgroup_controllers = [ ]
namespaces = [ ]
stdio_handler = "file"
vnc_listen = "127.0.0.1"
CONF
}

# /run is empty after a restart of the machine; so must ours be, or libvirt would take strangers' pids for its guests'.
forget_last_boot() {
  local boot
  boot=$(cat /proc/sys/kernel/random/boot_id)
  if [ "$(cat "$home/boot-id" 2>/dev/null)" != "$boot" ]; then
    rm -rf "$home/run"
    mkdir -p "$home/run"
    printf '%s\n' "$boot" >"$home/boot-id"
  fi
}

running() { alive "$home/run/libvirtd.pid" libvirtd && in_our_place "$(cat "$home/run/libvirtd.pid")"; }

# The mark of whatever lives in one of our mount namespaces: its /run/libvirt is our directory.
in_our_place() {
  local theirs
  theirs=$(stat -L -c %d:%i "/proc/$1/root/run/libvirt" 2>/dev/null) || return 1
  [ "$theirs" = "$(stat -c %d:%i "$home/run")" ]
}

launch() {
  local enter=()
  if [ -n "${FABRIC_NETNS:-}" ]; then enter=(ip netns exec "$FABRIC_NETNS"); fi
  mkdir -p /etc/libvirt /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt
  # Each of these becomes the next, so this is the daemon's own pid.
  setsid "${enter[@]}" unshare --mount --propagation private bash "$tools/libvirtd.sh" inside "$data" \
    >"$home/log/libvirtd.out" 2>&1 </dev/null 9>&- &
  launched=$!
}

# In the new mount namespace.
inside() {
  local pair
  for pair in etc:/etc/libvirt run:/run/libvirt lib:/var/lib/libvirt cache:/var/cache/libvirt log:/var/log/libvirt; do
    mount --bind "$home/${pair%%:*}" "${pair#*:}"
  done
  # Where systemd is, libvirt would hand guests to machined and put them into its cgroups, by names that two daemons may share,
  # and a stop of the unit could end them. Without the bus and the cgroup tree in sight it does neither.
  if [ -d /run/dbus ]; then mount -t tmpfs -o size=4k fabric-no-bus /run/dbus; fi
  if mountpoint -q /sys/fs/cgroup; then umount -R -l /sys/fs/cgroup || say "the cgroup tree stays visible to libvirtd"; fi
  cd /
  exec libvirtd --config /etc/libvirt/libvirtd.conf --pid-file /run/libvirt/libvirtd.pid
}

# What QEMU can do is asked once per machine rather than once per data directory (libvirt itself checks that the answers still
# hold for this binary and kernel).
lend_capabilities() {
  local shared=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/fabric/libvirt-capabilities own=$home/cache/qemu/capabilities from to
  case $1 in
    borrow) [ ! -d "$own" ] || return 0; from=$shared to=$own ;;
    keep) from=$own to=$shared ;;
  esac
  [ -d "$from" ] || return 0
  mkdir -p "$to"
  find "$from" -name '*.xml' -exec cp -pu -t "$to" {} +
}

# The first start of a libvirtd asks every QEMU binary what it can do, which takes long on a busy machine.
wait_ready() {
  local deadline=$((SECONDS + ${FABRIC_LIBVIRTD_TIMEOUT:-120}))
  until [ -S "$socket" ] && timeout 60 virsh -q -c "$uri" version >/dev/null 2>&1; do
    if [ "$SECONDS" -ge "$deadline" ] || { [ -n "$launched" ] && ! kill -0 "$launched" 2>/dev/null; }; then
      tail -n 20 "$home/log/libvirtd.out" "$home/log/libvirtd.log" 2>/dev/null >&2 || true
      die "libvirtd did not come up (its logs: $home/log)"
    fi
    sleep 0.2
  done
}

start() {
  check_machine
  mkdir -p "$home"
  exec 9>"$home/lock"
  flock -w 180 9 || die "another start of libvirtd for $data does not end"
  if ! running; then
    forget_last_boot
    write_settings
    rm -f "$home"/run/libvirt-sock* "$home"/run/libvirtd.pid
    lend_capabilities borrow
    launch
  fi
  wait_ready
  lend_capabilities keep
  say "$uri"
}

stop() {
  local pid
  if running; then
    pid=$(cat "$home/run/libvirtd.pid")
    end_process "$pid" 15 || die "libvirtd (pid $pid) does not end"
  fi
  rm -f "$home"/run/libvirtd.pid "$home"/run/libvirt-sock*
}

# Whatever still lives in our namespaces: guests, and what libvirt started for them.
purge() {
  stop
  [ -d "$home/run" ] || return 0
  local entry pid left=()
  for entry in /proc/[0-9]*; do
    pid=${entry#/proc/}
    if in_our_place "$pid"; then left+=("$pid"); fi
  done
  for pid in "${left[@]}"; do end_process "$pid" 5 || die "process $pid of $data does not end"; done
}

launched=''
[ $# = 2 ] || usage
[ -d "$2" ] || [ "$1" = start ] || exit 1
mkdir -p "$2"
data=$(cd "$2" && pwd -P)
home=$data/libvirt
socket=$home/run/libvirt-sock
uri="qemu+unix:///system?socket=$socket"
check_place
case $1 in
  start) start ;;
  inside) inside ;;
  stop) stop ;;
  purge) purge ;;
  uri) say "$uri" ;;
  status) running ;;
  *) usage ;;
esac
