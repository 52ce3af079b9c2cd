/*
 * Expressions of the human monitor: C's operators on 64-bit numbers, characters in quotes, $register.
 *
 * A register is found by its name in the target's gdb description.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/internal.h"

#include "accel/target.h"
#include "util/error.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_DEPTH = 64 };

typedef struct Parser { Monitor *mon; const char *at; unsigned depth; GError **err; } Parser;

static bool parse_logic(Parser *p, int64_t *value);

static void skip_space(Parser *p)
{
    while (g_ascii_isspace(*p->at)) {
        p->at++;
    }
}

/* ---- registers ---- */

typedef struct RegisterSearch { const char *name; int number, found; } RegisterSearch;

/* Counts <reg name="..." regnum="..."> in the order of the description. */
static int find_in_feature(const GdbFeature *feature, const char *name)
{
    int number = feature->first;
    for (const char *reg = feature->xml; (reg = strstr(reg, "<reg ")); reg++, number++) {
        const char *end = strchr(reg, '>'), *key = strstr(reg, "name=\""), *regnum = strstr(reg, "regnum=\"");
        if (!end || !key || key > end) {
            return -1;
        }
        if (regnum && regnum < end) {
            number = atoi(regnum + strlen("regnum=\""));
        }
        key += strlen("name=\"");
        if (!strncmp(key, name, strlen(name)) && key[strlen(name)] == '"') {
            return number;
        }
    }
    return -1;
}

static bool read_register(Parser *p, const char *name, int64_t *value)
{
    Cpu *cpu = monitor_cpu(p->mon);
    const TargetArch *arch = target_current();
    if (!cpu) {
        return error_set(p->err, "No CPU available");
    }
    if (!strcmp(name, "pc")) {
        *value = (int64_t)arch->get_pc(cpu);
        return true;
    }
    for (const GdbFeature *f = arch->gdb_features; f && f->xml_name; f++) {
        uint8_t bytes[64] = { 0 };
        int number = find_in_feature(f, name), len = number >= 0 ? arch->gdb_read(cpu, number, bytes) : 0;
        if (len > 0 && len <= 8) {
            uint64_t v = 0;
            for (int n = 0; n < len; n++) {
                v |= (uint64_t)bytes[arch->big_endian ? len - 1 - n : n] << (8 * n);
            }
            *value = (int64_t)v;
            return true;
        }
    }
    /* The 32-bit name of a 64-bit register. */
    if (name[0] == 'e' && strlen(name) == 3) {
        g_autofree char *wide = g_strdup(name);
        wide[0] = 'r';
        if (read_register(p, wide, value)) {
            *value &= 0xffffffff;
            return true;
        }
        g_clear_error(p->err);
    }
    return error_set(p->err, "unknown register");
}

/* ---- the grammar ---- */

static bool parse_number(Parser *p, int64_t *value)
{
    char *end;
    errno = 0;
    *value = (int64_t)strtoull(p->at, &end, 0);
    if (errno == ERANGE) {
        return error_set(p->err, "number too large");
    }
    if (end == p->at) {
        return error_set(p->err, "invalid char '%c' in expression", *p->at);
    }
    p->at = end;
    return true;
}

static bool parse_register(Parser *p, int64_t *value)
{
    char name[64];
    size_t length = 0;
    for (p->at++; (g_ascii_isalnum(*p->at) || *p->at == '_' || *p->at == '.') && length < sizeof(name) - 1; p->at++) {
        name[length++] = *p->at;
    }
    name[length] = '\0';
    return read_register(p, name, value);
}

static bool parse_character(Parser *p, int64_t *value)
{
    if (!p->at[1]) {
        return error_set(p->err, "character constant expected");
    }
    *value = (unsigned char)p->at[1];
    p->at += 2;
    if (*p->at != '\'') {
        return error_set(p->err, "missing terminating \' character");
    }
    p->at++;
    return true;
}

static bool parse_unary(Parser *p, int64_t *value)
{
    skip_space(p);
    if (++p->depth > MAX_DEPTH) {
        return error_set(p->err, "expression too deep");
    }
    char c = *p->at;
    bool good;
    if (c == '+' || c == '-' || c == '~') {
        p->at++;
        good = parse_unary(p, value);
        *value = !good || c == '+' ? *value : c == '-' ? (int64_t)(0 - (uint64_t)*value) : ~*value;
    } else if (c == '(') {
        p->at++;
        good = parse_logic(p, value);
        if (good && *p->at != ')') {
            good = error_set(p->err, "')' expected");
        } else if (good) {
            p->at++;
        }
    } else if (c == '\'') {
        good = parse_character(p, value);
    } else if (c == '$') {
        good = parse_register(p, value);
    } else {
        good = c ? parse_number(p, value) : error_set(p->err, "unexpected end of expression");
    }
    p->depth--;
    skip_space(p);
    return good;
}

static bool parse_product(Parser *p, int64_t *value)
{
    if (!parse_unary(p, value)) {
        return false;
    }
    while (*p->at == '*' || *p->at == '/' || *p->at == '%') {
        char op = *p->at++;
        int64_t right = 0;
        if (!parse_unary(p, &right)) {
            return false;
        }
        if (op != '*' && right == 0) {
            return error_set(p->err, "division by zero");
        }
        if (op == '*') {
            *value = (int64_t)((uint64_t)*value * (uint64_t)right);
        } else if (right == -1) {
            *value = op == '/' ? (int64_t)(0 - (uint64_t)*value) : 0;
        } else {
            *value = op == '/' ? *value / right : *value % right;
        }
    }
    return true;
}

static bool parse_sum(Parser *p, int64_t *value)
{
    if (!parse_product(p, value)) {
        return false;
    }
    while (*p->at == '+' || *p->at == '-') {
        char op = *p->at++;
        int64_t right = 0;
        if (!parse_product(p, &right)) {
            return false;
        }
        *value = (int64_t)(op == '+' ? (uint64_t)*value + (uint64_t)right : (uint64_t)*value - (uint64_t)right);
    }
    return true;
}

static bool parse_logic(Parser *p, int64_t *value)
{
    if (!parse_sum(p, value)) {
        return false;
    }
    while (*p->at == '&' || *p->at == '|' || *p->at == '^') {
        char op = *p->at++;
        int64_t right = 0;
        if (!parse_sum(p, &right)) {
            return false;
        }
        *value = op == '&' ? *value & right : op == '|' ? *value | right : *value ^ right;
    }
    return true;
}

bool hmp_expression(Monitor *mon, const char **text, int64_t *value, GError **err)
{
    g_autoptr(GError) own = NULL;
    Parser p = { mon, *text, 0, &own };
    *value = 0;
    bool good = parse_logic(&p, value);
    *text = p.at;
    if (!good) {
        g_propagate_error(err, g_steal_pointer(&own));
    }
    return good;
}
