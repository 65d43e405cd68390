"""What a lesson is told in: text, lines as they stand, tables and pictures. A terminal, a page and JSON show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnlab.report.markup import Markup

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. numbers: those that it tells, by name."""

    text: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines that keep their form, as a sample of text or a drawing in characters does."""

    name: str
    title: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under their keys. numbers: the same unrounded, where the rows are written for people."""

    name: str
    title: str
    rows: Sequence[Row]
    numbers: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image: SVG markup, or the bytes of a PNG file. caption: what is seen, also for those who see no image."""

    title: str
    caption: str
    content: Markup | bytes


Block = Text | Lines | Table | Picture


def numbers_of(blocks: Iterable[Block]) -> dict[str, Any]:
    """All numbers of a lesson by name, for JSON: those of its texts, and its tables and lines under their names."""
    found: dict[str, Any] = {}
    for block in blocks:
        if isinstance(block, Text):
            found |= block.numbers
        elif isinstance(block, Table):
            found[block.name] = [dict(row) for row in block.numbers or block.rows]
        elif isinstance(block, Lines):
            found[block.name] = list(block.lines)
    return {name: plain(value) for name, value in found.items()}


def plain(value: Any) -> Any:
    """The value as JSON has it, which knows neither infinity ("inf") nor NaN (null)."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list | tuple) else value
