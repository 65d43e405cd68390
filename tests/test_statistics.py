"""Intervals against scipy's own, against published figures, and by how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnnlab.errors import RequestError
from rnnlab.statistics import block_interval, mean_interval, wilson_interval

VALUES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20)


@given(VALUES, st.floats(0.5, 0.999))
def test_the_mean_and_its_interval_are_scipys(values: list[float], confidence: float) -> None:
    found = mean_interval(values, confidence)
    spread = float(stats.sem(values))
    low = high = float(np.mean(values))
    if spread > 0:
        low, high = stats.t.interval(confidence, len(values) - 1, low, spread)
    scale = max(1.0, *map(abs, values))
    assert found.estimate == pytest.approx(np.mean(values), abs=1e-9 * scale)
    assert found.low == pytest.approx(low, abs=1e-6 * scale)
    assert found.high == pytest.approx(high, abs=1e-6 * scale)
    assert found.n == len(values)


def test_one_value_has_no_interval() -> None:
    found = mean_interval([2.5])
    assert (found.estimate, found.n) == (2.5, 1)
    assert math.isnan(found.low)
    assert math.isnan(found.high)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_is_scipys(given: tuple[int, int]) -> None:
    successes, trials = given
    expected = stats.binomtest(successes, trials).proportion_ci(0.95, "wilson")
    found = wilson_interval(successes, trials)
    assert found.low == pytest.approx(expected.low, abs=1e-12)
    assert found.high == pytest.approx(expected.high, abs=1e-12)
    assert 0 <= found.low <= found.estimate <= found.high <= 1


def test_the_wilson_interval_of_newcombe_1998() -> None:
    """Table I of "Two-sided confidence intervals for the single proportion", method 3."""
    for successes, trials, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
        found = wilson_interval(successes, trials)
        assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_the_block_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    holds = 0
    for repeat in range(200):
        blocks = generator.normal(3.0, 1.0, 40)
        found = block_interval(list(blocks * 10), [10.0] * 40, resamples=300, seed=repeat)
        holds += found.low <= 3.0 <= found.high
    assert 0.88 <= holds / 200 <= 0.99


def test_blocks_weigh_by_their_items() -> None:
    found = block_interval([10.0, 30.0, 2.0], [10, 10, 1])
    assert found.estimate == 42 / 21
    assert found.low <= found.estimate <= found.high
    assert found == block_interval([10.0, 30.0, 2.0], [10, 10, 1])


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mean_interval([]),
        lambda: mean_interval([1.0, 2.0], 95),
        lambda: wilson_interval(3, 2),
        lambda: wilson_interval(0, 0),
        lambda: block_interval([1.0], [1.0, 2.0]),
    ],
)
def test_wrong_requests(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RequestError):
        wrong()
