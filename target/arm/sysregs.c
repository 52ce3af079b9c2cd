/*
 * Accesses to system registers: finding the row, aliases of EL2 and EL12, who may, traps; what a row does not say itself.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D19.1 (accesses and traps), C5.3 (aliases with FEAT_VHE), D1.3.4 (trap controls).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"
#include "util/log.h"
#include "util/main-loop.h"

/* ---- lookup ---- */

static const SysregTable *const tables[] = { &arm_control_sysregs, &arm_id_sysregs, &arm_timer_sysregs, &arm_debug_sysregs, &arm_hypervisor_sysregs, &arm_pmu_sysregs,
                                             &arm_state_sysregs, &arm_gcs_sysregs };

/* By encoding: 1 + index of the row, all tables one behind the other. */
static uint16_t index_of[1 << 16];
static GPtrArray *all_rows;

static void __attribute__((constructor)) make_index(void)
{
    all_rows = g_ptr_array_new();
    for (unsigned t = 0; t < ARRAY_SIZE(tables); t++) {
        for (unsigned i = 0; i < tables[t]->count; i++) {
            const Sysreg *r = &tables[t]->rows[i];
            g_ptr_array_add(all_rows, (gpointer)r);
            index_of[r->encoding & 0xffff] = all_rows->len;
        }
    }
}

const Sysreg *arm_sysreg_find(uint32_t sysreg)
{
    unsigned i = index_of[sysreg & 0xffff];
    return i ? all_rows->pdata[i - 1] : NULL;
}

bool arm_sysreg_is_quiet(uint32_t sysreg)
{
    const Sysreg *r = arm_sysreg_find(sysreg);
    return r && (r->flags & SR_QUIET);
}

static unsigned op0_of(uint32_t s) { return s >> 14 & 3; }
static unsigned op1_of(uint32_t s) { return s >> 11 & 7; }
static unsigned crn_of(uint32_t s) { return s >> 7 & 15; }
static unsigned crm_of(uint32_t s) { return s >> 3 & 15; }

/* D19.1.1: the lowest level that may use an op1. Secure EL1's (7) is EL1's, checked in its row. */
static unsigned least_el(uint32_t sysreg)
{
    static const uint8_t least[] = { 1, 1, 1, 0, 2, 2, 3, 1 };
    return least[op1_of(sysreg)];
}

/* ---- traps ---- */

ArmSysregResult arm_trap_to_el1(const ArmCpu *cpu)
{
    return cpu->el == 0 && (arm_hcr(cpu) & HCR_TGE) ? SYSREG_TRAP_EL2 : SYSREG_TRAP_EL1;
}

static ArmSysregResult check_hypervisor_traps(const ArmCpu *cpu, const Sysreg *r, bool write)
{
    uint64_t hcr = arm_hcr(cpu);
    if (cpu->el >= 2 || !arm_el2_enabled(cpu)) {
        return SYSREG_OK;
    }
    if (cpu->el == 1 && (((r->flags & SR_VM) && (hcr & (write ? HCR_TVM : HCR_TRVM))) || ((r->flags & SR_TACR) && (hcr & HCR_TACR))
                         || ((r->flags & SR_TID1) && (hcr & HCR_TID1)) || ((r->flags & SR_PAUTH) && !(hcr & HCR_APK))
                         || ((r->flags & SR_TAGS) && !(hcr & HCR_ATA) && !arm_in_host(hcr)))) {
        return SYSREG_TRAP_EL2;
    }
    if (((r->flags & SR_TID3) && (hcr & HCR_TID3)) || ((r->flags & SR_TID2) && (hcr & (HCR_TID2 | (arm_has(cpu, evt) ? HCR_TID4 : 0))))) {
        return SYSREG_TRAP_EL2;
    }
    bool tde = (cpu->mdcr_el2 & BIT(8)) || (hcr & HCR_TGE);
    if (((r->flags & SR_DEBUG) && (tde || (cpu->mdcr_el2 & BIT(9)))) || ((r->flags & SR_DEBUG_OS) && (tde || (cpu->mdcr_el2 & BIT(10))))
        || ((r->flags & SR_PMU) && (cpu->mdcr_el2 & BIT(6)))) {
        return SYSREG_TRAP_EL2;
    }
    return SYSREG_OK;
}

static ArmSysregResult check_monitor_traps(const ArmCpu *cpu, const Sysreg *r)
{
    if (!cpu->has_el3 || cpu->el == 3 || !cpu->has_aarch64) {
        return SYSREG_OK;
    }
    bool trapped = ((r->flags & SR_PAUTH) && !(cpu->scr_el3 & SCR_APK)) || ((r->flags & SR_TAGS) && !(cpu->scr_el3 & SCR_ATA)) || ((r->flags & SR_DEBUG) && (cpu->mdcr_el3 & BIT(9)))
        || ((r->flags & SR_DEBUG_OS) && (cpu->mdcr_el3 & BIT(10))) || ((r->flags & SR_PMU) && (cpu->mdcr_el3 & BIT(6)))
        || ((r->flags & SR_GCS) && !(cpu->scr_el3 & SCR_GCSEN));
    return trapped ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

/* ---- rows ---- */

static bool is_there(const ArmCpu *cpu, const Sysreg *r)
{
    if (r->feature && !(cpu->features.bits[(r->feature - 1) / 64] >> ((r->feature - 1) % 64) & 1)) {
        return false;
    }
    if ((r->flags & SR_EL2) && !cpu->has_el2 && cpu->el != 3) {
        return false;
    }
    return !(r->flags & SR_EL3) || cpu->has_el3;
}

static ArmSysregResult check(ArmCpu *cpu, const Sysreg *r, uint32_t name, bool write)
{
    if (cpu->el < least_el(name) || !is_there(cpu, r) || (r->flags & (write ? SR_READ_ONLY : SR_WRITE_ONLY))) {
        return SYSREG_UNDEFINED;
    }
    if (r->check) {
        ArmSysregResult own = r->check(cpu, r, write);
        if (own != SYSREG_OK) {
            return own;
        }
    }
    ArmSysregResult result = check_hypervisor_traps(cpu, r, write);
    result = result == SYSREG_OK ? arm_fine_trap(cpu, name, write) : result;
    return result == SYSREG_OK ? check_monitor_traps(cpu, r) : result;
}

/* The row that a name means here; NULL: none. */
static const Sysreg *resolve(const ArmCpu *cpu, uint32_t sysreg)
{
    uint64_t hcr = cpu->has_el2 ? cpu->hcr_el2 : 0;
    if (op0_of(sysreg) == 3 && op1_of(sysreg) == 5) {
        /* _EL12 and _EL02: the registers of EL1 and EL0 for a host. */
        uint32_t plain = (sysreg & ~(UINT32_C(7) << 11)) | (crn_of(sysreg) == 14 && crm_of(sysreg) != 1 ? UINT32_C(3) << 11 : 0);
        const Sysreg *r = arm_sysreg_find(plain);
        return r && (r->flags & SR_ALIAS_EL12) && (cpu->el == 3 || cpu->el == 2) && arm_e2h(hcr) ? r : NULL;
    }
    const Sysreg *r = arm_sysreg_find(sysreg);
    if (r && r->host && arm_e2h(hcr) && ((cpu->el == 2) || (cpu->el == 0 && (r->flags & SR_HOST_EL0) && arm_in_host(arm_hcr(cpu))))) {
        return arm_sysreg_find(r->host);
    }
    return r;
}

/* Identification registers that have no name yet read as zero. */
static bool is_reserved_id(uint32_t s)
{
    return op0_of(s) == 3 && op1_of(s) == 0 && crn_of(s) == 0 && crm_of(s) >= 1 && crm_of(s) <= 7;
}

/* ---- the implementation's own: S3_<op1>_<c11, c15>, and instructions of the same numbers ---- */

ArmSysregResult arm_implementation_trap(const ArmCpu *cpu, uint32_t s)
{
    uint64_t hcr = arm_hcr(cpu);
    if ((crn_of(s) != 11 && crn_of(s) != 15) || !(op0_of(s) & 1)) {
        return SYSREG_OK;
    }
    if (cpu->el == 0 && arm_has(cpu, tidcp1) && (cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_TIDCP)) {
        return arm_in_host(hcr) ? SYSREG_TRAP_EL2 : arm_trap_to_el1(cpu);
    }
    return cpu->el == 1 && (hcr & HCR_TIDCP) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

/* ---- the CPU interface of the GIC ---- */

static bool is_gic(uint32_t s)
{
    if (op0_of(s) != 3) {
        return false;
    }
    if (s == ARM_SYSREG(3, 0, 4, 6, 0)) {
        return true;
    }
    unsigned op1 = op1_of(s), crm = crm_of(s);
    return crn_of(s) == 12 && ((op1 == 0 && crm >= 8) || (op1 == 4 && crm >= 8) || (op1 == 6 && crm == 12));
}

static ArmSysregResult access_gic(ArmCpu *cpu, uint32_t sysreg, bool write, uint64_t *value)
{
    if (!cpu->gic || cpu->el < least_el(sysreg)) {
        return SYSREG_UNDEFINED;
    }
    if (arm_fine_trap(cpu, sysreg, write) != SYSREG_OK) {
        return SYSREG_TRAP_EL2;
    }
    ArmGicView view = arm_cpu_gic_view(&cpu->parent);
    MACHINE_LOCK_GUARD();
    return cpu->gic->access(cpu->gic_opaque, sysreg, &view, write, value);
}

/* ---- accesses ---- */

static void read_row(ArmCpu *cpu, const Sysreg *r, uint64_t *value)
{
    *value = r->flags & SR_ZERO ? 0 : r->read ? r->read(cpu, r) : r->offset ? ARM_FIELD64(cpu, r) : 0;
}

static void write_row(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    if (r->flags & SR_ZERO) {
        return;
    }
    value = r->flags & SR_WORD ? (uint32_t)value : value;
    if (r->mask) {
        value = (r->offset ? ARM_FIELD64(cpu, r) & ~r->mask : 0) | (value & r->mask);
    }
    if (r->write) {
        r->write(cpu, r, value);
    } else if (r->offset) {
        ARM_FIELD64(cpu, r) = value;
    }
}

ArmSysregResult arm_sysreg_access(ArmCpu *cpu, uint32_t sysreg, bool write, uint64_t *value)
{
    const Sysreg *r = resolve(cpu, sysreg);
    ArmSysregResult own = arm_implementation_trap(cpu, sysreg);
    if (own != SYSREG_OK) {
        return own;
    }
    if (!r) {
        static const Sysreg reserved = { .flags = SR_READ_ONLY | SR_ZERO | SR_TID3 };
        if (is_gic(sysreg)) {
            return access_gic(cpu, sysreg, write, value);
        }
        if (!is_reserved_id(sysreg)) {
            log_mask(LOG_UNIMP, "%s access to unknown system register op0:%u op1:%u crn:%u crm:%u op2:%u\n", write ? "write" : "read", op0_of(sysreg), op1_of(sysreg),
                     crn_of(sysreg), crm_of(sysreg), sysreg & 7);
            return SYSREG_UNDEFINED;
        }
        r = &reserved;
    }
    ArmSysregResult result = check(cpu, r, sysreg, write);
    if (result != SYSREG_OK) {
        return result;
    }
    if (write) {
        write_row(cpu, r, *value);
    } else {
        read_row(cpu, r, value);
    }
    return SYSREG_OK;
}

/* With FEAT_IDST reads in the space of identification registers that are refused are told as such. */
static bool is_identification(uint32_t s)
{
    return op0_of(s) == 3 && (op1_of(s) <= 1 || op1_of(s) == 3) && crn_of(s) == 0 && crm_of(s) <= 7;
}

static bool finish(ArmCpu *cpu, uint32_t sysreg, bool write, ArmSysregResult result)
{
    if (result == SYSREG_RECORDED) {
        return false;
    }
    switch (result) {
    case SYSREG_OK:
        return true;
    case SYSREG_UNDEFINED:
        if (!write && arm_has(cpu, idst) && is_identification(sysreg)) {
            arm_record(cpu, arm_trap_syndrome(cpu), 0);
        } else {
            arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
        }
        return false;
    default:
        arm_record(cpu, arm_trap_syndrome(cpu), result - SYSREG_TRAP_EL1 + 1);
        return false;
    }
}

bool arm_sysreg_read(ArmCpu *cpu, uint32_t sysreg, uint64_t *value)
{
    return finish(cpu, sysreg, false, arm_sysreg_access(cpu, sysreg, false, value));
}

bool arm_sysreg_write(ArmCpu *cpu, uint32_t sysreg, uint64_t value)
{
    return finish(cpu, sysreg, true, arm_sysreg_access(cpu, sysreg, true, &value));
}

void arm_write_and_change(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    ARM_FIELD64(cpu, r) = value;
    arm_state_changed(cpu);
}
