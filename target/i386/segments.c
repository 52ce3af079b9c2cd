/*
 * Segment descriptors: reading them from the tables, the checks of loads, stacks of inner rings from the TSS.
 *
 * Intel SDM volume 3, chapter 5 (5.5 to 5.8 privilege checks), 3.4.5 (descriptors), 7.2 and 8.7 (TSS), 20.1 (real mode); volume 2, MOV to
 * segment registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"

static uint64_t linear(const X86Cpu *cpu, uint64_t address)
{
    return x86_long_mode(cpu) ? address : (uint32_t)address;
}

bool x86_read_descriptor(X86Cpu *cpu, uint16_t selector, Descriptor *d, bool *outside)
{
    uint64_t base = selector & 4 ? cpu->ldt.base : cpu->gdt.base;
    uint32_t limit = selector & 4 ? cpu->ldt.limit : cpu->gdt.limit;
    uint32_t offset = selector & ~7u;
    *outside = offset + 7 > limit;
    uint64_t value;
    if (*outside || !tcg_load(&cpu->parent, linear(cpu, base + offset), 8, X86_PRIV_SYSTEM, &value)) {
        return false;
    }
    *d = (Descriptor){ .low = value, .high = value >> 32 };
    return true;
}

bool x86_fetch_descriptor(X86Cpu *cpu, uint16_t selector, Descriptor *d, int vector)
{
    bool outside;
    if (x86_read_descriptor(cpu, selector, d, &outside)) {
        return true;
    }
    if (outside) {
        x86_record_exception_error(cpu, vector, selector & 0xfffc);
    }
    return false;
}

bool x86_set_accessed(X86Cpu *cpu, uint16_t selector, Descriptor *d)
{
    if (d->high & DESC_A_MASK) {
        return true;
    }
    uint64_t base = selector & 4 ? cpu->ldt.base : cpu->gdt.base;
    d->high |= DESC_A_MASK;
    return tcg_store(&cpu->parent, linear(cpu, base + (selector & ~7u) + 4), 4, X86_PRIV_SYSTEM, d->high);
}

void x86_load_segment_descriptor(X86Cpu *cpu, int seg, uint16_t selector, Descriptor d)
{
    x86_load_segment(cpu, seg, selector, descriptor_base(d), descriptor_limit(d), d.high & DESC_ATTRIBUTES);
}

void x86_load_segment_vm86(X86Cpu *cpu, int seg, uint16_t selector)
{
    x86_load_segment(cpu, seg, selector, (uint32_t)selector << 4, 0xffff,
                     DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_A_MASK | DESC_DPL_MASK | (seg == R_CS ? DESC_CS_MASK : 0));
}

void x86_load_cs(X86Cpu *cpu, uint16_t selector, Descriptor d, unsigned cpl)
{
    uint32_t attributes = (d.high & DESC_ATTRIBUTES & ~DESC_DPL_MASK) | cpl << DESC_DPL_SHIFT;
    x86_load_segment(cpu, R_CS, (selector & ~3u) | cpl, descriptor_base(d), descriptor_limit(d), attributes);
}

static bool refuse(X86Cpu *cpu, int vector, uint16_t selector)
{
    x86_record_exception_error(cpu, vector, selector & 0xfffc);
    return false;
}

static void load_null(X86Cpu *cpu, int seg, uint16_t selector)
{
    /* The stack segment keeps a DPL, since it tells the ring. */
    uint32_t attributes = seg == R_SS ? DESC_B_MASK | DESC_W_MASK | DESC_S_MASK | DESC_P_MASK | x86_cpl(cpu) << DESC_DPL_SHIFT : 0;
    x86_load_segment(cpu, seg, selector, 0, seg == R_SS ? UINT32_MAX : 0, attributes);
}

bool x86_check_stack_segment(X86Cpu *cpu, uint16_t ss, unsigned cpl, int vector, uint32_t external, Descriptor *d)
{
    uint32_t error = (ss & 0xfffc) | external;
    bool outside = (ss & 0xfffc) == 0;
    if (outside) {
        x86_record_exception_error(cpu, vector, external);
        return false;
    }
    if (!x86_read_descriptor(cpu, ss, d, &outside)) {
        if (outside) {
            x86_record_exception_error(cpu, vector, error);
        }
        return false;
    }
    bool writable = (d->high & (DESC_S_MASK | DESC_CS_MASK | DESC_W_MASK)) == (DESC_S_MASK | DESC_W_MASK);
    if ((ss & 3) != cpl || descriptor_dpl(*d) != cpl || !writable) {
        x86_record_exception_error(cpu, vector, error);
        return false;
    }
    if (!(d->high & DESC_P_MASK)) {
        x86_record_exception_error(cpu, EXCP_SS, error);
        return false;
    }
    return true;
}

static bool check_data_segment(X86Cpu *cpu, uint16_t selector, Descriptor d)
{
    bool code = d.high & DESC_CS_MASK;
    if (!(d.high & DESC_S_MASK) || (code && !(d.high & DESC_R_MASK))) {
        return refuse(cpu, EXCP_GP, selector);
    }
    unsigned rpl = selector & 3, cpl = x86_cpl(cpu);
    if (!(code && (d.high & DESC_C_MASK)) && (descriptor_dpl(d) < cpl || descriptor_dpl(d) < rpl)) {
        return refuse(cpu, EXCP_GP, selector);
    }
    return (d.high & DESC_P_MASK) || refuse(cpu, EXCP_NP, selector);
}

bool x86_move_to_segment(X86Cpu *cpu, int seg, uint16_t selector)
{
    if (x86_vm86(cpu)) {
        x86_load_segment_vm86(cpu, seg, selector);
        return true;
    }
    if (!(cpu->cr[0] & CR0_PE)) {
        /* Limit and attributes stay ("unreal" mode lives on that). */
        cpu->segs[seg].selector = selector;
        cpu->segs[seg].base = (uint32_t)selector << 4;
        return true;
    }
    if ((selector & 0xfffc) == 0) {
        if (seg == R_SS && !(x86_code64(cpu) && x86_cpl(cpu) != 3 && (selector & 3) == x86_cpl(cpu))) {
            return refuse(cpu, EXCP_GP, 0);
        }
        load_null(cpu, seg, selector);
        return true;
    }
    Descriptor d;
    if (seg == R_SS) {
        if (!x86_check_stack_segment(cpu, selector, x86_cpl(cpu), EXCP_GP, 0, &d)) {
            return false;
        }
    } else if (!x86_fetch_descriptor(cpu, selector, &d, EXCP_GP) || !check_data_segment(cpu, selector, d)) {
        return false;
    }
    if (!x86_set_accessed(cpu, selector, &d)) {
        return false;
    }
    x86_load_segment_descriptor(cpu, seg, selector, d);
    return true;
}

void x86_hide_inner_segments(X86Cpu *cpu, unsigned cpl)
{
    static const int data_segments[] = { R_ES, R_DS, R_FS, R_GS };
    for (unsigned i = 0; i < ARRAY_SIZE(data_segments); i++) {
        SegmentCache *s = &cpu->segs[data_segments[i]];
        bool conforming = (s->attributes & (DESC_CS_MASK | DESC_C_MASK)) == (DESC_CS_MASK | DESC_C_MASK);
        if (!conforming && (s->attributes >> DESC_DPL_SHIFT & 3) < cpl) {
            /* Selector null. In long mode the base of one that was null before is FS.base or GS.base of 64-bit code; others keep theirs unless CPUID tells of null-sel-clr-base. */
            bool clears = !x86_long_mode(cpu) || ((s->selector & 0xfffc) && x86_has(cpu, FEAT_8000_0021_EAX, 6));
            s->selector = 0;
            s->attributes = 0;
            s->limit = 0;
            if (clears) {
                s->base = 0;
            }
        }
    }
}

/* ---- stacks of inner rings ---- */

static bool bad_tss(X86Cpu *cpu)
{
    x86_record_exception_error(cpu, EXCP_TS, cpu->tr.selector & 0xfffc);
    return false;
}

bool x86_tss_stack(X86Cpu *cpu, unsigned dpl, uint16_t *ss, uint32_t *esp)
{
    unsigned type = cpu->tr.attributes >> DESC_TYPE_SHIFT & 15;
    bool wide = type & 8;
    uint32_t offset = wide ? 4 + 8 * dpl : 2 + 4 * dpl;
    if (!(cpu->tr.attributes & DESC_P_MASK) || offset + (wide ? 5 : 3) > cpu->tr.limit) {
        return bad_tss(cpu);
    }
    uint64_t sp, selector;
    if (!tcg_load(&cpu->parent, linear(cpu, cpu->tr.base + offset), wide ? 4 : 2, X86_PRIV_SYSTEM, &sp)
        || !tcg_load(&cpu->parent, linear(cpu, cpu->tr.base + offset + (wide ? 4 : 2)), 2, X86_PRIV_SYSTEM, &selector)) {
        return false;
    }
    *esp = sp;
    *ss = selector;
    return true;
}

bool x86_tss_stack64(X86Cpu *cpu, unsigned index, uint64_t *rsp)
{
    uint32_t offset = 8 * index + 4;
    if (!(cpu->tr.attributes & DESC_P_MASK) || offset + 7 > cpu->tr.limit) {
        return bad_tss(cpu);
    }
    return tcg_load(&cpu->parent, cpu->tr.base + offset, 8, X86_PRIV_SYSTEM, rsp);
}

/* ---- frames ---- */

X86Stack x86_stack(X86Cpu *cpu, uint64_t base, uint64_t sp, uint64_t mask, unsigned priv)
{
    return (X86Stack){ .cpu = cpu, .base = mask == UINT64_MAX ? 0 : base, .sp = sp, .mask = mask, .highest = UINT64_MAX, .priv = priv };
}

static void set_stack_limit(X86Stack *s, uint32_t attributes, uint32_t limit)
{
    bool down = (attributes & (DESC_S_MASK | DESC_CS_MASK | DESC_E_MASK)) == (DESC_S_MASK | DESC_E_MASK);
    s->lowest = down ? (uint64_t)limit + 1 : 0;
    s->highest = !down ? limit : attributes & DESC_B_MASK ? UINT32_MAX : 0xffff;
}

X86Stack x86_current_stack(X86Cpu *cpu, unsigned priv)
{
    const SegmentCache *ss = &cpu->segs[R_SS];
    X86Stack s = x86_stack(cpu, ss->base, cpu->regs[R_ESP], stack_mask(cpu, ss->attributes), priv);
    if (s.mask != UINT64_MAX) {
        set_stack_limit(&s, ss->attributes, ss->limit);
    }
    return s;
}

X86Stack x86_descriptor_stack(X86Cpu *cpu, Descriptor d, uint32_t esp, unsigned priv)
{
    X86Stack s = x86_stack(cpu, descriptor_base(d), esp, d.high & DESC_B_MASK ? 0xffffffffu : 0xffffu, priv);
    set_stack_limit(&s, d.high, descriptor_limit(d));
    return s;
}

static uint64_t stack_address(const X86Stack *s)
{
    uint64_t offset = s->sp & s->mask;
    return s->mask == UINT64_MAX ? offset : linear(s->cpu, s->base + offset);
}

/* #SS outside the segment, or where the address is not canonical. */
static bool stack_allows(X86Stack *s, unsigned bytes)
{
    uint64_t first = s->sp & s->mask;
    bool inside = s->mask == UINT64_MAX ? x86_canonical(s->cpu, s->sp) : first >= s->lowest && first + bytes - 1 <= s->highest;
    if (!inside) {
        x86_record_exception_error(s->cpu, EXCP_SS, s->error);
        s->failed = true;
    }
    return inside;
}

void x86_stack_push(X86Stack *s, uint64_t value, unsigned bytes)
{
    if (s->failed) {
        return;
    }
    s->sp -= bytes;
    if (stack_allows(s, bytes)) {
        s->failed = !tcg_store(&s->cpu->parent, stack_address(s), bytes, s->priv, value);
    }
}

uint64_t x86_stack_pop(X86Stack *s, unsigned bytes)
{
    uint64_t value = 0;
    if (!s->failed && stack_allows(s, bytes)) {
        s->failed = !tcg_load(&s->cpu->parent, stack_address(s), bytes, s->priv, &value);
        s->sp += bytes;
    }
    return value;
}
