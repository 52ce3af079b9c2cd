/*
 * What a kind of back end is made of, and what back ends ask of the common part (chardev.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_INTERNAL_H
#define CHARDEV_INTERNAL_H

#include "chardev/char.h"
#include "util/keyval.h"

#include <sys/types.h>

/* Output of protocols that a back end has not taken yet; more is dropped. */
#define CHARDEV_QUEUE_MAX (64u << 20)

typedef struct ChardevType {
    struct ObjectType;              /* name "chardev-file", parent "chardev" */
    const char *backend, *alias;    /* "file"; another name, or NULL */
    bool absent;                    /* known by name, not built: not listed */
    bool opens_itself;              /* says OPENED when a peer is there; else it is open from the start */
    /* kv: its options, id and mux among them. false: nothing is left behind but what finalize releases. */
    bool (*open)(Chardev *chr, KeyVals *kv, GError **err);
    /* How many bytes it took: fewer than len when it is full. Errors of the host count as taken. */
    size_t (*write)(Chardev *chr, const uint8_t *buf, size_t len);
    void (*watch_output)(Chardev *chr);         /* calls chardev_writable once when there is room again */
    void (*accept_input)(Chardev *chr);         /* chardev_room may have grown from 0: reads again */
    void (*set_echo)(Chardev *chr, bool echo);
    void (*set_open)(Chardev *chr, bool open);
    void (*drop_peer)(Chardev *chr);
    int (*take_fd)(Chardev *chr);
    bool (*set_serial_params)(Chardev *chr, const CharSerialParams *params);
    bool (*set_break)(Chardev *chr, bool on);
    bool (*get_lines)(Chardev *chr, int *lines);
    bool (*set_lines)(Chardev *chr, int lines);
    void (*cleanup)(Chardev *chr);              /* at the process's end, and before finalize */
} ChardevType;

struct Chardev {
    Object parent;
    char *label, *filename;
    CharFrontend *frontend;         /* NULL: free */
    bool peer_open;                 /* OPENED was said */
    int log_fd;                     /* -1: no log */
    GByteArray *queue; size_t queue_taken;      /* of char_write_all */
    bool cleaned;
};
static inline const ChardevType *chardev_type(const Chardev *chr) { return (const ChardevType *)chr->parent.type; }

/* Input on its way to the front end: room first, then at most that much. */
int chardev_room(Chardev *chr);
void chardev_receive(Chardev *chr, const uint8_t *buf, size_t len);
void chardev_event(Chardev *chr, CharEvent event);
/* The back end takes bytes again. */
void chardev_writable(Chardev *chr);
void chardev_set_filename(Chardev *chr, char *filename);    /* takes it */
/* Sets O_NONBLOCK; makes broken pipes errors instead of signals. */
void chardev_set_nonblocking(int fd);
/* What a user has to know at once ("char device redirected to ..."). */
void chardev_message(const char *format, ...) G_GNUC_PRINTF(1, 2);

/* Makes a back end out of parsed options (options.c); under /chardevs. */
Chardev *chardev_new(KeyVals *kv, GError **err);
const ChardevType *chardev_type_find(const char *backend);

/* ---- back ends on file descriptors (fd.c); type "chardev-fd" ---- */
typedef struct FdChardev {
    Chardev parent;
    int in_fd, out_fd;              /* may be the same; -1: none */
    unsigned in_watch, out_watch;
    bool polled;                    /* in_fd can be waited for (no regular file) */
} FdChardev;
void fd_chardev_open(FdChardev *fd, int in_fd, int out_fd);
void fd_chardev_close(FdChardev *fd);
size_t fd_chardev_write(Chardev *chr, const uint8_t *buf, size_t len);
void fd_chardev_watch_output(Chardev *chr);
void fd_chardev_accept_input(Chardev *chr);

/* ---- mux.c ---- */
Chardev *mux_new(const char *label, Chardev *base, GError **err);
bool mux_attach(Chardev *chr, CharFrontend *fe, GError **err);
void mux_detach(Chardev *chr, CharFrontend *fe);
void mux_focus(Chardev *chr, CharFrontend *fe);
bool mux_has_frontend(const Chardev *chr);
bool mux_any_open(const Chardev *chr);
/* The front ends' watches, after the queue is empty. */
void mux_writable(Chardev *chr);
void mux_announce(Chardev *chr);    /* the machine is ready */
bool chardev_machine_is_ready(void);

#endif
