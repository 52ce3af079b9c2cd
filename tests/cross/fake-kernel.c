/*
 * Registers by name, and results (fake-kernel.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fake-kernel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

FakeRegister fake_registers[FAKE_MAX_REGISTERS];
unsigned fake_count, fake_refused;
int fake_mp_state = KVM_MP_STATE_RUNNABLE;
static uint64_t random_state = 88172645463325252;

static uint8_t random_byte(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint8_t)(random_state >> 32);
}

FakeRegister *fake_find(uint64_t id)
{
    for (unsigned n = 0; n < fake_count; n++) {
        if (fake_registers[n].id == id) {
            return &fake_registers[n];
        }
    }
    FakeRegister *r = &fake_registers[fake_count++];
    *r = (FakeRegister){ .id = id, .bytes = 1u << ((id & KVM_REG_SIZE_MASK) >> KVM_REG_SIZE_SHIFT) };
    for (unsigned n = 0; n < r->bytes; n++) {
        r->value[n] = random_byte();
    }
    return r;
}

void fake_clear(void) { fake_count = fake_refused = 0; }

static int one_register(const struct kvm_one_reg *request, bool set)
{
    FakeRegister *r = fake_find(request->id);
    if (!fake_is_valid(request->id, r->bytes)) {
        printf("# the kernel has no register 0x%llx\n", (unsigned long long)request->id);
        fake_refused++;
        return -ENOENT;
    }
    if (set) {
        memcpy(r->value, (const void *)(uintptr_t)request->addr, r->bytes);
        r->sets++;
    } else {
        memcpy((void *)(uintptr_t)request->addr, r->value, r->bytes);
        r->gets++;
    }
    return 0;
}

int kvm_vcpu_ioctl(Cpu *cpu, unsigned long request, const void *argument)
{
    switch (request) {
    case KVM_GET_ONE_REG:
    case KVM_SET_ONE_REG:
        return one_register(argument, request == KVM_SET_ONE_REG);
    case KVM_GET_MP_STATE:
        ((struct kvm_mp_state *)argument)->mp_state = (uint32_t)fake_mp_state;
        return 0;
    case KVM_SET_MP_STATE:
        fake_mp_state = (int)((const struct kvm_mp_state *)argument)->mp_state;
        return 0;
    default:
        return -EINVAL;
    }
}

/* ---- results ---- */

static unsigned checks, failed;

void check(bool good, const char *name)
{
    failed += !good;
    printf("%sok %u %s\n", good ? "" : "not ", ++checks, name);
}

void check_is(const char *name, uint64_t got, uint64_t want)
{
    check(got == want, name);
    if (got != want) {
        printf("# got 0x%llx, want 0x%llx\n", (unsigned long long)got, (unsigned long long)want);
    }
}

int end_of_checks(void)
{
    printf("1..%u\n", checks);
    return failed != 0;
}
