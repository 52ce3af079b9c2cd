/*
 * RISC-V harts as boards and interrupt controllers see them: how one is made, its interrupt lines, where its time comes from, and the interrupt files of an IMSIC.
 *
 * A board makes a hart by machine->arch->new_cpu(machine->arch, "rv64,zbb=on", err), names it with riscv_hart_set_id, sets "resetvec" (a property) and then
 * realizes it as any device. Types are NAME-riscv-cpu ("rv64-riscv-cpu"), all of them children of "riscv-cpu".
 *
 * Lines: device_irq_input(DEVICE(cpu), NULL, RISCV_IRQ_M_TIMER) and so on are the bits of mip as hardware drives them, levels. RISCV_IRQ_GUEST_FIRST + n is bit n + 1 of
 * hgeip. All lines that hardware does not drive in a machine stay 0; software bits of mip are kept apart.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.1.9, 3.2; the RISC-V Advanced Interrupt Architecture 1.0, 2 and 3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_H
#define TARGET_RISCV_H

#include "accel/cpu.h"

/* Input lines of a hart by number. */
enum {
    RISCV_IRQ_S_SOFT = 1, RISCV_IRQ_VS_SOFT = 2, RISCV_IRQ_M_SOFT = 3, RISCV_IRQ_S_TIMER = 5, RISCV_IRQ_VS_TIMER = 6, RISCV_IRQ_M_TIMER = 7,
    RISCV_IRQ_S_EXT = 9, RISCV_IRQ_VS_EXT = 10, RISCV_IRQ_M_EXT = 11, RISCV_IRQ_S_GUEST_EXT = 12, RISCV_IRQ_COUNTER_OVERFLOW = 13,
    RISCV_IRQ_GUEST_FIRST = 64, RISCV_IRQ_LINES = 127,
};

/* Lines of non-maskable interrupts (Smrnmi), levels; the number is the cause. */
#define RISCV_RNMI_LINES_NAME "riscv.cpu.rnmi"
enum { RISCV_NR_RNMI_LINES = 16 };

/* ---- identity ---- */
/* mhartid. Before realize. */
void riscv_hart_set_id(Cpu *cpu, uint64_t hartid);
uint64_t riscv_hart_id(const Cpu *cpu);
/* The hart with that id, or NULL. */
Cpu *riscv_hart_by_id(uint64_t hartid);

/* ---- what a device tree says of a hart; true once it is realized ---- */
typedef struct RiscvHartInfo {
    unsigned xlen;                      /* 32 or 64 */
    const char *mmu_type;               /* "riscv,sv57", "riscv,none" */
    uint64_t timebase_hz;               /* of the time CSR where the host gives it; 0: the board does */
    uint16_t cbom_block_bytes, cboz_block_bytes, cbop_block_bytes;     /* 0: it has not the extension */
} RiscvHartInfo;
RiscvHartInfo riscv_hart_info(const Cpu *cpu);
/* Under KVM, where no firmware runs: the hart begins in S-mode at pc with its number in a0 and the device tree's address in a1. Machine lock held, before the first reset. */
void riscv_hart_set_boot_state(Cpu *cpu, uint64_t pc, uint64_t device_tree);
/* "rv64imafdch_zicbom_..."; the caller frees. */
char *riscv_hart_isa_string(const Cpu *cpu);
/* "i", "m", ..., "zicbom", ...: NULL-terminated; g_strfreev. */
char **riscv_hart_isa_extensions(const Cpu *cpu);
/* One of them, in lower case: "smaia", "h". */
bool riscv_hart_has(const Cpu *cpu, const char *extension);

/* ---- time ---- */
/* What drives the time CSR and stimecmp of a hart: the mtime of an ACLINT. */
typedef struct RiscvTimeSource {
    uint64_t (*read)(void *opaque);     /* any thread, no lock */
    uint64_t frequency_hz;
    void *opaque;
} RiscvTimeSource;
/* The hart reads the source from then on; without one the time CSR is an illegal instruction, as QEMU has it. source lives as long as the hart. Machine lock held. */
void riscv_hart_set_time_source(Cpu *cpu, const RiscvTimeSource *source);
/* The time has jumped (mtime was written): comparisons with it are made anew. Machine lock held. */
void riscv_hart_time_changed(Cpu *cpu);

/* ---- the incoming MSI controller ---- */
/* An interrupt file: which of a hart's it is. */
typedef enum RiscvFile { RISCV_FILE_M, RISCV_FILE_S, RISCV_FILE_GUEST_FIRST /* guest file n is GUEST_FIRST + n - 1 */ } RiscvFile;
/* What the hart asks of an interrupt file. All of these: machine lock held. */
typedef struct RiscvImsicOps {
    /* A register of the file by its number in the indirect space (eidelivery 0x70, eithreshold 0x72, eip0 0x80 ..., eie0 0xc0 ...): *old gets its value, then bits of mask
     * are replaced by those of value. xlen: 32, or 64 (odd eip and eie then do not exist). false: no such register (an illegal instruction). */
    bool (*access)(void *opaque, unsigned file, unsigned select, unsigned xlen, uint64_t *old, uint64_t value, uint64_t mask);
    /* xTOPEI: identity << 16 | identity of the most important interrupt, or 0. claim: its pending bit is cleared. */
    uint32_t (*topei)(void *opaque, unsigned file, bool claim);
} RiscvImsicOps;
/* The device that holds the file: its M_EXT or S_EXT line, or the guest's line, is driven by the device. ops lives as long as the hart. */
void riscv_hart_set_imsic(Cpu *cpu, unsigned file, const RiscvImsicOps *ops, void *opaque);
/* How many guest interrupt files the board gives the hart (GEILEN), 0 to 63. Before realize. */
void riscv_hart_set_guest_files(Cpu *cpu, unsigned count);

#endif
