/*
 * Arm's System MMU, version 3: the device and its registers (IHI 0070, chapter 6). Non-secure, for tables of AArch64, with stage 1, stage 2 or both; without substreams,
 * ATS, PRI, stalls, messages of its own, and EL2's stream world.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "smmuv3.h"

#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

/* Queues' registers in their second page alone. */
static unsigned queue_register(uint64_t addr) { return addr == PAGE1 + EVENTQ_PROD || addr == PAGE1 + EVENTQ_CONS ? (unsigned)(addr - PAGE1) : 0; }

/* What is not here has bits that are 0 and stay so. frozen: bits of CR0, with one of which the register cannot be written. */
typedef struct Register { uint32_t reset, writable, frozen; } Register;
#define QUEUE_BASE_HIGH 0x400fffffu
#define QUEUE_PLACE 0x000fffffu
static const Register registers[REGISTERS_END / 4] = {
    [IDR0 / 4] = { 0x0d441018 },        /* 2-level stream tables, terminating faults, no stalls, little-endian AArch64 tables, VMIDs and ASIDs of 16 bits, coherent */
    [IDR1 / 4] = { 0x02730010 },        /* StreamIDs of 16 bits, queues of 2^19 */
    [IDR3 / 4] = { 0x00001404 },        /* range invalidation, block changes without break-before-make, attributes of tables can be disabled */
    [IDR5 / 4] = { 0x00000074 },        /* 44 bits out; granules of 4, 16, 64 KiB */
    [AIDR / 4] = { 0x00000001 },        /* SMMUv3.1 */
    [CR0 / 4] = { 0, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN },
    [CR1 / 4] = { 0, 0x00000fff, CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN },
    [CR2 / 4] = { 0, CR2_RECINVSID, CR0_SMMUEN },
    [GBPR / 4] = { 0x00001000, 0x001f3f1f },
    [IRQ_CTRL / 4] = { 0, IRQ_CTRL_GERROR | IRQ_CTRL_EVENTQ },
    [GERRORN / 4] = { 0, GERROR_CMDQ | GERROR_EVENTQ_ABT },
    [STRTAB_BASE / 4] = { 0, 0xffffffc0, CR0_SMMUEN },
    [STRTAB_BASE / 4 + 1] = { 0, QUEUE_BASE_HIGH, CR0_SMMUEN },
    [STRTAB_BASE_CFG / 4] = { 0, 0x000307ff, CR0_SMMUEN },
    [CMDQ_BASE / 4] = { SMMU_QUEUE_BITS, UINT32_MAX, CR0_CMDQEN },
    [CMDQ_BASE / 4 + 1] = { 0, QUEUE_BASE_HIGH, CR0_CMDQEN },
    [CMDQ_PROD / 4] = { 0, QUEUE_PLACE },
    [CMDQ_CONS / 4] = { 0, QUEUE_PLACE | 0x7f000000u, CR0_CMDQEN },
    [EVENTQ_BASE / 4] = { SMMU_QUEUE_BITS, UINT32_MAX, CR0_EVENTQEN },
    [EVENTQ_BASE / 4 + 1] = { 0, QUEUE_BASE_HIGH, CR0_EVENTQEN },
    [EVENTQ_PROD / 4] = { 0, QUEUE_PLACE | 0x80000000u, CR0_EVENTQEN },
    [EVENTQ_CONS / 4] = { 0, QUEUE_PLACE | 0x80000000u },
};
enum { IDR3_XNX = 1 << 4 };

/* 6.2: PIDR4 to 7, PIDR0 to 3, CIDR0 to 3. */
static const uint8_t identity[(ID_REGISTERS_END - ID_REGISTERS) / 4] = { 0x04, 0, 0, 0, 0x84, 0xb4, 0xf0, 0x10, 0x0d, 0xf0, 0x05, 0xb1 };

static uint32_t read_register(const SmmuV3 *s, uint64_t addr)
{
    unsigned offset = addr < EVENTQ_PROD ? (unsigned)addr : queue_register(addr);
    if (addr >= ID_REGISTERS && addr < ID_REGISTERS_END) {
        return identity[(addr - ID_REGISTERS) / 4];
    }
    switch (offset) {
    case CR0ACK:
        return smmu_reg(s, CR0);        /* what was asked for is done at once */
    case IRQ_CTRLACK:
        return smmu_reg(s, IRQ_CTRL);
    default:
        return offset || addr == IDR0 ? smmu_reg(s, offset) : 0;
    }
}

static void store(SmmuV3 *s, unsigned offset, uint32_t value)
{
    uint32_t mask = registers[offset / 4].writable;
    s->reg[offset / 4] = (s->reg[offset / 4] & ~mask) | (value & mask);
}

static void write_register(SmmuV3 *s, uint64_t addr, uint32_t value)
{
    unsigned offset = addr < EVENTQ_PROD ? (unsigned)addr : queue_register(addr);
    uint32_t old_control = smmu_reg(s, CR0);
    if (!registers[offset / 4].writable || registers[offset / 4].frozen & old_control) {
        if (value) {                    /* what is not here may be set to 0: messages, for one */
            log_mask(LOG_GUEST_ERROR, "arm-smmuv3: a write to 0x%05" PRIx64 ", which cannot be written now\n", addr);
        }
        return;
    }
    if (offset == GBPR && !(value & GBPR_UPDATE)) {
        return;                         /* 6.3.14: the rest goes with the bit that asks for it, which is done at once */
    }
    store(s, offset, value);
    if ((old_control ^ smmu_reg(s, CR0)) & CR0_SMMUEN) {
        smmu_forget_configs(s, 0, UINT32_MAX);
    }
    if (offset == CR0 || offset == CMDQ_PROD || offset == GERRORN) {
        smmu_run_commands(s);
    }
}

static uint64_t smmuv3_read(void *opaque, uint64_t addr, unsigned size)
{
    SmmuV3 *s = opaque;
    g_mutex_lock(&s->lock);
    uint32_t value = read_register(s, addr);
    g_mutex_unlock(&s->lock);
    return value;
}

static void smmuv3_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    SmmuV3 *s = opaque;
    g_mutex_lock(&s->lock);
    write_register(s, addr, (uint32_t)value);
    g_mutex_unlock(&s->lock);
    smmu_deliver_irqs(s);
}

static const MemoryRegionOps smmuv3_ops = { .read = smmuv3_read, .write = smmuv3_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 4 } };

/* ---- the device ---- */

static bool smmuv3_realize(Device *dev, GError **err)
{
    SmmuV3 *s = (SmmuV3 *)dev;
    if (strcmp(s->stage, "1") && strcmp(s->stage, "2") && strcmp(s->stage, "nested")) {
        return error_set(err, "arm-smmuv3: stage is '%s'; it must be 1, 2 or nested", s->stage);
    }
    memory_region_init_io(&s->mmio, OBJECT(s), &smmuv3_ops, s, "arm-smmuv3", SMMUV3_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, s->irqs, SMMUV3_IRQS);
    return true;
}

static void smmuv3_init(Object *object)
{
    SmmuV3 *s = (SmmuV3 *)object;
    g_mutex_init(&s->lock);
    s->functions = g_ptr_array_new();   /* they stay until the process ends, as the machine does */
}

static void forget_all(SmmuV3 *s)
{
    smmu_forget_configs(s, 0, UINT32_MAX);
    smmu_tlb_clear(s);
}

static void smmuv3_reset(Device *dev)
{
    SmmuV3 *s = (SmmuV3 *)dev;
    bool has_1 = strcmp(s->stage, "2") != 0, has_2 = strcmp(s->stage, "1") != 0;
    g_mutex_lock(&s->lock);
    for (unsigned n = 0; n < ARRAY_SIZE(registers); n++) {
        s->reg[n] = registers[n].reset;
    }
    s->reg[IDR0 / 4] |= (has_1 ? IDR0_S1P : 0) | (has_2 ? IDR0_S2P : 0);
    s->reg[IDR3 / 4] |= has_2 ? IDR3_XNX : 0;
    s->pending_irqs = 0;
    forget_all(s);
    g_mutex_unlock(&s->lock);
}

static bool after_load(void *object, int version)
{
    forget_all(object);
    return true;
}

static const Property smmuv3_properties[] = { PROP_STRING("stage", SmmuV3, stage, "nested") };
static const StateField smmuv3_state[] = { STATE_UINT32_ARRAY(SmmuV3, reg) };
static const DeviceType smmuv3_type = {
    .name = "arm-smmuv3", .parent = "sys-bus-device", .firmware_name = "arm-smmuv3", .size = sizeof(SmmuV3), .category = DEVICE_MISC,
    .properties = PROPERTIES(smmuv3_properties), .state = STATE(smmuv3_state, .version = 1, .after_load = after_load), .init = smmuv3_init, .realize = smmuv3_realize,
    .reset = smmuv3_reset,
};
REGISTER_DEVICE(smmuv3_type)

Device *smmuv3_create(const Smmuv3Place *place, GError **err)
{
    SmmuV3 *s = (SmmuV3 *)device_new("arm-smmuv3");
    s->memory = place->memory_space;
    s->root = place->root;
    g_free(s->stage);
    s->stage = g_strdup(place->stage);
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    sysbus_map(&s->parent, 0, place->memory, place->addr, 0);
    for (int n = 0; n < SMMUV3_IRQS; n++) {
        sysbus_connect_irq(&s->parent, n, place->irqs[n]);
    }
    if (s->root) {
        pci_bus_set_iommu(s->root, &smmu_pci_ops, s);
    }
    return DEVICE(s);
}
