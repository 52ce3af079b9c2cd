/*
 * The IOMMU's commands (3.1). No function has a cache of translations (ATC): the messages of ATS find nobody, and are done at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

FIELD(CMD_OPCODE, 0, 7);
FIELD(CMD_FUNC3, 7, 3);
#define INVAL_AV BIT(10)
#define INVAL_PSCV BIT(32)
#define INVAL_GV BIT(33)
FIELD(INVAL_PSCID, 12, 20);
FIELD(INVAL_GSCID, 44, 16);
FIELD(INVAL_ADDR, 10, 52);              /* of the second word */
#define FENCE_AV BIT(10)
#define FENCE_WSI BIT(11)
FIELD(FENCE_DATA, 32, 32);
FIELD(FENCE_ADDR, 0, 62);               /* of the second word */
#define DIR_DV BIT(33)
FIELD(DIR_PID, 12, 20);
FIELD(DIR_DID, 40, 24);
enum { PROCESS_BITS = 8 };              /* capabilities.PD8 alone */

typedef uint32_t Handler(RiscvIommu *s, const uint64_t command[2]);

/* ---- translations (3.1.1) ---- */

static RiscvIommuTlbRange range_of(const uint64_t command[2])
{
    return (RiscvIommuTlbRange){
        .by_pscid = command[0] & INVAL_PSCV, .by_address = command[0] & INVAL_AV, .by_gscid = command[0] & INVAL_GV, .second = command[0] & INVAL_GV,
        .pscid = (uint32_t)FIELD_GET(command[0], INVAL_PSCID), .gscid = (uint16_t)FIELD_GET(command[0], INVAL_GSCID), .address = FIELD_GET(command[1], INVAL_ADDR) << 12,
    };
}

static uint32_t inval_vma(RiscvIommu *s, const uint64_t command[2])
{
    RiscvIommuTlbRange range = range_of(command);
    riscv_iommu_tlb_drop(s, &range);
    return 0;
}

/* Entries do not know the address between the stages: all of the guest go. */
static uint32_t inval_gvma(RiscvIommu *s, const uint64_t command[2])
{
    RiscvIommuTlbRange range = range_of(command);
    if (range.by_pscid) {
        return CQCSR_CMD_ILL;
    }
    range.by_address = false;
    range.second = true;
    riscv_iommu_tlb_drop(s, &range);
    return 0;
}

/* ---- fences (3.1.2): all that was before is done ---- */

static uint32_t fence(RiscvIommu *s, const uint64_t command[2])
{
    if (command[0] & FENCE_WSI && !(riscv_iommu_reg(s, FCTL) & FCTL_WSI)) {
        return CQCSR_CMD_ILL;
    }
    if (command[0] & FENCE_AV) {
        g_mutex_unlock(&s->lock);       /* it may go to a device, an interrupt controller for one */
        bool stored = riscv_iommu_store(s, FIELD_GET(command[1], FENCE_ADDR) << 2, (uint32_t)FIELD_GET(command[0], FENCE_DATA));
        g_mutex_lock(&s->lock);
        if (!stored) {
            return CSR_MEMORY_FAULT;
        }
    }
    if (command[0] & FENCE_WSI) {
        s->reg[CQCSR / 4] |= CQCSR_FENCE_W_IP;
        riscv_iommu_update_interrupts(s);
    }
    return 0;
}

/* ---- directories (3.1.3) ---- */

static uint32_t inval_ddt(RiscvIommu *s, const uint64_t command[2])
{
    if (FIELD_GET(command[0], DIR_PID)) {
        return CQCSR_CMD_ILL;
    }
    if (command[0] & DIR_DV) {
        uint32_t device = (uint32_t)FIELD_GET(command[0], DIR_DID);
        riscv_iommu_forget_context(s, device);
        riscv_iommu_tlb_drop_device(s, device);
    } else {
        riscv_iommu_forget_contexts(s);
        riscv_iommu_tlb_clear(s);
    }
    return 0;
}

/* Of processes the cache has what goes without: number 0. */
static uint32_t inval_pdt(RiscvIommu *s, const uint64_t command[2])
{
    if (!(command[0] & DIR_DV) || FIELD_GET(command[0], DIR_PID) >> PROCESS_BITS) {
        return CQCSR_CMD_ILL;
    }
    riscv_iommu_forget_context(s, (uint32_t)FIELD_GET(command[0], DIR_DID));
    return 0;
}

/* ---- PCIe (3.1.4) ---- */

static uint32_t ats(RiscvIommu *s, const uint64_t command[2]) { return riscv_iommu_capabilities(s) & CAP_ATS ? 0 : CQCSR_CMD_ILL; }

/* ---- all of them ---- */

/* reserved: bits of both words that must be 0. */
static const struct { Handler *run; uint64_t reserved[2]; } commands[5][2] = {
    [1] = { { inval_vma, { UINT64_C(0xf0000ffc00000800), UINT64_C(0xc0000000000003ff) } }, { inval_gvma, { UINT64_C(0xf0000ffc00000800), UINT64_C(0xc0000000000003ff) } } },
    [2] = { { fence, { UINT64_C(0x00000000ffffc000), UINT64_C(0xc000000000000000) } } },
    [3] = { { inval_ddt, { UINT64_C(0x000000fd00000c00), UINT64_MAX } }, { inval_pdt, { UINT64_C(0x000000fd00000c00), UINT64_MAX } } },
    [4] = { { ats, { UINT64_C(0x000000fc00000c00), 0 } }, { ats, { UINT64_C(0x000000fc00000c00), 0 } } },
};

uint32_t riscv_iommu_command(RiscvIommu *s, const uint64_t command[2])
{
    unsigned opcode = (unsigned)FIELD_GET(command[0], CMD_OPCODE), function = (unsigned)FIELD_GET(command[0], CMD_FUNC3);
    bool known = opcode < ARRAY_SIZE(commands) && function < ARRAY_SIZE(commands[0]) && commands[opcode][function].run;
    if (!known || command[0] & commands[opcode][function].reserved[0] || command[1] & commands[opcode][function].reserved[1]) {
        return CQCSR_CMD_ILL;
    }
    return commands[opcode][function].run(s, command);
}
