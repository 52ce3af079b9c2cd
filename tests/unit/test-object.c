/* Types, properties and the tree. SPDX-License-Identifier: GPL-2.0-or-later */
#include "qom/object.h"
#include "util/error.h"

#include <string.h>

typedef struct Animal { Object parent; uint32_t legs; bool wild; char *call; uint64_t weight; int mood; Object *mate; uint8_t mac[6]; uint8_t uuid[16];
                        uint32_t bits; int8_t pad; int32_t height; double speed; char **friends; } Animal;
static int finalized;
static const EnumNames moods = { "Mood", (const char *const[]){ "calm", "angry", NULL } };

static bool set_height(Object *object, const Property *p, GVariant *value, GError **err)
{
    int64_t n = g_variant_is_of_type(value, G_VARIANT_TYPE_INT64) ? g_variant_get_int64(value) : (int64_t)g_variant_get_uint64(value);
    if (n > 100) {
        return error_set(err, "too high");
    }
    ((Animal *)object)->height = (int32_t)n;
    return true;
}

static const Property animal_properties[] = {
    PROP_UINT32("legs", Animal, legs, 4, .maximum = 8),
    PROP_BOOL("wild", Animal, wild, true, .flags = PROP_ANY_TIME),
    PROP_STRING("call", Animal, call, "boom"),
    PROP_SIZE("weight", Animal, weight, 2048),
    PROP_ENUM("mood", Animal, mood, moods, 1),
    PROP_LINK("mate", Animal, mate, "animal"),
    PROP_MACADDR("mac", Animal, mac),
    PROP_UUID("uuid", Animal, uuid),
    PROP_BIT32("spots", Animal, bits, 3, true),
    PROP_INT32("height", Animal, height, -1, .set = set_height),
    PROP_DOUBLE("speed", Animal, speed, 70.0),
    PROP_STRING_LIST("friends", Animal, friends),
};
static void animal_finalize(Object *object)
{
    finalized++;
}
static bool animal_complete(Object *object, GError **err)
{
    return ((Animal *)object)->legs != 7 || error_set(err, "seven legs");
}
static const ObjectType animal = {
    .name = "animal", .parent = "object", .size = sizeof(Animal), .properties = PROPERTIES(animal_properties), .finalize = animal_finalize,
    .complete = animal_complete, .abstract = true,
};
REGISTER_TYPE(animal)
static void bird_init(Object *object)
{
    ((Animal *)object)->legs = 2;
}
static const ObjectType bird = { .name = "bird", .parent = "animal", .init = bird_init, .user_creatable_object = true,
                                 .interfaces = (const char *const[]){ "flies", NULL } };
REGISTER_TYPE(bird)

static void assert_fails(bool ok, GError **err, const char *message)
{
    g_assert_false(ok);
    g_assert_nonnull(*err);
    g_assert_cmpstr((*err)->message, ==, message);
    g_clear_error(err);
}

static void assert_prints(Object *o, const char *name, const char *text)
{
    g_autofree char *printed = property_print(o, object_type_find_property(o->type, name));
    g_assert_cmpstr(printed, ==, text);
}

static void test_types(void)
{
    g_assert_true(object_type_is_a(&bird, "animal"));
    g_assert_true(object_type_is_a(&bird, "flies"));
    g_assert_false(object_type_is_a(&animal, "flies"));
    g_assert_null(object_new_named("animal"));
    g_assert_null(object_type_find("unicorn"));
}

static void test_values(void)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(Object) o = object_new_named("bird");
    Animal *a = (Animal *)o;
    g_assert_cmpuint((uintptr_t)o % 64, ==, 0);
    g_assert_cmpuint(a->legs, ==, 2);
    g_assert_cmpstr(a->call, ==, "boom");
    assert_fails(object_set_text(o, "wings", "2", &err), &err, "Property 'bird.wings' not found");
    assert_fails(object_set_text(o, "type", "x", &err), &err, "Property 'bird.type' is not writable");
    assert_fails(object_set_text(o, "legs", "two", &err), &err, "Parameter 'legs' expects integer");
    assert_fails(object_set_text(o, "legs", "-1", &err), &err, "Parameter 'legs' expects uint32_t");
    assert_fails(object_set_text(o, "legs", "9", &err), &err, "Property bird.legs doesn't take value 9 (minimum: 0, maximum: 8)");
    assert_fails(object_set_text(o, "wild", "maybe", &err), &err, "Parameter 'wild' expects 'on' or 'off'");
    assert_fails(object_set_string(o, "legs", "3", &err), &err, "Parameter 'legs' expects integer");
    assert_fails(object_set_text(o, "mood", "sad", &err), &err, "Parameter 'mood' does not accept value 'sad'");
    assert_fails(object_set_text(o, "mac", "12:34", &err), &err, "Property 'bird.mac' doesn't take value '12:34'");
    assert_fails(object_set_text(o, "mate", "nobody", &err), &err, "Device 'nobody' not found");
    assert_fails(object_set_text(o, "height", "101", &err), &err, "too high");
    g_assert_true(object_set_text(o, "height", "-5", &err) && a->height == -5);
    g_assert_true(object_set_text(o, "weight", "2G", &err) && a->weight == 2ull << 30);
    g_assert_true(object_set_text(o, "mac", "52:54:00:12:34:56", &err) && a->mac[5] == 0x56);
    g_assert_true(object_set_text(o, "uuid", "00112233-4455-6677-8899-aabbccddeeff", &err) && a->uuid[4] == 0x44 && a->uuid[15] == 0xff);
    g_assert_true(object_set_text(o, "spots", "off", &err) && a->bits == 0);
    g_assert_true(object_set_uint(o, "legs", 3, &err) && a->legs == 3);
    g_assert_true(object_set_text(o, "friends", "x,y", &err) && !strcmp(a->friends[1], "y"));
    assert_prints(o, "weight", "2147483648 (2 GiB)");
    assert_prints(o, "legs", "3 (0x3)");
    assert_prints(o, "height", "-5 (0xfffffffffffffffb)");
    assert_prints(o, "mood", "\"angry\"");
    assert_prints(o, "call", "\"boom\"");
    assert_prints(o, "wild", "true");
    o->sealed = true;
    assert_fails(object_set_uint(o, "legs", 3, &err), &err,
                 "cannot change property value");
    g_assert_true(object_set_bool(o, "wild", false, &err));
}

static void test_tree(void)
{
    bool ambiguous;
    g_autoptr(GError) err = NULL;
    Object *zoo = object_container("/zoo/birds");
    Object *a = object_new_named("bird"), *b = object_new_named("bird");
    g_assert_true(object_add_child(zoo, "one[*]", a, NULL));
    g_assert_true(object_add_child(zoo, "one[*]", b, NULL));
    g_autofree char *path = object_path(b);
    g_assert_cmpstr(path, ==, "/zoo/birds/one[1]");
    g_assert_true(object_resolve("/zoo/birds/one[0]", NULL) == a);
    g_assert_true(object_resolve("one[1]", NULL) == b);
    g_assert_true(object_resolve("birds/one[1]", NULL) == b);
    g_assert_true(object_set_link(a, "mate", b, &err));
    g_assert_true(object_resolve("/zoo/birds/one[0]/mate", NULL) == b);
    Object *again = object_container("/zoo/others/one[1]");
    g_assert_null(object_resolve("one[1]", &ambiguous));
    g_assert_true(ambiguous);
    object_unparent(again);
    assert_fails(object_add_child(zoo, "one[0]", object_container("/elsewhere")->parent, &err) == true, &err,
                 "attempt to add duplicate property 'one[0]' to object (type 'container')");
    object_unref(a);
    object_unref(b);
    finalized = 0;
    object_unparent(b);
    g_assert_cmpint(finalized, ==, 0);      /* the link holds it */
    object_unparent(a);
    g_assert_cmpint(finalized, ==, 2);
}

static void test_user_objects(void)
{
    g_autoptr(GError) err = NULL;
    GVariantDict dict;
    g_assert_null(object_add_user("unicorn", "u", NULL, true, &err));
    assert_fails(false, &err, "Parameter 'qom-type' does not accept value 'unicorn'");
    g_assert_null(object_add_user("bird", "9", NULL, true, &err));
    assert_fails(false, &err, "Parameter 'id' expects an identifier");
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "legs", "s", "7");
    g_autoptr(GVariant) seven = g_variant_ref_sink(g_variant_dict_end(&dict));
    g_assert_null(object_add_user("bird", "b", seven, true, &err));
    assert_fails(false, &err, "seven legs");
    g_assert_null(object_find_user("b"));
    g_assert_nonnull(object_add_user("bird", "b", NULL, true, &err));
    g_assert_nonnull(object_find_user("b"));
    g_assert_true(object_delete_user("b", &err));
    assert_fails(object_delete_user("b", &err), &err, "object 'b' not found");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/object/types", test_types);
    g_test_add_func("/object/values", test_values);
    g_test_add_func("/object/tree", test_tree);
    g_test_add_func("/object/user objects", test_user_objects);
    return g_test_run();
}
