"""A Debian kernel with an initial RAM disk of busybox, modules and our own process 1.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import gzip, pathlib, re, shutil, stat, subprocess

from guests.packages import apt_options, download, real_kernel_package, run, say

INIT = pathlib.Path(__file__).resolve().parent.parent / "guest-init"


class Cpio:
    """The "newc" archive that the kernel unpacks (Linux, Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self):
        self.parts, self.number = [], 0

    def add(self, name, mode, data=b"", rdev=(0, 0)):
        self.number += 1
        fields = [self.number, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(name) + 1, 0]
        head = b"070701" + b"".join(b"%08x" % f for f in fields) + name.encode() + b"\0"
        self.parts += [head, bytes(-len(head) % 4), data, bytes(-len(data) % 4)]

    def folder(self, name):
        self.add(name, stat.S_IFDIR | 0o755)

    def bytes(self):
        self.add("TRAILER!!!", 0)
        return b"".join(self.parts)


def module_files(tree, wanted):
    """The modules in the order in which they have to be loaded, and what they depend on; those that are built in or missing are left out."""
    folder = next(p for base in ("lib/modules", "usr/lib/modules") if (tree / base).is_dir() for p in (tree / base).iterdir())
    files = {re.sub(r"\.ko(\.xz)?$", "", p.name).replace("-", "_"): p for p in folder.rglob("*.ko*")}
    order = []

    def visit(name):
        file = files.get(name.replace("-", "_"))
        if not file or file in order:
            return
        info = run("modinfo", "-F", "depends", str(file)).strip()
        soft = run("modinfo", "-F", "softdep", str(file))
        for other in [*info.split(","), *re.findall(r"pre: (\S+)", soft)]:
            if other:
                visit(other)
        order.append(file)

    for name in wanted:
        visit(name)
    return order


def read_module(file):
    return subprocess.check_output(["xz", "-dc", str(file)]) if file.suffix == ".xz" else file.read_bytes()


def make_initrd(busybox, modules, init):
    archive = Cpio()
    for folder in ("bin", "dev", "proc", "sys", "tmp", "mnt", "etc", "modules", "root"):
        archive.folder(folder)
    archive.add("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1))
    archive.add("dev/null", stat.S_IFCHR | 0o666, rdev=(1, 3))
    archive.add("bin/busybox", stat.S_IFREG | 0o755, busybox.read_bytes())
    archive.add("bin/sh", stat.S_IFLNK | 0o777, b"busybox")
    for n, file in enumerate(modules):
        archive.add(f"modules/{n:02}-{file.name.removesuffix('.xz')}", stat.S_IFREG | 0o644, read_module(file))
    archive.add("init", stat.S_IFREG | 0o755, init.read_bytes())
    return gzip.compress(archive.bytes(), 6)


def make(target, work, architecture, meta, modules):
    """target/kernel and target/initrd."""
    options = apt_options(architecture)
    kernel = download(real_kernel_package(meta, options), options, work)
    busybox = download("busybox-static", options, work) / "bin/busybox"
    if not busybox.exists():
        busybox = work / "busybox-static/usr/bin/busybox"
    shutil.copy(next((kernel / "boot").glob("vmlinu[xz]-*")), target / "kernel")
    say("packing the initial RAM disk")
    (target / "initrd").write_bytes(make_initrd(busybox, module_files(kernel, modules), INIT))
