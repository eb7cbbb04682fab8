# shellcheck shell=bash
# What the entry script says: one line per step, how long a step takes, and where its log is when it fails.
# Sourced by ./fabric and by the tools that can be run alone.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say()  { printf '%s\n' "$*"; }
step() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '    %s\n' "$*"; }
die()  { printf 'fabric: %s\n' "$*" >&2; exit 1; }

# Wrong usage, and what Fabric does not offer yet, end with 2 so that a caller can tell them from a failure.
refuse() { printf 'fabric: %s\n' "$*" >&2; exit 2; }

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" = 0 ]; }

# run_logged TITLE LOG COMMAND...: runs a long command with its output in LOG. Every ten seconds it says how far the command is
# (the last line it wrote), and when it fails it shows the end of LOG.
run_logged() {
  local title=$1 log=$2 began=$SECONDS pid status=0
  shift 2
  mkdir -p "$(dirname "$log")"
  step "$title"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  heartbeat "$pid" "$log" &
  local beat=$!
  wait "$pid" || status=$?
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  if [ "$status" != 0 ]; then
    tail -n 40 "$log" >&2
    printf 'fabric: failed after %d s: %s (the whole log: %s)\n' $((SECONDS - began)) "$*" "$log" >&2
    return "$status"
  fi
  note "done in $((SECONDS - began)) s"
}

heartbeat() {
  local pid=$1 log=$2 began=$SECONDS last
  # The sleeper must not outlive the heartbeat, hence the trap.
  trap 'kill "${nap:-0}" 2>/dev/null; exit 0' TERM
  while kill -0 "$pid" 2>/dev/null; do
    sleep 10 &
    local nap=$!
    wait "$nap"
    last=$(tail -n 1 "$log" 2>/dev/null | tr -d '\r' | cut -c1-100) || last=''
    note "$((SECONDS - began)) s ... $last"
  done
}
