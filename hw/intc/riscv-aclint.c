/*
 * The parts of the ACLINT: a bit a hart that raises its software interrupt, and the timer that all harts compare with ("RISC-V Advanced Core Local Interruptor
 * Specification" 1.0-rc4, chapters 2 to 4; the same registers as the CLINT of the SiFive FU540-C000 manual, chapter 9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/riscv_aclint.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"
#include "util/timer.h"

#include <inttypes.h>
#include <stdatomic.h>

static bool check_harts(uint32_t num_harts, GError **err)
{
    return (num_harts && num_harts <= ACLINT_MAX_HARTS) || error_set(err, "num-harts is %u; it must be 1 to %d", num_harts, ACLINT_MAX_HARTS);
}

/* ---- software interrupts ---- */

typedef struct AclintSwi {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq **lines;
    uint8_t *pending;                   /* MSIP of each hart */
    uint32_t hartid_base, num_harts, supervisor;
} AclintSwi;

static uint64_t swi_read(void *opaque, uint64_t addr, unsigned size)
{
    const AclintSwi *s = opaque;
    return addr / 4 < s->num_harts && !s->supervisor ? s->pending[addr / 4] : 0;
}

static void swi_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AclintSwi *s = opaque;
    uint64_t hart = addr / 4;
    if (hart >= s->num_harts) {
        log_mask(LOG_GUEST_ERROR, "riscv.aclint.swi: a write of 0x%" PRIx64 " to 0x%" PRIx64 ", where no hart is\n", value, addr);
    } else if (s->supervisor) {
        /* An edge: SSIP is software's from then on, and nothing here clears it. */
        if (value & 1) {
            irq_raise(s->lines[hart]);
        }
    } else {
        s->pending[hart] = value & 1;
        irq_set(s->lines[hart], value & 1);
    }
}

static const MemoryRegionOps swi_ops = { .read = swi_read, .write = swi_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

static bool swi_realize(Device *dev, GError **err)
{
    AclintSwi *s = (AclintSwi *)dev;
    if (!check_harts(s->num_harts, err)) {
        return false;
    }
    s->pending = g_new0(uint8_t, s->num_harts);
    s->lines = g_new0(Irq *, s->num_harts);
    device_add_irq_outputs(dev, NULL, s->lines, (int)s->num_harts);
    memory_region_init_io(&s->mmio, OBJECT(s), &swi_ops, s, "riscv.aclint.swi", ACLINT_SWI_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    return true;
}

static void swi_finalize(Object *object)
{
    g_free(((AclintSwi *)object)->pending);
    g_free(((AclintSwi *)object)->lines);
}

static void swi_reset(Device *dev)
{
    AclintSwi *s = (AclintSwi *)dev;
    for (uint32_t n = 0; n < s->num_harts; n++) {
        s->pending[n] = 0;
        irq_lower(s->lines[n]);
    }
}

static const Property swi_properties[] = {
    PROP_UINT32("hartid-base", AclintSwi, hartid_base, 0), PROP_UINT32("num-harts", AclintSwi, num_harts, 1), PROP_UINT32("sswi", AclintSwi, supervisor, 0),
};
static const DeviceType swi_type = {
    .name = "riscv.aclint.swi", .parent = "sys-bus-device", .size = sizeof(AclintSwi), .properties = PROPERTIES(swi_properties), .realize = swi_realize,
    .finalize = swi_finalize, .reset = swi_reset,
};
REGISTER_DEVICE(swi_type)

Device *riscv_aclint_swi_create(MemoryRegion *memory, uint64_t addr, uint32_t hartid_base, uint32_t num_harts, bool supervisor, GError **err)
{
    AclintSwi *s = (AclintSwi *)device_new("riscv.aclint.swi");
    s->hartid_base = hartid_base;
    s->num_harts = num_harts;
    s->supervisor = supervisor;
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    sysbus_map(&s->parent, 0, memory, addr, 0);
    return DEVICE(s);
}

/* ---- the timer ---- */

typedef struct MtimerHart { struct AclintMtimer *owner; uint64_t compare; Timer timer; } MtimerHart;

typedef struct AclintMtimer {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq **lines;
    MtimerHart *harts;
    _Atomic uint64_t offset;            /* mtime is the virtual clock in ticks and this */
    uint32_t hartid_base, num_harts, timecmp_base, time_base, aperture_size, timebase_hz;
    void (*jumped)(void *opaque);
    void *jumped_opaque;
} AclintMtimer;

static uint64_t ticks_now(const AclintMtimer *m) { return muldiv64((uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL), m->timebase_hz, NS_PER_S); }

uint64_t riscv_aclint_mtimer_time(void *mtimer)
{
    AclintMtimer *m = mtimer;
    return ticks_now(m) + atomic_load(&m->offset);
}

/* The first nanosecond of the virtual clock at which ticks_now gives this many. */
static int64_t ns_of_ticks(const AclintMtimer *m, uint64_t ticks)
{
    unsigned __int128 ns = ((unsigned __int128)ticks * NS_PER_S + m->timebase_hz - 1) / m->timebase_hz;
    return ns > INT64_MAX ? INT64_MAX : (int64_t)ns;
}

/* 2.1: MTIP is the level of mtime >= mtimecmp, as unsigned numbers. */
static void update_hart(AclintMtimer *m, unsigned n)
{
    MtimerHart *h = &m->harts[n];
    uint64_t now = riscv_aclint_mtimer_time(m);
    if (now >= h->compare) {
        timer_cancel(&h->timer);
        irq_raise(m->lines[n]);
        return;
    }
    irq_lower(m->lines[n]);
    /* The clock may be ahead of mtime, and mtimecmp at its end. */
    uint64_t clock = ticks_now(m), left = h->compare - now;
    timer_set_ns(&h->timer, left > UINT64_MAX - clock ? INT64_MAX : ns_of_ticks(m, clock + left));
}

static void hart_due(void *opaque)
{
    MtimerHart *h = opaque;
    update_hart(h->owner, (unsigned)(h - h->owner->harts));
}

static void set_time(AclintMtimer *m, uint64_t value)
{
    atomic_store(&m->offset, value - ticks_now(m));
    for (unsigned n = 0; n < m->num_harts; n++) {
        update_hart(m, n);
    }
    if (m->jumped) {
        m->jumped(m->jumped_opaque);
    }
}

/* Which hart's mtimecmp the address is in; -1: none. */
static int hart_at(const AclintMtimer *m, uint64_t addr)
{
    return addr >= m->timecmp_base && (addr - m->timecmp_base) / 8 < m->num_harts ? (int)((addr - m->timecmp_base) / 8) : -1;
}

static bool is_time(const AclintMtimer *m, uint64_t addr) { return addr >= m->time_base && addr - m->time_base < 8; }

static uint64_t mtimer_read(void *opaque, uint64_t addr, unsigned size)
{
    AclintMtimer *m = opaque;
    int hart = hart_at(m, addr);
    if (hart < 0 && !is_time(m, addr)) {
        log_mask(LOG_GUEST_ERROR, "riscv.aclint.mtimer: a read from 0x%" PRIx64 ", where no register is\n", addr);
        return 0;
    }
    uint64_t value = hart >= 0 ? m->harts[hart].compare : riscv_aclint_mtimer_time(m);
    return size == 8 ? value : (uint32_t)(value >> (addr & 4 ? 32 : 0));
}

static uint64_t replace(uint64_t old, uint64_t addr, uint64_t value, unsigned size)
{
    return size == 8 ? value : deposit64(old, addr & 4 ? 32 : 0, 32, value);
}

static void mtimer_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AclintMtimer *m = opaque;
    int hart = hart_at(m, addr);
    if (hart >= 0) {
        m->harts[hart].compare = replace(m->harts[hart].compare, addr, value, size);
        update_hart(m, (unsigned)hart);
    } else if (is_time(m, addr)) {
        set_time(m, replace(riscv_aclint_mtimer_time(m), addr, value, size));
    } else {
        log_mask(LOG_GUEST_ERROR, "riscv.aclint.mtimer: a write of 0x%" PRIx64 " to 0x%" PRIx64 ", where no register is\n", value, addr);
    }
}

static const MemoryRegionOps mtimer_ops = { .read = mtimer_read, .write = mtimer_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 } };

static bool mtimer_realize(Device *dev, GError **err)
{
    AclintMtimer *m = (AclintMtimer *)dev;
    if (!check_harts(m->num_harts, err)) {
        return false;
    }
    if (!m->timebase_hz || m->aperture_size < 8 || (m->timecmp_base | m->time_base | m->aperture_size) & 7 || m->time_base > m->aperture_size - 8 ||
        m->timecmp_base > m->aperture_size || 8 * m->num_harts > m->aperture_size - m->timecmp_base) {
        return error_set(err, "riscv.aclint.mtimer: the registers do not fit into aperture-size 0x%x, or timebase-freq is 0", m->aperture_size);
    }
    m->harts = g_new0(MtimerHart, m->num_harts);
    m->lines = g_new0(Irq *, m->num_harts);
    for (unsigned n = 0; n < m->num_harts; n++) {
        m->harts[n].owner = m;
        timer_init(&m->harts[n].timer, CLOCK_TYPE_VIRTUAL, hart_due, &m->harts[n]);
    }
    device_add_irq_outputs(dev, NULL, m->lines, (int)m->num_harts);
    memory_region_init_io(&m->mmio, OBJECT(m), &mtimer_ops, m, "riscv.aclint.mtimer", m->aperture_size);
    sysbus_add_mmio(&m->parent, &m->mmio);
    return true;
}

static void mtimer_finalize(Object *object)
{
    AclintMtimer *m = (AclintMtimer *)object;
    for (unsigned n = 0; m->harts && n < m->num_harts; n++) {
        timer_cancel(&m->harts[n].timer);
    }
    g_free(m->harts);
    g_free(m->lines);
}

static void mtimer_reset(Device *dev)
{
    AclintMtimer *m = (AclintMtimer *)dev;
    for (unsigned n = 0; n < m->num_harts; n++) {
        m->harts[n].compare = 0;
    }
    set_time(m, 0);
}

static const Property mtimer_properties[] = {
    PROP_UINT32("hartid-base", AclintMtimer, hartid_base, 0), PROP_UINT32("num-harts", AclintMtimer, num_harts, 1),
    PROP_UINT32("timecmp-base", AclintMtimer, timecmp_base, ACLINT_MTIMECMP), PROP_UINT32("time-base", AclintMtimer, time_base, ACLINT_MTIME),
    PROP_UINT32("aperture-size", AclintMtimer, aperture_size, ACLINT_MTIMER_SIZE), PROP_UINT32("timebase-freq", AclintMtimer, timebase_hz, 0),
};
static const DeviceType mtimer_type = {
    .name = "riscv.aclint.mtimer", .parent = "sys-bus-device", .size = sizeof(AclintMtimer), .properties = PROPERTIES(mtimer_properties),
    .realize = mtimer_realize, .finalize = mtimer_finalize, .reset = mtimer_reset,
};
REGISTER_DEVICE(mtimer_type)

Device *riscv_aclint_mtimer_create(MemoryRegion *memory, const AclintMtimerLayout *layout, uint32_t hartid_base, uint32_t num_harts, GError **err)
{
    AclintMtimer *m = (AclintMtimer *)device_new("riscv.aclint.mtimer");
    m->hartid_base = hartid_base;
    m->num_harts = num_harts;
    m->timecmp_base = layout->timecmp_base;
    m->time_base = layout->time_base;
    m->aperture_size = layout->size;
    m->timebase_hz = layout->timebase_hz;
    if (!device_realize(DEVICE(m), NULL, err)) {
        return NULL;
    }
    sysbus_map(&m->parent, 0, memory, layout->addr, 0);
    return DEVICE(m);
}

void riscv_aclint_mtimer_set_jump_hook(Device *mtimer, void (*jumped)(void *opaque), void *opaque)
{
    AclintMtimer *m = (AclintMtimer *)mtimer;
    m->jumped = jumped;
    m->jumped_opaque = opaque;
}
