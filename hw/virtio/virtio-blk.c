/*
 * virtio-blk: a block device (VIRTIO 1.2, 5.2).
 *
 * A request keeps its element (the guest's memory, mapped) until the block layer is done with it. A request that stops the machine (werror=, rerror=) is
 * kept and tried again when the machine runs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/block.h"
#include "hw/core/machine.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/virtio/virtio-pci.h"
#include "net/net.h"
#include "system/runstate.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <errno.h>
#include <string.h>

enum {
    BLK_F_SIZE_MAX = 1, BLK_F_SEG_MAX = 2, BLK_F_GEOMETRY = 4, BLK_F_RO = 5, BLK_F_BLK_SIZE = 6, BLK_F_FLUSH = 9, BLK_F_TOPOLOGY = 10, BLK_F_CONFIG_WCE = 11,
    BLK_F_MQ = 12, BLK_F_DISCARD = 13, BLK_F_WRITE_ZEROES = 14,
};
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13, STATUS_OK = 0, STATUS_IOERR = 1, STATUS_UNSUPP = 2 };
enum { OUT_HEADER = 16, ID_BYTES = 20, SEGMENT_BYTES = 16, SEGMENT_UNMAP = 1, CONFIG_SIZE = 60, CONFIG_WCE = 32, MAX_QUEUES = 1024, QUEUES_AUTO = 0xffff,
       QUEUE_SIZE_MAX = 1024 };

typedef struct VirtioBlk VirtioBlk;
typedef struct BlkRequest {
    VirtqElement element;
    VirtioBlk *s;
    IoVector data;
    uint32_t type;
    uint64_t sector;
    bool is_read;
    BlockAio *aio;
    struct BlkRequest *next, *previous;     /* in flight or to be tried again */
} BlkRequest;

struct VirtioBlk {
    VirtioDevice parent;
    BlockConf conf;
    char *serial;
    uint16_t num_queues, queue_size;
    bool config_wce, request_merging, seg_max_adjust, discard, write_zeroes, report_granularity, enable_wce;
    uint32_t max_discard, max_write_zeroes;
    Object *iothread;
    BlkRequest *in_flight, *retry;
    BottomHalf *retry_bh, *ring_bh;
    RunStateHandler *run_state;
    bool original_wce;                      /* before a guest changed it */
};

static void start_request(BlkRequest *r);

/* ---- lists ---- */

static void list_add(BlkRequest **list, BlkRequest *r)
{
    r->previous = NULL;
    r->next = *list;
    if (r->next) {
        r->next->previous = r;
    }
    *list = r;
}

static void list_remove(BlkRequest **list, BlkRequest *r)
{
    if (r->next) {
        r->next->previous = r->previous;
    }
    if (r->previous) {
        r->previous->next = r->next;
    } else {
        *list = r->next;
    }
}

static void free_request(BlkRequest *r)
{
    io_vector_clear(&r->data);
    g_free(r);
}

/* ---- the end of a request ---- */

static void finish(BlkRequest *r, uint8_t status)
{
    VirtioBlk *s = r->s;
    VirtqElement *e = &r->element;
    iov_from_buffer(e->in, e->nr_in, e->in_size - 1, &status, 1);
    virtqueue_push(e->vq, e, e->in_size);
    virtqueue_notify(e->vq);
    list_remove(&s->in_flight, r);
    free_request(r);
}

static void on_done(void *opaque, int result)
{
    BlkRequest *r = opaque;
    VirtioBlk *s = r->s;
    r->aio = NULL;
    if (result >= 0) {
        finish(r, STATUS_OK);
        return;
    }
    if ((r->type == T_DISCARD || r->type == T_WRITE_ZEROES) && result == -ENOTSUP) {
        finish(r, STATUS_UNSUPP);
        return;
    }
    BlockErrorAction action = blk_error_action(s->conf.blk, r->is_read, -result);
    blk_do_error_action(s->conf.blk, action, r->is_read, -result);
    if (action == BLOCK_ERROR_ACTION_STOP) {
        list_remove(&s->in_flight, r);
        list_add(&s->retry, r);
    } else {
        finish(r, action == BLOCK_ERROR_ACTION_IGNORE ? STATUS_OK : STATUS_IOERR);
    }
}

static void try_again(void *opaque)
{
    VirtioBlk *s = opaque;
    while (s->retry) {
        BlkRequest *r = s->retry;
        list_remove(&s->retry, r);
        list_add(&s->in_flight, r);
        start_request(r);
    }
}

static void on_run_state(void *opaque, bool running, RunState state)
{
    VirtioBlk *s = opaque;
    if (running && s->retry) {
        bottom_half_schedule(s->retry_bh);
    }
}

/* ---- kinds of requests ---- */

static bool range_is_good(const VirtioBlk *s, uint64_t sector, uint64_t bytes)
{
    uint64_t sectors = bytes / SECTOR_SIZE, total = blk_nr_sectors(s->conf.blk);
    return bytes % s->conf.logical_block_size == 0 && sector % (s->conf.logical_block_size / SECTOR_SIZE) == 0 && sectors <= total && sector <= total - sectors &&
           bytes <= BLOCK_MAX_REQUEST;
}

static void start_rw(BlkRequest *r)
{
    VirtioBlk *s = r->s;
    int64_t offset = r->sector * SECTOR_SIZE;
    if (!range_is_good(s, r->sector, r->data.size)) {
        log_mask(LOG_GUEST_ERROR, "virtio-blk: request of %zu bytes at sector %llu leaves the disk\n", r->data.size, (unsigned long long)r->sector);
        finish(r, STATUS_IOERR);
    } else if (r->type == T_IN) {
        r->aio = blk_aio_preadv(s->conf.blk, offset, &r->data, 0, on_done, r);
    } else {
        r->aio = blk_aio_pwritev(s->conf.blk, offset, &r->data, 0, on_done, r);
    }
}

static void start_get_id(BlkRequest *r)
{
    char id[ID_BYTES] = "";
    strncpy(id, r->s->serial ? r->s->serial : "", ID_BYTES - (r->s->serial && strlen(r->s->serial) >= ID_BYTES ? 0 : 1));
    io_vector_write(&r->data, 0, id, MIN(r->data.size, ID_BYTES));
    finish(r, STATUS_OK);
}

/* Discard and write zeroes carry one segment: sector, number of sectors, flags (5.2.6). */
static void start_segment(BlkRequest *r)
{
    VirtioBlk *s = r->s;
    uint8_t segment[SEGMENT_BYTES];
    bool zeroes = r->type == T_WRITE_ZEROES;
    unsigned feature = zeroes ? BLK_F_WRITE_ZEROES : BLK_F_DISCARD;
    if (!virtio_has_feature(&s->parent, feature) || r->data.size != SEGMENT_BYTES) {
        finish(r, STATUS_UNSUPP);
        return;
    }
    io_vector_read(&r->data, 0, segment, SEGMENT_BYTES);
    uint64_t sector = load_le64(segment), bytes = (uint64_t)load_le32(segment + 8) * SECTOR_SIZE;
    uint32_t flags = load_le32(segment + 12), max = zeroes ? s->max_write_zeroes : s->max_discard;
    if ((flags & ~(uint32_t)SEGMENT_UNMAP) || (!zeroes && (flags & SEGMENT_UNMAP))) {
        finish(r, STATUS_UNSUPP);
    } else if (bytes / SECTOR_SIZE > max || bytes > BLOCK_MAX_LENGTH || sector > blk_nr_sectors(s->conf.blk) ||
               bytes / SECTOR_SIZE > blk_nr_sectors(s->conf.blk) - sector) {
        finish(r, STATUS_IOERR);
    } else if (zeroes) {
        r->aio = blk_aio_pwrite_zeroes(s->conf.blk, sector * SECTOR_SIZE, bytes, flags & SEGMENT_UNMAP ? BLOCK_REQ_MAY_UNMAP : 0, on_done, r);
    } else {
        r->aio = blk_aio_pdiscard(s->conf.blk, sector * SECTOR_SIZE, bytes, on_done, r);
    }
}

static void start_request(BlkRequest *r)
{
    switch (r->type) {
    case T_IN: case T_OUT:
        start_rw(r);
        break;
    case T_FLUSH:
        r->aio = blk_aio_flush(r->s->conf.blk, on_done, r);
        break;
    case T_GET_ID:
        start_get_id(r);
        break;
    case T_DISCARD: case T_WRITE_ZEROES:
        start_segment(r);
        break;
    default:
        finish(r, STATUS_UNSUPP);
    }
}

/* Fills r->data with what lies between the header and the status byte. */
static void collect_data(BlkRequest *r)
{
    const VirtqElement *e = &r->element;
    const struct iovec *iov = r->is_read ? e->in : e->out;
    unsigned count = r->is_read ? e->nr_in : e->nr_out;
    size_t skip = r->is_read ? 0 : OUT_HEADER, left = r->is_read ? e->in_size - 1 : e->out_size - OUT_HEADER;
    io_vector_init(&r->data);
    for (unsigned i = 0; i < count && left; i++) {
        size_t drop = MIN(skip, iov[i].iov_len), length = MIN(iov[i].iov_len - drop, left);
        skip -= drop;
        left -= length;
        if (length) {
            io_vector_add(&r->data, (uint8_t *)iov[i].iov_base + drop, length);
        }
    }
}

static bool take_request(VirtioBlk *s, Virtqueue *vq)
{
    uint8_t header[OUT_HEADER];
    BlkRequest *r = virtqueue_pop(vq, sizeof(*r));
    if (!r) {
        return false;
    }
    VirtqElement *e = &r->element;
    if (e->in_size < 1 || iov_to_buffer(e->out, e->nr_out, 0, header, OUT_HEADER) < OUT_HEADER) {
        virtio_error(&s->parent, "virtio-blk missing headers");
        virtqueue_detach(vq, e);
        g_free(r);
        return false;
    }
    r->s = s;
    r->type = load_le32(header);
    r->sector = load_le64(header + 8);
    r->is_read = r->type == T_IN || r->type == T_GET_ID;
    collect_data(r);
    list_add(&s->in_flight, r);
    start_request(r);
    return true;
}

static void handle_queue(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    unsigned taken = 0, bound = 2 * vq->size;   /* then others have their turn */
    blk_io_plug();
    do {
        virtqueue_set_notification(vq, false);
        while (taken < bound && take_request(s, vq)) {
            taken++;
        }
    } while (virtqueue_set_notification(vq, true) && taken < bound);
    blk_io_unplug();
    if (taken == bound) {
        bottom_half_schedule(s->ring_bh);
    }
}

static void ring_again(void *opaque)
{
    VirtioBlk *s = opaque;
    for (unsigned i = 0; i < s->num_queues; i++) {
        virtio_ring(&s->parent, i);
    }
}

/* ---- features, configuration, status ---- */

static uint64_t get_features(VirtioDevice *vdev, uint64_t offered)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    offered |= BIT(BLK_F_SEG_MAX) | BIT(BLK_F_GEOMETRY) | BIT(BLK_F_TOPOLOGY) | BIT(BLK_F_BLK_SIZE);
    if (s->num_queues > 1) {
        offered |= BIT(BLK_F_MQ);
    }
    if (blk_write_cache_enabled(s->conf.blk) || (s->config_wce && s->enable_wce)) {
        offered |= BIT(BLK_F_FLUSH);
    }
    if (s->config_wce) {
        offered |= BIT(BLK_F_CONFIG_WCE);
    }
    if (!blk_is_writable(s->conf.blk)) {
        offered |= BIT(BLK_F_RO);
    }
    if (s->discard) {
        offered |= BIT(BLK_F_DISCARD);
    }
    if (s->write_zeroes) {
        offered |= BIT(BLK_F_WRITE_ZEROES);
    }
    return offered;
}

static unsigned log2_of(uint64_t n) { return n ? 63 - __builtin_clzll(n) : 0; }

static void get_config(VirtioDevice *vdev, uint8_t *c)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    const BlockConf *conf = &s->conf;
    uint32_t block = conf->logical_block_size, granularity = conf->discard_granularity;
    uint16_t size = vdev->queues[0].size;
    store_le64(c, blk_nr_sectors(conf->blk));
    store_le32(c + 12, s->seg_max_adjust ? size - 2 : 126);
    store_le16(c + 16, conf->cyls);
    c[18] = conf->heads;
    c[19] = conf->secs;
    store_le32(c + 20, block);
    c[24] = log2_of(conf->physical_block_size / block);
    store_le16(c + 26, conf->min_io_size / block);
    store_le32(c + 28, conf->opt_io_size / block);
    c[CONFIG_WCE] = blk_write_cache_enabled(conf->blk);
    store_le16(c + 34, s->num_queues);
    if (s->discard) {
        if (granularity == UINT32_MAX || !s->report_granularity) {
            granularity = block;
        }
        store_le32(c + 36, s->max_discard);
        store_le32(c + 40, 1);
        store_le32(c + 44, granularity / SECTOR_SIZE);
    }
    if (s->write_zeroes) {
        store_le32(c + 48, s->max_write_zeroes);
        store_le32(c + 52, 1);
        c[56] = 1;
    }
}

static void set_config(VirtioDevice *vdev, const uint8_t *config)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    if (virtio_has_feature(vdev, BLK_F_CONFIG_WCE)) {
        blk_set_write_cache(s->conf.blk, config[CONFIG_WCE]);
    }
}

/* Without CONFIG_WCE a driver that does not flush gets a write-through cache (5.2.5.2). */
static void set_status(VirtioDevice *vdev, uint8_t status)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    if ((status & VIRTIO_S_DRIVER_OK) && !(vdev->status & VIRTIO_S_DRIVER_OK) && !virtio_has_feature(vdev, BLK_F_CONFIG_WCE)) {
        blk_set_write_cache(s->conf.blk, virtio_has_feature(vdev, BLK_F_FLUSH));
    }
}

static void blk_reset_device(VirtioDevice *vdev)
{
    VirtioBlk *s = (VirtioBlk *)vdev;
    if (s->in_flight) {
        blk_drain(s->conf.blk);         /* their memory is the guest's again only then */
    }
    while (s->retry) {
        BlkRequest *r = s->retry;
        list_remove(&s->retry, r);
        virtqueue_detach(r->element.vq, &r->element);
        free_request(r);
    }
    blk_set_write_cache(s->conf.blk, s->original_wce);
}

static void blk_queue_reset(VirtioDevice *vdev, unsigned queue) { blk_reset_device(vdev); }

static void on_resize(void *opaque)
{
    VirtioBlk *s = opaque;
    virtio_notify_config(&s->parent);
}

static const BlockDeviceOps device_ops = { .resize = on_resize };

/* ---- device ---- */

static bool check_properties(VirtioBlk *s, GError **err)
{
    if (!s->conf.blk) {
        return error_set(err, "drive property not set");
    }
    if (!blk_is_inserted(s->conf.blk)) {
        return error_set(err, "Device needs media, but drive is empty");
    }
    if (s->iothread) {
        return error_set(err, "iothread= of virtio-blk is not implemented");
    }
    if (s->num_queues == QUEUES_AUTO) {
        s->num_queues = s->parent.owned_by_proxy && machine_current() ? CLAMP(machine_current()->smp.cpus, 1, MAX_QUEUES - 1) : 1;
    }
    if (!s->num_queues || s->num_queues >= MAX_QUEUES) {
        return error_set(err, "num-queues property must be larger than 0");
    }
    if (s->queue_size <= 2) {
        return error_set(err, "invalid queue-size property (%u), must be > 2", s->queue_size);
    }
    if (!IS_POWER_OF_2(s->queue_size) || s->queue_size > QUEUE_SIZE_MAX) {
        return error_set(err, "invalid queue-size property (%u), must be a power of 2 (max %d)", s->queue_size, QUEUE_SIZE_MAX);
    }
    if (s->discard && (!s->max_discard || s->max_discard > BLOCK_MAX_REQUEST / SECTOR_SIZE * 4)) {
        return error_set(err, "invalid max-discard-sectors property (%u), must be between 1 and %u", s->max_discard, (unsigned)(BLOCK_MAX_REQUEST / SECTOR_SIZE * 4));
    }
    if (s->write_zeroes && (!s->max_write_zeroes || s->max_write_zeroes > BLOCK_MAX_REQUEST / SECTOR_SIZE * 4)) {
        return error_set(err, "invalid max-write-zeroes-sectors property (%u), must be between 1 and %u", s->max_write_zeroes,
                         (unsigned)(BLOCK_MAX_REQUEST / SECTOR_SIZE * 4));
    }
    return true;
}

static bool virtio_blk_realize(Device *dev, GError **err)
{
    VirtioBlk *s = (VirtioBlk *)dev;
    if (!check_properties(s, err) || !block_conf_sizes(&s->conf, err) ||
        !block_conf_apply(&s->conf, !blk_supports_write_perm(s->conf.blk), true, err) || !block_conf_geometry(&s->conf, NULL, 65535, 255, 255, err) ||
        !boot_order_add(virtio_user_device(&s->parent), s->conf.bootindex, "/disk@0,0", err)) {
        return false;
    }
    const DriveInfo *drive = drive_get_by_blk(s->conf.blk);
    if (!s->serial && drive && drive->serial) {
        s->serial = g_strdup(drive->serial);
    }
    virtio_init(&s->parent, CONFIG_SIZE);
    for (unsigned i = 0; i < s->num_queues; i++) {
        virtio_add_queue(&s->parent, s->queue_size, handle_queue);
    }
    s->original_wce = blk_write_cache_enabled(s->conf.blk);
    s->retry_bh = bottom_half_new(try_again, s);
    s->ring_bh = bottom_half_new(ring_again, s);
    s->run_state = run_state_add_handler(on_run_state, s);
    blk_set_device_ops(s->conf.blk, &device_ops, s);
    return true;
}

static void virtio_blk_unrealize(Device *dev)
{
    VirtioBlk *s = (VirtioBlk *)dev;
    boot_order_remove(virtio_user_device(&s->parent));
    blk_drain(s->conf.blk);
    blk_reset_device(&s->parent);
    blk_set_device_ops(s->conf.blk, NULL, NULL);
    g_clear_pointer(&s->retry_bh, bottom_half_free);
    g_clear_pointer(&s->ring_bh, bottom_half_free);
    run_state_remove_handler(s->run_state);
}

static const Property virtio_blk_properties[] = {
    BLOCK_PROPERTIES(VirtioBlk, conf), BLOCK_ERROR_PROPERTIES(VirtioBlk, conf), BLOCK_CHS_PROPERTIES(VirtioBlk, conf), PROP_BOOTINDEX(VirtioBlk, conf.bootindex),
    PROP_STRING("serial", VirtioBlk, serial, NULL), PROP_BOOL("config-wce", VirtioBlk, config_wce, true),
    PROP_BOOL("request-merging", VirtioBlk, request_merging, true), PROP_UINT16("num-queues", VirtioBlk, num_queues, QUEUES_AUTO),
    PROP_UINT16("queue-size", VirtioBlk, queue_size, 256), PROP_BOOL("seg-max-adjust", VirtioBlk, seg_max_adjust, true),
    PROP_LINK("iothread", VirtioBlk, iothread, "iothread"), PROP_BOOL("discard", VirtioBlk, discard, true),
    PROP_BOOL("report-discard-granularity", VirtioBlk, report_granularity, true), PROP_BOOL("write-zeroes", VirtioBlk, write_zeroes, true),
    PROP_UINT32("max-discard-sectors", VirtioBlk, max_discard, 4194303), PROP_UINT32("max-write-zeroes-sectors", VirtioBlk, max_write_zeroes, 4194303),
    PROP_BOOL("x-enable-wce-if-config-wce", VirtioBlk, enable_wce, true),
};
static const VirtioType virtio_blk_type = {
    .id = VIRTIO_ID_BLOCK, .get_features = get_features, .get_config = get_config, .set_config = set_config, .set_status = set_status,
    .reset = blk_reset_device, .queue_reset = blk_queue_reset,
};
static const DeviceType virtio_blk = {
    .name = "virtio-blk-device", .parent = "virtio-device", .size = sizeof(VirtioBlk), .category = DEVICE_STORAGE, .user_creatable = true, .firmware_name = "disk",
    .properties = PROPERTIES(virtio_blk_properties), .realize = virtio_blk_realize, .unrealize = virtio_blk_unrealize, .family = &virtio_blk_type,
};
REGISTER_DEVICE(virtio_blk)

static const VirtioPciInfo virtio_blk_pci = {
    .name = "virtio-blk-pci", .backend = &virtio_blk, .device_id = 0x1001, .class = PCI_CLASS_STORAGE_SCSI, .category = DEVICE_STORAGE,
    .vectors = VIRTIO_PCI_VECTORS_AUTO, .has_class_property = true,
};
REGISTER_VIRTIO_PCI(virtio_blk_pci)
