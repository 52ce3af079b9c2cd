/*
 * The ICH9's TCO watchdog (Intel ICH9 datasheet, 316972, 13.9): counts down in steps of 0.6 seconds; the first timeout may raise an SMI, the second
 * restarts the machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/southbridge/ich9.h"

#include "system/runstate.h"
#include "util/bits.h"

enum { TCO_RLD = 0x00, TCO_DAT_IN = 0x02, TCO_DAT_OUT = 0x03, TCO1_STS = 0x04, TCO2_STS = 0x06, TCO1_CNT = 0x08, TCO2_CNT = 0x0a, TCO_MESSAGE1 = 0x0c,
       TCO_MESSAGE2 = 0x0d, TCO_WDCNT = 0x0e, SW_IRQ_GEN = 0x10, TCO_TMR = 0x12, TCO_SIZE = 0x20 };
enum { TCO_SW_STS = 1 << 1, TCO_TIMEOUT = 1 << 3, TCO_STS1_CLEAR = 0x17ff & ~0x21, TCO_SECOND_TO_STS = 1 << 1, TCO_BOOT_STS = 1 << 2,
       TCO_LOCK = 1 << 12, TCO_TMR_HLT = 1 << 11, TCO_TMR_MASK = 0x3ff, TCO1_CNT_WMASK = 0x1fb0 /* all that is there */ };
enum { GCS = 0x3410, GCS_NO_REBOOT = 0x20, SMI_TCO_EN = 1 << 13, SMI_TCO_STS = 1 << 13 };
#define TCO_TICK_NS (600 * NS_PER_MS)

static Ich9Lpc *lpc_of(Ich9Tco *tco) { return container_of(tco, Ich9Lpc, pm.tco); }

static bool is_running(const Ich9Tco *tco) { return !(tco->cnt1 & TCO_TMR_HLT); }

static void reload(Ich9Tco *tco)
{
    /* 0 is not to be programmed (the datasheet: "ignored"): it counts as one tick, else the timer would expire without end at one moment. */
    int64_t ticks = MAX(tco->tmr & TCO_TMR_MASK, 1);
    tco->rld = tco->tmr;
    tco->expire_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL) + ticks * TCO_TICK_NS;
    if (is_running(tco)) {
        timer_set_ns(&tco->timer, tco->expire_ns);
    }
}

static void expired(void *opaque)
{
    Ich9Tco *tco = opaque;
    Ich9Lpc *lpc = lpc_of(tco);
    tco->sts1 |= TCO_TIMEOUT;
    if (tco->timeouts++ == 0) {
        if (lpc->pm.smi_en & SMI_TCO_EN) {
            ich9_raise_smi(lpc, SMI_TCO_STS);
        }
        reload(tco);
        return;
    }
    tco->timeouts = 0;
    tco->sts2 |= TCO_SECOND_TO_STS | TCO_BOOT_STS;
    if (!(load_le32(lpc->chip_config + GCS) & GCS_NO_REBOOT) && !lpc->noreboot) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
        timer_cancel(&tco->timer);
        return;
    }
    reload(tco);
}

static uint16_t remaining(const Ich9Tco *tco)
{
    if (!is_running(tco)) {
        return tco->rld;
    }
    int64_t left = tco->expire_ns - clock_get_ns(CLOCK_TYPE_VIRTUAL);
    return left > 0 ? (left / TCO_TICK_NS) & TCO_TMR_MASK : 0;
}

static uint64_t tco_read(void *opaque, uint64_t addr, unsigned size)
{
    const Ich9Tco *tco = opaque;
    switch (addr) {
    case TCO_RLD:       return remaining(tco);
    case TCO_DAT_IN:    return tco->din;
    case TCO_DAT_OUT:   return tco->dout;
    case TCO1_STS:      return tco->sts1;
    case TCO2_STS:      return tco->sts2;
    case TCO1_CNT:      return tco->cnt1;
    case TCO2_CNT:      return tco->cnt2;
    case TCO_MESSAGE1:  return tco->message[0];
    case TCO_MESSAGE2:  return tco->message[1];
    case TCO_WDCNT:     return tco->wdcnt;
    case SW_IRQ_GEN:    return tco->sw_irq_gen;
    case TCO_TMR:       return tco->tmr;
    default:            return 0;
    }
}

static void write_cnt1(Ich9Tco *tco, uint16_t value)
{
    bool was_running = is_running(tco);
    /* The lock stays until reset. */
    tco->cnt1 = (value & TCO1_CNT_WMASK) | (tco->cnt1 & TCO_LOCK);
    if (!is_running(tco)) {
        if (was_running) {
            timer_cancel(&tco->timer);
        }
    } else if (!was_running) {
        reload(tco);
    }
}

static void tco_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Ich9Tco *tco = opaque;
    Ich9Lpc *lpc = lpc_of(tco);
    switch (addr) {
    case TCO_RLD:
        tco->timeouts = 0;
        reload(tco);
        break;
    case TCO_DAT_IN:
        tco->din = value;
        tco->sts1 |= TCO_SW_STS;
        ich9_raise_smi(lpc, SMI_TCO_STS);
        break;
    case TCO_DAT_OUT:
        tco->dout = value;
        break;
    case TCO1_STS:
        tco->sts1 &= ~(value & TCO_STS1_CLEAR);
        break;
    case TCO2_STS:
        tco->sts2 &= ~value;
        break;
    case TCO1_CNT:
        write_cnt1(tco, value);
        break;
    case TCO2_CNT:
        tco->cnt2 = value;
        break;
    case TCO_MESSAGE1:
        tco->message[0] = value;
        break;
    case TCO_MESSAGE2:
        tco->message[1] = value;
        break;
    case TCO_WDCNT:
        tco->wdcnt = value;
        break;
    case SW_IRQ_GEN:
        tco->sw_irq_gen = value;
        break;
    case TCO_TMR:
        tco->tmr = value & TCO_TMR_MASK;
        break;
    }
}

static const MemoryRegionOps tco_ops = { .read = tco_read, .write = tco_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 2 } };

void ich9_tco_reset(Ich9Lpc *lpc)
{
    Ich9Tco *tco = &lpc->pm.tco;
    timer_cancel(&tco->timer);
    tco->rld = 0;
    tco->din = tco->dout = 0;
    tco->sts1 = tco->cnt1 = 0;
    /* What caused the reset is still to be read after it. */
    tco->sts2 &= TCO_BOOT_STS | TCO_SECOND_TO_STS;
    tco->cnt1 = TCO_TMR_HLT;
    tco->cnt2 = 0x8;
    tco->message[0] = tco->message[1] = tco->wdcnt = 0;
    tco->sw_irq_gen = 0x03;
    tco->tmr = 4;
    tco->timeouts = 0;
}

void ich9_tco_init(Ich9Lpc *lpc)
{
    Ich9Tco *tco = &lpc->pm.tco;
    timer_init(&tco->timer, CLOCK_TYPE_VIRTUAL, expired, tco);
    memory_region_init_io(&tco->io, OBJECT(lpc), &tco_ops, tco, "sm-tco", TCO_SIZE);
    memory_region_add_subregion(&lpc->pm.io, 0x60, &tco->io);
}
