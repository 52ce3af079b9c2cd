/*
 * Interrupts by event file descriptor: where the accelerator can turn an eventfd straight into a message-signalled interrupt, a device's back end
 * signals the guest without passing through the device. Hides who does it.
 *
 * A route is a message with a number. All calls: machine lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_IRQFD_H
#define HW_CORE_IRQFD_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether the calls below can work at all; false: the device watches the eventfd itself and sends the message (msix_notify). */
bool irqfd_available(void);

/* A route for a message; requester_id: PCI bus << 8 | devfn. -1 with an error when there are no more routes. */
int irq_route_new(uint64_t address, uint32_t data, uint16_t requester_id, GError **err);
/* Gives the route another message (the guest has changed the vector's address or data). */
bool irq_route_change(int route, uint64_t address, uint32_t data, uint16_t requester_id, GError **err);
/* The route goes; no eventfd may be connected. */
void irq_route_free(int route);

/* From now on a signal on event_fd is the route's interrupt. */
bool irqfd_connect(int route, int event_fd, GError **err);
void irqfd_disconnect(int route, int event_fd);
/* A level-triggered line of the machine's interrupt controller instead of a message: the signal raises it, and it falls when the guest ends the interrupt,
 * which resample_fd then says. false without an error when the controller is not the accelerator's. */
bool irqfd_connect_line(int gsi, int event_fd, int resample_fd, GError **err);
void irqfd_disconnect_line(int gsi, int event_fd);

/* What an accelerator offers for that. Callbacks as above; line ones may be NULL. */
typedef struct IrqRouter {
    int (*route_new)(uint64_t address, uint32_t data, uint16_t requester_id, GError **err);
    bool (*route_change)(int route, uint64_t address, uint32_t data, uint16_t requester_id, GError **err);
    void (*route_free)(int route);
    bool (*connect)(int gsi, int event_fd, int resample_fd, GError **err);  /* resample_fd -1: none */
    void (*disconnect)(int gsi, int event_fd);
    bool has_lines;
} IrqRouter;
void irq_router_set(const IrqRouter *router);   /* NULL: none */

#endif
