/*
 * The RISC-V processor: its state. One struct for RV32 and RV64: registers of RV32 are kept sign-extended to 64 bits, its program counter zero-extended.
 *
 * The RISC-V Instruction Set Manual, volumes I and II (20240411); names of registers and bits are theirs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_CPU_H
#define TARGET_RISCV_CPU_H

#include "accel/target.h"
#include "target/riscv.h"
#include "util/bits.h"
#include "util/timer.h"

/* ---- extensions ---- */
typedef enum RiscvExt {
#define EXT(name, kind, oldest) RISCV_EXT_##name,
#include "target/riscv/extensions.def"
#undef EXT
    /* What tables ask for as if they were extensions, and what has properties like one. */
    RISCV_EXT_rv32, RISCV_EXT_rv64, RISCV_EXT_s, RISCV_EXT_u, RISCV_EXT_g,
    RISCV_EXT_COUNT
} RiscvExt;
typedef struct RiscvExtSet { uint64_t bits[(RISCV_EXT_COUNT + 63) / 64]; } RiscvExtSet;

/* ---- privileges ---- */
enum { PRIV_U = 0, PRIV_S = 1, PRIV_M = 3 };
/* Privilege indices of the translator's TLBs. SUM: user pages may be read and written, too. */
enum { RV_TLB_U, RV_TLB_S, RV_TLB_S_SUM, RV_TLB_M, RV_TLB_VU, RV_TLB_VS, RV_TLB_VS_SUM, RV_TLB_COUNT };

/* ---- mstatus, as on RV64; the upper half is RV32's mstatush ---- */
#define MSTATUS_SIE  BIT(1)
#define MSTATUS_MIE  BIT(3)
#define MSTATUS_SPIE BIT(5)
#define MSTATUS_UBE  BIT(6)
#define MSTATUS_MPIE BIT(7)
#define MSTATUS_SPP  BIT(8)
FIELD(MSTATUS_VS, 9, 2);
FIELD(MSTATUS_MPP, 11, 2);
FIELD(MSTATUS_FS, 13, 2);
FIELD(MSTATUS_XS, 15, 2);
#define MSTATUS_MPRV BIT(17)
#define MSTATUS_SUM  BIT(18)
#define MSTATUS_MXR  BIT(19)
#define MSTATUS_TVM  BIT(20)
#define MSTATUS_TW   BIT(21)
#define MSTATUS_TSR  BIT(22)
#define MSTATUS_SPELP BIT(23)       /* Zicfilp: what trapped had a landing pad to come */
#define MSTATUS_SDT  BIT(24)        /* Ssdbltrp: the next trap to S-mode is one too many */
FIELD(MSTATUS_UXL, 32, 2);
FIELD(MSTATUS_SXL, 34, 2);
#define MSTATUS_GVA  BIT(38)
#define MSTATUS_MPV  BIT(39)
#define MSTATUS_MPELP BIT(41)
#define MSTATUS_MDT  BIT(42)        /* Smdbltrp: the next to M-mode is */
#define MSTATUS_SD   BIT(63)        /* RV32: bit 31. Not kept: made when read */
enum { CONTEXT_OFF, CONTEXT_INITIAL, CONTEXT_CLEAN, CONTEXT_DIRTY };
#define SSTATUS_MASK (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_UBE | MSTATUS_SPP | FIELD_MASK(MSTATUS_VS) | FIELD_MASK(MSTATUS_FS) | FIELD_MASK(MSTATUS_XS) \
                      | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_SPELP | MSTATUS_SDT | FIELD_MASK(MSTATUS_UXL))

/* Smrnmi */
#define MNSTATUS_NMIE BIT(3)            /* no interrupt is taken without it */
#define MNSTATUS_MNPV BIT(7)
#define MNSTATUS_MNPELP BIT(9)
FIELD(MNSTATUS_MNPP, 11, 2);

#define HSTATUS_GVA  BIT(6)
#define HSTATUS_SPV  BIT(7)
#define HSTATUS_SPVP BIT(8)
#define HSTATUS_HU   BIT(9)
FIELD(HSTATUS_VGEIN, 12, 6);
#define HSTATUS_VTVM BIT(20)
#define HSTATUS_VTW  BIT(21)
#define HSTATUS_VTSR BIT(22)
FIELD(HSTATUS_HUPMM, 48, 2);

#define ENVCFG_FIOM  BIT(0)
#define ENVCFG_SSE   BIT(3)            /* Zicfiss */
#define ENVCFG_LPE   BIT(2)            /* Zicfilp */
FIELD(ENVCFG_CBIE, 4, 2);
#define ENVCFG_CBCFE BIT(6)
#define ENVCFG_CBZE  BIT(7)
FIELD(ENVCFG_PMM, 32, 2);           /* of mseccfg, too */
#define ENVCFG_DTE   BIT(59)           /* Ssdbltrp */
#define ENVCFG_CDE   BIT(60)           /* menvcfg's */
#define ENVCFG_ADUE  BIT(61)
#define ENVCFG_PBMTE BIT(62)
#define ENVCFG_STCE  BIT(63)

#define MSECCFG_MML  BIT(0)
#define MSECCFG_MMWP BIT(1)
#define MSECCFG_RLB  BIT(2)
#define MSECCFG_USEED BIT(8)
#define MSECCFG_SSEED BIT(9)
#define MSECCFG_MLPE BIT(10)

/* ---- causes ---- */
enum {
    CAUSE_MISALIGNED_FETCH = 0, CAUSE_FETCH_ACCESS = 1, CAUSE_ILLEGAL_INSTRUCTION = 2, CAUSE_BREAKPOINT = 3, CAUSE_MISALIGNED_LOAD = 4, CAUSE_LOAD_ACCESS = 5,
    CAUSE_MISALIGNED_STORE = 6, CAUSE_STORE_ACCESS = 7, CAUSE_USER_ECALL = 8, CAUSE_SUPERVISOR_ECALL = 9, CAUSE_VIRTUAL_SUPERVISOR_ECALL = 10,
    CAUSE_MACHINE_ECALL = 11, CAUSE_FETCH_PAGE_FAULT = 12, CAUSE_LOAD_PAGE_FAULT = 13, CAUSE_STORE_PAGE_FAULT = 15, CAUSE_DOUBLE_TRAP = 16,
    CAUSE_SOFTWARE_CHECK = 18, CAUSE_FETCH_GUEST_PAGE_FAULT = 20,
    CAUSE_LOAD_GUEST_PAGE_FAULT = 21, CAUSE_VIRTUAL_INSTRUCTION = 22, CAUSE_STORE_GUEST_PAGE_FAULT = 23,
};
/* Bits of mip and mie. */
#define MIP_SSIP BIT(RISCV_IRQ_S_SOFT)
#define MIP_VSSIP BIT(RISCV_IRQ_VS_SOFT)
#define MIP_MSIP BIT(RISCV_IRQ_M_SOFT)
#define MIP_STIP BIT(RISCV_IRQ_S_TIMER)
#define MIP_VSTIP BIT(RISCV_IRQ_VS_TIMER)
#define MIP_MTIP BIT(RISCV_IRQ_M_TIMER)
#define MIP_SEIP BIT(RISCV_IRQ_S_EXT)
#define MIP_VSEIP BIT(RISCV_IRQ_VS_EXT)
#define MIP_MEIP BIT(RISCV_IRQ_M_EXT)
#define MIP_SGEIP BIT(RISCV_IRQ_S_GUEST_EXT)
#define MIP_LCOFIP BIT(RISCV_IRQ_COUNTER_OVERFLOW)
#define MIP_S (MIP_SSIP | MIP_STIP | MIP_SEIP)
#define MIP_VS (MIP_VSSIP | MIP_VSTIP | MIP_VSEIP)

/* ---- physical memory protection ---- */
enum { RISCV_MAX_PMP = 64 };
enum { PMP_R = 1, PMP_W = 2, PMP_X = 4, PMP_A_SHIFT = 3, PMP_MT = 3 << 5, PMP_L = 0x80 };
enum { PMP_OFF, PMP_TOR, PMP_NA4, PMP_NAPOT };
typedef struct RiscvPmpRange { uint64_t first, last; bool active; } RiscvPmpRange;

enum { SATP_BARE = 0, SATP_SV32 = 1, SATP_SV39 = 8, SATP_SV48 = 9, SATP_SV57 = 10 };
enum { RISCV_WALK_CACHE_ENTRIES = 128, RISCV_MAX_VLEN_BYTES = 128, RISCV_NR_FILES = 2 + 63, RISCV_NR_PROFILES = 4, RISCV_MAX_TRIGGERS = 64, RISCV_CTR_ENTRIES = 256 };

typedef struct RiscvWalkCacheEntry { uint64_t tag, epoch, table, space; } RiscvWalkCacheEntry;
typedef struct RiscvTrigger { uint64_t control, address; } RiscvTrigger;     /* tdata1, tdata2 */
/* Smctr: ctrsource, ctrtarget, ctrdata. */
typedef struct RiscvCtrEntry { uint64_t source, target, data; } RiscvCtrEntry;
typedef struct RiscvModel RiscvModel;

typedef struct RiscvCpu {
    Cpu parent;

    /* ---- what translated code reaches by slots ---- */
    uint64_t x[32];                     /* x[0] stays 0 */
    uint64_t f[32];                     /* NaN-boxed */
    uint64_t pc;
    uint64_t reserved_address, reserved_value;  /* LR's; address UINT64_MAX: none */
    _Atomic unsigned wfi_in_vain;   /* how often something pending has kept WFI awake since interrupts last changed */
    uint64_t mstatus;
    uint64_t sscratch, mscratch, sepc, scause, stval, mepc, mcause, mtval;
    uint64_t vl, vstart;
    uint64_t elp;                       /* Zicfilp: 1: the next instruction has to be a landing pad */
    _Alignas(32) uint8_t v[32][RISCV_MAX_VLEN_BYTES];

    /* ---- floating point and vector ---- */
    uint64_t ssp;                       /* of shadow stacks */
    uint64_t jvt;                       /* of CM.JT; its mode is 0 */
    uint32_t fflags;                    /* while translated code runs: these and the host's sticky flags together */
    uint32_t frm;
    uint32_t vxrm, vxsat;
    uint64_t vtype;                     /* vill is bit 63 on RV32, too */

    /* ---- privileged state ---- */
    uint8_t priv;                       /* PRIV_* */
    bool virt;                          /* V: a guest's */
    uint64_t misa;
    uint64_t mtvec, stvec, medeleg, mideleg, mie, satp;
    uint64_t mnscratch, mnepc, mncause, mnstatus;
    uint64_t mtval2, mtinst, mvien, mvip, sie_own, sip_own;
    uint64_t menvcfg, senvcfg, henvcfg, mseccfg, stimecmp, vstimecmp;
    uint32_t mcounteren, scounteren, hcounteren, mcountinhibit;
    uint64_t mhpmcounter[32], mhpmevent[32];
    uint32_t hpm_running, hpm_tlb_events;   /* counters that count time just now; that count TLB misses */
    bool hpm_filtered;                  /* one of the first kind depends on the mode */
    uint64_t hpm_wraps_ns[32];          /* of the virtual clock: when they come to their end; UINT64_MAX: not soon */
    uint64_t mstateen[4], hstateen[4], sstateen[4];
    uint64_t hstatus, hedeleg, hideleg, hvip, hgeie, htval, htinst, hgatp, htimedelta, hie_unused, hvien, hvictl;
    uint64_t vsstatus, vstvec, vsscratch, vsepc, vscause, vstval, vsatp;
    uint64_t miselect, siselect, vsiselect, hviprio[2];
    uint8_t miprio[64], siprio[64];
    uint8_t pmpcfg[RISCV_MAX_PMP]; uint64_t pmpaddr[RISCV_MAX_PMP];
    RiscvPmpRange pmp_range[RISCV_MAX_PMP]; unsigned pmp_used;      /* made from them: entries behind pmp_used are off */
    uint64_t trigger_select;
    RiscvTrigger triggers[RISCV_MAX_TRIGGERS];
    bool triggers_armed;                /* some are set */

    uint64_t mctrctl, vsctrctl;         /* sctrctl is a part of mctrctl */
    uint32_t sctrstatus, sctrdepth;
    RiscvCtrEntry ctr[RISCV_CTR_ENTRIES];

    /* ---- interrupts ---- */
    _Atomic uint64_t lines;             /* as hardware drives them: bits of mip */
    _Atomic uint64_t guest_lines;       /* hgeip */
    _Atomic uint64_t rnmi_lines;        /* non-maskable ones, by their numbers */
    _Atomic uint64_t timer_lines;       /* STIP and VSTIP by stimecmp and vstimecmp */
    uint64_t mip;                       /* the bits that software sets */
    Timer stimer, vstimer, hpm_timer;
    const RiscvTimeSource *time;
    struct { const RiscvImsicOps *ops; void *opaque; } files[RISCV_NR_FILES];
    unsigned guest_files;

    /* ---- the recorded exception; cause -1: none ---- */
    int exception;
    uint64_t exception_tval, exception_tval2;   /* tval2: the guest physical address, not shifted */
    bool exception_gva;
    uint64_t exception_tinst;

    /* The walker's cache of upper page-table levels. */
    RiscvWalkCacheEntry walk_cache[RISCV_WALK_CACHE_ENTRIES];
    uint64_t walk_cache_epoch;

    /* ---- the model ---- */
    RiscvExtSet ext, user_ext;          /* what it has; what was named by the user, either way */
    RiscvExtSet unlisted;               /* of ext: what its version of the privileged architecture has no name for */
    uint8_t priv_version;               /* 10 to 13; 14: the newest, whatever that is */
    const RiscvModel *model;
    bool ext_property[RISCV_EXT_COUNT]; /* homes of the properties */
    unsigned xlen;
    uint64_t hartid, resetvec;
    uint16_t vlen, elen, cbom_blocksize, cboz_blocksize, cbop_blocksize;
    uint8_t num_pmp_regions; uint8_t pmu_num; uint32_t pmu_mask;
    uint32_t mvendorid; uint64_t marchid, mimpid;
    bool mmu, pmp, debug, short_isa_string, start_powered_off, big_endian, misa_w, settled;
    uint8_t max_satp, satp_limit;       /* the deepest mode of paging; what the user may raise it to */
    uint8_t shown_satp;                 /* as the device tree has it, with an MMU or without */
    bool user_sv[6]; uint8_t sv_on, sv_off;     /* homes of the properties; what the user turned on and off, by their order */
    bool profile[RISCV_NR_PROFILES];
    bool rvv_ta_all_1s, rvv_ma_all_1s, rvv_vl_half_avl, rvv_vsetvl_x0_vill;
    uint64_t rnmi_interrupt_vector, rnmi_exception_vector;
    uint32_t num_triggers, pmp_granularity;
    uint64_t boot_pc, boot_device_tree, host_timebase_hz;      /* under KVM */
    char *priv_spec, *vext_spec;        /* priv_spec: the property's home; the version counts */
    Object *memory_link;
} RiscvCpu;
#define RISCV_CPU(p) ((RiscvCpu *)(p))

static inline bool riscv_ext_in(const RiscvExtSet *set, RiscvExt e) { return set->bits[e / 64] >> (e % 64) & 1; }
static inline void riscv_ext_set(RiscvExtSet *set, RiscvExt e, bool on)
{
    set->bits[e / 64] = (set->bits[e / 64] & ~BIT(e % 64)) | (on ? BIT(e % 64) : 0);
}
#define riscv_has(cpu, name) riscv_ext_in(&(cpu)->ext, RISCV_EXT_##name)

/* A value as a register holds it: RV32's are sign-extended. */
static inline uint64_t riscv_to_xlen(const RiscvCpu *cpu, uint64_t value) { return cpu->xlen == 32 ? (uint64_t)(int32_t)value : value; }
static inline uint64_t riscv_address(const RiscvCpu *cpu, uint64_t value) { return cpu->xlen == 32 ? (uint32_t)value : value; }

extern const TargetArch riscv64_target, riscv32_target;
extern const struct TcgTarget riscv_tcg_target;

#endif
