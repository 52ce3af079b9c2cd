/*
 * The accelerator "tcg": vCPUs run by translated code. Its type and properties, and the making of vCPUs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/store.h"
#include "accel/tcg.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <string.h>

/* A program for another host has the interpreter alone. */
#pragma weak tcg_backend_x86_64

TcgAccel *tcg_accel;

enum { THREAD_DEFAULT, THREAD_SINGLE, THREAD_MULTI };
enum { BACKEND_DEFAULT, BACKEND_INTERP, BACKEND_X86_64 };
static const char *const backend_names[] = { "default", "interp", "x86_64", NULL };
static const EnumNames backend_enum = { "TcgBackend", backend_names };

/* ---- properties ---- */

static bool set_thread(Object *object, const Property *p, GVariant *value, GError **err)
{
    TcgAccel *t = (TcgAccel *)object;
    const char *text = g_variant_is_of_type(value, G_VARIANT_TYPE_STRING) ? g_variant_get_string(value, NULL) : "";
    if (!strcmp(text, "multi")) {
        t->thread = THREAD_MULTI;
    } else if (!strcmp(text, "single")) {
        t->thread = THREAD_SINGLE;
    } else {
        return error_set(err, "Invalid 'thread' setting %s", text);
    }
    return true;
}

static GVariant *get_thread(const Object *object, const Property *p, GError **err)
{
    const TcgAccel *t = (const TcgAccel *)object;
    return g_variant_new_string(t->thread == THREAD_SINGLE ? "single" : "multi");
}

static bool set_one_insn(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!property_kind_bool.set(object, p, value, err)) {
        return false;
    }
    TcgAccel *t = (TcgAccel *)object;
    if (t == tcg_accel) {
        tcg_set_one_insn_per_tb(t->one_insn);
    }
    return true;
}

static const Property tcg_properties[] = {
    { .name = "thread", .description = "single or multi: one thread for all vCPUs or one each", .kind = &property_kind_string,
      .offset = offsetof(TcgAccel, thread_text), .type_name = "string", .set = set_thread, .get = get_thread, .flags = PROP_NO_DEFAULT },
    PROP_UINT32("tb-size", TcgAccel, tb_size_mib, 0, .description = "translation buffer size in MiB", .type_name = "int"),
    PROP_BOOL("split-wx", TcgAccel, split_wx, true, .description = "map translated code twice, writable and executable"),
    PROP_BOOL("one-insn-per-tb", TcgAccel, one_insn, false, .description = "translate one guest instruction at a time", .set = set_one_insn,
              .flags = PROP_ANY_TIME),
    PROP_STRING("cache", TcgAccel, cache, "off", .description = "keep translated code on disk: on, off or a directory"),
    PROP_UINT32("x-refuse-above", TcgAccel, refuse_above, 0, .flags = PROP_HIDDEN),
    PROP_BOOL("x-count-helpers", TcgAccel, count_helpers, false, .flags = PROP_HIDDEN),
    PROP_ENUM("x-backend", TcgAccel, backend_choice, backend_enum, BACKEND_DEFAULT, .flags = PROP_HIDDEN),
};

/* Units of the other kind go, so that what was translated before does not stay. */
void tcg_set_one_insn_per_tb(bool on)
{
    TcgAccel *t = tcg_accel;
    if (!t) {
        return;
    }
    g_mutex_lock(&t->code_lock);
    t->one_insn = on;
    units_drop_all(t);
    g_mutex_unlock(&t->code_lock);
}

bool tcg_one_insn_per_tb(void)
{
    return tcg_accel && tcg_accel->one_insn;
}

/* ---- starting ---- */

static bool tcg_supports(const TargetArch *arch)
{
    return arch && arch->tcg;
}

static const TcgBackend *choose_backend(const TcgAccel *t)
{
    const TcgBackend *interp = &tcg_backend_interp, *native = &tcg_backend_x86_64;
    switch (t->backend_choice) {
    case BACKEND_INTERP:
        return interp;
    case BACKEND_X86_64:
        return native;
    default:
        return native ? native : interp;
    }
}

static void code_written(uint64_t ram_addr, uint64_t size)
{
    units_invalidate(ram_addr, size);
}

/* Pointers for writing without tracking that vCPUs keep go; what was written by them meanwhile counts as written. */
static void dirty_cleared(uint64_t ram_addr, uint64_t size)
{
    TcgAccel *t = tcg_accel;
    if (!t) {
        return;
    }
    g_mutex_lock(&t->code_lock);
    for (unsigned i = 0; i < t->vcpus->len; i++) {
        vcpu_request_downgrade(t->vcpus->pdata[i], ram_addr, ram_addr + size - 1, true);
    }
    g_mutex_unlock(&t->code_lock);
}

static void view_changed(MemoryListener *l)
{
    TcgAccel *t = tcg_accel;
    Cpu *self = cpu_current();
    g_mutex_lock(&t->code_lock);
    for (unsigned i = 0; i < t->vcpus->len; i++) {
        TcgVcpu *v = t->vcpus->pdata[i];
        if (v->cpu != self) {
            vcpu_request(v, PENDING_FLUSH);
        }
    }
    g_mutex_unlock(&t->code_lock);
    if (self && self->accel) {
        tcg_tlb_flush_all(self);
    }
}

static bool tcg_start(Accel *accel, GError **err)
{
    TcgAccel *t = (TcgAccel *)accel;
    t->target = accel->arch->tcg;
    t->backend = choose_backend(t);
    if (!t->backend) {
        return error_set(err, "this program has no back end '%s' of the translator", backend_names[t->backend_choice]);
    }
    if (!t->split_wx) {
        return error_set(err, "split-wx=off is not implemented: memory of translated code is never writable and executable at once");
    }
    if (t->count_helpers && t->cache && strcmp(t->cache, "off")) {
        return error_set(err, "x-count-helpers=on and cache= do not go together: what is on disk does not count");
    }
    if (t->count_helpers && t->backend->count_helpers) {
        t->backend->count_helpers();
    }
    g_mutex_init(&t->code_lock);
    t->vcpus = g_ptr_array_new();
    t->helpers = g_hash_table_new(NULL, NULL);
    if (!cache_init(t, err)) {
        return false;
    }
    units_init(t);
    if (!t->backend->init(&t->stubs, t->target, err)) {
        return false;
    }
    if (t->cache && strcmp(t->cache, "off") && !store_open(t, t->cache, err)) {
        return false;
    }
    if (!profile_open(t, err)) {
        return false;
    }
    tcg_accel = t;
    accel->single_thread = t->thread == THREAD_SINGLE;
    ram_set_code_write_hook(code_written);
    ram_set_dirty_clear_hook(dirty_cleared);
    if (accel->system_memory) {
        t->listener = (MemoryListener){ .name = "tcg", .commit = view_changed };
        memory_listener_register(&t->listener, &accel->system_memory->memory_space);
    }
    return true;
}

static void tcg_run_state_changed(Accel *accel, bool running)
{
    if (!running) {
        store_flush((TcgAccel *)accel);
    }
}

/* ---- vCPUs ---- */

static bool tcg_vcpu_create(Accel *accel, Cpu *cpu, GError **err)
{
    TcgAccel *t = (TcgAccel *)accel;
    cpu->accel = g_new0(AccelCpu, 1);
    TcgVcpu *v = tcg_vcpu(cpu);
    v->cpu = cpu;
    v->hot = tcg_hot(cpu);
    v->target = t->target;
    v->backend = t->backend;
    v->downgrade_first = UINT64_MAX;
    g_mutex_init(&v->pending_lock);
    memset(cpu->hot, 0, sizeof(cpu->hot));
    v->builder = ir_builder_new(t->target);
    v->monitored = NO_RAM;
    tlb_init(v);
    fetch_init(v);
    g_mutex_lock(&t->code_lock);
    g_ptr_array_add(t->vcpus, v);
    g_mutex_unlock(&t->code_lock);
    return true;
}

static void tcg_vcpu_exit(Cpu *cpu)
{
    TcgAccel *t = tcg_accel;
    TcgVcpu *v = tcg_vcpu(cpu);
    g_mutex_lock(&t->code_lock);
    g_ptr_array_remove(t->vcpus, v);
    g_mutex_unlock(&t->code_lock);
    monitor_end(v);
    ir_builder_free(v->builder);
    fetch_free(v);
    tlb_free(v);
    g_mutex_clear(&v->pending_lock);
    g_free(g_steal_pointer(&cpu->accel));
}

/* Reset on the vCPU's thread or while it stands still: nothing of before holds. */
static void tcg_post_reset(Cpu *cpu)
{
    if (cpu->accel) {
        vcpu_request(tcg_vcpu(cpu), PENDING_FLUSH);
    }
}

static const AccelType tcg_accel_type = {
    .name = "tcg-accel", .parent = "accel", .size = sizeof(TcgAccel), .properties = PROPERTIES(tcg_properties), .accel_name = "tcg",
    .summary = "translated guest code", .supports = tcg_supports, .start = tcg_start, .vcpu_create = tcg_vcpu_create, .vcpu_run = tcg_vcpu_run,
    .vcpu_exit = tcg_vcpu_exit, .vcpu_kick = vcpu_kick, .thread_per_vcpu = true, .post_reset = tcg_post_reset,
    .breakpoint_insert = debug_breakpoint_insert, .breakpoint_remove = debug_breakpoint_remove, .debug_changed = debug_changed,
    .interrupt = vcpu_interrupt, .run_state_changed = tcg_run_state_changed, .info = tcg_info,
};
REGISTER_TYPE(tcg_accel_type)
