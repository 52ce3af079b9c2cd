// What the firmware tables of pc and q35 have in common. Values that depend on the command line are names that the machine's SSDT defines.
// SPDX-License-Identifier: GPL-2.0-or-later

    External (\_SB.P32L, IntObj)        // the PCI hole below 4 GiB: first and last byte
    External (\_SB.P32H, IntObj)
    External (\_SB.P64L, IntObj)        // and above; P64H zero: none
    External (\_SB.P64H, IntObj)
    External (\_SB.OSPT, IntObj)        // ports that are there: COM1 to COM4, LPT1, floppy controller, a bit each from bit 0 on
    External (\_SB.CPUS.CTFY, MethodObj)

    // Messages of the guest's interpreter at the firmware's debug port.
    OperationRegion (DBG, SystemIO, 0x0402, One)
    Field (DBG, ByteAcc, NoLock, Preserve) { DBGB, 8 }
    Method (DBUG, 1)
    {
        ToHexString (Arg0, Local0)
        ToBuffer (Local0, Local0)
        Local1 = (SizeOf (Local0) - One)
        Local2 = Zero
        While (Local2 < Local1)
        {
            DBGB = DerefOf (Local0 [Local2])
            Local2++
        }
        DBGB = 0x0A
    }

    Scope (\_SB)
    {
        Device (HPET)
        {
            Name (_HID, EisaId ("PNP0103"))
            Name (_UID, Zero)
            OperationRegion (HPTM, SystemMemory, 0xFED00000, 0x0400)
            Field (HPTM, DWordAcc, Lock, Preserve) { VEND, 32, PRD, 32 }
            // Where no HPET answers, the capability register reads all zeros or all ones.
            Method (_STA)
            {
                Local0 = VEND
                Local1 = PRD
                Local0 >>= 0x10
                If (LOr (Local0 == Zero, Local0 == 0xFFFF)) { Return (Zero) }
                If (LOr (Local1 == Zero, Local1 > 0x05F5E100)) { Return (Zero) }
                Return (0x0F)
            }
            Name (_CRS, ResourceTemplate () { Memory32Fixed (ReadOnly, 0xFED00000, 0x00000400) })
        }
    }

    Scope (\_SB.PCI0)
    {
        Device (FWCF)
        {
            Name (_HID, "QEMU0002")
            Name (_STA, 0x0B)
            Name (_CRS, ResourceTemplate () { IO (Decode16, 0x0510, 0x0510, 0x01, 0x0C) })
        }

        // The windows of the root bus; the last one only where there is something above 4 GiB.
        Name (CRES, ResourceTemplate ()
        {
            WordBusNumber (ResourceProducer, MinFixed, MaxFixed, PosDecode, 0x0000, 0x0000, 0x00FF, 0x0000, 0x0100)
            IO (Decode16, 0x0CF8, 0x0CF8, 0x01, 0x08)
            WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0x0000, 0x0000, 0x0CF7, 0x0000, 0x0CF8)
            WordIO (ResourceProducer, MinFixed, MaxFixed, PosDecode, EntireRange, 0x0000, 0x0D00, 0xFFFF, 0x0000, 0xF300)
            DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite, 0x00000000, 0x000A0000, 0x000BFFFF, 0x00000000, 0x00020000)
            DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite, 0x00000000, 0xE0000000, 0xFEBFFFFF, 0x00000000, 0x1EC00000,,, PW32)
        })
        Name (CR64, ResourceTemplate ()
        {
            QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite, 0x0000000000000000, 0x0000008000000000, 0x000000FFFFFFFFFF,
                         0x0000000000000000, 0x0000008000000000,,, PW64)
        })
        CreateDWordField (CRES, \_SB.PCI0.PW32._MIN, PS32)
        CreateDWordField (CRES, \_SB.PCI0.PW32._MAX, PE32)
        CreateDWordField (CRES, \_SB.PCI0.PW32._LEN, PL32)
        CreateQWordField (CR64, \_SB.PCI0.PW64._MIN, PS64)
        CreateQWordField (CR64, \_SB.PCI0.PW64._MAX, PE64)
        CreateQWordField (CR64, \_SB.PCI0.PW64._LEN, PL64)
        Method (_CRS, 0, Serialized)
        {
            PS32 = \_SB.P32L
            PE32 = \_SB.P32H
            PL32 = (\_SB.P32H - \_SB.P32L) + One
            If (\_SB.P64H == Zero) { Return (CRES) }
            PS64 = \_SB.P64L
            PE64 = \_SB.P64H
            PL64 = (\_SB.P64H - \_SB.P64L) + One
            Return (ConcatenateResTemplate (CRES, CR64))
        }
    }

    // ---- processors: their number and state at the hot-plug registers; the devices themselves are in the SSDT ----
    Device (\_SB.PCI0.PRES)
    {
        Name (_HID, EisaId ("PNP0A06"))
        Name (_UID, "CPU Hotplug resources")
        Mutex (CPLK, 0x00)
        Name (_CRS, ResourceTemplate () { IO (Decode16, CPU_HOTPLUG_BASE, CPU_HOTPLUG_BASE, 0x01, 0x0C) })
        OperationRegion (PRST, SystemIO, CPU_HOTPLUG_BASE, 0x0C)
        Field (PRST, ByteAcc, NoLock, WriteAsZeros)
        {
            Offset (0x04), CPEN, 1, CINS, 1, CRMV, 1, CEJ0, 1, CEJF, 1,
            Offset (0x05), CCMD, 8
        }
        Field (PRST, DWordAcc, NoLock, Preserve) { CSEL, 32, Offset (0x08), CDAT, 32 }
        // Writing zero to the selector brings in the newer registers.
        Method (_INI, 0, Serialized) { CSEL = Zero }
    }
    Device (\_SB.CPUS)
    {
        Name (_HID, "ACPI0010")
        Name (_CID, EisaId ("PNP0A05"))
        Method (CSTA, 1, Serialized)
        {
            Acquire (\_SB.PCI0.PRES.CPLK, 0xFFFF)
            \_SB.PCI0.PRES.CSEL = Arg0
            Local0 = Zero
            If (\_SB.PCI0.PRES.CPEN == One) { Local0 = 0x0F }
            Release (\_SB.PCI0.PRES.CPLK)
            Return (Local0)
        }
        Method (CEJ0, 1, Serialized)
        {
            Acquire (\_SB.PCI0.PRES.CPLK, 0xFFFF)
            \_SB.PCI0.PRES.CSEL = Arg0
            \_SB.PCI0.PRES.CEJ0 = One
            Release (\_SB.PCI0.PRES.CPLK)
        }
        // What became of an event: command 1 and 2 hand over the event and its status.
        Method (COST, 3, Serialized)
        {
            Acquire (\_SB.PCI0.PRES.CPLK, 0xFFFF)
            \_SB.PCI0.PRES.CSEL = Arg0
            \_SB.PCI0.PRES.CCMD = One
            \_SB.PCI0.PRES.CDAT = Arg1
            \_SB.PCI0.PRES.CCMD = 0x02
            \_SB.PCI0.PRES.CDAT = Arg2
            Release (\_SB.PCI0.PRES.CPLK)
        }
        // Command 0 finds the next processor with an event; its number is then at the data register.
        Method (CSCN, 0, Serialized)
        {
            Acquire (\_SB.PCI0.PRES.CPLK, 0xFFFF)
            Local0 = One
            \_SB.PCI0.PRES.CSEL = Zero
            While (Local0 == One)
            {
                Local0 = Zero
                \_SB.PCI0.PRES.CCMD = Zero
                If (\_SB.PCI0.PRES.CINS == One)
                {
                    CTFY (\_SB.PCI0.PRES.CDAT, One)
                    \_SB.PCI0.PRES.CINS = One
                    Local0 = One
                }
                ElseIf (\_SB.PCI0.PRES.CRMV == One)
                {
                    CTFY (\_SB.PCI0.PRES.CDAT, 0x03)
                    \_SB.PCI0.PRES.CRMV = One
                    Local0 = One
                }
            }
            Release (\_SB.PCI0.PRES.CPLK)
        }
    }
    Scope (\_GPE)
    {
        Name (_HID, "ACPI0006")
        Method (_E02) { \_SB.CPUS.CSCN () }
    }
