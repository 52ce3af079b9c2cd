/*
 * What block devices have in common: sizes, geometry, error policy, permissions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/block.h"

#include "util/bits.h"
#include "util/error.h"

#include <string.h>

static const char *const translation_names[] = { "auto", "none", "lba", "large", "rechs", NULL };
const EnumNames bios_ata_translation_names = { "BiosAtaTranslation", translation_names };

#define MOST_BLOCK_SIZE (2 * MiB)

/* ---- sizes ---- */
static bool check_size(const char *name, uint64_t value, GError **err)
{
    if (value && (value < SECTOR_SIZE || value > MOST_BLOCK_SIZE)) {
        return error_set(err, "Property .%s doesn't take value %" G_GUINT64_FORMAT " (minimum: %d, maximum: %d)", name, value, (int)SECTOR_SIZE,
                         (int)MOST_BLOCK_SIZE);
    }
    return !value || IS_POWER_OF_2(value) || error_set(err, "Property .%s doesn't take value '%" G_GUINT64_FORMAT "', it's not a power of 2", name, value);
}

bool block_conf_sizes(BlockConf *conf, GError **err)
{
    if (!check_size("logical_block_size", conf->logical_block_size, err) || !check_size("physical_block_size", conf->physical_block_size, err)) {
        return false;
    }
    bool backend = conf->backend_defaults == ON_OFF_AUTO_ON;
    BlockLimits limits;
    blk_get_limits(conf->blk, &limits);
    uint64_t host = backend ? MAX(limits.request_alignment, SECTOR_SIZE) : SECTOR_SIZE;
    conf->physical_block_size = conf->physical_block_size ? conf->physical_block_size : host;
    conf->logical_block_size = conf->logical_block_size ? conf->logical_block_size : host;
    if (backend && !conf->min_io_size) {
        conf->min_io_size = limits.min_io;
    }
    if (backend && !conf->opt_io_size) {
        conf->opt_io_size = limits.opt_io;
    }
    if (conf->logical_block_size > conf->physical_block_size) {
        return error_set(err, "logical_block_size > physical_block_size not supported");
    }
    if (conf->min_io_size % conf->logical_block_size) {
        return error_set(err, "min_io_size must be a multiple of logical_block_size");
    }
    if (conf->min_io_size / conf->logical_block_size > UINT16_MAX) {
        return error_set(err, "min_io_size must not exceed %" G_GUINT64_FORMAT, UINT16_MAX * conf->logical_block_size);
    }
    if (conf->opt_io_size % conf->logical_block_size) {
        return error_set(err, "opt_io_size must be a multiple of logical_block_size");
    }
    if (conf->discard_granularity != UINT32_MAX && conf->discard_granularity % conf->logical_block_size) {
        return error_set(err, "discard_granularity must be a multiple of logical_block_size");
    }
    return true;
}

/* ---- policy and permissions ---- */
bool block_conf_apply(BlockConf *conf, bool read_only, bool resizable, GError **err)
{
    BlockBackend *blk = conf->blk;
    unsigned perm = BLOCK_PERM_CONSISTENT_READ | (read_only ? 0 : BLOCK_PERM_WRITE);
    unsigned shared = BLOCK_PERM_CONSISTENT_READ | BLOCK_PERM_WRITE_UNCHANGED | (resizable ? BLOCK_PERM_RESIZE : 0) | (conf->share_rw ? BLOCK_PERM_WRITE : 0);
    if (!blk_set_perm(blk, perm, shared, err)) {
        return false;
    }
    if (conf->write_cache != ON_OFF_AUTO_AUTO) {
        blk_set_write_cache(blk, conf->write_cache == ON_OFF_AUTO_ON);
    }
    BlockOnError on_read = conf->rerror == BLOCK_ON_ERROR_AUTO ? blk_on_error(blk, true) : (BlockOnError)conf->rerror;
    BlockOnError on_write = conf->werror == BLOCK_ON_ERROR_AUTO ? blk_on_error(blk, false) : (BlockOnError)conf->werror;
    blk_set_on_error(blk, on_read, on_write);
    BlockStats *stats = blk_stats(blk);
    if (conf->account_invalid != ON_OFF_AUTO_AUTO) {
        stats->account_invalid = conf->account_invalid == ON_OFF_AUTO_ON;
    }
    if (conf->account_failed != ON_OFF_AUTO_AUTO) {
        stats->account_failed = conf->account_failed == ON_OFF_AUTO_ON;
    }
    return true;
}

/* ---- geometry ---- */
enum { PARTITION_TABLE = 0x1be, PARTITION_ENTRY = 16, PARTITION_SIZE = 12, PARTITION_END_HEAD = 5, PARTITION_END_SECTOR = 6 };

/* Heads and sectors by which the partition table was made: those of a partition's last sector. */
static bool geometry_from_partitions(BlockBackend *blk, uint32_t *cyls, uint32_t *heads, uint32_t *secs)
{
    uint8_t mbr[SECTOR_SIZE];
    if (blk_nr_sectors(blk) == 0 || blk_pread(blk, 0, sizeof(mbr), mbr, 0) < 0 || mbr[510] != 0x55 || mbr[511] != 0xaa) {
        return false;
    }
    for (int n = 0; n < 4; n++) {
        const uint8_t *entry = mbr + PARTITION_TABLE + n * PARTITION_ENTRY;
        if (!load_le32(entry + PARTITION_SIZE) || !entry[PARTITION_END_HEAD]) {
            continue;
        }
        uint32_t h = entry[PARTITION_END_HEAD] + 1u, s = entry[PARTITION_END_SECTOR] & 63;
        if (!s) {
            continue;
        }
        uint64_t c = blk_nr_sectors(blk) / (h * s);
        if (c < 1 || c > 16383) {
            continue;
        }
        *cyls = (uint32_t)c;
        *heads = h;
        *secs = s;
        return true;
    }
    return false;
}

/* What a disk reports that leaves it to the firmware (ATA-6, annex C): 16 heads, 63 sectors, at most 16383 cylinders. */
static void default_geometry(uint64_t nr_sectors, uint32_t *cyls, uint32_t *heads, uint32_t *secs)
{
    *cyls = (uint32_t)CLAMP(nr_sectors / (16 * 63), 2, 16383);
    *heads = 16;
    *secs = 63;
}

static void guess_geometry(BlockBackend *blk, uint32_t *cyls, uint32_t *heads, uint32_t *secs, int *translation)
{
    uint32_t c, h, s;
    int t;
    if (!geometry_from_partitions(blk, &c, &h, &s)) {
        default_geometry(blk_nr_sectors(blk), cyls, heads, secs);
        t = *cyls * *heads <= 131072 ? BIOS_ATA_TRANSLATION_LARGE : BIOS_ATA_TRANSLATION_LBA;
        t = *cyls <= 1024 && *heads <= 16 ? BIOS_ATA_TRANSLATION_NONE : t;
    } else if (h > 16) {
        /* Made under a translation: the disk's own geometry is the default one. */
        default_geometry(blk_nr_sectors(blk), cyls, heads, secs);
        t = *cyls * *heads <= 131072 ? BIOS_ATA_TRANSLATION_LARGE : BIOS_ATA_TRANSLATION_LBA;
    } else {
        *cyls = c;
        *heads = h;
        *secs = s;
        t = BIOS_ATA_TRANSLATION_NONE;
    }
    if (translation && *translation == BIOS_ATA_TRANSLATION_AUTO) {
        *translation = t;
    }
}

bool block_conf_geometry(BlockConf *conf, int *translation, unsigned max_cyls, unsigned max_heads, unsigned max_secs, GError **err)
{
    if (!conf->cyls && !conf->heads && !conf->secs) {
        guess_geometry(conf->blk, &conf->cyls, &conf->heads, &conf->secs, translation);
    } else if (translation && *translation == BIOS_ATA_TRANSLATION_AUTO) {
        *translation = conf->cyls <= 1024 && conf->heads <= 16 && conf->secs <= 63 ? BIOS_ATA_TRANSLATION_NONE : BIOS_ATA_TRANSLATION_LBA;
    }
    if (conf->cyls < 1 || conf->cyls > max_cyls) {
        return error_set(err, "cyls must be between 1 and %u", max_cyls);
    }
    if (conf->heads < 1 || conf->heads > max_heads) {
        return error_set(err, "heads must be between 1 and %u", max_heads);
    }
    return (conf->secs >= 1 && conf->secs <= max_secs) || error_set(err, "secs must be between 1 and %u", max_secs);
}
