/*
 * A guest architecture as data. target/ARCH fills one constant TargetArch and registers it; everything else asks the table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TARGET_H
#define ACCEL_TARGET_H

#include "accel/cpu.h"

struct TcgTarget;       /* tcg/target.h: what the translator needs of it */

/* A register as gdb sees it. */
typedef struct GdbFeature {
    const char *xml_name;           /* "i386-64bit.xml" */
    const char *xml;                /* the feature's text */
    int first, count;               /* register numbers */
} GdbFeature;

/* A bank of x86 and what goes into its registers and IA32_MCG_STATUS; broadcast: all other processors hear of it. */
typedef struct MachineCheck { unsigned bank; uint64_t status, mcg_status, addr, misc; bool broadcast; } MachineCheck;

struct TargetArch {
    const char *name;               /* "x86_64": the part of the program's name behind qemu-system- */
    const char *summary;
    bool big_endian;
    unsigned page_bits;             /* of the smallest page */
    unsigned address_bits;          /* 32 or 64: width of a virtual address */
    const char *cpu_type;           /* abstract QOM type of its CPUs: "x86_64-cpu" */
    const char *default_machine;    /* may be NULL */
    const char *const *kvm_hosts;   /* host architectures on which KVM runs it ("x86_64", NULL); NULL: none */
    bool strong_memory_order;       /* TSO, as x86 */
    bool has_semihosting;

    const struct TcgTarget *tcg;

    /* CPU models: `-cpu help` text goes to out; model creates "TEXT" ("qemu64,+avx"), a Device not yet realized. */
    void (*list_cpus)(GString *out);
    Cpu *(*new_cpu)(const TargetArch *arch, const char *model_and_features, GError **err);
    const char *(*default_cpu)(const TargetArch *arch, bool kvm);   /* of machines that name none */
    /* query-cpu-definitions (aa{sv}) and query-cpu-model-expansion (a{sv} with "name" and "props"); props: a{sv} or NULL; full: all properties, else those that
     * make the model out of "base". May be NULL: not supported by the target. Floating references. */
    GVariant *(*cpu_definitions)(const TargetArch *arch);
    GVariant *(*expand_cpu_model)(const TargetArch *arch, bool full, const char *model, GVariant *props, GError **err);

    /* State as people and tools want it. */
    void (*dump_registers)(Cpu *cpu, GString *out, bool fpu);       /* info registers */
    uint64_t (*get_pc)(const Cpu *cpu);                              /* linear address of the next instruction */
    void (*set_pc)(Cpu *cpu, uint64_t pc);
    /* Virtual to physical without side effects; false when not mapped. */
    bool (*debug_translate)(Cpu *cpu, uint64_t vaddr, uint64_t *paddr, MemAttrs *attrs);
    void (*info_mem)(Cpu *cpu, GString *out);
    void (*info_tlb)(Cpu *cpu, GString *out);
    /* Something to do for a halted CPU (an interrupt that is let through)? Any thread. */
    bool (*has_work)(Cpu *cpu);
    /* A non-maskable interrupt from the monitor (inject-nmi). May be NULL. Machine lock held. */
    void (*inject_nmi)(Cpu *cpu);
    /* A machine check from the monitor (mce): what there is to say of it goes to said, in lines. May be NULL. Machine lock held. */
    void (*inject_mce)(Cpu *cpu, const MachineCheck *check, GString *said);
    /* capstone's architecture and mode for the code at the CPU's pc. */
    void (*disassembler)(Cpu *cpu, int *cs_arch, int *cs_mode);

    /* gdb. */
    const char *gdb_arch;           /* "i386:x86-64"; NULL: not sent */
    const GdbFeature *gdb_features; /* the first is the core; ends with xml_name NULL */
    const GdbFeature *(*gdb_features_of)(Cpu *cpu);     /* instead, where they depend on the model. May be NULL */
    /* Appends the register's bytes in target order to buf, returns the count; 0: no such register. */
    int (*gdb_read)(Cpu *cpu, int reg, uint8_t *buf);
    int (*gdb_write)(Cpu *cpu, int reg, const uint8_t *buf, int len);
    unsigned break_insn_bytes;      /* of a software breakpoint */
    const uint8_t *break_insn;
};

void target_register(const TargetArch *arch);
#define REGISTER_TARGET(variable) \
    static void __attribute__((constructor)) register_target_##variable(void) { target_register(&(variable)); }
const TargetArch *target_find(const char *name);
void target_foreach(void (*fn)(const TargetArch *arch, void *opaque), void *opaque);
/* The target of this run; set once by system/. */
const TargetArch *target_current(void);
void target_set_current(const TargetArch *arch);

#endif
