"""A disk with Debian 12 as a user would have it: MBR, GRUB, one ext4 partition, the generic kernel, systemd, a login on the serial port and on the screen, ssh, DHCP.

Nothing is mounted and no loop device is taken. Root rights are not needed: mmdebstrap makes the tree in a user namespace, fakeroot keeps its owners while mke2fs packs it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os, pathlib, shutil, struct, subprocess

from guests.packages import apt_options, debian_archive, download, run, say

SUITE = "bookworm"
PACKAGES = ["linux-image-amd64", "initramfs-tools", "systemd-sysv", "udev", "dbus", "kmod", "iproute2", "iputils-ping", "openssh-server", "wget", "less", "procps", "pciutils", "fdisk", "e2fsprogs"]
# All that a disk of this guest may be connected to.
DRIVERS = ["ata_piix", "ahci", "sd_mod", "sr_mod", "virtio_pci", "virtio_mmio", "virtio_blk", "virtio_scsi", "nvme", "xhci_pci", "usb_storage", "uas", "ext4"]
SECTOR = 512
MIB = 1 << 20
ROOT_MIB = 1400
PARTITION = MIB // SECTOR   # the first sector of the root partition; GRUB lives before it
GRUB_MODULES = ["biosdisk", "part_msdos", "ext2", "normal", "linux", "configfile", "search", "search_label", "echo", "ls", "serial", "terminal", "reboot", "halt", "sleep", "test"]
GRUB_FIRST = 'search --no-floppy --label root --set=root\nset prefix=($root)/boot/grub\nconfigfile $prefix/grub.cfg\n'

# Run in the new tree before the kernel is configured, and after all packages are.
BEFORE = r"""set -eu
mkdir -p "$1/etc/initramfs-tools/conf.d"
echo MODULES=list > "$1/etc/initramfs-tools/conf.d/drivers"
printf '%s\n' DRIVERS > "$1/etc/initramfs-tools/modules"
"""
AFTER = r"""set -eu
echo root:root | chroot "$1" chpasswd
echo guest > "$1/etc/hostname"
echo '127.0.0.1 localhost guest' > "$1/etc/hosts"
echo 'LABEL=root / ext4 errors=remount-ro 0 1' > "$1/etc/fstab"
printf '[Match]\nName=en* eth*\n[Network]\nDHCP=yes\n' > "$1/etc/systemd/network/80-any.network"
echo 'nameserver 10.0.2.3' > "$1/etc/resolv.conf"
echo 'PermitRootLogin yes' > "$1/etc/ssh/sshd_config.d/guest.conf"
chroot "$1" systemctl -q enable systemd-networkd
chroot "$1" systemctl -q mask systemd-networkd-wait-online apt-daily.timer apt-daily-upgrade.timer e2scrub_reap.service
# An emulator on a busy host is slow: nothing in the guest gives up on that account.
mkdir -p "$1/etc/systemd/system.conf.d"
printf '[Manager]\nDefaultTimeoutStartSec=60min\nDefaultTimeoutStopSec=60min\nDefaultDeviceTimeoutSec=60min\n' > "$1/etc/systemd/system.conf.d/slow.conf"
sed -i 's/^LOGIN_TIMEOUT.*/LOGIN_TIMEOUT 3600/' "$1/etc/login.defs"
rm -rf "$1"/var/cache/apt/*.bin "$1"/var/lib/apt/lists/*
mkdir -p "$1/boot/grub"
kernel=$(cd "$1/boot" && ls vmlinuz-* | tail -1)
initrd=$(cd "$1/boot" && ls initrd.img-* | tail -1)
cat > "$1/boot/grub/grub.cfg" <<END
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=1
menuentry "Debian GNU/Linux" {
    search --no-floppy --label root --set=root
    linux /boot/$kernel root=LABEL=root ro console=tty0 console=ttyS0,115200 systemd.service_watchdogs=no
    initrd /boot/$initrd
}
END
"""


def make_tree(tar, work):
    say("installing Debian 12 in a tree (some minutes)")
    before, after = work / "before", work / "after"
    before.write_text(BEFORE.replace("DRIVERS", " ".join(DRIVERS)))
    after.write_text(AFTER)
    keys = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keys}] " if keys.exists() else ""
    subprocess.run(["mmdebstrap", "--quiet", f"--mode={'root' if os.getuid() == 0 else 'unshare'}", "--variant=minbase", "--architectures=amd64", "--format=tar",
                    "--aptopt=Acquire::Languages \"none\"", "--aptopt=APT::Install-Recommends \"false\"", "--dpkgopt=path-exclude=/usr/share/man/*",
                    "--dpkgopt=path-exclude=/usr/share/locale/*", "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-include=/usr/share/doc/*/copyright",
                    "--include=" + ",".join(PACKAGES), f"--essential-hook=sh {before} \"$1\"", f"--customize-hook=sh {after} \"$1\"",
                    SUITE, str(tar), f"deb {signed}{debian_archive()} {SUITE} main"], check=True, stdout=subprocess.DEVNULL)


def make_file_system(tar, image, work):
    say("packing the root file system")
    tree = work / "tree"
    tree.mkdir()
    fake = [] if os.getuid() == 0 else ["fakeroot", "--"]
    script = 'tar -C "$1" --exclude="./dev/*" -xpf "$2" && mke2fs -q -t ext4 -L root -d "$1" "$3" "$4"'
    subprocess.run([*fake, "sh", "-c", script, "sh", str(tree), str(tar), str(image), f"{ROOT_MIB}M"], check=True)
    subprocess.run(["chmod", "-R", "u+rwX", str(tree)], check=False)
    shutil.rmtree(tree)


def make_grub(work):
    """(boot sector, core): GRUB for the gap before the first partition. The boot sector loads the sector whose number is at 0x5c, that one the run of sectors named at its
    end; both are how GRUB's own installer fills them in (GRUB manual, "BIOS installation")."""
    modules = download("grub-pc-bin", apt_options("amd64"), work) / "usr/lib/grub/i386-pc"
    first, core_file = work / "first.cfg", work / "core.img"
    first.write_text(GRUB_FIRST)
    run("grub-mkimage", "-d", str(modules), "-O", "i386-pc", "-o", str(core_file), "-p", "/boot/grub", "-c", str(first), *GRUB_MODULES)
    core = bytearray(core_file.read_bytes())
    core += bytes(-len(core) % SECTOR)
    if len(core) > (PARTITION - 1) * SECTOR:
        raise SystemExit("guest: GRUB does not fit before the first partition")
    struct.pack_into("<QH", core, 0x1f4, 2, len(core) // SECTOR - 1)
    boot = bytearray((modules / "boot.img").read_bytes()[:440])
    struct.pack_into("<Q", boot, 0x5c, 1)
    boot[0x66:0x68] = b"\x90\x90"   # take the drive number that the BIOS hands over
    return bytes(boot), bytes(core)


def make(target, work):
    """target/disk.img."""
    tar, root, disk = work / "root.tar", work / "root.ext4", work / "disk.img"
    make_tree(tar, work)
    make_file_system(tar, root, work)
    tar.unlink()
    boot, core = make_grub(work)
    with open(disk, "wb") as f:
        f.truncate((1 + ROOT_MIB) * MIB)
    run("sfdisk", "-q", str(disk), input=f"label: dos\nstart={PARTITION}, size={ROOT_MIB * MIB // SECTOR}, type=83, bootable\n")
    run("dd", f"if={root}", f"of={disk}", "bs=1M", "seek=1", "conv=notrunc,sparse", "status=none")
    with open(disk, "r+b") as f:
        f.write(boot)
        f.seek(SECTOR)
        f.write(core)
    os.replace(disk, target / "disk.img")
