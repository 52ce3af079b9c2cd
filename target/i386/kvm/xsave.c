/*
 * Floating-point and vector registers: the XSAVE image that the kernel keeps (api.rst, 4.42, 4.134; SDM volume 1, 13.4). Parts that our struct has no
 * fields for stay as they were read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"

#include <string.h>

enum { XSAVE_HEADER = 512, XSAVE_YMM = 576, COMPONENT_X87 = 0, COMPONENT_SSE = 1, COMPONENT_YMM = 2, COMPONENT_PKRU = 9 };
enum { FX_FCW = 0, FX_MXCSR = 24, FX_MXCSR_MASK = 28 };

static uint8_t *image_of(X86Cpu *cpu)
{
    X86Kvm *kvm = x86_kvm(cpu);
    if (!kvm->xsave) {
        kvm->xsave = g_malloc0(x86_kvm_host.xsave_bytes);
    }
    return (uint8_t *)kvm->xsave;
}

/* Where the host keeps PKRU; 0: nowhere. */
static uint32_t pkru_offset(void)
{
    uint32_t regs[4];
    return x86_kvm_supported_leaf(0xd, COMPONENT_PKRU, regs) && regs[0] == 8 && regs[1] + 8 <= x86_kvm_host.xsave_bytes ? regs[1] : 0;
}

static bool has_component(const uint8_t *image, unsigned component) { return load_le64(image + XSAVE_HEADER) >> component & 1; }

static void mark_component(uint8_t *image, unsigned component)
{
    store_le64(image + XSAVE_HEADER, load_le64(image + XSAVE_HEADER) | BIT(component));
}

void x86_kvm_reset_xsave(X86Cpu *cpu)
{
    uint8_t *image = image_of(cpu);
    memset(image, 0, x86_kvm_host.xsave_bytes);
    store_le16(image + FX_FCW, 0x37f);
    store_le32(image + FX_MXCSR, 0x1f80);
    store_le32(image + FX_MXCSR_MASK, 0xffff);
    store_le64(image + XSAVE_HEADER, BIT(COMPONENT_X87) | BIT(COMPONENT_SSE));
}

void x86_kvm_get_xsave(X86Cpu *cpu)
{
    uint8_t *image = image_of(cpu);
    if (kvm_vcpu_ioctl(&cpu->parent, x86_kvm_host.xsave2 ? KVM_GET_XSAVE2 : KVM_GET_XSAVE, image) < 0) {
        return;
    }
    x86_fxrstor(cpu, image);
    for (unsigned i = 0; i < 16; i++) {
        for (unsigned half = 0; half < 2; half++) {
            cpu->ymm[i].q[2 + half] = has_component(image, COMPONENT_YMM) ? load_le64(image + XSAVE_YMM + 16 * i + 8 * half) : 0;
        }
    }
    uint32_t pkru = pkru_offset();
    cpu->pkru = pkru && has_component(image, COMPONENT_PKRU) ? load_le32(image + pkru) : 0;
}

void x86_kvm_put_xsave(X86Cpu *cpu)
{
    uint8_t *image = image_of(cpu);
    x86_fxsave(cpu, image);
    mark_component(image, COMPONENT_X87);
    mark_component(image, COMPONENT_SSE);
    if (x86_has(cpu, FEAT_1_ECX, 28)) {
        for (unsigned i = 0; i < 16; i++) {
            store_le64(image + XSAVE_YMM + 16 * i, cpu->ymm[i].q[2]);
            store_le64(image + XSAVE_YMM + 16 * i + 8, cpu->ymm[i].q[3]);
        }
        mark_component(image, COMPONENT_YMM);
    }
    uint32_t pkru = x86_has(cpu, FEAT_7_0_ECX, 3) ? pkru_offset() : 0;
    if (pkru) {
        store_le64(image + pkru, cpu->pkru);
        mark_component(image, COMPONENT_PKRU);
    }
    kvm_vcpu_ioctl(&cpu->parent, KVM_SET_XSAVE, image);
}
