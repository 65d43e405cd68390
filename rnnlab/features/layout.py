"""Lines: the place in them, and how far they are indented."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from rnnlab.features.base import Kind, Source, feature

TAB = 8  # columns from one tab stop to the next
MARGIN = re.compile(r"^[ \t]*", re.MULTILINE)


@feature(kind=Kind.number)
def position_in_line(source: Source) -> np.ndarray:
    """how many characters of the line have been read; 0 after a newline"""
    position_N = source.column_N + 1
    position_N[source.codes_N == ord("\n")] = 0
    return position_N.astype(np.float32)


@feature
def after_newline(source: Source) -> np.ndarray:
    """a newline has just been read"""
    return source.codes_N == ord("\n")


@feature(kind=Kind.number)
def indentation(source: Source) -> np.ndarray:
    """how far the line is indented as far as it has been read, in levels of this text; 0 after a newline"""
    return source.once(levels)


@feature
def indent_over_1(source: Source) -> np.ndarray:
    """the line is indented by more than one level, as far as it has been read"""
    return source.once(levels) > 1


@feature
def indent_over_2(source: Source) -> np.ndarray:
    """the line is indented by more than two levels, as far as it has been read"""
    return source.once(levels) > 2


@feature
def indent_over_3(source: Source) -> np.ndarray:
    """the line is indented by more than three levels, as far as it has been read"""
    return source.once(levels) > 3


def levels(source: Source) -> np.ndarray:
    """Columns of white space at the line's beginning so far over those of one level, float32 (N,)."""
    width_N = np.zeros(len(source), dtype=np.float32)
    ends = np.append(source.line_starts[1:] - 1, len(source))
    widths = []
    for margin, end in zip(MARGIN.finditer(source.characters), ends.tolist(), strict=True):
        width = 0
        for place in range(margin.start(), margin.end()):
            width = tab_stop(width) if source.characters[place] == "\t" else width + 1
            width_N[place] = width
        width_N[margin.end() : end] = width
        if margin.end() < end:
            widths.append(width)
    return width_N / level_width(widths)


def tab_stop(column: int) -> int:
    """The column of the next tab stop."""
    return (column // TAB + 1) * TAB


def level_width(widths: list[int]) -> int:
    """Columns of one level: by how much a line is most often deeper than the one before it; 1 where none is.

    A constant of the whole text; the smaller of two that are as frequent.
    """
    steps = Counter(after - before for before, after in zip(widths, widths[1:], strict=False) if after > before)
    return min(steps, key=lambda step: (-steps[step], step), default=1)
