/*
 * What all test programs of AArch32 share: results on the console, access to coprocessor 15.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RESULTS32_H
#define RESULTS32_H

#include <stdbool.h>
#include <stdint.h>

static unsigned number;

static void put(char c) { *(volatile uint32_t *)0x09000000 = c; }

static void print(const char *s)
{
    while (*s) {
        put(*s++);
    }
}

static void print_number(uint32_t v, unsigned base)
{
    char digits[12];
    int n = 0;
    do {
        unsigned q = 0, r = v;
        if (base == 16) {
            q = v >> 4;
            r = v & 15;
        } else {
            while (r >= 10) {
                r -= 10;
                q++;
            }
        }
        digits[n++] = "0123456789abcdef"[r];
        v = q;
    } while (v);
    while (n) {
        put(digits[--n]);
    }
}

static void check_is(const char *name, uint32_t got, uint32_t want)
{
    print(got == want ? "ok " : "not ok ");
    print_number(++number, 10);
    print(" ");
    print(name);
    if (got != want) {
        print("\n# got ");
        print_number(got, 16);
        print(", want ");
        print_number(want, 16);
    }
    print("\n");
}

static inline void print_plan(void)
{
    print("1..");
    print_number(number, 10);
    print("\n");
}

#define CP15(op1, crn, crm, op2) ({ uint32_t v_; __asm__ volatile("mrc p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 : "=r"(v_)); v_; })
#define SET15(op1, crn, crm, op2, value) __asm__ volatile("mcr p15, " #op1 ", %0, " #crn ", " #crm ", " #op2 :: "r"(value) : "memory")


#endif
