/*
 * The state of an x86 processor, shared by the translator, KVM, gdb and the monitor.
 *
 * Names follow the Intel SDM and the AMD APM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_CPU_H
#define TARGET_I386_CPU_H

#include "accel/cpu.h"
#include "accel/target.h"

enum { R_EAX, R_ECX, R_EDX, R_EBX, R_ESP, R_EBP, R_ESI, R_EDI, R_R8, R_R9, R_R10, R_R11, R_R12, R_R13, R_R14, R_R15 };
enum { R_ES, R_CS, R_SS, R_DS, R_FS, R_GS, R_SEG_COUNT };

/* EFLAGS. */
#define CC_C 0x0001u
#define CC_P 0x0004u
#define CC_A 0x0010u
#define CC_Z 0x0040u
#define CC_S 0x0080u
#define CC_O 0x0800u
#define CC_ALL (CC_C | CC_P | CC_A | CC_Z | CC_S | CC_O)
#define TF_MASK 0x00000100u
#define IF_MASK 0x00000200u
#define DF_MASK 0x00000400u
#define IOPL_MASK 0x00003000u
#define NT_MASK 0x00004000u
#define RF_MASK 0x00010000u
#define VM_MASK 0x00020000u
#define AC_MASK 0x00040000u
#define VIF_MASK 0x00080000u
#define VIP_MASK 0x00100000u
#define ID_MASK 0x00200000u

/* Control registers. */
#define CR0_PE (1u << 0)
#define CR0_MP (1u << 1)
#define CR0_EM (1u << 2)
#define CR0_TS (1u << 3)
#define CR0_ET (1u << 4)
#define CR0_NE (1u << 5)
#define CR0_WP (1u << 16)
#define CR0_AM (1u << 18)
#define CR0_NW (1u << 29)
#define CR0_CD (1u << 30)
#define CR0_PG (1u << 31)
#define CR4_VME (1u << 0)
#define CR4_PVI (1u << 1)
#define CR4_TSD (1u << 2)
#define CR4_DE (1u << 3)
#define CR4_PSE (1u << 4)
#define CR4_PAE (1u << 5)
#define CR4_MCE (1u << 6)
#define CR4_PGE (1u << 7)
#define CR4_PCE (1u << 8)
#define CR4_OSFXSR (1u << 9)
#define CR4_OSXMMEXCPT (1u << 10)
#define CR4_UMIP (1u << 11)
#define CR4_LA57 (1u << 12)
#define CR4_VMXE (1u << 13)
#define CR4_FSGSBASE (1u << 16)
#define CR4_PCIDE (1u << 17)
#define CR4_OSXSAVE (1u << 18)
#define CR4_SMEP (1u << 20)
#define CR4_SMAP (1u << 21)
#define CR4_PKE (1u << 22)
#define CR4_PKS (1u << 24)
#define CR4_LAM_SUP (1u << 28)
#define CR3_LAM_U57 (UINT64_C(1) << 61)
#define CR3_LAM_U48 (UINT64_C(1) << 62)
#define EFER_SCE (1u << 0)
#define EFER_LME (1u << 8)
#define EFER_LMA (1u << 10)
#define EFER_NXE (1u << 11)
#define EFER_SVME (1u << 12)
#define EFER_FFXSR (1u << 14)

/* MXCSR: the sticky flags, their masks, and what may be set. */
#define MXCSR_FLAGS 0x003fu
#define MXCSR_MASKS 0x1f80u
#define MXCSR_VALID 0xffffu
#define MXCSR_RESET 0x1f80u

/* Exceptions. */
enum { EXCP_DE = 0, EXCP_DB, EXCP_NMI, EXCP_BP, EXCP_OF, EXCP_BR, EXCP_UD, EXCP_NM, EXCP_DF, EXCP_CSO, EXCP_TS, EXCP_NP, EXCP_SS, EXCP_GP,
       EXCP_PF, EXCP_MF = 16, EXCP_AC, EXCP_MC, EXCP_XM, EXCP_VE, EXCP_CP };

/* Requests, beside the generic ones. */
enum {
    CPU_INTERRUPT_POLL = 0x0008, CPU_INTERRUPT_SMI = 0x0040, CPU_INTERRUPT_NMI = 0x0200, CPU_INTERRUPT_VIRQ = 0x0010,
    CPU_INTERRUPT_INIT = 0x0800, CPU_INTERRUPT_SIPI = 0x1000, CPU_INTERRUPT_TPR = 0x2000, CPU_INTERRUPT_MCE = 0x4000,
};

/* Segment attribute bits in SegmentCache.attributes: the descriptor's second word, bits 8 to 23 (as the CPU loads it). */
#define DESC_G_MASK (1u << 23)
#define DESC_B_MASK (1u << 22)
#define DESC_L_MASK (1u << 21)
#define DESC_AVL_MASK (1u << 20)
#define DESC_P_MASK (1u << 15)
#define DESC_DPL_SHIFT 13
#define DESC_DPL_MASK (3u << 13)
#define DESC_S_MASK (1u << 12)
#define DESC_TYPE_SHIFT 8
#define DESC_CS_MASK (1u << 11)
#define DESC_C_MASK (1u << 10)      /* code: conforming */
#define DESC_R_MASK (1u << 9)       /* code: readable */
#define DESC_E_MASK (1u << 10)      /* data: expands down */
#define DESC_W_MASK (1u << 9)       /* data: writable */
#define DESC_A_MASK (1u << 8)

typedef struct SegmentCache { uint16_t selector; uint32_t attributes, limit; uint64_t base; } SegmentCache;
typedef struct DescriptorTable { uint64_t base; uint16_t limit; } DescriptorTable;

typedef struct { _Alignas(16) uint8_t bytes[10]; } Float80;     /* as in memory: mantissa, then sign and exponent */
typedef union { _Alignas(32) uint64_t q[4]; uint32_t d[8]; uint8_t b[32]; } YmmRegister;

/* The words of CPUID (and some MSRs) in which features are named. */
typedef enum X86FeatureWord {
    FEAT_1_EDX, FEAT_1_ECX, FEAT_7_0_EBX, FEAT_7_0_ECX, FEAT_7_0_EDX, FEAT_7_1_EAX, FEAT_7_1_EDX, FEAT_7_2_EDX,
    FEAT_8000_0001_EDX, FEAT_8000_0001_ECX, FEAT_8000_0007_EDX, FEAT_8000_0008_EBX, FEAT_8000_0021_EAX, FEAT_8000_0021_EBX,
    FEAT_C000_0001_EDX, FEAT_KVM, FEAT_KVM_HINTS, FEAT_SVM, FEAT_XSAVE, FEAT_6_EAX, FEAT_XSAVE_XCR0_LO, FEAT_XSAVE_XCR0_HI,
    FEAT_ARCH_CAPABILITIES, FEAT_CORE_CAPABILITY, FEAT_PERF_CAPABILITIES, FEAT_14_0_ECX, FEAT_8000_0022_EAX,
    FEAT_8000_0007_EBX, FEAT_24_0_EBX, FEAT_SGX_12_0_EAX, FEAT_SGX_12_0_EBX, FEAT_SGX_12_1_EAX, FEAT_VMX_PINBASED, FEAT_VMX_PROCBASED,
    FEAT_VMX_SECONDARY, FEAT_VMX_EXIT, FEAT_VMX_ENTRY, FEAT_VMX_MISC, FEAT_VMX_EPT_VPID, FEAT_VMX_BASIC, FEAT_VMX_VMFUNC, FEAT_WORD_COUNT
} X86FeatureWord;

/* SMI handlers, MTRRs, machine-check banks: their sizes. */
enum { X86_MTRR_COUNT = 8, X86_MCE_BANKS = 10, X86_WALK_CACHE_ENTRIES = 64 };

typedef struct X86Cpu {
    Cpu parent;

    /* ---- what translated code reaches by slots ---- */
    uint64_t regs[16];
    uint64_t pc;                        /* RIP, EIP or IP */
    uint16_t flags;                     /* arithmetic flags in the translator's form (tcg/ir.h, FLAGS_*) */
    uint32_t df;                        /* direction: 1 or 0xffffffff (-1) */
    uint32_t eflags;                    /* the other bits (TF IF IOPL NT RF VM AC VIF VIP ID); DF and the arithmetic bits are not kept here */
    YmmRegister ymm[16];
    uint32_t mxcsr;                     /* while translated code runs, the sticky flags are these and those of the host's register together */

    /* ---- x87 and MMX ---- */
    Float80 fpr[8];                     /* physical registers; MMX is the mantissa */
    uint16_t fpu_control, fpu_status;   /* TOP is not kept in fpu_status; ES and B are as the flags and masks have them */
    uint32_t fpu_top;                   /* 0 to 7 */
    _Alignas(8) uint8_t fpu_empty[8];   /* by physical register: 1 empty */
    uint32_t fpu_opcode, fpu_cs, fpu_ds; uint64_t fpu_ip, fpu_dp;
    uint32_t fpu_pending;               /* 1: an exception that is not masked waits for the next waiting instruction (x86_fpu_update) */
    uint32_t fpu_no_store;              /* 1: the store that is being done ends in an exception that is not masked: memory stays as it is */
    uint32_t fpu_store_status, fpu_store_high;  /* between the two halves of a store */
    /* While translated code runs, the registers, status and control may be the host's (1): what is above is stale then. How often that is to be so at an entry before it is
     * asked for again; and 1: not until the control word is written (x86_x87_park in tcg/helpers-x87.c). */
    uint32_t fpu_on_host, fpu_wanted, fpu_helped;
    bool fpu_error_raised, fpu_ignore_errors;   /* FERR# and IGNNE#, for CR0.NE clear */

    /* ---- system state ---- */
    SegmentCache segs[R_SEG_COUNT], ldt, tr;
    DescriptorTable gdt, idt;
    uint64_t cr[5];                     /* CR0, -, CR2, CR3, CR4 */
    uint64_t pdptes[4];                 /* of PAE paging, as they stood when CR3 was loaded */
    uint64_t dr[8];
    uint64_t efer, star, lstar, cstar, fmask, kernel_gs_base;
    uint64_t sysenter_cs, sysenter_esp, sysenter_eip;
    uint64_t tsc_aux, tsc_offset, tsc_adjust, tsc_deadline, pat, misc_enable, feature_control, smbase, spec_ctrl, xss;
    uint64_t xcr0; uint32_t pkru; uint64_t pkrs;
    uint64_t mtrr_fixed[11], mtrr_def_type; struct { uint64_t base, mask; } mtrr_var[X86_MTRR_COUNT];
    uint64_t mcg_cap, mcg_status, mcg_ctl, mce_banks[X86_MCE_BANKS * 4];
    uint64_t kvm_system_time_msr, kvm_wall_clock_msr, kvm_async_pf_en_msr, kvm_async_pf_int_msr, kvm_pv_eoi_msr, kvm_steal_time_msr, kvm_poll_control_msr;
    uint32_t smm;                       /* 1: in system management mode */
    bool a20_mask_off;                  /* true: A20 is masked (bit 20 of physical addresses is 0) */
    uint64_t a20_mask;                  /* ~0 or ~(1 << 20) */
    uint32_t inhibit_irq;               /* the shadow of STI (1) or MOV SS (2): no interrupt before the next instruction has ended */
    bool nmi_blocked;
    uint32_t last_jump;                 /* the last near jump of 64-bit code to an address of data (X86_JUMP_*), 0: the program counter has come elsewhere from */
    bool mwait_breaks;                  /* halted by MWAIT that interrupts end though IF is clear */
    uint64_t resume_pc;                 /* linear, of the last IRET: with EFLAGS.RF set its breakpoint does not count */

    /* ---- the recorded exception; vector -1: none ---- */
    int exception;                      /* vector */
    bool exception_not_canonical;       /* #GP for an address that is not canonical: #SS where it is of the stack segment */
    bool exception_has_error, exception_soft; /* soft: INT n, INT3, INTO: return address is exception_next_pc */
    uint32_t exception_error; uint64_t exception_next_pc;
    int old_exception;                  /* being delivered, for double faults; -1 none */
    uint8_t sipi_vector;

    /* ---- KVM's view of events that our state has no place for ---- */
    int32_t interrupt_injected; bool soft_interrupt, nmi_injected, nmi_pending, smi_pending, has_payload, triple_fault_pending; uint64_t exception_payload; bool exception_injected_kvm, exception_pending_kvm;
    int mp_state;                       /* KVM_MP_STATE_* */
    bool tsc_valid; uint64_t tsc; int64_t tsc_khz;
    uint64_t tsc_stopped_at;

    AddressSpace *normal_memory; bool smm_nmi_blocked;  /* while in SMM: what holds outside */
    bool shutdown;                              /* after a triple fault: only RESET and INIT help */
    /* The walker's cache of upper page-table levels: the last table of recent 2 MiB ranges. */
    struct X86WalkCacheEntry { uint64_t tag, epoch, table, rights; } walk_cache[X86_WALK_CACHE_ENTRIES];
    uint64_t walk_cache_epoch;

    /* ---- the model ---- */
    uint64_t features[FEAT_WORD_COUNT];         /* what the guest sees */
    uint64_t user_features[FEAT_WORD_COUNT];    /* set or cleared by name: left as they are by filters' defaults */
    uint64_t filtered[FEAT_WORD_COUNT];         /* asked for, but the accelerator has them not */
    uint32_t cpuid_level, cpuid_xlevel, cpuid_xlevel2, cpuid_version;   /* version: family/model/stepping as in leaf 1 EAX */
    char vendor[13], model_id[49];
    bool check, enforce, force_features, migratable, full_cpuid_auto_level, expose_kvm, expose_tcg, vmware_cpuid_freq, hyperv_passthrough;
    bool pmu, lmce, l3_cache, host_phys_bits, fill_mtrr_mask, start_powered_off;
    uint32_t hv_spinlock_attempts; uint32_t phys_bits, apic_id; int32_t node_id, socket_id, die_id, module_id, core_id, thread_id;
    uint64_t hyperv_features; char *hv_vendor_id;
    unsigned nr_dies, nr_modules, nr_cores, nr_threads;     /* topology: per socket, die, module, core */

    /* More of the model's properties. UINT32_MAX: as the model has it or the features ask for. */
    uint32_t want_level, want_xlevel, want_xlevel2, min_level, min_xlevel, min_xlevel2, want_level_func7, cpuid_level_func7, guest_phys_bits;
    uint64_t ucode_rev;
    uint8_t avx10_version, host_phys_bits_limit;
    uint64_t lbr_format; int64_t tsc_frequency;
    bool cpuid_0xb, legacy_cache, kvm_pv_enforce_cpuid, host_cache_info, hyperv_enforce_cpuid, xen_vapic;
    bool vendor_cpuid_only, amd_topoext_features_only, intel_pt_auto_level, l1_cache_per_thread, migrate_smi_count, hyperv_synic_kvm_only;
    int hyperv_no_nonarch_coresharing; int32_t hyperv_max_vps;
    uint32_t hyperv_build, hyperv_snumber, hyperv_spack; uint16_t hyperv_major, hyperv_minor; uint8_t hyperv_sbranch;
    Object *memory_link;
    int64_t scratch_property; char *scratch_string, **scratch_list;     /* homes of properties that are computed */
    const struct X86CpuModel *model;    /* by which it was made */

    Device *apic;                       /* its local APIC; NULL without */
    void *kvm;                          /* target/i386/kvm's own */
    bool is_64bit_binary;               /* qemu-system-x86_64 */
    uint8_t *xsave_buffer; uint32_t xsave_size;
} X86Cpu;
typedef struct X86WalkCacheEntry X86WalkCacheEntry;
#define X86_CPU(p) ((X86Cpu *)(p))

/* ---- eflags ---- */
uint32_t x86_get_eflags(const X86Cpu *cpu);
void x86_set_eflags(X86Cpu *cpu, uint32_t eflags);
static inline unsigned x86_cpl(const X86Cpu *cpu) { return cpu->segs[R_CS].attributes >> DESC_DPL_SHIFT & 3; /* CS.DPL is kept equal to the CPL, as SS.DPL */ }
static inline bool x86_has(const X86Cpu *cpu, X86FeatureWord word, unsigned bit) { return cpu->features[word] >> bit & 1; }

/* ---- loading state (no checks; keeps the caches that depend on it true): for reset, KVM, gdb and task code ---- */
void x86_load_segment(X86Cpu *cpu, int seg, uint16_t selector, uint64_t base, uint32_t limit, uint32_t attributes);
void x86_set_cr0(X86Cpu *cpu, uint64_t value);      /* also switches long mode on and off; flushes what it must */
void x86_set_cr3(X86Cpu *cpu, uint64_t value);
void x86_set_cr4(X86Cpu *cpu, uint64_t value);
void x86_set_efer(X86Cpu *cpu, uint64_t value);
void x86_set_a20(X86Cpu *cpu, bool enabled);
void x86_set_mxcsr(X86Cpu *cpu, uint32_t value);

/* ---- CPUID and MSRs ---- */
void x86_cpuid(X86Cpu *cpu, uint32_t leaf, uint32_t subleaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx);
/* false: #GP. Used by the translator; KVM has its own. */
bool x86_read_msr(X86Cpu *cpu, uint32_t index, uint64_t *value);
bool x86_write_msr(X86Cpu *cpu, uint32_t index, uint64_t value);
/* The features that the translator can run, a word of them. */
uint64_t x86_tcg_features(X86FeatureWord word);
/* What KVM here offers of a word; provided by target/i386/kvm (0 where KVM is not compiled in). */
uint64_t x86_kvm_supported_features(X86FeatureWord word);
/* The highest leaves that KVM offers here: basic, extended, 0xc0000000. */
void x86_kvm_host_levels(uint32_t *level, uint32_t *xlevel, uint32_t *xlevel2);
/* Names of a word's bits (NULL: no name) and its CPUID place for messages ("CPUID.01H:ECX"). */
typedef struct X86FeatureWordInfo { const char *place; uint32_t leaf, subleaf; bool has_subleaf; int reg; uint32_t msr; const char *names[64]; } X86FeatureWordInfo;
extern const X86FeatureWordInfo x86_feature_words[FEAT_WORD_COUNT];

/* ---- XSAVE and FXSAVE images ---- */
void x86_fxsave(const X86Cpu *cpu, uint8_t image[512]);
void x86_fxrstor(X86Cpu *cpu, const uint8_t image[512]);
uint8_t x86_fpu_tag_abridged(const X86Cpu *cpu);
uint16_t x86_fpu_tag_full(const X86Cpu *cpu);
/* ES, B and fpu_pending follow from the flags and masks: after a change of fpu_control or fpu_status. */
void x86_fpu_update(X86Cpu *cpu);
/* Asserts FERR#. vCPU thread. */
void x86_fpu_raise_error(X86Cpu *cpu);
/* As FNINIT does. */
void x86_fpu_init(X86Cpu *cpu);

/* ---- physical address behind a virtual one, as the walker sees it, for debuggers ---- */
bool x86_debug_translate(Cpu *cpu, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs);

/* ---- reset, INIT and SIPI ---- */
void x86_cpu_reset_state(X86Cpu *cpu);
void x86_do_init(X86Cpu *cpu);
void x86_do_sipi(X86Cpu *cpu);
/* The TSC of the guest. */
uint64_t x86_read_tsc(X86Cpu *cpu);
bool x86_is_bsp(const X86Cpu *cpu);
/* The APIC id of the n-th CPU by the topology of this one's fields. */
uint32_t x86_apic_id(const X86Cpu *cpu, unsigned index);

/* ---- for the translator and its helpers ---- */
/* Privilege indices of the translator's TLBs. KERNEL: CPL 0 to 2 with EFLAGS.AC set or SMAP off; KERNEL_SMAP: with EFLAGS.AC clear and SMAP on; USER: CPL 3.
 * What the processor itself reads and writes (descriptor tables, TSS, stacks of inner rings) goes by SYSTEM whatever the CPL and AC. */
enum { X86_PRIV_KERNEL, X86_PRIV_KERNEL_SMAP, X86_PRIV_USER, X86_PRIV_COUNT, X86_PRIV_SYSTEM = X86_PRIV_KERNEL_SMAP };
/* Of plain accesses now. */
static inline unsigned x86_priv(const X86Cpu *cpu)
{
    return x86_cpl(cpu) == 3 ? X86_PRIV_USER : (cpu->cr[4] & CR4_SMAP) && !(cpu->eflags & AC_MASK) ? X86_PRIV_KERNEL_SMAP : X86_PRIV_KERNEL;
}
static inline bool x86_long_mode(const X86Cpu *cpu) { return cpu->efer & EFER_LMA; }
static inline bool x86_code64(const X86Cpu *cpu) { return x86_long_mode(cpu) && (cpu->segs[R_CS].attributes & DESC_L_MASK); }
static inline bool x86_vm86(const X86Cpu *cpu) { return cpu->eflags & VM_MASK; }
static inline bool x86_protected_mode(const X86Cpu *cpu) { return (cpu->cr[0] & CR0_PE) && !(cpu->eflags & VM_MASK); }
/* Whether vaddr is canonical under the current paging mode. */
static inline bool x86_canonical(const X86Cpu *cpu, uint64_t vaddr)
{
    unsigned bits = cpu->cr[4] & CR4_LA57 ? 57 : 48;
    return (uint64_t)((int64_t)(vaddr << (64 - bits)) >> (64 - bits)) == vaddr;
}

/* Records an exception as of the current instruction (PC is its address); delivered when translated code has been left. */
void x86_record_exception(X86Cpu *cpu, int vector);
void x86_record_exception_error(X86Cpu *cpu, int vector, uint32_t error);
/* A software interrupt (INT n, INT3, INTO): faults and the frame refer to next_pc. */
void x86_record_software_interrupt(X86Cpu *cpu, int vector, uint64_t next_pc);
/* The same and tcg_leave: from helpers with HELPER_FAULTS. */
G_NORETURN void x86_raise(X86Cpu *cpu, int vector);
G_NORETURN void x86_raise_error(X86Cpu *cpu, int vector, uint32_t error);

extern const TargetArch x86_64_target, i386_target;
extern const struct TcgTarget x86_tcg_target;

#endif
