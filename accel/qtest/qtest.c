/*
 * The accelerator of -qtest: its vCPUs never run, and the virtual clock moves only when the test says so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "util/timer.h"

static bool qtest_start(Accel *accel, GError **err)
{
    clock_virtual_set_manual();
    return true;
}

static const AccelType qtest_accel = {
    .name = "qtest-accel", .parent = "accel", .size = sizeof(Accel), .accel_name = "qtest", .summary = "no guest code: the qtest protocol",
    .start = qtest_start, .thread_per_vcpu = true,
};
REGISTER_TYPE(qtest_accel)
