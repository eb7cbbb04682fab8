# shellcheck shell=bash
# shellcheck disable=SC2154  # data and silo_dll come from ./fabric and building.sh
# What an operator does to identity's keys and secrets. The programs read and write the data directory; a running cloud sees it by itself.

command_identity() {
  local verb=${1:-}
  case $verb in
    rotate-keys | rotate-jws-keys | rotate-credential-keys | migrate-credentials | reset-admin | bootstrap | mapping-purge) shift ;;
    *) refuse "identity rotate-keys, rotate-jws-keys, rotate-credential-keys, migrate-credentials, reset-admin, bootstrap, mapping-purge" ;;
  esac
  # What is not for ./fabric is for the program.
  local own=()
  while [ $# -gt 0 ]; do
    case $1 in
      --data) break ;;
      --all) own+=("$1"); shift ;;
      --domain-name | --public-id | --local-id | --type)
        [ $# -ge 2 ] || refuse "$1 needs a value"
        own+=("$1" "$2"); shift 2 ;;
      *) break ;;
    esac
  done
  parse_options "$@"
  [ -d "$data" ] || die "there is no cloud at $data"
  build_silo
  dotnet "$silo_dll" identity "$verb" --data "$data" "${own[@]}"
  # The files that clients read hold the admin's password.
  case $verb in reset-admin | bootstrap) write_credentials ;; esac
}
