/*
 * The host's floating-point status in RISC-V's terms.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_FLOAT_HOST_H
#define TARGET_RISCV_TCG_FLOAT_HOST_H

#include <stdint.h>

enum { FFLAGS_NX = 1, FFLAGS_UF = 2, FFLAGS_OF = 4, FFLAGS_DZ = 8, FFLAGS_NV = 16 };
enum { RM_RNE, RM_RTZ, RM_RDN, RM_RUP, RM_RMM, RM_DYN = 7 };

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { HOST_IE = 1, HOST_DE = 2, HOST_ZE = 4, HOST_OE = 8, HOST_UE = 16, HOST_PE = 32, HOST_FLAGS = 63, HOST_ROUND_SHIFT = 13, HOST_MASKS = 0x1f80 };

static inline uint32_t fflags_of_host(uint32_t mxcsr)
{
    return (mxcsr & HOST_IE ? FFLAGS_NV : 0) | (mxcsr & HOST_ZE ? FFLAGS_DZ : 0) | (mxcsr & HOST_OE ? FFLAGS_OF : 0) | (mxcsr & HOST_UE ? FFLAGS_UF : 0)
        | (mxcsr & HOST_PE ? FFLAGS_NX : 0);
}
/* The flags that code has raised, which the host forgets. */
static inline uint32_t host_take_flags(void)
{
    uint32_t mxcsr = _mm_getcsr();
    _mm_setcsr(mxcsr & ~(uint32_t)HOST_FLAGS);
    return fflags_of_host(mxcsr);
}
static inline void host_set_mode(uint32_t mode) { _mm_setcsr(mode); }
/* RMM is done by C code; the host's mode is no matter then. */
static inline uint32_t host_mode(uint32_t frm)
{
    static const uint8_t modes[8] = { [RM_RNE] = 0, [RM_RTZ] = 3, [RM_RDN] = 1, [RM_RUP] = 2 };
    return HOST_MASKS | (uint32_t)modes[frm & 7] << HOST_ROUND_SHIFT;
}
#else
static inline uint32_t fflags_of_host(uint32_t mode) { return 0; }
static inline void host_set_mode(uint32_t mode) { }
static inline uint32_t host_take_flags(void) { return 0; }
static inline uint32_t host_mode(uint32_t frm) { return 0; }
#endif

#endif
