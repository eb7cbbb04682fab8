# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools and setting come from ./fabric
# ./fabric bench api [OPTION of api.py]...: an all-in-one of its own with simulated nodes, a fresh data directory, api.py against it.
# FABRIC_BENCH_NODES=N (default 20), FABRIC_BENCH_PORT=P (default 18080; the bare endpoint takes P+1).
# With FABRIC_BENCH_CLOUD=1 the cloud that the OS_* variables name is measured instead, and nothing is started.

run_bench() {
  need_packages "the benchmark" python3-minimal
  if [ -n "${FABRIC_BENCH_CLOUD:-}" ]; then
    PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/api.py" "$@"
    return
  fi
  local place=$root/artifacts/bench port=${FABRIC_BENCH_PORT:-18080} bare status=0
  data=$place
  command_down --data "$place" >/dev/null
  rm -rf "$place"
  command_up --data "$place" --driver simulated --nodes "${FABRIC_BENCH_NODES:-20}" --port "$port"
  start_bare $((port + 1))
  # shellcheck source=/dev/null
  (. "$place/openrc" && PYTHONDONTWRITEBYTECODE=1 python3 "$tools/bench/api.py" --pid "$(cat "$place/run/silo.pid")" --disk "$place" \
    --limit-url "http://127.0.0.1:$((port + 1))/" -o "$place/api.json" "$@") || status=$?
  end_process "$bare" 10
  command_down --data "$place"
  note "all figures: $place/api.json"
  return "$status"
}

# The limit to compare with: the same web server answering a constant JSON body, built by the same compiler.
start_bare() {
  local dll=$root/artifacts/bare/bare.dll deadline=$((SECONDS + 30))
  run_logged "Building the bare endpoint" "$data/log/bare.log" \
    dotnet build "$tools/bench/bare.cs" -c Release -v minimal -nologo -o "$root/artifacts/bare" || exit 1
  setsid dotnet "$dll" "http://127.0.0.1:$1" >"$data/log/bare.log" 2>&1 </dev/null &
  bare=$!
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    [ "$SECONDS" -lt "$deadline" ] || die "the bare endpoint does not come up (log: $data/log/bare.log)"
    sleep 0.2
  done
}
