/*
 * virtio-balloon: memory that the guest lends back (VIRTIO 1.2, 5.5), with statistics and free page reporting.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"
#include "hw/virtio/balloon.h"
#include "hw/virtio/virtio-pci.h"
#include "net/net.h"
#include "util/error.h"
#include "util/timer.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { F_MUST_TELL_HOST = 0, F_STATS_VQ = 1, F_DEFLATE_ON_OOM = 2, F_FREE_PAGE_HINT = 3, F_PAGE_POISON = 4, F_REPORTING = 5 };
enum { QUEUE_SIZE = 128, REPORTING_QUEUE_SIZE = 32, PFN_SHIFT = 12, PAGE_BYTES = 4096, STAT_BYTES = 10, MAX_STATS = 64, CONFIG_SMALL = 8, CONFIG_LARGE = 16 };

/* Names by tag (5.5.6.3). */
static const char *const stat_names[] = {
    "stat-swap-in", "stat-swap-out", "stat-major-faults", "stat-minor-faults", "stat-free-memory", "stat-total-memory", "stat-available-memory",
    "stat-disk-caches", "stat-htlb-pgalloc", "stat-htlb-pgfail", "stat-oom-kills", "stat-alloc-stalls", "stat-scan-async", "stat-scan-direct",
    "stat-reclaim-async", "stat-reclaim-direct",
};

typedef struct VirtioBalloon {
    VirtioDevice parent;
    Virtqueue *inflate, *deflate, *stats, *reporting;
    uint32_t target_pages, actual_pages, poison;
    bool use_page_poison, old_config;
    Object *iothread;
    uint64_t stat_values[ARRAY_SIZE(stat_names)];
    VirtqElement *stats_element;        /* the guest's: given back to ask for new numbers */
    int64_t last_update_s, poll_interval_s;
    Timer poll;
} VirtioBalloon;

static VirtioBalloon *active;
static void (*change_hook)(uint64_t actual_bytes);

static uint64_t ram_bytes(void) { return machine_current() ? machine_current()->ram_size : 0; }

/* ---- the monitor's side ---- */

static bool check_active(GError **err)
{
    return active || error_set_class(err, ERROR_DEVICE_NOT_ACTIVE, "No balloon device has been activated");
}

bool balloon_set_target(uint64_t bytes, GError **err)
{
    if (!check_active(err)) {
        return false;
    }
    if (!bytes) {
        return error_set(err, "Parameter 'target' expects a size");
    }
    bytes = MIN(bytes, ram_bytes());
    active->target_pages = (ram_bytes() - bytes) >> PFN_SHIFT;
    virtio_notify_config(&active->parent);
    return true;
}

bool balloon_query(uint64_t *actual_bytes, GError **err)
{
    if (!check_active(err)) {
        return false;
    }
    *actual_bytes = ram_bytes() - ((uint64_t)active->actual_pages << PFN_SHIFT);
    return true;
}

void balloon_set_change_hook(void (*fn)(uint64_t actual_bytes)) { change_hook = fn; }

/* ---- pages ---- */

/* Gives the page's memory back to the host, or (deflate) says that it will be used again. Only RAM, only whole host pages. */
static void change_page(VirtioBalloon *s, uint64_t addr, bool inflate)
{
    uint64_t len = PAGE_BYTES;
    void *host = dma_map(s->parent.dma, addr, &len, true);
    if (!host) {
        return;
    }
    if (len == PAGE_BYTES && !((uintptr_t)host & (PAGE_BYTES - 1)) && sysconf(_SC_PAGESIZE) == PAGE_BYTES) {
        madvise(host, PAGE_BYTES, inflate ? MADV_DONTNEED : MADV_WILLNEED);
    }
    dma_unmap(s->parent.dma, host, len, true, inflate ? len : 0);
}

static void handle_pages(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    VirtqElement *e;
    while ((e = virtqueue_pop(vq, sizeof(*e)))) {
        uint8_t pfn[4];
        for (size_t at = 0; iov_to_buffer(e->out, e->nr_out, at, pfn, 4) == 4; at += 4) {
            change_page(s, (uint64_t)load_le32(pfn) << PFN_SHIFT, vq == s->inflate);
        }
        virtqueue_push(vq, e, 0);
        virtqueue_notify(vq);
        g_free(e);
    }
}

/* Free page reporting: ranges that the guest does not use, as writable buffers. */
static void handle_reporting(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    bool keep = virtio_has_feature(vdev, F_PAGE_POISON) && s->poison;
    VirtqElement *e;
    while ((e = virtqueue_pop(vq, sizeof(*e)))) {
        for (unsigned i = 0; !keep && i < e->nr_in; i++) {
            uintptr_t first = ROUND_UP((uintptr_t)e->in[i].iov_base, PAGE_BYTES), end = ROUND_DOWN((uintptr_t)e->in[i].iov_base + e->in[i].iov_len, PAGE_BYTES);
            if (end > first) {
                madvise((void *)first, end - first, MADV_DONTNEED);
            }
        }
        virtqueue_push(vq, e, e->in_size);
        virtqueue_notify(vq);
        g_free(e);
    }
}

/* ---- statistics ---- */

static void arm_poll(VirtioBalloon *s)
{
    if (s->poll_interval_s) {
        timer_set_ns(&s->poll, clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->poll_interval_s * NS_PER_S);
    } else {
        timer_cancel(&s->poll);
    }
}

static void on_poll(void *opaque)
{
    VirtioBalloon *s = opaque;
    if (s->stats_element) {
        virtqueue_push(s->stats, s->stats_element, 0);
        virtqueue_notify(s->stats);
        g_clear_pointer(&s->stats_element, g_free);
    }
    arm_poll(s);
}

static void handle_stats(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    VirtqElement *e = virtqueue_pop(vq, sizeof(*e));
    uint8_t raw[STAT_BYTES];
    if (!e) {
        return;
    }
    if (s->stats_element) {             /* a driver keeps one buffer here; more are given back */
        virtqueue_push(vq, s->stats_element, 0);
        virtqueue_notify(vq);
        g_free(s->stats_element);
    }
    s->stats_element = e;
    memset(s->stat_values, 0xff, sizeof(s->stat_values));
    for (unsigned n = 0; n < MAX_STATS && iov_to_buffer(e->out, e->nr_out, n * STAT_BYTES, raw, STAT_BYTES) == STAT_BYTES; n++) {
        uint16_t tag = load_le16(raw);
        if (tag < ARRAY_SIZE(stat_names)) {
            s->stat_values[tag] = load_le64(raw + 2);
        }
    }
    s->last_update_s = g_get_real_time() / 1000000;
}

static GVariant *get_stats(const Object *object, const Property *p, GError **err)
{
    const VirtioBalloon *s = (const VirtioBalloon *)object;
    GVariantDict stats, all;
    g_variant_dict_init(&stats, NULL);
    for (size_t i = 0; i < ARRAY_SIZE(stat_names); i++) {
        g_variant_dict_insert(&stats, stat_names[i], "t", s->stat_values[i]);
    }
    g_variant_dict_init(&all, NULL);
    g_variant_dict_insert_value(&all, "stats", g_variant_dict_end(&stats));
    g_variant_dict_insert(&all, "last-update", "x", s->last_update_s);
    return g_variant_dict_end(&all);
}

static bool set_interval(Object *object, const Property *p, GVariant *value, GError **err)
{
    VirtioBalloon *s = (VirtioBalloon *)object;
    int64_t old = s->poll_interval_s;
    if (!p->kind->set(object, p, value, err)) {
        return false;
    }
    if (s->poll_interval_s < 0 || s->poll_interval_s > UINT32_MAX) {
        bool negative = s->poll_interval_s < 0;
        s->poll_interval_s = old;
        return error_set(err, "timer value must be %s", negative ? "greater than zero" : "at most 4294967295");
    }
    arm_poll(s);
    if (s->poll_interval_s && !old) {
        on_poll(s);
    }
    return true;
}

/* ---- features, configuration, reset ---- */

static uint64_t get_features(VirtioDevice *vdev, uint64_t offered)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    return offered | BIT(F_STATS_VQ) | (s->use_page_poison ? BIT(F_PAGE_POISON) : 0);
}

static void get_config(VirtioDevice *vdev, uint8_t *config)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    uint8_t all[CONFIG_LARGE] = { 0 };
    store_le32(all, s->target_pages);
    store_le32(all + 4, s->actual_pages);
    store_le32(all + 12, s->poison);
    memcpy(config, all, vdev->config_size);
}

static void set_config(VirtioDevice *vdev, const uint8_t *config)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    uint32_t old = s->actual_pages;
    s->actual_pages = MIN(load_le32(config + 4), ram_bytes() >> PFN_SHIFT);
    if (vdev->config_size >= CONFIG_LARGE && virtio_has_feature(vdev, F_PAGE_POISON)) {
        s->poison = load_le32(config + 12);
    }
    if (s->actual_pages != old && change_hook) {
        change_hook(ram_bytes() - ((uint64_t)s->actual_pages << PFN_SHIFT));
    }
}

static void balloon_reset(VirtioDevice *vdev)
{
    VirtioBalloon *s = (VirtioBalloon *)vdev;
    if (s->stats_element) {
        virtqueue_detach(s->stats, s->stats_element);
        g_clear_pointer(&s->stats_element, g_free);
    }
    s->poison = 0;
}

static void balloon_queue_reset(VirtioDevice *vdev, unsigned queue) { balloon_reset(vdev); }

/* ---- device ---- */

static bool virtio_balloon_realize(Device *dev, GError **err)
{
    VirtioBalloon *s = (VirtioBalloon *)dev;
    uint64_t *features = &s->parent.host_features;
    if (active) {
        return error_set(err, "Only one balloon device is supported");
    }
    if (s->iothread) {
        return error_set(err, "iothread= of virtio-balloon is not implemented");
    }
    if (*features & BIT(F_FREE_PAGE_HINT)) {
        return error_set(err, "free-page-hint=on of virtio-balloon is not implemented");
    }
    virtio_init(&s->parent, s->old_config || s->use_page_poison ? CONFIG_LARGE : CONFIG_SMALL);
    s->inflate = virtio_add_queue(&s->parent, QUEUE_SIZE, handle_pages);
    s->deflate = virtio_add_queue(&s->parent, QUEUE_SIZE, handle_pages);
    s->stats = virtio_add_queue(&s->parent, QUEUE_SIZE, handle_stats);
    if (*features & BIT(F_REPORTING)) {
        s->reporting = virtio_add_queue(&s->parent, REPORTING_QUEUE_SIZE, handle_reporting);
    }
    memset(s->stat_values, 0xff, sizeof(s->stat_values));
    timer_init(&s->poll, CLOCK_TYPE_VIRTUAL, on_poll, s);
    active = s;
    return true;
}

static void virtio_balloon_unrealize(Device *dev)
{
    VirtioBalloon *s = (VirtioBalloon *)dev;
    balloon_reset(&s->parent);
    timer_cancel(&s->poll);
    active = NULL;
}

static const Property virtio_balloon_properties[] = {
    PROP_BIT64("deflate-on-oom", VirtioDevice, host_features, F_DEFLATE_ON_OOM, false, .description = "on/off"),
    PROP_BIT64("free-page-hint", VirtioDevice, host_features, F_FREE_PAGE_HINT, false, .description = "on/off"),
    PROP_BIT64("free-page-reporting", VirtioDevice, host_features, F_REPORTING, false, .description = "on/off"),
    PROP_BOOL("page-poison", VirtioBalloon, use_page_poison, true, .description = "on/off"),
    PROP_BOOL("qemu-4-0-config-size", VirtioBalloon, old_config, false),
    PROP_LINK("iothread", VirtioBalloon, iothread, "iothread"),
    { .name = "guest-stats", .kind = &property_kind_uint64, .offset = offsetof(VirtioBalloon, stat_values), .flags = PROP_READ_ONLY | PROP_NO_DEFAULT,
      .type_name = "guest statistics", .get = get_stats },
    { .name = "guest-stats-polling-interval", .kind = &property_kind_int64, .offset = offsetof(VirtioBalloon, poll_interval_s),
      .flags = PROP_ANY_TIME | PROP_NO_DEFAULT, .type_name = "int", .set = set_interval },
};
static const VirtioType virtio_balloon_type = {
    .id = VIRTIO_ID_BALLOON, .get_features = get_features, .get_config = get_config, .set_config = set_config, .reset = balloon_reset,
    .queue_reset = balloon_queue_reset,
};
static const StateField virtio_balloon_state[] = { STATE_UINT32(VirtioBalloon, target_pages), STATE_UINT32(VirtioBalloon, actual_pages) };
static const DeviceType virtio_balloon = {
    .name = "virtio-balloon-device", .parent = "virtio-device", .size = sizeof(VirtioBalloon), .category = DEVICE_MISC, .user_creatable = true,
    .properties = PROPERTIES(virtio_balloon_properties), .state = STATE(virtio_balloon_state, .version = 1), .realize = virtio_balloon_realize,
    .unrealize = virtio_balloon_unrealize, .family = &virtio_balloon_type,
};
REGISTER_DEVICE(virtio_balloon)

static const VirtioPciInfo virtio_balloon_pci = {
    .name = "virtio-balloon-pci", .backend = &virtio_balloon, .device_id = 0x1002, .class = PCI_CLASS_OTHERS, .category = DEVICE_MISC,
    .vectors = VIRTIO_PCI_VECTORS_AUTO,
};
REGISTER_VIRTIO_PCI(virtio_balloon_pci)
