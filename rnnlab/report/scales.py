"""From values to pixels: linear, logarithmic and categorical axes, and where their ticks stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rnnlab.analysis.search import numbers, spans_decades

Tick = tuple[float, str]
TICKS = 7
"""About as many as an axis has."""


class Scale(Protocol):
    """``at(value)``: the pixel. ``ticks()``: pixels and labels."""

    def at(self, value: float) -> float: ...

    def ticks(self) -> list[Tick]: ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Values from low to high on pixels from start to end; what lies beyond is put on the border.

    marks: (value, label) pairs where ticks shall stand; none: at round numbers.
    """

    low: float
    high: float
    start: float
    end: float
    marks: tuple[Tick, ...] = ()

    def at(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Tick]:
        """At the marks, or at multiples of 1, 2 or 5 times a power of ten."""
        if self.marks:
            return [(self.at(value), label) for value, label in self.marks]
        rough = (self.high - self.low) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [(self.at(k * step), f"{k * step:,.{digits}f}") for k in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Logarithmic:
    """The same for positive values over decades."""

    low: float
    high: float
    start: float
    end: float
    marks: tuple[Tick, ...] = ()

    def at(self, value: float) -> float:
        share = math.log(min(max(value, self.low), self.high) / self.low) / math.log(self.high / self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Tick]:
        """At the marks, or at powers of ten, and at 3 times those over less than three decades."""
        if self.marks:
            return [(self.at(value), label) for value, label in self.marks]
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        factors = (1, 3) if self.high / self.low < 1000 else (1,)
        marks = [factor * 10.0**power for power in powers for factor in factors]
        inside = [mark for mark in marks if self.low * 0.999 <= mark <= self.high * 1.001]
        return [(self.at(mark), f"{mark:g}") for mark in inside]


@dataclass(frozen=True, slots=True)
class Categories:
    """One place for each name, with half a place of air at both ends; values are places from 0."""

    names: tuple[str, ...]
    start: float
    end: float

    def at(self, value: float) -> float:
        return self.start + (value + 0.5) / len(self.names) * (self.end - self.start)

    def ticks(self) -> list[Tick]:
        return [(self.at(place), shortened(name, 14)) for place, name in enumerate(self.names)]


def linear(values: Iterable[float], start: float, end: float, air: float = 0.05) -> Linear:
    """An axis that holds the values with some air (a share of their range) on both sides."""
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    margin = air * (high - low) or 0.05 * abs(high) or 1.0
    return Linear(low - margin, high + margin, start, end)


def for_parameter(texts: Sequence[str], start: float, end: float) -> tuple[Scale, list[float]]:
    """An axis for a parameter's values, and the values on it: logarithmic over more than a decade,
    categorical where one is no number. A few values are ticks themselves.
    """
    values = numbers(texts)
    if values is None or not all(map(math.isfinite, values)):
        names = tuple(sorted(set(texts)))
        return Categories(names, start, end), [float(names.index(text)) for text in texts]
    named = tuple(sorted(dict(zip(values, texts, strict=True)).items()))
    marks = named if len(named) <= TICKS else ()
    axis: Linear | Logarithmic = linear(values, start, end, air=0.08)
    if spans_decades(values):
        low, high = min(values), max(values)
        air = (high / low) ** 0.06
        axis = Logarithmic(low / air, high * air, start, end)
    return replace(axis, marks=marks), values


def shortened(text: str, longest: int) -> str:
    """The text, cut to ``longest`` characters with an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}\u2026"
