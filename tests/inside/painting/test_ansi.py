"""A painted text on a terminal: the right colours, and no other control than these."""

from __future__ import annotations

import re

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.inside.painting.ansi import painted
from rnnlab.inside.painting.glyphs import glyph
from rnnlab.inside.painting.shading import Ground, Scale, colours
from tests.inside.made_up import EVIL

STYLE = re.compile(r"\x1b\[(?:0|38;2;\d+;\d+;\d+;48;2;(\d+);(\d+);(\d+))m")


def seen(written: str) -> list[tuple[str, str | None]]:
    """What a terminal shows: each sign with its background, as #rrggbb, None for its own."""
    back, at, found = None, 0, []
    while at < len(written):
        if style := STYLE.match(written, at):
            back = style[1] and "#" + "".join(f"{int(channel):02x}" for channel in style.groups())
            at = style.end()
        else:
            found.append((written[at], back))
            at += 1
    return found


@given(st.text(alphabet=st.sampled_from("ab \n\u00e9\x1b\x07"), max_size=40), st.integers(0, 9))
def test_every_character_has_its_colour_and_every_line_ends_without_one(text: str, seed: int) -> None:
    values = np.random.default_rng(seed).uniform(-1.2, 1.2, len(text))
    shades = [colours(Ground.light)[level] for level in Scale(-1, 1).levels(values)]
    wanted: list[tuple[str, str | None]] = []
    for character, shade in zip(text, shades, strict=True):
        wanted.append((glyph(character), shade))
        if character == "\n":
            wanted.append(("\n", None))
    assert seen(painted(text, values, -1, 1)) == wanted


def test_nothing_of_the_text_commands_the_terminal() -> None:
    written = painted(EVIL, np.linspace(-1, 1, len(EVIL)), -1, 1)
    rest = STYLE.sub("", written).replace("\n", "")
    assert all(sign.isprintable() or sign == "\u0301" for sign in rest)
    assert "title" in rest and "[31m" in rest


def test_a_tab_reaches_to_the_next_stop() -> None:
    assert STYLE.sub("", painted("abc\td\te", np.zeros(7), -1, 1)) == "abc\u2192    d\u2192      e"
