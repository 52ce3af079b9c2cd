// The DSDT of the q35 boards: PCI Express root, ICH9.
// SPDX-License-Identifier: GPL-2.0-or-later
#define CPU_HOTPLUG_BASE 0x0CD8

DefinitionBlock ("", "DSDT", 1, "BOCHS ", "BXPC    ", 0x00000001)
{
    External (\_SB.ECMB, IntObj)        // the memory-mapped configuration space: base, size
    External (\_SB.ECMS, IntObj)

    Scope (\_SB)
    {
        Device (PCI0)
        {
            Name (_HID, EisaId ("PNP0A08"))
            Name (_CID, EisaId ("PNP0A03"))
            Name (_UID, Zero)
            // PCI Firmware Specification 3.2, 4.5.1: native hot-plug, PME, AER and the capability structure are the system's; the rest is not.
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
        Device (DRAC)
        {
            Name (_HID, "PNP0C01")
            Name (RBUF, ResourceTemplate () { Memory32Fixed (ReadWrite, 0xB0000000, 0x10000000, ECAM) })
            Method (_CRS, 0, Serialized)
            {
                CreateDWordField (RBUF, \_SB.DRAC.ECAM._BAS, EBAS)
                CreateDWordField (RBUF, \_SB.DRAC.ECAM._LEN, ELEN)
                EBAS = \_SB.ECMB
                ELEN = \_SB.ECMS
                Return (RBUF)
            }
        }
    }
#include "common.asl"

    Name (PICF, Zero)
    Method (_PIC, 1) { PICF = Arg0 }

    Scope (\_SB.PCI0)
    {
        Device (GPE0)
        {
            Name (_HID, "PNP0A06")
            Name (_UID, "GPE0 resources")
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0620, 0x0620, 0x01, 0x10) })
        }
        Device (SF8)
        {
            Name (_ADR, 0x001F0000)
            OperationRegion (PIRQ, PCI_Config, 0x60, 0x0C)
#include "isa.asl"
        }
        Device (SFA) { Name (_ADR, 0x001F0002) }
        Device (SFB) { Name (_ADR, 0x001F0003) }
    }
    Scope (\_SB)
    {
        Field (PCI0.SF8.PIRQ, ByteAcc, NoLock, Preserve)
        {
            PRQA, 8, PRQB, 8, PRQC, 8, PRQD, 8, Offset (0x08), PRQE, 8, PRQF, 8, PRQG, 8, PRQH, 8
        }
#include "links.asl"
        LINK (LNKA, 0x00, PRQA)
        LINK (LNKB, 0x01, PRQB)
        LINK (LNKC, 0x02, PRQC)
        LINK (LNKD, 0x03, PRQD)
        LINK (LNKE, 0x04, PRQE)
        LINK (LNKF, 0x05, PRQF)
        LINK (LNKG, 0x06, PRQG)
        LINK (LNKH, 0x07, PRQH)
        FIXED_LINK (GSIA, 0x10, 16)
        FIXED_LINK (GSIB, 0x11, 17)
        FIXED_LINK (GSIC, 0x12, 18)
        FIXED_LINK (GSID, 0x13, 19)
        FIXED_LINK (GSIE, 0x14, 20)
        FIXED_LINK (GSIF, 0x15, 21)
        FIXED_LINK (GSIG, 0x16, 22)
        FIXED_LINK (GSIH, 0x17, 23)
    }
    Scope (\_SB.PCI0)
    {
        // Through the 8259s, and through the I/O APIC.
        Name (PRTP, Package ()
        {
            SLOT (0x0000, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0001, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x0002, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x0003, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x0004, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0005, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x0006, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x0007, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x0008, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0009, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x000A, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x000B, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x000C, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x000D, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x000E, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x000F, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x0010, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0011, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x0012, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x0013, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x0014, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0015, LNKF, LNKG, LNKH, LNKE),
            SLOT (0x0016, LNKG, LNKH, LNKE, LNKF),
            SLOT (0x0017, LNKH, LNKE, LNKF, LNKG),
            SLOT (0x0018, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x0019, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001A, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001B, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001C, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001D, LNKA, LNKB, LNKC, LNKD),
            SLOT (0x001E, LNKE, LNKF, LNKG, LNKH),
            SLOT (0x001F, LNKA, LNKB, LNKC, LNKD)
        })
        Name (PRTA, Package ()
        {
            SLOT (0x0000, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0001, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x0002, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x0003, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x0004, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0005, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x0006, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x0007, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x0008, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0009, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x000A, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x000B, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x000C, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x000D, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x000E, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x000F, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x0010, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0011, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x0012, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x0013, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x0014, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0015, GSIF, GSIG, GSIH, GSIE),
            SLOT (0x0016, GSIG, GSIH, GSIE, GSIF),
            SLOT (0x0017, GSIH, GSIE, GSIF, GSIG),
            SLOT (0x0018, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x0019, GSIA, GSIB, GSIC, GSID),
            SLOT (0x001A, GSIA, GSIB, GSIC, GSID),
            SLOT (0x001B, GSIA, GSIB, GSIC, GSID),
            SLOT (0x001C, GSIA, GSIB, GSIC, GSID),
            SLOT (0x001D, GSIA, GSIB, GSIC, GSID),
            SLOT (0x001E, GSIE, GSIF, GSIG, GSIH),
            SLOT (0x001F, GSIA, GSIB, GSIC, GSID)
        })
        Method (_PRT)
        {
            If (\PICF == Zero) { Return (PRTP) }
            Return (PRTA)
        }
    }
}
