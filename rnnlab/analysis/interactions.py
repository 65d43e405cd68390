"""Do the parameters of a comparison act alone or together? Functional ANOVA of its trials, and what it is worth."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.analysis.blocks import Panel, scored
from rnnlab.analysis.fanova import Effects, effects
from rnnlab.analysis.importance import FEW_VALUES
from rnnlab.analysis.parameters import is_logarithmic, numbers
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.statistics import Interval

FEWEST_DRAWS = 8
BLIND = 0.5
"""A method that finds more than this of a pair's doing in single parameters cannot tell the two apart."""
TREES_OF_A_CONTROL = 20


@dataclass(frozen=True, slots=True)
class Interactions:
    """The shares of the variance of a panel's scores.

    keys     the parameters, the compared one first
    effects  shares by places in ``keys``
    draws    how many there are
    control  what the same analysis of the same draws finds in single parameters where scores are products of two
             of them, whose true share is 0: how far its word can be trusted
    """

    keys: tuple[str, ...]
    effects: Effects
    draws: int
    control: float

    def named(self) -> list[tuple[str, Interval]]:
        """Single parameters, then pairs, each by their share, the largest first."""
        ranked = sorted(self.effects.effects.items(), key=lambda one: (len(one[0]), -one[1].estimate))
        return [(" \u00d7 ".join(self.keys[place] for place in effect), share) for effect, share in ranked]

    @property
    def is_blind(self) -> bool:
        """Whether there are too few draws to tell parameters that act together from those that act alone."""
        return self.control > BLIND


def interactions(panel: Panel, sweep: SweepRecord) -> Interactions | str:
    """The analysis; or the sentence why there is none."""
    shared = [key for key in sweep.varying if all(key in trial.varied for trial in panel.trials)]
    drawn = [key for key in shared if key not in sweep.blocks]
    keys = (panel.key, *(key for key in drawn if len({trial.varied[key] for trial in panel.trials}) > 1))
    places: dict[tuple[str, ...], int] = {}
    draws = [places.setdefault(tuple(t.varied[key] for key in drawn), len(places)) for t in panel.trials]
    if len(places) < FEWEST_DRAWS or len(keys) < 3:
        return (
            f"Functional ANOVA needs at least {FEWEST_DRAWS} draws that ended (there: {len(places)}) and 2 parameters"
            f" that are drawn (there: {len(keys) - 1})."
        )
    scores = np.array(scored(panel.trials, sweep.minimize))
    columns = [_shares([t.varied[key] for t in panel.trials], sweep.space.get(key, ()), scores) for key in keys]
    points = np.stack(columns, axis=1)
    found = effects(points, scores, draws)
    if found is None:
        return "All trials have the same value: there is no variance to explain."
    return Interactions(keys, found, len(places), _control(points, draws))


def _control(points: np.ndarray, draws: Sequence[int]) -> float:
    """The mean over all pairs of drawn parameters; the compared one, the first, is no number."""
    pairs = itertools.combinations(range(1, points.shape[1]), 2)
    products = [(points[:, a] - 0.5) * (points[:, b] - 0.5) for a, b in pairs]
    found = [effects(points, product, draws, TREES_OF_A_CONTROL) for product in products]
    return float(np.mean([each.alone.estimate for each in found if each is not None] or [1.0]))


def _shares(texts: Sequence[str], listed: Sequence[str], scores: np.ndarray) -> np.ndarray:
    """A parameter's values as places in [0, 1], even where they were drawn evenly: along the axis of its numbers.

    Names, and numbers that are few, stand in steps in the order of their mean scores: so a tree can part any groups.
    """
    values = numbers(texts)
    if values is None or not all(map(math.isfinite, values)) or len(set(values)) <= FEW_VALUES:
        known = np.array(texts)
        ranked = sorted(set(texts), key=lambda text: float(scores[known == text].mean()))
        return np.array([(ranked.index(text) + 0.5) / len(ranked) for text in texts])
    axis = np.log(values) if is_logarithmic(listed, values) else np.array(values)
    return (axis - axis.min()) / np.ptp(axis)
