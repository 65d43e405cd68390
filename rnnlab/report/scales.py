"""From values to pixels: linear, logarithmic and categorical axes, and where their ticks stand."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rnnlab.analysis.parameters import brief, is_logarithmic, numbers
from rnnlab.report.framing import LARGEST
from rnnlab.report.words import shortened

Tick = tuple[float, str]
TICKS = 7
"""About as many as an axis has."""
MOST_DIGITS = 9
"""Before or after the point; other numbers have a power of ten."""


class Scale(Protocol):
    """``at(value)``: the pixel. ``ticks()``: pixels and labels."""

    def at(self, value: float) -> float: ...

    def ticks(self) -> list[Tick]: ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Values from low to high on pixels from start to end; what lies beyond is put on the border.

    marks: (value, label) pairs where ticks shall stand; none: at round numbers. whole: never between two counts.
    """

    low: float
    high: float
    start: float
    end: float
    marks: tuple[Tick, ...] = ()
    whole: bool = False

    def at(self, value: float) -> float:
        share = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)

    def ticks(self) -> list[Tick]:
        """At the marks, or at multiples of 1, 2 or 5 times a power of ten."""
        if self.marks:
            return [(self.at(value), label) for value, label in self.marks]
        rough = (self.high - self.low) / TICKS
        if self.whole:
            rough = max(rough, 1.0)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
        digits = max(0, -math.floor(math.log10(step) + 1e-9))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        plain = digits <= MOST_DIGITS and max(abs(self.low), abs(self.high)) < 10**MOST_DIGITS
        written = f",.{digits}f" if plain else ".3g"
        return [(self.at(k * step), f"{k * step:{written}}") for k in range(first, last + 1)]


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
        return [(self.at(mark), f"{mark:,.0f}" if 1000 <= mark < 1e9 else f"{mark:g}") for mark in inside]


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
    known = [value for value in values if abs(value) < LARGEST] or [0.0]
    low, high = min(known), max(known)
    # Of values that differ in their last digits only, no ticks between them could be told apart.
    margin = max(air * (high - low), 1e-9 * abs(high)) if high > low else 0.05 * abs(high) or 1.0
    return Linear(low - margin, high + margin, start, end)


def logarithmic(values: Sequence[float], start: float, end: float) -> Logarithmic:
    """The same for positive values that are not all equal."""
    low, high = min(values), max(values)
    air = (high / low) ** 0.06
    return Logarithmic(low / air, high * air, start, end)


def for_parameter(
    texts: Sequence[str], start: float, end: float, listed: Sequence[str] = ()
) -> tuple[Scale, list[float]]:
    """An axis for a parameter's values, and the values on it: categorical where one is no number,
    logarithmic where it was searched so. A few values are ticks themselves.

    listed: what the sweep says of the parameter.
    """
    values = numbers(texts)
    if values is None or not all(map(math.isfinite, values)):
        names = tuple(sorted(set(texts)))
        return Categories(names, start, end), [float(names.index(text)) for text in texts]
    named = tuple(sorted(dict(zip(values, map(brief, texts), strict=True)).items()))
    marks = named if len(named) <= TICKS else ()
    axis = logarithmic(values, start, end) if is_logarithmic(listed, values) else linear(values, start, end, air=0.08)
    return replace(axis, marks=marks), values
