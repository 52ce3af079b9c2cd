/* Coroutines, their locks and the pool. SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/coroutine.h"
#include "util/main-loop.h"

#include <glib.h>
#include <unistd.h>

static GString *order;

static void yields_twice(void *opaque)
{
    g_assert_true(in_coroutine());
    g_string_append(order, "1");
    coroutine_yield();
    g_string_append(order, "2");
    coroutine_yield();
    g_string_append(order, "3");
}

static void test_yield(void)
{
    order = g_string_new(NULL);
    Coroutine *co = coroutine_create(yields_twice, NULL);
    coroutine_enter(co);
    g_string_append(order, "a");
    coroutine_enter(co);
    g_string_append(order, "b");
    coroutine_enter(co);
    g_assert_cmpstr(order->str, ==, "1a2b3");
    g_assert_false(in_coroutine());
    g_string_free(order, TRUE);
}

static CoMutex mutex;

static void locks(void *opaque)
{
    co_mutex_lock(&mutex);
    g_string_append(order, opaque);
    coroutine_yield();
    g_string_append(order, opaque);
    co_mutex_unlock(&mutex);
}

static void test_mutex_is_fair(void)
{
    order = g_string_new(NULL);
    Coroutine *a = coroutine_create(locks, "a"), *b = coroutine_create(locks, "b"), *c = coroutine_create(locks, "c");
    coroutine_enter(a);
    coroutine_enter(b);
    coroutine_enter(c);
    g_assert_cmpstr(order->str, ==, "a");
    coroutine_enter(a);
    g_assert_cmpstr(order->str, ==, "aab");
    coroutine_enter(b);
    coroutine_enter(c);
    g_assert_cmpstr(order->str, ==, "aabbcc");
    g_assert_false(mutex.locked);
    g_string_free(order, TRUE);
}

static CoQueue queue;
static int woken;

static void waits(void *opaque)
{
    co_queue_wait(&queue);
    woken++;
}

static void wakes_all(void *opaque)
{
    co_queue_all(&queue);
    g_assert_cmpint(woken, ==, 1);  /* they run when this one stops */
}

static void test_queue(void)
{
    for (int i = 0; i < 5; i++) {
        coroutine_enter(coroutine_create(waits, NULL));
    }
    g_assert_true(co_queue_next(&queue));
    g_assert_cmpint(woken, ==, 1);
    coroutine_enter(coroutine_create(wakes_all, NULL));
    g_assert_cmpint(woken, ==, 5);
    g_assert_false(co_queue_next(&queue));
}

static int pool_work(void *opaque)
{
    usleep(1000);
    return ++*(int *)opaque;
}

static bool done;

static void uses_pool(void *opaque)
{
    int n = 41;
    g_assert_cmpint(co_run_in_pool(pool_work, &n), ==, 42);
    co_sleep_ns(1000000);
    done = true;
}

static void test_pool_and_sleep(void)
{
    coroutine_enter(coroutine_create(uses_pool, NULL));
    g_assert_false(done);
    while (!done) {
        main_loop_iterate(true);
    }
}

static void nests(void *opaque)
{
    volatile char stack[1000];
    stack[0] = 1;
    double d = 1.5 * GPOINTER_TO_INT(opaque);
    if (GPOINTER_TO_INT(opaque) > 0) {
        coroutine_enter(coroutine_create(nests, GINT_TO_POINTER(GPOINTER_TO_INT(opaque) - 1)));
    }
    g_assert_cmpfloat(d, ==, 1.5 * GPOINTER_TO_INT(opaque));
    g_assert_cmpint(stack[0], ==, 1);
}

static void test_nesting_and_reuse(void)
{
    for (int i = 0; i < 20; i++) {
        coroutine_enter(coroutine_create(nests, GINT_TO_POINTER(100)));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    g_test_add_func("/coroutine/yield and enter alternate", test_yield);
    g_test_add_func("/coroutine/a mutex goes to the first who asked", test_mutex_is_fair);
    g_test_add_func("/coroutine/a queue wakes one or all", test_queue);
    g_test_add_func("/coroutine/work in the pool and sleep", test_pool_and_sleep);
    g_test_add_func("/coroutine/nesting and reuse of stacks", test_nesting_and_reuse);
    return g_test_run();
}
