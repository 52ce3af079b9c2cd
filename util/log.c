/*
 * The debug log.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/log.h"
#include "util/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

uint32_t log_enabled_items;

const LogItemInfo log_items[] = {
    { LOG_OUT_ASM, "out_asm", "show generated host assembly code for each compiled TB" },
    { LOG_IN_ASM, "in_asm", "show target assembly code for each compiled TB" },
    { LOG_OP, "op", "show micro ops for each compiled TB" },
    { LOG_OP_OPT, "op_opt", "show micro ops after optimization" },
    { LOG_INT, "int", "show interrupts/exceptions in short format" },
    { LOG_EXEC, "exec", "show trace before each executed TB (lots of logs)" },
    { LOG_CPU, "cpu", "show CPU registers before entering a TB (lots of logs)" },
    { LOG_FPU, "fpu", "include FPU registers in the 'cpu' logging" },
    { LOG_MMU, "mmu", "log MMU-related activities" },
    { LOG_PCALL, "pcall", "x86 only: show protected mode far calls/returns/exceptions" },
    { LOG_CPU_RESET, "cpu_reset", "show CPU state before CPU resets" },
    { LOG_UNIMP, "unimp", "log unimplemented functionality" },
    { LOG_GUEST_ERROR, "guest_errors", "log when the guest OS does something invalid (eg accessing a\nnon-existent register)" },
    { LOG_PAGE, "page", "dump pages at beginning of user mode emulation" },
    { LOG_NOCHAIN, "nochain", "do not chain compiled TBs so that \"exec\" and \"cpu\" show\ncomplete traces" },
    { LOG_PLUGIN, "plugin", "output from TCG plugins\n" },
    { LOG_STRACE, "strace", "log every user-mode syscall, its input, and its result" },
    { LOG_PER_THREAD, "tid", "open a separate log file per thread; filename must contain '%d'" },
    { LOG_TB_VPU, "vpu", "include VPU registers in the 'cpu' logging" },
    { LOG_INVALID_MEM, "invalid_mem", "log invalid memory accesses" },
    { 0 },
};

typedef struct AddressRange { uint64_t first, last; } AddressRange;

static GMutex log_lock_mutex;       /* guards what follows */
static FILE *log_file;              /* NULL: stderr, or not opened yet */
static char *log_path;              /* NULL: stderr */
static GArray *log_filter;          /* of AddressRange; replaced as a whole, old ones are kept for readers without a lock */
static _Thread_local FILE *thread_file;

bool log_set_items(const char *items, GError **err)
{
    uint32_t mask = 0;
    g_auto(GStrv) words = g_strsplit(items, ",", -1);
    for (char **word = words; *word; word++) {
        const LogItemInfo *item = log_items;
        if (!strcmp(*word, "all")) {
            mask |= UINT32_MAX & ~(LOG_PER_THREAD | LOG_STRACE);
            continue;
        }
        if (!strcmp(*word, "none")) {
            mask = 0;
            continue;
        }
        while (item->name && strcmp(item->name, *word)) {
            item++;
        }
        if (!item->name) {
            error_set(err, "Invalid parameter 'd'");
            error_set_hint(err, "'%s' is no log item; -d help lists them", *word);
            return false;
        }
        mask |= item->mask;
    }
    if ((mask & LOG_PER_THREAD) && (!log_path || !strstr(log_path, "%d"))) {
        return error_set(err, "Filename template with '%%d' needed for 'tid'");
    }
    __atomic_store_n(&log_enabled_items, mask, __ATOMIC_RELAXED);
    return true;
}

/* A path may hold one %d, for the process or thread id, and no other conversion. */
static bool log_path_valid(const char *path)
{
    const char *percent = strchr(path, '%');
    return !percent || (percent[1] == 'd' && !strchr(percent + 1, '%'));
}

static char *log_path_with_id(const char *path, int id)
{
    const char *percent = strstr(path, "%d");
    return percent ? g_strdup_printf("%.*s%d%s", (int)(percent - path), path, id, percent + 2) : g_strdup(path);
}

bool log_set_file(const char *path, GError **err)
{
    FILE *file = NULL;
    if (path && !log_path_valid(path)) {
        return error_set(err, "Bad logfile format: %s", path);
    }
    if (path && !(log_enabled_items & LOG_PER_THREAD)) {
        g_autofree char *name = log_path_with_id(path, getpid());
        file = fopen(name, "we");
        if (!file) {
            return error_set_errno(err, errno, "Error opening logfile %s", name);
        }
        setvbuf(file, NULL, _IOLBF, 0);
    }
    g_mutex_lock(&log_lock_mutex);
    if (log_file) {
        fclose(log_file);
    }
    log_file = file;
    g_free(log_path);
    log_path = g_strdup(path);
    g_mutex_unlock(&log_lock_mutex);
    return true;
}

static bool log_parse_range(const char *text, AddressRange *range)
{
    char *end;
    errno = 0;
    uint64_t a = g_ascii_strtoull(text, &end, 0);
    if (end == text || errno) {
        return false;
    }
    char kind = *end;
    const char *second = kind == '.' && end[1] == '.' ? end + 2 : kind == '+' || kind == '-' ? end + 1 : NULL;
    if (!second) {
        return false;
    }
    uint64_t b = g_ascii_strtoull(second, &end, 0);
    if (end == second || *end || errno) {
        return false;
    }
    if (kind == '.') {
        *range = (AddressRange){ a, b };
        return a <= b;
    }
    if (!b || (kind == '+' ? a + (b - 1) < a : a < b - 1)) {
        return false;
    }
    *range = kind == '+' ? (AddressRange){ a, a + (b - 1) } : (AddressRange){ a - (b - 1), a };
    return true;
}

bool log_set_filter(const char *ranges, GError **err)
{
    GArray *filter = NULL;
    if (ranges) {
        filter = g_array_new(FALSE, FALSE, sizeof(AddressRange));
        g_auto(GStrv) words = g_strsplit(ranges, ",", -1);
        for (char **word = words; *word; word++) {
            AddressRange range;
            if (!log_parse_range(*word, &range)) {
                g_array_unref(filter);
                return error_set(err, "Bad range specifier: %s", *word);
            }
            g_array_append_val(filter, range);
        }
    }
    g_mutex_lock(&log_lock_mutex);
    __atomic_store_n(&log_filter, filter, __ATOMIC_RELEASE);
    g_mutex_unlock(&log_lock_mutex);
    return true;
}

bool log_in_filter(uint64_t address)
{
    GArray *filter = __atomic_load_n(&log_filter, __ATOMIC_ACQUIRE);
    if (!filter) {
        return true;
    }
    for (unsigned i = 0; i < filter->len; i++) {
        const AddressRange *range = &g_array_index(filter, AddressRange, i);
        if (address >= range->first && address <= range->last) {
            return true;
        }
    }
    return false;
}

FILE *log_lock(void)
{
    g_mutex_lock(&log_lock_mutex);
    if (log_path && (log_enabled_items & LOG_PER_THREAD)) {
        if (!thread_file) {
            g_autofree char *name = log_path_with_id(log_path, (int)syscall(SYS_gettid));
            thread_file = fopen(name, "we");
        }
        if (thread_file) {
            return thread_file;
        }
    }
    return log_file ? log_file : stderr;
}

void log_unlock(FILE *stream)
{
    if (stream == thread_file) {
        fflush(stream);
    }
    g_mutex_unlock(&log_lock_mutex);
}

void log_printf(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    FILE *stream = log_lock();
    vfprintf(stream, format, args);
    log_unlock(stream);
    va_end(args);
}
