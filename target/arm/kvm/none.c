/*
 * Where KVM does not run Arm guests: there is no model "host".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu-models.h"

const ArmModelTable arm_models_host = { NULL, 0 };
