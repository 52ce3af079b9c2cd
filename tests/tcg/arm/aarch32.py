"""AArch32 for random-insns: the driver, the layout of a record and the ELF file. aarch32_insns.py makes the instructions.

The same code runs in User mode of the bare processor and as a Linux program. A sequence that takes an exception is left: its address and that it happened are in the record.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct

CODE, SEQUENCES, STATES, OUTPUT = 0x40000000, 0x40100000, 0x41000000, 0x42000000
WORK = 0x40f00000       # the state that the sequence runs on
SLOT = 128
AFTER = CODE + 0x40     # where sequences go to, in A32; for T32 code there is a step before
AFTER_THUMB = AFTER - 4


class Layout:
    """Of a record: D0 to D31, R0 to R14, CPSR, FPSCR, exceptions, the last one's address and execution state, a buffer."""
    unit = 4

    def __init__(self):
        self.regs = 256
        self.cpsr, self.fpscr, self.count, self.fault = 316, 320, 324, 328
        self.buffer, self.buffer_bytes = 352, 512
        self.size = self.buffer + self.buffer_bytes

    def names(self):
        for n in range(64):
            yield f"s{n}" if n < 32 else f"d{n // 2}.s[{n % 2}]", 4 * n
        for n in range(15):
            yield f"r{n}", self.regs + 4 * n
        yield from (("cpsr", self.cpsr), ("fpscr", self.fpscr), ("exceptions", self.count), ("fault", self.fault), ("state of the fault", self.fault + 4))
        for i in range(0, self.buffer_bytes, 4):
            yield f"buffer+{i:#x}", self.buffer + i

    def note(self, state):
        return f"cpsr {struct.unpack_from('<I', state, self.cpsr)[0]:#x} fpscr {struct.unpack_from('<I', state, self.fpscr)[0]:#x}"


START = """
.arch armv8-a
.fpu neon-fp-armv8
.arm
.globl _start
_start:
    b start
.org 0x3c
.thumb
    bx pc
    nop
.arm
after:
    mcr p15, 0, r0, c13, c0, 2
    ldr r0, ={WORK} + {regs} + 4
    stmia r0, {{r1-r14}}
    mrc p15, 0, r1, c13, c0, 2
    str r1, [r0, #-4]
    mrs r1, cpsr
    ldr r2, =0xf80f0000
    and r1, r1, r2
    vmrs r2, fpscr
    ldr r0, ={WORK}
    str r1, [r0, #{cpsr}]
    str r2, [r0, #{fpscr}]
    vstmia r0!, {{d0-d15}}
    vstmia r0, {{d16-d31}}
    sub r0, r0, #128
    ldr r11, =variables
    ldr r1, [r11, #8]
    mov r2, #{size}
    bl copy
    str r1, [r11, #8]
    ldr r1, [r11, #16]
    subs r1, r1, #1
    str r1, [r11, #16]
    bne state
    ldr r1, [r11]
    add r1, r1, #{SLOT}
    str r1, [r11]
    ldr r1, [r11, #4]
    subs r1, r1, #1
    str r1, [r11, #4]
    bne sequence
    b end
copy:
    ldmia r0!, {{r3-r10}}
    stmia r1!, {{r3-r10}}
    subs r2, r2, #32
    bne copy
    bx lr
sequence:
    ldr r1, ={states}
    str r1, [r11, #16]
    ldr r1, ={STATES}
    str r1, [r11, #12]
state:
    ldr r0, [r11, #12]
    ldr r1, ={WORK}
    mov r2, #{size}
    bl copy
    str r0, [r11, #12]
    ldr r0, ={WORK}
    ldr r1, [r0, #{cpsr}]
    ldr r2, [r0, #{fpscr}]
    vmsr fpscr, r2
    vldmia r0!, {{d0-d15}}
    vldmia r0!, {{d16-d31}}
    msr cpsr_fs, r1
    ldmia r0, {{r0-r14}}
    ldr pc, variables
start:
    {setup}
    ldr r11, =variables
    ldr r0, ={SEQUENCES} + {SLOT} + {thumb}
    ldr r1, ={nr_sequences}
    ldr r2, ={OUTPUT}
    stmia r11, {{r0, r1, r2}}
    b sequence
"""
# In a sequence's exception only the banked SP and LR may be lost.
BARE_SETUP = """
    ldr r0, =vectors
    mcr p15, 0, r0, c12, c0, 0
    mov r0, #0xf00000               // CPACR
    mcr p15, 0, r0, c1, c0, 2
    isb
    mov r0, #0x40000000             // FPEXC.EN
    vmsr fpexc, r0
    ldr r0, =table
    mcr p15, 0, r0, c2, c0, 0
    mov r0, #0
    mcr p15, 0, r0, c2, c0, 2
    mov r0, #1                      // DACR
    mcr p15, 0, r0, c3, c0, 0
    isb
    mrc p15, 0, r0, c1, c0, 0       // SCTLR: M, C, I, not A
    orr r0, r0, #5
    orr r0, r0, #0x1000
    bic r0, r0, #2
    mcr p15, 0, r0, c1, c0, 0
    isb
    mov r0, #0x10
    msr cpsr_cxsf, r0
"""
BARE_END = """
end:
    mov r0, #0x100000
    ldr r1, =0x5555
    str r1, [r0]
    b .
.macro enter
    ldr sp, =variables
    str r0, [sp, #32]
    mrs r0, spsr
.endm
.macro leave
    str lr, [sp, #36]
    ldr lr, =0x0600fc20             // T and IT
    and lr, r0, lr
    str lr, [sp, #40]
    bic r0, r0, #0x20
    bic r0, r0, #0x06000000
    bic r0, r0, #0xfc00
    msr spsr_cxsf, r0
    ldr r0, ={WORK}
    ldr lr, [sp, #36]
    str lr, [r0, #{fault}]
    ldr lr, [sp, #40]
    str lr, [r0, #{fault} + 4]
    ldr lr, [r0, #{count}]
    add lr, lr, #1
    str lr, [r0, #{count}]
    ldr r0, [sp, #32]
    ldr lr, =after
    movs pc, lr
.endm
.balign 32
vectors:
    b .
    b undefined
    b .
    b prefetch
    b data
    b .
    b .
    b .
undefined:
    enter
    tst r0, #0x20
    subne lr, lr, #2
    subeq lr, lr, #4
    leave
prefetch:
    enter
    sub lr, lr, #4
    leave
data:
    enter
    sub lr, lr, #8
    leave
.ltorg
.org 0x1000         // (away from code: it is written to)
variables: .fill 16, 4, 0
.balign 16384
table:              // sections: a device at 0x100000, memory from 0x40000000
    .word 0, 0x100c16
    .fill 1022, 4, 0
.set section, 0x400
.rept 512
    .word (section << 20) | 0x1c0e
    .set section, section + 1
.endr
    .fill 2560, 4, 0
"""
LINUX_SETUP = """
    ldr r0, =signal_stack
    mov r1, #0
    mov r7, #186
    svc #0
.macro catch signal
    mov r0, #\signal
    ldr r1, =action
    mov r2, #0
    mov r3, #8
    mov r7, #174
    svc #0
.endm
    catch 4                         // SIGILL, SIGBUS, SIGSEGV
    catch 7
    catch 11
"""
LINUX_END = """
end:
    ldr r4, ={OUTPUT}
    ldr r5, ={bytes}
1:  mov r0, #1
    mov r1, r4
    mov r2, r5
    mov r7, #4
    svc #0
    cmp r0, #0
    ble 2f
    add r4, r4, r0
    subs r5, r5, r0
    bne 1b
2:  mov r0, #0
    mov r7, #248
    svc #0
handler:
    ldr r3, [r2, #92]               // PC and CPSR of the context
    ldr r0, ={WORK}
    str r3, [r0, #{fault}]
    ldr r3, [r0, #{count}]
    add r3, r3, #1
    str r3, [r0, #{count}]
    ldr r3, =after
    str r3, [r2, #92]
    ldr r3, [r2, #96]
    ldr r12, =0x0600fc20            // T and IT
    and r12, r12, r3
    str r12, [r0, #{fault} + 4]
    bic r3, r3, #0x20
    bic r3, r3, #0x06000000
    bic r3, r3, #0xfc00
    str r3, [r2, #96]
    bx lr
restorer:
    mov r7, #173
    svc #0
.ltorg
.org 0x1000
variables: .fill 16, 4, 0
signal_stack: .word stack, 0, 0x20000
action: .word handler, 0x4c000004, restorer, 0, 0       // SA_ONSTACK, SA_NODEFER, SA_RESTORER, SA_SIGINFO
.balign 4096
stack: .fill 0x20000, 1, 0
"""


class Aarch32:
    """What random-insns asks of an instruction set."""
    tools, reference, package = "arm-linux-gnueabihf-", "qemu-arm", "binutils-arm-linux-gnueabihf"
    reference_cpu = None        # the same as here
    code, sequences, states, output, slot = CODE, SEQUENCES, STATES, OUTPUT, SLOT
    first_slot = 1              # (literal loads look behind)
    elf_flags = 0x05000400

    def __init__(self, thumb):
        self.thumb = thumb

    def pack(self, words):
        """Words of A32; of T32 those below 0x10000 are 16-bit instructions, and others begin with their upper half."""
        if not self.thumb:
            return b"".join(struct.pack("<I", w) for w in words)
        return b"".join(struct.pack("<H", w) if w < 0x10000 else struct.pack("<HH", w >> 16, w & 0xffff) for w in words)

    def jump(self, at, after):
        if not self.thumb:
            return struct.pack("<I", 0xea000000 | (AFTER - at - 8) // 4 & 0xffffff)
        offset = AFTER_THUMB - at - 4
        sign = offset >> 31 & 1
        j1, j2 = 1 ^ sign ^ offset >> 23 & 1, 1 ^ sign ^ offset >> 22 & 1
        return struct.pack("<HH", 0xf000 | sign << 10 | offset >> 12 & 0x3ff, 0x9000 | j1 << 13 | j2 << 11 | offset >> 1 & 0x7ff)

    def driver(self, layout, count, states, bare):
        words = dict(WORK=hex(WORK), SEQUENCES=SEQUENCES, STATES=STATES, OUTPUT=OUTPUT, SLOT=SLOT, regs=layout.regs, cpsr=layout.cpsr, fpscr=layout.fpscr, fault=layout.fault, count=layout.count,
                     size=layout.size, states=states, thumb=int(self.thumb), bytes=count * states * layout.size)
        start = START.format(setup=BARE_SETUP if bare else LINUX_SETUP, nr_sequences=count, **words)
        return start + (BARE_END if bare else LINUX_END).format(**words)

    def make_elf(self, parts):
        """A Linux program of segments (address, bytes, size in memory)."""
        parts = parts + [(WORK, b"", 0x1000)]
        header = struct.pack("<16sHHIIIIIHHHHHH", b"\x7fELF\x01\x01\x01" + bytes(9), 2, 40, 1, CODE, 52, 0, self.elf_flags, 52, 32, len(parts), 0, 0, 0)
        out, at, table = b"", 0x1000, b""
        for address, data, size in parts:
            table += struct.pack("<IIIIIIII", 1, at, address, address, len(data), size, 7, 0x1000)
            out += data + bytes(-len(data) % 0x1000)
            at = 0x1000 + len(out)
        return (header + table).ljust(0x1000, b"\0") + out
