"""Random A32 and T32 code for random-insns: of the rows of the decode tables, with operands that the manual does not call UNPREDICTABLE, IT blocks, and branches that go on behind.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct
from aarch32 import SLOT, WORK

# Where a table's rows stand: A32, T32 or (the same words but for the top) both.
A32_TABLES, T32_TABLES, BOTH_TABLES = ("a32", "a32u"), ("t16", "t32"), ("vfp", "neon")
TABLES = (*A32_TABLES, *T32_TABLES, *BOTH_TABLES)

# Handlers of rows that go by a base register, and what they may have for an index. Those of neon.table belong here, too.
SINGLE = {"ldst", "ldst_reg", "ldst_extra", "ldst_extra_reg"}
PAIR = {"ldst_pair", "ldst_pair_reg", "ldrexd", "strexd"}
BLOCK = {"ldm", "stm"}
EXCLUSIVE_STORE = {"strex", "strexd"}
VFP_MEMORY = {"vldst", "vldstm"}
NEON_MEMORY = {"vld_multiple", "vld_single", "vld_all"}
MEMORY = SINGLE | PAIR | BLOCK | EXCLUSIVE_STORE | VFP_MEMORY | NEON_MEMORY | {"ldrex", "load_ordered", "store_ordered"}
INDEXED = {"ldst_reg", "ldst_extra_reg", "ldst_pair_reg"}
# Branches, each made on its own, with an instruction behind that is left out or not.
BRANCHES = {"b", "bl", "bx", "blx_reg", "b_cond", "b_thumb", "b_long", "cbz", "tbb"}
# What random code of User mode cannot have: the system, calls, waiting; SWP (SCTLR.SW), BLX to an address (the other instruction set's code), SETEND.
NOT_HERE = {"svc", "hvc", "smc", "bkpt", "hlt", "udf", "cps", "cps16", "setend", "setpan", "srs", "rfe", "eret", "eret_thumb", "mcr", "mcrr", "mrs_banked", "msr_banked", "swp", "blx_imm",
            "isb", "it"}
NOT_HERE_ROWS = {"stm.user", "ldm.user"}
# Where the other one (qemu-arm 7.2) is not the manual's: Z of VJCVT of what was flushed to 0.
DISAGREES = {"vjcvt"}
ALWAYS = {"crc32"}          # not conditional
IT_FORBIDS = {"crc32", "vsel", "vfp_two8", "vrint8", "vcvt8", "hint", "clrex"}
REGISTERS = ("rd", "rn", "rm", "ra", "rs", "rt", "rt2")
WRITTEN = ("rd", "rt", "rt2", "ra")
PC_ADDEND = {"dual", "usada8"}
TESTS = {"DP_TST", "DP_TEQ", "DP_CMP", "DP_CMN"}
FILLER = 0xe3001abc         # MOVW r1, #...
FILLER_THUMB = 0xf64a31cd


def movw(thumb, rd, value, top=False):
    if thumb:
        return 0xf2400000 | top << 23 | (value >> 12) << 16 | (value >> 11 & 1) << 26 | (value >> 8 & 7) << 12 | rd << 8 | value & 0xff
    return 0xe3000000 | top << 22 | (value >> 12) << 16 | rd << 12 | value & 0xfff


class Instructions:
    """Mixed into random-insns' Generator, which has rng, layout, length, rows (of table and row) and mnemonics."""

    def load_rows(self, tables, keep):
        self.thumb |= next(iter(tables)) in T32_TABLES
        self.rows, self.conditional = [], False
        for name, table in tables.items():
            rows = [row for row in table.rows if row.handler not in NOT_HERE and row.mnemonic not in NOT_HERE_ROWS and keep(row, DISAGREES)]
            if rows:
                self.rows.append((name, rows))

    # ---- operands ----

    def registers(self, row, values):
        """Fills in register numbers. PC and, in T32, SP only where they are no trouble."""
        rng = self.rng
        for name in REGISTERS:
            if row.width_of.get(name) == 4:
                values[name] = rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14] if self.thumb else range(15))
        if not self.thumb and row.handler in ("dp_imm", "dp_reg") and rng.random() < 0.1:
            values[rng.choice([r for r in ("rn", "rm") if r in values])] = 15
        if row.handler in PC_ADDEND and rng.random() < 0.3 or row.handler == "mul_high" and row.sets.get("op") == "0" and rng.random() < 0.3:
            values["ra"] = 15
        if row.handler in ("extend", "bfi") and "rn" in row.pieces and rng.random() < 0.3:
            values["rn"] = 15

    def dp_fits(self, row, v):
        op = row.sets.get("op")
        if op in TESTS and "rd" in row.pieces:
            v["rd"] = 0
        if op in ("DP_MOV", "DP_MVN") and "rn" in row.pieces:
            v["rn"] = 0
        if row.handler == "dp_thumb_imm":
            return v["imm"] & 0xff or not v["imm"] >> 8 & 3 or v["imm"] >> 10
        return not (row.mnemonic == "cmphi" and v["rn"] < 8 and v["rm"] < 8)

    def fits(self, row, v):
        """Operands put right; False: the manual does not say what they do."""
        h = row.handler
        if h in ("dp_imm", "dp_reg", "dp_shifted", "dp_thumb_imm", "dp_value"):
            return self.dp_fits(row, v)
        if h in ("mull", "umaal", "mull_half", "dual_long"):
            return v["rd"] != v["ra"]
        if h == "bit_field":
            return v["lsb"] + v["msb"] < 32
        if h == "bfi":
            return v["lsb"] <= v["msb"]
        if h == "crc32":
            return v["size"] < 3
        if h == "sat" and self.thumb:
            return not v["x"] or v["imm"]
        if h == "parallel":
            return v.get("op", 0) not in (5, 6)
        if h in ("msr_reg", "msr_imm"):
            return v["mask"] & 2 == 0 and v["mask"] and v["b"] == 0
        if h == "mrs":
            return v["b"] == 0
        if h == "hint":
            return v["imm"] < 2
        if h == "vmov_two":
            return not (v["w"] and v["rt"] == v["rt2"]) and not ("2s" in row.mnemonic and v["vm"] == 15 and v["m"])
        if h == "vcvt_fixed":
            return v["imm"] <= (32 if v["q"] else 16)
        if h in ("swap", "permute"):
            return v["d"] != v["m"]
        if h == "table":
            return v["n"] + v["imm"] < 32
        if h in ("vmrs", "vmsr"):
            v["vn"] = 1
            if h == "vmrs" and self.rng.random() < 0.2:
                v["rt"] = 15
        return True

    @staticmethod
    def writes_back(row, v):
        return v.get("w", row.sets.get("w")) in (1, "1") or v.get("p", row.sets.get("p")) in (0, "0")

    def memory_fits(self, row, v, base, index):
        """The same for loads and stores, which go by base and index."""
        h, rng = row.handler, self.rng
        wide = {k for k in ("rt", "rt2", "rd") if k in v}
        writes = self.writes_back(row, v)
        if h in INDEXED:
            v["rm"] = index
            v["imm"] = rng.randrange(4) if "imm" in v else 0
            v["shift"] = 0 if rng.random() < 0.8 or "shift" not in row.pieces else v.get("shift", 0)
            if v["shift"]:
                v["imm"] = rng.randrange(24, 32) if v["shift"] < 3 else 0
                v["imm"] = 0 if v["shift"] == 3 else v["imm"]
        elif "imm" in v and h not in ("ldrexd", "strexd"):
            v["imm"] = rng.randrange(96) & self.there(row, "imm") if h not in VFP_MEMORY else rng.randrange(1, 33) if h == "vldstm" else rng.randrange(16)
        if self.thumb and h in SINGLE and "p" in v and (v["p"] == 0 and v["w"] == 0 or v["p"] and v["u"] and not v["w"]):
            return False
        if h in PAIR:
            second = v["rt"] + 1 if "rt2" not in row.pieces else v["rt2"]
            if "rt2" not in row.pieces and (v["rt"] & 1 or v["rt"] == 14) or second == v["rt"] or (v.get("p") == 0 and v.get("w") and not self.thumb):
                return False
            if writes and base in (v["rt"], second) or index in (v["rt"], second) and h in INDEXED or v.get("rd") == second:
                return False
        if h in EXCLUSIVE_STORE and v["rd"] in (base, v["rt"]):
            return False
        if h in SINGLE and writes and (v["rt"] == base or index == base):
            return False
        if h in BLOCK:
            return self.block_fits(row, v, base, writes)
        if h == "vldstm":
            return self.vldstm_fits(v)
        if h in NEON_MEMORY:
            return self.structure_fits(row, v)
        return 15 not in (v[k] for k in wide)

    def block_fits(self, row, v, base, writes):
        v["list"] = v["list"] & self.rng.getrandbits(16) & self.there(row, "list") & ~(1 << 15)
        if self.thumb and row.width_of["list"] == 16 and "list8" not in row.pieces:
            v["list"] &= ~(1 << 13)
        if not v["list"] or row.width_of["list"] == 16 and self.thumb and row.value > 0xffff and v["list"] & (v["list"] - 1) == 0:
            return False
        return not (writes and v["list"] >> base & 1)

    @staticmethod
    def vldstm_fits(v):
        if v["p"] == v["u"] or v["p"] and not v["w"]:
            return False
        count = v["imm"] // 2 if v["q"] else v["imm"]
        first = v["d"] << 4 | v["vd"] if v["q"] else v["vd"] << 1 | v["d"]
        return 0 < count <= (16 if v["q"] else 32) and first + count <= 32

    def structure_fits(self, row, v):
        """The last register is one of 32. The other one takes an alignment of 256 bits for 128, and none of 32 bits for four bytes."""
        for k in ("group", "step"):
            if k in v:
                v[k] = 1 + self.rng.getrandbits(row.width_of[k])
        group, step = (v[k] if k in v else int(row.sets.get(k, 2)) for k in ("group", "step"))
        if row.handler == "vld_multiple":
            v["align"] = min(v["align"], 2)
            return v["d"] + int(row.sets["runs"]) - 1 + (group - 1) * step < 32
        if row.handler == "vld_single" and group == 4 and v["size"] == 0:
            v["imm"] &= ~1
        return v["d"] + (group - 1) * step + (row.handler == "vld_all") < 32

    @staticmethod
    def there(row, operand):
        return sum(((1 << length) - 1) << low for _, length, low in row.pieces[operand])

    # ---- one instruction ----

    def word_of(self, name, row, values):
        word = row.value
        for operand, pieces in row.pieces.items():
            value = values[operand] - row.bias.get(operand, 0)
            for at, length, low in pieces:
                word |= (value >> low & ((1 << length) - 1)) << at
        if name in ("a32", "vfp") and not row.mask >> 28:
            always = self.thumb or row.handler in ALWAYS or values.get("size") == 1 or self.rng.random() < 0.6
            word |= (14 if always else self.rng.randrange(14)) << 28
        if name == "t32" and row.handler in ("reverse", "clz"):
            word |= values["rm"] << 16
        if name == "neon" and self.thumb and word >> 24 < 0xfc:
            word = word & 0x00ffffff | (0xf9 if word >> 24 == 0xf4 else 0xef | word >> 24 << 4 & 0x10) << 24
        return word

    def address(self, rn, index, aligned):
        """The middle of the buffer, now and then not aligned; a small index."""
        at = WORK + self.layout.buffer + self.layout.buffer_bytes // 2 + self.rng.choice([0, 8, 16, -8] if aligned else [0, 0, 0, 0, 8, 16, 1, 2, 4, -8])
        words, by = [], 12 if self.thumb and rn == 13 else rn
        words += [movw(self.thumb, by, at & 0xffff), movw(self.thumb, by, at >> 16, True)]
        if by != rn:
            words.append(0x46e5)        # MOV sp, r12
        if index is not None:
            words.append(movw(self.thumb, index, self.rng.choice([self.rng.randrange(24), 4 * self.rng.randrange(6)])))
        return words

    def encode(self, name, row):
        """(what has to stand before, the instruction's words); None: not these operands."""
        values = {operand: self.rng.getrandbits(row.width_of[operand]) & self.there(row, operand) for operand in row.pieces}
        self.registers(row, values)
        if name == "neon" and row.handler not in NEON_MEMORY and (self.conditional or self.rng.random() < 0.6):
            values.update({k: values[k] & ~1 for k in "dnm" if k in values})       # Q registers have even numbers
        if name == "vfp" and row.width_of.get("size") == 2:
            values["size"] = self.rng.choice([1, 2, 2, 3, 3] if self.fz16 else [2, 3])
        before = []
        if row.handler == "vmsr":       # LEN and STRIDE stay 0
            before = [(0xf420105c | values["rt"] << 16 | values["rt"] << 8) if self.thumb else (0xe3c00837 | values["rt"] << 16 | values["rt"] << 12)]
        if row.handler in MEMORY:
            before = self.memory(name, row, values)
            if before is None:
                return None
        elif not self.fits(row, values):
            return None
        for operand, comparison, value in row.when:
            if not eval(f"{values[operand]} {comparison} {values[value] if value in values else int(value, 0)}"):
                return None
        word = self.word_of(name, row, values)
        self.mnemonics[word] = row.mnemonic
        self.values = values
        return before, [word]

    def memory(self, name, row, values):
        rng, narrow = self.rng, row.width_of.get("rn") == 3
        base = int(row.sets["rn"]) if row.sets.get("rn", "").isdigit() else rng.randrange(8 if narrow else 14)
        index = rng.choice([r for r in range(8 if narrow else 13) if r != base and not (base == 13 and r == 12)]) if "rm" in row.pieces and name != "neon" else None
        if row.handler in ("ldst", "ldst_extra", "ldst_pair", "vldst") and row.width_of.get("rn") == 4 and rng.random() < 0.06:
            base = 15
            if row.sets.get("load") != "1" and "LDR" not in row.sets.get("kind", "") and row.sets.get("op") != "0" and not (row.handler == "vldst" and row.sets["w"] == "1"):
                return None
        values["rn"] = base
        if not self.memory_fits(row, values, base, index):
            return None
        if base == 15:
            return None if self.writes_back(row, values) or row.sets.get("w") == "2" else []
        if name == "neon":
            if "rm" in values:
                values["rm"] = rng.choice([15, 15, 13, *(r for r in range(13) if r != base)])
                index = values["rm"] if values["rm"] < 13 else None
        before = self.address(base, index, row.handler in EXCLUSIVE_STORE)
        if row.handler in EXCLUSIVE_STORE:
            before.append(0xf57ff01f if not self.thumb else 0xf3bf8f2f)       # CLREX
            if rng.random() < 0.8:
                before += self.exclusive_load(row, values, base)
        return before

    def exclusive_load(self, row, values, base):
        """LDREX or the like of the same size, from the same place, into registers that the store may have, too."""
        size = row.sets.get("size", "3")
        rt = self.rng.choice([r for r in range(0, 12, 2) if base not in (r, r + 1)])
        if not self.thumb:
            return [0xe1900f9f | int({"2": 0, "3": 1, "0": 2, "1": 3}[size]) << 21 | base << 16 | rt << 12]
        if size == "2":
            return [0xe8500f00 | base << 16 | rt << 12 | values.get("imm", 0) >> 2]
        return [0xe8d0004f | {"0": 0, "1": 1, "3": 3}[size] << 4 | base << 16 | rt << 12 | (rt + 1 if size == "3" else 15) << 8]

    # ---- branches: over an instruction, to the one behind ----

    def branch(self, row):
        rng, h = self.rng, row.handler
        cond = rng.choice([14, 14, *range(14)])
        if not self.thumb:
            target = rng.choice([0, 2, 3, 4, 5, 12])
            if h in ("b", "bl"):
                return [cond << 28 | (0x0a000000 if h == "b" else 0x0b000000), FILLER]
            return [0xe28f0004 | target << 12, cond << 28 | (0x012fff10 if h == "bx" else 0x012fff30) | target, FILLER]
        low = rng.randrange(8)
        if h == "cbz":
            return [0xb100 | rng.getrandbits(1) << 11 | 1 << 3 | low, FILLER_THUMB]
        if h == "b_cond":
            return [0xd001 | rng.randrange(14) << 8, FILLER_THUMB] if row.mnemonic == "bcond" else [0xf0008002 | rng.randrange(14) << 22, FILLER_THUMB, 0xbf00]
        if h == "b_thumb":
            return [0xe001, FILLER_THUMB]
        if h == "b_long":
            return [0xf000b802, FILLER_THUMB, 0xbf00] if row.mnemonic == "b" else [0xf000f802, FILLER_THUMB, 0xbf00] if row.mnemonic == "bl" else None
        if h == "tbb":
            return self.table_branch()
        target = rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 8, 12])     # MOV target, pc; ADDW target, #11; BX target: to behind the filler
        return [0x4678 | (target & 8) << 4 | target & 7, 0xf2000009 | target << 16 | target << 8, (0x4700 if h == "bx" else 0x4780) | target << 3, FILLER_THUMB]

    def table_branch(self):
        index = self.rng.choice([0, 1, 2, 3, 12])
        entry = self.rng.randrange(4)
        words = [movw(True, index, entry)]
        if self.rng.getrandbits(1):
            return words + [0xe8dff010 | index, 4, 6, 4, 6, FILLER_THUMB]
        return words + [0xe8dff000 | index, 2 | 4 << 8, 4 | 2 << 8, FILLER_THUMB]

    # ---- sequences ----

    def plain(self):
        """A group: before it, it."""
        while True:
            name, rows = self.rng.choice(self.rows)
            row = self.rng.choice(rows)
            if row.handler in BRANCHES:
                words = self.branch(row)
                if words:
                    self.mnemonics[words[-2 if len(words) > 1 else -1]] = row.mnemonic
                    return words, None
                continue
            made = self.encode(name, row)
            if made:
                return made[0] + made[1], (name, row, made)

    def goes_into_it(self, name, row):
        """What ARMv8 added to VFP and Advanced SIMD is not to be there."""
        return row.needs == "a32_neon" if name == "neon" else name in T32_TABLES or name == "vfp" and self.values.get("size") != 1

    def it_block(self):
        """Up to four instructions under one condition and its opposite; what loads and stores need comes before all, so that they are the first in it."""
        cond, before, inside, self.conditional = self.rng.randrange(14), [], [], True
        for _ in range(self.rng.randrange(1, 12)):
            words, made = self.plain()
            if not made or made[1].handler in IT_FORBIDS or not self.goes_into_it(made[0], made[1]):
                continue
            name, row, (setup, word) = made
            if name == "vfp" and row.mask >> 28 == 15 or setup and inside:
                continue
            before += setup
            inside += word
            if len(inside) == 4:
                break
        self.conditional = False
        if not inside:
            return words
        mask = 0
        for _ in inside[1:]:
            mask = mask << 1 | self.rng.getrandbits(1)
        mask = (mask << 1 | 1) << 4 - len(inside)
        return before + [0xbf00 | cond << 4 | mask & 15] + inside

    def sequence(self):
        groups, wanted = [], self.rng.randrange(1, self.length + 1)
        size = lambda words: sum(2 if self.thumb and w < 0x10000 else 4 for w in words)
        used = 0
        while len(groups) < wanted:
            more = self.it_block() if self.thumb and self.rng.random() < 0.25 else self.plain()[0]
            if used + size(more) < SLOT - 8:
                groups.append(more)
                used += size(more)
        return groups

    # ---- states ----

    def state(self):
        r, l = self.rng, self.layout
        out = b"".join(self.vector(16) for _ in range(16))
        out += b"".join(struct.pack("<I", self.integer() >> r.choice([0, 0, 0, 32]) & 0xffffffff) for _ in range(15))
        fpscr = r.getrandbits(4) << 28
        if r.random() < 0.6:
            fpscr |= r.choice([0, 0, 1, 2, 3]) << 22 | r.choice([0, 0, 0, 1]) << 24 | r.choice([0, 0, 1]) << 25 | r.choice([0, 0, 0, 1]) << 26 | self.fz16 * r.choice([0, 0, 0, 1]) << 19
        out += struct.pack("<IIII", r.getrandbits(5) << 27 | r.getrandbits(4) << 16, fpscr, 0, 0)
        out = out.ljust(l.buffer, b"\0")
        return (out + self.vector(l.buffer_bytes)).ljust(l.size, b"\0")
