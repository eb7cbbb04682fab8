# shellcheck shell=bash
# shellcheck disable=SC2154  # data and silo_dll come from ./fabric and building.sh
# Who may do what: what oslo.policy's tools do, for a data directory. Nothing needs to run.

command_policy() {
  local what=${1:-} words=()
  case $what in
    list | check | sample) shift ;;
    *) refuse "policy takes list, check or sample (./fabric help)" ;;
  esac
  while [ $# -gt 0 ]; do
    case $1 in
      --data)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        data=$2
        shift 2 ;;
      --data=*)
        data=${1#*=}
        shift ;;
      *)
        words+=("$1")
        shift ;;
    esac
  done
  case $data in /*) ;; *) data=$PWD/$data ;; esac
  mkdir -p "$data/log"
  build_silo >&2
  if [ "$what" != sample ]; then words+=(--policy "${FABRIC_POLICY:-$data/policy}"); fi
  dotnet "$silo_dll" policy "$what" "${words[@]}"
}
