/*
 * The x87: registers, stack, status. While all exceptions are masked translated code has it on the host's x87 and the guest's instructions are the host's; C code takes it
 * back first (x86_x87_park). Where one is not masked there are helpers: the common case of each instruction runs on values (x87-host.h); where the stack faults or an
 * exception that is not masked comes up, the instruction is run again on the whole state.
 *
 * Intel SDM volume 1, chapter 8; volume 2 for the instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-x87.h"
#include "target/i386/internal.h"
#include "target/i386/tcg/translate.h"
#include "target/i386/tcg/x87-host.h"
#include <string.h>

#define X87(id, result_type, ...) \
    X86_HELPER_FULL(x86_ir_##id, x86_helper_##id, result_type, 0, SLOT_SET_X87, SLOT_SET_X87, __VA_ARGS__);
#define X87_MEMORY(id, ...) \
    X86_HELPER_FULL(x86_ir_##id, x86_helper_##id, IR_NONE, HELPER_FAULTS | HELPER_MEMORY, SLOTS_NONE, SLOT_SET_FPU_ALL, __VA_ARGS__);

#define X87_HOST(id, kind, result_type, ...) \
    IrHelper x86_ir_##id = { .name = "x86_helper_" #id, .function = x86_helper_##id, .result = result_type, .args = { __VA_ARGS__ }, .x87 = kind, \
                             .nargs = sizeof((IrType[]){ __VA_ARGS__ }) / sizeof(IrType), .reads = SLOT_SET_X87, .writes = SLOT_SET_X87 };

enum {
    FSW_IE = 1, FSW_UE = 0x10, FSW_OE = 8, FSW_FLAGS = 0x3f, FSW_SF = 0x40, FSW_STICKY = 0x7f, FSW_C0 = 0x100, FSW_C1 = 0x200, FSW_C2 = 0x400, FSW_C3 = 0x4000,
    FSW_CONDITIONS = FSW_C0 | FSW_C1 | FSW_C2 | FSW_C3, FSW_TOP = 0x3800,
    /* fpu_store_status: the fast path has the status; else the store is done again for its effects. */
    STORE_FAST = 0x10000,
};

/* ---- the stack ---- */

static unsigned physical(const X86Cpu *cpu, unsigned i)
{
    return (cpu->fpu_top + i) & 7;
}

static Float80 *st(X86Cpu *cpu, unsigned i)
{
    return &cpu->fpr[physical(cpu, i)];
}

static bool is_empty(const X86Cpu *cpu, unsigned i)
{
    return cpu->fpu_empty[physical(cpu, i)];
}

static void pop(X86Cpu *cpu)
{
    cpu->fpu_empty[cpu->fpu_top] = 1;
    cpu->fpu_top = (cpu->fpu_top + 1) & 7;
}

static void push(X86Cpu *cpu, const Float80 *value)
{
    cpu->fpu_top = (cpu->fpu_top - 1) & 7;
    cpu->fpu_empty[cpu->fpu_top] = 0;
    cpu->fpr[cpu->fpu_top] = *value;
}

/* Room for one more. */
static bool can_push(const X86Cpu *cpu)
{
    return is_empty(cpu, 7);
}

/* ---- status ---- */

/*
 * status := what a function of x87-host.h gives under a control word. Flags that the guest has already may be left over in the host's status: they change nothing. Where a
 * flag shows that the guest has not, it is computed once more with a clean status, to tell whose it is.
 */
#define COMPUTE(status, control, expression) \
    do { \
        x87_enter(control); \
        status = (expression); \
        if (status & FSW_FLAGS & ~cpu->fpu_status) { \
            x87_clear_host(); \
            status = (expression); \
        } \
        x87_leave(control); \
    } while (0)

/* An exception that is not masked: what the fast path did does not count. Underflow is told by tiny results that are exact only where it is not masked. */
static bool is_unmasked(const X86Cpu *cpu, uint16_t status)
{
    return (status | FSW_UE) & FSW_FLAGS & ~cpu->fpu_control;
}

static void merge(X86Cpu *cpu, uint16_t status, uint16_t conditions)
{
    cpu->fpu_status = (cpu->fpu_status & ~conditions) | (status & (conditions | FSW_FLAGS));
}

/* ---- the whole state on the host ---- */

static void run_image(const X86Cpu *cpu, X87Image *image, const void *stub, void *operand, uint64_t *flags)
{
    *image = (X87Image){ .control = cpu->fpu_control, .pad0 = 0xffff, .pad1 = 0xffff, .pad2 = 0xffff,
                         .status = (cpu->fpu_status & FSW_CONDITIONS) | cpu->fpu_top << 11 };
    for (int i = 0; i < 8; i++) {
        image->tags |= (cpu->fpu_empty[i] ? 3 : 0) << 2 * i;
        memcpy(image->st[i], cpu->fpr[physical(cpu, i)].bytes, 10);
    }
    x87_run(image, stub, operand, flags);
}

static void take_image(X86Cpu *cpu, const X87Image *image)
{
    cpu->fpu_status = (cpu->fpu_status & FSW_STICKY) | (image->status & (FSW_CONDITIONS | FSW_STICKY));
    cpu->fpu_top = image->status >> 11 & 7;
    for (int i = 0; i < 8; i++) {
        cpu->fpu_empty[i] = (image->tags >> 2 * i & 3) == 3;
        memcpy(cpu->fpr[physical(cpu, i)].bytes, image->st[i], 10);
    }
    x86_fpu_update(cpu);
}

static uint64_t run_whole(X86Cpu *cpu, const void *stub, void *operand, uint64_t flags)
{
    X87Image image;
    run_image(cpu, &image, stub, operand, &flags);
    take_image(cpu, &image);
    return flags;
}

static uint64_t run_register(X86Cpu *cpu, uint32_t number, uint64_t flags)
{
    return run_whole(cpu, x87_stub_register(number), NULL, flags);
}

static void run_memory(X86Cpu *cpu, uint32_t number, uint64_t low, uint16_t high)
{
    uint8_t operand[16];
    store_le64(operand, low);
    store_le16(operand + 8, high);
    run_whole(cpu, x87_stub_memory(number), operand, 0);
}

/* ---- on the host's x87 ---- */

enum { FSW_ES = 0x80, FSW_B = 0x8000, HOST_TURNS = 8 };

void x86_x87_enter_host(X86Cpu *cpu)
{
    if (!cpu->fpu_wanted || cpu->fpu_on_host || (~cpu->fpu_control & FSW_FLAGS)) {
        return;
    }
    X87Image image = { .control = cpu->fpu_control, .pad0 = 0xffff, .pad1 = 0xffff, .pad2 = 0xffff,
                       .status = (cpu->fpu_status & ~(FSW_TOP | FSW_ES | FSW_B)) | cpu->fpu_top << 11 };
    for (int i = 0; i < 8; i++) {
        image.tags |= (cpu->fpu_empty[i] ? 3 : 0) << 2 * i;
        memcpy(image.st[i], cpu->fpr[physical(cpu, i)].bytes, 10);
    }
    __asm__ volatile("frstor %0" : : "m"(image));
    cpu->fpu_wanted--;
    cpu->fpu_on_host = 1;
}

void x86_x87_park(X86Cpu *cpu)
{
    if (!cpu->fpu_on_host) {
        return;
    }
    X87Image image;
    __asm__ volatile("fnsave %0" : "=m"(image));
    cpu->fpu_on_host = 0;
    cpu->fpu_control = (image.control & 0x1f3f) | 0x40;
    cpu->fpu_status = image.status & ~(FSW_TOP | FSW_ES | FSW_B);
    cpu->fpu_top = image.status >> 11 & 7;
    for (int i = 0; i < 8; i++) {
        cpu->fpu_empty[i] = (image.tags >> 2 * i & 3) == 3;
        memcpy(cpu->fpr[physical(cpu, i)].bytes, image.st[i], 10);
    }
}

void x86_x87_move(X86Cpu *cpu, uint32_t reason)
{
    x86_x87_park(cpu);
    cpu->fpu_wanted = reason == X86_FAULT_X87_ENTER ? HOST_TURNS : 0;
    cpu->fpu_helped |= reason == X86_FAULT_X87_HELPED;
}

/* ---- arithmetic ---- */

typedef uint16_t BinaryFn(Float80 *r, const Float80 *x, const Float80 *y);
typedef uint16_t MemoryFn(Float80 *r, const Float80 *x, const void *m);
typedef uint16_t CompareMemoryFn(const Float80 *x, const void *m);
typedef uint16_t UnaryFn(Float80 *r, const Float80 *x);
typedef uint16_t NullaryFn(Float80 *r);
typedef uint16_t LoadFn(Float80 *r, const void *m);
typedef uint16_t StoreFn(void *m, const Float80 *x);

/* D8, DC, DE: ST op ST(i), to ST or ST(i). */
static void x86_helper_x87_arith(Cpu *c, uint32_t number)
{
    static BinaryFn *const ops[8] = { x87_add, x87_mul, NULL, NULL, x87_sub, x87_subr, x87_div, x87_divr };
    X86Cpu *cpu = X86_CPU(c);
    unsigned i = number & 7, opcode = number >> 6;
    if (!is_empty(cpu, 0) && !is_empty(cpu, i)) {
        Float80 r;
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, ops[number >> 3 & 7](&r, st(cpu, 0), st(cpu, i)));
        if (!is_unmasked(cpu, status)) {
            *st(cpu, opcode ? i : 0) = r;
            merge(cpu, status, FSW_C1);
            if (opcode == 6) {
                pop(cpu);
            }
            return;
        }
    }
    run_register(cpu, number, 0);
}

/* D8 (m32fp), DA (m32int), DC (m64fp), DE (m16int). */
static void x86_helper_x87_arith_m(Cpu *c, uint32_t number, uint64_t value)
{
#define ROW(suffix) { x87_add_##suffix, x87_mul_##suffix, NULL, NULL, x87_sub_##suffix, x87_subr_##suffix, x87_div_##suffix, x87_divr_##suffix }
    static MemoryFn *const ops[4][8] = { ROW(f32), ROW(i32), ROW(f64), ROW(i16) };
#undef ROW
    X86Cpu *cpu = X86_CPU(c);
    if (!is_empty(cpu, 0)) {
        Float80 r;
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, ops[number >> 4][number & 7](&r, st(cpu, 0), &value));
        if (!is_unmasked(cpu, status)) {
            *st(cpu, 0) = r;
            merge(cpu, status, FSW_C1);
            return;
        }
    }
    run_memory(cpu, number, value, 0);
}

/* D9 E0 (FCHS), E1 (FABS). */
static void x86_helper_x87_sign(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    if (is_empty(cpu, 0)) {
        run_register(cpu, number, 0);
        return;
    }
    uint8_t *top = &st(cpu, 0)->bytes[9];
    *top = number & 1 ? *top & 0x7f : *top ^ 0x80;
    cpu->fpu_status &= ~FSW_C1;
}

/* D9 F0, FA, FC, FE, FF. */
static void x86_helper_x87_unary(Cpu *c, uint32_t number)
{
    static UnaryFn *const ops[16] = { [0] = x87_2xm1, [10] = x87_sqrt, [12] = x87_round, [14] = x87_sin, [15] = x87_cos };
    X86Cpu *cpu = X86_CPU(c);
    unsigned n = number & 15;
    if (!is_empty(cpu, 0)) {
        Float80 r;
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, ops[n](&r, st(cpu, 0)));
        if (!is_unmasked(cpu, status)) {
            *st(cpu, 0) = r;
            merge(cpu, status, n >= 14 ? FSW_C1 | FSW_C2 : FSW_C1);
            return;
        }
    }
    run_register(cpu, number, 0);
}

/* D9 F1, F3, F5, F8, F9, FD. */
static void x86_helper_x87_binary(Cpu *c, uint32_t number)
{
    static const struct { BinaryFn *op; bool pops; uint16_t conditions; } ops[16] = {
        [1] = { x87_yl2x, true, FSW_C1 }, [3] = { x87_patan, true, FSW_C1 }, [5] = { x87_prem1, false, FSW_CONDITIONS },
        [8] = { x87_prem, false, FSW_CONDITIONS }, [9] = { x87_yl2xp1, true, FSW_C1 }, [13] = { x87_scale, false, FSW_C1 },
    };
    X86Cpu *cpu = X86_CPU(c);
    unsigned n = number & 15;
    if (!is_empty(cpu, 0) && !is_empty(cpu, 1)) {
        Float80 r;
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, ops[n].op(&r, st(cpu, 0), st(cpu, 1)));
        /* Invalid operands and NaNs leave the conditions of FPREM as they were. */
        bool unsure = ops[n].conditions == FSW_CONDITIONS && ((status & FSW_IE) || (load_le16(r.bytes + 8) & 0x7fff) == 0x7fff);
        if (!unsure && !is_unmasked(cpu, status)) {
            *st(cpu, ops[n].pops) = r;
            merge(cpu, status, ops[n].conditions);
            if (ops[n].pops) {
                pop(cpu);
            }
            return;
        }
    }
    run_register(cpu, number, 0);
}

static void x86_helper_x87_other(Cpu *c, uint32_t number)
{
    run_register(X86_CPU(c), number, 0);
}

/* ---- comparison ---- */

/* How many values a comparison pops: D8 D8, DA E9, DB, DC D8, DD E8, DE D0, DE D9, DF E8, DF F0. */
static unsigned compare_pops(unsigned opcode, unsigned row)
{
    switch (opcode) {
    case 0:
    case 4:
        return row == 3;
    case 2:
        return 2;
    case 5:
        return row == 5;
    case 6:
        return row == 3 ? 2 : 1;
    case 7:
        return 1;
    default:
        return 0;
    }
}

static uint32_t x86_helper_x87_compare(Cpu *c, uint32_t number, uint32_t eflags)
{
    X86Cpu *cpu = X86_CPU(c);
    unsigned i = number & 7, row = number >> 3 & 7, opcode = number >> 6;
    bool to_flags = (opcode == 3 || opcode == 7) && (row == 5 || row == 6), quiet = (to_flags && row == 5) || opcode == 2 || opcode == 5;
    if (!is_empty(cpu, 0) && !is_empty(cpu, i)) {
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, quiet ? x87_compare_quiet(st(cpu, 0), st(cpu, i)) : x87_compare(st(cpu, 0), st(cpu, i)));
        if (!is_unmasked(cpu, status)) {
            merge(cpu, status, to_flags ? 0 : FSW_CONDITIONS);
            cpu->fpu_status &= ~FSW_C1;
            for (unsigned n = compare_pops(opcode, row); n; n--) {
                pop(cpu);
            }
            return (status & FSW_C3 ? CC_Z : 0) | (status & FSW_C2 ? CC_P : 0) | (status & FSW_C0 ? CC_C : 0);
        }
    }
    return run_register(cpu, number, eflags & CC_ALL);
}

static void x86_helper_x87_compare_m(Cpu *c, uint32_t number, uint64_t value)
{
    static CompareMemoryFn *const ops[4] = { x87_compare_f32, x87_compare_i32, x87_compare_f64, x87_compare_i16 };
    X86Cpu *cpu = X86_CPU(c);
    if (!is_empty(cpu, 0)) {
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, ops[number >> 4](st(cpu, 0), &value));
        if (!is_unmasked(cpu, status)) {
            merge(cpu, status, FSW_CONDITIONS);
            if (number & 1) {
                pop(cpu);
            }
            return;
        }
    }
    run_memory(cpu, number, value, 0);
}

/* D9 E4 (FTST), E5 (FXAM). */
static void x86_helper_x87_inspect(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    if (!is_empty(cpu, 0)) {
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, number & 1 ? x87_examine(st(cpu, 0)) : x87_test(st(cpu, 0)));
        if (!is_unmasked(cpu, status)) {
            merge(cpu, status, FSW_CONDITIONS);
            return;
        }
    }
    run_register(cpu, number, 0);
}

/* ---- loads ---- */

static LoadFn *load_function(uint32_t number)
{
    switch (number) {
    case 1 << 3:
        return x87_load_f32;
    case 3 << 3:
        return x87_load_i32;
    case 5 << 3:
        return x87_load_f64;
    case 7 << 3:
        return x87_load_i16;
    default:
        return x87_load_i64;
    }
}

static void x86_helper_x87_load_m(Cpu *c, uint32_t number, uint64_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    if (can_push(cpu)) {
        Float80 r;
        uint16_t status;
        COMPUTE(status, X87_HOST_CONTROL, load_function(number)(&r, &value));
        if (!is_unmasked(cpu, status)) {
            push(cpu, &r);
            merge(cpu, status, FSW_C1);
            return;
        }
    }
    run_memory(cpu, number, value, 0);
}

static void x86_helper_x87_load_m80(Cpu *c, uint32_t number, uint64_t low, uint32_t high)
{
    X86Cpu *cpu = X86_CPU(c);
    if (number == (3 << 3 | 5) && can_push(cpu)) {
        Float80 r;
        store_le64(r.bytes, low);
        store_le16(r.bytes + 8, high);
        push(cpu, &r);
        cpu->fpu_status &= ~FSW_C1;
        return;
    }
    run_memory(cpu, number, low, high);
}

static void x86_helper_x87_load_st(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    if (can_push(cpu) && !is_empty(cpu, number & 7)) {
        Float80 x = *st(cpu, number & 7);
        push(cpu, &x);
        cpu->fpu_status &= ~FSW_C1;
        return;
    }
    run_register(cpu, number, 0);
}

/* D9 E8 to EE. */
static void x86_helper_x87_constant(Cpu *c, uint32_t number)
{
    static NullaryFn *const ops[8] = { x87_one, x87_l2t, x87_l2e, x87_pi, x87_lg2, x87_ln2, x87_zero, NULL };
    X86Cpu *cpu = X86_CPU(c);
    if (!can_push(cpu)) {
        run_register(cpu, number, 0);
        return;
    }
    Float80 r;
    uint16_t status;
    COMPUTE(status, cpu->fpu_control, ops[number & 7](&r));
    push(cpu, &r);
    merge(cpu, status & FSW_C1, FSW_C1);
}

static void x86_helper_x87_exchange(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    unsigned i = number & 7;
    if (is_empty(cpu, 0) || is_empty(cpu, i)) {
        run_register(cpu, number, 0);
        return;
    }
    Float80 x = *st(cpu, 0);
    *st(cpu, 0) = *st(cpu, i);
    *st(cpu, i) = x;
    cpu->fpu_status &= ~FSW_C1;
}

/* ---- stores ---- */

/* DD D0 (FST), DD D8 (FSTP). */
static void x86_helper_x87_store_st(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    unsigned i = number & 7;
    if (is_empty(cpu, 0)) {
        run_register(cpu, number, 0);
        return;
    }
    *st(cpu, i) = *st(cpu, 0);
    cpu->fpu_empty[physical(cpu, i)] = 0;
    cpu->fpu_status &= ~FSW_C1;
    if (number & 8) {
        pop(cpu);
    }
}

/* By number / 8 (D9, DB, DD, DF) and ModRM.reg. */
static StoreFn *store_function(uint32_t number)
{
    static StoreFn *const ops[4][4] = {
        { NULL, NULL, x87_store_f32, x87_store_f32 }, { NULL, x87_truncate_i32, x87_store_i32, x87_store_i32 },
        { NULL, x87_truncate_i64, x87_store_f64, x87_store_f64 }, { NULL, x87_truncate_i16, x87_store_i16, x87_store_i16 },
    };
    unsigned reg = number & 7;
    return reg == 7 ? x87_store_i64 : ops[number >> 4][reg];
}

/* DB /7 (FSTP m80), DF /6 (FBSTP). */
static bool is_store_m80(uint32_t number)
{
    return number == (3 << 3 | 7) || number == (7 << 3 | 6);
}

static bool store_pops(uint32_t number)
{
    return (number & 7) != 2;
}

static void store_whole(const X86Cpu *cpu, uint32_t number, X87Image *image, uint8_t operand[16])
{
    uint64_t flags = 0;
    memset(operand, 0, 16);
    run_image(cpu, image, x87_stub_memory(number), operand, &flags);
}

static uint64_t x86_helper_x87_store_m(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->fpu_no_store = 0;
    if (!is_empty(cpu, 0) && !is_store_m80(number)) {
        uint64_t value = 0;
        uint16_t status;
        COMPUTE(status, cpu->fpu_control, store_function(number)(&value, st(cpu, 0)));
        if (!is_unmasked(cpu, status)) {
            cpu->fpu_store_status = status | STORE_FAST;
            return value;
        }
    } else if (!is_empty(cpu, 0) && number == (3 << 3 | 7)) {
        cpu->fpu_store_status = STORE_FAST;
        cpu->fpu_store_high = load_le16(st(cpu, 0)->bytes + 8);
        return load_le64(st(cpu, 0)->bytes);
    }
    X87Image image;
    uint8_t operand[16];
    store_whole(cpu, number, &image, operand);
    cpu->fpu_no_store = !!(image.status & ~cpu->fpu_control & (FSW_IE | FSW_OE | FSW_UE));
    cpu->fpu_store_status = 0;
    cpu->fpu_store_high = load_le16(operand + 8);
    return load_le64(operand);
}

static uint32_t x86_helper_x87_store_high(Cpu *c)
{
    return X86_CPU(c)->fpu_store_high;
}

static void x86_helper_x87_store_done(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    if (cpu->fpu_store_status & STORE_FAST) {
        merge(cpu, cpu->fpu_store_status & 0xffff, FSW_C1);
        if (store_pops(number)) {
            pop(cpu);
        }
        return;
    }
    X87Image image;
    uint8_t operand[16];
    store_whole(cpu, number, &image, operand);
    take_image(cpu, &image);
}

void x86_x87_no_store(X86Cpu *cpu, unsigned number)
{
    cpu->fpu_store_status = 0;
    x86_helper_x87_store_done(&cpu->parent, number);
}

/* ---- FCMOVcc ---- */

static void x86_helper_x87_move_if(Cpu *c, uint32_t number, uint32_t eflags)
{
    run_register(X86_CPU(c), number, eflags & CC_ALL);
}

/* ---- status and control ---- */

static uint32_t x86_helper_x87_read_status(Cpu *c)
{
    const X86Cpu *cpu = X86_CPU(c);
    return (cpu->fpu_status & ~FSW_TOP) | cpu->fpu_top << 11;
}

static uint32_t x86_helper_x87_read_control(Cpu *c)
{
    return X86_CPU(c)->fpu_control;
}

static void x86_helper_x87_write_control(Cpu *c, uint32_t value)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->fpu_control = (value & 0x1f3f) | 0x40;
    x86_fpu_update(cpu);
}

static void x86_helper_x87_clear(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    cpu->fpu_status &= ~FSW_STICKY;
    x86_fpu_update(cpu);
}

static void x86_helper_x87_init(Cpu *c)
{
    x86_fpu_init(X86_CPU(c));
}

void x86_x87_raise(X86Cpu *cpu)
{
    if (cpu->cr[0] & CR0_NE) {
        x86_record_exception(cpu, EXCP_MF);
    } else {
        x86_fpu_raise_error(cpu);
    }
}

/* ---- environments: FNSTENV, FLDENV, FNSAVE, FRSTOR ---- */

/* The pointers in the four forms; at: behind the three words of control, status and tags. */
static void put_pointers(const X86Cpu *cpu, uint32_t form, uint8_t *at)
{
    uint32_t ip = cpu->fpu_ip, dp = cpu->fpu_dp;
    switch (form & (X87_ENV_32 | X87_ENV_REAL)) {
    case X87_ENV_32:
        store_le32(at, ip);
        store_le32(at + 4, (cpu->fpu_cs & 0xffff) | cpu->fpu_opcode << 16);
        store_le32(at + 8, dp);
        store_le32(at + 12, (cpu->fpu_ds & 0xffff) | 0xffff0000);
        break;
    case X87_ENV_32 | X87_ENV_REAL:
        ip += (cpu->fpu_cs & 0xffff) << 4;
        dp += (cpu->fpu_ds & 0xffff) << 4;
        store_le32(at, ip | 0xffff0000);
        store_le32(at + 4, ip >> 16 << 12 | cpu->fpu_opcode);
        store_le32(at + 8, dp | 0xffff0000);
        store_le32(at + 12, dp >> 16 << 12);
        break;
    case 0:
        store_le16(at, ip);
        store_le16(at + 2, cpu->fpu_cs);
        store_le16(at + 4, dp);
        store_le16(at + 6, cpu->fpu_ds);
        break;
    default:
        ip += (cpu->fpu_cs & 0xffff) << 4;
        dp += (cpu->fpu_ds & 0xffff) << 4;
        store_le16(at, ip);
        store_le16(at + 2, ip >> 16 << 12 | cpu->fpu_opcode);
        store_le16(at + 4, dp);
        store_le16(at + 6, dp >> 16 << 12);
        break;
    }
}

static void take_pointers(X86Cpu *cpu, uint32_t form, const uint8_t *at)
{
    switch (form & (X87_ENV_32 | X87_ENV_REAL)) {
    case X87_ENV_32:
        cpu->fpu_ip = load_le32(at);
        cpu->fpu_cs = load_le16(at + 4);
        cpu->fpu_opcode = load_le16(at + 6) & 0x7ff;
        cpu->fpu_dp = load_le32(at + 8);
        cpu->fpu_ds = load_le16(at + 12);
        break;
    case X87_ENV_32 | X87_ENV_REAL:
        cpu->fpu_ip = load_le16(at) | (load_le32(at + 4) >> 12 & 0xffff) << 16;
        cpu->fpu_opcode = load_le32(at + 4) & 0x7ff;
        cpu->fpu_dp = load_le16(at + 8) | (load_le32(at + 12) >> 12 & 0xffff) << 16;
        cpu->fpu_cs = cpu->fpu_ds = 0;
        break;
    case 0:
        cpu->fpu_ip = load_le16(at);
        cpu->fpu_cs = load_le16(at + 2);
        cpu->fpu_dp = load_le16(at + 4);
        cpu->fpu_ds = load_le16(at + 6);
        break;
    default:
        cpu->fpu_ip = load_le16(at) | load_le16(at + 2) >> 12 << 16;
        cpu->fpu_opcode = load_le16(at + 2) & 0x7ff;
        cpu->fpu_dp = load_le16(at + 4) | load_le16(at + 6) >> 12 << 16;
        cpu->fpu_cs = cpu->fpu_ds = 0;
        break;
    }
}

static unsigned env_bytes(uint32_t form)
{
    return form & X87_ENV_32 ? 28 : 14;
}

static void x86_helper_x87_save_env(Cpu *c, uint32_t form, uint64_t address)
{
    X86Cpu *cpu = X86_CPU(c);
    uint8_t image[108];
    unsigned bytes = env_bytes(form), step = form & X87_ENV_32 ? 4 : 2;
    x86_x87_park(cpu);
    const uint16_t words[3] = { cpu->fpu_control, x86_helper_x87_read_status(c), x86_fpu_tag_full(cpu) };
    memset(image, 0xff, sizeof(image));
    for (int i = 0; i < 3; i++) {
        store_le16(image + i * step, words[i]);
    }
    put_pointers(cpu, form, image + 3 * step);
    for (int i = 0; (form & X87_ENV_REGISTERS) && i < 8; i++) {
        memcpy(image + bytes + 10 * i, st(cpu, i)->bytes, 10);
    }
    x86_or_leave(cpu, tcg_write_bytes(c, address, image, bytes + (form & X87_ENV_REGISTERS ? 80 : 0), x86_priv(cpu)));
    if (form & X87_ENV_REGISTERS) {
        x86_fpu_init(cpu);
    } else {
        cpu->fpu_control |= FSW_FLAGS;
        x86_fpu_update(cpu);
    }
}

static void x86_helper_x87_load_env(Cpu *c, uint32_t form, uint64_t address)
{
    X86Cpu *cpu = X86_CPU(c);
    uint8_t image[108];
    unsigned bytes = env_bytes(form), step = form & X87_ENV_32 ? 4 : 2;
    x86_x87_park(cpu);
    x86_or_leave(cpu, tcg_read_bytes(c, address, image, bytes + (form & X87_ENV_REGISTERS ? 80 : 0), x86_priv(cpu)));
    uint16_t status = load_le16(image + step), tags = load_le16(image + 2 * step);
    cpu->fpu_control = (load_le16(image) & 0x1f3f) | 0x40;
    cpu->fpu_status = status & ~FSW_TOP;
    cpu->fpu_top = status >> 11 & 7;
    take_pointers(cpu, form, image + 3 * step);
    for (int i = 0; i < 8; i++) {
        cpu->fpu_empty[i] = (tags >> 2 * i & 3) == 3;
        if (form & X87_ENV_REGISTERS) {
            memcpy(st(cpu, i)->bytes, image + bytes + 10 * i, 10);
        }
    }
    x86_fpu_update(cpu);
}

/* ---- what back ends do themselves, for those that do not ---- */

static void x86_helper_x87_host_op(Cpu *c, uint32_t number)
{
    enum { FNCLEX = 3 << 6 | 0x22, FNINIT = 3 << 6 | 0x23 };
    X86Cpu *cpu = X86_CPU(c);
    x86_x87_park(cpu);
    if (number == FNCLEX) {
        x86_helper_x87_clear(c);
    } else if (number == FNINIT) {
        x86_fpu_init(cpu);
    } else {
        run_register(cpu, number, 0);
    }
}

static void x86_helper_x87_host_load(Cpu *c, uint32_t number, uint64_t value)
{
    x86_x87_park(X86_CPU(c));
    run_memory(X86_CPU(c), number, value, 0);
}

static void x86_helper_x87_host_load80(Cpu *c, uint32_t number, uint64_t low, uint32_t high)
{
    x86_x87_park(X86_CPU(c));
    run_memory(X86_CPU(c), number, low, high);
}

static uint64_t x86_helper_x87_host_store(Cpu *c, uint32_t number)
{
    X86Cpu *cpu = X86_CPU(c);
    X87Image image;
    uint8_t operand[16];
    x86_x87_park(cpu);
    store_whole(cpu, number, &image, operand);
    take_image(cpu, &image);
    cpu->fpu_store_high = load_le16(operand + 8);
    return load_le64(operand);
}

static uint32_t x86_helper_x87_host_store_high(Cpu *c)
{
    return X86_CPU(c)->fpu_store_high;
}

static uint32_t x86_helper_x87_host_compare(Cpu *c, uint32_t number)
{
    x86_x87_park(X86_CPU(c));
    uint64_t eflags = run_register(X86_CPU(c), number, 0);
    return FLAGS_ONE | (eflags & (CC_C | CC_P | CC_A | CC_Z | CC_S)) << 8 | (eflags & CC_O ? FLAGS_OF : 0);
}

static void x86_helper_x87_host_move_if(Cpu *c, uint32_t number, uint32_t flags)
{
    x86_x87_park(X86_CPU(c));
    run_register(X86_CPU(c), number, (flags >> 8 & (CC_C | CC_P | CC_A | CC_Z | CC_S)) | (flags & FLAGS_OF ? CC_O : 0));
}

static uint32_t x86_helper_x87_host_status(Cpu *c)
{
    x86_x87_park(X86_CPU(c));
    return x86_helper_x87_read_status(c);
}

static uint32_t x86_helper_x87_host_control(Cpu *c)
{
    x86_x87_park(X86_CPU(c));
    return x86_helper_x87_read_control(c);
}

static void x86_helper_x87_host_set_control(Cpu *c, uint32_t value)
{
    x86_x87_park(X86_CPU(c));
    x86_helper_x87_write_control(c, value);
}

#include "target/i386/tcg/helpers-x87.def"
