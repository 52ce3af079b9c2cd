/*
 * From -cpu to a CPU's features: models and their versions, "model,+feature,property=value", what the accelerator takes away and what is said
 * about it, the -cpu help text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "target/i386/cpu-features.h"
#include "target/i386/cpu-models.h"
#include "target/i386/cpuid.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"
#include <inttypes.h>

/* ---- models ---- */

static void set_if_given(uint32_t *field, uint32_t value)
{
    if (value) {
        *field = value;
    }
}

void x86_apply_model(X86Cpu *cpu, const X86CpuModel *model)
{
    const X86CpuModel *first = model - (model->version - 1);
    unsigned family = 0, model_number = 0, stepping = 0;
    for (const X86CpuModel *m = first; m <= model; m++) {
        set_if_given(&family, m->family);
        set_if_given(&model_number, m->model);
        set_if_given(&stepping, m->stepping);
        set_if_given(&cpu->min_level, m->level);
        set_if_given(&cpu->min_xlevel, m->xlevel);
        set_if_given(&cpu->min_xlevel2, m->xlevel2);
        if (m->avx10_version) {
            cpu->avx10_version = m->avx10_version;
        }
        if (m->vendor) {
            g_strlcpy(cpu->vendor, m->vendor, sizeof(cpu->vendor));
        }
        if (m->model_id) {
            g_strlcpy(cpu->model_id, m->model_id, sizeof(cpu->model_id));
        }
        x86_features_change(cpu->features, m->on, true);
        x86_features_change(cpu->features, m->off, false);
    }
    cpu->cpuid_version = x86_make_version(family, model_number, stepping);
    cpu->legacy_cache = !x86_model_has_caches(model);
    cpu->model = model;
}

uint32_t x86_make_version(unsigned family, unsigned model, unsigned stepping)
{
    uint32_t version = family > 15 ? 0xf00 | (family - 15) << 20 : family << 8;
    return version | (model & 15) << 4 | (model >> 4) << 16 | stepping;
}

/* ---- what the accelerator adds and takes away ---- */

static uint64_t supported_features(unsigned word)
{
    return accel_is("kvm") ? x86_kvm_supported_features(word) : x86_tcg_features(word);
}

/* Whether an accelerator decides at all: with none (help, tests) or qtest all features pass. */
static bool accelerator_filters(void)
{
    return accel_is("kvm") || accel_is("tcg");
}

/* What differs from the model by the accelerator unless it was asked for by name. */
static void apply_accelerator_defaults(X86Cpu *cpu)
{
    static const struct { const char *name; bool on; } kvm_defaults[] = {
        { "kvmclock", true }, { "kvm-nopiodelay", true }, { "kvm-asyncpf", true }, { "kvm-steal-time", true }, { "kvm-pv-eoi", true },
        { "kvmclock-stable-bit", true }, { "x2apic", true }, { "acpi", false }, { "monitor", false }, { "svm", false },
    };
    if (!cpu->model) {
        return;
    }
    if (accel_is("kvm")) {
        for (unsigned i = 0; i < ARRAY_SIZE(kvm_defaults); i++) {
            /* x2APIC needs the local APIC in the kernel. */
            bool possible = strcmp(kvm_defaults[i].name, "x2apic") || (supported_features(FEAT_1_ECX) >> 21 & 1);
            if (possible && !x86_feature_is_on(cpu->user_features, kvm_defaults[i].name)) {
                x86_feature_change(cpu->features, kvm_defaults[i].name, kvm_defaults[i].on);
            }
        }
    } else if (accel_is("tcg") && !x86_feature_is_on(cpu->user_features, "svm")) {
        /* The translator has no SVM: models have it, nobody asked for it. */
        static const char *const svm[] = { "svm", "npt", "nrip-save", "vgif", "svme-addr-chk", "vnmi" };
        for (unsigned i = 0; i < ARRAY_SIZE(svm); i++) {
            if (!x86_feature_is_on(cpu->user_features, svm[i])) {
                x86_feature_change(cpu->features, svm[i], false);
            }
        }
    }
}

static void expand_max(X86Cpu *cpu)
{
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        uint64_t supported = accelerator_filters() ? supported_features(word) : x86_tcg_features(word);
        if (word == FEAT_8000_0007_EDX && cpu->migratable && !accel_is("tcg")) {
            supported &= ~BIT(8);       /* an invariant TSC is another host's no more, but that of the translator */
        }
        cpu->features[word] |= supported & ~cpu->user_features[word];
    }
}

/* State components of XSAVE by the feature that brings them. */
static const struct { unsigned component; X86FeatureWord word; unsigned bit; } xsave_components[] = {
    { 2, FEAT_1_ECX, 28 }, { 3, FEAT_7_0_EBX, 14 }, { 4, FEAT_7_0_EBX, 14 }, { 5, FEAT_7_0_EBX, 16 }, { 6, FEAT_7_0_EBX, 16 },
    { 7, FEAT_7_0_EBX, 16 }, { 9, FEAT_7_0_ECX, 3 }, { 17, FEAT_7_0_EDX, 24 }, { 18, FEAT_7_0_EDX, 24 },
};

static void derive_xsave(X86Cpu *cpu)
{
    cpu->features[FEAT_XSAVE_XCR0_LO] = cpu->features[FEAT_XSAVE_XCR0_HI] = 0;
    if (!x86_has(cpu, FEAT_1_ECX, 26)) {
        cpu->features[FEAT_XSAVE] = 0;
        return;
    }
    uint64_t xcr0 = 3;
    for (unsigned i = 0; i < ARRAY_SIZE(xsave_components); i++) {
        if (x86_has(cpu, xsave_components[i].word, xsave_components[i].bit)) {
            xcr0 |= BIT(xsave_components[i].component);
        }
    }
    cpu->features[FEAT_XSAVE_XCR0_LO] = (uint32_t)xcr0;
    cpu->features[FEAT_XSAVE_XCR0_HI] = xcr0 >> 32;
}

static const char *accelerator_name(void)
{
    return accel_is("kvm") ? "host" : "TCG";
}

static void report_missing(unsigned word, uint64_t missing)
{
    for (unsigned bit = 0; bit < 64; bit++) {
        if (missing >> bit & 1) {
            const X86FeatureWordInfo *info = &x86_feature_words[word];
            const char *name = info->names[bit];
            warn_report("%s doesn't support requested feature: %s%s%s [bit %u]", accelerator_name(), info->place, name ? "." : "",
                        name ? name : "", bit);
        }
    }
}

static bool filter(X86Cpu *cpu, GError **err)
{
    bool complete = true;
    if (!accelerator_filters() || cpu->force_features) {
        return true;
    }
    for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
        if (word == FEAT_XSAVE_XCR0_LO || word == FEAT_XSAVE_XCR0_HI || !cpu->features[word]) {
            continue;       /* derived; nothing to ask for */
        }
        uint64_t missing = cpu->features[word] & ~supported_features(word);
        cpu->filtered[word] = missing;
        cpu->features[word] &= ~missing;
        complete &= missing == 0;
        if (cpu->check || cpu->enforce) {
            report_missing(word, missing);
        }
    }
    if (!complete && cpu->enforce) {
        return error_set(err, "%s doesn't support requested features", accel_is("kvm") ? "Host" : "TCG");
    }
    return true;
}

/* ---- levels ---- */

static void raise_level(uint32_t *level, uint32_t to)
{
    if (*level < to) {
        *level = to;
    }
}

static void settle_levels(X86Cpu *cpu)
{
    uint32_t level = cpu->min_level, xlevel = cpu->min_xlevel, xlevel2 = cpu->min_xlevel2, func7 = 0;
    if (cpu->full_cpuid_auto_level) {
        for (unsigned word = 0; word < FEAT_WORD_COUNT; word++) {
            const X86FeatureWordInfo *info = &x86_feature_words[word];
            if (!cpu->features[word] || info->msr || (info->leaf >> 16) == 0x4000) {
                continue;
            }
            raise_level(info->leaf >= 0xc0000000 ? &xlevel2 : info->leaf >= 0x80000000 ? &xlevel : &level, info->leaf);
            if (info->leaf == 7) {
                raise_level(&func7, info->subleaf);
            }
        }
        if (x86_has(cpu, FEAT_7_0_EBX, 25) && cpu->intel_pt_auto_level) {
            raise_level(&level, 0x14);
        }
        if (cpu->nr_dies > 1 || cpu->nr_modules > 1) {
            raise_level(&level, 0x1f);
        }
        if (x86_has(cpu, FEAT_8000_0001_ECX, 2)) {
            raise_level(&xlevel, 0x8000000a);
        }
    }
    cpu->cpuid_level = cpu->want_level == UINT32_MAX ? level : cpu->want_level;
    cpu->cpuid_xlevel = cpu->want_xlevel == UINT32_MAX ? xlevel : cpu->want_xlevel;
    cpu->cpuid_xlevel2 = cpu->want_xlevel2 == UINT32_MAX ? xlevel2 : cpu->want_xlevel2;
    cpu->cpuid_level_func7 = cpu->want_level_func7 == UINT32_MAX ? func7 : cpu->want_level_func7;
    cpu->want_level = cpu->cpuid_level;         /* as the properties show them from now on */
    cpu->want_xlevel = cpu->cpuid_xlevel;
    cpu->want_xlevel2 = cpu->cpuid_xlevel2;
    cpu->want_level_func7 = cpu->cpuid_level_func7;
}

bool x86_expand_features(X86Cpu *cpu, GError **err)
{
    if (object_is_a(&cpu->parent.parent.parent, cpu->is_64bit_binary ? "max-x86_64-cpu" : "max-i386-cpu")) {
        expand_max(cpu);
    }
    apply_accelerator_defaults(cpu);
    if (!filter(cpu, err)) {
        return false;
    }
    derive_xsave(cpu);
    if (!cpu->is_64bit_binary) {
        x86_feature_change(cpu->features, "lm", false);
        x86_feature_change(cpu->features, "syscall", x86_feature_is_on(cpu->user_features, "syscall"));
    }
    /* AMD's leaf repeats what leaf 1 says. */
    if (x86_is_amd(cpu)) {
        cpu->features[FEAT_8000_0001_EDX] &= ~(uint64_t)X86_AMD_ALIASES;
        cpu->features[FEAT_8000_0001_EDX] |= cpu->features[FEAT_1_EDX] & X86_AMD_ALIASES;
    }
    settle_levels(cpu);
    return true;
}

/* ---- the command line ---- */

static char *type_name(const TargetArch *arch, const char *model)
{
    return g_strdup_printf("%s-%s", model, arch->cpu_type);
}

/* Property names may be written with underscores. */
static void with_dashes(char *name)
{
    for (; *name; name++) {
        if (*name == '_') {
            *name = '-';
        }
    }
}

static bool set_option(Object *cpu, const char *key, const char *value, GError **err)
{
    g_autoptr(GError) local = NULL;
    g_autofree char *metric = NULL;
    if (!strcmp(key, "tsc-freq")) {
        uint64_t hertz;
        char *end;
        hertz = g_ascii_strtod(value, &end) * (*end == 'k' || *end == 'K' ? 1e3 : *end == 'M' ? 1e6 : *end == 'G' ? 1e9 : *end == 'T' ? 1e12 : 1);
        if (end == value || (*end && end[1])) {
            return error_set(err, "bad numerical value %s", value);
        }
        metric = g_strdup_printf("%" PRIu64, hertz);
        key = "tsc-frequency";
        value = metric;
    }
    if (object_set_text(cpu, key, value, &local)) {
        return true;
    }
    return error_set(err, "can't apply global %s.%s=%s: %s", cpu->type->name, key, value, local->message);
}

static bool apply_options(Object *cpu, char **options, GError **err)
{
    for (char **option = options; *option; option++) {
        char *text = *option;
        if (*text == '+' || *text == '-') {
            continue;
        }
        char *value = strchr(text, '=');
        if (value) {
            *value++ = 0;
        }
        with_dashes(text);
        if (!set_option(cpu, text, value ? value : "on", err)) {
            return false;
        }
    }
    /* + and - after all others, + first. */
    for (int minus = 0; minus < 2; minus++) {
        for (char **option = options; *option; option++) {
            if (**option == (minus ? '-' : '+')) {
                with_dashes(*option + 1);
                if (!object_set_text(cpu, *option + 1, minus ? "off" : "on", err)) {
                    return false;
                }
            }
        }
    }
    return true;
}

Cpu *x86_new_cpu(const TargetArch *arch, const char *text, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    const char *model = parts[0] ? parts[0] : "";
    g_autofree char *name = type_name(arch, model);
    const ObjectType *type = object_type_find(name);
    if (!type) {
        type = object_type_find(model);     /* the type's name may be given, too */
        if (!type || type->abstract || !object_type_is_a(type, arch->cpu_type)) {
            error_set(err, "unable to find CPU model '%s'", model);
            return NULL;
        }
    }
    Object *cpu = object_new(type);
    if (!object_apply_globals(cpu, err) || (parts[0] && !apply_options(cpu, parts + 1, err))) {
        object_unref(cpu);
        return NULL;
    }
    return CPU(cpu);
}

/* ---- help ---- */

static int compare_lines(const void *a, const void *b)
{
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    size_t n = strcspn(x, " "), m = strcspn(y, " ");
    int order = strncmp(x, y, MIN(n, m));
    return order ? order : (n > m) - (n < m);
}

static void add_line(GPtrArray *lines, const char *name, const char *text)
{
    g_ptr_array_add(lines, g_strdup_printf("%-20s  %s", name, text));
}

void x86_list_cpus(GString *out)
{
    g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
    const char *model_id = "";
    for (unsigned i = 0; i < x86_nr_cpu_models; i++) {
        const X86CpuModel *m = &x86_cpu_models[i];
        g_autofree char *versioned = g_strdup_printf("%s-v%u", m->name, m->version);
        if (m->version == 1) {
            model_id = "";
            add_line(lines, m->name, "(alias configured by machine type)");
        }
        model_id = m->model_id ? m->model_id : model_id;
        g_autofree char *text = m->note ? g_strdup_printf("%s %s", model_id, m->note) : g_strdup(model_id);
        add_line(lines, versioned, text);
        if (m->alias) {
            g_autofree char *alias = g_strdup_printf("(alias of %s)", versioned);
            add_line(lines, m->alias, alias);
        }
    }
    qsort(lines->pdata, lines->len, sizeof(lines->pdata[0]), compare_lines);
    add_line(lines, "base", "base CPU model type with no features enabled");
    add_line(lines, "host", "processor with all supported host features ");
    add_line(lines, "max", "Enables all features supported by the accelerator in the current host");
    g_string_append(out, "Available CPUs:\n");
    for (unsigned i = 0; i < lines->len; i++) {
        g_string_append_printf(out, "  %s\n", (char *)lines->pdata[i]);
    }
    g_string_append(out, "\nRecognized CPUID flags:\n");
    x86_list_flags(out);
    g_string_append_c(out, '\n');
}
