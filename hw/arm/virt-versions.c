/*
 * What versioned machines "virt" set otherwise than the next newer version: property defaults that later releases changed. A pure table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

static const CompatProperty compat_10_0[] = {
    { "virtio-iommu-pci", "aw-bits", "48" },
    { NULL },
};
static const CompatProperty compat_9_2[] = {
    { "arm-cpu", "backcompat-pauth-default-use-qarma5", "true" },
    { "virtio-balloon-pci", "vectors", "0" },
    { "virtio-balloon-pci-transitional", "vectors", "0" },
    { "virtio-balloon-pci-non-transitional", "vectors", "0" },
    { "virtio-mem-pci", "vectors", "0" },
    { "migration", "multifd-clean-tls-termination", "false" },
    { "migration", "send-switchover-start", "off" },
    { "vfio-pci", "x-migration-multifd-transfer", "off" },
    { NULL },
};
static const CompatProperty compat_9_1[] = {
    { "pci-device", "x-pcie-ext-tag", "false" },
    { NULL },
};
static const CompatProperty compat_9_0[] = {
    { "arm-cpu", "backcompat-cntfrq", "true" },
    { "scsi-hd", "migrate-emulated-scsi-request", "false" },
    { "scsi-cd", "migrate-emulated-scsi-request", "false" },
    { "vfio-pci", "skip-vsc-check", "false" },
    { "virtio-pci", "x-pcie-pm-no-soft-reset", "off" },
    { "sd-card", "spec_version", "2" },
    { NULL },
};
static const CompatProperty compat_8_2[] = {
    { "migration", "zero-page-detection", "legacy" },
    { "virtio-iommu-pci", "granule", "4k" },
    { "virtio-iommu-pci", "aw-bits", "64" },
    { "virtio-gpu-device", "x-scanout-vmstate-version", "1" },
    { NULL },
};
static const CompatProperty compat_8_1[] = {
    { "base-pci-bridge", "x-pci-express-writeable-slt-bug", "true" },
    { "ramfb", "x-migrate", "off" },
    { "vfio-pci-nohotplug", "x-ramfb-migrate", "off" },
    { "igb", "x-pcie-flr-init", "off" },
    { "virtio-net-device", "host_uso", "off" },
    { "virtio-net-device", "guest_uso4", "off" },
    { "virtio-net-device", "guest_uso6", "off" },
    { NULL },
};
static const CompatProperty compat_8_0[] = {
    { "migration", "multifd-flush-after-each-section", "on" },
    { "pci-device", "x-pcie-ari-nextfn-1", "on" },
    { NULL },
};
static const CompatProperty compat_7_2[] = {
    { "e1000e", "migrate-timadj", "off" },
    { "virtio-mem", "x-early-migration", "false" },
    { "migration", "x-preempt-pre-7-2", "true" },
    { "pci-device", "x-pcie-err-unc-mask", "off" },
    { NULL },
};
static const CompatProperty compat_7_1[] = {
    { "virtio-device", "queue_reset", "false" },
    { "virtio-rng-pci", "vectors", "0" },
    { "virtio-rng-pci-transitional", "vectors", "0" },
    { "virtio-rng-pci-non-transitional", "vectors", "0" },
    { NULL },
};
static const CompatProperty compat_7_0[] = {
    { "arm-gicv3-common", "force-8-bit-prio", "on" },
    { "nvme-ns", "eui64-default", "on" },
    { NULL },
};
static const CompatProperty compat_6_2[] = {
    { "PIIX4_PM", "x-not-migrate-acpi-index", "on" },
    { NULL },
};
static const CompatProperty compat_6_1[] = {
    { "vhost-user-vsock-device", "seqpacket", "off" },
    { "nvme-ns", "shared", "off" },
    { NULL },
};
static const CompatProperty compat_6_0[] = {
    { "gpex-pcihost", "allow-unmapped-accesses", "false" },
    { "i8042", "extended-state", "false" },
    { "nvme-ns", "eui64-default", "off" },
    { "e1000", "init-vet", "off" },
    { "e1000e", "init-vet", "off" },
    { "vhost-vsock-device", "seqpacket", "off" },
    { NULL },
};
static const CompatProperty compat_5_2[] = {
    { "ICH9-LPC", "smm-compat", "on" },
    { "PIIX4_PM", "smm-compat", "on" },
    { "virtio-blk-device", "report-discard-granularity", "off" },
    { "virtio-net-pci-base", "vectors", "3" },
    { "nvme", "msix-exclusive-bar", "on" },
    { NULL },
};
static const CompatProperty compat_5_1[] = {
    { "vhost-scsi", "num_queues", "1" },
    { "vhost-user-blk", "num-queues", "1" },
    { "vhost-user-scsi", "num_queues", "1" },
    { "virtio-blk-device", "num-queues", "1" },
    { "virtio-scsi-device", "num_queues", "1" },
    { "nvme", "use-intel-id", "on" },
    { "pvpanic", "events", "1" },
    { "pl011", "migrate-clk", "off" },
    { "virtio-pci", "x-ats-page-aligned", "off" },
    { NULL },
};
static const CompatProperty compat_5_0[] = {
    { "pci-host-bridge", "x-config-reg-migration-enabled", "off" },
    { "virtio-balloon-device", "page-poison", "false" },
    { "vmport", "x-read-set-eax", "off" },
    { "vmport", "x-signal-unsupported-cmd", "off" },
    { "vmport", "x-report-vmx-type", "off" },
    { "vmport", "x-cmds-v2", "off" },
    { "virtio-device", "x-disable-legacy-check", "true" },
    { NULL },
};
static const CompatProperty compat_4_2[] = {
    { "virtio-blk-device", "queue-size", "128" },
    { "virtio-scsi-device", "virtqueue_size", "128" },
    { "virtio-blk-device", "x-enable-wce-if-config-wce", "off" },
    { "virtio-blk-device", "seg-max-adjust", "off" },
    { "virtio-scsi-device", "seg_max_adjust", "off" },
    { "vhost-blk-device", "seg_max_adjust", "off" },
    { "usb-host", "suppress-remote-wake", "off" },
    { "usb-redir", "suppress-remote-wake", "off" },
    { "qxl", "revision", "4" },
    { "qxl-vga", "revision", "4" },
    { "fw_cfg", "acpi-mr-restore", "false" },
    { "virtio-device", "use-disabled-flag", "false" },
    { NULL },
};
static const CompatProperty compat_4_1[] = {
    { "virtio-pci", "x-pcie-flr-init", "off" },
    { NULL },
};
static const CompatProperty compat_4_0[] = {
    { "VGA", "edid", "false" },
    { "secondary-vga", "edid", "false" },
    { "bochs-display", "edid", "false" },
    { "virtio-vga", "edid", "false" },
    { "virtio-gpu-device", "edid", "false" },
    { "virtio-device", "use-started", "false" },
    { "virtio-balloon-device", "qemu-4-0-config-size", "true" },
    { "pl031", "migrate-tick-offset", "false" },
    { NULL },
};
static const CompatProperty compat_3_1[] = {
    { "pcie-root-port", "x-speed", "2_5" },
    { "pcie-root-port", "x-width", "1" },
    { "memory-backend-file", "x-use-canonical-path-for-ramblock-id", "true" },
    { "memory-backend-memfd", "x-use-canonical-path-for-ramblock-id", "true" },
    { "tpm-crb", "ppi", "false" },
    { "tpm-tis", "ppi", "false" },
    { "usb-kbd", "serial", "42" },
    { "usb-mouse", "serial", "42" },
    { "usb-tablet", "serial", "42" },
    { "virtio-blk-device", "discard", "false" },
    { "virtio-blk-device", "write-zeroes", "false" },
    { "virtio-balloon-device", "qemu-4-0-config-size", "false" },
    { "pcie-root-port-base", "disable-acs", "true" },
    { NULL },
};
static const CompatProperty compat_2_12[] = {
    { "hda-audio", "use-timer", "false" },
    { "cirrus-vga", "global-vmstate", "true" },
    { "VGA", "global-vmstate", "true" },
    { "vmware-svga", "global-vmstate", "true" },
    { "qxl-vga", "global-vmstate", "true" },
    { NULL },
};
static const CompatProperty compat_2_11[] = {
    { "hpet", "hpet-offset-saved", "false" },
    { "virtio-blk-pci", "vectors", "2" },
    { "vhost-user-blk-pci", "vectors", "2" },
    { "e1000", "migrate_tso_props", "off" },
    { NULL },
};
static const CompatProperty compat_2_10[] = {
    { "virtio-mouse-device", "wheel-axis", "false" },
    { "virtio-tablet-device", "wheel-axis", "false" },
    { NULL },
};
static const CompatProperty compat_2_9[] = {
    { "pci-bridge", "shpc", "off" },
    { "intel-iommu", "pt", "off" },
    { "virtio-net-device", "x-mtu-bypass-backend", "off" },
    { "pcie-root-port", "x-migrate-msix", "false" },
    { NULL },
};
static const CompatProperty compat_2_8[] = {
    { "fw_cfg_mem", "x-file-slots", "0x10" },
    { "fw_cfg_io", "x-file-slots", "0x10" },
    { "pflash_cfi01", "old-multiple-chip-handling", "on" },
    { "pci-bridge", "shpc", "on" },
    { "pci-device", "x-pcie-extcap-init", "off" },
    { "virtio-pci", "x-pcie-deverr-init", "off" },
    { "virtio-pci", "x-pcie-lnkctl-init", "off" },
    { "virtio-pci", "x-pcie-pm-init", "off" },
    { "cirrus-vga", "vgamem_mb", "8" },
    { "isa-cirrus-vga", "vgamem_mb", "8" },
    { NULL },
};
static const CompatProperty compat_2_7[] = {
    { "virtio-pci", "page-per-vq", "on" },
    { "virtio-serial-device", "emergency-write", "off" },
    { "ioapic", "version", "0x11" },
    { "intel-iommu", "x-buggy-eim", "true" },
    { "virtio-pci", "x-ignore-backend-features", "on" },
    { NULL },
};
static const CompatProperty compat_2_6[] = {
    { "virtio-mmio", "format_transport_address", "off" },
    { "virtio-pci", "disable-modern", "on" },
    { "virtio-pci", "disable-legacy", "off" },
    { NULL },
};

const MachineVersion arm_virt_versions[] = {
    { "10.0", compat_10_0 },
    { "9.2", compat_9_2 },
    { "9.1", compat_9_1 },
    { "9.0", compat_9_0 },
    { "8.2", compat_8_2 },
    { "8.1", compat_8_1 },
    { "8.0", compat_8_0 },
    { "7.2", compat_7_2 },
    { "7.1", compat_7_1 },
    { "7.0", compat_7_0 },
    { "6.2", compat_6_2 },
    { "6.1", compat_6_1 },
    { "6.0", compat_6_0 },
    { "5.2", compat_5_2 },
    { "5.1", compat_5_1 },
    { "5.0", compat_5_0 },
    { "4.2", compat_4_2 },
    { "4.1", compat_4_1 },
    { "4.0", compat_4_0 },
    { "3.1", compat_3_1 },
    { "3.0", NULL },
    { "2.12", compat_2_12 },
    { "2.11", compat_2_11 },
    { "2.10", compat_2_10 },
    { "2.9", compat_2_9 },
    { "2.8", compat_2_8 },
    { "2.7", compat_2_7 },
    { "2.6", compat_2_6 },
    { NULL },
};
