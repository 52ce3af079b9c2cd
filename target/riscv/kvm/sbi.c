/*
 * Calls of the Supervisor Binary Interface that the kernel does not answer itself. The old console is the process's standard error, as a firmware's is its serial port;
 * there is no input by it.
 *
 * RISC-V Supervisor Binary Interface Specification 2.0, 3 (errors), 5 (legacy extensions); Linux Documentation/virt/kvm/api.rst, 5 (KVM_EXIT_RISCV_SBI).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/kvm/riscv-kvm.h"
#include "util/log.h"

#include <unistd.h>

enum { SBI_CONSOLE_PUTCHAR = 0x01, SBI_CONSOLE_GETCHAR = 0x02, SBI_ERR_NOT_SUPPORTED = -2, SBI_NO_CHARACTER = -1 };

VcpuExit riscv_kvm_sbi(Cpu *cpu, struct kvm_run *run)
{
    uint8_t byte = (uint8_t)run->riscv_sbi.args[0];
    switch (run->riscv_sbi.extension_id) {
    case SBI_CONSOLE_PUTCHAR:
        run->riscv_sbi.ret[0] = write(STDERR_FILENO, &byte, 1) == 1 ? 0 : (unsigned long)SBI_ERR_NOT_SUPPORTED;
        break;
    case SBI_CONSOLE_GETCHAR:
        run->riscv_sbi.ret[0] = (unsigned long)SBI_NO_CHARACTER;
        break;
    default:
        log_mask(LOG_UNIMP, "SBI extension 0x%lx, function %lu\n", run->riscv_sbi.extension_id, run->riscv_sbi.function_id);
        run->riscv_sbi.ret[0] = (unsigned long)SBI_ERR_NOT_SUPPORTED;
        run->riscv_sbi.ret[1] = 0;
        break;
    }
    return VCPU_EXIT_AGAIN;
}
