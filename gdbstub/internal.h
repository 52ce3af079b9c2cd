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
    int thread_iteration;       /* qsThreadInfo: the next CPU's index */
    struct RunStateHandler *handler;
} GdbServer;

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

#endif
