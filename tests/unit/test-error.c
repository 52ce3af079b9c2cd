/* Errors: class, hint, operating system text. SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"

#include <errno.h>

static void test_class_and_hint(void)
{
    g_autoptr(GError) err = NULL;
    g_assert_false(error_set_class(&err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", "x"));
    g_assert_error(err, OSTRICH_ERROR, ERROR_DEVICE_NOT_FOUND);
    g_assert_cmpstr(err->message, ==, "Device 'x' not found");
    g_assert_null(error_get_hint(err));
    error_set_hint(&err, "try %d", 1);
    error_set_hint(&err, "try %d", 2);
    g_assert_cmpstr(error_get_hint(err), ==, "try 2");
    g_autoptr(GError) copy = g_error_copy(err);
    g_assert_cmpstr(error_get_hint(copy), ==, "try 2");
}

static void test_errno(void)
{
    g_autoptr(GError) err = NULL;
    error_set_errno(&err, ENOENT, "Could not open '%s'", "f");
    g_assert_cmpstr(err->message, ==, "Could not open 'f': No such file or directory");
    g_assert_false(error_set(NULL, "ignored"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/error/class and hint", test_class_and_hint);
    g_test_add_func("/error/errno", test_errno);
    return g_test_run();
}
