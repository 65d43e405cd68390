"""Functional ANOVA against sums over a fine grid, against closed forms, and against what no tree can know."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeRegressor

from rnnlab.analysis.fanova import Boxes, boxes_of, effects

CELLS = 6
"""Places of a grid along each axis."""


def grid(dimensions: int) -> np.ndarray:
    """(CELLS ** D, D): the middle of each cell of a grid over the unit cube."""
    places = (np.arange(CELLS) + 0.5) / CELLS
    return np.array(list(itertools.product(places, repeat=dimensions)))


def by_sums(values: np.ndarray) -> dict[tuple[int, ...], float]:
    """The shares of single axes and pairs in the variance of a table, by means over its other axes."""
    axes = range(values.ndim)
    total = values.var()

    def explained(kept: tuple[int, ...]) -> float:
        return float(values.mean(axis=tuple(axis for axis in axes if axis not in kept)).var() / total)

    alone = {(axis,): explained((axis,)) for axis in axes}
    return alone | {(a, b): explained((a, b)) - alone[a,] - alone[b,] for a, b in itertools.combinations(axes, 2)}


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), leaves=st.integers(2, 60))
def test_the_shares_of_a_tree_are_those_of_sums_over_its_grid(seed: int, leaves: int) -> None:
    points, generator = grid(3), np.random.default_rng(seed)
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=0).fit(points, generator.normal(size=len(points)))
    found = boxes_of(tree)
    assert (found.highs - found.lows).prod(axis=1).sum() == pytest.approx(1)
    wanted = by_sums(tree.predict(points).reshape(CELLS, CELLS, CELLS))
    assert found.shares() == pytest.approx(wanted, abs=1e-6)  # thresholds are stored in single precision


def test_an_additive_function_has_the_shares_of_its_terms() -> None:
    """f = 3 [x > 1/2] + 2 [y > 1/2] + [z > 1/2]: each term's variance is a quarter of its factor squared."""
    points = grid(3)
    found = effects(points, (points > 0.5) @ [3.0, 2.0, 1.0], range(len(points)), trees=5)
    shares = [found.effects[place,].estimate for place in range(3)]
    assert shares == pytest.approx([9 / 14, 4 / 14, 1 / 14], abs=1e-6)
    assert found.pairs.estimate == pytest.approx(0, abs=1e-6)
    assert found.rest.estimate == pytest.approx(0, abs=1e-6)


def test_a_pure_interaction_is_one() -> None:
    """Exclusive or: as boxes in closed form, and as a forest finds it."""
    lows = np.array([[0, 0, 0], [0, 0.5, 0], [0.5, 0, 0], [0.5, 0.5, 0]])
    highs = np.array([[0.5, 0.5, 1], [0.5, 1, 1], [1, 0.5, 1], [1, 1, 1]])
    exact = Boxes(lows, highs, np.array([0.0, 1.0, 1.0, 0.0])).shares()
    assert exact == pytest.approx({(0,): 0, (1,): 0, (2,): 0, (0, 1): 1, (0, 2): 0, (1, 2): 0})
    points = np.random.default_rng(0).random((600, 3))
    found = effects(points, (points[:, 0] > 0.5) ^ (points[:, 1] > 0.5), range(600), trees=10)
    assert found.effects[0, 1].estimate > 0.9
    assert found.alone.estimate < 0.1


def test_of_three_together_nothing_is_left_to_pairs() -> None:
    lows = np.array(list(itertools.product([0, 0.5], repeat=3)))
    values = np.where((lows > 0).sum(axis=1) % 2, 1.0, -1.0)
    assert Boxes(lows, lows + 0.5, values).shares() == pytest.approx(
        {(0,): 0, (1,): 0, (2,): 0, (0, 1): 0, (0, 2): 0, (1, 2): 0}
    )


def test_an_interval_holds_its_estimate_and_narrows_with_more_draws() -> None:
    def width(draws: int) -> float:
        points = np.random.default_rng(1).random((draws, 3))
        found = effects(points, 2 * points[:, 0] + points[:, 1], range(draws), trees=40)
        assert all(share.low <= share.estimate <= share.high for share in found.effects.values())
        return found.effects[0,].high - found.effects[0,].low

    assert width(400) < 0.5 * width(20)


def test_the_same_seed_gives_the_same_shares_and_no_variance_gives_none() -> None:
    points = np.random.default_rng(2).random((30, 2))
    draws = [place // 3 for place in range(30)]
    assert effects(points, points[:, 0], draws, 5) == effects(points, points[:, 0], draws, 5)
    assert effects(points, np.ones(30), draws, 5) is None
