/*
 * The IOMMU's interrupts: pending bits, vectors, and from those wires or messages (5.18, 5.28, 5.29).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

enum { CAUSES = 4, ROUNDS = 4, MESSAGE_DATA = 8, MESSAGE_CONTROL = 12 };

/* ---- what is pending ---- */

void riscv_iommu_attend(RiscvIommu *s) { __atomic_store_n(&s->attention, true, __ATOMIC_RELEASE); }

static unsigned vector_of(const RiscvIommu *s, unsigned cause) { return (riscv_iommu_reg(s, ICVEC) >> 4 * cause) & 0xf; }

void riscv_iommu_raise(RiscvIommu *s, uint32_t bit)
{
    if (riscv_iommu_reg(s, IPSR) & bit) {
        return;
    }
    s->reg[IPSR / 4] |= bit;
    s->raised |= 1u << vector_of(s, (unsigned)__builtin_ctz(bit));
    riscv_iommu_attend(s);
}

static void raise_if(RiscvIommu *s, uint32_t bit, unsigned csr, uint32_t status)
{
    if (riscv_iommu_reg(s, csr) & CSR_IRQ_ENABLE && riscv_iommu_reg(s, csr) & status) {
        riscv_iommu_raise(s, bit);
    }
}

void riscv_iommu_update_interrupts(RiscvIommu *s)
{
    raise_if(s, IPSR_CIP, CQCSR, CSR_MEMORY_FAULT | CQCSR_CMD_TO | CQCSR_CMD_ILL | CQCSR_FENCE_W_IP);
    raise_if(s, IPSR_FIP, FQCSR, CSR_MEMORY_FAULT | CSR_OVERFLOW);
    raise_if(s, IPSR_PIP, PQCSR, CSR_MEMORY_FAULT | CSR_OVERFLOW);
}

/* ---- what goes out ---- */

bool riscv_iommu_store(RiscvIommu *s, uint64_t addr, uint32_t value)
{
    if (s->storing || !riscv_iommu_reachable(s, addr)) {
        return false;
    }
    s->storing = true;
    bool stored = dma_store_le32(s->memory, addr, value) == MEM_OK;
    s->storing = false;
    return stored;
}

typedef struct Signals { bool wired; uint32_t raised, levels; struct { uint64_t addr; uint32_t data; } messages[RISCV_IOMMU_VECTORS]; } Signals;

static uint32_t levels_of(const RiscvIommu *s)
{
    uint32_t levels = 0;
    for (unsigned cause = 0; cause < CAUSES; cause++) {
        levels |= (riscv_iommu_reg(s, IPSR) >> cause & 1) << vector_of(s, cause);
    }
    return levels;
}

static void take_messages(RiscvIommu *s, Signals *out)
{
    for (unsigned vector = 0; vector < RISCV_IOMMU_VECTORS; vector++) {
        unsigned entry = MSI_CFG_TBL + 16 * vector;
        out->messages[vector].addr = riscv_iommu_reg64(s, entry);
        out->messages[vector].data = riscv_iommu_reg(s, entry + MESSAGE_DATA);
        if (riscv_iommu_reg(s, entry + MESSAGE_CONTROL) & 1) {
            s->held_back |= out->raised & 1u << vector;
            out->raised &= ~(1u << vector);
        }
    }
}

static void take(RiscvIommu *s, Signals *out)
{
    g_mutex_lock(&s->lock);
    *out = (Signals){ .wired = riscv_iommu_reg(s, FCTL) & FCTL_WSI, .raised = s->raised };
    s->raised = 0;
    if (out->wired) {
        out->levels = levels_of(s);
    } else if (!s->send) {
        take_messages(s, out);
    }
    g_mutex_unlock(&s->lock);
}

/* A bit that went to 1 is seen as an edge, too, where the line was high before. */
static void drive(RiscvIommu *s, const Signals *out)
{
    for (unsigned line = 0; line < RISCV_IOMMU_IRQS; line++) {
        if (out->raised >> line & 1) {
            irq_set(s->irqs[line], 0);
        }
        irq_set(s->irqs[line], out->levels >> line & 1);
    }
}

static void send(RiscvIommu *s, const Signals *out, unsigned vector)
{
    if (s->send) {
        s->send(s, vector);
        return;
    }
    uint64_t addr = out->messages[vector].addr;
    if (!riscv_iommu_store(s, addr, out->messages[vector].data)) {
        const RiscvIommuRequest nobody = { .iova = addr };
        g_mutex_lock(&s->lock);
        riscv_iommu_report(s, &nobody, &(RiscvIommuFault){ .cause = CAUSE_MSI_WRITE });
        g_mutex_unlock(&s->lock);
    }
}

static void deliver_now(RiscvIommu *s)
{
    Signals out;
    take(s, &out);
    drive(s, &out);
    for (unsigned vector = 0; !out.wired && vector < RISCV_IOMMU_VECTORS; vector++) {
        if (out.raised >> vector & 1) {
            send(s, &out, vector);
        }
    }
}

void riscv_iommu_deliver(RiscvIommu *s)
{
    if (!machine_lock_held()) {
        if (__atomic_load_n(&s->attention, __ATOMIC_ACQUIRE)) {
            bottom_half_schedule(s->later);
        }
        return;
    }
    /* A message that fails makes a fault, whose message may fail. */
    for (unsigned round = 0; round < ROUNDS && __atomic_exchange_n(&s->attention, false, __ATOMIC_ACQ_REL); round++) {
        deliver_now(s);
    }
}
