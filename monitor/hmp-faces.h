/*
 * The functions that the tables of the human monitor name. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MONITOR_HMP_FACES_H
#define MONITOR_HMP_FACES_H

#include "monitor/internal.h"

#define HMP_MEMORY_COMMANDS(X) X(x) X(xp) X(print) X(in) X(out) X(sum) X(gpa2hva) X(gva2gpa)
#define HMP_COMMANDS(X) \
    X(help_command) X(quit) X(stop) X(cont) X(system_reset) X(system_powerdown) X(system_wakeup) X(nmi) X(boot_set) X(watchdog_action) X(one_insn) X(gdbserver) \
    X(log) X(logfile) X(cpu) X(memsave) X(pmemsave) X(dumpdtb) X(sendkey) X(mouse_move) X(mouse_button) X(mouse_set) X(screendump) X(device_add) X(device_del) \
    X(object_add) X(object_del) X(qom_list) X(qom_get) X(qom_set) X(netdev_add) X(netdev_del) X(set_link) X(hostfwd_add) X(hostfwd_remove) X(balloon) \
    X(chardev_add) X(chardev_remove) X(chardev_send_break) X(ringbuf_read) X(ringbuf_write) \
    X(eject) X(mce) X(change) X(block_resize) X(commit) X(drive_add) X(drive_del)
#define HMP_INFO_COMMANDS(X) \
    X(accel) X(accelerators) X(balloon) X(block) X(block_jobs) X(blockstats) X(chardev) X(cpus) X(history) X(hotpluggable_cpus) X(iothreads) X(irq) X(jit) X(kvm) X(lapic) X(mem) X(memdev) X(memory_size_summary) X(mice) \
    X(mtree) X(name) X(network) X(numa) X(pci) X(pic) X(qdm) X(qom_tree) X(qtree) X(ramblock) X(registers) X(roms) X(status) X(tlb) X(usb) X(usernet) X(uuid) X(version)
#define DECLARE(n) void hmp_##n(Monitor *mon, const HmpArgs *args);
#define DECLARE_INFO(n) void hmp_info_##n(Monitor *mon, const HmpArgs *args);
HMP_MEMORY_COMMANDS(DECLARE)
HMP_COMMANDS(DECLARE)
HMP_INFO_COMMANDS(DECLARE_INFO)
#undef DECLARE
#undef DECLARE_INFO

#endif
