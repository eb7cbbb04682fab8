# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and setting come from ./fabric
# ./fabric bench scale: what a request costs a whole cluster in processor time, from few silos to many and from few resources to many,
# and what many simulated nodes cost in memory. A cluster for each number of silos, with a fresh data directory, the real programs and a
# PostgreSQL of its own; they are asked in turns.
# FABRIC_BENCH_SILOS="1 4", FABRIC_BENCH_RESOURCES="1000 100000", FABRIC_BENCH_NODES=2000 (0: without), FABRIC_BENCH_SECONDS=2 (of each
# round), FABRIC_BENCH_ROUNDS=5, FABRIC_BENCH_WARM_UP=4000 (requests), FABRIC_BENCH_PACE=100 (requests a second for each silo, in a pass
# of its own; 0: without), FABRIC_BENCH_PORT=P (default 18180).

run_bench() {
  need_packages "the benchmark" python3-minimal "${packages_postgres[@]}"
  local place=$root/artifacts/bench-scale port=${FABRIC_BENCH_PORT:-18180} nodes=${FABRIC_BENCH_NODES:-2000} status=0 silos size
  local counts=() sizes=() clusters=()
  read -ra counts <<<"${FABRIC_BENCH_SILOS:-1 4}"
  read -ra sizes <<<"${FABRIC_BENCH_RESOURCES:-1000 100000}"
  for silos in "${counts[@]}"; do
    on_cluster command_down --data "$place/$silos" >/dev/null
    rm -rf "${place:?}/$silos"
    on_cluster start_silos "$silos" "$place/$silos" "$port"
    clusters+=(--data "$place/$silos")
    port=$((port + 100))
  done
  rm -f "$place/scale.json"
  for size in "${sizes[@]}"; do measure_scale "$size" "${FABRIC_BENCH_WARM_UP:-4000}" "${clusters[@]}" || status=$?; done
  if [ "${FABRIC_BENCH_PACE:-100}" != 0 ]; then
    measure_scale "${sizes[-1]}" 200 "${clusters[@]}" --pace "${FABRIC_BENCH_PACE:-100}" --boots 0 --only 'shown|changed|created' ||
      status=$?
  fi
  on_cluster many_nodes "$nodes" "${counts[-1]}" "$place/${counts[-1]}"
  for silos in "${counts[@]}"; do on_cluster command_down --data "$place/$silos"; done
  PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/scale.py" --compare "$place/scale.json"
  note "all figures: $place/scale.json"
  return "$status"
}

# Each cluster has settings of its own, which must not become the next one's.
on_cluster() { ("$@"); }

# Up makes a cluster of no fewer than two; where one is asked for the other leaves.
start_silos() {
  command_up --data "$2" --driver simulated --db postgres --silos "$(($1 > 1 ? $1 : 2))" --nodes 4 --port "$3"
  if [ "$1" = 1 ]; then command_silo remove silo-2 --data "$2"; fi
}

# measure_scale RESOURCES WARM-UP OPTIONS: all clusters, a round here and a round there.
measure_scale() {
  local size=$1 warm_up=$2
  shift 2
  step "$size resources"
  (cd "$tools/bench" && PYTHONDONTWRITEBYTECODE=1 python3 scale.py --resources "$size" --warm-up "$warm_up" \
    --seconds "${FABRIC_BENCH_SECONDS:-2}" --rounds "${FABRIC_BENCH_ROUNDS:-5}" -o "$place/scale.json" "$@")
}

show_memory() {
  step "Memory: $1"
  PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/scale.py" --data "$data" --memory
}

# many_nodes NODES SILOS DATA: the process of the nodes again, with many of them; it is measured once every one has reported.
many_nodes() {
  local began
  parse_options --data "$3"
  show_memory "$2 silos"
  [ "$1" -gt 0 ] || return 0
  step "$1 simulated nodes over $2 silos"
  began=$SECONDS
  stop_member node
  # shellcheck disable=SC2034  # read by start_member
  setting[nodes]=$1
  start_member node
  wait_member_ready node
  # shellcheck source=/dev/null
  (. "$data/openrc" && PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/scale.py" --data "$data" --await-nodes "$1")
  note "all of them are up after $((SECONDS - began)) s"
  show_memory "$1 nodes"
}
