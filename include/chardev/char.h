/*
 * Character devices: byte streams between the machine's front ends (serial ports, monitors, gdb ...) and the host's back ends (terminal, file,
 * socket ...).
 *
 * A back end is a Chardev, an object under /chardevs. A front end holds a CharFrontend, which claims a Chardev for itself, or one of the places of a mux.
 * Nothing here blocks: a back end that takes no more at the moment says so, and tells when it does again. All functions: machine lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_CHAR_H
#define CHARDEV_CHAR_H

#include "qom/object.h"

typedef struct Chardev Chardev;
typedef struct CharFrontend CharFrontend;

/* ---- back ends: made and found by id ---- */

/* -chardev and chardev-add: "socket,id=ID,path=..."; errors are the reference's. */
Chardev *chardev_add(const char *options_text, GError **err);
/* The short forms of -serial, -parallel, -monitor, -qmp, -gdb, -qtest: stdio, mon:stdio, vc, pty, null, file:, pipe:, tcp:, telnet:, websocket:, unix:,
 * udp:, chardev:ID, a device's path, ... The new back end's id is label. NULL without an error for "none". with_mux_monitor: "mon:" is allowed. */
Chardev *chardev_from_legacy(const char *label, const char *spec, bool with_mux_monitor, GError **err);
Chardev *chardev_find(const char *id);
/* chardev-remove: fails while a front end uses it. */
bool chardev_remove(const char *id, GError **err);
/* chardev-send-break. */
bool chardev_send_break(const char *id, GError **err);
/* In order of their ids. */
void chardev_foreach(void (*fn)(Chardev *chr, void *opaque), void *opaque);
const char *chardev_id(const Chardev *chr);
const char *chardev_filename(const Chardev *chr);       /* "pty:/dev/pts/3", as info chardev has it */
bool chardev_frontend_open(const Chardev *chr);
bool chardev_is_mux(const Chardev *chr);
/* The path of a pty back end, or NULL. */
const char *chardev_pty_path(const Chardev *chr);
/* The names of the back ends, sorted, as -chardev help lists them. NULL-terminated, the caller frees the array (g_free). */
const char **chardev_backend_names(void);
/* ringbuf-read and ringbuf-write. At most size bytes that were written to a ringbuf or memory back end, taken out of it. Caller frees. */
char *chardev_ring_read(const char *id, size_t size, size_t *len, GError **err);
bool chardev_ring_write(const char *id, const void *data, size_t len, GError **err);
/* Restores terminals, flushes, removes sockets' paths: at the process's end. */
void chardev_cleanup(void);

/* What "mon:" asks for: makes a monitor on the mux. Set by the monitor. */
typedef bool ChardevMonitorHook(Chardev *mux, GError **err);
void chardev_set_monitor_hook(ChardevMonitorHook *hook);
/* Where "char device redirected to PATH (label ID)" goes; info_report without. Set by the monitor. */
void chardev_set_message_hook(void (*hook)(const char *text));
/* The escape character of muxes (-echr); 1 (Ctrl-a) without. */
void chardev_set_escape(int character);
/* What a mux's keys ask of the machine: x (end the process) and s (write disks back). Set by the monitor. */
typedef enum ChardevMuxKey { CHARDEV_MUX_QUIT, CHARDEV_MUX_COMMIT } ChardevMuxKey;
void chardev_set_mux_key_hook(void (*hook)(ChardevMuxKey key));
/* Once the machine is built: muxes tell their front ends that they are open, so that monitors greet. */
void chardev_machine_ready(void);

/* ---- front ends ---- */

typedef enum CharEvent {
    CHAR_EVENT_BREAK,           /* a break condition on the line */
    CHAR_EVENT_OPENED,          /* somebody is there (client connected) */
    CHAR_EVENT_CLOSED,
    CHAR_EVENT_MUX_IN,          /* this front end of a mux has the terminal now */
    CHAR_EVENT_MUX_OUT,
} CharEvent;

typedef struct CharCallbacks {
    int (*can_receive)(void *opaque);                               /* how many bytes it takes now; 0: none until char_accept_input */
    void (*receive)(void *opaque, const uint8_t *buf, int len);     /* no more than that */
    void (*event)(void *opaque, CharEvent event);                   /* may be NULL */
} CharCallbacks;

typedef bool CharWritable(void *opaque);                            /* false ends the watch */

/* Embed one; zeroed: connected to nothing, writes vanish. */
struct CharFrontend {
    Chardev *chr;
    const CharCallbacks *callbacks;
    void *opaque;
    int mux_tag;                /* its place on a mux */
    bool open;
    CharWritable *writable; void *writable_opaque;
};

/* Claims chr; fails with "Device 'ID' is in use" when another front end has it. */
bool char_frontend_connect(CharFrontend *fe, Chardev *chr, GError **err);
/* Lets it go; harmless on a zeroed one. The property kind does it for devices. */
void char_frontend_disconnect(CharFrontend *fe);
/* Who gets the input; callbacks NULL: nobody. A peer that is there already comes as CHAR_EVENT_OPENED at once. The front end of a mux that sets its
 * handlers last has the terminal at first. callbacks must live as long as fe. */
void char_set_handlers(CharFrontend *fe, const CharCallbacks *callbacks, void *opaque);
static inline bool char_is_connected(const CharFrontend *fe) { return fe->chr != NULL; }

/* How many of the len bytes were taken: fewer when the back end is full. All of them when nobody is connected. */
size_t char_write(CharFrontend *fe, const void *buf, size_t len);
/* Takes all of it and queues what the back end does not take (monitors, protocols); false: the queue's bound is reached, the rest was dropped. */
bool char_write_all(CharFrontend *fe, const void *buf, size_t len);
bool char_printf(CharFrontend *fe, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Calls fn(opaque) when the back end takes bytes again, until it returns false. One a front end; NULL ends it. */
void char_set_writable(CharFrontend *fe, CharWritable *fn, void *opaque);
/* Bytes that char_write_all has queued and the back end has not taken. */
size_t char_queued(const CharFrontend *fe);
/* can_receive has grown. */
void char_accept_input(CharFrontend *fe);
/* The front end is ready (the guest opened its port), or not. */
void char_set_open(CharFrontend *fe, bool open);
/* Terminal echo of the back end (readline wants it off). */
void char_set_echo(CharFrontend *fe, bool echo);
/* Makes this front end of a mux the one that has the terminal. */
void char_take_focus(CharFrontend *fe);
/* Drops the peer of a socket; a server waits for the next. */
void char_drop_peer(CharFrontend *fe);
/* File descriptors that came with what was received (unix sockets): takes the next one, -1: none. */
int char_take_fd(CharFrontend *fe);

/* The line of a serial port. False when the back end has no such thing. */
typedef struct CharSerialParams { int speed, parity /* 'N' 'E' 'O' */, data_bits, stop_bits; } CharSerialParams;
enum { CHAR_LINE_DTR = 1, CHAR_LINE_RTS = 2, CHAR_LINE_CTS = 4, CHAR_LINE_DSR = 8, CHAR_LINE_RI = 16, CHAR_LINE_CD = 32 };
bool char_set_serial_params(CharFrontend *fe, const CharSerialParams *params);
bool char_set_break(CharFrontend *fe, bool on);
bool char_get_lines(CharFrontend *fe, int *lines);
bool char_set_lines(CharFrontend *fe, int lines);       /* DTR and RTS */

/* ---- the property of a device: the id of a Chardev; storage CharFrontend ---- */
extern const PropertyKind property_kind_chardev;
#define PROP_CHARDEV(n, S, f, ...) PROP_(n, S, f, chardev, ##__VA_ARGS__)
/* Sets that property of a device that a board makes; chr NULL: stays unconnected. */
bool object_set_chardev(Object *object, const char *property, Chardev *chr, GError **err);

#endif
