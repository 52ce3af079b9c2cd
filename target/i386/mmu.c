/*
 * Address translation: 32-bit, PAE, 4-level and 5-level paging with large pages, protection, protection keys, accessed and dirty bits.
 *
 * Intel SDM volume 3, chapter 4 (4.3 to 4.5 formats, 4.6 access rights, 4.7 page-fault error code, 4.8 accessed and dirty flags).
 * Upper-level entries are cached as 4.10.3 allows: the last table of recent 2 MiB ranges, dropped by whatever drops the TLB.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/internal.h"
#include "softmmu/dma.h"
#include "softmmu/memory.h"
#include "softmmu/ram.h"
#include "tcg/hot.h"

#define PTE_PRESENT  BIT(0)
#define PTE_WRITE    BIT(1)
#define PTE_USER     BIT(2)
#define PTE_ACCESSED BIT(5)
#define PTE_DIRTY    BIT(6)
#define PTE_LARGE    BIT(7)
#define PTE_GLOBAL   BIT(8)
#define PTE_NX       BIT(63)
#define PTE_ADDRESS  UINT64_C(0x000ffffffffff000)

X86Paging x86_paging(const X86Cpu *cpu)
{
    if (!(cpu->cr[0] & CR0_PG)) {
        return (X86Paging){ 0 };
    }
    if (!(cpu->cr[4] & CR4_PAE)) {
        return (X86Paging){ .levels = 2, .entry_bytes = 4, .index_bits = 10, .pse = cpu->cr[4] & CR4_PSE };
    }
    unsigned levels = !x86_long_mode(cpu) ? 3 : cpu->cr[4] & CR4_LA57 ? 5 : 4;
    return (X86Paging){ .levels = levels, .entry_bytes = 8, .index_bits = 9, .pse = true };
}

/* ---- entries in memory ---- */

uint64_t x86_read_entry(X86Cpu *cpu, uint64_t paddr, unsigned bytes)
{
    paddr &= cpu->a20_mask;
    uint64_t value = 0;
    memory_read_lock();
    uint8_t *frame = address_space_frame(cpu->parent.memory, paddr & ~UINT64_C(0xfff), false, NULL);
    if (frame) {
        void *p = frame + (paddr & 0xfff);
        value = bytes == 8 ? __atomic_load_n((uint64_t *)p, __ATOMIC_RELAXED) : __atomic_load_n((uint32_t *)p, __ATOMIC_RELAXED);
    }
    memory_read_unlock();
    if (!frame) {
        address_space_load(cpu->parent.memory, paddr, &value, bytes, MEM_ATTRS_NONE);
    }
    return value;
}

/* Sets bits of an entry that still is what was read; false: somebody changed it meanwhile. */
static bool set_entry_bits(X86Cpu *cpu, uint64_t paddr, unsigned bytes, uint64_t old, uint64_t bits)
{
    paddr &= cpu->a20_mask;
    bool same = true;
    uint64_t ram_addr;
    memory_read_lock();
    uint8_t *frame = address_space_frame(cpu->parent.memory, paddr & ~UINT64_C(0xfff), true, &ram_addr);
    if (frame) {
        void *p = frame + (paddr & 0xfff);
        if (bytes == 8) {
            same = __atomic_compare_exchange_n((uint64_t *)p, &old, old | bits, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        } else {
            uint32_t old32 = old;
            same = __atomic_compare_exchange_n((uint32_t *)p, &old32, (uint32_t)(old | bits), false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
        }
    }
    memory_read_unlock();
    if (!frame) {
        /* Watched for writes, or no RAM at all: not atomic, as a device would do it. ROM keeps what it has. */
        address_space_store(cpu->parent.memory, paddr, old | bits, bytes, MEM_ATTRS_NONE);
    }
    return same;
}

/* ---- the cache of upper levels ---- */

void x86_walk_cache_flush(X86Cpu *cpu)
{
    cpu->walk_cache_epoch++;
}

static X86WalkCacheEntry *walk_cache_entry(X86Cpu *cpu, uint64_t vaddr)
{
    return &cpu->walk_cache[(vaddr >> 21) % X86_WALK_CACHE_ENTRIES];
}

/* ---- the walk ---- */

typedef struct Walk {
    X86Paging paging;
    uint64_t reserved;              /* bits that must be 0 in every entry */
    uint64_t entry, entry_addr;     /* the one that maps the page */
    uint64_t rights;                /* PTE_WRITE and PTE_USER of all levels, PTE_NX of any */
    unsigned page_bits;
    bool quiet;                     /* a debugger's: leaves no trace */
    uint64_t upper[4], upper_addr[4]; unsigned nr_upper;    /* entries whose accessed bit has still to be set */
} Walk;

static uint64_t physical_limit_mask(const X86Cpu *cpu)
{
    unsigned bits = cpu->phys_bits ? cpu->phys_bits : 36;
    return bits >= 52 ? 0 : MAKE_MASK(bits, 52 - bits);
}

static uint64_t reserved_bits(const X86Cpu *cpu, const X86Paging *paging)
{
    if (paging->entry_bytes == 4) {
        return 0;
    }
    uint64_t bits = physical_limit_mask(cpu);
    if (!(cpu->efer & EFER_NXE)) {
        bits |= PTE_NX;
    }
    if (paging->levels == 3) {
        bits |= MAKE_MASK(52, 11);
    }
    return bits;
}

/* Bits that a large page's entry must not have, below its address. */
static uint64_t large_reserved_bits(const X86Cpu *cpu, const Walk *w)
{
    if (w->paging.entry_bytes == 4) {
        return BIT(21);
    }
    return MAKE_MASK(13, w->page_bits - 13);
}

static bool may_be_large(const X86Cpu *cpu, const X86Paging *paging, unsigned level)
{
    if (level == 2) {
        return paging->pse;
    }
    return level == 3 && paging->levels > 3 && x86_has(cpu, FEAT_8000_0001_EDX, 26);
}

bool x86_read_pdptes(X86Cpu *cpu, uint64_t cr3, uint64_t pdptes[4])
{
    uint64_t reserved = PTE_WRITE | PTE_USER | PTE_ACCESSED | PTE_DIRTY | PTE_LARGE | PTE_GLOBAL | MAKE_MASK(52, 12) | physical_limit_mask(cpu);
    bool good = true;
    for (unsigned i = 0; i < 4; i++) {
        pdptes[i] = x86_read_entry(cpu, (cr3 & 0xffffffe0u) + 8 * i, 8);
        good &= !(pdptes[i] & PTE_PRESENT) || !(pdptes[i] & reserved);
    }
    return good;
}

/* Goes down from a table at level; false: not present (*error 0) or malformed (PF_RESERVED | PF_PRESENT). */
static bool walk_down(X86Cpu *cpu, uint64_t vaddr, Walk *w, uint64_t table, unsigned level, uint32_t *error)
{
    for (;; level--) {
        unsigned shift = 12 + (level - 1) * w->paging.index_bits;
        uint64_t index = vaddr >> shift & MAKE_MASK(0, w->paging.index_bits);
        uint64_t addr = table + index * w->paging.entry_bytes;
        uint64_t entry = x86_read_entry(cpu, addr, w->paging.entry_bytes);
        if (!(entry & PTE_PRESENT)) {
            *error = 0;
            return false;
        }
        *error = PF_PRESENT | PF_RESERVED;
        if (entry & w->reserved) {
            return false;
        }
        w->rights &= entry | PTE_NX;
        w->rights |= entry & PTE_NX;
        bool large = level > 1 && (entry & PTE_LARGE);
        if (large && !may_be_large(cpu, &w->paging, level)) {
            if (w->paging.entry_bytes == 4) {
                large = false;      /* the bit is ignored without CR4.PSE */
            } else {
                return false;
            }
        }
        if (level == 1 || large) {
            w->entry = entry;
            w->entry_addr = addr;
            w->page_bits = shift;
            return !large || !(entry & large_reserved_bits(cpu, w));
        }
        if (!(entry & PTE_ACCESSED)) {
            w->upper[w->nr_upper] = entry;
            w->upper_addr[w->nr_upper++] = addr;
        }
        table = entry & (w->paging.entry_bytes == 4 ? 0xfffff000u : PTE_ADDRESS);
        if (level == 2 && w->nr_upper == 0 && w->paging.levels >= 4 && !w->quiet) {
            *walk_cache_entry(cpu, vaddr) = (X86WalkCacheEntry){ .tag = vaddr >> 21, .epoch = cpu->walk_cache_epoch, .table = table,
                                                                 .rights = w->rights };
        }
    }
}

/* A PDPTE has no rights and no accessed bit; the processor keeps the four. A debugger reads them from memory: they are not kept under KVM. */
static bool walk_pae(X86Cpu *cpu, uint64_t vaddr, Walk *w, uint32_t *error)
{
    uint64_t entries[4], *pdptes = cpu->pdptes;
    if (w->quiet) {
        x86_read_pdptes(cpu, cpu->cr[3], entries);
        pdptes = entries;
    }
    uint64_t entry = pdptes[vaddr >> 30 & 3];
    if (!(entry & PTE_PRESENT)) {
        *error = 0;
        return false;
    }
    return walk_down(cpu, vaddr, w, entry & PTE_ADDRESS, 2, error);
}

static bool walk_tables(X86Cpu *cpu, uint64_t vaddr, Walk *w, uint32_t *error)
{
    w->nr_upper = 0;
    w->rights = PTE_WRITE | PTE_USER;
    if (w->paging.levels >= 4 && !w->quiet) {
        const X86WalkCacheEntry *c = walk_cache_entry(cpu, vaddr);
        if (c->tag == vaddr >> 21 && c->epoch == cpu->walk_cache_epoch) {
            w->rights = c->rights;
            return walk_down(cpu, vaddr, w, c->table, 1, error);
        }
    }
    if (w->paging.levels == 3) {
        return walk_pae(cpu, vaddr, w, error);
    }
    uint64_t root_mask = w->paging.entry_bytes == 4 ? 0xfffff000u : PTE_ADDRESS;
    return walk_down(cpu, vaddr, w, cpu->cr[3] & root_mask, w->paging.levels, error);
}

/* ---- rights ---- */

typedef struct Rights { bool read, write, exec, by_key; } Rights;

static Rights page_rights(const X86Cpu *cpu, const Walk *w, unsigned priv)
{
    bool user_page = w->rights & PTE_USER, writable = w->rights & PTE_WRITE;
    bool exec = !(w->rights & PTE_NX);
    Rights r;
    if (priv == X86_PRIV_USER) {
        r = (Rights){ .read = user_page, .write = user_page && writable, .exec = user_page && exec };
    } else {
        bool data = !(user_page && priv == X86_PRIV_KERNEL_SMAP && (cpu->cr[4] & CR4_SMAP));
        r = (Rights){ .read = data, .write = data && (writable || !(cpu->cr[0] & CR0_WP)),
                      .exec = exec && !(user_page && (cpu->cr[4] & CR4_SMEP)) };
    }
    if ((cpu->cr[4] & (user_page ? CR4_PKE : CR4_PKS)) && x86_long_mode(cpu)) {
        unsigned key = w->entry >> 59 & 15;
        uint64_t disabled = user_page ? cpu->pkru : cpu->pkrs;
        bool access_disabled = disabled >> (2 * key) & 1, write_disabled = disabled >> (2 * key + 1) & 1;
        if (access_disabled && r.read) {
            r.read = r.write = false;
            r.by_key = true;
        } else if (write_disabled && r.write && (priv == X86_PRIV_USER || (cpu->cr[0] & CR0_WP))) {
            r.write = false;
            r.by_key = true;
        }
    }
    return r;
}

static bool allowed(const Rights *r, TcgAccess access)
{
    return access == TCG_ACCESS_LOAD ? r->read : access == TCG_ACCESS_STORE ? r->write : r->exec;
}

static uint32_t access_error(const X86Cpu *cpu, TcgAccess access, unsigned priv)
{
    uint32_t error = priv == X86_PRIV_USER ? PF_USER : 0;
    if (access == TCG_ACCESS_STORE) {
        error |= PF_WRITE;
    } else if (access == TCG_ACCESS_FETCH
               && ((cpu->cr[4] & CR4_SMEP) || ((cpu->efer & EFER_NXE) && (cpu->cr[4] & CR4_PAE)))) {
        error |= PF_FETCH;
    }
    return error;
}

static uint64_t page_address(const Walk *w)
{
    if (w->paging.entry_bytes == 4) {
        /* PSE-36: bits 13 to 20 of a 4 MiB page's entry are address bits 32 to 39. */
        return w->page_bits == 22 ? (w->entry & 0xffc00000u) | (w->entry >> 13 & 0xff) << 32 : w->entry & 0xfffff000u;
    }
    return w->entry & PTE_ADDRESS & ~MAKE_MASK(0, w->page_bits);
}

/* The accessed and dirty bits that this access sets; false: an entry has changed, walk again. */
static bool update_entries(X86Cpu *cpu, Walk *w, bool dirty)
{
    for (unsigned i = 0; i < w->nr_upper; i++) {
        if (!set_entry_bits(cpu, w->upper_addr[i], w->paging.entry_bytes, w->upper[i], PTE_ACCESSED)) {
            return false;
        }
    }
    uint64_t bits = PTE_ACCESSED | (dirty ? PTE_DIRTY : 0);
    if ((w->entry & bits) != bits) {
        if (!set_entry_bits(cpu, w->entry_addr, w->paging.entry_bytes, w->entry, bits)) {
            return false;
        }
        w->entry |= bits;
    }
    return true;
}

static X86WalkResult translate_unpaged(const X86Cpu *cpu, uint64_t vaddr, TcgTranslation *out)
{
    *out = (TcgTranslation){ .paddr = vaddr & 0xfffff000u & cpu->a20_mask, .page_bits = cpu->a20_mask_off ? 20 : 30,
                             .read = true, .write = true, .exec = true, .attrs.secure = cpu->smm };
    return X86_WALK_OK;
}

X86WalkResult x86_walk(X86Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, bool quiet, TcgTranslation *out, uint32_t *error)
{
    if (!x86_long_mode(cpu)) {
        vaddr = (uint32_t)vaddr;
    }
    if (!(cpu->cr[0] & CR0_PG)) {
        return translate_unpaged(cpu, vaddr, out);
    }
    if (x86_long_mode(cpu) && !x86_canonical(cpu, vaddr)) {
        return X86_WALK_NOT_CANONICAL;
    }
    Walk w = { .paging = x86_paging(cpu), .quiet = quiet };
    w.reserved = reserved_bits(cpu, &w.paging);
    Rights rights;
    do {
        if (!walk_tables(cpu, vaddr, &w, error)) {
            *error |= access_error(cpu, access, priv);
            return X86_WALK_PAGE_FAULT;
        }
        rights = page_rights(cpu, &w, priv);
        if (quiet) {
            break;
        }
        if (!allowed(&rights, access)) {
            *error = PF_PRESENT | access_error(cpu, access, priv) | (rights.by_key && access != TCG_ACCESS_FETCH ? PF_KEY : 0);
            return X86_WALK_PAGE_FAULT;
        }
    } while (!update_entries(cpu, &w, access == TCG_ACCESS_STORE));
    uint64_t offset = vaddr & MAKE_MASK(0, w.page_bits) & ~UINT64_C(0xfff);
    *out = (TcgTranslation){
        .paddr = (page_address(&w) | offset) & cpu->a20_mask,
        .page_bits = cpu->a20_mask_off && w.page_bits > 20 ? 20 : w.page_bits,
        .read = rights.read, .exec = rights.exec,
        .write = rights.write && (w.entry & PTE_DIRTY),
        .global = (w.entry & PTE_GLOBAL) && (cpu->cr[4] & CR4_PGE),
        .attrs.secure = cpu->smm,
    };
    return X86_WALK_OK;
}

/* The fetch of an address that is not canonical: back to the jump that has led there. What may have come by a direct jump or in sequence is left where it is: from near the
 * end of the canonical addresses. */
static void go_back_to_jump(X86Cpu *cpu, uint64_t vaddr)
{
    uint64_t base = tcg_hot(&cpu->parent)->pc_base, distance = vaddr - base + (UINT64_C(1) << 31);
    uint32_t jump = cpu->last_jump, kind = jump & X86_JUMP_KIND;
    if (!kind || vaddr != cpu->pc || distance < UINT64_C(1) << 32) {
        return;
    }
    cpu->last_jump = 0;
    cpu->pc = base + (jump & X86_JUMP_OFFSET);
    if (kind == X86_JUMP_CALL) {
        cpu->regs[R_ESP] += 8;
    } else if (kind == X86_JUMP_RETURN) {
        cpu->regs[R_ESP] -= 8 + (jump >> X86_JUMP_RELEASED_SHIFT);
    }
}

bool x86_translate_address(Cpu *c, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TcgTranslation *out)
{
    X86Cpu *cpu = X86_CPU(c);
    uint32_t error = 0;
    X86WalkResult result = x86_walk(cpu, vaddr, access, priv, false, out, &error);
    if (result == X86_WALK_OK) {
        return true;
    }
    if (!probe) {
        cpu->exception_not_canonical = result == X86_WALK_NOT_CANONICAL;
        if (result == X86_WALK_NOT_CANONICAL) {
            if (access == TCG_ACCESS_FETCH && x86_code64(cpu)) {
                go_back_to_jump(cpu, vaddr);
            }
            x86_record_exception_error(cpu, EXCP_GP, 0);
        } else {
            cpu->cr[2] = x86_long_mode(cpu) ? vaddr : (uint32_t)vaddr;
            x86_record_exception_error(cpu, EXCP_PF, error);
        }
    }
    return false;
}

bool x86_debug_translate(Cpu *c, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs)
{
    X86Cpu *cpu = X86_CPU(c);
    TcgTranslation t;
    uint32_t error;
    if (x86_walk(cpu, vaddr, TCG_ACCESS_LOAD, X86_PRIV_KERNEL, true, &t, &error) != X86_WALK_OK) {
        return false;
    }
    *paddr = t.paddr | (vaddr & 0xfff);
    if (attrs) {
        *attrs = t.attrs;
        attrs->debug = true;
    }
    return true;
}

/* With PCIDs the tag is the PCID; without them every load of CR3 starts a space anew. Without paging there is one space. */
uint64_t x86_space_id(Cpu *c)
{
    const X86Cpu *cpu = X86_CPU(c);
    if (!(cpu->cr[0] & CR0_PG)) {
        return 0x10000;
    }
    return cpu->cr[4] & CR4_PCIDE ? 1 + (cpu->cr[3] & 0xfff) : 0;
}
