/*
 * Filling the list of NICs that boards read by nic_take (hw/core/machine.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef NET_NIC_LIST_H
#define NET_NIC_LIST_H

#include "hw/core/machine.h"

/* The next free entry, or NULL with an error. */
NicInfo *nic_list_add(GError **err);
void nic_list_drop_last(void);
void nic_list_check(void);      /* warns of those that no board took */

#endif
