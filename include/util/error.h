/*
 * Errors: one GError domain for the whole project, with a class (what QMP calls the error's class)
 * and an optional hint, a sentence that says what the user can do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_ERROR_H
#define UTIL_ERROR_H

#include <glib.h>
#include <stdbool.h>

/* The classes of QMP errors; the GError code. */
typedef enum ErrorClass {
    ERROR_GENERIC,
    ERROR_COMMAND_NOT_FOUND,
    ERROR_DEVICE_NOT_ACTIVE,
    ERROR_DEVICE_NOT_FOUND,
    ERROR_KVM_MISSING_CAP,
} ErrorClass;

#define OSTRICH_ERROR (ostrich_error_quark())
GQuark ostrich_error_quark(void);

/* Sets *err (ignored when err is NULL) to a new generic error. Any thread. Always returns false,
 * so that a failing function can say `return error_set(err, ...)`. */
bool error_set(GError **err, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The same with a class. */
bool error_set_class(GError **err, ErrorClass class, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* The same with ": strerror(os_errno)" behind the text; os_errno is positive. */
bool error_set_errno(GError **err, int os_errno, const char *format, ...) G_GNUC_PRINTF(3, 4);
/* Their result is visible to the compiler, which then knows that what is set on success is set. */
#define error_set(...) ({ error_set(__VA_ARGS__); false; })
#define error_set_class(...) ({ error_set_class(__VA_ARGS__); false; })
#define error_set_errno(...) ({ error_set_errno(__VA_ARGS__); false; })
/* Gives the error in *err a hint (replaces an earlier one); nothing when err or *err is NULL. */
void error_set_hint(GError **err, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A hint that scripts know from the reference: printed as it is, without the program's name and "hint: ". */
void error_set_bare_hint(GError **err, const char *format, ...) G_GNUC_PRINTF(2, 3);
bool error_hint_is_bare(const GError *error);
/* The hint of an error of this domain, or NULL. */
const char *error_get_hint(const GError *error);

/* What is worth saying but is no failure. Goes to the sink that system/ installed (stderr with the program's name by
 * default) as "P: warning: TEXT" or "P: info: TEXT". Any thread. */
void warn_report(const char *format, ...) G_GNUC_PRINTF(1, 2);
void info_report(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Lines without the program's name in front, where the reference has them so. */
void report_plain(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* kind is "warning" or "info", or NULL for plain text. */
typedef void ReportSink(const char *kind, const char *text);
void report_set_sink(ReportSink *sink);

#endif
