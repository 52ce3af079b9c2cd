/*
 * A virtual CPU as everything but its architecture sees it: identity, run state, requests, and the thread that runs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_CPU_H
#define ACCEL_CPU_H

#include "hw/core/device.h"
#include "softmmu/memory.h"
#include <stdatomic.h>

typedef struct Cpu Cpu;
typedef struct TargetArch TargetArch;
typedef struct AccelCpu AccelCpu;       /* the accelerator's own state of a vCPU */

/* Room at a fixed place near the front of every CPU for what translated code reads and writes at each step; laid out by accel/tcg. */
#define CPU_HOT_BYTES 1024

typedef enum BreakpointKind { BREAK_SW, BREAK_HW, WATCH_WRITE, WATCH_READ, WATCH_ACCESS } BreakpointKind;
typedef struct Breakpoint { BreakpointKind kind; uint64_t addr, len; bool by_gdb; } Breakpoint;

/* What a thread of vCPUs sleeps on; cpu_kick sets wake. */
typedef struct CpuWaiter { GMutex lock; GCond cond; bool wake; } CpuWaiter;

struct Cpu {
    Device parent;
    _Alignas(64) uint8_t hot[CPU_HOT_BYTES];

    const TargetArch *arch;
    int index;                          /* 0 ... in order of creation */
    AddressSpace *memory;               /* what its physical addresses mean */
    AddressSpace *io;                   /* port space; NULL where there is none */
    AccelCpu *accel;

    /* Requests: bits of the architecture (CPU_INTERRUPT_*), set by anyone, taken by the vCPU thread. */
    _Atomic uint32_t interrupt_request;
    _Atomic bool exit_request;          /* leave guest code soon and look at the requests */
    _Atomic bool halted;                /* waits for an interrupt */
    bool powered_off;                   /* waits for another CPU to start it (PSCI, SIPI) */

    /* Run state, guarded by the machine lock. */
    bool created, stop_requested, stopped, unplug, running;
    GThread *thread; int thread_id;     /* thread_id: the host's */
    CpuWaiter own_waiter, *waiter;      /* what its thread sleeps on: its own, or one for all */
    unsigned nap_us;                    /* its thread's alone: sleeps so long before it runs on */
    GQueue *work;                       /* of CpuWork, guarded by work_lock */
    GMutex work_lock;

    /* Debugger. */
    int singlestep;                     /* 0, or SSTEP_ENABLE | flags */
    GArray *breakpoints;                /* of Breakpoint */
    uint64_t watch_hit_addr; BreakpointKind watch_hit_kind; bool watch_hit;
    bool register_state_dirty;          /* KVM: our copy is newer than the kernel's */
    bool register_state_valid;          /* KVM: our copy is as new as the kernel's */
    int64_t topology[8];                /* node-id, drawer-id, book-id, socket-id, die-id, cluster-id/module-id, core-id, thread-id; -1: not set */
};
#define CPU(p) ((Cpu *)(p))
enum { SSTEP_ENABLE = 1, SSTEP_NOIRQ = 2, SSTEP_NOTIMER = 4 };

/* Generic bits of interrupt_request; the architecture uses the rest. */
enum {
    CPU_INTERRUPT_HARD   = 0x0002,      /* an interrupt controller's output */
    CPU_INTERRUPT_EXITTB = 0x0004,      /* leave translated code */
    CPU_INTERRUPT_HALT   = 0x0020,
    CPU_INTERRUPT_DEBUG  = 0x0080,
    CPU_INTERRUPT_RESET  = 0x0400,
    CPU_INTERRUPT_LINE   = 0x8000,      /* the line that it watches has been written to */
};

/* The vCPU on whose thread we are; NULL on other threads. */
Cpu *cpu_current(void);
void cpu_set_current(Cpu *cpu);

/* Sets bits and makes the vCPU look. Any thread. */
void cpu_interrupt(Cpu *cpu, uint32_t mask);
static inline void cpu_clear_interrupt(Cpu *cpu, uint32_t mask) { atomic_fetch_and(&cpu->interrupt_request, ~mask); }
/* Makes a vCPU leave guest code or halt soon. Any thread. */
void cpu_kick(Cpu *cpu);
/* On its own thread: the guest waits in a loop for what another vCPU does, and nothing will wake it. It leaves guest code soon and gives its host processor away for
 * some microseconds, or until it is woken. */
void cpu_nap(Cpu *cpu, unsigned us);

/* Runs fn(cpu, opaque) on the vCPU's thread, outside guest code. run waits for it (machine lock released while it waits);
 * machine_locked says whether fn has the machine lock. */
typedef void CpuWorkFunc(Cpu *cpu, void *opaque);
void cpu_run_on(Cpu *cpu, CpuWorkFunc *fn, void *opaque);
void cpu_run_on_async(Cpu *cpu, CpuWorkFunc *fn, void *opaque);
/* The same with all other vCPUs outside guest code. */
void cpu_run_exclusive_async(Cpu *cpu, CpuWorkFunc *fn, void *opaque);

/* All CPUs in order of index. */
Cpu *cpu_first(void);
Cpu *cpu_next(Cpu *cpu);
Cpu *cpu_by_index(int index);
#define CPU_FOREACH(cpu) for (Cpu *cpu = cpu_first(); cpu; cpu = cpu_next(cpu))
int cpu_count(void);
/* The abstract type "cpu" does this: its realize gives an index, its after_realize (when the architecture's realize is done) makes the vCPU and
 * its thread by the machine's accelerator. The new vCPU stands still until cpus_resume or, hot-plugged, cpu_resume. */
bool cpu_register(Cpu *cpu, GError **err);
void cpu_unregister(Cpu *cpu);
void cpu_resume(Cpu *cpu);

/* Stops and starts all vCPUs (run state); stop returns when all stand still. Machine lock held. */
void cpus_pause(void);
void cpus_resume(void);
bool cpus_running(void);
/* Told, on the vCPU's thread with the machine lock held, when a vCPU stopped for the debugger (VCPU_EXIT_DEBUG) or cannot go on
 * (VCPU_EXIT_ERROR); the vCPU stands still until cpus_resume. exit: a VcpuExit. */
void cpu_set_stop_hook(void (*fn)(Cpu *cpu, int exit));
void cpu_reset(Cpu *cpu);               /* device_cold_reset and the accelerator's part */

/* Accelerators whose copy of the registers may be old: makes the fields of the CPU struct true before reading (get), and says that they are
 * changed (put back before the next guest instruction). Cheap when nothing is to do. Machine lock held, the vCPU stopped or on its own thread. */
void cpu_synchronize(Cpu *cpu);
void cpus_synchronize(void);

/* Virtual memory as a debugger sees it: no faults, no side effects. false when a page is not mapped. */
bool cpu_debug_rw(Cpu *cpu, uint64_t vaddr, void *buf, uint64_t len, bool is_write);

#endif
