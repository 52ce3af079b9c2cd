/*
 * -numa: nodes, their memory and processors, and distances.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

#include "softmmu/backend.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdlib.h>
#include <string.h>

enum { DISTANCE_LOCAL = 10, DISTANCE_REMOTE = 20, DISTANCE_UNREACHABLE = 255, NODE_ALIGN = 8 << 20 };

typedef struct NumaParse { Machine *m; int next_node; bool any_mem, any_memdev; } NumaParse;

static NumaNode *node_of(NumaParse *p, uint64_t id, GError **err)
{
    if (id >= MAX_NUMA_NODES) {
        error_set(err, "Max number of NUMA nodes reached: %d", MAX_NUMA_NODES);
        return NULL;
    }
    return &p->m->numa[id];
}

/* "4" or "4-7", added to the node. */
static bool assign_cpus(NumaParse *p, const char *range, unsigned node, GError **err)
{
    char *end;
    unsigned long first = strtoul(range, &end, 10), last = first;
    if (*end == '-') {
        last = strtoul(end + 1, &end, 10);
    }
    if (*end || end == range || last < first) {
        return error_set(err, "Parameter 'cpus' expects a number or a range");
    }
    if (last >= p->m->smp.max_cpus) {
        return error_set(err, "CPU index (%lu) should be smaller than maxcpus (%u)", last, p->m->smp.max_cpus);
    }
    for (unsigned long cpu = first; cpu <= last; cpu++) {
        p->m->cpu_nodes[cpu] = (int)node;
    }
    p->m->numa[node].has_cpu = true;
    return true;
}

static bool assign_memory(NumaParse *p, KeyVals *kv, NumaNode *node, GError **err)
{
    const char *memdev = keyvals_get(kv, "memdev"), *mem = keyvals_get(kv, "mem");
    if (memdev && mem) {
        return error_set(err, "cannot specify both mem= and memdev=");
    }
    p->any_mem |= mem != NULL;
    p->any_memdev |= memdev != NULL;
    if (p->any_mem && p->any_memdev) {
        return error_set(err, "numa configuration should use either mem= or memdev=,mixing both is not allowed");
    }
    if (mem) {
        if (!machine_type(p->m)->numa_mem_supported) {
            return error_set(err, "Parameter -numa node,mem is not supported by this machine type");
        }
        return parse_size(mem, 'M', &node->mem) || error_set(err, "Parameter 'mem' expects a size");
    }
    if (memdev) {
        Object *object = object_find_user(memdev);
        MemoryBackend *backend = memory_backend_from(object);
        if (!backend) {
            return error_set(err, object ? "memdev=%s is no memory backend" : "memdev=%s is ambiguous", memdev);
        }
        node->memdev = object;
        node->mem = backend->size;
    }
    return true;
}

static bool add_node(NumaParse *p, KeyVals *kv, GError **err)
{
    uint64_t id = (uint64_t)p->next_node, initiator = MAX_NUMA_NODES;
    if (!keyvals_get_uint64(kv, "nodeid", &id, err) || !keyvals_get_uint64(kv, "initiator", &initiator, err)) {
        return false;
    }
    NumaNode *node = node_of(p, id, err);
    if (!node) {
        return false;
    }
    if (node->present) {
        return error_set(err, "Duplicate NUMA nodeid: %" G_GUINT64_FORMAT, id);
    }
    if (keyvals_has(kv, "initiator")) {
        return error_set(err, "-numa node,initiator= (HMAT) is not implemented");
    }
    *node = (NumaNode){ .present = true };
    for (unsigned n = 0; n < kv->items->len; n++) {
        KeyVal *item = kv->items->pdata[n];
        if (!strcmp(item->key, "cpus")) {
            item->used = true;
            if (!assign_cpus(p, item->value, (unsigned)id, err)) {
                return false;
            }
        }
    }
    p->m->nr_numa_nodes = MAX(p->m->nr_numa_nodes, (int)id + 1);
    p->next_node = (int)id + 1;
    return assign_memory(p, kv, node, err) && keyvals_check_all_used(kv, err);
}

static bool add_distance(NumaParse *p, KeyVals *kv, GError **err)
{
    uint64_t src = UINT64_MAX, dst = UINT64_MAX, value = 0;
    if (!keyvals_get_uint64(kv, "src", &src, err) || !keyvals_get_uint64(kv, "dst", &dst, err) || !keyvals_get_uint64(kv, "val", &value, err) ||
        !keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (src >= MAX_NUMA_NODES || dst >= MAX_NUMA_NODES) {
        return error_set(err, "Parameter 'src' expects an integer between 0 and %d", MAX_NUMA_NODES - 1);
    }
    if (!p->m->numa[src].present || !p->m->numa[dst].present) {
        return error_set(err, "Source/Destination NUMA node is missing. Please use '-numa node' option to declare it first.");
    }
    if (value < DISTANCE_LOCAL || value > DISTANCE_UNREACHABLE) {
        return error_set(err, "NUMA distance (%" G_GUINT64_FORMAT ") is invalid, it shouldn't be less than %d.", value, DISTANCE_LOCAL);
    }
    if (src == dst && value != DISTANCE_LOCAL) {
        return error_set(err, "Local distance of node %" G_GUINT64_FORMAT " should be %d.", src, DISTANCE_LOCAL);
    }
    p->m->numa[src].distance[dst] = (uint8_t)value;
    p->m->have_numa_distance = true;
    return true;
}

static bool add_cpu(NumaParse *p, KeyVals *kv, GError **err)
{
    uint64_t node = UINT64_MAX, id[3] = { UINT64_MAX, UINT64_MAX, UINT64_MAX };
    static const char *const names[] = { "socket-id", "core-id", "thread-id" };
    if (!keyvals_get_uint64(kv, "node-id", &node, err)) {
        return false;
    }
    for (int n = 0; n < 3; n++) {
        if (!keyvals_get_uint64(kv, names[n], &id[n], err)) {
            return false;
        }
    }
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (node >= MAX_NUMA_NODES || !p->m->numa[node].present) {
        return error_set(err, "Invalid node-id=%" G_GINT64_FORMAT ", NUMA node must be defined with -numa node,nodeid=ID before it's used with -numa cpu,node-id=ID", node);
    }
    const SmpConfig *smp = &p->m->smp;
    bool found = false;
    for (unsigned cpu = 0; cpu < smp->max_cpus; cpu++) {
        uint64_t at[3] = { cpu / (smp->cores * smp->threads), cpu / smp->threads % smp->cores, cpu % smp->threads };
        bool fits = true;
        for (int n = 0; n < 3; n++) {
            fits &= id[n] == UINT64_MAX || id[n] == at[n];
        }
        if (fits) {
            p->m->cpu_nodes[cpu] = (int)node;
            found = true;
        }
    }
    p->m->numa[node].has_cpu = true;
    return found || error_set(err, "no match found");
}

static bool apply_one(NumaParse *p, const char *text, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(text, "type", NULL, err);
    g_autofree char *type = kv ? keyvals_take(kv, "type") : NULL;
    if (!kv) {
        return false;
    }
    if (!g_strcmp0(type, "node")) {
        return add_node(p, kv, err);
    }
    if (!g_strcmp0(type, "dist")) {
        return add_distance(p, kv, err);
    }
    if (!g_strcmp0(type, "cpu")) {
        return add_cpu(p, kv, err);
    }
    if (!g_strcmp0(type, "hmat-lb") || !g_strcmp0(type, "hmat-cache")) {
        return error_set(err, "%s is not implemented", type);
    }
    return error_set(err, "Parameter 'type' does not accept value '%s'", type ? type : "");
}

/* ---- what was left open ---- */

static bool complete_memory(NumaParse *p, GError **err)
{
    Machine *m = p->m;
    uint64_t total = 0;
    if (!p->any_mem && !p->any_memdev) {
        /* Equal parts of whole 8 MiB; the last one takes the rest. */
        uint64_t part = m->ram_size / (uint64_t)m->nr_numa_nodes / NODE_ALIGN * NODE_ALIGN;
        for (int n = 0; n < m->nr_numa_nodes; n++) {
            m->numa[n].mem = n + 1 < m->nr_numa_nodes ? part : m->ram_size - part * (uint64_t)n;
        }
        return true;
    }
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        total += m->numa[n].mem;
    }
    return total == m->ram_size || error_set(err, "total memory for NUMA nodes (0x%" G_GINT64_MODIFIER "x) should equal RAM size (0x%" G_GINT64_MODIFIER "x)", total,
                                             m->ram_size);
}

static bool complete_distances(Machine *m, GError **err)
{
    for (int a = 0; m->have_numa_distance && a < m->nr_numa_nodes; a++) {
        for (int b = 0; b < m->nr_numa_nodes; b++) {
            uint8_t *d = &m->numa[a].distance[b];
            if (*d) {
                continue;
            }
            if (a == b) {
                *d = DISTANCE_LOCAL;
            } else if (m->numa[b].distance[a]) {
                *d = m->numa[b].distance[a];
            } else {
                return error_set(err, "The distance between node %d and %d is missing, at least one distance value between each nodes should be provided.", a, b);
            }
        }
    }
    return true;
}

/* Back ends of the nodes, one behind the other, become the machine's RAM. */
static bool join_backends(Machine *m, GError **err)
{
    MemoryRegion *all = g_new0(MemoryRegion, 1);
    uint64_t at = 0;
    memory_region_init(all, OBJECT(m), machine_type(m)->default_ram_id, m->ram_size);
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        MemoryBackend *backend = memory_backend_from(m->numa[n].memdev);
        if (!backend) {
            continue;
        }
        if (backend->mapped) {
            return error_set(err, "memory backend %s is used multiple times. Each -numa option must use a different memdev value.", OBJECT(backend)->name);
        }
        memory_backend_set_mapped(backend, true);
        memory_region_add_subregion(all, at, memory_backend_region(backend));
        at += backend->size;
    }
    m->ram = all;
    return true;
}

bool numa_apply(const Settings *s, Machine *m, GError **err)
{
    if (!s->numa->len) {
        return true;
    }
    NumaParse p = { .m = m };
    m->numa = g_new0(NumaNode, MAX_NUMA_NODES);
    m->cpu_nodes = g_new0(int, m->smp.max_cpus);
    memset(m->cpu_nodes, -1, sizeof(int) * m->smp.max_cpus);
    for (unsigned n = 0; n < s->numa->len; n++) {
        const OptionText *o = s->numa->pdata[n];
        if (!apply_one(&p, o->text, err)) {
            g_prefix_error(err, "-numa %s: ", o->text);
            return false;
        }
    }
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        if (!m->numa[n].present) {
            return error_set(err, "numa: Node ID missing: %d", n);
        }
    }
    for (unsigned cpu = 0; m->nr_numa_nodes && cpu < m->smp.max_cpus; cpu++) {
        if (m->cpu_nodes[cpu] < 0) {
            /* Whole sockets in turn. */
            m->cpu_nodes[cpu] = (int)(cpu / (m->smp.max_cpus / MAX(m->smp.sockets, 1)) % (unsigned)m->nr_numa_nodes);
        }
    }
    return complete_memory(&p, err) && complete_distances(m, err) && (!p.any_memdev || join_backends(m, err));
}
