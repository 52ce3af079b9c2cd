/*
 * The IOMMU's performance counters (5.19 to 5.23). A cycle is a nanosecond.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

FIELD(EVT_ID, 0, 15);
#define EVT_DMASK BIT(15)
FIELD(EVT_PID_PSCID, 16, 20);
FIELD(EVT_DID_GSCID, 36, 24);
#define EVT_PV_PSCV BIT(60)
#define EVT_DV_GSCV BIT(61)
#define EVT_IDT BIT(62)
#define OVERFLOWED BIT(63)              /* of a selector, and of iohpmcycles */
#define CYCLES_MASK (OVERFLOWED - 1)

/* ---- which events count ---- */

/* Under DMASK the lowest 0 and what is below it do not matter. */
static bool same_id(uint64_t selector, uint32_t id)
{
    uint32_t wanted = (uint32_t)FIELD_GET(selector, EVT_DID_GSCID), ignored = selector & EVT_DMASK ? wanted ^ (wanted + 1) : 0;
    return !((wanted ^ id) & ~ignored);
}

static bool has_guest_filter(unsigned event) { return event == EVENT_TLB_MISS || event == EVENT_FIRST_STAGE || event == EVENT_SECOND_STAGE; }

static bool passes(uint64_t selector, unsigned event, const RiscvIommuRequest *r, const RiscvIommuContext *c)
{
    bool by_guest = selector & EVT_IDT, by_device = selector & EVT_DV_GSCV, by_process = selector & EVT_PV_PSCV;
    uint32_t process = (uint32_t)FIELD_GET(selector, EVT_PID_PSCID);
    if (!by_guest) {
        return (!by_device || same_id(selector, r->device_id)) && (!by_process || (r->has_process && r->process_id == process));
    }
    return has_guest_filter(event) && c && (!by_device || (c->second.scheme && same_id(selector, c->gscid))) && (!by_process || (c->first.scheme && c->pscid == process));
}

/* ---- counting ---- */

static void overflow(RiscvIommu *s, unsigned offset)
{
    if (!(riscv_iommu_reg64(s, offset) & OVERFLOWED)) {
        s->reg[offset / 4 + 1] |= (uint32_t)(OVERFLOWED >> 32);
        riscv_iommu_raise(s, IPSR_PMIP);
    }
}

void riscv_iommu_count_slowly(RiscvIommu *s, unsigned event, const RiscvIommuRequest *r, const RiscvIommuContext *c)
{
    for (uint32_t left = s->counting[event]; left; left &= left - 1) {
        unsigned n = (unsigned)__builtin_ctz(left) - 1, counter = IOHPMCTR + 8 * n, selector = IOHPMEVT + 8 * n;
        if (!passes(riscv_iommu_reg64(s, selector), event, r, c)) {
            continue;
        }
        riscv_iommu_set_reg64(s, counter, riscv_iommu_reg64(s, counter) + 1);
        if (!riscv_iommu_reg64(s, counter)) {
            overflow(s, selector);
        }
    }
}

uint32_t riscv_iommu_overflows(const RiscvIommu *s)
{
    uint32_t bits = (uint32_t)(riscv_iommu_reg64(s, IOHPMCYCLES) >> 63);
    for (unsigned n = 0; n < RISCV_IOMMU_COUNTERS; n++) {
        bits |= (uint32_t)(riscv_iommu_reg64(s, IOHPMEVT + 8 * n) >> 63) << (n + 1);
    }
    return bits;
}

/* ---- cycles ---- */

static bool cycles_run(const RiscvIommu *s) { return riscv_iommu_capabilities(s) & CAP_HPM && !(riscv_iommu_reg(s, IOCOUNTINH) & 1); }

void riscv_iommu_sync_cycles(RiscvIommu *s)
{
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    uint64_t value = riscv_iommu_reg64(s, IOHPMCYCLES), passed = (uint64_t)MAX(now - s->cycles_ns, 0);
    s->cycles_ns = now;
    if (!cycles_run(s)) {
        return;
    }
    uint64_t count = (value & CYCLES_MASK) + passed;            /* both of 63 bits */
    riscv_iommu_set_reg64(s, IOHPMCYCLES, (value & OVERFLOWED) | (count & CYCLES_MASK));
    if (count & OVERFLOWED) {
        overflow(s, IOHPMCYCLES);
    }
}

static void set_overflow_timer(RiscvIommu *s)
{
    int64_t left = (int64_t)(CYCLES_MASK - (riscv_iommu_reg64(s, IOHPMCYCLES) & CYCLES_MASK));      /* and 1 */
    if (cycles_run(s) && left < INT64_MAX - 1 - s->cycles_ns) {
        timer_set_ns(&s->overflow_timer, s->cycles_ns + left + 1);
    } else {
        timer_cancel(&s->overflow_timer);
    }
}

void riscv_iommu_cycles_expired(void *opaque)
{
    RiscvIommu *s = opaque;
    g_mutex_lock(&s->lock);
    riscv_iommu_sync_cycles(s);
    set_overflow_timer(s);
    g_mutex_unlock(&s->lock);
    riscv_iommu_deliver(s);
}

void riscv_iommu_counters_changed(RiscvIommu *s)
{
    uint32_t running = riscv_iommu_capabilities(s) & CAP_HPM ? ~riscv_iommu_reg(s, IOCOUNTINH) : 0;
    for (unsigned event = 0; event < RISCV_IOMMU_EVENTS; event++) {
        s->counting[event] = 0;
    }
    for (unsigned n = 1; n <= RISCV_IOMMU_COUNTERS; n++) {
        unsigned event = (unsigned)FIELD_GET(riscv_iommu_reg(s, IOHPMEVT + 8 * (n - 1)), EVT_ID);
        if (event && event < RISCV_IOMMU_EVENTS && running >> n & 1) {
            s->counting[event] |= 1u << n;
        }
    }
    set_overflow_timer(s);
}
