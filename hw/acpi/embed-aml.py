#!/usr/bin/env python3
"""embed-aml.py NAME ASL OUTPUT.c CPP IASL: preprocesses and compiles ASL and writes the table as a C array called NAME. Any error or warning of iasl fails the build.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import pathlib, subprocess, sys, tempfile

name, source, output, cpp, iasl = sys.argv[1:6]
with tempfile.TemporaryDirectory() as directory:
    work = pathlib.Path(directory)
    plain = work / "table.asl"
    plain.write_bytes(subprocess.check_output([*cpp.split(), "-P", "-undef", "-x", "c", "-w", source]))
    run = subprocess.run([iasl, "-we", "-vr", "-p", str(work / "table"), str(plain)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode:
        sys.exit(run.stdout)
    data = (work / "table.aml").read_bytes()
lines = [", ".join(f"0x{b:02x}" for b in data[n:n + 24]) for n in range(0, len(data), 24)]
pathlib.Path(output).write_text(f'#include <stddef.h>\n#include <stdint.h>\nextern const uint8_t {name}[];\nextern const size_t {name}_size;\nconst uint8_t {name}[] = {{\n    ' + ",\n    ".join(lines) + f"\n}};\nconst size_t {name}_size = sizeof({name});\n")
