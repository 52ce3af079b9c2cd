/*
 * Looking at memory, ports and expressions from the human monitor.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/hmp-faces.h"

#include "accel/target.h"
#include "hw/core/machine.h"
#include "softmmu/dma.h"
#include "util/disassemble.h"

#include <inttypes.h>
#include <string.h>

typedef struct MemoryView { Cpu *cpu; bool physical; } MemoryView;

static AddressSpace *memory(void) { return &machine_current()->system_memory.memory_space; }
static AddressSpace *ports(void) { return &machine_current()->system_memory.io_space; }

static bool view_read(const MemoryView *v, uint64_t addr, void *buf, uint64_t len)
{
    if (!v->physical) {
        return v->cpu && cpu_debug_rw(v->cpu, addr, buf, len, false);
    }
    return dma_rw(v->cpu ? v->cpu->memory : memory(), addr, buf, len, false, (MemAttrs){ .debug = true, .unspecified = true }) == MEM_OK;
}

/* ---- one value ---- */

static void print_char(Monitor *mon, uint8_t c)
{
    static const char special[] = "\n\r\t\'\\", letters[] = "nrt'\\";
    const char *found = c ? strchr(special, c) : NULL;
    if (found) {
        monitor_printf(mon, "'\\%c'", letters[found - special]);
    } else {
        monitor_printf(mon, c >= 32 && c <= 126 ? "'%c'" : "'\\x%02x'", c);
    }
}

/* Digits of a value of that many bytes in the format's base, so that columns are straight. */
static int digits(char format, int size)
{
    return format == 'o' ? (size * 8 + 2) / 3 : format == 'x' ? size * 2 : (size * 8 * 10 + 32) / 33;
}

static void print_item(Monitor *mon, char format, int size, uint64_t value)
{
    int width = digits(format, size), shift = 64 - size * 8;
    switch (format) {
    case 'x':
        monitor_printf(mon, "0x%0*" PRIx64, width, value);
        break;
    case 'o':
        monitor_printf(mon, "0%0*" PRIo64, width, value);
        break;
    case 'u':
        monitor_printf(mon, "%*" PRIu64, width, value);
        break;
    case 'd':
        monitor_printf(mon, "%*" PRId64, width, (int64_t)(value << shift) >> shift);
        break;
    case 'c':
        print_char(mon, (uint8_t)value);
        break;
    }
}

/* ---- x, xp ---- */

typedef struct Listing { Monitor *mon; unsigned size; } Listing;

static void print_insn(const DisassembledInsn *insn, void *opaque)
{
    Listing *listing = opaque;
    monitor_printf(listing->mon, "0x%08" PRIx64 ": ", insn->address);
    for (unsigned n = 0; n < MAX(insn->size, 8); n++) {
        monitor_printf(listing->mon, n < insn->size ? " %02x" : "   ", n < insn->size ? insn->bytes[n] : 0);
    }
    monitor_printf(listing->mon, "  %-8s %s\n", insn->mnemonic, insn->operands);
    listing->size = insn->size;
}

static void print_code(Monitor *mon, const MemoryView *v, uint64_t addr, int count)
{
    int cs_arch, cs_mode;
    const TargetArch *arch = target_current();
    if (!v->cpu || !arch->disassembler) {
        monitor_printf(mon, "no disassembler for this machine\n");
        return;
    }
    arch->disassembler(v->cpu, &cs_arch, &cs_mode);
    for (; count > 0; count--) {
        uint8_t code[16];
        size_t len = 0;
        while (len < sizeof(code) && view_read(v, addr + len, &code[len], 1)) {
            len++;
        }
        if (!len) {
            monitor_printf(mon, "Cannot access memory\n");
            break;
        }
        Listing listing = { .mon = mon };
        if (!disassemble(cs_arch, cs_mode, addr, code, len, 1, print_insn, &listing)) {
            monitor_printf(mon, "no disassembler for this machine\n");
            break;
        }
        addr += listing.size;
    }
}

static void dump(Monitor *mon, const HmpArgs *args, bool physical)
{
    MemoryView v = { monitor_cpu(mon), physical };
    uint64_t addr = (uint64_t)hmp_number(args, "addr", 0);
    const HmpFormat *f = &args->format;
    if (f->format == 'i') {
        print_code(mon, &v, addr, f->count);
        return;
    }
    int size = f->format == 'c' ? 1 : f->size, line = size == 1 ? 8 : 16;
    int64_t left = (int64_t)f->count * size;
    while (left > 0) {
        uint8_t buf[16];
        int part = (int)MIN(left, line);
        monitor_printf(mon, "%016" PRIx64 ":", addr);
        if (!view_read(&v, addr, buf, (uint64_t)part)) {
            monitor_printf(mon, physical ? " Cannot access memory\n" : " Cannot access memory\n");
            break;
        }
        for (int n = 0; n < part; n += size) {
            uint64_t value = 0;
            for (int k = 0; k < size; k++) {
                value |= (uint64_t)buf[n + (target_current()->big_endian ? size - 1 - k : k)] << (8 * k);
            }
            monitor_puts(mon, " ");
            print_item(mon, f->format, size, value);
        }
        monitor_puts(mon, "\n");
        addr += (uint64_t)part;
        left -= part;
    }
}

void hmp_x(Monitor *mon, const HmpArgs *args) { dump(mon, args, false); }
void hmp_xp(Monitor *mon, const HmpArgs *args) { dump(mon, args, true); }

/* ---- print ---- */

void hmp_print(Monitor *mon, const HmpArgs *args)
{
    uint64_t value = (uint64_t)hmp_number(args, "val", 0);
    switch (args->format.format) {
    case 'o':
        monitor_printf(mon, "0%" PRIo64, value);
        break;
    case 'x':
        monitor_printf(mon, "0x%" PRIx64, value);
        break;
    case 'u':
        monitor_printf(mon, "%" PRIu64, value);
        break;
    case 'c':
        print_char(mon, (uint8_t)value);
        break;
    default:
        monitor_printf(mon, "%" PRId64, (int64_t)value);
    }
    monitor_puts(mon, "\n");
}

/* ---- ports ---- */

void hmp_in(Monitor *mon, const HmpArgs *args)
{
    uint16_t port = (uint16_t)hmp_number(args, "addr", 0);
    int size = MIN(args->format.size > 0 ? args->format.size : 4, 4);
    uint64_t value;
    if (hmp_given(args, "index")) {
        address_space_store(ports(), port++, hmp_number(args, "index", 0) & 0xff, 1, MEM_ATTRS_NONE);
    }
    address_space_load(ports(), port, &value, (unsigned)size, MEM_ATTRS_NONE);
    monitor_printf(mon, "port%c[0x%04x] = 0x%0*" PRIx64 "\n", size == 1 ? 'b' : size == 2 ? 'w' : 'l', port, size * 2, value);
}

void hmp_out(Monitor *mon, const HmpArgs *args)
{
    int size = MIN(args->format.size > 0 ? args->format.size : 4, 4);
    address_space_store(ports(), hmp_number(args, "addr", 0) & 0xffff, (uint64_t)hmp_number(args, "val", 0), (unsigned)size, MEM_ATTRS_NONE);
}

/* ---- addresses ---- */

void hmp_sum(Monitor *mon, const HmpArgs *args)
{
    uint64_t addr = (uint64_t)hmp_number(args, "start", 0), left = MIN((uint64_t)hmp_number(args, "size", 0), UINT64_C(1) << 32);
    uint16_t sum = 0;
    while (left) {
        uint8_t buf[4096];
        uint64_t part = MIN(left, sizeof(buf));
        dma_read(memory(), addr, buf, part);
        for (uint64_t n = 0; n < part; n++) {
            sum = (uint16_t)((sum >> 1 | sum << 15) + buf[n]);      /* as BSD's sum */
        }
        addr += part;
        left -= part;
    }
    monitor_printf(mon, "%05d\n", sum);
}

void hmp_gpa2hva(Monitor *mon, const HmpArgs *args)
{
    uint64_t addr = (uint64_t)hmp_number(args, "addr", 0), len = 1, offset;
    MemorySection section;
    memory_read_lock();
    bool found = address_space_find(memory(), addr, false, &section, &offset);
    const char *label = found ? section.mr->label : NULL;
    memory_read_unlock();
    void *host = found ? dma_map(memory(), addr, &len, false) : NULL;
    if (host) {
        monitor_printf(mon, "Host virtual address for 0x%" PRIx64 " (%s) is %p\n", addr, label, host);
        dma_unmap(memory(), host, len, false, 0);
    } else {
        monitor_printf(mon, found ? "Error: Memory at address 0x%" PRIx64 " is not RAM\n" : "Error: No memory is mapped at address 0x%" PRIx64 "\n", addr);
    }
}

void hmp_gva2gpa(Monitor *mon, const HmpArgs *args)
{
    Cpu *cpu = monitor_cpu(mon);
    uint64_t addr = (uint64_t)hmp_number(args, "addr", 0), physical;
    MemAttrs attrs;
    if (!cpu) {
        monitor_printf(mon, "No cpu\n");
    } else if (!target_current()->debug_translate(cpu, addr, &physical, &attrs)) {
        monitor_printf(mon, "Unmapped\n");
    } else {
        monitor_printf(mon, "gpa: 0x%" PRIx64 "\n", physical);
    }
}
