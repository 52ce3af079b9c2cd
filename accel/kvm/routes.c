/*
 * Interrupt routes: what a "GSI" is, a pin of the kernel's controllers or a message; event file descriptors that raise one (api.rst, 4.52
 * KVM_SET_GSI_ROUTING, 4.75 KVM_IRQFD, 4.70 KVM_SIGNAL_MSI).
 *
 * The table goes to the kernel whole. It is sent when somebody needs it, not at every change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "hw/core/irqfd.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

static struct kvm_irq_routing *table;   /* entries behind it */
static unsigned room;
static unsigned long *gsis;             /* in use; a bit each */
static bool stale;

static bool gsi_used(unsigned gsi) { return gsis[gsi / 64] >> gsi % 64 & 1; }

static void gsi_mark(unsigned gsi, bool used)
{
    gsis[gsi / 64] = used ? gsis[gsi / 64] | 1ul << gsi % 64 : gsis[gsi / 64] & ~(1ul << gsi % 64);
}

static struct kvm_irq_routing_entry *append(unsigned gsi, uint32_t type)
{
    if (!table || table->nr == room) {
        room = room ? 2 * room : 64;
        table = g_realloc(table, sizeof(*table) + room * sizeof(table->entries[0]));
        if (room == 64) {
            memset(table, 0, sizeof(*table));
        }
    }
    struct kvm_irq_routing_entry *entry = &table->entries[table->nr++];
    *entry = (struct kvm_irq_routing_entry){ .gsi = gsi, .type = type };
    gsi_mark(gsi, true);
    stale = true;
    return entry;
}

static struct kvm_irq_routing_entry *find_message(unsigned gsi)
{
    for (unsigned i = 0; table && i < table->nr; i++) {
        if (table->entries[i].gsi == gsi && table->entries[i].type == KVM_IRQ_ROUTING_MSI) {
            return &table->entries[i];
        }
    }
    return NULL;
}

static void fill_message(struct kvm_irq_routing_entry *entry, uint64_t address, uint32_t data, uint16_t requester_id)
{
    struct kvm_irq_routing_msi msi = { .address_lo = (uint32_t)address, .address_hi = address >> 32, .data = data };
    if (kvm_arch.messages_have_devices) {
        entry->flags = KVM_MSI_VALID_DEVID;
        msi.devid = requester_id;
    }
    if (memcmp(&entry->u.msi, &msi, sizeof(msi))) {
        entry->u.msi = msi;
        stale = true;
    }
}

void kvm_route_pin(unsigned gsi, unsigned chip, unsigned pin)
{
    struct kvm_irq_routing_entry *entry = append(gsi, KVM_IRQ_ROUTING_IRQCHIP);
    entry->u.irqchip.irqchip = chip;
    entry->u.irqchip.pin = pin;
}

void kvm_route_message(unsigned gsi, uint64_t address, uint32_t data)
{
    struct kvm_irq_routing_entry *entry = find_message(gsi);
    fill_message(entry ? entry : append(gsi, KVM_IRQ_ROUTING_MSI), address, data, 0);
}

static int commit(void)
{
    int result = stale && table ? kvm_vm_ioctl(KVM_SET_GSI_ROUTING, table) : 0;
    stale = stale && result < 0;
    return result;
}

void kvm_routes_commit(void)
{
    int result = commit();
    if (result < 0) {
        warn_report("KVM: the interrupt routes were refused: %s", g_strerror(-result));
    }
}

/* ---- signalling ---- */

void kvm_send_message(uint64_t address, uint32_t data)
{
    struct kvm_msi msi = { .address_lo = (uint32_t)address, .address_hi = address >> 32, .data = data };
    kvm_vm_ioctl(KVM_SIGNAL_MSI, &msi);
}

void kvm_set_line(unsigned gsi, int level)
{
    struct kvm_irq_level line = { .irq = gsi, .level = level };
    kvm_vm_ioctl(KVM_IRQ_LINE, &line);
}

/* ---- routes for devices (hw/core/irqfd.h) ---- */

static int route_new(uint64_t address, uint32_t data, uint16_t requester_id, GError **err)
{
    for (unsigned gsi = 0; gsi < kvm_accel()->nr_gsis; gsi++) {
        if (!gsi_used(gsi)) {
            fill_message(append(gsi, KVM_IRQ_ROUTING_MSI), address, data, requester_id);
            return (int)gsi;
        }
    }
    error_set(err, "KVM has no more than %u interrupt routes", kvm_accel()->nr_gsis);
    return -1;
}

static bool route_change(int route, uint64_t address, uint32_t data, uint16_t requester_id, GError **err)
{
    struct kvm_irq_routing_entry *entry = route >= 0 ? find_message(route) : NULL;
    if (!entry) {
        return error_set(err, "there is no interrupt route %d", route);
    }
    fill_message(entry, address, data, requester_id);
    int result = commit();
    return result >= 0 || error_set_errno(err, -result, "the interrupt route was refused");
}

static void route_free(int route)
{
    struct kvm_irq_routing_entry *entry = find_message(route);
    if (entry) {
        *entry = table->entries[--table->nr];
        gsi_mark(route, false);
        stale = true;       /* sent with the next change: the old one does no harm */
    }
}

static bool irqfd(int gsi, int event_fd, int resample_fd, bool add, GError **err)
{
    struct kvm_irqfd request = {
        .fd = event_fd, .gsi = gsi, .flags = (add ? 0 : KVM_IRQFD_FLAG_DEASSIGN) | (resample_fd >= 0 ? KVM_IRQFD_FLAG_RESAMPLE : 0),
        .resamplefd = resample_fd >= 0 ? resample_fd : 0,
    };
    int result = kvm_vm_ioctl(KVM_IRQFD, &request);
    return result >= 0 || error_set_errno(err, -result, "KVM_IRQFD for route %d failed", gsi);
}

static bool connect_fd(int gsi, int event_fd, int resample_fd, GError **err)
{
    int result = commit();
    if (result < 0) {
        return error_set_errno(err, -result, "the interrupt routes were refused");
    }
    return irqfd(gsi, event_fd, resample_fd, true, err);
}

static void disconnect_fd(int gsi, int event_fd) { irqfd(gsi, event_fd, -1, false, NULL); }

static IrqRouter router = {
    .route_new = route_new, .route_change = route_change, .route_free = route_free, .connect = connect_fd, .disconnect = disconnect_fd,
};

void kvm_routes_start(KvmAccel *kvm)
{
    kvm->nr_gsis = kvm_capability(KVM_CAP_IRQ_ROUTING);
    if (kvm->nr_gsis && kvm->irqchip != KVM_IRQCHIP_WANT_OFF) {
        gsis = g_new0(unsigned long, (kvm->nr_gsis + 63) / 64);
        router.has_lines = kvm->irqchip == KVM_IRQCHIP_WANT_ON;
        irq_router_set(&router);
    }
}
