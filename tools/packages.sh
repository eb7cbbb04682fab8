# shellcheck shell=bash
# What must be on the machine, and how it gets there. Sourced by ./fabric.
# shellcheck disable=SC2034  # the lists are read by the commands
# shellcheck disable=SC2154  # root and data come from ./fabric

# Real guests: QEMU and libvirt, and what the network driver runs. genisoimage makes config drives.
packages_libvirt=(qemu-system-x86 qemu-utils qemu-block-extra libvirt-daemon-system libvirt-clients libvirt0 dnsmasq-base radvd
  nftables iproute2 conntrack iputils-arping genisoimage util-linux)
# The guest image, built in user space.
packages_image=(busybox-static cpio dosfstools e2fsprogs fdisk mtools qemu-utils syslinux syslinux-common)
# The demo drives Fabric with the stock client, and reaches the guest as a user would.
packages_demo=(python3-openstackclient openssh-client curl)
# SQLite comes with NuGet; the PostgreSQL tests start a private server of their own, and so does up --db postgres.
packages_postgres=(postgresql-15)
# The labs' guests are namespaces with busybox and ping in them; procps has ps, for tests that look at what is left.
# libfaketime sets the clock of one process.
packages_tests=("${packages_postgres[@]}" python3-openstackclient python3-tempest python3-keystonemiddleware
  python3-oslo.policy openssh-client curl shellcheck busybox-static iputils-ping procps libfaketime)

# The packages of the arguments that are not installed, on one line.
missing_packages() {
  have dpkg-query || { printf '%s' "$*"; return; }
  local installed name absent=()
  # dpkg-query fails when it knows nothing of a name; that is an answer here.
  installed=$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
  for name in "$@"; do
    grep -qx "$name installed" <<<"$installed" || absent+=("$name")
  done
  printf '%s' "${absent[*]}"
}

# need_packages WHY PACKAGE...: installs what is missing with one call of apt, or says plainly what it lacks.
need_packages() {
  local why=$1 absent
  shift
  absent=$(missing_packages "$@")
  [ -n "$absent" ] || return 0
  have apt-get || die "$why needs these packages (names as in Debian): $absent"
  is_root || die "$why needs packages that are not installed: $absent
    as root: apt-get install --no-install-recommends $absent"
  run_logged "Installing packages for $why: $absent" "$data/log/apt.log" install_packages "$absent" || exit 1
}

install_packages() {
  local names
  read -ra names <<<"$1"
  export DEBIAN_FRONTEND=noninteractive
  # Another apt may be at work (a fresh machine's own updates): wait for it rather than fail.
  apt-get -q -o DPkg::Lock::Timeout=300 update &&
    apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${names[@]}"
}

# The SDK is the one thing that is expected to be here: it comes from Microsoft's feed or tarball, not from Debian.
need_dotnet() {
  local place
  for place in "${DOTNET_ROOT:-}" "${HOME:-/root}/.dotnet" /usr/lib/dotnet /usr/share/dotnet /opt/dotnet; do
    have dotnet && break
    [ -n "$place" ] && [ -x "$place/dotnet" ] && PATH=$PATH:$place
  done
  have dotnet || die "the .NET 10 SDK is not here. Install it (https://dotnet.microsoft.com/download), then run this again."
  # An account without a home (a service, a container) still builds.
  if [ ! -w "${HOME:-/nonexistent}" ]; then
    export HOME=$data/home
    mkdir -p "$HOME"
  fi
  local version
  version=$(cd "$root" && dotnet --version 2>/dev/null) ||
    die "this needs the .NET SDK 10 (see global.json); found: $(dotnet --list-sdks | tr '\n' ' ')"
  [ "${version%%.*}" -ge 10 ] || die "this needs the .NET SDK 10; found $version"
}
