/*
 * The Arm processor as a device: QOM types (one a model), properties, realize, reset.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D1.7 (reset), G1.17.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/core/machine.h"
#include "target/arm/cpu-models.h"
#include "target/arm/tags.h"
#include "util/error.h"
#include "util/log.h"

/* ---- properties ---- */

static bool set_affinity(Object *object, const Property *p, GVariant *value, GError **err)
{
    ARM_CPU(object)->affinity = g_variant_get_uint64(value) & UINT64_C(0xff00ffffff);
    return true;
}

/* Models without pointer authentication have none of its properties. */
static bool set_pauth(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!arm_has(ARM_CPU(object), pauth)) {
        return error_set(err, "Property '%s.%s' not found", object->type->name, p->name);
    }
    *(bool *)((char *)object + p->offset) = g_variant_get_boolean(value);
    return true;
}

static const Property properties[] = {
    PROP_BOOL("aarch64", ArmCpu, prop_aarch64, true, .flags = PROP_NO_DEFAULT),
    PROP_BOOL("has_el2", ArmCpu, prop_el2, true),
    PROP_BOOL("has_el3", ArmCpu, prop_el3, true),
    PROP_BOOL("pmu", ArmCpu, prop_pmu, true, .flags = PROP_NO_DEFAULT),
    PROP_BOOL("neon", ArmCpu, prop_neon, true),
    PROP_BOOL("vfp", ArmCpu, prop_vfp, true),
    PROP_BOOL("pauth", ArmCpu, prop_pauth, true, .set = set_pauth),
    PROP_BOOL("pauth-impdef", ArmCpu, prop_pauth_impdef, false, .set = set_pauth),
    PROP_BOOL("pauth-qarma3", ArmCpu, prop_pauth_qarma3, false, .set = set_pauth),
    PROP_BOOL("pauth-qarma5", ArmCpu, prop_pauth_qarma5, false, .set = set_pauth),
    PROP_BOOL("backcompat-pauth-default-use-qarma5", ArmCpu, pauth_default_qarma5, false),
    PROP_BOOL("lpa2", ArmCpu, prop_lpa2, true),
    PROP_BOOL("start-powered-off", ArmCpu, start_powered_off, false, .flags = PROP_ANY_TIME),
    PROP_BOOL("reset-hivecs", ArmCpu, reset_hivecs, false),
    PROP_BOOL("cfgend", ArmCpu, cfgend, false),
    PROP_BOOL("backcompat-cntfrq", ArmCpu, backcompat_cntfrq, false),
    PROP_UINT64("cntfrq", ArmCpu, cntfrq_hz, 0),
    PROP_UINT64("rvbar", ArmCpu, rvbar, 0, .flags = PROP_NO_DEFAULT | PROP_ANY_TIME),
    PROP_UINT64("midr", ArmCpu, prop_midr, 0),
    PROP_UINT64("reset-cbar", ArmCpu, prop_cbar, 0),
    PROP_UINT64("mp-affinity", ArmCpu, affinity, 0, .set = set_affinity),
    PROP_UINT32("psci-conduit", ArmCpu, psci_conduit, PSCI_CONDUIT_NONE, .maximum = PSCI_CONDUIT_HVC, .flags = PROP_ANY_TIME),
    PROP_INT32("core-count", ArmCpu, core_count, -1),
    PROP_INT32("node-id", ArmCpu, node_id, -1),
    PROP_LINK("memory", ArmCpu, memory_link, "memory-region"),
    PROP_LINK("secure-memory", ArmCpu, secure_memory_link, "memory-region"),
    PROP_LINK("tag-memory", ArmCpu, tag_memory_link, "memory-region"),
    PROP_LINK("secure-tag-memory", ArmCpu, secure_tag_memory_link, "memory-region"),
};

/* ---- life ---- */

static void cpu_init(Object *object)
{
    ArmCpu *cpu = ARM_CPU(object);
    const char *name = object->type->class_data;
    const ArmModel *model = name ? arm_model_find(target_current(), name) : NULL;
    cpu->parent.arch = target_current();
    cpu->model = model;
    cpu->exclusive_address = UINT64_MAX;
    cpu->walk_cache_epoch = 1;
    g_mutex_init(&cpu->asked.lock);
    if (model) {
        cpu->id = arm_model_registers(model);
        cpu->features = arm_features_of(&cpu->id);
    }
    arm_processor_init(cpu);
}

static void set_field(ArmCpu *cpu, ArmIdRegister id, unsigned shift, unsigned value)
{
    cpu->id.value[id] = deposit64(cpu->id.value[id], shift, 4, value);
}

/* One algorithm of pointer authentication: what is asked for, else our own (up to virt-9.2: QARMA5). */
static bool settle_pauth(ArmCpu *cpu, GError **err)
{
    unsigned asked = cpu->prop_pauth_impdef + cpu->prop_pauth_qarma3 + cpu->prop_pauth_qarma5;
    if (!arm_has(cpu, pauth)) {
        return true;
    }
    if (asked && !cpu->prop_pauth) {
        error_set(err, "cannot enable pauth-impdef, pauth-qarma3 or pauth-qarma5 without pauth");
        error_set_bare_hint(err, "Add pauth=on to the CPU property list.");
        return false;
    }
    if (asked > 1) {
        return error_set(err, "cannot enable pauth-impdef, pauth-qarma3 and pauth-qarma5 at the same time");
    }
    unsigned level = cpu->prop_pauth ? arm_pauth_level(&cpu->id) : 0;
    bool q3 = cpu->prop_pauth_qarma3, q5 = cpu->prop_pauth_qarma5 || (!asked && cpu->pauth_default_qarma5), impdef = !q3 && !q5;
    set_field(cpu, ARM_ID_AA64ISAR1, 4, q5 ? level : 0);
    set_field(cpu, ARM_ID_AA64ISAR1, 24, q5 && level);
    set_field(cpu, ARM_ID_AA64ISAR1, 8, impdef ? level : 0);
    set_field(cpu, ARM_ID_AA64ISAR1, 28, impdef && level);
    set_field(cpu, ARM_ID_AA64ISAR2, 12, q3 ? level : 0);
    set_field(cpu, ARM_ID_AA64ISAR2, 8, q3 && level);
    return true;
}

/* Without memory for tags, the instructions alone are there. */
static void settle_tags(ArmCpu *cpu)
{
    enum { MTE = 8, INSTRUCTIONS_ALONE = 1 };
    if (!cpu->tag_memory_link) {
        set_field(cpu, ARM_ID_AA64PFR1, MTE, MIN(extract64(cpu->id.value[ARM_ID_AA64PFR1], MTE, 4), INSTRUCTIONS_ALONE));
    }
}

static void settle_levels(ArmCpu *cpu)
{
    const ArmModel *m = cpu->model;
    cpu->has_el2 = m->has_el2 && cpu->prop_el2;
    cpu->has_el3 = m->has_el3 && cpu->prop_el3;
    cpu->has_pmu = m->has_pmu && cpu->prop_pmu;
    cpu->has_aarch64 = m->aarch64 && cpu->prop_aarch64;
    cpu->has_neon = cpu->prop_neon;
    cpu->has_vfp = cpu->prop_vfp;
    if (!cpu->has_el3) {
        set_field(cpu, ARM_ID_AA64PFR0, 12, 0);
        set_field(cpu, ARM_ID_PFR1, 4, 0);
        set_field(cpu, ARM_ID_DFR0, 4, 0);
    }
    if (!cpu->has_el2) {
        set_field(cpu, ARM_ID_AA64PFR0, 8, 0);
        set_field(cpu, ARM_ID_PFR1, 12, 0);
    }
    /* AArch32's own view of EL2 and EL3 is of those that can be AArch32. */
    if (m->aarch64 && !arm_has(cpu, el1_aarch32)) {
        set_field(cpu, ARM_ID_PFR1, 4, 0);
        set_field(cpu, ARM_ID_PFR1, 12, 0);
    }
    if (!cpu->has_pmu) {
        set_field(cpu, ARM_ID_AA64DFR0, 8, 0);
        set_field(cpu, ARM_ID_DFR0, 24, 0);
        cpu->id.value[ARM_PMCEID0] = cpu->id.value[ARM_PMCEID1] = 0;
    }
    if (!cpu->prop_lpa2) {
        set_field(cpu, ARM_ID_AA64MMFR0, 20, MIN(extract64(cpu->id.value[ARM_ID_AA64MMFR0], 20, 4), 1));
        set_field(cpu, ARM_ID_AA64MMFR0, 28, 0);
        set_field(cpu, ARM_ID_AA64MMFR0, 32, MIN(extract64(cpu->id.value[ARM_ID_AA64MMFR0], 32, 4), 2));
        set_field(cpu, ARM_ID_AA64MMFR0, 40, MIN(extract64(cpu->id.value[ARM_ID_AA64MMFR0], 40, 4), 2));
    }
}

bool arm_settle_model(ArmCpu *cpu, GError **err)
{
    if (!cpu->prop_aarch64 && !accel_is("kvm")) {
        return error_set(err, "'aarch64' feature cannot be disabled unless KVM is enabled and 32-bit EL1 is supported");
    }
    if (!cpu->prop_neon || !cpu->prop_vfp) {
        return error_set(err, "%s=off is not implemented", cpu->prop_neon ? "vfp" : "neon");
    }
    if (!settle_pauth(cpu, err) || !arm_settle_sve(cpu, err)) {
        return false;
    }
    settle_tags(cpu);
    settle_levels(cpu);
    if (!cpu->cntfrq_hz) {
        cpu->cntfrq_hz = cpu->backcompat_cntfrq ? 62500000 : cpu->model->cntfrq_hz;
    }
    if (cpu->prop_midr) {
        cpu->id.value[ARM_MIDR] = cpu->prop_midr;
    }
    if (cpu->prop_cbar) {
        cpu->id.value[ARM_RESET_CBAR] = cpu->prop_cbar;
    }
    cpu->features = arm_features_of(&cpu->id);
    cpu->settled = true;
    return true;
}

static AddressSpace *space_of(Object *region, const char *name)
{
    AddressSpace *as = g_new0(AddressSpace, 1);
    address_space_init(as, (MemoryRegion *)region, name);
    return as;
}

static bool cpu_realize(Device *dev, GError **err)
{
    ArmCpu *cpu = ARM_CPU(dev);
    const Machine *machine = machine_current();
    if (!cpu->settled && !arm_settle_model(cpu, err)) {
        return false;
    }
    if (machine && !cpu->parent.memory) {
        cpu->parent.memory = cpu->memory_link ? space_of(cpu->memory_link, "cpu-memory") : (AddressSpace *)&machine->system_memory.memory_space;
    }
    if (cpu->secure_memory_link && cpu->has_el3 && !cpu->secure_memory) {
        cpu->secure_memory = space_of(cpu->secure_memory_link, "cpu-secure-memory");
    }
    if (arm_has(cpu, mte2) && !cpu->tag_pages) {
        cpu->tag_memory = space_of(cpu->tag_memory_link, "cpu-tag-memory");
        cpu->secure_tag_memory = cpu->secure_tag_memory_link && cpu->has_el3 ? space_of(cpu->secure_tag_memory_link, "cpu-secure-tag-memory") : NULL;
        cpu->tag_pages = g_new0(ArmTagPage, ARM_TAG_PAGES);
    }
    arm_cpu_reset_state(cpu);
    return true;
}

static void cpu_unrealize(Device *dev)
{
    ArmCpu *cpu = ARM_CPU(dev);
    for (unsigned n = 0; n < ARM_TIMER_COUNT; n++) {
        timer_cancel(&cpu->timers[n]);
    }
    timer_cancel(&cpu->pmu_timer);
}

/* ---- reset ---- */

static void reset_system_registers(ArmCpu *cpu)
{
    /* Fields from the first system register to the last timer-independent one are zeroed as one piece. */
    size_t first = offsetof(ArmCpu, sctlr_el), last = offsetof(ArmCpu, cntfrq_hz);
    uint64_t rvbar = cpu->rvbar;
    memset((char *)cpu + first, 0, last - first);
    cpu->rvbar = rvbar;
    cpu->sctlr_el[1] = cpu->id.value[ARM_RESET_SCTLR] | (cpu->reset_hivecs && !cpu->has_aarch64 ? SCTLR_V : 0) | (cpu->cfgend ? SCTLR_EE : 0);
    cpu->sctlr_el[2] = cpu->has_aarch64 ? 0 : UINT64_C(0x30c50830);
    cpu->sctlr_el[3] = cpu->sctlr_el[1];
    cpu->actlr_el[1] = cpu->actlr_el[3] = cpu->id.value[ARM_RESET_AUXCR];
    cpu->vpidr_el2 = cpu->id.value[ARM_MIDR];
    cpu->vmpidr_el2 = BIT(31) | cpu->affinity;
    cpu->hcr_el2 = arm_has(cpu, el1_aarch32) ? 0 : HCR_RW;
    cpu->scr_el3 = cpu->has_el3 ? (cpu->has_aarch64 ? SCR_RES1 : 0) | (arm_has(cpu, el1_aarch32) ? 0 : SCR_RW) : SCR_NS;      /* without EL3 all is non-secure */
    cpu->oslar_locked = 1;
    arm_pmu_reset(cpu);
}

/* Its registers of banks are all zero. */
static void enter_aarch32(ArmCpu *cpu, unsigned mode)
{
    uint64_t sctlr = cpu->sctlr_el[cpu->el];
    cpu->aarch64 = false;
    cpu->sp_sel = false;
    cpu->mode = mode;
    cpu->daif = PSTATE_A | PSTATE_I | PSTATE_F;
    cpu->thumb = (sctlr & SCTLR_TE) != 0;
    cpu->big_endian = sctlr & SCTLR_EE;
}

static void reset_pstate(ArmCpu *cpu)
{
    memset(cpu->x, 0, sizeof(cpu->x));
    memset(cpu->sp_el, 0, sizeof(cpu->sp_el));
    memset(cpu->elr_el, 0, sizeof(cpu->elr_el));
    memset(cpu->spsr_el, 0, sizeof(cpu->spsr_el));
    memset(cpu->esr_el, 0, sizeof(cpu->esr_el));
    memset(cpu->far_el, 0, sizeof(cpu->far_el));
    memset(cpu->tpidr_el, 0, sizeof(cpu->tpidr_el));
    memset(cpu->v, 0, sizeof(cpu->v));
    memset(cpu->p, 0, sizeof(cpu->p));
    cpu->tpidrro_el0 = 0;
    memset(cpu->banked_sp, 0, sizeof(cpu->banked_sp));
    memset(cpu->banked_lr, 0, sizeof(cpu->banked_lr));
    memset(cpu->banked_high, 0, sizeof(cpu->banked_high));
    cpu->spsr_fiq = cpu->spsr_irq = cpu->spsr_abt = cpu->spsr_und = 0;
    cpu->aarch64 = cpu->has_aarch64;
    cpu->el = cpu->has_el3 ? 3 : cpu->has_el2 ? 2 : 1;
    cpu->sp_sel = true;
    cpu->daif = PSTATE_DAIF;
    cpu->thumb = cpu->it = cpu->q_flag = cpu->ge = 0;
    cpu->big_endian = cpu->j = false;
    arm_set_nzcv(cpu, 0);
    cpu->pan = cpu->uao = cpu->dit = cpu->tco = cpu->allint = cpu->exlock = cpu->ss = cpu->il = cpu->z_high = false;
    cpu->ssbs = false;
    cpu->btype = 0;
    cpu->fpcr = cpu->fpsr = cpu->qc = 0;
    cpu->pc = cpu->rvbar;
    if (!cpu->has_aarch64) {
        enter_aarch32(cpu, cpu->el == 2 ? MODE_HYP : MODE_SVC);
        cpu->pc = cpu->reset_hivecs ? UINT32_C(0xffff0000) : (uint32_t)cpu->rvbar;
    }
}

void arm_cpu_start(ArmCpu *cpu, const ArmBootState *state)
{
    arm_cpu_reset_state(cpu);
    /* What firmware at the levels above would have set up. */
    bool rw = state->aarch64;
    if (cpu->has_el3 && !cpu->has_aarch64 && !state->secure) {
        cpu->scr_el3 |= SCR_NS | SCR_HCE;
        cpu->nsacr |= NSACR_CP10 | NSACR_CP11;
    } else if (cpu->has_el3 && cpu->has_aarch64 && state->el < 3) {
        cpu->scr_el3 |= (rw || state->el == 1 ? SCR_RW : 0) | (state->secure ? 0 : SCR_NS) | SCR_HCE | SCR_APK | SCR_API | SCR_ATA | SCR_FGTEN | SCR_ENSCXT;
        cpu->scr_el3 |= (arm_has(cpu, gcs) ? SCR_GCSEN : 0) | SCR_HXEN | SCR_TCR2EN | SCR_SCTLR2EN | SCR_PIEN | SCR_AIEN;
        cpu->cptr_el3 |= BIT(8);
    }
    if (cpu->has_el2 && cpu->has_aarch64 && state->el < 2) {
        cpu->hcr_el2 |= rw ? HCR_RW : 0;
    }
    cpu->el = state->el;
    if (!rw) {
        enter_aarch32(cpu, state->el == 2 ? MODE_HYP : MODE_SVC);
        cpu->el = state->el == 1 ? arm_regime_el(cpu, 0) : state->el;
        cpu->thumb = state->thumb;
    }
    cpu->pc = rw ? state->pc : state->pc & UINT32_MAX & ~UINT64_C(1);
    memcpy(cpu->x, state->x, sizeof(state->x));
    arm_state_changed(cpu);
}

void arm_cpu_reset_state(ArmCpu *cpu)
{
    reset_system_registers(cpu);
    reset_pstate(cpu);
    cpu->exception = ARM_EXC_NONE;
    cpu->exclusive_address = UINT64_MAX;
    cpu->event_register = cpu->serror_pending = false;
    arm_timers_reset(cpu);
    cpu->walk_cache_epoch++;
    cpu->current_space = 0;
    cpu->gic_view_key = UINT64_MAX;
    arm_flush_translations(cpu);
}

static void cpu_reset_device(Device *dev)
{
    ArmCpu *cpu = ARM_CPU(dev);
    if (cpu->boot_set) {
        ArmBootState state = cpu->boot;
        arm_cpu_start(cpu, &state);
    } else {
        arm_cpu_reset_state(cpu);
    }
    atomic_store(&cpu->parent.interrupt_request, 0);
    atomic_store(&cpu->starting, false);
    cpu->parent.powered_off = cpu->start_powered_off;
    atomic_store(&cpu->parent.halted, cpu->start_powered_off);
    arm_interrupts_changed(cpu);
    log_mask(LOG_CPU_RESET, "CPU Reset (CPU %d)\n", cpu->parent.index);
}

/* ---- types ---- */

static const StateField cpu_state_fields[] = {
    STATE_UINT64_ARRAY(ArmCpu, x), STATE_UINT64(ArmCpu, pc), STATE_UINT16(ArmCpu, nzcv), STATE_UINT32(ArmCpu, daif), STATE_UINT64(ArmCpu, exclusive_address),
    STATE_UINT64(ArmCpu, exclusive_low), STATE_UINT64(ArmCpu, exclusive_high), STATE_UINT64_ARRAY(ArmCpu, tpidr_el), STATE_UINT64(ArmCpu, tpidrro_el0),
    STATE_UINT64_ARRAY(ArmCpu, sp_el), STATE_UINT64_ARRAY(ArmCpu, elr_el), STATE_UINT64_ARRAY(ArmCpu, spsr_el), STATE_UINT64_ARRAY(ArmCpu, esr_el),
    STATE_UINT64_ARRAY(ArmCpu, far_el), STATE_UINT32(ArmCpu, qc), STATE_UINT8(ArmCpu, el), STATE_BOOL(ArmCpu, aarch64), STATE_BOOL(ArmCpu, sp_sel),
    STATE_BOOL(ArmCpu, pan), STATE_BOOL(ArmCpu, uao), STATE_BOOL(ArmCpu, dit), STATE_BOOL(ArmCpu, ssbs), STATE_BOOL(ArmCpu, tco), STATE_BOOL(ArmCpu, allint), STATE_BOOL(ArmCpu, exlock), STATE_BOOL(ArmCpu, ss),
    STATE_BOOL(ArmCpu, il), STATE_UINT8(ArmCpu, btype), STATE_UINT8(ArmCpu, mode), STATE_UINT32(ArmCpu, fpcr), STATE_UINT32(ArmCpu, fpsr),
    { .name = "v", .kind = STATE_KIND_BUFFER, .offset = offsetof(ArmCpu, v), .size = sizeof(((ArmCpu *)0)->v), .count = 1 },
    { .name = "system-registers", .kind = STATE_KIND_BUFFER, .offset = offsetof(ArmCpu, sctlr_el), .size = offsetof(ArmCpu, cntfrq_hz) - offsetof(ArmCpu, sctlr_el),
      .count = 1 },
    STATE_UINT64(ArmCpu, cntfrq), STATE_UINT64(ArmCpu, cntkctl_el1), STATE_UINT64(ArmCpu, cnthctl_el2), STATE_UINT64(ArmCpu, cntvoff_el2),
    STATE_UINT64_ARRAY(ArmCpu, timer_cval), STATE_UINT64_ARRAY(ArmCpu, timer_ctl),
};

/* Both targets' "max" have one type: which it is, the target tells. */
static void register_model(const ArmModel *m, void *opaque)
{
    DeviceType leaf = { .name = g_strdup_printf("%s-arm-cpu", m->name), .parent = "arm-cpu", .category = DEVICE_CPU, .class_data = m->name,
                        .properties = arm_sve_properties(m) };
    if (!object_type_find(leaf.name)) {
        object_type_register((const ObjectType *)g_memdup2(&leaf, sizeof(leaf)));
    }
}

static void __attribute__((constructor)) register_arm_cpus(void)
{
    DeviceType base = {
        .name = "arm-cpu", .parent = "cpu", .size = sizeof(ArmCpu), .abstract = true, .category = DEVICE_CPU, .properties = PROPERTIES(properties),
        .state = STATE(cpu_state_fields, .version = 1), .init = cpu_init, .realize = cpu_realize, .unrealize = cpu_unrealize, .reset = cpu_reset_device,
    };
    object_type_register((const ObjectType *)g_memdup2(&base, sizeof(base)));
    arm_model_foreach(register_model, NULL);
}
