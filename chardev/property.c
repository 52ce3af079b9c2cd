/*
 * The device property that names a character device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"

#include "util/error.h"

static bool connect_to(Object *object, const Property *p, Chardev *chr, const char *text, GError **err)
{
    CharFrontend *fe = PROPERTY_FIELD(object, p, CharFrontend);
    g_autoptr(GError) cause = NULL;
    char_frontend_disconnect(fe);
    if (chr && !char_frontend_connect(fe, chr, &cause)) {
        return error_set(err, "Property '%s.%s' can't take value '%s': %s", object->type->name, p->name, text, cause->message);
    }
    return true;
}

static bool set_text(Object *object, const Property *p, const char *text, GError **err)
{
    Chardev *chr = *text ? chardev_find(text) : NULL;
    if (*text && !chr) {
        return error_set(err, "Property '%s.%s' can't find value '%s'", object->type->name, p->name, text);
    }
    return connect_to(object, p, chr, text, err);
}

static bool set(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return error_set(err, "Invalid parameter type for '%s', expected: string", p->name);
    }
    return set_text(object, p, g_variant_get_string(value, NULL), err);
}

static GVariant *get(const Object *object, const Property *p, GError **err)
{
    const CharFrontend *fe = PROPERTY_FIELD(object, p, CharFrontend);
    return g_variant_new_string(fe->chr ? chardev_id(fe->chr) : "");
}

static char *print(const Object *object, const Property *p)
{
    const CharFrontend *fe = PROPERTY_FIELD(object, p, CharFrontend);
    return g_strdup_printf("\"%s\"", fe->chr ? chardev_id(fe->chr) : "");
}

static void set_default(Object *object, const Property *p) { *PROPERTY_FIELD(object, p, CharFrontend) = (CharFrontend){ 0 }; }

static void release(Object *object, const Property *p) { char_frontend_disconnect(PROPERTY_FIELD(object, p, CharFrontend)); }

const PropertyKind property_kind_chardev = { "str", set, set_text, get, print, set_default, release };

bool object_set_chardev(Object *object, const char *property, Chardev *chr, GError **err)
{
    return !chr || object_set_string(object, property, chardev_id(chr), err);
}
