"""What a check says: a figure beside its tolerance, or in one line what is wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure that must not be above its tolerance, and words on it.

    None for both where a check does not apply to a cell; ``line`` then says why.
    """

    figure: float | None
    tolerance: float | None
    line: str = ""

    @property
    def passed(self) -> bool:
        """NaN is above every tolerance."""
        return self.figure is None or self.tolerance is None or self.figure <= self.tolerance


class Wrong(Exception):
    """A cell does what it must not, or does not what it must; the message is one line."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check of one cell, as it is reported."""

    check: str
    passed: bool
    figure: float | None
    tolerance: float | None
    line: str
