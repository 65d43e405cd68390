"""Names as the equations write them, set with subscripts and Greek letters in SVG."""

from __future__ import annotations

import re
import unicodedata

from rnnlab.report.markup import Markup, element

CHARACTER, SMALL = 7.4, 0.72
"""Pixels that a character takes, about; and the size of a subscript beside it."""
PIECE = re.compile(r"([A-Za-z]+[0-9]*)((?:_(?:\([A-Za-z][+-][A-Z0-9]\)|[A-Za-z0-9]+))*)|'|[^A-Za-z]")


def pieces(text: str) -> list[tuple[str, str]]:
    """``W_i h_(t-1)`` is ("W", "i"), (" ", ""), ("h", "t\u22121"); a prime becomes the sign of the transpose."""
    found = []
    for match in PIECE.finditer(text):
        if match[0] == "'":
            found.append(("\u22a4", ""))
        elif match[1] is None:
            found.append((match[0], ""))
        else:
            parts = [part.strip("()").replace("-", "\u2212") for part in match[2].split("_")[1:]]
            found.append((greek(match[1]), ",".join(greek(part) for part in parts)))
    return found


def greek(word: str) -> str:
    """``alpha`` as its letter; other words as they are."""
    case = "SMALL" if word.islower() else "CAPITAL"
    spelled = "LAMDA" if word.lower() == "lambda" else word.upper()  # Unicode's own spelling
    try:
        return unicodedata.lookup(f"GREEK {case} LETTER {spelled}")
    except KeyError:
        return word


def text_width(text: str, size: float = 1.0) -> float:
    """Pixels that a text takes, about."""
    return size * CHARACTER * sum(len(main) + SMALL * len(below) for main, below in pieces(text))


def lettered(text: str, x: float, y: float, **attributes: str | float | None) -> Markup:
    """A text element with the subscripts below the line."""
    spans: list[str] = []
    sunk = False
    for main, below in pieces(text):
        spans.append(element("tspan", main, dy="-3" if sunk else None))
        sunk = bool(below)
        if below:
            spans.append(element("tspan", below, dy="3", class_="below"))
    return element("text", *spans, x=x, y=y, **attributes)
