/*
 * Making the machine object: its type, its properties, its accelerator and its RAM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup-internal.h"

#include "accel/tcg.h"
#include "softmmu/backend.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>
#include <sys/stat.h>

/* ---- type and properties ---- */

/* Keys of -machine that are the accelerator's. */
static const char *const accel_keys[] = { "kernel-irqchip", "kvm-shadow-mem", "dirty-ring-size", NULL };

static const MachineType *find_type(const Settings *s, GError **err)
{
    const MachineType *type = s->machine_name ? machine_find(s->arch, s->machine_name) : machine_default(s->arch);
    if (!type && s->machine_name) {
        error_set(err, "unsupported machine type: \"%s\"", s->machine_name);
    } else if (!type) {
        error_set(err, "No machine specified, and there is no default");
    }
    if (!type) {
        error_set_bare_hint(err, "Use -machine help to list supported machines");
    }
    return type;
}

static bool set_properties(Settings *s, Machine *m, GError **err)
{
    for (unsigned n = 0; n < s->machine->items->len; n++) {
        const KeyVal *item = s->machine->items->pdata[n];
        if (g_str_equal(item->key, "accel")) {
            continue;
        }
        if (g_strv_contains(accel_keys, item->key)) {
            for (int a = 0; a < 2; a++) {
                g_autofree char *text = g_strdup_printf("%s-accel.%s=%s", a ? "tcg" : "kvm", item->key, item->value);
                g_autofree char *type_name = g_strdup_printf("%s-accel", a ? "tcg" : "kvm");
                const ObjectType *type = object_type_find(type_name);
                if (type && object_type_find_property(type, item->key) && !globals_add(text, err)) {
                    return false;
                }
            }
            continue;
        }
        if (!object_set_text(OBJECT(m), item->key, item->value ? item->value : "on", err)) {
            return false;
        }
    }
    return true;
}

static bool check_kernel_options(const Machine *m, GError **err)
{
    if (m->append && *m->append && !m->kernel) {
        return error_set(err, "-append only allowed with -kernel option");
    }
    if (m->initrd && !m->kernel) {
        return error_set(err, "-initrd only allowed with -kernel option");
    }
    if (m->memory_encryption || m->confidential_guest_support) {
        return error_set(err, "confidential guests are not implemented");
    }
    const struct { const char *name; bool given; } missing[] = {
        { "aux-ram-share", m->auxiliary_ram_share }, { "dt-compatible", m->dt_compatible != NULL },
        { "phandle-start", m->phandle_start != 0 }, { "shim", m->shim != NULL },
    };
    for (size_t n = 0; n < ARRAY_SIZE(missing); n++) {
        if (missing[n].given) {
            return error_set(err, "-machine %s is not implemented", missing[n].name);
        }
    }
    return true;
}

static bool apply_uuid(const Settings *s, Machine *m, GError **err)
{
    if (!s->uuid) {
        return true;
    }
    m->uuid_text = g_strdup(s->uuid);
    m->uuid_set = parse_uuid(s->uuid, m->uuid);
    return m->uuid_set || error_set(err, "-uuid %s: failed to parse UUID string: wrong format", s->uuid);
}

Machine *machine_create(Settings *s, GError **err)
{
    const MachineType *type = find_type(s, err);
    if (!type) {
        return NULL;
    }
    Machine *m = MACHINE(object_new((const ObjectType *)type));
    m->arch = s->arch;
    if (!object_add_child(object_root(), "machine", OBJECT(m), err)) {
        return NULL;
    }
    /* Management tools list these before anything is in them. */
    object_container("/machine/peripheral");
    object_container("/machine/peripheral-anon");
    machine_set_current(m);
    system_memory_init(&m->system_memory);
    globals_set_compat(type->compat);
    m->usb = s->usb;
    m->name = keyvals_get(s->name, "guest");
    m->cpu_model = g_strdup(s->cpu);
    if (s->nographic) {
        m->graphics = false;
    }
    if (!set_properties(s, m, err) || !check_kernel_options(m, err) || !apply_uuid(s, m, err)) {
        return NULL;
    }
    return m;
}

/* ---- accelerator ---- */

bool machine_init_accel(Settings *s, Machine *m, void (*message)(const char *line), GError **err)
{
    g_ptr_array_add(s->accels, NULL);
    AccelRequest request = { .program = s->program, .machine_accel = keyvals_get(s->machine, "accel"), .accel_options = (const char *const *)s->accels->pdata };
    g_autoptr(GPtrArray) candidates = NULL;
    if (s->qtest && s->accels->len == 1 && !request.machine_accel) {
        request.machine_accel = "qtest";
    }
    if (s->qtest) {
        accel_allow_qtest(true);
    }
    tcg_set_perf_map(s->perfmap);
    tcg_set_jit_dump(s->jitdump);
    candidates = accel_resolve(&request, err);
    if (!candidates || !accel_init_first(candidates, s->arch, m, &m->system_memory, message, err)) {
        return false;
    }
    m->accel = accel_current();
    if (!m->cpu_model && !machine_type(m)->no_default_cpu) {
        const char *model = machine_type(m)->default_cpu;
        m->cpu_model = g_strdup(model ? model : s->arch->default_cpu ? s->arch->default_cpu(s->arch, accel_is("kvm")) : NULL);
    }
    return true;
}

/* ---- RAM ---- */

static bool use_backend(Machine *m, Object *object, GError **err)
{
    MemoryBackend *backend = memory_backend_from(object);
    if (!backend) {
        return error_set(err, "'%s' is no memory backend", m->memory_backend);
    }
    if (backend->mapped) {
        return error_set(err, "memory backend '%s' can't be used multiple times.", m->memory_backend);
    }
    m->ram_backend = object;
    m->ram = memory_backend_region(backend);
    memory_backend_set_mapped(backend, true);
    return true;
}

static bool use_named_backend(Settings *s, Machine *m, GError **err)
{
    Object *object = object_find_user(m->memory_backend);
    if (!object) {
        return error_set(err, "Memory backend '%s' not found", m->memory_backend);
    }
    MemoryBackend *backend = memory_backend_from(object);
    if (s->mem_path) {
        return error_set(err, "'-mem-path' can't be used together with '-machine memory-backend'");
    }
    if (backend && keyvals_has(s->memory, "size") && backend->size != m->ram_size) {
        return error_set(err, "Size specified by -m option must match size of explicitly specified 'memory-backend' property");
    }
    if (backend) {
        m->ram_size = backend->size;
        m->max_ram_size = MAX(m->max_ram_size, m->ram_size);
    }
    return use_backend(m, object, err);
}

bool machine_create_ram(Settings *s, Machine *m, GError **err)
{
    const char *id = machine_type(m)->default_ram_id ? machine_type(m)->default_ram_id : "ram";
    if (!numa_apply(s, m, err)) {
        return false;
    }
    if (m->memory_backend) {
        return use_named_backend(s, m, err);
    }
    if (m->ram || !m->ram_size) {       /* made of the nodes' back ends */
        return true;
    }
    GVariantBuilder dict;
    g_variant_builder_init(&dict, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&dict, "{sv}", "size", g_variant_new_uint64(m->ram_size));
    g_variant_builder_add(&dict, "{sv}", "prealloc", g_variant_new_boolean(s->mem_prealloc));
    g_variant_builder_add(&dict, "{sv}", "merge", g_variant_new_boolean(m->mem_merge));
    g_variant_builder_add(&dict, "{sv}", "dump", g_variant_new_boolean(m->dump_guest_core));
    if (s->mem_path) {
        struct stat st;
        if (stat(s->mem_path, &st) < 0) {
            g_variant_builder_clear(&dict);
            return error_set(err, "-mem-path %s: there is no such file or directory", s->mem_path);
        }
        g_variant_builder_add(&dict, "{sv}", "mem-path", g_variant_new_string(s->mem_path));
    }
    g_autoptr(GVariant) properties = g_variant_ref_sink(g_variant_builder_end(&dict));
    Object *object = object_add_user(s->mem_path ? "memory-backend-file" : "memory-backend-ram", id, properties, false, err);
    return object && use_backend(m, object, err);
}
