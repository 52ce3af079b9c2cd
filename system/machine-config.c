/*
 * The options that describe the machine's size: -smp, -m, -boot, -rtc, -numa, from text into the Machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/timer.h"

#include <string.h>
#include <time.h>

/* ---- keys of -smp and -boot, which are the machine's properties ---- */

static bool get_number(KeyVals *kv, const char *option, const char *key, uint64_t *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    return !text || parse_uint64(text, value) || error_set(err, "Parameter '%s.%s' expects integer", option, key);
}

static bool get_bool(KeyVals *kv, const char *option, const char *key, bool *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    return !text || parse_bool(text, value) || error_set(err, "Parameter '%s.%s' expects 'on' or 'off'", option, key);
}

static bool check_all_expected(const KeyVals *kv, const char *option, GError **err)
{
    for (unsigned n = 0; n < kv->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(kv->items, n);
        if (!item->used) {
            return error_set(err, "Parameter '%s.%s' is unexpected", option, item->key);
        }
    }
    return true;
}

/* ---- -smp ---- */

typedef struct SmpLevel { const char *name; unsigned *field; } SmpLevel;
enum { SMP_LEVELS = 8 };

static void smp_levels(SmpConfig *c, SmpLevel levels[SMP_LEVELS])
{
    SmpLevel all[SMP_LEVELS] = {
        { "drawers", &c->drawers }, { "books", &c->books }, { "sockets", &c->sockets }, { "dies", &c->dies },
        { "clusters", &c->clusters }, { "modules", &c->modules }, { "cores", &c->cores }, { "threads", &c->threads },
    };
    memcpy(levels, all, sizeof(all));
}

/* Whether the machine's processors may have more than one of the level. */
static bool has_level(const MachineType *type, const char *name)
{
    static const char *const everywhere[] = { "sockets", "cores", "threads", NULL };
    return g_strv_contains(everywhere, name) || (type->smp_levels && g_strv_contains(type->smp_levels, name));
}

/* "sockets (1) * dies (1) * cores (2) * threads (1)": the levels that the machine has. */
static char *smp_text(const MachineType *type, SmpConfig *c)
{
    SmpLevel levels[SMP_LEVELS];
    smp_levels(c, levels);
    GString *text = g_string_new(NULL);
    for (int n = 0; n < SMP_LEVELS; n++) {
        if (has_level(type, levels[n].name)) {
            g_string_append_printf(text, "%s%s (%u)", text->len ? " * " : "", levels[n].name, *levels[n].field);
        }
    }
    return g_string_free(text, FALSE);
}

static bool smp_read(KeyVals *kv, SmpConfig *c, bool *zero, GError **err)
{
    SmpLevel levels[SMP_LEVELS + 2];
    smp_levels(c, levels);
    levels[SMP_LEVELS] = (SmpLevel){ "cpus", &c->cpus };
    levels[SMP_LEVELS + 1] = (SmpLevel){ "maxcpus", &c->max_cpus };
    for (int n = 0; n < SMP_LEVELS + 2; n++) {
        uint64_t value = 0;
        if (!get_number(kv, "smp", levels[n].name, &value, err)) {
            return false;
        }
        if (value > 1u << 20) {
            return error_set(err, "Parameter 'smp.%s' is out of range", levels[n].name);
        }
        *zero |= keyvals_has(kv, levels[n].name) && value == 0;
        *levels[n].field = (unsigned)value;
    }
    return check_all_expected(kv, "smp", err);
}

static bool check_levels(const MachineType *type, SmpConfig *c, GError **err)
{
    SmpLevel levels[SMP_LEVELS];
    smp_levels(c, levels);
    for (int n = 0; n < SMP_LEVELS; n++) {
        if (*levels[n].field > 1 && !has_level(type, levels[n].name)) {
            return error_set(err, "%s > 1 not supported by this machine's CPU topology", levels[n].name);
        }
    }
    return true;
}

/* Fills in what was not given: cores first, sockets next, threads last (as machines since 6.2 do). */
static void smp_complete(SmpConfig *c)
{
    unsigned *ones[] = { &c->drawers, &c->books, &c->dies, &c->clusters, &c->modules };
    unsigned rest = 1;
    for (size_t n = 0; n < ARRAY_SIZE(ones); n++) {
        *ones[n] = *ones[n] ? *ones[n] : 1;
        rest *= *ones[n];
    }
    if (!c->cpus && !c->max_cpus) {
        c->sockets = c->sockets ? c->sockets : 1;
        c->cores = c->cores ? c->cores : 1;
        c->threads = c->threads ? c->threads : 1;
    } else {
        unsigned max = c->max_cpus ? c->max_cpus : c->cpus;
        if (!c->cores) {
            c->sockets = c->sockets ? c->sockets : 1;
            c->threads = c->threads ? c->threads : 1;
            c->cores = max / (rest * c->sockets * c->threads);
        } else if (!c->sockets) {
            c->threads = c->threads ? c->threads : 1;
            c->sockets = max / (rest * c->cores * c->threads);
        }
        if (!c->threads) {
            c->threads = max / (rest * c->sockets * c->cores);
        }
    }
    uint64_t total = (uint64_t)rest * c->sockets * c->cores * c->threads;
    c->max_cpus = c->max_cpus ? c->max_cpus : c->cpus ? MAX(c->cpus, 0) : (unsigned)total;
    c->cpus = c->cpus ? c->cpus : c->max_cpus;
}

static bool smp_check(Machine *m, SmpConfig *c, GError **err)
{
    const MachineType *type = machine_type(m);
    g_autofree char *text = smp_text(type, c);
    uint64_t total = (uint64_t)c->drawers * c->books * c->sockets * c->dies * c->clusters * c->modules * c->cores * c->threads;
    if (total != c->max_cpus) {
        return error_set(err, "Invalid CPU topology: product of the hierarchy must match maxcpus: %s != maxcpus (%u)", text, c->max_cpus);
    }
    if (c->max_cpus < c->cpus) {
        return error_set(err, "Invalid CPU topology: maxcpus must be equal to or greater than smp: %s == maxcpus (%u) < smp_cpus (%u)", text,
                         c->max_cpus, c->cpus);
    }
    unsigned min = type->min_cpus ? type->min_cpus : 1, max = type->max_cpus ? type->max_cpus : 1;
    if (c->cpus < min) {
        return error_set(err, "Invalid SMP CPUs %u. The min CPUs supported by machine '%s' is %u", c->cpus, type->machine_name, min);
    }
    if (c->max_cpus > max) {
        return error_set(err, "Invalid SMP CPUs %u. The max CPUs supported by machine '%s' is %u", c->max_cpus, type->machine_name, max);
    }
    return true;
}

bool smp_apply(const Settings *s, Machine *m, GError **err)
{
    SmpConfig c = { 0 };
    bool zero = false;
    if (!smp_read(s->smp, &c, &zero, err)) {
        return false;
    }
    if (zero) {
        return error_set(err, "Invalid CPU topology: CPU topology parameters must be greater than zero");
    }
    if (s->smp->items->len == 0) {
        c.cpus = machine_type(m)->default_cpus ? machine_type(m)->default_cpus : 1;
    }
    if (!check_levels(machine_type(m), &c, err)) {
        return false;
    }
    smp_complete(&c);
    if (!smp_check(m, &c, err)) {
        return false;
    }
    m->smp = c;
    return true;
}

/* ---- -m ---- */

bool memory_apply(const Settings *s, Machine *m, GError **err)
{
    const char *size = keyvals_get(s->memory, "size");
    m->ram_size = machine_type(m)->default_ram ? machine_type(m)->default_ram : 128 * MiB;
    if (size && (!parse_size(size, 'M', &m->ram_size) || !size[0])) {
        return error_set(err, "Parameter 'size' expects a non-negative number below 2^64");
    }
    if (size && !m->ram_size) {
        m->ram_size = machine_type(m)->default_ram;
    }
    m->ram_size = ROUND_UP(m->ram_size, 8192);
    uint64_t slots = 0, max = 0;
    bool has_max = keyvals_has(s->memory, "maxmem"), has_slots = keyvals_has(s->memory, "slots");
    if (!keyvals_get_uint64(s->memory, "slots", &slots, err) || !keyvals_get_size(s->memory, "maxmem", &max, err) ||
        !keyvals_check_all_used(s->memory, err)) {
        return false;
    }
    if (has_max && max < m->ram_size) {
        return error_set(err, "invalid value of maxmem: maximum memory size (0x%" G_GINT64_MODIFIER "x) must be at least the initial memory size (0x%"
                         G_GINT64_MODIFIER "x)", max, m->ram_size);
    }
    if (has_max && slots && max == m->ram_size) {
        return error_set(err, "invalid value of maxmem: memory slots were specified but maximum memory size (0x%" G_GINT64_MODIFIER
                         "x) is equal to the initial memory size (0x%" G_GINT64_MODIFIER "x)", max, m->ram_size);
    }
    if (has_slots && !has_max) {
        return error_set(err, "slots specified but no max-size");
    }
    if (slots > 256) {
        return error_set(err, "unsupported amount of memory slots: %" G_GUINT64_FORMAT, slots);
    }
    m->max_ram_size = has_max ? max : m->ram_size;
    m->ram_slots = (unsigned)slots;
    return true;
}

/* ---- -boot ---- */

static bool boot_order_valid(const char *order, GError **err)
{
    unsigned seen = 0;
    for (const char *p = order; *p; p++) {
        if (*p < 'a' || *p > 'p') {
            return error_set(err, "Invalid boot device '%c'", *p);
        }
        if (seen & 1u << (*p - 'a')) {
            return error_set(err, "Boot device '%c' was given twice", *p);
        }
        seen |= 1u << (*p - 'a');
    }
    return true;
}

bool boot_apply(const Settings *s, Machine *m, GError **err)
{
    KeyVals *kv = s->boot;
    BootConfig *b = &m->boot;
    *b = (BootConfig){ .splash_time = -1, .reboot_timeout = -1 };
    const char *order = keyvals_get(kv, "order"), *once = keyvals_get(kv, "once");
    b->has_menu = keyvals_has(kv, "menu");
    b->has_strict = keyvals_has(kv, "strict");
    uint64_t splash_time = 0, timeout = 0;
    bool has_splash_time = keyvals_has(kv, "splash-time"), has_timeout = keyvals_has(kv, "reboot-timeout");
    const char *timeout_text = keyvals_get(kv, "reboot-timeout");
    int64_t signed_timeout = -1;
    if (timeout_text && g_str_equal(timeout_text, "-1")) {
        has_timeout = false;
    }
    if (!get_bool(kv, "boot", "menu", &b->menu, err) || !get_bool(kv, "boot", "strict", &b->strict, err) ||
        !get_number(kv, "boot", "splash-time", &splash_time, err) || (has_timeout && !get_number(kv, "boot", "reboot-timeout", &timeout, err))) {
        return false;
    }
    b->splash = g_strdup(keyvals_get(kv, "splash"));
    if (!check_all_expected(kv, "boot", err)) {
        return false;
    }
    if (has_splash_time && splash_time > 0xffff) {
        return error_set(err, "splash-time is invalid, it should be a value between 0 and 65535");
    }
    if (has_timeout && timeout > 0xffff) {
        return error_set(err, "reboot timeout is invalid, it should be a value between -1 and 65535");
    }
    b->splash_time = has_splash_time ? (int64_t)splash_time : -1;
    b->reboot_timeout = has_timeout ? (int64_t)timeout : signed_timeout;
    if ((order && !boot_order_valid(order, err)) || (once && !boot_order_valid(once, err))) {
        return false;
    }
    const char *standard = machine_type(m)->default_boot_order ? machine_type(m)->default_boot_order : "";
    b->order = g_strdup(order ? order : standard);
    b->once = g_strdup(once);
    return true;
}

/* ---- -rtc ---- */

static bool rtc_parse_date(const char *text, int64_t *seconds)
{
    struct tm tm = { 0 };
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (!end || *end) {
        end = strptime(text, "%Y-%m-%d", &tm);
    }
    if (!end || *end) {
        return false;
    }
    *seconds = timegm(&tm);
    return true;
}

bool rtc_apply(const Settings *s, Machine *m, GError **err)
{
    const char *base = keyvals_get(s->rtc, "base"), *clock = keyvals_get(s->rtc, "clock"), *drift = keyvals_get(s->rtc, "driftfix");
    m->rtc_base = base ? base : "utc";
    m->rtc_utc = !g_str_equal(m->rtc_base, "localtime");
    m->rtc_clock = clock ? clock : "host";
    m->rtc_drift = drift;
    int64_t start;
    if (!g_str_equal(m->rtc_base, "utc") && m->rtc_utc) {
        if (!rtc_parse_date(m->rtc_base, &start)) {
            error_set(err, "invalid datetime format");
            error_set_bare_hint(err, "valid formats: '2006-06-17T16:01:21' or '2006-06-17'");
            return false;
        }
        m->rtc_date_set = true;
        m->rtc_offset_s = start - time(NULL);
    }
    if (!g_str_equal(m->rtc_clock, "host") && !g_str_equal(m->rtc_clock, "vm") && !g_str_equal(m->rtc_clock, "rt")) {
        return error_set(err, "invalid option value '%s'", m->rtc_clock);
    }
    if (drift && !g_str_equal(drift, "none") && !g_str_equal(drift, "slew")) {
        return error_set(err, "unknown RTC lost tick policy: '%s'", drift);
    }
    return keyvals_check_all_used(s->rtc, err);
}

int64_t machine_rtc_time(int64_t *ns)
{
    Machine *m = machine_current();
    int64_t now = g_get_real_time() * 1000, start = m ? m->rtc_offset_s : 0;
    if (m && m->rtc_clock && !g_str_equal(m->rtc_clock, "host")) {
        /* The guest's own clock from the moment the machine was made. */
        static int64_t origin = -1;
        ClockType clock = g_str_equal(m->rtc_clock, "vm") ? CLOCK_TYPE_VIRTUAL : CLOCK_TYPE_REALTIME;
        if (origin < 0) {
            origin = now - clock_get_ns(clock);
        }
        now = origin + clock_get_ns(clock);
    }
    int64_t seconds = now / NS_PER_S + start;
    if (m && !m->rtc_utc) {
        time_t t = (time_t)seconds;
        struct tm tm;
        localtime_r(&t, &tm);
        seconds += tm.tm_gmtoff;
    }
    if (ns) {
        *ns = now % NS_PER_S;
    }
    return seconds;
}
