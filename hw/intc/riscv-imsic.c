/*
 * Interrupt files: a message, a write of its identity into the file's page, sets a pending bit ("The RISC-V Advanced Interrupt Architecture" 1.0, chapter 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/riscv_aia.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum { SETEIPNUM_LE = 0, SETEIPNUM_BE = 4 };
/* 3.8: registers of the indirect space. */
enum { SELECT_EIDELIVERY = 0x70, SELECT_EITHRESHOLD = 0x72, SELECT_EIP0 = 0x80, SELECT_EIE0 = 0xc0, SELECT_END = 0x100 };
enum { IMSIC_MAX_IRQS = 2048, IMSIC_MAX_PAGES = 64, MAP_WORDS = IMSIC_MAX_IRQS / 32 };

typedef struct InterruptFile { uint32_t delivery, threshold, pending[MAP_WORDS], enabled[MAP_WORDS]; } InterruptFile;

typedef struct RiscvImsic {
    SysBusDevice parent;
    MemoryRegion mmio;
    bool machine_level;
    uint32_t hartid, num_pages, num_irqs;
    InterruptFile *files;
    Irq **lines;
} RiscvImsic;

/* The lowest identity that is pending and enabled, below the threshold; 0: none. */
static uint32_t top_identity(const RiscvImsic *s, const InterruptFile *f)
{
    uint32_t end = f->threshold && f->threshold < s->num_irqs ? f->threshold : s->num_irqs;
    for (uint32_t w = 0; w * 32 < end; w++) {
        uint32_t ready = f->pending[w] & f->enabled[w];
        if (ready) {
            uint32_t identity = w * 32 + (uint32_t)__builtin_ctz(ready);
            return identity < end ? identity : 0;
        }
    }
    return 0;
}

static void update(RiscvImsic *s, uint32_t page)
{
    InterruptFile *f = &s->files[page];
    irq_set(s->lines[page], f->delivery == 1 && top_identity(s, f) != 0);
}

static void set_pending(RiscvImsic *s, uint32_t page, uint32_t identity)
{
    if (identity && identity < s->num_irqs) {
        s->files[page].pending[identity / 32] |= 1u << identity % 32;
        update(s, page);
    }
}

/* ---- what a hart asks ---- */

/* The page of the hart's file; -1: not of this device. */
static int page_of(const RiscvImsic *s, unsigned file)
{
    if (s->machine_level) {
        return file == RISCV_FILE_M ? 0 : -1;
    }
    return file >= RISCV_FILE_S && file - RISCV_FILE_S < s->num_pages ? (int)(file - RISCV_FILE_S) : -1;
}

static void replace(uint32_t *field, uint32_t legal, uint64_t value, uint64_t mask)
{
    *field = (uint32_t)((*field & ~mask) | (value & mask)) & legal;
}

/* eip0 to eip63 or eie0 to eie63: on RV64 the even ones have 64 bits, the odd ones do not exist. */
static bool access_map(const RiscvImsic *s, uint32_t *map, unsigned n, unsigned xlen, uint64_t *old, uint64_t value, uint64_t mask)
{
    if (xlen == 64 && n & 1) {
        return false;
    }
    *old = 0;
    for (unsigned half = 0; half < xlen / 32; half++) {
        unsigned word = n + half;
        if (word * 32 < s->num_irqs) {
            *old |= (uint64_t)map[word] << 32 * half;
            replace(&map[word], word ? UINT32_MAX : ~1u, value >> 32 * half, mask >> 32 * half & UINT32_MAX);
        }
    }
    return true;
}

static bool imsic_access(void *opaque, unsigned file, unsigned select, unsigned xlen, uint64_t *old, uint64_t value, uint64_t mask)
{
    RiscvImsic *s = opaque;
    int page = page_of(s, file);
    if (page < 0) {
        return false;
    }
    InterruptFile *f = &s->files[page];
    bool known = true;
    if (select == SELECT_EIDELIVERY) {
        *old = f->delivery;
        replace(&f->delivery, 1, value, mask);
    } else if (select == SELECT_EITHRESHOLD) {
        *old = f->threshold;
        replace(&f->threshold, s->num_irqs - 1, value, mask);
    } else if (select >= SELECT_EIP0 && select < SELECT_EIE0) {
        known = access_map(s, f->pending, select - SELECT_EIP0, xlen, old, value, mask);
    } else if (select >= SELECT_EIE0 && select < SELECT_END) {
        known = access_map(s, f->enabled, select - SELECT_EIE0, xlen, old, value, mask);
    } else {
        return false;
    }
    update(s, (uint32_t)page);
    return known;
}

static uint32_t imsic_topei(void *opaque, unsigned file, bool claim)
{
    RiscvImsic *s = opaque;
    int page = page_of(s, file);
    uint32_t identity = page >= 0 ? top_identity(s, &s->files[page]) : 0;
    if (identity && claim) {
        s->files[page].pending[identity / 32] &= ~(1u << identity % 32);
        update(s, (uint32_t)page);
    }
    return identity << 16 | identity;
}

static const RiscvImsicOps hart_ops = { .access = imsic_access, .topei = imsic_topei };

/* ---- messages ---- */

static uint64_t imsic_read(void *opaque, uint64_t addr, unsigned size) { return 0; }

static void imsic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    RiscvImsic *s = opaque;
    uint32_t page = (uint32_t)(addr / RISCV_IMSIC_PAGE), offset = addr % RISCV_IMSIC_PAGE;
    if (offset == SETEIPNUM_LE) {
        set_pending(s, page, (uint32_t)value);
    } else if (offset == SETEIPNUM_BE) {
        set_pending(s, page, __builtin_bswap32((uint32_t)value));
    } else {
        log_mask(LOG_GUEST_ERROR, "riscv.imsic: a write of 0x%" PRIx64 " to 0x%" PRIx64 ", where no register is\n", value, addr);
    }
}

static const MemoryRegionOps imsic_ops = { .read = imsic_read, .write = imsic_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

/* ---- the device ---- */

static bool imsic_realize(Device *dev, GError **err)
{
    RiscvImsic *s = (RiscvImsic *)dev;
    if (!s->num_irqs || s->num_irqs % 64 || !IS_POWER_OF_2(s->num_irqs) || s->num_irqs > IMSIC_MAX_IRQS || !s->num_pages || s->num_pages > IMSIC_MAX_PAGES) {
        return error_set(err, "riscv.imsic: num-irqs %u or num-pages %u is out of range", s->num_irqs, s->num_pages);
    }
    s->files = g_new0(InterruptFile, s->num_pages);
    s->lines = g_new0(Irq *, s->num_pages);
    device_add_irq_outputs(dev, NULL, s->lines, (int)s->num_pages);
    memory_region_init_io(&s->mmio, OBJECT(s), &imsic_ops, s, "riscv.imsic", (uint64_t)s->num_pages * RISCV_IMSIC_PAGE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    return true;
}

static void imsic_finalize(Object *object)
{
    g_free(((RiscvImsic *)object)->files);
    g_free(((RiscvImsic *)object)->lines);
}

static void imsic_reset(Device *dev)
{
    RiscvImsic *s = (RiscvImsic *)dev;
    memset(s->files, 0, s->num_pages * sizeof(*s->files));
    for (uint32_t n = 0; n < s->num_pages; n++) {
        irq_lower(s->lines[n]);
    }
}

static const Property imsic_properties[] = {
    PROP_BOOL("mmode", RiscvImsic, machine_level, false), PROP_UINT32("hartid", RiscvImsic, hartid, 0), PROP_UINT32("num-pages", RiscvImsic, num_pages, 0),
    PROP_UINT32("num-irqs", RiscvImsic, num_irqs, 0),
};
static const DeviceType imsic_type = {
    .name = "riscv.imsic", .parent = "sys-bus-device", .size = sizeof(RiscvImsic), .properties = PROPERTIES(imsic_properties), .realize = imsic_realize,
    .finalize = imsic_finalize, .reset = imsic_reset,
};
REGISTER_DEVICE(imsic_type)

static void connect_hart(RiscvImsic *s, Cpu *hart)
{
    for (unsigned page = 0; page < s->num_pages; page++) {
        unsigned file = s->machine_level ? RISCV_FILE_M : RISCV_FILE_S + page;
        int line = s->machine_level ? RISCV_IRQ_M_EXT : page == 0 ? RISCV_IRQ_S_EXT : RISCV_IRQ_GUEST_FIRST + (int)page - 1;
        device_connect_irq(DEVICE(s), NULL, (int)page, device_irq_input(DEVICE(hart), NULL, line));
        riscv_hart_set_imsic(hart, file, &hart_ops, s);
    }
}

Device *riscv_imsic_create(MemoryRegion *memory, uint64_t addr, const RiscvImsicConfig *config, Cpu *hart, GError **err)
{
    RiscvImsic *s = (RiscvImsic *)device_new("riscv.imsic");
    s->machine_level = config->machine_level;
    s->hartid = config->hartid;
    s->num_pages = config->num_pages;
    s->num_irqs = config->num_irqs;
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    connect_hart(s, hart);
    sysbus_map(&s->parent, 0, memory, addr, 0);
    return DEVICE(s);
}
