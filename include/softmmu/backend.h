/*
 * Memory back ends: the objects memory-backend-ram, -file, -memfd and -shm, which give guest RAM its host memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_BACKEND_H
#define SOFTMMU_BACKEND_H

#include "softmmu/ram.h"

#define MEMORY_BACKEND_NODES 128

typedef enum HostMemPolicy { HOST_MEM_DEFAULT, HOST_MEM_PREFERRED, HOST_MEM_BIND, HOST_MEM_INTERLEAVE } HostMemPolicy;

typedef struct MemoryBackend {
    Object parent;              /* type "memory-backend" */
    uint64_t size;
    bool share, merge, dump, prealloc, reserve, canonical_path_name;
    bool mapped;                /* a machine or DIMM uses it */
    uint32_t prealloc_threads;
    int policy;                 /* HostMemPolicy */
    char *host_nodes_text;
    uint64_t host_nodes[MEMORY_BACKEND_NODES / 64]; /* a bit a node */
    Object *prealloc_context;
    RamBlock *block;            /* once complete */
    MemoryRegion mr;
} MemoryBackend;

/* The object as a back end, or NULL when it is none. */
MemoryBackend *memory_backend_from(Object *object);
/* The region with all of its memory: a container's child or an alias's target of who uses it. */
MemoryRegion *memory_backend_region(MemoryBackend *backend);
/* Used by a machine, NUMA node or DIMM from now on (or no more): it cannot be deleted meanwhile. */
void memory_backend_set_mapped(MemoryBackend *backend, bool mapped);

#endif
