"""Scores: exact against scikit-learn, intervals that hold what they promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score as sklearn_f1
from sklearn.metrics import r2_score, roc_auc_score

from rnnlab.inside.finding.scoring import auc_interval, best_threshold, f1_score, line, r2_interval

SEEDS = st.integers(0, 10**6)


@given(SEEDS)
def test_scores_are_scikit_learns(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values, block = generator.normal(size=120).round(1), np.arange(120) // 10
    true = (generator.random(120) < 0.4).astype(np.float32)
    number = generator.normal(size=120)
    assert auc_interval(values, true, block).estimate == pytest.approx(roc_auc_score(true, values))
    assert r2_interval(values, number, block).estimate == pytest.approx(r2_score(number, values))
    assert f1_score(values, true, 0.3) == pytest.approx(sklearn_f1(true, values >= 0.3))


@given(SEEDS)
def test_no_threshold_is_better(seed: int) -> None:
    generator = np.random.default_rng(seed)
    values, true = generator.normal(size=40).round(1), (generator.random(40) < 0.4).astype(np.float32)
    true[0] = 1
    best = f1_score(values, true, best_threshold(values, true))
    assert best == pytest.approx(max(f1_score(values, true, threshold) for threshold in values))


def test_an_interval_of_a_perfect_unit_is_a_point() -> None:
    true = (np.arange(3000) % 7 < 3).astype(np.float32)
    found = auc_interval(true - 0.2, true, np.arange(3000) // 100)
    assert (found.estimate, found.low, found.high, found.n) == (1, 1, 1, 30)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    """Blocks that differ: an interval over single characters would be far too narrow."""
    generator = np.random.default_rng(3)
    held, truth = 0, 0.7602  # the AUC of two normals one deviation apart: Phi(1 / sqrt(2))
    for _ in range(100):
        block = np.repeat(np.arange(50), 40)
        true = (generator.random(2000) < 0.5).astype(np.float32)
        drift = generator.normal(0, 0.02, 50)[block]
        found = auc_interval(generator.normal(size=2000) + (1 + drift) * true, true, block)
        held += found.low <= truth <= found.high
    assert held >= 88


def test_the_line_is_least_squares() -> None:
    generator = np.random.default_rng(5)
    x = generator.normal(size=50)
    y = 3 - 2 * x + generator.normal(size=50)
    slope, intercept = np.polyfit(x, y, 1)
    assert line(x, y) == pytest.approx((intercept, slope))
    assert line(np.ones(9), np.arange(9)) == pytest.approx((4, 0))
