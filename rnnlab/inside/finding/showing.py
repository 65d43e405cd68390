"""The stretch of text that shows what a unit does, and the unit's values on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rnnlab.inside.finding.findings import Discovery, Finding
from rnnlab.inside.finding.halves import Halves
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.painting.shading import Scale, scales_of
from rnnlab.inside.units import UnitAddress

LONGEST, MOST_LINES = 320, 9
USUAL = 0.8
"""A number's stretch varies more than so large a share of the stretches: much, but no freak."""


@dataclass(frozen=True, slots=True)
class Shown:
    """characters of a stretch, the unit's values after each, float32, whether the feature is true there, and the
    scale of the colours, which is the unit's over the whole text."""

    start: int
    characters: str
    values: np.ndarray
    true: np.ndarray
    scale: Scale

    def as_dict(self) -> dict[str, object]:
        return {"start": self.start, "characters": self.characters, "values": [round(float(v), 4) for v in self.values]}


def shown(discovery: Discovery, finding: Finding, characters: str) -> Shown:
    """The finding's unit on a stretch of the scoring half."""
    label = finding.label
    at = telling_stretch(label, characters, discovery.halves)
    values_N = discovery.activations.of(finding.unit)
    return Shown(at.start, characters[at], values_N[at], above_mean(label)[at], scale_of(discovery, finding.unit))


def scale_of(discovery: Discovery, unit: UnitAddress) -> Scale:
    return scales_of(discovery.activations.of(unit)[:, None])[0]


def above_mean(label: Labelled) -> np.ndarray:
    """Where a feature is true; for a number, where it is above its mean: bool (N,)."""
    edge = np.nanmean(label.values_N, dtype=np.float64) if label.number else 0.5
    return np.nan_to_num(label.values_N, nan=-np.inf) > edge


def telling_stretch(label: Labelled, characters: str, halves: Halves) -> slice:
    """Where the feature comes and goes: chosen by the labels alone, so that no unit looks better than it is.

    Of all stretches of a few lines in the scoring half the first of those where it is true nearest to half of the
    time; for a number, one where it varies much.
    """
    stretches = candidates(characters, halves)
    spreads = np.array([spread_of(label.values_N[at]) for at in stretches])
    if not label.number:
        return stretches[int(spreads.argmax())]
    order = np.argsort(spreads, kind="stable")
    return stretches[int(order[round(USUAL * (len(order) - 1))])]


def spread_of(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.var()) if len(known) else -1.0


def candidates(characters: str, halves: Halves) -> list[slice]:
    """Stretches within the blocks of the scoring half, whole lines where these are not too long."""
    starts = np.flatnonzero(np.diff(halves.scoring, prepend=-2) > 1)
    blocks = np.split(halves.scoring, starts[1:])
    return [at for block in blocks for at in lines_of(characters, int(block[0]), int(block[-1]) + 1)]


def lines_of(characters: str, start: int, stop: int) -> list[slice]:
    """Stretches of at most ``LONGEST`` characters and ``MOST_LINES`` lines, one behind the other; no short ones where
    there are others."""
    newline = characters.find("\n", start, stop)
    found: list[slice] = []
    begin = start if newline < 0 else newline + 1
    while begin < stop:
        end, lines = begin, 0
        while end < stop and lines < MOST_LINES:
            after = characters.find("\n", end, stop) + 1 or stop
            if after - begin > LONGEST:
                break
            end, lines = after, lines + 1
        end = end if end > begin else min(begin + LONGEST, stop)  # a line longer than all that is shown is cut
        found.append(slice(begin, end))
        begin = end
    long = [at for at in found if at.stop - at.start >= LONGEST // 2]
    return long or found or [slice(start, stop)]
