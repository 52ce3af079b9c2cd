/*
 * Building a block: instruction after instruction until control goes elsewhere, the mode changes, the page ends or the block is full; and the ways to end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

enum { PAGE = 4096 };

/* ---- ends ---- */

void arm_end_goto(ArmTranslate *s, int64_t target)
{
    ir_exit_goto(s->b, target);
    s->ended = true;
}

/* Behind this instruction. */
static void write_next(ArmTranslate *s)
{
    ir_write(s->b, SLOT_PC, ir_pc(s->b, s->next));
    if (s->it) {
        ir_write(s->b, SLOT_IT, arm_i32(s, arm_it_advance(s->it)));
    }
}

void arm_end_lookup(ArmTranslate *s)
{
    write_next(s);
    ir_exit_lookup(s->b);
    s->ended = true;
}

void arm_end_event(ArmTranslate *s)
{
    write_next(s);
    ir_exit_event(s->b);
    s->ended = true;
}

void arm_end_changed(ArmTranslate *s)
{
    ir_exit_lookup(s->b);
    s->ended = true;
}

bool arm_exception(ArmTranslate *s, uint32_t syndrome, unsigned target_el)
{
    ARM_CALL(s, raise, arm_i32(s, syndrome), arm_i32(s, target_el));
    arm_end_changed(s);
    return true;
}

bool arm_undefined(ArmTranslate *s)
{
    ARM_CALL0(s, undefined);
    arm_end_changed(s);
    return true;
}

/* ---- what may be used ---- */

enum { ISS_CV = 1 << 24, COND_AL = 0xe << 20, ISS_TA = 1 << 5, ISS_CP10 = 10 };

bool arm_fp_access(ArmTranslate *s)
{
    bool undefined = s->mode & (ARM_MODE_FP_UNDEFINED | (s->simd ? ARM_MODE_SIMD_UNDEFINED : 0));
    unsigned trap = s->simd && (s->mode & ARM_MODE_SIMD_TRAP) ? 2 : FIELD_GET(s->mode, ARM_MODE_FP_TRAP);
    if (undefined) {
        arm_undefined(s);
    } else if (trap) {
        /* (To Hyp mode: what was used.) */
        uint32_t used = trap == 2 && !NEEDS(aarch64) ? (s->simd ? ISS_TA : ISS_CP10) : 0;
        arm_exception(s, ARM_SYNDROME(EC_FP_ACCESS, ISS_CV | COND_AL | used), trap);
    }
    return !undefined && !trap;
}

/* The SVE trap counts before that of FP. */
bool arm_sve_access(ArmTranslate *s)
{
    unsigned trap = FIELD_GET(s->mode, ARM_MODE_SVE_TRAP);
    if (!trap) {
        return arm_fp_access(s);
    }
    arm_exception(s, ARM_SYNDROME(EC_SVE_ACCESS, 0), trap);
    return false;
}

/* ---- instructions ---- */

static bool decode_a64(ArmTranslate *s)
{
    unsigned group = s->insn >> 25 & 15;
    bool copies = (s->insn & 0x3f200c00) == 0x1d000400;      /* CPYP ..., SETGP ...: bit 26 is not V */
    bool vector = ((group & 7) == 7 || ((group & 5) == 4 && (group & 2))) && !copies;       /* data processing; loads and stores with V set */
    bool scalable = group == 2 || (group == 0 && s->insn >> 31);       /* several vectors in memory are among SME's */
    return vector ? a64v_translate(s) : scalable ? sve_translate(s) : a64_decode(s, s->insn);
}

static void start_again(ArmTranslate *s, IrMark mark)
{
    ir_rewind(s->b, mark);
    s->ended = s->sve_known = false;
    ir_insn_start(s->b, s->start, 0);
}

/* false: the instruction does not belong to the block, which is to end before it. */
static bool translate_a64(ArmTranslate *s)
{
    IrMark mark = ir_mark(s->b);
    uint8_t bytes[4];
    s->start = s->next;
    ir_insn_start(s->b, s->start, 0);
    s->next = s->start + 4;
    if ((s->start & 3) || (s->mode & ARM_MODE_ILLEGAL)) {
        ir_exit_fault(s->b, s->start & 3 ? ARM_REASON_PC_ALIGNMENT : ARM_REASON_ILLEGAL_STATE);
        s->ended = true;
        return true;
    }
    if (!tcg_fetch(s->t->source, s->start, bytes, sizeof(bytes))) {
        return false;
    }
    s->insn = load_le32(bytes);
    if (!decode_a64(s)) {
        start_again(s, mark);
        arm_undefined(s);
    }
    return true;
}

/* The same for AArch32, where an instruction may reach over the end of the page: it begins a block of its own then, so that only such blocks depend on two pages. */
static bool translate_a32(ArmTranslate *s)
{
    IrMark mark = ir_mark(s->b);
    ArmTranslate before = *s;
    bool fetched = true;
    s->start = s->next;
    ir_insn_start(s->b, s->start, 0);
    bool allocated = a32_translate(s, &fetched);
    if (!s->first && (!fetched || s->next > PAGE)) {
        ir_rewind(s->b, mark);
        *s = before;
        return false;
    }
    if (!fetched) {
        start_again(s, mark);
        ir_exit_fault(s->b, TCG_REASON_FETCH);
        s->ended = true;
    } else if (!allocated) {
        start_again(s, mark);
        a32_undefined(s);
    }
    return true;
}

void arm_translate(TcgTranslate *t)
{
    bool aarch32 = t->mode & ARM_MODE_AARCH32;
    ArmSveKnown known;
    ArmTranslate s = { .vector = IR_V128, .sve = &known, .b = t->builder, .t = t, .cpu = ARM_CPU(t->cpu), .mode = t->mode, .next = t->offset, .first = true,
                       .thumb = t->mode & ARM_MODE_THUMB, .it = FIELD_GET(t->mode, ARM_MODE_IT) };
    int left = t->mode & ARM_MODE_SINGLE_STEP ? 1 : t->max_insns;
    ir_begin(s.b, aarch32 ? 32 : 64, aarch32 ? 32 : 64);
    if (t->mode & ARM_MODE_SINGLE_STEP) {
        ir_insn_start(s.b, s.next, 0);
        ARM_CALL0(&s, step);
    }
    do {
        bool fits = aarch32 ? translate_a32(&s) : translate_a64(&s);
        t->end = s.next;
        if (s.ended) {
            return;
        }
        if (!fits) {
            break;
        }
        s.first = false;
    } while (--left > 0 && s.next < PAGE && !ir_full(s.b));
    if (s.it || FIELD_GET(t->mode, ARM_MODE_IT) || (t->mode & ARM_MODE_SINGLE_STEP)) {
        ir_write(s.b, SLOT_PC, ir_pc(s.b, s.next));     /* another mode: ITSTATE is part of it */
        ir_exit_lookup(s.b);
    } else {
        arm_end_goto(&s, s.next);
    }
}
