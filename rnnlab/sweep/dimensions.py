"""What one key of a sweep may be: one of a list, or any number of an interval.

Samplers speak in shares, numbers in [0, 1); a dimension turns a share into a value. A value is a string
of Hydra's override grammar, and so exactly what the printed command of a trial says.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

DIGITS = 6
"""Significant digits of a number drawn from an interval: readable, and the same on every machine."""


class Dimension(ABC):
    """The values of one key."""

    @property
    @abstractmethod
    def size(self) -> float:
        """How many values there are; infinity for an interval of real numbers."""

    @property
    @abstractmethod
    def listed(self) -> tuple[str, ...]:
        """The values; an interval as one word."""

    @property
    @abstractmethod
    def corners(self) -> tuple[str, ...]:
        """The values that are tried out before a sweep starts."""

    @abstractmethod
    def at(self, share: float) -> str:
        """The value at a share in [0, 1); no order in which values were listed plays a part."""


@dataclass(frozen=True, slots=True)
class Choices(Dimension):
    """One of a list, each as likely as the others. In a grid they stand in the order of the list."""

    values: tuple[str, ...]

    @property
    def size(self) -> float:
        return len(self.values)

    @property
    def listed(self) -> tuple[str, ...]:
        return self.values

    @property
    def corners(self) -> tuple[str, ...]:
        """Both ends of a list of numbers; every one of names, for none of them lies between others."""
        ranked = sorted(self.values, key=_rank)
        numeric = all(math.isfinite(_rank(value)[0]) for value in ranked)
        return tuple(dict.fromkeys((ranked[0], ranked[-1]))) if numeric else tuple(ranked)

    def at(self, share: float) -> str:
        return sorted(self.values, key=_rank)[int(share * len(self.values))]


@dataclass(frozen=True, slots=True)
class Interval(Dimension):
    """The numbers from ``low`` to ``high``, both included, evenly or, with ``log``, evenly in their logarithm.

    whole: whole numbers alone.
    """

    low: float
    high: float
    log: bool = False
    whole: bool = False

    @property
    def size(self) -> float:
        return self.high - self.low + 1 if self.whole else math.inf

    @property
    def listed(self) -> tuple[str, ...]:
        written = f"interval({','.join(self.corners)})"
        written = f"int({written})" if self.whole else written
        return (f"tag(log,{written})" if self.log else written,)

    @property
    def corners(self) -> tuple[str, ...]:
        return self._written(self.low), self._written(self.high)

    def at(self, share: float) -> str:
        high = self.high + 1 if self.whole else self.high
        value = self.low * (high / self.low) ** share if self.log else self.low + share * (high - self.low)
        value = math.floor(value) if self.whole else float(f"{value:.{DIGITS}g}")
        return self._written(min(max(value, self.low), self.high))

    def _written(self, value: float) -> str:
        return str(int(value)) if self.whole else repr(float(value))


def _rank(value: str) -> tuple[float, str]:
    """Numbers come first, by size; then words, by the alphabet."""
    try:
        number = float(value)
    except ValueError:
        return math.inf, value
    return (number if math.isfinite(number) else math.inf), value
