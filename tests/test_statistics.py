"""Intervals against scipy's own, against published figures, and by how often they hold the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnnlab.errors import RequestError
from rnnlab.statistics import (
    block_interval,
    bootstrap_interval,
    holm,
    mean_interval,
    sign_flip_test,
    wilson_interval,
)

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


@pytest.mark.parametrize("n", [2, 5, 11])
def test_the_sign_flip_test_is_scipys_exact_permutation(n: int) -> None:
    differences = np.random.default_rng(n).normal(0.4, 1.0, n)
    pair = (differences, np.zeros(n))
    wanted = stats.permutation_test(
        pair, lambda a, b: abs(np.mean(a - b)), permutation_type="samples", n_resamples=2**n, alternative="greater"
    )
    assert sign_flip_test(list(differences)) == pytest.approx(wanted.pvalue)


def test_a_sign_flip_test_has_the_smallest_value_that_there_is() -> None:
    assert sign_flip_test([0.1, 0.2, 0.3, 0.4]) == 2 / 2**4
    assert sign_flip_test([0.0, 0.0]) == 1
    assert sign_flip_test([1.0] * 50) == 1 / 10_001


def test_many_differences_are_tested_by_drawn_signs() -> None:
    differences = list(np.random.default_rng(3).normal(0.25, 1.0, 60))
    assert sign_flip_test(differences) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.01)
    assert sign_flip_test(differences) == sign_flip_test(differences)


def test_holm_by_hand() -> None:
    """Of four: the smallest times four, the next times three, and none smaller than one before it."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_the_bootstrap_of_a_mean_is_the_block_interval_of_equal_blocks() -> None:
    values = list(np.random.default_rng(4).normal(2.0, 1.0, 30))
    found, wanted = bootstrap_interval(values, np.mean), block_interval(values, [1.0] * 30)
    assert found.estimate == pytest.approx(wanted.estimate)
    assert (found.low, found.high) == pytest.approx((wanted.low, wanted.high), abs=0.05)
    assert math.isnan(bootstrap_interval([1.5], np.median).low)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: mean_interval([]),
        lambda: mean_interval([1.0, 2.0], 95),
        lambda: wilson_interval(3, 2),
        lambda: wilson_interval(0, 0),
        lambda: block_interval([1.0], [1.0, 2.0]),
        lambda: sign_flip_test([]),
        lambda: bootstrap_interval([], np.mean),
    ],
)
def test_wrong_requests(wrong) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RequestError):
        wrong()
