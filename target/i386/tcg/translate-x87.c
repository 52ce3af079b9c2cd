/*
 * x87 instructions: opcodes D8 to DF and WAIT. Memory operands are IR; what happens on the register stack is done on the host's x87, or by helpers where an exception is
 * not masked (helpers-x87.c). Neither touches anything but the x87, so that all else stays where it is.
 *
 * Intel SDM volume 1, chapter 8; volume 2, appendix A.5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-x87.h"
#include "target/i386/tcg/translate.h"

typedef struct X87Insn X87Insn;
typedef bool X87Fn(X86Translate *s, const X87Insn *insn, IrRef number);
struct X87Insn {
    const char *name;           /* the manual's mnemonic; NULL: #UD */
    X87Fn *translate;
    const IrHelper *helper;
    uint8_t bytes;              /* of the memory operand */
    uint8_t flags;
};
enum { NO_WAIT = 1, CONTROL = 2 /* leaves the instruction and data pointers alone */ };

/* ---- pieces ---- */

static IrRef load(X86Translate *s, unsigned bytes, unsigned at)
{
    X86Address a = x86_operand_address(s, bytes, X86_ACCESS_LOAD);
    a.offset += at;
    unsigned log2 = bytes == 10 ? at ? 1 : 3 : bytes == 8 ? 3 : bytes == 4 ? 2 : 1;
    return x86_load(s, a, log2 == 3 ? IR_I64 : IR_I32, log2);
}

/* The operand as I64, its upper bits 0. */
static IrRef load_wide(X86Translate *s, unsigned bytes)
{
    IrRef value = load(s, bytes, 0);
    return bytes == 8 || bytes == 10 ? value : ir_zext(s->b, IR_I64, 2, value);
}

/* ---- where it is ---- */

static bool is_helped(const X86Translate *s)
{
    return s->mode & X86_MODE_X87_HELPED;
}

/* Before the first instruction that the host does. */
static void enter_host(X86Translate *s)
{
    if (!s->x87_on_host) {
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_EQ, ir_read(s->b, SLOT_FPU_ON_HOST), x86_i32(s, 0)), X86_FAULT_X87_ENTER);
        s->x87_on_host = true;
    }
}

void x86_take_x87_from_host(X86Translate *s)
{
    if (!is_helped(s)) {
        ir_exit_fault_if(s->b, ir_read(s->b, SLOT_FPU_ON_HOST), X86_FAULT_X87_LEAVE);
        s->x87_on_host = false;
    }
}

/* The masks may be others behind it. */
static bool end_with_new_masks(X86Translate *s)
{
    x86_end_lookup(s);
    return true;
}

/* ---- forms ---- */

/* A register form: all is in the number. */
static bool simple(X86Translate *s, const X87Insn *insn, IrRef number)
{
    ir_calln(s->b, is_helped(s) ? insn->helper : &x86_ir_x87_host_op, number);
    return true;
}

/* FCOM and kin. */
static bool compare(X86Translate *s, const X87Insn *insn, IrRef number)
{
    if (is_helped(s)) {
        ir_calln(s->b, insn->helper, number, x86_i32(s, 0));
        return true;
    }
    return simple(s, insn, number);
}

/* A memory operand that is read. */
static bool from_memory(X86Translate *s, const X87Insn *insn, IrRef number)
{
    ir_calln(s->b, is_helped(s) ? insn->helper : &x86_ir_x87_host_load, number, load_wide(s, insn->bytes));
    return true;
}

static bool from_memory80(X86Translate *s, const X87Insn *insn, IrRef number)
{
    IrRef low = load(s, 10, 0), high = load(s, 10, 8);
    ir_calln(s->b, is_helped(s) ? insn->helper : &x86_ir_x87_host_load80, number, low, high);
    return true;
}

/* A store: the value first, then memory, then the effects on the stack. */
static bool to_memory(X86Translate *s, const X87Insn *insn, IrRef number)
{
    unsigned bytes = insn->bytes, log2 = bytes == 2 ? 1 : bytes == 4 ? 2 : 3;
    uint64_t n = (s->opcode & 7) << 3 | (s->modrm >> 3 & 7);
    X86Address a = x86_operand_address(s, bytes, X86_ACCESS_STORE), high = a;
    high.offset += 8;
    /* Memory faults go first: before an exception that keeps the store from being done, and before the first part of two is stored. */
    ir_probe_write(s->b, a.base, x86_mem(s, a, log2));
    if (bytes == 10) {
        ir_probe_write(s->b, high.base, x86_mem(s, high, 1));
    }
    if (!is_helped(s)) {
        IrRef low = ir_calln(s->b, &x86_ir_x87_host_store, number), top = bytes == 10 ? ir_call(s->b, &x86_ir_x87_host_store_high, NULL) : 0;
        x86_store(s, a, log2, log2 == 3 ? low : ir_trunc(s->b, low));
        if (bytes == 10) {
            x86_store(s, high, 1, top);
        }
        return true;
    }
    IrRef value = ir_calln(s->b, &x86_ir_x87_store_m, number);
    ir_exit_fault_if(s->b, ir_read(s->b, SLOT_FPU_NO_STORE), X86_FAULT_NO_STORE(n, s->next - s->start));
    x86_store(s, a, log2, log2 == 3 ? value : ir_trunc(s->b, value));
    if (bytes == 10) {
        x86_store(s, high, 1, ir_call(s->b, &x86_ir_x87_store_high, NULL));
    }
    ir_calln(s->b, &x86_ir_x87_store_done, number);
    return true;
}

/* FCOMI and kin. */
static bool to_flags(X86Translate *s, const X87Insn *insn, IrRef number)
{
    if (!is_helped(s)) {
        ir_write(s->b, SLOT_FLAGS, ir_calln(s->b, &x86_ir_x87_host_compare, number));
        return true;
    }
    IrRef flags = ir_calln(s->b, insn->helper, number, ir_op1(s->b, IR_FL_PACK, IR_I32, ir_read(s->b, SLOT_FLAGS)));
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, flags));
    return true;
}

static bool move_if(X86Translate *s, const X87Insn *insn, IrRef number)
{
    if (!is_helped(s)) {
        ir_calln(s->b, &x86_ir_x87_host_move_if, number, ir_read(s->b, SLOT_FLAGS));
        return true;
    }
    ir_calln(s->b, insn->helper, number, ir_op1(s->b, IR_FL_PACK, IR_I32, ir_read(s->b, SLOT_FLAGS)));
    return true;
}

static bool nothing(X86Translate *s, const X87Insn *insn, IrRef number)
{
    return true;
}

/* FNCLEX. */
static bool clear(X86Translate *s, const X87Insn *insn, IrRef number)
{
    if (is_helped(s)) {
        ir_call(s->b, insn->helper, NULL);
        return true;
    }
    return simple(s, insn, number);
}

/* FNINIT: the pointers too. */
static bool init(X86Translate *s, const X87Insn *insn, IrRef number)
{
    clear(s, insn, number);
    ir_write(s->b, SLOT_FPU_OPCODE, x86_i32(s, 0));
    ir_write(s->b, SLOT_FPU_IP, x86_i64(s, 0));
    ir_write(s->b, SLOT_FPU_DP, x86_i64(s, 0));
    ir_write(s->b, SLOT_FPU_CS, x86_i32(s, 0));
    ir_write(s->b, SLOT_FPU_DS, x86_i32(s, 0));
    return is_helped(s) ? end_with_new_masks(s) : true;
}

/* Status or control, as the helper says. */
static IrRef word(X86Translate *s, const X87Insn *insn)
{
    const IrHelper *host = insn->helper == &x86_ir_x87_read_status ? &x86_ir_x87_host_status : &x86_ir_x87_host_control;
    return ir_call(s->b, is_helped(s) ? insn->helper : host, NULL);
}

/* FNSTSW, FNSTCW to memory. */
static bool store_word(X86Translate *s, const X87Insn *insn, IrRef number)
{
    X86Address a = x86_operand_address(s, 2, X86_ACCESS_STORE);
    x86_store(s, a, 1, word(s, insn));
    return true;
}

static bool status_to_ax(X86Translate *s, const X87Insn *insn, IrRef number)
{
    x86_write_reg(s, R_EAX, 1, word(s, insn));
    return true;
}

static bool load_control(X86Translate *s, const X87Insn *insn, IrRef number)
{
    IrRef value = load(s, 2, 0);
    if (is_helped(s)) {
        ir_calln(s->b, insn->helper, value);
        return end_with_new_masks(s);
    }
    IrRef masks = ir_op2(s->b, IR_AND, IR_I32, value, x86_i32(s, 0x3f));
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, masks, x86_i32(s, 0x3f)), X86_FAULT_X87_HELPED);
    ir_calln(s->b, &x86_ir_x87_host_set_control, value);
    return true;
}

static bool environment(X86Translate *s, const X87Insn *insn, IrRef number)
{
    bool wide = s->operand_log2 != 1, registers = s->opcode == 0xdd, save = s->modrm & 0x10;
    uint32_t form = (wide ? X87_ENV_32 : 0) | (s->mode & X86_MODE_PE ? 0 : X87_ENV_REAL) | (registers ? X87_ENV_REGISTERS : 0);
    unsigned bytes = (wide ? 28 : 14) + (registers ? 80 : 0);
    X86Address a = x86_operand_address(s, bytes, save ? X86_ACCESS_STORE : X86_ACCESS_LOAD);
    IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    if (!x86_in_64(s)) {
        address = ir_zext(s->b, IR_I64, 2, address);
    }
    ir_calln(s->b, insn->helper, x86_i32(s, form), address);
    s->x87_on_host = false;
    return is_helped(s) || !save ? end_with_new_masks(s) : true;
}

/* ---- tables ---- */

#define R(mnemonic, helper_name) { .name = mnemonic, .translate = simple, .helper = &x86_ir_x87_##helper_name }
#define M(mnemonic, helper_name, size) { .name = mnemonic, .translate = from_memory, .helper = &x86_ir_x87_##helper_name, .bytes = size }
#define ST(mnemonic, size) { .name = mnemonic, .translate = to_memory, .bytes = size }
#define CMP(mnemonic) { .name = mnemonic, .translate = compare, .helper = &x86_ir_x87_compare }
#define FLAGS(mnemonic) { .name = mnemonic, .translate = to_flags, .helper = &x86_ir_x87_compare }
#define CMOV(mnemonic) { .name = mnemonic, .translate = move_if, .helper = &x86_ir_x87_move_if }
#define X(mnemonic, fn, helper_name, size, more) \
    { .name = mnemonic, .translate = fn, .helper = &x86_ir_x87_##helper_name, .bytes = size, .flags = more }
#define NOTHING(mnemonic, more) { .name = mnemonic, .translate = nothing, .flags = more }
#define UD { .name = NULL }

#define ARITH_M(prefix, size) \
    M(prefix "add", arith_m, size), M(prefix "mul", arith_m, size), M(prefix "com", compare_m, size), M(prefix "comp", compare_m, size), \
    M(prefix "sub", arith_m, size), M(prefix "subr", arith_m, size), M(prefix "div", arith_m, size), M(prefix "divr", arith_m, size)

/* By opcode and ModRM.reg. */
static const X87Insn memory_forms[8][8] = {
    { ARITH_M("f", 4) },
    { M("fld", load_m, 4), UD, ST("fst", 4), ST("fstp", 4), X("fldenv", environment, load_env, 0, CONTROL), X("fldcw", load_control, write_control, 0, CONTROL),
      X("fnstenv", environment, save_env, 0, NO_WAIT | CONTROL), X("fnstcw", store_word, read_control, 0, NO_WAIT | CONTROL) },
    { ARITH_M("fi", 4) },
    { M("fild", load_m, 4), ST("fisttp", 4), ST("fist", 4), ST("fistp", 4), UD, X("fld", from_memory80, load_m80, 10, 0), UD, ST("fstp", 10) },
    { ARITH_M("f", 8) },
    { M("fld", load_m, 8), ST("fisttp", 8), ST("fst", 8), ST("fstp", 8), X("frstor", environment, load_env, 0, CONTROL), UD,
      X("fnsave", environment, save_env, 0, NO_WAIT | CONTROL), X("fnstsw", store_word, read_status, 0, NO_WAIT | CONTROL) },
    { ARITH_M("fi", 2) },
    { M("fild", load_m, 2), ST("fisttp", 2), ST("fist", 2), ST("fistp", 2), X("fbld", from_memory80, load_m80, 10, 0), M("fild", load_m, 8), ST("fbstp", 10),
      ST("fistp", 8) },
};

/* What differs by ModRM.rm too. */
static const X87Insn d9_low[32] = {
    R("fchs", sign), R("fabs", sign), UD, UD, R("ftst", inspect), R("fxam", inspect), UD, UD,
    R("fld1", constant), R("fldl2t", constant), R("fldl2e", constant), R("fldpi", constant), R("fldlg2", constant), R("fldln2", constant), R("fldz", constant), UD,
    R("f2xm1", unary), R("fyl2x", binary), R("fptan", other), R("fpatan", binary), R("fxtract", other), R("fprem1", binary), R("fdecstp", other), R("fincstp", other),
    R("fprem", binary), R("fyl2xp1", binary), R("fsqrt", unary), R("fsincos", other), R("frndint", unary), R("fscale", binary), R("fsin", unary), R("fcos", unary),
};
static const X87Insn db_e0[8] = {
    NOTHING("feni", NO_WAIT | CONTROL), NOTHING("fdisi", NO_WAIT | CONTROL), X("fnclex", clear, clear, 0, NO_WAIT | CONTROL),
    X("fninit", init, init, 0, NO_WAIT | CONTROL), NOTHING("fsetpm", NO_WAIT | CONTROL),
};
static const X87Insn fnop = NOTHING("fnop", 0), fucompp = CMP("fucompp"), fcompp = CMP("fcompp"),
    fnstsw_ax = X("fnstsw", status_to_ax, read_status, 0, NO_WAIT | CONTROL);

#define ARITH(pop) R("fadd" pop, arith), R("fmul" pop, arith)
/* By opcode and ModRM.reg. The undocumented twins of FXCH, FSTP, FCOM, FCOMP are there as the processors have them. */
static const X87Insn register_forms[8][8] = {
    { ARITH(""), CMP("fcom"), CMP("fcomp"), R("fsub", arith), R("fsubr", arith), R("fdiv", arith), R("fdivr", arith) },
    { R("fld", load_st), R("fxch", exchange), UD, R("fstp", other), UD, UD, UD, UD },
    { CMOV("fcmovb"), CMOV("fcmove"), CMOV("fcmovbe"), CMOV("fcmovu"), UD, UD, UD, UD },
    { CMOV("fcmovnb"), CMOV("fcmovne"), CMOV("fcmovnbe"), CMOV("fcmovnu"), UD, FLAGS("fucomi"), FLAGS("fcomi"), UD },
    { ARITH(""), CMP("fcom"), CMP("fcomp"), R("fsubr", arith), R("fsub", arith), R("fdivr", arith), R("fdiv", arith) },
    { R("ffree", other), R("fxch", exchange), R("fst", store_st), R("fstp", store_st), CMP("fucom"), CMP("fucomp"), UD, UD },
    { ARITH("p"), CMP("fcomp"), UD, R("fsubrp", arith), R("fsubp", arith), R("fdivrp", arith), R("fdivp", arith) },
    { R("ffreep", other), R("fxch", exchange), R("fstp", other), R("fstp", other), UD, FLAGS("fucomip"), FLAGS("fcomip"), UD },
};

static const X87Insn *find(const X86Translate *s)
{
    unsigned row = s->opcode & 7, reg = s->modrm >> 3 & 7;
    if (s->is_memory) {
        return &memory_forms[row][reg];
    }
    switch (s->opcode << 8 | s->modrm) {
    case 0xd9d0:
        return &fnop;
    case 0xd9e0 ... 0xd9ff:
        return &d9_low[s->modrm & 31];
    case 0xdae9:
        return &fucompp;
    case 0xdbe0 ... 0xdbe7:
        return &db_e0[s->modrm & 7];
    case 0xded9:
        return &fcompp;
    case 0xdfe0:
        return &fnstsw_ax;
    default:
        return &register_forms[row][reg];
    }
}

/* ---- the whole ---- */

void x86_check_x87_error(X86Translate *s)
{
    if (!s->mf_checked && is_helped(s)) {
        ir_exit_fault_if(s->b, ir_read(s->b, SLOT_FPU_PENDING), X86_FAULT(EXCP_MF));
        s->mf_checked = true;
    }
}

/* Where the instruction is and what it works on, for handlers of exceptions. */
static void write_pointers(X86Translate *s)
{
    bool selectors = !x86_in_64(s);
    ir_write(s->b, SLOT_FPU_IP, ir_pc(s->b, s->start));
    ir_write(s->b, SLOT_FPU_OPCODE, x86_i32(s, (s->opcode & 7) << 8 | s->modrm));
    if (selectors) {
        ir_write(s->b, SLOT_FPU_CS, ir_read(s->b, SLOT_ES_SELECTOR + R_CS));
    }
    if (s->is_memory) {
        ir_write(s->b, SLOT_FPU_DP, x86_effective_address(s));
        if (selectors) {
            ir_write(s->b, SLOT_FPU_DS, ir_read(s->b, SLOT_ES_SELECTOR + s->segment));
        }
    }
}

static bool translate_wait(X86Translate *s)
{
    if ((s->mode & X86_MODE_MP) && (s->mode & X86_MODE_TS)) {
        return x86_end_fault(s, X86_FAULT(EXCP_NM));
    }
    x86_check_x87_error(s);
    return true;
}

bool x86_translate_x87(X86Translate *s)
{
    if (s->opcode == 0x9b) {
        return translate_wait(s);
    }
    const X87Insn *insn = find(s);
    if (!x86_require_x87(s)) {
        return true;
    }
    if (!insn->name) {
        return false;
    }
    if (!(insn->flags & NO_WAIT)) {
        x86_check_x87_error(s);
    }
    if (!is_helped(s) && insn->translate != environment && insn->translate != nothing) {
        enter_host(s);
    }
    unsigned number = s->is_memory ? (s->opcode & 7) << 3 | (s->modrm >> 3 & 7) : (s->opcode & 7) << 6 | (s->modrm & 63);
    /* Whatever it does may leave an exception behind. */
    s->mf_checked = false;
    /* The operand's address is that of before the instruction: pointers are written last. */
    if (!insn->translate(s, insn, x86_i32(s, number))) {
        return false;
    }
    if (!(insn->flags & CONTROL)) {
        write_pointers(s);
    }
    return true;
}
