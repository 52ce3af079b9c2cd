/*
 * System management mode: the state that an SMI saves and RSM restores, in the layout of AMD64.
 *
 * AMD APM volume 2, 10.2 (resources), table 10-1 (state-save area), 10.3 (entering and leaving).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/irqchip.h"
#include "hw/i386/smm.h"
#include "softmmu/dma.h"
#include "target/i386/internal.h"
#include "util/log.h"

/* Offsets from SMBASE. */
enum { SMM_ENTRY = 0x8000, SMM_STATE = 0xfe00, SMM_STATE_SIZE = 0x200 };
/* Offsets in the save area. */
enum { SAVE_SEGMENTS = 0x000, SAVE_GDTR = 0x060, SAVE_LDTR = 0x070, SAVE_IDTR = 0x080, SAVE_TR = 0x090, SAVE_HALT_RESTART = 0x0c9,
       SAVE_EFER = 0x0d0, SAVE_REVISION = 0x0fc, SAVE_SMBASE = 0x100, SAVE_CR4 = 0x148, SAVE_CR3 = 0x150, SAVE_CR0 = 0x158, SAVE_DR7 = 0x160,
       SAVE_DR6 = 0x168, SAVE_RFLAGS = 0x170, SAVE_RIP = 0x178, SAVE_R15 = 0x180 };
enum { REVISION = 0x64, REVISION_RELOCATES = 0x20000 };

static AddressSpace *smm_memory;

void x86_set_smm_memory(AddressSpace *memory)
{
    smm_memory = memory;
}

AddressSpace *x86_smm_memory(void)
{
    return smm_memory;
}

bool x86_smm_possible(void)
{
    return !x86_irqchip()->no_smm;
}

bool x86_smm_offered(void)
{
    return smm_memory != NULL;
}

static void save_segment(uint8_t *at, const SegmentCache *s)
{
    store_le16(at, s->selector);
    store_le16(at + 2, s->attributes >> 8 & 0xf0ff);
    store_le32(at + 4, s->limit);
    store_le64(at + 8, s->base);
}

static SegmentCache load_segment(const uint8_t *at)
{
    return (SegmentCache){ .selector = load_le16(at), .attributes = (load_le16(at + 2) & 0xf0ffu) << 8, .limit = load_le32(at + 4),
                           .base = load_le64(at + 8) };
}

/* RAX is the last, R15 the first of sixteen. */
static unsigned save_register_offset(unsigned n)
{
    return SAVE_R15 + 8 * (15 - n);
}

static void save_state(const X86Cpu *cpu, uint8_t *area, bool halted)
{
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        save_segment(area + SAVE_SEGMENTS + 16 * seg, &cpu->segs[seg]);
    }
    save_segment(area + SAVE_LDTR, &cpu->ldt);
    save_segment(area + SAVE_TR, &cpu->tr);
    store_le32(area + SAVE_GDTR + 4, cpu->gdt.limit);
    store_le64(area + SAVE_GDTR + 8, cpu->gdt.base);
    store_le32(area + SAVE_IDTR + 4, cpu->idt.limit);
    store_le64(area + SAVE_IDTR + 8, cpu->idt.base);
    area[SAVE_HALT_RESTART] = halted;
    store_le64(area + SAVE_EFER, cpu->efer);
    store_le32(area + SAVE_REVISION, REVISION | REVISION_RELOCATES);
    store_le32(area + SAVE_SMBASE, cpu->smbase);
    store_le64(area + SAVE_CR4, cpu->cr[4]);
    store_le64(area + SAVE_CR3, cpu->cr[3]);
    store_le64(area + SAVE_CR0, cpu->cr[0]);
    store_le64(area + SAVE_DR7, cpu->dr[7]);
    store_le64(area + SAVE_DR6, cpu->dr[6]);
    store_le64(area + SAVE_RFLAGS, x86_get_eflags(cpu));
    store_le64(area + SAVE_RIP, cpu->pc);
    for (unsigned n = 0; n < 16; n++) {
        store_le64(area + save_register_offset(n), cpu->regs[n]);
    }
}

void x86_enter_smm(X86Cpu *cpu)
{
    uint8_t area[SMM_STATE_SIZE] = { 0 };
    log_mask(LOG_INT, "SMM: enter\n");
    save_state(cpu, area, atomic_load(&cpu->parent.halted));
    cpu->normal_memory = cpu->parent.memory;
    cpu->parent.memory = smm_memory;
    cpu->smm = 1;
    cpu->smm_nmi_blocked = cpu->nmi_blocked;
    cpu->nmi_blocked = true;
    dma_write(smm_memory, cpu->smbase + SMM_STATE, area, sizeof(area));

    x86_set_eflags(cpu, 2);
    x86_set_cr0(cpu, cpu->cr[0] & ~(uint64_t)(CR0_PE | CR0_EM | CR0_TS | CR0_PG));
    x86_set_cr4(cpu, 0);
    x86_set_efer(cpu, 0);
    cpu->dr[7] = 0x400;
    uint32_t data = DESC_P_MASK | DESC_S_MASK | DESC_W_MASK | DESC_A_MASK | DESC_G_MASK;
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        x86_load_segment(cpu, seg, 0, 0, UINT32_MAX, data);
    }
    x86_load_segment(cpu, R_CS, cpu->smbase >> 4 & 0xffff, cpu->smbase, UINT32_MAX, data);
    cpu->pc = SMM_ENTRY;
    atomic_store(&cpu->parent.halted, false);
    x86_flush_translations(cpu);
}

static void restore_state(X86Cpu *cpu, const uint8_t *area)
{
    /* EFER first, so that setting CR0.PG switches long mode on again. */
    x86_set_efer(cpu, load_le64(area + SAVE_EFER) & ~(uint64_t)EFER_LMA);
    x86_set_cr4(cpu, load_le64(area + SAVE_CR4));
    x86_set_cr3(cpu, load_le64(area + SAVE_CR3));
    x86_set_cr0(cpu, load_le64(area + SAVE_CR0));
    x86_set_eflags(cpu, load_le64(area + SAVE_RFLAGS));
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        cpu->segs[seg] = load_segment(area + SAVE_SEGMENTS + 16 * seg);
    }
    cpu->ldt = load_segment(area + SAVE_LDTR);
    cpu->tr = load_segment(area + SAVE_TR);
    cpu->gdt = (DescriptorTable){ .limit = load_le32(area + SAVE_GDTR + 4), .base = load_le64(area + SAVE_GDTR + 8) };
    cpu->idt = (DescriptorTable){ .limit = load_le32(area + SAVE_IDTR + 4), .base = load_le64(area + SAVE_IDTR + 8) };
    cpu->dr[6] = load_le64(area + SAVE_DR6);
    cpu->dr[7] = load_le64(area + SAVE_DR7);
    x86_debug_registers_changed(cpu);
    for (unsigned n = 0; n < 16; n++) {
        cpu->regs[n] = load_le64(area + save_register_offset(n));
    }
    cpu->pc = load_le64(area + SAVE_RIP);
    if (load_le32(area + SAVE_REVISION) & REVISION_RELOCATES) {
        cpu->smbase = load_le32(area + SAVE_SMBASE);
    }
}

void x86_leave_smm(X86Cpu *cpu)
{
    uint8_t area[SMM_STATE_SIZE];
    dma_read(smm_memory, cpu->smbase + SMM_STATE, area, sizeof(area));
    cpu->parent.memory = cpu->normal_memory;
    cpu->smm = 0;
    cpu->nmi_blocked = cpu->smm_nmi_blocked;
    restore_state(cpu, area);
    x86_flush_translations(cpu);
    if (area[SAVE_HALT_RESTART] & 1) {
        atomic_store(&cpu->parent.halted, true);
    }
    log_mask(LOG_INT, "SMM: leave\n");
}
