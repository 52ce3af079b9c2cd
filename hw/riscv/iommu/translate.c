/*
 * An access of a PCI function on its way through the IOMMU: to memory, to an interrupt file in memory, or to a fault record (2.3); and translations that software
 * asks for (chapter 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include "util/error.h"

enum { PAGE_MASK = 0xfff, MRIF_IDENTITY_BITS = 11 };

/* A function, and what stands between it and memory. mrif: where accesses go that are messages for interrupt files in memory; addressed as the function does. */
typedef struct RiscvIommuFunction { RiscvIommu *s; PciBus *bus; unsigned devfn; MemoryRegion region, mrif; AddressSpace mrif_space; } RiscvIommuFunction;

/* ---- translation, under the lock ---- */

static bool walk_stages(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, RiscvIommuResult *result, uint64_t *first_mask, RiscvIommuFault *fault)
{
    RiscvIommuLeaf *leaf = &result->leaf, second;
    *result = (RiscvIommuResult){ 0 };
    if (!riscv_iommu_walk_first(s, c, r, leaf, fault)) {
        return false;
    }
    *first_mask = leaf->mask;
    uint64_t gpa = leaf->address | (r->iova & leaf->mask);
    if (riscv_iommu_is_msi(c, gpa)) {
        *first_mask = 0;
        return riscv_iommu_translate_msi(s, c, r, gpa, result, fault);
    }
    if (!riscv_iommu_walk_second(s, c, r, gpa, false, &second, fault)) {
        return false;
    }
    uint64_t address = second.address | (gpa & second.mask);
    leaf->mask = MIN(MIN(leaf->mask, second.mask), c->has_msi ? PAGE_MASK : UINT64_MAX);    /* the next page may be of messages */
    leaf->address = address & ~leaf->mask;
    leaf->readable = leaf->readable && second.readable;
    leaf->writable = leaf->writable && second.writable;
    leaf->executable = leaf->executable && second.executable;
    *fault = (RiscvIommuFault){ .cause = riscv_iommu_access_fault(r->access) };
    return riscv_iommu_reachable(s, address);
}

static bool use_tlb(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, RiscvIommuResult *result)
{
    const RiscvIommuTlbEntry *e = riscv_iommu_tlb_find(s, c, r->iova);
    if (!e || !(r->access == ACCESS_WRITE ? e->writable : e->readable)) {
        return false;
    }
    *result = (RiscvIommuResult){ .leaf = { .address = e->output, .mask = e->mask, .readable = e->readable, .writable = e->writable } };
    return true;
}

/* Of a function's access. */
static bool translate_with_caches(RiscvIommu *s, const RiscvIommuRequest *r, RiscvIommuResult *result, bool *faults_disabled, RiscvIommuFault *fault)
{
    const RiscvIommuContext *c = riscv_iommu_context(s, r, faults_disabled, fault);
    uint64_t first_mask;
    if (!c) {
        return false;
    }
    if (use_tlb(s, c, r, result)) {
        return true;
    }
    riscv_iommu_count(s, EVENT_TLB_MISS, r, c);
    if (!walk_stages(s, c, r, result, &first_mask, fault)) {
        return false;
    }
    if (first_mask && (c->first.scheme || c->second.scheme)) {
        riscv_iommu_tlb_add(s, c, r->iova, &result->leaf, first_mask);
    }
    return true;
}

static bool translate_without_caches(RiscvIommu *s, const RiscvIommuRequest *r, RiscvIommuResult *result, bool *faults_disabled, RiscvIommuFault *fault)
{
    RiscvIommuContext c;
    uint64_t first_mask;
    bool done = riscv_iommu_read_context(s, r, &c, fault) && walk_stages(s, &c, r, result, &first_mask, fault);
    *faults_disabled = c.faults_disabled;
    if (done && result->in_mrif) {
        *fault = (RiscvIommuFault){ .cause = CAUSE_TYPE_DISALLOWED };       /* chapter 4 */
        return false;
    }
    return done;
}

/* 3.2: those of DTF are all but what happens on the way to the device context. */
static bool is_reported(const RiscvIommuFault *fault, bool faults_disabled)
{
    return !faults_disabled || (fault->cause >= CAUSE_ALL_DISALLOWED && fault->cause <= CAUSE_DDT_MISCONFIGURED);
}

static bool translate(RiscvIommu *s, const RiscvIommuRequest *r, bool cached, RiscvIommuResult *result, RiscvIommuFault *fault)
{
    unsigned mode = riscv_iommu_reg(s, DDTP) & DDTP_MODE;
    bool faults_disabled = false, done = mode == DDTP_BARE;
    riscv_iommu_count(s, EVENT_UNTRANSLATED, r, NULL);
    *fault = (RiscvIommuFault){ .cause = CAUSE_ALL_DISALLOWED };
    *result = (RiscvIommuResult){ .leaf = { .mask = UINT64_MAX, .readable = true, .writable = true } };
    if (mode > DDTP_BARE) {
        done = cached ? translate_with_caches(s, r, result, &faults_disabled, fault) : translate_without_caches(s, r, result, &faults_disabled, fault);
    }
    if (!done && is_reported(fault, faults_disabled)) {
        riscv_iommu_report(s, r, fault);
    }
    return done;
}

/* ---- accesses ---- */

static RiscvIommuRequest request_of(const RiscvIommuFunction *f, uint64_t iova, bool is_write)
{
    return (RiscvIommuRequest){ .access = is_write ? ACCESS_WRITE : ACCESS_READ, .device_id = pci_requester_id(f->bus, f->devfn), .iova = iova };
}

static IommuEntry translate_access(MemoryRegion *mr, uint64_t address, bool is_write, MemAttrs attrs)
{
    RiscvIommuFunction *f = container_of(mr, RiscvIommuFunction, region);
    RiscvIommuRequest r = request_of(f, address, is_write);
    RiscvIommuResult result;
    RiscvIommuFault fault;
    g_mutex_lock(&f->s->lock);
    bool done = translate(f->s, &r, true, &result, &fault);
    g_mutex_unlock(&f->s->lock);
    riscv_iommu_deliver(f->s);
    if (!done) {
        return (IommuEntry){ .target = f->s->memory, .mask = PAGE_MASK };
    }
    const RiscvIommuLeaf *leaf = &result.leaf;
    return (IommuEntry){
        .target = result.in_mrif ? &f->mrif_space : f->s->memory, .iova = address & ~leaf->mask, .translated = result.in_mrif ? address & ~leaf->mask : leaf->address,
        .mask = leaf->mask, .readable = leaf->readable, .writable = leaf->writable,
    };
}

/* ---- interrupt files in memory (AIA, 8.5.2) ---- */

/* Sets the bit; *result: the notice to be sent. */
static bool set_pending(RiscvIommuFunction *f, uint64_t addr, uint32_t identity, RiscvIommuResult *result)
{
    RiscvIommuRequest r = request_of(f, addr, true);
    RiscvIommuFault fault;
    g_mutex_lock(&f->s->lock);
    bool is_message = translate(f->s, &r, true, result, &fault) && result->in_mrif;
    bool done = is_message && riscv_iommu_set_pending(f->s, result, identity);
    if (is_message && !done) {
        riscv_iommu_report(f->s, &r, &(RiscvIommuFault){ .cause = CAUSE_MRIF_ACCESS });
    }
    g_mutex_unlock(&f->s->lock);
    riscv_iommu_deliver(f->s);
    return done;
}

static MemResult mrif_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    RiscvIommuFunction *f = opaque;
    RiscvIommuResult result;
    if (addr & PAGE_MASK || value >> MRIF_IDENTITY_BITS) {
        return MEM_OK;                  /* no message, and messages are little-endian: nobody hears of it */
    }
    if (!set_pending(f, addr, (uint32_t)value, &result)) {
        return MEM_ACCESS_ERROR;
    }
    return riscv_iommu_reachable(f->s, result.notice) ? dma_store_le32(f->s->memory, result.notice, result.notice_id) : MEM_DECODE_ERROR;
}

static MemResult mrif_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = 0;
    return MEM_OK;
}

static const MemoryRegionOps mrif_ops = { .read_checked = mrif_read, .write_checked = mrif_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 }, .impl = { 4, 4 } };

/* ---- functions ---- */

static RiscvIommuFunction *function_new(RiscvIommu *s, PciBus *bus, unsigned devfn)
{
    RiscvIommuFunction *f = g_new0(RiscvIommuFunction, 1);
    *f = (RiscvIommuFunction){ .s = s, .bus = bus, .devfn = devfn };
    memory_region_init_iommu(&f->region, s->owner, "riscv-iommu-function", UINT64_MAX, translate_access);
    memory_region_init_io(&f->mrif, s->owner, &mrif_ops, f, "riscv-iommu-mrif", UINT64_MAX);
    f->mrif.lock_free = true;
    address_space_init(&f->mrif_space, &f->mrif, "riscv-iommu-mrif");
    g_ptr_array_add(s->functions, f);
    return f;
}

static MemoryRegion *requester_space(void *opaque, PciBus *bus, unsigned devfn)
{
    RiscvIommu *s = opaque;
    if (bus->devices[devfn] && OBJECT(bus->devices[devfn]) == s->owner) {
        return NULL;
    }
    for (unsigned n = 0; n < s->functions->len; n++) {
        RiscvIommuFunction *f = s->functions->pdata[n];
        if (f->bus == bus && f->devfn == devfn) {
            return &f->region;
        }
    }
    return &function_new(s, bus, devfn)->region;
}

const PciIommuOps riscv_iommu_pci_ops = { .requester_space = requester_space };

bool riscv_iommu_attach(RiscvIommu *s, PciBus *root, GError **err)
{
    if (root->iommu) {
        return error_set(err, "there is an IOMMU before bus '%s' already", root->parent.bus_name);
    }
    pci_bus_set_iommu(root, &riscv_iommu_pci_ops, s);
    return true;
}

void riscv_iommu_detach(RiscvIommu *s, PciBus *root)
{
    pci_bus_set_iommu(root, NULL, NULL);
    for (unsigned n = 0; n < s->functions->len; n++) {
        RiscvIommuFunction *f = s->functions->pdata[n];
        address_space_destroy(&f->mrif_space);
        memory_region_destroy(&f->mrif);
        memory_region_destroy(&f->region);
        g_free(f);
    }
    g_ptr_array_set_size(s->functions, 0);
}

/* ---- what software asks for (chapter 4) ---- */

FIELD(CTL_PID, 12, 20);
FIELD(CTL_DID, 40, 24);
enum { CTL_PRIV = 1 << 1, CTL_EXE = 1 << 2, CTL_NW = 1 << 3 };
#define CTL_PV BIT(32)
FIELD(RESPONSE_PPN, 10, 44);
#define RESPONSE_FAULT BIT(0)
#define RESPONSE_SUPERPAGE BIT(9)

/* 5.26: the lowest 0 of the page number says how large a superpage is. */
static uint64_t response_of(const RiscvIommuLeaf *leaf, uint64_t iova)
{
    if (leaf->mask <= PAGE_MASK || leaf->mask == UINT64_MAX) {
        return FIELD_SET(UINT64_C(0), RESPONSE_PPN, (leaf->address | (iova & leaf->mask)) >> 12);
    }
    return FIELD_SET(RESPONSE_SUPERPAGE, RESPONSE_PPN, leaf->address >> 12 | leaf->mask >> 13);
}

void riscv_iommu_debug_translate(RiscvIommu *s)
{
    uint64_t ctl = riscv_iommu_reg64(s, TR_REQ_CTL);
    RiscvIommuRequest r = {
        .access = ctl & CTL_EXE ? ACCESS_EXECUTE : ctl & CTL_NW ? ACCESS_READ : ACCESS_WRITE, .device_id = (uint32_t)FIELD_GET(ctl, CTL_DID), .has_process = ctl & CTL_PV,
        .process_id = ctl & CTL_PV ? (uint32_t)FIELD_GET(ctl, CTL_PID) : 0, .supervisor = ctl & CTL_PV && ctl & CTL_PRIV,
        .iova = riscv_iommu_reg64(s, TR_REQ_IOVA) & ~(uint64_t)PAGE_MASK,
    };
    RiscvIommuResult result;
    RiscvIommuFault fault;
    bool done = translate(s, &r, false, &result, &fault);
    if (done && ctl & CTL_EXE && !(ctl & CTL_NW)) {
        r.access = ACCESS_WRITE;
        done = translate(s, &r, false, &result, &fault);
    }
    riscv_iommu_set_reg64(s, TR_RESPONSE, done ? response_of(&result.leaf, r.iova) : FIELD_SET(RESPONSE_FAULT, RESPONSE_PPN, fault.cause));
}
