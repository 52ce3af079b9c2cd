/*
 * Lines by which firmware ends or restarts the machine (Linux, Documentation/devicetree/bindings/power/reset/gpio-poweroff.yaml and gpio-restart.yaml).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/gpio/pl061.h"

#include "system/runstate.h"

typedef struct GpioPwr { Device parent; } GpioPwr;

static void restart(void *opaque, int n, int level)
{
    if (level) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
    }
}

static void shut_down(void *opaque, int n, int level)
{
    if (level) {
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);
    }
}

static bool gpio_pwr_realize(Device *dev, GError **err)
{
    device_add_irq_inputs(dev, "reset", restart, dev, 1);
    device_add_irq_inputs(dev, "shutdown", shut_down, dev, 1);
    return true;
}

static const DeviceType gpio_pwr = { .name = "gpio-pwr", .parent = "device", .size = sizeof(GpioPwr), .category = DEVICE_MISC, .realize = gpio_pwr_realize };
REGISTER_DEVICE(gpio_pwr)

Device *gpio_pwr_create(GError **err)
{
    Device *dev = device_new("gpio-pwr");
    return device_realize(dev, NULL, err) ? dev : NULL;
}
