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
#include "../pci-host/gpex.asl"

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
            GPEX_BRIDGE
            GPEX_OSC (0x1F)
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
