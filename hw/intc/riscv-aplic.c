/*
 * The advanced platform-level interrupt controller: wired sources, each active in one domain of a tree, and passed on by the domain as a line or a message to a hart
 * ("The RISC-V Advanced Interrupt Architecture" 1.0, chapter 4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/riscv_aia.h"

#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

/* 4.5 and 4.8: registers. */
enum {
    DOMAINCFG = 0x0000, SOURCECFG = 0x0004, MMSIADDRCFG = 0x1bc0, MMSIADDRCFGH = 0x1bc4, SMSIADDRCFG = 0x1bc8, SMSIADDRCFGH = 0x1bcc, SETIP = 0x1c00, SETIPNUM = 0x1cdc,
    IN_CLRIP = 0x1d00, CLRIPNUM = 0x1ddc, SETIE = 0x1e00, SETIENUM = 0x1edc, CLRIE = 0x1f00, CLRIENUM = 0x1fdc, SETIPNUM_LE = 0x2000, SETIPNUM_BE = 0x2004,
    GENMSI = 0x3000, TARGET = 0x3004, IDC = 0x4000, MAP_BYTES = 0x80,
};
enum { IDC_IDELIVERY = 0x00, IDC_IFORCE = 0x04, IDC_ITHRESHOLD = 0x08, IDC_TOPI = 0x18, IDC_CLAIMI = 0x1c };
#define DOMAINCFG_FIXED 0x80000000u
#define DOMAINCFG_IE 0x100u
#define DOMAINCFG_DM 0x4u
#define MSIADDRCFGH_L 0x80000000u
enum { SOURCECFG_D = 0x400, SOURCECFG_CHILD = 0x3ff, SOURCECFG_SM = 7 };
typedef enum SourceMode { SM_INACTIVE = 0, SM_DETACHED = 1, SM_EDGE1 = 4, SM_EDGE0 = 5, SM_LEVEL1 = 6, SM_LEVEL0 = 7 } SourceMode;
FIELD(TARGET_HART, 18, 14);
FIELD(TARGET_GUEST, 12, 6);
FIELD(TARGET_EIID, 0, 11);
enum { APLIC_MAX_IRQS = 1024, APLIC_MAX_HARTS = 512 };

typedef struct AplicSource { uint32_t config, target; bool input, pending, enabled; } AplicSource;
typedef struct AplicIdc { bool delivery, force, driven; uint32_t threshold; } AplicIdc;

typedef struct RiscvAplic RiscvAplic;
struct RiscvAplic {
    SysBusDevice parent_device;
    MemoryRegion mmio;
    RiscvAplicConfig config;
    RiscvAplic *parent, *child;
    bool enabled;                           /* domaincfg.IE */
    AplicSource *sources;                   /* [num_irqs] */
    AplicIdc *idcs;                         /* [num_harts] */
    Irq **lines;
    uint32_t msi_config[4], genmsi;         /* mmsiaddrcfg, mmsiaddrcfgh, smsiaddrcfg, smsiaddrcfgh: of the root */
};

/* ---- sources ---- */

/* The mode of a source that is active in this domain. */
static SourceMode mode_of(const AplicSource *s) { return s->config & SOURCECFG_D ? SM_INACTIVE : (SourceMode)(s->config & SOURCECFG_SM); }
static bool is_level(SourceMode mode) { return mode == SM_LEVEL1 || mode == SM_LEVEL0; }
/* 4.5.2: the input as the mode sees it. */
static bool rectified(const AplicSource *s)
{
    SourceMode mode = mode_of(s);
    return mode >= SM_EDGE1 && s->input == (mode == SM_EDGE1 || mode == SM_LEVEL1);
}

static AplicSource *source_of(RiscvAplic *a, uint64_t n) { return n && n < a->config.num_irqs ? &a->sources[n] : NULL; }

/* 4.7: in direct mode the pending bit of a level source is its input. */
static bool pending_follows_input(const RiscvAplic *a, const AplicSource *s) { return !a->config.by_message && is_level(mode_of(s)); }

static void set_pending(const RiscvAplic *a, AplicSource *s)
{
    SourceMode mode = mode_of(s);
    if (mode != SM_INACTIVE && !pending_follows_input(a, s) && (!is_level(mode) || rectified(s))) {
        s->pending = true;
    }
}

static void clear_pending(const RiscvAplic *a, AplicSource *s)
{
    if (!pending_follows_input(a, s)) {
        s->pending = false;
    }
}

static void set_enabled(AplicSource *s, bool on) { s->enabled = on && mode_of(s) != SM_INACTIVE; }

/* ---- delivery by line ---- */

static uint32_t priority_of(const RiscvAplic *a, const AplicSource *s)
{
    uint32_t priority = s->target & a->config.iprio_mask;
    return priority ? priority : 1;
}

/* 4.8.1.4: identity << 16 | priority of the most important interrupt for the hart. */
static uint32_t top_interrupt(const RiscvAplic *a, uint32_t hart)
{
    uint32_t best = 0, best_priority = a->idcs[hart].threshold ? a->idcs[hart].threshold : UINT32_MAX;
    for (uint32_t n = 1; n < a->config.num_irqs; n++) {
        const AplicSource *s = &a->sources[n];
        if (s->pending && s->enabled && FIELD_GET(s->target, TARGET_HART) == hart && priority_of(a, s) < best_priority) {
            best_priority = priority_of(a, s);
            best = n;
        }
    }
    return best ? best << 16 | best_priority : 0;
}

static void update_lines(RiscvAplic *a)
{
    for (uint32_t h = 0; h < a->config.num_harts; h++) {
        AplicIdc *idc = &a->idcs[h];
        bool level = a->enabled && idc->delivery && (idc->force || top_interrupt(a, h));
        if (level != idc->driven) {
            idc->driven = level;
            irq_set(a->lines[h], level);
        }
    }
}

static uint32_t claim(RiscvAplic *a, uint32_t hart)
{
    uint32_t top = top_interrupt(a, hart);
    if (top) {
        clear_pending(a, &a->sources[top >> 16]);
    } else {
        a->idcs[hart].force = false;
    }
    update_lines(a);
    return top;
}

/* ---- delivery by message ---- */

static const RiscvAplic *root_of(const RiscvAplic *a)
{
    while (a->parent) {
        a = a->parent;
    }
    return a;
}

/* 4.9.1: where the interrupt file of a hart and guest is. */
static uint64_t msi_address(const RiscvAplic *a, uint32_t hart, uint32_t guest)
{
    const uint32_t *config = root_of(a)->msi_config;
    uint32_t m = config[1], own = config[a->config.machine_level ? 1 : 3];
    unsigned lhxs = own >> 20 & 7, lhxw = m >> 12 & 0xf, hhxw = m >> 16 & 7, hhxs = m >> 24 & 0x1f;
    uint64_t page = (uint64_t)(own & 0xfff) << 32 | config[a->config.machine_level ? 0 : 2];
    uint64_t group = hart >> lhxw & MAKE_MASK(0, hhxw), in_group = hart & MAKE_MASK(0, lhxw);
    page |= group << (hhxs + 12);
    page |= in_group << lhxs;
    page |= a->config.machine_level ? 0 : guest;
    return page << 12;
}

static void send_message(const RiscvAplic *a, uint32_t hart, uint32_t guest, uint32_t identity)
{
    uint64_t addr = msi_address(a, hart, guest);
    if (address_space_store(a->config.messages, addr, identity, 4, MEM_ATTRS_NONE) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "riscv.aplic: a message for hart index %u goes to 0x%" PRIx64 ", where nobody is\n", hart, addr);
    }
}

static void try_message(const RiscvAplic *a, AplicSource *s)
{
    if (a->enabled && s->pending && s->enabled) {
        s->pending = false;
        send_message(a, (uint32_t)FIELD_GET(s->target, TARGET_HART), (uint32_t)FIELD_GET(s->target, TARGET_GUEST), (uint32_t)FIELD_GET(s->target, TARGET_EIID));
    }
}

/* What came of a change of one source (NULL: of any). */
static void deliver(RiscvAplic *a, AplicSource *s)
{
    if (!a->config.by_message) {
        update_lines(a);
    } else if (s) {
        try_message(a, s);
    } else {
        for (uint32_t n = 1; n < a->config.num_irqs; n++) {
            try_message(a, &a->sources[n]);
        }
    }
}

/* ---- inputs and their configuration ---- */

static void input_changed(RiscvAplic *a, uint32_t n, bool level)
{
    AplicSource *s = &a->sources[n];
    bool was = rectified(s);
    s->input = level;
    if (a->child) {
        input_changed(a->child, n, level);
    }
    bool is = rectified(s);
    if (was == is) {
        return;
    }
    if (is_level(mode_of(s)) && !is) {
        s->pending = false;
    } else if (is) {
        s->pending = true;
    }
    deliver(a, s);
}

static void input_set(void *opaque, int n, int level)
{
    if (n) {
        input_changed(opaque, (uint32_t)n, level);
    }
}

/* 4.5.2: a domain has a source when all its ancestors pass it on. */
static bool is_delegated(const RiscvAplic *a, uint32_t n) { return !a->parent || a->parent->sources[n].config & SOURCECFG_D; }

static void set_source_config(RiscvAplic *a, uint32_t n, uint32_t value)
{
    AplicSource *s = &a->sources[n];
    if (!is_delegated(a, n)) {
        value = 0;
    } else if (value & SOURCECFG_D) {
        value = a->child ? value & (SOURCECFG_D | SOURCECFG_CHILD) : 0;
    } else {
        value &= SOURCECFG_SM;
        value = value == 2 || value == 3 ? SM_INACTIVE : value;
    }
    s->config = value;
    if (mode_of(s) == SM_INACTIVE) {
        s->pending = s->enabled = false;
    } else if (is_level(mode_of(s))) {
        s->pending = rectified(s);
    }
    if (a->child && !(value & SOURCECFG_D)) {
        set_source_config(a->child, n, 0);
    }
    deliver(a, s);
}

/* ---- registers ---- */

typedef enum AplicMap { MAP_SETIP, MAP_IN_CLRIP, MAP_SETIE, MAP_CLRIE } AplicMap;

static uint32_t read_map(RiscvAplic *a, AplicMap map, uint32_t word)
{
    uint32_t value = 0;
    for (uint32_t bit = 0; bit < 32; bit++) {
        const AplicSource *s = source_of(a, word * 32 + bit);
        bool on = s && (map == MAP_SETIP ? s->pending : map == MAP_IN_CLRIP ? rectified(s) : map == MAP_SETIE && s->enabled);
        value |= (uint32_t)on << bit;
    }
    return value;
}

static void change_source(RiscvAplic *a, AplicMap map, uint64_t n)
{
    AplicSource *s = source_of(a, n);
    if (!s) {
        return;
    }
    if (map == MAP_SETIP) {
        set_pending(a, s);
    } else if (map == MAP_IN_CLRIP) {
        clear_pending(a, s);
    } else {
        set_enabled(s, map == MAP_SETIE);
    }
    deliver(a, s);
}

static void write_map(RiscvAplic *a, AplicMap map, uint32_t word, uint32_t value)
{
    for (; value; value &= value - 1) {
        change_source(a, map, word * 32 + (uint32_t)__builtin_ctz(value));
    }
}

/* Maps of all sources, and registers that take the number of one. */
static const struct { uint32_t map_at, number_at; AplicMap map; } maps[] = {
    { SETIP, SETIPNUM, MAP_SETIP }, { IN_CLRIP, CLRIPNUM, MAP_IN_CLRIP }, { SETIE, SETIENUM, MAP_SETIE }, { CLRIE, CLRIENUM, MAP_CLRIE },
};

static uint32_t read_idc(RiscvAplic *a, uint32_t hart, uint32_t offset)
{
    const AplicIdc *idc = &a->idcs[hart];
    switch (offset) {
    case IDC_IDELIVERY:
        return idc->delivery;
    case IDC_IFORCE:
        return idc->force;
    case IDC_ITHRESHOLD:
        return idc->threshold;
    case IDC_TOPI:
        return top_interrupt(a, hart);
    case IDC_CLAIMI:
        return claim(a, hart);
    default:
        return 0;
    }
}

static void write_idc(RiscvAplic *a, uint32_t hart, uint32_t offset, uint32_t value)
{
    AplicIdc *idc = &a->idcs[hart];
    if (offset == IDC_IDELIVERY) {
        idc->delivery = value & 1;
    } else if (offset == IDC_IFORCE) {
        idc->force = value & 1;
    } else if (offset == IDC_ITHRESHOLD) {
        idc->threshold = value & a->config.iprio_mask;
    }
    update_lines(a);
}

static bool idc_at(const RiscvAplic *a, uint64_t addr, uint32_t *hart, uint32_t *offset)
{
    if (addr < IDC || (addr - IDC) / RISCV_APLIC_IDC_SIZE >= a->config.num_harts) {
        return false;
    }
    *hart = (uint32_t)((addr - IDC) / RISCV_APLIC_IDC_SIZE);
    *offset = (addr - IDC) % RISCV_APLIC_IDC_SIZE;
    return true;
}

static bool has_msi_config(const RiscvAplic *a) { return !a->parent && a->config.machine_level && a->config.by_message; }

static uint64_t aplic_read(void *opaque, uint64_t addr, unsigned size)
{
    RiscvAplic *a = opaque;
    uint32_t hart, offset;
    for (size_t n = 0; n < ARRAY_SIZE(maps); n++) {
        if (addr >= maps[n].map_at && addr < maps[n].map_at + MAP_BYTES) {
            return read_map(a, maps[n].map, (uint32_t)(addr - maps[n].map_at) / 4);
        }
    }
    if (addr == DOMAINCFG) {
        return DOMAINCFG_FIXED | (a->enabled ? DOMAINCFG_IE : 0) | (a->config.by_message ? DOMAINCFG_DM : 0);
    }
    if (addr >= SOURCECFG && addr < SOURCECFG + 4 * (a->config.num_irqs - 1)) {
        return a->sources[addr / 4].config;
    }
    if (addr >= MMSIADDRCFG && addr <= SMSIADDRCFGH) {
        return has_msi_config(a) ? a->msi_config[(addr - MMSIADDRCFG) / 4] : 0;
    }
    if (addr == GENMSI) {
        return a->genmsi;
    }
    if (addr >= TARGET && addr < TARGET + 4 * (a->config.num_irqs - 1)) {
        return a->sources[(addr - GENMSI) / 4].target;
    }
    return idc_at(a, addr, &hart, &offset) ? read_idc(a, hart, offset) : 0;
}

/* 4.5.3, 4.5.4: the layout of interrupt files, until it is locked. */
static void write_msi_config(RiscvAplic *a, unsigned n, uint32_t value)
{
    static const uint32_t masks[] = { UINT32_MAX, MSIADDRCFGH_L | 0x1f77ffff, UINT32_MAX, 0x00700fff };
    if (has_msi_config(a) && !(a->msi_config[1] & MSIADDRCFGH_L)) {
        a->msi_config[n] = value & masks[n];
    }
}

static void write_target(RiscvAplic *a, AplicSource *s, uint32_t value)
{
    if (mode_of(s) == SM_INACTIVE) {
        return;
    }
    uint32_t keep = (uint32_t)FIELD_MASK(TARGET_HART);
    if (a->config.by_message) {
        s->target = value & (keep | (a->config.machine_level ? 0 : (uint32_t)FIELD_MASK(TARGET_GUEST)) | (uint32_t)FIELD_MASK(TARGET_EIID));
    } else {
        s->target = (value & keep) | (value & a->config.iprio_mask ? value & a->config.iprio_mask : 1);
    }
    deliver(a, s);
}

static void write_genmsi(RiscvAplic *a, uint32_t value)
{
    if (a->config.by_message) {
        a->genmsi = value & (uint32_t)(FIELD_MASK(TARGET_HART) | FIELD_MASK(TARGET_EIID));
        send_message(a, (uint32_t)FIELD_GET(value, TARGET_HART), 0, (uint32_t)FIELD_GET(value, TARGET_EIID));
    }
}

static bool write_maps(RiscvAplic *a, uint64_t addr, uint32_t value)
{
    for (size_t n = 0; n < ARRAY_SIZE(maps); n++) {
        if (addr >= maps[n].map_at && addr < maps[n].map_at + MAP_BYTES) {
            write_map(a, maps[n].map, (uint32_t)(addr - maps[n].map_at) / 4, value);
            return true;
        }
        if (addr == maps[n].number_at) {
            change_source(a, maps[n].map, value);
            return true;
        }
    }
    return false;
}

static void aplic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    RiscvAplic *a = opaque;
    uint32_t hart, offset;
    if (write_maps(a, addr, (uint32_t)value)) {
        return;
    }
    if (addr == DOMAINCFG) {
        a->enabled = value & DOMAINCFG_IE;
        deliver(a, NULL);
    } else if (addr >= SOURCECFG && addr < SOURCECFG + 4 * (a->config.num_irqs - 1)) {
        set_source_config(a, (uint32_t)addr / 4, (uint32_t)value);
    } else if (addr >= MMSIADDRCFG && addr <= SMSIADDRCFGH) {
        write_msi_config(a, (unsigned)(addr - MMSIADDRCFG) / 4, (uint32_t)value);
    } else if (addr == SETIPNUM_LE || addr == SETIPNUM_BE) {
        change_source(a, MAP_SETIP, addr == SETIPNUM_LE ? (uint32_t)value : __builtin_bswap32((uint32_t)value));
    } else if (addr == GENMSI) {
        write_genmsi(a, (uint32_t)value);
    } else if (addr >= TARGET && addr < TARGET + 4 * (a->config.num_irqs - 1)) {
        write_target(a, &a->sources[(addr - GENMSI) / 4], (uint32_t)value);
    } else if (idc_at(a, addr, &hart, &offset)) {
        write_idc(a, hart, offset, (uint32_t)value);
    } else {
        log_mask(LOG_GUEST_ERROR, "riscv.aplic: a write of 0x%" PRIx64 " to 0x%" PRIx64 ", where no register is\n", value, addr);
    }
}

static const MemoryRegionOps aplic_ops = { .read = aplic_read, .write = aplic_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

/* ---- the device ---- */

static bool aplic_realize(Device *dev, GError **err)
{
    RiscvAplic *a = (RiscvAplic *)dev;
    const RiscvAplicConfig *c = &a->config;
    if (c->num_irqs < 2 || c->num_irqs > APLIC_MAX_IRQS || c->num_harts > APLIC_MAX_HARTS || c->size < RISCV_APLIC_MIN_SIZE ||
        c->num_harts > (c->size - IDC) / RISCV_APLIC_IDC_SIZE || c->iprio_mask > 0xff || (c->by_message && !c->messages)) {
        return error_set(err, "riscv.aplic: num-irqs, num-harts, iprio-mask or aperture-size is out of range");
    }
    a->sources = g_new0(AplicSource, c->num_irqs);
    a->idcs = g_new0(AplicIdc, c->num_harts);
    a->lines = g_new0(Irq *, c->num_harts);
    if (!a->parent) {
        device_add_irq_inputs(dev, NULL, input_set, a, (int)c->num_irqs);
    }
    if (c->num_harts) {
        device_add_irq_outputs(dev, NULL, a->lines, (int)c->num_harts);
    }
    memory_region_init_io(&a->mmio, OBJECT(a), &aplic_ops, a, "riscv.aplic", c->size);
    sysbus_add_mmio(&a->parent_device, &a->mmio);
    return true;
}

static void aplic_finalize(Object *object)
{
    RiscvAplic *a = (RiscvAplic *)object;
    g_free(a->sources);
    g_free(a->idcs);
    g_free(a->lines);
}

static void aplic_reset(Device *dev)
{
    RiscvAplic *a = (RiscvAplic *)dev;
    a->enabled = false;
    memset(a->sources, 0, a->config.num_irqs * sizeof(*a->sources));
    memcpy(a->msi_config, a->config.msi_config, sizeof(a->msi_config));
    a->genmsi = 0;
    for (uint32_t h = 0; h < a->config.num_harts; h++) {
        a->idcs[h] = (AplicIdc){ 0 };
        irq_lower(a->lines[h]);
    }
}

static const Property aplic_properties[] = {
    PROP_UINT32("aperture-size", RiscvAplic, config.size, 0), PROP_UINT32("hartid-base", RiscvAplic, config.hartid_base, 0),
    PROP_UINT32("num-harts", RiscvAplic, config.num_harts, 0), PROP_UINT32("iprio-mask", RiscvAplic, config.iprio_mask, 0),
    PROP_UINT32("num-irqs", RiscvAplic, config.num_irqs, 0), PROP_BOOL("msimode", RiscvAplic, config.by_message, false),
    PROP_BOOL("mmode", RiscvAplic, config.machine_level, false),
};
static const DeviceType aplic_type = {
    .name = "riscv.aplic", .parent = "sys-bus-device", .size = sizeof(RiscvAplic), .properties = PROPERTIES(aplic_properties), .realize = aplic_realize,
    .finalize = aplic_finalize, .reset = aplic_reset,
};
REGISTER_DEVICE(aplic_type)

Device *riscv_aplic_create(MemoryRegion *memory, uint64_t addr, const RiscvAplicConfig *config, Device *parent, GError **err)
{
    RiscvAplic *a = (RiscvAplic *)device_new("riscv.aplic");
    a->config = *config;
    a->parent = (RiscvAplic *)parent;
    if (!device_realize(DEVICE(a), NULL, err)) {
        return NULL;
    }
    if (a->parent) {
        a->parent->child = a;
    }
    sysbus_map(&a->parent_device, 0, memory, addr, 0);
    return DEVICE(a);
}
