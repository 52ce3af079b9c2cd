/*
 * A monitor. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_INTERNAL_H
#define MONITOR_INTERNAL_H

#include "accel/cpu.h"
#include "chardev/char.h"
#include "monitor/readline.h"

typedef struct QmpSession QmpSession;

typedef struct Monitor {
    CharFrontend chr;
    Readline *readline;             /* HMP with line editing; NULL: mode=readline on what is no terminal, or none */
    GString *out;                   /* HMP: what is printed, until it is flushed */
    bool muxed_out;                 /* another front end of the mux has the terminal */
    bool greeted;
    bool leaving;                   /* quit: no prompt any more */
    int cpu_index;                  /* of info registers, x ...; -1: the first */
    QmpSession *qmp;                /* control mode */
    bool pretty;
} Monitor;

void monitor_printf(Monitor *mon, const char *format, ...) G_GNUC_PRINTF(2, 3);
void monitor_puts(Monitor *mon, const char *text);
void monitor_flush(Monitor *mon);
/* "Error: TEXT" and the hint; frees and clears *err. */
void monitor_print_error(Monitor *mon, GError **err);
/* The monitor's CPU with its registers up to date; NULL without CPUs. */
Cpu *monitor_cpu(Monitor *mon);

/* ---- hmp.c ---- */
typedef struct HmpValue { const char *name; char *text; int64_t number; bool given; } HmpValue;
typedef struct HmpFormat { int count, size; char format; bool given; } HmpFormat;
enum { HMP_MAX_ARGS = 8 };
typedef struct HmpArgs { HmpValue values[HMP_MAX_ARGS]; int count; HmpFormat format; } HmpArgs;

/* args: "name:type,..."; types: s word, F file name, B device name, S the rest of the line, i or l number by an expression, M size in megabytes or with a
 * suffix, b on or off, / format, -x option; a '?' behind it: may be absent. */
typedef struct HmpCommand {
    const char *name;               /* "stop|s" */
    const char *args, *params, *help;
    void (*run)(Monitor *mon, const HmpArgs *args);
    const struct HmpCommand *table; /* a command of commands; ends with name NULL */
} HmpCommand;
extern const HmpCommand hmp_commands[], hmp_info_commands[];

const char *hmp_text(const HmpArgs *args, const char *name);                    /* NULL: not given */
int64_t hmp_number(const HmpArgs *args, const char *name, int64_t otherwise);
bool hmp_given(const HmpArgs *args, const char *name);                          /* options too: "x" for -x */
void hmp_run_line(Monitor *mon, const char *line);
void hmp_complete(Monitor *mon, const char *line, GPtrArray *words);
void hmp_help(Monitor *mon, const char *name);
/* An arithmetic expression at *text; moves *text behind it. Errors are messages without a class. */
bool hmp_expression(Monitor *mon, const char **text, int64_t *value, GError **err);

/* ---- qmp.c ---- */
QmpSession *qmp_session_new(Monitor *mon);
void qmp_session_free(QmpSession *s);
void qmp_session_opened(QmpSession *s);
void qmp_session_closed(QmpSession *s);
void qmp_session_receive(QmpSession *s, const uint8_t *buf, int len);
/* A file descriptor that came with the request that runs; -1: none. */
int qmp_take_fd(void);
bool qmp_request_runs(void);
void qmp_session_event(QmpSession *s, GVariant *event);

#endif
