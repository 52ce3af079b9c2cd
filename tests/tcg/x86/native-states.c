/*
 * Running batches on the host's processor without a system call a state: a child process that stays loads each state by instructions, jumps, and comes back by a jump that
 * stands where the translated code has HLT. Faults come by a signal, whose handler goes on with the next state instead of returning.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include <asm/prctl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

/* What the assembly works on lies where absolute addresses of 32 bits reach it. */
#define SCRATCH_ADDRESS 0x30000000
#define SCRATCH_TEXT "0x30000000"
#define TEXT_OF(x) #x
#define AT(offset) SCRATCH_TEXT " + " TEXT_OF(offset)

typedef struct Scratch { uint64_t regs[16], flags, target, host_rsp; X86Outcome *outcome; const void *leave; } Scratch;
_Static_assert(offsetof(Scratch, flags) == 128 && offsetof(Scratch, target) == 136 && offsetof(Scratch, host_rsp) == 144 && offsetof(Scratch, outcome) == 152,
               "the assembly knows these");
_Static_assert(offsetof(X86Variant, regs) == 832 && offsetof(X86Variant, eflags) == 960, "and these");

enum { DS32 = 0x2b, EFLAGS_MASK = 0xcd5, XSTATE_MAGIC = 0x46505853, STACK_BYTES = 1 << 18, BATCHES_OF_A_CHILD = 500 };

void native_enter(const X86Variant *v);
void native_resume(void);
extern const uint8_t native_leave[];

#define LOAD(n, reg) "mov 832 + 8 * " #n "(%rdi), %" #reg "\n\t"
#define SAVE(n, reg) "mov %" #reg ", " SCRATCH_TEXT " + 8 * " #n "\n\t"

__asm__(
    ".text\n"
    "native_enter:\n\t"
    "push %rbx\n\tpush %rbp\n\tpush %r12\n\tpush %r13\n\tpush %r14\n\tpush %r15\n\t"
    "mov %rsp, " AT(144) "\n\t"
    "mov $7, %eax\n\txor %edx, %edx\n\t"
    "xrstor64 (%rdi)\n\t"
    "pushq 960(%rdi)\n\tpopfq\n\t"
    LOAD(0, rax) LOAD(1, rcx) LOAD(2, rdx) LOAD(3, rbx) LOAD(4, rsp) LOAD(5, rbp) LOAD(6, rsi) LOAD(8, r8) LOAD(9, r9) LOAD(10, r10) LOAD(11, r11) LOAD(12, r12)
    LOAD(13, r13) LOAD(14, r14) LOAD(15, r15) LOAD(7, rdi)
    "jmp *" AT(136) "\n"
    "native_leave:\n\t"
    SAVE(0, rax) SAVE(1, rcx) SAVE(2, rdx) SAVE(3, rbx) SAVE(4, rsp) SAVE(5, rbp) SAVE(6, rsi) SAVE(7, rdi) SAVE(8, r8) SAVE(9, r9) SAVE(10, r10) SAVE(11, r11)
    SAVE(12, r12) SAVE(13, r13) SAVE(14, r14) SAVE(15, r15)
    "mov " AT(144) ", %rsp\n\t"
    "pushfq\n\tpopq " AT(128) "\n\t"
    "mov " AT(152) ", %rdi\n\t"
    "mov $7, %eax\n\txor %edx, %edx\n\t"
    "xsave64 (%rdi)\n"
    "native_resume:\n\t"
    "mov " AT(144) ", %rsp\n\t"
    "cld\n\t"
    "pop %r15\n\tpop %r14\n\tpop %r13\n\tpop %r12\n\tpop %rbp\n\tpop %rbx\n\t"
    "ret\n");

static Scratch *scratch(void)
{
    return (Scratch *)SCRATCH_ADDRESS;
}

/* ---- faults ---- */

static const int reg_index[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                   REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

static void handle(int sig, siginfo_t *info, void *context)
{
    ucontext_t *u = context;
    const greg_t *g = u->uc_mcontext.gregs;
    const uint8_t *frame = (const uint8_t *)u->uc_mcontext.fpregs;
    X86Outcome *o = scratch()->outcome;
    uint32_t magic;
    uint64_t present = 3;
    memcpy(&magic, frame + 464, 4);
    if (magic == XSTATE_MAGIC) {
        memcpy(&present, frame + XSAVE_HEADER_AT, 8);
    }
    memcpy(o->image, frame, 416);
    if (present & 4) {
        memcpy(o->image + XSAVE_YMM_AT, frame + XSAVE_YMM_AT, 256);
    } else {
        memset(o->image + XSAVE_YMM_AT, 0, 256);
    }
    for (int i = 0; i < 16; i++) {
        o->regs[i] = g[reg_index[i]];
    }
    o->rip = g[REG_RIP];
    o->eflags = g[REG_EFL] & EFLAGS_MASK;
    o->trap = g[REG_TRAPNO];
    if (o->trap == 14) {
        o->cr2 = g[REG_CR2];
        /* Pages of the kernel may be present there. */
        o->error = o->cr2 >> 63 ? g[REG_ERR] & ~1 : g[REG_ERR];
    }
    native_resume();
}

static void install_handlers(void)
{
    static const int signals[] = { SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS };
    stack_t stack = { .ss_sp = g_malloc(STACK_BYTES), .ss_size = STACK_BYTES };
    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
        sigaction(signals[i], &action, NULL);
    }
}

/* ---- the child ---- */

static void put_code(const X86Case *c)
{
    uint8_t *code = (uint8_t *)(uintptr_t)CODE_ADDRESS, *end = code + c->code_offset + c->code_bytes - 1;
    int32_t distance = (int64_t)((intptr_t)&scratch()->leave - (intptr_t)(end + 6));
    memset(code, 0xf4, CODE_BYTES);
    memcpy(code + c->code_offset, c->code, c->code_bytes - 1);
    /* jmp *leave(%rip) */
    end[0] = 0xff;
    end[1] = 0x25;
    memcpy(end + 2, &distance, 4);
    scratch()->leave = native_leave;
    scratch()->target = CODE_ADDRESS + c->code_offset;
}

static void run_variant(const X86Case *c, StateWindow *w, const X86Variant *v, X86Outcome *o)
{
    window_load(w, v);
    o->trap = -2;
    o->error = o->cr2 = 0;
    scratch()->outcome = o;
    native_enter(v);
    if (o->trap == -2) {
        memcpy(o->regs, scratch()->regs, sizeof(o->regs));
        o->eflags = scratch()->flags & EFLAGS_MASK;
        o->rip = CODE_ADDRESS + c->code_offset + c->code_bytes - 1;
        o->trap = -1;
    }
    window_scan(w, o);
    window_restore(w, o);
}

typedef struct SharedBatch {
    StateBatch batch;                   /* first: what batch_new returns */
    size_t bytes;
    unsigned progress, batches;
    pid_t child;
    int to_child[2], from_child[2];
} SharedBatch;

static void run_batch(SharedBatch *s)
{
    static StateWindow window;
    const StateBatch *b = &s->batch;
    alarm(60);
    for (unsigned i = 0; i < b->nr_cases; i++) {
        put_code(&b->cases[i]);
        window_begin(&window, &b->cases[i]);
        for (unsigned j = 0; j < b->nr_variants; j++) {
            s->progress = i * b->nr_variants + j;
            run_variant(&b->cases[i], &window, &b->variants[s->progress], &b->outcomes[s->progress]);
        }
    }
    alarm(0);
}

static void child(SharedBatch *s)
{
    uint8_t go;
    close(s->to_child[1]);
    close(s->from_child[0]);
    mmap((void *)(uintptr_t)CODE_ADDRESS, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    mmap((void *)SCRATCH_ADDRESS, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    install_handlers();
    __asm__ volatile("mov %0, %%ds\n\tmov %0, %%es" : : "r"(DS32));
    syscall(SYS_arch_prctl, ARCH_SET_GS, STATES_GS_BASE);
    while (read(s->to_child[0], &go, 1) == 1) {
        run_batch(s);
        if (write(s->from_child[1], &go, 1) != 1) {
            break;
        }
    }
    _exit(0);
}

/* ---- the parent ---- */

static size_t round_up(size_t bytes)
{
    return (bytes + 4095) & ~(size_t)4095;
}

StateBatch *batch_new(unsigned nr_cases, unsigned nr_variants)
{
    size_t head = round_up(sizeof(SharedBatch)), cases = round_up(nr_cases * sizeof(X86Case)), n = nr_cases * nr_variants;
    size_t bytes = head + cases + round_up(n * sizeof(X86Variant)) + round_up(n * sizeof(X86Outcome));
    uint8_t *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert(shared != MAP_FAILED);
    SharedBatch *s = (SharedBatch *)shared;
    s->bytes = bytes;
    s->batch = (StateBatch){ nr_cases, nr_variants, (X86Case *)(shared + head), (X86Variant *)(shared + head + cases),
                             (X86Outcome *)(shared + head + cases + round_up(n * sizeof(X86Variant))) };
    return &s->batch;
}

static void end_child(SharedBatch *s)
{
    if (s->child) {
        close(s->to_child[1]);
        close(s->from_child[0]);
        waitpid(s->child, NULL, 0);
        s->child = 0;
    }
}

void batch_free(StateBatch *b)
{
    SharedBatch *s = (SharedBatch *)b;
    end_child(s);
    munmap(s, s->bytes);
}

static void start_child(SharedBatch *s)
{
    /* Should it die, writing to it fails. */
    signal(SIGPIPE, SIG_IGN);
    g_assert(pipe(s->to_child) == 0 && pipe(s->from_child) == 0);
    pid_t pid = fork();
    g_assert(pid >= 0);
    if (pid == 0) {
        child(s);
    }
    s->child = pid;
    s->batches = 0;
    close(s->to_child[0]);
    close(s->from_child[1]);
}

bool batch_run_native(StateBatch *b, unsigned *crashed)
{
    SharedBatch *s = (SharedBatch *)b;
    uint8_t go = 0;
    /* What a case has done to the process outside of the window does not stay for long. */
    if (s->child && s->batches++ == BATCHES_OF_A_CHILD) {
        end_child(s);
    }
    if (!s->child) {
        start_child(s);
    }
    bool ok = write(s->to_child[1], &go, 1) == 1 && read(s->from_child[0], &go, 1) == 1;
    if (!ok) {
        *crashed = s->progress;
        end_child(s);
    }
    return ok;
}
