/*
 * The processor's registers between our struct and the kernel (api.rst, 4.11 to 4.14, 4.31, 4.38 to 4.43, 4.77; 4.131 KVM_GET_SREGS2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/apic.h"
#include "target/i386/internal.h"
#include "target/i386/kvm/x86-kvm.h"
#include "util/error.h"

#include <string.h>

#define SREGS_PDPTRS_VALID 1u

/* A refused ioctl is a fault of ours: said once a kind, the guest goes on. */
static void complain(int result, const char *what)
{
    static GHashTable *said;
    if (result >= 0) {
        return;
    }
    said = said ? said : g_hash_table_new(g_str_hash, g_str_equal);
    if (g_hash_table_add(said, (char *)what)) {
        warn_report("KVM: %s failed: %s", what, g_strerror(-result));
    }
}

/* ---- general registers ---- */

static void get_regs(X86Cpu *cpu)
{
    struct kvm_regs r = { 0 };
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_GET_REGS, &r), "KVM_GET_REGS");
    const uint64_t values[16] = { r.rax, r.rcx, r.rdx, r.rbx, r.rsp, r.rbp, r.rsi, r.rdi, r.r8, r.r9, r.r10, r.r11, r.r12, r.r13, r.r14, r.r15 };
    memcpy(cpu->regs, values, sizeof(values));
    cpu->pc = r.rip;
    x86_set_eflags(cpu, (uint32_t)r.rflags);
}

static void put_regs(X86Cpu *cpu)
{
    const uint64_t *v = cpu->regs;
    struct kvm_regs r = {
        .rax = v[R_EAX], .rbx = v[R_EBX], .rcx = v[R_ECX], .rdx = v[R_EDX], .rsi = v[R_ESI], .rdi = v[R_EDI], .rsp = v[R_ESP], .rbp = v[R_EBP],
        .r8 = v[8], .r9 = v[9], .r10 = v[10], .r11 = v[11], .r12 = v[12], .r13 = v[13], .r14 = v[14], .r15 = v[15],
        .rip = cpu->pc, .rflags = x86_get_eflags(cpu),
    };
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_REGS, &r), "KVM_SET_REGS");
}

/* ---- segments, control registers ---- */

static void from_segment(SegmentCache *to, const struct kvm_segment *s)
{
    uint32_t attributes = (uint32_t)s->type << DESC_TYPE_SHIFT | (uint32_t)s->s << 12 | (uint32_t)s->dpl << DESC_DPL_SHIFT |
        (uint32_t)(s->present && !s->unusable) << 15 | (uint32_t)s->avl << 20 | (uint32_t)s->l << 21 | (uint32_t)s->db << 22 | (uint32_t)s->g << 23;
    *to = (SegmentCache){ .selector = s->selector, .base = s->base, .limit = s->limit, .attributes = attributes };
}

static struct kvm_segment to_segment(const SegmentCache *s)
{
    uint32_t a = s->attributes;
    return (struct kvm_segment){
        .base = s->base, .limit = s->limit, .selector = s->selector, .type = a >> DESC_TYPE_SHIFT & 15, .s = a >> 12 & 1, .dpl = a >> DESC_DPL_SHIFT & 3,
        .present = a >> 15 & 1, .avl = a >> 20 & 1, .l = a >> 21 & 1, .db = a >> 22 & 1, .g = a >> 23 & 1, .unusable = !(a >> 15 & 1),
    };
}

/* In virtual 8086 mode the processor wants just this (SDM volume 3, 26.3.1.2). */
static struct kvm_segment to_vm86_segment(const SegmentCache *s)
{
    return (struct kvm_segment){ .base = s->base, .limit = s->limit, .selector = s->selector, .type = 3, .s = 1, .dpl = 3, .present = 1 };
}

static void get_sregs(X86Cpu *cpu)
{
    struct kvm_sregs2 *s = &x86_kvm(cpu)->sregs;
    if (x86_kvm_host.sregs2) {
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_GET_SREGS2, s), "KVM_GET_SREGS2");
    } else {
        struct kvm_sregs old = { 0 };
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_GET_SREGS, &old), "KVM_GET_SREGS");
        memcpy(s, &old, offsetof(struct kvm_sregs, interrupt_bitmap));
    }
    const struct kvm_segment *const segments[] = { [R_ES] = &s->es, [R_CS] = &s->cs, [R_SS] = &s->ss, [R_DS] = &s->ds, [R_FS] = &s->fs, [R_GS] = &s->gs };
    for (int i = 0; i < R_SEG_COUNT; i++) {
        from_segment(&cpu->segs[i], segments[i]);
    }
    /* Our CPL is CS.DPL, the kernel's is SS.DPL: they differ in conforming segments. */
    cpu->segs[R_CS].attributes = (cpu->segs[R_CS].attributes & ~DESC_DPL_MASK) | (uint32_t)s->ss.dpl << DESC_DPL_SHIFT;
    from_segment(&cpu->ldt, &s->ldt);
    from_segment(&cpu->tr, &s->tr);
    cpu->gdt = (DescriptorTable){ .base = s->gdt.base, .limit = s->gdt.limit };
    cpu->idt = (DescriptorTable){ .base = s->idt.base, .limit = s->idt.limit };
    cpu->cr[0] = s->cr0;
    cpu->cr[2] = s->cr2;
    cpu->cr[3] = s->cr3;
    cpu->cr[4] = s->cr4;
    cpu->efer = s->efer;
    x86_kvm(cpu)->apic_base = s->apic_base;
    x86_walk_cache_flush(cpu);
}

static void fill_segments(const X86Cpu *cpu, struct kvm_sregs2 *s)
{
    struct kvm_segment *const segments[] = { [R_ES] = &s->es, [R_CS] = &s->cs, [R_SS] = &s->ss, [R_DS] = &s->ds, [R_FS] = &s->fs, [R_GS] = &s->gs };
    for (int i = 0; i < R_SEG_COUNT; i++) {
        *segments[i] = x86_vm86(cpu) ? to_vm86_segment(&cpu->segs[i]) : to_segment(&cpu->segs[i]);
    }
    if (!x86_vm86(cpu)) {
        s->ss.dpl = x86_cpl(cpu);
    }
    s->ldt = to_segment(&cpu->ldt);
    s->tr = to_segment(&cpu->tr);
}

static void put_sregs(X86Cpu *cpu)
{
    struct kvm_sregs2 *s = &x86_kvm(cpu)->sregs;
    /* The kernel's copy of the PDPTRs is good as long as nobody has touched what they depend on. */
    if (s->cr3 != cpu->cr[3] || s->cr0 != cpu->cr[0] || s->cr4 != cpu->cr[4] || s->efer != cpu->efer) {
        s->flags &= ~(uint64_t)SREGS_PDPTRS_VALID;
    }
    fill_segments(cpu, s);
    s->gdt = (struct kvm_dtable){ .base = cpu->gdt.base, .limit = cpu->gdt.limit };
    s->idt = (struct kvm_dtable){ .base = cpu->idt.base, .limit = cpu->idt.limit };
    s->cr0 = cpu->cr[0];
    s->cr2 = cpu->cr[2];
    s->cr3 = cpu->cr[3];
    s->cr4 = cpu->cr[4];
    s->efer = cpu->efer;
    s->apic_base = x86_kvm(cpu)->apic_base;
    if (x86_kvm_host.sregs2) {
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_SREGS2, s), "KVM_SET_SREGS2");
        return;
    }
    struct kvm_sregs old = { 0 };       /* no pending interrupt there: KVM_SET_VCPU_EVENTS has it */
    memcpy(&old, s, offsetof(struct kvm_sregs, interrupt_bitmap));
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_SREGS, &old), "KVM_SET_SREGS");
}

/* ---- XCR0, debug registers ---- */

static void get_xcrs(X86Cpu *cpu)
{
    struct kvm_xcrs xcrs = { 0 };
    if (!x86_kvm_host.has_xcrs || !x86_has(cpu, FEAT_1_ECX, 26) || kvm_vcpu_ioctl(&cpu->parent, KVM_GET_XCRS, &xcrs) < 0) {
        return;
    }
    for (unsigned i = 0; i < MIN(xcrs.nr_xcrs, KVM_MAX_XCRS); i++) {
        if (xcrs.xcrs[i].xcr == 0) {
            cpu->xcr0 = xcrs.xcrs[i].value;
        }
    }
}

static void put_xcrs(X86Cpu *cpu)
{
    struct kvm_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0] = { .xcr = 0, .value = cpu->xcr0 } };
    if (x86_kvm_host.has_xcrs && x86_has(cpu, FEAT_1_ECX, 26)) {
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_XCRS, &xcrs), "KVM_SET_XCRS");
    }
}

static void get_debugregs(X86Cpu *cpu)
{
    struct kvm_debugregs d = { 0 };
    if (x86_kvm_host.debugregs && kvm_vcpu_ioctl(&cpu->parent, KVM_GET_DEBUGREGS, &d) >= 0) {
        memcpy(cpu->dr, d.db, sizeof(d.db));
        cpu->dr[6] = d.dr6;
        cpu->dr[7] = d.dr7;
    }
}

static void put_debugregs(X86Cpu *cpu)
{
    struct kvm_debugregs d = { .dr6 = cpu->dr[6], .dr7 = cpu->dr[7] };
    memcpy(d.db, cpu->dr, sizeof(d.db));
    if (x86_kvm_host.debugregs) {
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_DEBUGREGS, &d), "KVM_SET_DEBUGREGS");
    }
}

/* ---- events, run state ---- */

static void get_events(X86Cpu *cpu)
{
    struct kvm_vcpu_events *e = &x86_kvm(cpu)->events;
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_GET_VCPU_EVENTS, e), "KVM_GET_VCPU_EVENTS");
    cpu->interrupt_injected = e->interrupt.injected ? e->interrupt.nr : -1;
    cpu->soft_interrupt = e->interrupt.soft;
    cpu->inhibit_irq = (e->interrupt.shadow & KVM_X86_SHADOW_INT_STI ? 1 : 0) | (e->interrupt.shadow & KVM_X86_SHADOW_INT_MOV_SS ? 2 : 0);
    cpu->nmi_injected = e->nmi.injected;
    cpu->nmi_pending = e->nmi.pending;
    cpu->nmi_blocked = e->nmi.masked;
    cpu->sipi_vector = e->sipi_vector;
    cpu->smm = (e->flags & KVM_VCPUEVENT_VALID_SMM) && e->smi.smm;
    cpu->smi_pending = (e->flags & KVM_VCPUEVENT_VALID_SMM) && e->smi.pending;
    cpu->exception_injected_kvm = e->exception.injected;
    cpu->exception_pending_kvm = e->exception.pending;
}

static void put_events(X86Cpu *cpu, KvmPutLevel level)
{
    struct kvm_vcpu_events *e = &x86_kvm(cpu)->events;
    e->interrupt.injected = cpu->interrupt_injected >= 0;
    e->interrupt.nr = cpu->interrupt_injected >= 0 ? cpu->interrupt_injected : 0;
    e->interrupt.soft = cpu->soft_interrupt;
    e->interrupt.shadow = (cpu->inhibit_irq & 1 ? KVM_X86_SHADOW_INT_STI : 0) | (cpu->inhibit_irq & 2 ? KVM_X86_SHADOW_INT_MOV_SS : 0);
    e->nmi.injected = cpu->nmi_injected;
    e->nmi.pending = cpu->nmi_pending;
    e->nmi.masked = cpu->nmi_blocked;
    e->sipi_vector = cpu->sipi_vector;
    e->flags &= KVM_VCPUEVENT_VALID_PAYLOAD | KVM_VCPUEVENT_VALID_SMM | KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
    e->flags |= KVM_VCPUEVENT_VALID_SHADOW;
    if (level >= KVM_PUT_RESET) {
        e->flags |= KVM_VCPUEVENT_VALID_NMI_PENDING | (x86_kvm_host.kernel_apic ? KVM_VCPUEVENT_VALID_SIPI_VECTOR : 0);
    }
    if (x86_kvm_host.smm && level >= KVM_PUT_RESET) {
        e->flags |= KVM_VCPUEVENT_VALID_SMM;
        e->smi.smm = cpu->smm != 0;
        e->smi.pending = cpu->smi_pending;
    }
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_VCPU_EVENTS, e), "KVM_SET_VCPU_EVENTS");
}

static void get_mp_state(X86Cpu *cpu)
{
    struct kvm_mp_state mp = { 0 };
    if (x86_kvm_host.kernel_apic && kvm_vcpu_ioctl(&cpu->parent, KVM_GET_MP_STATE, &mp) >= 0) {
        cpu->mp_state = (int)mp.mp_state;
        atomic_store(&cpu->parent.halted, mp.mp_state == KVM_MP_STATE_HALTED);
    }
}

static void put_mp_state(X86Cpu *cpu)
{
    struct kvm_mp_state mp = { .mp_state = (uint32_t)cpu->mp_state };
    if (x86_kvm_host.kernel_apic) {
        complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_MP_STATE, &mp), "KVM_SET_MP_STATE");
    }
}

/* A reset ends a nested guest that was running. */
static void reset_nested(X86Cpu *cpu)
{
    bool svm = x86_has(cpu, FEAT_8000_0001_ECX, 2), vmx = x86_has(cpu, FEAT_1_ECX, 5);
    if (!x86_kvm_host.nested_state || (!svm && !vmx)) {
        return;
    }
    struct kvm_nested_state state = { .size = sizeof(state), .format = svm ? KVM_STATE_NESTED_FORMAT_SVM : KVM_STATE_NESTED_FORMAT_VMX };
    if (svm) {
        state.flags = KVM_STATE_NESTED_GIF_SET;
    } else {
        state.hdr.vmx.vmxon_pa = state.hdr.vmx.vmcs12_pa = UINT64_MAX;
    }
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_NESTED_STATE, &state), "KVM_SET_NESTED_STATE");
}

/* ---- the local APIC at reset (SDM volume 3, 10.4.7.1) ---- */

static void reset_lapic(X86Cpu *cpu)
{
    enum { ID = 0x20, VERSION = 0x30, DFR = 0xe0, SVR = 0xf0, LVT_FIRST = 0x320, LVT_LAST = 0x370, MASKED = 0x10000 };
    struct kvm_lapic_state lapic = { 0 };
    char *regs = lapic.regs;
    if (!x86_kvm_host.kernel_apic || !cpu->apic) {
        return;
    }
    store_le32(regs + ID, APIC_COMMON(cpu->apic)->id << 24);
    store_le32(regs + VERSION, APIC_COMMON(cpu->apic)->version | 5u << 16);
    store_le32(regs + DFR, UINT32_MAX);
    store_le32(regs + SVR, 0xff);
    for (unsigned lvt = LVT_FIRST; lvt <= LVT_LAST; lvt += 0x10) {
        store_le32(regs + lvt, MASKED);
    }
    complain(kvm_vcpu_ioctl(&cpu->parent, KVM_SET_LAPIC, &lapic), "KVM_SET_LAPIC");
}

/* ---- all of it ---- */

void x86_kvm_get(Cpu *c)
{
    X86Cpu *cpu = X86_CPU(c);
    get_events(cpu);
    get_mp_state(cpu);
    get_regs(cpu);
    x86_kvm_get_xsave(cpu);
    get_xcrs(cpu);
    get_sregs(cpu);
    x86_kvm_get_msrs(cpu);
    get_debugregs(cpu);
}

void x86_kvm_put(Cpu *c, KvmPutLevel level)
{
    X86Cpu *cpu = X86_CPU(c);
    put_sregs(cpu);                     /* first: EFER and CR4 decide what the others may hold */
    if (level >= KVM_PUT_RESET && x86_kvm(cpu)->was_reset) {
        reset_nested(cpu);
    }
    put_regs(cpu);
    x86_kvm_put_xsave(cpu);
    put_xcrs(cpu);
    x86_kvm_put_msrs(cpu, level);
    put_events(cpu, level);
    if (level >= KVM_PUT_RESET) {
        put_mp_state(cpu);
        if (x86_kvm(cpu)->was_reset) {
            reset_lapic(cpu);
        }
        x86_kvm_put_tsc_deadline(cpu);  /* behind the APIC, whose timer it sets */
        x86_kvm(cpu)->was_reset = false;
    }
    put_debugregs(cpu);
}
