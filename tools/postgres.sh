#!/usr/bin/env bash
# A PostgreSQL of one's own for one data directory: no system service, no port, no shared path, so that several can live side by side
# and a machine without systemd will do.
#
#   postgres.sh start DATA     starts it (or finds it running) and prints how to connect, password and all: not for a screen
#   postgres.sh stop DATA      ends it; what is committed stays
#   postgres.sh where DATA     prints its socket's directory
#   postgres.sh status DATA    exit code 0 when it is running
#
# Everything is in DATA/postgres: data, run (the socket), log, password. Whoever connects needs the password, and the socket is the only
# way in. PostgreSQL refuses to run as root, so root starts it as postgres; that account can't look into a data directory that is root's
# alone, and must not, so there the server runs in a mount namespace where its own folder is /var/lib/postgresql.
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
tools=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tools/output.sh
. "$tools/output.sh"
# shellcheck source=tools/processes.sh
. "$tools/processes.sh"

usage() { sed -n '2,9s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }

# The version that made the data, or the newest that is installed.
find_programs() {
  local version
  version=$(cat "$home/data/PG_VERSION" 2>/dev/null) ||
    version=$(find /usr/lib/postgresql -mindepth 1 -maxdepth 1 -printf '%f\n' 2>/dev/null | sort -n | tail -n 1)
  programs=/usr/lib/postgresql/$version/bin
  [ -x "$programs/postgres" ] || die "PostgreSQL ${version:-15} is not installed (Debian: postgresql-15)"
}

# as_server COMMAND...: becomes the command, as the account that the server runs as, in a place where it sees its folder.
as_server() {
  if ! is_root; then exec "$@"; fi
  local drop=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
  if [ "$place" = "$home" ]; then exec "${drop[@]}" "$@"; fi
  # shellcheck disable=SC2016  # expanded by the inner shell
  exec unshare --mount --propagation private bash -c 'mount --bind "$0" /var/lib/postgresql && cd / && exec "$@"' "$home" "${drop[@]}" "$@"
}

choose_place() {
  place=$home
  is_root || return 0
  mkdir -p /var/lib/postgresql
  setpriv --reuid=postgres --regid=postgres --clear-groups test -x "$home" 2>/dev/null || place=/var/lib/postgresql
}

running() { alive "$home/server.pid" "cluster_name=$data"; }

make_database() {
  [ ! -s "$home/data/PG_VERSION" ] || return 0
  step "Making a PostgreSQL database in $home" >&2
  # A start that was killed half-way left something that is no database.
  rm -rf "$home/data"
  [ -s "$home/password" ] || head -c 18 /dev/urandom | base64 | tr '+/' 'xy' | tr -d '\n' >"$home/password"
  cp "$home/password" "$home/password.initdb"
  if is_root; then chown postgres: "$home" "$home/run" "$home/log" "$home/password.initdb"; fi
  (as_server "$programs/initdb" -D "$place/new" -U fabric --auth-local=scram-sha-256 --auth-host=reject -E UTF8 --locale=C.UTF-8 \
    --pwfile="$place/password.initdb") >"$home/log/initdb.log" 2>&1 </dev/null ||
    { tail -n 20 "$home/log/initdb.log" >&2; die "initdb failed"; }
  rm -f "$home/password.initdb"
  mv "$home/new" "$home/data"
}

launch() {
  # Each of these becomes the next, so this is the server's own pid.
  (as_server setsid "$programs/postgres" -D "$place/data" -k "$place/run" -c listen_addresses= -c max_connections=200 \
    -c cluster_name="$data") >>"$home/log/postgres.log" 2>&1 </dev/null 8>&- 9>&- &
  launched=$!
  printf '%s\n' "$launched" >"$home/server.pid"
}

# After a kill -9 the server first writes what its log has; and while processes of the one before it end, it refuses to start.
wait_ready() {
  local deadline=$((SECONDS + 120))
  until "$programs/pg_isready" -q -h "$home/run" -t 5; do
    [ "$SECONDS" -lt "$deadline" ] || { tail -n 20 "$home/log/postgres.log" >&2; die "PostgreSQL did not come up (its log: $home/log)"; }
    sleep 0.2
    [ -z "$launched" ] || kill -0 "$launched" 2>/dev/null || { sleep 1; launch; }
  done
}

psql_as_owner() { PGPASSWORD=$(cat "$home/password") "$programs/psql" -X -q -A -t -h "$home/run" -U fabric -d postgres "$@"; }

start() {
  local before
  before=$(umask)
  umask 077
  mkdir -p "$home"/{run,log}
  exec 9>"$home/lock"
  flock -w 180 9 || die "another start of PostgreSQL for $data does not end"
  find_programs
  choose_place
  rm -rf "$home/new"
  make_database
  umask "$before"
  if ! running; then launch; fi
  wait_ready
  [ "$(psql_as_owner -c "SELECT count(*) FROM pg_database WHERE datname = 'fabric'")" = 1 ] || psql_as_owner -c "CREATE DATABASE fabric"
  say "Host=$home/run;Username=fabric;Database=fabric;Password=$(cat "$home/password")"
}

stop() {
  running || return 0
  local pid
  pid=$(cat "$home/server.pid")
  # INT: clients are not waited for. QUIT: as after a crash, the next start reads the log.
  kill -INT "$pid"
  wait_gone "$pid" 30 || { kill -QUIT "$pid"; wait_gone "$pid" 10; } || die "PostgreSQL (pid $pid) does not end"
  rm -f "$home/server.pid"
}

launched=''
[ $# = 2 ] || usage
[ -d "$2" ] || [ "$1" = start ] || exit 1
mkdir -p "$2"
data=$(cd "$2" && pwd -P)
home=$data/postgres
[ "${#home}" -le 85 ] || die "the data directory's path is too long for PostgreSQL's socket ($home)"
case $1 in
  start) start ;;
  stop) stop ;;
  where) say "$home/run" ;;
  status) running ;;
  *) usage ;;
esac
