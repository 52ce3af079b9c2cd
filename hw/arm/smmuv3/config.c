/*
 * How a stream is treated: stream table entries, context descriptors, and a cache of both together (IHI 0070, 3.3, 5.1 to 5.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include "util/log.h"

#include <string.h>

FIELD(STRTAB_LOG2SIZE, 0, 6);
FIELD(STRTAB_SPLIT, 6, 5);
FIELD(STRTAB_FORMAT, 16, 2);
enum { FORMAT_2_LEVEL = 1, STE_WORDS = 8, STE_SIZE = 64, CD_WORDS = 8 };

/* A stream table entry (5.2), by words of 64 bits. */
#define STE0_VALID BIT(0)
FIELD(STE0_CONFIG, 1, 3);
FIELD(STE0_S1CDMAX, 59, 5);
FIELD(STE1_STRW, 30, 2);
FIELD(STE1_PRIVCFG, 48, 2);
FIELD(STE2_VMID, 0, 16);
FIELD(STE2_T0SZ, 32, 6);
FIELD(STE2_SL0, 38, 2);
FIELD(STE2_TG, 46, 2);
FIELD(STE2_PS, 48, 3);
#define STE2_AA64 BIT(51)
#define STE2_ENDI BIT(52)
#define STE2_AFFD BIT(53)
#define STE2_PTW BIT(54)
#define STE2_S BIT(57)
#define STE2_R BIT(58)
enum { CONFIG_TRANSLATES = 4, CONFIG_STAGE1 = 1, CONFIG_STAGE2 = 2, PRIVCFG_PRIVILEGED = 3 };
#define POINTER_MASK (SMMU_ADDRESS_MASK & ~UINT64_C(0x3f))
#define TTB_MASK (SMMU_ADDRESS_MASK & ~UINT64_C(0xf))

/* A context descriptor (5.4). */
FIELD(CD0_T0SZ, 0, 6);
FIELD(CD0_TG0, 6, 2);
#define CD0_EPD0 BIT(14)
#define CD0_ENDI BIT(15)
FIELD(CD0_T1SZ, 16, 6);
FIELD(CD0_TG1, 22, 2);
#define CD0_EPD1 BIT(30)
#define CD0_VALID BIT(31)
FIELD(CD0_IPS, 32, 3);
#define CD0_AFFD BIT(35)
#define CD0_TBI0 BIT(38)
#define CD0_TBI1 BIT(39)
#define CD0_PAN BIT(40)
#define CD0_AA64 BIT(41)
#define CD0_S BIT(44)
#define CD0_R BIT(45)
#define CD0_A BIT(46)
FIELD(CD0_ASID, 48, 16);
#define CD_HAD BIT(1)                   /* of the word with the table's address */

/* Sizes that tables can have: 2^25 bytes at least (IDR3.STT), 2^48 at most (IDR5.VAX), between stages what is put out. */
enum { SIZE_SMALLEST = 39, SIZE_LARGEST = 64 - SMMU_VA_BITS, SIZE_LARGEST_STAGE2 = 64 - SMMU_OUTPUT_BITS, CONCATENATED_BITS = 4 };

static unsigned output_bits(unsigned encoded)
{
    static const uint8_t bits[8] = { 32, 36, 40, 42, 44, 48, 52, 52 };
    return MIN(bits[encoded & 7], SMMU_OUTPUT_BITS);
}

/* TG1 numbers the granules otherwise than TG0 and S2TG. 0: reserved. */
static unsigned granule_bits(unsigned encoded, bool is_upper)
{
    static const uint8_t lower[4] = { 12, 16, 14, 0 }, upper[4] = { 0, 14, 12, 16 };
    return (is_upper ? upper : lower)[encoded & 3];
}

/* ---- the stream table (3.3.1) ---- */

static bool bad(SmmuFault *fault, uint8_t event)
{
    *fault = (SmmuFault){ .event = event };
    return false;
}

static bool no_fetch(SmmuFault *fault, uint8_t event, uint64_t addr)
{
    *fault = (SmmuFault){ .event = event, .fetch = addr };
    return false;
}

static uint64_t aligned(uint64_t base, uint64_t size) { return base & POINTER_MASK & ~(size - 1); }

static bool find_in_level_2(SmmuV3 *s, uint16_t sid, uint64_t base, unsigned bits, uint64_t *addr, SmmuFault *fault)
{
    unsigned encoded = (unsigned)FIELD_GET(smmu_reg(s, STRTAB_BASE_CFG), STRTAB_SPLIT), split = encoded == 8 || encoded == 10 ? encoded : 6;
    uint64_t descriptor, place = aligned(base, UINT64_C(8) << (bits > split ? bits - split : 0)) + 8 * (uint64_t)(sid >> split);
    if (!smmu_read_words(s, place, &descriptor, 1)) {
        return no_fetch(fault, F_STE_FETCH, place);
    }
    unsigned span = descriptor & 0x1f, index = sid & (unsigned)MAKE_MASK(0, split);
    if (span == 0 || span > split + 1 || index >> (span - 1)) {
        return bad(fault, C_BAD_STREAMID);
    }
    *addr = aligned(descriptor, (uint64_t)STE_SIZE << (span - 1)) + (uint64_t)index * STE_SIZE;
    return true;
}

static bool find_ste(SmmuV3 *s, uint16_t sid, uint64_t *addr, SmmuFault *fault)
{
    uint32_t format = smmu_reg(s, STRTAB_BASE_CFG);
    unsigned bits = (unsigned)MIN(FIELD_GET(format, STRTAB_LOG2SIZE), SMMU_SID_BITS);
    uint64_t base = smmu_reg64(s, STRTAB_BASE);
    if (sid >> bits) {
        return bad(fault, C_BAD_STREAMID);
    }
    if (FIELD_GET(format, STRTAB_FORMAT) == FORMAT_2_LEVEL) {
        return find_in_level_2(s, sid, base, bits, addr, fault);
    }
    *addr = aligned(base, (uint64_t)STE_SIZE << bits) + (uint64_t)sid * STE_SIZE;
    return true;
}

/* ---- stage 2 (5.2, S2T0SZ to S2R) ---- */

/* The first level, by SL0 (Arm DDI 0487, D8.2): the table of the first level may be up to 16 that lie together. */
static bool set_start_level(SmmuTable *t, unsigned sl0)
{
    unsigned first = t->granule_bits == 12 ? 2 : 3, stride = t->granule_bits - 3u;
    if (sl0 > first || sl0 == 3) {
        return false;
    }
    t->start_level = (uint8_t)(first - sl0);
    unsigned shift = t->granule_bits + stride * (3u - t->start_level);
    return t->input_bits > shift && t->input_bits - shift <= stride + CONCATENATED_BITS && !(t->granule_bits != 12 && t->start_level == 0);
}

static bool decode_stage2(const uint64_t ste[STE_WORDS], SmmuConfig *c)
{
    unsigned size = (unsigned)FIELD_GET(ste[2], STE2_T0SZ);
    c->second = (SmmuTable){
        .enabled = true, .stage2 = true, .base = ste[3] & TTB_MASK, .granule_bits = (uint8_t)granule_bits((unsigned)FIELD_GET(ste[2], STE2_TG), false),
        .input_bits = (uint8_t)(64 - size), .output_bits = (uint8_t)output_bits((unsigned)FIELD_GET(ste[2], STE2_PS)), .ignore_access_flag = ste[2] & STE2_AFFD,
        .protect_walks = ste[2] & STE2_PTW,
    };
    c->record2 = ste[2] & STE2_R;
    return ste[2] & STE2_AA64 && !(ste[2] & (STE2_ENDI | STE2_S)) && c->second.granule_bits && size >= SIZE_LARGEST_STAGE2 && size <= SIZE_SMALLEST &&
           !(c->second.base >> c->second.output_bits) && set_start_level(&c->second, (unsigned)FIELD_GET(ste[2], STE2_SL0));
}

/* ---- the entry (5.2, 5.5) ---- */

static bool decode_ste(SmmuV3 *s, const uint64_t ste[STE_WORDS], SmmuConfig *c, SmmuFault *fault)
{
    unsigned config = (unsigned)FIELD_GET(ste[0], STE0_CONFIG);
    if (!(ste[0] & STE0_VALID)) {
        return bad(fault, C_BAD_STE);
    }
    c->action = !(config & CONFIG_TRANSLATES) ? SMMU_ABORT : config == CONFIG_TRANSLATES ? SMMU_BYPASS : SMMU_TRANSLATE;
    c->stage1 = c->action == SMMU_TRANSLATE && config & CONFIG_STAGE1;
    c->stage2 = c->action == SMMU_TRANSLATE && config & CONFIG_STAGE2;
    c->privileged = FIELD_GET(ste[1], STE1_PRIVCFG) == PRIVCFG_PRIVILEGED;
    bool has_1 = smmu_reg(s, IDR0) & IDR0_S1P, has_2 = smmu_reg(s, IDR0) & IDR0_S2P;
    c->vmid = c->action == SMMU_TRANSLATE && has_2 ? (uint16_t)FIELD_GET(ste[2], STE2_VMID) : 0;
    /* No substreams (IDR1.SSIDSIZE), and no stream world of EL2 (IDR0.HYP). */
    bool wrong = (c->stage1 && (!has_1 || FIELD_GET(ste[0], STE0_S1CDMAX))) || (c->stage2 && !has_2) || (c->stage1 && !c->stage2 && FIELD_GET(ste[1], STE1_STRW)) ||
                 (c->stage2 && !decode_stage2(ste, c));
    return !wrong || bad(fault, C_BAD_STE);
}

/* ---- the context descriptor (5.4, 5.5) ---- */

/* A table of stage 1. cd_word: with the table's address; size, granule: as the descriptor has them. */
static bool decode_table(SmmuTable *t, uint64_t cd_word, unsigned size, unsigned granule, unsigned output)
{
    if (!granule || size < SIZE_LARGEST || size > SIZE_SMALLEST || (cd_word & TTB_MASK) >> output) {
        return false;
    }
    unsigned stride = granule - 3, input = 64 - size;
    *t = (SmmuTable){
        .enabled = true, .base = cd_word & TTB_MASK, .granule_bits = (uint8_t)granule, .input_bits = (uint8_t)input, .output_bits = (uint8_t)output,
        .start_level = (uint8_t)(4 - (input - granule + stride - 1) / stride), .flat_attributes = cd_word & CD_HAD,
    };
    return true;
}

static bool decode_cd(const uint64_t cd[CD_WORDS], SmmuConfig *c)
{
    unsigned output = output_bits((unsigned)FIELD_GET(cd[0], CD0_IPS));
    /* Tables of AArch64 in little-endian order (IDR0.TTF, TTENDIAN); faults end accesses with an abort, at once (TERM_MODEL, STALL_MODEL). */
    if (!(cd[0] & CD0_VALID) || !(cd[0] & CD0_AA64) || cd[0] & CD0_ENDI || cd[0] & CD0_S || !(cd[0] & CD0_A)) {
        return false;
    }
    bool has_lower = !(cd[0] & CD0_EPD0), has_upper = !(cd[0] & CD0_EPD1);
    unsigned lower_granule = granule_bits((unsigned)FIELD_GET(cd[0], CD0_TG0), false), upper_granule = granule_bits((unsigned)FIELD_GET(cd[0], CD0_TG1), true);
    if ((has_lower && !decode_table(&c->lower, cd[1], (unsigned)FIELD_GET(cd[0], CD0_T0SZ), lower_granule, output)) ||
        (has_upper && !decode_table(&c->upper, cd[2], (unsigned)FIELD_GET(cd[0], CD0_T1SZ), upper_granule, output))) {
        return false;
    }
    c->asid = (uint16_t)FIELD_GET(cd[0], CD0_ASID);
    c->record1 = cd[0] & CD0_R;
    c->privileged_never = cd[0] & CD0_PAN;
    c->lower.ignore_access_flag = c->upper.ignore_access_flag = cd[0] & CD0_AFFD;
    c->lower.top_byte_ignored = cd[0] & CD0_TBI0;
    c->upper.top_byte_ignored = cd[0] & CD0_TBI1;
    return true;
}

/* With both stages, its address is one between them. */
static bool read_cd(SmmuV3 *s, uint64_t addr, SmmuConfig *c, SmmuFault *fault)
{
    uint64_t cd[CD_WORDS];
    if (c->stage2) {
        SmmuLeaf leaf;
        if (!smmu_walk_stage2(s, c, addr, false, CLASS_CD, &leaf, fault)) {
            fault->event = c->record2 || fault->event < F_TRANSLATION ? fault->event : 0;
            return false;
        }
        addr = leaf.address | (addr & leaf.mask);
    }
    if (!smmu_read_words(s, addr, cd, CD_WORDS)) {
        return no_fetch(fault, F_CD_FETCH, addr);
    }
    return decode_cd(cd, c) || bad(fault, C_BAD_CD);
}

/* ---- together, and the cache ---- */

static bool read_config(SmmuV3 *s, uint16_t sid, SmmuConfig *c, SmmuFault *fault)
{
    uint64_t addr, ste[STE_WORDS];
    if (!find_ste(s, sid, &addr, fault)) {
        return false;
    }
    if (!smmu_read_words(s, addr, ste, STE_WORDS)) {
        return no_fetch(fault, F_STE_FETCH, addr);
    }
    *c = (SmmuConfig){ .sid = sid };
    return decode_ste(s, ste, c, fault) && (!c->stage1 || read_cd(s, ste[0] & POINTER_MASK, c, fault));
}

static unsigned place_of(uint16_t sid) { return (sid ^ sid >> 3 ^ sid >> 8) % SMMU_CONFIGS; }

const SmmuConfig *smmu_config(SmmuV3 *s, uint16_t sid, SmmuFault *fault)
{
    SmmuConfig *c = &s->configs[place_of(sid)], fresh;
    if (c->cached && c->sid == sid) {
        return c;
    }
    if (!read_config(s, sid, &fresh, fault)) {
        log_mask(LOG_GUEST_ERROR, "arm-smmuv3: stream 0x%04x is not configured: event 0x%02x\n", sid, fault->event);
        return NULL;
    }
    *c = fresh;
    c->cached = true;
    return c;
}

void smmu_forget_configs(SmmuV3 *s, uint32_t first, uint32_t last)
{
    for (unsigned n = 0; n < SMMU_CONFIGS; n++) {
        s->configs[n].cached = s->configs[n].cached && (s->configs[n].sid < first || s->configs[n].sid > last);
    }
}
