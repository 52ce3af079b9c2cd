/*
 * LDMXCSR, FXSAVE, XSAVE and their counterparts.
 *
 * Intel SDM volume 1, 10.5 (FXSAVE) and chapter 13 (XSAVE); volume 2. AMD APM volume 2, 11.4.4 (EFER.FFXSR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/helpers-x87.h"
#include "target/i386/internal.h"
#include "target/i386/cpuid.h"
#include <string.h>

enum { XSTATE_X87 = 1, XSTATE_SSE = 2, XSTATE_AVX = 4, XSTATE_PKRU = 1 << 9, XSAVE_HEADER = 512, XSAVE_AVX = 576, XSAVE_PKRU = 0xa80, FX_X87_BYTES = 24 };
#define XCOMP_COMPACTED BIT(63)

/* ---- MXCSR ---- */

static void check_mxcsr(X86Cpu *cpu, uint32_t value)
{
    if (value & ~MXCSR_VALID) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
}

static void x86_helper_ldmxcsr(Cpu *c, uint32_t value)
{
    check_mxcsr(X86_CPU(c), value);
    x86_load_mxcsr(X86_CPU(c), value);
}

static uint32_t x86_helper_stmxcsr(Cpu *c)
{
    return x86_collect_mxcsr(X86_CPU(c));
}

/* ---- parts of the image ---- */

static void check_alignment(X86Cpu *cpu, uint64_t address, unsigned alignment)
{
    if (address & (alignment - 1)) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
}

static unsigned nr_xmm(const X86Cpu *cpu)
{
    return x86_code64(cpu) ? 16 : 8;
}

/* Without REX.W the pointers are 32 bits and a selector. */
static void narrow_pointers(const X86Cpu *cpu, uint8_t *image)
{
    store_le32(image + 12, cpu->fpu_cs & 0xffff);
    store_le32(image + 20, cpu->fpu_ds & 0xffff);
}

static void take_x87(X86Cpu *cpu, const uint8_t *image, bool wide)
{
    uint8_t whole[512];
    uint32_t mxcsr = cpu->mxcsr;
    x86_fxsave(cpu, whole);
    memcpy(whole, image, FX_X87_BYTES);
    memcpy(whole + 32, image + 32, 128);
    if (!wide) {
        memset(whole + 12, 0, 4);
        memset(whole + 20, 0, 4);
        cpu->fpu_cs = load_le16(image + 12);
        cpu->fpu_ds = load_le16(image + 20);
    }
    x86_fxrstor(cpu, whole);
    cpu->mxcsr = mxcsr;
}

static void take_xmm(X86Cpu *cpu, const uint8_t *image)
{
    for (unsigned i = 0; i < nr_xmm(cpu); i++) {
        memcpy(cpu->ymm[i].b, image + 160 + 16 * i, 16);
    }
}

/* ---- FXSAVE, FXRSTOR ---- */

/* AMD: without the XMM registers at CPL 0 in 64-bit code, when EFER.FFXSR says so. */
static bool leaves_xmm(const X86Cpu *cpu)
{
    return (cpu->efer & EFER_FFXSR) && x86_code64(cpu) && x86_cpl(cpu) == 0;
}

static void x86_helper_fxsave(Cpu *c, uint64_t address, uint32_t wide)
{
    X86Cpu *cpu = X86_CPU(c);
    uint8_t image[512];
    x86_x87_park(cpu);
    check_alignment(cpu, address, 16);
    x86_collect_mxcsr(cpu);
    x86_fxsave(cpu, image);
    if (!wide) {
        narrow_pointers(cpu, image);
    }
    /* What is behind the registers is left alone. */
    unsigned bytes = leaves_xmm(cpu) ? 160 : 160 + 16 * nr_xmm(cpu);
    x86_or_leave(cpu, tcg_probe(c, address, 512, TCG_ACCESS_STORE, x86_priv(cpu)) && tcg_write_bytes(c, address, image, bytes, x86_priv(cpu)));
}

static void x86_helper_fxrstor(Cpu *c, uint64_t address, uint32_t wide)
{
    X86Cpu *cpu = X86_CPU(c);
    uint8_t image[512];
    x86_x87_park(cpu);
    check_alignment(cpu, address, 16);
    x86_or_leave(cpu, tcg_read_bytes(c, address, image, sizeof(image), x86_priv(cpu)));
    uint32_t mxcsr = load_le32(image + 24);
    check_mxcsr(cpu, mxcsr);
    take_x87(cpu, image, wide);
    x86_load_mxcsr(cpu, mxcsr);
    if (!leaves_xmm(cpu)) {
        take_xmm(cpu, image);
    }
}

/* ---- XSAVE, XRSTOR ---- */

static bool is_zero(const void *p, size_t bytes)
{
    const uint8_t *b = p;
    return bytes == 0 || (b[0] == 0 && memcmp(b, b + 1, bytes - 1) == 0);
}

/* XINUSE: the components that are not as after a reset. */
static uint64_t in_use(const X86Cpu *cpu)
{
    uint64_t used = 0;
    bool x87 = cpu->fpu_control != 0x37f || cpu->fpu_status || cpu->fpu_top || x86_fpu_tag_abridged(cpu) || cpu->fpu_ip || cpu->fpu_dp || cpu->fpu_opcode
        || !is_zero(cpu->fpr, sizeof(cpu->fpr));
    used |= x87 ? XSTATE_X87 : 0;
    for (unsigned i = 0; i < nr_xmm(cpu); i++) {
        used |= is_zero(cpu->ymm[i].b, 16) ? 0 : XSTATE_SSE;
        used |= is_zero(cpu->ymm[i].b + 16, 16) ? 0 : XSTATE_AVX;
    }
    return used | (cpu->pkru ? XSTATE_PKRU : 0);
}

static void write_part(X86Cpu *cpu, uint64_t address, const void *bytes, unsigned n)
{
    x86_or_leave(cpu, tcg_write_bytes(&cpu->parent, address, bytes, n, x86_priv(cpu)));
}

/* What XSAVE and its kin work on: the image, the components asked for, and where the ones behind the header are. */
typedef struct Image { uint64_t address, wanted, compacted /* XCOMP_BV, or 0: the standard form */; bool wide; } Image;

static uint64_t place_of(const Image *i, unsigned component, uint32_t standard)
{
    return i->address + (i->compacted ? x86_xsave_offset(i->compacted, component) : standard);
}

static uint32_t image_bytes(const Image *i)
{
    return i->compacted ? x86_xsave_compacted_size(i->compacted & ~XCOMP_COMPACTED) : x86_xsave_size(i->wanted);
}

/* XCR0, and for XSAVES and XRSTORS IA32_XSS with it. */
static uint64_t managed_components(const X86Cpu *cpu, uint32_t how)
{
    return cpu->xcr0 | (how & XSAVE_SUPERVISOR ? cpu->xss : 0);
}

static void write_components(X86Cpu *cpu, const Image *i, uint64_t written, bool mxcsr)
{
    uint8_t image[512], avx[256] = { 0 };
    x86_collect_mxcsr(cpu);
    x86_fxsave(cpu, image);
    if (!i->wide) {
        narrow_pointers(cpu, image);
    }
    if (written & XSTATE_X87) {
        write_part(cpu, i->address, image, FX_X87_BYTES);
        write_part(cpu, i->address + 32, image + 32, 128);
    }
    if (mxcsr) {
        write_part(cpu, i->address + 24, image + 24, 8);
    }
    if (written & XSTATE_SSE) {
        write_part(cpu, i->address + 160, image + 160, 16 * nr_xmm(cpu));
    }
    if (written & XSTATE_AVX) {
        for (unsigned n = 0; n < nr_xmm(cpu); n++) {
            memcpy(avx + 16 * n, cpu->ymm[n].b + 16, 16);
        }
        write_part(cpu, place_of(i, 2, XSAVE_AVX), avx, 16 * nr_xmm(cpu));
    }
    if (written & XSTATE_PKRU) {
        const uint64_t pkru = cpu->pkru;
        write_part(cpu, place_of(i, 9, XSAVE_PKRU), &pkru, 8);
    }
}

/* XSAVEC, XSAVES: MXCSR is a part of the SSE state like another (volume 1, 13.10). */
static void save_compacted(X86Cpu *cpu, uint64_t address, uint64_t wanted, bool wide)
{
    Image i = { .address = address, .wanted = wanted, .compacted = wanted | XCOMP_COMPACTED, .wide = wide };
    uint64_t used = in_use(cpu) | (x86_collect_mxcsr(cpu) != MXCSR_RESET ? XSTATE_SSE : 0);
    x86_or_leave(cpu, tcg_probe(&cpu->parent, address, image_bytes(&i), TCG_ACCESS_STORE, x86_priv(cpu)));
    write_components(cpu, &i, wanted & used, wanted & used & XSTATE_SSE);
    const uint64_t header[2] = { wanted & used, i.compacted };
    write_part(cpu, address + XSAVE_HEADER, header, sizeof(header));
}

static void x86_helper_xsave(Cpu *c, uint64_t address, uint64_t mask, uint32_t how)
{
    X86Cpu *cpu = X86_CPU(c);
    x86_x87_park(cpu);
    Image i = { .address = address, .wanted = mask & managed_components(cpu, how), .wide = how & XSAVE_WIDE };
    uint64_t used = in_use(cpu), header;
    check_alignment(cpu, address, 64);
    if (how & XSAVE_COMPACT) {
        save_compacted(cpu, address, i.wanted, i.wide);
        return;
    }
    x86_or_leave(cpu, tcg_probe(c, address, image_bytes(&i), TCG_ACCESS_STORE, x86_priv(cpu))
                 && tcg_load(c, address + XSAVE_HEADER, 8, x86_priv(cpu), &header));
    /* XSAVEOPT need not write what is as after a reset. */
    write_components(cpu, &i, how & XSAVE_OPT ? i.wanted & used : i.wanted, i.wanted & (XSTATE_SSE | XSTATE_AVX));
    header = (header & ~i.wanted) | (i.wanted & used);
    write_part(cpu, address + XSAVE_HEADER, &header, 8);
}

static void restore_avx(X86Cpu *cpu, uint64_t address, bool present)
{
    uint8_t avx[256] = { 0 };
    if (present) {
        x86_or_leave(cpu, tcg_read_bytes(&cpu->parent, address, avx, 16 * nr_xmm(cpu), x86_priv(cpu)));
    }
    for (unsigned i = 0; i < nr_xmm(cpu); i++) {
        memcpy(cpu->ymm[i].b + 16, avx + 16 * i, 16);
    }
}

static void restore_pkru(X86Cpu *cpu, uint32_t value)
{
    if (cpu->pkru != value) {
        cpu->pkru = value;
        x86_flush_translations(cpu);
    }
}

/* The header's second word, checked (volume 1, 13.8.1 and 13.8.2, 13.12): which form the image has. */
static uint64_t check_header(X86Cpu *cpu, const uint8_t *header, uint32_t how)
{
    uint64_t present = load_le64(header), compacted = load_le64(header + 8), managed = managed_components(cpu, how);
    bool knows = x86_has(cpu, FEAT_XSAVE, 1) || (how & XSAVE_SUPERVISOR), bad;
    if (compacted & XCOMP_COMPACTED) {
        bad = !knows || (compacted & ~XCOMP_COMPACTED & ~managed) || (present & ~(compacted & ~XCOMP_COMPACTED)) || !is_zero(header + 16, 48);
    } else {
        bad = (how & XSAVE_SUPERVISOR) || (present & ~managed) || !is_zero(header + 8, 16);
    }
    if (bad) {
        x86_raise_error(cpu, EXCP_GP, 0);
    }
    return compacted;
}

static void restore_mxcsr(X86Cpu *cpu, const Image *i, const uint8_t *image, uint64_t present)
{
    uint32_t mxcsr = load_le32(image + 24);
    if (i->compacted) {
        mxcsr = present & XSTATE_SSE ? mxcsr : MXCSR_RESET;
    }
    if (i->wanted & (i->compacted ? XSTATE_SSE : XSTATE_SSE | XSTATE_AVX)) {
        check_mxcsr(cpu, mxcsr);
        x86_load_mxcsr(cpu, mxcsr);
    }
}

static void restore_x87(X86Cpu *cpu, const uint8_t *image, bool present, bool wide)
{
    if (present) {
        take_x87(cpu, image, wide);
    } else {
        memset(cpu->fpr, 0, sizeof(cpu->fpr));
        x86_fpu_init(cpu);
    }
}

static void x86_helper_xrstor(Cpu *c, uint64_t address, uint64_t mask, uint32_t how)
{
    X86Cpu *cpu = X86_CPU(c);
    uint8_t image[576];
    uint64_t pkru = 0;
    x86_x87_park(cpu);
    check_alignment(cpu, address, 64);
    x86_or_leave(cpu, tcg_read_bytes(c, address, image, sizeof(image), x86_priv(cpu)));
    Image i = { .address = address, .wanted = mask & managed_components(cpu, how), .wide = how & XSAVE_WIDE };
    i.compacted = check_header(cpu, image + XSAVE_HEADER, how);
    x86_or_leave(cpu, tcg_probe(c, address, image_bytes(&i), TCG_ACCESS_LOAD, x86_priv(cpu)));
    uint64_t present = load_le64(image + XSAVE_HEADER);
    if (i.wanted & present & XSTATE_PKRU) {
        x86_or_leave(cpu, tcg_load(c, place_of(&i, 9, XSAVE_PKRU), 8, x86_priv(cpu), &pkru));
    }
    restore_mxcsr(cpu, &i, image, present);
    if (i.wanted & XSTATE_X87) {
        restore_x87(cpu, image, present & XSTATE_X87, i.wide);
    }
    if (i.wanted & XSTATE_SSE) {
        if (!(present & XSTATE_SSE)) {
            memset(image + 160, 0, 256);
        }
        take_xmm(cpu, image);
    }
    if (i.wanted & XSTATE_AVX) {
        restore_avx(cpu, place_of(&i, 2, XSAVE_AVX), present & XSTATE_AVX);
    }
    if (i.wanted & XSTATE_PKRU) {
        restore_pkru(cpu, pkru);
    }
}

#define SIMD_STATE SIMD_DEFINE
#define SIMD_SSE(...)
#define SIMD_AVX(...)
#define SIMD_3DNOW(...)
#include "target/i386/tcg/helpers-simd.def"
