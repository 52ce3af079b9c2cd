/*
 * The builder: what it folds, numbers, drops and says of slots, as text before and after; and random blocks, whose values are known while they are built, run by every
 * back end.
 *
 *   test-ir --fuzz SECONDS [SEED]      random blocks for so long
 *   test-ir --text TEXT                what becomes of a block
 *   test-ir --host-features BITS ...   the same as if the host had these alone (HOST_* of x64.h)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#ifdef __x86_64__
#include "tcg/x86_64/x64.h"
#endif
#include <stdlib.h>
#include <string.h>

typedef struct Golden { const char *name, *before, *after; } Golden;

static const Golden goldens[] = {
#include "golden.inc"
};

static void check_verified(const IrBlock *block)
{
    g_autofree char *fault = ir_verify(block);
    g_assert_cmpstr(fault, ==, NULL);
}

/* What the builder makes of a block, as text without the line of the instruction's start. */
static char *built(const char *before)
{
    IrBuilder *b = ir_builder_new(&toy_target);
    g_autoptr(GError) err = NULL;
    g_autoptr(GString) text = g_string_new(NULL);
    ir_begin(b, 64, 64);
    ir_insn_start(b, 0, 0);
    bool ok = ir_parse(b, before, &err);
    g_assert_no_error(err);
    g_assert_true(ok);
    const IrBlock *block = ir_finish(b);
    check_verified(block);
    ir_print(block, text);
    ir_builder_free(b);
    return g_strdup(strchr(text->str, '\n') + 1);
}

static void test_golden(const void *data)
{
    const Golden *g = data;
    g_autofree char *after = built(g->before);
    g_assert_cmpstr(after, ==, g->after);
}

/* ---- what text cannot say ---- */

static void test_helper_effects(void)
{
    IrBuilder *b = ir_builder_new(&toy_target);
    g_autoptr(GString) text = g_string_new(NULL);
    ir_begin(b, 64, 64);
    ir_insn_start(b, 0x10, 0);
    IrRef one = ir_const(b, IR_I64, 1);
    ir_write(b, TOY_R0 + 1, one);
    ir_write(b, TOY_R0 + 4, one);
    ir_insn_start(b, 0x14, 0);
    /* A pure one that nobody wants goes; one that reads r1 has it stored; one that faults everything, and the program counter. */
    ir_calln(b, &toy_pure, one, ir_const(b, IR_I32, 2));
    ir_calln(b, &toy_reader, ir_const(b, IR_I32, 2));
    ir_calln(b, &toy_worker, ir_read(b, TOY_R0 + 2));
    ir_insn_start(b, 0x18, 0);
    ir_write(b, TOY_R0, ir_read(b, TOY_R0 + 2));
    ir_exit_goto(b, 0x20);
    const IrBlock *block = ir_finish(b);
    check_verified(block);
    ir_print(block, text);
    g_assert_cmpstr(text->str, ==,
                    "INSN_START 0x10\n"
                    "INSN_START 0x14\n"
                    "SLOT_STORE $r1, i64:0x1\n"
                    "%5:i32 = CALL reader(i32:0x2)\n"
                    "%6:i64 = SLOT_READ $r2\n"
                    "SLOT_STORE $r4, i64:0x1\n"
                    "%8:i64 = SLOT_READ $pc_base\n"
                    "%9:i64 = ADD %8, i64:0x14\n"
                    "SLOT_STORE $pc, %9\n"
                    "%11:i64 = CALL worker(%6)\n"
                    "INSN_START 0x18\n"
                    "%13:i64 = SLOT_READ $r2\n"
                    "EXIT goto 0x20 {$r0=%13}\n");
    ir_builder_free(b);
}

static void test_rewind(void)
{
    IrBuilder *b = ir_builder_new(&toy_target);
    g_autoptr(GString) first = g_string_new(NULL), second = g_string_new(NULL);
    for (int round = 0; round < 2; round++) {
        ir_begin(b, 64, 64);
        ir_insn_start(b, 0, 0);
        IrRef sum = ir_op2(b, IR_ADD, IR_I64, ir_read(b, TOY_R0), ir_read(b, TOY_R0 + 1));
        ir_write(b, TOY_R0 + 2, sum);
        IrMark mark = ir_mark(b);
        if (round == 1) {
            /* An instruction that does not fit: constants, values, slots, accesses, an end. */
            ir_insn_start(b, 4, 0);
            IrRef product = ir_op2(b, IR_MUL, IR_I64, sum, ir_const(b, IR_I64, 12345));
            ir_store(b, product, sum, (IrMem){ .size_log2 = 3 });
            ir_write(b, TOY_R0 + 2, product);
            ir_write(b, TOY_R0 + 3, ir_read(b, TOY_R0 + 5));
            ir_calln(b, &toy_worker, product);
            ir_exit_fault(b, 99);
            ir_rewind(b, mark);
        }
        ir_insn_start(b, 4, 0);
        ir_load(b, IR_I64, ir_read(b, TOY_R0 + 5), (IrMem){ .size_log2 = 3, .order = IR_ORDER_TSO });
        ir_write(b, TOY_R0 + 3, ir_op2(b, IR_MUL, IR_I64, sum, ir_const(b, IR_I64, 12345)));
        ir_exit_goto(b, 8);
        const IrBlock *block = ir_finish(b);
        check_verified(block);
        ir_print(block, round ? second : first);
    }
    g_assert_cmpstr(first->str, ==, second->str);
    ir_builder_free(b);
}

static void test_full(void)
{
    IrBuilder *b = ir_builder_new(&toy_target);
    ir_begin(b, 64, 64);
    unsigned n = 0;
    while (!ir_full(b)) {
        ir_insn_start(b, n++, 0);
        ir_write(b, TOY_R0, ir_op2(b, IR_XOR, IR_I64, ir_read(b, TOY_R0), ir_op2(b, IR_ROL, IR_I64, ir_read(b, TOY_R0), ir_const(b, IR_I32, 1 + n % 60))));
    }
    /* And even a front end that does not ask loses nothing. */
    for (unsigned i = 0; i < 10000; i++) {
        ir_write(b, TOY_R0, ir_op2(b, IR_XOR, IR_I64, ir_read(b, TOY_R0), ir_op2(b, IR_ROL, IR_I64, ir_read(b, TOY_R0), ir_const(b, IR_I32, 1 + i % 60))));
    }
    ir_exit_goto(b, 0);
    check_verified(ir_finish(b));
    g_assert_cmpuint(ir_block(b)->nr_insns, >, 20000);
    ir_builder_free(b);
}

static void test_verifier(void)
{
    IrBuilder *b = ir_builder_new(&toy_target);
    ir_begin(b, 64, 64);
    ir_insn_start(b, 0, 0);
    IrRef sum = ir_op2(b, IR_ADD, IR_I64, ir_read(b, TOY_R0), ir_read(b, TOY_R0 + 1));
    ir_write(b, TOY_R0, sum);
    ir_exit_goto(b, 4);
    IrBlock block = *ir_finish(b);
    check_verified(&block);
    block.insns[sum].type = IR_I32;
    g_autofree char *wrong_type = ir_verify(&block);
    g_assert_cmpstr(wrong_type, ==, "%4 ADD: an operand has the wrong type");
    block.insns[sum].type = IR_I64;
    block.insns[sum].a = 17;
    g_autofree char *undefined = ir_verify(&block);
    g_assert_cmpstr(undefined, ==, "%4 ADD: an operand is not defined");
    ir_builder_free(b);
}

static void test_fuzz(void)
{
    g_autofree char *fault = fuzz_run(1, 20000, 0);
    if (fault) {
        g_test_message("%s", fault);
        g_test_fail();
    }
}

int main(int argc, char **argv)
{
#ifdef __x86_64__
    if (argc > 2 && !strcmp(argv[1], "--host-features")) {
        x64_allowed_features = strtoul(argv[2], NULL, 0);
        argv += 2;
        argc -= 2;
    }
#endif
    if (argc > 2 && !strcmp(argv[1], "--fuzz")) {
        g_autofree char *fault = fuzz_run(argc > 3 ? strtoull(argv[3], NULL, 0) : 1, UINT64_MAX, strtoul(argv[2], NULL, 0));
        g_print("%s", fault ? fault : "no difference\n");
        return fault != NULL;
    }
    if (argc > 2 && !strcmp(argv[1], "--text")) {
        g_autofree char *after = built(argv[2]);
        g_print("%s", after);
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(goldens); i++) {
        g_autofree char *path = g_strdup_printf("/ir/golden/%s", goldens[i].name);
        g_test_add_data_func(path, &goldens[i], test_golden);
    }
    g_test_add_func("/ir/helper-effects", test_helper_effects);
    g_test_add_func("/ir/rewind", test_rewind);
    g_test_add_func("/ir/full", test_full);
    g_test_add_func("/ir/verifier", test_verifier);
    g_test_add_func("/ir/fuzz", test_fuzz);
    return g_test_run();
}
