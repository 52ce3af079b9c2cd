/*
 * System management mode as the board sees it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_SMM_H
#define HW_I386_SMM_H

#include "softmmu/memory.h"

/* The memory of CPUs in system management mode (SMRAM open), set by the board while it is built; without it SMIs are dropped, and the board must not offer
 * SMM to the firmware. Under the translator; KVM has its own. */
void x86_set_smm_memory(AddressSpace *memory);
/* That, or NULL. */
AddressSpace *x86_smm_memory(void);
/* Whether the accelerator can run SMM: what smm=auto means. smm=on where it cannot is an error of the board. */
bool x86_smm_possible(void);

#endif
