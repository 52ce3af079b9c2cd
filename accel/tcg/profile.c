/*
 * What perf(1) needs to name translated code: a map of it (-perfmap), or a dump with the code itself (-jitdump; the Linux kernel's
 * tools/perf/Documentation/jitdump-specification.txt). The dump is read after `perf record -k 1` by `perf inject --jit`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "accel/tcg.h"
#include "util/error.h"

#include <elf.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static bool map_wanted, dump_wanted;

void tcg_set_perf_map(bool wanted)
{
    map_wanted = wanted;
}

void tcg_set_jit_dump(bool wanted)
{
    dump_wanted = wanted;
}

/* ---- the dump ---- */

#define DUMP_MAGIC 0x4a695444u          /* "JiTD" */
enum { DUMP_VERSION = 1, DUMP_CODE_LOAD = 0 };
#if defined(__x86_64__)
enum { HOST_ELF_MACHINE = EM_X86_64 };
#elif defined(__aarch64__)
enum { HOST_ELF_MACHINE = EM_AARCH64 };
#else
enum { HOST_ELF_MACHINE = EM_NONE };
#endif

typedef struct DumpHeader { uint32_t magic, version, total_size, elf_machine, unused, pid; uint64_t timestamp, flags; } DumpHeader;
typedef struct DumpCodeLoad { uint32_t id, total_size; uint64_t timestamp; uint32_t pid, tid; uint64_t vma, code_address, code_size, code_index; } DumpCodeLoad;

static uint64_t timestamp(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * UINT64_C(1000000000) + t.tv_nsec;
}

static void dump_code(TcgAccel *t, const uint8_t *code, size_t size, const char *name)
{
    size_t name_bytes = strlen(name) + 1;
    DumpCodeLoad load = { .id = DUMP_CODE_LOAD, .total_size = sizeof(load) + name_bytes + size, .timestamp = timestamp(), .pid = getpid(), .tid = gettid(),
                          .vma = (uintptr_t)code, .code_address = (uintptr_t)code, .code_size = size, .code_index = t->dump_index++ };
    fwrite(&load, sizeof(load), 1, t->jit_dump);
    fwrite(name, name_bytes, 1, t->jit_dump);
    fwrite(code, size, 1, t->jit_dump);
    fflush(t->jit_dump);
}

static bool open_dump(TcgAccel *t, GError **err)
{
    g_autofree char *name = g_strdup_printf("jit-%d.dump", (int)getpid());
    DumpHeader header = { .magic = DUMP_MAGIC, .version = DUMP_VERSION, .total_size = sizeof(header), .elf_machine = HOST_ELF_MACHINE, .pid = getpid(),
                          .timestamp = timestamp() };
    t->jit_dump = fopen(name, "w+e");
    if (!t->jit_dump || fwrite(&header, sizeof(header), 1, t->jit_dump) != 1 || fflush(t->jit_dump)) {
        return error_set_errno(err, errno, "-jitdump: cannot write '%s'", name);
    }
    /* That it is mapped is how perf learns of the file. */
    if (mmap(NULL, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(t->jit_dump), 0) == MAP_FAILED) {
        return error_set_errno(err, errno, "-jitdump: cannot map '%s'", name);
    }
    return true;
}

/* ---- both ---- */

bool profile_open(TcgAccel *t, GError **err)
{
    if (map_wanted) {
        g_autofree char *name = g_strdup_printf("/tmp/perf-%d.map", (int)getpid());
        t->perf_map = fopen(name, "we");
        if (!t->perf_map) {
            return error_set_errno(err, errno, "-perfmap: cannot write '%s'", name);
        }
        fprintf(t->perf_map, "%" PRIxPTR " %zx stubs\n", (uintptr_t)t->stubs.execute, t->stubs.used);
    }
    if (dump_wanted) {
        if (!open_dump(t, err)) {
            return false;
        }
        dump_code(t, t->stubs.execute, t->stubs.used, "stubs");
    }
    return true;
}

void profile_add(TcgAccel *t, const TcgUnit *unit, uint64_t linear)
{
    if (!unit->code) {
        return;
    }
    char name[32];
    snprintf(name, sizeof(name), "guest-%016" PRIx64, linear);
    if (t->perf_map) {
        fprintf(t->perf_map, "%" PRIxPTR " %x %s\n", (uintptr_t)unit->code, unit->code_size, name);
        fflush(t->perf_map);
    }
    if (t->jit_dump) {
        dump_code(t, unit->code, unit->code_size, name);
    }
}
