/*
 * virtio over PCI (VIRTIO 1.2, 4.1): the device that carries a virtio device, its interrupts and its life. The registers are in virtio-pci-legacy.c and
 * virtio-pci-modern.c, the types in virtio-pci-types.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-pci-internal.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

enum { MSIX_BAR = 1, LEGACY_QUEUE_NOTIFY = 16 };

/* ---- interrupts ---- */

static void interrupt(VirtioPci *proxy, uint16_t vector)
{
    if (msix_enabled(&proxy->parent)) {
        if (vector != VIRTIO_NO_VECTOR) {
            msix_notify(&proxy->parent, vector);
        }
    } else {
        pci_set_irq(&proxy->parent, proxy->vdev->isr & 1);
    }
}

static void notify_queue(void *opaque, unsigned queue)
{
    VirtioPci *proxy = opaque;
    proxy->vdev->isr |= VIRTIO_ISR_QUEUE;
    interrupt(proxy, proxy->vdev->queues[queue].vector);
}

static void notify_config(void *opaque)
{
    VirtioPci *proxy = opaque;
    proxy->vdev->isr |= VIRTIO_ISR_QUEUE | VIRTIO_ISR_CONFIG;
    interrupt(proxy, proxy->vdev->config_vector);
}

uint8_t virtio_pci_read_isr(VirtioPci *proxy)
{
    uint8_t isr = proxy->vdev->isr;
    proxy->vdev->isr = 0;
    pci_set_irq(&proxy->parent, 0);
    return isr;
}

uint16_t virtio_pci_check_vector(VirtioPci *proxy, uint32_t vector)
{
    return msix_present(&proxy->parent) && vector < proxy->nr_vectors ? vector : VIRTIO_NO_VECTOR;
}

/* ---- status ---- */

void virtio_pci_forget_pending(VirtioPci *proxy)
{
    proxy->feature_select = proxy->driver_feature_select = proxy->driver_features[0] = proxy->driver_features[1] = 0;
    proxy->queue_select = 0;
    for (unsigned i = 0; proxy->pending && proxy->vdev && i < proxy->vdev->nr_queues; i++) {
        proxy->pending[i] = (PendingQueue){ .size = proxy->vdev->queues[i].max_size };
    }
}

void virtio_pci_set_status(VirtioPci *proxy, uint8_t status)
{
    virtio_set_status(proxy->vdev, status);
    if (status == 0) {
        virtio_pci_forget_pending(proxy);
        pci_set_irq(&proxy->parent, 0);
    }
    /* Old drivers start the device before they enable bus mastering (Linux before 2.6.34). */
    uint16_t command = pci_get_word(proxy->parent.config + PCI_COMMAND);
    if ((status & VIRTIO_S_DRIVER_OK) && !virtio_has_feature(proxy->vdev, VIRTIO_F_VERSION_1) && !(command & PCI_COMMAND_MASTER)) {
        pci_default_config_write(DEVICE(proxy), PCI_COMMAND, command | PCI_COMMAND_MASTER, 2);
    }
}

/* ---- notifications without an exit ---- */

static bool on_notifier(int fd, GIOCondition condition, void *opaque)
{
    HostNotifier *n = opaque;
    uint64_t count;
    if (read(fd, &count, sizeof(count)) == sizeof(count)) {
        virtio_ring(n->proxy->vdev, n->queue);
    }
    return true;
}

/* The places that ring a queue: one in each of the layouts. */
static void change_ioeventfds(VirtioPci *proxy, const HostNotifier *n, void (*change)(MemoryRegion *mr, const MemoryIoeventfd *e))
{
    if (proxy->modern) {
        change(&proxy->notify, &(MemoryIoeventfd){ .addr = (uint64_t)n->queue * proxy->notify_multiplier, .size = 2, .fd = n->fd, .match_data = false });
    }
    if (proxy->legacy) {
        change(&proxy->legacy_io, &(MemoryIoeventfd){ .addr = LEGACY_QUEUE_NOTIFY, .size = 2, .match_data = true, .data = n->queue, .fd = n->fd });
    }
}

static void set_host_notifiers(void *opaque, bool on)
{
    VirtioPci *proxy = opaque;
    if (!(proxy->flags & BIT(FLAG_USE_IOEVENTFD)) || (on && proxy->notifiers) || (!on && !proxy->notifiers)) {
        return;
    }
    memory_transaction_begin();
    if (on) {
        proxy->notifiers = g_new0(HostNotifier, proxy->vdev->nr_queues);
    }
    for (unsigned i = 0; i < proxy->vdev->nr_queues; i++) {
        HostNotifier *n = &proxy->notifiers[i];
        if (on) {
            *n = (HostNotifier){ .proxy = proxy, .queue = i, .fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC) };
            if (n->fd >= 0 && proxy->vdev->queues[i].desc) {
                n->watch = fd_watch_add(n->fd, G_IO_IN, on_notifier, n);
                change_ioeventfds(proxy, n, memory_region_add_ioeventfd);
            }
        } else if (n->fd >= 0) {
            if (n->watch) {
                change_ioeventfds(proxy, n, memory_region_del_ioeventfd);
                fd_watch_remove(n->watch);
            }
            close(n->fd);
        }
    }
    memory_transaction_commit();
    if (!on) {
        g_clear_pointer(&proxy->notifiers, g_free);
    }
}

/* ---- device ---- */

/* Virtio 1.1, 6.1, VIRTIO_F_ACCESS_PLATFORM: without it the device is not limited by what translates others' accesses. */
static AddressSpace *dma_space(void *opaque)
{
    VirtioPci *proxy = opaque;
    bool through_iommu = proxy->vdev->host_features & BIT(VIRTIO_F_ACCESS_PLATFORM);
    return through_iommu || !pci_is_translated(&proxy->parent) ? &proxy->parent.bus_master_space : pci_untranslated_space(&proxy->parent);
}

static bool dma_enabled(void *opaque) { return pci_get_word(((VirtioPci *)opaque)->parent.config + PCI_COMMAND) & PCI_COMMAND_MASTER; }

/* While the queues are still there. */
static void unplugged(void *opaque, VirtioDevice *vdev) { set_host_notifiers(opaque, false); }

static const VirtioTransport transport = {
    .unplugged = unplugged, .notify_queue = notify_queue, .notify_config = notify_config, .dma_space = dma_space, .dma_enabled = dma_enabled, .set_host_notifiers = set_host_notifiers,
};

static bool is_express_port(const VirtioPci *proxy)
{
    const PciBus *bus = pci_device_bus(&proxy->parent);
    return object_is_a(OBJECT(bus), "PCIE") && bus->bridge && !(proxy->flags & BIT(FLAG_DISABLE_PCIE));
}

static bool choose_layouts(VirtioPci *proxy, GError **err)
{
    bool express = is_express_port(proxy);
    proxy->legacy = proxy->disable_legacy == ON_OFF_AUTO_OFF || (proxy->disable_legacy == ON_OFF_AUTO_AUTO && !express);
    proxy->modern = !proxy->disable_modern;
    if (!proxy->legacy && !proxy->modern) {
        error_set(err, "device cannot work as neither modern nor legacy mode is enabled");
        error_set_hint(err, "Set either disable-modern or disable-legacy to off\n");
        return false;
    }
    if (proxy->legacy && (proxy->vdev->host_features & BIT(VIRTIO_F_ACCESS_PLATFORM))) {
        return error_set(err, "VIRTIO_F_IOMMU_PLATFORM was supported by neither legacy nor transitional device");
    }
    return true;
}

static bool init_express(VirtioPci *proxy, GError **err)
{
    PciDevice *dev = &proxy->parent;
    dev->express = true;
    dev->config_size = PCI_CFG_SPACE_EXP_SIZE;
    return pcie_cap_init(dev, 0, PCI_EXP_TYPE_ENDPOINT, 0, err) && pci_pm_init(dev, 0, err);
}

static void set_identity(VirtioPci *proxy)
{
    uint8_t *c = proxy->parent.config;
    if (proxy->legacy) {
        pci_set_word(c + PCI_SUBSYSTEM_VENDOR_ID, PCI_VENDOR_ID_REDHAT_QUMRANET);
        pci_set_word(c + PCI_SUBSYSTEM_ID, proxy->vdev->vtype->id);
    } else {
        pci_set_word(c + PCI_DEVICE_ID, 0x1040 + proxy->vdev->vtype->id);
        c[PCI_REVISION_ID] = 1;
    }
    if (proxy->class_code) {
        pci_set_word(c + PCI_CLASS_DEVICE, proxy->class_code >> 8 ? proxy->class_code >> 8 : proxy->class_code);
    }
}

static bool make_registers(VirtioPci *proxy, GError **err)
{
    VirtioDevice *vdev = proxy->vdev;
    proxy->nr_vectors = proxy->nr_vectors == UINT32_MAX ? vdev->nr_queues + 1 : proxy->nr_vectors;
    vdev->modern_only = !proxy->legacy;
    if (proxy->modern) {
        vdev->host_features |= BIT(VIRTIO_F_VERSION_1);
        if (!virtio_pci_modern_init(proxy, err)) {
            return false;
        }
    }
    /* Without the platform's message interrupts the device falls back to its pin. */
    if (proxy->nr_vectors && !msix_init_exclusive(&proxy->parent, MIN(proxy->nr_vectors, 2048), MSIX_BAR, NULL)) {
        proxy->nr_vectors = 0;
    }
    return !proxy->legacy || virtio_pci_legacy_init(proxy, err);
}

static void unrealize(VirtioPci *proxy)
{
    if (proxy->legacy && proxy->legacy_io.owner) {
        pci_unregister_bar(&proxy->parent, 0);
        memory_region_destroy(&proxy->legacy_io);
    }
    if (proxy->modern && proxy->pending) {
        virtio_pci_modern_cleanup(proxy);
    }
    proxy->cfg_cap = 0;
}

static bool virtio_pci_realize(Device *dev, GError **err)
{
    VirtioPci *proxy = (VirtioPci *)dev;
    if (!choose_layouts(proxy, err) || (is_express_port(proxy) && !init_express(proxy, err))) {
        return false;
    }
    pci_set_interrupt_pin(&proxy->parent, 1);
    proxy->bus = (VirtioBus *)bus_new(&virtio_pci_bus_type, dev, "virtio-bus");
    proxy->bus->transport = &transport;
    proxy->bus->opaque = proxy;
    object_ref(OBJECT(proxy->vdev));
    if (!device_realize(&proxy->vdev->parent, &proxy->bus->parent, err)) {
        proxy->vdev = NULL;
        return false;
    }
    set_identity(proxy);
    if (!make_registers(proxy, err)) {
        device_unrealize(&proxy->vdev->parent);
        unrealize(proxy);
        return false;
    }
    virtio_pci_forget_pending(proxy);
    return true;
}

static void virtio_pci_unrealize(Device *dev)
{
    VirtioPci *proxy = (VirtioPci *)dev;
    unrealize(proxy);
}

static void virtio_pci_reset(Device *dev)
{
    VirtioPci *proxy = (VirtioPci *)dev;
    virtio_reset(proxy->vdev);
    virtio_pci_forget_pending(proxy);
}

void virtio_pci_init(Object *object)
{
    VirtioPci *proxy = (VirtioPci *)object;
    proxy->info = device_type(DEVICE(object))->family;
    proxy->vdev = VIRTIO_DEVICE(device_new(proxy->info->backend->name));
    proxy->vdev->owned_by_proxy = true;
    object_add_child(object, "virtio-backend", OBJECT(proxy->vdev), NULL);
    object_unref(OBJECT(proxy->vdev));
}

static const Property virtio_pci_properties[] = {
    PROP_BIT32("virtio-pci-bus-master-bug-migration", VirtioPci, flags, FLAG_BUS_MASTER_BUG_MIGRATION, false, .description = "on/off"),
    PROP_BIT32("migrate-extra", VirtioPci, flags, FLAG_MIGRATE_EXTRA, true, .description = "on/off"),
    PROP_BIT32("modern-pio-notify", VirtioPci, flags, FLAG_MODERN_PIO_NOTIFY, false, .description = "on/off"),
    PROP_BIT32("x-disable-pcie", VirtioPci, flags, FLAG_DISABLE_PCIE, false, .description = "on/off"),
    PROP_BIT32("page-per-vq", VirtioPci, flags, FLAG_PAGE_PER_VQ, false, .description = "on/off"),
    PROP_BOOL("x-ignore-backend-features", VirtioPci, ignore_backend_features, false),
    PROP_BIT32("ats", VirtioPci, flags, FLAG_ATS, false, .description = "on/off"),
    PROP_BIT32("x-ats-page-aligned", VirtioPci, flags, FLAG_ATS_PAGE_ALIGNED, true, .description = "on/off"),
    PROP_BIT32("x-pcie-deverr-init", VirtioPci, flags, FLAG_INIT_DEVERR, true, .description = "on/off"),
    PROP_BIT32("x-pcie-lnkctl-init", VirtioPci, flags, FLAG_INIT_LNKCTL, true, .description = "on/off"),
    PROP_BIT32("x-pcie-pm-init", VirtioPci, flags, FLAG_INIT_PM, true, .description = "on/off"),
    PROP_BIT32("x-pcie-pm-no-soft-reset", VirtioPci, flags, FLAG_PM_NO_SOFT_RESET, false, .description = "on/off"),
    PROP_BIT32("x-pcie-flr-init", VirtioPci, flags, FLAG_INIT_FLR, true, .description = "on/off"),
    PROP_BIT32("aer", VirtioPci, flags, FLAG_AER, false, .description = "on/off"),
    PROP_BIT32("ioeventfd", VirtioPci, flags, FLAG_USE_IOEVENTFD, true, .description = "on/off"),
};
static const StateField virtio_pci_state[] = {
    STATE_UINT32(VirtioPci, feature_select), STATE_UINT32(VirtioPci, driver_feature_select), STATE_UINT32_ARRAY(VirtioPci, driver_features),
    STATE_UINT16(VirtioPci, queue_select),
};
static const DeviceType virtio_pci = {
    .name = "virtio-pci", .parent = "pci-device", .size = sizeof(VirtioPci), .abstract = true, .properties = PROPERTIES(virtio_pci_properties),
    .state = STATE(virtio_pci_state, .version = 1), .unrealize = virtio_pci_unrealize, .realize = virtio_pci_realize, .reset = virtio_pci_reset,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT_QUMRANET, .config_read = virtio_pci_config_read, .config_write = virtio_pci_config_write },
};
REGISTER_DEVICE(virtio_pci)
