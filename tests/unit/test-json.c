/*
 * JSON: what goes in comes out, and what is bad is refused. SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/json.h"

#include <string.h>

static void test_round_trip(void)
{
    static const char *const texts[] = {
        "{}", "[]", "{\"a\": 1, \"b\": [true, false, null, -5, 18446744073709551615], \"c\": {\"d\": \"x\\n\\\"\\\\y\"}}", "\"\\u00E9\\uD83D\\uDE00\"", "1.5", "-0.25",
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(texts); n++) {
        g_autoptr(GError) err = NULL;
        g_autoptr(GVariant) value = json_parse(texts[n], strlen(texts[n]), &err);
        g_assert_no_error(err);
        g_autofree char *text = json_to_text(value, false);
        g_assert_cmpstr(text, ==, texts[n]);
    }
    g_autoptr(GVariant) value = json_parse("{'a': ['b', {}]}", 16, NULL);
    g_autofree char *pretty = json_to_text(value, true);
    g_assert_cmpstr(pretty, ==, "{\n    \"a\": [\n        \"b\",\n        {}\n    ]\n}");
}

static void test_bad(void)
{
    static const char *const texts[] = {
        "", "{", "}", "[1,]", "{\"a\"}", "{\"a\":}", "{a: 1}", "{\"a\": 1, \"a\": 2}", "nul", "+1", "1e999", "\"\\x\"", "\"\\ud800\"", "\"\xff\"", "\"\n\"", "1 2",
        "\"\\u0000\"", "'abc",
    };
    for (unsigned n = 0; n < G_N_ELEMENTS(texts); n++) {
        g_autoptr(GError) err = NULL;
        g_assert_null(json_parse(texts[n], strlen(texts[n]), &err));
        g_assert_nonnull(err);
    }
    g_autofree char *deep = g_strnfill(100000, '[');
    g_assert_null(json_parse(deep, strlen(deep), NULL));
}

static void test_random(void)
{
    static const char alphabet[] = "{}[]\"':,\\u0123eE+-.tfn lrsa\n";
    g_autoptr(GRand) rand = g_rand_new_with_seed(3);
    for (int round = 0; round < 200000; round++) {
        char text[24];
        size_t len = (size_t)g_rand_int_range(rand, 0, sizeof(text));
        for (size_t n = 0; n < len; n++) {
            text[n] = alphabet[g_rand_int_range(rand, 0, sizeof(alphabet) - 1)];
        }
        g_autoptr(GVariant) value = json_parse(text, len, NULL);
        if (value) {
            g_autofree char *written = json_to_text(value, false);
            g_autoptr(GVariant) again = json_parse(written, strlen(written), NULL);
            g_assert_nonnull(again);
        }
    }
}

static unsigned count_values(const char *text)
{
    JsonFramer f = { 0 };
    unsigned count = 0;
    for (; *text; text++) {
        count += json_framer_push(&f, *text);
    }
    return count;
}

static void test_framing(void)
{
    g_assert_cmpuint(count_values("{}{'a': '}'} [\"\\\"]\"]"), ==, 3);
    g_assert_cmpuint(count_values("1 2 \n"), ==, 2);
    g_assert_cmpuint(count_values("{ {"), ==, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/json/round-trip", test_round_trip);
    g_test_add_func("/json/bad", test_bad);
    g_test_add_func("/json/random", test_random);
    g_test_add_func("/json/framing", test_framing);
    return g_test_run();
}
