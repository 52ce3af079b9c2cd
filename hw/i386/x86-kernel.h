/*
 * Between the files that load kernels. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_X86_KERNEL_H
#define HW_I386_X86_KERNEL_H

#include "hw/i386/pc.h"

/* The three items of fw_cfg that carry a piece. */
typedef struct BlobKeys { uint16_t addr, size, data; } BlobKeys;
extern const BlobKeys blob_setup, blob_kernel, blob_cmdline, blob_initrd;
/* Takes data over. */
void x86_kernel_add_blob(FwCfg *f, const BlobKeys *keys, uint64_t addr, void *data, size_t size);
/* The file of -initrd as high as it may be; *size 0 without one. max: the last byte that it may use. */
bool x86_kernel_add_initrd(X86Machine *m, uint64_t max, uint64_t *addr, size_t *size, GError **err);
/* *handled: it was a multiboot kernel. */
bool x86_load_multiboot(X86Machine *m, const char *image, size_t size, bool *handled, GError **err);

#endif
