/*
 * The state of the x87 and of SSE as images: tags, ES and B, FNINIT, FXSAVE.
 *
 * Intel SDM volume 1, 8.1.3 (status), 8.1.7 (tags), 8.7 and appendix D (FERR#, IGNNE#), 10.5.1 (the FXSAVE area).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu.h"
#include "hw/i386/apic.h"
#include "util/bits.h"
#include "util/main-loop.h"
#include <string.h>

enum { FSW_ES = 0x80, FSW_B = 0x8000, FSW_TOP = 0x3800, FSW_FLAGS = 0x3f, TAG_VALID = 0, TAG_ZERO, TAG_SPECIAL, TAG_EMPTY };

/* ---- errors ---- */

/* FERR#: interrupt 13 of the PC. */
static Irq *error_line;

void x86_set_numeric_error_line(Irq *line)
{
    error_line = line;
}

static void set_error_line(int level)
{
    MACHINE_LOCK_GUARD();
    irq_set(error_line, level);
}

void x86_fpu_raise_error(X86Cpu *cpu)
{
    if (!cpu->fpu_error_raised) {
        cpu->fpu_error_raised = true;
        set_error_line(1);
    }
}

/* The handler may use the x87 until the error is gone. */
void x86_ignore_numeric_error(void)
{
    X86Cpu *cpu = X86_CPU(cpu_current());
    if (cpu && cpu->fpu_error_raised) {
        cpu->fpu_ignore_errors = true;
        x86_fpu_update(cpu);
        set_error_line(0);
    }
}

void x86_fpu_update(X86Cpu *cpu)
{
    bool error = cpu->fpu_status & ~cpu->fpu_control & FSW_FLAGS;
    cpu->fpu_status &= ~(FSW_ES | FSW_B);
    cpu->fpu_status |= error ? FSW_ES | FSW_B : 0;
    if (!error && cpu->fpu_error_raised) {
        cpu->fpu_error_raised = cpu->fpu_ignore_errors = false;
        set_error_line(0);
    }
    cpu->fpu_pending = error && !cpu->fpu_ignore_errors;
    cpu->fpu_helped = 0;
}

/* ---- state ---- */

void x86_fpu_init(X86Cpu *cpu)
{
    memset(cpu->fpu_empty, 1, sizeof(cpu->fpu_empty));
    cpu->fpu_control = 0x37f;
    cpu->fpu_status = 0;
    cpu->fpu_top = 0;
    cpu->fpu_opcode = cpu->fpu_cs = cpu->fpu_ds = 0;
    cpu->fpu_ip = cpu->fpu_dp = 0;
    x86_fpu_update(cpu);
}

uint8_t x86_fpu_tag_abridged(const X86Cpu *cpu)
{
    uint8_t tags = 0;
    for (int i = 0; i < 8; i++) {
        tags |= !cpu->fpu_empty[i] << i;
    }
    return tags;
}

static unsigned tag_of(const Float80 *f)
{
    uint64_t mantissa = load_le64(f->bytes);
    unsigned exponent = load_le16(f->bytes + 8) & 0x7fff;
    if (exponent == 0 && mantissa == 0) {
        return TAG_ZERO;
    }
    return exponent == 0 || exponent == 0x7fff || !(mantissa >> 63) ? TAG_SPECIAL : TAG_VALID;
}

uint16_t x86_fpu_tag_full(const X86Cpu *cpu)
{
    uint16_t tags = 0;
    for (int i = 0; i < 8; i++) {
        tags |= (cpu->fpu_empty[i] ? TAG_EMPTY : tag_of(&cpu->fpr[i])) << 2 * i;
    }
    return tags;
}

void x86_fxsave(const X86Cpu *cpu, uint8_t image[512])
{
    memset(image, 0, 512);
    store_le16(image, cpu->fpu_control);
    store_le16(image + 2, (cpu->fpu_status & ~FSW_TOP) | cpu->fpu_top << 11);
    image[4] = x86_fpu_tag_abridged(cpu);
    store_le16(image + 6, cpu->fpu_opcode);
    store_le64(image + 8, cpu->fpu_ip);
    store_le64(image + 16, cpu->fpu_dp);
    store_le32(image + 24, cpu->mxcsr);
    store_le32(image + 28, MXCSR_VALID);
    for (int i = 0; i < 8; i++) {
        memcpy(image + 32 + 16 * i, cpu->fpr[(cpu->fpu_top + i) & 7].bytes, 10);
    }
    for (int i = 0; i < 16; i++) {
        memcpy(image + 160 + 16 * i, cpu->ymm[i].b, 16);
    }
}

void x86_fxrstor(X86Cpu *cpu, const uint8_t image[512])
{
    uint16_t status = load_le16(image + 2);
    /* The bits that FCW has not: 6 reads 1. */
    cpu->fpu_control = (load_le16(image) & 0x1f3f) | 0x40;
    cpu->fpu_status = status & ~FSW_TOP;
    cpu->fpu_top = status >> 11 & 7;
    cpu->fpu_opcode = load_le16(image + 6) & 0x7ff;
    cpu->fpu_ip = load_le64(image + 8);
    cpu->fpu_dp = load_le64(image + 16);
    cpu->mxcsr = load_le32(image + 24) & MXCSR_VALID;
    for (int i = 0; i < 8; i++) {
        cpu->fpu_empty[i] = !(image[4] >> i & 1);
        memcpy(cpu->fpr[(cpu->fpu_top + i) & 7].bytes, image + 32 + 16 * i, 10);
    }
    for (int i = 0; i < 16; i++) {
        memcpy(cpu->ymm[i].b, image + 160 + 16 * i, 16);
    }
    x86_fpu_update(cpu);
}
