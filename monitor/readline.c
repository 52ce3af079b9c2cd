/*
 * Line editing on a terminal.
 *
 * Control keys are those of Emacs and the shells; sequences of the cursor keys are ECMA-48's (CSI A to D, H, F, 1~ to 8~).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/readline.h"

#include <string.h>

enum { LINE_MAX_BYTES = 4095, HISTORY_MAX = 64, COLUMNS = 80 };
enum { KEY_ESCAPE = 27, KEY_DELETE = 127 };
#define CONTROL(c) ((c) & 0x1f)

struct Readline {
    const ReadlineHooks *hooks;
    void *opaque;
    char *prompt;
    GString *line, *shown;          /* being edited; as the terminal has it */
    size_t cursor, shown_cursor;
    char *kept;                     /* what was typed before going into the history */
    GPtrArray *history;
    unsigned history_at;            /* history->len: the new line */
    enum { PLAIN, ESCAPE, CSI, SS3 } state;
    unsigned parameter;
};

static void print(Readline *r, const char *text) { r->hooks->print(r->opaque, text); }

/* ---- the terminal ---- */

static void move_cursor(Readline *r, size_t to)
{
    g_autoptr(GString) out = g_string_new(NULL);
    for (; r->shown_cursor > to; r->shown_cursor--) {
        g_string_append(out, "\033[D");
    }
    for (; r->shown_cursor < to; r->shown_cursor++) {
        g_string_append(out, "\033[C");
    }
    if (out->len) {
        print(r, out->str);
    }
}

/* Makes the terminal show the line. */
static void refresh(Readline *r)
{
    size_t same = 0;
    while (same < r->line->len && same < r->shown->len && r->line->str[same] == r->shown->str[same]) {
        same++;
    }
    if (same < r->line->len || same < r->shown->len) {
        move_cursor(r, same);
        print(r, r->line->str + same);
        if (r->shown->len > r->line->len) {
            print(r, "\033[K");
        }
        g_string_assign(r->shown, r->line->str);
        r->shown_cursor = r->shown->len;
    }
    move_cursor(r, r->cursor);
}

void readline_show_prompt(Readline *r)
{
    print(r, r->prompt);
    g_string_truncate(r->shown, 0);
    r->shown_cursor = 0;
    refresh(r);
}

/* ---- editing ---- */

static void insert(Readline *r, const char *text)
{
    if (r->line->len + strlen(text) <= LINE_MAX_BYTES) {
        g_string_insert(r->line, (gssize)r->cursor, text);
        r->cursor += strlen(text);
    }
}

static void erase(Readline *r, size_t from, size_t to)
{
    g_string_erase(r->line, (gssize)from, (gssize)(to - from));
    r->cursor = from;
}

static size_t word_start(const Readline *r)
{
    size_t at = r->cursor;
    while (at > 0 && r->line->str[at - 1] == ' ') {
        at--;
    }
    while (at > 0 && r->line->str[at - 1] != ' ') {
        at--;
    }
    return at;
}

static void show_history(Readline *r, unsigned index)
{
    if (r->history_at == r->history->len) {
        g_free(r->kept);
        r->kept = g_strdup(r->line->str);
    }
    r->history_at = index;
    g_string_assign(r->line, index == r->history->len ? r->kept : r->history->pdata[index]);
    r->cursor = r->line->len;
}

static void history_add(Readline *r, const char *line)
{
    for (unsigned n = 0; n < r->history->len; n++) {
        if (!strcmp(r->history->pdata[n], line)) {
            g_ptr_array_remove_index(r->history, n);        /* comes back as the newest */
            break;
        }
    }
    if (r->history->len == HISTORY_MAX) {
        g_ptr_array_remove_index(r->history, 0);
    }
    g_ptr_array_add(r->history, g_strdup(line));
}

const char *readline_history(const Readline *r, unsigned index) { return index < r->history->len ? r->history->pdata[index] : NULL; }

static void enter(Readline *r)
{
    r->cursor = r->line->len;
    refresh(r);
    print(r, "\n");
    g_autofree char *line = g_strdup(r->line->str);
    if (*line) {
        history_add(r, line);
    }
    r->history_at = r->history->len;
    g_string_truncate(r->line, 0);
    g_string_truncate(r->shown, 0);
    r->cursor = r->shown_cursor = 0;
    r->hooks->line(r->opaque, line);
}

/* ---- completion ---- */

static int compare_words(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

static size_t common_prefix(const GPtrArray *words)
{
    const char *first = words->pdata[0];
    size_t length = strlen(first);
    for (unsigned n = 1; n < words->len; n++) {
        const char *word = words->pdata[n];
        for (size_t k = 0; k < length; k++) {
            if (word[k] != first[k]) {
                length = k;
            }
        }
    }
    return length;
}

static void print_words(Readline *r, const GPtrArray *words)
{
    size_t width = 0;
    for (unsigned n = 0; n < words->len; n++) {
        width = MAX(width, strlen(words->pdata[n]) + 2);
    }
    unsigned per_line = (unsigned)MAX(COLUMNS / MAX(width, 10), 1);
    print(r, "\n");
    for (unsigned n = 0; n < words->len; n++) {
        bool last = n % per_line == per_line - 1 || n + 1 == words->len;
        g_autofree char *text = g_strdup_printf("%-*s%s", last ? 0 : (int)MAX(width, 10), (char *)words->pdata[n], last ? "\n" : "");
        print(r, text);
    }
    readline_show_prompt(r);
}

static void complete(Readline *r)
{
    g_autoptr(GPtrArray) words = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *before = g_strndup(r->line->str, r->cursor);
    r->hooks->complete(r->opaque, before, words);
    if (!words->len) {
        return;
    }
    g_ptr_array_sort(words, compare_words);
    const char *space = strrchr(before, ' ');
    size_t typed = strlen(space ? space + 1 : before), length = common_prefix(words);
    if (length > typed) {
        g_autofree char *more = g_strndup((char *)words->pdata[0] + typed, length - typed);
        insert(r, more);
    }
    if (words->len == 1) {
        char last = r->line->str[r->cursor - 1];
        if (last != '/' && last != ',' && last != '=') {
            insert(r, " ");
        }
    } else if (length <= typed) {
        print_words(r, words);
    }
}

/* ---- keys ---- */

static void control_key(Readline *r, unsigned char c)
{
    switch (c) {
    case CONTROL('a'):
        r->cursor = 0;
        break;
    case CONTROL('b'):
        r->cursor -= r->cursor > 0;
        break;
    case CONTROL('d'):
        erase(r, r->cursor, MIN(r->cursor + 1, r->line->len));
        break;
    case CONTROL('e'):
        r->cursor = r->line->len;
        break;
    case CONTROL('f'):
        r->cursor += r->cursor < r->line->len;
        break;
    case CONTROL('h'):
    case KEY_DELETE:
        erase(r, r->cursor - (r->cursor > 0), r->cursor);
        break;
    case CONTROL('i'):
        complete(r);
        break;
    case CONTROL('k'):
        erase(r, r->cursor, r->line->len);
        break;
    case CONTROL('l'):
        print(r, "\033[H\033[2J");
        readline_show_prompt(r);
        break;
    case CONTROL('n'):
        if (r->history_at < r->history->len) {
            show_history(r, r->history_at + 1);
        }
        break;
    case CONTROL('p'):
        if (r->history_at > 0) {
            show_history(r, r->history_at - 1);
        }
        break;
    case CONTROL('u'):
        erase(r, 0, r->cursor);
        break;
    case CONTROL('w'):
        erase(r, word_start(r), r->cursor);
        break;
    }
}

/* The last byte of a cursor key's sequence, as the control key that does the same. */
static void sequence_key(Readline *r, unsigned char c)
{
    static const struct { char final; unsigned parameter; char key; } keys[] = {
        { 'A', 0, 'p' }, { 'B', 0, 'n' }, { 'C', 0, 'f' }, { 'D', 0, 'b' }, { 'H', 0, 'a' }, { 'F', 0, 'e' }, { '~', 1, 'a' }, { '~', 3, 'd' },
        { '~', 4, 'e' }, { '~', 7, 'a' }, { '~', 8, 'e' },
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(keys); n++) {
        if (c == keys[n].final && (c != '~' || r->parameter == keys[n].parameter)) {
            control_key(r, CONTROL(keys[n].key));
        }
    }
}

void readline_byte(Readline *r, unsigned char c)
{
    switch (r->state) {
    case ESCAPE:
        r->state = c == '[' ? CSI : c == 'O' ? SS3 : PLAIN;
        r->parameter = 0;
        return;
    case CSI:
    case SS3:
        if (g_ascii_isdigit(c)) {
            r->parameter = MIN(r->parameter * 10 + (c - '0'), 1000);
        } else if (c != ';') {
            r->state = PLAIN;
            sequence_key(r, c);
        }
        break;
    case PLAIN:
        if (c == KEY_ESCAPE) {
            r->state = ESCAPE;
        } else if (c == '\r' || c == '\n') {
            enter(r);
            return;
        } else if (c < 32 || c == KEY_DELETE) {
            control_key(r, c);
        } else {
            insert(r, (char[]){ (char)c, 0 });
        }
        break;
    }
    refresh(r);
}

Readline *readline_new(const ReadlineHooks *hooks, void *opaque, const char *prompt)
{
    Readline *r = g_new0(Readline, 1);
    r->hooks = hooks;
    r->opaque = opaque;
    r->prompt = g_strdup(prompt);
    r->line = g_string_new(NULL);
    r->shown = g_string_new(NULL);
    r->history = g_ptr_array_new_with_free_func(g_free);
    return r;
}

void readline_free(Readline *r)
{
    if (r) {
        g_string_free(r->line, TRUE);
        g_string_free(r->shown, TRUE);
        g_ptr_array_unref(r->history);
        g_free(r->prompt);
        g_free(r->kept);
        g_free(r);
    }
}
