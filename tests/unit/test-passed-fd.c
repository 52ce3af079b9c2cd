/*
 * Descriptors that are handed to the process: sets and names. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/passed-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void test_sets(void)
{
    g_autoptr(GError) err = NULL;
    int fd = open("/dev/null", O_RDONLY);
    g_assert_cmpint(passed_open("/dev/fdset/1", O_RDONLY, 0), ==, -1);
    g_assert_cmpint(errno, ==, ENOENT);
    g_assert_cmpint(fdset_add(1, fd, "text", &err), ==, 1);
    int copy = passed_open("/dev/fdset/1", O_RDONLY, 0);
    g_assert_cmpint(copy, >, 2);
    g_assert_cmpint(copy, !=, fd);
    close(copy);
    g_assert_cmpint(passed_open("/dev/fdset/1", O_WRONLY, 0), ==, -1);
    g_assert_cmpint(errno, ==, EACCES);
    g_assert_cmpint(passed_open("/dev/fdset/x", O_RDONLY, 0), ==, -1);
    g_assert_cmpint(fdset_add(-1, open("/dev/null", O_RDWR), NULL, &err), ==, 2);
    g_assert_true(fdset_remove(1, -1, &err));
    g_assert_false(fdset_remove(1, -1, &err));
    g_assert_cmpint(fcntl(fd, F_GETFD), ==, -1);
    g_assert_true(fdset_remove(2, -1, NULL));
}

static void assert_option_fails(const char *text)
{
    g_autoptr(GError) err = NULL;
    g_assert_false(fdset_add_option(text, &err));
    g_assert_nonnull(err);
}

static void test_options(void)
{
    assert_option_fails("set=1");
    assert_option_fails("fd=1,set=1");
    assert_option_fails("fd=-1,set=1");
    assert_option_fails("fd=1000000,set=1");
    assert_option_fails("fd=99999999999999999999,set=1");
    assert_option_fails("fd=5,set=1,foo=2");
}

static void test_names(void)
{
    g_autoptr(GError) err = NULL;
    int fd = open("/dev/null", O_RDONLY);
    named_fd_set("a", fd);
    g_assert_cmpint(named_fd_take("a", &err), ==, fd);
    g_assert_cmpint(named_fd_take("a", &err), ==, -1);
    g_clear_error(&err);
    g_assert_cmpint(named_fd_take("7", &err), ==, 7);
    named_fd_set("a", fd);
    g_assert_true(named_fd_close("a", &err));
    g_assert_false(named_fd_close("a", &err));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/passed-fd/sets", test_sets);
    g_test_add_func("/passed-fd/options", test_options);
    g_test_add_func("/passed-fd/names", test_names);
    return g_test_run();
}
