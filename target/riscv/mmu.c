/*
 * Address translation: Sv32, Sv39, Sv48, Sv57, the two stages of guests, protection, accessed and dirty bits, Svnapot, Svpbmt; physical memory protection on top.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 12.3 to 12.6 (algorithm: 12.3.2), 13 "Svnapot", 14 "Svpbmt", 16 "Svadu", 18.5 (two stages); RISC-V Pointer
 * Masking 1.0; Svrsw60t59b 1.0 (two bits of entries that are software's).
 * Upper levels are cached until the next SFENCE.VMA, as 12.2.1 allows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/internal.h"
#include "accel/accel.h"
#include "softmmu/dma.h"
#include "softmmu/memory.h"

enum { PHYSICAL_BITS = 56 };
#define PTE_V BIT(0)
#define PTE_R BIT(1)
#define PTE_W BIT(2)
#define PTE_X BIT(3)
#define PTE_U BIT(4)
#define PTE_G BIT(5)
#define PTE_A BIT(6)
#define PTE_D BIT(7)
#define PTE_N BIT(63)
FIELD(PTE_PPN, 10, 44);
FIELD(PTE_PBMT, 61, 2);
FIELD(PTE_RESERVED, 54, 7);
#define PTE_SOFTWARE (BIT(59) | BIT(60))
FIELD(SATP64_PPN, 0, 44);
FIELD(SATP64_ASID, 44, 16);
FIELD(SATP64_MODE, 60, 4);
FIELD(SATP32_PPN, 0, 22);
FIELD(SATP32_ASID, 22, 9);
FIELD(SATP32_MODE, 31, 1);
FIELD(HGATP64_VMID, 44, 14);
FIELD(HGATP32_VMID, 22, 7);

/* 18.6.3: pseudoinstructions that tell of accesses to the first stage's tables. */
enum { PSEUDO_LOAD_32 = 0x2000, PSEUDO_LOAD_64 = 0x3000, PSEUDO_STORE = 0x20 };

/* ---- who accesses ---- */

unsigned riscv_fetch_index(const RiscvCpu *cpu)
{
    if (cpu->priv == PRIV_M) {
        return RV_TLB_M;
    }
    return cpu->virt ? (cpu->priv == PRIV_S ? RV_TLB_VS : RV_TLB_VU) : cpu->priv == PRIV_S ? RV_TLB_S : RV_TLB_U;
}

unsigned riscv_data_index(const RiscvCpu *cpu)
{
    unsigned priv = cpu->priv;
    bool virt = cpu->virt;
    if (priv == PRIV_M && (cpu->mstatus & MSTATUS_MPRV) && (cpu->mnstatus & MNSTATUS_NMIE)) {
        priv = FIELD_GET(cpu->mstatus, MSTATUS_MPP);
        virt = (cpu->mstatus & MSTATUS_MPV) && priv != PRIV_M;
    }
    if (priv == PRIV_M) {
        return RV_TLB_M;
    }
    if (virt) {
        return priv == PRIV_U ? RV_TLB_VU : cpu->vsstatus & MSTATUS_SUM ? RV_TLB_VS_SUM : RV_TLB_VS;
    }
    return priv == PRIV_U ? RV_TLB_U : cpu->mstatus & MSTATUS_SUM ? RV_TLB_S_SUM : RV_TLB_S;
}

/* ---- address spaces ---- */

typedef struct Root { unsigned mode, id; uint64_t table; } Root;

static Root root_of(const RiscvCpu *cpu, uint64_t atp)
{
    if (cpu->xlen == 32) {
        return (Root){ .mode = FIELD_GET(atp, SATP32_MODE), .id = FIELD_GET(atp, SATP32_ASID), .table = FIELD_GET(atp, SATP32_PPN) << 12 };
    }
    return (Root){ .mode = FIELD_GET(atp, SATP64_MODE), .id = FIELD_GET(atp, SATP64_ASID), .table = FIELD_GET(atp, SATP64_PPN) << 12 };
}

/* By ASID and VMID as the architecture tags translations; no root: a change of that alone wants an SFENCE.VMA. */
uint64_t riscv_space_of(const RiscvCpu *cpu, bool virt, uint64_t atp, uint64_t hgatp)
{
    Root r = root_of(cpu, atp), g = root_of(cpu, hgatp);
    uint64_t stage1 = r.mode == SATP_BARE ? 1 : BIT(20) | r.mode << 16 | r.id;
    return virt ? BIT(63) | (uint64_t)g.mode << 56 | (uint64_t)(g.id & 0x3fff) << 32 | stage1 : stage1;
}

uint64_t riscv_space_id(Cpu *c)
{
    const RiscvCpu *cpu = RISCV_CPU(c);
    return riscv_space_of(cpu, cpu->virt, cpu->virt ? cpu->vsatp : cpu->satp, cpu->hgatp);
}

static void flush_work(Cpu *cpu, void *opaque)
{
    RISCV_CPU(cpu)->walk_cache_epoch++;
    tcg_tlb_flush_all(cpu);
}

void riscv_flush_translations(RiscvCpu *cpu)
{
    cpu->walk_cache_epoch++;
    if (!tcg_runs(&cpu->parent) || !cpu->parent.created) {
        return;
    }
    if (cpu_current() == &cpu->parent) {
        flush_work(&cpu->parent, NULL);
    } else {
        cpu_run_on_async(&cpu->parent, flush_work, NULL);
    }
}

/* ---- entries in memory ---- */

/* false: nobody answers there. */
static bool read_entry(RiscvCpu *cpu, uint64_t paddr, unsigned bytes, uint64_t *value)
{
    bool ok = true;
    *value = 0;
    memory_read_lock();
    uint8_t *frame = address_space_frame(cpu->parent.memory, paddr & ~UINT64_C(0xfff), false, NULL);
    if (frame) {
        void *p = frame + (paddr & 0xfff);
        *value = bytes == 8 ? __atomic_load_n((uint64_t *)p, __ATOMIC_RELAXED) : __atomic_load_n((uint32_t *)p, __ATOMIC_RELAXED);
    }
    memory_read_unlock();
    if (!frame) {
        ok = address_space_load(cpu->parent.memory, paddr, value, bytes, MEM_ATTRS_NONE) == MEM_OK;
    }
    return ok;
}

/* Sets bits of an entry that still is what was read; false: somebody changed it meanwhile. */
static bool set_entry_bits(RiscvCpu *cpu, uint64_t paddr, unsigned bytes, uint64_t old, uint64_t bits)
{
    bool same = true;
    memory_read_lock();
    uint8_t *frame = address_space_frame(cpu->parent.memory, paddr & ~UINT64_C(0xfff), true, NULL);
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
        address_space_store(cpu->parent.memory, paddr, old | bits, bytes, MEM_ATTRS_NONE);
    }
    return same;
}

/* ---- the walk ---- */

typedef enum WalkResult { WALK_OK, WALK_PAGE_FAULT, WALK_ACCESS_FAULT, WALK_GUEST_FAULT, WALK_AGAIN } WalkResult;

typedef struct Walk {
    TcgAccess access;
    bool user, sum, mxr;            /* of the access and the stage */
    bool exec_only;                 /* HLVX: a load that needs X */
    bool shadow, shadow_pages;      /* of a shadow stack; W alone says that a page is of one */
    bool quiet;                     /* a debugger's: leaves no trace, asks for no permission */
    bool two_stages, guest_stage;   /* addresses go through the second stage; this is the second stage */
    bool update, pbmt;              /* the hart sets A and D itself; PBMT is no reserved field */
    /* out */
    uint64_t paddr, guest_paddr;    /* of the byte; for guest faults */
    uint32_t pseudo;                /* of a guest fault: the instruction that stands for the walk's own access; 0: the fault is the access's */
    unsigned page_bits;
    bool read, write, exec, global;
} Walk;

static WalkResult walk_guest(RiscvCpu *cpu, uint64_t gpa, TcgAccess access, bool mxr, bool quiet, Walk *out);

static unsigned levels_of(unsigned mode)
{
    return mode == SATP_SV32 ? 2 : mode == SATP_SV39 ? 3 : mode == SATP_SV48 ? 4 : 5;
}

static bool is_canonical(uint64_t vaddr, unsigned bits)
{
    return (uint64_t)sextract64(vaddr, 0, bits) == vaddr;
}

static bool is_shadow_page(const Walk *w, uint64_t pte) { return w->shadow_pages && (pte & (PTE_R | PTE_W | PTE_X)) == PTE_W; }

/* Pages of shadow stacks may be read by everybody and written by their instructions, which may use no others. */
static WalkResult check_shadow(const Walk *w, uint64_t pte)
{
    bool page = is_shadow_page(w, pte);
    if (w->shadow == page || (!w->shadow && w->access == TCG_ACCESS_LOAD)) {
        return WALK_OK;
    }
    bool read_only = (pte & (PTE_R | PTE_W | PTE_X)) == PTE_R;
    return w->shadow && read_only ? WALK_PAGE_FAULT : WALK_ACCESS_FAULT;
}

/* The rights of a leaf for this access; false: a fault. */
static bool check_leaf(const RiscvCpu *cpu, Walk *w, uint64_t pte)
{
    bool user_ok = w->guest_stage ? pte & PTE_U : w->user ? pte & PTE_U : !(pte & PTE_U) || w->sum;
    bool exec_ok = w->guest_stage || w->user ? pte & PTE_U : !(pte & PTE_U);
    w->read = user_ok && ((pte & PTE_R) || (w->mxr && (pte & PTE_X)));
    w->exec = exec_ok && (pte & PTE_X);
    w->write = user_ok && (pte & PTE_W);
    if (is_shadow_page(w, pte)) {
        w->read = user_ok;
        w->write &= w->shadow;
    }
    if (w->exec_only) {
        return user_ok && (pte & PTE_X);
    }
    return w->access == TCG_ACCESS_LOAD ? w->read : w->access == TCG_ACCESS_STORE ? w->write : w->exec;
}

/* Where an entry lies in host memory's view: through the second stage for a guest, and allowed by PMP. */
static WalkResult entry_address(RiscvCpu *cpu, Walk *w, uint64_t *addr, bool for_write)
{
    bool uniform;
    if (w->two_stages) {
        Walk g;
        WalkResult r = walk_guest(cpu, *addr, for_write ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD, false, w->quiet, &g);
        if (r != WALK_OK) {
            w->guest_paddr = *addr;
            w->pseudo = (cpu->xlen == 64 ? PSEUDO_LOAD_64 : PSEUDO_LOAD_32) | (for_write ? PSEUDO_STORE : 0);
            return r;
        }
        *addr = g.paddr;
    }
    unsigned wanted = for_write ? PMP_R | PMP_W : PMP_R;
    return (riscv_pmp_rights(cpu, *addr, false, &uniform) & wanted) == wanted || w->quiet ? WALK_OK : WALK_ACCESS_FAULT;
}

static WalkResult finish_leaf(RiscvCpu *cpu, Walk *w, uint64_t vaddr, uint64_t pte, uint64_t entry_addr, unsigned entry_bytes, unsigned level)
{
    unsigned index_bits = entry_bytes == 4 ? 10 : 9, shift = 12 + level * index_bits;
    uint64_t ppn = entry_bytes == 4 ? pte >> 10 & MAKE_MASK(0, 22) : FIELD_GET(pte, PTE_PPN);
    if (ppn & MAKE_MASK(0, level * index_bits)) {
        return WALK_PAGE_FAULT;     /* a superpage that is not aligned */
    }
    if (entry_bytes == 8 && (pte & PTE_N)) {
        if (!riscv_has(cpu, svnapot) || level != 0 || (ppn & 15) != 8) {
            return WALK_PAGE_FAULT;
        }
        ppn &= ~UINT64_C(15);
        shift = 16;
    }
    bool user_page = w->guest_stage || (pte & PTE_U ? w->user || w->sum : !w->user);
    WalkResult shadow = user_page ? check_shadow(w, pte) : WALK_OK;
    if (!w->quiet && shadow != WALK_OK) {
        return shadow;
    }
    if (!check_leaf(cpu, w, pte) && !w->quiet) {
        return WALK_PAGE_FAULT;
    }
    uint64_t wanted = PTE_A | (w->access == TCG_ACCESS_STORE ? PTE_D : 0);
    if ((pte & wanted) != wanted && !w->quiet) {
        if (!w->update) {
            return WALK_PAGE_FAULT;
        }
        uint64_t addr = entry_addr;
        WalkResult r = entry_address(cpu, w, &addr, true);
        if (r != WALK_OK) {
            return r;
        }
        if (!set_entry_bits(cpu, addr, entry_bytes, pte, wanted)) {
            return WALK_AGAIN;
        }
        pte |= wanted;
    }
    w->write &= (pte & PTE_D) != 0;
    w->page_bits = shift;
    w->paddr = (ppn << 12 & ~MAKE_MASK(0, shift)) | (vaddr & MAKE_MASK(0, shift));
    return WALK_OK;
}

static RiscvWalkCacheEntry *cache_entry(RiscvCpu *cpu, uint64_t vaddr)
{
    return &cpu->walk_cache[(vaddr >> 21) % RISCV_WALK_CACHE_ENTRIES];
}

/* Only what one stage maps through the full tree of RV64; not for debuggers. */
static bool uses_cache(const Walk *w, unsigned entry_bytes)
{
    return entry_bytes == 8 && !w->guest_stage && !w->quiet && !w->two_stages;
}

static WalkResult walk(RiscvCpu *cpu, uint64_t vaddr, Root root, Walk *w)
{
    unsigned levels = levels_of(root.mode), entry_bytes = cpu->xlen == 32 ? 4 : 8, index_bits = entry_bytes == 4 ? 10 : 9;
    unsigned bits = 12 + levels * index_bits;
    if (w->guest_stage ? vaddr >> (bits + 2) != 0 : cpu->xlen == 64 && !is_canonical(vaddr, bits)) {
        return WALK_PAGE_FAULT;
    }
    uint64_t table = root.table, space = riscv_space_of(cpu, false, cpu->satp, 0);
    int level = (int)levels - 1;
    bool cached = uses_cache(w, entry_bytes);
    uint64_t reserved = FIELD_MASK(PTE_RESERVED) & ~(riscv_has(cpu, svrsw60t59b) ? PTE_SOFTWARE : 0);
    RiscvWalkCacheEntry *c = cache_entry(cpu, vaddr);
    if (cached && c->tag == vaddr >> 21 && c->epoch == cpu->walk_cache_epoch && c->space == space) {
        table = c->table & ~UINT64_C(1);
        w->global = c->table & 1;
        level = 0;
    }
    for (; level >= 0; level--) {
        unsigned extra = w->guest_stage && level == (int)levels - 1 ? 2 : 0;
        uint64_t entry_addr = table + (vaddr >> (12 + level * index_bits) & MAKE_MASK(0, index_bits + extra)) * entry_bytes, addr = entry_addr, pte;
        WalkResult r = entry_address(cpu, w, &addr, false);
        if (r != WALK_OK) {
            return r;
        }
        if (!read_entry(cpu, addr, entry_bytes, &pte)) {
            return WALK_ACCESS_FAULT;
        }
        if (!(pte & PTE_V) || ((pte & (PTE_R | PTE_W)) == PTE_W && !is_shadow_page(w, pte)) || (entry_bytes == 8 && (pte & reserved || FIELD_GET(pte, PTE_PBMT) == 3))
            || (entry_bytes == 8 && FIELD_GET(pte, PTE_PBMT) && !w->pbmt)) {
            return WALK_PAGE_FAULT;
        }
        w->global |= (pte & PTE_G) != 0;
        if (pte & (PTE_R | PTE_W | PTE_X)) {
            return finish_leaf(cpu, w, vaddr, pte, entry_addr, entry_bytes, level);
        }
        if (pte & (PTE_A | PTE_D | PTE_U) || (entry_bytes == 8 && (pte & (PTE_N | FIELD_MASK(PTE_PBMT))))) {
            return WALK_PAGE_FAULT;
        }
        table = (entry_bytes == 4 ? pte >> 10 & MAKE_MASK(0, 22) : FIELD_GET(pte, PTE_PPN)) << 12;
        if (level == 1 && cached) {
            *c = (RiscvWalkCacheEntry){ .tag = vaddr >> 21, .epoch = cpu->walk_cache_epoch, .table = table | w->global, .space = space };
        }
    }
    return WALK_PAGE_FAULT;
}

static WalkResult walk_guest(RiscvCpu *cpu, uint64_t gpa, TcgAccess access, bool mxr, bool quiet, Walk *out)
{
    Root root = root_of(cpu, cpu->hgatp);
    *out = (Walk){ .access = access, .user = true, .mxr = mxr, .quiet = quiet, .guest_stage = true, .update = cpu->menvcfg & ENVCFG_ADUE,
                   .pbmt = cpu->menvcfg & ENVCFG_PBMTE };
    if (root.mode == SATP_BARE) {
        out->paddr = gpa;
        out->page_bits = 12;
        out->read = out->write = out->exec = true;
        return WALK_OK;
    }
    WalkResult r;
    for (int tries = 0; (r = walk(cpu, gpa, root, out)) == WALK_AGAIN && tries < 16; tries++) {
    }
    if (r == WALK_PAGE_FAULT) {
        out->guest_paddr = gpa;
        return WALK_GUEST_FAULT;
    }
    return r;
}

/* The stages that an access by an index goes through. exec_only: HLVX. */
static WalkResult translate(RiscvCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, RiscvAccessKind kind, bool quiet, Walk *w)
{
    bool virt = index >= RV_TLB_VU;
    Root root = root_of(cpu, virt ? cpu->vsatp : cpu->satp);
    uint64_t status = virt ? cpu->vsstatus : cpu->mstatus, envcfg = virt ? cpu->henvcfg : cpu->menvcfg;
    bool mxr = (status | cpu->mstatus) & MSTATUS_MXR;
    *w = (Walk){ .access = access, .user = index == RV_TLB_U || index == RV_TLB_VU, .sum = index == RV_TLB_S_SUM || index == RV_TLB_VS_SUM, .mxr = mxr,
                 .exec_only = kind == ACCESS_EXEC_ONLY, .shadow = kind == ACCESS_SHADOW, .shadow_pages = envcfg & ENVCFG_SSE, .quiet = quiet, .two_stages = virt, .update = envcfg & ENVCFG_ADUE,
                 .pbmt = (envcfg & ENVCFG_PBMTE) && riscv_has(cpu, svpbmt) };
    WalkResult r = WALK_OK;
    bool physical = index == RV_TLB_M || root.mode == SATP_BARE;
    if (physical && w->shadow) {
        return WALK_ACCESS_FAULT;       /* nothing says that it is one */
    }
    if (physical) {
        w->paddr = vaddr;
        w->page_bits = 12;
        w->read = w->write = w->exec = true;
        w->global = index == RV_TLB_M;
    } else {
        for (int tries = 0; (r = walk(cpu, vaddr, root, w)) == WALK_AGAIN && tries < 16; tries++) {
        }
    }
    if (!virt || r != WALK_OK) {
        return r == WALK_AGAIN ? WALK_PAGE_FAULT : r;
    }
    Walk g;
    w->global = false;      /* among the guest's spaces only: we keep one kind */
    r = walk_guest(cpu, w->paddr, w->shadow ? TCG_ACCESS_STORE : access, cpu->mstatus & MSTATUS_MXR, quiet, &g);
    if (r != WALK_OK) {
        w->guest_paddr = w->paddr;
        return r;
    }
    w->paddr = g.paddr;
    w->read &= g.read;
    w->write &= g.write;
    w->exec &= g.exec;
    w->page_bits = MIN(w->page_bits, g.page_bits);
    return WALK_OK;
}

/* ---- pointer masking ---- */

unsigned riscv_pointer_mask(const RiscvCpu *cpu, unsigned index)
{
    bool virt = index >= RV_TLB_VU, user = index == RV_TLB_U || index == RV_TLB_VU;
    uint64_t config = index == RV_TLB_M ? cpu->mseccfg : user && riscv_has(cpu, s) ? cpu->senvcfg : virt ? cpu->henvcfg : cpu->menvcfg;
    unsigned mask = FIELD_GET(config, ENVCFG_PMM);
    if (!mask || cpu->xlen == 32) {
        return PMM_OFF;
    }
    /* "When MXR is in effect at the effective privilege mode ... pointer masking does not apply." */
    if (index != RV_TLB_M && ((cpu->mstatus | (virt ? cpu->vsstatus : 0)) & MSTATUS_MXR)) {
        return PMM_OFF;
    }
    bool physical = index == RV_TLB_M || root_of(cpu, virt ? cpu->vsatp : cpu->satp).mode == SATP_BARE;
    return mask | (physical ? PMM_ZEROES : 0);
}

uint64_t riscv_mask_pointer(unsigned mask, uint64_t address)
{
    unsigned bits = (mask & 3) == PMM_16 ? 16 : 7;
    return !mask ? address : mask & PMM_ZEROES ? address << bits >> bits : (uint64_t)((int64_t)(address << bits) >> bits);
}

uint64_t riscv_data_address(const RiscvCpu *cpu, uint64_t address)
{
    return riscv_mask_pointer(riscv_pointer_mask(cpu, riscv_data_index(cpu)), riscv_address(cpu, address));
}

/* ---- for the translator ---- */

static void record_fault(RiscvCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, WalkResult r, const Walk *w)
{
    static const uint8_t causes[4][3] = {       /* by WalkResult - 1; load, store, fetch */
        { CAUSE_LOAD_PAGE_FAULT, CAUSE_STORE_PAGE_FAULT, CAUSE_FETCH_PAGE_FAULT }, { CAUSE_LOAD_ACCESS, CAUSE_STORE_ACCESS, CAUSE_FETCH_ACCESS },
        { CAUSE_LOAD_GUEST_PAGE_FAULT, CAUSE_STORE_GUEST_PAGE_FAULT, CAUSE_FETCH_GUEST_PAGE_FAULT },
    };
    riscv_record(cpu, causes[r - 1][access], vaddr);
    cpu->exception_gva = index >= RV_TLB_VU;
    if (r == WALK_GUEST_FAULT) {
        cpu->exception_tval2 = w->guest_paddr;
        cpu->exception_tinst = w->pseudo;
    }
}

static bool is_plain(RiscvCpu *cpu, uint64_t paddr)
{
    memory_read_lock();
    bool plain = address_space_frame(cpu->parent.memory, paddr & ~UINT64_C(0xfff), false, NULL) != NULL;
    memory_read_unlock();
    return plain;
}

static bool somebody_answers(RiscvCpu *cpu, uint64_t paddr)
{
    MemorySection section;
    uint64_t offset;
    memory_read_lock();
    bool found = address_space_find(cpu->parent.memory, paddr, false, &section, &offset);
    memory_read_unlock();
    return found;
}

bool riscv_translate_with(RiscvCpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, RiscvAccessKind kind, bool probe, TcgTranslation *out)
{
    Walk w;
    WalkResult r = translate(cpu, vaddr, access, index, kind, false, &w);
    bool uniform = true;
    if (r == WALK_OK && w.paddr >> PHYSICAL_BITS) {
        r = WALK_ACCESS_FAULT;      /* without translation an address may have more bits than memory has */
    }
    if (r == WALK_OK) {
        unsigned rights = riscv_pmp_rights(cpu, w.paddr, index == RV_TLB_M, &uniform);
        unsigned wanted = access == TCG_ACCESS_LOAD ? PMP_R : access == TCG_ACCESS_STORE ? PMP_W : PMP_X;
        w.read &= (rights & PMP_R) != 0;
        w.write &= (rights & PMP_W) != 0;
        w.exec &= (rights & PMP_X) != 0;
        wanted |= kind == ACCESS_SHADOW ? PMP_R | PMP_W : 0;
        r = (rights & wanted) == wanted ? WALK_OK : WALK_ACCESS_FAULT;
    }
    if (r == WALK_OK && w.exec && !is_plain(cpu, w.paddr)) {
        /* Not all of the page need answer a fetch: each one asks. */
        bool fetch = access == TCG_ACCESS_FETCH;
        w.exec = fetch;
        uniform &= !fetch;
        r = !fetch || somebody_answers(cpu, w.paddr) ? WALK_OK : WALK_ACCESS_FAULT;
    }
    if (r != WALK_OK) {
        if (!probe) {
            record_fault(cpu, vaddr, access, index, r, &w);
        }
        return false;
    }
    *out = (TcgTranslation){ .paddr = w.paddr & ~UINT64_C(0xfff), .page_bits = w.page_bits, .read = w.read, .write = w.write, .exec = w.exec, .global = w.global,
                             .once = !uniform, .apart = w.page_bits > 12 && !riscv_pmp_uniform(cpu, w.paddr, 21), .attrs = MEM_ATTRS_NONE };
    return true;
}

bool riscv_translate_address(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned index, bool probe, TcgTranslation *out)
{
    return riscv_translate_with(RISCV_CPU(cpu), vaddr, access, index, ACCESS_PLAIN, probe, out);
}

bool riscv_debug_translate(Cpu *c, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    Walk w;
    if (translate(cpu, riscv_address(cpu, vaddr), TCG_ACCESS_LOAD, riscv_data_index(cpu), ACCESS_PLAIN, true, &w) != WALK_OK) {
        return false;
    }
    *paddr = w.paddr;
    *attrs = MEM_ATTRS_NONE;
    return true;
}
