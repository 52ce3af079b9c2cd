/*
 * Code that was made at another place, perhaps by another process of the same program, is fitted to where it lies now.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <string.h>

/* The linker's: where the program's image starts and ends. */
extern const char __executable_start, _end;

bool x64_relocations(const Emitter *e, const TcgReloc **relocs, uint32_t *count)
{
    *relocs = e->relocs;
    *count = e->nr_relocs;
    return !e->fixed_to_place;
}

static bool relocate_one(TcgUnit *unit, const TcgReloc *r)
{
    uint8_t *at = (uint8_t *)(uintptr_t)unit->code + x64.to_write + r->at;
    unsigned bytes = r->kind == TCG_RELOC_STUB || r->kind == TCG_RELOC_CELL ? 4 : 8;
    uint64_t value;
    if (r->at > unit->code_size || unit->code_size - r->at < bytes) {
        return false;
    }
    switch (r->kind) {
    case TCG_RELOC_STUB:
        value = (intptr_t)(x64.stubs + r->value) - (intptr_t)(unit->code + r->at + 4);
        if (r->value >= x64.stubs_size) {
            return false;
        }
        break;
    case TCG_RELOC_EXIT:
        value = (uintptr_t)unit->exits + r->value;
        if (r->value >= unit->nr_exits * sizeof(UnitExit)) {
            return false;
        }
        break;
    case TCG_RELOC_FUNCTION:
        value = (uintptr_t)&__executable_start + r->value;
        if (r->value >= &_end - &__executable_start) {
            return false;
        }
        break;
    case TCG_RELOC_CELL:
        if (r->value >= unit->nr_exits * sizeof(JumpCell) || !unit->exits[r->value / sizeof(JumpCell)].cell) {
            return false;
        }
        value = unit->exits[r->value / sizeof(JumpCell)].cell * sizeof(JumpCell) + r->value % sizeof(JumpCell);
        break;
    default:
        return false;
    }
    memcpy(at, &value, bytes);
    return true;
}

bool x64_relocate(TcgUnit *unit, const TcgReloc *relocs, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!relocate_one(unit, &relocs[i])) {
            return false;
        }
    }
    return true;
}
