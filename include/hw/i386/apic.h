/*
 * The local APIC as the processor sees it (Intel SDM volume 3, chapter 11). The CPU asks; hw/intc/apic answers, or KVM's stand-in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_APIC_H
#define HW_I386_APIC_H

#include "accel/cpu.h"

/* The family table of local APIC types (DeviceType.family): "apic" (ours) and "kvm-apic". */
typedef struct ApicType {
    void (*set_base)(Device *apic, uint64_t value);         /* IA32_APIC_BASE */
    uint64_t (*get_base)(Device *apic);
    void (*set_tpr)(Device *apic, uint8_t cr8);             /* CR8: bits 7:4 of TPR */
    uint8_t (*get_tpr)(Device *apic);
    int (*get_interrupt)(Device *apic);                     /* acknowledges the highest one: vector, -1 none (spurious: its vector) */
    bool (*has_interrupt)(Device *apic);                    /* one that is above the processor priority */
    bool (*accepts_pic)(Device *apic);                      /* LINT0 lets the 8259's through */
    bool (*read_msr)(Device *apic, uint32_t index, uint64_t *value);    /* x2APIC registers 0x800 to 0x8ff; false: #GP */
    bool (*write_msr)(Device *apic, uint32_t index, uint64_t value);
    void (*set_tsc_deadline)(Device *apic, uint64_t tsc);
    void (*init_reset)(Device *apic);                       /* INIT: registers to reset values, base and id kept */
    void (*deliver_nmi)(Device *apic);                      /* by LINT1 */
    /* Those that are not ours: the registers as they lie in their page, and IA32_APIC_BASE; false: not to be had. NULL: ours. */
    bool (*read_page)(Device *apic, uint8_t regs[0x400], uint64_t *base);
} ApicType;
static inline const ApicType *apic_type(Device *apic) { return (const ApicType *)device_type(apic)->family; }

/* What all local APIC types begin with: type "apic-common". cpu and id are set before realize. */
typedef struct ApicCommon { Device parent; Cpu *cpu; uint32_t id; uint8_t version; bool vapic; } ApicCommon;
#define APIC_COMMON(p) ((ApicCommon *)(p))
#define APIC_DEFAULT_ADDRESS UINT64_C(0xfee00000)
#define APIC_SPACE_SIZE 0x100000
#define APIC_PAGE_REGISTERS 0x400
/* The request that CPU_INTERRUPT_NMI of target/i386 is. */
#define CPU_INTERRUPT_APIC_NMI 0x0200
/* An accelerator with interrupt controllers of its own names its type ("kvm-apic") before CPUs are made; NULL: "apic". */
void apic_set_type_name(const char *type_name);
/* From now on no local APIC can be made, for that reason; NULL: it can. */
void apic_set_refusal(const char *why);
/* It may take the messages that apic_deliver_msi and apic_deliver_irq would send to ours; NULL: ours. */
typedef void ApicMessageHook(uint64_t address, uint32_t data);
void apic_set_message_hook(ApicMessageHook *hook);

/* Makes the APIC of a CPU (type by the accelerator), links it both ways, maps it. Called from the CPU's realize. */
bool apic_create(Cpu *cpu, uint32_t apic_id, Device **apic, GError **err);
/* The 8259's output: the board's PIC calls this for the boot processor; apic or not. */
void x86_pic_set_output(int level);
/* The vector of a pending 8259 interrupt, acknowledged; set by the board's PIC. */
typedef int X86PicRead(void);
void x86_set_pic_reader(X86PicRead *read);
int x86_read_pic(void);
/* Sends a message-signalled interrupt (writes to 0xfee00000). */
void apic_deliver_msi(uint64_t address, uint32_t data);
/* An interrupt from the I/O APIC. */
void apic_deliver_irq(uint8_t dest, bool dest_logical, uint8_t delivery_mode, uint8_t vector, bool level);
/* EOI of a level-triggered vector: the I/O APICs are told by this hook. */
typedef void ApicEoiHook(uint8_t vector);
void apic_set_eoi_hook(ApicEoiHook *hook);
/* A system management interrupt by the south bridge: to the CPU whose thread we are on (else the first), or to all. */
void x86_deliver_smi(bool all_cpus);
/* The gate of address line 20 (keyboard controller, port 92): level 0 masks it on every CPU. */
void x86_set_a20_gate(int level);
/* FERR#, the x87's errors where CR0.NE is clear: the board's interrupt 13. IGNNE#: a write to port F0, by the CPU whose thread we are on. */
void x86_set_numeric_error_line(Irq *line);
void x86_ignore_numeric_error(void);
/* The registers of a CPU's local APIC (info lapic); caller frees. NULL: it is not ours to describe. */
char *apic_describe(Device *apic);

#endif
