/*
 * Which harts and which memory a socket has, and its timers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sockets.h"

#include "hw/intc/riscv_aclint.h"
#include "target/riscv.h"
#include "util/error.h"

static bool find_harts(const Machine *machine, RiscvSocket *s, GError **err)
{
    uint32_t first = UINT32_MAX, last = 0, count = 0;
    for (uint32_t hart = 0; hart < machine->smp.cpus; hart++) {
        if (machine->cpu_nodes[hart] == (int)s->number) {
            first = MIN(first, hart);
            last = hart;
            count++;
        }
    }
    if (!count) {
        return error_set(err, "can't get hartid base for socket%u", s->number);
    }
    if (last - first + 1 != count) {
        return error_set(err, "discontinuous hartids in socket%u", s->number);
    }
    s->first_hart = first;
    s->num_harts = count;
    return true;
}

bool riscv_sockets_init(const Machine *machine, RiscvSocket *sockets, unsigned *count, GError **err)
{
    unsigned nodes = (unsigned)machine->nr_numa_nodes;
    uint64_t offset = 0;
    if (nodes > RISCV_SOCKETS_MAX) {
        return error_set(err, "number of sockets/nodes should be less than %d", RISCV_SOCKETS_MAX);
    }
    *count = nodes ? nodes : 1;
    sockets[0] = (RiscvSocket){ .num_harts = machine->smp.cpus, .mem_size = machine->ram_size };
    for (unsigned n = 0; n < nodes; n++) {
        sockets[n] = (RiscvSocket){ .number = n, .mem_offset = offset, .mem_size = machine->numa[n].mem };
        offset += sockets[n].mem_size;
        if (!find_harts(machine, &sockets[n], err)) {
            return false;
        }
    }
    return true;
}

bool riscv_socket_create_harts(RiscvSocket *s, Machine *machine, const RiscvHartFeatures *features, GError **err)
{
    g_autofree char *name = g_strdup_printf("soc%u", s->number);
    RiscvHartArrayConfig config = { s->first_hart, s->num_harts, features->resetvec, features->has_imsic, features->guest_files };
    s->harts = riscv_hart_array_create(machine, name, &config, err);
    return s->harts != NULL;
}

void riscv_socket_connect(const RiscvSocket *s, Device *dev, int line)
{
    for (uint32_t n = 0; n < s->num_harts; n++) {
        device_connect_irq(dev, NULL, (int)n, device_irq_input(DEVICE(s->harts->harts[n]), NULL, line));
    }
}

bool riscv_socket_create_swi(RiscvSocket *s, MemoryRegion *memory, uint64_t addr, bool supervisor, GError **err)
{
    Device *dev = riscv_aclint_swi_create(memory, addr, s->first_hart, s->num_harts, supervisor, err);
    if (dev) {
        riscv_socket_connect(s, dev, supervisor ? RISCV_IRQ_S_SOFT : RISCV_IRQ_M_SOFT);
    }
    return dev != NULL;
}

static void time_jumped(void *opaque)
{
    const RiscvSocket *s = opaque;
    for (uint32_t n = 0; n < s->num_harts; n++) {
        riscv_hart_time_changed(s->harts->harts[n]);
    }
}

bool riscv_socket_create_mtimer(RiscvSocket *s, MemoryRegion *memory, uint64_t addr, GError **err)
{
    AclintMtimerLayout layout = { addr, ACLINT_MTIMER_SIZE, ACLINT_MTIMECMP, ACLINT_MTIME, ACLINT_TIMEBASE_HZ };
    s->mtimer = riscv_aclint_mtimer_create(memory, &layout, s->first_hart, s->num_harts, err);
    if (!s->mtimer) {
        return false;
    }
    RiscvTimeSource *source = g_new(RiscvTimeSource, 1);    /* as old as the machine */
    *source = (RiscvTimeSource){ riscv_aclint_mtimer_time, ACLINT_TIMEBASE_HZ, s->mtimer };
    riscv_socket_connect(s, s->mtimer, RISCV_IRQ_M_TIMER);
    for (uint32_t n = 0; n < s->num_harts; n++) {
        riscv_hart_set_time_source(s->harts->harts[n], source);
    }
    riscv_aclint_mtimer_set_jump_hook(s->mtimer, time_jumped, s);
    return true;
}
