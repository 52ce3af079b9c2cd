/*
 * Memory back ends: what they have in common, and the one of anonymous memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/backend-internal.h"
#include "util/error.h"
#include "util/keyval.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static const EnumNames host_mem_policies = {
    .name = "HostMemPolicy", .names = (const char *const[]){ "default", "preferred", "bind", "interleave", NULL }
};

MemoryBackend *memory_backend_from(Object *object)
{
    return object && object_is_a(object, "memory-backend") ? (MemoryBackend *)object : NULL;
}

MemoryRegion *memory_backend_region(MemoryBackend *backend)
{
    return &backend->mr;
}

void memory_backend_set_mapped(MemoryBackend *backend, bool mapped)
{
    backend->mapped = mapped;
}

/* ---- properties ---- */

static bool value_not_taken(Object *object, const Property *p, uint64_t value, GError **err)
{
    return error_set(err, "property '%s' of %s doesn't take value '%" G_GUINT64_FORMAT "'", p->name, object->type->name, value);
}

static bool set_size(Object *object, const Property *p, GVariant *value, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    if (!p->kind->set(object, p, value, err)) {
        return false;
    }
    return backend->size ? true : value_not_taken(object, p, 0, err);
}

static bool set_threads(Object *object, const Property *p, GVariant *value, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    if (!p->kind->set(object, p, value, err)) {
        return false;
    }
    return backend->prealloc_threads ? true : value_not_taken(object, p, 0, err);
}

/* Properties that may change while the memory is in use. */
static bool set_advice(Object *object, const Property *p, GVariant *value, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    if (!p->kind->set(object, p, value, err)) {
        return false;
    }
    if (backend->block) {
        madvise(backend->block->host, backend->block->size, backend->merge ? MADV_MERGEABLE : MADV_UNMERGEABLE);
        madvise(backend->block->host, backend->block->size, backend->dump ? MADV_DODUMP : MADV_DONTDUMP);
    }
    return true;
}

static bool set_prealloc(Object *object, const Property *p, GVariant *value, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    bool before = backend->prealloc;
    if (!p->kind->set(object, p, value, err)) {
        return false;
    }
    if (backend->prealloc && !backend->reserve) {
        backend->prealloc = before;
        return error_set(err, "'prealloc=on' and 'reserve=off' are incompatible");
    }
    return before || !backend->prealloc || !backend->block || ram_block_prealloc(backend->block, backend->prealloc_threads, err);
}

static bool add_nodes(MemoryBackend *backend, uint64_t first, uint64_t last, GError **err)
{
    if (last >= MEMORY_BACKEND_NODES || first > last) {
        return error_set(err, "Invalid host-nodes value: %" G_GUINT64_FORMAT, last);
    }
    for (uint64_t node = first; node <= last; node++) {
        backend->host_nodes[node / 64] |= UINT64_C(1) << (node % 64);
    }
    return true;
}

/* "3" or "0-2". */
static bool add_nodes_text(MemoryBackend *backend, const char *text, GError **err)
{
    char *end;
    uint64_t first = g_ascii_strtoull(text, &end, 0), last = first;
    bool ok = end != text;
    if (ok && *end == '-') {
        char *second = end + 1;
        last = g_ascii_strtoull(second, &end, 0);
        ok = end != second;
    }
    return ok && !*end ? add_nodes(backend, first, last, err)
                       : error_set(err, "Parameter 'host-nodes' expects a uint64 value or range");
}

static bool add_nodes_value(MemoryBackend *backend, GVariant *value, GError **err)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARIANT)) {
        g_autoptr(GVariant) inner = g_variant_get_variant(value);
        return add_nodes_value(backend, inner, err);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return add_nodes_text(backend, g_variant_get_string(value, NULL), err);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_INT64) && g_variant_get_int64(value) >= 0) {
        return add_nodes(backend, (uint64_t)g_variant_get_int64(value), (uint64_t)g_variant_get_int64(value), err);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64)) {
        return add_nodes(backend, g_variant_get_uint64(value), g_variant_get_uint64(value), err);
    }
    return error_set(err, "Parameter 'host-nodes' expects a uint64 value or range");
}

static bool set_nodes(Object *object, const Property *p, GVariant *value, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    memset(backend->host_nodes, 0, sizeof(backend->host_nodes));
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_ARRAY)) {
        return add_nodes_value(backend, value, err);
    }
    for (gsize i = 0; i < g_variant_n_children(value); i++) {
        g_autoptr(GVariant) item = g_variant_get_child_value(value, i);
        if (!add_nodes_value(backend, item, err)) {
            return false;
        }
    }
    return true;
}

static GVariant *get_nodes(const Object *object, const Property *p, GError **err)
{
    const MemoryBackend *backend = (const MemoryBackend *)object;
    GVariantBuilder builder;
    g_variant_builder_init(&builder, G_VARIANT_TYPE("av"));
    for (unsigned node = 0; node < MEMORY_BACKEND_NODES; node++) {
        if (backend->host_nodes[node / 64] >> (node % 64) & 1) {
            g_variant_builder_add(&builder, "v", g_variant_new_int64(node));
        }
    }
    return g_variant_builder_end(&builder);
}

static const Property backend_properties[] = {
    PROP_BOOL("dump", MemoryBackend, dump, true, .set = set_advice, .flags = PROP_ANY_TIME,
              .description = "Set to 'off' to exclude from core dump"),
    PROP_STRING("host-nodes", MemoryBackend, host_nodes_text, NULL, .set = set_nodes, .get = get_nodes, .type_name = "int",
                .description = "Binds memory to the list of NUMA host nodes"),
    PROP_BOOL("merge", MemoryBackend, merge, true, .set = set_advice, .flags = PROP_ANY_TIME, .description = "Mark memory as mergeable"),
    PROP_ENUM("policy", MemoryBackend, policy, host_mem_policies, HOST_MEM_DEFAULT, .description = "Set the NUMA policy"),
    PROP_BOOL("prealloc", MemoryBackend, prealloc, false, .set = set_prealloc, .flags = PROP_ANY_TIME, .description = "Preallocate memory"),
    PROP_LINK("prealloc-context", MemoryBackend, prealloc_context, "thread-context",
              .description = "Context to use for creating CPU threads for preallocation"),
    PROP_UINT32("prealloc-threads", MemoryBackend, prealloc_threads, 1, .set = set_threads, .type_name = "int",
                .description = "Number of CPU threads to use for prealloc"),
    PROP_BOOL("reserve", MemoryBackend, reserve, true, .description = "Reserve swap space (or huge pages) if applicable"),
    PROP_BOOL("share", MemoryBackend, share, false, .description = "Mark the memory as private to QEMU or shared"),
    PROP_SIZE("size", MemoryBackend, size, 0, .set = set_size, .type_name = "int", .description = "Size of the memory region (ex: 500M)"),
    PROP_BOOL("x-use-canonical-path-for-ramblock-id", MemoryBackend, canonical_path_name, false),
};

/* ---- life ---- */

static bool apply_policy(MemoryBackend *backend, GError **err)
{
    static const int modes[] = { MPOL_DEFAULT, MPOL_PREFERRED, MPOL_BIND, MPOL_INTERLEAVE };
    static const uint64_t none[MEMORY_BACKEND_NODES / 64];
    bool have_nodes = memcmp(backend->host_nodes, none, sizeof(none)) != 0;
    if (backend->policy != HOST_MEM_DEFAULT && !have_nodes) {
        return error_set(err, "host-nodes must be set for policy %s", host_mem_policies.names[backend->policy]);
    }
    if (backend->policy == HOST_MEM_DEFAULT) {
        return !have_nodes || error_set(err, "host-nodes must be empty for policy default, or you should explicitly specify a policy other than "
                                             "default");
    }
    if (syscall(SYS_mbind, backend->block->host, backend->block->size, modes[backend->policy], backend->host_nodes,
                MEMORY_BACKEND_NODES + 1, MPOL_MF_STRICT | MPOL_MF_MOVE) < 0) {
        return error_set_errno(err, errno, "cannot bind memory to host NUMA nodes");
    }
    return true;
}

bool memory_backend_check(MemoryBackend *backend, GError **err)
{
    if (!backend->size) {
        return error_set(err, "Parameter 'size' is missing");
    }
    return !backend->prealloc || backend->reserve || error_set(err, "'prealloc=on' and 'reserve=off' are incompatible");
}

bool memory_backend_map(MemoryBackend *backend, RamRequest *request, GError **err)
{
    g_autofree char *path = object_path(&backend->parent);
    request->name = backend->canonical_path_name && path ? path : backend->parent.name;
    request->size = backend->size;
    request->flags |= (backend->share ? RAM_SHARED : 0) | (backend->merge ? RAM_MERGE : 0) | (backend->dump ? RAM_DUMP : 0) |
                      (backend->reserve ? 0 : RAM_NORESERVE);
    backend->block = ram_block_new(request, err);
    if (!backend->block) {
        if (request->fd >= 0) {
            close(request->fd);
        }
        return false;
    }
    /* Pages go where the policy says only if it is set before they are there. */
    if (!apply_policy(backend, err) || (backend->prealloc && !ram_block_prealloc(backend->block, backend->prealloc_threads, err))) {
        ram_block_free(g_steal_pointer(&backend->block));
        return false;
    }
    memory_region_init_ram_block(&backend->mr, &backend->parent, request->name, backend->block);
    backend->parent.sealed = true;
    return true;
}

static void backend_finalize(Object *object)
{
    ram_block_free(((MemoryBackend *)object)->block);
}

static bool backend_can_be_deleted(Object *object, GError **err)
{
    return !((MemoryBackend *)object)->mapped;
}

static const ObjectType memory_backend_type = {
    .name = "memory-backend", .parent = "object", .size = sizeof(MemoryBackend), .abstract = true, .properties = PROPERTIES(backend_properties),
    .finalize = backend_finalize, .can_be_deleted = backend_can_be_deleted,
};
REGISTER_TYPE(memory_backend_type)

/* ---- anonymous memory ---- */

static bool ram_backend_complete(Object *object, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    RamRequest request = { .fd = -1 };
    return memory_backend_check(backend, err) && memory_backend_map(backend, &request, err);
}

static const ObjectType ram_backend_type = {
    .name = "memory-backend-ram", .parent = "memory-backend", .user_creatable_object = true, .complete = ram_backend_complete,
};
REGISTER_TYPE(ram_backend_type)
