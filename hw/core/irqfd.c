/*
 * Interrupts by event file descriptor: passed on to the accelerator that can.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/irqfd.h"

#include "util/error.h"

static const IrqRouter *router;

void irq_router_set(const IrqRouter *new_router) { router = new_router; }

bool irqfd_available(void) { return router != NULL; }

static bool no_router(GError **err) { return error_set(err, "the accelerator cannot connect event file descriptors to interrupts"); }

int irq_route_new(uint64_t address, uint32_t data, uint16_t requester_id, GError **err)
{
    return router ? router->route_new(address, data, requester_id, err) : (no_router(err), -1);
}

bool irq_route_change(int route, uint64_t address, uint32_t data, uint16_t requester_id, GError **err)
{
    return router ? router->route_change(route, address, data, requester_id, err) : no_router(err);
}

void irq_route_free(int route)
{
    if (router && route >= 0) {
        router->route_free(route);
    }
}

bool irqfd_connect(int route, int event_fd, GError **err)
{
    return router ? router->connect(route, event_fd, -1, err) : no_router(err);
}

void irqfd_disconnect(int route, int event_fd)
{
    if (router) {
        router->disconnect(route, event_fd);
    }
}

bool irqfd_connect_line(int gsi, int event_fd, int resample_fd, GError **err)
{
    return router && router->has_lines && router->connect(gsi, event_fd, resample_fd, err);
}

void irqfd_disconnect_line(int gsi, int event_fd)
{
    if (router && router->has_lines) {
        router->disconnect(gsi, event_fd);
    }
}
