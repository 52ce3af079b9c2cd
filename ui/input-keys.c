/*
 * Names and scan codes of keys (IBM PS/2 keyboard, set 1; Microsoft "Keyboard Scan Code Specification" 1.3a for the multimedia keys).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ui/input.h"

#include <string.h>

const char *const input_key_names[Q_KEY_COUNT] = {
    "unmapped", "shift", "shift_r", "alt", "alt_r", "ctrl", "ctrl_r", "menu", "esc", "1", "2", "3", "4", "5", "6", "7", "8", "9", "0",
    "minus", "equal", "backspace", "tab", "q", "w", "e", "r", "t", "y", "u", "i", "o", "p", "bracket_left", "bracket_right", "ret", "a",
    "s", "d", "f", "g", "h", "j", "k", "l", "semicolon", "apostrophe", "grave_accent", "backslash", "z", "x", "c", "v", "b", "n", "m",
    "comma", "dot", "slash", "asterisk", "spc", "caps_lock", "f1", "f2", "f3", "f4", "f5", "f6", "f7", "f8", "f9", "f10", "num_lock",
    "scroll_lock", "kp_divide", "kp_multiply", "kp_subtract", "kp_add", "kp_enter", "kp_decimal", "sysrq", "kp_0", "kp_1", "kp_2", "kp_3",
    "kp_4", "kp_5", "kp_6", "kp_7", "kp_8", "kp_9", "less", "f11", "f12", "print", "home", "pgup", "pgdn", "end", "left", "up", "down",
    "right", "insert", "delete", "stop", "again", "props", "undo", "front", "copy", "open", "paste", "find", "cut", "lf", "help", "meta_l",
    "meta_r", "compose", "pause", "ro", "hiragana", "henkan", "yen", "muhenkan", "katakanahiragana", "kp_comma", "kp_equals", "power",
    "sleep", "wake", "audionext", "audioprev", "audiostop", "audioplay", "audiomute", "volumeup", "volumedown", "mediaselect", "mail",
    "calculator", "computer", "ac_home", "ac_back", "ac_forward", "ac_refresh", "ac_bookmarks", "lang1", "lang2", "f13", "f14", "f15",
    "f16", "f17", "f18", "f19", "f20", "f21", "f22", "f23", "f24",
};

static const uint16_t scancodes[Q_KEY_COUNT] = {
    [Q_KEY_SHIFT] = 0x2a, [Q_KEY_SHIFT_R] = 0x36, [Q_KEY_ALT] = 0x38, [Q_KEY_ALT_R] = 0xe038, [Q_KEY_CTRL] = 0x1d, [Q_KEY_CTRL_R] = 0xe01d,
    [Q_KEY_MENU] = 0xe01e, [Q_KEY_ESC] = 0x01, [Q_KEY_1] = 0x02, [Q_KEY_2] = 0x03, [Q_KEY_3] = 0x04, [Q_KEY_4] = 0x05, [Q_KEY_5] = 0x06,
    [Q_KEY_6] = 0x07, [Q_KEY_7] = 0x08, [Q_KEY_8] = 0x09, [Q_KEY_9] = 0x0a, [Q_KEY_0] = 0x0b, [Q_KEY_MINUS] = 0x0c, [Q_KEY_EQUAL] = 0x0d,
    [Q_KEY_BACKSPACE] = 0x0e, [Q_KEY_TAB] = 0x0f, [Q_KEY_Q] = 0x10, [Q_KEY_W] = 0x11, [Q_KEY_E] = 0x12, [Q_KEY_R] = 0x13, [Q_KEY_T] = 0x14,
    [Q_KEY_Y] = 0x15, [Q_KEY_U] = 0x16, [Q_KEY_I] = 0x17, [Q_KEY_O] = 0x18, [Q_KEY_P] = 0x19, [Q_KEY_BRACKET_LEFT] = 0x1a,
    [Q_KEY_BRACKET_RIGHT] = 0x1b, [Q_KEY_RET] = 0x1c, [Q_KEY_A] = 0x1e, [Q_KEY_S] = 0x1f, [Q_KEY_D] = 0x20, [Q_KEY_F] = 0x21,
    [Q_KEY_G] = 0x22, [Q_KEY_H] = 0x23, [Q_KEY_J] = 0x24, [Q_KEY_K] = 0x25, [Q_KEY_L] = 0x26, [Q_KEY_SEMICOLON] = 0x27,
    [Q_KEY_APOSTROPHE] = 0x28, [Q_KEY_GRAVE_ACCENT] = 0x29, [Q_KEY_BACKSLASH] = 0x2b, [Q_KEY_Z] = 0x2c, [Q_KEY_X] = 0x2d, [Q_KEY_C] = 0x2e,
    [Q_KEY_V] = 0x2f, [Q_KEY_B] = 0x30, [Q_KEY_N] = 0x31, [Q_KEY_M] = 0x32, [Q_KEY_COMMA] = 0x33, [Q_KEY_DOT] = 0x34, [Q_KEY_SLASH] = 0x35,
    [Q_KEY_ASTERISK] = 0x37, [Q_KEY_SPC] = 0x39, [Q_KEY_CAPS_LOCK] = 0x3a, [Q_KEY_F1] = 0x3b, [Q_KEY_F2] = 0x3c, [Q_KEY_F3] = 0x3d,
    [Q_KEY_F4] = 0x3e, [Q_KEY_F5] = 0x3f, [Q_KEY_F6] = 0x40, [Q_KEY_F7] = 0x41, [Q_KEY_F8] = 0x42, [Q_KEY_F9] = 0x43, [Q_KEY_F10] = 0x44,
    [Q_KEY_NUM_LOCK] = 0x45, [Q_KEY_SCROLL_LOCK] = 0x46, [Q_KEY_KP_DIVIDE] = 0xe035, [Q_KEY_KP_MULTIPLY] = 0x37,
    [Q_KEY_KP_SUBTRACT] = 0x4a, [Q_KEY_KP_ADD] = 0x4e, [Q_KEY_KP_ENTER] = 0xe01c, [Q_KEY_KP_DECIMAL] = 0x53, [Q_KEY_SYSRQ] = 0x54,
    [Q_KEY_KP_0] = 0x52, [Q_KEY_KP_1] = 0x4f, [Q_KEY_KP_2] = 0x50, [Q_KEY_KP_3] = 0x51, [Q_KEY_KP_4] = 0x4b, [Q_KEY_KP_5] = 0x4c,
    [Q_KEY_KP_6] = 0x4d, [Q_KEY_KP_7] = 0x47, [Q_KEY_KP_8] = 0x48, [Q_KEY_KP_9] = 0x49, [Q_KEY_LESS] = 0x56, [Q_KEY_F11] = 0x57,
    [Q_KEY_F12] = 0x58, [Q_KEY_PRINT] = 0xe037, [Q_KEY_HOME] = 0xe047, [Q_KEY_PGUP] = 0xe049, [Q_KEY_PGDN] = 0xe051, [Q_KEY_END] = 0xe04f,
    [Q_KEY_LEFT] = 0xe04b, [Q_KEY_UP] = 0xe048, [Q_KEY_DOWN] = 0xe050, [Q_KEY_RIGHT] = 0xe04d, [Q_KEY_INSERT] = 0xe052,
    [Q_KEY_DELETE] = 0xe053, [Q_KEY_STOP] = 0xe068, [Q_KEY_AGAIN] = 0xe005, [Q_KEY_PROPS] = 0xe006, [Q_KEY_UNDO] = 0xe007,
    [Q_KEY_FRONT] = 0xe00c, [Q_KEY_COPY] = 0xe078, [Q_KEY_OPEN] = 0x64, [Q_KEY_PASTE] = 0x65, [Q_KEY_FIND] = 0xe041, [Q_KEY_CUT] = 0xe03c,
    [Q_KEY_LF] = 0x5b, [Q_KEY_HELP] = 0xe075, [Q_KEY_META_L] = 0xe05b, [Q_KEY_META_R] = 0xe05c, [Q_KEY_COMPOSE] = 0xe05d,
    [Q_KEY_PAUSE] = 0xe046, [Q_KEY_RO] = 0x73, [Q_KEY_HIRAGANA] = 0x77, [Q_KEY_HENKAN] = 0x79, [Q_KEY_YEN] = 0x7d, [Q_KEY_MUHENKAN] = 0x7b,
    [Q_KEY_KATAKANAHIRAGANA] = 0x70, [Q_KEY_KP_COMMA] = 0x7e, [Q_KEY_KP_EQUALS] = 0x59, [Q_KEY_POWER] = 0xe05e, [Q_KEY_SLEEP] = 0xe05f,
    [Q_KEY_WAKE] = 0xe063, [Q_KEY_AUDIONEXT] = 0xe019, [Q_KEY_AUDIOPREV] = 0xe010, [Q_KEY_AUDIOSTOP] = 0xe024, [Q_KEY_AUDIOPLAY] = 0xe022,
    [Q_KEY_AUDIOMUTE] = 0xe020, [Q_KEY_VOLUMEUP] = 0xe030, [Q_KEY_VOLUMEDOWN] = 0xe02e, [Q_KEY_MEDIASELECT] = 0xe06d,
    [Q_KEY_MAIL] = 0xe06c, [Q_KEY_CALCULATOR] = 0xe021, [Q_KEY_COMPUTER] = 0xe06b, [Q_KEY_AC_HOME] = 0xe032, [Q_KEY_AC_BACK] = 0xe06a,
    [Q_KEY_AC_FORWARD] = 0xe069, [Q_KEY_AC_REFRESH] = 0xe067, [Q_KEY_AC_BOOKMARKS] = 0xe066, [Q_KEY_LANG1] = 0x72, [Q_KEY_LANG2] = 0x71,
    [Q_KEY_F13] = 0x5d, [Q_KEY_F14] = 0x5e, [Q_KEY_F15] = 0x5f, [Q_KEY_F16] = 0x55, [Q_KEY_F17] = 0xe003, [Q_KEY_F18] = 0xe077,
    [Q_KEY_F19] = 0xe004, [Q_KEY_F20] = 0x5a, [Q_KEY_F21] = 0x74, [Q_KEY_F22] = 0xe079, [Q_KEY_F23] = 0x6d, [Q_KEY_F24] = 0x6f,
};

QKeyCode input_key_from_name(const char *name)
{
    for (int key = 0; key < Q_KEY_COUNT; key++) {
        if (!strcmp(input_key_names[key], name)) {
            return (QKeyCode)key;
        }
    }
    return Q_KEY_UNMAPPED;
}

uint16_t input_key_scancode(QKeyCode key)
{
    return (unsigned)key < Q_KEY_COUNT ? scancodes[key] : 0;
}

QKeyCode input_key_from_number(unsigned number)
{
    if (number == 0 || number > 0xff) {
        return Q_KEY_UNMAPPED;
    }
    uint16_t code = number & 0x80 ? 0xe000 | (number & 0x7f) : number;
    for (int key = 1; key < Q_KEY_COUNT; key++) {
        if (scancodes[key] == code && key != Q_KEY_ASTERISK) {
            return (QKeyCode)key;
        }
    }
    return Q_KEY_UNMAPPED;
}
