/*
 * The local APIC's registers and priorities, in xAPIC and x2APIC form (Intel SDM volume 3, chapter 11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apic-internal.h"

#include "hw/core/machine.h"
#include "target/i386/cpu.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum {
    REG_ID = 0x02, REG_VERSION = 0x03, REG_TPR = 0x08, REG_APR = 0x09, REG_PPR = 0x0a, REG_EOI = 0x0b, REG_RRD = 0x0c, REG_LDR = 0x0d, REG_DFR = 0x0e,
    REG_SVR = 0x0f, REG_ISR = 0x10, REG_TMR = 0x18, REG_IRR = 0x20, REG_ESR = 0x28, REG_ICR = 0x30, REG_ICR2 = 0x31, REG_LVT = 0x32,
    REG_INITIAL_COUNT = 0x38, REG_CURRENT_COUNT = 0x39, REG_DIVIDE = 0x3e, REG_SELF_IPI = 0x3f
};
enum { APIC_PAGE = 0x1000, MSR_X2APIC_BASE = 0x800 };

static const DeviceType apic_device;
static MemoryRegion message_region;     /* one for all: who accesses it decides */
static const char *apic_type_name, *apic_refusal;

/* ---- vectors ---- */
static bool test_bit(const uint32_t *map, unsigned n) { return map[n / 32] >> n % 32 & 1; }
static void set_bit(uint32_t *map, unsigned n) { map[n / 32] |= 1u << n % 32; }
static void clear_bit(uint32_t *map, unsigned n) { map[n / 32] &= ~(1u << n % 32); }

static int highest_bit(const uint32_t *map)
{
    for (int i = 7; i >= 0; i--) {
        if (map[i]) {
            return i * 32 + 31 - __builtin_clz(map[i]);
        }
    }
    return -1;
}

uint8_t apic_processor_priority(const Apic *apic)
{
    int in_service = highest_bit(apic->isr);
    uint8_t isr_class = in_service < 0 ? 0 : in_service & 0xf0;
    return apic->tpr >> 4 >= isr_class >> 4 ? apic->tpr : isr_class;
}

/* The vector that the processor would get, -1: none. */
static int pending_vector(const Apic *apic)
{
    if (!apic_is_enabled(apic) || !(apic->svr & SVR_ENABLED)) {
        return -1;
    }
    int vector = highest_bit(apic->irr);
    return vector >= 0 && vector >> 4 > apic_processor_priority(apic) >> 4 ? vector : -1;
}

static bool accepts_pic(const Apic *apic)
{
    if (!apic_is_enabled(apic)) {
        return apic_is_boot_processor(apic);
    }
    uint32_t lint0 = apic->lvt[LVT_LINT0];
    return !(lint0 & LVT_MASKED) && (lint0 >> LVT_DELIVERY_SHIFT & 7) == DELIVERY_EXTINT;
}

void apic_update_interrupt(Apic *apic)
{
    Cpu *cpu = apic->common.cpu;
    if (pending_vector(apic) >= 0 || (apic_pic_level() && accepts_pic(apic))) {
        cpu_interrupt(cpu, CPU_INTERRUPT_HARD);
    } else {
        cpu_clear_interrupt(cpu, CPU_INTERRUPT_HARD);
    }
}

void apic_report_error(Apic *apic, uint32_t bits)
{
    bool is_new = bits & ~apic->esr_pending;
    apic->esr_pending |= bits;
    if (is_new) {
        apic_local_deliver(apic, LVT_ERROR);
    }
}

void apic_set_irr(Apic *apic, uint8_t vector, bool level)
{
    if (!(apic->svr & SVR_ENABLED)) {
        return;                         /* 11.4.7.2: a disabled APIC takes only INIT, NMI, SMI and SIPI */
    }
    if (vector < 16) {
        apic_report_error(apic, ESR_RECEIVE_ILLEGAL_VECTOR);
        return;
    }
    set_bit(apic->irr, vector);
    if (level) {
        set_bit(apic->tmr, vector);
    } else {
        clear_bit(apic->tmr, vector);
    }
    apic_update_interrupt(apic);
}

void apic_local_deliver(Apic *apic, int n)
{
    uint32_t lvt = apic->lvt[n];
    unsigned mode = lvt >> LVT_DELIVERY_SHIFT & 7;
    if (lvt & LVT_MASKED) {
        return;
    }
    if (n == LVT_TIMER || n == LVT_ERROR) {
        mode = DELIVERY_FIXED;
    }
    switch (mode) {
    case DELIVERY_FIXED:
        if (n == LVT_ERROR && (lvt & LVT_VECTOR) < 16) {
            return;                     /* no error about the error vector */
        }
        apic_set_irr(apic, lvt & LVT_VECTOR, n == LVT_LINT0 && lvt & LVT_LEVEL);
        break;
    case DELIVERY_SMI:
        cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_SMI);
        break;
    case DELIVERY_NMI:
        cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_NMI);
        break;
    case DELIVERY_EXTINT:
        apic_update_interrupt(apic);
        break;
    }
}

static void end_of_interrupt(Apic *apic)
{
    int vector = highest_bit(apic->isr);
    if (vector < 0) {
        return;
    }
    clear_bit(apic->isr, vector);
    if (test_bit(apic->tmr, vector) && !(apic->svr & SVR_SUPPRESS_EOI)) {
        apic_end_of_level_interrupt(vector);
    }
    apic_update_interrupt(apic);
}

/* ---- registers, numbered by their offset / 16 ---- */
static bool read_register(Apic *apic, unsigned reg, uint32_t *value)
{
    bool x2apic = apic_is_x2apic(apic);
    switch (reg) {
    case REG_ID:
        *value = x2apic ? apic->common.id : apic->id << 24;
        return true;
    case REG_VERSION:
        *value = apic->common.version | (LVT_COUNT - 1) << 16;
        return true;
    case REG_TPR:
        *value = apic->tpr;
        return true;
    case REG_APR:
        *value = 0;
        return !x2apic;
    case REG_PPR:
        *value = apic_processor_priority(apic);
        return true;
    case REG_EOI:
        *value = 0;
        return !x2apic;
    case REG_RRD:
        *value = 0;
        return !x2apic;
    case REG_LDR:
        *value = x2apic ? (apic->common.id >> 4) << 16 | 1u << (apic->common.id & 0xf) : (uint32_t)apic->log_dest << 24;
        return true;
    case REG_DFR:
        *value = (uint32_t)apic->dest_mode << 28 | 0x0fffffff;
        return !x2apic;
    case REG_SVR:
        *value = apic->svr;
        return true;
    case REG_ISR ... REG_ISR + 7:
        *value = apic->isr[reg & 7];
        return true;
    case REG_TMR ... REG_TMR + 7:
        *value = apic->tmr[reg & 7];
        return true;
    case REG_IRR ... REG_IRR + 7:
        *value = apic->irr[reg & 7];
        return true;
    case REG_ESR:
        *value = apic->esr;
        return true;
    case REG_ICR:
        *value = apic->icr[0];
        return true;
    case REG_ICR2:
        *value = apic->icr[1];
        return !x2apic;
    case REG_LVT ... REG_LVT + LVT_COUNT - 1:
        *value = apic->lvt[reg - REG_LVT];
        return true;
    case REG_INITIAL_COUNT:
        *value = apic->initial_count;
        return true;
    case REG_CURRENT_COUNT:
        *value = apic_timer_current(apic);
        return true;
    case REG_DIVIDE:
        *value = apic->divide_config;
        return true;
    default:
        *value = 0;
        return false;
    }
}

static void write_lvt(Apic *apic, int n, uint32_t value)
{
    static const uint32_t masks[LVT_COUNT] = {
        [LVT_TIMER] = 0x000710ff, [LVT_THERMAL] = 0x000117ff, [LVT_PERFORM] = 0x000117ff, [LVT_LINT0] = 0x0001f7ff, [LVT_LINT1] = 0x0001f7ff,
        [LVT_ERROR] = 0x000110ff,
    };
    if (!(apic->svr & SVR_ENABLED)) {
        value |= LVT_MASKED;            /* 11.4.7.2: while software-disabled no entry can be unmasked */
    }
    unsigned old_mode = apic_timer_mode(apic);
    apic->lvt[n] = value & masks[n];
    if (n == LVT_TIMER) {
        if (old_mode != apic_timer_mode(apic) && (old_mode == LVT_TIMER_TSC_DEADLINE || apic_timer_mode(apic) == LVT_TIMER_TSC_DEADLINE)) {
            apic->initial_count = 0;    /* 11.5.4.1: changing to or from deadline mode disarms */
            apic->tsc_deadline = 0;
        }
        apic_timer_update(apic);
    } else if (n == LVT_LINT0) {
        apic_update_interrupt(apic);
    }
}

static void write_svr(Apic *apic, uint32_t value)
{
    apic->svr = value & 0x1ff;          /* focus checking and EOI suppression are not there (version register, bit 24) */
    for (int i = 0; !(apic->svr & SVR_ENABLED) && i < LVT_COUNT; i++) {
        apic->lvt[i] |= LVT_MASKED;
    }
    apic_update_interrupt(apic);
}

static bool write_register(Apic *apic, unsigned reg, uint32_t value)
{
    bool x2apic = apic_is_x2apic(apic);
    switch (reg) {
    case REG_ID:
        apic->id = value >> 24;
        return !x2apic;
    case REG_TPR:
        apic->tpr = value;
        apic_update_interrupt(apic);
        return true;
    case REG_EOI:
        end_of_interrupt(apic);
        return true;
    case REG_LDR:
        apic->log_dest = value >> 24;
        return !x2apic;
    case REG_DFR:
        apic->dest_mode = value >> 28;
        return !x2apic;
    case REG_SVR:
        write_svr(apic, value);
        return true;
    case REG_ESR:
        apic->esr = apic->esr_pending;
        apic->esr_pending = 0;
        return !x2apic || value == 0;
    case REG_ICR:
        apic->icr[0] = value & 0x000ccfff;
        apic_write_icr(apic);
        return true;
    case REG_ICR2:
        apic->icr[1] = value & 0xff000000;
        return true;
    case REG_LVT ... REG_LVT + LVT_COUNT - 1:
        write_lvt(apic, reg - REG_LVT, value);
        return true;
    case REG_INITIAL_COUNT:
        apic_timer_set_initial(apic, value);
        return true;
    case REG_DIVIDE:
        apic->divide_config = value & 0xb;
        apic_timer_update(apic);
        return true;
    default:
        return false;
    }
}

/* ---- the memory at 0xfee00000 ---- */
static Apic *own_apic(void)
{
    Cpu *cpu = cpu_current();
    Device *apic = cpu ? X86_CPU(cpu)->apic : NULL;
    return apic && device_type(apic) == &apic_device && apic_is_enabled(APIC(apic)) && !apic_is_x2apic(APIC(apic)) ? APIC(apic) : NULL;
}

static uint64_t region_read(void *opaque, uint64_t addr, unsigned size)
{
    Apic *apic = addr < APIC_PAGE ? own_apic() : NULL;
    uint32_t value = 0;
    if (!apic || size < 4 || addr & 0xf) {
        return apic ? 0 : UINT32_MAX;
    }
    if (!read_register(apic, addr >> 4, &value)) {
        apic_report_error(apic, ESR_ILLEGAL_REGISTER);
    }
    return value;
}

static void region_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    /* Messages have a destination in bits 19:12 or flags in the first 16 bytes, where no register is: the two share the page without conflict. A
     * message may come from a device that works for the CPU on its thread. */
    if (addr >= APIC_PAGE || addr < 0x10) {
        apic_deliver_msi(APIC_DEFAULT_ADDRESS + addr, value);
        return;
    }
    Apic *apic = own_apic();
    if (!apic || size < 4 || addr & 0xf) {
        return;
    }
    if (!write_register(apic, addr >> 4, value)) {
        apic_report_error(apic, ESR_ILLEGAL_REGISTER);
    }
}

static const MemoryRegionOps region_ops = {
    .read = region_read, .write = region_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 4 },
};

/* ---- what the processor asks ---- */
static uint64_t apic_get_base(Device *device) { return APIC(device)->base; }

static void apic_set_base(Device *device, uint64_t value)
{
    Apic *apic = APIC(device);
    bool was_enabled = apic_is_enabled(apic);
    if ((value & ~UINT64_C(0xfff)) != APIC_DEFAULT_ADDRESS) {
        log_mask(LOG_UNIMP, "apic %u: moved to 0x%llx; it stays at its default address\n", apic->common.id, (unsigned long long)value);
    }
    /* 11.12.1.2: leaving x2APIC other than by disabling is refused by the CPU's MSR code. */
    apic->base = value;
    if (was_enabled && !apic_is_enabled(apic)) {
        write_svr(apic, apic->svr & ~SVR_ENABLED);
    }
    if (apic_is_x2apic(apic)) {
        apic->id = apic->common.id;
    }
    apic_update_interrupt(apic);
}

static void apic_set_tpr(Device *device, uint8_t cr8)
{
    Apic *apic = APIC(device);
    apic->tpr = (cr8 & 0x0f) << 4;
    apic_update_interrupt(apic);
}

static uint8_t apic_get_tpr(Device *device) { return APIC(device)->tpr >> 4; }

static bool apic_has_interrupt(Device *device) { return pending_vector(APIC(device)) >= 0; }

static int apic_get_interrupt(Device *device)
{
    Apic *apic = APIC(device);
    int vector = pending_vector(apic);
    if (vector < 0) {
        apic_update_interrupt(apic);
        return -1;
    }
    clear_bit(apic->irr, vector);
    set_bit(apic->isr, vector);
    apic_update_interrupt(apic);
    return vector;
}

static bool apic_accepts_pic(Device *device) { return accepts_pic(APIC(device)); }

static bool apic_read_msr(Device *device, uint32_t index, uint64_t *value)
{
    Apic *apic = APIC(device);
    unsigned reg = index - MSR_X2APIC_BASE;
    uint32_t low;
    if (!apic_is_x2apic(apic) || reg > 0xff || !read_register(apic, reg, &low)) {
        return false;
    }
    *value = reg == REG_ICR ? (uint64_t)apic->icr[1] << 32 | low : low;
    return true;
}

static bool apic_write_msr(Device *device, uint32_t index, uint64_t value)
{
    Apic *apic = APIC(device);
    unsigned reg = index - MSR_X2APIC_BASE;
    if (!apic_is_x2apic(apic) || reg > 0xff) {
        return false;
    }
    switch (reg) {
    case REG_ICR:
        apic->icr[1] = value >> 32;
        return write_register(apic, REG_ICR, value);
    case REG_SELF_IPI:
        apic_self_ipi(apic, value);
        return value <= 0xff;
    case REG_EOI:
        return value == 0 && write_register(apic, reg, 0);
    case REG_ICR2:
    case REG_ID:
    case REG_LDR:
    case REG_DFR:
        return false;
    default:
        return value <= UINT32_MAX && write_register(apic, reg, value);
    }
}

static void apic_set_tsc_deadline(Device *device, uint64_t tsc) { apic_timer_set_deadline(APIC(device), tsc); }

static void apic_init_reset(Device *device)
{
    Apic *apic = APIC(device);
    apic->tpr = apic->log_dest = 0;
    apic->dest_mode = 0xf;
    apic->svr = 0xff;
    apic->esr = apic->esr_pending = apic->icr[0] = apic->icr[1] = 0;
    apic->id = apic->common.id;
    for (int i = 0; i < LVT_COUNT; i++) {
        apic->lvt[i] = LVT_MASKED;
    }
    memset(apic->isr, 0, sizeof(apic->isr));
    memset(apic->tmr, 0, sizeof(apic->tmr));
    memset(apic->irr, 0, sizeof(apic->irr));
    apic_timer_reset(apic);
    /* A SIPI that came behind the INIT is on its way already. */
    apic->waits_for_sipi = !apic_is_boot_processor(apic) && !(apic->common.cpu->interrupt_request & CPU_INTERRUPT_SIPI);
    apic_update_interrupt(apic);
}

static void apic_deliver_nmi(Device *device) { apic_local_deliver(APIC(device), LVT_LINT1); }

/* ---- the device ---- */
static void apic_reset(Device *device)
{
    Apic *apic = APIC(device);
    apic->base = APIC_DEFAULT_ADDRESS | APIC_BASE_ENABLE | (apic_is_boot_processor(apic) ? APIC_BASE_BSP : 0);
    apic_init_reset(device);
}

/* It hangs on no bus that is reset with the machine. */
static void reset_with_machine(void *opaque) { apic_reset(opaque); }

static bool apic_realize(Device *device, GError **err)
{
    Apic *apic = APIC(device);
    if (!apic->common.cpu) {
        return error_set(err, "apic: a local APIC is made with its processor");
    }
    if (!message_region.label) {
        memory_region_init_io(&message_region, NULL, &region_ops, NULL, "apic-msi", APIC_SPACE_SIZE);
        if (machine_current()) {
            memory_region_add_subregion_overlap(&machine_current()->system_memory.memory, APIC_DEFAULT_ADDRESS, &message_region, 0x1000);
        }
    }
    apic_timer_init(apic);
    apic_bus_add(apic);
    apic_reset(device);
    reset_register(reset_with_machine, apic);
    return true;
}

static void apic_unrealize(Device *device)
{
    reset_unregister(reset_with_machine, device);
    timer_cancel(&APIC(device)->timer);
    apic_bus_remove(APIC(device));
}

static const Property apic_properties[] = {
    PROP_UINT32("id", ApicCommon, id, UINT32_MAX),
    PROP_UINT8("version", ApicCommon, version, 0x14),
    PROP_BOOL("vapic", ApicCommon, vapic, true),
};
static const DeviceType apic_common = {
    .name = "apic-common", .parent = "device", .size = sizeof(ApicCommon), .abstract = true, .properties = PROPERTIES(apic_properties),
};
REGISTER_DEVICE(apic_common)

static const StateField apic_state[] = {
    STATE_UINT64(Apic, base), STATE_UINT32(Apic, id), STATE_UINT8(Apic, tpr), STATE_UINT8(Apic, log_dest), STATE_UINT8(Apic, dest_mode),
    STATE_UINT32(Apic, svr), STATE_UINT32(Apic, esr), STATE_UINT32(Apic, esr_pending), STATE_UINT32_ARRAY(Apic, icr), STATE_UINT32_ARRAY(Apic, lvt),
    STATE_UINT32_ARRAY(Apic, isr), STATE_UINT32_ARRAY(Apic, tmr), STATE_UINT32_ARRAY(Apic, irr), STATE_UINT32(Apic, divide_config),
    STATE_UINT32(Apic, initial_count), STATE_INT64(Apic, initial_count_ns), STATE_INT64(Apic, next_ns), STATE_UINT64(Apic, tsc_deadline),
    STATE_TIMER(Apic, timer), STATE_BOOL(Apic, waits_for_sipi),
};
static const ApicType apic_family = {
    .set_base = apic_set_base, .get_base = apic_get_base, .set_tpr = apic_set_tpr, .get_tpr = apic_get_tpr, .get_interrupt = apic_get_interrupt,
    .has_interrupt = apic_has_interrupt, .accepts_pic = apic_accepts_pic, .read_msr = apic_read_msr, .write_msr = apic_write_msr,
    .set_tsc_deadline = apic_set_tsc_deadline, .init_reset = apic_init_reset, .deliver_nmi = apic_deliver_nmi,
};
static const DeviceType apic_device = {
    .name = "apic", .parent = "apic-common", .size = sizeof(Apic), .family = &apic_family, .state = STATE(apic_state, .version = 1),
    .realize = apic_realize, .unrealize = apic_unrealize, .reset = apic_reset,
};
REGISTER_DEVICE(apic_device)

void apic_set_type_name(const char *type_name) { apic_type_name = type_name; }

void apic_set_refusal(const char *why) { apic_refusal = why; }

bool apic_create(Cpu *cpu, uint32_t apic_id, Device **result, GError **err)
{
    if (apic_refusal) {
        return error_set(err, "%s", apic_refusal);
    }
    Device *apic = device_try_new(apic_type_name ? apic_type_name : "apic", err);
    if (!apic) {
        return false;
    }
    APIC_COMMON(apic)->cpu = cpu;
    APIC_COMMON(apic)->id = apic_id;
    if (!object_add_child(OBJECT(cpu), "lapic", OBJECT(apic), err)) {
        object_unref(OBJECT(apic));
        return false;
    }
    *result = apic;
    if (!device_realize(apic, NULL, err)) {
        *result = NULL;
        return false;
    }
    return true;
}

/* ---- info lapic ---- */
static const char *const mode_names[] = { "Fixed", "...", "SMI", "...", "NMI", "INIT", "...", "ExtINT" };

static void describe_lvt(GString *out, const Apic *apic, const char *name, int n)
{
    static const char *const timer_modes[] = { "one-shot", "periodic", "tsc-deadline", "" };
    uint32_t lvt = apic->lvt[n];
    g_string_append_printf(out, "%s\t 0x%08x %s %-5s %-6s %-7s %-12s %-6s", name, lvt, lvt & LVT_LOW_ACTIVE ? "active-lo" : "active-hi",
                           lvt & LVT_LEVEL ? "level" : "edge", lvt & LVT_MASKED ? "masked" : "", lvt & LVT_REMOTE_IRR ? "rirr" : "",
                           n == LVT_TIMER ? timer_modes[apic_timer_mode(apic)] : "", mode_names[lvt >> LVT_DELIVERY_SHIFT & 7]);
    g_string_append_printf(out, (lvt >> LVT_DELIVERY_SHIFT & 7) == DELIVERY_NMI ? "\n" : " (vec %u)\n", lvt & LVT_VECTOR);
}

static void describe_vectors(GString *out, const char *name, const uint32_t *map, const uint32_t *tmr)
{
    g_string_append_printf(out, "%s\t ", name);
    if (highest_bit(map) < 0) {
        g_string_append(out, "(none)\n");
        return;
    }
    for (int vector = 255; vector >= 0; vector--) {
        if (test_bit(map, vector)) {
            g_string_append_printf(out, "%d%s ", vector, test_bit(tmr, vector) ? "(level)" : "");
        }
    }
    g_string_append_c(out, '\n');
}

static char *describe(const Apic *apic, uint32_t current_count)
{
    static const char *const shorthands[] = { "no-shorthand", "self", "all-self", "all" };
    static const char *const divisors[] = { "2", "4", "8", "16", "32", "64", "128", "1" };
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "dumping local APIC state for CPU %-2u\n\n", apic->common.cpu->index);
    describe_lvt(out, apic, "LVT0", LVT_LINT0);
    describe_lvt(out, apic, "LVT1", LVT_LINT1);
    describe_lvt(out, apic, "LVTPC", LVT_PERFORM);
    describe_lvt(out, apic, "LVTERR", LVT_ERROR);
    describe_lvt(out, apic, "LVTTHMR", LVT_THERMAL);
    describe_lvt(out, apic, "LVTT", LVT_TIMER);
    g_string_append_printf(out, "Timer\t DCR=0x%x (divide by %s) initial_count = %u current_count = %u\n", apic->divide_config,
                           divisors[(apic->divide_config & 3) | (apic->divide_config >> 1 & 4)], apic->initial_count, current_count);
    g_string_append_printf(out, "SPIV\t 0x%08x APIC %s, focus=%s, spurious vec %u\n", apic->svr, apic->svr & SVR_ENABLED ? "enabled" : "disabled",
                           "off", apic->svr & LVT_VECTOR);
    g_string_append_printf(out, "ICR\t 0x%08x %s %s %s %s\n", apic->icr[0], apic->icr[0] & 1u << 11 ? "logical" : "physical",
                           apic->icr[0] & LVT_LEVEL ? "level" : "edge", apic->icr[0] & 1u << 14 ? "assert" : "de-assert",
                           shorthands[apic->icr[0] >> 18 & 3]);
    g_string_append_printf(out, "ICR2\t 0x%08x", apic->icr[1]);
    if (!(apic->icr[0] >> 18 & 3)) {
        g_string_append_printf(out, apic->icr[0] & 1u << 11 ? " mask %02x" : " cpu %u (APIC ID)", apic_is_x2apic(apic) ? apic->icr[1] : apic->icr[1] >> 24);
    }
    g_string_append_printf(out, "\nESR\t 0x%08x\n", apic->esr);
    describe_vectors(out, "ISR", apic->isr, apic->tmr);
    describe_vectors(out, "IRR", apic->irr, apic->tmr);
    g_string_append_printf(out, "\nAPR 0x00 TPR 0x%02x DFR 0x%02x LDR 0x%02x PPR 0x%02x", apic->tpr, apic->dest_mode, apic->log_dest,
                           apic_processor_priority(apic));
    g_string_append_c(out, '\n');
    return g_string_free(out, FALSE);
}

static uint32_t page_register(const uint8_t *regs, unsigned reg) { return load_le32(regs + reg * 16); }

/* Somebody else's registers in a struct of ours, which is no device. */
static char *describe_page(const ApicCommon *common, const uint8_t *regs, uint64_t base)
{
    g_autofree Apic *apic = g_new0(Apic, 1);
    apic->common.cpu = common->cpu;
    apic->common.id = common->id;
    apic->base = base;
    apic->tpr = page_register(regs, REG_TPR);
    apic->dest_mode = page_register(regs, REG_DFR) >> 28;
    apic->log_dest = page_register(regs, REG_LDR) >> 24;
    apic->svr = page_register(regs, REG_SVR);
    apic->esr = page_register(regs, REG_ESR);
    apic->icr[0] = page_register(regs, REG_ICR);
    apic->icr[1] = page_register(regs, REG_ICR2);
    apic->divide_config = page_register(regs, REG_DIVIDE);
    apic->initial_count = page_register(regs, REG_INITIAL_COUNT);
    for (unsigned i = 0; i < 8; i++) {
        apic->isr[i] = page_register(regs, REG_ISR + i);
        apic->tmr[i] = page_register(regs, REG_TMR + i);
        apic->irr[i] = page_register(regs, REG_IRR + i);
    }
    for (unsigned i = 0; i < LVT_COUNT; i++) {
        apic->lvt[i] = page_register(regs, REG_LVT + i);
    }
    return describe(apic, page_register(regs, REG_CURRENT_COUNT));
}

char *apic_describe(Device *device)
{
    uint8_t regs[APIC_PAGE_REGISTERS];
    uint64_t base;
    if (device_type(device) == &apic_device) {
        return describe(APIC(device), apic_timer_current(APIC(device)));
    }
    return apic_type(device)->read_page && apic_type(device)->read_page(device, regs, &base) ? describe_page(APIC_COMMON(device), regs, base) : NULL;
}
