/*
 * KVM as the accelerator's parts see it: the file descriptors, the slots, the routes, and what each architecture adds. Only for floor 4 and for
 * the devices that stand for the kernel's (hw/ARCH/kvm); all others use accel/accel.h and hw/core/irqfd.h.
 *
 * Linux Documentation/virt/kvm/api.rst; section numbers in comments are those of that document.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_KVM_H
#define ACCEL_KVM_H

#include "accel/accel.h"
#include <linux/kvm.h>
#include <pthread.h>

typedef enum KvmIrqchip { KVM_IRQCHIP_WANT_ON, KVM_IRQCHIP_WANT_OFF, KVM_IRQCHIP_WANT_SPLIT } KvmIrqchip;
/* Where interrupt files of RISC-V's AIA are: the kernel's own, the host's, or those where there are any. As the kernel numbers them. */
typedef enum KvmRiscvAia { KVM_RISCV_AIA_EMUL, KVM_RISCV_AIA_HWACCEL, KVM_RISCV_AIA_AUTO } KvmRiscvAia;
typedef enum KvmNotify { KVM_NOTIFY_RUN, KVM_NOTIFY_INTERNAL_ERROR, KVM_NOTIFY_DISABLE } KvmNotify;

typedef struct KvmAccel {
    Accel parent;
    int fd, vm_fd;                      /* -1: not open */
    /* properties */
    char *device;                       /* path of /dev/kvm */
    int irqchip, notify_vmexit;
    int64_t shadow_mem;                 /* bytes; -1: the kernel's choice */
    uint32_t ring_entries, notify_window;   /* ring_entries: of each vCPU's dirty ring; 0: bitmaps */
    uint32_t xen_version; uint16_t xen_gnttab_max_frames, xen_evtchn_max_pirq;
    bool rapl; char *rapl_helper;
    int riscv_aia;                      /* KvmRiscvAia */
    /* facts */
    size_t run_bytes;                   /* of a vCPU's mapping */
    unsigned nr_slots, nr_gsis, nr_address_spaces;
    bool readonly_memory, manual_dirty, many_ioeventfds;
    int coalesced_page, coalesced_pio;  /* page of the ring in a vCPU's mapping; 0: none */
    bool listening;                     /* slots follow the memory */
} KvmAccel;

/* The accelerator in use; only where accel_is("kvm"). */
KvmAccel *kvm_accel(void);

/* ioctls: the result, or -errno; EINTR is retried. */
int kvm_system_ioctl(unsigned long request, const void *argument);
int kvm_vm_ioctl(unsigned long request, const void *argument);
int kvm_vcpu_ioctl(Cpu *cpu, unsigned long request, const void *argument);
/* KVM_CHECK_EXTENSION on the VM; what is negative comes as 0. */
int kvm_capability(int capability);
/* KVM_ENABLE_CAP on the VM. */
int kvm_enable_capability(uint32_t capability, uint64_t argument0, uint64_t argument1);

/* ---- vCPUs ---- */
/* How much of the registers is put back: what running guests change; what a reset changes, too; all. */
typedef enum KvmPutLevel { KVM_PUT_RUNTIME, KVM_PUT_RESET, KVM_PUT_FULL } KvmPutLevel;

struct AccelCpu {
    int fd;
    unsigned long id;                   /* KVM's number of it */
    struct kvm_run *run;
    struct kvm_dirty_gfn *ring; uint32_t ring_next;
    pthread_t thread; bool has_thread;
    _Atomic bool inside;                /* between the look at exit_request and the end of KVM_RUN */
    KvmPutLevel put_level;              /* of what is dirty */
    bool debug_stale;                   /* KVM_SET_GUEST_DEBUG is due */
    char *error;                        /* text for AccelType.error_text */
};

/* Nobody but the caller's vCPU is in guest code between hold and release. Machine lock held; does not nest. */
void kvm_vcpus_hold(void);
void kvm_vcpus_release(void);
/* Makes a vCPU leave guest code. Any thread. */
void kvm_vcpu_kick(Cpu *cpu);
bool kvm_vcpu_create(Accel *accel, Cpu *cpu, GError **err);
bool kvm_vcpu_init(Cpu *cpu, GError **err);
void kvm_vcpu_exit(Cpu *cpu);
VcpuExit kvm_vcpu_run(Cpu *cpu);
void kvm_vcpu_prepare_threads(void);
/* Machine lock held, the vCPU not in guest code (or on its own thread). */
void kvm_vcpu_synchronize(Cpu *cpu);
void kvm_vcpu_post_reset(Cpu *cpu);
/* For exits: the vCPU cannot go on. The text gets the registers behind it. */
VcpuExit kvm_vcpu_fail(Cpu *cpu, const char *format, ...) G_GNUC_PRINTF(2, 3);
char *kvm_vcpu_error_text(Cpu *cpu);
extern _Thread_local struct kvm_run *kvm_this_run;

/* ---- memory ---- */
void kvm_memory_start(KvmAccel *kvm);
/* Slots follow the address space as KVM's space number as_id. Machine lock held. */
void kvm_memory_listen(AddressSpace *as, unsigned as_id);
void kvm_io_listen(AddressSpace *as);
/* Carries out writes that the kernel has queued. Any thread. */
void kvm_flush_coalesced(void);
bool kvm_coalesced_any(void);
void kvm_coalesced_set_ring(struct kvm_run *run);
/* Dirty rings. */
bool kvm_ring_start(KvmAccel *kvm, GError **err);
bool kvm_ring_map(Cpu *cpu, GError **err);
void kvm_ring_unmap(Cpu *cpu);
void kvm_ring_reap(void);               /* machine lock held */
/* A page that a ring names. */
void kvm_slot_page_dirty(unsigned as_id, unsigned slot, uint64_t page);

/* ---- interrupt routes ---- */
void kvm_routes_start(KvmAccel *kvm);
/* A fixed route: of a pin (x86: of the kernel's chips), or a message at a given number. The table goes to the kernel at kvm_routes_commit. */
void kvm_route_pin(unsigned gsi, unsigned chip, unsigned pin);
void kvm_route_message(unsigned gsi, uint64_t address, uint32_t data);
void kvm_routes_commit(void);
void kvm_send_message(uint64_t address, uint32_t data);
void kvm_set_line(unsigned gsi, int level);

void kvm_stats_start(void);

/* ---- debugging ---- */
bool kvm_breakpoint_insert(Cpu *cpu, const Breakpoint *b, GError **err);
bool kvm_breakpoint_remove(Cpu *cpu, const Breakpoint *b, GError **err);
void kvm_debug_changed(Cpu *cpu);
/* Tells the kernel what to stop at. */
void kvm_debug_apply(Cpu *cpu);
/* How many of the CPU's list are of the kinds from first to last. */
unsigned kvm_count_breakpoints(const Cpu *cpu, BreakpointKind first, BreakpointKind last);
bool kvm_has_software_breakpoint(uint64_t address);
bool kvm_any_software_breakpoint(void);

/* ---- the architecture's part ---- */
typedef struct KvmArch {
    unsigned long (*vm_type)(KvmAccel *kvm);            /* of KVM_CREATE_VM: before the VM is there. NULL: 0 */
    bool messages_have_devices;                         /* a message counts with who sends it (KVM_MSI_VALID_DEVID) */
    bool (*start)(KvmAccel *kvm, GError **err);         /* the VM is there, no vCPU is */
    void (*routes)(KvmAccel *kvm);                      /* the fixed ones: the routes' table is there */
    void (*first_run)(KvmAccel *kvm);                   /* the machine is built */
    void (*first_vcpu)(Cpu *cpu);                       /* main thread: devices that come with the processors */
    unsigned long (*vcpu_id)(Cpu *cpu);
    bool (*vcpu_init)(Cpu *cpu, GError **err);          /* the vCPU's thread */
    void (*vcpu_exit)(Cpu *cpu);
    void (*get)(Cpu *cpu);                              /* registers to the struct */
    void (*put)(Cpu *cpu, KvmPutLevel level);
    void (*reset)(Cpu *cpu);                            /* the struct was reset: what only KVM has, too */
    void (*before_run)(Cpu *cpu);                       /* no lock held: injects what is pending */
    void (*after_run)(Cpu *cpu);
    VcpuExit (*exit)(Cpu *cpu, struct kvm_run *run);    /* reasons that are the architecture's */
    bool (*debug_exit)(Cpu *cpu, struct kvm_run *run);  /* true: it is the debugger's; machine lock held */
    bool (*check_breakpoint)(Cpu *cpu, const Breakpoint *b, GError **err);  /* one of the processor's (not BREAK_SW), in the CPU's list already: is there room for it? */
    void (*fill_debug)(Cpu *cpu, struct kvm_guest_debug *debug);
    void (*running)(KvmAccel *kvm, bool running);
} KvmArch;
/* The host's architecture. */
extern const KvmArch kvm_arch;

/* ---- why it does not work ---- */
/* Hints for an error of opening the device or making the VM; os_errno is positive. */
void kvm_explain_open(GError **err, const char *path, int os_errno);
void kvm_explain_device(GError **err, const char *path);
void kvm_explain_create(GError **err, int os_errno);

#endif
