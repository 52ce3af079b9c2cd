// What the host bridges of boards with the generic PCI Express bridge have in common: links L000 to L003 stand for INTA to INTD of device 0, and the others follow in turn.
// SPDX-License-Identifier: GPL-2.0-or-later

#define ROUTES(address, a, b, c, d) \
    Package () { address, 0, a, 0 }, Package () { address, 1, b, 0 }, Package () { address, 2, c, 0 }, Package () { address, 3, d, 0 }
#define GPEX_BRIDGE \
    Name (_HID, EisaId ("PNP0A08")) \
    Name (_CID, EisaId ("PNP0A03")) \
    Name (_SEG, Zero) \
    Name (_BBN, Zero) \
    Name (_UID, Zero) \
    Name (_STR, Unicode ("PCIe 0 Device")) \
    Name (_CCA, One) \
    Name (_PRT, Package () \
    { \
        ROUTES (0x0000FFFF, L000, L001, L002, L003), \
        ROUTES (0x0001FFFF, L001, L002, L003, L000), \
        ROUTES (0x0002FFFF, L002, L003, L000, L001), \
        ROUTES (0x0003FFFF, L003, L000, L001, L002), \
        ROUTES (0x0004FFFF, L000, L001, L002, L003), \
        ROUTES (0x0005FFFF, L001, L002, L003, L000), \
        ROUTES (0x0006FFFF, L002, L003, L000, L001), \
        ROUTES (0x0007FFFF, L003, L000, L001, L002), \
        ROUTES (0x0008FFFF, L000, L001, L002, L003), \
        ROUTES (0x0009FFFF, L001, L002, L003, L000), \
        ROUTES (0x000AFFFF, L002, L003, L000, L001), \
        ROUTES (0x000BFFFF, L003, L000, L001, L002), \
        ROUTES (0x000CFFFF, L000, L001, L002, L003), \
        ROUTES (0x000DFFFF, L001, L002, L003, L000), \
        ROUTES (0x000EFFFF, L002, L003, L000, L001), \
        ROUTES (0x000FFFFF, L003, L000, L001, L002), \
        ROUTES (0x0010FFFF, L000, L001, L002, L003), \
        ROUTES (0x0011FFFF, L001, L002, L003, L000), \
        ROUTES (0x0012FFFF, L002, L003, L000, L001), \
        ROUTES (0x0013FFFF, L003, L000, L001, L002), \
        ROUTES (0x0014FFFF, L000, L001, L002, L003), \
        ROUTES (0x0015FFFF, L001, L002, L003, L000), \
        ROUTES (0x0016FFFF, L002, L003, L000, L001), \
        ROUTES (0x0017FFFF, L003, L000, L001, L002), \
        ROUTES (0x0018FFFF, L000, L001, L002, L003), \
        ROUTES (0x0019FFFF, L001, L002, L003, L000), \
        ROUTES (0x001AFFFF, L002, L003, L000, L001), \
        ROUTES (0x001BFFFF, L003, L000, L001, L002), \
        ROUTES (0x001CFFFF, L000, L001, L002, L003), \
        ROUTES (0x001DFFFF, L001, L002, L003, L000), \
        ROUTES (0x001EFFFF, L002, L003, L000, L001), \
        ROUTES (0x001FFFFF, L003, L000, L001, L002) \
    })
// PCI Firmware Specification 3.2, 4.5: the native features, of the five that have a bit of their own, that the system may have.
#define GPEX_OSC(features) \
    Method (_OSC, 4) \
    { \
        CreateDWordField (Arg3, Zero, CDW1) \
        If (Arg0 == ToUUID ("33db4d5b-1ff7-401c-9657-7441c03dd766")) \
        { \
            CreateDWordField (Arg3, 0x08, CDW3) \
            Local0 = CDW3 \
            Local0 &= features \
            If (Arg1 != One) { CDW1 |= 0x08 } \
            If (CDW3 != Local0) { CDW1 |= 0x10 } \
            CDW3 = Local0 \
        } \
        Else { CDW1 |= 0x04 } \
        Return (Arg3) \
    }
