/*
 * Coprocessors 14 and 15 of AArch32: most registers are views of AArch64's, of EL3's where EL3 is AArch32 and the state secure.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), G7 (system register encodings), G8 (registers), D1.20.1 and table of mapped registers; ARM Architecture Reference
 * Manual (DDI 0406), B4 (ARMv7's own), D12, D15 (ARMv6, ARMv5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/coprocessor.h"
#include "util/log.h"

/* ---- lookup ---- */

static const CpTable *const tables[] = { &arm_cp_control, &arm_cp_memory, &arm_cp_maintenance, &arm_cp_monitors };
/* What ARMv7 gave up (CP_OLD) apart: MRRC p15, 0, .., c14 was an operation on the cache and is CNTPCT. */
static GHashTable *by_key, *old_by_key;

static void __attribute__((constructor)) make_index(void)
{
    by_key = g_hash_table_new(NULL, NULL);
    old_by_key = g_hash_table_new(NULL, NULL);
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const CpRegister *r = &tables[t]->rows[i];
            g_hash_table_insert(r->flags & CP_OLD ? old_by_key : by_key, GUINT_TO_POINTER(r->key), (gpointer)r);
        }
    }
}

static const CpRegister *find_row(const ArmCpu *cpu, uint32_t key)
{
    bool is_old = !arm_has(cpu, v7);
    const CpRegister *r = g_hash_table_lookup(is_old ? old_by_key : by_key, GUINT_TO_POINTER(key));
    return r ? r : g_hash_table_lookup(is_old ? by_key : old_by_key, GUINT_TO_POINTER(key));
}

/* Registers that come in rows: breakpoints, event counters. */
static bool numbered(uint32_t key, CpRegister *out)
{
    unsigned cp = key & 15, op1 = key >> 4 & 15, crn = key >> 8 & 15, crm = key >> 12 & 15, op2 = key >> 16 & 7;
    bool is64 = key >> 19 & 1;
    *out = (CpRegister){ .key = key };
    if (is64 || op1 != 0) {
        return false;
    }
    if (cp == 14 && crn == 0 && op2 >= 4) {
        out->sysreg = ARM_SYSREG(2, 0, 0, crm, op2);
        return true;
    }
    if (cp == 15 && crn == 14 && crm >= 8) {
        out->sysreg = ARM_SYSREG(3, 3, 14, crm, op2);
        out->flags = CP_EL0 | CP_EL0_WRITE;         /* PMUSERENR has the last word */
        return true;
    }
    /* The CPU interface of a GICv3. */
    if (cp == 15 && ((crn == 12 && crm >= 8) || (crn == 4 && crm == 6 && op2 == 0))) {
        out->sysreg = ARM_SYSREG(3, 0, crn, crm, op2);
        return true;
    }
    return false;
}

/* ---- accesses ---- */

bool arm_cp_secure_bank(const ArmCpu *cpu)
{
    return cpu->has_el3 && !cpu->has_aarch64 && arm_is_secure(cpu) && !(cpu->mode == MODE_MON && (cpu->scr_el3 & SCR_NS));
}

/* ARMv5 and v6 have what comes later only where a row says so. */
static bool is_there(const ArmCpu *cpu, const CpRegister *r)
{
    return (!(r->flags & CP_V6) || arm_has(cpu, v6)) && (!(r->flags & CP_V7) || arm_has(cpu, v7)) && (!(r->flags & CP_V8) || arm_has(cpu, v8))
        && (!(r->flags & CP_OLD) || !arm_has(cpu, v7)) && (!(r->flags & CP_TIMER) || arm_has(cpu, a32_timer)) && (!(r->flags & CP_LPAE) || arm_has(cpu, lpae))
        && (!(r->flags & CP_HYP) || cpu->has_el2) && (!(r->flags & CP_SECURITY) || cpu->has_el3);
}

/* HSTR (G8.2.72): a bit for each c0 to c15 of coprocessor 15 (of MRRC and MCRR CRm), but for c4 and c14. */
static bool hstr_traps(const ArmCpu *cpu, uint32_t key)
{
    unsigned n = key >> 19 & 1 ? key >> 12 & 15 : key >> 8 & 15;
    return (key & 15) == 15 && cpu->el < 2 && n != 4 && n != 14 && (cpu->hstr_el2 >> n & 1) && arm_el2_enabled(cpu);
}

static ArmSysregResult check(const ArmCpu *cpu, const CpRegister *r, bool write)
{
    if (!is_there(cpu, r) || (r->flags & (write ? CP_READ_ONLY : CP_WRITE_ONLY)) || (cpu->el == 0 && !(r->flags & (write ? CP_EL0_WRITE : CP_EL0)))) {
        return SYSREG_UNDEFINED;
    }
    if ((r->flags & CP_HYP) && (cpu->el < 2 || (cpu->el == 3 && !(cpu->scr_el3 & SCR_NS)))) {
        return SYSREG_UNDEFINED;
    }
    if (hstr_traps(cpu, r->key)) {
        return SYSREG_TRAP_EL2;
    }
    return (r->flags & CP_SECURITY) && cpu->el != 3 ? SYSREG_UNDEFINED : SYSREG_OK;
}

static uint64_t merge(const CpRegister *r, bool is64, uint64_t old, uint64_t value)
{
    return is64 ? value : r->flags & CP_HIGH ? deposit64(old, 32, 32, value) : r->flags & CP_LOW ? deposit64(old, 0, 32, value) : (uint32_t)value;
}

/* The name that a view has at the level of EL3. */
static uint32_t bank(const ArmCpu *cpu, const CpRegister *r)
{
    if (!arm_cp_secure_bank(cpu) || !(r->flags & CP_BANKED)) {
        return r->sysreg;
    }
    return r->secure_sysreg ? r->secure_sysreg : (r->sysreg & ~(UINT32_C(7) << 11)) | UINT32_C(6) << 11;
}

static ArmSysregResult access_sysreg(ArmCpu *cpu, const CpRegister *r, bool is64, bool write, uint64_t *value)
{
    uint32_t name = bank(cpu, r);
    uint64_t whole = 0;
    if (!write || (!is64 && (r->flags & (CP_HIGH | CP_LOW)))) {
        ArmSysregResult result = arm_sysreg_access(cpu, name, false, &whole);
        if (result != SYSREG_OK) {
            return result;
        }
    }
    if (!write) {
        *value = is64 ? whole : (uint32_t)(r->flags & CP_HIGH ? whole >> 32 : whole);
        return SYSREG_OK;
    }
    whole = merge(r, is64, whole, *value);
    return arm_sysreg_access(cpu, name, true, &whole);
}

static void access_field(ArmCpu *cpu, const CpRegister *r, bool is64, bool write, uint64_t *value)
{
    uint32_t offset = arm_cp_secure_bank(cpu) && r->secure_offset ? r->secure_offset : r->offset;
    void *field = (char *)cpu + offset;
    uint64_t old = r->flags & CP_FIELD32 ? *(uint32_t *)field : *(uint64_t *)field;
    if (!write) {
        *value = is64 ? old : (uint32_t)(r->flags & CP_HIGH ? old >> 32 : old);
    } else if (r->flags & CP_FIELD32) {
        *(uint32_t *)field = (uint32_t)*value;
    } else {
        *(uint64_t *)field = merge(r, is64, old, *value);
    }
}

static ArmSysregResult access_row(ArmCpu *cpu, const CpRegister *r, bool is64, bool write, uint64_t *value)
{
    ArmSysregResult result = check(cpu, r, write);
    if (result != SYSREG_OK) {
        return result;
    }
    if (write ? r->write != NULL : r->read != NULL) {
        if (write) {
            r->write(cpu, r, *value);
        } else {
            *value = r->read(cpu, r);
        }
        return cpu->exception == ARM_EXC_NONE ? SYSREG_OK : SYSREG_RECORDED;
    }
    if (r->sysreg) {
        return access_sysreg(cpu, r, is64, write, value);
    }
    if (r->offset) {
        access_field(cpu, r, is64, write, value);
    } else if (!write) {
        *value = 0;
    }
    return SYSREG_OK;
}

static bool access_named(ArmCpu *cpu, uint32_t key, uint32_t syndrome, bool write, uint64_t *value)
{
    CpRegister made;
    const CpRegister *r = find_row(cpu, key);
    bool is64 = key >> 19 & 1;
    ArmSysregResult result = SYSREG_UNDEFINED;
    if (r || (numbered(key, &made) && (r = &made))) {
        result = access_row(cpu, r, is64, write, value);
    } else if ((key & 15) == 15 && (key >> 8 & 15) == 15 && cpu->el > 0) {
        *value = write ? *value : 0;        /* c15 is the implementation's own: nothing is there */
        return true;
    } else {
        log_mask(LOG_UNIMP, "%s access to unknown AArch32 %ssystem register cp:%u opc1:%u crn:%u crm:%u opc2:%u\n", write ? "write" : "read", is64 ? "64 bit " : "", key & 15,
                 key >> 4 & 15, key >> 8 & 15, key >> 12 & 15, key >> 16 & 7);
    }
    if (result == SYSREG_OK) {
        return true;
    }
    if (result == SYSREG_UNDEFINED || (result == SYSREG_TRAP_EL1 && !arm_el_is_aarch64(cpu, 1))) {
        arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
    } else if (result != SYSREG_RECORDED) {
        arm_record(cpu, syndrome, result - SYSREG_TRAP_EL1 + 1);
    }
    return false;
}

bool arm_coprocessor_read(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t *value)
{
    return access_named(cpu, is64 ? CP64(cp, op1, crm) : CP(cp, op1, crn, crm, op2), syndrome, false, value);
}

bool arm_coprocessor_write(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t value)
{
    return access_named(cpu, is64 ? CP64(cp, op1, crm) : CP(cp, op1, crn, crm, op2), syndrome, true, &value);
}
