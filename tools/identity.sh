# shellcheck shell=bash
# shellcheck disable=SC2154  # data and silo_dll come from ./fabric and building.sh
# What an operator does to identity's keys and secrets. The programs read and write the data directory; a running cloud sees it by itself.

command_identity() {
  local verb=${1:-}
  case $verb in
    rotate-keys | rotate-jws-keys | rotate-credential-keys | migrate-credentials | reset-admin) shift ;;
    *) refuse "identity rotate-keys, rotate-jws-keys, rotate-credential-keys, migrate-credentials or reset-admin" ;;
  esac
  parse_options "$@"
  [ -d "$data" ] || die "there is no cloud at $data"
  build_silo
  dotnet "$silo_dll" identity "$verb" --data "$data"
  # The files that clients read hold the admin's password.
  if [ "$verb" = reset-admin ]; then write_credentials; fi
}
