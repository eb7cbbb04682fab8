# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and setting come from ./fabric
# ./fabric bench identity [OPTION of identity.py]...: an all-in-one of its own with a fresh data directory, identity.py against it; then
# once more with no password remembered, for what a login costs beside its hash.
# FABRIC_BENCH_PORT=P (default 18280). FABRIC_BENCH_BESIDE=FILE: the figures of another cloud, to be put beside these.
# With FABRIC_BENCH_CLOUD=1 the identity service that the OS_* variables name is measured instead, and nothing is started;
# FABRIC_BENCH_PIDS are its processes, FABRIC_BENCH_OUTPUT=FILE takes the figures. It is filled with users, projects and assignments first,
# unless they are there; ./fabric bench identity --clean removes them.

run_bench() {
  need_packages "the benchmark" python3-minimal wrk
  if [ -n "${FABRIC_BENCH_CLOUD:-}" ]; then
    measure_identity --pids "${FABRIC_BENCH_PIDS:-}" ${FABRIC_BENCH_OUTPUT:+-o "$FABRIC_BENCH_OUTPUT"} "$@"
    return
  fi
  local place=$root/artifacts/bench-identity port=${FABRIC_BENCH_PORT:-18280} status=0
  # shellcheck disable=SC2034  # read by the commands below
  data=$place
  (command_down --data "$place") >/dev/null
  rm -rf "$place"
  (command_up --data "$place" --driver simulated --nodes 1 --port "$port")
  measure_own --label warm. --warm-calls 10000 "$@" || status=$?
  (command_down --data "$place")
  (Identity__PasswordMemory=00:00:00 command_up --data "$place")
  measure_own --label cold. --rows 0 --only 'token_issue|beside' --metrics "http://127.0.0.1:$port/metrics" "$@" || status=$?
  (command_down --data "$place")
  if [ -n "${FABRIC_BENCH_BESIDE:-}" ]; then
    PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/ratios.py" "$place/identity.json" "$FABRIC_BENCH_BESIDE"
  fi
  note "all figures: $place/identity.json"
  return "$status"
}

measure_own() {
  # shellcheck source=/dev/null
  (. "$place/openrc" && measure_identity --pids "$(cat "$place/run/silo.pid")" -o "$place/identity.json" "$@")
}

measure_identity() { PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/identity.py" "$@"; }
