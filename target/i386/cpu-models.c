/*
 * The CPU models: what each version of a model is (a pure table). A version above 1 differs from the one before by what its entry names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu-models.h"
#include "util/bits.h"

const X86CpuModel x86_cpu_models[] = {
    { "486", 1, .vendor = "GenuineIntel", .family = 4, .model = 8, .level = 1,
      .on = "fpu hypervisor pse" },
    { "Broadwell", 1, .vendor = "GenuineIntel", .model_id = "Intel Core Processor (Broadwell)", .family = 6, .model = 61, .stepping = 2, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 bmi1 bmi2 clflush cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle "
            "hypervisor invpcid lahf-lm lm mca mce mmx movbe msr mtrr nx pae pat pcid pclmulqdq pge pni popcnt pse pse36 rdrand rdseed "
            "rdtscp rtm sep smap smep sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xsave xsaveopt" },
    { "Broadwell", 2, .model_id = "Intel Core Processor (Broadwell, no TSX)", .alias = "Broadwell-noTSX",
      .off = "hle rtm" },
    { "Broadwell", 3, .model_id = "Intel Core Processor (Broadwell, IBRS)", .alias = "Broadwell-IBRS",
      .on = "hle rtm spec-ctrl" },
    { "Broadwell", 4, .model_id = "Intel Core Processor (Broadwell, no TSX, IBRS)", .alias = "Broadwell-noTSX-IBRS",
      .off = "hle rtm" },
    { "Cascadelake-Server", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (Cascadelake)", .family = 6, .model = 85, .stepping = 6, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 avx512bw avx512cd avx512dq avx512f avx512vl avx512vnni bmi1 bmi2 clflush "
            "clflushopt clwb cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle hypervisor invpcid lahf-lm lm mca mce mmx movbe msr mtrr "
            "nx pae pat pcid pclmulqdq pdpe1gb pge pku pni popcnt pse pse36 rdrand rdseed rdtscp rtm sep smap smep spec-ctrl ssbd sse sse2 "
            "sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Cascadelake-Server", 2, .note = "[ARCH_CAPABILITIES]",
      .on = "arch-capabilities ibrs-all mds-no rdctl-no skip-l1dfl-vmentry" },
    { "Cascadelake-Server", 3, .alias = "Cascadelake-Server-noTSX", .note = "[ARCH_CAPABILITIES, no TSX]",
      .off = "hle rtm" },
    { "Cascadelake-Server", 4, .note = "[ARCH_CAPABILITIES, EPT switching, no TSX]" },
    { "Cascadelake-Server", 5, .note = "[ARCH_CAPABILITIES, EPT switching, XSAVES, no TSX]",
      .on = "xsaves" },
    { "ClearwaterForest", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (ClearwaterForest)", .family = 6, .model = 221, .level = 35, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat arch-capabilities avx avx-ifma avx-ne-convert avx-vnni avx-vnni-int16 avx-vnni-int8 avx2 "
            "bhi-ctrl bhi-no bmi1 bmi2 bus-lock-detect cldemote clflush clflushopt clwb cmov cmpccxadd cx16 cx8 ddpd-u de erms f16c "
            "fbsdp-no fma fpu fsgsbase fsrm fsrs fxsr gds-no gfni hypervisor ibrs-all intel-psfd invpcid ipred-ctrl lahf-lm lam lm mca "
            "mcdt-no mce mds-no mmx movbe movdir64b movdiri msr mtrr nx pae pat pbrsb-no pcid pclmulqdq pdpe1gb pge pku pni popcnt "
            "prefetchiti pschange-mc-no psdp-no pse pse36 rdctl-no rdpid rdrand rdseed rdtscp rfds-no rrsba-ctrl sbdr-ssdp-no sep "
            "serialize sha-ni sha512 skip-l1dfl-vmentry sm3 sm4 smap smep spec-ctrl ss ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall tsc "
            "tsc-adjust tsc-deadline umip vaes vpclmulqdq wbnoinvd x2apic xgetbv1 xsave xsavec xsaveopt xsaves" },
    { "Conroe", 1, .vendor = "GenuineIntel", .model_id = "Intel Celeron_4x0 (Conroe/Merom Class Core 2)", .family = 6, .model = 15, .stepping = 3, .level = 10, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 ssse3 "
            "syscall tsc" },
    { "Cooperlake", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (Cooperlake)", .family = 6, .model = 85, .stepping = 10, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat arch-capabilities avx avx2 avx512-bf16 avx512bw avx512cd avx512dq avx512f avx512vl "
            "avx512vnni bmi1 bmi2 clflush clflushopt clwb cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle hypervisor ibrs-all invpcid "
            "lahf-lm lm mca mce mds-no mmx movbe msr mtrr nx pae pat pcid pclmulqdq pdpe1gb pge pku pni popcnt pschange-mc-no pse pse36 "
            "rdctl-no rdrand rdseed rdtscp rtm sep skip-l1dfl-vmentry smap smep spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 stibp syscall "
            "taa-no tsc tsc-deadline x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Cooperlake", 2, .note = "[XSAVES]",
      .on = "xsaves" },
    { "Denverton", 1, .vendor = "GenuineIntel", .model_id = "Intel Atom Processor (Denverton)", .family = 6, .model = 95, .stepping = 1, .level = 21, .xlevel = 0x80000008,
      .on = "3dnowprefetch aes apic arat arch-capabilities clflush clflushopt cmov cx16 cx8 de erms fpu fsgsbase fxsr hypervisor lahf-lm "
            "lm mca mce mmx monitor movbe mpx msr mtrr nx pae pat pclmulqdq pdpe1gb pge pni popcnt pse pse36 rdctl-no rdrand rdseed rdtscp "
            "sep sha-ni skip-l1dfl-vmentry smap smep spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xgetbv1 "
            "xsave xsavec xsaveopt" },
    { "Denverton", 2, .note = "[no MPX, no MONITOR]",
      .off = "monitor mpx" },
    { "Denverton", 3, .note = "[XSAVES, no MPX, no MONITOR]",
      .on = "xsaves" },
    { "Dhyana", 1, .vendor = "HygonGenuine", .model_id = "Hygon Dhyana Processor", .family = 24, .stepping = 1, .level = 13, .xlevel = 0x8000001e,
      .on = "3dnowprefetch abm adx apic arat avx avx2 bmi1 bmi2 clflush clflushopt cmov cr8legacy cx16 cx8 de f16c fma fpu fsgsbase fxsr "
            "fxsr-opt hypervisor ibpb lahf-lm lm mca mce misalignsse mmx mmxext monitor movbe msr mtrr npt nrip-save nx osvw pae pat "
            "pdpe1gb pge pni popcnt pse pse36 rdrand rdseed rdtscp sep smap smep sse sse2 sse4.1 sse4.2 sse4a ssse3 svm syscall topoext "
            "tsc xgetbv1 xsave xsavec xsaveopt" },
    { "Dhyana", 2, .note = "[XSAVES]",
      .on = "xsaves" },
    { "EPYC-Genoa", 1, .vendor = "AuthenticAMD", .model_id = "AMD EPYC-Genoa Processor", .family = 25, .model = 17, .level = 13, .xlevel = 0x80000022,
      .on = "3dnowprefetch abm adx aes amd-psfd amd-ssbd amd-stibp apic arat auto-ibrs avx avx2 avx512-bf16 avx512-vpopcntdq avx512bitalg "
            "avx512bw avx512cd avx512dq avx512f avx512ifma avx512vbmi avx512vbmi2 avx512vl avx512vnni bmi1 bmi2 clflush clflushopt clwb "
            "clzero cmov cr8legacy cx16 cx8 de erms f16c fma fpu fsgsbase fsrm fxsr fxsr-opt gfni hypervisor ibpb ibrs invpcid la57 "
            "lahf-lm lfence-always-serializing lm mca mce misalignsse mmx mmxext monitor movbe msr mtrr no-nested-data-bp npt nrip-save "
            "null-sel-clr-base nx osvw pae pat pcid pclmulqdq pdpe1gb perfctr-core pge pku pni popcnt pse pse36 rdpid rdrand rdseed rdtscp "
            "sep sha-ni smap smep sse sse2 sse4.1 sse4.2 sse4a ssse3 stibp-always-on svm svme-addr-chk syscall topoext tsc umip vaes vnmi "
            "vpclmulqdq wbnoinvd xgetbv1 xsave xsavec xsaveerptr xsaveopt xsaves" },
    { "EPYC-Milan", 1, .vendor = "AuthenticAMD", .model_id = "AMD EPYC-Milan Processor", .family = 25, .model = 1, .stepping = 1, .level = 13, .xlevel = 0x8000001e,
      .on = "3dnowprefetch abm adx aes amd-ssbd amd-stibp apic arat avx avx2 bmi1 bmi2 clflush clflushopt clwb clzero cmov cr8legacy cx16 "
            "cx8 de erms f16c fma fpu fsgsbase fsrm fxsr fxsr-opt hypervisor ibpb ibrs invpcid lahf-lm lm mca mce misalignsse mmx mmxext "
            "monitor movbe msr mtrr npt nrip-save nx osvw pae pat pcid pclmulqdq pdpe1gb perfctr-core pge pku pni popcnt pse pse36 rdpid "
            "rdrand rdseed rdtscp sep sha-ni smap smep sse sse2 sse4.1 sse4.2 sse4a ssse3 svm svme-addr-chk syscall topoext tsc umip "
            "wbnoinvd xgetbv1 xsave xsavec xsaveerptr xsaveopt xsaves" },
    { "EPYC-Milan", 2, .model_id = "AMD EPYC-Milan-v2 Processor", .xlevel = 0x80000021,
      .on = "amd-psfd lfence-always-serializing no-nested-data-bp null-sel-clr-base stibp-always-on vaes vpclmulqdq" },
    { "EPYC-Rome", 1, .vendor = "AuthenticAMD", .model_id = "AMD EPYC-Rome Processor", .family = 23, .model = 49, .level = 13, .xlevel = 0x8000001e,
      .on = "3dnowprefetch abm adx aes amd-stibp apic arat avx avx2 bmi1 bmi2 clflush clflushopt clwb clzero cmov cr8legacy cx16 cx8 de "
            "f16c fma fpu fsgsbase fxsr fxsr-opt hypervisor ibpb lahf-lm lm mca mce misalignsse mmx mmxext monitor movbe msr mtrr npt "
            "nrip-save nx osvw pae pat pclmulqdq pdpe1gb perfctr-core pge pni popcnt pse pse36 rdpid rdrand rdseed rdtscp sep sha-ni smap "
            "smep sse sse2 sse4.1 sse4.2 sse4a ssse3 svm syscall topoext tsc umip wbnoinvd xgetbv1 xsave xsavec xsaveerptr xsaveopt xsaves" },
    { "EPYC-Rome", 2,
      .on = "amd-ssbd ibrs" },
    { "EPYC-Rome", 3, .model_id = "AMD EPYC-Rome-v3 Processor" },
    { "EPYC-Rome", 4, .model_id = "AMD EPYC-Rome-v4 Processor (no XSAVES)",
      .off = "xsaves" },
    { "EPYC", 1, .vendor = "AuthenticAMD", .model_id = "AMD EPYC Processor", .family = 23, .model = 1, .stepping = 2, .level = 13, .xlevel = 0x8000001e,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 bmi1 bmi2 clflush clflushopt cmov cr8legacy cx16 cx8 de f16c fma fpu fsgsbase "
            "fxsr fxsr-opt hypervisor lahf-lm lm mca mce misalignsse mmx mmxext monitor movbe msr mtrr npt nrip-save nx osvw pae pat "
            "pclmulqdq pdpe1gb pge pni popcnt pse pse36 rdrand rdseed rdtscp sep sha-ni smap smep sse sse2 sse4.1 sse4.2 sse4a ssse3 svm "
            "syscall topoext tsc xgetbv1 xsave xsavec xsaveopt" },
    { "EPYC", 2, .model_id = "AMD EPYC Processor (with IBPB)", .alias = "EPYC-IBPB",
      .on = "ibpb" },
    { "EPYC", 3, .model_id = "AMD EPYC Processor",
      .on = "clzero perfctr-core xsaveerptr xsaves" },
    { "EPYC", 4, .model_id = "AMD EPYC-v4 Processor" },
    { "GraniteRapids", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (GraniteRapids)", .family = 6, .model = 173, .level = 32, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes amx-bf16 amx-fp16 amx-int8 amx-tile apic arat arch-capabilities avx avx-vnni avx2 avx512-bf16 "
            "avx512-fp16 avx512-vpopcntdq avx512bitalg avx512bw avx512cd avx512dq avx512f avx512ifma avx512vbmi avx512vbmi2 avx512vl "
            "avx512vnni bmi1 bmi2 bus-lock-detect clflush clflushopt clwb cmov cx16 cx8 de erms f16c fbsdp-no fma fpu fsgsbase fsrc fsrm "
            "fsrs fxsr fzrm gfni hle hypervisor ibrs-all invpcid la57 lahf-lm lm mca mcdt-no mce mds-no mmx movbe msr mtrr nx pae pat "
            "pbrsb-no pcid pclmulqdq pdpe1gb pge pku pni popcnt prefetchiti pschange-mc-no psdp-no pse pse36 rdctl-no rdpid rdrand rdseed "
            "rdtscp rtm sbdr-ssdp-no sep serialize sha-ni skip-l1dfl-vmentry smap smep spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall "
            "taa-no tsc tsc-deadline tsx-ldtrk umip vaes vpclmulqdq wbnoinvd x2apic xfd xgetbv1 xsave xsavec xsaveopt xsaves" },
    { "GraniteRapids", 2, .stepping = 1, .level = 36, .avx10_version = 1,
      .on = "avx10 avx10-128 avx10-256 avx10-512 cldemote movdir64b movdiri ss tsc-adjust" },
    { "Haswell", 1, .vendor = "GenuineIntel", .model_id = "Intel Core Processor (Haswell)", .family = 6, .model = 60, .stepping = 4, .level = 13, .xlevel = 0x80000008,
      .on = "abm aes apic arat avx avx2 bmi1 bmi2 clflush cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle hypervisor invpcid lahf-lm "
            "lm mca mce mmx movbe msr mtrr nx pae pat pcid pclmulqdq pge pni popcnt pse pse36 rdrand rdtscp rtm sep smep sse sse2 sse4.1 "
            "sse4.2 ssse3 syscall tsc tsc-deadline x2apic xsave xsaveopt" },
    { "Haswell", 2, .model_id = "Intel Core Processor (Haswell, no TSX)", .stepping = 1, .alias = "Haswell-noTSX",
      .off = "hle rtm" },
    { "Haswell", 3, .model_id = "Intel Core Processor (Haswell, IBRS)", .stepping = 4, .alias = "Haswell-IBRS",
      .on = "hle rtm spec-ctrl" },
    { "Haswell", 4, .model_id = "Intel Core Processor (Haswell, no TSX, IBRS)", .stepping = 1, .alias = "Haswell-noTSX-IBRS",
      .off = "hle rtm" },
    { "Icelake-Server", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (Icelake)", .family = 6, .model = 134, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 avx512-vpopcntdq avx512bitalg avx512bw avx512cd avx512dq avx512f avx512vbmi "
            "avx512vbmi2 avx512vl avx512vnni bmi1 bmi2 clflush clflushopt clwb cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr gfni hle "
            "hypervisor invpcid la57 lahf-lm lm mca mce mmx movbe msr mtrr nx pae pat pcid pclmulqdq pdpe1gb pge pku pni popcnt pse pse36 "
            "rdrand rdseed rdtscp rtm sep smap smep spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline umip vaes "
            "vpclmulqdq wbnoinvd x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Icelake-Server", 2, .alias = "Icelake-Server-noTSX", .note = "[no TSX]",
      .off = "hle rtm" },
    { "Icelake-Server", 3,
      .on = "arch-capabilities ibrs-all mds-no pschange-mc-no rdctl-no skip-l1dfl-vmentry taa-no" },
    { "Icelake-Server", 4, .model = 106,
      .on = "avx512ifma fsrm rdpid sha-ni" },
    { "Icelake-Server", 5, .note = "[XSAVES]",
      .on = "xsaves" },
    { "Icelake-Server", 6, .note = "[5-level EPT]" },
    { "Icelake-Server", 7,
      .on = "hle rtm" },
    { "IvyBridge", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge)", .family = 6, .model = 58, .stepping = 9, .level = 13, .xlevel = 0x80000008,
      .on = "aes apic arat avx clflush cmov cx16 cx8 de erms f16c fpu fsgsbase fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat "
            "pclmulqdq pge pni popcnt pse pse36 rdrand rdtscp sep smep sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xsave "
            "xsaveopt" },
    { "IvyBridge", 2, .model_id = "Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)", .alias = "IvyBridge-IBRS",
      .on = "spec-ctrl" },
    { "KnightsMill", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Phi Processor (Knights Mill)", .family = 6, .model = 133, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 avx512-4fmaps avx512-4vnniw avx512-vpopcntdq avx512cd avx512er avx512f avx512pf "
            "bmi1 bmi2 clflush cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hypervisor lahf-lm lm mca mce mmx movbe msr mtrr nx pae "
            "pat pclmulqdq pdpe1gb pge pni popcnt pse pse36 rdrand rdseed rdtscp sep smep ss sse sse2 sse4.1 sse4.2 ssse3 syscall tsc "
            "tsc-deadline x2apic xsave xsaveopt" },
    { "Nehalem", 1, .vendor = "GenuineIntel", .model_id = "Intel Core i7 9xx (Nehalem Class Core i7)", .family = 6, .model = 26, .stepping = 3, .level = 11, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pge pni popcnt pse pse36 sep sse "
            "sse2 sse4.1 sse4.2 ssse3 syscall tsc" },
    { "Nehalem", 2, .model_id = "Intel Core i7 9xx (Nehalem Core i7, IBRS update)", .alias = "Nehalem-IBRS",
      .on = "spec-ctrl" },
    { "Opteron_G1", 1, .vendor = "AuthenticAMD", .model_id = "AMD Opteron 240 (Gen 1 Class Opteron)", .family = 15, .model = 6, .stepping = 1, .level = 5, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx8 de fpu fxsr hypervisor lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 syscall tsc" },
    { "Opteron_G2", 1, .vendor = "AuthenticAMD", .model_id = "AMD Opteron 22xx (Gen 2 Class Opteron)", .family = 15, .model = 6, .stepping = 1, .level = 5, .xlevel = 0x8000000a,
      .on = "apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 "
            "svm syscall tsc" },
    { "Opteron_G3", 1, .vendor = "AuthenticAMD", .model_id = "AMD Opteron 23xx (Gen 3 Class Opteron)", .family = 16, .model = 2, .stepping = 3, .level = 5, .xlevel = 0x8000000a,
      .on = "abm apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce misalignsse mmx monitor msr mtrr nx pae pat pge pni "
            "popcnt pse pse36 rdtscp sep sse sse2 sse4a svm syscall tsc" },
    { "Opteron_G4", 1, .vendor = "AuthenticAMD", .model_id = "AMD Opteron 62xx class CPU", .family = 21, .model = 1, .stepping = 2, .level = 13, .xlevel = 0x8000001a,
      .on = "3dnowprefetch abm aes apic avx clflush cmov cx16 cx8 de fma4 fpu fxsr hypervisor lahf-lm lm mca mce misalignsse mmx msr mtrr "
            "npt nrip-save nx pae pat pclmulqdq pdpe1gb pge pni popcnt pse pse36 rdtscp sep sse sse2 sse4.1 sse4.2 sse4a ssse3 svm syscall "
            "tsc xop xsave" },
    { "Opteron_G5", 1, .vendor = "AuthenticAMD", .model_id = "AMD Opteron 63xx class CPU", .family = 21, .model = 2, .level = 13, .xlevel = 0x8000001a,
      .on = "3dnowprefetch abm aes apic avx clflush cmov cx16 cx8 de f16c fma fma4 fpu fxsr hypervisor lahf-lm lm mca mce misalignsse mmx "
            "msr mtrr npt nrip-save nx pae pat pclmulqdq pdpe1gb pge pni popcnt pse pse36 rdtscp sep sse sse2 sse4.1 sse4.2 sse4a ssse3 "
            "svm syscall tbm tsc xop xsave" },
    { "Penryn", 1, .vendor = "GenuineIntel", .model_id = "Intel Core 2 Duo P9xxx (Penryn Class Core 2)", .family = 6, .model = 23, .stepping = 3, .level = 10, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 "
            "sse4.1 ssse3 syscall tsc" },
    { "SandyBridge", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon E312xx (Sandy Bridge)", .family = 6, .model = 42, .stepping = 1, .level = 13, .xlevel = 0x80000008,
      .on = "aes apic arat avx clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pclmulqdq pge pni "
            "popcnt pse pse36 rdtscp sep sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xsave xsaveopt" },
    { "SandyBridge", 2, .model_id = "Intel Xeon E312xx (Sandy Bridge, IBRS update)", .alias = "SandyBridge-IBRS",
      .on = "spec-ctrl" },
    { "SapphireRapids", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (SapphireRapids)", .family = 6, .model = 143, .stepping = 4, .level = 32, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes amx-bf16 amx-int8 amx-tile apic arat arch-capabilities avx avx-vnni avx2 avx512-bf16 avx512-fp16 "
            "avx512-vpopcntdq avx512bitalg avx512bw avx512cd avx512dq avx512f avx512ifma avx512vbmi avx512vbmi2 avx512vl avx512vnni bmi1 "
            "bmi2 bus-lock-detect clflush clflushopt clwb cmov cx16 cx8 de erms f16c fma fpu fsgsbase fsrc fsrm fsrs fxsr fzrm gfni hle "
            "hypervisor ibrs-all invpcid la57 lahf-lm lm mca mce mds-no mmx movbe msr mtrr nx pae pat pcid pclmulqdq pdpe1gb pge pku pni "
            "popcnt pschange-mc-no pse pse36 rdctl-no rdpid rdrand rdseed rdtscp rtm sep serialize sha-ni skip-l1dfl-vmentry smap smep "
            "spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall taa-no tsc tsc-deadline tsx-ldtrk umip vaes vpclmulqdq wbnoinvd x2apic "
            "xfd xgetbv1 xsave xsavec xsaveopt xsaves" },
    { "SapphireRapids", 2,
      .on = "fbsdp-no psdp-no sbdr-ssdp-no" },
    { "SapphireRapids", 3,
      .on = "cldemote movdir64b movdiri ss tsc-adjust" },
    { "SierraForest", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (SierraForest)", .family = 6, .model = 175, .level = 35, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat arch-capabilities avx avx-ifma avx-ne-convert avx-vnni avx-vnni-int8 avx2 bmi1 bmi2 "
            "bus-lock-detect clflush clflushopt clwb cmov cmpccxadd cx16 cx8 de erms f16c fbsdp-no fma fpu fsgsbase fsrm fsrs fxsr gfni "
            "hypervisor ibrs-all invpcid lahf-lm lm mca mcdt-no mce mds-no mmx movbe msr mtrr nx pae pat pbrsb-no pcid pclmulqdq pdpe1gb "
            "pge pku pni popcnt pschange-mc-no psdp-no pse pse36 rdctl-no rdpid rdrand rdseed rdtscp sbdr-ssdp-no sep serialize sha-ni "
            "skip-l1dfl-vmentry smap smep spec-ctrl ssbd sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline umip vaes vpclmulqdq "
            "wbnoinvd x2apic xgetbv1 xsave xsavec xsaveopt xsaves" },
    { "SierraForest", 2, .stepping = 3,
      .on = "bhi-ctrl cldemote gds-no intel-psfd ipred-ctrl lam movdir64b movdiri rfds-no rrsba-ctrl ss tsc-adjust" },
    { "Skylake-Client", 1, .vendor = "GenuineIntel", .model_id = "Intel Core Processor (Skylake)", .family = 6, .model = 94, .stepping = 3, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 bmi1 bmi2 clflush cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle "
            "hypervisor invpcid lahf-lm lm mca mce mmx movbe msr mtrr nx pae pat pcid pclmulqdq pge pni popcnt pse pse36 rdrand rdseed "
            "rdtscp rtm sep smap smep sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Skylake-Client", 2, .model_id = "Intel Core Processor (Skylake, IBRS)", .alias = "Skylake-Client-IBRS",
      .on = "spec-ctrl" },
    { "Skylake-Client", 3, .model_id = "Intel Core Processor (Skylake, IBRS, no TSX)", .alias = "Skylake-Client-noTSX-IBRS",
      .off = "hle rtm" },
    { "Skylake-Client", 4, .note = "[IBRS, XSAVES, no TSX]",
      .on = "xsaves" },
    { "Skylake-Server", 1, .vendor = "GenuineIntel", .model_id = "Intel Xeon Processor (Skylake)", .family = 6, .model = 85, .stepping = 4, .level = 13, .xlevel = 0x80000008,
      .on = "3dnowprefetch abm adx aes apic arat avx avx2 avx512bw avx512cd avx512dq avx512f avx512vl bmi1 bmi2 clflush clflushopt clwb "
            "cmov cx16 cx8 de erms f16c fma fpu fsgsbase fxsr hle hypervisor invpcid lahf-lm lm mca mce mmx movbe msr mtrr nx pae pat pcid "
            "pclmulqdq pdpe1gb pge pku pni popcnt pse pse36 rdrand rdseed rdtscp rtm sep smap smep sse sse2 sse4.1 sse4.2 ssse3 syscall "
            "tsc tsc-deadline x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Skylake-Server", 2, .model_id = "Intel Xeon Processor (Skylake, IBRS)", .alias = "Skylake-Server-IBRS",
      .on = "spec-ctrl",
      .off = "clflushopt" },
    { "Skylake-Server", 3, .model_id = "Intel Xeon Processor (Skylake, IBRS, no TSX)", .alias = "Skylake-Server-noTSX-IBRS",
      .off = "hle rtm" },
    { "Skylake-Server", 4, .note = "[IBRS, EPT switching, no TSX]" },
    { "Skylake-Server", 5, .note = "[IBRS, XSAVES, EPT switching, no TSX]",
      .on = "xsaves" },
    { "Snowridge", 1, .vendor = "GenuineIntel", .model_id = "Intel Atom Processor (SnowRidge)", .family = 6, .model = 134, .stepping = 1, .level = 27, .xlevel = 0x80000008,
      .on = "3dnowprefetch aes apic arat arch-capabilities cldemote clflush clflushopt clwb cmov core-capability cx16 cx8 de erms fpu "
            "fsgsbase fxsr gfni hypervisor lahf-lm lm mca mce mmx monitor movbe movdir64b movdiri mpx msr mtrr nx pae pat pclmulqdq "
            "pdpe1gb pge pni popcnt pse pse36 rdrand rdseed rdtscp sep sha-ni smap smep spec-ctrl split-lock-detect ssbd sse sse2 sse4.1 "
            "sse4.2 ssse3 syscall tsc tsc-deadline umip x2apic xgetbv1 xsave xsavec xsaveopt" },
    { "Snowridge", 2, .model_id = "Intel Atom Processor (Snowridge, no MPX)",
      .off = "mpx" },
    { "Snowridge", 3, .note = "[XSAVES, no MPX]",
      .on = "xsaves" },
    { "Snowridge", 4, .note = "[no split lock detect, no core-capability]",
      .off = "core-capability split-lock-detect" },
    { "Westmere", 1, .vendor = "GenuineIntel", .model_id = "Westmere E56xx/L56xx/X56xx (Nehalem-C)", .family = 6, .model = 44, .stepping = 1, .level = 11, .xlevel = 0x80000008,
      .on = "aes apic arat clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pclmulqdq pge pni "
            "popcnt pse pse36 sep sse sse2 sse4.1 sse4.2 ssse3 syscall tsc" },
    { "Westmere", 2, .model_id = "Westmere E56xx/L56xx/X56xx (IBRS update)", .alias = "Westmere-IBRS",
      .on = "spec-ctrl" },
    { "YongFeng", 1, .vendor = "CentaurHauls", .model_id = "Zhaoxin YongFeng Processor", .family = 7, .model = 11, .stepping = 3, .level = 31, .xlevel = 0x80000008, .xlevel2 = 0xc0000001,
      .on = "3dnowprefetch abm ace2 acpi adx aes apic arch-capabilities avx avx2 bmi1 bmi2 clflush cmov cx16 cx8 de f16c fma fpu fsgsbase "
            "fxsr hypervisor invpcid invtsc lahf-lm lm mca mce mds-no mmx monitor movbe msr mtrr nx pae pat pcid pclmulqdq pdpe1gb pge phe "
            "phe-en pku pmm pmm-en pni popcnt pschange-mc-no pse pse36 rdctl-no rdpid rdrand rdseed rdtscp sep sha-ni skip-l1dfl-vmentry "
            "smap smep spec-ctrl ss ssb-no sse sse2 sse4.1 sse4.2 ssse3 syscall tsc tsc-deadline umip x2apic xcrypt xcrypt-en xsave "
            "xsaveopt xstore xstore-en" },
    { "YongFeng", 2, .model = 91 },
    { "athlon", 1, .vendor = "AuthenticAMD", .model_id = "QEMU Virtual CPU version 2.5+", .family = 6, .model = 2, .stepping = 3, .level = 2, .xlevel = 0x80000008,
      .on = "3dnow 3dnowext apic cmov cx8 de fpu fxsr hypervisor mca mce mmx mmxext msr mtrr pae pat pge pse pse36 sep sse sse2 tsc" },
    { "core2duo", 1, .vendor = "GenuineIntel", .model_id = "Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz", .family = 6, .model = 15, .stepping = 11, .level = 10, .xlevel = 0x80000008,
      .on = "acpi apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx monitor msr mtrr nx pae pat pge pni pse pse36 "
            "sep ss sse sse2 ssse3 syscall tsc" },
    { "coreduo", 1, .vendor = "GenuineIntel", .model_id = "Genuine Intel(R) CPU           T2600  @ 2.16GHz", .family = 6, .model = 14, .stepping = 8, .level = 10, .xlevel = 0x80000008,
      .on = "acpi apic clflush cmov cx8 de fpu fxsr hypervisor mca mce mmx monitor msr mtrr nx pae pat pge pni pse sep ss sse sse2 tsc" },
    { "kvm32", 1, .vendor = "GenuineIntel", .model_id = "Common 32-bit KVM processor", .family = 15, .model = 6, .stepping = 1, .level = 5, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx8 de fpu fxsr hypervisor mca mce mmx msr mtrr pae pat pge pni pse pse36 sep sse sse2 tsc" },
    { "kvm64", 1, .vendor = "GenuineIntel", .model_id = "Common KVM processor", .family = 15, .model = 6, .stepping = 1, .level = 13, .xlevel = 0x80000008,
      .on = "apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 syscall "
            "tsc" },
    { "n270", 1, .vendor = "GenuineIntel", .model_id = "Intel(R) Atom(TM) CPU N270   @ 1.60GHz", .family = 6, .model = 28, .stepping = 2, .level = 10, .xlevel = 0x80000008,
      .on = "acpi apic clflush cmov cx8 de fpu fxsr hypervisor lahf-lm mca mce mmx monitor movbe msr mtrr nx pae pat pge pni pse sep ss "
            "sse sse2 ssse3 tsc" },
    { "pentium", 1, .vendor = "GenuineIntel", .family = 5, .model = 4, .stepping = 3, .level = 1,
      .on = "apic cx8 de fpu hypervisor mce mmx msr pse tsc" },
    { "pentium2", 1, .vendor = "GenuineIntel", .family = 6, .model = 5, .stepping = 2, .level = 2,
      .on = "apic cmov cx8 de fpu fxsr hypervisor mca mce mmx msr mtrr pae pat pge pse pse36 sep tsc" },
    { "pentium3", 1, .vendor = "GenuineIntel", .family = 6, .model = 7, .stepping = 3, .level = 3,
      .on = "apic cmov cx8 de fpu fxsr hypervisor mca mce mmx msr mtrr pae pat pge pse pse36 sep sse tsc" },
    { "phenom", 1, .vendor = "AuthenticAMD", .model_id = "AMD Phenom(tm) 9550 Quad-Core Processor", .family = 16, .model = 2, .stepping = 3, .level = 5, .xlevel = 0x8000001a,
      .on = "3dnow 3dnowext abm apic clflush cmov cx16 cx8 de fpu fxsr fxsr-opt hypervisor lahf-lm lm mca mce mmx mmxext monitor msr mtrr "
            "npt nx pae pat pdpe1gb pge pni popcnt pse pse36 rdtscp sep sse sse2 sse4a svm syscall tsc" },
    { "qemu32", 1, .vendor = "GenuineIntel", .model_id = "QEMU Virtual CPU version 2.5+", .family = 6, .model = 6, .stepping = 3, .level = 4, .xlevel = 0x80000004,
      .on = "apic cmov cx8 de fpu fxsr hypervisor mce mmx msr pae pat pge pni pse sep sse sse2 tsc" },
    { "qemu64", 1, .vendor = "AuthenticAMD", .model_id = "QEMU Virtual CPU version 2.5+", .family = 15, .model = 107, .stepping = 1, .level = 13, .xlevel = 0x8000000a,
      .on = "apic clflush cmov cx16 cx8 de fpu fxsr hypervisor lahf-lm lm mca mce mmx msr mtrr nx pae pat pge pni pse pse36 sep sse sse2 "
            "svm syscall tsc" },
};
const unsigned x86_nr_cpu_models = ARRAY_SIZE(x86_cpu_models);
