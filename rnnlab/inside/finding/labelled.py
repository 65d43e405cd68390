"""What is true at each character of a text, as numbers that units are held against."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Labelled:
    """One feature of a text of N characters.

    number    whether it is a real value (a depth, a place in the line); else it is true or false
    values_N  float32: the value, or 1 and 0, after each character; NaN where the question makes no sense
    """

    name: str
    about: str
    number: bool
    values_N: np.ndarray

    @property
    def asked_N(self) -> np.ndarray:
        """bool: where the question makes sense."""
        return ~np.isnan(self.values_N)

    def at(self, places: np.ndarray) -> Labelled:
        """The same at some characters only."""
        return Labelled(self.name, self.about, self.number, self.values_N[places])


def asked(label: Labelled, places: np.ndarray) -> np.ndarray:
    """Those of some places where a feature is asked for."""
    return places[label.asked_N[places]]


def asked_alike(labels: Sequence[Labelled], places: np.ndarray) -> Iterator[tuple[list[int], np.ndarray]]:
    """(numbers of the features, their places): features of one kind that are asked for at the same places share them.

    Units are then ranked once for all of them.
    """
    groups: dict[tuple[bool, bytes], list[int]] = {}
    for number, label in enumerate(labels):
        key = (label.number, np.packbits(label.asked_N[places]).tobytes())
        groups.setdefault(key, []).append(number)
    for members in groups.values():
        yield members, asked(labels[members[0]], places)


def varies(label: Labelled, places: np.ndarray, least: int) -> bool:
    """Whether at least so many characters lie above the feature's mean, and as many not: true and false ones."""
    values = label.values_N[asked(label, places)]
    above = int((values > values.mean()).sum()) if len(values) else 0
    return min(above, len(values) - above) >= least
