/*
 * The debug log: -d ITEMS, -D FILE, -dfilter. Costs one load and a branch when an item is off.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef enum LogItem {
    LOG_OUT_ASM     = 1 << 0,
    LOG_IN_ASM      = 1 << 1,
    LOG_OP          = 1 << 2,
    LOG_OP_OPT      = 1 << 3,
    LOG_INT         = 1 << 4,
    LOG_EXEC        = 1 << 5,
    LOG_PCALL       = 1 << 6,
    LOG_CPU_RESET   = 1 << 7,
    LOG_UNIMP       = 1 << 8,
    LOG_GUEST_ERROR = 1 << 9,
    LOG_MMU         = 1 << 10,
    LOG_NOCHAIN     = 1 << 11,
    LOG_PAGE        = 1 << 12,
    LOG_CPU         = 1 << 13,
    LOG_FPU         = 1 << 14,
    LOG_PLUGIN      = 1 << 15,
    LOG_STRACE      = 1 << 16,
    LOG_PER_THREAD  = 1 << 17,
    LOG_TB_VPU      = 1 << 18,
    LOG_INVALID_MEM = 1 << 19,
} LogItem;

extern uint32_t log_enabled_items;

static inline bool log_on(uint32_t items) { return __builtin_expect((log_enabled_items & items) != 0, 0); }

/* One entry of `-d help`. */
typedef struct LogItemInfo { uint32_t mask; const char *name, *help; } LogItemInfo;
extern const LogItemInfo log_items[];   /* ends with name NULL */

/* items: "int,cpu_reset" or "all" or "none"; on error nothing changes. */
bool log_set_items(const char *items, GError **err);
bool log_set_file(const char *path, GError **err);     /* NULL: stderr */
bool log_set_filter(const char *ranges, GError **err); /* "START..END,START+SIZE,START-SIZE"; NULL: none */
bool log_in_filter(uint64_t address);
/* Writes to the log as one piece. Any thread. */
void log_printf(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* The stream for longer output, locked; give it back with log_unlock. */
FILE *log_lock(void);
void log_unlock(FILE *stream);

#define log_mask(items, ...) do { if (log_on(items)) { log_printf(__VA_ARGS__); } } while (0)

#endif
