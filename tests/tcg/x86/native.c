/*
 * Running cases on the host's processor: a child process puts the state into a signal frame, lets the kernel load it, and catches the fault that ends the case.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include <asm/ldt.h>
#include <asm/prctl.h>
#include <glib.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { CS64 = 0x33, CS32 = 0x23, DS32 = 0x2b, SS64 = 0x2b, LDT_CS16 = 0x07, LDT_DS16 = 0x0f, LDT_SS16 = 0x17, EFLAGS_MASK = 0xcd5, EFLAGS_TF = 0x100, XSTATE_MAGIC = 0x46505853 };

/* What the child and its handler work on. */
static const X86Case *current;
static X86Result *result;
static gregset_t saved;
static uint8_t saved_fx[512];
static bool running, has_avx;

static const int reg_index[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
                                   REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15 };

/* high: the upper halves of the YMM registers, or NULL: they become 0. */
static void load_fx(ucontext_t *u, const uint8_t *fx, const uint8_t *high)
{
    uint8_t *frame = (uint8_t *)u->uc_mcontext.fpregs;
    uint32_t magic;
    /* The bytes behind 464 are the kernel's own. */
    memcpy(frame, fx, 416);
    memcpy(&magic, frame + 464, 4);
    if (magic == XSTATE_MAGIC) {
        uint64_t present;
        memcpy(&present, frame + 512, 8);
        present |= has_avx ? 7 : 3;
        memcpy(frame + 512, &present, 8);
        if (has_avx && high) {
            memcpy(frame + 576, high, 256);
        } else if (has_avx) {
            memset(frame + 576, 0, 256);
        }
    }
}

static void begin(ucontext_t *u)
{
    greg_t *g = u->uc_mcontext.gregs;
    memcpy(saved, g, sizeof(saved));
    memcpy(saved_fx, u->uc_mcontext.fpregs, 512);
    for (int i = 0; i < 16; i++) {
        g[reg_index[i]] = current->before.regs[i];
    }
    g[REG_RIP] = (current->bits == 16 ? 0 : CODE_ADDRESS) + current->code_offset;
    g[REG_EFL] = (g[REG_EFL] & ~(greg_t)EFLAGS_MASK) | (current->before.eflags & (EFLAGS_MASK | EFLAGS_TF));
    greg_t cs = current->bits == 64 ? CS64 : current->bits == 32 ? CS32 : LDT_CS16, ss = current->bits == 16 ? LDT_SS16 : SS64;
    g[REG_CSGSFS] = (g[REG_CSGSFS] & 0x0000ffffffff0000) | cs | ss << 48;
    load_fx(u, current->before.fx, current->before.ymm_high[0]);
    running = true;
}

static void save_high(ucontext_t *u, uint8_t *high)
{
    const uint8_t *frame = (const uint8_t *)u->uc_mcontext.fpregs;
    uint32_t magic;
    uint64_t present = 0;
    memcpy(&magic, frame + 464, 4);
    if (magic == XSTATE_MAGIC) {
        memcpy(&present, frame + 512, 8);
    }
    if (present & 4) {
        memcpy(high, frame + 576, 256);
    } else {
        memset(high, 0, 256);
    }
}

static void end(ucontext_t *u)
{
    greg_t *g = u->uc_mcontext.gregs;
    X86State *after = &result->after;
    for (int i = 0; i < 16; i++) {
        after->regs[i] = g[reg_index[i]];
        if (current->bits != 64) {
            /* What a 16-bit stack leaves above is not defined. */
            after->regs[i] = (uint32_t)after->regs[i];
        }
    }
    after->rip = g[REG_RIP];
    after->eflags = g[REG_EFL] & EFLAGS_MASK;
    memcpy(after->fx, u->uc_mcontext.fpregs, 512);
    save_high(u, after->ymm_high[0]);
    memcpy(after->memory, (void *)(uintptr_t)DATA_ADDRESS, DATA_WRITABLE);
    result->trap = g[REG_TRAPNO];
    result->error = g[REG_TRAPNO] == 14 ? g[REG_ERR] : 0;
    result->cr2 = g[REG_TRAPNO] == 14 ? g[REG_CR2] : 0;
    if (result->cr2 >> 63) {
        /* Pages of the kernel may be present there. */
        result->error &= ~UINT64_C(1);
    }
    if (result->trap == 13 && (after->rip & 0xfff) == current->code_offset + current->code_bytes - 1) {
        result->trap = -1;
    }
    memcpy(g, saved, sizeof(saved));
    load_fx(u, saved_fx, NULL);
    running = false;
}

static void handle(int sig, siginfo_t *info, void *context)
{
    if (sig == SIGUSR1 && !running) {
        begin(context);
    } else if (running) {
        end(context);
    } else {
        _exit(99);
    }
}

static void install_handlers(void)
{
    static const int signals[] = { SIGUSR1, SIGSEGV, SIGILL, SIGFPE, SIGTRAP, SIGBUS };
    stack_t stack = { .ss_sp = g_malloc(1 << 18), .ss_size = 1 << 18 };
    sigaltstack(&stack, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(signals); i++) {
        struct sigaction action = { .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
        sigaction(signals[i], &action, NULL);
    }
}

/* The segments of 16-bit code. false: the kernel does not give them. */
static bool install_segments(void)
{
    const struct user_desc segments[3] = {
        { .entry_number = 0, .base_addr = CODE_ADDRESS, .limit = 0xffff, .contents = MODIFY_LDT_CONTENTS_CODE },
        { .entry_number = 1, .base_addr = DATA_ADDRESS, .limit = DATA_LIMIT16, .contents = MODIFY_LDT_CONTENTS_DATA },
        { .entry_number = 2, .base_addr = DATA_ADDRESS, .limit = 0xffff, .contents = MODIFY_LDT_CONTENTS_DATA },
    };
    bool ok = true;
    for (unsigned i = 0; i < G_N_ELEMENTS(segments); i++) {
        ok = ok && syscall(SYS_modify_ldt, 1, &segments[i], sizeof(segments[i])) == 0;
    }
    return ok;
}

/* 64-bit programs run with null selectors, which other code cannot use. */
static void load_data_segments(unsigned bits)
{
    __asm__ volatile("mov %0, %%ds\n\tmov %1, %%es" : : "r"(bits == 16 ? LDT_DS16 : DS32), "r"(bits == 16 ? LDT_SS16 : DS32));
}

static void run_one(const X86Case *c, X86Result *r)
{
    load_data_segments(c->bits);
    uint8_t *code = (uint8_t *)(uintptr_t)CODE_ADDRESS;
    memset(code, 0xf4, CODE_BYTES);
    memcpy(code + c->code_offset, c->code, c->code_bytes);
    memcpy((void *)(uintptr_t)DATA_ADDRESS, c->before.memory, DATA_WRITABLE);
    current = c;
    result = r;
    raise(SIGUSR1);
}

static void child(const X86Case *cases, X86Result *results, unsigned n, unsigned *progress)
{
    mmap((void *)(uintptr_t)CODE_ADDRESS, CODE_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    install_handlers();
    install_segments();
    syscall(SYS_arch_prctl, ARCH_SET_GS, STATES_GS_BASE);
    alarm(20);
    has_avx = __builtin_cpu_supports("avx");
    for (unsigned i = 0; i < n; i++) {
        *progress = i;
        run_one(&cases[i], &results[i]);
    }
    *progress = n;
    _exit(0);
}

bool native_run(const X86Case *cases, X86Result *results, unsigned n, unsigned *crashed)
{
    size_t bytes = n * sizeof(X86Result) + 64;
    uint8_t *shared = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert(shared != MAP_FAILED);
    unsigned *progress = (unsigned *)(shared + n * sizeof(X86Result));
    pid_t pid = fork();
    if (pid == 0) {
        child(cases, (X86Result *)shared, n, progress);
    }
    int status;
    waitpid(pid, &status, 0);
    *crashed = *progress;
    memcpy(results, shared, n * sizeof(X86Result));
    munmap(shared, bytes);
    return status == 0;
}

bool native_runs_bits(unsigned bits)
{
    X86Case *c = g_new0(X86Case, 1);
    X86Result *r = g_new0(X86Result, 1);
    unsigned crashed;
    c->bits = bits;
    c->code[0] = 0x90;
    c->code[1] = 0xf4;
    c->code_bytes = 2;
    c->before.regs[4] = (bits == 16 ? 0 : DATA_ADDRESS) + 0x1800;
    c->before.fx[0] = 0x7f;
    c->before.fx[1] = 0x03;
    c->before.fx[24] = 0x80;
    c->before.fx[25] = 0x1f;
    bool runs = (bits != 16 || install_segments()) && native_run(c, r, 1, &crashed) && r->trap == -1;
    g_free(c);
    g_free(r);
    return runs;
}
