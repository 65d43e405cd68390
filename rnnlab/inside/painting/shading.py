"""Values as 256 levels, and the colours of the levels: blue below the middle of the scale, red above it.

People with any colour vision tell blue from red, as in ColorBrewer's RdBu (Brewer 1994). On dark ground the middle is
dark, and the ends are brighter.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

import numpy as np

from rnnlab.report.colours import ink_on

LEVELS = 256
TOP = LEVELS - 1


class Ground(str, Enum):
    """What a text stands on."""

    light = "light"
    dark = "dark"


STOPS = {
    Ground.light: ("#3f97d6", "#a3cfee", "#ffffff", "#f9b6a4", "#ee5f4c"),
    Ground.dark: ("#2a76b8", "#1f4a72", "#1a1f26", "#6b2f2e", "#c8483b"),
}
"""Colours at equal distances along the scale. One ink, black or white, is read on all of them."""


class Scale(NamedTuple):
    """Level 0 is ``low`` and level 255 is ``high``; a level is at most 1/510 of ``high - low`` from its value."""

    low: float
    high: float

    def stretched(self, values: np.ndarray) -> Scale:
        """The same middle, reaching as far to either side as the farthest of these values."""
        middle = (self.low + self.high) / 2
        half = float(np.abs(values - middle).max(initial=0))
        return Scale(middle - half, middle + half) if half > 0 else self

    def levels(self, values: np.ndarray) -> np.ndarray:
        """uint8 of the same shape; what lies outside the scale has its end."""
        share = (np.asarray(values, dtype=np.float64) - self.low) / (self.high - self.low)
        return np.rint(share * TOP).clip(0, TOP).astype(np.uint8)

    def values(self, levels: np.ndarray) -> np.ndarray:
        """What the levels stand for, float64."""
        return self.low + np.asarray(levels, dtype=np.float64) / TOP * (self.high - self.low)


NATURAL = (Scale(0.0, 1.0), Scale(-1.0, 1.0))
"""What gates lie between, and what a tanh does."""


def scales_of(values_NH: np.ndarray) -> list[Scale]:
    """A scale for each of H units: the same natural one where it holds all values; else each its own, as far as
    needed to both sides of 0, and to 1 at least."""
    low, high = float(values_NH.min()), float(values_NH.max())
    for natural in NATURAL:
        if natural.low <= low and high <= natural.high:
            return [natural] * values_NH.shape[1]
    return [Scale(-most, most) for most in np.maximum(1.0, np.abs(values_NH).max(axis=0)).tolist()]


def colours(ground: Ground) -> list[str]:
    """The 256 colours, each as ``#rrggbb``."""
    stops = np.array([[int(stop[at : at + 2], 16) for at in (1, 3, 5)] for stop in STOPS[ground]])
    along = np.linspace(0, len(stops) - 1, LEVELS)
    channels = np.stack([np.interp(along, range(len(stops)), stops[:, channel]) for channel in range(3)], axis=1)
    return ["#" + "".join(f"{round(value):02x}" for value in colour) for colour in channels.tolist()]


def ink(ground: Ground) -> str:
    """What is read on all colours of a ground: black or white."""
    return ink_on(STOPS[ground][0])


def rules() -> str:
    """The style of the classes ``v0`` to ``v255``: on light ground and in print, and on dark ground."""
    light, dark = (
        "".join(f".v{level}{{background:{colour}}}" for level, colour in enumerate(colours(ground)))
        + f".painted i{{color:{ink(ground)}}}"
        for ground in Ground
    )
    return f"{light}@media screen and (prefers-color-scheme: dark){{{dark}}}"
