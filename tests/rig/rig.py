"""A machine with working KVM wherever there is none: Debian's kernel with kvm-amd under the packaged QEMU's translator, whose processor model has AMD-V with
nested paging. Programs of the host run in it with their libraries, at the paths that they have here.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob, os, pathlib, re, shlex, shutil, stat, subprocess, sys, tempfile, threading, time

CACHE = pathlib.Path(os.environ.get("OSTRICH_TEST_CACHE", pathlib.Path.home() / ".cache" / "ostrich-tests")) / "rig"
OUTER = "qemu-system-x86_64"
FIRMWARE = ["/usr/share/seabios/bios*.bin", "/usr/share/seabios/vgabios*.bin", "/usr/share/qemu/bios*.bin", "/usr/share/qemu/vgabios*.bin",
            "/usr/share/qemu/linuxboot*.bin", "/usr/share/qemu/efi-*.rom", "/usr/lib/ipxe/qemu/efi-*.rom", "/usr/share/qemu/kvmvapic.bin"]
MODULES = ["kvm", "kvm-amd"]
APPEND = ("console=ttyS0 quiet loglevel=3 nokaslr mitigations=off tsc=reliable random.trust_cpu=on cryptomgr.notests")


# The outer machine boots in ten seconds, on a busy host in a minute; now and then the packaged emulator hangs in it.
START_SECONDS, ATTEMPTS = 150, 3


class Unavailable(Exception):
    """The rig cannot be had here; the text says what is missing."""


class Archive:
    """A cpio archive of the kind that Linux unpacks as its first file system ("newc")."""

    def __init__(self):
        self.parts, self.seen = [], set()

    def entry(self, path, mode, data=b""):
        path = path.strip("/")
        if path in self.seen:
            return
        parent = os.path.dirname(path)
        if parent:
            self.entry(parent, stat.S_IFDIR | 0o755)
        self.seen.add(path)
        name = path.encode() + b"\0"
        fields = [len(self.seen), mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0]
        head = b"070701" + b"".join(b"%08X" % f for f in fields) + name
        self.parts += [head, bytes(-len(head) % 4), data, bytes(-len(data) % 4)]

    def file(self, source, path=None, executable=False):
        data = pathlib.Path(source).read_bytes()
        self.entry(path or str(source), stat.S_IFREG | (0o755 if executable else 0o644), data)

    def link(self, path, target):
        self.entry(path, stat.S_IFLNK | 0o777, target.encode())

    def bytes(self):
        self.entry("TRAILER!!!", 0)
        return b"".join(self.parts)


def need(*programs):
    missing = [p for p in programs if not shutil.which(p)]
    if missing:
        raise Unavailable(f"{', '.join(missing)} missing")


def fetch(package):
    """The unpacked files of a Debian package, fetched once."""
    target = CACHE / package
    if (target / ".complete").exists():
        return target
    need("apt-get", "apt-cache", "dpkg-deb")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    done = subprocess.run(["apt-get", "download", "-q", package], cwd=target, capture_output=True, text=True)
    debs = list(target.glob("*.deb"))
    if done.returncode or not debs:
        raise Unavailable(f"apt-get cannot download {package} ('apt-get update' may help)")
    subprocess.run(["dpkg-deb", "-x", debs[0], target], check=True)
    debs[0].unlink()
    (target / ".complete").touch()
    return target


def kernel_package():
    kept = sorted(CACHE.glob("linux-image-*/.complete"))
    if kept:
        return kept[-1].parent.name
    need("apt-cache")
    out = subprocess.run(["apt-cache", "depends", "linux-image-cloud-amd64"], capture_output=True, text=True).stdout
    names = re.findall(r"Depends: (linux-image-\S+)", out)
    if not names:
        raise Unavailable("apt knows no package linux-image-cloud-amd64 ('apt-get update' may help)")
    return names[0]


def module_files(root):
    """The modules and what they depend on, in the order of loading."""
    files = {os.path.basename(p)[:-3].replace("_", "-"): p for p in glob.glob(f"{root}/lib/modules/*/kernel/**/*.ko", recursive=True)}
    order = []

    def add(name):
        path = files.get(name.replace("_", "-"))
        if not path or path in order:
            return
        depends = re.search(rb"\0depends=([^\0]*)\0", pathlib.Path(path).read_bytes())
        for other in filter(None, depends[1].decode().split(",") if depends else []):
            add(other)
        order.append(path)

    for name in MODULES:
        add(name)
    if not any(p.endswith("kvm-amd.ko") for p in order):
        raise Unavailable("the kernel's package has no kvm-amd")
    return order


def libraries(binary):
    out = subprocess.run(["ldd", binary], capture_output=True, text=True)
    if "not found" in out.stdout:
        raise Unavailable(f"{binary}: {out.stdout}")
    return re.findall(r"(?:=> |^\s*)(/\S+) \(0x", out.stdout, re.M)


def watch(line, timeout, echo):
    """Runs the command until it ends, has said nothing of the script for START_SECONDS, or the time is over; what it wrote."""
    process = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    begin, seen = time.monotonic(), b""
    killers = [threading.Timer(timeout, process.kill), threading.Timer(START_SECONDS, lambda: b"RIG start" in seen or process.kill())]
    for killer in killers:
        killer.daemon = True
        killer.start()
    while piece := os.read(process.stdout.fileno(), 65536):
        seen += piece
        if echo:
            echo(piece)
    for killer in killers:
        killer.cancel()
    process.wait()
    print(f"# the outer machine ran for {time.monotonic() - begin:.0f} s", file=sys.stderr)
    return seen.decode(errors="replace").replace("\r", "")


class Rig:
    """Collects what goes into the inner world, then runs a shell script there."""

    def __init__(self, kvm_arguments="", cpus=2, memory="1G", cpu="max"):
        need(OUTER)
        self.kvm_arguments, self.cpus, self.memory, self.cpu = kvm_arguments, cpus, memory, cpu
        self.archive = Archive()
        kernel = fetch(kernel_package())
        self.kernel = glob.glob(f"{kernel}/boot/vmlinuz-*")[0]
        busybox = fetch("busybox-static")
        self.archive.file(f"{busybox}/bin/busybox", "/bin/busybox", executable=True)
        for applet in ("sh", "ash"):
            self.archive.link(f"/bin/{applet}", "busybox")
        loads = []
        for path in module_files(kernel):
            name = os.path.basename(path)
            self.archive.file(path, f"/modules/{name}")
            loads.append(f"insmod /modules/{name} {kvm_arguments if name == 'kvm-amd.ko' else ''}")
        self.loads = "\n".join(loads)
        for folder in ("/proc", "/sys", "/dev", "/tmp", "/etc", "/usr/bin", "/usr/sbin", "/sbin", "/run"):
            self.archive.entry(folder, stat.S_IFDIR | 0o755)
        self.archive.entry("/etc/passwd", stat.S_IFREG | 0o644, b"root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
        self.archive.entry("/etc/group", stat.S_IFREG | 0o644, b"root:x:0:\nkvm:x:104:\nnogroup:x:65534:\n")

    def program(self, binary, names=()):
        """A program with its libraries; names: links to it beside it."""
        binary = os.path.realpath(binary)
        self.archive.file(binary, executable=True)
        for library in libraries(binary):
            self.archive.file(os.path.realpath(library), library, executable=True)
        for name in names:
            self.archive.link(name, binary)

    def firmware(self, *folders):
        """The distribution's, and what lies in folders."""
        for pattern in FIRMWARE + [f"{folder}/*.bin" for folder in folders]:
            for path in glob.glob(pattern):
                if os.path.getsize(path) < 8 << 20:
                    self.archive.file(os.path.realpath(path), os.path.abspath(path))

    def file(self, source, path):
        self.archive.file(source, path, os.access(source, os.X_OK))

    def data(self, path, data):
        self.archive.entry(path, stat.S_IFREG | 0o644, data)

    def run(self, script, timeout=300, echo=None, outer_arguments=()):
        """The console's text while the script ran, or None when it did not end (tried twice). echo: called with each piece. A machine that does not even start the
        script is tried again, and at last not there."""
        init = "\n".join([
            "#!/bin/sh", "/bin/busybox --install -s", "mount -t proc proc /proc", "mount -t sysfs sys /sys", "mount -t devtmpfs dev /dev",
            "ip link set lo up 2>/dev/null", self.loads, "ulimit -c 0", "[ -c /dev/kvm ] || { echo RIG no /dev/kvm; dmesg | tail -5; }",
            "echo RIG start", "cd /tmp", "sh /script < /dev/null", "echo", "echo RIG end $?", "poweroff -f", ""])
        self.archive.entry("/init", stat.S_IFREG | 0o755, init.encode())
        self.archive.entry("/script", stat.S_IFREG | 0o755, script.encode())
        with tempfile.TemporaryDirectory() as scratch:
            initrd = os.path.join(scratch, "initrd")
            pathlib.Path(initrd).write_bytes(self.archive.bytes())
            line = [OUTER, "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", self.cpu, "-smp", str(self.cpus), "-m", self.memory, "-nodefaults",
                    "-display", "none", "-serial", "stdio", "-no-reboot", "-kernel", self.kernel, "-initrd", initrd, "-append", APPEND,
                    *outer_arguments]
            hung = 0
            for attempt in range(ATTEMPTS):
                self.console = watch(line, timeout, echo)
                found = re.search(r"^RIG start\n(.*)^RIG end (\d+)$", self.console, re.S | re.M)
                started = "RIG start\n" in self.console
                hung += started and not found
                if found or hung == 2:
                    break
                print(f"# the outer machine {'did not end' if started else 'did not start'}: {self.console[-200:]!r}", file=sys.stderr)
        if not started:
            raise Unavailable(f"the outer machine did not start the script, {ATTEMPTS} times: {self.console[-200:]!r}")
        return found[1] if found else None


def quote(words):
    return shlex.join(words)
