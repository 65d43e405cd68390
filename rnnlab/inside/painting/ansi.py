"""A painted text on a terminal that shows 24-bit colours."""

from __future__ import annotations

import numpy as np

from rnnlab.inside.painting.glyphs import glyph
from rnnlab.inside.painting.shading import Ground, Scale, colours, ink

RESET = "\x1b[0m"
TAB_STOP = 8
INKS = {"black": "0;0;0", "white": "255;255;255"}


def painted(characters: str, values: np.ndarray, low: float, high: float) -> str:
    """The text with each character on the colour of its value; blue is ``low``, red is ``high``.

    values: one for each character. No control character of the text is written: its picture is, and where a line
    ends the colours end too.
    """
    styles = [style(colour, ink(Ground.light)) for colour in colours(Ground.light)]
    levels = Scale(low, high).levels(values).tolist()
    pieces: list[str] = []
    before = None
    for sign, level in zip(signs(characters), levels, strict=True):
        if level != before:
            pieces.append(styles[level])
        ends = sign.endswith("\n")
        pieces.append(f"{sign[:-1]}{RESET}\n" if ends else sign)
        before = None if ends else level
    return "".join(pieces) + ("" if before is None else RESET)


def style(back: str, ink: str) -> str:
    """The sequence that sets a background ``#rrggbb`` and black or white letters."""
    channels = ";".join(str(int(back[at : at + 2], 16)) for at in (1, 3, 5))
    return f"\x1b[38;2;{INKS[ink]};48;2;{channels}m"


def signs(characters: str) -> list[str]:
    """What is written for each character: a tab reaches to the next stop, and the end of a line ends one."""
    written, column = [], 0
    for character in characters:
        sign = glyph(character)
        if character == "\t":
            sign = sign.ljust(TAB_STOP - column % TAB_STOP)
        column = 0 if character == "\n" else column + len(sign)
        written.append(f"{sign}\n" if character == "\n" else sign)
    return written
