/*
 * What block devices have in common: the properties of a disk (BlockConf), sizes, geometry, error policy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_BLOCK_BLOCK_H
#define HW_BLOCK_BLOCK_H

#include "block/drive.h"
#include "hw/core/device.h"

enum { BIOS_ATA_TRANSLATION_AUTO, BIOS_ATA_TRANSLATION_NONE, BIOS_ATA_TRANSLATION_LBA, BIOS_ATA_TRANSLATION_LARGE, BIOS_ATA_TRANSLATION_RECHS };
extern const EnumNames bios_ata_translation_names;          /* BiosAtaTranslation: auto none lba large rechs */

typedef struct BlockConf {
    BlockBackend *blk;
    uint64_t physical_block_size, logical_block_size, min_io_size, opt_io_size;     /* 0: found out at realize */
    uint64_t discard_granularity;                           /* UINT32_MAX: the device's own choice */
    int32_t bootindex;                                      /* -1: none */
    uint32_t cyls, heads, secs, lcyls, lheads, lsecs;
    int backend_defaults, account_invalid, account_failed, write_cache;             /* OnOffAuto */
    bool share_rw;
    int rerror, werror;                                     /* BlockOnError */
} BlockConf;

#define PROP_BOOTINDEX(S, f) PROP_INT32("bootindex", S, f, -1, .flags = PROP_NO_DEFAULT)
#define BLOCK_BASE_PROPERTIES(S, c) \
    PROP_ON_OFF_AUTO("backend_defaults", S, c.backend_defaults, ON_OFF_AUTO_AUTO), \
    PROP_SIZE("logical_block_size", S, c.logical_block_size, 0), \
    PROP_SIZE("physical_block_size", S, c.physical_block_size, 0), \
    PROP_SIZE("min_io_size", S, c.min_io_size, 0), \
    PROP_SIZE("opt_io_size", S, c.opt_io_size, 0), \
    PROP_SIZE("discard_granularity", S, c.discard_granularity, UINT32_MAX), \
    PROP_ON_OFF_AUTO("write-cache", S, c.write_cache, ON_OFF_AUTO_AUTO), \
    PROP_BOOL("share-rw", S, c.share_rw, false), \
    PROP_ON_OFF_AUTO("account-invalid", S, c.account_invalid, ON_OFF_AUTO_AUTO), \
    PROP_ON_OFF_AUTO("account-failed", S, c.account_failed, ON_OFF_AUTO_AUTO)
#define BLOCK_PROPERTIES(S, c) PROP_DRIVE("drive", S, c.blk), BLOCK_BASE_PROPERTIES(S, c)
#define BLOCK_CHS_PROPERTIES(S, c) \
    PROP_UINT32("cyls", S, c.cyls, 0), PROP_UINT32("heads", S, c.heads, 0), PROP_UINT32("secs", S, c.secs, 0), \
    PROP_UINT32("lcyls", S, c.lcyls, 0), PROP_UINT32("lheads", S, c.lheads, 0), PROP_UINT32("lsecs", S, c.lsecs, 0)
#define BLOCK_ERROR_PROPERTIES(S, c) \
    PROP_ENUM("rerror", S, c.rerror, block_on_error_names, BLOCK_ON_ERROR_AUTO), \
    PROP_ENUM("werror", S, c.werror, block_on_error_names, BLOCK_ON_ERROR_AUTO)

/* In realize, in this order. blk is there (a device without "drive" says so itself or makes an empty one). */
bool block_conf_sizes(BlockConf *conf, GError **err);       /* fills in and checks the sizes */
/* Error policy, write cache, statistics; read_only: the device only reads; resizable: it copes with a new length. Asks for the permissions. */
bool block_conf_apply(BlockConf *conf, bool read_only, bool resizable, GError **err);
/* Fills in cyls, heads, secs (guessed from the partition table and the size) and checks their limits. *translation (may be NULL) is resolved when auto. */
bool block_conf_geometry(BlockConf *conf, int *translation, unsigned max_cyls, unsigned max_heads, unsigned max_secs, GError **err);

#endif
