/*
 * Numbers in parts: what the files of floating point in C share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_FLOAT_INTERNAL_H
#define TARGET_ARM_TCG_FLOAT_INTERNAL_H

#include "target/arm/tcg/float.h"

typedef unsigned __int128 Wide;
typedef struct Format { unsigned bits, precision; int emin, emax; } Format;     /* precision: with the leading bit */
extern const Format arm_float_formats[4];

typedef enum Class { ZERO, NUMBER, INFINITE, QUIET_NAN, SIGNALING_NAN } Class;
/* A number is sig * 2^(exp - 63); bit 63 of sig is set. */
typedef struct Parts { Class class; bool sign; int exp; uint64_t sig; } Parts;

static inline bool is_nan(Parts p) { return p.class >= QUIET_NAN; }
static inline uint64_t infinity(const Format *f) { return MAKE_MASK(f->precision - 1, f->bits - f->precision); }
static inline uint64_t quiet_bit(const Format *f) { return BIT(f->precision - 2); }
static inline uint64_t sign_bit(const Format *f) { return BIT(f->bits - 1); }
static inline uint64_t zero(const Format *f, bool sign) { return sign ? sign_bit(f) : 0; }
static inline uint64_t infinite(const Format *f, bool sign) { return infinity(f) | zero(f, sign); }
static inline uint64_t shift_jam(uint64_t sig, unsigned by) { return by == 0 ? sig : by < 64 ? sig >> by | ((sig << (64 - by)) != 0) : sig != 0; }

/* FPUnpack: subnormals are flushed. The second: of a half or what becomes one in a conversion (FPUnpackCV). */
Parts arm_float_unpack(ArmFloat *e, unsigned format, uint64_t bits);
Parts arm_float_unpack_convert(ArmFloat *e, unsigned format, uint64_t bits);
/* FPProcessDenorms: at the end of an operation that no NaN came of. */
void arm_float_tell_denormal(ArmFloat *e);
/* The environment of estimates and steps with AH: rounded to nearest, subnormals flushed, no flags (they are put back by the caller). */
ArmFloat arm_float_for_estimates(const ArmFloat *e);
/* FPRound. The lowest bit of sig stands for all that was lost below it. */
uint64_t arm_float_pack(ArmFloat *e, unsigned format, Parts p, unsigned rounding);
uint64_t arm_float_pack_convert(ArmFloat *e, unsigned format, Parts p, unsigned rounding);
/* Of a wide sig whose bit 127 would be worth 2^exp; not 0. */
Parts arm_float_narrow(bool sign, int exp, Wide sig);
bool arm_float_rounds_up(unsigned rounding, bool sign, bool odd, uint64_t low, uint64_t half);
uint64_t arm_float_default_nan(const ArmFloat *e, unsigned format);
uint64_t arm_float_invalid(ArmFloat *e, unsigned format);
uint64_t arm_float_process_nan(ArmFloat *e, unsigned format, Parts p, uint64_t bits);
bool arm_float_process_nans(ArmFloat *e, unsigned format, Parts a, Parts b, uint64_t x, uint64_t y, uint64_t *result);
/* The magnitude rounded to an integer: false when it does not fit 64 bits. */
bool arm_float_to_integer(Parts p, unsigned rounding, uint64_t *value, bool *inexact);
uint64_t arm_float_round_int(ArmFloat *e, unsigned format, uint64_t a, unsigned rounding, bool exact);
uint64_t arm_float_round_int_n(ArmFloat *e, unsigned format, uint64_t a, unsigned rounding, unsigned size);
uint64_t arm_float_recpe(ArmFloat *e, unsigned format, uint64_t a);
uint64_t arm_float_rsqrte(ArmFloat *e, unsigned format, uint64_t a);
uint64_t arm_float_recpx(ArmFloat *e, unsigned format, uint64_t a);

#endif
