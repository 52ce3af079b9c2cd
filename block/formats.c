/*
 * Image formats and protocols that are known by name and by their first bytes but have no driver yet: an image of theirs is refused, never taken for raw.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <string.h>

static bool not_implemented(BlockNode *node, KeyVals *options, GError **err)
{
    return error_set(err, "the image format '%s' is not implemented", node->driver->name);
}

static bool protocol_not_implemented(BlockNode *node, KeyVals *options, GError **err)
{
    return error_set(err, "the protocol '%s' is not implemented", node->driver->name);
}

/* ---- what the formats begin with ---- */
static bool at(const uint8_t *buf, size_t len, size_t offset, const char *magic, size_t magic_len)
{
    return len >= offset + magic_len && memcmp(buf + offset, magic, magic_len) == 0;
}
#define MAGIC(offset, text) at(buf, len, offset, text, sizeof(text) - 1)

static int probe_qcow2(const uint8_t *buf, size_t len, const char *filename)
{
    return MAGIC(0, "QFI\xfb") && len >= 8 && load_be32(buf + 4) >= 2 ? 100 : 0;
}
static int probe_qcow(const uint8_t *buf, size_t len, const char *filename)
{
    return MAGIC(0, "QFI\xfb") && len >= 8 && load_be32(buf + 4) == 1 ? 100 : 0;
}
static int probe_vmdk(const uint8_t *buf, size_t len, const char *filename)
{
    return MAGIC(0, "KDMV") || MAGIC(0, "COWD") || MAGIC(0, "# Disk DescriptorFile") ? 100 : 0;
}
static int probe_vdi(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0x40, "\x7f\x10\xda\xbe") ? 100 : 0; }
static int probe_vhdx(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "vhdxfile") ? 100 : 0; }
static int probe_vpc(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "conectix") ? 100 : 0; }
static int probe_qed(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "QED\0") ? 100 : 0; }
static int probe_parallels(const uint8_t *buf, size_t len, const char *filename)
{
    return MAGIC(0, "WithoutFreeSpace") || MAGIC(0, "WithouFreSpacExt") ? 100 : 0;
}
static int probe_luks(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "LUKS\xba\xbe") ? 100 : 0; }
static int probe_bochs(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "Bochs Virtual HD Image") ? 100 : 0; }
static int probe_cloop(const uint8_t *buf, size_t len, const char *filename) { return MAGIC(0, "#!/bin/sh\n#V2.0 Format\n") ? 100 : 0; }
static int probe_dmg(const uint8_t *buf, size_t len, const char *filename) { return filename && g_str_has_suffix(filename, ".dmg") ? 2 : 0; }

#define FORMAT(variable, text, probe_fn) \
    static const BlockDriver variable = { .name = text, .probe = probe_fn, .open = not_implemented }; \
    REGISTER_BLOCK_DRIVER(variable)
FORMAT(format_qcow2, "qcow2", probe_qcow2)
FORMAT(format_qcow, "qcow", probe_qcow)
FORMAT(format_vmdk, "vmdk", probe_vmdk)
FORMAT(format_vdi, "vdi", probe_vdi)
FORMAT(format_vhdx, "vhdx", probe_vhdx)
FORMAT(format_vpc, "vpc", probe_vpc)
FORMAT(format_qed, "qed", probe_qed)
FORMAT(format_parallels, "parallels", probe_parallels)
FORMAT(format_luks, "luks", probe_luks)
FORMAT(format_bochs, "bochs", probe_bochs)
FORMAT(format_cloop, "cloop", probe_cloop)
FORMAT(format_dmg, "dmg", probe_dmg)

#define PROTOCOL(variable, text) \
    static const BlockDriver variable = { .name = text, .protocol = text, .is_protocol = true, .open = protocol_not_implemented }; \
    REGISTER_BLOCK_DRIVER(variable)
PROTOCOL(protocol_nbd, "nbd")
PROTOCOL(protocol_nfs, "nfs")
PROTOCOL(protocol_http, "http")
PROTOCOL(protocol_https, "https")
PROTOCOL(protocol_ftp, "ftp")
PROTOCOL(protocol_ftps, "ftps")
PROTOCOL(protocol_ssh, "ssh")
PROTOCOL(protocol_rbd, "rbd")
PROTOCOL(protocol_iscsi, "iscsi")
PROTOCOL(protocol_gluster, "gluster")
PROTOCOL(protocol_nvme, "nvme")
PROTOCOL(protocol_blkdebug, "blkdebug")
PROTOCOL(protocol_blkverify, "blkverify")

static const BlockDriver protocol_vvfat = { .name = "vvfat", .protocol = "fat", .is_protocol = true, .open = protocol_not_implemented };
REGISTER_BLOCK_DRIVER(protocol_vvfat)
