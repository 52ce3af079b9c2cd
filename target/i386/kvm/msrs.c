/*
 * Model-specific registers between our struct and the kernel: a table of those with a field, the machine-check banks and MTRRs, and those of the
 * kernel's list that a reset sets to zero (api.rst, 4.3, 4.19, 4.20; Linux Documentation/virt/kvm/x86/msr.rst).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/kvm/x86-kvm.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>

enum {
    MSR_TSC = 0x10, MSR_TSC_DEADLINE = 0x6e0, MSR_SMBASE = 0x9e, MSR_MTRR_CAP_COUNT = X86_MTRR_COUNT, MSR_MTRR_BASE = 0x200, MSR_MTRR_DEF = 0x2ff,
    MSR_MCG_STATUS = 0x17a, MSR_MCG_CTL = 0x17b, MSR_MC0 = 0x400, MSR_UCODE = 0x8b,
};
enum { MAX_MSRS = 192 };

/* Where: what of the processor has to be there for the register to be; -1: always. */
typedef struct MsrField { uint32_t index; uint32_t offset; int word; unsigned bit; bool listed; } MsrField;
#define FIELD_OF(f) offsetof(X86Cpu, f)

/* listed: only where KVM_GET_MSR_INDEX_LIST has it. */
static const MsrField fields[] = {
    { 0x174, FIELD_OF(sysenter_cs), -1, 0, false }, { 0x175, FIELD_OF(sysenter_esp), -1, 0, false }, { 0x176, FIELD_OF(sysenter_eip), -1, 0, false },
    { 0x277, FIELD_OF(pat), -1, 0, false },
    { 0xc0000081, FIELD_OF(star), -1, 0, true }, { 0xc0000082, FIELD_OF(lstar), FEAT_8000_0001_EDX, 29, true },
    { 0xc0000083, FIELD_OF(cstar), FEAT_8000_0001_EDX, 29, true }, { 0xc0000084, FIELD_OF(fmask), FEAT_8000_0001_EDX, 29, true },
    { 0xc0000102, FIELD_OF(kernel_gs_base), FEAT_8000_0001_EDX, 29, true }, { 0xc0000103, FIELD_OF(tsc_aux), FEAT_8000_0001_EDX, 27, true },
    { 0x3b, FIELD_OF(tsc_adjust), FEAT_7_0_EBX, 1, true }, { 0x1a0, FIELD_OF(misc_enable), -1, 0, true },
    { MSR_SMBASE, FIELD_OF(smbase), -1, 0, true }, { 0x3a, FIELD_OF(feature_control), FEAT_1_ECX, 5, true },
    { 0xda0, FIELD_OF(xss), FEAT_XSAVE, 3, true },
    { 0x4b564d01, FIELD_OF(kvm_system_time_msr), FEAT_KVM, 3, true }, { 0x4b564d00, FIELD_OF(kvm_wall_clock_msr), FEAT_KVM, 3, true },
    { 0x4b564d06, FIELD_OF(kvm_async_pf_int_msr), FEAT_KVM, 14, true }, { 0x4b564d02, FIELD_OF(kvm_async_pf_en_msr), FEAT_KVM, 4, true },
    { 0x4b564d04, FIELD_OF(kvm_pv_eoi_msr), FEAT_KVM, 6, true }, { 0x4b564d03, FIELD_OF(kvm_steal_time_msr), FEAT_KVM, 5, true },
    { 0x4b564d05, FIELD_OF(kvm_poll_control_msr), FEAT_KVM, 12, true },
};

/* Without a field: in the kernel's list, and zero after reset. Ranges of performance counters, Hyper-V, Intel PT, bounds, extended feature disable. */
static const struct { uint32_t first, last; } zero_at_reset[] = {
    { 0xc1, 0xc8 }, { 0x186, 0x18d }, { 0x309, 0x30b }, { 0x38d, 0x38d }, { 0x38f, 0x38f }, { 0x1c4, 0x1c5 }, { 0x1d9, 0x1d9 }, { 0xd90, 0xd90 },
    { 0x570, 0x571 }, { 0x122, 0x122 }, { 0xe1, 0xe1 }, { 0x40000000, 0x40000001 }, { 0x40000073, 0x40000073 }, { 0x40000080, 0x40000083 },
    { 0x400000b0, 0x400000b7 }, { 0x40000100, 0x40000105 }, { 0xc0010200, 0xc001020b }, { 0xc0010000, 0xc0010007 },
};

static GHashTable *listed;              /* of the kernel's list */
static struct kvm_msr_list *features;   /* that can be read on the system's descriptor */

typedef struct MsrBatch { struct kvm_msrs head; struct kvm_msr_entry entries[MAX_MSRS]; } MsrBatch;

static void add(MsrBatch *batch, uint32_t index, uint64_t value)
{
    if (batch->head.nmsrs < MAX_MSRS) {
        batch->entries[batch->head.nmsrs++] = (struct kvm_msr_entry){ .index = index, .data = value };
    }
}

/* ---- lists ---- */

static struct kvm_msr_list *ask_list(unsigned long request)
{
    struct kvm_msr_list *list = g_malloc0(sizeof(*list) + 512 * sizeof(uint32_t));
    list->nmsrs = 512;
    int result = kvm_system_ioctl(request, list);
    if (result == -E2BIG) {
        unsigned count = list->nmsrs;
        list = g_realloc(list, sizeof(*list) + count * sizeof(uint32_t));
        result = kvm_system_ioctl(request, list);
    }
    if (result < 0) {
        list->nmsrs = 0;
    }
    return list;
}

bool x86_kvm_msrs_start(GError **err)
{
    g_autofree struct kvm_msr_list *list = ask_list(KVM_GET_MSR_INDEX_LIST);
    if (!list->nmsrs) {
        return error_set(err, "KVM_GET_MSR_INDEX_LIST failed");
    }
    listed = g_hash_table_new(NULL, NULL);
    for (unsigned i = 0; i < list->nmsrs; i++) {
        g_hash_table_add(listed, GUINT_TO_POINTER(list->indices[i]));
    }
    return true;
}

bool x86_kvm_has_msr(uint32_t index) { return g_hash_table_contains(listed, GUINT_TO_POINTER(index)); }

uint64_t x86_kvm_feature_msr(uint32_t index)
{
    if (!features) {
        features = kvm_capability(KVM_CAP_GET_MSR_FEATURES) ? ask_list(KVM_GET_MSR_FEATURE_INDEX_LIST) : g_malloc0(sizeof(*features));
    }
    for (unsigned i = 0; i < features->nmsrs; i++) {
        if (features->indices[i] == index) {
            struct { struct kvm_msrs head; struct kvm_msr_entry entry; } one = { .head.nmsrs = 1, .entry.index = index };
            return kvm_system_ioctl(KVM_GET_MSRS, &one) == 1 ? one.entry.data : 0;
        }
    }
    return 0;
}

static bool applies(const X86Cpu *cpu, const MsrField *f)
{
    return (f->word < 0 || x86_has(cpu, f->word, f->bit)) && (!f->listed || x86_kvm_has_msr(f->index));
}

/* ---- which ones ---- */

static bool has_spec_ctrl(const X86Cpu *cpu)
{
    return x86_kvm_has_msr(0x48) && (x86_has(cpu, FEAT_7_0_EDX, 26) || x86_has(cpu, FEAT_8000_0008_EBX, 14) || x86_has(cpu, FEAT_8000_0008_EBX, 24));
}

/* Visits each register of which the struct has a field. */
typedef void MsrVisitor(MsrBatch *batch, uint32_t index, uint64_t *field);

static void visit_mtrrs(X86Cpu *cpu, MsrBatch *batch, MsrVisitor *visit)
{
    static const uint32_t fixed[] = { 0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f };
    if (!x86_has(cpu, FEAT_1_EDX, 12)) {
        return;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(fixed); i++) {
        visit(batch, fixed[i], &cpu->mtrr_fixed[i]);
    }
    for (unsigned i = 0; i < X86_MTRR_COUNT; i++) {
        visit(batch, MSR_MTRR_BASE + 2 * i, &cpu->mtrr_var[i].base);
        visit(batch, MSR_MTRR_BASE + 2 * i + 1, &cpu->mtrr_var[i].mask);
    }
    visit(batch, MSR_MTRR_DEF, &cpu->mtrr_def_type);
}

static void visit_machine_check(X86Cpu *cpu, MsrBatch *batch, MsrVisitor *visit)
{
    unsigned banks = MIN(cpu->mcg_cap & 0xff, X86_MCE_BANKS);
    if (!banks) {
        return;
    }
    visit(batch, MSR_MCG_STATUS, &cpu->mcg_status);
    visit(batch, MSR_MCG_CTL, &cpu->mcg_ctl);
    for (unsigned i = 0; i < 4 * banks; i++) {
        visit(batch, MSR_MC0 + i, &cpu->mce_banks[i]);
    }
}

static void visit_fields(X86Cpu *cpu, MsrBatch *batch, MsrVisitor *visit)
{
    for (unsigned i = 0; i < ARRAY_SIZE(fields); i++) {
        if (applies(cpu, &fields[i])) {
            visit(batch, fields[i].index, (uint64_t *)(void *)((char *)cpu + fields[i].offset));
        }
    }
    if (has_spec_ctrl(cpu)) {
        visit(batch, 0x48, &cpu->spec_ctrl);
    }
}

static void visit_all(X86Cpu *cpu, MsrBatch *batch, MsrVisitor *visit)
{
    visit_fields(cpu, batch, visit);
    visit_mtrrs(cpu, batch, visit);
    visit_machine_check(cpu, batch, visit);
    if (x86_has(cpu, FEAT_1_ECX, 24) && x86_kvm_host.kernel_apic) {
        visit(batch, MSR_TSC_DEADLINE, &cpu->tsc_deadline);
    }
    visit(batch, MSR_TSC, &cpu->tsc);
}

/* ---- to and fro ---- */

static void ask(MsrBatch *batch, uint32_t index, uint64_t *field) { add(batch, index, 0); }
static void give(MsrBatch *batch, uint32_t index, uint64_t *field) { add(batch, index, *field); }

/* The answers in the order of the questions; head.pad counts how many were looked at. */
static void take(MsrBatch *batch, uint32_t index, uint64_t *field)
{
    for (unsigned i = batch->head.pad; i < batch->head.nmsrs; i++) {
        if (batch->entries[i].index == index) {
            *field = batch->entries[i].data;
            batch->head.pad = i + 1;
            return;
        }
    }
}

/* The kernel stops at the first register that it refuses: the others still count. */
static void transfer(Cpu *cpu, MsrBatch *batch, unsigned long request)
{
    static bool said;
    for (unsigned first = 0; first < batch->head.nmsrs;) {
        g_autofree MsrBatch *rest = g_new0(MsrBatch, 1);
        unsigned count = batch->head.nmsrs - first;
        rest->head.nmsrs = count;
        memcpy(rest->entries, batch->entries + first, count * sizeof(rest->entries[0]));
        int done = kvm_vcpu_ioctl(cpu, request, rest);
        if (done < 0) {
            return;
        }
        memcpy(batch->entries + first, rest->entries, (unsigned)done * sizeof(rest->entries[0]));
        if ((unsigned)done >= count) {
            return;
        }
        const struct kvm_msr_entry *refused = &batch->entries[first + (unsigned)done];
        if (!said && request == KVM_SET_MSRS) {
            said = true;
            warn_report("KVM: MSR 0x%x could not be set to 0x%llx", refused->index, (unsigned long long)refused->data);
        }
        first += (unsigned)done + 1;
    }
}

void x86_kvm_get_msrs(X86Cpu *cpu)
{
    g_autofree MsrBatch *batch = g_new0(MsrBatch, 1);
    visit_all(cpu, batch, ask);
    transfer(&cpu->parent, batch, KVM_GET_MSRS);
    visit_all(cpu, batch, take);
}

static void give_reset(MsrBatch *batch)
{
    for (unsigned i = 0; i < ARRAY_SIZE(zero_at_reset); i++) {
        for (uint32_t index = zero_at_reset[i].first; index <= zero_at_reset[i].last; index++) {
            if (x86_kvm_has_msr(index)) {
                add(batch, index, 0);
            }
        }
    }
}

void x86_kvm_put_msrs(X86Cpu *cpu, KvmPutLevel level)
{
    g_autofree MsrBatch *batch = g_new0(MsrBatch, 1);
    visit_fields(cpu, batch, give);
    if (level >= KVM_PUT_RESET) {
        add(batch, MSR_TSC, cpu->tsc);
        visit_mtrrs(cpu, batch, give);
        visit_machine_check(cpu, batch, give);
        /* A vCPU that has never run has nothing to forget. */
        if (x86_kvm(cpu)->was_reset && level == KVM_PUT_RESET) {
            give_reset(batch);
        }
    }
    transfer(&cpu->parent, batch, KVM_SET_MSRS);
}

void x86_kvm_put_tsc_deadline(X86Cpu *cpu)
{
    if (x86_has(cpu, FEAT_1_ECX, 24) && x86_kvm_host.kernel_apic) {
        g_autofree MsrBatch *batch = g_new0(MsrBatch, 1);
        add(batch, MSR_TSC_DEADLINE, cpu->tsc_deadline);
        transfer(&cpu->parent, batch, KVM_SET_MSRS);
    }
}
