/*
 * The toy architecture, and the executor's part for it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "toy.h"
#include <string.h>
#include <sys/mman.h>

enum { AREA_BYTES = 4 << 20, MAX_EXITS = 4096 };

static const TcgBackend *engines[2], *engine;
static CodeArea areas[2];
static size_t area_starts[2];
static unsigned nr_engines;
static TlbSet tlb;
static TlbRecord second;           /* all that the second level has */
enum { SECOND_TAG = 77 };
static JumpCell jump_cache[JUMP_CACHE_ENTRIES];
static UnitExit unit_exits[MAX_EXITS];
static uint8_t *memory;

/* ---- the architecture ---- */

#define REG(n) [TOY_R0 + (n)] = { .name = "r" #n, .type = IR_I64, .offset = offsetof(ToyCpu, regs[n]), .pin_priority = 1 + (n) }
#define WORD(n) [TOY_W0 + (n)] = { .name = "w" #n, .type = IR_I32, .offset = offsetof(ToyCpu, words[n]) }
#define VECTOR(n) \
    [TOY_X0 + (n)] = { .name = "x" #n, .type = IR_V128, .offset = offsetof(ToyCpu, vectors[n]), .overlap = 1 + (n) }, \
    [TOY_Y0 + (n)] = { .name = "y" #n, .type = IR_V256, .offset = offsetof(ToyCpu, vectors[n]), .overlap = 1 + (n) }

static const IrSlot slots[TOY_NR_SLOTS] = {
    REG(0), REG(1), REG(2), REG(3), REG(4), REG(5), REG(6), REG(7), WORD(0), WORD(1), WORD(2), WORD(3), VECTOR(0), VECTOR(1), VECTOR(2), VECTOR(3),
    [TOY_PC] = { .name = "pc", .type = IR_I64, .offset = offsetof(ToyCpu, pc) },
    [TOY_PC_BASE] = { .name = "pc_base", .type = IR_I64, .offset = offsetof(Cpu, hot) + offsetof(TcgHot, pc_base) },
    [TOY_FLAGS] = { .name = "flags", .type = IR_FLAGS, .offset = offsetof(ToyCpu, flags) },
    [15] = { .name = "none", .type = IR_I64, .offset = offsetof(ToyCpu, fault_address) },
};

static void raise_fault(Cpu *cpu, uint32_t reason)
{
    ((ToyCpu *)cpu)->fault = reason;
}

const TcgTarget toy_target = { .name = "toy", .slots = slots, .nr_slots = TOY_NR_SLOTS, .slot_pc = TOY_PC, .slot_pc_base = TOY_PC_BASE, .nr_privs = 2, .raise = raise_fault };

static uint64_t helper_pure(Cpu *cpu, uint64_t x, uint32_t y)
{
    return x * 3 + y;
}

static uint32_t helper_reader(Cpu *cpu, uint32_t x)
{
    return x + ((ToyCpu *)cpu)->regs[1];
}

static uint64_t helper_worker(Cpu *c, uint64_t x)
{
    ToyCpu *cpu = (ToyCpu *)c;
    if (x % 8 == 7) {
        cpu->fault = TOY_FAULT_HELPER;
        tcg_leave(c);
    }
    cpu->regs[2] += x;
    cpu->words[1] ^= (uint32_t)cpu->pc;
    cpu->vectors[0][3]++;
    return cpu->regs[3] + x;
}

IrHelper toy_pure = { .name = "pure", .function = helper_pure, .result = IR_I64, .nargs = 2, .args = { IR_I64, IR_I32 }, .flags = HELPER_PURE };
IrHelper toy_reader = { .name = "reader", .function = helper_reader, .result = IR_I32, .nargs = 1, .args = { IR_I32 }, .reads = { { 1 << (TOY_R0 + 1) } } };
IrHelper toy_worker = { .name = "worker", .function = helper_worker, .result = IR_I64, .nargs = 1, .args = { IR_I64 }, .flags = HELPER_FAULTS,
                        .writes = { { 1 << (TOY_R0 + 2) | 1 << (TOY_W0 + 1) | 1 << TOY_X0 } } };

/* ---- memory ---- */

bool toy_may_access(uint64_t address, unsigned size, bool write)
{
    uint64_t offset = address - TOY_MEMORY, end = write ? TOY_WRITABLE : TOY_READABLE;
    return offset < end && offset + size <= end;
}

uint8_t *toy_memory(ToyCpu *cpu)
{
    return memory;
}

static bool check(Cpu *c, uint64_t address, const IrMem *mem, bool write)
{
    ToyCpu *cpu = (ToyCpu *)c;
    bool unaligned = address & ((UINT64_C(1) << mem->align_log2) - 1);
    if (!unaligned && toy_may_access(address, 1u << mem->size_log2, write)) {
        uint64_t page = address & ~UINT64_C(0xfff);
        uint64_t addend = (uintptr_t)memory - TOY_MEMORY;
        bool writable = toy_may_access(page, 4096, true);
        if (address & 16) {
            tlb.entries[(address >> 12) % TLB_ENTRIES] = (TlbEntry){ .read = page, .write = writable ? page : TLB_INVALID, .read_addend = addend, .write_addend = addend };
        } else {
            second = (TlbRecord){ .read = page + SECOND_TAG, .write = writable ? page + SECOND_TAG : TLB_INVALID, .addend = addend, .write_turn = 1 };
        }
        return true;
    }
    cpu->fault = unaligned ? TOY_FAULT_UNALIGNED : TOY_FAULT_ACCESS;
    cpu->fault_address = address;
    return false;
}

static void reverse(void *p, unsigned size)
{
    uint8_t *bytes = p;
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t x = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = x;
    }
}

bool tcg_slow_access(Cpu *cpu, uint64_t address, const IrMem *mem, TcgAccess access, void *value)
{
    unsigned size = 1u << mem->size_log2;
    if (!check(cpu, address, mem, access == TCG_ACCESS_STORE || mem->will_write)) {
        return false;
    }
    uint8_t *at = memory + (address - TOY_MEMORY), bytes[32] = { 0 };
    if (access == TCG_ACCESS_STORE) {
        if (value) {
            memcpy(bytes, value, size);
            if (mem->big_endian) {
                reverse(bytes, size);
            }
            memcpy(at, bytes, size);
        }
        return true;
    }
    memcpy(bytes, at, size);
    if (mem->big_endian) {
        reverse(bytes, size);
    }
    if (mem->sign && size < 8 && bytes[size - 1] & 0x80) {
        memset(bytes + size, 0xff, 8 - size);
    }
    memcpy(value, bytes, MAX(size, 8));
    return true;
}

/* Here the bytes that are not wanted fault, too. */
bool tcg_slow_store_masked(Cpu *cpu, uint64_t address, const IrMem *mem, const void *value, uint32_t mask)
{
    if (!check(cpu, address, mem, true)) {
        return false;
    }
    for (unsigned i = 0; i < 1u << mem->size_log2; i++) {
        if (mask >> i & 1) {
            memory[address - TOY_MEMORY + i] = ((const uint8_t *)value)[i];
        }
    }
    return true;
}

bool tcg_slow_atomic(Cpu *cpu, uint64_t address, const IrMem *mem, int op, void *value)
{
    uint64_t (*v)[2] = value, old[2] = { 0, 0 }, x = v[1][0];
    unsigned size = 1u << mem->size_log2;
    if (!check(cpu, address, mem, true)) {
        return false;
    }
    uint8_t *at = memory + (address - TOY_MEMORY);
    memcpy(old, at, size);
    if (op < 0) {
        memcpy(at, memcmp(old, v[1], size) ? (void *)old : (void *)v[2], size);
    } else {
        const uint64_t results[] = { [IR_ATOMIC_XCHG] = x, [IR_ATOMIC_ADD] = old[0] + x, [IR_ATOMIC_AND] = old[0] & x, [IR_ATOMIC_OR] = old[0] | x,
                                     [IR_ATOMIC_XOR] = old[0] ^ x, [IR_ATOMIC_SUB] = old[0] - x };
        g_assert(op < (int)G_N_ELEMENTS(results));
        memcpy(at, &results[op], size);
    }
    memcpy(v[0], old, sizeof(old));
    return true;
}

const void *tcg_lookup_code(Cpu *cpu, uint64_t pc)
{
    return NULL;
}

const void *tcg_next_code(Cpu *cpu, TcgLeaveKind kind)
{
    return NULL;
}

void tcg_leave(Cpu *cpu)
{
    engine->leave(cpu, TCG_LEAVE_EXCEPTION);
}

/* ---- running ---- */

static void add_engine(const TcgBackend *backend)
{
    uint8_t *area = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_autoptr(GError) err = NULL;
    g_assert(area != MAP_FAILED);
    areas[nr_engines] = (CodeArea){ .write = area, .execute = area, .size = AREA_BYTES };
    if (!backend->init(&areas[nr_engines], &toy_target, &err)) {
        g_error("%s: %s", backend->name, err->message);
    }
    area_starts[nr_engines] = areas[nr_engines].used;
    engines[nr_engines++] = backend;
}

ToyCpu *toy_new(void)
{
    ToyCpu *cpu = aligned_alloc(64, (sizeof(ToyCpu) + 63) & ~(size_t)63);
    memset(cpu, 0, sizeof(*cpu));
    memory = g_malloc0(TOY_READABLE);
    add_engine(&tcg_backend_interp);
#ifdef __x86_64__
    add_engine(&tcg_backend_x86_64);
#endif
    return cpu;
}

unsigned toy_nr_engines(void)
{
    return nr_engines;
}

const char *toy_engine_name(unsigned n)
{
    return engines[n]->name;
}

static void set_up(Cpu *cpu)
{
    TcgHot *hot = tcg_hot(cpu);
    memset(tlb.entries, 0xff, sizeof(tlb.entries));
    tlb.tag = TLB_NO_TAG;
    tlb.global_tag = SECOND_TAG;
    second = (TlbRecord){ .read = TLB_INVALID, .write = TLB_INVALID };
    hot->second = &second;
    hot->write_turn = 1;
    for (unsigned i = 0; i < TCG_MAX_PRIVS; i++) {
        hot->tlb[i] = &tlb;
    }
    hot->jump_cache = jump_cache;
    hot->fetch_epoch = UINT64_C(0x5bd1e995f3a2c847);
    hot->pc_base = TOY_PAGE;
}

TcgLeaveKind toy_run(ToyCpu *cpu, const IrBlock *block, unsigned n, unsigned *exit)
{
    TcgUnit unit = { .exits = unit_exits, .nr_exits = block->nr_exits, .valid = true };
    UnitExit *left = NULL;
    engine = engines[n];
    g_assert(block->nr_exits <= MAX_EXITS);
    for (unsigned i = 0; i < block->nr_exits; i++) {
        const IrExit *e = &block->exits[i];
        unit_exits[i] = (UnitExit){ .unit = &unit, .number = i, .kind = e->kind, .same_page = e->same_page, .target = e->target };
    }
    areas[n].used = area_starts[n];
    if (engine->compile(block, &areas[n], &unit) != TCG_COMPILED) {
        return TOY_NOT_COMPILED;
    }
    set_up(&cpu->parent);
    TcgLeaveKind kind = engine->run(&cpu->parent, &unit, &left);
    *exit = kind == TCG_LEAVE_GOTO ? left->number : 0;
    engine->release(&unit);
    return kind;
}
