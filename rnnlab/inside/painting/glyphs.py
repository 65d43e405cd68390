"""What is shown for a symbol of a text that nobody vouches for: always something visible, never a control character."""

from __future__ import annotations

import functools
import unicodedata

LINE_END, TAB, BLANK, BOX, CARRIER = "\u21b5", "\u2192", "\u2423", "\u25af", "\u25cc"
NUMBER_OF_CONTROLS = 0x20
CONTROL_PICTURES = 0x2400
"""Unicode's pictures of the first 32 control characters stand here in their order."""
DELETE = "\x7f"


@functools.cache
def glyph(character: str) -> str:
    """What stands for one character on a screen.

    Printable characters and the space stand for themselves. The end of a line is an arrow down and back, a tab an
    arrow, other blanks an open box, a mark that joins what is before it (an accent) sits on a dotted circle. Controls
    have their pictures; what changes the direction of writing, joins letters or has no sign at all is a box.
    """
    if character == "\n":
        return LINE_END
    if character == "\t":
        return TAB
    if ord(character) < NUMBER_OF_CONTROLS:
        return chr(CONTROL_PICTURES + ord(character))
    if character == DELETE:
        return "\u2421"
    if unicodedata.category(character).startswith("M"):
        return CARRIER + character
    if character.isprintable():
        return character
    return BLANK if unicodedata.category(character) == "Zs" else BOX
