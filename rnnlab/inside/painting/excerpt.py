"""A painted stretch of text for a page, readable without a script: ``rows`` in an element of class ``painted``.

The page needs the style file ``STYLE`` and the rules of ``rnnlab.inside.shading.rules``.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from rnnlab.errors import RequestError
from rnnlab.inside.painting.glyphs import glyph
from rnnlab.report.markup import Markup, element

STYLE = Path(__file__).with_name("painted.css")
LONGEST = 160
"""Characters of a row, at most: a text without line ends stays light for a browser."""


def rows(characters: str, looks: Sequence[str], numbered: bool = False) -> Iterator[Markup]:
    """The rows of a text: its lines with their ends, long ones in pieces.

    looks: the classes of each character; neighbours that look alike share an element. numbered: whether a row says
    where it starts.
    """
    for start, stop in itertools.pairwise([*row_starts(characters), len(characters)]):
        shown = zip(map(sign, characters[start:stop]), looks[start:stop], strict=True)
        runs = [
            element("i", "".join(text for text, _ in run), class_=look)
            for look, run in itertools.groupby(shown, key=lambda one: one[1])
        ]
        yield element("div", *runs, class_="row", data_start=start if numbered else None)


def stretch(characters: str, first: int, count: int) -> slice:
    """Where ``count`` rows stand from row ``first`` on, counted from 1. RequestError where there is no such row."""
    starts = [*row_starts(characters), len(characters)]
    if not 1 <= first < len(starts):
        raise RequestError(f"--first {first}: the text has lines 1 to {len(starts) - 1}")
    return slice(starts[first - 1], starts[min(first - 1 + count, len(starts) - 1)])


def row_starts(characters: str) -> Iterator[int]:
    """Where each row begins."""
    start = 0
    for line in re.findall(r"[^\n]*\n|[^\n]+", characters):
        yield from range(start, start + len(line), LONGEST)
        start += len(line)


def sign(character: str) -> str:
    """A tab stays one, so that columns stand as in an editor; all else is its glyph."""
    return character if character == "\t" else glyph(character)
