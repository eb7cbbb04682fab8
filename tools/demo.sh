# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and setting come from ./fabric and allinone.sh
# ./fabric demo: from nothing to a guest that answers, with the stock openstack command and nothing but what a user would type.
# Run again, it finds what is there and makes what is missing.

# The outside world of the demo: a documentation prefix (RFC 5737), so that it collides with nobody's network.
demo_public=${FABRIC_DEMO_PUBLIC:-198.51.100.0/24}
demo_private=${FABRIC_DEMO_PRIVATE:-10.20.0.0/24}

command_demo() {
  local began=$SECONDS
  parse_options "$@"
  prepare_data
  check_driver
  need_packages "the demo" "${packages_demo[@]}" "${packages_image[@]}"
  command_up "$@"
  use_stock_client
  make_guest_image
  make_networks
  make_server
  make_reachable
  if [ "${setting[driver]}" = libvirt ]; then
    see_it_answer
  else
    say "The driver is simulated: the server is ACTIVE but there is no guest that could answer."
  fi
  say_next $((SECONDS - began))
}

use_stock_client() {
  # What the caller's shell says of another cloud would win over the file.
  local name
  for name in "${!OS_@}"; do unset "$name"; done
  export OS_CLIENT_CONFIG_FILE=$data/clouds.yaml OS_CLOUD=fabric
  # A proxy for the internet is none for this machine.
  no_proxy=${no_proxy:+$no_proxy,}$(silo_host),localhost
  export no_proxy NO_PROXY=$no_proxy
}

# run ARGUMENT...: shows the command as a user would type it, then runs it.
run() {
  local began=$SECONDS
  printf '%s$ openstack%s%s\n' "$bold" "$(printf ' %q' "$@")" "$plain"
  openstack "$@" || die "that command failed. The all-in-one's log: ./fabric logs"
  note "$((SECONDS - began)) s"
}

field() { openstack "${@:2}" -f value -c "$1" 2>/dev/null; }

# ensure KIND NAME COMMAND...: runs the command unless a KIND called NAME is there already.
ensure() {
  local kind=$1 name=$2
  shift 2
  read -ra kind <<<"$kind"
  if field id "${kind[@]}" show "$name" >/dev/null; then
    note "${kind[*]} $name is there already"
  else
    run "$@"
  fi
}

make_guest_image() {
  step "The guest image"
  local file
  file=$("$tools/image/build.sh") || die "the guest image could not be built"
  ensure image fabric-guest image create --disk-format qcow2 --container-format bare --public --file "$file" fabric-guest \
    -c id -c status -c size
  ensure flavor demo.tiny flavor create --vcpus 1 --ram 192 --disk 1 demo.tiny -c id -c ram -c disk -c vcpus
}

make_networks() {
  step "The networks: public (the outside), demo (the server's own) and a router between them"
  local base=${demo_public%.*}
  ensure network public network create --external --provider-network-type flat --provider-physical-network public public -c id -c status
  ensure subnet public-v4 subnet create --network public --subnet-range "$demo_public" --gateway "$base.1" --no-dhcp \
    --allocation-pool "start=$base.10,end=$base.250" public-v4 -c id -c cidr -c gateway_ip
  ensure network demo network create demo -c id -c mtu -c status
  ensure subnet demo-v4 subnet create --network demo --subnet-range "$demo_private" demo-v4 -c id -c cidr -c gateway_ip
  ensure router demo router create demo -c id -c status
  case $(field external_gateway_info router show demo) in
    '' | None | null) run router set --external-gateway public demo ;;
    *) note "router demo has its gateway already" ;;
  esac
  case $(field interfaces_info router show demo) in
    *subnet_id*) note "router demo has its subnet already" ;;
    *) run router add subnet demo demo-v4 ;;
  esac
}

make_server() {
  step "What may come in, who may log in, and the server"
  ensure 'security group' demo security group create demo -c id
  ensure_rule icmp ''
  ensure_rule tcp 22
  ensure_rule tcp 80
  mkdir -p "$data/demo"
  if [ ! -f "$data/demo/key" ]; then ssh-keygen -q -t ed25519 -N '' -C fabric-demo -f "$data/demo/key"; fi
  field name keypair show demo >/dev/null || run keypair create --public-key "$data/demo/key.pub" demo -c name -c fingerprint
  case $(field status server show demo || true) in
    ACTIVE) note "server demo is there already"; return ;;
    SHUTOFF) run server start demo ;;
    ERROR) run server delete --wait demo ;;&
    ERROR | '') run server create --image fabric-guest --flavor demo.tiny --network demo --security-group demo --key-name demo \
      --wait demo -c id -c status -c addresses ;;
    *) note "server demo is $(field status server show demo)" ;;
  esac
}

ensure_rule() {
  local protocol=$1 port=$2 rules
  rules=$(openstack security group rule list demo --ingress -f value -c 'IP Protocol' -c 'Port Range') || die "the rules cannot be listed"
  if grep -qE "^$protocol ${port:+$port:$port\$}" <<<"$rules"; then
    note "security group demo lets $protocol ${port:+port $port }in already"
  else
    run security group rule create --ingress --protocol "$protocol" ${port:+--dst-port "$port"} demo \
      -c id -c protocol -c port_range_min
  fi
}

make_reachable() {
  step "A floating IP"
  local port
  port=$(field ID port list --server demo) || die "the server's port cannot be found"
  address=$(field 'Floating IP Address' floating ip list --port "$port")
  if [ -n "$address" ]; then
    note "server demo has $address already"
    return
  fi
  address=$(openstack floating ip list --network public --status DOWN -f value -c 'Floating IP Address' | sort | head -n 1)
  if [ -z "$address" ]; then
    printf '%s$ openstack floating ip create public%s\n' "$bold" "$plain"
    address=$(openstack floating ip create public -f value -c floating_ip_address) || die "no floating IP could be had"
    note "$address"
  fi
  run server add floating ip demo "$address"
}

console_lines() { openstack console log show demo 2>/dev/null | tr -d '\r' | grep . | tail -n "$1" || true; }

see_it_answer() {
  step "Waiting for the guest at $address"
  local began=$SECONDS name='' reach=()
  if [ -n "${setting[netns]}" ]; then reach=(ip netns exec "${setting[netns]}"); fi
  until name=$("${reach[@]}" curl --silent --fail --noproxy '*' --max-time 3 "http://$address/"); do
    if [ $((SECONDS - began)) -ge 240 ]; then
      console_lines 20
      die "the guest does not answer HTTP at $address"
    fi
    note "$((SECONDS - began)) s ... $(console_lines 1 | cut -c1-110)"
    sleep 2
  done
  note "http://$address/ answers: $name (after $((SECONDS - began)) s)"
  local login=("${reach[@]}" ssh -i "$data/demo/key" -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null
    -o LogLevel=ERROR -o ConnectTimeout=20 "fabric@$address") words
  # shellcheck disable=SC2016  # expanded in the guest
  words=$("${login[@]}" 'echo "I am $(hostname), up for $(cut -d" " -f1 /proc/uptime) s"') || die "ssh does not let us in at $address"
  note "ssh fabric@$address: $words"
  printf '%s$ openstack console log show demo%s\n' "$bold" "$plain"
  console_lines 8
  run server show demo -c name -c status -c addresses -c image -c flavor
}

say_next() {
  local shown=$data
  if [ "${data#"$PWD"/}" != "$data" ]; then shown=${data#"$PWD"/}; fi
  say ""
  say "The demo took $1 s. What next:"
  say "  . $shown/openrc"
  say "  openstack server list"
  if [ "${setting[driver]}" = libvirt ]; then
    say "  curl http://$address/cgi-bin/status"
    say "  ssh -i $shown/demo/key fabric@$address"
  fi
  say "  openstack server reboot demo; openstack console log show demo"
  say "  ./fabric down      (guests and networks leave this machine; the state stays for the next ./fabric up)"
}
