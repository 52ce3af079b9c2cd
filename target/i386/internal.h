/*
 * What the files of target/i386 share and nobody else needs: page walks, delivery of events, segment loads.
 *
 * Functions that return bool here: false means that an exception was recorded and that nothing was changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_INTERNAL_H
#define TARGET_I386_INTERNAL_H

#include "target/i386/cpu.h"
#include "tcg/target.h"
#include "util/bits.h"

/* ---- state.c ---- */
/* All TLB entries of the translator for this CPU go. Any thread. */
void x86_flush_translations(X86Cpu *cpu);

/* ---- msr.c ---- */
/* There is a local APIC, and IA32_APIC_BASE has it on. */
bool x86_apic_enabled(X86Cpu *cpu);

/* ---- reset.c ---- */
uint64_t x86_raw_tsc(const X86Cpu *cpu);        /* before the offset */

/* ---- mmu.c ---- */
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_USER = 4, PF_RESERVED = 8, PF_FETCH = 16, PF_KEY = 32 };
typedef enum X86WalkResult { X86_WALK_OK, X86_WALK_PAGE_FAULT, X86_WALK_NOT_CANONICAL } X86WalkResult;
/* Translates vaddr. quiet: sets no accessed or dirty bits and asks for no permission (debuggers). *error: the #PF error code. */
X86WalkResult x86_walk(X86Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, bool quiet, TcgTranslation *out, uint32_t *error);
bool x86_translate_address(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TcgTranslation *out);
void x86_walk_cache_flush(X86Cpu *cpu);
/* Reads the four PDPTEs of PAE paging that a value of CR3 leads to; false: a reserved bit is set in one that is present. */
bool x86_read_pdptes(X86Cpu *cpu, uint64_t cr3, uint64_t pdptes[4]);
uint64_t x86_space_id(Cpu *cpu);
/* The shape of the page tables now, for who lists them. */
typedef struct X86Paging { unsigned levels, entry_bytes, index_bits; bool pse; } X86Paging;
X86Paging x86_paging(const X86Cpu *cpu);
/* Reads a page table entry; 0 where there is no RAM. */
uint64_t x86_read_entry(X86Cpu *cpu, uint64_t paddr, unsigned bytes);

/* ---- exceptions.c ---- */
typedef struct X86Event {
    int vector;
    bool has_error, software, external; /* software: INT n and kin; external: an interrupt or NMI */
    uint32_t error;
    uint64_t return_pc;
} X86Event;
/* Takes the CPU to the handler of an event, by way of double and triple faults where that fails. vCPU thread. */
void x86_deliver_event(X86Cpu *cpu, X86Event event);
/* Where a jump goes shows when its target is fetched. If that is no canonical address, the jump should have faulted (volume 2, JMP, CALL, RET): its offset from pc_base,
 * whether it has pushed or popped, and what RET has released beside. */
enum { X86_JUMP_OFFSET = 0x1fff, X86_JUMP_PLAIN = 1 << 13, X86_JUMP_CALL = 2 << 13, X86_JUMP_RETURN = 3 << 13, X86_JUMP_KIND = 3 << 13, X86_JUMP_RELEASED_SHIFT = 16 };

/* Until a reset; which it asks for. */
void x86_shut_down(X86Cpu *cpu);
/* mce.c: TargetArch.inject_mce. */
void x86_inject_mce(Cpu *c, const MachineCheck *check, GString *said);
void x86_deliver(Cpu *cpu);
bool x86_exception_pending(Cpu *cpu);

/* ---- interrupt.c ---- */
bool x86_interrupt(Cpu *cpu);
bool x86_has_work(Cpu *cpu);
void x86_after_block(Cpu *cpu);

/* ---- segments.c ---- */
/* A descriptor as it stands in a table. */
typedef struct Descriptor { uint32_t low, high; } Descriptor;
static inline uint32_t descriptor_base(Descriptor d) { return d.low >> 16 | (d.high & 0xff) << 16 | (d.high & 0xff000000); }
static inline uint32_t descriptor_limit(Descriptor d)
{
    uint32_t limit = (d.low & 0xffff) | (d.high & 0x000f0000);
    return d.high & DESC_G_MASK ? limit << 12 | 0xfff : limit;
}
static inline unsigned descriptor_dpl(Descriptor d) { return d.high >> DESC_DPL_SHIFT & 3; }
static inline unsigned descriptor_type(Descriptor d) { return d.high >> DESC_TYPE_SHIFT & 15; }
static inline bool descriptor_is_code(Descriptor d) { return (d.high & (DESC_S_MASK | DESC_CS_MASK)) == (DESC_S_MASK | DESC_CS_MASK); }
#define DESC_ATTRIBUTES 0x00f0ff00u     /* of the second word: what SegmentCache.attributes holds */
/* Types of system descriptors. */
enum { SYS_TSS16 = 1, SYS_LDT = 2, SYS_TSS16_BUSY = 3, SYS_CALL16 = 4, SYS_TASK_GATE = 5, SYS_INT16 = 6, SYS_TRAP16 = 7, SYS_TSS32 = 9,
       SYS_TSS32_BUSY = 11, SYS_CALL32 = 12, SYS_INT32 = 14, SYS_TRAP32 = 15 };

/* The descriptor of a selector (not null); false without an exception when it is outside its table (*outside set), or with one (#PF). */
bool x86_read_descriptor(X86Cpu *cpu, uint16_t selector, Descriptor *d, bool *outside);
/* The same; outside its table: the exception vector with the selector as error code. */
bool x86_fetch_descriptor(X86Cpu *cpu, uint16_t selector, Descriptor *d, int vector);
/* Sets the accessed bit of a segment descriptor in memory where it is not set. */
bool x86_set_accessed(X86Cpu *cpu, uint16_t selector, Descriptor *d);
void x86_load_segment_descriptor(X86Cpu *cpu, int seg, uint16_t selector, Descriptor d);
void x86_load_segment_vm86(X86Cpu *cpu, int seg, uint16_t selector);
/* Moves to a segment register by the rules of the mode (not CS). */
bool x86_move_to_segment(X86Cpu *cpu, int seg, uint16_t selector);
/* Sets CS so that the CPL becomes cpl. */
void x86_load_cs(X86Cpu *cpu, uint16_t selector, Descriptor d, unsigned cpl);
/* Segments that an outer ring may not see become null. */
void x86_hide_inner_segments(X86Cpu *cpu, unsigned cpl);
/* Stack pointer and segment of an inner ring from the TSS. */
bool x86_tss_stack(X86Cpu *cpu, unsigned dpl, uint16_t *ss, uint32_t *esp);
bool x86_tss_stack64(X86Cpu *cpu, unsigned index, uint64_t *rsp);   /* 0 to 2: RSPn; 4 and up: IST(n - 3) */
/* Checks that ss can be the stack segment of cpl; vector: what is raised (TS or GP). */
bool x86_check_stack_segment(X86Cpu *cpu, uint16_t ss, unsigned cpl, int vector, uint32_t external, Descriptor *d);
/* The mask of a stack pointer by the B bit of a stack segment's attributes. */
static inline uint64_t stack_mask(const X86Cpu *cpu, uint32_t attributes)
{
    return x86_code64(cpu) ? UINT64_MAX : attributes & DESC_B_MASK ? 0xffffffffu : 0xffffu;
}
static inline void set_stack_pointer(X86Cpu *cpu, uint64_t mask, uint64_t value)
{
    cpu->regs[R_ESP] = mask == 0xffff ? (cpu->regs[R_ESP] & ~UINT64_C(0xffff)) | (value & 0xffff) : value & mask;
}

/* A stack while a frame is built or read: nothing is changed in the CPU until the caller takes sp over. */
typedef struct X86Stack {
    X86Cpu *cpu;
    uint64_t base, sp, mask, lowest, highest;
    uint32_t error;         /* of the #SS that an access outside raises: the selector where the stack is not yet the current one */
    unsigned priv;
    bool failed;
} X86Stack;
/* Without a limit; mask UINT64_MAX: of 64-bit code, where addresses must be canonical. */
X86Stack x86_stack(X86Cpu *cpu, uint64_t base, uint64_t sp, uint64_t mask, unsigned priv);
/* SS:ESP as they are; the stack that a descriptor describes. */
X86Stack x86_current_stack(X86Cpu *cpu, unsigned priv);
X86Stack x86_descriptor_stack(X86Cpu *cpu, Descriptor d, uint32_t esp, unsigned priv);
void x86_stack_push(X86Stack *s, uint64_t value, unsigned bytes);
uint64_t x86_stack_pop(X86Stack *s, unsigned bytes);

/* ---- task.c ---- */
typedef enum X86TaskSwitch { TASK_JMP, TASK_CALL, TASK_IRET, TASK_INTERRUPT } X86TaskSwitch;
/* next_pc: saved in the old task. */
bool x86_switch_task(X86Cpu *cpu, uint16_t selector, Descriptor d, X86TaskSwitch how, uint64_t next_pc, const uint32_t *error);

/* ---- smm.c ---- */
bool x86_smm_offered(void);
void x86_enter_smm(X86Cpu *cpu);
void x86_leave_smm(X86Cpu *cpu);        /* RSM: the state is that before the SMI */

/* ---- debug.c ---- */
/* DR0 to DR3 or DR7 have changed: the list of breakpoints follows. */
void x86_debug_registers_changed(X86Cpu *cpu);
/* Behind an access to ports: records the trap that the debug registers ask for; it is taken when the instruction has ended. */
void x86_meet_io_breakpoints(X86Cpu *cpu, uint32_t port, uint32_t size);
/* TcgTarget.guest_breakpoint. */
bool x86_guest_breakpoint(Cpu *cpu, BreakpointKind kind, uint64_t addr);

/* Leaves the helper when what it called has recorded an exception. */
static inline void x86_or_leave(X86Cpu *cpu, bool ok)
{
    if (!ok) {
        tcg_leave(&cpu->parent);
    }
}

#endif
