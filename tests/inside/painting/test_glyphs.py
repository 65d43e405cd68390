"""Glyphs: whatever a text holds, what is shown is visible, and changes nothing around it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.inside.painting.glyphs import glyph


@given(st.characters(codec=None))
def test_it_is_always_visible(character: str) -> None:
    first, *mark = glyph(character)
    assert first.isprintable() and unicodedata.category(first)[0] not in "CM"
    assert not mark or (first, mark) == ("\u25cc", [character])


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("a", "a"),
        (" ", " "),
        ("<", "<"),
        ("\u00e9", "\u00e9"),
        ("\n", "\u21b5"),
        ("\t", "\u2192"),
        ("\r", "\u240d"),
        ("\x00", "\u2400"),
        ("\x1b", "\u241b"),
        ("\x7f", "\u2421"),
        ("\x9b", "\u25af"),  # a control sequence begins with it on some terminals
        ("\u202e", "\u25af"),  # turns the direction of what follows
        ("\u2028", "\u25af"),
        ("\ud800", "\u25af"),  # half of a pair, which no file of UTF-8 may hold
        ("\u00a0", "\u2423"),
        ("\u0301", "\u25cc\u0301"),
    ],
)
def test_what_stands_for_what(character: str, shown: str) -> None:
    assert glyph(character) == shown
