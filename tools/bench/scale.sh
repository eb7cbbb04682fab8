# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and setting come from ./fabric
# ./fabric bench scale: what a request costs a whole cluster in processor time, from few silos to many and from few resources to many,
# and what many simulated nodes cost in memory. A cluster of its own with a fresh data directory, the real programs, PostgreSQL.
# FABRIC_BENCH_SILOS="1 4", FABRIC_BENCH_RESOURCES="1000 100000", FABRIC_BENCH_NODES=2000 (0: without), FABRIC_BENCH_SECONDS=2 (of each
# phase), FABRIC_BENCH_ROUNDS=1 (the median is told), FABRIC_BENCH_PORT=P (default 18180).

run_bench() {
  need_packages "the benchmark" python3-minimal "${packages_postgres[@]}"
  local place=$root/artifacts/bench-scale port=${FABRIC_BENCH_PORT:-18180} nodes=${FABRIC_BENCH_NODES:-2000} status=0 most
  local counts=() sizes=()
  read -ra counts <<<"${FABRIC_BENCH_SILOS:-1 4}"
  read -ra sizes <<<"${FABRIC_BENCH_RESOURCES:-1000 100000}"
  # Up makes a cluster of no fewer than two; where one is asked for the others leave.
  most=${counts[-1]}
  [ "$most" -ge 2 ] || refuse "FABRIC_BENCH_SILOS ends with 2 or more"
  data=$place
  command_down --data "$place" >/dev/null
  rm -rf "$place"
  command_up --data "$place" --driver simulated --db postgres --silos "$most" --nodes 4 --port "$port"
  local silos size
  for size in "${sizes[@]}"; do
    for silos in "${counts[@]}"; do
      have_silos "$silos"
      measure_scale "$silos" "$size" || status=$?
    done
  done
  have_silos "$most"
  show_memory "$most silos, ${sizes[-1]} resources"
  if [ "$nodes" -gt 0 ]; then many_nodes "$nodes" "$most"; fi
  command_down --data "$place"
  PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/scale.py" --compare "$place/scale.json"
  note "all figures: $place/scale.json"
  return "$status"
}

# Silos come and go as an operator would have them; the others take their grains.
have_silos() {
  while [ "$(member_names | grep -c '^silo-')" -lt "$1" ]; do command_silo add --data "$data" >/dev/null; done
  while [ "$(member_names | grep -c '^silo-')" -gt "$1" ]; do
    command_silo remove "$(member_names | grep '^silo-' | tail -n 1)" --data "$data" >/dev/null
  done
}

# Twice: a silo that has just started compiles what it runs, and the first pass pays for that.
measure_scale() {
  local seconds=${FABRIC_BENCH_SECONDS:-2}
  step "$1 silo(s), $2 resources"
  # shellcheck source=/dev/null
  (. "$data/openrc" && export PYTHONDONTWRITEBYTECODE=1 && cd "$tools/bench" &&
    python3 scale.py --data "$data" --silos "$1" --resources "$2" --seconds "$seconds" >"$data/log/warm-up.log" &&
    python3 scale.py --data "$data" --silos "$1" --resources "$2" --seconds "$seconds" --rounds "${FABRIC_BENCH_ROUNDS:-1}" \
      -o "$data/scale.json")
}

show_memory() {
  step "Memory: $1"
  PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/scale.py" --data "$data" --memory
}

# The process of the nodes again, with many of them; it is measured once every one has reported.
many_nodes() {
  local began=$SECONDS
  step "$1 simulated nodes over $2 silos"
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
