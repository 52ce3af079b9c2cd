/*
 * HTIF: a write of a command to tohost is carried out at once, and tohost reads 0 again; answers come in fromhost. A word is device (8 bits), command (8 bits), payload
 * (RISC-V ISA simulator, "fesvr"; OpenSBI, lib/utils/sys/htif.c; riscv-tests, env/p/riscv_test.h; the proxy kernel's system calls).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/riscv_htif.h"

#include "softmmu/dma.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>

FIELD(HTIF_DEVICE, 56, 8);
FIELD(HTIF_COMMAND, 48, 8);
FIELD(HTIF_PAYLOAD, 0, 48);
enum { DEVICE_SYSTEM = 0, DEVICE_CONSOLE = 1, SYSTEM_CALL = 0, CONSOLE_READ = 0, CONSOLE_WRITE = 1, CHARACTER_VALID = 0x100 };
enum { SYS_WRITE = 64, CALL_WORDS = 8, WRITE_MAX = 1 << 20, EXIT_STATUS_MAX = 255 };

struct RiscvHtif {
    MemoryRegion tohost_region, fromhost_region;
    AddressSpace *space;
    CharFrontend console;
    uint64_t tohost, fromhost;
    uint64_t waiting_read;              /* a read of the console that has no character yet; 0: none */
};

/* ---- commands ---- */

static void answer(RiscvHtif *h, uint64_t command, uint64_t payload)
{
    h->fromhost = (command & ~FIELD_MASK(HTIF_PAYLOAD)) | (payload & FIELD_MASK(HTIF_PAYLOAD));
}

/* write(fd, buffer, count) to the program's output. */
static uint64_t sys_write(RiscvHtif *h, uint64_t addr, uint64_t count)
{
    uint8_t buf[1024];
    uint64_t left = MIN(count, WRITE_MAX);
    while (left) {
        uint64_t part = MIN(left, sizeof(buf));
        if (dma_read(h->space, addr, buf, part) != MEM_OK) {
            return (uint64_t)-1;
        }
        char_write_all(&h->console, buf, part);
        addr += part;
        left -= part;
    }
    return MIN(count, WRITE_MAX);
}

/* Eight 64-bit words: number, arguments; the result goes to the first. */
static void system_call(RiscvHtif *h, uint64_t command)
{
    uint64_t at = FIELD_GET(command, HTIF_PAYLOAD);
    uint8_t words[CALL_WORDS * 8], result[8];
    if (dma_read(h->space, at, words, sizeof(words)) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "htif: a system call's arguments at 0x%" PRIx64 " are outside memory\n", at);
        return;
    }
    uint64_t number = load_le64(words), fd = load_le64(words + 8);
    if (number == SYS_WRITE && (fd == 1 || fd == 2)) {
        store_le64(result, sys_write(h, load_le64(words + 16), load_le64(words + 24)));
        dma_write(h->space, at, result, sizeof(result));
    } else {
        log_mask(LOG_UNIMP, "htif: system call %" PRIu64 " is not implemented\n", number);
    }
    answer(h, command, 1);
}

static void run_system(RiscvHtif *h, uint64_t command)
{
    uint64_t payload = FIELD_GET(command, HTIF_PAYLOAD);
    if (payload & 1) {
        /* The end, with an exit status. */
        uint64_t status = payload >> 1;
        system_shutdown_request_with_code(SHUTDOWN_GUEST_SHUTDOWN, (int)MIN(status, EXIT_STATUS_MAX));
        answer(h, command, payload);
    } else {
        system_call(h, command);
    }
}

static void run_console(RiscvHtif *h, uint64_t command)
{
    uint8_t character = (uint8_t)command;
    if (FIELD_GET(command, HTIF_COMMAND) == CONSOLE_READ) {
        h->waiting_read = command;
        char_accept_input(&h->console);
    } else {
        char_write_all(&h->console, &character, 1);
        answer(h, command, CHARACTER_VALID | character);
    }
}

static void run(RiscvHtif *h, uint64_t command)
{
    uint64_t device = FIELD_GET(command, HTIF_DEVICE), number = FIELD_GET(command, HTIF_COMMAND);
    h->tohost = 0;
    if (device == DEVICE_SYSTEM && number == SYSTEM_CALL) {
        run_system(h, command);
    } else if (device == DEVICE_CONSOLE && number <= CONSOLE_WRITE) {
        run_console(h, command);
    } else {
        log_mask(LOG_UNIMP, "htif: device %" PRIu64 " command %" PRIu64 " is not implemented\n", device, number);
    }
}

/* ---- console input ---- */

static int can_receive(void *opaque) { return ((RiscvHtif *)opaque)->waiting_read ? 1 : 0; }

static void receive(void *opaque, const uint8_t *buf, int len)
{
    RiscvHtif *h = opaque;
    if (len > 0 && h->waiting_read) {
        answer(h, h->waiting_read, CHARACTER_VALID | buf[0]);
        h->waiting_read = 0;
    }
}

static const CharCallbacks console_callbacks = { can_receive, receive, NULL };

/* ---- the two words ---- */

static uint64_t half(uint64_t word, uint64_t addr, unsigned size) { return size == 8 ? word : (uint32_t)(word >> (addr & 4 ? 32 : 0)); }

static uint64_t tohost_read(void *opaque, uint64_t addr, unsigned size) { return half(((RiscvHtif *)opaque)->tohost, addr, size); }

/* By halves, the upper one (device and command) comes last and is what counts. */
static void tohost_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    RiscvHtif *h = opaque;
    h->tohost = size == 8 ? value : deposit64(h->tohost, addr & 4 ? 32 : 0, 32, value);
    if ((size == 8 || addr & 4) && h->tohost) {
        run(h, h->tohost);
    }
}

static uint64_t fromhost_read(void *opaque, uint64_t addr, unsigned size) { return half(((RiscvHtif *)opaque)->fromhost, addr, size); }

static void fromhost_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    RiscvHtif *h = opaque;
    h->fromhost = size == 8 ? value : deposit64(h->fromhost, addr & 4 ? 32 : 0, 32, value);
}

static const MemoryRegionOps tohost_ops = { .read = tohost_read, .write = tohost_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 } };
static const MemoryRegionOps fromhost_ops = { .read = fromhost_read, .write = fromhost_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 } };

RiscvHtif *riscv_htif_create(MemoryRegion *memory, AddressSpace *space, Object *owner, uint64_t tohost, uint64_t fromhost, Chardev *chr, GError **err)
{
    if ((tohost | fromhost) & 7 || tohost == fromhost) {
        error_set(err, "htif: tohost at 0x%" PRIx64 " and fromhost at 0x%" PRIx64 " are not two aligned words", tohost, fromhost);
        return NULL;
    }
    RiscvHtif *h = g_new0(RiscvHtif, 1);
    h->space = space;
    if (chr && !char_frontend_connect(&h->console, chr, err)) {
        g_free(h);
        return NULL;
    }
    char_set_handlers(&h->console, &console_callbacks, h);
    memory_region_init_io(&h->tohost_region, owner, &tohost_ops, h, "riscv.htif.uart", 8);
    memory_region_init_io(&h->fromhost_region, owner, &fromhost_ops, h, "riscv.htif.uart", 8);
    memory_region_add_subregion_overlap(memory, tohost, &h->tohost_region, 1);
    memory_region_add_subregion_overlap(memory, fromhost, &h->fromhost_region, 1);
    return h;
}
