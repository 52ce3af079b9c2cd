"""A disk with Debian of a foreign architecture as a user would have it: GPT, an EFI system partition with GRUB, one ext4 partition, the generic kernel, systemd, a login on the serial port.

No program of the disk runs on the host: debootstrap unpacks the packages, and the disk's first start installs them, in the emulated machine (debootstrap(8), --foreign).
Nothing is mounted, no loop device is taken, and root rights are not needed.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os, pathlib, subprocess
from dataclasses import dataclass

from guests import ramdisk
from guests.packages import KEYRING, apt_options, debian_archive, download, real_kernel_package, run, say

HERE = pathlib.Path(__file__).resolve().parent


@dataclass(frozen=True)
class Architecture:
    name: str           # Debian's
    suite: str
    grub: str           # the platform of GRUB, and of its package grub-efi-...-bin
    efi_name: str       # what UEFI looks for on a disk that it has no entry for (UEFI 2.10, 3.5.1.1)
    console: str


RISCV64 = Architecture("riscv64", "trixie", "riscv64", "BOOTRISCV64.EFI", "ttyS0")
ARM64 = Architecture("arm64", "bookworm", "arm64", "BOOTAA64.EFI", "ttyAMA0")
PACKAGES = ["systemd-sysv", "udev", "dbus", "kmod", "iproute2", "iputils-ping", "procps", "wget", "less"]
# The initial RAM disk loads what the disk and the network need.
DRIVERS = ["virtio_pci", "virtio_mmio", "virtio_blk", "virtio_net", "virtio_rng", "crc32c_generic", "ext4"]
MIB = 1 << 20
EFI_MIB, ROOT_MIB = 32, 1200
GRUB_MODULES = ["part_gpt", "ext2", "fat", "normal", "linux", "configfile", "search", "search_label", "echo", "ls", "serial", "terminal", "reboot", "halt", "sleep", "test"]
GRUB_FIRST = 'search --no-floppy --label root --set=root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n'
GRUB_MENU = """set timeout=1
menuentry "Debian GNU/Linux" {
    linux /boot/vmlinuz root=/dev/vda2 ro init=/usr/sbin/first-start console=@CONSOLE@ systemd.service_watchdogs=no
    initrd /boot/initrd.img
}
"""
# Process 1 of every start: the first one installs, all go on as systemd.
FIRST_START = r"""#!/bin/sh
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C DEBIAN_FRONTEND=noninteractive
if [ -d /debootstrap ]; then
    mount -o remount,rw /
    # What is lost when the machine stops meanwhile is made anew.
    echo force-unsafe-io > /etc/dpkg/dpkg.cfg.d/first-start
    /debootstrap/debootstrap --second-stage || exec sh
    rm /etc/dpkg/dpkg.cfg.d/first-start
    echo root:root | chpasswd
    echo guest > /etc/hostname
    echo '127.0.0.1 localhost guest' > /etc/hosts
    echo '/dev/vda2 / ext4 errors=remount-ro 0 1' > /etc/fstab
    echo 'nameserver 10.0.2.3' > /etc/resolv.conf
    printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' > /etc/systemd/network/80-any.network
    systemctl -q enable systemd-networkd
    systemctl -q mask systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service
    # An emulator on a busy host is slow: nothing in the guest gives up on that account.
    mkdir -p /etc/systemd/system.conf.d
    printf '[Manager]\nDefaultTimeoutStartSec=60min\nDefaultTimeoutStopSec=60min\nDefaultDeviceTimeoutSec=60min\n' > /etc/systemd/system.conf.d/slow.conf
    sed -i 's/^LOGIN_TIMEOUT.*/LOGIN_TIMEOUT 3600/' /etc/login.defs
    sync
    mount -o remount,ro /
    echo 'first start: installed'
fi
exec /usr/lib/systemd/systemd
"""
# In the tree ($1), before it is packed as $2.
PACK = r"""set -eu
debootstrap --foreign --arch=$ARCHITECTURE --variant=minbase $KEYRING --include=$PACKAGES $SUITE "$1" $ARCHIVE > "$3" 2>&1 || { tail -n 5 "$3" >&2; exit 1; }
cp -a "$4"/usr/lib/modules "$1"/usr/lib/ 2> /dev/null || cp -a "$4"/lib/modules "$1"/usr/lib/
depmod -b "$1" $(ls "$1/usr/lib/modules")
cp -a "$5"/. "$1"
mke2fs -q -t ext4 -L root -d "$1" "$2" $SIZE
"""


def make_overlay(work, architecture, kernel, options):
    """What the tree gets beside the packages: the kernel, its initial RAM disk, GRUB's menu, the first start."""
    overlay = work / "overlay"
    for folder in ("boot/grub", "usr/sbin"):
        (overlay / folder).mkdir(parents=True)
    busybox = next(p for p in download("busybox-static", options, work).glob("**/bin/busybox"))
    image = next((kernel / "boot").glob("vmlinu[xz]-*"))
    (overlay / "boot/vmlinuz").write_bytes(image.read_bytes())
    (overlay / "boot/initrd.img").write_bytes(ramdisk.make_initrd(busybox, ramdisk.module_files(kernel, DRIVERS), HERE / "root-init"))
    (overlay / "boot/grub/grub.cfg").write_text(GRUB_MENU.replace("@CONSOLE@", architecture.console))
    first = overlay / "usr/sbin/first-start"
    first.write_text(FIRST_START)
    first.chmod(0o755)
    return overlay


def make_root(work, architecture, options, image):
    kernel = download(real_kernel_package(f"linux-image-{architecture.name}", options), options, work)
    overlay = make_overlay(work, architecture, kernel, options)
    say(f"unpacking Debian's {architecture.suite} for {architecture.name} (a minute)")
    fake = [] if os.getuid() == 0 else ["fakeroot", "--"]
    keyring = f"--keyring={KEYRING}" if pathlib.Path(KEYRING).exists() else "--no-check-gpg"
    words = {**os.environ, "PACKAGES": ",".join(PACKAGES), "SUITE": architecture.suite, "ARCHITECTURE": architecture.name, "ARCHIVE": debian_archive(), "SIZE": f"{ROOT_MIB}M", "KEYRING": keyring}
    subprocess.run([*fake, "sh", "-c", PACK, "sh", str(work / "tree"), str(image), str(work / "log"), str(kernel), str(overlay)], check=True, env=words, stdout=subprocess.DEVNULL)
    subprocess.run(["chmod", "-R", "u+rwX", str(work / "tree")], check=False)


def make_efi_partition(work, architecture, options, image):
    """A FAT file system with GRUB."""
    modules = download(f"grub-efi-{architecture.grub}-bin", options, work) / f"usr/lib/grub/{architecture.grub}-efi"
    first, grub = work / "first.cfg", work / architecture.efi_name
    first.write_text(GRUB_FIRST)
    run("grub-mkimage", "-d", str(modules), "-O", f"{architecture.grub}-efi", "-o", str(grub), "-p", "/boot/grub", "-c", str(first), *GRUB_MODULES)
    with open(image, "wb") as f:
        f.truncate(EFI_MIB * MIB)
    run("mkfs.vfat", "-n", "EFI", str(image))
    run("mmd", "-i", str(image), "::EFI", "::EFI/BOOT")
    run("mcopy", "-i", str(image), str(grub), "::EFI/BOOT/")


def make(target, work, architecture):
    """target/disk.img."""
    options = apt_options(architecture.name)
    efi, root, disk = work / "efi.fat", work / "root.ext4", work / "disk.img"
    make_efi_partition(work, architecture, options, efi)
    make_root(work, architecture, options, root)
    with open(disk, "wb") as f:
        f.truncate((EFI_MIB + ROOT_MIB + 2) * MIB)
    run("sfdisk", "-q", str(disk), input=f"label: gpt\nstart=1MiB, size={EFI_MIB}MiB, type=U\nsize={ROOT_MIB}MiB, type=L\n")
    for image, start in ((efi, 1), (root, 1 + EFI_MIB)):
        run("dd", f"if={image}", f"of={disk}", "bs=1M", f"seek={start}", "conv=notrunc,sparse", "status=none")
    os.replace(disk, target / "disk.img")
