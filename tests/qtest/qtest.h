/*
 * A machine under test: the emulator in a process of its own, driven by the qtest protocol and by QMP.
 *
 * Every call fails the test (g_error) when the emulator is gone or answers FAIL. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_QTEST_QTEST_H
#define TESTS_QTEST_QTEST_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* How long a test waits for anything that comes at once on a quiet machine. */
enum { QTEST_LIMIT_MS = 60 * 1000 };
/* Asks for CONDITION every millisecond until it holds. */
#define QTEST_WAIT_UNTIL(condition) \
    for (int wait_ms_ = 0; wait_ms_ < QTEST_LIMIT_MS && !(condition); wait_ms_++) \
        g_usleep(1000)

typedef struct Qtest Qtest;

/* Starts "PROGRAM -nodefaults -display none -accel qtest" and the words of args (blanks part them). The program is that of the environment variable
 * OSTRICH_BINARY, else qemu-system-x86_64 beside the tests' folder. */
Qtest *qtest_start(const char *args) G_GNUC_WARN_UNUSED_RESULT;
Qtest *qtest_startf(const char *format, ...) G_GNUC_PRINTF(1, 2) G_GNUC_WARN_UNUSED_RESULT;
/* The same with another accelerator ("tcg"): the protocol works, and the guest's code runs. */
Qtest *qtest_start_accel(const char *accel, const char *args) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it, and checks that it ended well. */
void qtest_stop(Qtest *q);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Qtest, qtest_stop)
/* For tests that the machine ends itself: waits and returns the exit status. */
int qtest_wait(Qtest *q);

/* A pair of sockets: the test's end is returned, *fd is the emulator's (it inherits it): -chardev socket,id=X,fd=N. Before qtest_start. */
int qtest_socketpair(int *fd);

/* Ports and memory. */
uint8_t qtest_inb(Qtest *q, uint16_t port);
uint16_t qtest_inw(Qtest *q, uint16_t port);
uint32_t qtest_inl(Qtest *q, uint16_t port);
void qtest_outb(Qtest *q, uint16_t port, uint8_t value);
void qtest_outw(Qtest *q, uint16_t port, uint16_t value);
void qtest_outl(Qtest *q, uint16_t port, uint32_t value);
uint8_t qtest_readb(Qtest *q, uint64_t addr);
uint16_t qtest_readw(Qtest *q, uint64_t addr);
uint32_t qtest_readl(Qtest *q, uint64_t addr);
uint64_t qtest_readq(Qtest *q, uint64_t addr);
void qtest_writeb(Qtest *q, uint64_t addr, uint8_t value);
void qtest_writew(Qtest *q, uint64_t addr, uint16_t value);
void qtest_writel(Qtest *q, uint64_t addr, uint32_t value);
void qtest_writeq(Qtest *q, uint64_t addr, uint64_t value);
void qtest_memread(Qtest *q, uint64_t addr, void *buf, size_t len);
void qtest_memwrite(Qtest *q, uint64_t addr, const void *buf, size_t len);
void qtest_memset(Qtest *q, uint64_t addr, uint8_t byte, size_t len);

/* The virtual clock, which stands still otherwise. Returns its time. */
int64_t qtest_clock_step(Qtest *q, int64_t ns);
int64_t qtest_clock_step_next(Qtest *q);

/* Interrupt lines: the inputs (or outputs) of one device are watched. qtest_irq: the level as last heard. */
void qtest_intercept_in(Qtest *q, const char *path);
void qtest_intercept_out(Qtest *q, const char *path);
bool qtest_irq(Qtest *q, unsigned n);

/* Any command of the protocol; what stands behind OK. The caller frees. */
char *qtest_command(Qtest *q, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* PCI configuration space by mechanism 1; devfn on bus 0. */
uint32_t qtest_pci_read(Qtest *q, unsigned devfn, unsigned offset, unsigned size);
void qtest_pci_write(Qtest *q, unsigned devfn, unsigned offset, uint32_t value, unsigned size);

/* QMP: sends a command (JSON text), returns the line with its result, or its error. Events that come before are kept. The caller frees. */
char *qtest_qmp(Qtest *q, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* Waits for an event of that name (up to 10 s) and returns its line; NULL when it does not come. */
char *qtest_qmp_event(Qtest *q, const char *name);
/* What an HMP command prints, by human-monitor-command. */
char *qtest_hmp(Qtest *q, const char *command);

#endif
