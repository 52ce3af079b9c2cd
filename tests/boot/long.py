#!/usr/bin/env python3
"""long.py PROGRAM_DIR [NAME...]: whole systems and firmware-level programs, as a user starts them. TAP on stdout.

Without a NAME and without OSTRICH_LONG=1 in the environment (`make check-long` sets it), every case is skipped: together they take most of an hour.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import http.server, os, pathlib, shutil, socket, subprocess, sys, tempfile, threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.dont_write_bytecode = True
from machine import Failed, Machine

GUEST = HERE.parent.parent / "scripts/guest"
HELLO = b"hello from the host\n"


class Server(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(HELLO)))
        self.end_headers()
        self.wfile.write(HELLO)

    def log_message(self, *args):
        pass


# ---- a Debian disk ----

def log_in(machine):
    machine.expect("guest login:")
    machine.type("root\n")
    machine.expect("Password:")
    machine.type("root\n")
    machine.expect("root@guest:~#")


def by_ssh(port, command):
    """What a command in the guest prints, by ssh through the forwarded port."""
    options = ["-p", str(port), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=60"]
    done = subprocess.run(["sshpass", "-p", "root", "ssh", *options, "root@127.0.0.1", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180)
    return done.stdout.strip()


def debian(machine, words):
    for text in ("GRUB", "Linux version 6.1"):
        machine.expect(text)
    log_in(machine)
    # Each answer holds a number that is not in the command, which the terminal echoes.
    machine.type("systemctl is-system-running --wait; echo state-$((6 * 7))\n")
    machine.expect("running")
    machine.expect("state-42")
    machine.type(f"echo cpus-$(nproc); wget -q -O - http://10.0.2.2:{words['port']}/x; echo fetched-$((6 * 7))\n")
    machine.expect(f"cpus-{words['cpus']}")
    machine.expect(HELLO.decode().strip())
    machine.expect("fetched-42")
    if shutil.which("ssh") and shutil.which("sshpass"):
        said = by_ssh(words["ssh"], "echo ssh-$((6 * 7)) $(hostname)")
        if said != "ssh-42 guest":
            raise Failed(f"ssh by the forwarded port said '{said}'")
    else:
        print("# no ssh or sshpass here: the forwarded port is not tried", flush=True)
    machine.type("echo kept-over-$((6 * 7)) > /root/kept; systemctl reboot\n")
    machine.expect("Linux version 6.1")
    log_in(machine)
    machine.type("cat /root/kept; systemctl poweroff\n")
    machine.expect("kept-over-42")
    status = machine.wait_end()
    if status != 0:
        raise Failed(f"exit status {status} after power-off")


def debian_uefi(machine, words):
    """The first start installs the disk's packages, the second one is the system's own."""
    machine.expect("first start: installed")
    log_in(machine)
    machine.type("systemctl is-system-running --wait; echo state-$((6 * 7)); uname -m\n")
    machine.expect("running")
    machine.expect("state-42")
    machine.expect(words["uname"])
    machine.type(f"echo cpus-$(nproc); wget -q -O - http://10.0.2.2:{words['port']}/x; echo fetched-$((6 * 7))\n")
    machine.expect(f"cpus-{words['cpus']}")
    machine.expect(HELLO.decode().strip())
    machine.expect("fetched-42")
    machine.type("echo kept-over-$((6 * 7)) > /root/kept; systemctl reboot\n")
    machine.expect("Linux version 6.")
    log_in(machine)
    machine.type("cat /root/kept; systemctl poweroff\n")
    machine.expect("kept-over-42")
    status = machine.wait_end()
    if status != 0:
        raise Failed(f"exit status {status} after power-off")


def many_harts(machine, words):
    """OpenSBI 1.1 knows 128 harts; the others have to keep still."""
    for text in ("126*,127*", "PAYLOAD ok timer", "PAYLOAD PASS"):
        machine.expect(text)


def debian_uefi_case(architecture, uname, arguments, cpus=1, **more):
    return {"guest": f"debian-{architecture}", "args": f"-M virt -m 1G -nographic -drive file={{disk}},format=raw,if=virtio -nic user {arguments}", "steps": debian_uefi, "uname": uname,
            "disk": "disk.img", "cpus": cpus, "minutes": 60, "program": f"qemu-system-{uname}", **more}


def debian_riscv_case(arguments, **more):
    return debian_uefi_case("riscv64", "riscv64", arguments, **more)


def debian_arm_case(arguments, **more):
    return debian_uefi_case("arm64", "aarch64", f"-bios {{f}}/QEMU_EFI.fd {arguments}", firmware="edk2-arm64", **more)


def debian_case(arguments, cpus=1):
    """The words of `arguments` may name {disk} and {ssh}, the host's port that leads to the guest's ssh server."""
    return {"guest": "debian-amd64", "args": f"-m 2G -nographic {arguments}", "steps": debian, "disk": "disk.img", "cpus": cpus, "minutes": 40}


# ---- what shows itself on the screen ----

def shows(*pictures):
    """Steps in turn: a tuple of texts that the screen has to show at once, or a list of keys to press."""
    def steps(machine, words):
        for step in pictures:
            if isinstance(step, list):
                machine.keys(*step)
            else:
                machine.expect_screen(*step)
    return steps


def passes(machine, words):
    """The small guests of scripts/guest check themselves; on this board they cannot switch it off."""
    for text in ("GUEST ok floating-point", "GUEST PASS", "System halted"):
        machine.expect(text)


def screen_case(guest, arguments, *pictures, minutes=5, append=None):
    return {"guest": guest, "args": f"-display none -serial null -no-reboot {arguments}", "append": append, "steps": shows(*pictures), "minutes": minutes}


NIC = "-nic user,hostfwd=tcp:127.0.0.1:{ssh}-:22"
MEMTEST = ("Memtest86+ v6.10", "Status: Testing", "Errors: 0")
GRUB_MENU = [("GNU GRUB  version 2.06",), ["c"], ("grub>",), ["l", "s", "ret"]]
CASES = {
    "debian-hda": debian_case(f"-hda {{disk}} {NIC}"),
    "debian-q35-smp2": debian_case(f"-M q35 -smp 2 -hda {{disk}} {NIC}", cpus=2),
    "debian-max-smp4-virtio": debian_case(f"-cpu max -smp 4 -drive file={{disk}},format=raw,if=virtio {NIC},model=virtio-net-pci", cpus=4),
    "debian-riscv64-edk2": debian_riscv_case("-M acpi=off -drive if=pflash,unit=0,format=raw,readonly=on,file={f}/RISCV_VIRT_CODE.fd -drive if=pflash,unit=1,format=raw,snapshot=on,file={f}/RISCV_VIRT_VARS.fd",
                                             firmware="edk2-riscv64"),
    "debian-riscv64-u-boot-supervisor": debian_riscv_case("-M aia=aplic-imsic -smp 2 -kernel /usr/lib/u-boot/qemu-riscv64_smode/uboot.elf", cpus=2),
    "debian-arm64-edk2": debian_arm_case("-cpu cortex-a72"),
    "debian-arm64-gicv3-max-smp2": debian_arm_case("-M gic-version=3 -cpu max -smp 2", cpus=2),
    "riscv64-smp512": {"guest": "opensbi-riscv", "args": "-M virt -smp 512 -m 1G -nographic -kernel {b}/tests/tcg/riscv-system/supervisor64.elf", "steps": many_harts, "minutes": 10,
                       "program": "qemu-system-riscv64"},
    "installer": screen_case("installer-amd64", "-m 1G -kernel {g}/linux -initrd {g}/initrd.gz", ("Select a language", "English", "<Go Back>"), append="fb=false quiet", minutes=15),
    "memtest-kernel": screen_case("memtest", "-m 64 -kernel {g}/memtest86+x64.bin", MEMTEST),
    "memtest-cdrom": screen_case("memtest", "-m 64 -cdrom {g}/memtest86+x64.iso", MEMTEST),
    "memtest-i386-cdrom": {**screen_case("memtest", "-m 64 -cdrom {g}/memtest86+ia32.iso", MEMTEST), "program": "qemu-system-i386"},
    "grub-rescue-cdrom": screen_case("grub-rescue", "-m 64 -cdrom {g}/grub-rescue-cdrom.iso", *GRUB_MENU, ("(cd)",)),
    "grub-rescue-q35": screen_case("grub-rescue", "-M q35 -m 64 -cdrom {g}/grub-rescue-cdrom.iso", *GRUB_MENU, ("(cd)",)),
    "grub-rescue-floppy": screen_case("grub-rescue", "-m 64 -boot a -drive file={g}/grub-rescue-floppy.img,format=raw,if=floppy,snapshot=on", *GRUB_MENU, ("(fd0",)),
    "grub-rescue-isapc": screen_case("grub-rescue", "-M isapc -m 64 -snapshot -hda {g}/grub-rescue-cdrom.iso", *GRUB_MENU, ("(hd0)",)),
    "linux-isapc": {"guest": "linux-i386", "args": "-M isapc -cpu pentium3,-apic -m 256 -nographic -kernel {g}/kernel -initrd {g}/initrd",
                    "append": "console=ttyS0 panic=-1 quiet guest=check", "steps": passes, "minutes": 10, "program": "qemu-system-i386"},
    "ipxe-kernel": screen_case("ipxe", "-m 64 -kernel {g}/ipxe.lkrn -nic user,model=virtio-net-pci", ("iPXE initialising devices...", "net0: 52:54:00:12:34:56 using", "Configuring (net0")),
    "ipxe-cdrom": screen_case("ipxe", "-M q35 -m 64 -cdrom {g}/ipxe.iso -nic user,model=e1000e", ("iPXE initialising devices...", "net0: 52:54:00:12:34:56 using")),
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def fetch(name):
    """(folder, None) or (None, why not)"""
    fetched = subprocess.run([GUEST, "get", name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if fetched.returncode:
        return None, "cannot fetch the guest: " + (fetched.stderr.strip().splitlines() or ["?"])[-1][:100]
    return fetched.stdout.strip(), None


def run_case(case, directory, port):
    """(verdict, text)"""
    folder, why_not = fetch(case["guest"])
    firmware, why_no_firmware = fetch(case["firmware"]) if "firmware" in case else (None, None)
    if why_not or why_no_firmware:
        return "skip", why_not or why_no_firmware
    with tempfile.TemporaryDirectory() as scratch:
        words = {"g": folder, "f": firmware, "b": directory, "port": port, "ssh": free_port(), "cpus": case.get("cpus", 1), "uname": case.get("uname"), "disk": f"{scratch}/disk.img"}
        if "disk" in case:
            subprocess.run(["cp", "--sparse=always", "--reflink=auto", f"{folder}/{case['disk']}", words["disk"]], check=True)
        command = [str(pathlib.Path(directory) / case.get("program", "qemu-system-x86_64")), "-accel", os.environ.get("OSTRICH_BOOT_ACCEL", "tcg")]
        command += [a.format(**words) for a in case["args"].split()] + (["-append", case["append"]] if case.get("append") else [])
        with Machine(command, case["minutes"] * 60) as machine:
            try:
                case["steps"](machine, words)
            except (Failed, OSError, ValueError, subprocess.TimeoutExpired) as error:
                return "not ok", f"{error}\n" + "\n".join(machine.text.splitlines()[-40:])
    return "ok", ""


def main():
    directory, names = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:] or list(CASES)
    unknown = [name for name in names if name not in CASES]
    if unknown:
        sys.exit(f"long.py: there is no case '{unknown[0]}'; there are: {', '.join(CASES)}")
    print(f"1..{len(names)}", flush=True)
    if not sys.argv[2:] and os.environ.get("OSTRICH_LONG") != "1":
        for n, name in enumerate(names, 1):
            print(f"ok {n} {name} # SKIP of the long set: `make check-long` runs it")
        return 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    failed = False
    for n, name in enumerate(names, 1):
        verdict, text = run_case(CASES[name], directory, server.server_port)
        if verdict == "skip":
            print(f"ok {n} {name} # SKIP {text}", flush=True)
            continue
        failed |= verdict != "ok"
        for line in text.splitlines():
            print("# " + line)
        print(f"{verdict} {n} {name}", flush=True)
    return failed


sys.exit(main())
