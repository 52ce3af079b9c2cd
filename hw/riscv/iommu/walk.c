/*
 * Page tables of either stage (RISC-V Privileged Architecture: Sv32, Sv39, Sv48, Sv57, the hypervisor extension's Svx4, Svnapot; 2.3, steps 17 and 19).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#define PTE_V BIT(0)
#define PTE_R BIT(1)
#define PTE_W BIT(2)
#define PTE_X BIT(3)
#define PTE_U BIT(4)
#define PTE_G BIT(5)
#define PTE_A BIT(6)
#define PTE_D BIT(7)
#define PTE_N BIT(63)
/* Svpbmt is not there; of the rest software has two bits where capabilities says so. */
#define PTE_PBMT MAKE_MASK(61, 2)
#define PTE_RESERVED MAKE_MASK(54, 5)
#define PTE_RSW60T59 MAKE_MASK(59, 2)
FIELD(PTE_PPN, 10, 44);
enum { PAGE_BITS = 12, SECOND_EXTRA_BITS = 2, GUEST_32_BITS = 34, NAPOT_PAGES_BITS = 4, NAPOT_64K = 8 };

/* ---- schemes (2.1.3.2, 2.1.3.4) ---- */

static const RiscvIommuScheme sv32 = { 2, 10, 4 }, sv39 = { 3, 9, 8 }, sv48 = { 4, 9, 8 }, sv57 = { 5, 9, 8 };

typedef struct ModeOf { uint64_t capability; const RiscvIommuScheme *scheme; } ModeOf;
enum { MODE_FIRST = 8, MODE_COUNT = 3 };

static RiscvIommuMode find_mode(const RiscvIommu *s, const ModeOf modes[MODE_COUNT], unsigned mode)
{
    unsigned n = mode - MODE_FIRST;
    bool known = mode == 0 || (n < MODE_COUNT && riscv_iommu_capabilities(s) & modes[n].capability);
    return (RiscvIommuMode){ known, known && mode ? modes[n].scheme : NULL };
}

RiscvIommuMode riscv_iommu_first_mode(const RiscvIommu *s, unsigned mode, bool is_32)
{
    static const ModeOf modes[2][MODE_COUNT] = { { { CAP_SV39, &sv39 }, { CAP_SV48, &sv48 }, { CAP_SV57, &sv57 } }, { { CAP_SV32, &sv32 } } };
    return find_mode(s, modes[is_32], mode);
}

RiscvIommuMode riscv_iommu_second_mode(const RiscvIommu *s, unsigned mode, bool is_32)
{
    static const ModeOf modes[2][MODE_COUNT] = { { { CAP_SV39X4, &sv39 }, { CAP_SV48X4, &sv48 }, { CAP_SV57X4, &sv57 } }, { { CAP_SV32X4, &sv32 } } };
    return find_mode(s, modes[is_32], mode);
}

/* ---- faults ---- */

/* By kind and access: those of executing, reading and writing are ACCESS_* 1 to 3. */
uint16_t riscv_iommu_access_fault(RiscvIommuAccess access)
{
    static const uint8_t causes[4] = { 0, CAUSE_EXECUTE_ACCESS, CAUSE_READ_ACCESS, CAUSE_WRITE_ACCESS };
    return causes[access];
}

typedef struct Walk {
    RiscvIommu *s;
    const RiscvIommuContext *c;
    const RiscvIommuRequest *r;
    const RiscvIommuTable *table;
    bool second, implicit;
    uint64_t address;
    RiscvIommuFault *fault;
} Walk;

static bool no_page(const Walk *w)
{
    static const uint8_t causes[2][4] = { { 0, CAUSE_EXECUTE_PAGE, CAUSE_READ_PAGE, CAUSE_WRITE_PAGE }, { 0, CAUSE_EXECUTE_GUEST, CAUSE_READ_GUEST, CAUSE_WRITE_GUEST } };
    *w->fault = (RiscvIommuFault){ .cause = causes[w->second][w->r->access], .iotval2 = w->second ? (w->address & ~UINT64_C(3)) | w->implicit : 0 };
    return false;
}

static bool no_access(const Walk *w)
{
    *w->fault = (RiscvIommuFault){ .cause = riscv_iommu_access_fault(w->r->access) };
    return false;
}

/* ---- steps ---- */

static unsigned shift_of(const RiscvIommuScheme *scheme, unsigned level) { return PAGE_BITS + level * scheme->index_bits; }

/* Virtual addresses of 64 bits repeat their highest bit, others are zero above. Guests of 32 bits have addresses of 34 (2.1.3.1, SXL). */
static bool fits(const Walk *w)
{
    const RiscvIommuScheme *scheme = w->table->scheme;
    unsigned bits = shift_of(scheme, scheme->levels) + (w->second ? SECOND_EXTRA_BITS : 0);
    bool is_signed = !w->second && scheme->pte_size == 8;
    bits = w->second && w->c->is_32 && !w->implicit ? MIN(bits, GUEST_32_BITS) : bits;
    return is_signed ? sextract64(w->address, 0, bits) == (int64_t)w->address : !(w->address >> bits);
}

/* Tables of the first stage lie at addresses that the second, where there is one, translates. */
static bool read_pte(const Walk *w, uint64_t at, uint64_t *pte)
{
    uint64_t word;
    if (!w->second && w->c->second.scheme) {
        RiscvIommuLeaf leaf;
        if (!riscv_iommu_walk_second(w->s, w->c, w->r, at, true, &leaf, w->fault)) {
            return false;
        }
        at = leaf.address | (at & leaf.mask);
    }
    if (!riscv_iommu_read_words(w->s, at & ~UINT64_C(7), &word, 1)) {
        return no_access(w);
    }
    *pte = w->table->scheme->pte_size == 4 ? (uint32_t)(word >> 8 * (at & 4)) : word;
    return true;
}

static bool is_wrong(const Walk *w, uint64_t pte)
{
    bool is_leaf = pte & (PTE_R | PTE_X);
    uint64_t reserved = PTE_RESERVED | PTE_PBMT | (riscv_iommu_capabilities(w->s) & CAP_SVRSW60T59B ? 0 : PTE_RSW60T59);
    return !(pte & PTE_V) || (!(pte & PTE_R) && pte & PTE_W) || pte & reserved || (!is_leaf && pte & (PTE_D | PTE_A | PTE_U | PTE_N));
}

/* What the request's privilege may do with the page. A and D are the business of software: without them there is no access. */
static void set_permissions(const Walk *w, uint64_t pte, RiscvIommuLeaf *leaf)
{
    bool is_user = pte & PTE_U, supervisor = w->r->supervisor && !w->second;
    bool may_touch = supervisor ? !is_user || w->c->sum : is_user, may_execute = supervisor ? !is_user : is_user;
    leaf->readable = may_touch && pte & PTE_R;
    leaf->writable = may_touch && pte & PTE_W && pte & PTE_D;
    leaf->executable = may_execute && pte & PTE_X;
    leaf->global = !w->second && pte & PTE_G;
}

static bool allows(const RiscvIommuLeaf *leaf, RiscvIommuAccess access)
{
    return access == ACCESS_WRITE ? leaf->writable : access == ACCESS_READ ? leaf->readable : leaf->executable;
}

static bool finish(const Walk *w, uint64_t pte, unsigned level, RiscvIommuLeaf *leaf)
{
    uint64_t page = FIELD_GET(pte, PTE_PPN);
    unsigned shift = shift_of(w->table->scheme, level);
    if (pte & PTE_N && w->table->scheme->pte_size == 8) {
        if (level || extract64(page, 0, NAPOT_PAGES_BITS) != NAPOT_64K) {
            return no_page(w);
        }
        page &= ~MAKE_MASK(0, NAPOT_PAGES_BITS);
        shift += NAPOT_PAGES_BITS;
    }
    *leaf = (RiscvIommuLeaf){ .address = page << PAGE_BITS, .mask = MAKE_MASK(0, shift) };
    set_permissions(w, pte, leaf);
    bool allowed = allows(leaf, w->implicit ? ACCESS_READ : w->r->access);
    return (!(leaf->address & leaf->mask) && pte & PTE_A && allowed) || no_page(w);
}

static bool walk(const Walk *w, RiscvIommuLeaf *leaf)
{
    const RiscvIommuScheme *scheme = w->table->scheme;
    uint64_t table = w->table->root;
    if (!fits(w)) {
        return no_page(w);
    }
    for (unsigned level = scheme->levels; level-- > 0;) {
        unsigned extra = w->second && level == scheme->levels - 1u ? SECOND_EXTRA_BITS : 0;
        uint64_t pte, index = extract64(w->address, shift_of(scheme, level), scheme->index_bits + extra);
        if (!read_pte(w, table + index * scheme->pte_size, &pte)) {
            return false;
        }
        if (is_wrong(w, pte)) {
            return no_page(w);
        }
        if (pte & (PTE_R | PTE_X)) {
            return finish(w, pte, level, leaf);
        }
        table = FIELD_GET(pte, PTE_PPN) << PAGE_BITS;
    }
    return no_page(w);
}

/* ---- stages ---- */

/* What there is no translation of is all one page. */
static const RiscvIommuLeaf bare = { .mask = UINT64_MAX, .readable = true, .writable = true, .executable = true };

bool riscv_iommu_walk_first(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, RiscvIommuLeaf *leaf, RiscvIommuFault *fault)
{
    Walk w = { .s = s, .c = c, .r = r, .table = &c->first, .address = r->iova, .fault = fault };
    if (!c->first.scheme) {
        *leaf = bare;
        return true;
    }
    riscv_iommu_count(s, EVENT_FIRST_STAGE, r, c);
    return walk(&w, leaf);
}

bool riscv_iommu_walk_second(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, uint64_t gpa, bool implicit, RiscvIommuLeaf *leaf, RiscvIommuFault *fault)
{
    Walk w = { .s = s, .c = c, .r = r, .table = &c->second, .second = true, .implicit = implicit, .address = gpa, .fault = fault };
    if (!c->second.scheme) {
        *leaf = bare;
        return true;
    }
    riscv_iommu_count(s, EVENT_SECOND_STAGE, r, c);
    return walk(&w, leaf);
}
