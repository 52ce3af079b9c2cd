/*
 * A guest access within one page that the fast path does not take, in two steps: where it goes, then the access itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_ACCESS_H
#define ACCEL_TCG_ACCESS_H

#include "accel/tcg/internal.h"

typedef enum PlaceKind {
    PLACE_RAM,          /* host points to it */
    PLACE_DISPATCH,     /* a device, ROM that is written, nothing */
    PLACE_FAULT,        /* the exception is recorded */
    PLACE_SINGLE,       /* the instruction has to run alone: it changes the code that it is a part of, or meets a watchpoint */
} PlaceKind;

typedef struct Place {
    uint8_t *host;
    uint64_t paddr;     /* of the access */
    MemAttrs attrs;
    bool locked;        /* code_lock is held until place_release: the bytes hold code, which has been dropped */
    RamBlock *dirty; uint64_t dirty_offset;     /* to be marked when it is done; NULL: not tracked */
    bool stays_slow;    /* code is on the page: no use asking for a fast entry */
    TlbPage *page;
} Place;

PlaceKind place_find(TcgVcpu *v, uint64_t vaddr, unsigned size, TcgAccess access, unsigned priv, Place *p);
/* The access is done. */
void place_release(TcgVcpu *v, Place *p);
/* By dispatch, in pieces that it takes. false: an exception is recorded. */
bool place_dispatch(TcgVcpu *v, const Place *p, uint64_t vaddr, void *buf, unsigned size, TcgAccess access);

#endif
