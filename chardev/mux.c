/*
 * A mux: several front ends (a serial port and a monitor, mostly) share one back end; an escape character followed by a letter moves the terminal
 * from one to the next. What is typed ahead waits in a buffer of each front end, so that the escape is seen even when the guest reads nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"
#include "util/timer.h"

#include <string.h>

enum { MUX_FRONTENDS = 8, MUX_BUFFER = 1024 };

typedef struct MuxPlace { CharFrontend *fe; uint8_t data[MUX_BUFFER]; unsigned first, count; } MuxPlace;

typedef struct MuxChardev {
    Chardev parent;
    CharFrontend base;
    MuxPlace places[MUX_FRONTENDS];
    int focus;                  /* -1: nobody */
    bool escaped;               /* the escape character came last */
    bool timestamps, line_start;
    int64_t first_timestamp_ms; /* -1: none yet */
    GByteArray *pending;        /* with time stamps: of the line that the base took in part */
} MuxChardev;

static int escape_character = 1;
static void (*key_hook)(ChardevMuxKey key);

void chardev_set_escape(int character) { escape_character = character; }
void chardev_set_mux_key_hook(void (*hook)(ChardevMuxKey key)) { key_hook = hook; }

/* ---- the front ends ---- */

static void mux_tell(MuxChardev *mux, int place, CharEvent event)
{
    CharFrontend *fe = place >= 0 ? mux->places[place].fe : NULL;
    if (fe && fe->callbacks && fe->callbacks->event) {
        fe->callbacks->event(fe->opaque, event);
    }
}

static int mux_room(MuxChardev *mux, int place)
{
    CharFrontend *fe = place >= 0 ? mux->places[place].fe : NULL;
    return fe && fe->callbacks && fe->callbacks->can_receive ? fe->callbacks->can_receive(fe->opaque) : 0;
}

/* Hands over what was typed ahead. */
static void mux_drain(MuxChardev *mux, int n)
{
    MuxPlace *place = &mux->places[n];
    while (place->fe && place->count && mux_room(mux, n) > 0) {
        uint8_t byte = place->data[place->first];
        place->first = (place->first + 1) % MUX_BUFFER;
        place->count--;
        place->fe->callbacks->receive(place->fe->opaque, &byte, 1);
    }
}

static void mux_set_focus(MuxChardev *mux, int place)
{
    if (place == mux->focus) {
        return;
    }
    mux_tell(mux, mux->focus, CHAR_EVENT_MUX_OUT);
    mux->focus = place;
    mux_tell(mux, place, CHAR_EVENT_MUX_IN);
}

void mux_focus(Chardev *chr, CharFrontend *fe) { mux_set_focus((MuxChardev *)chr, fe->mux_tag); }

bool mux_attach(Chardev *chr, CharFrontend *fe, GError **err)
{
    MuxChardev *mux = (MuxChardev *)chr;
    for (int n = 0; n < MUX_FRONTENDS; n++) {
        if (!mux->places[n].fe) {
            mux->places[n] = (MuxPlace){ .fe = fe };
            *fe = (CharFrontend){ .chr = (Chardev *)object_ref((Object *)chr), .mux_tag = n };
            return true;
        }
    }
    return error_set(err, "too many uses of multiplexed chardev '%s' (maximum is %d)", chr->label, MUX_FRONTENDS);
}

void mux_detach(Chardev *chr, CharFrontend *fe)
{
    MuxChardev *mux = (MuxChardev *)chr;
    mux->places[fe->mux_tag].fe = NULL;
    if (mux->focus == fe->mux_tag) {
        mux->focus = -1;
        for (int n = 0; n < MUX_FRONTENDS && mux->focus < 0; n++) {
            if (mux->places[n].fe) {
                mux_set_focus(mux, n);
            }
        }
    }
}

bool mux_has_frontend(const Chardev *chr)
{
    const MuxChardev *mux = (const MuxChardev *)chr;
    for (int n = 0; n < MUX_FRONTENDS; n++) {
        if (mux->places[n].fe) {
            return true;
        }
    }
    return false;
}

bool mux_any_open(const Chardev *chr)
{
    const MuxChardev *mux = (const MuxChardev *)chr;
    for (int n = 0; n < MUX_FRONTENDS; n++) {
        if (mux->places[n].fe && mux->places[n].fe->open) {
            return true;
        }
    }
    return false;
}

void mux_announce(Chardev *chr)
{
    MuxChardev *mux = (MuxChardev *)chr;
    if (mux->base.chr && mux->base.chr->peer_open && !chr->peer_open) {
        chr->peer_open = true;
        for (int n = 0; n < MUX_FRONTENDS; n++) {
            mux_tell(mux, n, CHAR_EVENT_OPENED);
        }
    }
}

/* ---- output ---- */

static void append_stamp(MuxChardev *mux, GByteArray *out)
{
    int64_t now_ms = clock_get_ns(CLOCK_TYPE_REALTIME) / NS_PER_MS;
    if (mux->first_timestamp_ms < 0) {
        mux->first_timestamp_ms = now_ms;
    }
    int64_t ms = now_ms - mux->first_timestamp_ms, s = ms / 1000;
    char text[48];
    g_snprintf(text, sizeof(text), "[%02d:%02d:%02d.%03d] ", (int)(s / 3600), (int)(s / 60 % 60), (int)(s % 60), (int)(ms % 1000));
    g_byte_array_append(out, (const uint8_t *)text, strlen(text));
}

/* True when nothing is left over from before. */
static bool pending_flush(MuxChardev *mux)
{
    if (mux->pending) {
        size_t taken = char_write(&mux->base, mux->pending->data, mux->pending->len);
        g_byte_array_remove_range(mux->pending, 0, (guint)taken);
        if (mux->pending->len) {
            return false;
        }
        g_clear_pointer(&mux->pending, g_byte_array_unref);
    }
    return true;
}

static size_t mux_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    MuxChardev *mux = (MuxChardev *)chr;
    if (!pending_flush(mux)) {
        return 0;
    }
    if (!mux->timestamps) {
        return char_write(&mux->base, buf, len);
    }
    len = MIN(len, 4096);       /* what is pending has a bound */
    mux->pending = g_byte_array_new();
    for (size_t n = 0; n < len; n++) {
        if (mux->line_start) {
            append_stamp(mux, mux->pending);
            mux->line_start = false;
        }
        g_byte_array_append(mux->pending, &buf[n], 1);
        mux->line_start = buf[n] == '\n';
    }
    pending_flush(mux);
    return len;
}

static bool base_writable(void *opaque)
{
    MuxChardev *mux = opaque;
    if (!pending_flush(mux)) {
        return true;
    }
    mux->base.writable = NULL;      /* who needs it arms it again */
    chardev_writable(&mux->parent);
    return mux->base.writable != NULL;
}

static void mux_watch_output(Chardev *chr)
{
    MuxChardev *mux = (MuxChardev *)chr;
    if (mux->base.chr && !mux->base.writable) {
        char_set_writable(&mux->base, base_writable, mux);
    }
}

void mux_writable(Chardev *chr)
{
    MuxChardev *mux = (MuxChardev *)chr;
    for (int n = 0; n < MUX_FRONTENDS; n++) {
        CharFrontend *fe = mux->places[n].fe;
        if (fe && fe->writable) {
            if (!fe->writable(fe->writable_opaque)) {
                fe->writable = NULL;
            } else {
                mux_watch_output(chr);
            }
        }
    }
}

/* ---- keys ---- */

static void print_help(MuxChardev *mux)
{
    static const char *const lines[] = {
        "h    print this help", "x    exit emulator", "s    save disk data back to file (if -snapshot)", "t    toggle console timestamps",
        "b    send break (magic sysrq)", "c    switch between console and monitor",
    };
    g_autofree char *key = escape_character > 0 && escape_character < 27 ? g_strdup_printf("C-%c", 'a' + escape_character - 1)
                                                                        : g_strdup_printf("%c", escape_character);
    char_printf(&mux->base, "\n\r");
    for (unsigned n = 0; n < G_N_ELEMENTS(lines); n++) {
        char_printf(&mux->base, "%s %s\n\r", key, lines[n]);
    }
    char_printf(&mux->base, "%s %s  sends %s\n\r", key, key, key);
}

static void focus_next(MuxChardev *mux)
{
    for (int step = 1; step <= MUX_FRONTENDS; step++) {
        int n = (mux->focus + step) % MUX_FRONTENDS;
        if (mux->places[n].fe) {
            mux_set_focus(mux, n);
            return;
        }
    }
}

static void quit_key(MuxChardev *mux)
{
    char_printf(&mux->base, "QEMU: Terminated\n\r");
    if (key_hook) {
        key_hook(CHARDEV_MUX_QUIT);
    }
}

/* True when the byte goes to the front end that has the focus. */
static bool mux_key(MuxChardev *mux, uint8_t byte)
{
    if (!mux->escaped) {
        mux->escaped = escape_character >= 0 && byte == escape_character;
        return !mux->escaped;
    }
    mux->escaped = false;
    if (byte == escape_character) {
        return true;
    }
    switch (byte) {
    case '?':
    case 'h':
        print_help(mux);
        break;
    case 'x':
        quit_key(mux);
        break;
    case 's':
        if (key_hook) {
            key_hook(CHARDEV_MUX_COMMIT);
        }
        break;
    case 'b':
        mux_tell(mux, mux->focus, CHAR_EVENT_BREAK);
        break;
    case 'c':
        focus_next(mux);
        break;
    case 't':
        mux->timestamps = !mux->timestamps;
        mux->first_timestamp_ms = -1;
        mux->line_start = false;
        break;
    }
    return false;
}

static int base_can_receive(void *opaque)
{
    MuxChardev *mux = opaque;
    int room = mux->focus < 0 ? MUX_BUFFER : (int)(MUX_BUFFER - mux->places[mux->focus].count);
    return MAX(room, 1);        /* the escape is always read */
}

static void base_receive(void *opaque, const uint8_t *buf, int len)
{
    MuxChardev *mux = opaque;
    for (int n = 0; n < len; n++) {
        MuxPlace *place = mux->focus >= 0 ? &mux->places[mux->focus] : NULL;
        if (mux_key(mux, buf[n]) && place && place->count < MUX_BUFFER) {
            place->data[(place->first + place->count++) % MUX_BUFFER] = buf[n];
            mux_drain(mux, mux->focus);
        }
    }
}

static void base_event(void *opaque, CharEvent event)
{
    MuxChardev *mux = opaque;
    if (event == CHAR_EVENT_OPENED) {
        if (chardev_machine_is_ready()) {
            mux_announce(&mux->parent);
        }
        return;
    }
    if (event == CHAR_EVENT_CLOSED) {
        mux->parent.peer_open = false;
    } else if (event == CHAR_EVENT_BREAK) {
        mux_tell(mux, mux->focus, event);
        return;
    }
    for (int n = 0; n < MUX_FRONTENDS; n++) {
        mux_tell(mux, n, event);
    }
}

static const CharCallbacks base_callbacks = { base_can_receive, base_receive, base_event };

static void mux_accept_input(Chardev *chr)
{
    MuxChardev *mux = (MuxChardev *)chr;
    if (mux->focus >= 0) {
        mux_drain(mux, mux->focus);
    }
    char_accept_input(&mux->base);
}

/* ---- life ---- */

static bool mux_attach_base(MuxChardev *mux, Chardev *base, GError **err)
{
    if (!char_frontend_connect(&mux->base, base, err)) {
        return false;
    }
    char_set_handlers(&mux->base, &base_callbacks, mux);
    return true;
}

static bool mux_open(Chardev *chr, KeyVals *kv, GError **err)
{
    const char *id = keyvals_get(kv, "chardev");
    Chardev *base = id ? chardev_find(id) : NULL;
    if (!id) {
        return error_set(err, "chardev: mux: no chardev given");
    }
    return base ? mux_attach_base((MuxChardev *)chr, base, err) : error_set(err, "mux: base chardev %s not found", id);
}

static void mux_init(Object *object)
{
    MuxChardev *mux = (MuxChardev *)object;
    mux->focus = -1;
    mux->first_timestamp_ms = -1;
}

static void mux_finalize(Object *object)
{
    MuxChardev *mux = (MuxChardev *)object;
    char_frontend_disconnect(&mux->base);
    g_clear_pointer(&mux->pending, g_byte_array_unref);
}

static void mux_set_echo(Chardev *chr, bool echo) { char_set_echo(&((MuxChardev *)chr)->base, echo); }
static void mux_drop_peer(Chardev *chr) { char_drop_peer(&((MuxChardev *)chr)->base); }
static bool mux_set_params(Chardev *chr, const CharSerialParams *p) { return char_set_serial_params(&((MuxChardev *)chr)->base, p); }
static bool mux_set_break(Chardev *chr, bool on) { return char_set_break(&((MuxChardev *)chr)->base, on); }
static bool mux_get_lines(Chardev *chr, int *lines) { return char_get_lines(&((MuxChardev *)chr)->base, lines); }
static bool mux_set_lines(Chardev *chr, int lines) { return char_set_lines(&((MuxChardev *)chr)->base, lines); }

static const ChardevType chardev_mux = {
    .name = "chardev-mux", .parent = "chardev", .size = sizeof(MuxChardev), .backend = "mux", .opens_itself = true, .open = mux_open,
    .init = mux_init, .finalize = mux_finalize, .write = mux_write, .watch_output = mux_watch_output, .accept_input = mux_accept_input,
    .set_echo = mux_set_echo, .drop_peer = mux_drop_peer, .set_serial_params = mux_set_params, .set_break = mux_set_break,
    .get_lines = mux_get_lines, .set_lines = mux_set_lines,
};
REGISTER_TYPE(chardev_mux)
