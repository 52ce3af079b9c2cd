/*
 * A key on a general purpose line: a pulse at its input pushes it, and it goes up again a tenth of a second later (Linux, Documentation/devicetree/bindings/input/gpio-keys.yaml).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/gpio/pl061.h"

#include "util/timer.h"

#define PUSHED_NS (NS_PER_S / 10)

typedef struct GpioKey { SysBusDevice parent; Irq *irq; Timer timer; } GpioKey;

static void go_up(void *opaque) { irq_lower(((GpioKey *)opaque)->irq); }

static void pushed(void *opaque, int n, int level)
{
    GpioKey *s = opaque;
    if (level) {
        irq_raise(s->irq);
        timer_set_ns(&s->timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + PUSHED_NS);
    }
}

static bool gpio_key_realize(Device *dev, GError **err)
{
    GpioKey *s = (GpioKey *)dev;
    timer_init(&s->timer, CLOCK_TYPE_VIRTUAL, go_up, s);
    device_add_irq_inputs(dev, NULL, pushed, s, 1);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &s->irq, 1);
    return true;
}

static void gpio_key_finalize(Object *object) { timer_cancel(&((GpioKey *)object)->timer); }

static void gpio_key_reset(Device *dev)
{
    timer_cancel(&((GpioKey *)dev)->timer);
    irq_lower(((GpioKey *)dev)->irq);
}

static const StateField gpio_key_state[] = { STATE_TIMER(GpioKey, timer) };
static const DeviceType gpio_key = {
    .name = "gpio-key", .parent = "sys-bus-device", .size = sizeof(GpioKey), .category = DEVICE_MISC, .state = STATE(gpio_key_state, .version = 1),
    .realize = gpio_key_realize, .finalize = gpio_key_finalize, .reset = gpio_key_reset,
};
REGISTER_DEVICE(gpio_key)

Device *gpio_key_create(Irq *line, GError **err)
{
    Device *dev = device_new("gpio-key");
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_connect_irq((SysBusDevice *)dev, 0, line);
    return dev;
}
