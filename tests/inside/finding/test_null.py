"""The nulls: exact against brute force, and true to their level where there is nothing to find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from rnnlab.inside.finding.null import false_discovery, shift_p, untrained_p


def slow(generator: np.random.Generator, count: int) -> np.ndarray:
    """A series that changes slowly: what makes shuffled characters a wrong null."""
    found = np.empty(count)
    last = 0.0
    for place, step in enumerate(generator.normal(size=count)):
        found[place] = last = 0.98 * last + step
    return found


def test_shifts_are_those_of_a_loop() -> None:
    generator = np.random.default_rng(1)
    unit, label = slow(generator, 300), (slow(generator, 300) > 0).astype(float)
    possible = np.arange(40, 261)
    drawn = np.random.default_rng(7).choice(possible, 99, replace=False)
    sums = [float(unit @ np.roll(label, shift)) for shift in (0, *drawn)]
    wanted = (1 + sum(each >= sums[0] for each in sums[1:])) / 100
    assert shift_p(unit, label, 40, shifts=99, seed=7) == pytest.approx(wanted)


def test_slow_series_that_have_nothing_to_do_with_each_other_are_no_finding() -> None:
    """Of 200 pairs about a tenth is below 0.1; of shuffled characters it would be nearly half of them."""
    generator = np.random.default_rng(2)
    ps = []
    for _ in range(200):
        unit, label = slow(generator, 4000), (slow(generator, 4000) > 0).astype(float)
        ps.append(shift_p(unit, label, 200, shifts=99))
    assert 0.05 <= np.mean(np.array(ps) <= 0.1) <= 0.16


def test_what_goes_along_is_found_and_what_goes_against_is_not() -> None:
    label = (slow(np.random.default_rng(3), 4000) > 0).astype(float)
    assert shift_p(label - 0.5, label, 100) == 1 / 1000
    assert shift_p(0.5 - label, label, 100) > 0.9


def test_one_more_untrained_network_is_no_finding() -> None:
    """Strengths whose atanh is normal: the p-value of one more draw is uniform."""
    generator = np.random.default_rng(4)
    draws = np.tanh(generator.normal(0.4, 0.2, (2000, 6)))
    ps = [untrained_p(row[0], row[1:].tolist()) for row in draws]
    assert stats.kstest(ps, "uniform").pvalue > 0.01


def test_the_comparison_is_crawfords() -> None:
    trained, others = 0.9, [0.2, 0.3, 0.25, 0.4]
    z = np.arctanh(others)
    t = (np.arctanh(trained) - z.mean()) / (z.std(ddof=1) * np.sqrt(1 + 1 / 4))
    assert untrained_p(trained, others) == pytest.approx(float(stats.t.sf(t, 3)))
    assert untrained_p(1.0, [1.0, 1.0]) == pytest.approx(0.5)
    assert untrained_p(1.0, [0.0, 0.0]) < 1e-6


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_false_discovery_is_scipys(ps: list[float]) -> None:
    np.testing.assert_allclose(false_discovery(ps), stats.false_discovery_control(ps), atol=1e-12)
