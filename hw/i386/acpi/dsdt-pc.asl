// The DSDT of the pc boards: i440FX, PIIX3, PIIX4 power management.
// SPDX-License-Identifier: GPL-2.0-or-later
#define CPU_HOTPLUG_BASE 0xAF00

DefinitionBlock ("", "DSDT", 1, "BOCHS ", "BXPC    ", 0x00000001)
{
    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A03"))
            Name (_UID, Zero)
        }
    }
#include "common.asl"

    Scope (\_SB.PCI0)
    {
        Device (GPE0)
        {
            Name (_HID, "PNP0A06")
            Name (_UID, "GPE0 resources")
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0xAFE0, 0xAFE0, 0x01, 0x04) })
        }
        Device (PHPR)
        {
            Name (_HID, "PNP0A06")
            Name (_UID, "PCI Hotplug resources")
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0xAE00, 0xAE00, 0x01, 0x18) })
        }
        // The host bridge has slot 0, the ISA bridge slot 1; the others take cards.
        Device (S00) { Name (_ADR, Zero) }
        Device (S08)
        {
            Name (_ADR, 0x00010000)
            OperationRegion (P40C, PCI_Config, 0x60, 0x04)
#include "isa.asl"
        }
    }
    Scope (\_SB)
    {
        Field (PCI0.S08.P40C, ByteAcc, NoLock, Preserve) { PRQ0, 8, PRQ1, 8, PRQ2, 8, PRQ3, 8 }
#include "links.asl"
        LINK (LNKA, Zero, PRQ0)
        LINK (LNKB, One, PRQ1)
        LINK (LNKC, 0x02, PRQ2)
        LINK (LNKD, 0x03, PRQ3)
        // The power management function's pin is the SCI.
        Device (LNKS)
        {
            Name (_HID, EisaId ("PNP0C0F"))
            Name (_UID, 0x04)
            Name (_PRS, ResourceTemplate () { Interrupt (ResourceConsumer, Level, ActiveHigh, Shared) {9} })
            Method (_STA) { Return (0x0B) }
            Method (_DIS) { }
            Method (_CRS) { Return (_PRS) }
            Method (_SRS, 1) { }
        }
    }
    Scope (\_SB.PCI0)
    {
        Name (_PRT, Package ()
        {
            SLOT (0x0000, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0001, LNKS, LNKB, LNKC, LNKD),
            SLOT (0x0002, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x0003, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x0004, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0005, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x0006, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x0007, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x0008, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0009, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x000A, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x000B, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x000C, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x000D, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x000E, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x000F, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x0010, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0011, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x0012, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x0013, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x0014, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0015, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x0016, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x0017, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x0018, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x0019, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001A, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x001B, LNKC, LNKD, LNKA, LNKB),
            SLOT (0x001C, LNKD, LNKA, LNKB, LNKC),
            SLOT (0x001D, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001E, LNKB, LNKC, LNKD, LNKA),
            SLOT (0x001F, LNKC, LNKD, LNKA, LNKB)
        })

        // ---- cards that come and go: registers at 0xae00, bus number 0 ----
        OperationRegion (PCST, SystemIO, 0xAE00, 0x08)
        Field (PCST, DWordAcc, NoLock, WriteAsZeros) { PCIU, 32, PCID, 32 }
        OperationRegion (SEJ, SystemIO, 0xAE08, 0x04)
        Field (SEJ, DWordAcc, NoLock, WriteAsZeros) { B0EJ, 32 }
        OperationRegion (BNMR, SystemIO, 0xAE10, 0x08)
        Field (BNMR, DWordAcc, NoLock, WriteAsZeros) { BNUM, 32, PIDX, 32 }
        Mutex (BLCK, 0x00)
        Method (PCEJ, 1)
        {
            Acquire (BLCK, 0xFFFF)
            BNUM = Zero
            B0EJ = (One << Arg0)
            Release (BLCK)
            Return (Zero)
        }
        Device (S10) { Name (_ADR, 0x00020000) Name (_SUN, 0x02) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S18) { Name (_ADR, 0x00030000) Name (_SUN, 0x03) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S20) { Name (_ADR, 0x00040000) Name (_SUN, 0x04) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S28) { Name (_ADR, 0x00050000) Name (_SUN, 0x05) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S30) { Name (_ADR, 0x00060000) Name (_SUN, 0x06) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S38) { Name (_ADR, 0x00070000) Name (_SUN, 0x07) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S40) { Name (_ADR, 0x00080000) Name (_SUN, 0x08) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S48) { Name (_ADR, 0x00090000) Name (_SUN, 0x09) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S50) { Name (_ADR, 0x000A0000) Name (_SUN, 0x0A) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S58) { Name (_ADR, 0x000B0000) Name (_SUN, 0x0B) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S60) { Name (_ADR, 0x000C0000) Name (_SUN, 0x0C) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S68) { Name (_ADR, 0x000D0000) Name (_SUN, 0x0D) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S70) { Name (_ADR, 0x000E0000) Name (_SUN, 0x0E) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S78) { Name (_ADR, 0x000F0000) Name (_SUN, 0x0F) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S80) { Name (_ADR, 0x00100000) Name (_SUN, 0x10) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S88) { Name (_ADR, 0x00110000) Name (_SUN, 0x11) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S90) { Name (_ADR, 0x00120000) Name (_SUN, 0x12) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (S98) { Name (_ADR, 0x00130000) Name (_SUN, 0x13) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SA0) { Name (_ADR, 0x00140000) Name (_SUN, 0x14) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SA8) { Name (_ADR, 0x00150000) Name (_SUN, 0x15) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SB0) { Name (_ADR, 0x00160000) Name (_SUN, 0x16) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SB8) { Name (_ADR, 0x00170000) Name (_SUN, 0x17) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SC0) { Name (_ADR, 0x00180000) Name (_SUN, 0x18) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SC8) { Name (_ADR, 0x00190000) Name (_SUN, 0x19) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SD0) { Name (_ADR, 0x001A0000) Name (_SUN, 0x1A) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SD8) { Name (_ADR, 0x001B0000) Name (_SUN, 0x1B) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SE0) { Name (_ADR, 0x001C0000) Name (_SUN, 0x1C) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SE8) { Name (_ADR, 0x001D0000) Name (_SUN, 0x1D) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SF0) { Name (_ADR, 0x001E0000) Name (_SUN, 0x1E) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Device (SF8) { Name (_ADR, 0x001F0000) Name (_SUN, 0x1F) Method (_EJ0, 1) { PCEJ (_SUN) } }
        Method (DVNT, 2)
        {
            If (Arg0 & 0x00000004) { Notify (S10, Arg1) }
            If (Arg0 & 0x00000008) { Notify (S18, Arg1) }
            If (Arg0 & 0x00000010) { Notify (S20, Arg1) }
            If (Arg0 & 0x00000020) { Notify (S28, Arg1) }
            If (Arg0 & 0x00000040) { Notify (S30, Arg1) }
            If (Arg0 & 0x00000080) { Notify (S38, Arg1) }
            If (Arg0 & 0x00000100) { Notify (S40, Arg1) }
            If (Arg0 & 0x00000200) { Notify (S48, Arg1) }
            If (Arg0 & 0x00000400) { Notify (S50, Arg1) }
            If (Arg0 & 0x00000800) { Notify (S58, Arg1) }
            If (Arg0 & 0x00001000) { Notify (S60, Arg1) }
            If (Arg0 & 0x00002000) { Notify (S68, Arg1) }
            If (Arg0 & 0x00004000) { Notify (S70, Arg1) }
            If (Arg0 & 0x00008000) { Notify (S78, Arg1) }
            If (Arg0 & 0x00010000) { Notify (S80, Arg1) }
            If (Arg0 & 0x00020000) { Notify (S88, Arg1) }
            If (Arg0 & 0x00040000) { Notify (S90, Arg1) }
            If (Arg0 & 0x00080000) { Notify (S98, Arg1) }
            If (Arg0 & 0x00100000) { Notify (SA0, Arg1) }
            If (Arg0 & 0x00200000) { Notify (SA8, Arg1) }
            If (Arg0 & 0x00400000) { Notify (SB0, Arg1) }
            If (Arg0 & 0x00800000) { Notify (SB8, Arg1) }
            If (Arg0 & 0x01000000) { Notify (SC0, Arg1) }
            If (Arg0 & 0x02000000) { Notify (SC8, Arg1) }
            If (Arg0 & 0x04000000) { Notify (SD0, Arg1) }
            If (Arg0 & 0x08000000) { Notify (SD8, Arg1) }
            If (Arg0 & 0x10000000) { Notify (SE0, Arg1) }
            If (Arg0 & 0x20000000) { Notify (SE8, Arg1) }
            If (Arg0 & 0x40000000) { Notify (SF0, Arg1) }
            If (Arg0 & 0x80000000) { Notify (SF8, Arg1) }
        }
        Method (PCNT)
        {
            Acquire (BLCK, 0xFFFF)
            BNUM = Zero
            DVNT (PCIU, One)
            DVNT (PCID, 0x03)
            Release (BLCK)
        }
    }
    Scope (\_GPE)
    {
        Method (_E01) { \_SB.PCI0.PCNT () }
    }
}
