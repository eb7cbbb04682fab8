# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, setting and the dlls come from ./fabric, allinone.sh and building.sh
# A cluster on this machine: silos that hold the grains, a gateway in front of them, a process for the nodes; they meet in PostgreSQL.
#
# Each is a member with a name. Of its own it has members/NAME (its state), run/NAME.pid, run/NAME.port and log/NAME.log; what all must
# have alike (passwords, keys, images) lies in the data directory itself.

is_cluster() { [ "${setting[silos]}" -gt 1 ] || [ -e "$data/run/cluster" ]; }

# The members in the order in which they start. What silo add and remove made of the number of silos stands in run/cluster.
member_names() {
  if [ -s "$data/run/cluster" ]; then cat "$data/run/cluster"; return; fi
  local number
  for ((number = 1; number <= setting[silos]; number++)); do printf 'silo-%d\n' "$number"; done
  printf 'gateway\n'
  if ! has_hosts; then printf 'node\n'; return; fi
  for ((number = 1; number <= setting[nodes]; number++)); do printf 'node-%d\n' "$number"; done
}

member_dll() {
  case $1 in
    silo-*) printf '%s' "$silo_dll" ;;
    gateway) printf '%s' "$gateway_dll" ;;
    node | node-*) printf '%s' "$node_dll" ;;
  esac
}

member_running() { alive "$data/run/$1.pid" "$(basename "$(member_dll "$1")") run --data $data/members/$1 "; }
member_pid() { cat "$data/run/$1.pid"; }
member_port() { cat "$data/run/$1.port" 2>/dev/null; }

# Ports are chosen once and kept, so that a member comes back where the others know it: one for HTTP, the next for the other members.
choose_ports() {
  local name=$1 port=$((setting[port] + 1))
  [ "$name" != gateway ] || port=${setting[port]}
  [ -s "$data/run/$name.port" ] && return 0
  [ "$name" = gateway ] || while port_taken "$port" || port_taken $((port + 1)); do port=$((port + 2)); done
  printf '%s\n' "$port" >"$data/run/$name.port"
}

# In use by anybody, or kept by another member that does not run just now.
port_taken() {
  local kept
  for kept in "$data"/run/*.port; do
    [ -s "$kept" ] && { [ "$(cat "$kept")" = "$1" ] || [ $(($(cat "$kept") + 10000)) = "$1" ]; } && return 0
  done
  timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null
}

start_member() {
  local name=$1 port options
  if member_running "$name"; then return 0; fi
  choose_ports "$name"
  port=$(member_port "$name")
  options=(--data "$data/members/$name" --shared "$data" --name "$name" --port "$port" --silo-port "$(silo_port "$name" "$port")")
  case $name in
    silo-*) options+=(--roles control --db postgres --driver "${setting[driver]}") ;;
    gateway) options+=(--listen "${setting[listen]}") ;;
    node)
      options+=(--driver "${setting[driver]}" --nodes "${setting[nodes]}" --gateway "$(silo_url)")
      if [ "${setting[driver]}" = libvirt ]; then options+=(--libvirt-uri "$(libvirt_uri)") || exit 1; fi
      if [ -n "${setting[netns]}" ]; then options+=(--netns "${setting[netns]}"); fi ;;
    node-*)
      start_host "${name#node-}"
      options+=(--driver libvirt --gateway "$(silo_url)" --host-ip "$(host_address "${name#node-}")")
      options+=(--node-name "$name" --netns "$(host_namespace "${name#node-}")" --libvirt-uri "$(host_libvirt_uri "${name#node-}")") || exit 1 ;;
  esac
  mkdir -p "$data/members/$name"
  local -x FABRIC_DB_CONNECTION
  FABRIC_DB_CONNECTION=$(database_connection) || exit 1
  launch_detached "$name" "$(member_dll "$name")" run "${options[@]}"
}

# The gateway's HTTP port is the cloud's own; its port for members is out of the way of the next member's.
silo_port() { if [ "$1" = gateway ]; then printf '%s' $(($2 + 10000)); else printf '%s' $(($2 + 1)); fi; }

# member_status NAME PATH: as http_status, of a member.
member_status() { http_status_at 127.0.0.1 "$(member_port "$1")" "$2"; }

member_get() { http_get_at 127.0.0.1 "$(member_port "$1")" "$2" | sed '1,/^\r\{0,1\}$/d'; }

wait_member_ready() {
  local name=$1 began=$SECONDS status=''
  until [ "$status" = 200 ]; do
    status=$(member_status "$name" /readyz) || status=''
    member_running "$name" || member_not_ready "$name" "$name ended while starting"
    [ $((SECONDS - began)) -lt 120 ] || member_not_ready "$name" "$name is not ready after 120 s; /readyz answers ${status:-nothing}"
    [ "$status" = 200 ] || sleep 0.2
  done
}

member_not_ready() {
  tail -n 30 "$data/log/$1.log" >&2
  die "$2 (its log: $data/log/$1.log)"
}

start_cluster() {
  local name names=()
  mapfile -t names < <(member_names)
  step "Starting ${setting[silos]} silos, a gateway and ${setting[nodes]} node(s) on ${setting[listen]}:${setting[port]}"
  print_settings >"$data/settings"
  printf '%s\n' "${names[@]}" >"$data/run/cluster"
  for name in "${names[@]}"; do start_member "$name"; done
  for name in "${names[@]}"; do wait_member_ready "$name"; done
}

# Nodes first, so that nothing is asked of a cluster that goes; silos last.
stop_cluster() {
  local name
  for name in $(member_names | tac); do stop_member "$name"; done
}

# Each node's host, by the mark of the node's own directory.
clean_cluster_hosts() {
  local name options status=0
  is_root || die "only root can remove guests and networks"
  step "Removing guests and networks from this machine"
  need_dotnet
  for name in $(member_names | grep '^node'); do
    [ -d "$data/members/$name" ] || continue
    options=(--data "$data/members/$name")
    if [ "$name" = node ]; then
      options+=(--libvirt-uri "$(libvirt_uri)")
      if [ -n "${setting[netns]}" ]; then options+=(--netns "${setting[netns]}"); fi
    else
      start_host "${name#node-}"
      options+=(--node-name "$name" --netns "$(host_namespace "${name#node-}")" --libvirt-uri "$(host_libvirt_uri "${name#node-}")")
    fi
    dotnet "$node_dll" cleanup "${options[@]}" >>"$data/log/cleanup.log" 2>&1 </dev/null 8>&- || status=$?
    if [ "$name" = node ]; then "$tools/libvirtd.sh" purge "$data" || status=$?
    else "$tools/libvirtd.sh" purge "$data/members/$name" || status=$?; fi
  done
  [ "$status" = 0 ] || { tail -n 20 "$data/log/cleanup.log" >&2; die "the machine is not clean (log: $data/log/cleanup.log)"; }
  remove_hosts
}

stop_member() {
  if ! member_running "$1"; then return 0; fi
  step "Stopping $1 (pid $(member_pid "$1"))"
  end_process "$(member_pid "$1")" 40 || die "$1 (pid $(member_pid "$1")) does not end"
  rm -f "$data/run/$1.pid"
}

cluster_status() {
  local name
  say "address     $(silo_url)"
  say "driver      ${setting[driver]}, ${setting[nodes]} node(s)"
  say "database    $(database_status)"
  say "data        $data"
  say ''
  local seen
  seen=$(member_get gateway /members) || say 'the gateway does not answer: what the cluster thinks of its members is not known'
  printf '%-11s %-9s %-12s %-20s %6s %11s %8s %9s  %s\n' member state membership roles view activations pid memory HTTP
  for name in $(member_names); do member_row "$name" "$seen"; done
}

# member_row NAME SEEN: what the process is, and what the gateway's page of members says of it. Its view of the cluster is its own.
member_row() {
  local name=$1 state=stopped pid=- memory=- view=- status='' roles='' endpoint='' activations='' row
  row=$(awk -v name="$name" '$1 == name' <<<"$2")
  read -r _ status roles endpoint activations _ <<<"$row" || true
  if member_running "$name"; then
    pid=$(member_pid "$name")
    memory="$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MiB"
    if [ "$(member_status "$name" /readyz)" = 200 ]; then state=ready; else state='not ready'; fi
    view=$(member_get "$name" /members | awk '$1 == "view" { print $2; exit }')
  fi
  printf '%-11s %-9s %-12s %-20s %6s %11s %8s %9s  %s\n' "$name" "$state" "${status:--}" "${roles:--}" "${view:--}" \
    "${activations:--}" "$pid" "$memory" "127.0.0.1:$(member_port "$name")"
}

command_silo() {
  local verb=${1:-} name
  [ $# -ge 1 ] || refuse "silo add, or silo remove NAME"
  shift
  case $verb in
    add) parse_options "$@" ;;
    remove) [ $# -ge 1 ] || refuse "silo remove needs a name"; name=$1; shift; parse_options "$@" ;;
    *) refuse "silo add, or silo remove NAME" ;;
  esac
  [ -s "$data/run/cluster" ] || die "no cluster runs at $data: ./fabric up --db postgres --silos 3"
  lock_data
  if [ "$verb" = add ]; then add_silo; else remove_silo "$name"; fi
  unlock_data
}

add_silo() {
  local number=1
  while member_names | grep -qx "silo-$number"; do number=$((number + 1)); done
  build_silo
  step "Adding silo-$number"
  sed -i "0,/^gateway$/s//silo-$number\ngateway/" "$data/run/cluster"
  start_member "silo-$number"
  wait_member_ready "silo-$number"
  keep_number
  say "silo-$number is ready and holds its share of the grains."
}

# The next up starts as many.
keep_number() {
  setting[silos]=$(member_names | grep -c '^silo-')
  print_settings >"$data/settings"
}

remove_silo() {
  case $1 in silo-*) ;; *) refuse "$1 is no silo" ;; esac
  member_names | grep -qx "$1" || die "there is no $1 (./fabric status)"
  [ "$(member_names | grep -c '^silo-')" -gt 1 ] || die "$1 is the last silo"
  stop_member "$1"
  sed -i "/^$1\$/d" "$data/run/cluster"
  rm -f "$data/run/$1.port"
  keep_number
  say "$1 has left; the others hold its grains."
}
