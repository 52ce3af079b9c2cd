/*
 * SVE2.1 in C: what is shared by the files of its operations. They are run as those of SVE are (sve.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_SVE21_H
#define TARGET_ARM_TCG_SVE21_H

#include "target/arm/tcg/sve.h"
#include "target/arm/tcg/sve21-decode.h"

/* A predicate that is a counter: elements of 1 << size bytes, over up to four vectors, the first ones of which are active, or (inverted) all but them. */
typedef struct SveCounter { unsigned size, count; bool inverted, none; } SveCounter;
SveCounter sve21_counter(const SveExec *s, unsigned pn);
/* Whether element i of a size is active; sizes may differ from the counter's. */
bool sve21_counted(const SveCounter *c, unsigned size, unsigned i);
/* Operands of three bits: P8 to P15. */
static inline unsigned sve21_p8(unsigned n) { return n + 8; }

#endif
