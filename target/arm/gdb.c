/*
 * The registers as gdb sees them: org.gnu.gdb.aarch64.core and .fpu; org.gnu.gdb.arm.core for AArch32. The XML is made from tables.
 *
 * GDB manual, G.5.1 "AArch64 Features", G.5.3 "ARM Features".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include <string.h>

/* Numbers of AArch64: x0 to x30, sp, pc, cpsr, v0 to v31, fpsr, fpcr. Of AArch32: r0 to r15, cpsr at 25. */
enum { GDB_SP = 31, GDB_PC = 32, GDB_CPSR = 33, GDB_V0 = 34, GDB_FPSR = 66, GDB_FPCR = 67, GDB_A64_COUNT = 68, GDB_A32_PC = 15, GDB_A32_CPSR = 25 };

GdbFeature aarch64_gdb_features[3], arm_gdb_features[2];

static const char header[] = "<?xml version=\"1.0\"?>\n<!DOCTYPE feature SYSTEM \"gdb-target.dtd\">\n";

static GString *begin(const char *feature)
{
    GString *xml = g_string_new(header);
    g_string_append_printf(xml, "<feature name=\"%s\">\n", feature);
    return xml;
}

static const char *finish(GString *xml)
{
    g_string_append(xml, "</feature>\n");
    return g_string_free(xml, false);
}

static void add(GString *xml, const char *name, unsigned bits, const char *type, int number)
{
    g_string_append_printf(xml, "<reg name=\"%s\" bitsize=\"%u\" type=\"%s\" regnum=\"%d\"/>\n", name, bits, type, number);
}

static void add_numbered(GString *xml, char letter, int count, unsigned bits, const char *type, int first)
{
    for (int i = 0; i < count; i++) {
        g_autofree char *name = g_strdup_printf("%c%d", letter, i);
        add(xml, name, bits, type, first + i);
    }
}

static const char *aarch64_core(void)
{
    GString *xml = begin("org.gnu.gdb.aarch64.core");
    add_numbered(xml, 'x', 31, 64, "int", 0);
    add(xml, "sp", 64, "data_ptr", GDB_SP);
    add(xml, "pc", 64, "code_ptr", GDB_PC);
    g_string_append(xml, "<flags id=\"cpsr_flags\" size=\"4\"><field name=\"SP\" start=\"0\" end=\"0\"/><field name=\"EL\" start=\"2\" end=\"3\"/>"
                    "<field name=\"nRW\" start=\"4\" end=\"4\"/><field name=\"F\" start=\"6\" end=\"6\"/><field name=\"I\" start=\"7\" end=\"7\"/>"
                    "<field name=\"A\" start=\"8\" end=\"8\"/><field name=\"D\" start=\"9\" end=\"9\"/><field name=\"BTYPE\" start=\"10\" end=\"11\"/>"
                    "<field name=\"SSBS\" start=\"12\" end=\"12\"/><field name=\"IL\" start=\"20\" end=\"20\"/><field name=\"SS\" start=\"21\" end=\"21\"/>"
                    "<field name=\"PAN\" start=\"22\" end=\"22\"/><field name=\"UAO\" start=\"23\" end=\"23\"/><field name=\"DIT\" start=\"24\" end=\"24\"/>"
                    "<field name=\"TCO\" start=\"25\" end=\"25\"/><field name=\"V\" start=\"28\" end=\"28\"/><field name=\"C\" start=\"29\" end=\"29\"/>"
                    "<field name=\"Z\" start=\"30\" end=\"30\"/><field name=\"N\" start=\"31\" end=\"31\"/></flags>\n");
    add(xml, "cpsr", 32, "cpsr_flags", GDB_CPSR);
    return finish(xml);
}

static const char *aarch64_float(void)
{
    GString *xml = begin("org.gnu.gdb.aarch64.fpu");
    g_string_append(xml, "<vector id=\"v2d\" type=\"ieee_double\" count=\"2\"/><vector id=\"v2u\" type=\"uint64\" count=\"2\"/><vector id=\"v4f\" type=\"ieee_single\" count=\"4\"/>"
                    "<vector id=\"v4u\" type=\"uint32\" count=\"4\"/><vector id=\"v8u\" type=\"uint16\" count=\"8\"/><vector id=\"v16u\" type=\"uint8\" count=\"16\"/>\n"
                    "<union id=\"aarch64v\"><field name=\"d\" type=\"v2d\"/><field name=\"u64\" type=\"v2u\"/><field name=\"f\" type=\"v4f\"/><field name=\"s\" type=\"v4u\"/>"
                    "<field name=\"h\" type=\"v8u\"/><field name=\"b\" type=\"v16u\"/></union>\n");
    add_numbered(xml, 'v', 32, 128, "aarch64v", GDB_V0);
    add(xml, "fpsr", 32, "int", GDB_FPSR);
    add(xml, "fpcr", 32, "int", GDB_FPCR);
    return finish(xml);
}

static const char *arm_core(void)
{
    GString *xml = begin("org.gnu.gdb.arm.core");
    add_numbered(xml, 'r', 13, 32, "uint32", 0);
    add(xml, "sp", 32, "data_ptr", 13);
    add(xml, "lr", 32, "int", 14);
    add(xml, "pc", 32, "code_ptr", GDB_A32_PC);
    add(xml, "cpsr", 32, "int", GDB_A32_CPSR);
    return finish(xml);
}

static void __attribute__((constructor)) make_features(void)
{
    aarch64_gdb_features[0] = (GdbFeature){ "aarch64-core.xml", aarch64_core(), 0, 34 };
    aarch64_gdb_features[1] = (GdbFeature){ "aarch64-fpu.xml", aarch64_float(), GDB_V0, 34 };
    arm_gdb_features[0] = (GdbFeature){ "arm-core.xml", arm_core(), 0, 26 };
}

static bool is_aarch64(const Cpu *c) { return c->arch->address_bits == 64; }

/* Bytes of a register; 0: there is none of that number. */
static int width(const Cpu *c, int reg)
{
    if (!is_aarch64(c)) {
        return (reg >= 0 && reg <= GDB_A32_PC) || reg == GDB_A32_CPSR ? 4 : 0;
    }
    return reg < 0 || reg >= GDB_A64_COUNT ? 0 : reg <= GDB_PC ? 8 : reg >= GDB_V0 && reg < GDB_FPSR ? 16 : 4;
}

/* Numbers of AArch32 as those of AArch64. */
static int common_number(const Cpu *c, int reg)
{
    return is_aarch64(c) ? reg : reg == GDB_A32_PC ? GDB_PC : reg == GDB_A32_CPSR ? GDB_CPSR : reg;
}

int arm_gdb_read(Cpu *c, int reg, uint8_t *buf)
{
    ArmCpu *cpu = ARM_CPU(c);
    int bytes = width(c, reg), n = common_number(c, reg);
    uint64_t value;
    if (!bytes) {
        return 0;
    }
    if (bytes == 16) {
        memcpy(buf, cpu->v[n - GDB_V0], 16);
        return 16;
    }
    switch (n) {
    case GDB_PC: value = cpu->pc; break;
    case GDB_CPSR: value = cpu->aarch64 ? arm_pstate(cpu) : arm_cpsr(cpu); break;
    case GDB_FPSR: value = cpu->fpsr | (cpu->qc ? FPSR_QC : 0); break;
    case GDB_FPCR: value = cpu->fpcr; break;
    default: value = cpu->x[n]; break;
    }
    memcpy(buf, &value, bytes);
    return bytes;
}

int arm_gdb_write(Cpu *c, int reg, const uint8_t *buf, int len)
{
    ArmCpu *cpu = ARM_CPU(c);
    int bytes = width(c, reg), n = common_number(c, reg);
    uint64_t value = 0;
    if (!bytes || len < bytes) {
        return 0;
    }
    if (bytes == 16) {
        memcpy(cpu->v[n - GDB_V0], buf, 16);
        return 16;
    }
    memcpy(&value, buf, bytes);
    switch (n) {
    case GDB_PC:
        cpu->pc = value;
        break;
    case GDB_CPSR:      /* not the level and the state: those hang together with more */
        arm_set_nzcv(cpu, value);
        cpu->daif = value & PSTATE_DAIF;
        break;
    case GDB_FPSR:
        cpu->fpsr = value & ~(uint32_t)FPSR_QC;
        cpu->qc = (value & FPSR_QC) != 0;
        break;
    case GDB_FPCR:
        cpu->fpcr = value;
        break;
    default:
        cpu->x[n] = value;
        break;
    }
    return bytes;
}
