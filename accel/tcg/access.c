/*
 * Guest memory off the fast path: TLB misses, devices, ROM, pages with code or under watch, accesses over two pages; for translated code and for helpers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/access.h"
#include "softmmu/dma.h"
#include "util/copy-whole.h"
#include "util/log.h"

#include <string.h>

/* ---- where an access goes ---- */

bool access_hits_own_code(TcgVcpu *v, uint64_t ram_page)
{
    uint64_t page = fetch_linear(v, v->hot->pc_base + v->delta) & ~PAGE_MASK_LOW;
    for (unsigned i = 0; i < 2; i++, page += PAGE_BYTES) {
        const TlbPage *known = tlb_peek(v, page, v->fetch_priv);
        if (known && (known->flags & INFO_EXEC) ? known->ram_addr == ram_page : i == 0) {
            return true;        /* or nothing is known of the page that runs */
        }
    }
    return false;
}

/* A store to bytes that may hold code. */
static PlaceKind find_code_place(TcgVcpu *v, Place *p, uint64_t ram_addr, unsigned size)
{
    TcgAccel *t = tcg_accel;
    v->code_hits++;
    g_mutex_lock(&t->code_lock);
    if (v->in_code && !v->single && units_touch(ram_addr, size) && access_hits_own_code(v, ram_addr & ~PAGE_MASK_LOW)) {
        g_mutex_unlock(&t->code_lock);
        return PLACE_SINGLE;
    }
    units_drop_range(t, ram_addr, size);
    p->locked = true;
    return PLACE_RAM;
}

static PlaceKind find_store_place(TcgVcpu *v, uint64_t vaddr, unsigned size, Place *p)
{
    uint64_t ram_addr = p->page->ram_addr | (vaddr & PAGE_MASK_LOW);
    RamBlock *block = ram_block_find(ram_addr);
    p->dirty = block;
    p->dirty_offset = ram_addr - block->ram_addr;
    CodePage *page = page_find(ram_addr);
    p->stays_slow = page && page->marked;
    if (page_hit(page, ram_addr, size)) {
        return find_code_place(v, p, ram_addr, size);
    }
    p->stays_slow = p->stays_slow && !page_calms_down(v, page);
    return PLACE_RAM;
}

/* Whether a line is watched: then who writes has to hold the lock until it is done, so that the one who wakes sees what was written. */
static bool is_watched(uint64_t ram_addr, unsigned size)
{
    const CodePage *page = page_find(ram_addr);
    unsigned offset = ram_addr & PAGE_MASK_LOW;
    return page && (page->watched & MAKE_MASK(offset >> 6, ((offset + size - 1) >> 6) - (offset >> 6) + 1));
}

PlaceKind place_find(TcgVcpu *v, uint64_t vaddr, unsigned size, TcgAccess access, unsigned priv, Place *p)
{
    const TlbPage *info = p->page = tlb_lookup(v, vaddr, access, priv, false);
    if (!info) {
        return PLACE_FAULT;
    }
    p->locked = false;
    p->dirty = NULL;
    p->host = (uint8_t *)(uintptr_t)(vaddr + info->addend);
    if (tlb_is_fast(v, info, access)) {
        return PLACE_RAM;
    }
    p->paddr = tlb_paddr(info, vaddr);
    p->attrs = info->attrs;
    if ((info->flags & INFO_WATCH) && debug_watch_access(v, vaddr, size, access) && v->in_code && !v->single) {
        v->watch_hit = false;
        return PLACE_SINGLE;
    }
    if (info->ram_addr == NO_RAM || (access == TCG_ACCESS_STORE && (info->flags & INFO_READONLY))) {
        return PLACE_DISPATCH;
    }
    return access == TCG_ACCESS_STORE ? find_store_place(v, vaddr, size, p) : PLACE_RAM;
}

void place_release(TcgVcpu *v, Place *p)
{
    if (p->locked) {
        g_mutex_unlock(&tcg_accel->code_lock);
    }
    if (p->dirty) {
        ram_block_set_dirty(p->dirty, p->dirty_offset, 1);
        if (!p->stays_slow) {
            tlb_upgrade(v, p->page);
        }
    }
}

/* ---- by dispatch ---- */

static unsigned piece(uint64_t addr, unsigned size)
{
    unsigned bytes = size >= 8 ? 8 : 1u << (31 - __builtin_clz(size));
    while (bytes > 1 && bytes < size && (addr & (bytes - 1))) {
        bytes /= 2;
    }
    return bytes;
}

bool place_dispatch(TcgVcpu *v, const Place *p, uint64_t vaddr, void *buf, unsigned size, TcgAccess access)
{
    AddressSpace *as = v->cpu->memory;
    v->mmio++;
    for (unsigned done = 0, n; done < size; done += n) {
        uint64_t value = 0, paddr = p->paddr + done;
        MemResult result;
        n = piece(paddr, size - done);
        if (access == TCG_ACCESS_STORE) {
            memcpy(&value, (char *)buf + done, n);
            result = address_space_store(as, paddr, value, n, p->attrs);
        } else {
            result = address_space_load(as, paddr, &value, n, p->attrs);
            memcpy((char *)buf + done, &value, n);
        }
        if (result && v->target->bus_error(v->cpu, vaddr + done, paddr, access, result)) {
            return false;
        }
    }
    return true;
}

/* ---- bytes ---- */

typedef enum AccessResult { ACCESS_DONE, ACCESS_FAULT, ACCESS_SINGLE } AccessResult;

static AccessResult access_in_page(TcgVcpu *v, uint64_t vaddr, void *buf, unsigned size, TcgAccess access, unsigned priv)
{
    Place p;
    switch (place_find(v, vaddr, size, access, priv, &p)) {
    case PLACE_RAM:
        if (access == TCG_ACCESS_STORE) {
            copy_whole(p.host, buf, size);
            place_release(v, &p);
        } else {
            copy_whole(buf, p.host, size);
        }
        return ACCESS_DONE;
    case PLACE_DISPATCH:
        return place_dispatch(v, &p, vaddr, buf, size, access) ? ACCESS_DONE : ACCESS_FAULT;
    case PLACE_FAULT:
        return ACCESS_FAULT;
    case PLACE_SINGLE:
        break;
    }
    return ACCESS_SINGLE;
}

static uint64_t next_page(const TcgVcpu *v, uint64_t vaddr)
{
    uint64_t next = (vaddr | PAGE_MASK_LOW) + 1;
    return v->cpu->arch->address_bits == 32 ? (uint32_t)next : next;
}

static AccessResult access_bytes(TcgVcpu *v, uint64_t vaddr, void *buf, unsigned size, TcgAccess access, unsigned priv)
{
    unsigned first = PAGE_BYTES - (vaddr & PAGE_MASK_LOW);
    if (size <= first) {
        return access_in_page(v, vaddr, buf, size, access, priv);
    }
    if (access == TCG_ACCESS_STORE && (!tlb_lookup(v, vaddr, access, priv, false) || !tlb_lookup(v, next_page(v, vaddr), access, priv, false))) {
        return ACCESS_FAULT;    /* nothing is written when the second page cannot be */
    }
    AccessResult result = access_in_page(v, vaddr, buf, first, access, priv);
    if (result == ACCESS_DONE) {
        result = access_in_page(v, next_page(v, vaddr), (char *)buf + first, size - first, access, priv);
    }
    return result;
}

/* ---- translated code's slow path ---- */

static bool leave_with(TcgVcpu *v, TcgLeaveKind kind)
{
    v->hot->pending_leave = kind;
    return false;
}

static void swap_bytes(uint8_t *bytes, unsigned size)
{
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t b = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = b;
    }
}

/* To 64 bits; longer ones are as they are. */
static void extend(const IrMem *mem, uint8_t bytes[32], void *value)
{
    unsigned size = 1u << mem->size_log2;
    if (mem->big_endian) {
        swap_bytes(bytes, size);
    }
    if (size < 8) {
        uint64_t n = 0;
        memcpy(&n, bytes, size);
        if (mem->sign) {
            n = sextract64(n, 0, size * 8);
        }
        memcpy(value, &n, 8);
    } else {
        memcpy(value, bytes, size);
    }
}

/* What most are: a page that the first level had not, in plain RAM. false: something else. */
static bool plain_access(TcgVcpu *v, uint64_t vaddr, const IrMem *mem, TcgAccess access, void *value)
{
    unsigned size = 1u << mem->size_log2;
    TcgAccess right = mem->will_write ? TCG_ACCESS_STORE : access;
    if (((vaddr & PAGE_MASK_LOW) + size > PAGE_BYTES) || (vaddr & MAKE_MASK(0, mem->align_log2)) || mem->big_endian) {
        return false;
    }
    const TlbPage *p = tlb_lookup(v, vaddr, right, mem->priv, true);
    if (!p || !tlb_is_fast(v, p, right) || !tlb_is_fast(v, p, access)) {
        return false;
    }
    tlb_install(v, p, vaddr, right, mem->priv);
    uint8_t *host = (uint8_t *)(uintptr_t)(vaddr + p->addend);
    if (access == TCG_ACCESS_LOAD) {
        uint8_t bytes[32];
        copy_whole(bytes, host, size);
        extend(mem, bytes, value);
    } else if (value) {
        copy_whole(host, value, size);
    }
    return true;
}

/* The store that a probe stands for would end the unit: better now, while nothing is done. */
static bool probe_finds_single(TcgVcpu *v, uint64_t vaddr, unsigned size, unsigned priv)
{
    unsigned first = MIN(size, PAGE_BYTES - (vaddr & PAGE_MASK_LOW));
    for (unsigned part = 0; part < 2 && (part == 0 || size > first); part++) {
        Place p;
        PlaceKind kind = place_find(v, part ? next_page(v, vaddr) : vaddr, part ? size - first : first, TCG_ACCESS_STORE, priv, &p);
        if (kind == PLACE_SINGLE) {
            return true;
        }
        if (kind == PLACE_RAM && p.locked) {
            g_mutex_unlock(&tcg_accel->code_lock);
        }
    }
    return false;
}

static bool meets_device(TcgVcpu *v, uint64_t vaddr, unsigned size, TcgAccess access, unsigned priv)
{
    const TlbPage *first = tlb_lookup(v, vaddr, access, priv, true);
    if (first && first->ram_addr == NO_RAM) {
        return true;
    }
    const TlbPage *last = tlb_lookup(v, vaddr + size - 1, access, priv, true);
    return last && last->ram_addr == NO_RAM;
}

static bool slow_access(Cpu *cpu, uint64_t vaddr, const IrMem *mem, TcgAccess access, void *value)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    unsigned size = 1u << mem->size_log2;
    uint8_t bytes[32];
    v->slow_accesses++;
    if (plain_access(v, vaddr, mem, access, value)) {
        return true;
    }
    if (mem->align_log2 && (vaddr & MAKE_MASK(0, mem->align_log2)) && v->target->unaligned(cpu, vaddr, access, mem->priv)) {
        return leave_with(v, TCG_LEAVE_EXCEPTION);
    }
    if (access == TCG_ACCESS_LOAD && mem->will_write && !tcg_probe(cpu, vaddr, size, TCG_ACCESS_STORE, mem->priv)) {
        return leave_with(v, TCG_LEAVE_EXCEPTION);
    }
    if (!value) {       /* only whether it may be stored to */
        if (!tcg_probe(cpu, vaddr, size, access, mem->priv)) {
            return leave_with(v, TCG_LEAVE_EXCEPTION);
        }
        return !probe_finds_single(v, vaddr, size, mem->priv) || leave_with(v, TCG_LEAVE_SINGLE);
    }
    if (mem->masked && meets_device(v, vaddr, size, access, mem->priv)) {
        return leave_with(v, TCG_LEAVE_SINGLE);
    }
    if (access == TCG_ACCESS_STORE) {
        memcpy(bytes, value, size);
        if (mem->big_endian) {
            swap_bytes(bytes, size);
        }
    }
    switch (access_bytes(v, vaddr, bytes, size, access, mem->priv)) {
    case ACCESS_FAULT:
        return leave_with(v, TCG_LEAVE_EXCEPTION);
    case ACCESS_SINGLE:
        return leave_with(v, TCG_LEAVE_SINGLE);
    case ACCESS_DONE:
        break;
    }
    if (access == TCG_ACCESS_LOAD) {
        extend(mem, bytes, value);
    }
    return true;
}

bool tcg_slow_access(Cpu *cpu, uint64_t vaddr, const IrMem *mem, TcgAccess access, void *value)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    bool done = slow_access(cpu, vaddr, mem, access, value);
    if (!done && v->hot->pending_leave == TCG_LEAVE_EXCEPTION && v->target->access_failed && v->target->access_failed(cpu, mem)) {
        v->hot->pending_leave = TCG_LEAVE_SINGLE;
    }
    return done;
}

/* Run by run of wanted bytes, in pieces as large as their places allow. */
bool tcg_slow_store_masked(Cpu *cpu, uint64_t vaddr, const IrMem *mem, const void *value, uint32_t mask)
{
    bool wide = cpu->arch->address_bits != 32;
    for (unsigned at = 0; at < 1u << mem->size_log2;) {
        if (!(mask >> at & 1)) {
            at++;
            continue;
        }
        IrMem part = *mem;
        for (part.size_log2 = 3; part.size_log2; part.size_log2--) {
            uint32_t wanted = (uint32_t)MAKE_MASK(at, 1u << part.size_log2);
            if (!(at & ((1u << part.size_log2) - 1)) && (mask & wanted) == wanted) {
                break;
            }
        }
        uint64_t address = wide ? vaddr + at : (uint32_t)(vaddr + at), bytes = 0;
        memcpy(&bytes, (const uint8_t *)value + at, 1u << part.size_log2);
        if (!tcg_slow_access(cpu, address, &part, TCG_ACCESS_STORE, &bytes)) {
            return false;
        }
        at += 1u << part.size_log2;
    }
    return true;
}

/* ---- helpers' accesses ---- */

static bool helper_access(TcgVcpu *v, uint64_t vaddr, void *buf, unsigned size, TcgAccess access, unsigned priv)
{
    AccessResult result = access_bytes(v, vaddr, buf, size, access, priv);
    v->want_single |= result == ACCESS_SINGLE;
    return result == ACCESS_DONE;
}

bool tcg_load(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t *value)
{
    *value = 0;
    return helper_access(tcg_vcpu(cpu), vaddr, value, size, TCG_ACCESS_LOAD, priv);
}

bool tcg_store(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value)
{
    return helper_access(tcg_vcpu(cpu), vaddr, &value, size, TCG_ACCESS_STORE, priv);
}

uint64_t tcg_load_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv)
{
    uint64_t value;
    if (!tcg_load(cpu, vaddr, size, priv, &value)) {
        tcg_leave(cpu);
    }
    return value;
}

void tcg_store_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value)
{
    if (!tcg_store(cpu, vaddr, size, priv, value)) {
        tcg_leave(cpu);
    }
}

static bool access_block(Cpu *cpu, uint64_t vaddr, uint8_t *buf, unsigned len, TcgAccess access, unsigned priv)
{
    while (len) {
        unsigned part = MIN(len, PAGE_BYTES - (vaddr & PAGE_MASK_LOW));
        if (!helper_access(tcg_vcpu(cpu), vaddr, buf, part, access, priv)) {
            return false;
        }
        vaddr = part == len ? vaddr : next_page(tcg_vcpu(cpu), vaddr);
        buf += part;
        len -= part;
    }
    return true;
}

bool tcg_read_bytes(Cpu *cpu, uint64_t vaddr, void *buf, unsigned len, unsigned priv)
{
    return access_block(cpu, vaddr, buf, len, TCG_ACCESS_LOAD, priv);
}

bool tcg_write_bytes(Cpu *cpu, uint64_t vaddr, const void *buf, unsigned len, unsigned priv)
{
    return tcg_probe(cpu, vaddr, len, TCG_ACCESS_STORE, priv) && access_block(cpu, vaddr, (uint8_t *)buf, len, TCG_ACCESS_STORE, priv);
}

bool tcg_probe(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access, unsigned priv)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    while (len) {
        unsigned part = MIN(len, PAGE_BYTES - (vaddr & PAGE_MASK_LOW));
        if (!tlb_lookup(v, vaddr, access, priv, false)) {
            return false;
        }
        vaddr = next_page(v, vaddr);
        len -= part;
    }
    return true;
}

void *tcg_host_pointer(Cpu *cpu, uint64_t vaddr, unsigned *len, TcgAccess access, unsigned priv)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    TlbPage *info = tlb_lookup(v, vaddr, access, priv, false);
    *len = MIN(*len, PAGE_BYTES - (vaddr & PAGE_MASK_LOW));
    if (!info) {
        return NULL;
    }
    void *host = (void *)(uintptr_t)(vaddr + info->addend);
    if (tlb_is_fast(v, info, access)) {
        return host;
    }
    if (info->ram_addr == NO_RAM || (info->flags & (INFO_WATCH | INFO_READONLY)) || access != TCG_ACCESS_STORE) {
        return NULL;
    }
    if (is_watched(info->ram_addr | (vaddr & PAGE_MASK_LOW), *len)) {
        return NULL;
    }
    Place p = { .page = info };
    if (find_store_place(v, vaddr, *len, &p) == PLACE_SINGLE) {
        return NULL;
    }
    if (p.locked) {
        g_mutex_unlock(&tcg_accel->code_lock);
    }
    ram_block_set_dirty(p.dirty, p.dirty_offset, *len);
    tlb_upgrade(v, info);
    return host;
}
