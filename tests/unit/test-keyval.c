/* Option strings and parsers of values. SPDX-License-Identifier: GPL-2.0-or-later */
#include "util/error.h"
#include "util/keyval.h"

static void test_grammar(void)
{
    bool help;
    g_autoptr(KeyVals) kv = keyvals_parse("pc,file=a,,b=c,snapshot,nodelay,x=1,x=2", "type", &help, NULL);
    g_assert_false(help);
    g_assert_cmpstr(keyvals_get(kv, "type"), ==, "pc");
    g_assert_cmpstr(keyvals_get(kv, "file"), ==, "a,b=c");
    g_assert_cmpstr(keyvals_get(kv, "snapshot"), ==, "on");
    g_assert_cmpstr(keyvals_get(kv, "delay"), ==, "off");
    g_assert_cmpstr(keyvals_get(kv, "nodelay"), ==, "on");
    g_assert_cmpstr(keyvals_get(kv, "x"), ==, "2");
    g_assert_true(keyvals_check_all_used(kv, NULL));
    g_autofree char *taken = keyvals_take(kv, "x");
    g_assert_cmpstr(taken, ==, "2");
    g_assert_false(keyvals_has(kv, "x"));
}

static void test_help_and_errors(void)
{
    bool help;
    g_autoptr(GError) err = NULL;
    g_autoptr(KeyVals) kv = keyvals_parse("edu,help", "driver", &help, NULL);
    g_assert_true(help);
    g_autoptr(KeyVals) other = keyvals_parse("a=b,c=help", NULL, &help, NULL);
    g_assert_false(help);
    g_assert_cmpstr(keyvals_get(other, "a"), ==, "b");
    g_assert_false(keyvals_check_all_used(other, &err));
    g_assert_cmpstr(err->message, ==, "Invalid parameter 'c'");
    g_clear_error(&err);
    uint64_t n = 7;
    g_assert_true(keyvals_get_uint64(other, "absent", &n, NULL));
    g_assert_cmpuint(n, ==, 7);
    g_assert_false(keyvals_get_uint64(other, "c", &n, &err));
    g_assert_cmpstr(err->message, ==, "Parameter 'c' expects a number");
    g_assert_null(keyvals_parse("=x", NULL, NULL, NULL));
}

static void test_size(void)
{
    uint64_t v;
    g_assert_true(parse_size("4k", 'B', &v) && v == 4096);
    g_assert_true(parse_size("1.5G", 'B', &v) && v == 1610612736);
    g_assert_true(parse_size("128", 'M', &v) && v == 128 << 20);
    g_assert_true(parse_size("0x1000", 'B', &v) && v == 4096);
    g_assert_true(parse_size("15E", 'B', &v));
    g_assert_false(parse_size("16E", 'B', &v));
    g_assert_false(parse_size("1.5", 'B', &v));
    g_assert_false(parse_size("-1", 'B', &v));
    g_assert_false(parse_size("1kk", 'B', &v));
    g_assert_false(parse_size("", 'B', &v));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/keyval/grammar", test_grammar);
    g_test_add_func("/keyval/help and errors", test_help_and_errors);
    g_test_add_func("/keyval/size", test_size);
    return g_test_run();
}
