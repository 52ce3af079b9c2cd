"""Reads text off a picture of the emulated screen: the picture comes from `screendump`, the letters' shapes from the VGA BIOS in the guest's memory.

Nothing here looks at text memory, so that a screen which is drawn wrongly reads wrongly.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import re

ROM_BASE, ROM_SIZE = 0xC0000, 0x10000
HEIGHT = 16
# The capital A of the VGA's 8 by 16 font: it tells where the table of 256 shapes lies in the ROM.
LETTER_A = bytes.fromhex("000010386cc6c6fec6c6c6c600000000")
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Font:
    def __init__(self, rom):
        at = rom.find(LETTER_A)
        if at < 0:
            raise ValueError("no 8 by 16 font in the VGA BIOS")
        start = at - HEIGHT * ord("A")
        self.codes = {}
        # The letters first: a shape that several codes have (blank: 0, 32, 255) reads as the printable one.
        for code in (*range(0x20, 0x100), *range(0x20)):
            self.codes.setdefault(rom[start + HEIGHT * code:start + HEIGHT * (code + 1)], code)

    def letter(self, rows):
        """The letter of a cell, given as a byte a row: as it is or inverted."""
        for shape in (rows, bytes(r ^ 0xFF for r in rows)):
            if shape in self.codes:
                code = self.codes[shape]
                return bytes([code]).decode("cp437") if code >= 0x20 else UNKNOWN
        return UNKNOWN


def read_ppm(data):
    """(width, height, pixels) of a binary PPM file."""
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not head:
        raise ValueError("not a PPM picture")
    width, height = int(head.group(1)), int(head.group(2))
    pixels = data[head.end():]
    if len(pixels) != width * height * 3:
        raise ValueError("a PPM picture of the wrong length")
    return width, height, pixels


def cell_rows(pixels, width, x, y):
    """The eight left columns of a cell as a byte a row; None when it has more than two colours."""
    first = other = None
    rows = bytearray()
    for line in range(y, y + HEIGHT):
        at, bits = (line * width + x) * 3, 0
        for column in range(8):
            colour = pixels[at + 3 * column:at + 3 * column + 3]
            first = first or colour
            if colour != first:
                other = other or colour
                if colour != other:
                    return None
                bits |= 0x80 >> column
        rows.append(bits)
    return bytes(rows)


def read_text(ppm, font):
    """The lines of a text-mode picture (cells of 8 or 9 by 16 pixels) or of a console on a framebuffer with the same font."""
    width, height, pixels = read_ppm(ppm)
    step = 9 if width % 9 == 0 and width % 720 == 0 else 8
    lines = []
    for y in range(0, height - HEIGHT + 1, HEIGHT):
        line = ""
        for x in range(0, width - step + 1, step):
            rows = cell_rows(pixels, width, x, y)
            line += UNKNOWN if rows is None else font.letter(rows)
        lines.append(line.rstrip())
    return lines
