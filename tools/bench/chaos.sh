# shellcheck shell=bash
# shellcheck disable=SC2154  # root and data come from ./fabric
# ./fabric bench chaos [--minutes N] [--seed S]: a cluster of processes of its own whose members and database are killed, paused, stopped
# and started again, whose network is cut and whose clocks are set, while clients use two thousand resources of it; after each minute all
# that was promised is checked. Default: 10 minutes, a seed by the clock.

run_bench() {
  local minutes=10 seed=$((RANDOM * 30 + 1))
  while [ $# -gt 0 ]; do
    case $1 in
      --minutes | --seed) [ $# -ge 2 ] || refuse "$1 needs a value" ;;
      *) refuse "bench chaos knows --minutes N and --seed S" ;;
    esac
    is_number "$2" 1 999999 || refuse "$1 is a number"
    case $1 in --minutes) minutes=$2 ;; --seed) seed=$2 ;; esac
    shift 2
  done
  need_dotnet
  need_packages "the cluster" "${packages_tests[@]}" nftables iproute2 util-linux
  run_logged "Building Fabric.Tests (Release)" "$data/log/build.log" dotnet build "$root/Fabric.Tests" -c Release -v minimal -nologo || exit 1
  dotnet "$root/artifacts/bin/Fabric.Tests/release/Fabric.Tests.dll" bench chaos "$minutes" "$seed"
}
