"""What a trial must keep to, known before it trains: ``parameters <= 200000``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rnnlab.errors import RequestError, did_you_mean

KNOWN = ("parameters", "symbols_per_step")
"""The figures of a trial that its configuration and the description of its data tell."""

_FORM = re.compile(r"\s*(\w+)\s*(<=|>=)\s*([0-9]+(?:_[0-9]+)*(?:\.[0-9]+)?(?:e\+?[0-9]{1,2})?)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Constraint:
    """``figure`` must be at most the bound, or at least."""

    figure: str
    at_most: bool
    bound: float

    def __str__(self) -> str:
        return f"{self.figure} {'<=' if self.at_most else '>='} {self.bound:.15g}"

    def violation(self, figures: Mapping[str, float]) -> float:
        """By how much of the bound it is broken; 0 or below where it is kept."""
        excess = figures[self.figure] - self.bound
        return (excess if self.at_most else -excess) / max(abs(self.bound), 1.0)


def parse(texts: Iterable[str]) -> tuple[Constraint, ...]:
    """The constraints that these lines say. RequestError for one that cannot be read."""
    return tuple(map(_parsed, texts))


def _parsed(text: str) -> Constraint:
    match = _FORM.fullmatch(text)
    if match is None:
        raise RequestError(f"sweep.constraints: {text!r}: a constraint is a figure, <= or >=, and a number")
    figure, sign, bound = match.groups()
    if figure not in KNOWN:
        raise RequestError(
            f"sweep.constraints: {text!r}: {figure!r} is not known before training; possible: {', '.join(KNOWN)}"
            f"{did_you_mean(figure, KNOWN)}"
        )
    return Constraint(figure, sign == "<=", float(bound))
