#!/usr/bin/env bash
# Builds the small guest that the demo and the tests boot: build.sh [OUT]  (default ~/.cache/fabric/images)
# Leaves OUT/fabric-guest.qcow2 and prints its path. Needs a Debian mirror by apt; no root, no mounts. Built again only when something
# in this folder changed.
#
# The guest is one kernel and one initramfs: Debian's cloud kernel, busybox, dropbear and jq, plus the files in guest/. The disk has a
# FAT partition from which syslinux boots them, and a small ext4 partition that lasts (a counter of boots, the ssh host key).
set -euo pipefail
export LC_ALL=C PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/fabric/images}
mkdir -p "$out"
out=$(cd "$out" && pwd)
image=$out/fabric-guest.qcow2
userland=(busybox-static dropbear-bin jq)
drivers=(virtio_pci virtio_net virtio_blk virtio_scsi virtio_rng virtio_balloon virtio_console ata_piix sd_mod sr_mod isofs vfat
  nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 button evdev i6300esb ext4)

fail() { printf 'guest image: %s\n' "$*" >&2; exit 1; }
say() { printf 'guest image: %s\n' "$*" >&2; }

check_tools() {
  local tool
  [ "$(uname -m)" = x86_64 ] || fail "only x86_64 can be built"
  for tool in apt-get dpkg-deb cpio gzip busybox syslinux mcopy mkfs.vfat mke2fs sfdisk qemu-img; do
    command -v "$tool" >/dev/null ||
      fail "$tool is missing (packages: busybox-static cpio dosfstools e2fsprogs fdisk mtools qemu-utils syslinux syslinux-common)"
  done
}

# The recipe's own hash: with the same recipe the image that is there will do, so a second run is instant.
recipe() { (cd "$here" && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -c1-32); }

# Without root, and where apt's lists were never fetched, apt works in a folder of our own.
choose_apt() {
  apt=()
  if apt-cache show linux-image-cloud-amd64 >/dev/null 2>&1; then return; fi
  say "fetching the package lists"
  mkdir -p "$work/apt"/{lists/partial,cache/archives/partial}
  apt=(-o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o Debug::NoLocking=1)
  apt-get "${apt[@]}" -qq update
}

# All packages the named ones cannot do without, in one call.
with_dependencies() {
  apt-cache "${apt[@]}" depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances "$@" |
    grep -E '^[a-z0-9]' | sort -u
}

fetch_packages() {
  kernel=$(apt-cache "${apt[@]}" depends linux-image-cloud-amd64 | awk '/Depends: linux-image-[0-9]/ && !found {print $2; found = 1}')
  [ -n "$kernel" ] || fail "apt knows no linux-image-cloud-amd64"
  mapfile -t names < <(with_dependencies "${userland[@]}" | grep -vxE 'debconf|debconf-2.0|cdebconf|gcc-12-base|perl.*|dpkg|tar')
  say "fetching $kernel and ${#names[@]} small packages"
  mkdir -p "$work/deb"
  (cd "$work/deb" && apt-get "${apt[@]}" -qq -o APT::Sandbox::User=root download "$kernel" "${names[@]}" >"$work/download.log" 2>&1) ||
    { cat "$work/download.log" >&2; fail "the download failed"; }
  mkdir -p "$work/user" "$work/kernel"
  local package
  for package in "$work"/deb/*.deb; do
    case ${package##*/} in
      linux-image-*) dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/kernel" ./boot ./lib ;;
      *) dpkg-deb --fsys-tarfile "$package" | tar -x -C "$work/user" ;;
    esac
  done
}

# Programs, and the libraries that the packages' own loader says they need.
add_programs() {
  local tree=$work/user libraries=$work/user/lib/x86_64-linux-gnu:$work/user/usr/lib/x86_64-linux-gnu program library loader
  loader=$(find "$tree" -name 'ld-linux-x86-64.so.2' -print -quit)
  mkdir -p "$guest"/{bin,sbin,usr/bin,usr/sbin,lib64,lib/x86_64-linux-gnu}
  cp "$tree/bin/busybox" "$guest/bin/"
  cp -L "$loader" "$guest/lib64/ld-linux-x86-64.so.2"
  for program in usr/sbin/dropbear usr/bin/dropbearkey usr/bin/dbclient usr/bin/jq; do
    cp "$tree/$program" "$guest/$program"
    while read -r library; do
      cp -L "$library" "$guest/lib/x86_64-linux-gnu/"
    done < <("$(realpath "$loader")" --library-path "$libraries" --list "$tree/$program" | awk -v tree="$tree" 'index($3, tree) {print $3}')
  done
  # glibc opens these by name when a user or a host is looked up.
  for library in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
    find "$tree" -name "$library" -exec cp -L {} "$guest/lib/x86_64-linux-gnu/" \;
  done
  for program in $("$guest/bin/busybox" --list); do
    [ -e "$guest/bin/$program" ] || ln -s busybox "$guest/bin/$program"
  done
  ln -s bin/busybox "$guest/init"
}

# The drivers and what they depend on. modules.dep names each by its path and gives all it needs.
add_drivers() {
  local version=$1 base=$work/kernel file
  busybox depmod -b "$base" "$version"
  while read -r file; do
    install -D -m 644 "$base/lib/modules/$version/$file" "$guest/lib/modules/$version/$file"
  done < <(awk -v list="${drivers[*]}" '
    BEGIN { count = split(list, names, " "); for (i = 1; i <= count; i++) { gsub("-", "_", names[i]); wanted[names[i]] = 1 } }
    { path = $1; sub(":$", "", path); name = path; sub(".*/", "", name); sub("\\.ko$", "", name); gsub("-", "_", name)
      if (name in wanted) { print path; for (i = 2; i <= NF; i++) print $i } }
  ' "$base/lib/modules/$version/modules.dep" | sed "s,^/*lib/modules/$version/,,; s,^/,," | sort -u)
  busybox depmod -b "$guest" "$version"
}

make_initramfs() {
  guest=$work/guest
  mkdir -p "$guest"
  cp -a "$here/guest/." "$guest/"
  mkdir -p "$guest"/{proc,sys,dev,run,mnt,data,tmp,root,home/fabric,etc/dropbear,var/run,var/log}
  add_programs
  add_drivers "$1"
  (cd "$guest" && find . | sort | cpio -o -H newc -R 0:0 --quiet --reproducible) | gzip -9n >"$work/initrd"
}

make_boot_partition() {
  # Without a clock to calibrate, a check of the timer and the mitigations of a real processor, an emulated one boots seconds sooner.
  local append="rdinit=/init console=tty0 console=ttyS0,115200 quiet net.ifnames=0"
  append+=" mitigations=off no_timer_check tsc=unstable lpj=4000000 random.trust_cpu=on"
  cat >"$work/syslinux.cfg" <<CONFIG
DEFAULT guest
PROMPT 0
TIMEOUT 1
SERIAL 0 115200
LABEL guest
  KERNEL kernel
  INITRD initrd
  APPEND $append
CONFIG
  truncate -s "${boot_mib}M" "$work/boot"
  mkfs.vfat -F 16 -n FABRICGUEST -h 2048 "$work/boot" >/dev/null
  MTOOLS_SKIP_CHECK=1 mcopy -i "$work/boot" "$1" ::kernel
  MTOOLS_SKIP_CHECK=1 mcopy -i "$work/boot" "$work/initrd" "$work/syslinux.cfg" ::
  syslinux --install "$work/boot"
}

make_data_partition() {
  mkdir -p "$work/data"
  truncate -s "${data_mib}M" "$work/ext4"
  mke2fs -q -t ext4 -L fabric-data -E root_owner=0:0,lazy_itable_init=0 -d "$work/data" "$work/ext4"
}

# One MiB of gap, the boot partition, the data partition.
make_disk() {
  local disk=$work/disk start=2048
  boot_mib=32 data_mib=8
  make_boot_partition "$1"
  make_data_partition
  truncate -s $((1 + boot_mib + data_mib + 1))M "$disk"
  sfdisk -q --no-reread --no-tell-kernel "$disk" <<TABLE
label: dos
start=$start, size=$((boot_mib * 2048)), type=e, bootable
start=$((start + boot_mib * 2048)), size=$((data_mib * 2048)), type=83
TABLE
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$disk" bs=440 count=1 conv=notrunc status=none
  dd if="$work/boot" of="$disk" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$work/ext4" of="$disk" bs=1M seek=$((1 + boot_mib)) conv=notrunc,sparse status=none
  qemu-img convert -q -c -f raw -O qcow2 "$disk" "$work/qcow2"
}

wanted=$(recipe)
exec 9>"$out/.lock"
flock 9
if [ -s "$image" ] && [ "$(cat "$image.recipe" 2>/dev/null)" = "$wanted" ]; then
  printf '%s\n' "$image"
  exit 0
fi
check_tools
work=$(mktemp -d "$out/.work.XXXXXX")
trap 'rm -rf "$work"' EXIT
choose_apt
fetch_packages
vmlinuz=$(find "$work/kernel/boot" -name 'vmlinuz-*' -print -quit)
version=${vmlinuz##*/vmlinuz-}
say "putting together kernel $version, the initramfs and the disk"
make_initramfs "$version"
make_disk "$vmlinuz"
mv "$work/qcow2" "$image"
printf '%s\n' "$wanted" >"$image.recipe"
say "$(du -h "$image" | cut -f1), made in $SECONDS s"
printf '%s\n' "$image"
