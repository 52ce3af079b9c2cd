/*
 * The x86 processor's system side: page walks, delivery of exceptions, segment loads and far transfers, CPUID. The executor is played by the test: guest
 * memory goes through the walker without a TLB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/core/machine.h"
#include "hw/i386/apic.h"
#include "hw/i386/smm.h"
#include "softmmu/dma.h"
#include "system/runstate.h"
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "target/i386/cpuid.h"
#include "target/i386/dump.h"
#include "target/i386/far.h"
#include "util/main-loop.h"
#include "x86-cpuid-table.h"
#include <setjmp.h>

/* ---- the executor's part ---- */

static jmp_buf leave_point;
static int nr_resets;

bool accel_is(const char *name) { return !strcmp(name, "tcg"); }
Accel *accel_current(void) { return NULL; }
Machine *machine_current(void) { return NULL; }
void target_register(const TargetArch *arch) { }
bool apic_create(Cpu *cpu, uint32_t apic_id, Device **apic, GError **err) { return false; }
int x86_read_pic(void) { return 0x20; }
void system_reset_request(ShutdownCause cause) { nr_resets++; }
uint64_t x86_kvm_supported_features(X86FeatureWord word) { return 0; }
void x86_kvm_host_levels(uint32_t *level, uint32_t *xlevel, uint32_t *xlevel2) { }
Cpu *cpu_first(void) { return NULL; }
Cpu *cpu_next(Cpu *cpu) { return NULL; }
Cpu *cpu_current(void) { return NULL; }
void cpu_interrupt(Cpu *cpu, uint32_t mask) { atomic_fetch_or(&cpu->interrupt_request, mask); }
void cpu_run_on_async(Cpu *cpu, CpuWorkFunc *fn, void *opaque) { }
void cpu_run_on(Cpu *cpu, CpuWorkFunc *fn, void *opaque) { }
bool tcg_monitor(Cpu *cpu, uint64_t vaddr, unsigned priv) { return true; }
bool tcg_monitor_waits(Cpu *cpu) { return false; }
void tcg_leave(Cpu *cpu) { longjmp(leave_point, 1); }
void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr) { }
void tcg_tlb_flush_all(Cpu *cpu) { }
void tcg_tlb_flush_space(Cpu *cpu, uint64_t space_id) { }
void tcg_tlb_switch(Cpu *cpu, bool flush) { }
bool tcg_runs(const Cpu *cpu) { return false; }
void tcg_exclusive_begin(Cpu *cpu) { }
void tcg_exclusive_end(Cpu *cpu) { }
void tcg_invalidate_code(Cpu *cpu, uint64_t paddr, uint64_t size) { }
bool tcg_fetch(TcgSource *source, int32_t offset, void *bytes, unsigned len) { return false; }
bool tcg_probe(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access, unsigned priv) { return true; }
void *tcg_host_pointer(Cpu *cpu, uint64_t vaddr, unsigned *len, TcgAccess access, unsigned priv) { return NULL; }
bool tcg_read_bytes(Cpu *cpu, uint64_t vaddr, void *buf, unsigned len, unsigned priv) { return false; }
bool tcg_write_bytes(Cpu *cpu, uint64_t vaddr, const void *buf, unsigned len, unsigned priv) { return false; }

static bool access_bytes(Cpu *cpu, uint64_t vaddr, void *buf, unsigned len, unsigned priv, TcgAccess access)
{
    for (unsigned i = 0; i < len; i++) {
        TcgTranslation t;
        if (!x86_translate_address(cpu, vaddr + i, access, priv, false, &t)) {
            return false;
        }
        dma_rw(cpu->memory, t.paddr | ((vaddr + i) & 0xfff), (uint8_t *)buf + i, 1, access == TCG_ACCESS_STORE, MEM_ATTRS_NONE);
    }
    return true;
}

bool tcg_load(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t *value)
{
    *value = 0;
    return access_bytes(cpu, vaddr, value, size, priv, TCG_ACCESS_LOAD);
}

bool tcg_store(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value)
{
    return access_bytes(cpu, vaddr, &value, size, priv, TCG_ACCESS_STORE);
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

/* ---- a machine of 16 MiB and a CPU ---- */

static SystemMemory memory;
static MemoryRegion ram;
static const ObjectType test_type = { .name = "test" };

static void make_memory(void)
{
    system_memory_init(&memory);
    GError *err = NULL;
    memory_region_init_ram(&ram, NULL, "ram", 16 * MiB, &err);
    g_assert_no_error(err);
    memory_region_add_subregion(&memory.memory, 0, &ram);
}

static uint8_t *host(uint64_t addr) { return (uint8_t *)memory_region_ram_ptr(&ram) + addr; }
static void put16(uint64_t addr, uint16_t v) { store_le16(host(addr), v); }
static void put32(uint64_t addr, uint32_t v) { store_le32(host(addr), v); }
static void put64(uint64_t addr, uint64_t v) { store_le64(host(addr), v); }
static uint32_t get32(uint64_t addr) { return load_le32(host(addr)); }
static uint64_t get64(uint64_t addr) { return load_le64(host(addr)); }

static X86Cpu *new_cpu(void)
{
    X86Cpu *cpu = g_new0(X86Cpu, 1);
    cpu->parent.parent.parent.type = &test_type;
    cpu->parent.memory = &memory.memory_space;
    cpu->parent.io = &memory.io_space;
    cpu->is_64bit_binary = true;
    cpu->phys_bits = 40;
    cpu->cpuid_0xb = cpu->l3_cache = cpu->vendor_cpuid_only = cpu->full_cpuid_auto_level = cpu->expose_tcg = true;
    cpu->guest_phys_bits = cpu->want_level = cpu->want_xlevel = cpu->want_xlevel2 = cpu->want_level_func7 = UINT32_MAX;
    cpu->nr_dies = cpu->nr_modules = cpu->nr_cores = cpu->nr_threads = 1;
    memset(host(0), 0, 16 * MiB);
    x86_cpu_reset_state(cpu);
    nr_resets = 0;
    return cpu;
}

#define TABLES 0x100000u
enum { FLAT_CODE32 = 0x00c09b00, FLAT_DATA32 = 0x00c09300, FLAT_CODE64 = 0x00a09b00 };
enum { GDT = 0x1000, IDT = 0x2000, TSS = 0x3000, SEL_CODE0 = 8, SEL_DATA0 = 16, SEL_CODE3 = 24 | 3, SEL_DATA3 = 32 | 3, SEL_CODE64 = 40,
       SEL_TSS = 48, SEL_CODE64_3 = 64 | 3 };

static void put_descriptor(unsigned selector, uint64_t value) { put64(GDT + (selector & ~7u), value); }

static void make_gdt(X86Cpu *cpu)
{
    put_descriptor(SEL_CODE0, 0x00cf9a000000ffff);
    put_descriptor(SEL_DATA0, 0x00cf92000000ffff);
    put_descriptor(SEL_CODE3, 0x00cffa000000ffff);
    put_descriptor(SEL_DATA3, 0x00cff2000000ffff);
    put_descriptor(SEL_CODE64, 0x00af9a000000ffff);
    put_descriptor(SEL_CODE64_3, 0x00affa000000ffff);
    cpu->gdt = (DescriptorTable){ .base = GDT, .limit = 0xff };
    cpu->idt = (DescriptorTable){ .base = IDT, .limit = 0xfff };
    cpu->tr = (SegmentCache){ .selector = SEL_TSS, .base = TSS, .limit = 0x67, .attributes = 0x8b00 };
}

static void enter_protected(X86Cpu *cpu, unsigned cpl)
{
    make_gdt(cpu);
    x86_set_cr0(cpu, CR0_PE | CR0_ET);
    unsigned dpl = cpl << DESC_DPL_SHIFT;
    x86_load_segment(cpu, R_CS, cpl ? SEL_CODE3 : SEL_CODE0, 0, UINT32_MAX, FLAT_CODE32 | dpl);
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        if (seg != R_CS) {
            x86_load_segment(cpu, seg, cpl ? SEL_DATA3 : SEL_DATA0, 0, UINT32_MAX, FLAT_DATA32 | dpl);
        }
    }
    put32(TSS + 4, 0x9000);
    put32(TSS + 8, SEL_DATA0);
    cpu->regs[R_ESP] = 0x8000;
    cpu->pc = 0x5000;
    x86_set_eflags(cpu, IF_MASK | 2);
}

/* Long mode with the first 2 MiB by small pages and GiB 1 by large ones. */
static void enter_long(X86Cpu *cpu, unsigned cpl)
{
    enter_protected(cpu, cpl);
    put64(TABLES, (TABLES + 0x1000) | 7);
    put64(TABLES + 0x1000, (TABLES + 0x2000) | 7);
    put64(TABLES + 0x2000, (TABLES + 0x3000) | 7);
    put64(TABLES + 0x2008, 0x200000 | 0x83);        /* 2 MiB, supervisor */
    for (unsigned i = 0; i < 512; i++) {
        put64(TABLES + 0x3000 + 8 * i, (uint64_t)i << 12 | 7);
    }
    cpu->features[FEAT_8000_0001_EDX] |= BIT(29) | BIT(26) | BIT(20);
    x86_set_cr4(cpu, CR4_PAE);
    x86_set_efer(cpu, EFER_LME | EFER_NXE | EFER_SCE);
    x86_set_cr3(cpu, TABLES);
    x86_set_cr0(cpu, CR0_PG | CR0_PE | CR0_WP | CR0_ET);
    g_assert_true(x86_long_mode(cpu));
    x86_load_segment(cpu, R_CS, cpl ? SEL_CODE64_3 : SEL_CODE64, 0, UINT32_MAX, FLAT_CODE64 | cpl << DESC_DPL_SHIFT);
    put64(TSS + 4, 0x9000);
    put64(TSS + 36, 0xa000);        /* IST1 */
}

static void expect_fault(X86Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, uint32_t error)
{
    TcgTranslation t;
    cpu->exception = -1;
    x86_walk_cache_flush(cpu);
    g_assert_false(x86_translate_address(&cpu->parent, vaddr, access, priv, false, &t));
    g_assert_cmpint(cpu->exception, ==, EXCP_PF);
    g_assert_cmphex(cpu->exception_error, ==, error);
    g_assert_cmphex(cpu->cr[2], ==, vaddr);
}

static TcgTranslation expect_page(X86Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv)
{
    TcgTranslation t;
    x86_walk_cache_flush(cpu);
    g_assert_true(x86_translate_address(&cpu->parent, vaddr, access, priv, false, &t));
    return t;
}

/* ---- walks ---- */

static void test_accessed_and_dirty(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_long(cpu, 0);
    TcgTranslation t = expect_page(cpu, 0x5123, TCG_ACCESS_LOAD, X86_PRIV_KERNEL);
    g_assert_cmphex(t.paddr, ==, 0x5000);
    g_assert_true(t.read && t.exec);
    g_assert_false(t.write);            /* the dirty bit is still to be set */
    g_assert_cmphex(get64(TABLES + 0x3000 + 8 * 5), ==, 0x5027);
    g_assert_cmphex(get64(TABLES) & 0x20, ==, 0x20);
    t = expect_page(cpu, 0x5123, TCG_ACCESS_STORE, X86_PRIV_KERNEL);
    g_assert_true(t.write);
    g_assert_cmphex(get64(TABLES + 0x3000 + 8 * 5), ==, 0x5067);
    /* A debugger's look leaves nothing behind. */
    uint64_t paddr;
    g_assert_true(x86_debug_translate(&cpu->parent, 0x6004, &paddr, NULL));
    g_assert_cmphex(paddr, ==, 0x6004);
    g_assert_cmphex(get64(TABLES + 0x3000 + 8 * 6), ==, 0x6007);
}

static void test_rights(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_long(cpu, 3);
    put64(TABLES + 0x3000 + 8 * 0x10, 0x10000 | 5);             /* user, read only */
    put64(TABLES + 0x3000 + 8 * 0x11, 0x11000 | 3);             /* supervisor */
    put64(TABLES + 0x3000 + 8 * 0x12, 0x12000 | 7 | BIT(63));   /* no execute */
    put64(TABLES + 0x3000 + 8 * 0x13, 0);
    put64(TABLES + 0x3000 + 8 * 0x14, 0x14000 | 7 | BIT(45));   /* above the physical address width */
    expect_fault(cpu, 0x10000, TCG_ACCESS_STORE, X86_PRIV_USER, 7);
    expect_fault(cpu, 0x10000, TCG_ACCESS_STORE, X86_PRIV_KERNEL, 3);
    expect_fault(cpu, 0x11008, TCG_ACCESS_LOAD, X86_PRIV_USER, 5);
    expect_fault(cpu, 0x12008, TCG_ACCESS_FETCH, X86_PRIV_USER, 0x15);
    expect_fault(cpu, 0x13008, TCG_ACCESS_LOAD, X86_PRIV_USER, 4);
    expect_fault(cpu, 0x14008, TCG_ACCESS_LOAD, X86_PRIV_KERNEL, 9);
    expect_fault(cpu, 0x200000, TCG_ACCESS_LOAD, X86_PRIV_USER, 5);
    x86_set_cr0(cpu, cpu->cr[0] & ~(uint64_t)CR0_WP);
    g_assert_true(expect_page(cpu, 0x10000, TCG_ACCESS_STORE, X86_PRIV_KERNEL).write);
    x86_set_cr4(cpu, cpu->cr[4] | CR4_SMEP | CR4_SMAP);
    expect_fault(cpu, 0x5000, TCG_ACCESS_FETCH, X86_PRIV_KERNEL, 0x11);
    expect_fault(cpu, 0x5000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL_SMAP, 1);
    expect_page(cpu, 0x5000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL);
    g_assert_cmphex(expect_page(cpu, 0x212345, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).paddr, ==, 0x212000);
    g_assert_cmpint(expect_page(cpu, 0x212345, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).page_bits, ==, 21);
}

static void test_protection_keys(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_long(cpu, 3);
    x86_set_cr4(cpu, cpu->cr[4] | CR4_PKE);
    put64(TABLES + 0x3000 + 8 * 0x10, 0x10000 | 7 | UINT64_C(3) << 59);
    cpu->pkru = 1u << 7;        /* key 3: no writes */
    expect_page(cpu, 0x10000, TCG_ACCESS_LOAD, X86_PRIV_USER);
    expect_fault(cpu, 0x10000, TCG_ACCESS_STORE, X86_PRIV_USER, 0x27);
    cpu->pkru = 1u << 6;        /* no access */
    expect_fault(cpu, 0x10000, TCG_ACCESS_LOAD, X86_PRIV_USER, 0x25);
    expect_page(cpu, 0x10000, TCG_ACCESS_FETCH, X86_PRIV_USER);
}

static void test_not_canonical(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    TcgTranslation t;
    enter_long(cpu, 0);
    g_assert_false(x86_translate_address(&cpu->parent, UINT64_C(0x800000000000), TCG_ACCESS_LOAD, X86_PRIV_KERNEL, false, &t));
    g_assert_cmpint(cpu->exception, ==, EXCP_GP);
}

static void test_32bit_pages(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    put32(TABLES, (TABLES + 0x1000) | 7);
    put32(TABLES + 4, 0x00800000 | 0x1 << 13 | 0x83);     /* 4 MiB, PSE-36: address bit 32 */
    put32(TABLES + 0x1000 + 4 * 7, 0x9000 | 3);
    x86_set_cr3(cpu, TABLES);
    x86_set_cr4(cpu, CR4_PSE);
    x86_set_cr0(cpu, CR0_PG | CR0_PE | CR0_ET);
    g_assert_cmphex(expect_page(cpu, 0x7010, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).paddr, ==, 0x9000);
    TcgTranslation t = expect_page(cpu, 0x412345, TCG_ACCESS_STORE, X86_PRIV_KERNEL);
    g_assert_cmphex(t.paddr, ==, UINT64_C(0x100812000));
    g_assert_cmpint(t.page_bits, ==, 22);
    expect_fault(cpu, 0x7010, TCG_ACCESS_LOAD, X86_PRIV_USER, 5);
    expect_fault(cpu, 0x8010, TCG_ACCESS_STORE, X86_PRIV_USER, 6);
}

static void test_pae_pages(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    put64(TABLES + 0x20 + 8 * 3, (TABLES + 0x1000) | 1);       /* a PDPT need only be 32-byte aligned */
    put64(TABLES + 0x1000, 0x600000 | 0x83);
    put64(TABLES + 0x1008, (TABLES + 0x2000) | 7 | BIT(62));
    x86_set_cr3(cpu, TABLES + 0x20);
    x86_set_cr4(cpu, CR4_PAE);
    x86_set_cr0(cpu, CR0_PG | CR0_PE | CR0_ET);
    g_assert_cmphex(expect_page(cpu, 0xc0001000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).paddr, ==, 0x601000);
    expect_fault(cpu, 0xc0200000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL, 9);
    expect_fault(cpu, 0x1000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL, 0);
}

static void test_a20(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    x86_set_a20(cpu, false);
    g_assert_cmphex(expect_page(cpu, 0x100000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).paddr, ==, 0);
    x86_set_a20(cpu, true);
    g_assert_cmphex(expect_page(cpu, 0x100000, TCG_ACCESS_LOAD, X86_PRIV_KERNEL).paddr, ==, 0x100000);
}

/* ---- exceptions ---- */

static void deliver(X86Cpu *cpu, int vector, bool has_error, uint32_t error)
{
    if (has_error) {
        x86_record_exception_error(cpu, vector, error);
    } else {
        x86_record_exception(cpu, vector);
    }
    x86_deliver(&cpu->parent);
    g_assert_cmpint(cpu->exception, ==, -1);
}

static void test_real_mode_interrupt(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    put16(0x21 * 4, 0x1234);
    put16(0x21 * 4 + 2, 0xabcd);
    x86_load_segment(cpu, R_CS, 0x100, 0x1000, 0xffff, cpu->segs[R_CS].attributes);
    cpu->pc = 0x50;
    cpu->regs[R_ESP] = 0x8000;
    x86_set_eflags(cpu, IF_MASK | CC_C | 2);
    x86_record_software_interrupt(cpu, 0x21, 0x52);
    x86_deliver(&cpu->parent);
    g_assert_cmphex(cpu->pc, ==, 0x1234);
    g_assert_cmphex(cpu->segs[R_CS].selector, ==, 0xabcd);
    g_assert_cmphex(cpu->segs[R_CS].base, ==, 0xabcd0);
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x7ffa);
    g_assert_cmphex(get64(0x7ffa) & 0xffffffffffff, ==, UINT64_C(0x020301000052));
    g_assert_false(cpu->eflags & IF_MASK);
    g_assert_true(x86_iret(cpu, 2, 0));
    g_assert_cmphex(cpu->pc, ==, 0x52);
    g_assert_cmphex(x86_get_eflags(cpu), ==, IF_MASK | CC_C | 2);
}

static void put_gate32(unsigned vector, uint16_t selector, uint32_t offset, unsigned type, unsigned dpl)
{
    put32(IDT + 8 * vector, (uint32_t)selector << 16 | (offset & 0xffff));
    put32(IDT + 8 * vector + 4, (offset & 0xffff0000) | 0x8000 | dpl << 13 | type << 8);
}

static void test_protected_ring_change(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 3);
    put_gate32(14, SEL_CODE0, 0x123456, SYS_INT32, 0);
    deliver(cpu, 14, true, 6);
    g_assert_cmpint(x86_cpl(cpu), ==, 0);
    g_assert_cmphex(cpu->pc, ==, 0x123456);
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x9000 - 24);
    g_assert_cmphex(get32(0x9000 - 24), ==, 6);
    g_assert_cmphex(get32(0x9000 - 20), ==, 0x5000);
    g_assert_cmphex(get32(0x9000 - 16), ==, SEL_CODE3);
    g_assert_cmphex(get32(0x9000 - 12), ==, IF_MASK | RF_MASK | 2);
    g_assert_cmphex(get32(0x9000 - 8), ==, 0x8000);
    g_assert_cmphex(get32(0x9000 - 4), ==, SEL_DATA3);
    g_assert_false(cpu->eflags & IF_MASK);
    cpu->regs[R_ESP] += 4;
    g_assert_true(x86_iret(cpu, 4, 0));
    g_assert_cmpint(x86_cpl(cpu), ==, 3);
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x8000);
    g_assert_true(cpu->eflags & IF_MASK);
}

static void test_software_interrupt_privilege(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 3);
    put_gate32(0x30, SEL_CODE0, 0x1000, SYS_INT32, 0);
    put_gate32(0x80, SEL_CODE0, 0x2000, SYS_TRAP32, 3);
    put_gate32(EXCP_GP, SEL_CODE0, 0x3000, SYS_INT32, 0);
    x86_record_software_interrupt(cpu, 0x30, 0x5002);
    x86_deliver(&cpu->parent);
    g_assert_cmphex(cpu->pc, ==, 0x3000);
    g_assert_cmphex(get32(cpu->regs[R_ESP]), ==, 0x30 * 8 + 2);
    g_assert_cmphex(get32(cpu->regs[R_ESP] + 4), ==, 0x5000);       /* a fault: the INT itself */
    enter_protected(cpu, 3);
    x86_record_software_interrupt(cpu, 0x80, 0x5002);
    x86_deliver(&cpu->parent);
    g_assert_cmphex(cpu->pc, ==, 0x2000);
    g_assert_cmphex(get32(cpu->regs[R_ESP]), ==, 0x5002);
    g_assert_true(cpu->eflags & IF_MASK);
}

static void test_double_and_triple_fault(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    put_gate32(EXCP_DF, SEL_CODE0, 0x7777, SYS_INT32, 0);
    deliver(cpu, EXCP_GP, true, 0);          /* its gate is not there: #NP after #GP */
    g_assert_cmphex(cpu->pc, ==, 0x7777);
    g_assert_cmpint(nr_resets, ==, 0);
    cpu->idt.limit = 0;
    deliver(cpu, EXCP_GP, true, 0);
    g_assert_cmpint(nr_resets, ==, 1);
    g_assert_true(atomic_load(&cpu->parent.halted));
    g_assert_false(x86_has_work(&cpu->parent));
}

static void put_gate64(unsigned vector, uint16_t selector, uint64_t offset, unsigned type, unsigned dpl, unsigned ist)
{
    put32(IDT + 16 * vector, (uint32_t)selector << 16 | (offset & 0xffff));
    put32(IDT + 16 * vector + 4, (offset & 0xffff0000) | 0x8000 | dpl << 13 | type << 8 | ist);
    put64(IDT + 16 * vector + 8, offset >> 32);
}

static void test_long_mode(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_long(cpu, 3);
    put_gate64(13, SEL_CODE64, UINT64_C(0xffff800012345678), SYS_INT32, 0, 0);
    put_gate64(2, SEL_CODE64, 0x4444, SYS_INT32, 0, 1);
    cpu->regs[R_ESP] = 0x8004;
    deliver(cpu, 13, true, 0x18);
    g_assert_cmphex(cpu->pc, ==, UINT64_C(0xffff800012345678));
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x9000 - 48);
    g_assert_cmphex(get64(0x9000 - 48), ==, 0x18);
    g_assert_cmphex(get64(0x9000 - 16), ==, 0x8004);
    g_assert_cmphex(get64(0x9000 - 8), ==, SEL_DATA3);
    g_assert_cmpint(x86_cpl(cpu), ==, 0);
    g_assert_cmphex(cpu->segs[R_SS].selector, ==, 0);
    /* An NMI on its own stack; the next is held until IRET. */
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_NMI);
    g_assert_true(x86_interrupt(&cpu->parent));
    g_assert_cmphex(cpu->pc, ==, 0x4444);
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0xa000 - 40);
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_NMI);
    g_assert_false(x86_interrupt(&cpu->parent));
    g_assert_true(x86_iret(cpu, 8, 0));
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x9000 - 48);
    g_assert_true(x86_interrupt(&cpu->parent));
}

static void test_hard_interrupt(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    put16(0x20 * 4, 0x100);
    cpu->regs[R_ESP] = 0x8000;
    atomic_store(&cpu->parent.halted, true);
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_HARD);
    g_assert_false(x86_has_work(&cpu->parent));     /* IF is clear */
    g_assert_false(x86_interrupt(&cpu->parent));
    cpu->eflags |= IF_MASK;
    g_assert_true(x86_has_work(&cpu->parent));
    cpu->inhibit_irq = 1;
    g_assert_false(x86_interrupt(&cpu->parent));
    x86_after_block(&cpu->parent);
    g_assert_true(x86_interrupt(&cpu->parent));
    g_assert_cmphex(cpu->pc, ==, 0x100);
    g_assert_false(atomic_load(&cpu->parent.halted));
}

static void test_vm86(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    put_gate32(EXCP_GP, SEL_CODE0, 0x3000, SYS_INT32, 0);
    uint32_t frame[] = { 0x10, 0x2000, VM_MASK | IF_MASK | 2, 0xfffe, 0x3000, 1, 2, 3, 4 };
    for (unsigned i = 0; i < ARRAY_SIZE(frame); i++) {
        put32(0x8000 + 4 * i, frame[i]);
    }
    g_assert_true(x86_iret(cpu, 4, 0));
    g_assert_true(x86_vm86(cpu));
    g_assert_cmpint(x86_cpl(cpu), ==, 3);
    g_assert_cmphex(cpu->segs[R_CS].base, ==, 0x20000);
    g_assert_cmphex(cpu->segs[R_DS].selector, ==, 2);
    deliver(cpu, EXCP_GP, true, 0);
    g_assert_false(x86_vm86(cpu));
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x9000 - 40);
    g_assert_cmphex(get32(0x9000 - 4), ==, 4);       /* GS */
    g_assert_cmphex(get32(0x9000 - 20), ==, 0x3000);  /* SS */
    g_assert_cmphex(cpu->segs[R_DS].selector, ==, 0);
}

/* ---- segments ---- */

static void expect_refused(X86Cpu *cpu, int seg, uint16_t selector, int vector, uint32_t error)
{
    cpu->exception = -1;
    g_assert_false(x86_move_to_segment(cpu, seg, selector));
    g_assert_cmpint(cpu->exception, ==, vector);
    g_assert_cmphex(cpu->exception_error, ==, error);
    cpu->exception = -1;
}

static void test_segment_checks(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 3);
    expect_refused(cpu, R_DS, SEL_DATA0, EXCP_GP, SEL_DATA0);
    expect_refused(cpu, R_SS, 0, EXCP_GP, 0);
    expect_refused(cpu, R_SS, SEL_CODE3, EXCP_GP, SEL_CODE3 & ~3);
    expect_refused(cpu, R_ES, 0x100, EXCP_GP, 0x100);       /* behind the table */
    put_descriptor(0x48, 0x00cf72000000ffff);               /* not present */
    expect_refused(cpu, R_ES, 0x4b, EXCP_NP, 0x48);
    g_assert_true(x86_move_to_segment(cpu, R_ES, 3));
    g_assert_cmphex(cpu->segs[R_ES].attributes, ==, 0);
    g_assert_true(x86_move_to_segment(cpu, R_FS, SEL_DATA3));
    g_assert_cmphex(get32(GDT + (SEL_DATA3 & ~7) + 4) & DESC_A_MASK, ==, DESC_A_MASK);
}

static void test_call_gate(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 3);
    put_descriptor(0x48, UINT64_C(0x0001ec0200086789));     /* 32-bit call gate, DPL 3, two parameters, to SEL_CODE0:0x16789 */
    put32(0x8000, 0x11);
    put32(0x8004, 0x22);
    g_assert_true(x86_far_call(cpu, 0x4b, 0, 4, 0x5007));
    g_assert_cmphex(cpu->pc, ==, 0x16789);
    g_assert_cmpint(x86_cpl(cpu), ==, 0);
    uint32_t expected[] = { 0x5007, SEL_CODE3, 0x11, 0x22, 0x8000, SEL_DATA3 };
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x9000 - sizeof(expected));
    g_assert_cmpmem(host(cpu->regs[R_ESP]), sizeof(expected), expected, sizeof(expected));
    g_assert_true(x86_far_return(cpu, 4, 8));
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x8008);
    g_assert_cmpint(x86_cpl(cpu), ==, 3);
}

static void test_stack_limits(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    put16(0x800 - 2, 0x1111);
    x86_load_segment(cpu, R_SS, SEL_DATA0, 0, 0x7ff, FLAT_DATA32);
    cpu->regs[R_ESP] = 0x800 - 4;
    g_assert_false(x86_far_return(cpu, 4, 0));      /* the second word lies behind the limit */
    g_assert_cmpint(cpu->exception, ==, EXCP_SS);
    cpu->exception = -1;
    x86_load_segment(cpu, R_SS, SEL_DATA0, 0, 0x7ff, FLAT_DATA32 | DESC_E_MASK);
    cpu->regs[R_ESP] = 0x808;
    g_assert_false(x86_far_call(cpu, SEL_CODE0, 0x100, 4, 0) && x86_far_call(cpu, SEL_CODE0, 0x100, 4, 0));
    g_assert_cmpint(cpu->exception, ==, EXCP_SS);
    g_assert_cmphex(cpu->regs[R_ESP], ==, 0x800);   /* the first call fitted */
}

static void test_task_switch(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_protected(cpu, 0);
    enum { NEW_TSS = 0x4000, SEL_NEW = 0x48 };
    put_descriptor(SEL_TSS, UINT64_C(0x00008b0030000067));
    put_descriptor(SEL_NEW, UINT64_C(0x0000890040000067));
    put32(NEW_TSS + 0x20, 0x6666);
    put32(NEW_TSS + 0x24, 2);
    put32(NEW_TSS + 0x28, 0xaaaaaaaa);
    put32(NEW_TSS + 0x38, 0x7000);
    uint16_t segs[] = { SEL_DATA0, SEL_CODE0, SEL_DATA0, SEL_DATA0, 0, 0 };
    for (unsigned i = 0; i < ARRAY_SIZE(segs); i++) {
        put16(NEW_TSS + 0x48 + 4 * i, segs[i]);
    }
    cpu->regs[R_EBX] = 0xbbbb;
    g_assert_true(x86_far_call(cpu, SEL_NEW, 0, 4, 0x5007));
    g_assert_cmpint(cpu->exception, ==, -1);
    g_assert_cmphex(cpu->pc, ==, 0x6666);
    g_assert_cmphex(cpu->regs[R_EAX], ==, 0xaaaaaaaa);
    g_assert_cmphex(cpu->tr.selector, ==, SEL_NEW);
    g_assert_cmphex(get32(TSS + 0x20), ==, 0x5007);
    g_assert_cmphex(get32(TSS + 0x34), ==, 0xbbbb);
    g_assert_cmphex(get32(NEW_TSS) & 0xffff, ==, SEL_TSS);
    g_assert_true(cpu->eflags & NT_MASK);
    g_assert_true(cpu->cr[0] & CR0_TS);
    g_assert_cmphex(get32(GDT + SEL_NEW + 4) & 0x200, ==, 0x200);
    g_assert_true(x86_iret(cpu, 4, 0x6667));
    g_assert_cmphex(cpu->pc, ==, 0x5007);
    g_assert_cmphex(cpu->regs[R_EBX], ==, 0xbbbb);
    g_assert_cmphex(get32(GDT + SEL_NEW + 4) & 0x200, ==, 0);
}

/* ---- the monitor's view; the lines are the reference's for the same tables ---- */

static void test_info(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    g_autoptr(GString) mem = g_string_new(""), tlb = g_string_new(""), registers = g_string_new("");
    x86_info_mem(&cpu->parent, mem);
    g_assert_cmpstr(mem->str, ==, "PG disabled\n");
    g_string_truncate(mem, 0);
    enter_long(cpu, 0);
    put64(TABLES + 8 * 511, (TABLES + 0x1000) | 3);
    put64(TABLES + 0x1000 + 8 * 510, (TABLES + 0x2000) | 3);
    put64(TABLES + 0x2008, 0x2001e3);
    put64(TABLES + 0x2010, 0x400085);
    for (unsigned i = 0; i < 512; i++) {
        put64(TABLES + 0x3000 + 8 * i, i < 256 ? (uint64_t)i << 12 | 3 : 0);
    }
    put64(TABLES + 0x3000 + 8 * 0x55, 0x55067);
    x86_info_mem(&cpu->parent, mem);
    g_assert_cmpstr(mem->str, ==,
                    "0000000000000000-0000000000055000 0000000000055000 -rw\n"
                    "0000000000055000-0000000000056000 0000000000001000 urw\n"
                    "0000000000056000-0000000000100000 00000000000aa000 -rw\n"
                    "0000000000200000-0000000000400000 0000000000200000 -rw\n"
                    "0000000000400000-0000000000600000 0000000000200000 ur-\n"
                    "0000007f80000000-0000007f80100000 0000000000100000 -rw\n"
                    "0000007f80200000-0000007f80400000 0000000000200000 -rw\n"
                    "0000007f80400000-0000007f80600000 0000000000200000 -r-\n"
                    "ffffff8000000000-ffffff8000100000 0000000000100000 -rw\n"
                    "ffffff8000200000-ffffff8000400000 0000000000200000 -rw\n"
                    "ffffff8000400000-ffffff8000600000 0000000000200000 -r-\n"
                    "ffffffff80000000-ffffffff80100000 0000000000100000 -rw\n"
                    "ffffffff80200000-ffffffff80400000 0000000000200000 -rw\n"
                    "ffffffff80400000-ffffffff80600000 0000000000200000 -r-\n");
    x86_info_tlb(&cpu->parent, tlb);
    g_assert_true(g_str_has_prefix(tlb->str, "0000000000000000: 0000000000000000 --------W\n"));
    g_assert_nonnull(strstr(tlb->str, "\n0000000000055000: 0000000000055000 ---DA--UW\n"));
    g_assert_nonnull(strstr(tlb->str, "\n0000000000200000: 0000000000200000 -GPDA---W\n"));
    g_assert_nonnull(strstr(tlb->str, "\n0000007f80400000: 0000000000400000 --P----U-\n"));
    cpu->regs[R_R15] = UINT64_C(0x1122334455667788);
    x86_dump_registers(&cpu->parent, registers, false);
    g_assert_nonnull(strstr(registers->str, "\nR12=0000000000000000 R13=0000000000000000 R14=0000000000000000 R15=1122334455667788\n"
                            "RIP=0000000000005000 RFL=00000202 [-------] CPL=0 II=0 A20=1 SMM=0 HLT=0\n"
                            "ES =0010 0000000000000000 ffffffff 00cf9300 DPL=0 DS   [-WA]\n"
                            "CS =0028 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]\n"));
}

static void test_debug_registers(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    cpu->dr[1] = 0x1234;
    cpu->dr[2] = 0x2000;
    cpu->dr[7] = 0x400 | 1u << 2 | 1u << 4 | 13u << 24;      /* DR1 executes, DR2 watches writes of four bytes */
    g_assert_false(x86_guest_breakpoint(&cpu->parent, BREAK_HW, 0x1235));
    g_assert_true(x86_guest_breakpoint(&cpu->parent, BREAK_HW, 0x1234));
    g_assert_cmpint(cpu->exception, ==, EXCP_DB);
    g_assert_cmphex(cpu->dr[6] & 15, ==, 2);
    g_assert_true(x86_guest_breakpoint(&cpu->parent, WATCH_WRITE, 0x2003));
    g_assert_cmphex(cpu->dr[6] & 15, ==, 4);
    g_assert_false(x86_guest_breakpoint(&cpu->parent, WATCH_WRITE, 0x2004));
    cpu->eflags |= RF_MASK;
    cpu->resume_pc = 0x1234;
    g_assert_false(x86_guest_breakpoint(&cpu->parent, BREAK_HW, 0x1234));
}

/* ---- system management mode ---- */

static void test_smm(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    enter_long(cpu, 3);
    cpu->smbase = 0x30000;
    cpu->regs[R_R15] = 0x1515;
    cpu->regs[R_EAX] = 0xaa;
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_SMI);
    g_assert_false(x86_interrupt(&cpu->parent));    /* nobody offers SMM: dropped */
    x86_set_smm_memory(&memory.memory_space);
    cpu_interrupt(&cpu->parent, CPU_INTERRUPT_SMI);
    g_assert_true(x86_interrupt(&cpu->parent));
    g_assert_cmpint(cpu->smm, ==, 1);
    g_assert_cmphex(cpu->segs[R_CS].base + cpu->pc, ==, 0x38000);
    g_assert_cmphex(cpu->cr[0] & (CR0_PE | CR0_PG), ==, 0);
    g_assert_cmphex(get32(0x3fefc), ==, 0x20064);
    g_assert_cmphex(get64(0x3fff8), ==, 0xaa);
    g_assert_cmphex(get64(0x3ff78), ==, 0x5000);
    put32(0x3ff00, 0xa0000);                        /* a new SMBASE */
    put64(0x3fff8, 0xbb);
    x86_leave_smm(cpu);
    g_assert_cmpint(cpu->smm, ==, 0);
    g_assert_cmphex(cpu->smbase, ==, 0xa0000);
    g_assert_cmphex(cpu->regs[R_EAX], ==, 0xbb);
    g_assert_cmphex(cpu->regs[R_R15], ==, 0x1515);
    g_assert_true(x86_long_mode(cpu));
    g_assert_cmpint(x86_cpl(cpu), ==, 3);
    g_assert_cmphex(cpu->pc, ==, 0x5000);
    x86_set_smm_memory(NULL);
}

/* ---- the model ---- */

static void test_cpuid(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(cpuid_cases); i++) {
        g_autofree X86Cpu *cpu = new_cpu();
        cpu->phys_bits = 0;
        const X86CpuModel *model = x86_cpu_models;
        while (strcmp(model->name, cpuid_cases[i].model)) {
            model++;
        }
        x86_apply_model(cpu, model);
        g_auto(GStrv) without = g_strsplit(cpuid_cases[i].without, " ", -1);
        for (char **name = without; *name; name++) {
            x86_feature_change(cpu->features, *name, false);
            x86_feature_change(cpu->user_features, *name, true);
        }
        cpu->nr_dies = cpuid_cases[i].dies;
        cpu->nr_cores = cpuid_cases[i].cores;
        cpu->nr_threads = cpuid_cases[i].threads;
        cpu->enforce = true;
        GError *err = NULL;
        x86_settle_model(cpu, &err);
        g_assert_no_error(err);
        cpu->apic_id = 0;
        for (unsigned j = 0; j < ARRAY_SIZE(cpuid_cases[i].leaves); j++) {
            uint32_t r[4];
            x86_cpuid(cpu, cpuid_cases[i].leaves[j].leaf, cpuid_cases[i].leaves[j].subleaf, &r[0], &r[1], &r[2], &r[3]);
            if (memcmp(r, cpuid_cases[i].leaves[j].registers, sizeof(r))) {
                const uint32_t *e = cpuid_cases[i].leaves[j].registers;
                g_test_message("%s leaf %x.%u: %08x %08x %08x %08x, expected %08x %08x %08x %08x", model->name, cpuid_cases[i].leaves[j].leaf,
                               cpuid_cases[i].leaves[j].subleaf, r[0], r[1], r[2], r[3], e[0], e[1], e[2], e[3]);
                g_test_fail();
            }
        }
    }
}

static void test_feature_names(void)
{
    uint64_t words[FEAT_WORD_COUNT] = { 0 };
    g_assert_true(x86_feature_change(words, "kvmclock", true));
    g_assert_cmphex(words[FEAT_KVM], ==, 9);             /* one name, two bits */
    g_assert_true(x86_feature_change(words, "sse4_1", true));
    g_assert_true(x86_feature_is_on(words, "sse4.1"));
    g_assert_false(x86_feature_change(words, "nonsense", true));
    /* The models name features only that there are. */
    for (unsigned i = 0; i < x86_nr_cpu_models; i++) {
        for (unsigned k = 0; k < 2; k++) {
            const char *text = k ? x86_cpu_models[i].off : x86_cpu_models[i].on;
            g_auto(GStrv) names = g_strsplit(text ? text : "", " ", -1);
            for (char **name = names; *name; name++) {
                g_assert_true(!**name || x86_feature_change(words, *name, true));
            }
        }
    }
}

static void test_eflags(void)
{
    g_autofree X86Cpu *cpu = new_cpu();
    for (uint32_t bits = 0; bits < 64; bits++) {
        uint32_t eflags = 2 | (bits & 1 ? CC_C : 0) | (bits & 2 ? CC_P : 0) | (bits & 4 ? CC_A : 0) | (bits & 8 ? CC_Z : 0)
            | (bits & 16 ? CC_O : 0) | (bits & 32 ? DF_MASK | IF_MASK : CC_S);
        x86_set_eflags(cpu, eflags);
        g_assert_cmphex(x86_get_eflags(cpu), ==, eflags);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    make_memory();
    g_test_add_func("/x86/mmu/accessed and dirty bits", test_accessed_and_dirty);
    g_test_add_func("/x86/mmu/rights and error codes", test_rights);
    g_test_add_func("/x86/mmu/protection keys", test_protection_keys);
    g_test_add_func("/x86/mmu/addresses that are not canonical", test_not_canonical);
    g_test_add_func("/x86/mmu/32-bit pages", test_32bit_pages);
    g_test_add_func("/x86/mmu/PAE pages", test_pae_pages);
    g_test_add_func("/x86/mmu/A20", test_a20);
    g_test_add_func("/x86/exceptions/real mode", test_real_mode_interrupt);
    g_test_add_func("/x86/exceptions/to an inner ring", test_protected_ring_change);
    g_test_add_func("/x86/exceptions/INT n asks the gate's DPL", test_software_interrupt_privilege);
    g_test_add_func("/x86/exceptions/double and triple fault", test_double_and_triple_fault);
    g_test_add_func("/x86/exceptions/long mode", test_long_mode);
    g_test_add_func("/x86/exceptions/hard interrupt", test_hard_interrupt);
    g_test_add_func("/x86/exceptions/virtual-8086", test_vm86);
    g_test_add_func("/x86/segments/checks", test_segment_checks);
    g_test_add_func("/x86/segments/call gate", test_call_gate);
    g_test_add_func("/x86/segments/stack limits", test_stack_limits);
    g_test_add_func("/x86/segments/task switch", test_task_switch);
    g_test_add_func("/x86/info registers, mem and tlb", test_info);
    g_test_add_func("/x86/debug registers", test_debug_registers);
    g_test_add_func("/x86/SMM saves and restores", test_smm);
    g_test_add_func("/x86/model/CPUID is the reference's", test_cpuid);
    g_test_add_func("/x86/model/feature names", test_feature_names);
    g_test_add_func("/x86/eflags", test_eflags);
    return g_test_run();
}
