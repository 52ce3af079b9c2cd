/*
 * Semihosting: a program on the bare processor asks its host for files, a console, time and an exit status by a trap instruction.
 *
 * "Semihosting for AArch32 and AArch64", Release 2.0 (Arm, 2023); RISC-V's "Semihosting" specification 0.4 refers to it.
 *
 * A front end (target/ARCH) knows the trap instruction and where number, parameter and result are; semihosting/ does the rest. The settings are made once, by system/,
 * before any processor runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SEMIHOSTING_SEMIHOSTING_H
#define SEMIHOSTING_SEMIHOSTING_H

#include "accel/cpu.h"

/* ---- settings ---- */
/* Who does what a program asks for: this process, the debugger, or the debugger while one is attached. */
typedef enum SemihostTarget { SEMIHOST_AUTO, SEMIHOST_NATIVE, SEMIHOST_GDB } SemihostTarget;
typedef struct SemihostSettings {
    bool enabled;
    bool userspace;             /* unprivileged code may call, too */
    SemihostTarget target;
    const char *chardev;        /* id of the console's character device; NULL: this process's standard files */
    const char *command_line;   /* what SYS_GET_CMDLINE tells; NULL: empty */
} SemihostSettings;
/* Takes the settings (strings are copied) and connects the console. Machine lock held, main thread. */
bool semihosting_configure(const SemihostSettings *settings, GError **err);
/* Whether the trap instruction is a call. unprivileged: of code at the lowest level. Any thread. */
bool semihosting_enabled(bool unprivileged);

/* ---- calls ---- */
typedef struct SemihostFrontEnd {
    void (*set_result)(Cpu *cpu, uint64_t value);
    void (*forget_fault)(Cpu *cpu);         /* drops the exception that an access to memory by tcg_load and so on has recorded */
} SemihostFrontEnd;

typedef struct SemihostCall {
    Cpu *cpu;
    const SemihostFrontEnd *front;
    uint32_t operation;         /* SYS_* */
    uint64_t parameter;
    unsigned word_bytes;        /* of a field of a parameter block: 4 or 8 */
    bool big_endian;            /* so are its fields */
    unsigned priv;              /* the index that the guest's loads and stores go by */
} SemihostCall;

typedef enum SemihostOutcome {
    SEMIHOST_DONE,              /* the result is set: go on behind the trap instruction */
    SEMIHOST_LATER,             /* go on, too: the vCPU is stopped until the debugger has answered, and set_result called from another thread meanwhile */
    SEMIHOST_AGAIN,             /* the vCPU waits (for input) or ends: leave translated code with the program counter at the trap instruction, which is run again */
} SemihostOutcome;
/* Carries out a call. The vCPU's thread, machine lock not held, from a helper that ends its unit. */
SemihostOutcome semihosting_call(const SemihostCall *call);

/* ---- the debugger, where there is one: gdbstub/ ---- */
typedef struct SemihostAnswer { int64_t result; int gdb_errno; } SemihostAnswer;
typedef void SemihostAnswered(const SemihostAnswer *answer, void *opaque);
typedef struct SemihostDebugger {
    bool (*attached)(void);
    /* Stops the machine and sends text, a request of gdb's File-I/O extension ("Fclose,1"); answered(answer, opaque) is called on the main thread while all vCPUs stand
     * still (result -1 when the debugger has gone), and then the machine goes on. Machine lock held, cpu's own thread. */
    void (*request)(Cpu *cpu, const char *text, SemihostAnswered *answered, void *opaque);
} SemihostDebugger;
void semihosting_set_debugger(const SemihostDebugger *debugger);

#endif
