"""Ranking: every strength is what scikit-learn and scipy find, unit by unit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from rnnlab.inside.finding import ranking
from rnnlab.inside.finding.labelled import Labelled, asked, varies
from rnnlab.inside.finding.ranking import centred_ranks, strengths

HALVES = arrays(np.float16, st.integers(1, 60), elements=st.floats(-100, 100, width=16))


def binary(true_N: np.ndarray) -> Labelled:
    return Labelled("feature", "", False, true_N.astype(np.float32))


@given(HALVES)
def test_ranks_are_those_of_comparing(values: np.ndarray) -> None:
    np.testing.assert_array_equal(centred_ranks(values), rankdata(values) - (len(values) + 1) / 2)


def test_both_zeros_and_the_ends_of_half_precision() -> None:
    values = np.array([-0.0, 0.0, 65504, -65504, 6e-8, -6e-8], np.float16)
    np.testing.assert_array_equal(centred_ranks(values), rankdata(values) - 3.5)


@given(seed=st.integers(0, 10**6), ties=st.booleans())
def test_strengths_are_those_of_other_libraries(seed: int, ties: bool) -> None:
    generator = np.random.default_rng(seed)
    values = generator.normal(size=(80, 5)).round(0 if ties else 6).astype(np.float16)
    labels = [binary(generator.random(80) < 0.3), binary(generator.random(80) < 0.5)]
    numbers = generator.normal(size=80).astype(np.float32)
    numbers[generator.random(80) < 0.2] = np.nan
    labels += [Labelled("number", "", True, numbers)]
    places = np.sort(generator.choice(80, 60, replace=False))
    found = strengths(values, labels, places)
    for number, label in enumerate(labels):
        at = asked(label, places)
        for unit in range(5):
            x, y = values[at, unit].astype(np.float64), label.values_N[at]
            wanted = np.corrcoef(x, y)[0, 1] if label.number else 2 * roc_auc_score(y, x) - 1
            assert found[number, unit] == pytest.approx(wanted, abs=2e-5)


def test_units_in_pieces_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    generator = np.random.default_rng(0)
    values, label = generator.normal(size=(50, 7)).astype(np.float16), binary(generator.random(50) < 0.4)
    whole = strengths(values, [label], np.arange(50))
    monkeypatch.setattr(ranking, "UNITS", 3)
    np.testing.assert_array_equal(strengths(values, [label], np.arange(50)), whole)


def test_what_does_not_vary_has_no_strength() -> None:
    values = np.stack([np.full(40, 0.3), np.arange(40)], axis=1).astype(np.float16)
    always, number = binary(np.ones(40)), Labelled("number", "", True, np.full(40, 2.0, np.float32))
    growing = Labelled("growing", "", True, np.arange(40, dtype=np.float32))
    found = strengths(values, [always, number, growing], np.arange(40))
    np.testing.assert_allclose(found, [[0, 0], [0, 0], [0, 1]], atol=1e-6)


def test_a_feature_varies_where_enough_lies_on_either_side() -> None:
    rare = binary(np.arange(100) < 5)
    assert varies(rare, np.arange(100), 5) and not varies(rare, np.arange(100), 6)
    assert not varies(rare, np.arange(50, 100), 1)
    assert not varies(Labelled("number", "", True, np.full(9, np.nan, np.float32)), np.arange(9), 1)
