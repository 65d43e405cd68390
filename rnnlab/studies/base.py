"""A study: claims about a sweep's runs, each with its test and its verdict, and figures with their numbers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnlab.studies.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from PIL.Image import Image

Cell = str | float | int | None
Row = dict[str, Cell]
"""A line of a claim's table. None or NaN: there is no such number; infinity is one."""
Columns = dict[str, np.ndarray]


class Verdict(StrEnum):
    """What these data say of a claim."""

    supported = "supported"
    contradicted = "contradicted"
    unclear = "not distinguishable at this budget"
    too_few = "not enough data"


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence that could be false.

    test     how it was decided, and on what
    answer   the verdict in numbers
    missing  what a verdict would need; empty where there is one
    rows     the numbers, with their intervals
    """

    name: str
    text: str
    test: str
    verdict: Verdict
    answer: str
    missing: str = ""
    rows: tuple[Row, ...] = ()

    def plain(self) -> dict[str, Any]:
        """For JSON, which knows neither infinity ("inf") nor NaN (null)."""
        rows = [{key: _plain(value) for key, value in row.items()} for row in self.rows]
        said = {"name": self.name, "claim": self.text, "test": self.test, "verdict": self.verdict.value}
        return {**said, "answer": self.answer, "missing": self.missing, "rows": rows}


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture, and the numbers in it.

    columns  of equal length: all that is plotted, and all that ``draw`` and ``frames`` may look at
    draw     the picture that stands still
    frames   the pictures of an animation, where there is one
    """

    name: str
    title: str
    caption: str
    columns: Columns
    draw: Callable[[Columns], Drawing]
    frames: Callable[[Columns], list[Image]] | None = None


class Study(ABC):
    """What is asked of a sweep whose ``sweep.study`` names it.

    Claims and figures are those that the runs so far allow: ``Evidence`` says what is missing.
    """

    question: ClassVar[str]
    key: ClassVar[str] = "cell"
    """The list of the sweep whose options are compared."""
    tables: ClassVar[tuple[str, ...]] = ()
    """The tables of probes that it reads."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    @abstractmethod
    def claims(self) -> list[Claim]:
        """In the order in which they are told."""

    @abstractmethod
    def figures(self) -> list[Figure]:
        """Those for which there are numbers."""


def columns_of(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """Rows of the same keys as columns."""
    return {key: np.array([row[key] for row in rows]) for key in rows[0]} if rows else {}


def _plain(value: Cell) -> Cell:
    if isinstance(value, float) and not np.isfinite(value):
        return None if value != value else ("inf" if value > 0 else "-inf")
    return value
