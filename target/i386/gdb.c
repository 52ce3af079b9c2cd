/*
 * The registers as gdb sees them: the features org.gnu.gdb.i386.core, sse and segments, and the system registers in one of our own. The XML is made
 * from the tables.
 *
 * GDB manual, G.5.4 "i386 Features" (names, order and types of the registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/apic.h"
#include "target/i386/dump.h"
#include "target/i386/internal.h"
#include "util/main-loop.h"
#include <string.h>

typedef enum GdbKind { GDB_GENERAL, GDB_PC, GDB_EFLAGS, GDB_SEGMENT, GDB_ST, GDB_FPU, GDB_XMM, GDB_MXCSR, GDB_BASE, GDB_SYSTEM } GdbKind;
typedef struct GdbRegister { const char *name, *type; uint16_t bits; uint8_t kind, index; } GdbRegister;

enum { FPU_CONTROL, FPU_STATUS, FPU_TAG, FPU_ISEG, FPU_IOFF, FPU_OSEG, FPU_OOFF, FPU_OP };
enum { SYSTEM_KERNEL_GS_BASE, SYSTEM_CR0, SYSTEM_CR2, SYSTEM_CR3, SYSTEM_CR4, SYSTEM_CR8, SYSTEM_EFER };

#define GENERAL(n, r, b, t) { n, t, b, GDB_GENERAL, r }
#define SEGMENTS \
    { "cs", "int32", 32, GDB_SEGMENT, R_CS }, { "ss", "int32", 32, GDB_SEGMENT, R_SS }, { "ds", "int32", 32, GDB_SEGMENT, R_DS }, \
    { "es", "int32", 32, GDB_SEGMENT, R_ES }, { "fs", "int32", 32, GDB_SEGMENT, R_FS }, { "gs", "int32", 32, GDB_SEGMENT, R_GS }
#define ST(n) { "st" #n, "i387_ext", 80, GDB_ST, n }
#define FPU(n, i) { n, "int", 32, GDB_FPU, i }
#define X87 \
    ST(0), ST(1), ST(2), ST(3), ST(4), ST(5), ST(6), ST(7), FPU("fctrl", FPU_CONTROL), FPU("fstat", FPU_STATUS), FPU("ftag", FPU_TAG), \
    FPU("fiseg", FPU_ISEG), FPU("fioff", FPU_IOFF), FPU("foseg", FPU_OSEG), FPU("fooff", FPU_OOFF), FPU("fop", FPU_OP)
#define XMM(n) { "xmm" #n, "vec128", 128, GDB_XMM, n }
#define XMM_LOW XMM(0), XMM(1), XMM(2), XMM(3), XMM(4), XMM(5), XMM(6), XMM(7)
#define MXCSR { "mxcsr", "i386_mxcsr", 32, GDB_MXCSR, 0 }
#define SYSTEM(n, b, i) { n, "int" #b, b, GDB_SYSTEM, i }

static const GdbRegister core_64[] = {
    GENERAL("rax", R_EAX, 64, "int64"), GENERAL("rbx", R_EBX, 64, "int64"), GENERAL("rcx", R_ECX, 64, "int64"),
    GENERAL("rdx", R_EDX, 64, "int64"), GENERAL("rsi", R_ESI, 64, "int64"), GENERAL("rdi", R_EDI, 64, "int64"),
    GENERAL("rbp", R_EBP, 64, "data_ptr"), GENERAL("rsp", R_ESP, 64, "data_ptr"), GENERAL("r8", 8, 64, "int64"),
    GENERAL("r9", 9, 64, "int64"), GENERAL("r10", 10, 64, "int64"), GENERAL("r11", 11, 64, "int64"), GENERAL("r12", 12, 64, "int64"),
    GENERAL("r13", 13, 64, "int64"), GENERAL("r14", 14, 64, "int64"), GENERAL("r15", 15, 64, "int64"),
    { "rip", "code_ptr", 64, GDB_PC, 0 }, { "eflags", "i386_eflags", 32, GDB_EFLAGS, 0 }, SEGMENTS, X87,
};
static const GdbRegister sse_64[] = { XMM_LOW, XMM(8), XMM(9), XMM(10), XMM(11), XMM(12), XMM(13), XMM(14), XMM(15), MXCSR };
static const GdbRegister segments_64[] = { { "fs_base", "int", 64, GDB_BASE, R_FS }, { "gs_base", "int", 64, GDB_BASE, R_GS } };
static const GdbRegister system_64[] = {
    SYSTEM("k_gs_base", 64, SYSTEM_KERNEL_GS_BASE), SYSTEM("cr0", 64, SYSTEM_CR0), SYSTEM("cr2", 64, SYSTEM_CR2),
    SYSTEM("cr3", 64, SYSTEM_CR3), SYSTEM("cr4", 64, SYSTEM_CR4), SYSTEM("cr8", 64, SYSTEM_CR8), SYSTEM("efer", 64, SYSTEM_EFER),
};
static const GdbRegister core_32[] = {
    GENERAL("eax", R_EAX, 32, "int32"), GENERAL("ecx", R_ECX, 32, "int32"), GENERAL("edx", R_EDX, 32, "int32"),
    GENERAL("ebx", R_EBX, 32, "int32"), GENERAL("esp", R_ESP, 32, "data_ptr"), GENERAL("ebp", R_EBP, 32, "data_ptr"),
    GENERAL("esi", R_ESI, 32, "int32"), GENERAL("edi", R_EDI, 32, "int32"), { "eip", "code_ptr", 32, GDB_PC, 0 },
    { "eflags", "i386_eflags", 32, GDB_EFLAGS, 0 }, SEGMENTS, X87,
};
static const GdbRegister sse_32[] = { XMM_LOW, MXCSR };
static const GdbRegister system_32[] = {
    SYSTEM("cr0", 32, SYSTEM_CR0), SYSTEM("cr2", 32, SYSTEM_CR2), SYSTEM("cr3", 32, SYSTEM_CR3), SYSTEM("cr4", 32, SYSTEM_CR4),
};

typedef struct GdbGroup { const char *xml_name, *feature, *types; const GdbRegister *registers; int count; } GdbGroup;

static const char core_types[] =
    "<flags id=\"i386_eflags\" size=\"4\"><field name=\"CF\" start=\"0\" end=\"0\"/><field name=\"\" start=\"1\" end=\"1\"/>"
    "<field name=\"PF\" start=\"2\" end=\"2\"/><field name=\"AF\" start=\"4\" end=\"4\"/><field name=\"ZF\" start=\"6\" end=\"6\"/>"
    "<field name=\"SF\" start=\"7\" end=\"7\"/><field name=\"TF\" start=\"8\" end=\"8\"/><field name=\"IF\" start=\"9\" end=\"9\"/>"
    "<field name=\"DF\" start=\"10\" end=\"10\"/><field name=\"OF\" start=\"11\" end=\"11\"/><field name=\"NT\" start=\"14\" end=\"14\"/>"
    "<field name=\"RF\" start=\"16\" end=\"16\"/><field name=\"VM\" start=\"17\" end=\"17\"/><field name=\"AC\" start=\"18\" end=\"18\"/>"
    "<field name=\"VIF\" start=\"19\" end=\"19\"/><field name=\"VIP\" start=\"20\" end=\"20\"/><field name=\"ID\" start=\"21\" end=\"21\"/>"
    "</flags>";
static const char sse_types[] =
    "<vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/><vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/>"
    "<vector id=\"v16i8\" type=\"int8\" count=\"16\"/><vector id=\"v8i16\" type=\"int16\" count=\"8\"/>"
    "<vector id=\"v4i32\" type=\"int32\" count=\"4\"/><vector id=\"v2i64\" type=\"int64\" count=\"2\"/>"
    "<union id=\"vec128\"><field name=\"v4_float\" type=\"v4f\"/><field name=\"v2_double\" type=\"v2d\"/>"
    "<field name=\"v16_int8\" type=\"v16i8\"/><field name=\"v8_int16\" type=\"v8i16\"/><field name=\"v4_int32\" type=\"v4i32\"/>"
    "<field name=\"v2_int64\" type=\"v2i64\"/><field name=\"uint128\" type=\"uint128\"/></union>"
    "<flags id=\"i386_mxcsr\" size=\"4\"><field name=\"IE\" start=\"0\" end=\"0\"/><field name=\"DE\" start=\"1\" end=\"1\"/>"
    "<field name=\"ZE\" start=\"2\" end=\"2\"/><field name=\"OE\" start=\"3\" end=\"3\"/><field name=\"UE\" start=\"4\" end=\"4\"/>"
    "<field name=\"PE\" start=\"5\" end=\"5\"/><field name=\"DAZ\" start=\"6\" end=\"6\"/><field name=\"IM\" start=\"7\" end=\"7\"/>"
    "<field name=\"DM\" start=\"8\" end=\"8\"/><field name=\"ZM\" start=\"9\" end=\"9\"/><field name=\"OM\" start=\"10\" end=\"10\"/>"
    "<field name=\"UM\" start=\"11\" end=\"11\"/><field name=\"PM\" start=\"12\" end=\"12\"/><field name=\"FZ\" start=\"15\" end=\"15\"/>"
    "</flags>";

static const GdbGroup groups_64[] = {
    { "i386-64bit-core.xml", "org.gnu.gdb.i386.core", core_types, core_64, ARRAY_SIZE(core_64) },
    { "i386-64bit-sse.xml", "org.gnu.gdb.i386.sse", sse_types, sse_64, ARRAY_SIZE(sse_64) },
    { "i386-64bit-segments.xml", "org.gnu.gdb.i386.segments", "", segments_64, ARRAY_SIZE(segments_64) },
    { "i386-64bit-system.xml", "org.ostrich.i386.system", "", system_64, ARRAY_SIZE(system_64) },
};
static const GdbGroup groups_32[] = {
    { "i386-32bit-core.xml", "org.gnu.gdb.i386.core", core_types, core_32, ARRAY_SIZE(core_32) },
    { "i386-32bit-sse.xml", "org.gnu.gdb.i386.sse", sse_types, sse_32, ARRAY_SIZE(sse_32) },
    { "i386-32bit-system.xml", "org.ostrich.i386.system", "", system_32, ARRAY_SIZE(system_32) },
};

GdbFeature x86_64_gdb_features[ARRAY_SIZE(groups_64) + 1], i386_gdb_features[ARRAY_SIZE(groups_32) + 1];

static void make_features(GdbFeature *features, const GdbGroup *groups, unsigned count)
{
    int first = 0;
    for (unsigned g = 0; g < count; g++) {
        GString *xml = g_string_new("<?xml version=\"1.0\"?>\n<!DOCTYPE feature SYSTEM \"gdb-target.dtd\">\n");
        g_string_append_printf(xml, "<feature name=\"%s\">%s\n", groups[g].feature, groups[g].types);
        for (int i = 0; i < groups[g].count; i++) {
            const GdbRegister *r = &groups[g].registers[i];
            g_string_append_printf(xml, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%d\"/>\n", r->name, r->bits, r->type, first + i);
        }
        g_string_append(xml, "</feature>\n");
        features[g] = (GdbFeature){ .xml_name = groups[g].xml_name, .xml = g_string_free(xml, false), .first = first, .count = groups[g].count };
        first += groups[g].count;
    }
}

static void __attribute__((constructor)) make_all_features(void)
{
    make_features(x86_64_gdb_features, groups_64, ARRAY_SIZE(groups_64));
    make_features(i386_gdb_features, groups_32, ARRAY_SIZE(groups_32));
}

static const GdbRegister *find_register(const GdbGroup *groups, unsigned count, int reg)
{
    for (unsigned g = 0; g < count && reg >= 0; g++) {
        if (reg < groups[g].count) {
            return &groups[g].registers[reg];
        }
        reg -= groups[g].count;
    }
    return NULL;
}

static uint64_t read_fpu(const X86Cpu *cpu, unsigned index)
{
    switch (index) {
    case FPU_CONTROL: return cpu->fpu_control;
    case FPU_STATUS: return (cpu->fpu_status & ~0x3800) | cpu->fpu_top << 11;
    case FPU_TAG: return x86_fpu_tag_full(cpu);
    case FPU_ISEG: return cpu->fpu_cs;
    case FPU_IOFF: return cpu->fpu_ip;
    case FPU_OSEG: return cpu->fpu_ds;
    case FPU_OOFF: return cpu->fpu_dp;
    default: return cpu->fpu_opcode;
    }
}

static uint64_t read_system(X86Cpu *cpu, unsigned index)
{
    switch (index) {
    case SYSTEM_KERNEL_GS_BASE: return cpu->kernel_gs_base;
    case SYSTEM_CR0: return cpu->cr[0];
    case SYSTEM_CR2: return cpu->cr[2];
    case SYSTEM_CR3: return cpu->cr[3];
    case SYSTEM_CR4: return cpu->cr[4];
    case SYSTEM_CR8: {
        MACHINE_LOCK_GUARD();
        return cpu->apic ? apic_type(cpu->apic)->get_tpr(cpu->apic) : 0;
    }
    default: return cpu->efer;
    }
}

static uint64_t read_integer(X86Cpu *cpu, const GdbRegister *r)
{
    switch (r->kind) {
    case GDB_GENERAL: return cpu->regs[r->index];
    case GDB_PC: return cpu->pc;
    case GDB_EFLAGS: return x86_get_eflags(cpu);
    case GDB_SEGMENT: return cpu->segs[r->index].selector;
    case GDB_FPU: return read_fpu(cpu, r->index);
    case GDB_MXCSR: return cpu->mxcsr;
    case GDB_BASE: return cpu->segs[r->index].base;
    default: return read_system(cpu, r->index);
    }
}

static int read_register(X86Cpu *cpu, const GdbRegister *r, uint8_t *buf)
{
    if (!r) {
        return 0;
    }
    if (r->kind == GDB_ST) {
        memcpy(buf, cpu->fpr[(r->index + cpu->fpu_top) & 7].bytes, 10);
    } else if (r->kind == GDB_XMM) {
        memcpy(buf, &cpu->ymm[r->index], 16);
    } else {
        uint64_t value = read_integer(cpu, r);
        memcpy(buf, &value, r->bits / 8);
    }
    return r->bits / 8;
}

/* A segment register by hand: as in real and virtual-8086 mode there, else the selector alone (the descriptor cannot be loaded from here). */
static void write_segment(X86Cpu *cpu, unsigned seg, uint16_t selector)
{
    SegmentCache *s = &cpu->segs[seg];
    if (s->selector == selector) {
        return;
    }
    s->selector = selector;
    if (!x86_protected_mode(cpu)) {
        s->base = (uint32_t)selector << 4;
    }
}

static void write_fpu(X86Cpu *cpu, unsigned index, uint64_t value)
{
    switch (index) {
    case FPU_CONTROL: cpu->fpu_control = value; x86_fpu_update(cpu); break;
    case FPU_STATUS: cpu->fpu_status = value & ~0x3800; cpu->fpu_top = value >> 11 & 7; x86_fpu_update(cpu); break;
    case FPU_TAG:
        for (unsigned i = 0; i < 8; i++) {
            cpu->fpu_empty[i] = (value >> 2 * i & 3) == 3;
        }
        break;
    case FPU_ISEG: cpu->fpu_cs = value; break;
    case FPU_IOFF: cpu->fpu_ip = value; break;
    case FPU_OSEG: cpu->fpu_ds = value; break;
    case FPU_OOFF: cpu->fpu_dp = value; break;
    default: cpu->fpu_opcode = value & 0x7ff; break;
    }
}

static void write_system(X86Cpu *cpu, unsigned index, uint64_t value)
{
    switch (index) {
    case SYSTEM_KERNEL_GS_BASE: cpu->kernel_gs_base = value; break;
    case SYSTEM_CR0: x86_set_cr0(cpu, value); break;
    case SYSTEM_CR2: cpu->cr[2] = value; break;
    case SYSTEM_CR3: x86_set_cr3(cpu, value); break;
    case SYSTEM_CR4: x86_set_cr4(cpu, value); break;
    case SYSTEM_CR8:
        if (cpu->apic) {
            MACHINE_LOCK_GUARD();
            apic_type(cpu->apic)->set_tpr(cpu->apic, value & 15);
        }
        break;
    default: x86_set_efer(cpu, value); break;
    }
}

static void write_integer(X86Cpu *cpu, const GdbRegister *r, uint64_t value)
{
    switch (r->kind) {
    case GDB_GENERAL: cpu->regs[r->index] = value; break;
    case GDB_PC: cpu->pc = value; break;
    case GDB_EFLAGS: x86_set_eflags(cpu, value); break;
    case GDB_SEGMENT: write_segment(cpu, r->index, value); break;
    case GDB_FPU: write_fpu(cpu, r->index, value); break;
    case GDB_MXCSR: x86_set_mxcsr(cpu, value); break;
    case GDB_BASE: cpu->segs[r->index].base = value; break;
    default: write_system(cpu, r->index, value); break;
    }
}

static int write_register(X86Cpu *cpu, const GdbRegister *r, const uint8_t *buf, int len)
{
    if (!r || len < r->bits / 8) {
        return 0;
    }
    if (r->kind == GDB_ST) {
        memcpy(cpu->fpr[(r->index + cpu->fpu_top) & 7].bytes, buf, 10);
    } else if (r->kind == GDB_XMM) {
        memcpy(&cpu->ymm[r->index], buf, 16);
    } else {
        uint64_t value = 0;
        memcpy(&value, buf, r->bits / 8);
        write_integer(cpu, r, value);
    }
    return r->bits / 8;
}

int x86_64_gdb_read(Cpu *cpu, int reg, uint8_t *buf)
{
    return read_register(X86_CPU(cpu), find_register(groups_64, ARRAY_SIZE(groups_64), reg), buf);
}

int x86_64_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len)
{
    return write_register(X86_CPU(cpu), find_register(groups_64, ARRAY_SIZE(groups_64), reg), buf, len);
}

int i386_gdb_read(Cpu *cpu, int reg, uint8_t *buf)
{
    return read_register(X86_CPU(cpu), find_register(groups_32, ARRAY_SIZE(groups_32), reg), buf);
}

int i386_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len)
{
    return write_register(X86_CPU(cpu), find_register(groups_32, ARRAY_SIZE(groups_32), reg), buf, len);
}
