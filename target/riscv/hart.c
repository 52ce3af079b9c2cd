/*
 * What boards and interrupt controllers see of a hart: include/target/riscv.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "target/riscv/internal.h"

void riscv_hart_set_id(Cpu *cpu, uint64_t hartid)
{
    RISCV_CPU(cpu)->hartid = hartid;
}

uint64_t riscv_hart_id(const Cpu *cpu)
{
    return RISCV_CPU(cpu)->hartid;
}

Cpu *riscv_hart_by_id(uint64_t hartid)
{
    CPU_FOREACH(cpu) {
        if (RISCV_CPU(cpu)->hartid == hartid) {
            return cpu;
        }
    }
    return NULL;
}

RiscvHartInfo riscv_hart_info(const Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    static const struct { uint8_t mode; const char *name; } types[] = {
        { SATP_SV32, "riscv,sv32" }, { SATP_SV39, "riscv,sv39" }, { SATP_SV48, "riscv,sv48" }, { SATP_SV57, "riscv,sv57" },
    };
    RiscvHartInfo info = { .xlen = cpu->xlen, .timebase_hz = cpu->host_timebase_hz, .mmu_type = "riscv,none" };
    for (unsigned i = 0; i < ARRAY_SIZE(types); i++) {
        if (types[i].mode == cpu->shown_satp) {
            info.mmu_type = types[i].name;
        }
    }
    info.cbom_block_bytes = riscv_has(cpu, zicbom) ? cpu->cbom_blocksize : 0;
    info.cboz_block_bytes = riscv_has(cpu, zicboz) ? cpu->cboz_blocksize : 0;
    info.cbop_block_bytes = riscv_has(cpu, zicbop) ? cpu->cbop_blocksize : 0;
    return info;
}

void riscv_hart_set_boot_state(Cpu *cpu, uint64_t pc, uint64_t device_tree)
{
    RISCV_CPU(cpu)->boot_pc = pc;
    RISCV_CPU(cpu)->boot_device_tree = device_tree;
}

/* Not the pseudo-extensions, which come last. */
static bool is_listed(const RiscvCpu *cpu, unsigned e)
{
    return e < RISCV_EXT_rv32 && riscv_ext_in(&cpu->ext, e) && !riscv_ext_in(&cpu->unlisted, e);
}

char *riscv_hart_isa_string(const Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    GString *out = g_string_new(NULL);
    g_string_append_printf(out, "rv%u", cpu->xlen);
    for (unsigned e = 0; e < RISCV_EXT_COUNT; e++) {
        bool letter = e <= RISCV_EXT_h;
        if (is_listed(cpu, e) && (letter || !cpu->short_isa_string)) {
            g_string_append_printf(out, "%s%s", letter ? "" : "_", riscv_extensions[e].name);
        }
    }
    return g_string_free(out, false);
}

char **riscv_hart_isa_extensions(const Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (unsigned e = 0; e < RISCV_EXT_COUNT; e++) {
        if (is_listed(cpu, e)) {
            g_ptr_array_add(names, g_strdup(riscv_extensions[e].name));
        }
    }
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), false);
}

bool riscv_hart_has(const Cpu *c, const char *extension)
{
    int e = riscv_ext_find(extension, strlen(extension));
    return e >= 0 && riscv_ext_in(&RISCV_CPU(c)->ext, e);
}

/* ---- lines ---- */

static void set_line(void *opaque, int n, int level)
{
    RiscvCpu *cpu = opaque;
    if (n >= RISCV_IRQ_GUEST_FIRST) {
        uint64_t bit = BIT(n - RISCV_IRQ_GUEST_FIRST + 1);
        if (level) {
            atomic_fetch_or(&cpu->guest_lines, bit);
        } else {
            atomic_fetch_and(&cpu->guest_lines, ~bit);
        }
    } else if (level) {
        atomic_fetch_or(&cpu->lines, BIT(n));
    } else {
        atomic_fetch_and(&cpu->lines, ~BIT(n));
    }
    riscv_interrupts_changed(cpu);
}

static void set_rnmi(void *opaque, int n, int level)
{
    RiscvCpu *cpu = opaque;
    if (level) {
        atomic_fetch_or(&cpu->rnmi_lines, BIT(n));
    } else {
        atomic_fetch_and(&cpu->rnmi_lines, ~BIT(n));
    }
    riscv_interrupts_changed(cpu);
}

void riscv_hart_init(RiscvCpu *cpu)
{
    device_add_irq_inputs(&cpu->parent.parent, NULL, set_line, cpu, RISCV_IRQ_LINES);
    device_add_irq_inputs(&cpu->parent.parent, RISCV_RNMI_LINES_NAME, set_rnmi, cpu, RISCV_NR_RNMI_LINES);
}

/* ---- time, interrupt files ---- */

void riscv_hart_set_time_source(Cpu *cpu, const RiscvTimeSource *source)
{
    RISCV_CPU(cpu)->time = source;
}

void riscv_hart_time_changed(Cpu *cpu)
{
    riscv_timers_update(RISCV_CPU(cpu));
}

void riscv_hart_set_imsic(Cpu *c, unsigned file, const RiscvImsicOps *ops, void *opaque)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    if (file < RISCV_NR_FILES) {
        cpu->files[file].ops = ops;
        cpu->files[file].opaque = opaque;
        /* With a file a hart has the registers to reach it. */
        riscv_ext_set(&cpu->ext, RISCV_EXT_smaia, true);
        riscv_ext_set(&cpu->ext, RISCV_EXT_ssaia, riscv_has(cpu, s));
    }
}

void riscv_hart_set_guest_files(Cpu *cpu, unsigned count)
{
    RISCV_CPU(cpu)->guest_files = MIN(count, 63);
}
