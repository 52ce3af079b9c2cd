/*
 * The registers as gdb sees them: org.gnu.gdb.aarch64.core and .fpu, or .sve; org.gnu.gdb.arm.core for AArch32. The XML is made from tables.
 *
 * GDB manual, G.5.1 "AArch64 Features", G.5.3 "ARM Features".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include <string.h>

/* Numbers of AArch64: x0 to x30, sp, pc, cpsr, v0 to v31 (z0 to z31), fpsr, fpcr, and with SVE p0 to p15, ffr, vg. Of AArch32: r0 to r15, cpsr at 25. */
enum { GDB_SP = 31, GDB_PC = 32, GDB_CPSR = 33, GDB_V0 = 34, GDB_FPSR = 66, GDB_FPCR = 67, GDB_A64_COUNT = 68, GDB_P0 = 68, GDB_FFR = 84, GDB_VG = 85, GDB_SVE_COUNT = 86, GDB_A32_PC = 15, GDB_A32_CPSR = 25 };

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

/* Vectors of all of a register, by what an element is, and the unions that these make: one a width, and one of those. */
static void sve_types(GString *xml, unsigned bits)
{
    static const struct { const char *type; char width, kind; uint8_t bits; } elements[] = {
        { "uint128", 'q', 'u', 128 }, { "int128", 'q', 's', 128 }, { "ieee_double", 'd', 'f', 64 }, { "uint64", 'd', 'u', 64 }, { "int64", 'd', 's', 64 },
        { "ieee_single", 's', 'f', 32 }, { "uint32", 's', 'u', 32 }, { "int32", 's', 's', 32 }, { "ieee_half", 'h', 'f', 16 }, { "uint16", 'h', 'u', 16 },
        { "int16", 'h', 's', 16 }, { "uint8", 'b', 'u', 8 }, { "int8", 'b', 's', 8 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(elements); i++) {
        g_string_append_printf(xml, "<vector id=\"svev%c%c\" type=\"%s\" count=\"%u\"/>", elements[i].width, elements[i].kind, elements[i].type, bits / elements[i].bits);
    }
    for (const char *width = "bhsdq"; *width; width++) {
        g_string_append_printf(xml, "<union id=\"svevn%c\">", *width);
        for (unsigned i = 0; i < ARRAY_SIZE(elements); i++) {
            if (elements[i].width == *width) {
                g_string_append_printf(xml, "<field name=\"%c\" type=\"svev%c%c\"/>", elements[i].kind, *width, elements[i].kind);
            }
        }
        g_string_append(xml, "</union>");
    }
    g_string_append(xml, "<union id=\"svev\">");
    for (const char *width = "qdshb"; *width; width++) {
        g_string_append_printf(xml, "<field name=\"%c\" type=\"svevn%c\"/>", *width, *width);
    }
    g_string_append_printf(xml, "</union><vector id=\"svep\" type=\"uint8\" count=\"%u\"/>\n", bits / 64);
}

static const char *aarch64_sve(unsigned vq)
{
    unsigned bits = 128 * vq;
    GString *xml = begin("org.gnu.gdb.aarch64.sve");
    sve_types(xml, bits);
    add_numbered(xml, 'z', 32, bits, "svev", GDB_V0);
    add(xml, "fpsr", 32, "int", GDB_FPSR);
    add(xml, "fpcr", 32, "int", GDB_FPCR);
    add_numbered(xml, 'p', 16, bits / 8, "svep", GDB_P0);
    add(xml, "ffr", bits / 8, "svep", GDB_FFR);
    add(xml, "vg", 64, "int", GDB_VG);
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
/* Bytes of a vector register. */
static unsigned vector_bytes(const Cpu *c) { return arm_has(ARM_CPU(c), sve) ? 16 * ARM_CPU(c)->sve_max_vq : 16; }

const GdbFeature *aarch64_gdb_features_of(Cpu *c)
{
    static GdbFeature features[3];          /* of the one model that a machine has */
    if (!arm_has(ARM_CPU(c), sve)) {
        return aarch64_gdb_features;
    }
    if (!features[0].xml_name) {
        features[0] = aarch64_gdb_features[0];
        features[1] = (GdbFeature){ "sve-registers.xml", aarch64_sve(ARM_CPU(c)->sve_max_vq), GDB_V0, GDB_SVE_COUNT - GDB_V0 };
    }
    return features;
}

/* Bytes of a register; 0: there is none of that number. */
static int width(const Cpu *c, int reg)
{
    if (!is_aarch64(c)) {
        return (reg >= 0 && reg <= GDB_A32_PC) || reg == GDB_A32_CPSR ? 4 : 0;
    }
    if (reg < 0 || reg >= (arm_has(ARM_CPU(c), sve) ? GDB_SVE_COUNT : GDB_A64_COUNT)) {
        return 0;
    }
    if (reg >= GDB_P0) {
        return reg == GDB_VG ? 8 : (int)vector_bytes(c) / 8;
    }
    return reg <= GDB_PC ? 8 : reg >= GDB_V0 && reg < GDB_FPSR ? (int)vector_bytes(c) : 4;
}

/* Of a vector or a predicate, or NULL. */
static uint8_t *vector_home(ArmCpu *cpu, int n)
{
    if (!is_aarch64(&cpu->parent)) {
        return NULL;
    }
    return n >= GDB_V0 && n < GDB_FPSR ? cpu->v[n - GDB_V0] : n >= GDB_P0 && n <= GDB_FFR ? cpu->p[n - GDB_P0] : NULL;
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
    const uint8_t *vector = vector_home(cpu, n);
    if (vector) {
        memcpy(buf, vector, (size_t)bytes);
        return bytes;
    }
    switch (n) {
    case GDB_PC: value = cpu->pc; break;
    case GDB_CPSR: value = cpu->aarch64 ? arm_pstate(cpu) : arm_cpsr(cpu); break;
    case GDB_FPSR: value = cpu->fpsr | (cpu->qc ? FPSR_QC : 0); break;
    case GDB_FPCR: value = cpu->fpcr; break;
    case GDB_VG: value = 2 * arm_sve_vq(cpu); break;
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
    uint8_t *vector = vector_home(cpu, n);
    if (vector) {
        memcpy(vector, buf, (size_t)bytes);
        cpu->z_high |= bytes > 16;
        return bytes;
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
    case GDB_VG:        /* follows from ZCR_ELx */
        return value == 2 * arm_sve_vq(cpu) ? bytes : 0;
    default:
        cpu->x[n] = value;
        break;
    }
    return bytes;
}
