/*
 * The SMMU's commands (IHI 0070, chapter 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include "util/log.h"

FIELD(CMD_OPCODE, 0, 8);
FIELD(CMD_SECURE, 10, 1);
FIELD(CMD_STREAM, 32, 32);
FIELD(CMD_STE_RANGE, 0, 5);             /* of the second word */
FIELD(CMD_SYNC_SIGNAL, 12, 2);
FIELD(TLBI_NUM, 12, 5);
FIELD(TLBI_SCALE, 20, 5);
FIELD(TLBI_VMID, 32, 16);
FIELD(TLBI_ASID, 48, 16);
FIELD(TLBI_GRANULE, 10, 2);             /* of the second word, as is the address */
#define TLBI_ADDRESS_MASK (~UINT64_C(0xfff))
enum { SYNC_NONE = 0, SYNC_IRQ = 1, SYNC_SEV = 2 };

/* Needs a stage; what of the TLB entries must match. */
enum { NEEDS_S1 = 1, NEEDS_S2 = 2, BY_VMID = 4, BY_ASID = 8, BY_ADDRESS = 16, OF_STAGE1 = 32, OF_STAGE2 = 64 };
typedef unsigned Handler(SmmuV3 *s, const uint64_t command[2], unsigned flags);

/* ---- configuration (4.3) ---- */

static unsigned forget_stream(SmmuV3 *s, const uint64_t command[2], unsigned flags)
{
    uint32_t sid = (uint32_t)FIELD_GET(command[0], CMD_STREAM);
    smmu_forget_configs(s, sid, sid);
    return CERROR_NONE;
}

/* 4.3.2: 2^(Range + 1) streams, aligned; 31 is all of them. */
static unsigned forget_streams(SmmuV3 *s, const uint64_t command[2], unsigned flags)
{
    uint32_t sid = (uint32_t)FIELD_GET(command[0], CMD_STREAM);
    uint32_t span = (uint32_t)MAKE_MASK(0, FIELD_GET(command[1], CMD_STE_RANGE) + 1);
    smmu_forget_configs(s, sid & ~span, sid | span);
    return CERROR_NONE;
}

/* ---- translations (4.4) ---- */

/* 4.4.1.1: with a granule, (NUM + 1) * 2^SCALE of them; without, what lies around one address. */
static void set_range(SmmuTlbRange *range, const uint64_t command[2])
{
    unsigned granule = (unsigned)FIELD_GET(command[1], TLBI_GRANULE);
    uint64_t address = command[1] & TLBI_ADDRESS_MASK;
    range->first = range->last = address;
    if (granule) {
        unsigned bits = 10 + 2 * granule;
        uint64_t bytes = (FIELD_GET(command[0], TLBI_NUM) + 1) << (FIELD_GET(command[0], TLBI_SCALE) + bits);      /* 2^52 at most */
        range->first = address & ~MAKE_MASK(0, bits);
        range->last = bytes - 1 > UINT64_MAX - range->first ? UINT64_MAX : range->first + (bytes - 1);
    }
}

static unsigned drop_translations(SmmuV3 *s, const uint64_t command[2], unsigned flags)
{
    bool has_vmids = smmu_reg(s, IDR0) & IDR0_S2P;     /* 4.4: without stage 2 the field is not looked at, and all have 0 */
    SmmuTlbRange range = {
        .by_vmid = flags & BY_VMID, .by_asid = flags & BY_ASID, .by_address = flags & BY_ADDRESS, .stage1 = flags & OF_STAGE1, .stage2 = flags & OF_STAGE2,
        .vmid = has_vmids ? (uint16_t)FIELD_GET(command[0], TLBI_VMID) : 0, .asid = (uint16_t)FIELD_GET(command[0], TLBI_ASID),
    };
    if (range.by_address) {
        set_range(&range, command);
    }
    smmu_tlb_drop(s, &range);
    return CERROR_NONE;
}

/* ---- others ---- */

static unsigned do_nothing(SmmuV3 *s, const uint64_t command[2], unsigned flags) { return CERROR_NONE; }

/* 4.7.3: all commands before it are done. Neither messages nor events to processors are there (IDR0.MSI, IDR0.SEV): what asks for them goes without. */
static unsigned synchronize(SmmuV3 *s, const uint64_t command[2], unsigned flags)
{
    unsigned signal = (unsigned)FIELD_GET(command[0], CMD_SYNC_SIGNAL);
    if (signal == SYNC_IRQ) {
        smmu_want_irq(s, SMMUV3_IRQ_CMDQ_SYNC);
    }
    return signal > SYNC_SEV ? CERROR_ILL : CERROR_NONE;
}

/* Not here, and so illegal: EL2's and EL3's (IDR0.HYP), ATC_INV (ATS), PRI_RESP (PRI), RESUME and STALL_TERM (STALL_MODEL). */
static const struct { Handler *run; unsigned flags; } commands[] = {
    [0x01] = { do_nothing },                                                        /* PREFETCH_CONFIG */
    [0x02] = { do_nothing },                                                        /* PREFETCH_ADDR */
    [0x03] = { forget_stream },                                                     /* CFGI_STE */
    [0x04] = { forget_streams },                                                    /* CFGI_STE_RANGE, CFGI_ALL */
    [0x05] = { forget_stream, NEEDS_S1 },                                           /* CFGI_CD */
    [0x06] = { forget_stream, NEEDS_S1 },                                           /* CFGI_CD_ALL */
    [0x10] = { drop_translations, NEEDS_S1 | OF_STAGE1 | BY_VMID },                 /* TLBI_NH_ALL */
    [0x11] = { drop_translations, NEEDS_S1 | OF_STAGE1 | BY_VMID | BY_ASID },       /* TLBI_NH_ASID */
    [0x12] = { drop_translations, NEEDS_S1 | OF_STAGE1 | BY_VMID | BY_ASID | BY_ADDRESS },  /* TLBI_NH_VA */
    [0x13] = { drop_translations, NEEDS_S1 | OF_STAGE1 | BY_VMID | BY_ADDRESS },    /* TLBI_NH_VAA */
    [0x28] = { drop_translations, NEEDS_S2 | BY_VMID },                             /* TLBI_S12_VMALL */
    [0x2a] = { drop_translations, NEEDS_S2 | OF_STAGE2 | BY_VMID | BY_ADDRESS },    /* TLBI_S2_IPA */
    [0x30] = { drop_translations },                                                 /* TLBI_NSNH_ALL */
    [0x46] = { synchronize },                                                           /* CMD_SYNC */
};

unsigned smmu_command(SmmuV3 *s, const uint64_t command[2])
{
    unsigned opcode = (unsigned)FIELD_GET(command[0], CMD_OPCODE);
    bool known = opcode < ARRAY_SIZE(commands) && commands[opcode].run && !FIELD_GET(command[0], CMD_SECURE);
    unsigned flags = known ? commands[opcode].flags : 0;
    bool has_stages = !(flags & NEEDS_S1 && !(smmu_reg(s, IDR0) & IDR0_S1P)) && !(flags & NEEDS_S2 && !(smmu_reg(s, IDR0) & IDR0_S2P));
    if (!known || !has_stages) {
        log_mask(LOG_GUEST_ERROR, "arm-smmuv3: illegal command 0x%02x\n", opcode);
        return CERROR_ILL;
    }
    return commands[opcode].run(s, command, flags);
}
