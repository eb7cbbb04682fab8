# shellcheck shell=bash
# shellcheck disable=SC2154  # data and setting come from ./fabric and allinone.sh
# Hosts for the nodes of a cluster on one machine. Each is a network namespace with a libvirtd of its own in it; they meet on an underlay,
# a bridge in a namespace of its own, where host N has the address 10.99.0.N. None of it is a device of the machine's own network, so
# neither its addresses nor its firewall are in the way, and several clouds can have the same.

has_hosts() { [ "${setting[driver]}" = libvirt ] && [ "${setting[nodes]}" -gt 1 ]; }

# What tells one data directory's namespaces from another's.
host_mark() { printf '%s' "$data" | sha256sum | cut -c 1-8; }
host_namespace() { printf 'fabric-%s-%s' "$(host_mark)" "$1"; }
host_address() { printf '10.99.0.%s' "$1"; }

make_namespace() {
  [ -e "/run/netns/$1" ] || ip netns add "$1"
  ip -n "$1" link set lo up
}

# start_host NUMBER: can be repeated.
start_host() {
  local host underlay
  underlay=$(host_namespace net)
  host=$(host_namespace "$1")
  make_namespace "$underlay"
  make_namespace "$host"
  ip -n "$underlay" link show dev under >/dev/null 2>&1 || ip -n "$underlay" link add under type bridge
  ip -n "$underlay" link set under up
  # Both ends come and go together.
  ip -n "$host" link show dev eth0 >/dev/null 2>&1 ||
    ip -n "$host" link add eth0 type veth peer name "host-$1" netns "$underlay"
  ip -n "$underlay" link set "host-$1" master under up
  ip -n "$host" address replace "$(host_address "$1")/24" dev eth0
  ip -n "$host" link set eth0 up
}

# host_libvirt_uri NUMBER: starts the host's libvirtd, or finds it running.
host_libvirt_uri() { FABRIC_NETNS=$(host_namespace "$1") "$tools/libvirtd.sh" start "$data/members/node-$1" 8>&-; }

remove_hosts() {
  local namespace
  for namespace in /run/netns/fabric-"$(host_mark)"-*; do
    [ -e "$namespace" ] || continue
    ip netns delete "$(basename "$namespace")"
  done
}
