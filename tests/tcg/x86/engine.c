/*
 * Running cases by the translator, with the executor played by the test: guest memory is the test's own, at the same addresses, behind a TLB that is
 * filled as the accesses come.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "case.h"
#include "engine.h"
#include "target/i386/internal.h"
#include "target/i386/tcg/translate.h"
#include "tcg/hot.h"
#include <string.h>
#include <sys/mman.h>

X86Cpu *engine_cpu;

/* ---- memory ---- */

unsigned engine_page_rights(uint64_t vaddr)
{
    if (vaddr - CODE_ADDRESS < CODE_BYTES) {
        return 1 << TCG_ACCESS_LOAD | 1 << TCG_ACCESS_FETCH;
    }
    uint64_t offset = vaddr - DATA_ADDRESS;
    return offset < DATA_WRITABLE ? 1 << TCG_ACCESS_LOAD | 1 << TCG_ACCESS_STORE : offset < DATA_READABLE ? 1 << TCG_ACCESS_LOAD : 0;
}

/* Records the fault of the first byte that may not be accessed. */
bool engine_check(Cpu *c, uint64_t vaddr, unsigned len, TcgAccess access)
{
    X86Cpu *cpu = X86_CPU(c);
    for (unsigned i = 0; i < len; i++) {
        uint64_t at = vaddr + i;
        at = x86_code64(cpu) ? at : (uint32_t)at;
        unsigned rights = engine_page_rights(at);
        if (rights >> access & 1) {
            continue;
        }
        cpu->exception_not_canonical = !x86_canonical(cpu, at);
        if (cpu->exception_not_canonical) {
            x86_record_exception_error(cpu, EXCP_GP, 0);
            return false;
        }
        cpu->cr[2] = at;
        x86_record_exception_error(cpu, EXCP_PF, PF_USER | (rights ? PF_PRESENT : 0) | (access == TCG_ACCESS_STORE ? PF_WRITE : 0)
                                   | (access == TCG_ACCESS_FETCH ? PF_FETCH : 0));
        return false;
    }
    return true;
}

bool tcg_load(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t *value)
{
    *value = 0;
    if (!engine_check(cpu, vaddr, size, TCG_ACCESS_LOAD)) {
        return false;
    }
    memcpy(value, (void *)vaddr, size);
    return true;
}

bool tcg_store(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value)
{
    if (!engine_check(cpu, vaddr, size, TCG_ACCESS_STORE)) {
        return false;
    }
    memcpy((void *)vaddr, &value, size);
    return true;
}

uint64_t tcg_load_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv)
{
    uint64_t value;
    if (!tcg_load(cpu, vaddr, size, priv, &value)) {
        tcg_leave(cpu);
    }
    return value;
}

void tcg_store_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value)
{
    if (!tcg_store(cpu, vaddr, size, priv, value)) {
        tcg_leave(cpu);
    }
}

bool tcg_read_bytes(Cpu *cpu, uint64_t vaddr, void *buf, unsigned len, unsigned priv)
{
    if (!engine_check(cpu, vaddr, len, TCG_ACCESS_LOAD)) {
        return false;
    }
    memcpy(buf, (void *)vaddr, len);
    return true;
}

bool tcg_write_bytes(Cpu *cpu, uint64_t vaddr, const void *buf, unsigned len, unsigned priv)
{
    if (!engine_check(cpu, vaddr, len, TCG_ACCESS_STORE)) {
        return false;
    }
    memcpy((void *)vaddr, buf, len);
    return true;
}

void *tcg_host_pointer(Cpu *cpu, uint64_t vaddr, unsigned *len, TcgAccess access, unsigned priv)
{
    if (!engine_check(cpu, vaddr, 1, access)) {
        return NULL;
    }
    *len = MIN(*len, 4096 - (vaddr & 4095));
    return (void *)vaddr;
}

bool tcg_probe(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access, unsigned priv)
{
    return engine_check(cpu, vaddr, len, access);
}

/* ---- what has no meaning here ---- */

void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr) { }
void tcg_tlb_flush_all(Cpu *cpu) { }
void tcg_tlb_flush_space(Cpu *cpu, uint64_t space_id) { }
void tcg_tlb_switch(Cpu *cpu, bool flush) { }
bool tcg_runs(const Cpu *cpu) { return false; }
void tcg_invalidate_code(Cpu *cpu, uint64_t paddr, uint64_t size) { }
bool tcg_monitor(Cpu *cpu, uint64_t vaddr, unsigned priv) { return true; }
bool tcg_monitor_waits(Cpu *cpu) { return false; }
void tcg_exclusive_begin(Cpu *cpu) { }
void tcg_exclusive_end(Cpu *cpu) { }

bool tcg_fetch(TcgSource *source, int32_t offset, void *bytes, unsigned len)
{
    if (offset + len > CODE_BYTES) {
        return false;
    }
    memcpy(bytes, (uint8_t *)(uintptr_t)CODE_ADDRESS + offset, len);
    return true;
}

/* ---- the CPU ---- */

static void map_window(void)
{
    uint8_t *code = mmap((void *)(uintptr_t)CODE_ADDRESS, CODE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    uint8_t *data = mmap((void *)(uintptr_t)DATA_ADDRESS, DATA_READABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    g_assert(code == (uint8_t *)(uintptr_t)CODE_ADDRESS && data == (uint8_t *)(uintptr_t)DATA_ADDRESS);
    for (unsigned i = DATA_WRITABLE; i < DATA_READABLE; i++) {
        data[i] = i * 37;
    }
    mprotect(data + DATA_WRITABLE, DATA_READABLE - DATA_WRITABLE, PROT_READ);
}

void translated_init(void)
{
    map_window();
    X86Cpu *cpu = engine_cpu = g_new0(X86Cpu, 1);
    for (unsigned i = 0; i < FEAT_WORD_COUNT; i++) {
        cpu->features[i] = UINT64_MAX;
    }
    cpu->cr[0] = CR0_PE | CR0_PG | CR0_WP | CR0_NE | CR0_ET | CR0_MP;
    cpu->cr[4] = CR4_PAE | CR4_PGE | CR4_OSFXSR | CR4_OSXMMEXCPT | CR4_FSGSBASE | CR4_OSXSAVE;
    cpu->efer = EFER_LMA | EFER_LME | EFER_SCE | EFER_NXE;
    cpu->xcr0 = 7;
    engine_backend_init();
}

static void load_segments(X86Cpu *cpu, unsigned bits)
{
    uint32_t all = DESC_P_MASK | 3 << DESC_DPL_SHIFT | DESC_S_MASK | DESC_A_MASK | DESC_W_MASK;
    uint32_t flat = bits == 16 ? 0 : DESC_G_MASK, wide = bits == 16 ? 0 : DESC_B_MASK;
    uint32_t limit = bits == 16 ? 0xffff : UINT32_MAX, data_base = bits == 16 ? DATA_ADDRESS : 0;
    uint16_t data_selector = bits == 16 ? 0x17 : 0x2b;
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        x86_load_segment(cpu, seg, data_selector, data_base, limit, all | flat | wide);
    }
    if (bits == 16) {
        x86_load_segment(cpu, R_DS, 0x0f, data_base, DATA_LIMIT16, all);
    }
    x86_load_segment(cpu, R_FS, 0, 0, UINT32_MAX, all | flat | wide);
    x86_load_segment(cpu, R_GS, 0, 0, UINT32_MAX, all | flat | wide);
    x86_load_segment(cpu, R_CS, bits == 64 ? 0x33 : bits == 32 ? 0x23 : 0x07, bits == 16 ? CODE_ADDRESS : 0, limit,
                     all | DESC_CS_MASK | flat | (bits == 64 ? DESC_L_MASK : wide));
}

void engine_load_state(const X86Case *c)
{
    X86Cpu *cpu = engine_cpu;
    load_segments(cpu, c->bits);
    memcpy(cpu->regs, c->before.regs, sizeof(cpu->regs));
    cpu->pc = (c->bits == 16 ? 0 : CODE_ADDRESS) + c->code_offset;
    x86_set_eflags(cpu, c->before.eflags | IF_MASK);
    x86_fxrstor(cpu, c->before.fx);
    for (int i = 0; i < 16; i++) {
        memcpy(cpu->ymm[i].b + 16, c->before.ymm_high[i], 16);
    }
    cpu->exception = cpu->old_exception = -1;
    cpu->inhibit_irq = 0;
    tcg_hot(&cpu->parent)->pc_base = c->bits == 16 ? 0 : CODE_ADDRESS;
    memset((void *)(uintptr_t)CODE_ADDRESS, 0xf4, CODE_BYTES);
    memcpy((uint8_t *)(uintptr_t)CODE_ADDRESS + c->code_offset, c->code, c->code_bytes);
    memcpy((void *)(uintptr_t)DATA_ADDRESS, c->before.memory, DATA_WRITABLE);
}

void engine_save_state(const X86Case *c, X86Result *r)
{
    X86Cpu *cpu = engine_cpu;
    X86State *after = &r->after;
    memcpy(after->regs, cpu->regs, sizeof(cpu->regs));
    after->rip = cpu->pc;
    after->eflags = x86_get_eflags(cpu) & 0xcd5;
    x86_fxsave(cpu, after->fx);
    for (int i = 0; i < 16; i++) {
        memcpy(after->ymm_high[i], cpu->ymm[i].b + 16, 16);
    }
    memcpy(after->memory, (void *)(uintptr_t)DATA_ADDRESS, DATA_WRITABLE);
    r->trap = cpu->exception;
    r->error = r->cr2 = 0;
    if (cpu->exception == EXCP_PF) {
        r->error = cpu->exception_error;
        r->cr2 = cpu->cr[2];
    }
    if (r->trap == EXCP_GP && (cpu->pc & 0xfff) == c->code_offset + c->code_bytes - 1) {
        r->trap = -1;
    }
}

void translated_run(const X86Case *c, X86Result *r, int mode)
{
    engine_load_state(c);
    engine_choose(mode / TRANSLATED_MODES);
    for (int i = 0; i < 1000 && engine_cpu->exception < 0; i++) {
        switch (mode % TRANSLATED_MODES) {
        case 0:
            engine_run_block(512);
            break;
        case 1:
            engine_run_block(1);
            break;
        default:
            engine_run_linked(i == 0);
            break;
        }
    }
    engine_save_state(c, r);
}

char *translated_ir(const X86Case *c)
{
    engine_load_state(c);
    return engine_ir();
}
