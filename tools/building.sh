# shellcheck shell=bash
# shellcheck disable=SC2154  # root and data come from ./fabric
# Building and formatting.

silo_dll=$root/artifacts/bin/Fabric.Silo/release/Fabric.Silo.dll
# Fabric.Silo is built of the other two, so these are built with it.
# shellcheck disable=SC2034  # read by cluster.sh
gateway_dll=$root/artifacts/bin/Fabric.Gateway/release/Fabric.Gateway.dll node_dll=$root/artifacts/bin/Fabric.NodeAgent/release/Fabric.NodeAgent.dll

# Anything the silo is made of that is newer than its last build; a folder is newer when a file in it came or went.
silo_changed() {
  [ -f "$silo_dll" ] && [ -f "$root/artifacts/silo.built" ] || return 0
  local newer
  newer=$(find "$root"/Fabric.{Engine,Engine.Generator,Hosting,Grains,Gateway,NodeAgent,Silo} "$root"/*.props "$root/global.json" \
    -newer "$root/artifacts/silo.built" -print -quit 2>/dev/null)
  [ -n "$newer" ]
}

build_silo() {
  need_dotnet
  silo_changed || return 0
  mkdir -p "$root/artifacts"
  # Taken before the build: what changes while it runs is built next time.
  touch "$root/artifacts/silo.building"
  run_logged "Building Fabric.Silo (Release)" "$data/log/build.log" \
    dotnet build "$root/Fabric.Silo" -c Release -v minimal -nologo || exit 1
  mv "$root/artifacts/silo.building" "$root/artifacts/silo.built"
}

command_build() {
  [ $# = 0 ] || refuse "build takes no arguments"
  need_dotnet
  run_logged "Building fabric.sln" "$data/log/build.log" dotnet build "$root/fabric.sln" -v minimal -nologo || exit 1
}

command_fmt() {
  [ $# = 0 ] || refuse "fmt takes no arguments"
  need_dotnet
  run_logged "Formatting: white space" "$data/log/fmt.log" dotnet format whitespace "$root/fabric.sln" --no-restore -v minimal || exit 1
  run_logged "Formatting: style" "$data/log/fmt.log" dotnet format style "$root/fabric.sln" -v minimal || exit 1
}
