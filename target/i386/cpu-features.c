/*
 * The names of CPU features and where they stand: the words of CPUID and of the capability MSRs.
 *
 * Intel SDM volume 2, CPUID; volume 3, appendix A (VMX capabilities); volume 4 (IA32_ARCH_CAPABILITIES and kin); AMD APM volume 3,
 * appendix E; Linux Documentation/virt/kvm/x86/cpuid.rst for the KVM leaves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-features.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

const X86FeatureWordInfo x86_feature_words[FEAT_WORD_COUNT] = {
    [FEAT_1_EDX] = {
        .place = "CPUID.01H:EDX", .leaf = 0x1, .reg = X86_REG_EDX,
        .names = {
            [0] = "fpu", [1] = "vme", [2] = "de", [3] = "pse", [4] = "tsc", [5] = "msr", [6] = "pae", [7] = "mce", [8] = "cx8", [9] = "apic",
            [11] = "sep", [12] = "mtrr", [13] = "pge", [14] = "mca", [15] = "cmov", [16] = "pat", [17] = "pse36", [18] = "pn", [19] = "clflush",
            [21] = "ds", [22] = "acpi", [23] = "mmx", [24] = "fxsr", [25] = "sse", [26] = "sse2", [27] = "ss", [28] = "ht", [29] = "tm",
            [30] = "ia64", [31] = "pbe",
        },
    },
    [FEAT_1_ECX] = {
        .place = "CPUID.01H:ECX", .leaf = 0x1, .reg = X86_REG_ECX,
        .names = {
            [0] = "pni", [1] = "pclmulqdq", [2] = "dtes64", [3] = "monitor", [4] = "ds-cpl", [5] = "vmx", [6] = "smx", [7] = "est", [8] = "tm2",
            [9] = "ssse3", [10] = "cid", [12] = "fma", [13] = "cx16", [14] = "xtpr", [15] = "pdcm", [17] = "pcid", [18] = "dca", [19] = "sse4.1",
            [20] = "sse4.2", [21] = "x2apic", [22] = "movbe", [23] = "popcnt", [24] = "tsc-deadline", [25] = "aes", [26] = "xsave", [28] = "avx",
            [29] = "f16c", [30] = "rdrand", [31] = "hypervisor",
        },
    },
    [FEAT_7_0_EBX] = {
        .place = "CPUID.07H:EBX", .leaf = 0x7, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EBX,
        .names = {
            [0] = "fsgsbase", [1] = "tsc-adjust", [2] = "sgx", [3] = "bmi1", [4] = "hle", [5] = "avx2", [6] = "fdp-excptn-only", [7] = "smep",
            [8] = "bmi2", [9] = "erms", [10] = "invpcid", [11] = "rtm", [13] = "zero-fcs-fds", [14] = "mpx", [16] = "avx512f", [17] = "avx512dq",
            [18] = "rdseed", [19] = "adx", [20] = "smap", [21] = "avx512ifma", [22] = "pcommit", [23] = "clflushopt", [24] = "clwb",
            [25] = "intel-pt", [26] = "avx512pf", [27] = "avx512er", [28] = "avx512cd", [29] = "sha-ni", [30] = "avx512bw", [31] = "avx512vl",
        },
    },
    [FEAT_7_0_ECX] = {
        .place = "CPUID.07H:ECX", .leaf = 0x7, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_ECX,
        .names = {
            [1] = "avx512vbmi", [2] = "umip", [3] = "pku", [5] = "waitpkg", [6] = "avx512vbmi2", [8] = "gfni", [9] = "vaes", [10] = "vpclmulqdq",
            [11] = "avx512vnni", [12] = "avx512bitalg", [14] = "avx512-vpopcntdq", [16] = "la57", [22] = "rdpid", [24] = "bus-lock-detect",
            [25] = "cldemote", [27] = "movdiri", [28] = "movdir64b", [30] = "sgxlc", [31] = "pks",
        },
    },
    [FEAT_7_0_EDX] = {
        .place = "CPUID.07H:EDX", .leaf = 0x7, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EDX,
        .names = {
            [2] = "avx512-4vnniw", [3] = "avx512-4fmaps", [4] = "fsrm", [8] = "avx512-vp2intersect", [10] = "md-clear", [14] = "serialize",
            [16] = "tsx-ldtrk", [19] = "arch-lbr", [22] = "amx-bf16", [23] = "avx512-fp16", [24] = "amx-tile", [25] = "amx-int8",
            [26] = "spec-ctrl", [27] = "stibp", [28] = "flush-l1d", [29] = "arch-capabilities", [30] = "core-capability", [31] = "ssbd",
        },
    },
    [FEAT_7_1_EAX] = {
        .place = "CPUID.07H:EAX", .leaf = 0x7, .subleaf = 1, .has_subleaf = true, .reg = X86_REG_EAX,
        .names = {
            [0] = "sha512", [1] = "sm3", [2] = "sm4", [4] = "avx-vnni", [5] = "avx512-bf16", [7] = "cmpccxadd", [10] = "fzrm", [11] = "fsrs",
            [12] = "fsrc", [17] = "fred", [18] = "lkgs", [19] = "wrmsrns", [21] = "amx-fp16", [23] = "avx-ifma", [26] = "lam",
        },
    },
    [FEAT_7_1_EDX] = {
        .place = "CPUID.07H:EDX", .leaf = 0x7, .subleaf = 1, .has_subleaf = true, .reg = X86_REG_EDX,
        .names = {
            [4] = "avx-vnni-int8", [5] = "avx-ne-convert", [8] = "amx-complex", [10] = "avx-vnni-int16", [14] = "prefetchiti", [19] = "avx10",
        },
    },
    [FEAT_7_2_EDX] = {
        .place = "CPUID.07H:EDX", .leaf = 0x7, .subleaf = 2, .has_subleaf = true, .reg = X86_REG_EDX,
        .names = {
            [0] = "intel-psfd", [1] = "ipred-ctrl", [2] = "rrsba-ctrl", [3] = "ddpd-u", [4] = "bhi-ctrl", [5] = "mcdt-no",
        },
    },
    [FEAT_8000_0001_EDX] = {
        .place = "CPUID.80000001H:EDX", .leaf = 0x80000001, .reg = X86_REG_EDX,
        .names = {
            [11] = "syscall", [20] = "nx", [22] = "mmxext", [25] = "fxsr-opt", [26] = "pdpe1gb", [27] = "rdtscp", [29] = "lm", [30] = "3dnowext",
            [31] = "3dnow",
        },
    },
    [FEAT_8000_0001_ECX] = {
        .place = "CPUID.80000001H:ECX", .leaf = 0x80000001, .reg = X86_REG_ECX,
        .names = {
            [0] = "lahf-lm", [1] = "cmp-legacy", [2] = "svm", [3] = "extapic", [4] = "cr8legacy", [5] = "abm", [6] = "sse4a",
            [7] = "misalignsse", [8] = "3dnowprefetch", [9] = "osvw", [10] = "ibs", [11] = "xop", [12] = "skinit", [13] = "wdt", [15] = "lwp",
            [16] = "fma4", [17] = "tce", [19] = "nodeid-msr", [21] = "tbm", [22] = "topoext", [23] = "perfctr-core", [24] = "perfctr-nb",
        },
    },
    [FEAT_8000_0007_EDX] = {
        .place = "CPUID.80000007H:EDX", .leaf = 0x80000007, .reg = X86_REG_EDX,
        .names = {
            [8] = "invtsc",
        },
    },
    [FEAT_8000_0007_EBX] = {
        .place = "CPUID.80000007H:EBX", .leaf = 0x80000007, .reg = X86_REG_EBX,
        .names = {
            [0] = "overflow-recov", [1] = "succor",
        },
    },
    [FEAT_8000_0008_EBX] = {
        .place = "CPUID.80000008H:EBX", .leaf = 0x80000008, .reg = X86_REG_EBX,
        .names = {
            [0] = "clzero", [2] = "xsaveerptr", [9] = "wbnoinvd", [12] = "ibpb", [14] = "ibrs", [15] = "amd-stibp", [17] = "stibp-always-on",
            [24] = "amd-ssbd", [25] = "virt-ssbd", [26] = "amd-no-ssb", [28] = "amd-psfd",
        },
    },
    [FEAT_8000_0021_EAX] = {
        .place = "CPUID.80000021H:EAX", .leaf = 0x80000021, .reg = X86_REG_EAX,
        .names = {
            [0] = "no-nested-data-bp", [2] = "lfence-always-serializing", [6] = "null-sel-clr-base", [8] = "auto-ibrs", [24] = "eraps",
            [27] = "sbpb", [28] = "ibpb-brtype", [29] = "srso-no", [30] = "srso-user-kernel-no",
        },
    },
    [FEAT_8000_0021_EBX] = {
        .place = "CPUID.80000021H:EBX", .leaf = 0x80000021, .reg = X86_REG_EBX,
    },
    [FEAT_8000_0022_EAX] = {
        .place = "CPUID.80000022H:EAX", .leaf = 0x80000022, .reg = X86_REG_EAX,
        .names = {
            [0] = "perfmon-v2",
        },
    },
    [FEAT_C000_0001_EDX] = {
        .place = "CPUID.C0000001H:EDX", .leaf = 0xc0000001, .reg = X86_REG_EDX,
        .names = {
            [2] = "xstore", [3] = "xstore-en", [6] = "xcrypt", [7] = "xcrypt-en", [8] = "ace2", [9] = "ace2-en", [10] = "phe", [11] = "phe-en",
            [12] = "pmm", [13] = "pmm-en",
        },
    },
    [FEAT_KVM] = {
        .place = "CPUID.40000001H:EAX", .leaf = 0x40000001, .reg = X86_REG_EAX,
        .names = {
            [0] = "kvmclock", [1] = "kvm-nopiodelay", [2] = "kvm-mmu", [3] = "kvmclock", [4] = "kvm-asyncpf", [5] = "kvm-steal-time",
            [6] = "kvm-pv-eoi", [7] = "kvm-pv-unhalt", [9] = "kvm-pv-tlb-flush", [10] = "kvm-asyncpf-vmexit", [11] = "kvm-pv-ipi",
            [12] = "kvm-poll-control", [13] = "kvm-pv-sched-yield", [14] = "kvm-asyncpf-int", [15] = "kvm-msi-ext-dest-id",
            [24] = "kvmclock-stable-bit",
        },
    },
    [FEAT_KVM_HINTS] = {
        .place = "CPUID.40000001H:EDX", .leaf = 0x40000001, .reg = X86_REG_EDX,
        .names = {
            [0] = "kvm-hint-dedicated",
        },
    },
    [FEAT_SVM] = {
        .place = "CPUID.8000000AH:EDX", .leaf = 0x8000000a, .reg = X86_REG_EDX,
        .names = {
            [0] = "npt", [1] = "lbrv", [2] = "svm-lock", [3] = "nrip-save", [4] = "tsc-scale", [5] = "vmcb-clean", [6] = "flushbyasid",
            [7] = "decodeassists", [10] = "pause-filter", [12] = "pfthreshold", [13] = "avic", [15] = "v-vmsave-vmload", [16] = "vgif",
            [25] = "vnmi", [28] = "svme-addr-chk",
        },
    },
    [FEAT_XSAVE] = {
        .place = "CPUID.0DH:EAX", .leaf = 0xd, .subleaf = 1, .has_subleaf = true, .reg = X86_REG_EAX,
        .names = {
            [0] = "xsaveopt", [1] = "xsavec", [2] = "xgetbv1", [3] = "xsaves", [4] = "xfd",
        },
    },
    [FEAT_6_EAX] = {
        .place = "CPUID.06H:EAX", .leaf = 0x6, .reg = X86_REG_EAX,
        .names = {
            [2] = "arat",
        },
    },
    [FEAT_XSAVE_XCR0_LO] = {
        .place = "CPUID.0DH:EAX", .leaf = 0xd, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EAX,
    },
    [FEAT_XSAVE_XCR0_HI] = {
        .place = "CPUID.0DH:EDX", .leaf = 0xd, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EDX,
    },
    [FEAT_14_0_ECX] = {
        .place = "CPUID.14H:ECX", .leaf = 0x14, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_ECX,
        .names = {
            [31] = "intel-pt-lip",
        },
    },
    [FEAT_24_0_EBX] = {
        .place = "CPUID.24H:EBX", .leaf = 0x24, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EBX,
        .names = {
            [16] = "avx10-128", [17] = "avx10-256", [18] = "avx10-512",
        },
    },
    [FEAT_SGX_12_0_EAX] = {
        .place = "CPUID.12H:EAX", .leaf = 0x12, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EAX,
        .names = {
            [0] = "sgx1", [1] = "sgx2", [11] = "sgx-edeccssa",
        },
    },
    [FEAT_SGX_12_0_EBX] = {
        .place = "CPUID.12H:EBX", .leaf = 0x12, .subleaf = 0, .has_subleaf = true, .reg = X86_REG_EBX,
        .names = {
            [0] = "sgx-exinfo",
        },
    },
    [FEAT_SGX_12_1_EAX] = {
        .place = "CPUID.12H:EAX", .leaf = 0x12, .subleaf = 1, .has_subleaf = true, .reg = X86_REG_EAX,
        .names = {
            [1] = "sgx-debug", [2] = "sgx-mode64", [4] = "sgx-provisionkey", [5] = "sgx-tokenkey", [7] = "sgx-kss", [10] = "sgx-aex-notify",
        },
    },
    [FEAT_ARCH_CAPABILITIES] = {
        .place = "MSR(10AH)", .msr = 0x10a,
        .names = {
            [0] = "rdctl-no", [1] = "ibrs-all", [2] = "rsba", [3] = "skip-l1dfl-vmentry", [4] = "ssb-no", [5] = "mds-no", [6] = "pschange-mc-no",
            [7] = "tsx-ctrl", [8] = "taa-no", [13] = "sbdr-ssdp-no", [14] = "fbsdp-no", [15] = "psdp-no", [17] = "fb-clear", [20] = "bhi-no",
            [24] = "pbrsb-no", [26] = "gds-no", [27] = "rfds-no", [28] = "rfds-clear",
        },
    },
    [FEAT_CORE_CAPABILITY] = {
        .place = "MSR(CFH)", .msr = 0xcf,
        .names = {
            [5] = "split-lock-detect",
        },
    },
    [FEAT_PERF_CAPABILITIES] = {
        .place = "MSR(345H)", .msr = 0x345,
        .names = {
            [13] = "full-width-write",
        },
    },
    [FEAT_VMX_PINBASED] = {
        .place = "MSR(48DH)", .msr = 0x48d,
        .names = {
            [0] = "vmx-intr-exit", [3] = "vmx-nmi-exit", [5] = "vmx-vnmi", [6] = "vmx-preemption-timer", [7] = "vmx-posted-intr",
        },
    },
    [FEAT_VMX_PROCBASED] = {
        .place = "MSR(48EH)", .msr = 0x48e,
        .names = {
            [2] = "vmx-vintr-pending", [3] = "vmx-tsc-offset", [7] = "vmx-hlt-exit", [9] = "vmx-invlpg-exit", [10] = "vmx-mwait-exit",
            [11] = "vmx-rdpmc-exit", [12] = "vmx-rdtsc-exit", [15] = "vmx-cr3-load-noexit", [16] = "vmx-cr3-store-noexit",
            [19] = "vmx-cr8-load-exit", [20] = "vmx-cr8-store-exit", [21] = "vmx-flexpriority", [22] = "vmx-vnmi-pending",
            [23] = "vmx-movdr-exit", [24] = "vmx-io-exit", [25] = "vmx-io-bitmap", [27] = "vmx-mtf", [28] = "vmx-msr-bitmap",
            [29] = "vmx-monitor-exit", [30] = "vmx-pause-exit", [31] = "vmx-secondary-ctls",
        },
    },
    [FEAT_VMX_SECONDARY] = {
        .place = "MSR(48BH)", .msr = 0x48b,
        .names = {
            [0] = "vmx-apicv-xapic", [1] = "vmx-ept", [2] = "vmx-desc-exit", [3] = "vmx-rdtscp-exit", [4] = "vmx-apicv-x2apic", [5] = "vmx-vpid",
            [6] = "vmx-wbinvd-exit", [7] = "vmx-unrestricted-guest", [8] = "vmx-apicv-register", [9] = "vmx-apicv-vid", [10] = "vmx-ple",
            [11] = "vmx-rdrand-exit", [12] = "vmx-invpcid-exit", [13] = "vmx-vmfunc", [14] = "vmx-shadow-vmcs", [15] = "vmx-encls-exit",
            [16] = "vmx-rdseed-exit", [17] = "vmx-pml", [20] = "vmx-xsaves", [25] = "vmx-tsc-scaling", [26] = "vmx-enable-user-wait-pause",
        },
    },
    [FEAT_VMX_EXIT] = {
        .place = "MSR(48FH)", .msr = 0x48f,
        .names = {
            [2] = "vmx-exit-nosave-debugctl", [12] = "vmx-exit-load-perf-global-ctrl", [15] = "vmx-exit-ack-intr", [18] = "vmx-exit-save-pat",
            [19] = "vmx-exit-load-pat", [20] = "vmx-exit-save-efer", [21] = "vmx-exit-load-efer", [22] = "vmx-exit-save-preemption-timer",
            [23] = "vmx-exit-clear-bndcfgs", [25] = "vmx-exit-clear-rtit-ctl", [29] = "vmx-exit-load-pkrs", [31] = "vmx-exit-secondary-ctls",
        },
    },
    [FEAT_VMX_ENTRY] = {
        .place = "MSR(490H)", .msr = 0x490,
        .names = {
            [2] = "vmx-entry-noload-debugctl", [9] = "vmx-entry-ia32e-mode", [13] = "vmx-entry-load-perf-global-ctrl",
            [14] = "vmx-entry-load-pat", [15] = "vmx-entry-load-efer", [16] = "vmx-entry-load-bndcfgs", [18] = "vmx-entry-load-rtit-ctl",
            [22] = "vmx-entry-load-pkrs", [23] = "vmx-entry-load-fred",
        },
    },
    [FEAT_VMX_MISC] = {
        .place = "MSR(485H)", .msr = 0x485,
        .names = {
            [5] = "vmx-store-lma", [6] = "vmx-activity-hlt", [7] = "vmx-activity-shutdown", [8] = "vmx-activity-wait-sipi",
            [29] = "vmx-vmwrite-vmexit-fields", [30] = "vmx-zero-len-inject",
        },
    },
    [FEAT_VMX_EPT_VPID] = {
        .place = "MSR(48CH)", .msr = 0x48c,
        .names = {
            [0] = "vmx-ept-execonly", [6] = "vmx-page-walk-4", [7] = "vmx-page-walk-5", [16] = "vmx-ept-2mb", [17] = "vmx-ept-1gb",
            [20] = "vmx-invept", [21] = "vmx-eptad", [22] = "vmx-ept-advanced-exitinfo", [25] = "vmx-invept-single-context",
            [26] = "vmx-invept-all-context", [32] = "vmx-invvpid", [40] = "vmx-invvpid-single-addr", [41] = "vmx-invept-single-context",
            [42] = "vmx-invvpid-all-context", [43] = "vmx-invept-single-context-noglobals",
        },
    },
    [FEAT_VMX_BASIC] = {
        .place = "MSR(480H)", .msr = 0x480,
        .names = {
            [54] = "vmx-ins-outs", [55] = "vmx-true-ctls", [56] = "vmx-any-errcode", [58] = "vmx-nested-exception",
        },
    },
    [FEAT_VMX_VMFUNC] = {
        .place = "MSR(491H)", .msr = 0x491,
        .names = {
            [0] = "vmx-eptp-switching",
        },
    },
};

/* Other names that the reference takes for a feature. Those that differ only in _ for - are found by rule. */
static const struct { const char *alias, *name; } feature_aliases[] = {
    { "cmp_legacy", "cmp-legacy" }, { "ds_cpl", "ds-cpl" }, { "ffxsr", "fxsr-opt" }, { "fxsr_opt", "fxsr-opt" }, { "i64", "lm" },
    { "kvm_asyncpf", "kvm-asyncpf" }, { "kvm_asyncpf_int", "kvm-asyncpf-int" }, { "kvm_mmu", "kvm-mmu" },
    { "kvm_nopiodelay", "kvm-nopiodelay" }, { "kvm_poll_control", "kvm-poll-control" }, { "kvm_pv_eoi", "kvm-pv-eoi" },
    { "kvm_pv_unhalt", "kvm-pv-unhalt" }, { "kvm_steal_time", "kvm-steal-time" }, { "lahf_lm", "lahf-lm" },
    { "nodeid_msr", "nodeid-msr" }, { "nrip_save", "nrip-save" }, { "pause_filter", "pause-filter" }, { "pclmuldq", "pclmulqdq" },
    { "perfctr_core", "perfctr-core" }, { "perfctr_nb", "perfctr-nb" }, { "sse3", "pni" }, { "sse4-1", "sse4.1" }, { "sse4_1", "sse4.1" },
    { "sse4-2", "sse4.2" }, { "sse4_2", "sse4.2" }, { "svm_lock", "svm-lock" }, { "tsc_adjust", "tsc-adjust" },
    { "tsc_scale", "tsc-scale" }, { "vmcb_clean", "vmcb-clean" }, { "xd", "nx" },
};

static const char *canonical_name(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(feature_aliases); i++) {
        if (!strcmp(feature_aliases[i].alias, name)) {
            return feature_aliases[i].name;
        }
    }
    return name;
}

/* ---- sets of features ---- */

/* Name to its bits: X86FeatureWord << 8 | bit, two of them at most (kvmclock has two). */
static GHashTable *build_index(void)
{
    GHashTable *index = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            const char *name = x86_feature_words[word].names[bit];
            if (name) {
                uintptr_t place = 0x8000 | word << 8 | bit;
                uintptr_t first = GPOINTER_TO_SIZE(g_hash_table_lookup(index, name));
                g_hash_table_insert(index, (char *)name, GSIZE_TO_POINTER(first << 16 | place));
            }
        }
    }
    return index;
}

static uintptr_t find_feature(const char *name)
{
    static gsize index;
    if (g_once_init_enter(&index)) {
        g_once_init_leave(&index, (gsize)build_index());
    }
    return GPOINTER_TO_SIZE(g_hash_table_lookup((GHashTable *)index, canonical_name(name)));
}

bool x86_feature_change(uint64_t words[FEAT_WORD_COUNT], const char *name, bool on)
{
    uintptr_t places = find_feature(name);
    for (uintptr_t p = places; p; p >>= 16) {
        uint64_t mask = BIT(p & 0xff);
        words[p >> 8 & 0x7f] = on ? words[p >> 8 & 0x7f] | mask : words[p >> 8 & 0x7f] & ~mask;
    }
    return places != 0;
}

bool x86_feature_is_on(const uint64_t words[FEAT_WORD_COUNT], const char *name)
{
    uintptr_t places = find_feature(name);
    for (uintptr_t p = places; p; p >>= 16) {
        if (!(words[p >> 8 & 0x7f] >> (p & 0xff) & 1)) {
            return false;
        }
    }
    return places != 0;
}

void x86_features_change(uint64_t words[FEAT_WORD_COUNT], const char *names, bool on)
{
    g_auto(GStrv) list = g_strsplit(names ? names : "", " ", -1);
    for (char **name = list; *name; name++) {
        if (**name) {
            x86_feature_change(words, *name, on);
        }
    }
}

/* ---- what the translator runs ---- */

/* Everything that translated code does as the manuals say. Not here although the reference's translator has it: SVM, MPX; and no-nested-data-bp: they are met as processors
 * without it do.
 * PCID and INVPCID are here although the reference's has them not: they keep TLB entries over switches. So is VME; and an invariant TSC with TSC_ADJUST: it is the
 * virtual clock, the same for all processors, and without being told so a guest with two of them reads its time from a device. */
static const char tcg_features[] =
    "3dnow 3dnowext 3dnowprefetch abm acpi adx aes apic arat avx avx2 bmi1 bmi2 cldemote clflush clflushopt clwb clzero cmov cmp-legacy cmpccxadd cr8legacy "
    "cx16 cx8 de erms f16c fma fpu fsgsbase fsrc fsrm fsrs fxsr fxsr-opt fzrm gfni hypervisor invpcid invtsc la57 lahf-lm lam lm mca mce mmx mmxext monitor "
    "movbe movdir64b movdiri msr mtrr null-sel-clr-base nx osvw pae pat pcid pclmulqdq pdpe1gb pge pks pku pni popcnt prefetchiti pse "
    "pse36 rdpid rdrand rdseed rdtscp sep serialize sha-ni smap smep ss sse sse2 sse4.1 sse4.2 sse4a ssse3 syscall tsc tsc-adjust tsc-deadline umip vaes "
    "vme vpclmulqdq wbnoinvd x2apic xgetbv1 xsave xsavec xsaveerptr xsaveopt xsaves";

uint64_t x86_tcg_features(X86FeatureWord word)
{
    static gsize ready;
    static uint64_t words[FEAT_WORD_COUNT];
    if (g_once_init_enter(&ready)) {
        x86_features_change(words, tcg_features, true);
        words[FEAT_1_EDX] |= BIT(28);       /* ht: set by the topology */
        words[FEAT_XSAVE_XCR0_LO] = BIT(0) | BIT(1) | BIT(2) | BIT(9);
#ifdef __x86_64__
        /* Half precision is the host's own (target/i386/tcg/helpers-avx.c). */
        if (!__builtin_cpu_supports("f16c")) {
            x86_features_change(words, "f16c", false);
        }
#endif
        g_once_init_leave(&ready, 1);
    }
    return words[word];
}

/* ---- properties ---- */

static bool set_feature(Object *object, const Property *p, GVariant *value, GError **err)
{
    X86Cpu *cpu = X86_CPU(object);
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        return error_set(err, "Invalid parameter type for '%s', expected: boolean", p->name);
    }
    x86_feature_change(cpu->features, p->name, g_variant_get_boolean(value));
    x86_feature_change(cpu->user_features, p->name, true);
    return true;
}

static bool set_feature_text(Object *object, const Property *p, const char *text, GError **err)
{
    bool on;
    if (!parse_bool(text, &on)) {
        return error_set(err, "Parameter '%s' expects 'on' or 'off'", p->name);
    }
    return set_feature(object, p, g_variant_new_boolean(on), err);
}

static GVariant *get_feature(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_boolean(x86_feature_is_on(X86_CPU(object)->features, p->name)));
}

static void no_default(Object *object, const Property *p)
{
    /* The model decides. */
}

static void release_nothing(Object *object, const Property *p)
{
}

static const PropertyKind property_kind_feature = {
    .name = "bool", .set = set_feature, .set_text = set_feature_text, .get = get_feature, .set_default = no_default,
    .release = release_nothing,
};

static void add_property(GArray *table, const char *name)
{
    Property p = { .name = name, .kind = &property_kind_feature, .flags = PROP_NO_DEFAULT };
    g_array_append_val(table, p);
}

void x86_feature_properties(GArray *table)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            const char *name = x86_feature_words[word].names[bit];
            if (name && g_hash_table_add(seen, (char *)name)) {
                add_property(table, name);
            }
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(feature_aliases); i++) {
        add_property(table, feature_aliases[i].alias);
    }
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void x86_list_flags(GString *out)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            if (x86_feature_words[word].names[bit]) {
                g_ptr_array_add(names, (char *)x86_feature_words[word].names[bit]);
            }
        }
    }
    qsort(names->pdata, names->len, sizeof(names->pdata[0]), compare_names);
    /* Lines of at most 75 columns, indented by two. */
    size_t column = 0;
    for (unsigned i = 0; i < names->len; i++) {
        const char *name = names->pdata[i];
        if (column && column + 1 + strlen(name) + 1 >= 76) {
            g_string_append_c(out, '\n');
            column = 0;
        }
        if (!column) {
            g_string_append_c(out, ' ');
            column = 1;
        }
        g_string_append_printf(out, " %s", name);
        column += 1 + strlen(name);
    }
    g_string_append_c(out, '\n');
}
