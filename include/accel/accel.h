/*
 * The accelerator interface: everything that differs between running guest code by KVM, by the translator, or not at all (qtest).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_ACCEL_H
#define ACCEL_ACCEL_H

#include "accel/cpu.h"
#include "accel/target.h"

typedef struct Accel Accel;
typedef struct AccelType AccelType;

/* Why a vCPU's run ended and the machine has to do something. */
typedef enum VcpuExit { VCPU_EXIT_AGAIN, VCPU_EXIT_HALTED, VCPU_EXIT_DEBUG, VCPU_EXIT_ERROR } VcpuExit;

/* An interrupt route: what a message-signalled interrupt says. */
typedef struct MsiMessage { uint64_t address; uint32_t data; } MsiMessage;

struct AccelType {
    struct ObjectType;                  /* name "kvm-accel", parent "accel"; properties as users set them */
    const char *accel_name;             /* "kvm" */
    /* Can it run this target in this binary at all? false: the same as an unknown name. */
    bool (*supports)(const TargetArch *arch);
    /* Makes it ready, or says why not (all messages of the reference, the hint with the remedy). messages may be more than one line:
     * each line is printed with the program's name. */
    bool (*start)(Accel *accel, GError **err);
    /* Machine lock held. The vCPU's thread calls vcpu_init first, then vcpu_run again and again (lock
     * released inside; returns at once when exit_request is set, which the loop clears before), and vcpu_exit. */
    bool (*vcpu_create)(Accel *accel, Cpu *cpu, GError **err);
    bool (*vcpu_init)(Cpu *cpu, GError **err);
    VcpuExit (*vcpu_run)(Cpu *cpu);                     /* NULL: vCPUs never run (qtest) */
    void (*vcpu_exit)(Cpu *cpu);
    void (*vcpu_kick)(Cpu *cpu);                        /* any thread */
    bool thread_per_vcpu;                               /* false: one thread runs all in turn, as with Accel.single_thread */
    void (*synchronize)(Cpu *cpu);                      /* registers to the struct */
    void (*post_reset)(Cpu *cpu);                       /* the struct was reset */
    bool (*breakpoint_insert)(Cpu *cpu, const Breakpoint *b, GError **err);
    bool (*breakpoint_remove)(Cpu *cpu, const Breakpoint *b, GError **err);
    void (*debug_changed)(Cpu *cpu);                    /* singlestep or the list of breakpoints changed */
    void (*run_state_changed)(Accel *accel, bool running);
    /* CPU models: takes features away that this accelerator cannot give; family calls it (x86: X86FeatureWords). May be NULL. */
    void (*interrupt)(Cpu *cpu, uint32_t mask);         /* instead of request bit and kick; may be NULL */
    void (*info)(Accel *accel, GString *out);           /* info jit / info kvm details */
    /* After VCPU_EXIT_ERROR: what happened, lines to print (with the registers); the caller frees. May be NULL. */
    char *(*error_text)(Cpu *cpu);
};

struct Accel {
    Object parent;
    const TargetArch *arch;
    struct Machine *machine;            /* while it is initialised and after */
    SystemMemory *system_memory;
    bool halts_itself;                  /* set by start: vcpu_run sleeps for a halted vCPU, which must be run (in-kernel interrupt controllers) */
    bool single_thread;                 /* set by start: one thread runs all vCPUs in turn (TCG's thread=single, icount) */
};

static inline const AccelType *accel_type(const Accel *accel) { return (const AccelType *)accel->parent.type; }
/* The accelerator in use, or NULL before there is one. */
Accel *accel_current(void);
void accel_set_current(Accel *accel);
bool accel_is(const char *name);        /* accel_is("kvm") */
const AccelType *accel_find(const char *name);

/* ---- the resolver: which accelerators to try, in which order ---- */
typedef struct AccelRequest {
    const char *program;                /* argv[0] */
    const char *machine_accel;          /* value of -machine accel= (or "kvm" for -enable-kvm), the last one; NULL: none */
    const char *const *accel_options;   /* the -accel arguments in order, NULL-terminated; or NULL */
} AccelRequest;

typedef struct AccelCandidate {
    char *name;                         /* "kvm" */
    char *properties;                   /* "thread=single", or NULL */
    char *prefix;                       /* of messages: "-accel kvm" or NULL */
    bool implied;                       /* by the program's name: passed over in silence where it is not built in */
} AccelCandidate;

/* The candidates in order (array of AccelCandidate*, freed with g_ptr_array_unref), or NULL with an error. Pure: touches nothing. */
GPtrArray *accel_resolve(const AccelRequest *request, GError **err);
/* Tries them and makes the first that works current. What the failed ones had to say goes to message, line by line, with the candidate's prefix, as
 * soon as another follows; a hint comes as "hint: ..."; "falling back to X" is the last. When none works (or a property is wrong, which is fatal at once) the
 * last one's lines are the error, prefix in each of them, and its hint is the error's. */
bool accel_init_first(GPtrArray *candidates, const TargetArch *arch, struct Machine *machine, SystemMemory *memory,
                      void (*message)(const char *line), GError **err);

/* -accel help: the names that this program has for the target, one a line below the reference's heading. */
char *accel_describe_all(const TargetArch *arch);
/* True when an -accel argument asks for that list: "help", "?", "" or no name at all. */
bool accel_option_is_help(const char *option);
/* qtest is no accelerator unless -qtest is in use. */
void accel_allow_qtest(bool allow);

#endif
