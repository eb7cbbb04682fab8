# shellcheck shell=bash
# shellcheck disable=SC2154  # silo_dll comes from building.sh
# Trying mappings of federation, without a cloud.

command_mapping_engine() {
  build_silo
  dotnet "$silo_dll" identity mapping-engine "$@"
}
