/*
 * The Arm processor: its state, of AArch64 and AArch32 together.
 *
 * In AArch32 state x[0] to x[14] are r0 to r14 of the current mode (zero-extended), banked[] holds those of the other modes; arm_sync_to_aarch64 and
 * arm_sync_to_aarch32 move them when an exception level changes between the states (DDI 0487, D1.20.1). D and Q registers of AArch32 lie in v as the manual maps them:
 * Qn is Vn, D(2n) and D(2n+1) its halves.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487); names of registers and bits are its.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_CPU_H
#define TARGET_ARM_CPU_H

#include "accel/target.h"
#include "target/arm.h"
#include "target/arm/features.h"
#include "target/arm/registers.h"
#include "util/bits.h"
#include "util/spin.h"
#include "util/timer.h"

/*
 * Privilege indices of the translator's TLBs. Which translation regime stands behind an index follows from the state: EL0 is EL1&0's or EL2&0's (HCR_EL2.{E2H,TGE}), EL2
 * that of EL2 or EL2&0; secure and non-secure, VMIDs and ASIDs are told apart by the space's number. PAN: pages that EL0 may use may not be read or written.
 * GCS: accesses of a level to its guarded control stack.
 */
enum {
    ARM_TLB_EL0, ARM_TLB_EL1, ARM_TLB_EL1_PAN, ARM_TLB_EL2, ARM_TLB_EL2_PAN, ARM_TLB_EL3, ARM_TLB_GCS_EL0, ARM_TLB_GCS_EL1, ARM_TLB_GCS_EL2, ARM_TLB_GCS_EL3, ARM_TLB_COUNT
};

/* The longest vectors of SVE in bytes: VL 2048. */
enum { ARM_MAX_VL_BYTES = 256, ARM_WALK_CACHE_ENTRIES = 128, ARM_MAX_BREAKPOINTS = 16, ARM_MAX_COUNTERS = 31 };

/* Modes of AArch32 (CPSR.M). */
enum { MODE_USR = 0x10, MODE_FIQ = 0x11, MODE_IRQ = 0x12, MODE_SVC = 0x13, MODE_MON = 0x16, MODE_ABT = 0x17, MODE_HYP = 0x1a, MODE_UND = 0x1b, MODE_SYS = 0x1f };
/* Banks of SP, LR and SPSR by mode. */
enum { BANK_USR, BANK_FIQ, BANK_IRQ, BANK_SVC, BANK_MON, BANK_ABT, BANK_HYP, BANK_UND, BANK_COUNT };

/* Exceptions as recorded: what they are taken as. */
typedef enum ArmException {
    ARM_EXC_NONE, ARM_EXC_SYNC,         /* with a syndrome */
    ARM_EXC_IRQ, ARM_EXC_FIQ, ARM_EXC_VIRQ, ARM_EXC_VFIQ, ARM_EXC_SERROR, ARM_EXC_VSERROR,
} ArmException;

/* What TLBI asks for. space: of the ASID that is named; pages of 4 KiB. */
typedef enum ArmFlushKind { FLUSH_ALL, FLUSH_PAGES, FLUSH_ASID } ArmFlushKind;
typedef struct ArmFlush {
    ArmFlushKind kind;
    bool any_asid;
    uint64_t address, pages, space;
} ArmFlush;

/* What other processors ask for, until the vCPU's thread does it: before it runs more guest code. */
enum { ARM_FLUSHES_ASKED = 32 };
typedef struct ArmFlushQueue {
    GMutex lock;                        /* for what follows */
    bool everything;                    /* in place of the list */
    unsigned count;
    ArmFlush flushes[ARM_FLUSHES_ASKED];
} ArmFlushQueue;

typedef struct ArmWalkCacheEntry { uint64_t tag, epoch, table, space; } ArmWalkCacheEntry;
typedef struct ArmTagPage ArmTagPage;       /* tags.h */
typedef struct ArmModel ArmModel;

typedef struct ArmCpu {
    Cpu parent;

    /* ---- what translated code reaches by slots ---- */
    uint64_t x[32];                     /* x[31]: SP of the current exception level (SPSel seen) */
    uint64_t pc;
    uint16_t nzcv;                      /* as IR FLAGS hold them: N = SF, Z = ZF, V = OF, and CF the INVERSE of C. arm_nzcv, arm_set_nzcv */
    uint32_t daif;                      /* bits as in DAIF: D 9, A 8, I 7, F 6 */
    uint64_t exclusive_address;         /* LDXR's; UINT64_MAX: none */
    uint64_t exclusive_low, exclusive_high;
    uint64_t tpidr_el[4], tpidrro_el0;
    uint64_t sp_el[4];                  /* those that are not current */
    uint64_t elr_el[4], spsr_el[4], esr_el[4], far_el[4];       /* of EL1 to EL3. Of AArch32: SPSR_svc, _hyp, _mon are spsr_el's; the others below */
    uint32_t qc;                        /* not 0: FPSR.QC, set by translated code; C code sets the bit in fpsr */
    uint32_t q_flag, ge;                /* AArch32: CPSR.Q (0 or 1), CPSR.GE (4 bits) */
    /* Vector registers: the low 16 bytes are Vn. Bytes behind the first 16 are 0 unless z_high. */
    _Alignas(32) uint8_t v[32][ARM_MAX_VL_BYTES];
    _Alignas(32) uint8_t p[17][ARM_MAX_VL_BYTES / 8];           /* predicates; [16] is FFR */

    /* ---- PSTATE, what is not above ---- */
    uint8_t el;                         /* 0 to 3 */
    bool aarch64;
    bool sp_sel, pan, uao, dit, ssbs, tco, ss, il, allint, exlock;
    uint8_t btype;
    /* AArch32 */
    uint8_t mode;                       /* MODE_* */
    uint32_t thumb, it;                 /* T (0 or 1), ITSTATE: slots */
    bool big_endian;                    /* E */
    bool j;
    uint64_t banked_sp[BANK_COUNT], banked_lr[BANK_COUNT], banked_high[2][5];   /* r8 to r12: [0] those of other modes, [1] FIQ's */
    uint64_t spsr_fiq, spsr_irq, spsr_abt, spsr_und;
    /* Floating point. fpsr: the sticky flags of FPSR (IOC to IDC) and not those that the host holds while translated code runs. */
    uint32_t fpcr, fpsr;
    bool z_high;                        /* some Zn may have bits above 127 set */

    /* ---- system registers, by exception level where there are such ---- */
    uint64_t sctlr_el[4], actlr_el[4], cpacr_el1, cptr_el2, cptr_el3, tcr_el[4], ttbr0_el[4], ttbr1_el[4], mair_el[4], amair_el[4], vbar_el[4], rvbar, rmr;
    uint64_t tcr2_el[4], pir_el[4], pire0_el[4], mair2_el[4], s2pir_el2;
    uint64_t afsr0_el[4], afsr1_el[4], contextidr_el[4], par_el1, csselr_el1, scxtnum_el[4];
    uint64_t hcr_el2, hcrx_el2, hstr_el2, vttbr_el2, vtcr_el2, vmpidr_el2, vpidr_el2, hpfar_el2, hacr_el2, vsttbr_el2, vstcr_el2;
    uint64_t dacr32_el2, ifsr32_el2, fpexc32_el2;      /* of non-secure AArch32: DACR, IFSR, FPEXC */
    uint64_t scr_el3, mdcr_el2, mdcr_el3, sder_el3, vdisr_el2, vsesr_el2, disr_el1;
    uint64_t hfgrtr_el2, hfgwtr_el2, hfgitr_el2, hdfgrtr_el2, hdfgwtr_el2;
    uint64_t zcr_el[4], smcr_el[4];
    uint64_t gcscr_el[4], gcspr_el[4];  /* guarded control stacks: GCSCRE0_EL1 is [0] */
    uint64_t gcr_el1, rgsr_el1, tfsr_el[4], tfsre0_el1;
    uint64_t pauth_keys[5][2];          /* IA, IB, DA, DB, GA: low, high */
    uint64_t mdscr_el1, oslar_locked, osdlr_el1, mdccint_el1, dbgclaim, dbgvcr32_el2;
    uint64_t dbgbvr[ARM_MAX_BREAKPOINTS], dbgbcr[ARM_MAX_BREAKPOINTS], dbgwvr[ARM_MAX_BREAKPOINTS], dbgwcr[ARM_MAX_BREAKPOINTS];
    /* AArch32's own: those that are not views of the above. Banked by security where EL3 is AArch32: [1] secure. */
    uint32_t dacr_s, ifsr_s, nsacr, teecr, teehbr, fcseidr, fpscr_len_stride /* and NZCV of FPSCR: a slot */, nmrr[2], prrr[2], mvbar;
    /* Secure copies of what EL3 in AArch32 banks (SCTLR, TTBR0, TTBR1, TTBCR, DFAR/IFAR, VBAR, ...) are those of index 3. */

    /* ---- timers: DDI 0487, D13 ---- */
    uint64_t cntfrq_hz;                 /* property cntfrq: the counter's rate */
    uint64_t cntfrq, cntkctl_el1, cnthctl_el2, cntvoff_el2, cntpoff_el2;
    uint64_t timer_cval[ARM_TIMER_COUNT], timer_ctl[ARM_TIMER_COUNT];
    Timer timers[ARM_TIMER_COUNT];
    Irq *timer_line[ARM_TIMER_COUNT], *maintenance_line, *pmu_line;

    /* ---- performance monitors ---- */
    uint64_t pmcr, pmcnten, pmovs, pmuserenr, pmselr, pminten, pmccfiltr, pmccntr, pmevcntr[ARM_MAX_COUNTERS], pmevtyper[ARM_MAX_COUNTERS];
    uint32_t pmu_running;               /* the counters that count now, a bit each */
    uint64_t pmu_divided;               /* cycles that the divider of PMCR.D has not handed on yet */
    int64_t pmu_since;                  /* until when they have been counted: the virtual clock, in nanoseconds */
    int64_t pmu_due;                    /* of pmu_timer; INT64_MAX: not set */
    bool pmu_level;                     /* of pmu_line */
    Timer pmu_timer;

    /* ---- interrupts ---- */
    _Atomic uint32_t lines;             /* bits ARM_IRQ_* as hardware drives them */
    bool serror_pending;
    const ArmGicOps *gic; void *gic_opaque;
    bool event_register;                /* WFE, SEV */

    /* ---- the recorded exception ---- */
    ArmException exception;
    uint8_t exception_el;               /* the target */
    uint32_t exception_syndrome;        /* ESR_ELx's value; AArch32: what arm_take_aarch32 makes FSR of */
    uint32_t exception_syndrome2;       /* ISS2, of synchronous exceptions */
    uint64_t exception_far, exception_hpfar;
    uint64_t exception_return;          /* what ELR is given */
    bool exception_far_valid;
    bool exception_returns_here;        /* it is PC when the exception is taken */
    uint8_t exception_domain;           /* of a fault of short descriptors */

    /* ---- translations ---- */
    ArmWalkCacheEntry walk_cache[ARM_WALK_CACHE_ENTRIES];
    uint64_t walk_cache_epoch;
    ArmTagPage *tag_pages;              /* NULL: no memory has tags */
    bool two_asids_seen;                /* spaces with two ASIDs were used: flushes by ASID flush all */
    bool tagged_seen;                   /* an address with a tag in bits 63:56 was translated: flushes by page flush the space */
    bool watches;                       /* the guest has watchpoints */
    uint64_t watch_passed[2];           /* addresses whose next access is let through: it turned out to be too short */
    bool guarded_seen;                  /* a guarded page (GP) was fetched from: branches look at their targets (BTI) */
    ArmFlushQueue asked;                /* flushes that other vCPUs have broadcast */
    Spin barrier_spin;                  /* of a DSB that waits for others */
    uint64_t current_space;             /* arm_space_id's last answer */
    uint64_t gic_view_key, gic_view_routes;     /* what view_changed was last told */

    /* ---- the model ---- */
    ArmFeatureSet features;
    ArmIdRegisters id;                  /* as the processor shows them */
    const ArmModel *model;
    uint64_t affinity;                  /* MPIDR_EL1's */
    bool has_el2, has_el3, has_pmu, has_neon, has_vfp, has_aarch64;     /* after realize. AArch64 at the highest level: has_aarch64 */
    ArmBootState boot; bool boot_set;
    _Atomic bool starting;              /* PSCI CPU_ON was called and is not done */
    uint64_t prop_midr, prop_cbar;
    bool start_powered_off, reset_hivecs, cfgend, backcompat_cntfrq, settled;
    bool prop_aarch64, prop_el2, prop_el3, prop_pmu, prop_neon, prop_vfp, prop_sve, prop_pauth, prop_pauth_impdef, prop_pauth_qarma3, prop_pauth_qarma5, pauth_default_qarma5, prop_lpa2;
    bool prop_vfp_d32;
    uint32_t psci_conduit;
    /* Lengths of SVE's vectors: bit n stands for (n + 1) * 128 bits. Those that there are, the greatest (0: no SVE); what properties say. */
    uint32_t sve_vq_map, sve_max_vq, sve_lengths_on, sve_lengths_off, prop_sve_max_vq;
    bool prop_sve_length[ARM_MAX_VL_BYTES / 16], sve_asked;
    int32_t core_count, node_id;
    Object *memory_link, *secure_memory_link, *tag_memory_link, *secure_tag_memory_link;
    AddressSpace *secure_memory;        /* NULL: the same as parent.memory */
    AddressSpace *tag_memory, *secure_tag_memory;       /* NULL: none; the same as tag_memory */
} ArmCpu;
#define ARM_CPU(p) ((ArmCpu *)(p))

/* ---- flags: bits 31 to 28 as in NZCV ---- */
uint32_t arm_nzcv(const ArmCpu *cpu);
void arm_set_nzcv(ArmCpu *cpu, uint32_t nzcv);

extern const TargetArch aarch64_target, arm_target;
extern const struct TcgTarget arm_tcg_target;

#endif
