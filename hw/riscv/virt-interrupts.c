/*
 * Timers, software interrupts and interrupt controllers of "virt", and their lines to the harts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/intc/riscv_aclint.h"
#include "hw/intc/riscv_aia.h"
#include "hw/intc/sifive_plic.h"
#include "hw/riscv/kernel-aia.h"
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

static uint64_t imsic_address(const RiscvVirt *m, VirtRegion region, unsigned n, uint32_t h)
{
    unsigned guest_bits = region == VIRT_IMSIC_M ? 0 : virt_bits_for(m->aia_guests + 1u);
    return virt_map[region].base + n * virt_map[region].size + ((uint64_t)h * RISCV_IMSIC_PAGE << guest_bits);
}

static bool create_imsics(RiscvVirt *m, unsigned n, bool machine_level, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    VirtRegion region = machine_level ? VIRT_IMSIC_M : VIRT_IMSIC_S;
    for (uint32_t h = 0; h < s->range.num_harts; h++) {
        RiscvImsicConfig config = { machine_level, s->range.first_hart + h, machine_level ? 1 : 1 + m->aia_guests, VIRT_IMSIC_IDS + 1 };
        if (!riscv_imsic_create(&m->parent.system_memory.memory, imsic_address(m, region, n, h), &config, s->range.harts->harts[h], err)) {
            return false;
        }
    }
    return true;
}

/* How the files of the supervisors are numbered, for a domain that no machine level tells (AIA 4.5.3, 4.5.4). */
static void set_message_addresses(const RiscvVirt *m, uint32_t msi_config[4])
{
    enum { LHXW_SHIFT = 12, HHXW_SHIFT = 16, HHXS_SHIFT = 24, LHXS_SHIFT = 20, HHXS_ZERO = 24 };
    uint64_t base_page = virt_map[VIRT_IMSIC_S].base / RISCV_IMSIC_PAGE;
    msi_config[1] = virt_bits_for(virt_most_harts(m)) << LHXW_SHIFT | virt_bits_for(m->num_sockets) << HHXW_SHIFT;
    msi_config[1] |= m->num_sockets > 1 ? (uint32_t)(__builtin_ctzll(virt_map[VIRT_IMSIC_S].size) - HHXS_ZERO) << HHXS_SHIFT : 0;
    msi_config[2] = (uint32_t)base_page;
    msi_config[3] = virt_bits_for(m->aia_guests + 1u) << LHXS_SHIFT | (uint32_t)(base_page >> 32);
}

static Device *create_aplic(RiscvVirt *m, unsigned n, bool machine_level, Device *parent, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    VirtRegion region = machine_level ? VIRT_APLIC_M : VIRT_APLIC_S;
    RiscvAplicConfig config = {
        .size = (uint32_t)virt_map[region].size, .iprio_mask = 7, .num_irqs = VIRT_SOURCES + 1, .by_message = m->aia == VIRT_AIA_APLIC_IMSIC, .machine_level = machine_level,
        .messages = &m->parent.system_memory.memory_space,
    };
    if (m->supervisor_only) {
        set_message_addresses(m, config.msi_config);
    }
    if (!config.by_message) {
        config.hartid_base = s->range.first_hart;
        config.num_harts = s->range.num_harts;
    }
    Device *aplic = riscv_aplic_create(&m->parent.system_memory.memory, virt_map[region].base + n * virt_map[region].size, &config, parent, err);
    if (aplic && !config.by_message) {
        riscv_socket_connect(&s->range, aplic, machine_level ? RISCV_IRQ_M_EXT : RISCV_IRQ_S_EXT);
    }
    return aplic;
}

static bool create_aia(RiscvVirt *m, unsigned n, GError **err)
{
    VirtSocket *s = &m->sockets[n];
    if (m->aia == VIRT_AIA_APLIC_IMSIC && !riscv_kernel_aia() && (!create_imsics(m, n, true, err) || !create_imsics(m, n, false, err))) {
        return false;
    }
    if (m->supervisor_only) {
        s->wired = create_aplic(m, n, false, NULL, err);
        return s->wired;
    }
    s->wired = create_aplic(m, n, true, NULL, err);
    return s->wired && create_aplic(m, n, false, s->wired, err);
}

/* ---- the AIA in the kernel ---- */

static Device *create_kernel_aia(const RiscvVirt *m, GError **err)
{
    g_autofree uint64_t *hart_files = g_new(uint64_t, m->parent.smp.max_cpus);
    RiscvKernelAiaConfig config = {
        .num_ids = VIRT_IMSIC_IDS, .num_sources = VIRT_SOURCES, .aplic = virt_map[VIRT_APLIC_S].base, .aplic_size = virt_map[VIRT_APLIC_S].size,
        .files = virt_map[VIRT_IMSIC_S].base, .files_size = m->num_sockets * virt_map[VIRT_IMSIC_S].size, .hart_files = hart_files, .hart_bits = virt_bits_for(virt_most_harts(m)),
        .guest_bits = virt_bits_for(m->aia_guests + 1u), .group_bits = virt_bits_for(m->num_sockets), .group_shift = (unsigned)__builtin_ctzll(virt_map[VIRT_IMSIC_S].size),
    };
    for (unsigned n = 0; n < m->num_sockets; n++) {
        for (uint32_t h = 0; h < m->sockets[n].range.num_harts && config.num_harts < m->parent.smp.max_cpus; h++) {
            hart_files[config.num_harts++] = imsic_address(m, VIRT_IMSIC_S, n, h);
        }
    }
    return riscv_kernel_aia()->create(&config, err);
}

uint32_t virt_most_harts(const RiscvVirt *m)
{
    uint32_t most = 0;
    for (unsigned n = 0; n < m->num_sockets; n++) {
        most = MAX(most, m->sockets[n].range.num_harts);
    }
    return most;
}

static bool create_wired(RiscvVirt *m, GError **err)
{
    m->num_wired = m->num_sockets;
    if (m->aia == VIRT_AIA_APLIC_IMSIC && riscv_kernel_aia()) {
        Device *kernel = create_kernel_aia(m, err);
        if (!kernel || riscv_kernel_aia()->wires) {
            m->num_wired = 1;
            m->sockets[0].wired = kernel;
            return kernel;
        }
    }
    for (unsigned n = 0; n < m->num_sockets; n++) {
        if (!(m->aia == VIRT_AIA_NONE ? create_plic(m, n, err) : create_aia(m, n, err))) {
            return false;
        }
    }
    return true;
}

bool virt_create_interrupts(RiscvVirt *m, GError **err)
{
    for (unsigned n = 0; n < m->num_sockets; n++) {
        if (!create_timers(m, n, err)) {
            return false;
        }
    }
    if (!create_wired(m, err)) {
        return false;
    }
    for (unsigned n = 0; n < m->num_wired; n++) {
        for (int i = 0; i < VIRT_SOURCES; i++) {
            m->sockets[n].sources[i] = device_irq_input(m->sockets[n].wired, NULL, i);
        }
    }
    m->mmio_socket = 0;
    m->virtio_socket = m->num_wired > 1 ? 1 : 0;
    m->pcie_socket = MIN(m->num_wired - 1, 2);
    return true;
}
