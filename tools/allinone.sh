# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and silo_dll come from ./fabric and building.sh
# The all-in-one in the background: up, down, status, logs.
#
# Everything of one data directory is in it: run/ (pid, lock), log/, settings, admin-password, openrc, clouds.yaml, libvirt/, postgres/ and
# the silo's own state. Several can run side by side, on ports of their own.

# What up can be told. An option that is not given keeps what it was at the last up of this data directory.
declare -A setting=([driver]=libvirt [nodes]=1 [silos]=1 [port]=8080 [listen]=127.0.0.1 [db]=sqlite [libvirt-uri]='' [netns]="${FABRIC_NETNS:-}")
declare -A asked=()

parse_options() {
  while [ $# -gt 0 ]; do
    case $1 in
      --data | --driver | --nodes | --port | --listen | --db | --silos | --libvirt-uri | --netns)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        asked[${1#--}]=$2
        shift 2 ;;
      --*=*) set -- "${1%%=*}" "${1#*=}" "${@:2}" ;;
      *) refuse "unknown option: $1 (./fabric help)" ;;
    esac
  done
  check_options
  if [ -n "${asked[data]:-}" ]; then data=${asked[data]}; fi
  case $data in /*) ;; *) data=$PWD/$data ;; esac
  unset 'asked[data]'
  load_settings
}

check_options() {
  case ${asked[driver]:-libvirt} in libvirt | simulated) ;; *) refuse "--driver is libvirt or simulated" ;; esac
  case ${asked[db]:-sqlite} in
    sqlite | postgres) ;;
    *) refuse "--db is sqlite or postgres" ;;
  esac
  is_number "${asked[silos]:-1}" 1 64 || refuse "--silos is a number from 1 to 64"
  is_number "${asked[nodes]:-1}" 1 10000 || refuse "--nodes is a number from 1 to 10000"
  is_number "${asked[port]:-8080}" 1 65535 || refuse "--port is a number from 1 to 65535"
}

is_number() { [[ $1 =~ ^[0-9]{1,6}$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

load_settings() {
  local name value
  if [ -r "$data/settings" ]; then
    while IFS='=' read -r name value; do
      if [ -n "${setting[$name]+known}" ]; then setting[$name]=$value; fi
    done <"$data/settings"
  fi
  running_settings=$(print_settings)
  for name in "${!asked[@]}"; do setting[$name]=${asked[$name]}; done
  data=$(realpath -m "$data")
}

print_settings() {
  local name
  for name in "${!setting[@]}"; do printf '%s=%s\n' "$name" "${setting[$name]}"; done | sort
}

silo_running() { alive "$data/run/silo.pid" "Fabric.Silo.dll run --data $data "; }

# How this machine reaches the silo: a wildcard is no address to connect to.
silo_host() {
  case ${setting[listen]} in
    0.0.0.0 | '*' | ::) printf 127.0.0.1 ;;
    *:*) printf '[%s]' "${setting[listen]}" ;;
    *) printf '%s' "${setting[listen]}" ;;
  esac
}
silo_url() { printf 'http://%s:%s' "$(silo_host)" "${setting[port]}"; }

# http_status PATH: the status code of a GET, or nothing.
http_status() {
  local host
  host=$(silo_host)
  host=${host#[}
  http_status_at "${host%]}" "${setting[port]}" "$1"
}

# http_status_at HOST PORT PATH. Bash's own sockets, since a fresh machine has no curl.
http_status_at() {
  local line
  line=$(http_get_at "$@" | head -n 1) || return 1
  line=${line#* }
  printf '%s' "${line%% *}"
}

# The whole answer, head and body.
http_get_at() {
  timeout 5 bash -c '
    exec 3<>"/dev/tcp/$1/$2" || exit 1
    printf "GET %s HTTP/1.0\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$3" "$1" "$2" >&3
    cat <&3' bash "$1" "$2" "$3" 2>/dev/null
}

# silo_get PATH: the body of a GET of the all-in-one.
silo_get() {
  local host
  host=$(silo_host)
  host=${host#[}
  http_get_at "${host%]}" "${setting[port]}" "$1" | sed '1,/^\r\{0,1\}$/d'
}

command_up() {
  parse_options "$@"
  prepare_data
  lock_data
  bring_up
  unlock_data
}

# One ./fabric at a time works on a data directory.
lock_data() {
  exec 8>"$data/run/lock"
  flock -w 600 8 || die "another ./fabric is at work on $data"
}
unlock_data() { exec 8>&-; }

bring_up() {
  if is_cluster; then bring_up_cluster; return; fi
  if silo_running; then
    [ "$(print_settings)" = "$running_settings" ] ||
      refuse "already running with other options ($(tr '\n' ' ' <"$data/settings")): ./fabric down first"
    say "Fabric is already running at $(silo_url) (pid $(cat "$data/run/silo.pid"))."
    wait_silo_ready
    return 0
  fi
  check_driver
  check_database
  if timeout 2 bash -c "exec 3<>/dev/tcp/$(silo_host | tr -d '[]')/${setting[port]}" 2>/dev/null; then
    die "port ${setting[port]} is in use by something else: choose another with --port"
  fi
  build_silo
  write_credentials
  start_silo
  wait_silo_ready
  say_where
}

bring_up_cluster() {
  [ "${setting[db]}" = postgres ] || refuse "--silos ${setting[silos]} needs --db postgres: SQLite is one process's own"
  if silo_running; then refuse "the all-in-one runs on this data: ./fabric down first"; fi
  check_driver
  check_database
  build_silo
  write_credentials
  start_cluster
  say_where
}

prepare_data() {
  local before
  before=$(umask)
  umask 077
  mkdir -p "$data"/{run,log}
  umask "$before"
}

check_driver() {
  if [ "${setting[driver]}" = simulated ]; then return 0; fi
  if has_hosts; then
    is_cluster || refuse "--nodes ${setting[nodes]} needs --driver simulated: the all-in-one is one real node. Or a cluster: --silos"
    [ "${setting[nodes]}" -le 200 ] || refuse "--nodes ${setting[nodes]}: at most 200 real nodes fit on one machine's underlay"
    [ -z "${setting[netns]}" ] || refuse "--netns is for one node; each of several has a network namespace of its own"
  fi
  if ! is_root; then
    local absent
    absent=$(missing_packages "${packages_libvirt[@]}")
    die "--driver libvirt needs root: it starts libvirtd and makes taps, bridges, network namespaces and firewall rules.
    Missing packages: ${absent:-none}
    Without root, use --driver simulated: every API works, guests are played."
  fi
  need_packages "real guests" "${packages_libvirt[@]}"
}

# A PostgreSQL that the environment named once is the one of this data directory from then on: its state is there.
check_database() {
  [ "${setting[db]}" = postgres ] || return 0
  if [ -n "${FABRIC_DB_CONNECTION:-}" ]; then
    (umask 077 && printf '%s\n' "$FABRIC_DB_CONNECTION" >"$data/db-connection")
  fi
  [ -s "$data/db-connection" ] || need_packages "a PostgreSQL of Fabric's own" "${packages_postgres[@]}"
}

# How the silo connects. Never said aloud: there is a password in it.
database_connection() {
  if [ -s "$data/db-connection" ]; then cat "$data/db-connection"; else "$tools/postgres.sh" start "$data" 8>&-; fi
}

make_password() { [ -s "$1" ] || head -c 18 /dev/urandom | base64 | tr '+/' 'xy' | tr -d '\n' >"$1"; }

# Generated passwords, made once; the silo takes them from the files when it first creates its users.
write_credentials() {
  local secret url
  url=$(silo_url)/identity/v3
  (
    umask 077
    make_password "$data/admin-password"
    make_password "$data/demo-password"
    secret=$(cat "$data/admin-password")
    cat >"$data/openrc" <<RC
# . this file, then use the openstack command
unset OS_CLOUD OS_TOKEN OS_USER_ID OS_PROJECT_ID OS_DOMAIN_ID OS_DOMAIN_NAME OS_SYSTEM_SCOPE OS_USER_DOMAIN_ID OS_PROJECT_DOMAIN_ID
export OS_AUTH_URL=$url
export OS_IDENTITY_API_VERSION=3
export OS_USERNAME=admin
export OS_PASSWORD='$secret'
export OS_PROJECT_NAME=admin
export OS_USER_DOMAIN_NAME=Default
export OS_PROJECT_DOMAIN_NAME=Default
export OS_REGION_NAME=RegionOne
RC
    cat >"$data/clouds.yaml" <<YAML
clouds:
  fabric:
    auth:
      auth_url: $url
      username: admin
      password: "$secret"
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    identity_api_version: 3
  fabric-demo:
    auth:
      auth_url: $url
      username: demo
      password: "$(cat "$data/demo-password")"
      project_name: demo
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
    identity_api_version: 3
YAML
  )
  chmod 600 "$data"/{admin-password,demo-password,openrc,clouds.yaml}
}

start_silo() {
  local options=(--data "$data" --listen "${setting[listen]}" --port "${setting[port]}")
  options+=(--driver "${setting[driver]}" --nodes "${setting[nodes]}")
  if [ "${setting[driver]}" = libvirt ]; then
    options+=(--libvirt-uri "$(libvirt_uri)") || exit 1
  fi
  if [ -n "${setting[netns]}" ]; then options+=(--netns "${setting[netns]}"); fi
  # The connection goes by the environment, which only its owner can read; a command line is everybody's.
  local -x FABRIC_DB_CONNECTION=''
  options+=(--db "${setting[db]}")
  if [ "${setting[db]}" = postgres ]; then FABRIC_DB_CONNECTION=$(database_connection) || exit 1; fi
  step "Starting the all-in-one (driver ${setting[driver]}, ${setting[nodes]} node(s), ${setting[db]}) on ${setting[listen]}:${setting[port]}"
  print_settings >"$data/settings"
  launch_detached silo "$silo_dll" run "${options[@]}"
}

# launch_detached NAME DLL ARGUMENT...: a program in the background, with run/NAME.pid and log/NAME.log.
launch_detached() {
  local name=$1 pid tries
  shift
  # One older log is kept, so that a cloud that is started often does not fill the disk with it.
  if [ -n "$(find "$data/log" -name "$name.log" -size +64M)" ]; then mv "$data/log/$name.log" "$data/log/$name.log.1"; fi
  # The lock (8) must not go with it: it would be held as long as the process lives.
  setsid dotnet "$@" >>"$data/log/$name.log" 2>&1 </dev/null 8>&- &
  pid=$!
  printf '%s\n' "$pid" >"$data/run/$name.pid"
  # Until it has become the program its command line is still this script's, and it would be taken for one that ended.
  for ((tries = 0; tries < 100; tries++)); do
    if alive "$data/run/$name.pid" "$(basename "$1") " || ! kill -0 "$pid" 2>/dev/null; then break; fi
    sleep 0.05
  done
}

libvirt_uri() {
  if [ -n "${setting[libvirt-uri]}" ]; then printf '%s' "${setting[libvirt-uri]}"; return; fi
  FABRIC_NETNS=${setting[netns]} "$tools/libvirtd.sh" start "$data" 8>&-
}

wait_silo_ready() {
  local began=$SECONDS status=''
  until [ "$status" = 200 ]; do
    status=$(http_status /readyz) || status=''
    silo_running || not_ready "the all-in-one ended while starting"
    [ $((SECONDS - began)) -lt 120 ] || not_ready "not ready after 120 s; /readyz answers ${status:-nothing}"
    [ "$status" = 200 ] || sleep 0.2
  done
  note "ready after $((SECONDS - began)) s"
}

not_ready() {
  tail -n 30 "$data/log/silo.log" >&2
  die "$1 (its log: $data/log/silo.log)"
}

say_where() {
  local shown=$data
  if [ "${data#"$PWD"/}" != "$data" ]; then shown=${data#"$PWD"/}; fi
  say ""
  say "Fabric is ready at $(silo_url)"
  say "  use it:       . $shown/openrc && openstack catalog list"
  say "            or  OS_CLIENT_CONFIG_FILE=$shown/clouds.yaml openstack --os-cloud fabric catalog list"
  say "  its log:      ./fabric logs -f"
  say "  stop it:      ./fabric down"
}

command_down() {
  parse_options "$@"
  [ -d "$data/run" ] || { say "Fabric is not running: there is nothing at $data."; return 0; }
  lock_data
  if is_cluster; then
    stop_cluster
  elif silo_running; then
    step "Stopping the all-in-one (pid $(cat "$data/run/silo.pid"))"
    end_process "$(cat "$data/run/silo.pid")" 30 || die "pid $(cat "$data/run/silo.pid") does not end"
  else
    say "The all-in-one is not running."
  fi
  rm -f "$data/run/silo.pid"
  if [ "${setting[driver]}" = libvirt ] && [ -e "$data/settings" ]; then
    if is_cluster; then clean_cluster_hosts; else clean_host; fi
  fi
  rm -f "$data/run/cluster"
  if [ -d "$data/postgres" ]; then "$tools/postgres.sh" stop "$data"; fi
  unlock_data
  say "Down. The state stays in $data."
}

# Guests, bridges, namespaces, firewall tables and DHCP servers of this data directory. The node agent knows its marks; what could
# still live in libvirtd's own namespace ends after it.
clean_host() {
  local status=0 options=(--data "$data")
  is_root || die "only root can remove guests and networks"
  step "Removing guests and networks from this machine"
  if [ -f "$silo_dll" ]; then
    need_dotnet
    options+=(--libvirt-uri "$(libvirt_uri)")
    if [ -n "${setting[netns]}" ]; then options+=(--netns "${setting[netns]}"); fi
    dotnet "$silo_dll" host cleanup "${options[@]}" >>"$data/log/cleanup.log" 2>&1 </dev/null 8>&- || status=$?
  fi
  "$tools/libvirtd.sh" purge "$data" || status=$?
  [ "$status" = 0 ] || { tail -n 20 "$data/log/cleanup.log" >&2; die "the machine is not clean (log: $data/log/cleanup.log)"; }
}

command_status() {
  parse_options "$@"
  local pid
  if [ -s "$data/run/cluster" ]; then cluster_status; return; fi
  if ! silo_running; then
    say "not running (data directory $data)"
    return 3
  fi
  pid=$(cat "$data/run/silo.pid")
  say "running     pid $pid, for $(($(date +%s) - $(stat -c %Y "/proc/$pid"))) s, $(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MiB"
  say "address     $(silo_url)"
  say "ready       $(http_status /readyz || printf 'no answer') (/readyz)"
  say "member      $(silo_get /members | awk '$1 == "view" { view = $2; next } { print $1 ", " $2 ", roles " $3 ", view " view ", " $5 " activations" }')"
  say "driver      ${setting[driver]}, ${setting[nodes]} node(s)"
  say "database    $(database_status)"
  say "data        $data"
  if [ "${setting[driver]}" = libvirt ] && is_root; then
    say "libvirt     ${setting[libvirt-uri]:-$("$tools/libvirtd.sh" uri "$data")}"
  fi
}

database_status() {
  if [ "${setting[db]}" = sqlite ]; then
    printf 'sqlite'
  elif [ -s "$data/db-connection" ]; then
    printf 'postgres, at %s' "$(tr ';' '\n' <"$data/db-connection" | sed -n 's/^ *\(host\|server\) *= *//Ip' | head -n 1)"
  elif "$tools/postgres.sh" status "$data"; then
    printf 'postgres, our own (pid %s, socket in %s)' "$(cat "$data/postgres/server.pid")" "$("$tools/postgres.sh" where "$data")"
  else
    printf 'postgres, our own: not running'
  fi
}

command_logs() {
  local options=() show=()
  while [ $# -gt 0 ]; do
    case $1 in
      -f) show+=(-F); shift ;;
      -n) [ $# -ge 2 ] || refuse "-n needs a number"; show+=(-n "$2"); shift 2 ;;
      *) options+=("$1"); shift ;;
    esac
  done
  parse_options "${options[@]}"
  local logs=("$data/log/silo.log")
  if [ -s "$data/run/cluster" ]; then mapfile -t logs < <(member_names | sed "s|.*|$data/log/&.log|"); fi
  [ -f "${logs[0]}" ] || die "there is no log yet: ${logs[0]}"
  exec tail "${show[@]:--n200}" "${logs[@]}"
}
