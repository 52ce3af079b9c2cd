// Interrupt links: the routing registers of the ISA bridge as devices (ACPI 6.3, 6.2.13). Included in \_SB.
// SPDX-License-Identifier: GPL-2.0-or-later

        Method (IQST, 1)
        {
            If (Arg0 & 0x80) { Return (0x09) }
            Return (0x0B)
        }
        Name (IQRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Shared,,, IQIR) {0} })
        CreateDWordField (IQRS, \_SB.IQIR._INT, IQRI)
        Method (IQCR, 1, Serialized)
        {
            If (Arg0 < 0x80) { IQRI = Arg0 } Else { IQRI = Zero }
            Return (IQRS)
        }
#define LINK(name, uid, reg) \
        Device (name) \
        { \
            Name (_HID, EisaId ("PNP0C0F")) \
            Name (_UID, uid) \
            Name (_PRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) {5, 10, 11} }) \
            Method (_STA) { Return (IQST (reg)) } \
            Method (_DIS) { reg |= 0x80 } \
            Method (_CRS) { Return (IQCR (reg)) } \
            Method (_SRS, 1) { CreateDWordField (Arg0, 0x05, PRRI) reg = PRRI } \
        }
#define FIXED_LINK(name, uid, irq) \
        Device (name) \
        { \
            Name (_HID, EisaId ("PNP0C0F")) \
            Name (_UID, uid) \
            Name (_PRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) {irq} }) \
            Name (_CRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) {irq} }) \
            Method (_DIS) { } \
            Method (_SRS, 1) { } \
        }
// The four pins of a slot.
#define SLOT(n, a, b, c, d) \
            Package () { n##FFFF, Zero, a, Zero }, Package () { n##FFFF, One, b, Zero }, \
            Package () { n##FFFF, 0x02, c, Zero }, Package () { n##FFFF, 0x03, d, Zero }
