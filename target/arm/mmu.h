/*
 * A page walk as the files that make one share it: what is asked and what was found. DDI 0487, D8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_MMU_H
#define TARGET_ARM_MMU_H

#include "target/arm/internal.h"

/* Fault status codes (ESR_ELx.ISS.DFSC, IFSC), without the level. */
enum {
    FSC_ADDRESS_SIZE = 0x00, FSC_TRANSLATION = 0x04, FSC_ACCESS_FLAG = 0x08, FSC_PERMISSION = 0x0c, FSC_EXTERNAL = 0x10, FSC_TAG_CHECK = 0x11, FSC_EXTERNAL_WALK = 0x14,
    FSC_ALIGNMENT = 0x21, FSC_DEBUG = 0x22,
    FSC_DOMAIN_SECTION = 0x3d, FSC_DOMAIN_PAGE = 0x3e,     /* AArch32's alone */
};

typedef enum WalkResult { WALK_OK, WALK_FAULT, WALK_AGAIN } WalkResult;

typedef struct ArmWalk {
    /* in */
    TcgAccess access;
    uint8_t regime;                 /* exception level of the regime: 1, 2, 3 */
    bool two_ranges;                /* EL1&0, EL2&0: TTBR0 and TTBR1, privileged and not */
    bool user, pan, secure;
    bool stage2;                    /* the regime's addresses go through stage 2 */
    bool quiet;                     /* a debugger's: leaves no trace, asks for no permission */
    bool of_tables;                 /* of stage 2: for a walk of stage 1 */
    bool unchecked;                 /* AT S1E1A: permissions of stage 1 are not asked for */
    bool gcs;                       /* of a guarded control stack: its permission is asked for */
    bool stage1_only;               /* AT S1E1R: stops before stage 2 */
    /* out */
    uint64_t paddr;                 /* of the byte */
    unsigned page_bits;
    bool read, write, exec, global, guarded, contiguous, tagged_memory;
    bool once;                      /* true of this access alone: rights that differ within 4 KiB */
    uint8_t attr_index;             /* of MAIR, from 8 on of MAIR2 */
    uint8_t memory_attr;            /* MAIR's byte, joined with stage 2's */
    uint8_t shareability;
    /* a fault */
    uint8_t fsc; int8_t level;      /* the level is that of a descriptor that was found, too */
    uint8_t domain;                 /* short descriptors */
    bool fault_stage2, fault_on_walk;   /* in stage 2; of stage 1's table */
    uint64_t ipa;
} ArmWalk;

/* Two-stage translation of an address whose tag is off. */
WalkResult arm_walk(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w);
/* Stage 1 by 64-bit descriptors: mmu-long.c. */
WalkResult arm_walk_stage1_long(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w);
/* Stage 2 alone. */
WalkResult arm_walk_stage2(ArmCpu *cpu, uint64_t ipa, TcgAccess access, const ArmWalk *for_whom, ArmWalk *out);
WalkResult arm_walk_fault(ArmWalk *w, unsigned fsc, int level);
/* Where a table of stage 1 lies: through stage 2. */
WalkResult arm_walk_table_address(ArmCpu *cpu, ArmWalk *w, uint64_t *address, bool for_write);
/* Entries in memory; false: nobody answers there. */
bool arm_read_descriptor(ArmCpu *cpu, uint64_t paddr, unsigned bytes, bool secure, bool big_endian, uint64_t *value);
/* Replaces a descriptor that still is what was read; false: somebody changed it meanwhile. */
bool arm_replace_descriptor(ArmCpu *cpu, uint64_t paddr, uint64_t old, uint64_t value, bool secure, bool big_endian);
/* What an access by an index asks for. */
ArmWalk arm_walk_for(const ArmCpu *cpu, TcgAccess access, unsigned index);
/* TCR_ELx.MTX of data at an address (FEAT_MTE_CANONICAL_TAGS, FEAT_MTE_NO_ADDRESS_TAGS): bits 59 to 56 are a tag, whatever becomes of the rest of the upper byte. */
bool arm_mtx(const ArmCpu *cpu, unsigned regime, bool two_ranges, uint64_t vaddr);
/* Without the bits that translation does not see. */
uint64_t arm_strip_tag(const ArmCpu *cpu, unsigned regime, bool two_ranges, uint64_t vaddr, bool fetch);
/* A bit of TCR2_ELx, where the levels above let it count, or what EL3 has for it. */
bool arm_extension_is_on(const ArmCpu *cpu, unsigned regime, uint64_t tcr2_bit, uint64_t tcr_el3_bit);
unsigned arm_physical_bits(const ArmCpu *cpu);
/* The space of physical addresses. */
AddressSpace *arm_memory(const ArmCpu *cpu, bool secure);
/* ISS of an abort. */
uint32_t arm_fault_iss(const ArmWalk *w, bool write);

/* mmu-short.c */
WalkResult arm_walk_short(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w);

#endif
