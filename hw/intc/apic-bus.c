/*
 * Between local APICs: who a message is for, interprocessor interrupts, message-signalled interrupts, the 8259's line and the EOI broadcast
 * (Intel SDM volume 3, 11.6 to 11.8, 11.11, 11.12.10).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apic-internal.h"

#include "target/i386/cpu.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

static GPtrArray *apics;                /* of Apic*, as they were made */
static ApicEoiHook *eoi_hook;
static ApicMessageHook *message_hook;
static X86PicRead *pic_reader;
static bool pic_level;
static unsigned next_lowest;            /* where the search for the lowest priority begins: so that ties take turns */

void apic_bus_add(Apic *apic)
{
    if (!apics) {
        apics = g_ptr_array_new();
    }
    g_ptr_array_add(apics, apic);
}

void apic_bus_remove(Apic *apic)
{
    g_ptr_array_remove(apics, apic);
}

bool apic_is_boot_processor(const Apic *apic) { return x86_is_bsp(X86_CPU(apic->common.cpu)); }

/* ---- destinations ---- */
typedef struct Message { uint32_t dest; bool logical, level, from_x2apic; uint8_t mode, vector; } Message;

static bool matches_logical(const Apic *apic, uint32_t dest)
{
    if (apic_is_x2apic(apic)) {
        uint32_t ldr = (apic->common.id >> 4) << 16 | 1u << (apic->common.id & 0xf);
        return dest >> 16 == ldr >> 16 && dest & ldr & 0xffff;
    }
    if (apic->dest_mode == 0xf) {
        return dest & apic->log_dest;
    }
    /* Cluster model: cluster in bits 7:4 (15: all), members in 3:0. */
    return ((dest & 0xf0) == 0xf0 || (dest & 0xf0) == (apic->log_dest & 0xf0)) && dest & apic->log_dest & 0x0f;
}

static bool matches(const Apic *apic, const Message *m)
{
    if (!apic_is_enabled(apic)) {
        return false;
    }
    if (m->dest == (m->from_x2apic ? APIC_BROADCAST_X2APIC : APIC_BROADCAST_XAPIC)) {
        return true;
    }
    if (m->logical) {
        return matches_logical(apic, m->dest);
    }
    return m->dest == (apic_is_x2apic(apic) ? apic->common.id : apic->id);
}

/* ---- delivery to one ---- */
static void deliver_init(Apic *apic)
{
    /* Whoever is no boot processor waits from now on: the SIPI may come before its thread has seen the INIT. */
    apic->waits_for_sipi = !apic_is_boot_processor(apic);
    cpu_clear_interrupt(apic->common.cpu, CPU_INTERRUPT_SIPI);
    cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_INIT);
}

static void deliver_sipi(Apic *apic, uint8_t vector)
{
    if (!apic->waits_for_sipi) {
        return;
    }
    apic->waits_for_sipi = false;
    X86_CPU(apic->common.cpu)->sipi_vector = vector;
    cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_SIPI);
}

static void deliver_to(Apic *apic, const Message *m)
{
    switch (m->mode) {
    case DELIVERY_FIXED:
    case DELIVERY_LOWEST:
        apic_set_irr(apic, m->vector, m->level);
        break;
    case DELIVERY_SMI:
        cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_SMI);
        break;
    case DELIVERY_NMI:
        cpu_interrupt(apic->common.cpu, CPU_INTERRUPT_NMI);
        break;
    case DELIVERY_INIT:
        deliver_init(apic);
        break;
    case DELIVERY_SIPI:
        deliver_sipi(apic, m->vector);
        break;
    case DELIVERY_EXTINT:
        /* The I/O APIC fetched the vector from the 8259 already. */
        apic_set_irr(apic, m->vector, false);
        break;
    }
}

static void deliver_lowest(const Message *m)
{
    Apic *best = NULL;
    for (unsigned i = 0; i < apics->len; i++) {
        Apic *apic = apics->pdata[(next_lowest + i) % apics->len];
        if (matches(apic, m) && apic->svr & SVR_ENABLED && (!best || apic_processor_priority(apic) < apic_processor_priority(best))) {
            best = apic;
        }
    }
    if (best) {
        next_lowest = (next_lowest + 1) % apics->len;
        deliver_to(best, m);
    }
}

static void deliver(const Message *m)
{
    if (!apics) {
        return;
    }
    if (m->mode == DELIVERY_LOWEST) {
        deliver_lowest(m);
        return;
    }
    for (unsigned i = 0; i < apics->len; i++) {
        if (matches(apics->pdata[i], m)) {
            deliver_to(apics->pdata[i], m);
        }
    }
}

/* ---- interprocessor interrupts ---- */
FIELD(ICR_VECTOR, 0, 8);
FIELD(ICR_MODE, 8, 3);
#define ICR_LOGICAL BIT(11)
#define ICR_ASSERT  BIT(14)
#define ICR_LEVEL   BIT(15)
FIELD(ICR_SHORTHAND, 18, 2);
enum { SHORTHAND_NONE, SHORTHAND_SELF, SHORTHAND_ALL, SHORTHAND_OTHERS };

void apic_write_icr(Apic *apic)
{
    uint32_t low = apic->icr[0];
    unsigned shorthand = FIELD_GET(low, ICR_SHORTHAND);
    Message m = { .dest = apic_is_x2apic(apic) ? apic->icr[1] : apic->icr[1] >> 24, .logical = low & ICR_LOGICAL, .level = false,
                  .from_x2apic = apic_is_x2apic(apic), .mode = FIELD_GET(low, ICR_MODE), .vector = FIELD_GET(low, ICR_VECTOR) };

    if (m.mode == DELIVERY_INIT && low & ICR_LEVEL && !(low & ICR_ASSERT)) {
        return;                         /* INIT level de-assert: only arbitration ids, which nobody has any more */
    }
    if (m.mode == DELIVERY_FIXED && m.vector < 16) {
        apic_report_error(apic, ESR_SEND_ILLEGAL_VECTOR);
        return;
    }
    if (shorthand == SHORTHAND_NONE) {
        deliver(&m);
        return;
    }
    for (unsigned i = 0; i < apics->len; i++) {
        Apic *to = apics->pdata[i];
        if (shorthand == SHORTHAND_ALL || (shorthand == SHORTHAND_SELF) == (to == apic)) {
            deliver_to(to, &m);
        }
    }
}

void apic_self_ipi(Apic *apic, uint8_t vector)
{
    if (vector < 16) {
        apic_report_error(apic, ESR_SEND_ILLEGAL_VECTOR);
    } else {
        apic_set_irr(apic, vector, false);
    }
}

/* ---- from outside ---- */
void apic_set_message_hook(ApicMessageHook *hook) { message_hook = hook; }

/* Address: bits 19:12 the destination (and 11:5 its bits 14:8, where firmware announced it), 3 redirection hint, 2 logical. Data: vector, mode, trigger. */
void apic_deliver_msi(uint64_t address, uint32_t data)
{
    if (message_hook) {
        message_hook(address, data);
        return;
    }
    Message m = { .dest = extract64(address, 12, 8), .logical = address >> 2 & 1, .level = data >> 15 & 1, .mode = data >> 8 & 7, .vector = data };
    deliver(&m);
}

void apic_deliver_irq(uint8_t dest, bool dest_logical, uint8_t delivery_mode, uint8_t vector, bool level)
{
    if (message_hook) {
        message_hook(APIC_DEFAULT_ADDRESS | (uint64_t)dest << 12 | (uint64_t)dest_logical << 2,
                     vector | (uint32_t)delivery_mode << 8 | (level ? 1u << 14 | 1u << 15 : 0));
        return;
    }
    Message m = { .dest = dest, .logical = dest_logical, .level = level, .mode = delivery_mode, .vector = vector };
    deliver(&m);
}

void apic_set_eoi_hook(ApicEoiHook *hook) { eoi_hook = hook; }

void apic_end_of_level_interrupt(uint8_t vector)
{
    if (eoi_hook) {
        eoi_hook(vector);
    }
}

void x86_deliver_smi(bool all_cpus)
{
    if (!all_cpus) {
        Cpu *cpu = cpu_current() ? cpu_current() : cpu_first();
        if (cpu) {
            cpu_interrupt(cpu, CPU_INTERRUPT_SMI);
        }
        return;
    }
    CPU_FOREACH(cpu) {
        cpu_interrupt(cpu, CPU_INTERRUPT_SMI);
    }
}

/* ---- the 8259 ---- */
bool apic_pic_level(void) { return pic_level; }
void x86_set_pic_reader(X86PicRead *read) { pic_reader = read; }
int x86_read_pic(void) { return pic_reader ? pic_reader() : -1; }

void x86_pic_set_output(int level)
{
    bool rising = level && !pic_level;
    pic_level = level;
    if (!apics || !apics->len) {
        /* A processor without a local APIC: the line is its INTR pin. */
        Cpu *cpu = cpu_first();
        if (cpu && level) {
            cpu_interrupt(cpu, CPU_INTERRUPT_HARD);
        } else if (cpu) {
            cpu_clear_interrupt(cpu, CPU_INTERRUPT_HARD);
        }
        return;
    }
    for (unsigned i = 0; i < apics->len; i++) {
        Apic *apic = apics->pdata[i];
        if (rising && apic_is_enabled(apic)) {
            apic_local_deliver(apic, LVT_LINT0);
        }
        apic_update_interrupt(apic);
    }
}
