"""Differences between groups of runs, against SciPy and against counting by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnnlab.analysis.contrasts import (
    LEVEL,
    clustered_correlation,
    differences,
    fewest_runs,
    permutation_test,
    rank_correlation,
)

WHOLE = st.lists(st.integers(-50, 50).map(float), min_size=2, max_size=5)


@given(WHOLE, WHOLE)
def test_the_permutation_test_is_scipys(a: list[float], b: list[float]) -> None:
    def apart(x: np.ndarray, y: np.ndarray, axis: int) -> np.ndarray:
        return np.abs(np.mean(x, axis=axis) - np.mean(y, axis=axis))

    theirs = stats.permutation_test((a, b), apart, n_resamples=np.inf, alternative="greater", vectorized=True)
    assert permutation_test(a, b) == pytest.approx(theirs.pvalue, abs=1e-12)


def test_groups_that_lie_apart_have_the_least_chance() -> None:
    assert permutation_test([1, 2, 3, 4, 5], [11, 12, 13, 14, 15]) == 2 / math.comb(10, 5)
    assert permutation_test([1, 2, 3], [1, 2, 3]) == 1


def test_many_runs_are_drawn_from() -> None:
    generator = np.random.default_rng(0)
    a, b = generator.normal(0, 1, 30), generator.normal(0, 1, 30)
    assert permutation_test(a, b) == pytest.approx(stats.ttest_ind(a, b).pvalue, abs=0.02)


@pytest.mark.parametrize("comparisons", [1, 2, 3, 5, 6, 7, 20])
def test_the_fewest_runs_are_enough_and_one_less_is_not(comparisons: int) -> None:
    needed = fewest_runs(comparisons)
    for runs, possible in ((needed, True), (needed - 1, False)):
        groups = {str(k): [100.0 * k + seed for seed in range(runs)] for k in range(comparisons + 1)}
        found = differences(groups, "0")
        assert len(found) == comparisons
        assert all((each.p <= LEVEL) == possible for each in found.values())


def test_the_interval_is_welchs() -> None:
    a, b = [1.0, 2.0, 4.0, 4.5], [0.1, 0.2, 0.15, 0.3, 0.25]
    theirs = stats.ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    found = differences({"reference": b, "other": a}, "reference")["other"].mean
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert found.estimate == pytest.approx(np.mean(a) - np.mean(b))


def test_groups_of_one_are_not_compared() -> None:
    assert differences({"reference": [1.0], "other": [1.0, 2.0]}, "reference") == {}
    assert differences({"reference": [1.0, 2.0], "other": [3.0]}, "reference") == {}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=3, max_size=12))
def test_the_rank_correlation_is_scipys(pairs: list[tuple[int, int]]) -> None:
    a, b = ([float(pair[side]) for pair in pairs] for side in (0, 1))
    if len(set(a)) == 1 or len(set(b)) == 1:
        assert math.isnan(rank_correlation(a, b))
    else:
        assert rank_correlation(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)


def test_runs_of_a_group_are_no_units_of_their_own() -> None:
    """Ten runs each in three groups are three units: their order alone is no evidence."""
    generator = np.random.default_rng(0)
    a = {str(k): list(k + 0.01 * generator.random(10)) for k in range(3)}
    found, p = clustered_correlation(a, a)
    assert found.estimate == pytest.approx(1) and found.n == 3
    assert p > LEVEL
    more = {str(k): list(k + 0.01 * generator.random(10)) for k in range(6)}
    assert clustered_correlation(more, more)[1] < LEVEL
