/*
 * Keys, mouse and pictures of the screen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/commands.h"

#include "ui/console.h"
#include "util/error.h"
#include "util/timer.h"

enum { DEFAULT_HOLD_MS = 100, QUEUE_MAX = 1024 };

/* What waits to be pressed or let go: a key, or a pause. */
typedef struct KeyStep { QKeyCode key; bool down; int64_t pause_ms; } KeyStep;
static GQueue steps = G_QUEUE_INIT;
static Timer step_timer;

static void run_steps(void *opaque)
{
    KeyStep *step;
    while ((step = g_queue_pop_head(&steps))) {
        int64_t pause_ms = step->pause_ms;
        if (!pause_ms) {
            input_send_key(step->key, step->down);
            input_sync();
        }
        g_free(step);
        if (pause_ms) {
            timer_set_ns(&step_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + pause_ms * NS_PER_MS);
            return;
        }
    }
}

static void add_step(QKeyCode key, bool down, int64_t pause_ms)
{
    KeyStep *step = g_new(KeyStep, 1);
    *step = (KeyStep){ key, down, pause_ms };
    g_queue_push_tail(&steps, step);
}

bool command_send_keys(const QKeyCode *keys, size_t count, int64_t hold_ms, GError **err)
{
    if (g_queue_get_length(&steps) + count * 2 + 2 > QUEUE_MAX) {
        return error_set(err, "too many keys wait to be sent");
    }
    if (!step_timer.fn) {
        timer_init(&step_timer, CLOCK_TYPE_VIRTUAL, run_steps, NULL);
    }
    bool idle = g_queue_is_empty(&steps) && !timer_pending(&step_timer);
    hold_ms = hold_ms > 0 ? hold_ms : DEFAULT_HOLD_MS;
    for (size_t n = 0; n < count; n++) {
        add_step(keys[n], true, 0);
    }
    add_step(0, false, hold_ms);
    for (size_t n = count; n-- > 0;) {
        add_step(keys[n], false, 0);
    }
    add_step(0, false, hold_ms);
    if (idle) {
        run_steps(NULL);
    }
    return true;
}

bool command_screendump(const char *path, const char *device, unsigned head, const char *format, GError **err)
{
    Console *console = device ? console_find(device, head, err) : console_by_index(0);
    if (!console) {
        return device ? false : error_set(err, "There is no console to take a screendump from");
    }
    return console_screendump(console, path, format, err);
}

void command_mouse_move(int dx, int dy, int dz)
{
    input_send_rel(INPUT_AXIS_X, dx);
    input_send_rel(INPUT_AXIS_Y, dy);
    if (dz) {
        InputButton wheel = dz > 0 ? INPUT_BUTTON_WHEEL_UP : INPUT_BUTTON_WHEEL_DOWN;
        input_send_button(wheel, true);
        input_sync();
        input_send_button(wheel, false);
    }
    input_sync();
}

void command_mouse_button(unsigned state)
{
    static const InputButton buttons[] = { INPUT_BUTTON_LEFT, INPUT_BUTTON_MIDDLE, INPUT_BUTTON_RIGHT };
    static unsigned last;
    for (unsigned n = 0; n < G_N_ELEMENTS(buttons); n++) {
        if ((state ^ last) & 1u << n) {
            input_send_button(buttons[n], state & 1u << n);
        }
    }
    last = state;
    input_sync();
}
