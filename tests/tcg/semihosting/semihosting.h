/*
 * The trap instruction of each architecture, and the numbers of what can be asked by it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SEMIHOSTING_TEST_H
#define SEMIHOSTING_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uintptr_t Word;         /* of a parameter block */

enum {
    SYS_OPEN = 0x01, SYS_CLOSE, SYS_WRITEC, SYS_WRITE0, SYS_WRITE, SYS_READ, SYS_READC, SYS_ISERROR, SYS_ISTTY, SYS_SEEK, SYS_FLEN = 0x0c, SYS_TMPNAM, SYS_REMOVE, SYS_RENAME,
    SYS_CLOCK, SYS_TIME, SYS_SYSTEM, SYS_ERRNO, SYS_GET_CMDLINE = 0x15, SYS_HEAPINFO, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20, SYS_ELAPSED = 0x30, SYS_TICKFREQ,
};
enum { APPLICATION_EXIT = 0x20026, RUN_TIME_ERROR = 0x20023 };

static inline Word semihost(unsigned operation, const void *parameter)
{
#if defined(__aarch64__)
    register Word number __asm__("x0") = operation, block __asm__("x1") = (Word)parameter;
    __asm__ volatile("hlt #0xf000" : "+r"(number) : "r"(block) : "memory");
#elif defined(__arm__)
    register Word number __asm__("r0") = operation, block __asm__("r1") = (Word)parameter;
#if defined(TRAP_HLT) && defined(__thumb__)
    __asm__ volatile(".inst.n 0xbabc" : "+r"(number) : "r"(block) : "memory");
#elif defined(TRAP_HLT)
    __asm__ volatile(".inst 0xe10f0070" : "+r"(number) : "r"(block) : "memory");
#elif defined(__thumb__)
    __asm__ volatile("svc #0xab" : "+r"(number) : "r"(block) : "memory", "lr");
#else
    __asm__ volatile("svc #0x123456" : "+r"(number) : "r"(block) : "memory", "lr");
#endif
#else
    register Word number __asm__("a0") = operation, block __asm__("a1") = (Word)parameter;
    __asm__ volatile(".option push\n.option norvc\n.balign 16\nslli x0, x0, 0x1f\nebreak\nsrai x0, x0, 7\n.option pop" : "+r"(number) : "r"(block) : "memory");
#endif
    return number;
}

#endif
