/*
 * edu: the PCI device that courses on drivers use ("EDU device" specification, docs/specs/edu): identification, liveness, factorial, interrupts, DMA.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/timer.h"

enum { REG_ID = 0x00, REG_LIVENESS = 0x04, REG_FACTORIAL = 0x08, REG_STATUS = 0x20, REG_IRQ_STATUS = 0x24, REG_IRQ_RAISE = 0x60, REG_IRQ_ACK = 0x64,
       REG_DMA_SOURCE = 0x80, REG_DMA_DESTINATION = 0x88, REG_DMA_COUNT = 0x90, REG_DMA_COMMAND = 0x98 };
enum { STATUS_COMPUTING = 0x01, STATUS_IRQ_FACTORIAL = 0x80, FACTORIAL_IRQ = 0x01, DMA_IRQ = 0x100 };
enum { DMA_START = 0x01, DMA_FROM_DEVICE = 0x02, DMA_RAISE_IRQ = 0x04, DMA_BUFFER = 0x40000, DMA_BUFFER_SIZE = 4096 };
#define EDU_ID 0x010000edu
#define EDU_BAR_SIZE (1 * MiB)
#define DMA_DELAY_NS (100 * NS_PER_MS)

typedef struct Edu {
    PciDevice parent;
    MemoryRegion mmio;
    uint32_t liveness, factorial, status, irq_status;
    uint64_t dma_source, dma_destination, dma_count, dma_command, dma_mask;
    uint8_t buffer[DMA_BUFFER_SIZE];
    Timer dma_timer;
    BottomHalf *compute;
} Edu;

static void raise_irq(Edu *edu, uint32_t bits)
{
    edu->irq_status |= bits;
    if (msi_enabled(&edu->parent)) {
        msi_notify(&edu->parent, 0);
    } else {
        pci_set_irq(&edu->parent, edu->irq_status != 0);
    }
}

static void acknowledge(Edu *edu, uint32_t bits)
{
    edu->irq_status &= ~bits;
    if (!edu->irq_status && !msi_enabled(&edu->parent)) {
        pci_set_irq(&edu->parent, 0);
    }
}

/* n! modulo 2^32 is 0 from 34 on. */
static void compute_factorial(void *opaque)
{
    Edu *edu = opaque;
    uint32_t result = edu->factorial >= 34 ? 0 : 1;
    for (uint32_t n = edu->factorial; result && n > 1; n--) {
        result *= n;
    }
    edu->factorial = result;
    edu->status &= ~STATUS_COMPUTING;
    if (edu->status & STATUS_IRQ_FACTORIAL) {
        raise_irq(edu, FACTORIAL_IRQ);
    }
}

static bool in_buffer(uint64_t addr, uint64_t count)
{
    return addr >= DMA_BUFFER && count <= DMA_BUFFER_SIZE && addr - DMA_BUFFER <= DMA_BUFFER_SIZE - count;
}

static void run_dma(void *opaque)
{
    Edu *edu = opaque;
    bool from_device = edu->dma_command & DMA_FROM_DEVICE;
    uint64_t inner = from_device ? edu->dma_source : edu->dma_destination;
    uint64_t outer = from_device ? edu->dma_destination : edu->dma_source;
    if (!(edu->dma_command & DMA_START)) {
        return;
    }
    if (!in_buffer(inner, edu->dma_count)) {
        log_mask(LOG_GUEST_ERROR, "edu: DMA of 0x%llx bytes at 0x%llx leaves the buffer\n", (unsigned long long)edu->dma_count, (unsigned long long)inner);
    } else if (from_device) {
        pci_dma_write(&edu->parent, outer & edu->dma_mask, edu->buffer + (inner - DMA_BUFFER), edu->dma_count);
    } else {
        pci_dma_read(&edu->parent, outer & edu->dma_mask, edu->buffer + (inner - DMA_BUFFER), edu->dma_count);
    }
    edu->dma_command &= ~(uint64_t)DMA_START;
    if (edu->dma_command & DMA_RAISE_IRQ) {
        raise_irq(edu, DMA_IRQ);
    }
}

static uint64_t edu_read(void *opaque, uint64_t addr, unsigned size)
{
    const Edu *edu = opaque;
    if ((addr < 0x80 && size != 4) || (addr >= 0x80 && size != 4 && size != 8)) {
        return UINT64_MAX;
    }
    switch (addr) {
    case REG_ID:
        return EDU_ID;
    case REG_LIVENESS:
        return edu->liveness;
    case REG_FACTORIAL:
        return edu->factorial;
    case REG_STATUS:
        return edu->status;
    case REG_IRQ_STATUS:
        return edu->irq_status;
    case REG_DMA_SOURCE:
        return edu->dma_source;
    case REG_DMA_DESTINATION:
        return edu->dma_destination;
    case REG_DMA_COUNT:
        return edu->dma_count;
    case REG_DMA_COMMAND:
        return edu->dma_command;
    default:
        return UINT64_MAX;
    }
}

static void write_dma(Edu *edu, uint64_t *reg, uint64_t value)
{
    if (!(edu->dma_command & DMA_START)) {
        *reg = value;
    }
}

static void edu_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Edu *edu = opaque;
    if ((addr < 0x80 && size != 4) || (addr >= 0x80 && size != 4 && size != 8)) {
        return;
    }
    switch (addr) {
    case REG_LIVENESS:
        edu->liveness = ~(uint32_t)value;
        break;
    case REG_FACTORIAL:
        if (!(edu->status & STATUS_COMPUTING)) {
            edu->factorial = value;
            edu->status |= STATUS_COMPUTING;
            bottom_half_schedule(edu->compute);
        }
        break;
    case REG_STATUS:
        edu->status = (edu->status & ~STATUS_IRQ_FACTORIAL) | (value & STATUS_IRQ_FACTORIAL);
        break;
    case REG_IRQ_RAISE:
        raise_irq(edu, value);
        break;
    case REG_IRQ_ACK:
        acknowledge(edu, value);
        break;
    case REG_DMA_SOURCE:
        write_dma(edu, &edu->dma_source, value);
        break;
    case REG_DMA_DESTINATION:
        write_dma(edu, &edu->dma_destination, value);
        break;
    case REG_DMA_COUNT:
        write_dma(edu, &edu->dma_count, value);
        break;
    case REG_DMA_COMMAND:
        if (value & DMA_START && !(edu->dma_command & DMA_START)) {
            edu->dma_command = value;
            timer_set_ns(&edu->dma_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + DMA_DELAY_NS);
        }
        break;
    }
}

static const MemoryRegionOps edu_ops = {
    .read = edu_read, .write = edu_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 },
};

static bool edu_realize(Device *device, GError **err)
{
    Edu *edu = (Edu *)device;
    pci_set_interrupt_pin(&edu->parent, 1);
    if (!msi_init(&edu->parent, 0, 1, true, false, err)) {
        return false;
    }
    timer_init(&edu->dma_timer, CLOCK_TYPE_VIRTUAL, run_dma, edu);
    edu->compute = bottom_half_new(compute_factorial, edu);
    memory_region_init_io(&edu->mmio, OBJECT(edu), &edu_ops, edu, "edu-mmio", EDU_BAR_SIZE);
    pci_register_bar(&edu->parent, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &edu->mmio);
    return true;
}

static void edu_unrealize(Device *device)
{
    Edu *edu = (Edu *)device;
    timer_cancel(&edu->dma_timer);
    g_clear_pointer(&edu->compute, bottom_half_free);
    pci_unregister_bar(&edu->parent, 0);
    memory_region_destroy(&edu->mmio);
}

static void edu_reset(Device *device)
{
    Edu *edu = (Edu *)device;
    timer_cancel(&edu->dma_timer);
    bottom_half_cancel(edu->compute);
    edu->liveness = edu->factorial = edu->status = edu->irq_status = 0;
    edu->dma_source = edu->dma_destination = edu->dma_count = edu->dma_command = 0;
}

static const Property edu_properties[] = {
    PROP_UINT64("dma_mask", Edu, dma_mask, (UINT64_C(1) << 28) - 1),
};
static const StateField edu_state[] = {
    STATE_UINT32(Edu, liveness), STATE_UINT32(Edu, factorial), STATE_UINT32(Edu, status), STATE_UINT32(Edu, irq_status), STATE_UINT64(Edu, dma_source),
    STATE_UINT64(Edu, dma_destination), STATE_UINT64(Edu, dma_count), STATE_UINT64(Edu, dma_command), STATE_BUFFER(Edu, buffer), STATE_TIMER(Edu, dma_timer),
};
static const DeviceType edu = {
    .name = "edu", .parent = "pci-device", .size = sizeof(Edu), .category = DEVICE_MISC, .user_creatable = true, .summary = "educational PCI device",
    .pci = { .vendor = PCI_VENDOR_ID_QEMU, .device = 0x11e8, .revision = 0x10, .class = PCI_CLASS_OTHERS },
    .properties = PROPERTIES(edu_properties), .state = STATE(edu_state, .version = 1), .realize = edu_realize, .unrealize = edu_unrealize, .reset = edu_reset,
};
REGISTER_DEVICE(edu)
