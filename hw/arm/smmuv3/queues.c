/*
 * The SMMU's queues in memory, its global errors and its interrupts (IHI 0070, 3.5, 3.18, 7.1, 7.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include "util/log.h"
#include "util/main-loop.h"

#include <string.h>

enum { COMMAND_SIZE = 16, EVENT_SIZE = 32, CONS_ERROR_SHIFT = 24 };
#define CONS_ERROR_MASK (0x7fu << CONS_ERROR_SHIFT)
#define OVERFLOW_FLAG (1u << 31)

/* ---- memory ---- */

bool smmu_read(SmmuV3 *s, uint64_t addr, void *buf, unsigned len)
{
    memory_read_lock();
    const uint8_t *frame = address_space_frame(s->memory, addr, false, NULL);
    if (frame) {
        memcpy(buf, frame + (addr & 0xfff), len);
    }
    memory_read_unlock();
    return frame != NULL;
}

bool smmu_read_words(SmmuV3 *s, uint64_t addr, uint64_t *words, unsigned count)
{
    uint8_t raw[64];
    if (!smmu_read(s, addr, raw, 8 * count)) {
        return false;
    }
    for (unsigned n = 0; n < count; n++) {
        words[n] = load_le64(raw + 8 * n);
    }
    return true;
}

bool smmu_write(SmmuV3 *s, uint64_t addr, const void *buf, unsigned len)
{
    uint64_t mapped = len;
    void *host = dma_map(s->memory, addr, &mapped, true);
    if (host && mapped == len) {
        memcpy(host, buf, len);
    }
    if (host) {
        dma_unmap(s->memory, host, mapped, true, mapped == len ? len : 0);
    }
    return host && mapped == len;
}

/* ---- interrupts ---- */

void smmu_want_irq(SmmuV3 *s, unsigned line) { __atomic_fetch_or(&s->pending_irqs, 1u << line, __ATOMIC_RELAXED); }

static void pulse_wanted(void *opaque)
{
    SmmuV3 *s = opaque;
    uint32_t wanted = __atomic_exchange_n(&s->pending_irqs, 0, __ATOMIC_RELAXED);
    for (unsigned line = 0; line < SMMUV3_IRQS; line++) {
        if (wanted >> line & 1) {
            irq_pulse(s->irqs[line]);
        }
    }
}

void smmu_deliver_irqs(SmmuV3 *s)
{
    if (!__atomic_load_n(&s->pending_irqs, __ATOMIC_RELAXED)) {
        return;
    }
    if (machine_lock_held()) {
        pulse_wanted(s);
    } else {
        main_loop_schedule(pulse_wanted, s);
    }
}

/* 7.5: an error is active while its bits in GERROR and GERRORN differ. */
void smmu_raise_gerror(SmmuV3 *s, uint32_t error)
{
    uint32_t active = smmu_reg(s, GERROR) ^ smmu_reg(s, GERRORN);
    if (active & error) {
        return;
    }
    s->reg[GERROR / 4] ^= error;
    if (smmu_reg(s, IRQ_CTRL) & IRQ_CTRL_GERROR) {
        smmu_want_irq(s, SMMUV3_IRQ_GERROR);
    }
}

/* ---- places in a queue (3.5.1): an index and, above it, a bit that changes with each round ---- */

static unsigned queue_bits(uint64_t base) { return (unsigned)MIN(base & 0x1f, SMMU_QUEUE_BITS); }
static uint32_t queue_wrap(uint64_t base) { return 1u << queue_bits(base); }
static uint32_t queue_places(uint64_t base) { return 2 * queue_wrap(base) - 1; }

/* The queue is aligned to its size, and to 32 bytes at least. */
static uint64_t queue_entry(uint64_t base, uint32_t place, unsigned entry_size)
{
    uint64_t size = (uint64_t)entry_size << queue_bits(base);
    uint64_t start = base & SMMU_ADDRESS_MASK & ~UINT64_C(0x1f) & ~(size - 1);
    return start + (uint64_t)(place & (queue_wrap(base) - 1)) * entry_size;
}

/* ---- commands ---- */

static void stop_at_error(SmmuV3 *s, unsigned error)
{
    log_mask(LOG_GUEST_ERROR, "arm-smmuv3: command error %u at 0x%x\n", error, smmu_reg(s, CMDQ_CONS));
    s->reg[CMDQ_CONS / 4] = (smmu_reg(s, CMDQ_CONS) & ~CONS_ERROR_MASK) | error << CONS_ERROR_SHIFT;
    smmu_raise_gerror(s, GERROR_CMDQ);
}

/* Until the queue is empty or a command is wrong: at most as many as the queue holds. */
void smmu_run_commands(SmmuV3 *s)
{
    uint64_t base = smmu_reg64(s, CMDQ_BASE);
    uint32_t places = queue_places(base), end = smmu_reg(s, CMDQ_PROD) & places, place = smmu_reg(s, CMDQ_CONS) & places;
    bool stopped = !(smmu_reg(s, CR0) & CR0_CMDQEN) || ((smmu_reg(s, GERROR) ^ smmu_reg(s, GERRORN)) & GERROR_CMDQ);
    for (uint32_t n = 0; !stopped && place != end && n < queue_wrap(base); n++) {
        uint64_t command[2];
        bool read = smmu_read_words(s, queue_entry(base, place, COMMAND_SIZE), command, 2);
        unsigned error = read ? smmu_command(s, command) : CERROR_ABT;
        if (error) {
            stop_at_error(s, error);
            return;
        }
        place = (place + 1) & places;
        s->reg[CMDQ_CONS / 4] = (smmu_reg(s, CMDQ_CONS) & CONS_ERROR_MASK) | place;
    }
}

/* ---- events ---- */

void smmu_record_event(SmmuV3 *s, const uint64_t record[4])
{
    uint64_t base = smmu_reg64(s, EVENTQ_BASE);
    uint32_t places = queue_places(base), prod = smmu_reg(s, EVENTQ_PROD), cons = smmu_reg(s, EVENTQ_CONS);
    if (!(smmu_reg(s, CR0) & CR0_EVENTQEN)) {
        return;
    }
    if (((prod ^ cons) & places) == queue_wrap(base)) {
        /* 7.4: full. The flag differs from its acknowledgement from the first lost record on. */
        s->reg[EVENTQ_PROD / 4] = (prod & ~OVERFLOW_FLAG) | (~cons & OVERFLOW_FLAG);
        return;
    }
    uint8_t raw[EVENT_SIZE];
    for (unsigned n = 0; n < 4; n++) {
        store_le64(raw + 8 * n, record[n]);
    }
    if (!smmu_write(s, queue_entry(base, prod, EVENT_SIZE), raw, sizeof(raw))) {
        smmu_raise_gerror(s, GERROR_EVENTQ_ABT);
        return;
    }
    bool was_empty = !((prod ^ cons) & places);
    s->reg[EVENTQ_PROD / 4] = (prod & OVERFLOW_FLAG) | ((prod + 1) & places);
    if (was_empty && smmu_reg(s, IRQ_CTRL) & IRQ_CTRL_EVENTQ) {
        smmu_want_irq(s, SMMUV3_IRQ_EVENTQ);
    }
}
