/*
 * Harts of one kind, made together.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hart-array.h"

#include "target/riscv.h"
#include "util/error.h"
#include "util/keyval.h"

enum { HART_ARRAY_MAX = 4096 };

/* ---- lists of numbers: "1,3-5" ---- */

typedef struct Span { uint64_t first, last; } Span;

static bool parse_span(const char *word, Span *span)
{
    g_auto(GStrv) ends = g_strsplit(word, "-", 2);
    int64_t negative;
    if (*word == '-' && parse_int64(word, &negative)) {
        span->first = span->last = (uint64_t)negative;
        return true;
    }
    if (!ends[0] || !parse_uint64(ends[0], &span->first) || !parse_uint64(ends[1] ? ends[1] : ends[0], &span->last)) {
        return false;
    }
    return span->first <= span->last && span->last - span->first < HART_ARRAY_MAX;
}

/* The n-th of a list, if there is one; false, too, for what is no list. */
static bool number_of_list(const char *text, uint64_t n, uint64_t *number)
{
    g_auto(GStrv) words = g_strsplit(text ? text : "", ",", -1);
    Span span;
    for (char **word = words; *word && parse_span(*word, &span); word++) {
        if (n <= span.last - span.first) {
            *number = span.first + n;
            return true;
        }
        n -= span.last - span.first + 1;
    }
    return false;
}

static bool is_list(const char *text)
{
    g_auto(GStrv) words = g_strsplit(text, ",", -1);
    char **word = words;
    while (*word && parse_span(*word, &(Span){ 0 })) {
        word++;
    }
    return !*word;
}

static bool set_list(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!is_list(g_variant_get_string(value, NULL))) {
        return error_set(err, "Parameter 'null' expects list of uint64 values or ranges");
    }
    return property_kind_string.set(object, p, value, err);
}

/* What the list has for the hart; where it ends, the hart's own stays. */
static bool set_vector(Cpu *hart, const char *property, const char *list, uint32_t n, GError **err)
{
    uint64_t address;
    if (!number_of_list(list, n, &address)) {
        return true;
    }
    if (!riscv_hart_has(hart, "smrnmi")) {
        warn_report("%s property is ignored because Smrnmi extension is not enabled.", property);
        return true;
    }
    return object_set_uint(OBJECT(hart), property, address, err);
}

/* ---- the harts ---- */

static bool create_hart(RiscvHartArray *array, Machine *machine, uint32_t n, GError **err)
{
    Cpu *cpu = machine->arch->new_cpu(machine->arch, machine->cpu_model, err);
    if (!cpu) {
        return false;
    }
    uint32_t id = array->hartid_base + n;
    g_autofree char *name = g_strdup_printf("harts[%u]", n);
    riscv_hart_set_id(cpu, id);
    riscv_hart_set_guest_files(cpu, array->guest_files);
    if (array->has_imsic && (!object_set_bool(OBJECT(cpu), "smaia", true, err) || !object_set_bool(OBJECT(cpu), "ssaia", true, err))) {
        return false;
    }
    if (!object_set_uint(OBJECT(cpu), "resetvec", array->resetvec, err) || !object_add_child(OBJECT(array), name, OBJECT(cpu), err)) {
        return false;
    }
    if (!set_vector(cpu, "rnmi-interrupt-vector", array->rnmi_interrupt_vector, n, err)
        || !set_vector(cpu, "rnmi-exception-vector", array->rnmi_exception_vector, n, err)) {
        return false;
    }
    array->harts[n] = cpu;
    return device_realize(DEVICE(cpu), NULL, err);
}

static bool hart_array_realize(Device *dev, GError **err)
{
    RiscvHartArray *array = (RiscvHartArray *)dev;
    if (!array->num_harts || array->num_harts > HART_ARRAY_MAX) {
        return error_set(err, "riscv.hart_array: num-harts is %u; it must be 1 to %d", array->num_harts, HART_ARRAY_MAX);
    }
    array->harts = g_new0(Cpu *, array->num_harts);
    for (uint32_t n = 0; n < array->num_harts; n++) {
        if (!create_hart(array, machine_current(), n, err)) {
            return false;
        }
    }
    return true;
}

static void hart_array_finalize(Object *object) { g_free(((RiscvHartArray *)object)->harts); }

static const Property hart_array_properties[] = {
    PROP_UINT32("num-harts", RiscvHartArray, num_harts, 1), PROP_UINT32("hartid-base", RiscvHartArray, hartid_base, 0),
    PROP_STRING("cpu-type", RiscvHartArray, cpu_type, NULL), PROP_UINT64("resetvec", RiscvHartArray, resetvec, 0x1000),
    PROP_STRING("rnmi-interrupt-vector", RiscvHartArray, rnmi_interrupt_vector, NULL, .set = set_list),
    PROP_STRING("rnmi-exception-vector", RiscvHartArray, rnmi_exception_vector, NULL, .set = set_list),
};
static const DeviceType hart_array = {
    .name = "riscv.hart_array", .parent = "sys-bus-device", .size = sizeof(RiscvHartArray), .properties = PROPERTIES(hart_array_properties),
    .realize = hart_array_realize, .finalize = hart_array_finalize,
};
REGISTER_DEVICE(hart_array)

RiscvHartArray *riscv_hart_array_create(Machine *machine, const char *name, const RiscvHartArrayConfig *config, GError **err)
{
    RiscvHartArray *array = (RiscvHartArray *)device_new("riscv.hart_array");
    g_auto(GStrv) model = g_strsplit(machine->cpu_model, ",", 2);
    array->num_harts = config->num_harts;
    array->hartid_base = config->hartid_base;
    array->resetvec = config->resetvec;
    array->has_imsic = config->has_imsic;
    array->guest_files = config->guest_files;
    array->cpu_type = g_strdup_printf("%s-riscv-cpu", model[0]);
    return object_add_child(OBJECT(machine), name, OBJECT(array), err) && device_realize(DEVICE(array), NULL, err) ? array : NULL;
}
