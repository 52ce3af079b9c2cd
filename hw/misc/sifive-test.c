/*
 * The test finisher of SiFive's boards: one register that ends or restarts the machine (Linux, Documentation/devicetree/bindings/power/reset/syscon-*.yaml; OpenSBI,
 * lib/utils/reset, "sifive,test1").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/misc/sifive_test.h"

#include "system/runstate.h"
#include "util/log.h"

#include <inttypes.h>

/* The low half says what, the high half is the exit status of a failure. */
enum { FINISHER_FAIL = 0x3333, FINISHER_PASS = 0x5555, FINISHER_RESET = 0x7777, REGION_SIZE = 0x1000 };

typedef struct SifiveTest { SysBusDevice parent; MemoryRegion mmio; } SifiveTest;

static uint64_t test_read(void *opaque, uint64_t addr, unsigned size) { return 0; }

static void test_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    unsigned status = value & 0xffff, code = value >> 16 & 0xffff;
    if (addr == 0 && status == FINISHER_FAIL) {
        system_shutdown_request_with_code(SHUTDOWN_GUEST_PANIC, (int)code);
    } else if (addr == 0 && status == FINISHER_PASS) {
        system_shutdown_request_with_code(SHUTDOWN_GUEST_SHUTDOWN, (int)code);
    } else if (addr == 0 && status == FINISHER_RESET) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
    } else {
        log_mask(LOG_GUEST_ERROR, "riscv.sifive.test: a write of 0x%" PRIx64 " to 0x%" PRIx64 " means nothing\n", value, addr);
    }
}

static const MemoryRegionOps test_ops = { .read = test_read, .write = test_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 2, 4 } };

static bool test_realize(Device *dev, GError **err)
{
    SifiveTest *s = (SifiveTest *)dev;
    memory_region_init_io(&s->mmio, OBJECT(s), &test_ops, s, "riscv.sifive.test", REGION_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    return true;
}

static const DeviceType sifive_test = {
    .name = "riscv.sifive.test", .parent = "sys-bus-device", .size = sizeof(SifiveTest), .category = DEVICE_MISC, .realize = test_realize,
};
REGISTER_DEVICE(sifive_test)

Device *sifive_test_create(MemoryRegion *memory, uint64_t addr, GError **err)
{
    Device *dev = device_new("riscv.sifive.test");
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    return dev;
}
