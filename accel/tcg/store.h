/*
 * Units that are kept from one run of the program to the next (-accel tcg,cache=): found by the guest's bytes and what else the front end was told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_STORE_H
#define ACCEL_TCG_STORE_H

#include "accel/tcg/internal.h"

/* setting: "on" (the user's cache directory) or a directory. */
bool store_open(TcgAccel *t, const char *setting, GError **err);
/* Writes what is still to be written. Any thread; takes code_lock. */
void store_flush(TcgAccel *t);

/* A unit that is kept for this block of the guest's; NULL: none. */
typedef struct StoreRecord StoreRecord;
const StoreRecord *store_find(TcgVcpu *v, TcgSource *s, int32_t offset);
/* Its record and code in a segment. code_lock. *result as of the compiler: DOES_NOT_FIT where what was kept is of no use. */
Unit *store_place(TcgAccel *t, const StoreRecord *stored, Segment *segment, TcgCompiled *result);
/* Keeps a unit that was compiled last and is not linked yet; guest: its bytes. code_lock. */
void store_add(TcgVcpu *v, const Unit *unit, const uint8_t *guest);

#endif
