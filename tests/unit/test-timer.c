/* Timers, the virtual clock and the main loop. SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/main-loop.h"
#include "util/timer.h"

static GString *order;

static void note(void *opaque)
{
    g_string_append(order, opaque);
}

static void test_manual_clock_fires_in_order(void)
{
    Timer a, b, c;
    order = g_string_new(NULL);
    clock_virtual_set_manual();
    timer_init(&a, CLOCK_TYPE_VIRTUAL, note, "a");
    timer_init(&b, CLOCK_TYPE_VIRTUAL, note, "b");
    timer_init(&c, CLOCK_TYPE_VIRTUAL, note, "c");
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    timer_set_ns(&a, now + 300);
    timer_set_ns(&b, now + 100);
    timer_set_ns(&c, now + 200);
    timer_set_earlier_ns(&c, now + 900);
    g_assert_cmpint(timer_expire_ns(&c), ==, now + 200);
    clock_virtual_step_to(now + 250);
    g_assert_cmpstr(order->str, ==, "bc");
    g_assert_true(timer_pending(&a));
    g_assert_false(timer_pending(&b));
    timer_cancel(&a);
    clock_virtual_step_to(now + 1000);
    g_assert_cmpstr(order->str, ==, "bc");
    g_assert_cmpint(clock_get_ns(CLOCK_TYPE_VIRTUAL), ==, now + 1000);
    g_string_free(order, TRUE);
}

static void test_heap_keeps_order_under_changes(void)
{
    Timer timers[200];
    order = g_string_new(NULL);
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    for (int i = 0; i < 200; i++) {
        timer_init(&timers[i], CLOCK_TYPE_VIRTUAL, note, "x");
        timer_set_ns(&timers[i], now + 1 + i * 7919 % 200);
    }
    for (int i = 0; i < 200; i += 3) {
        timer_cancel(&timers[i]);
    }
    int64_t last = 0;
    for (int64_t d; (d = clock_next_deadline_ns(CLOCK_TYPE_VIRTUAL)) >= 0;) {
        g_assert_cmpint(d, >, last);
        last = d;
        clock_virtual_step_to(d);
    }
    g_assert_cmpuint(order->len, ==, 133);
    g_string_free(order, TRUE);
}

static void test_realtime_and_host_timers_fire_from_the_loop(void)
{
    Timer a, b;
    order = g_string_new(NULL);
    timer_init(&a, CLOCK_TYPE_REALTIME, note, "r");
    timer_init(&b, CLOCK_TYPE_HOST, note, "h");
    timer_set_ns(&a, clock_get_ns(CLOCK_TYPE_REALTIME) + NS_PER_MS);
    timer_set_ns(&b, clock_get_ns(CLOCK_TYPE_HOST) + 2 * NS_PER_MS);
    while (order->len < 2) {
        main_loop_iterate(true);
    }
    g_assert_cmpstr(order->str, ==, "rh");
    g_string_free(order, TRUE);
}

static void *arm_from_thread(void *opaque)
{
    machine_lock();
    timer_set_ns(opaque, clock_get_ns(CLOCK_TYPE_REALTIME) + NS_PER_MS);
    machine_unlock();
    return NULL;
}

static void test_another_thread_arms_while_the_loop_waits(void)
{
    Timer t;
    order = g_string_new(NULL);
    timer_init(&t, CLOCK_TYPE_REALTIME, note, "t");
    GThread *thread = g_thread_new("arm", arm_from_thread, &t);
    while (order->len < 1) {
        main_loop_iterate(true);
    }
    g_thread_join(thread);
    g_string_free(order, TRUE);
}

static void test_bottom_half_runs_once_a_round(void)
{
    order = g_string_new(NULL);
    BottomHalf *bh = bottom_half_new(note, "b");
    bottom_half_schedule(bh);
    bottom_half_schedule(bh);
    main_loop_schedule(note, "s");
    main_loop_iterate(true);
    g_assert_cmpstr(order->str, ==, "bs");
    bottom_half_schedule(bh);
    bottom_half_cancel(bh);
    main_loop_iterate(false);
    g_assert_cmpstr(order->str, ==, "bs");
    bottom_half_free(bh);
    g_string_free(order, TRUE);
}

/* It goes on through its first looks at the clock, and for longer than it takes until the next. */
static void test_fast_clock_follows(void)
{
    int64_t start = clock_get_ns(CLOCK_TYPE_REALTIME), last = 0, now;
    clock_virtual_enable(true);
    int64_t ahead = clock_get_ns(CLOCK_TYPE_VIRTUAL) - clock_get_ns(CLOCK_TYPE_REALTIME);
    do {
        now = clock_read_virtual_fast_ns();
        g_assert_cmpint(now, >=, last);
        last = now;
    } while (clock_get_ns(CLOCK_TYPE_REALTIME) - start < 200 * 1000 * 1000);
    int64_t before = clock_get_ns(CLOCK_TYPE_REALTIME) + ahead;
    now = clock_read_virtual_fast_ns();
    g_assert_cmpint(now, >, before - 10 * 1000 * 1000);
    g_assert_cmpint(now, <, clock_get_ns(CLOCK_TYPE_REALTIME) + ahead + 10 * 1000 * 1000);
}

/* A guest's "never" on a clock that began after the host's: the loop sleeps until something else is due. */
static void test_the_end_of_time_is_not_now(void)
{
    Timer never, soon;
    unsigned rounds = 0;
    order = g_string_new(NULL);
    g_assert_cmpint(clock_get_ns(CLOCK_TYPE_VIRTUAL), <, clock_get_ns(CLOCK_TYPE_REALTIME));
    timer_init(&never, CLOCK_TYPE_VIRTUAL, note, "n");
    timer_init(&soon, CLOCK_TYPE_REALTIME, note, "s");
    timer_set_ns(&never, INT64_MAX);
    timer_set_ns(&soon, clock_get_ns(CLOCK_TYPE_REALTIME) + 100 * NS_PER_MS);
    for (; !order->len; rounds++) {
        main_loop_iterate(true);
    }
    g_assert_cmpstr(order->str, ==, "s");
    g_assert_cmpuint(rounds, <, 20);
    timer_cancel(&never);
    g_string_free(order, TRUE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    g_assert_true(machine_lock_held());
    g_test_add_func("/timer/the fast clock follows", test_fast_clock_follows);
    g_test_add_func("/timer/the end of time is not now", test_the_end_of_time_is_not_now);
    g_test_add_func("/timer/a manual clock fires in order", test_manual_clock_fires_in_order);
    g_test_add_func("/timer/the heap keeps its order", test_heap_keeps_order_under_changes);
    g_test_add_func("/timer/realtime and host timers fire from the loop", test_realtime_and_host_timers_fire_from_the_loop);
    g_test_add_func("/timer/another thread arms while the loop waits", test_another_thread_arms_while_the_loop_waits);
    g_test_add_func("/main-loop/a bottom half runs once a round", test_bottom_half_runs_once_a_round);
    return g_test_run();
}
