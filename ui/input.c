/*
 * Who gets an input event: the list of handlers, the most recently activated first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ui/input.h"

struct InputHandler {
    const InputHandlerType *type;
    void *opaque;
    unsigned number;
    bool has_events;            /* since the last sync */
};

static GList *handlers;         /* of InputHandler*; the first that takes an event gets it */
static unsigned next_number = 1;

InputHandler *input_handler_register(const InputHandlerType *type, void *opaque)
{
    InputHandler *handler = g_new0(InputHandler, 1);
    handler->type = type;
    handler->opaque = opaque;
    handler->number = next_number++;
    handlers = g_list_append(handlers, handler);
    return handler;
}

void input_handler_activate(InputHandler *handler)
{
    handlers = g_list_remove(handlers, handler);
    handlers = g_list_prepend(handlers, handler);
}

void input_handler_unregister(InputHandler *handler)
{
    handlers = g_list_remove(handlers, handler);
    g_free(handler);
}

static InputHandler *find_taker(unsigned mask)
{
    for (GList *l = handlers; l; l = l->next) {
        InputHandler *handler = l->data;
        if (handler->type->mask & mask) {
            return handler;
        }
    }
    return NULL;
}

void input_handler_foreach(void (*fn)(const InputHandlerType *type, unsigned number, bool current, void *opaque), void *opaque)
{
    const InputHandler *key = find_taker(INPUT_MASK_KEY);
    const InputHandler *pointer = find_taker(INPUT_MASK_REL | INPUT_MASK_ABS);
    for (GList *l = handlers; l; l = l->next) {
        const InputHandler *handler = l->data;
        fn(handler->type, handler->number, handler == key || handler == pointer, opaque);
    }
}

bool input_handler_activate_number(unsigned number)
{
    for (GList *l = handlers; l; l = l->next) {
        InputHandler *handler = l->data;
        if (handler->number == number) {
            input_handler_activate(handler);
            return true;
        }
    }
    return false;
}

void input_send_key(QKeyCode key, bool down)
{
    InputHandler *handler = find_taker(INPUT_MASK_KEY);
    if (handler && key != Q_KEY_UNMAPPED) {
        handler->type->key(handler->opaque, key, down);
        handler->has_events = true;
    }
}

void input_send_button(InputButton button, bool down)
{
    InputHandler *handler = find_taker(INPUT_MASK_BUTTON);
    if (handler) {
        handler->type->button(handler->opaque, button, down);
        handler->has_events = true;
    }
}

void input_send_rel(InputAxis axis, int delta)
{
    InputHandler *handler = find_taker(INPUT_MASK_REL);
    if (handler) {
        handler->type->rel(handler->opaque, axis, delta);
        handler->has_events = true;
    }
}

void input_send_abs(InputAxis axis, int position)
{
    InputHandler *handler = find_taker(INPUT_MASK_ABS);
    if (handler) {
        handler->type->abs(handler->opaque, axis, CLAMP(position, 0, INPUT_ABS_MAX));
        handler->has_events = true;
    }
}

void input_sync(void)
{
    for (GList *l = handlers, *next; l; l = next) {
        InputHandler *handler = l->data;
        next = l->next;
        if (handler->has_events) {
            handler->has_events = false;
            if (handler->type->sync) {
                handler->type->sync(handler->opaque);
            }
        }
    }
}

bool input_is_absolute(void)
{
    const InputHandler *handler = find_taker(INPUT_MASK_REL | INPUT_MASK_ABS);
    return handler && (handler->type->mask & INPUT_MASK_ABS);
}
