/*
 * A kernel that has registers of vCPUs and nothing else: what KVM's files for another host's architecture put into it and get from it. Programs are built for that architecture
 * without GLib's library and run by an emulator of user programs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_CROSS_FAKE_KERNEL_H
#define TESTS_CROSS_FAKE_KERNEL_H

#include "accel/kvm.h"

#include <stdint.h>

/* ---- the registers: by their names, in the order of first use ---- */
enum { FAKE_MAX_REGISTERS = 512, FAKE_MAX_BYTES = 256 };
typedef struct FakeRegister { uint64_t id; unsigned bytes; uint8_t value[FAKE_MAX_BYTES]; unsigned gets, sets; } FakeRegister;
extern FakeRegister fake_registers[FAKE_MAX_REGISTERS];
extern unsigned fake_count, fake_refused;       /* refused: names that a kernel does not have (fake_is_valid) */
FakeRegister *fake_find(uint64_t id);           /* makes it, with random bytes */
void fake_clear(void);
/* The architecture's: would its kernel know the name? */
bool fake_is_valid(uint64_t id, unsigned bytes);
extern int fake_mp_state;

/* ---- results, as TAP ---- */
void check(bool good, const char *name);
void check_is(const char *name, uint64_t got, uint64_t want);
int end_of_checks(void);

#endif
