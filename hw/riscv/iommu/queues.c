/*
 * The IOMMU's queues in memory: commands and faults (3.1, 3.2). No function sends page requests: their queue is registers alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum { COMMAND_SIZE = 16, FAULT_SIZE = 32, COMMANDS_AT_ONCE = 1024 };
FIELD(QUEUE_PPN, 10, 44);
FIELD(FAULT0_CAUSE, 0, 12);
FIELD(FAULT0_PID, 12, 20);
FIELD(FAULT0_TTYP, 34, 6);
FIELD(FAULT0_DID, 40, 24);
#define FAULT0_PV BIT(32)
#define FAULT0_PRIV BIT(33)

/* ---- memory ---- */

bool riscv_iommu_read_words(RiscvIommu *s, uint64_t addr, uint64_t *words, unsigned count)
{
    memory_read_lock();
    const uint8_t *frame = riscv_iommu_reachable(s, addr) ? address_space_frame(s->memory, addr, false, NULL) : NULL;
    for (unsigned n = 0; frame && n < count; n++) {
        words[n] = __atomic_load_n((const uint64_t *)(frame + (addr & 0xfff)) + n, __ATOMIC_ACQUIRE);      /* structures are aligned, and entries are read at once */
    }
    memory_read_unlock();
    return frame != NULL;
}

bool riscv_iommu_write(RiscvIommu *s, uint64_t addr, const void *buf, unsigned len)
{
    uint64_t mapped = len;
    void *host = riscv_iommu_reachable(s, addr) ? dma_map(s->memory, addr, &mapped, true) : NULL;
    if (host && mapped == len) {
        memcpy(host, buf, len);
    }
    if (host) {
        dma_unmap(s->memory, host, mapped, true, mapped == len ? len : 0);
    }
    return host && mapped == len;
}

/* ---- places in a queue ---- */

uint32_t riscv_iommu_queue_mask(const RiscvIommu *s, unsigned base) { return (uint32_t)MAKE_MASK(0, (riscv_iommu_reg(s, base) & 0x1f) + 1); }

static uint64_t entry_at(const RiscvIommu *s, unsigned base, uint32_t index, unsigned size)
{
    return (FIELD_GET(riscv_iommu_reg64(s, base), QUEUE_PPN) << 12) + (uint64_t)index * size;
}

/* ---- commands ---- */

static bool stops(const RiscvIommu *s)
{
    return !(riscv_iommu_reg(s, CQCSR) & CSR_ON) || riscv_iommu_reg(s, CQCSR) & (CSR_MEMORY_FAULT | CQCSR_CMD_TO | CQCSR_CMD_ILL) ||
           riscv_iommu_reg(s, CQH) == riscv_iommu_reg(s, CQT);
}

static void run_command(RiscvIommu *s)
{
    uint64_t command[2];
    uint32_t head = riscv_iommu_reg(s, CQH);
    bool read = riscv_iommu_read_words(s, entry_at(s, CQB, head, COMMAND_SIZE), command, 2);
    uint32_t error = read ? riscv_iommu_command(s, command) : CSR_MEMORY_FAULT;
    if (error) {
        log_mask(LOG_GUEST_ERROR, "riscv-iommu: command %u stops the queue: 0x%x\n", head, error);
        s->reg[CQCSR / 4] |= error;
        riscv_iommu_update_interrupts(s);
        return;
    }
    s->reg[CQH / 4] = (head + 1) & riscv_iommu_queue_mask(s, CQB);
}

/* Long queues, which may go around for ever by stores to what moves the tail, go on in the next round of the main loop. */
void riscv_iommu_run_commands(RiscvIommu *s)
{
    for (unsigned n = 0; n < COMMANDS_AT_ONCE && !stops(s); n++) {
        run_command(s);
    }
    if (!stops(s)) {
        bottom_half_schedule(s->later);
    }
}

/* ---- faults ---- */

static bool write_fault(RiscvIommu *s, uint32_t tail, const uint64_t words[4])
{
    uint8_t raw[FAULT_SIZE];
    for (unsigned n = 0; n < 4; n++) {
        store_le64(raw + 8 * n, words[n]);
    }
    return riscv_iommu_write(s, entry_at(s, FQB, tail, FAULT_SIZE), raw, sizeof(raw));
}

void riscv_iommu_report(RiscvIommu *s, const RiscvIommuRequest *r, const RiscvIommuFault *fault)
{
    uint32_t csr = riscv_iommu_reg(s, FQCSR), tail = riscv_iommu_reg(s, FQT), next = (tail + 1) & riscv_iommu_queue_mask(s, FQB);
    log_mask(LOG_GUEST_ERROR, "riscv-iommu: device 0x%06x, address 0x%" PRIx64 ": cause %u\n", r->device_id, r->iova, fault->cause);
    if (!(csr & CSR_ON) || csr & (CSR_MEMORY_FAULT | CSR_OVERFLOW)) {
        return;
    }
    uint64_t word0 = FIELD_SET(FIELD_SET(UINT64_C(0), FAULT0_CAUSE, fault->cause), FAULT0_TTYP, r->access);
    word0 = FIELD_SET(word0, FAULT0_DID, r->device_id);
    word0 = r->has_process ? FIELD_SET(word0, FAULT0_PID, r->process_id) | FAULT0_PV | (r->supervisor ? FAULT0_PRIV : 0) : word0;
    const uint64_t words[4] = { word0, 0, r->iova, fault->iotval2 };
    if (next == riscv_iommu_reg(s, FQH)) {
        s->reg[FQCSR / 4] |= CSR_OVERFLOW;
    } else if (!write_fault(s, tail, words)) {
        s->reg[FQCSR / 4] |= CSR_MEMORY_FAULT;
    } else {
        s->reg[FQT / 4] = next;
        if (csr & CSR_IRQ_ENABLE) {
            riscv_iommu_raise(s, IPSR_FIP);
        }
    }
    riscv_iommu_update_interrupts(s);
}
