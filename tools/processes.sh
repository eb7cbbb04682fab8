# shellcheck shell=bash
# Processes by pid-file, never by name: many data directories may be in use side by side.

# alive PIDFILE WORD: is the process of the file still the one that was started (its command line holds WORD)?
# A pid may have been given to another process after a kill -9 or a restart of the machine.
alive() {
  local pid line='' tries
  pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 1
  # A process that is just becoming another program has no command line for a moment.
  for ((tries = 0; tries < 5; tries++)); do
    line=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || return 1
    [ -z "$line" ] || break
    sleep 0.05
  done
  [[ $line == *"$2"* ]]
}

# wait_gone PID SECONDS: true when the process has ended in time. A zombie whose parent does not reap has ended, too.
wait_gone() {
  local deadline=$((SECONDS + $2)) state
  while state=$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null) && [ -n "$state" ] && [ "$state" != Z ]; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# end_process PID SECONDS: asks, waits, then insists.
end_process() {
  kill -TERM "$1" 2>/dev/null || return 0
  wait_gone "$1" "$2" && return 0
  kill -KILL "$1" 2>/dev/null || true
  wait_gone "$1" 10
}
