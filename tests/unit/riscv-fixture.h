/* Memory, a clock that stands still, and lines that say when they are driven, for tests of RISC-V boards' chips. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_RISCV_FIXTURE_H
#define TESTS_UNIT_RISCV_FIXTURE_H

#include "softmmu/dma.h"
#include "util/main-loop.h"
#include "util/timer.h"

enum { LINES = 256 };
static SystemMemory board;
static int line_level[LINES];
static Irq *lines;

static void line_set(void *opaque, int n, int level)
{
    line_level[n] = level;
}

static inline void board_build(void)
{
    main_loop_init();
    clock_virtual_set_manual();
    system_memory_init(&board);
    lines = irq_new_array(line_set, NULL, LINES);
}

static inline uint64_t load(uint64_t addr, unsigned size)
{
    uint64_t value = 0;
    address_space_load(&board.memory_space, addr, &value, size, MEM_ATTRS_NONE);
    return value;
}
static inline void store(uint64_t addr, uint64_t value, unsigned size) { address_space_store(&board.memory_space, addr, value, size, MEM_ATTRS_NONE); }
static inline uint32_t load32(uint64_t addr) { return (uint32_t)load(addr, 4); }
static inline void store32(uint64_t addr, uint32_t value) { store(addr, value, 4); }
static inline void step_ns(int64_t ns) { clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + ns); }
static inline Irq *input(Device *dev, int n) { return device_irq_input(dev, NULL, n); }

#endif
