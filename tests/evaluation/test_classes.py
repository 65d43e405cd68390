"""Accuracy, confusion and F1 against scikit-learn and statsmodels, and groups of lengths by counting."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn import metrics

from rnnlab.evaluation.classes import BINS, accuracy, by_class, by_length, confusion, macro_f1

CLASSES = 4
answers = st.integers(1, 80).flatmap(
    lambda n: st.tuples(*(arrays.arrays(np.int64, n, elements=st.integers(0, CLASSES - 1)) for _ in range(2)))
)


@given(answers)
def test_against_scikit_learn(pair: tuple[np.ndarray, np.ndarray]) -> None:
    said, true = pair
    counts = confusion(said, true, CLASSES)
    assert counts.tolist() == metrics.confusion_matrix(true, said, labels=range(CLASSES)).tolist()
    rows = by_class(counts, "abcd")
    found = metrics.precision_recall_fscore_support(true, said, labels=range(CLASSES), zero_division=np.nan)
    for name, expected in zip(("precision", "recall", "f1", "items"), found, strict=True):
        np.testing.assert_allclose([row[name] for row in rows], expected)
    assert macro_f1(said, true, CLASSES).estimate == pytest.approx(metrics.f1_score(true, said, average="macro"))


def test_the_interval_of_macro_f1_is_that_of_drawing_items() -> None:
    """Against a bootstrap of whole items by scikit-learn; and it holds what it says."""
    generator = np.random.default_rng(0)
    true = generator.choice(3, 400, p=[0.7, 0.2, 0.1])
    said = np.where(generator.random(400) < 0.7, true, generator.integers(0, 3, 400))
    drawn = [generator.integers(0, 400, 400) for _ in range(500)]
    scores = [metrics.f1_score(true[rows], said[rows], average="macro") for rows in drawn]
    found = macro_f1(said, true, 3)
    assert found[1:3] == pytest.approx(np.quantile(scores, [0.025, 0.975]), abs=0.01)
    assert found.n == 400 and found == macro_f1(said, true, 3)
    alone = macro_f1(np.array([0]), np.array([0]), 2)
    assert alone.estimate == 1 and np.isnan(alone.low) and np.isnan(alone.high)


def test_accuracy_has_wilson_s_interval() -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    found = accuracy(np.array([0] * 290 + [1] * 10), np.zeros(300, dtype=np.int64))
    assert (found.estimate, found.n) == (290 / 300, 300)
    assert found[1:3] == pytest.approx(proportion.proportion_confint(290, 300, method="wilson"))


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=120))
def test_groups_of_lengths_are_whole_and_follow_each_other(items: list[tuple[int, bool]]) -> None:
    steps = np.array([length for length, _ in items])
    right = np.array([good for _, good in items])
    rows = by_length(right.astype(np.int64), np.ones(len(items), dtype=np.int64), steps)
    assert len(rows) <= BINS
    assert sum(row["items"] for row in rows) == len(items)
    for row, after in zip(rows, rows[1:], strict=False):
        assert row["longest"] < after["shortest"]
    for row in rows:
        members = (steps >= row["shortest"]) & (steps <= row["longest"])
        assert row["items"] == members.sum() and row["accuracy"] == pytest.approx(right[members].mean())
        assert row["low"] <= row["accuracy"] <= row["high"]
