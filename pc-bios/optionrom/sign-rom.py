#!/usr/bin/env python3
"""sign-rom.py OBJECT_BINARY ROM: pads a raw option ROM to units of 512 bytes, fills in its size and both checksums.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import sys

data = bytearray(open(sys.argv[1], "rb").read())
data += bytes(-(len(data) + 1) % 512 + 1)      # at least one byte for the checksum
data[2] = len(data) // 512
pnp = int.from_bytes(data[0x1a:0x1c], "little")
data[pnp + 9] = -sum(data[pnp:pnp + 16 * data[pnp + 5]]) & 0xff
data[-1] = -sum(data) & 0xff
open(sys.argv[2], "wb").write(data)
