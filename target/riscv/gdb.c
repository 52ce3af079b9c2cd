/*
 * The registers as gdb sees them: the features org.gnu.gdb.riscv.cpu, fpu, virtual and csr. The XML is made from tables.
 *
 * GDB manual, G.5.12 "RISC-V Features".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/internal.h"
#include <string.h>

const char *const riscv_x_names[32] = {
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "fp", "s1", "a0", "a1", "a2", "a3", "a4", "a5",
    "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
};
const char *const riscv_f_names[32] = {
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4", "fa5",
    "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8", "ft9", "ft10", "ft11",
};

/* Numbers: x0 to x31, pc, f0 to f31, then CSRs by their number, and the privilege behind them. */
enum { GDB_PC = 32, GDB_F0 = 33, GDB_CSR0 = 65, GDB_PRIV = GDB_CSR0 + 4096 };

GdbFeature riscv64_gdb_features[5], riscv32_gdb_features[5];

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

static const char *core_xml(unsigned xlen)
{
    GString *xml = begin("org.gnu.gdb.riscv.cpu");
    for (int i = 0; i < 32; i++) {
        add(xml, riscv_x_names[i], xlen, i == 2 || i == 3 || i == 4 || i == 8 ? "data_ptr" : i == 1 ? "code_ptr" : "int", i);
    }
    add(xml, "pc", xlen, "code_ptr", GDB_PC);
    return finish(xml);
}

static const char *float_xml(void)
{
    GString *xml = begin("org.gnu.gdb.riscv.fpu");
    g_string_append(xml, "<union id=\"riscv_double\"><field name=\"float\" type=\"ieee_single\"/><field name=\"double\" type=\"ieee_double\"/></union>\n");
    for (int i = 0; i < 32; i++) {
        add(xml, riscv_f_names[i], 64, "riscv_double", GDB_F0 + i);
    }
    return finish(xml);
}

static const char *csr_xml(unsigned xlen)
{
    GString *xml = begin("org.gnu.gdb.riscv.csr");
    for (int i = 0; i < 4096; i++) {
        const char *name = riscv_csr_name(i);
        if (name) {
            add(xml, name, xlen, "int", GDB_CSR0 + i);
        }
    }
    return finish(xml);
}

static void make_features(GdbFeature *out, unsigned xlen)
{
    GString *virtual = begin("org.gnu.gdb.riscv.virtual");
    add(virtual, "priv", xlen, "int", GDB_PRIV);
    out[0] = (GdbFeature){ xlen == 64 ? "riscv-64bit-cpu.xml" : "riscv-32bit-cpu.xml", core_xml(xlen), 0, 33 };
    out[1] = (GdbFeature){ "riscv-64bit-fpu.xml", float_xml(), GDB_F0, 32 };
    out[2] = (GdbFeature){ "riscv-csr.xml", csr_xml(xlen), GDB_CSR0, 4096 };
    out[3] = (GdbFeature){ xlen == 64 ? "riscv-64bit-virtual.xml" : "riscv-32bit-virtual.xml", finish(virtual), GDB_PRIV, 1 };
}

static void __attribute__((constructor)) make_all_features(void)
{
    make_features(riscv64_gdb_features, 64);
    make_features(riscv32_gdb_features, 32);
}

int riscv_gdb_read(Cpu *c, int reg, uint8_t *buf)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    int bytes = cpu->xlen / 8;
    uint64_t value;
    if (reg < 0 || reg > GDB_PRIV) {
        return 0;
    }
    if (reg < 32) {
        value = cpu->x[reg];
    } else if (reg == GDB_PC) {
        value = cpu->pc;
    } else if (reg < GDB_CSR0) {
        value = cpu->f[reg - GDB_F0];
        bytes = 8;
    } else if (reg == GDB_PRIV) {
        value = cpu->priv;
    } else if (riscv_csr_exists(cpu, reg - GDB_CSR0)) {
        value = riscv_csr_peek(cpu, reg - GDB_CSR0);
    } else {
        return 0;
    }
    memcpy(buf, &value, bytes);
    return bytes;
}

static int write_csr(RiscvCpu *cpu, unsigned csr, uint64_t value, int bytes)
{
    uint64_t old;
    int cause;
    uint8_t priv = cpu->priv;
    cpu->priv = PRIV_M;         /* a debugger may do what M-mode may */
    bool ok = riscv_csr_access(cpu, csr, CSR_RW, false, true, value, &old, &cause);
    cpu->priv = priv;
    return ok ? bytes : 0;
}

int riscv_gdb_write(Cpu *c, int reg, const uint8_t *buf, int len)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    int bytes = reg >= GDB_F0 && reg < GDB_CSR0 ? 8 : (int)cpu->xlen / 8;
    uint64_t value = 0;
    if (reg < 0 || reg > GDB_PRIV || len < bytes) {
        return 0;
    }
    memcpy(&value, buf, bytes);
    if (reg < 32) {
        cpu->x[reg] = reg ? riscv_to_xlen(cpu, value) : 0;
    } else if (reg == GDB_PC) {
        cpu->pc = riscv_address(cpu, value);
    } else if (reg < GDB_CSR0) {
        cpu->f[reg - GDB_F0] = value;
    } else if (reg == GDB_PRIV) {
        cpu->priv = (value & 3) == 2 ? cpu->priv : value & 3;
    } else {
        return write_csr(cpu, reg - GDB_CSR0, value, bytes);
    }
    return bytes;
}
