# shellcheck shell=bash
# shellcheck disable=SC2154  # root and data come from ./fabric
# ./fabric bench storage: durable writes, look-ups and lists of the records' database on the disk of the temporary directory.

run_bench() {
  need_dotnet
  run_logged "Building Fabric.Tests (Release)" "$data/log/build.log" dotnet build "$root/Fabric.Tests" -c Release -v minimal -nologo || exit 1
  dotnet "$root/artifacts/bin/Fabric.Tests/release/Fabric.Tests.dll" bench storage
}
