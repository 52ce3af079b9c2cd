/*
 * The state of a device as a table: what migration, snapshots and `-dump-vmstate` carry. The first user is migration; until it
 * comes, the tables are written and checked for form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_STATE_H
#define HW_CORE_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum StateKind {
    STATE_KIND_BOOL, STATE_KIND_UINT8, STATE_KIND_UINT16, STATE_KIND_UINT32, STATE_KIND_UINT64, STATE_KIND_INT32, STATE_KIND_INT64,
    STATE_KIND_TIMER, STATE_KIND_BUFFER, STATE_KIND_STRUCT,
} StateKind;

typedef struct StateTable StateTable;
typedef struct StateField {
    const char *name;
    StateKind kind;
    size_t offset, size;            /* size: of one element */
    uint32_t count;                 /* elements */
    const StateTable *sub;          /* STATE_KIND_STRUCT */
} StateField;

struct StateTable {
    const StateField *fields;
    size_t count;
    uint32_t version;
    bool (*before_save)(void *object);
    bool (*after_load)(void *object, int version);
};

#define STATE(array, ...) { .fields = (array), .count = sizeof(array) / sizeof((array)[0]), ##__VA_ARGS__ }
#define STATE_FIELD_(S, f, k) { .name = #f, .kind = (k), .offset = offsetof(S, f), .size = sizeof(((S *)0)->f), .count = 1 }
#define STATE_ARRAY_(S, f, k) { .name = #f, .kind = (k), .offset = offsetof(S, f), .size = sizeof(((S *)0)->f[0]), \
                                .count = sizeof(((S *)0)->f) / sizeof(((S *)0)->f[0]) }
#define STATE_BOOL(S, f)   STATE_FIELD_(S, f, STATE_KIND_BOOL)
#define STATE_UINT8(S, f)  STATE_FIELD_(S, f, STATE_KIND_UINT8)
#define STATE_UINT16(S, f) STATE_FIELD_(S, f, STATE_KIND_UINT16)
#define STATE_UINT32(S, f) STATE_FIELD_(S, f, STATE_KIND_UINT32)
#define STATE_UINT64(S, f) STATE_FIELD_(S, f, STATE_KIND_UINT64)
#define STATE_INT32(S, f)  STATE_FIELD_(S, f, STATE_KIND_INT32)
#define STATE_INT64(S, f)  STATE_FIELD_(S, f, STATE_KIND_INT64)
#define STATE_TIMER(S, f)  STATE_FIELD_(S, f, STATE_KIND_TIMER)
#define STATE_BUFFER(S, f) STATE_FIELD_(S, f, STATE_KIND_BUFFER)
#define STATE_UINT8_ARRAY(S, f)  STATE_ARRAY_(S, f, STATE_KIND_UINT8)
#define STATE_UINT16_ARRAY(S, f) STATE_ARRAY_(S, f, STATE_KIND_UINT16)
#define STATE_UINT32_ARRAY(S, f) STATE_ARRAY_(S, f, STATE_KIND_UINT32)
#define STATE_UINT64_ARRAY(S, f) STATE_ARRAY_(S, f, STATE_KIND_UINT64)
#define STATE_STRUCT(S, f, table) { .name = #f, .kind = STATE_KIND_STRUCT, .offset = offsetof(S, f), .size = sizeof(((S *)0)->f), \
                                    .count = 1, .sub = &(table) }
#define STATE_STRUCT_ARRAY(S, f, table) { .name = #f, .kind = STATE_KIND_STRUCT, .offset = offsetof(S, f), .size = sizeof(((S *)0)->f[0]), \
                                    .count = sizeof(((S *)0)->f) / sizeof(((S *)0)->f[0]), .sub = &(table) }

#endif
