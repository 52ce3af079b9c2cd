/*
 * Input: key presses, pointer motion and buttons on their way from display front ends and the monitor to the devices.
 *
 * A device registers a handler with what it understands; events go to the handler that was activated last among those that do (a tablet that
 * the guest uses takes absolute motion from the mouse). Main thread or machine lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UI_INPUT_H
#define UI_INPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Keys by name, in the order of QMP's QKeyCode. */
typedef enum QKeyCode {
    Q_KEY_UNMAPPED, Q_KEY_SHIFT, Q_KEY_SHIFT_R, Q_KEY_ALT, Q_KEY_ALT_R, Q_KEY_CTRL, Q_KEY_CTRL_R, Q_KEY_MENU, Q_KEY_ESC, Q_KEY_1, Q_KEY_2,
    Q_KEY_3, Q_KEY_4, Q_KEY_5, Q_KEY_6, Q_KEY_7, Q_KEY_8, Q_KEY_9, Q_KEY_0, Q_KEY_MINUS, Q_KEY_EQUAL, Q_KEY_BACKSPACE, Q_KEY_TAB, Q_KEY_Q,
    Q_KEY_W, Q_KEY_E, Q_KEY_R, Q_KEY_T, Q_KEY_Y, Q_KEY_U, Q_KEY_I, Q_KEY_O, Q_KEY_P, Q_KEY_BRACKET_LEFT, Q_KEY_BRACKET_RIGHT, Q_KEY_RET,
    Q_KEY_A, Q_KEY_S, Q_KEY_D, Q_KEY_F, Q_KEY_G, Q_KEY_H, Q_KEY_J, Q_KEY_K, Q_KEY_L, Q_KEY_SEMICOLON, Q_KEY_APOSTROPHE, Q_KEY_GRAVE_ACCENT,
    Q_KEY_BACKSLASH, Q_KEY_Z, Q_KEY_X, Q_KEY_C, Q_KEY_V, Q_KEY_B, Q_KEY_N, Q_KEY_M, Q_KEY_COMMA, Q_KEY_DOT, Q_KEY_SLASH, Q_KEY_ASTERISK,
    Q_KEY_SPC, Q_KEY_CAPS_LOCK, Q_KEY_F1, Q_KEY_F2, Q_KEY_F3, Q_KEY_F4, Q_KEY_F5, Q_KEY_F6, Q_KEY_F7, Q_KEY_F8, Q_KEY_F9, Q_KEY_F10,
    Q_KEY_NUM_LOCK, Q_KEY_SCROLL_LOCK, Q_KEY_KP_DIVIDE, Q_KEY_KP_MULTIPLY, Q_KEY_KP_SUBTRACT, Q_KEY_KP_ADD, Q_KEY_KP_ENTER,
    Q_KEY_KP_DECIMAL, Q_KEY_SYSRQ, Q_KEY_KP_0, Q_KEY_KP_1, Q_KEY_KP_2, Q_KEY_KP_3, Q_KEY_KP_4, Q_KEY_KP_5, Q_KEY_KP_6, Q_KEY_KP_7,
    Q_KEY_KP_8, Q_KEY_KP_9, Q_KEY_LESS, Q_KEY_F11, Q_KEY_F12, Q_KEY_PRINT, Q_KEY_HOME, Q_KEY_PGUP, Q_KEY_PGDN, Q_KEY_END, Q_KEY_LEFT,
    Q_KEY_UP, Q_KEY_DOWN, Q_KEY_RIGHT, Q_KEY_INSERT, Q_KEY_DELETE, Q_KEY_STOP, Q_KEY_AGAIN, Q_KEY_PROPS, Q_KEY_UNDO, Q_KEY_FRONT,
    Q_KEY_COPY, Q_KEY_OPEN, Q_KEY_PASTE, Q_KEY_FIND, Q_KEY_CUT, Q_KEY_LF, Q_KEY_HELP, Q_KEY_META_L, Q_KEY_META_R, Q_KEY_COMPOSE,
    Q_KEY_PAUSE, Q_KEY_RO, Q_KEY_HIRAGANA, Q_KEY_HENKAN, Q_KEY_YEN, Q_KEY_MUHENKAN, Q_KEY_KATAKANAHIRAGANA, Q_KEY_KP_COMMA,
    Q_KEY_KP_EQUALS, Q_KEY_POWER, Q_KEY_SLEEP, Q_KEY_WAKE, Q_KEY_AUDIONEXT, Q_KEY_AUDIOPREV, Q_KEY_AUDIOSTOP, Q_KEY_AUDIOPLAY,
    Q_KEY_AUDIOMUTE, Q_KEY_VOLUMEUP, Q_KEY_VOLUMEDOWN, Q_KEY_MEDIASELECT, Q_KEY_MAIL, Q_KEY_CALCULATOR, Q_KEY_COMPUTER, Q_KEY_AC_HOME,
    Q_KEY_AC_BACK, Q_KEY_AC_FORWARD, Q_KEY_AC_REFRESH, Q_KEY_AC_BOOKMARKS, Q_KEY_LANG1, Q_KEY_LANG2, Q_KEY_F13, Q_KEY_F14, Q_KEY_F15,
    Q_KEY_F16, Q_KEY_F17, Q_KEY_F18, Q_KEY_F19, Q_KEY_F20, Q_KEY_F21, Q_KEY_F22, Q_KEY_F23, Q_KEY_F24, Q_KEY_COUNT
} QKeyCode;

/* "shift", "a" ... as QMP and sendkey have them, indexed by QKeyCode. */
extern const char *const input_key_names[Q_KEY_COUNT];
/* Q_KEY_UNMAPPED when there is no such name. */
QKeyCode input_key_from_name(const char *name);
/* Scan code set 1: 0x1e, or 0xe01c for a key with the prefix E0; 0: none. */
uint16_t input_key_scancode(QKeyCode key);
/* The other way round, from QMP's "number": bit 7 stands for the prefix E0. */
QKeyCode input_key_from_number(unsigned number);

typedef enum InputButton {
    INPUT_BUTTON_LEFT, INPUT_BUTTON_MIDDLE, INPUT_BUTTON_RIGHT, INPUT_BUTTON_WHEEL_UP, INPUT_BUTTON_WHEEL_DOWN, INPUT_BUTTON_SIDE, INPUT_BUTTON_EXTRA,
    INPUT_BUTTON_WHEEL_LEFT, INPUT_BUTTON_WHEEL_RIGHT, INPUT_BUTTON_TOUCH, INPUT_BUTTON_COUNT
} InputButton;
typedef enum InputAxis { INPUT_AXIS_X, INPUT_AXIS_Y, INPUT_AXIS_COUNT } InputAxis;
/* Absolute positions run from 0 to this. */
#define INPUT_ABS_MAX 0x7fff

enum { INPUT_MASK_KEY = 1, INPUT_MASK_BUTTON = 2, INPUT_MASK_REL = 4, INPUT_MASK_ABS = 8 };

/* What a device takes. Callbacks for what its mask leaves out may be NULL. */
typedef struct InputHandlerType {
    const char *name;                           /* "QEMU PS/2 Mouse", as info mice shows it */
    unsigned mask;                              /* INPUT_MASK_* */
    void (*key)(void *opaque, QKeyCode key, bool down);
    void (*button)(void *opaque, InputButton button, bool down);
    void (*rel)(void *opaque, InputAxis axis, int delta);
    void (*abs)(void *opaque, InputAxis axis, int position);
    void (*sync)(void *opaque);                 /* all events of one moment were given */
} InputHandlerType;
typedef struct InputHandler InputHandler;

/* Registered last among its kind; becomes the first with input_handler_activate. type must live as long as the handler. */
InputHandler *input_handler_register(const InputHandlerType *type, void *opaque);
void input_handler_activate(InputHandler *handler);
void input_handler_unregister(InputHandler *handler);       /* NULL is fine */
/* Calls fn for each handler, the first first: with number for `mouse_set` and whether it takes its kind's events now. */
void input_handler_foreach(void (*fn)(const InputHandlerType *type, unsigned number, bool current, void *opaque), void *opaque);
/* Makes the handler with that number the first; false when there is none. */
bool input_handler_activate_number(unsigned number);

/* Events. After the ones of a moment: input_sync. Nobody there: dropped. */
void input_send_key(QKeyCode key, bool down);
void input_send_button(InputButton button, bool down);
void input_send_rel(InputAxis axis, int delta);
void input_send_abs(InputAxis axis, int position);
void input_sync(void);
/* True when absolute motion has a taker that comes before relative motion's. */
bool input_is_absolute(void);

#endif
