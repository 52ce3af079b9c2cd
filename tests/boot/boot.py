#!/usr/bin/env python3
"""boot.py PROGRAM_DIR [NAME...]: boots real guests with the built program and watches their consoles. TAP on stdout.

Each case says what has to come on the console and what is typed; a guest has to switch itself off. A case whose guest cannot be fetched is skipped, with the reason.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import http.server, os, pathlib, re, select, subprocess, sys, tempfile, threading, time

HERE = pathlib.Path(__file__).resolve().parent
GUEST = HERE.parent.parent / "scripts/guest"
CONSOLE = "console={console} panic=-1 quiet"


class Server(http.server.BaseHTTPRequestHandler):
    """What the guest fetches through the user-mode network."""

    def do_GET(self):
        body = b"hello from the host\n"
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def kernel(name, more="", append="guest=check"):
    """Arguments that boot a guest of scripts/guest."""
    return {"guest": name, "args": f"-m 512 -no-reboot -nographic -kernel {{g}}/kernel -initrd {{g}}/initrd {more}", "append": append}


def payload(bits, arguments):
    """The same for the supervisor of tests/tcg/riscv-system behind Debian 13's OpenSBI."""
    return {"guest": "opensbi-riscv", "program": f"qemu-system-riscv{bits}", "needs": f"tests/tcg/riscv-system/supervisor{bits}.elf",
            "args": f"-nographic -kernel {{b}}/tests/tcg/riscv-system/supervisor{bits}.elf {arguments}", "expect": ["OpenSBI", f"PAYLOAD RV{bits}", "PAYLOAD ok paging", "PAYLOAD ok timer", "PAYLOAD PASS"]}


CHECK = ["GUEST ok sha256", "GUEST ok floating-point", "GUEST ok clock", "GUEST PASS"]
CASES = {
    "pc": {**kernel("linux-amd64", "-M pc -nic user,model=e1000 -drive file={disk},format=raw,if=ide", "guest=check fetch=http://10.0.2.2:{port}/x"),
           "expect": ["GUEST cpus 1", "GUEST ok disk /dev/sda", "GUEST ok net 52:54:00:12:34:56", "GUEST ok fetch", *CHECK[-1:]]},
    "q35-smp2-virtio": {**kernel("linux-cloud-amd64", "-M q35 -smp 2 -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio"),
                        "expect": ["GUEST cpus 2", "GUEST ok disk /dev/vda", "GUEST ok net", "GUEST PASS"]},
    "pc-max-smp4": {**kernel("linux-amd64", "-M pc -cpu max -smp 4 -nic none"), "expect": ["GUEST cpus 4", *CHECK]},
    "riscv64": {**kernel("linux-riscv64", "-M virt -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio", "guest=check fetch=http://10.0.2.2:{port}/x"),
                "program": "qemu-system-riscv64", "expect": ["OpenSBI", "GUEST cpus 1", "GUEST ok disk /dev/vda", "GUEST ok net 52:54:00:12:34:56", "GUEST ok fetch", "GUEST PASS"]},
    "riscv64-smp4-mmio": {**kernel("linux-riscv64", "-M virt,aia=aplic -smp 4 -nic none -drive file={disk},format=raw,if=none,id=d -device virtio-blk-device,drive=d"),
                          "program": "qemu-system-riscv64", "expect": ["GUEST cpus 4", "GUEST ok disk /dev/vda", *CHECK]},
    "arm64": {**kernel("linux-arm64", "-M virt -cpu cortex-a72 -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio", "guest=check fetch=http://10.0.2.2:{port}/x"),
              "program": "qemu-system-aarch64", "console": "ttyAMA0",
              "expect": ["GUEST cpus 1", "GUEST ok disk /dev/vda", "GUEST ok net 52:54:00:12:34:56", "GUEST ok fetch", "GUEST PASS"]},
    # By edk2, which hands on the tables of ACPI: processors, interrupt controller, PCI and console come from them.
    "arm64-edk2": {**kernel("linux-arm64", "-M virt,gic-version=3 -cpu cortex-a72 -smp 2 -nic none -bios {f}/QEMU_EFI.fd -drive file={disk},format=raw,if=virtio", "guest=check acpi=force"),
                   "firmware": "edk2-arm64", "program": "qemu-system-aarch64", "console": "ttyAMA0",
                   "expect": ["UEFI firmware", "GUEST cpus 2", "GUEST ok disk /dev/vda", *CHECK]},
    "arm64-gicv3-smp4": {**kernel("linux-arm64", "-M virt,gic-version=3 -cpu cortex-a72 -smp 4 -nic none -drive file={disk},format=raw,if=none,id=d -device virtio-blk-device,drive=d"),
                         "program": "qemu-system-aarch64", "console": "ttyAMA0", "expect": ["GUEST cpus 4", "GUEST ok disk /dev/vda", *CHECK]},
    # A host kernel at EL2, which finds an ITS that knows virtual processors.
    "arm64-gicv4": {**kernel("linux-arm64", "-M virt,gic-version=max,virtualization=on -cpu max -smp 2 -nic none -drive file={disk},format=raw,if=virtio",
                             "guest=check loglevel=7 kvm-arm.vgic_v4_enable=1"),
                    "program": "qemu-system-aarch64", "console": "ttyAMA0",
                    "expect": ["ITS: Enabling GICv4 support", "GICv4 support enabled", "GUEST cpus 2", "GUEST ok disk /dev/vda", *CHECK]},
    # Disk and network through the SMMU: the kernel has put both into groups of their own, and their messages go to the ITS.
    "arm64-smmuv3": {**kernel("linux-arm64", "-M virt,iommu=smmuv3,gic-version=3 -cpu cortex-a72 -smp 2 -nic user,model=e1000e -drive file={disk},format=raw,if=none,id=d "
                              "-device pcie-root-port,id=p,chassis=1 -device virtio-blk-pci,bus=p,drive=d,iommu_platform=on", "guest=check loglevel=7 fetch=http://10.0.2.2:{port}/x"),
                     "program": "qemu-system-aarch64", "console": "ttyAMA0",
                     "expect": ["arm-smmu-v3 9050000.smmuv3: ias 44-bit, oas 44-bit", "Adding to iommu group 0", "Adding to iommu group 1", "GUEST ok disk /dev/vda",
                                "GUEST ok net 52:54:00:12:34:56", "GUEST ok fetch", "GUEST PASS"]},
    # By the short descriptors; by the long ones, with PCI above 4 GiB.
    "armhf": {**kernel("linux-armhf", "-M virt,highmem=off -cpu cortex-a15 -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio", "guest=check fetch=http://10.0.2.2:{port}/x"),
              "program": "qemu-system-arm", "console": "ttyAMA0",
              "expect": ["GUEST cpus 1", "GUEST ok disk /dev/vda", "GUEST ok net 52:54:00:12:34:56", "GUEST ok fetch", "GUEST PASS"]},
    "armhf-lpae": {**kernel("linux-armhf-lpae", "-M virt -cpu cortex-a15 -smp 2 -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio"),
                   "program": "qemu-system-arm", "console": "ttyAMA0", "expect": ["GUEST cpus 2", "GUEST ok disk /dev/vda", "GUEST ok net", *CHECK]},
    "armhf-smp4": {**kernel("linux-armhf", "-M virt,highmem=off -cpu cortex-a15 -smp 4 -nic none -drive file={disk},format=raw,if=none,id=d -device virtio-blk-device,drive=d"),
                   "program": "qemu-system-arm", "console": "ttyAMA0", "expect": ["GUEST cpus 4", "GUEST ok disk /dev/vda", *CHECK]},
    "armhf-edk2": {**kernel("linux-armhf", "-M virt,highmem=off -cpu cortex-a15 -smp 2 -nic none -bios {f}/AAVMF32_CODE.fd -drive file={disk},format=raw,if=virtio"),
                   "firmware": "edk2-armhf", "program": "qemu-system-arm", "console": "ttyAMA0",
                   "expect": ["UEFI firmware", "GUEST cpus 2", "GUEST ok disk /dev/vda", *CHECK]},
    "armhf-hyp": {**kernel("linux-armhf-lpae", "-M virt,virtualization=on -cpu cortex-a15 -smp 2 -nic none", "guest=check loglevel=7"),
                  "program": "qemu-system-arm", "console": "ttyAMA0", "expect": ["All CPU(s) started in HYP mode", "GUEST cpus 2", *CHECK]},
    "riscv64-imsic-smp2": {**kernel("linux-riscv64", "-M virt,aia=aplic-imsic,aia-guests=1 -smp 2 -nic user,model=virtio-net-pci -drive file={disk},format=raw,if=virtio"),
                           "program": "qemu-system-riscv64", "expect": ["GUEST cpus 2", "GUEST ok disk /dev/vda", "GUEST ok net", "GUEST PASS"]},
    # The same on RISC-V. Debian 12's OpenSBI leaves its own memory out of what edk2 tells the kernel: a later one.
    "riscv64-edk2": {**kernel("linux-riscv64", "-M virt,aia=aplic-imsic -smp 2 -nic none -bios {s}/fw_dynamic.bin -drive if=pflash,unit=0,format=raw,readonly=on,file={f}/RISCV_VIRT_CODE.fd "
                              "-drive if=pflash,unit=1,format=raw,snapshot=on,file={f}/RISCV_VIRT_VARS.fd -drive file={disk},format=raw,if=virtio", "guest=check acpi=force"),
                     "firmware": "edk2-riscv64", "sbi": "opensbi-riscv", "program": "qemu-system-riscv64", "expect": ["EDK2 firmware", "GUEST cpus 2", "GUEST ok disk /dev/vda", *CHECK]},
    "riscv64-max": {**kernel("linux-riscv64", "-M virt -cpu max -bios {f}/fw_dynamic.bin -nic none"), "firmware": "opensbi-riscv", "program": "qemu-system-riscv64", "expect": CHECK},
    # Debian's kernel has no driver for this board's console but the early one.
    "riscv64-spike": {**kernel("linux-riscv64", "-M spike -bios {f}/fw_dynamic.bin", "earlycon=sbi keep_bootcon loglevel=7 guest=off"), "firmware": "opensbi-riscv", "program": "qemu-system-riscv64",
                      "expect": ["ucbbar,spike-bare", "Run /init as init process", "reboot: Power down"]},
    "riscv64-payload": payload(64, "-M virt"),
    "riscv32-payload-spike": payload(32, "-M spike -bios {g}/fw_jump.bin"),
    "riscv32-payload": payload(32, "-M virt -bios {g}/fw_jump.bin"),
    "i386": {**kernel("linux-i386", "-M pc -nic user,model=rtl8139"), "program": "qemu-system-i386", "expect": ["GUEST ok net", "GUEST PASS"]},
}


def run_case(name, case, directory, timeout, port):
    folders = {}
    for what in ("guest", "firmware", "sbi"):
        if what not in case:
            continue
        fetched = subprocess.run([GUEST, "get", case[what]], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if fetched.returncode:
            return "skip", "cannot fetch the guest: " + fetched.stderr.strip().splitlines()[-1][:100]
        folders[what] = fetched.stdout.strip()
    if "needs" in case and not (pathlib.Path(directory) / case["needs"]).exists():
        return "skip", f"{case['needs']} was not built: it wants riscv64-linux-gnu-gcc"
    with tempfile.TemporaryDirectory() as scratch:
        disk = pathlib.Path(scratch) / "disk.img"
        with open(disk, "wb") as f:
            f.truncate(16 << 20)
        words = {"g": folders["guest"], "f": folders.get("firmware"), "s": folders.get("sbi"), "b": directory, "disk": disk, "port": port}
        command = [str(pathlib.Path(directory) / case.get("program", "qemu-system-x86_64")), "-accel", os.environ.get("OSTRICH_BOOT_ACCEL", "tcg")]
        command += [a.format(**words) for a in case["args"].split()]
        if "append" in case:
            command += ["-append", f"{CONSOLE.format(console=case.get('console', 'ttyS0'))} {case['append'].format(**words)}"]
        return watch(command, case["expect"], timeout)


def watch(command, expect, timeout):
    """("ok" or "not ok", console text)."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text, end = b"", time.monotonic() + timeout
    try:
        while time.monotonic() < end:
            if select.select([process.stdout], [], [], 0.2)[0]:
                piece = os.read(process.stdout.fileno(), 65536)
                if not piece:
                    break
                text += piece
        try:
            status = process.wait(timeout=max(1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            status = "still running"
    finally:
        process.kill()
        process.wait()
    console = re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", text).decode(errors="replace")
    missing = [t for t in expect if t not in console]
    if missing or status != 0:
        return "not ok", f"missing {missing}, status {status}\n" + "\n".join(console.splitlines()[-40:])
    return "ok", console


def main():
    directory, names = str(pathlib.Path(sys.argv[1]).resolve()), sys.argv[2:] or list(CASES)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"1..{len(names)}", flush=True)
    failed = False
    for n, name in enumerate(names, 1):
        verdict, text = run_case(name, CASES[name], directory, 300, server.server_port)
        if verdict == "skip":
            print(f"ok {n} {name} # SKIP {text}", flush=True)
            continue
        failed |= verdict != "ok"
        if verdict != "ok":
            print("\n".join("# " + line for line in text.splitlines()))
        print(f"{verdict} {n} {name}", flush=True)
    return failed


sys.exit(main())
