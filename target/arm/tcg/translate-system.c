/*
 * System instructions of A64: system registers, PSTATE fields, calls, waiting, cache and translation maintenance.
 *
 * DDI 0487, C4.1.93, C5, C6.2. What registers do is in target/arm/sysregs*.c; those that Linux touches at each system call or switch of tasks are slots here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

bool a64_op_nop(ArmTranslate *s, const A64Operands *o) { return true; }

/* ---- system registers ---- */

enum { PLAIN_NONE = -1 };

/* Plain registers at EL1 and EL2: no check but of the level, no effect. With EL2 there may be traps, which C code looks at (ARM_MODE_TRAP_FEW). */
static int plain_slot(const ArmTranslate *s, uint32_t sysreg, bool write)
{
    static const struct { uint32_t sysreg; uint16_t slot, host; uint8_t least_el, write_el; } plain[] = {
        { ARM_SYSREG(3, 3, 13, 0, 2), SLOT_TPIDR_EL0, SLOT_TPIDR_EL0, 0, 0 }, { ARM_SYSREG(3, 3, 13, 0, 3), SLOT_TPIDRRO_EL0, SLOT_TPIDRRO_EL0, 0, 1 },
        { ARM_SYSREG(3, 0, 13, 0, 4), SLOT_TPIDR_EL1, SLOT_TPIDR_EL1, 1, 1 }, { ARM_SYSREG(3, 4, 13, 0, 2), SLOT_TPIDR_EL2, SLOT_TPIDR_EL2, 2, 2 },
        { ARM_SYSREG(3, 0, 4, 0, 1), SLOT_ELR_EL1, SLOT_ELR_EL2, 1, 1 }, { ARM_SYSREG(3, 0, 4, 0, 0), SLOT_SPSR_EL1, SLOT_SPSR_EL2, 1, 1 },
        { ARM_SYSREG(3, 0, 5, 2, 0), SLOT_ESR_EL1, SLOT_ESR_EL2, 1, 1 }, { ARM_SYSREG(3, 0, 6, 0, 0), SLOT_FAR_EL1, SLOT_FAR_EL2, 1, 1 },
        { ARM_SYSREG(3, 0, 4, 1, 0), SLOT_SP_EL0, SLOT_SP_EL0, 1, 1 },
    };
    if (s->mode & ARM_MODE_TRAP_FEW) {
        return PLAIN_NONE;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(plain); i++) {
        if (plain[i].sysreg == sysreg) {
            if (arm_el(s) < (write ? plain[i].write_el : plain[i].least_el) || (sysreg == ARM_SYSREG(3, 0, 4, 1, 0) && (s->mode & ARM_MODE_SP_EL0))) {
                return PLAIN_NONE;
            }
            return s->mode & ARM_MODE_E2H ? plain[i].host : plain[i].slot;
        }
    }
    return PLAIN_NONE;
}

static bool is_float_register(uint32_t sysreg) { return sysreg == ARM_SYSREG(3, 3, 4, 4, 0) || sysreg == ARM_SYSREG(3, 3, 4, 4, 1); }

/* N, Z, C, V at bits 31 to 28. */
static IrRef read_nzcv(ArmTranslate *s)
{
    static const struct { uint8_t cc, bit; } bits[] = { { IR_CC_S, 31 }, { IR_CC_EQ, 30 }, { IR_CC_GEU, 29 }, { IR_CC_O, 28 } };
    IrRef flags = ir_read(s->b, SLOT_FLAGS), value = arm_i32(s, 0);
    for (unsigned i = 0; i < ARRAY_SIZE(bits); i++) {
        IrRef bit = ir_op2(s->b, IR_SHL, IR_I32, ir_test(s->b, bits[i].cc, flags), arm_i32(s, bits[i].bit));
        value = ir_op2(s->b, IR_OR, IR_I32, value, bit);
    }
    return ir_zext(s->b, IR_I64, 2, value);
}

static IrRef moved_bit(ArmTranslate *s, IrRef value, unsigned from, unsigned to)
{
    IrRef bit = ir_emit(s->b, IR_EXTRACT, IR_I32, 1, from, value, 0, 0);
    return to ? ir_op2(s->b, IR_SHL, IR_I32, bit, arm_i32(s, to)) : bit;
}

void arm_write_nzcv(ArmTranslate *s, IrRef value)
{
    value = ir_trunc(s->b, value);
    IrRef packed = ir_op2(s->b, IR_OR, IR_I32, ir_op2(s->b, IR_OR, IR_I32, moved_bit(s, value, 31, 7), moved_bit(s, value, 30, 6)),
                          ir_op2(s->b, IR_OR, IR_I32, moved_bit(s, value, 29, 0), moved_bit(s, value, 28, 11)));
    IrRef flags = ir_emit(s->b, IR_FL_UNPACK, IR_FLAGS, 0, 0, packed, 0, 0);
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_CMC, IR_FLAGS, 0, 0, flags, 0, 0));
}

enum { SYSREG_NZCV = ARM_SYSREG(3, 3, 4, 2, 0), SYSREG_DAIF = ARM_SYSREG(3, 3, 4, 2, 1) };

/* op0 is 2 or 3: of its upper bit the instruction has no copy. */
static uint32_t sysreg_of(const ArmTranslate *s) { return 0x8000 | (s->insn >> 5 & 0x7fff); }

bool a64_op_mrs(ArmTranslate *s, const A64Operands *o)
{
    uint32_t sysreg = sysreg_of(s);
    int slot = plain_slot(s, sysreg, false);
    if (sysreg == SYSREG_NZCV) {
        a64_set_x(s, o->rt, read_nzcv(s));
    } else if (sysreg == SYSREG_DAIF && arm_el(s) > 0) {
        a64_set_x(s, o->rt, ir_zext(s->b, IR_I64, 2, ir_read(s->b, SLOT_DAIF)));
    } else if (slot != PLAIN_NONE) {
        a64_set_x(s, o->rt, ir_read(s->b, slot));
    } else if (is_float_register(sysreg)) {
        a64_set_x(s, o->rt, ARM_CALL(s, mrs_float, arm_i32(s, sysreg)));
    } else {
        a64_set_x(s, o->rt, ARM_CALL(s, mrs, arm_i32(s, sysreg)));
    }
    return true;
}

bool a64_op_msr(ArmTranslate *s, const A64Operands *o)
{
    uint32_t sysreg = sysreg_of(s);
    int slot = plain_slot(s, sysreg, true);
    IrRef value = a64_x(s, o->rt);
    if (sysreg == SYSREG_NZCV) {
        arm_write_nzcv(s, value);
    } else if (sysreg == SYSREG_DAIF && arm_el(s) > 0) {
        ir_write(s->b, SLOT_DAIF, ir_op2(s->b, IR_AND, IR_I32, ir_trunc(s->b, value), arm_i32(s, PSTATE_DAIF)));
        arm_end_event(s);
    } else if (slot != PLAIN_NONE) {
        ir_write(s->b, slot, value);
    } else if (is_float_register(sysreg)) {
        ARM_CALL(s, msr_float, arm_i32(s, sysreg), value);
        arm_end_lookup(s);
    } else {
        ARM_CALL(s, msr, arm_i32(s, sysreg), value);
        if (!arm_sysreg_is_quiet(sysreg)) {
            arm_end_event(s);
        }
    }
    return true;
}

/* ---- PSTATE by immediates ---- */

enum { FIELD_SPSEL = 0 << 3 | 5, FIELD_UAO = 0 << 3 | 3, FIELD_PAN = 0 << 3 | 4, FIELD_DAIFSET = 3 << 3 | 6, FIELD_DAIFCLR = 3 << 3 | 7, FIELD_CFINV = 0, FIELD_XAFLAG = 1,
       FIELD_AXFLAG = 2, FIELD_SSBS = 3 << 3 | 1, FIELD_DIT = 3 << 3 | 2, FIELD_TCO = 3 << 3 | 4, FIELD_ALLINT = 1 << 3 | 0 };

static bool change_daif(ArmTranslate *s, unsigned field, unsigned crm)
{
    if (arm_el(s) == 0) {
        ARM_CALL(s, daif_check, arm_i32(s, SYSREG_DAIF));
    }
    IrRef bits = arm_i32(s, crm << 6), old = ir_read(s->b, SLOT_DAIF);
    if (field == FIELD_DAIFSET) {
        ir_write(s->b, SLOT_DAIF, ir_op2(s->b, IR_OR, IR_I32, old, bits));
        return true;
    }
    ir_write(s->b, SLOT_DAIF, ir_op2(s->b, IR_ANDN, IR_I32, old, bits));
    arm_end_event(s);
    return true;
}

/* The flags of Arm's FP comparison in the form of others', and back (FEAT_FlagM2). */
static void convert_flags(ArmTranslate *s, bool to_external)
{
    IrRef flags = ir_read(s->b, SLOT_FLAGS), z = ir_test(s->b, IR_CC_EQ, flags), c = ir_test(s->b, IR_CC_GEU, flags), v = ir_test(s->b, IR_CC_O, flags);
    IrRef not_c = ir_test(s->b, IR_CC_LTU, flags), n, new_z, new_c, new_v;
    if (to_external) {
        IrRef not_z = ir_test(s->b, IR_CC_NE, flags);
        n = ir_op2(s->b, IR_AND, IR_I32, not_c, not_z);
        new_z = ir_op2(s->b, IR_AND, IR_I32, c, z);
        new_c = ir_op2(s->b, IR_OR, IR_I32, c, z);
        new_v = ir_op2(s->b, IR_AND, IR_I32, not_c, z);
    } else {
        n = new_v = arm_i32(s, 0);
        new_z = ir_op2(s->b, IR_OR, IR_I32, z, v);
        new_c = ir_op2(s->b, IR_AND, IR_I32, c, ir_test(s->b, IR_CC_NO, flags));
    }
    IrRef packed = ir_op2(s->b, IR_OR, IR_I32, ir_op2(s->b, IR_SHL, IR_I32, n, arm_i32(s, 7)), ir_op2(s->b, IR_SHL, IR_I32, new_z, arm_i32(s, 6)));
    packed = ir_op2(s->b, IR_OR, IR_I32, packed, ir_op2(s->b, IR_OR, IR_I32, new_c, ir_op2(s->b, IR_SHL, IR_I32, new_v, arm_i32(s, 11))));
    IrRef made = ir_emit(s->b, IR_FL_UNPACK, IR_FLAGS, 0, 0, packed, 0, 0);
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_CMC, IR_FLAGS, 0, 0, made, 0, 0));
}

static bool field_exists(const ArmTranslate *s, unsigned field, unsigned crm)
{
    switch (field) {
    case FIELD_SPSEL: return arm_el(s) > 0;
    case FIELD_UAO: return NEEDS(uao) && arm_el(s) > 0;
    case FIELD_PAN: return NEEDS(pan) && arm_el(s) > 0;
    case FIELD_SSBS: return NEEDS(ssbs2);
    case FIELD_DIT: return NEEDS(dit);
    case FIELD_TCO: return NEEDS(mte);
    case FIELD_ALLINT: return NEEDS(nmi) && arm_el(s) > 0 && crm <= 1;
    default: return false;
    }
}

bool a64_op_msr_imm(ArmTranslate *s, const A64Operands *o)
{
    unsigned field = o->op1 << 3 | o->op2;
    if (field == FIELD_DAIFSET || field == FIELD_DAIFCLR) {
        return change_daif(s, field, o->crm);
    }
    if (field == FIELD_CFINV && NEEDS(flagm)) {
        ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_CMC, IR_FLAGS, 0, 0, ir_read(s->b, SLOT_FLAGS), 0, 0));
        return true;
    }
    if ((field == FIELD_XAFLAG || field == FIELD_AXFLAG) && NEEDS(flagm2)) {
        convert_flags(s, field == FIELD_AXFLAG);
        return true;
    }
    if (!field_exists(s, field, o->crm)) {
        return false;
    }
    ARM_CALL(s, pstate_field, arm_i32(s, field), arm_i32(s, o->crm));
    if (field == FIELD_ALLINT) {
        arm_end_event(s);
    } else {
        arm_end_lookup(s);
    }
    return true;
}

/* ---- SYS: caches, translations ---- */

static uint32_t sys_of(const A64Operands *o) { return ARM_SYSREG(1, o->op1, o->crn, o->crm, o->op2); }

/* Caches are not modelled: cleaning and invalidating does nothing but fault. For EL1 and above, not even that unless something is trapped. */
static bool is_cache_operation(const A64Operands *o) { return o->crn == 7 && o->crm != 8 && o->crm != 9 && o->crm != 4; }

enum { SYS_DC_ZVA = ARM_SYSREG(1, 3, 7, 4, 1), SYS_DC_GVA = ARM_SYSREG(1, 3, 7, 4, 3), SYS_DC_GZVA = ARM_SYSREG(1, 3, 7, 4, 4), SYS_IC_IVAU = ARM_SYSREG(1, 3, 7, 5, 1) };

/* The block is 64 bytes on all models. */
static bool zero_block(ArmTranslate *s, const A64Operands *o)
{
    enum { BLOCK = 64, PART = 32 };
    IrRef address = a64_x(s, o->rt);
    if (s->mode & (ARM_MODE_MTE | ARM_MODE_TRAP_FEW) || (s->cpu->id.value[ARM_DCZID] & 15) != 4) {
        ARM_CALL(s, dc_zva, address, arm_i32(s, SYS_DC_ZVA));
        return true;
    }
    IrRef block = ir_op2(s->b, IR_AND, IR_I64, address, arm_i64(s, ~(uint64_t)(BLOCK - 1)));
    IrRef zero = ir_const_v128(s->b, 0, 0), zeroes = ir_op2(s->b, IR_VJOIN, IR_V256, zero, zero);
    IrMem mem = { .size_log2 = 5, .priv = arm_data_of(s) };
    ir_store(s->b, block, zeroes, mem);
    mem.offset = PART;
    ir_store(s->b, block, zeroes, mem);
    return true;
}

/* ---- guarded control stacks ---- */

static bool is_gcs(const ArmTranslate *s, const A64Operands *o) { return NEEDS(gcs) && o->crn == 7 && o->crm == 7; }

/* Those that may change PSTATE.EXLOCK end the block. */
static bool gcs_instruction(ArmTranslate *s, const A64Operands *o, bool has_result)
{
    enum { PUSHM = 3 << 3 | 0, POPM = 3 << 3 | 1, SS1 = 3 << 3 | 2, SS2 = 3 << 3 | 3, PUSHX = 4, POPCX = 5, POPX = 6 };
    unsigned which = o->op1 << 3 | o->op2;
    bool of_exceptions = which == PUSHX || which == POPCX || which == POPX;
    if (has_result ? which != POPM && which != SS2 : which != PUSHM && which != SS1 && !(of_exceptions && o->rt == 31 && arm_el(s) > 0)) {
        return false;
    }
    IrRef value = ARM_CALL(s, gcs_sys, arm_i32(s, sys_of(o)), a64_x(s, o->rt), arm_i32(s, o->rt));
    if (has_result) {
        a64_set_x(s, o->rt, value);
    }
    if (of_exceptions) {
        arm_end_lookup(s);
    }
    return true;
}

/* X16 keeps the bits of features that are not there or not on: bit 0 is that of the stack. */
bool a64_op_chkfeat(ArmTranslate *s, const A64Operands *o)
{
    if (s->mode & ARM_MODE_GCS) {
        a64_set_x(s, 16, ir_op2(s->b, IR_AND, IR_I64, a64_x(s, 16), arm_i64(s, ~UINT64_C(1))));
    }
    return true;
}

bool a64_op_sys(ArmTranslate *s, const A64Operands *o)
{
    if (is_gcs(s, o)) {
        return gcs_instruction(s, o, false);
    }
    uint32_t sys = sys_of(o);
    bool plain = !(s->mode & ARM_MODE_TRAP_FEW) && arm_el(s) > 0;
    if (sys == SYS_DC_ZVA) {
        return zero_block(s, o);
    }
    if (sys == SYS_DC_GVA || sys == SYS_DC_GZVA) {
        ARM_CALL(s, dc_zva, a64_x(s, o->rt), arm_i32(s, sys));
        return true;
    }
    if (is_cache_operation(o) && plain && sys != SYS_IC_IVAU) {
        ARM_CALL(s, trap_check, arm_i32(s, sys));
        return true;
    }
    ARM_CALL(s, sys, arm_i32(s, sys), a64_x(s, o->rt));
    arm_end_lookup(s);
    return true;
}

bool a64_op_sysl(ArmTranslate *s, const A64Operands *o)
{
    if (is_gcs(s, o)) {
        return gcs_instruction(s, o, true);
    }
    ARM_CALL(s, sys, arm_i32(s, sys_of(o)), arm_i64(s, 0));
    arm_end_lookup(s);
    return true;
}

/* ---- calls ---- */

static bool call_ends(ArmTranslate *s)
{
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

bool a64_op_svc(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, svc, arm_i32(s, o->uimm));
    return call_ends(s);
}

bool a64_op_hvc(ArmTranslate *s, const A64Operands *o)
{
    if (arm_el(s) == 0) {
        return false;
    }
    ARM_CALL(s, hvc, arm_i32(s, o->uimm), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a64_op_smc(ArmTranslate *s, const A64Operands *o)
{
    if (arm_el(s) == 0) {
        return false;
    }
    ARM_CALL(s, smc, arm_i32(s, o->uimm), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a64_op_brk(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, brk, arm_i32(s, o->uimm));
    return call_ends(s);
}

bool a64_op_hlt(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, hlt, arm_i32(s, o->uimm), ir_pc(s->b, s->next));
    return call_ends(s);
}

/* ---- waiting ---- */

bool a64_op_wfx(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, wfx, arm_i32(s, o->op), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a64_op_wfxt(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, wfxt, arm_i32(s, o->op), a64_x(s, o->rt), ir_pc(s->b, s->next));
    return call_ends(s);
}

bool a64_op_sev(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, sev, arm_i32(s, o->op));
    return true;
}

/* A loop that waits for another processor: its thread is let run. */
bool a64_op_yield(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, yield_now, ir_pc(s->b, s->next));
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

/* ---- errors: physical SErrors are never deferred here ---- */

bool a64_op_esb(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, sys, arm_i32(s, ARM_SYS_ESB), arm_i64(s, 0));
    arm_end_event(s);
    return true;
}
