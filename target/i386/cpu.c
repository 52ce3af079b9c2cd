/*
 * The x86 processor as a device: QOM types (a type a model, version and alias), properties, realize.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/cpu.h"
#include "accel/accel.h"
#include "hw/core/machine.h"
#include "hw/i386/apic.h"
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "target/i386/internal.h"
#include "util/error.h"
#include <inttypes.h>

/* ---- properties with a meaning of their own ---- */

static void split_version(uint32_t version, unsigned *family, unsigned *model, unsigned *stepping)
{
    *family = version >> 8 & 15;
    *family += *family == 15 ? version >> 20 & 0xff : 0;
    *model = (version >> 4 & 15) | (version >> 12 & 0xf0);
    *stepping = version & 15;
}

enum { PART_FAMILY, PART_MODEL, PART_STEPPING };
static const unsigned part_maximum[] = { 270, 255, 15 };

static bool set_version_part(Object *object, const Property *p, GVariant *value, GError **err)
{
    X86Cpu *cpu = X86_CPU(object);
    g_autofree char *text = g_variant_print(value, false);
    int64_t number = g_ascii_strtoll(text, NULL, 0);
    if (number < 0 || number > part_maximum[p->bit]) {
        return error_set(err, "Property .%s doesn't take value %" PRId64 " (minimum: 0, maximum: %u)", p->name, number, part_maximum[p->bit]);
    }
    unsigned parts[3];
    split_version(cpu->cpuid_version, &parts[0], &parts[1], &parts[2]);
    parts[p->bit] = number;
    cpu->cpuid_version = x86_make_version(parts[0], parts[1], parts[2]);
    return true;
}

static GVariant *get_version_part(const Object *object, const Property *p, GError **err)
{
    unsigned parts[3];
    split_version(X86_CPU(object)->cpuid_version, &parts[0], &parts[1], &parts[2]);
    return g_variant_ref_sink(g_variant_new_int64(parts[p->bit]));
}

static bool set_vendor(Object *object, const Property *p, GVariant *value, GError **err)
{
    const char *text = g_variant_get_string(value, NULL);
    if (strlen(text) != 12) {
        return error_set(err, "Property '.vendor' doesn't take value '%s'", text);
    }
    g_strlcpy(X86_CPU(object)->vendor, text, sizeof(X86_CPU(object)->vendor));
    return true;
}

static GVariant *get_vendor(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_string(X86_CPU(object)->vendor));
}

static bool set_model_id(Object *object, const Property *p, GVariant *value, GError **err)
{
    g_strlcpy(X86_CPU(object)->model_id, g_variant_get_string(value, NULL), sizeof(X86_CPU(object)->model_id));
    return true;
}

static GVariant *get_model_id(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_string(X86_CPU(object)->model_id));
}

/* The names of features that were asked for and that the accelerator has not. */
static GVariant *get_unavailable(const Object *object, const Property *p, GError **err)
{
    const X86Cpu *cpu = X86_CPU(object);
    GVariantBuilder b;
    g_variant_builder_init(&b, G_VARIANT_TYPE("av"));
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        for (unsigned bit = 0; bit < 64; bit++) {
            const char *name = x86_feature_words[word].names[bit];
            if (name && (cpu->filtered[word] >> bit & 1)) {
                g_variant_builder_add(&b, "v", g_variant_new_string(name));
            }
        }
    }
    return g_variant_ref_sink(g_variant_builder_end(&b));
}

static GVariant *get_words(const Object *object, const Property *p, GError **err)
{
    static const char *const registers[] = { "EAX", "EBX", "ECX", "EDX" };
    const X86Cpu *cpu = X86_CPU(object);
    const uint64_t *words = p->bit ? cpu->filtered : cpu->features;
    GVariantBuilder list, item;
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        const X86FeatureWordInfo *info = &x86_feature_words[word];
        if (info->msr) {
            continue;       /* only words of CPUID have a place in this list */
        }
        g_variant_builder_init(&item, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&item, "{sv}", "cpuid-register", g_variant_new_string(registers[info->reg]));
        g_variant_builder_add(&item, "{sv}", "cpuid-input-eax", g_variant_new_int64(info->leaf));
        if (info->has_subleaf) {
            g_variant_builder_add(&item, "{sv}", "cpuid-input-ecx", g_variant_new_int64(info->subleaf));
        }
        g_variant_builder_add(&item, "{sv}", "features", g_variant_new_int64((uint32_t)words[word]));
        g_variant_builder_add(&list, "v", g_variant_builder_end(&item));
    }
    return g_variant_ref_sink(g_variant_builder_end(&list));
}

/* Hyper-V enlightenments: bits of X86Cpu.hyperv_features, given to the guest by KVM alone. */
static const char *const hyperv_names[] = {
    "hv-relaxed", "hv-vapic", "hv-vpindex", "hv-runtime", "hv-crash", "hv-time", "hv-synic", "hv-stimer", "hv-frequencies",
    "hv-reenlightenment", "hv-tlbflush", "hv-evmcs", "hv-ipi", "hv-stimer-direct", "hv-avic", "hv-syndbg", "hv-emsr-bitmap",
    "hv-xmm-input", "hv-tlbflush-ext", "hv-tlbflush-direct", "hv-reset",
};

/* The plain kinds under the names that introspection has for these properties. */
static PropertyKind kind_int, kind_string;

static const Property fixed_properties[] = {
    { .name = "family", .kind = &kind_int, .bit = PART_FAMILY, .set = set_version_part, .get = get_version_part, .flags = PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_property) },
    { .name = "model", .kind = &kind_int, .bit = PART_MODEL, .set = set_version_part, .get = get_version_part, .flags = PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_property) },
    { .name = "stepping", .kind = &kind_int, .bit = PART_STEPPING, .set = set_version_part, .get = get_version_part,
      .flags = PROP_NO_DEFAULT, .offset = offsetof(X86Cpu, scratch_property) },
    { .name = "vendor", .kind = &kind_string, .set = set_vendor, .get = get_vendor, .flags = PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_string) },
    { .name = "model-id", .kind = &kind_string, .set = set_model_id, .get = get_model_id, .flags = PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_string) },
    { .name = "unavailable-features", .kind = &property_kind_string_list, .get = get_unavailable, .flags = PROP_READ_ONLY | PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_list) },
    { .name = "feature-words", .kind = &property_kind_string_list, .get = get_words, .flags = PROP_READ_ONLY | PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_list) },
    { .name = "filtered-features", .kind = &property_kind_string_list, .bit = 1, .get = get_words, .flags = PROP_READ_ONLY | PROP_NO_DEFAULT,
      .offset = offsetof(X86Cpu, scratch_list) },
    PROP_BOOL("check", X86Cpu, check, true),
    PROP_BOOL("enforce", X86Cpu, enforce, false),
    PROP_BOOL("x-force-features", X86Cpu, force_features, false),
    PROP_BOOL("kvm", X86Cpu, expose_kvm, true),
    PROP_BOOL("tcg-cpuid", X86Cpu, expose_tcg, true),
    PROP_BOOL("vmware-cpuid-freq", X86Cpu, vmware_cpuid_freq, true),
    PROP_BOOL("pmu", X86Cpu, pmu, false),
    PROP_BOOL("lmce", X86Cpu, lmce, false),
    PROP_BOOL("l3-cache", X86Cpu, l3_cache, true),
    PROP_BOOL("host-phys-bits", X86Cpu, host_phys_bits, false),
    PROP_UINT8("host-phys-bits-limit", X86Cpu, host_phys_bits_limit, 0),
    PROP_BOOL("fill-mtrr-mask", X86Cpu, fill_mtrr_mask, true),
    PROP_BOOL("cpuid-0xb", X86Cpu, cpuid_0xb, true),
    PROP_BOOL("legacy-cache", X86Cpu, legacy_cache, true),
    PROP_BOOL("full-cpuid-auto-level", X86Cpu, full_cpuid_auto_level, true),
    PROP_BOOL("kvm-pv-enforce-cpuid", X86Cpu, kvm_pv_enforce_cpuid, false),
    PROP_BOOL("host-cache-info", X86Cpu, host_cache_info, false),
    PROP_BOOL("x-vendor-cpuid-only", X86Cpu, vendor_cpuid_only, true),
    PROP_BOOL("x-amd-topoext-features-only", X86Cpu, amd_topoext_features_only, true),
    PROP_BOOL("x-intel-pt-auto-level", X86Cpu, intel_pt_auto_level, true),
    PROP_BOOL("x-l1-cache-per-thread", X86Cpu, l1_cache_per_thread, true),
    PROP_BOOL("x-migrate-smi-count", X86Cpu, migrate_smi_count, true),
    PROP_BOOL("x-hv-synic-kvm-only", X86Cpu, hyperv_synic_kvm_only, false),
    PROP_BOOL("xen-vapic", X86Cpu, xen_vapic, false),
    PROP_BOOL("start-powered-off", X86Cpu, start_powered_off, false),
    PROP_UINT32("phys-bits", X86Cpu, phys_bits, 0),
    PROP_UINT32("guest-phys-bits", X86Cpu, guest_phys_bits, UINT32_MAX),
    PROP_UINT32("level", X86Cpu, want_level, UINT32_MAX),
    PROP_UINT32("xlevel", X86Cpu, want_xlevel, UINT32_MAX),
    PROP_UINT32("xlevel2", X86Cpu, want_xlevel2, UINT32_MAX),
    PROP_UINT32("level-func7", X86Cpu, want_level_func7, UINT32_MAX),
    PROP_UINT32("min-level", X86Cpu, min_level, 0),
    PROP_UINT32("min-xlevel", X86Cpu, min_xlevel, 0),
    PROP_UINT32("min-xlevel2", X86Cpu, min_xlevel2, 0),
    PROP_UINT64("ucode-rev", X86Cpu, ucode_rev, 0),
    PROP_UINT8("avx10-version", X86Cpu, avx10_version, 0),
    PROP_UINT64("lbr-fmt", X86Cpu, lbr_format, UINT64_C(0xffffffffffffffc0)),
    PROP_UINT64("lbr_fmt", X86Cpu, lbr_format, UINT64_C(0xffffffffffffffc0)),
    { .name = "tsc-frequency", .kind = &kind_int, .offset = offsetof(X86Cpu, tsc_frequency), .flags = PROP_NO_DEFAULT },
    PROP_UINT32("apic-id", X86Cpu, apic_id, UINT32_MAX),
    PROP_INT32("node-id", X86Cpu, node_id, -1),
    PROP_INT32("socket-id", X86Cpu, socket_id, -1),
    PROP_INT32("die-id", X86Cpu, die_id, -1),
    PROP_INT32("module-id", X86Cpu, module_id, -1),
    PROP_INT32("core-id", X86Cpu, core_id, -1),
    PROP_INT32("thread-id", X86Cpu, thread_id, -1),
    PROP_LINK("memory", X86Cpu, memory_link, "memory-region"),
    PROP_UINT32("hv-spinlocks", X86Cpu, hv_spinlock_attempts, UINT32_MAX),
    PROP_STRING("hv-vendor-id", X86Cpu, hv_vendor_id, NULL),
    PROP_BOOL("hv-passthrough", X86Cpu, hyperv_passthrough, false),
    PROP_BOOL("hv-enforce-cpuid", X86Cpu, hyperv_enforce_cpuid, false),
    PROP_ON_OFF_AUTO("hv-no-nonarch-coresharing", X86Cpu, hyperv_no_nonarch_coresharing, ON_OFF_AUTO_OFF),
    PROP_INT32("x-hv-max-vps", X86Cpu, hyperv_max_vps, -1),
    PROP_UINT32("hv-version-id-build", X86Cpu, hyperv_build, 14393),
    PROP_UINT16("hv-version-id-major", X86Cpu, hyperv_major, 10),
    PROP_UINT16("hv-version-id-minor", X86Cpu, hyperv_minor, 0),
    PROP_UINT32("hv-version-id-spack", X86Cpu, hyperv_spack, 0),
    PROP_UINT8("hv-version-id-sbranch", X86Cpu, hyperv_sbranch, 0),
    PROP_UINT32("hv-version-id-snumber", X86Cpu, hyperv_snumber, 0),
};

static const Property max_properties[] = {
    PROP_BOOL("migratable", X86Cpu, migratable, true),
};

static PropertyTable make_properties(void)
{
    kind_int = property_kind_int64;
    kind_int.name = "int";
    kind_string = property_kind_string;
    kind_string.name = "string";
    GArray *table = g_array_new(false, true, sizeof(Property));
    g_array_append_vals(table, fixed_properties, ARRAY_SIZE(fixed_properties));
    for (unsigned i = 0; i < ARRAY_SIZE(hyperv_names); i++) {
        Property p = PROP_BIT64("", X86Cpu, hyperv_features, 0, false);
        p.name = hyperv_names[i];
        p.bit = i;
        g_array_append_val(table, p);
    }
    Property apicv = PROP_BIT64("hv-apicv", X86Cpu, hyperv_features, 14, false);     /* another name of hv-avic */
    g_array_append_val(table, apicv);
    x86_feature_properties(table);
    PropertyTable result = { .count = table->len };
    result.items = (const Property *)g_array_free(table, false);
    return result;
}

/* ---- init ---- */

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Under KVM a guest sees the host's maker, whatever the model: some instructions differ. */
static void host_vendor(X86Cpu *cpu)
{
    uint32_t eax, ebx, ecx, edx;
    __cpuid(0, eax, ebx, ecx, edx);
    memcpy(cpu->vendor, &ebx, 4);
    memcpy(cpu->vendor + 4, &edx, 4);
    memcpy(cpu->vendor + 8, &ecx, 4);
}

/* What the host's processor says of itself, for models that follow it under KVM. */
static void describe_host(X86Cpu *cpu)
{
    uint32_t eax, ebx, ecx, edx;
    host_vendor(cpu);
    __cpuid(1, eax, ebx, ecx, edx);
    cpu->cpuid_version = eax & 0x0fff0fff;
    __cpuid(0x80000000, eax, ebx, ecx, edx);
    for (unsigned i = 0; i < 3 && eax >= 0x80000004; i++) {
        uint32_t text[4];
        __cpuid(0x80000002 + i, text[0], text[1], text[2], text[3]);
        memcpy(cpu->model_id + 16 * i, text, 16);
    }
    cpu->model_id[48] = 0;
    cpu->host_phys_bits = true;
    x86_kvm_host_levels(&cpu->min_level, &cpu->min_xlevel, &cpu->min_xlevel2);
}
#else
static void host_vendor(X86Cpu *cpu)
{
}

static void describe_host(X86Cpu *cpu)
{
}
#endif

static void cpu_init(Object *object)
{
    X86Cpu *cpu = X86_CPU(object);
    cpu->is_64bit_binary = object_is_a(object, "x86_64-cpu");
    cpu->parent.arch = cpu->is_64bit_binary ? &x86_64_target : &i386_target;
    cpu->walk_cache_epoch = 1;
    cpu->exception = cpu->old_exception = -1;
    cpu->a20_mask = UINT64_MAX;
    cpu->df = 1;
    cpu->nr_dies = cpu->nr_modules = cpu->nr_cores = cpu->nr_threads = 1;
    const X86CpuModel *model = object->type->class_data;
    if (model) {
        x86_apply_model(cpu, model);
        if (accel_is("kvm")) {
            host_vendor(cpu);
        }
    }
}

static void max_init(Object *object)
{
    X86Cpu *cpu = X86_CPU(object);
    if (accel_is("kvm")) {
        describe_host(cpu);
        return;
    }
    g_strlcpy(cpu->vendor, "AuthenticAMD", sizeof(cpu->vendor));
    g_strlcpy(cpu->model_id, "QEMU TCG CPU version 2.5+", sizeof(cpu->model_id));
    cpu->cpuid_version = cpu->is_64bit_binary ? x86_make_version(15, 107, 1) : x86_make_version(6, 6, 3);
    cpu->min_level = 13;
    cpu->min_xlevel = 0x8000000a;
}

static void cpu_finalize(Object *object)
{
    g_free(X86_CPU(object)->xsave_buffer);
}

/* ---- realize ---- */

static unsigned bits_for(unsigned count)
{
    return count <= 1 ? 0 : 32 - __builtin_clz(count - 1);
}

uint32_t x86_apic_id(const X86Cpu *cpu, unsigned index)
{
    unsigned thread_bits = bits_for(cpu->nr_threads), core_bits = bits_for(cpu->nr_cores), module_bits = bits_for(cpu->nr_modules);
    unsigned die_bits = bits_for(cpu->nr_dies);
    unsigned thread = index % cpu->nr_threads, core = index / cpu->nr_threads % cpu->nr_cores;
    unsigned modules = index / (cpu->nr_threads * cpu->nr_cores), module = modules % cpu->nr_modules;
    unsigned dies = modules / cpu->nr_modules, die = dies % cpu->nr_dies, socket = dies / cpu->nr_dies;
    return thread | core << thread_bits | module << (thread_bits + core_bits) | die << (thread_bits + core_bits + module_bits)
        | socket << (thread_bits + core_bits + module_bits + die_bits);
}

static void take_topology(X86Cpu *cpu)
{
    const Machine *machine = machine_current();
    if (machine && machine->smp.cpus) {
        cpu->nr_dies = MAX(machine->smp.dies, 1);
        cpu->nr_modules = MAX(machine->smp.modules, 1);
        cpu->nr_cores = MAX(machine->smp.cores, 1);
        cpu->nr_threads = MAX(machine->smp.threads, 1);
    }
    if (cpu->nr_dies * cpu->nr_modules * cpu->nr_cores * cpu->nr_threads > 1) {
        cpu->features[FEAT_1_EDX] |= BIT(28);
        if (x86_is_amd(cpu) && cpu->nr_cores * cpu->nr_threads > 1) {
            cpu->features[FEAT_8000_0001_ECX] |= BIT(1);        /* CmpLegacy */
        }
    }
    if (cpu->apic_id == UINT32_MAX) {
        cpu->apic_id = x86_apic_id(cpu, cpu->parent.index);
    }
    int64_t *t = cpu->parent.topology;
    int64_t ids[] = { cpu->node_id, -1, -1, cpu->socket_id, cpu->die_id, cpu->module_id, cpu->core_id, cpu->thread_id };
    memcpy(t, ids, sizeof(ids));
}

#if defined(__x86_64__) || defined(__i386__)
static unsigned host_physical_bits(void)
{
    uint32_t eax, ebx, ecx, edx;
    return __get_cpuid(0x80000008, &eax, &ebx, &ecx, &edx) ? eax & 0xff : 36;
}
#else
static unsigned host_physical_bits(void)
{
    return 40;
}
#endif

static bool settle_physical_bits(X86Cpu *cpu, GError **err)
{
    bool long_mode = x86_has(cpu, FEAT_8000_0001_EDX, 29);
    if (!long_mode) {
        if (cpu->phys_bits) {
            return error_set(err, "phys-bits is not user-configurable in 32 bit");
        }
        cpu->phys_bits = x86_has(cpu, FEAT_1_EDX, 17) ? 36 : 32;
        return true;
    }
    if (cpu->host_phys_bits && accel_is("kvm")) {
        cpu->phys_bits = host_physical_bits();
        if (cpu->host_phys_bits_limit && cpu->phys_bits > cpu->host_phys_bits_limit) {
            cpu->phys_bits = cpu->host_phys_bits_limit;
        }
    }
    if (!cpu->phys_bits) {
        cpu->phys_bits = 40;
    }
    if (cpu->phys_bits > 52 || cpu->phys_bits < 32) {
        return error_set(err, "phys-bits should be between 32 and 52  (but is %u)", cpu->phys_bits);
    }
    return true;
}

static void settle_machine_check(X86Cpu *cpu)
{
    bool has_mce = x86_has(cpu, FEAT_1_EDX, 7) && x86_has(cpu, FEAT_1_EDX, 14) && (cpu->cpuid_version >> 8 & 15) >= 6;
    if (has_mce) {
        cpu->mcg_cap = BIT(24) | BIT(8) | X86_MCE_BANKS | (cpu->lmce ? BIT(27) : 0);
        cpu->mcg_ctl = UINT64_MAX;
        for (unsigned bank = 0; bank < X86_MCE_BANKS; bank++) {
            cpu->mce_banks[4 * bank] = UINT64_MAX;
        }
    }
}

bool x86_settle_model(X86Cpu *cpu, GError **err)
{
    take_topology(cpu);
    if (!x86_expand_features(cpu, err) || !settle_physical_bits(cpu, err)) {
        return false;
    }
    if (!cpu->ucode_rev) {
        cpu->ucode_rev = x86_is_amd(cpu) ? 0x01000065 : UINT64_C(0x100000000);
    }
    settle_machine_check(cpu);
    return true;
}

static bool cpu_realize(Device *dev, GError **err)
{
    X86Cpu *cpu = X86_CPU(dev);
    const Machine *machine = machine_current();
    if (object_is_a(&dev->parent, cpu->is_64bit_binary ? "host-x86_64-cpu" : "host-i386-cpu") && !accel_is("kvm")) {
        return error_set(err, "CPU model 'host' requires KVM or HVF");
    }
    if (cpu->hyperv_features && !accel_is("kvm")) {
        warn_report("Hyper-V enlightenments need KVM: this guest does not see them");
    }
    if (!x86_settle_model(cpu, err)) {
        return false;
    }
    if (machine && !cpu->parent.memory) {
        cpu->parent.memory = (AddressSpace *)&machine->system_memory.memory_space;
        cpu->parent.io = (AddressSpace *)&machine->system_memory.io_space;
    }
    if (machine && (x86_has(cpu, FEAT_1_EDX, 9) || cpu->nr_cores * cpu->nr_threads > 1) && !cpu->apic
        && !apic_create(&cpu->parent, cpu->apic_id, &cpu->apic, err)) {
        return false;
    }
    x86_cpu_reset_state(cpu);
    return true;
}

static void cpu_reset_device(Device *dev)
{
    x86_cpu_reset_state(X86_CPU(dev));
}

/* ---- types ---- */

static const StateField cpu_state_fields[] = {
    { .name = "regs", .kind = STATE_KIND_UINT64, .offset = offsetof(X86Cpu, regs), .size = 8, .count = 16 },
    STATE_UINT64(X86Cpu, pc),
    STATE_UINT16(X86Cpu, flags),
    STATE_UINT32(X86Cpu, df),
    STATE_UINT32(X86Cpu, eflags),
    { .name = "ymm", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, ymm), .size = sizeof(((X86Cpu *)0)->ymm), .count = 1 },
    { .name = "fpr", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, fpr), .size = sizeof(((X86Cpu *)0)->fpr), .count = 1 },
    STATE_UINT32(X86Cpu, mxcsr),
    STATE_UINT16(X86Cpu, fpu_control),
    STATE_UINT16(X86Cpu, fpu_status),
    STATE_UINT32(X86Cpu, fpu_top),
    STATE_UINT8_ARRAY(X86Cpu, fpu_empty),
    STATE_UINT32(X86Cpu, fpu_opcode), STATE_UINT32(X86Cpu, fpu_cs), STATE_UINT32(X86Cpu, fpu_ds), STATE_UINT64(X86Cpu, fpu_ip), STATE_UINT64(X86Cpu, fpu_dp),
    STATE_UINT32(X86Cpu, fpu_pending), STATE_BOOL(X86Cpu, fpu_error_raised), STATE_BOOL(X86Cpu, fpu_ignore_errors),
    { .name = "segs", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, segs), .size = sizeof(((X86Cpu *)0)->segs), .count = 1 },
    { .name = "ldt", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, ldt), .size = sizeof(SegmentCache), .count = 1 },
    { .name = "tr", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, tr), .size = sizeof(SegmentCache), .count = 1 },
    { .name = "gdt", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, gdt), .size = sizeof(DescriptorTable), .count = 1 },
    { .name = "idt", .kind = STATE_KIND_BUFFER, .offset = offsetof(X86Cpu, idt), .size = sizeof(DescriptorTable), .count = 1 },
    STATE_UINT64_ARRAY(X86Cpu, cr),
    STATE_UINT64_ARRAY(X86Cpu, dr),
    STATE_UINT64(X86Cpu, efer), STATE_UINT64(X86Cpu, star), STATE_UINT64(X86Cpu, lstar), STATE_UINT64(X86Cpu, cstar),
    STATE_UINT64(X86Cpu, fmask), STATE_UINT64(X86Cpu, kernel_gs_base), STATE_UINT64(X86Cpu, sysenter_cs),
    STATE_UINT64(X86Cpu, sysenter_esp), STATE_UINT64(X86Cpu, sysenter_eip), STATE_UINT64(X86Cpu, tsc_aux),
    STATE_UINT64(X86Cpu, tsc_offset), STATE_UINT64(X86Cpu, tsc_adjust), STATE_UINT64(X86Cpu, tsc_deadline), STATE_UINT64(X86Cpu, pat),
    STATE_UINT64(X86Cpu, misc_enable), STATE_UINT64(X86Cpu, xcr0), STATE_UINT32(X86Cpu, pkru), STATE_UINT64(X86Cpu, pkrs),
    STATE_UINT64_ARRAY(X86Cpu, mtrr_fixed),
    STATE_UINT64(X86Cpu, mtrr_def_type),
    STATE_UINT64(X86Cpu, mcg_status), STATE_UINT64(X86Cpu, mcg_ctl), STATE_UINT64_ARRAY(X86Cpu, mce_banks),
    STATE_UINT32(X86Cpu, smm), STATE_UINT64(X86Cpu, smbase), STATE_UINT32(X86Cpu, inhibit_irq), STATE_BOOL(X86Cpu, nmi_blocked),
    STATE_BOOL(X86Cpu, a20_mask_off), STATE_UINT64(X86Cpu, a20_mask), STATE_BOOL(X86Cpu, shutdown),
};

static void register_type(const char *name, const char *parent, const X86CpuModel *model, const DeviceType *base)
{
    DeviceType *type = g_memdup2(base, sizeof(*base));
    type->name = name;
    type->parent = parent;
    type->class_data = model;
    object_type_register((const ObjectType *)type);
}

static void register_models(const char *family)
{
    DeviceType leaf = { .size = 0, .category = DEVICE_CPU, .user_creatable = true };
    for (unsigned i = 0; i < x86_nr_cpu_models; i++) {
        const X86CpuModel *m = &x86_cpu_models[i];
        register_type(g_strdup_printf("%s-v%u-%s", m->name, m->version, family), family, m, &leaf);
        if (m->version == 1) {
            register_type(g_strdup_printf("%s-%s", m->name, family), family, m, &leaf);
        }
        if (m->alias) {
            register_type(g_strdup_printf("%s-%s", m->alias, family), family, m, &leaf);
        }
    }
    register_type(g_strdup_printf("base-%s", family), family, NULL, &leaf);
    DeviceType max = leaf;
    max.init = max_init;
    max.properties = (PropertyTable)PROPERTIES(max_properties);
    const char *max_name = g_strdup_printf("max-%s", family);
    register_type(max_name, family, NULL, &max);
    register_type(g_strdup_printf("host-%s", family), max_name, NULL, &leaf);
}

static void __attribute__((constructor)) register_x86_cpus(void)
{
    DeviceType base = {
        .size = sizeof(X86Cpu), .abstract = true, .category = DEVICE_CPU, .properties = make_properties(),
        .state = STATE(cpu_state_fields, .version = 1), .init = cpu_init, .finalize = cpu_finalize, .realize = cpu_realize,
        .reset = cpu_reset_device,
    };
    static const char *const x86_64[] = { "x86_64", NULL }, *const i386[] = { "i386", NULL };
    base.targets = x86_64;
    register_type("x86_64-cpu", "cpu", NULL, &base);
    base.targets = i386;
    register_type("i386-cpu", "cpu", NULL, &base);
    register_models("x86_64-cpu");
    register_models("i386-cpu");
}
