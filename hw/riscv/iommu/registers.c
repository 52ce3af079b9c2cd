/*
 * The registers of the RISC-V IOMMU (chapter 5). Little-endian structures alone, no QoS ids, no hardware update of A and D bits, no ATS translation requests: they are
 * refused like the rest of what capabilities has not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum { LAST_EVENT = 8, PAS_BITS_DEFAULT = 56, PAS_BITS_MIN = 32 };
FIELD(EVT_ID, 0, 15);
#define EVT_OF BIT(63)
#define QUEUE_BASE_MASK UINT64_C(0x003ffffffffffc1f)
#define DDTP_MASK UINT64_C(0x003ffffffffffc0f)
#define MSI_ADDRESS_MASK UINT64_C(0x00fffffffffffffc)
#define MSI_CFG_END (MSI_CFG_TBL + 16 * RISCV_IOMMU_VECTORS)

/* ---- capabilities (5.3) ---- */

static uint64_t capabilities_of(const RiscvIommuOptions *o, bool has_wires)
{
    uint64_t cap = (o->version & 0xff) | CAP_DBG | CAP_PD8;
    cap |= o->has_first ? CAP_SV32 | CAP_SV39 | CAP_SV48 | CAP_SV57 : 0;
    cap |= o->has_second ? CAP_SV32X4 | CAP_SV39X4 | CAP_SV48X4 | CAP_SV57X4 | CAP_SVRSW60T59B : 0;
    cap |= o->has_msi ? CAP_MSI_FLAT | CAP_MSI_MRIF : 0;
    cap |= o->has_ats ? CAP_ATS : 0;
    cap |= has_wires ? CAP_IGS_BOTH : 0;
    cap |= o->counters ? CAP_HPM : 0;
    return FIELD_SET(cap, CAP_PAS, o->pas_bits ? o->pas_bits : PAS_BITS_DEFAULT);
}

static bool has(const RiscvIommu *s, uint64_t capability) { return riscv_iommu_capabilities(s) & capability; }

/* ---- what can be written ---- */

static uint64_t counters_mask(const RiscvIommu *s) { return has(s, CAP_HPM) ? MAKE_MASK(0, MIN(s->options.counters, RISCV_IOMMU_COUNTERS) + 1u) : 0; }

static uint64_t msi_mask(unsigned offset) { return offset % 16 == 0 ? MSI_ADDRESS_MASK : MAKE_MASK(0, 33); }

static uint64_t counter_mask(const RiscvIommu *s, unsigned offset)
{
    bool is_event = offset >= IOHPMEVT;
    unsigned n = 1 + (offset - (is_event ? IOHPMEVT : IOHPMCTR)) / 8;
    return counters_mask(s) >> n & 1 ? UINT64_MAX : 0;
}

/* Of the doubleword at offset. */
static uint64_t writable(const RiscvIommu *s, unsigned offset)
{
    if (offset >= MSI_CFG_TBL && offset < MSI_CFG_END) {
        return msi_mask(offset);
    }
    if (offset >= IOHPMCTR && offset < TR_REQ_IOVA) {
        return counter_mask(s, offset);
    }
    switch (offset) {
    case FCTL:
        return FCTL_GXL | (has(s, CAP_IGS_BOTH) ? FCTL_WSI : 0);
    case DDTP:
        return DDTP_MASK;
    case CQB: case FQB:
        return QUEUE_BASE_MASK;
    case PQB:
        return has(s, CAP_ATS) ? QUEUE_BASE_MASK : 0;
    case CQH:
        return MAKE_MASK(32, 32);       /* the tail; the head is ours */
    case FQH:
        return MAKE_MASK(0, 32);
    case PQH:
        return has(s, CAP_ATS) ? MAKE_MASK(0, 32) : 0;
    case IOCOUNTOVF:
        return counters_mask(s) << 32;  /* iocountinh */
    case IOHPMCYCLES:
        return has(s, CAP_HPM) ? UINT64_MAX : 0;
    case TR_REQ_IOVA:
        return UINT64_MAX;
    case TR_REQ_CTL:
        return ~UINT64_C(1);            /* Go is done at once */
    case ICVEC:
        return 0x3333;                  /* 4 vectors */
    default:
        return 0;
    }
}

static void store(RiscvIommu *s, unsigned offset, uint32_t value)
{
    uint32_t mask = (uint32_t)(writable(s, offset & ~7u) >> 8 * (offset & 4));
    s->reg[offset / 4] = (s->reg[offset / 4] & ~mask) | (value & mask);
}

/* ---- queues' control and status (5.15 to 5.17) ---- */

/* index: what begins anew with the queue. */
static void write_csr(RiscvIommu *s, unsigned offset, uint32_t value, uint32_t errors, unsigned index)
{
    uint32_t old = riscv_iommu_reg(s, offset), fixed = errors | CSR_ON | CSR_BUSY;
    uint32_t status = old & errors & ~value;
    if (value & CSR_ENABLE && !(old & CSR_ENABLE)) {
        s->reg[index / 4] = 0;
        status = 0;
    }
    s->reg[offset / 4] = (value & ~fixed) | status | (value & CSR_ENABLE ? CSR_ON : 0);
    riscv_iommu_update_interrupts(s);
}

static void mask_index(RiscvIommu *s, unsigned index, unsigned base) { s->reg[index / 4] &= riscv_iommu_queue_mask(s, base); }

/* ---- writes ---- */

static void forget_all(RiscvIommu *s)
{
    riscv_iommu_forget_contexts(s);
    riscv_iommu_tlb_clear(s);
}

/* 5.5: a mode that is not there changes nothing. */
static void write_ddtp(RiscvIommu *s, unsigned offset, uint32_t value)
{
    if (offset == DDTP && (value & DDTP_MODE) > DDTP_3LVL) {
        log_mask(LOG_GUEST_ERROR, "riscv-iommu: ddtp has no mode %u\n", value & DDTP_MODE);
        return;
    }
    store(s, offset, value);
    forget_all(s);
}

static void write_message(RiscvIommu *s, unsigned offset, uint32_t value)
{
    unsigned vector = (offset - MSI_CFG_TBL) / 16;
    store(s, offset, value);
    if (offset % 16 == 12 && !(value & 1) && s->held_back >> vector & 1) {
        s->held_back &= ~(1u << vector);
        s->raised |= 1u << vector;
        riscv_iommu_attend(s);
    }
}

static void write_counter(RiscvIommu *s, unsigned offset, uint32_t value)
{
    bool selects = offset >= IOHPMEVT && offset < TR_REQ_IOVA && !(offset & 4);
    if (selects && FIELD_GET(value, EVT_ID) > LAST_EVENT) {
        value &= ~(uint32_t)FIELD_MASK(EVT_ID);
    }
    riscv_iommu_sync_cycles(s);
    store(s, offset, value);
    riscv_iommu_counters_changed(s);
}

static void write_ipsr(RiscvIommu *s, uint32_t value)
{
    s->reg[IPSR / 4] &= ~value;
    riscv_iommu_attend(s);
    riscv_iommu_update_interrupts(s);
}

static void write_queue(RiscvIommu *s, unsigned offset, uint32_t value)
{
    store(s, offset, value);
    mask_index(s, CQT, CQB);
    mask_index(s, FQH, FQB);
    mask_index(s, PQH, PQB);
    if (offset == CQT) {
        riscv_iommu_run_commands(s);
    }
}

static void write_register(RiscvIommu *s, unsigned offset, uint32_t value)
{
    switch (offset) {
    case FCTL:
        store(s, offset, value);
        forget_all(s);
        riscv_iommu_attend(s);
        return;
    case DDTP: case DDTP + 4:
        write_ddtp(s, offset, value);
        return;
    case CQB ... PQT:
        write_queue(s, offset, value);
        return;
    case CQCSR:
        write_csr(s, offset, value, CSR_MEMORY_FAULT | CQCSR_CMD_TO | CQCSR_CMD_ILL | CQCSR_FENCE_W_IP, CQH);
        riscv_iommu_run_commands(s);
        return;
    case FQCSR:
        write_csr(s, offset, value, CSR_MEMORY_FAULT | CSR_OVERFLOW, FQT);
        return;
    case PQCSR:
        if (has(s, CAP_ATS)) {
            write_csr(s, offset, value, CSR_MEMORY_FAULT | CSR_OVERFLOW, PQT);
        }
        return;
    case IPSR:
        write_ipsr(s, value);
        return;
    case IOCOUNTINH ... TR_REQ_IOVA - 4:
        write_counter(s, offset, value);
        return;
    case MSI_CFG_TBL ... MSI_CFG_END - 4:
        write_message(s, offset, value);
        return;
    default:
        store(s, offset, value);
        if (offset == ICVEC) {
            riscv_iommu_attend(s);
        }
        if (offset == TR_REQ_CTL && value & 1) {
            riscv_iommu_debug_translate(s);
        }
    }
}

static void riscv_iommu_mmio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    RiscvIommu *s = opaque;
    if (s->storing || addr + size > REGISTERS_END) {
        log_mask(LOG_GUEST_ERROR, "riscv-iommu: a write to 0x%03" PRIx64 "%s\n", addr, s->storing ? " by the IOMMU itself" : "");
        return;
    }
    g_mutex_lock(&s->lock);
    if (size == 8 && !(addr == DDTP && (value & DDTP_MODE) > DDTP_3LVL)) {
        write_register(s, (unsigned)addr + 4, (uint32_t)(value >> 32));     /* chapter 5: the high half first */
    }
    write_register(s, (unsigned)addr, (uint32_t)value);
    g_mutex_unlock(&s->lock);
    riscv_iommu_deliver(s);
}

/* ---- reads ---- */

static uint64_t riscv_iommu_mmio_read(void *opaque, uint64_t addr, unsigned size)
{
    RiscvIommu *s = opaque;
    if (addr + size > REGISTERS_END) {
        return 0;
    }
    g_mutex_lock(&s->lock);
    if (addr >= IOCOUNTOVF - 4 && addr <= IOHPMCYCLES + 4) {
        riscv_iommu_sync_cycles(s);
        s->reg[IOCOUNTOVF / 4] = riscv_iommu_overflows(s);
    }
    uint64_t value = size == 8 ? riscv_iommu_reg64(s, (unsigned)addr) : riscv_iommu_reg(s, (unsigned)addr);
    g_mutex_unlock(&s->lock);
    riscv_iommu_deliver(s);             /* the cycles may have overflowed */
    return value;
}

static const MemoryRegionOps riscv_iommu_ops = {
    .read = riscv_iommu_mmio_read, .write = riscv_iommu_mmio_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 },
};

/* ---- life ---- */

/* Interrupts that came without the machine lock, and what is left of a long queue. */
static void go_on(void *opaque)
{
    RiscvIommu *s = opaque;
    g_mutex_lock(&s->lock);
    riscv_iommu_run_commands(s);
    g_mutex_unlock(&s->lock);
    riscv_iommu_deliver(s);
}

bool riscv_iommu_init(RiscvIommu *s, Object *owner, AddressSpace *memory, bool has_wires, GError **err)
{
    const RiscvIommuOptions *o = &s->options;
    if (o->pas_bits && (o->pas_bits < PAS_BITS_MIN || o->pas_bits > PAS_BITS_DEFAULT)) {
        return error_set(err, "pas-bits is %u; it must be between %d and %d, or 0", o->pas_bits, PAS_BITS_MIN, PAS_BITS_DEFAULT);
    }
    g_mutex_init(&s->lock);
    s->owner = owner;
    s->memory = memory;
    s->functions = g_ptr_array_new();   /* they stay until the process ends, as the machine does */
    s->later = bottom_half_new(go_on, s);
    timer_init(&s->overflow_timer, CLOCK_TYPE_VIRTUAL, riscv_iommu_cycles_expired, s);
    riscv_iommu_set_reg64(s, CAPABILITIES, capabilities_of(o, has_wires));
    memory_region_init_io(&s->mmio, owner, &riscv_iommu_ops, s, "riscv-iommu-regs", RISCV_IOMMU_SIZE);
    return true;
}

void riscv_iommu_free(RiscvIommu *s)
{
    timer_cancel(&s->overflow_timer);
    g_clear_pointer(&s->later, bottom_half_free);
    g_clear_pointer(&s->functions, g_ptr_array_unref);
    memory_region_destroy(&s->mmio);
    g_mutex_clear(&s->lock);
}

void riscv_iommu_reset(RiscvIommu *s)
{
    g_mutex_lock(&s->lock);
    memset(&s->reg[FCTL / 4], 0, sizeof(s->reg) - FCTL);
    s->reg[DDTP / 4] = s->options.starts_off ? DDTP_OFF : DDTP_BARE;
    s->raised = s->held_back = 0;
    s->cycles_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    riscv_iommu_counters_changed(s);
    forget_all(s);
    riscv_iommu_attend(s);
    g_mutex_unlock(&s->lock);
    bottom_half_cancel(s->later);
    riscv_iommu_deliver(s);
}

static bool after_load(void *object, int version)
{
    RiscvIommu *s = object;
    g_mutex_lock(&s->lock);
    forget_all(s);
    riscv_iommu_counters_changed(s);
    riscv_iommu_attend(s);
    g_mutex_unlock(&s->lock);
    bottom_half_schedule(s->later);
    return true;
}

static const StateField state_fields[] = {
    STATE_UINT32_ARRAY(RiscvIommu, reg), STATE_UINT32(RiscvIommu, raised), STATE_UINT32(RiscvIommu, held_back), STATE_INT64(RiscvIommu, cycles_ns),
};
const StateTable riscv_iommu_state = STATE(state_fields, .version = 1, .after_load = after_load);
