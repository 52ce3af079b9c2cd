/*
 * The gdb server's state. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef GDBSTUB_INTERNAL_H
#define GDBSTUB_INTERNAL_H

#include "accel/cpu.h"
#include "chardev/char.h"
#include "gdbstub/packet.h"

typedef struct GdbServer {
    CharFrontend chr;
    char *own_chardev;          /* id of the back end that we made; NULL: the user's */
    GdbReader reader;
    GString *last;              /* the last packet as sent, for '-' */
    bool attached;              /* gdb is there and has not detached */
    bool no_ack, physical;      /* QStartNoAckMode; Qqemu.PhyMemMode */
    bool awaiting_stop;         /* gdb waits for a stop reply */
    int step_flags;             /* Qqemu.sstep */
    Cpu *general, *control;     /* of Hg and Hc */
    Cpu *stopped;               /* who met a breakpoint last; NULL: nobody in particular */
    char *actions; int nr_actions;  /* of the last resume, by CPU index */
    int thread_iteration;       /* qsThreadInfo: the next CPU's index */
    struct RunStateHandler *handler;
} GdbServer;

/* Signals by gdb's numbers; what a command that cannot be read is answered by. */
enum { GDB_SIGNAL_0 = 0, GDB_SIGNAL_INT = 2, GDB_SIGNAL_QUIT = 3, GDB_SIGNAL_TRAP = 5, GDB_SIGNAL_ABRT = 6, GDB_SIGNAL_ALRM = 14, GDB_SIGNAL_STOP = 17, GDB_SIGNAL_XCPU = 24 };
enum { GDB_ERROR_SYNTAX = 0x16 };

/* server.c */
void gdb_send(GdbServer *g, const void *data, size_t len);
void gdb_send_text(GdbServer *g, const char *text);
void gdb_send_error(GdbServer *g, int code);
void gdb_send_stop_reply(GdbServer *g, int signal);
/* Resumes the CPUs whose action[index] is 'c' or 's' (0: stands still). */
void gdb_resume(GdbServer *g, const char *actions, int count);
/* "1": CPU 0. NULL: none. */
static inline int gdb_thread_id(const Cpu *cpu) { return cpu->index + 1; }
Cpu *gdb_cpu_of_thread(uint64_t id);

/* commands.c: carries out a packet. data ends with a 0 behind len bytes. */
void gdb_command(GdbServer *g, const char *data, size_t len);

/* breakpoints.c; kind: gdb's 0 to 4. False: not possible; *supported says whether the kind is known. */
bool gdb_breakpoint_insert(int kind, uint64_t addr, uint64_t len, bool *supported);
bool gdb_breakpoint_remove(int kind, uint64_t addr, uint64_t len, bool *supported);
void gdb_breakpoints_remove_all(void);

/* file-io.c. Machine lock held. */
void gdb_file_io_begin(GdbServer *g);
void gdb_file_io_end(void);
/* The machine has stopped. true: for a request of the guest, which has been sent; gdb goes on waiting for a stop. */
bool gdb_file_io_send(GdbServer *g);
void gdb_file_io_reply(GdbServer *g, const char *args);
/* All requests fail. true: there were such. */
bool gdb_file_io_abandon(void);

#endif
