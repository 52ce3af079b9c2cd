/*
 * The RISC-V processor as a device: QOM types (one a model), realize, reset.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.4 "Reset".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"
#include "target/riscv/cpu-models.h"
#include "target/riscv/internal.h"
#include "util/error.h"
#include "util/log.h"

/* ---- life ---- */

static void cpu_init(Object *object)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    const RiscvModel *model = object->type->class_data;
    if (model) {
        riscv_apply_model(cpu, model);
        /* One name for both. */
        if (model->everything && target_current() == &riscv32_target) {
            riscv_ext_set(&cpu->ext, RISCV_EXT_rv64, false);
            riscv_ext_set(&cpu->ext, RISCV_EXT_rv32, true);
            riscv_ext_set(&cpu->ext, RISCV_EXT_svrsw60t59b, false);
            riscv_ext_set(&cpu->ext, RISCV_EXT_zcf, true);
            cpu->xlen = 32;
            cpu->max_satp = cpu->satp_limit = SATP_SV32;
        }
    }
    cpu->parent.arch = cpu->xlen == 32 ? &riscv32_target : &riscv64_target;
    cpu->exception = -1;
    cpu->walk_cache_epoch = 1;
    cpu->reserved_address = UINT64_MAX;
    riscv_interrupts_init(cpu);
    riscv_counters_init(cpu);
    riscv_hart_init(cpu);
}

static uint64_t make_misa(const RiscvCpu *cpu)
{
    static const struct { char letter; RiscvExt ext; } letters[] = {
        { 'A', RISCV_EXT_a }, { 'B', RISCV_EXT_b }, { 'C', RISCV_EXT_c }, { 'D', RISCV_EXT_d }, { 'E', RISCV_EXT_e },
        { 'F', RISCV_EXT_f }, { 'H', RISCV_EXT_h }, { 'I', RISCV_EXT_i },
        { 'M', RISCV_EXT_m }, { 'S', RISCV_EXT_s }, { 'U', RISCV_EXT_u }, { 'V', RISCV_EXT_v },
    };
    uint64_t misa = cpu->xlen == 32 ? UINT64_C(1) << 30 : UINT64_C(2) << 62;
    for (unsigned i = 0; i < ARRAY_SIZE(letters); i++) {
        misa |= riscv_ext_in(&cpu->ext, letters[i].ext) ? BIT(letters[i].letter - 'A') : 0;
    }
    return misa;
}

bool riscv_settle_model(RiscvCpu *cpu, GError **err)
{
    if (!riscv_settle_paging(cpu, err) || !riscv_settle_extensions(cpu, err)) {
        return false;
    }
    if (cpu->pmp_granularity != 4) {
        return error_set(err, "pmp-granularity=%u is not implemented: it is 4", cpu->pmp_granularity);
    }
    if (!cpu->mmu || !riscv_has(cpu, s)) {
        cpu->max_satp = SATP_BARE;
    }
    if (!cpu->pmp) {
        cpu->num_pmp_regions = 0;
    }
    cpu->misa = make_misa(cpu);
    cpu->settled = true;
    return true;
}

static bool cpu_realize(Device *dev, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(dev);
    const Machine *machine = machine_current();
    if (cpu->model->by_kvm && !accel_is("kvm")) {
        return error_set(err, "'host' CPU is not compatible with TCG acceleration");
    }
    if (!riscv_settle_model(cpu, err)) {
        return false;
    }
    if (machine && !cpu->parent.memory) {
        cpu->parent.memory = (AddressSpace *)&machine->system_memory.memory_space;
    }
    riscv_cpu_reset_state(cpu);
    return true;
}

static void cpu_unrealize(Device *dev)
{
    timer_cancel(&RISCV_CPU(dev)->stimer);
    timer_cancel(&RISCV_CPU(dev)->vstimer);
    timer_cancel(&RISCV_CPU(dev)->hpm_timer);
}

/* ---- reset ---- */

static void reset_csrs(RiscvCpu *cpu)
{
    bool rv64 = cpu->xlen == 64;
    cpu->mstatus = rv64 ? FIELD_SET(FIELD_SET(UINT64_C(0), MSTATUS_UXL, riscv_has(cpu, u) ? 2 : 0), MSTATUS_SXL, riscv_has(cpu, s) ? 2 : 0) : 0;
    cpu->mstatus |= riscv_has(cpu, smdbltrp) ? MSTATUS_MDT : 0;
    cpu->vsstatus = rv64 ? FIELD_SET(UINT64_C(0), MSTATUS_UXL, 2) : 0;
    cpu->hstatus = rv64 && riscv_has(cpu, h) ? UINT64_C(2) << 32 : 0;
    cpu->mcause = cpu->satp = cpu->medeleg = cpu->mideleg = cpu->mie = cpu->mip = 0;
    if (riscv_has(cpu, h)) {
        cpu->mideleg = MIP_VS | MIP_SGEIP;
    }
    cpu->mtvec = cpu->stvec = cpu->sepc = cpu->scause = cpu->stval = cpu->mepc = cpu->mtval = cpu->sscratch = cpu->mscratch = 0;
    cpu->mtval2 = cpu->mtinst = 0;
    cpu->mcounteren = cpu->scounteren = cpu->hcounteren = cpu->mcountinhibit = 0;
    cpu->menvcfg = riscv_has(cpu, svadu) && !riscv_has(cpu, svade) ? ENVCFG_ADUE : 0;
    cpu->henvcfg = cpu->menvcfg;
    cpu->senvcfg = 0;
    /* Zkr leaves the value to the implementation: supervisors whose firmware knows nothing of the bit get at the entropy that the ISA string speaks of. */
    cpu->mseccfg = riscv_has(cpu, zkr) ? MSECCFG_SSEED : 0;
    cpu->stimecmp = cpu->vstimecmp = UINT64_MAX;
    cpu->hedeleg = cpu->hideleg = cpu->hvip = cpu->hgeie = cpu->htval = cpu->htinst = cpu->hgatp = cpu->htimedelta = 0;
    cpu->vstvec = cpu->vsscratch = cpu->vsepc = cpu->vscause = cpu->vstval = cpu->vsatp = 0;
    cpu->miselect = cpu->siselect = cpu->vsiselect = 0;
    riscv_counters_reset(cpu);
    riscv_triggers_reset(cpu);
    riscv_rnmi_reset(cpu);
    riscv_ctr_reset(cpu);
    memset(cpu->mstateen, 0, sizeof(cpu->mstateen));
    memset(cpu->hstateen, 0, sizeof(cpu->hstateen));
    memset(cpu->sstateen, 0, sizeof(cpu->sstateen));
    memset(cpu->pmpcfg, 0, sizeof(cpu->pmpcfg));
    memset(cpu->pmpaddr, 0, sizeof(cpu->pmpaddr));
    riscv_pmp_changed(cpu);
    cpu->jvt = cpu->elp = cpu->ssp = 0;
    cpu->fflags = cpu->frm = cpu->vxrm = cpu->vxsat = 0;
    cpu->vl = cpu->vstart = 0;
    cpu->vtype = BIT(63);
}

void riscv_cpu_reset_state(RiscvCpu *cpu)
{
    memset(cpu->x, 0, sizeof(cpu->x));
    memset(cpu->f, 0, sizeof(cpu->f));
    memset(cpu->v, 0, sizeof(cpu->v));
    cpu->pc = riscv_address(cpu, cpu->resetvec);
    cpu->priv = PRIV_M;
    cpu->virt = false;
    cpu->exception = -1;
    cpu->reserved_address = UINT64_MAX;
    reset_csrs(cpu);
    timer_cancel(&cpu->stimer);
    timer_cancel(&cpu->vstimer);
    cpu->walk_cache_epoch++;
    atomic_store(&cpu->parent.interrupt_request, 0);
    cpu->parent.powered_off = cpu->start_powered_off;
    atomic_store(&cpu->parent.halted, cpu->start_powered_off);
    log_mask(LOG_CPU_RESET, "CPU Reset (CPU %d)\n", cpu->parent.index);
}

static void cpu_reset_device(Device *dev)
{
    riscv_cpu_reset_state(RISCV_CPU(dev));
}

/* ---- types ---- */

static const StateField cpu_state_fields[] = {
    STATE_UINT64_ARRAY(RiscvCpu, x), STATE_UINT64_ARRAY(RiscvCpu, f), STATE_UINT64(RiscvCpu, pc), STATE_UINT64(RiscvCpu, reserved_address),
    STATE_UINT64(RiscvCpu, reserved_value), STATE_UINT64(RiscvCpu, mstatus), STATE_UINT64(RiscvCpu, sscratch), STATE_UINT64(RiscvCpu, mscratch),
    STATE_UINT64(RiscvCpu, sepc), STATE_UINT64(RiscvCpu, scause), STATE_UINT64(RiscvCpu, stval), STATE_UINT64(RiscvCpu, mepc), STATE_UINT64(RiscvCpu, mcause),
    STATE_UINT64(RiscvCpu, mtval), STATE_UINT64(RiscvCpu, vl), STATE_UINT64(RiscvCpu, vstart), STATE_UINT64(RiscvCpu, vtype),
    STATE_UINT64(RiscvCpu, jvt), STATE_UINT64(RiscvCpu, elp), STATE_UINT64(RiscvCpu, ssp),
    { .name = "v", .kind = STATE_KIND_BUFFER, .offset = offsetof(RiscvCpu, v), .size = sizeof(((RiscvCpu *)0)->v), .count = 1 },
    STATE_UINT32(RiscvCpu, fflags), STATE_UINT32(RiscvCpu, frm), STATE_UINT32(RiscvCpu, vxrm), STATE_UINT32(RiscvCpu, vxsat), STATE_UINT8(RiscvCpu, priv),
    STATE_BOOL(RiscvCpu, virt), STATE_UINT64(RiscvCpu, misa), STATE_UINT64(RiscvCpu, mtvec), STATE_UINT64(RiscvCpu, stvec), STATE_UINT64(RiscvCpu, medeleg),
    STATE_UINT64(RiscvCpu, mideleg), STATE_UINT64(RiscvCpu, mie), STATE_UINT64(RiscvCpu, mip), STATE_UINT64(RiscvCpu, satp), STATE_UINT64(RiscvCpu, mtval2),
    STATE_UINT64(RiscvCpu, mnscratch), STATE_UINT64(RiscvCpu, mnepc), STATE_UINT64(RiscvCpu, mncause), STATE_UINT64(RiscvCpu, mnstatus),
    STATE_UINT64(RiscvCpu, mctrctl), STATE_UINT64(RiscvCpu, vsctrctl), STATE_UINT32(RiscvCpu, sctrstatus), STATE_UINT32(RiscvCpu, sctrdepth),
    { .name = "ctr", .kind = STATE_KIND_BUFFER, .offset = offsetof(RiscvCpu, ctr), .size = sizeof(((RiscvCpu *)0)->ctr), .count = 1 },
    STATE_UINT64(RiscvCpu, mtinst), STATE_UINT64(RiscvCpu, menvcfg), STATE_UINT64(RiscvCpu, senvcfg), STATE_UINT64(RiscvCpu, henvcfg),
    STATE_UINT64(RiscvCpu, mseccfg), STATE_UINT64(RiscvCpu, stimecmp), STATE_UINT64(RiscvCpu, vstimecmp), STATE_UINT32(RiscvCpu, mcounteren),
    STATE_UINT32(RiscvCpu, scounteren), STATE_UINT32(RiscvCpu, hcounteren), STATE_UINT32(RiscvCpu, mcountinhibit),
    STATE_UINT64_ARRAY(RiscvCpu, mhpmcounter), STATE_UINT64_ARRAY(RiscvCpu, mhpmevent),
    STATE_UINT64_ARRAY(RiscvCpu, mstateen), STATE_UINT64_ARRAY(RiscvCpu, hstateen), STATE_UINT64_ARRAY(RiscvCpu, sstateen), STATE_UINT64(RiscvCpu, hstatus),
    STATE_UINT64(RiscvCpu, hedeleg), STATE_UINT64(RiscvCpu, hideleg), STATE_UINT64(RiscvCpu, hvip), STATE_UINT64(RiscvCpu, hgeie), STATE_UINT64(RiscvCpu, htval),
    STATE_UINT64(RiscvCpu, htinst), STATE_UINT64(RiscvCpu, hgatp), STATE_UINT64(RiscvCpu, htimedelta), STATE_UINT64(RiscvCpu, vsstatus),
    STATE_UINT64(RiscvCpu, vstvec), STATE_UINT64(RiscvCpu, vsscratch), STATE_UINT64(RiscvCpu, vsepc), STATE_UINT64(RiscvCpu, vscause),
    STATE_UINT64(RiscvCpu, vstval), STATE_UINT64(RiscvCpu, vsatp), STATE_UINT64(RiscvCpu, miselect), STATE_UINT64(RiscvCpu, siselect),
    STATE_UINT64(RiscvCpu, vsiselect), STATE_UINT8_ARRAY(RiscvCpu, pmpcfg), STATE_UINT64_ARRAY(RiscvCpu, pmpaddr),
};

static void __attribute__((constructor)) register_riscv_cpus(void)
{
    DeviceType base = {
        .name = "riscv-cpu", .parent = "cpu", .size = sizeof(RiscvCpu), .abstract = true, .category = DEVICE_CPU, .properties = riscv_cpu_properties(),
        .state = STATE(cpu_state_fields, .version = 1), .init = cpu_init, .realize = cpu_realize, .unrealize = cpu_unrealize, .reset = cpu_reset_device,
    };
    object_type_register((const ObjectType *)g_memdup2(&base, sizeof(base)));
    for (unsigned i = 0; i < riscv_nr_models; i++) {
        DeviceType leaf = { .name = g_strdup_printf("%s-riscv-cpu", riscv_models[i].name), .parent = "riscv-cpu", .category = DEVICE_CPU,
                            .class_data = &riscv_models[i] };
        object_type_register((const ObjectType *)g_memdup2(&leaf, sizeof(leaf)));
    }
}
