/*
 * SMBIOS tables (DMTF DSP0134, System Management BIOS Reference Specification 3.x): what the machine says of itself, and what -smbios changes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/smbios/smbios-internal.h"

#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

/* Handles: a range for each type. */
enum { HANDLE_T0 = 0x000, HANDLE_T1 = 0x100, HANDLE_T2 = 0x200, HANDLE_T3 = 0x300, HANDLE_T4 = 0x400, HANDLE_T8 = 0x800, HANDLE_T9 = 0x900, HANDLE_T11 = 0xe00,
       HANDLE_T16 = 0x1000, HANDLE_T17 = 0x1100, HANDLE_T19 = 0x1300, HANDLE_T32 = 0x2000, HANDLE_T41 = 0x2900, HANDLE_T127 = 0x7f00 };
enum { MODULE_MAX_BYTES_LOG2 = 34 };    /* memory devices of up to 16 GiB */

/* ---- a structure: fixed part, then its strings ---- */

typedef struct Structure { GByteArray *bytes; GPtrArray *strings; } Structure;

static Structure begin(uint8_t type, uint16_t handle)
{
    Structure s = { g_byte_array_new(), g_ptr_array_new() };
    uint8_t header[4] = { type, 0, (uint8_t)handle, (uint8_t)(handle >> 8) };
    g_byte_array_append(s.bytes, header, 4);
    return s;
}

static void put(Structure *s, uint64_t value, unsigned size)
{
    uint8_t bytes[8];
    store_le64(bytes, value);
    g_byte_array_append(s->bytes, bytes, size);
}

/* A string's number; 0: none. */
static void put_string(Structure *s, const char *text)
{
    if (text && *text) {
        g_ptr_array_add(s->strings, (void *)text);
    }
    put(s, text && *text ? s->strings->len : 0, 1);
}

static void end(SmbiosTables *t, Structure *s)
{
    s->bytes->data[1] = (uint8_t)s->bytes->len;
    for (unsigned n = 0; n < s->strings->len; n++) {
        const char *text = s->strings->pdata[n];
        g_byte_array_append(s->bytes, (const guint8 *)text, (guint)strlen(text) + 1);
    }
    put(s, 0, s->strings->len ? 1 : 2);
    t->largest = MAX(t->largest, s->bytes->len);
    t->count++;
    g_byte_array_append(t->bytes, s->bytes->data, s->bytes->len);
    g_byte_array_unref(s->bytes);
    g_ptr_array_unref(s->strings);
}

/* ---- the types ---- */

/* Only when asked for: the firmware makes its own. */
static void add_bios(SmbiosTables *t)
{
    if (!smbios_given(0)) {
        return;
    }
    Structure s = begin(0, HANDLE_T0);
    put_string(&s, smbios_text(0, "vendor", NULL));
    put_string(&s, smbios_text(0, "version", NULL));
    put(&s, 0xe800, 2);
    put_string(&s, smbios_text(0, "date", NULL));
    put(&s, 0, 1);
    put(&s, 8, 8);                          /* characteristics are not supported */
    put(&s, 0, 1);
    put(&s, 0x04 | (g_strcmp0(smbios_text(0, "uefi", "off"), "on") ? 0 : 0x08) | 0x10, 1);     /* targeted content, UEFI, virtual machine */
    const char *release = smbios_text(0, "release", "0.0");
    put(&s, (uint64_t)g_ascii_strtoull(release, NULL, 10), 1);
    put(&s, strchr(release, '.') ? g_ascii_strtoull(strchr(release, '.') + 1, NULL, 10) : 0, 1);
    put(&s, 0xffff, 2);
    end(t, &s);
}

static void add_system(SmbiosTables *t)
{
    Structure s = begin(1, HANDLE_T1);
    uint8_t uuid[16];
    put_string(&s, smbios_text(1, "manufacturer", "QEMU"));
    put_string(&s, smbios_text(1, "product", t->product));
    put_string(&s, smbios_text(1, "version", t->version));
    put_string(&s, smbios_text(1, "serial", NULL));
    memcpy(uuid, t->uuid, 16);
    /* The first three fields are little-endian from 2.6 on. */
    store_le32(uuid, load_be32(t->uuid));
    store_le16(uuid + 4, load_be16(t->uuid + 4));
    store_le16(uuid + 6, load_be16(t->uuid + 6));
    g_byte_array_append(s.bytes, uuid, 16);
    put(&s, 6, 1);                          /* woken by the power switch */
    put_string(&s, smbios_text(1, "sku", NULL));
    put_string(&s, smbios_text(1, "family", NULL));
    end(t, &s);
}

static void add_board(SmbiosTables *t)
{
    if (!smbios_given(2)) {
        return;
    }
    Structure s = begin(2, HANDLE_T2);
    put_string(&s, smbios_text(2, "manufacturer", "QEMU"));
    put_string(&s, smbios_text(2, "product", t->product));
    put_string(&s, smbios_text(2, "version", t->version));
    put_string(&s, smbios_text(2, "serial", NULL));
    put_string(&s, smbios_text(2, "asset", NULL));
    put(&s, 0x01, 1);
    put_string(&s, smbios_text(2, "location", NULL));
    put(&s, HANDLE_T3, 2);
    put(&s, 0x0a, 1);                       /* motherboard */
    put(&s, 0, 1);
    end(t, &s);
}

static void add_chassis(SmbiosTables *t)
{
    Structure s = begin(3, HANDLE_T3);
    put_string(&s, smbios_text(3, "manufacturer", "QEMU"));
    put(&s, 1, 1);                          /* other */
    put_string(&s, smbios_text(3, "version", t->version));
    put_string(&s, smbios_text(3, "serial", NULL));
    put_string(&s, smbios_text(3, "asset", NULL));
    put(&s, 0x02030303, 4);                 /* safe, safe, safe, security none: byte by byte from the lowest */
    put(&s, 0, 4);
    put(&s, 0, 4);
    put_string(&s, smbios_text(3, "sku", NULL));
    end(t, &s);
}

static void add_processor(SmbiosTables *t, unsigned socket)
{
    g_autofree char *designation = g_strdup_printf("%s %u", smbios_text(4, "sock_pfx", "CPU"), socket);
    const SmpConfig *smp = &t->machine->machine->smp;
    unsigned cores = MAX(smp->cores * MAX(smp->dies, 1) * MAX(smp->modules, 1), 1), threads = cores * MAX(smp->threads, 1);
    Structure s = begin(4, (uint16_t)(HANDLE_T4 + socket));
    put_string(&s, designation);
    put(&s, 3, 1);                          /* central processor */
    put(&s, smbios_number(4, "processor-family", 0xfe), 1);
    put_string(&s, smbios_text(4, "manufacturer", "QEMU"));
    put(&s, smbios_number(4, "processor-id", t->processor_id), 8);
    put_string(&s, smbios_text(4, "version", t->version));
    put(&s, 0, 1);
    put(&s, 0, 2);
    put(&s, smbios_number(4, "max-speed", 2000), 2);
    put(&s, smbios_number(4, "current-speed", 2000), 2);
    put(&s, 0x41, 1);                       /* populated, enabled */
    put(&s, 1, 1);
    put(&s, 0xffff, 2);                     /* no caches are described */
    put(&s, 0xffff, 2);
    put(&s, 0xffff, 2);
    put_string(&s, smbios_text(4, "serial", NULL));
    put_string(&s, smbios_text(4, "asset", NULL));
    put_string(&s, smbios_text(4, "part", NULL));
    put(&s, MIN(cores, 255), 1);
    put(&s, MIN(cores, 255), 1);
    put(&s, MIN(threads, 255), 1);
    put(&s, 2, 2);                          /* characteristics unknown */
    put(&s, MIN(smbios_number(4, "processor-family", 1), 0xffff), 2);
    end(t, &s);
}

static void add_ports(SmbiosTables *t)
{
    for (unsigned n = 0; n < smbios_given(8); n++) {
        Structure s = begin(8, (uint16_t)(HANDLE_T8 + n));
        put_string(&s, smbios_entry_text(8, n, "internal_reference"));
        put(&s, 0, 1);                      /* no connector inside */
        put_string(&s, smbios_entry_text(8, n, "external_reference"));
        put(&s, smbios_entry_number(8, n, "connector_type"), 1);
        put(&s, smbios_entry_number(8, n, "port_type"), 1);
        end(t, &s);
    }
}

/* Segment, bus, device and function of the PCI device of that id: all ones without one. */
static bool put_pci_address(Structure *s, const char *id, GError **err)
{
    uint8_t bus = 0xff, devfn = 0xff;
    if (id) {
        Object *object = device_find(id) ? OBJECT(device_find(id)) : NULL;
        if (!object || !object_is_a(object, "pci-device")) {
            return error_set(err, object ? "%s is not a PCI device" : "No PCI device %s for an SMBIOS entry", id);
        }
        const PciDevice *dev = PCI_DEVICE(object);
        bus = (uint8_t)pci_bus_number(pci_device_bus(dev));
        devfn = (uint8_t)dev->devfn;
    }
    put(s, id ? 0 : 0xffff, 2);
    put(s, bus, 1);
    put(s, devfn, 1);
    return true;
}

static bool add_slots(SmbiosTables *t, GError **err)
{
    static const struct { const char *key; unsigned size; } numbers[] = {
        { "slot_type", 1 }, { "slot_data_bus_width", 1 }, { "current_usage", 1 }, { "slot_length", 1 }, { "slot_id", 2 }, { "slot_characteristics1", 1 },
        { "slot_characteristics12", 1 },
    };
    for (unsigned n = 0; n < smbios_given(9); n++) {
        Structure s = begin(9, (uint16_t)(HANDLE_T9 + n));
        put_string(&s, smbios_entry_text(9, n, "slot_designation"));
        for (size_t k = 0; k < ARRAY_SIZE(numbers); k++) {
            put(&s, smbios_entry_number(9, n, numbers[k].key), numbers[k].size);
        }
        bool ok = put_pci_address(&s, smbios_entry_text(9, n, "pci_device"), err);
        end(t, &s);
        if (!ok) {
            return false;
        }
    }
    return true;
}

/* Onboard devices: 7.42 of the specification numbers the kinds. */
static bool add_onboard_devices(SmbiosTables *t, GError **err)
{
    static const char *const kinds[] = { "other", "unknown", "video", "scsi", "ethernet", "tokenring", "sound", "pata", "sata", "sas" };
    for (unsigned n = 0; n < smbios_given(41); n++) {
        const char *kind = smbios_entry_text(41, n, "kind");
        unsigned number = 0;
        while (kind && number < ARRAY_SIZE(kinds) && strcmp(kinds[number], kind)) {
            number++;
        }
        if (number == ARRAY_SIZE(kinds)) {
            return error_set(err, "invalid parameter value: %s", kind);
        }
        Structure s = begin(41, (uint16_t)(HANDLE_T41 + n));
        put_string(&s, smbios_entry_text(41, n, "designation"));
        put(&s, 0x80 | (number + 1), 1);    /* enabled */
        put(&s, smbios_entry_number(41, n, "instance"), 1);
        bool ok = put_pci_address(&s, smbios_entry_text(41, n, "pcidev"), err);
        end(t, &s);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void add_oem_strings(SmbiosTables *t)
{
    g_autoptr(GPtrArray) values = smbios_texts(11, "value");
    if (!values->len) {
        return;
    }
    Structure s = begin(11, HANDLE_T11);
    put(&s, values->len, 1);
    for (unsigned n = 0; n < values->len; n++) {
        g_ptr_array_add(s.strings, values->pdata[n]);
    }
    end(t, &s);
}

/* ---- memory: the array, its devices, the address ranges ---- */

static void add_memory_array(SmbiosTables *t, unsigned devices, uint64_t size)
{
    Structure s = begin(16, HANDLE_T16);
    uint64_t kib = size / KiB;
    put(&s, 1, 1);
    put(&s, 3, 1);                          /* system memory */
    put(&s, 6, 1);                          /* multi-bit ECC */
    put(&s, kib < 0x80000000 ? kib : 0x80000000, 4);
    put(&s, 0xfffe, 2);
    put(&s, devices, 2);
    put(&s, kib < 0x80000000 ? 0 : size, 8);
    end(t, &s);
}

static void add_memory_device(SmbiosTables *t, unsigned n, uint64_t size)
{
    g_autofree char *locator = g_strdup_printf("%s %u", smbios_text(17, "loc_pfx", "DIMM"), n);
    uint64_t mib = size / MiB, speed = smbios_number(17, "speed", 0);
    Structure s = begin(17, (uint16_t)(HANDLE_T17 + n));
    put(&s, HANDLE_T16, 2);
    put(&s, 0xfffe, 2);
    put(&s, 0xffff, 2);
    put(&s, 0xffff, 2);
    put(&s, mib < 0x7fff ? mib : 0x7fff, 2);
    put(&s, 9, 1);                          /* DIMM */
    put(&s, 0, 1);
    put_string(&s, locator);
    put_string(&s, smbios_text(17, "bank", NULL));
    put(&s, 7, 1);                          /* RAM */
    put(&s, 2, 2);
    put(&s, speed, 2);
    put_string(&s, smbios_text(17, "manufacturer", "QEMU"));
    put_string(&s, smbios_text(17, "serial", NULL));
    put_string(&s, smbios_text(17, "asset", NULL));
    put_string(&s, smbios_text(17, "part", NULL));
    put(&s, 0, 1);
    put(&s, mib < 0x7fff ? 0 : mib, 4);
    put(&s, speed, 2);
    put(&s, 0, 6);
    end(t, &s);
}

static void add_memory_range(SmbiosTables *t, unsigned n, uint64_t start, uint64_t size)
{
    Structure s = begin(19, (uint16_t)(HANDLE_T19 + n));
    uint64_t first = start / KiB, last = (start + size - 1) / KiB;
    bool small = last < UINT32_MAX;
    put(&s, small ? first : UINT32_MAX, 4);
    put(&s, small ? last : UINT32_MAX, 4);
    put(&s, HANDLE_T16, 2);
    put(&s, 1, 1);
    put(&s, small ? 0 : start, 8);
    put(&s, small ? 0 : start + size - 1, 8);
    end(t, &s);
}

static void add_memory(SmbiosTables *t)
{
    uint64_t step = UINT64_C(1) << MODULE_MAX_BYTES_LOG2, size = t->machine->machine->ram_size;
    unsigned devices = (unsigned)MIN((size + step - 1) / step, 256);
    add_memory_array(t, devices, size);
    for (unsigned n = 0; n < devices; n++) {
        add_memory_device(t, n, MIN(step, size - n * step));
    }
    for (unsigned n = 0; n < t->machine->nr_ranges; n++) {
        add_memory_range(t, n, t->machine->ranges[n].start, t->machine->ranges[n].size);
    }
}

static void add_last(SmbiosTables *t)
{
    Structure boot = begin(32, HANDLE_T32);
    put(&boot, 0, 7);
    end(t, &boot);
    Structure last = begin(127, HANDLE_T127);
    end(t, &last);
}

/* ---- entry points ---- */

static uint8_t checksum(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;
    for (size_t n = 0; n < size; n++) {
        sum = (uint8_t)(sum + bytes[n]);
    }
    return (uint8_t)-sum;
}

/* 5.2.1: 32 bits, version 2.8. The firmware fills in the address and the checksums. */
static uint8_t *entry_point_32(const SmbiosTables *t)
{
    uint8_t *e = g_malloc0(31);
    memcpy(e, "_SM_", 4);
    e[5] = 31;
    e[6] = 2;
    e[7] = 8;
    store_le16(e + 8, (uint16_t)t->largest);
    memcpy(e + 16, "_DMI_", 5);
    store_le16(e + 22, (uint16_t)t->bytes->len);
    store_le16(e + 28, (uint16_t)t->count);
    e[30] = 0x28;
    return e;
}

/* 5.2.2: 64 bits, version 3.0. */
static uint8_t *entry_point_64(const SmbiosTables *t)
{
    uint8_t *e = g_malloc0(24);
    memcpy(e, "_SM3_", 5);
    e[6] = 24;
    e[7] = 3;
    e[10] = 1;
    store_le32(e + 12, t->bytes->len);
    e[5] = checksum(e, 24);
    return e;
}

bool smbios_setup(const SmbiosMachine *facts, FwCfg *fw_cfg, GError **err)
{
    Machine *m = facts->machine;
    const char *type = facts->entry_point, *uuid = smbios_text(1, "uuid", NULL);
    SmbiosTables t = {
        .bytes = g_byte_array_new(), .machine = facts, .uuid = m->uuid, .product = machine_type(m)->description,
        .version = machine_type(m)->machine_name, .processor_id = smbios_processor_id(),
    };
    if (uuid && !parse_uuid(uuid, m->uuid)) {
        return error_set(err, "Invalid UUID");
    }
    if (!g_str_equal(type, "auto") && !g_str_equal(type, "32") && !g_str_equal(type, "64")) {
        return error_set(err, "Parameter 'smbios-entry-point-type' does not accept value '%s'", type);
    }
    add_bios(&t);
    add_system(&t);
    add_board(&t);
    add_chassis(&t);
    unsigned per_socket = MAX(m->smp.cores * m->smp.threads * MAX(m->smp.dies, 1) * MAX(m->smp.modules, 1), 1);
    for (unsigned n = 0; n < (m->smp.cpus + per_socket - 1) / per_socket; n++) {
        add_processor(&t, n);
    }
    add_ports(&t);
    if (!add_slots(&t, err)) {
        return false;
    }
    add_oem_strings(&t);
    add_memory(&t);
    if (!add_onboard_devices(&t, err)) {
        return false;
    }
    smbios_add_files(&t);
    add_last(&t);
    bool wide = g_str_equal(type, "64") || (g_str_equal(type, "auto") && t.bytes->len > UINT16_MAX);
    if (!wide && t.bytes->len > UINT16_MAX) {
        return error_set(err, "SMBIOS 2.1 table length %u exceeds 65535", t.bytes->len);
    }
    size_t size = t.bytes->len;
    fw_cfg_add_file(fw_cfg, "etc/smbios/smbios-anchor", wide ? entry_point_64(&t) : entry_point_32(&t), wide ? 24 : 31);
    fw_cfg_add_file(fw_cfg, "etc/smbios/smbios-tables", g_byte_array_free(t.bytes, FALSE), size);
    return true;
}
