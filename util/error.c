/*
 * Errors with a class and a hint, and reports of what is no failure.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/error.h"

#include <stdio.h>
#include <string.h>

typedef struct OstrichErrorPrivate { char *hint; bool bare; } OstrichErrorPrivate;

static void ostrich_error_private_init(OstrichErrorPrivate *priv)
{
    priv->hint = NULL;
}

static void ostrich_error_private_copy(const OstrichErrorPrivate *from, OstrichErrorPrivate *to)
{
    to->hint = g_strdup(from->hint);
    to->bare = from->bare;
}

static void ostrich_error_private_clear(OstrichErrorPrivate *priv)
{
    g_free(priv->hint);
}

G_DEFINE_EXTENDED_ERROR(OstrichError, ostrich_error)

static void error_set_valist(GError **err, ErrorClass class, const char *format, va_list args)
{
    if (err) {
        g_return_if_fail(*err == NULL);
        *err = g_error_new_valist(OSTRICH_ERROR, class, format, args);
    }
}

bool (error_set)(GError **err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_set_valist(err, ERROR_GENERIC, format, args);
    va_end(args);
    return false;
}

bool (error_set_class)(GError **err, ErrorClass class, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    error_set_valist(err, class, format, args);
    va_end(args);
    return false;
}

bool (error_set_errno)(GError **err, int os_errno, const char *format, ...)
{
    if (!err) {
        return false;
    }
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    return error_set(err, "%s: %s", text, strerror(os_errno));
}

static void set_hint(GError **err, bool bare, const char *format, va_list args)
{
    if (!err || !*err || (*err)->domain != OSTRICH_ERROR) {
        return;
    }
    OstrichErrorPrivate *priv = ostrich_error_get_private(*err);
    g_free(priv->hint);
    priv->hint = g_strdup_vprintf(format, args);
    priv->bare = bare;
}

void error_set_hint(GError **err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_hint(err, false, format, args);
    va_end(args);
}

void error_set_bare_hint(GError **err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    set_hint(err, true, format, args);
    va_end(args);
}

bool error_hint_is_bare(const GError *error)
{
    return error && error->domain == OSTRICH_ERROR && ostrich_error_get_private(error)->bare;
}

const char *error_get_hint(const GError *error)
{
    if (!error || error->domain != OSTRICH_ERROR) {
        return NULL;
    }
    OstrichErrorPrivate *priv = ostrich_error_get_private(error);
    return priv->hint;
}

static void report_to_stderr(const char *kind, const char *text)
{
    const char *program = g_get_prgname();
    if (!kind) {
        fprintf(stderr, "%s\n", text);
        return;
    }
    fprintf(stderr, "%s: %s: %s\n", program ? program : "ostrich", kind, text);
}

static ReportSink *report_sink = report_to_stderr;

void report_set_sink(ReportSink *sink)
{
    report_sink = sink ? sink : report_to_stderr;
}

static void report_valist(const char *kind, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);
    report_sink(kind, text);
}

void warn_report(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_valist("warning", format, args);
    va_end(args);
}

void info_report(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_valist("info", format, args);
    va_end(args);
}

void report_plain(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    report_valist(NULL, format, args);
    va_end(args);
}
