/*
 * Which vector lengths of SVE a processor has: the properties sve, sve128 to sve2048 and sve-max-vq, and what they mean together.
 *
 * A length that is a power of two cannot be missing below the greatest one (DDI 0487, B1.4.3). Where some are asked for, the greatest of them is the limit, and others than
 * powers of two are there when asked for alone; where none is, all that the model has are but for those that are taken away, and with a power of two goes what is longer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"
#include "util/error.h"

enum { MAX_VQ = ARM_MAX_VL_BYTES / 16, POWERS_OF_TWO = 1 << 0 | 1 << 1 | 1 << 3 | 1 << 7 | 1 << 15 };
static unsigned bits_of(unsigned vq) { return 128 * vq; }
static unsigned highest(uint32_t map) { return 32 - __builtin_clz(map); }

/* ---- properties ---- */

static bool set_length(Object *object, const Property *p, GVariant *value, GError **err)
{
    ArmCpu *cpu = ARM_CPU(object);
    bool on = *PROPERTY_FIELD(object, p, bool) = g_variant_get_boolean(value);
    uint32_t bit = 1u << p->bit;
    cpu->sve_lengths_on = on ? cpu->sve_lengths_on | bit : cpu->sve_lengths_on & ~bit;
    cpu->sve_lengths_off = on ? cpu->sve_lengths_off & ~bit : cpu->sve_lengths_off | bit;
    return true;
}

static bool set_sve(Object *object, const Property *p, GVariant *value, GError **err)
{
    ARM_CPU(object)->prop_sve = g_variant_get_boolean(value);
    ARM_CPU(object)->sve_asked = true;
    return true;
}

static bool set_max_vq(Object *object, const Property *p, GVariant *value, GError **err)
{
    uint64_t vq = g_variant_get_uint64(value);
    if (vq < 1 || vq > MAX_VQ) {
        error_set(err, "unsupported SVE vector length");
        error_set_bare_hint(err, "Valid sve-max-vq in range [1-%u]", MAX_VQ);
        return false;
    }
    ARM_CPU(object)->prop_sve_max_vq = (uint32_t)vq;
    return true;
}

#define LENGTH(bits, n) \
    { .name = "sve" #bits, .kind = &property_kind_bool, .offset = offsetof(ArmCpu, prop_sve_length[n]), .bit = (n), .set = set_length, .flags = PROP_NO_DEFAULT }
/* The last is that of max alone. */
static const Property properties[] = {
    PROP_BOOL("sve", ArmCpu, prop_sve, true, .set = set_sve, .flags = PROP_NO_DEFAULT),
    LENGTH(128, 0), LENGTH(256, 1), LENGTH(384, 2), LENGTH(512, 3), LENGTH(640, 4), LENGTH(768, 5), LENGTH(896, 6), LENGTH(1024, 7),
    LENGTH(1152, 8), LENGTH(1280, 9), LENGTH(1408, 10), LENGTH(1536, 11), LENGTH(1664, 12), LENGTH(1792, 13), LENGTH(1920, 14), LENGTH(2048, 15),
    PROP_UINT32("sve-max-vq", ArmCpu, prop_sve_max_vq, 0, .set = set_max_vq, .flags = PROP_NO_DEFAULT),
};

PropertyTable arm_sve_properties(const ArmModel *m)
{
    return (PropertyTable){ .items = properties, .count = m->sve_lengths ? ARRAY_SIZE(properties) - !m->everything : 0 };
}

/* ---- what they mean ---- */

static bool cannot(GError **err, bool enable, unsigned vq) { return error_set(err, "cannot %s sve%u", enable ? "enable" : "disable", bits_of(vq)); }

static bool check_off(const ArmCpu *cpu, GError **err)
{
    uint32_t wanted = cpu->sve_lengths_on | (cpu->prop_sve_max_vq ? 1u << (cpu->prop_sve_max_vq - 1) : 0);
    if (wanted) {
        cannot(err, true, highest(wanted));
        error_set_bare_hint(err, "SVE must be enabled to enable vector lengths.\nAdd sve=on to the CPU property list.");
        return false;
    }
    return true;
}

static bool check_limit(const ArmCpu *cpu, unsigned limit, GError **err)
{
    if (cpu->sve_lengths_on && highest(cpu->sve_lengths_on) > limit) {
        unsigned vq = highest(cpu->sve_lengths_on);
        cannot(err, true, vq);
        error_set_bare_hint(err, "sve%u is larger than the maximum vector length, sve-max-vq=%u (%u bits)", bits_of(vq), limit, bits_of(limit));
        return false;
    }
    if (cpu->sve_lengths_off >> (limit - 1) & 1) {
        cannot(err, false, limit);
        error_set_bare_hint(err, "The maximum vector length must be enabled, sve-max-vq=%u (%u bits)", limit, bits_of(limit));
        return false;
    }
    return true;
}

static bool check_supported(const ArmCpu *cpu, GError **err)
{
    uint32_t missing = cpu->sve_lengths_on & ~(uint32_t)cpu->model->sve_lengths;
    if (missing) {
        cannot(err, true, highest(missing));
        error_set_bare_hint(err, "This CPU does not support the vector length %u-bits.", bits_of(highest(missing)));
        return false;
    }
    return true;
}

static bool check_required(const ArmCpu *cpu, unsigned limit, GError **err)
{
    uint32_t taken = cpu->sve_lengths_off & POWERS_OF_TWO & (uint32_t)MAKE_MASK(0, limit - 1);
    if (taken) {
        cannot(err, false, highest(taken));
        error_set_bare_hint(err, "sve%u is required as it is a power-of-two length smaller than the maximum, sve%u", bits_of(highest(taken)), bits_of(limit));
        return false;
    }
    return true;
}

/* Nothing is asked for: all that is left. */
static bool lengths_left(const ArmCpu *cpu, uint32_t *map, GError **err)
{
    uint32_t off = cpu->sve_lengths_off & cpu->model->sve_lengths, powers = off & POWERS_OF_TWO;
    if (powers & 1) {
        cannot(err, false, 1);
        error_set_bare_hint(err, "Disabling sve128 results in all vector lengths being disabled.\nWith SVE enabled, at least one vector length must be enabled.");
        return false;
    }
    uint32_t limit = powers ? (powers & -powers) - 1 : UINT32_MAX;
    *map = cpu->model->sve_lengths & ~off & limit;
    return true;
}

static bool choose(const ArmCpu *cpu, uint32_t *map, GError **err)
{
    unsigned limit = cpu->prop_sve_max_vq;
    if ((limit && !check_limit(cpu, limit, err)) || !check_supported(cpu, err)) {
        return false;
    }
    if (!limit && !cpu->sve_lengths_on) {
        return lengths_left(cpu, map, err);
    }
    uint32_t all = limit ? cpu->model->sve_lengths & ~cpu->sve_lengths_off : cpu->sve_lengths_on | (cpu->model->sve_lengths & POWERS_OF_TWO);
    limit = limit ? limit : highest(cpu->sve_lengths_on);
    *map = all & (uint32_t)MAKE_MASK(0, limit);
    return check_required(cpu, limit, err);
}

/* What is done of all that ID_AA64ZFR0_EL1 can tell: SVE2.1, its options and those of SVE2, BFloat16, matrices. */
static const struct { uint8_t shift, most; } parts[] = {
    { 0, 2 } /* SVEver */, { 4, 2 } /* AES */, { 16, 1 } /* BitPerm */, { 20, 2 } /* BF16, EBF16 */, { 24, 1 } /* B16B16 */, { 32, 1 } /* SHA3 */, { 40, 1 } /* SM4 */, { 44, 1 } /* I8MM */,
    { 52, 1 } /* F32MM */, { 56, 1 } /* F64MM */,
};

static void show(ArmCpu *cpu, bool has)
{
    uint64_t all = cpu->model->id->value[ARM_ID_AA64ZFR0], value = 0;
    for (unsigned i = 0; i < ARRAY_SIZE(parts) && has; i++) {
        value = deposit64(value, parts[i].shift, 4, MIN(extract64(all, parts[i].shift, 4), parts[i].most));
    }
    cpu->id.value[ARM_ID_AA64ZFR0] = value;
    cpu->id.value[ARM_ID_AA64PFR0] = deposit64(cpu->id.value[ARM_ID_AA64PFR0], 32, 4, has);
}

bool arm_settle_sve(ArmCpu *cpu, GError **err)
{
    uint32_t map = 0;
    bool has = cpu->prop_sve && cpu->model->sve_lengths;
    if (!cpu->model->sve_lengths && ((cpu->prop_sve && cpu->sve_asked) || cpu->sve_lengths_on || cpu->prop_sve_max_vq)) {
        return error_set(err, "the CPU model %s has no SVE", cpu->model->name);
    }
    if (has ? !choose(cpu, &map, err) : !check_off(cpu, err)) {
        return false;
    }
    for (unsigned i = 0; i < MAX_VQ; i++) {
        cpu->prop_sve_length[i] = map >> i & 1;
    }
    cpu->sve_vq_map = map;
    cpu->sve_max_vq = map ? highest(map) : 0;
    show(cpu, has);
    return true;
}
