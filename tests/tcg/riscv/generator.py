"""Random straight-line code from the decode tables, and values that registers may begin with; how programs are made of it and run.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import importlib.machinery, importlib.util, os, pathlib, random, re, shutil, struct, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent


def load_decoder():
    loader = importlib.machinery.SourceFileLoader("make_decoder", str(ROOT / "scripts/make-decoder"))
    spec = importlib.util.spec_from_loader("make_decoder", loader)
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


# What random straight-line code cannot have: control transfer, the system, what reads clocks.
NOT_HERE = {"jal", "jalr", "branch", "csr", "ecall", "ebreak", "sret", "mret", "mnret", "sctrclr", "wfi", "wrs", "pause", "fence_i", "sfence_vma", "sfence_inval", "hfence", "hlv", "hsv",
            "cbo", "auipc", "lr", "sc", "vector", "ss_push", "ss_pop", "ss_swap"}
BUFFER_REG, STATE_REG = 30, 31
FREE = [r for r in range(1, 30) if r not in (2, 3, 4)]
BUFFER = 256            # bytes on both sides of the pointer


def expression_holds(needs, has):
    if not needs:
        return True
    return eval(re.sub(r"[a-z]\w*", lambda m: str(m[0] in has), needs).replace("&", " and ").replace("|", " or "))


# Vector instructions: funct6 by the kind of operands (funct3).
V_INTEGER = {0: [0, 1, 0x14, 0x15, 0x35, 2, 4, 5, 6, 7, 9, 10, 11, 0x0c, 0x0e, 0x10, 0x11, 0x12, 0x13, 0x17, *range(0x18, 0x1e), 0x20, 0x21, 0x22, 0x23, 0x25, 0x27, 0x28, 0x29, 0x2a, 0x2b,
                 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31],
             4: [0, 1, 0x14, 0x15, 0x35, 2, 3, 4, 5, 6, 7, 9, 10, 11, 0x0c, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x17, *range(0x18, 0x20), 0x20, 0x21, 0x22, 0x23, 0x25, 0x27, 0x28, 0x29, 0x2a,
                 0x2b, 0x2c, 0x2d, 0x2e, 0x2f],
             3: [0, 0x14, 0x15, 0x35, 3, 9, 10, 11, 0x0c, 0x0e, 0x0f, 0x10, 0x11, 0x17, 0x18, 0x19, 0x1c, 0x1d, 0x1e, 0x1f, 0x20, 0x21, 0x25, 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f],
             2: [*range(0, 14), 0x10, 0x12, 0x14, 0x17, *range(0x18, 0x28), 0x29, 0x2b, 0x2d, 0x2f, *range(0x30, 0x39), 0x3a, 0x3b, 0x3c, 0x3d, 0x3f],
             6: [8, 9, 10, 11, 12, 13, 0x0e, 0x0f, 0x10, *range(0x20, 0x28), 0x29, 0x2b, 0x2d, 0x2f, *range(0x30, 0x39), 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f]}
V_FLOAT = {1: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0x10, 0x12, 0x13, 0x18, 0x19, 0x1b, 0x1c, 0x20, 0x24, *range(0x28, 0x39), *range(0x3b, 0x40)],
           5: [0, 2, 4, 6, 8, 9, 10, 0x0e, 0x0f, 0x10, 0x17, 0x18, 0x19, 0x1b, 0x1c, 0x1d, 0x1f, 0x20, 0x21, 0x24, 0x27, *range(0x28, 0x30), 0x30, 0x32, 0x34, 0x36, 0x38,
               *range(0x3b, 0x40)]}
V_NOT = {0x35, 0x37, 0x39}
# Vector cryptography: funct6, with vs1 where that tells instructions apart.
V_CRYPTO = [(0x20, None), (0x21, None), (0x22, None), *((f, n) for f in (0x28, 0x29) for n in (0, 1, 2, 3, 7, 16, 17)), (0x2a, None), (0x2b, None), (0x2c, None), (0x2d, None),
            (0x2e, None), (0x2f, None)]


class Generator:
    def __init__(self, options):
        self.rng = random.Random(options.seed)
        self.xlen = options.xlen
        decoder = load_decoder()
        tables = [decoder.Table((ROOT / "target/riscv/tcg" / name).read_text()) for name in ("rv.table", "rvc.table")]
        has = set(re.findall(r"EXT\((\w+), DONE,", (ROOT / "target/riscv/extensions.def").read_text())) | {f"rv{self.xlen}"}
        has -= set(options.without.split(",")) | {"zfinx", "zdinx", "zhinx", "zhinxmin", "zcmp", "zcmt", "zilsd", "zclsd"}      # "max" has none of them
        if self.xlen == 64:
            has -= {"zcf"}
        only = set(filter(None, options.only.split(",")))
        self.rows = []
        for table in tables:
            for row in table.rows:
                names = set(re.findall(r"[a-z]\w*", row.needs))
                if row.handler in NOT_HERE or not expression_holds(row.needs, has):
                    continue
                if only and not (names & only or ("i" in only and not names - {"rv64", "rv32", "zca"})) and row.handler not in only and row.mnemonic not in only:
                    continue
                self.rows.append((table, row))
        if not self.rows:
            sys.exit("no instruction fits")

    def register(self, operand, row):
        r = self.rng
        handler = row.handler
        is_float = handler.startswith("fp_")
        integer_in_float = {"rd": {"fp_to_int", "fp_to_int_mod", "fp_compare", "fp_class", "fp_to_bits", "fp_high_to_bits"},
                            "rs1": {"fp_from_int", "fp_from_bits", "fp_from_pair", "fp_load", "fp_store"}, "rs2": {"fp_from_pair"}}
        if is_float and handler not in integer_in_float.get(operand, set()):
            return r.randrange(32)
        if operand == "rd":
            return r.choice(FREE + [0]) if r.random() < 0.95 else r.choice(FREE)
        return r.choice(FREE + [0])

    def encode(self, table, row):
        """A word, or None when these operands do not go."""
        rng, values = self.rng, {}
        memory = row.handler in ("load", "store", "fp_load", "fp_store", "amo", "amocas", "amocas_pair", "load_acquire", "store_release")
        for operand in row.pieces:
            width = row.width_of[operand]
            if operand in ("rd", "rs1", "rs2", "rs3"):
                values[operand] = self.register(operand, row)
                if row.bias.get(operand):
                    # Registers x8 to x15; as fields.
                    values[operand] = rng.randrange(8) + 8
            elif operand == "rm":
                values[operand] = rng.choice([0, 1, 2, 3, 4, 7, 7, 7])
            else:
                there = sum(((1 << length) - 1) << low for _, length, low in row.pieces[operand])
                values[operand] = rng.getrandbits(width) & there
        if memory:
            if "rs1" in row.sets or row.bias.get("rs1"):
                return None     # compressed: through sp, or registers that we do not keep
            values["rs1"] = BUFFER_REG
            if "imm" in values:
                values["imm"] = rng.randrange(-BUFFER, BUFFER - 16) & ((1 << row.width_of["imm"]) - 1)
        if row.handler == "amocas_pair":
            values["rd"], values["rs2"] = rng.choice([0, 6, 8, 10, 12]), rng.choice([0, 6, 8, 10, 16])
        if row.handler in ("load_acquire", "amocas", "amocas_pair") and values["rd"] == 0:
            return None         # QEMU 11.1 stores what it loaded so where x0 is stored next
        for operand, comparison, value in row.when:
            right = values[value] if value in values else int(value, 0)
            left = values[operand]
            if not eval(f"{left} {comparison} {right}"):
                return None
        target = row.sets.get("rd")
        written = values.get("rd", int(target) if target and target.isdigit() else 0)
        integer_rd = not row.handler.startswith("fp_") or self.writes_integer(row)
        if integer_rd and written in (2, 3, 4, 30, 31):
            return None
        if self.xlen == 32 and row.handler == "shift_imm":
            values["imm" if "imm" in values else "uimm"] &= 31
        word = row.value | (self.rng.getrandbits(32) & ~row.mask & self.dont_care(table, row))
        for operand, pieces in row.pieces.items():
            value = values[operand] - row.bias.get(operand, 0)
            for at, length, low in pieces:
                word |= (value >> low & ((1 << length) - 1)) << at
        return word

    def configuration(self, sew, lmul):
        """VSETIVLI, or VSETVLI for all elements or for as many as a register says."""
        r = self.rng
        vtype, kind = sew << 3 | lmul & 7 | r.randrange(4) << 6, r.randrange(4)
        if kind < 2:
            return ("vsetivli", 3 << 30 | vtype << 20 | r.randrange(32) << 15 | 7 << 12 | 5 << 7 | 0x57)
        return ("vsetvli", vtype << 20 | (0 if kind == 2 else r.choice(FREE)) << 15 | 7 << 12 | 5 << 7 | 0x57)

    def groups(self, lmul):
        """Three different groups of registers, apart from each other and from the mask, each with room for one twice as wide where that exists."""
        size = 1 << min(max(lmul + 1, 1), 3)
        starts = list(range(0 if self.rng.random() < 0.1 else 8, 32, size))
        return [self.rng.choice(starts) for _ in range(3)] if self.rng.random() < 0.2 else self.rng.sample(starts, 3)

    def vector_crypto(self, lmul):
        """One on element groups; most are legal where elements are of 32 bits (SHA-512: 64)."""
        funct6, vs1 = self.rng.choice(V_CRYPTO)
        vd, vs2, other = self.groups(lmul)
        vs1 = vs1 if vs1 is not None else self.rng.randrange(32) if funct6 in (0x21, 0x22, 0x2a, 0x2b) else other
        return (f"ve.{funct6:02x}", funct6 << 26 | (self.rng.random() < 0.98) << 25 | vs2 << 20 | vs1 << 15 | 2 << 12 | vd << 7 | 0x77)

    def vector(self, lmul=0):
        """An access or a computation; most are legal."""
        r = self.rng
        if r.random() < 0.15:
            width, count, store = r.choice([0, 5, 6, 7]), r.choice([0, 0, 0, 1]), r.random() < 0.5
            lumop = r.choice([0, 0, 0, 0, 8, 11, 16])
            return ("vls", count << 29 | r.choice([0, 1]) << 25 | lumop << 20 | BUFFER_REG << 15 | width << 12 | r.choice([8, 12, 16, 24]) << 7 | (0x27 if store else 7))
        floats = r.random() < 0.35
        kind = r.choice([1, 5] if floats else [0, 2, 3, 4, 6])
        funct6 = r.choice([f for f in (V_FLOAT if floats else V_INTEGER)[kind] if not (floats and f in V_NOT)])
        vd, vs2, vs1 = self.groups(lmul)
        vm = r.choice([0, 1])
        if kind in (4, 6):
            vs1 = r.choice(FREE)
        if kind in (3, 5):
            vs1 = r.randrange(32)
        if not floats:
            if kind in (0, 3, 4) and funct6 in (0x10, 0x12):
                vm = 0
            if kind in (0, 3, 4) and funct6 == 0x17 and vm:
                vs2 = 0
            if kind == 3 and funct6 == 0x27:
                vm, vs1 = 1, r.choice([0, 1])
            if kind == 2 and funct6 == 0x10:
                vs1 = r.choice([0, 16, 17])
                vm, vd = vm | (vs1 == 0), r.choice(FREE)
            if kind == 2 and funct6 == 0x12:
                vs1 = r.choice([6, 7, 8, 9, 10, 12, 13, 14])
            if kind == 2 and funct6 == 0x14:
                vs1 = r.choice([1, 2, 3, 16, 17])
                vs2 = 0 if vs1 == 17 else vs2
            if (kind == 2 and funct6 in range(0x17, 0x20)) or (kind == 6 and funct6 == 0x10):
                vm = 1
                vs2 = 0 if kind == 6 else vs2
        else:
            if funct6 == 0x10:
                vm = 1
                if kind == 1:
                    vs1, vd = 0, r.randrange(32)
                else:
                    vs2 = 0
            if funct6 == 0x12:
                vs1 = r.choice([0, 1, 2, 3, 6, 7, *range(8, 16), *range(16, 24), 29])
            if funct6 == 0x13:
                vs1 = r.choice([0, 4, 5, 16])
            if funct6 == 0x17 and vm:
                vs2 = 0
        return (f"v{kind}.{funct6:02x}", funct6 << 26 | vm << 25 | vs2 << 20 | vs1 << 15 | kind << 12 | vd << 7 | 0x57)

    def vector_block(self, length):
        """One width of elements and one size of groups."""
        r, words = self.rng, []
        floats, crypto = r.random() < 0.5, 0
        sew = r.choice([1, 1, 2, 2, 3]) if floats else r.randrange(4)
        if r.random() < 0.25:
            floats, crypto, sew = False, 0.6, r.choice([2, 2, 3])
        lmul = r.choice([n for n in (-3, -2, -1, 0, 0, 0, 1, 2, 3) if 3 + sew <= 6 + min(n, 0)])
        words.append((*self.configuration(sew, lmul), 32))
        while len(words) < length:
            name, word = self.configuration(sew, lmul) if r.random() < 0.1 else self.vector_crypto(lmul) if r.random() < crypto else self.vector(lmul)
            if name.startswith("ve"):
                words.append((name, word, 32))
                continue
            kind, funct6 = (int(name[1]), int(name[3:], 16)) if name[2] == "." else (7, 0)
            twice = kind in (1, 2, 5, 6) and funct6 >= 0x30 or kind in (0, 3, 4) and (funct6 in (0x2c, 0x2d, 0x2e, 0x2f, 0x35) or kind == 0 and funct6 >= 0x30)
            twice = twice or kind == 1 and funct6 == 0x12 and (word >> 15 & 31) >= 8
            carryless = kind in (2, 6) and funct6 in (0x0c, 0x0d)
            if (not floats and kind in (1, 5)) or (sew == 0 and name == "v2.12" and (word >> 15 & 31) < 8) or (carryless and sew != 3) or (twice and (sew == 3 or lmul == 3)):
                continue
            words.append((name, word, 32))
        return words, [f"    .word {word:#x}   # {name}" for name, word, _ in words]

    @staticmethod
    def writes_integer(row):
        return row.handler in ("fp_to_int", "fp_to_int_mod", "fp_compare", "fp_class", "fp_to_bits", "fp_high_to_bits")

    @staticmethod
    def dont_care(table, row):
        return 0

    def block(self, length):
        lines, words = [], []
        while len(words) < length:
            table, row = self.rng.choice(self.rows)
            word = self.encode(table, row)
            if word is None:
                continue
            words.append((row.mnemonic, word, table.width))
            lines.append(f"    .{'hword' if table.width == 16 else 'word'} {word:#x}   # {row.mnemonic}")
        return words, lines

    def value(self):
        r = self.rng
        kinds = [lambda: r.getrandbits(64), lambda: r.getrandbits(r.randrange(1, 64)), lambda: (1 << 64) - 1 - r.getrandbits(r.randrange(1, 32)),
                 lambda: r.choice([0, 1, (1 << 64) - 1, 1 << 63, (1 << 63) - 1, 0x7fffffff, 0xffffffff80000000, 0xffffffff])]
        v = r.choice(kinds)()
        return v if self.xlen == 64 else ((v & 0xffffffff) ^ 0x80000000) - 0x80000000 & (1 << 64) - 1

    def float_value(self):
        r = self.rng
        special32 = [0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0xffc12345, 1, 0x80000001, 0x007fffff, 0x00800000,
                     0x7f7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x5f000000, 0x3f000000, 0x3fc00000]
        special64 = [0, 1 << 63, 0x3ff << 52, 0xbff << 52, 0x7ff << 52, 0xfff << 52, 0x7ff8 << 48, (0x7ff << 52) + 1, 1, (1 << 63) + 1, (1 << 52) - 1, 1 << 52,
                     0x7fefffffffffffff, 0x41e0000000000000, 0xc1e0000000000000, 0x43e0000000000000, 0xc3e0000000000000, 0x3fe0000000000000, 0x47efffffe0000000]
        kind = r.randrange(8)
        if kind == 0:
            return 0xffffffff00000000 | r.choice(special32)
        if kind == 1:
            return r.choice(special64)
        if kind == 2:
            return 0xffffffff00000000 | struct.unpack("<I", struct.pack("<f", r.uniform(-1000, 1000)))[0]
        if kind == 3:
            return struct.unpack("<Q", struct.pack("<d", r.uniform(-1e6, 1e6)))[0]
        if kind == 4:
            return 0xffffffff00000000 | r.getrandbits(32)
        if kind == 5:
            return 0xffffffffffff0000 | r.choice([0, 0x8000, 0x3c00, 0xbc00, 0x7c00, 0xfc00, 0x7e00, 0x7c01, 1, 0x3ff, 0x400, 0x7bff, r.getrandbits(16), r.getrandbits(16)])
        if kind == 6:
            return struct.unpack("<Q", struct.pack("<d", float(r.getrandbits(r.randrange(1, 66)))))[0]
        return r.getrandbits(64)


def build(text, folder, xlen):
    source, elf, image = folder / "t.S", folder / "t.elf", folder / "t.bin"
    source.write_text(text)
    march, mabi, emul = (("rv64gc", "lp64d", "elf64lriscv") if xlen == 64 else ("rv32gc", "ilp32d", "elf32lriscv"))
    subprocess.run(["riscv64-linux-gnu-as", f"-march={march}", f"-mabi={mabi}", "-o", elf.with_suffix(".o"), source], check=True)
    subprocess.run(["riscv64-linux-gnu-ld", "-m", emul, "-Ttext=0x80000000", "--build-id=none", "-o", elf, elf.with_suffix(".o")], check=True)
    subprocess.run(["riscv64-linux-gnu-objcopy", "-O", "binary", elf, image], check=True)
    return image


def find_reference(xlen):
    """Another emulator that is new enough to know the extensions."""
    path = os.environ.get("REFERENCE_EMULATORS")
    program = shutil.which(f"qemu-system-riscv{xlen}", path=path)
    if not program:
        return None
    models = subprocess.run([program, "-cpu", "help"], capture_output=True, text=True).stdout.split()
    return program if "max" in models else None


def run_here(runner, accel, cpu, image, seconds=60):
    return subprocess.run([runner, accel, cpu, image, str(seconds)], capture_output=True, timeout=4 * seconds).stdout


def run_there(reference, cpu, image, folder, seconds=60):
    out = folder / "there"
    subprocess.run([reference, "-M", "virt", "-cpu", cpu, "-bios", image, "-display", "none", "-serial", f"file:{out}", "-monitor", "none"],
                   capture_output=True, timeout=2 * seconds)
    return out.read_bytes()
