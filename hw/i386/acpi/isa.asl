// The devices behind the ISA bridge; included in its scope.
// SPDX-License-Identifier: GPL-2.0-or-later

                Device (KBD)
                {
                    Name (_HID, EisaId ("PNP0303"))
                    Name (_STA, 0x0F)
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x0060, 0x0060, 0x01, 0x01)
                        IO (Decode16, 0x0064, 0x0064, 0x01, 0x01)
                        IRQNoFlags () {1}
                    })
                }
                Device (MOU)
                {
                    Name (_HID, EisaId ("PNP0F13"))
                    Name (_STA, 0x0F)
                    Name (_CRS, ResourceTemplate () { IRQNoFlags () {12} })
                }
                Device (RTC)
                {
                    Name (_HID, EisaId ("PNP0B00"))
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x0070, 0x0070, 0x01, 0x08)
                        IRQNoFlags () {8}
                    })
                }
#define PORT_DEVICE(name, id, uid, bit, base, size, irq) \
                Device (name) \
                { \
                    Name (_HID, EisaId (id)) \
                    Name (_UID, uid) \
                    Method (_STA) { If (\_SB.OSPT & bit) { Return (0x0F) } Return (Zero) } \
                    Name (_CRS, ResourceTemplate () { IO (Decode16, base, base, 0x01, size) IRQNoFlags () {irq} }) \
                }
                PORT_DEVICE (COM1, "PNP0501", One, 0x01, 0x03F8, 0x08, 4)
                PORT_DEVICE (COM2, "PNP0501", 0x02, 0x02, 0x02F8, 0x08, 3)
                PORT_DEVICE (COM3, "PNP0501", 0x03, 0x04, 0x03E8, 0x08, 4)
                PORT_DEVICE (COM4, "PNP0501", 0x04, 0x08, 0x02E8, 0x08, 3)
                PORT_DEVICE (LPT1, "PNP0400", One, 0x10, 0x0378, 0x08, 7)
                Device (FDC0)
                {
                    Name (_HID, EisaId ("PNP0700"))
                    Method (_STA) { If (\_SB.OSPT & 0x20) { Return (0x0F) } Return (Zero) }
                    Name (_CRS, ResourceTemplate ()
                    {
                        IO (Decode16, 0x03F2, 0x03F2, 0x00, 0x04)
                        IO (Decode16, 0x03F7, 0x03F7, 0x00, 0x01)
                        IRQNoFlags () {6}
                        DMA (Compatibility, NotBusMaster, Transfer8) {2}
                    })
                }
