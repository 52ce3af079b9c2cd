/*
 * Sockets: on RISC-V boards each NUMA node is one, with harts, memory, timers and interrupt controllers of its own; without NUMA there is one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_SOCKETS_H
#define HW_RISCV_SOCKETS_H

#include "hart-array.h"

enum { RISCV_SOCKETS_MAX = 8, RISCV_HARTS_MAX = 512 };

typedef struct RiscvSocket {
    unsigned number;
    uint32_t first_hart, num_harts;
    uint64_t mem_offset, mem_size;          /* mem_offset: from the start of RAM */
    RiscvHartArray *harts;
    Device *mtimer;
} RiscvSocket;

/* Fills in the sockets of the machine's NUMA nodes; false when the harts of one are none, or not in a row. */
bool riscv_sockets_init(const Machine *machine, RiscvSocket *sockets, unsigned *count, GError **err);
/* The harts, as child "soc0", "soc1" ... of the machine. */
typedef struct RiscvHartFeatures { uint64_t resetvec; bool has_imsic; unsigned guest_files; } RiscvHartFeatures;
bool riscv_socket_create_harts(RiscvSocket *s, Machine *machine, const RiscvHartFeatures *features, GError **err);
/* Output n of dev goes to that line of hart n. */
void riscv_socket_connect(const RiscvSocket *s, Device *dev, int line);
/* Software interrupts, and the timer that is the harts' time. */
bool riscv_socket_create_swi(RiscvSocket *s, MemoryRegion *memory, uint64_t addr, bool supervisor, GError **err);
bool riscv_socket_create_mtimer(RiscvSocket *s, MemoryRegion *memory, uint64_t addr, GError **err);

/* ---- the parts of device trees that all boards have ---- */
typedef struct RiscvTree { DeviceTree *tree; bool has_numa; uint32_t cpu[RISCV_HARTS_MAX], intc[RISCV_HARTS_MAX]; /* phandles by hart id */ } RiscvTree;
/* /cpus, before any hart. */
void riscv_tree_add_cpus(RiscvTree *t);
void riscv_tree_add_harts(RiscvTree *t, const RiscvSocket *s);
void riscv_tree_add_memory(RiscvTree *t, const RiscvSocket *s, uint64_t ram_base);
void riscv_tree_add_clint(RiscvTree *t, const RiscvSocket *s, uint64_t addr);
void riscv_tree_set_node_id(RiscvTree *t, const char *path, const RiscvSocket *s);
void riscv_tree_set_reg(RiscvTree *t, const char *path, uint64_t base, uint64_t size);
/* interrupts-extended: for count harts from first on interrupt a, and b unless it is 0, of the hart's own controller. */
void riscv_tree_set_hart_interrupts(RiscvTree *t, const char *path, uint32_t first, uint32_t count, uint32_t a, uint32_t b);

#endif
