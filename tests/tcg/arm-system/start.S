/*
 * The first instructions of a test program, the vectors of all levels, and the ways between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
    .section .text.start, "ax"
    .global _start
_start:
    mrs     x0, CurrentEL
    lsr     x0, x0, #2
    adr     x1, vectors
    cmp     x0, #2
    b.lo    1f
    b.eq    2f
    msr     vbar_el3, x1
    msr     cptr_el3, xzr
2:  msr     vbar_el2, x1
    mov     x2, #0x33ff
    msr     cptr_el2, x2
1:  msr     vbar_el1, x1
    mov     x2, #(3 << 20)
    msr     cpacr_el1, x2
    mrs     x2, mpidr_el1
    and     x2, x2, #0xff
    ldr     x3, =stacks
    add     x2, x2, #1
    mov     x4, #0x8000
    madd    x2, x2, x4, x3
    msr     spsel, #1
    mov     sp, x2
    isb
    mrs     x1, mpidr_el1
    ands    x1, x1, #0xff
    b.ne    other_main
    bl      runtime_main
3:  wfi
    b       3b

    /* Registers are saved below the stack that the level has; kind: offset of the vector. */
    .macro vector kind
    .balign 0x80
    sub     sp, sp, #0x120
    stp     x0, x1, [sp]
    mov     x0, #\kind
    b       save
    .endm

    .balign 0x800
    .global vectors
vectors:
    vector 0x000
    vector 0x080
    vector 0x100
    vector 0x180
    vector 0x200
    vector 0x280
    vector 0x300
    vector 0x380
    vector 0x400
    vector 0x480
    vector 0x500
    vector 0x580
    vector 0x600
    vector 0x680
    vector 0x700
    vector 0x780

save:
    stp     x2, x3, [sp, #0x10]
    stp     x4, x5, [sp, #0x20]
    stp     x6, x7, [sp, #0x30]
    stp     x8, x9, [sp, #0x40]
    stp     x10, x11, [sp, #0x50]
    stp     x12, x13, [sp, #0x60]
    stp     x14, x15, [sp, #0x70]
    stp     x16, x17, [sp, #0x80]
    stp     x18, x19, [sp, #0x90]
    stp     x20, x21, [sp, #0xa0]
    stp     x22, x23, [sp, #0xb0]
    stp     x24, x25, [sp, #0xc0]
    stp     x26, x27, [sp, #0xd0]
    stp     x28, x29, [sp, #0xe0]
    str     x30, [sp, #0xf0]
    mrs     x1, CurrentEL
    cmp     x1, #8
    b.lo    1f
    b.eq    2f
    mrs     x2, elr_el3
    mrs     x3, spsr_el3
    mrs     x4, esr_el3
    mrs     x5, far_el3
    b       4f
2:  mrs     x2, elr_el2
    mrs     x3, spsr_el2
    mrs     x4, esr_el2
    mrs     x5, far_el2
    b       4f
1:  mrs     x2, elr_el1
    mrs     x3, spsr_el1
    mrs     x4, esr_el1
    mrs     x5, far_el1
4:  stp     x2, x3, [sp, #0xf8]
    stp     x4, x5, [sp, #0x108]
    str     x0, [sp, #0x118]
    mov     x0, sp
    bl      runtime_exception
    /* fall through: back to where the frame says */
    ldp     x2, x3, [sp, #0xf8]
    mrs     x1, CurrentEL
    cmp     x1, #8
    b.lo    1f
    b.eq    2f
    msr     elr_el3, x2
    msr     spsr_el3, x3
    b       4f
2:  msr     elr_el2, x2
    msr     spsr_el2, x3
    b       4f
1:  msr     elr_el1, x2
    msr     spsr_el1, x3
4:  ldp     x2, x3, [sp, #0x10]
    ldp     x4, x5, [sp, #0x20]
    ldp     x6, x7, [sp, #0x30]
    ldp     x8, x9, [sp, #0x40]
    ldp     x10, x11, [sp, #0x50]
    ldp     x12, x13, [sp, #0x60]
    ldp     x14, x15, [sp, #0x70]
    ldp     x16, x17, [sp, #0x80]
    ldp     x18, x19, [sp, #0x90]
    ldp     x20, x21, [sp, #0xa0]
    ldp     x22, x23, [sp, #0xb0]
    ldp     x24, x25, [sp, #0xc0]
    ldp     x26, x27, [sp, #0xd0]
    ldp     x28, x29, [sp, #0xe0]
    ldr     x30, [sp, #0xf0]
    ldp     x0, x1, [sp], #0x120
    eret

    /* int context_save(Context *), and back to it from an exception's handler */
    .global context_save
context_save:
    stp     x19, x20, [x0]
    stp     x21, x22, [x0, #0x10]
    stp     x23, x24, [x0, #0x20]
    stp     x25, x26, [x0, #0x30]
    stp     x27, x28, [x0, #0x40]
    stp     x29, x30, [x0, #0x50]
    mov     x1, sp
    mrs     x2, daif
    stp     x1, x2, [x0, #0x60]
    mrs     x3, CurrentEL
    str     x3, [x0, #0x70]
    mov     w0, #0
    ret

    /* The end of an exception that was caught: registers of the context, at the level of the handler. */
    .global context_restore
context_restore:
    ldp     x19, x20, [x0]
    ldp     x21, x22, [x0, #0x10]
    ldp     x23, x24, [x0, #0x20]
    ldp     x25, x26, [x0, #0x30]
    ldp     x27, x28, [x0, #0x40]
    ldp     x29, x30, [x0, #0x50]
    ldp     x1, x2, [x0, #0x60]
    mov     sp, x1
    msr     daif, x2
    mov     w0, #1
    ret

    /* void enter(level, spsr, function, argument, stack): by ERET from this level. It does not come back but by an exception. */
    .global enter_lower
enter_lower:
    mrs     x5, CurrentEL
    cmp     x5, #8
    b.lo    1f
    b.eq    2f
    msr     elr_el3, x2
    msr     spsr_el3, x1
    b       3f
2:  msr     elr_el2, x2
    msr     spsr_el2, x1
    b       3f
1:  msr     elr_el1, x2
    msr     spsr_el1, x1
3:  cbnz    x0, 4f
    msr     sp_el0, x4
    b       5f
4:  cmp     x0, #1
    b.ne    6f
    cmp     x5, #4
    b.eq    5f
    msr     sp_el1, x4
    b       5f
6:  msr     sp_el2, x4
5:  adr     x30, return_svc
    cbz     x0, 7f
    adr     x30, return_hvc
    cmp     x5, #8
    b.eq    7f
    adr     x30, return_smc
7:  mov     x0, x3
    eret

return_svc:
    svc     #0xfff
return_hvc:
    hvc     #0xfff
return_smc:
    smc     #0xfff

    .section .bss
    .balign 16
stacks:
    .skip   0x8000 * 9
