/*
 * What CPUID answers.
 *
 * Intel SDM volume 2, CPUID; AMD APM volume 3, appendix E. A leaf above the highest answers as the highest basic one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/i386/apic.h"
#include "target/i386/cpu-models.h"
#include "target/i386/cpuid.h"
#include "util/bits.h"

typedef struct Registers { uint32_t eax, ebx, ecx, edx; } Registers;

/* ---- topology ---- */

static unsigned bits_for(unsigned count)
{
    return count <= 1 ? 0 : 32 - __builtin_clz(count - 1);
}

/* Widths of the APIC id's fields, from the thread up to the package. */
typedef struct Topology { unsigned core_shift, module_shift, die_shift, package_shift, threads_per_package; } Topology;

static Topology topology(const X86Cpu *cpu)
{
    Topology t = { .core_shift = bits_for(cpu->nr_threads) };
    t.module_shift = t.core_shift + bits_for(cpu->nr_cores);
    t.die_shift = t.module_shift + bits_for(cpu->nr_modules);
    t.package_shift = t.die_shift + bits_for(cpu->nr_dies);
    t.threads_per_package = cpu->nr_threads * cpu->nr_cores * cpu->nr_modules * cpu->nr_dies;
    return t;
}

/* ---- caches ---- */

typedef struct Cache { uint8_t type, level; uint32_t kib; uint16_t ways; uint16_t sets; uint8_t flags; } Cache;
enum { CACHE_DATA = 1, CACHE_CODE = 2, CACHE_UNIFIED = 3 };
enum { CACHE_NO_INVALIDATE_SHARING = 1, CACHE_INCLUSIVE = 2, CACHE_COMPLEX = 4 };
enum { L1D, L1I, L2, L3, NR_CACHES };

static const Cache intel_caches[NR_CACHES] = {
    [L1D] = { CACHE_DATA, 1, 32, 8, 64, CACHE_NO_INVALIDATE_SHARING }, [L1I] = { CACHE_CODE, 1, 32, 8, 64, CACHE_NO_INVALIDATE_SHARING },
    [L2] = { CACHE_UNIFIED, 2, 4096, 16, 4096, CACHE_NO_INVALIDATE_SHARING },
    [L3] = { CACHE_UNIFIED, 3, 16384, 16, 16384, CACHE_INCLUSIVE | CACHE_COMPLEX },
};
static const Cache amd_legacy_caches[NR_CACHES] = {
    [L1D] = { CACHE_DATA, 1, 64, 2, 512, CACHE_NO_INVALIDATE_SHARING }, [L1I] = { CACHE_CODE, 1, 64, 2, 512, CACHE_NO_INVALIDATE_SHARING },
    [L2] = { CACHE_UNIFIED, 2, 512, 16, 512, 0 }, [L3] = { CACHE_UNIFIED, 3, 16384, 16, 16384, CACHE_INCLUSIVE | CACHE_COMPLEX },
};

/* AMD's server processors since Zen, by the beginning of the model's name. */
static const struct { const char *prefix; uint32_t l1i_kib, l2_kib, l3_kib; uint16_t l1i_ways, l2_flags; } zen_caches[] = {
    { "EPYC-Rome", 32, 512, 16384, 8, 0 }, { "EPYC-Milan", 32, 512, 32768, 8, 0 }, { "EPYC-Genoa", 32, 1024, 32768, 8, 0 },
    { "EPYC", 64, 512, 8192, 4, 0 }, { "Dhyana", 64, 512, 8192, 4, 0 },
};

bool x86_model_has_caches(const X86CpuModel *model)
{
    for (unsigned i = 0; i < ARRAY_SIZE(zen_caches); i++) {
        if (g_str_has_prefix(model->name, zen_caches[i].prefix)) {
            return true;
        }
    }
    return false;
}

static void find_caches(const X86Cpu *cpu, Cache caches[NR_CACHES])
{
    memcpy(caches, x86_is_amd(cpu) ? amd_legacy_caches : intel_caches, sizeof(intel_caches));
    for (unsigned i = 0; cpu->model && !cpu->legacy_cache && i < ARRAY_SIZE(zen_caches); i++) {
        if (g_str_has_prefix(cpu->model->name, zen_caches[i].prefix)) {
            uint32_t l1i_kib = zen_caches[i].l1i_kib, l2 = zen_caches[i].l2_kib, l3 = zen_caches[i].l3_kib;
            caches[L1D] = (Cache){ CACHE_DATA, 1, 32, 8, 64, CACHE_NO_INVALIDATE_SHARING };
            caches[L1I] = (Cache){ CACHE_CODE, 1, l1i_kib, zen_caches[i].l1i_ways, l1i_kib * 16 / zen_caches[i].l1i_ways,
                                   CACHE_NO_INVALIDATE_SHARING };
            caches[L2] = (Cache){ CACHE_UNIFIED, 2, l2, 8, l2 * 2, zen_caches[i].l2_flags };
            caches[L3] = (Cache){ CACHE_UNIFIED, 3, l3, 16, l3, CACHE_INCLUSIVE | CACHE_COMPLEX };
            return;
        }
    }
}

/* Leaf 4 and 0x8000001d: deterministic cache parameters. sharing: highest thread number that shares it. */
static Registers cache_parameters(const Cache *c, uint32_t sharing)
{
    return (Registers){ .eax = c->type | c->level << 5 | BIT(8) | sharing << 14, .ebx = 63 | (c->ways - 1u) << 22, .ecx = c->sets - 1u,
                        .edx = c->flags };
}

static Registers leaf_4(const X86Cpu *cpu, const Cache caches[NR_CACHES], uint32_t subleaf)
{
    static const uint8_t order[] = { L1D, L1I, L2, L3 };
    if (subleaf >= ARRAY_SIZE(order) || (subleaf == 3 && !cpu->l3_cache)) {
        return (Registers){ 0 };
    }
    Topology t = topology(cpu);
    /* The reference's name for it is odd: off is the old way, a level 1 cache for each thread. */
    bool own = subleaf < 2 && !cpu->l1_cache_per_thread;
    uint32_t sharing = own ? 0 : subleaf == 3 ? (1u << t.die_shift) - 1 : (1u << t.core_shift) - 1;
    Registers r = cache_parameters(&caches[order[subleaf]], sharing);
    uint32_t cores = (1u << (t.package_shift - t.core_shift)) - 1;
    r.eax |= cores << 26;
    return r;
}

/* Associativity as leaf 0x80000006 encodes it. */
static uint32_t ways_code(unsigned ways)
{
    static const struct { uint8_t ways, code; } codes[] = { { 2, 2 }, { 4, 4 }, { 8, 6 }, { 16, 8 }, { 32, 10 }, { 48, 11 }, { 64, 12 } };
    for (unsigned i = 0; i < ARRAY_SIZE(codes); i++) {
        if (codes[i].ways == ways) {
            return codes[i].code;
        }
    }
    return 0;
}

/* What AMD's leaves 5, 6 report for all others: the old description of caches, whatever the model. */
static Registers leaf_8000_0005(const Cache caches[NR_CACHES])
{
    const Cache *d = &caches[L1D], *i = &caches[L1I];
    return (Registers){ .eax = 0x01ff01ff, .ebx = 0x01ff01ff, .ecx = d->kib << 24 | (uint32_t)d->ways << 16 | 0x140,
                        .edx = i->kib << 24 | (uint32_t)i->ways << 16 | 0x140 };
}

static Registers leaf_8000_0006(const X86Cpu *cpu, const Cache caches[NR_CACHES])
{
    uint32_t l3 = cpu->l3_cache ? (caches[L3].kib / 512) << 18 | ways_code(caches[L3].ways) << 12 | 0x140 : 0;
    return (Registers){ .ebx = 0x42004200, .ecx = caches[L2].kib << 16 | ways_code(caches[L2].ways) << 12 | 0x140, .edx = l3 };
}

static bool has_topology_extensions(const X86Cpu *cpu)
{
    return x86_has(cpu, FEAT_8000_0001_ECX, 22) || !cpu->amd_topoext_features_only;
}

static Registers leaf_8000_001d(const X86Cpu *cpu, const Cache caches[NR_CACHES], uint32_t subleaf)
{
    if (!has_topology_extensions(cpu) || subleaf >= NR_CACHES || (subleaf == 3 && !cpu->l3_cache)) {
        return (Registers){ 0 };
    }
    Topology t = topology(cpu);
    return cache_parameters(&caches[subleaf], subleaf == 3 ? (1u << t.die_shift) - 1 : cpu->nr_threads - 1);
}

/* ---- extended topology ---- */

static Registers leaf_b(const X86Cpu *cpu, uint32_t subleaf)
{
    Topology t = topology(cpu);
    Registers r = { .ecx = subleaf & 0xff, .edx = cpu->apic_id };
    if (!cpu->cpuid_0xb) {
        return (Registers){ 0 };
    }
    if (subleaf == 0) {
        r.eax = t.core_shift;
        r.ebx = cpu->nr_threads;
        r.ecx |= 1 << 8;
    } else if (subleaf == 1) {
        r.eax = t.package_shift;
        r.ebx = t.threads_per_package;
        r.ecx |= 2 << 8;
    }
    return r;
}

/* Leaf 0x1f: like 0xb with modules and dies where there are any. */
static Registers leaf_1f(const X86Cpu *cpu, uint32_t subleaf)
{
    Topology t = topology(cpu);
    if (cpu->nr_dies < 2 && cpu->nr_modules < 2) {
        return (Registers){ 0 };
    }
    struct { uint32_t shift, threads, type; } levels[4];
    unsigned n = 0, threads = cpu->nr_threads;
    levels[n].shift = t.core_shift;
    levels[n].threads = threads;
    levels[n++].type = 1;
    threads *= cpu->nr_cores;
    levels[n].shift = t.module_shift;
    levels[n].threads = threads;
    levels[n++].type = 2;
    if (cpu->nr_modules > 1) {
        threads *= cpu->nr_modules;
        levels[n].shift = t.die_shift;
        levels[n].threads = threads;
        levels[n++].type = 3;
    }
    if (cpu->nr_dies > 1) {
        levels[n].shift = t.package_shift;
        levels[n].threads = threads * cpu->nr_dies;
        levels[n++].type = 5;
    } else {
        levels[n - 1].shift = t.package_shift;
    }
    Registers r = { .ecx = subleaf & 0xff, .edx = cpu->apic_id };
    if (subleaf < n) {
        r.eax = levels[subleaf].shift;
        r.ebx = levels[subleaf].threads;
        r.ecx |= levels[subleaf].type << 8;
    }
    return r;
}

static Registers leaf_8000_001e(const X86Cpu *cpu)
{
    if (!has_topology_extensions(cpu)) {
        return (Registers){ 0 };
    }
    Topology t = topology(cpu);
    uint32_t core = (cpu->apic_id & MAKE_MASK(0, t.package_shift)) >> t.core_shift;
    uint32_t node = cpu->apic_id >> t.die_shift;
    return (Registers){ .eax = cpu->apic_id, .ebx = core | (cpu->nr_threads - 1) << 8, .ecx = node | (cpu->nr_dies - 1) << 8 };
}

/* ---- XSAVE ---- */

typedef struct XsaveComponent { uint32_t size, offset; bool align64; } XsaveComponent;
static const XsaveComponent xsave_components[] = {
    [2] = { 0x100, 0x240 }, [3] = { 0x40, 0x3c0 }, [4] = { 0x40, 0x400 }, [5] = { 0x40, 0x440 }, [6] = { 0x200, 0x480 },
    [7] = { 0x400, 0x680 }, [9] = { 8, 0xa80 }, [17] = { 0x40, 0xac0, true }, [18] = { 0x2000, 0xb00, true },
};

uint32_t x86_xsave_size(uint64_t components)
{
    uint32_t size = 0x240;
    for (unsigned i = 2; i < ARRAY_SIZE(xsave_components); i++) {
        if (components >> i & 1) {
            size = MAX(size, xsave_components[i].offset + xsave_components[i].size);
        }
    }
    return size;
}

uint32_t x86_xsave_offset(uint64_t components, unsigned component)
{
    uint32_t offset = 0x240;
    for (unsigned i = 2; i <= component; i++) {
        const XsaveComponent *c = &xsave_components[i];
        if (components >> i & 1 || i == component) {
            offset = c->align64 ? ROUND_UP(offset, 64) : offset;
            offset += i < component ? c->size : 0;
        }
    }
    return offset;
}

uint32_t x86_xsave_compacted_size(uint64_t components)
{
    uint32_t size = 0x240;
    for (unsigned i = 2; i < ARRAY_SIZE(xsave_components); i++) {
        if (components >> i & 1) {
            size = x86_xsave_offset(components, i) + xsave_components[i].size;
        }
    }
    return size;
}

static Registers leaf_d(const X86Cpu *cpu, uint32_t subleaf)
{
    uint64_t supported = cpu->features[FEAT_XSAVE_XCR0_LO] | cpu->features[FEAT_XSAVE_XCR0_HI] << 32;
    if (!x86_has(cpu, FEAT_1_ECX, 26)) {
        return (Registers){ 0 };
    }
    if (subleaf == 0) {
        return (Registers){ .eax = supported, .ebx = x86_xsave_size(cpu->xcr0), .ecx = x86_xsave_size(supported), .edx = supported >> 32 };
    }
    if (subleaf == 1) {
        return (Registers){ .eax = cpu->features[FEAT_XSAVE], .ebx = x86_xsave_compacted_size(cpu->xcr0 | cpu->xss) };
    }
    if (subleaf < ARRAY_SIZE(xsave_components) && (supported >> subleaf & 1)) {
        const XsaveComponent *c = &xsave_components[subleaf];
        return (Registers){ .eax = c->size, .ebx = c->offset, .ecx = c->align64 ? 2 : 0 };
    }
    return (Registers){ 0 };
}

/* ---- leaves ---- */

static uint32_t text_word(const char *text, unsigned n)
{
    uint32_t word = 0;
    for (unsigned i = 0; i < 4; i++) {
        word |= (uint32_t)(uint8_t)text[4 * n + i] << 8 * i;
    }
    return word;
}

static Registers leaf_0(const X86Cpu *cpu, uint32_t highest)
{
    return (Registers){ .eax = highest, .ebx = text_word(cpu->vendor, 0), .edx = text_word(cpu->vendor, 1), .ecx = text_word(cpu->vendor, 2) };
}

static Registers leaf_1(const X86Cpu *cpu)
{
    Topology t = topology(cpu);
    Registers r = { .eax = cpu->cpuid_version, .ebx = cpu->apic_id << 24 | 8 << 8, .ecx = cpu->features[FEAT_1_ECX], .edx = cpu->features[FEAT_1_EDX] };
    if (t.threads_per_package > 1) {
        r.ebx |= t.threads_per_package << 16;
    }
    if (cpu->cr[4] & CR4_OSXSAVE) {
        r.ecx |= BIT(27);
    }
    return r;
}

static Registers leaf_7(const X86Cpu *cpu, uint32_t subleaf)
{
    const uint64_t *f = cpu->features;
    switch (subleaf) {
    case 0:
        return (Registers){ .eax = cpu->cpuid_level_func7, .ebx = f[FEAT_7_0_EBX], .edx = f[FEAT_7_0_EDX],
                            .ecx = f[FEAT_7_0_ECX] | (cpu->cr[4] & CR4_PKE ? BIT(4) : 0) };
    case 1:
        return (Registers){ .eax = f[FEAT_7_1_EAX], .edx = f[FEAT_7_1_EDX] };
    case 2:
        return (Registers){ .edx = f[FEAT_7_2_EDX] };
    default:
        return (Registers){ 0 };
    }
}

static Registers brand(const X86Cpu *cpu, unsigned part)
{
    const char *text = cpu->model_id + 16 * part;
    return (Registers){ text_word(text, 0), text_word(text, 1), text_word(text, 2), text_word(text, 3) };
}

static Registers leaf_8000_0008(const X86Cpu *cpu)
{
    Topology t = topology(cpu);
    bool long_mode = x86_has(cpu, FEAT_8000_0001_EDX, 29);
    uint32_t virtual_bits = !long_mode ? 0 : x86_has(cpu, FEAT_7_0_ECX, 16) ? 57 << 8 : 48 << 8;
    uint32_t guest_bits = cpu->guest_phys_bits != UINT32_MAX ? cpu->guest_phys_bits << 16 : 0;
    Registers r = { .eax = cpu->phys_bits | virtual_bits | guest_bits, .ebx = cpu->features[FEAT_8000_0008_EBX] };
    if (t.threads_per_package > 1) {
        r.ecx = t.package_shift << 12 | (t.threads_per_package - 1);
    }
    return r;
}

/* Leaves of AMX: tile palette and multiplier. */
static Registers leaf_amx(const X86Cpu *cpu, uint32_t leaf, uint32_t subleaf)
{
    if (!x86_has(cpu, FEAT_7_0_EDX, 24)) {
        return (Registers){ 0 };
    }
    if (leaf == 0x1e) {
        return subleaf == 0 ? (Registers){ .ebx = 0x4010 } : (Registers){ 0 };
    }
    return subleaf == 0 ? (Registers){ .eax = 1 }
        : subleaf == 1 ? (Registers){ .eax = 1024u << 16 | 8192, .ebx = 8u << 16 | 64, .ecx = 16 } : (Registers){ 0 };
}

static Registers hypervisor_leaf(const X86Cpu *cpu, uint32_t leaf)
{
    static const char tcg_signature[] = "TCGTCGTCGTCG";
    if (!accel_is("tcg") || !cpu->expose_tcg || leaf != 0x40000000) {
        return (Registers){ 0 };    /* KVM's leaves are made by target/i386/kvm */
    }
    return (Registers){ 0x40000001, text_word(tcg_signature, 0), text_word(tcg_signature, 1), text_word(tcg_signature, 2) };
}

static Registers basic_leaf(const X86Cpu *cpu, uint32_t leaf, uint32_t subleaf)
{
    Cache caches[NR_CACHES];
    /* Leaves 2 and 4 are Intel's. */
    bool intel_style = !x86_is_amd(cpu) || !cpu->vendor_cpuid_only;
    switch (leaf) {
    case 0:
        return leaf_0(cpu, cpu->cpuid_level);
    case 1:
        return leaf_1(cpu);
    case 2:
        return intel_style ? (Registers){ .eax = 1, .ecx = cpu->l3_cache ? 0x4d : 0, .edx = 0x002c307d } : (Registers){ 0 };
    case 4:
        find_caches(cpu, caches);
        return intel_style ? leaf_4(cpu, caches, subleaf) : (Registers){ 0 };
    case 5:
        return (Registers){ .ecx = 3 };     /* MWAIT: interrupts end it, extensions enumerated; the line's size (64) is not told, as by the reference */
    case 6:
        return (Registers){ .eax = cpu->features[FEAT_6_EAX] };
    case 7:
        return leaf_7(cpu, subleaf);
    case 0xb:
        return leaf_b(cpu, subleaf);
    case 0xd:
        return leaf_d(cpu, subleaf);
    case 0x1d: case 0x1e:
        return leaf_amx(cpu, leaf, subleaf);
    case 0x1f:
        return leaf_1f(cpu, subleaf);
    case 0x24:
        return subleaf == 0 && x86_has(cpu, FEAT_7_1_EDX, 19)
            ? (Registers){ .ebx = cpu->features[FEAT_24_0_EBX] | cpu->avx10_version } : (Registers){ 0 };
    default:
        return (Registers){ 0 };
    }
}

static Registers extended_leaf(const X86Cpu *cpu, uint32_t leaf, uint32_t subleaf)
{
    Cache caches[NR_CACHES];
    const uint64_t *f = cpu->features;
    find_caches(cpu, caches);
    if (!x86_is_amd(cpu)) {
        memcpy(caches, amd_legacy_caches, sizeof(caches));
    }
    switch (leaf) {
    case 0x80000000:
        return leaf_0(cpu, cpu->cpuid_xlevel);
    case 0x80000001:
        return (Registers){ .eax = cpu->cpuid_version, .ecx = f[FEAT_8000_0001_ECX], .edx = f[FEAT_8000_0001_EDX] };
    case 0x80000002: case 0x80000003: case 0x80000004:
        return brand(cpu, leaf - 0x80000002);
    case 0x80000005:
        return leaf_8000_0005(caches);
    case 0x80000006:
        return leaf_8000_0006(cpu, caches);
    case 0x80000007:
        return (Registers){ .ebx = f[FEAT_8000_0007_EBX], .edx = f[FEAT_8000_0007_EDX] };
    case 0x80000008:
        return leaf_8000_0008(cpu);
    case 0x8000000a:
        return x86_has(cpu, FEAT_8000_0001_ECX, 2) ? (Registers){ .eax = 1, .ebx = 0x10, .edx = f[FEAT_SVM] } : (Registers){ 0 };
    case 0x8000001d:
        return leaf_8000_001d(cpu, caches, subleaf);
    case 0x8000001e:
        return leaf_8000_001e(cpu);
    case 0x80000021:
        return (Registers){ .eax = f[FEAT_8000_0021_EAX], .ebx = f[FEAT_8000_0021_EBX] };
    case 0x80000022:
        return (Registers){ .eax = f[FEAT_8000_0022_EAX] };
    case 0xc0000000:
        return (Registers){ .eax = cpu->cpuid_xlevel2 };
    case 0xc0000001:
        return (Registers){ .edx = f[FEAT_C000_0001_EDX] };
    default:
        return (Registers){ 0 };
    }
}

void x86_cpuid(X86Cpu *cpu, uint32_t leaf, uint32_t subleaf, uint32_t *eax, uint32_t *ebx, uint32_t *ecx, uint32_t *edx)
{
    uint32_t highest = leaf >= 0xc0000000 ? cpu->cpuid_xlevel2 : leaf >= 0x80000000 ? cpu->cpuid_xlevel
        : leaf >= 0x40000000 ? 0x40000001 : cpu->cpuid_level;
    if (leaf > highest) {
        leaf = cpu->cpuid_level;
    }
    Registers r = leaf >= 0x80000000 ? extended_leaf(cpu, leaf, subleaf) : leaf >= 0x40000000 ? hypervisor_leaf(cpu, leaf)
        : basic_leaf(cpu, leaf, subleaf);
    *eax = r.eax;
    *ebx = r.ebx;
    *ecx = r.ecx;
    *edx = r.edx;
}
