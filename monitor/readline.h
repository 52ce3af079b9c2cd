/*
 * Line editing on a terminal: cursor keys, the usual control keys, history, completion. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_READLINE_H
#define MONITOR_READLINE_H

#include <glib.h>
#include <stdbool.h>

typedef struct Readline Readline;

typedef struct ReadlineHooks {
    void (*print)(void *opaque, const char *text);          /* to the terminal, at once or with the next one */
    void (*line)(void *opaque, const char *line);           /* a line was entered */
    /* Adds what may stand for the last word of line to words. */
    void (*complete)(void *opaque, const char *line, GPtrArray *words);
} ReadlineHooks;

Readline *readline_new(const ReadlineHooks *hooks, void *opaque, const char *prompt);
void readline_free(Readline *r);
void readline_byte(Readline *r, unsigned char c);
void readline_show_prompt(Readline *r);
/* The entered line number index from the oldest on; NULL: no more. */
const char *readline_history(const Readline *r, unsigned index);

#endif
