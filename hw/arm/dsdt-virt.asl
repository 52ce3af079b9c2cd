// The constant part of the DSDT of Arm's "virt": what has always the same place. Processors, a second UART and PCI's windows are added by virt-acpi.c.
// SPDX-License-Identifier: GPL-2.0-or-later

#define VIRTIO(name, uid, address, irq) \
    Device (name) \
    { \
        Name (_HID, "LNRO0005") \
        Name (_UID, uid) \
        Name (_CCA, One) \
        Name (_CRS, ResourceTemplate () \
        { \
            Memory32Fixed (ReadWrite, address, 0x200) \
            Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { irq } \
        }) \
    }
#define LINK(name, uid, irq) \
    Device (name) \
    { \
        Name (_HID, EisaId ("PNP0C0F")) \
        Name (_UID, uid) \
        Name (_PRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { irq } }) \
        Name (_CRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { irq } }) \
        Method (_SRS, 1) {} \
        Method (_DIS) {} \
    }
#define ROUTES(address, a, b, c, d) \
    Package () { address, 0, a, 0 }, Package () { address, 1, b, 0 }, Package () { address, 2, c, 0 }, Package () { address, 3, d, 0 }

DefinitionBlock ("", "DSDT", 2, "BOCHS ", "BXPC    ", 1)
{
    Scope (\_SB)
    {
        Device (COM0)
        {
            Name (_HID, "ARMH0011")
            Name (_UID, Zero)
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0x09000000, 0x1000)
                Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 33 }
            })
        }
        Device (FWCF)
        {
            Name (_HID, "QEMU0002")
            Name (_STA, 0x0B)
            Name (_CCA, One)
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0x09020000, 0x18) })
        }
        VIRTIO (VR00, 0, 0x0A000000, 48)
        VIRTIO (VR01, 1, 0x0A000200, 49)
        VIRTIO (VR02, 2, 0x0A000400, 50)
        VIRTIO (VR03, 3, 0x0A000600, 51)
        VIRTIO (VR04, 4, 0x0A000800, 52)
        VIRTIO (VR05, 5, 0x0A000A00, 53)
        VIRTIO (VR06, 6, 0x0A000C00, 54)
        VIRTIO (VR07, 7, 0x0A000E00, 55)
        VIRTIO (VR08, 8, 0x0A001000, 56)
        VIRTIO (VR09, 9, 0x0A001200, 57)
        VIRTIO (VR10, 10, 0x0A001400, 58)
        VIRTIO (VR11, 11, 0x0A001600, 59)
        VIRTIO (VR12, 12, 0x0A001800, 60)
        VIRTIO (VR13, 13, 0x0A001A00, 61)
        VIRTIO (VR14, 14, 0x0A001C00, 62)
        VIRTIO (VR15, 15, 0x0A001E00, 63)
        VIRTIO (VR16, 16, 0x0A002000, 64)
        VIRTIO (VR17, 17, 0x0A002200, 65)
        VIRTIO (VR18, 18, 0x0A002400, 66)
        VIRTIO (VR19, 19, 0x0A002600, 67)
        VIRTIO (VR20, 20, 0x0A002800, 68)
        VIRTIO (VR21, 21, 0x0A002A00, 69)
        VIRTIO (VR22, 22, 0x0A002C00, 70)
        VIRTIO (VR23, 23, 0x0A002E00, 71)
        VIRTIO (VR24, 24, 0x0A003000, 72)
        VIRTIO (VR25, 25, 0x0A003200, 73)
        VIRTIO (VR26, 26, 0x0A003400, 74)
        VIRTIO (VR27, 27, 0x0A003600, 75)
        VIRTIO (VR28, 28, 0x0A003800, 76)
        VIRTIO (VR29, 29, 0x0A003A00, 77)
        VIRTIO (VR30, 30, 0x0A003C00, 78)
        VIRTIO (VR31, 31, 0x0A003E00, 79)
        LINK (L000, 0, 35)
        LINK (L001, 1, 36)
        LINK (L002, 2, 37)
        LINK (L003, 3, 38)
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_SEG, Zero)
            Name (_BBN, Zero)
            Name (_UID, Zero)
            Name (_STR, Unicode ("PCIe 0 Device"))
            Name (_CCA, One)
            Name (_PRT, Package ()
            {
                ROUTES (0x0000FFFF, L000, L001, L002, L003),
                ROUTES (0x0001FFFF, L001, L002, L003, L000),
                ROUTES (0x0002FFFF, L002, L003, L000, L001),
                ROUTES (0x0003FFFF, L003, L000, L001, L002),
                ROUTES (0x0004FFFF, L000, L001, L002, L003),
                ROUTES (0x0005FFFF, L001, L002, L003, L000),
                ROUTES (0x0006FFFF, L002, L003, L000, L001),
                ROUTES (0x0007FFFF, L003, L000, L001, L002),
                ROUTES (0x0008FFFF, L000, L001, L002, L003),
                ROUTES (0x0009FFFF, L001, L002, L003, L000),
                ROUTES (0x000AFFFF, L002, L003, L000, L001),
                ROUTES (0x000BFFFF, L003, L000, L001, L002),
                ROUTES (0x000CFFFF, L000, L001, L002, L003),
                ROUTES (0x000DFFFF, L001, L002, L003, L000),
                ROUTES (0x000EFFFF, L002, L003, L000, L001),
                ROUTES (0x000FFFFF, L003, L000, L001, L002),
                ROUTES (0x0010FFFF, L000, L001, L002, L003),
                ROUTES (0x0011FFFF, L001, L002, L003, L000),
                ROUTES (0x0012FFFF, L002, L003, L000, L001),
                ROUTES (0x0013FFFF, L003, L000, L001, L002),
                ROUTES (0x0014FFFF, L000, L001, L002, L003),
                ROUTES (0x0015FFFF, L001, L002, L003, L000),
                ROUTES (0x0016FFFF, L002, L003, L000, L001),
                ROUTES (0x0017FFFF, L003, L000, L001, L002),
                ROUTES (0x0018FFFF, L000, L001, L002, L003),
                ROUTES (0x0019FFFF, L001, L002, L003, L000),
                ROUTES (0x001AFFFF, L002, L003, L000, L001),
                ROUTES (0x001BFFFF, L003, L000, L001, L002),
                ROUTES (0x001CFFFF, L000, L001, L002, L003),
                ROUTES (0x001DFFFF, L001, L002, L003, L000),
                ROUTES (0x001EFFFF, L002, L003, L000, L001),
                ROUTES (0x001FFFFF, L003, L000, L001, L002)
            })
            // PCI Firmware Specification 3.2, 4.5: the five native features that have a bit of their own.
            Method (_OSC, 4)
            {
                CreateDWordField (Arg3, Zero, CDW1)
                If (Arg0 == ToUUID ("33db4d5b-1ff7-401c-9657-7441c03dd766"))
                {
                    CreateDWordField (Arg3, 0x08, CDW3)
                    Local0 = CDW3
                    Local0 &= 0x1F
                    If (Arg1 != One) { CDW1 |= 0x08 }
                    If (CDW3 != Local0) { CDW1 |= 0x10 }
                    CDW3 = Local0
                }
                Else { CDW1 |= 0x04 }
                Return (Arg3)
            }
        }
        Device (GED)
        {
            Name (_HID, "ACPI0013")
            Name (_UID, "GED")
            Name (_CRS, ResourceTemplate () { Interrupt (ResourceConsumer, Edge, ActiveHigh, Exclusive) { 41 } })
            OperationRegion (EREG, SystemMemory, 0x09080000, 0x04)
            Field (EREG, DWordAcc, NoLock, WriteAsZeros) { ESEL, 32 }
            Method (_EVT, 1, Serialized)
            {
                Local0 = ESEL
                If ((Local0 & 0x02) == 0x02) { Notify (PWRB, 0x80) }
            }
        }
        Device (PWRB)
        {
            Name (_HID, EisaId ("PNP0C0C"))
            Name (_UID, Zero)
        }
    }
}
