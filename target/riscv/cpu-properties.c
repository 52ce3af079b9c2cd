/*
 * The properties of the RISC-V processor, and what becomes of the paging modes that the user has named. The messages are the reference's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/cpu-models.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

/* A whole number from any kind of value. */
static bool get_number(const Property *p, GVariant *value, uint64_t maximum, const char *type, uint64_t *number, GError **err)
{
    bool is_signed = g_variant_is_of_type(value, G_VARIANT_TYPE_INT64), is_number = is_signed || g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64);
    if (!is_number) {
        return error_set(err, "Parameter '%s' expects uint64", p->name);
    }
    *number = is_signed ? (uint64_t)g_variant_get_int64(value) : g_variant_get_uint64(value);
    return *number <= maximum || error_set(err, "Parameter '%s' expects %s", p->name, type);
}

/* ---- what models of vendors do not let change ---- */

/* A message's second line. NULL: there is none. */
static bool refuse_vendor(const RiscvCpu *cpu, const Property *p, const char *current, GError **err)
{
    return error_set(err, "CPU '%s' does not allow changing the value of '%s'%s%s%s%s", cpu->model->name, p->name,
                     current ? "\nCurrent '" : "", current ? p->name : "", current ? "' val: " : "", current ? current : "");
}

static bool is_vendor(const RiscvCpu *cpu) { return cpu->model && cpu->model->kind == MODEL_VENDOR; }

/* Blocks of caches, VLEN, ELEN: 16 bits each. */
static bool set_size(Object *object, const Property *p, GVariant *value, GError **err)
{
    uint16_t *home = PROPERTY_FIELD(object, p, uint16_t);
    uint64_t number;
    if (!get_number(p, value, UINT16_MAX, "uint16_t", &number, err)) {
        return false;
    }
    if (number != *home && is_vendor(RISCV_CPU(object))) {
        g_autofree char *current = g_strdup_printf("%u", *home);
        return refuse_vendor(RISCV_CPU(object), p, current, err);
    }
    *home = (uint16_t)number;
    return true;
}

static bool set_vector_length(Object *object, const Property *p, GVariant *value, GError **err)
{
    uint64_t number;
    if (!get_number(p, value, UINT16_MAX, "uint16_t", &number, err)) {
        return false;
    }
    if (!IS_POWER_OF_2(number)) {
        return error_set(err, "Vector extension %s must be power of 2", p->offset == offsetof(RiscvCpu, vlen) ? "VLEN" : "ELEN");
    }
    return set_size(object, p, value, err);
}

static bool set_switch(Object *object, const Property *p, GVariant *value, GError **err)
{
    bool *home = PROPERTY_FIELD(object, p, bool), on = g_variant_get_boolean(value);
    if (on != *home && is_vendor(RISCV_CPU(object))) {
        return refuse_vendor(RISCV_CPU(object), p, NULL, err);
    }
    *home = on;
    return true;
}

static bool set_pmp_regions(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t number;
    if (!get_number(p, value, UINT8_MAX, "uint8_t", &number, err)) {
        return false;
    }
    if (number != cpu->num_pmp_regions && is_vendor(cpu)) {
        return refuse_vendor(cpu, p, NULL, err);
    }
    if (number > RISCV_MAX_PMP) {
        return error_set(err, "Number of PMP regions exceeds maximum available");
    }
    cpu->num_pmp_regions = (uint8_t)number;
    return true;
}

static bool set_pmp_granularity(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t number;
    if (!get_number(p, value, UINT32_MAX, "uint32_t", &number, err)) {
        return false;
    }
    if (number != cpu->pmp_granularity && is_vendor(cpu)) {
        return refuse_vendor(cpu, p, NULL, err);
    }
    if (number < 4 && (number & (number - 1))) {
        return error_set(err, "PMP granularity must be a power of 2 and at least 4");
    }
    cpu->pmp_granularity = (uint32_t)number;
    return true;
}

/* Who made it: users may say so of the generic models alone. */
static bool set_mvendorid(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t number;
    if (!get_number(p, value, UINT32_MAX, "uint32_t", &number, err)) {
        return false;
    }
    if (cpu->model && cpu->model->kind != MODEL_GENERIC && number != cpu->mvendorid) {
        return error_set(err, "Unable to change %s mvendorid (0x%x)", object->type->name, cpu->mvendorid);
    }
    cpu->mvendorid = (uint32_t)number;
    return true;
}

static bool set_identity(Object *object, const Property *p, GVariant *value, GError **err)
{
    const RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t *home = PROPERTY_FIELD(object, p, uint64_t), number;
    if (!get_number(p, value, UINT64_MAX, "uint64", &number, err)) {
        return false;
    }
    if (cpu->model && cpu->model->kind != MODEL_GENERIC && number != *home) {
        return error_set(err, "Unable to change %s %s (0x%" PRIu64 ")", object->type->name, p->name, *home);
    }
    if (p->offset == offsetof(RiscvCpu, marchid) && number == BIT(63) && cpu->xlen == 64) {
        return error_set(err, "Unable to set marchid with MSB (64) bit set and the remaining bits zero");
    }
    *home = number;
    return true;
}

/* ---- extensions, paging, versions ---- */

static bool set_ext(Object *object, const Property *p, GVariant *value, GError **err)
{
    return riscv_user_extension(RISCV_CPU(object), p->bit, g_variant_get_boolean(value), err);
}

static GVariant *get_ext(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_boolean(riscv_ext_in(&RISCV_CPU(object)->ext, p->bit)));
}

static bool set_profile(Object *object, const Property *p, GVariant *value, GError **err)
{
    bool on = g_variant_get_boolean(value);
    *PROPERTY_FIELD(object, p, bool) = on;
    return riscv_user_profile(RISCV_CPU(object), p->name, on, err);
}

/* The deepest paging mode that the guest may use. */
enum { SV_SVBARE, SV_32, SV_39, SV_48, SV_57, SV_64 };
static const struct { const char *name; uint8_t mode; unsigned xlen; } paging[] = {
    { "svbare", SATP_BARE, 0 }, { "sv32", SATP_SV32, 32 }, { "sv39", SATP_SV39, 64 }, { "sv48", SATP_SV48, 64 }, { "sv57", SATP_SV57, 64 }, { "sv64", 11, 64 },
};

static bool set_paging(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint8_t bit = (uint8_t)BIT(p->bit);
    if (paging[p->bit].xlen && paging[p->bit].xlen != cpu->xlen) {
        return error_set(err, "Property '%s.%s' not found", object->type->name, p->name);
    }
    bool on = g_variant_get_boolean(value);
    cpu->sv_on = (uint8_t)((cpu->sv_on & ~bit) | (on ? bit : 0));
    cpu->sv_off = (uint8_t)((cpu->sv_off & ~bit) | (on ? 0 : bit));
    return true;
}

static GVariant *get_paging(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_boolean(RISCV_CPU(object)->max_satp == paging[p->bit].mode));
}

static const char *paging_name(uint8_t mode)
{
    for (unsigned i = SV_32; i < ARRAY_SIZE(paging); i++) {
        if (paging[i].mode == mode) {
            return paging[i].name;
        }
    }
    return "none";
}

/* Below what was turned off. */
static uint8_t paging_below(const RiscvCpu *cpu, unsigned lowest_off)
{
    uint8_t mode = SATP_BARE;
    for (unsigned i = SV_32; i < lowest_off; i++) {
        mode = paging[i].xlen == cpu->xlen ? paging[i].mode : mode;
    }
    return mode;
}

static bool settle_user_paging(RiscvCpu *cpu, GError **err)
{
    if (cpu->sv_on) {
        unsigned highest = 31 - (unsigned)__builtin_clz(cpu->sv_on);
        if (paging[highest].mode > cpu->satp_limit) {
            return error_set(err, "satp_mode %s is higher than hw max capability %s", paging[highest].name, paging_name(cpu->satp_limit));
        }
        unsigned below = cpu->sv_off & (unsigned)MAKE_MASK(1, highest ? highest - 1 : 0);
        if (below) {
            return error_set(err, "cannot disable %s satp mode if %s is enabled", paging[31 - __builtin_clz(below)].name, paging[highest].name);
        }
        cpu->max_satp = paging[highest].mode;
    } else if (cpu->sv_off & ~1u) {
        cpu->max_satp = MIN(cpu->satp_limit, paging_below(cpu, (unsigned)__builtin_ctz(cpu->sv_off & ~1u)));
    }
    return true;
}

bool riscv_settle_paging(RiscvCpu *cpu, GError **err)
{
    if (!settle_user_paging(cpu, err)) {
        return false;
    }
    if (!cpu->sv_on && !cpu->sv_off && cpu->max_satp == SATP_BARE && cpu->satp_limit != SATP_BARE) {
        warn_report("No satp mode set. Defaulting to 'bare'");
    }
    cpu->shown_satp = cpu->max_satp;
    return true;
}

static const struct { const char *name; uint8_t version; } versions[] = { { "v1.10.0", 10 }, { "v1.11.0", 11 }, { "v1.12.0", 12 }, { "v1.13.0", 13 }, { "", 14 } };
uint8_t riscv_privileged_version(const char *name)
{
    for (unsigned i = 0; i < ARRAY_SIZE(versions); i++) {
        if (!strcmp(versions[i].name, name)) {
            return versions[i].version;
        }
    }
    return 0;
}

static const char *version_name(uint8_t version) { return versions[version - 10].name; }

static bool set_priv_spec(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    const char *text = g_variant_get_string(value, NULL);
    uint8_t version = riscv_privileged_version(text);
    if (!version || !*text) {
        return error_set(err, "Unsupported privilege spec version '%s'", text);
    }
    if (version != cpu->priv_version && is_vendor(cpu)) {
        return refuse_vendor(cpu, p, version_name(cpu->priv_version), err);
    }
    cpu->priv_version = version;
    return true;
}

static GVariant *get_priv_spec(const Object *object, const Property *p, GError **err)
{
    uint8_t version = RISCV_CPU(object)->priv_version;
    return g_variant_ref_sink(g_variant_new_string(version ? version_name(version) : ""));
}

static bool set_vext_spec(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (strcmp(g_variant_get_string(value, NULL), "v1.0")) {
        return error_set(err, "Unsupported vector spec version '%s'", g_variant_get_string(value, NULL));
    }
    return property_kind_string.set(object, p, value, err);
}

bool riscv_check_vector(const RiscvCpu *cpu, GError **err)
{
    if (cpu->vlen < 128 || cpu->vlen > 8 * RISCV_MAX_VLEN_BYTES) {
        return error_set(err, "Vector extension implementation only supports VLEN in the range [128, %u]", 8 * RISCV_MAX_VLEN_BYTES);
    }
    if (cpu->elen < 8 || cpu->elen > 64) {
        return error_set(err, "Vector extension implementation only supports ELEN in the range [8, 64]");
    }
    return true;
}

static bool set_big_endian(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (g_variant_get_boolean(value)) {
        return error_set(err, "big-endian RISC-V is not implemented");
    }
    return true;
}

/* ---- counters beside cycle, time and instret, by number or by their bits in the registers ---- */

static bool set_pmu_mask(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t mask;
    if (!get_number(p, value, UINT32_MAX, "uint32_t", &mask, err)) {
        return false;
    }
    if (mask != cpu->pmu_mask && is_vendor(cpu)) {
        g_autofree char *current = g_strdup_printf("%x", cpu->pmu_mask);
        return refuse_vendor(cpu, p, current, err);
    }
    if (__builtin_popcountll(mask) > 29) {
        return error_set(err, "Number of counters exceeds maximum available");
    }
    cpu->pmu_mask = (uint32_t)mask;
    return true;
}

static bool set_pmu_num(Object *object, const Property *p, GVariant *value, GError **err)
{
    RiscvCpu *cpu = RISCV_CPU(object);
    uint64_t number;
    unsigned current = (unsigned)__builtin_popcount(cpu->pmu_mask);
    if (!get_number(p, value, UINT8_MAX, "uint8_t", &number, err)) {
        warn_report("\"pmu-num\" property is deprecated; use \"pmu-mask\"");
        return false;
    }
    if (number != current && is_vendor(cpu)) {
        g_autofree char *text = g_strdup_printf("%u", current);
        return refuse_vendor(cpu, p, text, err);
    }
    if (number > 29) {
        return error_set(err, "Number of counters exceeds maximum available");
    }
    warn_report("\"pmu-num\" property is deprecated; use \"pmu-mask\"");
    cpu->pmu_mask = (uint32_t)MAKE_MASK(3, number);
    return true;
}

static GVariant *get_pmu_num(const Object *object, const Property *p, GError **err)
{
    return g_variant_ref_sink(g_variant_new_uint64((uint64_t)__builtin_popcount(RISCV_CPU(object)->pmu_mask)));
}

/* ---- the table ---- */

static const Property fixed_properties[] = {
    PROP_BOOL("mmu", RiscvCpu, mmu, true, .set = set_switch, .flags = PROP_NO_DEFAULT),
    PROP_BOOL("pmp", RiscvCpu, pmp, true, .set = set_switch, .flags = PROP_NO_DEFAULT),
    PROP_UINT8("num-pmp-regions", RiscvCpu, num_pmp_regions, 16, .set = set_pmp_regions, .flags = PROP_NO_DEFAULT),
    PROP_UINT32("pmp-granularity", RiscvCpu, pmp_granularity, 4, .set = set_pmp_granularity, .flags = PROP_NO_DEFAULT),
    PROP_BOOL("debug", RiscvCpu, debug, true),
    PROP_UINT32("num-triggers", RiscvCpu, num_triggers, 2),
    PROP_UINT32("pmu-mask", RiscvCpu, pmu_mask, 0x7fff8, .set = set_pmu_mask, .flags = PROP_NO_DEFAULT),
    PROP_UINT8("pmu-num", RiscvCpu, pmu_num, 16, .set = set_pmu_num, .get = get_pmu_num, .flags = PROP_NO_DEFAULT),
    PROP_UINT16("vlen", RiscvCpu, vlen, 128, .set = set_vector_length, .flags = PROP_NO_DEFAULT),
    PROP_UINT16("elen", RiscvCpu, elen, 64, .set = set_vector_length, .flags = PROP_NO_DEFAULT),
    PROP_UINT16("cbom_blocksize", RiscvCpu, cbom_blocksize, 64, .set = set_size, .flags = PROP_NO_DEFAULT),
    PROP_UINT16("cboz_blocksize", RiscvCpu, cboz_blocksize, 64, .set = set_size, .flags = PROP_NO_DEFAULT),
    PROP_UINT16("cbop_blocksize", RiscvCpu, cbop_blocksize, 64, .set = set_size, .flags = PROP_NO_DEFAULT),
    PROP_UINT32("mvendorid", RiscvCpu, mvendorid, 0, .set = set_mvendorid, .flags = PROP_NO_DEFAULT),
    PROP_UINT64("marchid", RiscvCpu, marchid, 42, .set = set_identity, .flags = PROP_NO_DEFAULT),
    PROP_UINT64("mimpid", RiscvCpu, mimpid, 0, .set = set_identity, .flags = PROP_NO_DEFAULT),
    PROP_UINT64("resetvec", RiscvCpu, resetvec, 0x1000),
    PROP_UINT64("rnmi-interrupt-vector", RiscvCpu, rnmi_interrupt_vector, 0),
    PROP_UINT64("rnmi-exception-vector", RiscvCpu, rnmi_exception_vector, 0),
    PROP_BOOL("short-isa-string", RiscvCpu, short_isa_string, false),
    PROP_BOOL("start-powered-off", RiscvCpu, start_powered_off, false),
    PROP_BOOL("x-misa-w", RiscvCpu, misa_w, false),
    PROP_BOOL("rvv_ta_all_1s", RiscvCpu, rvv_ta_all_1s, false),
    PROP_BOOL("rvv_ma_all_1s", RiscvCpu, rvv_ma_all_1s, false),
    PROP_BOOL("rvv_vl_half_avl", RiscvCpu, rvv_vl_half_avl, false),
    PROP_BOOL("rvv_vsetvl_x0_vill", RiscvCpu, rvv_vsetvl_x0_vill, false),
    PROP_STRING("priv_spec", RiscvCpu, priv_spec, NULL, .set = set_priv_spec, .get = get_priv_spec, .flags = PROP_NO_DEFAULT),
    PROP_STRING("vext_spec", RiscvCpu, vext_spec, "v1.0", .set = set_vext_spec, .flags = PROP_NO_DEFAULT),
    PROP_BOOL("big-endian", RiscvCpu, big_endian, false, .set = set_big_endian),
    PROP_LINK("memory", RiscvCpu, memory_link, "memory-region"),
};

PropertyTable riscv_cpu_properties(void)
{
    GArray *table = g_array_new(false, true, sizeof(Property));
    g_array_append_vals(table, fixed_properties, ARRAY_SIZE(fixed_properties));
    for (unsigned e = 0; e < RISCV_EXT_COUNT; e++) {
        if (riscv_extensions[e].name && riscv_extensions[e].kind != EXT_FACT) {
            Property p = { .name = riscv_extensions[e].name, .kind = &property_kind_bool, .bit = e, .set = set_ext, .get = get_ext, .flags = PROP_NO_DEFAULT,
                           .offset = offsetof(RiscvCpu, ext_property) + e };
            g_array_append_val(table, p);
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(paging); i++) {
        Property p = { .name = paging[i].name, .kind = &property_kind_bool, .bit = i, .set = set_paging, .get = get_paging, .flags = PROP_NO_DEFAULT,
                       .offset = offsetof(RiscvCpu, user_sv) + i };
        g_array_append_val(table, p);
    }
    for (unsigned i = 0; i < RISCV_NR_PROFILES; i++) {
        Property p = { .name = riscv_profiles[i], .kind = &property_kind_bool, .set = set_profile, .flags = PROP_NO_DEFAULT, .offset = offsetof(RiscvCpu, profile) + i };
        g_array_append_val(table, p);
    }
    PropertyTable result = { .count = table->len };
    result.items = (const Property *)g_array_free(table, false);
    return result;
}
