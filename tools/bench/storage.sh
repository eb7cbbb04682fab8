# shellcheck shell=bash
# shellcheck disable=SC2154  # root and data come from ./fabric
# ./fabric bench storage [sqlite|postgres]: durable writes, look-ups and lists on each database, on the disk of the temporary
# directory, and how many times as fast PostgreSQL is.

run_bench() {
  need_dotnet
  run_logged "Building Fabric.Tests (Release)" "$data/log/build.log" dotnet build "$root/Fabric.Tests" -c Release -v minimal -nologo || exit 1
  dotnet "$root/artifacts/bin/Fabric.Tests/release/Fabric.Tests.dll" bench storage "$@"
}
