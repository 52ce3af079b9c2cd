/* Local APICs by their registers: two processors that do not run. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/i386/apic.h"
#include "softmmu/dma.h"
#include "target/i386/cpu.h"
#include "util/main-loop.h"
#include "util/timer.h"

enum { TPR = 0x80, PPR = 0xa0, EOI = 0xb0, LDR = 0xd0, DFR = 0xe0, SVR = 0xf0, ISR1 = 0x110, IRR1 = 0x210, ESR = 0x280, ICR = 0x300, ICR2 = 0x310,
       LVT_TIMER = 0x320, LVT_LINT0 = 0x350, LVT_ERR = 0x370, TICR = 0x380, TCCR = 0x390, TDCR = 0x3e0 };

static X86Cpu *cpus[2];
static int eoi_vector;

static const ApicType *type(int n) { return apic_type(cpus[n]->apic); }
static Device *apic(int n) { return cpus[n]->apic; }
static uint32_t requests(int n) { return cpus[n]->parent.interrupt_request; }

/* The registers through x2APIC are the same ones; this way needs no memory. */
static void x2apic(int n)
{
    type(n)->set_base(apic(n), type(n)->get_base(apic(n)) | 0x400);
}
static void set(int n, unsigned reg, uint64_t value) { g_assert_true(type(n)->write_msr(apic(n), 0x800 + (reg >> 4), value)); }
static uint64_t get(int n, unsigned reg)
{
    uint64_t value;
    g_assert_true(type(n)->read_msr(apic(n), 0x800 + (reg >> 4), &value));
    return value;
}

static void start(void)
{
    for (int n = 0; n < 2; n++) {
        cpus[n]->parent.interrupt_request = 0;
        device_cold_reset(apic(n));
        x2apic(n);
        set(n, SVR, 0x1ff);
    }
    eoi_vector = -1;
}

static void test_reset(void)
{
    start();
    device_cold_reset(apic(0)), device_cold_reset(apic(1));
    g_assert_cmphex(type(0)->get_base(apic(0)), ==, 0xfee00900);
    g_assert_cmphex(type(1)->get_base(apic(1)), ==, 0xfee00800);
    x2apic(0);
    g_assert_cmphex(get(0, 0x30), ==, 0x50014);
    g_assert_cmphex(get(0, SVR), ==, 0xff);
    g_assert_cmphex(get(0, LVT_LINT0), ==, 0x10000);
    g_assert_false(type(0)->accepts_pic(apic(0)));
    set(0, LVT_LINT0, 0x700);
    g_assert_cmphex(get(0, LVT_LINT0), ==, 0x10700);        /* software-disabled: masked */
}

static void test_priorities(void)
{
    start();
    apic_deliver_irq(0, false, 0, 0x41, false);
    apic_deliver_irq(0, false, 0, 0x52, true);
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_HARD, !=, 0);
    g_assert_cmphex(requests(1), ==, 0);
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x52);
    g_assert_cmphex(get(0, PPR), ==, 0x50);
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_HARD, ==, 0);
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, -1);
    set(0, EOI, 0);
    g_assert_cmphex(eoi_vector, ==, 0x52);                  /* level: told to the I/O APICs */
    eoi_vector = -1;
    type(0)->set_tpr(apic(0), 4);
    g_assert_false(type(0)->has_interrupt(apic(0)));
    type(0)->set_tpr(apic(0), 3);
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x41);
    set(0, EOI, 0);
    g_assert_cmphex(eoi_vector, ==, -1);
    apic_deliver_irq(0, false, 0, 5, false);                /* a vector that cannot be */
    set(0, ESR, 0);
    g_assert_cmphex(get(0, ESR), ==, 0x40);
}

static void test_destinations(void)
{
    start();
    apic_deliver_irq(0xff, false, 0, 0x61, false);
    g_assert_true(type(0)->has_interrupt(apic(0)) && type(1)->has_interrupt(apic(1)));
    start();
    apic_deliver_msi(0xfee00000 | 1 << 12, 0x62);
    g_assert_false(type(0)->has_interrupt(apic(0)));
    g_assert_cmphex(type(1)->get_interrupt(apic(1)), ==, 0x62);
    /* Lowest priority: the idle one. */
    start();
    type(0)->set_tpr(apic(0), 8);
    apic_deliver_irq(0xff, false, 1, 0x91, false);
    g_assert_false(type(0)->has_interrupt(apic(0)));
    g_assert_true(type(1)->has_interrupt(apic(1)));
    /* x2APIC's logical ids: cluster 0, members 1 and 2. */
    start();
    g_assert_cmphex(get(1, LDR), ==, 2);
    set(0, ICR, UINT64_C(3) << 32 | 0x863);
    g_assert_true(type(0)->has_interrupt(apic(0)) && type(1)->has_interrupt(apic(1)));
}

static void test_logical_xapic(void)
{
    start();
    device_cold_reset(apic(0)), device_cold_reset(apic(1));
    /* Reset values: flat model with no members. */
    apic_deliver_irq(0x01, true, 0, 0x71, false);
    g_assert_false(type(0)->has_interrupt(apic(0)));
}

static void test_startup(void)
{
    start();
    set(0, ICR, UINT64_C(1) << 32 | 0x4610);
    g_assert_cmphex(requests(1) & CPU_INTERRUPT_SIPI, !=, 0);    /* it waits since reset */
    cpus[1]->parent.interrupt_request = 0;
    set(0, ICR, UINT64_C(1) << 32 | 0x4611);
    g_assert_cmphex(requests(1) & CPU_INTERRUPT_SIPI, ==, 0);    /* it has started: the second is nothing */
    set(0, ICR, 0xc4500);                                   /* INIT to all others */
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_INIT, ==, 0);
    g_assert_cmphex(requests(1) & CPU_INTERRUPT_INIT, !=, 0);
    set(0, ICR, 0xc4612);
    g_assert_cmphex(requests(1) & CPU_INTERRUPT_SIPI, !=, 0);
    g_assert_cmphex(cpus[1]->sipi_vector, ==, 0x12);
    type(1)->init_reset(apic(1));                           /* the INIT is taken now; the SIPI behind it stays */
    g_assert_cmphex(requests(1) & CPU_INTERRUPT_SIPI, !=, 0);
    set(0, ICR, 0x80400);                                   /* NMI to all */
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_NMI, !=, 0);
}

static void step(int64_t ns) { clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + ns); }

static void test_timer(void)
{
    start();
    set(0, TDCR, 0xb);                                      /* divide by 1: a tick is a nanosecond */
    set(0, LVT_TIMER, 0x40);
    set(0, TICR, 1000000);
    step(400000);
    g_assert_cmpuint(get(0, TCCR), ==, 600000);
    g_assert_false(type(0)->has_interrupt(apic(0)));
    step(600000);
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x40);
    set(0, EOI, 0);
    g_assert_cmpuint(get(0, TCCR), ==, 0);
    step(5000000);
    g_assert_false(type(0)->has_interrupt(apic(0)));        /* one-shot */
    set(0, LVT_TIMER, 0x20041);                             /* periodic, by 16 */
    set(0, TDCR, 3);
    set(0, TICR, 62500);
    for (int i = 0; i < 3; i++) {
        step(1000000);
        g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x41);
        set(0, EOI, 0);
        g_assert_false(type(0)->has_interrupt(apic(0)));
    }
    set(0, LVT_TIMER, 0x40042);                             /* TSC deadline */
    step(5000000);
    g_assert_false(type(0)->has_interrupt(apic(0)));
    type(0)->set_tsc_deadline(apic(0), x86_read_tsc(cpus[0]) + 1000);
    step(100000000);
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x42);
}

static void test_pic(void)
{
    start();
    x86_pic_set_output(1);
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_HARD, ==, 0);
    set(0, LVT_LINT0, 0x700);
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_HARD, !=, 0);
    g_assert_true(type(0)->accepts_pic(apic(0)));
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, -1);
    x86_pic_set_output(0);
    g_assert_cmphex(requests(0) & CPU_INTERRUPT_HARD, ==, 0);
}

static void test_x2apic_refusals(void)
{
    uint64_t value;
    start();
    g_assert_false(type(0)->write_msr(apic(0), 0x802, 1));      /* id */
    g_assert_false(type(0)->write_msr(apic(0), 0x80d, 1));      /* logical id */
    g_assert_false(type(0)->write_msr(apic(0), 0x80b, 1));      /* EOI of other than 0 */
    g_assert_false(type(0)->read_msr(apic(0), 0x831, &value));
    g_assert_false(type(0)->read_msr(apic(0), 0x8ff, &value));
    g_assert_true(type(0)->write_msr(apic(0), 0x83f, 0x77));    /* self IPI */
    g_assert_cmphex(type(0)->get_interrupt(apic(0)), ==, 0x77);
    device_cold_reset(apic(0));
    g_assert_false(type(0)->read_msr(apic(0), 0x802, &value));  /* not in x2APIC mode */
}

static void eoi(uint8_t vector) { eoi_vector = vector; }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    clock_virtual_set_manual();
    for (int n = 0; n < 2; n++) {
        GError *err = NULL;
        cpus[n] = X86_CPU(object_new_named("qemu64-x86_64-cpu"));
        g_assert_nonnull(cpus[n]);
        cpus[n]->parent.index = n;
        g_assert_true(apic_create(&cpus[n]->parent, n, &cpus[n]->apic, &err));
    }
    apic_set_eoi_hook(eoi);
    g_test_add_func("/apic/reset", test_reset);
    g_test_add_func("/apic/priorities", test_priorities);
    g_test_add_func("/apic/destinations", test_destinations);
    g_test_add_func("/apic/logical without members", test_logical_xapic);
    g_test_add_func("/apic/INIT and SIPI", test_startup);
    g_test_add_func("/apic/timer", test_timer);
    g_test_add_func("/apic/8259", test_pic);
    g_test_add_func("/apic/x2APIC refusals", test_x2apic_refusals);
    return g_test_run();
}
