"""How much of a score each parameter explains alone, how much pairs of them: functional ANOVA.

Hutter, Hoos and Leyton-Brown 2014, "An Efficient Approach for Assessing Hyperparameter Importance". A regression
tree is a sum of boxes with a value each, so its variance over the whole space parts exactly into that of single
parameters, of pairs, and of the rest. Optuna's fANOVA gives the single parameters alone.

Shapes: N trials, D parameters, L boxes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnlab.statistics import Interval

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeRegressor

TREES = 100
Effect = tuple[int, ...]
"""Places of the parameters that act together."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """What a tree says: lows and highs (L, D) in [0, 1], values (L,). Together they fill the space, each point once."""

    lows: np.ndarray
    highs: np.ndarray
    values: np.ndarray

    def shares(self) -> dict[Effect, float]:
        """The share of each parameter alone, and of each pair beyond its two, in the variance over the space.

        Empty where there is no variance.
        """
        widths = self.highs - self.lows
        masses = self.values * widths.prod(axis=1)
        mean = masses.sum()
        total = masses @ self.values - mean**2
        if not total > 1e-12 * (masses @ self.values):
            return {}
        overlaps = [self._overlap(place) for place in range(widths.shape[1])]

        def explained(effect: Effect) -> float:
            weights = masses / widths[:, effect].prod(axis=1)
            return float((weights @ math.prod(overlaps[place] for place in effect) @ weights - mean**2) / total)

        alone = {(place,): explained((place,)) for place in range(len(overlaps))}
        pairs = itertools.combinations(range(len(overlaps)), 2)
        return alone | {(a, b): explained((a, b)) - alone[a,] - alone[b,] for a, b in pairs}

    def _overlap(self, place: int) -> np.ndarray:
        """(L, L): the length that each two boxes have in common along one parameter."""
        low, high = self.lows[:, place], self.highs[:, place]
        return np.maximum(0.0, np.minimum.outer(high, high) - np.maximum.outer(low, low))


@dataclass(frozen=True, slots=True)
class Effects:
    """Shares of the variance, each the mean over the trees with the interval that holds 95 % of them.

    effects  each parameter alone, then each pair
    alone, pairs, rest: sums; the rest is what three and more do together, and noise that trees mistake for it
    """

    effects: dict[Effect, Interval]
    alone: Interval
    pairs: Interval
    rest: Interval


def effects(
    points: np.ndarray, scores: np.ndarray, draws: Sequence[int], trees: int = TREES, seed: int = 0
) -> Effects | None:
    """points: (N, D) in [0, 1]; scores: (N,); draws: (N,), the draw that each trial belongs to.

    Each tree sees draws drawn with replacement, whole: trials of one draw are alike. So trees differ as far as
    another search would have. None where no tree finds any variance.
    """
    from sklearn.tree import DecisionTreeRegressor

    generator = np.random.default_rng(seed)
    members = [np.flatnonzero(np.asarray(draws) == draw) for draw in sorted(set(draws))]
    found = []
    for _ in range(trees):
        chosen = np.concatenate([members[place] for place in generator.integers(0, len(members), len(members))])
        tree = DecisionTreeRegressor(random_state=int(generator.integers(2**31)))
        if shares := boxes_of(tree.fit(points[chosen], scores[chosen])).shares():
            found.append(shares)
    if not found:
        return None
    table = np.array([list(shares.values()) for shares in found])
    known = list(found[0])
    alone = table[:, [len(effect) == 1 for effect in known]].sum(axis=1)
    pairs = table[:, [len(effect) == 2 for effect in known]].sum(axis=1)
    columns = dict(zip(known, map(_over_trees, table.T), strict=True))
    return Effects(columns, _over_trees(alone), _over_trees(pairs), _over_trees(1 - alone - pairs))


def boxes_of(tree: DecisionTreeRegressor) -> Boxes:
    """The leaves of a fitted tree over the unit cube."""
    nodes = tree.tree_
    lows, highs = np.zeros((nodes.node_count, nodes.n_features)), np.ones((nodes.node_count, nodes.n_features))
    for node in range(nodes.node_count):  # a parent always stands before its children
        left, right, place = nodes.children_left[node], nodes.children_right[node], nodes.feature[node]
        if left < 0:
            continue
        for child in (left, right):
            lows[child], highs[child] = lows[node], highs[node]
        highs[left, place] = lows[right, place] = nodes.threshold[node]
    leaves = nodes.children_left < 0
    return Boxes(lows[leaves], highs[leaves], nodes.value[leaves, 0, 0])


def _over_trees(shares: np.ndarray) -> Interval:
    low, high = np.quantile(shares, [0.025, 0.975])
    return Interval(float(shares.mean()), float(low), float(high), len(shares))
