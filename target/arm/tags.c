/*
 * Memory tags: no page has any yet (FEAT_MTE2 is not shown).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

bool arm_load_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, TcgAccess access, unsigned *tag)
{
    return false;
}

bool arm_store_tag(ArmCpu *cpu, uint64_t vaddr, unsigned index, unsigned tag)
{
    return true;
}
