/*
 * The host's floating-point status in Arm's terms.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_FLOAT_HOST_H
#define TARGET_ARM_TCG_FLOAT_HOST_H

#include "target/arm/registers.h"
#include <stdint.h>

/* FPCR.RMode. */
enum { ROUND_NEAREST, ROUND_PLUS, ROUND_MINUS, ROUND_ZERO };

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { HOST_IE = 1, HOST_DE = 2, HOST_ZE = 4, HOST_OE = 8, HOST_UE = 16, HOST_PE = 32, HOST_FLAGS = 63, HOST_ROUND_SHIFT = 13, HOST_MASKS = 0x1f80 };

/* Bits of FPSR. (Where subnormals are flushed, C code does what could tell of that.) */
static inline uint32_t fpsr_of_host(uint32_t mxcsr)
{
    return (mxcsr & HOST_IE ? FPSR_IOC : 0) | (mxcsr & HOST_ZE ? FPSR_DZC : 0) | (mxcsr & HOST_OE ? FPSR_OFC : 0) | (mxcsr & HOST_UE ? FPSR_UFC : 0)
        | (mxcsr & HOST_PE ? FPSR_IXC : 0);
}
/* The flags that code has raised, which the host forgets. */
static inline uint32_t host_take_flags(void)
{
    uint32_t mxcsr = _mm_getcsr();
    _mm_setcsr(mxcsr & ~(uint32_t)HOST_FLAGS);
    return fpsr_of_host(mxcsr);
}
/* Where subnormals are flushed, C code does all arithmetic: the host's mode has the rounding alone. */
static inline uint32_t host_mode(uint32_t fpcr)
{
    static const uint8_t modes[4] = { [ROUND_NEAREST] = 0, [ROUND_ZERO] = 3, [ROUND_MINUS] = 1, [ROUND_PLUS] = 2 };
    return HOST_MASKS | (uint32_t)modes[FIELD_GET(fpcr, FPCR_RMODE)] << HOST_ROUND_SHIFT;
}
/* FPCR was written by a helper. */
static inline void host_set_mode(uint32_t fpcr) { _mm_setcsr(host_mode(fpcr)); }
#else
static inline uint32_t fpsr_of_host(uint32_t mode) { return 0; }
static inline uint32_t host_take_flags(void) { return 0; }
static inline uint32_t host_mode(uint32_t fpcr) { return 0; }
static inline void host_set_mode(uint32_t fpcr) { }
#endif

#endif
