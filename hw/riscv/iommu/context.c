/*
 * How a request is treated: device directory, device context, process directory, process context, and a cache of what is read from them (2.1 to 2.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include <string.h>

enum { DC_WORDS_BASE = 4, DC_WORDS_EXTENDED = 8, PC_WORDS = 2, DIRECTORY_BITS = 9, DIRECTORY_LEVELS = 3, PROCESS_LEAF_BITS = 8 };
FIELD(PPN, 10, 44);                     /* of directory entries and ddtp */
#define ENTRY_VALID BIT(0)
#define ENTRY_RESERVED UINT64_C(0xffc00000000003fe)

/* The device context (2.1.3), by words. */
#define TC_EN_ATS BIT(1)
#define TC_EN_PRI BIT(2)
#define TC_T2GPA BIT(3)
#define TC_DTF BIT(4)
#define TC_PDTV BIT(5)
#define TC_PRPR BIT(6)
#define TC_DPE BIT(9)
#define TC_SXL BIT(11)
/* Reserved, and what capabilities has not: T2GPA, GADE and SADE, and SBE, which is as fctl.BE is. */
#define TC_RESERVED (UINT64_C(0xffffffff00fff000) | TC_T2GPA | BIT(7) | BIT(8) | BIT(10))
#define DC_TA_RESERVED UINT64_C(0xffffffff00000fff)
#define PC_TA_RESERVED UINT64_C(0xffffffff00000ff8)
#define PC_TA_ENS BIT(1)
#define PC_TA_SUM BIT(2)
FIELD(TA_PSCID, 12, 20);
FIELD(POINTER_PPN, 0, 44);              /* of iohgatp, iosatp, pdtp, msiptp */
FIELD(POINTER_GSCID, 44, 16);
FIELD(POINTER_MODE, 60, 4);
#define POINTER_RESERVED MAKE_MASK(44, 16)
#define MSI_ADDRESS_RESERVED MAKE_MASK(52, 12)
enum { MODE_BARE = 0, MSIPTP_OFF = 0, MSIPTP_FLAT = 1, PDTP_PD8 = 1, ROOT_SECOND_PAGES = 4 };

static bool refuse(RiscvIommuFault *fault, uint16_t cause)
{
    *fault = (RiscvIommuFault){ .cause = cause };
    return false;
}

static bool has(const RiscvIommu *s, uint64_t capability) { return riscv_iommu_capabilities(s) & capability; }

/* ---- the device directory (2.3.1) ---- */

/* The indexes of a device_id, the last level's first. false: it is wider than the directory is deep. */
static bool split_device(const RiscvIommu *s, uint32_t device, unsigned levels, uint32_t index[DIRECTORY_LEVELS])
{
    unsigned leaf_bits = has(s, CAP_MSI_FLAT) ? 6 : 7;
    index[0] = device & (uint32_t)MAKE_MASK(0, leaf_bits);
    index[1] = device >> leaf_bits & (uint32_t)MAKE_MASK(0, DIRECTORY_BITS);
    index[2] = device >> (leaf_bits + DIRECTORY_BITS);
    return (levels > 2 || !index[2]) && (levels > 1 || !index[1]);
}

static bool read_dc(RiscvIommu *s, const RiscvIommuRequest *r, uint64_t dc[DC_WORDS_EXTENDED], RiscvIommuFault *fault)
{
    unsigned levels = (riscv_iommu_reg(s, DDTP) & DDTP_MODE) - DDTP_1LVL + 1, words = has(s, CAP_MSI_FLAT) ? DC_WORDS_EXTENDED : DC_WORDS_BASE;
    uint64_t table = FIELD_GET(riscv_iommu_reg64(s, DDTP), PPN) << 12;
    uint32_t index[DIRECTORY_LEVELS];
    if (!split_device(s, r->device_id, levels, index)) {
        return refuse(fault, CAUSE_TYPE_DISALLOWED);
    }
    riscv_iommu_count(s, EVENT_DDT_WALK, r, NULL);
    for (unsigned level = levels - 1; level > 0; level--) {
        uint64_t entry;
        if (!riscv_iommu_read_words(s, table + 8 * (uint64_t)index[level], &entry, 1)) {
            return refuse(fault, CAUSE_DDT_LOAD);
        }
        if (!(entry & ENTRY_VALID) || entry & ENTRY_RESERVED) {
            return refuse(fault, entry & ENTRY_VALID ? CAUSE_DDT_MISCONFIGURED : CAUSE_DDT_INVALID);
        }
        table = FIELD_GET(entry, PPN) << 12;
    }
    if (!riscv_iommu_read_words(s, table + 8 * (uint64_t)words * index[0], dc, words)) {
        return refuse(fault, CAUSE_DDT_LOAD);
    }
    return dc[0] & ENTRY_VALID || refuse(fault, CAUSE_DDT_INVALID);
}

/* ---- the device context (2.1.4) ---- */

static bool check_tc(const RiscvIommu *s, uint64_t tc)
{
    bool is_32 = riscv_iommu_reg(s, FCTL) & FCTL_GXL;
    return !(tc & TC_RESERVED) && (has(s, CAP_ATS) || !(tc & (TC_EN_ATS | TC_EN_PRI | TC_PRPR))) && !(tc & TC_EN_PRI && !(tc & TC_EN_ATS)) &&
           !(tc & TC_PRPR && !(tc & TC_EN_PRI)) && !(tc & TC_DPE && !(tc & TC_PDTV)) && !(is_32 && !(tc & TC_SXL));
}

static bool decode_second(const RiscvIommu *s, uint64_t iohgatp, RiscvIommuContext *c)
{
    RiscvIommuMode mode = riscv_iommu_second_mode(s, (unsigned)FIELD_GET(iohgatp, POINTER_MODE), riscv_iommu_reg(s, FCTL) & FCTL_GXL);
    uint64_t page = FIELD_GET(iohgatp, POINTER_PPN);
    if (!mode.known || (mode.scheme && page % ROOT_SECOND_PAGES)) {
        return false;
    }
    c->second = (RiscvIommuTable){ mode.scheme, page << 12 };
    c->gscid = mode.scheme ? (uint16_t)FIELD_GET(iohgatp, POINTER_GSCID) : 0;
    return true;
}

static bool decode_first(const RiscvIommu *s, uint64_t fsc, uint64_t ta, bool is_32, RiscvIommuContext *c)
{
    RiscvIommuMode mode = riscv_iommu_first_mode(s, (unsigned)FIELD_GET(fsc, POINTER_MODE), is_32);
    if (!mode.known || fsc & POINTER_RESERVED) {
        return false;
    }
    c->first = (RiscvIommuTable){ mode.scheme, FIELD_GET(fsc, POINTER_PPN) << 12 };
    c->pscid = mode.scheme ? (uint32_t)FIELD_GET(ta, TA_PSCID) : 0;
    return true;
}

static bool decode_msi(const RiscvIommu *s, const uint64_t dc[DC_WORDS_EXTENDED], RiscvIommuContext *c)
{
    if (!has(s, CAP_MSI_FLAT)) {
        return true;
    }
    unsigned mode = (unsigned)FIELD_GET(dc[4], POINTER_MODE);
    c->has_msi = mode == MSIPTP_FLAT;
    c->msi_table = FIELD_GET(dc[4], POINTER_PPN) << 12;
    c->msi_mask = dc[5];
    c->msi_pattern = dc[6];
    return mode <= MSIPTP_FLAT && !(dc[4] & POINTER_RESERVED) && !((dc[5] | dc[6]) & MSI_ADDRESS_RESERVED) && !dc[7];
}

static bool decode_dc(const RiscvIommu *s, const uint64_t dc[DC_WORDS_EXTENDED], RiscvIommuContext *c)
{
    unsigned pdtp_mode = (unsigned)FIELD_GET(dc[3], POINTER_MODE);
    bool has_processes = dc[0] & TC_PDTV;
    c->faults_disabled = dc[0] & TC_DTF;
    c->is_32 = dc[0] & TC_SXL;
    return check_tc(s, dc[0]) && !(dc[2] & DC_TA_RESERVED) && decode_second(s, dc[1], c) && decode_msi(s, dc, c) &&
           (has_processes ? pdtp_mode <= PDTP_PD8 && !(dc[3] & POINTER_RESERVED) : decode_first(s, dc[3], dc[2], dc[0] & TC_SXL, c));
}

/* ---- processes (2.3.2): directories of one level ---- */

static bool read_pc(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, uint64_t at, uint64_t pc[PC_WORDS], RiscvIommuFault *fault)
{
    riscv_iommu_count(s, EVENT_PDT_WALK, r, c);
    if (c->second.scheme) {
        RiscvIommuLeaf leaf;
        if (!riscv_iommu_walk_second(s, c, r, at, true, &leaf, fault)) {
            return false;
        }
        at = leaf.address | (at & leaf.mask);
    }
    if (!riscv_iommu_read_words(s, at, pc, PC_WORDS)) {
        return refuse(fault, CAUSE_PDT_LOAD);
    }
    return pc[0] & ENTRY_VALID || refuse(fault, CAUSE_PDT_INVALID);
}

static bool use_process(RiscvIommu *s, const uint64_t dc[DC_WORDS_EXTENDED], const RiscvIommuRequest *r, RiscvIommuContext *c, RiscvIommuFault *fault)
{
    uint64_t pc[PC_WORDS];
    uint32_t process = r->has_process ? r->process_id : 0;
    if (!read_pc(s, c, r, (FIELD_GET(dc[3], POINTER_PPN) << 12) + 16 * (uint64_t)process, pc, fault)) {
        return false;
    }
    if (pc[0] & PC_TA_RESERVED || !decode_first(s, pc[1], pc[0], dc[0] & TC_SXL, c)) {
        return refuse(fault, CAUSE_PDT_MISCONFIGURED);
    }
    c->sum = pc[0] & PC_TA_SUM;
    return !(r->supervisor && !(pc[0] & PC_TA_ENS)) || refuse(fault, CAUSE_TYPE_DISALLOWED);
}

/* ---- together (2.3, up to step 16), and the cache ---- */

bool riscv_iommu_read_context(RiscvIommu *s, const RiscvIommuRequest *r, RiscvIommuContext *c, RiscvIommuFault *fault)
{
    uint64_t dc[DC_WORDS_EXTENDED];
    *c = (RiscvIommuContext){ .device_id = r->device_id };
    if (!read_dc(s, r, dc, fault)) {
        return false;
    }
    if (!decode_dc(s, dc, c)) {
        *c = (RiscvIommuContext){ 0 };      /* none that is valid: the fault is reported */
        return refuse(fault, CAUSE_DDT_MISCONFIGURED);
    }
    bool has_directory = dc[0] & TC_PDTV && FIELD_GET(dc[3], POINTER_MODE) != MODE_BARE;
    if (r->has_process && (!(dc[0] & TC_PDTV) || (has_directory && r->process_id >> PROCESS_LEAF_BITS))) {
        return refuse(fault, CAUSE_TYPE_DISALLOWED);
    }
    return !has_directory || (!r->has_process && !(dc[0] & TC_DPE)) || use_process(s, dc, r, c, fault);
}

static unsigned place_of(uint32_t device) { return (device ^ device >> 3 ^ device >> 8) % RISCV_IOMMU_CONTEXTS; }

const RiscvIommuContext *riscv_iommu_context(RiscvIommu *s, const RiscvIommuRequest *r, bool *faults_disabled, RiscvIommuFault *fault)
{
    RiscvIommuContext *c = &s->contexts[place_of(r->device_id)], fresh;
    if (!c->cached || c->device_id != r->device_id) {
        if (!riscv_iommu_read_context(s, r, &fresh, fault)) {
            *faults_disabled = fresh.faults_disabled;
            return NULL;
        }
        *c = fresh;
        c->cached = true;
    }
    *faults_disabled = c->faults_disabled;
    return c;
}

void riscv_iommu_forget_context(RiscvIommu *s, uint32_t device_id)
{
    RiscvIommuContext *c = &s->contexts[place_of(device_id)];
    c->cached = c->cached && c->device_id != device_id;
}

void riscv_iommu_forget_contexts(RiscvIommu *s) { memset(s->contexts, 0, sizeof(s->contexts)); }
