/*
 * Selectors of the descriptor table that every test program begins with (runtime.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef X86_SYSTEM_SELECTORS_H
#define X86_SYSTEM_SELECTORS_H

#define CODE32 0x08
#define DATA 0x10
#define CODE64 0x18
#define USER_CODE32 0x23
#define USER_DATA 0x2b
#define USER_CODE64 0x33
#define TSS 0x40        /* 16 bytes in long mode */
#define TSS_FAULT 0x50  /* 32-bit programs: the task of double faults */
#define FREE_SELECTOR 0x100     /* from here on: the program's own */
#ifdef LONG
#define CODE CODE64
#define USER_CODE USER_CODE64
#else
#define CODE CODE32
#define USER_CODE USER_CODE32
#endif

#endif
