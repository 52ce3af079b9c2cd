/*
 * The platform-level interrupt controller ("RISC-V Platform-Level Interrupt Controller Specification" 1.0.0; register layout of the SiFive FU540-C000 manual, chapter 10).
 *
 * A source's gateway passes one request at a time: from the claim to the completion it is shut. Its line is a level, looked at again when the gateway opens.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/sifive_plic.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum { PLIC_MAX_SOURCES = 1024, PLIC_MAX_HARTS = 4096, CONTEXT_THRESHOLD = 0, CONTEXT_CLAIM = 4 };

typedef struct PlicContext { uint32_t hart, threshold; bool machine, driven; uint32_t *enabled; } PlicContext;

typedef struct SifivePlic {
    SysBusDevice parent;
    MemoryRegion mmio;
    SifivePlicConfig config;
    char *hart_config;
    uint32_t num_harts, num_contexts, words;
    PlicContext *contexts;
    uint32_t *level, *pending, *claimed;    /* a bit a source */
    uint32_t *priority;
    Irq **lines;                            /* supervisor lines, then machine lines */
} SifivePlic;

static bool bit_of(const uint32_t *map, unsigned n) { return map[n / 32] >> (n % 32) & 1; }
static void set_bit(uint32_t *map, unsigned n, bool on) { map[n / 32] = (map[n / 32] & ~(1u << (n % 32))) | (uint32_t)on << (n % 32); }

/* The most important source that the context may claim: the highest priority above the threshold, of those the lowest number. 0: none. */
static unsigned best_source(const SifivePlic *s, const PlicContext *c)
{
    unsigned best = 0;
    uint32_t best_priority = c->threshold;
    for (unsigned w = 0; w < s->words; w++) {
        for (uint32_t ready = s->pending[w] & ~s->claimed[w] & c->enabled[w]; ready; ready &= ready - 1) {
            unsigned n = w * 32 + (unsigned)__builtin_ctz(ready);
            if (s->priority[n] > best_priority) {
                best_priority = s->priority[n];
                best = n;
            }
        }
    }
    return best;
}

static void update(SifivePlic *s)
{
    for (unsigned n = 0; n < s->num_contexts; n++) {
        PlicContext *c = &s->contexts[n];
        bool level = best_source(s, c) != 0;
        if (level != c->driven) {
            c->driven = level;
            irq_set(s->lines[c->hart + (c->machine ? s->num_harts : 0)], level);
        }
    }
}

static void source_set(void *opaque, int n, int level)
{
    SifivePlic *s = opaque;
    set_bit(s->level, (unsigned)n, level);
    if (level && n) {
        set_bit(s->pending, (unsigned)n, true);
        update(s);
    }
}

static unsigned claim(SifivePlic *s, PlicContext *c)
{
    unsigned n = best_source(s, c);
    if (n) {
        set_bit(s->pending, n, false);
        set_bit(s->claimed, n, true);
        update(s);
    }
    return n;
}

static void complete(SifivePlic *s, PlicContext *c, uint32_t n)
{
    if (n == 0 || n >= s->config.num_sources || !bit_of(c->enabled, n)) {
        log_mask(LOG_GUEST_ERROR, "riscv.sifive.plic: completion of %u, which is no source of the context\n", n);
        return;
    }
    set_bit(s->claimed, n, false);
    if (bit_of(s->level, n)) {
        set_bit(s->pending, n, true);
    }
    update(s);
}

/* ---- registers ---- */

typedef enum PlicPart { PART_PRIORITY, PART_PENDING, PART_ENABLE, PART_CONTEXT, PART_NONE } PlicPart;
typedef struct PlicRegister { PlicPart part; uint32_t context, offset; } PlicRegister;

static PlicRegister decode(const SifivePlic *s, uint64_t addr)
{
    const SifivePlicConfig *c = &s->config;
    if (addr >= c->priority_base && addr - c->priority_base < 4 * c->num_sources) {
        return (PlicRegister){ PART_PRIORITY, 0, (uint32_t)(addr - c->priority_base) / 4 };
    }
    if (addr >= c->pending_base && addr - c->pending_base < 4 * s->words) {
        return (PlicRegister){ PART_PENDING, 0, (uint32_t)(addr - c->pending_base) / 4 };
    }
    if (addr >= c->enable_base && (addr - c->enable_base) / c->enable_stride < s->num_contexts) {
        uint32_t context = (uint32_t)((addr - c->enable_base) / c->enable_stride), word = (uint32_t)((addr - c->enable_base) % c->enable_stride) / 4;
        return (PlicRegister){ word < s->words ? PART_ENABLE : PART_NONE, context, word };
    }
    if (addr >= c->context_base && (addr - c->context_base) / c->context_stride < s->num_contexts) {
        uint32_t offset = (uint32_t)((addr - c->context_base) % c->context_stride);
        return (PlicRegister){ offset <= CONTEXT_CLAIM ? PART_CONTEXT : PART_NONE, (uint32_t)((addr - c->context_base) / c->context_stride), offset };
    }
    return (PlicRegister){ PART_NONE, 0, 0 };
}

static uint64_t plic_read(void *opaque, uint64_t addr, unsigned size)
{
    SifivePlic *s = opaque;
    PlicRegister r = decode(s, addr);
    switch (r.part) {
    case PART_PRIORITY:
        return s->priority[r.offset];
    case PART_PENDING:
        return s->pending[r.offset];
    case PART_ENABLE:
        return s->contexts[r.context].enabled[r.offset];
    case PART_CONTEXT:
        return r.offset == CONTEXT_CLAIM ? claim(s, &s->contexts[r.context]) : s->contexts[r.context].threshold;
    default:
        log_mask(LOG_GUEST_ERROR, "riscv.sifive.plic: a read from 0x%" PRIx64 ", where no register is\n", addr);
        return 0;
    }
}

/* Priorities are WARL: the bits that there are, or nothing when the number of levels is no power of 2. */
static void set_priority(const SifivePlic *s, uint32_t *field, uint32_t value)
{
    if (IS_POWER_OF_2((uint64_t)s->config.num_priorities + 1)) {
        *field = value & s->config.num_priorities;
    } else if (value <= s->config.num_priorities) {
        *field = value;
    }
}

static void plic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    SifivePlic *s = opaque;
    PlicRegister r = decode(s, addr);
    switch (r.part) {
    case PART_PRIORITY:
        if (r.offset) {
            set_priority(s, &s->priority[r.offset], (uint32_t)value);
        }
        update(s);
        break;
    case PART_ENABLE:
        s->contexts[r.context].enabled[r.offset] = (uint32_t)value & (r.offset ? UINT32_MAX : ~1u);
        update(s);
        break;
    case PART_CONTEXT:
        if (r.offset == CONTEXT_CLAIM) {
            complete(s, &s->contexts[r.context], (uint32_t)value);
        } else {
            set_priority(s, &s->contexts[r.context].threshold, (uint32_t)value);
            update(s);
        }
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "riscv.sifive.plic: a write of 0x%" PRIx64 " to 0x%" PRIx64 ", where nothing can be written\n", value, addr);
    }
}

static const MemoryRegionOps plic_ops = { .read = plic_read, .write = plic_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

/* ---- the device ---- */

/* "MS,M" : contexts in order, harts parted by commas. */
static bool parse_hart_config(SifivePlic *s, GError **err)
{
    g_auto(GStrv) harts = g_strsplit(s->hart_config ? s->hart_config : "", ",", -1);
    s->num_harts = g_strv_length(harts);
    size_t most = s->hart_config ? strlen(s->hart_config) : 0;
    s->contexts = g_new0(PlicContext, most + 1);
    for (uint32_t h = 0; h < s->num_harts && h < PLIC_MAX_HARTS; h++) {
        for (const char *p = harts[h]; *p; p++) {
            if (*p != 'M' && *p != 'S') {
                return error_set(err, "hart-config: there is no mode '%c', only M and S", *p);
            }
            s->contexts[s->num_contexts++] = (PlicContext){ .hart = h, .machine = *p == 'M', .enabled = g_new0(uint32_t, s->words) };
        }
    }
    return (s->num_contexts && s->num_harts <= PLIC_MAX_HARTS) || error_set(err, "hart-config '%s' names no harts, or too many", s->hart_config ? s->hart_config : "");
}

static bool check_layout(const SifivePlic *s, GError **err)
{
    const SifivePlicConfig *c = &s->config;
    if (c->num_sources < 2 || c->num_sources > PLIC_MAX_SOURCES) {
        return error_set(err, "num-sources is %u; it must be 2 to %d", c->num_sources, PLIC_MAX_SOURCES);
    }
    if (c->enable_stride < 4 || c->enable_stride % 4 || c->context_stride < 8 || c->context_stride % 4 || !c->aperture_size || !c->num_priorities) {
        return error_set(err, "enable-stride, context-stride, aperture-size or num-priorities is out of range");
    }
    return true;
}

static bool plic_realize(Device *dev, GError **err)
{
    SifivePlic *s = (SifivePlic *)dev;
    if (!check_layout(s, err)) {
        return false;
    }
    s->words = (s->config.num_sources + 31) / 32;
    if (!parse_hart_config(s, err)) {
        return false;
    }
    s->level = g_new0(uint32_t, s->words);
    s->pending = g_new0(uint32_t, s->words);
    s->claimed = g_new0(uint32_t, s->words);
    s->priority = g_new0(uint32_t, s->config.num_sources);
    s->lines = g_new0(Irq *, 2 * s->num_harts);
    device_add_irq_inputs(dev, NULL, source_set, s, (int)s->config.num_sources);
    device_add_irq_outputs(dev, NULL, s->lines, (int)(2 * s->num_harts));
    memory_region_init_io(&s->mmio, OBJECT(s), &plic_ops, s, "riscv.sifive.plic", s->config.aperture_size);
    sysbus_add_mmio(&s->parent, &s->mmio);
    return true;
}

static void plic_finalize(Object *object)
{
    SifivePlic *s = (SifivePlic *)object;
    for (unsigned n = 0; n < s->num_contexts; n++) {
        g_free(s->contexts[n].enabled);
    }
    g_free(s->contexts);
    g_free(s->level);
    g_free(s->pending);
    g_free(s->claimed);
    g_free(s->priority);
    g_free(s->lines);
}

static void plic_reset(Device *dev)
{
    SifivePlic *s = (SifivePlic *)dev;
    memset(s->level, 0, s->words * sizeof(uint32_t));
    memset(s->pending, 0, s->words * sizeof(uint32_t));
    memset(s->claimed, 0, s->words * sizeof(uint32_t));
    memset(s->priority, 0, s->config.num_sources * sizeof(uint32_t));
    for (unsigned n = 0; n < s->num_contexts; n++) {
        s->contexts[n].threshold = 0;
        memset(s->contexts[n].enabled, 0, s->words * sizeof(uint32_t));
    }
    update(s);
}

static const Property plic_properties[] = {
    PROP_STRING("hart-config", SifivePlic, hart_config, NULL), PROP_UINT32("hartid-base", SifivePlic, config.hartid_base, 0),
    PROP_UINT32("num-sources", SifivePlic, config.num_sources, 1), PROP_UINT32("num-priorities", SifivePlic, config.num_priorities, 0),
    PROP_UINT32("priority-base", SifivePlic, config.priority_base, 0), PROP_UINT32("pending-base", SifivePlic, config.pending_base, 0),
    PROP_UINT32("enable-base", SifivePlic, config.enable_base, 0), PROP_UINT32("enable-stride", SifivePlic, config.enable_stride, 0),
    PROP_UINT32("context-base", SifivePlic, config.context_base, 0), PROP_UINT32("context-stride", SifivePlic, config.context_stride, 0),
    PROP_UINT32("aperture-size", SifivePlic, config.aperture_size, 0),
};
static const DeviceType plic_type = {
    .name = "riscv.sifive.plic", .parent = "sys-bus-device", .size = sizeof(SifivePlic), .properties = PROPERTIES(plic_properties), .realize = plic_realize,
    .finalize = plic_finalize, .reset = plic_reset,
};
REGISTER_DEVICE(plic_type)

Device *sifive_plic_create(MemoryRegion *memory, uint64_t addr, const SifivePlicConfig *config, GError **err)
{
    SifivePlic *s = (SifivePlic *)device_new("riscv.sifive.plic");
    s->config = *config;
    s->config.hart_config = NULL;
    s->hart_config = g_strdup(config->hart_config);
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    sysbus_map(&s->parent, 0, memory, addr, 0);
    return DEVICE(s);
}
