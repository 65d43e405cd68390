"""What one key of a sweep may be: one of a list, or any number of an interval.

Samplers speak in shares, numbers in [0, 1); a dimension turns a share into a value. A value is a string
of Hydra's override grammar, and so exactly what the printed command of a trial says.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.trial import Trial

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
    def reference(self) -> str:
        """A value that no order plays a part in; the one at which other dimensions are tried out."""

    @property
    @abstractmethod
    def corners(self) -> tuple[str, ...]:
        """The values that are tried out before a sweep starts."""

    @abstractmethod
    def at(self, share: float) -> str:
        """The value at a share in [0, 1); no order in which values were listed plays a part."""

    @abstractmethod
    def distribution(self) -> BaseDistribution:
        """The same for Optuna."""

    @abstractmethod
    def number(self, value: str) -> int | float | str:
        """A value as Optuna has it."""

    @abstractmethod
    def suggested(self, trial: Trial, key: str) -> str:
        """The value that Optuna's sampler chooses for a trial."""


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
    def reference(self) -> str:
        return min(self.values)

    @property
    def corners(self) -> tuple[str, ...]:
        """Both ends of a list of numbers; every one of names, for none of them lies between others."""
        ranked = sorted(self.values, key=_rank)
        numeric = all(math.isfinite(_rank(value)[0]) for value in ranked)
        return tuple(dict.fromkeys((ranked[0], ranked[-1]))) if numeric else tuple(ranked)

    def at(self, share: float) -> str:
        return sorted(self.values, key=_rank)[int(share * len(self.values))]

    def distribution(self) -> BaseDistribution:
        from optuna.distributions import CategoricalDistribution, IntDistribution

        if (steps := self._even_steps()) is not None:
            return IntDistribution(steps.start, steps[-1], step=steps.step)
        ranked = sorted(self.values, key=_rank)
        return CategoricalDistribution(ranked)

    def number(self, value: str) -> int | float | str:
        return value if self._even_steps() is None else int(value)

    def suggested(self, trial: Trial, key: str) -> str:
        steps = self._even_steps()
        if steps is not None:
            return str(trial.suggest_int(key, steps.start, steps[-1], step=steps.step))
        return str(trial.suggest_categorical(key, sorted(self.values, key=_rank)))

    def _even_steps(self) -> range | None:
        """Whole numbers with even steps between them have an order that a sampler can learn from."""
        ranked = sorted(self.values, key=_rank)
        if len(ranked) < 3 or any(value != str(_whole(value)) for value in ranked):
            return None
        first, second, last = (_whole(ranked[place]) for place in (0, 1, -1))
        steps = range(first, last + 1, second - first)
        return steps if list(map(str, steps)) == ranked else None


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
    def reference(self) -> str:
        return self.at(0.5)

    @property
    def corners(self) -> tuple[str, ...]:
        return self._written(self.low), self._written(self.high)

    def at(self, share: float) -> str:
        high = self.high + 1 if self.whole else self.high
        value = self.low * (high / self.low) ** share if self.log else self.low + share * (high - self.low)
        return self._written(self._rounded(math.floor(value) if self.whole else value))

    def distribution(self) -> BaseDistribution:
        from optuna.distributions import FloatDistribution, IntDistribution

        if self.whole:
            return IntDistribution(int(self.low), int(self.high), log=self.log)
        return FloatDistribution(self.low, self.high, log=self.log)

    def number(self, value: str) -> int | float | str:
        return int(value) if self.whole else float(value)

    def suggested(self, trial: Trial, key: str) -> str:
        if self.whole:
            return str(trial.suggest_int(key, int(self.low), int(self.high), log=self.log))
        return self._written(self._rounded(trial.suggest_float(key, self.low, self.high, log=self.log)))

    def _rounded(self, value: float) -> float:
        return min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high)

    def _written(self, value: float) -> str:
        return str(int(value)) if self.whole else repr(float(value))


def _rank(value: str) -> tuple[float, str]:
    """Numbers come first, by size; then words, by the alphabet."""
    try:
        number = float(value)
    except ValueError:
        return math.inf, value
    return (number if math.isfinite(number) else math.inf), value


def _whole(value: str) -> int:
    """A value as a whole number; 0 for what is none, which no other number is written as."""
    return int(value) if value.removeprefix("-").isdecimal() else 0
