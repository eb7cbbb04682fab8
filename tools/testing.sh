# shellcheck shell=bash
# shellcheck disable=SC2154  # root, data, tools come from ./fabric
# Tests, golden files, benchmarks.

command_test() {
  local area=${1:-} filter=() began=$SECONDS
  [ $# -le 1 ] || refuse "test takes one area, a folder of Fabric.Tests"
  if [ -n "$area" ]; then
    [ -d "$root/Fabric.Tests/$area" ] || refuse "no such area: $area (areas: $(areas))"
    filter=(--filter "FullyQualifiedName~Fabric.Tests.${area//\//.}.")
  fi
  need_dotnet
  need_test_packages
  local results=$root/artifacts/test-results
  rm -rf "$results"
  run_logged "Building the tests" "$data/log/build.log" dotnet build "$root/Fabric.Tests" -v minimal -nologo || exit 1
  step "Running ${area:-all} tests"
  local status=0
  run_tests "$results" "${filter[@]}" || status=$?
  note "took $((SECONDS - began)) s"
  sum_up "$results/tests.trx" "$status"
}

# Each test's line goes to a log; on the screen is how many there were so far and, at the end, what failed and why.
run_tests() {
  local results=$1 log=$1/tests.log status=0 pid
  shift
  mkdir -p "$results"
  dotnet test "$root/Fabric.Tests" --no-build --nologo -v quiet --results-directory "$results" \
    --logger "trx;LogFileName=tests.trx" --logger "console;verbosity=normal" "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  count_tests "$pid" "$log" &
  local counter=$!
  wait "$pid" || status=$?
  kill "$counter" 2>/dev/null || true
  wait "$counter" 2>/dev/null || true
  if [ "$status" != 0 ]; then failures "$log"; fi
  awk '/\[SKIP\]/ { name = $(NF - 1); getline; sub(/^[^ ]+ +[^ ]+ +/, ""); print "    skipped: " name ": " $0 }' "$log"
  return "$status"
}

# What failed, with its message and stack, and nothing of what the processes under test printed; a host that died says so at the end of
# its log.
failures() {
  awk '/^ +(Passed|Skipped) |^\[xUnit|^Test Run |^\{"Timestamp/ { told = 0 } /^ +Failed / { told = 1 } told' "$1" | cut -c1-400 | head -n 600
  grep -vE '^ +(Passed|Skipped) |^\[xUnit|^\{"Timestamp' "$1" | tail -n 12
}

count_tests() {
  local began=$SECONDS
  trap 'kill "${nap:-0}" 2>/dev/null; exit 0' TERM
  while kill -0 "$1" 2>/dev/null; do
    sleep 15 &
    local nap=$!
    wait "$nap"
    note "$((SECONDS - began)) s ... $(counted Passed "$2") passed, $(counted Failed "$2") failed so far"
  done
}

counted() { grep -cE "^ +$1 " "$2" || true; }

areas() { find "$root/Fabric.Tests" -mindepth 1 -maxdepth 1 -type d -name '[A-Z]*' -printf '%f\n' | sort | tr '\n' ' '; }

# The tests that need root, libvirt or PostgreSQL skip with a reason where these cannot be had; where they can, they must run.
need_test_packages() {
  if is_root && have apt-get; then
    need_packages "the tests" "${packages_libvirt[@]}" "${packages_image[@]}" "${packages_tests[@]}"
    export FABRIC_TEST_REAL=${FABRIC_TEST_REAL:-1}
  else
    note "not root: tests of the real drivers will be skipped"
  fi
}

# The last line is for people and machines: "N passed, N failed", and ", N skipped" when there are any.
sum_up() {
  local counters passed failed total
  if [ ! -f "$1" ]; then
    say "the test host ended with $2 and left no result"
    say "0 passed, 0 failed"
    return 1
  fi
  counters=$(grep -o '<Counters [^>]*>' "$1")
  total=$(counter total) passed=$(counter passed) failed=$(($(counter failed) + $(counter error) + $(counter timeout) + $(counter aborted)))
  local skipped=$((total - passed - failed)) line="$passed passed, $failed failed"
  if [ "$skipped" -gt 0 ]; then line+=", $skipped skipped"; fi
  if [ "$2" != 0 ] && [ "$failed" = 0 ]; then say "the test host ended with $2"; fi
  say "$line"
  [ "$2" = 0 ] && [ "$failed" = 0 ] && [ "$passed" -gt 0 ]
}

counter() { sed -E "s/.* $1=\"([0-9]+)\".*/\1/" <<<"$counters"; }

command_golden() {
  FABRIC_GOLDEN=write command_test "$@"
  git -C "$root" status --short -- '*/Golden/*' || true
  say "Read the diff: git diff -- '*/Golden/*'"
}

command_bench() {
  local name=${1:-} script
  if [ -z "$name" ]; then
    say "benchmarks: $(cd "$tools/bench" && find . -maxdepth 1 -name '*.sh' -printf '%f\n' | sed 's/\.sh$//' | sort | tr '\n' ' ')"
    return 0
  fi
  shift
  script=$tools/bench/$name.sh
  [ -f "$script" ] || refuse "no such benchmark: $name (./fabric bench lists them)"
  # shellcheck source=/dev/null
  . "$script"
  run_bench "$@"
}
