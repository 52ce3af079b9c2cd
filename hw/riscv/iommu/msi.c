/*
 * Messages of devices to interrupt files of virtual machines: MSI page tables, and interrupt files in memory (2.3.3; AIA, chapter 8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

enum { PTE_WORDS = 2, PTE_SIZE = 16, PAGE_MASK = 0xfff, M_MRIF = 1, M_BASIC = 3, MRIF_PAIR = 16 };
#define PTE_V BIT(0)
#define PTE_C BIT(63)
FIELD(PTE_M, 1, 2);
FIELD(PTE_PPN, 10, 44);
#define PTE_BASIC_RESERVED (MAKE_MASK(3, 7) | MAKE_MASK(54, 9))
FIELD(PTE_MRIF, 7, 47);
#define PTE_MRIF_RESERVED (MAKE_MASK(3, 4) | MAKE_MASK(54, 9))
/* The second word of the MRIF's. */
FIELD(NOTICE_ID, 0, 10);
FIELD(NOTICE_PPN, 10, 44);
FIELD(NOTICE_ID_10, 60, 1);
#define NOTICE_RESERVED (MAKE_MASK(54, 6) | MAKE_MASK(61, 3))

bool riscv_iommu_is_msi(const RiscvIommuContext *c, uint64_t gpa) { return c->has_msi && !(((gpa >> 12) ^ c->msi_pattern) & ~c->msi_mask); }

/* The bits of value that mask has, packed. */
static uint64_t extract_bits(uint64_t value, uint64_t mask)
{
    uint64_t result = 0;
    for (unsigned n = 0; mask; n++, mask &= mask - 1) {
        result |= (value >> __builtin_ctzll(mask) & 1) << n;
    }
    return result;
}

static bool refuse(RiscvIommuFault *fault, uint16_t cause)
{
    *fault = (RiscvIommuFault){ .cause = cause };
    return false;
}

static bool use_basic(const uint64_t pte[PTE_WORDS], RiscvIommuResult *result, RiscvIommuFault *fault)
{
    result->leaf = (RiscvIommuLeaf){ .address = FIELD_GET(pte[0], PTE_PPN) << 12, .mask = PAGE_MASK, .readable = true, .writable = true };
    return !(pte[0] & PTE_BASIC_RESERVED) || refuse(fault, CAUSE_MSI_MISCONFIGURED);
}

static bool use_mrif(const RiscvIommu *s, const uint64_t pte[PTE_WORDS], RiscvIommuResult *result, RiscvIommuFault *fault)
{
    *result = (RiscvIommuResult){
        .leaf = { .mask = PAGE_MASK, .readable = true, .writable = true }, .in_mrif = true, .mrif = FIELD_GET(pte[0], PTE_MRIF) << 9, .notice = FIELD_GET(pte[1], NOTICE_PPN) << 12,
        .notice_id = (uint32_t)(FIELD_GET(pte[1], NOTICE_ID) | FIELD_GET(pte[1], NOTICE_ID_10) << 10),
    };
    return (riscv_iommu_capabilities(s) & CAP_MSI_MRIF && !(pte[0] & PTE_MRIF_RESERVED) && !(pte[1] & NOTICE_RESERVED)) || refuse(fault, CAUSE_MSI_MISCONFIGURED);
}

bool riscv_iommu_translate_msi(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, uint64_t gpa, RiscvIommuResult *result, RiscvIommuFault *fault)
{
    uint64_t pte[PTE_WORDS], file = extract_bits(gpa >> 12, c->msi_mask);
    *result = (RiscvIommuResult){ 0 };
    if (file >> 52 || !riscv_iommu_read_words(s, c->msi_table | file * PTE_SIZE, pte, PTE_WORDS)) {
        return refuse(fault, CAUSE_MSI_LOAD);
    }
    if (!(pte[0] & PTE_V)) {
        return refuse(fault, CAUSE_MSI_INVALID);
    }
    unsigned mode = (unsigned)FIELD_GET(pte[0], PTE_M);
    bool known = !(pte[0] & PTE_C) && (mode == M_BASIC || mode == M_MRIF);      /* nothing is custom */
    if (!known || !(mode == M_BASIC ? use_basic(pte, result, fault) : use_mrif(s, pte, result, fault))) {
        return refuse(fault, CAUSE_MSI_MISCONFIGURED);
    }
    return r->access != ACCESS_EXECUTE || refuse(fault, CAUSE_EXECUTE_ACCESS);
}

/* AIA, 8.5.2: doublewords of pending bits and of enable bits in turn. */
bool riscv_iommu_set_pending(RiscvIommu *s, const RiscvIommuResult *result, uint32_t identity)
{
    uint64_t at = result->mrif + identity / 64 * MRIF_PAIR, mapped = 8;
    uint64_t *host = riscv_iommu_reachable(s, at) ? dma_map(s->memory, at, &mapped, true) : NULL;
    if (host && mapped == 8) {
        __atomic_fetch_or(host, BIT(identity % 64), __ATOMIC_SEQ_CST);
    }
    if (host) {
        dma_unmap(s->memory, host, mapped, true, mapped == 8 ? 8 : 0);
    }
    return host && mapped == 8;
}
