"""Runs the benchmark guest (bench/guest) under two emulators in turn and compares each piece of work.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import math, os, pathlib, re, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scripts"))
sys.dont_write_bytecode = True
from guests.ramdisk import Cpio

TICKS = os.sysconf("SC_CLK_TCK")
# Differ tenfold between rounds where the host has no two idle processors; shown, not counted.
NOT_COUNTED = {"smp.shootdown"}


def build(folder, compiler="gcc"):
    """The static program and the archive that has it as process 1."""
    program = folder / "bench"
    subprocess.check_call([compiler, "-O2", "-static", "-o", program, *sorted((HERE / "guest").glob("*.c")), "-lm", "-lpthread"])
    archive = Cpio()
    for name in ("dev", "proc", "tmp"):
        archive.folder(name)
    archive.add("dev/console", 0o20600, rdev=(5, 1))
    archive.add("init", 0o100755, program.read_bytes())
    (folder / "initrd").write_bytes(archive.bytes())
    return program, folder / "initrd"


def processor_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def run_once(command, timeout=1800):
    """{work: (wall, processor seconds, checksum)}, and the peak of memory in MiB. wall is the guest's own clock."""
    results, peak, start = {}, 0, time.monotonic()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace") as process:
        before = 0.0
        for line in process.stdout:
            if line.startswith("BENCH-START"):
                results["boot.to_init"] = (time.monotonic() - start, processor_seconds(process.pid), "")
            elif line.startswith("START "):
                before = processor_seconds(process.pid)
            elif m := re.match(r"BENCH (\S+) ([0-9.]+) ([0-9a-f]{16})", line):
                results[m[1]] = (float(m[2]), processor_seconds(process.pid) - before, m[3])
            elif line.startswith("BENCH-END"):
                peak = int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{process.pid}/status").read_text())[1]) / 1024
            if time.monotonic() - start > timeout:
                process.kill()
                break
    return results, peak


def mean(ratios):
    return math.exp(statistics.mean(map(math.log, ratios))) if ratios else float("nan")


def report(ours, reference, peaks):
    """Prints the table; the number of wrong answers."""
    groups, wrong = {}, 0
    print(f"{'work':18} {'reference':>10} {'cpu':>8} {'ours':>8} {'cpu':>8}   {'ours/ref':>8} {'by cpu':>7}")
    for name, runs in ours.items():
        other = reference.get(name)
        if not other:
            continue
        a, b = ([statistics.median(r[n] for r in rows) for n in (0, 1)] for rows in (runs, other))
        if {r[2] for r in runs} != {r[2] for r in other}:
            print(f"{name:18} WRONG: {runs[0][2]}, not {other[0][2]}")
            wrong += 1
            continue
        wall, cpu = b[0] / max(a[0], 1e-6), b[1] / max(a[1], 1 / TICKS)
        if name not in NOT_COUNTED:
            groups.setdefault(name.split(".")[0], []).append((wall, cpu))
        print(f"{name:18} {b[0]:10.3f} {b[1]:8.3f} {a[0]:8.3f} {a[1]:8.3f}   {wall:8.2f} {cpu:7.2f}")
    print(f"{'peak MiB':18} {peaks[1]:10.0f} {'':8} {peaks[0]:8.0f} {'':8}   {peaks[1] / max(peaks[0], 1):8.2f}\n")
    everything = [pair for rows in groups.values() for pair in rows]
    for group, rows in [*groups.items(), ("all", everything)]:
        print(f"{group + ' (mean)':48} {mean([r[0] for r in rows]):10.2f} {mean([r[1] for r in rows]):7.2f}")
    return wrong


def run(ours, reference, kernel, rounds, works):
    with tempfile.TemporaryDirectory() as folder:
        _, initrd = build(pathlib.Path(folder))
        more = ["-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "768", "-nographic", "-no-reboot", "-nic", "none", "-kernel", kernel, "-initrd", str(initrd),
                "-append", f"console=ttyS0 quiet panic=-1 bench={works}"]
        results, peaks = ({}, {}), [0, 0]
        for n in range(rounds):
            for k, program in enumerate((ours, reference)):
                print(f"round {n + 1} of {rounds}: {'reference' if k else 'ours'}", file=sys.stderr)
                got, peak = run_once([program, *more])
                peaks[k] = max(peaks[k], peak)
                for name, row in got.items():
                    results[k].setdefault(name, []).append(row)
        return report(*results, peaks)
