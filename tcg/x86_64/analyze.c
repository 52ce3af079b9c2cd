/*
 * Before code is made: aliases forwards, then lives, fusion and hints backwards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <string.h>

/* ---- aliases ---- */

/* Whether the code for the op leaves the upper half of the register 0. */
static bool clears_upper(const Compiler *c, IrRef r)
{
    const IrInsn *insn = insn_of(c, r);
    if (insn->type != IR_I32) {
        return false;
    }
    switch (insn->op) {
    case IR_CALL:
    case IR_TRUNC:
    case IR_SLOT_READ:
        return false;
    default:
        return true;
    }
}

static bool is_scalar_arithmetic(unsigned op)
{
    return op >= IR_FADD && op <= IR_FMAX;
}

/* Whether the lanes above of `a` are in the register of the scalar's result. */
static bool keeps_lanes(Compiler *c, uint32_t scalar, uint32_t a)
{
    const IrInsn *insn = insn_of(c, scalar);
    if (is_memory_type(type_of(c, a))) {
        return false;
    }
    if (is_scalar_arithmetic(insn->op)) {
        return !ir_is_const(insn->a) && c->v[insn->a].root == a;
    }
    const IrRef operands[3] = { insn->a, insn->b, insn->c };
    for (unsigned k = 0; insn->op == IR_FMA && (x64.host & HOST_FMA) && k < 3; k++) {
        if (!ir_is_const(operands[k]) && c->v[operands[k]].root == a && (c->v[scalar].keep == 0 || c->v[scalar].keep == k + 1)) {
            c->v[scalar].keep = k + 1;
            return true;
        }
    }
    return false;
}

/* A vector of 128 bits with 0 above it is itself, where instructions leave the register so. */
static bool is_itself_above(Compiler *c, const IrInsn *insn, uint32_t a)
{
    if (!c->e.vex || !ir_is_const(insn->b) || !is_vector(type_of(c, a)) || type_of(c, a) == IR_V256) {
        return false;
    }
    const IrConst *k = ir_const_value(c->block, insn->b);
    return k->lo == 0 && k->hi == 0;
}

static uint32_t alias_of(Compiler *c, uint32_t i)
{
    const IrInsn *insn = insn_of(c, i);
    if (ir_is_const(insn->a)) {
        return i;
    }
    uint32_t a = c->v[insn->a].root;
    switch (insn->op) {
    case IR_TRUNC:
        return a;
    case IR_EXT_U:
        return insn->type == IR_I64 && insn->sub == 2 && clears_upper(c, a) ? a : i;
    case IR_FLANE:
    case IR_VLOW:
        return is_memory_type(type_of(c, a)) ? i : a;
    case IR_VSET_FLANE: {
        if (ir_is_const(insn->b)) {
            return i;
        }
        /* A scalar instruction whose first operand is lane 0 of `a` keeps the other lanes of `a`: in the register of its value they are. So they are too where `a` is
         * itself seen as such a scalar. */
        uint32_t b = c->v[insn->b].root;
        /* The lane may be the lower half of a wider scalar's, whose upper half is not a's. */
        return type_of(c, b) == type_of(c, insn->b) && keeps_lanes(c, b, a) ? b : i;
    }
    case IR_VJOIN:
        if (!is_itself_above(c, insn, a)) {
            return i;
        }
        c->v[a].wide = true;
        return a;
    case IR_FL_MERGE:
        return insn->imm == 0 ? a : i;
    default:
        return i;
    }
}

static void find_aliases(Compiler *c)
{
    for (uint32_t i = 0; i < c->n; i++) {
        Value *v = &c->v[i];
        *v = (Value){ .root = i, .reg = NO_REG, .hint = NO_REG, .spill = -1, .lazy = -1 };
        if (i && ir_op_info[insn_of(c, i)->op].nargs) {
            v->root = alias_of(c, i);
            v->form = v->root == i ? FORM_NORMAL : FORM_ALIAS;
        }
    }
}

/* ---- lives ---- */

static inline void touch(Compiler *c, IrRef r, uint32_t when)
{
    if (r && !ir_is_const(r)) {
        Value *v = value_of(c, r);
        v->last = MAX(v->last, when);
    }
}

static inline void use(Compiler *c, IrRef r, uint32_t when)
{
    if (r && !ir_is_const(r)) {
        Value *v = value_of(c, r);
        v->last = MAX(v->last, when);
        v->uses++;
    }
}

static inline void touch_point(Compiler *c, IrRef r, uint32_t when)
{
    if (r && !ir_is_const(r)) {
        value_of(c, r)->at_point = true;
        touch(c, r, when);
    }
}

/* The home of a pinned slot is wanted at `when`. */
static inline void want_home(Compiler *c, unsigned reg, uint32_t when)
{
    if (!c->home_end[reg]) {
        c->home_end[reg] = when;
    }
}

static inline void want_homes(Compiler *c, uint32_t when)
{
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        if (!c->slots[x64.pin_slot[reg]]) {
            want_home(c, reg, when);
        }
    }
}

/* Where the slot's value would best be at an exit. */
static inline unsigned own_reg(unsigned slot)
{
    return x64.pin_reg[slot] != NO_REG ? x64.pin_reg[slot] : x64.carry_reg[slot];
}

/* The map of slots as of the last point, and the values that it names. */
static void start_from_last_point(Compiler *c)
{
    const IrBlock *b = c->block;
    memset(c->slots, 0, sizeof(c->slots));
    for (uint32_t i = 0; i < b->nr_deltas; i++) {
        c->slots[b->deltas[i].slot] = b->deltas[i].new_value;
    }
    const IrPoint *last = &b->points[b->nr_points - 1];
    for (unsigned slot = 0; slot < b->target->nr_slots; slot++) {
        IrRef r = c->slots[slot];
        if (r) {
            touch_point(c, r, last->insn);
            unsigned reg = own_reg(slot);
            if (reg != NO_REG && !ir_is_const(r)) {
                value_of(c, r)->hint = reg;
            }
        }
    }
}

/* At the point of op i: its slots; then the map is that of the point before. */
static void pass_point(Compiler *c, uint32_t number)
{
    const IrBlock *b = c->block;
    const IrPoint *p = &b->points[number];
    want_homes(c, p->insn);
    for (uint32_t i = 0; i < p->nr_deltas; i++) {
        const IrSlotDelta *d = &b->deltas[p->first_delta + i];
        c->slots[d->slot] = d->old_value;
        if (d->old_value) {
            touch_point(c, d->old_value, b->points[number - 1].insn);
            unsigned reg = own_reg(d->slot);
            if (reg != NO_REG && !ir_is_const(d->old_value) && value_of(c, d->old_value)->hint == NO_REG) {
                value_of(c, d->old_value)->hint = reg;
            }
        }
    }
}

/* ---- forms ---- */

static bool can_be_recipe(const Compiler *c, const IrInsn *insn)
{
    if (!(ir_op_info[insn->op].flags & IROP_PURE) || (insn->type != IR_I32 && insn->type != IR_I64 && insn->type != IR_FLAGS)) {
        return false;
    }
    if (insn->op >= IR_FADD || insn->op == IR_I128_LO || insn->op == IR_I128_HI || insn->op == IR_ACCESS_ARGS) {
        return false;
    }
    return true;
}

static bool is_remade_flags(unsigned op)
{
    return op == IR_FL_ADD || op == IR_FL_SUB || op == IR_FL_LOGIC;
}

static bool is_small_shift(const Compiler *c, const IrInsn *insn)
{
    uint64_t count;
    return insn->op == IR_SHL && is_const(c, insn->b, &count) && count <= 3 && !ir_is_const(insn->a);
}

/* counts: code is made from them, not only a description. */
static void want(Compiler *c, IrRef r, uint32_t when, bool counts)
{
    if (counts) {
        use(c, r, when);
    } else {
        touch_point(c, r, when);
    }
}

static void want_operands(Compiler *c, const IrInsn *insn, uint32_t when, bool counts)
{
    const IrRef operands[3] = { insn->a, insn->b, insn->c };
    for (unsigned i = 0; i < ir_op_info[insn->op].nargs; i++) {
        want(c, operands[i], when, counts);
    }
}

static uint32_t previous_insn(const Compiler *c, uint32_t i)
{
    do {
        i--;
    } while (i && insn_of(c, i)->op == IR_NOP);
    return i;
}

static bool same_operand(const Compiler *c, IrRef x, IrRef y)
{
    return root_of(c, x) == root_of(c, y);
}

/* The op before flags that has made the same on its way: flags come with it. */
static uint32_t find_pair(Compiler *c, uint32_t i, const IrInsn *insn)
{
    uint32_t p = previous_insn(c, i);
    const IrInsn *op = insn_of(c, p);
    uint64_t x;
    if (!p || c->v[p].form != FORM_NORMAL || !c->block->uses[p]) {
        return 0;
    }
    bool same = op->op != IR_NOP && ir_op_info[op->op].nargs >= 2 && same_operand(c, op->a, insn->a) && same_operand(c, op->b, insn->b);
    switch (insn->op) {
    case IR_FL_ADD:
        return op->op == IR_ADD && same ? p : 0;
    case IR_FL_SUB:
        if (op->op == IR_NEG && is_const(c, insn->a, &x) && x == 0 && same_operand(c, op->a, insn->b)) {
            return p;
        }
        /* x - constant is an addition by now. */
        if (op->op == IR_ADD && is_const(c, insn->b, &x) && ir_is_const(op->b) && same_operand(c, op->a, insn->a)) {
            uint64_t y = ir_const_value(c->block, op->b)->lo, mask = insn->sub == 3 ? UINT64_MAX : (UINT64_C(1) << (8 << insn->sub)) - 1;
            return ((x + y) & mask) == 0 ? p : 0;
        }
        return op->op == IR_SUB && same ? p : 0;
    case IR_FL_LOGIC:
        return (op->op == IR_AND || op->op == IR_OR || op->op == IR_XOR || op->op == IR_ANDN) && !ir_is_const(insn->a) && c->v[insn->a].root == p ? p : 0;
    case IR_FL_ADC:
        return op->op == IR_ADC && same && same_operand(c, op->c, insn->c) ? p : 0;
    case IR_FL_SBB:
        return op->op == IR_SBB && same && same_operand(c, op->c, insn->c) ? p : 0;
    case IR_FL_INC:
    case IR_FL_DEC: {
        uint64_t mask = insn->sub == 3 ? UINT64_MAX : (UINT64_C(1) << (8 << insn->sub)) - 1;
        return op->op == IR_ADD && is_const(c, op->b, &x) && ((insn->op == IR_FL_INC ? x - 1 : x + 1) & mask) == 0 && same_operand(c, op->a, insn->a) ? p : 0;
    }
    case IR_FL_SHL:
        return op->op == IR_SHL && same ? p : 0;
    case IR_FL_SHR:
        return op->op == IR_SHR && same ? p : 0;
    case IR_FL_SAR:
        return op->op == IR_SAR && same ? p : 0;
    default:
        return 0;
    }
}

/* How flags that are made anew get at their operands: by what was computed from them where that lets one of them go. */
static void choose_flags_operands(Compiler *c, uint32_t i, const IrInsn *insn)
{
    Value *v = &c->v[i];
    uint32_t pair = v->pair;
    unsigned op = pair ? insn_of(c, pair)->op : IR_NOP;
    v->pair_known = pair && (op == IR_ADD || op == IR_SUB) && !same_operand(c, insn->a, insn->b) && !ir_is_const(insn->a);
    bool counts = v->form == FORM_FLAGS;
    if (v->pair_known) {
        want(c, pair, v->last, counts);
        want(c, insn->b, v->last, counts);
    } else {
        want_operands(c, insn, v->last, counts);
    }
}

/* The low half of another that only exits and faults want: exits move 32 bits. */
static bool is_narrowed_at_exit(Compiler *c, const IrInsn *insn)
{
    return insn->op == IR_EXT_U && insn->sub == 2 && insn->type == IR_I64 && !ir_is_const(insn->a) && insn_of(c, c->v[insn->a].root)->op != IR_EXT_U;
}

static void pass_to_exit(Compiler *c, Value *v, IrRef operand)
{
    Value *from = value_of(c, operand);
    from->at_exit = true;
    if (from->hint == NO_REG && from->last <= v->last) {
        from->hint = v->hint;
    }
}

/* What a value wants of others when it is described, not made: also through others of its kind. */
static bool is_described(Compiler *c, uint32_t i, const IrInsn *insn)
{
    Value *v = &c->v[i];
    if (v->uses == 0 && !v->at_exit && can_be_recipe(c, insn)) {
        v->form = FORM_RECIPE;
    } else if (v->uses == 0 && is_narrowed_at_exit(c, insn)) {
        v->form = FORM_RECIPE;
        pass_to_exit(c, v, insn->a);
    } else if (insn->type == IR_FLAGS && is_remade_flags(insn->op)) {
        v->form = FORM_FLAGS;
    } else {
        bool condition = insn->op == IR_TEST || insn->op == IR_SETCC || insn->op == IR_AND, address = (insn->op == IR_ADD && insn->type == IR_I64) || is_small_shift(c, insn);
        if (v->at_point || !v->uses || v->uses != v->special_uses || (!condition && (!address || v->uses > 1))) {
            return false;
        }
        v->form = FORM_FUSED;
        want_operands(c, insn, v->last, true);
        return true;
    }
    if (v->form == FORM_FLAGS || (is_remade_flags(insn->op) && v->pair)) {
        choose_flags_operands(c, i, insn);
    } else {
        want_operands(c, insn, v->last, false);
    }
    return true;
}

/* ---- operands of what is made ---- */

static void count_special(Compiler *c, IrRef r, bool fits)
{
    if (fits && !ir_is_const(r)) {
        value_of(c, r)->special_uses++;
    }
}

/* Flags of an AND that nobody else wants. */
static void count_tested(Compiler *c, const IrInsn *insn)
{
    if (insn->op == IR_FL_LOGIC && !ir_is_const(insn->a)) {
        uint32_t a = c->v[insn->a].root;
        count_special(c, a, insn_of(c, a)->op == IR_AND);
    }
}

static bool is_condition(const Compiler *c, IrRef r)
{
    unsigned op = ir_is_const(r) ? IR_NOP : insn_of(c, r)->op;
    return op == IR_TEST || op == IR_SETCC;
}

/* An address may take a sum in; a sum, a scaled index. Only where the value stands for itself. */
static bool is_sum(const Compiler *c, IrRef r)
{
    return !ir_is_const(r) && c->v[r].root == r && insn_of(c, r)->op == IR_ADD && insn_of(c, r)->type == IR_I64;
}

static void hint_operand(Compiler *c, uint32_t i, IrRef r)
{
    unsigned hint = c->v[i].hint;
    if (hint != NO_REG && r && !ir_is_const(r)) {
        Value *v = value_of(c, r);
        if (v->hint == NO_REG && v->last == i && is_xmm(hint) == is_vector(insn_of(c, v->root)->type)) {
            v->hint = hint;
        }
    }
}

static void use_operands(Compiler *c, uint32_t i, const IrInsn *insn)
{
    if (insn->op == IR_CALL) {
        const IrCall *call = &c->block->calls[insn->a];
        for (unsigned k = 0; k < call->nargs; k++) {
            use(c, call->args[k], i);
        }
        return;
    }
    if (insn->op == IR_CAS || insn->op == IR_STORE_MASKED) {
        const IrInsn *args = insn_of(c, insn->b);
        use(c, insn->a, i);
        use(c, args->a, i);
        use(c, args->b, i);
        return;
    }
    unsigned nargs = ir_op_info[insn->op].nargs;
    if (nargs > 0) {
        use(c, insn->a, i);
    }
    if (nargs > 1) {
        use(c, insn->b, i);
    }
    if (nargs > 2) {
        use(c, insn->c, i);
    }
    switch (insn->op) {
    case IR_EXIT_IF:
        count_special(c, insn->a, is_condition(c, insn->a));
        break;
    case IR_SELECT:
        count_special(c, insn->a, is_condition(c, insn->a));
        break;
    case IR_LOAD:
    case IR_STORE:
    case IR_PROBE_WRITE:
        count_special(c, insn->a, is_sum(c, insn->a));
        break;
    default:
        break;
    }
    if (nargs && (insn->type == IR_I32 || insn->type == IR_I64 || is_vector(insn->type))) {
        hint_operand(c, i, insn->op == IR_SELECT ? insn->c : insn->a);
    }
}

/* A sum that an address takes in, or that is made by LEA: its scaled index. */
static void look_for_scale(Compiler *c, const IrInsn *insn)
{
    if (insn->op == IR_ADD) {
        for (unsigned k = 0; k < 2; k++) {
            IrRef r = k ? insn->a : insn->b;
            if (!ir_is_const(r) && c->v[r].root == r && is_small_shift(c, insn_of(c, r)) && insn_of(c, r)->type == insn->type
                && !(c->v[r].special_uses || c->v[r].at_point)) {
                count_special(c, r, true);
                return;
            }
        }
    }
}

static void pass_call(Compiler *c, uint32_t i, const IrHelper *helper)
{
    bool all = helper->flags & HELPER_FAULTS;
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left), slot = x64.pin_slot[reg];
        if (ir_slot_set_has(&helper->writes, slot)) {
            c->home_end[reg] = 0;
        }
        if (all || ir_slot_set_has(&helper->reads, slot)) {
            want_home(c, reg, i);
        }
    }
}

/* A store to where the same instruction has loaded from, and nothing between that touches memory: the load leaves the host's address for it. */
static void find_load_before(Compiler *c, uint32_t i, const IrInsn *store)
{
    const IrMem *to = &c->block->mems[store->c];
    for (uint32_t j = i - 1; j > 0 && i - j < 16; j--) {
        const IrInsn *insn = insn_of(c, j);
        if (insn->op == IR_LOAD) {
            const IrMem *from = &c->block->mems[insn->c];
            if (from->will_write && same_operand(c, insn->a, store->a) && from->offset == to->offset && from->size_log2 == to->size_log2
                && from->priv == to->priv && from->align_log2 == to->align_log2 && !from->big_endian && !to->big_endian
                && (insn->type == IR_I32 || insn->type == IR_I64)) {
                c->v[i].pair = j;
                c->v[j].pair = i;
                c->v[i].last = i;
            }
            return;
        }
        if ((insn->op >= IR_LOAD && insn->op <= IR_CAS) || insn->op == IR_CALL || insn->op == IR_INSN_START) {
            return;
        }
    }
}

static void pass_insn(Compiler *c, uint32_t i, const IrInsn *insn)
{
    switch (insn->op) {
    case IR_STORE:
        find_load_before(c, i, insn);
        break;
    case IR_SLOT_READ:
        if (x64.pin_reg[insn->a] != NO_REG) {
            want_home(c, x64.pin_reg[insn->a], i);
        }
        return;
    case IR_SLOT_STORE: {
        unsigned reg = x64.pin_reg[insn->b];
        if (reg != NO_REG) {
            c->v[i].last = MAX(c->home_end[reg], i);
            c->home_end[reg] = 0;
            if (!ir_is_const(insn->a) && value_of(c, insn->a)->hint == NO_REG) {
                value_of(c, insn->a)->hint = reg;
            }
        }
        use(c, insn->a, i);
        return;
    }
    case IR_CALL:
        pass_call(c, i, c->block->calls[insn->a].helper);
        break;
    default:
        break;
    }
    use_operands(c, i, insn);
}

/*
 * ---- groups: accesses off one base whose span is small share one look at the TLB ----
 *
 * Loads, or stores, or loads behind a store: what may be stored to plainly may be read plainly.
 */

enum { GROUP_SPAN = 256, GROUPS = 8 };
typedef struct Group { IrRef base; uint32_t first, key; int64_t low, high; uint8_t op, priv, align_log2; } Group;

static bool can_share(Compiler *c, uint32_t i, const IrInsn *insn)
{
    if ((insn->op != IR_LOAD && insn->op != IR_STORE) || ir_is_const(insn->a) || c->v[i].pair) {
        return false;
    }
    const IrMem *mem = &c->block->mems[insn->c];
    IrType t = insn->op == IR_LOAD ? insn->type : type_of(c, insn->b);
    return !mem->will_write && mem->align_log2 <= mem->size_log2 && !mem->big_endian && !is_memory_type(t) && mem->order != IR_ORDER_SEQ
        && mem->offset == (int32_t)mem->offset && value_of(c, insn->a)->form == FORM_NORMAL;
}

static void join_group(Compiler *c, Group *groups, unsigned *turn, uint32_t i, const IrInsn *insn, uint32_t start)
{
    const IrMem *mem = &c->block->mems[insn->c];
    IrRef base = c->v[insn->a].root;
    int64_t low = mem->offset, high = low + (1 << mem->size_log2);
    for (unsigned k = 0; k < GROUPS; k++) {
        Group *g = &groups[k];
        if (g->base != base || (g->op != insn->op && g->op != IR_STORE) || g->priv != mem->priv || g->align_log2 != mem->align_log2) {
            continue;
        }
        if (MAX(g->high, high) - MIN(g->low, low) <= GROUP_SPAN && !((low - g->low) & ((1 << mem->align_log2) - 1))) {
            Value *key = &c->v[g->key];
            g->low = MIN(g->low, low);
            g->high = MAX(g->high, high);
            c->v[g->first].group = c->v[i].group = g->key;
            key->last = i;
            key->uses++;
            key->group_low = g->low;
            key->group_span = g->high - g->low;
            return;
        }
        g->base = g->op == insn->op ? 0 : g->base;
    }
    /* The instruction's start stands for the address; it can for one only. */
    if (start && !c->v[start].pair) {
        groups[(*turn)++ % GROUPS] = (Group){ .base = base, .first = i, .key = start, .low = low, .high = high, .op = insn->op, .priv = mem->priv,
                                              .align_log2 = mem->align_log2 };
        c->v[start].pair = i;
    }
}

static void find_groups(Compiler *c)
{
    Group groups[GROUPS] = { 0 };
    unsigned turn = 0;
    uint32_t start = 0;
    for (uint32_t i = 1; i < c->n; i++) {
        const IrInsn *insn = insn_of(c, i);
        if (insn->op == IR_INSN_START) {
            start = i;
        } else if (is_c_call(c, insn) || insn->op == IR_ATOMIC || insn->op == IR_CAS) {
            memset(groups, 0, sizeof(groups));
        } else if (can_share(c, i, insn)) {
            join_group(c, groups, &turn, i, insn, start);
        }
    }
}

void x64_analyze(Compiler *c)
{
    const IrBlock *b = c->block;
    find_aliases(c);
    memset(c->home_end, 0, sizeof(c->home_end));
    start_from_last_point(c);
    c->last_memory = 0;
    c->uses_ymm = false;
    uint32_t point = b->nr_points;
    for (uint32_t i = c->n - 1; i > 0; i--) {
        const IrInsn *insn = insn_of(c, i);
        Value *v = &c->v[i];
        c->uses_ymm |= insn->type == IR_V256;
        c->v[v->root].at_exit |= c->block->uses[i] & IR_USE_EXIT;
        if (insn->op == IR_NOP || insn->op == IR_INSN_START || v->form == FORM_ALIAS || insn->op == IR_ACCESS_ARGS) {
            continue;
        }
        if (ir_op_info[insn->op].flags & (IROP_CAN_FAULT | IROP_EXIT)) {
            pass_point(c, --point);
        } else if (ir_op_info[insn->op].flags & IROP_PURE) {
            if (insn->type == IR_FLAGS) {
                v->pair = find_pair(c, i, insn);
            }
            if (is_described(c, i, insn)) {
                if (v->form == FORM_FUSED) {
                    look_for_scale(c, insn);
                } else if (v->form == FORM_FLAGS) {
                    count_tested(c, insn);
                }
                continue;
            }
            look_for_scale(c, insn);
        }
        if (insn->op >= IR_LOAD && insn->op <= IR_CAS && !c->last_memory) {
            c->last_memory = i;
        }
        pass_insn(c, i, insn);
    }
    /* The ops know of their flags where these are wanted and come with them. */
    for (uint32_t i = 1; i < c->n; i++) {
        Value *v = &c->v[i];
        if (insn_of(c, i)->type == IR_FLAGS && v->pair) {
            if (v->form == FORM_RECIPE) {
                continue;
            }
            c->v[v->pair].pair = i;
        }
    }
    find_groups(c);
}
