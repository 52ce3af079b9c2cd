// The constant part of the DSDT of RISC-V's "virt". Harts, interrupt controllers and what is wired to them are added by virt-acpi.c, for they depend on the sockets.
// SPDX-License-Identifier: GPL-2.0-or-later

#include "../pci-host/gpex.asl"

DefinitionBlock ("", "DSDT", 2, "BOCHS ", "BXPC    ", 1)
{
    External (\_SB.L000, DeviceObj)
    External (\_SB.L001, DeviceObj)
    External (\_SB.L002, DeviceObj)
    External (\_SB.L003, DeviceObj)

    Scope (\_SB)
    {
        Device (FWCF)
        {
            Name (_HID, "QEMU0002")
            Name (_STA, 0x0B)
            Name (_CCA, One)
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadWrite, 0x10100000, 0x18) })
        }
        Device (COM0)
        {
            Name (_HID, "RSCV0003")
            Name (_UID, Zero)
            Name (_CRS, ResourceTemplate ()
            {
                Memory32Fixed (ReadWrite, 0x10000000, 0x100)
                Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) { 10 }
            })
            Name (_DSD, Package ()
            {
                ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301"),
                Package () { Package () { "clock-frequency", 3686400 } }
            })
        }
        Device (PCI0)
        {
            GPEX_BRIDGE
            GPEX_OSC (0x1E)
        }
    }
}
