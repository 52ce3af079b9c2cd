/*
 * State of an 8254x and what its files share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_NET_E1000_E1000_H
#define HW_NET_E1000_E1000_H

#include "hw/pci/pci.h"
#include "net/net.h"
#include "util/timer.h"
#include "regs.h"

/* What a model differs in. */
typedef struct E1000Model { uint16_t device_id, phy_id2; bool eerd, is_82574; } E1000Model;

/* What a context descriptor says (3.3.6). */
typedef struct TxContext {
    uint8_t ipcss, ipcso, tucss, tucso, header_length;
    uint16_t ipcse, tucse, mss;
    uint32_t payload_length;
    bool ip, tcp;               /* IPv4 rather than IPv6; TCP rather than UDP */
} TxContext;

enum { TX_BUFFER_SIZE = 64 * 1024 + 256, PHY_REGISTERS = 32 };

typedef struct TxState {
    TxContext checksum, segmentation;   /* the two that the chip remembers */
    uint8_t options;            /* POPTS of the packet's first data descriptor */
    bool in_packet, tse, vlan, legacy_checksum, overflow, busy;
    uint8_t legacy_css, legacy_cso;
    uint16_t vlan_tag;
    uint32_t length;
    uint8_t buffer[TX_BUFFER_SIZE];
} TxState;

/* Microwire access by EECD (5.3.1). */
typedef struct EepromPort { uint32_t last_eecd; uint16_t command, address; uint8_t bits_in, bits_out; bool reading; } EepromPort;

typedef struct E1000 {
    PciDevice parent;
    NicConf conf;
    NetClient *nic;
    MemoryRegion mmio, io;
    const E1000Model *model;
    uint32_t mac[REG_SPACE / 4];
    uint16_t phy[PHY_REGISTERS], eeprom[EEPROM_WORDS];
    EepromPort eeprom_port;
    TxState tx;
    uint32_t io_address;
    uint32_t compat_flags;
    Timer autoneg_timer, mitigation_timer;
    bool mitigation_running, mitigation_ide, irq_level;
    /* the 82574 */
    MemoryRegion flash, msix_bar;
    uint32_t fired;                     /* causes whose message was sent */
    uint16_t subsystem_vendor, subsystem; uint8_t disable_vnet_header; bool init_vet, migrate_timadj;
} E1000;

typedef uint32_t ReadRegister(E1000 *s, uint32_t addr);
typedef void WriteRegister(E1000 *s, uint32_t addr, uint32_t value);
/* write NULL: read only; read NULL: reads as zero. */
typedef struct RegisterRange { uint32_t first, last; ReadRegister *read; WriteRegister *write; } RegisterRange;
typedef struct RegisterReset { uint32_t reg, value; } RegisterReset;
uint32_t e1000_read_plain(E1000 *s, uint32_t addr);
void e1000_write_plain(E1000 *s, uint32_t addr, uint32_t value);
/* Makes registers, client and timers; false: nothing is left. */
bool e1000_realize_common(E1000 *s, const char *prefix, uint64_t io_size, GError **err);
void e1000_unrealize(Device *dev);
void e1000_reset(Device *dev);
void e1000_reset_mac(E1000 *s);
/* e1000e.c: what the 82574 has otherwise or besides. */
extern const RegisterRange e1000e_ranges[];
extern const size_t e1000e_nr_ranges;
extern const RegisterReset e1000e_reset_values[];
extern const size_t e1000e_nr_reset_values;
void e1000e_update_irq(E1000 *s);
uint32_t e1000e_queue_causes(uint32_t causes);

/* core */
void e1000_raise(E1000 *s, uint32_t causes);
void e1000_update_irq(E1000 *s);
void e1000_count(E1000 *s, uint32_t statistic, uint32_t n);             /* holds at all ones */
void e1000_count64(E1000 *s, uint32_t low, uint64_t n);
void e1000_count_size(E1000 *s, uint32_t first_bucket, size_t length);  /* PRC64 or PTC64 and the next five */
/* link */
void e1000_link_init(E1000 *s);
void e1000_link_reset(E1000 *s);
void e1000_set_link(E1000 *s, bool up);
void e1000_mdic_write(E1000 *s, uint32_t value);
bool e1000_loops_back(const E1000 *s);
void e1000_eeprom_init(E1000 *s);
uint32_t e1000_eecd_read(E1000 *s);
void e1000_eecd_write(E1000 *s, uint32_t value);
uint32_t e1000_eerd_read(E1000 *s);
/* transmit */
void e1000_transmit(E1000 *s);
/* receive */
bool e1000_can_receive(E1000 *s);
ssize_t e1000_receive(E1000 *s, const struct iovec *iov, int count, size_t size);

#endif
