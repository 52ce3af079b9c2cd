/*
 * The processor's state as text: info registers, info mem, info tlb, in the reference's layout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/dump.h"
#include "target/i386/internal.h"
#include <inttypes.h>

/* ---- info registers ---- */

static const char *const system_types[2][16] = {
    { "Reserved", "TSS16-avl", "LDT", "TSS16-busy", "CallGate16", "TaskGate", "IntGate16", "TrapGate16",
      "Reserved", "TSS32-avl", "Reserved", "TSS32-busy", "CallGate32", "Reserved", "IntGate32", "TrapGate32" },
    { "<hiword>", "Reserved", "LDT", "Reserved", "Reserved", "Reserved", "Reserved", "Reserved",
      "Reserved", "TSS64-avl", "Reserved", "TSS64-busy", "CallGate64", "Reserved", "IntGate64", "TrapGate64" },
};

static void dump_address(GString *out, bool wide, uint64_t value)
{
    g_string_append_printf(out, wide ? "%016" PRIx64 : "%08" PRIx64, wide ? value : (uint32_t)value);
}

static void dump_segment(GString *out, const X86Cpu *cpu, const char *name, const SegmentCache *s)
{
    bool wide = x86_code64(cpu), long_mode = x86_long_mode(cpu);
    uint32_t limit_nibble = (s->attributes & DESC_G_MASK ? s->limit >> 12 : s->limit) & 0xf0000;
    uint32_t flags = (s->attributes & DESC_ATTRIBUTES) | limit_nibble;
    g_string_append_printf(out, "%-3s=%04x ", name, s->selector);
    dump_address(out, wide, s->base);
    g_string_append_printf(out, " %08x %08x", s->limit, flags);
    if ((cpu->cr[0] & CR0_PE) && (flags & DESC_P_MASK)) {
        g_string_append_printf(out, " DPL=%u ", flags >> DESC_DPL_SHIFT & 3);
        if (!(flags & DESC_S_MASK)) {
            g_string_append(out, system_types[long_mode][flags >> DESC_TYPE_SHIFT & 15]);
        } else if (flags & DESC_CS_MASK) {
            g_string_append_printf(out, "%s [%c%c%c]", flags & DESC_L_MASK ? "CS64" : flags & DESC_B_MASK ? "CS32" : "CS16",
                                   flags & DESC_C_MASK ? 'C' : '-', flags & DESC_R_MASK ? 'R' : '-', flags & DESC_A_MASK ? 'A' : '-');
        } else {
            g_string_append_printf(out, "%s [%c%c%c]", (flags & DESC_B_MASK) || long_mode ? "DS  " : "DS16",
                                   flags & DESC_E_MASK ? 'E' : '-', flags & DESC_W_MASK ? 'W' : '-', flags & DESC_A_MASK ? 'A' : '-');
        }
    }
    g_string_append_c(out, '\n');
}

static void dump_general(GString *out, const X86Cpu *cpu)
{
    static const char *const names[] = { "AX", "BX", "CX", "DX", "SI", "DI", "BP", "SP" };
    static const int order[] = { R_EAX, R_EBX, R_ECX, R_EDX, R_ESI, R_EDI, R_EBP, R_ESP };
    bool wide = x86_code64(cpu);
    for (unsigned i = 0; i < 8; i++) {
        g_string_append_printf(out, "%c%s=", wide ? 'R' : 'E', names[i]);
        dump_address(out, wide, cpu->regs[order[i]]);
        g_string_append_c(out, i % 4 == 3 ? '\n' : ' ');
    }
    for (unsigned i = 8; wide && i < 16; i++) {
        g_string_append_printf(out, "R%-2u=", i);
        dump_address(out, wide, cpu->regs[i]);
        g_string_append_c(out, i % 4 == 3 ? '\n' : ' ');
    }
    uint32_t eflags = x86_get_eflags(cpu);
    g_string_append_printf(out, "%cIP=", wide ? 'R' : 'E');
    dump_address(out, wide, cpu->pc);
    g_string_append_printf(out, " %s=%08x [%c%c%c%c%c%c%c] CPL=%u II=%d A20=%d SMM=%d HLT=%d\n", wide ? "RFL" : "EFL", eflags,
                           eflags & DF_MASK ? 'D' : '-', eflags & CC_O ? 'O' : '-', eflags & CC_S ? 'S' : '-', eflags & CC_Z ? 'Z' : '-',
                           eflags & CC_A ? 'A' : '-', eflags & CC_P ? 'P' : '-', eflags & CC_C ? 'C' : '-', x86_cpl(cpu),
                           cpu->inhibit_irq != 0, !cpu->a20_mask_off, cpu->smm != 0, atomic_load(&cpu->parent.halted));
}

static void dump_system(GString *out, const X86Cpu *cpu)
{
    static const char *const names[] = { "ES", "CS", "SS", "DS", "FS", "GS" };
    bool wide = x86_code64(cpu);
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        dump_segment(out, cpu, names[seg], &cpu->segs[seg]);
    }
    dump_segment(out, cpu, "LDT", &cpu->ldt);
    dump_segment(out, cpu, "TR", &cpu->tr);
    g_string_append(out, "GDT=     ");
    dump_address(out, wide, cpu->gdt.base);
    g_string_append_printf(out, " %08x\nIDT=     ", cpu->gdt.limit);
    dump_address(out, wide, cpu->idt.base);
    g_string_append_printf(out, " %08x\nCR0=%08x", cpu->idt.limit, (uint32_t)cpu->cr[0]);
    for (unsigned n = 2; n <= 3; n++) {
        g_string_append_printf(out, " CR%u=", n);
        dump_address(out, wide, cpu->cr[n]);
    }
    g_string_append_printf(out, " CR4=%08x\n", (uint32_t)cpu->cr[4]);
    for (unsigned n = 0; n < 4; n++) {
        g_string_append_printf(out, "DR%u=%016" PRIx64 " ", n, cpu->dr[n]);
    }
    g_string_append_printf(out, "\nDR6=%016" PRIx64 " DR7=%016" PRIx64 "\nEFER=%016" PRIx64 "\n", cpu->dr[6], cpu->dr[7], cpu->efer);
}

static void dump_fpu(GString *out, const X86Cpu *cpu)
{
    unsigned tags = 0;
    for (unsigned i = 0; i < 8; i++) {
        tags |= !cpu->fpu_empty[i] << i;
    }
    g_string_append_printf(out, "FCW=%04x FSW=%04x [ST=%u] FTW=%02x MXCSR=%08x\n", cpu->fpu_control,
                           (cpu->fpu_status & ~0x3800) | cpu->fpu_top << 11, cpu->fpu_top, tags, cpu->mxcsr);
    for (unsigned i = 0; i < 8; i++) {
        g_string_append_printf(out, "FPR%u=%016" PRIx64 " %04x%c", i, load_le64(cpu->fpr[i].bytes), load_le16(cpu->fpr[i].bytes + 8),
                               i & 1 ? '\n' : ' ');
    }
    unsigned count = x86_code64(cpu) ? 16 : 8;
    bool avx = (cpu->cr[4] & CR4_OSXSAVE) && (cpu->xcr0 & 6) == 6;
    for (unsigned i = 0; i < count; i++) {
        const uint64_t *q = cpu->ymm[i].q;
        if (avx) {
            g_string_append_printf(out, "YMM%02u=%016" PRIx64 " %016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", i, q[3], q[2], q[1], q[0]);
        } else {
            g_string_append_printf(out, "XMM%02u=%016" PRIx64 " %016" PRIx64 "%c", i, q[1], q[0], i & 1 ? '\n' : ' ');
        }
    }
}

void x86_dump_registers(Cpu *c, GString *out, bool fpu)
{
    const X86Cpu *cpu = X86_CPU(c);
    dump_general(out, cpu);
    dump_system(out, cpu);
    if (fpu) {
        dump_fpu(out, cpu);
    }
}

/* ---- the page tables ---- */

enum { ENTRY_PRESENT = 1, ENTRY_WRITE = 2, ENTRY_USER = 4, ENTRY_LARGE = 0x80 };
#define ENTRY_ADDRESS UINT64_C(0x000ffffffffff000)

/* Called for each present page with its own entry and the rights of all levels. */
typedef void PageVisitor(void *opaque, uint64_t vaddr, uint64_t size, uint64_t entry, uint64_t rights);
typedef struct PageWalk { X86Cpu *cpu; X86Paging paging; PageVisitor *visit; void *opaque; } PageWalk;

static uint64_t canonical(const X86Paging *p, uint64_t vaddr)
{
    unsigned bits = p->levels == 5 ? 57 : 48;
    return p->levels >= 4 ? (uint64_t)((int64_t)(vaddr << (64 - bits)) >> (64 - bits)) : vaddr;
}

static void walk_table(const PageWalk *w, uint64_t table, unsigned level, uint64_t vaddr, uint64_t rights)
{
    const X86Paging *p = &w->paging;
    unsigned shift = 12 + (level - 1) * p->index_bits;
    bool pae_top = p->levels == 3 && level == 3;
    unsigned count = pae_top ? 4 : 1u << p->index_bits;
    for (unsigned i = 0; i < count; i++) {
        uint64_t entry = x86_read_entry(w->cpu, table + i * p->entry_bytes, p->entry_bytes);
        uint64_t address = vaddr | (uint64_t)i << shift;
        if (!(entry & ENTRY_PRESENT)) {
            continue;
        }
        uint64_t here = pae_top ? rights : rights & entry;
        bool large = level > 1 && !pae_top && (entry & ENTRY_LARGE) && level <= 3 && p->pse;
        if (level == 1 || large) {
            w->visit(w->opaque, canonical(p, address), UINT64_C(1) << shift, entry, here);
        } else {
            walk_table(w, entry & (p->entry_bytes == 4 ? 0xfffff000u : ENTRY_ADDRESS), level - 1, address, here);
        }
    }
}

static bool walk_all(Cpu *c, GString *out, PageVisitor *visit, void *opaque)
{
    X86Cpu *cpu = X86_CPU(c);
    PageWalk w = { .cpu = cpu, .paging = x86_paging(cpu), .visit = visit, .opaque = opaque };
    if (!w.paging.levels) {
        g_string_append(out, "PG disabled\n");
        return false;
    }
    uint64_t root = cpu->cr[3] & (w.paging.entry_bytes == 4 ? 0xfffff000u : w.paging.levels == 3 ? 0xffffffe0u : ENTRY_ADDRESS);
    walk_table(&w, root, w.paging.levels, 0, ENTRY_WRITE | ENTRY_USER);
    return true;
}

typedef struct MemRange { GString *out; uint64_t start, end, rights; bool open; } MemRange;

static void end_range(MemRange *r)
{
    if (r->open) {
        g_string_append_printf(r->out, "%016" PRIx64 "-%016" PRIx64 " %016" PRIx64 " %c%c%c\n", r->start, r->end, r->end - r->start,
                               r->rights & ENTRY_USER ? 'u' : '-', 'r', r->rights & ENTRY_WRITE ? 'w' : '-');
    }
    r->open = false;
}

static void add_to_range(void *opaque, uint64_t vaddr, uint64_t size, uint64_t entry, uint64_t rights)
{
    MemRange *r = opaque;
    if (!r->open || vaddr != r->end || rights != r->rights) {
        end_range(r);
        *r = (MemRange){ .out = r->out, .start = vaddr, .rights = rights, .open = true };
    }
    r->end = vaddr + size;
}

void x86_info_mem(Cpu *c, GString *out)
{
    MemRange r = { .out = out };
    walk_all(c, out, add_to_range, &r);
    end_range(&r);
}

typedef struct TlbDump { GString *out; bool pae; } TlbDump;

static void dump_page(void *opaque, uint64_t vaddr, uint64_t size, uint64_t entry, uint64_t rights)
{
    const TlbDump *d = opaque;
    bool large = size > 4096;
    uint64_t address = entry & (d->pae ? ENTRY_ADDRESS : 0xfffff000u) & ~(size - 1);
    g_string_append_printf(d->out, "%016" PRIx64 ": %016" PRIx64 " %c%c%c%c%c%c%c%c%c\n", vaddr, address, entry >> 63 ? 'X' : '-',
                           entry & 0x100 ? 'G' : '-', large ? 'P' : '-', entry & 0x40 ? 'D' : '-', entry & 0x20 ? 'A' : '-',
                           entry & 0x10 ? 'C' : '-', entry & 8 ? 'T' : '-', entry & ENTRY_USER ? 'U' : '-',
                           entry & ENTRY_WRITE ? 'W' : '-');
}

void x86_info_tlb(Cpu *c, GString *out)
{
    TlbDump d = { .out = out, .pae = X86_CPU(c)->cr[4] & CR4_PAE };
    walk_all(c, out, dump_page, &d);
}
