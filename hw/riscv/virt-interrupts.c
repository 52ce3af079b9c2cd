/*
 * Timers, software interrupts and interrupt controllers of "virt", and their lines to the harts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/intc/riscv_aclint.h"
#include "hw/intc/riscv_aia.h"
#include "hw/intc/sifive_plic.h"
#include "target/riscv.h"
#include "util/bits.h"

/* ---- timers and software interrupts ---- */

static bool create_timers(RiscvVirt *m, unsigned n, GError **err)
{
    RiscvSocket *s = &m->sockets[n].range;
    MemoryRegion *memory = &m->parent.system_memory.memory;
    uint64_t clint = virt_map[VIRT_CLINT].base + n * virt_map[VIRT_CLINT].size;
    if (m->aclint && m->aia == VIRT_AIA_APLIC_IMSIC) {
        /* Messages take the place of the other two. */
        return riscv_socket_create_mtimer(s, memory, virt_map[VIRT_CLINT].base + n * ACLINT_MTIMER_SIZE, err);
    }
    return riscv_socket_create_swi(s, memory, clint, false, err) && riscv_socket_create_mtimer(s, memory, clint + ACLINT_SWI_SIZE, err) &&
           (!m->aclint || riscv_socket_create_swi(s, memory, virt_map[VIRT_ACLINT_SSWI].base + n * virt_map[VIRT_ACLINT_SSWI].size, true, err));
}

/* ---- wired interrupts ---- */

static bool create_plic(RiscvVirt *m, unsigned n, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    g_autoptr(GString) harts = g_string_new("MS");
    for (uint32_t h = 1; h < s->range.num_harts; h++) {
        g_string_append(harts, ",MS");
    }
    SifivePlicConfig config = {
        .hart_config = harts->str, .hartid_base = s->range.first_hart, .num_sources = VIRT_SOURCES, .num_priorities = 7, .pending_base = 0x1000, .enable_base = 0x2000,
        .enable_stride = 0x80, .context_base = 0x200000, .context_stride = 0x1000, .aperture_size = (uint32_t)virt_map[VIRT_PLIC].size,
    };
    s->wired = sifive_plic_create(&m->parent.system_memory.memory, virt_map[VIRT_PLIC].base + n * virt_map[VIRT_PLIC].size, &config, err);
    for (uint32_t h = 0; s->wired && h < s->range.num_harts; h++) {
        Device *hart = DEVICE(s->range.harts->harts[h]);
        device_connect_irq(s->wired, NULL, (int)h, device_irq_input(hart, NULL, RISCV_IRQ_S_EXT));
        device_connect_irq(s->wired, NULL, (int)(s->range.num_harts + h), device_irq_input(hart, NULL, RISCV_IRQ_M_EXT));
    }
    return s->wired != NULL;
}

/* ---- the advanced interrupt architecture ---- */

static bool create_imsics(RiscvVirt *m, unsigned n, bool machine_level, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    VirtRegion region = machine_level ? VIRT_IMSIC_M : VIRT_IMSIC_S;
    unsigned bits = machine_level ? 0 : virt_bits_for(m->aia_guests + 1u);
    for (uint32_t h = 0; h < s->range.num_harts; h++) {
        uint64_t addr = virt_map[region].base + n * virt_map[region].size + ((uint64_t)h * RISCV_IMSIC_PAGE << bits);
        RiscvImsicConfig config = { machine_level, s->range.first_hart + h, machine_level ? 1 : 1 + m->aia_guests, VIRT_IMSIC_IDS + 1 };
        if (!riscv_imsic_create(&m->parent.system_memory.memory, addr, &config, s->range.harts->harts[h], err)) {
            return false;
        }
    }
    return true;
}

static Device *create_aplic(RiscvVirt *m, unsigned n, Device *parent, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    VirtRegion region = parent ? VIRT_APLIC_S : VIRT_APLIC_M;
    RiscvAplicConfig config = {
        .size = (uint32_t)virt_map[region].size, .iprio_mask = 7, .num_irqs = VIRT_SOURCES + 1, .by_message = m->aia == VIRT_AIA_APLIC_IMSIC, .machine_level = !parent,
        .messages = &m->parent.system_memory.memory_space,
    };
    if (!config.by_message) {
        config.hartid_base = s->range.first_hart;
        config.num_harts = s->range.num_harts;
    }
    Device *aplic = riscv_aplic_create(&m->parent.system_memory.memory, virt_map[region].base + n * virt_map[region].size, &config, parent, err);
    if (aplic && !config.by_message) {
        riscv_socket_connect(&s->range, aplic, parent ? RISCV_IRQ_S_EXT : RISCV_IRQ_M_EXT);
    }
    return aplic;
}

static bool create_aia(RiscvVirt *m, unsigned n, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    if (m->aia == VIRT_AIA_APLIC_IMSIC && (!create_imsics(m, n, true, err) || !create_imsics(m, n, false, err))) {
        return false;
    }
    s->wired = create_aplic(m, n, NULL, err);
    return s->wired && create_aplic(m, n, s->wired, err);
}

uint32_t virt_most_harts(const RiscvVirt *m)
{
    uint32_t most = 0;
    for (unsigned n = 0; n < m->num_sockets; n++) {
        most = MAX(most, m->sockets[n].range.num_harts);
    }
    return most;
}

bool virt_create_interrupts(RiscvVirt *m, GError **err)
{
    for (unsigned n = 0; n < m->num_sockets; n++) {
        VirtSocket *s = &m->sockets[n];
        if (!create_timers(m, n, err) || !(m->aia == VIRT_AIA_NONE ? create_plic(m, n, err) : create_aia(m, n, err))) {
            return false;
        }
        for (int i = 0; i < VIRT_SOURCES; i++) {
            s->sources[i] = device_irq_input(s->wired, NULL, i);
        }
    }
    m->mmio_socket = 0;
    m->virtio_socket = m->num_sockets > 1 ? 1 : 0;
    m->pcie_socket = MIN(m->num_sockets - 1, 2);
    return true;
}
