# shellcheck shell=bash
# shellcheck disable=SC2154  # root and data come from ./fabric
# ./fabric bench engine: calls within a silo, between two silos of one process, between two processes; activations; durable writes of
# grains on both databases. Beside each, how many times as good it is as the best figure of Orleans 10.4 on a machine of this kind.

run_bench() {
  [ $# = 0 ] || refuse "bench engine takes no arguments"
  need_dotnet
  need_packages "the benchmark" "${packages_postgres[@]}"
  run_logged "Building Fabric.Tests (Release)" "$data/log/build.log" \
    dotnet build "$root/Fabric.Tests" -c Release -v minimal -nologo || exit 1
  dotnet "$root/artifacts/bin/Fabric.Tests/release/Fabric.Tests.dll" bench engine
}
